//! What the `.tf` files of a directory say: whether there is anything to build, and where its state is kept. Read as far
//! as that takes: blocks and their labels, no expressions.

use super::super::{Context, Loaded};
use serde_json::Value;
use std::iter::Peekable;
use std::str::Chars;

/// What the files of a directory say.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// They describe something that would be built: a resource, or a module that may have some.
    pub builds: bool,
    /// The backend that they name.
    pub backend: Option<Backend>,
}

/// Where a state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Backend {
    /// In files.
    Local {
        /// The file of the default workspace.
        path: Option<String>,
        /// The folder of the other workspaces.
        workspaces: Option<String>,
    },
    /// Elsewhere: `s3`, `cloud`, …
    Other(String),
}

/// The most files that are read.
const FILES: usize = 500;

/// Reads the files of a directory. `None`: not all of it can be read.
pub(super) fn read(dir: &str, context: &Context<'_>) -> Option<Config> {
    let mut names: Vec<String> = context.files.names(dir)?;
    names.retain(|name| is_config(name));
    names.sort_unstable();
    if names.len() > FILES {
        return None;
    }
    // What an override says takes the place of what the others say.
    let (over, usual): (Vec<_>, Vec<_>) = names.iter().partition(|name| overrides(name));
    let mut config = Config::default();
    for (name, is_override) in usual.iter().map(|name| (name, false)).chain(over.iter().map(|name| (name, true))) {
        if !context.budget.pay() || context.budget.is_late() {
            return None;
        }
        let Loaded::Text(text) = context.files.load(&format!("{dir}/{name}")) else { return None };
        let said = if name.ends_with(".json") { of_json(&text)? } else { of_blocks(&text) };
        config.builds |= said.builds;
        // Without an override, a backend that isn't local counts wherever it is named.
        if is_override || !matches!(config.backend, Some(Backend::Other(_))) {
            config.backend = said.backend.or(config.backend);
        }
    }
    Some(config)
}

/// Whether a name is one of a configuration. What editors leave behind isn't.
fn is_config(name: &str) -> bool {
    let kinds = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    kinds.iter().any(|kind| name.ends_with(kind)) && !name.starts_with(['.', '#'])
}

fn overrides(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

fn of_json(text: &str) -> Option<Config> {
    let root: Value = serde_json::from_str(text).ok()?;
    let filled = |key: &str| match root.get(key) {
        Some(Value::Object(inner)) => !inner.is_empty(),
        Some(Value::Array(inner)) => !inner.is_empty(),
        _ => false,
    };
    let mut config = Config { builds: filled("resource") || filled("module"), backend: None };
    for terraform in one_or_many(root.get("terraform")) {
        if terraform.get("cloud").is_some() {
            config.backend = Some(Backend::Other("cloud".to_owned()));
        }
        for (kind, said) in one_or_many(terraform.get("backend")).filter_map(Value::as_object).flatten() {
            let text = |key: &str| one_or_many(Some(said)).find_map(|said| Some(said.get(key)?.as_str()?.to_owned()));
            config.backend = Some(backend(kind, text("path"), text("workspace_dir")));
        }
    }
    Some(config)
}

fn one_or_many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (many, one) = match value {
        Some(Value::Array(many)) => (many.as_slice(), None),
        one => (&[] as &[Value], one),
    };
    many.iter().chain(one)
}

/// A backend by its kind.
pub(super) fn backend(kind: &str, path: Option<String>, workspaces: Option<String>) -> Backend {
    match kind {
        "local" => Backend::Local { path, workspaces },
        other => Backend::Other(other.to_owned()),
    }
}

/// A token of HCL, as far as blocks need it.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// A bare word.
    Word(String),
    /// A quoted string.
    Text(String),
    Open,
    Close,
    Equals,
    /// The end of a line.
    End,
    Other,
}

/// Reads blocks: `resource "a" "b" {`, `terraform { backend "s3" {`.
fn of_blocks(text: &str) -> Config {
    let mut config = Config::default();
    let mut chars = text.chars().peekable();
    let mut line: Vec<Token> = Vec::new();
    let mut depth = 0_usize;
    // How deep the `terraform` block is entered, and its `backend` block.
    let (mut in_terraform, mut in_backend) = (false, false);
    let (mut path, mut workspaces, mut kind) = (None, None, String::new());
    loop {
        let token = token(&mut chars);
        match token {
            Some(Token::Open) => {
                match (depth, line.as_slice()) {
                    (0, [Token::Word(word), Token::Text(_) | Token::Word(_), ..]) => {
                        config.builds |= word == "resource" || word == "module";
                    }
                    (0, [Token::Word(word)]) => in_terraform = word == "terraform",
                    (1, [Token::Word(word), Token::Text(label) | Token::Word(label)])
                        if in_terraform && word == "backend" =>
                    {
                        (in_backend, kind) = (true, label.clone());
                    }
                    (1, [Token::Word(word), ..]) if in_terraform && (word == "cloud" || word == "state_store") => {
                        config.backend = Some(Backend::Other(word.clone()));
                    }
                    _ => {}
                }
                line.clear();
                depth += 1;
            }
            Some(Token::Close | Token::End) | None => {
                if in_backend
                    && depth == 2
                    && let [Token::Word(key), Token::Equals, Token::Text(value)] = line.as_slice()
                {
                    match key.as_str() {
                        "path" => path = Some(value.clone()),
                        "workspace_dir" => workspaces = Some(value.clone()),
                        _ => {}
                    }
                }
                line.clear();
                match token {
                    None => return config,
                    Some(Token::Close) => {
                        depth = depth.saturating_sub(1);
                        if depth == 1 && in_backend {
                            config.backend = Some(backend(&kind, path.take(), workspaces.take()));
                            in_backend = false;
                        }
                        in_terraform &= depth > 0;
                    }
                    _ => {}
                }
            }
            Some(token) => line.push(token),
        }
    }
}

fn token(chars: &mut Peekable<Chars<'_>>) -> Option<Token> {
    loop {
        let char = chars.next()?;
        return Some(match char {
            '\n' => Token::End,
            '{' => Token::Open,
            '}' => Token::Close,
            '=' => Token::Equals,
            '"' => Token::Text(quoted(chars)),
            '#' => comment(chars),
            '/' if chars.peek() == Some(&'/') => comment(chars),
            '/' if chars.peek() == Some(&'*') => {
                chars.next();
                let mut before = ' ';
                while let Some(char) = chars.next()
                    && !(before == '*' && char == '/')
                {
                    before = char;
                }
                continue;
            }
            '<' if chars.peek() == Some(&'<') => heredoc(chars),
            char if char.is_whitespace() => continue,
            char if char.is_alphanumeric() || char == '_' => {
                let mut word = String::from(char);
                while let Some(char) = chars.next_if(|char| char.is_alphanumeric() || matches!(char, '_' | '-')) {
                    word.push(char);
                }
                Token::Word(word)
            }
            _ => Token::Other,
        });
    }
}

fn comment(chars: &mut Peekable<Chars<'_>>) -> Token {
    chars.find(|char| *char == '\n');
    Token::End
}

/// The rest of a string. What stands in `${…}` may hold strings of its own.
fn quoted(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    // The braces that are open in each template, from the outside in; a string stands between each two of them.
    let mut templates: Vec<usize> = Vec::new();
    let mut in_string = true;
    while let Some(char) = chars.next() {
        match char {
            '\\' if in_string => {
                text.extend(chars.next());
            }
            // `$${` is no template.
            '$' | '%' if in_string && chars.peek() == Some(&char) => {
                chars.next();
                text.push(char);
            }
            '$' | '%' if in_string && chars.peek() == Some(&'{') => {
                chars.next();
                templates.push(1);
                in_string = false;
                text.push('…');
            }
            '"' if in_string && templates.is_empty() => break,
            '"' => in_string = !in_string,
            '{' if !in_string => templates.iter_mut().last().into_iter().for_each(|open| *open += 1),
            '}' if !in_string => {
                if let Some(open) = templates.last_mut() {
                    *open -= 1;
                    if *open == 0 {
                        templates.pop();
                        in_string = true;
                    }
                }
            }
            char if templates.is_empty() => text.push(char),
            _ => {}
        }
    }
    text
}

/// Skips a here-document.
fn heredoc(chars: &mut Peekable<Chars<'_>>) -> Token {
    let line = |chars: &mut Peekable<Chars<'_>>| -> Option<String> {
        chars.peek()?;
        Some(chars.by_ref().take_while(|char| *char != '\n').collect())
    };
    let mark = line(chars).unwrap_or_default();
    let mark = mark.trim_start_matches(['<', '-']).trim().to_owned();
    while let Some(text) = line(chars) {
        if text.trim() == mark {
            break;
        }
    }
    Token::End
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(kind: &str) -> Option<Backend> {
        Some(Backend::Other(kind.to_owned()))
    }

    fn local(path: &str) -> Option<Backend> {
        Some(Backend::Local { path: Some(path.to_owned()), workspaces: None })
    }

    #[test]
    fn what_builds() {
        for text in [
            "resource \"a\" \"b\" {}",
            "module \"x\" {\n  source = \"./x\"\n}",
            "# resource\nlocals { a = \"}\" }\nresource \"a\" \"b\" {\n}",
            "variable \"v\" {\n default = <<-E\n  }}}\n  E\n}\nresource \"a\" \"b\" { x = \"${y[\"}\"]}\" }",
            "/* } */ output \"o\" { value = \"a $${ b\" }\n resource \"a\" \"b\" {",
        ] {
            assert!(of_blocks(text).builds, "{text}");
        }
        for text in [
            "",
            "variable \"resource\" {}",
            "output \"x\" { value = { resource \"a\" } }",
            "# resource \"a\" \"b\" {}",
            "/* resource \"a\" \"b\" {} */",
            "data \"a\" \"b\" {}\nlocals { resource = { a = 1 } }",
            "locals {\n  t = <<E\nresource \"a\" \"b\" {\nE\n}",
            "locals { t = \"resource {\" }",
            "resource = {",
        ] {
            assert!(!of_blocks(text).builds, "{text}");
        }
    }

    #[test]
    fn where_the_state_is() {
        let of = |text: &str| of_blocks(text).backend;
        assert_eq!(of("terraform {\n  backend \"s3\" {\n    bucket = \"x\"\n  }\n}"), other("s3"));
        assert_eq!(of("terraform { backend \"local\" { path = \"/srv/x.tfstate\" } }"), local("/srv/x.tfstate"));
        assert_eq!(
            of("terraform {\n required_providers {\n a = { source = \"b\" }\n }\n cloud {\n }\n}"),
            other("cloud")
        );
        assert_eq!(of("# terraform { backend \"s3\" {} }\nterraform {\n}"), None);
        assert_eq!(of("locals { backend \"s3\" {} }"), None);
        assert_eq!(of("terraform {}\nlocals {\n backend \"s3\" {}\n}"), None);
        let json = |text: &str| of_json(text).and_then(|config| config.backend);
        assert_eq!(json(r#"{"terraform": {"backend": {"gcs": {}}}}"#), other("gcs"));
        assert_eq!(json(r#"{"terraform": [{"backend": [{"local": {"path": "a"}}]}]}"#), local("a"));
        assert_eq!(json(r#"{"terraform": {"cloud": {}}}"#), other("cloud"));
        assert_eq!(json("{}"), None);
    }
}
