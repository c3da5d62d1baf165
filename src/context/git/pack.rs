//! Packs: many objects in one file, some of them as what makes them out of another.

use super::Id;
use super::index::Bytes;
use super::objects::{Kind, MOST};
use crate::context::Context;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit as inflate;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

/// Objects that are made out of others, in a row.
const DEEP: usize = 64;
/// The most names that are read at once of those that begin with the same byte.
const NAMES: usize = 1 << 16;
/// How much of a pack is read at once, in bytes: commits lie side by side.
const WINDOW: usize = 1 << 14;
/// Where the names begin in a list of objects.
const FIRST: u64 = 8 + 256 * 4;

/// A pack with the list of what is in it.
#[derive(Debug)]
pub(super) struct Pack {
    /// The path, without its ending.
    path: String,
    /// How many names begin with a byte up to this one; empty if the list can't be read.
    fan: OnceCell<Vec<u32>>,
    /// The names that were read, by their first byte.
    names: RefCell<Vec<(u8, Rc<Vec<u8>>)>>,
    /// What was read last, and from where.
    window: RefCell<(u64, Rc<Vec<u8>>)>,
}

type Base<'a> = &'a dyn Fn(&Id, usize) -> Option<(Kind, Vec<u8>)>;

impl Pack {
    pub(super) fn new(path: String) -> Self {
        Self { path, fan: OnceCell::new(), names: RefCell::default(), window: RefCell::default() }
    }

    /// Where an object lies in it.
    pub(super) fn find(&self, id: &Id, context: &Context<'_>) -> Option<u64> {
        let (from, names) = self.beginning(id[0], context)?;
        let (mut low, mut high) = (0, names.len() / 20);
        while low < high {
            let middle = low.midpoint(high);
            match names[middle * 20..middle * 20 + 20].cmp(&id[..]) {
                std::cmp::Ordering::Equal => return self.offset(from + middle as u64, context),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The names between two that begin with the same byte. `None`: there are too many.
    pub(super) fn between(&self, low: &Id, high: &Id, context: &Context<'_>) -> Option<Vec<Id>> {
        let (_, names) = self.beginning(low[0], context)?;
        let ids = names.chunks_exact(20).filter(|name| (&low[..]..=&high[..]).contains(name));
        ids.map(|name| name.try_into().ok()).collect()
    }

    /// The names that begin with a byte, and the number of the first.
    fn beginning(&self, byte: u8, context: &Context<'_>) -> Option<(u64, Rc<Vec<u8>>)> {
        let fan = self.fan(context);
        let to = *fan.get(usize::from(byte))?;
        let from = if byte == 0 { 0 } else { fan[usize::from(byte) - 1] };
        let known = self.names.borrow().iter().find(|(known, _)| *known == byte).map(|(_, names)| names.clone());
        if let Some(names) = known {
            return Some((u64::from(from), names));
        }
        let size = (to - from) as usize;
        if size > NAMES {
            return None;
        }
        let names = context.files.part(&self.idx(), FIRST + u64::from(from) * 20, size * 20)?;
        let names = Rc::new(names);
        self.names.borrow_mut().push((byte, names.clone()));
        Some((u64::from(from), names))
    }

    fn idx(&self) -> String {
        format!("{}.idx", self.path)
    }

    fn fan(&self, context: &Context<'_>) -> &[u32] {
        self.fan.get_or_init(|| {
            let head = context.files.part(&self.idx(), 0, FIRST as usize).unwrap_or_default();
            let Some(counts) = head.strip_prefix(b"\xfftOc\0\0\0\x02") else { return Vec::new() };
            let counts = counts.as_chunks::<4>().0.iter().map(|count| u32::from_be_bytes(*count));
            let fan: Vec<u32> = counts.collect();
            if fan.len() == 256 && fan.is_sorted() { fan } else { Vec::new() }
        })
    }

    fn offset(&self, number: u64, context: &Context<'_>) -> Option<u64> {
        let count = u64::from(*self.fan(context).last()?);
        let small = FIRST + count * 24;
        let at = context.files.part(&self.idx(), small + number * 4, 4)?;
        let at = u32::from_be_bytes(at.try_into().ok()?);
        if at & 0x8000_0000 == 0 {
            return Some(u64::from(at));
        }
        let large = small + count * 4 + u64::from(at & 0x7fff_ffff) * 8;
        Some(u64::from_be_bytes(context.files.part(&self.idx(), large, 8)?.try_into().ok()?))
    }

    /// The object that lies there. `base` finds those that it is made out of, wherever they are.
    pub(super) fn object(
        &self,
        at: u64,
        depth: usize,
        context: &Context<'_>,
        base: Base<'_>,
    ) -> Option<(Kind, Vec<u8>)> {
        if depth > DEEP || context.budget.is_late() {
            return None;
        }
        let start = self.read(at, 64, context)?;
        let mut head = Bytes { bytes: &start, at: 0 };
        let first = head.byte()?;
        let mut size = usize::from(first & 0x0f);
        let mut shift = 4;
        let mut byte = first;
        while byte & 0x80 != 0 {
            byte = head.byte()?;
            size |= usize::from(byte & 0x7f).checked_shl(shift).filter(|_| shift < 32)?;
            shift += 7;
        }
        if size > MOST {
            return None;
        }
        let made = |kind| Some((kind, self.inflated(at + head.at as u64, size, context)?));
        match first >> 4 & 7 {
            1 => made(Kind::Commit),
            2 => made(Kind::Tree),
            3 => made(Kind::Blob),
            4 => made(Kind::Tag),
            6 => {
                let back = head.offset()? as u64;
                let behind = at + head.at as u64;
                // It lies before this one, so there is an end to it.
                let before = at.checked_sub(back).filter(|_| back > 0)?;
                let (kind, old) = self.object(before, depth + 1, context, base)?;
                Some((kind, changed(&old, &self.inflated(behind, size, context)?)?))
            }
            7 => {
                let id: Id = head.take(20)?.try_into().ok()?;
                let behind = at + head.at as u64;
                let (kind, old) = base(&id, depth + 1)?;
                Some((kind, changed(&old, &self.inflated(behind, size, context)?)?))
            }
            _ => None,
        }
    }

    /// So many bytes that are deflated there.
    fn inflated(&self, at: u64, size: usize, context: &Context<'_>) -> Option<Vec<u8>> {
        // What doesn't get smaller by it gets hardly larger.
        let deflated = self.read(at, size + size / 1000 + 64, context)?;
        let data = inflate(&deflated, size).ok()?;
        (data.len() == size).then_some(data)
    }

    fn read(&self, at: u64, size: usize, context: &Context<'_>) -> Option<Vec<u8>> {
        let path = || format!("{}.pack", self.path);
        if size > WINDOW / 2 {
            return context.files.part(&path(), at, size);
        }
        let within = |(from, window): &(u64, Rc<Vec<u8>>)| {
            let start = usize::try_from(at.checked_sub(*from)?).ok()?;
            // Near its end the window may be short, and so may the file.
            let whole = window.len() < WINDOW || start + size <= window.len();
            (whole && start < window.len()).then(|| window[start..window.len().min(start + size)].to_vec())
        };
        if let Some(bytes) = within(&self.window.borrow()) {
            return Some(bytes);
        }
        let window = (at, Rc::new(context.files.part(&path(), at, WINDOW)?));
        let bytes = within(&window);
        self.window.replace(window);
        bytes
    }
}

/// What the instructions of a delta make out of the old data.
fn changed(old: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut delta = Bytes { bytes: delta, at: 0 };
    let from = size(&mut delta)?;
    let to = size(&mut delta)?;
    if from != old.len() || to > MOST {
        return None;
    }
    let mut new = Vec::with_capacity(to);
    while let Some(code) = delta.byte() {
        if code & 0x80 == 0 {
            new.extend_from_slice(delta.take(usize::from(code)).filter(|_| code > 0)?);
        } else {
            let mut number = |bits: u8, count: u8| -> Option<usize> {
                let mut value = 0;
                for bit in 0..count {
                    if bits >> bit & 1 == 1 {
                        value |= usize::from(delta.byte()?) << (8 * bit);
                    }
                }
                Some(value)
            };
            let at = number(code, 4)?;
            let size = number(code >> 4, 3)?;
            let size = if size == 0 { 0x1_0000 } else { size };
            new.extend_from_slice(old.get(at..at.checked_add(size)?)?);
        }
        if new.len() > to {
            return None;
        }
    }
    (new.len() == to).then_some(new)
}

fn size(delta: &mut Bytes<'_>) -> Option<usize> {
    let mut size = 0;
    for shift in (0..35).step_by(7) {
        let byte = delta.byte()?;
        size |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_followed_within_bounds() {
        let old = b"hello world";
        assert_eq!(changed(old, b"\x0b\x08\x90\x06\x02!!").as_deref(), Some(&b"hello !!"[..]));
        for lies in [
            &b"\x0a\x08\x90\x06\x02!!"[..],
            b"\x0b\x07\x90\x06\x02!!",
            b"\x0b\x08\x90\x06\x03!!",
            b"\x0b\x0c\x90\x0c",
            b"\x0b\x01\0",
            b"\x0b",
            b"",
        ] {
            assert_eq!(changed(old, lies), None, "{lies:?}");
        }
    }
}
