//! `.env` files, as the libraries read them that tools use.

/// The values of a variable in such a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Each value that it is given; which of them counts, libraries disagree about.
    pub(super) values: Vec<String>,
    /// It may be given something else as well: a part of the file can't be read for certain.
    pub(super) doubt: bool,
}

/// Looks a variable up. What is put together (`${X}`, `$(…)`) is in doubt, and kept as it is written.
pub(super) fn read(text: &str, name: &str) -> Read {
    let mut read = Read::default();
    // Each library has its own idea of a quote that isn't closed on its line.
    let mut sound = true;
    for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (given, value) = pair(line).unwrap_or(("", line));
        let quote = value.chars().next().filter(|char| matches!(char, '"' | '\'' | '`'));
        let (value, closed) = match quote {
            Some(quote) => match value[1..].find(quote) {
                Some(end) => (&value[1..=end], true),
                None => (&value[1..], false),
            },
            None => (value.split(" #").next().unwrap_or(value).trim(), true),
        };
        sound &= closed;
        if given == name {
            let made = quote != Some('\'') && value.contains('$') || value.contains('\\');
            read.doubt |= made || !closed || value.starts_with("encrypted:");
            // `A=b#c` is `b` to some of them.
            read.doubt |= quote.is_none() && value.contains(['#', '"', '\'']);
            read.values.push(value.to_owned());
        } else if given.is_empty() && line.contains(name) {
            read.doubt = true;
        }
    }
    read.doubt |= !sound;
    read
}

/// `export NAME=value`, `NAME = value`, `NAME: value`.
fn pair(line: &str) -> Option<(&str, &str)> {
    let line = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => line,
    };
    let end = line.find(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-')))?;
    let (name, rest) = line.split_at(end);
    let value = match rest.strip_prefix(':') {
        Some(value) if value.starts_with([' ', '\t']) => value,
        Some(_) => return None,
        None => rest.trim_start().strip_prefix('=')?,
    };
    (!name.is_empty()).then_some((name, value.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Vec<String>, bool) {
        let read = read(text, "URL");
        (read.values, read.doubt)
    }

    #[test]
    fn values() {
        for (text, value) in [
            ("URL=a", "a"),
            ("export URL=a", "a"),
            ("URL = 'a b'", "a b"),
            ("# URL=b\nURL=\"a\" # c\r\nX=1\r\n", "a"),
            ("URL=a # c", "a"),
            ("URL: a", "a"),
            ("\u{feff}URL=a", "a"),
            ("URLS=b\nXURL=c\nURL=a", "a"),
            ("URL='a$b'", "a$b"),
        ] {
            assert_eq!(of(text), (vec![value.to_owned()], false), "{text}");
        }
        assert_eq!(of("URL=a\nURL=b"), (vec!["a".to_owned(), "b".to_owned()], false));
        assert_eq!(of("X=a"), (vec![], false));
    }

    #[test]
    fn what_is_in_doubt() {
        for text in [
            "URL=a$X",
            "URL=\"${X}\"",
            "URL=\"a",
            "X=\"\nURL=a\n\"",
            "X='\nURL=a\n'",
            "URL=a#b",
            "URL=encrypted:abc",
            "URL=a\\nb",
            "set URL a",
        ] {
            assert!(of(text).1, "{text}");
        }
    }
}
