//! `SET …` and `COPY …`.

use super::token::Kind;
use super::verb::{Cursor, Part, is_off};

/// Reads what stands behind `SET`: one part for each variable; the object is its value.
pub(super) fn read(mut c: Cursor) -> Vec<Part> {
    let text = c.text;
    let mut parts = Vec::new();
    while c.at < c.end && parts.len() < 1000 {
        let before = c.at;
        let mut global = false;
        while c.eat(&["session", "local", "global", "persist", "persist_only"]) {
            global |= text.any(c.at - 1, &["global", "persist", "persist_only"]);
        }
        let raw = c.name().unwrap_or_default();
        let system = raw.strip_prefix("@@").unwrap_or(&raw);
        let scoped = system.strip_prefix("global.").or_else(|| system.strip_prefix("persist."));
        global |= scoped.is_some();
        let name = scoped
            .or_else(|| system.strip_prefix("session."))
            .or_else(|| system.strip_prefix("local."))
            .unwrap_or(system);
        let name = if name.starts_with('@') { "variable" } else { name };
        while text.kind(c.at) == Kind::Sign(b':') || text.kind(c.at) == Kind::Sign(b'=') || c.eat(&["to"]) {
            c.at += usize::from(matches!(text.kind(c.at), Kind::Sign(_)));
        }
        let value = if c.at < c.end { text.inner(c.at).trim().to_owned() } else { String::new() };
        let mut part =
            Part::new(format!("set {name}").trim_end().to_owned(), Some(value.clone()).filter(|v| !v.is_empty()));
        part.mark("off", is_off(&value));
        part.mark("global", global);
        parts.push(part);
        while c.at < c.end && text.kind(c.at) != Kind::Sign(b',') {
            c.at = text.step(c.at, c.end);
        }
        c.at = (c.at + 1).max(before + 1);
    }
    if parts.is_empty() {
        parts.push(Part::new("set", None));
    }
    parts
}

/// Reads what stands behind `COPY`.
pub(super) fn copy(mut c: Cursor) -> Part {
    let text = c.text;
    c.skip(&["into", "binary"]);
    let mut object = c.name();
    if text.kind(c.at) == Kind::Open {
        c.at = text.step(c.at, c.end);
    }
    let Some(way) = text.find(c.at, c.end, &["from", "to"]) else { return Part::new("copy", object) };
    let program = text.is(way + 1, "program");
    let to = text.is(way, "to");
    let screen = text.any(way + 1, &["stdout", "stdin", "pstdout", "pstdin"]);
    if program || to && !screen {
        object = text.name(way + 1 + usize::from(program), c.end).map(|(name, _)| name);
    }
    Part::new(
        match (to, program, screen) {
            (true, true, _) => "copy to program",
            (false, true, _) => "copy from program",
            (true, _, true) => "copy to stdout",
            (true, _, false) => "copy to",
            (false, ..) => "copy from",
        },
        object,
    )
}
