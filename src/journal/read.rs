//! Reading the journal back: the lines that are there, and those that come.

use super::store::{Store, open_to_read, same};
use crate::hook::event::{self, Event};
use serde::Deserialize;
use serde_json::Value;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The longest line, in bytes. No line of countersign's is nearly as long.
const LONGEST: usize = 1 << 20;
/// How much is read at once, in bytes.
const CHUNK: usize = 64 << 10;

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its short name.
    pub id: String,
    /// Milliseconds since 1970-01-01 in UTC.
    pub time: u64,
    /// `allow`, `none`, `ask`, `deny`, `observed` or `approved`.
    pub decision: String,
    /// What would have been decided, where it was only observed.
    pub would: Option<String>,
    /// The id of the line that this one is about: its own, or that of an earlier one.
    pub about: String,
    /// The rules that stop it, the worst first.
    pub rules: Vec<String>,
    /// How bad it is.
    pub class: Option<String>,
    /// It goes past the tool's own confirmation.
    pub forced: bool,
    /// Which layer decided, and by what, where it isn't the standard.
    pub because: Option<String>,
    /// Why.
    pub reason: String,
    /// The project that the client named.
    pub project: Option<String>,
    /// The processor time that judging took, in microseconds.
    pub duration_us: u64,
    /// The version that wrote it.
    pub version: String,
    /// A part of the call is missing, because it was too long.
    pub truncated: bool,
    /// The call as the client reported it, without its secrets; `Null` where there was none.
    pub call: Value,
}

#[derive(Deserialize)]
struct Raw {
    class_uid: u32,
    time: u64,
    metadata: RawMetadata,
    finding_info: RawFinding,
    #[serde(default)]
    evidences: Vec<RawEvidence>,
    unmapped: RawUnmapped,
}

#[derive(Deserialize)]
struct RawMetadata {
    uid: String,
    #[serde(default)]
    is_truncated: bool,
    product: RawProduct,
}

#[derive(Deserialize)]
struct RawProduct {
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct RawFinding {
    uid: String,
    #[serde(default)]
    desc: String,
}

#[derive(Deserialize)]
struct RawEvidence {
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct RawUnmapped {
    decision: String,
    would: Option<String>,
    class: Option<String>,
    #[serde(default)]
    forced: bool,
    #[serde(default)]
    rules: Vec<String>,
    because: Option<String>,
    project: Option<String>,
    #[serde(default)]
    duration_us: u64,
}

impl Entry {
    /// Reads a line. `None`: it is torn, or not one of countersign's.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let raw: Raw = serde_json::from_str(line).ok()?;
        if raw.class_uid != super::line::CLASS || raw.metadata.product.name != "countersign" {
            return None;
        }
        Some(Self {
            id: raw.metadata.uid,
            time: raw.time,
            decision: raw.unmapped.decision,
            would: raw.unmapped.would,
            about: raw.finding_info.uid,
            rules: raw.unmapped.rules,
            class: raw.unmapped.class,
            forced: raw.unmapped.forced,
            because: raw.unmapped.because,
            reason: raw.finding_info.desc,
            project: raw.unmapped.project,
            duration_us: raw.unmapped.duration_us,
            version: raw.metadata.product.version,
            truncated: raw.metadata.is_truncated,
            call: raw.evidences.into_iter().next().map(|evidence| evidence.data).unwrap_or_default(),
        })
    }

    /// The name of the tool; empty where there was no call.
    #[must_use]
    pub fn tool(&self) -> &str {
        self.text("tool_name")
    }

    /// The directory in which it would have run.
    #[must_use]
    pub fn cwd(&self) -> &str {
        self.text("cwd")
    }

    /// The session's id.
    #[must_use]
    pub fn session(&self) -> &str {
        self.text("session_id")
    }

    fn text(&self, key: &str) -> &str {
        self.call.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// What would have run or been written: a command, a path, or the arguments of an MCP tool.
    #[must_use]
    pub fn shown(&self) -> String {
        let input = &self.call["tool_input"];
        let text = |key: &str| input.get(key).and_then(Value::as_str);
        match self.tool() {
            "" => String::new(),
            tool if tool.starts_with("mcp__") => input.to_string(),
            _ => text("command").or(text("file_path")).or(text("notebook_path")).unwrap_or_default().to_owned(),
        }
    }

    /// The call, to be judged again. `None`: there was none, or not all of it is there.
    #[must_use]
    pub fn call(&self) -> Option<crate::call::Call> {
        match event::read(self.call.to_string().as_bytes()) {
            Ok(Event::PreToolUse(mut call)) if !self.truncated => {
                call.project.clone_from(&self.project);
                Some(*call)
            }
            _ => None,
        }
    }
}

/// The newest line of a person's journal with this id, or the beginning of one.
#[must_use]
pub fn find(home: &Path, id: &str) -> Option<Entry> {
    let mut found = None;
    let mut reader = Reader::new(Store::of_home(home));
    reader
        .read(&mut |line| {
            if let Some(entry) = Entry::read(line).filter(|entry| !id.is_empty() && entry.id.starts_with(id)) {
                found = Some(entry);
            }
            true
        })
        .ok()?;
    found
}

/// Reads the lines of a journal, and goes on with what has come meanwhile, whatever became of the files.
#[derive(Debug)]
pub struct Reader {
    store: Store,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    data: Metadata,
    /// How far it was read.
    at: u64,
    /// The beginning of a line whose end isn't there yet.
    rest: Vec<u8>,
}

impl Reader {
    /// From the oldest line on.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, open: None }
    }

    /// Hands on all lines that weren't read yet, the oldest first, until `take` wants no more. `false`: there is no journal.
    ///
    /// # Errors
    /// It is there, but can't be read.
    pub fn read(&mut self, take: &mut dyn FnMut(&str) -> bool) -> io::Result<bool> {
        let mut newer = self.newer()?;
        let Some(last) = newer.pop() else {
            return match &mut self.open {
                Some(open) => open.lines(false, take).map(|_| true),
                None => Ok(false),
            };
        };
        // Nothing is added any more to those that lie behind another.
        for mut open in self.open.take().into_iter().chain(newer) {
            if !open.lines(true, take)? {
                return Ok(true);
            }
        }
        self.open.insert(last).lines(false, take)?;
        Ok(true)
    }

    /// Hands on what is left of a last line without an end, where nothing more is to come.
    pub fn finish(&mut self, take: &mut dyn FnMut(&str) -> bool) {
        if let Some(open) = &mut self.open {
            open.end(take);
        }
    }

    /// The files that are newer than the one that is open, the oldest first. They are opened from the newest on: one that is
    /// moved aside meanwhile is met twice, and none is missed.
    fn newer(&self) -> io::Result<Vec<Open>> {
        let mut found: Vec<Open> = Vec::new();
        for path in self.store.files().iter().rev() {
            let file = match open_to_read(path) {
                Ok(file) => file,
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
                Err(error) if *path == self.store.path => return Err(error),
                // What isn't ours beside it is passed over.
                Err(_) => continue,
            };
            let data = file.metadata()?;
            if self.open.as_ref().is_some_and(|open| same(&open.data, &data)) {
                break;
            }
            if !found.iter().any(|open| same(&open.data, &data)) {
                found.push(Open { file, data, at: 0, rest: Vec::new() });
            }
        }
        found.reverse();
        Ok(found)
    }
}

impl Open {
    /// Hands on the lines that have come; with `all`, also one without an end. `false`: no more are wanted.
    fn lines(&mut self, all: bool, take: &mut dyn FnMut(&str) -> bool) -> io::Result<bool> {
        if self.file.metadata()?.len() < self.at {
            // Somebody has emptied it.
            use std::io::Seek;
            self.file.rewind()?;
            self.at = 0;
            self.rest.clear();
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            let size = match self.file.read(&mut chunk) {
                Ok(0) => break,
                Ok(size) => size,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.at += size as u64;
            let mut pieces = chunk[..size].split(|byte| *byte == b'\n');
            // What stands in front of the first line's end belongs to what was there before.
            self.rest.extend_from_slice(pieces.next().unwrap_or_default());
            for piece in pieces {
                if !self.end(take) {
                    return Ok(false);
                }
                self.rest.extend_from_slice(piece);
            }
            // Of a line without an end, the beginning says enough: it is none of ours.
            self.rest.truncate(LONGEST);
        }
        Ok(!all || self.end(take))
    }

    fn end(&mut self, take: &mut dyn FnMut(&str) -> bool) -> bool {
        let line = std::mem::take(&mut self.rest);
        let text = String::from_utf8_lossy(&line);
        text.trim().is_empty() || take(text.trim())
    }
}
