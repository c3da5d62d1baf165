//! `examples/policies/` keep what they promise: every `[[expect]]` of them, and none of their settings goes untested.

use countersign::context::NoFiles;
use countersign::example::{PROJECT, call};
use countersign::judge::{Decision, judge_by};
use countersign::policy::Policy;
use countersign::policy::date::Day;
use countersign::policy::layer::{Kind, Layer};
use countersign::rules::text::Text;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The examples, with whose they are, where they would lie, and whether they loosen anything.
const EXAMPLES: [(&str, Kind, &str, bool); 4] = [
    ("solo", Kind::User, "/home/dev/.claude/countersign.toml", true),
    ("team", Kind::Project, "/home/dev/shop/.claude/countersign.toml", false),
    ("managed", Kind::Managed, "/etc/claude-code/countersign.toml", true),
    ("strict-ci", Kind::Managed, "/etc/claude-code/countersign.toml", true),
];

fn text(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("examples/policies/{name}.toml"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn policy(layers: Vec<Layer>) -> Policy {
    let today = Day::of(&"2026-11-22".parse().expect("a date")).expect("a day");
    let policy = Policy::new(layers, &[] as &[(std::path::PathBuf, String)], Vec::new(), today);
    assert!(policy.faults.is_empty(), "{:#?}", policy.faults);
    policy
}

fn decided(example: &str, policy: &Policy) -> Decision {
    let call = call(example, PROJECT).unwrap_or_else(|error| panic!("{example}: {error}"));
    judge_by(&call, policy, &NoFiles).decision
}

/// What a policy decides otherwise than its file expects.
fn unexpected(layer: &Layer, policy: &Policy) -> Vec<String> {
    let expected = layer.file.expect.iter().flatten();
    expected
        .filter_map(|(example, wanted)| {
            let given = decided(example, policy);
            (given != *wanted).then(|| format!("`{example}`: {given:?}, not {wanted:?}"))
        })
        .collect()
}

#[test]
fn every_expectation_holds() {
    for (name, kind, path, loosens) in EXAMPLES {
        for trusted in if loosens { vec![true] } else { vec![true, false] } {
            let layer = Layer::read(kind, Path::new(path), &text(name), trusted)
                .unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
            assert!(layer.file.expect.iter().map(std::collections::BTreeMap::len).sum::<usize>() >= 10, "{name}");
            let wrong = unexpected(&layer, &policy(vec![layer.clone()]));
            assert!(wrong.is_empty(), "{name}, trusted: {trusted}:\n{}", wrong.join("\n"));
        }
    }
}

#[test]
fn own_rules_hit_and_pass_their_examples() {
    for (name, kind, path, _) in EXAMPLES {
        let layer = Layer::read(kind, Path::new(path), &text(name), false).expect("a sound policy");
        let policy = policy(vec![layer.clone()]);
        for rule in &layer.file.rule {
            let hit = |example: &Text| {
                let subject = countersign::example::subject(rule);
                let actions = countersign::example::actions(example, subject, PROJECT, policy.rules).expect("a call");
                actions.iter().any(|action| {
                    let found = countersign::rules::matching::findings(action, &actions, policy.rules);
                    found.iter().any(|finding| finding.rule.id == rule.id)
                })
            };
            for example in &rule.hits {
                assert!(hit(example), "{name}: {} must hit `{example}`", rule.id);
            }
            for example in &rule.passes {
                assert!(!hit(example), "{name}: {} must pass `{example}`", rule.id);
            }
        }
    }
}

/// Every policy with one setting less, with the name of that setting. `lock` is none that one layer shows.
fn with_one_less(text: &str) -> Vec<(String, String)> {
    let whole: Table = text.parse().expect("TOML");
    let mut less = Vec::new();
    for (key, value) in &whole {
        let mut shortened = |name: String, value: Option<Value>| {
            let mut table = whole.clone();
            match value {
                Some(value) => table.insert(key.clone(), value),
                None => table.remove(key),
            };
            less.push((name, toml::to_string(&table).expect("TOML")));
        };
        match value {
            // What may be approved is denied before as well as after.
            _ if key == "expect" || key == "lock" || key == "pack" || key == "approve" => {}
            Value::Table(table) => {
                for name in table.keys() {
                    let mut table = table.clone();
                    table.remove(name);
                    shortened(format!("{key}.{name}"), Some(table.into()));
                }
            }
            Value::Array(items) => {
                for at in 0..items.len() {
                    let mut items = items.clone();
                    let item = items.remove(at);
                    shortened(format!("{key} {item}"), Some(items.into()));
                }
            }
            _ => shortened(key.clone(), None),
        }
    }
    less
}

#[test]
fn every_setting_is_covered_by_an_expectation() {
    let mut uncovered = Vec::new();
    for (name, kind, path, loosens) in EXAMPLES {
        for (setting, text) in with_one_less(&text(name)) {
            let Ok(layer) = Layer::read(kind, Path::new(path), &text, loosens) else { continue };
            if unexpected(&layer, &policy(vec![layer.clone()])).is_empty() {
                uncovered.push(format!("{name}: {setting}"));
            }
        }
    }
    assert!(uncovered.is_empty(), "no expectation shows what this does:\n{}", uncovered.join("\n"));
}

/// What the locked examples lock stays so, whatever a person or a project says.
#[test]
fn a_lock_holds_against_the_layers_below() {
    for (name, kind, path, _) in EXAMPLES.into_iter().filter(|(_, kind, ..)| *kind == Kind::Managed) {
        let above = Layer::read(kind, Path::new(path), &text(name), true).expect("a sound policy");
        let commands = above.file.expect.iter().flatten().map(|(example, _)| {
            let command = example.trim_start_matches("unattended:").trim();
            format!("[[except]]\ncommand = {}\nreason = \"I want to\"\n", Value::String(command.to_owned()))
        });
        let text = format!(
            "observe-only = {{ until = 2099-12-31 }}\n\
             [rules]\n\"*\" = \"none\"\n[decide]\ndisruptive = \"none\"\nirreversible = \"none\"\nforced = \"none\"\n\
             catastrophic = \"none\"\n{}",
            commands.collect::<String>()
        );
        for (kind, path) in [
            (Kind::User, "/home/dev/.claude/countersign.toml"),
            (Kind::Project, "/home/dev/shop/.claude/countersign.toml"),
        ] {
            let below = Layer::read(kind, Path::new(path), &text, true).expect("a sound policy");
            let wrong = unexpected(&above, &policy(vec![above.clone(), below]));
            // `none` for what is allowed is stricter, and may be said.
            let laxer: Vec<&String> = wrong.iter().filter(|wrong| !wrong.ends_with("None, not Allow")).collect();
            assert!(laxer.is_empty(), "{name} under {kind:?}: {laxer:#?}");
        }
    }
}

fn manual() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/policy.md");
    std::fs::read_to_string(path).expect("the manual").replace("\r\n", "\n")
}

/// What the manual and the README show can be copied.
#[test]
fn the_examples_of_the_manual_are_policies() {
    let manual = manual();
    let blocks: Vec<&str> = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() > 10, "{blocks:?}");
    let readme = include_str!("../README.md").replace("\r\n", "\n");
    let section =
        readme.split("## Policy\n").nth(1).and_then(|rest| rest.split("```toml\n").nth(1)?.split("```").next());
    for block in blocks.into_iter().chain([section.expect("an example")]) {
        let layer = Layer::read(Kind::User, Path::new("/home/dev/.claude/countersign.toml"), block, true)
            .unwrap_or_else(|faults| panic!("{faults:#?} in\n{block}"));
        let wrong = unexpected(&layer, &policy(vec![layer.clone()]));
        assert!(wrong.is_empty(), "{wrong:#?} in\n{block}");
    }
}

/// The table of how layers merge, row by row.
#[test]
fn the_manual_says_how_layers_merge() {
    let manual = manual();
    let rows = manual.lines().skip_while(|line| !line.starts_with("| managed | user | project | call |")).skip(2);
    let mut count = 0;
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').skip(1).map(str::trim).collect();
        let code = |at: usize| cells[at].split('`').skip(1).step_by(2).collect::<Vec<_>>().join("\n");
        let layers = [
            (Kind::Managed, "/etc/claude-code/countersign.toml"),
            (Kind::User, "/home/dev/.claude/countersign.toml"),
            (Kind::Project, "/home/dev/shop/.claude/countersign.toml"),
        ];
        let layers = layers.into_iter().enumerate().map(|(at, (kind, path))| {
            let trusted = kind < Kind::Project || cells[at].starts_with("trusted:");
            Layer::read(kind, Path::new(path), &code(at), trusted).unwrap_or_else(|faults| panic!("{row}: {faults:#?}"))
        });
        let given = decided(&code(3), &policy(layers.collect()));
        assert_eq!(format!("{given:?}").to_lowercase(), code(4), "{row}");
        count += 1;
    }
    assert!(count > 10, "{count} rows");
}
