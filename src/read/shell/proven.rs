//! What is sure to have succeeded: `createdb x && dropdb x` drops what it has made, `createdb x; dropdb x` may drop what was
//! there before.

use super::ast::{Node, Part, Value, Word};
use crate::read::action::Kind;
use crate::read::reader::{Reader, Scope};

impl Reader<'_> {
    /// Reads a command of a list. `chain`: the first action and the one behind the last of those that have succeeded before
    /// it, without a gap. Gives the same for what stands behind the next `&&`.
    pub(super) fn proving(&mut self, node: &Node, scope: &Scope, chain: Option<(u32, u32)>) -> Option<(u32, u32)> {
        let count = |reader: &Self| u32::try_from(reader.actions.len()).ok();
        let first = count(self)?;
        match chain {
            Some(chain) => {
                let mut scope = scope.clone();
                scope.origin.proven = chain;
                self.node(node, &scope);
            }
            None => self.node(node, scope),
        }
        let last = count(self)?;
        let begins = chain.map_or(first, |(begins, _)| begins);
        self.is_one(node, first).then_some((begins, last))
    }

    /// Whether a command is one program, of which it is known which, so that its exit status is that of the program.
    fn is_one(&self, node: &Node, first: u32) -> bool {
        let Node::Simple(simple) = node else { return false };
        let assigned = simple.assigns.iter().all(|assign| match &assign.value {
            Value::Word(word) => assign.index.is_none() && is_plain(word),
            Value::Array(_) => false,
        });
        let own = self.actions.get(first as usize..).unwrap_or_default();
        // What it runs in turn stands behind it.
        let mut runs = own.iter().filter(|action| matches!(action.kind, Kind::Run(_)) && action.origin.via.is_empty());
        assigned
            && simple.words.iter().all(is_plain)
            && simple.redirects.iter().all(|redirect| is_plain(&redirect.target))
            && runs.next().is_some()
            && runs.next().is_none()
    }
}

/// Whether nothing runs where a word is put together.
fn is_plain(word: &Word) -> bool {
    word.parts.iter().all(|part| matches!(part, Part::Literal(_) | Part::Quoted(_) | Part::Parameter(_)))
}
