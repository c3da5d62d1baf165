//! `ALTER …`: one part for each of its actions.

use super::define::object_type;
use super::text::Text;
use super::token::Kind;
use super::verb::{Cursor, Part, filter_marks, is_off};

/// Reads what stands behind `ALTER`.
pub(super) fn read(mut c: Cursor) -> Vec<Part> {
    c.skip(&["materialized", "foreign", "external", "ignore", "online", "dynamic"]);
    let kind = object_type(&mut c);
    if kind == "system" {
        return vec![system(c)];
    }
    c.if_exists();
    c.skip(&["only"]);
    let object = if matches!(c.word(), "set" | "add" | "drop") { None } else { c.name() };
    if c.text.is(c.at, "on") && c.text.is(c.at + 1, "cluster") {
        c.at += 3;
    }
    if matches!(kind.as_str(), "table" | "view" | "index" | "partition") {
        return actions(c, &kind, &object);
    }
    let text = c.text;
    let mut part = Part::new(format!("alter {kind}"), object);
    let power = ["superuser", "bypassrls", "createrole", "sysadmin", "accountadmin"];
    part.mark("all-privileges", text.level(c.at, c.end).any(|i| power.contains(&text.inner(i))));
    part.mark("secret", text.level(c.at, c.end).any(|i| text.any(i, &["password", "identified"])));
    part.mark("rollback-immediate", text.find(c.at, c.end, &["rollback"]).is_some());
    let action = c.word().to_owned();
    let plain = matches!(kind.as_str(), "role" | "user" | "login");
    if action == "set" {
        c.at += 1;
        c.skip(&["("]);
        if text.kind(c.at) == Kind::Open {
            c.at += 1;
        }
        let name = c.word().to_owned();
        let value = value(text, c.at + 1);
        let value_word = if name == "recovery" { format!(" {value}") } else { String::new() };
        part.verb = format!("alter {kind} set {name}{value_word}");
        part.mark("off", is_off(&value));
    } else if !plain
        && matches!(
            action.as_str(),
            "drop"
                | "rename"
                | "add"
                | "reset"
                | "owner"
                | "restart"
                | "disable"
                | "enable"
                | "refresh"
                | "detach"
                | "attach"
                | "suspend"
                | "resume"
                | "modify"
                | "unset"
                | "remove"
                | "swap"
        )
    {
        part.verb = format!("alter {kind} {action}");
    }
    vec![part]
}

/// The value of a setting: what stands behind `=`, `TO` or nothing.
fn value(text: &Text, at: usize) -> String {
    let at = at + usize::from(text.kind(at) == Kind::Sign(b'=') || text.is(at, "to"));
    text.inner(at).trim().to_owned()
}

fn system(mut c: Cursor) -> Part {
    let action = c.word().to_owned();
    if !matches!(action.as_str(), "set" | "reset") {
        return Part::new(format!("alter system {action}"), None);
    }
    c.at += 1;
    let name = c.name().unwrap_or_default();
    let value = value(c.text, c.at);
    let mut part = Part::new(format!("alter system {action} {name}"), None);
    part.mark("off", action == "set" && is_off(&value));
    part.object = Some(value).filter(|_| action == "set");
    part
}

const ACTIONS: [&str; 40] = [
    "add",
    "alter",
    "drop",
    "rename",
    "truncate",
    "detach",
    "attach",
    "exchange",
    "replace",
    "move",
    "fetch",
    "freeze",
    "disable",
    "enable",
    "no",
    "force",
    "nocheck",
    "check",
    "modify",
    "change",
    "set",
    "reset",
    "owner",
    "convert",
    "engine",
    "delete",
    "update",
    "clear",
    "materialize",
    "switch",
    "split",
    "merge",
    "discard",
    "import",
    "inherit",
    "cluster",
    "validate",
    "unset",
    "swap",
    "rebuild",
];

fn actions(c: Cursor, kind: &str, object: &Option<String>) -> Vec<Part> {
    let text = c.text;
    let mut parts: Vec<Part> = Vec::new();
    let mut at = c.at;
    let mut last = String::new();
    while at < c.end {
        let mut end = at;
        while end < c.end && text.kind(end) != Kind::Sign(b',') {
            end = text.step(end, c.end);
        }
        let verb = match text.word(at) {
            word if ACTIONS.contains(&word) => action(text, at, end.min(c.end)),
            _ if !last.is_empty() => last.clone(),
            _ => String::new(),
        };
        let full = if verb.is_empty() { format!("alter {kind}") } else { format!("alter {kind} {verb}") };
        let mut part = Part::new(full, object.clone());
        let stop = end.min(c.end);
        part.mark("cascade", text.has_word(at, stop, "cascade"));
        part.mark("if-exists", text.is(at + 1, "if") || text.is(at + 2, "if"));
        if matches!(verb.as_str(), "delete" | "update") && parts.len() < 8 {
            filter_marks(text, at + 1, c.end, &mut part);
        }
        if verb.starts_with("set ") {
            let name = at + 1 + usize::from(text.kind(at + 1) == Kind::Open);
            part.mark("off", is_off(&value(text, name + 1)));
        }
        let same = parts.last().is_some_and(|p| p.verb == part.verb && p.marks == part.marks);
        if !same {
            parts.push(part);
        }
        last = verb;
        at = end + 1;
    }
    if parts.is_empty() {
        parts.push(Part::new(format!("alter {kind}"), object.clone()));
    }
    parts
}

/// One action of `ALTER TABLE` as the words behind `alter table`.
fn action(text: &Text, at: usize, end: usize) -> String {
    let mut c = Cursor { text, at: at + 1, end };
    let word = text.word(at);
    let what = match word {
        "drop" => match c.word() {
            "column" | "partition" | "constraint" | "index" | "key" | "check" | "part" | "statistics"
            | "projection" | "default" | "trigger" | "identity" | "expression" => c.word().to_owned(),
            "primary" | "foreign" => "constraint".to_owned(),
            "detached" | "range" | "subpartition" => "partition".to_owned(),
            "row" | "all" | "masking" => "policy".to_owned(),
            _ => "column".to_owned(),
        },
        "no" => return "no force rls".to_owned(),
        "disable" | "enable" | "force" => {
            c.skip(&["always", "replica"]);
            match c.word() {
                "row" => "rls".to_owned(),
                other => other.to_owned(),
            }
        }
        "alter" | "modify" | "change" => {
            let dropped = text.find(c.at, end, &["drop"]);
            let typed = text.find(c.at, end, &["type"]).is_some();
            return match dropped {
                Some(i) if text.is(i + 1, "not") => "alter column drop not null".to_owned(),
                Some(_) => "alter column drop default".to_owned(),
                None if typed => "alter column type".to_owned(),
                None if word == "modify" && text.is(c.at, "ttl") => "modify ttl".to_owned(),
                None if word == "alter" && text.find(c.at, end, &["set", "add", "restart", "reset"]).is_some() => {
                    "alter column set".to_owned()
                }
                None if text.is(c.at, "index") => "alter index".to_owned(),
                None => "alter column type".to_owned(),
            };
        }
        "truncate" | "detach" | "exchange" | "attach" | "replace" | "move" | "fetch" | "freeze" | "split" | "merge" => {
            "partition".to_owned()
        }
        "switch" => return "switch partition".to_owned(),
        "clear" => "column".to_owned(),
        "set" => {
            if text.kind(c.at) == Kind::Open {
                c.at += 1;
            }
            c.word().to_owned()
        }
        "add" => match c.word() {
            "constraint" | "primary" | "foreign" | "unique" | "check" => "constraint".to_owned(),
            "index" | "key" | "fulltext" | "spatial" => "index".to_owned(),
            "partition" => "partition".to_owned(),
            _ => "column".to_owned(),
        },
        "discard" | "import" => "tablespace".to_owned(),
        _ => return word.to_owned(),
    };
    format!("{word} {what}").trim_end().to_owned()
}
