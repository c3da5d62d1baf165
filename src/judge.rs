//! The one evaluator: a call in, a decision with its reason out. The hook, every command, test and benchmark use it.

use crate::call::{Call, ToolCall};
use crate::context::{self, Context, Disk, Files, NoFiles, Place, World};
use crate::memory::{Entry, What};
use crate::policy::approve::{self, Approvable};
use crate::policy::{self, Policy, Setting, Verdict, again, verdicts};
use crate::read::action::{Action, FileAction, Kind, Origin, Source};
use crate::read::outline::Outline;
use crate::read::reader::Reader;
use crate::read::shared::Shared;
use crate::read::word::Word;
use crate::rules::index::Rules;
use crate::rules::matching::findings_in;
use crate::rules::model::{Class, Does, Language};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What is answered to a call; the greater, the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Proven harmless: it runs without a prompt.
    Allow,
    /// No opinion: the client's own permissions decide.
    None,
    /// A person is asked, in every mode.
    Ask,
    /// It does not run.
    Deny,
}

impl Decision {
    /// As policies write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::None => "none",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// A decision and what is said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What is decided.
    pub decision: Decision,
    /// Why, for whoever reads it: the person who is asked, the agent that is denied.
    pub reason: String,
    /// What the agent is told besides, where the call isn't stopped.
    pub note: Option<String>,
    /// What would have been decided, were the policy not only observing.
    pub observed: Option<Decision>,
    /// The rules that stop it, the worst first.
    pub rules: Vec<&'static str>,
    /// How bad the worst is that stops it; `None`: nothing does, or nothing of which a class is known.
    pub class: Option<Class>,
    /// It goes past the tool's own confirmation.
    pub forced: bool,
    /// Which layer decided, and by what, where it isn't the standard.
    pub because: Option<String>,
    /// What the session is to remember of it.
    pub remembers: Vec<Entry>,
    /// It is denied, and policy lets a person approve it.
    pub approvable: Option<Box<Approvable>>,
}

/// Judges a call by the built-in rules.
#[must_use]
pub fn judge(call: &Call) -> Judgement {
    judge_by(call, &Policy::of(crate::rules::builtin()), &Disk)
}

/// How a call came to its judgement.
#[derive(Debug)]
pub struct Sight<'a> {
    /// What was read.
    pub outline: &'a Outline,
    /// What is made of every action of it, in the order in which they were read.
    pub verdicts: &'a [Verdict<'a>],
    /// What the call points at.
    pub context: &'a Context<'a>,
}

/// Is shown how a call is judged. Where it is looked at more than once, what is shown last is what counts.
pub type Watch<'w> = &'w mut dyn FnMut(&Sight<'_>);

/// Judges a call by a policy.
#[must_use]
pub fn judge_by(call: &Call, policy: &Policy, files: &dyn Files) -> Judgement {
    judge_watched(call, policy, files, None)
}

/// Judges a call by a policy, and shows how, should somebody want to see it. That changes nothing of the judgement.
#[must_use]
pub fn judge_watched(call: &Call, policy: &Policy, files: &dyn Files, mut watch: Option<Watch<'_>>) -> Judgement {
    if let Some(rules) = policy.also {
        let alone = [policy.rules, rules].map(|rules| Policy { rules, also: None, ..policy.clone() });
        let [one, other] = [&alone[0], &alone[1]].map(|policy| judge_by(call, policy, files));
        let (stricter, by) = if other.decision > one.decision { (other, &alone[1]) } else { (one, &alone[0]) };
        return if watch.is_some() { judge_watched(call, by, files, watch) } else { stricter };
    }
    let world = world(call, policy.rules);
    let outline = watch.as_ref().map(|_| Box::new(Outline::of(&call.tool)));
    let Some((mut actions, outline)) = actions_in(&world, call, policy.rules, files, outline) else {
        return Judgement::silent();
    };
    let mut watch = watch.as_mut().zip(outline.as_deref());
    let before = Context::new(files, &world, policy.rules, &[]);
    before.settle(&mut actions);
    let mut seen = Context::after(before.budget, files, &world, policy.rules, &actions);
    // Without a home there is no place to remember anything.
    seen.session = call.session.as_deref().filter(|_| call.home.is_some());
    let mut judgement = concluded(&actions, &Setting::of(call, policy, &seen), &mut watch);
    if judgement.decision == Decision::Allow {
        let before = Context::after(seen.budget, files, &world, policy.rules, &[]);
        let count = actions.len();
        before.settle_reads(&mut actions);
        if actions.len() == count {
            return policy::settled(judgement, call, &before, policy);
        }
        let mut again = Context::after(before.budget, files, &world, policy.rules, &actions);
        again.session = call.session.as_deref().filter(|_| call.home.is_some());
        judgement = concluded(&actions, &Setting::of(call, policy, &again), &mut watch);
        return policy::settled(judgement, call, &again, policy);
    }
    policy::settled(judgement, call, &seen, policy)
}

/// Judges what an example's call would do by rules alone.
#[must_use]
pub fn judge_actions(actions: &[Action], rules: &'static Rules) -> Judgement {
    let world = crate::example::world();
    let context = Context::new(&NoFiles, &world, rules, actions);
    let policy = Policy::of(rules);
    let setting =
        Setting { policy: &policy, context: &context, command: None, home: "", project: "", droppable: false };
    concluded(actions, &setting, &mut None)
}

fn concluded(actions: &[Action], setting: &Setting<'_>, watch: &mut Option<(&mut Watch<'_>, &Outline)>) -> Judgement {
    let (worst, mut verdicts) = verdicts(actions, setting, watch.is_some());
    again::tighten(&mut verdicts, setting);
    if let Some((watch, outline)) = watch {
        watch(&Sight { outline, verdicts: &verdicts, context: setting.context });
    }
    // Nothing was found in it at all: nothing is known, so nothing is proven.
    let decision = verdicts.iter().map(|verdict| verdict.decision).max().max(worst).unwrap_or(Decision::None);
    let reason = crate::reason::reason(decision, &verdicts, setting.context);
    let note = crate::reason::note(&verdicts, setting.context);
    let stops = verdicts.iter().flat_map(|verdict| &verdict.findings).filter(|judged| judged.decision >= Decision::Ask);
    let mut rules: Vec<&'static str> = Vec::new();
    for judged in stops {
        if !rules.contains(&judged.rule.id.as_str()) {
            rules.push(judged.rule.id.as_str());
        }
    }
    let worst = verdicts.iter().filter(|verdict| verdict.decision >= Decision::Ask);
    let worst = worst.max_by_key(|verdict| (verdict.decision, verdict.class));
    let first = worst.and_then(|verdict| verdict.findings.first());
    let (forced, because) = first.map_or((false, None), |judged| (judged.forced, judged.because.clone()));
    let class = worst.map(|verdict| verdict.class);
    let remembers = remembers(decision, &verdicts, setting.context);
    let approvable = approve::of(decision, &verdicts, setting).map(Box::new);
    Judgement { decision, reason, note, observed: None, rules, class, forced, because, remembers, approvable }
}

/// What the session is to remember: what was stopped, and what is copied and moved, should it run.
fn remembers(decision: Decision, verdicts: &[Verdict<'_>], context: &Context<'_>) -> Vec<Entry> {
    if context.session.is_none() {
        return Vec::new();
    }
    let mut entries = Vec::new();
    if decision >= Decision::Ask {
        entries.extend(again::stops(verdicts, context).into_iter().map(|stopped| Entry::now(What::Stopped(stopped))));
    }
    if decision != Decision::Deny {
        let copies = context.copies().iter();
        entries.extend(copies.map(|here| Entry::now(What::Copied(here.copied.clone()))));
    }
    entries
}

impl Judgement {
    /// No opinion.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            decision: Decision::None,
            reason: String::new(),
            note: None,
            observed: None,
            rules: Vec::new(),
            class: None,
            forced: false,
            because: None,
            remembers: Vec::new(),
            approvable: None,
        }
    }
}

/// Takes a call apart. `None`: the tool is none of the guard's business.
#[must_use]
pub fn actions(call: &Call, rules: &'static Rules, files: &dyn Files) -> Option<Vec<Action>> {
    actions_in(&world(call, rules), call, rules, files, None).map(|(actions, _)| actions)
}

/// Its actions, and the outline that was begun.
type Read = (Vec<Action>, Option<Box<Outline>>);

fn actions_in(
    world: &World,
    call: &Call,
    rules: &'static Rules,
    files: &dyn Files,
    outline: Option<Box<Outline>>,
) -> Option<Read> {
    let mut reader = Reader::new(rules, world, files);
    reader.outline = outline;
    reader.deadline = call.deadline;
    let scope = reader.top();
    match &call.tool {
        ToolCall::Bash { command, .. } | ToolCall::Monitor { command: Some(command) } => {
            reader.earn(command.len());
            reader.script(command, &scope);
        }
        ToolCall::PowerShell { command } => {
            reader.earn(command.len());
            reader.read(Language::Powershell, command, &scope);
        }
        ToolCall::Write { path, content } => write(&mut reader, path, Some(content), None),
        ToolCall::Edit { path, old, new, .. } => write(&mut reader, path, Some(new), Some(old)),
        // The other cells stay.
        ToolCall::NotebookEdit { path, source, .. } => write(&mut reader, path, Some(source), Some("")),
        ToolCall::Mcp { name, server, input, .. } => reader.mcp(name, server.as_deref(), input, &scope),
        ToolCall::Monitor { command: None } | ToolCall::Other(_) => return None,
    }
    let mut actions = reader.actions;
    if actions.iter().any(|action| action.origin.perhaps.is_some()) {
        // What nobody knows to be run at all counts only where it would be the worst.
        let alone = Context::new(&NoFiles, world, rules, &[]);
        actions.retain(|action| action.origin.perhaps.is_none() || !findings_in(action, rules, &alone).is_empty());
    }
    crate::read::neighbours::tell(&mut actions);
    Some((actions, reader.outline))
}

/// What the paths of a call are resolved against.
#[must_use]
pub fn world(call: &Call, rules: &Rules) -> World {
    let clean = |path: &str| context::join("/", path);
    // Without a known home, `~` still is one.
    let home = call.home.as_deref().filter(|home| !home.is_empty()).map_or_else(|| "/home/user".to_owned(), clean);
    let mut world = World { cwd: clean(&call.cwd), home, project: String::new(), variables: call.variables };
    let project = call.project.as_deref().filter(|project| !project.is_empty()).map(clean).unwrap_or_default();
    let inside = context::below(&world.cwd, &project);
    // Whoever has left the project works on another one, unless that is no place for one: a home, a temporary folder.
    let elsewhere = || Place::resolve(&Word::text(world.cwd.as_str()), None, false, &world, rules).zone == "outside";
    world.project = if !inside && elsewhere() { world.cwd.clone() } else { project };
    if world.project == world.home || world.project == "/" {
        world.project.clear();
    }
    world
}

fn write(reader: &mut Reader<'_>, path: &str, adds: Option<&str>, removes: Option<&str>) {
    let place = Place::resolve(&Word::text(path), Some(&reader.world.cwd), false, reader.world, reader.rules);
    let cwd = Some(Rc::from(reader.world.cwd.as_str()));
    let origin = Shared::from(Origin { shown: path.to_owned(), cwd, ..Origin::default() });
    let file = FileAction {
        does: Does::Write,
        place,
        recursive: false,
        adds: adds.map(Rc::from),
        removes: removes.map(Rc::from),
        source: Source::Unsaid,
    };
    reader.push(Kind::File(file), &origin);
    // The tools themselves are the client's business: they are never allowed from here.
    reader.push(Kind::Code(String::new()), &Shared::default());
}
