//! The JSON schema of policy files, which editors check and complete them by: `docs/policy.schema.json`, made from the
//! types of [`super::model`] and of the rule language. The test below makes it and compares.

use super::layer::{Kind, Layer};
use super::model::File;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

/// A day.
pub(super) struct Date;
/// A decision for what isn't proven to only read.
pub(super) struct Given;
/// A decision that stops a call.
pub(super) struct Stop;

macro_rules! schema {
    ($($type:ident $schema:tt)*) => { $(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )* };
}

schema! {
    Date { "type": "string", "format": "date", "description": "A day, without quotes: 2026-12-31." }
    Given { "oneOf": [
        { "const": "none", "description": "No opinion: the client's own permissions decide." },
        { "const": "ask", "description": "A person is asked, in every mode." },
        { "const": "deny", "description": "It does not run." },
    ] }
    Stop { "oneOf": [
        { "const": "ask", "description": "A person is asked, in every mode." },
        { "const": "deny", "description": "It does not run." },
    ] }
}

/// The schema. Draft 7 is what editors of TOML know.
fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<File>().to_value();
    plain(&mut schema);
    schema["title"] = "A policy of countersign".into();
    schema["description"] = "countersign.toml; docs/policy.md is the manual.".into();
    schema
}

/// Takes out what TOML has no word for, `null`, and defaults that say nothing.
fn plain(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Object(map) => {
            map.values_mut().for_each(plain);
            for key in ["type", "enum", "anyOf"] {
                if let Some(Value::Array(items)) = map.get_mut(key) {
                    items.retain(|item| !matches!(item.as_str(), Some("null")) && *item != json!({ "type": "null" }));
                    if key != "enum" && items.len() == 1 {
                        let only = items.remove(0);
                        map.remove(key);
                        if key == "type" {
                            map.insert(key.to_owned(), only);
                        } else if map.is_empty() {
                            map.extend(only.as_object().cloned().unwrap_or_default());
                        } else {
                            // Beside a `$ref`, nothing counts.
                            map.insert("allOf".to_owned(), json!([only]));
                        }
                    }
                }
            }
            // One list of words makes for better messages than a choice of schemas; what each means, Taplo shows.
            if let Some(Value::Array(words)) = map.get("oneOf").cloned()
                && words.iter().all(|word| word.get("const").is_some())
            {
                let each = |key: &str| words.iter().map(|word| word[key].clone()).collect::<Value>();
                map.remove("oneOf");
                map.insert("type".to_owned(), "string".into());
                map.insert("enum".to_owned(), each("const"));
                map.insert("x-taplo".to_owned(), json!({ "docs": { "enumValues": each("description") } }));
            }
            if map.get("default").is_some_and(|default| !matches!(default, Value::Bool(_) | Value::String(_))) {
                map.remove("default");
            }
            if map.get("format").is_some_and(|format| format == "uint8") {
                map.remove("format");
            }
            // Lines of Rust comments are no lines of text.
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = text.replace('\n', " ");
            }
        }
        _ => {}
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = root().join("docs/policy.schema.json");
    let made = format!("{:#}\n", schema());
    if std::env::var_os("COUNTERSIGN_WRITE_SCHEMA").is_some_and(|set| set == "1") {
        fs::write(&path, &made).expect("docs/ can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        committed == made,
        "docs/policy.schema.json isn't what the types say: run `COUNTERSIGN_WRITE_SCHEMA=1 cargo test --lib schema`, \
         and commit it"
    );
}

/// What is wrong with a document by the schema: as much of JSON schema as ours needs, and a panic at anything else.
fn wrong(schema: &Value, value: &Value, root: &Value) -> Option<String> {
    let each = |schemas: &Value| -> Vec<Option<String>> {
        schemas.as_array().expect("a list").iter().map(|schema| wrong(schema, value, root)).collect()
    };
    for (key, said) in schema.as_object().expect("a schema") {
        let fault = match key.as_str() {
            "$schema" | "title" | "description" | "default" | "definitions" | "properties" | "x-taplo" => None,
            "$ref" => {
                let target = said.as_str().expect("a reference").trim_start_matches('#');
                wrong(root.pointer(target).expect("what is referred to"), value, root)
            }
            "allOf" => each(said).into_iter().flatten().next(),
            "anyOf" => each(said).iter().all(Option::is_some).then(|| format!("{value} is none of {said}")),
            "enum" => (!said.as_array().expect("words").contains(value)).then(|| format!("{value} is none of {said}")),
            "type" => {
                let is = match said.as_str().expect("one type") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64(),
                    other => panic!("the type {other} is new"),
                };
                (!is).then(|| format!("{value} is no {said}"))
            }
            "format" => {
                assert_eq!(said, "date");
                let date = value.as_str().and_then(|text| text.parse().ok());
                date.and_then(|date| super::date::Day::of(&date)).is_none().then(|| format!("{value} is no date"))
            }
            "minimum" => (value.as_i64() < said.as_i64()).then(|| format!("{value} is under {said}")),
            "maximum" => (value.as_i64() > said.as_i64()).then(|| format!("{value} is over {said}")),
            "items" => value.as_array().into_iter().flatten().find_map(|item| wrong(said, item, root)),
            "required" => {
                let mut names = said.as_array().expect("names").iter().filter_map(Value::as_str);
                names
                    .find(|name| value.is_object() && value.get(name).is_none())
                    .map(|name| format!("{name} is missing"))
            }
            "additionalProperties" => value.as_object().into_iter().flatten().find_map(|(name, inner)| {
                match schema.pointer("/properties").and_then(|known| known.get(name)) {
                    Some(known) => wrong(known, inner, root),
                    None if *said == json!(false) => Some(format!("{name} is unknown")),
                    None => wrong(said, inner, root),
                }
                .map(|wrong| format!("{name}: {wrong}"))
            }),
            other => panic!("the keyword {other} is new: teach it to this test"),
        };
        if fault.is_some() {
            return fault;
        }
    }
    None
}

/// A document as editors hand it to a schema: days are strings.
fn document(text: &str) -> Value {
    fn json(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(truth) => truth.into(),
            toml::Value::Datetime(date) => date.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(json).collect(),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect())
            }
        }
    }
    json(toml::Value::Table(text.parse().expect("TOML")))
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// Packs are written in the same language, so they try out what examples of policies leave alone.
#[test]
fn policies_and_packs_hold_by_the_schema() {
    let schema = schema();
    let all = [files("examples/policies"), files("src/rules/packs")].concat();
    assert!(all.len() > 20, "{all:?}");
    for path in all {
        let text = fs::read_to_string(&path).expect("a file");
        let mut document = document(&text);
        // What packs say in `[[environment]]`, policies say in `[environments]`.
        document.as_object_mut().expect("a table").remove("environment");
        assert_eq!(wrong(&schema, &document, &schema), None, "{}", path.display());
    }
}

#[test]
fn the_schema_is_as_strict_as_the_reader() {
    let schema = schema();
    let both = |text: &str| {
        let read = Layer::read(Kind::User, Path::new("/home/dev/.claude/countersign.toml"), text, true);
        (read.is_ok(), wrong(&schema, &document(text), &schema).is_none())
    };
    for good in [
        "",
        "lock = true",
        "lock = 'terraform'",
        "lock = ['git.*']",
        "unattended = 'deny'",
        "journal = 'all'",
        "journal = 'stopped'",
        "protect = 'infra/'",
        "protect = ['infra', { path = 'db', decision = 'ask', reason = 'r' }]",
        "decide = { observe = 'allow', ordinary = 'none', forced = 'deny' }",
        "rules = { terraform = 'deny', 'git.*' = 'none' }",
        "environments = { production = 'prod-*', test = ['a', 'b'] }",
        "observe-only = { until = 2026-12-31 }",
        "except = { command = 'x', reason = 'r', until = 2026-12-31 }",
        "[[except]]\nrule = 'git.*'\npath = '~/x/*'\nreason = 'r'",
        "[expect]\n'ls' = 'allow'",
        "[[expect]]\n'ls' = 'allow'\n[[expect]]\n'x' = 'none'",
        "[[rule]]\nid = 'team.x'\nclass = 'ordinary'\nprogram = 'x'\nhits = 'x'",
    ] {
        assert_eq!(both(good), (true, true), "{good}");
    }
    for bad in [
        "locked = true",
        "lock = 'yes please'\nunlock = 1",
        "unattended = 'none'",
        "journal = 'none'",
        "unattended = 'allow'",
        "observe_only = { until = 2026-12-31 }",
        "observe-only = { until = 2026-12-31T10:00:00 }",
        "observe-only = {}",
        "decide = { disruptive = 'allow' }",
        "decide = { everything = 'deny' }",
        "rules = { terraform = 'allow' }",
        "rules = { terraform = 'block' }",
        "protect = { path = 'x', decision = 'none' }",
        "protect = { reason = 'x' }",
        "except = { command = 'x' }",
        "except = { command = 'x', reason = 'r', why = 'w' }",
        "environments = { production = [1] }",
        "[expect]\n'ls' = 'block'",
        "[[rule]]\nid = 'team.x'\nclass = 'harmless'\nprogram = 'x'\nhits = 'x'",
        "[[rule]]\nid = 'team.x'\nclass = 'ordinary'\nprogram = 'x'\nhits = 'x'\non_top = true",
        "[[rule]]\nid = 'team.x'\nclass = 'ordinary'\nprogram = 'x'\nhits = 'x'\nwhen = { options = '-f' }",
    ] {
        assert_eq!(both(bad), (false, false), "{bad}");
    }
}

/// Every key of a policy has its place in the manual; those of the rule language, in that one.
#[test]
fn the_manuals_name_every_key() {
    let schema = schema();
    let manual = |name: &str| fs::read_to_string(root().join(name)).expect("a manual");
    let (policy, rules) = (manual("docs/policy.md"), manual("docs/rules.md"));
    let keys = |table: &Value| -> Vec<String> {
        table["properties"].as_object().expect("properties").keys().cloned().collect()
    };
    // By itself, or with a value behind it.
    let named = |text: &str, key: &str| {
        let valued = |(at, _): (usize, &str)| {
            let whole = !text[..at].ends_with(|char: char| char.is_alphanumeric() || "_-".contains(char));
            whole && text[at + key.len()..].trim_start_matches(' ').starts_with('=')
        };
        text.contains(&format!("`{key}`")) || text.match_indices(key).any(valued)
    };
    let mut missing: Vec<String> = Vec::new();
    missing.extend(keys(&schema).into_iter().filter(|key| !named(&policy, key)));
    for (name, table) in schema["definitions"].as_object().expect("definitions") {
        if table["properties"].is_null() {
            continue;
        }
        let own = ["Decide", "Exception", "ProtectedTable", "ObserveOnly", "Approve", "Head"].contains(&name.as_str());
        let text = if own { &policy } else { &rules };
        missing.extend(keys(table).into_iter().filter(|key| !named(text, key)).map(|key| format!("{name}.{key}")));
    }
    assert!(missing.is_empty(), "the manual doesn't say what these are: {missing:?}");
}
