//! Calls of MCP tools. What a tool is called proves nothing, so its arguments are read first: SQL, shell commands, code,
//! HTTP requests, paths and calls of further tools in them become actions of their own, as `[[tool]]` tables say. The
//! call itself is one more action, with the kinds of verb in its name.

mod arguments;
mod guess;
mod name;

pub(crate) use arguments::given;
pub(crate) use name::kinds;

use super::action::{FileAction, Kind, McpCall, Request, Source};
use super::reader::{Reader, Scope};
use super::word::Word;
use crate::context::Place;
use crate::rules::glob;
use crate::rules::model::{Carrier, Effect, Language, Tool, Verb};
use arguments::Hit;
use ecow::EcoString;
use serde_json::{Map, Value};
use std::rc::Rc;

/// Calls of tools inside of calls of tools (`call_tool(name, arguments)`) beyond which nothing is read.
const NESTED: u8 = 8;
/// Methods of HTTP requests: what tells a request from a dispatcher's `method = "create"`.
const METHODS: [&str; 9] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PURGE", "TRACE"];

/// Arguments that hold a program, beside those that hold its arguments.
const PROGRAMS: [&str; 6] = ["command", "cmd", "program", "executable", "binary", "cmdline"];
/// Arguments that hold the arguments of a program.
const ARGUMENTS: [&str; 4] = ["args", "arguments", "argv", "parameters"];

impl Reader<'_> {
    /// Reads a call of an MCP tool. `server` is the server's key in the client's configuration, where the client said it.
    pub(crate) fn mcp(&mut self, tool_name: &str, server: Option<&str>, input: &Value, scope: &Scope) {
        let mut scope = self.outline_tool(tool_name, scope).unwrap_or_else(|| scope.clone());
        scope.depth += 1;
        let shown = shown(tool_name, input);
        let arguments = arguments::flat(input).filter(|_| scope.depth <= NESTED);
        let size = arguments.iter().flatten().map(|(key, text)| key.len() + text.len() + 16).sum();
        self.earn(size);
        let (Some(arguments), true) = (arguments, self.pay(size)) else {
            return self.opaque("limit", &shown, &scope);
        };
        let verbs: Vec<&Verb> = self.rules.verbs().collect();
        let name = name::split(tool_name, server, &verbs);
        scope.origin.shown = shown;

        let mut inner = scope.clone();
        inner.origin.via.extend(name.tools.first().map(EcoString::from));
        self.working_directory(input, &mut inner);
        let mut tables: Vec<&Tool> = self.rules.tools().filter(|table| names(table, &name.tools)).collect();
        if tables.is_empty() {
            tables = self.rules.tools().filter(|table| table.name.is_empty()).collect();
        }
        // JSON in strings is read as what it says, and as the text that it is.
        let spread = arguments::spread(input);
        for input in [Some(input), spread.as_ref()].into_iter().flatten() {
            for table in &tables {
                self.carried(table, input, &arguments, &name.server, &inner);
            }
        }

        let origin = scope.origin;
        for tool in name.tools {
            let verbs = name::kinds(&tool, &verbs);
            let call = McpCall { tool, server: name.server.clone(), verbs, arguments: arguments.clone() };
            self.push(Kind::Mcp(call), &origin);
        }
    }

    /// Follows an argument that says where a command runs.
    fn working_directory(&self, input: &Value, scope: &mut Scope) {
        let Value::Object(map) = input else { return };
        let keys = ["cwd", "workdir", "workingdir", "workingdirectory", "directory", "dir"];
        if let Some(Value::String(path)) = arguments::beside(map, &keys) {
            let absolute = path.starts_with('/') || path.contains(":\\");
            scope.cwd = match &scope.cwd {
                _ if absolute => Some(Rc::from(path.as_str())),
                Some(cwd) if !path.starts_with('~') => Some(Rc::from(format!("{cwd}/{path}").as_str())),
                _ => None,
            };
            scope.origin.moved = true;
        }
    }

    /// Reads what a table says the arguments carry.
    fn carried(&mut self, table: &Tool, input: &Value, flat: &[(String, String)], server: &str, scope: &Scope) {
        let mut scope = scope.clone();
        if table.elsewhere {
            scope.origin.elsewhere = true;
            scope.cwd = None;
        }
        for effect in &table.effects {
            self.effect(effect, input, flat, &scope);
        }
        let mut read: Vec<&str> = Vec::new();
        for carrier in &table.carries {
            if !carrier.program.is_empty() && carrier.language == Language::Command {
                self.command_line(carrier, input, &scope);
                continue;
            }
            for like in &carrier.argument {
                // Where several carriers name one argument, its text says which of them is right.
                if read.contains(&like.as_str()) {
                    continue;
                }
                read.push(like.as_str());
                let rivals: Vec<Language> = table
                    .carries
                    .iter()
                    .filter(|rival| rival.argument.iter().any(|other| other == like))
                    .map(|rival| rival.language)
                    .collect();
                for hit in arguments::find(input, like) {
                    self.hit(carrier, &rivals, &hit, !table.name.is_empty(), server, &scope);
                }
            }
        }
    }

    /// Reads one argument.
    fn hit(&mut self, carrier: &Carrier, rivals: &[Language], hit: &Hit, named: bool, server: &str, scope: &Scope) {
        match carrier.language {
            Language::Http => self.request(hit, named, scope),
            Language::Tool => {
                let Value::String(tool) = hit.value else { return };
                let keys =
                    ["arguments", "args", "inputs", "input", "params", "parameters", "toolarguments", "toolargs"];
                let input = match arguments::beside(hit.beside, &keys) {
                    Some(Value::String(text)) => arguments::unpacked(text).unwrap_or(Value::Null),
                    Some(value) => value.clone(),
                    None => Value::Object(hit.beside.clone()),
                };
                let tool = tool.trim();
                let server = (!tool.starts_with("mcp__")).then_some(server);
                self.mcp(tool, server, &input, scope);
            }
            Language::Mongo if !hit.value.is_string() => {
                self.read(Language::Mongo, &format!("db.collection.{}({})", hit.name, hit.value), scope);
            }
            Language::Command | Language::Shell => self.commands(carrier, rivals, hit, scope),
            Language::Redis => {
                let lists = match hit.value {
                    Value::Array(items) if items.iter().any(Value::is_array) => items.iter().collect(),
                    value => vec![value],
                };
                for list in lists {
                    let words: Vec<String> = match list {
                        Value::Array(words) => words.iter().map(arguments::word).collect(),
                        value => vec![arguments::word(value)],
                    };
                    // A list of whole commands, or the words of one.
                    if words.first().is_some_and(|first| first.contains(' ')) {
                        words.iter().for_each(|command| self.read(Language::Redis, command, scope));
                    } else {
                        self.read(Language::Redis, &words.join(" "), scope);
                    }
                }
            }
            language => {
                for text in arguments::texts(hit.value) {
                    let language =
                        if rivals.len() > 1 { self.guess(text, rivals, hit).unwrap_or(language) } else { language };
                    self.read(language, text, scope);
                }
            }
        }
    }

    /// Which of these languages a text is in: the one that an argument beside it names, or the one it looks like.
    fn guess(&self, text: &str, languages: &[Language], hit: &Hit) -> Option<Language> {
        let named = arguments::beside(hit.beside, &["language", "lang", "interpreter", "runtime", "kernel"]);
        let named = match named.map(|named| arguments::word(named).to_ascii_lowercase()) {
            Some(name) if name.contains("python") => Some(Language::Python),
            Some(name) if name.starts_with("sql") => Some(Language::Sql),
            Some(name) if ["javascript", "typescript", "js", "ts", "node", "deno", "bun"].contains(&name.as_str()) => {
                Some(Language::Javascript)
            }
            Some(name) if ["sh", "bash", "shell", "zsh"].contains(&name.as_str()) => Some(Language::Shell),
            _ => None,
        };
        let is_program = |name: &str| {
            let known = self.rules.program(name);
            !known.is_empty() && known.rules.iter().any(|rule| !rule.on_top)
        };
        named.filter(|named| languages.contains(named)).or_else(|| guess::guess(text, languages, is_program))
    }

    /// Reads an argument that holds commands: as text, as a list of texts, or as the list of the words of one.
    fn commands(&mut self, carrier: &Carrier, rivals: &[Language], hit: &Hit, scope: &Scope) {
        // A program and its arguments, side by side.
        if ARGUMENTS.contains(&hit.name.as_str()) && arguments::beside(hit.beside, &PROGRAMS).is_some() {
            return;
        }
        let args = arguments::beside(hit.beside, &ARGUMENTS);
        if let (true, Value::String(text), Some(args)) = (PROGRAMS.contains(&hit.name.as_str()), hit.value, args) {
            match args {
                Value::String(args) if !args.trim_start().starts_with('[') => {
                    return self.read(Language::Shell, &format!("{text} {args}"), scope);
                }
                args => {
                    let unpacked = args.as_str().and_then(arguments::unpacked);
                    let words = text.split_whitespace().map(str::to_owned);
                    let more = unpacked.as_ref().unwrap_or(args).as_array().into_iter().flatten().map(arguments::word);
                    let words: Vec<Word> = words.chain(more).map(Word::text).collect();
                    self.argv(words, scope);
                    // Read on: without its arguments, the text may still be a script.
                }
            }
        }
        let unpacked;
        let value = match hit.value {
            Value::String(text) if text.trim_start().starts_with('[') => {
                unpacked = arguments::unpacked(text).unwrap_or(Value::Null);
                if unpacked.is_array() { &unpacked } else { hit.value }
            }
            value => value,
        };
        if let Value::Array(items) = value {
            if items.iter().any(Value::is_array) {
                for item in items {
                    // Each is the words of one command.
                    let hit = Hit { name: "words_of_one".to_owned(), value: item, beside: hit.beside };
                    self.commands(carrier, rivals, &hit, scope);
                }
                return;
            }
            let whole = hit.name.ends_with('s') || items.len() < 2 || items.first().is_some_and(blank);
            if (carrier.language == Language::Command || !whole) && !items.iter().any(Value::is_object) {
                let mut words: Vec<String> = items.iter().map(arguments::word).collect();
                if !carrier.program.is_empty() && words.first().map(String::as_str) != Some(carrier.program.as_str()) {
                    words.insert(0, carrier.program.to_string());
                }
                return self.argv(words.into_iter().map(Word::text).collect(), scope);
            }
        }
        for text in arguments::texts(value) {
            let language = if rivals.len() > 1 { self.guess(text, rivals, hit) } else { None };
            match language.unwrap_or(carrier.language) {
                language @ (Language::Shell | Language::Command) if !carrier.program.is_empty() => {
                    let program = carrier.program.as_str();
                    let there = text.split_whitespace().next() == Some(program);
                    let text = if there { text.to_owned() } else { format!("{program} {text}") };
                    self.read(language, &text, scope);
                }
                language => self.read(language, text, scope),
            }
        }
    }

    /// Reads the arguments of a program that the tool runs: in the order of the table, options from objects.
    fn command_line(&mut self, carrier: &Carrier, input: &Value, scope: &Scope) {
        let mut words: Vec<String> = Vec::new();
        for like in &carrier.argument {
            for hit in arguments::find(input, like) {
                match hit.value {
                    // `delete_db_instance`, `DeleteDBInstance` of an SDK: `delete-db-instance` of its command line.
                    Value::String(text) if like.contains("operation") && !text.contains([' ', '-']) => {
                        words.push(name::words(text).join("-"));
                    }
                    Value::String(text) => words.extend(text.split_whitespace().map(str::to_owned)),
                    Value::Array(items) => words.extend(items.iter().map(arguments::word)),
                    Value::Object(options) => {
                        words.extend(options.iter().filter_map(|(key, value)| option(key, value)))
                    }
                    Value::Null => {}
                    value => words.push(value.to_string()),
                }
            }
        }
        if words.is_empty() {
            return;
        }
        let given: Vec<&str> = carrier.argument.iter().map(|like| like.as_str()).collect();
        if let [Value::String(text)] = values(input, &given).as_slice() {
            // One text is a command line, with quotes and all.
            let program = carrier.program.as_str();
            let there = text.split_whitespace().next() == Some(program);
            let text = if there { text.clone() } else { format!("{program} {text}") };
            return self.read(Language::Shell, &text, scope);
        }
        if words.first().map(String::as_str) != Some(carrier.program.as_str()) {
            words.insert(0, carrier.program.to_string());
        }
        self.argv(words.into_iter().map(Word::text).collect(), scope);
    }

    /// Reads a request: the address in this argument, method and body beside it.
    fn request(&mut self, hit: &Hit, named: bool, scope: &Scope) {
        let Value::String(address) = hit.value else { return };
        let method = arguments::beside(hit.beside, &["method", "httpmethod", "requestmethod", "verb"]);
        let method = match method.map(|method| arguments::word(method).trim().to_ascii_uppercase()) {
            Some(method) if named || METHODS.contains(&method.as_str()) => method,
            None if named => "GET".to_owned(),
            _ => return,
        };
        let (host, path) = match address.split_once("://") {
            Some((_, rest)) => {
                let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
                let host = authority.rsplit('@').next().unwrap_or(authority);
                let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or(host) };
                (Some(host.to_ascii_lowercase()), if path.is_empty() { "/" } else { path })
            }
            None => (None, address.as_str()),
        };
        let body = arguments::beside(hit.beside, &["body", "data", "json", "payload", "requestbody"]);
        let request = Request {
            method: Some(method),
            port: super::http::port(address),
            host,
            path: Some(path.to_owned()),
            body: body.map(arguments::word),
        };
        self.push(Kind::Http(request), &scope.origin);
    }

    /// Adds an effect on the files that arguments name.
    fn effect(&mut self, effect: &Effect, input: &Value, flat: &[(String, String)], scope: &Scope) {
        let has = |likes: &[crate::rules::text::Text]| likes.iter().any(|like| given(flat, like));
        if has(&effect.without) || (!effect.with.is_empty() && !has(&effect.with)) {
            return;
        }
        let recursive = effect.recursive.iter().any(|like| like.as_str() == "*" || given(flat, like));
        let text = |likes: &[crate::rules::text::Text]| {
            let found: Vec<&str> = likes
                .iter()
                .flat_map(|like| arguments::find(input, like))
                .flat_map(|hit| arguments::texts(hit.value))
                .collect();
            (!found.is_empty()).then(|| Rc::from(found.join("\n")))
        };
        // A tool that changes a part of a file leaves the rest of it, also where it doesn't say what it takes out.
        let part = || (!effect.removes.is_empty()).then(|| Rc::from(""));
        let (adds, removes) = (text(&effect.adds), text(&effect.removes).or_else(part));
        let origin = scope.origin.clone();
        for path in effect
            .argument
            .iter()
            .flat_map(|like| arguments::find(input, like))
            .flat_map(|hit| arguments::texts(hit.value))
        {
            let path = path.strip_prefix("file://").unwrap_or(path);
            let path = match path.strip_prefix('~') {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", self.world.home),
                _ => path.to_owned(),
            };
            let place =
                Place::resolve(&Word::text(path), scope.cwd.as_deref(), origin.elsewhere, self.world, self.rules);
            let file = FileAction {
                does: effect.does,
                place,
                recursive,
                adds: adds.clone(),
                removes: removes.clone(),
                source: Source::Unsaid,
            };
            self.push(Kind::File(file), &origin);
        }
    }
}

/// The values of these arguments.
fn values<'a>(input: &'a Value, likes: &[&str]) -> Vec<&'a Value> {
    likes.iter().flat_map(|like| arguments::find(input, like)).map(|hit| hit.value).collect()
}

/// Whether a table is about one of these tools.
fn names(table: &Tool, tools: &[String]) -> bool {
    table.name.iter().any(|like| tools.iter().any(|tool| glob::matches(like, tool)))
}

/// Whether there is white space in a text: then it is more than a word.
fn blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().contains(char::is_whitespace))
}

/// An option from a field: `{"force": true, "n": "prod"}` → `--force`, `-n=prod`.
fn option(key: &str, value: &Value) -> Option<String> {
    let kebab;
    let key = if key.starts_with(|c: char| c.is_ascii_uppercase()) {
        kebab = name::words(key).join("-");
        kebab.as_str()
    } else {
        key
    };
    let dashes = if key.starts_with('-') {
        ""
    } else if key.chars().count() == 1 {
        "-"
    } else {
        "--"
    };
    match value {
        Value::Bool(false) | Value::Null => None,
        Value::Bool(true) => Some(format!("{dashes}{key}")),
        value => Some(format!("{dashes}{key}={}", arguments::word(value))),
    }
}

/// How a call is shown to a person: the tool and what it is told, on one line.
fn shown(tool: &str, input: &Value) -> String {
    let none = Map::new();
    let fields: Vec<String> = input
        .as_object()
        .unwrap_or(&none)
        .iter()
        .map(|(key, value)| {
            let text = arguments::word(value).replace(['\n', '\r', '\t'], " ");
            let short: String = text.chars().take(80).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("{key}: {short}{more}")
        })
        .take(8)
        .collect();
    format!("{tool}({})", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shows_a_call_on_one_line() {
        assert_eq!(shown("mcp__db__drop_table", &json!({"name": "users"})), "mcp__db__drop_table(name: users)");
        assert_eq!(shown("x", &json!({"sql": "a\nb"})), "x(sql: a b)");
        assert!(shown("x", &json!({"sql": "a".repeat(500)})).len() < 120);
    }

    #[test]
    fn options_from_fields() {
        assert_eq!(option("force", &json!(true)).as_deref(), Some("--force"));
        assert_eq!(option("force", &json!(false)), None);
        assert_eq!(option("n", &json!("prod")).as_deref(), Some("-n=prod"));
        assert_eq!(option("--grace-period", &json!(0)).as_deref(), Some("--grace-period=0"));
    }
}
