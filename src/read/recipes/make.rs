//! Following the goals of `make` through prerequisites to the recipes that would run.

use super::expand::stem;
use super::makefile::{Makefile, assignment};
use super::{Book, NAMES, Order};
use crate::context::Place;
use crate::read::reader::{Reader, Scope};
use crate::read::word::Word;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The most targets that are followed for one command line.
const TARGETS: usize = 256;
/// The most files that one Makefile includes.
const INCLUDES: usize = 24;

/// A `make` that is being followed.
struct Making<'m> {
    file: &'m Makefile,
    order: &'m Order<'m>,
    path: &'m str,
    seen: BTreeSet<String>,
    /// Pattern rules that were read: with another stem they do the same.
    patterns: BTreeSet<usize>,
}

impl Reader<'_> {
    pub(super) fn goals_of(&mut self, order: &Order<'_>, book: &Book, scope: &Scope) -> bool {
        let mut goals = Vec::new();
        let mut file = Makefile::default();
        for (name, value) in scope.origin.env.iter() {
            file.variables.give(name, &value.with_holes());
        }
        for name in &order.names {
            match assignment(name) {
                Some((name, _, value)) => file.variables.fix(name, value),
                None => goals.push(name.clone()),
            }
        }
        file.variables.put("CURDIR", book.dir.to_string());
        file.variables.put("MAKEFILE_LIST", book.path.clone());
        file.add(&book.text);
        self.includes(&mut file, &book.dir);
        // What runs while it is read, runs whatever the goal is.
        for line in std::mem::take(&mut file.at_once) {
            let text = file.variables.expand(&line, false);
            let head = order.head.clone();
            self.inner_shells(&text, &head, scope);
        }
        if goals.is_empty() {
            goals.extend(file.default.clone());
        }
        let mut making =
            Making { file: &file, order, path: &book.path, seen: BTreeSet::new(), patterns: BTreeSet::new() };
        if file.cut || goals.len() > NAMES {
            self.opaque("limit", &order.head, scope);
        }
        goals.iter().take(NAMES).fold(false, |found, goal| found | self.target(&mut making, goal, scope))
    }

    fn includes(&mut self, file: &mut Makefile, dir: &str) {
        for _ in 0..INCLUDES {
            let Some(name) = (!file.includes.is_empty()).then(|| file.includes.remove(0)) else { return };
            let word = Word::text(name.as_str());
            let place = Place::resolve(&word, Some(dir), false, self.world, self.rules);
            if let Some(book) = self.book_at(&place.path, dir) {
                file.add(&book.text);
            }
        }
        file.cut |= !file.includes.is_empty();
    }

    /// The commands in `$(…)` of a text that is no command itself.
    fn inner_shells(&mut self, text: &str, label: &str, scope: &Scope) {
        let mut rest = text;
        while let Some(at) = rest.find("$(") {
            let inside = &rest[at + 2..];
            let mut depth = 1usize;
            let end = inside.char_indices().find(|(_, c)| {
                match c {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            let end = end.map_or(inside.len(), |(at, _)| at);
            self.recipe_text(&inside[..end], label, scope);
            rest = inside.get(end + 1..).unwrap_or_default();
            if !self.pay(16) {
                return;
            }
        }
    }

    /// Reads the recipes of a target and of what it needs. `false`: there is no rule for it.
    fn target(&mut self, making: &mut Making<'_>, goal: &str, scope: &Scope) -> bool {
        if making.seen.contains(goal) {
            return true;
        }
        if making.seen.len() == TARGETS {
            self.opaque("limit", goal, scope);
            return true;
        }
        if !self.pay(making.file.rules.len() / 4 + 16) {
            return true;
        }
        making.seen.insert(goal.to_owned());
        let file = making.file;
        let mut found = false;
        let exact = |rule: &super::makefile::Rule| rule.targets.iter().any(|target| target == goal);
        let mut cooked = false;
        for rule in file.rules.iter().filter(|rule| exact(rule)) {
            found = true;
            let part = rule.pattern.as_deref().and_then(|pattern| stem(pattern, goal)).unwrap_or_default();
            cooked |= !rule.recipe.is_empty();
            self.cook(making, rule, goal, part, scope);
        }
        if cooked {
            return true;
        }
        for (at, rule) in file.rules.iter().enumerate() {
            let Some(part) = rule.targets.iter().find_map(|target| stem(target, goal)) else { continue };
            if rule.recipe.is_empty() || !making.patterns.insert(at) {
                continue;
            }
            self.cook(making, rule, goal, part, scope);
            return true;
        }
        found
    }

    fn cook(&mut self, making: &mut Making<'_>, rule: &super::makefile::Rule, goal: &str, part: &str, scope: &Scope) {
        let needs: Vec<String> = rule.needs.iter().map(|need| need.replacen('%', part, 1)).collect();
        let mut inner = scope.clone();
        inner.depth += 1;
        if inner.depth > crate::read::reader::DEPTH {
            return self.opaque("limit", goal, scope);
        }
        for need in &needs {
            self.target(making, need, &inner);
        }
        if rule.recipe.is_empty() {
            return;
        }
        let mut variables = making.file.variables.clone();
        variables.put("@", goal.to_owned());
        variables.put("<", needs.first().cloned().unwrap_or_default());
        let all = needs.join(" ");
        ["^", "+", "?"].iter().for_each(|name| variables.put(name, all.clone()));
        variables.put("*", part.to_owned());
        let lines: Vec<Rc<str>> =
            if making.file.one_shell { vec![Rc::from(rule.recipe.join("\n"))] } else { rule.recipe.clone() };
        let label = making.order.label(goal);
        // `SHELL = /usr/bin/python3`: what isn't a shell is handed the recipe all the same.
        let shell = variables.expand("$(SHELL)", false);
        let other_program = shell.split_whitespace().next().filter(|program| !program.ends_with("sh"));
        let mark = format!("{}\0{goal}\0{}", making.path, making.order.names.join(" "));
        self.within(mark, |reader| {
            for line in lines {
                if other_program.is_some() {
                    let mut words: Vec<Word> = shell.split_whitespace().map(Word::text).collect();
                    words.extend(
                        ["-c", variables.expand(&line, true).trim_start_matches(['@', '-', '+'])].map(Word::text),
                    );
                    let mut inner = inner.clone();
                    inner.origin.via.push(label.as_str().into());
                    reader.argv(words, &inner);
                    continue;
                }
                let (one, other) = (variables.expand(&line, true), variables.expand(&line, false));
                reader.recipe_lines(&one, &label, &inner);
                if other != one {
                    reader.recipe_lines(&other, &label, &inner);
                }
            }
        });
    }

    /// One line of a recipe, or several, where a `define` holds them.
    fn recipe_lines(&mut self, text: &str, label: &str, scope: &Scope) {
        let text = text.trim_start().trim_start_matches(['@', '-', '+', ' ', '\t']);
        if !text.is_empty() && self.pay(64) {
            // In a line of its own, another sign may stand in front.
            let text = text.replace("\n@", "\n").replace("\n-", "\n").replace("\n\t@", "\n");
            self.recipe_text(&text, label, scope);
        }
    }
}
