//! countersign: judges the calls of a coding agent before they run.
pub mod read;
