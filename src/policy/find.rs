//! Which policy files count for a call, and reading them: never for long, never more than is sensible, never what
//! somebody else could have put there.

use super::Policy;
use super::date::Day;
use super::fault::Fault;
use super::layer::{Kind, Layer};
use super::trust::Store;
use crate::patience;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The largest policy file that is read, in bytes.
pub const CAP: u64 = 1 << 20;
/// The size of all files together from which on reading them may take long, in bytes.
const LARGE: usize = 16 << 10;
/// The most directories above the working directory that are looked into.
const DEPTH: usize = 64;
/// The most drop-ins of managed policy.
const DROP_INS: usize = 256;

/// The client's folder of managed settings on this system.
pub const MANAGED: &str = if cfg!(target_os = "macos") {
    "/Library/Application Support/ClaudeCode"
} else if cfg!(windows) {
    r"C:\Program Files\ClaudeCode"
} else {
    "/etc/claude-code"
};

/// Where policies are looked for.
#[derive(Clone, Debug)]
pub struct Where<'a> {
    /// The folder of managed policy.
    pub managed: &'a Path,
    /// Who must own managed policy; `None`: it isn't asked (in tests, and where the system has no such notion).
    pub owner: Option<u32>,
    /// The person's home directory.
    pub home: Option<&'a Path>,
    /// The working directory of the call.
    pub cwd: &'a Path,
    /// The project that the client names.
    pub project: Option<&'a Path>,
    /// Called once where the files together are so large that reading them may take long.
    pub large: fn(),
}

impl<'a> Where<'a> {
    /// On this machine.
    #[must_use]
    pub fn here(home: Option<&'a str>, cwd: &'a str, project: Option<&'a str>) -> Self {
        Self {
            managed: Path::new(MANAGED),
            owner: Some(0),
            home: home.map(Path::new),
            cwd: Path::new(cwd),
            project: project.map(Path::new),
            large: || (),
        }
    }

    /// The files that may be there, with whose they are; managed drop-ins in the order of their names.
    #[must_use]
    pub fn files(&self, faults: &mut Vec<Fault>) -> Vec<(Kind, PathBuf)> {
        let mut files = vec![(Kind::Managed, self.managed.join("countersign.toml"))];
        files.extend(self.drop_ins(faults).into_iter().map(|path| (Kind::Managed, path)));
        files.extend(self.home.map(|home| (Kind::User, home.join(".claude/countersign.toml"))));
        for folder in self.projects() {
            let folder = folder.join(".claude");
            // One look for both: most directories have none. What can't be looked at may hold one.
            if !is_missing(&folder) {
                files.push((Kind::Project, folder.join("countersign.toml")));
                files.push((Kind::Local, folder.join("countersign.local.toml")));
            }
        }
        files
    }

    fn drop_ins(&self, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
        let folder = self.managed.join("countersign.d");
        if patience::is_missing(&folder) {
            return Vec::new();
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                faults.push(Fault::whole(&folder, format!("can't be read: {error}")));
                return Vec::new();
            }
        };
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) if paths.len() < DROP_INS => paths.push(entry.path()),
                Ok(_) => {
                    faults.push(Fault::whole(&folder, format!("holds more than {DROP_INS} files")));
                    break;
                }
                Err(error) => faults.push(Fault::whole(&folder, format!("can't be read: {error}"))),
            }
        }
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort_unstable();
        paths
    }

    /// The directories whose `.claude` counts: from the working directory up to the root of its repository, and the
    /// project that the client names.
    fn projects(&self) -> Vec<&Path> {
        let mut folders: Vec<&Path> = Vec::new();
        let ancestors: Vec<&Path> = self.cwd.ancestors().take(DEPTH).collect();
        let root = ancestors.iter().position(|folder| is_there(&folder.join(".git")));
        // Outside of a repository, what lies above the working directory is nobody's in particular.
        folders.extend(&ancestors[..=root.unwrap_or(0).min(ancestors.len().saturating_sub(1))]);
        if let Some(project) = self.project
            && !folders.contains(&project)
        {
            folders.push(project);
        }
        // The home directory's is the person's own, and read as such.
        folders.retain(|folder| folder.is_absolute() && Some(*folder) != self.home);
        folders
    }

    /// The policy that counts here.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let mut faults = Vec::new();
        let files = self.files(&mut faults);
        let (mut layers, mut texts) = (Vec::new(), Vec::new());
        let mut store = None;
        let mut left = CAP;
        let mut size = 0;
        for (kind, path) in files {
            let text = match self.text(kind, &path) {
                // Rules live as long as the process, and their strings stay where they are.
                Ok(Some(text)) => &*String::leak(text),
                Ok(None) => continue,
                Err(fault) => {
                    faults.push(fault);
                    continue;
                }
            };
            size += text.len();
            if size >= LARGE && size - text.len() < LARGE {
                (self.large)();
            }
            // Directories may be many, and what reading them takes must not be more than a call has.
            if kind >= Kind::Project {
                let Some(less) = left.checked_sub(text.len() as u64) else {
                    let what =
                        "with the files of the project that were read before it, is larger than 1 MiB: shorten them";
                    faults.push(Fault::whole(&path, what));
                    break;
                };
                left = less;
            }
            let trusted = kind <= Kind::User || {
                let store = store.get_or_insert_with(|| self.home.map(Store::of_home).unwrap_or_default());
                store.trusts(&path, text)
            };
            match Layer::read_kept(kind, &path, text, trusted) {
                Ok(layer) => layers.push(layer),
                Err(found) => faults.extend(found),
            }
            texts.push((path, text));
        }
        if layers.is_empty() && faults.is_empty() {
            return Policy::of(crate::rules::builtin());
        }
        Policy::new(layers, &texts, faults, Day::today())
    }

    /// The text of a policy file; `None`: there is none.
    ///
    /// # Errors
    /// It is there, but isn't what a policy file should be.
    pub fn text(&self, kind: Kind, path: &Path) -> Result<Option<String>, Fault> {
        let fault = |what: &str| Err(Fault::whole(path, what));
        if patience::is_missing(path) {
            return Ok(None);
        }
        let mut file = match open(path, kind >= Kind::Project) {
            Ok(file) => file,
            Err(error) if is_nothing(&error) && !is_link(path) => return Ok(None),
            Err(error) if kind < Kind::Project && is_nothing(&error) => {
                return fault("is a link that leads nowhere: put the file there, or remove the link");
            }
            Err(_) if kind >= Kind::Project && is_link(path) => {
                return fault("is a symbolic link: put the file itself there");
            }
            Err(error) => return fault(&format!("can't be read: {error}")),
        };
        let data = match file.metadata() {
            Ok(data) => data,
            Err(error) => return fault(&format!("can't be read: {error}")),
        };
        if !data.is_file() {
            return fault("is no regular file: a policy is a file of text");
        }
        if data.len() > CAP {
            return fault(&format!("is larger than {} MiB: split it, or shorten it", CAP >> 20));
        }
        if kind == Kind::Managed
            && let Some(owner) = self.owner
        {
            check_owner(path, &data, owner)?;
        }
        // One byte more, so that its end is met in the same read.
        let mut bytes = Vec::with_capacity(usize::try_from(data.len()).unwrap_or_default() + 33);
        match file.by_ref().take(CAP + 1).read_to_end(&mut bytes) {
            Ok(size) if size as u64 <= CAP => {}
            Ok(_) => return fault("grows while it is read"),
            Err(error) => return fault(&format!("can't be read: {error}")),
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => fault(&format!("is not UTF-8 (byte {}): save it as UTF-8", error.utf8_error().valid_up_to())),
        }
    }
}

/// Whether it is certain that nothing is there.
fn is_missing(path: &Path) -> bool {
    patience::is_missing(path) || fs::symlink_metadata(path).is_err_and(|error| is_nothing(&error))
}

fn is_nothing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn is_there(path: &Path) -> bool {
    !patience::is_missing(path) && fs::symlink_metadata(path).is_ok()
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.file_type().is_symlink())
}

/// Opens without waiting: a FIFO without a writer would be waited for.
#[cfg(unix)]
fn open(path: &Path, no_link: bool) -> std::io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let mut flags = OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    if no_link {
        flags |= OFlags::NOFOLLOW;
    }
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, no_link: bool) -> std::io::Result<File> {
    if no_link && is_link(path) {
        return Err(std::io::Error::other("a link"));
    }
    OpenOptions::new().read(true).open(path)
}

/// Managed policy counts only if nobody but the administrator can have written it.
fn check_owner(path: &Path, data: &Metadata, owner: u32) -> Result<(), Fault> {
    match exposed(path, data, owner) {
        None => Ok(()),
        Some((path, Exposed::Owner)) => {
            Err(Fault::whole(&path, "must belong to root to count as managed policy: `sudo chown root` it"))
        }
        Some((path, Exposed::Writable)) => {
            let what = "can be written by others than root, so it can't count as managed policy: `sudo chmod go-w` it";
            Err(Fault::whole(&path, what))
        }
    }
}

/// Why others than its owner can write a file.
#[cfg_attr(not(unix), allow(dead_code))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposed {
    /// It belongs to somebody else.
    Owner,
    /// Its mode lets them.
    Writable,
}

/// What lets others than this owner write a file: itself, or a folder above it.
#[cfg(unix)]
pub(crate) fn exposed(path: &Path, data: &Metadata, owner: u32) -> Option<(PathBuf, Exposed)> {
    use std::os::unix::fs::MetadataExt;
    let mut checked = vec![(path.to_owned(), data.uid(), data.mode())];
    for folder in path.ancestors().skip(1) {
        if let Ok(data) = fs::metadata(folder) {
            // In a folder like /tmp, others may add, but not replace.
            let mode = if data.mode() & 0o1000 != 0 { data.mode() & !0o022 } else { data.mode() };
            checked.push((folder.to_owned(), data.uid(), mode));
        }
    }
    checked.into_iter().find_map(|(path, uid, mode)| match () {
        () if uid != owner => Some((path, Exposed::Owner)),
        () if mode & 0o022 != 0 => Some((path, Exposed::Writable)),
        () => None,
    })
}

/// The folder is the administrator's by the system's own protection.
#[cfg(not(unix))]
pub(crate) fn exposed(_path: &Path, _data: &Metadata, _owner: u32) -> Option<(PathBuf, Exposed)> {
    None
}
