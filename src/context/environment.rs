//! What a program is aimed at: production, local, or another name.

use super::{Context, Seen};
use crate::read::action::Action;

/// What is seen of a fact.
pub(super) fn look(_action: &Action, _context: &Context<'_>) -> Seen {
    Seen::default()
}
