//! `countersign explain`: how a call comes to its decision, for people; `--json` for programs.

use super::log::when;
use super::{Here, fail};
use crate::call::{Call, ToolCall};
use crate::context::{Disk, Variables};
use crate::explain::paint::{Paint, When};
use crate::explain::{self, Recorded};
use crate::hook::event::{self, Event};
use crate::journal::{self, read::Entry};
use crate::policy::find::Where;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// The largest call that is read, in bytes.
const LARGEST: u64 = 32 << 20;
/// How many columns an explanation takes: as many as a reason in a pull request or a chat has.
const COLUMNS: usize = 80;

const EXAMPLES: &str = "\
Examples:
  countersign explain 'git reset --hard && npm test'
  countersign explain --powershell 'Remove-Item -Recurse C:\\data'
  countersign explain --mcp mcp__db__execute_sql '{\"query\": \"DROP TABLE users\"}'
  countersign explain k3m9x2ab                      a line of the journal (`countersign log`)
  countersign explain - < call.json                 a call as Claude Code sends it to hooks
  countersign explain --json 'rm -rf src' | jq .findings

Nothing is run, and nothing is remembered. The working directory and the policy are those of the place where you are; a
recorded call brings its own. docs/explain.md says how to read it.

Exit codes: 0: the call could be explained, whatever is decided about it. 1: it couldn't. 2: the command line is wrong.";

/// Show how a call comes to its decision: what was read in it, what was found, and which policy decides
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// A shell command in quotes, the id of a journal line, or `-` for a call on stdin
    call: Option<String>,
    /// With --mcp: the arguments of the tool, as JSON
    input: Option<String>,
    /// It is a PowerShell command
    #[arg(long, conflicts_with = "mcp")]
    powershell: bool,
    /// It is a tool of an MCP server, as `mcp__<server>__<tool>`
    #[arg(long)]
    mcp: bool,
    /// Print it as JSON, for programs
    #[arg(long)]
    json: bool,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    color: When,
}

pub(super) fn run(arguments: &Arguments) -> ExitCode {
    if arguments.call.is_none() && io::stdin().is_terminal() {
        return super::print(&format!("countersign explain shows how a call comes to its decision.\n\n{EXAMPLES}\n"));
    }
    match given(arguments) {
        Ok((call, recorded)) => show(arguments, call, recorded),
        Err(why) => fail(&why),
    }
}

fn show(arguments: &Arguments, call: Call, recorded: Option<Recorded>) -> ExitCode {
    let policy = Where::here(call.home.as_deref(), &call.cwd, call.project.as_deref()).policy();
    let mut explained = explain::explain(call, &policy, &Disk);
    explained.recorded = recorded;
    let text = if arguments.json {
        format!("{:#}\n", explain::json(&explained))
    } else {
        let paint = Paint::of(arguments.color, io::stdout().is_terminal());
        explain::text(&explained, COLUMNS, paint)
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads the output may stop at any time.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            fail(&format!("the output can't be written: {error}"))
        }
        _ => ExitCode::SUCCESS,
    }
}

/// The call that is meant, as the hook would judge it here.
fn given(arguments: &Arguments) -> Result<(Call, Option<Recorded>), String> {
    let text = arguments.call.as_deref().unwrap_or("-");
    let here = Here::now()?;
    if let (false, Some(_)) = (arguments.mcp, &arguments.input) {
        return Err("the command is more than one word: put it in quotes, countersign explain 'COMMAND'".to_owned());
    }
    let plain = !arguments.powershell && !arguments.mcp;
    if text == "-" && plain {
        return Ok((around(from_stdin()?, &here), None));
    }
    if plain && let Some(entry) = here.home.as_deref().and_then(|home| line(home, text)) {
        let why = if entry.truncated {
            "the call was too long to be kept whole"
        } else {
            "there was no call, or none that could be read"
        };
        let call = entry.call().ok_or_else(|| format!("the journal's line {text} can't be judged again: {why}"))?;
        let recorded = Recorded {
            id: entry.id.clone(),
            time: when::shown(entry.time),
            decision: entry.decision.clone(),
            rules: entry.rules.clone(),
            version: entry.version.clone(),
        };
        let project = call.project.clone();
        return Ok((Call { project, ..around(call, &here) }, Some(recorded)));
    }
    let tool = if arguments.mcp {
        let input = arguments.input.as_deref().unwrap_or("{}");
        let input: serde_json::Value =
            serde_json::from_str(input).map_err(|error| format!("the tool's arguments aren't JSON: {error}"))?;
        if !input.is_object() {
            return Err("the tool's arguments aren't a JSON object: write them as '{\"query\": \"…\"}'".to_owned());
        }
        if !text.starts_with("mcp__") {
            return Err(format!("`{text}` is no tool of an MCP server: those are called mcp__<server>__<tool>"));
        }
        ToolCall::Mcp { name: text.to_owned(), server: None, source: None, input }
    } else if arguments.powershell {
        ToolCall::PowerShell { command: text.to_owned() }
    } else {
        ToolCall::Bash { command: text.to_owned(), description: None }
    };
    Ok((around(Call::new(tool, here.cwd.as_str()), &here), None))
}

/// With what the hook would take from its environment.
fn around(call: Call, here: &Here) -> Call {
    let project = std::env::var("CLAUDE_PROJECT_DIR").ok().filter(|project| !project.is_empty());
    let variables = Variables(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()));
    Call { home: here.home.clone(), project, variables, ..call }
}

/// The line of the journal that a text is the id of. Anything else is a command.
fn line(home: &str, text: &str) -> Option<Entry> {
    let is_id = text.len() == journal::ID && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if !is_id { None } else { journal::read::find(Path::new(home), text) }
}

fn from_stdin() -> Result<Call, String> {
    let mut bytes = Vec::new();
    io::stdin()
        .take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("the call on stdin can't be read: {error}"))?;
    let way = "give it a call as Claude Code sends it to hooks, or a command: countersign explain 'COMMAND'";
    match event::read(&bytes) {
        Ok(Event::PreToolUse(call)) => Ok(*call),
        Ok(Event::SessionStart(_)) => Err(format!("stdin holds the start of a session, which is no call: {way}")),
        Ok(Event::ConfigChange(_)) => Err(format!("stdin holds a change of settings, which is no call: {way}")),
        Ok(Event::Other(name)) => Err(format!("stdin holds the event `{name}`, which is no call: {way}")),
        Err(error) => Err(format!("the call on stdin can't be read: {error}; {way}")),
    }
}
