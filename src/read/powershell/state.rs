//! What PowerShell knows while it runs: variables, functions, aliases.

use super::ast::Block;
use crate::read::word::{Piece, Word};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Stands in text for what isn't known: no keyboard has it.
pub(crate) const HOLE: char = '\u{f8fd}';
/// The longest text that is put together, in bytes.
const LONGEST: usize = 1 << 16;
/// The most pieces of one word: what isn't known takes no text, and grows all the same.
const PIECES: usize = 64;
/// The most items of a list that are told apart.
const ITEMS: usize = 256;

/// What an expression gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Value {
    /// Its items; one, if it is no list.
    pub(super) items: Vec<Word>,
    /// It is a script block.
    pub(super) block: Option<Rc<Block>>,
    /// It is a hash table: names in lower case.
    pub(super) table: Option<Rc<Vec<(String, Value)>>>,
}

/// The state of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Power {
    /// Variables that the line has set, by their names in lower case.
    pub(super) variables: BTreeMap<String, Rc<Value>>,
    /// Functions.
    pub(super) functions: BTreeMap<String, Rc<Block>>,
    /// Functions that were called.
    pub(super) called: BTreeSet<String>,
    /// Aliases.
    pub(super) aliases: BTreeMap<String, String>,
    /// Whoever is asked has said yes (`$ConfirmPreference`).
    pub(super) confirmed: bool,
    /// The next text is read by this very session (`Invoke-Expression`).
    pub(super) same: bool,
    /// How many expressions and blocks are open.
    pub(super) depth: u16,
}

impl Power {
    /// What copying it costs at worst, in work units.
    pub(super) fn weight(&self) -> usize {
        1 + 2 * (self.variables.len() + self.functions.len() + self.aliases.len())
    }

    /// What holds where this or the other may.
    pub(super) fn merge(&mut self, other: Self) {
        for (name, value) in &mut self.variables {
            if other.variables.get(name) != Some(value) {
                *value = Rc::new(Value::unknown());
            }
        }
        for (name, value) in other.variables {
            let either = || if value.is_known() { Rc::new(Value::unknown()) } else { value };
            self.variables.entry(name).or_insert_with(either);
        }
        self.functions.extend(
            other.functions.into_iter().filter(|(name, _)| !self.functions.contains_key(name)).collect::<Vec<_>>(),
        );
        self.aliases
            .extend(other.aliases.into_iter().filter(|(name, _)| !self.aliases.contains_key(name)).collect::<Vec<_>>());
        self.confirmed |= other.confirmed;
    }
}

impl Value {
    /// Anything.
    pub(super) fn unknown() -> Self {
        Self { items: vec![Word { splits: true, ..Word::unknown() }], ..Self::default() }
    }

    /// One text, in which holes stand for what isn't known.
    pub(super) fn text(text: &str) -> Self {
        Self::one(word(text))
    }

    pub(super) fn one(word: Word) -> Self {
        Self { items: vec![word], ..Self::default() }
    }

    pub(super) fn list(items: Vec<Word>) -> Self {
        if items.len() > ITEMS { Self::unknown() } else { Self { items, ..Self::default() } }
    }

    /// The same, of which no more is made than is told apart.
    pub(super) fn each(items: impl Iterator<Item = Word>) -> Self {
        Self::list(items.take(ITEMS + 1).collect())
    }

    /// A number or a name that can't be known and leads nowhere.
    pub(super) fn name() -> Self {
        Self::one(Word::from(Piece::Name))
    }

    /// What copying it costs, in work units.
    pub(super) fn weight(&self) -> usize {
        let word = |word: &Word| word.pieces.iter().map(|piece| 8 + piece.len() / 8).sum::<usize>() + 8;
        self.items.iter().map(word).sum()
    }

    /// Everything about it is known.
    pub(super) fn is_known(&self) -> bool {
        self.items.iter().all(|word| word.known().is_some())
    }

    /// The text, if it is one that is known.
    pub(super) fn known(&self) -> Option<&str> {
        match self.items.as_slice() {
            [] if self.block.is_none() && self.table.is_none() => Some(""),
            [one] => one.known(),
            _ => None,
        }
    }

    /// All items as one word, with this in between.
    pub(crate) fn joined(&self, separator: &str) -> Word {
        if let Some(block) = &self.block {
            return word(&block.text);
        }
        let mut out = Word::default();
        let (mut size, mut pieces) = (0, 0);
        for (at, item) in self.items.iter().enumerate() {
            if at > 0 && !separator.is_empty() {
                out.push(Piece::Text(separator.into()));
            }
            size += item.pieces.iter().map(Piece::len).sum::<usize>() + separator.len();
            pieces += item.pieces.iter().filter(|piece| !matches!(piece, Piece::Text(_))).count();
            if size > LONGEST || pieces > PIECES {
                return Word::unknown();
            }
            item.pieces.iter().for_each(|piece| out.push(piece.clone()));
        }
        out
    }

    /// This, and the other behind it.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.items.extend(other.items);
        self.block = self.block.or(other.block);
        self.table = self.table.or(other.table);
        if self.items.len() > ITEMS {
            self.items = Self::unknown().items;
        }
        self
    }
}

/// Two words as one text.
pub(super) fn glued(mut left: Word, right: &Word) -> Word {
    let size: usize = left.pieces.iter().chain(&right.pieces).map(Piece::len).sum();
    if size > LONGEST || left.pieces.len() + right.pieces.len() > PIECES {
        return Word::unknown();
    }
    right.pieces.iter().for_each(|piece| left.push(piece.clone()));
    left
}

/// Text as a word.
pub(crate) fn word(text: &str) -> Word {
    if !text.contains(HOLE) {
        return Word::text(text);
    }
    let mut out = Word::default();
    for (at, part) in text.split(HOLE).enumerate() {
        if at > 0 {
            out.push(Piece::Unknown { empty: true });
        }
        if !part.is_empty() {
            out.push(Piece::Text(part.into()));
        }
    }
    out
}
