//! Real bash as the oracle: whatever it runs of a mutated script, the reader has listed, or has refused the script.
//!
//! No program is ever run: `PATH` leads nowhere, and bash's own hook for unknown commands writes their names down.
//! `SHELL_ORACLE_SECONDS` and `SHELL_ORACLE_SEED` make a longer or another run.

use crate::corpus::lines;
use crate::skip::skipped;
use crate::standins::find_bash;
use crate::walk::found;
use countersign::read::shell::parse::parse;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

/// What bash reads first. It limits itself, writes down what it can't find, and stops what goes on and on.
const SETUP: &str = r#"
ulimit -t 1 -f 256 -v 400000 -n 64 -c 0
FUNCNEST=5
command_not_found_handle() {
    local IFS=$'\x1f' names
    [[ -e $ORACLE_LOG ]] || kill -9 0
    names=("$ORACLE_LOG"/*)
    (( ${#names[@]} > 60 )) && kill -9 0
    printf '%s\x1f\0' "$*" >>"$ORACLE_LOG/$BASHPID"
    return "$ORACLE_STATUS"
}
trap wait EXIT
"#;

/// What is put into scripts: everything that bash treats specially.
const PIECES: &[&str] = &[
    "$(",
    ")",
    "`",
    "\\`",
    "\"",
    "'",
    "$'",
    "$\"",
    "${",
    "}",
    "${x:-",
    "${x#",
    "((",
    "))",
    "$((",
    "$[",
    "]",
    "[",
    "{ ",
    " }",
    ";",
    "\n",
    "&",
    "&&",
    "||",
    "|",
    "|&",
    "!",
    " ! ",
    "#",
    " #",
    "\\",
    "\\\n",
    "<",
    ">",
    "<<E",
    "<<'E'",
    "<<-E",
    "\nE\n",
    "\n\tE\n",
    "E",
    "<<<",
    "<(",
    ">(",
    ">&",
    "5>&-",
    "2>",
    "&>",
    "{x}>",
    "a=(",
    "a[",
    "a=",
    "]=",
    "+=",
    "(",
    " ",
    "\t",
    "\r",
    "if ",
    "; then ",
    "; fi",
    "while ",
    "; do ",
    "; done",
    "case x in ",
    "x) ",
    ";; ",
    ";& ",
    " esac",
    "for x in ",
    "for x do ",
    "for ((",
    "function f ",
    "f() ",
    "coproc ",
    "coproc N ",
    "time ",
    "time -p ",
    "[[ ",
    " ]]",
    " =~ ",
    " == ",
    "m1",
    " m2 ",
    "m3",
    "; m4",
    " m5;",
    "$(m6)",
    "`m7`",
    "\"$(m8)\"",
    "$x",
    "$",
    "declare ",
    "export ",
    "*",
    "@(",
    "?(",
    "+(",
    "~",
    "{a,b}",
    "-",
    "=",
    "\\\"",
    "\\'",
    "\\$",
    "é",
    "\u{a0}",
    "in ",
    "break",
    "true",
    "1",
    "0",
    ":",
    "'}'",
    "'$(m9)'",
    "\"'\"",
    "${!x}",
    "${x//",
    "/",
    "${a[",
    "${#x}",
    "$#",
    "$$",
    "\\\\",
    "\\c",
    "\\x24",
];

/// Bash writes `$(coproc x)` down as `coproc COPROC x`, reads that again, and runs the name.
pub(crate) const BASH_FAULT: &str = "COPROC";

/// A small generator of numbers, so that a run can be repeated.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit.max(1)
    }

    fn boundary(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn mutate(scripts: &[String], random: &mut Random) -> String {
    let mut text = scripts[random.below(scripts.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.boundary(&text);
        match random.below(12) {
            0..=4 => text.insert_str(at, PIECES[random.below(PIECES.len())]),
            5 | 6 => {
                let mut to = (at + 1 + random.below(4)).min(text.len());
                while !text.is_char_boundary(to) {
                    to += 1;
                }
                text.replace_range(at..to, "");
            }
            7 => {
                let other = &scripts[random.below(scripts.len())];
                text.insert_str(at, other);
            }
            8 => {
                let other = &scripts[random.below(scripts.len())];
                let (from, to) = (random.boundary(other), random.boundary(other));
                text.insert_str(at, &other[from.min(to)..from.max(to)]);
            }
            9 => {
                let other = &scripts[random.below(scripts.len())];
                text = format!("{text}{}{other}", [";", "\n", " && ", " | ", "&"][random.below(5)]);
            }
            10 => {
                let (before, after) = [
                    ("$(", ")"),
                    ("\"$(", ")\""),
                    ("{ ", "; }"),
                    ("(", ")"),
                    ("x=\"${y:-", "}\""),
                    ("m0 <<E\n", "\nE\n"),
                    ("a=(", ")"),
                    ("m0 `", "`"),
                    ("m0 $((", "))"),
                    ("m0 <(", ")"),
                ][random.below(10)];
                text = format!("{before}{text}{after}");
            }
            _ => text.insert_str(at, "\\\n"),
        }
        if text.len() > 2_000 {
            break;
        }
    }
    text
}

/// What bash did with a script.
struct Ran {
    /// The words of each command.
    commands: Vec<Vec<String>>,
    syntax_error: bool,
}

fn run(bash: &Path, folder: &Path, text: &str, number: usize, status: usize) -> Option<Ran> {
    // A log of its own, for what is left running writes on; in it a file for each process, for they run at once.
    let log = folder.join(format!("{number}.log"));
    let scratch = folder.join("scratch");
    fs::create_dir(&log).ok()?;
    let errors = fs::File::create(folder.join("errors.log")).ok()?;
    let mut child = Command::new(bash)
        .args(["-c", text])
        .env_clear()
        .env("PATH", "/nonexistent")
        .env("HOME", &scratch)
        .env("LC_ALL", "C.UTF-8")
        .env("BASH_ENV", folder.join("setup.sh"))
        .env("ORACLE_LOG", &log)
        .env("ORACLE_STATUS", status.to_string())
        .current_dir(&scratch)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn()
        .ok()?;
    let start = Instant::now();
    let mut pause = Duration::from_micros(300);
    while child.try_wait().ok()?.is_none() {
        if start.elapsed() > Duration::from_millis(1_000) {
            let group = format!("kill -9 -- -{}", child.id());
            Command::new(bash).args(["-c", &group]).env_clear().stderr(Stdio::null()).status().ok()?;
            child.wait().ok()?;
            break;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(5));
    }
    let mut names = Vec::new();
    for file in fs::read_dir(&log).ok()?.flatten() {
        names.extend(fs::read(file.path()).ok()?);
    }
    let _ = fs::remove_dir_all(&log);
    let errors = fs::read(folder.join("errors.log")).ok()?;
    let errors = String::from_utf8_lossy(&errors);
    Some(Ran {
        commands: String::from_utf8_lossy(&names)
            .split_terminator('\0')
            .map(|words| words.split_terminator('\u{1f}').map(str::to_owned).collect::<Vec<_>>())
            .filter(|words| words.first().is_none_or(|name| name != BASH_FAULT))
            .collect(),
        syntax_error: errors.contains("-c: line"),
    })
}

#[derive(Default)]
struct Tally {
    scripts: usize,
    ran: usize,
    dynamic: usize,
    refused: usize,
    refused_though_fine: Vec<String>,
    before: Vec<String>,
    missed: Vec<String>,
}

fn compare(bash: &Path, folder: &Path, seed: u64, seconds: u64) -> Tally {
    let scratch = folder.join("scratch");
    fs::create_dir_all(&scratch).expect("a scratch folder");
    fs::write(folder.join("setup.sh"), SETUP).expect("a setup file");
    let scripts: Vec<String> =
        lines().into_iter().map(|line| line.script).filter(|script| !script.contains('\0')).collect();
    let mut random = Random::new(seed);
    let mut tally = Tally::default();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(seconds) {
        let text = mutate(&scripts, &mut random);
        let Some(ran) = run(bash, folder, &text, tally.scripts, random.below(2)) else {
            continue;
        };
        tally.scripts += 1;
        tally.ran += usize::from(!ran.commands.is_empty());
        match parse(&text) {
            Ok(script) => {
                let found = found(&script);
                if found.dynamic {
                    tally.dynamic += 1;
                } else if let Some(words) = ran.commands.iter().find(|words| !found.has(words)) {
                    tally.missed.push(format!("{words:?} ran, of {text:?}; found {:?}", found.commands));
                }
            }
            Err(error) => {
                tally.refused += 1;
                let found = found(&error.before);
                if !ran.syntax_error {
                    tally.refused_though_fine.push(format!("{} at {}: {text:?}", error.why, error.at));
                } else if !found.dynamic
                    && let Some(name) =
                        ran.commands.iter().flat_map(|words| words.first()).find(|name| !found.names.contains(name))
                {
                    tally.before.push(format!(
                        "{name:?} ran of {text:?}; before: {:?}; {} at {}",
                        found.names, error.why, error.at
                    ));
                }
            }
        }
        if tally.scripts % 200 == 0 {
            fs::remove_dir_all(&scratch).and_then(|()| fs::create_dir(&scratch)).expect("a scratch folder");
        }
    }
    tally
}

/// What an environment variable says, or the standard.
pub(crate) fn number(name: &str, standard: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(standard)
}

#[test]
fn whatever_bash_runs_is_found() {
    let Some(bash) = find_bash() else {
        return skipped("there is no bash on this machine to compare with").unwrap_or_default();
    };
    let seconds = number("SHELL_ORACLE_SECONDS", 8);
    let seed = number("SHELL_ORACLE_SEED", 1);
    let root = env::temp_dir().join(format!("countersign-oracle-{}", std::process::id()));
    let threads: Vec<_> = (0..2)
        .map(|thread| {
            let (bash, folder) = (bash.clone(), root.join(thread.to_string()));
            std::thread::spawn(move || compare(&bash, &folder, seed * 2 + thread, seconds))
        })
        .collect();
    let tallies: Vec<Tally> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    let _ = fs::remove_dir_all(&root);
    let sum = |part: fn(&Tally) -> usize| tallies.iter().map(part).sum::<usize>();
    eprintln!(
        "{} scripts, {} ran something; {} with a computed name; {} refused, {} of them without bash's seeing an error; {} misses, {} in front of an error",
        sum(|t| t.scripts),
        sum(|t| t.ran),
        sum(|t| t.dynamic),
        sum(|t| t.refused),
        sum(|t| t.refused_though_fine.len()),
        sum(|t| t.missed.len()),
        sum(|t| t.before.len()),
    );
    if let Ok(file) = env::var("SHELL_ORACLE_REPORT") {
        let list = |part: fn(&Tally) -> &Vec<String>| {
            tallies.iter().flat_map(part).map(|line| line.as_str()).collect::<Vec<_>>().join("\n")
        };
        let text = format!(
            "MISSED\n{}\nBEFORE\n{}\nREFUSED\n{}\n",
            list(|t| &t.missed),
            list(|t| &t.before),
            list(|t| &t.refused_though_fine)
        );
        fs::write(file, text).expect("a report");
    }
    let missed: Vec<&str> = tallies.iter().flat_map(|tally| &tally.missed).map(String::as_str).collect();
    assert!(missed.is_empty(), "bash ran what was not found:\n{}", missed.join("\n"));
}
