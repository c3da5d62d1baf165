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

/// The most actions of a call, and words of a program, that are looked at.
const MOST: usize = 2_048;
/// The most actions to each side that are taken for those of one command.
const NEAR: usize = 256;

/// Whether a question about this mode's calls may be dropped at all. The others are those that ask, or refuse, by themselves. A
/// session that may bypass does so where it plans, too (2.1.197).
pub(super) fn may_be(mode: &Mode) -> bool {
    !matches!(mode, Mode::Default | Mode::AcceptEdits | Mode::DontAsk)
}

/// Why the client may drop a question about this call, as the end of "it drops questions about calls that …".
pub(super) fn why(call: &Call, context: &Context<'_>) -> Option<&'static str> {
    may_be(&call.mode).then(|| Look { call, context, protected: Protected::of(context.rules) }.why()).flatten()
}

const PROTECTED: &str = "name a place which it protects itself (`.git`, `.claude` …)";
const ODD: &str = "write to a path that it finds odd (`a~1`, `a.`, `//a`, letters of other alphabets)";
const LINK: &str = "go through a link to another place";
const BACKGROUND: &str = "go on in the background (`&`)";
const UNREAD: &str = "can't be read here as it may read them, or not all of it";

/// Looks for what the client would ask about.
struct Look<'a> {
    call: &'a Call,
    context: &'a Context<'a>,
    protected: Protected,
}

impl Look<'_> {
    fn why(&self) -> Option<&'static str> {
        let text = self.text();
        let named = text.is_some_and(|text| self.protected.is_named(text)).then_some(PROTECTED);
        let twice = || text.is_some_and(shape::begins_twice).then_some(ODD);
        let aside = || self.is_in_background().then_some(BACKGROUND);
        let actions = self.context.call;
        let many = || (actions.len() > MOST).then_some(UNREAD);
        named
            .or_else(twice)
            .or_else(aside)
            .or_else(many)
            .or_else(|| actions.iter().find_map(|action| self.amiss(action)))
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

    fn is_in_background(&self) -> bool {
        let shell = match &self.call.tool {
            ToolCall::Bash { command, .. } => Some(command),
            ToolCall::Monitor { command } => command.as_ref(),
            _ => None,
        };
        shell.is_some_and(|text| shape::has_lone_ampersand(text))
            && self.context.call.iter().any(|action| action.origin.again)
    }

    /// What the client would find amiss about an action that writes.
    fn amiss(&self, action: &Action) -> Option<&'static str> {
        match &action.kind {
            Kind::File(file) => {
                // `cp a b` changes only b, but the client takes both for written.
                if file.does == Does::Read && !self.beside(action).any(|other| self.writes(other).is_some()) {
                    return None;
                }
                let from = file.place.from.as_deref();
                let from = || from.is_some_and(|from| self.protected.is_at(from)).then_some(PROTECTED);
                self.amiss_at(&file.place).or_else(from)
            }
            Kind::Run(_) => self.writes(action).and_then(|run| self.amiss_of(run, action)),
            Kind::Opaque(kind) => matches!(*kind, "syntax" | "limit").then_some(UNREAD),
            _ => None,
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

    fn amiss_of(&self, run: &Invocation, action: &Action) -> Option<&'static str> {
        let (context, origin) = (self.context, &action.origin);
        let place = |word| Place::resolve(word, origin.cwd.as_deref(), origin.elsewhere, context.world, context.rules);
        let values = run.options.iter().filter_map(|given| given.value.as_ref());
        let words = || run.operands.iter().map(|operand| &operand.word);
        if run.operands.len() > MOST {
            return Some(UNREAD);
        }
        if words().chain(values.clone()).any(|word| shape::begins_twice(word.start())) {
            return Some(ODD);
        }
        // Where its files are known, those are looked at: a word of `sed` may be its script.
        let known = self.beside(action).any(|other| other.file().is_some());
        let odd = || words().chain(values).find_map(|word| self.amiss_at(&place(word)));
        let odd = if known { None } else { odd() };
        odd.or_else(|| {
            let mut places: Vec<Place> = words().map(place).collect();
            let last = places.pop()?;
            let into = places.iter().filter_map(|place| place.path.rsplit('/').next()).map(|name| inside(&last, name));
            into.into_iter().any(|place| self.leads_away(&place)).then_some(LINK)
        })
    }

    /// What the client would find amiss about what is written there.
    fn amiss_at(&self, place: &Place) -> Option<&'static str> {
        if place.zone == "elsewhere" {
            return None;
        }
        let world = self.context.world;
        // What the project and the home are called is nobody's choice.
        let known = [&world.project, &world.cwd, &world.home];
        let own = known.into_iter().filter(|known| below(&place.path, known)).map(String::len).max().unwrap_or(0);
        if !shape::is_plain(&place.path, own) {
            return Some(ODD);
        }
        if self.protected.is_at(&place.path) {
            return Some(PROTECTED);
        }
        self.leads_away(place).then_some(LINK)
    }

    /// Whether a link leads out of the project, or to what is protected, or nobody knows where.
    fn leads_away(&self, place: &Place) -> bool {
        let links_of_the_system = matches!(place.zone.as_str(), "null" | "device" | "system" | "unknown" | "root");
        if links_of_the_system || !place.path.starts_with('/') {
            return false;
        }
        let world = self.context.world;
        let root = if world.project.is_empty() { &world.cwd } else { &world.project };
        self.context
            .leads(place)
            .is_none_or(|path| path != place.path && (!below(&path, root) || self.protected.is_at(&path)))
    }
}

/// What `cp name place` writes, if that is a directory.
fn inside(place: &Place, name: &str) -> Place {
    let in_it = |path: &str| format!("{path}/{name}");
    Place { path: in_it(&place.path), dots: place.dots.as_deref().map(in_it), ..place.clone() }
}
