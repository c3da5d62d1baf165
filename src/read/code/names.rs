//! What names stand for: imports, aliases and simple assignments.

use super::tokens::Lexeme;
use super::{Code, shorten, value};
use crate::rules::model::Language;

impl<'t> Code<'_, '_, 't> {
    /// `import shutil as sh`, `from os import remove`, `import { rmSync } from 'fs'`, `use File::Path qw(rmtree)`.
    pub(super) fn import(&mut self, at: usize) {
        let Some(word) = self.name(at) else { return };
        match (self.language, word) {
            (Language::Python, "import")
                if at == 0 || !matches!(self.kind(at - 1), Some(Lexeme::Name(_) | Lexeme::Dot)) =>
            {
                let mut at = at + 1;
                while let Some((path, next)) = self.path(at) {
                    let alias = self.name(next).filter(|word| *word == "as").and_then(|_| self.name(next + 1));
                    let end = if alias.is_some() { next + 2 } else { next };
                    if let Some(alias) = alias {
                        self.names.insert(alias, path);
                    }
                    if !self.is(end, ',') {
                        break;
                    }
                    at = end + 1;
                }
            }
            (Language::Python, "from") => {
                let Some((path, next)) = self.path(at + 1) else { return };
                if self.name(next) == Some("import") {
                    self.import_names(&path, next + 1);
                }
            }
            (Language::Javascript | Language::Mongo, "import") => {
                let end = (at + 1..(at + 200).min(self.tokens.len()))
                    .find(|at| matches!(self.kind(*at), Some(Lexeme::Text(_))));
                let Some(end) = end.filter(|end| self.name(end - 1) == Some("from")) else { return };
                let Some(Lexeme::Text(parts)) = self.kind(end) else { return };
                if let Some(path) = value::literal(parts).map(module) {
                    self.import_pattern(&path, at + 1, end - 1);
                }
            }
            (Language::Perl, "use") => {
                let Some((path, next)) = self.path(at + 1) else { return };
                let listed = match self.kind(next) {
                    Some(Lexeme::Words(words)) => *words,
                    _ => "",
                };
                for name in listed.split_whitespace() {
                    self.names.insert(name, format!("{path}.{name}"));
                }
                self.open_modules.push(path);
            }
            (Language::Ruby, "include") => {
                if let Some((path, _)) = self.path(at + 1) {
                    self.open_modules.push(path);
                }
            }
            _ => {}
        }
    }

    /// Names behind `from x import`.
    pub(super) fn import_names(&mut self, path: &str, mut at: usize) {
        if self.is(at, '*') {
            self.open_modules.push(path.to_owned());
        }
        loop {
            match self.kind(at) {
                Some(Lexeme::Mark('(' | ',')) => at += 1,
                Some(Lexeme::Line)
                    if self.tokens.get(at + 1).is_some()
                        && !matches!(self.kind(at.wrapping_sub(1)), Some(Lexeme::Name(_))) =>
                {
                    at += 1
                }
                Some(Lexeme::Name(name)) => {
                    let alias = self.name(at + 1).filter(|word| *word == "as").and_then(|_| self.name(at + 2));
                    self.names.insert(alias.unwrap_or(name), format!("{path}.{name}"));
                    at += if alias.is_some() { 3 } else { 1 };
                }
                _ => return,
            }
        }
    }

    /// `fs`, `* as fs`, `{ rmSync, rm: remove, execSync as run }` between two tokens.
    pub(super) fn import_pattern(&mut self, path: &str, from: usize, to: usize) {
        let mut inside = false;
        let mut at = from;
        while at < to {
            match self.kind(at) {
                Some(Lexeme::Mark('{')) => inside = true,
                Some(Lexeme::Mark('}')) => inside = false,
                Some(Lexeme::Name(name)) if inside => {
                    let renamed = self.name(at + 1) == Some("as") || self.is(at + 1, ':');
                    let alias = if renamed { self.name(at + 2).unwrap_or(name) } else { name };
                    self.names
                        .insert(alias, if *name == "default" { path.to_owned() } else { format!("{path}.{name}") });
                    at += if renamed { 2 } else { 0 };
                }
                Some(Lexeme::Name(name)) if !matches!(*name, "as" | "type") => {
                    self.names.insert(name, path.to_owned());
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A name with its parts, and what comes behind it.
    pub(super) fn path(&self, at: usize) -> Option<(String, usize)> {
        let first = self.name(at)?;
        let mut path = self.names.get(first).cloned().unwrap_or_else(|| first.to_owned());
        let mut at = at + 1;
        while matches!(self.kind(at), Some(Lexeme::Dot)) {
            let Some(name) = self.name(at + 1) else { break };
            if name != "__dict__" {
                path.push('.');
                path.push_str(name);
            }
            at += 2;
        }
        shorten(&mut path);
        Some((path, at))
    }

    /// `x = …`: remembers what is known of x.
    pub(super) fn assignment(&mut self, at: usize) {
        let Some(before) = at.checked_sub(1) else { return };
        // `==`, `=>`, `<=`, `!=`, `+=`
        let compares = self.is(at + 1, '=') || self.is(at + 1, '>');
        match self.kind(before) {
            Some(Lexeme::Name(name)) if !compares => {
                let member = before.checked_sub(1).is_some_and(|at| matches!(self.kind(at), Some(Lexeme::Dot)));
                if member {
                    return self.set_member(before, at);
                }
                let name = *name;
                let (value, end) = self.value(at + 1, 0);
                self.set.insert(name, (at + 1, end));
                self.values.insert(name, value);
                self.names.remove(name);
                let from = if matches!(self.name(at + 1), Some("await" | "new")) { at + 2 } else { at + 1 };
                if let Some(path) = self.chain_from(from, 0) {
                    self.names.insert(name, path);
                }
            }
            // const { rmSync } = require('fs')
            Some(Lexeme::Mark('}')) if !compares && matches!(self.language, Language::Javascript | Language::Mongo) => {
                let from = (before.saturating_sub(100)..before).rev().find(|at| self.is(*at, '{'));
                let start = if self.name(at + 1) == Some("await") { at + 2 } else { at + 1 };
                if let (Some(from), Some(path)) = (from, self.chain_from(start, 0)) {
                    self.import_pattern(&path, from, before + 1);
                }
            }
            // `x += …`: no longer known.
            Some(Lexeme::Mark('+' | '.' | '-' | '|' | '<')) => {
                if let Some(name) = before.checked_sub(1).and_then(|at| self.name(at)) {
                    self.values.remove(name);
                }
            }
            _ => {}
        }
    }

    /// `request.body = …`: a call of `body=`.
    fn set_member(&mut self, member: usize, at: usize) {
        let root = member.checked_sub(2);
        let path = root.and_then(|root| self.names.get(self.name(root)?));
        if let (Some(root), Some(path), Some(name)) = (root, path, self.name(member)) {
            let chain = format!("{path}.{name}=");
            self.called(&chain, root, Some(at), None);
        }
    }

    /// The name of what is called or named here: `boto3.client` for `boto3.client("s3")`, `fs` for `require('fs')`.
    pub(super) fn chain_from(&self, at: usize, depth: u8) -> Option<String> {
        let (mut path, mut next) = self.path(at)?;
        let mut rounds = 0;
        while (self.is(next, '(') || self.is(next, '[')) && rounds < 16 {
            rounds += 1;
            if let Some(given) = self.given(&path, next, depth) {
                path = given;
            }
            next = self.closing(next)? + 1;
            while matches!(self.kind(next), Some(Lexeme::Dot)) {
                let name = self.name(next + 1)?;
                if name != "__dict__" {
                    path.push('.');
                    path.push_str(name);
                }
                next += 2;
            }
            shorten(&mut path);
        }
        Some(path)
    }
}

/// `node:fs/promises` is called `fs.promises` here.
pub(super) fn module(name: String) -> String {
    name.strip_prefix("node:").unwrap_or(&name).replace('/', ".")
}
