//! Which rules match an action.

use super::comments::uncommented;
use super::glob;
use super::index::Rules;
use super::model::{Class, Condition, Part, Rule};
use super::text::{List, Text};
use crate::context::{Context, NoFiles};
use crate::read::action::{Action, FileAction, Kind, McpCall, Origin, Request, SqlAction};
use crate::read::argv::{Invocation, Operand};
use crate::read::mcp::given;

/// A rule that matched an action.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The action goes past the tool's own confirmation.
    pub forced: bool,
    /// It matches only if a word that can't be known is the subcommand that the rule speaks of.
    pub guessed: bool,
}

/// The rules that match an action of an example's call, as far as that can be told without looking at the disk.
#[must_use]
pub fn findings(action: &Action, call: &[Action], rules: &Rules) -> Vec<Finding> {
    findings_in(action, rules, &Context::new(&NoFiles, &crate::example::world(), rules, call))
}

/// The rules that match another action of a call than the one that is looked at, by its words alone; none if that is already
/// one.
#[must_use]
pub(crate) fn findings_beside(action: &Action, context: &Context<'_>) -> Vec<Finding> {
    context.beside().map_or_else(Vec::new, |beside| findings_in(action, context.rules, &beside))
}

/// The rules that match an action; a `fallback` only where nothing else does.
#[must_use]
pub fn findings_in(action: &Action, rules: &Rules, context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut try_rule = |rule: &'static Rule| {
        if let Some(finding) = matches(rule, action, context) {
            found.push(finding);
        }
    };
    match &action.kind {
        Kind::Run(inv) => inv.known.rules.iter().for_each(|rule| try_rule(rule)),
        Kind::File(_) => rules.of(|set| set.file).for_each(try_rule),
        Kind::Sql(_) => rules.of(|set| set.statement).for_each(try_rule),
        Kind::Http(_) => rules.of(|set| set.request).for_each(try_rule),
        Kind::Mcp(call) => rules.of_tool(&call.tool, &call.verbs).for_each(try_rule),
        Kind::Code(_) => rules.of(|set| set.code).for_each(try_rule),
        Kind::Opaque(_) => rules.of(|set| set.opaque).for_each(try_rule),
        Kind::Nothing => {}
    }
    if found.iter().any(|finding| !finding.rule.fallback && !finding.rule.on_top && !finding.guessed) {
        found.retain(|finding| !finding.rule.fallback);
    }
    // Which subcommand it is can't be known: that, and none of those that it might be, is what is said.
    let guessed = |finding: &Finding| finding.guessed && !finding.rule.on_top;
    if found.iter().any(guessed) {
        let unknown = rules.of(|set| set.opaque).filter(|rule| any(&rule.opaque, |name| name == "subcommand"));
        let unknown: Vec<_> = unknown.map(|rule| Finding { rule, forced: false, guessed: false }).collect();
        if !unknown.is_empty() {
            found.retain(|finding| !guessed(finding));
            found.extend(unknown);
        }
    }
    if action.origin.perhaps.is_some() {
        let worst = |finding: &Finding| match finding.rule.class {
            Class::Catastrophic => true,
            class => class >= Class::Irreversible && finding.forced,
        };
        found.retain(|finding| worst(finding) && !finding.guessed);
        found.iter_mut().for_each(|finding| finding.guessed = true);
    }
    found
}

/// The part of an action that conditions speak of.
struct Subject<'a> {
    action: &'a Action,
    origin: &'a Origin,
    kind: &'a Kind,
    context: &'a Context<'a>,
    /// Of an invocation: where the operands behind the subcommand begin.
    behind: usize,
}

fn matches(rule: &'static Rule, action: &Action, context: &Context<'_>) -> Option<Finding> {
    let mut behind = 0;
    let mut guessed = false;
    match &action.kind {
        Kind::Run(inv) => (behind, guessed) = inv.behind(&rule.command)?,
        Kind::File(file) => {
            if !rule.file.contains(&file.does) {
                return None;
            }
        }
        Kind::Sql(sql) => {
            any(&rule.statement, |glob| glob::matches(glob, &sql.verb)).then_some(())?;
        }
        Kind::Http(request) => {
            let method = request.method.as_deref().unwrap_or("?");
            any(&rule.request, |glob| glob::matches(glob, method)).then_some(())?;
        }
        // Only the rules of the tool are tried.
        Kind::Mcp(_) => {}
        Kind::Code(code) => {
            any(&rule.code, |name| name == code).then_some(())?;
        }
        Kind::Opaque(kind) => {
            let also = if *kind == "unnamed" { "file" } else { kind };
            any(&rule.opaque, |name| name == *kind || name == also || name == "*").then_some(())?;
        }
        Kind::Nothing => return None,
    }
    let subject = Subject { action, origin: &action.origin, kind: &action.kind, context, behind };
    // What makes a call harmless must be certain; what makes it dangerous need only be possible.
    let sure = rule.class <= Class::Ordinary;
    // Nothing can be seen of a call that is only guessed at; the rules that ask for nothing to be seen say that it is.
    let needs_sight = !rule.when.is_empty() && rule.when.iter().all(Condition::asks_the_disk);
    if guessed && (sure || needs_sight) {
        return None;
    }
    if rule.class == Class::Observe && !proven(rule, &subject) {
        return None;
    }
    if !rule.when.is_empty() && !rule.when.iter().any(|condition| holds(condition, &subject, sure)) {
        return None;
    }
    if rule.unless.iter().any(|condition| holds(condition, &subject, true)) {
        return None;
    }
    let forced = rule.always_forced || rule.forced.iter().any(|condition| holds(condition, &subject, false));
    Some(Finding { rule, forced: forced || action.origin.confirmed, guessed })
}

/// What `observe` needs besides its conditions.
fn proven(rule: &Rule, subject: &Subject<'_>) -> bool {
    if rule.here && (subject.origin.moved || subject.origin.elsewhere) {
        return false;
    }
    match subject.kind {
        Kind::Run(inv) => {
            let known = inv.operands.iter().all(|operand| !operand.maybe_value && is_plain(&operand.word))
                && inv.options.iter().all(|given| given.certain && given.value.as_ref().is_none_or(is_plain));
            let allowed = |name: &str| {
                name == "--"
                    || rule
                        .only
                        .iter()
                        .any(|only| only == name || only.ends_with('*') && name.starts_with(&only[..only.len() - 1]))
            };
            inv.trusted && known && inv.options.iter().all(|given| allowed(&given.name))
        }
        // A bare star, which the path has lost, may be anything in the directory, keys among them.
        Kind::File(file) => file.place.certain || file.place.path.contains(['*', '?', '[']),
        _ => true,
    }
}

/// Known text, or a glob that can't turn into an option.
fn is_plain(word: &crate::read::word::Word) -> bool {
    use crate::read::word::Piece;
    !word.has_unknown() && !matches!(word.pieces.first(), Some(Piece::Glob(_)))
}

fn any(list: &List<Text>, fits: impl Fn(&str) -> bool) -> bool {
    list.iter().any(|text| fits(text))
}

/// Whether every part of a condition holds.
fn holds(condition: &Condition, subject: &Subject<'_>, sure: bool) -> bool {
    condition.0.iter().all(|part| part_holds(part, subject, sure))
}

/// A part that speaks of something else than the action never holds.
fn part_holds(part: &Part, subject: &Subject<'_>, sure: bool) -> bool {
    let Origin { via, fed, beside, confirmed, looked_into, .. } = subject.origin;
    let like = |list: &List<Text>, text: &str| any(list, |glob| glob::matches(glob, text));
    match part {
        Part::Env(list) => any(list, |spec| env(spec, subject.origin)),
        Part::Via(list) => via.iter().any(|program| like(list, program)),
        Part::Fed(list) => fed.as_deref().is_some_and(|program| like(list, program)),
        Part::Beside(list) => beside.iter().any(|beside| like(list, beside)),
        Part::Confirmed(wanted) => *wanted == *confirmed,
        Part::LookedInto(wanted) => *wanted == *looked_into,
        Part::Environment(list) => subject.context.is_aimed(list, subject.action),
        Part::Fact(list) => list.iter().any(|fact| subject.context.holds(*fact, subject.action)),
        _ => match subject.kind {
            Kind::Run(inv) => of_run(part, inv, subject.behind, sure),
            Kind::File(file) => {
                of_file(part, file)
                    || matches!(part, Part::Removes(list) if subject.context.takes_out(list, subject.action))
            }
            Kind::Sql(sql) => of_sql(part, sql),
            Kind::Http(request) => of_http(part, request),
            Kind::Mcp(call) => of_mcp(part, call),
            _ => false,
        },
    }
}

fn env(spec: &str, origin: &Origin) -> bool {
    let (name, value) = spec.split_once('=').unwrap_or((spec, "*"));
    origin.env.iter().any(|(variable, word)| glob::matches(name, variable) && glob::matches(value, &word.shown()))
}

fn of_run(part: &Part, inv: &Invocation, behind: usize, sure: bool) -> bool {
    let operands = inv.operands.get(behind..).unwrap_or_default();
    let fits = |operand: &Operand, globs: &List<Text>| {
        if sure && (operand.maybe_value || operand.word.has_unknown()) {
            return false;
        }
        let text = operand.word.shown();
        any(globs, |glob| glob::matches(glob, &text))
    };
    match part {
        Part::Option(list) => inv.has(list, sure),
        Part::Every(list) => list.iter().all(|option| inv.given(option, sure)),
        // Something may only be missing for sure if nothing given could be it.
        Part::Without(list) => {
            let hidden = sure && inv.operands.iter().any(|operand| operand.word.splits);
            !hidden && !inv.has(list, !sure)
        }
        Part::Operand(globs) => operands.iter().any(|operand| fits(operand, globs)),
        Part::First(globs) => {
            let doubts = operands.iter().take_while(|operand| operand.maybe_value).count();
            let firsts = if sure { operands.get(..1) } else { operands.get(..(doubts + 1).min(operands.len())) };
            firsts.unwrap_or_default().iter().any(|operand| fits(operand, globs))
        }
        Part::Operands(wanted) => {
            let all = operands.len();
            let certain = operands.iter().filter(|operand| !operand.maybe_value && !operand.word.splits).count();
            let open = operands.iter().any(|operand| operand.word.splits);
            let (low, high) = range(wanted);
            let in_range = |count: usize| count >= low && count <= high;
            if sure { certain == all && in_range(all) } else { (certain..=all).any(in_range) || open && high >= all }
        }
        _ => false,
    }
}

/// `2`, `1..`, `..3`, `1..3`.
fn range(text: &str) -> (usize, usize) {
    match text.split_once("..") {
        Some((low, high)) => (low.trim().parse().unwrap_or(0), high.trim().parse().unwrap_or(usize::MAX)),
        None => {
            let count = text.trim().parse().unwrap_or(usize::MAX);
            (count, count)
        }
    }
}

fn of_file(part: &Part, file: &FileAction) -> bool {
    let place = &file.place;
    let old = file.removes.as_deref().unwrap_or_default();
    let new = file.adds.as_deref().unwrap_or_default();
    match part {
        Part::Zone(list) => any(list, |zone| zone == place.zone),
        Part::Recursive(wanted) => *wanted == file.recursive,
        Part::Empties(wanted) => *wanted == file.empties(),
        Part::Name(list) => {
            let last = place.path.rsplit(['/', '\\']).next().unwrap_or(&place.path);
            any(list, |glob| glob::matches_any_case(glob, if glob.contains('/') { &place.path } else { last }))
        }
        Part::Adds(list) => any(list, |text| has(new, text) && !has(old, text)),
        Part::Removes(list) => {
            // What is only left in a comment is taken out, too.
            let without = |text: &str| String::from_utf8_lossy(&uncommented(text.as_bytes())).into_owned();
            any(list, |text| {
                text != "?"
                    && has(old, text)
                    && (!has(new, text) || has(&without(old), text) && !has(&without(new), text))
            })
        }
        _ => false,
    }
}

/// Whether a text has another in it, white space, quotes and case aside.
fn has(text: &str, wanted: &str) -> bool {
    let counts = |c: &char| !c.is_whitespace() && !matches!(c, '"' | '\'');
    let bare = |text: &str| text.chars().filter(counts).flat_map(char::to_lowercase).collect::<String>();
    bare(text).contains(&bare(wanted))
}

fn of_sql(part: &Part, sql: &SqlAction) -> bool {
    match part {
        Part::Mark(list) => list.iter().any(|mark| sql.marks.contains(&mark.as_str())),
        Part::Object(list) => is_like(list, sql.object.as_deref()),
        _ => false,
    }
}

fn of_http(part: &Part, request: &Request) -> bool {
    match part {
        Part::Host(list) => is_like(list, request.host.as_deref()),
        Part::Port(list) => is_like(list, request.port.as_deref()),
        Part::Path(list) => is_like(list, request.path.as_deref()),
        Part::Body(list) => request.body.as_deref().is_some_and(|body| any(list, |glob| has_body(body, glob))),
        _ => false,
    }
}

/// `?`: a body, or a part of it, of which nothing is known.
fn has_body(body: &str, glob: &str) -> bool {
    match glob {
        "?" => body.split('&').any(|part| part.trim() == crate::read::http::HOLE),
        glob => glob::matches_any_case(&format!("*{glob}*"), body),
    }
}

fn of_mcp(part: &Part, call: &McpCall) -> bool {
    match part {
        Part::Argument(list) => any(list, |like| given(&call.arguments, like)),
        Part::Server(list) => is_like(list, Some(&call.server)),
        _ => false,
    }
}

/// Whether something is known and like one of these globs, case aside.
fn is_like(list: &List<Text>, text: Option<&str>) -> bool {
    text.is_some_and(|text| any(list, |glob| glob::matches_any_case(glob, text)))
}
