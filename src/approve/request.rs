//! What lies in the folder: requests, which the hook writes, and approvals, which a person does.

use super::folder::Folder;
use super::letter::Letter;
use super::{KEPT, LASTS, Subject, code_of};
use crate::hook::clean::visible;
use crate::memory::digest;
use crate::policy::approve::Approvable;
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// The form in which both are written. Others are as if they weren't there.
const FORM: u8 = 1;

/// What two clocks say, in seconds. The second one can't be set: it counts since the machine was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Since 1970-01-01 in UTC.
    pub time: u64,
    /// Since the start.
    pub up: u64,
}

impl Now {
    /// As it is.
    #[must_use]
    pub fn is() -> Self {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let clock = rustix::time::ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let clock = rustix::time::ClockId::Monotonic;
        let up = rustix::time::clock_gettime(clock).tv_sec;
        // A clock that can't be read stands at the end of time: whatever ends has ended.
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(u64::MAX, |since| since.as_secs());
        Self { time, up: u64::try_from(up).unwrap_or(u64::MAX) }
    }

    /// Whether no more than so many seconds have passed since then, by both clocks. One that was set back has gone wrong.
    #[must_use]
    pub fn is_within(self, seconds: u64, then: Self) -> bool {
        let within = |now: u64, then: u64| now.checked_sub(then).is_some_and(|passed| passed <= seconds);
        within(self.time, then.time) && within(self.up, then.up)
    }
}

/// A denied call that somebody may approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    form: u8,
    tool: String,
    input: String,
    cwd: String,
    session: String,
    /// When it was denied.
    pub when: Now,
    /// A signature is demanded.
    pub signature: bool,
    /// The rules that stop it, the worst first.
    pub rules: Vec<String>,
    /// The name of what is at stake.
    pub stake: String,
    /// What would be lost, and where.
    pub losses: String,
    /// The id of the journal's line about it.
    pub about: String,
}

impl Request {
    /// Of a call that was just denied.
    #[must_use]
    pub fn new(subject: &Subject, approvable: &Approvable, rules: &[&str], about: &str) -> Self {
        let Subject { tool, input, cwd, session } = subject.clone();
        Self {
            form: FORM,
            tool,
            input,
            cwd,
            session,
            when: Now::is(),
            signature: approvable.signers.is_some(),
            rules: rules.iter().map(|&rule| rule.to_owned()).collect(),
            stake: approvable.stake.clone(),
            losses: approvable.losses.clone(),
            about: about.to_owned(),
        }
    }

    /// What it asks for.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            tool: self.tool.clone(),
            input: self.input.clone(),
            cwd: self.cwd.clone(),
            session: self.session.clone(),
        }
    }

    /// Writes it down.
    ///
    /// # Errors
    /// It can't be.
    pub fn save(&self, folder: &Folder) -> std::io::Result<()> {
        folder.tidy();
        let code = code_of(&self.subject().digest());
        folder.write(&format!("{code}.request"), &serde_json::to_string(self)?)
    }

    /// The one of this code, if it can still be approved.
    #[must_use]
    pub fn load(folder: &Folder, code: &str) -> Option<Self> {
        let text = folder.read(&format!("{code}.request"))?;
        let request: Self = serde_json::from_str(&text).ok()?;
        let sound = request.form == FORM && code_of(&request.subject().digest()) == code;
        (sound && Now::is().is_within(KEPT, request.when)).then_some(request)
    }

    /// All that can still be approved, each with its code, the oldest first.
    #[must_use]
    pub fn all(folder: &Folder) -> Vec<(String, Self)> {
        let names = folder.names(".request");
        let codes = names.iter().filter_map(|name| super::typed(name.strip_suffix(".request")?));
        let mut all: Vec<_> = codes.filter_map(|code| Some((code.clone(), Self::load(folder, &code)?))).collect();
        all.sort_by_key(|(_, request)| request.when.time);
        all
    }
}

/// What a person has approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    form: u8,
    digest: String,
    when: Now,
    rules: Vec<String>,
    stake: String,
    acts: String,
    /// The id of the journal's line about the denial.
    pub about: String,
    /// The letter that was signed; its signature lies beside it. `None`: by a person at a terminal.
    pub letter: Option<String>,
}

impl Approval {
    /// Of a request that a person was shown at a terminal.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self {
            form: FORM,
            digest: request.subject().digest(),
            when: Now::is(),
            rules: request.rules.clone(),
            stake: request.stake.clone(),
            acts: acts(&request.losses),
            about: request.about.clone(),
            letter: None,
        }
    }

    /// Of a letter that was signed; `text` is what it says.
    #[must_use]
    pub fn signed(letter: &Letter, text: String) -> Self {
        Self {
            form: FORM,
            digest: letter.subject.digest(),
            when: Now::is(),
            rules: letter.rules.clone(),
            stake: letter.stake.clone(),
            acts: acts(&letter.losses),
            about: letter.about.clone(),
            letter: Some(text),
        }
    }

    /// Writes it down: from now on, the call passes once.
    ///
    /// # Errors
    /// It can't be.
    pub fn save(&self, folder: &Folder) -> std::io::Result<()> {
        folder.write(&file(&code_of(&self.digest)), &serde_json::to_string(self)?)
    }

    /// The one of a call, should there be one that holds now.
    #[must_use]
    pub fn load(folder: &Folder, digest: &str) -> Option<Self> {
        let text = folder.read(&file(&code_of(digest)))?;
        let approval: Self = serde_json::from_str(&text).ok()?;
        let sound = approval.form == FORM && approval.digest == digest;
        (sound && Now::is().is_within(LASTS, approval.when)).then_some(approval)
    }

    /// Whether what stops the call now is what was shown: a script may have changed meanwhile, or what it points at.
    #[must_use]
    pub fn covers(&self, rules: &[&str], now: &Approvable) -> bool {
        let shown = rules.iter().all(|rule| self.rules.iter().any(|shown| shown == rule));
        shown && self.stake == now.stake && self.acts == acts(&now.losses)
    }

    /// Uses it up. Of many who try, one succeeds.
    #[must_use = "whoever didn't use it up must not pass"]
    pub fn spend(&self, folder: &Folder) -> bool {
        folder.take(&file(&code_of(&self.digest)))
    }
}

/// A digest of what would be done, and by which rules that is known. What was seen of the world doesn't count: it changes by
/// itself, as numbers of files do, and how long ago something was.
fn acts(losses: &str) -> String {
    let losses = visible(losses);
    let lines = losses.trim_end().lines().filter(|line| !line.starts_with("Here: ") && !line.starts_with("Before: "));
    let known = lines.map(|line| match line.split_once("; ") {
        Some((rule, _)) if rule.starts_with("Rule: ") => rule,
        _ => line.trim_end(),
    });
    digest(&known.collect::<Vec<_>>())
}

/// The file of an approval.
fn file(code: &str) -> String {
    format!("{code}.approved")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_by_both_clocks() {
        let then = Now { time: 1_000_000, up: 5_000 };
        let at = |time: i64, up: i64| Now {
            time: then.time.saturating_add_signed(time),
            up: then.up.saturating_add_signed(up),
        };
        for (time, up, within) in [
            (0, 0, true),
            (600, 600, true),
            (601, 601, false),
            (601, 600, false),
            // The clock was set back, and stands where the approval would hold.
            (300, 4_000, false),
            (-1, 10, false),
            (-3_600, 700, false),
            // The machine was started anew.
            (300, -4_700, false),
        ] {
            assert_eq!(at(time, up).is_within(LASTS, then), within, "{time} {up}");
        }
    }
}
