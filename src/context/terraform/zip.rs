//! Zip archives, as far as it takes to list them and to read one member: the central directory, stored and deflated.

use super::super::{Context, Kind};
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The most bytes of a central directory that are read.
const DIRECTORY: u64 = 4 << 20;
/// The most bytes of a member, before and behind compression.
const MEMBER: usize = 8 << 20;
/// How far from the end of the file the end of the directory is looked for.
const TAIL: u64 = 22 + 0xffff;

/// A member of an archive.
#[derive(Debug)]
pub(super) struct Member {
    /// Its path.
    pub name: String,
    method: u16,
    compressed: usize,
    size: usize,
    offset: u64,
}

/// Lists an archive. `None`: it is none, or not one that every reader understands alike.
pub(super) fn members(path: &str, context: &Context<'_>) -> Option<Vec<Member>> {
    let stat = context.files.stat(path).filter(|stat| stat.kind == Kind::File)?;
    let tail = context.files.part(path, stat.size.saturating_sub(TAIL), TAIL as usize)?;
    let end = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06")?;
    let end_at = stat.size.checked_sub((tail.len() - end) as u64)?;
    let end = Bytes(&tail[end..]);
    let comment = end.short(20)?;
    let count = end.short(10)?;
    let (size, offset) = (u64::from(end.long(12)?), u64::from(end.long(16)?));
    // Nothing in front, behind or in between: what would be read otherwise by another reader isn't read at all.
    if end.0.len() != 22 + usize::from(comment) || offset.checked_add(size)? != end_at || size > DIRECTORY {
        return None;
    }
    let directory = context.files.part(path, offset, usize::try_from(size).ok()?)?;
    let mut members = Vec::new();
    let mut rest = Bytes(&directory);
    for _ in 0..count {
        if !context.budget.pay() || rest.0.get(..4)? != b"PK\x01\x02" {
            return None;
        }
        let [name, extra, comment] = [rest.short(28)?, rest.short(30)?, rest.short(32)?].map(usize::from);
        members.push(Member {
            name: String::from_utf8_lossy(rest.0.get(46..46 + name)?).into_owned(),
            method: rest.short(10)?,
            compressed: usize::try_from(rest.long(20)?).ok()?,
            size: usize::try_from(rest.long(24)?).ok()?,
            offset: u64::from(rest.long(42)?),
        });
        rest = Bytes(rest.0.get(46 + name + extra + comment..)?);
    }
    rest.0.is_empty().then_some(members)
}

/// Reads the one member of a name.
pub(super) fn member(path: &str, name: &str, context: &Context<'_>) -> Option<Vec<u8>> {
    let members = members(path, context)?;
    let mut found = members.iter().filter(|member| member.name == name);
    let (member, None) = (found.next()?, found.next()) else { return None };
    if member.compressed > MEMBER || member.size > MEMBER || context.budget.is_late() {
        return None;
    }
    let header = context.files.part(path, member.offset, 30)?;
    let header = Bytes(&header);
    if header.0.get(..4)? != b"PK\x03\x04" || header.short(8)? != member.method {
        return None;
    }
    let from = 30 + u64::from(header.short(26)?) + u64::from(header.short(28)?);
    let bytes = context.files.part(path, member.offset.checked_add(from)?, member.compressed)?;
    if bytes.len() != member.compressed {
        return None;
    }
    let bytes = match member.method {
        0 => bytes,
        8 => decompress_to_vec_with_limit(&bytes, member.size).ok()?,
        _ => return None,
    };
    (bytes.len() == member.size).then_some(bytes)
}

/// Little-endian numbers.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }

    fn long(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }
}
