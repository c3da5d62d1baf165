//! How much of a table a `WHERE` lets through.

use super::text::Text;
use super::token::Kind;

/// The part of a table that a condition lets through; the order is from little to all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Breadth {
    /// Never true.
    Nothing,
    /// Depends on what is in the rows.
    Selective,
    /// Likely most rows: `x IS NOT NULL`, `id > 0`, `x <> 1`.
    Broad,
    /// Always true.
    Constant,
}

impl Breadth {
    fn not(self) -> Self {
        match self {
            Self::Nothing => Self::Constant,
            Self::Constant => Self::Nothing,
            Self::Selective | Self::Broad => Self::Broad,
        }
    }
}

struct Frame {
    any: Option<Breadth>,
    all: Option<Breadth>,
    negated: bool,
    /// Where the term begins that is being read.
    begin: usize,
    /// The term so far is one group in parentheses, and lets this much through.
    group: Option<Breadth>,
}

impl Frame {
    fn new(begin: usize) -> Self {
        Self { any: None, all: None, negated: false, begin, group: None }
    }

    fn end_term(&mut self, text: &Text, end: usize) {
        let breadth = match self.group.take() {
            Some(breadth) => breadth,
            None if self.begin < end => term(text, self.begin, end),
            None => Breadth::Selective,
        };
        let breadth = if self.negated { breadth.not() } else { breadth };
        self.negated = false;
        self.all = Some(self.all.map_or(breadth, |all| all.min(breadth)));
    }

    fn end_all(&mut self, text: &Text, end: usize) -> Breadth {
        self.end_term(text, end);
        let all = self.all.take().unwrap_or(Breadth::Selective);
        let any = self.any.map_or(all, |any| any.max(all));
        self.any = Some(any);
        any
    }
}

/// How much the condition in the tokens `from..to` lets through.
pub(super) fn breadth(text: &Text, from: usize, to: usize) -> Breadth {
    let mut frames = vec![Frame::new(from)];
    let (mut at, mut case, mut between) = (from, 0usize, false);
    while at < to {
        let Some(frame) = frames.last_mut() else { break };
        let word = text.word(at);
        match text.kind(at) {
            Kind::Open if frame.begin == at && case == 0 && !text.is_query(at + 1) => {
                frames.push(Frame::new(at + 1));
            }
            Kind::Open => {
                frame.group = None;
                at = text.mate(at, to);
            }
            Kind::Close => {
                let inner = if frames.len() > 1 { frames.pop() } else { None };
                let group = inner.map(|mut inner| inner.end_all(text, at));
                if let (Some(outer), Some(group)) = (frames.last_mut(), group) {
                    outer.group = Some(group);
                }
            }
            Kind::Word if word == "case" => case += 1,
            Kind::Word if word == "end" && case > 0 => case -= 1,
            _ if case > 0 => {}
            Kind::Word if word == "between" => {
                frame.group = None;
                between = true;
            }
            Kind::Word if word == "and" && between => between = false,
            Kind::Word if word == "and" => {
                frame.end_term(text, at);
                frame.begin = at + 1;
            }
            Kind::Word if word == "or" || word == "xor" => {
                frame.end_all(text, at);
                frame.begin = at + 1;
            }
            Kind::Sign(b'|') if text.kind(at + 1) == Kind::Sign(b'|') && text.kind(at + 2) == Kind::Number => {
                frame.end_all(text, at);
                at += 1;
                frame.begin = at + 1;
            }
            Kind::Word if word == "not" && frame.begin == at && !text.is(at + 1, "exists") => {
                frame.negated = !frame.negated;
                frame.begin = at + 1;
            }
            Kind::Sign(b'!') if frame.begin == at => {
                frame.negated = !frame.negated;
                frame.begin = at + 1;
            }
            // `(a) = (b)`: the group was not the whole term.
            _ => frame.group = None,
        }
        at += 1;
    }
    while frames.len() > 1 {
        let group = frames.pop().map(|mut inner| inner.end_all(text, to));
        if let Some(outer) = frames.last_mut() {
            outer.group = group;
        }
    }
    frames.pop().map_or(Breadth::Selective, |mut frame| frame.end_all(text, to))
}

/// Whether a token speaks of a row (or of something that can't be known): anything but literals and operators.
fn of_rows(text: &Text, at: usize) -> bool {
    match text.kind(at) {
        Kind::Quoted | Kind::Value | Kind::Hole => true,
        Kind::Word => {
            let calls = text.kind(at + 1) == Kind::Open;
            !calls
                && !matches!(
                    text.word(at),
                    "true"
                        | "false"
                        | "null"
                        | "is"
                        | "not"
                        | "in"
                        | "like"
                        | "ilike"
                        | "rlike"
                        | "regexp"
                        | "between"
                        | "and"
                        | "or"
                        | "unknown"
                        | "date"
                        | "interval"
                        | "timestamp"
                        | "exists"
                        | "select"
                        | "any"
                        | "all"
                        | "some"
                        | "current_timestamp"
                        | "current_date"
                        | "as"
                        | "limit"
                        | "current_user"
                        | "div"
                        | "mod"
                        | "distinct"
                )
        }
        _ => false,
    }
}

/// How much one comparison lets through.
fn term(text: &Text, from: usize, to: usize) -> Breadth {
    let mut rows = false;
    let mut sign: Option<(usize, usize)> = None;
    let (mut not, mut list) = (false, None);
    let mut at = from;
    while at < to {
        match text.kind(at) {
            Kind::Open => {
                let end = text.mate(at, to);
                if text.is_query(at + 1) {
                    if filtered(text, at + 1, end) {
                        rows = true;
                    } else if text.has_word(at + 1, end, "from") {
                        list = Some(at);
                    }
                } else if end - at > 64 || (at + 1..end).any(|i| of_rows(text, i)) {
                    rows = true;
                }
                at = end;
            }
            Kind::Word if text.word(at) == "not" => not = true,
            Kind::Sign(b'<' | b'>' | b'=' | b'!' | b'~' | b'^') if sign.is_none() => {
                let mut end = at + 1;
                while end < to && matches!(text.kind(end), Kind::Sign(b'<' | b'>' | b'=' | b'~' | b'*')) {
                    end += 1;
                }
                sign = Some((at, end));
                at = end - 1;
            }
            Kind::Word if matches!(text.word(at), "is" | "like" | "ilike") && sign.is_none() => {
                sign = Some((at, at + 1))
            }
            _ => rows |= of_rows(text, at),
        }
        at += 1;
    }
    // `id IN (SELECT id FROM t)`, `EXISTS (SELECT 1 FROM t)`: as much as the table holds.
    if list.is_some() && !text.is(from, "current") {
        return Breadth::Broad;
    }
    let (left, right) = sign.map_or((from..to, to..to), |(a, b)| (from..a, b..to));
    if !rows {
        return constant(text, sign, left, right);
    }
    if not {
        return Breadth::Broad;
    }
    let Some((operator, behind)) = sign else { return bare(text, from, to) };
    if left.len() == right.len() && left.clone().zip(right.clone()).all(|(a, b)| text.same(a, b)) {
        return if matches!(text.kind(operator), Kind::Sign(b'!' | b'^'))
            || behind - operator == 2
                && text.kind(operator + 1) == Kind::Sign(b'>')
                && text.kind(operator) == Kind::Sign(b'<')
        {
            Breadth::Nothing
        } else {
            Breadth::Constant
        };
    }
    if matches!(text.word(operator), "is") {
        return Breadth::Broad;
    }
    let mirrored = left.len() == 1 && matches!(text.kind(left.start), Kind::Number | Kind::Str);
    let other = if mirrored { left.clone() } else { right.clone() };
    let value = if other.end > other.start { text.inner(other.end - 1) } else { "" };
    let literal = matches!(text.kind(other.end.saturating_sub(1)), Kind::Str | Kind::Number | Kind::Quoted);
    match (text.kind(operator), text.kind(operator + 1)) {
        (Kind::Word | Kind::Sign(b'~'), _) if literal => match value {
            "%" | "%%" | ".*" | "" | "." | "^" => Breadth::Constant,
            "_%" | ".+" | "%_%" => Breadth::Broad,
            _ => Breadth::Selective,
        },
        (Kind::Sign(b'!' | b'^'), _) => Breadth::Broad,
        (Kind::Sign(b'<'), Kind::Sign(b'>')) if behind - operator == 2 => Breadth::Broad,
        (Kind::Sign(sign @ (b'<' | b'>')), _) => {
            let more = (sign == b'>') != mirrored;
            let number = value.parse::<f64>().ok();
            let minus = other.len() == 2 && text.kind(other.start) == Kind::Sign(b'-');
            let number = if minus { number.map(|n| -n) } else { number };
            let single = other.len() == 1 || minus;
            let now =
                matches!(text.word(other.start), "now" | "current_timestamp" | "current_date" | "getdate" | "sysdate")
                    && other.len() <= 3;
            let broad = single && number.is_some_and(|n| if more { n <= 1.0 } else { n >= 1e6 }) || now && !more;
            if broad { Breadth::Broad } else { Breadth::Selective }
        }
        _ => Breadth::Selective,
    }
}

/// A query in `from..to` has something that limits it.
fn filtered(text: &Text, from: usize, to: usize) -> bool {
    ["where", "limit", "having", "join", "top", "fetch", "intersect", "except"]
        .iter()
        .any(|word| text.has_word(from, to, word))
}

/// A term without any operator: a column (`WHERE active`, `WHERE id`), `CURRENT OF …`, or a call.
fn bare(text: &Text, from: usize, to: usize) -> Breadth {
    let name = (from..to).all(|at| match text.kind(at) {
        Kind::Word | Kind::Quoted => (at - from).is_multiple_of(2),
        Kind::Sign(b'.') => (at - from) % 2 == 1,
        _ => false,
    });
    let null = matches!(text.word(to - 1), "isnull" | "notnull");
    if null || name && to - from <= 5 && (to - from) % 2 == 1 { Breadth::Broad } else { Breadth::Selective }
}

/// A term that speaks of no row: always true, unless it is plainly false.
fn constant(
    text: &Text,
    sign: Option<(usize, usize)>,
    left: std::ops::Range<usize>,
    right: std::ops::Range<usize>,
) -> Breadth {
    let truth = |yes: bool| if yes { Breadth::Constant } else { Breadth::Nothing };
    if left.len() == 1 && right.is_empty() {
        return truth(!matches!(text.inner(left.start), "0" | "false" | "null" | ""));
    }
    let (Some((operator, behind)), 1, 1) = (sign, left.len(), right.len()) else { return Breadth::Constant };
    let (a, b) = (text.inner(left.start), text.inner(right.start));
    let order = match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.partial_cmp(&b),
        _ => Some(a.cmp(b)),
    };
    let Some(order) = order else { return Breadth::Constant };
    let wide = behind - operator > 1;
    match text.kind(operator) {
        Kind::Sign(b'=') => truth(order.is_eq()),
        Kind::Sign(b'!' | b'^') => truth(order.is_ne()),
        Kind::Sign(b'<') if text.kind(operator + 1) == Kind::Sign(b'>') => truth(order.is_ne()),
        Kind::Sign(b'<') => truth(order.is_lt() || wide && order.is_eq()),
        Kind::Sign(b'>') => truth(order.is_gt() || wide && order.is_eq()),
        _ => Breadth::Constant,
    }
}
