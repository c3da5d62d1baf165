//! Variables that a program sets for what it runs.

use super::action::ANY;
use super::argv::Invocation;
use super::parts::assignment;
use super::reader::{Reader, Scope};
use super::word::{Piece, Word};
use crate::rules::model::Carrier;

impl Reader<'_> {
    /// Takes the assignments of a carrier: those in front of its words, and the values of options that hold one.
    pub(super) fn take_assignments(
        &mut self,
        inv: &Invocation,
        carrier: &Carrier,
        words: &mut Vec<Word>,
        inner: &mut Scope,
    ) {
        let mut env: Vec<(String, Word)> = Vec::new();
        for given in inv.values_of(&carrier.sets) {
            match assignment(given) {
                Some((name, value)) => {
                    self.variable(&name, &value, inner);
                    env.push((name, value));
                }
                None => env.push((ANY.to_owned(), Word::unknown())),
            }
        }
        if carrier.assigns {
            // `env $(cat .env | xargs) npm start`
            let lines = |word: &&Word| word.splits && matches!(word.pieces.as_slice(), [Piece::Unknown { .. }]);
            let unknown = if self.settings && words.len() > 1 { words.iter().take_while(lines).count() } else { 0 };
            words.drain(..unknown);
            env.extend((unknown > 0).then(|| (ANY.to_owned(), Word::unknown())));
            let count = words.iter().take_while(|word| assignment(word).is_some()).count();
            for word in words.drain(..count) {
                if let Some((name, value)) = assignment(&word) {
                    self.variable(&name, &value, inner);
                    env.push((name, value));
                }
            }
        }
        if !env.is_empty() {
            inner.origin.env.extend(env);
        }
    }
}
