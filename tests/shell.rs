//! The shell reader: the corpus, the tree's structure, hostile input, and real bash as the oracle.

#![allow(missing_docs)]

#[path = "shell/corpus.rs"]
mod corpus;
#[cfg(unix)]
#[path = "shell/grammar.rs"]
mod grammar;
#[path = "shell/hostile.rs"]
mod hostile;
#[cfg(unix)]
#[path = "shell/oracle.rs"]
mod oracle;
#[cfg(unix)]
#[path = "shell/runs.rs"]
mod runs;
#[cfg(unix)]
#[path = "skip/mod.rs"]
mod skip;
#[cfg(unix)]
#[path = "shell/standins.rs"]
mod standins;
#[path = "shell/tree.rs"]
mod tree;
#[path = "shell/walk.rs"]
mod walk;
