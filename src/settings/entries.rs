//! What a settings file registers of countersign, and whether that would hold.

use super::json::{Kind, Node, Wrong};
use crate::hook::settings::starts_the_hook;
use serde_json::Value;

/// The tools whose calls are judged, as the client's matcher names them.
pub const MATCHER: &str = "Bash|PowerShell|Monitor|Write|Edit|NotebookEdit|mcp__.*";
/// The events that are registered, each with its matcher.
pub const EVENTS: [(&str, Option<&str>); 3] =
    [("PreToolUse", Some(MATCHER)), ("ConfigChange", None), ("SessionStart", None)];
/// How long the client waits for an answer, in seconds. One comes within 3.
pub const TIMEOUT: u32 = 10;
/// Tools of every kind that has to reach the hook, and what they are called.
const TOOLS: [(&str, &str); 7] = [
    ("Bash", "Bash"),
    ("PowerShell", "PowerShell"),
    ("Monitor", "Monitor"),
    ("Write", "Write"),
    ("Edit", "Edit"),
    ("NotebookEdit", "NotebookEdit"),
    ("mcp__db__query", "MCP tools"),
];
/// The kinds of handlers that the client knows.
const TYPES: [&str; 5] = ["command", "http", "mcp_tool", "prompt", "agent"];

/// A handler that starts countersign, in a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The event that it is registered for.
    pub event: String,
    /// Where it stands: which group of the event, and which handler of the group.
    pub place: (usize, usize),
    /// How many handlers the group has.
    pub beside: usize,
    /// The group's matcher.
    pub matcher: Option<String>,
    /// The handler as it is written.
    pub handler: Value,
}

/// A line of the client's that starts a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The whole line, where a shell reads it.
    pub shell: Option<String>,
}

/// The entries of countersign in settings that have been [checked](check).
#[must_use]
pub fn entries(text: &str, root: &Node) -> Vec<Entry> {
    let mut found = Vec::new();
    for event in root.get("hooks").and_then(Node::members).unwrap_or_default() {
        for (at, group) in event.value.items().unwrap_or_default().iter().enumerate() {
            let handlers = group.get("hooks").and_then(Node::items).unwrap_or_default();
            for (number, handler) in handlers.iter().enumerate() {
                let handler = handler.value(text);
                if starts_the_hook(&handler) {
                    found.push(Entry {
                        event: event.key.clone(),
                        place: (at, number),
                        beside: handlers.len(),
                        matcher: group.get("matcher").and_then(Node::text).map(str::to_owned),
                        handler,
                    });
                }
            }
        }
    }
    found
}

impl Entry {
    /// What starts it.
    #[must_use]
    pub fn command(&self) -> CommandLine {
        let text = self.handler.get("command").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(arguments) = self.handler.get("args").and_then(Value::as_array) {
            let arguments = arguments.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            return CommandLine { program: text, arguments, shell: None };
        }
        let program = text.rsplit_once(' ').map_or(text.as_str(), |(program, _)| program);
        let program = program.trim_matches(['"', '\'']).to_owned();
        CommandLine { program, arguments: vec!["hook".to_owned()], shell: Some(text) }
    }

    /// The tools whose calls don't reach it, though they should.
    #[must_use]
    pub fn missed(&self) -> Vec<&'static str> {
        let matcher = self.matcher.as_deref();
        TOOLS.into_iter().filter(|(tool, _)| !covers(matcher, tool)).map(|(_, shown)| shown).collect()
    }

    /// Why the client might not start it where it should, or go on without its answer.
    #[must_use]
    pub fn weaknesses(&self) -> Vec<Weakness> {
        let mut all = Vec::new();
        let mut found = |lets_through: bool, what: String| all.push(Weakness { lets_through, what });
        let matcher = self.matcher.as_deref();
        if self.event != "PreToolUse" && !matches!(matcher, None | Some("" | "*" | ".*")) {
            found(true, format!("its matcher `{}` leaves out some of these events", matcher.unwrap_or_default()));
        }
        let command = self.command();
        if command.shell.is_some() {
            found(false, "it goes through a shell, which a repository's settings can reach".to_owned());
        } else if command.arguments != ["hook"] {
            found(true, "its `args` should be [\"hook\"]".to_owned());
        }
        if !std::path::Path::new(&command.program).is_absolute() {
            found(
                true,
                format!("`{}` is no absolute path: what it starts depends on where the agent is", command.program),
            );
        }
        for (key, why) in [
            ("if", "its `if` lets calls past that are worded otherwise"),
            ("async", "it is `async`: the client doesn't wait for the answer"),
            ("asyncRewake", "it is `asyncRewake`: the client doesn't wait for the answer"),
        ] {
            if self.handler.get(key).is_some_and(|value| *value != Value::Bool(false)) {
                found(true, why.to_owned());
            }
        }
        if self.handler.get("onFailure").and_then(Value::as_str) != Some("block") {
            let what = "without `\"onFailure\": \"block\"` the client runs the call when the program is missing";
            found(false, what.to_owned());
        }
        if self.handler.get("timeout").and_then(Value::as_f64).is_some_and(|seconds| seconds < 5.0) {
            found(false, "its `timeout` is so short that a slow machine could miss it: give it 10 seconds".to_owned());
        }
        all
    }
}

/// Something about an entry that could be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakness {
    /// Calls get past it as it is.
    pub lets_through: bool,
    /// What it is.
    pub what: String,
}

/// Whether the client starts a hook with this matcher for a tool. What can't be told isn't covered.
fn covers(matcher: Option<&str>, tool: &str) -> bool {
    let Some(matcher) = matcher.filter(|matcher| !matcher.is_empty()) else { return true };
    let plain = matcher.bytes().all(|b| b.is_ascii_alphanumeric() || b"_- ,|".contains(&b));
    if plain {
        return matcher.split(['|', ',']).any(|name| name.trim() == tool);
    }
    let literal = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_- ".contains(&b));
    // A part that isn't understood may be no regular expression at all, and then none of it matches.
    let parts: Vec<&str> = matcher.split('|').collect();
    let known = |part: &str| matches!(part, "*" | ".*") || literal(part.strip_suffix(".*").unwrap_or(part));
    (matcher == "*" || !parts.contains(&"*"))
        && parts.iter().all(|part| known(part))
        && parts
            .iter()
            .any(|part| matches!(*part, "*" | ".*") || tool.contains(part.strip_suffix(".*").unwrap_or(part)))
}

/// Makes sure that the client wouldn't drop these settings: one bad entry, and none of the file counts.
///
/// # Errors
/// It would, as far as that can be told without it.
pub fn check(root: &Node) -> Result<(), Wrong> {
    const WHOLE: &str = "or the client drops the whole file";
    let Some(members) = root.members() else {
        return Err(Wrong::new(root.span.start, "settings are a JSON object: `{ … }`"));
    };
    let twice = root.twice().or_else(|| root.get("hooks").and_then(Node::twice));
    if let Some(member) = twice {
        let what =
            format!("`{}` stands here for the second time, and the client reads only the last: join them", member.key);
        return Err(Wrong::new(member.start, what));
    }
    for member in members {
        let wanted = match member.key.as_str() {
            "hooks" | "env" | "permissions" | "enabledPlugins" if member.value.members().is_none() => "an object",
            "model" if member.value.text().is_none() => "a string",
            _ => continue,
        };
        let what = format!("`{}` must be {wanted}, {WHOLE}", member.key);
        return Err(Wrong::new(member.value.span.start, what));
    }
    for key in ["allow", "ask", "deny"] {
        let list = root.get("permissions").and_then(|permissions| permissions.get(key));
        if let Some(list) = list
            && !list.items().is_some_and(|items| items.iter().all(|item| item.text().is_some()))
        {
            return Err(Wrong::new(list.span.start, format!("`permissions.{key}` must be a list of strings, {WHOLE}")));
        }
    }
    for event in root.get("hooks").and_then(Node::members).unwrap_or_default() {
        check_event(&event.key, &event.value)
            .map_err(|wrong| Wrong { what: format!("{}, {WHOLE}", wrong.what), ..wrong })?;
    }
    Ok(())
}

fn check_event(event: &str, value: &Node) -> Result<(), Wrong> {
    let wrong = |node: &Node, what: &str| Err(Wrong::new(node.span.start, format!("`hooks.{event}`: {what}")));
    let Some(groups) = value.items() else { return wrong(value, "must be a list") };
    for group in groups {
        if group.members().is_none() {
            return wrong(group, "each entry must be an object");
        }
        if let Some(matcher) = group.get("matcher")
            && matcher.text().is_none()
        {
            return wrong(matcher, "`matcher` must be a string");
        }
        let Some(handlers) = group.get("hooks") else {
            return wrong(group, "each entry must have its handlers in a list `hooks`");
        };
        let Some(handlers) = handlers.items() else { return wrong(handlers, "`hooks` must be a list") };
        for handler in handlers {
            check_handler(handler).map_err(|(at, what)| Wrong::new(at, format!("`hooks.{event}`: {what}")))?;
        }
    }
    Ok(())
}

fn check_handler(handler: &Node) -> Result<(), (usize, String)> {
    let at = |key: &str| handler.get(key).map_or(handler.span.start, |node| node.span.start);
    let wrong = |key: &str, what: String| Err((at(key), what));
    let kind = handler.get("type").and_then(Node::text);
    match kind {
        Some(kind) if TYPES.contains(&kind) => {}
        _ => return wrong("type", format!("the `type` of a handler must be one of {}", TYPES.join(", "))),
    }
    let text = |key: &str| handler.get(key).is_some_and(|node| node.text().is_some());
    if kind == Some("command") && !text("command") {
        return wrong("command", "`command` must be a string".to_owned());
    }
    if let Some(list) = handler.get("args")
        && !list.items().is_some_and(|items| items.iter().all(|item| item.text().is_some()))
    {
        return wrong("args", "`args` must be a list of strings".to_owned());
    }
    if handler.get("timeout").is_some_and(|node| node.kind != Kind::Other) {
        return wrong("timeout", "`timeout` must be a number of seconds".to_owned());
    }
    if let Some(node) = handler.get("onFailure")
        && !matches!(node.text(), Some("block" | "continue"))
    {
        return wrong("onFailure", "`onFailure` must be \"block\" or \"continue\"".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::json::parse;

    #[test]
    fn matchers_are_read_as_the_client_reads_them() {
        for all in
            [None, Some(""), Some("*"), Some(".*"), Some(MATCHER), Some("Bash|Edit|Write|PowerShell|Monitor|mcp__.*")]
        {
            assert!(TOOLS.iter().all(|(tool, _)| covers(all, tool)), "{all:?}");
        }
        for (matcher, tool, reached) in [
            ("Bash", "Bash", true),
            ("Bash, Edit", "Edit", true),
            ("bash", "Bash", false),
            ("Bas", "Bash", false),
            ("Bash|mcp__", "mcp__db__query", false),
            ("mcp__.*", "mcp__db__query", true),
            ("mcp__.*", "Bash", false),
            ("*|Bash", "Bash", false),
            ("[", "Bash", false),
            ("Bash|(", "Bash", false),
            ("Bash(echo *)", "Bash", false),
        ] {
            assert_eq!(covers(Some(matcher), tool), reached, "{matcher} {tool}");
        }
    }

    #[test]
    fn what_would_void_the_file_is_found() {
        let hook = |handler: &str| format!(r#"{{"hooks":{{"PreToolUse":[{{"hooks":[{handler}]}}]}}}}"#);
        for (text, what) in [
            ("[]".to_owned(), "a JSON object"),
            (r#"{"hooks":[]}"#.to_owned(), "`hooks` must be an object"),
            (r#"{"hooks":{},"hooks":{}}"#.to_owned(), "second time"),
            (r#"{"hooks":{"Stop":[],"Stop":[]}}"#.to_owned(), "second time"),
            (r#"{"model":5}"#.to_owned(), "`model` must be a string"),
            (r#"{"permissions":{"deny":"x"}}"#.to_owned(), "`permissions.deny`"),
            (r#"{"hooks":{"PreToolUse":{}}}"#.to_owned(), "must be a list"),
            (r#"{"hooks":{"PreToolUse":[1]}}"#.to_owned(), "must be an object"),
            (
                r#"{"hooks":{"PreToolUse":[{"matcher":"Bash","type":"command","command":"x"}]}}"#.to_owned(),
                "a list `hooks`",
            ),
            (r#"{"hooks":{"PreToolUse":[{"matcher":5,"hooks":[]}]}}"#.to_owned(), "`matcher`"),
            (hook("1"), "`type`"),
            (hook(r#"{"command":"x"}"#), "`type`"),
            (hook(r#"{"type":"cmd","command":"x"}"#), "`type`"),
            (hook(r#"{"type":"command"}"#), "`command`"),
            (hook(r#"{"type":"command","command":"x","args":[5]}"#), "`args`"),
            (hook(r#"{"type":"command","command":"x","timeout":"30"}"#), "`timeout`"),
            (hook(r#"{"type":"command","command":"x","onFailure":"deny"}"#), "`onFailure`"),
        ] {
            let wrong = check(&parse(&text).expect("JSON")).expect_err(&text);
            assert!(wrong.what.contains(what), "{text}: {wrong:?}");
        }
        for sound in ["{}", r#"{"hooks":{}}"#, &hook(r#"{"type":"command","command":"x","timeout":2.5}"#)] {
            assert_eq!(check(&parse(sound).expect("JSON")), Ok(()), "{sound}");
        }
    }

    #[test]
    fn weaknesses_are_named() {
        let of = |matcher: &str, handler: &str| {
            let text = format!(r#"{{"hooks":{{"PreToolUse":[{{"matcher":"{matcher}","hooks":[{handler}]}}]}}}}"#);
            let found = entries(&text, &parse(&text).expect("JSON"));
            found
                .first()
                .map(|entry| entry.weaknesses().into_iter().map(|weak| weak.what).collect::<Vec<_>>().join("; "))
        };
        let sound = r#"{"type":"command","command":"/usr/local/bin/countersign","args":["hook"],"timeout":10,"onFailure":"block"}"#;
        assert_eq!(of(MATCHER, sound).as_deref(), Some(""));
        assert_eq!(of(MATCHER, r#"{"type":"command","command":"/usr/bin/guard","args":["hook"]}"#), None);
        for (handler, what) in [
            (sound.replace("/usr/local/bin/", ""), "absolute"),
            (sound.replace("\"block\"", "\"continue\""), "onFailure"),
            (sound.replace("10", "1"), "timeout"),
            (sound.replace("10,", "10,\"async\":true,"), "async"),
            (sound.replace("10,", "10,\"if\":\"Bash(rm *)\","), "`if`"),
            (sound.replace(",\"args\":[\"hook\"]", "").replace("countersign\"", "countersign hook\""), "a shell"),
        ] {
            let said = of(MATCHER, &handler).unwrap_or_default();
            assert!(said.contains(what), "{handler}: {said}");
        }
        let text = format!(r#"{{"hooks":{{"PreToolUse":[{{"matcher":"Bash|x.*","hooks":[{sound}]}}]}}}}"#);
        let found = entries(&text, &parse(&text).expect("JSON"));
        assert_eq!(found[0].missed(), ["PowerShell", "Monitor", "Write", "Edit", "NotebookEdit", "MCP tools"]);
    }
}
