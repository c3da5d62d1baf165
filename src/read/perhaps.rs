//! `blorp rm -rf /`, `blorp 'rm -rf /'`: a program of which nothing is known may run the words that it is given, where they
//! are a command, and a word that is a whole command line. What is found there counts only where it is catastrophic or goes
//! past a tool's own confirmation, and is asked about: nobody knows that it is run at all.

use super::argv::Invocation;
use super::parts::{behind_word, program_name};
use super::reader::{Reader, Scope};
use super::word::Word;
use crate::rules::commands::Commands;
use crate::rules::model::{Class, Language};
use std::rc::Rc;

/// The words behind the program among which a command is looked for.
const SEARCHED: usize = 16;
/// The most of them that are tried.
const TRIED: usize = 4;
/// Options behind which nobody writes a command.
const TOLD: [&str; 7] = ["-m", "--message", "--title", "--body", "--description", "--text", "--comment"];
/// The longest word that is taken for a command line, in bytes.
const LONGEST: usize = 1 << 10;

impl Reader<'_> {
    /// Reads the words of a program as a command that it may run, where nothing is known of it.
    pub(super) fn perhaps(&mut self, inv: &Invocation, rest: &[Word], scope: &Scope) {
        if scope.origin.perhaps.is_some() {
            return;
        }
        if inv.known.is_empty() {
            self.perhaps_runs(&inv.name, rest, SEARCHED, scope);
            self.perhaps_reads(&inv.name, rest, scope);
        } else if inv.dashes.is_some() && is_odd(inv) {
            self.perhaps_runs(&inv.name, &behind_word(inv, "--"), 2, scope);
        }
    }

    fn perhaps_runs(&mut self, program: &str, words: &[Word], most: usize, scope: &Scope) {
        let mut tried = 0;
        for at in 0..words.len().min(most).saturating_sub(1) {
            let Some(name) = words[at].known().filter(|name| !name.starts_with('-')) else { continue };
            let known = self.rules.program(&program_name(name).0);
            let acts = known.tables.iter().any(|table| !table.effects.is_empty() || !table.carries.is_empty());
            let worst = known.rules.iter().any(|rule| rule.class >= Class::Irreversible && !rule.on_top);
            if known.is_empty() || !acts && !worst || !self.pay(64) {
                continue;
            }
            tried += 1;
            if tried > TRIED {
                return;
            }
            self.suppose(program, scope, |reader, inner| reader.argv(words[at..].to_vec(), inner));
        }
    }

    /// Reads its words that are of several words themselves.
    fn perhaps_reads(&mut self, program: &str, words: &[Word], scope: &Scope) {
        // A message tells somebody something.
        let told = |at: usize| at.checked_sub(1).and_then(|at| words[at].known()).is_some_and(|it| TOLD.contains(&it));
        let words = words.iter().enumerate().take(SEARCHED).filter(|(at, _)| !told(*at));
        let lines = words.filter_map(|(_, word)| word.known()).map(|word| match word.split_once('=') {
            Some((name, _)) if TOLD.contains(&name) => "",
            Some((name, value)) if name.starts_with('-') => value,
            _ => word,
        });
        let lines = lines.filter(|line| line.len() <= LONGEST && line.trim().contains([' ', '\t']));
        for line in lines.take(TRIED) {
            if !self.pay(line.len() + 64) {
                return;
            }
            self.suppose(program, scope, |reader, inner| reader.read(Language::Shell, line, inner));
        }
    }

    /// Reads something of which nobody knows that it is run.
    fn suppose(&mut self, program: &str, scope: &Scope, read: impl FnOnce(&mut Self, &Scope)) {
        let mut inner = scope.clone();
        inner.origin.perhaps = Some(Rc::from(program));
        let (shell, written, power) = (self.shell.clone(), self.written.clone(), self.power.clone());
        self.guessing = true;
        read(self, &inner);
        self.guessing = false;
        (self.shell, self.written, self.power) = (shell, written, power);
    }
}

/// Whether a program is one of subcommands, of which none that is known is given: `pkg run -- rm -rf x`.
fn is_odd(inv: &Invocation) -> bool {
    // A rule without one speaks of what stands among the operands of any.
    let mut of_rules =
        inv.known.rules.iter().map(|rule| &rule.command).filter(|command| !command.is_empty()).peekable();
    let mut of_tables = inv.known.tables.iter().flat_map(|table| &table.carries).map(|carrier| &carrier.command);
    let other = |command: &Commands| !command.is_empty() && inv.behind(command).is_none();
    of_rules.peek().is_some() && of_rules.all(other) && of_tables.all(other)
}
