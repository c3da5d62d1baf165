//! What is no fault of a file, and yet hardly what its author means: keys without any effect.

use super::Checked;
use crate::judge::Decision;
use crate::policy::fault::{Fault, Step};
use crate::policy::layer::{Layer, whole};
use crate::policy::model::Way;
use crate::policy::{Milder, Policy};
use crate::rules::glob;
use crate::rules::index::Rules;
use crate::rules::model::{Class, Condition, Part, Rule, Style};
use crate::rules::text::{List, Text};
use Step::{Item, Key};

/// What there is to say about files that are sound.
pub(super) fn warnings(checked: &[Checked], policy: &Policy) -> Vec<Fault> {
    let mut found = Vec::new();
    for one in checked {
        let Some(layer) = &one.layer else { continue };
        let mut warn = |steps: &[Step<'_>], what: String| {
            found.push(Fault::within(&one.path, &one.text, steps, format!("warning: {what}")));
        };
        for (at, rule) in layer.file.rule.iter().enumerate() {
            for (key, option) in without_dash(rule, policy.rules) {
                let dash = if option.len() == 1 { "-" } else { "--" };
                warn(
                    &[Key("rule"), Item(at), Key(key)],
                    format!(
                        "rule `{}`: no option is called `{option}`: it begins with a dash, as in `{dash}{option}`; what has none is an operand",
                        rule.id
                    ),
                );
            }
        }
        signers(layer, policy, &mut warn);
        below_a_lock(layer, checked, policy, &mut warn);
    }
    found
}

/// Options in conditions that nothing on a command line can be, with the key that they stand below.
fn without_dash(rule: &Rule, rules: &Rules) -> Vec<(&'static str, Text)> {
    // `dd of=x` has options without, and a program of Windows may have a slash.
    let is_other = |name: &Text| rules.program(name).tables.iter().any(|table| table.style == Style::Keys);
    if rule.program.is_empty() || rule.program.iter().any(is_other) {
        return Vec::new();
    }
    let of = |key: &'static str, conditions: List<Condition>| {
        let parts = conditions.0.iter().flat_map(|condition| condition.0.0.iter());
        let lists = parts.filter_map(|part| match part {
            Part::Option(list) | Part::Every(list) | Part::Without(list) => Some(*list),
            _ => None,
        });
        lists.flat_map(|list| list.0.iter().copied()).map(move |option| (key, option))
    };
    let wanted = of("when", rule.when).chain(of("unless", rule.unless)).chain(of("forced", rule.forced));
    wanted.filter(|(_, option)| option.starts_with(|first: char| first.is_ascii_alphanumeric())).collect()
}

/// Where a signature is demanded and nobody's can count.
fn signers(layer: &Layer, policy: &Policy, warn: &mut impl FnMut(&[Step<'_>], String)) {
    let approve = &layer.file.approve;
    let demands = [("irreversible", approve.irreversible), ("catastrophic", approve.catastrophic)];
    let Some((key, _)) = demands.into_iter().find(|(_, way)| *way == Some(Way::Signature)) else { return };
    match policy.signers(layer.kind) {
        None => warn(
            &[Key("approve"), Key(key)],
            "a signature is demanded, and no file says whose count: name one, `signers = \"countersign.signers\"`; until then nothing can be approved".to_owned(),
        ),
        Some(signers) if !signers.path.is_file() => warn(
            &[Key("approve"), Key(if approve.signers.is_some() { "signers" } else { key })],
            format!("{} isn't there, so no signature counts: write the keys of those into it who may approve (docs/policy.md)", signers.path.display()),
        ),
        Some(_) => {}
    }
}

/// What would loosen, and is locked above.
fn below_a_lock(layer: &Layer, checked: &[Checked], policy: &Policy, warn: &mut impl FnMut(&[Step<'_>], String)) {
    let Some(at) = policy.layers.iter().position(|other| other.path == layer.path) else { return };
    let above = &policy.layers[..at];
    // As it is where only the layers above count.
    let upper = Policy { layers: above.to_vec(), ..policy.clone() };
    let place_of = |locking: &Layer| {
        let text = checked.iter().find(|one| one.path == locking.path).map_or("", |one| one.text.as_str());
        let place = Fault::within(&locking.path, text, &[Key("lock")], String::new()).to_string();
        place.trim_end_matches([':', ' ']).to_owned()
    };
    let by = |rule: Option<&str>| above.iter().find(|layer| layer.locks(rule)).map(place_of);
    let laxer = |id: Option<&str>, class: Class, wanted: Decision| {
        wanted < upper.through(id, class, false, false, Milder::No, |_| None).0
    };
    let lost = |key: &str, place: &str| format!("`{key}` has no effect: {place} locks it");
    // A glob may be of other rules as well.
    let lost_for = |key: &str, like: &str, id: &str, place: &str| match like == id {
        true => lost(key, place),
        false => format!("`{key}` has no effect for `{id}`: {place} locks it"),
    };
    let rules = || policy.rules.sets().flat_map(|set| set.rules.iter());
    for (like, decision) in &layer.file.rules {
        let like_it = whole(like);
        let mut locked =
            rules().filter(|rule| glob::matches(&like_it, &rule.id) && laxer(Some(&rule.id), rule.class, *decision));
        if let Some((id, place)) = locked.find_map(|rule| Some((&rule.id, by(Some(&rule.id))?))) {
            warn(&[Key("rules"), Key(like)], lost_for(&format!("{like} = {}", decision.word()), like, id, &place));
        }
    }
    let decide = &layer.file.decide;
    for (name, class, decision) in [
        ("observe", Class::Observe, decide.observe),
        ("ordinary", Class::Ordinary, decide.ordinary),
        ("disruptive", Class::Disruptive, decide.disruptive),
        ("irreversible", Class::Irreversible, decide.irreversible),
        ("catastrophic", Class::Catastrophic, decide.catastrophic),
    ] {
        if let Some((decision, place)) = decision.zip(by(None)).filter(|(decision, _)| laxer(None, class, *decision)) {
            warn(&[Key("decide"), Key(name)], lost(&format!("{name} = {}", decision.word()), &place));
        }
    }
    for (number, exception) in layer.file.except.iter().enumerate() {
        let said = match exception.rule.as_deref() {
            Some(like) => {
                let mut alike = rules().filter(|rule| glob::matches(&whole(like), &rule.id));
                alike.find_map(|rule| Some(lost_for("except", like, &rule.id, &by(Some(&rule.id))?)))
            }
            None => by(None).map(|place| lost("except", &place)),
        };
        if let Some(said) = said {
            warn(&[Key("except"), Item(number)], said);
        }
    }
    // These could get past any lock.
    let Some(place) = above.iter().find(|layer| layer.file.lock.any()).map(place_of) else { return };
    let file = &layer.file;
    let given = [
        ("observe-only", file.observe_only.is_some()),
        ("program", !file.program.is_empty()),
        ("tool", !file.tool.is_empty()),
        ("call", !file.call.is_empty()),
        ("verb", !file.verb.is_empty()),
        ("variable", !file.variable.is_empty()),
        ("place", !file.place.is_empty()),
        ("stateful", !file.stateful.is_empty()),
        ("client", !file.client.is_empty()),
    ];
    for (key, _) in given.into_iter().filter(|(_, given)| *given) {
        warn(&[Key(key)], lost(key, &place));
    }
    for (number, rule) in file.rule.iter().enumerate().filter(|(_, rule)| rule.class < Class::Disruptive) {
        warn(&[Key("rule"), Item(number)], lost(&rule.id, &place));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_built_in_rule_has_an_option_without_a_dash() {
        let rules = crate::rules::builtin();
        for rule in rules.sets().flat_map(|set| set.rules.iter()) {
            let odd = super::without_dash(rule, rules);
            assert!(odd.is_empty(), "{}: {odd:?}", rule.id);
        }
    }
}
