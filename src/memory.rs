//! What a session remembers from one call to the next: what was stopped, and what was copied, moved or backed up.
//!
//! A file for each session in the person's own state folder, one JSON line each, appended in one write so that parallel
//! calls don't tear each other's. It only ever tightens: whatever of it is missing, damaged or somebody else's is as if
//! nothing had happened. No words of a call are kept but programs, subcommands, the names of options and paths; all others
//! only as digests, which tell whether two are the same.

use crate::context::{Files, Kind};
use crate::journal::store::same;
use crate::patience;
use crate::rules::model::Class;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The place of all sessions below a home directory.
pub const SESSIONS: &str = ".local/state/countersign/sessions";

/// The form in which entries are written. Others are passed over.
const FORM: u8 = 1;
/// The most bytes that are kept of one session.
pub const CAP: u64 = 64 << 10;
/// The most bytes of one entry.
const LINE: usize = 4 << 10;
/// The most entries of one call.
const CALL: usize = 16;
/// The most bytes of a session's file: more than [`CAP`] where many calls add to it at once and none can make room.
const MOST: u64 = 2 * CAP;
/// How often the file is opened anew because somebody has made room in it.
const TRIES: usize = 64;
/// How many milliseconds are waited in all for others who are adding to it: the client waits for the answer meanwhile.
const WAITS: usize = 200;
/// For how many seconds an entry counts.
const LASTS: u64 = 6 * 3600;
/// How long the file of a session is kept that nothing is added to.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// The most files of sessions.
const FILES: usize = 64;
/// The most names that are looked at when old files are dropped.
const NAMES: usize = 4_096;

/// Something that a session remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The form that it is written in.
    #[serde(rename = "v")]
    form: u8,
    /// When it happened, in seconds since 1970-01-01.
    pub time: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum What {
    /// Something was denied or put to a person.
    Stopped(Stopped),
    /// Something was copied, moved or backed up; whether that worked isn't known.
    Copied(Copied),
}

/// Something that was denied or put to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stopped {
    /// It was denied, not only asked about.
    pub denied: bool,
    /// The rule that stopped it.
    pub rule: String,
    /// What it was after: rules that reach the same by other ways share it.
    pub intent: String,
    /// How bad it is.
    pub class: Class,
    /// It went past the tool's own confirmation.
    pub forced: bool,
    /// The program or tool.
    pub program: String,
    /// The directory in which it would have run.
    pub cwd: Option<String>,
    /// The paths that it would have changed.
    pub paths: Vec<String>,
    /// Digests of the words that say at what it was aimed.
    pub names: Vec<String>,
    /// Digests of the last parts of these words: `main` of `aws_db_instance.main`.
    pub parts: Vec<String>,
    /// A digest of the whole of it.
    pub call: String,
    /// What of it may be shown.
    pub shown: String,
}

/// Something that was copied, moved or backed up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Copied {
    /// It was moved: the source is gone, if that worked.
    pub moved: bool,
    /// It was made as a backup.
    pub backup: bool,
    /// What was copied or moved: absolute paths or addresses.
    pub from: Vec<String>,
    /// Only what lies in these was, by a pattern.
    pub contents: bool,
    /// Where to: each path that may be meant.
    pub to: Vec<String>,
    /// What of it may be shown.
    pub shown: String,
}

impl Entry {
    /// Of something that happens now.
    #[must_use]
    pub fn now(what: What) -> Self {
        Self::at(now(), what)
    }

    /// Of something that happened then, in seconds since 1970-01-01.
    #[must_use]
    pub fn at(time: u64, what: What) -> Self {
        Self { form: FORM, time, what }
    }

    /// How many seconds ago it happened. What lies in the future, because somebody has set a clock, is just now.
    #[must_use]
    pub fn age(&self) -> u64 {
        now().saturating_sub(self.time)
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The file of a session below a home directory. Its name says nothing of the session's own: that is any text at all.
#[must_use]
pub fn file_of(session: &str) -> String {
    format!("{SESSIONS}/{}.jsonl", digest(&["session", session]))
}

/// Tells texts apart, and doesn't give them away.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    use std::fmt::Write;
    let mut sum = Sha256::new();
    for part in parts {
        sum.update((part.len() as u64).to_le_bytes());
        sum.update(part.as_bytes());
    }
    sum.finalize().iter().take(12).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What a session remembers, the oldest first: nothing, where it can't be read.
#[must_use]
pub fn recall(home: &str, session: &str, files: &dyn Files) -> Vec<Entry> {
    let path = format!("{}/{}", home.trim_end_matches('/'), file_of(session));
    // Nobody may be made to wait for a FIFO, or to read elsewhere through a link.
    let Some(data) = files.stat(&path) else { return Vec::new() };
    if data.kind != Kind::File {
        return Vec::new();
    }
    // Of more than that, what was added last; the line that is cut in two is none.
    let most = MOST + LINE as u64 * CALL as u64;
    let bytes = files.part(&path, data.size.saturating_sub(most), most as usize).unwrap_or_default();
    entries(&bytes).into_iter().map(|(entry, _)| entry).collect()
}

/// The entries that still count, each with its line.
fn entries(bytes: &[u8]) -> Vec<(Entry, &[u8])> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && line.len() <= LINE);
    let entry = |line| serde_json::from_slice::<Entry>(line).ok().map(|entry| (entry, line));
    lines.filter_map(entry).filter(|(entry, _)| entry.form == FORM && entry.age() <= LASTS).collect()
}

/// Writes down what a session is to remember, if there is something. Where that can't be done, the call goes on as it would
/// have without.
pub fn remember(home: Option<&Path>, session: Option<&str>, entries: &[Entry]) {
    if let (Some(home), Some(session), false) = (home, session, entries.is_empty())
        && home.is_absolute()
    {
        let _ = append(home, &home.join(file_of(session)), entries);
    }
}

fn append(home: &Path, path: &Path, entries: &[Entry]) -> io::Result<()> {
    let mut text = Vec::new();
    for entry in entries.iter().take(CALL) {
        let line = serde_json::to_vec(entry)?;
        if line.len() < LINE {
            text.extend(line);
            text.push(b'\n');
        }
    }
    // A write beyond the limit of the process would end it, and the client would run the call.
    if !crate::journal::store::may_grow_to(CAP) {
        return Err(io::Error::other("larger than files may become"));
    }
    let folder = path.parent().ok_or_else(|| io::Error::other("no folder"))?;
    patience::before_writing(folder);
    let mut file = open(home, path, folder)?;
    let mut waits = WAITS;
    for _ in 0..TRIES {
        // Nobody keeps it for long. Who can't have it adds all the same, and leaves it to others to make room.
        let locked = lock(&file, &mut waits);
        let data = file.metadata()?;
        if !fs::symlink_metadata(path).is_ok_and(|now| same(&now, &data)) {
            // Somebody has made room meanwhile: this file is nobody's any more.
            file = open(home, path, folder)?;
            continue;
        }
        if data.len() + text.len() as u64 > if locked { CAP } else { MOST } {
            make_room(path, folder)?;
            file = open(home, path, folder)?;
            continue;
        }
        break;
    }
    // What was torn off by a full disk ends here, and spoils no more than itself.
    file.write_all(&[b"\n", text.as_slice()].concat())
}

/// Opens the file of a session, or makes it below a home that others have made.
fn open(home: &Path, path: &Path, folder: &Path) -> io::Result<fs::File> {
    match fs::symlink_metadata(path) {
        Ok(data) if !is_own(&data) => return Err(io::Error::other("somebody else's")),
        Ok(_) => {}
        Err(_) if !home.is_dir() => return Err(io::Error::other("no home")),
        Err(_) => {
            let mut make = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
            make.recursive(true).create(folder)?;
            if !is_own_folder(folder) {
                return Err(io::Error::other("somebody else's"));
            }
            drop_old(folder);
        }
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    private(&mut options);
    options.open(path)
}

/// Takes the lock on a file, which ends with it. `false`: somebody has it, for longer than anybody should.
#[cfg(unix)]
fn lock(file: &fs::File, waits: &mut usize) -> bool {
    use rustix::fs::{FlockOperation, flock};
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return true,
            Err(rustix::io::Errno::WOULDBLOCK) if *waits > 0 => std::thread::sleep(Duration::from_millis(1)),
            Err(_) => return false,
        }
        *waits -= 1;
    }
}

#[cfg(not(unix))]
fn lock(_file: &fs::File, _waits: &mut usize) -> bool {
    true
}

/// Readable by nobody else, and never waiting for a FIFO or following a link that has just taken its place.
fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = options;
}

/// Keeps the newer half of what still counts. Whoever adds a line meanwhile waits for the lock, and then sees that this is
/// another file.
fn make_room(path: &Path, folder: &Path) -> io::Result<()> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let mut options = OpenOptions::new();
    options.read(true);
    private(&mut options);
    options.open(path)?.take(MOST * 2).read_to_end(&mut bytes)?;
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut left = CAP as usize / 2;
    for (_, line) in entries(&bytes).into_iter().rev() {
        let Some(rest) = left.checked_sub(line.len() + 1) else { break };
        left = rest;
        kept.push(line);
    }
    kept.reverse();
    // A process before this one may have had its number, and been killed.
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    let beside = folder.join(format!("room.{}-{nanos}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    let mut text = kept.join(b"\n".as_slice());
    text.push(b'\n');
    let written = options.open(&beside).and_then(|mut file| file.write_all(&text));
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

/// Drops the files of sessions that are over: those that are old, and the oldest of too many.
fn drop_old(folder: &Path) {
    let Ok(names) = fs::read_dir(folder) else { return };
    let mut files = Vec::new();
    for entry in names.take(NAMES).flatten() {
        let Ok(data) = entry.metadata() else { continue };
        let ours = entry.file_name().to_str().is_some_and(|name| name.ends_with(".jsonl") || name.starts_with("room."));
        if ours && data.is_file() {
            files.push((data.modified().unwrap_or(UNIX_EPOCH), entry.path()));
        }
    }
    files.sort_unstable();
    let spare = files.len().saturating_sub(FILES - 1);
    for (at, (changed, path)) in files.iter().enumerate() {
        // A file from the future isn't old.
        if at < spare || changed.elapsed().is_ok_and(|age| age > KEPT) {
            let _ = fs::remove_file(path);
        }
    }
}

/// A regular file of the person's own, that only they can write.
#[cfg(unix)]
fn is_own(data: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    data.is_file() && data.mode() & 0o022 == 0 && data.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(data: &fs::Metadata) -> bool {
    data.is_file()
}

#[cfg(unix)]
fn is_own_folder(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let uid = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(folder).is_ok_and(|data| data.is_dir() && data.mode() & 0o022 == 0 && data.uid() == uid)
}

#[cfg(not(unix))]
fn is_own_folder(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|data| data.is_dir())
}

#[cfg(test)]
mod tests;
