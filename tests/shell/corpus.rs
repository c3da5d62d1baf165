//! Every line of the corpus, as bash was seen to take it.

use crate::walk::found;
use countersign::read::shell::parse::parse;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) script: String,
    pub(crate) bash_accepts: bool,
    pub(crate) bash_runs: Option<Vec<String>>,
}

pub(crate) fn lines() -> Vec<Line> {
    include_str!("../corpus/shell.jsonl").lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// Bash reads these, and finds the error only when it runs them. The reader refuses them, having said what runs.
const REFUSED: [&str; 3] = ["037_hd_brace", "053_bt_sub", "230_r_in_bt"];

#[test]
fn the_corpus_is_read_as_bash_reads_it() {
    let mut wrong = Vec::new();
    for line in lines() {
        let read = parse(&line.script);
        let expected = line.bash_accepts && !REFUSED.contains(&line.name.as_str());
        match &read {
            Ok(_) if !expected => wrong.push(format!("{}: accepted", line.name)),
            Err(error) if expected => wrong.push(format!("{}: {} at {}", line.name, error.why, error.at)),
            Err(_) => {}
            Ok(script) => {
                let found = found(script);
                for name in line.bash_runs.iter().flatten() {
                    // `m0` is the name of a function that the script defines.
                    if !found.names.contains(name) {
                        wrong.push(format!("{}: {name} not found in {:?}", line.name, found.names));
                    }
                }
                if found.ends.iter().any(|&end| end > line.script.len()) {
                    wrong.push(format!("{}: a span is out of range", line.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
