//! Makefiles: variables, rules and their recipes, as far as they stand in plain sight. Both sides of `ifeq` are read.

use super::expand::Variables;
use std::rc::Rc;

/// The most rules of one Makefile, and what it includes.
const RULES: usize = 4_096;

/// A Makefile that was read, with what it includes.
#[derive(Debug, Default)]
pub(super) struct Makefile {
    pub(super) variables: Variables,
    pub(super) rules: Vec<Rule>,
    /// The goal where none is named.
    pub(super) default: Option<String>,
    /// `.ONESHELL`: all lines of a recipe are one script.
    pub(super) one_shell: bool,
    /// Lines that run a shell while they are read: `X := $(shell …)`.
    pub(super) at_once: Vec<String>,
    /// Files that it includes, not read yet.
    pub(super) includes: Vec<String>,
    /// There is more than is read of it.
    pub(super) cut: bool,
}

/// A rule: how targets are made.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) targets: Vec<String>,
    /// The pattern that targets are like, where it isn't the targets themselves.
    pub(super) pattern: Option<String>,
    pub(super) needs: Vec<String>,
    pub(super) recipe: Vec<Rc<str>>,
}

impl Makefile {
    /// Adds the text of a file.
    pub(super) fn add(&mut self, text: &str) {
        let mut lines = Lines { rest: text };
        // The rule to which recipe lines belong.
        let mut rule: Option<usize> = None;
        let mut prefix = '\t';
        let mut depth = 0u32;
        while let Some(line) = lines.next() {
            if let Some(recipe) = line.strip_prefix(prefix)
                && let Some(rule) = rule.and_then(|at| self.rules.get_mut(at))
            {
                rule.recipe.push(Rc::from(joined(recipe, prefix)));
                continue;
            }
            let line = spaced(&uncommented(&line));
            let line = line.trim();
            let word = line.split([' ', '\t', '(']).next().unwrap_or_default();
            match word {
                "" => continue,
                "ifeq" | "ifneq" | "ifdef" | "ifndef" => {
                    depth += 1;
                    self.at_once(line);
                    continue;
                }
                "else" => {
                    self.at_once(line);
                    continue;
                }
                "endif" => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                "include" | "-include" | "sinclude" => {
                    self.at_once(line);
                    let files = self.variables.expand(&line[word.len()..], true);
                    self.includes.extend(files.split_whitespace().map(str::to_owned));
                    continue;
                }
                "define" => {
                    let name = line["define".len()..].trim().trim_end_matches(['=', ':', '?', '+']).trim().to_owned();
                    let mut body = String::new();
                    while let Some(line) = lines.next().filter(|line| line.trim() != "endef") {
                        body.push_str(&line);
                        body.push('\n');
                    }
                    self.variables.set(&name, body.trim_end_matches('\n'), "=", depth > 0);
                    continue;
                }
                "export" | "override" | "private" | "unexport"
                    if !line[word.len()..].trim_start().starts_with(['=', ':']) =>
                {
                    let rest = line[word.len()..].trim();
                    let rest = rest.strip_prefix("export ").unwrap_or(rest);
                    if let Some((name, sign, value)) = assignment(rest) {
                        self.assign(name, sign, value, depth > 0);
                    }
                    continue;
                }
                _ => {}
            }
            if let Some((name, sign, value)) = assignment(line) {
                if name == ".RECIPEPREFIX" {
                    prefix = value.chars().next().unwrap_or('\t');
                }
                self.assign(name, sign, value, depth > 0);
                rule = None;
            } else {
                self.at_once(line);
                rule = self.rule(line);
            }
        }
    }

    fn assign(&mut self, name: &str, sign: &str, value: &str, conditional: bool) {
        if sign == "!=" {
            self.at_once.push(format!("$(shell {value})"));
            return self.variables.set(name, &format!("$(shell {value})"), "=", conditional);
        }
        if sign.contains(':') {
            self.at_once(value);
        }
        if name == ".DEFAULT_GOAL" {
            self.default = Some(value.trim().to_owned());
        }
        self.variables.set(name, value, sign, conditional);
    }

    fn at_once(&mut self, line: &str) {
        if line.contains("(shell") || line.contains("{shell") {
            self.at_once.push(line.to_owned());
        }
    }

    /// A line with a colon: gives the rule that it begins.
    fn rule(&mut self, line: &str) -> Option<usize> {
        let colon = colon(line)?;
        if self.rules.len() == RULES {
            self.cut = true;
            return None;
        }
        let (left, right) = (&line[..colon], line[colon + 1..].trim_start_matches([':', '&']));
        let (right, recipe) = match semicolon(right) {
            Some(at) => (&right[..at], Some(&right[at + 1..])),
            None => (right, None),
        };
        let words = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        let targets = words(&self.variables.expand(left.trim_end_matches('&'), true));
        // `target: NAME = value`
        if let Some((name, sign, value)) = assignment(right.trim()) {
            self.variables.set(name, value, sign, true);
            return None;
        }
        let (pattern, needs) = match colon_of_pattern(right) {
            Some(at) => (Some(right[..at].trim().to_owned()), &right[at + 1..]),
            None => (None, right),
        };
        let needs = words(&self.variables.expand(&needs.replace('|', " "), true));
        match targets.first().map(String::as_str) {
            Some(".ONESHELL") => self.one_shell = true,
            Some(name)
                if self.default.is_none() && (!name.starts_with('.') || name.contains('/')) && !name.contains('%') =>
            {
                self.default = Some(name.to_owned());
            }
            _ => {}
        }
        let recipe = recipe.map(|line| Rc::from(line.trim())).into_iter().collect();
        self.rules.push(Rule { targets, pattern, needs, recipe });
        Some(self.rules.len() - 1)
    }
}

/// Lines, with those that end in a backslash joined to the next.
struct Lines<'t> {
    rest: &'t str,
}

impl Iterator for Lines<'_> {
    type Item = String;
    fn next(&mut self) -> Option<String> {
        if self.rest.is_empty() {
            return None;
        }
        let mut line = String::new();
        loop {
            let (one, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            let one = one.strip_suffix('\r').unwrap_or(one);
            self.rest = rest;
            line.push_str(one);
            let slashes = one.len() - one.trim_end_matches('\\').len();
            if slashes % 2 == 0 || rest.is_empty() {
                return Some(line);
            }
            line.push('\n');
        }
    }
}

/// A recipe whose further lines have lost the sign that makes them one.
fn joined(recipe: &str, prefix: char) -> String {
    if !recipe.contains('\n') {
        return recipe.to_owned();
    }
    let mut lines = recipe.split('\n');
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        out.push('\n');
        out.push_str(line.strip_prefix(prefix).unwrap_or(line));
    }
    out
}

/// A line that isn't a recipe: where it goes on, there is one blank.
fn spaced(line: &str) -> String {
    line.replace("\\\n", " ")
}

fn uncommented(line: &str) -> String {
    let mut before = ' ';
    let comment = line.char_indices().find(|(_, c)| {
        let found = *c == '#' && before != '\\';
        before = *c;
        found
    });
    comment.map_or(line, |(at, _)| &line[..at]).to_owned()
}

/// `NAME := value`: name, sign and value.
pub(super) fn assignment(line: &str) -> Option<(&str, &str, &str)> {
    let equals = line.find('=')?;
    let before = line[..equals].trim_end_matches([':', '?', '+', '!']);
    let name = before.trim();
    if name.is_empty() || name.contains([' ', '\t', ':', '$', '(', '#']) {
        return None;
    }
    Some((name, line[before.len()..=equals].trim(), line[equals + 1..].trim_start()))
}

/// The colon behind the targets, outside of `$(…)`.
fn colon(line: &str) -> Option<usize> {
    outside(line, ':')
}

fn semicolon(line: &str) -> Option<usize> {
    outside(line, ';')
}

/// `%.o: %.c` behind the targets of a static pattern rule.
fn colon_of_pattern(right: &str) -> Option<usize> {
    outside(right, ':').filter(|at| right[..*at].contains('%'))
}

fn outside(line: &str, wanted: char) -> Option<usize> {
    let mut depth = 0usize;
    line.char_indices().find_map(|(at, c)| {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            _ if c == wanted && depth == 0 => return Some(at),
            _ => {}
        }
        None
    })
}
