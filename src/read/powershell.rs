//! PowerShell and cmd.exe, looked at from afar: there is no reader for them yet. What names something destructive is
//! opaque; programs that rules know are read as command lines.

use super::action::Kind;
use super::reader::{Reader, Scope};
use super::word::Word;
use crate::rules::glob::matches;
use crate::rules::model::Does;
use std::rc::Rc;

impl Reader<'_> {
    /// Looks through a PowerShell or cmd.exe script.
    pub(crate) fn powershell(&mut self, text: &str, scope: &Scope) {
        let list = |kind: &str| {
            self.rules
                .verbs()
                .filter(|verb| verb.kind.as_str() == kind)
                .flat_map(|verb| &verb.words)
                .map(|word| word.as_str())
                .collect::<Vec<_>>()
        };
        let (destructive, harmless) = (list("powershell-destructive"), list("powershell-harmless"));
        // What isn't read is never proven harmless.
        self.push(Kind::Code(String::new()), &Rc::new(scope.origin.clone()));
        let mut suspect = false;
        for statement in statements(text) {
            let words = words(&statement);
            // `Get-Help Remove-Item`, `Write-Host …`: what follows is text.
            let speaks = words.first().is_some_and(|(word, _)| harmless.contains(&word.to_ascii_lowercase().as_str()));
            for (at, (word, quoted)) in words.iter().enumerate().skip(if speaks { words.len() } else { 0 }) {
                let word = word.trim_matches(['(', ')', '{', '}', '@', ',', '%', '&']).to_ascii_lowercase();
                // In quotes it is text, unless it is called: `& 'Remove-Item'`. Short aliases count only where a command stands.
                let called = at == 0
                    || matches!(words[at - 1].0.as_str(), "&" | "{" | "(" | "%" | "?" | "foreach-object" | "/c" | "/C");
                if *quoted && !called || !called && !word.contains(['-', '[', ':', '.']) && word.len() < 6 {
                    continue;
                }
                let stem = word.strip_suffix(".exe").unwrap_or(&word);
                let stem = if called { stem } else { word.as_str() };
                let found = |list: &[&str]| {
                    list.iter().any(|glob| {
                        matches(glob, stem)
                            || stem.contains("::") && stem.contains(glob.trim_matches('*')) && glob.contains("::")
                    })
                };
                suspect |= found(&destructive) && !found(&harmless);
                if let Some((_, method)) = stem.rsplit_once('.') {
                    let method = method.split('(').next().unwrap_or(method);
                    suspect |= destructive.iter().any(|glob| matches(glob, method)) && stem.contains('(')
                        || matches!(method, "downloadstring" | "downloadfile");
                }
            }
            let called: Vec<Word> =
                words.iter().skip_while(|(word, _)| word == "&").map(|(word, _)| Word::text(word.as_str())).collect();
            for pair in words.windows(2).filter(|pair| !pair[0].1 && matches!(pair[0].0.as_str(), ">" | ">>")) {
                let does = if pair[0].0 == ">" { Does::Write } else { Does::Append };
                let origin = scope.origin.showing(statement.trim());
                self.file(does, &Word::text(pair[1].0.as_str()), false, &origin, scope.cwd.as_deref());
            }
            let known = called
                .first()
                .and_then(Word::known)
                .map(|name| self.rules.program(&super::parts::program_name(name).0));
            if known.is_some_and(|known| !known.is_empty()) {
                self.argv(called, scope);
            }
        }
        if suspect && !text.to_ascii_lowercase().contains("-whatif") {
            self.opaque("powershell", text, scope);
        }
    }

    /// Looks through a GraphQL document for mutations that destroy.
    pub(crate) fn graphql(&mut self, text: &str, scope: &Scope) {
        let bare = text.trim_start();
        if !bare.contains("mutation") {
            return;
        }
        let verbs: Vec<_> = self.rules.verbs().collect();
        let mut depth = 0_usize;
        let mut arguments = 0_usize;
        let mut rest = bare;
        while let Some(c) = rest.chars().next() {
            let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            let (token, after) = rest.split_at(if length > 0 { length } else { c.len_utf8() });
            match c {
                '{' if arguments == 0 => depth += 1,
                '}' if arguments == 0 => depth = depth.saturating_sub(1),
                '(' => arguments += 1,
                ')' => arguments = arguments.saturating_sub(1),
                _ if length > 0
                    && depth == 1
                    && arguments == 0
                    && super::mcp::kinds(token, &verbs).iter().any(|kind| kind == "destroy") =>
                {
                    let mut origin = scope.origin.clone();
                    origin.shown = format!("mutation {token}");
                    self.push(super::action::Kind::Code("graphql-mutation-destroy".to_owned()), &origin);
                }
                _ => {}
            }
            rest = after;
        }
    }

    /// Reads a Redis command as `redis-cli` would.
    pub(crate) fn redis(&mut self, text: &str, scope: &Scope) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let mut command = vec![Word::text("redis-cli")];
            command.extend(words(line).into_iter().map(|(word, _)| Word::text(word)));
            self.argv(command, scope);
        }
    }
}

/// A script cut at line ends, `;`, `|` and `&` outside of quotes. A `&` that calls (`& 'x'`) stays with what it calls.
fn statements(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let begun = out.last().is_some_and(|last| !last.trim().is_empty());
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '\n' | ';' | '|') => {
                out.push(String::new());
                continue;
            }
            (None, '&') if begun => {
                out.push(String::new());
                continue;
            }
            (None, '#') if !begun => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
                continue;
            }
            _ => {}
        }
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out
}

/// Words, and whether they were quoted. Brackets that begin a block are words of their own.
fn words(statement: &str) -> Vec<(String, bool)> {
    let mut out: Vec<(String, bool)> = Vec::new();
    let mut word = String::new();
    let (mut quote, mut quoted) = (None, false);
    for c in statement.chars().chain(Some(' ')) {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                quoted = true;
            }
            // The back tick escapes: R`emove-Item.
            (None, '`' | '^') => {}
            (None, _) if c.is_whitespace() => {
                if !word.is_empty() || quoted {
                    out.push((std::mem::take(&mut word), quoted));
                }
                quoted = false;
            }
            (None, '{' | '(') if word.is_empty() => out.push((c.to_string(), false)),
            (None, _) => word.push(c),
        }
    }
    out
}
