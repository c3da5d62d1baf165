//! Reading transcripts line by line, and judging the calls in them.

use super::judged::{Judge, Judged};
use super::session::Session;
use super::transcript::{self, Outcome};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The longest line that is read, in bytes: results of tools, with pictures in them, are long.
const LONGEST: usize = 256 << 20;
/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;
/// The most places that are kept of what couldn't be read in a file.
const PLACES: usize = 100;
/// Lines after which is shown how far it is.
const TICK: usize = 512;

/// Which transcripts are read.
#[derive(Clone, Debug)]
pub(super) enum Source {
    File(PathBuf),
    Stdin,
}

/// What all of it gave.
#[derive(Debug, Default, Deserialize, Serialize)]
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
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Unread {
    pub(super) lines: usize,
    /// Where these lines are: the first of them.
    pub(super) places: Vec<(u32, usize)>,
    /// Files that couldn't be read to their end, with why.
    pub(super) files: Vec<(PathBuf, String)>,
}

impl Found {
    pub(super) fn add(&mut self, mut other: Self) {
        self.judged.append(&mut other.judged);
        self.outcomes.append(&mut other.outcomes);
        self.others.append(&mut other.others);
        self.malformed += other.malformed;
        self.unread.lines += other.unread.lines;
        self.unread.places.append(&mut other.unread.places);
        self.unread.files.append(&mut other.unread.files);
    }
}

/// Reads one transcript. `tick` is told from time to time how many bytes and calls there were since.
pub(super) fn read(number: u32, source: &Source, judge: &Judge<'_>, tick: &mut dyn FnMut(u64, usize)) -> Found {
    let mut found = Found::default();
    let (path, done) = match source {
        Source::Stdin => {
            (Path::new("-"), lines(number, Path::new("-"), &mut io::stdin().lock(), judge, &mut found, tick))
        }
        Source::File(path) => {
            let read = |file| lines(number, path, &mut BufReader::with_capacity(CHUNK, file), judge, &mut found, tick);
            (path.as_path(), open(path).and_then(read))
        }
    };
    if let Err(error) = done {
        found.unread.files.push((path.to_owned(), error.to_string()));
    }
    found
}

fn lines(
    number: u32,
    path: &Path,
    from: &mut dyn BufRead,
    judge: &Judge<'_>,
    found: &mut Found,
    tick: &mut dyn FnMut(u64, usize),
) -> io::Result<()> {
    let mut session = Session::of(path);
    let mut bytes = Vec::new();
    let (mut read, mut calls) = (0, 0);
    for at in 1.. {
        bytes.clear();
        let size = (&mut *from).take(LONGEST as u64).read_until(b'\n', &mut bytes)?;
        if size == 0 {
            break;
        }
        read += size as u64;
        if at % TICK == 0 {
            tick(std::mem::take(&mut read), std::mem::take(&mut calls));
        }
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
        session.take(line, judge.wanted(), (number, at), &mut found.others, &mut |pending| {
            calls += 1;
            match judge.judged(pending) {
                Some(judged) => found.judged.push(judged),
                None => found.malformed += 1,
            }
        });
        // A line of hundreds of megabytes isn't kept in mind.
        if bytes.capacity() > CHUNK {
            bytes.shrink_to(CHUNK);
        }
    }
    tick(read, calls);
    Ok(())
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
