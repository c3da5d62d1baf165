//! Compiles the built-in packs: reads `src/rules/packs/*.toml`, checks and indexes them with the code that reads a
//! user's rules, and writes them as one Rust `static`, which costs nothing at start-up.

#![allow(dead_code, missing_docs, unreachable_pub)]

use std::fmt::{Debug, Write};
use std::path::Path;
use std::{env, fs, process};

#[path = "src/rules"]
mod rules {
    mod condition;
    mod effects;
    mod facts;
    pub mod glob;
    pub mod index;
    pub mod model;
    mod recipes;
    mod sends;
    mod tables;
    mod target;
    pub mod text;
}

fn main() {
    order();
    if let Err(errors) = compile() {
        eprintln!("{errors}");
        process::exit(1);
    }
}

/// Has the linker lay together what everyday calls run (see `link/order.py`). Only for the builds that are released.
fn order() {
    println!("cargo::rerun-if-changed=link/order.ld");
    if env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "musl")
        && let Ok(root) = env::var("CARGO_MANIFEST_DIR")
    {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{root}/link/order.ld");
    }
}

fn compile() -> Result<(), String> {
    let folder = Path::new("src/rules/packs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut packs = Vec::new();
    for path in files {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        packs.push(rules::index::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    let mut index = rules::index::Rules::new(&packs).map_err(|faults| {
        faults.iter().map(|fault| format!("{}: {}\n", fault.place, fault.what)).collect::<String>()
    })?;
    // Examples are for tests and readers, which have the files: they would be a tenth of the program.
    let bare = |rule: &rules::model::Rule| rules::model::Rule {
        hits: rules::text::List::default(),
        passes: rules::text::List::default(),
        ..rule.clone()
    };
    index.rules = index.rules.iter().map(bare).collect::<Vec<_>>().into();
    let mut index = index.with_digests();
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    // An item each: one expression of all of them would take the compiler minutes.
    let mut apart = String::new();
    let mut given = String::new();
    macro_rules! apart {
        ($($field:ident: $type:ident),*) => { $(
            let names = items(stringify!($type), &index.$field, &mut apart);
            write!(given, concat!(stringify!($field), ": List(&[{}]), "), names).unwrap_or_default();
            index.$field = rules::text::List::default();
        )* };
    }
    apart!(programs: Program, rules: Rule, tools: Tool, calls: CodeCall, by_name: Entry, ids: Text);
    let text = format!(
        "{apart}const REST: Rules = {index:?};\n/// The built-in packs.\n\
         pub(in crate::rules) static BUILTIN: Rules = Rules {{ {given}..REST }};\n"
    );
    fs::write(Path::new(&out).join("builtin.rs"), text).map_err(|error| error.to_string())
}

/// Writes each item of a list as a constant of its own; gives their names.
fn items<T: Debug>(kind: &str, list: &[T], out: &mut String) -> String {
    let mut names = String::new();
    for (at, item) in list.iter().enumerate() {
        let name = format!("{}_{at}", kind.to_uppercase());
        writeln!(out, "const {name}: {kind} = {item:?};").unwrap_or_default();
        names.push_str(&name);
        names.push(',');
    }
    names
}
