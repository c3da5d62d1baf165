//! Expressions.

use super::ast::{Block, Expr, Statement};
use super::lex::{Fault, Parsed, Parser, is_name};
use std::rc::Rc;

/// How tightly the operators bind, by their names in lower case without `c` and `i` in front.
fn strength(name: &str) -> Option<u8> {
    let bare = name.strip_prefix(['c', 'i']).filter(|rest| COMPARES.contains(rest)).unwrap_or(name);
    Some(match bare {
        "and" | "or" | "xor" => 1,
        "band" | "bor" | "bxor" | "shl" | "shr" => 2,
        "is" | "isnot" | "as" => 3,
        "+" | "-" => 4,
        "*" | "/" | "%" => 5,
        "f" => 6,
        ".." => 7,
        name if COMPARES.contains(&name) => 3,
        _ => return None,
    })
}

const COMPARES: [&str; 17] = [
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "like",
    "notlike",
    "match",
    "notmatch",
    "replace",
    "split",
    "join",
    "in",
    "notin",
    "contains",
    "notcontains",
];
/// The most operators or members in a row: each stands around those before it.
const LINKS: usize = 200;
/// The longest block that is kept as text as well, in bytes.
const LONGEST: usize = 8192;
const UNARY: [&str; 7] = ["not", "bnot", "join", "split", "csplit", "isplit", "notmatch"];

impl Parser<'_> {
    /// An expression. Without `lists`, a comma ends it.
    pub(super) fn expression(&mut self, lists: bool) -> Parsed<Expr> {
        let left = self.binary(0, lists)?;
        match self.blanks() {
            b'?' if self.byte(self.pos + 1) == b'?' && self.byte(self.pos + 2) != b'=' => {
                self.pos += 2;
                self.lines();
                let right = self.deeper(|parser| parser.expression(lists))?;
                Ok(Expr::Either(Box::new(Expr::Text(String::new())), Box::new(left), Box::new(right)))
            }
            b'?' if !matches!(self.byte(self.pos + 1), b'?' | b'.' | b'[') => {
                self.pos += 1;
                self.lines();
                let yes = self.deeper(|parser| parser.expression(lists))?;
                if self.lines() != b':' {
                    return Err(Fault);
                }
                self.pos += 1;
                self.lines();
                let no = self.deeper(|parser| parser.expression(lists))?;
                Ok(Expr::Either(Box::new(left), Box::new(yes), Box::new(no)))
            }
            _ => Ok(left),
        }
    }

    fn binary(&mut self, least: u8, lists: bool) -> Parsed<Expr> {
        let mut left = self.list(lists)?;
        let mut links = 0;
        while let Some((name, end)) = self.operator() {
            links += 1;
            if links > LINKS {
                return Err(Fault);
            }
            let Some(power) = strength(&name).filter(|power| *power > least) else { break };
            self.pos = end;
            self.lines();
            let right = self.deeper(|parser| parser.binary(power, lists))?;
            left = Expr::Binary(name, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    /// The operator that is next, and where it ends.
    fn operator(&mut self) -> Option<(String, usize)> {
        let byte = self.blanks();
        let next = self.byte(self.pos + 1);
        match byte {
            b'-' if is_name(next) => {
                let mut ahead = Parser::new(self.text);
                ahead.pos = self.pos + 1;
                let name = ahead.name();
                Some((name, ahead.pos))
            }
            b'+' | b'-' | b'*' | b'/' | b'%' if next != b'=' && next != byte => {
                Some((char::from(byte).to_string(), self.pos + 1))
            }
            b'.' if next == b'.' => Some(("..".to_owned(), self.pos + 2)),
            _ => None,
        }
    }

    /// `a, b, c`
    fn list(&mut self, lists: bool) -> Parsed<Expr> {
        if lists && self.blanks() == b',' {
            self.pos += 1;
            self.lines();
            return Ok(Expr::List(vec![self.deeper(Self::unary)?]));
        }
        let first = self.unary()?;
        if !lists || self.blanks() != b',' {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.blanks() == b',' {
            self.pos += 1;
            self.lines();
            items.push(self.unary()?);
        }
        Ok(Expr::List(items))
    }

    pub(super) fn unary(&mut self) -> Parsed<Expr> {
        let byte = self.blanks();
        let next = self.byte(self.pos + 1);
        match byte {
            b'!' => {
                self.pos += 1;
                let of = self.deeper(Self::unary)?;
                Ok(Expr::Unary("not".to_owned(), Box::new(of)))
            }
            b'+' | b'-' if next == byte => {
                self.pos += 2;
                self.deeper(Self::unary)
            }
            b'-' if is_name(next) && !next.is_ascii_digit() => {
                let start = self.pos;
                self.pos += 1;
                let name = self.name();
                if !UNARY.contains(&name.as_str()) {
                    self.pos = start;
                    return Err(Fault);
                }
                self.lines();
                let of = self.deeper(|parser| parser.list(true))?;
                Ok(Expr::Unary(name, Box::new(of)))
            }
            b'+' | b'-' => {
                self.pos += 1;
                let of = self.deeper(Self::unary)?;
                Ok(match of {
                    Expr::Text(number) if byte == b'-' => Expr::Text(format!("-{number}")),
                    of => of,
                })
            }
            _ => self.primary(),
        }
    }

    /// A value with what hangs on it: `$x.Name`, `(…)[0]`, `[IO.File]::Delete(…)`.
    pub(super) fn primary(&mut self) -> Parsed<Expr> {
        let on = self.atom()?;
        self.behind(on)
    }

    /// What hangs on a value.
    pub(super) fn behind(&mut self, mut on: Expr) -> Parsed<Expr> {
        let mut links = 0;
        loop {
            links += 1;
            if links > LINKS {
                return Err(Fault);
            }
            let (byte, next) = (self.cur(), self.byte(self.pos + 1));
            match byte {
                b'?' if next == b'.' && is_name(self.byte(self.pos + 2)) || byte == b'?' && next == b'[' => {
                    self.pos += 1;
                }
                b'.' if is_name(next) || matches!(next, b'$' | b'(' | b'\'' | b'"') => {
                    self.pos += 1;
                    on = self.member(on)?;
                }
                b':' if next == b':' => {
                    self.pos += 2;
                    self.blanks();
                    on = self.member(on)?;
                }
                b'[' => {
                    self.pos += 1;
                    let index = self.deeper(|parser| {
                        parser.inside = true;
                        parser.expression(true)
                    })?;
                    self.close(b']')?;
                    on = Expr::Index(Box::new(on), Box::new(index));
                }
                b'+' | b'-' if next == byte => self.pos += 2,
                // The members of a chain may stand on lines of their own.
                b'\n' | b' ' | b'\t' | b'\r' if self.inside && self.member_ahead() => _ = self.lines(),
                _ => return Ok(on),
            }
        }
    }

    /// Whether the next thing on the lines below is `.Name`.
    fn member_ahead(&self) -> bool {
        let rest = self.slice(self.pos, self.text.len());
        let mut line = rest.trim_start_matches([' ', '\t', '\r']).strip_prefix('\n').unwrap_or_default().bytes();
        line.by_ref().find(|byte| !byte.is_ascii_whitespace()) == Some(b'.') && line.next().is_some_and(is_name)
    }

    fn member(&mut self, on: Expr) -> Parsed<Expr> {
        self.spend(1)?;
        let name = match self.cur() {
            b'\'' => Expr::Text(self.single_quoted()?),
            b'"' => self.double_quoted()?,
            b'$' => self.dollar()?,
            b'(' => self.parentheses()?,
            _ => Expr::Text(self.name()),
        };
        if name == Expr::Text(String::new()) {
            return Err(Fault);
        }
        let arguments = match self.cur() {
            b'(' => {
                self.pos += 1;
                Some(self.deeper(Self::call_arguments)?)
            }
            // `.ForEach{ … }`
            b'{' => {
                let block = self.block()?;
                Some(vec![Expr::Block(block)])
            }
            _ => None,
        };
        Ok(Expr::Member { on: Box::new(on), name: Box::new(name), arguments })
    }

    fn call_arguments(&mut self) -> Parsed<Vec<Expr>> {
        self.inside = true;
        let mut arguments = Vec::new();
        while self.blanks() != b')' {
            arguments.push(self.expression(false)?);
            match self.blanks() {
                b',' => self.pos += 1,
                b')' => {}
                _ => return Err(Fault),
            }
        }
        self.pos += 1;
        Ok(arguments)
    }

    pub(super) fn close(&mut self, byte: u8) -> Parsed<()> {
        if self.lines() != byte || self.ended() {
            return Err(Fault);
        }
        self.pos += 1;
        Ok(())
    }

    /// `( … )`, whose parenthesis is next.
    pub(super) fn parentheses(&mut self) -> Parsed<Expr> {
        self.pos += 1;
        let script = self.deeper(|parser| {
            parser.inside = true;
            parser.script(b')')
        })?;
        Ok(Expr::Sub(script))
    }

    /// `{ … }`, whose brace is next.
    pub(super) fn block(&mut self) -> Parsed<Rc<Block>> {
        if self.lines() != b'{' {
            return Err(Fault);
        }
        self.pos += 1;
        let start = self.pos;
        let (parameters, body) = self.deeper(|parser| {
            parser.inside = false;
            parser.lines();
            let parameters = parser.parameters()?;
            Ok((parameters, parser.script(b'}')?))
        })?;
        let text = self.slice(start, self.pos.saturating_sub(1));
        let text = if text.len() > LONGEST { super::state::HOLE.to_string() } else { text.to_owned() };
        Ok(Rc::new(Block { parameters, body, text }))
    }

    fn atom(&mut self) -> Parsed<Expr> {
        self.spend(1)?;
        match self.blanks() {
            b'$' if self.value_ahead() => self.dollar(),
            b'\'' => Ok(Expr::Text(self.single_quoted()?)),
            b'"' => self.double_quoted(),
            b'(' => self.parentheses(),
            b'{' => Ok(Expr::Block(self.block()?)),
            b'@' => self.at(),
            b'[' => self.type_or_cast(),
            b'0'..=b'9' | b'.' => self.number(),
            // A statement's keyword stands for a value: `$(if …)` is a script, `= if …` too.
            _ => Err(Fault),
        }
    }

    /// `@( … )`, `@{ … }`, a here-string.
    fn at(&mut self) -> Parsed<Expr> {
        if let Some(text) = self.here_string()? {
            return Ok(text);
        }
        match self.byte(self.pos + 1) {
            b'(' => {
                self.pos += 2;
                let script = self.deeper(|parser| {
                    parser.inside = false;
                    parser.script(b')')
                })?;
                Ok(Expr::Sub(script))
            }
            b'{' => {
                self.pos += 2;
                self.deeper(Self::table)
            }
            _ => Err(Fault),
        }
    }

    fn table(&mut self) -> Parsed<Expr> {
        let mut entries = Vec::new();
        loop {
            self.inside = false;
            while matches!(self.lines(), b';') {
                self.pos += 1;
            }
            if self.cur() == b'}' {
                self.pos += 1;
                return Ok(Expr::Table(entries));
            }
            let key = if is_name(self.cur()) && !self.cur().is_ascii_digit() {
                Expr::Text(self.name())
            } else {
                self.unary()?
            };
            if self.blanks() != b'=' {
                return Err(Fault);
            }
            self.pos += 1;
            self.lines();
            let value: Statement = self.statement()?;
            entries.push((key, value));
        }
    }

    /// `[name]`: a type, or a cast of what stands behind it. Attributes are stepped over.
    fn type_or_cast(&mut self) -> Parsed<Expr> {
        let start = self.pos;
        let mut open = 0_usize;
        let mut attribute = false;
        loop {
            match self.cur() {
                0 | b'{' => return Err(Fault),
                b'\'' => _ = self.single_quoted()?,
                b'"' => _ = self.double_quoted()?,
                byte => {
                    open += usize::from(byte == b'[');
                    attribute |= byte == b'(';
                    self.take().ok_or(Fault)?;
                    if byte == b']' {
                        open -= 1;
                        if open == 0 {
                            break;
                        }
                    }
                }
            }
        }
        let name: String = self.slice(start + 1, self.pos - 1).to_lowercase().split_whitespace().collect();
        if attribute {
            self.lines();
            return self.deeper(Self::unary);
        }
        if self.starts("::") {
            return Ok(Expr::Type(name));
        }
        let begins = |byte: u8| matches!(byte, b'$' | b'(' | b'\'' | b'"' | b'@' | b'[' | b'{' | b'0'..=b'9' | b'-');
        if begins(self.blanks()) && !self.starts("-is") && !self.starts("-as") && !self.starts("-eq") {
            let of = self.deeper(Self::unary)?;
            return Ok(Expr::Cast(name, Box::new(of)));
        }
        Ok(Expr::Type(name))
    }

    fn number(&mut self) -> Parsed<Expr> {
        let start = self.pos;
        self.pos += self.number_length();
        if self.pos == start {
            return Err(Fault);
        }
        Ok(Expr::Text(self.slice(start, self.pos).to_owned()))
    }

    /// How many bytes of the text that is next are a number.
    pub(super) fn number_length(&self) -> usize {
        let bytes = &self.text.as_bytes()[self.pos.min(self.text.len())..];
        let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        if bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') {
            return 2 + bytes[2..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
        }
        let mut end = digits(0);
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end += 1 + digits(end + 1);
        }
        if end > 0 {
            let letters = bytes[end..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
            let suffix = self.slice(self.pos + end, self.pos + end + letters).to_ascii_lowercase();
            if matches!(suffix.as_str(), "kb" | "mb" | "gb" | "tb" | "pb" | "l" | "d" | "u" | "ul" | "y" | "s") {
                end += letters;
            }
        }
        end
    }
}
