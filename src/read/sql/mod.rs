//! SQL of any dialect: a text to its statements, each with a verb, an object and marks.
//!
//! A token scan, no syntax tree: a guard needs to know which statements there are and how much they reach, and where
//! strings, names and comments end is the whole difficulty. The dialect is unknown, so a text is read in every way that
//! the dialects read it (`dialect`), and the statements of all readings count.
//!
//! # Verbs
//!
//! | verb | statements |
//! | --- | --- |
//! | `select` | `SELECT`, `WITH … SELECT`, `TABLE t`, `VALUES`, DuckDB's `FROM t`, `PERFORM` |
//! | `select into`, `into outfile` | `SELECT … INTO newtable`, `SELECT … INTO OUTFILE/DUMPFILE 'file'` |
//! | `show`, `describe`, `explain`, `use`, `pragma` | as they say; `EXPLAIN ANALYZE x` yields `x` as well, marked `nested` |
//! | `insert`, `insert overwrite`, `replace`, `upsert`, `update`, `delete`, `merge`, `merge delete`, `truncate` | one `truncate` for each table |
//! | `drop <type>` | one for each name; the type as it is written: `table`, `materialized view`, `owned`, `policy`, … |
//! | `create <type>`, `create or replace <type>` | |
//! | `alter table <action>` | one for each action: `add column`, `add constraint`, `alter column type`, `alter column set`, `alter column drop default`, `alter column drop not null`, `drop column`, `drop constraint`, `drop partition`, `drop policy`, `truncate partition`, `detach partition`, `switch partition`, `disable rls`, `no force rls`, `disable trigger`, `nocheck`, `rename`, `set <name>`, `delete`, `update`, `clear column`, `discard tablespace`, … |
//! | `alter database set <name>`, `alter database set recovery <value>` | the same for `schema`, `account`, `warehouse` … |
//! | `alter <type>`, `alter <type> drop/add/rename/…` | other types; `alter user`, `alter role` |
//! | `alter system set <name>`, `alter system <word>` | object: the value |
//! | `set <name>` | object: the value; `set variable` for `@x` |
//! | `grant`, `revoke`, `deny` | object: what it is on |
//! | `copy from`, `copy to`, `copy to stdout`, `copy from program`, `copy to program`, `load data`, `load extension`, `export`, `import`, `unload` | object: the file or program, or the table |
//! | `call` | `CALL p`, `EXEC p`: object: the procedure |
//! | `call <function>` | one for each function that is called in an expression; object: its first argument, where that is a string |
//! | `execute`, `prepare`, `deallocate`, `do` | SQL in strings; what can be read of it yields statements of its own |
//! | `begin`, `commit`, `rollback`, `savepoint`, `block` | transactions; `block`: control flow (`IF`, `DECLARE`, `BEGIN … END`) |
//! | `vacuum`, `vacuum full`, `vacuum into`, `reindex`, `cluster`, `optimize`, `refresh materialized view`, `analyze` … | maintenance |
//! | `reset master`, `purge binary logs`, `purge recyclebin`, `change master`, `stop replica`, `shutdown`, `restore`, `restore check`, `backup`, `dbcc`, `kill`, `flush`, `attach`, `detach`, `system drop replica` … | administration, by its first words |
//! | `meta shell` | a program is run by the client: `\!`, `.shell`, `!!`, `system`, `\g \|x`, psql's backticks |
//! | `meta include` | a file is executed: `\i`, `source`, `.read`, `:r`, `@file`; object: the file |
//! | `meta write`, `meta import`, `meta restore`, `meta load`, `meta copy`, `meta connect`, `meta set`, `meta env`, `meta gexec`, `meta repeat`, `meta show`, `meta unknown` | other commands of the clients; `meta restore` overwrites a database |
//! | `unknown` | anything else |
//!
//! # Marks
//!
//! | mark | meaning |
//! | --- | --- |
//! | `no-where`, `constant-where`, `broad-where` | no `WHERE`; one that is always true; one that is true for most rows |
//! | `limit` | `LIMIT`, `TOP` or `FETCH` bounds it |
//! | `cascade`, `if-exists`, `concurrently`, `purge`, `force`, `replace`, `abort` | the keyword (`if-exists` also for `IF NOT EXISTS`) |
//! | `temporary` | it speaks of a temporary table: by keyword, by name, or created as one in the same text |
//! | `created-here` | the same text created it; the `CREATE` may have failed, though |
//! | `rolled-back` | between `BEGIN` and `ROLLBACK`, with nothing in between that could commit |
//! | `rolled-back-maybe` | the same, but with DDL in between, which MySQL and Oracle commit at once |
//! | `nested` | inside of a CTE, a string that is executed, `EXPLAIN ANALYZE`, or an expression |
//! | `dynamic` | a part that says what it does can't be known |
//! | `unknown-value` | a value in it can't be known |
//! | `unterminated` | a string or comment is never closed |
//! | `locking` | `SELECT … FOR UPDATE` and its like; a sequence is advanced |
//! | `file` | `FROM 'file'` (DuckDB) |
//! | `secret` | it names columns or tables of credentials |
//! | `off` | the value is `0`, `off`, `false`, `none` … |
//! | `global` | `SET GLOBAL`, `SET PERSIST` |
//! | `assigns`, `argument` | `PRAGMA x = v`, `PRAGMA x(v)` |
//! | `all-privileges`, `to-public` | `GRANT ALL` or a role that can do everything; `… TO PUBLIC` |
//! | `rollback-immediate` | `ALTER DATABASE … WITH ROLLBACK IMMEDIATE` |

mod alter;
mod begin;
mod define;
mod dialect;
mod filter;
mod meta;
mod scope;
mod set;
mod text;
mod token;
mod verb;
mod walk;
mod words;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Stands for text that the caller doesn't know (`psql -c "DELETE FROM t WHERE id=$ID"`): U+FFFC.
pub const HOLE: char = '\u{fffc}';

/// The longest text that is read, in bytes.
pub const LONGEST: usize = 8 << 20;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it does, from the vocabulary above.
    pub verb: String,
    /// The first thing that it names, without quotes, in lower case.
    pub object: Option<String>,
    /// What else is to be known about it, from the list above.
    pub marks: Vec<&'static str>,
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
}

/// A text that can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the SQL can't be read: {why}")]
pub struct Unreadable {
    /// Why.
    pub why: &'static str,
}

/// All statements that a text would execute, in the order of the text. Statements that are alike in verb, object and
/// marks are given once.
///
/// # Errors
/// Where the text is longer than [`LONGEST`].
pub fn read(text: &str) -> Result<Vec<Statement>, Unreadable> {
    if text.len() > LONGEST {
        return Err(Unreadable { why: "it is too long" });
    }
    let mut all: Vec<Statement> = Vec::new();
    for flags in dialect::readings(text) {
        let mut found = walk::walk(text, flags);
        scope::release_bodies(&mut found);
        scope::mark_created(&mut found);
        scope::mark_rolled_back(&mut found);
        all.extend(found.into_iter().map(|mut f| {
            f.part.marks.sort_unstable();
            Statement { verb: f.part.verb, object: f.part.object, marks: f.part.marks, span: f.span }
        }));
    }
    Ok(unite(all))
}

/// The statements of all readings as one list.
fn unite(mut all: Vec<Statement>) -> Vec<Statement> {
    all.sort_by_key(|s| s.span.start);
    // `DROP TABLE #t` has no object where `#` begins a comment: there it is an error, and the other reading counts.
    let mut named: HashMap<(String, usize), ()> = HashMap::new();
    for s in all.iter().filter(|s| s.object.is_some() && s.verb.starts_with("drop ")) {
        named.insert((s.verb.clone(), s.span.start), ());
    }
    let mut seen: HashSet<(String, Option<String>, Vec<&'static str>)> = HashSet::new();
    all.retain(|s| {
        let shadowed =
            s.object.is_none() && s.verb.starts_with("drop ") && named.contains_key(&(s.verb.clone(), s.span.start));
        !shadowed && seen.insert((s.verb.clone(), s.object.clone(), s.marks.clone()))
    });
    all
}
