//! `$'…'`: the escapes of ANSI C, as bash has them.

/// Decodes what is between the quotes.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&letter) = bytes.get(at) else {
            out.push(b'\\');
            break;
        };
        at += 1;
        let value = match letter {
            b'a' => 7,
            b'b' => 8,
            b'e' | b'E' => 27,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'\'' | b'"' | b'?' => letter,
            b'0'..=b'7' => {
                let (value, used) = digits(bytes, at - 1, 3, 8);
                at = at - 1 + used;
                low_byte(value)
            }
            b'x' => {
                let braces = bytes.get(at) == Some(&b'{');
                let from = if braces { at + 1 } else { at };
                let (value, used) = digits(bytes, from, if braces { usize::MAX } else { 2 }, 16);
                if used == 0 && !braces {
                    out.extend_from_slice(b"\\x");
                    continue;
                }
                at = from + used;
                if braces && bytes.get(at) == Some(&b'}') {
                    at += 1;
                }
                low_byte(value)
            }
            b'u' | b'U' => {
                let (value, used) = digits(bytes, at, if letter == b'u' { 4 } else { 8 }, 16);
                if used == 0 {
                    out.extend_from_slice(&[b'\\', letter]);
                    continue;
                }
                at += used;
                if value == 0 {
                    break;
                }
                let mut buffer = [0; 4];
                let decoded = char::from_u32(value).unwrap_or('\u{FFFD}');
                out.extend_from_slice(decoded.encode_utf8(&mut buffer).as_bytes());
                continue;
            }
            b'c' => {
                let Some(&control) = bytes.get(at) else {
                    out.extend_from_slice(b"\\c");
                    break;
                };
                at += 1;
                if control == b'\\' && bytes.get(at) == Some(&b'\\') {
                    at += 1;
                }
                if control == b'?' { 127 } else { control.to_ascii_uppercase() & 0x1f }
            }
            _ => {
                out.extend_from_slice(&[b'\\', letter]);
                continue;
            }
        };
        if value == 0 {
            // A NUL ends the string, not the word that it is in.
            break;
        }
        out.push(value);
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The number that at most `most` digits write, and how many there are.
fn digits(bytes: &[u8], from: usize, most: usize, base: u32) -> (u32, usize) {
    let mut value = 0_u32;
    let mut used = 0;
    while used < most
        && let Some(digit) = bytes.get(from + used).and_then(|&byte| char::from(byte).to_digit(base))
    {
        value = value.wrapping_mul(base).wrapping_add(digit);
        used += 1;
    }
    (value, used)
}

fn low_byte(value: u32) -> u8 {
    (value & 0xff) as u8
}
