//! The letter that is signed: a text that a person can read, with everything in it that the signature must bind.
//!
//! It goes to other machines and comes back, so nothing in it is believed before it is read strictly: every line of its head
//! once, in this order, the digest that of the call beside it.

use super::request::Request;
use super::{SIGNABLE, Subject, code_of, spelled, text};
use std::fmt::Write;
use std::io::Read;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// The namespace of signatures over letters: one that was made for anything else doesn't count.
pub const NAMESPACE: &str = "countersign";
/// The largest letter, in bytes: it fits into a pipe.
pub const CAP: usize = 60 << 10;

const FIRST: &str = "countersign: please sign this call (letter, form 1)";
const ABOUT: &str = "A coding agent wants to make the call below, and was denied. Whoever signs this letter lets exactly this call run,\n\
                     once, in this session on this machine. Only the lines above the next empty line count.";

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The call.
    pub subject: Subject,
    /// The machine on which it would run.
    pub host: String,
    /// Until when it can be used, in seconds since 1970-01-01 in UTC.
    pub expires: u64,
    /// What tells it from every other letter.
    pub nonce: String,
    /// The rules that stop the call.
    pub rules: Vec<String>,
    /// The name of what is at stake.
    pub stake: String,
    /// The id of the journal's line about the denial.
    pub about: String,
    /// What would be lost. It says how it looked to whoever wrote the letter.
    pub losses: String,
}

impl Letter {
    /// A new one, about a request.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn about(request: &Request) -> std::io::Result<Self> {
        let mut random = [0; 16];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
        let nonce = random.iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        });
        Ok(Self {
            subject: request.subject(),
            host: host(),
            expires: now().saturating_add(SIGNABLE),
            nonce,
            rules: request.rules.clone(),
            stake: request.stake.clone(),
            about: request.about.clone(),
            losses: request.losses.clone(),
        })
    }

    /// Its text. `shown` writes a time for people.
    #[must_use]
    pub fn text(&self, shown: impl Fn(u64) -> String) -> String {
        let digest = self.subject.digest();
        let rules = self.rules.iter().map(|rule| text(rule)).collect::<Vec<_>>().join(",");
        let mut out = format!("{FIRST}\n");
        for (key, value) in [
            ("code", spelled(&code_of(&digest))),
            ("host", text(&self.host)),
            ("expires", format!("{} {}", self.expires, shown(self.expires))),
            ("tool", text(&self.subject.tool)),
            ("input", self.subject.input.clone()),
            ("cwd", text(&self.subject.cwd)),
            ("session", text(&self.subject.session)),
            ("stake", text(&self.stake)),
            ("rules", format!("[{rules}]")),
            ("about", text(&self.about)),
            ("nonce", self.nonce.clone()),
            ("digest", digest),
        ] {
            let _ = writeln!(out, "{key:<8} {value}");
        }
        let _ = write!(out, "\n{ABOUT}\n\nWhat would be lost, as it looked there:\n");
        for line in self.losses.lines() {
            let _ = writeln!(out, "  {}", crate::hook::clean::visible(line));
        }
        out
    }

    /// Why it can't be used here and now. `None`: it can.
    #[must_use]
    pub fn objection(&self, host: Option<&str>) -> Option<String> {
        if let Some(host) = host.filter(|host| *host != self.host) {
            return Some(format!("it is for another machine, `{}`, and this is `{host}`", self.host));
        }
        let now = now();
        if self.expires < now {
            return Some("it has expired: let the agent make the call again, and write a new one".to_owned());
        }
        // No letter of ours holds for longer.
        (self.expires > now.saturating_add(SIGNABLE)).then(|| "it claims to hold longer than letters do".to_owned())
    }
}

impl FromStr for Letter {
    type Err = String;

    fn from_str(letter: &str) -> Result<Self, String> {
        if letter.len() > CAP {
            return Err("it is larger than a letter of countersign".to_owned());
        }
        let (head, body) = letter.split_once("\n\n").ok_or("it is no letter of countersign")?;
        let mut lines = head.lines();
        if lines.next() != Some(FIRST) {
            return Err("it is no letter of countersign".to_owned());
        }
        let mut value = |key: &str| {
            let line = lines.next().and_then(|line| line.strip_prefix(&format!("{key:<8} ")));
            line.ok_or(format!("its line `{key}` is missing"))
        };
        let string = |key: &str, json: &str| {
            serde_json::from_str::<String>(json).map_err(|_| format!("its line `{key}` was changed"))
        };
        let code = value("code")?;
        let host = string("host", value("host")?)?;
        let expires = value("expires")?.split(' ').next().unwrap_or_default();
        let expires = expires.parse().map_err(|_| "its line `expires` was changed".to_owned())?;
        let subject = Subject {
            tool: string("tool", value("tool")?)?,
            input: value("input")?.to_owned(),
            cwd: string("cwd", value("cwd")?)?,
            session: string("session", value("session")?)?,
        };
        let stake = string("stake", value("stake")?)?;
        let rules = serde_json::from_str(value("rules")?).map_err(|_| "its line `rules` was changed".to_owned())?;
        let about = string("about", value("about")?)?;
        let nonce = value("nonce")?.to_owned();
        let digest = value("digest")?;
        if lines.next().is_some() {
            return Err("it has a line too many".to_owned());
        }
        if digest != subject.digest() || code != spelled(&code_of(digest)) {
            return Err("its call was changed: the digest is that of another one".to_owned());
        }
        if nonce.len() != 32 || !nonce.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err("its line `nonce` was changed".to_owned());
        }
        let losses = body.split_once("\n\n").and_then(|(_, losses)| losses.split_once('\n'));
        let losses = losses.map_or("", |(_, losses)| losses).trim_end();
        let losses = losses.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
        Ok(Self { subject, host, expires, nonce, rules, stake, about, losses })
    }
}

/// The name of this machine.
#[must_use]
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Seconds since 1970-01-01; a clock that can't be read stands at the end of time.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(u64::MAX, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            subject: Subject {
                tool: "Bash".to_owned(),
                input: r#"{"command":"terraform destroy -auto-approve"}"#.to_owned(),
                cwd: "/home/dev/sh\nop".to_owned(),
                session: "s-1".to_owned(),
            },
            host: "build-1".to_owned(),
            expires: now() + 60,
            nonce: "0123456789abcdef0123456789abcdef".to_owned(),
            rules: vec!["terraform.destroy".to_owned()],
            stake: "shop".to_owned(),
            about: "abcd1234".to_owned(),
            losses: "every resource\nHere: 3 of them.".to_owned(),
        }
    }

    #[test]
    fn a_letter_is_read_as_it_was_written() {
        let written = letter().text(|_| "(some time)".to_owned());
        assert_eq!(written.parse(), Ok(letter()), "{written}");
    }

    #[test]
    fn no_line_of_its_head_can_be_changed_unseen() {
        let written = letter().text(|_| String::new());
        let head = written.split("\n\n").next().expect("a head");
        for (from, to) in [
            ("terraform destroy", "terraform  destroy"),
            ("\"Bash\"", "\"Monitor\""),
            ("/home/dev", "/home/det"),
            ("s-1", "s-2"),
        ] {
            assert!(head.contains(from));
            assert!(written.replace(from, to).parse::<Letter>().is_err(), "{from}");
        }
        let lines: Vec<&str> = written.lines().collect();
        let count = head.lines().count();
        for at in 0..count {
            let without: Vec<&str> =
                lines.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, line)| *line).collect();
            assert!(without.join("\n").parse::<Letter>().is_err(), "without line {at}");
            let twice: Vec<&str> =
                lines.iter().enumerate().flat_map(|(n, line)| vec![*line; 1 + usize::from(n == at)]).collect();
            assert!(twice.join("\n").parse::<Letter>().is_err(), "line {at} twice");
        }
        assert!("".parse::<Letter>().is_err());
        assert!("x\n\ny".parse::<Letter>().is_err());
        assert!((written + &"x".repeat(CAP)).parse::<Letter>().is_err());
    }

    #[test]
    fn a_letter_holds_for_its_machine_and_its_time() {
        assert_eq!(letter().objection(Some("build-1")), None);
        assert_eq!(letter().objection(None), None);
        assert!(letter().objection(Some("build-2")).is_some_and(|why| why.contains("another machine")));
        let old = Letter { expires: now() - 1, ..letter() };
        assert!(old.objection(None).is_some_and(|why| why.contains("expired")));
        let long = Letter { expires: now() + 2 * SIGNABLE, ..letter() };
        assert!(long.objection(None).is_some_and(|why| why.contains("longer")));
    }
}
