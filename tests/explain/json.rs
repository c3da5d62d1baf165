//! What programs read of an explanation.

use crate::explained;
use countersign::call::{Call, ToolCall};
use countersign::context::NoFiles;
use countersign::explain::paint::Paint;
use countersign::explain::{explain, json, text};
use countersign::policy::Policy;
use serde_json::Value;

/// The keys that a section of docs/explain.md lists.
fn documented(section: &str) -> Vec<String> {
    let manual = include_str!("../../docs/explain.md");
    let (_, rest) = manual.split_once(&format!("### {section}\n")).expect("a section of the manual");
    let rest = rest.split("\n#").next().unwrap_or_default();
    let rows = rest.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split(','));
    let mut keys: Vec<String> = cells.map(|key| key.trim().trim_matches('`').to_owned()).collect();
    keys.sort();
    keys
}

fn keys(value: &Value) -> Vec<String> {
    let mut keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    keys
}

/// The first action of a tree.
fn first(part: &Value) -> Option<Value> {
    let own = part["actions"].as_array()?.first().cloned();
    own.or_else(|| part["parts"].as_array()?.iter().find_map(first))
}

#[test]
fn every_key_is_in_the_manual() {
    let json = json(&explained("cd /srv && rm -rf data; psql -c 'DROP TABLE x'", &[], &[]));
    let without = |section: &str, key: &str| {
        let mut keys = documented(section);
        assert!(keys.contains(&key.to_owned()), "{section}: {keys:?}");
        keys.retain(|known| known != key);
        keys
    };
    assert_eq!(keys(&json), without("The call", "recorded"));
    assert_eq!(keys(&json["tree"]), without("Parts", "language"));
    assert_eq!(keys(&json["findings"][0]), documented("Findings"));
    assert_eq!(keys(&first(&json["tree"]).expect("an action")), documented("Actions"));
}

#[test]
fn a_program_finds_what_was_found() {
    let json = json(&explained("ls; sh -c 'git reset --hard'", &[], &[]));
    assert_eq!((json["decision"].as_str(), json["form"].as_u64()), (Some("ask"), Some(1)));
    let finding = &json["findings"][0];
    assert_eq!(finding["rule"], "git.reset-hard");
    let span = &finding["spans"][0];
    let at = |key: &str| usize::try_from(span[key].as_u64().expect("a number")).expect("a small one");
    let text = json["texts"][at("text")]["text"].as_str().expect("a text");
    assert_eq!(&text[at("from")..at("to")], "git reset --hard");
    assert_eq!(json["milder"]["ways"][0]["lines"][0], "[[except]]");
}

/// Somebody may show an explanation to others, or an agent may have it made.
#[test]
fn secrets_of_files_are_not_shown() {
    const SCRIPT: &str =
        "export API_TOKEN=ghp_16C7e42F292c6912E7710c838347Ae178B4a\nPGPASSWORD=hunter2 psql -c 'DROP TABLE users'\n";
    let explained = explained("sh reset.sh", &[], &[("/home/dev/shop/reset.sh", SCRIPT)]);
    assert_eq!(explained.findings.first().map(|found| found.rule), Some("sql.drop-table"));
    let shown = text(&explained, 80, Paint::default());
    assert!(shown.contains("DROP TABLE users") && shown.contains("reset.sh"), "{shown}");
    for text in [shown, json(&explained).to_string()] {
        assert!(!text.contains("ghp_16C7") && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn what_is_none_of_its_business_has_no_tree() {
    let call = Call::new(ToolCall::Other("WebFetch".to_owned()), "");
    let json = json(&explain(call, &Policy::of(countersign::rules::builtin()), &NoFiles));
    assert!(
        json["tree"].is_null() && json["decision"] == "none" && json["texts"] == Value::Array(Vec::new()),
        "{json:#}"
    );
}
