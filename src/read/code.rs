//! Source code to actions: a linear look through the tokens for calls that a `[[call]]` table names. No grammar, no
//! types: it follows imports, simple assignments and literals, and takes everything else for unknown.

mod apply;
mod awk;
mod given;
mod loops;
mod names;
mod requests;
mod sed;
mod strings;
mod tokens;
mod value;

use super::action::{Kind, Origin};
use super::reader::{Reader, Scope};
use crate::read::shared::Shared;
use crate::rules::model::{CodeCall, Does, Language};
use std::collections::{HashMap, HashSet};
use tokens::{Lexeme, Token, tokens};
use value::Value;

/// The longest name of a call that is looked at: `a.b().c`. Longer ones lose their start.
const NAME: usize = 300;

impl Reader<'_> {
    /// Reads source code.
    pub(crate) fn code(&mut self, language: Language, text: &str, scope: &Scope) {
        match language {
            Language::Awk => self.awk(text, scope),
            Language::Sed => self.sed(text, scope),
            _ => {
                // Code is never proven harmless.
                self.push(Kind::Code(String::new()), &scope.origin);
                let read = tokens(language, text);
                if !self.pay(read.all.len() / 2) {
                    return;
                }
                let mut calls: HashMap<&str, Vec<&CodeCall>> = HashMap::new();
                let names = if language == Language::Mongo { Language::Javascript } else { language };
                for call in self.rules.calls(language).chain(self.rules.calls(names).filter(|_| names != language)) {
                    for name in &call.name {
                        let list = calls.entry(last_name(bare(name))).or_default();
                        if !list.last().is_some_and(|last| std::ptr::eq(*last, call)) {
                            list.push(call);
                        }
                    }
                }
                let mut code = Code {
                    reader: self,
                    scope: scope.clone(),
                    language,
                    text,
                    tokens: &read.all,
                    closers: closers(&read.all),
                    calls,
                    values: HashMap::new(),
                    names: HashMap::new(),
                    open_modules: Vec::new(),
                    touched: HashSet::new(),
                    depth: 0,
                    server: None,
                    set: HashMap::new(),
                };
                code.scan();
                for inner in read.nested {
                    self.read(language, inner, scope);
                }
            }
        }
    }
}

/// A text that is being looked through.
struct Code<'c, 'r, 't> {
    reader: &'c mut Reader<'r>,
    scope: Scope,
    language: Language,
    text: &'t str,
    tokens: &'c [Token<'t>],
    /// For every opening bracket, the closing one; 0 where there is none.
    closers: Vec<usize>,
    /// The tables, by the last part of their names.
    calls: HashMap<&'c str, Vec<&'c CodeCall>>,
    /// What variables are known to hold.
    values: HashMap<&'t str, Value>,
    /// What names stand for: `sh` for `shutil`, `s3` for `boto3.client`.
    names: HashMap<&'t str, String>,
    /// Modules whose names are all imported: `from os import *`.
    open_modules: Vec<String>,
    /// Effects on files that were found already.
    touched: HashSet<(Does, String, bool)>,
    /// Calls that call what they are given, one in another.
    depth: u8,
    /// The server that is named first; looked for once.
    server: Option<requests::Server>,
    /// The tokens that variables were set to.
    set: HashMap<&'t str, (usize, usize)>,
}

/// The callee of a bracket that is still open.
struct Frame {
    chain: String,
    open: usize,
}

impl<'t> Code<'_, '_, 't> {
    fn kind(&self, at: usize) -> Option<&Lexeme<'t>> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    fn is(&self, at: usize, mark: char) -> bool {
        matches!(self.kind(at), Some(Lexeme::Mark(found)) if *found == mark)
    }

    fn name(&self, at: usize) -> Option<&'t str> {
        match self.kind(at) {
            Some(Lexeme::Name(name)) => Some(name),
            _ => None,
        }
    }

    fn scan(&mut self) {
        let mut chain = String::new();
        // Where the arguments of the last finished call of the chain begin.
        let mut receiver: Option<usize> = None;
        // Where the chain begins, and where the expression does that it ends.
        let mut start = 0;
        let mut head = 0;
        // The bracket behind which a name was made: `getattr(os, "system")`, `c["exec"]`.
        let mut made = None;
        let mut frames: Vec<Frame> = Vec::new();
        for at in 0..self.tokens.len() {
            let before = at.checked_sub(1).and_then(|before| self.kind(before));
            match &self.tokens[at].kind {
                Lexeme::Name(name) => {
                    if matches!(before, Some(Lexeme::Dot)) {
                        if chain.is_empty() {
                            chain.push('?');
                            head = receiver.unwrap_or(start);
                        }
                        // The dictionary of an object holds its members.
                        if *name != "__dict__" {
                            chain.push('.');
                            chain.push_str(name);
                            shorten(&mut chain);
                        }
                        self.block(head, at);
                        self.settled(at);
                    } else if self.language == Language::Ruby && *name == "do" {
                        continue;
                    } else {
                        if self.loops(at) {
                            chain.clear();
                            continue;
                        }
                        chain = self.names.get(name).cloned().unwrap_or_else(|| (*name).to_owned());
                        receiver = None;
                        start = at;
                        head = at;
                        self.import(at);
                    }
                    self.call_without_brackets(&chain, start, at, receiver);
                }
                Lexeme::Dot => {}
                Lexeme::Mark('(') => {
                    let callee =
                        (matches!(before, Some(Lexeme::Name(_))) || made == Some(at)) && !self.is_definition(start);
                    if callee && !chain.is_empty() {
                        self.called(&chain, start, Some(at), receiver);
                    }
                    frames.push(Frame {
                        chain: if callee { std::mem::take(&mut chain) } else { String::new() },
                        open: at,
                    });
                    chain.clear();
                }
                Lexeme::Mark('[' | '{') => {
                    let index = matches!(before, Some(Lexeme::Name(_) | Lexeme::Mark(')' | ']'))) && self.is(at, '[');
                    self.comprehension(at);
                    frames.push(Frame {
                        chain: if index { std::mem::take(&mut chain) } else { String::new() },
                        open: at,
                    });
                    chain.clear();
                }
                Lexeme::Mark(')' | ']' | '}') => {
                    chain.clear();
                    if let Some(frame) = frames.pop() {
                        receiver = Some(frame.open);
                        chain = frame.chain;
                        if let Some(given) = self.given(&chain, frame.open, 0) {
                            chain = given;
                            made = Some(at + 1);
                        }
                    }
                }
                Lexeme::Mark('=') => {
                    self.assignment(at);
                    chain.clear();
                }
                Lexeme::Shell(parts) => {
                    let word = self.word_of(parts);
                    self.shell(&word, at, at);
                    chain.clear();
                }
                // A chain may go on in the next line: `db.users\n  .drop()`.
                Lexeme::Mark('|') if self.language == Language::Ruby => {
                    self.block(head, at);
                    chain.clear();
                }
                Lexeme::Line if matches!(self.kind(at + 1), Some(Lexeme::Dot)) => {}
                _ => chain.clear(),
            }
        }
    }

    /// `def system(…)`: not a call.
    fn is_definition(&self, start: usize) -> bool {
        start
            .checked_sub(1)
            .and_then(|before| self.name(before))
            .is_some_and(|word| matches!(word, "def" | "function" | "sub" | "fn" | "func" | "class"))
    }

    /// Ruby, Perl and PHP also call without brackets: `system "rm x"`, `User.delete_all`.
    fn call_without_brackets(&mut self, chain: &str, start: usize, at: usize, receiver: Option<usize>) {
        if self.language == Language::Javascript && self.is_template(at + 1) && !self.gap(at) {
            return self.called(&format!("{chain}`"), start, Some(at), receiver);
        }
        if !matches!(self.language, Language::Ruby | Language::Perl | Language::Php) || self.is_definition(start) {
            return;
        }
        match self.kind(at + 1) {
            Some(Lexeme::Mark('(') | Lexeme::Dot) => {}
            // `system => 1`, `exec = x`
            Some(Lexeme::Mark('=')) => {}
            Some(Lexeme::Text(_) | Lexeme::Words(_) | Lexeme::Name(_)) => self.called(chain, start, Some(at), receiver),
            Some(Lexeme::Mark('[')) if self.language == Language::Ruby && self.gap(at) => {
                self.called(chain, start, Some(at), receiver)
            }
            _ if self.language == Language::Ruby && chain.contains('.') => self.called(chain, start, None, receiver),
            _ => {}
        }
    }

    /// A string in backticks.
    fn is_template(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Lexeme::Text(_)))
            && self.tokens.get(at).is_some_and(|token| self.text.as_bytes().get(token.at) == Some(&b'`'))
    }

    /// White space behind a token.
    fn gap(&self, at: usize) -> bool {
        self.tokens.get(at + 1).is_some_and(|next| next.at > self.tokens[at].end)
    }

    /// A call: looks it up and does what its table says. The longest name that fits counts.
    fn called(&mut self, chain: &str, start: usize, open: Option<usize>, receiver: Option<usize>) {
        let variable = self.values.get(chain).filter(|_| chain.starts_with('$'));
        let name = match variable {
            Some(Value::Word(word)) => word.known().filter(|name| given::is_name(name)).map(str::to_owned),
            _ => None,
        };
        let chain = name.as_deref().unwrap_or(chain);
        let mut best: Vec<&CodeCall> = Vec::new();
        let mut length = 0;
        for key in [last_name(chain), "*"] {
            for call in self.calls.get(key).into_iter().flatten() {
                for name in call.name.iter().filter(|name| last_name(bare(name)) == key) {
                    // A name that begins with something counts for more than one that says how it ends.
                    let size = bare(name).len() + if name.starts_with('*') { 0 } else { NAME };
                    if size < length || !self.fits(bare(name), chain) {
                        continue;
                    }
                    let demand = demand(name);
                    if demand.is_some_and(|demand| !self.meets(demand, open)) || self.is_narrowed(call, chain, open) {
                        continue;
                    }
                    if size > length {
                        best.clear();
                        length = size;
                    }
                    if !best.iter().any(|best| std::ptr::eq(*best, *call)) {
                        best.push(call);
                    }
                }
            }
        }
        for call in best {
            self.apply(call, chain, start, open, receiver);
        }
    }

    fn fits(&self, name: &str, chain: &str) -> bool {
        if name.contains('*') {
            return crate::rules::glob::matches(name, chain);
        }
        if name == chain || name.contains('.') && chain.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')) {
            return true;
        }
        self.open_modules
            .iter()
            .any(|module| name.strip_prefix(module.as_str()).and_then(|rest| rest.strip_prefix('.')) == Some(chain))
    }

    /// The bracket that closes this one.
    fn closing(&self, open: usize) -> Option<usize> {
        self.closers.get(open).copied().filter(|close| *close > 0)
    }

    /// Where an action stands: the code between two tokens.
    fn origin(&self, from: usize, to: usize) -> Shared<Origin> {
        let start = self.tokens.get(from).map_or(0, |token| token.at);
        let end = self.tokens.get(to.min(self.tokens.len().saturating_sub(1))).map_or(start, |token| token.end);
        let code = self.text.get(start..end.max(start)).unwrap_or("");
        self.scope.origin.at(code.chars().take(160).collect::<String>())
    }
}

/// Which bracket closes which.
fn closers(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut all = vec![0; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Lexeme::Mark('(' | '[' | '{') => open.push(at),
            Lexeme::Mark(')' | ']' | '}') => {
                if let Some(begun) = open.pop() {
                    all[begun] = at;
                }
            }
            _ => {}
        }
    }
    all
}

/// The name in a table without what it demands of the arguments: `x.sync` of `x.sync(force: true)`.
fn bare(name: &str) -> &str {
    name.split('(').next().unwrap_or(name)
}

/// What a name in a table demands of the arguments.
fn demand(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once('(')?;
    Some(rest.strip_suffix(')').unwrap_or(rest))
}

/// The last part of a name, or `*` where that isn't fixed.
fn last_name(name: &str) -> &str {
    let last = name.rsplit('.').next().unwrap_or(name);
    if last.contains('*') { "*" } else { last }
}

/// Keeps names within bounds, by their ends.
fn shorten(chain: &mut String) {
    if chain.len() > NAME {
        let cut = chain.char_indices().map(|(at, _)| at).find(|at| chain.len() - at <= NAME / 2).unwrap_or(0);
        chain.replace_range(..cut, "?");
    }
}
