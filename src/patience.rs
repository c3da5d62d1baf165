//! Who may have to wait for a disk says so first, so that somebody keeps the time meanwhile.
//!
//! A server that is gone, or a program behind a mount that answers nothing, holds whoever looks there inside of the kernel, for
//! ever. Only another thread can answer then. Starting one costs a fifth of an everyday call, so it is started where the
//! kernel says that it would have to wait: it looks paths up in its cache alone, if it is asked to.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often the kernel is asked. Who looks at more has the time for a thread.
const QUESTIONS: u32 = 32;

static ALARM: OnceLock<Alarm> = OnceLock::new();
static ASKED: AtomicU32 = AtomicU32::new(0);

/// What is called, once, before this process may have to wait.
#[derive(Clone, Copy, Debug)]
pub struct Alarm {
    /// For something that it reads.
    pub reads: fn(),
    /// For something that it writes.
    pub writes: fn(),
}

/// Sets what is called.
pub fn arm(alarm: Alarm) {
    let _ = ALARM.set(alarm);
}

/// Calls the alarm, if that hasn't happened yet: something is about to be looked at that may be anywhere.
pub fn start() {
    ring(|alarm| alarm.reads);
}

fn ring(which: fn(&Alarm) -> fn()) {
    if ASKED.swap(QUESTIONS, Ordering::Relaxed) < QUESTIONS
        && let Some(alarm) = ALARM.get()
    {
        which(alarm)();
    }
}

/// Says that something at this path is about to be looked at.
pub fn before(path: impl AsRef<Path>) {
    if is_asked() && ask(path.as_ref(), true) == Answer::Waits {
        start();
    }
}

/// Says that something is about to be written in this folder.
pub fn before_writing(folder: &Path) {
    if is_asked() && ask(folder, true) != Answer::Local {
        ring(|alarm| alarm.writes);
    }
}

/// The same as [`before`]. `true`: there is nothing at this path, not even a link, so it needn't be looked at.
#[must_use]
pub fn is_missing(path: &Path) -> bool {
    if !is_asked() {
        return false;
    }
    let missing = ask(path, false) == Answer::Missing;
    if !missing {
        before(path);
    }
    missing
}

/// Whether an alarm still has to be called at all.
fn is_asked() -> bool {
    if ALARM.get().is_none() || ASKED.load(Ordering::Relaxed) >= QUESTIONS {
        return false;
    }
    if ASKED.fetch_add(1, Ordering::Relaxed) + 1 < QUESTIONS {
        return true;
    }
    ASKED.store(0, Ordering::Relaxed);
    start();
    false
}

/// What the kernel knows of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Nothing is there.
    Missing,
    /// It is on a disk of this machine.
    Local,
    /// It would have to wait, or whoever looks further might.
    Waits,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn ask(path: &Path, follow: bool) -> Answer {
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, StatxFlags, openat2, statx};
    use rustix::io::Errno;

    let link = if follow { OFlags::empty() } else { OFlags::NOFOLLOW };
    match openat2(CWD, path, OFlags::PATH | OFlags::CLOEXEC | link, Mode::empty(), ResolveFlags::CACHED) {
        Err(Errno::NOENT | Errno::NOTDIR) => Answer::Missing,
        // What lies on no device of its own may lie anywhere: on a network, or behind a program. Of which kind its file system is
        // can't be asked: that is a question to the program, too.
        Ok(file) => match statx(&file, c"", AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC, StatxFlags::TYPE) {
            Ok(data) if data.stx_dev_major != 0 => Answer::Local,
            _ => Answer::Waits,
        },
        // Not in the cache, or the kernel is too old to be asked.
        Err(_) => Answer::Waits,
    }
}

/// Elsewhere nobody can be asked.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn ask(_path: &Path, _follow: bool) -> Answer {
    Answer::Waits
}
