//! Text to syntax tree: what bash 5 does with `bash -c text`, in one bounded pass.
//!
//! Nothing here goes back over text that it has read, so that the work is linear, and every recursion is counted.
//! Where versions of bash, or zsh, would read a text differently, it is [`Unreadable`] rather than guessed at.

use super::ast::{Item, Join, Node, Part, Script, Unreadable, Word};
use super::lex::{Keyword, Parsed, Parser, Stop, TOO_LONG};

/// The longest text that is read, in bytes; longer than any argument that can be handed to a program.
pub const MAX_TEXT: usize = 1 << 20;
/// The most work that is put into reading a text. It is also what bounds the tree: about 160,000 words or 60,000 commands, which is
/// far more than fits into an argument of a program (128 KB).
const WORK: usize = 800_000;

/// Reads a script as bash does.
///
/// # Errors
/// [`Unreadable`] where bash would refuse it, or where it is beyond the bounds. Bash runs the complete lines in front
/// of a syntax error, so they come with it.
pub fn parse(text: &str) -> Result<Script, Unreadable> {
    let mut parser = open(text)?;
    let (items, stop) = parser.script();
    match stop {
        None => Ok(Script { items }),
        Some(Stop { why, at, .. }) => Err(Unreadable { why, at, before: Script { items } }),
    }
}

/// Reads one word, such as a string that bash expands a second time (`declare "a[$(x)]=1"`, `[[ $a -eq b ]]`).
/// All of the text is taken as if it stood in double quotes.
///
/// # Errors
/// [`Unreadable`] where a substitution in it can't be read.
pub fn parse_word(text: &str) -> Result<Word, Unreadable> {
    let mut parser = open(text)?;
    parser.rewritten().map_err(|stop| unreadable(stop.why, stop.at))
}

/// A parser for a text within the bounds.
fn open(text: &str) -> Result<Parser<'_>, Unreadable> {
    if text.len() > MAX_TEXT {
        return Err(unreadable(TOO_LONG, MAX_TEXT));
    }
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        return Err(unreadable("it contains a NUL byte", at));
    }
    Ok(Parser::new(text, (20_000 + 64 * text.len()).min(WORK), 0, None))
}

fn unreadable(why: &'static str, at: usize) -> Unreadable {
    Unreadable { why, at, before: Script::default() }
}

impl Parser<'_> {
    /// Reads line by line, up to the end: the items of all complete lines, and what stopped it.
    pub(super) fn script(&mut self) -> (Vec<Item>, Option<Stop>) {
        let mut items = Vec::new();
        loop {
            let done = items.len();
            match self.line(&mut items) {
                Ok(true) => self.fill_items(items.get_mut(done..).unwrap_or_default()),
                Ok(false) => return (items, None),
                Err(stop) => {
                    if !stop.late {
                        items.truncate(done);
                    }
                    self.fill_items(items.get_mut(done..).unwrap_or_default());
                    items.append(&mut self.early);
                    return (items, Some(stop));
                }
            }
        }
    }

    /// One complete command, which is what bash reads before it runs anything; false at the end.
    fn line(&mut self, items: &mut Vec<Item>) -> Parsed<bool> {
        if self.newlines()? == 0 {
            self.gather()?;
            return Ok(false);
        }
        let before = items.len();
        self.list(items, true)?;
        if items.len() == before {
            return self.stop("something stands where a command should");
        }
        match self.cur() {
            b'\n' => self.newline()?,
            0 => self.gather()?,
            b')' => return self.stop("a `)` was never opened"),
            _ => return self.stop("something stands behind a complete command"),
        }
        Ok(true)
    }

    /// A list of commands of at least one.
    pub(super) fn commands(&mut self) -> Parsed<Script> {
        let mut items = Vec::new();
        self.list(&mut items, false)?;
        if items.is_empty() {
            return self.stop("something stands where a command should");
        }
        Ok(Script { items })
    }

    /// Commands up to something that can only end their list, or up to the end of the line.
    pub(super) fn list(&mut self, items: &mut Vec<Item>, line: bool) -> Parsed<()> {
        loop {
            if line {
                if self.blanks() == b'#' {
                    self.comment();
                }
            } else {
                self.newlines()?;
            }
            if self.at_closer(line) {
                return Ok(());
            }
            if self.substitution && self.bodies.len() > self.floor {
                // Bash 5.2 writes `$(…)` down and reads that again, and loses a `;` behind a here-document: of
                // `x=$(a <<E` … `b; c; d)` it runs `b c`.
                return self.stop("a substitution goes on behind a here-document");
            }
            let node = self.and_or()?;
            let mut background = false;
            let more = match self.blanks() {
                b';' if matches!(self.second(), b';' | b'&') => false,
                b';' => {
                    self.eat(1);
                    true
                }
                b'&' => {
                    background = true;
                    self.eat(1);
                    true
                }
                b'#' => {
                    self.comment();
                    !line
                }
                b'\n' => !line,
                _ => false,
            };
            items.push(Item { node, background });
            if !more {
                return Ok(());
            }
        }
    }

    /// What comes next can only end a list.
    fn at_closer(&mut self, line: bool) -> bool {
        match self.cur() {
            0 | b')' => true,
            b'\n' => line,
            b';' => matches!(self.second(), b';' | b'&'),
            b'}' if self.braces => true,
            _ => self.reserved().is_some_and(|(keyword, _)| keyword.closes()),
        }
    }

    /// Pipelines joined by `&&` and `||`.
    fn and_or(&mut self) -> Parsed<Node> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let join = match self.blanks() {
                b'&' if self.second() == b'&' => Join::And,
                b'|' if self.second() == b'|' => Join::Or,
                _ => break,
            };
            self.eat(2);
            self.newlines()?;
            rest.push((join, self.pipeline()?));
        }
        if rest.is_empty() { Ok(first) } else { Ok(Node::AndOr(Box::new(first), rest)) }
    }

    /// Commands joined by `|` and `|&`, behind any number of `!` and `time`.
    fn pipeline(&mut self) -> Parsed<Node> {
        let (any, negated) = self.prefixes();
        if any && matches!(self.cur(), 0 | b'\n' | b';' | b'#') {
            // `!` and `time` may stand alone.
            return Ok(Node::Group(Script::default()));
        }
        let node = self.stages()?;
        // What is negated is told from what isn't by a list of no redirections.
        Ok(if negated { Node::Redirected(Box::new(node), Vec::new()) } else { node })
    }

    /// Commands joined by `|` and `|&`.
    fn stages(&mut self) -> Parsed<Node> {
        let first = self.command()?;
        if self.blanks() != b'|' || self.second() == b'|' {
            return Ok(first);
        }
        let mut nodes = vec![first];
        while self.blanks() == b'|' && self.second() != b'|' {
            self.eat(1);
            if self.cur() == b'&' {
                self.eat(1);
            }
            self.newlines()?;
            nodes.push(self.command()?);
        }
        Ok(Node::Pipeline(nodes))
    }

    /// Steps over `!` and `time`: whether there were any, and whether they negate.
    fn prefixes(&mut self) -> (bool, bool) {
        let mut any = false;
        let mut negated = false;
        loop {
            self.blanks();
            match self.reserved() {
                Some((Keyword::Bang, end)) => {
                    self.pos = end;
                    negated = !negated;
                }
                Some((Keyword::Time, end)) => {
                    self.pos = end;
                    self.time_option(b'p');
                    self.time_option(b'-');
                }
                _ => return (any, negated),
            }
            any = true;
        }
    }

    /// Steps over the `-p` or `--` of `time`.
    fn time_option(&mut self, letter: u8) {
        if self.blanks() == b'-' {
            let (byte, at) = self.peek_from(self.pos + 1);
            if byte == letter && super::lex::is_break(self.peek_from(at + 1).0) {
                self.pos = at + 1;
            }
        }
    }

    /// One command: simple, compound, a function or a coprocess.
    pub(super) fn command(&mut self) -> Parsed<Node> {
        self.deeper()?;
        let node = if self.blanks() == b'(' {
            self.compound(None)
        } else {
            match self.reserved() {
                None | Some((Keyword::Time, _)) => self.simple(),
                Some((Keyword::Function, end)) => {
                    self.pos = end;
                    self.function()
                }
                Some((Keyword::Coproc, end)) => {
                    self.pos = end;
                    self.coprocess()
                }
                Some(found) if found.0.compound() => self.compound(Some(found)),
                Some(_) => self.stop("a reserved word stands where a command should"),
            }
        }?;
        self.depth -= 1;
        Ok(node)
    }

    /// The commands of `$(…)`, `<(…)` and the like, behind the parenthesis that opened them.
    #[inline(never)]
    pub(super) fn substitution(&mut self) -> Parsed<Script> {
        self.deeper()?;
        let outer = self.enter(true, false);
        let mut items = Vec::new();
        self.list(&mut items, false)?;
        if self.cur() != b')' {
            return self.stop("a substitution is never closed");
        }
        if !self.pending.is_empty() {
            // Bash 5.2 reads the body behind the line that the substitution is in, others elsewhere.
            return self.stop("a here-document goes on behind the end of its substitution");
        }
        self.eat(1);
        self.leave(outer);
        self.depth -= 1;
        Ok(Script { items })
    }
}

/// The text of a word that is nothing but literal text.
pub(super) fn literal(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [Part::Literal(text)] => Some(text),
        _ => None,
    }
}
