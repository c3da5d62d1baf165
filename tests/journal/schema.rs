//! Every kind of line is what the published schema says that it is.

use crate::client::recorded;
use crate::kit::Home;
use countersign::call::{Call, Mode, ToolCall};
use countersign::journal::{Event, Moment, Outcome, line, read::Entry};
use countersign::judge::{Decision, judge};
use countersign::rules::model::Class;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn schema() -> Value {
    serde_json::from_str(include_str!("../fixtures/ocsf/detection-finding-1.8.0.json")).expect("JSON")
}

/// What is wrong with an object by the schema.
fn wrong(value: &Value, object: &str, schema: &Value, faults: &mut Vec<String>) {
    let (known, Some(fields)) = (&schema["objects"][object], value.as_object()) else {
        faults.push(format!("{object} is no object: {value}"));
        return;
    };
    for name in known["required"].as_array().expect("names") {
        if !fields.contains_key(name.as_str().expect("a name")) {
            faults.push(format!("{object}.{name} is missing"));
        }
    }
    let one_of = known["at_least_one"].as_array();
    if one_of.is_some_and(|names| !names.iter().any(|name| fields.contains_key(name.as_str().expect("a name")))) {
        faults.push(format!("{object} has none of {one_of:?}"));
    }
    for (name, value) in fields {
        let Some(attribute) = known["attributes"].get(name) else {
            faults.push(format!("{object}.{name} is no attribute"));
            continue;
        };
        let values = match (value.as_array(), attribute["array"] == true) {
            (Some(values), true) => values.clone(),
            (None, false) => vec![value.clone()],
            _ => {
                faults.push(format!("{object}.{name} is a list or should be one: {value}"));
                continue;
            }
        };
        let kind = attribute["type"].as_str().expect("a type");
        for value in &values {
            let fits = match kind {
                "string_t" | "hostname_t" => value.as_str().is_some_and(|text| !text.is_empty()),
                "integer_t" | "long_t" | "timestamp_t" => value.is_i64() || value.is_u64(),
                "boolean_t" => value.is_boolean(),
                "object" | "json_t" => value.is_object(),
                inner => {
                    wrong(value, inner, schema, faults);
                    true
                }
            };
            if !fits {
                faults.push(format!("{object}.{name} is no {kind}: {value}"));
            }
        }
        // A word beside a number is its caption, but for what is a product's own.
        let caption = name.strip_suffix("_id").map(|sibling| (sibling, &attribute["enum"][value.to_string()]));
        if let Some((sibling, caption)) = caption {
            if caption.is_null() {
                faults.push(format!("{object}.{name} can't be {value}"));
            }
            let beside = &fields.get(sibling).or(fields.get("activity_name")).cloned().unwrap_or_default();
            if value != 99 && !beside.is_null() && beside != caption {
                faults.push(format!("{object}.{name} is {value}, {caption}, and not {beside}"));
            }
        }
    }
}

/// Panics where a line isn't what the schema says.
pub(crate) fn conforms(line: &Value) {
    let schema = schema();
    let mut faults = Vec::new();
    wrong(line, "detection_finding", &schema, &mut faults);
    assert!(faults.is_empty(), "{faults:#?} in {line:#}");
    assert_eq!(line["class_uid"], schema["class_uid"]);
    assert_eq!(line["category_uid"], schema["category"]["findings"]);
    assert_eq!(line["metadata"]["version"], schema["version"]);
    let type_uid =
        line["class_uid"].as_u64().expect("a class") * 100 + line["activity_id"].as_u64().expect("an activity");
    assert_eq!(line["type_uid"], type_uid);
    // Milliseconds: between 2001 and 2286 they have this many digits.
    assert_eq!(line["time"].to_string().len(), 13, "{}", line["time"]);
    assert!(!holds_null(line), "{line}");
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(fields) => fields.iter().any(|(key, value)| key != "tool_input" && holds_null(value)),
        _ => false,
    }
}

fn tools() -> Vec<ToolCall> {
    let text = |text: &str| text.to_owned();
    vec![
        ToolCall::Bash { command: text("rm -rf /"), description: Some(text("d")) },
        ToolCall::Bash { command: text(""), description: None },
        ToolCall::Monitor { command: Some(text("tail -f x")) },
        ToolCall::Monitor { command: None },
        ToolCall::PowerShell { command: text("ls") },
        ToolCall::Write { path: text("/p/x"), content: text("x\u{0}\"") },
        ToolCall::Edit { path: text("/p/x"), old: text("a"), new: text("b"), all: true },
        ToolCall::NotebookEdit { path: text("/p/x"), source: text("s"), cell: Some(text("1")), edit: None },
        ToolCall::Mcp {
            name: text("mcp__a__b"),
            server: Some(text("a")),
            source: Some(text("user")),
            input: json!({"sql": "DROP TABLE x", "n": null, "list": [1, {"password": "hunter2"}]}),
        },
    ]
}

#[test]
fn every_kind_of_line_is_as_the_schema_says() {
    let outcomes = [
        Outcome::Given(Decision::Allow),
        Outcome::Given(Decision::None),
        Outcome::Given(Decision::Ask),
        Outcome::Given(Decision::Deny),
        Outcome::Observed(Decision::Deny),
        Outcome::Approved,
    ];
    let classes = [None, Some(Class::Disruptive), Some(Class::Irreversible), Some(Class::Catastrophic)];
    let moment = Moment::now();
    let mut count = 0;
    for tool in tools() {
        let mut call = Call::new(tool, "/home/dev/shop");
        for full in [true, false] {
            if full {
                call.session = Some("s".to_owned());
                call.tool_use_id = Some("t".to_owned());
                call.project = Some("/home/dev/shop".to_owned());
                call.mode = Mode::Auto;
            } else {
                (call.session, call.tool_use_id, call.project) = (None, None, None);
                call.mode = Mode::Other("new".to_owned());
            }
            for (outcome, class) in outcomes.iter().flat_map(|outcome| classes.map(|class| (*outcome, class))) {
                let event = Event {
                    outcome,
                    about: full.then_some("earlier"),
                    rules: if class.is_some() { &["a.b", "c.d"] } else { &[] },
                    class,
                    forced: full,
                    because: full.then_some("user policy"),
                    call: Some(&call),
                    ..Event::refused("PreToolUse", "Reason.\nMore.")
                };
                conforms(&serde_json::from_slice(&line(&event, &moment)).expect("JSON"));
                count += 1;
            }
        }
    }
    for event in [Event::refused("ConfigChange", "x"), Event::refused("unreadable", "y")] {
        conforms(&serde_json::from_slice(&line(&event, &moment)).expect("JSON"));
    }
    assert_eq!(count, 9 * 2 * 6 * 4);
}

/// What the real client sends, with a policy that wants everything written down.
#[test]
fn lines_of_recorded_calls_are_as_the_schema_says() {
    let home = Home::new("recorded");
    home.file(".claude/countersign.toml", "journal = \"all\"\n");
    let mut judged = 0;
    for (name, event) in recorded() {
        let tools = ["Bash", "Monitor", "PowerShell", "Write", "Edit", "NotebookEdit", "mcp__"];
        let text = String::from_utf8_lossy(&event).into_owned();
        let ours = tools.iter().any(|tool| text.contains(&format!(r#""tool_name":"{tool}"#)));
        let refused = name.ends_with("configchange.json");
        judged += usize::from(text.contains(r#""hook_event_name":"PreToolUse""#) && ours || refused);
        home.hook(&event);
        assert_eq!(home.raw().len(), judged, "{name}");
    }
    let lines = home.lines();
    assert!(lines.len() > 25, "{}", lines.len());
    lines.iter().for_each(conforms);
    let of = |line: &Value| line["metadata"]["uid"].as_str().expect("an id").to_owned();
    let ids: BTreeSet<String> = lines.iter().map(of).collect();
    assert_eq!(ids.len(), lines.len());
    assert!(ids.iter().all(|id| id.len() == countersign::journal::ID), "{ids:?}");
    let decisions: BTreeSet<&str> = lines.iter().filter_map(|line| line["unmapped"]["decision"].as_str()).collect();
    assert!(decisions.contains("none") && decisions.contains("deny"), "{decisions:?}");
}

/// A line holds enough to judge the call again.
#[test]
fn a_call_can_be_judged_again_from_its_line() {
    for command in [
        "rm -rf /",
        "git reset --hard && git clean -fdx",
        "PGPASSWORD=hunter2 psql -h db.prod.example.com -c 'DROP TABLE users'",
        "mysql -uroot -phunter2 -e 'DROP DATABASE shop'",
        "terraform destroy -auto-approve",
        "cat <<'EOF' | sh\nrm -rf ~/x \"$(pwd)\"\nEOF",
        "redis-cli -u redis://:hunter2@cache:6379 FLUSHALL",
        "curl -u admin:hunter2 -X DELETE https://es.example.com/orders",
    ] {
        let mut call = Call::new(ToolCall::Bash { command: command.to_owned(), description: None }, "/home/dev/shop");
        call.project = Some("/home/dev/shop".to_owned());
        let judgement = judge(&call);
        let line = line(&Event::judged(&call, &judgement), &Moment::now());
        let line = String::from_utf8(line).expect("UTF-8");
        assert!(!line.contains("hunter2"), "{line}");
        let entry = Entry::read(&line).expect("an entry");
        let again = judge(&entry.call().expect("a call"));
        assert!(judgement.decision >= Decision::Ask, "{command}: {judgement:?}");
        assert_eq!((again.decision, again.rules), (judgement.decision, judgement.rules), "{command}");
    }
}

#[test]
fn long_calls_are_cut_and_say_so() {
    for size in [1 << 10, 40 << 10, 1 << 20] {
        for piece in ["x", "\u{0}", "é", "\"", "a b\n"] {
            let content = format!("{} PGPASSWORD=hunter2", piece.repeat(size / piece.len()));
            let command = format!("rm -rf / # {content}");
            let bash = ToolCall::Bash { command: command.clone(), description: None };
            let write = ToolCall::Write { path: "/etc/passwd".to_owned(), content: content.clone() };
            let many = vec![json!({"password": "hunter2", "x": piece}); size / 16];
            let mcp =
                ToolCall::Mcp { name: "mcp__a__b".to_owned(), server: None, source: None, input: json!({"l": many}) };
            for tool in [bash, write, mcp] {
                let call = Call::new(tool, "/p");
                let text = line(&Event { call: Some(&call), ..Event::refused("PreToolUse", &command) }, &Moment::now());
                assert!(text.len() < 64 << 10, "{size} {piece:?}: {}", text.len());
                assert!(!text.contains(&b'\n'));
                let text = String::from_utf8(text).expect("UTF-8");
                assert!(!text.contains("hunter2"));
                let line: Value = serde_json::from_str(&text).expect("JSON");
                conforms(&line);
                assert_eq!(
                    line["metadata"]["is_truncated"] == true,
                    size > 32 << 10,
                    "{size} {piece:?} {}",
                    text.len()
                );
            }
        }
    }
}
