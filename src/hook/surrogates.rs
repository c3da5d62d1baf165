//! Half surrogate pairs in JSON escapes.

/// The same JSON with every lone UTF-16 surrogate escape (`\ud800`) made `\ufffd`, or nothing where there is none.
///
/// Backslashes occur only inside strings, so nothing else of JSON has to be understood here.
pub fn repaired(json: &str) -> Option<String> {
    let bytes = json.as_bytes();
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        let escape = at + found;
        at = match unit(bytes, escape) {
            Some(0xD800..=0xDBFF) if matches!(unit(bytes, escape + 6), Some(0xDC00..=0xDFFF)) => escape + 12,
            Some(0xD800..=0xDFFF) => {
                out.push_str(&json[kept..escape]);
                out.push_str("\\ufffd");
                kept = escape + 6;
                kept
            }
            Some(_) => escape + 6,
            // `\\`, `\"`, … (or a broken escape in front of a longer character: that is the parser's to refuse)
            None => escape + 1 + json[escape + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    (kept > 0).then(|| out + &json[kept..])
}

/// The UTF-16 unit that is escaped at this place.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | u16::try_from(char::from(digit).to_digit(16)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::repaired;

    #[test]
    fn only_lone_surrogates_are_replaced() {
        for (from, to) in [
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\uDC00 x""#, r#""\ufffd x""#),
            (r#""\ud83d\ude00\ud83d""#, r#""\ud83d\ude00\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\\ud800""#, r#""\\\ufffd""#),
        ] {
            assert_eq!(repaired(from).as_deref(), Some(to), "{from}");
        }
        for whole in
            ["", r#""\ud83d\ude00""#, r#""\\ud800""#, r#""\u00e9\"""#, r#""\u12"#, "\"\\", "\"\\é\\u00é\"", r"\ud8"]
        {
            assert_eq!(repaired(whole), None, "{whole}");
        }
    }
}
