//! Work on all cores: files are read line by line, and the calls in them are judged in batches by whoever is free, so that
//! one large file is no work for one core alone.

use super::judged::{Judge, Judged, Pending};
use super::session::Session;
use super::transcript::{self, Outcome};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The longest line that is read, in bytes: results of tools, with pictures in them, are long.
const LONGEST: usize = 256 << 20;
/// How many calls are judged at a time.
const BATCH: usize = 64;
/// How many batches may wait. Whoever reads more than that judges them as well.
const WAITING: usize = 64;
/// The stack of a thread, in bytes: what the hook has, and some more.
const STACK: usize = 16 << 20;
/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;
/// How often is shown how far it is.
const TICK: Duration = Duration::from_millis(100);
/// The most places that are kept of what couldn't be read.
const PLACES: usize = 1_000;

/// Which transcripts are read.
#[derive(Clone, Debug)]
pub(super) enum Source {
    File(PathBuf),
    Stdin,
}

/// What all of it gave.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) judged: Vec<Judged>,
    /// What became of the calls, by what stands for their ids.
    pub(super) outcomes: Vec<(u64, Outcome)>,
    /// What stands for the ids of calls of tools that are none of the guard's business.
    pub(super) others: Vec<u64>,
    pub(super) unread: Unread,
    /// Calls that the client itself would have refused, since their arguments aren't those of the tool.
    pub(super) malformed: usize,
}

/// What couldn't be read.
#[derive(Debug, Default)]
pub(super) struct Unread {
    pub(super) lines: usize,
    /// Where these lines are: the first of them.
    pub(super) places: Vec<(u32, usize)>,
    /// Files that couldn't be read to their end, with why.
    pub(super) files: Vec<(PathBuf, String)>,
}

impl Found {
    fn add(&mut self, mut other: Self) {
        self.judged.append(&mut other.judged);
        self.outcomes.append(&mut other.outcomes);
        self.others.append(&mut other.others);
        self.malformed += other.malformed;
        self.unread.lines += other.unread.lines;
        self.unread.places.append(&mut other.unread.places);
        self.unread.files.append(&mut other.unread.files);
    }
}

/// How far it is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) bytes: AtomicU64,
    pub(super) files: AtomicUsize,
    pub(super) calls: AtomicUsize,
}

struct Queue {
    sources: VecDeque<(u32, Source)>,
    batches: VecDeque<Vec<Pending>>,
    /// How many are reading, and may bring more batches.
    reading: usize,
}

enum Task {
    Read(u32, Source),
    Judge(Vec<Pending>),
}

struct Crew<'a> {
    queue: Mutex<Queue>,
    changed: Condvar,
    judge: &'a Judge<'a>,
    progress: &'a Progress,
}

/// Reads the transcripts and judges the calls in them. `tick` is told how far it is from time to time.
pub(super) fn work(sources: &[Source], threads: usize, judge: &Judge<'_>, mut tick: impl FnMut(&Progress)) -> Found {
    let progress = Progress::default();
    let sources = (0..).zip(sources.iter().cloned()).collect();
    let crew = Crew {
        queue: Mutex::new(Queue { sources, batches: VecDeque::new(), reading: 0 }),
        changed: Condvar::new(),
        judge,
        progress: &progress,
    };
    let mut found = Found::default();
    std::thread::scope(|scope| {
        let builder = || std::thread::Builder::new().stack_size(STACK);
        let all: Vec<_> =
            (0..threads.max(1)).filter_map(|_| builder().spawn_scoped(scope, || crew.run()).ok()).collect();
        if all.is_empty() {
            // No thread may be started here: it is one's own work, then.
            found = crew.run();
        }
        while !all.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            tick(&progress);
            std::thread::sleep(if progress.calls.load(Ordering::Relaxed) == 0 { TICK / 20 } else { TICK / 4 });
        }
        for thread in all {
            found.add(thread.join().unwrap_or_default());
        }
        tick(&progress);
    });
    // In the order of the files and lines, whoever has read them.
    found.judged.sort_by_key(|judged| judged.at);
    found.unread.places.sort_unstable();
    found.unread.files.sort();
    found
}

impl Crew<'_> {
    fn run(&self) -> Found {
        let mut found = Found::default();
        while let Some(task) = self.next() {
            match task {
                Task::Judge(batch) => self.judge(batch, &mut found),
                Task::Read(number, source) => {
                    self.read(number, &source, &mut found);
                    self.locked().reading -= 1;
                    self.progress.files.fetch_add(1, Ordering::Relaxed);
                    self.changed.notify_all();
                }
            }
        }
        found
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Task> {
        let mut queue = self.locked();
        loop {
            if let Some(batch) = queue.batches.pop_front() {
                return Some(Task::Judge(batch));
            }
            if let Some((number, source)) = queue.sources.pop_front() {
                queue.reading += 1;
                return Some(Task::Read(number, source));
            }
            if queue.reading == 0 {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn judge(&self, batch: Vec<Pending>, found: &mut Found) {
        self.progress.calls.fetch_add(batch.len(), Ordering::Relaxed);
        for pending in batch {
            match self.judge.judged(pending) {
                Some(judged) => found.judged.push(judged),
                None => found.malformed += 1,
            }
        }
    }

    /// Hands a batch on, or judges it where enough are waiting.
    fn hand_on(&self, batch: &mut Vec<Pending>, found: &mut Found) {
        if batch.is_empty() {
            return;
        }
        let batch = std::mem::take(batch);
        let mut queue = self.locked();
        if queue.batches.len() >= WAITING {
            drop(queue);
            return self.judge(batch, found);
        }
        queue.batches.push_back(batch);
        drop(queue);
        self.changed.notify_one();
    }

    fn read(&self, number: u32, source: &Source, found: &mut Found) {
        let (path, done) = match source {
            Source::Stdin => (Path::new("-"), self.lines(number, Path::new("-"), &mut io::stdin().lock(), found)),
            Source::File(path) => {
                (path.as_path(), open(path).and_then(|file| self.lines(number, path, &mut buffered(file), found)))
            }
        };
        if let Err(error) = done {
            found.unread.files.push((path.to_owned(), error.to_string()));
        }
    }

    fn lines(&self, number: u32, path: &Path, from: &mut dyn BufRead, found: &mut Found) -> io::Result<()> {
        let mut session = Session::of(path);
        let (mut bytes, mut batch) = (Vec::new(), Vec::with_capacity(BATCH));
        for at in 1.. {
            bytes.clear();
            let size = (&mut *from).take(LONGEST as u64).read_until(b'\n', &mut bytes)?;
            if size == 0 {
                break;
            }
            self.progress.bytes.fetch_add(size as u64, Ordering::Relaxed);
            let whole = size < LONGEST || bytes.ends_with(b"\n") || skip_line(from)? == 0;
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let Some(line) = transcript::read(&bytes).filter(|_| whole) else {
                found.unread.lines += 1;
                if found.unread.places.len() < PLACES {
                    found.unread.places.push((number, at));
                }
                continue;
            };
            found.outcomes.extend(&line.outcomes);
            session.take(line, self.judge.wanted, (number, at), &mut batch, &mut found.others);
            if batch.len() >= BATCH {
                self.hand_on(&mut batch, found);
            }
            // A line of hundreds of megabytes isn't kept in mind.
            bytes.shrink_to(CHUNK);
        }
        self.hand_on(&mut batch, found);
        Ok(())
    }
}

/// Passes over the rest of a line, and says how long that is.
fn skip_line(from: &mut dyn BufRead) -> io::Result<usize> {
    let mut skipped = 0;
    loop {
        let (end, size) = match from.fill_buf()? {
            [] => return Ok(skipped),
            bytes => match bytes.iter().position(|byte| *byte == b'\n') {
                Some(at) => (true, at + 1),
                None => (false, bytes.len()),
            },
        };
        from.consume(size);
        skipped += size;
        if end {
            return Ok(skipped);
        }
    }
}

fn buffered(file: File) -> BufReader<File> {
    BufReader::with_capacity(CHUNK, file)
}

/// Opens a file without waiting: a FIFO without a writer would be waited for.
fn open(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC).bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
}
