//! What a call points at. The only part that looks at the disk, and only when it is asked to: when a rule whose words
//! all fit has a condition that only the disk can answer, or when the reason of a stopped call says how much would be
//! lost. Nothing here runs anything, follows what a repository configures, or touches the network.

mod budget;
mod disk;
mod environment;
mod files;
mod git;
mod place;
pub(crate) mod session;
mod terraform;

pub use budget::Budget;
pub use files::{Disk, Files, Kind, Loaded, NoFiles, Stat};
pub use place::{Place, join};

use crate::memory::{self, Entry};
use crate::read::action::Action;
use crate::rules::index::Rules;
use crate::rules::model::{Fact, Rule};
use std::cell::OnceCell;

/// What paths are resolved against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// The working directory of the call, absolute.
    pub cwd: String,
    /// The person's home directory.
    pub home: String,
    /// The root of the project.
    pub project: String,
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
    /// What the session remembers, once somebody has asked.
    remembered: OnceCell<Vec<Entry>>,
    /// What the call itself copies and moves, likewise.
    copies: OnceCell<Vec<session::Here>>,
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
            remembered: OnceCell::new(),
            copies: OnceCell::new(),
        }
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
        match fact {
            Fact::CleanTree
            | Fact::CleanPaths
            | Fact::NothingUntracked
            | Fact::Committed
            | Fact::Ignored
            | Fact::DefaultBranch
            | Fact::DropsCommits
            | Fact::Merged
            | Fact::Stash => git::look(fact, action, self),
            Fact::Linked | Fact::Mounted | Fact::SameFile | Fact::DataInside | Fact::Size => {
                disk::look(fact, action, self)
            }
            Fact::Environment => environment::look(action, self),
            Fact::NoState | Fact::State | Fact::PlanDeletes | Fact::PlanKeeps => terraform::look(fact, action, self),
            Fact::Retried | Fact::CopiedFrom => session::look(fact, action, self),
        }
    }
}
