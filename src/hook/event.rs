//! What the client says: one JSON object, read strictly where the guard depends on it and leniently elsewhere.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::field::Field;
use super::session::Session;
use super::settings::Change;
use super::surrogates;
use crate::call::{Call, Mode, ToolCall};

/// The most objects that the arguments of an MCP call may hold. The smallest take 7 bytes of text and 640 of memory:
/// at the cap of the input that would be 800 MB, and a process that is out of memory is killed, which lets the call run.
const OBJECTS: usize = 1 << 17;

/// One event that the client reports.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A tool is about to be used, and may be stopped.
    PreToolUse(Box<Call>),
    /// The client's settings have changed; the change can be kept out.
    ConfigChange(Change),
    /// A session begins.
    SessionStart(Session),
    /// Any other event, by name: no opinion.
    Other(String),
}

/// Why an event can't be read. The text is for the agent and the person alike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Nothing came.
    #[error("it is empty")]
    Empty,
    /// Not UTF-8.
    #[error("it is not valid UTF-8 (byte {0})")]
    Encoding(usize),
    /// JSON, but no object.
    #[error("it is not a JSON object")]
    NotAnObject,
    /// No JSON, or one that is nested too deeply, or with a key twice.
    #[error("{0}")]
    Json(String),
    /// More objects than are worth their memory.
    #[error("its arguments hold more than {OBJECTS} braces")]
    Objects,
    /// A field is missing or of another type.
    #[error("the field `{field}` is {found}, and should be {wanted}")]
    Field {
        /// Its path in the event.
        field: &'static str,
        /// What is there.
        found: &'static str,
        /// What should be.
        wanted: &'static str,
    },
}

/// The top of an event. The input is only classified here: what it holds depends on the tool, which may come later.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    hook_event_name: Field<'a>,
    #[serde(borrow, default)]
    tool_name: Field<'a>,
    #[serde(borrow, default)]
    tool_input: Field<'a>,
    #[serde(borrow, default)]
    mcp_server: Field<'a>,
    #[serde(borrow, default)]
    cwd: Field<'a>,
    #[serde(borrow, default)]
    permission_mode: Field<'a>,
    #[serde(borrow, default)]
    session_id: Field<'a>,
    #[serde(borrow, default)]
    tool_use_id: Field<'a>,
    #[serde(borrow, default)]
    source: Field<'a>,
    #[serde(borrow, default)]
    file_path: Field<'a>,
}

/// The same object once more, for a built-in tool: the fields of all of them, by name.
#[derive(Deserialize)]
struct Builtin<'a> {
    #[serde(borrow)]
    tool_input: Input<'a>,
}

#[derive(Deserialize)]
struct Input<'a> {
    #[serde(borrow, default)]
    command: Field<'a>,
    #[serde(borrow, default)]
    description: Field<'a>,
    #[serde(borrow, default)]
    file_path: Field<'a>,
    #[serde(borrow, default)]
    content: Field<'a>,
    #[serde(borrow, default)]
    old_string: Field<'a>,
    #[serde(borrow, default)]
    new_string: Field<'a>,
    #[serde(borrow, default)]
    replace_all: Field<'a>,
    #[serde(borrow, default)]
    notebook_path: Field<'a>,
    #[serde(borrow, default)]
    new_source: Field<'a>,
    #[serde(borrow, default)]
    cell_id: Field<'a>,
    #[serde(borrow, default)]
    edit_mode: Field<'a>,
}

/// The same object once more, for an MCP tool. A `Map` and no `RawValue`: serde_json's `raw_value` feature would let
/// an argument named like its private marker be read as something else than what the server gets.
#[derive(Deserialize)]
struct ForServer<'a> {
    tool_input: Map<String, Value>,
    #[serde(borrow, default)]
    mcp_server: Option<Server<'a>>,
}

#[derive(Deserialize)]
struct Server<'a> {
    #[serde(borrow, default)]
    name: Field<'a>,
    #[serde(borrow, default)]
    source: Field<'a>,
}

/// Reads one event. `home` and `project` of the call are left for the caller: they aren't part of it.
pub fn read(bytes: &[u8]) -> Result<Event, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|e| Unreadable::Encoding(e.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_ascii_start().bytes().next() {
        None => return Err(Unreadable::Empty),
        // A derived struct would also accept an array.
        Some(b'{') => {}
        Some(_) => return Err(Unreadable::NotAnObject),
    }
    let error = match read_text(text) {
        Err(error @ Unreadable::Json(_)) => error,
        done => return done,
    };
    // JavaScript strings may hold half a surrogate pair; Rust's can't. The client lets the agent send one.
    let Some(repaired) = surrogates::repaired(text) else {
        return Err(error);
    };
    let mut event = read_text(&repaired)?;
    if let Event::PreToolUse(call) = &mut event {
        // What the guard doesn't read, it needn't be able to read.
        call.damaged = !matches!(call.tool, ToolCall::Other(_));
    }
    Ok(event)
}

fn read_text(text: &str) -> Result<Event, Unreadable> {
    let head: Head = parse(text)?;
    let event = head.hook_event_name.text("hook_event_name")?;
    if event == "ConfigChange" {
        return Ok(Event::ConfigChange(Change {
            source: head.source.text("source")?.into_owned(),
            file: owned(head.file_path.optional_text("file_path")?),
            cwd: head.cwd.optional_text("cwd")?.unwrap_or_default().into_owned(),
        }));
    }
    if event == "SessionStart" {
        let cwd = head.cwd.optional_text("cwd")?.unwrap_or_default().into_owned();
        return Ok(Event::SessionStart(Session { cwd }));
    }
    if event != "PreToolUse" {
        return Ok(Event::Other(event.into_owned()));
    }
    let tool = tool(text, head.tool_name.text("tool_name")?, &head.tool_input, &head.mcp_server)?;
    let cwd = match &tool {
        ToolCall::Other(_) => String::new(),
        _ => head.cwd.text("cwd")?.into_owned(),
    };
    let mut call = Call::new(tool, cwd);
    let mode = head.permission_mode.optional_text("permission_mode")?;
    call.mode = Mode::named(mode.as_deref().unwrap_or_default());
    call.session = owned(head.session_id.optional_text("session_id")?);
    call.tool_use_id = owned(head.tool_use_id.optional_text("tool_use_id")?);
    Ok(Event::PreToolUse(Box::new(call)))
}

fn tool(text: &str, name: Cow<'_, str>, input: &Field, server: &Field) -> Result<ToolCall, Unreadable> {
    if name.starts_with("mcp__") {
        input.object("tool_input")?;
        server.optional_object("mcp_server")?;
        return mcp(text, name.into_owned());
    }
    if !is_builtin(&name) {
        return Ok(ToolCall::Other(name.into_owned()));
    }
    input.object("tool_input")?;
    let Builtin { tool_input: input } = parse(text)?;
    builtin(&name, input)
}

/// A call whose arguments were read before: out of a transcript.
pub(crate) fn tool_of(name: String, input: Value) -> Result<ToolCall, Unreadable> {
    Field::deserialize(&input).unwrap_or_default().object("tool_input")?;
    if name.starts_with("mcp__") {
        return Ok(ToolCall::Mcp { name, server: None, source: None, input });
    }
    if !is_builtin(&name) {
        return Ok(ToolCall::Other(name));
    }
    builtin(&name, Input::deserialize(input).map_err(|error| Unreadable::Json(error.to_string()))?)
}

fn is_builtin(name: &str) -> bool {
    matches!(name, "Bash" | "Monitor" | "PowerShell" | "Write" | "Edit" | "NotebookEdit")
}

fn builtin(name: &str, input: Input<'_>) -> Result<ToolCall, Unreadable> {
    Ok(match name {
        "Bash" => ToolCall::Bash {
            command: input.command.text("tool_input.command")?.into_owned(),
            description: owned(input.description.optional_text("tool_input.description")?),
        },
        "Monitor" => ToolCall::Monitor { command: owned(input.command.optional_text("tool_input.command")?) },
        "PowerShell" => ToolCall::PowerShell { command: input.command.text("tool_input.command")?.into_owned() },
        "Write" => ToolCall::Write {
            path: input.file_path.text("tool_input.file_path")?.into_owned(),
            content: input.content.text("tool_input.content")?.into_owned(),
        },
        "Edit" => ToolCall::Edit {
            path: input.file_path.text("tool_input.file_path")?.into_owned(),
            old: input.old_string.text("tool_input.old_string")?.into_owned(),
            new: input.new_string.text("tool_input.new_string")?.into_owned(),
            all: input.replace_all.flag("tool_input.replace_all")?,
        },
        _ => ToolCall::NotebookEdit {
            path: input.notebook_path.text("tool_input.notebook_path")?.into_owned(),
            // Deleting a cell needs no source.
            source: owned(input.new_source.optional_text("tool_input.new_source")?).unwrap_or_default(),
            cell: owned(input.cell_id.optional_text("tool_input.cell_id")?),
            edit: owned(input.edit_mode.optional_text("tool_input.edit_mode")?),
        },
    })
}

fn mcp(text: &str, name: String) -> Result<ToolCall, Unreadable> {
    if text.len() > OBJECTS && text.bytes().filter(|&byte| byte == b'{').count() > OBJECTS {
        return Err(Unreadable::Objects);
    }
    let ForServer { tool_input, mcp_server } = parse(text)?;
    let (server, source) = match mcp_server {
        None => (None, None),
        Some(Server { name, source }) => {
            (owned(name.optional_text("mcp_server.name")?), owned(source.optional_text("mcp_server.source")?))
        }
    };
    Ok(ToolCall::Mcp { name, server, source, input: Value::Object(tool_input) })
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|e| Unreadable::Json(e.to_string()))
}

fn owned(text: Option<Cow<'_, str>>) -> Option<String> {
    text.map(Cow::into_owned)
}
