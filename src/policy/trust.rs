//! Which project policies a person has trusted: each by its path and its exact content.
//!
//! The store lies outside of every repository, in the person's own state folder. `countersign trust` writes it, which
//! only a person can run; what it holds is a digest, so that whoever changes the file by one byte is a stranger again.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The trusted files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// By path: the SHA-256 of the content, in hexadecimal.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

/// The store's place below a home directory.
pub const STORE: &str = ".local/state/countersign/trust.json";

impl Store {
    /// The person's store; an empty one where there is none, or none that can be read: then nothing is trusted.
    #[must_use]
    pub fn of_home(home: &Path) -> Self {
        let path = home.join(STORE);
        crate::patience::before(&path);
        if !is_own(&path) {
            return Self::default();
        }
        fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Whether this file with this content is trusted.
    #[must_use]
    pub fn trusts(&self, path: &Path, text: &str) -> bool {
        path.to_str().and_then(|path| self.files.get(path)).is_some_and(|known| *known == digest(text))
    }

    /// Whether this file is trusted with some content.
    #[must_use]
    pub fn knows(&self, path: &Path) -> bool {
        path.to_str().is_some_and(|path| self.files.contains_key(path))
    }

    /// Trusts this file with this content.
    ///
    /// # Errors
    /// Its path is no text, which a store can't hold.
    pub fn trust(&mut self, path: &Path, text: &str) -> io::Result<()> {
        let path = path.to_str().ok_or_else(|| io::Error::other("its path is not UTF-8"))?;
        self.files.insert(path.to_owned(), digest(text));
        Ok(())
    }

    /// Trusts this file no longer. `false`: it wasn't trusted.
    pub fn forget(&mut self, path: &Path) -> bool {
        path.to_str().is_some_and(|path| self.files.remove(path).is_some())
    }

    /// Writes the store whole: into a file beside it, which then takes its place.
    ///
    /// # Errors
    /// What the system says.
    pub fn save(&self, home: &Path) -> io::Result<PathBuf> {
        let path = home.join(STORE);
        let folder = path.parent().unwrap_or(home);
        fs::create_dir_all(folder)?;
        // A process before this one may have had its number, and been killed.
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        let beside = folder.join(format!("trust.json.{}-{nanos}", std::process::id()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        let written = serde_json::to_vec_pretty(self)
            .map_err(io::Error::other)
            .and_then(|bytes| file.write_all(&bytes))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&beside, &path));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written.map(|()| path)
    }
}

fn digest(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A regular file that others can't have written.
#[cfg(unix)]
fn is_own(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let uid = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|data| {
        data.is_file() && data.mode() & 0o022 == 0 && (data.uid() == uid || data.uid() == 0) && data.len() < 1 << 20
    })
}

#[cfg(not(unix))]
fn is_own(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_file() && data.len() < 1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_in_a_path_and_its_content() {
        let mut store = Store::default();
        let path = Path::new("/home/dev/shop/.claude/countersign.toml");
        assert!(!store.trusts(path, "lock = true"));
        store.trust(path, "a = 1").expect("text");
        assert!(store.trusts(path, "a = 1") && !store.trusts(path, "a = 1\n"));
        assert!(!store.trusts(Path::new("/home/dev/other/.claude/countersign.toml"), "a = 1"));
        assert!(store.forget(path) && !store.forget(path) && !store.trusts(path, "a = 1"));
    }
}
