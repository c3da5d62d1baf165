//! Lists of subcommands. A program has dozens of rules, each for a few of its subcommands: which of them can't be the one
//! that is given is told by its first letter, without reading them.

use super::packed::{Packable, Packed};
use super::text::{List, Text};
use serde::{Deserialize, Deserializer};
use std::ops::Deref;

/// Subcommands: words separated by a space, `|` between alternatives of a word, `*` in a word as in a glob.
#[derive(Clone, Copy, Debug, Default)]
pub struct Commands {
    /// The subcommands.
    pub list: List<Text>,
    /// What their first words may begin with: a bit for each of the last five bits of a letter. The lowest is also set
    /// where one of these words is a glob or has alternatives.
    pub begin: u32,
}

/// No letter of a subcommand has this bit.
const ALTERNATIVES: u32 = 1;

/// The bit of a letter.
const fn bit(letter: u8) -> u32 {
    1 << (letter & 31)
}

impl Commands {
    /// Whether one of them may begin with this letter.
    #[must_use]
    pub const fn may_begin_with(&self, letter: u8) -> bool {
        self.begin & bit(letter) != 0
    }

    /// Whether their first words are nothing but words.
    #[must_use]
    pub const fn are_plain(&self) -> bool {
        self.begin & ALTERNATIVES == 0
    }
}

/// What the first word of a subcommand, or one of the alternatives for it, may begin with.
fn beginnings(command: &str) -> u32 {
    // What begins with a blank, or is nothing, is left to whoever follows it.
    let first = command.split(' ').next().filter(|first| !first.is_empty());
    first.map_or(u32::MAX, |first| {
        let of = |choice: &str| match choice.bytes().next() {
            Some(b'*' | b'?' | b'{' | b'\\') => u32::MAX,
            Some(letter) => bit(letter),
            None => 0,
        };
        let several = if first.contains(['|', '*', '?', '{', '\\']) { ALTERNATIVES } else { 0 };
        first.split('|').map(of).fold(several, |all, one| all | one)
    })
}

impl From<List<Text>> for Commands {
    fn from(list: List<Text>) -> Self {
        Self { list, begin: list.iter().fold(0, |all, command| all | beginnings(command)) }
    }
}

impl Deref for Commands {
    type Target = [Text];
    fn deref(&self) -> &[Text] {
        self.list.0
    }
}

impl IntoIterator for &Commands {
    type Item = &'static Text;
    type IntoIter = std::slice::Iter<'static, Text>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.0.iter()
    }
}

impl<'de> Deserialize<'de> for Commands {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        List::deserialize(from).map(Self::from)
    }
}

impl Packable for Commands {
    fn put(&self, out: &mut String) {
        self.list.put(out);
        if !self.list.is_empty() {
            self.begin.put(out);
        }
    }
    fn take(from: &mut Packed) -> Option<Self> {
        let list = List::take(from)?;
        Some(Self { list, begin: if list.is_empty() { 0 } else { u32::take(from)? } })
    }
}

/// Schemas for editors: they are lists.
#[cfg(test)]
impl schemars::JsonSchema for Commands {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        List::<Text>::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        List::<Text>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_subcommand_may_begin_with() {
        let of = |texts: &[&'static str]| {
            Commands::from(List::from(texts.iter().map(|text| Text(text)).collect::<Vec<_>>()))
        };
        for (texts, letters, others) in [
            (&["volume rm|prune", "db|table drop"][..], "vdt", "rpx"),
            (&["* delete"], "adz", ""),
            (&["{db,kv} x", "a"], "adkz", ""),
            (&["run", "rm -x"], "r", "abx"),
            (&[""], "az", ""),
            (&[], "", "az"),
        ] {
            let commands = of(texts);
            assert!(letters.bytes().all(|letter| commands.may_begin_with(letter)), "{texts:?}");
            assert!(!others.bytes().any(|letter| commands.may_begin_with(letter)), "{texts:?}");
            let plain = texts.iter().all(|text| !text.is_empty() && !text.contains(['|', '*', '{']));
            assert_eq!(commands.are_plain(), plain, "{texts:?}");
        }
    }
}
