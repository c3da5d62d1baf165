//! An explanation for people to read.

use super::paint::{Paint, wrap};
use super::snippet::{Mark, snippet};
use super::{Explained, Found, tree};
use crate::call::Mode;
use crate::hook::answer::answer;
use crate::journal::redact::redact;
use crate::judge::Decision;
use crate::rules::model::Class;
use serde_json::Value;

/// The most findings that are listed.
const FOUND: usize = 12;

/// The explanation, in lines of at most so many columns.
#[must_use]
pub fn text(explained: &Explained, most: usize, paint: Paint) -> String {
    let page = Page { explained, most, paint };
    let mut blocks: Vec<Vec<String>> = vec![page.headline()];
    blocks.extend(page.recorded());
    blocks.extend(page.texts());
    let tree = tree::tree(explained, most - 2, paint);
    if !tree.is_empty() {
        blocks.push(page.block("Read as", tree));
    }
    blocks.extend(page.found());
    if explained.outline.is_some() {
        blocks.push(page.block("Where", page.setting()));
        blocks.push(page.block("Decided by", page.layers()));
    }
    blocks.extend(page.said());
    blocks.extend(page.milder());
    let blocks: Vec<String> = blocks.iter().map(|lines| lines.join("\n")).collect();
    blocks.join("\n\n") + "\n"
}

/// What is said of a finding: its class, and whether it is forced.
fn class_of(found: &Found) -> String {
    let forced = if found.forced && found.class == Class::Irreversible { ", forced" } else { "" };
    let guessed = found.guessed.as_ref().map_or_else(String::new, |doubt| format!(", {doubt}"));
    format!("{}{forced}{guessed}", found.class.word())
}

struct Page<'a> {
    explained: &'a Explained,
    most: usize,
    paint: Paint,
}

impl Page<'_> {
    fn block(&self, title: &str, lines: Vec<String>) -> Vec<String> {
        let lines = lines.into_iter().map(|line| if line.is_empty() { line } else { format!("  {line}") });
        std::iter::once(self.paint.bold(title)).chain(lines).collect()
    }

    /// A paragraph behind a word, or below the one before it.
    fn told(&self, word: &str, text: &str) -> Vec<String> {
        let lines = wrap(text, self.most.saturating_sub(4 + 12));
        let first = |at: usize| if at == 0 { self.paint.dim(&format!("{word:<10}")) } else { " ".repeat(10) };
        lines.iter().enumerate().map(|(at, line)| format!("{}{line}", first(at))).collect()
    }

    fn headline(&self) -> Vec<String> {
        let judgement = &self.explained.judgement;
        let (word, decision, what) = match (judgement.observed, judgement.decision) {
            (Some(Decision::Deny), _) => {
                ("Only observed.", Decision::None, "It would be denied, were the policy not only observing.")
            }
            (Some(_), _) => {
                ("Only observed.", Decision::None, "A person would be asked, were the policy not only observing.")
            }
            (None, Decision::Deny) => ("Denied.", Decision::Deny, "It doesn't run."),
            (None, Decision::Ask) => ("Asked.", Decision::Ask, "It runs only if a person agrees."),
            (None, Decision::Allow) => {
                ("Allowed.", Decision::Allow, "It runs without a prompt: every part of it provably only reads.")
            }
            (None, Decision::None) => ("No opinion.", Decision::None, "Claude Code's own permissions decide."),
        };
        let word = match decision {
            Decision::None => self.paint.bold(word),
            decision => self.paint.decision(decision, word),
        };
        let mut lines = vec![format!("{word} {what}")];
        if self.explained.outline.is_none() {
            let name = self.explained.call.tool.name();
            lines.push(format!("The tool `{name}` is none of countersign's business."));
        }
        lines
    }

    fn recorded(&self) -> Option<Vec<String>> {
        let recorded = self.explained.recorded.as_ref()?;
        let rules =
            if recorded.rules.is_empty() { String::new() } else { format!(" by {}", recorded.rules.join(", ")) };
        let judgement = &self.explained.judgement;
        let now = if judgement.observed.is_some() { "observed" } else { judgement.decision.word() };
        let verdict = if recorded.decision == now {
            "The policy of today decides the same.".to_owned()
        } else {
            format!("The policy of today decides something else: {now}.")
        };
        let text = format!(
            "{}, {} UTC: {}{rules} (countersign {}). {verdict} Secrets were taken out before it was written down, so \
             what stands there as REDACTED was judged as that word.",
            recorded.id, recorded.time, recorded.decision, recorded.version
        );
        Some(self.block("From the journal", wrap(&text, self.most - 2)))
    }

    /// The texts that something was found in; that of the call always.
    fn texts(&self) -> Vec<Vec<String>> {
        let Some(outline) = &self.explained.outline else { return Vec::new() };
        let mut blocks = Vec::new();
        for (number, source) in outline.sources.iter().enumerate() {
            let mut marks: Vec<Mark> = Vec::new();
            for (at, found) in self.explained.findings.iter().enumerate().take(FOUND) {
                let label = format!("[{}] {}", at + 1, found.rule);
                let own = found.spans.iter().map(|span| (span, label.clone()));
                let through = found.through.iter().map(|span| (span, format!("{label}, see below")));
                for (span, label) in own.chain(through).filter(|(span, _)| span.source == number).take(FOUND) {
                    match marks.iter_mut().find(|mark| mark.bytes == span.bytes) {
                        Some(mark) => mark.labels.push(label),
                        None => marks.push(Mark {
                            bytes: span.bytes.clone(),
                            labels: vec![label],
                            decision: found.decision,
                        }),
                    }
                }
            }
            if number > 0 && marks.is_empty() {
                continue;
            }
            marks.sort_by_key(|mark| (mark.bytes.start, mark.bytes.end));
            let mut lines = snippet(&source.text, &marks, self.most, self.paint);
            if let Some(file) = &source.file {
                // What a person types they see anyway; a file is somebody's to show.
                lines = lines.iter().map(|line| redact(line).into_owned()).collect();
                lines.insert(0, format!(" {} {file}", self.paint.dim("──▸")));
            }
            blocks.push(lines);
        }
        blocks
    }

    fn found(&self) -> Option<Vec<String>> {
        let findings = &self.explained.findings;
        if findings.is_empty() {
            return None;
        }
        let said = &self.explained.judgement;
        let told = [Some(said.reason.as_str()), said.note.as_deref()];
        let mut lines = Vec::new();
        for (at, found) in findings.iter().enumerate().take(FOUND) {
            let class = class_of(found);
            let verdict = self.paint.decision(found.decision, &format!("{class} → {}", found.decision.word()));
            lines.push(format!("[{}] {}  {verdict}", at + 1, self.paint.bold(found.rule)));
            let mut more = Vec::new();
            // What is told below needn't be told twice.
            let is_told = |text: &&str| {
                text.lines().any(|line| {
                    line.strip_prefix("Rule: ")
                        .is_some_and(|line| line == found.rule || line.starts_with(&format!("{}; ", found.rule)))
                })
            };
            if found.decision >= Decision::Ask && !told.iter().flatten().any(is_told) {
                let parts = [
                    ("Lost", Some(found.loses)),
                    ("Here", found.here.as_deref()),
                    ("Before", found.earlier.as_deref()),
                    ("Instead", Some(found.instead)),
                ];
                for (word, text) in parts {
                    more.extend(text.filter(|text| !text.is_empty()).map(|text| self.told(word, text)));
                }
            }
            more.extend(found.because.as_deref().map(|because| self.told("Because", because)));
            more.extend(found.standard.map(|standard| self.told("Standard", standard.word())));
            lines.extend(more.into_iter().flatten().map(|line| format!("    {line}")));
        }
        if let Some(left) = findings.len().checked_sub(FOUND).filter(|left| *left > 0) {
            lines.push(format!("… and {left} more"));
        }
        Some(self.block("Found", lines))
    }

    fn setting(&self) -> Vec<String> {
        let setting = &self.explained.setting;
        let mut lines = self.told("directory", &format!("{} ({})", setting.cwd, setting.zone));
        if !setting.project.is_empty() && setting.project != setting.cwd {
            lines.extend(self.told("project", &setting.project));
        }
        for aim in &setting.aims {
            lines.extend(self.told("context", aim));
        }
        let mode = &self.explained.call.mode;
        if !matches!(mode, Mode::Default) && !mode.name().is_empty() {
            lines.extend(self.told("mode", mode.name()));
        }
        lines
    }

    fn layers(&self) -> Vec<String> {
        let explained = self.explained;
        let judgement = &explained.judgement;
        let decided = judgement.observed.unwrap_or(judgement.decision);
        let standard = explained.standard.map(Decision::word);
        let text = match (standard, &judgement.because) {
            (None, None) => "the standard: no policy file counts here".to_owned(),
            (_, Some(because)) if !because.contains(" policy, ") => format!("the standard: {because}"),
            (None, Some(because)) => because.clone(),
            (Some(standard), Some(because)) => format!("{because}; the standard is {standard}"),
            (Some(standard), None) if standard == decided.word() => {
                format!("the standard, {standard}: the policy files that count change nothing of it")
            }
            (Some(standard), None) => format!("a policy file, see below; the standard is {standard}"),
        };
        let observes = if judgement.observed.is_some() { "; but the policy only observes today" } else { "" };
        let mut lines = wrap(&format!("{text}{observes}"), self.most - 2);
        for layer in &explained.layers {
            let may = if layer.trusted { "" } else { " (not trusted, so only what tightens counts)" };
            lines.extend(self.told(layer.kind.name(), &format!("{}{may}", layer.path)));
        }
        for fault in &explained.faults {
            lines.extend(self.told("broken", fault));
        }
        lines
    }

    /// What is read by whom, word by word.
    fn said(&self) -> Vec<Vec<String>> {
        let answer = answer(&self.explained.judgement);
        let json: Value = serde_json::from_str(&answer.stdout).unwrap_or_default();
        let text = |key: &str| json["hookSpecificOutput"][key].as_str().map(str::to_owned);
        let (reason, context) = (text("permissionDecisionReason"), text("additionalContext"));
        let reader = match self.explained.judgement.decision {
            Decision::Deny => "The agent and the person read",
            _ => "The person reads",
        };
        let quote = |title: &str, text: String| {
            let bar = self.paint.dim("│");
            let lines = text.lines().flat_map(|line| wrap(line, self.most - 4)).map(|line| format!("{bar} {line}"));
            self.block(title, lines.collect())
        };
        let both = [(reader, reason), ("The agent reads", context)];
        both.into_iter().filter_map(|(title, text)| Some(quote(title, text?))).collect()
    }

    fn milder(&self) -> Option<Vec<String>> {
        let milder = &self.explained.milder;
        if let Some(not) = &milder.not {
            return Some(self.block("What would make it milder", wrap(not, self.most - 2)));
        }
        if milder.ways.is_empty() {
            return None;
        }
        let mut lines = wrap(&format!("A person may write into {}:", milder.file), self.most - 2);
        for way in &milder.ways {
            lines.push(String::new());
            lines.extend(way.lines.iter().map(|line| format!("  {}", crate::hook::clean::visible(line))));
            let what = match way.decision {
                Decision::Ask => "then a person is asked",
                Decision::Deny => "then it is denied",
                Decision::Allow => "then it is allowed",
                Decision::None => "then it is left to Claude Code's own permissions",
            };
            lines.push(self.paint.dim(&format!("  # {what}")));
        }
        Some(self.block("What would make it milder", lines))
    }
}
