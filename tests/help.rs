//! What packs say of tools, held against what the tools' own help says (`tests/help/`): commands, options, and which options
//! take a value. A rule or table with `checked = "help"` must be right in all of that; one with `checked = "part"` names
//! something besides that no help shows (hidden, newer than the version that was read, or known otherwise).

mod support;

use countersign::catalogue::said;
use countersign::read::action::Kind;
use countersign::read::argv::Invocation;
use countersign::rules::glob;
use countersign::rules::index::Rules;
use countersign::rules::model::{Program, Rule, Style};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Whether an option takes a value, as a help says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    None,
    Value,
    /// One may be attached.
    Attached,
}

/// A command of a tool.
#[derive(Default)]
struct Command {
    options: BTreeMap<String, Takes>,
    /// Other words for the last of its name.
    aliases: Vec<String>,
}

/// What the help of one tool says.
#[derive(Default)]
struct Help {
    /// Not all commands were asked.
    partial: bool,
    /// Not all options were written down.
    thin: bool,
    /// It says which options take a value.
    tells_values: bool,
    /// A value that may be left out may still be a word of its own: so it is in most programs that are written in JavaScript.
    takes_words: bool,
    /// By their words behind the program; the program itself is "".
    commands: BTreeMap<String, Command>,
}

/// All that was read, by program.
fn helps() -> BTreeMap<String, Help> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("tests/help").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let mut helps = BTreeMap::new();
    for file in files {
        read(&std::fs::read_to_string(&file).expect("a help"), &mut helps);
    }
    helps
}

fn read(text: &str, helps: &mut BTreeMap<String, Help>) {
    let (mut head, mut partial, mut thin, mut npm) = (String::new(), false, false, false);
    let (mut program, mut path) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(about) = line.strip_prefix("# ") {
            // `# gh 2.23.0, Debian package gh: …`
            let named = about.split(',').next().unwrap_or_default();
            head = named.rsplit_once(' ').map_or(named, |(name, _)| name).to_owned();
            partial = about.contains("only commands like") || about.contains("not all commands");
            thin = partial || about.contains("without the");
            npm = about.contains("npm package");
        } else if let Some(aliases) = line.strip_prefix("  alias: ") {
            let command = helps.get_mut(&program).and_then(|help| help.commands.get_mut(&path)).expect("a command");
            command.aliases = aliases.split(' ').map(str::to_owned).collect();
        } else if line.starts_with(' ') {
            let help = helps.get_mut(&program).expect("a program");
            (help.tells_values, help.takes_words) = (help.tells_values || line.contains('='), npm);
            let command = help.commands.get_mut(&path).expect("a command");
            for name in line.split_whitespace() {
                let (name, takes) = match (name.strip_suffix("[=]"), name.strip_suffix('=')) {
                    (Some(name), _) => (name, Takes::Attached),
                    (_, Some(name)) => (name, Takes::Value),
                    _ => (name, Takes::None),
                };
                command.options.insert(name.to_owned(), takes);
            }
        } else if !line.is_empty() {
            // A file may hold several programs under one head: `lvremove` of lvm2.
            let own = line.strip_prefix(head.as_str()).filter(|rest| rest.is_empty() || rest.starts_with(' '));
            let (name, rest) = match own {
                Some(rest) => (head.as_str(), rest.trim_start()),
                None => line.split_once(' ').unwrap_or((line, "")),
            };
            (program, path) = (name.to_owned(), rest.to_owned());
            let help = helps.entry(program.clone()).or_default();
            (help.partial, help.thin) = (help.partial || partial, help.thin || thin);
            help.commands.entry(path.clone()).or_default();
        }
    }
}

impl Help {
    /// Whether only the program itself is known, or next to nothing of its commands.
    fn has_commands(&self) -> bool {
        self.commands.keys().filter(|path| !path.is_empty()).count() > 1
    }

    /// The commands that a path of a rule names, with those behind them.
    fn like(&self, path: &str) -> Vec<&str> {
        let wanted: Vec<&str> = path.split_whitespace().collect();
        let fits = |known: &str| {
            let have: Vec<&str> = known.split_whitespace().collect();
            have.len() >= wanted.len()
                && wanted.iter().enumerate().all(|(at, want)| {
                    let aliases = self.commands.get(&have[..=at].join(" ")).map(|command| &command.aliases);
                    let mut names = aliases.into_iter().flatten().map(String::as_str).chain([have[at]]);
                    names.any(|name| glob::matches(want, name.rsplit(' ').next().unwrap_or(name)))
                })
        };
        self.commands.keys().map(String::as_str).filter(|known| !known.is_empty() && fits(known)).collect()
    }

    /// The options of a command, and those of all in front of it.
    fn options(&self, path: &str) -> BTreeMap<&str, Takes> {
        let words: Vec<&str> = path.split_whitespace().collect();
        let paths = (0..=words.len()).map(|count| words[..count].join(" "));
        let commands: Vec<&Command> = paths.filter_map(|path| self.commands.get(&path)).collect();
        commands.into_iter().flat_map(|command| &command.options).map(|(name, takes)| (name.as_str(), *takes)).collect()
    }
}

/// `volume rm|delete` and `{a,b} c`: every path that is meant.
fn spread(command: &str) -> Vec<String> {
    let mut paths = vec![String::new()];
    for word in command.split_whitespace() {
        let braces = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let choices: Vec<&str> = braces.map_or_else(|| word.split('|').collect(), |inside| inside.split(',').collect());
        paths = paths.iter().flat_map(|path| choices.iter().map(move |choice| format!("{path} {choice}"))).collect();
    }
    paths.iter().map(|path| path.trim_start().to_owned()).collect()
}

/// Whether the options that a help names include this one: as it is, as a glob, or switched off.
fn has(options: &BTreeSet<&str>, option: &str, style: Style) -> bool {
    let name = option.split('=').next().unwrap_or(option);
    let everywhere = ["-h", "--help", "-help", "-?", "--version", "--", "-#", "*"];
    let dashed = (style == Style::Single).then(|| name.trim_start_matches('-'));
    everywhere.contains(&name)
        || options.iter().any(|known| {
            glob::matches(name, known)
                || known.strip_prefix("--").is_some_and(|known| name == format!("--no-{known}"))
                || dashed.is_some_and(|name| known.trim_start_matches('-') == name)
        })
}

/// What is wrong with the words of a rule: commands that no help knows, options that none of its commands has.
fn of_rule(rule: &Rule, helps: &BTreeMap<String, Help>, rules: &Rules) -> Vec<String> {
    let known: Vec<(&str, &Help)> =
        rule.program.iter().filter_map(|name| Some((name.as_str(), helps.get(name.as_str())?))).collect();
    if known.is_empty() {
        return vec![format!("no help of {} was read", said::some(&rule.program, ", "))];
    }
    let mut wrong = Vec::new();
    let mut paths: Vec<String> = rule.command.iter().flat_map(|command| spread(command)).collect();
    if paths.is_empty() {
        paths.push(String::new());
    }
    let (mut options, mut complete) = (BTreeSet::new(), known.len() == rule.program.len());
    for path in &paths {
        let mut there = false;
        for (_, help) in &known {
            let like =
                if path.is_empty() { help.commands.keys().map(String::as_str).collect() } else { help.like(path) };
            there |= path.is_empty() || !like.is_empty() || help.partial || !help.has_commands();
            complete &= !help.thin && (!like.is_empty() || help.has_commands());
            options.extend(like.iter().flat_map(|path| help.options(path)).map(|(name, _)| name));
            options.extend(help.options("").into_keys());
        }
        if !there {
            wrong.push(format!("no command `{path}`"));
        }
    }
    if complete && !options.is_empty() {
        let style = rules.program(known[0].0).tables.iter().map(|table| table.style).find(|it| *it != Style::Gnu);
        let asked = [rule.when, rule.unless, rule.forced].into_iter().flat_map(|list| list.0).flat_map(said::parts);
        let asked =
            asked.filter(|(key, _)| ["option", "every", "without"].contains(key)).flat_map(|(_, values)| values);
        for option in asked.chain(rule.only.iter().map(ToString::to_string)) {
            if !has(&options, &option, style.unwrap_or_default()) {
                wrong.push(format!("no option `{option}`"));
            }
        }
    }
    wrong
}

/// How a line is read.
fn invocation(line: &str, program: &str, rules: &'static Rules) -> Option<Invocation> {
    let actions = support::read(line, "sh", support::PROJECT, rules);
    actions.into_iter().find_map(|action| match action.kind {
        Kind::Run(inv) if inv.name == program => Some(inv),
        _ => None,
    })
}

const VALUE: &str = "zz9";

/// What is wrong with how the options of a program are read: behind each of its commands, each with a word behind it.
fn of_program(name: &str, help: &Help, rules: &'static Rules, judged: &mut Judged) -> Vec<String> {
    let mut wrong: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (path, command) in &help.commands {
        for (option, takes) in &command.options {
            let words: Vec<&str> = [name, path, option, VALUE].into_iter().filter(|word| !word.is_empty()).collect();
            let Some(inv) = invocation(&words.join(" "), name, rules) else { continue };
            let Some(given) = inv.options.iter().rev().find(|given| given.name == *option) else { continue };
            let took = given.value.as_ref().and_then(|value| value.known()) == Some(VALUE);
            let unsure = !given.listed || inv.operands.last().is_some_and(|operand| operand.maybe_value);
            let is = match takes {
                Takes::Value if !took && !unsure => "takes a value",
                Takes::None if took && given.listed && help.tells_values => "takes no value",
                Takes::Attached if took && given.listed && !help.takes_words => {
                    "takes a value only where it is attached"
                }
                _ => continue,
            };
            if !judged.knows(name, path, option) {
                wrong.entry((option.as_str(), is)).or_default().push(path);
            }
        }
    }
    wrong.into_iter().map(|((option, is), paths)| format!("`{option}` {is} in {}", paths.join(", "))).collect()
}

/// Where a person has found that a help is wrong, or says too little: `tests/help/judged.toml`.
struct Judged {
    reasons: BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl Judged {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help/judged.toml");
        let text = std::fs::read_to_string(path).expect("tests/help/judged.toml");
        Self { reasons: toml::from_str(&text).expect("names with reasons"), used: BTreeSet::new() }
    }

    /// `git am -b` is about one option of one command, `git -b` about all commands, `git` about everything.
    fn knows(&mut self, program: &str, path: &str, option: &str) -> bool {
        let names = [format!("{program} {path} {option}"), format!("{program} {option}"), program.to_owned()];
        let known = names.into_iter().find(|name| self.reasons.contains_key(name));
        known.map(|name| self.used.insert(name)).is_some()
    }

    /// Those that nothing asks for any more.
    fn stale(&self) -> Vec<String> {
        let stale = self.reasons.keys().filter(|name| !self.used.contains(*name));
        stale.map(|name| format!("tests/help/judged.toml: nothing is wrong with `{name}`: take it out")).collect()
    }
}

/// Options that a table names and no command of its programs has.
fn of_table(table: &Program, helps: &BTreeMap<String, Help>) -> Vec<String> {
    let known: Vec<&Help> = table.name.iter().filter_map(|name| helps.get(name.as_str())).collect();
    if known.is_empty() {
        return vec!["no help was read".to_owned()];
    }
    if known.iter().any(|help| help.thin) || known.len() < table.name.len() {
        return Vec::new();
    }
    let options: BTreeSet<&str> = known
        .iter()
        .flat_map(|help| help.commands.values())
        .flat_map(|it| it.options.keys())
        .map(String::as_str)
        .collect();
    let of_sub = table.sub.iter().flat_map(|sub| [sub.values, sub.flags]);
    let named = [table.values, table.flags].into_iter().chain(of_sub).flat_map(|list| list.iter());
    let unknown = named.filter(|option| !options.is_empty() && !has(&options, option, table.style));
    unknown.map(|option| format!("no option `{option}`")).collect()
}

fn report(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} wrong. Correct it, or mark what no help shows with `checked = \"part\"`:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn rules_name_what_the_help_names() {
    let helps = helps();
    let packs = support::packs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/packs")).expect("the packs");
    let rules = support::index(&packs).expect("sound packs");
    let mut wrong = Vec::new();
    for rule in packs.iter().flat_map(|(_, pack)| &pack.rule) {
        let faults = of_rule(rule, &helps, rules);
        match rule.checked.as_str() {
            "help" => wrong.extend(faults.into_iter().map(|fault| format!("{}: {fault}", rule.id))),
            "part" if faults.is_empty() => wrong.push(format!("{}: all of it is in the help: `help`", rule.id)),
            "part" | "docs" | "" => {}
            other => wrong.push(format!("{}: `checked` is `help`, `part`, `docs` or nothing, not `{other}`", rule.id)),
        }
    }
    report(&wrong);
}

#[test]
fn options_are_read_as_the_help_says() {
    let helps = helps();
    let packs = support::packs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/packs")).expect("the packs");
    let rules = support::index(&packs).expect("sound packs");
    let (mut wrong, mut judged) = (Vec::new(), Judged::read());
    for (file, table) in packs.iter().flat_map(|(file, pack)| pack.program.iter().map(move |table| (file, table))) {
        let file = file.rsplit('/').next().unwrap_or_default();
        let names = said::some(&table.name, ", ");
        let faults = of_table(table, &helps);
        match table.checked.as_str() {
            "help" => wrong.extend(faults.into_iter().map(|fault| format!("{file}: {names}: {fault}"))),
            "part" if faults.is_empty() => wrong.push(format!("{file}: {names}: all of it is in the help: `help`")),
            "part" | "docs" | "" => {}
            other => {
                wrong.push(format!("{file}: {names}: `checked` is `help`, `part`, `docs` or nothing, not `{other}`"))
            }
        }
        for name in table.name.iter().filter(|_| ["help", "part"].contains(&table.checked.as_str())) {
            let faults =
                helps.get(name.as_str()).map(|help| of_program(name, help, rules, &mut judged)).unwrap_or_default();
            wrong.extend(faults.into_iter().map(|fault| format!("{file}: {name}: {fault}")));
        }
    }
    wrong.extend(judged.stale());
    report(&wrong);
}
