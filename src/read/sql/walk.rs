//! From a text in one reading to its statements, with those that stand in strings that are executed.

use super::begin::{Start, statements};
use super::dialect::Flags;
use super::text::Text;
use super::token::Kind;
use super::verb::Part;
use super::words::{CARRIES, NAMING, NOT_CALLS};
use super::{meta, verb, words};
use std::ops::Range;

/// How deep strings of SQL in strings of SQL are followed.
const DEPTH: u8 = 6;

/// A statement with what the later passes need to know.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) part: Part,
    pub(super) span: Range<usize>,
    /// The number of the run between two `;` of the whole text.
    pub(super) segment: usize,
    /// It stands at the top, not in a string, a block or parentheses.
    pub(super) direct: bool,
    /// The function whose body it is in: not executed now.
    pub(super) owner: Option<String>,
}

/// A text that is still to be read.
struct Job {
    text: String,
    /// Where it came from; with `exact`, its characters stand there one by one.
    span: Range<usize>,
    exact: bool,
    segment: Option<usize>,
    owner: Option<String>,
    depth: u8,
}

/// The body of a function that is being created, over several `;`.
struct Body {
    owner: String,
    depth: usize,
}

struct Walk<'a, 't> {
    text: &'a Text<'t>,
    job: &'a Job,
    found: &'a mut Vec<Found>,
    jobs: &'a mut Vec<Job>,
    body: Option<Body>,
    /// Inside of `$$…$$` in a reading that knows no such strings, where the statement around it is an error.
    in_dollars: bool,
    segment: usize,
}

/// All statements of a text in one reading, in order.
pub(super) fn walk(raw: &str, flags: Flags) -> Vec<Found> {
    let mut found = Vec::new();
    let mut jobs =
        vec![Job { text: raw.to_owned(), span: 0..raw.len(), exact: true, segment: None, owner: None, depth: 0 }];
    while let Some(job) = jobs.pop() {
        let text = Text::new(&job.text, flags);
        let mut walk = Walk {
            text: &text,
            job: &job,
            found: &mut found,
            jobs: &mut jobs,
            body: None,
            in_dollars: false,
            segment: 0,
        };
        walk.run();
    }
    found.sort_by_key(|f| f.segment);
    found
}

impl Walk<'_, '_> {
    fn run(&mut self) {
        let text = self.text;
        let mut begin = 0;
        for at in 0..=text.len() {
            let kind = text.kind(at);
            if !matches!(kind, Kind::End | Kind::Batch | Kind::Meta) {
                continue;
            }
            if begin < at {
                self.one(begin, at);
            }
            if kind == Kind::Meta {
                self.meta(at);
            }
            if kind == Kind::Batch {
                self.body = None;
                self.in_dollars = false;
            }
            begin = at + 1;
            self.segment += 1;
        }
    }

    fn span(&self, from: usize, to: usize) -> Range<usize> {
        if !self.job.exact {
            return self.job.span.clone();
        }
        let start = self.text.token(from).map_or(0, |t| t.start);
        let end = self.text.token(to.saturating_sub(1)).map_or(start, |t| t.end);
        self.job.span.start + start..self.job.span.start + end.max(start)
    }

    fn push(&mut self, part: Part, span: Range<usize>, direct: bool, owner: Option<String>) {
        if self.job.depth > 0 && matches!(part.verb.as_str(), "unknown" | "block") && !part.marks.contains(&"dynamic") {
            return;
        }
        let mut part = part;
        if part.verb == "end" {
            let block = self.job.depth > 0 || owner.is_some();
            part.verb = if block { return } else { "commit".to_owned() };
        }
        part.mark("nested", self.job.depth > 0);
        let segment = self.job.segment.unwrap_or(self.segment);
        let direct = direct && self.job.depth == 0;
        self.found.push(Found { part, span, segment, direct, owner });
    }

    /// Reads the string at `at` as SQL later.
    fn later(&mut self, at: usize, owner: Option<String>) {
        let Some(token) = self.text.token(at) else { return };
        if self.job.depth >= DEPTH {
            let mut part = Part::new("unknown", None);
            part.mark("dynamic", true);
            let span = self.span(at, at + 1);
            return self.push(part, span, false, owner);
        }
        let text = self.text.unquote(at);
        let exact = self.job.exact && text == self.text.inner_raw(at);
        let span = if exact {
            self.job.span.start + token.from..self.job.span.start + token.to
        } else {
            self.span(at, at + 1)
        };
        let segment = Some(self.job.segment.unwrap_or(self.segment));
        self.jobs.push(Job { text, span, exact, segment, owner, depth: self.job.depth + 1 });
    }

    fn meta(&mut self, at: usize) {
        let line = self.text.inner_raw(at);
        let read = meta::read(line);
        let span = self.span(at, at + 1);
        if let (Some(from), Some(token)) = (read.sql, self.text.token(at)) {
            let from = token.from + from;
            let span = self.job.span.start + from..self.job.span.start + token.to;
            let span = if self.job.exact { span } else { self.job.span.clone() };
            let text = self.text.raw.get(from..token.to).unwrap_or("").to_owned();
            if self.job.depth < DEPTH {
                let segment = Some(self.job.segment.unwrap_or(self.segment));
                let owner = self.job.owner.clone();
                self.jobs.push(Job { text, span, exact: self.job.exact, segment, owner, depth: self.job.depth + 1 });
            }
        }
        let mut part = Part::new(read.verb, read.object);
        part.mark("dynamic", read.dynamic);
        self.push(part, span, true, self.job.owner.clone());
    }

    /// Reads a run of tokens without `;`.
    fn one(&mut self, from: usize, to: usize) {
        let text = self.text;
        let dollars = (from..to).filter(|at| self.dollars(*at)).count();
        if self.in_dollars {
            self.in_dollars = dollars % 2 == 0;
            return;
        }
        let starts = statements(text, from, to);
        let Some(first) = starts.first() else { return };
        let head = text.word(first.at).to_owned();
        let routine = matches!(head.as_str(), "create" | "alter") && self.routine(first);
        // A backtick is an error where it doesn't quote names.
        if (from..to).any(|at| text.kind(at) == Kind::Sign(b'`')) {
            if routine {
                self.body = Some(Body { owner: String::new(), depth: 0 });
            }
            return self.close_body(from, to);
        }
        if dollars > 0 {
            self.in_dollars = dollars % 2 == 1 && (routine || head == "do");
            return;
        }
        let mut owner = self.body.as_ref().map(|body| body.owner.clone()).or_else(|| self.job.owner.clone());
        let body = self.body.is_some();
        let explains = matches!(head.as_str(), "explain" | "describe" | "desc") && self.body.is_none();
        let executes = explains && (first.at..to).any(|i| text.any(i, &["analyze", "analyse"]) && !self.denied(i + 1));
        let mut parts: Vec<(Part, Range<usize>, bool, Option<String>)> = Vec::new();
        let mut routine_name = None;
        for (number, start) in starts.iter().enumerate() {
            if number > 0 && explains && !executes {
                break;
            }
            let span = self.span(start.at, start.end);
            for mut part in verb::read(text, start.at, start.end) {
                part.mark(
                    "nested",
                    start.nested || number > 0 && (executes || matches!(head.as_str(), "prepare" | "analyze")),
                );
                if number == 0 && routine && routine_name.is_none() {
                    routine_name.clone_from(&part.object);
                }
                let inner = if routine && number > 0 {
                    routine_name.clone().or_else(|| Some(String::new()))
                } else {
                    owner.clone()
                };
                parts.push((part, span.clone(), number == 0 && !start.nested, inner));
            }
        }
        if routine {
            let name = routine_name.unwrap_or_default();
            self.body = Some(Body { owner: name.clone(), depth: 0 });
            owner = Some(name);
        }
        self.strings(&starts, &parts, routine, owner.clone());
        if !routine {
            self.calls(first, to, &head, &mut parts, owner.as_ref());
        }
        self.files(from, to, &mut parts, owner.as_ref());
        self.marks(from, to, &head, &mut parts);
        if routine || body {
            self.close_body(from, to);
        }
        for (part, span, direct, owner) in parts {
            self.push(part, span, direct, owner);
        }
    }

    /// Whether the second `$` of `$$` or `$tag$` stands here, which only is a token where that is no string.
    fn dollars(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|i| self.text.token(i));
        self.text.kind(at) == Kind::Sign(b'$')
            && before.is_some_and(|b| {
                self.text.token(at).is_some_and(|t| t.start == b.end) && self.text.inner(at - 1).starts_with('$')
            })
    }

    /// The words `FALSE`, `OFF` and `0` behind an option.
    fn denied(&self, at: usize) -> bool {
        self.text.any(at, &["false", "off"]) || self.text.inner(at) == "0"
    }

    /// Whether a `CREATE` defines something that is executed later.
    fn routine(&self, first: &Start) -> bool {
        let stop = first.end.min(first.at + 16);
        let what = (first.at + 1..stop).find(|i| {
            self.text.any(*i, &words::ROUTINES)
                || self.text.any(*i, &["table", "view", "index", "schema", "event", "user", "role"])
        });
        what.is_some_and(|i| self.text.any(i, &words::ROUTINES))
    }

    /// Follows `BEGIN … END` of a body to where it ends.
    fn close_body(&mut self, from: usize, to: usize) {
        let text = self.text;
        let Some(body) = self.body.as_mut() else { return };
        for at in from..to {
            match text.word(at) {
                "begin" if !text.any(at + 1, &["tran", "transaction", "work"]) => body.depth += 1,
                "case" if !text.is(at.wrapping_sub(1), "end") => body.depth += 1,
                "end" if !text.any(at + 1, &["if", "loop", "while", "repeat", "for"]) => {
                    body.depth = body.depth.saturating_sub(1);
                }
                _ => {}
            }
        }
        if body.depth == 0 {
            self.body = None;
        }
    }

    /// Strings that are executed: bodies of `DO` and functions, `EXECUTE '…'`, arguments of some functions.
    fn strings(
        &mut self,
        starts: &[Start],
        parts: &[(Part, Range<usize>, bool, Option<String>)],
        routine: bool,
        owner: Option<String>,
    ) {
        let text = self.text;
        let carrier = parts.iter().any(|(part, ..)| {
            part.verb == "call" && part.object.as_deref().is_some_and(|name| CARRIES.contains(&name))
        });
        let executes = carrier || parts.iter().any(|(part, ..)| part.verb == "execute");
        let mut done = 0;
        for start in starts {
            let executed = match text.word(start.at) {
                "do" | "prepare" => true,
                "exec" | "execute" => executes,
                "create" | "alter" => routine,
                "set" => true,
                _ => false,
            };
            // `SET @sql = 'DROP …'; PREPARE s FROM @sql`: a string in a variable is read as well.
            let variable = text.is(start.at, "set");
            if !executed || variable && text.kind(start.at + 1) != Kind::Value {
                continue;
            }
            for at in start.at.max(done)..start.end {
                if text.kind(at) == Kind::Str {
                    self.later(at, owner.clone());
                }
            }
            done = done.max(start.end);
        }
    }

    fn calls(
        &mut self,
        first: &Start,
        to: usize,
        head: &str,
        parts: &mut Vec<(Part, Range<usize>, bool, Option<String>)>,
        owner: Option<&String>,
    ) {
        let text = self.text;
        let begin = match head {
            "create" => (first.at..to).find(|i| text.is(*i, "select")).unwrap_or(to),
            "grant" | "revoke" | "comment" | "drop" | "deny" | "pragma" => to,
            _ => first.at,
        };
        let mut seen: Vec<String> = Vec::new();
        let mut done = 0;
        for at in begin..to {
            let quoted = text.kind(at) == Kind::Quoted;
            if text.kind(at + 1) != Kind::Open || !(quoted || text.kind(at) == Kind::Word) || at + 1 >= to {
                continue;
            }
            let mut chain = at;
            for _ in 0..4 {
                let part = chain.checked_sub(2).is_some_and(|i| matches!(text.kind(i), Kind::Word | Kind::Quoted));
                if part && text.kind(chain - 1) == Kind::Sign(b'.') && chain - 2 >= begin {
                    chain -= 2;
                }
            }
            let before = text.word(chain.wrapping_sub(1));
            let alone = chain == at;
            let typed = alone && before == "as" || text.kind(chain.wrapping_sub(1)) == Kind::Sign(b':');
            let close = text.mate(at + 1, to);
            let table_of_with = text.is(close + 1, "as")
                && (text.kind(close + 2) == Kind::Open || text.any(close + 2, &["materialized", "not"]));
            if alone && !quoted && NOT_CALLS.contains(&text.word(at))
                || NAMING.contains(&before)
                || typed
                || table_of_with
            {
                continue;
            }
            if matches!(head, "alter" | "declare") && alone && words::TYPES.contains(&text.word(at)) {
                continue;
            }
            let exact =
                (chain..=at).step_by(2).any(|i| text.kind(i) == Kind::Quoted && text.inner(i) != text.inner_raw(i));
            let name = match text.name(chain, at + 1) {
                Some((name, _)) if !exact => name.strip_prefix("pg_catalog.").map_or(name.clone(), str::to_owned),
                _ => (chain..=at).map(|i| text.inner_raw(i)).collect(),
            };
            if CARRIES.contains(&name.as_str()) {
                for i in done.max(at + 2)..close {
                    if text.kind(i) == Kind::Str {
                        self.later(i, owner.cloned());
                    }
                }
                done = done.max(close);
            }
            if seen.len() < 64 && !seen.contains(&name) {
                let mut part = Part::new(format!("call {name}"), None);
                // The first string argument is the object: a file, a slot, a table.
                part.object = (text.kind(at + 2) == Kind::Str).then(|| text.unquote(at + 2).to_lowercase());
                part.mark("nested", true);
                parts.push((part, self.span(chain, close + 1), false, owner.cloned()));
                seen.push(name);
            } else if seen.len() == 64 {
                parts.push((Part::new("call", None), self.span(at, at + 1), false, owner.cloned()));
                seen.push(String::new());
            }
        }
    }

    /// `INTO OUTFILE`, at any depth.
    fn files(
        &mut self,
        from: usize,
        to: usize,
        parts: &mut Vec<(Part, Range<usize>, bool, Option<String>)>,
        owner: Option<&String>,
    ) {
        for at in from..to {
            if self.text.is(at, "into") && self.text.any(at + 1, &["outfile", "dumpfile"]) {
                let object = self.text.name(at + 2, to).map(|(name, _)| name);
                parts.push((Part::new("into outfile", object), self.span(at, at + 3), false, owner.cloned()));
            }
        }
    }

    /// Marks that hold for all of a run: what can't be known, locks, credentials.
    fn marks(&self, from: usize, to: usize, head: &str, parts: &mut [(Part, Range<usize>, bool, Option<String>)]) {
        let text = self.text;
        let (mut dynamic, mut value, mut locking, mut secret, mut open, mut file) =
            (false, false, false, false, false, false);
        secret |= text.has_secret(from, to);
        for at in from..to {
            match text.kind(at) {
                Kind::Hole => {
                    let before = text.kind(at.wrapping_sub(1));
                    let behind = text.any(
                        at.wrapping_sub(1),
                        &["like", "in", "limit", "offset", "between", "and", "is", "top", "ilike"],
                    );
                    let reads = head == "select" && text.any(at.wrapping_sub(1), &["from", "join", "select", "by"]);
                    let as_value =
                        at > from && (matches!(before, Kind::Sign(_)) && before != Kind::Sign(b'.') || behind || reads);
                    let listed = at > from && before == Kind::Open && !text.is_query(at);
                    value |= as_value || listed;
                    dynamic |= !(as_value || listed);
                }
                Kind::Str | Kind::Quoted => {
                    // DuckDB: FROM 'file.csv', FROM "dir/file.csv"
                    let from = text.any(at.wrapping_sub(1), &["from", "join"]) && at > from;
                    file |= from && (text.kind(at) == Kind::Str || text.inner(at).contains('/'));
                    value |= text.inner_raw(at).contains(super::HOLE);
                    open |= text.token(at).is_some_and(|token| token.open);
                }
                Kind::Word => {
                    let word = text.word(at);
                    secret |= head == "show" && word == "create" && text.is(at + 1, "user");
                    locking |= word == "for" && text.any(at + 1, &["update", "share", "no", "key"])
                        || word == "lock" && text.is(at + 1, "in");
                    locking |= word == "nextval" || word == "next" && text.is(at + 1, "value");
                    locking |= matches!(word, "updlock" | "xlock" | "tablockx" | "holdlock");
                }
                _ => {}
            }
        }
        open |= text.cut && to == text.len();
        for (part, ..) in parts {
            part.mark("dynamic", dynamic);
            part.mark("unknown-value", value);
            part.mark("file", file && matches!(part.verb.as_str(), "select" | "explain" | "describe"));
            part.mark("locking", locking && part.verb == "select");
            part.mark("unterminated", open);
            part.mark(
                "secret",
                secret && matches!(part.verb.as_str(), "select" | "explain" | "show" | "copy to stdout"),
            );
        }
    }
}
