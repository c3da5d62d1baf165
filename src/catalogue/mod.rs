//! What is known of tools, for people: `countersign rules` prints it, and `docs/coverage.md` is made from it.

pub mod find;
pub mod said;

use crate::judge::Decision;
use crate::policy::{Milder, Policy};
use crate::rules::model::Rule;
use std::collections::BTreeMap;

/// A rule, and what becomes of what it matches.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The rule.
    pub rule: &'static Rule,
    /// What is decided.
    pub decision: Decision,
    /// What is decided where it is forced, if the rule says when it is.
    pub forced: Option<Decision>,
    /// Which policy file decides so; `None`: the standard.
    pub from: Option<String>,
}

impl Entry {
    /// A rule as this policy sees it.
    #[must_use]
    pub fn of(rule: &'static Rule, policy: &Policy) -> Self {
        let decided = |forced| policy.through(Some(&rule.id), rule.class, forced, false, Milder::No, |_| None);
        let (decision, from) = decided(rule.always_forced);
        let forced = (!rule.forced.is_empty()).then(|| decided(true).0).filter(|forced| *forced != decision);
        Self { rule, decision, forced, from }
    }

    /// The pack that it stands in.
    #[must_use]
    pub fn pack(&self) -> &'static str {
        pack_of(self.rule.id.as_str())
    }

    /// What it does to a call.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.decision.max(self.forced.unwrap_or(Decision::Allow)) {
            Decision::Ask | Decision::Deny => Outcome::Stopped,
            Decision::Allow => Outcome::Allowed,
            Decision::None => Outcome::Left,
        }
    }
}

/// What becomes of a call that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is asked about or denied.
    Stopped,
    /// It runs without a prompt, if all else in the call does.
    Allowed,
    /// The client's own permissions decide.
    Left,
}

/// The pack in a rule's id.
fn pack_of(id: &'static str) -> &'static str {
    id.split_once('.').map_or(id, |(pack, _)| pack)
}

/// Every rule that counts, by pack and id.
#[must_use]
pub fn entries(policy: &Policy) -> Vec<Entry> {
    let mut all: Vec<Entry> =
        policy.rules.sets().flat_map(|set| set.rules.iter()).map(|rule| Entry::of(rule, policy)).collect();
    all.sort_unstable_by_key(|entry| (entry.pack(), entry.rule.id));
    all
}

/// What a pack, or a file of policy, knows.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Its name.
    pub name: &'static str,
    /// What it is about, as its files say it.
    pub about: Vec<&'static str>,
    /// Its tools, by name.
    pub tools: Vec<Tool>,
}

/// Tools of a pack for which the same rules hold.
#[derive(Clone, Debug)]
pub struct Tool {
    /// What they are.
    pub kind: Kind,
    /// The names of programs; of everything else, nothing.
    pub names: Vec<&'static str>,
    /// What is known of them.
    pub entries: Vec<Entry>,
}

/// What a rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Programs.
    Program,
    /// Effects on files, of whatever program.
    Files,
    /// SQL statements.
    Sql,
    /// HTTP requests.
    Http,
    /// MCP tools.
    Mcp,
    /// Calls in source code.
    Code,
    /// What can't be read.
    Opaque,
}

impl Kind {
    /// Of a rule.
    #[must_use]
    pub fn of(rule: &Rule) -> Self {
        if !rule.program.is_empty() {
            Self::Program
        } else if !rule.file.is_empty() {
            Self::Files
        } else if !rule.statement.is_empty() {
            Self::Sql
        } else if !rule.request.is_empty() {
            Self::Http
        } else if !rule.tool.is_empty() || !rule.verb.is_empty() {
            Self::Mcp
        } else if !rule.code.is_empty() {
            Self::Code
        } else {
            Self::Opaque
        }
    }

    /// What is said where a program would be named.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Program => "programs",
            Self::Files => "files, by any tool",
            Self::Sql => "SQL statements",
            Self::Http => "HTTP requests",
            Self::Mcp => "MCP tools",
            Self::Code => "calls in code",
            Self::Opaque => "what can't be read",
        }
    }
}

impl Tool {
    /// Its names, or what it is.
    #[must_use]
    pub fn title(&self) -> String {
        if self.names.is_empty() { self.kind.name().to_owned() } else { self.names.join(", ") }
    }

    /// Those of one outcome.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.outcome() == outcome)
    }
}

/// Every pack with its tools.
#[must_use]
pub fn packs(policy: &Policy) -> Vec<Pack> {
    let entries = entries(policy);
    let heads: Vec<_> = policy.rules.sets().flat_map(|set| set.packs.0).collect();
    let mut packs = Vec::new();
    for of_pack in entries.chunk_by(|one, other| one.pack() == other.pack()) {
        let name = of_pack[0].pack();
        let about = heads.iter().filter(|head| head.name.as_str() == name && !head.about.is_empty());
        packs.push(Pack { name, about: about.map(|head| head.about.as_str()).collect(), tools: tools(of_pack) });
    }
    packs
}

/// The tools of a pack: programs for which the same rules hold stand together.
fn tools(entries: &[Entry]) -> Vec<Tool> {
    let mut programs: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    let mut others: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        match Kind::of(entry.rule) {
            Kind::Program => {
                entry.rule.program.iter().for_each(|name| programs.entry(name.as_str()).or_default().push(at));
            }
            kind => others.entry(kind).or_default().push(at),
        }
    }
    let mut alike: BTreeMap<Vec<usize>, Vec<&'static str>> = BTreeMap::new();
    for (name, mut rules) in programs {
        rules.dedup();
        alike.entry(rules).or_default().push(name);
    }
    let taken = |rules: &[usize]| rules.iter().map(|&at| entries[at].clone()).collect();
    let mut tools: Vec<Tool> =
        alike.into_iter().map(|(rules, names)| Tool { kind: Kind::Program, names, entries: taken(&rules) }).collect();
    tools.sort_by_key(|tool| tool.names[0]);
    tools.extend(others.into_iter().map(|(kind, rules)| Tool { kind, names: Vec::new(), entries: taken(&rules) }));
    tools
}

/// How rules were checked, counted: `help 3, docs 1, unchecked 2`; where it is the same for all, only how.
#[must_use]
pub fn checked<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for entry in entries {
        let at = HOW.iter().position(|(key, _)| *key == entry.rule.checked.as_str()).unwrap_or(HOW.len() - 1);
        *counts.entry(at).or_default() += 1;
    }
    match counts.iter().collect::<Vec<_>>()[..] {
        [(&at, _)] => HOW[at].1.to_owned(),
        _ => counts.iter().map(|(&at, count)| format!("{} {count}", HOW[at].1)).collect::<Vec<_>>().join(", "),
    }
}

/// How a rule may have been checked: as packs say it, and as people read it.
const HOW: [(&str, &str); 4] = [("help", "help"), ("part", "help in part"), ("docs", "docs"), ("", "unchecked")];
