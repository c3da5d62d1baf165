//! `docs/assurance.md` names what can be run: each test, script and file in it is there.

use std::path::Path;

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn whatever_it_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/assurance.md")).expect("docs/assurance.md");
    let mut seen = 0;
    for piece in quoted(&text) {
        let words: Vec<&str> = piece.split(' ').collect();
        let path = match words[..] {
            ["cargo", "test", "--test", name, ..] => format!("tests/{name}.rs"),
            ["cargo", "bench", "--bench", name, ..] => format!("benches/{name}.rs"),
            [path, ..] if path.contains('/') && !path.starts_with(['/', '~']) => path.to_owned(),
            _ => continue,
        };
        assert!(root.join(&path).exists(), "docs/assurance.md names `{piece}`, and there is no {path}");
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
    // What a link leads to, too.
    for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
        assert!(root.join("docs").join(link).exists(), "docs/assurance.md links to {link}, which isn't there");
    }
}
