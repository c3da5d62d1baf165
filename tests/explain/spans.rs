//! What is underlined, on every line of the corpora: whole characters inside of the text, and those that are meant. And to
//! be looked at changes nothing of how a call is judged.

use crate::support::{self, Case};
use countersign::call::ToolCall;
use countersign::context::NoFiles;
use countersign::example;
use countersign::explain::explain;
use countersign::judge::judge_by;
use countersign::policy::Policy;
use countersign::read::outline::{Outline, Span};
use countersign::rules::builtin;
use std::path::PathBuf;

fn corpora() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("tests/corpus").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files.iter().flat_map(|file| support::corpus(file).expect("a readable corpus")).collect()
}

/// A span is a piece of its text.
fn check(span: &Span, outline: &Outline, about: &str) {
    let text = outline.sources.get(span.source).unwrap_or_else(|| panic!("{about}: no text {span:?}"));
    let piece = text.text.get(span.bytes.clone());
    assert!(
        piece.is_some_and(|piece| !piece.is_empty() || text.text.is_empty()),
        "{about}: {span:?} of {:?}",
        text.text
    );
}

/// Without what only quotes or joins lines.
fn bare(text: &str) -> String {
    text.replace("\\\n", "").chars().filter(|char| !matches!(char, '\'' | '"' | '\\')).collect()
}

#[test]
fn what_is_underlined_is_what_is_meant() {
    let mut commands = 0;
    for case in corpora() {
        let Ok(call) = example::call(&case.call, &case.cwd) else { continue };
        let policy = Policy::of(builtin());
        let explained = explain(call.clone(), &policy, &NoFiles);
        assert_eq!(explained.judgement, judge_by(&call, &policy, &NoFiles), "{}", case.call);
        let outline = explained.outline.as_ref().unwrap_or_else(|| panic!("{}: no outline", case.call));
        let acts = explained.acts.iter().flat_map(|act| &act.span);
        let found = explained.findings.iter().flat_map(|found| found.spans.iter().chain(&found.through));
        let parts = outline.parts.iter().flat_map(|part| &part.span);
        acts.chain(found).chain(parts).for_each(|span| check(span, outline, &case.call));
        if !matches!(call.tool, ToolCall::Bash { .. }) {
            continue;
        }
        for act in explained.acts.iter().filter(|act| act.kind == "run") {
            let part = &outline.parts[act.part as usize];
            let Some(span) = part.span.as_ref().filter(|span| part.exact && span.source == 0) else { continue };
            let text = bare(outline.text(span)).to_lowercase();
            let shown = bare(&part.shown).to_lowercase();
            let same = text.split_whitespace().eq(shown.split_whitespace());
            let fits = same || text.contains(&act.does.to_lowercase()) || part.shown.contains('…');
            assert!(fits, "{}: {:?} is underlined for {:?}", case.call, outline.text(span), part.shown);
            commands += 1;
        }
    }
    assert!(commands > 5_000, "only {commands} commands were underlined exactly");
}

/// Calls with what is to be underlined of them between `«` and `»`.
const MARKED: &[&str] = &[
    "ls; «git reset --hard» && pwd",
    "rm -rf src «/etc» tests",
    "rm -rf «\"$HOME\"»",
    "sh -c 'ls; rm -rf «/»'",
    "bash <<'E'\nls\nrm -rf «~»\nE",
    "psql <<E\nSELECT 1;\n«DROP TABLE users»;\nE",
    "psql -c 'SELECT 1; «DROP TABLE users»'",
    "sudo env A=1 nice «git push -f origin main»",
    "echo $(date; «git push -f origin main»)",
    "f() { «git reset --hard»; }; f",
    "eval 'ls; «git reset --hard»'",
    "true && { ls; «git stash clear»; } | cat",
    "for x in 1 2; do «git stash clear»; done",
    "ssh web1 'sudo rm -rf «/srv/data»'",
    "echo größe 世界; rm -rf «~» # ~",
    "powershell: Get-Date; «git push -f origin main»; Get-Date",
    "powershell: if ($x) { Remove-Item -Recurse -Force «C:/» }",
    "cmd /c \"cd x & «git push -f origin main»\"",
];

#[test]
fn the_word_that_is_meant_is_underlined() {
    for marked in MARKED {
        let text = marked.replace(['«', '»'], "");
        let marked = marked.strip_prefix("powershell: ").unwrap_or(marked);
        let from = marked.find('«').expect("a mark");
        let to = marked.find('»').expect("its end") - '«'.len_utf8();
        let explained = crate::explained(&text, &[], &[]);
        let outline = explained.outline.as_ref().expect("an outline");
        let spans: Vec<&Span> = explained.findings.iter().flat_map(|found| &found.spans).collect();
        let shown: Vec<&str> = spans.iter().map(|span| outline.text(span)).collect();
        assert!(spans.iter().any(|span| span.source == 0 && span.bytes == (from..to)), "{marked}: {shown:?}");
    }
}
