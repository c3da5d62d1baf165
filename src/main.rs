//! The process: nothing but dispatch.

use std::process::ExitCode;

/// musl's own maps a page for every few blocks and gives it back at once: a dozen system calls and page faults in each call.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    // The hook's arguments are read by hand: a parser would cost a third of the whole call.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|word| word == "hook") {
        match arguments.next() {
            None => return ExitCode::from(countersign::hook::run()),
            #[cfg(target_os = "linux")]
            Some(word) if word == countersign::hook::aside::ASIDE && arguments.next().is_none() => {
                return ExitCode::from(countersign::hook::run_aside());
            }
            _ => {}
        }
    }
    countersign::cli::run()
}
