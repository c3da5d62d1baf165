//! What a call points at. The only part that looks at the disk, and only when it is asked to.

mod files;
mod place;

pub use files::{Disk, Files, Loaded, NoFiles};
pub use place::{Place, join};

/// What paths are resolved against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// The working directory of the call, absolute.
    pub cwd: String,
    /// The person's home directory.
    pub home: String,
    /// The root of the project.
    pub project: String,
}
