//! What would make a decision milder, if anything may: lines for the person's own policy, each tried on the judge before
//! it is shown.

use super::{Act, Seen};
use crate::call::{Call, ToolCall};
use crate::journal::redact::MARK;
use crate::judge::{Decision, Judgement};
use crate::policy::Policy;
use crate::policy::layer::{Kind, Layer};
use crate::policy::model::Exception;
use std::path::Path;

/// The longest command for which an exception is shown, in bytes.
const COMMAND: usize = 400;
/// The most rules, and the most paths, that are excepted at once.
const PARTS: usize = 3;

/// What would make it milder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Milder {
    /// The person's policy file, where the lines belong.
    pub file: String,
    /// What could be written there; the narrowest first.
    pub ways: Vec<Way>,
    /// Why nothing would, where that is so.
    pub not: Option<String>,
}

/// Lines of a policy file that make a call milder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The lines.
    pub lines: Vec<String>,
    /// What is decided with them.
    pub decision: Decision,
}

/// Tries what a person could write.
pub(super) fn of(
    call: &Call,
    policy: &Policy,
    judgement: &Judgement,
    seen: &Seen,
    judge: &dyn Fn(&Policy) -> Decision,
) -> Milder {
    let mut milder = Milder { file: "~/.claude/countersign.toml".to_owned(), ..Milder::default() };
    if judgement.decision < Decision::Ask {
        return milder;
    }
    if call.damaged {
        milder.not = Some("Nothing: it can't be read exactly as it would run.".to_owned());
        return milder;
    }
    if let Some(fault) = policy.faults.first() {
        milder.not = Some(format!(
            "Nothing until {} is corrected: beside a broken file, nothing loosens.",
            fault.file.display()
        ));
        return milder;
    }
    let Some(home) = call.home.as_deref() else { return milder };
    for trial in trials(call, judgement, seen) {
        let Some(with) = trial.on(policy, home) else { continue };
        let decision = judge(&with);
        if decision < judgement.decision && milder.ways.iter().all(|way| way.decision != decision) {
            milder.ways.push(Way { lines: trial.lines(), decision });
        }
    }
    if milder.ways.is_empty() {
        milder.not = Some(why_not(policy, seen));
    }
    milder
}

/// What could be tried.
enum Trial {
    Except(Vec<Exception>),
    Rules(Vec<&'static str>, Decision),
}

fn trials(call: &Call, judgement: &Judgement, seen: &Seen) -> Vec<Trial> {
    let mut trials = Vec::new();
    let bare = || Exception {
        command: None,
        rule: None,
        path: None,
        environment: None,
        reason: "why it is fine here".to_owned(),
        until: None,
    };
    let stops: Vec<&Act> = seen.acts.iter().filter(|act| act.decision >= Decision::Ask).collect();
    // A directory is narrower than a rule, and holds for more than one way to write the command.
    let mut paths: Vec<Exception> = Vec::new();
    for act in &stops {
        let (Some(rule), Some(path)) = (act.rules.first(), &act.path) else { continue };
        let path = match call.home.as_deref().and_then(|home| path.strip_prefix(home)) {
            Some(rest) if rest.starts_with('/') => format!("~{rest}"),
            _ => path.clone(),
        };
        let one = Exception { rule: Some((*rule).to_owned()), path: Some(path), ..bare() };
        if paths.iter().all(|other| (&other.rule, &other.path) != (&one.rule, &one.path)) {
            paths.push(one);
        }
    }
    if !paths.is_empty() && paths.len() <= PARTS && stops.iter().all(|act| act.path.is_some()) {
        trials.push(Trial::Except(paths));
    }
    let command = match &call.tool {
        ToolCall::Bash { command, .. } | ToolCall::PowerShell { command } => Some(command),
        ToolCall::Monitor { command } => command.as_ref(),
        _ => None,
    };
    // Out of the journal, it isn't the command that will come again.
    let whole = |command: &&String| command.len() <= COMMAND && !command.contains(MARK);
    if let Some(command) = command.filter(whole) {
        trials.push(Trial::Except(vec![Exception { command: Some(command.trim().to_owned()), ..bare() }]));
    }
    let mut rules: Vec<&'static str> = judgement.rules.clone();
    rules.retain(|rule| !rule.starts_with("policy."));
    if !rules.is_empty() && rules.len() <= PARTS {
        if judgement.decision == Decision::Deny {
            trials.push(Trial::Rules(rules.clone(), Decision::Ask));
        }
        trials.push(Trial::Rules(rules, Decision::None));
    }
    trials
}

impl Trial {
    /// The policy, were this written into the person's file.
    fn on(&self, policy: &Policy, home: &str) -> Option<Policy> {
        let mut with = policy.clone();
        if !with.layers.iter().any(|layer| layer.kind == Kind::User) {
            let path = Path::new(home).join(".claude/countersign.toml");
            with.layers.push(Layer::read(Kind::User, &path, "", true).ok()?);
            with.layers.sort_by_key(|layer| layer.kind);
        }
        let own = with.layers.iter_mut().find(|layer| layer.kind == Kind::User)?;
        match self {
            Self::Except(exceptions) => {
                let all = own.file.except.iter().chain(exceptions).cloned().collect::<Vec<_>>();
                own.file.except = all.into();
            }
            Self::Rules(rules, decision) => {
                own.file.rules.extend(rules.iter().map(|rule| ((*rule).to_owned(), *decision)));
            }
        }
        Some(with)
    }

    fn lines(&self) -> Vec<String> {
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let mut lines = Vec::new();
        match self {
            Self::Except(exceptions) => {
                for exception in exceptions {
                    lines.push("[[except]]".to_owned());
                    let keys = [("command", &exception.command), ("rule", &exception.rule), ("path", &exception.path)];
                    let keys = keys.iter().filter_map(|(key, value)| Some((*key, value.as_ref()?)));
                    lines.extend(keys.map(|(key, value)| format!("{key:<7} = {}", quoted(value))));
                    lines.push(format!("reason  = {}", quoted(&exception.reason)));
                }
            }
            Self::Rules(rules, decision) => {
                lines.push("[rules]".to_owned());
                let word = decision.word();
                lines.extend(rules.iter().map(|rule| format!("{} = \"{word}\"", quoted(rule))));
            }
        }
        lines
    }
}

/// Why nothing that a person could write makes it milder.
fn why_not(policy: &Policy, seen: &Seen) -> String {
    let worst = seen.findings.iter().filter(|found| found.decision >= Decision::Ask);
    for found in worst {
        if found.rule == "policy.protected" {
            return format!(
                "Nothing but to take the path out of what is protected ({}).",
                because(found.because.as_ref())
            );
        }
        if let Some(layer) = policy.layers.iter().find(|layer| layer.locks(Some(found.rule))) {
            return format!("Nothing: `{}` is locked by {}.", found.rule, layer.path.display());
        }
        if let Some(because) = found.because.as_ref().filter(|because| because.starts_with("managed")) {
            return format!("Nothing below it: it is settled by {because}.");
        }
    }
    "Nothing that a person could write there.".to_owned()
}

fn because(text: Option<&String>) -> &str {
    text.map_or("a policy", String::as_str)
}
