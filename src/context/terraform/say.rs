//! How states and plans are told to a person, in one line.

use super::plan::{Change, Does, Plan};
use super::state::State;
use crate::context::thousands;

/// The most addresses that are named of one kind.
const NAMED: usize = 3;
/// The most characters of an address.
const ADDRESS: usize = 60;
/// The most archives that are named.
const ARCHIVES: usize = 2;

/// There is no state where it would be.
pub(super) fn no_state(name: &str, workspace: &str, beside: &[String], here: &[String]) -> String {
    let mut text = format!("there is no {}{}", cut(name), of_workspace(workspace));
    let mut hints: Vec<String> = beside.iter().filter(|there| is_backup(there, name)).map(|there| cut(there)).collect();
    hints.sort_unstable();
    let mut archives: Vec<String> = here.iter().filter(|there| is_archive(there)).map(|there| cut(there)).collect();
    archives.sort_unstable();
    archives.truncate(ARCHIVES);
    hints.truncate(1);
    hints.extend(archives);
    if here.iter().any(|there| there == "terraform.tfstate.d") && workspace.is_empty() {
        hints.push("terraform.tfstate.d, with the states of other workspaces".to_owned());
    }
    if !hints.is_empty() {
        text.push_str(&format!("; but beside it lies {}", hints.join(", ")));
    }
    text
}

fn is_backup(there: &str, name: &str) -> bool {
    there != name && there.starts_with(name) && there.contains("tfstate")
}

fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = [".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".7z"];
    ends.iter().any(|end| name.ends_with(end))
}

/// The state is not on this machine.
pub(super) fn remote(kind: &str, workspace: &str) -> String {
    format!(
        "the state{} is kept remotely ({}), so what is in it can't be counted from here: `terraform state list` names it",
        of_workspace(workspace),
        cut(kind)
    )
}

/// There is nothing that it would find.
pub(super) fn nothing_known(name: &str, workspace: &str) -> String {
    format!(
        "there is no {}{}: Terraform knows of nothing here, and what really runs is in a state elsewhere",
        cut(name),
        of_workspace(workspace)
    )
}

/// What is in a state.
pub(super) fn state(name: &str, workspace: &str, state: &State, targets: &[String]) -> String {
    let name = format!("{}{}", cut(name), of_workspace(workspace));
    if state.encrypted {
        return format!("{name} is encrypted, so what is in it can't be counted");
    }
    let more = if state.partial { "more than " } else { "" };
    let mut text = format!("{more}{} in {name}", counted(state.resources, "resource"));
    if state.data > 0 {
        text.push_str(&format!(", among them {}", listed(state.stateful.iter(), state.data)));
    }
    let mut missing = Vec::new();
    if state.unguarded > 0 {
        missing.push(format!("{} without deletion protection", state.unguarded));
    }
    if state.without_copy > 0 {
        missing.push(format!("{} of which no copy would be kept", state.without_copy));
    }
    if !missing.is_empty() {
        text.push_str(&format!(" ({})", missing.join(", ")));
    }
    if !targets.is_empty() {
        text.push_str(&format!("; -target narrows it to {} and what needs it", listed(targets.iter(), targets.len())));
    }
    text
}

/// What a plan would do.
pub(super) fn plan(name: &str, plan: &Plan, holds_data: &dyn Fn(&Change) -> bool) -> String {
    let of = |does: Does| plan.changes.iter().filter(move |change| change.does == does);
    let kind = if plan.destroys { " is a destroy plan: it" } else { "" };
    let mut text = format!("{}{}{kind}", cut(name), for_workspace(&plan.workspace));
    let mut losses = Vec::new();
    for (does, verb) in [(Does::Replace, "replace"), (Does::Delete, "delete")] {
        // What holds data first.
        let (data, rest): (Vec<&Change>, Vec<&Change>) = of(does).partition(|change| holds_data(change));
        let all = data.len() + rest.len();
        if all > 0 {
            let addresses = data.iter().chain(&rest).map(|change| &change.address);
            let data = match data.len() {
                0 => String::new(),
                some if some == all => " (data is in it)".to_owned(),
                some => format!(" (data is in {some} of them)"),
            };
            losses.push(format!("{verb} {}{data}", listed(addresses, all)));
        }
    }
    let mut rest: Vec<String> = [(Does::Create, "to add"), (Does::Update, "to change"), (Does::Forget, "to forget")]
        .into_iter()
        .map(|(does, what)| (of(does).count(), what))
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", thousands(count)))
        .collect();
    if losses.is_empty() {
        if rest.is_empty() {
            rest.push("nothing to do".to_owned());
        }
        return format!("{text}: {}, nothing is deleted", rest.join(", "));
    }
    text.push_str(&format!(" would {}", losses.join(" and ")));
    if !rest.is_empty() {
        text.push_str(&format!("; {}", rest.join(", ")));
    }
    text
}

fn of_workspace(workspace: &str) -> String {
    if workspace.is_empty() { String::new() } else { format!(" of workspace {}", cut(workspace)) }
}

fn for_workspace(workspace: &str) -> String {
    match workspace {
        "" | "default" => String::new(),
        name => format!(" (for workspace {})", cut(name)),
    }
}

/// `a, b, c and 4 more`.
pub(super) fn listed<'a>(addresses: impl Iterator<Item = &'a String>, all: usize) -> String {
    let named: Vec<String> = addresses.take(NAMED).map(|address| cut(address)).collect();
    let more = all.saturating_sub(named.len());
    let named = named.join(", ");
    if more > 0 { format!("{named} and {} more", thousands(more)) } else { named }
}

/// `1 resource`, `12 resources`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(count))
}

/// A name as it may be shown: one line, nothing that turns it round, not too long.
pub(super) fn cut(name: &str) -> String {
    let plain = |char: char| {
        let turns =
            matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if char.is_control() || turns || char == '`' { '�' } else { char }
    };
    let mut chars = name.chars().map(plain);
    let text: String = chars.by_ref().take(ADDRESS).collect();
    if chars.next().is_some() { format!("{text}…") } else { text }
}
