//! Runs calls that stand in data files: the examples of rules and the lines of a corpus.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

use countersign::judge::{Decision, Judgement, judge_actions};
use countersign::read::action::Action;
use countersign::rules::index::{Rules, parse};
use countersign::rules::matching::{Finding, findings};
use countersign::rules::model::Pack;
use std::path::Path;

pub use countersign::example::PROJECT;

/// Reads every pack in a folder.
pub fn packs(folder: &Path) -> Result<Vec<(String, Pack)>, String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .map_err(|error| error.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        Ok((path.display().to_string(), parse(&text).map_err(|error| format!("{}: {error}", path.display()))?))
    };
    files.iter().map(|path| read(path)).collect()
}

/// Indexes packs.
pub fn index(packs: &[(String, Pack)]) -> Result<&'static Rules, String> {
    let packs: Vec<Pack> = packs.iter().map(|(_, pack)| pack.clone()).collect();
    match Rules::new(&packs) {
        Ok(rules) => Ok(Box::leak(Box::new(rules))),
        Err(faults) => Err(faults.iter().map(|fault| format!("{}: {}\n", fault.place, fault.what)).collect()),
    }
}

/// What an example would do. `subject` is the prefix that counts where the example has none.
pub fn read(example: &str, subject: &str, cwd: &str, rules: &'static Rules) -> Vec<Action> {
    countersign::example::actions(example, subject, cwd, rules).unwrap_or_else(|error| panic!("{example}: {error}"))
}

/// Judges an example.
pub fn judge(example: &str, cwd: &str, rules: &'static Rules) -> Judgement {
    judge_actions(&read(example, "sh", cwd, rules), rules)
}

/// Runs the examples of every rule; gives what is wrong.
pub fn examples(packs: &[(String, Pack)], rules: &'static Rules) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, pack) in packs {
        for rule in &pack.rule {
            let matched = |example: &str| {
                let actions = read(example, countersign::example::subject(rule), PROJECT, rules);
                let found = |action| {
                    findings(action, &actions, rules)
                        .iter()
                        .any(|finding| finding.rule.id == rule.id && !finding.guessed)
                };
                (actions.iter().any(found), actions)
            };
            for hit in rule.hits.iter().filter(|hit| !matched(hit).0) {
                let others: Vec<_> = ids(&matched(hit).1, rules);
                wrong.push(format!("{file}: {} should match `{hit}`, matched: {others:?}", rule.id));
            }
            for pass in rule.passes.iter().filter(|pass| matched(pass).0) {
                wrong.push(format!("{file}: {} should not match `{pass}`", rule.id));
            }
        }
    }
    wrong
}

/// The ids of the rules that match actions.
pub fn ids(actions: &[Action], rules: &Rules) -> Vec<String> {
    actions.iter().flat_map(|action| of(action, actions, rules)).collect()
}

/// The ids of the rules that match one action of a call.
pub fn of(action: &Action, call: &[Action], rules: &Rules) -> Vec<String> {
    let id = |found: &Finding| format!("{}{}", found.rule.id, if found.guessed { "?" } else { "" });
    findings(action, call, rules).iter().map(id).collect()
}

/// A line of a corpus.
pub struct Case {
    pub call: String,
    pub cwd: String,
    pub expected: String,
}

impl Case {
    /// Whether a decision is what the line expects.
    pub fn accepts(&self, decision: Decision) -> bool {
        match self.expected.as_str() {
            "allow" => decision == Decision::Allow,
            "none" => decision == Decision::None,
            "ask" => decision == Decision::Ask,
            "deny" => decision == Decision::Deny,
            "quiet" => decision <= Decision::None,
            "stopped" => decision >= Decision::Ask,
            other => panic!("unknown expectation `{other}`"),
        }
    }
}

/// Reads a corpus file.
pub fn corpus(path: &Path) -> Result<Vec<Case>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut cases = Vec::new();
    for (expected, list) in table {
        if !["allow", "none", "ask", "deny", "quiet", "stopped"].contains(&expected.as_str()) {
            return Err(format!("{}: unknown expectation `{expected}`", path.display()));
        }
        for case in list.as_array().ok_or(format!("{}: `{expected}` must be a list", path.display()))? {
            let (call, cwd) = match case {
                toml::Value::String(call) => (call.clone(), None),
                toml::Value::Table(table) => {
                    let text = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
                    (text("call").ok_or(format!("{}: a case without `call`", path.display()))?, text("cwd"))
                }
                _ => return Err(format!("{}: a case must be a string or a table", path.display())),
            };
            cases.push(Case { call, cwd: cwd.unwrap_or_else(|| PROJECT.to_owned()), expected: expected.clone() });
        }
    }
    Ok(cases)
}

/// Runs corpus files; gives the number of lines and what is wrong.
pub fn run_corpus(path: &Path, rules: &'static Rules) -> Result<(usize, Vec<String>), String> {
    let cases = corpus(path)?;
    let mut wrong = Vec::new();
    for case in &cases {
        let got = judge(&case.call, &case.cwd, rules).decision;
        if !case.accepts(got) {
            let found = ids(&read(&case.call, "sh", &case.cwd, rules), rules);
            wrong.push(format!(
                "{}: `{}` is {got:?}, should be {} {found:?}",
                path.display(),
                case.call,
                case.expected
            ));
        }
    }
    Ok((cases.len(), wrong))
}
