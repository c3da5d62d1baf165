//! The cursor: bytes, line continuations, comments, reserved words, and the bounds on all work.

use super::ast::{Item, Span, Word};
use super::heredoc::Pending;

/// The deepest nesting that is read. Real scripts stay below ten.
const MAX_DEPTH: u32 = 100;
/// Why a text isn't read that bash would read.
pub(super) const TOO_LONG: &str = "it is too long";
pub(super) const TOO_DEEP: &str = "it is nested too deeply";
/// What a command, and what a word costs, by what they take in memory.
const COMMAND: usize = 8;
pub(super) const WORD: usize = 4;

/// Why reading stopped, and where.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) why: &'static str,
    pub(super) at: usize,
    /// Bash reads this part only while it runs the line, so the commands in front of it on the line have run.
    pub(super) late: bool,
}

/// What every reading function returns.
pub(super) type Parsed<T> = Result<T, Stop>;

/// The parser's state. Reading is one pass, recursive descent, without going back.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    /// The next byte.
    pub(super) pos: usize,
    /// Reading ends here: the end of the text, or of the here-document body or quoted stretch being read.
    pub(super) end: usize,
    /// In a text that was rewritten before reading (backticks, `<<-` bodies): where that stood in the original.
    pub(super) origin: Option<Span>,
    pub(super) fuel: usize,
    pub(super) depth: u32,
    /// Here-documents whose bodies start behind the next newline.
    pub(super) pending: Vec<Pending>,
    /// Here-document bodies that are not in the tree yet.
    pub(super) bodies: Vec<Option<Word>>,
    /// How many here-documents began in front of this substitution, or in those inside it.
    pub(super) floor: usize,
    /// How many bodies are not in the tree yet.
    pub(super) unplaced: usize,
    /// Directly inside `$(…)`, where a `)` may end a here-document.
    pub(super) substitution: bool,
    /// Directly inside `${ …; }`, where a `}` needs nothing behind it.
    pub(super) braces: bool,
    /// How many patterns such as `@(a|b)` there were.
    pub(super) patterns: usize,
    /// Of the parenthesis that opens at the first position, bash expects the end at the second.
    pub(super) paren: Option<(usize, usize)>,
    /// Commands of a backtick script in front of its syntax error: bash runs them.
    pub(super) early: Vec<Item>,
}

/// What belongs to the script being read and not to those inside it.
pub(super) struct Outer {
    pending: Vec<Pending>,
    substitution: bool,
    braces: bool,
    floor: usize,
    bodies: usize,
}

/// The words that bash reserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    If,
    Then,
    Elif,
    Else,
    Fi,
    While,
    Until,
    For,
    Select,
    Do,
    Done,
    Case,
    Esac,
    In,
    Function,
    Coproc,
    Time,
    Bang,
    OpenBrace,
    CloseBrace,
    OpenCondition,
}

impl Keyword {
    /// It ends a list of commands.
    pub(super) fn closes(self) -> bool {
        use Keyword::{CloseBrace, Do, Done, Elif, Else, Esac, Fi, Then};
        matches!(self, Then | Elif | Else | Fi | Do | Done | Esac | CloseBrace)
    }

    /// It starts a compound command.
    pub(super) fn compound(self) -> bool {
        use Keyword::{Case, For, If, OpenBrace, OpenCondition, Select, Until, While};
        matches!(self, If | While | Until | For | Select | Case | OpenBrace | OpenCondition)
    }
}

/// A byte that ends an unquoted word; 0 is the end of the text.
pub(super) fn is_break(byte: u8) -> bool {
    matches!(byte, 0 | b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
}

/// A byte of a variable's name.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, fuel: usize, depth: u32, origin: Option<Span>) -> Self {
        Parser {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            end: text.len(),
            origin,
            fuel,
            depth,
            pending: Vec::new(),
            bodies: Vec::new(),
            floor: 0,
            unplaced: 0,
            substitution: false,
            braces: false,
            patterns: 0,
            paren: None,
            early: Vec::new(),
        }
    }

    /// An error at the current position.
    #[cold]
    pub(super) fn stop<T>(&self, why: &'static str) -> Parsed<T> {
        let at = self.origin.as_ref().map_or(self.pos.min(self.text.len()), |span| span.start);
        Err(Stop { why, at, late: false })
    }

    /// From `start` up to the current position.
    pub(super) fn span(&self, start: usize) -> Span {
        self.origin.clone().unwrap_or(start..self.pos)
    }

    /// The text between two positions, empty if they are no character boundaries.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Pays for work.
    pub(super) fn spend(&mut self, amount: usize) -> Parsed<()> {
        match self.fuel.checked_sub(amount) {
            Some(rest) => {
                self.fuel = rest;
                Ok(())
            }
            None => self.stop(TOO_LONG),
        }
    }

    /// Enters one level of nesting; the caller leaves it by `self.depth -= 1`.
    pub(super) fn deeper(&mut self) -> Parsed<()> {
        if self.depth >= MAX_DEPTH {
            return self.stop(TOO_DEEP);
        }
        self.depth += 1;
        self.spend(COMMAND)
    }

    /// Begins a script inside the script.
    pub(super) fn enter(&mut self, substitution: bool, braces: bool) -> Outer {
        Outer {
            pending: std::mem::take(&mut self.pending),
            substitution: std::mem::replace(&mut self.substitution, substitution),
            braces: std::mem::replace(&mut self.braces, braces),
            floor: std::mem::replace(&mut self.floor, self.bodies.len()),
            bodies: self.bodies.len(),
        }
    }

    /// Goes on with the script around it.
    pub(super) fn leave(&mut self, outer: Outer) {
        self.pending = outer.pending;
        self.substitution = outer.substitution;
        self.braces = outer.braces;
        self.floor = outer.floor + self.bodies.len().saturating_sub(outer.bodies);
    }

    /// The byte at a position, 0 at the end. The text has no NUL byte.
    pub(super) fn byte(&self, at: usize) -> u8 {
        if at < self.end { self.bytes.get(at).copied().unwrap_or(0) } else { 0 }
    }

    /// The first byte at or behind `at` that is in no line continuation, and its position.
    pub(super) fn peek_from(&self, mut at: usize) -> (u8, usize) {
        loop {
            let byte = self.byte(at);
            if byte != b'\\' || self.byte(at + 1) != b'\n' {
                return (byte, at);
            }
            at += 2;
        }
    }

    /// The next byte; steps over line continuations in front of it.
    pub(super) fn cur(&mut self) -> u8 {
        let (byte, at) = self.peek_from(self.pos);
        self.pos = at;
        byte
    }

    /// The byte behind the next one.
    pub(super) fn second(&mut self) -> u8 {
        self.cur();
        self.peek_from(self.pos + 1).0
    }

    /// Steps over the next `count` bytes and the line continuations between them.
    pub(super) fn eat(&mut self, count: usize) {
        for _ in 0..count {
            if self.cur() != 0 {
                self.pos += 1;
            }
        }
    }

    /// Steps over blanks and line continuations; the byte behind them.
    pub(super) fn blanks(&mut self) -> u8 {
        loop {
            match self.cur() {
                b' ' | b'\t' => self.pos += 1,
                byte => return byte,
            }
        }
    }

    /// Steps over a comment, up to its newline.
    pub(super) fn comment(&mut self) {
        let rest = self.bytes.get(self.pos..self.end).unwrap_or_default();
        self.pos += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    }

    /// Steps over a newline and the here-document bodies that start behind it.
    pub(super) fn newline(&mut self) -> Parsed<()> {
        self.pos += 1;
        if self.pending.is_empty() { Ok(()) } else { self.gather() }
    }

    /// Steps over blanks, comments and newlines; the byte behind them.
    pub(super) fn newlines(&mut self) -> Parsed<u8> {
        loop {
            match self.blanks() {
                b'#' => self.comment(),
                b'\n' => self.newline()?,
                byte => return Ok(byte),
            }
        }
    }

    /// A `<(` or `>(` is next.
    pub(super) fn process_ahead(&mut self) -> bool {
        matches!(self.cur(), b'<' | b'>') && self.second() == b'('
    }

    /// The reserved word that is next, and where it ends. Whether it counts here is the caller's knowledge.
    pub(super) fn reserved(&mut self) -> Option<(Keyword, usize)> {
        let first = self.cur();
        if !matches!(first, b'c'..=b'f' | b'i' | b's'..=b'u' | b'w' | b'!' | b'{' | b'}' | b'[') {
            return None;
        }
        let mut word = [0_u8; 8];
        let mut length = 0;
        let mut at = self.pos;
        loop {
            let (byte, here) = self.peek_from(at);
            if matches!(byte, b'a'..=b'z' | b'!' | b'{' | b'}' | b'[') {
                *word.get_mut(length)? = byte;
                length += 1;
                at = here + 1;
                continue;
            }
            // `<(` goes on with the word.
            if !is_break(byte) || (matches!(byte, b'<' | b'>') && self.peek_from(here + 1).0 == b'(') {
                return None;
            }
            break;
        }
        let keyword = match word.get(..length)? {
            b"if" => Keyword::If,
            b"then" => Keyword::Then,
            b"elif" => Keyword::Elif,
            b"else" => Keyword::Else,
            b"fi" => Keyword::Fi,
            b"while" => Keyword::While,
            b"until" => Keyword::Until,
            b"for" => Keyword::For,
            b"select" => Keyword::Select,
            b"do" => Keyword::Do,
            b"done" => Keyword::Done,
            b"case" => Keyword::Case,
            b"esac" => Keyword::Esac,
            b"in" => Keyword::In,
            b"function" => Keyword::Function,
            b"coproc" => Keyword::Coproc,
            b"time" => Keyword::Time,
            b"!" => Keyword::Bang,
            b"{" => Keyword::OpenBrace,
            b"}" => Keyword::CloseBrace,
            b"[[" => Keyword::OpenCondition,
            _ => return None,
        };
        Some((keyword, at))
    }

    /// Steps over a reserved word that must be next.
    pub(super) fn expect(&mut self, wanted: Keyword, why: &'static str) -> Parsed<()> {
        self.blanks();
        match self.reserved() {
            Some((keyword, end)) if keyword == wanted => {
                self.pos = end;
                Ok(())
            }
            _ => self.stop(why),
        }
    }
}
