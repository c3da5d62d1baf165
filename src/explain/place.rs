//! Where an action stands in the text that a person wrote: the word that names a file, the statement, the command.

use crate::context::{Context, Place};
use crate::read::action::{Action, FileAction, Kind};
use crate::read::outline::{self, Outline, Span};
use crate::read::word::Word;
use crate::rules::model::{Part, Rule};
use crate::rules::text::Text;
use std::ops::Range;

/// The most bytes of a command in which the word of a file is looked for.
const SEARCHED: usize = 16 << 10;

/// Where an action stands. Where that can't be told exactly, the command that it is part of.
pub(super) fn of(action: &Action, outline: &Outline, context: &Context<'_>) -> Option<Span> {
    let number = action.origin.part;
    let part = outline.parts.get(number as usize)?;
    match &action.kind {
        Kind::File(file) => word(file, action, outline, context).or_else(|| part.span.clone()),
        Kind::Run(_) | Kind::Mcp(_) | Kind::Nothing => part.span.clone(),
        _ => outline.locate(number, &action.origin.shown).map(|(span, _)| span).or_else(|| part.span.clone()),
    }
}

/// What of the call leads to a place in a file.
pub(super) fn through(span: &Span, action: &Action, outline: &Outline) -> Option<Span> {
    if span.source == 0 {
        return None;
    }
    let mut at = action.origin.part as usize;
    loop {
        let part = outline.parts.get(at)?;
        match &part.span {
            Some(span) if span.source == 0 => return Some(span.clone()),
            _ if at == 0 => return None,
            _ => at = part.parent as usize,
        }
    }
}

/// The lines that an Edit takes out, or that it or a Write brings in, for which a rule holds.
pub(super) fn lines(rule: &Rule, action: &Action, outline: &Outline) -> Vec<Span> {
    let Some(FileAction { adds: Some(_), removes, .. }) = action.file() else { return Vec::new() };
    let mut found = Vec::new();
    let parts = rule.when.iter().flat_map(|condition| condition.0.iter());
    for part in parts {
        let (sign, texts) = match part {
            Part::Removes(texts) if removes.is_some() => ("- ", texts),
            Part::Adds(texts) => (if removes.is_some() { "+ " } else { "" }, texts),
            _ => continue,
        };
        let mut from = 0;
        for (number, line) in outline.sources[0].text.split('\n').enumerate() {
            let bare = |text: &str| text.chars().filter(|char| !char.is_whitespace()).collect::<String>();
            let says = |text: &Text| bare(line).contains(&bare(text.trim_matches('*')));
            // The first line is the path.
            if number > 0 && line.starts_with(sign) && texts.iter().any(says) {
                let inner = line[sign.len()..].trim();
                let start = from + line.find(inner).unwrap_or_default();
                found.push(Span { source: 0, bytes: start..start + inner.len() });
            }
            from += line.len() + 1;
        }
    }
    found
}

/// The word that names a file.
fn word(file: &FileAction, action: &Action, outline: &Outline, context: &Context<'_>) -> Option<Span> {
    let part = outline.parts.get(action.origin.part as usize)?;
    let span = part.span.as_ref()?;
    let text = outline.text(span);
    if text.len() > SEARCHED {
        return None;
    }
    let cwd = action.origin.cwd.as_deref().or(Some(context.world.cwd.as_str()));
    let named = |word: &str| {
        let home = context.world.home.as_str();
        let known = ["${HOME}", "$HOME", "~"]
            .iter()
            .find_map(|name| word.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with('/')));
        let word = known.map_or_else(|| word.to_owned(), |rest| format!("{home}{rest}"));
        let place = Place::resolve(&Word::text(word), cwd, action.origin.elsewhere, context.world, context.rules);
        place.path == file.place.path || Some(&place.path) == file.place.from.as_ref()
    };
    // Of what is only known when it runs, `…` is shown.
    let below = cwd.and_then(|cwd| file.place.path.strip_prefix(cwd)?.strip_prefix('/')).unwrap_or_default();
    let unknown = |raw: &str| {
        let shown = [below, file.place.path.as_str()];
        shown.iter().any(|shown| shown.contains('…') && outline::takes(raw, shown))
    };
    let found = words(text).into_iter().rev().find(|(bytes, word)| {
        let value = || word.split_once('=').is_some_and(|(_, value)| named(value));
        !word.is_empty() && (named(word) || value() || unknown(&text[bytes.clone()]))
    });
    let (bytes, _) = found?;
    Some(Span { source: span.source, bytes: span.bytes.start + bytes.start..span.bytes.start + bytes.end })
}

/// The words of a command line with their quotes, and what they say without.
fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words = Vec::new();
    let mut open: Option<(usize, String)> = None;
    let mut quote = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let ends = quote.is_none() && (char.is_whitespace() || ";&|()<>".contains(char));
        if ends {
            words.extend(open.take().map(|(from, word)| (from..at, word)));
            continue;
        }
        let (_, word) = open.get_or_insert_with(|| (at, String::new()));
        match (quote, char) {
            (Some(mark), _) if mark == char => quote = None,
            (None, '\'' | '"') => quote = Some(char),
            (None | Some('"'), '\\') => word.extend(chars.next().map(|(_, char)| char)),
            _ => word.push(char),
        }
    }
    words.extend(open.map(|(from, word)| (from..text.len(), word)));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_with_their_quotes() {
        let text = "rm -rf 'a b'/x \"$HOME\"; é\\ é >out";
        let found: Vec<_> = words(text).into_iter().map(|(range, word)| (&text[range], word)).collect();
        let said: Vec<_> = found.iter().map(|(text, word)| (*text, word.as_str())).collect();
        let wanted = [
            ("rm", "rm"),
            ("-rf", "-rf"),
            ("'a b'/x", "a b/x"),
            ("\"$HOME\"", "$HOME"),
            ("é\\ é", "é é"),
            ("out", "out"),
        ];
        assert_eq!(said, wanted);
    }
}
