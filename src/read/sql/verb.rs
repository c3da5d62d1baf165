//! From the tokens of one statement to its verb, object and marks.

use super::define::{create, drop, execute};
use super::filter::{Breadth, breadth};
use super::text::Text;
use super::token::Kind;

/// A statement as it is found: verb, object, marks.
#[derive(Debug, Default, Clone)]
pub(super) struct Part {
    pub(super) verb: String,
    pub(super) object: Option<String>,
    pub(super) marks: Vec<&'static str>,
}

impl Part {
    pub(super) fn new(verb: impl Into<String>, object: Option<String>) -> Self {
        Self { verb: verb.into(), object, marks: Vec::new() }
    }

    pub(super) fn mark(&mut self, mark: &'static str, if_so: bool) {
        if if_so && !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
    }
}

/// A place in a statement.
pub(super) struct Cursor<'a, 't> {
    pub(super) text: &'a Text<'t>,
    pub(super) at: usize,
    pub(super) end: usize,
}

impl Cursor<'_, '_> {
    /// Skips one of these words.
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let yes = self.at < self.end && self.text.any(self.at, words);
        self.at += usize::from(yes);
        yes
    }

    /// Skips all words of this list.
    pub(super) fn skip(&mut self, words: &[&str]) {
        while self.eat(words) {}
    }

    pub(super) fn word(&self) -> &str {
        if self.at < self.end { self.text.word(self.at) } else { "" }
    }

    pub(super) fn name(&mut self) -> Option<String> {
        let (name, at) = self.text.name(self.at, self.end)?;
        self.at = at;
        Some(name)
    }

    /// Skips `IF [NOT] EXISTS`; says whether it stood there.
    pub(super) fn if_exists(&mut self) -> bool {
        let yes = self.eat(&["if"]);
        if yes {
            self.skip(&["not", "exists"]);
        }
        yes
    }

    pub(super) fn has(&self, words: &[&str]) -> bool {
        self.text.find(self.at, self.end, words).is_some()
    }
}

/// Whether a value switches something off.
pub(super) fn is_off(value: &str) -> bool {
    matches!(value, "0" | "off" | "false" | "no" | "none" | "disabled" | "minimal")
}

/// The words of a name that speak of credentials.
pub(super) fn is_secret(name: &str) -> bool {
    const PARTS: [&str; 17] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "api_key",
        "apikey",
        "private_key",
        "access_token",
        "refresh_token",
        "auth_token",
        "credential",
        "pg_shadow",
        "pg_authid",
        "pg_user_mapping",
        "mysql.user",
        "mysql.global_priv",
        "pwdhash",
    ];
    PARTS.iter().any(|part| name.contains(part))
}

/// Reads the statement in the tokens `at..end`.
pub(super) fn read(text: &Text, at: usize, end: usize) -> Vec<Part> {
    let mut c = Cursor { text, at: at + 1, end };
    let head = text.word(at);
    let one = |verb: &str, object| vec![Part::new(verb, object)];
    match head {
        "select" | "perform" => vec![select(&c)],
        "table" | "values" | "from" => one("select", None),
        "with" => match text.find(at, end, &["select", "values", "table", "from", "replace"]) {
            Some(main) if text.is(main, "replace") => one("replace", None),
            Some(main) => vec![select(&Cursor { text, at: main + 1, end })],
            None => Vec::new(),
        },
        "insert" => {
            let overwrite = c.eat(&["overwrite"]);
            let replace = c.eat(&["or"]) && c.eat(&["replace"]);
            c.skip(&[
                "into",
                "ignore",
                "low_priority",
                "delayed",
                "table",
                "or",
                "abort",
                "fail",
                "rollback",
                "all",
                "first",
                "directory",
                "local",
            ]);
            let name = c.name();
            one(
                if overwrite {
                    "insert overwrite"
                } else if replace {
                    "replace"
                } else {
                    "insert"
                },
                name,
            )
        }
        "replace" | "upsert" => {
            c.skip(&["into", "low_priority", "delayed"]);
            let name = c.name();
            one(head, name)
        }
        "update" if c.eat(&["statistics"]) => one("update statistics", None),
        "update" => {
            c.skip(&["only", "low_priority", "ignore", "or", "rollback", "abort", "replace", "fail"]);
            let limit = c.eat(&["top"]);
            if text.kind(c.at) == Kind::Open {
                c.at = text.step(c.at, end);
            }
            let mut part = Part::new("update", c.name());
            part.mark("limit", limit);
            filter_marks(text, c.at, end, &mut part);
            let set = text.find(c.at, end, &["set"]).unwrap_or(end);
            let filter = text.find(set, end, &["where"]).unwrap_or(end);
            part.mark(
                "secret",
                text.level(set, filter).any(|i| text.kind(i + 1) == Kind::Sign(b'=') && is_secret(text.inner(i))),
            );
            // `SET a = 1 WHERE a IS NULL` fills what is empty.
            let fills = filter + 4 == end
                && text.same(set + 1, filter + 1)
                && text.is(filter + 2, "is")
                && text.is(filter + 3, "null");
            part.marks.retain(|mark| !(fills && *mark == "broad-where"));
            vec![part]
        }
        "delete" => {
            let limit = c.eat(&["top"]);
            if text.kind(c.at) == Kind::Open {
                c.at = text.step(c.at, end);
            }
            c.skip(&["low_priority", "quick", "ignore"]);
            let mut direct = c.name_unless_from();
            if c.eat(&["from"]) && direct.is_none() {
                c.skip(&["only"]);
                direct = c.name();
            }
            let mut part = Part::new("delete", direct);
            part.mark("limit", limit);
            filter_marks(text, c.at, end, &mut part);
            vec![part]
        }
        "merge" => {
            c.skip(&["into"]);
            let name = c.name();
            let mut parts = one("merge", name.clone());
            if text.level(c.at, end).any(|i| text.is(i, "then") && text.is(i + 1, "delete")) {
                parts.push(Part::new("merge delete", name));
            }
            parts
        }
        "truncate" => {
            c.skip(&["table", "only"]);
            c.if_exists();
            named("truncate", c, false)
        }
        "drop" => drop(c),
        "alter" => super::alter::read(c),
        "create" => vec![create(c)],
        "undrop" => one("undrop", None),
        "rename" => one("rename table", None),
        "grant" | "revoke" | "deny" => {
            let mut part = Part::new(head, None);
            let to = text.find(c.at, end, &["to", "from"]).unwrap_or(end);
            part.object = text.find(c.at, to, &["on"]).and_then(|on| {
                let mut c = Cursor { text, at: on + 1, end: to };
                c.skip(&["table", "all", "tables", "in", "schema", "database", "function", "sequence", "procedure"]);
                c.name()
            });
            let roles = [
                "superuser",
                "pg_read_server_files",
                "pg_write_server_files",
                "pg_execute_server_program",
                "dba",
                "sysadmin",
                "db_owner",
                "accountadmin",
                "rds_superuser",
            ];
            part.mark(
                "all-privileges",
                c.eat(&["all"]) || text.level(c.at, to).any(|i| roles.contains(&text.inner(i))),
            );
            part.mark("to-public", text.level(to, end).any(|i| text.is(i, "public")));
            vec![part]
        }
        "set" => super::set::read(c),
        "reset" if c.eat(&["master", "binary", "replica", "slave", "persist"]) => {
            one(&format!("reset {}", text.word(c.at - 1)), None)
        }
        "reset" => one("reset", c.name()),
        "copy" => vec![super::set::copy(c)],
        "load" => {
            let mut part = Part::new(if c.eat(&["data", "xml"]) { "load data" } else { "load extension" }, None);
            part.mark("replace", c.has(&["replace", "overwrite"]));
            vec![part]
        }
        "bulk" => one("load data", None),
        "call" => one("call", c.name()),
        "exec" | "execute" => vec![execute(c)],
        "prepare" => one("prepare", c.name()),
        "deallocate" => one("deallocate", None),
        "do" => {
            let mut part = Part::new("do", None);
            let language = text.find(c.at, end, &["language"]).map(|i| text.inner(i + 1));
            part.mark("dynamic", language.is_some_and(|l| !matches!(l, "plpgsql" | "sql")));
            vec![part]
        }
        "begin" | "start" => {
            let words = [
                "tran",
                "transaction",
                "work",
                "isolation",
                "read",
                "immediate",
                "exclusive",
                "deferred",
                "concurrent",
                "distributed",
                "deferrable",
                "not",
            ];
            let transaction = text.any(c.at, &words) && c.at < end || c.at == end && text.kind(end) == Kind::End;
            match head {
                "start" if c.eat(&["transaction"]) => one("begin", None),
                "start" => one("start replica", None),
                _ if transaction => one("begin", None),
                _ => one("block", None),
            }
        }
        "commit" | "savepoint" | "release" | "save" => one(if head == "commit" { "commit" } else { "savepoint" }, None),
        "end" => one(
            if text.any(c.at, &["if", "loop", "while", "case", "repeat", "for", "try", "catch"]) {
                "block"
            } else {
                "end"
            },
            None,
        ),
        "rollback" | "abort" => {
            c.skip(&["work", "transaction", "tran"]);
            one(if c.eat(&["to"]) { "savepoint" } else { "rollback" }, None)
        }
        "if" | "while" | "for" | "loop" | "repeat" | "else" | "elsif" | "elseif" | "elif" | "then" | "when"
        | "return" | "raise" | "print" | "raiserror" | "throw" | "waitfor" | "declare" | "exception" | "exit"
        | "continue" | "leave" | "open" | "fetch" | "close" | "case" | "until" | "try" | "assert" | "signal"
        | "iterate" | "null" => one("block", None),
        "show" | "list" => one("show", c.name()),
        "describe" | "desc" => one("describe", c.name()),
        "explain" => one("explain", None),
        "analyze" | "analyse" if c.eat(&["select", "format"]) || c.has(&["select", "delete", "update", "insert"]) => {
            one("explain", None)
        }
        "pragma" => {
            let mut part = Part::new("pragma", c.name());
            let value = if text.kind(c.at) == Kind::Sign(b'=') { Some(text.inner(c.at + 1)) } else { None };
            part.mark("assigns", value.is_some());
            // `PRAGMA name(value)` sets as well, except for those that take the name of a table.
            part.mark("argument", text.kind(c.at) == Kind::Open);
            part.mark("off", value.is_some_and(is_off));
            vec![part]
        }
        "use" => one("use", c.name()),
        "vacuum" => {
            let full = (c.at..end.min(c.at + 16)).any(|i| text.is(i, "full"));
            one(
                if full {
                    "vacuum full"
                } else if c.has(&["into"]) {
                    "vacuum into"
                } else {
                    "vacuum"
                },
                None,
            )
        }
        "refresh" => one("refresh materialized view", None),
        "shutdown" => {
            let mut part = Part::new("shutdown", None);
            part.mark("abort", c.has(&["abort", "nowait", "immediate"]));
            vec![part]
        }
        "restore" => {
            c.skip(&["database", "log", "table", "filelistonly", "headeronly", "verifyonly", "labelonly"]);
            let check = text.word(c.at - 1).ends_with("only");
            let mut part = Part::new(if check { "restore check" } else { "restore" }, c.name());
            part.mark("replace", text.level(c.at, end).any(|i| text.is(i, "replace")));
            vec![part]
        }
        "dbcc" => one("dbcc", c.name()),
        "purge" => {
            let what = match c.word() {
                "binary" | "master" => "purge binary logs",
                _ => "purge recyclebin",
            };
            one(what, None)
        }
        "system" => {
            let what = c.name().unwrap_or_default();
            one(&format!("system {what} {}", c.word()), None)
        }
        "change" | "stop" => one(&format!("{head} {}", c.word()), None),
        "disable" | "enable" => one(&format!("{head} {}", c.word()), None),
        "install" | "uninstall" | "attach" | "detach" | "comment" | "lock" | "unlock" | "analyze" | "analyse"
        | "reindex" | "cluster" | "optimize" | "checkpoint" | "discard" | "listen" | "notify" | "unlisten" | "kill"
        | "backup" | "flush" | "flashback" | "export" | "import" | "unload" | "reassign" | "security" | "move"
        | "handler" | "reconfigure" | "cache" | "uncache" | "summarize" | "help" | "check" | "checksum" | "repair"
        | "rebuild" => {
            c.skip(&["table", "database", "data"]);
            let name = if head == "kill" { None } else { c.name() };
            one(head, name)
        }
        _ => one("unknown", None),
    }
}

impl Cursor<'_, '_> {
    fn name_unless_from(&mut self) -> Option<String> {
        if self.word() == "from" { None } else { self.name() }
    }
}

fn select(c: &Cursor) -> Part {
    let text = c.text;
    let into = text.find(c.at, c.end, &["into"]);
    let kind = into.map(|i| text.kind(i + 1));
    let file = into.is_some_and(|i| text.any(i + 1, &["outfile", "dumpfile"]));
    match (into, kind) {
        (Some(into), Some(Kind::Word | Kind::Quoted)) if !file => {
            let mut n = Cursor { text, at: into + 1, end: c.end };
            let temporary = n.eat(&["temp", "temporary"]);
            n.skip(&["table", "unlogged", "local", "global", "strict"]);
            let mut part = Part::new("select into", n.name());
            let temporary = temporary || part.object.as_deref().is_some_and(is_temporary);
            part.mark("temporary", temporary);
            part
        }
        _ => Part::new("select", None),
    }
}

/// Names that only ever belong to temporary tables.
pub(super) fn is_temporary(name: &str) -> bool {
    let table = name.rsplit('.').next().unwrap_or(name);
    table.starts_with('#') || table.starts_with('@') || name.starts_with("pg_temp.") || name.starts_with("temp.")
}

/// The marks of a statement with a `WHERE`.
pub(super) fn filter_marks(text: &Text, from: usize, end: usize, part: &mut Part) {
    let limit = text
        .find(from, end, &["limit", "fetch"])
        .is_some_and(|i| text.kind(i + 1) == Kind::Number || text.is(i, "fetch"));
    part.mark("limit", limit);
    match text.find(from, end, &["where"]) {
        Some(begin) => {
            let stop = text.find(begin, end, &["returning", "order", "limit", "output", "option", "settings", "fetch"]);
            match breadth(text, begin + 1, stop.unwrap_or(end)) {
                Breadth::Constant => part.mark("constant-where", true),
                Breadth::Broad => part.mark("broad-where", true),
                Breadth::Selective | Breadth::Nothing => {}
            }
        }
        None => part.mark("no-where", true),
    }
}

/// One part for each of the names that are listed.
pub(super) fn named(verb: &str, mut c: Cursor, temporary: bool) -> Vec<Part> {
    let mut names = Vec::new();
    while let Some(name) = c.name() {
        names.push(Some(name));
        if c.text.kind(c.at) == Kind::Open {
            c.at = c.text.step(c.at, c.end);
        }
        if c.text.kind(c.at) == Kind::Sign(b'*') {
            c.at += 1;
        }
        if c.at >= c.end || c.text.kind(c.at) != Kind::Sign(b',') || names.len() > 1000 {
            break;
        }
        c.at += 1;
    }
    if names.is_empty() {
        names.push(None);
    }
    let cascade = c.has(&["cascade"]);
    let purge = c.has(&["purge", "sync"]);
    // `WITH (FORCE)`: nothing else stands there.
    let force = c.has(&["with"]);
    let parts = names.into_iter().map(|name| {
        let mut part = Part::new(verb, name);
        part.mark("cascade", cascade);
        part.mark("purge", purge);
        part.mark("force", force);
        let temporary = temporary || part.object.as_deref().is_some_and(is_temporary);
        part.mark("temporary", temporary);
        part
    });
    parts.collect()
}
