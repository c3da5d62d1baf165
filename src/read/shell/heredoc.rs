//! Here-documents: the delimiter, the body behind the end of the line, and its place in the tree.

use super::ansi;
use super::ast::{Assign, Item, Node, Part, Redirect, RedirectKind, Span, Value, Word};
use super::lex::{Parsed, Parser, Stop};
use super::word::Context;

/// More here-documents than any line has.
const MAX_PENDING: usize = 64;

/// A here-document whose body has not been read yet.
#[derive(Debug)]
pub(super) struct Pending {
    delimiter: String,
    /// The delimiter is quoted, so that nothing in the body is expanded.
    quoted: bool,
    /// `<<-`: leading tabs are dropped.
    strip: bool,
    /// Where the body goes in `Parser::bodies`.
    id: usize,
}

impl Parser<'_> {
    /// The delimiter behind `<<`; gives back what marks the place of the body in the tree.
    pub(super) fn here_document(&mut self, strip: bool) -> Parsed<Word> {
        if self.pending.len() >= MAX_PENDING {
            return self.stop("too many here-documents begin on one line");
        }
        self.blanks();
        let start = self.pos;
        let word = self.operand()?;
        if word.parts.iter().any(|part| !matches!(part, Part::Literal(_) | Part::Quoted(_) | Part::Parameter(_))) {
            return self.stop("a here-document's delimiter is a substitution");
        }
        // The delimiter is not expanded: `<<$X` ends at a line `$X`. So it is taken from the text, not the word.
        let raw = self.slice(start, self.pos);
        let Some((delimiter, quoted)) = delimiter(raw) else {
            return self.stop("a here-document's delimiter is a substitution");
        };
        let id = self.bodies.len();
        self.bodies.push(None);
        self.pending.push(Pending { delimiter, quoted, strip, id });
        Ok(Word { parts: Vec::new(), span: usize::MAX - id..usize::MAX })
    }

    /// Reads the bodies of all pending here-documents, the first of which begins here.
    pub(super) fn gather(&mut self) -> Parsed<()> {
        for pending in std::mem::take(&mut self.pending) {
            let word = self.body(&pending)?;
            if let Some(body) = self.bodies.get_mut(pending.id) {
                *body = Some(word);
                self.unplaced += 1;
            }
        }
        Ok(())
    }

    /// One body, up to and with the line that ends it. The end of the text ends it too.
    fn body(&mut self, pending: &Pending) -> Parsed<Word> {
        let start = self.pos;
        // The body is not simply what the text has: tabs are dropped or lines are joined.
        let mut rewritten = false;
        let mut body = String::new();
        let mut line = start;
        let end = loop {
            if line >= self.end {
                self.pos = self.end;
                break self.end;
            }
            let newline = self.line_end(line, pending.quoted);
            let written = self.slice(line, newline);
            let joined;
            let mut text = written;
            if !pending.quoted && written.contains("\\\n") {
                joined = written.replace("\\\n", "");
                text = &joined;
            }
            let plain = text.len() == written.len();
            if pending.strip {
                text = text.trim_start_matches('\t');
            }
            if let Some(rest) = text.strip_prefix(pending.delimiter.as_str()) {
                if rest.is_empty() {
                    self.pos = self.end.min(newline + 1);
                    break line;
                }
                if self.substitution && rest.contains(')') {
                    // `$(cat <<E` … `E)`: bash lets the rest of the line go on behind the body.
                    if !rest.starts_with(')') || !plain {
                        return self.stop("it is unclear where a here-document ends");
                    }
                    self.pos = newline - rest.len();
                    break line;
                }
            }
            let next = self.end.min(newline + 1);
            rewritten |= text.len() != written.len();
            if pending.strip || rewritten {
                if body.is_empty() && !pending.strip {
                    body.push_str(self.slice(start, line));
                }
                body.push_str(text);
                body.push_str(self.slice(newline, next));
            }
            line = next;
        };
        self.spend((end - start) / 8)?;
        let span = self.origin.clone().unwrap_or(start..end);
        if pending.quoted {
            let text = if pending.strip { body } else { self.slice(start, end).to_owned() };
            return Ok(Word { parts: vec![Part::Quoted(text.into())], span });
        }
        let behind = self.pos;
        let parts = if rewritten { self.rewritten_body(&body, span.clone()) } else { self.body_parts(start, end) };
        self.pos = behind;
        let mut parts = parts.map_err(|stop| Stop { late: true, ..stop })?;
        if parts.is_empty() {
            parts.push(Part::Quoted("".into()));
        }
        Ok(Word { parts, span })
    }

    /// The end of a line, with what backslashes join to it where they count.
    fn line_end(&self, from: usize, quoted: bool) -> usize {
        let mut at = from;
        let rest = self.bytes.get(..self.end).unwrap_or_default();
        loop {
            let Some(length) = rest.get(at..).and_then(|rest| rest.iter().position(|&byte| byte == b'\n')) else {
                return self.end;
            };
            let newline = at + length;
            let line = rest.get(from..newline).unwrap_or_default();
            let backslashes = line.iter().rev().take_while(|&&byte| byte == b'\\').count();
            if quoted || backslashes % 2 == 0 {
                return newline;
            }
            at = newline + 1;
        }
    }

    /// The parts of a body that stands in the text as it is.
    fn body_parts(&mut self, start: usize, end: usize) -> Parsed<Vec<Part>> {
        let outer = std::mem::replace(&mut self.end, end);
        let nest = self.enter(false, false);
        self.pos = start;
        let mut parts = Vec::new();
        self.deeper()?;
        self.soft(false, Context::Here, &mut parts)?;
        self.depth -= 1;
        self.end = outer;
        self.leave(nest);
        Ok(parts)
    }

    /// The parts of a body that was rewritten.
    fn rewritten_body(&mut self, text: &str, span: Span) -> Parsed<Vec<Part>> {
        self.deeper()?;
        let mut inner = Parser::new(text, self.fuel, self.depth, Some(span));
        let word = inner.rewritten();
        self.fuel = inner.fuel;
        self.early.append(&mut inner.early);
        self.depth -= 1;
        Ok(word?.parts)
    }
}

/// The line that ends a here-document, and whether any of it is quoted.
fn delimiter(raw: &str) -> Option<(String, bool)> {
    let mut out = String::new();
    let mut quoted = false;
    let mut chars = raw.char_indices();
    let mut double = false;
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => {
                let next = chars.next().map_or('\\', |(_, next)| next);
                if next == '\n' {
                    continue;
                }
                quoted = true;
                if double && !matches!(next, '$' | '`' | '"' | '\\') {
                    out.push('\\');
                }
                out.push(next);
            }
            '"' => {
                quoted = true;
                double = !double;
            }
            '\'' if !double => {
                quoted = true;
                for (_, inside) in chars.by_ref() {
                    if inside == '\'' {
                        break;
                    }
                    out.push(inside);
                }
            }
            '$' => match raw.get(at + 1..)?.chars().next() {
                Some('\'') if !double => {
                    quoted = true;
                    chars.next();
                    let from = at + 2;
                    let mut to = from;
                    while let Some((here, inside)) = chars.next() {
                        to = here;
                        if inside == '\'' {
                            break;
                        }
                        if inside == '\\' {
                            chars.next();
                        }
                    }
                    out.push_str(&ansi::decode(raw.get(from..to)?));
                }
                Some('"') if !double => {}
                Some('(' | '{' | '[') => return None,
                _ => out.push('$'),
            },
            '`' => return None,
            _ => out.push(char),
        }
    }
    Some((out, quoted))
}

/// Puts the bodies where they belong. Only done where there are any.
impl Parser<'_> {
    pub(super) fn fill_items(&mut self, items: &mut [Item]) {
        if self.unplaced > 0 {
            for item in items {
                self.fill_node(&mut item.node);
            }
        }
    }

    fn fill_node(&mut self, node: &mut Node) {
        match node {
            Node::Simple(command) => {
                for assign in &mut command.assigns {
                    self.fill_assign(assign);
                }
                self.fill_words(&mut command.words);
                self.fill_redirects(&mut command.redirects);
            }
            Node::Pipeline(nodes) => nodes.iter_mut().for_each(|node| self.fill_node(node)),
            Node::AndOr(first, rest) => {
                self.fill_node(first);
                rest.iter_mut().for_each(|(_, node)| self.fill_node(node));
            }
            Node::Subshell(script) | Node::Group(script) => self.fill_items(&mut script.items),
            Node::If(branches, otherwise) => {
                for (condition, body) in branches {
                    self.fill_items(&mut condition.items);
                    self.fill_items(&mut body.items);
                }
                if let Some(script) = otherwise {
                    self.fill_items(&mut script.items);
                }
            }
            Node::While(condition, body) => {
                self.fill_items(&mut condition.items);
                self.fill_items(&mut body.items);
            }
            Node::For(_, words, body) => {
                self.fill_words(words.as_deref_mut().unwrap_or_default());
                self.fill_items(&mut body.items);
            }
            Node::ArithmeticFor(word, body) => {
                self.fill_word(word);
                self.fill_items(&mut body.items);
            }
            Node::Case(word, clauses) => {
                self.fill_word(word);
                for (patterns, body) in clauses {
                    self.fill_words(patterns);
                    self.fill_items(&mut body.items);
                }
            }
            // Nobody else holds it yet.
            Node::Function(_, body) => {
                if let Some(body) = std::rc::Rc::get_mut(body) {
                    self.fill_node(body);
                }
            }
            Node::Coprocess(body) => self.fill_node(body),
            Node::Condition(words) => self.fill_words(words),
            Node::Arithmetic(word) => self.fill_word(word),
            Node::Redirected(node, redirects) => {
                self.fill_node(node);
                self.fill_redirects(redirects);
            }
        }
    }

    fn fill_assign(&mut self, assign: &mut Assign) {
        if let Some(index) = &mut assign.index {
            self.fill_word(index);
        }
        match &mut assign.value {
            Value::Word(word) => self.fill_word(word),
            Value::Array(words) => self.fill_words(words),
        }
    }

    fn fill_redirects(&mut self, redirects: &mut [Redirect]) {
        for redirect in redirects {
            // A place without a body is told by a span that no text has.
            if redirect.kind == RedirectKind::HereDocument && redirect.target.span.end == usize::MAX {
                let id = usize::MAX - redirect.target.span.start;
                redirect.target = self.bodies.get_mut(id).and_then(Option::take).unwrap_or_default();
                self.unplaced = self.unplaced.saturating_sub(1);
            }
            self.fill_word(&mut redirect.target);
        }
    }

    fn fill_words(&mut self, words: &mut [Word]) {
        words.iter_mut().for_each(|word| self.fill_word(word));
    }

    /// Fills what is in a word.
    pub(super) fn fill_word(&mut self, word: &mut Word) {
        for part in &mut word.parts {
            match part {
                Part::Literal(_) | Part::Quoted(_) => {}
                Part::Parameter(parameter) => self.fill_words(&mut parameter.words),
                Part::Command { script, .. } | Part::Process(script) => self.fill_items(&mut script.items),
                Part::Arithmetic(word) => self.fill_word(word),
            }
        }
    }
}
