//! What a program is aimed at: production, a scratch database on this machine, or another name. It is resolved the way the
//! tool itself does, from options, addresses, variables and files, in the order that `target` in its table says.
//!
//! To raise a decision, evidence is enough; what lowers one must be proven: one part that can't be known, and nothing is.

mod address;
mod compose;
mod dotenv;
mod formats;
mod names;
mod resolve;
mod sources;

use super::{Context, Seen};
use crate::read::action::{Action, Kind};
use crate::read::argv::Invocation;
use crate::rules::glob;
use crate::rules::model::{Fact, Is, Target, Tool, Within};
use crate::rules::text::Text;
use std::fmt;
use std::rc::Rc;

/// The most names that are kept of one action.
const NAMES: usize = 16;

/// Variables of the environment in which a call would run, as far as the hook sees them. They may raise a decision, and
/// never lower one.
#[derive(Clone, Copy)]
pub struct Variables(pub fn(&str) -> Option<String>);

impl Default for Variables {
    fn default() -> Self {
        Self(|_| None)
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Variables")
    }
}

impl PartialEq for Variables {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for Variables {}

/// A name that says where something is aimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What it is the name of.
    pub is: Is,
    /// The name, as it may be shown.
    pub text: String,
    /// How it is known: `DATABASE_URL in .env`; empty where the command itself says it.
    pub from: String,
    /// It is on the disk, where nobody sees it who reads the command.
    pub hidden: bool,
    /// It says that this is production.
    pub production: bool,
}

/// What an action is aimed at, as far as that can be told.
#[derive(Clone, Debug, Default)]
pub struct Aimed {
    /// Every name, the first of each kind first.
    pub names: Vec<Name>,
    /// A program that is aimed at hosts, contexts or files is among those that do it.
    pub client: bool,
    /// Something that decides where it goes can't be known.
    pub doubt: bool,
    /// It is on this machine: proven.
    pub local: bool,
    /// It is on this machine, and its name says that it can be made again: proven.
    pub scratch: bool,
    /// A trap that a person should know of: `there is no .env.testing`.
    pub remark: Option<String>,
}

impl Aimed {
    /// The name that says that it is production.
    #[must_use]
    pub fn production(&self) -> Option<&Name> {
        self.names.iter().find(|name| name.production)
    }

    /// What a person is told of it.
    #[must_use]
    pub fn says(&self) -> Option<String> {
        let remark = self.remark.as_deref().map(|remark| format!(" ({remark})")).unwrap_or_default();
        if let Some(name) = self.production() {
            let from = if name.from.is_empty() { "it" } else { &name.from };
            return Some(format!("aimed at production: {from} names {}{remark}", name.text));
        }
        // What stands in the command needn't be repeated.
        let hidden = self.names.iter().filter(|name| name.hidden && name.is != Is::Alias);
        let mut parts: Vec<(Vec<&str>, &str)> = Vec::new();
        for name in hidden.take(4) {
            match parts.iter_mut().find(|(_, from)| *from == name.from) {
                Some((texts, _)) if texts.contains(&name.text.as_str()) => {}
                Some((texts, _)) => texts.push(&name.text),
                None => parts.push((vec![&name.text], &name.from)),
            }
        }
        if parts.is_empty() {
            return None;
        }
        let parts: Vec<String> = parts.iter().map(|(texts, from)| format!("{} ({from})", texts.join(", "))).collect();
        let machine = if self.local { ", on this machine" } else { "" };
        Some(format!("aimed at {}{machine}{remark}", parts.join(", ")))
    }

    fn push(&mut self, name: Name) {
        if name.text.is_empty() {
            return;
        }
        if self.names.len() < NAMES || name.production && self.production().is_none() {
            self.names.push(name);
        }
    }

    fn add(&mut self, other: &Self) {
        for name in &other.names {
            self.push(name.clone());
        }
        self.remark = self.remark.take().or_else(|| other.remark.clone());
    }
}

/// The most clients that one action is looked for behind.
const CLIENTS: usize = 64;

/// What an action is aimed at.
pub(super) fn aimed(action: &Action, context: &Context<'_>) -> Aimed {
    let mut whole = Aimed::default();
    let own = alone(action, context);
    whole.add(&own);
    let mut places: Vec<Rc<Aimed>> = Vec::new();
    let mut doubt = action.origin.elsewhere;
    if own.client {
        places.push(own);
    }
    // A statement is aimed where the client is that carries it, and a program where what it stands behind says. What is
    // done to files here isn't.
    let here = matches!(action.kind, Kind::File(_)) && !action.origin.elsewhere;
    if !action.origin.via.is_empty() && !here {
        for (other, inv) in runs(context) {
            if !std::ptr::eq(other, action) && action.origin.via.contains(&inv.name) {
                if places.len() == CLIENTS {
                    doubt = true;
                    break;
                }
                let aimed = of_run(other, inv, context);
                whole.add(&aimed);
                if aimed.client {
                    places.push(aimed);
                }
            }
        }
        // What an MCP tool carries is aimed where the tool is.
        if let Some(at) = context.clients().1 {
            whole.add(&alone(&context.call[at], context));
        }
    }
    whole.client = !places.is_empty();
    whole.doubt = places.iter().any(|place| place.doubt) || doubt;
    let proven = whole.client && !whole.doubt && whole.production().is_none();
    whole.local = proven && places.iter().all(|place| place.local);
    whole.scratch = whole.local && places.iter().all(|place| place.scratch);
    whole
}

/// What an action is aimed at by itself, whatever it stands behind.
pub(super) fn alone(action: &Action, context: &Context<'_>) -> Rc<Aimed> {
    let mut own = Aimed::default();
    match &action.kind {
        Kind::Run(inv) if has_targets(inv) => return of_run(action, inv, context),
        Kind::Http(request) => {
            if let Some(host) = &request.host {
                own.push(resolve::name(Is::Host, host, "", false, context));
            }
        }
        Kind::Mcp(call) => {
            own.push(resolve::name(Is::Profile, &call.server, "the MCP server", false, context));
            let names = |table: &&Tool| table.name.iter().any(|like| glob::matches(like, &call.tool));
            for target in context.rules.tools().filter(names).flat_map(|table| &table.target) {
                for (name, value) in &call.arguments {
                    if target.argument.iter().any(|argument| argument.as_str() == name) {
                        own.push(resolve::name(target.is, value, name, false, context));
                    }
                }
            }
        }
        _ => {}
    }
    Rc::new(own)
}

/// Whether what a rule says is lost lies in what is proven to be scratch.
pub(super) fn is_scratch(within: Within, action: &Action, aimed: &Aimed, context: &Context<'_>) -> bool {
    let Kind::Sql(sql) = &action.kind else { return aimed.scratch && within == Within::Target };
    if within == Within::Server {
        return false;
    }
    if within == Within::Object {
        return aimed.local
            && sql.object.as_deref().is_some_and(|object| names::says(context.rules, "scratch", object));
    }
    // `DROP TABLE shop.users` may lie in another database.
    let qualified = |object: &str| object.split_once('.').is_some_and(|(first, _)| !matches!(first, "public" | "main"));
    aimed.scratch && !sql.object.as_deref().is_some_and(qualified)
}

/// Statements after which the client may be connected to something else.
const MOVES: [&str; 6] = ["use", "meta connect", "meta open", "attach", "meta include", "meta unknown"];

/// Whether the statements of the call may lead their client somewhere else.
fn moves(context: &Context<'_>) -> bool {
    context.call.iter().any(|other| matches!(&other.kind, Kind::Sql(sql) if MOVES.contains(&sql.verb.as_str())))
}

fn server(action: &Action) -> Option<&str> {
    match &action.kind {
        Kind::Mcp(call) => Some(call.server.as_str()).filter(|server| !server.is_empty()),
        _ => None,
    }
}

/// The programs of the call that say what they are aimed at.
fn runs<'c>(context: &'c Context<'c>) -> impl Iterator<Item = (&'c Action, &'c Invocation)> {
    let call = context.call;
    context.clients().0.iter().filter_map(|at| match call.get(*at).map(|action| (action, &action.kind)) {
        Some((action, Kind::Run(inv))) => Some((action, inv)),
        _ => None,
    })
}

/// The places of programs that say what they are aimed at, and of a call of an MCP server.
pub(super) fn clients(call: &[Action]) -> (Vec<usize>, Option<usize>) {
    let runs = |at: &usize| matches!(&call[*at].kind, Kind::Run(inv) if has_targets(inv));
    ((0..call.len()).filter(runs).collect(), call.iter().position(|action| server(action).is_some()))
}

fn has_targets(inv: &Invocation) -> bool {
    inv.known.tables.iter().any(|table| !table.target.is_empty())
}

/// What one program is aimed at by its own words, variables and files; looked up once for each.
fn of_run(action: &Action, inv: &Invocation, context: &Context<'_>) -> Rc<Aimed> {
    let key = std::ptr::from_ref(action) as usize;
    if let Some(known) = context.aims.borrow().get(&key) {
        return Rc::clone(known);
    }
    // Should a rule ask for it while it is looked up, nothing is proven.
    context.aims.borrow_mut().insert(key, Rc::new(Aimed { client: true, doubt: true, ..Aimed::default() }));
    let aimed = Rc::new(resolve::run(action, inv, context));
    context.aims.borrow_mut().insert(key, Rc::clone(&aimed));
    aimed
}

/// Whether a rule's word for an environment is true of an action.
pub(super) fn is(names: &[Text], action: &Action, context: &Context<'_>) -> bool {
    let aimed = aimed(action, context);
    names.iter().any(|name| match name.as_str() {
        "production" => aimed.production().is_some(),
        "local" => aimed.local,
        "scratch" => aimed.scratch,
        _ => false,
    })
}

/// The kinds of place that a program can be said to lie at.
fn is_place(target: &Target) -> bool {
    matches!(target.is, Is::Host | Is::Url | Is::Path | Is::Context)
}

/// What is seen of a fact.
pub(super) fn look(fact: Fact, action: &Action, context: &Context<'_>) -> Seen {
    if fact == Fact::NoVolumes {
        return Seen { holds: compose::no_volumes(action, context), says: None };
    }
    let aimed = aimed(action, context);
    Seen { holds: !aimed.names.is_empty(), says: aimed.says() }
}
