//! Work on all cores: a process for each, that reads some of the transcripts.
//!
//! Processes, not threads: the allocator of a static build has one lock for all threads, and with two of them judging takes
//! three times the processor time that it takes with one. A process is asked by one line of JSON, and answers with a line for
//! each file and one at the end.

use super::judged::Judge;
use super::policies::{Change, Met, Policies};
use super::reading::{Found, Source, read};
use super::session::Wanted;
use crate::cli::Here;
use crate::context::{Disk, Files, NoFiles};
use crate::policy::layer::Kind;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// How much there must be to read before other processes are asked, in bytes: to start one costs something, too.
const LARGE: u64 = 1 << 20;
/// The most processes.
const MOST: usize = 64;
/// How often is shown how far it is.
const TICK: Duration = Duration::from_millis(25);

/// How calls are judged.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Manner {
    pub(super) wanted: Wanted,
    /// A policy file that is compared, and the number of its layer.
    pub(super) policy: Option<(PathBuf, u8)>,
    /// Today's disk is looked at.
    pub(super) disk: bool,
}

/// What a process is asked.
#[derive(Debug, Deserialize, Serialize)]
struct Share {
    manner: Manner,
    /// Files with their numbers.
    files: Vec<(u32, PathBuf)>,
}

/// What it answers.
#[derive(Debug, Deserialize, Serialize)]
enum Answer {
    File(Found),
    End(Met),
}

/// How far it is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) bytes: AtomicU64,
    pub(super) files: AtomicUsize,
    pub(super) calls: AtomicUsize,
}

/// The layers by their numbers in a request.
pub(super) const LAYERS: [Kind; 4] = [Kind::Managed, Kind::User, Kind::Project, Kind::Local];

impl Manner {
    /// Runs something with whoever judges in this manner.
    fn with<T>(&self, here: &Here, policies: &Policies<'_>, run: impl FnOnce(&Judge<'_>) -> T) -> T {
        let files: &dyn Files = if self.disk { &Disk } else { &NoFiles };
        run(&Judge::new(&self.wanted, here.home.as_deref(), policies, files))
    }
}

/// Reads the transcripts and judges the calls in them. `tick` is told how far it is from time to time.
pub(super) fn work(
    sources: &[Source],
    manner: &Manner,
    here: &Here,
    policies: &Policies<'_>,
    tick: &mut dyn FnMut(&Progress),
) -> (Found, Met) {
    let progress = Progress::default();
    let (mut own, shares) = divided(sources);
    let (mut found, mut met) = (Found::default(), Met::default());
    std::thread::scope(|scope| {
        let mut others = Vec::new();
        for share in shares {
            // Where no process may be started, it is one's own work.
            let Ok(child) = start() else {
                own.extend(share.into_iter().map(|(number, path, _)| (number, Source::File(path))));
                continue;
            };
            let progress = &progress;
            others.push((share.clone(), scope.spawn(move || asked(child, &share, manner, progress))));
        }
        manner.with(here, policies, |judge| {
            for (number, source) in own {
                found.add(read(number, &source, judge, &mut |bytes, calls| {
                    progress.bytes.fetch_add(bytes, Ordering::Relaxed);
                    progress.calls.fetch_add(calls, Ordering::Relaxed);
                    tick(&progress);
                }));
                progress.files.fetch_add(1, Ordering::Relaxed);
            }
        });
        while !others.iter().all(|(_, thread)| thread.is_finished()) {
            tick(&progress);
            std::thread::sleep(TICK);
        }
        for (share, thread) in others {
            let lines = thread.join().unwrap_or_default();
            told(&share, &lines, &mut found, &mut met);
        }
    });
    tick(&progress);
    met.add(policies.met());
    // In the order of the files and lines, whoever has read them.
    found.judged.sort_unstable_by_key(|judged| judged.at);
    found.unread.places.sort_unstable();
    found.unread.files.sort_unstable();
    (found, met)
}

/// A file with its number and its size.
type Numbered = (u32, PathBuf, u64);

/// What is read here, and what each of some other processes reads: about as much.
fn divided(sources: &[Source]) -> (Vec<(u32, Source)>, Vec<Vec<Numbered>>) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST);
    let (mut own, mut files) = (Vec::new(), Vec::new());
    for (number, source) in (0..).zip(sources) {
        match source {
            // A path that is no text has no place in a request.
            Source::File(path) if path.to_str().is_some() => {
                let size = std::fs::metadata(path).map_or(0, |data| data.len());
                files.push((number, path.clone(), size));
            }
            other => own.push((number, other.clone())),
        }
    }
    if cores < 2 || files.len() < 2 || files.iter().map(|(_, _, size)| size).sum::<u64>() < LARGE {
        own.extend(files.into_iter().map(|(number, path, _)| (number, Source::File(path))));
        return (own, Vec::new());
    }
    files.sort_by_key(|(_, _, size)| std::cmp::Reverse(*size));
    let mut shares: Vec<(u64, Vec<Numbered>)> = (0..cores.min(files.len())).map(|_| (0, Vec::new())).collect();
    for file in files {
        if let Some(least) = shares.iter_mut().min_by_key(|(size, _)| *size) {
            least.0 += file.2 + 1;
            least.1.push(file);
        }
    }
    (own, shares.into_iter().map(|(_, share)| share).collect())
}

fn start() -> io::Result<Child> {
    let program = std::env::current_exe()?;
    Command::new(program).args(["replay", "--share"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}

/// Asks a process, and waits for all that it answers.
fn asked(mut child: Child, share: &[Numbered], manner: &Manner, progress: &Progress) -> Vec<Vec<u8>> {
    let files = share.iter().map(|(number, path, _)| (*number, path)).collect::<Vec<_>>();
    let request = serde_json::json!({ "manner": manner, "files": files }).to_string();
    if let Some(mut stdin) = child.stdin.take() {
        // It answers nothing then, which is seen.
        let _ = stdin.write_all(request.as_bytes());
    }
    let mut lines = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let mut sizes = share.iter().map(|(_, _, size)| *size);
        answers(stdout, &mut lines, &mut |calls| {
            progress.bytes.fetch_add(sizes.next().unwrap_or_default(), Ordering::Relaxed);
            progress.files.fetch_add(1, Ordering::Relaxed);
            progress.calls.fetch_add(calls, Ordering::Relaxed);
        });
    }
    let _ = child.wait();
    lines
}

/// The lines of an answer, without the number of calls that stands in front of each.
fn answers(from: ChildStdout, lines: &mut Vec<Vec<u8>>, each: &mut dyn FnMut(usize)) {
    let mut from = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        match from.read_until(b'\n', &mut line) {
            Ok(1..) if line.ends_with(b"\n") => {}
            // It has ended, in the middle of a line or behind the last.
            _ => return,
        }
        let blank = line.iter().position(|byte| *byte == b' ').unwrap_or_default();
        if let Some(calls) = std::str::from_utf8(&line[..blank]).ok().and_then(|text| text.parse().ok()) {
            each(calls);
        }
        line.drain(..blank);
        lines.push(line);
    }
}

/// Takes what a process has answered. Of the files that it says nothing of, it is said that they weren't read.
fn told(share: &[Numbered], lines: &[Vec<u8>], found: &mut Found, met: &mut Met) {
    let mut left = share.iter();
    for line in lines {
        match serde_json::from_slice(line) {
            Ok(Answer::File(file)) => {
                found.add(file);
                left.next();
            }
            Ok(Answer::End(other)) => met.add(other),
            Err(_) => break,
        }
    }
    let why = "judging what is in it ended unexpectedly";
    found.unread.files.extend(left.map(|(_, path, _)| (path.clone(), why.to_owned())));
}

/// One of the other processes: reads what it is asked on stdin, and answers on stdout.
pub(super) fn share(here: &Here) -> Result<(), String> {
    let mut request = Vec::new();
    let read_all = io::stdin().lock().read_to_end(&mut request).map_err(|error| error.to_string());
    let wrong = |why: String| format!("`--share` is for `countersign replay` itself: {why}");
    read_all.map_err(wrong)?;
    let Share { manner, files } = serde_json::from_slice(&request).map_err(|error| wrong(error.to_string()))?;
    let change = match &manner.policy {
        Some((path, layer)) => Some(Change::read(here, path, LAYERS.get(usize::from(*layer)).copied())?),
        None => None,
    };
    let policies = Policies::new(here, change);
    let say = |calls: String, answer: &Answer| {
        let text = serde_json::to_string(answer).unwrap_or_default();
        io::stdout().lock().write_all(format!("{calls} {text}\n").as_bytes())
    };
    let told = manner.with(here, &policies, |judge| {
        for (number, path) in files {
            let file = read(number, &Source::File(path), judge, &mut |_, _| ());
            say((file.judged.len() + file.malformed).to_string(), &Answer::File(file))?;
        }
        say(String::new(), &Answer::End(policies.met()))
    });
    told.map_err(|error| wrong(error.to_string()))
}
