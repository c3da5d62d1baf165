//! countersign: judges the calls of a coding agent before they run.
pub mod call;
pub mod deadline;
pub mod hook;
pub mod judge;
pub mod read;
