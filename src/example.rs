//! Calls as they are written down in rules, policies and corpora: a shell command, or another kind of call behind a
//! prefix (`sql:`, `mcp:`, `write:` …; docs/rules.md lists them).

use crate::call::{Call, Mode, ToolCall};
use crate::context::{NoFiles, World};
use crate::judge;
use crate::read::action::Action;
use crate::read::reader::Reader;
use crate::rules::index::Rules;
use crate::rules::model::{Language, Rule};

/// The home directory of whoever makes the calls of examples.
pub const HOME: &str = "/home/dev";
/// The project in which, and in whose root, they are made.
pub const PROJECT: &str = "/home/dev/shop";

/// An example, as far as it is read.
enum Example {
    /// A call.
    Call(Box<Call>),
    /// Text in a language that no call holds by itself.
    Text(Language, String),
}

fn example(example: &str, subject: &str, cwd: &str) -> Result<Example, String> {
    const PREFIXES: [&str; 12] =
        ["sh", "sql", "mcp", "write", "edit", "powershell", "python", "javascript", "ruby", "perl", "php", "mongo"];
    let (prefix, text) = match example.split_once(':') {
        Some((prefix, text)) if PREFIXES.contains(&prefix) => (prefix, text.trim_start()),
        _ => (subject, example),
    };
    let mut parts = text.split('⏎').map(str::trim);
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let tool = match prefix {
        "sh" => ToolCall::Bash { command: text.to_owned(), description: None },
        "powershell" => ToolCall::PowerShell { command: text.to_owned() },
        "write" => ToolCall::Write { path: part(), content: part() },
        "edit" => ToolCall::Edit { path: part(), old: part(), new: part(), all: false },
        "mcp" => {
            let (name, input) = text.split_once(' ').unwrap_or((text, "{}"));
            let input = serde_json::from_str(input).map_err(|error| format!("its arguments are no JSON: {error}"))?;
            let name = if name.starts_with("mcp__") { name.to_owned() } else { format!("mcp__probe__{name}") };
            ToolCall::Mcp { name, server: None, source: None, input }
        }
        language => {
            let language = match language {
                "sql" => Language::Sql,
                "python" => Language::Python,
                "javascript" => Language::Javascript,
                "ruby" => Language::Ruby,
                "perl" => Language::Perl,
                "mongo" => Language::Mongo,
                _ => Language::Php,
            };
            return Ok(Example::Text(language, text.to_owned()));
        }
    };
    let mut call = Call::new(tool, cwd);
    call.home = Some(HOME.to_owned());
    call.project = Some(PROJECT.to_owned());
    Ok(Example::Call(Box::new(call)))
}

/// Where examples run.
#[must_use]
pub fn world() -> World {
    World { cwd: PROJECT.to_owned(), home: HOME.to_owned(), project: PROJECT.to_owned(), ..World::default() }
}

/// The call that an example is. In front of everything else, `unattended:` makes it one that nobody watches.
///
/// # Errors
/// Why it is none.
pub fn call(text: &str, cwd: &str) -> Result<Call, String> {
    let (text, mode) = match text.strip_prefix("unattended:") {
        Some(text) => (text.trim_start(), Mode::BypassPermissions),
        None => (text, Mode::Default),
    };
    match example(text, "sh", cwd)? {
        Example::Call(call) => Ok(Call { mode, ..*call }),
        Example::Text(..) => Err("write the call that carries this text: `psql -c '…'`, `python3 -c '…'`".to_owned()),
    }
}

/// What an example would do. `subject` is the prefix that counts where the example has none.
///
/// # Errors
/// Why it can't be read.
pub fn actions(text: &str, subject: &str, cwd: &str, rules: &'static Rules) -> Result<Vec<Action>, String> {
    match example(text, subject, cwd)? {
        Example::Call(call) => Ok(judge::actions(&call, rules, &NoFiles).unwrap_or_default()),
        Example::Text(language, text) => {
            let world = World { cwd: cwd.to_owned(), ..world() };
            let mut reader = Reader::new(rules, &world, &NoFiles);
            let scope = reader.top();
            reader.earn(text.len());
            reader.read(language, &text, &scope);
            Ok(reader.actions)
        }
    }
}

/// The prefix that counts for the examples of a rule.
#[must_use]
pub fn subject(rule: &Rule) -> &'static str {
    if !rule.statement.is_empty() {
        "sql"
    } else if !rule.tool.is_empty() || !rule.verb.is_empty() {
        "mcp"
    } else {
        "sh"
    }
}
