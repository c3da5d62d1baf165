//! What the client is told. One mistake here and it runs the tool: PROTOCOL §2.2 says what it accepts.

use serde::Serialize;

use super::clean::{BYTES, clean};
use crate::judge::{Decision, Judgement};

/// What the agent may be told besides the reason, in bytes.
const CONTEXT_BYTES: usize = 2048;

/// An answer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The JSON, one line; empty where there is nothing to say.
    pub stdout: String,
    /// What is said on stderr; the client shows it where the exit code is 2.
    pub stderr: String,
    /// The exit code: 0, or 2 to block.
    pub code: u8,
    /// The call may run, or is asked about, only if stdout arrives; otherwise it is blocked with this reason.
    pub otherwise: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    hook_specific_output: Specific<'a>,
}

// The client rejects a `null` in an optional field, and with it the whole answer: what is absent must not be written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Specific<'a> {
    hook_event_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_decision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_decision_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_context: Option<String>,
}

/// No opinion, and nothing to say.
pub fn silence() -> Answer {
    Answer::default()
}

/// The answer that says this.
pub fn answer(judgement: &Judgement) -> Answer {
    let reason = &shown(&judgement.reason);
    let note = judgement.note.as_deref().filter(|note| !note.trim().is_empty());
    match judgement.decision {
        Decision::Deny => deny(reason),
        Decision::Ask => Answer {
            stdout: json(Some("ask"), Some(reason), Some(&asked(reason, note))),
            otherwise: format!("A person should be asked about this call, but the question can't be put.\n{reason}"),
            ..Answer::default()
        },
        Decision::Allow => Answer {
            stdout: json(Some("allow"), Some(reason), note),
            otherwise: "countersign's answer can't be delivered: its standard output is closed.".to_owned(),
            ..Answer::default()
        },
        Decision::None => Answer { stdout: note.map_or_else(String::new, |n| json(None, None, Some(n))), ..silence() },
    }
}

/// A denial, said in each of the ways that the client obeys.
pub fn deny(reason: &str) -> Answer {
    let reason = shown(reason);
    Answer { stdout: json(Some("deny"), Some(&reason), None), stderr: reason, code: 2, otherwise: String::new() }
}

fn json(decision: Option<&'static str>, reason: Option<&str>, context: Option<&str>) -> String {
    let specific = Specific {
        hook_event_name: "PreToolUse",
        permission_decision: decision,
        permission_decision_reason: reason,
        additional_context: context.map(|text| clean(text, CONTEXT_BYTES)),
    };
    // Strings always serialize. Should it fail all the same, the runner sees a promised answer that is empty.
    serde_json::to_string(&Output { hook_specific_output: specific }).map(|json| json + "\n").unwrap_or_default()
}

/// The reason as it is shown; never empty, or the client would make one up.
pub(super) fn shown(reason: &str) -> String {
    match clean(reason, BYTES) {
        empty if empty.trim().is_empty() => "countersign stops this call.".to_owned(),
        reason => reason,
    }
}

/// What the agent reads next to the outcome of a call that was asked about. On its own, the client tells it nothing.
fn asked(reason: &str, note: Option<&str>) -> String {
    let first = reason.lines().next().unwrap_or_default();
    let mut text = format!(
        "countersign asked a person to confirm this call before it could run, because: {first}\n\
         If it ran, this one call was approved and nothing else. If it did not, don't look for another way to the same \
         effect: go on with work that doesn't need it, or say what you meant to do and why, and leave it to the person."
    );
    if let Some(note) = note {
        text.push('\n');
        text.push_str(note);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(decision: Decision, note: Option<&str>) -> Answer {
        let note = note.map(str::to_owned);
        answer(&Judgement { decision, reason: "Deletes \"x\"\nfor\u{1b} good".to_owned(), note, ..Judgement::silent() })
    }

    #[test]
    fn a_denial_is_said_three_ways() {
        let reason = r#"Deletes \"x\"\nfor\\u{1b} good"#;
        let json = format!(
            r#"{{"hookSpecificOutput":{{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"{reason}"}}}}"#
        );
        let answer = of(Decision::Deny, Some("unheard"));
        assert_eq!(answer.stdout, json + "\n");
        assert_eq!(answer.stderr, "Deletes \"x\"\nfor\\u{1b} good");
        assert_eq!(answer.code, 2);
    }

    #[test]
    fn a_question_also_tells_the_agent() {
        let answer = of(Decision::Ask, Some("a note"));
        let json: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let said = &json["hookSpecificOutput"];
        assert_eq!(said["permissionDecision"], "ask");
        let context = said["additionalContext"].as_str().expect("a context");
        assert!(context.contains("Deletes \"x\"") && context.ends_with("\na note"), "{context}");
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        assert!(answer.otherwise.contains("Deletes"));
    }

    #[test]
    fn an_allowance_has_a_reason_and_no_nulls() {
        let answer = of(Decision::Allow, None);
        assert!(answer.stdout.contains(r#""permissionDecision":"allow","permissionDecisionReason":"Deletes"#));
        assert!(!answer.stdout.contains("null") && !answer.stdout.contains("additionalContext"));
        assert_eq!(answer.code, 0);
        assert!(!answer.otherwise.is_empty());
    }

    #[test]
    fn no_opinion_is_silent_but_for_a_note() {
        assert_eq!(of(Decision::None, None), silence());
        assert_eq!(of(Decision::None, Some(" ")), silence());
        let noted = r#"{"hookSpecificOutput":{"hookEventName":"PreToolUse","additionalContext":"psst"}}"#;
        assert_eq!(of(Decision::None, Some("psst")).stdout, format!("{noted}\n"));
    }

    #[test]
    fn a_denial_is_never_without_words() {
        assert!(!deny(" \n").stderr.trim().is_empty());
    }
}
