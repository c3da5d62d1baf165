//! The index: what git has noted of every tracked file when it last looked.

use super::Id;
use crate::context::{Context, Stat, join};

/// The largest index that is read, in bytes: some 150,000 files.
const MOST: usize = 16 << 20;
/// The deepest directories that are noted.
const DEEP: usize = 128;
/// How much later than a file the index must have been written for what it says of the file to be relied on, in
/// nanoseconds: clocks of file systems are that coarse.
const COARSE: i128 = 100_000_000;

/// A tracked file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    path: (u32, u32),
    /// Its content.
    pub(super) id: Id,
    /// What it is: `0o100644`, `0o100755`, `0o120000` (a link), `0o160000` (a repository in it).
    pub(super) mode: u32,
    size: u32,
    modified: (u32, u32),
    changed: (u32, u32),
    inode: u32,
    /// It is as it ought to be: no version of a conflict, and not merely announced (`git add -N`).
    pub(super) whole: bool,
    /// The working tree doesn't have it on purpose.
    pub(super) skipped: bool,
}

/// A directory whose tree was known when the index was written.
#[derive(Clone, Debug, Default)]
pub(super) struct Cached {
    name: Vec<u8>,
    /// How many files are in it, and its tree; `None`: something in it has changed since.
    pub(super) tree: Option<(usize, Id)>,
    below: Vec<Cached>,
}

impl Cached {
    /// A directory in it.
    pub(super) fn below(&self, name: &[u8]) -> Option<&Self> {
        self.below.iter().find(|cached| cached.name == name)
    }
}

/// The index of a working tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    names: Vec<u8>,
    /// In the order of their paths.
    pub(super) entries: Vec<Entry>,
    /// The trees that are known.
    pub(super) cached: Cached,
    /// When it was written.
    written: (i64, u32),
}

impl Index {
    /// Reads it. One that isn't there is empty. `None`: it can't be read, or says something that isn't understood here.
    pub(super) fn load(own: &str, context: &Context<'_>) -> Option<Self> {
        let path = join(own, "index");
        let Some(stat) = context.files.stat(&path) else { return Some(Self::default()) };
        let bytes = context.files.part(&path, 0, MOST + 1)?;
        if bytes.len() > MOST {
            return None;
        }
        let mut index = Self::parse(&bytes)?;
        index.written = stat.modified;
        Some(index)
    }

    /// The path of an entry, from the root of the working tree.
    pub(super) fn path(&self, entry: &Entry) -> &[u8] {
        self.names.get(entry.path.0 as usize..entry.path.1 as usize).unwrap_or_default()
    }

    /// The entry of a path.
    pub(super) fn entry(&self, path: &[u8]) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| self.path(entry).cmp(path)).ok()?;
        self.entries.get(at)
    }

    /// The entries below a directory; all for an empty name.
    pub(super) fn below(&self, dir: &[u8]) -> std::ops::Range<usize> {
        if dir.is_empty() {
            return 0..self.entries.len();
        }
        let mut prefix = dir.to_vec();
        prefix.push(b'/');
        let from = self.entries.partition_point(|entry| self.path(entry) < prefix.as_slice());
        prefix.pop();
        prefix.push(b'/' + 1);
        let to = self.entries.partition_point(|entry| self.path(entry) < prefix.as_slice());
        from..to.max(from)
    }

    /// Whether a file is just as it was when git last looked, by what the file system says of it.
    pub(super) fn is_untouched(&self, entry: &Entry, stat: &Stat) -> bool {
        let time = |at: (u32, u32)| (i64::from(at.0), at.1);
        #[expect(clippy::cast_possible_truncation, reason = "the index has the lower half of both")]
        let same = time(entry.modified) == stat.modified
            && time(entry.changed) == stat.changed
            && entry.inode == stat.inode as u32
            && entry.size == stat.size as u32;
        let nanoseconds = |at: (i64, u32)| i128::from(at.0) * 1_000_000_000 + i128::from(at.1);
        // Where times are whole seconds, so is the doubt.
        let coarse = if entry.modified.1 == 0 { 2_000_000_000 } else { COARSE };
        // git notes no size where it is in doubt itself.
        same && entry.size > 0 && nanoseconds(stat.modified) + coarse < nanoseconds(self.written)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Bytes { bytes, at: 0 };
        if reader.take(4)? != b"DIRC" {
            return None;
        }
        let version = reader.number()?;
        let count = reader.number()? as usize;
        // An entry has 62 bytes at least, and the digest of everything stands at the end.
        if !(2..=4).contains(&version) || count > bytes.len() / 62 {
            return None;
        }
        let end = bytes.len().checked_sub(20)?;
        let mut index = Self { entries: Vec::with_capacity(count), ..Self::default() };
        for _ in 0..count {
            index.entry_from(&mut reader, version)?;
        }
        while reader.at + 8 <= end {
            let name: [u8; 4] = reader.take(4)?.try_into().ok()?;
            let size = reader.number()? as usize;
            let data = reader.take(size)?;
            match &name {
                b"TREE" => {
                    let mut data = Bytes { bytes: data, at: 0 };
                    index.cached = cached(&mut data, 0).filter(|_| data.at == data.bytes.len()).unwrap_or_default();
                }
                // Whoever doesn't know it must not go on.
                _ if !name[0].is_ascii_uppercase() => return None,
                _ => {}
            }
        }
        (reader.at == end).then_some(index)
    }

    fn entry_from(&mut self, reader: &mut Bytes<'_>, version: u32) -> Option<()> {
        let start = reader.at;
        let changed = (reader.number()?, reader.number()?);
        let modified = (reader.number()?, reader.number()?);
        reader.number()?;
        let inode = reader.number()?;
        let mode = reader.number()?;
        reader.take(8)?;
        let size = reader.number()?;
        let id: Id = reader.take(20)?.try_into().ok()?;
        let flags = reader.short()?;
        let more = match (flags & 0x4000 != 0, version) {
            (true, 3 | 4) => reader.short()?,
            (true, _) => return None,
            (false, _) => 0,
        };
        let from = self.names.len();
        if version == 4 {
            let cut = reader.offset()?;
            let before = self.entries.last().map_or((0, 0), |entry| entry.path);
            let kept = ((before.1 - before.0) as usize).checked_sub(cut)?;
            let before = before.0 as usize;
            self.names.extend_from_within(before..before + kept);
            let name = reader.text(0)?;
            self.names.extend_from_slice(name);
        } else {
            let name = reader.text(0)?;
            self.names.extend_from_slice(name);
            // Up to seven more zeros, to a multiple of eight.
            reader.at = start + (reader.at - 1 - start + 8) / 8 * 8;
            reader.bytes.get(..reader.at)?;
        }
        let path = (u32::try_from(from).ok()?, u32::try_from(self.names.len()).ok()?);
        let stage = flags & 0x3000;
        let entry = Entry {
            path,
            id,
            mode,
            size,
            modified,
            changed,
            inode,
            whole: stage == 0 && more & 0x2000 == 0,
            skipped: more & 0x4000 != 0,
        };
        let name = self.path(&entry);
        let sound = !name.is_empty()
            && matches!(mode, 0o100_644 | 0o100_755 | 0o120_000 | 0o160_000)
            && name.split(|byte| *byte == b'/').all(|name| !name.is_empty() && name != b"." && name != b"..");
        let follows = self.entries.last().is_none_or(|last| match self.path(last).cmp(name) {
            std::cmp::Ordering::Less => true,
            // The versions of a conflict.
            std::cmp::Ordering::Equal => !entry.whole,
            std::cmp::Ordering::Greater => false,
        });
        if !sound || !follows {
            return None;
        }
        self.entries.push(entry);
        Some(())
    }
}

fn cached(data: &mut Bytes<'_>, depth: usize) -> Option<Cached> {
    if depth > DEEP {
        return None;
    }
    let name = data.text(0)?.to_vec();
    let count: i64 = std::str::from_utf8(data.text(b' ')?).ok()?.parse().ok()?;
    let below: usize = std::str::from_utf8(data.text(b'\n')?).ok()?.parse().ok()?;
    let tree = match usize::try_from(count) {
        Ok(count) => Some((count, data.take(20)?.try_into().ok()?)),
        Err(_) => None,
    };
    let mut all = Vec::new();
    for _ in 0..below {
        all.push(cached(data, depth + 1)?);
    }
    Some(Cached { name, tree, below: all })
}

/// Bytes that are read from the front.
pub(super) struct Bytes<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, size: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(size)?)?;
        self.at += size;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    /// A number of seven bits a byte, the highest first, each further byte adding one.
    pub(super) fn offset(&mut self) -> Option<usize> {
        let mut byte = self.byte()?;
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
        }
        Some(value)
    }

    /// What stands before a byte, which is passed.
    pub(super) fn text(&mut self, end: u8) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let size = rest.iter().position(|byte| *byte == end)?;
        self.at += size + 1;
        Some(&rest[..size])
    }
}
