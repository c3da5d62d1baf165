//! What is known under a word: a program, a pack, a rule, an MCP server or tool, an HTTP host, an SQL statement.

use super::said::parts;
use super::{Entry, Kind, entries};
use crate::example::{self, PROJECT};
use crate::policy::Policy;
use crate::read::action;
use crate::rules::glob;
use crate::rules::index::NOBODYS;
use crate::rules::index::{Known, Rules, does_name};
use crate::rules::model::{Language, Rule};
use std::collections::BTreeSet;

/// The most names that are offered where a word isn't known.
const OFFERED: usize = 8;
/// Keywords that tell an SQL statement from a name.
const WORDS: usize = 2;

/// Said of every MCP server and tool.
const ANY_MCP: &str = "Every MCP tool is judged by its arguments (SQL, commands, paths, requests) and by the verbs in its \
                       name, too: `countersign rules mcp`.";

/// Rules that were found in one way.
#[derive(Clone, Debug)]
pub struct Section {
    /// What they speak of: "the program terraform".
    pub title: String,
    /// What there is to know besides.
    pub notes: Vec<String>,
    /// The program, host or server that was asked about.
    pub focus: Option<String>,
    /// The rules.
    pub entries: Vec<Entry>,
}

/// Everything that is known under a word; nothing: it isn't known.
#[must_use]
pub fn find(topic: &str, policy: &Policy) -> Vec<Section> {
    let all = entries(policy);
    let topic = topic.trim();
    let mut sections = Vec::new();
    let mut add = |title: &str, focus: &str, notes: Vec<String>, wanted: &dyn Fn(&Rule) -> bool| {
        let entries: Vec<Entry> = all.iter().filter(|entry| wanted(entry.rule)).cloned().collect();
        if !entries.is_empty() || !notes.is_empty() && notes[0] != ANY_MCP {
            let title = format!("{title} {focus}").trim().to_owned();
            sections.push(Section { title, notes, focus: Some(focus.to_owned()), entries });
        }
    };
    if policy.rules.has_rule(topic) && topic.contains('.') {
        add("Rule", topic, Vec::new(), &|rule| glob::matches(topic, &rule.id));
        return sections;
    }
    let name = program_name(topic);
    let mut known = policy.rules.program(&name);
    // What holds for any program that no pack knows isn't what is known of this one.
    known.rules.retain(|rule| rule.program.iter().any(|own| own.as_str() != NOBODYS));
    let of_program: BTreeSet<&str> = known.rules.iter().map(|rule| rule.id.as_str()).collect();
    add("Program", &name, notes(&known), &|rule| of_program.contains(rule.id.as_str()));
    let rest = |rule: &Rule| !of_program.contains(rule.id.as_str());
    add("Pack", topic, Vec::new(), &|rule| {
        rest(rule) && rule.id.split_once('.').is_some_and(|(pack, _)| pack == topic)
    });
    let lower = topic.to_lowercase();
    let server = lower.strip_prefix("mcp__").and_then(|rest| rest.split("__").next()).unwrap_or(&lower);
    let any_mcp = vec![ANY_MCP.to_owned()];
    // A host isn't a server that happens to have its name.
    add("MCP server", server, any_mcp.clone(), &|rule| {
        !server.contains('.') && Kind::of(rule) == Kind::Mcp && names(rule, server)
    });
    let tools = mcp_tool(topic, policy.rules);
    add("MCP tool", topic, any_mcp, &|rule| {
        rule.tool.iter().any(|like| tools.iter().any(|(tool, _)| glob::matches(like, tool)))
            || rule.verb.iter().any(|verb| tools.iter().any(|(_, verbs)| verbs.iter().any(|had| had == verb.as_str())))
    });
    add("HTTP requests to", server, Vec::new(), &|rule| Kind::of(rule) == Kind::Http && names(rule, server));
    let statements = sql(topic, policy.rules);
    add("SQL", &statements.join("; ").to_uppercase(), Vec::new(), &|rule| {
        rule.statement.iter().any(|like| statements.iter().any(|verb| glob::matches(like, verb)))
    });
    add("Of any tool:", topic, Vec::new(), &|rule| {
        rule.file.iter().any(|does| does_name(*does) == topic) || rule.opaque.iter().any(|what| what.as_str() == topic)
    });
    let like = |name: &str| name.split(['(', '`']).next() == Some(topic);
    let calls: Vec<_> = policy
        .rules
        .sets()
        .flat_map(|set| set.calls.0)
        .filter(|call| call.name.iter().any(|name| like(name)))
        .collect();
    let does: BTreeSet<_> = calls.iter().filter_map(|call| call.does).map(does_name).collect();
    add("Call in code:", topic, does.into_iter().map(on_files).collect(), &|rule| {
        rule.code.iter().any(|code| calls.iter().any(|call| call.code == *code))
    });
    sections
}

/// A program's name without its path.
fn program_name(topic: &str) -> String {
    let name = topic.rsplit(['/', '\\']).next().unwrap_or(topic);
    name.strip_suffix(".exe").unwrap_or(name).to_owned()
}

/// What the tables of a program say of it.
fn notes(known: &Known) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(table) = known.tables.iter().find(|table| !table.checked.is_empty()) {
        let how = match table.checked.as_str() {
            "help" => "the tool's own help",
            "part" => "the tool's own help, in part",
            _ => "its documentation",
        };
        notes.push(format!("How its command line is read was checked against {how}."));
    }
    let does: BTreeSet<_> =
        known.tables.iter().flat_map(|table| &table.effects).map(|effect| does_name(effect.does)).collect();
    notes.extend(does.into_iter().map(on_files));
    let languages: BTreeSet<_> =
        known.tables.iter().flat_map(|table| &table.carries).map(|carrier| language(carrier.language)).collect();
    if !languages.is_empty() {
        let languages: Vec<_> = languages.into_iter().collect();
        notes.push(format!("What it hands on is read and judged as well: {}.", languages.join(", ")));
    }
    if known.tables.iter().any(|table| !table.request.is_empty()) {
        notes.push("The requests that it sends are judged: `countersign rules http`, or a host.".to_owned());
    }
    if notes.is_empty() && !known.tables.is_empty() && known.rules.is_empty() {
        notes.push("How its command line is read is known; no rule speaks of it.".to_owned());
    }
    notes
}

/// Where to read what becomes of an effect on files.
fn on_files(does: &str) -> String {
    format!("Files that it may {does} are judged by the rules for any tool: `countersign rules {does}`.")
}

/// What a language is called.
fn language(language: Language) -> String {
    let name = format!("{language:?}");
    let name = name.rsplit("::").next().unwrap_or_default().to_lowercase();
    match name.as_str() {
        "sql" => "SQL".to_owned(),
        "shell" => "shell commands".to_owned(),
        "command" => "a command".to_owned(),
        "http" => "HTTP requests".to_owned(),
        "opaque" => "what can't be read".to_owned(),
        _ => name,
    }
}

/// Whether a rule speaks of this server or host: by its conditions, or by its id.
fn names(rule: &Rule, word: &str) -> bool {
    let like = |glob: &str| glob::matches_any_case(glob, word) && glob.trim_matches('*').len() > 1;
    let asked = rule.when.iter().flat_map(parts).filter(|(key, _)| ["server", "host"].contains(key));
    asked.flat_map(|(_, values)| values).any(|glob| like(&glob))
        || rule.id.split_once('.').is_some_and(|(_, name)| {
            let mut words = name.split('-');
            word.len() > 2 && words.any(|part| part == word)
        })
}

/// An MCP tool by its name, as its calls are read: its names without products, and the verbs in them.
fn mcp_tool(topic: &str, rules: &'static Rules) -> Vec<(String, Vec<String>)> {
    let looks_like_one =
        topic.contains('_') || topic.chars().skip(1).any(char::is_uppercase) && topic.chars().any(char::is_lowercase);
    let plain = topic.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !looks_like_one || !plain {
        return Vec::new();
    }
    let actions = example::actions(topic, "mcp", PROJECT, rules).unwrap_or_default();
    let tool = |action: &action::Action| match &action.kind {
        action::Kind::Mcp(call) => Some((call.tool.to_string(), call.verbs.iter().map(ToString::to_string).collect())),
        _ => None,
    };
    actions.iter().filter_map(tool).collect()
}

/// The kinds of SQL statements that a text is, or begins.
fn sql(topic: &str, rules: &'static Rules) -> Vec<String> {
    let lower = topic.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let known: BTreeSet<&str> =
        rules.of(|set| set.statement).flat_map(|rule| &rule.statement).map(|text| text.0).collect();
    if (1..=WORDS).contains(&words.len()) && known.contains(words.join(" ").as_str()) {
        return vec![words.join(" ")];
    }
    let begins = |word: &&str| known.iter().any(|verb| verb.split(' ').next() == Some(*word));
    if words.len() < 2 || !words.first().is_some_and(begins) {
        return Vec::new();
    }
    let actions = example::actions(topic, "sql", PROJECT, rules).unwrap_or_default();
    let verb = |action: &action::Action| match &action.kind {
        action::Kind::Sql(sql) => Some(sql.verb.to_string()),
        _ => None,
    };
    actions.iter().filter_map(verb).collect()
}

/// The packs and programs that a word also points to: whose line says it, or whose name begins with it.
#[must_use]
pub fn also(topic: &str, found: &[Section], policy: &Policy) -> Vec<String> {
    let topic = topic.trim().to_lowercase();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for set in policy.rules.sets() {
        names.extend(set.packs.0.iter().filter(|pack| mentions(&pack.about, &topic)).map(|pack| pack.name.as_str()));
    }
    names.retain(|name| {
        *name != topic && !found.iter().any(|section| section.entries.iter().any(|entry| entry.pack() == *name))
    });
    names.into_iter().map(str::to_owned).collect()
}

/// Known names that are like a word, the likest first.
#[must_use]
pub fn near(topic: &str, policy: &Policy) -> Vec<String> {
    let topic = topic.trim().to_lowercase();
    let first = topic.split_whitespace().next().unwrap_or_default();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut about = Vec::new();
    for set in policy.rules.sets() {
        names.extend(set.programs.iter().flat_map(|table| &table.name).map(|name| name.as_str()));
        for rule in set.rules.iter() {
            let lists = [rule.program, rule.tool, rule.statement];
            names.extend(lists.iter().flat_map(|list| list.0).map(|name| name.as_str()));
            names.extend(topic.contains('.').then_some(rule.id.as_str()));
            names.extend(rule.id.split_once('.').map(|(pack, _)| pack));
        }
        about.extend(set.packs.0.iter().filter(|pack| mentions(&pack.about, &topic)).map(|pack| pack.name.as_str()));
    }
    let mut found: Vec<(usize, &str)> = names
        .iter()
        // Nobody means a pattern.
        .filter(|name| !name.contains('*'))
        .filter_map(|name| Some((likeness(name, &topic).or_else(|| likeness(name, first))?, *name)))
        .collect();
    found.extend(about.into_iter().map(|pack| (1, pack)));
    found.sort_unstable();
    let mut offered: Vec<String> = Vec::new();
    for (_, name) in found {
        if offered.len() < OFFERED && !offered.iter().any(|had| had == name) {
            offered.push(name.to_owned());
        }
    }
    offered
}

/// Whether a line speaks of something by this word, or one that begins so.
fn mentions(about: &str, word: &str) -> bool {
    let about = about.to_lowercase();
    word.len() > 2 && about.split(|c: char| !c.is_alphanumeric()).any(|had| had.starts_with(word))
}

/// How far a name is from a word; `None`: too far to be meant.
fn likeness(name: &str, word: &str) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    let name = name.trim_matches('*').to_lowercase();
    if name.len() > 2 && word.len() > 2 && (name.contains(word) || word.contains(&name)) {
        return Some(1 + name.len().abs_diff(word.len()));
    }
    let far = distance(&name, word);
    (far <= (word.len() / 4).clamp(1, 3)).then_some(far)
}

/// The number of letters to insert, delete, replace or swap.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (rows[i][j] + usize::from(a != b)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{distance, likeness};

    #[test]
    fn names_are_near_that_are_nearly_alike() {
        assert_eq!((distance("terraform", "teraform"), distance("gti", "git"), distance("a", "a")), (1, 1, 0));
        assert!(likeness("terraform", "teraform").is_some() && likeness("kubectl", "terraform").is_none());
        assert!(likeness("ls", "rm").is_none() && likeness("*", "rm").is_none());
    }
}
