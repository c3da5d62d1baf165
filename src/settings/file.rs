//! A settings file on the disk: read as a whole, replaced as a whole, with what was there before kept beside it.

use super::edit;
use super::json::Wrong;
use crate::policy::fault::Fault;
use sha2::{Digest, Sha256};
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The largest settings file that is read, in bytes.
pub const CAP: u64 = 4 << 20;
/// What follows the name of a settings file in the name of its backup; then the digest of what took its place.
pub const BEFORE: &str = ".before-countersign-";
/// What ends the name of a backup where there was no file.
const NONE: &str = "-none";

/// A settings file as it was when it was read.
#[derive(Debug)]
pub struct SettingsFile {
    /// Its path, as it is known to the person.
    pub path: PathBuf,
    /// Where it really is: behind all links.
    target: PathBuf,
    /// What was in it; `None`: there is none.
    bytes: Option<Vec<u8>>,
    data: Option<Metadata>,
}

/// What was done to a file, and can be undone.
#[derive(Debug)]
pub struct Change {
    before: SettingsFile,
    /// Where that is kept.
    pub backup: PathBuf,
    /// Backups of before, which this one stands for.
    older: Vec<PathBuf>,
    /// Folders that had to be made.
    made: Vec<PathBuf>,
}

impl SettingsFile {
    /// Reads a file. Links are followed, and it is what they lead to that changes; `inside`: only if that is in this folder.
    ///
    /// # Errors
    /// It is there, but it isn't a settings file.
    pub fn read(path: &Path, inside: Option<&Path>) -> Result<Self, Fault> {
        let fault = |what: String| Fault::whole(path, what);
        let target = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() => {
                return Err(fault(
                    "is a link that leads nowhere: remove it, or make the file that it names".to_owned(),
                ));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => missing(path),
            Err(error) => return Err(fault(format!("can't be read: {error}"))),
        };
        if let Some(folder) = inside
            && !fs::canonicalize(folder).is_ok_and(|folder| target.starts_with(folder))
        {
            return Err(fault(format!(
                "leads out of the project, to {}: a repository may only have its own settings changed",
                target.display()
            )));
        }
        let Some((bytes, data)) = contents(&target).map_err(fault)? else {
            return Ok(Self { path: path.to_owned(), target, bytes: None, data: None });
        };
        if let Err(error) = std::str::from_utf8(&bytes) {
            return Err(fault(format!("is not UTF-8 (byte {}): save it as UTF-8", error.valid_up_to())));
        }
        Ok(Self { path: path.to_owned(), target, bytes: Some(bytes), data: Some(data) })
    }

    /// Whether there is such a file.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.bytes.is_some()
    }

    /// What it says, without the mark at the beginning that some editors write.
    #[must_use]
    pub fn text(&self) -> &str {
        let text = self.whole();
        text.strip_prefix('\u{feff}').unwrap_or(text)
    }

    fn whole(&self) -> &str {
        self.bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Something that is wrong in its text.
    #[must_use]
    pub fn fault(&self, wrong: &Wrong) -> Fault {
        Fault::at(&self.path, self.text(), wrong.at, wrong.what.clone())
    }

    /// Where the file really is, if a link leads there.
    #[must_use]
    pub fn behind(&self) -> Option<&Path> {
        let linked = self.exists() && fs::symlink_metadata(&self.path).is_ok_and(|data| data.is_symlink());
        linked.then_some(&self.target)
    }

    /// Writes this text into the file, and keeps what was there beside it.
    ///
    /// # Errors
    /// What the system says; then the file is as it was.
    pub fn replace(self, text: &str) -> io::Result<Change> {
        let mark = if self.whole().starts_with('\u{feff}') { "\u{feff}" } else { "" };
        let new = format!("{mark}{text}");
        let older = self.backups();
        // What countersign itself has written isn't what was there before.
        let known = self.bytes.as_deref().and_then(|bytes| self.backup_of(bytes));
        let (kept, none) = match &known {
            Some((path, none)) => (fs::read(path)?, *none),
            None => (self.bytes.clone().unwrap_or_default(), self.bytes.is_none()),
        };
        let folder = self.target.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
        let made: Vec<PathBuf> = folder.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        fs::create_dir_all(folder)?;
        let backup = self.backup_path(new.as_bytes(), none);
        write_whole(&backup, &kept, self.data.as_ref())?;
        let older = older.into_iter().filter(|old| *old != backup).collect();
        let change = Change { backup, older, made, before: self };
        let written = change
            .before
            .is_unchanged()
            .and_then(|()| write_whole(&change.before.target, new.as_bytes(), change.before.data.as_ref()));
        match written {
            Ok(()) => Ok(change),
            Err(error) => {
                change.clear();
                Err(error)
            }
        }
    }

    /// Takes countersign out: what was there before, byte for byte, where nothing else has changed since.
    ///
    /// # Errors
    /// The client wouldn't take what is there.
    pub fn without(&self) -> Result<Removal, Fault> {
        let stripped = edit::remove(self.text()).map_err(|wrong| self.fault(&wrong))?;
        let backup = self.bytes.as_deref().and_then(|bytes| self.backup_of(bytes));
        if let Some((path, none)) = backup {
            // Somebody may have put that there: what else there is stays.
            if none && stripped.trim_ascii() == "{}" {
                return Ok(Removal { text: None, backup: Some(path) });
            }
            // Somebody may have written something else there. It gives no more than the layout.
            let read = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
            let before = fs::read(&path).ok().and_then(read);
            let plain = |text: &str| edit::rest(text.strip_prefix('\u{feff}').unwrap_or(text)).ok();
            let blank = |text: &str| text.trim_ascii().is_empty() && stripped.trim_ascii() == "{}";
            let same = |text: &String| {
                blank(text) || (plain(text).is_some_and(|value| Some(value) == plain(&stripped)) && !registers(text))
            };
            if let Some(text) = before.filter(same) {
                return Ok(Removal { text: Some(text), backup: Some(path) });
            }
        }
        let mark = if self.whole().starts_with('\u{feff}') { "\u{feff}" } else { "" };
        Ok(Removal { text: Some(format!("{mark}{stripped}")), backup: None })
    }

    /// Puts this in its place, and forgets the backup that it came from.
    ///
    /// # Errors
    /// What the system says; then the file is as it was.
    pub fn put(&self, removal: &Removal) -> io::Result<()> {
        self.is_unchanged()?;
        match &removal.text {
            Some(text) => write_whole(&self.target, text.as_bytes(), self.data.as_ref())?,
            None => fs::remove_file(&self.target)?,
        }
        if let Some(backup) = &removal.backup {
            let _ = fs::remove_file(backup);
        }
        Ok(())
    }

    /// Lets everybody read it, as managed settings must be, whatever the administrator's umask says.
    ///
    /// # Errors
    /// What the system says.
    #[cfg(unix)]
    pub fn publish(&self) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let open = |path: &Path, bits: u32| {
            let mode = fs::metadata(path)?.permissions().mode();
            fs::set_permissions(path, fs::Permissions::from_mode((mode | bits) & !0o022))
        };
        open(self.target.parent().unwrap_or(&self.target), 0o755)?;
        open(&self.target, 0o644)
    }

    /// Lets everybody read it: elsewhere the folder says who may.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn publish(&self) -> io::Result<()> {
        Ok(())
    }

    /// The backups that lie beside it.
    #[must_use]
    pub fn backups(&self) -> Vec<PathBuf> {
        let Some((folder, name)) = self.target.parent().zip(self.target.file_name()) else { return Vec::new() };
        let start = format!("{}{BEFORE}", name.to_string_lossy());
        let Ok(names) = fs::read_dir(folder) else { return Vec::new() };
        let mut all: Vec<PathBuf> = names
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&start))
            .map(|entry| entry.path())
            .collect();
        all.sort_unstable();
        all
    }

    fn backup_path(&self, new: &[u8], none: bool) -> PathBuf {
        let mut name = self.target.file_name().unwrap_or_default().to_os_string();
        name.push(format!("{BEFORE}{}{}", digest(new), if none { NONE } else { "" }));
        self.target.with_file_name(name)
    }

    /// What was there before these bytes, and whether that was nothing.
    fn backup_of(&self, bytes: &[u8]) -> Option<(PathBuf, bool)> {
        let regular = |path: &Path| fs::symlink_metadata(path).is_ok_and(|data| data.is_file() && data.len() <= CAP);
        [false, true].into_iter().map(|none| (self.backup_path(bytes, none), none)).find(|(path, _)| regular(path))
    }

    /// Makes sure that nobody has changed it since it was read.
    fn is_unchanged(&self) -> io::Result<()> {
        let now = contents(&self.target).map_err(io::Error::other)?.map(|(bytes, _)| bytes);
        if now == self.bytes { Ok(()) } else { Err(io::Error::other("it was changed meanwhile: try again")) }
    }
}

/// What becomes of a file without countersign.
#[derive(Debug)]
pub struct Removal {
    /// What will be in it; `None`: nothing, as before, and it goes.
    pub text: Option<String>,
    /// The backup that this comes from; `None`: only the entries are taken out.
    pub backup: Option<PathBuf>,
}

impl Change {
    /// Puts everything back.
    ///
    /// # Errors
    /// What the system says.
    pub fn undo(self) -> io::Result<()> {
        match &self.before.bytes {
            Some(bytes) => write_whole(&self.before.target, bytes, self.before.data.as_ref())?,
            None => fs::remove_file(&self.before.target)?,
        }
        self.clear();
        Ok(())
    }

    /// Drops what the new backup stands for.
    pub fn keep(self) -> PathBuf {
        for old in &self.older {
            let _ = fs::remove_file(old);
        }
        self.backup
    }

    fn clear(&self) {
        if !self.older.contains(&self.backup) {
            let _ = fs::remove_file(&self.backup);
        }
        for folder in &self.made {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Where a file will be that isn't there yet.
fn missing(path: &Path) -> PathBuf {
    let real = |folder: &Path| fs::canonicalize(folder).ok();
    let above = path.ancestors().skip(1).find_map(|folder| Some((folder, real(folder)?)));
    match above {
        Some((folder, real)) => path.strip_prefix(folder).map_or_else(|_| path.to_owned(), |rest| real.join(rest)),
        None => path.to_owned(),
    }
}

/// All of a regular file; `None`: there is none.
fn contents(path: &Path) -> Result<Option<(Vec<u8>, Metadata)>, String> {
    let data = match fs::metadata(path) {
        Ok(data) => data,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("can't be read: {error}")),
    };
    // Opening a FIFO would wait for ever.
    if !data.is_file() {
        return Err("is no regular file: settings are a file of text".to_owned());
    }
    if data.len() > CAP {
        return Err(format!("is larger than {} MiB: that can't be settings", CAP >> 20));
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(CAP).read_to_end(&mut bytes));
    read.map_err(|error| format!("can't be read: {error}"))?;
    Ok(Some((bytes, data)))
}

fn registers(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    super::json::parse(text).is_ok_and(|root| !super::entries::entries(text, &root).is_empty())
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().take(6).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Writes a file as a whole, with the mode and the owner that it had.
fn write_whole(path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    // A process before this one may have had its number, and been killed.
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    name.push(format!(".{}-{nanos}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // What only the person could read stays so, also for a moment.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if like.is_some() { 0o600 } else { 0o666 });
    let mut file = options.open(&beside)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| like.map_or(Ok(()), |like| dress(&file, like)))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    // The name is on the disk only once its folder is.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

#[cfg(unix)]
fn dress(file: &fs::File, like: &Metadata) -> io::Result<()> {
    use rustix::fs::{Gid, Uid, fchown};
    use std::os::unix::fs::MetadataExt;
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (like.uid(), like.gid()) {
        let owned = fchown(file, Some(Uid::from_raw(like.uid())), Some(Gid::from_raw(like.gid())));
        // A group that isn't one's own can't be given; another owner's file isn't taken from them.
        if now.uid() != like.uid() {
            owned?;
        }
    }
    file.set_permissions(like.permissions())
}

#[cfg(not(unix))]
fn dress(file: &fs::File, like: &Metadata) -> io::Result<()> {
    file.set_permissions(like.permissions())
}
