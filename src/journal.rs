//! The record of decisions that were made but not given.
//!
//! One JSON line each, appended in one write, so that parallel calls don't tear each other's. A disk that is full or
//! read-only never changes a decision.

use crate::call::{Call, ToolCall};
use crate::judge::{Decision, Judgement};
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The journal's place below a home directory.
pub const JOURNAL: &str = ".local/state/countersign/journal.jsonl";

/// From this size on it makes room: the file before takes the name `journal.jsonl.1`.
const CAP: u64 = 8 << 20;

#[derive(Serialize)]
struct Line<'a> {
    /// Milliseconds since 1970-01-01 in UTC.
    time: u64,
    /// What would have been decided.
    observed: Decision,
    tool: &'a str,
    cwd: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_use_id: Option<&'a str>,
    /// The rules that would have decided.
    rules: Vec<&'a str>,
}

/// Writes down what was observed of a call, if something was.
pub fn observed(home: Option<&Path>, call: &Call, judgement: &Judgement) {
    let (Some(home), Some(observed)) = (home, judgement.observed) else { return };
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let line = Line {
        time: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        observed,
        tool: tool(call),
        cwd: &call.cwd,
        session: call.session.as_deref(),
        tool_use_id: call.tool_use_id.as_deref(),
        rules: judgement.rules.clone(),
    };
    // The call goes on as it would have without a journal.
    let _ = append(&home.join(JOURNAL), &line);
}

fn append(path: &Path, line: &Line<'_>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::symlink_metadata(path) {
        // Nobody may be made to wait for a FIFO, or to write elsewhere through a link.
        Ok(data) if !data.is_file() => return Err(io::Error::other("no regular file")),
        Ok(data) if data.len() >= CAP => fs::rename(path, path.with_extension("jsonl.1"))?,
        _ => {}
    }
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(&text)
}

fn tool(call: &Call) -> &str {
    match &call.tool {
        ToolCall::Bash { .. } => "Bash",
        ToolCall::Monitor { .. } => "Monitor",
        ToolCall::PowerShell { .. } => "PowerShell",
        ToolCall::Write { .. } => "Write",
        ToolCall::Edit { .. } => "Edit",
        ToolCall::NotebookEdit { .. } => "NotebookEdit",
        ToolCall::Mcp { name, .. } | ToolCall::Other(name) => name,
    }
}
