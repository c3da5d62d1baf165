//! Turns findings into a decision. The layers of policy files come in here.

use crate::judge::Decision;
use crate::read::action::{Action, Kind};
use crate::rules::index::Rules;
use crate::rules::matching::{Finding, findings};
use crate::rules::model::Class;

/// An action with what was found and decided about it.
#[derive(Clone, Debug)]
pub struct Verdict<'a> {
    /// The action.
    pub action: &'a Action,
    /// The rules that matched it, the worst first.
    pub findings: Vec<Finding>,
    /// How bad it is.
    pub class: Class,
    /// What follows for this action alone.
    pub decision: Decision,
}

/// Judges every action by itself.
#[must_use]
pub fn verdicts<'a>(actions: &'a [Action], rules: &Rules) -> Vec<Verdict<'a>> {
    actions.iter().map(|action| verdict(action, rules)).collect()
}

fn verdict<'a>(action: &'a Action, rules: &Rules) -> Verdict<'a> {
    let mut findings = findings(action, rules);
    findings.sort_by_key(|finding| std::cmp::Reverse((decision(finding), finding.rule.class)));
    let unmatched = match action.kind {
        Kind::Nothing => Class::Observe,
        // The kinds have rules in a pack of their own; without it, what can't be read is asked about all the same.
        Kind::Opaque(_) => Class::Disruptive,
        _ => Class::Ordinary,
    };
    let worst = findings.iter().map(|finding| finding.rule.class).max().unwrap_or(unmatched);
    let decided = findings.iter().map(decision).max().unwrap_or(match unmatched {
        Class::Observe => Decision::Allow,
        Class::Disruptive => Decision::Ask,
        _ => Decision::None,
    });
    Verdict { action, findings, class: worst, decision: decided }
}

/// The standard decision of a class.
fn decision(finding: &Finding) -> Decision {
    match finding.rule.class {
        Class::Observe => Decision::Allow,
        Class::Ordinary => Decision::None,
        Class::Disruptive => Decision::Ask,
        // A subcommand that can't be known may be this one, or any other.
        Class::Irreversible | Class::Catastrophic if finding.guessed => Decision::Ask,
        Class::Irreversible if finding.forced => Decision::Deny,
        Class::Irreversible => Decision::Ask,
        Class::Catastrophic => Decision::Deny,
    }
}
