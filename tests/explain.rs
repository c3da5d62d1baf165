//! `countersign explain`: what it shows of calls of every kind, where it underlines, and how it is used.

#![allow(missing_docs, clippy::unwrap_used)]

#[allow(dead_code)]
mod client;
#[path = "explain/golden.rs"]
mod golden;
#[path = "explain/json.rs"]
mod json;
#[path = "explain/person.rs"]
mod person;
#[path = "explain/spans.rs"]
mod spans;
mod support;

use countersign::call::Call;
use countersign::context::{Files, Loaded};
use countersign::example::{self, PROJECT};
use countersign::explain::{Explained, explain};
use countersign::policy::Policy;
use countersign::policy::date::Day;
use countersign::policy::layer::{Kind, Layer};
use std::path::PathBuf;

/// The day of all tests: 2026-11-22.
const TODAY: Day = Day(20_779);

/// A policy file: whose it is, what it says, and whether it is trusted.
type File = (Kind, &'static str, bool);

/// Files in memory: path and text.
#[derive(Debug)]
struct Texts(&'static [(&'static str, &'static str)]);

impl Files for Texts {
    fn load(&self, path: &str) -> Loaded {
        let found = self.0.iter().find(|(known, _)| *known == path);
        found.map_or(Loaded::Missing, |(_, text)| Loaded::Text((*text).to_owned()))
    }
    fn names(&self, _dir: &str) -> Option<Vec<String>> {
        Some(Vec::new())
    }
}

fn policy(files: &[File]) -> Policy {
    let (mut layers, mut texts, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, text, trusted) in files {
        let path = PathBuf::from(match kind {
            Kind::Managed => "/etc/claude-code/countersign.toml",
            Kind::User => "/home/dev/.claude/countersign.toml",
            Kind::Project => "/home/dev/shop/.claude/countersign.toml",
            Kind::Local => "/home/dev/shop/.claude/countersign.local.toml",
        });
        match Layer::read(*kind, &path, text, *trusted) {
            Ok(layer) => layers.push(layer),
            Err(found) => faults.extend(found),
        }
        texts.push((path, (*text).to_owned()));
    }
    if layers.is_empty() && faults.is_empty() {
        return Policy::of(countersign::rules::builtin());
    }
    Policy::new(layers, &texts, faults, TODAY)
}

fn call(text: &str) -> Call {
    example::call(text, PROJECT).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn explained(text: &str, files: &[File], disk: &'static [(&'static str, &'static str)]) -> Explained {
    explain(call(text), &policy(files), &Texts(disk))
}
