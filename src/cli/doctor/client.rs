//! The client that is installed here: whether it is new enough to stop a call when the guard can't answer.

use super::super::{Here, probe, terminal};
use crate::settings::health::Finding;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The first version that knows `onFailure` of a hook.
const NEEDED: [u32; 3] = [2, 1, 295];
/// How long the client may take to say its version.
const WITHIN: Duration = Duration::from_secs(15);

/// Asks the client for its version.
pub(super) fn look(here: &Here) -> Finding {
    let needed = shown(NEEDED);
    // An agent may ask the doctor whatever it likes, and what it has put on PATH must not be started for that.
    if let Some(sign) = terminal::client() {
        let what =
            format!("the client's version wasn't asked for, since an agent runs this ({sign}); {needed} is needed");
        return Finding::warning("client", what, "run `countersign doctor` in a terminal");
    }
    let Some(client) = find(here) else {
        let what = format!(
            "there is no `claude` on PATH, so its version isn't known; before {needed} it lets calls run when the hook fails"
        );
        return Finding::warning("client", what, "see that yours is new enough: `claude --version`");
    };
    match version(&client) {
        Ok(Some(version)) if version >= NEEDED => {
            let (client, version) = (client.display(), shown(version));
            Finding::ok("client", format!("{client} is version {version}, and blocks calls when the hook fails"))
        }
        Ok(Some(version)) => {
            Finding::warning("client", old(&client, version), format!("update it to {needed} or later"))
        }
        Ok(None) => Finding::warning(
            "client",
            format!("{} doesn't say its version", client.display()),
            "see that it can be run",
        ),
        Err(why) => Finding::warning("client", why, "see that it can be run"),
    }
}

/// What is to be said of a client that lets calls run when the hook fails, if that is known.
pub(in crate::cli) fn too_old(here: &Here) -> Option<String> {
    let client = find(here).filter(|_| terminal::client().is_none())?;
    let version = version(&client).ok()??;
    (version < NEEDED).then(|| format!("{}: update it to {} or later", old(&client, version), shown(NEEDED)))
}

fn old(client: &Path, version: [u32; 3]) -> String {
    format!("{} is version {}, which lets calls run when the hook fails", client.display(), shown(version))
}

/// Asks a client for its version.
fn version(client: &Path) -> Result<Option<[u32; 3]>, String> {
    let said = probe::run(Command::new(client).arg("--version"), Vec::new(), WITHIN)?;
    Ok(read(&String::from_utf8_lossy(&said.stdout)))
}

/// The client along PATH. What lies in the project isn't run: its repository may have put it there.
fn find(here: &Here) -> Option<PathBuf> {
    let settings = here.settings();
    // Where the home directory lies in it, it is no project's.
    let home = here.home.as_deref().unwrap_or("/");
    let theirs = [settings.project(), Path::new(&here.cwd)].into_iter().filter(|own| !Path::new(home).starts_with(own));
    let theirs: Vec<&Path> = theirs.collect();
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .filter_map(|folder| folder.canonicalize().ok())
        .filter(|folder| !theirs.iter().any(|own| folder.starts_with(own)))
        .map(|folder| folder.join(if cfg!(windows) { "claude.exe" } else { "claude" }))
        .find(|file| file.is_file())
}

/// The first version number in a text.
fn read(text: &str) -> Option<[u32; 3]> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let mut parts = word.split('.').map(|part| part.parse().ok());
        let version = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(version)
    })
}

fn shown(version: [u32; 3]) -> String {
    version.map(|part| part.to_string()).join(".")
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn versions_are_read() {
        assert_eq!(read("2.1.330 (Claude Code)\n"), Some([2, 1, 330]));
        assert_eq!(read("claude v2.1.9-beta.1"), Some([2, 1, 9]));
        assert!(read("2.1").is_none() && read("1.2.3.4").is_none() && read("").is_none());
    }
}
