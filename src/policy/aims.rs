//! What an action is aimed at, in the words of the layers: the names that policies give, and those that are built in.

use super::layer::{Kind as Whose, Layer};
use super::{Policy, Setting};
use crate::context::{Aimed, Context, Name};
use crate::read::action::{Action, Kind};
use crate::rules::glob;
use crate::rules::matching::Finding;
use crate::rules::model::Is;
use std::rc::Rc;

/// How much milder a rule is where something local, and no more, would be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Milder {
    /// Not at all.
    No,
    /// On this machine: what would be denied is asked.
    Local,
    /// On this machine, and made to be thrown away: what would be asked isn't; what would be denied is asked.
    Scratch,
}

/// What an action is aimed at.
pub(super) struct Aims<'a> {
    /// One for each client that may carry it: `psql -h db` and `psql -h localhost` are aimed at different things.
    each: Vec<Aim<'a>>,
    /// A policy calls it production.
    pub(super) named: bool,
    /// It is production, by whatever name.
    pub(super) production: bool,
    /// A policy calls it something that isn't local.
    other: bool,
    /// What its words, variables and files say.
    resolved: Aimed,
}

/// What an action is aimed at by one client.
struct Aim<'a> {
    /// The environments, each with the least powerful kind of policy whose exceptions may rely on it; `None`: the name
    /// comes from a file that may only tighten.
    names: Vec<(&'a str, Option<Whose>)>,
    /// No word of it is only known when it runs, and it runs here: what is called local there is another thing.
    certain: bool,
}

impl<'a> Aims<'a> {
    pub(super) fn of(action: &Action, call: &[Action], setting: &Setting<'a>) -> Self {
        let (policy, context) = (setting.policy, setting.context);
        let resolved = context.aimed(action);
        let mut aims = Aims { each: Vec::new(), named: false, production: false, other: false, resolved };
        aims.production = aims.resolved.names.iter().any(|name| name.production && !is_called_otherwise(name, policy));
        if policy.layers.iter().all(|layer| layer.file.environments.is_empty()) {
            return aims;
        }
        // A statement is aimed where the client is that carries it.
        let carries = |other: &&Action| matches!(&other.kind, Kind::Run(inv) if action.origin.via.contains(&inv.name));
        aims.each = call.iter().filter(carries).map(|other| Aim::of(&[action, other], context, policy)).collect();
        if aims.each.is_empty() {
            aims.each.push(Aim::of(&[action], context, policy));
        }
        let mut names = aims.each.iter().flat_map(|aim| &aim.names).map(|(name, _)| *name);
        aims.named = names.clone().any(|name| name == "production");
        aims.other = names.any(|name| !matches!(name, "local" | "scratch"));
        aims.production |= aims.named;
        aims
    }

    /// It is aimed at this environment, and at no other that has a name. An exception of this kind of policy relies on
    /// what that policy and those above it call so: below, more could be called so than was ever meant.
    pub(super) fn only(&self, name: &str, kind: Whose) -> bool {
        if name != "production" && self.production {
            return false;
        }
        let only = |aim: &Aim<'_>| {
            aim.certain
                && aim.names.iter().any(|(_, from)| from.is_some_and(|from| from <= kind))
                && aim.names.iter().all(|(aim, _)| *aim == name)
        };
        !self.each.is_empty() && self.each.iter().all(only)
    }

    /// How much milder a finding is for it.
    pub(super) fn milder(&self, finding: &Finding, action: &Action, context: &Context<'_>) -> Milder {
        match finding.rule.within {
            Some(within) if self.resolved.local && !self.production && !self.other && !finding.guessed => {
                let scratch = context.is_scratch(within, action, &self.resolved);
                if scratch { Milder::Scratch } else { Milder::Local }
            }
            _ => Milder::No,
        }
    }
}

/// A policy that may loosen calls a name something else than production.
fn is_called_otherwise(name: &Name, policy: &Policy) -> bool {
    let mut locked = false;
    policy.layers.iter().any(|layer| {
        let may = layer.trusted && !locked && policy.faults.is_empty();
        locked |= layer.file.lock.any();
        may && layer.file.environments.iter().any(|(environment, patterns)| {
            environment != "production" && patterns.iter().any(|pattern| is_named(pattern, &name.text))
        })
    })
}

impl<'a> Aim<'a> {
    fn of(actions: &[&Action], context: &Context<'_>, policy: &'a Policy) -> Self {
        let resolved: Vec<Rc<Aimed>> = actions.iter().map(|action| context.aimed_alone(action)).collect();
        let mut words: Vec<String> = actions.iter().flat_map(|action| words(action)).collect();
        words.extend(resolved.iter().flat_map(|aimed| aimed.names.iter()).map(|name| name.text.clone()));
        let mut names: Vec<(&str, Option<Whose>)> = Vec::new();
        for layer in &policy.layers {
            for (name, patterns) in &layer.file.environments {
                // What is called local is looser: only whoever may loosen can say so.
                if name != "production" && !layer.trusted {
                    continue;
                }
                let like = |word: &String| patterns.iter().any(|pattern| is_named(pattern, word));
                let proven = name == "local" && resolved.iter().any(|aimed| aimed.local);
                if proven || words.iter().any(like) {
                    // Where a host has another name, it speaks against all others, and nobody may rely on it.
                    let all = name == "production" || resolved.iter().all(|aimed| all_hosts(aimed, layer, name));
                    names.push((name, Some(layer.kind).filter(|_| layer.trusted && all)));
                }
            }
        }
        let certain = |action: &&Action| {
            let known = match &action.kind {
                Kind::Run(inv) => inv.all_known,
                _ => true,
            };
            known && !action.origin.elsewhere
        };
        let certain = actions.iter().all(certain) && !resolved.iter().any(|aimed| aimed.client && aimed.doubt);
        Aim { names, certain }
    }
}

/// Every host that it may be aimed at is called so, or is local by itself. `psql -h a -h b` is aimed at one of them.
fn all_hosts(aimed: &Aimed, layer: &Layer, environment: &str) -> bool {
    let patterns = layer.file.environments.get(environment);
    aimed.names.iter().filter(|name| name.is == Is::Host).all(|host| {
        environment == "local" && aimed.local
            || patterns.is_some_and(|patterns| patterns.iter().any(|pattern| is_named(pattern, &host.text)))
            || environment != "local" && aimed.names.iter().any(|name| name.is == Is::Context)
    })
}

/// A word, or a part of an address or of `key=value`, is like the pattern.
fn is_named(pattern: &str, word: &str) -> bool {
    glob::matches_any_case(pattern, word)
        || word
            .split(['/', ':', '@', '=', ',', '?', '&', ' ', '"', '\''])
            .any(|part| !part.is_empty() && glob::matches_any_case(pattern, part))
}

fn words(action: &Action) -> Vec<String> {
    let mut words: Vec<String> =
        action.origin.env.iter().filter_map(|(_, value)| value.known().map(ToString::to_string)).collect();
    match &action.kind {
        Kind::Run(inv) => {
            let values = inv.options.iter().filter_map(|given| given.value.as_ref());
            let operands = inv.operands.iter().map(|operand| &operand.word);
            words.extend(values.chain(operands).filter_map(|word| word.known().map(ToString::to_string)));
        }
        Kind::Http(request) => words.extend(request.host.iter().chain(&request.path).cloned()),
        Kind::Sql(sql) => words.extend(sql.object.iter().cloned()),
        Kind::Mcp(call) => {
            words.push(call.server.clone());
            words.extend(call.arguments.iter().map(|(_, value)| value.clone()));
        }
        _ => {}
    }
    words
}
