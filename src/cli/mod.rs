//! The commands for people: one file each.

#[cfg(unix)]
mod approve;
mod check;
mod completions;
mod doctor;
mod explain;
mod help;
mod install;
mod log;
mod paint;
mod place;
mod policy;
mod probe;
mod program;
mod replay;
mod rules;
mod shipped;
mod terminal;
mod trust;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A guard between an AI coding agent and a destroyed database.
#[derive(Parser)]
#[command(name = "countersign", version, disable_help_subcommand = true, after_help = help::ALL)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Judge one call: reads a Claude Code event on stdin, answers on stdout
    #[command(after_help = help::HOOK)]
    Hook,
    /// Register this program in the settings of Claude Code, and try it
    #[command(after_help = help::INSTALL)]
    Install {
        #[command(flatten)]
        which: place::Which,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Take it out of the settings of Claude Code again, and put back what was there
    #[command(after_help = help::UNINSTALL)]
    Uninstall {
        #[command(flatten)]
        which: place::Which,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Look whether calls are really guarded here
    #[command(after_help = help::DOCTOR)]
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check policy files, and what they expect of calls
    #[command(after_help = help::CHECK)]
    Check {
        /// A policy file; without one, all that count here
        file: Option<PathBuf>,
        /// Read it as the policy of this layer
        #[arg(long, value_enum, requires = "file")]
        layer: Option<check::LayerName>,
    },
    /// Show the policy that counts here, and where each setting comes from
    #[command(after_help = help::POLICY)]
    Policy {
        /// Print the JSON schema of policy files, for editors
        #[arg(long, conflicts_with = "rules")]
        schema: bool,
        /// Print the ids of all rules, with their classes and what becomes of them here
        #[arg(long)]
        rules: bool,
    },
    /// Show how a call comes to its decision: what was read in it, what was found, and which policy decides
    Explain(explain::Arguments),
    /// Show what was asked about and denied, the newest last
    Log(Box<log::Arguments>),
    /// Show what is known of a tool: what is stopped, what is allowed, and how that was checked
    #[command(after_help = help::RULES)]
    Rules {
        /// A program, a pack, a rule, an MCP server or tool, an HTTP host or an SQL statement; without one, an overview
        tool: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let one denied call pass, once: look at it, and type what is at stake
    #[cfg(unix)]
    Approve(Box<approve::Arguments>),
    /// Judge the calls of past sessions: what would have been asked about, denied and allowed
    Replay(Box<replay::Arguments>),
    /// Trust a project's policy file as it is now, so that it may also loosen
    #[command(after_help = help::TRUST)]
    Trust {
        /// The file; without one, those of the project here
        file: Option<PathBuf>,
    },
    /// Trust a project's policy file no longer
    #[command(after_help = help::UNTRUST)]
    Untrust {
        /// The file; without one, those of the project here
        file: Option<PathBuf>,
    },
    /// Print a script that completes commands and options in a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: completions::Shell,
    },
}

/// The whole command line, for its manual and the completions of shells.
#[must_use]
pub fn command() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

/// Runs what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Exit code 2 blocks the call, should this have been meant to be the hook: a wrong registration must not
            // fail open.
            let hook = std::env::args_os().nth(1).is_some_and(|word| word == "hook");
            if error.use_stderr() || hook {
                let text = error.to_string();
                eprint!("countersign: {}", crate::hook::clean::visible(text.trim_start_matches("error: ")));
                return ExitCode::from(2);
            }
            // Nobody reading any more (`countersign --help | head -1`) is no failure.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
    };
    match arguments.command {
        Command::Hook => ExitCode::from(crate::hook::run()),
        Command::Install { which, dry_run } => install::install(which, dry_run),
        Command::Uninstall { which, dry_run } => install::uninstall(which, dry_run),
        Command::Doctor { json } => doctor::run(json),
        Command::Check { file, layer } => check::run(file.as_deref(), layer),
        Command::Policy { schema: true, .. } => print(&policy::schema()),
        Command::Policy { rules, .. } => policy::run(rules),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Log(arguments) => log::run(&arguments),
        Command::Rules { tool, json } => rules::run(tool.as_deref(), json),
        #[cfg(unix)]
        Command::Approve(arguments) => approve::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Trust { file } => trust::trust(file.as_deref()),
        Command::Untrust { file } => trust::untrust(file.as_deref()),
        Command::Completions { shell } => print(&shell.script()),
    }
}

/// Prints; what is said is said, whether or not somebody still reads.
fn print(text: &str) -> ExitCode {
    use std::io::Write;
    // Paths and texts of a repository stand in it.
    let _ = std::io::stdout().write_all(crate::hook::clean::visible(text).as_bytes());
    ExitCode::SUCCESS
}

/// Says why it doesn't go on.
fn fail(why: &str) -> ExitCode {
    eprintln!("countersign: {}", crate::hook::clean::visible(why));
    ExitCode::FAILURE
}

/// Where this process stands: home, working directory, project.
struct Here {
    home: Option<String>,
    cwd: String,
}

impl Here {
    fn now() -> Result<Self, String> {
        let cwd = std::env::current_dir().map_err(|error| format!("the working directory can't be read: {error}"))?;
        let cwd =
            cwd.into_os_string().into_string().map_err(|_| "the working directory's path is not UTF-8".to_owned())?;
        Ok(Self { home: crate::hook::home::home().ok().flatten(), cwd })
    }

    fn settings(&self) -> crate::settings::Places {
        crate::settings::Places::here(self.home.as_deref().map(std::path::Path::new), std::path::Path::new(&self.cwd))
    }

    fn places(&self) -> crate::policy::find::Where<'_> {
        crate::policy::find::Where::here(self.home.as_deref(), &self.cwd, None)
    }
}
