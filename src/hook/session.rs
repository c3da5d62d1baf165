//! The beginning of a session: the agent is told that it is guarded, and the person, if something is wrong with that.

use super::answer::Answer;
use super::clean::clean;
use crate::policy::find::Where;
use crate::settings::Places;
use crate::settings::health::{Health, Level};
use serde::Serialize;
use std::path::Path;

/// The most faults that are told one by one.
const FAULTS: usize = 3;
/// The longest message, in bytes.
const BYTES: usize = 1024;

/// Where a session begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    /// Its working directory.
    pub cwd: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    // The client rejects a `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    system_message: Option<String>,
    hook_specific_output: Specific,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Specific {
    hook_event_name: &'static str,
    additional_context: String,
}

/// What is said when a session begins. Nothing is started for it: it must be quick.
#[must_use]
pub fn greeting(session: &Session, home: Option<&str>, project: Option<&str>) -> Answer {
    let policy = Where::here(home, &session.cwd, project).policy();
    let health = Health::of(&Places::here(home.map(Path::new), Path::new(&session.cwd)));
    // Where none of the files names it, it was registered in a way that can't be seen from here: a server, a device's
    // management, the client's command line.
    let seen = health.files.iter().any(|file| !file.entries.is_empty()) || !health.plugins.is_empty();
    let failures = health.findings.iter().filter(|finding| finding.level == Level::Failure);
    let failures = failures.filter(|finding| seen || finding.check != "registered");
    let faults = policy.faults.iter().map(ToString::to_string);
    let faults: Vec<String> = failures.map(|finding| finding.what.clone()).chain(faults).collect();
    let context = match (policy.only_observes(), policy.faults.is_empty()) {
        (Some(_), _) => {
            "countersign watches this session: by its policy it writes down what it would have stopped, and stops nothing."
        }
        (None, true) => {
            "countersign guards this session: calls that would destroy something are denied, or put to the person, before they \
             run. The reason says what would be lost; follow its `Instead:`, and don't look for another way to the same effect."
        }
        (None, false) => {
            "countersign guards this session, and one of its policy files is broken: until a person corrects it, every call is \
             put to the person that isn't proven to only read."
        }
    };
    let output = Output {
        system_message: (!faults.is_empty()).then(|| warning(&faults)),
        hook_specific_output: Specific { hook_event_name: "SessionStart", additional_context: context.to_owned() },
    };
    Answer { stdout: serde_json::to_string(&output).map(|json| json + "\n").unwrap_or_default(), ..Answer::default() }
}

fn warning(faults: &[String]) -> String {
    let mut text = "countersign may not guard this session as it should:\n".to_owned();
    for fault in faults.iter().take(FAULTS) {
        text.push_str(&format!("- {}\n", clean(fault, BYTES / 4).replace('\n', " ")));
    }
    if faults.len() > FAULTS {
        text.push_str(&format!("- and {} more\n", faults.len() - FAULTS));
    }
    text.push_str("`countersign doctor`, in a terminal, says what to do.");
    clean(&text, BYTES)
}
