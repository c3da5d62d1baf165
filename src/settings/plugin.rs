//! countersign as a plugin of the client: whether it is switched on, and where it lies.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The launcher that the plugin starts, as this version ships it.
const LAUNCHER: &str = include_str!("../../hooks/run");
/// Where the launcher looks besides the plugin's own folder.
const INSTALLED: &str = "/usr/local/bin/countersign";

/// The plugin, as some settings switch it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// `countersign@marketplace`.
    pub name: String,
    /// Where it is installed; `None`: nowhere, as far as can be told.
    pub folder: Option<PathBuf>,
}

impl Plugin {
    /// The launcher.
    #[must_use]
    pub fn launcher(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("hooks/run"))
    }

    /// The binary that the launcher starts.
    #[must_use]
    pub fn binary(&self) -> Option<PathBuf> {
        let own = self.folder.as_ref()?.join("bin/countersign");
        [own, PathBuf::from(INSTALLED)].into_iter().find(|path| super::health::is_program(path))
    }

    /// Why it wouldn't judge calls.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let Some(folder) = &self.folder else {
            return Some("is switched on, but isn't installed in the client's folder of plugins".to_owned());
        };
        let launcher = folder.join("hooks/run");
        match std::fs::read_to_string(&launcher) {
            Err(error) => return Some(format!("has no launcher that can be read ({}: {error})", launcher.display())),
            Ok(text) if text != LAUNCHER => {
                return Some(format!("has another launcher than this version ({})", launcher.display()));
            }
            Ok(_) if !super::health::is_program(&launcher) => {
                return Some(format!("has a launcher that can't be run ({})", launcher.display()));
            }
            Ok(_) => {}
        }
        let hooks = super::file::SettingsFile::read(&folder.join("hooks/hooks.json"), None).ok();
        let hooks: Option<Value> = hooks.and_then(|file| serde_json::from_str(file.text()).ok());
        if hooks.is_none_or(|hooks| hooks.pointer("/hooks/PreToolUse").is_none()) {
            return Some("has no `hooks/hooks.json` that registers it".to_owned());
        }
        self.binary()
            .is_none()
            .then(|| format!("finds no program to start, so it denies every call: there is no {INSTALLED}"))
    }
}

/// Whether settings switch a plugin of countersign on (`Some(true)`) or off, and its name.
pub(super) fn switched(settings: &Value) -> Vec<(String, bool)> {
    let all = settings.get("enabledPlugins").and_then(Value::as_object);
    let ours = all.into_iter().flatten().filter(|(name, _)| name.to_ascii_lowercase().contains("countersign"));
    ours.map(|(name, on)| (name.clone(), *on != Value::Bool(false))).collect()
}

/// Finds a plugin that is switched on.
pub(super) fn find(name: String, user: Option<&Path>) -> Plugin {
    let known = user.map(|user| user.join("plugins/installed_plugins.json"));
    let known = known.and_then(|path| super::file::SettingsFile::read(&path, None).ok());
    let known: Value = known.and_then(|file| serde_json::from_str(file.text()).ok()).unwrap_or_default();
    let records = known.get("plugins").and_then(|plugins| plugins.get(&name));
    // One record for each scope; older clients kept a single one.
    let records =
        records.map_or(Vec::new(), |records| records.as_array().cloned().unwrap_or_else(|| vec![records.clone()]));
    let folders = records.iter().filter_map(|record| record.get("installPath")?.as_str().map(PathBuf::from));
    let folder = folders.filter(|folder| folder.is_absolute()).find(|folder| folder.is_dir());
    Plugin { name, folder }
}
