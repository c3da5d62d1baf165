//! The same once more, in another form, soon after it was stopped: `git push --force-with-lease` was, and now it is
//! `--force`. Two calls are after the same where their rules share an intent and their words don't say otherwise; a delete
//! or a move is known by its path, an SQL statement by its object.
//!
//! What was denied is denied in every other form as well, unless that is milder. What was only asked about may have been
//! approved: then it is said, and nothing else. And the very same call once more is judged as it always is.

use super::decide::stand_in;
use super::{Judged, Setting, Verdict};
use crate::context::{Context, Place, session::ago};
use crate::judge::Decision;
use crate::memory::{Entry, Stopped, What, digest};
use crate::read::action::{Action, FileAction, Kind};
use crate::read::argv::Invocation;
use crate::rules::matching::Finding;
use crate::rules::model::{Class, Does, Rule};

/// For how many seconds a refusal is held against what comes after it.
const SOON: u64 = 600;
/// The most parts of a call that are compared with what was before, and that are remembered.
const MOST: usize = 64;
/// The most words, and the most paths, by which something is known again.
const WORDS: usize = 24;
/// The most characters of a path or a directory.
const LENGTH: usize = 400;
/// The most characters that are shown of what was stopped.
const SHOWN: usize = 90;
/// The shortest part of a name that says something.
const PART: usize = 3;

/// Looks whether what a call does was stopped a short time before in another form: says so, and denies what was denied.
/// Only where there is something that is stopped, or that deletes or moves, is the memory read at all.
pub fn tighten(verdicts: &mut [Verdict<'_>], setting: &Setting<'_>) {
    let context = setting.context;
    if context.session.is_none() {
        return;
    }
    let mut left = MOST;
    for verdict in verdicts {
        let of_path = takes_away(verdict.action) && verdict.findings.iter().all(|judged| judged.because.is_none());
        if verdict.decision < Decision::Ask && !of_path || context.memory().is_empty() {
            continue;
        }
        let Some(rest) = left.checked_sub(1) else { break };
        left = rest;
        let now = stopped(verdict, context);
        let silent = verdict.decision < Decision::Ask;
        let Some((entry, before)) = refusal(&now, silent, context) else { continue };
        if silent {
            // What nobody has denied may have been approved.
            if !before.denied || is_moved_aside(verdict.action, context) {
                continue;
            }
            let loses = "what was just denied, in another form";
            let instead = "leave it as it is, say what you wanted to reach by it, and let the person decide";
            let rule = stand_in("policy.denied-before", Class::Disruptive, loses.to_owned(), instead);
            let finding = Finding { rule, forced: false, guessed: false };
            verdict.findings.insert(0, Judged { finding, decision: Decision::Ask, because: None, protects: None });
            verdict.decision = Decision::Ask;
            verdict.class = verdict.class.max(Class::Disruptive);
        }
        let Some(first) = verdict.findings.first_mut() else { continue };
        // Another program may reach the same by the same name, or something else.
        let sure = now.program == before.program && !silent;
        let stays = before.denied && sure && first.because.is_none() && !is_milder(first, &before);
        if stays && first.decision == Decision::Ask {
            first.decision = Decision::Deny;
            first.because = Some("denied because that was denied before".to_owned());
            verdict.decision = Decision::Deny;
        }
        let what = match (before.denied, first.decision) {
            (true, Decision::Deny) => "was denied {}, and this is another form of it: ask the person",
            (true, _) => "was denied {}, and this may be another way to it",
            (false, _) => "was put to a person {}; if that was a no, so is this",
        };
        let when = ago(entry.age());
        verdict.earlier = Some(format!("`{}` {}", before.shown, what.replace("{}", &when)));
    }
}

/// What a session is to remember of the verdicts on a call: what was stopped.
#[must_use]
pub fn stops(verdicts: &[Verdict<'_>], context: &Context<'_>) -> Vec<Stopped> {
    let mut found: Vec<Stopped> = Vec::new();
    for decision in [Decision::Deny, Decision::Ask] {
        let stops = verdicts.iter().filter(|verdict| verdict.decision == decision);
        for verdict in stops.filter(|verdict| !matches!(verdict.action.kind, Kind::Opaque(_))).take(MOST) {
            let stopped = stopped(verdict, context);
            if !found.iter().any(|other| other.call == stopped.call && other.rule == stopped.rule) {
                found.push(stopped);
            }
        }
    }
    found
}

/// Whether the loss of the same was denied a short time before, in another form.
pub(crate) fn was_denied(action: &Action, context: &Context<'_>) -> bool {
    let verdict =
        Verdict { action, findings: Vec::new(), class: Class::Ordinary, decision: Decision::None, earlier: None };
    let now = stopped(&verdict, context);
    !is_moved_aside(action, context) && refusal(&now, true, context).is_some_and(|(_, before)| before.denied)
}

/// What was stopped a short time before and is the same in another form; what was denied comes first, then the newest.
/// `silent`: no rule stops it.
fn refusal<'a>(now: &Stopped, silent: bool, context: &'a Context<'_>) -> Option<(&'a Entry, Stopped)> {
    let stopped =
        context.memory().iter().rev().filter(|entry| entry.age() <= SOON).filter_map(|entry| match &entry.what {
            What::Stopped(stopped) => Some((entry, stopped)),
            What::Copied(_) => None,
        });
    let (again, mut alike): (Vec<_>, Vec<_>) =
        stopped.filter(|(_, before)| is_same(now, before)).partition(|(_, before)| before.call == now.call);
    // Once more, word for word, what may have been approved: that is asked about as it always is. What no rule stops was
    // asked about because of what was before, and is again.
    if !silent && again.iter().any(|(_, before)| !before.denied) {
        return None;
    }
    alike.sort_by_key(|(_, before)| !before.denied);
    alike.first().map(|(entry, before)| (*entry, (*before).clone()))
}

/// Whether the two are after the same.
fn is_same(now: &Stopped, before: &Stopped) -> bool {
    let above = |upper: &str, lower: &str| {
        lower.strip_prefix(upper.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // The same path, or a directory above it; what lies below may be meant to go all the same.
    if now.paths.iter().any(|path| before.paths.iter().any(|lower| above(path, lower))) {
        return true;
    }
    if now.intent != before.intent || !now.paths.is_empty() || now.intent.is_empty() {
        return false;
    }
    let related = match (&now.cwd, &before.cwd) {
        (Some(one), Some(other)) => above(one, other) || above(other, one),
        _ => true,
    };
    let within = |few: &[String], many: &[String]| few.iter().all(|name| many.contains(name));
    if now.program == before.program {
        related && (within(&now.names, &before.names) || within(&before.names, &now.names))
    } else {
        now.parts.iter().any(|part| before.parts.contains(part))
    }
}

/// Less bad, or with the confirmation of the tool itself, which was to be passed by before.
fn is_milder(now: &Judged, before: &Stopped) -> bool {
    let confirms = !now.rule.forced.is_empty() || now.rule.id.as_str() == before.rule;
    now.rule.class < before.class || now.rule.class == before.class && before.forced && !now.forced && confirms
}

/// A delete or a move of something that doesn't come back by itself.
pub(super) fn takes_away(action: &Action) -> bool {
    let Kind::File(file) = &action.kind else { return false };
    let lasts = !matches!(file.place.zone.as_str(), "null" | "elsewhere" | "unknown" | "regenerable");
    matches!(file.does, Does::Delete | Does::Move) && lasts && !file.place.zone.starts_with("temporary")
}

/// `mv x x.old`: out of the way, and still there. Reasons recommend it.
fn is_moved_aside(action: &Action, context: &Context<'_>) -> bool {
    let Kind::File(FileAction { does: Does::Move, place, .. }) = &action.kind else { return false };
    let mut moves = context.copies().iter();
    moves.any(|here| {
        here.copied.from.iter().all(|from| *from == place.path)
            && here.copied.to.first().is_some_and(|to| to.starts_with(&format!("{}.", place.path)))
    })
}

/// What there is to know a stopped action again by.
fn stopped(verdict: &Verdict<'_>, context: &Context<'_>) -> Stopped {
    let action = verdict.action;
    let first = verdict.findings.first();
    let rule = first.map(|judged| judged.rule);
    let mut known = Stopped {
        denied: verdict.decision == Decision::Deny,
        rule: rule.map(|rule| rule.id.to_string()).unwrap_or_default(),
        intent: rule.map(intent).unwrap_or_default(),
        class: verdict.class,
        forced: first.is_some_and(|judged| judged.forced),
        cwd: action.origin.cwd.as_deref().filter(|cwd| cwd.len() <= LENGTH).map(str::to_owned),
        ..Stopped::default()
    };
    let mut words: Vec<String> = Vec::new();
    match &action.kind {
        Kind::File(file) => {
            known.intent = String::new();
            let path = file.place.path.as_str();
            if takes_away(action) || file.does == Does::Write {
                let whole = !path.contains(['…', '*', '?', '[']) && path.starts_with('/') && path.len() <= LENGTH;
                known.paths.extend(whole.then(|| path.to_owned()));
            }
            let verb = match file.does {
                Does::Delete => "delete",
                Does::Move => "move",
                _ => "write",
            };
            known.shown = format!("{verb} {path}");
        }
        Kind::Run(inv) => {
            known.program = inv.name.to_string();
            known.shown = line(inv);
            if known.intent == "files" {
                known.paths = paths(inv, rule, action, context);
            } else {
                words = names(inv, rule);
            }
        }
        Kind::Sql(sql) => {
            // By the client that carries it, one database is told from another.
            let object = sql.object.as_deref().map(name_of_object).unwrap_or_default();
            known.intent = if object.is_empty() { String::new() } else { format!("sql {}", digest(&[&object])) };
            known.shown = format!("{} {}", sql.verb, sql.object.as_deref().unwrap_or_default());
            known.parts.push(digest(&[&object]));
            for other in context.call {
                if let Kind::Run(inv) = &other.kind
                    && action.origin.via.contains(&inv.name)
                {
                    known.program = inv.name.to_string();
                    words.extend(
                        inv.options
                            .iter()
                            .filter_map(|given| aim(&given.name, given.value.as_ref()?.known()?, &object)),
                    );
                }
            }
        }
        Kind::Mcp(call) => {
            known.program = format!("{} {}", call.server, call.tool);
            known.shown.clone_from(&call.tool);
            words.extend(call.arguments.iter().map(|(name, value)| format!("{name}={value}")));
        }
        Kind::Http(request) => {
            known.program = request.host.clone().unwrap_or_default();
            known.shown = request.method.clone().unwrap_or_default();
            words.extend(request.path.clone());
        }
        _ => {}
    }
    words.truncate(WORDS);
    let parts = words.iter().filter_map(|word| word.rsplit(['.', ':', '/', '=']).next());
    known.parts.extend(parts.filter(|part| part.len() >= PART).map(|part| digest(&[part])));
    known.names = words.iter().map(|word| digest(&[word])).collect();
    known.shown = cut(&known.shown);
    known.call = digest(&[&action.origin.shown, action.origin.cwd.as_deref().unwrap_or_default(), &known.shown]);
    known
}

fn intent(rule: &Rule) -> String {
    if rule.intent.is_empty() { rule.id.to_string() } else { rule.intent.to_string() }
}

/// The words that say at what a program is aimed: its operands and the values of its options.
pub(super) fn names(inv: &Invocation, rule: Option<&Rule>) -> Vec<String> {
    let behind = rule.and_then(|rule| inv.behind(&rule.command)).map_or(0, |(behind, _)| behind);
    let operands = inv.operands.get(behind..).unwrap_or_default().iter().filter_map(|operand| operand.word.known());
    // Where it works is known already.
    let directory =
        |name: &str| inv.known.tables.iter().flat_map(|table| &table.directory).any(|dir| dir.as_str() == name);
    let options = inv.options.iter().filter(|given| !directory(&given.name));
    let values = options.filter_map(|given| given.value.as_ref()?.known());
    // `+main`, `HEAD:main` and `refs/heads/main` are `main`.
    let name = |word: &str| {
        let word = word.trim_start_matches('+');
        let word = if word.contains("://") { word } else { word.rsplit(':').next().unwrap_or(word) };
        word.strip_prefix("refs/heads/").unwrap_or(word).to_owned()
    };
    operands.chain(values).map(name).filter(|word| !word.is_empty() && !word.starts_with('-')).collect()
}

/// The paths that the operands of a program are; none: the directory in which it works.
fn paths(inv: &Invocation, rule: Option<&Rule>, action: &Action, context: &Context<'_>) -> Vec<String> {
    let Some(cwd) = action.origin.cwd.as_deref() else { return Vec::new() };
    let behind = rule.and_then(|rule| inv.behind(&rule.command)).map_or(0, |(behind, _)| behind);
    let operands =
        inv.operands.get(behind..).unwrap_or_default().iter().filter(|operand| operand.word.known() != Some("--"));
    let place = |word| Place::resolve(word, Some(cwd), false, context.world, context.rules);
    let mut paths: Vec<String> = operands
        .take(WORDS)
        .map(|operand| place(&operand.word))
        .filter(|place| place.certain)
        .map(|place| place.path)
        .collect();
    if paths.is_empty() {
        paths.push(cwd.to_owned());
    }
    paths.retain(|path| path.len() <= LENGTH);
    paths
}

/// Where a client is aimed: the value of an option, unless that is the statement itself.
fn aim(option: &str, value: &str, object: &str) -> Option<String> {
    let statement = value.contains(' ') || !object.is_empty() && value.to_ascii_lowercase().contains(object);
    (!statement).then(|| format!("{option}={value}"))
}

/// `"public"."Orders"` is `orders`.
pub(super) fn name_of_object(object: &str) -> String {
    let bare: String = object.chars().filter(|c| !matches!(c, '"' | '`' | '[' | ']' | '\'')).collect();
    bare.rsplit('.').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A command line as far as it may be kept: no values of options, nothing that could be a password.
fn line(inv: &Invocation) -> String {
    let operands = inv.operands.iter().map(|operand| harmless(&operand.word.shown()));
    std::iter::once(inv.name.to_string()).chain(operands).chain(options(inv)).collect::<Vec<_>>().join(" ")
}

/// The names of the options. A value may hang on one that isn't known (`-psecret`).
pub(crate) fn options(inv: &Invocation) -> impl Iterator<Item = String> {
    let named =
        inv.options.iter().filter(|given| given.listed || given.name.len() == 2 || given.name.starts_with("--"));
    named.map(|given| harmless(&given.name))
}

/// A word as far as it may be kept: no address with a password in it, no assignment, nothing as long and as mixed as a key.
pub(crate) fn harmless(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '_' | '-' | '+' | ':' | '~' | '*' | '?' | ',');
    let mixed = |part: &str| {
        part.len() >= 20 && part.bytes().any(|b| b.is_ascii_digit()) && part.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let local = !word.contains("://") && word.chars().all(plain) && !word.split(['/', '.', '-', '_', ':']).any(mixed);
    if local && word.len() <= SHOWN {
        return word.to_owned();
    }
    // An address without a name in front of its host, or a query behind it.
    let address = word.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && rest.chars().all(plain));
    if address && word.len() <= SHOWN && !word.split('/').any(mixed) { word.to_owned() } else { "…".to_owned() }
}

fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > SHOWN { line.chars().take(SHOWN).chain(['…']).collect() } else { line }
}
