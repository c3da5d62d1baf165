//! Looking at files, within a bound.

use std::io::Read;

/// The most that is read of a file, in bytes.
const CAP: u64 = 1 << 20;

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

/// Looks at files.
pub trait Files {
    /// The text of a file, by its absolute path.
    fn load(&self, path: &str) -> Loaded;

    /// The names in a directory, by its absolute path: none if there is no such directory; `None` if it can't be read,
    /// or holds too many.
    fn names(&self, dir: &str) -> Option<Vec<String>>;
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn load(&self, path: &str) -> Loaded {
        // The kind is asked first: opening a FIFO would block for ever.
        match std::fs::metadata(path) {
            Ok(data) if data.is_file() && data.len() <= CAP => {}
            Ok(_) => return Loaded::Unreadable,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Loaded::Missing,
            Err(_) => return Loaded::Unreadable,
        }
        let mut bytes = Vec::new();
        match std::fs::File::open(path).and_then(|file| file.take(CAP + 1).read_to_end(&mut bytes)) {
            Ok(size) if size as u64 <= CAP => {}
            _ => return Loaded::Unreadable,
        }
        String::from_utf8(bytes).map_or(Loaded::Unreadable, Loaded::Text)
    }

    fn names(&self, dir: &str) -> Option<Vec<String>> {
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
