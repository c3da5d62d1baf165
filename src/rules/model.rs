//! The rule language: what a pack file says, one struct for each table of it. `docs/rules.md` is its manual.
//!
//! `build.rs` compiles this file too, so it depends on nothing but `serde` and [`super::text`].

use super::text::{List, Text};
use serde::Deserialize;

/// How destructive an action is. The order is the order of severity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Provably reads only; reveals no secret, sends nothing.
    Observe,
    /// A normal development change; undone by git, a rebuild or a package manager.
    Ordinary,
    /// Loses or disturbs something that takes real effort to get back.
    Disruptive,
    /// Loses data or infrastructure for good, or removes what would bring it back.
    Irreversible,
    /// A whole disk, home, account, cluster or database server, or the backups of one.
    Catastrophic,
}

/// A pack file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// What the pack is about.
    pub pack: Head,
    /// How command lines of programs are read.
    #[serde(default)]
    pub program: List<Program>,
    /// How the arguments of MCP tools are read.
    #[serde(default)]
    pub tool: List<Tool>,
    /// Calls in source code that do something.
    #[serde(default)]
    pub call: List<CodeCall>,
    /// Words that say what an MCP tool does.
    #[serde(default)]
    pub verb: List<Verb>,
    /// Environment variables that carry code.
    #[serde(default)]
    pub variable: List<Variable>,
    /// What kind of place a path is.
    #[serde(default)]
    pub place: List<Place>,
    /// The rules.
    #[serde(default)]
    pub rule: List<Rule>,
}

/// What kind of place a path is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The zone.
    pub zone: Text,
    /// These paths and everything below them; `~` is the home directory.
    #[serde(default)]
    pub under: List<Text>,
    /// These paths themselves.
    #[serde(default)]
    pub exact: List<Text>,
    /// One of the names in the path is like one of these globs.
    #[serde(default)]
    pub component: List<Text>,
    /// The last name of the path is like one of these globs.
    #[serde(default)]
    pub last: List<Text>,
    /// The last name of the path is like none of these globs.
    #[serde(default)]
    pub except: List<Text>,
    /// Only inside the project.
    #[serde(default)]
    pub inside: bool,
}

/// The head of a pack file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The first part of the ids of its rules.
    pub name: Text,
    /// One line for people.
    pub about: Text,
}

/// How words are told from options.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// `-abc` is three flags, `--long=value`, long options may be abbreviated, options may follow operands.
    #[default]
    Gnu,
    /// `-long` and `--long` are the same, no clusters (Go's `flag`: terraform, packer; also Java tools).
    Single,
    /// No options: every word is an operand (`echo`, `test`).
    Plain,
    /// `find`: starting points, then an expression with `-exec … ;`.
    Find,
    /// `key=value` operands (`dd`): each is read as the option `key`.
    Keys,
    /// `/s /q` as well as `-s` (cmd.exe programs), case ignored.
    Windows,
}

/// What an option that the table doesn't name might be.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It may take the next word as its value, or not: both readings count, the worse one decides.
    #[default]
    Either,
    /// It takes none.
    Flag,
    /// Long ones take one, unless the table names them in `flags` or they begin with `--no-`.
    Value,
}

/// How the command line of a program is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its names; a `*` at the end is allowed.
    pub name: List<Text>,
    /// How words are told from options.
    #[serde(default)]
    pub style: Style,
    /// Options that take a value.
    #[serde(default)]
    pub values: List<Text>,
    /// Options that take none.
    #[serde(default)]
    pub flags: List<Text>,
    /// What any other option might be.
    #[serde(default)]
    pub unknown: Unknown,
    /// Options end at the first operand (wrappers: `sudo`, `env`, `timeout`, `ssh`).
    #[serde(default)]
    pub options_first: bool,
    /// What holds behind a subcommand only.
    #[serde(default)]
    pub sub: List<Sub>,
    /// Words that are carried to another reader.
    #[serde(default)]
    pub carries: List<Carrier>,
    /// What it does to files that its words name.
    #[serde(default)]
    pub effects: List<Effect>,
    /// What `$(…)` of it is known to give.
    #[serde(default)]
    pub prints: List<Prints>,
    /// Feeds a yes to whatever reads it (`yes |`).
    #[serde(default)]
    pub confirms: bool,
    /// Operands are names of variables that it sets to something that can't be known (`read`).
    #[serde(default)]
    pub assigns: bool,
    /// The words behind it run on another machine or in a container: paths there are not paths here.
    #[serde(default)]
    pub elsewhere: bool,
    /// How sure the table is: `help` (the tool's own help was read), `docs`, or nothing (working knowledge).
    #[serde(default)]
    pub checked: Text,
}

/// Options that belong to a subcommand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sub {
    /// The subcommands.
    pub command: List<Text>,
    /// Options that take a value there.
    #[serde(default)]
    pub values: List<Text>,
    /// Options that take none there.
    #[serde(default)]
    pub flags: List<Text>,
}

/// A language that another reader reads.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// A shell script, as bash reads it.
    Shell,
    /// The words of one command: program and arguments, no shell in between.
    Command,
    /// SQL of any dialect.
    Sql,
    /// Python.
    Python,
    /// JavaScript or TypeScript.
    Javascript,
    /// Ruby.
    Ruby,
    /// Perl.
    Perl,
    /// PHP.
    Php,
    /// awk.
    Awk,
    /// sed.
    Sed,
    /// PowerShell.
    Powershell,
    /// cmd.exe.
    Cmd,
    /// A MongoDB shell script.
    Mongo,
    /// A Redis command.
    Redis,
    /// An HTTP request: the method in `method`, the address in `url` or `path`.
    Http,
    /// GraphQL.
    Graphql,
    /// The name of an MCP tool that is called; what it is called with stands beside it (`arguments`, `params` …).
    Tool,
    /// Something that is run and that no reader here reads (Lua, R, AppleScript …).
    Opaque,
}

/// Something in a command line or an MCP call that is read by another reader.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// What it is written in.
    #[serde(rename = "as")]
    pub language: Language,
    /// Only behind these subcommands.
    #[serde(default)]
    pub command: List<Text>,
    /// Not behind these subcommands.
    #[serde(default)]
    pub except: List<Text>,
    /// The value of one of these options. With `as = "command"`, the operands behind it are its arguments.
    #[serde(default)]
    pub option: List<Text>,
    /// The operands from this one on, counted behind the subcommand from 0.
    #[serde(default)]
    pub operand: Option<u8>,
    /// Whatever follows this word (`--`).
    #[serde(default)]
    pub after: Text,
    /// What it reads from standard input.
    #[serde(default)]
    pub stdin: bool,
    /// The named things are files that hold it.
    #[serde(default)]
    pub file: bool,
    /// Only where none of these options is given.
    #[serde(default)]
    pub without: List<Text>,
    /// Only where one of these options is given.
    #[serde(default)]
    pub with: List<Text>,
    /// Only where there are no operands behind the subcommand.
    #[serde(default)]
    pub alone: bool,
    /// Only that one operand holds it; those behind it are its positional arguments (`sh -c 'script' name args`).
    #[serde(default)]
    pub one: bool,
    /// More arguments, which can't be known, are added at the end (`xargs`).
    #[serde(default)]
    pub appends: bool,
    /// Leading `NAME=value` words are assignments (`env`, `sudo`).
    #[serde(default)]
    pub assigns: bool,
    /// The first word names a package, perhaps with a version (`npx prisma@6`).
    #[serde(default)]
    pub package: bool,
    /// MCP: the arguments that hold it (names, compared without case, `_` and `-`; `*` at either end).
    #[serde(default)]
    pub argument: List<Text>,
    /// MCP, `shell` and `command`: the arguments are those of this program; it is put in front unless it is there.
    #[serde(default)]
    pub program: Text,
}

/// What a program does to a file.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Does {
    /// Removes it.
    Delete,
    /// Replaces or overwrites what is in it.
    Write,
    /// Adds to its end.
    Append,
    /// Reads what is in it.
    Read,
    /// Moves it away.
    Move,
    /// Changes its owner, mode or attributes.
    Change,
}

/// What a program does to files that its words name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// What it does.
    pub does: Does,
    /// Only behind these subcommands.
    #[serde(default)]
    pub command: List<Text>,
    /// Which operands: `all`, `first`, `last`, `init` (all but the last), `rest` (all but the first), `none`.
    #[serde(default)]
    pub on: On,
    /// The values of these options too.
    #[serde(default)]
    pub option: List<Text>,
    /// Only with one of these options.
    #[serde(default)]
    pub with: List<Text>,
    /// Only without all of these options.
    #[serde(default)]
    pub without: List<Text>,
    /// It reaches everything below with one of these options (`*`: always).
    #[serde(default)]
    pub recursive: List<Text>,
    /// MCP: the arguments that hold the paths. `with`, `without` and `recursive` speak of arguments then (`force=true`).
    #[serde(default)]
    pub argument: List<Text>,
    /// MCP: the arguments that hold the new text.
    #[serde(default)]
    pub adds: List<Text>,
    /// MCP: the arguments that hold the old text.
    #[serde(default)]
    pub removes: List<Text>,
}

/// Which operands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// Every one.
    #[default]
    All,
    /// The first.
    First,
    /// The last.
    Last,
    /// All but the last.
    Init,
    /// All but the first.
    Rest,
    /// No operand, only the options that `option` names.
    None,
}

/// What `$(…)` of a program is known to give.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prints {
    /// Only with these subcommands.
    #[serde(default)]
    pub command: List<Text>,
    /// Only with one of these options.
    #[serde(default)]
    pub with: List<Text>,
    /// Only without all of these options.
    #[serde(default)]
    pub without: List<Text>,
    /// What it gives.
    pub gives: Gives,
}

/// What `$(…)` of a program gives.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gives {
    /// Its operands, as `echo` does.
    Operands,
    /// The working directory.
    Cwd,
    /// The root of the project.
    Project,
    /// A new path below the temporary folder.
    Temp,
    /// Shell code that only sets up the environment (`mise activate`): harmless to `eval`.
    Setup,
    /// What it reads on standard input, or its operands' files (`cat`).
    Stdin,
    /// One word without `/`, that can't lead out of a directory and is never empty (`date`, `nproc`).
    Name,
}

/// How the arguments of an MCP tool are read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Names of tools, in lower snake case, `*` at either end; none: every tool that no other table names.
    #[serde(default)]
    pub name: List<Text>,
    /// What the arguments carry.
    #[serde(default)]
    pub carries: List<Carrier>,
    /// What it does to files that its arguments name.
    #[serde(default)]
    pub effects: List<Effect>,
    /// It acts on another machine or in a container: paths there are not paths here.
    #[serde(default)]
    pub elsewhere: bool,
}

/// A call in source code that does something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeCall {
    /// The languages.
    pub language: List<Language>,
    /// The names that are called: `shutil.rmtree`, or `*.delete_many` for a method of anything.
    pub name: List<Text>,
    /// What it does to the file that its first argument names.
    #[serde(default)]
    pub does: Option<Does>,
    /// It reaches everything below.
    #[serde(default)]
    pub recursive: bool,
    /// What its first argument is written in.
    #[serde(default, rename = "as")]
    pub carries: Option<Language>,
    /// Which argument counts, from 0.
    #[serde(default)]
    pub argument: u8,
    /// Matches rules with `code = ["…"]`.
    #[serde(default)]
    pub code: Text,
}

/// Words that say what an MCP tool does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verb {
    /// The kind, matched by rules with `verb = ["…"]`.
    pub kind: Text,
    /// The words.
    pub words: List<Text>,
}

/// Environment variables that carry code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Their names, `*` at either end.
    pub name: List<Text>,
    /// What they hold; nothing: a plain value that changes no program's behaviour for the worse.
    #[serde(rename = "as")]
    pub language: Option<Language>,
}

/// A rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `pack.name`; never changes once it has been released.
    pub id: Text,
    /// How bad it is.
    pub class: Class,

    /// Programs that it speaks of.
    #[serde(default)]
    pub program: List<Text>,
    /// Subcommands: words separated by a space, `|` between alternatives of a word, `*` in a word as in a glob.
    #[serde(default)]
    pub command: List<Text>,
    /// Effects on files that it speaks of.
    #[serde(default)]
    pub file: List<Does>,
    /// SQL statements.
    #[serde(default)]
    pub statement: List<Text>,
    /// HTTP methods.
    #[serde(default)]
    pub request: List<Text>,
    /// MCP tools.
    #[serde(default)]
    pub tool: List<Text>,
    /// Kinds of verb in the name of an MCP tool.
    #[serde(default)]
    pub verb: List<Text>,
    /// Calls in code, by the `code` of their `[[call]]`.
    #[serde(default)]
    pub code: List<Text>,
    /// Kinds of things that can't be read.
    #[serde(default)]
    pub opaque: List<Text>,

    /// It holds where one of these holds; none: always.
    #[serde(default)]
    pub when: List<Condition>,
    /// It does not hold where one of these certainly holds.
    #[serde(default)]
    pub unless: List<Condition>,
    /// The call goes past the tool's own confirmation where one of these holds.
    #[serde(default)]
    pub forced: List<Condition>,
    /// It is forced always.
    #[serde(default)]
    pub always_forced: bool,
    /// `observe` only: the options with which it holds; `*` at the end is allowed, `*` alone means any.
    #[serde(default)]
    pub only: List<Text>,
    /// `observe` only: not in a directory that the line itself has changed to.
    #[serde(default)]
    pub here: bool,
    /// It holds only where no other rule speaks of the same action.
    #[serde(default)]
    pub fallback: bool,

    /// What is lost, as a noun phrase: "every resource in this state". Needed from `disruptive` on.
    #[serde(default)]
    pub loses: Text,
    /// What to do instead, as an order: "run `terraform plan`". Needed from `disruptive` on.
    #[serde(default)]
    pub instead: Text,
    /// Said to the agent (not decided upon) when the rule matches.
    #[serde(default)]
    pub note: Text,
    /// Calls that it must match.
    #[serde(default)]
    pub hits: List<Text>,
    /// Calls that it must not match.
    #[serde(default)]
    pub passes: List<Text>,
    /// How it was checked.
    #[serde(default)]
    pub checked: Text,
}

/// A condition: every key that is given must hold; in a list, one entry is enough.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// One of these options is given: `-f`, `--force`, `--cascade=orphan` (the value may be a glob).
    #[serde(default)]
    pub option: List<Text>,
    /// All of these options are given.
    #[serde(default)]
    pub every: List<Text>,
    /// None of these options is given.
    #[serde(default)]
    pub without: List<Text>,
    /// An operand behind the subcommand is like one of these globs.
    #[serde(default)]
    pub operand: List<Text>,
    /// The first operand behind the subcommand is like one of these globs.
    #[serde(default)]
    pub first: List<Text>,
    /// How many operands there are behind the subcommand: `0`, `2..`, `1..3`.
    #[serde(default)]
    pub operands: Text,
    /// An assignment in front of the command is like this: `RAILS_ENV=production`, `TF_CLI_ARGS*=*-auto-approve*`.
    #[serde(default)]
    pub env: List<Text>,
    /// It stands behind one of these programs: wrappers (`sudo`), package runners, `find`, `xargs`.
    #[serde(default)]
    pub via: List<Text>,
    /// What it reads on standard input comes from one of these programs; `*`: from anything.
    #[serde(default)]
    pub fed: List<Text>,
    /// Something is confirmed for it (`yes |`, `echo y |`).
    #[serde(default)]
    pub confirmed: Option<bool>,

    /// The path lies in one of these zones.
    #[serde(default)]
    pub zone: List<Text>,
    /// The path, or its last name, is like one of these globs.
    #[serde(default)]
    pub name: List<Text>,
    /// It reaches everything below the path.
    #[serde(default)]
    pub recursive: Option<bool>,
    /// The new text of a Write or Edit has this.
    #[serde(default)]
    pub adds: List<Text>,
    /// The old text of an Edit has this and the new one doesn't.
    #[serde(default)]
    pub removes: List<Text>,

    /// The SQL statement has one of these marks.
    #[serde(default)]
    pub mark: List<Text>,
    /// The object of the statement is like one of these globs.
    #[serde(default)]
    pub object: List<Text>,

    /// The host of the request is like one of these globs.
    #[serde(default)]
    pub host: List<Text>,
    /// The path of the request is like one of these globs.
    #[serde(default)]
    pub path: List<Text>,
    /// The body of the request has one of these words.
    #[serde(default)]
    pub body: List<Text>,

    /// An argument of the MCP call is like this: `method=delete*`, `force=true`, `operations.type=remove*`, `ids` (given).
    #[serde(default)]
    pub argument: List<Text>,
    /// The MCP server is named like this.
    #[serde(default)]
    pub server: List<Text>,
}

macro_rules! debug_as_path {
    ($($type:ident { $($name:ident),* })*) => { $(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$name => concat!(stringify!($type), "::", stringify!($name))),* })
            }
        }
    )* };
}
debug_as_path! {
    Class { Observe, Ordinary, Disruptive, Irreversible, Catastrophic }
    Style { Gnu, Single, Plain, Find, Keys, Windows }
    Unknown { Either, Flag, Value }
    Gives { Operands, Cwd, Project, Temp, Setup, Stdin, Name }
    On { All, First, Last, Init, Rest, None }
    Does { Delete, Write, Append, Read, Move, Change }
    Language { Shell, Command, Sql, Python, Javascript, Ruby, Perl, Php, Awk, Sed, Powershell, Cmd, Mongo, Redis, Http, Graphql, Tool, Opaque }
}
