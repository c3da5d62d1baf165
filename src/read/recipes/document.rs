//! JSON, TOML and YAML as one: values in tables and lists.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The most values of one file; what aliases repeat counts each time.
const NODES: usize = 20_000;
/// The deepest nesting.
const DEPTH: usize = 48;

/// What is in a file, by the ending of its name. `None`: it isn't what it is called, or too much of it.
pub(super) fn read(path: &str, text: &str) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("toml") => toml::from_str(text).ok(),
        Some("yml" | "yaml") => yaml(text),
        _ => serde_json::from_str(text).ok(),
    }
}

/// Values that are being read, from the outside in.
enum Open {
    List(Vec<Value>, usize),
    Table(Map<String, Value>, Option<String>, usize),
}

fn yaml(text: &str) -> Option<Value> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, (Value, usize)> = HashMap::new();
    let mut left = NODES;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.ok()?;
        let (value, anchor) = match event {
            Event::SequenceStart(anchor, _) => {
                open.push(Open::List(Vec::new(), anchor));
                if open.len() > DEPTH {
                    return None;
                }
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open::Table(Map::new(), None, anchor));
                if open.len() > DEPTH {
                    return None;
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                Open::List(items, anchor) => (Value::Array(items), anchor),
                Open::Table(map, _, anchor) => (Value::Object(map), anchor),
            },
            Event::Scalar(text, style, anchor, _) => {
                let nothing = style == ScalarStyle::Plain && matches!(text.as_ref(), "" | "~" | "null");
                (if nothing { Value::Null } else { Value::String(text.into_owned()) }, anchor)
            }
            Event::Alias(anchor) => {
                let (value, size) = anchors.get(&anchor)?;
                left = left.checked_sub(*size)?;
                (value.clone(), 0)
            }
            // Only the first document counts.
            Event::DocumentEnd => return None,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => continue,
        };
        left = left.checked_sub(1)?;
        if anchor > 0 {
            let size = size_of(&value);
            left = left.checked_sub(size)?;
            anchors.insert(anchor, (value.clone(), size));
        }
        match open.last_mut() {
            None => return Some(value),
            Some(Open::List(items, _)) => items.push(value),
            Some(Open::Table(map, key, _)) => match key.take() {
                None => *key = Some(value.as_str().unwrap_or_default().to_owned()),
                Some(name) if name == "<<" => merge(map, value),
                Some(name) => _ = map.insert(name, value),
            },
        }
    }
    None
}

/// `<<: *defaults`: what isn't there yet.
fn merge(map: &mut Map<String, Value>, value: Value) {
    match value {
        Value::Object(more) => {
            for (name, value) in more {
                map.entry(name).or_insert(value);
            }
        }
        Value::Array(items) => items.into_iter().for_each(|item| merge(map, item)),
        _ => {}
    }
}

fn size_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size_of).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size_of).sum::<usize>(),
        _ => 1,
    }
}

/// The tables at a dotted path, in which `*` is any one key.
pub(super) fn tables<'v>(value: &'v Value, path: &str) -> Vec<&'v Map<String, Value>> {
    let mut found = vec![value];
    for part in path.split('.').filter(|part| !part.is_empty()) {
        found = found
            .into_iter()
            .filter_map(Value::as_object)
            .flat_map(|map| -> Vec<&Value> {
                if part == "*" { map.values().collect() } else { map.get(part).into_iter().collect() }
            })
            .collect();
    }
    found.into_iter().filter_map(Value::as_object).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_read_within_bounds() {
        let value = read("x.yml", "a: &x\n  b: [1, two]\nc:\n  <<: *x\n  d: |\n    e\n    f\n").expect("YAML");
        assert_eq!(value["c"]["b"][1], "two");
        assert_eq!(value["c"]["d"], "e\nf\n");
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for at in 1..9 {
            let before = format!("*a{},", at - 1).repeat(10);
            bomb.push_str(&format!("a{at}: &a{at} [{}]\n", before.trim_end_matches(',')));
        }
        assert_eq!(read("x.yaml", &bomb), None);
        assert_eq!(read("x.yaml", &"[".repeat(100_000)), None);
        assert_eq!(read("x.json", &"[".repeat(100_000)), None);
        assert_eq!(read("x.toml", &format!("a = {}", "[".repeat(100_000))), None);
    }
}
