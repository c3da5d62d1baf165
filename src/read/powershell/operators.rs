//! Operators on known text, as far as they are cheap.

use super::state::{Value, glued};
use crate::read::word::{Piece, Word};

/// The longest range that is followed.
const RANGE: i64 = 256;
/// The longest text of which single letters are taken.
const LETTERS: usize = 4096;
/// Signs that mean something in a pattern.
const MAGIC: [char; 14] = ['.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '^', '$', '|', '\\'];

fn number(value: &Value) -> Option<i64> {
    let text = value.known()?;
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// `a + b`
pub(super) fn sum(left: Value, right: Value) -> Value {
    if let (Some(one), Some(other)) = (number(&left), number(&right)) {
        return Value::text(&one.saturating_add(other).to_string());
    }
    if left.items.len() > 1 || left.items.is_empty() || left.table.is_some() {
        return left.with(right);
    }
    Value::one(glued(left.joined(" "), &right.joined(" ")))
}

/// Any other operator between two values.
pub(super) fn binary(name: &str, left: &Value, right: &Value) -> Value {
    let bare = match name {
        "creplace" | "ireplace" => "replace",
        "csplit" | "isplit" => "split",
        name => name,
    };
    match bare {
        "f" => left.known().and_then(|text| format(text, right)).map_or_else(Value::unknown, Value::one),
        "join" => match right.known() {
            Some(separator) => Value::one(left.joined(separator)),
            None => Value::unknown(),
        },
        "replace" => replaced(left, right).unwrap_or_else(Value::unknown),
        "split" => match (left.known(), right.items.first().and_then(Word::known)) {
            (Some(text), Some(by)) if !by.is_empty() && (by.len() == 1 && by != "." || !by.contains(MAGIC)) => {
                Value::each(text.split(by).map(Word::text))
            }
            _ => Value::unknown(),
        },
        ".." => range(left, right).unwrap_or_else(Value::unknown),
        "-" | "*" | "/" | "%" | "band" | "bor" | "bxor" | "shl" | "shr" => calculated(bare, left, right),
        "as" => left.clone(),
        // Whether something holds is a name that leads nowhere.
        _ => Value::name(),
    }
}

fn calculated(name: &str, left: &Value, right: &Value) -> Value {
    let (Some(one), Some(other)) = (number(left), number(right)) else {
        // Text many times over.
        return if name == "*" { Value::unknown() } else { Value::name() };
    };
    let result = match name {
        "-" => one.checked_sub(other),
        "*" => one.checked_mul(other),
        "/" if other != 0 && one % other == 0 => one.checked_div(other),
        "%" => one.checked_rem(other),
        "bxor" => Some(one ^ other),
        "band" => Some(one & other),
        "bor" => Some(one | other),
        _ => None,
    };
    result.map_or_else(Value::name, |result| Value::text(&result.to_string()))
}

fn range(left: &Value, right: &Value) -> Option<Value> {
    let (from, to) = (number(left)?, number(right)?);
    if from.abs_diff(to) > RANGE.unsigned_abs() {
        return None;
    }
    let step = |at: i64| if from <= to { from + at } else { from - at };
    let count = i64::try_from(from.abs_diff(to)).ok()?;
    Some(Value::list((0..=count).map(|at| Word::text(step(at).to_string())).collect()))
}

fn replaced(left: &Value, right: &Value) -> Option<Value> {
    let pattern = right.items.first()?.known()?;
    let by = right.items.get(1).map_or(Some(""), Word::known)?;
    let plain = pattern.strip_prefix('\\').filter(|rest| rest.len() == 1).unwrap_or(pattern);
    if plain.len() == pattern.len() && pattern.contains(MAGIC) || by.contains('$') || plain.is_empty() {
        return None;
    }
    let one = |item: &Word| -> Option<Word> { Some(Word::text(replace_any_case(item.known()?, plain, by))) };
    Some(Value::list(left.items.iter().map(one).collect::<Option<Vec<_>>>()?))
}

fn replace_any_case(text: &str, from: &str, to: &str) -> String {
    let (lower, from) = (text.to_ascii_lowercase(), from.to_ascii_lowercase());
    let mut out = String::new();
    let mut at = 0;
    while let Some(found) = lower[at..].find(&from) {
        out.push_str(&text[at..at + found]);
        out.push_str(to);
        at += found + from.len();
        // What grows without end is nothing that anybody reads.
        if out.len() > 1 << 16 {
            break;
        }
    }
    out + &text[at..]
}

/// `'{0} {1}' -f a, b`
pub(super) fn format(text: &str, values: &Value) -> Option<Word> {
    let mut out = Word::default();
    let mut rest = text;
    let mut room = 1_usize << 16;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, behind) = rest.split_at(at);
        out.push(Piece::Text(before.into()));
        if behind.starts_with("{{") || behind.starts_with("}}") {
            out.push(Piece::Text(behind[..1].into()));
            rest = &behind[2..];
            continue;
        }
        if behind.starts_with('}') {
            return None;
        }
        let end = behind.find('}')?;
        let place: usize = behind[1..end].split([',', ':']).next()?.trim().parse().ok()?;
        let value = values.items.get(place)?;
        room = room.checked_sub(value.pieces.iter().map(|piece| piece.len() + 512).sum())?;
        value.pieces.iter().for_each(|piece| out.push(piece.clone()));
        rest = &behind[end + 1..];
    }
    out.push(Piece::Text(rest.into()));
    out.pieces.retain(|piece| *piece != Piece::Text("".into()));
    Some(out)
}

/// An operator in front of a value.
pub(super) fn unary(name: &str, value: &Value) -> Value {
    match name {
        "join" => Value::one(value.joined("")),
        "split" | "csplit" | "isplit" => match value.known() {
            Some(text) => Value::each(text.split_whitespace().map(Word::text)),
            None => Value::unknown(),
        },
        _ => Value::name(),
    }
}

/// `a[b]`. `is_text`: what looks like one text is one, and no list of one item.
pub(super) fn index(on: &Value, index: &Value, is_text: bool) -> Value {
    if let Some(table) = &on.table {
        let key = index.known().map(str::to_lowercase);
        let found = table.iter().find(|(name, _)| Some(name.as_str()) == key.as_deref());
        return found.map_or_else(Value::unknown, |(_, value)| value.clone());
    }
    let items: Vec<Word> = match on.items.as_slice() {
        [one] if is_text => match one.known() {
            Some(text) if text.len() <= LETTERS => text.chars().map(|c| Word::text(c.to_string())).collect(),
            _ => return Value::unknown(),
        },
        items => items.to_vec(),
    };
    if items.iter().any(|item| item.splits) {
        return Value::unknown();
    }
    let pick = |place: &Word| -> Option<Word> {
        let place: i64 = place.known()?.parse().ok()?;
        let place = if place < 0 { i64::try_from(items.len()).ok()? + place } else { place };
        items.get(usize::try_from(place).ok()?).cloned()
    };
    index.items.iter().map(pick).collect::<Option<Vec<_>>>().map_or_else(Value::unknown, Value::list)
}
