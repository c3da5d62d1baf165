//! Pipelines, commands and their arguments.

use super::ast::{Argument, Call, Command, Expr, Redirect, Stage, Statement};
use super::lex::{Fault, Parsed, Parser, is_name};

/// Bytes that end a word without quotes.
fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | 0x0b
            | 0x0c
            | b';'
            | b'|'
            | b'&'
            | b','
            | b'('
            | b')'
            | b'{'
            | b'}'
            | b'<'
            | b'>'
    )
}

impl Parser<'_> {
    /// `a | b && c`
    pub(super) fn chain(&mut self) -> Parsed<Statement> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let byte = self.blanks();
            let next = self.byte(self.pos + 1);
            match byte {
                b'&' | b'|' if next == byte => {
                    self.pos += 2;
                    self.lines();
                    let next = match self.deeper(Self::keyword_statement)? {
                        Some(statement) => statement,
                        None => self.pipeline()?,
                    };
                    rest.push(next);
                }
                // In the background.
                b'&' => {
                    self.pos += 1;
                    break;
                }
                _ => break,
            }
        }
        if rest.is_empty() {
            return Ok(first);
        }
        rest.insert(0, first);
        Ok(Statement::Chain(rest))
    }

    fn pipeline(&mut self) -> Parsed<Statement> {
        let mut stages = Vec::new();
        loop {
            if self.value_begins() {
                let value = self.expression(true)?;
                if stages.is_empty()
                    && let Some(more) = self.assigns()
                {
                    self.lines();
                    let right = Box::new(self.statement()?);
                    return Ok(Statement::Assign { target: value, more, value: right });
                }
                let redirects = self.redirects()?;
                stages.push(Stage::Value(value, redirects));
            } else {
                stages.push(Stage::Command(self.command()?));
            }
            let start = self.pos;
            // The next stage may stand on the next line.
            if !(self.blanks() == b'|' || self.lines() == b'|') || self.byte(self.pos + 1) == b'|' {
                self.pos = start;
                return Ok(Statement::Pipeline(stages));
            }
            self.pos += 1;
            self.lines();
        }
    }

    /// The assignment operator that is next, stepped over. `true`: what was there stays in front.
    fn assigns(&mut self) -> Option<bool> {
        let byte = self.blanks();
        let next = self.byte(self.pos + 1);
        let length = match byte {
            b'=' => 1,
            b'+' | b'-' | b'*' | b'/' | b'%' if next == b'=' => 2,
            b'?' if next == b'?' && self.byte(self.pos + 2) == b'=' => 3,
            _ => return None,
        };
        self.pos += length;
        Some(length > 1)
    }

    /// Whether a value stands here, and no command.
    fn value_begins(&mut self) -> bool {
        let byte = self.blanks();
        let next = self.byte(self.pos + 1);
        match byte {
            b'$' | b'\'' | b'"' | b'(' | b'{' | b'[' | b',' | b'!' => true,
            b'@' => matches!(next, b'(' | b'{' | b'\'' | b'"'),
            b'+' | b'-' if next == byte => matches!(self.byte(self.pos + 2), b'$'),
            b'+' | b'-' if matches!(next, b'$' | b'(' | b'0'..=b'9') => true,
            b'-' => ["not", "bnot", "join", "split", "csplit", "isplit"].iter().any(|word| {
                let end = self.pos + 1 + word.len();
                self.slice(self.pos + 1, end).eq_ignore_ascii_case(word) && !is_name(self.byte(end))
            }),
            b'0'..=b'9' => {
                let behind = self.byte(self.pos + self.number_length());
                ends_word(behind)
                    || matches!(behind, 0 | b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'=' | b'!' | b'[' | b']')
            }
            b'.' => next.is_ascii_digit(),
            _ => false,
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        self.spend(4)?;
        let start = self.pos;
        let call = match (self.cur(), self.byte(self.pos + 1)) {
            (b'&', next) if next != b'&' => Call::Invoke,
            (b'.', b' ' | b'\t' | b'\'' | b'"' | b'$' | b'(' | b'{') => Call::Source,
            _ => Call::Name,
        };
        if call != Call::Name {
            self.pos += 1;
            self.blanks();
        }
        let name = self.argument()?;
        let mut command = Command { call, name, arguments: Vec::new(), redirects: Vec::new(), text: String::new() };
        loop {
            let byte = self.blanks();
            if self.ended() || matches!(byte, b'\n' | b'\r' | b';' | b'|' | b')' | b'}' | b'&') {
                break;
            }
            if self.redirect_ahead() {
                command.redirects.extend(self.redirect()?);
            } else if self.starts("--%") && ends_word(self.byte(self.pos + 3)) {
                let rest = self.slice(self.pos + 3, self.text.len());
                let end = rest.find(['\n', '|']).unwrap_or(rest.len());
                command.arguments.push(Argument::Verbatim(rest[..end].trim().to_owned()));
                self.pos += 3 + end;
            } else {
                let argument = self.next_argument()?;
                command.arguments.push(argument);
            }
        }
        let text = self.slice(start, self.pos).trim();
        command.text = text.char_indices().nth(600).map_or(text, |(at, _)| &text[..at]).to_owned();
        Ok(command)
    }

    fn next_argument(&mut self) -> Parsed<Argument> {
        self.spend(1)?;
        let next = self.byte(self.pos + 1);
        match self.cur() {
            b'@' if is_name(next) => {
                self.pos += 1;
                Ok(Argument::Splat(self.name()))
            }
            b'-' if next.is_ascii_alphabetic() || matches!(next, b'_' | b'?') => {
                let start = self.pos;
                self.pos += 1;
                self.pos += usize::from(next == b'?');
                while is_name(self.cur()) || self.cur() == b'-' {
                    self.pos += 1;
                }
                let name = self.slice(start, self.pos).to_owned();
                match self.cur() {
                    b':' => {
                        self.pos += 1;
                        self.blanks();
                        let value = self.values()?;
                        Ok(Argument::Parameter(name, Some(value)))
                    }
                    byte if ends_word(byte) || self.ended() => Ok(Argument::Parameter(name, None)),
                    _ => {
                        self.pos = start;
                        Ok(Argument::Value(self.values()?))
                    }
                }
            }
            _ => Ok(Argument::Value(self.values()?)),
        }
    }

    /// An argument, or several with commas in between.
    fn values(&mut self) -> Parsed<Expr> {
        let first = self.argument()?;
        let mut items = Vec::new();
        let mut glued = true;
        loop {
            let start = self.pos;
            if self.blanks() != b',' {
                self.pos = start;
                break;
            }
            self.pos += 1;
            let comma = self.pos;
            self.lines();
            glued &= self.pos == comma && start + 1 == comma;
            items.push(self.argument()?);
        }
        if items.is_empty() {
            return Ok(first);
        }
        items.insert(0, first);
        Ok(if glued { Expr::Glued(items) } else { Expr::List(items) })
    }

    /// One argument.
    pub(super) fn argument(&mut self) -> Parsed<Expr> {
        self.spend(1)?;
        let next = self.byte(self.pos + 1);
        match self.cur() {
            b'$' if self.value_ahead() => {
                let value = self.primary()?;
                if ends_word(self.cur()) || self.ended() {
                    return Ok(value);
                }
                self.bare(vec![value])
            }
            b'\'' | b'"' | b'(' | b'{' => self.primary(),
            b'@' if matches!(next, b'(' | b'{' | b'\'' | b'"') => self.primary(),
            b'[' if self.type_ahead() => self.primary(),
            b',' => {
                self.pos += 1;
                self.blanks();
                self.argument()
            }
            0 if self.ended() => Err(Fault),
            byte if ends_word(byte) => Err(Fault),
            _ => self.bare(Vec::new()),
        }
    }

    /// `[name]::` is next.
    fn type_ahead(&self) -> bool {
        let rest = self.text.as_bytes().get(self.pos + 1..).unwrap_or_default().iter();
        let name = rest.take_while(|byte| is_name(**byte) || **byte == b'.').count();
        self.text.get(self.pos + 1 + name..).is_some_and(|rest| rest.starts_with("]::"))
    }

    /// A word without quotes, of which these parts were read.
    fn bare(&mut self, mut parts: Vec<Expr>) -> Parsed<Expr> {
        let mut text = String::new();
        let mut escaped = false;
        loop {
            let byte = self.cur();
            if self.ended() || ends_word(byte) {
                break;
            }
            match byte {
                b'`' if matches!(self.byte(self.pos + 1), b'\r' | b'\n') => break,
                b'`' => {
                    escaped = true;
                    // In names, `e is what it was before there were escapes: R`emove-Item.
                    let letter = matches!(self.byte(self.pos + 1), b'e' | b'E');
                    self.pos += usize::from(letter);
                    let c = if letter { self.take() } else { self.escaped() };
                    text.push(c.ok_or(Fault)?);
                }
                b'\'' => text.push_str(&self.single_quoted()?),
                b'"' => {
                    let quoted = self.double_quoted()?;
                    parts.push(Expr::Text(std::mem::take(&mut text)));
                    parts.push(quoted);
                }
                b'$' if self.value_ahead() => {
                    if !text.is_empty() {
                        parts.push(Expr::Text(std::mem::take(&mut text)));
                    }
                    parts.push(self.dollar()?);
                }
                _ => text.push(self.take().ok_or(Fault)?),
            }
        }
        if parts.is_empty() {
            return Ok(Expr::Bare(text, escaped));
        }
        if !text.is_empty() {
            parts.push(Expr::Text(text));
        }
        Ok(Expr::Parts(parts, false))
    }

    /// A redirection is next: `>`, `2>`, `*>`, `<`.
    fn redirect_ahead(&self) -> bool {
        match self.cur() {
            b'>' | b'<' => true,
            b'0'..=b'9' | b'*' => self.byte(self.pos + 1) == b'>',
            _ => false,
        }
    }

    fn redirects(&mut self) -> Parsed<Vec<Redirect>> {
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            if !self.redirect_ahead() {
                return Ok(redirects);
            }
            redirects.extend(self.redirect()?);
        }
    }

    /// A redirection; `None`: of one stream into another.
    fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        if self.cur() == b'<' {
            return Err(Fault);
        }
        self.pos += if self.cur() == b'>' { 1 } else { 2 };
        let append = self.eat(">");
        if self.eat("&") {
            self.pos += 1;
            return Ok(None);
        }
        self.blanks();
        Ok(Some(Redirect { append, target: self.argument()? }))
    }
}
