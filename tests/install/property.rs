//! Settings of every shape: nothing of them is lost, and all of it comes back.

use crate::kit::Machine;
use countersign::settings::edit;
use countersign::settings::file::SettingsFile;
use serde_json::Value;
use std::fs;

const PROGRAM: &str = "/opt/größe \"x\"/countersign";

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// A text that is being made up.
struct Text<'a> {
    dice: &'a mut Dice,
    out: String,
    newline: &'static str,
    unit: &'static str,
    /// How tidy it is: 0 on one line, 1 as editors do it, 2 anyhow.
    order: usize,
}

impl Text<'_> {
    fn space(&mut self, depth: usize) {
        let (newline, unit) = (self.newline, self.unit);
        match self.order {
            0 => self.out.push_str(self.dice.of(&["", "", " "])),
            1 => self.out.push_str(&format!("{newline}{}", unit.repeat(depth))),
            _ => {
                for _ in 0..self.dice.below(4) {
                    self.out.push_str(self.dice.of(&[newline, " ", "\t", unit, ""]));
                }
            }
        }
    }

    fn list(&mut self, brackets: (char, char), depth: usize, size: usize, mut item: impl FnMut(&mut Self, usize)) {
        self.out.push(brackets.0);
        for at in 0..size {
            if at > 0 {
                self.out.push(',');
            }
            self.space(depth + 1);
            item(self, at);
        }
        if size > 0 || self.order == 2 {
            self.space(depth);
        }
        self.out.push(brackets.1);
    }

    fn key(&mut self, key: &str) {
        let colon = if self.order == 2 { self.dice.of(&[":", " : ", ":  "]) } else { ": " };
        self.out.push_str(&format!("\"{key}\"{colon}"));
    }

    fn value(&mut self, depth: usize) {
        let size = self.dice.below(4);
        match self.dice.below(if depth > 4 { 2 } else { 4 }) {
            0 => self.out.push_str(self.dice.of(&["1", "-0.5e+10", "true", "null", "12345678901234567890", "1.0"])),
            1 => self.out.push_str(self.dice.of(&[
                r#""""#,
                r#""x""#,
                r#""世\u0000\n\"}]{,""#,
                r#""// 😀 \\""#,
                r#""hooks""#,
            ])),
            2 => self.list(('[', ']'), depth, size, |text, _| text.value(depth + 1)),
            _ => self.list(('{', '}'), depth, size, |text, at| {
                let name = text.dice.of(&["a", "hooks", "größe", "PreToolUse", "\\u0061 b"]);
                text.key(&format!("{name}{at}"));
                text.value(depth + 1);
            }),
        }
    }

    fn group(&mut self, depth: usize) {
        let (matcher, handlers) = (self.dice.below(2), self.dice.below(3));
        self.list(('{', '}'), depth, matcher + 1, |text, at| {
            if at < matcher {
                text.key("matcher");
                return text.out.push_str("\"Bash\"");
            }
            text.key("hooks");
            text.list(('[', ']'), depth + 1, handlers, |text, _| {
                text.out.push_str(r#"{"type":"command", "command":"/x/countersign check \"hook\""}"#);
            });
        });
    }

    fn settings(&mut self) {
        let names = ["model1", "PreToolUse", "hooks", "z", "a"];
        let from = self.dice.below(names.len());
        let size = self.dice.below(names.len() - from + 1);
        self.list(('{', '}'), 0, size, |text, at| {
            let name = names[from + at];
            text.key(name);
            if name != "hooks" {
                return text.value(1);
            }
            let events = ["ConfigChange", "PreToolUse", "Stop"];
            let size = text.dice.below(events.len() + 1);
            text.list(('{', '}'), 1, size, |text, at| {
                text.key(events[at]);
                let groups = text.dice.below(3);
                text.list(('[', ']'), 2, groups, |text, _| text.group(3));
            });
        });
    }
}

fn made_up(dice: &mut Dice) -> String {
    let newline = ["\n", "\r\n"][dice.below(2)];
    let (unit, order) = (["  ", "\t", "    ", " "][dice.below(4)], dice.below(3));
    let mark = if dice.below(8) == 0 { "\u{feff}" } else { "" };
    let end = ["", "\n", "\n\n"][dice.below(3)].replace('\n', newline);
    let mut text = Text { dice, out: mark.to_owned(), newline, unit, order };
    text.settings();
    text.out + &end
}

/// The value without what was registered, and without what is empty then.
fn plain(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let Some(hooks) = value.get_mut("hooks").and_then(Value::as_object_mut) else { return value };
    for list in hooks.values_mut().filter_map(Value::as_array_mut) {
        list.retain(|group| group.pointer("/hooks/0/command").and_then(Value::as_str) != Some(PROGRAM));
    }
    hooks.retain(|_, list| *list != Value::Array(Vec::new()));
    if hooks.is_empty() {
        value.as_object_mut().expect("an object").remove("hooks");
    }
    value
}

/// Whether all of a text, but for its space, stands in another in the same order.
fn is_kept(text: &str, within: &str) -> bool {
    let mut all = within.chars();
    text.chars().filter(|c| !c.is_ascii_whitespace()).all(|c| all.any(|other| other == c))
}

#[test]
fn whatever_the_settings_nothing_else_changes_and_all_comes_back() {
    let machine = Machine::new("property");
    let path = machine.settings();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut exact, mut different) = (0, std::collections::HashSet::new());
    for _ in 0..600 {
        let before = made_up(&mut dice);
        different.insert(before.clone());
        fs::write(&path, &before).expect("a file");
        let file = SettingsFile::read(&path, None).expect("settings");
        let text = file.text().to_owned();
        let with = edit::install(&text, PROGRAM).unwrap_or_else(|wrong| panic!("{wrong:?}: {before}"));
        assert_eq!(plain(&with), plain(&text), "{before}");
        assert!(is_kept(&text, &with), "{before}\n{with}");
        assert_eq!(with.matches("countersign\"").count(), 3, "{before}\n{with}");
        assert_eq!(edit::install(&with, PROGRAM).as_deref(), Ok(with.as_str()), "twice is once");
        let out = edit::remove(&with).expect("settings");
        assert_eq!(plain(&out), plain(&text), "{before}");
        exact += usize::from(out == text);

        file.replace(&with).expect("it is written").keep();
        let file = SettingsFile::read(&path, None).expect("settings");
        assert_eq!(file.text(), with);
        let removal = file.without().expect("settings");
        file.put(&removal).expect("it is written");
        assert_eq!(fs::read_to_string(&path).expect("text"), before);
        assert!(machine.beside().is_empty(), "{:?}", machine.beside());
    }
    assert!(different.len() > 400, "{}", different.len());
    // Without the backup, what was empty before isn't known to have been there.
    assert!(exact > different.len() / 2, "{exact}");
}
