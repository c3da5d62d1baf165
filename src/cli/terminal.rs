//! Whether a person sits at this terminal, and not an agent.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
use linux::{client_above, typist};
use std::io::{self, IsTerminal, Write};

/// Variables that the client sets for what it runs. Setting one only makes a command refuse.
const OF_THE_CLIENT: [&str; 3] = ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SSE_PORT"];

/// Why this isn't a person's own terminal. `None`: it is, as far as can be told.
pub(super) fn objection() -> Option<String> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Some("it needs a terminal with a person at it".to_owned());
    }
    client().map(started_by).or_else(typist)
}

/// What shows that the client has started this, if it has.
pub(super) fn client() -> Option<String> {
    let name = OF_THE_CLIENT.iter().find(|name| std::env::var_os(name).is_some());
    name.map(|name| format!("`{name}` is set")).or_else(client_above)
}

fn started_by(sign: String) -> String {
    format!("it was started by Claude Code ({sign}): a person runs it in a terminal of their own")
}

/// What can't be told on this system.
#[cfg(not(target_os = "linux"))]
fn typist() -> Option<String> {
    None
}

#[cfg(all(unix, not(target_os = "linux")))]
fn client_above() -> Option<String> {
    let list = std::process::Command::new("/bin/ps").args(["-axo", "pid=,ppid=,command="]).output().ok()?;
    let text = String::from_utf8_lossy(&list.stdout).into_owned();
    let find = |wanted: u32| {
        text.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            let id: u32 = words.next()?.parse().ok()?;
            let parent: u32 = words.next()?.parse().ok()?;
            (id == wanted).then(|| (parent, words.collect::<Vec<_>>().join(" ")))
        })
    };
    let mut id = find(std::process::id())?.0;
    while id > 1 {
        let (parent, command) = find(id)?;
        if is_client(&command) {
            return Some(format!("process {id}"));
        }
        id = parent;
    }
    None
}

#[cfg(not(unix))]
fn client_above() -> Option<String> {
    None
}

/// Whether a command line is Claude Code's.
#[cfg(unix)]
fn is_client(command: &str) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default();
    program.rsplit('/').next() == Some("claude")
        || command
            .split_whitespace()
            .take(3)
            .any(|word| word.contains("@anthropic-ai/claude-code") || word.ends_with("/bin/claude"))
}

/// Asks for a word to be typed.
pub(super) fn typed(question: &str, wanted: &str) -> bool {
    eprint!("{question}");
    let _ = io::stderr().flush();
    let mut line = String::new();
    io::stdin().read_line(&mut line).is_ok() && line.trim() == wanted
}

#[cfg(all(test, unix))]
mod tests {
    use super::is_client;

    #[test]
    fn the_client_is_known() {
        for command in [
            "claude",
            "claude -p x",
            "/usr/local/bin/claude --model y",
            "node /x/node_modules/@anthropic-ai/claude-code/cli.js",
            "node /usr/bin/claude",
        ] {
            assert!(is_client(command), "{command}");
        }
        for command in ["-bash", "vim claude", "tmux: server", "grep claude x", "claudette"] {
            assert!(!is_client(command), "{command}");
        }
    }
}
