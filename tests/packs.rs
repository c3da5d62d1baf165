//! The rules keep what they promise: every example of every rule, every line of every corpus.

mod support;

use countersign::rules::index::{OfTool, Rules};
use countersign::rules::model::{Place, Rule};
use countersign::rules::packed::Table;
use countersign::rules::text::List;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_hits_and_passes_its_examples() {
    let packs = support::packs(&root().join("src/rules/packs")).expect("the packs");
    let rules = support::index(&packs).expect("sound packs");
    report(&support::examples(&packs, rules));
}

#[test]
fn every_corpus_line_gets_its_decision_from_the_built_in_rules() {
    let mut lines = 0;
    let mut wrong = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("tests/corpus"))
        .expect("tests/corpus")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    for file in &files {
        let (count, bad) = support::run_corpus(file, countersign::rules::builtin()).expect("a readable corpus");
        lines += count;
        wrong.extend(bad);
    }
    report(&wrong);
    println!("{lines} lines in {} files", files.len());
    assert!(lines >= 1_500, "the corpus has shrunk to {lines} lines");
}

#[test]
fn what_is_built_in_is_what_the_files_say() {
    let packs = support::packs(&root().join("src/rules/packs")).expect("the packs");
    let read = support::index(&packs).expect("sound packs");
    let rules = countersign::rules::builtin();
    // All but the examples, which only tests need. Most rules are packed, and stand behind those that aren't.
    let bare = |rule: &Rule| Rule { hits: List::default(), passes: List::default(), ..rule.clone() };
    let by_id = |rules: &Rules, bare: &dyn Fn(&Rule) -> Rule| -> Vec<String> {
        let mut all: Vec<Rule> = rules.rules.iter().map(bare).collect();
        all.sort_by_key(|rule| rule.id);
        all.iter().map(|rule| format!("{rule:?}")).collect()
    };
    assert_eq!(by_id(rules, &Rule::clone), by_id(read, &bare));
    let programs = |rules: &Rules| rules.programs.iter().map(|table| format!("{table:?}")).collect::<Vec<_>>();
    assert_eq!(programs(rules), programs(read));
    // What the index of clues holds, the built-in tables don't hold once more.
    let none = List::default();
    let bare = |place: &Place| Place { under: none, last: none, ..place.clone() };
    let rest = |rules: &Rules| {
        let numbers = (List::default(), List::default(), List::default(), List::default(), List::default());
        let (file, statement, request, mcp, code) = numbers;
        let rest = Rules {
            programs: Table::default(),
            rules: Table::default(),
            file,
            statement,
            request,
            mcp,
            code,
            places: rules.places.iter().map(bare).collect::<Vec<_>>().into(),
            ..*rules
        };
        format!(
            "{:?}",
            Rules {
                opaque: List::default(),
                by_name: List::default(),
                by_start: List::default(),
                numbers: List::default(),
                ..rest
            }
        )
    };
    assert_eq!(rest(rules), rest(&read.with_digests()));
    // What is found by a name or a subject is the same, in the same order.
    let known = |rules: &Rules, name: &str| {
        let known = rules.program(name);
        let tables: Vec<_> = known.tables.iter().map(|table| table.name).collect();
        format!("{tables:?} {:?}", known.rules.iter().map(|rule| rule.id).collect::<Vec<_>>())
    };
    let tables = read.programs.iter().flat_map(|table| &table.name);
    for name in tables.chain(read.rules.iter().flat_map(|rule| &rule.program)) {
        let name = name.replace('*', "3");
        assert_eq!(known(rules, &name), known(read, &name), "{name}");
    }
    let subjects: [fn(&Rules) -> List<u32>; 5] =
        [|set| set.file, |set| set.statement, |set| set.request, |set| set.code, |set| set.opaque];
    for subject in subjects {
        let ids = |rules: &Rules| rules.of(subject).map(|rule| rule.id).collect::<Vec<_>>();
        assert!(!ids(rules).is_empty());
        assert_eq!(ids(rules), ids(read));
    }
    let of_tools = |rules: &Rules| {
        let of = |of: &OfTool| (rules.rules.get(of.rule as usize).map(|rule| rule.id), of.tool, of.verb);
        format!("{:?}", rules.mcp.iter().map(of).collect::<Vec<_>>())
    };
    assert_eq!(of_tools(rules), of_tools(read));
}

#[test]
fn rules_are_found_by_their_ids() {
    let rules = countersign::rules::builtin();
    for (like, is) in [
        ("git.reset-hard", true),
        ("git.*", true),
        ("git.reset-*", true),
        ("*", true),
        ("git.*-hard", true),
        ("git.reset-hardly", false),
        ("gi.*", false),
        ("git", false),
        ("git.", false),
        ("", false),
        ("gut.*", false),
    ] {
        assert_eq!(rules.has_rule(like), is, "{like}");
    }
}

#[test]
fn faults_in_a_pack_are_told_with_their_place() {
    use countersign::rules::index::{Rules, parse};
    let error = parse("[pack]\nname = \"x\"\nabout = \"y\"\n[[rule]]\nid = \"x.y\"\nclass = \"terrible\"\n")
        .expect_err("no such class");
    assert!(error.contains("line 6") && error.contains("terrible"), "{error}");
    let error = parse("[pack]\nname = \"x\"\nabout = \"y\"\nrules = 1\n").expect_err("no such key");
    assert!(error.contains("rules"), "{error}");
    let pack = parse(
        "[pack]\nname = \"x\"\nabout = \"y\"\n[[rule]]\nid = \"z.y\"\nclass = \"disruptive\"\n[[rule]]\nid = \"x.a\"\nclass = \"ordinary\"\n\
         program = \"a\"\nstatement = \"drop\"\nhits = \"a\"\n",
    )
    .expect("well-formed");
    let faults = Rules::new(&[pack]).expect_err("faults");
    let all: String = faults.iter().map(|fault| format!("{}: {}\n", fault.place, fault.what)).collect();
    for wanted in [
        "z.y: the id must be",
        "z.y: needs exactly one subject",
        "z.y: a rule that stops",
        "z.y: needs at least one",
        "x.a: needs exactly one",
    ] {
        assert!(all.contains(wanted), "{wanted} is not in\n{all}");
    }
}

/// A person reads it at a prompt.
#[test]
fn a_reason_is_short() {
    let rules = countersign::rules::builtin();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/corpus")).expect("tests/corpus") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        for case in support::corpus(&path).expect("a readable corpus") {
            let reason = support::judge(&case.call, &case.cwd, rules).reason;
            if reason.len() > 1_024 || reason.lines().count() > 10 {
                wrong.push(format!("{} bytes: {reason}", reason.len()));
            }
        }
    }
    report(&wrong);
}
