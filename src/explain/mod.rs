//! How a call came to its decision, for people: what was read, what was found in it and where that stands, which layer
//! decided. It is the judge's own work that is shown here; nothing is judged a second way.

mod json;
mod milder;
pub mod paint;
mod place;
mod snippet;
mod text;
mod tree;

pub use json::json;
pub use text::text;

use crate::call::Call;
use crate::context::Files;
use crate::hook;
use crate::judge::{Decision, Judgement, Sight, judge_by, judge_watched};
use crate::policy::layer::Kind as Whose;
use crate::policy::{Judged, Policy, Verdict};
use crate::read::action::{Action, Kind};
use crate::read::outline::{Outline, Span};
use crate::rules::index::does_name;
use crate::rules::model::Class;

/// A call, and how it is judged.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The call.
    pub call: Call,
    /// What was read; `None`: the tool is none of the guard's business.
    pub outline: Option<Outline>,
    /// What it would do, in the order in which it was read.
    pub acts: Vec<Act>,
    /// What was found in it that could stop it, the worst first.
    pub findings: Vec<Found>,
    /// What is decided.
    pub judgement: Judgement,
    /// What would be decided without any policy file; `None`: there is none.
    pub standard: Option<Decision>,
    /// The policy files that count.
    pub layers: Vec<Layer>,
    /// What is wrong with them.
    pub faults: Vec<String>,
    /// Where it runs.
    pub setting: Setting,
    /// What would make it milder.
    pub milder: milder::Milder,
    /// What the journal says of it, where it comes from there.
    pub recorded: Option<Recorded>,
}

/// Where a call runs.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The working directory.
    pub cwd: String,
    /// Its zone.
    pub zone: String,
    /// The project; empty if there is none.
    pub project: String,
    /// What the parts that could stop it are aimed at.
    pub aims: Vec<String>,
}

/// A policy file.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Whose it is.
    pub kind: Whose,
    /// Where it is.
    pub path: String,
    /// It may loosen.
    pub trusted: bool,
}

/// What the journal has of a call.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The line's id.
    pub id: String,
    /// When, as it is shown.
    pub time: String,
    /// What was decided then: a word of the journal.
    pub decision: String,
    /// The rules that stopped it then.
    pub rules: Vec<String>,
    /// The version that decided.
    pub version: String,
}

/// One elementary thing that the call would do.
#[derive(Clone, Debug)]
pub struct Act {
    /// The part of the outline that it stands in.
    pub part: u32,
    /// What it is: `run`, `file`, `sql`, `http`, `mcp`, `code`, `unread`, `nothing`.
    pub kind: &'static str,
    /// What it does, in words.
    pub does: String,
    /// The path, of a file.
    pub path: Option<String>,
    /// The zone of the path.
    pub zone: Option<String>,
    /// How bad it is.
    pub class: Class,
    /// It goes past the tool's own confirmation.
    pub forced: bool,
    /// What follows for it alone.
    pub decision: Decision,
    /// The rules that matched it, the worst first.
    pub rules: Vec<&'static str>,
    /// The numbers of what was found in it.
    pub found: Vec<usize>,
    /// Where it stands.
    pub span: Option<Span>,
}

/// What could stop a call: a rule that was found, or a layer that decided something else than the standard.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rule.
    pub rule: &'static str,
    /// How bad it is.
    pub class: Class,
    /// It goes past the tool's own confirmation.
    pub forced: bool,
    /// It holds only under this condition: that a word that isn't known is the subcommand of which the rule speaks, or that a
    /// program of which nothing is known runs the words behind it.
    pub guessed: Option<String>,
    /// What is decided about it.
    pub decision: Decision,
    /// What would be decided without any policy file, where it is something else.
    pub standard: Option<Decision>,
    /// Which layer decided, where it isn't the standard.
    pub because: Option<String>,
    /// What is lost.
    pub loses: &'static str,
    /// What to do instead.
    pub instead: &'static str,
    /// What was seen of what it points at.
    pub here: Option<String>,
    /// What was stopped before in this session and is the same.
    pub earlier: Option<String>,
    /// Where it stands; several places, if the same was found more than once.
    pub spans: Vec<Span>,
    /// Where it stands in a file: what of the call leads there.
    pub through: Vec<Span>,
}

/// Explains a call by a policy.
#[must_use]
pub fn explain(call: Call, policy: &Policy, files: &dyn Files) -> Explained {
    let mut seen = Seen::default();
    let judgement = judge_watched(&call, policy, files, Some(&mut |sight| seen = Seen::of(sight)));
    let judgement = hook::mend(judgement, call.damaged);
    let has_policy = !policy.layers.is_empty() || !policy.faults.is_empty();
    let mut standard = None;
    if has_policy {
        let bare = Policy::of(crate::rules::builtin());
        let mut before = Seen::default();
        let alone = judge_watched(&call, &bare, files, Some(&mut |sight| before = Seen::of(sight)));
        standard = Some(hook::mend(alone, call.damaged).decision);
        for found in &mut seen.findings {
            let same = before.findings.iter().find(|other| other.rule == found.rule && other.spans == found.spans);
            found.standard = same.map(|other| other.decision).filter(|decision| *decision != found.decision);
        }
    }
    let milder = milder::of(&call, policy, &judgement, &seen, &|policy| judge_by(&call, policy, files).decision);
    let layer = |layer: &crate::policy::layer::Layer| Layer {
        kind: layer.kind,
        path: layer.path.display().to_string(),
        trusted: layer.trusted,
    };
    Explained {
        layers: policy.layers.iter().map(layer).collect(),
        faults: policy.faults.iter().map(ToString::to_string).collect(),
        outline: seen.outline,
        acts: seen.acts,
        findings: seen.findings,
        setting: seen.setting,
        recorded: None,
        call,
        judgement,
        standard,
        milder,
    }
}

/// What was seen of a judgement.
#[derive(Default)]
struct Seen {
    outline: Option<Outline>,
    acts: Vec<Act>,
    findings: Vec<Found>,
    setting: Setting,
}

impl Seen {
    fn of(sight: &Sight<'_>) -> Self {
        let mut seen = Self { outline: Some(sight.outline.clone()), ..Self::default() };
        let context = sight.context;
        let cwd = crate::read::word::Word::text(context.world.cwd.as_str());
        let place = crate::context::Place::resolve(&cwd, None, false, context.world, context.rules);
        seen.setting = Setting {
            cwd: context.world.cwd.clone(),
            zone: place.zone.to_string(),
            project: context.world.project.clone(),
            aims: Vec::new(),
        };
        // The worst first: their numbers are what the eye looks for.
        let mut order: Vec<usize> = (0..sight.verdicts.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse((sight.verdicts[*at].decision, sight.verdicts[*at].class)));
        let spans: Vec<Option<Span>> =
            sight.verdicts.iter().map(|verdict| place::of(verdict.action, sight.outline, context)).collect();
        let mut numbers: Vec<Vec<usize>> = vec![Vec::new(); sight.verdicts.len()];
        for at in order {
            let verdict = &sight.verdicts[at];
            let matters = |judged: &&Judged| {
                judged.rule.class >= Class::Disruptive || judged.decision >= Decision::Ask || judged.because.is_some()
            };
            for judged in verdict.findings.iter().filter(matters) {
                let number = seen.found(verdict, judged, spans[at].as_ref(), sight);
                numbers[at].push(number);
            }
        }
        let all = sight.verdicts.iter().zip(numbers).zip(spans);
        seen.acts = all.map(|((verdict, found), span)| act(verdict, found, span)).collect();
        seen
    }

    /// The number of a finding, which may have been there already.
    fn found(&mut self, verdict: &Verdict<'_>, judged: &Judged, span: Option<&Span>, sight: &Sight<'_>) -> usize {
        let here = crate::reason::here(judged.rule, verdict, sight.context);
        let here = here.map(|here| here.trim_start_matches("Here: ").trim_end_matches('.').to_owned());
        let here = match verdict.action.kind {
            Kind::Opaque("syntax") => here.or_else(|| stop(verdict.action).map(str::to_owned)),
            _ => here,
        };
        let aim = sight.context.aimed(verdict.action).says();
        if let Some(aim) = aim.filter(|aim| !self.setting.aims.contains(aim)) {
            self.setting.aims.push(aim);
        }
        let rule = judged.rule.id.as_str();
        let guessed = judged.guessed.then(|| crate::reason::doubt(&verdict.action.origin));
        let same = |known: &Found| {
            known.rule == rule
                && (known.forced, &known.guessed, known.decision) == (judged.forced, &guessed, judged.decision)
                && (&known.because, &known.here) == (&judged.because, &here)
        };
        let number = self.findings.iter().position(same).unwrap_or_else(|| {
            self.findings.push(Found {
                rule,
                class: judged.rule.class,
                forced: judged.forced,
                guessed: guessed.clone(),
                decision: judged.decision,
                standard: None,
                because: judged.because.clone(),
                loses: judged.rule.loses.0,
                instead: judged.rule.instead.0,
                here,
                earlier: verdict.earlier.clone(),
                spans: Vec::new(),
                through: Vec::new(),
            });
            self.findings.len() - 1
        });
        let lines = place::lines(judged.rule, verdict.action, sight.outline);
        for line in lines.iter().filter(|_| span.is_some_and(|span| span.source == 0)) {
            if !self.findings[number].spans.contains(line) {
                self.findings[number].spans.push(line.clone());
            }
        }
        let span = span.filter(|_| lines.is_empty());
        if let Some(through) = span.and_then(|span| place::through(span, verdict.action, sight.outline))
            && !self.findings[number].through.contains(&through)
        {
            self.findings[number].through.push(through);
        }
        if let Some(span) = span.filter(|span| !self.findings[number].spans.contains(span)) {
            self.findings[number].spans.push(span.clone());
        }
        number
    }
}

fn act(verdict: &Verdict<'_>, found: Vec<usize>, span: Option<Span>) -> Act {
    let action = verdict.action;
    let (kind, does) = does(action);
    Act {
        part: action.origin.part,
        kind,
        does,
        path: action.file().map(|file| file.place.path.clone()),
        zone: action.file().map(|file| file.place.zone.to_string()),
        class: verdict.class,
        forced: verdict.findings.first().is_some_and(|judged| judged.forced),
        decision: verdict.decision,
        rules: verdict.findings.iter().map(|judged| judged.rule.id.as_str()).collect(),
        found,
        span,
    }
}

/// The kind of an action, and what it does in words.
fn does(action: &Action) -> (&'static str, String) {
    match &action.kind {
        Kind::Run(inv) => ("run", inv.name.to_string()),
        Kind::File(file) => {
            let verb = does_name(file.does);
            let path = if file.place.path.is_empty() { "nothing" } else { &file.place.path };
            let all = if file.recursive { "all of " } else { "" };
            ("file", format!("{verb} {all}{path}"))
        }
        Kind::Sql(sql) => ("sql", format!("SQL {} {}", sql.verb, sql.object.as_deref().unwrap_or_default())),
        Kind::Http(request) => {
            let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "…".to_owned());
            let path = request.path.as_deref().unwrap_or("/…");
            ("http", format!("HTTP {} {}{path}", part(&request.method), part(&request.host)))
        }
        Kind::Mcp(call) => ("mcp", call.tool.clone()),
        Kind::Code(code) if code.is_empty() => ("code", String::new()),
        Kind::Code(code) => ("code", format!("code: {code}")),
        Kind::Opaque("syntax") => ("unread", format!("can't be read: {}", stop(action).unwrap_or("syntax"))),
        Kind::Opaque(kind) => ("unread", format!("can't be read ({kind})")),
        Kind::Nothing => ("nothing", action.origin.shown.clone()),
    }
}

/// Why the shell would stop reading.
fn stop(action: &Action) -> Option<&'static str> {
    crate::read::shell::parse::parse(&action.origin.shown).err().map(|unreadable| unreadable.why)
}
