//! An explanation for programs. docs/explain.md lists the keys.

use super::{Act, Explained, Found};
use crate::hook::answer::answer;
use crate::judge::Decision;
use crate::read::outline::{Outline, Span, What};
use crate::rules::model::Class;
use serde_json::{Map, Value, json};

/// The number of this form. A key is never taken away or given another meaning without a new one.
const FORM: u32 = 1;

/// The explanation as JSON.
#[must_use]
pub fn json(explained: &Explained) -> Value {
    let judgement = &explained.judgement;
    let answer = answer(judgement);
    let said: Value = serde_json::from_str(&answer.stdout).unwrap_or_default();
    let said = &said["hookSpecificOutput"];
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let outline = explained.outline.as_ref();
    let layers = explained.layers.iter();
    let ways = explained.milder.ways.iter();
    let mut top = json!({
        "form": FORM,
        "tool": explained.call.tool.name(),
        "cwd": explained.call.cwd,
        "mode": explained.call.mode.name(),
        "project": text(&explained.setting.project),
        "zone": text(&explained.setting.zone),
        "aims": explained.setting.aims,
        "decision": judgement.decision.word(),
        "observed": judgement.observed.map(Decision::word),
        "standard": explained.standard.map(Decision::word),
        "class": judgement.class.map(Class::word),
        "forced": judgement.forced,
        "rules": judgement.rules,
        "because": judgement.because,
        "reason": said["permissionDecisionReason"],
        "context": said["additionalContext"],
        "texts": outline.map(texts).unwrap_or_default(),
        "tree": outline.map(|outline| part(0, outline, &explained.acts)),
        "findings": explained.findings.iter().map(found).collect::<Vec<_>>(),
        "policy": {
            "layers": layers.map(|layer| json!({
                "kind": layer.kind.name(), "path": layer.path, "trusted": layer.trusted,
            })).collect::<Vec<_>>(),
            "faults": explained.faults,
        },
        "milder": {
            "file": explained.milder.file,
            "ways": ways.map(|way| json!({
                "lines": way.lines, "decision": way.decision.word(),
            })).collect::<Vec<_>>(),
            "not": explained.milder.not,
        },
    });
    if let (Some(recorded), Some(top)) = (&explained.recorded, top.as_object_mut()) {
        let same =
            recorded.decision == if judgement.observed.is_some() { "observed" } else { judgement.decision.word() };
        let about = json!({
            "id": recorded.id, "time": recorded.time, "decision": recorded.decision, "rules": recorded.rules,
            "version": recorded.version, "same": same,
        });
        top.insert("recorded".to_owned(), about);
    }
    top
}

fn texts(outline: &Outline) -> Vec<Value> {
    let sources = outline.sources.iter();
    // What is in a file isn't the caller's to hand on.
    sources
        .map(|source| json!({ "file": source.file, "text": source.file.is_none().then_some(&*source.text) }))
        .collect()
}

/// Bytes of a text, by its number.
fn span(span: &Span) -> Value {
    json!({ "text": span.source, "from": span.bytes.start, "to": span.bytes.end })
}

fn part(at: usize, outline: &Outline, acts: &[Act]) -> Value {
    let Some(this) = outline.parts.get(at) else { return Value::Null };
    let mut out = Map::new();
    let what = match &this.what {
        What::Call => "call",
        What::Compound(_) => "compound",
        What::Simple => "simple",
        What::Command => "command",
        What::Text(_) => "text",
        What::Book => "book",
        What::Function => "function",
        What::Tool => "tool",
    };
    out.insert("what".to_owned(), what.into());
    let shown = match &this.what {
        What::Compound(name) => (*name).to_owned(),
        _ => outline.shown(this).into_owned(),
    };
    out.insert("shown".to_owned(), shown.into());
    if let What::Text(language) = &this.what {
        out.insert("language".to_owned(), super::tree::language_name(*language).into());
    }
    out.insert("span".to_owned(), this.span.as_ref().map(span).unwrap_or_default());
    out.insert("exact".to_owned(), this.exact.into());
    let own: Vec<Value> = acts.iter().filter(|act| act.part as usize == at).map(act).collect();
    out.insert("actions".to_owned(), own.into());
    let children = outline.parts.iter().enumerate().skip(at + 1).filter(|(_, part)| part.parent as usize == at);
    let children: Vec<Value> = children.map(|(child, _)| part(child, outline, acts)).collect();
    out.insert("parts".to_owned(), children.into());
    Value::Object(out)
}

fn act(act: &Act) -> Value {
    json!({
        "kind": act.kind,
        "does": act.does,
        "path": act.path,
        "zone": act.zone,
        "class": act.class.word(),
        "forced": act.forced,
        "decision": act.decision.word(),
        "rules": act.rules,
        "findings": act.found,
        "span": act.span.as_ref().map(span),
    })
}

fn found(found: &Found) -> Value {
    json!({
        "rule": found.rule,
        "class": found.class.word(),
        "forced": found.forced,
        "guessed": found.guessed.is_some(),
        "decision": found.decision.word(),
        "standard": found.standard.map(Decision::word),
        "because": found.because,
        "lost": found.loses,
        "instead": found.instead,
        "here": found.here,
        "before": found.earlier,
        "spans": found.spans.iter().map(span).collect::<Vec<_>>(),
        "through": found.through.iter().map(span).collect::<Vec<_>>(),
    })
}
