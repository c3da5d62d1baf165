//! All that is wrong with a file, as far as one reading can tell: what is wrong is taken out, and the rest is read again.

use crate::policy::fault::Fault;
use crate::policy::layer::{Kind, Layer};
use crate::policy::model::File;
use crate::rules::index::Rules;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

/// The most faults of one file that are looked for in this way.
const MOST: usize = 64;
/// How much two names must have in common, from 0 to 1, for one to be taken for the other.
const ALIKE: f32 = 0.7;

/// What is wrong with a file that the usual reading has given up, and what is left of it.
pub(super) fn faults(kind: Kind, path: &Path, text: &str) -> (Vec<Fault>, Option<Layer>) {
    let mut faults = Vec::new();
    let mut document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => return (vec![Fault::toml(path, text, &error)], None),
    };
    // What stands behind an entry that is gone isn't counted as in the text.
    let mut shifted = false;
    let mut gone: Vec<(String, usize)> = Vec::new();
    loop {
        match File::deserialize(Deserializer::from(document.clone())) {
            Ok(file) if !shifted => {
                let (layer, found) = Layer::with_faults(kind, path, text, file, true);
                faults.extend(found);
                return (faults, Some(layer));
            }
            Ok(_) => break,
            Err(_) if faults.len() >= MOST => {
                let what = "more is wrong with this file than is named here: correct that, and check again";
                faults.push(Fault::at(path, text, text.len(), what));
                break;
            }
            Err(error) => {
                let at = error.span().map(|span| span.start);
                // What was taken out of a table is missing there.
                let missed = |(name, place): &(String, usize)| {
                    at.is_some_and(|at| *place >= at) && error.message().starts_with(&format!("missing field `{name}`"))
                };
                if !gone.iter().any(missed) {
                    faults.push(Fault::toml(path, text, &error));
                }
                match at.and_then(|at| Some((take_out(document.get_mut(), at)?, at))) {
                    Some((Some(name), at)) => gone.push((name, at)),
                    Some((None, _)) => shifted = true,
                    None => break,
                }
            }
        }
    }
    (faults, None)
}

/// Takes the innermost entry out that stands there. Gives its key, which one of a list has not; `None`: there is none.
fn take_out(table: &mut DeTable<'_>, at: usize) -> Option<Option<String>> {
    for (_, value) in table.iter_mut() {
        let inside = match value.get_mut() {
            DeValue::Table(inner) => take_out(inner, at),
            DeValue::Array(items) => take_out_of(items, at),
            _ => None,
        };
        if inside.is_some() {
            return inside;
        }
    }
    let is_there = |span: std::ops::Range<usize>| span.start == at || span.contains(&at);
    let key =
        table.iter().find(|(key, value)| is_there(key.span()) || is_there(value.span())).map(|(key, _)| key.clone())?;
    table.remove(&key);
    Some(Some(key.into_inner().into_owned()))
}

fn take_out_of(items: &mut DeArray<'_>, at: usize) -> Option<Option<String>> {
    let inside = items.iter_mut().find_map(|item| match item.get_mut() {
        DeValue::Table(table) => take_out(table, at),
        _ => None,
    });
    if inside.is_some() {
        return inside;
    }
    let wrong = items.iter().position(|item| item.span().start == at)?;
    let left: Vec<Spanned<DeValue<'_>>> =
        items.iter().enumerate().filter(|(number, _)| *number != wrong).map(|(_, item)| item.clone()).collect();
    *items = left.into_iter().fold(DeArray::new(), |mut items, item| {
        items.push(item);
        items
    });
    Some(None)
}

/// Says which name may have been meant, where one is called unknown.
pub(super) fn suggest(fault: &mut Fault, rules: &Rules) {
    let mut names = fault.what.split('`').skip(1).step_by(2);
    let Some(wrong) = names.next().filter(|name| !name.is_empty()) else { return };
    let meant = if fault.what.starts_with("unknown field") || fault.what.starts_with("unknown variant") {
        let known: Vec<&str> = names.collect();
        closest(wrong, &known)
    } else if fault.what.starts_with("no rule is called") {
        let ids = rules.sets().flat_map(|set| set.rules.iter()).map(|rule| rule.id.as_str());
        let ids: BTreeSet<&str> =
            ids.flat_map(|id| [Some(id), id.split_once('.').map(|(pack, _)| pack)]).flatten().collect();
        // A pack alone is called like a pack.
        let known: Vec<&str> = ids.into_iter().filter(|id| id.contains('.') == wrong.contains('.')).collect();
        closest(wrong, &known)
    } else {
        None
    };
    // Behind the name that is wrong, the message goes on as a sentence of its own.
    if let Some((meant, (at, _))) = meant.zip(fault.what.match_indices('`').nth(1)) {
        let (head, rest) = fault.what.split_at(at + 1);
        let mut rest = rest.trim_start_matches([',', ':', ' ']).chars();
        let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
        fault.what = format!("{head}; did you mean `{meant}`? {first}{}", rest.as_str());
    }
}

fn closest<'n>(wrong: &str, known: &[&'n str]) -> Option<&'n str> {
    similar::get_close_matches(wrong, known, 1, ALIKE).first().copied()
}
