//! One program with one call, and what its runs took.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4;

/// A program that is handed a call.
pub(crate) struct Subject {
    /// What the table calls it.
    pub(crate) name: String,
    /// How it is started.
    command: Vec<String>,
    home: PathBuf,
    project: PathBuf,
    event: File,
    /// What it decides; `-`: nothing.
    pub(crate) answer: String,
    wall: Vec<f64>,
    cpu: Vec<f64>,
    memory: Vec<f64>,
}

/// A call of the shell.
pub(crate) fn bash(command: &str) -> String {
    event("Bash", &format!(r#"{{"command":{command:?},"description":"d"}}"#), "")
}

/// A call as the client hands it over.
pub(crate) fn event(tool: &str, input: &str, more: &str) -> String {
    let id = "8ca4cea3-d392-4881-9d49-7a37a10b32df";
    format!(
        r#"{{"session_id":"{id}","transcript_path":"/home/dev/.claude/projects/-home-dev-shop/{id}.jsonl","cwd":"/home/dev/shop","prompt_id":"{id}","permission_mode":"default","effort":{{"level":"high"}},"hook_event_name":"PreToolUse","tool_name":"{tool}","tool_input":{input},"tool_use_id":"toolu_01"{more}}}"#
    ) + "\n"
}

/// Everyday commands, joined to one line of about this many bytes.
pub(crate) fn compound(bytes: usize) -> String {
    let piece = "cd src && grep -rn 'fn main' . | head -5 && git log --oneline -3; npm test -- --filter x; cd .. && ";
    piece.repeat(bytes / piece.len()) + "true"
}

/// What the runs of a subject took, or one of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// Wall time in microseconds: the median.
    pub(crate) wall: f64,
    /// The same, below which 95 of 100 runs lie.
    pub(crate) wall_95: f64,
    /// CPU time in microseconds: the median.
    pub(crate) cpu: f64,
    /// The most memory that was resident, in MiB.
    pub(crate) memory: f64,
}

impl Subject {
    /// A program with its arguments, and a call for it.
    pub(crate) fn new(name: &str, command: &[&str], event: &str) -> Result<Self, Box<dyn Error>> {
        let path = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        std::fs::remove_file(&path)?;
        file.write_all(event.as_bytes())?;
        let (wall, cpu, memory) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self {
            name: name.to_owned(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            home: "/home/dev".into(),
            project: "/home/dev/shop".into(),
            event: file,
            answer: String::new(),
            wall,
            cpu,
            memory,
        })
    }

    /// The same call where these policies count.
    pub(crate) fn with(mut self, home: &Path) -> Result<Self, Box<dyn Error>> {
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

    /// Forgets the runs so far: the first ones load the programs from the disk.
    pub(crate) fn forget(&mut self) {
        (self.wall, self.cpu, self.memory) = Default::default();
    }

    pub(crate) fn run(&mut self) -> Result<(), Box<dyn Error>> {
        self.event.rewind()?;
        let mut command = Command::new(&self.command[0]);
        command
            .args(&self.command[1..])
            // The client always says where the project is.
            .env("CLAUDE_PROJECT_DIR", &self.project)
            .env("HOME", &self.home)
            .stdin(self.event.try_clone()?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let begin = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", self.command[0]))?;
        let used = child.wait4()?;
        let wall = begin.elapsed();
        let mut said = String::new();
        child.stdout.take().ok_or("a pipe")?.read_to_string(&mut said)?;
        let said = said.replace("\": \"", "\":\"");
        let decision =
            ["allow", "ask", "deny"].iter().find(|d| said.contains(&format!("\"permissionDecision\":\"{d}\"")));
        self.answer = match (used.status.code(), decision) {
            (Some(0), None) => "-".to_owned(),
            (Some(0 | 2), Some(decision)) => (*decision).to_owned(),
            // Whatever the client does with a hook that stops like this, and says nothing that it understands.
            (Some(2), None) => "deny".to_owned(),
            (code, _) => return Err(format!("{}: {} ends with {code:?}", self.name, self.command.join(" ")).into()),
        };
        self.wall.push(wall.as_secs_f64() * 1e6);
        self.cpu.push((used.rusage.utime + used.rusage.stime).as_secs_f64() * 1e6);
        self.memory.push(used.rusage.maxrss as f64 / (1 << 20) as f64);
        Ok(())
    }

    pub(crate) fn took(&self) -> Took {
        Took {
            wall: quantile(&self.wall, 0.5),
            wall_95: quantile(&self.wall, 0.95),
            cpu: quantile(&self.cpu, 0.5),
            memory: quantile(&self.memory, 1.0),
        }
    }
}

/// Runs all in turns, so that whatever else the machine does hits them alike.
pub(crate) fn in_turns(subjects: &mut [Subject], rounds: usize, first: usize) -> Result<(), Box<dyn Error>> {
    for round in 0..rounds + first {
        if round == first {
            subjects.iter_mut().for_each(Subject::forget);
        }
        for subject in &mut *subjects {
            subject.run()?;
        }
    }
    Ok(())
}

/// The value below which this share of the samples lies.
fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
