//! Compiles the built-in packs: reads `src/rules/packs/*.toml`, checks and indexes them with the code that reads a
//! user's rules, and writes them as one Rust `static`, which costs nothing at start-up.

#![allow(dead_code, missing_docs, unreachable_pub)]

use std::path::Path;
use std::{env, fs, process};

#[path = "src/rules"]
mod rules {
    pub mod index;
    pub mod model;
    mod tables;
    pub mod text;
}

fn main() {
    if let Err(errors) = compile() {
        eprintln!("{errors}");
        process::exit(1);
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
    let index = rules::index::Rules::new(&packs).map_err(|faults| {
        faults.iter().map(|fault| format!("{}: {}\n", fault.place, fault.what)).collect::<String>()
    })?;
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    let text = format!("/// The built-in packs.\npub(in crate::rules) static BUILTIN: Rules = {index:?};\n");
    fs::write(Path::new(&out).join("builtin.rs"), text).map_err(|error| error.to_string())
}
