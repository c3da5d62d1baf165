//! Rules and tables of programs, packed. There are thousands, and a call asks for a few of them: as Rust values they
//! would be two thirds of the program, and lie in as many pages. `build.rs` writes them one behind the other into a text,
//! and each is read back when it is first asked for. What nearly every call tries (rules about files, SQL, requests, code) stays
//! ready; so do the names of MCP tools and their verbs, by which the rules about them are found.

use super::model::{Carrier, Condition, Copies, Effect, Prints, Program, Recipes, Rule, Sends, Sub, Target};
use super::text::{List, Names, Text};
use std::sync::{Mutex, PoisonError};

/// What can be packed.
pub trait Packable: Sized {
    /// Writes it.
    fn put(&self, out: &mut String);

    /// Reads it back. None: this isn't what [`Packable::put`] wrote.
    fn take(from: &mut Packed) -> Option<Self>;
}

/// A text with packed things in it, and how far it has been read.
#[derive(Clone, Copy, Debug)]
pub struct Packed {
    text: &'static str,
    at: usize,
}

impl Packed {
    /// What begins here in a text.
    #[must_use]
    pub const fn new(text: &'static str, at: usize) -> Self {
        Self { text, at }
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        loop {
            let digit = *self.text.as_bytes().get(self.at)?;
            self.at += 1;
            number = number << 6 | usize::from(digit & 0x3f);
            if digit & MORE == 0 {
                return Some(number);
            }
        }
    }

    fn text(&mut self) -> Option<&'static str> {
        let length = self.number()?;
        let text = self.text.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(text)
    }
}

/// Set in each digit of a number that is followed by another. Digits have six bits, so that what is written is a text.
const MORE: u8 = 0x40;

fn put_number(number: usize, out: &mut String) {
    if number >= 1 << 6 {
        put_more(number >> 6, out);
    }
    out.push(char::from((number & 0x3f) as u8));
}

fn put_more(number: usize, out: &mut String) {
    if number >= 1 << 6 {
        put_more(number >> 6, out);
    }
    out.push(char::from((number & 0x3f) as u8 | MORE));
}

/// An enum without values, as its place among its kind.
pub(super) trait Kind: Copy + PartialEq + 'static {
    const ALL: &'static [Self];
}

impl<T: Kind> Packable for T {
    fn put(&self, out: &mut String) {
        put_number(T::ALL.iter().position(|kind| kind == self).unwrap_or_default(), out);
    }
    fn take(from: &mut Packed) -> Option<Self> {
        T::ALL.get(from.number()?).copied()
    }
}

impl Packable for bool {
    fn put(&self, out: &mut String) {
        put_number(usize::from(*self), out);
    }
    fn take(from: &mut Packed) -> Option<Self> {
        Some(from.number()? != 0)
    }
}

impl Packable for u32 {
    fn put(&self, out: &mut String) {
        put_number(*self as usize, out);
    }
    fn take(from: &mut Packed) -> Option<Self> {
        from.number()?.try_into().ok()
    }
}

impl Packable for u8 {
    fn put(&self, out: &mut String) {
        put_number(usize::from(*self), out);
    }
    fn take(from: &mut Packed) -> Option<Self> {
        from.number()?.try_into().ok()
    }
}

impl Packable for Text {
    fn put(&self, out: &mut String) {
        put_number(self.len(), out);
        out.push_str(self);
    }
    fn take(from: &mut Packed) -> Option<Self> {
        from.text().map(Self)
    }
}

impl Packable for Names {
    fn put(&self, out: &mut String) {
        Text(self.0).put(out);
    }
    fn take(from: &mut Packed) -> Option<Self> {
        from.text().map(Self)
    }
}

impl<T: Packable> Packable for Option<T> {
    fn put(&self, out: &mut String) {
        self.is_some().put(out);
        self.iter().for_each(|value| value.put(out));
    }
    fn take(from: &mut Packed) -> Option<Self> {
        Some(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

impl<T: Packable> Packable for List<T> {
    fn put(&self, out: &mut String) {
        put_number(self.len(), out);
        self.iter().for_each(|item| item.put(out));
    }
    fn take(from: &mut Packed) -> Option<Self> {
        let count = from.number()?;
        if count == 0 {
            return Some(Self::default());
        }
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(T::take(from)?);
        }
        Some(items.into())
    }
}

impl Packable for Condition {
    fn put(&self, out: &mut String) {
        self.0.put(out);
    }
    fn take(from: &mut Packed) -> Option<Self> {
        List::take(from).map(Self)
    }
}

/// What is written of a field that says nothing.
const NOTHING: &str = "\0";

/// Which fields say something, a bit each, and these fields.
#[derive(Default)]
struct Said {
    which: usize,
    count: u32,
    fields: String,
}

impl Said {
    fn field(&mut self, field: &impl Packable) {
        let start = self.fields.len();
        field.put(&mut self.fields);
        if &self.fields[start..] == NOTHING {
            self.fields.truncate(start);
        } else {
            self.which |= 1 << self.count;
        }
        self.count += 1;
    }
}

/// Reads what [`Said`] has.
struct Fields<'a> {
    which: usize,
    from: &'a mut Packed,
}

impl Fields<'_> {
    fn field<T: Packable>(&mut self) -> Option<T> {
        let says = self.which & 1 != 0;
        self.which >>= 1;
        if says { T::take(self.from) } else { T::take(&mut Packed::new(NOTHING, 0)) }
    }
}

/// A field that isn't named here doesn't compile. What is often given stands in front.
macro_rules! packs {
    ($($type:ident { $($field:ident),* $(,)? })*) => { $(
        impl Packable for $type {
            fn put(&self, out: &mut String) {
                let mut said = Said::default();
                let Self { $($field),* } = self;
                $(said.field($field);)*
                put_number(said.which, out);
                out.push_str(&said.fields);
            }
            fn take(from: &mut Packed) -> Option<Self> {
                let mut fields = Fields { which: from.number()?, from };
                Some(Self { $($field: fields.field()?),* })
            }
        }
    )* };
}

packs! {
    Rule {
        id, class, program, command, loses, instead, when, checked, forced, always_forced, unless, only, within, tells,
        intent, here, fallback, note, file, statement, request, tool, verb, code, opaque, hits, passes, on_top,
    }
    Program {
        name, values, flags, style, checked, unknown, sub, carries, effects, target, prints, directory, elsewhere, copies,
        options_first, positions, pipe, bundled, confirms, makes, unmakes, assigns, reroots, keeps, drops, tunnels, request,
    }
    Sub { command, values, flags }
    Carrier {
        language, command, except, option, operand, after, stdin, file, without, with, alone, one, appends, assigns, sets,
        mounts, shares, workdir, package, argument, program, recipes, dashes, otherwise,
    }
    Effect {
        does, command, on, option, with, every, without, recursive, into, content, itself, argument, adds, removes,
    }
    Prints { command, with, without, gives }
    Target {
        is, command, except, with, option, operand, begins, env, argument, file, directory, first, reads, key, value, lasts,
    }
    Recipes { file, option, upward, under, names, around, strip, patterns, member, member_operand, members }
    Sends {
        method, url, body, at, body_file, stdin, no_stdin, get, query, upload, head, header, config, leading, next,
        literal,
    }
    Copies { command, with, without, to, from, moves, surely, backup }
}

/// Packed things of a kind, each read at most once.
pub struct Shelf<T: 'static> {
    /// All of them.
    pub text: &'static str,
    /// Where each begins.
    pub starts: &'static [u32],
    /// Those that have been read. Nothing but zeros at first, so that it takes no room in the program.
    pub read: &'static [Mutex<Option<&'static T>>],
}

impl<T: Packable> Shelf<T> {
    fn get(&self, at: usize) -> Option<&'static T> {
        let start = *self.starts.get(at)?;
        let mut read = self.read.get(at)?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(read.get_or_insert_with(|| {
            let read = T::take(&mut Packed::new(self.text, start as usize));
            Box::leak(Box::new(read.expect("the packs are as build.rs wrote them")))
        }))
    }
}

/// A numbered table: first what is ready, then what is packed.
#[derive(Debug)]
pub struct Table<T: 'static> {
    /// What is ready.
    pub ready: List<T>,
    /// What is packed.
    pub shelf: Option<&'static Shelf<T>>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Table<T> {}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { ready: List::default(), shelf: None }
    }
}

impl<T> From<List<T>> for Table<T> {
    fn from(ready: List<T>) -> Self {
        Self { ready, shelf: None }
    }
}

impl<T> std::fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} packed", self.starts.len())
    }
}

impl<T: Packable> Table<T> {
    /// The one of this number, from 0.
    #[must_use]
    pub fn get(self, at: usize) -> Option<&'static T> {
        match at.checked_sub(self.ready.len()) {
            None => self.ready.0.get(at),
            Some(behind) => self.shelf?.get(behind),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.ready.len() + self.shelf.map_or(0, |shelf| shelf.starts.len())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// All of them: those that are packed are read for it.
    pub fn iter(self) -> impl Iterator<Item = &'static T> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }
}
