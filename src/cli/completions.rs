//! `countersign completions`: scripts that complete commands and options. They are made from the command line's own
//! definition by `tests/man.rs`, not when they are asked for, so that what makes them isn't part of the program.

use super::shipped::shipped;

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

impl Shell {
    /// The script.
    pub(super) fn script(self) -> String {
        match self {
            Self::Bash => shipped!("countersign.bash"),
            Self::Zsh => shipped!("_countersign"),
            Self::Fish => shipped!("countersign.fish"),
            Self::Powershell => shipped!("countersign.ps1"),
        }
    }
}
