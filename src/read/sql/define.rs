//! `DROP`, `CREATE` and `EXECUTE`.

use super::begin::TYPES;
use super::token::Kind;
use super::verb::{Cursor, Part, is_temporary, named};

/// Types of two words.
const PAIRS: [(&str, &str); 22] = [
    ("materialized", "view"),
    ("foreign", "table"),
    ("external", "table"),
    ("user", "mapping"),
    ("event", "trigger"),
    ("text", "search"),
    ("access", "method"),
    ("operator", "class"),
    ("operator", "family"),
    ("row", "policy"),
    ("row", "access"),
    ("package", "body"),
    ("database", "link"),
    ("replication", "slot"),
    ("resource", "group"),
    ("public", "synonym"),
    ("foreign", "data"),
    ("search", "index"),
    ("named", "collection"),
    ("settings", "profile"),
    ("resource", "pool"),
    ("database", "scoped"),
];

/// The type that a `DROP`, `CREATE` or `ALTER` speaks of.
pub(super) fn object_type(c: &mut Cursor) -> String {
    let first = c.word().to_owned();
    let second = if c.at + 1 < c.end { c.text.word(c.at + 1) } else { "" };
    if PAIRS.contains(&(first.as_str(), second)) {
        c.at += 2;
        return format!("{first} {second}");
    }
    c.at += usize::from(!first.is_empty());
    if first == "proc" { "procedure".to_owned() } else { first }
}

/// Reads what stands behind `DROP`: one part for each name.
pub(super) fn drop(mut c: Cursor) -> Vec<Part> {
    let temporary = c.eat(&["temporary", "temp"]);
    let kind = object_type(&mut c);
    let mut marks = Vec::new();
    if c.eat(&["concurrently"]) {
        marks.push("concurrently");
    }
    if c.if_exists() {
        marks.push("if-exists");
    }
    c.skip(&["by"]);
    let verb = if kind.is_empty() { "drop".to_owned() } else { format!("drop {kind}") };
    let mut parts = named(&verb, c, temporary);
    for part in &mut parts {
        part.marks.extend(&marks);
    }
    parts
}

/// Reads what stands behind `CREATE`.
pub(super) fn create(mut c: Cursor) -> Part {
    let replace = c.eat(&["or"]) && c.eat(&["replace"]);
    c.skip(&["alter", "global", "local"]);
    let temporary = c.eat(&["temp", "temporary", "volatile"]);
    let skip = [
        "unlogged",
        "unique",
        "clustered",
        "nonclustered",
        "recursive",
        "force",
        "editionable",
        "transient",
        "virtual",
        "fulltext",
        "spatial",
        "secure",
        "dynamic",
        "hybrid",
        "temp",
        "temporary",
        "columnstore",
        "constraint",
        "aggregate",
    ];
    c.skip(&skip);
    // MySQL: DEFINER = x@y, ALGORITHM = …, SQL SECURITY …
    let mut limit = 0;
    while c.at < c.end && !TYPES.contains(&c.word()) && limit < 12 {
        c.at += 1;
        limit += 1;
    }
    let kind = object_type(&mut c);
    let concurrently = c.eat(&["concurrently"]);
    let guarded = c.if_exists();
    let verb = if replace { format!("create or replace {kind}") } else { format!("create {kind}") };
    let name = if c.word() == "on" { None } else { c.name() };
    let mut part = Part::new(verb, name);
    let named = part.object.as_deref().is_some_and(is_temporary);
    // `ON COMMIT DROP`: it may be gone at once, and the name may then mean another table.
    let gone = c.text.level(c.at, c.end).any(|i| c.text.is(i, "commit") && c.text.is(i + 1, "drop"));
    part.mark("temporary", temporary && !gone || named);
    part.mark("concurrently", concurrently);
    part.mark("if-exists", guarded);
    part
}

/// Reads what stands behind `EXECUTE`: a procedure, or SQL in a string.
pub(super) fn execute(mut c: Cursor) -> Part {
    let text = c.text;
    c.skip(&["immediate"]);
    // T-SQL: EXEC @result = procedure
    if text.kind(c.at) == Kind::Value && text.kind(c.at + 1) == Kind::Sign(b'=') {
        c.at += 2;
    }
    match text.kind(c.at) {
        Kind::Word | Kind::Quoted => {
            let name = c.name();
            let exact = matches!(
                name.as_deref(),
                Some("sp_executesql" | "sys.sp_executesql" | "format" | "concat" | "quote_ident")
            );
            let dynamic = exact && !(text.kind(c.at) == Kind::Str && text.kind(c.at + 1) != Kind::Sign(b'+'))
                || text.kind(c.at) == Kind::Sign(b'|');
            let mut part = Part::new(if exact { "execute" } else { "call" }, name);
            part.mark("dynamic", dynamic);
            part
        }
        _ => {
            let open = usize::from(text.kind(c.at) == Kind::Open);
            let literal = text.kind(c.at + open) == Kind::Str
                && (text.kind(c.at + open + 1) == Kind::Close
                    || c.at + open + 1 >= c.end
                    || text.any(c.at + 1, &["using", "into"]));
            let mut part = Part::new("execute", None);
            part.mark("dynamic", !literal);
            part
        }
    }
}
