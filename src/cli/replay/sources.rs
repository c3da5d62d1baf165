//! Which transcripts are read.

use super::reading::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep folders are looked through: a project, a session, its subagents, a workflow, and some more.
const DEEP: usize = 12;

/// The transcripts that are meant, sorted; without any, those that the client keeps.
pub(super) fn find(paths: &[PathBuf], home: Option<&str>) -> Result<Vec<Source>, String> {
    let own = [own(home)?];
    let named = if paths.is_empty() { &own[..] } else { paths };
    let mut files = Vec::new();
    let mut stdin = false;
    for path in named {
        if path.as_os_str() == "-" {
            stdin = true;
            continue;
        }
        let data = fs::metadata(path).map_err(|error| match (error.kind(), paths.is_empty()) {
            (std::io::ErrorKind::NotFound, true) => {
                format!("there are no transcripts: the client keeps them in {}, which isn't there", path.display())
            }
            (std::io::ErrorKind::NotFound, false) => format!("there is no {}", path.display()),
            _ => format!("{} can't be read: {error}", path.display()),
        })?;
        if data.is_dir() {
            let before = files.len();
            below(path, DEEP, &mut files);
            if files.len() == before {
                return Err(format!("there is no transcript (`*.jsonl`) in {}", path.display()));
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort_unstable();
    files.dedup();
    let stdin = stdin.then_some(Source::Stdin);
    Ok(files.into_iter().map(Source::File).chain(stdin).collect())
}

/// The client's own folder. `CLAUDE_CONFIG_DIR` is the client's variable for it.
fn own(home: Option<&str>) -> Result<PathBuf, String> {
    let folder = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let folder = folder.or_else(|| home.map(|home| Path::new(home).join(".claude")));
    let wrong = "HOME isn't set, so there is no telling where the client keeps its transcripts: name some";
    folder.map(|folder| folder.join("projects")).ok_or_else(|| wrong.to_owned())
}

/// All transcripts in a folder. Links aren't followed, so that nothing is read twice and no circle without end.
fn below(folder: &Path, deep: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() && deep > 0 {
            below(&path, deep - 1, files);
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
}
