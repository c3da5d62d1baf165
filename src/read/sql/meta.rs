//! Commands of the clients: psql and mysql (`\…`), sqlite3 and duckdb (`.…`), sqlcmd (`:…`, `!!`), snowsql and beeline
//! (`!…`), SQL*Plus (`@file`, `host`), and the words that mysql and SQL*Plus take at the start of a line.

/// What a command of the client does.
pub(super) struct Meta {
    /// The verb, `meta …`.
    pub(super) verb: &'static str,
    /// The file or program that it names.
    pub(super) object: Option<String>,
    /// Where in the line SQL begins that is to be read too (`\copy (…)`).
    pub(super) sql: Option<usize>,
    /// What it would execute can't be known.
    pub(super) dynamic: bool,
}

impl Meta {
    fn new(verb: &'static str, object: Option<String>) -> Self {
        Self { verb, object, sql: None, dynamic: false }
    }
}

/// Whether a word at the start of a statement is a command of the client; `rest` is what follows on its line.
pub(super) fn is_line_command(word: &str, rest: &str) -> bool {
    let is = |w: &str| word.eq_ignore_ascii_case(w);
    let next = rest.trim_start();
    let first = next.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    if is("system") || is("host") || is("shell") {
        return !(next.is_empty() || next.starts_with(['.', ',', '=']) || is("system") && is_clickhouse(first));
    }
    if is("start") {
        let known = ["transaction", "slave", "replica", "group_replication", "trigger", "master"];
        return !first.is_empty() && !known.iter().any(|k| first.eq_ignore_ascii_case(k));
    }
    (is("source") || is("tee") || is("pager") || is("spool") || is("notee") || is("nopager"))
        && !next.starts_with(['=', ','])
}

/// The first word of ClickHouse's `SYSTEM …`, where no program is called like that.
fn is_clickhouse(word: &str) -> bool {
    let known = [
        "drop",
        "reload",
        "flush",
        "start",
        "stop",
        "restart",
        "restore",
        "unfreeze",
        "refresh",
        "enable",
        "disable",
        "replicate",
        "prewarm",
    ];
    known.iter().any(|k| word.eq_ignore_ascii_case(k))
}

/// The first word or quoted string of some arguments, without its quotes.
fn argument(text: &str) -> Option<String> {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'));
    let word = match quote {
        Some(q) => text[1..].split(q).next(),
        None => text.split_whitespace().next(),
    };
    word.map(|w| w.trim_end_matches(';').to_owned()).filter(|w| !w.is_empty())
}

/// Where output goes: to a program, to a file, or back to the screen.
fn output(text: &str) -> Meta {
    let text = text.trim().trim_start_matches(['\'', '"']);
    match text.strip_prefix('|') {
        Some(program) => Meta::new("meta shell", argument(program)),
        None if text.is_empty() || text == "stdout" => Meta::new("meta show", None),
        None => Meta::new("meta write", argument(text)),
    }
}

/// A file that is read and executed, or a program whose output is.
fn include(text: &str) -> Meta {
    let text = text.trim().trim_start_matches(['\'', '"']);
    match text.strip_prefix('|') {
        Some(program) => Meta::new("meta shell", argument(program)),
        None => Meta::new("meta include", argument(text)),
    }
}

/// Reads one command of a client: the text from its first character to the end of its line.
pub(super) fn read(line: &str) -> Meta {
    let mut found = match line.bytes().next() {
        Some(b'\\') => backslash(&line[1..]),
        Some(b'.') => dot(&line[1..]),
        Some(b':') => colon(&line[1..]),
        Some(b'!') => bang(&line[1..]),
        Some(b'@') => Meta::new("meta include", argument(line.trim_start_matches('@'))),
        _ => word(line),
    };
    // psql runs what stands in backticks in the arguments of any command, except where it takes the line as it is.
    if line.starts_with('\\') && line.contains('`') && found.verb != "meta shell" && found.sql.is_none() {
        found = Meta::new("meta shell", line.split('`').nth(1).and_then(argument));
    }
    found
}

fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '?'))).unwrap_or(text.len());
    text.split_at(end)
}

fn backslash(text: &str) -> Meta {
    let (name, rest) = split(text);
    let show = || Meta::new("meta show", None);
    match name {
        "" => match text.bytes().next() {
            Some(b'!') => Meta::new("meta shell", argument(&text[1..])),
            Some(b'.') => Meta::new("meta include", argument(&text[1..])),
            _ => Meta::new("meta unknown", None),
        },
        "i" | "ir" | "include" | "include_relative" => include(rest),
        "o" | "out" | "g" | "gx" | "G" => output(rest),
        "w" | "write" | "s" if rest.trim().is_empty() => show(),
        "w" | "write" => output(rest),
        "s" | "T" => Meta::new("meta write", argument(rest)),
        "P" => Meta::new("meta shell", argument(rest)),
        "copy" => Meta { verb: "meta copy", object: None, sql: Some(1), dynamic: false },
        "gexec" => Meta { verb: "meta gexec", object: None, sql: None, dynamic: true },
        "watch" => Meta::new("meta repeat", None),
        "c" | "connect" | "u" | "r" => Meta::new("meta connect", argument(rest)),
        "set" | "gset" | "unset" | "prompt" | "if" | "elif" | "else" | "endif" | "bind" | "bind_named" | "parse"
        | "cd" | "encoding" | "C" | "R" => Meta::new("meta set", argument(rest)),
        "setenv" => Meta::new("meta env", argument(rest)),
        "pset" if rest.contains("pager") => Meta::new("meta set", argument(rest)),
        "lo_unlink" => Meta::new("call lo_unlink", None),
        "lo_export" => Meta::new("call lo_export", None),
        "lo_import" => Meta::new("meta import", argument(rest)),
        "conninfo" | "x" | "timing" | "pset" | "echo" | "qecho" | "warn" | "q" | "quit" | "h" | "help" | "?" | "a"
        | "t" | "f" | "H" | "html" | "errverbose" | "gdesc" | "crosstabview" | "copyright" | "p" | "print" | "W"
        | "sf" | "sf+" | "sv" | "sv+" | "l" | "l+" | "list" | "list+" | "z" | "z+" | "lo_list" | "lo_list+" => show(),
        _ if name.starts_with('d') && name.len() <= 6 => show(),
        _ => Meta::new("meta unknown", None),
    }
}

/// Commands of sqlite3 and duckdb that do something, with their verbs; any beginning of a name is enough for sqlite3.
const DOT: [(&str, &str); 21] = [
    ("shell", "meta shell"),
    ("system", "meta shell"),
    ("www", "meta shell"),
    ("excel", "meta shell"),
    ("edit", "meta shell"),
    ("load", "meta load"),
    ("read", "meta include"),
    ("restore", "meta restore"),
    ("import", "meta import"),
    ("output", "meta write"),
    ("once", "meta write"),
    ("save", "meta write"),
    ("clone", "meta write"),
    ("backup", "meta write"),
    ("log", "meta write"),
    ("trace", "meta write"),
    ("archive", "meta write"),
    ("session", "meta write"),
    ("open", "meta connect"),
    ("dbconfig", "meta set"),
    ("imposter", "meta unknown"),
];

/// Commands of sqlite3 and duckdb that only show something.
const DOT_SHOW: [&str; 38] = [
    "auth",
    "bail",
    "changes",
    "columns",
    "databases",
    "dbinfo",
    "dump",
    "echo",
    "eqp",
    "exit",
    "explain",
    "fullschema",
    "headers",
    "help",
    "indexes",
    "indices",
    "limit",
    "lint",
    "maxrows",
    "mode",
    "nullvalue",
    "print",
    "progress",
    "prompt",
    "quit",
    "rows",
    "schema",
    "separator",
    "sha3sum",
    "show",
    "stats",
    "tables",
    "timeout",
    "timer",
    "version",
    "vfsinfo",
    "vfslist",
    "width",
];

fn dot(text: &str) -> Meta {
    let (name, rest) = split(text);
    let name = name.to_ascii_lowercase();
    if DOT_SHOW.contains(&name.as_str()) {
        return Meta::new("meta show", None);
    }
    let verb = DOT.iter().find(|(full, _)| full.starts_with(&name)).map(|(_, verb)| *verb);
    match verb {
        Some("meta include") => include(rest),
        Some("meta write") => output(rest),
        Some("meta import") if rest.contains('|') => {
            Meta::new("meta shell", argument(rest.trim_start_matches(['"', '\'', ' ', '|'])))
        }
        Some("meta connect") if rest.split_whitespace().any(|w| matches!(w, "--new" | "-new")) => {
            Meta::new("meta restore", rest.split_whitespace().last().map(str::to_owned))
        }
        Some(verb) => Meta::new(verb, argument(rest)),
        None if DOT_SHOW.iter().any(|full| full.starts_with(&name)) => Meta::new("meta show", None),
        None => Meta::new("meta unknown", None),
    }
}

fn colon(text: &str) -> Meta {
    if let Some(program) = text.strip_prefix("!!") {
        return Meta::new("meta shell", argument(program));
    }
    let (name, rest) = split(text);
    match name.to_ascii_lowercase().as_str() {
        "r" => include(rest),
        "out" | "error" | "perftrace" => output(rest),
        "setvar" | "on" => Meta::new("meta set", argument(rest)),
        "connect" => Meta::new("meta connect", argument(rest)),
        "list" | "listvar" | "help" | "serverlist" | "reset" | "quit" => Meta::new("meta show", None),
        "ed" => Meta::new("meta shell", None),
        // `:name` at the start of a statement: a variable that holds the statement.
        _ => Meta { verb: "meta unknown", object: None, sql: None, dynamic: true },
    }
}

fn bang(text: &str) -> Meta {
    let (name, rest) = split(text.trim_start_matches('!'));
    match name.to_ascii_lowercase().as_str() {
        "source" | "run" | "load" if !text.starts_with('!') => include(rest),
        "set" | "define" | "variables" | "queries" | "help" | "quit" | "exit" | "tables" | "columns" | "describe"
            if !text.starts_with('!') =>
        {
            Meta::new("meta set", argument(rest))
        }
        "spool" => output(rest),
        "sh" | "system" => Meta::new("meta shell", argument(rest)),
        _ => Meta::new("meta shell", argument(text.trim_start_matches('!'))),
    }
}

fn word(line: &str) -> Meta {
    let (name, rest) = split(line);
    match name.to_ascii_lowercase().as_str() {
        "system" | "host" | "shell" | "pager" => Meta::new("meta shell", argument(rest)),
        "source" | "start" => include(rest),
        "tee" | "spool" => Meta::new("meta write", argument(rest)),
        _ => Meta::new("meta set", argument(rest)),
    }
}

/// The argument, where it is made of punctuation alone.
pub(super) fn punctuation(text: &str) -> Option<&str> {
    let sign = |b: &u8| b.is_ascii_punctuation() && !b"*.\"'`\\;".contains(b);
    let from = text.bytes().take_while(|b| *b == b' ').count();
    let count = text.bytes().skip(from).take(17).take_while(sign).count();
    let ends = text.as_bytes().get(from + count).is_none_or(u8::is_ascii_whitespace);
    if (1..=16).contains(&count) && ends { text.get(from..from + count) } else { None }
}
