//! Parts of lists and texts: `${@:2}`, `${a[@]:1:2}`, `${x:3}`.

use super::fields::Value;
use crate::read::word::Word;

/// From where on, and how many.
struct Bounds {
    from: i64,
    many: Option<i64>,
}

impl Bounds {
    /// What stands behind the name: `:2`, `: -3:2`. `None`: that isn't known, or it is no slice.
    fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix(':')?;
        let (from, many) = match text.split_once(':') {
            Some((from, many)) => (from, Some(many)),
            None => (text, None),
        };
        let number = |text: &str| match text.trim() {
            "" => Some(0),
            // Octal.
            text if text.len() > 1 && text.trim_start_matches(['-', '+']).starts_with('0') => None,
            text => text.parse::<i32>().ok().map(i64::from),
        };
        let many = match many {
            Some(many) => Some(number(many)?),
            None => None,
        };
        Some(Self { from: number(from)?, many })
    }

    /// The same of something that is so long. `None`: there it is an error.
    fn range(&self, length: usize, text: bool) -> Option<std::ops::Range<usize>> {
        let length = i64::try_from(length).ok()?;
        let from = if self.from < 0 { self.from + length } else { self.from };
        if from < 0 || from > length {
            return Some(0..0);
        }
        let to = match self.many {
            None => length,
            Some(many) if many >= 0 => (from + many).min(length),
            // The end is counted from behind, in texts only.
            Some(many) if text && length + many >= from => length + many,
            Some(_) => return None,
        };
        Some(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
    }
}

/// A part of a list. `zero`: of the arguments, before the first of which stands `$0`.
pub(super) fn of_list(list: &[Word], zero: Option<&Word>, slice: &Word) -> Option<Value> {
    let bounds = Bounds::read(slice.known()?)?;
    if list.iter().any(|word| word.splits) {
        return None;
    }
    // A pattern is as many words as there are names like it. Of one alone, it is some of them.
    if list.iter().any(Word::has_glob) {
        return (list.len() == 1 && zero.is_none()).then(|| Value::Many(list.to_vec()));
    }
    let mut all: Vec<Word> = zero.cloned().into_iter().collect();
    all.extend_from_slice(list);
    Some(Value::Many(all.get(bounds.range(all.len(), false)?)?.to_vec()))
}

/// The word at this place of a list. What may be several words in front of it, or none, moves it.
pub(super) fn element(words: &[Word], at: usize) -> Word {
    if words.iter().take(at + 1).any(|word| word.splits) {
        return Word::unknown();
    }
    match words {
        [one] if one.has_glob() => one.clone(),
        _ if words.iter().take(at).any(Word::has_glob) => Word::unknown(),
        _ => words.get(at).cloned().unwrap_or_default(),
    }
}

/// A part of a text. How long it is where it isn't ASCII depends on the machine's language.
pub(super) fn of_text(word: &Word, slice: &Word) -> Option<Value> {
    let bounds = Bounds::read(slice.known()?)?;
    let text = word.known().filter(|text| text.is_ascii())?;
    Some(Value::One(Word::text(text.get(bounds.range(text.len(), true)?)?)))
}
