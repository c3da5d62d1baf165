//! Making text fit to be shown: what is quoted in a reason was chosen by an agent, perhaps by an attacker.

/// The longest text, in lines: the client's dialog shows no more.
pub const LINES: usize = 10;
/// The longest reason, in bytes. The client has no limit of its own, and megabytes have killed sessions.
pub const BYTES: usize = 1024;

/// The text with everything invisible made visible, cut to ten lines and `bytes` bytes; what was cut ends in `…`.
pub fn clean(text: &str, bytes: usize) -> String {
    let mut out = String::with_capacity(text.len().min(bytes) + 8);
    let mut lines = 1;
    let mut end = 0;
    let text = text.trim_ascii_end();
    for c in text.chars() {
        match c {
            '\n' if lines == LINES => return cut(out, end),
            '\n' => {
                lines += 1;
                out.push(c);
            }
            '\t' => out.push(' '),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
        if out.len() > bytes {
            return cut(out, end);
        }
        // The last place where the mark of a cut still fits.
        if out.len() + '…'.len_utf8() <= bytes {
            end = out.len();
        }
    }
    out
}

/// The same text for a terminal, whole: only what is invisible is made visible.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

fn cut(mut text: String, end: usize) -> String {
    text.truncate(end);
    text.truncate(text.trim_ascii_end().len());
    text.push('…');
    text
}

/// Characters that steer a terminal, turn text around, or can't be seen.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(clean("a\u{1b}[2Jb\rc\0d\te\n\u{202e}f", BYTES), "a\\u{1b}[2Jb\\u{d}c\\u{0}d e\n\\u{202e}f");
        assert_eq!(clean("x\u{200b}\u{feff}\u{e0041}\u{85}", BYTES), "x\\u{200b}\\u{feff}\\u{e0041}\\u{85}");
        assert_eq!(clean("DROP TABLE größe; -- 世😀", BYTES), "DROP TABLE größe; -- 世😀");
    }

    #[test]
    fn text_is_cut_at_a_character() {
        for size in 1000..1040 {
            for c in ["a", "é", "世", "😀", "\u{202e}"] {
                let text = c.repeat(size / c.len()) + &"x".repeat(size % c.len());
                let shown = clean(&text, BYTES);
                assert!(shown.len() <= BYTES, "{size} {c:?}: {}", shown.len());
                assert_eq!(shown.ends_with('…'), c == "\u{202e}" || text.len() > BYTES, "{size} {c:?}");
            }
        }
    }

    #[test]
    fn text_is_cut_at_ten_lines() {
        let line = |n: usize| (1..=n).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
        assert_eq!(clean(&line(10), BYTES), line(10));
        assert_eq!(clean(&(line(10) + "\n\n"), BYTES), line(10));
        assert_eq!(clean(&line(11), BYTES), line(10) + "…");
    }
}
