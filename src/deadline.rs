//! How long one call may take.

use std::time::{Duration, Instant};

/// The moment by which an answer must be out.
///
/// The client runs the tool when its hook times out, so the guard gives up first, and says no.
/// Asking costs one clock read (about 25 ns; the first of a process, ten thousand): check it once per unit of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// What one call gets. The registered timeout is 10 s, on a machine that may be busy.
    pub const PER_CALL: Duration = Duration::from_secs(3);

    /// A deadline this far from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// What is left; zero once it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn passed(self) -> bool {
        self.remaining().is_zero()
    }
}

impl Default for Deadline {
    fn default() -> Self {
        Self::after(Self::PER_CALL)
    }
}
