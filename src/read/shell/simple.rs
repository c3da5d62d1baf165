//! Simple commands: assignments, words and redirections; and the function definitions that begin like one.

use super::ast::{Assign, Node, Part, Simple, Value, Word};
use super::lex::{Parsed, Parser, is_break, is_name};
use super::parse::literal;
use super::word::push_literal;

/// What a command may begin with.
enum Lead {
    Assign(Assign),
    Word(Word),
}

impl Parser<'_> {
    /// A simple command, or `name () …`.
    #[inline(never)]
    pub(super) fn simple(&mut self) -> Parsed<Node> {
        let start = self.pos;
        let mut end = start;
        let mut command = Simple::default();
        // `declare a=(…)`: lists are read behind the builtins that assign, and nowhere else.
        let mut lists = false;
        loop {
            match self.blanks() {
                0 | b'\n' | b';' | b'|' | b')' | b'#' => break,
                b'&' if self.second() != b'>' => break,
                b'(' => {
                    if command.words.len() == 1 && command.assigns.is_empty() && command.redirects.is_empty() {
                        let name = self.slice(start, end).replace("\\\n", "");
                        return self.function_parens(name);
                    }
                    return self.stop("a `(` stands where it means nothing");
                }
                b'&' | b'<' | b'>' | b'{' | b'0'..=b'9' if self.redirect_ahead() => {
                    let redirect = self.redirect()?;
                    command.redirects.push(redirect);
                }
                _ if command.words.is_empty() => match self.lead()? {
                    Lead::Assign(assign) => command.assigns.push(assign),
                    Lead::Word(word) => {
                        self.not_a_descriptor(&word)?;
                        lists = literal(&word).is_some_and(takes_lists);
                        command.words.push(word);
                    }
                },
                _ => {
                    if lists && let Some(assign) = self.list_argument()? {
                        if matches!(command.words.first().and_then(literal), Some("eval" | "alias")) {
                            return self.stop("a list is handed to a command that reads it as text");
                        }
                        command.assigns.push(assign);
                    } else {
                        let word = self.word(false)?;
                        self.not_a_descriptor(&word)?;
                        command.words.push(word);
                    }
                }
            }
            end = self.pos;
        }
        if command.words.is_empty() && command.assigns.is_empty() && command.redirects.is_empty() {
            return self.stop("something stands where a command should");
        }
        command.span = self.origin.clone().unwrap_or(start..end);
        // A long line has many short commands: the room that their lists have to spare would be most of its tree.
        command.assigns.shrink_to_fit();
        command.words.shrink_to_fit();
        command.redirects.shrink_to_fit();
        Ok(Node::Simple(command))
    }

    /// The first thing of a command: `name=…`, `name[…]=…`, or a word.
    #[inline(never)]
    fn lead(&mut self) -> Parsed<Lead> {
        let start = self.pos;
        let Some((name, next, at)) = self.name_ahead() else {
            return Ok(Lead::Word(self.word(false)?));
        };
        match next {
            b'=' => {
                self.pos = at;
                Ok(Lead::Assign(self.assigned(name, None)?))
            }
            b'+' if self.peek_from(at + 1).0 == b'=' => {
                self.pos = at;
                Ok(Lead::Assign(self.assigned(name, None)?))
            }
            b'[' => {
                // Behind a name that could be assigned to, bash reads up to the `]` whatever is in between, and
                // only then sees whether it is an assignment.
                self.pos = at + 1;
                let inside = self.pos;
                let mut index = Vec::new();
                self.bracket(b'[', b']', true, true, &mut index)?;
                let span = self.origin.clone().unwrap_or(inside..self.pos - 1);
                if self.cur() == b'=' || (self.cur() == b'+' && self.second() == b'=') {
                    let raw = self.slice(inside, self.pos);
                    if raw.contains("$${") || raw.contains("$$(") {
                        // Two of bash's scanners disagree whether the second `$` begins something.
                        return self.stop("it is unclear whether this is an assignment");
                    }
                    let index = Word { parts: index, span };
                    return Ok(Lead::Assign(self.assigned(name, Some(index))?));
                }
                let mut parts = vec![Part::Literal(name.into())];
                push_literal(&mut parts, "[");
                for part in index {
                    match part {
                        Part::Literal(text) => push_literal(&mut parts, &text),
                        part => parts.push(part),
                    }
                }
                push_literal(&mut parts, "]");
                self.word_rest(&mut parts, false)?;
                Ok(Lead::Word(Word { parts, span: self.span(start) }))
            }
            _ => Ok(Lead::Word(self.word(false)?)),
        }
    }

    /// A variable's name that is next, the byte behind it, and that byte's position. Nothing is consumed.
    fn name_ahead(&mut self) -> Option<(String, u8, usize)> {
        let first = self.cur();
        if !is_name(first) || first.is_ascii_digit() {
            return None;
        }
        let start = self.pos;
        let mut at = start;
        let (next, here) = loop {
            let (byte, here) = self.peek_from(at);
            if !is_name(byte) {
                break (byte, here);
            }
            at = here + 1;
        };
        if !matches!(next, b'=' | b'+' | b'[') {
            return None;
        }
        Some((self.slice(start, at).replace("\\\n", ""), next, here))
    }

    /// The rest of an assignment, from its `=` or `+=` on.
    fn assigned(&mut self, name: String, index: Option<Word>) -> Parsed<Assign> {
        let append = self.cur() == b'+';
        self.eat(if append { 2 } else { 1 });
        let value = if self.cur() == b'(' {
            Value::Array(self.array()?)
        } else {
            let start = self.pos;
            let mut parts = Vec::new();
            self.word_rest(&mut parts, false)?;
            Value::Word(Word { parts, span: self.span(start) })
        };
        Ok(Assign { name, index, append, value })
    }

    /// `a=(…)` as an argument, if that is next.
    fn list_argument(&mut self) -> Parsed<Option<Assign>> {
        let Some((name, next, at)) = self.name_ahead() else {
            return Ok(None);
        };
        let (byte, equals) = if next == b'+' { self.peek_from(at + 1) } else { (next, at) };
        if byte != b'=' || self.peek_from(equals + 1).0 != b'(' {
            return Ok(None);
        }
        self.pos = at;
        Ok(Some(self.assigned(name, None)?))
    }

    /// The words of `(…)` behind `a=`, and as one more word whatever is glued to it.
    #[inline(never)]
    fn array(&mut self) -> Parsed<Vec<Word>> {
        let (open, patterns) = (self.pos, self.patterns);
        self.eat(1);
        let mut words = Vec::new();
        loop {
            let byte = self.newlines()?;
            if byte == b')' {
                break;
            }
            if is_break(byte) && !self.process_ahead() {
                return self.stop("a list of words is never closed");
            }
            let start = self.pos;
            let mut parts = Vec::new();
            if byte == b'[' {
                self.eat(1);
                push_literal(&mut parts, "[");
                self.bracket(b'[', b']', true, true, &mut parts)?;
                push_literal(&mut parts, "]");
            }
            self.word_rest(&mut parts, false)?;
            self.spend(1)?;
            words.push(Word { parts, span: self.span(start) });
        }
        self.eat(1);
        if self.patterns != patterns && self.slice(open, self.pos).contains('\n') {
            // Without `extglob`, bash skips the line at the pattern, and runs the next ones as commands.
            return self.stop("a list over several lines contains a pattern");
        }
        // Bash goes on with the same word: `a=(x)y` assigns the string `(x)y`.
        let start = self.pos;
        let mut parts = Vec::new();
        self.word_rest(&mut parts, false)?;
        if !parts.is_empty() {
            words.push(Word { parts, span: self.span(start) });
        }
        Ok(words)
    }

    /// `( )` and the body, behind a function's name.
    #[inline(never)]
    fn function_parens(&mut self, name: String) -> Parsed<Node> {
        self.eat(1);
        if self.blanks() != b')' {
            return self.stop("a `(` stands where it means nothing");
        }
        self.eat(1);
        self.function_body(name)
    }
}

/// The builtins behind which bash reads `a=(…)` as an assignment.
fn takes_lists(name: &str) -> bool {
    matches!(name, "declare" | "typeset" | "local" | "export" | "readonly" | "alias" | "eval" | "let")
}
