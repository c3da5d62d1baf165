//! The manual and the completions of shells are made from the command line's own definition, and are as it is now.
//! `COUNTERSIGN_WRITE_DOCS=1 cargo test --test man` makes them anew.

use clap::Command;
use clap_complete::{Generator, Shell, generate};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// All files below `docs/`, with what they should hold.
fn made() -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
        let name = match shell {
            // It would be called `_countersign.ps1`, as if it were zsh's.
            Shell::PowerShell => "countersign.ps1".to_owned(),
            Shell::Bash => "countersign.bash".to_owned(),
            shell => shell.file_name("countersign"),
        };
        let mut text = Vec::new();
        generate(shell, &mut countersign::cli::command(), "countersign", &mut text);
        files.insert(Path::new("completions").join(name), plain(text));
    }
    let whole = built();
    files.insert("man/countersign.1".into(), page(whole.clone()));
    for command in whole.get_subcommands() {
        files.insert(format!("man/countersign-{}.1", command.get_name()).into(), page(command.clone()));
    }
    files
}

fn built() -> Command {
    let mut command = countersign::cli::command();
    command.build();
    command
}

fn page(command: Command) -> String {
    let mut text = Vec::new();
    let source = concat!("countersign ", env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(command).source(source).render(&mut text).expect("it is written to memory");
    sections(&plain(text))
}

/// What stands below the options in `--help` gets the sections that a manual has for it.
fn sections(text: &str) -> String {
    let Some((above, below)) = text.split_once(".SH EXTRA\nExamples:\n") else { return text.to_owned() };
    let (below, rest) = below.find("\n.SH ").map_or((below, ""), |at| below.split_at(at + 1));
    let (examples, notes) = below.split_once("\n\n").unwrap_or((below, ""));
    let mut out = format!("{above}.SH EXAMPLES\n.nf\n{}\n.fi\n", examples.trim_end());
    for paragraph in notes.trim_end().split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        match paragraph.strip_prefix("Exit codes: ") {
            Some(codes) => out.push_str(&format!(".SH EXIT STATUS\n{codes}\n")),
            None => out.push_str(&format!(".PP\n{paragraph}\n")),
        }
    }
    out + rest
}

/// Without blanks at the ends of lines, which nobody would keep.
fn plain(text: Vec<u8>) -> String {
    let text = String::from_utf8(text).expect("UTF-8");
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

#[test]
fn the_manual_and_the_completions_are_current() {
    let files = made();
    assert!(files.len() >= 4 + 2, "{:?}", files.keys());
    let there: Vec<PathBuf> = ["completions", "man"]
        .iter()
        .flat_map(|folder| fs::read_dir(docs().join(folder)).into_iter().flatten())
        .flatten()
        .filter_map(|entry| entry.path().strip_prefix(docs()).ok().map(Path::to_owned))
        .collect();
    if std::env::var_os("COUNTERSIGN_WRITE_DOCS").is_some_and(|set| set == "1") {
        for path in there.iter().filter(|path| !files.contains_key(*path)) {
            fs::remove_file(docs().join(path)).expect("what isn't made any more goes");
        }
        for (path, text) in &files {
            let path = docs().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, text).expect("it is written");
        }
        return;
    }
    let again = "run `COUNTERSIGN_WRITE_DOCS=1 cargo test --test man`";
    for (path, text) in &files {
        let old = fs::read_to_string(docs().join(path)).unwrap_or_default();
        assert!(old == *text, "docs/{} is not what the command line says: {again}", path.display());
    }
    for path in there {
        assert!(files.contains_key(&path), "docs/{} belongs to no command: {again}", path.display());
    }
}

/// Every command teaches by example and says what its exit codes mean, in `--help` and in the manual.
#[test]
fn every_command_shows_examples_and_exit_codes() {
    let whole = built();
    let text = |command: &Command| command.clone().render_help().to_string();
    assert!(text(&whole).contains("Examples:"), "{}", text(&whole));
    for command in whole.get_subcommands() {
        let help = text(command);
        let examples = help.matches(&format!("countersign {}", command.get_name())).count();
        assert!(help.contains("Examples:") && examples >= 3, "{}: {examples} examples\n{help}", command.get_name());
        assert!(help.contains("Exit codes:"), "{}\n{help}", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {}: no help", command.get_name(), argument.get_id());
        }
    }
}
