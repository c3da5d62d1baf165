//! `docs/coverage.md` says what the packs know: for each tool what is stopped, what is allowed, and how that was checked.

use countersign::catalogue::{Entry, Kind, Outcome, Pack, Tool, checked, entries, packs, said};
use countersign::judge::Decision;
use countersign::policy::Policy;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "# What countersign knows\n\n\
    Made from `src/rules/packs/` by `COUNTERSIGN_WRITE_COVERAGE=1 cargo test --test coverage`; not written by hand. On your\n\
    machine, `countersign rules TOOL` says more of each tool, with the rules of your own policy.\n\n\
    **Stopped** calls are asked about; those in **bold** are denied always, those with a `!` where they are forced past the\n\
    tool's own confirmation. **Allowed** ones run without a prompt, if all else in the call is allowed, too. What is in neither\n\
    column is left to Claude Code's own permissions. **Checked** says whether the spelling was read in the tool's own help\n\
    (`help`; some of it: `help in part`) or documentation (`docs`); what is `unchecked` is working knowledge.\n\n\
    Files, SQL, HTTP requests and source code are judged whatever tool they come from: `rm`, `find -delete` and\n\
    `shutil.rmtree` are judged by the rules of [files](#filesystem), `psql -c` by those of [SQL](#sql), `curl` by those of\n\
    [requests](#http), and every MCP tool by its arguments and the [verbs](#mcp) in its name.\n";

/// The document, as the packs have it.
fn made() -> String {
    let policy = Policy::of(countersign::rules::builtin());
    let packs = packs(&policy);
    let mut out = HEAD.to_owned();
    totals(&entries(&policy), &packs, &mut out);
    index(&packs, &mut out);
    packs.iter().for_each(|pack| table(pack, &mut out));
    out
}

fn totals(entries: &[Entry], packs: &[Pack], out: &mut String) {
    let programs: BTreeSet<_> = packs.iter().flat_map(|pack| &pack.tools).flat_map(|tool| &tool.names).collect();
    let of = |outcome| entries.iter().filter(move |entry| entry.outcome() == outcome);
    let mut row = |what: &str, number: usize, how: String| {
        let _ = writeln!(out, "| {what} | {number} | {how} |");
    };
    row("", 0, String::new());
    row("packs", packs.len(), String::new());
    row("programs with rules of their own", programs.len(), String::new());
    row("rules", entries.len(), checked(entries.iter()));
    row("… that stop calls", of(Outcome::Stopped).count(), checked(of(Outcome::Stopped)));
    row("… that allow calls", of(Outcome::Allowed).count(), checked(of(Outcome::Allowed)));
    let mut kinds: BTreeMap<Kind, Vec<&Entry>> = BTreeMap::new();
    entries.iter().for_each(|entry| kinds.entry(Kind::of(entry.rule)).or_default().push(entry));
    for (kind, entries) in kinds {
        row(&format!("rules about {}", kind.name()), entries.len(), checked(entries.into_iter()));
    }
    *out = out.replacen("|  | 0 |  |\n", "\n| | | checked |\n| --- | ---: | --- |\n", 1);
}

/// Every program with the packs that know it, by its first letter.
fn index(packs: &[Pack], out: &mut String) {
    let mut places: BTreeMap<(String, &str), BTreeSet<&str>> = BTreeMap::new();
    for pack in packs {
        for name in pack.tools.iter().flat_map(|tool| &tool.names) {
            places.entry((name.to_lowercase(), name)).or_default().insert(pack.name);
        }
    }
    out.push_str("\n## Tools\n");
    let mut letter = None;
    for ((lower, name), packs) in &places {
        let first = lower.chars().next().filter(char::is_ascii_alphabetic);
        let start = letter != Some(first);
        letter = Some(first);
        let heading = first.map_or_else(|| "other".to_owned(), |first| first.to_uppercase().to_string());
        out.push_str(&if start { format!("\n**{heading}** ") } else { ", ".to_owned() });
        let mut links = packs.iter().map(|pack| format!("#{pack}"));
        let _ = write!(out, "[{}]({})", escaped(name), links.next().unwrap_or_default());
        for (at, link) in links.enumerate() {
            let _ = write!(out, " [{}]({link})", at + 2);
        }
    }
    out.push_str("\n\nOther kinds: ");
    let others = packs.iter().flat_map(|pack| {
        let kinds = pack.tools.iter().filter(|tool| tool.names.is_empty());
        kinds.map(move |tool| (tool.kind, pack.name))
    });
    let mut kinds: BTreeMap<Kind, BTreeSet<&str>> = BTreeMap::new();
    others.for_each(|(kind, pack)| {
        kinds.entry(kind).or_default().insert(pack);
    });
    let kinds = kinds.into_iter().map(|(kind, packs)| {
        let links: Vec<String> = packs.into_iter().map(|pack| format!("[{pack}](#{pack})")).collect();
        format!("{} ({})", kind.name(), links.join(", "))
    });
    out.push_str(&(kinds.collect::<Vec<_>>().join("; ") + ".\n"));
}

fn table(pack: &Pack, out: &mut String) {
    let _ = writeln!(out, "\n## {}\n\n{}.\n", pack.name, pack.about.join(". "));
    out.push_str("| tool | stopped | allowed | checked |\n| --- | --- | --- | --- |\n");
    for tool in &pack.tools {
        if tool.kind == Kind::Program {
            row(
                &tool.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
                &tool.entries,
                tool,
                out,
            );
        } else {
            // What has no program's name to look for is looked for by what it is about.
            for entry in &tool.entries {
                row(&format!("{}: {}", tool.kind.name(), name(entry)), std::slice::from_ref(entry), tool, out);
            }
        }
    }
}

fn row(title: &str, entries: &[Entry], tool: &Tool, out: &mut String) {
    let of = |outcome| {
        let mut calls: Vec<String> = Vec::new();
        for entry in entries.iter().filter(|entry| entry.outcome() == outcome) {
            let call = call(tool, entry);
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls.join("; ")
    };
    let (stopped, allowed) = (of(Outcome::Stopped), of(Outcome::Allowed));
    if !stopped.is_empty() || !allowed.is_empty() {
        let _ = writeln!(out, "| {title} | {stopped} | {allowed} | {} |", checked(entries.iter()));
    }
}

/// What a rule is called, in words.
fn name(entry: &Entry) -> String {
    entry.rule.id.split_once('.').map_or("", |(_, name)| name).replace('-', " ")
}

/// What a rule speaks of, in as few words as tell it: a command, or else what the rule is called.
fn call(tool: &Tool, entry: &Entry) -> String {
    let subject = said::subject(entry.rule);
    let text = match tool.kind {
        Kind::Program if entry.rule.command.is_empty() && entry.outcome() == Outcome::Allowed => {
            "whatever it does".to_owned()
        }
        Kind::Program if entry.rule.command.is_empty() => name(entry),
        Kind::Program => format!("{}{}", code(&short(&subject)), with(entry)),
        Kind::Opaque | Kind::Code => code(&subject),
        Kind::Mcp if !entry.rule.tool.is_empty() => code(&short(&subject)),
        _ => code(&said::whole(entry.rule, None)),
    };
    match (entry.decision, entry.forced) {
        (Decision::Deny, _) => format!("**{text}**"),
        (_, Some(Decision::Deny)) => format!("{text} !"),
        _ => text,
    }
}

/// The options without which a command isn't stopped.
fn with(entry: &Entry) -> String {
    let mut options = Vec::new();
    for condition in &entry.rule.when {
        for (key, values) in said::parts(condition) {
            if key == "option" || key == "every" {
                options.extend(values.into_iter().filter(|value| value.starts_with("--") || value.len() < 4));
            }
        }
    }
    let every = !entry.rule.when.is_empty();
    match options.first() {
        Some(first) if every => {
            format!(
                " {}",
                code(&said::some(&[options.iter().find(|option| option.starts_with("--")).unwrap_or(first)], ""))
            )
        }
        _ => String::new(),
    }
}

/// A list of names, not all of them where there are very many.
fn short(list: &str) -> String {
    const MANY: usize = 24;
    let names: Vec<&str> = list.split(", ").collect();
    let more = if names.len() > MANY { format!(", … {} more", names.len() - MANY) } else { String::new() };
    names[..names.len().min(MANY)].join(", ") + &more
}

/// As code in a table, where `|` ends a cell.
fn code(text: &str) -> String {
    let text = text.replace('`', "'").replace('|', "\\|");
    if text.is_empty() { text } else { format!("`{text}`") }
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*").replace('_', "\\_").replace('[', "\\[").replace(']', "\\]")
}

#[test]
fn the_document_says_what_the_packs_know() {
    let made = made();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
    if std::env::var_os("COUNTERSIGN_WRITE_COVERAGE").is_some_and(|set| set == "1") {
        std::fs::write(&path, &made).expect("docs/ can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        committed == made,
        "docs/coverage.md isn't what the packs say: run `COUNTERSIGN_WRITE_COVERAGE=1 cargo test --test coverage`, and \
         commit it"
    );
}

#[test]
fn every_rule_that_stops_or_allows_is_in_a_table() {
    let policy = Policy::of(countersign::rules::builtin());
    let told: BTreeSet<_> = packs(&policy)
        .iter()
        .flat_map(|pack| &pack.tools)
        .flat_map(|tool| &tool.entries)
        .map(|entry| entry.rule.id)
        .collect();
    let missing: Vec<_> = entries(&policy)
        .into_iter()
        .filter(|entry| !told.contains(&entry.rule.id))
        .map(|entry| entry.rule.id)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_link_leads_to_a_heading() {
    let made = made();
    let headings: BTreeSet<_> =
        made.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_lowercase).collect();
    let links: BTreeSet<_> = made.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 50, "{links:?}");
    for link in links {
        assert!(headings.contains(link), "#{link} leads nowhere");
    }
    assert!(made.len() < 400_000, "{} bytes are too many to read", made.len());
}
