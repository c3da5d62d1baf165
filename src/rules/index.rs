//! All rules and tables of a set of packs, indexed so that a call touches only what could match it.
//!
//! `build.rs` compiles this file too: the built-in packs are indexed at build time.

use super::model::{Class, CodeCall, Does, Language, Pack, Place, Program, Rule, Tool, Variable, Verb};
use super::text::{List, Text};

/// A set of packs, indexed.
#[derive(Debug, Default)]
pub struct Rules {
    /// Every table of a program.
    pub programs: List<Program>,
    /// Every rule.
    pub rules: List<Rule>,
    /// Every table of MCP tools.
    pub tools: List<Tool>,
    /// Every table of calls in code.
    pub calls: List<CodeCall>,
    /// Every list of verbs.
    pub verbs: List<Verb>,
    /// Every table of variables.
    pub variables: List<Variable>,
    /// Every zone, in order.
    pub places: List<Place>,
    /// Tables and rules by the exact name of a program, sorted.
    pub by_name: List<Entry>,
    /// The same for names that end in `*`.
    pub by_start: List<Entry>,
    /// Rules by subject.
    pub file: List<u32>,
    /// Rules with `statement`.
    pub statement: List<u32>,
    /// Rules with `request`.
    pub request: List<u32>,
    /// Rules with `tool` or `verb`.
    pub mcp: List<u32>,
    /// Rules with `code`.
    pub code: List<u32>,
    /// Rules with `opaque`.
    pub opaque: List<u32>,
}

/// What is known of the programs of one name.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name, or its start.
    pub name: Text,
    /// Places in [`Rules::programs`].
    pub tables: List<u32>,
    /// Places in [`Rules::rules`].
    pub rules: List<u32>,
}

/// What is known of a program: its tables and its rules.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// How its command line is read.
    pub tables: Vec<&'static Program>,
    /// The rules that speak of it.
    pub rules: Vec<&'static Rule>,
}

/// Why packs can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule or table.
    pub place: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl Rules {
    /// Indexes packs.
    ///
    /// # Errors
    /// Every [`Fault`] found: a rule without a subject, two rules of one id, missing texts, missing examples.
    pub fn new(packs: &[Pack]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut all = Self::default();
        let (mut programs, mut rules, mut tools, mut calls, mut verbs, mut variables, mut places) =
            (vec![], vec![], vec![], vec![], vec![], vec![], vec![]);
        for pack in packs {
            programs.extend(pack.program.iter().cloned());
            tools.extend(pack.tool.iter().cloned());
            calls.extend(pack.call.iter().cloned());
            verbs.extend(pack.verb.iter().cloned());
            variables.extend(pack.variable.iter().cloned());
            places.extend(pack.place.iter().cloned());
            for rule in &pack.rule {
                check(pack, rule, &mut faults);
                rules.push(rule.clone());
            }
        }
        let mut ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        for pair in ids.windows(2).filter(|pair| pair[0] == pair[1]) {
            faults.push(Fault { place: pair[0].to_owned(), what: "two rules have this id: rename one".to_owned() });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut names: Vec<(&'static str, Vec<u32>, Vec<u32>)> = Vec::new();
        for (at, program) in (0u32..).zip(&programs) {
            for name in &program.name {
                entry(&mut names, name.as_str()).1.push(at);
            }
        }
        for (at, rule) in (0u32..).zip(&rules) {
            for name in &rule.program {
                entry(&mut names, name.as_str()).2.push(at);
            }
        }
        names.sort_unstable_by_key(|(name, ..)| *name);
        let (starts, exact): (Vec<_>, Vec<_>) = names.into_iter().partition(|(name, ..)| name.ends_with('*'));
        let entries = |list: Vec<(&'static str, Vec<u32>, Vec<u32>)>| {
            let entries = list.into_iter().map(|(name, tables, rules)| Entry {
                name: Text(name.strip_suffix('*').unwrap_or(name)),
                tables: tables.into(),
                rules: rules.into(),
            });
            List::from(entries.collect::<Vec<_>>())
        };
        all.by_name = entries(exact);
        all.by_start = entries(starts);
        let having = |has: fn(&Rule) -> bool| {
            List::from((0u32..).zip(&rules).filter(|(_, rule)| has(rule)).map(|(at, _)| at).collect::<Vec<_>>())
        };
        all.file = having(|rule| !rule.file.is_empty());
        all.statement = having(|rule| !rule.statement.is_empty());
        all.request = having(|rule| !rule.request.is_empty());
        all.mcp = having(|rule| !rule.tool.is_empty() || !rule.verb.is_empty());
        all.code = having(|rule| !rule.code.is_empty());
        all.opaque = having(|rule| !rule.opaque.is_empty());
        all.programs = programs.into();
        all.rules = rules.into();
        all.tools = tools.into();
        all.calls = calls.into();
        all.verbs = verbs.into();
        all.variables = variables.into();
        all.places = places.into();
        Ok(all)
    }

    /// What is known of the program of this name.
    #[must_use]
    pub fn program(&self, name: &str) -> Known {
        let mut known = Known::default();
        let mut take = |entry: &'static Entry| {
            known.tables.extend(entry.tables.iter().filter_map(|&at| self.programs.0.get(at as usize)));
            known.rules.extend(entry.rules.iter().filter_map(|&at| self.rules.0.get(at as usize)));
        };
        if let Ok(at) = self.by_name.binary_search_by(|entry| entry.name.as_str().cmp(name)) {
            take(&self.by_name.0[at]);
        }
        for entry in self.by_start.0.iter().filter(|entry| name.starts_with(entry.name.as_str())) {
            take(entry);
        }
        known
    }

    /// The rules at these places.
    pub fn at(&self, places: List<u32>) -> impl Iterator<Item = &'static Rule> + use<> {
        let rules = self.rules.0;
        places.0.iter().filter_map(move |&at| rules.get(at as usize))
    }

    /// The tables of calls in a language.
    pub fn calls(&self, language: Language) -> impl Iterator<Item = &'static CodeCall> + use<> {
        self.calls.0.iter().filter(move |call| call.language.contains(&language))
    }

    /// The tables of MCP tools.
    pub fn tools(&self) -> impl Iterator<Item = &'static Tool> + use<> {
        self.tools.0.iter()
    }

    /// The lists of verbs.
    pub fn verbs(&self) -> impl Iterator<Item = &'static Verb> + use<> {
        self.verbs.0.iter()
    }
}

fn entry<'a>(
    names: &'a mut Vec<(&'static str, Vec<u32>, Vec<u32>)>,
    name: &'static str,
) -> &'a mut (&'static str, Vec<u32>, Vec<u32>) {
    let at = names.iter().position(|(known, ..)| *known == name).unwrap_or_else(|| {
        names.push((name, vec![], vec![]));
        names.len() - 1
    });
    &mut names[at]
}

/// What every rule must have.
fn check(pack: &Pack, rule: &Rule, faults: &mut Vec<Fault>) {
    let mut fault = |what: &str| faults.push(Fault { place: rule.id.to_string(), what: what.to_owned() });
    if rule.id.split_once('.').is_none_or(|(head, name)| head != pack.pack.name.as_str() || name.is_empty()) {
        fault(&format!("the id must be `{}.<name>`", pack.pack.name));
    }
    let subjects = [
        !rule.program.is_empty(),
        !rule.file.is_empty(),
        !rule.statement.is_empty(),
        !rule.request.is_empty(),
        !rule.tool.is_empty() || !rule.verb.is_empty(),
        !rule.code.is_empty(),
        !rule.opaque.is_empty(),
    ];
    if subjects.iter().filter(|given| **given).count() != 1 {
        fault("needs exactly one subject: program, file, statement, request, tool or verb, code, opaque");
    }
    if !rule.command.is_empty() && rule.program.is_empty() {
        fault("`command` needs `program`");
    }
    if rule.class >= Class::Disruptive && (rule.loses.is_empty() || rule.instead.is_empty()) {
        fault("a rule that stops calls needs `loses` and `instead`");
    }
    if rule.hits.is_empty() {
        fault("needs at least one call in `hits`");
    }
    if rule.class != Class::Observe && (!rule.only.is_empty() || rule.here) {
        fault("`only` and `here` are for `observe` rules");
    }
}

/// Reads one pack.
///
/// # Errors
/// What is wrong, with line and column, as the TOML reader says it.
pub fn parse(text: &str) -> Result<Pack, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

/// The names of the effects, as rules and reasons say them.
#[must_use]
pub fn does_name(does: Does) -> &'static str {
    match does {
        Does::Delete => "delete",
        Does::Write => "write",
        Does::Append => "append",
        Does::Read => "read",
        Does::Move => "move",
        Does::Change => "change",
    }
}
