//! The outline of a call: what was read, nested as it was read, and where each part stands in the text that it was read
//! from. It is only made where a person wants a call explained; the hook goes without.

use super::reader::{Reader, Scope};
use super::shell::ast::{Join, Node};
use crate::call::ToolCall;
use crate::rules::model::Language;
use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

/// The most parts that are kept. What is read beyond them counts to the part that it stands in.
const PARTS: usize = 4_096;
/// The most bytes in which a text that was handed on is looked for.
const SEARCHED: usize = 256 << 10;

/// The shortest text that is looked for in all of a call, in bytes.
const ALONE: usize = 6;

/// A text that parts of a call stand in.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file that it was read from; `None`: it is the call itself.
    pub file: Option<String>,
    /// The text.
    pub text: Rc<str>,
}

/// Where something stands: bytes of a source, always whole characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which source.
    pub source: usize,
    /// Which bytes of it.
    pub bytes: Range<usize>,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The call as a whole.
    Call,
    /// Commands that belong together: `&&`, a pipeline, a loop.
    Compound(&'static str),
    /// A simple command as it is written.
    Simple,
    /// A program with its arguments, as it is run.
    Command,
    /// Text in a language.
    Text(Language),
    /// A file in which a name is looked up: `package.json`, `Makefile`.
    Book,
    /// The body of a function.
    Function,
    /// A tool of an MCP server.
    Tool,
}

/// A source, and the byte of it from which the spans of a syntax tree count.
type Base = Option<(usize, usize)>;

/// A part of a call.
#[derive(Clone, Debug)]
pub struct Part {
    /// The part in which it stands, by its number; that of the call is 0, and its own parent.
    pub parent: u32,
    /// What it is.
    pub what: What,
    /// How it is shown.
    pub shown: String,
    /// Where it stands. Where that can't be told exactly, what it stands in.
    pub span: Option<Span>,
    /// What it stands in holds it as it is shown: the span is its own.
    pub exact: bool,
    /// Where texts that it hands on are looked for.
    within: Option<Span>,
    /// Where the text begins that the spans of the syntax tree count from.
    base: Base,
}

/// The outline of a call.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The texts: first the call's own, then those of files.
    pub sources: Vec<Source>,
    /// The parts, each behind the one that it stands in.
    pub parts: Vec<Part>,
    /// Where the bodies of functions stand.
    bodies: Vec<(Rc<Node>, Base)>,
    /// The file whose text is read next.
    file: Option<String>,
}

/// The text of a call as a person sees it.
#[must_use]
pub fn text_of(tool: &ToolCall) -> String {
    match tool {
        ToolCall::Bash { command, .. } | ToolCall::PowerShell { command } => command.clone(),
        ToolCall::Monitor { command } => command.clone().unwrap_or_default(),
        ToolCall::Write { path, content } => format!("{path}\n{content}"),
        ToolCall::Edit { path, old, new, .. } => {
            let signed =
                |sign: char, text: &str| text.lines().map(|line| format!("\n{sign} {line}")).collect::<String>();
            format!("{path}{}{}", signed('-', old), signed('+', new))
        }
        ToolCall::NotebookEdit { path, source, .. } => format!("{path}\n{source}"),
        ToolCall::Mcp { name, input, .. } => {
            let short = input.to_string();
            if short.len() <= 64 { format!("{name} {short}") } else { format!("{name} {input:#}") }
        }
        ToolCall::Other(name) => name.clone(),
    }
}

impl Outline {
    /// Of a call.
    #[must_use]
    pub fn of(tool: &ToolCall) -> Self {
        let text: Rc<str> = Rc::from(text_of(tool));
        let whole = Span { source: 0, bytes: 0..text.len() };
        let shell = matches!(tool, ToolCall::Bash { .. } | ToolCall::Monitor { .. });
        let call = Part {
            parent: 0,
            what: What::Call,
            shown: tool.name().to_owned(),
            span: Some(whole.clone()),
            exact: true,
            within: Some(whole),
            base: shell.then_some((0, 0)),
        };
        let sources = vec![Source { file: None, text }];
        Self { sources, parts: vec![call], bodies: Vec::new(), file: None }
    }

    /// The text at a place.
    #[must_use]
    pub fn text(&self, span: &Span) -> &str {
        self.sources.get(span.source).and_then(|source| source.text.get(span.bytes.clone())).unwrap_or_default()
    }

    /// How a part is shown; of one that stands in a file, without its secrets.
    #[must_use]
    pub fn shown<'a>(&self, part: &'a Part) -> Cow<'a, str> {
        let places = [&part.span, &part.within];
        if places.into_iter().flatten().any(|place| place.source > 0) {
            crate::journal::redact::redact(&part.shown)
        } else {
            Cow::Borrowed(&part.shown)
        }
    }

    fn part(&self, at: u32) -> &Part {
        // There is always the call.
        self.parts.get(at as usize).unwrap_or(&self.parts[0])
    }

    /// Adds a part, unless it is there already: a loop is read more than once.
    fn add(&mut self, part: Part) -> u32 {
        let same = |known: &Part| {
            known.parent == part.parent
                && known.what == part.what
                && known.span == part.span
                && known.base == part.base
                && known.shown == part.shown
        };
        let known = self.parts.iter().skip(part.parent as usize).position(same);
        if let Some(at) = known {
            return part.parent + u32::try_from(at).unwrap_or_default();
        }
        match u32::try_from(self.parts.len()) {
            Ok(at) if self.parts.len() < PARTS => {
                self.parts.push(part);
                at
            }
            _ => part.parent,
        }
    }

    /// A part at a place that the syntax tree gives.
    fn placed(&self, parent: u32, what: What, shown: String, bytes: Range<usize>) -> Part {
        let above = self.part(parent);
        let found = above.base.and_then(|(source, from)| {
            let bytes = from + bytes.start..from + bytes.end;
            let text = self.sources.get(source)?.text.get(bytes.clone())?;
            (!text.is_empty()).then_some(Span { source, bytes })
        });
        let exact = found.is_some();
        let span = found.or_else(|| above.span.clone());
        let within = if exact { span.clone() } else { above.within.clone() };
        Part { parent, what, shown, within, exact, span, base: above.base }
    }

    /// Where a text stands inside of a part, and whether letter by letter.
    #[must_use]
    pub fn locate(&self, part: u32, text: &str) -> Option<(Span, bool)> {
        let within = self.part(part).within.as_ref()?;
        let hay = self.text(within);
        let whole = text.trim();
        if whole.is_empty() || hay.len() > SEARCHED {
            return None;
        }
        let at = |from: usize, len: usize| {
            let from = within.bytes.start + from;
            Span { source: within.source, bytes: from..from + len }
        };
        // What a command hands on stands behind its own name.
        if let Some(from) = hay.rfind(whole) {
            return Some((at(from, whole.len()), true));
        }
        let json = serde_json::to_string(whole).unwrap_or_default();
        let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or_default();
        if let Some(from) = hay.find(json).filter(|_| !json.is_empty()) {
            return Some((at(from, json.len()), false));
        }
        if let Some(found) = loosely(hay, whole) {
            return Some((at(found.start, found.len()), false));
        }
        // A here-document stands behind its command, what is piped in before it.
        let all = self.sources.get(within.source).filter(|all| all.text.len() <= SEARCHED && whole.len() >= ALONE)?;
        let from = all.text.find(whole).filter(|from| all.text.rfind(whole) == Some(*from))?;
        Some((Span { source: within.source, bytes: from..from + whole.len() }, true))
    }

    /// A part that is looked for by its text.
    fn found(&self, parent: u32, what: What, shown: String, text: &str) -> Part {
        if let Some((span, verbatim)) = self.locate(parent, text) {
            let lead = text.len() - text.trim_start().len();
            // Only the text of a script has a syntax tree of its own.
            let own = verbatim && matches!(what, What::Text(_));
            let base = span.bytes.start.checked_sub(lead).filter(|_| own).map(|from| (span.source, from));
            return Part { parent, what, shown, within: Some(span.clone()), exact: true, span: Some(span), base };
        }
        let above = self.part(parent);
        let (within, span) = (above.within.clone(), above.span.clone());
        Part { parent, what, shown, within, exact: false, span, base: None }
    }

    /// A part that is the text of a file.
    fn of_file(&mut self, parent: u32, what: What, shown: String, file: String, text: &str) -> Part {
        let known = self.sources.iter().position(|source| source.file.as_ref() == Some(&file) && *source.text == *text);
        let source = known.unwrap_or_else(|| {
            self.sources.push(Source { file: Some(file), text: Rc::from(text) });
            self.sources.len() - 1
        });
        let whole = Span { source, bytes: 0..text.len() };
        let base = if what == What::Book { None } else { Some((source, 0)) };
        Part { parent, what, shown, span: self.part(parent).span.clone(), exact: false, within: Some(whole), base }
    }
}

/// Where a command stands that is shown as it is run, without its quotes, and with `…` for what isn't known of it.
fn loosely(hay: &str, shown: &str) -> Option<Range<usize>> {
    let starts = hay.char_indices().map(|(at, _)| at).filter(|at| {
        let before = hay[..*at].chars().next_back();
        before.is_none_or(|char| char.is_whitespace() || "'\"`(;&|{=/".contains(char))
    });
    let starts: Vec<usize> = starts.collect();
    starts.into_iter().rev().find_map(|at| behind(&hay[at..], shown).map(|len| at..at + len))
}

/// Whether a text as it is written is all that is shown as `…/x`.
pub(crate) fn takes(written: &str, shown: &str) -> bool {
    behind(written, shown) == Some(written.len())
}

/// How much of a text a command takes that begins there.
fn behind(hay: &str, shown: &str) -> Option<usize> {
    let mut at = 0;
    let mut wanted = shown.chars().peekable();
    let next = |at: usize| hay[at..].chars().next();
    while let Some(char) = wanted.peek().copied() {
        let here = next(at)?;
        if char == here && char != '…' {
            at += here.len_utf8();
            wanted.next();
        } else if char == '…' && matches!(here, '$' | '`' | '<') {
            at += expansion(&hay[at..])?;
            wanted.next();
        } else if char.is_whitespace() && here.is_whitespace() {
            at += hay[at..].len() - hay[at..].trim_start().len();
            wanted.next();
        } else if matches!(here, '\'' | '"' | '\\') {
            at += here.len_utf8();
        } else {
            return None;
        }
        if char.is_whitespace() {
            // `a  b`, and a line that goes on.
            let rest = hay[at..].trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
            at = hay.len() - rest.len();
        }
    }
    while let Some(quote @ ('\'' | '"')) = next(at) {
        at += quote.len_utf8();
    }
    next(at).is_none_or(|char| char.is_whitespace() || ";&|)}`,<>".contains(char)).then_some(at)
}

/// How many bytes an expansion takes: `$x`, `${x:-y}`, `$(z)`, backticks.
fn expansion(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let (_, first) = chars.next()?;
    if first == '`' {
        return chars.find(|(_, char)| *char == '`').map(|(at, _)| at + 1);
    }
    let (open, close) = match chars.clone().next() {
        Some((_, '{')) => ('{', '}'),
        Some((_, '(')) => ('(', ')'),
        _ => {
            let name = |char: &char| char.is_ascii_alphanumeric() || *char == '_';
            let len = text[1..].chars().take_while(name).count();
            return Some(1 + len.max(text[1..].chars().next().map_or(0, char::len_utf8).min(1)));
        }
    };
    let mut depth = 0;
    for (at, char) in chars {
        depth += i32::from(char == open) - i32::from(char == close);
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// The name of a compound command, and the bytes that it spans, as far as its commands tell.
fn compound(node: &Node) -> Option<&'static str> {
    Some(match node {
        Node::Pipeline(_) => "pipeline",
        Node::AndOr(_, rest) => {
            let or = rest.iter().filter(|(join, _)| *join == Join::Or).count();
            if or == 0 {
                "each if the last went well (&&)"
            } else if or == rest.len() {
                "each if the last failed (||)"
            } else {
                "each depending on the last (&&, ||)"
            }
        }
        Node::Subshell(_) => "subshell",
        Node::Group(_) => "group",
        Node::If(..) => "if",
        Node::While(..) => "loop (while)",
        Node::For(..) | Node::ArithmeticFor(..) => "loop (for)",
        Node::Case(..) => "case",
        Node::Coprocess(_) => "coprocess",
        Node::Simple(_) | Node::Function(..) | Node::Condition(_) | Node::Arithmetic(_) | Node::Redirected(..) => {
            return None;
        }
    })
}

impl Reader<'_> {
    fn under(&mut self, scope: &Scope, make: impl FnOnce(&mut Outline, u32) -> Part) -> Option<Scope> {
        let outline = self.outline.as_deref_mut()?;
        let part = make(outline, scope.origin.part);
        let at = outline.add(part);
        let mut inner = scope.clone();
        inner.origin.part = at;
        Some(inner)
    }

    /// The scope inside of a command of the shell. `None`: no outline is made.
    pub(super) fn outline_node(&mut self, node: &Node, scope: &Scope) -> Option<Scope> {
        self.outline.as_ref()?;
        match node {
            Node::Simple(simple) => self.under(scope, |outline, parent| {
                let mut part = outline.placed(parent, What::Simple, String::new(), simple.span.clone());
                part.shown = part
                    .span
                    .as_ref()
                    .filter(|_| part.exact)
                    .map_or_else(String::new, |span| outline.text(span).to_owned());
                part
            }),
            Node::Function(_, body) => {
                let outline = self.outline.as_deref_mut()?;
                let base = outline.part(scope.origin.part).base;
                outline.bodies.push((Rc::clone(body), base));
                None
            }
            node => {
                let what = What::Compound(compound(node)?);
                self.under(scope, |outline, parent| {
                    let above = outline.part(parent);
                    Part { parent, what, shown: String::new(), exact: false, ..above.clone() }
                })
            }
        }
    }

    /// The scope inside of a program that is run.
    pub(super) fn outline_command(&mut self, shown: impl FnOnce() -> String, scope: &Scope) -> Option<Scope> {
        self.outline.as_ref()?;
        let shown = shown();
        self.under(scope, |outline, parent| outline.found(parent, What::Command, shown.clone(), &shown))
    }

    /// The scope inside of text in a language.
    pub(super) fn outline_text(&mut self, language: Language, text: &str, scope: &Scope) -> Option<Scope> {
        self.under(scope, |outline, parent| match outline.file.take() {
            Some(file) => outline.of_file(parent, What::Text(language), file.clone(), file, text),
            None => outline.found(parent, What::Text(language), text.to_owned(), text),
        })
    }

    /// The next text that is read is that of a file.
    pub(super) fn outline_file(&mut self, path: &str) {
        if let Some(outline) = self.outline.as_deref_mut() {
            outline.file = Some(path.to_owned());
        }
    }

    /// The scope inside of a file in which a name is looked up.
    pub(super) fn outline_book(&mut self, path: &str, text: &str, scope: &Scope) -> Option<Scope> {
        self.under(scope, |outline, parent| outline.of_file(parent, What::Book, path.to_owned(), path.to_owned(), text))
    }

    /// The scope inside of a function's body.
    pub(super) fn outline_function(&mut self, name: &str, body: &Rc<Node>, scope: &Scope) -> Option<Scope> {
        self.under(scope, |outline, parent| {
            let above = outline.part(parent);
            let known = outline.bodies.iter().rev().find(|(known, _)| Rc::ptr_eq(known, body));
            let base = known.and_then(|(_, base)| *base);
            let (what, shown) = (What::Function, name.to_owned());
            Part { parent, what, shown, exact: false, base, ..above.clone() }
        })
    }

    /// The scope inside of a call of an MCP tool.
    pub(super) fn outline_tool(&mut self, name: &str, scope: &Scope) -> Option<Scope> {
        self.under(scope, |outline, parent| {
            let found = outline.found(parent, What::Tool, name.to_owned(), name);
            let within = outline.part(parent).within.clone();
            Part { within, base: None, ..found }
        })
    }
}
