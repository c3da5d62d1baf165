//! Signatures, made and checked by the system's own `ssh-keygen`.
//!
//! The hook runs no other program, and this one only where a denied call has a signature in front of it: from a fixed list of
//! places, if nobody but root can have put it there, in an empty environment, with a time limit. A library in its place would
//! bring some thirty crates, and what they don't know (hardware keys, certificates, `valid-before`) the system's own does.

use super::letter::NAMESPACE;
use crate::policy::approve::Signers;
use crate::policy::layer::Kind;
use std::fs::{self, Metadata};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Where the program may lie.
const PROGRAMS: [&str; 3] = ["/usr/bin/ssh-keygen", "/bin/ssh-keygen", "/run/current-system/sw/bin/ssh-keygen"];
/// How long one run of it may take. Two are needed; with what judging may take, that is less than the client waits.
const LIMIT: Duration = Duration::from_millis(2_500);
/// The largest file of signers, in bytes.
const CAP: u64 = 1 << 20;

/// The program, if it is there and nobody but root can have put it there.
///
/// # Errors
/// What is missing, for people.
pub fn program() -> Result<PathBuf, String> {
    for program in PROGRAMS {
        // What a link leads to is what counts, and who can change the way there.
        let Ok(real) = fs::canonicalize(program) else { continue };
        let roots = [real.as_path(), Path::new(program)].iter().all(|path| path.ancestors().all(is_roots));
        if roots && fs::metadata(&real).is_ok_and(|data| data.is_file()) {
            return Ok(real);
        }
    }
    Err("signatures need `ssh-keygen`, which isn't in /usr/bin, or could have been put there by others than root"
        .to_owned())
}

/// Checks a signature over a letter: who has signed it, by the name that the file of signers gives them.
///
/// # Errors
/// Why it doesn't count, for people.
pub fn verify(letter: &str, signature: &Path, signers: &Signers) -> Result<String, String> {
    let program = program()?;
    check(signers)?;
    let file = |option: &str, path: &Path| [option.into(), path.as_os_str().to_owned()];
    let found = run(
        Command::new(&program)
            .args(["-Y", "find-principals"])
            .args(file("-s", signature))
            .args(file("-f", &signers.path)),
        letter,
    )?;
    let path = signers.path.display();
    let found = found.unwrap_or_default();
    let principal = found.lines().next().and_then(|line| line.split(',').find(|name| !name.starts_with('!')));
    let principal = principal.map(str::trim).filter(|name| !name.is_empty());
    let principal = principal.ok_or(format!("its key isn't one of those in {path}"))?;
    let verified = run(
        Command::new(&program)
            .args(["-Y", "verify", "-n", NAMESPACE, "-I", principal])
            .args(file("-s", signature))
            .args(file("-f", &signers.path)),
        letter,
    )?;
    verified.ok_or_else(|| {
        format!("the signature is not one over this letter by a key that {path} lets sign for `{NAMESPACE}`")
    })?;
    Ok(principal.to_owned())
}

/// Whether the file of signers can only have been written by whom it should.
fn check(signers: &Signers) -> Result<(), String> {
    let path = &signers.path;
    let wrong = |what: &str| Err(format!("{} {what}", path.display()));
    if signers.kind == Kind::Managed && !path.ancestors().all(is_roots) {
        return wrong("must belong to root, with the folders above it, and be writable by nobody else");
    }
    // Not through a link, and not waiting for a FIFO.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    let data = match file.and_then(|file| file.metadata()) {
        Ok(data) => data,
        Err(error) => return wrong(&format!("can't be read: {error}")),
    };
    if !data.is_file() || data.len() > CAP {
        return wrong("is no file of signers");
    }
    let own = data.uid() == 0 || signers.kind == Kind::User && data.uid() == rustix::process::geteuid().as_raw();
    if !own || data.mode() & 0o022 != 0 {
        return wrong("can be written by others, so it can't say whose signatures count");
    }
    Ok(())
}

/// Whether nobody but root can change it.
fn is_roots(path: &Path) -> bool {
    let safe = |data: &Metadata| {
        // In a folder like /tmp, others may add, but not replace.
        let sticky = data.is_dir() && data.mode() & 0o1000 != 0;
        data.uid() == 0 && (sticky || data.mode() & 0o022 == 0)
    };
    // The mode of a link says nothing.
    let link = fs::symlink_metadata(path).is_ok_and(|data| data.uid() == 0);
    link && fs::metadata(path).is_ok_and(|data| safe(&data))
}

/// Runs it on a text; gives what it prints, and `None` where it says no.
fn run(command: &mut Command, text: &str) -> Result<Option<String>, String> {
    let failed = |error: std::io::Error| format!("ssh-keygen can't be run: {error}");
    command.env_clear().current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let until = Instant::now() + LIMIT;
    let mut child = command.spawn().map_err(failed)?;
    // A letter fits into the pipe, so this doesn't wait; whoever doesn't read it has failed already.
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(text.as_bytes()));
    let status = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None if Instant::now() >= until => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("ssh-keygen took too long".to_owned());
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let mut said = String::new();
    let read = child.stdout.take().map(|stdout| stdout.take(4 << 10).read_to_string(&mut said));
    // What looks for the key's owner needn't read the letter.
    let _ = written;
    Ok((status.success() && read.is_some_and(|read| read.is_ok())).then_some(said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn nobody_but_its_owner_says_whose_signatures_count() {
        let path = std::env::temp_dir().join(format!("countersign-signers-{}", std::process::id()));
        fs::write(&path, "ada ssh-ed25519 AAAA\n").expect("a file");
        let told = |kind, mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode");
            check(&Signers { kind, path: path.clone() })
        };
        assert_eq!(told(Kind::User, 0o644), Ok(()));
        for (kind, mode) in [(Kind::User, 0o664), (Kind::User, 0o646), (Kind::Managed, 0o664), (Kind::Managed, 0o646)] {
            assert!(told(kind, mode).is_err(), "{kind:?} {mode:o}");
        }
        // Somebody else than root can't speak for the administrator.
        let root = fs::metadata(&path).is_ok_and(|data| data.uid() == 0);
        assert_eq!(told(Kind::Managed, 0o644).is_ok(), root && std::env::temp_dir().ancestors().all(is_roots));
        fs::remove_file(&path).expect("it is there");
        assert!(told_of(&path).is_err_and(|why| why.contains("can't be read")));
    }

    fn told_of(path: &Path) -> Result<(), String> {
        check(&Signers { kind: Kind::User, path: path.to_owned() })
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let begun = Instant::now();
        assert!(run(Command::new("/bin/sleep").arg("60"), "x").is_err_and(|why| why.contains("too long")));
        assert!(begun.elapsed() < Duration::from_secs(50));
        assert_eq!(run(&mut Command::new("/bin/cat"), "x"), Ok(Some("x".to_owned())));
        assert_eq!(run(&mut Command::new("/bin/false"), "x"), Ok(None));
    }
}
