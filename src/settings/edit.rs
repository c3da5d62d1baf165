//! Putting countersign into a settings file's text and taking it out again. All else stays as it is, byte for byte.

use super::entries::{EVENTS, Entry, TIMEOUT, check, entries};
use super::json::{Member, Node, Wrong, parse};
use super::render::{Piece, Style};
use serde_json::Value;
use std::ops::Range;

/// The most changes that one file takes; more would be a bug.
const STEPS: usize = 1_000;

/// A piece of text that takes the place of another.
struct Edit {
    range: Range<usize>,
    text: String,
}

/// The text with this program registered in it, for every event that it answers; the same text where it is already.
///
/// # Errors
/// The client wouldn't take these settings.
pub fn install(text: &str, program: &str) -> Result<String, Wrong> {
    let empty = text.trim_ascii().is_empty();
    let text = if empty { "{}\n" } else { text };
    check(&parse(text)?)?;
    changed(text, |text, root| EVENTS.into_iter().find_map(|event| registered(text, root, event, program)))
}

/// The text without any entry of countersign.
///
/// # Errors
/// The client wouldn't take these settings.
pub fn remove(text: &str) -> Result<String, Wrong> {
    check(&parse(text)?)?;
    changed(text, |text, root| entries(text, root).first().and_then(|entry| without(text, root, entry)))
}

/// Takes one step after the other until there is none left.
fn changed(text: &str, next: impl Fn(&str, &Node) -> Option<Edit>) -> Result<String, Wrong> {
    let before = rest(text)?;
    let mut text = text.to_owned();
    for _ in 0..STEPS {
        let Some(edit) = next(&text, &parse(&text)?) else { break };
        text.replace_range(edit.range, &edit.text);
    }
    // Whatever went wrong here: nothing of the person's is lost.
    if check(&parse(&text)?).is_err() || rest(&text)? != before {
        return Err(Wrong::new(
            0,
            "this file is laid out in a way that countersign can't change safely: please report it",
        ));
    }
    Ok(text)
}

/// What a settings file says besides countersign's entries, without its layout.
///
/// # Errors
/// It isn't JSON.
pub fn rest(text: &str) -> Result<Value, Wrong> {
    let mut value = parse(text)?.value(text);
    let Some(hooks) = value.get_mut("hooks").and_then(Value::as_object_mut) else { return Ok(value) };
    for groups in hooks.values_mut().filter_map(Value::as_array_mut) {
        for handlers in groups.iter_mut().filter_map(|group| group.get_mut("hooks")?.as_array_mut()) {
            handlers.retain(|handler| !crate::hook::settings::starts_the_hook(handler));
        }
        // A group, an event or hooks with nothing in them say nothing.
        groups.retain(|group| group.get("hooks").and_then(Value::as_array).is_none_or(|handlers| !handlers.is_empty()));
    }
    hooks.retain(|_, groups| groups.as_array().is_none_or(|groups| !groups.is_empty()));
    if hooks.is_empty()
        && let Some(all) = value.as_object_mut()
    {
        all.remove("hooks");
    }
    Ok(value)
}

/// The next step towards an event that is registered once, and well.
fn registered(text: &str, root: &Node, event: (&str, Option<&str>), program: &str) -> Option<Edit> {
    let style = Style::of(text, root);
    let (name, _) = event;
    let group = group(event, program);
    let Some(hooks) = root.get("hooks") else {
        let value = Piece::Object(vec![(name, Piece::Array(vec![group]))]);
        return Some(add(text, &style, root, &|indent, flat| style.member("hooks", &value, indent, flat)));
    };
    let Some(list) = hooks.get(name) else {
        let value = Piece::Array(vec![group]);
        return Some(add(text, &style, hooks, &|indent, flat| style.member(name, &value, indent, flat)));
    };
    let ours: Vec<Entry> = entries(text, root).into_iter().filter(|entry| entry.event == name).collect();
    let good = |entry: &Entry| {
        let reaches = name != "PreToolUse" || entry.missed().is_empty();
        entry.command().program == program && entry.weaknesses().is_empty() && reaches
    };
    let good = ours.iter().position(good);
    if let Some(good) = good {
        return ours.iter().enumerate().find(|(at, _)| *at != good).and_then(|(_, entry)| without(text, root, entry));
    }
    let Some(entry) = ours.first() else {
        return Some(add(text, &style, list, &|indent, flat| style.write(&group, indent, flat)));
    };
    let old = list.items()?.get(entry.place.0)?;
    if entry.beside > 1 || old.members()?.iter().any(|member| !matches!(member.key.as_str(), "matcher" | "hooks")) {
        return without(text, root, entry);
    }
    // Where it was alone in its group, the new one takes its place.
    let flat = !text[old.span.clone()].contains('\n');
    let new = style.write(&group, super::render::line_indent(text, old.span.start), flat);
    Some(Edit { range: old.span.clone(), text: new })
}

/// The entry for an event, as it should be.
fn group<'a>((_, matcher): (&str, Option<&'a str>), program: &'a str) -> Piece<'a> {
    let handler = Piece::Object(vec![
        ("type", Piece::Text("command")),
        ("command", Piece::Text(program)),
        ("args", Piece::Words(vec!["hook"])),
        ("timeout", Piece::Number(TIMEOUT)),
        ("onFailure", Piece::Text("block")),
    ]);
    let matcher = matcher.map(|matcher| ("matcher", Piece::Text(matcher)));
    Piece::Object(matcher.into_iter().chain([("hooks", Piece::Array(vec![handler]))]).collect())
}

/// Puts an item behind all others of a list or object.
fn add(text: &str, style: &Style, container: &Node, item: &dyn Fn(&str, bool) -> String) -> Edit {
    let last = match (container.members(), container.items()) {
        (Some(members), _) => members.last().map(|member| (member.start, member.value.span.end)),
        (_, Some(items)) => items.last().map(|item| (item.span.start, item.span.end)),
        _ => None,
    };
    match last {
        Some(last) => Edit { range: last.1..last.1, text: style.appended(text, last, item) },
        None => Edit { range: container.span.clone(), text: style.filled(text, container, item) },
    }
}

/// Takes an entry out, with whatever has nothing left in it then.
fn without(text: &str, root: &Node, entry: &Entry) -> Option<Edit> {
    let at = |members: &[Member], key: &str| members.iter().position(|member| member.key == key);
    let spans =
        |members: &[Member]| members.iter().map(|member| member.start..member.value.span.end).collect::<Vec<_>>();
    let hooks = root.get("hooks")?;
    let list = hooks.get(&entry.event)?;
    let group = list.items()?.get(entry.place.0)?;
    let (container, parts, index) = if entry.beside > 1 {
        let handlers = group.get("hooks")?;
        (handlers, handlers.items()?.iter().map(|item| item.span.clone()).collect(), entry.place.1)
    } else if list.items()?.len() > 1 {
        (list, list.items()?.iter().map(|item| item.span.clone()).collect(), entry.place.0)
    } else if hooks.members()?.len() > 1 {
        (hooks, spans(hooks.members()?), at(hooks.members()?, &entry.event)?)
    } else {
        (root, spans(root.members()?), at(root.members()?, "hooks")?)
    };
    Some(Edit { range: cut(text, container, &parts, index)?, text: String::new() })
}

/// What goes with an item of a list or object: the comma, and the space around it.
fn cut(text: &str, container: &Node, parts: &[Range<usize>], index: usize) -> Option<Range<usize>> {
    let part = parts.get(index)?;
    if let Some(before) = index.checked_sub(1).and_then(|before| parts.get(before)) {
        return Some(before.end..part.end);
    }
    if let Some(after) = parts.get(index + 1) {
        return Some(part.start..after.start);
    }
    debug_assert!(text.len() >= container.span.end);
    Some(container.span.start + 1..container.span.end - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = "/usr/local/bin/countersign";

    #[test]
    fn an_empty_file_becomes_the_example() {
        let example = include_str!("../../examples/settings/user.json");
        for text in ["", "\n", "{}\n"] {
            assert_eq!(install(text, PROGRAM).as_deref(), Ok(example), "{text:?}");
        }
        assert_eq!(install(example, PROGRAM).as_deref(), Ok(example));
        assert_eq!(remove(example).as_deref(), Ok("{}\n"));
    }

    #[test]
    fn one_line_stays_one_line() {
        let with = install(r#"{"a":1}"#, PROGRAM).expect("settings");
        assert!(
            with.starts_with(r#"{"a":1,"hooks":{"PreToolUse":[{"matcher":"Bash|"#) && !with.contains(['\n', ' ']),
            "{with}"
        );
        assert_eq!(remove(&with).as_deref(), Ok(r#"{"a":1}"#));
        let with = install(r#"{ "hooks": {} }"#, PROGRAM).expect("settings");
        assert!(
            with.starts_with(r#"{ "hooks": {"PreToolUse": [{"matcher": "Bash|"#) && with.ends_with("}]}]} }"),
            "{with}"
        );
    }

    #[test]
    fn style_is_kept() {
        let text = "{\r\n\t\"hooks\": {\r\n\t\t\"PreToolUse\": [\r\n\t\t\t{\"hooks\": [ ]}\r\n\t\t],\r\n\t\t\"Stop\": []\r\n\t}\r\n}";
        let with = install(text, PROGRAM).expect("settings");
        assert!(with.contains("{\"hooks\": [ ]},\r\n\t\t\t{\r\n\t\t\t\t\"matcher\": "), "{with}");
        assert!(with.contains("\"Stop\": [],\r\n\t\t\"ConfigChange\": [\r\n\t\t\t{\r\n"), "{with}");
        assert_eq!(with.matches('\n').count(), with.matches("\r\n").count());
        assert_eq!(remove(&with).as_deref(), Ok(text));
    }

    #[test]
    fn an_old_entry_is_replaced_where_it_stands() {
        let example = include_str!("../../examples/settings/user.json");
        let old = example.replace(PROGRAM, "/opt/countersign-0.0.1/countersign");
        assert_eq!(install(&old, PROGRAM).as_deref(), Ok(example));
        // Beside others, in an odd form, and twice.
        let mixed = r#"{"hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"x"},{"type":"command","command":"countersign hook"}]},{"hooks":[{"type":"command","command":"'/a b/countersign' hook"}]}]},"z":1}"#;
        let with = install(mixed, PROGRAM).expect("settings");
        let found = entries(&with, &parse(&with).expect("JSON"));
        assert_eq!(found.len(), 3, "{with}");
        assert!(
            found.iter().all(|entry| entry.command().program == PROGRAM && entry.weaknesses().is_empty()),
            "{with}"
        );
        assert!(
            with.contains(r#"{"matcher":"Bash","hooks":[{"type":"command","command":"x"}]}"#)
                && with.ends_with(r#","z":1}"#),
            "{with}"
        );
        assert_eq!(
            remove(&with).as_deref(),
            Ok(r#"{"hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"x"}]}]},"z":1}"#)
        );
    }

    #[test]
    fn what_the_client_drops_is_not_touched() {
        for text in ["{\"a\":1,}", "{ // x\n}", "[]", r#"{"hooks":[]}"#, r#"{"hooks":{"PreToolUse":[{"hooks":[{}]}]}}"#]
        {
            assert!(install(text, PROGRAM).is_err() && remove(text).is_err(), "{text}");
        }
    }
}
