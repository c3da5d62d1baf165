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

fn like(glob: &str, text: &str, any_case: bool) -> bool {
    if let Some(open) = glob.find('{') {
        if let Some(close) = glob[open..].find('}').map(|at| open + at) {
            let (before, after) = (&glob[..open], &glob[close + 1..]);
            return glob[open + 1..close]
                .split(',')
                .any(|choice| like(&format!("{before}{choice}{after}"), text, any_case));
        }
    }
    plain(glob.as_bytes(), text.as_bytes(), any_case)
}

fn plain(glob: &[u8], text: &[u8], any_case: bool) -> bool {
    let same = |a: u8, b: u8| a == b || any_case && a.eq_ignore_ascii_case(&b);
    let (mut g, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match glob.get(g) {
            Some(b'*') => {
                star = Some((g, t));
                g += 1;
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
                    g = at + 1;
                    t = from + 1;
                    star = Some((at, t));
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
        assert!(matches("*", ""));
        assert!(matches(r"\*", "*") && !matches(r"\*", "main"));
        assert!(matches(r"./\*", "./*") && !matches(r"./\*", "./a"));
        assert!(matches("a?c", "aéc"));
        assert!(!matches("a", "ab"));
        assert!(matches_any_case("*Drop*", "x DROP y"));
    }
}
