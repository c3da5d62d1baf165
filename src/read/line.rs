//! Telling options, values and operands of one command line apart, by the tables of its program.

use super::argv::{DOUBTS, Given, Invocation, Operand, after, holds, is_beginning, same_option};
use super::word::Word;
use crate::rules::model::{Carrier, Language, Style, Unknown};
use crate::rules::text::{Names, Text};
use ecow::EcoString;

/// The most options that are kept once looked up.
const ASKED: usize = 64;

/// The reading of one line.
struct Line {
    inv: Invocation,
    /// Options have ended.
    ended: bool,
    /// The next word may be the value of an option that isn't known.
    doubt: bool,
    /// The options of the tables to which a value is attached.
    attached: std::cell::OnceCell<Vec<&'static str>>,
    /// What [`Line::lists`] gave for the operands so far.
    lists: std::cell::OnceCell<Vec<Lists>>,
    /// What [`Line::known`] gave: the same option is asked about several times.
    asked: std::cell::RefCell<Vec<(EcoString, Known)>>,
}

/// What the tables say of an option.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// Whether it takes a value, if a table names it.
    value: Option<bool>,
    /// A value may be attached to it, and only so: `sed -i.bak`, listed as `-i*`.
    attaches: bool,
}

/// How many words the subcommand has, and its options with and without values.
type Lists = (usize, Names, Names);

/// Reads the words behind a program.
pub(super) fn read(inv: Invocation, words: &[Word]) -> Invocation {
    let mut line = Line {
        inv,
        ended: false,
        doubt: false,
        attached: std::cell::OnceCell::new(),
        lists: std::cell::OnceCell::new(),
        asked: std::cell::RefCell::default(),
    };
    line.read(words);
    line.inv
}

impl Line {
    fn read(&mut self, words: &[Word]) {
        let style = self.inv.style();
        let mut at = self.bundle(words);
        while at < words.len() {
            let word = &words[at];
            let next = words.get(at + 1);
            at += 1;
            if self.ended || style == Style::Plain {
                self.operand(word, false);
                continue;
            }
            let text = word.start();
            at += match style {
                Style::Find => match self.find(text, word, &words[at..]) {
                    Some(used) => used,
                    None => {
                        self.operand(word, false);
                        0
                    }
                },
                Style::Keys => {
                    match text.split_once('=') {
                        Some((key, _)) => self.give(key, Some(after(word, key.len() + 1)), true),
                        None => self.operand(word, false),
                    }
                    0
                }
                Style::Windows
                    if text.len() > 1
                        && (text.starts_with('/') && !text[1..].contains('/') || text.starts_with("//")) =>
                {
                    let flag = text.trim_start_matches('/').to_ascii_lowercase();
                    self.give(&format!("/{flag}"), None, true);
                    0
                }
                Style::Powershell if text.len() > 1 && text.starts_with(['-', '/']) => self.parameter(word, next),
                Style::Single if text.len() > 1 && text.starts_with('-') && text != "--" => self.single(word, next),
                _ if text == "--" && word.known().is_some() => {
                    self.ended = true;
                    self.inv.dashes = Some(self.inv.operands.len());
                    self.give("--", None, true);
                    0
                }
                _ if text.starts_with("--") => self.long(word, next),
                _ if text.len() > 1 && text.starts_with('-') => self.short(word, next),
                _ => {
                    let doubt = self.doubt;
                    self.operand(word, doubt);
                    0
                }
            };
        }
    }

    /// `tar xfz x.tgz`: options without a dash. Gives how many words they took.
    fn bundle(&mut self, words: &[Word]) -> usize {
        let is_bundled = self.inv.known.tables.iter().any(|table| table.bundled);
        let Some(letters) = words.first().and_then(Word::known).filter(|word| is_bundled && !word.starts_with('-'))
        else {
            return 0;
        };
        // Where one of them is no option, it is a name after all.
        if letters.is_empty() || !letters.chars().all(|letter| self.listed(&format!("-{letter}")).is_some()) {
            return 0;
        }
        let mut used = 1;
        for letter in letters.chars() {
            let name = format!("-{letter}");
            if self.takes_value(&name) {
                self.give(&name, Some(words.get(used).cloned().unwrap_or_default()), true);
                used += 1;
            } else {
                self.give(&name, None, true);
            }
        }
        used.min(words.len())
    }

    fn operand(&mut self, word: &Word, maybe_value: bool) {
        self.doubt = false;
        self.inv.operands.push(Operand { word: word.clone(), maybe_value });
        // No subcommand is looked for that far behind.
        if self.inv.operands.len() > 4 * DOUBTS {
            return;
        }
        // It may be a subcommand, which brings tables of its own.
        self.lists.take();
        self.asked.take();
        let tables = &self.inv.known.tables;
        let first = tables.iter().any(|table| table.options_first) && !maybe_value && !self.is_subcommand();
        // What a wrapper hands on is not its own: `docker exec c rm -rf x`.
        if first || tables.iter().flat_map(|table| &table.carries).any(|carrier| self.hands_on(carrier)) {
            self.ended = true;
        }
    }

    /// Whether the operands that were just read begin a subcommand that a table names: options of its own may follow.
    fn is_subcommand(&self) -> bool {
        let begins = |spec: &Text| {
            let mut tokens = spec.split_whitespace();
            self.inv.operands.iter().all(|operand| {
                let word = operand.word.known();
                let fits = |token: &str| token.split('|').any(|choice| Some(choice) == word);
                tokens.next().is_some_and(fits)
            })
        };
        self.inv.known.tables.iter().any(|table| {
            table.sub.iter().flat_map(|entry| &entry.command).any(begins)
                || table.carries.iter().flat_map(|carrier| &carrier.command).any(begins)
        })
    }

    /// Whether the operands that were just read reach what a carrier hands on.
    fn hands_on(&self, carrier: &Carrier) -> bool {
        let Some(first) = carrier.operand else { return false };
        // What stands behind the name of a script is the script's, unless `--` has to stand in between, as with npm.
        let hands_on = match carrier.language {
            Language::Command | Language::Shell => !carrier.file,
            Language::Script => carrier.one && !carrier.dashes,
            Language::Recipe => true,
            _ => false,
        };
        if !hands_on {
            return false;
        }
        if !carrier.with.is_empty() && !self.inv.has(&carrier.with, false) || self.inv.has(&carrier.without, true) {
            return false;
        }
        let Some((behind, _)) = self.inv.behind(&carrier.command) else { return false };
        if !carrier.except.is_empty() && self.inv.behind(&carrier.except).is_some_and(|(_, guessed)| !guessed) {
            return false;
        }
        let certain =
            self.inv.operands[behind..].iter().take(4 * DOUBTS).filter(|operand| !operand.maybe_value).count();
        certain > first as usize
    }

    fn give(&mut self, name: &str, value: Option<Word>, listed: bool) {
        let certain = !self.doubt;
        self.doubt = false;
        let name = if name.len() > 1 && name.starts_with('-') && name[1..].bytes().all(|b| b.is_ascii_digit()) {
            "-#"
        } else {
            name
        };
        let listed = listed || name == "-#";
        let hands_on = value.is_some()
            && self.inv.known.tables.iter().flat_map(|table| &table.carries).any(|carrier| {
                let rest = match carrier.language {
                    Language::Command => true,
                    Language::Powershell | Language::Cmd => !carrier.file,
                    _ => false,
                };
                rest && carrier.option.iter().any(|option| option.as_str() == name)
            });
        if hands_on && !self.ended {
            self.ended = true;
            self.inv.handed = Some(self.inv.operands.len());
        }
        let whole = self.is_flag(name) || self.listed(name).is_some();
        self.inv.options.push(Given { name: name.into(), value, certain, listed, whole });
    }

    /// The tables that count here: the program's, and those of the subcommands that were read, each with the number of
    /// words of its subcommand.
    fn lists(&self) -> &[Lists] {
        self.lists.get_or_init(|| self.find_lists())
    }

    fn find_lists(&self) -> Vec<Lists> {
        let mut lists = Vec::new();
        for table in &self.inv.known.tables {
            lists.push((0, table.values, table.flags));
            for entry in &table.sub {
                if let Some((depth, _)) = self.inv.behind(&entry.command) {
                    lists.push((depth, entry.values, entry.flags));
                }
            }
        }
        lists
    }

    fn known(&self, name: &str) -> Known {
        let mut asked = self.asked.borrow_mut();
        if let Some((_, known)) = asked.iter().find(|(of, _)| of == name) {
            return *known;
        }
        let known = self.find_known(name);
        if asked.len() < ASKED {
            asked.push((name.into(), known));
        }
        known
    }

    fn find_known(&self, name: &str) -> Known {
        let mut known = Known::default();
        let mut best: Option<(usize, bool)> = None;
        for &(depth, values, flags) in self.lists() {
            let value = values.hold(name);
            let named = value || holds(flags, name);
            let attaches = flags.hold_open(name);
            if (named || attaches) && best.is_none_or(|(deepest, _)| depth > deepest || depth == deepest && value) {
                best = Some((depth, value));
            }
            known.attaches |= attaches;
        }
        known.value = best.map(|(_, value)| value);
        known
    }

    /// Whether an option of exactly this name takes a value. The table of the longest subcommand that names it says so:
    /// `-f` takes one in `docker compose -f x.yml`, and none in `docker compose rm -f`.
    fn listed(&self, name: &str) -> Option<bool> {
        self.known(name).value
    }

    fn takes_value(&self, name: &str) -> bool {
        let style = self.inv.style();
        let may_be = |(_, values, _): &Lists| match style {
            // Nothing but a beginning of it is left to be looked for.
            Style::Gnu => is_beginning(name) && values.begin(name),
            _ => values.iter().any(|listed| same_option(name, listed, style, false)),
        };
        self.listed(name).unwrap_or_else(|| !self.is_flag(name) && self.lists().iter().any(may_be))
    }

    fn is_flag(&self, name: &str) -> bool {
        // An option with which a rule proves something is known, and takes a value only if a table says so.
        let proves = || !name.ends_with('*') && self.inv.known.rules.iter().any(|rule| holds(rule.only, name));
        self.listed(name).map_or_else(proves, |value| !value)
    }

    fn attaches(&self, name: &str) -> bool {
        self.known(name).attaches
    }

    fn unknown(&self) -> Unknown {
        self.inv
            .known
            .tables
            .iter()
            .map(|table| table.unknown)
            .find(|unknown| *unknown != Unknown::Either)
            .unwrap_or_default()
    }

    /// An option without a value of its own in the same word. Gives how many of the following words it took.
    fn option(&mut self, name: &str, next: Option<&Word>) -> usize {
        if self.takes_value(name) {
            self.give(name, Some(next.cloned().unwrap_or_default()), true);
            return usize::from(next.is_some());
        }
        // BSD's sed takes the suffix as a word of its own, and an empty one is what it is mostly given: `sed -i '' …`.
        if self.attaches(name) && next.is_some_and(|next| next.known() == Some("")) {
            self.give(name, None, true);
            return 1;
        }
        let flag = self.is_flag(name) || self.attaches(name);
        let numeric = name.len() > 1 && name[1..].bytes().all(|b| b.is_ascii_digit());
        self.give(name, None, flag);
        if flag || numeric {
            return 0;
        }
        let dashed = next.is_some_and(|next| next.start().starts_with('-') && next.start().len() > 1);
        match self.unknown() {
            Unknown::Flag => 0,
            Unknown::Value if name.starts_with("--no-") || name.len() == 2 || dashed || next.is_none() => 0,
            Unknown::Value => {
                if let Some(given) = self.inv.options.last_mut() {
                    given.value = next.cloned();
                }
                1
            }
            Unknown::Either => {
                self.doubt = true;
                0
            }
        }
    }

    fn long(&mut self, word: &Word, next: Option<&Word>) -> usize {
        match word.start().split_once('=') {
            Some((name, _)) => {
                let value = after(word, name.len() + 1);
                let listed = self.takes_value(name) || self.is_flag(name);
                self.give(name, Some(value), listed);
                0
            }
            None => self.option(word.start(), next),
        }
    }

    fn single(&mut self, word: &Word, next: Option<&Word>) -> usize {
        let text = word.start();
        let flags = self.inv.known.tables.iter().flat_map(|table| table.flags.iter());
        let attached = self.attached.get_or_init(|| flags.filter_map(|listed| listed.strip_suffix('*')).collect());
        let name = attached.iter().copied().find(|name| text.starts_with(name));
        if let Some(name) = name.filter(|_| self.listed(text).is_none()) {
            self.give(name, Some(after(word, name.len())), true);
            return 0;
        }
        self.long(word, next)
    }

    /// `-Command`, `-com`, `/c`: any start of a name, whatever its case; the first in the table where several fit.
    fn parameter(&mut self, word: &Word, next: Option<&Word>) -> usize {
        let text = word.start();
        let written = text.trim_start_matches(['-', '/']);
        let (written, value) = match written.split_once(':') {
            Some((name, _)) => (name, Some(after(word, text.len() - written.len() + name.len() + 1))),
            None => (written, None),
        };
        let tables = &self.inv.known.tables;
        let listed = || tables.iter().flat_map(|table| table.values.iter().chain(table.flags.iter()));
        let same = |name: &str, whole: bool| {
            let name = &name[1..];
            let start = if whole { Some(name) } else { name.get(..written.len()) };
            start.is_some_and(|start| start.eq_ignore_ascii_case(written))
        };
        let found = listed().find(|name| same(name, true)).or_else(|| listed().find(|name| same(name, false)));
        let Some(name) = found else {
            self.give(text, value, false);
            return 0;
        };
        if value.is_none() && self.takes_value(name) {
            self.give(name, Some(next.cloned().unwrap_or_default()), true);
            return usize::from(next.is_some());
        }
        self.give(name, value, true);
        0
    }

    /// `-abc`, `-ofile`, `-o file`.
    fn short(&mut self, word: &Word, next: Option<&Word>) -> usize {
        let text = word.start();
        let whole = text.split('=').next().unwrap_or(text);
        // Some programs have long options with one dash among their clusters: the table says which.
        if whole.len() > 2 && self.listed(whole).is_some() {
            return self.long(word, next);
        }
        if text[1..].bytes().all(|byte| byte.is_ascii_digit()) {
            self.give(text, None, false);
            return 0;
        }
        for (at, letter) in text.char_indices().skip(1) {
            let name = format!("-{letter}");
            let end = at + letter.len_utf8();
            let last = end == text.len() && word.pieces.len() == 1;
            if last {
                return self.option(&name, next);
            }
            if self.takes_value(&name) {
                let value = after(word, end);
                let value = if value.start().starts_with('=') { after(&value, 1) } else { value };
                self.give(&name, Some(value), true);
                return 0;
            }
            if self.attaches(&name) {
                self.give(&name, Some(after(word, end)), true);
                return 0;
            }
            let flag = self.is_flag(&name);
            self.give(&name, None, flag);
        }
        0
    }

    /// One element of a `find` expression. `None`: a starting point.
    fn find(&mut self, text: &str, word: &Word, rest: &[Word]) -> Option<usize> {
        let begun = !self.inv.options.is_empty();
        let is_test = text.len() > 1 && text.starts_with('-');
        let is_sign = matches!(word.known(), Some("(" | ")" | "!" | ","));
        if !is_test && !is_sign {
            return if begun
                && !matches!(self.inv.options.last(), Some(Given { name, .. }) if matches!(name.as_str(), "-H" | "-L" | "-P"))
            {
                Some(0)
            } else {
                None
            };
        }
        if matches!(text, "-exec" | "-execdir" | "-ok" | "-okdir") {
            let end = rest.iter().position(|word| word.known() == Some(";"));
            let plus = rest[..end.unwrap_or(rest.len())]
                .windows(2)
                .position(|pair| pair[0].known() == Some("{}") && pair[1].known() == Some("+"))
                .map(|at| at + 1);
            let end = match (end, plus) {
                (Some(end), Some(plus)) => end.min(plus),
                (end, plus) => end.or(plus).unwrap_or(rest.len()),
            };
            self.give(text, None, true);
            self.inv.exec.push(rest[..end].to_vec());
            return Some((end + 1).min(rest.len()));
        }
        if self.takes_value(text) {
            self.give(text, rest.first().cloned(), true);
            return Some(usize::from(!rest.is_empty()));
        }
        let listed = is_sign || self.is_flag(text);
        self.give(text, None, listed);
        Some(0)
    }
}
