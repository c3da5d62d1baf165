//! What a call points at. The only part that looks at the disk, and only when it is asked to: when a rule whose words
//! all fit has a condition that only the disk can answer, or when the reason of a stopped call says how much would be
//! lost. Nothing here runs anything, follows what a repository configures, or touches the network.

mod budget;
mod disk;
mod environment;
mod files;
mod git;
mod made;
mod place;
pub(crate) mod session;
mod terraform;

pub use budget::Budget;
pub use environment::{Aimed, Name, Variables};
pub use files::{Disk, Files, Kind, Loaded, NoFiles, Stat};
pub(crate) use place::below;
pub use place::{Place, join};

use crate::memory::{self, Entry};
use crate::read::action::Action;
use crate::rules::index::Rules;
use crate::rules::model::{Fact, Rule, Within};
use crate::rules::text::{List, Text};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most actions of a call that are all looked through for those of one command.
const SIBLINGS: usize = 2_048;
/// In longer calls, how many to each side are.
const NEAR: usize = 256;

/// What paths are resolved against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// The working directory of the call, absolute.
    pub cwd: String,
    /// The person's home directory.
    pub home: String,
    /// The root of the project.
    pub project: String,
    /// The variables that programs would see.
    pub variables: Variables,
}

/// Answers what rules ask about the world that a call would act on.
#[derive(Debug)]
pub struct Context<'a> {
    /// Looks at files.
    pub files: &'a dyn Files,
    /// What paths are resolved against.
    pub world: &'a World,
    /// The rules, for the zones in them.
    pub rules: &'a Rules,
    /// Everything that the call would do.
    pub call: &'a [Action],
    /// The session that the call belongs to.
    pub session: Option<&'a str>,
    /// What may still be looked at for this call.
    pub budget: Budget,
    /// The repositories that were read.
    repositories: git::Known,
    /// The plans of Terraform that were read.
    plans: terraform::Plans,
    /// The patterns of names that were looked up.
    patterns: disk::Known,
    /// What programs of the call are aimed at, by where their action lies in memory.
    aims: RefCell<BTreeMap<usize, Rc<Aimed>>>,
    /// What [`environment::clients`] gives.
    clients: OnceCell<(Vec<usize>, Option<usize>)>,
    /// The actions of the call that may change files, by their place in it.
    busy: OnceCell<Vec<usize>>,
    /// What the session remembers, once somebody has asked.
    remembered: OnceCell<Vec<Entry>>,
    /// What the call itself copies and moves, likewise.
    copies: OnceCell<Vec<session::Here>>,
    /// Another action is being looked at.
    beside: bool,
}

/// What was seen of a fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// It is so. What can't be looked at, or not within the budget, isn't.
    pub holds: bool,
    /// What a person is told of it: a phrase without a full stop, such as `3 files in no commit: a.rs, b.rs, c.rs`.
    pub says: Option<String>,
}

impl<'a> Context<'a> {
    /// For the actions of a call.
    #[must_use]
    pub fn new(files: &'a dyn Files, world: &'a World, rules: &'a Rules, call: &'a [Action]) -> Self {
        Self {
            files,
            world,
            rules,
            call,
            session: None,
            budget: Budget::default(),
            repositories: git::Known::default(),
            plans: terraform::Plans::default(),
            patterns: disk::Known::default(),
            aims: RefCell::default(),
            clients: OnceCell::new(),
            busy: OnceCell::new(),
            remembered: OnceCell::new(),
            copies: OnceCell::new(),
            beside: false,
        }
    }

    /// For what another action of the same call does, by its words alone: while an action is looked at, it is asked of the
    /// others whether they only look. Once more from there would never end.
    #[must_use]
    pub(crate) fn beside(&self) -> Option<Self> {
        (!self.beside).then(|| Self { beside: true, ..Self::new(&NoFiles, self.world, self.rules, self.call) })
    }

    /// Whether another action is being looked at.
    pub(crate) fn is_beside(&self) -> bool {
        self.beside
    }

    /// The same, with what is left of a budget.
    #[must_use]
    pub fn after(budget: Budget, files: &'a dyn Files, world: &'a World, rules: &'a Rules, call: &'a [Action]) -> Self {
        Self { budget, ..Self::new(files, world, rules, call) }
    }

    /// The place of an action in the call; behind its end, if it isn't one of it.
    pub(crate) fn position(&self, action: &Action) -> usize {
        let from = self.call.as_ptr().addr();
        let at = std::ptr::from_ref(action).addr().wrapping_sub(from) / size_of::<Action>();
        at.min(self.call.len())
    }

    /// What is sure to have succeeded when an action begins.
    pub(crate) fn proven(&self, action: &Action) -> &'a [Action] {
        let (first, last) = action.origin.proven;
        let here = !action.origin.again && last as usize <= self.position(action);
        self.call.get(first as usize..last as usize).filter(|_| here).unwrap_or_default()
    }

    /// What the same command does. In a call of thousands of actions, only those near by are looked at.
    pub(crate) fn siblings(&self, action: &Action) -> impl Iterator<Item = &'a Action> {
        let at = self.position(action);
        let (first, last) =
            if self.call.len() <= SIBLINGS { (0, self.call.len()) } else { (at.saturating_sub(NEAR), at + NEAR) };
        let origin = action.origin.clone();
        self.call[first..last.min(self.call.len())].iter().filter(move |other| other.origin.same(&origin))
    }

    /// Whether a fact holds of an action.
    #[must_use]
    pub fn holds(&self, fact: Fact, action: &Action) -> bool {
        self.look(fact, action).holds
    }

    /// What there is to tell, as far as a rule wants it told.
    #[must_use]
    pub fn told(&self, rule: &Rule, action: &Action) -> Option<String> {
        // Where else the things are that a call deletes is told of each.
        let copied = (!rule.tells.contains(&Fact::CopiedFrom)).then_some(Fact::CopiedFrom);
        let facts = copied.iter().chain(rule.tells.iter());
        let told: Vec<String> = facts.filter_map(|fact| self.look(*fact, action).says).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// Adds what actions do by other ways than their words show: through links, by patterns, under another name of the
    /// same directory. What only reads is left out.
    pub fn settle(&self, actions: &mut Vec<Action>) {
        disk::settle(actions, false, self);
    }

    /// The same for what only reads: it matters where a call would be allowed.
    pub fn settle_reads(&self, actions: &mut Vec<Action>) {
        disk::settle(actions, true, self);
    }

    /// Where a path leads, links followed, by the name that rules know it by. `None`: that can't be told.
    pub(crate) fn leads(&self, place: &Place) -> Option<String> {
        self.budget.start();
        disk::leads(place, self)
    }

    /// Whether a file that an action replaces as a whole loses one of these texts.
    pub(crate) fn takes_out(&self, texts: &List<Text>, action: &Action) -> bool {
        disk::takes_out(texts, action, self)
    }

    /// What an action is aimed at.
    #[must_use]
    pub fn aimed(&self, action: &Action) -> Aimed {
        environment::aimed(action, self)
    }

    fn clients(&self) -> &(Vec<usize>, Option<usize>) {
        self.clients.get_or_init(|| environment::clients(self.call))
    }

    /// What an action is aimed at by itself, whatever it stands behind.
    #[must_use]
    pub(crate) fn aimed_alone(&self, action: &Action) -> Rc<Aimed> {
        environment::alone(action, self)
    }

    /// Whether an action is aimed at one of these environments.
    #[must_use]
    pub(crate) fn is_aimed(&self, names: &List<Text>, action: &Action) -> bool {
        environment::is(names, action, self)
    }

    /// Whether what is lost lies in something that is proven to be scratch.
    #[must_use]
    pub(crate) fn is_scratch(&self, within: Within, action: &Action, aimed: &Aimed) -> bool {
        environment::is_scratch(within, action, aimed, self)
    }

    /// What the session remembers, the oldest first. Read when it is first asked for.
    #[must_use]
    pub fn memory(&self) -> &[Entry] {
        self.remembered.get_or_init(|| match self.session {
            Some(session) => memory::recall(&self.world.home, session, self.files),
            None => Vec::new(),
        })
    }

    /// What the call itself copies, moves and backs up, in order.
    pub(crate) fn copies(&self) -> &[session::Here] {
        self.copies.get_or_init(|| session::here(self))
    }

    fn look(&self, fact: Fact, action: &Action) -> Seen {
        self.budget.start();
        match fact {
            Fact::CleanTree
            | Fact::CleanPaths
            | Fact::NothingUntracked
            | Fact::CleanWorktree
            | Fact::DefaultBranch
            | Fact::FeatureBranch
            | Fact::DropsCommits
            | Fact::DropsOthers
            | Fact::Unrelated
            | Fact::LeavesCommits
            | Fact::Merged
            | Fact::MergedThere
            | Fact::Stash
            | Fact::NoStash => git::look(fact, action, self),
            Fact::Committed | Fact::Ignored if action.file().is_some() => disk::look(fact, action, self),
            Fact::Committed | Fact::Ignored => git::look(fact, action, self),
            Fact::Absent | Fact::MadeAgain | Fact::Linked | Fact::Mounted | Fact::SameFile | Fact::DataInside => {
                disk::look(fact, action, self)
            }
            Fact::MovedInto | Fact::Overwrites | Fact::Uncommitted | Fact::Emptied | Fact::Size => {
                disk::look(fact, action, self)
            }
            Fact::MadeBefore | Fact::MadeHere | Fact::CopiedAside => {
                Seen { holds: made::look(fact, action, self), says: None }
            }
            Fact::Environment | Fact::NoVolumes => environment::look(fact, action, self),
            Fact::NoState
            | Fact::State
            | Fact::PlanDeletes
            | Fact::PlanDeletesData
            | Fact::PlanKeeps
            | Fact::UnpacksState => terraform::look(fact, action, self),
            Fact::Retried | Fact::CopiedFrom => session::look(fact, action, self),
        }
    }
}

/// `1,204`.
pub(crate) fn thousands(count: impl ToString) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
