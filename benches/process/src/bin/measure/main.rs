//! What one call costs as a whole process, against an empty program:
//! `measure EMPTY COUNTERSIGN [ROUNDS] [--readme README.md]`.
//!
//! Read the ratios: all subjects take turns within each round. It is a Rust program because the kernel counts the launcher's
//! own memory as its child's (`ru_maxrss` survives `exec`), and Python alone has more than the guard may use.

mod machine;
mod peers;
mod readme;
mod replay;
mod subject;

use std::error::Error;

use machine::{LOCAL, PROJECT, USER, machine, repository, rules};
use subject::{Subject, bash, compound, event, in_turns};

/// Runs before those that count.
const FIRST: usize = 10;
/// The most runs of each call of another guard: some take as long as a thousand of these.
const PEER_ROUNDS: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let readme = args.iter().position(|arg| arg == "--readme").map(|at| args.drain(at..).nth(1).unwrap_or_default());
    let [empty, countersign, rest @ ..] = &args[..] else {
        return Err("usage: measure EMPTY COUNTERSIGN [ROUNDS] [--readme README.md]".into());
    };
    let rounds = rest.first().map_or(Ok(400), |n| n.parse())?;
    let server = r#","mcp_server":{"name":"db","source":"user"}"#;
    let plain = machine("plain", "", "", "")?;
    let layers = machine("layers", USER, PROJECT, LOCAL)?;
    let many = machine("rules", &rules(1_000), "", "")?;
    let big = repository(50_000)?;
    let call = |name: &str, command: &str| Subject::new(name, &[countersign, "hook"], &bash(command));
    let sql = event("mcp__db__execute_sql", r#"{"query":"SELECT * FROM users"}"#, server);
    let mut subjects = vec![
        Subject::new("empty program", &[empty], &bash("ls -la"))?,
        call("ls -la", "ls -la")?,
        call("rm -rf /", "rm -rf /")?.with(&plain)?,
        Subject::new("MCP, SQL", &[countersign, "hook"], &sql)?,
        call("rm -rf node_modules", "rm -rf node_modules")?,
        call("ls, 3 layers", "ls -la")?.with(&layers)?,
        call("rm nm, 3 layers", "rm -rf node_modules")?.with(&layers)?,
        call("ls, 1000 rules", "ls -la")?.with(&many)?,
        call("rm nm, 1000 rules", "rm -rf node_modules")?.with(&many)?,
        // What is stopped looks at a repository of 50,000 files: at most 25 ms more are meant to be felt.
        call("ls, 50,000 files", "ls -la")?.with(&big)?,
        call("reset, 50,000 files", "git reset --hard")?.with(&big)?,
        call("clean, 50,000 files", "git clean -fd")?.with(&big)?,
        call("rm src, 50,000 files", "rm -rf src")?.with(&big)?,
        call("push, 50,000 files", "git push --force origin main")?.with(&big)?,
    ];
    in_turns(&mut subjects, rounds, FIRST)?;
    let lengths = [1_000, 10_000, 100_000, 1_000_000];
    let mut lines = Vec::new();
    for length in lengths {
        lines.push(call(&format!("line of {} KB", length / 1_000), &compound(length))?.with(&plain)?);
    }
    in_turns(&mut lines, rounds.min(10), 1)?;
    let mut peers = peers::given(empty, countersign, &plain)?;
    in_turns(&mut peers, rounds.min(PEER_ROUNDS), 2)?;
    let replayed = replay::replay(countersign, &plain)?;
    for home in [plain, layers, many, big] {
        std::fs::remove_dir_all(home)?;
    }

    let base = subjects[0].took();
    println!(
        "{rounds} rounds; × is the ratio to the empty program. No RSS under the launcher's own (about 0.6) can be seen.\n"
    );
    println!(
        "{:22}{:8}{:>16}{:>16}{:>16}{:>16}",
        "", "answer", "wall µs, median", "p95", "CPU µs, median", "peak RSS MiB"
    );
    for subject in subjects.iter().chain(&lines) {
        let took = subject.took();
        let column =
            |value: f64, base: f64, digits: usize| format!("{value:.digits$} {:>6}", format!("{:.2}×", value / base));
        println!(
            "{:22}{:8}{:>16}{:>16}{:>16}{:>16}",
            subject.name,
            subject.answer,
            column(took.wall, base.wall, 0),
            column(took.wall_95, base.wall_95, 0),
            column(took.cpu, base.cpu, 0),
            column(took.memory, base.memory, 2),
        );
    }
    println!("\nEach KB of a long line, in CPU time, against the one of 10 KB:");
    let each = |at: usize| lines[at].took().cpu / (lengths[at] as f64 / 1e3);
    for (at, line) in lines.iter().enumerate() {
        println!("  {:20}{:8.0} µs {:>7}", line.name, each(at), format!("{:.2}×", each(at) / each(1)));
    }
    println!("\nReplay: {replayed:.0} calls a second of CPU time.\n");
    println!("{}", readme::peers(&peers));
    if let Some(path) = readme {
        readme::write(&path, &subjects, &peers)?;
    }
    Ok(())
}
