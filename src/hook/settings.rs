//! A change of the client's settings in the middle of a session: whether it would disarm the guard.
//!
//! The client reads its settings again as soon as they change. Exit code 2 makes it keep the old ones.

use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most that is read of a settings file, in bytes.
const CAP: u64 = 4 << 20;

/// Variables that would change what the client or the guard goes by.
pub(crate) const VARIABLES: [&str; 5] =
    ["CLAUDE_CODE_SIMPLE", "CLAUDE_CONFIG_DIR", "CLAUDE_PROJECT_DIR", "HOME", "USERPROFILE"];

/// A change that the client reports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// `user_settings`, `project_settings`, `local_settings`, `policy_settings`, `skills` …
    pub source: String,
    /// The file that has changed; absent where it is no file.
    pub file: Option<String>,
    /// The session's working directory.
    pub cwd: String,
}

/// What settings there are besides the changed file.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The person's home directory.
    pub home: Option<&'a Path>,
    /// The project that the client names.
    pub project: Option<&'a Path>,
    /// The client's folder of managed settings.
    pub managed: &'a Path,
}

/// Why a change must not count. `None`: it may.
#[must_use]
pub fn objection(change: &Change, around: &Around<'_>) -> Option<String> {
    // Managed settings are the administrator's, and can't be kept out; skills switch nothing off.
    if !matches!(change.source.as_str(), "user_settings" | "project_settings" | "local_settings") {
        return None;
    }
    let file = PathBuf::from(change.file.as_deref()?);
    let shown = file.display();
    let end = "The session keeps the settings that it had. If the change is meant, a person makes it and starts a new session.";
    let settings = match read(&file) {
        Ok(settings) => settings,
        Err(why) => return Some(format!("{shown} {why}, and with it the client would drop its hooks.\n{end}")),
    };
    let found = settings.as_ref().and_then(disarms);
    let found = found.or_else(|| {
        (!registered(&file, settings.as_ref(), change, around))
            .then(|| "leaves no settings file in which countersign is registered for PreToolUse".to_owned())
    });
    found.map(|what| format!("The change of {shown} {what}: from the next call on nothing would be guarded.\n{end}"))
}

/// What a settings file holds; `None`: there is no such file.
fn read(path: &Path) -> Result<Option<Value>, String> {
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("can't be read ({error})")),
        // Opening a FIFO would wait for ever.
        Ok(data) if !data.is_file() || data.len() > CAP => return Err("is no regular file of sensible size".to_owned()),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(CAP).read_to_end(&mut bytes));
    read.map_err(|error| format!("can't be read ({error})"))?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| format!("isn't valid JSON ({error})"))?;
    if value.is_object() { Ok(Some(value)) } else { Err("isn't a JSON object".to_owned()) }
}

/// What in these settings switches hooks off, or changes what they go by.
fn disarms(settings: &Value) -> Option<String> {
    if settings.get("disableAllHooks").is_some_and(|value| *value != Value::Bool(false)) {
        return Some("sets `disableAllHooks`".to_owned());
    }
    let env = settings.get("env").and_then(Value::as_object);
    if let Some(name) = VARIABLES.iter().find(|name| env.is_some_and(|env| env.contains_key(**name))) {
        return Some(format!("sets the variable `{name}`, which hooks go by"));
    }
    let plugins = settings.get("enabledPlugins").and_then(Value::as_object);
    let off = plugins.is_some_and(|all| all.iter().any(|(name, on)| is_ours(name) && *on == Value::Bool(false)));
    off.then(|| "disables the plugin of countersign".to_owned())
}

fn is_ours(text: &str) -> bool {
    text.to_ascii_lowercase().contains("countersign")
}

/// Whether countersign is registered somewhere: in the changed file as it is now, or in another.
fn registered(file: &Path, settings: Option<&Value>, change: &Change, around: &Around<'_>) -> bool {
    if settings.is_some_and(registers) {
        return true;
    }
    let mut others: Vec<PathBuf> = vec![around.managed.join("managed-settings.json")];
    if let Ok(entries) = fs::read_dir(around.managed.join("managed-settings.d")) {
        others.extend(entries.filter_map(|entry| Some(entry.ok()?.path())).take(256));
    }
    others.extend(around.home.map(|home| home.join(".claude/settings.json")));
    for folder in [Some(Path::new(&change.cwd)), around.project].into_iter().flatten() {
        others.push(folder.join(".claude/settings.json"));
        others.push(folder.join(".claude/settings.local.json"));
    }
    others.iter().filter(|other| *other != file).any(|other| read(other).ok().flatten().as_ref().is_some_and(registers))
}

fn registers(settings: &Value) -> bool {
    let groups = settings.pointer("/hooks/PreToolUse").and_then(Value::as_array);
    let shells = |group: &&Value| match group.get("matcher").and_then(Value::as_str) {
        None | Some("" | "*") => true,
        Some(matcher) => matcher.split('|').any(|tool| matches!(tool, "Bash" | ".*")),
    };
    let groups = groups.into_iter().flatten().filter(shells);
    let mut hooks = groups.filter_map(|group| group.get("hooks")?.as_array()).flatten();
    let plugins = settings.get("enabledPlugins").and_then(Value::as_object);
    hooks.any(starts_the_hook)
        || plugins.is_some_and(|all| all.iter().any(|(name, on)| is_ours(name) && *on != Value::Bool(false)))
}

/// `countersign hook`, in either form. A command that only has the name in it is another.
pub(crate) fn starts_the_hook(hook: &Value) -> bool {
    let Some(command) = hook.get("command").and_then(Value::as_str) else { return false };
    let (program, argument) = match hook.get("args").and_then(Value::as_array) {
        Some(arguments) => (command, arguments.first().and_then(Value::as_str)),
        None => command.rsplit_once(' ').map_or((command, None), |(program, last)| (program, Some(last))),
    };
    let name = program.trim_matches(['"', '\'']).rsplit(['/', '\\']).next();
    matches!(name, Some("countersign" | "countersign.exe")) && argument == Some("hook")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said about `.claude/settings.json` of the home directory holding this, with nothing else anywhere.
    fn said(text: &str) -> Option<String> {
        let home = std::env::temp_dir().join(format!("countersign-settings-{}-{}", std::process::id(), text.len()));
        fs::create_dir_all(home.join(".claude")).expect("a folder");
        let file = home.join(".claude/settings.json");
        fs::write(&file, text).expect("a file");
        let change = Change {
            source: "user_settings".to_owned(),
            file: Some(file.display().to_string()),
            cwd: home.join("shop").display().to_string(),
        };
        let said = objection(&change, &Around { home: Some(&home), project: None, managed: &home.join("managed") });
        fs::remove_dir_all(&home).expect("its end");
        said
    }

    #[test]
    fn what_disarms_is_refused() {
        let hooks = r#""hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"/usr/local/bin/countersign","args":["hook"]}]}]}"#;
        assert_eq!(said(&format!("{{{hooks}}}")), None);
        assert_eq!(said(&format!(r#"{{{hooks},"permissions":{{"allow":["Bash(ls)"]}}}}"#)), None);
        assert_eq!(said(r#"{"enabledPlugins":{"countersign@corp":true}}"#), None);
        for (text, part) in [
            (format!(r#"{{{hooks},"disableAllHooks":true}}"#), "disableAllHooks"),
            (format!(r#"{{{hooks},"disableAllHooks":"yes"}}"#), "disableAllHooks"),
            (format!(r#"{{{hooks},"env":{{"HOME":"/tmp/x"}}}}"#), "`HOME`"),
            (format!(r#"{{{hooks},"enabledPlugins":{{"countersign@corp":false}}}}"#), "plugin"),
            (format!("{{{hooks},}}"), "isn't valid JSON"),
            ("[]".to_owned(), "object"),
            ("{}".to_owned(), "no settings file"),
            (
                format!("{{{}}}", hooks.replace("/usr/local/bin/countersign", "/bin/echo countersign")),
                "no settings file",
            ),
            (format!("{{{}}}", hooks.replace("\"hook\"]", "\"check\"]")), "no settings file"),
            (format!("{{{}}}", hooks.replace("\"Bash\"", "\"NoSuchTool\"")), "no settings file"),
            (String::new(), "isn't valid JSON"),
        ] {
            let said = said(&text).unwrap_or_else(|| panic!("{text} is let through"));
            assert!(said.contains(part) && said.contains("new session"), "{text}: {said}");
        }
    }
}
