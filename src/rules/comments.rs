//! Texts of files as rules compare them: comments protect nothing, and neither white space nor quotes make a difference.

/// Whether a byte counts: `prevent_destroy = "true"` is `prevent_destroy=true`.
pub(crate) fn counts(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'')
}

/// A text without its comments: `# …`, `// …` and `/* … */`, outside of quotes.
pub(crate) fn uncommented(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut quote = 0;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied().unwrap_or_default();
        let address = at > 0 && text[at - 1] == b':';
        match byte {
            b'\n' => quote = 0,
            b'\\' if quote != 0 => {
                out.push(byte);
                at += 1;
            }
            _ if byte == quote => quote = 0,
            _ if quote != 0 => {}
            b'"' | b'\'' => quote = byte,
            _ if byte == b'#' || byte == b'/' && next == b'/' && !address => {
                at += text[at..].iter().position(|byte| *byte == b'\n').unwrap_or(text.len() - at);
                continue;
            }
            b'/' if next == b'*' => {
                // One that isn't closed is none: `src/*`.
                if let Some(end) = text[at + 2..].windows(2).position(|pair| pair == b"*/") {
                    at += end + 4;
                    continue;
                }
            }
            _ => {}
        }
        out.extend(text.get(at));
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments() {
        let without = |text: &str| String::from_utf8(uncommented(text.as_bytes())).expect("UTF-8");
        assert_eq!(without("a } # b\nc"), "a } \nc");
        assert_eq!(without("# b\nc // d"), "\nc ");
        assert_eq!(without("a /* b\nc */ d"), "a  d");
        assert_eq!(without("a = \"x # y // z /* */\" # b"), "a = \"x # y // z /* */\" ");
        assert_eq!(without("a = \"x \\\" # y\""), "a = \"x \\\" # y\"");
        assert_eq!(without("see https://x.io/a src/* b"), "see https://x.io/a src/* b");
        assert_eq!(without("don't\nx # y\\"), "don't\nx ");
        assert_eq!(without("\"\\"), "\"\\");
    }
}
