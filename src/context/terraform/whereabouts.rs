//! Where Terraform would look for its state.

use super::super::{Context, Loaded, join};
use super::config::{self, Backend, Config};
use crate::read::action::{Action, Kind};
use crate::read::argv::Invocation;
use serde_json::Value;

/// What Terraform calls a state.
const STATE: &str = "terraform.tfstate";

/// Where a state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// In this file, by its absolute path, whether it exists or not.
    File(String),
    /// Not in files: the kind of backend.
    Remote(String),
}

/// The state of a run, with its workspace; empty for the default one.
#[derive(Debug)]
pub(super) struct Whereabouts {
    /// Where it is kept.
    pub kept: Kept,
    /// The workspace.
    pub workspace: String,
}

/// Where the state of a run is kept. `None`: that can't be told.
pub(super) fn find(inv: &Invocation, action: &Action, config: &Config, context: &Context<'_>) -> Option<Whereabouts> {
    let dir = action.origin.cwd.as_deref()?;
    // Options in a variable may name another state.
    let hidden = |(name, value): &&(String, _)| {
        let value: &crate::read::word::Word = value;
        name.starts_with("TF_CLI_ARGS") && value.known().is_none_or(|value| value.contains("-state"))
    };
    if action.origin.env.iter().any(|variable| hidden(&variable)) {
        return None;
    }
    let data = match variable(action, "TF_DATA_DIR") {
        Some(value) => join(dir, value?),
        None => join(dir, ".terraform"),
    };
    let workspace = workspace(inv, action, &data, context)?;
    let (path, folder) = match (config.backend.clone(), recorded(&data, context)?) {
        (Some(Backend::Other(kind)), _) | (_, Some(Backend::Other(kind))) => {
            return Some(Whereabouts { kept: Kept::Remote(kind), workspace });
        }
        (said, recorded) => {
            let local = |backend: Option<Backend>| match backend {
                Some(Backend::Local { path, workspaces }) => (path, workspaces),
                _ => (None, None),
            };
            let (said, recorded) = (local(said), local(recorded));
            (recorded.0.or(said.0), recorded.1.or(said.1))
        }
    };
    let given = inv.options.iter().rfind(|given| given.name.trim_start_matches('-') == "state");
    let file = match given {
        Some(given) => given.value.as_ref()?.known()?.to_owned(),
        None if workspace.is_empty() => path.unwrap_or_else(|| STATE.to_owned()),
        None => format!("{}/{workspace}/{STATE}", folder.as_deref().unwrap_or("terraform.tfstate.d")),
    };
    Some(Whereabouts { kept: Kept::File(join(dir, &file)), workspace })
}

/// The value of a variable that the call sets. `Some(None)`: it can't be known.
fn variable<'a>(action: &'a Action, name: &str) -> Option<Option<&'a str>> {
    let (_, value) = action.origin.env.iter().rfind(|(variable, _)| variable == name)?;
    Some(value.known())
}

/// The workspace that will be the current one by then.
fn workspace(inv: &Invocation, action: &Action, data: &str, context: &Context<'_>) -> Option<String> {
    let named = |name: &str| if name == "default" { String::new() } else { name.to_owned() };
    let plain = |name: &str| (!name.contains(['/', '\\']) && !name.starts_with('.')).then(|| named(name));
    match variable(action, "TF_WORKSPACE") {
        Some(Some("")) | None => {}
        Some(value) => return plain(value?),
    }
    let before = context.call.iter().take_while(|other| !std::ptr::eq(*other, action));
    for other in before.collect::<Vec<_>>().into_iter().rev() {
        let Kind::Run(run) = &other.kind else { continue };
        if run.name != inv.name || run.command("workspace select|new").is_none() {
            continue;
        }
        // What is chosen in another directory counts there.
        match (&other.origin.cwd, &action.origin.cwd) {
            (Some(there), Some(here)) if there != here => continue,
            (Some(_), Some(_)) => return plain(run.operands.get(2..)?.last()?.word.known()?),
            _ => return None,
        }
    }
    match context.files.load(&format!("{data}/environment")) {
        Loaded::Text(name) => plain(name.trim()),
        Loaded::Missing => Some(String::new()),
        Loaded::Unreadable => None,
    }
}

/// The backend that `terraform init` has written down. The outer `None`: what is there can't be read.
fn recorded(data: &str, context: &Context<'_>) -> Option<Option<Backend>> {
    let text = match context.files.load(&format!("{data}/{STATE}")) {
        Loaded::Text(text) => text,
        Loaded::Missing => return Some(None),
        Loaded::Unreadable => return None,
    };
    let root: Value = serde_json::from_str(&text).ok()?;
    let Some(backend) = root.get("backend").filter(|backend| !backend.is_null()) else { return Some(None) };
    let kind = backend.get("type")?.as_str()?;
    let text = |key: &str| Some(backend.get("config")?.get(key)?.as_str()?.to_owned());
    Some(Some(config::backend(kind, text("path"), text("workspace_dir"))))
}
