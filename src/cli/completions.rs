//! `countersign completions`: scripts that complete commands and options. They are made from the command line's own
//! definition by `tests/man.rs`, not when they are asked for, so that what makes them isn't part of the program.

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
    pub(super) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../docs/completions/countersign.bash"),
            Self::Zsh => include_str!("../../docs/completions/_countersign"),
            Self::Fish => include_str!("../../docs/completions/countersign.fish"),
            Self::Powershell => include_str!("../../docs/completions/countersign.ps1"),
        }
    }
}
