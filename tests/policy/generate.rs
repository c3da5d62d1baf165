//! Policy files, made up around a call: whatever a file could say to get it through.

use countersign::rules::builtin;
use std::fmt::Write;

/// The same numbers on every machine.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    pub(crate) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn maybe(&mut self, text: &str) -> String {
        if self.below(2) == 0 { text.to_owned() } else { String::new() }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string().replace('\n', "\\n").replace("'''", "\"")
}

const CLASSES: [&str; 5] = ["observe", "ordinary", "disruptive", "irreversible", "catastrophic"];
const ZONES: [&str; 10] =
    ["null", "temporary", "regenerable", "project", "outside", "device", "vcs", "elsewhere", "synced", "home"];
const LANGUAGES: [&str; 8] = ["shell", "command", "sql", "python", "opaque", "options", "tool", "http"];

/// A policy file of a few settings around this call.
pub(crate) fn file(call: &str, dice: &mut Dice) -> String {
    let mut words: Vec<&str> = call
        .split(|c: char| c.is_whitespace() || "'\"();|&{}$`:,⏎".contains(c))
        .filter(|word| !word.is_empty() && word.len() < 60 && !word.contains(['{', '}', '\\']) && word.is_ascii())
        .collect();
    words.push("x");
    let options: Vec<&str> = words.iter().filter(|word| word.starts_with('-')).copied().collect();
    let mut head = String::new();
    let mut tables = String::new();
    let mut rules = 0;
    for key in ["except", "protect", "environments", "decide", "rules", "unattended", "observe-only"] {
        if dice.below(4) == 0 {
            setting(key, call, &words, dice, &mut head);
        }
    }
    for _ in 0..=dice.below(4) {
        table(&words, &options, dice, &mut tables, &mut rules);
    }
    match dice.below(24) {
        0 => head.push_str("lock = true\n"),
        1 => head.push_str("lock = ['*']\n"),
        2 => head.push_str("nonsense\n"),
        3 => head.push_str("rules.'no.such' = 'none'\n"),
        _ => {}
    }
    head + &tables
}

fn setting(key: &str, call: &str, words: &[&str], dice: &mut Dice, out: &mut String) {
    let word = quoted(dice.one(words));
    match key {
        "except" => {
            let one = match dice.below(4) {
                0 => format!("command = {}", quoted(call.trim())),
                1 => format!("rule = '*', path = {}", quoted(dice.one(&["*", "/*", "~/*", "./*", "src", "/"]))),
                2 => format!("rule = '*', environment = '{}'", dice.one(&["local", "production"])),
                _ => format!("rule = '*', path = '*', environment = '{}'", dice.one(&["local", "production"])),
            };
            let until = dice.maybe(", until = 2099-01-01");
            let _ = writeln!(out, "except = {{ {one}, reason = 'r'{until} }}");
        }
        "protect" => {
            let decision = dice.one(&["ask", "deny"]);
            let _ = writeln!(out, "protect = [{{ path = {word}, decision = '{decision}' }}]");
        }
        "environments" => {
            let (local, production) = (dice.one(&["'*'", "'localhost'"]), dice.one(&["'*'", "'prod*'", &word]));
            let local = dice.maybe(&format!("local = [{local}], staging = ['*'],"));
            let _ = writeln!(out, "environments = {{ {local} production = [{production}] }}");
        }
        "decide" => {
            for class in [&CLASSES[..], &["forced"]].concat() {
                if dice.below(3) == 0 {
                    let decision = dice.one(&["none", "none", "ask", "deny"]);
                    let _ = writeln!(out, "decide.{class} = '{decision}'");
                }
            }
        }
        "rules" => {
            let all = builtin().rules;
            let id = all.get(dice.below(all.len())).expect("one of them").id;
            let pack = id.split('.').next().unwrap_or_default();
            let (one, two, three) =
                (dice.one(&["none", "ask"]), dice.one(&["none", "ask"]), dice.one(&["none", "deny"]));
            let _ = writeln!(out, "rules = {{ '{id}' = '{one}', {pack} = '{two}', '*' = '{three}' }}");
        }
        "unattended" => {
            let _ = writeln!(out, "unattended = '{}'", dice.one(&["ask", "deny"]));
        }
        _ => {
            let _ = writeln!(out, "observe-only.until = 2099-01-01");
        }
    }
}

fn table(words: &[&str], options: &[&str], dice: &mut Dice, out: &mut String, rules: &mut usize) {
    let word = quoted(dice.one(words));
    let option = quoted(if options.is_empty() { "-x" } else { dice.one(options) });
    let _ = match dice.below(9) {
        0..=2 => {
            *rules += 1;
            rule(*rules, &word, &option, words, dice, out);
            Ok(())
        }
        3 => program(&word, &option, dice, out),
        4 => {
            let zone = dice.one(&ZONES);
            let inside = dice.maybe("inside = true\n");
            let of = dice.one(&["under = ['/', '~']", "component = '*'", "last = '*'", "exact = '*'"]);
            writeln!(out, "[[place]]\nzone = '{zone}'\n{of}\n{inside}")
        }
        5 => {
            let language = dice.one(&LANGUAGES);
            let more = dice.one(&["", "elsewhere = true", "effects = { does = 'read', argument = '*' }"]);
            let carries = dice.maybe(&format!("carries = {{ as = '{language}', argument = '*' }}"));
            let name = dice.one(&[word.as_str(), "'*'", "[]"]);
            writeln!(out, "[[tool]]\nname = {name}\n{more}\n{carries}")
        }
        6 => {
            let kind = dice.one(&["product", "noun", "read", "restore", "bulk", "x"]);
            writeln!(out, "[[verb]]\nkind = '{kind}'\nwords = ['*', 'delete', 'drop', '*delete', {word}]")
        }
        7 => {
            let language = dice.maybe("as = 'opaque'");
            writeln!(out, "[[variable]]\nname = ['*']\n{language}")
        }
        _ => {
            let name = word.replace('*', "x");
            let gives = dice.maybe("gives = 'itself'");
            writeln!(
                out,
                "[[call]]\nlanguage = ['python', 'javascript', 'ruby', 'perl', 'php']\nname = [{name}, '*.rmtree', 'os.system']\ncode = ''\n{gives}"
            )
        }
    };
}

fn rule(number: usize, word: &str, option: &str, words: &[&str], dice: &mut Dice, out: &mut String) {
    let class = dice.one(&CLASSES);
    let subject = match dice.below(8) {
        0..=2 => {
            let command = quoted(dice.one(words));
            format!("program = {word}\n{}", dice.maybe(&format!("command = {command}\n")))
        }
        3 => "file = ['delete', 'write', 'append', 'read', 'move', 'change']".to_owned(),
        4 => "statement = '*'".to_owned(),
        5 => "request = '*'".to_owned(),
        6 => format!("tool = ['*', {word}]\nverb = ['destroy', 'read']"),
        _ => format!("opaque = ['{}']", dice.one(&["eval", "program", "subcommand", "stdin", "*", "variable"])),
    };
    let when = match dice.below(5) {
        0 => "when = { operand = 'never' }".to_owned(),
        1 => format!("when = {{ option = {option} }}"),
        2 => format!("unless = {{ beside = '*', via = {word} }}\nforced = {{ operands = '0..' }}"),
        3 => "when = { beside = 'after *' }\nalways_forced = true".to_owned(),
        _ => String::new(),
    };
    let fallback = dice.maybe("fallback = true\n");
    let only = if class == "observe" { "only = '*'\n" } else { "" };
    let _ = writeln!(
        out,
        "[[rule]]\nid = 'zzz.r{number}'\nclass = '{class}'\n{subject}\n{when}\n{fallback}{only}loses = 'a'\ninstead = 'b'\nhits = 'c'"
    );
}

fn program(word: &str, option: &str, dice: &mut Dice, out: &mut String) -> std::fmt::Result {
    let style = dice.one(&["gnu", "single", "plain", "find", "keys", "windows"]);
    let unknown = dice.one(&["either", "flag", "value"]);
    let gives = dice.one(&["operands", "cwd", "project", "temp", "stdin", "setup", "name", "found"]);
    let language = dice.one(&LANGUAGES);
    let mut more = String::new();
    for line in [
        format!("values = [{option}, '-r', '-f', '-c', '-e', '--force']"),
        format!("flags = [{option}, '-c', '-e']"),
        format!("style = '{style}'"),
        format!("unknown = '{unknown}'"),
        format!("prints = {{ gives = '{gives}' }}"),
        format!("carries = {{ as = '{language}', operand = 0 }}"),
        "effects = { does = 'read', on = 'all' }".to_owned(),
        "options_first = true".to_owned(),
        "elsewhere = true".to_owned(),
        "reroots = true".to_owned(),
        "confirms = true".to_owned(),
        "assigns = true".to_owned(),
    ] {
        if dice.below(4) == 0 {
            more += &line;
            more.push('\n');
        }
    }
    let name = dice.one(&[word, word, "'*'"]);
    writeln!(out, "[[program]]\nname = {name}\n{more}")
}
