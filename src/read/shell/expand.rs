//! What begins with `$` or a backtick.

use super::ast::{Item, Node, Operation, Parameter, Part, RedirectKind, Script, Word};
use super::lex::{Parsed, Parser, Stop, is_name};
use super::word::{Context, push_quoted, push_text, table};

/// Bytes that end a run of plain text in `${…}`.
const BRACE: [bool; 256] = table(b"}[]<>\\'\"$`");

impl Parser<'_> {
    /// A `$` and what it introduces, if anything.
    pub(super) fn dollar(&mut self, parts: &mut Vec<Part>, context: Context) -> Parsed<()> {
        let quoted = context.quoted();
        let start = self.pos;
        self.pos += 1;
        let byte = self.cur();
        match byte {
            b'(' => {
                self.eat(1);
                if self.cur() == b'(' {
                    return self.double_parens(parts, quoted);
                }
                let script = self.substitution()?;
                let file = reads_file(&script);
                parts.push(Part::Command { script, quoted, file });
            }
            b'{' => {
                self.eat(1);
                self.braces(start, parts, context)?;
            }
            b'[' => {
                self.eat(1);
                let word = self.expression(b'[', b']')?;
                parts.push(Part::Arithmetic(Box::new(word)));
            }
            b'\'' if !quoted => {
                let text = self.ansi_quoted()?;
                push_quoted(parts, &text);
            }
            // A string that bash looks up in a message catalog.
            b'"' if !quoted => self.double_quoted(Context::Double, parts)?,
            _ => match self.plain_name() {
                Some(name) => parts.push(Part::Parameter(Parameter {
                    name,
                    operation: Operation::Plain,
                    words: Vec::new(),
                    quoted,
                })),
                None => push_text(parts, "$", context),
            },
        }
        Ok(())
    }

    /// The name in `$name`, `$1` or `$?`, if one is next.
    fn plain_name(&mut self) -> Option<String> {
        let byte = self.cur();
        if byte.is_ascii_digit() || is_special(byte) {
            self.pos += 1;
            return Some(char::from(byte).to_string());
        }
        if is_name(byte) { Some(self.name()) } else { None }
    }

    /// The letters, digits and underscores that are next.
    fn name(&mut self) -> String {
        let start = self.pos;
        while is_name(self.byte(self.pos)) {
            self.pos += 1;
        }
        let mut name = self.slice(start, self.pos).to_owned();
        while is_name(self.cur()) {
            name.push(char::from(self.cur()));
            self.pos += 1;
        }
        name
    }

    /// `$'…'` where bash decodes it and then expands the result once more.
    fn ansi_expanded(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        let text = self.ansi_quoted()?;
        if text.contains(['$', '`', '\\', '\'', '"', '}']) {
            return self.stop("an escaped string is expanded once more");
        }
        push_quoted(parts, &text);
        Ok(())
    }

    /// A `$` in an expression or subscript.
    pub(super) fn dollar_in_expression(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        if self.second() == b'\'' {
            self.eat(1);
            return self.ansi_expanded(parts);
        }
        self.dollar(parts, Context::Bare)
    }

    /// An arithmetic expression up to its closing bracket, which is consumed.
    pub(super) fn expression(&mut self, open: u8, close: u8) -> Parsed<Word> {
        self.deeper()?;
        let start = self.pos;
        let mut parts = Vec::new();
        self.bracket(open, close, true, false, &mut parts)?;
        let span = self.origin.clone().unwrap_or(start..self.pos.saturating_sub(1));
        self.depth -= 1;
        Ok(Word { parts, span })
    }

    /// `$((…))`, or `$( (…) … )`; the second parenthesis is next.
    #[inline(never)]
    fn double_parens(&mut self, parts: &mut Vec<Part>, quoted: bool) -> Parsed<()> {
        let (inner, arithmetic) = self.matching_paren(self.pos + 1)?;
        if arithmetic {
            self.eat(1);
            let word = self.expression(b'(', b')')?;
            if self.pos != inner + 1 {
                return self.stop("it is unclear whether this is arithmetic");
            }
            self.pos = inner + 2;
            parts.push(Part::Arithmetic(Box::new(word)));
            return Ok(());
        }
        let (outer, _) = self.matching_paren(inner + 1)?;
        self.paren = Some((self.pos, inner));
        let script = self.substitution()?;
        if self.pos != outer + 1 {
            return self.stop("it is unclear where this substitution ends");
        }
        parts.push(Part::Command { script, quoted, file: false });
        Ok(())
    }

    /// Where the parenthesis closes that was opened in front of `from`, and whether another one closes directly
    /// behind it, which is what makes `((` arithmetic. One scan that knows quotes and nothing else, as bash's does;
    /// where the grammar then ends elsewhere, the text is refused.
    pub(super) fn matching_paren(&mut self, from: usize) -> Parsed<(usize, bool)> {
        let mut at = from;
        let mut inside = 0_usize;
        let mut quote = 0_u8;
        let end = loop {
            let byte = self.byte(at);
            match (quote, byte) {
                (_, 0) => {
                    self.spend(at - from)?;
                    return self.stop("a bracket is never closed");
                }
                (b'\'', b'\'') | (b'"', b'"') | (b'`', b'`') | (b'$', b'\'') => quote = 0,
                (b'\'', _) => {}
                (_, b'\\') => at += 1,
                (0, b'$') if self.byte(at + 1) == b'\'' => {
                    quote = b'$';
                    at += 1;
                }
                (0, b'\'' | b'"' | b'`') => quote = byte,
                (0, b'(') => inside += 1,
                (0, b')') if inside == 0 => break at,
                (0, b')') => inside -= 1,
                _ => {}
            }
            at += 1;
        };
        self.spend(end - from)?;
        if self.byte(end + 1) == b'\\' && self.byte(end + 2) == b'\n' {
            return self.stop("it is unclear whether this is arithmetic");
        }
        Ok((end, self.byte(end + 1) == b')'))
    }

    /// `${…}`, behind the brace.
    #[inline(never)]
    fn braces(&mut self, start: usize, parts: &mut Vec<Part>, context: Context) -> Parsed<()> {
        self.deeper()?;
        let part = match self.cur() {
            b' ' | b'\t' | b'\n' | b'|' => self.function_substitution(context)?,
            b'(' => return self.stop("`${(…)…}` is not bash, and runs commands in zsh"),
            _ => Part::Parameter(self.parameter(context.inside())?),
        };
        if self.cur() != b'}' {
            self.pos = start;
            return self.stop("a `${` is never closed");
        }
        self.eat(1);
        self.depth -= 1;
        parts.push(part);
        Ok(())
    }

    /// `${ commands; }` of bash 5.3, up to its `}`.
    #[inline(never)]
    fn function_substitution(&mut self, context: Context) -> Parsed<Part> {
        if self.cur() == b'|' {
            self.eat(1);
        }
        let outer = self.enter(false, true);
        let mut items = Vec::new();
        self.list(&mut items, false)?;
        if !self.pending.is_empty() {
            return self.stop("a here-document goes on behind the end of its substitution");
        }
        self.leave(outer);
        Ok(Part::Command { script: Script { items }, quoted: context.quoted(), file: false })
    }

    /// The inside of `${…}` up to its `}`.
    fn parameter(&mut self, context: Context) -> Parsed<Parameter> {
        let mut operation = Operation::Plain;
        let mut words = Vec::new();
        let prefix = self.cur();
        let next = self.second();
        let name = if prefix == b'#' && (is_name(next) || (is_special(next) && self.third_closes())) {
            self.eat(1);
            operation = Operation::Length;
            self.plain_name_long()
        } else if prefix == b'!' && (is_name(next) || matches!(next, b'@' | b'*' | b'#' | b'?' | b'!' | b'$')) {
            self.eat(1);
            operation = Operation::Other;
            // What is done is done to another variable: no operator stands alone.
            words.push(Word::default());
            self.plain_name_long()
        } else {
            self.plain_name_long()
        };
        let fixed = operation != Operation::Plain;
        if self.cur() == b'[' && !name.is_empty() {
            self.eat(1);
            words.push(self.brace_word(context, true, true)?);
            if self.cur() == b']' {
                self.eat(1);
            }
            if !fixed {
                operation = Operation::Element;
            }
        }
        if self.cur() == b'}' {
            return Ok(Parameter { name, operation, words, quoted: context.quoted() });
        }
        let colon = self.cur() == b':';
        let operator = if colon { self.second() } else { self.cur() };
        let found = match operator {
            b'-' => Operation::Default,
            b'=' => Operation::AssignDefault,
            b'?' => Operation::Required,
            b'+' => Operation::Alternative,
            _ => Operation::Other,
        };
        let mut transparent = context.quoted();
        if found == Operation::Other {
            // `${x:1}` is arithmetic, where quotes protect nothing; in patterns they always do.
            transparent = match self.cur() {
                b':' => true,
                b'#' | b'%' | b'/' | b'^' | b',' => false,
                _ => transparent,
            };
        } else {
            self.eat(if colon { 2 } else { 1 });
        }
        operation = if fixed || name.is_empty() { Operation::Other } else { found };
        words.push(self.brace_word(context, transparent, false)?);
        Ok(Parameter { name, operation, words, quoted: context.quoted() })
    }

    /// The byte after next closes the braces.
    fn third_closes(&mut self) -> bool {
        self.cur();
        let (_, second) = self.peek_from(self.pos + 1);
        self.peek_from(second + 1).0 == b'}'
    }

    /// The name in `${name}`: `$10` ends behind the 1, `${10}` does not.
    fn plain_name_long(&mut self) -> String {
        let byte = self.cur();
        if is_name(byte) {
            return self.name();
        }
        // Zsh runs the command in `${$(x)}`; for bash it is a bad substitution.
        if byte == b'$' && matches!(self.second(), b'(' | b'{') {
            return String::new();
        }
        self.plain_name().unwrap_or_default()
    }

    /// A word in `${…}`, up to the `}` or, in a subscript, the `]`.
    fn brace_word(&mut self, context: Context, transparent: bool, subscript: bool) -> Parsed<Word> {
        let start = self.pos;
        let quoted = context.quoted();
        let mut parts = Vec::new();
        let mut inside = 0_usize;
        loop {
            self.plain(&BRACE, &mut parts, context);
            match self.cur() {
                0 => return self.stop("a `${` is never closed"),
                b'}' => break,
                b']' if subscript && inside == 0 => break,
                byte @ (b'[' | b']') => {
                    inside = if byte == b'[' { inside + 1 } else { inside.saturating_sub(1) };
                    self.eat(1);
                    push_text(&mut parts, if byte == b'[' { "[" } else { "]" }, context);
                }
                b'<' | b'>' if !quoted && !transparent && self.second() == b'(' => {
                    let from = self.pos;
                    self.process(&mut parts)?;
                    // Bash finds the end of the braces before it looks for processes.
                    if self.slice(from, self.pos).contains('}') {
                        return self.stop("it is unclear where these braces end");
                    }
                }
                byte @ (b'<' | b'>') => {
                    self.eat(1);
                    push_text(&mut parts, if byte == b'<' { "<" } else { ">" }, context);
                }
                b'\'' if transparent => self.transparent_quotes(&mut parts)?,
                b'$' if (transparent || quoted) && self.second() == b'\'' => {
                    self.eat(1);
                    self.ansi_expanded(&mut parts)?;
                }
                b'\\' if quoted => self.soft_escape(true, true, &mut parts),
                b'\'' => self.single_quoted(&mut parts)?,
                b'"' => self.double_quoted(if quoted { Context::Nested } else { Context::Double }, &mut parts)?,
                b'$' => self.dollar(&mut parts, context)?,
                b'`' => self.backticks(&mut parts, context)?,
                b'\\' => self.quoting(&mut parts)?,
                _ => {}
            }
        }
        Ok(Word { parts, span: self.span(start) })
    }

    /// A command in backticks, the first of which is next. Bash finds its end first, then unescapes the text and
    /// reads that, and only when it runs the line.
    #[inline(never)]
    pub(super) fn backticks(&mut self, parts: &mut Vec<Part>, context: Context) -> Parsed<()> {
        self.deeper()?;
        let open = self.pos;
        let from = open + 1;
        let mut close = from;
        let mut escapes = false;
        loop {
            match self.byte(close) {
                0 => return self.stop("a backtick is never closed"),
                b'`' => break,
                b'\\' => {
                    escapes = true;
                    close += 2;
                }
                _ => close += 1,
            }
        }
        self.spend(close - open)?;
        let items = if escapes {
            let raw = self.slice(from, close);
            if matches!(context, Context::Here | Context::Nested) && raw.contains("\\\"") {
                return self.stop("it is unclear what an escaped quote in backticks means here");
            }
            let text = unescape(raw, context == Context::Double);
            let span = self.origin.clone().unwrap_or(open..close + 1);
            let mut inner = Parser::new(&text, self.fuel, self.depth, Some(span));
            let (items, stop) = inner.script();
            self.fuel = inner.fuel;
            self.settle(items, stop)?
        } else {
            let end = std::mem::replace(&mut self.end, close);
            let outer = self.enter(false, false);
            self.pos = from;
            let (items, stop) = self.script();
            self.end = end;
            self.leave(outer);
            self.settle(items, stop)?
        };
        self.pos = close + 1;
        self.depth -= 1;
        let script = Script { items };
        let file = reads_file(&script);
        parts.push(Part::Command { script, quoted: context.quoted(), file });
        Ok(())
    }

    /// Keeps what bash runs of a script that it can't read to its end.
    fn settle(&mut self, mut items: Vec<Item>, stop: Option<Stop>) -> Parsed<Vec<Item>> {
        match stop {
            None => Ok(items),
            Some(stop) => {
                self.early.append(&mut items);
                Err(Stop { late: true, ..stop })
            }
        }
    }

    /// All of a text as if it stood in double quotes.
    pub(super) fn rewritten(&mut self) -> Parsed<Word> {
        let mut parts = Vec::new();
        self.soft(false, Context::Here, &mut parts)?;
        if parts.is_empty() {
            push_quoted(&mut parts, "");
        }
        let mut word = Word { parts, span: self.span(0) };
        self.fill_word(&mut word);
        Ok(word)
    }
}

/// One of bash's own parameters.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')
}

/// The text of a backtick script without the escapes that protected it.
fn unescape(raw: &str, double: bool) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let behind = rest.get(at + 1..).unwrap_or_default();
        match behind.bytes().next() {
            Some(byte @ (b'$' | b'`' | b'\\')) => out.push(char::from(byte)),
            Some(b'"') if double => out.push('"'),
            Some(b'\n') => {}
            _ => {
                out.push('\\');
                rest = behind;
                continue;
            }
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The script is nothing but `<file`.
fn reads_file(script: &Script) -> bool {
    let [item] = script.items.as_slice() else { return false };
    let Node::Simple(command) = &item.node else {
        return false;
    };
    let [redirect] = command.redirects.as_slice() else {
        return false;
    };
    command.words.is_empty()
        && command.assigns.is_empty()
        && !item.background
        && redirect.kind == RedirectKind::Read
        && matches!(redirect.descriptor, None | Some(0))
}
