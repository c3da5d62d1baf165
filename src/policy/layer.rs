//! One policy file: read, checked, and ready to be asked.

use super::date::Day;
use super::fault::{Fault, Step};
use super::model::{Exception, File, Lock};
use super::quick;
use crate::judge::Decision;
use crate::rules::glob;
use crate::rules::index::{self, Rules};
use crate::rules::model::{Class, Head, Pack, Rule};
use crate::rules::text::{self, List, Text};
use std::path::{Path, PathBuf};

/// Whose policy a file is. The order is that of power: what stands first binds what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The administrator's.
    Managed,
    /// The person's.
    User,
    /// The project's, shared by all who work on it.
    Project,
    /// The person's for this project.
    Local,
}

impl Kind {
    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
        }
    }
}

/// One policy file.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Whose it is.
    pub kind: Kind,
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub file: File,
    /// It may loosen what no layer above it has settled: it is managed, the person's own, or trusted.
    pub trusted: bool,
    /// Its own rules and tables, indexed.
    own: Rules,
}

/// The most faults of one file that are told: to place one, the file is read again.
const FAULTS: usize = 16;

impl Layer {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(kind: Kind, path: &Path, text: &str, trusted: bool) -> Result<Self, Vec<Fault>> {
        Self::read_with(kind, path, String::leak(text.to_owned()), trusted, true)
    }

    /// The same to judge by: the text stays, so that its strings needn't be copied, and the examples of rules aren't kept.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read_kept(kind: Kind, path: &Path, text: &'static str, trusted: bool) -> Result<Self, Vec<Fault>> {
        Self::read_with(kind, path, text, trusted, false)
    }

    fn read_with(
        kind: Kind,
        path: &Path,
        text: &'static str,
        trusted: bool,
        examples: bool,
    ) -> Result<Self, Vec<Fault>> {
        let file = match text::borrowing(text, examples, || quick::file(text)) {
            Some(file) => file,
            None => toml::from_str(text).map_err(|error| vec![Fault::toml(path, text, &error)])?,
        };
        let (layer, faults) = Self::with_faults(kind, path, text, file, trusted);
        if faults.is_empty() { Ok(layer) } else { Err(faults) }
    }

    /// What a text says, once it has been read, with what is wrong with that.
    pub(crate) fn with_faults(kind: Kind, path: &Path, text: &str, file: File, trusted: bool) -> (Self, Vec<Fault>) {
        let mut layer = Self { kind, path: path.to_owned(), file, trusted, own: Rules::default() };
        let mut faults = Vec::new();
        layer.check(text, &mut faults);
        (layer, faults)
    }

    /// What can be known to be wrong without the other layers.
    fn check(&mut self, text: &str, faults: &mut Vec<Fault>) {
        use Step::{Item, Key};
        let mut fault = |steps: &[Step<'_>], what: String| {
            if faults.len() < FAULTS {
                faults.push(Fault::within(&self.path, text, steps, what));
            }
        };
        let file = &self.file;
        let allow = "`allow` is only for `observe`, where it is proven: use `none` to leave a call to the client";
        let decide = &file.decide;
        for (name, decision) in [
            ("ordinary", decide.ordinary),
            ("disruptive", decide.disruptive),
            ("irreversible", decide.irreversible),
            ("forced", decide.forced),
            ("catastrophic", decide.catastrophic),
        ] {
            if decision == Some(Decision::Allow) {
                fault(&[Key("decide"), Key(name)], allow.to_owned());
            }
        }
        for (like, decision) in &file.rules {
            if *decision == Decision::Allow {
                fault(&[Key("rules"), Key(like)], allow.to_owned());
            }
            if let Some(what) = glob::fault(like) {
                fault(&[Key("rules"), Key(like)], format!("the pattern `{like}` {what}"));
            }
        }
        for (at, exception) in file.except.iter().enumerate() {
            let at = [Key("except"), Item(at)];
            let mut fault = |key: &'static str, what: String| fault(&[at[0], at[1], Key(key)], what);
            match (&exception.command, &exception.rule, &exception.path, &exception.environment) {
                (Some(_), None, None, None) | (None, Some(_), Some(_), _) | (None, Some(_), None, Some(_)) => {}
                (None, Some(_), None, None) => {
                    fault("rule", "an exception for a rule needs a `path` or an `environment`; to change what becomes of the rule everywhere, set it in `[rules]`".to_owned());
                }
                _ => fault(
                    "command",
                    "an exception has either a `command`, or a `rule` with a `path` or an `environment`".to_owned(),
                ),
            }
            if exception.reason.trim().is_empty() {
                fault(
                    "reason",
                    "say why: an exception without a reason is a hole that nobody dares to close".to_owned(),
                );
            }
            if exception.until.as_ref().is_some_and(|until| Day::of(until).is_none()) {
                fault("until", "write a day, without a time: `until = 2026-12-31`".to_owned());
            }
            for (key, pattern) in [("rule", &exception.rule), ("path", &exception.path)] {
                if let Some(what) = pattern.as_deref().and_then(glob::fault) {
                    fault(key, format!("the pattern {what}"));
                }
            }
            if let Some(name) = &exception.environment
                && name != "local"
                && name != "production"
                && !file.environments.contains_key(name)
            {
                fault("environment", format!("`{name}` isn't among the `[environments]` of this file"));
            }
        }
        for (at, protected) in file.protect.iter().enumerate() {
            if let Some(what) = glob::fault(protected.path()) {
                fault(&[Key("protect"), Item(at)], format!("the pattern `{}` {what}", protected.path()));
            }
            if protected.decision() < Decision::Ask {
                fault(&[Key("protect"), Item(at)], "`decision` is `ask` or `deny`".to_owned());
            }
        }
        for (name, patterns) in &file.environments {
            for pattern in patterns {
                if let Some(what) = glob::fault(pattern) {
                    fault(&[Key("environments"), Key(name)], format!("the pattern `{pattern}` {what}"));
                }
            }
        }
        if let Some(signers) = &file.approve.signers
            && let Some(what) = super::approve::fault(self.kind, &self.path, signers)
        {
            fault(&[Key("approve"), Key("signers")], what);
        }
        if file.unattended.is_some_and(|decision| decision < Decision::Ask) {
            fault(
                &[Key("unattended")],
                "`unattended` is `ask` or `deny`: where nobody answers, nothing is let through".to_owned(),
            );
        }
        if file.observe_only.as_ref().is_some_and(|only| Day::of(&only.until).is_none()) {
            fault(&[Key("observe-only"), Key("until")], "write a day, without a time: `until = 2026-12-31`".to_owned());
        }
        if file.lock.any() && self.kind > Kind::User {
            fault(&[Key("lock")], "only managed and user policy can lock".to_owned());
        }
        if let Lock::Rules(rules) = &file.lock {
            for like in rules {
                if let Some(what) = glob::fault(like) {
                    fault(&[Key("lock")], format!("the pattern `{like}` {what}"));
                }
            }
        }
        let head = |rule: &Rule| rule.id.as_str().split_once('.').map(|(head, _)| head);
        let own = file.pack.as_ref().map(|pack| pack.name.as_str()).or_else(|| file.rule.first().and_then(head));
        let taken = own.is_some_and(|own| crate::rules::builtin().has_rule(&format!("{own}.*")));
        for (at, rule) in file.rule.iter().enumerate() {
            if own.is_none() || head(rule) != own || taken {
                let wanted = own.filter(|_| !taken).unwrap_or("team");
                fault(
                    &[Key("rule"), Item(at), Key("id")],
                    format!(
                        "the id `{}` must be `{wanted}.<name>`: all rules of a file have one first name, and no pack of countersign's own may be called so",
                        rule.id
                    ),
                );
            }
        }
        match Rules::new(&[self.pack(true)]) {
            Ok(own) => self.own = own,
            Err(found) => {
                for found in found.iter().filter(|found| !found.what.starts_with("the id")) {
                    let at = file.rule.iter().position(|rule| rule.id.as_str() == found.place);
                    fault(
                        &[Key("rule"), Item(at.unwrap_or_default()), Key("id")],
                        format!("rule `{}`: {}", found.place, found.what),
                    );
                }
            }
        }
    }

    /// What is wrong with it beside the others: ids that neither countersign nor a layer that is as powerful has. What a
    /// less powerful one has doesn't count: it would mend what is broken without it.
    pub fn check_ids(&self, text: &str, layers: &[Self], faults: &mut Vec<Fault>) {
        use Step::{Item, Key};
        let above = |layer: &&Self| layer.kind <= self.kind;
        let known = |like: &str| {
            let like = whole(like);
            crate::rules::builtin().has_rule(&like)
                || layers.iter().filter(above).any(|layer| layer.own.has_rule(&like))
        };
        let what = |like: &str| {
            format!(
                "no rule is called `{like}`: ids are `pack.name`, a name alone is a pack; `countersign policy --rules` lists them"
            )
        };
        let most = faults.len() + FAULTS;
        let mut fault = |steps: &[Step<'_>], like: &str| {
            if faults.len() < most {
                faults.push(Fault::within(&self.path, text, steps, what(like)));
            }
        };
        for like in self.file.rules.keys().filter(|like| !known(like)) {
            fault(&[Key("rules"), Key(like)], like);
        }
        for (at, exception) in self.file.except.iter().enumerate() {
            if let Some(like) = exception.rule.as_deref().filter(|like| !known(like)) {
                fault(&[Key("except"), Item(at), Key("rule")], like);
            }
        }
        if let Lock::Rules(likes) = &self.file.lock {
            for like in likes.iter().filter(|like| !known(like)) {
                fault(&[Key("lock")], like);
            }
        }
    }

    /// Its rules and tables as a pack. Not `full`: only what tightens, which is rules that stop calls.
    #[must_use]
    pub fn pack(&self, full: bool) -> Pack {
        let file = &self.file;
        let name = |rule: &Rule| rule.id.split('.').next().unwrap_or_default().to_owned();
        let head = || Head { name: file.rule.first().map(name).unwrap_or_default().into(), about: Text::default() };
        let pack = file.pack.clone().unwrap_or_else(head);
        if full {
            return Pack {
                pack,
                program: file.program,
                tool: file.tool,
                call: file.call,
                verb: file.verb,
                variable: file.variable,
                place: file.place,
                stateful: file.stateful,
                environment: List::default(),
                client: file.client,
                rule: file.rule,
            };
        }
        // A rule that stops nothing could only hide others; tables say how calls are read, and could hide their parts.
        let stops = file.rule.iter().filter(|rule| rule.class >= Class::Disruptive);
        let rule: Vec<Rule> = stops.map(|rule| Rule { on_top: true, ..rule.clone() }).collect();
        Pack { pack, rule: List::from(rule), ..Pack::default() }
    }

    /// Its rules and tables on top of others. Not `full`: only what tightens.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn over(&self, under: &'static Rules, full: bool) -> Result<&'static Rules, Vec<index::Fault>> {
        let own = if full { self.own } else { Rules::new(&[self.pack(false)])? };
        Ok(Box::leak(Box::new(Rules { next: Some(under), ..own })))
    }

    /// Whether it has rules or tables of its own.
    #[must_use]
    pub fn has_pack(&self) -> bool {
        let file = &self.file;
        !(file.rule.is_empty() && file.program.is_empty() && file.tool.is_empty() && file.call.is_empty())
            || !(file.verb.is_empty() && file.variable.is_empty() && file.place.is_empty())
            || !(file.stateful.is_empty() && file.client.is_empty())
    }

    /// What it says about a rule (`None`: about what no rule speaks of) of this class: the decision, and by which key.
    /// What is denied by standard (`denied`) no pack or glob makes milder: whoever wants that names the rule.
    #[must_use]
    pub fn says(&self, rule: Option<&str>, class: Class, forced: bool, denied: bool) -> Option<(Decision, String)> {
        let fits = |like: &&String| rule.is_some_and(|id| glob::matches(&whole(like), id));
        // Of several keys the most exact one counts: no wildcard, then the longest.
        let exact = |like: &&String| (!whole(like).contains(['*', '?', '{']), like.len());
        if let Some(like) = self.file.rules.keys().filter(fits).max_by_key(exact) {
            let many = rule != Some(like.as_str());
            let decision = if many && denied { Decision::Deny } else { self.file.rules[like] };
            return Some((decision, format!("rules.\"{like}\"")));
        }
        let decide = &self.file.decide;
        let (name, decision) = match class {
            Class::Observe => ("observe", decide.observe),
            Class::Ordinary => ("ordinary", decide.ordinary),
            Class::Disruptive => ("disruptive", decide.disruptive),
            Class::Irreversible if forced => match (decide.forced, decide.irreversible) {
                (None, Some(decision)) => ("irreversible", Some(decision.max(Decision::Deny))),
                (decision, _) => ("forced", decision),
            },
            Class::Irreversible => ("irreversible", decide.irreversible),
            Class::Catastrophic => ("catastrophic", decide.catastrophic),
        };
        Some((decision?, format!("decide.{name}")))
    }

    /// Whether lower layers may not loosen what becomes of this rule.
    #[must_use]
    pub fn locks(&self, rule: Option<&str>) -> bool {
        match &self.file.lock {
            Lock::All(all) => *all,
            Lock::Rules(rules) => rule.is_some_and(|id| rules.iter().any(|like| glob::matches(&whole(like), id))),
        }
    }

    /// Its exceptions that still count.
    pub fn exceptions(&self, today: Day) -> impl Iterator<Item = &'static Exception> {
        let all = self.file.except.0;
        all.iter().filter(move |exception| exception.until.as_ref().is_none_or(|until| Day::of(until) >= Some(today)))
    }

    /// The directory that relative paths in it begin at: the project's. `None`: whichever project is worked on.
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        let folder = self.path.parent()?.parent()?.to_str()?;
        (self.kind >= Kind::Project).then_some(folder)
    }
}

/// The glob of ids that a key means: a name alone is a pack.
pub(crate) fn whole(like: &str) -> String {
    if like.contains(['.', '*']) { like.to_owned() } else { format!("{like}.*") }
}
