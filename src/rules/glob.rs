//! Globs in rules: `*` is any run of characters, `?` one, `{a,b}` alternatives, `\*` a star itself. Matching is linear in practice: it only
//! ever goes back to the last `*`.

/// Whether the text is like the glob.
#[must_use]
pub fn matches(glob: &str, text: &str) -> bool {
    like(glob, text, false)
}

/// The same without regard to case (of ASCII letters).
#[must_use]
pub fn matches_any_case(glob: &str, text: &str) -> bool {
    like(glob, text, true)
}

/// The most ways in which the alternatives of a glob may come together: each is tried.
const WAYS: usize = 256;

/// What is wrong with a glob, if something is.
#[must_use]
pub fn fault(glob: &str) -> Option<&'static str> {
    if !glob.is_empty() && !glob.bytes().any(|byte| matches!(byte, b'{' | b'}')) {
        return None;
    }
    let mut open = false;
    let (mut ways, mut choices) = (1_usize, 1_usize);
    let mut escaped = false;
    for byte in glob.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' if open => {
                return Some("has a `{` inside of `{…}`: write the alternatives out as entries of their own");
            }
            b'{' => (open, choices) = (true, 1),
            b',' if open => choices += 1,
            b'}' if !open => return Some("has a `}` without its `{`"),
            b'}' => (open, ways) = (false, ways.saturating_mul(choices)),
            _ => {}
        }
    }
    if ways > WAYS {
        return Some("has too many alternatives: write them out as entries of their own");
    }
    if glob.is_empty() { Some("is empty: write `*` for anything") } else { open.then_some("has a `{` without its `}`") }
}

fn like(glob: &str, text: &str, any_case: bool) -> bool {
    bytes_like(glob.as_bytes(), text.as_bytes(), any_case)
}

fn bytes_like(g: &[u8], t: &[u8], any_case: bool) -> bool {
    let same = |a: u8, b: u8| a == b || any_case && a.eq_ignore_ascii_case(&b);
    // Most globs fail at their first character, and most of the others are no more than a word.
    let mut at = 0;
    loop {
        match g.get(at) {
            None => return at == t.len(),
            Some(b'*' | b'?' | b'{' | b'\\') => break,
            Some(&byte) => {
                if !t.get(at).is_some_and(|other| same(byte, *other)) {
                    return false;
                }
                at += 1;
            }
        }
    }
    let (rest, text) = (&g[at..], &t[at..]);
    // The others nearly all fail at their last one.
    if let Some(&last) = rest.last().filter(|last| !matches!(last, b'*' | b'?' | b'}'))
        && !text.last().is_some_and(|other| same(last, *other))
    {
        return false;
    }
    if let Some(open) = rest.iter().position(|byte| *byte == b'{')
        && let Some(close) = rest[open..].iter().position(|byte| *byte == b'}').map(|end| open + end)
    {
        let (before, after) = (&rest[..open], &rest[close + 1..]);
        // Of the many alternatives, none has to be tried where what stands in front of them isn't in the text.
        let wild = before.iter().rposition(|byte| matches!(byte, b'*' | b'?' | b'\\')).map_or(0, |at| at + 1);
        let piece = &before[wild..];
        let is_there = |part: &[u8]| part.iter().zip(piece).all(|(one, other)| same(*one, *other));
        if !piece.is_empty() && !text.windows(piece.len()).any(is_there) {
            return false;
        }
        return rest[open + 1..close].split(|byte| *byte == b',').any(|choice| {
            let size = before.len() + choice.len() + after.len();
            let mut buffer = [0; 128];
            let Some(room) = buffer.get_mut(..size) else {
                return bytes_like(&[before, choice, after].concat(), text, any_case);
            };
            room[..open].copy_from_slice(before);
            room[open..open + choice.len()].copy_from_slice(choice);
            room[open + choice.len()..].copy_from_slice(after);
            bytes_like(room, text, any_case)
        });
    }
    plain(rest, text, any_case)
}

fn plain(glob: &[u8], text: &[u8], any_case: bool) -> bool {
    let same = |a: u8, b: u8| a == b || any_case && a.eq_ignore_ascii_case(&b);
    let (mut g, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match glob.get(g) {
            Some(b'*') => {
                g += 1;
                // It reaches at least to where what follows it begins.
                match glob.get(g) {
                    None => return true,
                    Some(b'*' | b'?' | b'\\') => {}
                    Some(&next) => match text[t..].iter().position(|byte| same(next, *byte)) {
                        Some(length) => t += length,
                        None => return false,
                    },
                }
                star = Some((g - 1, t));
            }
            Some(b'\\') if glob.get(g + 1).is_some_and(|next| *next == text[t]) => {
                g += 2;
                t += 1;
            }
            Some(b'?') => {
                g += 1;
                t += 1;
                while t < text.len() && (text[t] & 0xC0) == 0x80 {
                    t += 1;
                }
            }
            Some(&byte) if same(byte, text[t]) => {
                g += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    g = at;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        assert!(matches("delete-*", "delete-bucket"));
        assert!(!matches("delete-*", "undelete-bucket"));
        assert!(matches("*.{db,sqlite}", "a/b.sqlite"));
        assert!(!matches("*.{db,sqlite}", "a/b.sql") && matches("{a,b}{c,}", "b") && matches("a{b,*c}?", "axcd"));
        assert!(!matches("*.db", "") && matches_any_case("*.DB", "x.db") && !matches("?", ""));
        assert!(matches("*", ""));
        assert!(matches(r"\*", "*") && !matches(r"\*", "main"));
        assert!(matches(r"./\*", "./*") && !matches(r"./\*", "./a"));
        assert!(matches("a?c", "aéc"));
        assert!(!matches("a", "ab"));
        assert!(matches_any_case("*Drop*", "x DROP y"));
    }
}
