//! Arguments of MCP tools: as a flat list for rules, and by name for the readers.

use crate::rules::glob;
use serde_json::{Map, Value};

/// Nesting beyond which nothing is looked at.
const DEPTH: usize = 16;
/// Values beyond which nothing is looked at.
const ENTRIES: usize = 4_000;

/// A name of an argument for comparing: `projectId`, `project_id` and `Project-ID` are the same.
fn squash(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// The arguments as pairs of a dotted name (squashed) and a text. Items of lists share their name. An object or a list
/// that holds something is `{…}` or `[…]`, so that it counts as given; an empty one is `{}` or `[]`, nothing is `null`.
/// JSON in a string is looked into as well. `None` beyond the bounds.
pub(super) fn flat(input: &Value) -> Option<Vec<(String, String)>> {
    let mut out = Vec::new();
    if let Value::Object(map) = input {
        for (key, value) in map {
            add(&squash(key), value, 1, &mut out)?;
        }
    } else {
        add("", input, 1, &mut out)?;
    }
    Some(out)
}

fn add(key: &str, value: &Value, depth: usize, out: &mut Vec<(String, String)>) -> Option<()> {
    if depth > DEPTH || out.len() >= ENTRIES {
        return None;
    }
    let text = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => if items.is_empty() { "[]" } else { "[…]" }.to_owned(),
        Value::Object(map) => if map.is_empty() { "{}" } else { "{…}" }.to_owned(),
    };
    out.push((key.to_owned(), text));
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                add(&format!("{key}.{}", squash(name)), value, depth + 1, out)?;
            }
        }
        Value::Array(items) => {
            for item in items {
                add(key, item, depth + 1, out)?;
            }
        }
        Value::String(text) => match unpacked(text) {
            Some(Value::Object(map)) if map.is_empty() => add(key, &Value::Object(map), depth + 1, out)?,
            Some(Value::Object(map)) => {
                for (name, value) in &map {
                    add(&format!("{key}.{}", squash(name)), value, depth + 1, out)?;
                }
            }
            Some(list) => add(key, &list, depth + 1, out)?,
            None => {}
        },
        _ => {}
    }
    Some(())
}

/// The object or list that is written in a string.
pub(super) fn unpacked(text: &str) -> Option<Value> {
    let text = text.trim();
    let braced = (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'));
    braced.then(|| serde_json::from_str(text).ok()).flatten()
}

/// The arguments with what is written as JSON in strings in place of these strings; nothing if there is no such string.
/// Servers take both, and so do models.
pub(super) fn spread(input: &Value) -> Option<Value> {
    spread_at(input, 0)
}

fn spread_at(value: &Value, depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    match value {
        Value::String(text) => {
            let inner = unpacked(text)?;
            Some(spread_at(&inner, depth + 1).unwrap_or(inner))
        }
        Value::Array(items) => {
            let spread: Vec<Option<Value>> = items.iter().map(|item| spread_at(item, depth + 1)).collect();
            let any = spread.iter().any(Option::is_some);
            any.then(|| spread.into_iter().zip(items).map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect())
        }
        Value::Object(map) => {
            let spread: Vec<Option<Value>> = map.values().map(|value| spread_at(value, depth + 1)).collect();
            let any = spread.iter().any(Option::is_some);
            let whole = |(new, (key, old)): (Option<Value>, (&String, &Value))| {
                (key.clone(), new.unwrap_or_else(|| old.clone()))
            };
            any.then(|| spread.into_iter().zip(map).map(whole).collect())
        }
        _ => None,
    }
}

/// Whether an argument is like this: `method=delete*`, `operations.type=remove*`, `ids` (given). Globs, case ignored; a
/// value behind a backslash is meant literally (`ids=\*`).
pub(crate) fn given(arguments: &[(String, String)], like: &str) -> bool {
    let (key, value) = like.split_once('=').map_or((like, None), |(key, value)| (key, Some(value)));
    let key = squash(key);
    arguments.iter().any(|(name, text)| {
        glob::matches(&key, name)
            && match value {
                Some(value) if value.starts_with('\\') => &value[1..] == text,
                // `{}` as a glob would be an empty list of alternatives.
                Some(value) => value == text || glob::matches_any_case(value, text),
                None => text != "null",
            }
    })
}

/// An argument that was found by its name.
pub(super) struct Hit<'a> {
    /// Its name, squashed, without what it is nested in.
    pub(super) name: String,
    /// Its value.
    pub(super) value: &'a Value,
    /// What stands beside it.
    pub(super) beside: &'a Map<String, Value>,
}

/// Arguments by name: `command` at any depth, `action.command` from the top; `*` at either end. Within the bounds that
/// [`flat`] checks.
pub(super) fn find<'a>(input: &'a Value, like: &str) -> Vec<Hit<'a>> {
    let mut found = Vec::new();
    walk(input, "", &squash(like), 0, &mut found);
    found
}

fn walk<'a>(value: &'a Value, path: &str, like: &str, depth: usize, found: &mut Vec<Hit<'a>>) {
    if depth > DEPTH {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let name = squash(key);
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if glob::matches(like, &path) || (!like.contains('.') && glob::matches(like, &name)) {
                    found.push(Hit { name, value, beside: map });
                } else {
                    walk(value, &path, like, depth + 1, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, like, depth + 1, found)),
        _ => {}
    }
}

/// The first of these arguments of an object.
pub(super) fn beside<'a>(map: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| map.iter().find(|(key, _)| squash(key) == *name).map(|(_, value)| value))
}

/// The texts in a value: itself, its items, what its fields hold.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// A value as one word of a command line.
pub(super) fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn has(input: &Value, like: &str) -> bool {
        given(&flat(input).expect("within the bounds"), like)
    }

    #[test]
    fn flattens() {
        let input = json!({
            "projectId": "p", "method": "DELETE", "n": 5, "force": true, "none": null, "star": "*", "filter": {}, "ids": [],
            "operations": [{"type": "addNode"}, {"type": "removeNode", "nodeId": "7"}],
            "pipeline": [{"$match": {}}, {"$merge": {"into": "c"}}], "packed": "{\"where\": {}, \"all\": true}"
        });
        for like in [
            "project_id=p",
            "Project-ID",
            "method=delete*",
            "n=5",
            "force=true",
            "filter={}",
            "ids=[]",
            "operations.type=remove*",
            "operations.node_id",
            "pipeline.$merge",
            "pipeline.$merge.into=c",
            "star=\\*",
            "packed.where={}",
            "packed.all=true",
            "operations",
        ] {
            assert!(has(&input, like), "{like}");
        }
        for like in
            ["project", "force=false", "none", "filter.*", "pipeline.$out", "type=remove*", "missing", "method=\\*"]
        {
            assert!(!has(&input, like), "{like}");
        }
    }

    #[test]
    fn spreads() {
        assert_eq!(spread(&json!({"sql": "select 1", "n": 1, "open": "[x"})), None);
        assert_eq!(
            spread(&json!({"params": "{\"in\": \"[\\\"a\\\"]\"}", "n": 1})),
            Some(json!({"params": {"in": ["a"]}, "n": 1}))
        );
        assert_eq!(spread(&json!(["[1]", "x"])), Some(json!([[1], "x"])));
    }

    #[test]
    fn is_bounded() {
        let mut deep = json!("x");
        for _ in 0..20 {
            deep = json!({ "a": deep });
        }
        assert!(flat(&deep).is_none());
        assert!(flat(&json!({ "ids": vec![1; ENTRIES + 1] })).is_none());
        assert!(flat(&json!({ "ids": vec![1; ENTRIES - 2] })).is_some());
    }

    #[test]
    fn finds() {
        let input = json!({"params": {"SQL": "x", "cliCommand": ["a"]}, "action_json": {"command": "ls"}});
        assert_eq!(find(&input, "sql").len(), 1);
        assert_eq!(find(&input, "cli_command").len(), 1);
        assert_eq!(find(&input, "action_json.command").len(), 1);
        assert_eq!(find(&input, "params.command").len(), 0);
        assert_eq!(find(&input, "*command").len(), 2);
    }
}
