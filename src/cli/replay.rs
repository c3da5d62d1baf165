//! `countersign replay`: what the guard would have decided about the calls of past sessions.
//!
//! Nothing is written but the page that is asked for: neither the journal, nor what a session remembers.

mod crew;
mod html;
mod json;
mod judged;
mod policies;
mod reading;
mod report;
mod session;
mod sources;
mod text;
mod transcript;

use super::check::LayerName;
use super::log::when;
use super::{Here, fail};
use crate::context::join;
use crate::hook::clean::visible;
use crew::{LAYERS, Manner, Progress};
use policies::{Change, Policies};
use reading::Source;
use report::Report;
use session::Wanted;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

/// How many commands are shown behind each rule where nobody says how many.
const SHOWN: usize = 3;
/// The same on a page, where there is room.
const SHOWN_ON_A_PAGE: usize = 10;

/// Judges the calls of past sessions: what would have been asked about, denied and allowed
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  countersign replay                                all sessions of this machine
  countersign replay --since 30d --project shop     the last 30 days of one project
  countersign replay --policy new.toml              what this would change as your own policy
  countersign replay --policy team.toml --layer project --project shop
  countersign replay --html report.html             a page to look at and to hand on
  countersign replay --json session.jsonl | jq '.rules[0]'

Calls are judged as far as their words tell, since today's disk isn't that of then; `--disk` looks at it all the same.
Each call is judged by the policy that counts today where it was made. Secrets are taken out of what is shown. Days and
times are in UTC. Nothing is written but the page.

Exit codes: 0: the report was made, though it may say that lines couldn't be read. 1: there was nothing to read, or the
policy or the page is at fault. 2: the command line is wrong.")]
pub(super) struct Arguments {
    /// Transcripts, or folders of them; `-` is stdin. Without any: those that the client keeps, in ~/.claude/projects
    paths: Vec<PathBuf>,
    /// Not before: `90s`, `30m`, `2h`, `7d` ago, or a day or time (`2026-11-01`, `2026-11-01T14:30`)
    #[arg(long, value_name = "WHEN", value_parser = when::parse)]
    since: Option<u64>,
    /// Before: the same
    #[arg(long, value_name = "WHEN", value_parser = when::parse)]
    until: Option<u64>,
    /// Only projects like this: a name (`shop`, `shop-*`), or a path and what lies below it
    #[arg(long, value_name = "GLOB", value_parser = super::log::pattern)]
    project: Option<String>,
    /// Compare with this policy file in place of the one of its layer
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The layer of that file; without it, the one that it lies in, or else `user`
    #[arg(long, value_enum, requires = "policy")]
    layer: Option<LayerName>,
    /// Look at today's disk as well
    #[arg(long)]
    disk: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a page that stands by itself, besides
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How many commands are shown behind each rule; 3 without it, 10 on a page
    #[arg(short, value_name = "N")]
    n: Option<usize>,
    /// Read some of the transcripts for another process of this command, which asks on stdin
    #[arg(long, hide = true, exclusive = true)]
    share: bool,
}

pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match replayed(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => fail(&why),
    }
}

fn replayed(arguments: &Arguments) -> Result<(), String> {
    let here = Here::now()?;
    if arguments.share {
        return crew::share(&here);
    }
    let change = match &arguments.policy {
        Some(path) => Some(Change::read(&here, path, arguments.layer.map(LayerName::kind))?),
        None => None,
    };
    let sources = sources::find(&arguments.paths, here.home.as_deref())?;
    let layer = |kind| LAYERS.iter().position(|layer| *layer == kind).and_then(|at| u8::try_from(at).ok());
    let manner = Manner {
        wanted: Wanted {
            since: arguments.since,
            until: arguments.until,
            project: arguments.project.as_deref().map(|like| pattern(like, &here)),
        },
        policy: change.as_ref().and_then(|change| Some((change.path.clone(), layer(change.kind())?))),
        disk: arguments.disk,
    };
    let policies = Policies::new(&here, change);
    let bar = Bar::of(&sources);
    let (found, met) = crew::work(&sources, &manner, &here, &policies, &mut |progress| bar.show(progress));
    bar.clear();
    let report = Report::of(found, met, &sources, policies.change.as_ref(), arguments.disk);
    if let Some(path) = &arguments.html {
        html::write(path, &html::page(&report, arguments.n.unwrap_or(SHOWN_ON_A_PAGE)))
            .map_err(|error| format!("{} can't be written: {error}", path.display()))?;
    }
    let most = arguments.n.unwrap_or(SHOWN);
    let text = if arguments.json { json::report(&report, most) } else { visible(&text::report(&report, most)) };
    // Whoever reads it may stop at any time.
    let _ = io::stdout().write_all(text.as_bytes());
    if let (Some(path), false) = (&arguments.html, arguments.json) {
        let _ = writeln!(io::stdout(), "\nThe page is {}.", visible(&path.to_string_lossy()));
    }
    Ok(())
}

/// A path as a pattern for whole paths; a name stays one.
fn pattern(like: &str, here: &Here) -> String {
    match (like.strip_prefix("~/"), &here.home) {
        (Some(rest), Some(home)) => join(home, rest),
        _ if like == "." || like == ".." || like.starts_with("./") || like.starts_with("../") => join(&here.cwd, like),
        _ => like.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(like).to_owned(),
    }
}

/// How far it is, on a terminal.
struct Bar {
    on: bool,
    files: usize,
    bytes: u64,
}

impl Bar {
    /// The longest, in characters.
    const LENGTH: u64 = 30;

    fn of(sources: &[Source]) -> Self {
        let size = |source: &Source| match source {
            Source::File(path) => std::fs::metadata(path).map_or(0, |data| data.len()),
            Source::Stdin => 0,
        };
        let on = io::stderr().is_terminal();
        Self { on, files: sources.len(), bytes: if on { sources.iter().map(size).sum() } else { 0 } }
    }

    fn show(&self, progress: &Progress) {
        if !self.on {
            return;
        }
        let bytes = progress.bytes.load(Ordering::Relaxed).min(self.bytes);
        let done = bytes * Self::LENGTH / self.bytes.max(1);
        let bar = "█".repeat(usize::try_from(done).unwrap_or_default());
        let percent = bytes * 100 / self.bytes.max(1);
        let calls = crate::context::thousands(progress.calls.load(Ordering::Relaxed));
        let files = crate::context::thousands(progress.files.load(Ordering::Relaxed));
        let all = crate::context::thousands(self.files);
        let line = format!("\r{bar:░<30} {percent:>3} %  {calls} calls, {files} of {all} files\u{1b}[K");
        let _ = io::stderr().write_all(line.as_bytes());
    }

    fn clear(&self) {
        if self.on {
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
    }
}
