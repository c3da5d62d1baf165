//! STUB: to be replaced, file and all, by the real judge. It knows just enough to drive `tests/realclient`.

use crate::call::{Call, ToolCall};

/// What is answered to a call; the greater, the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// A decision and what is said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What is decided.
    pub decision: Decision,
    /// Why, for whoever reads it: the person who is asked, the agent that is denied.
    pub reason: String,
    /// What the agent is told besides, where the call isn't stopped.
    pub note: Option<String>,
}

/// Judges a call.
pub fn judge(call: &Call) -> Judgement {
    let text = match &call.tool {
        ToolCall::Bash { command, .. }
        | ToolCall::Monitor {
            command: Some(command),
        } => command.clone(),
        ToolCall::Mcp { name, input, .. } => format!("{name} {input}"),
        _ => String::new(),
    };
    let says = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    let decision = if says(&["terraform destroy", "DROP DATABASE", "rm -rf /"]) {
        Decision::Deny
    } else if says(&["git push --force", "drop_table"]) {
        Decision::Ask
    } else if text == "ls -la" {
        Decision::Allow
    } else {
        Decision::None
    };
    Judgement {
        decision,
        reason: format!("STUB judge: {text}"),
        note: None,
    }
}
