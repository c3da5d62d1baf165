//! A repository's own settings, read as plain text: nothing that they name is followed or run.

use super::find::{Folders, real};
use crate::context::{Context, Loaded, join};

/// The most settings that are read.
const MOST: usize = 4096;

/// The settings of a repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    /// `section`, `section.sub`, and the key, in lower case but for the subsection; with the value.
    entries: Vec<(String, String)>,
}

impl Config {
    /// Reads those of a repository. `None`: they can't be read, or say something about how the repository is kept that
    /// nothing here knows.
    pub(super) fn load(folders: &Folders, context: &Context<'_>) -> Option<Self> {
        let mut config = Self::default();
        config.add(&join(&folders.common, "config"), context)?;
        if config.is("extensions.worktreeconfig") {
            config.add(&join(&folders.own, "config.worktree"), context)?;
        }
        config.is_plain(folders, context).then_some(config)
    }

    fn add(&mut self, path: &str, context: &Context<'_>) -> Option<()> {
        match context.files.load(path) {
            Loaded::Text(text) => parse(&text, &mut self.entries),
            Loaded::Missing => Some(()),
            Loaded::Unreadable => None,
        }
    }

    /// The value of a setting: the last one.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// All values of a setting.
    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.entries.iter().filter(move |(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// A setting is on.
    pub(super) fn is(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1"))
    }

    /// A setting is off.
    pub(super) fn is_off(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0"))
    }

    /// Whether the repository is kept in the one way that is read here, and where it seems to be.
    fn is_plain(&self, folders: &Folders, context: &Context<'_>) -> bool {
        let known = |(key, value): &(String, String)| {
            let value = value.to_ascii_lowercase();
            match key.as_str() {
                // What is included may say anything of the below.
                _ if key.starts_with("include.") || key.starts_with("includeif.") => false,
                "core.repositoryformatversion" => matches!(value.as_str(), "0" | "1"),
                "extensions.objectformat" => value == "sha1",
                "extensions.refstorage" => value == "files",
                "extensions.noop" | "extensions.preciousobjects" | "extensions.partialclone" => true,
                "extensions.worktreeconfig" | "extensions.relativeworktrees" => true,
                _ => !key.starts_with("extensions."),
            }
        };
        if !self.entries.iter().all(known) {
            return false;
        }
        match (self.get("core.worktree"), &folders.root) {
            (None, _) => true,
            (Some(path), Some(root)) => real(&join(&folders.own, path), context).as_ref() == Some(root),
            (Some(_), None) => false,
        }
    }
}

/// Reads the text of a settings file. `None`: it isn't one.
fn parse(text: &str, entries: &mut Vec<(String, String)>) -> Option<()> {
    let mut section = String::new();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    while let Some(line) = lines.next() {
        let mut line = line.trim();
        if let Some(rest) = line.strip_prefix('[') {
            let (name, behind) = header(rest)?;
            section = name;
            line = behind.trim();
        }
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if section.is_empty() || entries.len() == MOST {
            return None;
        }
        let (key, rest) = line.split_once('=').map_or((line, None), |(key, rest)| (key, Some(rest)));
        let key = key.split(['#', ';']).next().unwrap_or_default().trim().to_ascii_lowercase();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        let value = match rest {
            None => "true".to_owned(),
            Some(rest) => value(rest, &mut lines)?,
        };
        entries.push((format!("{section}.{key}"), value));
    }
    Some(())
}

/// `core]`, `remote "origin"]`, `branch.x]`: the name, and what stands behind it.
fn header(text: &str) -> Option<(String, &str)> {
    let end = text.find(['"', ']'])?;
    let name = text[..end].trim().to_ascii_lowercase();
    if text[end..].starts_with(']') {
        return Some((name, &text[end + 1..]));
    }
    let mut sub = String::new();
    let mut chars = text[end + 1..].char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => sub.push(chars.next()?.1),
            '"' => {
                let rest = text[end + 1 + at + 1..].trim_start().strip_prefix(']')?;
                return Some((format!("{name}.{sub}"), rest));
            }
            char => sub.push(char),
        }
    }
    None
}

/// A value: quotes and escapes are taken out, a comment ends it, a backslash at the end of a line goes on in the next.
fn value(text: &str, lines: &mut std::str::Lines<'_>) -> Option<String> {
    let mut out = String::new();
    let mut kept = 0;
    let mut quoted = false;
    let mut line = text.trim_start();
    loop {
        let mut chars = line.chars();
        let mut goes_on = false;
        while let Some(char) = chars.next() {
            match char {
                '"' => quoted = !quoted,
                '\\' => match chars.next() {
                    None => goes_on = true,
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('b') => drop(out.pop()),
                    Some(char @ ('"' | '\\')) => out.push(char),
                    Some(_) => return None,
                },
                '#' | ';' if !quoted => break,
                char => out.push(char),
            }
            if quoted || !out.ends_with([' ', '\t']) {
                kept = out.len();
            }
        }
        if !goes_on {
            break;
        }
        line = lines.next().unwrap_or_default();
    }
    out.truncate(kept.min(out.len()));
    (!quoted).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        let mut entries = Vec::new();
        let text = "[core]\n\tbare = false ; no\n[Remote \"Or\\\"igin\"] url = \"a # b\" # c\n[x]\ny\nz = a \\\n b\n";
        parse(text, &mut entries).expect("settings");
        let config = Config { entries };
        assert_eq!(config.get("core.bare"), Some("false"));
        assert_eq!(config.get("remote.Or\"igin.url"), Some("a # b"));
        assert_eq!(config.get("x.y"), Some("true"));
        assert_eq!(config.get("x.z"), Some("a  b"));
        for broken in ["a = b", "[x\ny", "[x \"y]", "[x]\ny = \"z", "[x]\n y z = 1\n"] {
            assert_eq!(parse(broken, &mut Vec::new()), None, "{broken}");
        }
    }
}
