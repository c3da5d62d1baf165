//! What names say of an environment: word by word, so that `product-db` and `pre-prod` aren't production.

use super::address::is_loopback;
use crate::rules::glob;
use crate::rules::index::Rules;
use crate::rules::model::Environment;

/// The most characters of a name that are shown.
const SHOWN: usize = 80;

/// Whether a name has a word that says so, by the tables of the packs.
pub(super) fn says(rules: &Rules, environment: &str, name: &str) -> bool {
    let words = words(name);
    tables(rules, environment).any(|table| {
        let is = |list: &crate::rules::text::List<crate::rules::text::Text>, word: Option<&String>| {
            word.is_some_and(|word| list.iter().any(|listed| listed.as_str() == word))
        };
        (0..words.len()).any(|at| {
            is(&table.word, words.get(at))
                && !(at > 0 && is(&table.after, words.get(at - 1)))
                && !is(&table.before, words.get(at + 1))
        })
    })
}

/// A context that by its name is a cluster on this machine.
pub(super) fn is_local_context(rules: &Rules, name: &str) -> bool {
    tables(rules, "local").any(|table| table.context.iter().any(|like| glob::matches(like, name)))
}

/// This machine: by name, by address, or as a socket.
pub(super) fn is_local_host(rules: &Rules, host: &str) -> bool {
    is_loopback(host)
        || host.starts_with('/')
            && !host.contains("..")
            && tables(rules, "local").any(|table| table.socket.iter().any(|like| glob::matches(like, host)))
}

fn tables<'n>(rules: &Rules, environment: &'n str) -> impl Iterator<Item = &'static Environment> + use<'n> {
    let all: Vec<_> = rules.environments().filter(|table| table.name.as_str() == environment).collect();
    all.into_iter()
}

/// The words of a name in lower case, without numbers at their ends: `ShopProd2-eu` has `shop`, `prod`, `eu`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut lower = false;
    for char in name.chars() {
        let joins = char.is_alphanumeric() && !(lower && char.is_uppercase());
        if char.is_alphanumeric() {
            if !(open && joins) {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(char.to_lowercase());
            }
        }
        open = char.is_alphanumeric();
        lower = char.is_lowercase();
    }
    for word in &mut words {
        let end = word.trim_end_matches(|char: char| char.is_ascii_digit()).len();
        if end > 0 {
            word.truncate(end);
        }
    }
    words
}

/// A name as it is shown: what names are made of, and no more of it than fits. What could be a user or a password in
/// front of a host is left out.
pub(super) fn shown(name: &str) -> String {
    let name = name.rsplit('@').next().unwrap_or(name);
    let plain = |char: char| if char.is_alphanumeric() || "._-/:+~ ".contains(char) { char } else { '…' };
    let mut out: String = name.chars().take(SHOWN).map(plain).collect();
    if name.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_word_by_word() {
        let rules = crate::rules::builtin();
        for name in [
            "prod",
            "shop-prod-eu",
            "db.prod.example.com",
            "PROD",
            "shopProd",
            "prod2",
            "production",
            ".env.production",
            "live_db",
        ] {
            assert!(says(rules, "production", name), "{name}");
        }
        for name in [
            "product-db",
            "prodigy",
            "reproduction",
            "nonprod",
            "non-prod",
            "pre-prod",
            "not-prod",
            "preprod",
            "prod-like",
            "alive",
            "delivery",
            "",
        ] {
            assert!(!says(rules, "production", name), "{name}");
        }
        for name in ["app_test", "test", "shop-ci-3", "test_db", "e2e", "AppTest"] {
            assert!(says(rules, "scratch", name), "{name}");
        }
        for name in ["latest", "contest", "app_dev", "attestation", "cities"] {
            assert!(!says(rules, "scratch", name), "{name}");
        }
    }

    #[test]
    fn a_name_is_shown_without_what_it_could_hide() {
        assert_eq!(shown("u:secret@db.example.com"), "db.example.com");
        assert_eq!(shown("a\u{202e}b\nc"), "a…b…c");
        assert!(shown(&"x".repeat(500)).chars().count() <= SHOWN + 1);
    }
}
