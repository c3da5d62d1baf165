//! What a test has just shown to be missing: `[ -f .env ] || cp .env.example .env` overwrites nothing.

use super::ast::{Join, Node, Part, Script, Simple, Word};
use crate::context::Place;
use crate::read::reader::{Reader, Scope};

/// A test for a file, and with which outcome the file isn't there.
pub(super) struct Test {
    /// The file.
    pub path: String,
    /// The join behind which the file isn't there: `||`, or `&&` for `[ ! -f x ]`.
    pub behind: Join,
}

impl Reader<'_> {
    /// Reads what runs only where a file isn't there.
    pub(super) fn without(&mut self, missing: Option<&str>, read: impl FnOnce(&mut Self)) {
        let kept = self.absent.len();
        self.absent.extend(missing.map(str::to_owned));
        read(self);
        self.absent.truncate(kept);
    }

    /// The file whose absence the body of an `if` relies on.
    pub(super) fn missing_in(&mut self, condition: &Script, scope: &Scope) -> Option<String> {
        let [item] = condition.items.as_slice() else { return None };
        if item.background {
            return None;
        }
        let first = match &item.node {
            Node::AndOr(first, rest) if rest.iter().all(|(join, _)| *join == Join::And) => first,
            node => node,
        };
        self.test(first, scope).filter(|test| test.behind == Join::And).map(|test| test.path)
    }

    /// The file that a command does nothing but look for.
    pub(super) fn test(&mut self, node: &Node, scope: &Scope) -> Option<Test> {
        let (words, negated) = match node {
            // `! …`
            Node::Redirected(node, redirects) if redirects.is_empty() => (tested(node)?, true),
            node => (tested(node)?, false),
        };
        let named = |name: &str| self.shell.functions.contains_key(name) || self.shell.aliases.contains_key(name);
        if named("[") || named("test") {
            return None;
        }
        let (path, inner) = match words {
            [kind, path] => (looks(kind).then_some(path)?, false),
            [not, kind, path] => ((is(not, "!") && looks(kind)).then_some(path)?, true),
            _ => return None,
        };
        // Nothing may run a second time here.
        if !path.parts.iter().all(|part| matches!(part, Part::Literal(_) | Part::Quoted(_) | Part::Parameter(_))) {
            return None;
        }
        let fields = self.fields(path, scope);
        let [path] = fields.as_slice() else { return None };
        let cwd = self.shell.cwd.clone().filter(|_| self.shell.or_cwd.is_empty());
        let place = Place::resolve(path, cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
        let behind = if negated == inner { Join::Or } else { Join::And };
        place.certain.then_some(Test { path: place.path, behind })
    }
}

/// The words between the brackets.
fn tested(node: &Node) -> Option<&[Word]> {
    match node {
        Node::Condition(words) => Some(words),
        Node::Simple(Simple { assigns, words, redirects, .. }) if assigns.is_empty() && redirects.is_empty() => {
            match words.as_slice() {
                [bracket, words @ .., close] if is(bracket, "[") && is(close, "]") => Some(words),
                [test, words @ ..] if is(test, "test") => Some(words),
                _ => None,
            }
        }
        _ => None,
    }
}

fn is(word: &Word, text: &str) -> bool {
    super::parse::literal(word) == Some(text)
}

/// Tests that fail only where there is no such file, or nothing in it.
fn looks(word: &Word) -> bool {
    ["-f", "-e", "-s", "-a"].iter().any(|kind| is(word, kind))
}

/// Whether all that a command substitutes unquoted are the lines of a settings file: `env $(grep -v '^#' .env | xargs)`.
pub(super) fn settings_only(simple: &Simple) -> bool {
    let mut any = false;
    for part in simple.words.iter().flat_map(|word| &word.parts) {
        match part {
            Part::Command { script, quoted: false, file: false } if reads_settings(script) => any = true,
            Part::Command { quoted: false, .. } | Part::Process(_) => return false,
            Part::Parameter(parameter) if !parameter.quoted => return false,
            _ => {}
        }
    }
    any
}

fn reads_settings(script: &Script) -> bool {
    let [item] = script.items.as_slice() else { return false };
    let stages = match &item.node {
        Node::Pipeline(stages) => stages.as_slice(),
        node => std::slice::from_ref(node),
    };
    let words: Option<Vec<Vec<&str>>> = stages.iter().map(plain).collect();
    let Some(words) = words else { return false };
    let Some(([program @ ("cat" | "grep" | "egrep"), .., file], rest)) =
        words.split_first().map(|(first, rest)| (first.as_slice(), rest))
    else {
        return false;
    };
    let name = file.rsplit('/').next().unwrap_or(file);
    let is_settings = name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    let passes_on = |words: &Vec<&str>| matches!(words.as_slice(), ["xargs"] | ["grep" | "egrep", ..]);
    is_settings && !program.is_empty() && rest.iter().all(passes_on)
}

/// The words of a command without anything that is substituted.
fn plain(node: &Node) -> Option<Vec<&str>> {
    let Node::Simple(Simple { assigns, words, redirects, .. }) = node else { return None };
    let text = |word: &Word| match word.parts.as_slice() {
        [Part::Literal(_) | Part::Quoted(_)] => Some(()),
        _ => None,
    };
    if !assigns.is_empty() || !redirects.is_empty() || words.iter().any(|word| text(word).is_none()) {
        return None;
    }
    let parts = words.iter().flat_map(|word| &word.parts).filter_map(|part| match part {
        Part::Literal(text) | Part::Quoted(text) => Some(text.as_str()),
        _ => None,
    });
    Some(parts.collect())
}
