//! What is known of a session while its transcript is read: where it works, and in which mode.

use super::judged::Pending;
use super::transcript::Line;
use crate::call::Mode;
use crate::context::join;
use crate::rules::glob;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// Which calls are wanted.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Wanted {
    /// Not before, in milliseconds since 1970-01-01 in UTC.
    pub(super) since: Option<u64>,
    /// Before.
    pub(super) until: Option<u64>,
    /// A glob for the project: its whole path, or a directory above it; without `/`, its last name.
    pub(super) project: Option<String>,
}

impl Wanted {
    fn time(&self, time: Option<u64>) -> bool {
        // What has no time can't be said to be within any.
        self.since.is_none_or(|since| time.is_some_and(|time| time >= since))
            && self.until.is_none_or(|until| time.is_some_and(|time| time < until))
    }

    fn fits(&self, project: &str) -> bool {
        let Some(like) = self.project.as_deref() else { return true };
        if !like.contains('/') {
            return glob::matches(like, project.rsplit('/').next().unwrap_or_default());
        }
        Path::new(project).ancestors().any(|path| glob::matches(like, &path.to_string_lossy()))
    }
}

/// A session, as far as it was read.
pub(super) struct Session {
    /// The names in the path of its transcript: one of them says which project it belongs to.
    names: Vec<String>,
    id: Arc<str>,
    cwd: Arc<str>,
    /// Its project, once something has said where it works.
    project: Option<Project>,
    mode: Mode,
}

struct Project {
    path: Arc<str>,
    wanted: bool,
}

/// The tools that the guard has an opinion on. All others are none of its business.
fn is_judged(name: &str) -> bool {
    matches!(name, "Bash" | "Monitor" | "PowerShell" | "Write" | "Edit" | "NotebookEdit") || name.starts_with("mcp__")
}

impl Session {
    pub(super) fn of(path: &Path) -> Self {
        let names = path.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Self { names, id: id.into(), cwd: "/".into(), project: None, mode: Mode::named("") }
    }

    /// Takes the calls of a line that are wanted.
    pub(super) fn take(
        &mut self,
        line: Line<'_>,
        wanted: &Wanted,
        at: (u32, usize),
        others: &mut Vec<u64>,
        judge: &mut dyn FnMut(Pending),
    ) {
        if let Some(mode) = &line.mode {
            self.mode = Mode::named(mode);
        }
        if let Some(id) = line.session.filter(|id| **id != *self.id) {
            self.id = id.into();
        }
        if let Some(cwd) = line.cwd.filter(|cwd| **cwd != *self.cwd) {
            self.cwd = cwd.into();
        }
        if line.calls.is_empty() || !wanted.time(line.time) {
            return;
        }
        let (names, cwd) = (&self.names, &self.cwd);
        let project = self.project.get_or_insert_with(|| {
            let path = project(names, cwd);
            Project { wanted: wanted.fits(&path), path }
        });
        if !project.wanted {
            return;
        }
        for (number, used) in (0..).zip(line.calls) {
            // What has no id is told apart by where it stands.
            let id = if used.id == 0 { super::transcript::hash((at, number)) } else { used.id };
            if !is_judged(&used.name) {
                others.push(id);
                continue;
            }
            judge(Pending {
                id,
                at: (at.0, at.1, number),
                name: used.name,
                input: used.input,
                damaged: used.damaged,
                cwd: self.cwd.clone(),
                project: project.path.clone(),
                session: self.id.clone(),
                mode: self.mode.clone(),
                time: line.time,
            });
        }
    }
}

/// The project of a session: the client names the folder of its transcripts after it. Where that doesn't help, it is
/// where the session begins.
fn project(names: &[String], cwd: &Arc<str>) -> Arc<str> {
    let clean = join("/", cwd);
    for path in Path::new(&clean).ancestors() {
        let path = path.to_string_lossy();
        let name: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        if path.len() > 1 && names.contains(&name) {
            return path.into();
        }
    }
    clean.into()
}

/// The home directory that a call was made with: this one's, unless it works in somebody else's.
pub(super) fn home<'a>(here: Option<&'a str>, cwd: &'a str) -> Option<&'a str> {
    let below = |home: &str| cwd.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if here.is_some_and(|home| home.len() > 1 && below(home.trim_end_matches('/'))) {
        return here;
    }
    let own = ["/home/", "/Users/"].iter().find_map(|above| {
        let name = cwd.strip_prefix(above)?.split('/').next().filter(|name| !name.is_empty())?;
        cwd.get(..above.len() + name.len())
    });
    own.or(if below("/root") { Some("/root") } else { here })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_where_the_transcript_says() {
        let names = |path: &str| Session::of(Path::new(path)).names;
        let main = names("/home/dev/.claude/projects/-home-dev-my-shop/x.jsonl");
        for (cwd, wanted) in [
            ("/home/dev/my.shop", "/home/dev/my.shop"),
            ("/home/dev/my.shop/src/deep", "/home/dev/my.shop"),
            ("/home/dev/other", "/home/dev/other"),
        ] {
            assert_eq!(&*project(&main, &cwd.into()), wanted);
        }
        let below = names("p/-home-dev-my-shop/x/subagents/agent-1.jsonl");
        assert_eq!(&*project(&below, &"/home/dev/my-shop/src".into()), "/home/dev/my-shop");
    }

    #[test]
    fn a_project_is_wanted_by_its_name_or_its_path() {
        let fits = |like: &str| Wanted { project: Some(like.to_owned()), ..Wanted::default() }.fits("/home/dev/shop");
        for like in ["shop", "sh*", "/home/dev/shop", "/home/dev", "/home/*/shop", "*/shop"] {
            assert!(fits(like), "{like}");
        }
        for like in ["dev", "/home/dev/sho", "hop"] {
            assert!(!fits(like), "{like}");
        }
    }

    #[test]
    fn whose_home_it_was_is_told_from_the_directory() {
        for (here, cwd, wanted) in [
            (Some("/home/me"), "/home/me/x", Some("/home/me")),
            (Some("/home/me"), "/home/dev/shop", Some("/home/dev")),
            (Some("/home/me"), "/home/meme", Some("/home/meme")),
            (Some("/home/me"), "/srv/x", Some("/home/me")),
            (Some("/home/me"), "/root/x", Some("/root")),
            (None, "/Users/dev", Some("/Users/dev")),
            (None, "/srv", None),
        ] {
            assert_eq!(home(here, cwd), wanted, "{here:?} {cwd}");
        }
    }
}
