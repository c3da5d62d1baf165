//! Services of a compose file: the command that each runs in its container.

use super::{Book, Order, document};
use crate::read::own;
use crate::read::reader::{Reader, Scope};
use crate::read::word::Word;
use serde_json::{Map, Value};

impl Reader<'_> {
    /// Reads the commands of the services that are named; of all, where none is.
    pub(super) fn services_of(&mut self, order: &Order<'_>, book: &Book, scope: &Scope) -> bool {
        let Some(root) = document::read(&book.path, &book.text) else { return false };
        let services = document::tables(&root, "services").into_iter().flatten();
        let meant = |name: &String| order.names.is_empty() || order.names.contains(name);
        let mut found = false;
        for (name, service) in services.filter(|(name, _)| meant(name)) {
            let Some(service) = service.as_object() else { continue };
            found = true;
            let mut words = words_of(service.get("entrypoint"));
            words.extend(words_of(service.get("command")));
            if words.is_empty() || !self.pay(words.len() * 8 + 64) {
                continue;
            }
            let mut inner = scope.clone();
            inner.origin.via.push(order.label(name).into());
            inner.origin.elsewhere = true;
            let outside = self.mounts.take();
            let volumes = service.get("volumes").and_then(Value::as_array);
            let volumes: Vec<String> = volumes.into_iter().flatten().filter_map(volume).collect();
            self.mounts = self.mounts_of(volumes.iter().map(String::as_str), &book.dir);
            let dir = service.get("working_dir").and_then(Value::as_str).filter(|dir| dir.starts_with('/'));
            inner.cwd = dir.map(std::rc::Rc::from);
            self.argv(words, &inner);
            self.mounts = outside;
        }
        found
    }
}

/// A command, as text or as a list of words.
fn words_of(value: Option<&Value>) -> Vec<Word> {
    match value {
        Some(Value::String(text)) => own::arguments(text, None).into_iter().map(|word| filled(&word.shown())).collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(filled).collect(),
        _ => Vec::new(),
    }
}

/// A word with what compose puts in for variables: `${X:-default}`; `$$` is a dollar for the container.
fn filled(text: &str) -> Word {
    let mut out = String::new();
    let mut whole = true;
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            out.push('$');
            rest = behind;
        } else if let Some((inside, behind)) = behind.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
            let default = inside.split_once(":-").or_else(|| inside.split_once('-')).map(|(_, default)| default);
            out.push_str(default.unwrap_or("${UNKNOWN}"));
            whole &= default.is_some();
            rest = behind;
        } else {
            let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(behind.len());
            out.push_str("${UNKNOWN}");
            whole = false;
            rest = &behind[end..];
        }
    }
    out.push_str(rest);
    if !whole && out == "${UNKNOWN}" { Word::unknown() } else { Word::text(out) }
}

/// A volume in the short form.
fn volume(value: &Value) -> Option<String> {
    let long = |map: &Map<String, Value>| {
        let text = |key: &str| map.get(key).and_then(Value::as_str);
        let target = text("target")?;
        Some(text("source").map_or_else(|| target.to_owned(), |source| format!("{source}:{target}")))
    };
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(map) => long(map),
        _ => None,
    }
}
