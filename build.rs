//! Compiles the built-in packs: reads `src/rules/packs/*.toml`, checks and indexes them with the code that reads a
//! user's rules, and writes them as one Rust `static`, which costs nothing at start-up.

#![allow(dead_code, missing_docs, unreachable_pub)]

use std::collections::HashMap;
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
    let mut pool = Pool::default();
    // What every call looks at lies together, so that a call touches few pages: a page fault costs more than a rule.
    pool.pooled(&format!("{:?}{:?}", index.by_name, index.places));
    // Keys of a policy are looked up here.
    pool.pooled(&format!("{:?}", index.ids));
    // An item each: one expression of all of them would take the compiler minutes.
    let mut items = String::new();
    let mut given = String::new();
    macro_rules! apart {
        ($($field:ident: $type:ident),*) => { $(
            let names = pool.items(stringify!($type), &index.$field, &mut items);
            write!(given, concat!(stringify!($field), ": List(&[{}]), "), names).unwrap_or_default();
            index.$field = rules::text::List::default();
        )* };
    }
    apart!(programs: Program, rules: Rule, tools: Tool, calls: CodeCall, by_name: Entry, ids: Text);
    let rest = pool.pooled(&format!("{index:?}"));
    let text = format!(
        "{items}const REST: Rules = {rest};\n\
         /// The built-in packs.\n// Long, not endless: tens of thousands of pieces are cut out of the pool.\n#[allow(long_running_const_eval)]\n\
         pub(in crate::rules) static BUILTIN: Rules = Rules {{ {given}..REST }};\n\
         static POOL: &str = concat!({});\n\
         const fn text(start: usize, size: usize) -> Text {{\n\
             Text(POOL.split_at(start).1.split_at(size).0)\n\
         }}\n",
        pool.literals
    );
    fs::write(Path::new(&out).join("builtin.rs"), text).map_err(|error| error.to_string())
}

/// All strings of the packs as one, each of them once.
#[derive(Default)]
struct Pool {
    /// As Rust literals, with a comma behind each.
    literals: String,
    /// Where each literal begins, and how many bytes it stands for.
    known: HashMap<String, (usize, usize)>,
    /// How many bytes all of them stand for.
    size: usize,
}

impl Pool {
    /// Writes each item of a list as a constant of its own; gives their names.
    fn items<T: Debug>(&mut self, kind: &str, list: &[T], out: &mut String) -> String {
        let mut names = String::new();
        for (at, item) in list.iter().enumerate() {
            let name = format!("{}_{at}", kind.to_uppercase());
            let item = self.pooled(&format!("{item:?}"));
            writeln!(out, "const {name}: {kind} = {item};").unwrap_or_default();
            names.push_str(&name);
            names.push(',');
        }
        names
    }

    /// Rust code with every `Text("…")` in it made a piece of the pool.
    fn pooled(&mut self, code: &str) -> String {
        let mut out = String::new();
        let mut rest = code;
        while let Some(start) = rest.find('"') {
            let end = end_of_literal(&rest[start..]) + start;
            let literal = &rest[start..end];
            match rest[..start].strip_suffix("Text(") {
                Some(before) => {
                    let (at, size) = self.place(literal);
                    write!(out, "{before}text({at}, {size}").unwrap_or_default();
                }
                None => out.push_str(&rest[..end]),
            }
            rest = &rest[end..];
        }
        out + rest
    }

    fn place(&mut self, literal: &str) -> (usize, usize) {
        if let Some(place) = self.known.get(literal) {
            return *place;
        }
        let place = (self.size, bytes_of_literal(literal));
        self.size += place.1;
        self.literals.push_str(literal);
        self.literals.push(',');
        self.known.insert(literal.to_owned(), place);
        place
    }
}

/// Behind the closing quote of the literal that begins here.
fn end_of_literal(code: &str) -> usize {
    let mut escaped = false;
    for (at, c) in code.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// How many bytes a literal in `Debug` form stands for.
fn bytes_of_literal(literal: &str) -> usize {
    let mut rest = &literal[1..literal.len() - 1];
    let mut size = 0;
    while let Some(c) = rest.chars().next() {
        let (read, is) = match (c, rest[c.len_utf8()..].chars().next()) {
            ('\\', Some('u')) => {
                let end = rest.find('}').map_or(rest.len(), |at| at + 1);
                let code = u32::from_str_radix(rest[..end].trim_matches(['\\', 'u', '{', '}']), 16).unwrap_or_default();
                (end, char::from_u32(code).map_or(0, char::len_utf8))
            }
            ('\\', Some(_)) => (2, 1),
            _ => (c.len_utf8(), c.len_utf8()),
        };
        size += is;
        rest = &rest[read..];
    }
    size
}
