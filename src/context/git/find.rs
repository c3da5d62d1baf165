//! Where a repository is: the working tree around a directory, and the folders that git keeps its own files in.

use crate::context::{Context, Kind, join};

/// The most directories that are gone up, and the most links that are followed.
const STEPS: usize = 128;
/// The most links on the way to a path.
const LINKS: usize = 32;

/// The folders of a repository, all real paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folders {
    /// The root of the working tree; `None`: a bare repository.
    pub(super) root: Option<String>,
    /// What belongs to this working tree alone: HEAD and the index.
    pub(super) own: String,
    /// What all working trees share: references, objects, settings.
    pub(super) common: String,
}

/// A path with every symbolic link on it followed, as the working directory of a program is. `None`: there is a loop, or
/// a part that can't be read. What doesn't exist is kept as it is.
pub(in crate::context) fn real(path: &str, context: &Context<'_>) -> Option<String> {
    let mut left: Vec<String> = path.split('/').rev().filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let mut done = String::new();
    let mut links = 0;
    while let Some(name) = left.pop() {
        match name.as_str() {
            "." => continue,
            ".." => {
                done.truncate(done.rfind('/').unwrap_or(0));
                continue;
            }
            _ => {}
        }
        let here = format!("{done}/{name}");
        if context.files.stat(&here).is_some_and(|stat| stat.kind == Kind::Link) {
            links += 1;
            if links > LINKS || !context.budget.pay() {
                return None;
            }
            let target = context.files.link(&here)?;
            if target.starts_with('/') {
                done.clear();
            }
            left.extend(target.split('/').rev().filter(|name| !name.is_empty()).map(str::to_owned));
        } else {
            done = here;
        }
    }
    Some(if done.is_empty() { "/".to_owned() } else { done })
}

/// The repository that git would find from a real directory.
pub(super) fn find(dir: &str, context: &Context<'_>) -> Option<Folders> {
    let mut dir = dir.to_owned();
    for _ in 0..STEPS {
        if !context.budget.pay() {
            return None;
        }
        let below = join(&dir, ".git");
        match context.files.stat(&below).map(|stat| stat.kind) {
            // What git would make of a link, or of anything else, isn't worth knowing: nothing is seen.
            Some(Kind::Link | Kind::Other) => return None,
            Some(Kind::Directory) => return folders(Some(dir), below, context),
            Some(Kind::File) => {
                let text = small(&below, context)?;
                let path = text.strip_prefix("gitdir: ")?.trim_end_matches(['\n', '\r']);
                let own = real(&join(&dir, path), context)?;
                return folders(Some(dir), own, context);
            }
            None => {}
        }
        if is_repository(&dir, context) {
            return folders(None, dir, context);
        }
        if dir == "/" {
            return None;
        }
        dir.truncate(dir.rfind('/').unwrap_or(0).max(1));
    }
    None
}

fn folders(root: Option<String>, own: String, context: &Context<'_>) -> Option<Folders> {
    let common = match context.files.stat(&join(&own, "commondir")).map(|stat| stat.kind) {
        None => own.clone(),
        Some(Kind::File) => real(&join(&own, small(&join(&own, "commondir"), context)?.trim_end()), context)?,
        Some(_) => return None,
    };
    let head = context.files.stat(&join(&own, "HEAD")).is_some_and(|stat| matches!(stat.kind, Kind::File | Kind::Link));
    (head && has_store(&common, context)).then_some(Folders { root, own, common })
}

/// A directory that is itself what git keeps.
fn is_repository(dir: &str, context: &Context<'_>) -> bool {
    context.files.stat(&join(dir, "HEAD")).is_some() && has_store(dir, context)
}

fn has_store(dir: &str, context: &Context<'_>) -> bool {
    ["objects", "refs"]
        .iter()
        .all(|name| context.files.stat(&join(dir, name)).is_some_and(|stat| stat.kind == Kind::Directory))
}

/// The text of a file of a few lines.
pub(super) fn small(path: &str, context: &Context<'_>) -> Option<String> {
    const MOST: usize = 4096;
    let bytes = context.files.part(path, 0, MOST + 1)?;
    (bytes.len() <= MOST).then(|| String::from_utf8(bytes).ok())?
}
