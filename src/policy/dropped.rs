//! Questions that the client drops, so that they would protect nothing.
//!
//! Where the client itself would ask about a call, it doesn't look at the question of a hook, only at its denial. That is so for what
//! it protects itself: a few files and directories, wherever they lie. In the mode `bypassPermissions` its own question is then
//! left out, and in `auto` a model answers it: a call that is asked about runs, if it also writes to `.git/x`.
//! `tests/realclient` has this happen.

use crate::call::{Call, Mode};
use crate::policy::Setting;
use crate::read::action::{Action, Kind};
use crate::rules::model::Does;

/// What the client protects, as 2.1.197 and 2.1.330 name it; in any case of letters.
const PROTECTED: [&str; 49] = [
    ".git",
    ".vscode",
    ".idea",
    ".claude",
    ".husky",
    ".githooks",
    ".cargo",
    ".devcontainer",
    ".yarn",
    ".mvn",
    ".gitconfig",
    ".gitmodules",
    ".bashrc",
    ".bash_profile",
    ".zshrc",
    ".zprofile",
    ".profile",
    ".zshenv",
    ".zlogin",
    ".zlogout",
    ".bash_login",
    ".bash_aliases",
    ".bash_logout",
    ".envrc",
    ".ripgreprc",
    ".mcp.json",
    ".claude.json",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pnp.cjs",
    ".pnp.loader.mjs",
    ".pnp.js",
    ".pnp.data.json",
    ".pnpmfile.cjs",
    "bunfig.toml",
    ".bunfig.toml",
    ".bazelrc",
    ".bazelversion",
    ".bazeliskrc",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yaml",
    "gradle-wrapper.properties",
    "maven-wrapper.properties",
    ".devcontainer.json",
    "pyrightconfig.json",
];

/// Whether a question about this mode's calls may be dropped at all.
pub(super) fn may_be(mode: &Mode) -> bool {
    matches!(mode, Mode::Auto | Mode::BypassPermissions)
}

/// Whether the client may drop a question about this call. It reads commands in its own way, so whatever names such a place is taken
/// for one that reaches it.
pub(super) fn is(call: &Call, actions: &[Action]) -> bool {
    let reaches = |action: &Action| match &action.kind {
        Kind::File(file) => {
            file.does != Does::Read && (names(&file.place.path) || file.place.from.as_deref().is_some_and(names))
        }
        _ => false,
    };
    may_be(&call.mode)
        && (Setting::command(call).is_some_and(|text| names(text) || names(&unquoted(text)))
            || actions.iter().any(reaches))
}

/// Whether one of them stands in a text as a whole name.
fn names(text: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.split(|c| !part(c)).any(|name| {
        let name = name.trim_end_matches('.');
        PROTECTED.iter().any(|protected| name.eq_ignore_ascii_case(protected))
    })
}

/// A shell's quotes may stand in the middle of a name.
fn unquoted(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::{names, unquoted};

    #[test]
    fn whole_names_count() {
        for text in [
            "echo x > .git/y",
            "touch ~/.BASHRC",
            "a=.git",
            "cat <.mcp.json",
            "rm -rf 'a/.claude'",
            "x>.git",
            ".git./x",
        ] {
            assert!(names(text), "{text}");
        }
        for text in ["git push", "cat .github/x", "x.git", "echo .gitignore", "ls .gitattributes", "...", "cargo build"]
        {
            assert!(!names(text), "{text}");
        }
        for text in [".g'i't/x", ".g\\it/x", "\".git\"/x"] {
            assert!(names(&unquoted(text)), "{text}");
        }
    }
}
