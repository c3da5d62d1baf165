//! What `printf` makes of a format and its arguments.

use super::builtins::unescaped;
use crate::read::word::{Piece, Word};

/// The longest text that `printf` makes of its arguments, in bytes.
const LONGEST: usize = 1 << 14;
/// The longest field that text is put into, in characters.
const WIDEST: usize = 256;

/// A part of a format.
enum Part<'f> {
    /// Text, its escapes filled in.
    Text(String),
    /// Nobody knows what stands there.
    Hole(Piece),
    /// `%s`, `%-20s`, `%d`: an argument, by the letter of its conversion. What stands between is how it is set.
    Argument(char, &'f str),
}

/// What is printed, the format being used as often as there are arguments left. What can't be followed is unknown: the text
/// of the format itself is never printed as it stands.
pub(super) fn formatted(format: &Word, arguments: &[Word]) -> Word {
    let mut parts = Vec::new();
    for piece in &format.pieces {
        match piece {
            Piece::Text(text) | Piece::Glob(text) => {
                let Some(()) = read(text, &mut parts) else { return Word::unknown() };
            }
            Piece::Unknown { .. } | Piece::Name => parts.push(Part::Hole(piece.clone())),
        }
    }
    let takes = parts.iter().filter(|part| matches!(part, Part::Argument(..))).count();
    let rounds = if takes == 0 { 1 } else { arguments.len().div_ceil(takes).max(1) };
    let size: usize = format.pieces.iter().map(Piece::len).sum();
    if rounds.saturating_mul(size) > LONGEST {
        return Word::unknown();
    }
    // Behind what may be several words, or none, nobody knows which of them goes where. The same behind what isn't known
    // of the format: it may take some.
    let mut sure = arguments.iter().position(|word| word.splits).unwrap_or(usize::MAX);
    let mut out = Word::default();
    let mut taken = 0;
    for _ in 0..rounds {
        for part in &parts {
            match part {
                Part::Text(text) => out.push(Piece::Text(text.as_str().into())),
                Part::Hole(piece) => {
                    out.push(piece.clone());
                    sure = sure.min(taken);
                }
                Part::Argument(kind, set) => {
                    let value = arguments.get(taken);
                    let value = if taken >= sure {
                        converted(*kind, set, Some(&Word::unknown()))
                    } else {
                        converted(*kind, set, value)
                    };
                    value.pieces.into_iter().for_each(|piece| out.push(piece));
                    taken += 1;
                }
            }
        }
    }
    out
}

/// The parts of a format. `None`: it may print anything.
fn read<'f>(format: &'f str, parts: &mut Vec<Part<'f>>) -> Option<()> {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        if at > 0 {
            parts.push(Part::Text(unescaped(&rest[..at])));
        }
        let behind = &rest[at + 1..];
        // `%(%F)T`: a time.
        if let Some((_, after)) = behind.strip_prefix('(').and_then(|behind| behind.split_once(")T")) {
            parts.push(Part::Argument('T', ""));
            rest = after;
            continue;
        }
        let length = behind.bytes().take_while(|byte| b"-+ #0123456789.'hlLjzt".contains(byte)).count();
        let kind = behind[length..].chars().next()?;
        match kind {
            '%' if length == 0 => parts.push(Part::Text("%".to_owned())),
            's' | 'b' | 'q' | 'c' | 'd' | 'i' | 'o' | 'u' | 'x' | 'X' | 'a' | 'A' | 'e' | 'E' | 'f' | 'F' | 'g'
            | 'G' => {
                parts.push(Part::Argument(kind, &behind[..length]));
            }
            // `%*s`, `%2$s`, `%n`.
            _ => return None,
        }
        rest = &behind[length + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(unescaped(rest)));
    }
    Some(())
}

/// What one conversion makes of its argument. Without one, it is empty, or 0.
fn converted(kind: char, set: &str, value: Option<&Word>) -> Word {
    let known = value.map_or(Some(""), Word::known);
    let text = match (kind, known) {
        ('s', None) if set.is_empty() => {
            return value.cloned().map_or_else(Word::default, |word| Word { splits: false, ..word });
        }
        ('T', _) | ('s' | 'b' | 'q' | 'c', None) => None,
        ('s', Some(text)) => Some(text.to_owned()),
        ('c', Some(text)) => Some(text.chars().take(1).collect()),
        // `\c` ends all of it.
        ('b', Some(text)) => (!text.contains("\\c")).then(|| unescaped(text)),
        ('q', Some(text)) => quoted(text),
        (_, None) => return number(),
        (_, Some(text)) => {
            let text = if text.is_empty() { "0" } else { text };
            let digits = text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit());
            let plain =
                digits && (text == "0" || !text.starts_with('0')) && set.is_empty() && matches!(kind, 'd' | 'i' | 'u');
            return if plain || text == "0" && set.is_empty() && matches!(kind, 'o' | 'x' | 'X') {
                Word::text(text)
            } else {
                number()
            };
        }
    };
    text.and_then(|text| padded(text, set)).map_or_else(Word::unknown, Word::text)
}

/// A number that isn't worked out: whatever it is, there is neither a `/` nor a blank in it that separates commands.
fn number() -> Word {
    Word::from(Piece::Name)
}

/// A text in a field that is so wide, or cut. How wide a character is that isn't ASCII depends on the machine.
fn padded(mut text: String, set: &str) -> Option<String> {
    if set.is_empty() {
        return Some(text);
    }
    let (left, width) = set.strip_prefix('-').map_or((false, set), |width| (true, width));
    let (width, most) = width.split_once('.').map_or((width, None), |(width, most)| (width, Some(most)));
    let size = |text: &str| if text.is_empty() { Some(0) } else { text.parse().ok().filter(|size| *size <= WIDEST) };
    let (width, most) = (size(width)?, most.map(size));
    if !text.is_ascii() {
        return None;
    }
    if let Some(most) = most {
        text.truncate(most?);
    }
    Some(if left { format!("{text:<width$}") } else { format!("{text:>width$}") })
}

/// A text as a shell reads it as one word.
fn quoted(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("''".to_owned());
    }
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '_' | '-' | '.' | '/' | ':' | '=' | '@' | '%' | '+' => out.push(char),
            char if char.is_ascii_alphanumeric() => out.push(char),
            // `$'…'`.
            char if char.is_ascii_control() || !char.is_ascii() => return None,
            char => out.extend(['\\', char]),
        }
    }
    Some(out)
}
