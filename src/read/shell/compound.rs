//! Compound commands, functions and coprocesses.
//!
//! They are not inlined: the stack that nesting takes is that of what is nested, not of all kinds at once.

use super::ast::{Node, Script, Word};
use super::lex::{Keyword, Parsed, Parser, is_break};
use super::parse::literal;

impl Parser<'_> {
    /// A compound command whose first token is next (a parenthesis, or the given reserved word), and its
    /// redirections.
    pub(super) fn compound(&mut self, keyword: Option<(Keyword, usize)>) -> Parsed<Node> {
        if let Some((_, end)) = keyword {
            self.pos = end;
        }
        let node = match keyword.map(|(keyword, _)| keyword) {
            None => self.parenthesis(),
            Some(Keyword::If) => self.conditional(),
            Some(Keyword::While | Keyword::Until) => self.while_loop(),
            Some(Keyword::For) => self.for_loop(true),
            Some(Keyword::Select) => self.for_loop(false),
            Some(Keyword::Case) => self.case(),
            Some(Keyword::OpenCondition) => self.condition(),
            Some(_) => self.group(),
        }?;
        let mut redirects = Vec::new();
        loop {
            let byte = self.blanks();
            if !self.redirect_ahead() {
                if redirects.is_empty() {
                    return Ok(node);
                }
                // Bash knows no reserved words behind a redirection: `{ x; } >f }` is an error.
                if !is_break(byte) && byte != b'#' {
                    return self.stop("a word stands behind a compound command");
                }
                return Ok(Node::Redirected(Box::new(node), redirects));
            }
            redirects.push(self.redirect()?);
        }
    }

    /// `( … )` or `(( … ))`, whose first parenthesis is next.
    #[inline(never)]
    fn parenthesis(&mut self) -> Parsed<Node> {
        let start = self.pos;
        let expected = self.paren.take().filter(|&(open, _)| open == start);
        if self.second() == b'(' {
            let (_, at) = self.peek_from(self.pos + 1);
            let (end, arithmetic) = self.matching_paren(at + 1)?;
            if arithmetic {
                self.pos = at + 1;
                return Ok(Node::Arithmetic(self.double_paren_body(end)?));
            }
            self.paren = Some((at, end));
        }
        self.eat(1);
        let bodies = self.bodies.len();
        let script = self.commands()?;
        self.close_paren()?;
        // Having seen that `((` is no arithmetic, bash reads the inner commands a second time, and here-documents
        // then begin behind them.
        if expected.is_some_and(|(_, end)| end + 1 != self.pos || bodies != self.bodies.len()) {
            return self.stop("it is unclear whether this is arithmetic");
        }
        Ok(Node::Subshell(script))
    }

    /// The expression behind `((`, which closes at `end`.
    fn double_paren_body(&mut self, end: usize) -> Parsed<Word> {
        let word = self.expression(b'(', b')')?;
        if self.pos != end + 1 {
            return self.stop("it is unclear whether this is arithmetic");
        }
        self.pos = end + 2;
        Ok(word)
    }

    fn close_paren(&mut self) -> Parsed<()> {
        if self.blanks() != b')' {
            return self.stop("a `(` is never closed");
        }
        self.eat(1);
        Ok(())
    }

    /// `{ …; }`, behind the brace.
    #[inline(never)]
    fn group(&mut self) -> Parsed<Node> {
        let script = self.commands()?;
        self.expect(Keyword::CloseBrace, "a `{` is never closed")?;
        Ok(Node::Group(script))
    }

    /// `if`, behind it.
    #[inline(never)]
    fn conditional(&mut self) -> Parsed<Node> {
        let mut branches = Vec::new();
        loop {
            let condition = self.commands()?;
            self.expect(Keyword::Then, "an `if` has no `then`")?;
            branches.push((condition, self.commands()?));
            match self.reserved() {
                Some((Keyword::Elif, end)) => self.pos = end,
                Some((Keyword::Else, end)) => {
                    self.pos = end;
                    let otherwise = self.commands()?;
                    self.expect(Keyword::Fi, "an `if` has no `fi`")?;
                    return Ok(Node::If(branches, Some(otherwise)));
                }
                _ => {
                    self.expect(Keyword::Fi, "an `if` has no `fi`")?;
                    return Ok(Node::If(branches, None));
                }
            }
        }
    }

    /// `while` or `until`, behind it.
    #[inline(never)]
    fn while_loop(&mut self) -> Parsed<Node> {
        let condition = self.commands()?;
        Ok(Node::While(condition, self.do_done()?))
    }

    /// `do … done`.
    fn do_done(&mut self) -> Parsed<Script> {
        self.expect(Keyword::Do, "a loop has no `do`")?;
        let body = self.commands()?;
        self.expect(Keyword::Done, "a loop has no `done`")?;
        Ok(body)
    }

    /// `do … done` or `{ … }`, behind a `for`.
    fn for_body(&mut self) -> Parsed<Script> {
        self.blanks();
        if let Some((Keyword::OpenBrace, end)) = self.reserved() {
            self.pos = end;
            let body = self.commands()?;
            self.expect(Keyword::CloseBrace, "a `{` is never closed")?;
            return Ok(body);
        }
        self.do_done()
    }

    /// `for` and `select`, behind it.
    #[inline(never)]
    fn for_loop(&mut self, arithmetic: bool) -> Parsed<Node> {
        if arithmetic && self.blanks() == b'(' && self.second() == b'(' {
            let (_, at) = self.peek_from(self.pos + 1);
            let (end, closed) = self.matching_paren(at + 1)?;
            if !closed {
                return self.stop("a `for ((` is never closed");
            }
            self.pos = at + 1;
            let word = self.double_paren_body(end)?;
            if self.blanks() == b';' {
                self.eat(1);
            }
            self.newlines()?;
            return Ok(Node::ArithmeticFor(word, self.for_body()?));
        }
        let word = self.name_word()?;
        let mut words = None;
        match self.newlines()? {
            b';' => {
                self.eat(1);
                self.newlines()?;
            }
            _ => {
                if let Some((Keyword::In, end)) = self.reserved() {
                    self.pos = end;
                    words = Some(self.for_words()?);
                }
            }
        }
        Ok(Node::For(word, words, self.for_body()?))
    }

    /// The words of `for name in …` and what ends them.
    fn for_words(&mut self) -> Parsed<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            match self.blanks() {
                b';' => self.eat(1),
                b'\n' | b'#' => {}
                byte if is_break(byte) && !self.process_ahead() => {
                    return self.stop("something stands among the words of a loop");
                }
                _ => {
                    words.push(self.word(false)?);
                    continue;
                }
            }
            self.newlines()?;
            return Ok(words);
        }
    }

    /// A word that names something, as it is written.
    fn name_word(&mut self) -> Parsed<String> {
        if is_break(self.blanks()) || self.cur() == b'#' {
            return self.stop("a name is missing");
        }
        let start = self.pos;
        let word = self.word(false)?;
        if let Some(text) = literal(&word) {
            return Ok(text.to_owned());
        }
        // Bash refuses other names when it comes to them, having expanded nothing.
        Ok(self.slice(start, self.pos).replace("\\\n", ""))
    }

    /// `case`, behind it.
    #[inline(never)]
    fn case(&mut self) -> Parsed<Node> {
        let byte = self.blanks();
        if (is_break(byte) && !self.process_ahead()) || byte == b'#' {
            return self.stop("a `case` has no word");
        }
        let subject = self.word(false)?;
        self.newlines()?;
        self.expect(Keyword::In, "a `case` has no `in`")?;
        let mut clauses = Vec::new();
        loop {
            self.newlines()?;
            if let Some((Keyword::Esac, end)) = self.reserved() {
                self.pos = end;
                return Ok(Node::Case(subject, clauses));
            }
            let patterns = self.patterns()?;
            let mut items = Vec::new();
            self.list(&mut items, false)?;
            clauses.push((patterns, Script { items }));
            if self.cur() != b';' {
                self.expect(Keyword::Esac, "a `case` has no `esac`")?;
                return Ok(Node::Case(subject, clauses));
            }
            // `;;`, `;&` or `;;&`: the list stopped at two of these.
            let ends = self.second();
            self.eat(2);
            if ends == b';' && self.cur() == b'&' {
                self.eat(1);
            }
        }
    }

    /// The patterns of a clause and the parenthesis behind them.
    fn patterns(&mut self) -> Parsed<Vec<Word>> {
        if self.cur() == b'(' {
            self.eat(1);
        }
        let mut patterns = Vec::new();
        loop {
            let byte = self.blanks();
            if (is_break(byte) && !self.process_ahead()) || byte == b'#' {
                return self.stop("a pattern is missing");
            }
            patterns.push(self.word(false)?);
            match self.blanks() {
                b'|' => self.eat(1),
                b')' => {
                    self.eat(1);
                    return Ok(patterns);
                }
                _ => return self.stop("a pattern is never closed"),
            }
        }
    }

    /// `[[ … ]]`, behind the brackets.
    #[inline(never)]
    fn condition(&mut self) -> Parsed<Node> {
        let mut words = Vec::new();
        let mut open = 0_usize;
        let mut regex = false;
        loop {
            let byte = if regex { self.blanks() } else { self.newlines()? };
            match byte {
                _ if regex => {}
                b'(' => {
                    open += 1;
                    self.eat(1);
                    continue;
                }
                b')' if open > 0 => {
                    open -= 1;
                    self.eat(1);
                    continue;
                }
                b'&' | b'|' if self.second() == byte => {
                    self.eat(2);
                    continue;
                }
                b'<' | b'>' if self.second() != b'(' => {
                    self.eat(1);
                    continue;
                }
                _ => {}
            }
            if (is_break(byte) && !self.process_ahead() && !(regex && matches!(byte, b'(' | b'|'))) || byte == b'#' {
                return self.stop("a `[[` is never closed");
            }
            let word = self.word(regex)?;
            match literal(&word) {
                Some("]]") if open == 0 && !regex => return Ok(Node::Condition(words)),
                Some("]]") => return self.stop("something is missing in front of a `]]`"),
                text => regex = text == Some("=~"),
            }
            words.push(word);
        }
    }

    /// `function`, behind it.
    #[inline(never)]
    pub(super) fn function(&mut self) -> Parsed<Node> {
        let name = self.name_word()?;
        if self.blanks() == b'(' {
            let (mut byte, mut at) = self.peek_from(self.pos + 1);
            while matches!(byte, b' ' | b'\t') {
                (byte, at) = self.peek_from(at + 1);
            }
            if byte == b')' {
                self.pos = at + 1;
            }
        }
        self.function_body(name)
    }

    /// What a function runs.
    #[inline(never)]
    pub(super) fn function_body(&mut self, name: String) -> Parsed<Node> {
        self.deeper()?;
        let found = if self.newlines()? == b'(' { None } else { self.reserved() };
        if self.cur() != b'(' && !found.is_some_and(|(keyword, _)| keyword.compound()) {
            return self.stop("a function has no body");
        }
        let body = self.compound(found)?;
        self.depth -= 1;
        Ok(Node::Function(name, std::rc::Rc::new(body)))
    }

    /// `coproc`, behind it.
    #[inline(never)]
    pub(super) fn coprocess(&mut self) -> Parsed<Node> {
        self.blanks();
        // `coproc name {`: a name is one only in front of a compound command.
        let mut at = self.pos;
        let (mut byte, mut here) = self.peek_from(at);
        while super::lex::is_name(byte) || matches!(byte, b'.' | b'-' | b'/' | b':' | b'+' | b'@' | b'%' | b',') {
            at = here + 1;
            (byte, here) = self.peek_from(at);
        }
        let named = at > self.pos && matches!(byte, b' ' | b'\t' | b'(');
        while matches!(byte, b' ' | b'\t') {
            (byte, here) = self.peek_from(here + 1);
        }
        let start = std::mem::replace(&mut self.pos, here);
        let behind = self.reserved();
        self.pos = start;
        let first = self.reserved();
        let node = if self.cur() == b'(' {
            self.compound(None)
        } else if let Some(found) = first.filter(|(keyword, _)| *keyword != Keyword::Time) {
            if !found.0.compound() {
                return self.stop("a reserved word stands where a command should");
            }
            self.compound(Some(found))
        } else if named && (byte == b'(' || behind.is_some_and(|(keyword, _)| keyword.compound())) {
            self.pos = here;
            self.compound(behind.filter(|_| byte != b'('))
        } else if named && behind.is_some_and(|(keyword, _)| keyword != Keyword::Time) {
            return self.stop("a reserved word stands behind a coprocess");
        } else {
            self.simple()
        }?;
        Ok(Node::Coprocess(Box::new(node)))
    }
}
