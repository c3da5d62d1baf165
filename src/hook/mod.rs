//! The border with Claude Code: one event in, one answer out, and no way past it.
//!
//! The client runs the tool after anything that it can't make sense of. So every failure here ends in the one thing
//! that it always obeys: exit code 2, with a reason on stderr.

pub mod answer;
#[cfg(target_os = "linux")]
pub mod aside;
pub mod clean;
pub mod event;
pub mod field;
pub mod home;
pub mod session;
pub mod settings;
pub mod stdin;
pub mod surrogates;

use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
use crate::approve::pass as approve;
use crate::call::{Call, ToolCall};
use crate::context::{Disk, Variables};
use crate::deadline::Deadline;
use crate::journal;
use crate::judge::{Decision, Judgement, judge_by};
use crate::memory;
use crate::patience;
use crate::policy::find::{self, Where};
use answer::{Answer, answer, deny, silence};
use event::Event;

/// From this size on a second thread keeps the time. It costs more than judging a small call does, and a reader would have
/// to lose its way badly in one.
const WATCHED: usize = 2 << 10;

/// From this size on another process judges: it is large enough to run out of memory over it, and so slow that a further
/// process isn't felt.
#[cfg(target_os = "linux")]
const LARGE: usize = 64 << 10;

/// What the most deeply nested calls need of the stack, in bytes, with room to spare. Who runs out of it is ended by a signal, and the
/// client would run the call.
const STACK: usize = 1 << 20;

/// The session of the calls by which `install` and `doctor` try whether the guard is on. They are answered as any other and
/// leave nothing behind: whoever reads the journal, or is alarmed by it, must not take them for something that happened.
/// The ids of the client's own sessions are UUIDs.
pub const PROBE: &str = "countersign-probe";

/// Set by whoever answers; nobody else may.
static ANSWERED: AtomicBool = AtomicBool::new(false);
/// Somebody keeps the time.
static WATCHING: AtomicBool = AtomicBool::new(false);

/// Another process waits for this one.
#[cfg(target_os = "linux")]
static IS_ASIDE: AtomicBool = AtomicBool::new(false);
/// What the client has sent.
static EVENT: OnceLock<Vec<u8>> = OnceLock::new();

/// Reads one event, answers it, and returns the exit code: 0 or 2.
pub fn run() -> u8 {
    fail_closed_on_panic();
    patience::arm(patience::Alarm { reads: may_wait, writes: || watch(Deadline::default()) });
    answered()
}

/// The same, in a process that another one waits for.
#[cfg(target_os = "linux")]
pub fn run_aside() -> u8 {
    fail_closed_on_panic();
    IS_ASIDE.store(true, Ordering::Relaxed);
    answered()
}

/// The next look may take for ever: somebody else keeps the time, or looks.
fn may_wait() {
    #[cfg(target_os = "linux")]
    if let Some(event) = EVENT.get().filter(|_| aside::is_needed())
        && let Some(answer) = aside::judged(event, || deny(&late()))
    {
        end(&answer);
    }
    watch(Deadline::default());
}

/// Answers, unless somebody else does, and ends the process.
#[cfg(target_os = "linux")]
fn end(answer: &Answer) {
    if !ANSWERED.swap(true, Ordering::SeqCst) {
        std::process::exit(i32::from(send(answer)));
    }
    loop {
        std::thread::park();
    }
}

fn answered() -> u8 {
    let answer = if has_little_stack() { on_enough_stack() } else { decide() };
    if ANSWERED.swap(true, Ordering::SeqCst) {
        // The other thread is answering, and ends the process.
        loop {
            std::thread::park();
        }
    }
    send(&answer)
}

/// Whether the system gives this thread less than [`STACK`] (`ulimit -s`).
#[cfg(unix)]
fn has_little_stack() -> bool {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Stack).current.is_some_and(|limit| limit < STACK as u64)
}

#[cfg(not(unix))]
fn has_little_stack() -> bool {
    true
}

/// Decides on a thread of its own.
fn on_enough_stack() -> Answer {
    let decided = std::thread::Builder::new().stack_size(2 * STACK).spawn(decide).map(std::thread::JoinHandle::join);
    match decided {
        Ok(Ok(answer)) => answer,
        // A panic has ended the process. Without a thread, this stack would end in a signal, which lets the call run.
        _ => deny(
            "There is too little stack to judge this call on, and no thread with more of it can be had: raise `ulimit -s`.",
        ),
    }
}

fn decide() -> Answer {
    let (bytes, mut deadline) = match stdin::read() {
        Ok(read) => read,
        Err(error) => return unreadable(&error),
    };
    if bytes.len() >= WATCHED {
        watch(*deadline.get_or_insert_default());
    }
    let bytes = EVENT.get_or_init(|| bytes);
    #[cfg(target_os = "linux")]
    if bytes.len() >= LARGE
        && !IS_ASIDE.load(Ordering::Relaxed)
        && let Some(answer) = aside::judged(bytes, || deny(&late()))
    {
        return answer;
    }
    decided(bytes, deadline)
}

/// The answer to an event, as [`run`] gives it once it has read one: by the policies that the environment and the disk hold,
/// and written into the journal. The door for the fuzzer, which has no process for each; nobody keeps the time here.
#[must_use]
pub fn answer_to(event: &[u8]) -> Answer {
    decided(event, None)
}

fn decided(bytes: &[u8], deadline: Option<Deadline>) -> Answer {
    match event::read(bytes) {
        Ok(Event::PreToolUse(call)) => judged(*call, bytes, deadline),
        Ok(Event::ConfigChange(change)) => {
            patience::start();
            changed(&change)
        }
        Ok(Event::SessionStart(session)) => {
            patience::start();
            session::greeting(
                &session,
                home::home().ok().flatten().as_deref(),
                variable("CLAUDE_PROJECT_DIR").as_deref(),
            )
        }
        Ok(Event::Other(_)) => silence(),
        Err(error) => unreadable(&error),
    }
}

fn judged(mut call: Call, event: &[u8], deadline: Option<Deadline>) -> Answer {
    call.deadline = deadline;
    // Of the environment, only what a project's settings can't set.
    call.home = match home::home() {
        Ok(home) => home,
        Err(error) => return unreadable(&error),
    };
    call.project = variable("CLAUDE_PROJECT_DIR");
    // The rest may only make it stricter.
    call.variables = Variables(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()));
    let policy = match &call.tool {
        ToolCall::Other(_) => return silence(),
        _ => {
            let mut places = Where::here(call.home.as_deref(), &call.cwd, call.project.as_deref());
            // Reading it counts, too, and nobody knows what is in it.
            places.large = patience::start;
            places.policy()
        }
    };
    let judgement = mend(judge_by(&call, &policy, &Disk), call.damaged);
    if call.session.as_deref() == Some(PROBE) {
        return answer(&judgement);
    }
    #[cfg(not(unix))]
    let _ = event;
    #[cfg(unix)]
    if judgement.approvable.is_some() {
        return countersigned(&call, event, judgement);
    }
    let home = call.home.as_deref().map(Path::new);
    // An everyday call is written down only where a policy wants that.
    if judgement.decision >= Decision::Ask || judgement.observed.is_some() || policy.journals_all() {
        journal::record(home, &journal::Event::judged(&call, &judgement));
    }
    memory::remember(home, call.session.as_deref(), &judgement.remembers);
    let answer = answer(&judgement);
    // The process ends: nobody needs the room, and to give it back piece by piece takes longer than reading a small policy.
    std::mem::forget((call, policy, judgement));
    answer
}

/// A call that is denied, unless a person has approved it.
#[cfg(unix)]
fn countersigned(call: &Call, event: &[u8], mut judgement: Judgement) -> Answer {
    let home = call.home.as_deref().map(Path::new);
    let moment = journal::Moment::now();
    let pass = judgement.approvable.take().and_then(|way| approve::look(call, event, &judgement, &way, &moment.id));
    match pass {
        Some(approve::Pass::Approved { who, about }) => {
            judgement.decision = Decision::Allow;
            judgement.reason = format!("countersign: approved by {who}, this very call and once.");
            journal::record_at(home, &journal::Event::approved(call, &judgement, &about), &moment);
            return answer(&judgement);
        }
        Some(approve::Pass::Open(line)) => {
            // The way out stands in the last line, whatever is cut for it.
            let room = clean::BYTES - line.len() - '\n'.len_utf8();
            let reason: Vec<&str> = judgement.reason.trim_end().lines().take(clean::LINES - 1).collect();
            judgement.reason = format!("{}\n{line}", clean::clean(&reason.join("\n"), room));
        }
        None => {}
    }
    journal::record_at(home, &journal::Event::judged(call, &judgement), &moment);
    memory::remember(home, call.session.as_deref(), &judgement.remembers);
    answer(&judgement)
}

/// A change of settings that would disarm the guard is kept out. Of this event the client reads the exit code alone.
fn changed(change: &settings::Change) -> Answer {
    let (home, project) = (home::home().ok().flatten(), variable("CLAUDE_PROJECT_DIR"));
    let around = settings::Around {
        home: home.as_deref().map(Path::new),
        project: project.as_deref().map(Path::new),
        managed: Path::new(find::MANAGED),
    };
    match settings::objection(change, &around) {
        Some(reason) => {
            journal::record(home.as_deref().map(Path::new), &journal::Event::refused("ConfigChange", &reason));
            Answer { stdout: String::new(), ..deny(&reason) }
        }
        None => silence(),
    }
}

/// A call that can't be read exactly isn't waved through.
pub(crate) fn mend(judgement: Judgement, damaged: bool) -> Judgement {
    if !damaged || judgement.decision >= Decision::Ask {
        return judgement;
    }
    let reason =
        "This call holds half of a character (a lone UTF-16 surrogate), so what would run is not exactly what \
                  countersign can read.\nSend it again without that character."
            .to_owned();
    Judgement { decision: Decision::Ask, reason, ..judgement }
}

fn unreadable(error: &dyn std::error::Error) -> Answer {
    let reason =
        format!("countersign can't read what it was asked to judge: {error}.\nWhat can't be read isn't let through.");
    journal::record(
        home::home().ok().flatten().as_deref().map(Path::new),
        &journal::Event::refused("unreadable", &reason),
    );
    deny(&reason)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Sends the answer; the exit code says whether it arrived.
fn send(answer: &Answer) -> u8 {
    if answer.code == 0 && answer.otherwise.is_empty() {
        // No opinion. A note that gets lost changes nothing.
        let _ = write(&answer.stdout);
        return 0;
    }
    let arrived = !answer.stdout.is_empty() && stdout_is_open() && write(&answer.stdout).is_ok();
    if answer.code == 0 && arrived {
        return 0;
    }
    say(if answer.code == 0 { &answer.otherwise } else { &answer.stderr });
    2
}

fn write(text: &str) -> std::io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// On stderr, if that is there; the exit code blocks without it.
fn say(reason: &str) {
    let _ = std::io::stderr().write_all(format!("{reason}\n").as_bytes());
}

/// Whether somebody can be reading. Rust opens the null device where it finds a standard stream closed, and what is
/// written there seems to have arrived.
#[cfg(unix)]
fn stdout_is_open() -> bool {
    use rustix::fs::{FileType, fstat, stat};

    let Ok(out) = fstat(rustix::stdio::stdout()) else {
        return false;
    };
    if FileType::from_raw_mode(out.st_mode) != FileType::CharacterDevice {
        return true;
    }
    stat("/dev/null").is_ok_and(|null| null.st_rdev != out.st_rdev)
}

#[cfg(not(unix))]
fn stdout_is_open() -> bool {
    true
}

/// Denies and ends the process when the deadline passes before an answer, whatever the main thread is doing.
pub fn watch(deadline: Deadline) {
    if WATCHING.swap(true, Ordering::SeqCst) {
        return;
    }
    let keep_time = move || {
        while !deadline.passed() {
            std::thread::sleep(deadline.remaining());
        }
        if !ANSWERED.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(send(&deny(&late()))));
        }
    };
    // Without a second thread there is still the judge's own look at the deadline.
    let _ = std::thread::Builder::new().stack_size(64 << 10).spawn(keep_time);
}

fn late() -> String {
    format!(
        "Judging this call took longer than {} s.\nWhat can't be judged isn't let through: split it into smaller calls, or \
         see whether a disk or server that it needs doesn't answer.",
        Deadline::PER_CALL.as_secs()
    )
}

/// Makes every panic block the call: the client runs the tool after Rust's own exit code, and after an abort.
pub fn fail_closed_on_panic() {
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo| {
        let payload = panic.payload();
        let formatted = payload.downcast_ref::<String>().map(String::as_str);
        let what = formatted.or(payload.downcast_ref::<&str>().copied()).unwrap_or("unknown");
        let place = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        say(&answer::shown(&format!(
            "countersign failed, so this call is stopped. It is a bug in countersign, please report it.\n\
             Internal error{place}: {what}"
        )));
        std::process::exit(2);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_call_is_asked_about_at_least() {
        let of = |decision| Judgement { decision, reason: "r".to_owned(), ..Judgement::silent() };
        for (before, after) in [
            (Decision::Allow, Decision::Ask),
            (Decision::None, Decision::Ask),
            (Decision::Ask, Decision::Ask),
            (Decision::Deny, Decision::Deny),
        ] {
            assert_eq!(mend(of(before), true).decision, after);
            assert_eq!(mend(of(before), false), of(before));
        }
    }
}
