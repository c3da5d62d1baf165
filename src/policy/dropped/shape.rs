//! What a path looks like to the client.

use crate::rules::index::Rules;
use std::collections::BTreeSet;

/// What stands in names of files beside letters and digits, patterns and what isn't known (`…`) included. No colon: on Windows, and
/// so in WSL, a stream of a file begins there.
const SIGNS: &str = " ._-/+,=@%~#^()[]{}*?!&…";

/// What Windows takes for a device wherever it stands.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// What packs say of the client.
pub(super) struct Protected {
    /// Names, one or several behind each other; with a `/` in front, those at the root.
    names: Vec<String>,
    /// The first of each. Hardly any path has one of them, and to look for each in every word of a text takes a while.
    firsts: BTreeSet<String>,
    /// What isn't protected all the same.
    except: Vec<String>,
    writes: Vec<&'static str>,
}

impl Protected {
    pub(super) fn of(rules: &Rules) -> Self {
        let (mut names, mut except, mut writes) = (Vec::new(), Vec::new(), Vec::new());
        for client in rules.client() {
            names.extend(client.protects.iter().map(|name| folded(name)));
            except.extend(client.except.iter().map(|name| folded(name)));
            writes.extend(client.writes.iter().map(|name| name.as_str()));
        }
        let first = |name: &String| name.split('/').find(|name| !name.is_empty()).map(str::to_owned);
        Self { firsts: names.iter().filter_map(first).collect(), names, except, writes }
    }

    /// Whether the client takes the words of a program of this name for paths that are written.
    pub(super) fn writes(&self, program: &str) -> bool {
        self.writes.contains(&program)
    }

    /// Whether it protects what lies at an absolute path.
    pub(super) fn is_at(&self, path: &str) -> bool {
        self.has(&names(&visible(path)), true, path.starts_with('/'))
    }

    /// Whether one of its names stands in a text, in quotes or out of them.
    pub(super) fn is_named(&self, text: &str) -> bool {
        // Nearly every name has a dot, and few words of a text do.
        let dotted = self.names.iter().all(|name| name.contains('.') || name.starts_with('/'));
        // A shell's quotes may stand in the middle of a name.
        let bare: String = text.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
        [text.replace('\\', "/"), visible(&bare)].iter().any(|text| {
            let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
            let worth = |word: &&str| !dotted || word.contains('.');
            let words: Vec<String> = text.split(|c| !part(c)).filter(worth).map(names).collect();
            let goes_up = words.iter().any(|word| word.contains("/../"));
            words.iter().any(|word| self.has(word, !goes_up, false))
        })
    }

    /// Whether one of its names is among these. `except`: what isn't protected may be, once. `rooted`: they begin at the root.
    fn has(&self, names: &str, except: bool, rooted: bool) -> bool {
        if !names.split('/').any(|name| self.firsts.contains(name)) {
            return false;
        }
        let exempt = self.except.iter().find_map(|exempt| Some((at(names, exempt)?, exempt.len())));
        if let Some((start, length)) = exempt.filter(|_| except) {
            let rest = &names[start + length + 1..];
            return self.has(&format!("{}{rest}", &names[..start]), false, rooted);
        }
        self.names.iter().any(|name| match name.strip_prefix('/') {
            Some(root) => rooted && at(names, root) == Some(1),
            None => at(names, name).is_some(),
        })
    }
}

/// Where a name, or several behind each other, stand as a whole among names.
fn at(names: &str, wanted: &str) -> Option<usize> {
    let whole = |at: &usize| names[..*at].ends_with('/') && names[at + wanted.len()..].starts_with('/');
    names.match_indices(wanted).map(|(at, _)| at).find(whole)
}

/// The names of a path with a slash around each, as the client compares them: what Windows would leave out at their ends is.
fn names(path: &str) -> String {
    let mut out = "/".to_owned();
    for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
        let bare = name.split(':').next().unwrap_or(name).trim_end_matches(['.', ' ']);
        out.push_str(if name == ".." { name } else { bare });
        out.push('/');
    }
    folded(&out)
}

/// In small letters, and what becomes one of them in another alphabet's way of capitals.
fn folded(text: &str) -> String {
    let fold = |c: char| match c {
        'ı' | 'İ' => 'i',
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    text.chars().map(fold).collect()
}

/// Without what nobody sees: joiners, marks of direction, dots on letters.
fn visible(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii() || c.is_alphanumeric() || c.is_whitespace()).collect()
}

/// Whether a path is of the usual signs, and no name in it of a shape that means something else to Windows. `own`: so far, its
/// letters may be of any alphabet.
pub(super) fn is_plain(path: &str, own: usize) -> bool {
    let bare = match path.as_bytes() {
        [letter, b':', ..] if cfg!(windows) && letter.is_ascii_alphabetic() => 2,
        _ => 0,
    };
    let usual = |c: char| c.is_ascii_alphanumeric() || SIGNS.contains(c);
    let short = |name: &str| name.as_bytes().windows(2).any(|pair| pair[0] == b'~' && pair[1].is_ascii_digit());
    path.get(own.max(bare)..).is_some_and(|rest| rest.chars().all(usual))
        && path.split('/').all(|name| {
            let dots = matches!(name, "." | "..") || !name.ends_with(|c: char| c == '.' || c.is_whitespace());
            dots && !short(name) && !name.rsplit_once('.').is_some_and(|(_, end)| is_device(end))
        })
}

fn is_device(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let port = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    DEVICES.contains(&name.as_str()) || port.is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']))
}

/// Whether what is written begins with two slashes, as the name of another machine does.
pub(super) fn begins_twice(text: &str) -> bool {
    let space = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '>' | '|' | '&');
    let twice = |text: &str| text.starts_with("//") || text.starts_with("\\\\");
    twice(text) || text.split('>').skip(1).any(|rest| twice(rest.trim_start_matches(space)))
}

/// Whether an `&` stands in a text that joins no commands and no streams.
pub(super) fn has_lone_ampersand(text: &str) -> bool {
    let bytes = text.as_bytes();
    let at = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    bytes.iter().enumerate().any(|(here, byte)| {
        let before = at(here.checked_sub(1));
        *byte == b'&' && !matches!(before, b'&' | b'>' | b'<' | b'|') && !matches!(at(Some(here + 1)), b'&' | b'>')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protected() -> Protected {
        Protected::of(crate::rules::builtin())
    }

    #[test]
    fn names_in_a_text() {
        let protected = protected();
        for text in [
            "echo x > .git/y",
            "touch ~/.BASHRC",
            "a=.git",
            "cat <.mcp.json",
            "rm -rf 'a/.claude'",
            "x>.git",
            ".git./x",
            ".git:a/x",
            ".g'i't/x",
            ".g\\it/x",
            "\".git\"/x",
            ".g\u{200c}it/x",
            ".gı\u{307}t/x",
            ".bunfig.toml",
            "~/.config/git/ignore",
            "~/.config//./git",
            "del .config\\git\\x",
            ".hu\u{17f}\u{212a}y",
            ".claude/worktrees/w/.git",
            ".claude/worktrees/w/.claude/worktrees/x",
            ".claude/worktrees/../settings.json",
            ".claude/worktree/x",
            ".claude/worktrees/w; touch .claude/x",
        ] {
            assert!(protected.is_named(text), "{text}");
        }
        for text in [
            "git push",
            "cat .github/x",
            "x.git",
            "echo .gitignore",
            "ls .gitattributes",
            "...",
            "cargo build",
            "~/.config/gitui/x",
            "~/.config/x/git",
            "cd /p/.claude/worktrees/w && ls",
            "https://net/x",
            "画像",
        ] {
            assert!(!protected.is_named(text), "{text}");
        }
    }

    #[test]
    fn paths_that_are_protected() {
        let protected = protected();
        for path in
            ["/p/.GIT", "/p/.git /x", "/net/host", "/NET/host", "/etc/claude-code/x", "/p/.claude/worktrees/w/.npmrc"]
        {
            assert!(protected.is_at(path), "{path}");
        }
        for path in ["/p/net/host", "/etc/claude", "/p/.claude/worktrees/w/x", "/p/network"] {
            assert!(!protected.is_at(path), "{path}");
        }
    }

    #[test]
    fn plain_paths() {
        for path in [
            "/p/a b",
            "/p/x.d/y_z-1+2=3,4@5%6#7",
            "/p/a~b",
            "/p/~",
            "/p/con/aux.txt",
            "/p/*.log",
            "/p/[ab]?{c,d}",
            "/p/…",
            "/p/..x",
        ] {
            assert!(is_plain(path, 0), "{path}");
        }
        for path in [
            "/p/a~1",
            "/p/a.",
            "/p/a /b",
            "/p/...",
            "/p/.../a",
            "/p/x.CoN",
            "/p/x.lpt9",
            "/p/x.nul/y",
            "/p/a:b",
            "/p/ä",
            "/p/a\u{200b}",
            "/p/a\tb",
            "/p/a\nb",
            "/p/a\"b",
        ] {
            assert!(!is_plain(path, 0), "{path:?}");
        }
        assert!(is_plain("/ж/a", "/ж".len()));
        assert!(!is_plain("/ж/ж", "/ж".len()));
        assert!(!is_plain("/a~1/b", "/a~1".len()));
    }

    #[test]
    fn ampersands_and_slashes() {
        for text in ["a &", "a & b", "a &b", "&", "a 2>&1 &", "a &\nb"] {
            assert!(has_lone_ampersand(text), "{text}");
        }
        for text in ["a && b", "a >& b", "a &> b", "a |& b", "a 2>&1", "a <&3", ""] {
            assert!(!has_lone_ampersand(text), "{text}");
        }
        for text in ["//a", "\\\\a", "x > //a", "x >> '//a'", "x >| //a", "x 2>//a"] {
            assert!(begins_twice(text), "{text}");
        }
        for text in ["x > /a", "curl http://a", "x > a//b", "a -> b // c"] {
            assert!(!begins_twice(text), "{text}");
        }
    }
}
