//! How much may be looked at for one call: a guard that is felt gets removed.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// The longest that is looked at the disk for one call: with what surrounds it, no call is to take more than 25 ms.
// Without optimisations, looking takes ten times as long.
pub(super) const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 16 });
/// The most entries of directories, lists and histories that are looked at for one call.
pub(super) const ENTRIES: u32 = 20_000;
/// Entries after which the clock is looked at again.
const CHECK: u32 = 32;

/// What is left of the bound. The clock starts when something is first looked at, which few calls live to see.
#[derive(Debug)]
pub struct Budget {
    entries: Cell<u32>,
    until: Cell<Option<Instant>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { entries: Cell::new(ENTRIES), until: Cell::new(None) }
    }
}

impl Budget {
    /// Pays for one entry. `false`: enough has been looked at.
    pub fn pay(&self) -> bool {
        let left = self.entries.get();
        if left == 0 {
            return false;
        }
        self.entries.set(left - 1);
        if left.is_multiple_of(CHECK) && self.is_late() {
            self.entries.set(0);
            return false;
        }
        true
    }

    /// Whether all of it is used up: what wasn't looked at by now isn't looked at any more.
    pub fn is_spent(&self) -> bool {
        self.entries.get() == 0
    }

    /// Starts the clock, if it doesn't run yet.
    pub fn start(&self) {
        if self.until.get().is_none() {
            self.is_late();
        }
    }

    /// Whether the time is up.
    pub fn is_late(&self) -> bool {
        let now = Instant::now();
        match self.until.get() {
            Some(until) => now >= until,
            None => {
                self.until.set(Some(now + TIME));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends() {
        let budget = Budget::default();
        assert_eq!((0..ENTRIES * 2).filter(|_| budget.pay()).count(), ENTRIES as usize);
        assert!(!budget.pay());
    }
}
