//! `countersign log`: what was asked about and denied, for people; `--json` for programs.

mod show;
pub(super) mod when;

use super::{Here, fail};
use crate::journal::read::{Entry, Reader};
use crate::journal::redact::redact;
use crate::journal::{JOURNAL, Store};
use crate::policy::layer::whole;
use crate::rules::glob;
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// How many entries are shown on a terminal where nobody says how many.
const SHOWN: usize = 20;
/// How often is looked for more.
const AGAIN: Duration = Duration::from_millis(250);

/// Shows what the guard has asked about and denied, the newest last
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  countersign log                                   the last 20
  countersign log --since 2h --decision deny        what was denied in the last two hours
  countersign log --since 2026-11-01 --rule 'terraform.*'
  countersign log --project . --grep DROP -n 5
  countersign log --follow                          and what comes from now on
  countersign log --json --since 1d | jq -r .message

Days and times are in UTC. The journal is ~/.local/state/countersign/journal.jsonl; docs/journal.md says what is in it.

Exit codes: 0: it was shown, even if there was nothing to show. 1: the journal can't be read. 2: the command line is wrong.")]
pub(super) struct Arguments {
    /// Not before: `90s`, `30m`, `2h`, `7d` ago, or a day or time (`2026-11-01`, `2026-11-01T14:30`)
    #[arg(long, value_name = "WHEN", value_parser = when::parse)]
    since: Option<u64>,
    /// Before: the same
    #[arg(long, value_name = "WHEN", value_parser = when::parse)]
    until: Option<u64>,
    /// Only these: `ask`, `deny`, `observed`, `approved`, and where policy records them, `allow` and `none`
    #[arg(long, value_name = "WORD,…", value_delimiter = ',', value_parser = ["ask", "deny", "observed", "approved", "allow", "none"])]
    decision: Vec<String>,
    /// Only what this rule stopped: an id, a glob of ids, or a pack
    #[arg(long, value_name = "ID", value_parser = pattern)]
    rule: Option<String>,
    /// Only this session: its id, or how that begins
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Only this project or directory, and what lies below it
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
    /// Only where the call or the reason holds this text; capitals and small letters are the same
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,
    /// Print the lines as they are in the journal, for programs
    #[arg(long)]
    json: bool,
    /// Go on with what comes, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Only the last N; 0 for all. Otherwise the last 20 on a terminal, and all in a pipe
    #[arg(short, value_name = "N")]
    n: Option<usize>,
}

pub(super) fn pattern(text: &str) -> Result<String, String> {
    glob::fault(text).map_or_else(|| Ok(text.to_owned()), |what| Err(format!("the pattern {what}")))
}

pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let here = match Here::now() {
        Ok(here) => here,
        Err(why) => return fail(&why),
    };
    let Some(home) = here.home.as_deref() else {
        return fail("HOME isn't set, so there is no place where a journal could be");
    };
    let mut view = View {
        wanted: Wanted::of(arguments, &here.cwd),
        json: arguments.json,
        look: show::Look::of(io::stdout().is_terminal()),
        bad: 0,
    };
    let mut reader = Reader::new(Store::of_home(Path::new(home)));
    let most = match arguments.n {
        Some(0) => usize::MAX,
        Some(number) => number,
        None if io::stdout().is_terminal() => SHOWN,
        None => usize::MAX,
    };
    match print_last(&mut reader, &mut view, most, arguments.follow) {
        Ok(false) if !arguments.follow => {
            let path = Path::new(home).join(JOURNAL);
            eprintln!(
                "There is no journal yet: nothing was asked about or denied ({} isn't there).",
                crate::hook::clean::visible(&path.to_string_lossy())
            );
            return ExitCode::SUCCESS;
        }
        Ok(_) => {}
        Err(error) => return ended(&error, home),
    }
    if arguments.follow
        && let Err(error) = follow(&mut reader, &mut view)
    {
        return ended(&error, home);
    }
    match view.bad {
        0 => {}
        1 => eprintln!("countersign: 1 line of the journal is torn or not countersign's, and was left out."),
        bad => eprintln!("countersign: {bad} lines of the journal are torn or not countersign's, and were left out."),
    }
    ExitCode::SUCCESS
}

/// Whoever reads the output may stop at any time; anything else is said.
fn ended(error: &io::Error, home: &str) -> ExitCode {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return ExitCode::SUCCESS;
    }
    fail(&format!("the journal {home}/{JOURNAL} can't be read: {error}"))
}

/// What is to be shown, and how.
struct View {
    wanted: Wanted,
    json: bool,
    look: show::Look,
    /// How many lines couldn't be read.
    bad: usize,
}

impl View {
    /// The text of a line, if it is wanted.
    fn text(&mut self, line: &str) -> Option<String> {
        let Some(entry) = Entry::read(line) else {
            self.bad += 1;
            return None;
        };
        if !self.wanted.fits(&entry) {
            return None;
        }
        // What has found its way into the file by another way isn't shown either.
        Some(if self.json { format!("{line}\n") } else { redact(&self.look.entry(&entry)).into_owned() })
    }
}

/// Prints the last of what is there. `false`: there is no journal.
fn print_last(reader: &mut Reader, view: &mut View, most: usize, follow: bool) -> io::Result<bool> {
    let mut last: VecDeque<String> = VecDeque::new();
    let mut stdout = io::stdout().lock();
    let mut failed = Ok(());
    let mut take = |line: &str| {
        let Some(text) = view.text(line) else { return true };
        if most == usize::MAX {
            failed = stdout.write_all(text.as_bytes());
            return failed.is_ok();
        }
        if last.len() == most {
            last.pop_front();
        }
        last.push_back(text);
        true
    };
    let there = reader.read(&mut take)?;
    if !follow {
        reader.finish(&mut take);
    }
    failed?;
    for text in last {
        stdout.write_all(text.as_bytes())?;
    }
    stdout.flush()?;
    Ok(there)
}

/// Prints what comes, whatever becomes of the files.
fn follow(reader: &mut Reader, view: &mut View) -> io::Result<()> {
    loop {
        std::thread::sleep(AGAIN);
        let mut failed = Ok(());
        reader.read(&mut |line| {
            if let Some(text) = view.text(line) {
                let mut stdout = io::stdout().lock();
                failed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
            }
            failed.is_ok()
        })?;
        failed?;
    }
}

/// Which entries are wanted.
struct Wanted {
    since: Option<u64>,
    until: Option<u64>,
    decision: Vec<String>,
    rule: Option<String>,
    session: Option<String>,
    project: Option<String>,
    grep: Option<String>,
}

impl Wanted {
    fn of(arguments: &Arguments, cwd: &str) -> Self {
        let absolute = |path: &PathBuf| crate::context::join(cwd, &path.to_string_lossy());
        Self {
            since: arguments.since,
            until: arguments.until,
            decision: arguments.decision.clone(),
            rule: arguments.rule.as_deref().map(whole),
            session: arguments.session.clone(),
            project: arguments.project.as_ref().map(absolute),
            grep: arguments.grep.as_ref().map(|text| text.to_lowercase()),
        }
    }

    fn fits(&self, entry: &Entry) -> bool {
        let below = |path: &str| {
            self.project.as_deref().is_none_or(|project| {
                let rest = path.strip_prefix(project.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let holds = |text: &str| {
            let has = |part: &str| part.to_lowercase().contains(text);
            has(&entry.shown()) || has(&entry.reason) || has(entry.tool()) || entry.rules.iter().any(|rule| has(rule))
        };
        self.since.is_none_or(|since| entry.time >= since)
            && self.until.is_none_or(|until| entry.time < until)
            && (self.decision.is_empty() || self.decision.contains(&entry.decision))
            && self.rule.as_deref().is_none_or(|like| entry.rules.iter().any(|rule| glob::matches(like, rule)))
            && self.session.as_deref().is_none_or(|session| entry.session().starts_with(session))
            && (below(entry.cwd()) || entry.project.as_deref().is_some_and(below))
            && self.grep.as_deref().is_none_or(holds)
    }
}
