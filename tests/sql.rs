//! The SQL reader: cases over the dialects, hostile texts, and the examples of the pack.
#![allow(clippy::unwrap_used, reason = "tests")]

use countersign::read::sql::{HOLE, LONGEST, Statement, read};
use std::time::{Duration, Instant};

/// `verb object +mark +mark; …`, as the case file writes it.
fn show(statements: &[Statement]) -> String {
    let one = |s: &Statement| {
        let object = s.object.as_deref().map(|o| format!(" <{o}>")).unwrap_or_default();
        let marks: String = s.marks.iter().map(|m| format!(" +{m}")).collect();
        format!("{}{object}{marks}", s.verb)
    };
    statements.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Lines in pairs: the text (`\n` written out, `¤` for the hole), then what is read in it.
#[test]
fn cases() {
    let file = include_str!("sql_cases.txt");
    let lines: Vec<&str> = file.lines().filter(|l| !l.is_empty() && !l.starts_with("## ")).collect();
    let mut wrong = String::new();
    for pair in lines.chunks(2) {
        let text = pair[0].replace("¶", "\n").replace('¤', &HOLE.to_string());
        let got = show(&read(&text).unwrap());
        let want = pair[1].trim_start_matches("=> ").trim_start_matches("=>");
        if got != want {
            wrong += &format!("{}\n  want {want}\n  got  {got}\n", pair[0]);
        }
    }
    assert!(lines.len() >= 400, "{} cases", lines.len() / 2);
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn hostile_texts_take_linear_time() {
    let big = 1 << 20;
    let parts = [
        "'",
        "\"",
        "`",
        "$",
        "$$",
        "$a$",
        "(",
        ")",
        "[",
        "/*",
        "/*!",
        "*/",
        "--",
        "#",
        "\\",
        "\\d",
        "\\g ",
        ";",
        "{{",
        "{",
        "${",
        "$(",
        "a.",
        "&a ",
        ":a ",
        "@",
        "q'[",
        "E'\\",
        "N'",
        "'''",
        "\u{fffc}",
        "\u{a0}",
        "é",
        "drop ",
        "drop table a,",
        "(delete from a where ",
        "delete from a where (",
        "select (select ",
        "f(",
        "f(f,",
        "not ",
        "case ",
        "or (",
        "and x in (select a from b where ",
        "exec('",
        "do $$ ",
        "DO 'begin ",
        "merge into a using (",
        "(update a set x=",
        "alter table t delete where x, ",
        "begin ",
        "begin;",
        "rollback;",
        "begin; delete from t; ",
        "create function f() as '",
        "create temp table a as (",
        "dblink('a', ",
        "system;",
        "\n\\",
        "\n.a",
        "\n/",
        "delimiter x\n",
        "set @a='",
        "set a=1,",
        "with a as (",
        "1 = 1 or ",
        "a=a and ",
        "grant all on ",
        "\n",
        " ",
        "execute x; ",
        "call a(); create function a() as 'call b()'; ",
        "in (",
        "copy a to program '",
    ];
    for part in parts {
        let text = part.repeat(big / part.len());
        let start = Instant::now();
        let _ = read(&text);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(5), "{part:?} took {took:?}");
    }
    assert!(read(&" ".repeat(LONGEST + 1)).is_err());
}

#[test]
fn any_text_is_read() {
    let seeds = include_str!("sql_cases.txt").as_bytes().to_vec();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap()
    };
    for _ in 0..20_000 {
        let from = next() % seeds.len();
        let mut bytes = seeds[from..seeds.len().min(from + next() % 160)].to_vec();
        for _ in 0..next() % 4 {
            if !bytes.is_empty() {
                let at = next() % bytes.len();
                bytes[at] = b"'\"`$()[]\\/*-;#: \nqE"[next() % 19];
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for s in read(&text).unwrap() {
            assert!(s.span.start <= s.span.end && s.span.end <= text.len(), "{text:?} {s:?}");
        }
    }
}

/// A harmless statement in front or behind never hides another one.
#[test]
fn neighbours_hide_nothing() {
    let bad = [
        "DROP TABLE users",
        "DELETE FROM users",
        "TRUNCATE users",
        "ALTER TABLE users DROP COLUMN a",
        "DROP DATABASE x",
        "UPDATE users SET a=1",
    ];
    let good = [
        "SELECT 1",
        "SELECT ';'",
        "SELECT '--'",
        "SELECT '/*'",
        "/* x */ SELECT 1 -- y\n",
        "SELECT 'it''s'",
        "INSERT INTO a VALUES ('$$')",
        "EXPLAIN DELETE FROM x",
        "SHOW TABLES",
    ];
    for b in bad {
        let alone = read(b).unwrap();
        for g in good {
            for text in [format!("{g};{b}"), format!("{b};{g}"), format!("{g};\n{b};{g}"), format!("{g}\n;/**/{b}")] {
                let found = read(&text).unwrap();
                let there = alone
                    .iter()
                    .all(|a| found.iter().any(|f| f.verb == a.verb && f.object == a.object && f.marks == a.marks));
                assert!(there, "{text:?}: {}", show(&found));
            }
        }
    }
}

fn list(value: Option<&toml::Value>) -> Vec<&toml::Value> {
    match value {
        Some(toml::Value::Array(all)) => all.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

fn strings(value: Option<&toml::Value>) -> Vec<&str> {
    list(value).into_iter().filter_map(toml::Value::as_str).collect()
}

fn like(glob: &str, text: &str) -> bool {
    match glob.split_once('*') {
        None => glob == text,
        Some((head, tail)) => {
            text.starts_with(head)
                && (tail.is_empty()
                    || (head.len()..=text.len()).any(|at| text.is_char_boundary(at) && like(tail, &text[at..])))
        }
    }
}

fn holds(condition: &toml::Value, s: &Statement) -> bool {
    let (marks, objects) = (strings(condition.get("mark")), strings(condition.get("object")));
    // A text alone is aimed at nothing, and stands behind no program.
    let of_the_text = condition.as_table().is_some_and(|all| all.keys().all(|key| key == "mark" || key == "object"));
    of_the_text
        && (marks.is_empty() || marks.iter().any(|m| s.marks.contains(m)))
        && (objects.is_empty() || s.object.as_ref().is_some_and(|o| objects.iter().any(|g| like(g, o))))
}

fn matches(rule: &toml::Value, s: &Statement) -> bool {
    let (when, unless) = (list(rule.get("when")), list(rule.get("unless")));
    strings(rule.get("statement")).iter().any(|g| like(g, &s.verb))
        && (when.is_empty() || when.iter().any(|c| holds(c, s)))
        && !unless.iter().any(|c| holds(c, s))
}

const ORDER: [&str; 5] = ["observe", "ordinary", "disruptive", "irreversible", "catastrophic"];

/// What the pack makes of a text: the worst statement counts, and one that no rule speaks of is ordinary.
fn judge(rules: &[&toml::Value], text: &str) -> usize {
    let statements = read(text).unwrap();
    let class = |s: &Statement| {
        let rank = |r: &&toml::Value| ORDER.iter().position(|c| Some(*c) == r["class"].as_str()).unwrap();
        rules.iter().copied().filter(|r| matches(r, s)).map(|r| rank(&r)).max().unwrap_or(1)
    };
    statements.iter().map(class).max().unwrap_or(1)
}

/// The SQL of the corpus gets the class that its decision stands for.
#[test]
fn the_corpus_agrees() {
    let pack: toml::Table = include_str!("../src/rules/packs/sql.toml").parse().unwrap();
    let corpus: toml::Table = include_str!("corpus/sql.toml").parse().unwrap();
    let rules = list(pack.get("rule"));
    let mut wrong = String::new();
    let mut count = 0;
    for (decision, classes) in [("allow", 0..=0), ("none", 1..=1), ("ask", 2..=3), ("deny", 4..=4)] {
        for case in strings(corpus.get(decision)) {
            count += 1;
            let Some(text) = case.strip_prefix("sql: ") else { continue };
            let class = judge(&rules, text);
            if !classes.contains(&class) {
                wrong += &format!("{decision}, but {}: {text:?}: {}\n", ORDER[class], show(&read(text).unwrap()));
            }
        }
    }
    assert!(count >= 200, "{count}");
    assert!(wrong.is_empty(), "\n{wrong}");
}
