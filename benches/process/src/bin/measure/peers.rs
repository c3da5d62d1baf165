//! Other guards, where environment variables name their programs. Each is started as its own documentation has the client
//! start it, with the calls that all of them are meant for.

use std::error::Error;
use std::path::Path;

use crate::subject::{Subject, bash};

/// The variable, what the table says, and the arguments.
const PEERS: [(&str, &str, &[&str]); 5] = [
    // The same guard before a change.
    ("COUNTERSIGN_BEFORE", "countersign, before", &["hook"]),
    ("PEER_DCG", "destructive_command_guard", &[]),
    ("PEER_NAH", "nah", &["hook", "claude", "run"]),
    ("PEER_SAFETY_NET", "cc-safety-net", &["hook", "--claude-code"]),
    ("PEER_DIPPY", "Dippy", &[]),
];

/// What all of them are asked.
pub(crate) const CALLS: [&str; 5] =
    ["ls -la", "rm -rf node_modules", "git reset --hard", "terraform destroy -auto-approve", "rm -rf ~/"];

/// An empty program, then each guard with each of the calls: this one, and those that are given.
pub(crate) fn given(empty: &str, countersign: &str, home: &Path) -> Result<Vec<Subject>, Box<dyn Error>> {
    let programs = PEERS.iter().filter_map(|(variable, name, arguments)| {
        let program = std::env::var(variable).ok().filter(|program| !program.is_empty())?;
        Some((program, *name, *arguments))
    });
    let mut all = vec![Subject::new("empty program", &[empty], &bash("ls -la"))?];
    for (program, name, arguments) in
        std::iter::once((countersign.to_owned(), "countersign", &["hook"][..])).chain(programs)
    {
        let command: Vec<&str> = std::iter::once(program.as_str()).chain(arguments.iter().copied()).collect();
        for call in CALLS {
            all.push(Subject::new(name, &command, &bash(call))?.with(home)?);
        }
    }
    Ok(all)
}
