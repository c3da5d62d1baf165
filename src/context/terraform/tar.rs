//! The names in a tar archive, also in one that gzip has compressed.

use super::super::Context;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

/// The size of a record.
const RECORD: usize = 512;
/// How much is read at a time.
const CHUNK: usize = 64 << 10;
/// The most bytes of a compressed archive that are unpacked.
const UNPACKED: u64 = 32 << 20;
/// The longest name.
const NAME: u64 = 64 << 10;

/// Goes through the names in an archive. `None`: it is none, or not all of it could be read.
pub(super) fn names(path: &str, context: &Context<'_>, each: &mut dyn FnMut(&str)) -> Option<()> {
    let start = context.files.part(path, 0, 10)?;
    let mut source = match start.as_slice() {
        [0x1f, 0x8b, 8, flags, ..] => Source::gzip(path, *flags, context)?,
        _ => Source { path, context, at: 0, ready: Vec::new(), used: 0, unpack: None },
    };
    let mut long: Option<String> = None;
    let mut first = true;
    loop {
        if !context.budget.pay() {
            return None;
        }
        let record = match source.take(RECORD) {
            Some(record) => record,
            // Some archives end without the two empty records.
            None => return (!first && source.is_at_end()).then_some(()),
        };
        if record.iter().all(|byte| *byte == 0) {
            return (!first).then_some(());
        }
        if !is_header(&record) {
            return None;
        }
        first = false;
        let size = number(&record[124..136])?;
        let padded = size.checked_next_multiple_of(RECORD as u64)?;
        match record[156] {
            // A name of its own, of GNU and of POSIX.
            kind @ (b'L' | b'x') => {
                let body = source.take(usize::try_from(padded).ok().filter(|_| size <= NAME)?)?;
                let body = body.get(..usize::try_from(size).ok()?)?;
                long = if kind == b'L' { Some(text(body)) } else { pax_path(body).or(long) };
                continue;
            }
            b'g' | b'K' => source.skip(padded)?,
            _ => {
                let name = long.take().unwrap_or_else(|| {
                    let (prefix, name) = (text(&record[345..500]), text(&record[..100]));
                    let posix = &record[257..263] == b"ustar\0";
                    if posix && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
                });
                each(&name);
                source.skip(padded)?;
            }
        }
    }
}

/// Whether a record's checksum fits.
fn is_header(record: &[u8]) -> bool {
    let sum: u64 =
        record.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum();
    number(&record[148..156]) == Some(sum)
}

/// An octal number, or a binary one as GNU writes it.
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        let (high, low) = field.split_at_checked(field.len().checked_sub(8)?)?;
        let rest = high.iter().skip(1).all(|byte| *byte == 0) && high.first() == Some(&0x80);
        return rest.then(|| low.first_chunk().map(|low| u64::from_be_bytes(*low)))?;
    }
    let digits = text(field);
    let digits = digits.trim();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

/// The path in a POSIX header: lines of `length key=value`.
fn pax_path(body: &[u8]) -> Option<String> {
    let mut rest = body;
    let mut path = None;
    while !rest.is_empty() {
        let blank = rest.iter().position(|byte| *byte == b' ')?;
        let size: usize = std::str::from_utf8(&rest[..blank]).ok()?.parse().ok()?;
        let line = rest.get(blank + 1..size)?;
        if let Some(value) = line.strip_prefix(b"path=") {
            path = Some(text(value.strip_suffix(b"\n").unwrap_or(value)));
        }
        rest = rest.get(size..)?;
    }
    path
}

/// The bytes of an archive, in order.
struct Source<'a> {
    path: &'a str,
    context: &'a Context<'a>,
    /// How much of the file has been read.
    at: u64,
    /// What has been read and not yet used.
    ready: Vec<u8>,
    used: usize,
    unpack: Option<Unpack>,
}

struct Unpack {
    state: Box<InflateState>,
    /// Compressed bytes that wait.
    waiting: Vec<u8>,
    /// How much has been unpacked.
    done: u64,
    ended: bool,
}

impl<'a> Source<'a> {
    /// Behind the head of a gzip file.
    fn gzip(path: &'a str, flags: u8, context: &'a Context<'a>) -> Option<Self> {
        let head = context.files.part(path, 0, CHUNK)?;
        let mut at = 10;
        if flags & 4 != 0 {
            at += 2 + usize::from(u16::from_le_bytes(*head.get(at..)?.first_chunk()?));
        }
        for flag in [8, 16] {
            if flags & flag != 0 {
                at += head.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
            }
        }
        if flags & 2 != 0 {
            at += 2;
        }
        let unpack =
            Unpack { state: InflateState::new_boxed(DataFormat::Raw), waiting: Vec::new(), done: 0, ended: false };
        Some(Self { path, context, at: at as u64, ready: Vec::new(), used: 0, unpack: Some(unpack) })
    }

    /// The next bytes: exactly so many.
    fn take(&mut self, size: usize) -> Option<Vec<u8>> {
        while self.ready.len() - self.used < size {
            self.more()?;
        }
        let taken = self.ready[self.used..self.used + size].to_vec();
        self.used += size;
        Some(taken)
    }

    /// Goes on behind so many bytes.
    fn skip(&mut self, size: u64) -> Option<()> {
        let there = (self.ready.len() - self.used) as u64;
        let mut left = size.saturating_sub(there);
        self.used += usize::try_from(size.min(there)).ok()?;
        if self.unpack.is_none() {
            self.at = self.at.checked_add(left)?;
            return Some(());
        }
        while left > 0 {
            self.more()?;
            let there = (self.ready.len() - self.used) as u64;
            self.used += usize::try_from(left.min(there)).ok()?;
            left -= left.min(there);
        }
        Some(())
    }

    /// Whether nothing is left.
    fn is_at_end(&mut self) -> bool {
        self.used == self.ready.len() && self.more().is_none() && self.unpack.as_ref().is_none_or(|unpack| unpack.ended)
    }

    /// Reads on.
    fn more(&mut self) -> Option<()> {
        if self.context.budget.is_late() {
            return None;
        }
        self.ready.drain(..self.used);
        self.used = 0;
        let Some(unpack) = &mut self.unpack else {
            let part = self.context.files.part(self.path, self.at, CHUNK).filter(|part| !part.is_empty())?;
            self.at += part.len() as u64;
            self.ready.extend(part);
            return Some(());
        };
        if unpack.ended || unpack.done >= UNPACKED {
            return None;
        }
        if unpack.waiting.is_empty() {
            unpack.waiting = self.context.files.part(self.path, self.at, CHUNK)?;
            self.at += unpack.waiting.len() as u64;
        }
        let mut out = vec![0; CHUNK];
        let done = inflate(&mut unpack.state, &unpack.waiting, &mut out, MZFlush::None);
        unpack.waiting.drain(..done.bytes_consumed);
        unpack.done += done.bytes_written as u64;
        unpack.ended = matches!(done.status, Ok(MZStatus::StreamEnd));
        self.ready.extend_from_slice(&out[..done.bytes_written]);
        (done.status.is_ok() && (done.bytes_written > 0 || done.bytes_consumed > 0)).then_some(())
    }
}
