//! State and plans of Terraform and OpenTofu: what Terraform believes to exist, and what it would do.

mod config;
mod plan;
mod say;
mod state;
mod stateful;
mod tar;
mod unpack;
mod whereabouts;
mod zip;

use super::{Context, Seen, Stat, join};
use crate::read::action::{Action, FileAction, Kind};
use crate::read::argv::Invocation;
use crate::rules::matching;
use crate::rules::model::{Class, Does, Fact};
use plan::Plan;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use whereabouts::{Kept, Whereabouts};

/// The plans that have been read for a call, by their paths: every rule that asks is told the same.
#[derive(Debug, Default)]
pub(super) struct Plans(RefCell<BTreeMap<String, Option<Rc<Plan>>>>);

/// What is seen of a fact.
pub(super) fn look(fact: Fact, action: &Action, context: &Context<'_>) -> Seen {
    let seen = match (fact, &action.kind) {
        (Fact::NoState, Kind::Run(inv)) => no_state(inv, action, context),
        (Fact::State, Kind::Run(inv)) => state_of_run(inv, action, context),
        (Fact::State, Kind::File(file)) => state_of_file(file, context),
        (Fact::PlanDeletes | Fact::PlanDeletesData | Fact::PlanKeeps, Kind::Run(inv)) => {
            planned(fact, inv, action, context)
        }
        (Fact::UnpacksState, Kind::Run(inv)) => unpack::look(inv, action, context),
        _ => None,
    };
    seen.unwrap_or_default()
}

/// Whether there is something to build, and the state that would say that it is built is missing.
fn no_state(inv: &Invocation, action: &Action, context: &Context<'_>) -> Option<Seen> {
    let dir = action.origin.cwd.as_deref()?;
    let config = config::read(dir, context).filter(|config| config.builds)?;
    let Whereabouts { kept: Kept::File(path), workspace } = whereabouts::find(inv, action, &config, context)? else {
        return None;
    };
    let (folder, name) = path.rsplit_once('/')?;
    // That it isn't listed is seen; that it can't be looked at isn't.
    let beside = context.files.names(folder)?;
    let is_there = beside.iter().any(|there| there.eq_ignore_ascii_case(name));
    let is_empty = |stat: Stat| stat.kind == super::Kind::File && stat.size == 0;
    if is_there && !context.files.stat(&path).is_some_and(is_empty) || written_before(&path, action, context) {
        return None;
    }
    Some(Seen { holds: true, says: Some(say::no_state(name, &workspace, &beside, &context.files.names(dir)?)) })
}

/// Whether the call itself writes this file before that.
fn written_before(path: &str, action: &Action, context: &Context<'_>) -> bool {
    let before = context.call.iter().take_while(|other| !std::ptr::eq(*other, action));
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut written = before.filter_map(|other| match &other.kind {
        Kind::File(file) if matches!(file.does, Does::Write | Does::Append | Does::Move | Does::Delete) => Some(file),
        _ => None,
    });
    // Options may be resolved in another directory than the one that the program changes to: the name is enough.
    written.any(|file| name(&file.place.path) == name(path))
}

/// What is in the state of a run.
fn state_of_run(inv: &Invocation, action: &Action, context: &Context<'_>) -> Option<Seen> {
    let dir = action.origin.cwd.as_deref()?;
    let config = config::read(dir, context)?;
    let Whereabouts { kept, workspace } = whereabouts::find(inv, action, &config, context)?;
    let path = match kept {
        Kept::File(path) => path,
        Kept::Remote(kind) => return Some(Seen { holds: false, says: Some(say::remote(&kind, &workspace)) }),
    };
    let target = inv.options.iter().filter(|given| given.name.trim_start_matches('-') == "target");
    let targets: Vec<String> = target.filter_map(|given| Some(given.value.as_ref()?.shown())).collect();
    let name = path.rsplit('/').next().unwrap_or_default();
    match state::read(&path, context) {
        Some(state) => {
            let said = say::state(name, &workspace, &state, &targets);
            Some(Seen { holds: state.resources > 0, says: Some(said) })
        }
        None if config.builds && context.files.stat(&path).is_none() => {
            Some(Seen { holds: false, says: Some(say::nothing_known(name, &workspace)) })
        }
        None => None,
    }
}

/// What is in a state that is written over, moved or deleted.
fn state_of_file(file: &FileAction, context: &Context<'_>) -> Option<Seen> {
    let path = file.place.path.as_str();
    let name = path.rsplit('/').next().unwrap_or_default();
    if !file.place.certain || file.place.zone == "elsewhere" || !is_state(name) {
        return None;
    }
    let state = state::read(path, context)?;
    let said = say::state(name, "", &state, &[]);
    Some(Seen { holds: state.resources > 0, says: Some(said) })
}

/// Whether a file is called like a state, or a backup of one.
fn is_state(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".tfstate") || name.contains(".tfstate.")
}

/// What the plan that a run applies would do.
fn planned(fact: Fact, inv: &Invocation, action: &Action, context: &Context<'_>) -> Option<Seen> {
    let [_, .., operand] = inv.operands.as_slice() else { return None };
    let written = operand.word.known().filter(|_| !operand.maybe_value)?;
    let path = join(action.origin.cwd.as_deref()?, written);
    // A plan that the call makes isn't the one that lies there now.
    if written_before(&path, action, context) {
        return None;
    }
    if fact == Fact::PlanKeeps && !(is_that_file(written, inv, action) && nothing_else_writes(action, inv, context)) {
        return None;
    }
    let plan = read_once(&path, context).filter(|plan| !plan.errored)?;
    let lost = |change: &&plan::Change| matches!(change.does, plan::Does::Delete | plan::Does::Replace);
    let with_data = |change: &plan::Change| stateful::holds_data(&change.address, context.rules);
    let mut losses = plan.changes.iter().filter(lost);
    let holds = match fact {
        Fact::PlanKeeps => losses.next().is_none() && !plan.destroys && !plan.invokes,
        Fact::PlanDeletesData => losses.any(with_data),
        _ => losses.next().is_some(),
    };
    let name = written.rsplit('/').next().unwrap_or(written);
    Some(Seen { holds, says: holds.then(|| say::plan(name, &plan, &with_data)) })
}

fn read_once(path: &str, context: &Context<'_>) -> Option<Rc<Plan>> {
    let mut known = context.plans.0.borrow_mut();
    known.entry(path.to_owned()).or_insert_with(|| plan::read(path, context).map(Rc::new)).clone()
}

/// Whether the program, and the file that it would open, are certainly those that were read: nothing in front of it that
/// may change the directory, no `..` that leads out of a link, no further words in a variable.
fn is_that_file(written: &str, inv: &Invocation, action: &Action) -> bool {
    let origin = &action.origin;
    let leads_up = |path: &str| path.split(['/', '\\']).any(|name| name == "..");
    let options = inv.options.iter().filter_map(|given| given.value.as_ref());
    let up = leads_up(written) || options.into_iter().any(|value| value.known().is_none_or(leads_up));
    let variables = origin.env.iter().any(|(name, _)| name.starts_with("TF_CLI_ARGS") || name == "PATH");
    inv.trusted && origin.via.is_empty() && !variables && !up
}

/// Whether nothing else that the call does could put another file in its place.
fn nothing_else_writes(action: &Action, inv: &Invocation, context: &Context<'_>) -> bool {
    let others = context.call.iter().filter(|other| !std::ptr::eq(*other, action));
    others.into_iter().all(|other| match &other.kind {
        Kind::Nothing => true,
        Kind::File(file) => file.does == Does::Read,
        Kind::Run(run) => {
            let flag = |value: &crate::read::word::Word| matches!(value.known(), Some("true" | "false"));
            // What writes files of its own is told where by an option.
            let own = run.name == inv.name && run.trusted && run.all_known;
            let bare = || run.options.iter().all(|given| given.value.as_ref().is_none_or(flag));
            let says_yes = run.trusted && run.known.tables.iter().any(|table| table.confirms);
            says_yes || own && bare() || only_reads(other, context)
        }
        _ => false,
    })
}

fn only_reads(action: &Action, context: &Context<'_>) -> bool {
    let found = matching::findings_beside(action, context);
    !found.is_empty() && found.iter().all(|finding| finding.rule.class == Class::Observe)
}
