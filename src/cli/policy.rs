//! `countersign policy`: what counts here, and which file says so.

use super::shipped::shipped;
use super::{Here, fail, print};
use crate::judge::Decision;
use crate::policy::date::Day;
use crate::policy::layer::Layer;
use crate::policy::model::Lock;
use crate::policy::{Milder, Policy};
use crate::rules::model::Class;
use std::fmt::Write;
use std::process::ExitCode;

/// The schema of policy files; a test keeps it equal to the types.
pub(super) fn schema() -> String {
    shipped!("policy.schema.json")
}

pub(super) fn run(rules: bool) -> ExitCode {
    let here = match Here::now() {
        Ok(here) => here,
        Err(why) => return fail(&why),
    };
    let policy = here.places().policy();
    let text = if rules { of_rules(&policy) } else { effective(&policy) };
    print(&text);
    if policy.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

const CLASSES: [(&str, Class, bool); 6] = [
    ("observe", Class::Observe, false),
    ("ordinary", Class::Ordinary, false),
    ("disruptive", Class::Disruptive, false),
    ("irreversible", Class::Irreversible, false),
    ("forced", Class::Irreversible, true),
    ("catastrophic", Class::Catastrophic, false),
];

/// The policy as a whole, with the file that each line comes from.
fn effective(policy: &Policy) -> String {
    let mut out = String::new();
    let mut line = |text: String| out.push_str(&(text + "\n"));
    for fault in &policy.faults {
        line(format!("BROKEN  {fault}"));
    }
    if !policy.faults.is_empty() {
        line(
            "Until that is corrected, every call is asked about that isn't proven to only read, and nothing loosens.\n"
                .to_owned(),
        );
    }
    line("Layers, the most powerful first".to_owned());
    line("  built-in rules".to_owned());
    for layer in &policy.layers {
        let may = if layer.trusted { "" } else { ": not trusted, so only what tightens counts" };
        line(format!("  {} {}{may}", layer.kind.name(), layer.path.display()));
    }
    line("\nDecisions".to_owned());
    for (name, class, forced) in CLASSES {
        let (decision, from) = policy.decided(None, class, forced);
        line(format!("  {name:<14}{:<7}{from}", decision.word()));
    }
    for layer in &policy.layers {
        let own = said(layer, policy.today);
        if !own.is_empty() {
            line(format!("\n{} {}", layer.kind.name(), layer.path.display()));
            own.into_iter().for_each(|text| line(format!("  {text}")));
        }
    }
    match policy.only_observes() {
        Some(layer) => line(format!("\nOnly observing: decisions are recorded, not given ({})", layer.path.display())),
        None if policy.layers.iter().any(|layer| layer.file.observe_only.is_some()) => {
            line("\n`observe-only` doesn't count: it has ended, isn't trusted, or is locked.".to_owned());
        }
        None => {}
    }
    out
}

/// What one layer says besides classes.
fn said(layer: &Layer, today: Day) -> Vec<String> {
    let file = &layer.file;
    let mut lines = Vec::new();
    match &file.lock {
        Lock::All(true) => lines.push("lock           everything".to_owned()),
        Lock::Rules(rules) if !rules.is_empty() => lines.push(format!("lock           {}", rules.join(", "))),
        _ => {}
    }
    for (like, decision) in &file.rules {
        lines.push(format!("rules          {like} = {}", decision.word()));
    }
    for exception in &file.except {
        let what = match (&exception.command, &exception.rule) {
            (Some(command), _) => format!("command `{command}`"),
            (None, rule) => {
                let mut what = format!("rule {}", rule.as_deref().unwrap_or_default());
                for (name, value) in [("path", &exception.path), ("environment", &exception.environment)] {
                    if let Some(value) = value {
                        let _ = write!(what, ", {name} {value}");
                    }
                }
                what
            }
        };
        let until = exception.until.as_ref().map_or_else(String::new, |until| {
            let over = if Day::of(until) < Some(today) { "over since" } else { "until" };
            format!(", {over} {until}")
        });
        lines.push(format!("except         {what}{until}: {}", exception.reason));
    }
    for protected in &file.protect {
        let why = protected.reason().map_or_else(String::new, |reason| format!(": {reason}"));
        lines.push(format!("protect        {} = {}{why}", protected.path(), protected.decision().word()));
    }
    for (name, patterns) in &file.environments {
        lines.push(format!("environments   {name} = {}", patterns.join(", ")));
    }
    for (name, way) in [("irreversible", file.approve.irreversible), ("catastrophic", file.approve.catastrophic)] {
        let way = way.map(|way| format!("{way:?}").to_lowercase());
        lines.extend(way.map(|way| format!("approve        {name} = {way}")));
    }
    lines.extend(file.approve.signers.as_ref().map(|signers| format!("approve        signers = {signers}")));
    lines.extend(file.unattended.map(|decision| format!("unattended     {}", decision.word())));
    for rule in &file.rule {
        let counts = layer.trusted || rule.class >= Class::Disruptive;
        let note = if counts { "" } else { " (doesn't count: not trusted)" };
        lines.push(format!("rule           {} = {}{note}", rule.id, rule.class.word()));
    }
    let tables = file.tables();
    if tables > 0 {
        let note = if layer.trusted { "" } else { " (don't count: not trusted)" };
        lines.push(format!("tables         {tables}{note}"));
    }
    lines
}

fn of_rules(policy: &Policy) -> String {
    let mut out = String::new();
    let mut all: Vec<_> = policy.rules.sets().flat_map(|set| set.rules.iter()).collect();
    all.sort_unstable_by_key(|rule| rule.id);
    for rule in all {
        let (decision, from) = policy.decided(Some(&rule.id), rule.class, false);
        let from = if from == Policy::STANDARD { String::new() } else { format!("  {from}") };
        let _ = writeln!(out, "{:<44}{:<14}{}{from}", rule.id.as_str(), rule.class.word(), decision.word());
    }
    out
}

impl Policy {
    /// What the source of a decision is called that no file has changed.
    const STANDARD: &'static str = "standard";

    /// What becomes of a rule, or of a class, and where that comes from.
    fn decided(&self, rule: Option<&str>, class: Class, forced: bool) -> (Decision, String) {
        let (decision, because) = self.through(rule, class, forced, false, Milder::No, |_| None);
        (decision, because.unwrap_or_else(|| Self::STANDARD.to_owned()))
    }
}
