//! docs/rules.md walks through writing a pack. Here it is followed to the letter: the TOML on the page is built, as a pack and
//! as a policy file, and every call on the page gets the decision that stands in front of it.

mod support;

use countersign::context::NoFiles;
use countersign::judge::{Decision, judge_by};
use countersign::policy::Policy;
use countersign::policy::date::Day;
use countersign::policy::layer::{Kind, Layer};
use countersign::rules::index::{Rules, parse};
use countersign::rules::model::Pack;
use std::path::{Path, PathBuf};

/// A block of code on the page.
struct Block {
    /// What stands behind the three backticks.
    language: String,
    text: String,
    /// The line that it begins in.
    line: usize,
}

/// A call with the decision that the page says it gets.
struct Claim {
    call: String,
    decision: Decision,
    line: usize,
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    std::fs::read_to_string(path).expect("docs/rules.md").replace("\r\n", "\n")
}

/// The blocks below a heading, up to the next one like it. Those in a list are indented.
fn blocks(heading: &str) -> Vec<Block> {
    let page = page();
    let level = heading.split(' ').next().expect("a level");
    let mut blocks: Vec<Block> = Vec::new();
    let (mut inside, mut open) = (false, false);
    for (at, line) in page.lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(_) if open => open = false,
            Some(language) if inside => {
                blocks.push(Block { language: language.to_owned(), text: String::new(), line: at + 1 });
                open = true;
            }
            None if open => {
                let block = blocks.last_mut().expect("an open block");
                block.text.push_str(line.trim_start());
                block.text.push('\n');
            }
            _ if line.starts_with('#')
                && line.split(' ').next().is_some_and(|it| it.len() <= level.len() || inside) =>
            {
                inside = line == heading;
            }
            _ => {}
        }
    }
    assert!(!blocks.is_empty(), "`{heading}` has no code");
    blocks
}

fn claims(block: &Block) -> Vec<Claim> {
    let claim = |(at, line): (usize, &str)| {
        let (decision, call) = line.split_once(' ').unwrap_or_else(|| panic!("`{line}` is no claim"));
        let decision = match decision {
            "allow" => Decision::Allow,
            "none" => Decision::None,
            "ask" => Decision::Ask,
            "deny" => Decision::Deny,
            other => panic!("line {}: `{other}` is no decision", block.line + at + 1),
        };
        Claim { call: call.trim().to_owned(), decision, line: block.line + at + 1 }
    };
    block.text.lines().enumerate().map(claim).collect()
}

/// The built-in packs with one more.
fn rules_with(text: &str) -> &'static Rules {
    static BUILT_IN: std::sync::OnceLock<Vec<Pack>> = std::sync::OnceLock::new();
    let built_in = BUILT_IN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/packs");
        support::packs(&folder).expect("the packs").into_iter().map(|(_, pack)| pack).collect()
    });
    let mut packs = built_in.clone();
    packs.push(parse(text).unwrap_or_else(|error| panic!("{error}\n{text}")));
    Box::leak(Box::new(Rules::new(&packs).unwrap_or_else(|faults| panic!("{faults:#?}"))))
}

fn wrong_as_pack(text: &str, claims: &[Claim]) -> Vec<String> {
    let rules = rules_with(text);
    let wrong = claims.iter().filter_map(|claim| {
        let got = support::judge(&claim.call, support::PROJECT, rules).decision;
        let what = format!("docs/rules.md:{}: `{}` is {got:?}, not {:?}", claim.line, claim.call, claim.decision);
        (got != claim.decision).then_some(what)
    });
    wrong.collect()
}

fn wrong_as_policy(text: &str, claims: &[Claim]) -> Vec<String> {
    let path = Path::new("/home/dev/.claude/countersign.toml");
    let layer = Layer::read(Kind::User, path, text, true).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let policy = Policy::new(vec![layer], &[] as &[(PathBuf, String)], Vec::new(), Day(0));
    assert!(policy.faults.is_empty(), "{:#?}", policy.faults);
    let wrong = claims.iter().filter_map(|claim| {
        let call = countersign::example::call(&claim.call, support::PROJECT).expect("a call");
        let got = judge_by(&call, &policy, &NoFiles).decision;
        let what = format!("docs/rules.md:{}: `{}` is {got:?} by policy", claim.line, claim.call);
        (got != claim.decision).then_some(what)
    });
    wrong.collect()
}

fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The whole pack of the page.
fn pack() -> String {
    let pieces = blocks("## A pack from nothing").into_iter().filter(|block| block.language == "toml");
    pieces.map(|block| block.text + "\n").collect()
}

#[test]
fn each_step_decides_as_the_page_says() {
    let (mut so_far, mut wrong, mut count) = (String::new(), Vec::new(), 0);
    for block in blocks("## A pack from nothing") {
        match block.language.as_str() {
            "toml" => so_far.push_str(&(block.text + "\n")),
            "decisions" => {
                let claims = claims(&block);
                count += claims.len();
                wrong.extend(wrong_as_pack(&so_far, &claims));
                wrong.extend(wrong_as_policy(&so_far, &claims));
            }
            "text" | "sh" | "toml corpus" => {}
            other => panic!("line {}: what is a block of `{other}`?", block.line),
        }
    }
    report(&wrong);
    assert!(count >= 18, "only {count} claims are left");
}

#[test]
fn its_examples_and_its_corpus_hold() {
    let text = pack();
    let rules = rules_with(&text);
    report(&support::examples(&[("docs/rules.md".to_owned(), parse(&text).expect("a pack"))], rules));
    let corpus = blocks("## A pack from nothing").into_iter().find(|block| block.language == "toml corpus");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("walkthrough-{}.toml", std::process::id()));
    std::fs::write(&file, corpus.expect("a corpus").text).expect("a file");
    let (lines, wrong) = support::run_corpus(&file, rules).expect("a corpus");
    let _ = std::fs::remove_file(&file);
    report(&wrong);
    assert!(lines >= 8, "only {lines} lines");
}

#[test]
fn countersign_check_accepts_it_as_a_policy() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("walkthrough-{}", std::process::id()));
    std::fs::create_dir_all(home.join(".claude")).expect("a folder");
    std::fs::write(home.join(".claude/countersign.toml"), pack()).expect("a file");
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
        let output =
            command.args(arguments).current_dir(&home).env_clear().env("HOME", &home).output().expect("it runs");
        let text = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
        assert!(output.status.success(), "{arguments:?}: {text}");
        text
    };
    let checked = run(&["check"]);
    let shown = run(&["rules", "stashbox"]);
    let _ = std::fs::remove_dir_all(&home);
    assert!(checked.contains("1 file, 0 expectations, 17 examples, 0 wrong"), "{checked}");
    for wanted in ["Stopped (3)", "ask/deny  stashbox delete", "forced with -y|--yes", "checked: help"] {
        assert!(shown.contains(wanted), "{wanted} is not in\n{shown}");
    }
}

#[test]
fn the_pitfalls_are_real() {
    // The table of step 1, and a rule that is nothing but what the page says.
    let table =
        blocks("## A pack from nothing").into_iter().find(|block| block.language == "toml").expect("step 1").text;
    let (mut rule, mut wrong, mut count) = (String::new(), Vec::new(), 0);
    for block in blocks("### Pitfalls") {
        match block.language.as_str() {
            "toml" => {
                rule = format!(
                    "{table}\n[[rule]]\nid = \"stashbox.pitfall\"\nclass = \"irreversible\"\nprogram = \"stashbox\"\n\
                     loses = \"it\"\ninstead = \"leave it\"\nhits = \"stashbox\"\n{}",
                    block.text
                );
            }
            "decisions" => {
                let claims = claims(&block);
                count += claims.len();
                wrong.extend(wrong_as_pack(&rule, &claims));
            }
            other => panic!("line {}: what is a block of `{other}`?", block.line),
        }
    }
    report(&wrong);
    assert!(count >= 14, "only {count} claims are left");
}
