//! Judging in another process, where looking at the disk may hold a process for good, or a call is so large that judging it
//! may take more memory than there is: who has none left is ended by a signal, and older clients run the call.
//!
//! A request that a program behind a mount (FUSE) has taken and never answers holds whoever made it until that program ends:
//! no signal helps, and a process with such a thread in it doesn't end either, whatever another of its threads has answered.
//! So the process that the client waits for must not be the one that looks.

use super::answer::{Answer, deny};
use crate::deadline::Deadline;
use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;

/// The argument by which the other process knows that it is one.
pub const ASIDE: &str = "--aside";
/// What is said where it has ended without an answer.
const FAILED: &str = "Judging this call has failed, so it is stopped: it may need more memory than there is.\n\
                      Split it into smaller calls.";
/// The longest list of mounts that is read, in bytes.
const CAP: u64 = 1 << 20;

/// Whether something is mounted whose requests can't be given up. Told from the system's own list, which never waits.
#[must_use]
pub fn is_needed() -> bool {
    let mut list = Vec::new();
    let file = std::fs::File::open("/proc/self/mountinfo");
    let read = file.and_then(|file| file.take(CAP).read_to_end(&mut list));
    read.is_ok() && String::from_utf8_lossy(&list).lines().any(holds)
}

/// Whether one line of that list is of such a mount. Those that a desktop always has lie where no project does.
fn holds(line: &str) -> bool {
    let Some((mount, source)) = line.split_once(" - ") else { return false };
    let kind = source.split(' ').next().unwrap_or_default();
    let place = mount.split(' ').nth(4).unwrap_or_default();
    let known =
        ["/run/user/", "/sys/", "/dev/", "/var/lib/lxcfs", "/snap/"].iter().any(|start| place.starts_with(start));
    !known && (matches!(kind, "fuse" | "fuseblk" | "virtiofs") || kind.starts_with("fuse."))
}

/// What another process answers to this event; `None`: none can be had. Where it doesn't answer in time, it is left behind,
/// and `late` is the answer; where it ends without one, the call is denied.
#[must_use]
pub fn judged(event: &'static [u8], late: impl Fn() -> Answer) -> Option<Answer> {
    let mut command = Command::new("/proc/self/exe");
    command.args(["hook", ASIDE]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let number = child.id();
    let (send, receive) = mpsc::channel();
    let waiting = std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
        let written = child.stdin.take().map(|mut stdin| stdin.write_all(event));
        let _ = written;
        let _ = send.send(child.wait_with_output());
    });
    let output = waiting.ok().and_then(|_| receive.recv_timeout(Deadline::PER_CALL).ok()?.ok());
    if output.is_none() {
        let number = i32::try_from(number).ok().and_then(rustix::process::Pid::from_raw);
        let _ = number.map(|number| rustix::process::kill_process(number, rustix::process::Signal::KILL));
    }
    Some(match output {
        Some(output) => passed_on(output).unwrap_or_else(|| deny(FAILED)),
        None => late(),
    })
}

/// Its answer as one of this process; `None`: it is none.
fn passed_on(output: Output) -> Option<Answer> {
    let code = u8::try_from(output.status.code()?).ok().filter(|code| matches!(code, 0 | 2))?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    let (stdout, stderr) = (text(output.stdout)?, text(output.stderr)?);
    let lost = "countersign's answer can't be delivered: its standard output is closed.";
    let otherwise = if code == 0 && !stdout.is_empty() { lost.to_owned() } else { String::new() };
    Some(Answer { stdout, stderr: stderr.trim_end().to_owned(), code, otherwise })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_that_can_hold_a_process_are_known() {
        let line = |place: &str, kind: &str| format!("36 35 98:0 / {place} rw,noatime shared:1 - {kind} x rw");
        for (place, kind, expected) in [
            ("/home/dev/far", "fuse.sshfs", true),
            ("/mnt/c", "fuseblk", true),
            ("/work", "virtiofs", true),
            ("/home/dev/x", "fuse", true),
            ("/", "ext4", false),
            ("/home", "nfs4", false),
            ("/sys/fs/fuse/connections", "fusectl", false),
            ("/run/user/1000/doc", "fuse.portal", false),
        ] {
            assert_eq!(holds(&line(place, kind)), expected, "{place} {kind}");
        }
        assert!(!holds("") && !holds("fuse.sshfs"));
    }
}
