//! What the judged calls come to: how many of them would have been asked about, denied and allowed, on which day, by
//! which rule, and which commands were behind it.

use super::judged::{Judged, Verdict};
use super::policies::{Change, Met};
use super::reading::{Found, Source, Unread};
use super::transcript::Outcome;
use crate::cli::log::when::DAY;
use crate::judge::Decision;
use crate::policy::layer::Kind;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

/// All decisions, the mildest first.
pub(super) const DECISIONS: [Decision; 4] = [Decision::Allow, Decision::None, Decision::Ask, Decision::Deny];

/// Calls of each decision, by `Decision as usize`.
pub(super) type Counts = [usize; 4];

/// What a number of calls have in common.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) calls: usize,
    /// How many of them ran then, and how many were stopped by something else. Of the rest, the transcripts don't say.
    pub(super) ran: usize,
    pub(super) stopped: usize,
    /// When the last of them was, in milliseconds since 1970-01-01 in UTC.
    pub(super) last: Option<u64>,
    commands: HashMap<Arc<str>, Command>,
}

/// How often a command was met, how often it ran, and when it was last met.
#[derive(Clone, Copy, Debug, Default)]
struct Command {
    calls: usize,
    ran: usize,
    last: Option<u64>,
}

/// A command, with how often it was met.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Often<'a> {
    pub(super) command: &'a str,
    pub(super) calls: usize,
    pub(super) ran: usize,
    pub(super) last: Option<u64>,
}

impl Tally {
    fn add(&mut self, call: &Judged, outcome: Outcome) {
        let ran = usize::from(outcome == Outcome::Ran);
        self.calls += 1;
        self.ran += ran;
        self.stopped += usize::from(outcome == Outcome::Stopped);
        self.last = self.last.max(call.time);
        let known = match self.commands.get_mut(&call.shown) {
            Some(known) => known,
            None => self.commands.entry(call.shown.clone()).or_default(),
        };
        *known = Command { calls: known.calls + 1, ran: known.ran + ran, last: known.last.max(call.time) };
    }

    /// The commonest commands, the most frequent first, and of those the shortest.
    pub(super) fn commonest(&self, most: usize) -> Vec<Often<'_>> {
        let mut all: Vec<Often<'_>> = self
            .commands
            .iter()
            .map(|(command, &Command { calls, ran, last })| Often { command, calls, ran, last })
            .collect();
        let order = |a: &Often<'_>, b: &Often<'_>| {
            (b.calls, a.command.len(), a.command).cmp(&(a.calls, b.command.len(), b.command))
        };
        // A few of thousands: those that aren't among them needn't be in any order.
        if most < all.len() {
            all.select_nth_unstable_by(most, order);
            all.truncate(most);
        }
        all.sort_unstable_by(order);
        all
    }

    /// How many different commands there are.
    pub(super) fn different(&self) -> usize {
        self.commands.len()
    }
}

/// A day with calls.
#[derive(Debug, Default)]
pub(super) struct Today {
    pub(super) counts: Counts,
    /// Sessions with calls.
    pub(super) sessions: usize,
}

/// What a change of policy changes.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) file: PathBuf,
    pub(super) layer: &'static str,
    /// It is tried as if a person had trusted it.
    pub(super) trusted: bool,
    /// Calls that are decided differently.
    pub(super) calls: usize,
    /// How many more questions there are; fewer, where it is negative.
    pub(super) asks: i64,
    /// The same by day with calls.
    pub(super) asks_a_day: f64,
    /// Calls that ran and would be denied only by the change.
    pub(super) stops: usize,
    /// Calls that were denied or asked about without the change, and are neither with it.
    pub(super) frees: usize,
    /// From what, to what, and by which rule.
    pub(super) changes: Vec<((Decision, Decision, &'static str), Tally)>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Report {
    /// Today's disk was looked at.
    pub(super) disk: bool,
    pub(super) files: usize,
    pub(super) sessions: usize,
    pub(super) calls: usize,
    /// Calls of tools that are none of the guard's business.
    pub(super) others: usize,
    /// Calls that stand in more than one transcript, or more than once in one: how many times too often.
    pub(super) again: usize,
    pub(super) malformed: usize,
    pub(super) first: Option<u64>,
    pub(super) last: Option<u64>,
    pub(super) decisions: [Tally; 4],
    /// By days since 1970-01-01.
    pub(super) days: BTreeMap<u64, Today>,
    /// Calls without a time.
    pub(super) undated: usize,
    /// By the decision and the rule that decides, the strictest first, then the most frequent.
    pub(super) rules: Vec<((Decision, &'static str), Tally)>,
    /// By project, the one with the most questions and denials first.
    pub(super) projects: Vec<(Arc<str>, Counts)>,
    pub(super) unread: Unread,
    /// The names of the transcripts in which a line couldn't be read.
    pub(super) unread_at: Vec<(PathBuf, usize)>,
    pub(super) met: Met,
    pub(super) comparison: Option<Comparison>,
}

impl Report {
    pub(super) fn of(mut found: Found, met: Met, sources: &[Source], change: Option<&Change>, disk: bool) -> Self {
        let outcomes = outcomes(&found.outcomes);
        let outcome = |call: &Judged| outcomes.get(&call.id).copied().unwrap_or_default();
        let all = found.judged.len() + found.others.len();
        // A session that is resumed or forked holds what was before.
        let mut known = HashSet::with_capacity(found.judged.len());
        found.judged.retain(|call| known.insert(call.id));
        found.others.sort_unstable();
        found.others.dedup();
        let judged = &found.judged;
        let mut decisions: [Tally; 4] = Default::default();
        let mut rules: BTreeMap<(Decision, &'static str), Tally> = BTreeMap::new();
        let mut projects: HashMap<&Arc<str>, Counts> = HashMap::new();
        let mut days: BTreeMap<u64, (Counts, HashSet<&str>)> = BTreeMap::new();
        let mut sessions: HashSet<&str> = HashSet::new();
        for call in judged {
            let Verdict { decision, rule } = call.verdict;
            let outcome = outcome(call);
            decisions[decision as usize].add(call, outcome);
            if decision >= Decision::Ask {
                rules.entry((decision, rule)).or_default().add(call, outcome);
            }
            projects.entry(&call.project).or_default()[decision as usize] += 1;
            sessions.insert(&call.session);
            if let Some(time) = call.time {
                let day = days.entry(time / DAY).or_default();
                day.0[decision as usize] += 1;
                day.1.insert(&call.session);
            }
        }
        let times = || judged.iter().filter_map(|call| call.time);
        let comparison = change.map(|change| compared(judged, &outcome, days.len(), change));
        let named = |&(file, line): &(u32, usize)| {
            let name = match sources.get(file as usize) {
                Some(Source::File(path)) => path.clone(),
                _ => PathBuf::from("-"),
            };
            (name, line)
        };
        Self {
            disk,
            files: sources.len(),
            sessions: sessions.len(),
            calls: judged.len(),
            others: found.others.len(),
            again: all - judged.len() - found.others.len(),
            malformed: found.malformed,
            first: times().min(),
            last: times().max(),
            undated: judged.iter().filter(|call| call.time.is_none()).count(),
            days: days
                .into_iter()
                .map(|(day, (counts, sessions))| (day, Today { counts, sessions: sessions.len() }))
                .collect(),
            decisions,
            rules: sorted(rules, |(decision, rule)| (decision, rule)),
            projects: by_stops(projects),
            unread_at: found.unread.places.iter().map(named).collect(),
            unread: found.unread,
            met,
            comparison,
        }
    }

    /// How many calls would have been asked about or denied.
    pub(super) fn stopped(&self) -> usize {
        self.decisions[Decision::Ask as usize].calls + self.decisions[Decision::Deny as usize].calls
    }
}

impl Comparison {
    /// What is compared.
    pub(super) fn title(&self) -> String {
        let file = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let trusted = if self.trusted { ", as if it were trusted" } else { "" };
        format!("With {file} as {} policy{trusted}", self.layer)
    }
}

/// What became of each call: it ran, if one transcript says so.
fn outcomes(all: &[(u64, Outcome)]) -> HashMap<u64, Outcome> {
    let mut outcomes: HashMap<u64, Outcome> = HashMap::with_capacity(all.len());
    for (id, outcome) in all {
        let known = outcomes.entry(*id).or_default();
        *known = (*known).max(*outcome);
    }
    outcomes
}

/// The strictest first, then the most frequent, then by name.
fn sorted<K: Copy>(all: BTreeMap<K, Tally>, name: fn(K) -> (Decision, &'static str)) -> Vec<(K, Tally)> {
    let mut all: Vec<(K, Tally)> = all.into_iter().collect();
    all.sort_unstable_by(|(a, one), (b, other)| {
        let ((a, a_rule), (b, b_rule)) = (name(*a), name(*b));
        b.cmp(&a).then(other.calls.cmp(&one.calls)).then(a_rule.cmp(b_rule))
    });
    all
}

fn by_stops(projects: HashMap<&Arc<str>, Counts>) -> Vec<(Arc<str>, Counts)> {
    let mut all: Vec<_> = projects.into_iter().map(|(path, counts)| (path.clone(), counts)).collect();
    let stops = |counts: &Counts| counts[Decision::Ask as usize] + counts[Decision::Deny as usize];
    all.sort_unstable_by(|(a, one), (b, other)| {
        stops(other).cmp(&stops(one)).then(other.iter().sum::<usize>().cmp(&one.iter().sum())).then(a.cmp(b))
    });
    all
}

fn compared(judged: &[Judged], outcome: &dyn Fn(&Judged) -> Outcome, days: usize, change: &Change) -> Comparison {
    let mut changes: BTreeMap<(Decision, Decision, &'static str), Tally> = BTreeMap::new();
    let mut all = Comparison {
        file: change.path.clone(),
        layer: change.kind().name(),
        trusted: change.kind() >= Kind::Project,
        calls: 0,
        asks: 0,
        asks_a_day: 0.0,
        stops: 0,
        frees: 0,
        changes: Vec::new(),
    };
    for call in judged {
        let (from, Some(to)) = (call.verdict, call.changed) else { continue };
        if from.decision == to.decision {
            continue;
        }
        let outcome = outcome(call);
        let stops = |verdict: Verdict| verdict.decision >= Decision::Ask;
        all.calls += 1;
        all.asks += i64::from(to.decision == Decision::Ask) - i64::from(from.decision == Decision::Ask);
        all.stops += usize::from(to.decision == Decision::Deny && outcome == Outcome::Ran);
        all.frees += usize::from(stops(from) && !stops(to));
        // The rule of whichever is stricter says what it is about.
        let rule = if to.decision > from.decision { to.rule } else { from.rule };
        changes.entry((from.decision, to.decision, rule)).or_default().add(call, outcome);
    }
    let mut changes: Vec<_> = changes.into_iter().collect();
    changes.sort_unstable_by(|((a_from, a, a_rule), one), ((b_from, b, b_rule), other)| {
        (b, b_from, other.calls).cmp(&(a, a_from, one.calls)).then(a_rule.cmp(b_rule))
    });
    all.changes = changes;
    all.asks_a_day = all.asks as f64 / days.max(1) as f64;
    all
}

/// The paths of the transcripts that couldn't be read to their end, or of lines in them, each once.
pub(super) fn unread_files(report: &Report) -> BTreeSet<&PathBuf> {
    report.unread.files.iter().map(|(path, _)| path).chain(report.unread_at.iter().map(|(path, _)| path)).collect()
}
