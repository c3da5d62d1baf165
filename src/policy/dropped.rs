//! Questions that the client drops, so that they would protect nothing.
//!
//! Where the client itself would ask about a call, it doesn't look at the question of a hook, only at its denial. In the mode
//! `bypassPermissions` its own question is then left out, and in `auto` a model answers it: a call that is asked about runs, if it
//! also writes to `.git/x`. The client asks by itself about what it protects (`[[client]]` in the packs), about paths that it
//! finds odd, about links out of the project, and about what runs in the background. `tests/realclient` has all of this happen.
//!
//! What is odd isn't listed here: what a call writes must look plain and lie where it says, or its question is a denial.

mod shape;

use crate::call::{Call, Mode, ToolCall};
use crate::context::{Context, Place, below};
use crate::policy::Setting;
use crate::read::action::{Action, Kind};
use crate::read::argv::Invocation;
use crate::rules::model::Does;
use shape::Protected;

/// The most actions to each side that are taken for those of one command.
const NEAR: usize = 256;

/// Whether a question about this mode's calls may be dropped at all. The others are those that ask, or refuse, by themselves. A
/// session that may bypass does so where it plans, too (2.1.197).
pub(super) fn may_be(mode: &Mode) -> bool {
    !matches!(mode, Mode::Default | Mode::AcceptEdits | Mode::DontAsk)
}

/// Whether the client may drop a question about this call.
pub(super) fn is(call: &Call, context: &Context<'_>) -> bool {
    may_be(&call.mode) && Look { call, context, protected: Protected::of(context.rules) }.drops()
}

/// Looks for what the client would ask about.
struct Look<'a> {
    call: &'a Call,
    context: &'a Context<'a>,
    protected: Protected,
}

impl Look<'_> {
    fn drops(&self) -> bool {
        self.text().is_some_and(|text| self.protected.is_named(text) || shape::begins_twice(text))
            || self.is_in_background()
            || self.context.call.iter().any(|action| self.is_amiss(action))
    }

    /// What the client reads in its own way. Whatever names a protected place there is taken for one that reaches it.
    fn text(&self) -> Option<&str> {
        match &self.call.tool {
            ToolCall::Write { path, .. } | ToolCall::Edit { path, .. } | ToolCall::NotebookEdit { path, .. } => {
                Some(path)
            }
            _ => Setting::command(self.call),
        }
    }

    /// Whether the client may ask because a command goes on behind its back.
    fn is_in_background(&self) -> bool {
        let shell = match &self.call.tool {
            ToolCall::Bash { command, .. } => Some(command),
            ToolCall::Monitor { command } => command.as_ref(),
            _ => None,
        };
        shell.is_some_and(|text| shape::has_lone_ampersand(text))
            && self.context.call.iter().any(|action| action.origin.again)
    }

    /// Whether an action writes to what the client protects or finds odd, or may do so unseen.
    fn is_amiss(&self, action: &Action) -> bool {
        match &action.kind {
            Kind::File(file) => {
                // `cp a b` changes only b, but the client takes both for written.
                let written =
                    || file.does != Does::Read || self.beside(action).any(|other| self.writes(other).is_some());
                (!self.is_sound(&file.place)
                    || file.place.from.as_deref().is_some_and(|from| self.protected.is_at(from)))
                    && written()
            }
            Kind::Run(_) => self.writes(action).is_some_and(|run| self.is_odd_run(run, action)),
            // The client may have read it all the same.
            Kind::Opaque(kind) => matches!(*kind, "syntax" | "limit"),
            _ => false,
        }
    }

    /// What the same command does. Of thousands that are written alike, some.
    fn beside<'b>(&'b self, action: &'b Action) -> impl Iterator<Item = &'b Action> {
        let at = self.context.position(action);
        let same = |other: &&Action| other.origin.shown == action.origin.shown;
        let (before, behind) = self.context.call.split_at(at);
        before.iter().rev().take(NEAR).take_while(same).chain(behind.iter().take(NEAR).take_while(same))
    }

    /// The run that an action is, if the client takes its words for paths that are written.
    fn writes<'b>(&self, action: &'b Action) -> Option<&'b Invocation> {
        match &action.kind {
            Kind::Run(run) => self.protected.writes(&run.name).then_some(run),
            _ => None,
        }
    }

    fn is_odd_run(&self, run: &Invocation, action: &Action) -> bool {
        let context = self.context;
        let values = run.options.iter().filter_map(|given| given.value.as_ref());
        let mut words = run.operands.iter().map(|operand| &operand.word).chain(values);
        // Where its files are known, those are looked at: a word of `sed` may be its script.
        let known = self.beside(action).any(|other| other.file().is_some());
        words.any(|word| {
            let origin = &action.origin;
            let place = || Place::resolve(word, origin.cwd.as_deref(), origin.elsewhere, context.world, context.rules);
            shape::begins_twice(word.start()) || !known && !self.is_sound(&place())
        })
    }

    /// Whether what lies there is nothing that the client would ask about.
    fn is_sound(&self, place: &Place) -> bool {
        if place.zone == "elsewhere" {
            return true;
        }
        let world = self.context.world;
        // What the project and the home are called is nobody's choice.
        let known = [&world.project, &world.cwd, &world.home];
        let own = known.into_iter().filter(|known| below(&place.path, known)).map(String::len).max().unwrap_or(0);
        shape::is_plain(&place.path, own) && !self.protected.is_at(&place.path) && self.stays(place)
    }

    /// Whether no link leads from the project to another place.
    fn stays(&self, place: &Place) -> bool {
        let links_of_the_system = matches!(place.zone.as_str(), "null" | "device" | "system" | "unknown" | "root");
        if links_of_the_system || !place.path.starts_with('/') {
            return true;
        }
        let world = self.context.world;
        let root = if world.project.is_empty() { &world.cwd } else { &world.project };
        self.context
            .leads(place)
            .is_some_and(|path| path == place.path || below(&path, root) && !self.protected.is_at(&path))
    }
}
