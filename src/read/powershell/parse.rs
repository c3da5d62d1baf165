//! Statements.

use super::ast::{Block, Expr, Script, Stage, Statement};
use super::lex::{Fault, Parsed, Parser, is_name};
use std::rc::Rc;

/// Parses a script. With a fault, what stood before it.
pub(super) fn parse(text: &str) -> (Script, Option<Fault>) {
    let mut parser = Parser::new(text);
    let mut script = Script::default();
    let begun = parser.begin();
    let fault = match begun {
        Ok(()) => loop {
            match parser.next_statement(0) {
                Ok(Some(statement)) => script.statements.push(statement),
                Ok(None) => break None,
                Err(fault) => break Some(fault),
            }
        },
        Err(fault) => Some(fault),
    };
    (script, fault)
}

/// What else may begin a statement than a pipeline, and no block stands behind it.
const LEAVES: [&str; 5] = ["return", "throw", "exit", "break", "continue"];

impl Parser<'_> {
    /// Parameters of a script, which nobody gives here.
    fn begin(&mut self) -> Parsed<()> {
        self.eat("\u{feff}");
        if self.starts("#!") {
            self.blanks();
        }
        self.lines();
        self.parameters().map(|_| ())
    }

    /// Statements up to a closing bracket, which is stepped over.
    pub(super) fn script(&mut self, close: u8) -> Parsed<Script> {
        let mut script = Script::default();
        while let Some(statement) = self.next_statement(close)? {
            script.statements.push(statement);
        }
        Ok(script)
    }

    fn next_statement(&mut self, close: u8) -> Parsed<Option<Statement>> {
        while matches!(self.lines(), b';') {
            self.pos += 1;
        }
        if self.cur() == 0 && self.ended() {
            return if close == 0 { Ok(None) } else { Err(Fault) };
        }
        if close != 0 && self.cur() == close {
            self.pos += 1;
            return Ok(None);
        }
        let statement = self.statement()?;
        match self.blanks() {
            b';' | b'\n' | b'\r' => {}
            0 if self.ended() => {}
            byte if close != 0 && byte == close => {}
            // Behind a block, the next statement may stand on the same line.
            _ if self.byte(self.pos.saturating_sub(1)) == b'}' || self.inside => {}
            _ if self.slice(0, self.pos).trim_end().ends_with(['}', '&']) => {}
            _ => return Err(Fault),
        }
        Ok(Some(statement))
    }

    /// A statement.
    pub(super) fn statement(&mut self) -> Parsed<Statement> {
        self.deeper(|parser| {
            let start = parser.pos;
            // A label.
            if parser.cur() == b':' && is_name(parser.byte(start + 1)) {
                parser.pos += 1;
                parser.name();
                parser.lines();
            }
            match parser.keyword_statement()? {
                Some(statement) => Ok(statement),
                None => parser.chain(),
            }
        })
    }

    /// A statement that begins with a keyword, if one is next.
    pub(super) fn keyword_statement(&mut self) -> Parsed<Option<Statement>> {
        let at = self.pos;
        if self.cur().is_ascii_alphabetic() {
            let word = self.name();
            if !matches!(self.cur(), b'-' | b'.' | b'\\' | b'/' | b':' | b'=' | b'"' | b'\'' | b'$' | b'`')
                && let Some(statement) = self.keyword(&word)?
            {
                return Ok(Some(statement));
            }
            self.pos = at;
        }
        Ok(None)
    }

    fn keyword(&mut self, word: &str) -> Parsed<Option<Statement>> {
        Ok(Some(match word {
            "if" => self.condition()?,
            "foreach" => self.for_each()?,
            "for" => self.for_loop()?,
            "while" => {
                let head = self.head()?;
                Statement::Loop { each: None, heads: vec![head], body: self.block()? }
            }
            "do" => {
                let body = self.block()?;
                self.lines();
                if !matches!(self.name().as_str(), "while" | "until") {
                    return Err(Fault);
                }
                let head = self.head()?;
                Statement::Loop { each: None, heads: vec![head], body }
            }
            "switch" => self.switch()?,
            "try" => self.attempt()?,
            "trap" => {
                if self.lines() == b'[' {
                    self.skip_attribute()?;
                }
                let blocks = vec![self.block()?];
                Statement::Branches { head: None, blocks, conditions: Vec::new(), all: false }
            }
            "begin" | "process" | "end" | "clean" | "dynamicparam" if self.lines_to(b'{') => {
                Statement::Branches { head: None, blocks: vec![self.block()?], conditions: Vec::new(), all: true }
            }
            "function" | "filter" | "workflow" => self.function()?,
            "param" if self.lines_to(b'(') => return Err(Fault),
            "using" => {
                self.blanks();
                if self.name() != "namespace" {
                    return Err(Fault);
                }
                let rest = self.slice(self.pos, self.text.len());
                self.pos += rest.find(['\n', ';']).unwrap_or(rest.len());
                Statement::Empty
            }
            "class" | "enum" | "configuration" if is_name(self.blanks()) => return Err(Fault),
            word if LEAVES.contains(&word) => {
                let ends = matches!(self.blanks(), b';' | b'\n' | b'\r' | b'}' | b')') || self.ended();
                Statement::Leave(if ends { None } else { Some(Box::new(self.statement()?)) })
            }
            _ => return Ok(None),
        }))
    }

    fn lines_to(&mut self, byte: u8) -> bool {
        let start = self.pos;
        let there = self.lines() == byte;
        if !there {
            self.pos = start;
        }
        there
    }

    /// `( … )` behind a keyword.
    fn head(&mut self) -> Parsed<Statement> {
        if self.lines() != b'(' {
            return Err(Fault);
        }
        let head = self.parentheses()?;
        Ok(Statement::Pipeline(vec![Stage::Value(head, Vec::new())]))
    }

    fn condition(&mut self) -> Parsed<Statement> {
        let mut arms = vec![(self.head()?, self.block()?)];
        loop {
            let start = self.pos;
            self.lines();
            if self.word_ahead("elseif") {
                self.pos += "elseif".len();
                arms.push((self.head()?, self.block()?));
            } else if self.word_ahead("else") {
                self.pos += "else".len();
                return Ok(Statement::If(arms, Some(self.block()?)));
            } else {
                self.pos = start;
                return Ok(Statement::If(arms, None));
            }
        }
    }

    fn for_each(&mut self) -> Parsed<Statement> {
        self.blanks();
        if self.cur() == b'-' {
            // `-Parallel`
            self.pos += 1;
            self.name();
        }
        self.close(b'(')?;
        if self.lines() != b'$' {
            return Err(Fault);
        }
        let Expr::Variable(name) = self.dollar()? else { return Err(Fault) };
        self.lines();
        if !self.word_ahead("in") {
            return Err(Fault);
        }
        self.pos += 2;
        let values = self.deeper(|parser| {
            parser.inside = true;
            parser.blanks();
            parser.statement()
        })?;
        self.close(b')')?;
        Ok(Statement::Loop { each: Some((name, Box::new(values))), heads: Vec::new(), body: self.block()? })
    }

    fn for_loop(&mut self) -> Parsed<Statement> {
        self.lines();
        self.close(b'(')?;
        let mut heads = Vec::new();
        loop {
            match self.lines() {
                b';' => self.pos += 1,
                b')' => break,
                _ => heads.push(self.statement()?),
            }
        }
        self.pos += 1;
        Ok(Statement::Loop { each: None, heads, body: self.block()? })
    }

    fn switch(&mut self) -> Parsed<Statement> {
        while self.lines() == b'-' {
            self.pos += 1;
            let option = self.name();
            if option == "file" {
                return Err(Fault);
            }
        }
        let head = Some(Box::new(self.head()?));
        self.close(b'{')?;
        let (mut blocks, mut conditions) = (Vec::new(), Vec::new());
        self.deeper(|parser| {
            parser.inside = false;
            loop {
                match parser.lines() {
                    b'}' => break,
                    b';' => {
                        parser.pos += 1;
                        continue;
                    }
                    _ => {}
                }
                conditions.push(parser.argument()?);
                blocks.push(parser.block()?);
            }
            parser.pos += 1;
            Ok(())
        })?;
        Ok(Statement::Branches { head, blocks, conditions, all: false })
    }

    fn attempt(&mut self) -> Parsed<Statement> {
        let mut blocks = vec![self.block()?];
        loop {
            let start = self.pos;
            self.lines();
            if self.word_ahead("catch") {
                self.pos += "catch".len();
                while matches!(self.lines(), b'[' | b',') {
                    if self.cur() == b',' {
                        self.pos += 1;
                    } else {
                        self.skip_attribute()?;
                    }
                }
                blocks.push(self.block()?);
            } else if self.word_ahead("finally") {
                self.pos += "finally".len();
                blocks.push(self.block()?);
            } else {
                self.pos = start;
                break;
            }
        }
        Ok(Statement::Branches { head: None, blocks, conditions: Vec::new(), all: true })
    }

    fn function(&mut self) -> Parsed<Statement> {
        self.lines();
        let start = self.pos;
        while !matches!(self.cur(), b'(' | b'{' | b' ' | b'\t' | b'\r' | b'\n') && !self.ended() {
            self.take();
        }
        let name = self.slice(start, self.pos).to_lowercase();
        let name = name.rsplit(':').next().unwrap_or_default().to_owned();
        let mut given = Vec::new();
        if self.lines() == b'(' {
            given = self.parameter_list()?;
        }
        let block = self.block()?;
        if given.is_empty() {
            return Ok(Statement::Function(name, block));
        }
        let Ok(Block { body, text, .. }) = Rc::try_unwrap(block) else { return Err(Fault) };
        Ok(Statement::Function(name, Rc::new(Block { parameters: given, body, text })))
    }

    /// `[attributes] param( … )`, if that is next.
    pub(super) fn parameters(&mut self) -> Parsed<Vec<(String, Option<Expr>)>> {
        let start = self.pos;
        while self.lines() == b'[' && self.attribute_ahead() {
            self.skip_attribute()?;
        }
        if !self.word_ahead("param") {
            self.pos = start;
            return Ok(Vec::new());
        }
        self.pos += "param".len();
        if self.lines() != b'(' {
            self.pos = start;
            return Ok(Vec::new());
        }
        self.parameter_list()
    }

    /// `[CmdletBinding()]`, and no cast or type.
    fn attribute_ahead(&self) -> bool {
        let rest = self.slice(self.pos + 1, self.text.len());
        let name = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        name.is_some_and(|at| rest[at..].starts_with('('))
    }

    /// Steps over `[ … ]`. What stands in braces there is code.
    fn skip_attribute(&mut self) -> Parsed<()> {
        let mut open = 0_usize;
        loop {
            match self.cur() {
                0 | b'{' => return Err(Fault),
                b'\'' => _ = self.single_quoted()?,
                b'"' => _ = self.double_quoted()?,
                byte => {
                    open += usize::from(byte == b'[');
                    self.take().ok_or(Fault)?;
                    if byte == b']' {
                        open -= 1;
                        if open == 0 {
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    /// `([string] $a, $b = 1)`, whose parenthesis is next.
    fn parameter_list(&mut self) -> Parsed<Vec<(String, Option<Expr>)>> {
        self.pos += 1;
        self.deeper(|parser| {
            parser.inside = true;
            let mut parameters = Vec::new();
            loop {
                match parser.blanks() {
                    b')' => break,
                    b',' => parser.pos += 1,
                    b'[' => parser.skip_attribute()?,
                    b'$' => {
                        let Expr::Variable(name) = parser.dollar()? else { return Err(Fault) };
                        let mut usual = None;
                        if parser.blanks() == b'=' {
                            parser.pos += 1;
                            usual = Some(parser.expression(false)?);
                        }
                        parameters.push((name, usual));
                    }
                    _ => return Err(Fault),
                }
            }
            parser.pos += 1;
            Ok(parameters)
        })
    }
}
