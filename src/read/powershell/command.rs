//! Commands: functions, aliases, PowerShell's own commands and programs.

use super::ast::{self, Call, Command, Expr};
use super::bind::{Argument, bind};
use super::eval::Output;
use super::state::{Value, word};
use crate::read::action::Kind;
use crate::read::argv::Invocation;
use crate::read::reader::{COMMAND, DEPTH, Reader, Scope, Stdin};
use crate::read::shared::Shared;
use crate::read::word::Word;
use crate::rules::index::Known;
use crate::rules::model::Language;
use std::rc::Rc;

/// What stands in front of the names of PowerShell's own commands in packs.
const OWN: &str = "ps:";

impl Reader<'_> {
    /// Reads a command. Gives what it hands to the next one.
    pub(super) fn command(&mut self, command: &Command, input: Option<Output>, scope: &Scope) -> Output {
        let run = |reader: &mut Self| reader.one_command(command, input, scope);
        self.nested(scope, run).unwrap_or_default()
    }

    fn one_command(&mut self, command: &Command, input: Option<Output>, scope: &Scope) -> Output {
        let outlined = self.outline_command(|| command.text.clone(), scope);
        let mut scope = outlined.unwrap_or_else(|| scope.clone());
        scope.depth += 1;
        if scope.depth > DEPTH || !self.pay(COMMAND + command.text.len() / 8) {
            self.opaque("limit", &command.text, &scope);
            return Output::default();
        }
        scope.cwd = self.shell.cwd.clone();
        scope.origin.moved = self.shell.moved;
        let exported = self.exported();
        if !exported.is_empty() {
            scope.origin.env = exported;
        }
        scope.origin.confirmed |= self.power().confirmed;
        if let Some(input) = &input {
            scope.origin.fed = Some(input.program.clone());
            scope.origin.confirmed |= input.confirms
                || matches!(&*input.stdin, Stdin::Text(text) if text.known().is_some_and(crate::read::shell::command::is_yes));
            scope.stdin = input.stdin.clone();
        }
        let name = match (&command.name, command.call) {
            // `& { … }` runs here and now.
            (Expr::Block(block), _) => Value { block: Some(Rc::clone(block)), ..Value::default() },
            (name, _) => self.evaluate(name, &scope),
        };
        let item = input.as_ref().map(|input| input.value.clone());
        let arguments = self.arguments(command, item.as_ref(), &scope);
        let out = match &name.block {
            Some(block) => self.call_block(block, &arguments, item, &scope),
            None => self.named(&name, &arguments, input, command, &scope),
        };
        self.power_redirects(&command.redirects, &out, &scope);
        out
    }

    /// The arguments; blocks among them are read, with what comes through the pipe.
    fn arguments(&mut self, command: &Command, input: Option<&Value>, scope: &Scope) -> Vec<Argument> {
        let mut arguments = Vec::new();
        let is_block = |argument: &ast::Argument| {
            let value = match argument {
                ast::Argument::Parameter(_, value) => value.as_ref(),
                ast::Argument::Value(value) => Some(value),
                _ => None,
            };
            matches!(value, Some(Expr::Block(_)))
        };
        let blocks = command.arguments.iter().any(is_block);
        let given = if blocks { self.argument_list(command, scope) } else { Vec::new() };
        for argument in &command.arguments {
            match argument {
                ast::Argument::Parameter(name, value) => {
                    let value = value.as_ref().map(|value| self.argument(value, input, &given, scope));
                    arguments.push(Argument::Parameter { name: name.clone(), value, sure: true });
                }
                // An escape in a name makes it an operand in some versions.
                ast::Argument::Value(Expr::Bare(text, escaped)) if is_parameter(text) => {
                    arguments.push(Argument::Parameter { name: text.clone(), value: None, sure: !escaped });
                }
                ast::Argument::Value(value) => {
                    let glued = matches!(value, Expr::Glued(_));
                    let value = self.argument(value, input, &given, scope);
                    arguments.push(Argument::Value { value, glued });
                }
                ast::Argument::Splat(name) => {
                    let value = self.variable_value(name);
                    match &value.table {
                        Some(table) => arguments.extend(table.iter().map(|(name, value)| Argument::Parameter {
                            name: format!("-{name}"),
                            value: Some(value.clone()),
                            sure: true,
                        })),
                        None if value.is_known() => arguments.push(Argument::Value { value, glued: false }),
                        None => arguments.push(Argument::Value { value: Value::unknown(), glued: false }),
                    }
                }
                ast::Argument::Verbatim(text) => {
                    let items = super::cmd_words(text).into_iter();
                    let items = items.map(|text| if text.contains('%') { Word::unknown() } else { word(&text) });
                    arguments.push(Argument::Value { value: Value::list(items.collect()), glued: false });
                }
            }
        }
        arguments
    }

    /// An argument. A block is run with what comes through the pipe, and with what is `given` to it.
    fn argument(&mut self, value: &Expr, input: Option<&Value>, given: &[Value], scope: &Scope) -> Value {
        let Expr::Block(block) = value else { return self.evaluate(value, scope) };
        let items = input.cloned().unwrap_or_else(Value::unknown);
        let run = |reader: &mut Self, scope: &Scope| _ = reader.block(block, given, None, scope);
        self.each_item("_", &items, scope, run);
        Value { block: Some(Rc::clone(block)), ..Value::default() }
    }

    /// What a command hands to the blocks that it runs: `-ArgumentList a, b`.
    fn argument_list(&mut self, command: &Command, scope: &Scope) -> Vec<Value> {
        let named = |name: &str| {
            name.len() > 2 && "-argumentlist".starts_with(&name.to_ascii_lowercase())
                || name.eq_ignore_ascii_case("-args")
        };
        let at = command
            .arguments
            .iter()
            .position(|argument| matches!(argument, ast::Argument::Parameter(name, _) if named(name)));
        let value = match at.map(|at| (&command.arguments[at], command.arguments.get(at + 1))) {
            Some((ast::Argument::Parameter(_, Some(value)), _)) | Some((_, Some(ast::Argument::Value(value)))) => value,
            _ => return Vec::new(),
        };
        let value = self.evaluate(value, scope);
        value.items.into_iter().map(Value::one).collect()
    }

    /// Calls a block or a function: parameters by name, the rest by position.
    fn call_block(
        &mut self,
        block: &ast::Block,
        arguments: &[Argument],
        input: Option<Value>,
        scope: &Scope,
    ) -> Output {
        let mut given: Vec<Option<Value>> = vec![None; block.parameters.len()];
        let mut rest = Vec::new();
        let mut named = None;
        for argument in arguments {
            match argument {
                Argument::Parameter { name, value, .. } => {
                    let start = name.trim_start_matches('-').to_lowercase();
                    named = block.parameters.iter().position(|(name, _)| name.starts_with(&start));
                    if let Some(at) = named {
                        given[at] = Some(value.clone().unwrap_or_else(|| Value::text("True")));
                        named = named.filter(|_| value.is_none());
                    }
                }
                Argument::Value { value, .. } => match named.take() {
                    Some(at) => given[at] = Some(value.clone()),
                    None => rest.push(value.clone()),
                },
            }
        }
        let mut rest = rest.into_iter();
        let mut all: Vec<Value> = Vec::new();
        for (at, value) in given.into_iter().enumerate() {
            let usual = |reader: &mut Self| match &block.parameters[at].1 {
                Some(usual) => reader.evaluate(usual, scope),
                None => Value::default(),
            };
            let value = match value.or_else(|| rest.next()) {
                Some(value) => value,
                None => usual(self),
            };
            all.push(value);
        }
        all.extend(rest);
        let before = self.snapshot().0.variables;
        let out = self.block(block, &all, input, scope);
        // What a block sets is gone behind it, but for what it says otherwise: then it may be either.
        let power = self.power();
        let after = std::mem::replace(&mut power.variables, before);
        for (name, value) in after {
            let same = power.variables.get(&name).is_none_or(|before| *before == value);
            if !same && !block.parameters.iter().any(|(parameter, _)| *parameter == name) {
                power.variables.insert(name, Rc::new(Value::unknown()));
            }
        }
        out
    }

    /// A command that is called by a name.
    fn named(
        &mut self,
        name: &Value,
        arguments: &[Argument],
        input: Option<Output>,
        command: &Command,
        scope: &Scope,
    ) -> Output {
        let first = name.items.first().cloned().unwrap_or_default();
        let Some(text) = first.known().map(str::to_owned) else {
            // `$PSScriptRoot\build.ps1`: its name is known.
            self.program(super::paths::path(&first, true, self.world), arguments, scope);
            return Output::unknown("");
        };
        if text.is_empty() {
            return Output::default();
        }
        let lower = text.to_lowercase();
        let lower = self.power().aliases.get(&lower).cloned().unwrap_or(lower);
        let known_function = self.power().functions.get(&lower).cloned();
        if let Some(block) = known_function {
            self.power().called.insert(lower);
            return self.call_block(&block, arguments, input.map(|input| input.value), scope);
        }
        let base = lower.rsplit(['\\', '/']).next().unwrap_or(&lower).to_owned();
        let path = base.len() < lower.len();
        let stem = base.rsplit_once('.').map_or(base.as_str(), |(stem, _)| stem).to_owned();
        let language = script(&base);
        // `npm.cmd` is npm.
        if let Some(language) = language.filter(|it| *it == Language::Powershell || self.known(&stem).is_empty()) {
            let mut inner = scope.clone();
            inner.origin.shown.clone_from(&command.text);
            self.power().same = command.call == Call::Source;
            self.carry_file(language, &super::paths::path(&first, true, self.world), &inner);
            self.power().same = false;
            // What a script does that can't be found isn't proven.
            self.push(Kind::Code(String::new()), &inner.origin);
            return Output::unknown(&base);
        }
        let own = self.own_command(&base);
        let mut out = None;
        if let Some((canonical, known)) = own {
            let value = input.as_ref().map(|input| &input.value);
            let inv = bind(canonical, !path || lower.contains("microsoft.powershell"), known, arguments, value);
            out = Some(self.own(inv, input.as_ref(), command, scope));
        }
        // Where it isn't PowerShell's, or is so only on Windows, there is a program of that name.
        let native = base.strip_suffix(".exe").unwrap_or(&base).to_owned();
        if out.is_none() || !self.known(&native).is_empty() {
            let word = if text.to_lowercase() == lower { first } else { word(&lower) };
            let native = self.program(word, arguments, scope);
            return out.unwrap_or(native);
        }
        out.unwrap_or_default()
    }

    /// The command of PowerShell with this name or alias, and what is known of it.
    pub(super) fn own_command(&mut self, name: &str) -> Option<(String, Shared<Known>)> {
        let known = self.known(&format!("{OWN}{name}"));
        if known.is_empty() {
            return None;
        }
        // An alias stands behind the name that it is for: `["ps:remove-item", "ps:ri"]`.
        let full = known.tables.iter().find_map(|table| {
            let at = table.name.iter().position(|listed| listed.strip_prefix(OWN) == Some(name))?;
            table.name.0[..=at]
                .iter()
                .rev()
                .filter_map(|listed| listed.strip_prefix(OWN))
                .find(|name| name.contains('-'))
        });
        match full.filter(|full| *full != name) {
            Some(full) => Some((full.to_owned(), self.known(&format!("{OWN}{full}")))),
            None => Some((name.to_owned(), known)),
        }
    }

    /// A command of PowerShell's own.
    fn own(&mut self, inv: Invocation, input: Option<&Output>, command: &Command, scope: &Scope) -> Output {
        let name = inv.name.clone();
        self.sets_variables(&inv, scope);
        let mut scope = scope.clone();
        let content = inv.known.tables.iter().flat_map(|table| table.pipe.iter().take(1)).copied().next();
        if let Some(content) = content {
            let values: Vec<Word> = inv
                .options
                .iter()
                .filter(|given| given.name == content.as_str())
                .filter_map(|given| given.value.clone())
                .collect();
            if !values.is_empty() && input.is_none_or(|input| matches!(*input.stdin, Stdin::Text(_) | Stdin::None)) {
                scope.stdin = Stdin::Text(Value::list(values).joined("\n")).into();
            }
        }
        let moves = self.moves(&inv, &scope);
        let out = if moves { Output::default() } else { self.own_output(&inv, input, &scope) };
        self.changes_session(&inv, &scope);
        self.power().same = true;
        self.perform(inv, command.text.clone(), &scope);
        self.power().same = false;
        Output { program: name.into(), ..out }
    }

    /// A program, with the words that PowerShell hands it.
    fn program(&mut self, name: Word, arguments: &[Argument], scope: &Scope) -> Output {
        let mut words = vec![name];
        for argument in arguments {
            match argument {
                Argument::Parameter { name, value: None, .. } => words.push(word(name)),
                Argument::Parameter { name, value: Some(value), .. } => {
                    let mut whole = word(&format!("{name}:"));
                    value.joined(",").pieces.into_iter().for_each(|piece| whole.push(piece));
                    words.push(whole);
                }
                Argument::Value { value, .. } if value.block.is_some() || value.table.is_some() => {
                    words.push(value.joined(" "))
                }
                Argument::Value { value, glued: true } => words.push(value.joined(",")),
                Argument::Value { value, .. } => words.extend(value.items.iter().cloned()),
            }
        }
        let name = words[0].known().map(|name| crate::read::parts::program_name(name).0).unwrap_or_default();
        let known = self.known(&name);
        let confirms = known.tables.iter().any(|table| table.confirms);
        self.argv(words, scope);
        let gives = self.prints(&known, scope);
        let value = match &gives {
            Some(Stdin::Text(text)) => Value::one(text.clone()),
            Some(Stdin::Names(names)) => Value::list(names.clone()),
            _ => Value::unknown(),
        };
        Output { value, stdin: gives.unwrap_or(Stdin::Unknown).into(), program: name.into(), confirms }
    }
}

/// Whether a word without quotes is the name of a parameter.
fn is_parameter(text: &str) -> bool {
    text.len() > 1 && text.starts_with('-') && text.as_bytes()[1].is_ascii_alphabetic()
}

/// What a script is written in, by its name.
fn script(name: &str) -> Option<Language> {
    match name.rsplit_once('.')?.1 {
        "ps1" | "psm1" => Some(Language::Powershell),
        "bat" | "cmd" => Some(Language::Cmd),
        _ => None,
    }
}
