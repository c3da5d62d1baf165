//! The process: nothing but dispatch.

use std::io::Write;
use std::process::ExitCode;

const USAGE: &str = "\
countersign: a guard between an AI coding agent and a destroyed database

Usage: countersign <command>

Commands:
  hook         judge one call: reads a Claude Code PreToolUse event on stdin, answers on stdout

Options:
  -h, --help     print this help
  -V, --version  print the version
";

// Arguments are read by hand: a parser would cost a third of the whole call.
fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).take(2).collect();
    let words: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words[..] {
        ["hook"] => ExitCode::from(countersign::hook::run()),
        ["-h" | "--help" | "help"] => print(USAGE),
        ["-V" | "--version"] => print(concat!("countersign ", env!("CARGO_PKG_VERSION"), "\n")),
        [] => misuse("no command given"),
        ["hook", extra] => misuse(&format!("`hook` takes no arguments, but got `{}`", extra.escape_debug())),
        [command, ..] => misuse(&format!("unknown command `{}`", command.escape_debug())),
    }
}

fn print(text: &str) -> ExitCode {
    // Nobody reading any more (`countersign --help | head -1`) is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// Exit code 2 blocks the call, should this have been meant to be the hook: a wrong registration must not fail open.
fn misuse(what: &str) -> ExitCode {
    let _ = std::io::stderr().write_all(format!("countersign: {what}\n\n{USAGE}").as_bytes());
    ExitCode::from(2)
}
