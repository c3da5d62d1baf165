//! sed scripts: what they run (`e`, `s///e`) and write (`w`, `s///w`).

use crate::read::action::Kind;
use crate::read::reader::{Reader, Scope};
use crate::read::word::Word;
use crate::rules::model::{Does, Language};

impl Reader<'_> {
    /// Reads a sed script.
    pub(super) fn sed(&mut self, text: &str, scope: &Scope) {
        let mut script = Script { bytes: text.as_bytes(), text, at: 0, found: Vec::new(), understood: true };
        script.run();
        let (found, understood) = (script.found, script.understood);
        let mut origin = scope.origin.clone();
        origin.shown = format!("sed '{}'", text.chars().take(120).collect::<String>());
        for (command, argument) in found {
            match command {
                'w' if matches!(argument, "/dev/stdout" | "/dev/stderr") => {}
                'w' => self.file(Does::Write, &Word::text(argument), false, &origin, scope.cwd.as_deref()),
                'r' => self.file(Does::Read, &Word::text(argument), false, &origin, scope.cwd.as_deref()),
                // `e` alone, and `s///e`, run what the line holds.
                _ if argument.is_empty() => self.opaque("eval", &origin.shown, scope),
                _ => self.read(Language::Shell, argument, scope),
            }
        }
        if !understood {
            self.push(Kind::Code(String::new()), &origin);
        }
    }
}

struct Script<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    /// Commands that run, write or read, with what they name.
    found: Vec<(char, &'t str)>,
    /// All of it is a sed script as far as this reader knows.
    understood: bool,
}

impl<'t> Script<'t> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(b'\n')
    }

    fn run(&mut self) {
        while self.at < self.bytes.len() {
            self.skip(b" \t\n\r;{}");
            if self.at >= self.bytes.len() {
                return;
            }
            self.addresses();
            self.skip(b" \t!");
            let command = self.peek();
            self.at += 1;
            match command {
                b'{' | b'}' | b';' | b'\n' => {}
                b'#' => _ = self.line(),
                b's' => self.substitute(),
                b'y' => self.delimited(2),
                b'a' | b'i' | b'c' => self.insert(),
                b'e' => {
                    let argument = self.line().trim();
                    self.found.push(('e', argument));
                }
                b'w' | b'W' => {
                    let argument = self.line().trim();
                    self.found.push(('w', argument));
                }
                b'r' | b'R' => {
                    let argument = self.line().trim();
                    self.found.push(('r', argument));
                }
                b':' | b'b' | b't' | b'T' => {
                    while !matches!(self.peek(), b'\n' | b';' | b'}') {
                        self.at += 1;
                    }
                }
                b'q' | b'Q' | b'l' | b'L' => {
                    self.skip(b" \t0123456789");
                }
                b'=' | b'd' | b'D' | b'g' | b'G' | b'h' | b'H' | b'n' | b'N' | b'p' | b'P' | b'x' | b'z' | b'F'
                | b'v' => {
                    if !matches!(self.peek(), b'\n' | b';' | b'}' | b' ' | b'\t' | b'#') {
                        self.understood = false;
                    }
                }
                _ => {
                    self.understood = false;
                    _ = self.line();
                }
            }
        }
    }

    fn skip(&mut self, any: &[u8]) {
        while self.bytes.get(self.at).is_some_and(|byte| any.contains(byte)) {
            self.at += 1;
        }
    }

    /// The rest of the line.
    fn line(&mut self) -> &'t str {
        let start = self.at.min(self.bytes.len());
        while self.at < self.bytes.len() && self.bytes[self.at] != b'\n' {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or("")
    }

    /// Text of `a`, `i` and `c`: one line, or more where they end in a backslash.
    fn insert(&mut self) {
        loop {
            let line = self.line();
            self.at += 1;
            if !line.ends_with('\\') || self.at >= self.bytes.len() {
                return;
            }
        }
    }

    /// `3`, `$`, `/x/I`, `\,x,`, `0~4`, `1,+3`.
    fn addresses(&mut self) {
        for _ in 0..2 {
            match self.peek() {
                b'0'..=b'9' | b'$' | b'+' | b'~' => self.skip(b"0123456789$+~"),
                b'/' => {
                    self.delimited(1);
                    self.skip(b"IM");
                }
                b'\\' => {
                    self.at += 1;
                    self.delimited(1);
                    self.skip(b"IM");
                }
                _ => {}
            }
            self.skip(b" \t");
            if self.peek() != b',' {
                return;
            }
            self.skip(b", \t");
        }
    }

    /// `/…/` (1) or `/…/…/` (2), with any delimiter.
    fn delimited(&mut self, parts: usize) {
        let Some(delimiter) = self.bytes.get(self.at).copied() else { return };
        self.at += 1;
        let mut left = parts;
        let mut class = false;
        while left > 0 {
            let Some(byte) = self.bytes.get(self.at).copied() else {
                self.understood = false;
                return;
            };
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'[' if left == parts && parts != 2 || byte == b'[' && left == 2 => {
                    class = self.bytes[self.at..].iter().take(80).any(|byte| *byte == b']')
                }
                b']' => class = false,
                _ if byte == delimiter && !class => left -= 1,
                _ => {}
            }
        }
    }

    fn substitute(&mut self) {
        self.delimited(2);
        loop {
            match self.peek() {
                b'g' | b'p' | b'i' | b'I' | b'm' | b'M' | b'0'..=b'9' => self.at += 1,
                b'e' => {
                    self.at += 1;
                    self.found.push(('e', ""));
                }
                b'w' => {
                    self.at += 1;
                    let argument = self.line().trim();
                    self.found.push(('w', argument));
                    return;
                }
                b'\n' | b';' | b'}' | b' ' | b'\t' | b'#' => return,
                _ => {
                    self.understood = false;
                    _ = self.line();
                    return;
                }
            }
            if self.at >= self.bytes.len() {
                return;
            }
        }
    }
}
