//! The program that is registered: the one that runs now.

use crate::policy::find::{Exposed, exposed};
use crate::settings::health::STATIC;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are cleared now and then.
const TEMPORARY: [&str; 6] = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/private/tmp", "/private/var/folders"];

/// This program.
pub(super) struct Program {
    /// Its absolute path.
    pub(super) path: PathBuf,
    /// The same as text: settings are text.
    pub(super) text: String,
}

impl Program {
    /// Finds out where it lies.
    pub(super) fn own() -> Result<Self, String> {
        let path =
            std::env::current_exe().map_err(|error| format!("where this program lies can't be told: {error}"))?;
        if !path.is_file() {
            return Err(format!("{} isn't there any more: start it again from where it is now", path.display()));
        }
        let name = path.file_name().unwrap_or_default();
        if name != "countersign" && name != "countersign.exe" {
            return Err(format!(
                "this program is called {}; it is known by its name, so call it `countersign` before you register it",
                name.display()
            ));
        }
        let text = path.to_str().ok_or("the path of this program is not UTF-8, and settings can't hold it")?.to_owned();
        Ok(Self { path, text })
    }

    /// What speaks against registering it here, though it may be done.
    pub(super) fn doubts(&self) -> Vec<String> {
        let shown = self.path.display();
        let mut doubts = Vec::new();
        if is_temporary(&self.path) {
            doubts.push(format!("{shown} lies in a temporary folder: once that is cleared, nothing judges calls"));
        } else if is_build(&self.path) {
            doubts.push(format!(
                "{shown} lies in a build folder: the next build changes it, and `cargo clean` takes it away"
            ));
        }
        if !STATIC {
            doubts.push(format!(
                "{shown} isn't statically linked: a repository's settings can load other code into it (LD_PRELOAD); README.md \
                 says how to build one that is"
            ));
        }
        doubts
    }

    /// Whether others than root could replace it.
    pub(super) fn exposed(&self) -> Option<String> {
        let data = fs::metadata(&self.path).ok()?;
        let (path, how) = exposed(&self.path, &data, 0)?;
        let why = match how {
            Exposed::Owner => "doesn't belong to root",
            Exposed::Writable => "can be written by others than root",
        };
        Some(format!("{} {why}", path.display()))
    }

    /// Whether another program is the same, byte for byte.
    pub(super) fn is(&self, other: &Path) -> bool {
        let size = |path: &Path| fs::metadata(path).ok().filter(|data| data.is_file()).map(|data| data.len());
        if fs::canonicalize(other).is_ok_and(|other| fs::canonicalize(&self.path).is_ok_and(|own| own == other)) {
            return true;
        }
        size(other).is_some_and(|length| Some(length) == size(&self.path))
            && fs::read(other).ok().is_some_and(|bytes| fs::read(&self.path).is_ok_and(|own| own == bytes))
    }
}

fn is_temporary(path: &Path) -> bool {
    let own = std::env::temp_dir();
    TEMPORARY
        .iter()
        .map(Path::new)
        .chain([own.as_path()])
        .any(|folder| path.starts_with(folder) || fs::canonicalize(folder).is_ok_and(|folder| path.starts_with(folder)))
}

/// Whether cargo built it there.
fn is_build(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.join(".cargo-lock").exists() || folder.join("deps").is_dir())
}
