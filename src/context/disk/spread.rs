//! What a pattern of the shell stands for on this disk.

use super::super::{Context, Kind};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most names that are kept of one pattern.
pub(super) const MOST: usize = 512;

/// What a pattern stands for.
#[derive(Debug, Default)]
pub(super) struct Spread {
    /// The paths that are like it.
    pub(super) names: Vec<String>,
    /// These are all.
    pub(super) all: bool,
}

/// The patterns that were looked up for this call: several facts ask for the same one.
#[derive(Debug, Default)]
pub(in super::super) struct Known(RefCell<BTreeMap<String, Rc<Spread>>>);

/// What an absolute pattern stands for.
pub(super) fn spread(pattern: &str, context: &Context<'_>) -> Rc<Spread> {
    if let Some(known) = context.patterns.0.borrow().get(pattern) {
        return known.clone();
    }
    let found = Rc::new(look_up(pattern, context));
    context.patterns.0.borrow_mut().insert(pattern.to_owned(), found.clone());
    found
}

fn look_up(pattern: &str, context: &Context<'_>) -> Spread {
    let mut found = Spread { names: vec![String::new()], all: true };
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let mut next = Vec::new();
        if !part.contains(['*', '?', '[']) {
            next = found
                .names
                .iter()
                .map(|dir| if at == 0 && part.ends_with(':') { (*part).to_owned() } else { format!("{dir}/{part}") })
                .collect();
            // Behind a pattern, not everything that could be there is.
            if parts[..at].iter().any(|part| part.contains(['*', '?', '['])) {
                next.retain(|path: &String| context.budget.pay() && context.files.stat(path).is_some());
            }
            found.names = next;
            continue;
        }
        let wanted: Vec<char> = part.chars().collect();
        for dir in &found.names {
            let mut each = |name: &str, kind: Kind| {
                if !context.budget.pay() || next.len() == MOST {
                    found.all = false;
                    return false;
                }
                let fits = is_last || matches!(kind, Kind::Directory | Kind::Link);
                if fits && (!name.starts_with('.') || part.starts_with('.')) && is_like(&wanted, name) {
                    next.push(format!("{dir}/{name}"));
                }
                true
            };
            context.files.list(if dir.is_empty() { "/" } else { dir }, &mut each);
        }
        found.names = next;
    }
    found
}

/// Whether a name is like a pattern of the shell: `*`, `?`, `[a-z]`, `[!a]`.
fn is_like(pattern: &[char], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut to) = (0, 0);
    // Where the last star stands, and what it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at, to));
                at += 1;
                continue;
            }
            None if to == name.len() => return true,
            Some(_) if to < name.len() => one(&pattern[at..], name[to]),
            _ => None,
        };
        match (step, star) {
            (Some(length), _) => (at, to) = (at + length, to + 1),
            (None, Some((before, taken))) if taken < name.len() => {
                star = Some((before, taken + 1));
                (at, to) = (before + 1, taken + 1);
            }
            _ => return false,
        }
    }
}

/// How much of a pattern this one character is like.
fn one(pattern: &[char], char: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['[', rest @ ..] => {
            let not = matches!(rest.first(), Some('!' | '^'));
            let set = &rest[usize::from(not)..];
            // A bracket right at the beginning is one of the set.
            let end = set.iter().skip(1).position(|c| *c == ']').map(|at| at + 1);
            let Some(end) = end else { return (char == '[').then_some(1) };
            let mut has = false;
            let mut at = 0;
            while at < end {
                if at + 2 < end && set[at + 1] == '-' {
                    has |= (set[at]..=set[at + 2]).contains(&char);
                    at += 3;
                } else {
                    has |= set[at] == char;
                    at += 1;
                }
            }
            // `[[:upper:]]` and its like: better one too many.
            has |= set.starts_with(&['[', ':']);
            (has != not).then_some(2 + usize::from(not) + end)
        }
        [first, ..] => (*first == char).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_the_shell() {
        let like = |pattern: &str, name: &str| is_like(&pattern.chars().collect::<Vec<_>>(), name);
        assert!(like("build*", "build"));
        assert!(like("build*", "build-old"));
        assert!(!like("build*", "rebuild"));
        assert!(like("*.o", "a.b.o"));
        assert!(!like("*.o", "a.obj"));
        assert!(like("a?c", "abc"));
        assert!(!like("a?c", "ac"));
        assert!(like("[a-c]x", "bx"));
        assert!(!like("[a-c]x", "dx"));
        assert!(like("[!a]x", "bx"));
        assert!(!like("[!a]x", "ax"));
        assert!(like("[]]x", "]x"));
        assert!(like("[", "["));
        assert!(like("*a*a*a*", "aaa"));
        assert!(!like("*a*a*a*b", &"a".repeat(200)));
    }
}
