//! The syntax tree of a PowerShell script.

use std::rc::Rc;

/// Statements, one after the other.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Script {
    pub(super) statements: Vec<Statement>,
}

/// A script block: `{ param($a) … }`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Block {
    /// Names of parameters, in lower case, with what they are if nobody says.
    pub(super) parameters: Vec<(String, Option<Expr>)>,
    /// What it runs.
    pub(super) body: Script,
    /// As it is written, between the braces.
    pub(super) text: String,
}

/// A statement.
#[derive(Debug, PartialEq)]
pub(super) enum Statement {
    /// `a | b`, with its text as it is shown to a person.
    Pipeline(Vec<Stage>),
    /// `a && b || c`.
    Chain(Vec<Statement>),
    /// `$x = …`; `more`: `+=` and the like.
    Assign { target: Expr, more: bool, value: Box<Statement> },
    /// Conditions with what each of them guards, and what runs if none holds.
    If(Vec<(Statement, Rc<Block>)>, Option<Rc<Block>>),
    /// A loop; `foreach`: the variable and what it goes through.
    Loop { each: Option<(String, Box<Statement>)>, heads: Vec<Statement>, body: Rc<Block> },
    /// Blocks of which any may run: `switch`, `try`, `trap`.
    Branches { head: Option<Box<Statement>>, blocks: Vec<Rc<Block>>, conditions: Vec<Expr>, all: bool },
    /// `function f { … }`.
    Function(String, Rc<Block>),
    /// `return x`, `throw x`, `exit x`.
    Leave(Option<Box<Statement>>),
    /// Nothing: `param(…)` without a block, `using namespace x`.
    Empty,
}

/// One stage of a pipeline.
#[derive(Debug, PartialEq)]
pub(super) enum Stage {
    /// A value.
    Value(Expr, Vec<Redirect>),
    /// A command.
    Command(Command),
}

/// How a command is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// By its bare name.
    Name,
    /// `& …`
    Invoke,
    /// `. …`
    Source,
}

/// A command with its arguments.
#[derive(Debug, PartialEq)]
pub(super) struct Command {
    pub(super) call: Call,
    pub(super) name: Expr,
    pub(super) arguments: Vec<Argument>,
    pub(super) redirects: Vec<Redirect>,
    /// As it is written.
    pub(super) text: String,
}

/// An argument.
#[derive(Debug, PartialEq)]
pub(super) enum Argument {
    /// `-Name`, `-Name:value`.
    Parameter(String, Option<Expr>),
    /// A value.
    Value(Expr),
    /// `@name`: parameters that a variable holds.
    Splat(String),
    /// What stands behind `--%`.
    Verbatim(String),
}

/// A redirection to a file.
#[derive(Debug, PartialEq)]
pub(super) struct Redirect {
    pub(super) append: bool,
    pub(super) target: Expr,
}

/// An expression.
#[derive(Debug, PartialEq)]
pub(super) enum Expr {
    /// Text in quotes; a number.
    Text(String),
    /// Text without quotes; `true`: with an escape in it.
    Bare(String, bool),
    /// Text with values in it; `true`: in quotes.
    Parts(Vec<Expr>, bool),
    /// `$name`, in lower case.
    Variable(String),
    /// `a, b`
    List(Vec<Expr>),
    /// `a,b` as an argument: programs get it as one word.
    Glued(Vec<Expr>),
    /// `( … )`, `$( … )`, `@( … )`.
    Sub(Script),
    /// `{ … }`
    Block(Rc<Block>),
    /// `@{ a = 1 }`
    Table(Vec<(Expr, Statement)>),
    /// `[System.IO.File]`, in lower case.
    Type(String),
    /// `[int] $x`
    Cast(String, Box<Expr>),
    /// `a.b`, `a::b`, `a.b(…)`.
    Member { on: Box<Expr>, name: Box<Expr>, arguments: Option<Vec<Expr>> },
    /// `a[b]`
    Index(Box<Expr>, Box<Expr>),
    /// `a -op b`, the operator in lower case without its dash.
    Binary(String, Box<Expr>, Box<Expr>),
    /// `-op a`
    Unary(String, Box<Expr>),
    /// `a ? b : c`
    Either(Box<Expr>, Box<Expr>, Box<Expr>),
}
