//! justfiles: recipes with parameters and dependencies.

use super::{Book, Order, quoted};
use crate::context::Place;
use crate::read::reader::{Reader, Scope};
use crate::read::word::Word;
use std::collections::{BTreeMap, BTreeSet};

/// The most recipes of one justfile, and what it imports.
const RECIPES: usize = 2_048;
/// The most files that one justfile imports.
const IMPORTS: usize = 16;

#[derive(Debug, Default)]
struct Justfile {
    path: String,
    variables: BTreeMap<String, String>,
    aliases: BTreeMap<String, String>,
    recipes: BTreeMap<String, Recipe>,
    default: Option<String>,
    imports: Vec<String>,
    /// There is more than is read of it.
    cut: bool,
}

#[derive(Debug, Default)]
struct Recipe {
    /// Names of parameters, with their default values.
    parameters: Vec<(String, Option<String>)>,
    /// The last parameter takes all that is left.
    variadic: bool,
    needs: Vec<String>,
    lines: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn recipes_of(&mut self, order: &Order<'_>, book: &Book, scope: &Scope) -> bool {
        let mut file = Justfile { path: book.path.clone(), ..Justfile::default() };
        file.variables.insert("justfile_directory()".to_owned(), book.dir.to_string());
        file.add(&book.text);
        for _ in 0..IMPORTS {
            let Some(name) = (!file.imports.is_empty()).then(|| file.imports.remove(0)) else { break };
            let place = Place::resolve(&Word::text(name), Some(&book.dir), false, self.world, self.rules);
            if let Some(book) = self.book_at(&place.path, &book.dir) {
                file.add(&book.text);
            }
        }
        if file.cut || !file.imports.is_empty() {
            self.opaque("limit", &order.head, scope);
        }
        let mut words = order.names.as_slice();
        while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
            file.variables.insert(name.to_owned(), value.to_owned());
            words = &words[1..];
        }
        let mut seen = BTreeSet::new();
        if words.is_empty() {
            let Some(default) = file.default.clone() else { return false };
            return self.recipe(&file, order, &default, &[], &mut seen, scope);
        }
        let mut found = false;
        while let Some((name, rest)) = words.split_first() {
            let takes = file
                .recipe(name)
                .map_or(0, |recipe| if recipe.variadic { rest.len() } else { recipe.parameters.len().min(rest.len()) });
            found |= self.recipe(&file, order, name, &rest[..takes], &mut seen, scope);
            words = &rest[takes..];
        }
        found
    }

    fn recipe(
        &mut self,
        file: &Justfile,
        order: &Order<'_>,
        name: &str,
        arguments: &[String],
        seen: &mut BTreeSet<String>,
        scope: &Scope,
    ) -> bool {
        let Some(recipe) = file.recipe(name) else { return false };
        if !seen.insert(format!("{name} {}", arguments.join(" "))) || !self.pay(64) {
            return true;
        }
        let mut inner = scope.clone();
        inner.depth += 1;
        if inner.depth > crate::read::reader::DEPTH {
            self.opaque("limit", name, scope);
            return true;
        }
        let mut values = file.variables.clone();
        let last = recipe.parameters.len().saturating_sub(1);
        for (at, (parameter, default)) in recipe.parameters.iter().enumerate() {
            let given = match (recipe.variadic && at == last, arguments.get(at)) {
                (true, Some(_)) => Some(arguments[at..].join(" ")),
                (_, given) => given.cloned(),
            };
            match given.or_else(|| default.clone()) {
                Some(value) => _ = values.insert(parameter.clone(), value),
                None if recipe.variadic && at == last => _ = values.insert(parameter.clone(), String::new()),
                None => _ = values.remove(parameter),
            }
        }
        for need in &recipe.needs {
            let mut words = crate::read::own::arguments(need, None).into_iter().map(|word| word.shown());
            let Some(name) = words.next() else { continue };
            let words: Vec<String> = words.map(|word| values.get(&word).cloned().unwrap_or(word)).collect();
            self.recipe(file, order, &name, &words, seen, &inner);
        }
        let label = order.label(name);
        let mark = format!("{}\0{name}\0{}", file.path, arguments.join(" "));
        self.within(mark, |reader| {
            // With a first line of its own, it is one script.
            if let Some(first) = recipe.lines.first().and_then(|line| line.strip_prefix("#!")) {
                let mut words: Vec<Word> = first.split_whitespace().map(Word::text).collect();
                let text = filled(&recipe.lines[1..].join("\n"), &values);
                let mut inner = inner.clone();
                inner.origin.via.push(label.as_str().into());
                inner.stdin = crate::read::reader::Stdin::Text(Word::text(text)).into();
                // `#!/usr/bin/env -S bash -e`
                words.retain(|word| word.known() != Some("-S"));
                return reader.argv(words, &inner);
            }
            for line in &recipe.lines {
                let text = filled(line.trim_start_matches(['@', '-']), &values);
                let arguments: Vec<Word> = arguments.iter().map(Word::text).collect();
                // `set positional-arguments`
                let text = text.replace("\"$@\"", quoted(&arguments).trim());
                reader.recipe_text(&text, &label, &inner);
            }
        });
        true
    }
}

impl Justfile {
    fn recipe(&self, name: &str) -> Option<&Recipe> {
        self.recipes.get(self.aliases.get(name).map_or(name, String::as_str))
    }

    fn add(&mut self, text: &str) {
        let mut current: Option<String> = None;
        let mut indent = "";
        let mut goes_on = false;
        for line in text.lines().map(|line| line.strip_suffix('\r').unwrap_or(line)) {
            let blank = line.trim().is_empty();
            if line.starts_with([' ', '\t']) || blank {
                let Some(recipe) = current.as_ref().and_then(|name| self.recipes.get_mut(name)) else { continue };
                if indent.is_empty() {
                    indent = &line[..line.len() - line.trim_start().len()];
                }
                let one = line.strip_prefix(indent).unwrap_or_else(|| line.trim_start());
                match recipe.lines.last_mut().filter(|_| goes_on) {
                    Some(last) => {
                        last.push('\n');
                        last.push_str(one);
                    }
                    None => recipe.lines.push(one.to_owned()),
                }
                goes_on = one.ends_with('\\');
                continue;
            }
            goes_on = false;
            indent = "";
            current = self.head(line.trim());
        }
    }

    /// A line that isn't part of a recipe: gives the name of the recipe that it begins.
    fn head(&mut self, line: &str) -> Option<String> {
        if line.starts_with(['#', '[']) {
            return None;
        }
        if self.recipes.len() == RECIPES {
            self.cut = true;
            return None;
        }
        if let Some(rest) = line.strip_prefix("import") {
            self.imports.push(unquoted(rest.trim_start_matches('?').trim()).to_owned());
            return None;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        if let Some((name, value)) = line.split_once(":=") {
            let name = name.trim();
            match (name.strip_prefix("alias "), name.strip_prefix("set ")) {
                (Some(alias), _) => _ = self.aliases.insert(alias.trim().to_owned(), value.trim().to_owned()),
                (_, Some(_)) => {}
                _ => {
                    let value = value.trim();
                    let value = match value.strip_prefix('`').and_then(|value| value.strip_suffix('`')) {
                        Some(command) => format!("$({command})"),
                        None if value.starts_with(['\'', '"']) && unquoted(value).len() + 2 == value.len() => {
                            unquoted(value).to_owned()
                        }
                        None => return None,
                    };
                    self.variables.insert(name.to_owned(), value);
                }
            }
            return None;
        }
        let (head, needs) = line.split_once(':')?;
        let mut words = crate::read::own::arguments(head, None).into_iter().map(|word| word.shown());
        let name = words.next()?.trim_start_matches('@').to_owned();
        let mut recipe = Recipe::default();
        for word in words {
            let (parameter, default) = match word.split_once('=') {
                Some((parameter, default)) => (parameter.to_owned(), Some(default.to_owned())),
                None => (word, None),
            };
            recipe.variadic |= parameter.starts_with(['*', '+']);
            recipe.parameters.push((parameter.trim_start_matches(['*', '+', '$']).to_owned(), default));
        }
        recipe.needs = needs_of(needs);
        self.default.get_or_insert_with(|| name.clone());
        self.recipes.insert(name.clone(), recipe);
        Some(name)
    }
}

/// `a (b "x") && c`: each with its arguments.
fn needs_of(text: &str) -> Vec<String> {
    let text = text.split(" #").next().unwrap_or(text).replace("&&", " ");
    let mut needs = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (need, behind) = match rest.strip_prefix('(') {
            Some(inside) => inside.split_once(')').unwrap_or((inside, "")),
            None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
        };
        needs.push(need.to_owned());
        rest = behind.trim_start();
    }
    needs
}

fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inside('\'').or_else(|| inside('"')).unwrap_or(text)
}

/// Text with `{{name}}` filled in; what can't be known is a variable of which nothing is known.
fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        let (name, behind) = behind.split_once("}}").unwrap_or((behind, ""));
        match values.get(name.trim()) {
            Some(value) => out.push_str(value),
            None => out.push_str("${UNKNOWN}"),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}
