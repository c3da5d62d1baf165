//! Turns findings into decisions, by the layers of policy files: managed, user, project, local.
//!
//! A layer may always tighten. What loosens counts only from managed and user policy, and from a project's once a person
//! has trusted that very file; and never past what a layer above has settled or locked. A policy that can't be read
//! makes the guard stricter.

pub mod again;
mod aims;
pub mod approve;
pub mod date;
mod decide;
mod dropped;
pub mod fault;
pub mod find;
pub mod layer;
pub mod model;
pub mod quick;
#[cfg(test)]
mod schema;
pub mod trust;

use crate::call::{Call, Mode, ToolCall};
use crate::context::Context;
use crate::judge::{Decision, Judgement};
use crate::memory::What;
use crate::read::action::Action;
use crate::rules::index::Rules;
use crate::rules::matching::Finding;
use crate::rules::model::Class;
pub(crate) use aims::Milder;
use date::Day;
use fault::Fault;
use layer::Layer;
use model::Recorded;
use std::ops::Deref;

/// The most faults of policy files that are told with one call.
const TOLD: usize = 3;
/// The policy that a call is judged by.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The built-in rules, and those of the layers above them.
    pub rules: &'static Rules,
    /// As long as something is wrong: the rules as they would be without that. They count too, should they be stricter:
    /// a broken file must not take away what the others know.
    pub also: Option<&'static Rules>,
    /// The files, the most powerful first.
    pub layers: Vec<Layer>,
    /// What is wrong with files; as long as something is, nothing counts that loosens.
    pub faults: Vec<Fault>,
    /// For what ends on a day.
    pub today: Day,
}

impl Policy {
    /// Rules alone.
    #[must_use]
    pub fn of(rules: &'static Rules) -> Self {
        Self { rules, also: None, layers: Vec::new(), faults: Vec::new(), today: Day(0) }
    }

    /// Puts layers on top of the built-in rules. `texts` are those of the layers, for the places of faults.
    #[must_use]
    pub fn new(
        mut layers: Vec<Layer>,
        texts: &[(std::path::PathBuf, impl AsRef<str>)],
        mut faults: Vec<Fault>,
        today: Day,
    ) -> Self {
        layers.sort_by_key(|layer| layer.kind);
        for layer in &layers {
            let text = texts.iter().find(|(path, _)| *path == layer.path).map_or("", |(_, text)| text.as_ref());
            layer.check_ids(text, &layers, &mut faults);
        }
        let (mut rules, mut also) = (crate::rules::builtin(), None);
        // From below, so that the zones of the most powerful come first.
        for (at, layer) in layers.iter().enumerate().rev().filter(|(_, layer)| layer.has_pack()) {
            let locked = layers[..at].iter().any(|above| above.file.lock.any());
            let full = layer.trusted && !locked;
            let sound = faults.is_empty();
            let mut over = |under, full| {
                let whole = |fault: crate::rules::index::Fault| Fault::whole(&layer.path, fault.what);
                layer.over(under, full).unwrap_or_else(|found| {
                    faults.extend(found.into_iter().map(whole));
                    under
                })
            };
            if !sound {
                also = Some(over(also.unwrap_or(rules), full));
            }
            rules = over(rules, full && sound);
        }
        Self { rules, also, layers, faults, today }
    }

    /// Whether decisions are only recorded today, because a layer that may say so says so, and none above it locks.
    #[must_use]
    pub fn only_observes(&self) -> Option<&Layer> {
        let open = |at: usize| !self.layers[..at].iter().any(|above| above.file.lock.any());
        let on = |layer: &Layer| {
            layer.file.observe_only.as_ref().is_some_and(|only| Day::of(&only.until) >= Some(self.today))
        };
        let mut all = self.layers.iter().enumerate();
        all.find(|(at, layer)| layer.trusted && on(layer) && open(*at) && self.faults.is_empty())
            .map(|(_, layer)| layer)
    }

    /// Whether every call is written down, because a layer that may say so says so.
    #[must_use]
    pub fn journals_all(&self) -> bool {
        self.layers.iter().any(|layer| layer.trusted && layer.file.journal == Some(Recorded::All))
    }

    /// What a question becomes in this mode.
    fn unattended(&self, mode: &Mode) -> Option<(Decision, &Layer)> {
        let alone = matches!(mode, Mode::Auto | Mode::DontAsk | Mode::BypassPermissions);
        let said = self.layers.iter().filter_map(|layer| Some((layer.file.unattended?, layer)));
        said.filter(|_| alone).max_by_key(|(decision, _)| *decision)
    }
}

/// What a policy needs to know of the call besides its actions.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Looks at what the call points at.
    pub context: &'a Context<'a>,
    /// The command, if the call is one.
    pub command: Option<&'a str>,
    /// The person's home directory.
    pub home: &'a str,
    /// The root of the project.
    pub project: &'a str,
    /// A question about it may become a denial, because the client may drop questions.
    pub droppable: bool,
}

impl<'a> Setting<'a> {
    /// Of a call.
    #[must_use]
    pub fn of(call: &'a Call, policy: &'a Policy, context: &'a Context<'a>) -> Self {
        let (home, project) = (&context.world.home, &context.world.project);
        Self { policy, context, command: Self::command(call), home, project, droppable: dropped::may_be(&call.mode) }
    }

    /// The command, if a call is one.
    fn command(call: &Call) -> Option<&str> {
        match &call.tool {
            ToolCall::Bash { command, .. } | ToolCall::PowerShell { command } => Some(command.as_str()),
            ToolCall::Monitor { command } => command.as_deref(),
            _ => None,
        }
    }
}

/// An action with what was found and decided about it.
#[derive(Clone, Debug)]
pub struct Verdict<'a> {
    /// The action.
    pub action: &'a Action,
    /// The rules that matched it, the worst first.
    pub findings: Vec<Judged>,
    /// How bad it is.
    pub class: Class,
    /// What follows for this action alone.
    pub decision: Decision,
    /// What was stopped in this session just before, and is the same in another form.
    pub earlier: Option<String>,
}

/// A finding with what follows from it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// What is decided.
    pub decision: Decision,
    /// Which layer decided, where it isn't the standard.
    pub because: Option<String>,
    /// Whose policy protects the path that it is about.
    pub protects: Option<layer::Kind>,
}

impl Deref for Judged {
    type Target = Finding;
    fn deref(&self) -> &Finding {
        &self.finding
    }
}

/// Judges every action by itself. Gives the strictest decision, and what there is to say something about: a line may hold
/// a hundred thousand harmless commands. `all`: also what there is nothing to say about.
#[must_use]
pub fn verdicts<'a>(actions: &'a [Action], setting: &Setting<'_>, all: bool) -> (Option<Decision>, Vec<Verdict<'a>>) {
    let mut worst = None;
    let mut matter = Vec::new();
    for action in actions {
        let verdict = decide::verdict(action, actions, setting);
        worst = worst.max(Some(verdict.decision));
        let notes = verdict.findings.iter().any(|judged| !judged.rule.note.is_empty());
        if all || verdict.decision >= Decision::Ask || notes || again::takes_away(action) {
            matter.push(verdict);
        }
    }
    (worst, matter)
}

/// What the policy as a whole makes of a judgement: of a question that nobody may be there to answer or that the client drops, of
/// a broken file, of a policy that is only tried out.
#[must_use]
pub fn settled(mut judgement: Judgement, call: &Call, context: &Context<'_>, policy: &Policy) -> Judgement {
    if !policy.faults.is_empty() && judgement.decision != Decision::Allow {
        judgement.reason = broken(&judgement, &policy.faults);
        if judgement.decision < Decision::Ask {
            judgement.because = policy.faults.first().map(|fault| format!("broken policy, {}", fault.file.display()));
        }
        judgement.decision = judgement.decision.max(Decision::Ask);
    }
    if judgement.decision == Decision::Ask
        && let Some((Decision::Deny, layer)) = policy.unattended(&call.mode)
    {
        judgement.decision = Decision::Deny;
        let line = format!("In this mode nobody may be there to be asked ({} policy, unattended).", layer.kind.name());
        judgement.because = Some(format!("{} policy, unattended in {}", layer.kind.name(), layer.path.display()));
        judgement.reason = format!("{}\n{line}", judgement.reason);
    }
    if judgement.decision == Decision::Ask
        && let Some(why) = dropped::why(call, context)
    {
        judgement.decision = Decision::Deny;
        judgement.because = Some("the client would drop the question".to_owned());
        let line = format!("Denied, for in this mode the client drops questions about calls that {why}.");
        judgement.reason = format!("{}\n{line}", judgement.reason);
    }
    if let Some(layer) = policy.only_observes()
        && judgement.decision >= Decision::Ask
    {
        let path = layer.path.display();
        let would = if judgement.decision == Decision::Deny { "denied" } else { "put to a person" };
        judgement.observed = Some(judgement.decision);
        // What would have been refused wasn't.
        judgement.remembers.retain(|entry| !matches!(entry.what, What::Stopped(_)));
        judgement.note =
            Some(format!("countersign only observes ({path}): it would have {would} this call.\n{}", judgement.reason));
        judgement.decision = Decision::None;
        judgement.reason = String::new();
    }
    judgement.approvable = judgement.approvable.filter(|_| judgement.decision == Decision::Deny);
    judgement
}

fn broken(judgement: &Judgement, faults: &[Fault]) -> String {
    let mut lines: Vec<String> = Vec::new();
    if judgement.decision >= Decision::Ask {
        // What is at stake stays in front; the rest must fit behind it.
        lines.extend(judgement.reason.lines().take(6).map(str::to_owned));
        lines.push("Besides, a policy of countersign is broken:".to_owned());
    } else {
        lines.push(
            "A policy of countersign is broken, so every call is asked about that isn't proven to only read:"
                .to_owned(),
        );
    }
    lines.extend(faults.iter().take(if lines.len() > 1 { 1 } else { TOLD }).map(ToString::to_string));
    lines.push("A person must correct it; `countersign check` says more.".to_owned());
    lines.join("\n")
}
