//! One line, by the names of the Open Cybersecurity Schema Framework (schema.ocsf.io): each is a Detection Finding (class
//! 2004) with the profiles Security Control and Host.
//!
//! It is one class for all lines, so that whoever collects them needs one parser; `is_alert` and `severity_id` say which of
//! them somebody should look at. What has no place in the schema stands in `unmapped`. `evidences[0].data` is the call in the
//! client's own words, without its secrets, so that it can be judged again.

use super::redact::{MARK, is_secret_name, redact};
use super::{Event, Moment, Outcome};
use crate::call::{Call, ToolCall};
use crate::judge::Decision;
use crate::rules::model::Class;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The version of the schema.
pub(super) const SCHEMA: &str = "1.8.0";
/// The class, and its category.
pub(super) const CLASS: u32 = 2004;
const CATEGORY: u32 = 2;

/// The most bytes of what a call was given that are kept, as JSON writes them.
const KEPT: usize = 32 << 10;
/// How much more of a text is looked at, so that no secret is cut in two and not known any more.
const BEHIND: usize = 4 << 10;
/// The most bytes of a path, an id or a reason.
const SHORT: usize = 4 << 10;
/// The most rules that are named.
const RULES: usize = 32;

#[derive(Serialize)]
struct Line<'a> {
    activity_id: u32,
    activity_name: &'static str,
    category_uid: u32,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    time: u64,
    severity_id: u32,
    severity: &'static str,
    status_id: u32,
    status: &'static str,
    is_alert: bool,
    action_id: u32,
    action: &'static str,
    disposition_id: u32,
    disposition: &'static str,
    message: String,
    metadata: Metadata<'a>,
    finding_info: Finding<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Value>,
    actor: Value,
    device: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidences: Option<[Value; 1]>,
    unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    version: &'static str,
    uid: &'a str,
    log_name: &'static str,
    event_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_uid: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_truncated: bool,
    profiles: [&'static str; 2],
    product: Value,
}

#[derive(Serialize)]
struct Finding<'a> {
    uid: Cow<'a, str>,
    title: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    desc: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<[Class; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analytic: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_analytics: Vec<Value>,
}

#[derive(Serialize)]
struct Unmapped<'a> {
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    would: Option<Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Class>,
    forced: bool,
    rules: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<Cow<'a, str>>,
    duration_us: u64,
}

/// The line, without its end.
pub(super) fn of(event: &Event<'_>, moment: &Moment) -> serde_json::Result<Vec<u8>> {
    let update = event.about.is_some();
    let (activity_id, activity_name) = if update { (2, "Update") } else { (1, "Create") };
    let type_name = if update { "Detection Finding: Update" } else { "Detection Finding: Create" };
    let (severity_id, severity) = severity(event);
    let (status_id, status) = status(event.outcome);
    let (action_id, action, disposition_id, disposition) = action(event.outcome);
    let mut left = KEPT;
    let data = event.call.map(|call| data(call, event.name, &mut left));
    let rules = &event.rules[..event.rules.len().min(RULES)];
    let desc = short(event.reason);
    let line = Line {
        activity_id,
        activity_name,
        category_uid: CATEGORY,
        category_name: "Findings",
        class_uid: CLASS,
        class_name: "Detection Finding",
        type_uid: CLASS * 100 + activity_id,
        type_name,
        time: moment.time,
        severity_id,
        severity,
        status_id,
        status,
        is_alert: matches!(event.outcome, Outcome::Given(Decision::Ask | Decision::Deny) | Outcome::Observed(_)),
        action_id,
        action,
        disposition_id,
        disposition,
        message: message(event, &desc),
        metadata: Metadata {
            version: SCHEMA,
            uid: &moment.id,
            log_name: "countersign",
            event_code: event.outcome.word(),
            correlation_uid: event.call.and_then(|call| call.tool_use_id.as_deref()).map(short),
            is_truncated: left == 0,
            profiles: ["host", "security_control"],
            product: json!({
                "name": "countersign", "vendor_name": "countersign", "version": env!("CARGO_PKG_VERSION"),
            }),
        },
        finding_info: Finding {
            uid: short(event.about.unwrap_or(&moment.id)),
            title: title(event),
            desc,
            types: event.class.map(|class| [class]),
            analytic: rules.first().map(|rule| analytic(rule)),
            related_analytics: rules.iter().skip(1).map(|rule| analytic(rule)).collect(),
        },
        policy: event.because.map(|because| json!({ "name": short(because), "is_applied": true })),
        actor: actor(event.call),
        device: device(),
        evidences: data.map(|data| [json!({ "data": data })]),
        unmapped: Unmapped {
            decision: event.outcome.word(),
            would: match event.outcome {
                Outcome::Observed(decision) => Some(decision),
                _ => None,
            },
            class: event.class,
            forced: event.forced,
            rules,
            because: event.because.map(short),
            project: event.call.and_then(|call| call.project.as_deref()).map(short),
            duration_us: moment.took,
        },
    };
    serde_json::to_vec(&line)
}

/// How bad it is: what would be lost, not what was done about it.
fn severity(event: &Event<'_>) -> (u32, &'static str) {
    match (event.class, event.outcome) {
        (_, Outcome::Given(Decision::Allow | Decision::None) | Outcome::Approved) => (1, "Informational"),
        (Some(Class::Catastrophic), _) => (5, "Critical"),
        (Some(Class::Irreversible), _) if event.forced => (5, "Critical"),
        (Some(Class::Irreversible), _) => (4, "High"),
        _ => (3, "Medium"),
    }
}

/// Whether somebody has still to look at it. What wasn't stopped, the judge has looked at, and found nothing.
fn status(outcome: Outcome) -> (u32, &'static str) {
    match outcome {
        Outcome::Given(Decision::Allow | Decision::None) => (3, "Suppressed"),
        Outcome::Approved => (4, "Resolved"),
        _ => (1, "New"),
    }
}

/// What was done: action and disposition. The schema has no word for a question to a person.
fn action(outcome: Outcome) -> (u32, &'static str, u32, &'static str) {
    match outcome {
        Outcome::Given(Decision::Allow) => (1, "Allowed", 1, "Allowed"),
        Outcome::Given(Decision::None) => (3, "Observed", 16, "No Action"),
        Outcome::Given(Decision::Ask) => (99, "Asked", 99, "Asked"),
        Outcome::Given(Decision::Deny) => (2, "Denied", 2, "Blocked"),
        Outcome::Observed(_) => (3, "Observed", 17, "Logged"),
        Outcome::Approved => (1, "Allowed", 8, "Approved"),
    }
}

fn analytic(rule: &str) -> Value {
    let pack = rule.split('.').next().unwrap_or_default();
    json!({ "type_id": 1, "type": "Rule", "uid": rule, "name": rule, "category": pack })
}

fn title(event: &Event<'_>) -> String {
    match (event.rules.first(), event.call) {
        (Some(rule), _) => (*rule).to_owned(),
        (None, Some(call)) => redact(call.tool.name()).into_owned(),
        (None, None) => event.name.to_owned(),
    }
}

/// One line for whoever reads many of them.
fn message(event: &Event<'_>, reason: &str) -> String {
    let what = match event.outcome {
        Outcome::Given(Decision::Allow) => "Allowed",
        Outcome::Given(Decision::None) => "Left to the client",
        Outcome::Given(Decision::Ask) => "Asked about",
        Outcome::Given(Decision::Deny) => "Denied",
        Outcome::Observed(_) => "Only observed",
        Outcome::Approved => "Approved",
    };
    match reason.lines().next() {
        Some(first) => format!("{what}: {first}"),
        None => what.to_owned(),
    }
}

fn actor(call: Option<&Call>) -> Value {
    let mut actor = json!({ "app_name": "Claude Code" });
    if let Some(session) = call.and_then(|call| call.session.as_deref()) {
        actor["session"] = json!({ "uid": short(session) });
    }
    #[cfg(unix)]
    {
        let client = rustix::process::getppid().map(|id| id.as_raw_nonzero().get());
        let mut process = json!({ "pid": client.unwrap_or_default() });
        if let Some(call) = call {
            process["working_directory"] = short(&call.cwd).into();
        }
        actor["process"] = process;
        actor["user"] = json!({ "uid": rustix::process::getuid().as_raw().to_string() });
    }
    actor
}

#[cfg(unix)]
fn device() -> Value {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    let (id, kind) = if cfg!(target_os = "macos") { (300, "macOS") } else { (200, "Linux") };
    json!({
        "type_id": 0, "type": "Unknown", "hostname": if name.is_empty() { "localhost" } else { &name },
        "os": { "name": kind, "type_id": id, "type": kind },
    })
}

#[cfg(not(unix))]
fn device() -> Value {
    json!({
        "type_id": 0, "type": "Unknown", "hostname": std::env::var("COMPUTERNAME").unwrap_or_else(|_| "localhost".to_owned()),
        "os": { "name": "Windows", "type_id": 100, "type": "Windows" },
    })
}

/// The call as the client would report it, without its secrets.
fn data(call: &Call, name: &str, left: &mut usize) -> Value {
    let mut data = Map::new();
    let mut say = |key: &str, value: Value| data.insert(key.to_owned(), value);
    say("hook_event_name", name.into());
    say("tool_name", short(call.tool.name()).into());
    say("cwd", short(&call.cwd).into());
    say("permission_mode", short(call.mode.name()).into());
    for (key, value) in [("session_id", &call.session), ("tool_use_id", &call.tool_use_id)] {
        if let Some(value) = value {
            say(key, short(value).into());
        }
    }
    if let ToolCall::Mcp { server: Some(server), source, .. } = &call.tool {
        let mut about = json!({ "name": short(server) });
        if let Some(source) = source {
            about["source"] = short(source).into();
        }
        say("mcp_server", about);
    }
    say("tool_input", input(&call.tool, left));
    Value::Object(data)
}

fn input(tool: &ToolCall, left: &mut usize) -> Value {
    let mut input = Map::new();
    let mut say = |key: &str, text: &str| input.insert(key.to_owned(), kept(text, left).into());
    match tool {
        ToolCall::Bash { command, description } => {
            say("command", command);
            if let Some(description) = description {
                say("description", description);
            }
        }
        ToolCall::PowerShell { command } | ToolCall::Monitor { command: Some(command) } => {
            say("command", command);
        }
        ToolCall::Write { path, content } => {
            say("file_path", path);
            say("content", content);
        }
        ToolCall::Edit { path, old, new, all } => {
            say("file_path", path);
            say("old_string", old);
            say("new_string", new);
            input.insert("replace_all".to_owned(), (*all).into());
        }
        ToolCall::NotebookEdit { path, source, cell, edit } => {
            say("notebook_path", path);
            say("new_source", source);
            for (key, value) in [("cell_id", cell), ("edit_mode", edit)] {
                if let Some(value) = value {
                    say(key, value);
                }
            }
        }
        ToolCall::Mcp { input, .. } => return tree(input, false, left),
        ToolCall::Monitor { command: None } | ToolCall::Other(_) => {}
    }
    Value::Object(input)
}

/// Arguments of an MCP tool. `secret`: the name that they stand under says that they are.
pub(super) fn tree(value: &Value, secret: bool, left: &mut usize) -> Value {
    match value {
        Value::String(text) if secret && !text.is_empty() => MARK.into(),
        Value::Number(_) if secret => MARK.into(),
        Value::String(text) => kept(text, left).into(),
        Value::Array(items) => {
            let mut kept = Vec::new();
            let mut option = false;
            for item in items {
                if !takes(left, 2) {
                    break;
                }
                kept.push(tree(item, secret || option, left));
                // `["--password", "x"]`
                option = item.as_str().is_some_and(|text| text.starts_with('-') && is_secret_name(text));
            }
            Value::Array(kept)
        }
        Value::Object(fields) => {
            // `{"name": "Authorization", "value": "x"}`
            let named = |key: &str| fields.get(key).and_then(Value::as_str).is_some_and(is_secret_name);
            let pair = named("name") || named("key") || named("header");
            let mut kept = Map::new();
            for (key, inner) in fields {
                if !takes(left, key.len() + 4) {
                    break;
                }
                let secret = secret || is_secret_name(key) || pair && key == "value";
                kept.insert(redact(key).into_owned(), tree(inner, secret, left));
            }
            Value::Object(kept)
        }
        other => {
            takes(left, 8);
            other.clone()
        }
    }
}

fn takes(left: &mut usize, bytes: usize) -> bool {
    *left = left.saturating_sub(bytes);
    *left > 0
}

/// As much of a text as there is room for, without its secrets.
fn kept(text: &str, left: &mut usize) -> String {
    let (text, used) = cut(text, *left);
    *left -= used;
    text.into_owned()
}

/// A short text without its secrets: a path, an id, a reason.
fn short(text: &str) -> Cow<'_, str> {
    cut(text, SHORT).0
}

/// The beginning of a text without its secrets that takes up to so many bytes in JSON, and how many it takes: all of them,
/// if something is missing.
fn cut(text: &str, most: usize) -> (Cow<'_, str>, usize) {
    let mut window = text.len().min(most + BEHIND);
    while !text.is_char_boundary(window) {
        window -= 1;
    }
    let clean = redact(&text[..window]);
    let mut used = 0;
    for (at, char) in clean.char_indices() {
        let cost = match char {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            char if char.is_ascii_control() => 6,
            char => char.len_utf8(),
        };
        if used + cost > most {
            return (clean[..at].to_owned().into(), most);
        }
        used += cost;
    }
    (clean, if window < text.len() { most } else { used })
}
