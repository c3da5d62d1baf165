//! The files of the journal: lines are appended in one write, and the oldest file goes when there are too many.
//!
//! Parallel processes write without waiting for each other. Whoever finds the file full takes a lock on it that is never
//! waited for, and moves it aside; who still has it open appends there. So no line is lost or torn by that.

use crate::patience;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Where the journal is kept, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The file that is written to; those before it lie beside it, as `journal.jsonl.1` and so on, the newest first.
    pub path: PathBuf,
    /// The size from which on a file is moved aside, in bytes.
    pub cap: u64,
    /// How much a file may outgrow that, in bytes, while somebody else holds the lock that is taken to move it aside. Then it
    /// is moved all the same: far more than many processes write meanwhile, for without the lock a file could be lost.
    pub slack: u64,
    /// How many files are kept besides.
    pub keep: u32,
}

/// How often the file is opened anew because it was moved aside meanwhile.
const TRIES: usize = 8;
/// How much of what a process may write to a file is left to others that write at the same time, in bytes.
#[cfg(unix)]
const SPARE: u64 = 1 << 20;

impl Store {
    /// The journal of a person.
    #[must_use]
    pub fn of_home(home: &Path) -> Self {
        Self { path: home.join(super::JOURNAL), cap: 8 << 20, slack: 8 << 20, keep: 4 }
    }

    /// All files that there may be, the oldest first.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        (1..=self.keep).rev().map(|number| self.aside(number)).chain([self.path.clone()]).collect()
    }

    fn aside(&self, number: u32) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(format!(".{number}"));
        path.into()
    }

    /// Appends a line, in one write.
    ///
    /// # Errors
    /// It can't be written, or whatever lies there is no file of the person's own. Nothing was waited for.
    pub fn append(&self, line: &[u8]) -> io::Result<()> {
        patience::before_writing(self.path.parent().unwrap_or(&self.path));
        let mut file = self.open()?;
        for _ in 0..TRIES {
            let data = file.metadata()?;
            if !is_own(&data) {
                return Err(io::Error::other("no regular file of the person's own"));
            }
            if data.len() < self.cap || !self.make_room(&file, &data)? {
                break;
            }
            file = self.open()?;
        }
        let size = file.metadata()?.len();
        if !may_grow_to(size + line.len() as u64) {
            return Err(io::Error::other("larger than files may become"));
        }
        // What a full disk has torn off ends here, and spoils no more than itself.
        let torn = size > 0 && last_byte(&mut file, size) != Some(b'\n');
        let text = if torn { [b"\n", line, b"\n"].concat() } else { [line, b"\n"].concat() };
        // Not `write_all`: a second write would stand behind lines of others.
        let written = file.write(&text)?;
        if written == text.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }

    fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        private(&mut options);
        match options.open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = self.path.parent().ok_or(error)?;
                make_folder(folder)?;
                options.open(&self.path)
            }
            result => result,
        }
    }

    /// Moves a full file aside, if it is still the one that is written to. `false`: somebody else is at it, so that this file
    /// may be written to for now.
    fn make_room(&self, file: &File, data: &Metadata) -> io::Result<bool> {
        let locked = lock(file);
        if !locked && data.len() < self.cap.saturating_add(self.slack) {
            return Ok(false);
        }
        let current = fs::symlink_metadata(&self.path);
        if current.is_ok_and(|current| same(&current, data)) {
            for number in (1..self.keep).rev() {
                // The first that is missing is none too many.
                let _ = fs::rename(self.aside(number), self.aside(number + 1));
            }
            match fs::rename(&self.path, self.aside(1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        // The lock ends with the file that is open.
        Ok(true)
    }
}

/// Makes the folder of the journal, below a home that others have made.
fn make_folder(folder: &Path) -> io::Result<()> {
    let home = folder.ancestors().nth(Path::new(super::JOURNAL).components().count() - 1);
    if !home.is_none_or(Path::is_dir) {
        return Err(io::Error::other("no home"));
    }
    let mut make = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
    make.recursive(true).create(folder)
}

/// Readable by nobody else, and never waiting for a FIFO or following a link.
fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = options;
}

/// Opens a file of the journal to be read, if it is the person's own.
///
/// # Errors
/// It can't be opened, or is no regular file of their own.
pub(super) fn open_to_read(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    private(&mut options);
    let file = options.open(path)?;
    if is_own(&file.metadata()?) { Ok(file) } else { Err(io::Error::other("no regular file of your own")) }
}

/// Whether two are one file.
#[cfg(unix)]
pub(crate) fn same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
pub(crate) fn same(one: &Metadata, other: &Metadata) -> bool {
    one.created().ok() == other.created().ok()
}

/// A regular file of the person's own, that only they can write.
#[cfg(unix)]
fn is_own(data: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    data.is_file() && data.mode() & 0o022 == 0 && data.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(data: &Metadata) -> bool {
    data.is_file()
}

/// Takes the lock on a file, if nobody has it.
#[cfg(unix)]
fn lock(file: &File) -> bool {
    rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_ok()
}

#[cfg(not(unix))]
fn lock(_file: &File) -> bool {
    true
}

/// Whether a file may become so large. Beyond its limit (`ulimit -f`), a write ends the whole process by a signal, and the
/// client would run the call.
#[cfg(unix)]
#[must_use]
pub fn may_grow_to(size: u64) -> bool {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize);
    limit.current.is_none_or(|limit| size.saturating_add(SPARE) <= limit)
}

/// Whether a file may become so large. Here, nothing ends a process for it.
#[cfg(not(unix))]
#[must_use]
pub fn may_grow_to(_size: u64) -> bool {
    true
}

fn last_byte(file: &mut File, size: u64) -> Option<u8> {
    let mut last = [0];
    file.seek(SeekFrom::Start(size - 1)).and_then(|_| file.read_exact(&mut last)).ok()?;
    Some(last[0])
}
