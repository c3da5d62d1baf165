//! Looking at files, within a bound.

use crate::patience;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The most that is read of a file, in bytes.
const CAP: u64 = 1 << 20;

/// Room that is made for a file at once: of some, the kernel doesn't say how long they are.
const ROOM: usize = 4 << 10;

/// The most names that a directory is read for.
const NAMES: usize = 2_048;

/// What looking at a file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// Its text.
    Text(String),
    /// There is no such file.
    Missing,
    /// It can't be read as text: too large, not a regular file, not UTF-8, not permitted.
    Unreadable,
}

/// What kind of thing lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link (on Windows, a junction as well).
    Link,
    /// Anything else: a FIFO, a device, a socket.
    Other,
}

/// What the file system says of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
    /// The device that it lies on; 0 where the system has no such number.
    pub device: u64,
    /// Its number there; 0 where the system has no such number.
    pub inode: u64,
    /// When its content was last changed, in seconds since 1970-01-01 and nanoseconds.
    pub modified: (i64, u32),
    /// When anything about it was last changed, likewise; 0 where the system doesn't say.
    pub changed: (i64, u32),
    /// Its owner may execute it.
    pub executable: bool,
}

/// Looks at files. What isn't implemented sees nothing.
pub trait Files: std::fmt::Debug {
    /// The text of a file, by its absolute path.
    fn load(&self, path: &str) -> Loaded;

    /// The names in a directory, by its absolute path: none if there is no such directory; `None` if it can't be read,
    /// or holds too many.
    fn names(&self, dir: &str) -> Option<Vec<String>>;

    /// What lies at a path, itself, if it is a link. `None`: nothing, or it can't be told.
    fn stat(&self, _path: &str) -> Option<Stat> {
        None
    }

    /// Whether it is certain that nothing lies at a path. Not being allowed to look is no answer.
    fn is_absent(&self, _path: &str) -> bool {
        false
    }

    /// Where a symbolic link leads, as it is written.
    fn link(&self, _path: &str) -> Option<String> {
        None
    }

    /// What lies in a directory, in no order, without `.` and `..`: each name with its kind. Names that aren't UTF-8 have
    /// U+FFFD in them. `each` ends it by `false`. `false`: it can't be read.
    fn list(&self, _dir: &str, _each: &mut dyn FnMut(&str, Kind) -> bool) -> bool {
        false
    }

    /// Bytes of a regular file, from here on: fewer where it ends. `None`: it can't be read.
    fn part(&self, _path: &str, _from: u64, _size: usize) -> Option<Vec<u8>> {
        None
    }
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn load(&self, path: &str) -> Loaded {
        let file = match open(path, CAP) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Loaded::Missing,
            Err(_) => return Loaded::Unreadable,
        };
        let mut bytes = Vec::with_capacity(ROOM);
        match file.take(CAP + 1).read_to_end(&mut bytes) {
            Ok(size) if size as u64 <= CAP => {}
            _ => return Loaded::Unreadable,
        }
        String::from_utf8(bytes).map_or(Loaded::Unreadable, Loaded::Text)
    }

    fn names(&self, dir: &str) -> Option<Vec<String>> {
        patience::before(dir);
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(Vec::new()),
            Err(_) => return None,
        };
        let mut names = Vec::new();
        for entry in entries {
            if names.len() == NAMES {
                return None;
            }
            names.push(entry.ok()?.file_name().into_string().ok()?);
        }
        Some(names)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        patience::before(path);
        std::fs::symlink_metadata(path).ok().map(|data| stat_of(&data))
    }

    fn is_absent(&self, path: &str) -> bool {
        // Elsewhere, a path of another system's shell would be looked for at another place.
        let native = if cfg!(windows) { path.get(1..3) == Some(":/") } else { path.starts_with('/') };
        patience::before(path);
        native && std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    fn link(&self, path: &str) -> Option<String> {
        patience::before(path);
        std::fs::read_link(path).ok()?.into_os_string().into_string().ok()
    }

    fn list(&self, dir: &str, each: &mut dyn FnMut(&str, Kind) -> bool) -> bool {
        patience::before(dir);
        let Ok(entries) = std::fs::read_dir(dir) else { return false };
        for entry in entries {
            let Ok(entry) = entry else { return false };
            let Ok(kind) = entry.file_type() else { return false };
            if !each(&entry.file_name().to_string_lossy(), kind_of(kind)) {
                break;
            }
        }
        true
    }

    fn part(&self, path: &str, from: u64, size: usize) -> Option<Vec<u8>> {
        let mut file = open(path, u64::MAX).ok()?;
        file.seek(SeekFrom::Start(from)).ok()?;
        let mut bytes = Vec::with_capacity(size.min(CAP as usize));
        file.take(size as u64).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Opens a regular file of so many bytes at most. Nothing is waited for: its kind is asked first, since to open a device may
/// do something, and what has taken its place since then, a FIFO for example, is opened without waiting, and given up.
fn open(path: &str, most: u64) -> io::Result<File> {
    patience::before(path);
    let sound = |data: &std::fs::Metadata| data.is_file() && data.len() <= most;
    let other = || Err(io::Error::other("no regular file of that size"));
    if !sound(&std::fs::metadata(path)?) {
        return other();
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC).bits().cast_signed());
    }
    let file = options.open(path)?;
    if sound(&file.metadata()?) { Ok(file) } else { other() }
}

fn kind_of(kind: std::fs::FileType) -> Kind {
    if kind.is_symlink() {
        Kind::Link
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

fn stat_of(data: &std::fs::Metadata) -> Stat {
    let since = data.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = since.map_or((0, 0), |since| (i64::try_from(since.as_secs()).unwrap_or(0), since.subsec_nanos()));
    #[cfg(unix)]
    let (device, inode, executable, changed) = {
        use std::os::unix::fs::MetadataExt;
        (
            data.dev(),
            data.ino(),
            data.mode() & 0o100 != 0,
            (data.ctime(), u32::try_from(data.ctime_nsec()).unwrap_or(0)),
        )
    };
    #[cfg(not(unix))]
    let (device, inode, executable, changed) = (0, 0, false, (0, 0));
    Stat { kind: kind_of(data.file_type()), size: data.len(), device, inode, modified, changed, executable }
}

/// No disk at all: every file is missing. For tests of what is read from the call alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn load(&self, _path: &str) -> Loaded {
        Loaded::Missing
    }

    fn names(&self, _dir: &str) -> Option<Vec<String>> {
        Some(Vec::new())
    }
}
