//! How what was seen is said.

use super::Id;
use super::refs::short;
use crate::context::thousands;

/// The most names that are said.
const NAMES: usize = 3;
/// The most characters of a name or a message.
const LONG: usize = 48;

/// `3 files`, `1,204 files`, `2 stashes`.
pub(super) fn count(count: usize, what: &str) -> String {
    let ending = match (count, what.ends_with("sh")) {
        (1, _) => "",
        (_, true) => "es",
        _ => "s",
    };
    format!("{} {what}{ending}", thousands(count))
}

/// What others have written, without what could pass for something else: one line, no control characters, not long.
pub(super) fn text(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|char| {
            if char.is_control()
                || matches!(char, '`' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            {
                ' '
            } else {
                char
            }
        })
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() > LONG { plain.chars().take(LONG).chain(['…']).collect() } else { plain }
}

/// The first of some names.
pub(super) fn names(names: &[String]) -> String {
    let first: Vec<String> = names.iter().take(NAMES).map(|name| text(name)).collect();
    let more = if names.len() > NAMES { ", …" } else { "" };
    format!("{}{more}", first.join(", "))
}

/// `2 commits: abc1234 Fix login, …`.
pub(super) fn commits(commits: &[(Id, String)], what: &str) -> String {
    let first: Vec<String> =
        commits.iter().take(NAMES).map(|(id, subject)| format!("{} {}", short(id), text(subject))).collect();
    let more = if commits.len() > NAMES { ", …" } else { "" };
    format!("{}{what}: {}{more}", count(commits.len(), "commit"), first.join(", "))
}
