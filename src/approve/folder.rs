//! The folder of requests and approvals, in the person's state folder.
//!
//! Everything goes through the open directory: whoever puts a link in its place later leads nobody astray. A file is
//! written under another name and then renamed; what isn't a regular file of the person's own is as if it weren't there.

use super::KEPT;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Its place below a home directory.
pub const APPROVALS: &str = ".local/state/countersign/approvals";

/// The largest file that is read, in bytes.
const CAP: u64 = 256 << 10;
/// The most requests that are kept.
const REQUESTS: usize = 64;
/// The most names that are looked at when old files are dropped.
const NAMES: usize = 4_096;

/// The folder, open.
#[derive(Debug)]
pub struct Folder {
    directory: OwnedFd,
    /// Where it is.
    pub path: PathBuf,
}

impl Folder {
    /// Opens it.
    ///
    /// # Errors
    /// There is none, or it isn't the person's own alone.
    pub fn open(home: &Path) -> io::Result<Self> {
        if !home.is_absolute() {
            return Err(io::Error::other("no home"));
        }
        let path = home.join(APPROVALS);
        crate::patience::before_writing(&path);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::open(&path, flags, Mode::empty())?;
        let data = rustix::fs::fstat(&directory)?;
        if !is_own(&data) || data.st_mode & 0o077 != 0 {
            return Err(io::Error::other("its folder is open to others"));
        }
        Ok(Self { directory, path })
    }

    /// Opens it, or makes it below a home that others have made.
    ///
    /// # Errors
    /// It can't be made, or isn't the person's own alone.
    pub fn make(home: &Path) -> io::Result<Self> {
        match Self::open(home) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && home.is_dir() => {
                let mut make = std::fs::DirBuilder::new();
                std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
                make.recursive(true).create(home.join(APPROVALS))?;
                Self::open(home)
            }
            done => done,
        }
    }

    /// The text of a file; `None`: there is none, or none that is the person's own.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<String> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.directory, name, flags, Mode::empty()).ok()?;
        let data = rustix::fs::fstat(&file).ok()?;
        let regular = FileType::from_raw_mode(data.st_mode) == FileType::RegularFile;
        if !regular || !is_own(&data) || data.st_mode & 0o077 != 0 || u64::try_from(data.st_size).ok()? > CAP {
            return None;
        }
        let mut text = String::new();
        File::from(file).take(CAP + 1).read_to_string(&mut text).ok()?;
        (text.len() as u64 <= CAP).then_some(text)
    }

    /// Writes a file whole, or not at all.
    ///
    /// # Errors
    /// What the system says. Nothing half written has the name.
    pub fn write(&self, name: &str, text: &str) -> io::Result<()> {
        // Beyond its limit (`ulimit -f`), a write would end the process, and the client would run the call.
        if text.len() as u64 > CAP || !crate::journal::store::may_grow_to(text.len() as u64) {
            return Err(io::Error::other("larger than it may become"));
        }
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        let beside = format!("{name}.{}-{nanos}.new", std::process::id());
        self.create(&beside, text)?;
        rustix::fs::renameat(&self.directory, &beside, &self.directory, name).map_err(|error| {
            let _ = rustix::fs::unlinkat(&self.directory, &beside, AtFlags::empty());
            error.into()
        })
    }

    /// Makes a file that must not be there yet: of many who try, one succeeds.
    ///
    /// # Errors
    /// It is there, or can't be made.
    pub fn create(&self, name: &str, text: &str) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.directory, name, flags, Mode::RUSR | Mode::WUSR)?;
        File::from(file).write_all(text.as_bytes()).inspect_err(|_| {
            let _ = self.take(name);
        })
    }

    /// Takes a file away. Of many who try, one succeeds.
    #[must_use = "whoever didn't take it must not use it"]
    pub fn take(&self, name: &str) -> bool {
        rustix::fs::unlinkat(&self.directory, name, AtFlags::empty()).is_ok()
    }

    /// The names that end like this.
    #[must_use]
    pub fn names(&self, end: &str) -> Vec<String> {
        let Ok(entries) = rustix::fs::Dir::read_from(&self.directory) else { return Vec::new() };
        let name = |entry: rustix::fs::DirEntry| entry.file_name().to_str().ok().map(str::to_owned);
        entries.take(NAMES).flatten().filter_map(name).filter(|name| name.ends_with(end)).collect()
    }

    /// Drops what is old, and the oldest of too many requests.
    pub fn tidy(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut requests = Vec::new();
        for name in self.names("") {
            let ours = [".request", ".approved", ".sig", ".used", ".new"].iter().any(|end| name.ends_with(end));
            let data = rustix::fs::statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW);
            let (true, Ok(data)) = (ours, data) else { continue };
            let changed = u64::try_from(data.st_mtime).unwrap_or_default();
            // A file from the future isn't old.
            if now.saturating_sub(changed) > KEPT {
                let _ = self.take(&name);
            } else if name.ends_with(".request") {
                requests.push((changed, name));
            }
        }
        requests.sort_unstable();
        let spare = requests.len().saturating_sub(REQUESTS - 1);
        for (_, name) in requests.iter().take(spare) {
            let _ = self.take(name);
        }
    }
}

fn is_own(data: &Stat) -> bool {
    data.st_uid == rustix::process::geteuid().as_raw()
}
