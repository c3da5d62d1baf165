//! Tries packs without building them in: `try-packs [CORPUS.toml | 'a call']…` reads `src/rules/packs/` as it is now.
//! Without arguments it runs the examples of every rule and every corpus.

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

fn main() {
    let fail = |error: String| -> ! {
        eprintln!("{error}");
        std::process::exit(1)
    };
    let packs = support::packs(Path::new("src/rules/packs")).unwrap_or_else(|error| fail(error));
    let rules = support::index(&packs).unwrap_or_else(|faults| fail(faults));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut wrong = Vec::new();
    let mut lines = 0;
    let mut files: Vec<PathBuf> = Vec::new();
    if arguments.is_empty() {
        wrong.extend(support::examples(&packs, rules));
        files.extend(
            std::fs::read_dir("tests/corpus").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())),
        );
        files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
    }
    for argument in &arguments {
        if argument.ends_with(".toml") && argument.contains("packs/") {
            let some: Vec<_> =
                packs.iter().filter(|(file, _)| file.ends_with(argument.trim_start_matches("./"))).cloned().collect();
            wrong.extend(support::examples(&some, rules));
        } else if argument.ends_with(".toml") {
            files.push(argument.into());
        } else {
            let actions = support::read(argument, "sh", support::PROJECT, rules);
            let judgement = countersign::judge::judge_actions(&actions, rules);
            println!("{argument}\n  {:?}", judgement.decision);
            for action in &actions {
                println!(
                    "  {:?} `{}` {:?}",
                    action_name(&action.kind),
                    action.origin.shown,
                    support::of(action, &actions, rules)
                );
            }
            for line in judgement.reason.lines() {
                println!("    | {line}");
            }
        }
    }
    for file in files {
        match support::run_corpus(&file, rules) {
            Ok((count, bad)) => {
                lines += count;
                wrong.extend(bad);
            }
            Err(error) => wrong.push(error),
        }
    }
    for line in &wrong {
        println!("{line}");
    }
    println!("{} rules, {lines} corpus lines, {} wrong", rules.rules.len(), wrong.len());
    std::process::exit(i32::from(!wrong.is_empty()));
}

fn action_name(kind: &countersign::read::action::Kind) -> String {
    use countersign::read::action::Kind;
    match kind {
        Kind::Run(inv) => format!("run {}", inv.name),
        Kind::File(file) => format!(
            "{} {} [{}]{}",
            countersign::rules::index::does_name(file.does),
            file.place.path,
            file.place.zone,
            if file.recursive { " and below" } else { "" }
        ),
        Kind::Sql(sql) => format!("sql {} {:?} {:?}", sql.verb, sql.object, sql.marks),
        Kind::Http(request) => format!("http {:?}", request),
        Kind::Mcp(call) => format!("mcp {} {:?} {:?}", call.tool, call.verbs, call.arguments),
        Kind::Code(code) => format!("code {code}"),
        Kind::Opaque(kind) => format!("opaque {kind}"),
        Kind::Nothing => "nothing".to_owned(),
    }
}
