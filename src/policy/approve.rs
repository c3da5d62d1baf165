//! Which denied calls may be let pass all the same, and by whom: a person at a terminal, or one whose key the policy names.
//!
//! The layers merge as they do for decisions. Beyond that, what only an approval could reach past is its owner's to open:
//! below a lock, and where managed policy itself denies, that layer has to say so. The guard's own protection never opens.

use super::again::{name_of_object, names};
use super::decide::ORDINARY;
use super::layer::{Kind, Layer};
use super::model::Way;
use super::{Judged, Policy, Setting, Verdict};
use crate::context::Context;
use crate::judge::Decision;
use crate::read::action::Kind as Does;
use crate::rules::model::{Class, Is};
use std::path::{Path, PathBuf};

/// What must be known to let a denied call pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvable {
    /// A signature is demanded: whose count. `None`: a person at a terminal is enough.
    pub signers: Option<Signers>,
    /// The name of what is at stake, which the person types.
    pub stake: String,
    /// What would be lost, and where.
    pub losses: String,
}

/// The file of the keys whose signatures count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signers {
    /// Whose policy names it: managed or the person's own.
    pub kind: Kind,
    /// Its path, absolute.
    pub path: PathBuf,
}

/// The longest word that somebody is asked to type, in characters.
const LONG: usize = 64;
/// Rules of this pack protect the guard itself.
const GUARD: &str = "guard.";

/// Whether, and how, this may be approved.
pub(crate) fn of(decision: Decision, verdicts: &[Verdict<'_>], setting: &Setting<'_>) -> Option<Approvable> {
    let policy = setting.policy;
    // Where nobody may be there to be asked, a question can become a denial.
    let refused = |layer: &Layer| layer.file.unattended == Some(Decision::Deny);
    let asked = decision == Decision::Ask && (setting.droppable || policy.layers.iter().any(refused));
    // An approval holds for one session. Beside a broken file, nothing loosens.
    if !(decision == Decision::Deny || asked) || !policy.faults.is_empty() || setting.context.session.is_none() {
        return None;
    }
    let stops = verdicts.iter().flat_map(|verdict| &verdict.findings).filter(|judged| judged.decision >= Decision::Ask);
    let ways = stops.map(|judged| policy.way(judged, asked));
    // The strictest counts; of two that demand a signature, the more powerful one.
    let (way, by) = ways.max_by_key(|(way, by)| (*way, std::cmp::Reverse(*by)))?;
    let signers = match way {
        Way::Person => None,
        Way::Signature => Some(policy.signers(by)?),
        Way::Never => return None,
    };
    let worst = verdicts.iter().filter(|verdict| !verdict.findings.is_empty());
    let worst = worst.max_by_key(|verdict| (verdict.decision, verdict.class))?;
    let losses = crate::reason::losses(verdicts, setting.context);
    Some(Approvable { signers, stake: stake(worst, setting.context), losses })
}

impl Policy {
    /// How a finding may be let pass, and whose word that is. `asked`: a question that nobody is there to answer.
    fn way(&self, judged: &Judged, asked: bool) -> (Way, Kind) {
        let (id, class) = (judged.rule.id.as_str(), judged.rule.class);
        if id.starts_with(GUARD) {
            return (Way::Never, Kind::Managed);
        }
        // What is only asked about, any person may answer.
        if judged.decision < Decision::Deny && !asked {
            return (Way::Person, Kind::Local);
        }
        let catastrophic = class == Class::Catastrophic;
        let mut way = if catastrophic { Way::Never } else { Way::Person };
        let (mut by, mut floor, mut locked) = (Kind::Local, None, false);
        for layer in &self.layers {
            let approve = &layer.file.approve;
            let said = if catastrophic { approve.catastrophic } else { approve.irreversible };
            let may = layer.trusted && !locked && (!catastrophic || layer.kind <= Kind::User);
            let wanted = if may {
                said.map(|said| floor.map_or(said, |floor| said.max(floor)))
            } else {
                said.filter(|said| *said > way)
            };
            if let Some(wanted) = wanted {
                (way, by) = (wanted, if floor == Some(wanted) { by } else { layer.kind });
                floor = floor.max(Some(wanted));
            }
            let locks = layer.locks(Some(id));
            let denies = layer.kind == Kind::Managed && denies(layer, judged, asked);
            if locks && said.is_none() || denies && floor.is_none() {
                (way, by, floor) = (Way::Never, layer.kind, Some(Way::Never));
            }
            locked |= locks;
        }
        (way, by)
    }

    /// Whose signatures count here, should the person's own policy demand one.
    #[must_use]
    pub fn signers_here(&self) -> Option<Signers> {
        self.signers(Kind::User)
    }

    /// Whose signatures count, where a layer of this kind demands one: the most powerful layer that says so, and none below
    /// the one that demands it.
    pub(crate) fn signers(&self, by: Kind) -> Option<Signers> {
        let may = |layer: &&Layer| layer.kind <= by.min(Kind::User);
        self.layers.iter().filter(may).find_map(|layer| {
            let path = resolved(&layer.path, layer.file.approve.signers.as_deref()?);
            Some(Signers { kind: layer.kind, path })
        })
    }
}

/// Whether this layer itself has the finding denied.
fn denies(layer: &Layer, judged: &Judged, asked: bool) -> bool {
    if judged.protects == Some(layer.kind) && !layer.file.protect.is_empty() {
        return true;
    }
    let id = Some(judged.rule.id.as_str()).filter(|id| *id != ORDINARY);
    // What is aimed at production counts as forced, and isn't marked as that.
    let says =
        |forced| layer.says(id, judged.rule.class, forced, false).is_some_and(|(said, _)| said == Decision::Deny);
    says(false) || says(true) || asked && layer.file.unattended == Some(Decision::Deny)
}

/// Where a file lies that a policy names.
fn resolved(policy: &Path, named: &str) -> PathBuf {
    let folder = policy.parent().unwrap_or(policy);
    match named.strip_prefix("~/.claude/") {
        // The person's own policy lies there.
        Some(rest) => folder.join(rest),
        None => folder.join(named),
    }
}

/// What is wrong with the path of an allowed-signers file.
pub(super) fn fault(kind: Kind, policy: &Path, named: &str) -> Option<String> {
    if kind == Kind::Managed {
        let wrong = named.is_empty() || named.starts_with('~');
        return wrong.then(|| "name a file that belongs to root: an absolute path, or one beside this file".to_owned());
    }
    // A project's counts for nothing.
    if kind != Kind::User {
        return None;
    }
    let path = resolved(policy, named);
    let beside = path.parent() == policy.parent();
    let guarded = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("countersign"));
    // Elsewhere an agent could add a key of its own, and nobody would be asked.
    (!beside || !guarded).then(|| {
        "keep it beside this file, under a name that begins with `countersign` (`countersign.signers`): there the guard \
         protects it"
            .to_owned()
    })
}

/// The name of what is at stake: something that is easily typed, and that nobody types without having looked.
fn stake(verdict: &Verdict<'_>, context: &Context<'_>) -> String {
    let action = verdict.action;
    let rule = verdict.findings.first().map(|judged| judged.finding.rule);
    let mut words: Vec<String> = Vec::new();
    let aimed = || {
        let mut names = context.aimed(action).names;
        names.retain(|name| !matches!(name.is, Is::Variable | Is::File | Is::Settings | Is::Secrets | Is::Alias));
        let order = |is: Is| match is {
            Is::Database => 0,
            Is::Workspace => 1,
            Is::Namespace => 2,
            Is::Cluster => 3,
            Is::Context => 4,
            Is::Account | Is::Profile => 5,
            _ => 6,
        };
        names.sort_by_key(|name| (!name.production, order(name.is)));
        names.into_iter().map(|name| last(&name.text))
    };
    match &action.kind {
        Does::File(file) => {
            let known = file.place.path.find(['…', '*', '?', '[']).map_or(file.place.path.as_str(), |hole| {
                let known = &file.place.path[..hole];
                known.rsplit_once('/').map_or(known, |(folder, _)| folder)
            });
            words.push(last(known));
        }
        Does::Sql(sql) => {
            words.extend(sql.object.as_deref().map(name_of_object));
            words.extend(aimed());
        }
        Does::Run(inv) => {
            // The last word that it was given says what: `git push --force origin main`.
            let operands = names(inv, rule);
            words.extend(aimed());
            words.extend(operands.iter().rev().map(|word| last(word)));
            words.extend(action.origin.cwd.as_deref().map(last));
            words.push(inv.name.to_string());
        }
        Does::Mcp(call) => {
            let names = call.arguments.iter().filter(|(key, _)| !key.contains("confirm") && !key.contains("force"));
            words.extend(names.map(|(_, value)| last(value)).filter(|word| word.chars().any(char::is_alphabetic)));
            words.push(call.tool.clone());
        }
        Does::Http(request) => {
            words.extend(request.path.as_deref().map(|path| last(path.split('?').next().unwrap_or(path))));
            words.extend(request.host.clone());
        }
        Does::Code(_) | Does::Opaque(_) | Does::Nothing => {}
    }
    words.extend(action.origin.via.last().map(ToString::to_string));
    words.push(action.origin.shown.split_whitespace().next().unwrap_or_default().to_owned());
    let typed = |word: &String| {
        (2..=LONG).contains(&word.chars().count())
            && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '@' | '+'))
            && !matches!(word.as_str(), "true" | "false" | "yes" | "no" | "default" | "..")
    };
    words.into_iter().find(typed).unwrap_or_else(|| "approve".to_owned())
}

/// The last name of a path or an address.
fn last(path: &str) -> String {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}
