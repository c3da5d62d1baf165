//! What a call would do: the elementary actions that rules speak of.

use super::argv::Invocation;
use super::word::Word;
use crate::read::shared::Shared;
use crate::rules::model::Does;
use ecow::EcoString;
use std::rc::Rc;

/// One elementary thing that a call would do.
#[derive(Clone, Debug)]
pub struct Action {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub origin: Shared<Origin>,
}

impl Action {
    /// What is done to a file, if that is what it is.
    #[must_use]
    pub fn file(&self) -> Option<&FileAction> {
        match &self.kind {
            Kind::File(file) => Some(file),
            _ => None,
        }
    }
}

/// The name of variables in [`Origin::env`] of which nobody knows which they are: `env $(cat .env.production) npm start`.
pub const ANY: &str = "*";

/// Where an action stands.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The command, statement or call as it is shown to a person.
    pub shown: String,
    /// The programs in front of it that run it: `sudo`, `sh`, `xargs`, `find`, from the outside in.
    pub via: Shared<Vec<EcoString>>,
    /// The directory in which it runs, absolute; `None` if that can't be known, or is on another machine.
    pub cwd: Option<Rc<str>>,
    /// The line has changed the working directory before it.
    pub moved: bool,
    /// A yes is piped into it.
    pub confirmed: bool,
    /// The program whose output it reads: `curl` in `curl … | sh`.
    pub fed: Option<String>,
    /// What it names to be run was found in the files of the project, and read.
    pub looked_into: bool,
    /// It runs on another machine or in a container.
    pub elsewhere: bool,
    /// It may run again, or at another time than its place says: what stands behind it may come before it.
    pub again: bool,
    /// The program of which nothing is known, not even whether it runs this: the words stand behind it.
    pub perhaps: Option<Rc<str>>,
    /// Assignments in front of it, and exported ones before it.
    pub env: Shared<Vec<(String, Word)>>,
    /// What else the call does, as far as rules ask: `delete obj` (in the same directory), `then dotnet build`,
    /// `after git stash`.
    pub beside: Shared<Vec<String>>,
    /// The actions of the call that are sure to have succeeded when it begins, the first and the one behind the last:
    /// those of simple commands in front of a `&&`.
    pub proven: (u32, u32),
    /// The part of the [`super::outline::Outline`] that it stands in; 0 where none is made.
    pub part: u32,
}

impl Origin {
    /// A place within it, with a text of its own to show. What was shown before isn't copied: all of a long text may be that.
    #[must_use]
    pub fn at(&self, shown: impl Into<String>) -> Shared<Self> {
        let mut origin = self.showing(shown);
        origin.looked_into = self.looked_into;
        origin
    }

    /// The same place, with another text to show.
    #[must_use]
    pub fn showing(&self, shown: impl Into<String>) -> Shared<Self> {
        let Self {
            shown: _,
            via,
            cwd,
            moved,
            confirmed,
            fed,
            looked_into: _,
            elsewhere,
            again,
            perhaps,
            env,
            beside,
            proven,
            part,
        } = self;
        Shared::from(Self {
            shown: shown.into(),
            via: via.clone(),
            cwd: cwd.clone(),
            moved: *moved,
            confirmed: *confirmed,
            fed: fed.clone(),
            looked_into: false,
            elsewhere: *elsewhere,
            again: *again,
            perhaps: perhaps.clone(),
            env: env.clone(),
            beside: beside.clone(),
            proven: *proven,
            part: *part,
        })
    }
}

/// What an action is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Runs a program.
    Run(Invocation),
    /// Does something to a file.
    File(FileAction),
    /// Executes an SQL statement.
    Sql(SqlAction),
    /// Sends an HTTP request.
    Http(Request),
    /// Calls an MCP tool.
    Mcp(McpCall),
    /// A call in source code that a `[[call]]` table names with this `code`.
    Code(String),
    /// Something that can't be read: the kind that rules know it by.
    Opaque(&'static str),
    /// Provably without effect (a harmless builtin, an assignment).
    Nothing,
}

/// Something done to a file.
#[derive(Clone, Debug)]
pub struct FileAction {
    /// What.
    pub does: Does,
    /// To which path, resolved.
    pub place: crate::context::Place,
    /// To everything below it as well.
    pub recursive: bool,
    /// The text that a Write or Edit brings in.
    pub adds: Option<Rc<str>>,
    /// The text that an Edit takes out.
    pub removes: Option<Rc<str>>,
    /// Where what goes into the file comes from, if its text isn't in the call.
    pub source: Source,
}

/// Where what goes into a file comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Nothing is said of that: an edit, or a program that works on the file.
    #[default]
    Unsaid,
    /// What another file has in it, by its absolute path: `cp a b`, `cat a > b`.
    File(Rc<str>),
    /// Something else, which can't be known: `git show HEAD:a > b`.
    Unknown,
}

impl FileAction {
    /// Whether it leaves the file empty. An Edit that puts nothing in the place of a text leaves the rest.
    #[must_use]
    pub fn empties(&self) -> bool {
        self.does == Does::Write && self.removes.is_none() && self.adds.as_deref() == Some("")
    }
}

/// An SQL statement.
#[derive(Clone, Debug)]
pub struct SqlAction {
    /// What it does: `drop table`.
    pub verb: String,
    /// What it does it to.
    pub object: Option<String>,
    /// What else is known of it: `no-where`.
    pub marks: Vec<&'static str>,
}

/// An HTTP request. Parts that can't be known are `None`.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `DELETE` …, in capitals.
    pub method: Option<String>,
    /// The host, in lower case, without port.
    pub host: Option<String>,
    /// The port, if the address names one.
    pub port: Option<String>,
    /// The path with its query.
    pub path: Option<String>,
    /// The body.
    pub body: Option<String>,
}

/// A call of an MCP tool.
#[derive(Clone, Debug)]
pub struct McpCall {
    /// The name of the tool in lower snake case, without the server.
    pub tool: String,
    /// The server, in lower case, `-` as `_`; empty if unknown.
    pub server: String,
    /// The kinds of verb in the name (`[[verb]]`), the leading one first.
    pub verbs: Vec<String>,
    /// The arguments, flat: `operations.type` → `remove`; items of lists share their key. Numbers and flags as text.
    pub arguments: Vec<(String, String)>,
}
