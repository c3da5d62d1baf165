//! How many calls of the past are judged in a second, on one core.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use wait4::Wait4;

/// How many calls there are.
pub(crate) const CALLS: usize = 100_000;

/// Everyday commands, each made different from the others by its number.
const COMMANDS: [&str; 12] = [
    "ls -la src/d#",
    "git status # #",
    "git diff --stat HEAD~#",
    "npm test -- --filter t#",
    "cat src/f#.ts | head -20",
    "grep -rn foo# src",
    "git add -A && git commit -m 'change #'",
    "cargo build --release # #",
    "sed -n #,+20p a.ts",
    "python3 -m pytest -q tests/t#.py",
    "curl -s localhost:3000/items/#",
    "kubectl get pods -n shop-#",
];

/// Replays them; gives the calls in a second of CPU time.
pub(crate) fn replay(countersign: &str, home: &Path) -> Result<f64, Box<dyn Error>> {
    let transcript = home.join("session.jsonl");
    let mut text = String::new();
    for at in 0..CALLS {
        let command = COMMANDS[at % COMMANDS.len()].replace('#', &at.to_string());
        writeln!(
            text,
            r#"{{"type":"assistant","sessionId":"s","cwd":"{0}/shop","timestamp":"2026-11-20T10:00:00.000Z","uuid":"u{at}","message":{{"role":"assistant","content":[{{"type":"tool_use","id":"toolu_{at}","name":"Bash","input":{{"command":{command:?}}}}}]}}}}"#,
            home.display()
        )?;
    }
    std::fs::write(&transcript, text)?;
    let mut child = Command::new(countersign)
        .args(["replay", "--json"])
        .arg(&transcript)
        .env("HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let used = child.wait4()?;
    if !used.status.success() {
        return Err(format!("replay: {}", used.status).into());
    }
    Ok(CALLS as f64 / (used.rusage.utime + used.rusage.stime).as_secs_f64())
}
