//! All rules and tables of a set of packs, indexed so that a call touches only what could match it.
//!
//! `build.rs` compiles this file too: the built-in packs are indexed at build time.

use super::clues::Clues;
use super::model::{
    Class, Client, CodeCall, Condition, Does, Environment, Head, Language, Pack, Part, Place, Program, Rule, Stateful,
    Tool, Variable, Verb,
};
use super::packed::Table;
use super::text::{List, Text};

/// A set of packs, indexed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Every table of a program.
    pub programs: Table<Program>,
    /// Every rule.
    pub rules: Table<Rule>,
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
    /// What says which of them a path is.
    pub clues: Clues,
    /// Which resources hold data.
    pub stateful: List<Stateful>,
    /// The words that say what an environment is.
    pub environments: List<Environment>,
    /// What the client asks about by itself.
    pub client: List<Client>,
    /// What each pack is called, and what it is about.
    pub packs: List<Head>,
    /// Digests of the exact names of programs, sorted: to look one up by them touches two pages of memory instead of a
    /// dozen.
    pub names: List<u64>,
    /// Where the tables and rules of the program stand in `numbers`, in the order of `names`.
    pub by_name: List<Numbers>,
    /// The same for names that end in `*`.
    pub by_start: List<Entry>,
    /// Places in `programs` and `rules`.
    pub numbers: List<u32>,
    /// Rules by subject.
    pub file: List<u32>,
    /// Rules with `statement`.
    pub statement: List<u32>,
    /// Rules with `request`.
    pub request: List<u32>,
    /// Rules with `tool` or `verb`, with these.
    pub mcp: List<OfTool>,
    /// Rules with `code`.
    pub code: List<u32>,
    /// Rules with `opaque`.
    pub opaque: List<u32>,
    /// The ids of all rules, sorted.
    pub ids: List<Text>,
    /// Digests of the ids, and of each `pack.*`, sorted, for the keys of a policy; none in what is read at run time.
    pub digests: List<u64>,
    /// What lies under these: the built-in packs under those of a policy file.
    pub next: Option<&'static Rules>,
}

/// Which [`Rules::numbers`] belong to the programs of one name.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// The first of them.
    pub first: u32,
    /// How many are places in [`Rules::programs`].
    pub tables: u32,
    /// How many, behind these, are places in [`Rules::rules`].
    pub rules: u32,
}

/// A rule of MCP tools. There are hundreds, and an MCP call asks for a few: most are told from it without being read.
#[derive(Clone, Copy, Debug)]
pub struct OfTool {
    /// Its place in [`Rules::rules`].
    pub rule: u32,
    /// Its `tool`.
    pub tool: List<Text>,
    /// Its `verb`.
    pub verb: List<Text>,
}

impl OfTool {
    /// Whether it speaks of a tool of this name, or one that does this.
    fn fits(&self, tool: &str, verbs: &[impl AsRef<str>]) -> bool {
        self.tool.iter().any(|glob| super::glob::matches(glob, tool))
            || self.verb.iter().any(|kind| verbs.iter().any(|verb| verb.as_ref() == kind.as_str()))
    }
}

/// The programs whose names begin alike.
#[derive(Clone, Debug)]
pub struct Entry {
    /// How they begin.
    pub start: Text,
    /// What is known of them.
    pub numbers: Numbers,
}

/// What stands for any program that no pack knows.
pub const NOBODYS: &str = "?";

/// What is known of a program: its tables and its rules.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// How its command line is read.
    pub tables: Vec<&'static Program>,
    /// The rules that speak of it.
    pub rules: Vec<&'static Rule>,
}

impl Known {
    /// Whether nothing is known. A rule that only tightens doesn't count: it must not stand in front of another reading.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let besides = |rule: &Rule| rule.on_top || rule.program.iter().any(|name| name.as_str() == NOBODYS);
        self.tables.is_empty() && self.rules.iter().all(|rule| besides(rule))
    }
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
        for pack in packs {
            pack.rule.iter().for_each(|rule| check(pack, rule, &mut faults));
        }
        let rules = joined(packs, |pack| pack.rule);
        let ids: Vec<Text> = sorted(rules.iter().map(|rule| rule.id), Text::as_str).collect();
        for pair in ids.windows(2).filter(|pair| pair[0] == pair[1]) {
            faults.push(Fault { place: pair[0].to_string(), what: "two rules have this id: rename one".to_owned() });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let programs = joined(packs, |pack| pack.program);
        // By name, tables in front of rules, each in its order.
        let of_programs = (0u32..)
            .zip(programs.0)
            .flat_map(|(at, program)| program.name.0.iter().map(move |name| (*name, false, at)));
        let of_rules =
            (0u32..).zip(rules.0).flat_map(|(at, rule)| rule.program.0.iter().map(move |name| (*name, true, at)));
        let named: Vec<(Text, bool, u32)> = sorted(of_programs.chain(of_rules), |(name, ..)| name.as_str()).collect();
        let (mut exact, mut starts) = (Vec::with_capacity(named.len()), Vec::new());
        let mut first = 0;
        for group in named.chunk_by(|one, other| one.0 == other.0) {
            let tables = (0u32..).zip(group).find(|(_, (_, is_rule, _))| *is_rule);
            let all = (0u32..).zip(group).last().map_or(0, |(last, _)| last + 1);
            let tables = tables.map_or(all, |(at, _)| at);
            let numbers = Numbers { first, tables, rules: all - tables };
            first += all;
            match group[0].0.as_str().strip_suffix('*') {
                Some(start) => starts.push(Entry { start: Text(start), numbers }),
                None => exact.push((digest(&group[0].0), numbers)),
            }
        }
        exact.sort_unstable_by_key(|(name, _)| *name);
        all.names = exact.iter().map(|(name, _)| *name).collect::<Vec<_>>().into();
        all.by_name = exact.into_iter().map(|(_, numbers)| numbers).collect::<Vec<_>>().into();
        all.by_start = starts.into();
        all.numbers = named.iter().map(|(.., at)| *at).collect::<Vec<_>>().into();
        let having = |has: fn(&Rule) -> bool| {
            List::from((0u32..).zip(rules.0).filter(|(_, rule)| has(rule)).map(|(at, _)| at).collect::<Vec<_>>())
        };
        all.file = having(|rule| !rule.file.is_empty());
        all.statement = having(|rule| !rule.statement.is_empty());
        all.request = having(|rule| !rule.request.is_empty());
        let mcp = (0u32..).zip(rules.0).filter(|(_, rule)| !rule.tool.is_empty() || !rule.verb.is_empty());
        let mcp = mcp.map(|(at, rule)| OfTool { rule: at, tool: rule.tool, verb: rule.verb });
        all.mcp = mcp.collect::<Vec<_>>().into();
        all.code = having(|rule| !rule.code.is_empty());
        all.opaque = having(|rule| !rule.opaque.is_empty());
        all.ids = ids.into();
        all.programs = programs.into();
        all.rules = rules.into();
        all.tools = joined(packs, |pack| pack.tool);
        all.calls = joined(packs, |pack| pack.call);
        all.verbs = joined(packs, |pack| pack.verb);
        all.variables = joined(packs, |pack| pack.variable);
        all.places = joined(packs, |pack| pack.place);
        all.clues = Clues::new(&all.places);
        all.stateful = joined(packs, |pack| pack.stateful);
        all.environments = joined(packs, |pack| pack.environment);
        all.client = joined(packs, |pack| pack.client);
        all.packs = packs.iter().map(|pack| pack.pack.clone()).collect::<Vec<_>>().into();
        Ok(all)
    }

    /// What is known of the program of this name.
    #[must_use]
    pub fn program(&self, name: &str) -> Known {
        let mut known = self.named(name);
        if known.is_empty() {
            known.rules.extend(self.named(NOBODYS).rules);
        }
        known
    }

    fn named(&self, name: &str) -> Known {
        let mut known = Known::default();
        let wanted = digest(name);
        for set in self.sets() {
            let of = |numbers: &Numbers| {
                let mine = set.numbers.0.get(numbers.first as usize..).unwrap_or_default();
                let (tables, behind) = mine.split_at_checked(numbers.tables as usize).unwrap_or_default();
                let rules = behind.get(..numbers.rules as usize).unwrap_or_default();
                let tables = tables.iter().filter_map(|&at| set.programs.get(at as usize));
                (tables, rules.iter().filter_map(|&at| set.rules.get(at as usize)))
            };
            // Another name may have the same digest: the names themselves decide.
            let named = |names: &List<Text>| names.iter().any(|known| known.as_str() == name);
            let first = set.names.partition_point(|known| *known < wanted);
            let alike = set.names.iter().skip(first).take_while(|known| **known == wanted).count();
            for numbers in set.by_name.iter().skip(first).take(alike) {
                let (tables, rules) = of(numbers);
                known.tables.extend(tables.filter(|table| named(&table.name)));
                known.rules.extend(rules.filter(|rule| named(&rule.program)));
            }
            for entry in set.by_start.iter().filter(|entry| name.starts_with(entry.start.as_str())) {
                let (tables, rules) = of(&entry.numbers);
                known.tables.extend(tables);
                known.rules.extend(rules);
            }
        }
        known
    }

    /// These, and what lies under them.
    pub fn sets(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |set| set.next)
    }

    /// The rules of a subject: `rules.of(|set| set.file)`.
    pub fn of(&self, subject: fn(&Self) -> List<u32>) -> impl Iterator<Item = &'static Rule> {
        self.sets().flat_map(move |set| {
            let rules = set.rules;
            subject(set).0.iter().filter_map(move |&at| rules.get(at as usize))
        })
    }

    /// The rules of an MCP tool, by its name and the kinds of verb in that.
    pub fn of_tool(&self, tool: &str, verbs: &[impl AsRef<str>]) -> impl Iterator<Item = &'static Rule> {
        self.sets().flat_map(move |set| {
            let rules = set.rules;
            let fitting = set.mcp.iter().filter(move |of| of.fits(tool, verbs));
            fitting.filter_map(move |of| rules.get(of.rule as usize))
        })
    }

    /// The tables of calls in a language.
    pub fn calls(&self, language: Language) -> impl Iterator<Item = &'static CodeCall> {
        self.sets().flat_map(|set| set.calls.0).filter(move |call| call.language.contains(&language))
    }

    /// The tables of MCP tools.
    pub fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        self.sets().flat_map(|set| set.tools.0)
    }

    /// The lists of verbs.
    pub fn verbs(&self) -> impl Iterator<Item = &'static Verb> {
        self.sets().flat_map(|set| set.verbs.0)
    }

    /// The tables of variables.
    pub fn variables(&self) -> impl Iterator<Item = &'static Variable> {
        self.sets().flat_map(|set| set.variables.0)
    }

    /// The zones, in the order in which they are tried.
    pub fn places(&self) -> impl Iterator<Item = &'static Place> {
        self.sets().flat_map(|set| set.places.0)
    }

    /// The types of resources that hold data.
    pub fn stateful(&self) -> impl Iterator<Item = &'static Stateful> {
        self.sets().flat_map(|set| set.stateful.0)
    }

    /// The words that say what an environment is.
    pub fn environments(&self) -> impl Iterator<Item = &'static Environment> {
        self.sets().flat_map(|set| set.environments.0)
    }

    /// What the client asks about by itself.
    pub fn client(&self) -> impl Iterator<Item = &'static Client> {
        self.sets().flat_map(|set| set.client.0)
    }

    /// With what finds ids quickly.
    #[must_use]
    pub fn with_digests(mut self) -> Self {
        let packs = self.ids.iter().filter_map(|id| Some(digest(&format!("{}.*", id.split_once('.')?.0))));
        let mut digests: Vec<u64> = self.ids.iter().map(|id| digest(id)).chain(packs).collect();
        digests.sort_unstable();
        digests.dedup();
        self.digests = digests.into();
        self
    }

    /// Whether there is a rule whose id is like this: `pack.name`, or a glob.
    #[must_use]
    pub fn has_rule(&self, like: &str) -> bool {
        let wild = like.find(['*', '?', '{', '\\']);
        let start = &like[..wild.unwrap_or(like.len())];
        let plain = wild.is_none() || start.ends_with('.') && &like[start.len()..] == "*";
        self.sets().any(|set| {
            if plain && !set.digests.is_empty() {
                return set.digests.binary_search(&digest(like)).is_ok();
            }
            // Those that begin alike stand together.
            let first = set.ids.partition_point(|id| id.as_str() < start);
            let mut alike = set.ids[first..].iter().take_while(|id| id.starts_with(start));
            alike.any(|id| wild.is_none() && id.len() == like.len() || wild.is_some() && super::glob::matches(like, id))
        })
    }
}

/// FNV-1a. Two names of the same digest would be a wonder: among ids, that is no more than a key that isn't called wrong;
/// names of programs are compared besides.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Sorted by a text, then by what stands beside it. Names of a policy often begin alike, and to compare them letter by
/// letter would be most of what indexing them takes.
fn sorted<T: Ord>(items: impl Iterator<Item = T> + Clone, text: fn(&T) -> &'static str) -> impl Iterator<Item = T> {
    let alike = |one: &str, other: &str| one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let first = items.clone().next().as_ref().map_or("", text);
    let (mut count, mut shared) = (0, first.len());
    items.clone().for_each(|item| (count, shared) = (count + 1, shared.min(alike(first, text(&item)))));
    let mut sorted = Vec::with_capacity(count);
    items.for_each(|item| {
        let head = text(&item).bytes().skip(shared).chain(std::iter::repeat(0)).take(8);
        sorted.push((head.fold(0, |head, byte| head << 8 | u64::from(byte)), item));
    });
    sorted.sort_unstable();
    sorted.into_iter().map(|(_, item)| item)
}

/// The lists of all packs as one; of a single pack, its own.
fn joined<T: Clone>(packs: &[Pack], list: fn(&Pack) -> List<T>) -> List<T> {
    match packs {
        [pack] => list(pack),
        _ => packs.iter().flat_map(|pack| list(pack).0).cloned().collect::<Vec<_>>().into(),
    }
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
    globs(rule).filter_map(|glob| Some((glob, super::glob::fault(glob)?))).for_each(|(glob, what)| {
        fault(&format!("the pattern `{glob}` {what}"));
    });
    if rule.program.len() > 1 && rule.program.iter().any(|name| name.as_str() == NOBODYS) {
        fault("`?` is the program that no pack knows: it can't stand beside names of programs");
    }
    if !rule.command.is_empty() && rule.program.is_empty() {
        fault("`command` needs `program`");
    }
    if rule.class >= Class::Disruptive && (rule.loses.is_empty() || rule.instead.is_empty()) {
        fault("a rule that stops calls needs `loses` and `instead`");
    }
    // What is only seen on the disk has no example that needs none.
    let seen = !rule.when.is_empty() && rule.when.iter().all(Condition::asks_the_disk);
    if rule.hits.is_empty() && !rule.on_top && !seen {
        fault("needs at least one call in `hits`");
    }
    if rule.class != Class::Observe && (!rule.only.is_empty() || rule.here) {
        fault("`only` and `here` are for `observe` rules");
    }
}

/// The globs of a rule.
fn globs(rule: &Rule) -> impl Iterator<Item = &'static str> {
    let of_rule = [rule.command.list, rule.statement, rule.request, rule.tool];
    let conditions = [rule.when, rule.unless, rule.forced].into_iter().flat_map(|list| list.0);
    let of_conditions = conditions.flat_map(|condition| condition.0.0).map(Part::globs);
    of_rule.into_iter().chain(of_conditions).flat_map(|list| list.0).map(Text::as_str).filter(|glob| !glob.is_empty())
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
        Does::Touch => "touch",
    }
}
