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
    /// Names, one behind the other.
    names: Vec<Vec<String>>,
    /// Those that begin at the root.
    roots: Vec<Vec<String>>,
    /// What isn't protected all the same.
    except: Vec<Vec<String>>,
    writes: BTreeSet<&'static str>,
}

impl Protected {
    pub(super) fn of(rules: &Rules) -> Self {
        let all = |list: fn(&crate::rules::model::Client) -> &[crate::rules::text::Text]| {
            rules.client().flat_map(move |client| list(client)).map(|text| text.as_str())
        };
        let parts = |text: &str| folded(text).split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let (roots, names): (Vec<&str>, Vec<&str>) =
            all(|client| client.protects.0).partition(|name| name.starts_with('/'));
        Self {
            names: names.into_iter().map(parts).collect(),
            roots: roots.into_iter().map(parts).collect(),
            except: all(|client| client.except.0).map(parts).collect(),
            writes: all(|client| client.writes.0).collect(),
        }
    }

    /// Whether the client takes the words of a program of this name for paths that are written.
    pub(super) fn writes(&self, program: &str) -> bool {
        self.writes.contains(program)
    }

    /// Whether it protects what lies at an absolute path.
    pub(super) fn is_at(&self, path: &str) -> bool {
        let path = folded(&visible(path));
        let names = named(&path);
        self.has(&names, true) || path.starts_with('/') && self.roots.iter().any(|root| starts(&names, root))
    }

    /// Whether one of its names stands in a text, in quotes or out of them.
    pub(super) fn is_named(&self, text: &str) -> bool {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
        // A shell's quotes may stand in the middle of a name.
        let bare: String = text.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
        [folded(text).replace('\\', "/"), folded(&visible(&bare))].iter().any(|text| {
            let words = || text.split(|c| !part(c)).map(named);
            let goes_up = words().any(|names| names.contains(&".."));
            words().any(|names| self.has(&names, !goes_up))
        })
    }

    /// Whether one of its names is among these. `except`: what isn't protected may be, once.
    fn has(&self, names: &[&str], mut except: bool) -> bool {
        let at = |at: usize, list: &[Vec<String>]| list.iter().any(|wanted| starts(&names[at..], wanted));
        (0..names.len()).any(|start| {
            let excepted = except && at(start, &self.except);
            except &= !excepted;
            !excepted && at(start, &self.names)
        })
    }
}

fn starts(names: &[&str], wanted: &[String]) -> bool {
    names.len() >= wanted.len() && names.iter().zip(wanted).all(|(name, wanted)| name == wanted)
}

/// The names of a path, as the client compares them: what Windows would leave out at their ends is.
fn named(path: &str) -> Vec<&str> {
    let names = path.split('/').filter(|name| !matches!(*name, "" | "."));
    names
        .map(
            |name| {
                if name == ".." { name } else { name.split(':').next().unwrap_or(name).trim_end_matches(['.', ' ']) }
            },
        )
        .collect()
}

/// In small letters, and what becomes one of them in another alphabet's way of capitals.
fn folded(text: &str) -> String {
    let fold = |c: char| match c {
        'ı' => 'i',
        'ſ' => 's',
        c => c,
    };
    text.chars().flat_map(char::to_lowercase).map(fold).collect()
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
