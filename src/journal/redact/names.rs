//! Whether a name says that its value is a secret: `DB_PASSWORD`, `--api-key`, `clientSecret`.

/// What a name says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Nothing.
    Nothing,
    /// It is a secret.
    Secret,
    /// It is a secret, or the path of a file that holds one.
    KeyOrPath,
    /// It is a header that carries a secret up to its end.
    Header,
}

/// The longest name that is looked at, in bytes.
const LONGEST: usize = 80;

/// Parts of names whose values are secrets, wherever they stand, without what separates words.
const SECRET: [Part; 6] = parts(["password", "passwd", "passphrase", "passwort", "secret", "token"]);
/// The same, of what is often kept in a file of its own.
const KEY: [Part; 16] = parts([
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
    "accountkey",
    "sharedkey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "authkey",
    "sessionkey",
    "licensekey",
    "storagekey",
    "deploykey",
    "servicekey",
    "credential",
]);
/// Last words of names whose values are secrets.
const LAST: [&str; 10] = ["pass", "pw", "pwd", "pat", "psk", "passcode", "otp", "totp", "passin", "passout"];
/// Last words of names that speak of a secret, and don't hold it.
const HARMLESS: [&str; 48] = [
    "file",
    "files",
    "path",
    "dir",
    "folder",
    "length",
    "len",
    "ttl",
    "stdin",
    "id",
    "ids",
    "name",
    "names",
    "type",
    "types",
    "url",
    "uri",
    "endpoint",
    "policy",
    "count",
    "limit",
    "expiry",
    "expires",
    "expiration",
    "age",
    "prompt",
    "field",
    "column",
    "arn",
    "version",
    "format",
    "algorithm",
    "size",
    "max",
    "min",
    "rotation",
    "manager",
    "ref",
    "mode",
    "enabled",
    "required",
    "issuer",
    "command",
    "cmd",
    "fd",
    "env",
    "reset",
    "class",
];
/// First words that turn the meaning of an option around.
const NOT: [&str; 7] = ["no", "skip", "without", "disable", "max", "delete", "list"];
/// First words of functions that ask for a secret by its name.
const ASKS: [&str; 8] = ["get", "read", "fetch", "find", "lookup", "has", "delete", "create"];

/// What this name says about its value. `called`: its value is what it is called with.
pub(super) fn names(name: &str, called: bool) -> Names {
    let name = name.trim_matches(['-', '_']);
    // Nothing shorter than `pw` is one of them.
    if name.len() < 2 || name.len() > LONGEST || !name.is_ascii() {
        return Names::Nothing;
    }
    let mut room = [0; LONGEST];
    let (flat, first, last) = words(name, &mut room);
    let there = letters(flat);
    // All its letters must be there: nearly every word of a text fails at that.
    let holds = |(letters, part): &Part| letters & !there == 0 && flat.contains(part);
    let what = match flat {
        "authorization" | "proxyauthorization" | "cookie" | "setcookie" => return Names::Header,
        _ if SECRET.iter().any(holds) || LAST.contains(&last) => Names::Secret,
        _ if KEY.iter().any(holds) => Names::KeyOrPath,
        _ => return Names::Nothing,
    };
    let harmless = matches!(flat, "pwd" | "oldpwd" | "nopasswd" | "secrets")
        || HARMLESS.contains(&last)
        || NOT.contains(&first)
        || flat.contains("tokeniz")
        || called && ASKS.contains(&first);
    if harmless { Names::Nothing } else { what }
}

/// A part of a name, behind the letters that are in it.
type Part = (u32, &'static str);

const fn parts<const N: usize>(texts: [&'static str; N]) -> [Part; N] {
    let (mut parts, mut at) = ([(0, ""); N], 0);
    while at < N {
        parts[at] = (letters(texts[at]), texts[at]);
        at += 1;
    }
    parts
}

/// The letters of a text in small letters, a bit each.
const fn letters(text: &str) -> u32 {
    let (bytes, mut found, mut at) = (text.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at].is_ascii_lowercase() {
            found |= 1 << (bytes[at] - b'a');
        }
        at += 1;
    }
    found
}

/// The words of a name, in small letters: all of them together, the first, and the last. `dbPassword`, `DB_PASSWORD` and
/// `db-password` have the same. The name is ASCII, and not longer than the room for it.
fn words<'a>(name: &str, room: &'a mut [u8; LONGEST]) -> (&'a str, &'a str, &'a str) {
    let (mut end, mut first, mut last) = (0, None, 0);
    let mut before = b'_';
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            if !before.is_ascii_alphanumeric() || before.is_ascii_lowercase() && byte.is_ascii_uppercase() {
                first = first.or((end > 0).then_some(end));
                last = end;
            }
            room[end] = byte.to_ascii_lowercase();
            end += 1;
        }
        before = byte;
    }
    let flat = std::str::from_utf8(&room[..end]).unwrap_or_default();
    (flat, &flat[..first.unwrap_or(end)], &flat[last..])
}

/// Whether a text looks as if chance had made it: letters of both cases and digits, in no order. Digests and UUIDs, which
/// are no secrets and have but one case, don't.
pub(super) fn is_random(text: &str) -> bool {
    const SHORT: usize = 20;
    const LONG: usize = 512;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-' | b'=');
    if text.len() < SHORT || text.len() > LONG || text.starts_with('/') || !text.bytes().all(fits) {
        return false;
    }
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let has = |wanted: u8| text.bytes().any(|byte| class(byte) == wanted);
    // Words that are written as one change their kind at each word, chance nearly at every character.
    let changes = text.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    let small = text.bytes().filter(u8::is_ascii_lowercase).count();
    let pieces = text.split(|char: char| !char.is_ascii_lowercase()).filter(|piece| !piece.is_empty()).count();
    let mixed = changes * 100 >= text.len() * 35 && small * 4 <= pieces * 11;
    has(1) && has(2) && has(3) && mixed && entropy(text) >= 3.5
}

/// Shannon's entropy of a text, in bits for each byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length);
    shares.map(|share| -share * share.log2()).sum()
}
