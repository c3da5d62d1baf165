//! cmd.exe: command lines and batch files.

mod tokens;

use super::argv::Invocation;
use super::powershell::{HOLE, word};
use super::reader::{DEPTH, Reader, Scope, Stdin};
use super::word::{Piece, Word};
use crate::context::Place;
use crate::read::action::{FileAction, Kind, Source};
use crate::rules::index::Known;
use crate::rules::model::{Does, Language};
use std::rc::Rc;
use tokens::{Token, command_length, group_length, parted, tokens};

/// What stands in front of the names of commands of cmd.exe itself in packs.
const OWN: &str = "cmd:";
/// The most items that a loop is followed through.
const ROUNDS: usize = 12;

/// Where loops and variables stand.
type Letters = Vec<(String, Word)>;

/// A line that begins with a quote, without that and without the last one.
fn without_outer_quotes(text: &str) -> Option<String> {
    let rest = text.trim_start().strip_prefix('"').filter(|rest| !rest.contains('\n'))?;
    let (quoted, behind) = rest.rsplit_once('"')?;
    Some(format!("{quoted}{behind}"))
}

impl Reader<'_> {
    /// Reads lines of cmd.exe. `cmd /c "rd /s /q x"` can be that command, or a program of this name with blanks in it: that
    /// depends on `/s` and on whether there is one.
    pub(crate) fn cmd(&mut self, text: &str, scope: &Scope) {
        self.cmd_text(text, scope);
        if let Some(bare) = without_outer_quotes(text) {
            self.cmd_text(&bare, scope);
        }
    }

    fn cmd_text(&mut self, text: &str, scope: &Scope) {
        let child = self.shell.child(scope.cwd.clone(), Vec::new());
        let before = std::mem::replace(&mut self.shell, child);
        // A parenthesis holds lines together: the text is one stream of words.
        let tokens = tokens(text);
        if !self.pay(tokens.len() * 4) {
            self.opaque("limit", text, scope);
        } else if tokens.iter().all(|token| token.sign) {
            self.nothing("nothing", scope);
        } else {
            self.cmd_lines(&tokens, &Letters::new(), scope);
        }
        self.shell = before;
    }

    /// Commands with operators in between.
    fn cmd_lines(&mut self, tokens: &[Token], letters: &Letters, scope: &Scope) {
        let mut scope = scope.clone();
        scope.depth += 1;
        if scope.depth > DEPTH || !self.pay(8 + tokens.len()) {
            return self.opaque("limit", "cmd", &scope);
        }
        let mut at = 0;
        let mut piped = false;
        while at < tokens.len() && self.fuel > 0 {
            let rest = &tokens[at..];
            let length = command_length(rest);
            let mut inner = scope.clone();
            if piped {
                inner.origin.fed = Some(self.shell.output.take().map(|output| output.program).unwrap_or_default());
                inner.stdin = Stdin::Unknown.into();
                let said = tokens[..at].split(|token| token.sign).rev().find(|words| !words.is_empty());
                let answers = said.is_some_and(|words| {
                    words.iter().skip(1).all(|word| matches!(word.text.to_ascii_lowercase().as_str(), "y" | "yes"))
                        && words.len() > 1
                });
                inner.origin.confirmed |=
                    answers && said.is_some_and(|words| words[0].text.eq_ignore_ascii_case("echo"));
            }
            self.cmd_command(&rest[..length], letters, &inner);
            at += length;
            piped = tokens.get(at).is_some_and(|token| token.text == "|");
            at += 1;
        }
    }

    fn cmd_command(&mut self, tokens: &[Token], letters: &Letters, scope: &Scope) {
        let silent = tokens.iter().take_while(|token| !token.sign && token.text == "@").count();
        let tokens = &tokens[silent..];
        let Some(first) = tokens.first() else { return };
        if first.sign && first.text == "(" {
            let end = group_length(tokens);
            self.cmd_lines(&tokens[1..end.saturating_sub(1).max(1)], letters, scope);
            let behind = tokens.get(end..).unwrap_or_default();
            // `if x (a) else b`
            if let Some((_, rest)) = behind.split_first().filter(|(first, _)| first.text.eq_ignore_ascii_case("else")) {
                return self.cmd_lines(rest, letters, scope);
            }
            let (_, redirects) = parted(behind);
            return self.cmd_redirects(&redirects, letters, scope);
        }
        let name = first.text.trim_start_matches('@').to_ascii_lowercase();
        match name.as_str() {
            "if" => self.cmd_if(&tokens[1..], letters, scope),
            "for" => self.cmd_for(&tokens[1..], letters, scope),
            "call" if tokens.get(1).is_some_and(|next| !next.text.starts_with(':')) => {
                self.cmd_lines(&tokens[1..], letters, scope);
            }
            "rem" => self.nothing("rem", scope),
            name if name.starts_with(':') || name == "goto" || name == "call" => self.nothing("label", scope),
            _ => self.cmd_simple(tokens, letters, scope),
        }
    }

    /// `if [/i] [not] … command [else command]`
    fn cmd_if(&mut self, tokens: &[Token], letters: &Letters, scope: &Scope) {
        let mut at =
            tokens.iter().take_while(|token| matches!(token.text.to_ascii_lowercase().as_str(), "/i" | "not")).count();
        let word = |at: usize| tokens.get(at).map(|token| token.text.to_ascii_lowercase()).unwrap_or_default();
        at += match word(at).as_str() {
            "exist" | "defined" | "errorlevel" | "cmdextversion" => 2,
            first if first.contains("==") && !first.ends_with("==") => 1,
            first if first.ends_with("==") => 2,
            _ if word(at + 1) == "==" => 3,
            _ if word(at + 1).starts_with("==") => 2,
            _ => 3,
        };
        self.nothing("if", scope);
        let before = self.shell.clone();
        self.cmd_lines(tokens.get(at..).unwrap_or_default(), letters, scope);
        self.shell.merge(&before);
        self.settle_directory();
    }

    /// Where the directory depends, it isn't known.
    fn settle_directory(&mut self) {
        if !self.shell.or_cwd.is_empty() {
            self.shell.settle(None);
        }
    }

    /// `for %i in (set) do command`
    fn cmd_for(&mut self, tokens: &[Token], letters: &Letters, scope: &Scope) {
        let lower = |token: &Token| token.text.to_ascii_lowercase();
        let at = tokens.iter().position(|token| lower(token) == "in").unwrap_or(tokens.len());
        let head = tokens.get(..at).unwrap_or_default();
        let body = tokens.get(at + 1..).unwrap_or_default();
        let Some(letter) = head.last().map(|token| token.text.trim_start_matches('%').to_owned()) else {
            return self.opaque("syntax", "for", scope);
        };
        let options: Vec<String> = head.iter().map(lower).collect();
        let end = group_length(body);
        let set = body.get(1..end.saturating_sub(1)).unwrap_or_default();
        if body.get(end).is_none_or(|token| lower(token) != "do") {
            return self.opaque("syntax", "for", scope);
        }
        let below = options.iter().any(|option| option == "/r");
        let known = !options.iter().any(|option| option == "/f" || option == "/l");
        if options.iter().any(|option| option == "/f") {
            // `for /f %i in ('command') do …`
            let text: Vec<&str> = set.iter().map(|token| token.text.as_str()).collect();
            let text = text.join(" ");
            if let Some(command) = text.trim().strip_prefix(['\'', '`']).and_then(|rest| rest.strip_suffix(['\'', '`']))
            {
                self.cmd_lines(&tokens::tokens(command), letters, scope);
            }
        }
        let root = head
            .get(1)
            .filter(|_| below && head.len() > 2)
            .map_or_else(|| Word::text("."), |token| self.cmd_word(&token.text, letters));
        let mut items: Vec<Word> =
            set.iter().filter(|token| !token.sign).map(|token| self.cmd_word(&token.text, letters)).collect();
        if below {
            for item in &mut items {
                let name = item.known().unwrap_or("*").to_owned();
                let name = if name.trim_matches(['*', '.']).is_empty() { "**".to_owned() } else { name };
                *item = root.clone();
                item.push(Piece::Text("/".into()));
                item.push(Piece::Glob(name.into()));
            }
        }
        if !known || items.len() > ROUNDS || items.is_empty() {
            items = vec![Word::unknown()];
        }
        let start = self.actions.len();
        let before = self.shell.clone();
        for item in items {
            let mut letters = letters.clone();
            letters.push((letter.clone(), item));
            self.cmd_lines(body.get(end + 1..).unwrap_or_default(), &letters, scope);
        }
        self.shell.merge(&before);
        self.settle_directory();
        self.come_again(start);
    }

    /// A command with its arguments and redirections.
    fn cmd_simple(&mut self, tokens: &[Token], letters: &Letters, scope: &Scope) {
        let (words, redirects) = parted(tokens);
        let text: Vec<&str> = words.iter().map(|token| token.text.as_str()).collect();
        let shown = text.join(" ").replace(HOLE, "…");
        let mut inner = self.outline_command(|| shown.clone(), scope).unwrap_or_else(|| scope.clone());
        inner.cwd = self.shell.cwd.clone();
        inner.origin.moved |= self.shell.moved;
        let exported = self.exported();
        if !exported.is_empty() {
            inner.origin.env = exported;
        }
        self.cmd_redirects(&redirects, letters, &inner);
        let Some((first, rest)) = words.split_first() else { return };
        // `rd/s`, `cd..`: the name ends where an option or a path begins.
        let head = first.text.trim_start_matches('@');
        let cut = if first.quoted { None } else { head.find(['/', '.', '\\', ':']).filter(|at| *at > 0) };
        let (head, tail) = match cut.map(|at| head.split_at(at)) {
            Some((name, tail)) if !self.own_cmd(name).is_empty() => (name, tail),
            _ => (head, ""),
        };
        let name = self.cmd_word(head, letters);
        let mut arguments: Vec<Word> = Vec::new();
        let own = name.known().map(|name| self.own_cmd(&name.to_ascii_lowercase())).filter(|known| !known.is_empty());
        let tail = (!tail.is_empty()).then(|| Token { text: tail.to_owned(), sign: false, quoted: false });
        for token in tail.iter().chain(rest.iter().copied()) {
            // `/s/q` are two.
            if own.is_some() && token.text.starts_with('/') && !token.quoted && token.text.len() > 2 {
                let parts = token.text.split('/').filter(|part| !part.is_empty());
                arguments.extend(parts.map(|part| self.cmd_word(&format!("/{part}"), letters)));
            } else {
                let argument = self.cmd_word(&token.text, letters);
                // Its own commands for files take patterns; a program takes what stands there.
                let files = |known: &Known| known.tables.iter().any(|table| !table.effects.is_empty());
                let pattern = own.as_ref().is_some_and(|known| files(known)) && !token.text.starts_with('/');
                arguments.push(if pattern { slashed(&argument) } else { argument });
            }
        }
        match (own, name.known()) {
            (Some(known), Some(name)) => {
                let name = name.to_ascii_lowercase();
                if self.cmd_moves(&name, &arguments, &inner) || self.cmd_sets(&name, &text, letters, &inner) {
                    self.nothing(&shown, &inner);
                }
                let inv = Invocation::read(name.as_str().into(), true, known, &arguments);
                self.shell.output = None;
                self.perform(inv, shown, &inner);
                self.printed(Stdin::Unknown, &name, false);
            }
            _ => {
                let program = name.known().unwrap_or_default().to_owned();
                let lower = program.to_ascii_lowercase();
                if lower.ends_with(".bat")
                    || lower.ends_with(".cmd") && self.known(lower.trim_end_matches(".cmd")).is_empty()
                {
                    self.carry_file(Language::Cmd, &slashed(&name), &inner);
                }
                self.argv(std::iter::once(name).chain(arguments).collect(), &inner);
                self.printed(Stdin::Unknown, &program, false);
            }
        }
    }

    fn own_cmd(&mut self, name: &str) -> crate::read::shared::Shared<Known> {
        self.known(&format!("{OWN}{}", name.to_ascii_lowercase()))
    }

    /// `cd`, `pushd`, `popd` and `C:`.
    fn cmd_moves(&mut self, name: &str, arguments: &[Word], scope: &Scope) -> bool {
        if !matches!(name, "cd" | "chdir" | "pushd" | "popd") {
            return false;
        }
        let target = arguments.iter().find(|word| !word.known().is_some_and(|text| text.eq_ignore_ascii_case("/d")));
        let next = match target {
            Some(target) => {
                let place = Place::resolve(&slashed(target), scope.cwd.as_deref(), false, self.world, self.rules);
                place.certain.then(|| Rc::from(place.path))
            }
            None if name == "popd" => self.shell.previous.clone(),
            None => return true,
        };
        self.shell.moved = true;
        self.shell.unsure = true;
        self.shell.previous = std::mem::replace(&mut self.shell.cwd, next);
        true
    }

    /// `set X=value`
    fn cmd_sets(&mut self, name: &str, words: &[&str], letters: &Letters, scope: &Scope) -> bool {
        if name != "set" {
            return false;
        }
        let text = words.get(1..).unwrap_or_default().join(" ");
        if let Some((name, value)) = text.split_once('=') {
            let name = name.trim().to_ascii_uppercase();
            let value = if name.starts_with('/') { Word::unknown() } else { self.cmd_word(value, letters) };
            let name = name.rsplit(' ').next().unwrap_or_default().to_owned();
            self.variable(&name, &value, scope);
            self.shell.set(&name, value);
            if let Some(variable) = self.shell.variables.get_mut(&name) {
                variable.exported = true;
            }
        }
        true
    }

    fn cmd_redirects(&mut self, redirects: &[(bool, &Token)], letters: &Letters, scope: &Scope) {
        for (append, target) in redirects {
            let path = slashed(&self.cmd_word(&target.text, letters));
            let sign = if *append { ">>" } else { ">" };
            let origin = scope.origin.showing(format!("{sign} {}", path.shown()));
            let does = if *append { Does::Append } else { Does::Write };
            let place = Place::resolve(&path, scope.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
            if place.certain && place.zone != "null" {
                self.written.put(&place.path, Stdin::Unknown, "cmd");
            }
            let file = FileAction { does, place, recursive: false, adds: None, removes: None, source: Source::Unsaid };
            self.push(Kind::File(file), &origin);
        }
    }

    /// A word with its variables filled in: `%X%`, `!X!`, `%i`, `%~fi`, `%1`.
    fn cmd_word(&mut self, text: &str, letters: &Letters) -> Word {
        let mut out = Word::default();
        let mut rest = text;
        while let Some(at) = rest.find(['%', '!']) {
            let (before, behind) = rest.split_at(at);
            push(&mut out, before);
            let sign = &behind[..1];
            let inside = &behind[1..];
            // A loop's letter.
            let tail = inside.trim_start_matches('%');
            let tail = tail
                .strip_prefix('~')
                .map_or(tail, |tail| tail.trim_start_matches(|c: char| "fdpnxsatz$".contains(c) && tail.len() > 1));
            if let Some((letter, value)) = letters
                .iter()
                .rev()
                .find(|(letter, _)| sign == "%" && !letter.is_empty() && tail.starts_with(letter.as_str()))
            {
                value.pieces.iter().for_each(|piece| out.push(piece.clone()));
                rest = &tail[letter.len()..];
                continue;
            }
            match inside.find(sign) {
                Some(end) if end > 0 => {
                    let name = inside[..end].to_ascii_uppercase();
                    let value = match name.as_str() {
                        "CD" => self.shell.cwd.as_deref().map_or_else(Word::unknown, Word::text),
                        // `%X:~0,3%`: a part of it.
                        name if name.contains(':') => Word::unknown(),
                        name => self.environment_value(name).joined(" "),
                    };
                    value.pieces.into_iter().for_each(|piece| out.push(piece));
                    rest = &inside[end + 1..];
                }
                _ if sign == "%" && inside.starts_with(|c: char| c.is_ascii_digit() || c == '*' || c == '~') => {
                    out.push(Piece::Unknown { empty: true });
                    rest = inside.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '~' | '*'));
                }
                _ => {
                    push(&mut out, sign);
                    rest = inside;
                }
            }
        }
        push(&mut out, rest);
        out
    }
}

fn push(out: &mut Word, text: &str) {
    if !text.is_empty() {
        word(text).pieces.into_iter().for_each(|piece| out.push(piece));
    }
}

/// A path with `/` in place of `\`; its patterns are active.
fn slashed(path: &Word) -> Word {
    let mut out = Word::default();
    for piece in &path.pieces {
        match piece {
            Piece::Text(text) if text.contains(['*', '?']) => {
                let text = text.replace("\\", "/");
                let at = text.find(['*', '?']).unwrap_or(0);
                push(&mut out, &text[..at]);
                let name = if &text[at..] == "*.*" { "*" } else { &text[at..] };
                out.push(Piece::Glob(name.into()));
            }
            Piece::Text(text) => push(&mut out, &text.replace("\\", "/")),
            piece => out.push(piece.clone()),
        }
    }
    out
}
