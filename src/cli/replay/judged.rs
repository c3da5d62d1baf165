//! One call of a transcript, as it is judged now.

use super::policies::Policies;
use super::session::{Wanted, home};
use crate::call::{Call, Mode, ToolCall};
use crate::context::{Files, join};
use crate::hook::event;
use crate::hook::mend;
use crate::journal::redact::redact;
use crate::journal::redacted;
use crate::judge::{Decision, judge_by};
use crate::policy::Policy;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// The most characters of a call that are kept.
const SHOWN: usize = 240;
/// How much of it is looked at for secrets, in bytes: none may be cut in two and not known any more.
const LOOKED_AT: usize = 8 << 10;

/// What is said for a rule where none stops a call, and it is stopped all the same.
const UNREADABLE: &str = "(no rule: it can't be read)";
const BROKEN: &str = "(no rule: a policy is broken)";

/// A call that is to be judged.
#[derive(Debug)]
pub(super) struct Pending {
    /// What stands for its id.
    pub(super) id: u64,
    /// Where it is: the file, the line, and which of the calls in it.
    pub(super) at: (u32, usize, u32),
    pub(super) name: String,
    pub(super) input: Value,
    pub(super) damaged: bool,
    pub(super) cwd: Arc<str>,
    pub(super) project: Arc<str>,
    pub(super) session: Arc<str>,
    pub(super) mode: Mode,
    pub(super) time: Option<u64>,
}

/// A call that was judged.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Judged {
    pub(super) id: u64,
    pub(super) at: (u32, usize, u32),
    pub(super) project: Arc<str>,
    pub(super) session: Arc<str>,
    pub(super) time: Option<u64>,
    /// What would have run or been written, in one line and without its secrets.
    pub(super) shown: Arc<str>,
    pub(super) verdict: Verdict,
    /// By the policy that is compared.
    pub(super) changed: Option<Verdict>,
}

/// What is decided about a call, and the rule that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) decision: Decision,
    /// Empty where the call isn't stopped.
    pub(super) rule: &'static str,
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.decision, self.rule).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (decision, rule) = <(Decision, String)>::deserialize(from)?;
        // There are no more than there are rules, so what is kept of them is bounded.
        static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let rule = known.get(rule.as_str()).copied().unwrap_or_else(|| {
            let rule: &'static str = rule.leak();
            known.insert(rule);
            rule
        });
        Ok(Self { decision, rule })
    }
}

/// Judges calls of the past.
pub(super) struct Judge<'a> {
    wanted: &'a Wanted,
    /// The home directory here.
    home: Option<&'a str>,
    policies: &'a Policies<'a>,
    files: &'a dyn Files,
    known: RefCell<Known>,
}

/// What has been said of command lines: the same ones come again and again.
#[derive(Default)]
struct Known {
    of: HashMap<Asked, Said>,
    /// The bytes of their texts.
    bytes: usize,
}

/// All that the judgement of a call depends on here.
#[derive(PartialEq, Eq)]
struct Asked {
    tool: ToolCall,
    cwd: Arc<str>,
    project: Arc<str>,
    mode: Mode,
    damaged: bool,
}

impl Hash for Asked {
    /// By what is called alone: the rest hardly ever differs.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tool.hash(state);
    }
}

/// What is said of a call.
#[derive(Clone)]
struct Said {
    shown: Arc<str>,
    verdict: Verdict,
    changed: Option<Verdict>,
}

impl Known {
    /// The longest command line that is kept, in bytes.
    const LONG: usize = 1 << 10;
    /// The most bytes of them; beyond that, it begins anew.
    const MOST: usize = 16 << 20;
    /// What each takes besides, about.
    const EACH: usize = 256;

    /// How long the command line is, if it is one that is kept.
    fn length(tool: &ToolCall) -> Option<usize> {
        match tool {
            ToolCall::Bash { command, .. } | ToolCall::PowerShell { command } => {
                Some(command.len()).filter(|length| *length <= Self::LONG)
            }
            _ => None,
        }
    }

    fn keep(&mut self, asked: Asked, said: Said, length: usize) {
        self.bytes += length + Self::EACH;
        if self.bytes > Self::MOST {
            (self.of, self.bytes) = (HashMap::new(), length + Self::EACH);
        }
        self.of.insert(asked, said);
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        wanted: &'a Wanted,
        home: Option<&'a str>,
        policies: &'a Policies<'a>,
        files: &'a dyn Files,
    ) -> Self {
        Self { wanted, home, policies, files, known: RefCell::default() }
    }

    /// Which calls are judged.
    pub(super) fn wanted(&self) -> &Wanted {
        self.wanted
    }

    /// `None`: the client itself would have refused it, since its arguments aren't those of the tool.
    pub(super) fn judged(&self, mut pending: Pending) -> Option<Judged> {
        let tool = self.tool(&mut pending)?;
        let Pending { id, at, cwd, project, session, mode, time, damaged, .. } = pending;
        let asked = Asked { tool, cwd, project: project.clone(), mode, damaged };
        let Said { shown, verdict, changed } = self.said(asked);
        Some(Judged { id, at, project, session, time, shown, verdict, changed })
    }

    fn said(&self, mut asked: Asked) -> Said {
        let length = Known::length(&asked.tool);
        if let Some(said) = length.and_then(|_| self.known.borrow().of.get(&asked).cloned()) {
            return said;
        }
        let policies = self.policies.of(&asked.cwd, &asked.project);
        let call = self.call(&mut asked);
        let verdict = self.verdict(&call, &policies.now);
        let changed = policies.changed.as_ref().map(|policy| self.verdict(&call, policy));
        let said = Said { shown: shown(&call.tool).into(), verdict, changed };
        if let Some(length) = length {
            asked.tool = call.tool;
            self.known.borrow_mut().keep(asked, said.clone(), length);
        }
        said
    }

    fn verdict(&self, call: &Call, policy: &Policy) -> Verdict {
        let judgement = mend(judge_by(call, policy, self.files), call.damaged);
        // A policy that only observes is asked what it would decide.
        let decision = judgement.observed.unwrap_or(judgement.decision);
        let stands_for = if policy.faults.is_empty() { UNREADABLE } else { BROKEN };
        let rule = judgement.rules.first().copied().unwrap_or(stands_for);
        Verdict { decision, rule: if decision >= Decision::Ask { rule } else { "" } }
    }

    /// What was called, as the hook would have been told of it.
    fn tool(&self, pending: &mut Pending) -> Option<ToolCall> {
        let (mut input, name) = (std::mem::take(&mut pending.input), std::mem::take(&mut pending.name));
        if let Some((key, value)) = given(&input, &pending.cwd, home(self.home, &pending.cwd)) {
            input[key] = value;
        }
        let mut tool = event::tool_of(name, input).ok()?;
        // It is a claim, and no evidence, so that nothing depends on it.
        if let ToolCall::Bash { description, .. } = &mut tool {
            *description = None;
        }
        Some(tool)
    }

    /// The call with this tool, which is taken out. It is without a session: what one remembers is of no concern here.
    fn call(&self, asked: &mut Asked) -> Call {
        let tool = std::mem::replace(&mut asked.tool, ToolCall::Monitor { command: None });
        let mut call = Call::new(tool, &*asked.cwd);
        call.mode = asked.mode.clone();
        call.home = home(self.home, &asked.cwd).map(str::to_owned);
        call.project = Some(asked.project.to_string());
        call.damaged = asked.damaged;
        call
    }
}

/// What the client changes before it asks its hooks: it makes paths absolute, and drops a `cd` to where it is anyway.
fn given(input: &Value, cwd: &str, home: Option<&str>) -> Option<(&'static str, Value)> {
    if let Some(command) = input.get("command").and_then(Value::as_str) {
        let rest = command.strip_prefix("cd ")?.strip_prefix(cwd)?.strip_prefix(" && ")?;
        return Some(("command", rest.into()));
    }
    let key = ["file_path", "notebook_path"].into_iter().find(|key| input.get(*key).is_some())?;
    let path = input[key].as_str()?;
    let full = match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => join(home, rest),
        _ if path.starts_with('/') && !path.contains("..") => return None,
        _ => join(cwd, path),
    };
    Some((key, full.into()))
}

/// A call in one line, without its secrets.
fn shown(tool: &ToolCall) -> String {
    let looked_at = |text: &str| redact(beginning(text)).into_owned();
    let text = match tool {
        ToolCall::Bash { command, .. }
        | ToolCall::PowerShell { command }
        | ToolCall::Monitor { command: Some(command) } => looked_at(command),
        ToolCall::Write { path, .. } | ToolCall::Edit { path, .. } | ToolCall::NotebookEdit { path, .. } => {
            format!("{} {}", tool.name(), looked_at(path))
        }
        ToolCall::Mcp { name, input, .. } => format!("{} {}", looked_at(name), redacted(input, LOOKED_AT)),
        ToolCall::Monitor { command: None } | ToolCall::Other(_) => tool.name().to_owned(),
    };
    cut(&text, SHOWN)
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// In one line, and not more than so many characters of it.
pub(super) fn cut(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most * 2));
    let mut left = most;
    for word in text.split_whitespace() {
        let blank = if out.is_empty() { "" } else { " " };
        let length = blank.len() + word.chars().count();
        if length > left {
            out.extend(blank.chars().chain(word.chars()).take(left).chain(['…']));
            return out;
        }
        out.push_str(blank);
        out.push_str(word);
        left -= length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_cut_to_a_line() {
        for (text, most, wanted) in [
            ("a  b\n c", 9, "a b c"),
            ("größer", 3, "grö…"),
            ("ab cd", 5, "ab cd"),
            ("ab cde", 5, "ab cd…"),
            ("", 3, ""),
        ] {
            assert_eq!(cut(text, most), wanted, "{text}");
        }
    }

    #[test]
    fn what_the_client_changes_is_changed() {
        let given = |text: &str| given(&serde_json::from_str(text).expect("JSON"), "/home/dev/shop", Some("/home/dev"));
        assert_eq!(given(r#"{"command":"cd /home/dev/shop && ls"}"#), Some(("command", "ls".into())));
        assert_eq!(given(r#"{"command":"cd /home/dev/shop-2 && ls"}"#), None);
        assert_eq!(given(r#"{"file_path":"~/x"}"#), Some(("file_path", "/home/dev/x".into())));
        assert_eq!(given(r#"{"file_path":"../y"}"#), Some(("file_path", "/home/dev/y".into())));
        assert_eq!(given(r#"{"notebook_path":"/srv/n.ipynb"}"#), None);
        assert_eq!(given(r#"{"query":"x"}"#), None);
    }

    #[test]
    fn no_secret_is_shown() {
        let bash = |command: String| shown(&ToolCall::Bash { command, description: None });
        assert!(!bash("PGPASSWORD=hunter2 psql -c 'drop table x'".to_owned()).contains("hunter2"));
        let long = format!("echo {} && mysql --password=hunter2", "x".repeat(SHOWN - 28));
        assert!(!bash(long).contains("hunt"));
        let input = json!({ "name": "Authorization", "value": "hunter2hunter2", "password": "hunter2" });
        let mcp = ToolCall::Mcp { name: "mcp__a__b".to_owned(), server: None, source: None, input };
        assert!(!shown(&mcp).contains("hunter2"), "{}", shown(&mcp));
    }
}
