//! Commands that stand under a name in a table: `scripts` of package.json and composer.json, tasks of deno.json,
//! pyproject.toml, mise.toml and Taskfile.yml.

use super::{Book, Order, document, quoted};
use crate::context::join;
use crate::read::reader::{Reader, Scope};
use crate::read::word::Word;
use crate::rules::glob;
use serde_json::{Map, Value};
use std::rc::Rc;

/// Keys of a command's table that hold what it runs.
const COMMANDS: [&str; 7] = ["cmd", "cmds", "command", "commands", "run", "shell", "script"];
/// Keys that hold names of others, or commands where there is no other of that name.
const OTHERS: [&str; 10] =
    ["deps", "depends", "depends_on", "dependencies", "task", "ref", "composite", "chain", "sequence", "defer"];
/// Keys that hold the directory.
const DIRECTORIES: [&str; 3] = ["dir", "cwd", "working_dir"];

/// One table file that is being read.
struct Document<'d> {
    order: &'d Order<'d>,
    book: &'d Book,
    root: &'d Value,
    tables: Vec<&'d Map<String, Value>>,
}

impl Reader<'_> {
    pub(super) fn scripts_of(&mut self, order: &Order<'_>, book: &Book, scope: &Scope) -> bool {
        let Some(root) = document::read(&book.path, &book.text) else { return false };
        let tables = order.recipes.under.iter().flat_map(|path| document::tables(&root, path)).collect();
        let document = Document { order, book, root: &root, tables };
        let default = order.names.is_empty().then(|| "default".to_owned());
        let mut found = false;
        for name in order.names.iter().chain(&default) {
            found |= self.script_named(&document, name, &order.arguments, scope);
        }
        found
    }

    /// The script of a name, with those that run before and after it. `false`: there is none.
    fn script_named(&mut self, document: &Document<'_>, name: &str, arguments: &[Word], scope: &Scope) -> bool {
        // `//` is no expression, but a name.
        let expression = name.strip_prefix('/').and_then(|name| name.strip_suffix('/'));
        let expression = expression.filter(|expression| !expression.is_empty());
        let expression = expression.filter(|_| document.order.recipes.patterns);
        if expression.is_some() || name.contains('*') {
            let like = expression.map_or_else(|| vec![name.replace("**", "*")], globs);
            let is_like = |name: &str| like.iter().any(|like| glob::matches(like, name));
            let names = document.tables.iter().flat_map(|table| table.keys());
            let names: Vec<String> = names.filter(|name| is_like(name)).take(super::NAMES + 1).cloned().collect();
            if names.len() > super::NAMES {
                self.opaque("limit", name, scope);
            }
            return names.iter().fold(false, |found, name| found | self.script_named(document, name, arguments, scope));
        }
        let here = |name: &str| document.tables.iter().find_map(|table| table.get(name));
        let Some(value) = here(name) else { return false };
        let mark = format!("{}\0{name}\0{}", document.book.path, quoted(arguments));
        self.within(mark, |reader| {
            let label = document.order.label(name);
            for around in &document.order.recipes.around {
                if let Some(value) = here(&format!("{around}{name}")) {
                    reader.script_value(document, value, &label, &[], scope);
                }
            }
            reader.script_value(document, value, &label, arguments, scope);
        });
        true
    }

    fn script_value(&mut self, document: &Document<'_>, value: &Value, label: &str, arguments: &[Word], scope: &Scope) {
        if !self.pay(32) {
            return;
        }
        match value {
            Value::String(text) => self.script_line(document, text, label, arguments, scope),
            Value::Array(items) => {
                items.iter().for_each(|item| self.script_value(document, item, label, arguments, scope));
            }
            Value::Object(map) => {
                let mut inner = scope.clone();
                let dir = DIRECTORIES.iter().find_map(|key| map.get(*key)?.as_str());
                if let Some(dir) = dir.map(|dir| filled(dir, document.root)) {
                    inner.cwd = match dir.contains("${") {
                        true => None,
                        false => scope.cwd.as_deref().map(|cwd| Rc::from(join(cwd, &dir))),
                    };
                }
                for value in OTHERS.iter().filter_map(|key| map.get(*key)) {
                    self.other_scripts(document, value, label, &inner);
                }
                for value in COMMANDS.iter().filter_map(|key| map.get(*key)) {
                    self.script_value(document, value, label, arguments, &inner);
                }
            }
            _ => {}
        }
    }

    /// Names of other scripts, or commands.
    fn other_scripts(&mut self, document: &Document<'_>, value: &Value, label: &str, scope: &Scope) {
        match value {
            Value::String(text) => {
                let first = text.split_whitespace().next().unwrap_or_default();
                if !self.script_named(document, text, &[], scope) && !self.script_named(document, first, &[], scope) {
                    self.script_line(document, text, label, &[], scope);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.other_scripts(document, item, label, scope)),
            Value::Object(_) => self.script_value(document, value, label, &[], scope),
            _ => {}
        }
    }

    fn script_line(&mut self, document: &Document<'_>, text: &str, label: &str, arguments: &[Word], scope: &Scope) {
        let mut text = filled(text, document.root).into_owned();
        // composer: `@other`, `@php x`, `@composer x`.
        if let Some(rest) = text.strip_prefix('@') {
            let (name, more) = rest.split_once(' ').unwrap_or((rest, ""));
            if more.is_empty() && self.script_named(document, name, arguments, scope) {
                return;
            }
            if name == "putenv" {
                return;
            }
            text = format!("{name} {more}");
        }
        text.push_str(&quoted(arguments));
        self.recipe_text(&text, label, scope);
    }
}

/// What a regular expression is like, as globs. One with more in it than `^`, `$`, `.`, `.*`, groups and alternatives may be
/// like anything.
fn globs(expression: &str) -> Vec<String> {
    let mut alternatives = vec![String::new()];
    let mut depth = 0usize;
    let mut chars = expression.chars().peekable();
    while let Some(char) = chars.next() {
        let repeated = matches!(chars.peek(), Some('*' | '+' | '?' | '{'));
        let piece = match char {
            '(' | '[' | ')' if depth > 1 => return vec!["*".to_owned()],
            '(' if chars.peek() != Some(&'?') => {
                depth += 1;
                '{'
            }
            ')' if depth == 1 && !repeated => {
                depth = 0;
                '}'
            }
            '|' if depth == 0 => {
                alternatives.push(String::new());
                continue;
            }
            '|' => ',',
            '.' if matches!(chars.peek(), Some('*' | '+')) => {
                chars.next();
                '*'
            }
            '.' if !repeated => '?',
            '^' | '$' if depth == 0 => char,
            char if !repeated && (char.is_alphanumeric() || "-_:/@ ".contains(char)) => char,
            _ => return vec!["*".to_owned()],
        };
        if let Some(last) = alternatives.last_mut() {
            last.push(piece);
        }
    }
    if depth > 0 {
        return vec!["*".to_owned()];
    }
    let anchored = |text: String| {
        let (begins, text) = text.strip_prefix('^').map_or(("*", text.as_str()), |text| ("", text));
        let (text, ends) = text.strip_suffix('$').map_or((text, "*"), |text| (text, ""));
        // In the middle, an anchor is like nothing.
        format!("{begins}{}{ends}", text.replace(['^', '$'], ""))
    };
    alternatives.into_iter().map(anchored).collect()
}

/// Text with the variables of the file filled in: `{{.NAME}}`. What isn't there is a variable of the shell.
fn filled<'t>(text: &'t str, root: &Value) -> std::borrow::Cow<'t, str> {
    if !text.contains("{{") {
        return text.into();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, behind)) = behind.split_once("}}") else {
            rest = behind;
            break;
        };
        let name = name.trim().trim_start_matches('.');
        match root.get("vars").and_then(|vars| vars.get(name)) {
            Some(Value::String(value)) if !value.contains("{{") => out.push_str(value),
            _ if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.is_empty() => {
                out.push_str(&format!("${{{name}}}"));
            }
            _ => out.push_str("${UNKNOWN}"),
        }
        rest = behind;
    }
    out.push_str(rest);
    out.into()
}
