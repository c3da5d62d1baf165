//! Puts programs on the disk for a test to start.
//!
//! A file that any process has open for writing can't be started ("Text file busy"), and a child that another thread of
//! the tests forks holds this process's files until it has become its program. So another process writes them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a file with this mode, in place of one that is there.
pub(crate) fn write(path: &Path, content: &[u8], mode: u32) {
    let script = format!("rm -f \"$0\" && cat > \"$0\" && chmod {mode:o} \"$0\"");
    let mut shell = Command::new("/bin/sh");
    let mut shell = shell.args(["-c", &script]).arg(path).stdin(Stdio::piped()).spawn().expect("a shell");
    shell.stdin.take().expect("its input").write_all(content).expect("the content");
    assert!(shell.wait().expect("its end").success(), "{} can't be written", path.display());
}

/// Copies a program.
pub(crate) fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    write(to.as_ref(), &std::fs::read(from).expect("a program"), 0o755);
}
