//! The client's settings files: where they are, what they register of countersign, and what in them would switch it off.
//!
//! `file` reads and replaces one, `json` knows where its values stand, `edit` puts entries in and takes them out,
//! `entries` judges them, and `health` says what a person should know about all of them together.

pub mod edit;
pub mod entries;
pub mod file;
pub mod health;
pub mod json;
mod plugin;
mod render;

use std::path::{Path, PathBuf};

/// Whose settings a file holds; the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The person's: `~/.claude/settings.json`.
    User,
    /// The repository's: `.claude/settings.json`.
    Project,
    /// The person's for this repository: `.claude/settings.local.json`.
    Local,
    /// The administrator's.
    Managed,
}

impl Scope {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
            Self::Managed => "managed",
        }
    }
}

/// Where settings are looked for.
#[derive(Clone, Debug)]
pub struct Places {
    /// The client's folder of the person's: `~/.claude`, unless they have another.
    pub user: Option<PathBuf>,
    /// The person's home directory.
    pub home: Option<PathBuf>,
    /// Where the client is started.
    pub cwd: PathBuf,
    /// The client's folder of managed settings.
    pub managed: PathBuf,
}

impl Places {
    /// On this machine.
    #[must_use]
    pub fn here(home: Option<&Path>, cwd: &Path) -> Self {
        let own = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        Self {
            user: own.filter(|folder| folder.is_absolute()).or_else(|| home.map(|home| home.join(".claude"))),
            home: home.map(Path::to_owned),
            cwd: cwd.to_owned(),
            managed: PathBuf::from(crate::policy::find::MANAGED),
        }
    }

    /// The project here: the root of the repository, or the working directory outside of any. A repository that holds the
    /// home directory is no project.
    #[must_use]
    pub fn project(&self) -> &Path {
        let root = self.cwd.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok());
        let holds_home = |root: &&Path| self.home.as_ref().is_some_and(|home| home.starts_with(root));
        root.filter(|root| !holds_home(root)).unwrap_or(&self.cwd)
    }

    /// The file of a scope.
    #[must_use]
    pub fn file(&self, scope: Scope) -> Option<PathBuf> {
        match scope {
            Scope::User => self.user.as_ref().map(|folder| folder.join("settings.json")),
            Scope::Project => Some(self.project().join(".claude/settings.json")),
            Scope::Local => Some(self.project().join(".claude/settings.local.json")),
            Scope::Managed => Some(self.managed.join("managed-settings.json")),
        }
    }

    /// All files that may count here. The client looks into the directory that it is started in, and no other.
    #[must_use]
    pub fn files(&self) -> Vec<(Scope, PathBuf)> {
        let mut all: Vec<(Scope, PathBuf)> = Vec::new();
        all.extend(self.file(Scope::Managed).map(|path| (Scope::Managed, path)));
        all.extend(self.drop_ins().into_iter().map(|path| (Scope::Managed, path)));
        all.extend(self.file(Scope::User).map(|path| (Scope::User, path)));
        for folder in [self.project(), &self.cwd] {
            for (scope, name) in [(Scope::Project, "settings.json"), (Scope::Local, "settings.local.json")] {
                let path = folder.join(".claude").join(name);
                if !all.iter().any(|(_, other)| *other == path) {
                    all.push((scope, path));
                }
            }
        }
        all
    }

    fn drop_ins(&self) -> Vec<PathBuf> {
        let Ok(names) = std::fs::read_dir(self.managed.join("managed-settings.d")) else { return Vec::new() };
        let mut all: Vec<PathBuf> = names.take(256).flatten().map(|entry| entry.path()).collect();
        all.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        all.sort_unstable();
        all
    }
}
