//! Redirections.

use super::ast::{Part, Redirect, RedirectKind, Word};
use super::lex::{Parsed, Parser, is_break, is_name};
use super::parse::literal;

/// The descriptor that stands for `{name}>`: bash picks one from 10 on.
const NAMED: u32 = 10;

impl Parser<'_> {
    /// A redirection is next, with or without its descriptor.
    pub(super) fn redirect_ahead(&mut self) -> bool {
        match self.cur() {
            b'&' => self.second() == b'>',
            b'0'..=b'9' | b'{' => self.descriptor_end().is_some(),
            b'<' | b'>' => self.second() != b'(',
            _ => false,
        }
    }

    /// The position behind `2` or `{name}` where a redirection operator follows it directly.
    fn descriptor_end(&self) -> Option<usize> {
        let named = self.byte(self.pos) == b'{';
        let mut at = if named { self.pos + 1 } else { self.pos };
        let mut inside = 0_u32;
        loop {
            let (byte, here) = self.peek_from(at);
            let part = match byte {
                b'0'..=b'9' => true,
                b'[' if named => {
                    inside += 1;
                    true
                }
                b']' if named && inside > 0 => {
                    inside -= 1;
                    true
                }
                b'}' if named && inside == 0 && at > self.pos + 1 && !self.byte(self.pos + 1).is_ascii_digit() => {
                    at = here + 1;
                    break;
                }
                _ => named && (is_name(byte) || (inside > 0 && !is_break(byte))),
            };
            if !part {
                if named {
                    return None;
                }
                break;
            }
            at = here + 1;
        }
        let (byte, here) = self.peek_from(at);
        (matches!(byte, b'<' | b'>') && self.peek_from(here + 1).0 != b'(').then_some(here)
    }

    /// A redirection.
    #[inline(never)]
    pub(super) fn redirect(&mut self) -> Parsed<Redirect> {
        let mut descriptor = None;
        if matches!(self.cur(), b'{' | b'0'..=b'9')
            && let Some(end) = self.descriptor_end()
        {
            let text = self.slice(self.pos, end);
            if text.starts_with('{') {
                if text.contains(['$', '`', '[']) {
                    return self.stop("a redirection's descriptor is computed");
                }
                descriptor = Some(NAMED);
            } else {
                descriptor = Some(text.replace("\\\n", "").parse().unwrap_or(u32::MAX));
            }
            self.pos = end;
        }
        let kind = self.operator();
        match kind {
            Operator::HereDocument { strip } => {
                let target = self.here_document(strip)?;
                Ok(Redirect { descriptor, kind: RedirectKind::HereDocument, target })
            }
            Operator::Duplicate { write } => self.duplicate(descriptor, write),
            Operator::Plain(kind) => {
                if matches!(kind, RedirectKind::Write | RedirectKind::Append) && self.cur() == b'!' {
                    return self.stop("`>!` writes to another file in zsh than in bash");
                }
                Ok(Redirect { descriptor, kind, target: self.operand()? })
            }
        }
    }

    /// Steps over the operator.
    fn operator(&mut self) -> Operator {
        let first = self.cur();
        self.eat(1);
        let kind = match (first, self.cur()) {
            (b'&', _) => {
                self.eat(1);
                if self.cur() != b'>' {
                    return Operator::Plain(RedirectKind::Write);
                }
                RedirectKind::Append
            }
            (b'<', b'<') => {
                self.eat(1);
                match self.cur() {
                    b'<' => RedirectKind::HereString,
                    b'-' => {
                        self.eat(1);
                        return Operator::HereDocument { strip: true };
                    }
                    _ => return Operator::HereDocument { strip: false },
                }
            }
            (b'<', b'>') => RedirectKind::ReadWrite,
            (b'<' | b'>', b'&') => {
                self.eat(1);
                return Operator::Duplicate { write: first == b'>' };
            }
            (b'<', _) => return Operator::Plain(RedirectKind::Read),
            (_, b'>') => RedirectKind::Append,
            (_, b'|') => RedirectKind::Write,
            _ => return Operator::Plain(RedirectKind::Write),
        };
        self.eat(1);
        Operator::Plain(kind)
    }

    /// What follows `>&` and `<&`.
    fn duplicate(&mut self, descriptor: Option<u32>, write: bool) -> Parsed<Redirect> {
        if self.cur() == b'!' {
            return self.stop("`>&!` writes to another file in zsh than in bash");
        }
        let own = descriptor.unwrap_or(u32::from(write));
        // A `-` is a token of its own here: `5>&-rm x` runs `rm`.
        if self.blanks() == b'-' {
            let start = self.pos;
            self.eat(1);
            let target = Word { parts: vec![Part::Literal("-".into())], span: self.span(start) };
            return Ok(Redirect { descriptor: Some(own), kind: RedirectKind::Duplicate, target });
        }
        let target = self.operand()?;
        let number = literal(&target).map(|text| text.strip_suffix('-').unwrap_or(text));
        let kind = if number.is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())) {
            return Ok(Redirect { descriptor: Some(own), kind: RedirectKind::Duplicate, target });
        } else if write {
            RedirectKind::Write
        } else {
            RedirectKind::Read
        };
        Ok(Redirect { descriptor, kind, target })
    }

    /// Refuses `{a[$(x)]}>file`, where a word turns out to be a computed descriptor.
    pub(super) fn not_a_descriptor(&mut self, word: &Word) -> Parsed<()> {
        let (Some(Part::Literal(first)), Some(Part::Literal(last))) = (word.parts.first(), word.parts.last()) else {
            return Ok(());
        };
        if word.parts.len() > 1
            && first.starts_with('{')
            && first.contains('[')
            && last.ends_with("]}")
            && matches!(self.cur(), b'<' | b'>')
        {
            return self.stop("a redirection's descriptor is computed");
        }
        Ok(())
    }

    /// The word that an operator needs.
    pub(super) fn operand(&mut self) -> Parsed<Word> {
        let byte = self.blanks();
        if (is_break(byte) && !self.process_ahead()) || byte == b'#' {
            return self.stop("a redirection has no target");
        }
        self.word(false)
    }
}

/// A redirection operator.
enum Operator {
    Plain(RedirectKind),
    HereDocument { strip: bool },
    Duplicate { write: bool },
}
