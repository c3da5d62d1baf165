//! Where values come from: variables that the line, a wrapper or the environment sets, and files.

use super::{Context, dotenv, names, runs};
use crate::context::{Loaded, join};
use crate::read::action::{ANY, Action, Kind, Origin, Source};
use crate::read::argv::Invocation;
use crate::read::word::Word;
use crate::rules::matching::findings_beside;
use crate::rules::model::{Class, Does, Gives, Is};
use ecow::EcoString;

/// The most files that are followed to where they were copied from.
const PUT: usize = 4;

/// A value, and how it is known.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) from: String,
    /// It comes from the disk.
    pub(super) hidden: bool,
}

/// What was found where something was looked up.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) values: Vec<Value>,
    /// It was given, but what it is can't be known; or it may be something else as well.
    pub(super) doubt: bool,
    /// What may count as well, and never makes anything milder.
    pub(super) also: Vec<Value>,
}

impl Found {
    pub(super) fn is_given(&self) -> bool {
        !self.values.is_empty()
    }

    pub(super) fn word(&mut self, word: &Word, from: &str) {
        match word.known() {
            Some(text) => self.value(text, from, false),
            None => {
                self.doubt = true;
                // What is known of it may still say that it is production.
                self.also.push(Value { text: word.shown(), from: from.to_owned(), hidden: false });
            }
        }
    }

    pub(super) fn value(&mut self, text: &str, from: &str, hidden: bool) {
        self.values.push(Value { text: text.to_owned(), from: from.to_owned(), hidden });
    }

    pub(super) fn join(&mut self, other: Self) {
        self.values.extend(other.values);
        self.also.extend(other.also);
        self.doubt |= other.doubt;
    }
}

/// A file as it was read.
pub(super) struct File {
    pub(super) text: Option<String>,
    /// How it is shown.
    pub(super) shown: String,
    /// It can't be read, or may be another one when it is.
    pub(super) doubt: bool,
}

/// Where one program, as it is run in a call, finds what it is aimed at.
pub(super) struct Sources<'a> {
    pub(super) action: &'a Action,
    pub(super) context: &'a Context<'a>,
    /// Files that wrappers in front of it take variables from.
    settings: Vec<String>,
    /// A wrapper sets variables that can't be known here.
    pub(super) secrets: bool,
}

impl<'a> Sources<'a> {
    pub(super) fn new(action: &'a Action, context: &'a Context<'a>) -> Self {
        let unknown = action.origin.env.iter().any(|(name, _)| name == ANY);
        let mut sources = Self { action, context, settings: Vec::new(), secrets: unknown };
        let wrappers =
            runs(context).filter(|(other, inv)| !std::ptr::eq(*other, action) && action.origin.via.contains(&inv.name));
        for (other, inv) in wrappers {
            for target in inv.known.tables.iter().flat_map(|table| &table.target) {
                if !matches!(target.is, Is::Settings | Is::Secrets) || !super::resolve::applies(target, inv) {
                    continue;
                }
                let outer = Sources { action: other, context, settings: Vec::new(), secrets: false };
                let found = super::resolve::given(target, inv, &outer);
                sources.secrets |= target.is == Is::Secrets || found.doubt;
                // What is named takes the place of what is read otherwise.
                if target.is == Is::Settings
                    && (found.is_given() && target.file.is_empty() || sources.settings.is_empty())
                {
                    sources.settings.extend(found.values.into_iter().map(|value| value.text));
                    if !sources.settings.is_empty() {
                        continue;
                    }
                    sources.settings.extend(target.file.iter().map(|file| file.as_str().to_owned()));
                }
            }
        }
        sources
    }

    fn origin(&self) -> &'a Origin {
        &self.action.origin
    }

    /// A variable, as the program would see it.
    pub(super) fn variable(&self, name: &str) -> Found {
        let mut found = Found { doubt: self.secrets, ..Found::default() };
        for (_, word) in self.origin().env.iter().filter(|(given, _)| given == name) {
            match word.known() {
                // Unset, or set to nothing: which of the two, programs take differently.
                Some("") => found.doubt = true,
                _ => found.word(word, name),
            }
        }
        let given = found.is_given();
        for path in &self.settings {
            let file = self.file(path);
            found.doubt |= file.doubt;
            let mut more = in_dotenv(&file, name);
            // What the call says itself is most likely what counts.
            more.values.iter_mut().for_each(|value| value.hidden &= !given && !self.secrets);
            found.join(more);
        }
        if let Some(value) = (self.context.world.variables.0)(name) {
            found.doubt = true;
            found.also.push(Value { text: value, from: format!("{name} in the environment"), hidden: true });
        }
        found
    }

    /// A file that the program would read.
    pub(super) fn file(&self, path: &str) -> File {
        let world = self.context.world;
        let shown = names::shown(path);
        let absolute = match path.strip_prefix("~/") {
            Some(rest) => Some(join(&world.home, rest)),
            None if path.starts_with('/') => Some(join("/", path)),
            None => self.origin().cwd.as_deref().map(|cwd| join(cwd, path)),
        };
        let Some(absolute) = absolute.filter(|_| self.context.budget.pay() && !self.context.budget.is_late()) else {
            return File { text: None, shown, doubt: true };
        };
        let changed = self.is_changed(&absolute);
        match self.context.files.load(&absolute) {
            Loaded::Text(text) => File { text: Some(text), shown, doubt: changed },
            Loaded::Missing => File { text: None, shown, doubt: changed },
            Loaded::Unreadable => File { text: None, shown, doubt: true },
        }
    }

    /// The files whose content the call itself puts where this one is: `cp .env.production .env`; by way of another, too.
    pub(super) fn put_there(&self, path: &str) -> Vec<String> {
        let Some(cwd) = self.origin().cwd.as_deref() else { return Vec::new() };
        let mut from = self.put_at(&join(cwd, path));
        let before: Vec<String> = from.iter().flat_map(|path| self.put_at(path)).collect();
        from.extend(before);
        from.truncate(PUT);
        from
    }

    fn put_at(&self, path: &str) -> Vec<String> {
        let from = |other: &Action| {
            let file = other.file().filter(|file| file.place.certain && file.place.path == path);
            match file.map(|file| &file.source) {
                Some(Source::File(from)) => vec![from.to_string()],
                Some(Source::Unsaid) if file.is_some_and(|file| file.does == Does::Write) => {
                    let beside = self.context.siblings(other).filter_map(Action::file);
                    let sources =
                        beside.filter(|file| matches!(file.does, Does::Read | Does::Move) && file.place.certain);
                    sources.map(|file| file.place.path.clone()).collect()
                }
                _ => Vec::new(),
            }
        };
        self.context.call.iter().filter(|_| self.context.budget.pay()).flat_map(from).take(PUT).collect()
    }

    /// Whether the call itself may change a file before it is read: by writing it, or by a program that does more than
    /// look.
    fn is_changed(&self, path: &str) -> bool {
        if self.context.is_beside() {
            return true;
        }
        let call = self.context.call;
        let busy =
            self.context.busy.get_or_init(|| (0..call.len()).filter(|at| is_busy(&call[*at], self.context)).collect());
        busy.iter().filter_map(|at| call.get(*at)).any(|other| match &other.kind {
            _ if !self.context.budget.pay() => true,
            Kind::File(file) => {
                let place = file.place.path.trim_end_matches('/');
                !file.place.certain
                    || path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Kind::Run(inv) => !self.stands_behind(other, inv),
            _ => true,
        })
    }

    /// The program itself, what it stands behind, and what stands behind it.
    fn stands_behind(&self, other: &Action, inv: &Invocation) -> bool {
        std::ptr::eq(other, self.action)
            || self.origin().via.contains(&inv.name)
            || matches!(&self.action.kind, Kind::Run(own) if other.origin.via.contains(&own.name))
    }

    /// Whether it sees the variables and the machine that the call does: what stands in front of it changes neither.
    pub(super) fn is_here(&self) -> bool {
        let calls = self.context.call;
        let keeps = |name: &EcoString| {
            let mut by_name = calls.iter().filter_map(|action| match &action.kind {
                Kind::Run(inv) if inv.name == *name => Some(inv),
                _ => None,
            });
            let keeps = |inv: &Invocation| {
                let tables = &inv.known.tables;
                inv.trusted
                    && tables.iter().any(|table| table.keeps)
                    && !tables.iter().any(|table| inv.has(&table.drops, false))
            };
            let first = by_name.next();
            first.is_some_and(keeps) && by_name.all(keeps)
        };
        !self.origin().elsewhere && self.origin().via.iter().all(keeps) && !calls.iter().any(leads_away)
    }
}

/// A program that makes a port of this machine lead to another one, or one whose output sets up a shell.
fn leads_away(action: &Action) -> bool {
    let Kind::Run(inv) = &action.kind else { return false };
    inv.known.tables.iter().any(|table| {
        table.tunnels.iter().any(|tunnel| match tunnel.as_str() {
            "*" => true,
            option if option.starts_with('-') => inv.given(option, false),
            command => inv.command(command).is_some(),
        }) || table.prints.iter().any(|prints| prints.gives == Gives::Setup && inv.behind(&prints.command).is_some())
    })
}

/// An action that may change files: all but programs of which every part is known to look only.
fn is_busy(action: &Action, context: &Context<'_>) -> bool {
    match &action.kind {
        Kind::File(file) => file.does != Does::Read,
        Kind::Opaque(_) => true,
        Kind::Run(_) => {
            let found = findings_beside(action, context);
            found.is_empty() || found.iter().any(|finding| finding.rule.class != Class::Observe)
        }
        _ => false,
    }
}

/// A variable in a file.
pub(super) fn in_dotenv(file: &File, name: &str) -> Found {
    let mut found = Found::default();
    if let Some(text) = &file.text {
        let read = dotenv::read(text, name);
        found.doubt = read.doubt;
        for value in read.values.iter().filter(|value| !value.is_empty()) {
            // What the call itself may change before isn't told as what it will be.
            found.value(value, &format!("{name} in {}", file.shown), !file.doubt);
        }
    }
    found
}
