//! Statements: what a script runs, as far as that can be known without running it.

use super::ast::{Block, Expr, Redirect, Script, Stage, Statement};
use super::state::{Power, Value};
use crate::context::Place;
use crate::read::action::{FileAction, Kind, Source};
use crate::read::reader::{Reader, Scope, Stdin};
use crate::read::shared::Shared;
use crate::read::word::Word;
use crate::rules::model::Does;
use std::rc::Rc;

/// How many blocks and expressions may be open at once.
const DEPTH: u16 = 100;
/// The most items that a loop is followed through.
const ROUNDS: usize = 12;

/// What a stage of a pipeline gives the next one.
#[derive(Clone, Debug, Default)]
pub(super) struct Output {
    /// The objects: paths, texts.
    pub(super) value: Value,
    /// What a program reads of it.
    pub(super) stdin: Shared<Stdin>,
    /// What gave it.
    pub(super) program: String,
    /// It says yes without end.
    pub(super) confirms: bool,
}

impl Output {
    pub(super) fn of(value: Value) -> Self {
        let text = value.joined("\n");
        let stdin = if value.items.is_empty() { Stdin::None } else { Stdin::Text(text) };
        Self { value, stdin: stdin.into(), ..Self::default() }
    }

    pub(super) fn unknown(program: &str) -> Self {
        Self { value: Value::unknown(), stdin: Stdin::Unknown.into(), program: program.to_owned(), confirms: false }
    }
}

impl Reader<'_> {
    /// The state of the session that is being read.
    pub(super) fn power(&mut self) -> &mut Power {
        self.power.get_or_insert_default()
    }

    /// Reads a PowerShell script.
    pub(crate) fn powershell(&mut self, text: &str, scope: &Scope) {
        let same = std::mem::take(&mut self.power().same);
        if same {
            return self.power_text(text, scope);
        }
        let child = self.shell.child(scope.cwd.clone(), Vec::new());
        let shell = std::mem::replace(&mut self.shell, child);
        let depth = self.power().depth;
        let before = self.power.replace(Box::new(Power { depth, ..Power::default() }));
        self.power_text(text, scope);
        self.idle_functions(scope);
        self.power = before;
        self.shell = shell;
    }

    fn power_text(&mut self, text: &str, scope: &Scope) {
        let text = super::lex::plain(text);
        let (script, fault) = super::parse::parse(&text);
        if script.statements.is_empty() && fault.is_none() {
            return self.nothing("nothing", scope);
        }
        self.statements(&script, scope);
        if fault.is_some() {
            self.opaque("powershell", &text, scope);
        }
    }

    /// A function that was never called may still be.
    fn idle_functions(&mut self, scope: &Scope) {
        for _ in 0..ROUNDS {
            let power = self.power();
            let idle: Vec<(String, Rc<Block>)> = power
                .functions
                .iter()
                .filter(|(name, _)| !power.called.contains(*name))
                .map(|(name, block)| (name.clone(), block.clone()))
                .collect();
            if idle.is_empty() {
                return;
            }
            for (name, block) in idle {
                self.power().called.insert(name);
                self.block(&block, &[], None, scope);
            }
        }
        self.opaque("limit", "PowerShell", scope);
    }

    /// Reads what is nested, within bounds. `None`: it is too deep, or there is no time left.
    pub(super) fn nested<T>(&mut self, scope: &Scope, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.power().depth >= DEPTH || !self.pay(8) {
            self.opaque("limit", "PowerShell", scope);
            return None;
        }
        self.power().depth += 1;
        let out = read(self);
        let power = self.power();
        power.depth = power.depth.saturating_sub(1);
        Some(out)
    }

    /// Statements, and what they give together.
    pub(super) fn statements(&mut self, script: &Script, scope: &Scope) -> Output {
        let mut all: Option<Output> = None;
        for statement in &script.statements {
            if self.fuel == 0 {
                break;
            }
            let out = self.statement(statement, scope);
            all = Some(match all {
                None => out,
                Some(before) if before.value == Value::default() => out,
                Some(before) => Output::of(before.value.with(out.value)),
            });
        }
        all.unwrap_or_default()
    }

    pub(super) fn statement(&mut self, statement: &Statement, scope: &Scope) -> Output {
        self.nested(scope, |reader| reader.one_statement(statement, scope)).unwrap_or_default()
    }

    fn one_statement(&mut self, statement: &Statement, scope: &Scope) -> Output {
        match statement {
            Statement::Pipeline(stages) => return self.stages(stages, scope),
            Statement::Chain(links) => {
                let Some((first, rest)) = links.split_first() else { return Output::default() };
                self.statement(first, scope);
                for link in rest {
                    self.shell.unsure = false;
                    let before = self.snapshot();
                    self.statement(link, scope);
                    self.merge_variables(before);
                }
                return Output::unknown("");
            }
            Statement::Assign { target, more, value } => {
                let out = self.statement(value, scope);
                self.set_target(target, *more, out.value, scope);
                self.nothing("assignment", scope);
                return Output::default();
            }
            Statement::If(arms, otherwise) => {
                for (condition, body) in arms {
                    self.statement(condition, scope);
                    self.maybe(|reader| reader.block(body, &[], None, scope));
                }
                if let Some(body) = otherwise {
                    self.maybe(|reader| reader.block(body, &[], None, scope));
                }
            }
            Statement::Loop { each: Some((name, values)), body, .. } => {
                let values = self.statement(values, scope).value;
                self.each_item(name, &values, scope, |reader, scope| _ = reader.block(body, &[], None, scope));
            }
            Statement::Loop { each: None, heads, body } => {
                let round = |reader: &mut Self| {
                    for head in heads {
                        reader.statement(head, scope);
                    }
                    reader.block(body, &[], None, scope);
                };
                self.repeat_rounds(round);
            }
            Statement::Branches { head, blocks, conditions, all } => {
                let value = head.as_ref().map(|head| self.statement(head, scope).value);
                for condition in conditions {
                    self.evaluate(condition, scope);
                }
                for (at, block) in blocks.iter().enumerate() {
                    if *all && at == 0 {
                        self.block(block, &[], value.clone(), scope);
                    } else {
                        self.maybe(|reader| reader.block(block, &[], value.clone(), scope));
                    }
                }
            }
            Statement::Function(name, block) => {
                let power = self.power();
                // An older one of that name may have been what was meant.
                power.called.remove(name);
                power.functions.insert(name.clone(), block.clone());
                self.nothing("function", scope);
                return Output::default();
            }
            Statement::Leave(value) => match value {
                Some(value) => return self.statement(value, scope),
                None => self.nothing("return", scope),
            },
            Statement::Empty => return Output::default(),
        }
        Output::unknown("")
    }

    /// Goes through the items of a list.
    pub(super) fn each_item(&mut self, name: &str, values: &Value, scope: &Scope, body: impl Fn(&mut Self, &Scope)) {
        // Of what seems to be nothing, nobody knows that it is.
        let unknown = Value::unknown().items;
        let few = (1..=ROUNDS).contains(&values.items.len());
        let items = if few { &values.items } else { &unknown };
        let certain = items.iter().all(|item| !item.splits);
        for item in items {
            let item = Value::one(Word { splits: false, ..item.clone() });
            self.power().variables.insert(name.to_owned(), Rc::new(item));
            if certain {
                self.maybe(|reader| body(reader, scope));
            } else {
                self.repeat_rounds(|reader| body(reader, scope));
            }
            if self.fuel == 0 {
                return;
            }
        }
        self.power().variables.insert(name.to_owned(), Rc::new(Value::unknown()));
    }

    /// What one round sets, the next one may use further up.
    fn repeat_rounds(&mut self, mut round: impl FnMut(&mut Self)) {
        let start = self.actions.len();
        let before = self.snapshot();
        self.maybe(&mut round);
        let (power, cwd) = &before;
        if self.power().variables != power.variables || self.shell.cwd != *cwd {
            self.maybe(&mut round);
        }
        self.come_again(start);
    }

    pub(super) fn snapshot(&mut self) -> (Power, Option<Rc<str>>) {
        let weight = self.power().weight();
        self.pay(weight);
        (self.power().clone(), self.shell.cwd.clone())
    }

    fn merge_variables(&mut self, (before, _): (Power, Option<Rc<str>>)) {
        let depth = self.power().depth;
        self.power().merge(before);
        self.power().depth = depth;
    }

    /// Reads what may or may not run.
    pub(super) fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let (before, branch) = (self.snapshot(), self.written.branch());
        let out = read(self);
        self.written.unsettle(branch);
        let cwd = before.1.clone();
        self.merge_variables(before);
        if self.shell.cwd != cwd {
            self.shell.cwd = None;
            self.shell.moved = true;
        }
        out
    }

    /// Runs a script block with arguments by position, and with `$_`.
    pub(super) fn block(&mut self, block: &Block, arguments: &[Value], item: Option<Value>, scope: &Scope) -> Output {
        let run = |reader: &mut Self| {
            for (at, (name, usual)) in block.parameters.iter().enumerate() {
                let usual = usual.as_ref().map(|usual| reader.evaluate(usual, scope));
                let value = arguments.get(at).cloned().or(usual).unwrap_or_else(Value::unknown);
                reader.power().variables.insert(name.clone(), Rc::new(value));
            }
            if let Some(item) = item {
                let item = Rc::new(item);
                reader.power().variables.insert("_".to_owned(), Rc::clone(&item));
                reader.power().variables.insert("psitem".to_owned(), item);
            }
            if !arguments.is_empty() {
                let all = arguments.iter().fold(Value::default(), |all, value| all.with(value.clone()));
                reader.power().variables.insert("args".to_owned(), Rc::new(all));
            }
            reader.statements(&block.body, scope)
        };
        self.nested(scope, run).unwrap_or_default()
    }

    pub(super) fn stages(&mut self, stages: &[Stage], scope: &Scope) -> Output {
        let mut out: Option<Output> = None;
        for stage in stages {
            if self.fuel == 0 {
                break;
            }
            out = Some(match stage {
                Stage::Value(expr, redirects) => {
                    let value = self.evaluate(expr, scope);
                    self.nothing("expression", scope);
                    let out = Output::of(value);
                    self.power_redirects(redirects, &out, scope);
                    out
                }
                Stage::Command(command) => self.command(command, out.take(), scope),
            });
        }
        out.unwrap_or_default()
    }

    /// What redirections write, and what is in those files then.
    pub(super) fn power_redirects(&mut self, redirects: &[Redirect], out: &Output, scope: &Scope) {
        for redirect in redirects {
            let target = self.evaluate(&redirect.target, scope).joined(" ");
            if target.known().is_some_and(|target| target.eq_ignore_ascii_case("$null") || target.is_empty()) {
                continue;
            }
            let cwd = self.shell.cwd.clone();
            let sign = if redirect.append { ">>" } else { ">" };
            let origin = scope.origin.showing(format!("{sign} {}", target.shown()));
            let path = super::paths::path(&target, true, self.world);
            let place = Place::resolve(&path, cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
            let does = if redirect.append { Does::Append } else { Does::Write };
            if place.certain && place.zone != "null" {
                match (&*out.stdin, redirect.append) {
                    (Stdin::Text(more), true) => self.added(&place.path, more.clone(), &out.program),
                    (stdin, false) => self.written.put(&place.path, stdin.clone(), &out.program),
                    _ => {}
                }
            }
            let adds = match &*out.stdin {
                Stdin::Text(text) => Some(Rc::from(text.shown())),
                _ => None,
            };
            self.push(
                Kind::File(FileAction { does, place, recursive: false, adds, removes: None, source: Source::Unsaid }),
                &origin,
            );
        }
    }

    /// Sets what stands on the left of an assignment.
    fn set_target(&mut self, target: &Expr, more: bool, value: Value, scope: &Scope) {
        match target {
            Expr::Variable(name) => {
                let value = if more {
                    let before = self.variable_value(name);
                    self.sum(before, value)
                } else {
                    value
                };
                self.set_variable(name, value, scope);
            }
            Expr::Cast(kind, inner) => {
                let value = self.cast(kind, value);
                self.set_target(inner, more, value, scope);
            }
            Expr::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    let last = at + 1 == items.len();
                    let part = match value.items.get(at) {
                        Some(word) if !last && !word.splits => Value::one(word.clone()),
                        _ => Value::unknown(),
                    };
                    self.set_target(item, more, part, scope);
                }
            }
            // A member or an item of something: that isn't known any more.
            Expr::Member { on, arguments: None, .. } | Expr::Index(on, _) => {
                self.evaluate(target, scope);
                let mut root = on.as_ref();
                while let Expr::Member { on, .. } | Expr::Index(on, _) = root {
                    root = on.as_ref();
                }
                if let Expr::Variable(name) = root {
                    self.set_variable(name, Value::unknown(), scope);
                }
                // Where it is no variable of the line, it may be a setting of the session.
                self.push(Kind::Code(String::new()), &scope.origin);
            }
            _ => {
                self.evaluate(target, scope);
            }
        }
    }

    /// Sets a variable, of this session or of the environment.
    pub(super) fn set_variable(&mut self, name: &str, value: Value, scope: &Scope) {
        if let Some(variable) = name.strip_prefix("env:") {
            let variable = variable.to_uppercase();
            let word = if self.pay(value.weight()) { value.joined(" ") } else { Word::unknown() };
            self.variable(&variable, &word, scope);
            self.shell.set(&variable, word);
            if let Some(variable) = self.shell.variables.get_mut(&variable) {
                variable.exported = true;
            }
            return;
        }
        // An alias and a function can be set like variables.
        if let Some(alias) = name.strip_prefix("alias:") {
            match value.known().map(str::to_lowercase).filter(|target| target != alias) {
                Some(target) => _ = self.power().aliases.insert(alias.to_owned(), target),
                None => self.opaque("powershell", "an alias of what can't be known", scope),
            }
            return;
        }
        if let (Some(function), Some(block)) = (name.strip_prefix("function:"), &value.block) {
            self.power().functions.insert(function.to_owned(), block.clone());
        }
        if name == "confirmpreference" {
            self.power().confirmed = value.known().is_none_or(|text| text.eq_ignore_ascii_case("none"));
        }
        if !self.pay(value.weight()) {
            return;
        }
        self.power().variables.insert(name.to_owned(), Rc::new(value));
    }
}
