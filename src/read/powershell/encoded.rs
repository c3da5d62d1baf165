//! Text in base64, as `-EncodedCommand` takes it.

/// The bytes of base64; `None`: it isn't any. Blanks don't count.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    Some(out)
}

/// The text in base64: UTF-16 where every other byte of its beginning is nothing, else UTF-8.
pub(super) fn text(encoded: &str) -> Option<String> {
    let bytes = bytes(encoded)?;
    if bytes.len() >= 2 && bytes.len() % 2 == 0 && bytes.iter().skip(1).step_by(2).any(|byte| *byte == 0) {
        let pairs: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16(&pairs).ok();
    }
    String::from_utf8(bytes).ok()
}

/// The text of an `-EncodedCommand`, which is always UTF-16.
pub(super) fn command(encoded: &str) -> Option<String> {
    let bytes = bytes(encoded)?;
    let pairs: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    (bytes.len() % 2 == 0).then(|| String::from_utf16(&pairs).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_as_utf_16() {
        assert_eq!(command("cgBtACAALQByAGYA").as_deref(), Some("rm -rf"));
        assert_eq!(command("cm0="), Some("\u{6d72}".to_owned()));
        assert_eq!(command("cgBtACAALQByAGY"), None);
        assert_eq!(command("c g=?"), None);
        assert_eq!(text("cm0gLXJm").as_deref(), Some("rm -rf"));
        assert_eq!(text("cgBtACAALQByAGYA").as_deref(), Some("rm -rf"));
    }
}
