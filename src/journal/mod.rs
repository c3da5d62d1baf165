//! The record of what was decided, for people and for the programs that collect such records.
//!
//! One JSON line each, by the names of a published schema (OCSF, `line.rs`), without secrets (`redact.rs`), appended in one
//! write to files that are bounded (`store.rs`). A disk that is full or read-only never changes a decision.
//!
//! Everyday calls are only written down where a policy wants that, so they touch nothing of this.

mod line;
pub mod read;
pub mod redact;
pub mod store;

use crate::call::Call;
use crate::judge::{Decision, Judgement};
use crate::memory::digest;
use crate::rules::model::Class;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
pub use store::Store;

/// The journal's place below a home directory.
pub const JOURNAL: &str = ".local/state/countersign/journal.jsonl";

/// How many characters the id of a line has.
pub const ID: usize = 8;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was decided.
    Given(Decision),
    /// It would have been decided, were the policy not only observing.
    Observed(Decision),
    /// A person has approved what was stopped before.
    Approved,
}

impl Outcome {
    /// The word for it, in lines and in `countersign log --decision`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Given(decision) => decision.word(),
            Self::Observed(_) => "observed",
            Self::Approved => "approved",
        }
    }
}

/// Something that is written down.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// What became of it.
    pub outcome: Outcome,
    /// What the client reported: `PreToolUse`, or what else was refused.
    pub name: &'a str,
    /// The call, where there is one that could be read.
    pub call: Option<&'a Call>,
    /// The id of the line about the call that this is a further word on.
    pub about: Option<&'a str>,
    /// The rules that stop it, the worst first.
    pub rules: &'a [&'static str],
    /// How bad the worst is.
    pub class: Option<Class>,
    /// It goes past the tool's own confirmation.
    pub forced: bool,
    /// Which layer decided, and by what, where it isn't the standard.
    pub because: Option<&'a str>,
    /// Why, in the words that whoever was asked or denied has read.
    pub reason: &'a str,
}

impl<'a> Event<'a> {
    /// A call was judged.
    #[must_use]
    pub fn judged(call: &'a Call, judgement: &'a Judgement) -> Self {
        let outcome = judgement.observed.map_or(Outcome::Given(judgement.decision), Outcome::Observed);
        let note = judgement.note.as_deref().unwrap_or_default();
        Self {
            outcome,
            name: "PreToolUse",
            call: Some(call),
            about: None,
            rules: &judgement.rules,
            class: judgement.class,
            forced: judgement.forced,
            because: judgement.because.as_deref(),
            reason: if judgement.reason.is_empty() { note } else { &judgement.reason },
        }
    }

    /// Something was refused that is no call, or none that could be read.
    #[must_use]
    pub fn refused(name: &'a str, reason: &'a str) -> Self {
        Self {
            outcome: Outcome::Given(Decision::Deny),
            name,
            call: None,
            about: None,
            rules: &[],
            class: None,
            forced: false,
            because: None,
            reason,
        }
    }

    /// A person has approved a call that this judgement would stop, and whose reason says who; `about` is the id of the line
    /// that says how it was stopped before.
    #[must_use]
    pub fn approved(call: &'a Call, judgement: &'a Judgement, about: &'a str) -> Self {
        Self { outcome: Outcome::Approved, about: Some(about), ..Self::judged(call, judgement) }
    }
}

/// When and by whom a line is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970-01-01 in UTC.
    pub time: u64,
    /// The processor time that this process has taken so far, in microseconds; 0 where the system doesn't say.
    pub took: u64,
    /// The short name of the line.
    pub id: String,
}

impl Moment {
    /// Now, in this process.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let parts = [since.as_nanos().to_string(), std::process::id().to_string()];
        Self {
            time: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            took: took(),
            id: id(&[&parts[0], &parts[1]]),
        }
    }
}

/// A short name: easily read aloud, so without letters that look like others.
fn id(parts: &[&str]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let digest = digest(parts);
    let mut bits = u64::from_str_radix(&digest[..16.min(digest.len())], 16).unwrap_or_default();
    let mut letter = || {
        let letter = LETTERS[(bits & 31) as usize];
        bits >>= 5;
        char::from(letter)
    };
    (0..ID).map(|_| letter()).collect()
}

#[cfg(unix)]
fn took() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec.saturating_mul(1_000_000) + time.tv_nsec / 1_000).unwrap_or_default()
}

#[cfg(not(unix))]
fn took() -> u64 {
    0
}

/// Writes it down, and gives the id of the line. Where that can't be done, everything goes on as it would have without.
pub fn record(home: Option<&Path>, event: &Event<'_>) -> Option<String> {
    let moment = Moment::now();
    record_at(home, event, &moment).then_some(moment.id)
}

/// The same, at a moment of which somebody knows already.
pub fn record_at(home: Option<&Path>, event: &Event<'_>, moment: &Moment) -> bool {
    let home = home.filter(|home| home.is_absolute());
    home.is_some_and(|home| Store::of_home(home).append(&line(event, moment)).is_ok())
}

/// The arguments of an MCP tool without their secrets, and about so many bytes of them at most.
#[must_use]
pub fn redacted(input: &serde_json::Value, most: usize) -> serde_json::Value {
    line::tree(input, false, &mut { most })
}

/// The line that says it, without its end.
#[must_use]
pub fn line(event: &Event<'_>, moment: &Moment) -> Vec<u8> {
    line::of(event, moment).unwrap_or_default()
}
