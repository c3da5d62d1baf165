//! What expressions give.

use super::ast::{Block, Expr};
use super::operators;
use super::state::{Value, glued, word};
use crate::read::action::Kind;
use crate::read::reader::{Reader, Scope};
use crate::read::shared::Shared;
use crate::read::word::{Piece, Word};
use std::rc::Rc;

/// Folders that Windows names by variables, below the home directory.
const FOLDERS: [(&str, &str); 8] = [
    ("USERPROFILE", ""),
    ("HOME", ""),
    ("APPDATA", "/AppData/Roaming"),
    ("LOCALAPPDATA", "/AppData/Local"),
    ("TEMP", "/AppData/Local/Temp"),
    ("TMP", "/AppData/Local/Temp"),
    ("ONEDRIVE", "/OneDrive"),
    ("HOMEPATH", ""),
];
/// The others.
const PLACES: [(&str, &str); 10] = [
    ("SYSTEMDRIVE", "C:"),
    ("HOMEDRIVE", "C:"),
    ("SYSTEMROOT", "C:/Windows"),
    ("WINDIR", "C:/Windows"),
    ("PROGRAMFILES", "C:/Program Files"),
    ("PROGRAMFILES(X86)", "C:/Program Files (x86)"),
    ("PROGRAMDATA", "C:/ProgramData"),
    ("ALLUSERSPROFILE", "C:/ProgramData"),
    ("PUBLIC", "C:/Users/Public"),
    ("COMSPEC", "C:/Windows/System32/cmd.exe"),
];

impl Reader<'_> {
    /// What an expression gives. What it runs is read.
    pub(super) fn evaluate(&mut self, expr: &Expr, scope: &Scope) -> Value {
        self.nested(scope, |reader| reader.one_value(expr, scope)).unwrap_or_else(Value::unknown)
    }

    fn one_value(&mut self, expr: &Expr, scope: &Scope) -> Value {
        match expr {
            Expr::Text(text) => Value::text(text),
            Expr::Bare(text, _) => Value::one(self.home_word(text)),
            Expr::Parts(parts, quoted) => {
                let mut all = Word::default();
                for (at, part) in parts.iter().enumerate() {
                    let value = match part {
                        Expr::Text(text) if at == 0 && !quoted => Value::one(self.home_word(text)),
                        part => self.evaluate(part, scope),
                    };
                    all = glued(all, &value.joined(" "));
                }
                Value::one(all)
            }
            Expr::Variable(name) => self.variable_value(name),
            Expr::List(items) | Expr::Glued(items) => {
                let mut all = Value::default();
                for item in items {
                    let value = self.evaluate(item, scope);
                    all = all.with(value);
                }
                all
            }
            Expr::Sub(script) => self.statements(script, scope).value,
            Expr::Block(block) => {
                self.unused_block(block, scope);
                Value { block: Some(Rc::clone(block)), ..Value::default() }
            }
            Expr::Table(entries) => {
                let mut table = Vec::new();
                for (key, value) in entries {
                    let key = self.evaluate(key, scope).joined(" ").shown().to_lowercase();
                    let value = self.statement(value, scope).value;
                    table.push((key, value));
                }
                Value { table: Some(Rc::new(table)), items: vec![Word::text("@{…}")], block: None }
            }
            Expr::Type(name) => Value::text(&format!("[{name}]")),
            Expr::Cast(kind, of) => {
                let value = self.evaluate(of, scope);
                self.cast(kind, value)
            }
            Expr::Member { on, name, arguments } => self.member(on, name, arguments.as_deref(), scope),
            Expr::Index(on, index) => {
                let is_text = !matches!(&**on, Expr::List(_) | Expr::Sub(_))
                    && !matches!(&**on, Expr::Variable(name) if name == "args");
                let (on, index) = (self.evaluate(on, scope), self.evaluate(index, scope));
                operators::index(&on, &index, is_text)
            }
            Expr::Binary(name, left, right) => {
                let left = self.evaluate(left, scope);
                let right = self.evaluate(right, scope);
                match name.as_str() {
                    "+" => self.sum(left, right),
                    name => operators::binary(name, &left, &right),
                }
            }
            Expr::Unary(name, of) => {
                let value = self.evaluate(of, scope);
                operators::unary(name, &value)
            }
            Expr::Either(condition, yes, no) => {
                self.evaluate(condition, scope);
                let (yes, no) = (self.evaluate(yes, scope), self.evaluate(no, scope));
                if yes == no { yes } else { Value::unknown() }
            }
        }
    }

    /// A block that may run at any time, with anything.
    pub(super) fn unused_block(&mut self, block: &Block, scope: &Scope) {
        let start = self.actions.len();
        self.maybe(|reader| _ = reader.block(block, &[], Some(Value::unknown()), scope));
        self.come_again(start);
    }

    /// A word without quotes: `~` in front is the home directory.
    fn home_word(&self, text: &str) -> Word {
        match text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\'])) {
            Some(rest) => word(&format!("{}{rest}", self.world.home)),
            None => word(text),
        }
    }

    /// What a variable holds.
    pub(super) fn variable_value(&mut self, name: &str) -> Value {
        if let Some(value) = self.power().variables.get(name).cloned() {
            // To read a long one a hundred thousand times takes as long as to write it.
            return if self.pay(value.weight() / 4) { Value::clone(&value) } else { Value::unknown() };
        }
        if let Some(name) = name.strip_prefix("env:") {
            let value = self.environment_value(&name.to_uppercase());
            // It may hold what nobody should see: `$env:TOKEN`.
            if value.items.iter().any(Word::has_unknown) {
                self.push(Kind::Code(String::new()), &Shared::default());
            }
            return value;
        }
        match name {
            "true" => Value::text("True"),
            "false" => Value::text("False"),
            "null" => Value::default(),
            "home" => Value::text(&self.world.home),
            "profile" => Value::text(&format!("{}/Documents/PowerShell/profile.ps1", self.world.home)),
            "pwd" => self.shell.cwd.as_deref().map_or_else(Value::unknown, Value::text),
            "?" | "pid" | "lastexitcode" | "host" | "psversiontable" | "iswindows" | "islinux" | "ismacos" => {
                Value::name()
            }
            _ => Value::one(Word::unknown()),
        }
    }

    /// What a variable of the environment holds.
    pub(crate) fn environment_value(&mut self, name: &str) -> Value {
        if let Some(variable) = self.shell.variables.get(name) {
            return match variable.values.as_slice() {
                [one] => Value::one(one.clone()),
                _ => Value::unknown(),
            };
        }
        if let Some((_, folder)) = FOLDERS.iter().find(|(known, _)| *known == name) {
            return Value::text(&format!("{}{folder}", self.world.home));
        }
        match PLACES.iter().find(|(known, _)| *known == name) {
            Some((_, place)) => Value::text(place),
            None if matches!(name, "USERNAME" | "USER" | "COMPUTERNAME" | "PROCESSOR_ARCHITECTURE") => Value::name(),
            None => Value::one(Word::unknown()),
        }
    }

    /// `a + b`
    pub(super) fn sum(&mut self, left: Value, right: Value) -> Value {
        let value = operators::sum(left, right);
        if self.pay(value.weight()) { value } else { Value::unknown() }
    }

    /// `[kind] value`
    pub(super) fn cast(&mut self, kind: &str, value: Value) -> Value {
        let code = |item: &Word| -> Option<Word> {
            let text = item.known()?;
            if text.chars().count() == 1 && !text.bytes().all(|b| b.is_ascii_digit()) {
                return Some(Word::text(text));
            }
            let code =
                text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            Some(Word::text(char::from_u32(code?)?.to_string()))
        };
        match kind.trim_start_matches("system.") {
            "char" => value.items.first().and_then(code).map_or_else(Value::unknown, Value::one),
            "char[]" => match value.items.as_slice() {
                [one] if one.known().is_some_and(|text| !text.bytes().all(|b| b.is_ascii_digit())) => {
                    let text = one.known().unwrap_or_default();
                    Value::each(text.chars().map(|c| Word::text(c.to_string())))
                }
                items => items.iter().map(code).collect::<Option<Vec<_>>>().map_or_else(Value::unknown, Value::list),
            },
            "string" => Value::one(value.joined(" ")),
            "bool" | "switch" | "int" | "int32" | "int64" | "double" | "datetime" | "timespan" | "version" | "guid"
                if !value.is_known() =>
            {
                Value::one(Word::from(Piece::Name))
            }
            "type" | "wmi" | "wmiclass" | "adsi" | "scriptblock" => {
                let unread = value.block.is_none();
                if unread {
                    self.push(Kind::Code(String::new()), &Shared::default());
                }
                if unread { Value::one(Word::unknown()) } else { value }
            }
            _ => value,
        }
    }
}
