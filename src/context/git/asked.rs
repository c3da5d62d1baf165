//! What a command line of git asks for, and of which repository.

use super::find::real;
use super::{Repository, at};
use crate::context::{Context, Kind as Lies, join};
use crate::read::action::{Action, Kind};
use crate::read::argv::{Invocation, Operand};
use std::rc::Rc;

/// Options that make git work on another repository than the one around it.
const ELSEWHERE: [&str; 8] = [
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--bare",
    "--config-env",
    "--attr-source",
    "--super-prefix",
    "--exec-path",
];
/// Ends of the names of those variables of git that change nothing about that.
const HARMLESS: [&str; 8] = ["_NAME", "_EMAIL", "_DATE", "_EDITOR", "_PAGER", "_PROMPT", "_ADVICE", "_LOCKS"];
/// Variables of the guard's own environment with which git works on another repository.
const OWN: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"];

/// A command line of git whose words are all understood.
pub(super) struct Asked<'a> {
    pub(super) inv: &'a Invocation,
    /// The directory that it runs in, without links.
    pub(super) cwd: String,
    /// The repository there.
    pub(super) repository: Rc<Repository>,
    /// The operands behind the subcommand.
    operands: &'a [Operand],
}

impl<'a> Asked<'a> {
    /// Reads one whose subcommand has so many words. `None`: something about it can't be known.
    pub(super) fn of(action: &'a Action, words: usize, context: &Context<'_>) -> Option<Self> {
        let Kind::Run(inv) = &action.kind else { return None };
        let odd = |name: &str| name.starts_with("GIT_") && !HARMLESS.iter().any(|end| name.ends_with(end));
        if !inv.trusted
            || action.origin.elsewhere
            || action.origin.env.iter().any(|(name, _)| odd(name))
            || OWN.iter().any(|name| std::env::var_os(name).is_some())
        {
            return None;
        }
        let clear = |given: &crate::read::argv::Given| {
            let setting =
                given.name == "-c" && given.value.as_ref().is_none_or(|value| value.shown().contains(['.', '…']));
            given.certain
                && (given.listed || given.name == "--")
                && !setting
                && !ELSEWHERE.contains(&given.name.as_str())
        };
        let operands = inv.operands.get(words..)?;
        if !inv.options.iter().all(clear) || inv.operands.iter().any(|operand| operand.maybe_value) {
            return None;
        }
        let cwd = real(action.origin.cwd.as_deref()?, context)?;
        // Where there is no such directory, it isn't gone to either.
        context.files.stat(&cwd).filter(|stat| stat.kind == Lies::Directory)?;
        let repository = at(&cwd, context)?;
        Some(Self { inv, cwd, repository, operands })
    }

    /// The operands behind the subcommand. `None`: one of them can't be known.
    pub(super) fn words(&self) -> Option<Vec<&'a str>> {
        self.operands.iter().map(|operand| operand.word.known()).collect()
    }

    /// The operands behind the subcommand up to `--`, and those behind it, where it stands.
    pub(super) fn halves(&self) -> (&'a [Operand], Option<&'a [Operand]>) {
        let before = self.inv.operands.len() - self.operands.len();
        match self.inv.dashes {
            Some(at) if at >= before => {
                let (front, back) = self.operands.split_at((at - before).min(self.operands.len()));
                (front, Some(back))
            }
            _ => (self.operands, None),
        }
    }

    /// One of these options is given, or may be.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.inv.given(name, false))
    }

    /// The values of these options. `None`: one of them can't be known.
    pub(super) fn values(&self, names: &[&str]) -> Option<Vec<&'a str>> {
        let given = self.inv.options.iter().filter(|given| names.contains(&given.name.as_str()));
        given.map(|given| given.value.as_ref()?.known()).collect()
    }

    /// Which tracked paths these operands mean, by a test of paths from the root of the working tree: at least those.
    pub(super) fn paths(&self, operands: &[Operand]) -> Option<Paths> {
        let root = self.repository.folders.root.as_deref()?;
        let mut paths = Paths::default();
        for operand in operands {
            let text = operand.word.pattern()?;
            if text.starts_with(':') {
                // Whatever that is short for, it is in the working tree.
                paths.starts.push(String::new());
                continue;
            }
            let special = text.find(['*', '?', '[', '\\']);
            let literal = special.map_or(text.as_ref(), |at| &text[..at]);
            let whole = join(&self.cwd, literal);
            let inside = if whole == root { "" } else { self.repository.inside(&whole)? };
            match special {
                None => paths.below.push(inside.to_owned()),
                Some(_) if literal.ends_with('/') || literal.is_empty() => paths.below.push(inside.to_owned()),
                Some(_) => paths.starts.push(inside.to_owned()),
            }
        }
        Some(paths)
    }
}

/// Some paths of a working tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    /// These, and everything below them.
    pub(super) below: Vec<String>,
    /// All that begin so.
    pub(super) starts: Vec<String>,
}

impl Paths {
    /// All of them.
    pub(super) fn all() -> Self {
        Self { below: Vec::new(), starts: vec![String::new()] }
    }

    /// Whether a path is one of them.
    pub(super) fn has(&self, path: &str) -> bool {
        let below = |dir: &String| {
            dir.is_empty()
                || path.strip_prefix(dir.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.starts.iter().any(|start| path.starts_with(start.as_str())) || self.below.iter().any(below)
    }

    /// Whether it, or something below it, is one of them.
    pub(super) fn reaches(&self, dir: &str) -> bool {
        let above = |path: &String| path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.has(dir) || self.below.iter().chain(&self.starts).any(|path| path.starts_with(dir) || above(path))
    }
}
