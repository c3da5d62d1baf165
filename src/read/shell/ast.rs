//! The syntax tree of a bash script, as far as judging it needs.
//!
//! Long lists are flat vectors, so that neither walking nor dropping a tree recurses deeper than the parser did.

use ecow::EcoString;
use std::ops::Range;

/// Bytes of the text that was handed to the parser.
pub type Span = Range<usize>;

/// A list of commands, run one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The commands.
    pub items: Vec<Item>,
}

/// One command of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The command.
    pub node: Node,
    /// It ends in `&`.
    pub background: bool,
}

/// What joins the parts of `a && b || c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// `A=1 program arguments >file`
    Simple(Simple),
    /// Two or more commands joined by `|` or `|&`.
    Pipeline(Vec<Node>),
    /// `first && second || third`, two or more.
    AndOr(Box<Node>, Vec<(Join, Node)>),
    /// `( … )`
    Subshell(Script),
    /// `{ …; }`
    Group(Script),
    /// `if … then … elif … else … fi`
    If(Vec<(Script, Script)>, Option<Script>),
    /// `while` and `until`: condition and body.
    While(Script, Script),
    /// `for name in words` and `select`; without `in`, the words are `"$@"`.
    For(String, Option<Vec<Word>>, Script),
    /// `for ((…))`: the three expressions as one word, for what is substituted in them.
    ArithmeticFor(Word, Script),
    /// `case word in (pattern|pattern) … ;; esac`
    Case(Word, Vec<(Vec<Word>, Script)>),
    /// `name() …` or `function name …`
    Function(String, std::rc::Rc<Node>),
    /// `[[ … ]]`: every word in it.
    Condition(Vec<Word>),
    /// `(( … ))`
    Arithmetic(Word),
    /// `coproc …`
    Coprocess(Box<Node>),
    /// A compound command with redirections; without any: a negated pipeline (`! …`).
    Redirected(Box<Node>, Vec<Redirect>),
}

/// A simple command. It has at least one assignment, word or redirection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// `A=1` in front of the program, or alone.
    pub assigns: Vec<Assign>,
    /// The program and its arguments. Arguments of the form `a=(…)` (to `declare` and the like) are in `assigns`
    /// of the command, behind those in front; a plain `a=b` argument is an ordinary word.
    pub words: Vec<Word>,
    /// Its redirections, in order.
    pub redirects: Vec<Redirect>,
    /// Where it stands.
    pub span: Span,
}

/// An assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assign {
    /// The variable.
    pub name: String,
    /// `name[index]=`, with whatever is substituted in it.
    pub index: Option<Word>,
    /// `+=`
    pub append: bool,
    /// The value: one word, or the words of `(…)`; keys of `([k]=v)` are words of the list too.
    pub value: Value,
}

/// The value of an assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `a=word`
    Word(Word),
    /// `a=(words)`
    Array(Vec<Word>),
}

/// What a redirection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// `<`
    Read,
    /// `>`, `>|`, `&>`
    Write,
    /// `>>`, `&>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `<<`, `<<-`: the target word is the body. A body behind a quoted delimiter is one quoted literal.
    HereDocument,
    /// `<<<`
    HereString,
    /// `>&`, `<&` with a number, `-` or `number-`: no file. `>&word` with anything else is `Write`.
    Duplicate,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `2>`; `None` without a number, but for `Duplicate`, which always has one. `{name}>` counts as 10.
    pub descriptor: Option<u32>,
    /// What it does.
    pub kind: RedirectKind,
    /// The file, the body, the string or the descriptor.
    pub target: Word,
}

/// A word: its parts side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The parts. An empty quoted string gives an empty `Quoted` part, so that `""` is a word and nothing is not.
    pub parts: Vec<Part>,
    /// Where it stands.
    pub span: Span,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Unquoted text as written, without line continuations: braces, globs and a leading tilde still mean something.
    Literal(EcoString),
    /// Quoted text: nothing in it means anything any more. Escapes and `$'…'` are decoded; bytes that are no UTF-8
    /// become U+FFFD.
    Quoted(EcoString),
    /// `$name`, `${name…}`
    Parameter(Parameter),
    /// `$(…)`, backticks, `${ …; }`
    Command {
        /// What it runs.
        script: Script,
        /// It stands in double quotes.
        quoted: bool,
        /// It is `$(<file)`: the file is the only redirection of the script's only command.
        file: bool,
    },
    /// `<(…)` and `>(…)`
    Process(Script),
    /// `$((…))`, `$[…]`: the expression, for what is substituted in it.
    Arithmetic(Box<Word>),
}

/// A parameter expansion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The variable: a name, a number, or one of `@*#?-$!`.
    pub name: String,
    /// What is done to its value.
    pub operation: Operation,
    /// Words inside: the default, the pattern, the replacement, the subscript, for what is substituted in them.
    pub words: Vec<Word>,
    /// It stands in double quotes.
    pub quoted: bool,
}

/// What `${name…}` does to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `$name`, `${name}`
    Plain,
    /// `${name:-word}`, `${name-word}`: the last of the words.
    Default,
    /// `${name:=word}`, `${name=word}`
    AssignDefault,
    /// `${name:?word}`, `${name?word}`: never empty.
    Required,
    /// `${name:+word}`, `${name+word}`
    Alternative,
    /// `${#name}`: a number.
    Length,
    /// `${name[…]}`: one or all elements.
    Element,
    /// Anything else: `${name#…}`, `${name/…}`, `${name:1}`, `${!name}`, `${name^^}`, `${name@Q}` …
    Other,
}

/// Why a text can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Why, as one clause: "a quote is never closed".
    pub why: &'static str,
    /// The byte where reading stopped.
    pub at: usize,
    /// The complete commands in front of it, which bash would run all the same.
    pub before: Script,
}
