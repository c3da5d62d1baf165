//! Members of values and types: what methods do, by the `[[call]]` tables of the packs.

use super::ast::Expr;
use super::operators;
use super::state::{Value, glued, word};
use crate::read::action::Kind;
use crate::read::reader::{Reader, Scope};
use crate::read::word::{Piece, Word};
use crate::rules::glob;
use crate::rules::model::{CodeCall, Language};

/// The argument that stands for what a method is called on.
const ITSELF: u8 = 99;

impl Reader<'_> {
    /// `on.name` and `on.name(…)`.
    pub(super) fn member(&mut self, on: &Expr, name: &Expr, arguments: Option<&[Expr]>, scope: &Scope) -> Value {
        let kind = match on {
            Expr::Type(kind) => Some(kind.strip_prefix("system.").unwrap_or(kind).to_owned()),
            _ => None,
        };
        let named = self.evaluate(name, scope).known().map(str::to_lowercase);
        if let (Some("text.encoding"), Some(encoding), None) = (kind.as_deref(), &named, arguments) {
            return Value::text(&format!("[{encoding}]"));
        }
        let target = if kind.is_some() { Value::default() } else { self.evaluate(on, scope) };
        let Some(arguments) = arguments else { return property(&target, named.as_deref()) };
        let mut given = Vec::new();
        for argument in arguments {
            match argument {
                // What it goes through is what it is called on.
                Expr::Block(block) => {
                    let item = target.clone();
                    self.each_item("_", &item, scope, |reader, scope| _ = reader.block(block, &[], None, scope));
                    given.push(Value { block: Some(block.clone()), ..Value::default() });
                }
                argument => given.push(self.evaluate(argument, scope)),
            }
        }
        let Some(named) = named else {
            self.opaque("powershell", "a method whose name can't be known", scope);
            return Value::unknown();
        };
        if let Some(block) = target.block.clone().filter(|_| named.starts_with("invoke")) {
            return self.block(&block, &given, None, scope).value;
        }
        if kind.as_deref() == Some("scriptblock") && named == "create" {
            return self.created(&given, scope);
        }
        let pure = match &kind {
            Some(kind) => static_value(kind, &named, &given, self.world.home.as_str()),
            None => method_value(&target, &named, &given),
        };
        if let Some(value) = pure {
            return if self.pay(value.weight()) { value } else { Value::unknown() };
        }
        self.called(kind.as_deref(), &named, &target, &given, scope);
        Value::unknown()
    }

    /// `[scriptblock]::Create('…')`
    fn created(&mut self, given: &[Value], scope: &Scope) -> Value {
        let text = given.first().map(|value| value.joined(" ")).unwrap_or_default();
        self.power().same = true;
        self.carry_text(Language::Powershell, &text, scope);
        self.power().same = false;
        let script = text.known().map(|text| super::parse::parse(&super::lex::plain(text)).0);
        let block = script.map(|body| super::ast::Block { body, ..super::ast::Block::default() });
        match block {
            Some(block) => Value { block: Some(block.into()), ..Value::default() },
            None => Value::unknown(),
        }
    }

    /// A call that is more than a calculation.
    fn called(&mut self, kind: Option<&str>, name: &str, target: &Value, given: &[Value], scope: &Scope) {
        let full = kind.map_or_else(|| format!(".{name}"), |kind| format!("{kind}.{name}"));
        let fits = |call: &CodeCall| {
            let like = |glob: &str| match glob.strip_prefix('*') {
                Some(method) => full.ends_with(method) || glob::matches(method, &full),
                None => glob::matches(glob, &full),
            };
            call.name.iter().filter(|name| like(name)).map(|name| (!name.starts_with('*'), name.len())).max()
        };
        let table = self
            .rules
            .calls(Language::Powershell)
            .filter_map(|call| Some((fits(call)?, call)))
            .max_by_key(|(fit, _)| *fit);
        let mut shown = full.trim_start_matches('.').to_owned();
        for (at, value) in given.iter().enumerate() {
            shown.push_str(if at == 0 { "(" } else { ", " });
            shown.push_str(&value.joined(" ").shown());
        }
        shown.push_str(if given.is_empty() { "()" } else { ")" });
        let origin = scope.origin.showing(shown);
        // What isn't read isn't proven harmless.
        self.push(Kind::Code(String::new()), &origin);
        let Some((_, call)) = table else { return };
        let argument = match call.argument {
            ITSELF => target.clone(),
            at => given.get(usize::from(at)).cloned().unwrap_or_default(),
        };
        let cwd = self.shell.cwd.clone();
        if let Some(does) = call.does {
            for item in &argument.items {
                let path = super::paths::path(item, call.argument != ITSELF, self.world);
                self.file(does, &path, call.recursive, &origin, cwd.as_deref());
            }
        }
        match call.carries {
            Some(Language::Command) => {
                let mut words = Vec::new();
                for (at, value) in given.iter().skip(usize::from(call.argument)).enumerate() {
                    for item in &value.items {
                        match item.known() {
                            Some(text) if at > 0 => words.extend(super::cmd_words(text).into_iter().map(Word::text)),
                            _ => words.push(item.clone()),
                        }
                    }
                }
                self.argv(words, scope);
            }
            Some(language) => self.carry_text(language, &argument.joined(" "), scope),
            None => {}
        }
        if !call.code.is_empty() {
            self.push(Kind::Code(call.code.to_string()), &origin);
        }
    }
}

/// What a property of a value is.
fn property(on: &Value, name: Option<&str>) -> Value {
    let Some(name) = name else { return Value::unknown() };
    if let Some(table) = &on.table {
        let found = table.iter().find(|(key, _)| key == name);
        return found.map_or_else(Value::unknown, |(_, value)| value.clone());
    }
    match name {
        "fullname" | "path" | "pspath" | "providerpath" | "value" | "source" | "definition" => on.clone(),
        "count" | "length" | "id" | "handle" | "lastwritetime" | "year" | "month" | "day" | "extension" => {
            Value::name()
        }
        // One name of a path: it leads nowhere else than that.
        "name" | "basename" if on.is_known() => Value::list(
            on.items
                .iter()
                .map(|item| Word::text(item.known().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default()))
                .collect(),
        ),
        _ => Value::one(Word::unknown()),
    }
}

/// Methods of text that change nothing.
fn method_value(on: &Value, name: &str, given: &[Value]) -> Option<Value> {
    let known = |at: usize| given.get(at).and_then(Value::known);
    let place = |at: usize| known(at)?.parse::<usize>().ok();
    let text = on.known();
    Some(match (name, text) {
        ("tostring" | "tolower" | "toupper" | "tolowerinvariant" | "toupperinvariant" | "trim" | "normalize", None) => {
            on.clone()
        }
        ("tostring" | "normalize", Some(_)) => on.clone(),
        ("tolower" | "tolowerinvariant", Some(text)) => Value::text(&text.to_lowercase()),
        ("toupper" | "toupperinvariant", Some(text)) => Value::text(&text.to_uppercase()),
        ("trim", Some(text)) if given.is_empty() => Value::text(text.trim()),
        ("replace", Some(text)) => match (known(0), known(1)) {
            (Some(from), Some(to)) if !from.is_empty() && text.len().saturating_mul(to.len() + 1) < 1 << 16 => {
                Value::text(&text.replace(from, to))
            }
            _ => Value::unknown(),
        },
        ("substring", Some(text)) => {
            let from = place(0).unwrap_or(usize::MAX);
            let count = if given.len() > 1 { place(1).unwrap_or(0) } else { usize::MAX };
            Value::text(&text.chars().skip(from).take(count).collect::<String>())
        }
        ("remove", Some(text)) if !given.is_empty() => {
            let from = place(0)?;
            let count = if given.len() > 1 { place(1)? } else { usize::MAX };
            Value::text(
                &text
                    .chars()
                    .enumerate()
                    .filter(|(at, _)| *at < from || at - from >= count)
                    .map(|(_, c)| c)
                    .collect::<String>(),
            )
        }
        ("insert", Some(text)) => {
            let (at, more) = (place(0)?, known(1)?);
            Value::text(&format!("{}{more}{}", text.get(..at)?, text.get(at..)?))
        }
        ("split", Some(text)) if known(0).is_some_and(|by| by.chars().count() == 1) => {
            Value::each(text.split(known(0)?).map(Word::text))
        }
        ("tochararray", Some(text)) => Value::each(text.chars().map(|c| Word::text(c.to_string()))),
        ("getstring", Some(_)) => given.first().cloned().unwrap_or_default(),
        (
            "contains" | "startswith" | "endswith" | "equals" | "compareto" | "indexof" | "lastindexof" | "gettype"
            | "gethashcode",
            _,
        ) => Value::name(),
        (
            "padleft" | "padright" | "trimstart" | "trimend" | "trim" | "split" | "getenumerator" | "addminutes"
            | "adddays" | "addhours" | "addseconds" | "addmonths" | "subtract" | "add" | "containskey" | "where"
            | "foreach",
            _,
        ) => Value::unknown(),
        _ => return None,
    })
}

/// Static methods that change nothing.
fn static_value(kind: &str, name: &str, given: &[Value], home: &str) -> Option<Value> {
    Some(match (kind, name) {
        ("string", "join") => {
            let rest = given.iter().skip(1).fold(Value::default(), |all, value| all.with(value.clone()));
            Value::one(rest.joined(given.first()?.known()?))
        }
        ("string", "concat") => {
            let parts = given.iter().flat_map(|value| value.items.iter());
            Value::one(parts.fold(Word::default(), glued))
        }
        ("string", "format") => {
            let rest = given.iter().skip(1).fold(Value::default(), |all, value| all.with(value.clone()));
            given
                .first()?
                .known()
                .and_then(|text| operators::format(text, &rest))
                .map_or_else(Value::unknown, Value::one)
        }
        ("io.path", "combine" | "join") => Value::one(joined_path(given)),
        ("io.path", "gettemppath") => word_value(&format!("{home}/AppData/Local/Temp/")),
        ("io.path", "getrandomfilename" | "getfilename" | "getextension" | "getfilenamewithoutextension")
        | ("guid", "newguid") => Value::name(),
        ("io.path", "gettempfilename") => word_value(&format!("{home}/AppData/Local/Temp/tmp.tmp")),
        ("io.path", "getfullpath") => given.first()?.clone(),
        ("convert", "frombase64string") => Value::text(&super::encoded::text(given.first()?.known()?)?),
        ("convert", "tochar") => Value::text(&char::from_u32(given.first()?.known()?.parse().ok()?)?.to_string()),
        (
            "math" | "datetime" | "timespan" | "regex" | "version" | "bitconverter" | "char" | "int" | "double"
            | "environment",
            _,
        ) if name != "exit" && !name.starts_with("set") => Value::one(Word::unknown()),
        ("io.file" | "io.directory", "exists") => Value::name(),
        _ => return None,
    })
}

fn word_value(text: &str) -> Value {
    Value::one(word(text))
}

/// Parts of a path side by side: one that is absolute begins anew.
pub(super) fn joined_path(parts: &[Value]) -> Word {
    let mut all = Word::default();
    for part in parts {
        let part = part.joined(" ");
        let absolute = part.start().starts_with(['/', '\\']) && !all.pieces.is_empty();
        let end =
            all.pieces.last().is_some_and(|piece| matches!(piece, Piece::Text(text) if text.ends_with(['/', '\\'])));
        if !(all.pieces.is_empty() || absolute || end) {
            all.push(Piece::Text("/".into()));
        }
        all = glued(all, &part);
    }
    all
}
