//! From findings to decisions, through the layers: what tightens always counts; what loosens counts only from whoever
//! may, and only as far as nobody above has settled it.

use super::aims::{Aims, Milder};
use super::layer::{Layer, whole};
use super::{Judged, Policy, Setting, Verdict};
use crate::context::Kind as Lies;
use crate::judge::Decision;
use crate::read::action::{Action, FileAction, Kind};
use crate::rules::glob;
use crate::rules::matching::{Finding, findings_in};
use crate::rules::model::{Class, Does, Rule};
use crate::rules::text::Text;
use std::cell::OnceCell;

/// The id of what is said about what no rule speaks of.
pub(super) const ORDINARY: &str = "policy.ordinary";

/// The standard decision of a class.
fn standard(class: Class, forced: bool, guessed: bool) -> Decision {
    match class {
        Class::Observe => Decision::Allow,
        Class::Ordinary => Decision::None,
        Class::Disruptive => Decision::Ask,
        // A subcommand that can't be known may be this one, or any other.
        Class::Irreversible | Class::Catastrophic if guessed => Decision::Ask,
        Class::Irreversible if forced => Decision::Deny,
        Class::Irreversible => Decision::Ask,
        Class::Catastrophic => Decision::Deny,
    }
}

/// The standard decision, where what is lost is on this machine. What is catastrophic stays so.
fn milder(standard: Decision, class: Class, milder: Milder) -> Decision {
    match (milder, standard) {
        (Milder::Local | Milder::Scratch, Decision::Deny) if class <= Class::Irreversible => Decision::Ask,
        (Milder::Scratch, Decision::Ask) if class <= Class::Irreversible => Decision::None,
        _ => standard,
    }
}

/// Judges one action of a call.
pub(super) fn verdict<'a>(action: &'a Action, call: &[Action], setting: &Setting<'_>) -> Verdict<'a> {
    let policy = setting.policy;
    // What it is aimed at is looked up only where something would be lost.
    let known = OnceCell::new();
    let aims = || known.get_or_init(|| Aims::of(action, call, setting));
    let judge = |finding: Finding| {
        let (decision, because) = through_layers(Some(&finding), finding.rule.class, action, &aims, setting);
        Judged { finding, decision, because, protects: None }
    };
    let mut found: Vec<Judged> = findings_in(action, policy.rules, setting.context).into_iter().map(judge).collect();
    let unmatched = match action.kind {
        Kind::Nothing => Class::Observe,
        // The kinds have rules in a pack of their own; without it, what can't be read is asked about all the same.
        Kind::Opaque(_) => Class::Disruptive,
        _ => Class::Ordinary,
    };
    let mut class = found.iter().map(|judged| judged.rule.class).max().unwrap_or(unmatched);
    let mut decision = found.iter().map(|judged| judged.decision).max();
    // A rule that may only tighten doesn't take an action out of what is decided about those without any.
    if found.iter().all(|judged| judged.rule.on_top) {
        let (decided, because) = through_layers(None, unmatched, action, &aims, setting);
        decision = decision.max(Some(decided));
        if decided >= Decision::Ask && !matches!(action.kind, Kind::Opaque(_)) {
            let what = "what no rule of countersign speaks of, so that nobody has said what it could cost";
            let instead = "say what it is for, and let the person decide";
            let rule = stand_in(ORDINARY, unmatched, what.to_owned(), instead);
            let finding = Finding { rule, forced: false, guessed: false };
            found.push(Judged { finding, decision: decided, because, protects: None });
        }
    }
    if let Kind::File(file) = &action.kind
        && let Some(protected) = protected(file, setting)
    {
        decision = decision.max(Some(protected.decision));
        class = class.max(Class::Irreversible);
        found.push(protected);
    }
    found.sort_by_key(|judged| std::cmp::Reverse((judged.decision, judged.rule.class)));
    Verdict { action, findings: found, class, decision: decision.unwrap_or(Decision::None), earlier: None }
}

/// What becomes of a finding: the decision, and which layer made it something else than the standard.
fn through_layers<'s>(
    finding: Option<&Finding>,
    class: Class,
    action: &Action,
    aims: &impl Fn() -> &'s Aims<'s>,
    setting: &Setting<'_>,
) -> (Decision, Option<String>) {
    let lost = class >= Class::Disruptive;
    let raised = class == Class::Irreversible && finding.is_some_and(|finding| !finding.forced) && aims().production;
    let forced = raised || finding.is_some_and(|finding| finding.forced);
    let guessed = finding.is_some_and(|finding| finding.guessed);
    let id = finding.map(|finding| finding.rule.id.as_str());
    let except = |layer: &Layer| if lost { excepted(layer, id, action, aims(), setting) } else { None };
    let milder = match finding {
        Some(finding) if lost && finding.rule.within.is_some() => aims().milder(finding, action, setting.context),
        _ => Milder::No,
    };
    let through = |forced: bool| setting.policy.through(id, class, forced, guessed, milder, except);
    let (mut decision, mut because) = through(forced);
    if raised {
        // To be aimed at production never makes it milder, whatever a policy says of what is forced.
        let (without, why) = through(false);
        if without > decision {
            (decision, because) = (without, why);
        }
    }
    let why = || if aims().named { "aimed at what a policy calls production" } else { "aimed at production" };
    (decision, because.or_else(|| raised.then(|| why().to_owned())))
}

impl Policy {
    /// What becomes of a rule (`None`: of what no rule speaks of) of this class, and which layer made it something else
    /// than the standard. `except`: the reason of an exception that a layer makes.
    pub(crate) fn through(
        &self,
        id: Option<&str>,
        class: Class,
        forced: bool,
        guessed: bool,
        mild: Milder,
        except: impl Fn(&Layer) -> Option<&'static str>,
    ) -> (Decision, Option<String>) {
        let mut decision = standard(class, forced, guessed);
        // What lies on the disk, perhaps in a repository, lowers nothing that is locked, and nothing beside a broken file.
        if self.faults.is_empty() && !self.layers.iter().any(|layer| layer.locks(id)) {
            decision = milder(decision, class, mild);
        }
        let denied = decision == Decision::Deny;
        let mut because = None;
        let mut floor: Option<Decision> = None;
        let mut locked = false;
        for layer in &self.layers {
            let may = layer.trusted && !locked && self.faults.is_empty();
            let mut said = layer.says(id, class, forced, denied && may);
            if may
                && class >= Class::Disruptive
                && let Some(reason) = except(layer)
            {
                said = Some((Decision::None, format!("except, \"{reason}\"")));
            }
            if let Some((wanted, key)) = said {
                // Whoever may loosen does so only down to what a layer above has settled.
                let wanted =
                    if may { Some(wanted).max(floor) } else { Some(wanted).filter(|wanted| *wanted > decision) };
                if let Some(wanted) = wanted {
                    if wanted != decision {
                        because = Some(format!("{} policy, {key} in {}", layer.kind.name(), layer.path.display()));
                    }
                    decision = wanted;
                    floor = floor.max(Some(wanted));
                }
            }
            locked |= layer.locks(id);
        }
        (decision, because)
    }
}

/// Stands for whatever lies in a directory: no pattern is like it but one that takes every name.
const ANYTHING: &str = "\u{10fffd}\u{10fffc}\u{10fffd}\u{10fffc}\u{10fffd}\u{10fffc}\u{10fffd}\u{10fffc}\u{10fffd}";

/// The reason of an exception that covers this.
fn excepted(
    layer: &Layer,
    id: Option<&str>,
    action: &Action,
    aims: &Aims<'_>,
    setting: &Setting<'_>,
) -> Option<&'static str> {
    let covers = |exception: &super::model::Exception| {
        if let Some(command) = &exception.command {
            return setting.command.is_some_and(|given| given.trim() == command.trim());
        }
        let rule = exception.rule.as_deref().zip(id).is_some_and(|(like, id)| glob::matches(&whole(like), id));
        let path = exception.path.as_deref().is_none_or(|path| match &action.kind {
            Kind::File(file) => {
                let path = absolute(path, layer, setting);
                let place = &file.place;
                let literal = !place.path.contains(['*', '?', '[', '…']) && place.zone != "elsewhere";
                // `rm -rf ~/scratch/*` is about what lies in the directory.
                let fits = place.certain && glob::matches(&path, &place.path)
                    || place.contents && glob::matches(&path, &format!("{}/{ANYTHING}", place.path));
                literal && fits
            }
            _ => false,
        });
        let environment = exception.environment.as_deref().is_none_or(|name| aims.only(name, layer.kind));
        rule && path && environment
    };
    layer
        .exceptions(setting.policy.today)
        .find(|exception| covers(exception))
        .map(|exception| exception.reason.as_str())
}

/// A pattern of a policy as an absolute path.
fn absolute(pattern: &str, layer: &Layer, setting: &Setting<'_>) -> String {
    let drive = matches!(pattern.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    match pattern.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", setting.home),
        _ if pattern.starts_with('/') || drive => pattern.to_owned(),
        _ => {
            let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
            format!("{}/{pattern}", layer.base().unwrap_or(setting.project))
        }
    }
}

/// What is said about a change of a protected path.
fn protected(file: &FileAction, setting: &Setting<'_>) -> Option<Judged> {
    if file.does == Does::Read || file.place.zone == "elsewhere" {
        return None;
    }
    let path = file.place.path.as_str();
    let known = path.find(['…', '*', '?', '[']).map_or(path, |at| &path[..at]);
    let mut worst: Option<Judged> = None;
    for layer in &setting.policy.layers {
        for protected in &layer.file.protect {
            let pattern = absolute(protected.path(), layer, setting);
            let pattern = pattern.trim_end_matches("/**").trim_end_matches('/');
            let literal = pattern.find(['*', '?', '{']).map_or(pattern, |at| &pattern[..at]);
            let itself = file.place.certain
                && known.len() == path.len()
                && ancestors(path).any(|path| glob::matches_any_case(pattern, path));
            let begins =
                |long: &str, short: &str| long.get(..short.len()).is_some_and(|head| head.eq_ignore_ascii_case(short));
            // `rm -rf infra` takes `infra/state` with it; of `rm infra/$X`, anything below may be meant.
            let around = (file.recursive || file.does == Does::Move)
                && begins(literal, &format!("{}/", path.trim_end_matches('/')));
            let open = known.len() < path.len() || !file.place.certain;
            // `touch *.md` makes and changes names that are like it, and no others. What is lost is looked at as a whole:
            // `find . -name '*.md' -delete` goes into directories, too.
            let above = file.recursive || file.place.contents;
            // A pattern in quotes is the program's own, and git's go into directories: `git rm '*.txt'`.
            let is_file = || setting.context.files.stat(literal).is_some_and(|stat| stat.kind == Lies::File);
            let is_like = || match file.place.certain {
                true => path.contains('[') || !is_file() || glob::matches_any_case(path, literal),
                false => may_name(path, literal, above),
            };
            let other = || file.does == Does::Touch && literal == pattern && !is_like();
            let maybe = open && known.len() > 1 && (begins(literal, known) || begins(known, literal)) && !other();
            if !(itself || around || maybe) {
                continue;
            }
            let decision = if itself || around { protected.decision() } else { Decision::Ask };
            if worst.as_ref().is_some_and(|worst| worst.decision >= decision) {
                continue;
            }
            let why = protected.reason().map_or_else(String::new, |reason| format!(" ({reason})"));
            let what = format!("what a policy protects: {}{why}", protected.path());
            let instead = "leave it as it is, and show the person the change that you want";
            let rule = stand_in("policy.protected", Class::Irreversible, what, instead);
            let because = Some(format!("{} policy, protect in {}", layer.kind.name(), layer.path.display()));
            let finding = Finding { rule, forced: false, guessed: false };
            worst = Some(Judged { finding, decision, because, protects: Some(layer.kind) });
        }
    }
    worst
}

/// Whether one of the names that are like a pattern may be this path, something below it, or (`above`) a directory that it
/// lies in.
fn may_name(pattern: &str, path: &str, above: bool) -> bool {
    if pattern.contains("**") || pattern.contains(['…', '(', '{', '\\']) {
        return true;
    }
    let mut names = path.split('/');
    for part in pattern.split('/') {
        let Some(name) = names.next() else { return true };
        // What is in brackets is not looked at.
        let like = match (part.find('['), part.rfind(']')) {
            (Some(open), Some(close)) if open < close => format!("{}*{}", &part[..open], &part[close + 1..]),
            _ => part.to_owned(),
        };
        if !glob::matches_any_case(&like, name) {
            return false;
        }
    }
    above || names.next().is_none()
}

/// A path and all directories above it.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let above = path.char_indices().rev().filter(|(at, char)| *char == '/' && *at > 0).map(|(at, _)| &path[..at]);
    std::iter::once(path).chain(above)
}

/// A rule for what is decided without one. Leaked: it happens once or twice in a process.
pub(super) fn stand_in(id: &'static str, class: Class, loses: String, instead: &'static str) -> &'static Rule {
    let rule = Rule { id: Text(id), class, loses: loses.into(), instead: Text(instead), ..Rule::default() };
    Box::leak(Box::new(rule))
}
