//! Where a statement begins: behind `;`, and in the middle of others (CTEs, blocks, T-SQL without `;`).

use super::text::Text;
use super::token::Kind;

/// What can be dropped, created or altered: the word behind the verb.
pub(super) const TYPES: [&str; 84] = [
    "table",
    "database",
    "schema",
    "view",
    "index",
    "user",
    "role",
    "login",
    "procedure",
    "proc",
    "function",
    "trigger",
    "materialized",
    "sequence",
    "type",
    "domain",
    "extension",
    "tablespace",
    "policy",
    "publication",
    "subscription",
    "server",
    "foreign",
    "external",
    "event",
    "owned",
    "keyspace",
    "dictionary",
    "stage",
    "stream",
    "pipe",
    "task",
    "warehouse",
    "share",
    "package",
    "synonym",
    "public",
    "aggregate",
    "cast",
    "collation",
    "conversion",
    "operator",
    "rule",
    "language",
    "group",
    "partition",
    "column",
    "constraint",
    "statistics",
    "temporary",
    "temp",
    "assembly",
    "certificate",
    "credential",
    "endpoint",
    "masking",
    "network",
    "replica",
    "resource",
    "row",
    "snapshot",
    "storage",
    "application",
    "catalog",
    "secret",
    "macro",
    "profile",
    "transform",
    "access",
    "text",
    "model",
    "connection",
    "quota",
    "settings",
    "unique",
    "clustered",
    "nonclustered",
    "fulltext",
    "spatial",
    "virtual",
    "unlogged",
    "logfile",
    "undo",
    "system",
];

/// Words that are no name, so that what stands before them is no verb.
const RESERVED: [&str; 62] = [
    "from",
    "where",
    "and",
    "or",
    "not",
    "is",
    "in",
    "on",
    "as",
    "set",
    "select",
    "into",
    "values",
    "using",
    "when",
    "then",
    "else",
    "end",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "cross",
    "group",
    "order",
    "having",
    "limit",
    "union",
    "except",
    "intersect",
    "returning",
    "output",
    "with",
    "for",
    "of",
    "by",
    "row",
    "like",
    "between",
    "null",
    "default",
    "cascade",
    "restrict",
    "no",
    "nowait",
    "skip",
    "partitions",
    "index",
    "asc",
    "desc",
    "nulls",
    "to",
    "references",
    "check",
    "instead",
    "do",
    "over",
    "ilike",
    "key",
    "begin",
    "option",
];

/// Words before which a verb stands as the name of an event, a privilege or a column.
const BEFORE_EVENT: [&str; 27] = [
    "on", "for", "key", "do", "or", "before", "after", "of", "no", "grant", "revoke", "deny", "by", "and", "where",
    "when", "case", "not", "between", "like", "distinct", "set", "select", "add", "column", "if", "to",
];

/// Words behind which a statement may begin that has no second word to be known by.
const OPENS: [&str; 8] = ["begin", "then", "else", "loop", "repeat", "atomic", "do", "try"];

/// One statement in a run of tokens without `;`.
pub(super) struct Start {
    /// Its first token.
    pub(super) at: usize,
    /// The token behind it.
    pub(super) end: usize,
    /// It stands inside of another one's parentheses.
    pub(super) nested: bool,
}

/// The statements in `from..to`, which holds no end of a statement.
pub(super) fn statements(text: &Text, from: usize, to: usize) -> Vec<Start> {
    let mut found: Vec<Start> = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let (mut depth, mut first_depth) = (0usize, 0usize);
    for at in from..to {
        match text.kind(at) {
            Kind::Open => depth += 1,
            Kind::Close => {
                depth = depth.saturating_sub(1);
                while let Some((index, _)) = open.pop_if(|(_, level)| *level > depth) {
                    found[index].end = at;
                }
            }
            _ => {
                let head = open.last().map_or(at, |(index, _)| found[*index].at);
                if found.is_empty() || begins(text, at, head) {
                    if found.is_empty() {
                        first_depth = depth;
                    }
                    while let Some((index, _)) = open.pop_if(|(_, level)| *level >= depth) {
                        found[index].end = at;
                    }
                    open.push((found.len(), depth));
                    found.push(Start { at, end: to, nested: depth > first_depth });
                }
            }
        }
    }
    found
}

fn is_name(text: &Text, at: usize) -> bool {
    match text.kind(at) {
        Kind::Word => !RESERVED.contains(&text.word(at)),
        Kind::Quoted | Kind::Hole | Kind::Value => true,
        _ => false,
    }
}

/// Whether `DROP TABLE` and the like are followed by what they speak of.
fn has_target(text: &Text, at: usize) -> bool {
    TYPES.contains(&text.word(at))
        && (is_name(text, at + 1)
            || text.any(at + 1, &["if", "by", "key", "index", "group"])
            || text.kind(at + 1) == Kind::Str)
}

/// Whether a statement begins in the middle of the one that begins at `first`.
fn begins(text: &Text, at: usize, first: usize) -> bool {
    let head = text.word(first);
    let lists = head == "alter" && text.any(first + 1, &["publication", "extension"]);
    let word = text.word(at);
    if word.is_empty() || matches!(text.kind(at.wrapping_sub(1)), Kind::Sign(b'.')) {
        return false;
    }
    let next = at + 1;
    let before = text.word(at.wrapping_sub(1));
    let comma = text.kind(at.wrapping_sub(1)) == Kind::Sign(b',');
    let in_parens = text.kind(at.wrapping_sub(1)) == Kind::Open;
    let alias = before == "as" && !matches!(head, "prepare" | "create" | "alter" | "declare");
    // `[drop table x]` where that is no name is an error.
    let bracket = text.kind(at.wrapping_sub(1)) == Kind::Sign(b'[');
    if comma || alias || bracket || matches!(text.kind(next), Kind::Sign(b'.' | b',' | b'=')) {
        return false;
    }
    let listed = matches!(before, "select" | "distinct" | "by" | "grant" | "revoke");
    let event = BEFORE_EVENT.contains(&before);
    let first = text.token(at).is_some_and(|token| token.first);
    let loose = OPENS.contains(&before);
    let new = first || loose;
    let clause = head == "alter";
    let soon = |word: &str| (next..next + 8).any(|i| text.is(i, word));
    match word {
        "drop" => {
            has_target(text, next)
                && !listed
                && head != "system"
                && !lists
                && !(clause && (text.is(next, "foreign") && text.is(next + 1, "key"))
                    || clause
                        && text.any(
                            next,
                            &[
                                "column",
                                "index",
                                "constraint",
                                "partition",
                                "statistics",
                                "group",
                                "system",
                                "row",
                                "default",
                                "trigger",
                            ],
                        ))
        }
        "delete" if text.is(next, "from") => !listed,
        "delete" => !event && !in_parens && !clause && (is_name(text, next) || text.kind(next) == Kind::Value),
        "update" => {
            let target = is_name(text, next) || text.any(next, &["only", "top"]);
            target && !listed && (soon("set") || !event && !in_parens && !clause)
        }
        "insert" if text.is(next, "or") => text.any(next + 1, &["replace", "ignore", "abort", "fail", "rollback"]),
        "insert" if text.any(next, &["into", "overwrite"]) => !listed,
        "insert" => !event && !in_parens && before != "bulk" && is_name(text, next),
        "replace" | "upsert" => text.is(next, "into") && head != "load" && before != "or",
        "merge" => text.is(next, "into") || is_name(text, next) && soon("using") && !event,
        "truncate" => {
            !listed && text.is(next, "table") && (is_name(text, next + 1) || text.is(next + 1, "if"))
                || new && is_name(text, next) && !text.is(next, "partition")
        }
        "alter" => {
            !event && has_target(text, next) && !text.any(next, &["column", "constraint", "index"])
                || new && text.is(next, "system")
        }
        "create" => {
            !event
                && before != "show"
                && (has_target(text, next)
                    || text.is(next, "or") && text.any(next + 1, &["replace", "alter"])
                    || text.any(next, &["temp", "temporary", "unique", "materialized", "unlogged"]))
        }
        "rename" => text.is(next, "table") && !clause,
        "select" => {
            loose && before != "do"
                || matches!(head, "delete" | "update" | "drop" | "truncate" | "exec" | "execute" | "use" | "alter")
                    && !in_parens
                    && !matches!(before, "all" | "union" | "except" | "intersect" | "as")
        }
        "exec" | "execute" => {
            !event
                && !matches!(before, "with" | "as")
                && !text.any(next, &["function", "procedure", "on", "as"])
                && (is_name(text, next) || matches!(text.kind(next), Kind::Str | Kind::Open))
        }
        "grant" | "revoke" | "deny" => {
            before != "with"
                && (new && is_name(text, next)
                    || text.any(next, &["all", "select", "insert", "update", "delete", "execute", "usage"]))
                && !text.is(next, "option")
        }
        "shutdown" => {
            new || text.any(next, &["abort", "immediate"]) || text.is(next, "with") && text.is(next + 1, "nowait")
        }
        "restore" => text.any(next, &["database", "log"]) && !event,
        "dbcc" => is_name(text, next) && !event,
        "bulk" => text.is(next, "insert"),
        "kill" => matches!(text.kind(next), Kind::Number | Kind::Str) && !event,
        "begin" => new || text.any(next, &["tran", "transaction"]) || text.kind(at.wrapping_sub(1)) == Kind::Close,
        "commit" | "rollback" => new && head != "create",
        "use" => first && is_name(text, next),
        "declare" | "print" => new && is_name(text, next),
        "set" => loose || first && matches!(head, "use" | "set" | "declare" | "print" | "drop" | "truncate"),
        "perform" | "call" | "copy" | "lock" | "vacuum" | "refresh" | "reset" | "purge" | "flush" | "raise"
        | "return" => loose,
        _ => false,
    }
}
