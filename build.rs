//! Compiles the built-in packs: reads `src/rules/packs/*.toml`, checks and indexes them with the code that reads a
//! user's rules, and writes them as one Rust `static`, which costs nothing at start-up. What a call seldom needs is packed.

#![allow(dead_code, missing_docs, unreachable_pub)]

use std::fmt::{Debug, Write};
use std::path::Path;
use std::{env, fs, process};

use rules::model::{Pack, Place, Program, Rule};
use rules::packed::Packable;
use rules::text::List;

#[path = "src/rules"]
mod rules {
    pub mod clues;
    mod commands;
    mod condition;
    mod effects;
    mod facts;
    pub mod glob;
    pub mod index;
    pub mod model;
    pub mod packed;
    mod recipes;
    mod sends;
    mod tables;
    mod target;
    pub mod text;
}

fn main() {
    order();
    if let Err(errors) = compile().and_then(|()| compress()) {
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
        println!("cargo::rustc-link-arg-bins=-T{root}/link/order.ld");
        // Instances of generic functions that come to the same code are one.
        println!("cargo::rustc-link-arg-bins=--icf=all");
    }
}

/// What `src/cli/shipped.rs` brings along.
const SHIPPED: [&str; 5] = [
    "docs/policy.schema.json",
    "docs/completions/countersign.bash",
    "docs/completions/_countersign",
    "docs/completions/countersign.fish",
    "docs/completions/countersign.ps1",
];

fn compress() -> Result<(), String> {
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    for path in SHIPPED {
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&text, 9);
        let name = path.rsplit('/').next().unwrap_or(path);
        fs::write(Path::new(&out).join(format!("{name}.z")), compressed).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
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
    let heads: Vec<_> = packs.iter().map(|pack| pack.pack.clone()).collect();
    let mut index = rules::index::Rules::new(&sorted(packs)).map_err(|faults| {
        faults.iter().map(|fault| format!("{}: {}\n", fault.place, fault.what)).collect::<String>()
    })?;
    index.packs = heads.into();
    let mut index = index.with_digests();
    // What nobody asks for by itself is only among the clues.
    let none = List::default();
    let bare = |place: &Place| Place { under: none, last: none, ..place.clone() };
    index.places = index.places.iter().map(bare).collect::<Vec<_>>().into();
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    let out = Path::new(&out);
    // Examples are for tests and readers, which have the files: they would be a tenth of the program.
    let bare = |rule: &Rule| Rule { hits: List::default(), passes: List::default(), ..rule.clone() };
    let (packed, ready) = index.rules.iter().map(bare).partition::<Vec<_>, _>(is_packed);
    let programs: Vec<Program> = index.programs.iter().cloned().collect();
    (index.programs, index.rules) = Default::default();
    // An item each: one expression of all of them would take the compiler minutes.
    let mut apart = String::new();
    shelf("Rule", &packed, &mut apart, out)?;
    shelf("Program", &programs, &mut apart, out)?;
    let ready = items("Rule", &ready, &mut apart);
    let mut given = format!(
        "rules: Table {{ ready: List(&[{ready}]), shelf: Some(&RULE_SHELF) }}, \
         programs: Table {{ ready: List(&[]), shelf: Some(&PROGRAM_SHELF) }}, "
    );
    macro_rules! apart {
        ($($field:ident: $type:ident),*) => { $(
            let names = items(stringify!($type), &index.$field, &mut apart);
            write!(given, concat!(stringify!($field), ": List(&[{}]), "), names).unwrap_or_default();
            index.$field = List::default();
        )* };
    }
    apart!(tools: Tool, calls: CodeCall, ids: Text);
    let text = format!(
        "{apart}const REST: Rules = {index:?};\n/// The built-in packs.\n\
         pub(in crate::rules) static BUILTIN: Rules = Rules {{ {given}..REST }};\n"
    );
    fs::write(out.join("builtin.rs"), text).map_err(|error| error.to_string())
}

/// Whether few calls ask for a rule.
fn is_packed(rule: &Rule) -> bool {
    !rule.program.is_empty() || !rule.tool.is_empty() || !rule.verb.is_empty()
}

/// Rules that are packed stand behind those that are ready: see `src/rules/packed.rs`.
fn sorted(packs: Vec<Pack>) -> Vec<Pack> {
    let of = |pack: &Pack, packed: bool| {
        let rules: Vec<Rule> = pack.rule.iter().filter(|rule| is_packed(rule) == packed).cloned().collect();
        List::from(rules)
    };
    let behind: Vec<Pack> =
        packs.iter().map(|pack| Pack { pack: pack.pack.clone(), rule: of(pack, true), ..Pack::default() }).collect();
    let ready = packs.into_iter().map(|pack| Pack { rule: of(&pack, false), ..pack });
    ready.chain(behind).collect()
}

/// Packs items; writes where each begins, and what holds them once they are read.
fn shelf<T: Packable>(kind: &str, items: &[T], out: &mut String, folder: &Path) -> Result<(), String> {
    let (mut text, mut starts) = (String::new(), Vec::new());
    for item in items {
        starts.push(text.len());
        item.put(&mut text);
    }
    let (file, name, count) = (format!("{}.packed", kind.to_lowercase()), kind.to_uppercase(), items.len());
    fs::write(folder.join(&file), text).map_err(|error| format!("{file}: {error}"))?;
    writeln!(
        out,
        "static {name}_READ: [Mutex<Option<&{kind}>>; {count}] = [const {{ Mutex::new(None) }}; {count}];\n\
         static {name}_SHELF: Shelf<{kind}> = Shelf {{\n\
             text: include_str!(concat!(env!(\"OUT_DIR\"), \"/{file}\")), starts: &{starts:?}, read: &{name}_READ,\n\
         }};"
    )
    .map_err(|error| error.to_string())
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
