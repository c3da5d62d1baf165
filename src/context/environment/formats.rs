//! Files of settings: INI, JSON, YAML and Prisma's schema, as far as a key in them is looked up.

use crate::context::Budget;
use saphyr_parser::{Event, Parser};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Nesting beyond which nothing is read.
const DEPTH: usize = 32;
/// The most values that a key gives.
const VALUES: usize = 16;

/// What JSON and YAML say.
#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    List(Vec<Rc<Node>>),
    Map(Vec<(String, Rc<Node>)>),
}

/// Reads JSON. `None`: it isn't, or it is nested too deeply.
pub(super) fn json(text: &str) -> Option<Rc<Node>> {
    fn node(value: serde_json::Value) -> Rc<Node> {
        use serde_json::Value;
        Rc::new(match value {
            Value::String(text) => Node::Text(text),
            Value::Array(items) => Node::List(items.into_iter().map(node).collect()),
            Value::Object(map) => Node::Map(map.into_iter().map(|(key, value)| (key, node(value))).collect()),
            value => Node::Text(value.to_string()),
        })
    }
    // Azure's files begin with a mark of their byte order.
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok().map(node)
}

/// What is being read of a YAML file: a list or a map that isn't closed yet, with its anchor.
struct Open {
    node: Node,
    key: Option<String>,
    anchor: usize,
}

/// Reads the first document of a YAML file. `None`: it isn't YAML, is nested too deeply, or is too large.
pub(super) fn yaml(text: &str, budget: &Budget) -> Option<Rc<Node>> {
    let mut anchors: BTreeMap<usize, Rc<Node>> = BTreeMap::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.ok()?;
        if !budget.pay() {
            return None;
        }
        let done = match event {
            Event::MappingStart(anchor, _) | Event::SequenceStart(anchor, _) if open.len() >= DEPTH => {
                let _ = anchor;
                return None;
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open { node: Node::Map(Vec::new()), key: None, anchor });
                continue;
            }
            Event::SequenceStart(anchor, _) => {
                open.push(Open { node: Node::List(Vec::new()), key: None, anchor });
                continue;
            }
            Event::Scalar(text, _, anchor, _) => {
                let node = Rc::new(Node::Text(text.into_owned()));
                anchors.insert(anchor, Rc::clone(&node));
                node
            }
            Event::Alias(anchor) => anchors.get(&anchor).cloned().unwrap_or_else(|| Rc::new(Node::Text(String::new()))),
            Event::MappingEnd | Event::SequenceEnd => {
                let closed = open.pop()?;
                let node = Rc::new(closed.node);
                anchors.insert(closed.anchor, Rc::clone(&node));
                node
            }
            Event::DocumentEnd => return None,
            _ => continue,
        };
        match open.last_mut() {
            None => return Some(done),
            Some(Open { node: Node::List(items), .. }) => items.push(done),
            Some(Open { node: Node::Map(entries), key, .. }) => match (key.take(), &*done) {
                (Some(key), _) => entries.push((key, done)),
                (None, Node::Text(text)) => *key = Some(text.clone()),
                (None, _) => *key = Some(String::new()),
            },
            Some(_) => return None,
        }
    }
    None
}

/// The texts at the end of a way: names of keys, `name=x` for the items of a list that have this, `<<` followed.
pub(super) fn pick(node: &Node, way: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    walk(node, way, DEPTH, &mut found);
    found
}

fn walk(node: &Node, way: &[String], depth: usize, found: &mut Vec<String>) {
    if depth == 0 || found.len() >= VALUES {
        return;
    }
    let Some((step, rest)) = way.split_first() else {
        if let Node::Text(text) = node {
            found.push(text.clone());
        }
        return;
    };
    match node {
        Node::Text(_) => {}
        Node::List(items) => {
            let Some((name, wanted)) = step.split_once('=') else { return };
            for item in items {
                let Node::Map(entries) = &**item else { continue };
                let same = |(key, value): &(String, Rc<Node>)| {
                    key == name && matches!(&**value, Node::Text(text) if text == wanted)
                };
                if entries.iter().any(same) {
                    walk(item, rest, depth - 1, found);
                }
            }
        }
        Node::Map(entries) => {
            let before = found.len();
            for (_, value) in entries.iter().filter(|(key, _)| key == step) {
                walk(value, rest, depth - 1, found);
            }
            if found.len() == before {
                for (_, value) in entries.iter().filter(|(key, _)| key == "<<") {
                    walk(value, way, depth - 1, found);
                }
            }
        }
    }
}

/// The values of a key of an INI file. Sections and keys may hold dots, so every place may be where one ends.
pub(super) fn ini(text: &str, way: &[String]) -> Vec<String> {
    let wanted: Vec<(String, String)> = (0..way.len()).map(|at| (way[..at].join("."), way[at..].join("."))).collect();
    let mut section = "";
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[') {
            section = head.split(']').next().unwrap_or(head).trim();
        } else if !line.starts_with(['#', ';'])
            && let Some((name, value)) = line.split_once(['=', ':'])
            && wanted.iter().any(|(inside, key)| inside == section && key == name.trim())
            && found.len() < VALUES
        {
            found.push(value.trim().to_owned());
        }
    }
    found
}

/// The addresses in the `datasource` of a Prisma schema: the name of a variable, or the address itself.
pub(super) fn prisma(text: &str) -> Vec<Result<String, String>> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("//") {
            continue;
        }
        inside |= line.starts_with("datasource ");
        if inside
            && let Some((name, value)) = line.split_once('=')
            && matches!(name.trim(), "url" | "directUrl")
        {
            let text = value.split('"').nth(1).unwrap_or_default().to_owned();
            found.push(if value.trim_start().starts_with("env") { Ok(text) } else { Err(text) });
        }
        inside &= !line.ends_with('}');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn yaml_by_its_keys() {
        let text = "default: &d\n  host: a\n  port: 1\ndev:\n  <<: *d\n  database: x\ntest: {<<: *d, host: b}\n\
                    contexts:\n- name: one\n  context: {cluster: c1}\n- name: two\n  context: {cluster: c2}\n";
        let node = yaml(text, &Budget::default()).expect("YAML");
        assert_eq!(pick(&node, &way("dev.host")), ["a"]);
        assert_eq!(pick(&node, &way("test.host")), ["b"]);
        assert_eq!(pick(&node, &way("contexts.name=two.context.cluster")), ["c2"]);
        assert!(pick(&node, &way("contexts.name=three.context.cluster")).is_empty());
        assert!(yaml(&"[".repeat(10_000), &Budget::default()).is_none());
        assert!(yaml("\t\0x: [", &Budget::default()).is_none());
    }

    #[test]
    fn a_map_that_holds_itself_a_thousand_times() {
        let mut text = "a0: &a0 {x: y}\n".to_owned();
        for at in 1..40 {
            text += &format!("a{at}: &a{at} {{<<: *a{0}, b: *a{0}, c: *a{0}}}\n", at - 1);
        }
        let node = yaml(&text, &Budget::default()).expect("YAML");
        assert!(pick(&node, &way("a39.z")).is_empty());
    }

    #[test]
    fn sections_and_schemas() {
        let text = "[default]\nregion = a\n[profile prod.eu]\nregion=b\n# region=c\n";
        assert_eq!(ini(text, &["profile prod.eu".to_owned(), "region".to_owned()]), ["b"]);
        assert_eq!(ini("url: x\n", &way("url")), ["x"]);
        assert_eq!(ini("[alembic]\nsqlalchemy.url = x\n", &way("alembic.sqlalchemy.url")), ["x"]);
        assert_eq!(ini("flyway.url=x:y\n", &way("flyway.url")), ["x:y"]);
        let schema = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"A\")\n  // url = env(\"B\")\n  directUrl = \"x\"\n}\n\
                      generator c {\n  url = env(\"C\")\n}\n";
        assert_eq!(prisma(schema), [Ok("A".to_owned()), Err("x".to_owned())]);
    }
}
