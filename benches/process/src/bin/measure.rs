//! What one call costs as a whole process, against an empty program: `measure EMPTY COUNTERSIGN [ROUNDS]`.
//!
//! All subjects take turns within each round, so that whatever else the machine does hits them alike: read the ratios.
//! It is a Rust program because the kernel counts the launcher's own memory as its child's (`ru_maxrss` survives
//! `exec`), and Python alone has more than the guard may use.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4;

struct Subject {
    name: &'static str,
    program: String,
    home: PathBuf,
    project: PathBuf,
    event: File,
    answer: String,
    wall: Vec<f64>,
    cpu: Vec<f64>,
    memory: Vec<f64>,
}

/// Three policies of about 1 KB each, as people write them: the person's, the project's, and the person's for it.
const USER: &str = include_str!("../policies/user.toml");
const PROJECT: &str = include_str!("../policies/project.toml");
const LOCAL: &str = include_str!("../policies/local.toml");

/// A person's policy of this many rules.
fn rules(count: usize) -> String {
    let rule = |at: usize| {
        let class = ["disruptive", "irreversible", "ordinary"][at % 3];
        let more = ["", "unless  = { option = [\"--dry-run\"] }\n", "forced  = { option = [\"--yes\"] }\n"][at % 3];
        format!(
            "[[rule]]\nid      = \"team.tool-{at}-delete\"\nclass   = \"{class}\"\nprogram = [\"tool-{at}\"]\n\
             command = [\"delete\", \"env destroy|purge\"]\n{more}loses   = \"every release of the environment and its volumes\"\n\
             instead = \"run `tool-{at} list` and show it, then let a person delete\"\n\
             hits    = [\"tool-{at} delete x\"]\npasses  = [\"tool-{at} list\"]\n\n"
        )
    };
    (0..count).map(rule).collect()
}

/// A home with a project in it, and these policies.
fn machine(name: &str, user: &str, project: &str, local: &str) -> Result<PathBuf, Box<dyn Error>> {
    let home = std::env::temp_dir().join(format!("countersign-bench-{}-{name}", std::process::id()));
    std::fs::create_dir_all(home.join(".claude"))?;
    std::fs::create_dir_all(home.join("shop/.claude"))?;
    std::fs::create_dir_all(home.join("shop/.git"))?;
    for (path, text) in [
        (".claude/countersign.toml", user),
        ("shop/.claude/countersign.toml", project),
        ("shop/.claude/countersign.local.toml", local),
    ] {
        if !text.is_empty() {
            std::fs::write(home.join(path), text)?;
        }
    }
    Ok(home)
}

/// A home with a project in it that is a repository of this many files, one of them changed, and one file in no commit.
fn repository(count: usize) -> Result<PathBuf, Box<dyn Error>> {
    let home = machine("repository", "", "", "")?;
    let shop = home.join("shop");
    std::fs::remove_dir(shop.join(".git"))?;
    for at in 0..count {
        let dir = shop.join(format!("src/d{}", at / 100));
        if at % 100 == 0 {
            std::fs::create_dir_all(&dir)?;
        }
        std::fs::write(dir.join(format!("f{at}.rs")), format!("// {at}\n"))?;
    }
    for words in [
        &["init", "-q"][..],
        &["add", "-A"],
        &["-c", "user.name=dev", "-c", "user.email=dev@example.com", "commit", "-qm", "all"],
    ] {
        let done = Command::new("git").args(words).current_dir(&shop).env("HOME", &home).status()?;
        if !done.success() {
            return Err("git failed".into());
        }
    }
    std::fs::write(shop.join("src/d0/f7.rs"), "changed\n")?;
    std::fs::write(shop.join("src/d1/new.rs"), "new\n")?;
    Ok(home)
}

fn bash(command: &str) -> String {
    event("Bash", &format!(r#"{{"command":{command:?},"description":"d"}}"#), "")
}

fn event(tool: &str, input: &str, more: &str) -> String {
    let id = "8ca4cea3-d392-4881-9d49-7a37a10b32df";
    format!(
        r#"{{"session_id":"{id}","transcript_path":"/home/dev/.claude/projects/-home-dev-shop/{id}.jsonl","cwd":"/home/dev/shop","prompt_id":"{id}","permission_mode":"default","effort":{{"level":"high"}},"hook_event_name":"PreToolUse","tool_name":"{tool}","tool_input":{input},"tool_use_id":"toolu_01"{more}}}"#
    ) + "\n"
}

/// Everyday commands, joined to one line of about this many bytes.
fn compound(bytes: usize) -> String {
    let piece = "cd src && grep -rn 'fn main' . | head -5 && git log --oneline -3; npm test -- --filter x; cd .. && ";
    piece.repeat(bytes / piece.len()) + "true"
}

impl Subject {
    /// The same call where these policies count.
    fn with(mut self, home: &Path) -> Result<Self, Box<dyn Error>> {
        let mut event = String::new();
        self.event.rewind()?;
        self.event.read_to_string(&mut event)?;
        self.project = home.join("shop");
        home.clone_into(&mut self.home);
        let event = event.replace("/home/dev/shop\"", &format!("{}\"", self.project.display()));
        self.event.rewind()?;
        self.event.set_len(0)?;
        self.event.write_all(event.as_bytes())?;
        Ok(self)
    }

    fn new(name: &'static str, program: &str, event: &str) -> Result<Self, Box<dyn Error>> {
        let path = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        std::fs::remove_file(&path)?;
        file.write_all(event.as_bytes())?;
        let (wall, cpu, memory) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self {
            name,
            program: program.to_owned(),
            home: "/home/dev".into(),
            project: "/home/dev/shop".into(),
            event: file,
            answer: String::new(),
            wall,
            cpu,
            memory,
        })
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        self.event.rewind()?;
        let mut command = Command::new(&self.program);
        command
            .arg("hook")
            // The client always says where the project is.
            .env("CLAUDE_PROJECT_DIR", &self.project)
            .env("HOME", &self.home)
            .stdin(self.event.try_clone()?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let begin = Instant::now();
        let mut child = command.spawn()?;
        let used = child.wait4()?;
        let wall = begin.elapsed();
        let mut said = String::new();
        child.stdout.take().ok_or("a pipe")?.read_to_string(&mut said)?;
        self.answer =
            match (used.status.code(), ["allow", "ask", "deny"].iter().find(|d| said.contains(&format!(":\"{d}\"")))) {
                (Some(0), None) => "-".to_owned(),
                (Some(0 | 2), Some(decision)) => (*decision).to_owned(),
                (code, _) => return Err(format!("{}: exit code {code:?}", self.name).into()),
            };
        self.wall.push(wall.as_secs_f64() * 1e6);
        self.cpu.push((used.rusage.utime + used.rusage.stime).as_secs_f64() * 1e6);
        self.memory.push(used.rusage.maxrss as f64 / (1 << 20) as f64);
        Ok(())
    }
}

/// The value below which this share of the samples lies.
fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [empty, countersign, rest @ ..] = &args[..] else {
        return Err("usage: measure EMPTY COUNTERSIGN [ROUNDS]".into());
    };
    let rounds = rest.first().map_or(Ok(400), |n| n.parse())?;
    let server = r#","mcp_server":{"name":"db","source":"user"}"#;
    let layers = machine("layers", USER, PROJECT, LOCAL)?;
    let many = machine("rules", &rules(1_000), "", "")?;
    let big = repository(50_000)?;
    let call = |name, command| Subject::new(name, countersign, &bash(command));
    let mut subjects = vec![
        Subject::new("empty program", empty, &bash("ls -la"))?,
        Subject::new("ls -la", countersign, &bash("ls -la"))?,
        Subject::new("rm -rf /", countersign, &bash("rm -rf /"))?,
        Subject::new("10 KB compound line", countersign, &bash(&compound(10_000)))?,
        Subject::new("100 KB compound line", countersign, &bash(&compound(100_000)))?,
        Subject::new(
            "MCP, SQL",
            countersign,
            &event("mcp__db__execute_sql", r#"{"query":"SELECT * FROM users"}"#, server),
        )?,
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
    // The first runs load the programs from the disk.
    for round in 0..rounds + 10 {
        if round == 10 {
            for subject in &mut subjects {
                (subject.wall, subject.cpu, subject.memory) = Default::default();
            }
        }
        for subject in &mut subjects {
            subject.run()?;
        }
    }
    for home in [layers, many, big] {
        std::fs::remove_dir_all(home)?;
    }
    println!(
        "{rounds} rounds; × is the ratio to the empty program. No RSS under the launcher's own (about 0.6) can be seen.\n"
    );
    println!(
        "{:22}{:8}{:>16}{:>16}{:>16}{:>16}",
        "", "answer", "wall µs, median", "p95", "CPU µs, median", "peak RSS MiB"
    );
    let columns = |s: &Subject| {
        [quantile(&s.wall, 0.5), quantile(&s.wall, 0.95), quantile(&s.cpu, 0.5), quantile(&s.memory, 1.0)]
    };
    let base = columns(&subjects[0]);
    for subject in &subjects {
        print!("{:22}{:8}", subject.name, subject.answer);
        for (index, (value, base)) in columns(subject).into_iter().zip(base).enumerate() {
            let digits = if index == 3 { 2 } else { 0 };
            print!("{:>16}", format!("{value:.digits$} {:>6}", format!("{:.2}×", value / base)));
        }
        println!();
    }
    Ok(())
}
