//! The page of `countersign replay --html`: it stands by itself, and nothing that an agent wrote gets to run in it.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");

/// Makes a page in a folder of its own; with the same report for programs.
fn page(name: &str, arguments: &[&str]) -> (PathBuf, String, Value) {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&base);
    fs::create_dir_all(base.join("home")).expect("a folder");
    let file = base.join("report.html");
    fs::write(&file, "an older page").expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["replay", "--json", "--html"]).arg(&file).args(arguments).env_clear().env("HOME", base.join("home"));
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let page = fs::read_to_string(&file).expect("a page");
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(&base).expect("a folder").count(), 2);
    (base, page, serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// The elements of a page, in order; panics where one isn't closed.
fn elements(page: &str) -> Vec<(String, String)> {
    const ALONE: [&str; 5] = ["meta", "br", "input", "line", "rect"];
    let (mut open, mut all): (Vec<String>, _) = (Vec::new(), Vec::new());
    let mut rest = page.strip_prefix("<!doctype html>").expect("a document type");
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').expect("a tag ends") + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "before {:.80}", rest);
            continue;
        }
        let (name, attributes) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag, ""));
        all.push((name.to_owned(), attributes.to_owned()));
        if ["script", "style"].contains(&name) {
            let end = rest.find(&format!("</{name}>")).expect("it is closed");
            rest = &rest[end..];
        }
        if !ALONE.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
    all
}

#[test]
fn the_page_stands_by_itself() {
    let (base, page, report) = page("itself", &["--policy", &policy("itself"), ALL]);
    let elements = elements(&page);
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, attributes) in &elements {
        *count.entry(name).or_default() += 1;
        for wrong in ["src=", "href=", "url(", "javascript:", " on", "style=\""] {
            assert!(!format!(" {attributes}").contains(wrong), "<{name} {attributes}>");
        }
    }
    // Three charts, one bar for each of the rules and projects, and the table.
    assert_eq!((count["script"], count["style"]), (1, 1));
    assert!(count["svg"] > 3 + 10 && count["rect"] > 20, "{count:?}");
    for part in [
        "29 calls in 4 sessions of 2 projects",
        "This change saves 1 ask a day",
        "<table id=\"calls\">",
        "prefers-color-scheme:dark",
        "aria-label=\"Calls by day; the same as a table follows\"",
        "script-src 'sha256-",
        "default-src 'none'",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for day in report["days"].as_array().expect("days") {
        let says = format!(
            "<title>{}: {} denied, {} asked about, {} left to the client, {} allowed</title>",
            day["day"].as_str().expect("a day"),
            day["deny"],
            day["ask"],
            day["none"],
            day["allow"]
        );
        assert!(page.contains(&says), "{says}");
    }
    let rules = report["rules"].as_array().expect("rules");
    let commands: u64 = rules.iter().filter_map(|rule| rule["different"].as_u64()).sum();
    assert!(commands > 10, "{rules:?}");
    // Without JavaScript all lines are there, and no tools that would do nothing.
    assert!(page.contains("id=\"tools\" hidden>") && page.matches("<tr data-decision=").count() as u64 == commands);
    assert!(!page.contains("://"), "no address of anything");
    let _ = fs::remove_dir_all(base);
}

fn policy(name: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-policy-{}-{name}.toml", std::process::id()));
    let rules = "[rules]\n\"git.push-force\" = \"ask\"\n\"git.reset-hard\" = \"deny\"\n\"sql.drop-table\" = \"none\"\n";
    fs::write(&path, rules).expect("a file");
    path.to_string_lossy().into_owned()
}

#[test]
fn what_agents_wrote_stays_text() {
    let (base, page, _) = page("hostile", &[ALL]);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&lt;/style&gt;&lt;/textarea&gt;"), "it is shown");
    assert!(page.contains("&lt;img src=x onerror=alert(2)&gt;"));
    assert!(!page.contains("<script>alert") && !page.contains("<img") && !page.contains("hunter2"));
    // The projects, the tools and the names of files are somebody's words as well.
    let hostile = base.join("<b onclick=x>.jsonl");
    let line = r#"{"type":"assistant","cwd":"/home/dev/\"><script>x</script>","message":{"content":[{"type":"tool_use","id":"1","name":"mcp__<i>__drop_table'","input":{"\u202e<u>":"\u0007</td>"}}]}}"#;
    fs::write(&hostile, format!("{line}\n{{torn\n")).expect("a file");
    let (other, page, _) = self::page("hostile-names", &[&hostile.to_string_lossy()]);
    for (name, attributes) in elements(&page) {
        assert!(!["b", "i", "u"].contains(&name.as_str()) || attributes.is_empty(), "<{name} {attributes}>");
        assert!(!["i", "u", "img"].contains(&name.as_str()), "<{name} {attributes}>");
    }
    assert!(
        page.contains("&lt;b onclick=x&gt;.jsonl:2") && page.contains("/home/dev/&quot;&gt;&lt;script&gt;x"),
        "{page}"
    );
    assert!(!page.contains('\u{202e}') && !page.contains('\u{7}'), "what can't be seen is visible");
    for folder in [base, other] {
        let _ = fs::remove_dir_all(folder);
    }
}
