//! Every command that real bash runs, the reader has found, with the words that it is run with; or it has said that it can't
//! know. Bash runs stand-ins (`standins.rs`), of scripts made by chance (`grammar.rs`) and of the corpora.
//!
//! `SHELL_RUNS` and `SHELL_RUNS_SEED` make more scripts, or others; with `SHELL_RUNS_EVERY=1`, no line of the corpora is left
//! out. `SHELL_RUNS_REPORT` names a file for all that was missed.

#[path = "../support/mod.rs"]
mod support;

use crate::grammar;
use crate::oracle::{BASH_FAULT, Random, number};
use crate::skip::skipped;
use crate::standins::{Kept, Ran, SCRATCH, find_bash, isolates, run};
use countersign::call::{Call, ToolCall};
use countersign::context::NoFiles;
use countersign::judge::actions;
use countersign::read::action::Kind;
use countersign::rules::builtin;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the reader says of a script.
#[derive(Default)]
struct Found {
    /// The commands, as they are shown.
    shown: Vec<String>,
    /// What it said that it can't know: the kind, and what is known of it all the same.
    opaque: Vec<(&'static str, String)>,
}

fn read(script: &str) -> Found {
    let mut call = Call::new(ToolCall::Bash { command: script.to_owned(), description: None }, SCRATCH);
    call.home = Some(SCRATCH.to_owned());
    let mut found = Found::default();
    for action in actions(&call, builtin(), &NoFiles).unwrap_or_default() {
        match action.kind {
            Kind::Run(_) => found.shown.push(one_number(&action.origin.shown)),
            Kind::Opaque(kind) => found.opaque.push((kind, one_number(&action.origin.shown))),
            _ => {}
        }
    }
    found
}

/// The words of a command as the reader shows them.
fn shown(words: &[String]) -> String {
    let word = |text: &String| {
        let odd = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ';' | '|' | '&' | '<' | '>');
        match text {
            plain if !plain.is_empty() && !plain.contains(odd) => plain.clone(),
            text if text.contains('\'') => format!("\"{text}\""),
            text => format!("'{text}'"),
        }
    };
    one_number(&words.iter().map(word).collect::<Vec<_>>().join(" "))
}

/// Which number the file of a process substitution has, nobody needs to know.
fn one_number(text: &str) -> String {
    let mut parts = text.split("/dev/fd/");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + "/dev/fd/N" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Whether a text is one that this may stand for: `…` for anything, patterns for what they match. Blanks and quotes don't
/// count where something is unknown, since it may be no word at all, or several.
fn fits(pattern: &str, text: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '"')).collect::<Vec<_>>();
    let (pattern, text) = (bare(pattern), bare(text));
    // Which starts of the text the pattern up to here matches.
    let mut starts = vec![false; text.len() + 1];
    starts[0] = true;
    for c in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            match c {
                '…' | '*' => next[at] = starts[at] || at > 0 && next[at - 1],
                '?' => next[at] = at > 0 && starts[at - 1],
                c => next[at] = at > 0 && starts[at - 1] && text[at - 1] == c,
            }
        }
        starts = next;
    }
    starts[text.len()]
}

impl Found {
    fn has(&self, words: &[String]) -> bool {
        let text = shown(words);
        // What stand-ins print is nothing, and so is what `xargs` gets of them.
        let without = |shown: &String| {
            self.shown.iter().any(|shown| shown.starts_with("xargs"))
                && (shown.strip_prefix(&text).is_some_and(|rest| rest.starts_with(' ')) || text == "echo")
        };
        // A stand-in knows no more than its name: `env /bin/rm x`.
        let bare = |shown: &String| shown.strip_prefix("/bin/").is_some_and(|shown| *shown == text);
        let is = |shown: &String| *shown == text || shown.contains(['…', '*', '?']) && fits(shown, &text);
        self.shown.iter().any(|shown| is(shown) || without(shown) || bare(shown))
    }

    /// Whether this command may be one of those that the reader has said it can't know: of a program whose name isn't known,
    /// the words are; text that isn't known may hold any.
    fn covers(&self, words: &[String]) -> bool {
        let text = shown(words);
        self.opaque.iter().any(|(kind, shown)| *kind != "program" || fits(shown, &text))
    }
}

#[derive(Default)]
struct Tally {
    scripts: usize,
    refused: usize,
    compared: usize,
    opaque: usize,
    more: usize,
    missed: Vec<String>,
}

impl Tally {
    fn add(&mut self, script: &str, ran: &Ran) {
        // What bash itself doesn't take, it runs up to there.
        self.scripts += 1;
        self.refused += usize::from(ran.errors.contains("syntax error") || ran.errors.contains("-c: line"));
        let found = read(script);
        for words in ran.commands.iter().filter(|words| words.first().is_none_or(|name| name != BASH_FAULT)) {
            self.compared += 1;
            match found.has(words) {
                true => {}
                false if found.covers(words) => self.opaque += 1,
                false => self.missed.push(format!("{words:?} ran of {script:?}\n    found: {:?}", found.shown)),
            }
        }
        let named = |shown: &&String| !ran.commands.iter().any(|words| fits(shown, &self::shown(words)));
        self.more += found.shown.iter().filter(|shown| shown.starts_with('m')).filter(named).count();
    }

    fn tell(&self, what: &str) {
        eprintln!(
            "{what}: {} scripts ({} with an error of syntax), {} commands ran, {} of them only covered by something \
             unknown, {} missed; {} were found that didn't run",
            self.scripts,
            self.refused,
            self.compared,
            self.opaque,
            self.missed.len(),
            self.more,
        );
        if let Ok(file) = env::var("SHELL_RUNS_REPORT") {
            fs::write(format!("{file}.{what}"), self.missed.join("\n") + "\n").expect("a report");
        }
        assert!(self.missed.is_empty(), "bash ran what was not found:\n{}", self.missed.join("\n"));
        assert!(self.compared * 2 > self.scripts, "hardly anything ran");
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("standins-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// Runs them in two folders at once.
fn ran(name: &str, kept: Kept, names: &[String], scripts: &[String]) -> Vec<Ran> {
    let halves = scripts.split_at(scripts.len() / 2);
    std::thread::scope(|scope| {
        let start = |half: &'_ [String], number: usize| {
            let (folder, half) = (folder(&format!("{name}{number}")), half.to_vec());
            scope.spawn(move || {
                let ran = run(&folder, kept, names, &half);
                let _ = fs::remove_dir_all(&folder);
                ran
            })
        };
        let threads = [start(halves.0, 0), start(halves.1, 1)];
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    })
}

#[test]
fn what_bash_runs_of_scripts_made_by_chance_is_found() {
    if find_bash().is_none() {
        return skipped("there is no bash on this machine to compare with").unwrap_or_default();
    }
    let kept = if isolates() { Kept::Isolated } else { Kept::Open };
    let mut random = Random::new(number("SHELL_RUNS_SEED", 1));
    let scripts: Vec<String> = (0..number("SHELL_RUNS", 400)).map(|_| grammar::script(&mut random)).collect();
    let names: Vec<String> = (1..10).map(|at| format!("m{at}")).chain(["w".to_owned()]).collect();
    let mut tally = Tally::default();
    for (script, ran) in scripts.iter().zip(ran("chance", kept, &names, &scripts)) {
        tally.add(script, &ran);
    }
    tally.tell("chance");
}

/// The lines of the corpora. They name what they like, so they are only run where there is nothing that it could be.
#[test]
fn what_bash_runs_of_the_corpora_is_found() {
    if find_bash().is_none() || !isolates() {
        return skipped("this system lets a test have no namespaces of its own").unwrap_or_default();
    }
    let every = number("SHELL_RUNS_EVERY", 60);
    let lines = commands();
    // Picked by what they are: a line more or less elsewhere picks no others.
    let sum = |line: &String| line.bytes().fold(5_381_u64, |sum, byte| sum.wrapping_mul(33) ^ u64::from(byte));
    // These make a name stand for another program, or a word for an assignment: the rules stop them by their looks.
    let odd = |line: &String| ["hash -p", "set -k", "compgen -C"].iter().any(|piece| line.contains(piece));
    let picked = |line: &String| !odd(line) && sum(line).is_multiple_of(every.max(1));
    let lines: Vec<String> = lines.into_iter().filter(picked).collect();
    let mut names: Vec<String> = Vec::new();
    for line in &lines {
        names.extend(read(line).shown.iter().filter_map(|shown| shown.split(' ').next()).map(str::to_owned));
    }
    names.sort();
    names.dedup();
    let mut tally = Tally::default();
    for (line, ran) in lines.iter().zip(ran("corpora", Kept::Isolated, &names, &lines)) {
        tally.add(line, &ran);
    }
    tally.tell("corpora");
}

/// The shell commands of all corpora, but for those that would fill the machine with processes before their time is up.
fn commands() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let entries = fs::read_dir(folder).expect("tests/corpus").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    let cases = files.iter().flat_map(|file| support::corpus(file).expect("a corpus"));
    let other = |call: &str| {
        call.split_once(':')
            .is_some_and(|(prefix, rest)| rest.starts_with(' ') && prefix.bytes().all(|b| b.is_ascii_lowercase()))
    };
    let grows = |call: &str| ["while ", "until ", ":()", "for ((;", "f() {"].iter().any(|piece| call.contains(piece));
    cases.map(|case| case.call).filter(|call| !other(call) && !grows(call) && !call.contains('\0')).collect()
}
