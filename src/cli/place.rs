//! Which settings file is meant, and whether it may be changed.

use super::Here;
use crate::policy::fault::Fault;
use crate::settings::Scope;
use crate::settings::file::SettingsFile;
use std::path::PathBuf;

/// Whose settings: one of these.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct Which {
    /// Your own settings, for every project (the default)
    #[arg(long)]
    user: bool,
    /// The project's settings, for everybody who works on it
    #[arg(long)]
    project: bool,
    /// Your own settings for this project
    #[arg(long)]
    local: bool,
    /// The settings of this machine, which nobody but an administrator can change
    #[arg(long)]
    managed: bool,
}

impl Which {
    pub(super) fn scope(self) -> Scope {
        match self {
            Self { project: true, .. } => Scope::Project,
            Self { local: true, .. } => Scope::Local,
            Self { managed: true, .. } => Scope::Managed,
            _ => Scope::User,
        }
    }
}

/// A settings file that may be changed.
pub(super) struct Place {
    pub(super) path: PathBuf,
    project: Option<PathBuf>,
}

impl Place {
    /// The file of a scope here. `writing`: whoever runs this must be able to change it.
    pub(super) fn of(scope: Scope, here: &Here, writing: bool) -> Result<Self, String> {
        let places = here.settings();
        let path = places.file(scope).ok_or("HOME isn't set, so there is no place for your settings")?;
        let project = matches!(scope, Scope::Project | Scope::Local).then(|| places.project().to_owned());
        if project.is_some() && project == places.home {
            return Err("this is your home directory, and no project: `--user` is for your own settings".to_owned());
        }
        if writing {
            may_write(scope, here)?;
        }
        Ok(Self { path, project })
    }

    /// What is in it.
    pub(super) fn read(&self) -> Result<SettingsFile, Fault> {
        SettingsFile::read(&self.path, self.project.as_deref())
    }
}

#[cfg(unix)]
fn may_write(scope: Scope, here: &Here) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let root = rustix::process::geteuid().is_root();
    if scope == Scope::Managed && !root {
        return Err("managed settings belong to root: run it with `sudo`".to_owned());
    }
    let owner = |path: &str| std::fs::metadata(path).map_or(0, |data| data.uid());
    if scope != Scope::Managed && root && here.home.as_deref().is_some_and(|home| owner(home) != 0) {
        return Err("HOME is somebody else's, whose files would become root's: run it without `sudo`".to_owned());
    }
    Ok(())
}

#[cfg(not(unix))]
fn may_write(_scope: Scope, _here: &Here) -> Result<(), String> {
    Ok(())
}
