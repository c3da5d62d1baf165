//! A pseudo-terminal with somebody at it. This process is its emulator: no `script` or `expect`, which are refused.

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// Gives a command the terminal on its standard input as its own, with `--ctty`.
pub(crate) const SETSID: &str = "/usr/bin/setsid";

/// A command that will have a terminal as its own.
pub(crate) fn in_a_terminal(command: &[&str]) -> Command {
    let mut started = Command::new(SETSID);
    started.arg("--ctty").args(command);
    started
}

/// Runs it at a terminal, and types this once it is asked. Gives the exit code, and what stands on the terminal.
pub(crate) fn answered(command: &mut Command, question: &str, answer: &str) -> (i32, String) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags).expect("a pseudo-terminal");
    grantpt(&master).and_then(|()| unlockpt(&master)).expect("it can be opened");
    let name = ptsname(&master, Vec::new()).expect("it has a name").into_string().expect("text");
    let open = || {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOCTTY.bits().cast_signed();
        OpenOptions::new().read(true).write(true).custom_flags(flags).open(&name).expect("the other end")
    };
    command.stdin(open()).stdout(open()).stderr(open());
    let mut child = command.spawn().expect("it starts");
    // The ends that the command holds must be the last ones.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut master = File::from(master);
    let (mut said, mut asked, mut piece) = (Vec::new(), false, [0; 4096]);
    // The end of a terminal whose last program has gone is an error.
    while let Ok(size @ 1..) = master.read(&mut piece) {
        said.extend(&piece[..size]);
        if !asked && String::from_utf8_lossy(&said).contains(question) {
            asked = true;
            master.write_all(format!("{answer}\n").as_bytes()).expect("it is typed");
        }
    }
    let status = child.wait().expect("it ends");
    (status.code().unwrap_or(-1), String::from_utf8_lossy(&said).replace("\r\n", "\n"))
}
