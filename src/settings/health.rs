//! What a person should know about how countersign is registered: everything that can be told without starting anything.

use super::entries::{Entry, check, entries};
use super::file::SettingsFile;
use super::json::{Node, parse};
use super::plugin::{self, Plugin};
use super::{Places, Scope};
use crate::hook::settings::VARIABLES;
use crate::policy::find::{Exposed, exposed};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Whether this binary takes no library that somebody else could bring along.
pub const STATIC: bool = cfg!(all(target_os = "linux", target_feature = "crt-static"));
/// Variables that put somebody's code into a program that isn't static.
const LOADER: [&str; 4] = ["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "DYLD_INSERT_LIBRARIES"];

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It holds, but could hold better.
    Warning,
    /// Calls aren't guarded, or not as they should be.
    Failure,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What was looked at, in a word.
    pub check: &'static str,
    /// What was found.
    pub what: String,
    /// What to do about it; empty where there is nothing to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fix: String,
}

impl Finding {
    /// Something as it should be.
    pub fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { level: Level::Ok, check, what: what.into(), fix: String::new() }
    }

    /// Something that could be better.
    pub fn warning(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { level: Level::Warning, check, what: what.into(), fix: fix.into() }
    }

    /// Something that is wrong.
    pub fn failure(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { level: Level::Failure, check, what: what.into(), fix: fix.into() }
    }
}

/// A settings file that is there.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Whose it is.
    pub scope: Scope,
    /// Where it is.
    pub path: PathBuf,
    /// What it registers of countersign.
    pub entries: Vec<Entry>,
    /// What it says; `null` where the client can't read it either.
    pub settings: Value,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// The settings files that are there.
    pub files: Vec<Seen>,
    /// The plugin, where it is switched on.
    pub plugins: Vec<Plugin>,
    /// What there is to say about them.
    pub findings: Vec<Finding>,
}

impl Health {
    /// Looks at all settings files that count here.
    #[must_use]
    pub fn of(places: &Places) -> Self {
        let mut health = Self::default();
        for (scope, path) in places.files() {
            health.read(scope, path);
        }
        health.find_plugins(places);
        let managed = health.files.iter().any(|seen| seen.scope == Scope::Managed && seen.judges());
        for seen in &health.files {
            health.findings.extend(switches(seen, managed, !health.plugins.is_empty()));
            health.findings.extend(seen.entries.iter().flat_map(|entry| of_entry(seen, entry)));
        }
        for plugin in &health.plugins {
            let fault = plugin.fault().map(|fault| {
                let what = format!("the plugin {} {fault}", plugin.name);
                Finding::failure("plugin", what, "install the plugin again, and its program with it (README.md)")
            });
            health.findings.extend(fault);
        }
        health.findings.extend(health.missed());
        if !health.files.iter().any(Seen::judges) && health.plugins.is_empty() {
            let what = "countersign is registered in no settings file that counts here";
            health.findings.push(Finding::failure("registered", what, "run `countersign install` in a terminal"));
        }
        health
    }

    /// The tools that no registration reaches; of several, each may reach others.
    fn missed(&self) -> Option<Finding> {
        let entries = self.files.iter().flat_map(|seen| &seen.entries).filter(|entry| entry.event == "PreToolUse");
        let mut missed = entries.map(Entry::missed).reduce(|mut all, missed| {
            all.retain(|tool| missed.contains(tool));
            all
        })?;
        // The plugin has a matcher of its own, which reaches all of them.
        missed.retain(|_| self.plugins.is_empty());
        let what = format!("no matcher with which countersign is registered reaches {}", missed.join(", "));
        let fix = "run `countersign install` in a terminal";
        (!missed.is_empty()).then(|| Finding::failure("registered", what, fix))
    }

    fn read(&mut self, scope: Scope, path: PathBuf) {
        let fix = "correct the file; until then the client drops all of it, its hooks and its `permissions.deny` too";
        let file = match SettingsFile::read(&path, None) {
            Ok(file) if file.exists() => file,
            Ok(_) => return,
            Err(fault) => return self.findings.push(Finding::failure("settings", fault.to_string(), fix)),
        };
        if scope == Scope::Managed
            && let Ok(data) = std::fs::metadata(&path)
            && let Some((path, how)) = exposed(&path, &data, 0)
        {
            let (what, fix) = match how {
                Exposed::Owner => ("doesn't belong to root", "`sudo chown root` it"),
                Exposed::Writable => ("can be written by others than root", "`sudo chmod go-w` it"),
            };
            self.findings.push(Finding::failure("managed", format!("{} {what}", path.display()), fix));
        }
        let root = parse(file.text()).and_then(|root| check(&root).map(|()| root));
        // An empty file is none.
        let empty = file.text().trim_ascii().is_empty();
        match root {
            Ok(root) => {
                let entries = entries(file.text(), &root);
                let settings = Node::value(&root, file.text());
                self.files.push(Seen { scope, path, entries, settings });
            }
            Err(_) if empty => {}
            Err(wrong) => self.findings.push(Finding::failure("settings", file.fault(&wrong).to_string(), fix)),
        }
    }

    fn find_plugins(&mut self, places: &Places) {
        let mut all: Vec<(String, bool)> = Vec::new();
        // The most powerful come first, and what one of them says stands.
        for scope in [Scope::Managed, Scope::Local, Scope::Project, Scope::User] {
            for seen in self.files.iter().filter(|seen| seen.scope == scope) {
                for (name, on) in plugin::switched(&seen.settings) {
                    if !all.iter().any(|(other, _)| *other == name) {
                        all.push((name, on));
                    }
                }
            }
        }
        let on = all.into_iter().filter(|(_, on)| *on);
        self.plugins = on.map(|(name, _)| plugin::find(name, places.user.as_deref())).collect();
    }
}

impl Seen {
    /// Whether it registers countersign to judge calls, in a way that reaches them.
    #[must_use]
    pub fn judges(&self) -> bool {
        self.entries.iter().any(|entry| entry.event == "PreToolUse")
    }
}

/// What switches hooks off, or changes what they go by. `managed`: the administrator has registered countersign.
fn switches(seen: &Seen, managed: bool, plugins: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    let shown = seen.path.display();
    let on = |key: &str| seen.settings.get(key).is_some_and(|value| *value != Value::Bool(false));
    if on("disableAllHooks") {
        let (what, fix) = (format!("{shown} sets `disableAllHooks`"), "take `disableAllHooks` out of it");
        found.push(match managed && seen.scope != Scope::Managed {
            true => Finding::warning("hooks", format!("{what}; only the managed registration still counts"), fix),
            false => Finding::failure(
                "hooks",
                format!("{what}: in sessions that begin here, the client starts no hooks"),
                fix,
            ),
        });
    }
    if seen.scope == Scope::Managed && on("allowManagedHooksOnly") && !managed {
        let what = format!("{shown} sets `allowManagedHooksOnly`, and no managed settings register countersign");
        found.push(Finding::failure("hooks", what, "let an administrator run `countersign install --managed`"));
    }
    let env = seen.settings.get("env").and_then(Value::as_object);
    for name in env.into_iter().flatten().map(|(name, _)| name.as_str()) {
        let what = format!("{shown} sets the variable `{name}`");
        let fix = "take it out of `env`";
        if VARIABLES.contains(&name) && !managed {
            found.push(Finding::failure("env", format!("{what}, which the client or its hooks go by"), fix));
        } else if VARIABLES.contains(&name) {
            found.push(Finding::warning("env", format!("{what}, which the client or its hooks go by"), fix));
        } else if LOADER.contains(&name) && (!STATIC || plugins) {
            found.push(Finding::warning("env", format!("{what}, which brings other code into the hook"), fix));
        }
    }
    found
}

/// What is wrong with an entry of countersign.
fn of_entry(seen: &Seen, entry: &Entry) -> Vec<Finding> {
    let scope = seen.scope.name();
    let fix = match seen.scope {
        Scope::Managed => "let an administrator run `countersign install --managed`".to_owned(),
        _ => format!("run `countersign install --{scope}` in a terminal"),
    };
    let place = format!("{} ({})", seen.path.display(), entry.event);
    let mut found = Vec::new();
    let program = entry.command().program;
    let path = Path::new(&program);
    if path.is_absolute() && !is_program(path) {
        let what = format!(
            "{place}: {program} isn't there, or can't be run: the client blocks every call, or runs every call"
        );
        found.push(Finding::failure("program", what, fix.clone()));
    }
    for weakness in entry.weaknesses() {
        let what = format!("{place}: {}", weakness.what);
        found.push(match weakness.lets_through {
            true => Finding::failure("registered", what, fix.clone()),
            false => Finding::warning("registered", what, fix.clone()),
        });
    }
    found
}

/// Whether this is a file that can be started.
pub(super) fn is_program(path: &Path) -> bool {
    let Ok(data) = std::fs::metadata(path) else { return false };
    #[cfg(unix)]
    let starts = std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let starts = true;
    data.is_file() && starts
}
