//! Policy layers: who may tighten and who may loosen, what becomes of broken files, and what is found on the disk.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "policy/approve.rs"]
mod approve;
#[path = "policy/broken.rs"]
mod broken;
#[cfg(unix)]
#[path = "policy/disk.rs"]
mod disk;
#[path = "policy/generate.rs"]
mod generate;
#[path = "policy/holes.rs"]
mod holes;
#[path = "policy/matrix.rs"]
mod matrix;
#[path = "policy/property.rs"]
mod property;
mod support;

use countersign::call::{Call, Mode};
use countersign::context::NoFiles;
use countersign::example::{self, PROJECT};
use countersign::judge::{Decision, Judgement, judge_by};
use countersign::policy::Policy;
use countersign::policy::date::Day;
use countersign::policy::layer::{Kind, Layer};
use std::path::PathBuf;

/// The day of all tests: 2026-11-22.
const TODAY: Day = Day(20_779);

/// A policy file: whose it is, what it says, and whether it is trusted.
type File<'a> = (Kind, &'a str, bool);

fn path(kind: Kind) -> PathBuf {
    PathBuf::from(match kind {
        Kind::Managed => "/etc/claude-code/countersign.toml",
        Kind::User => "/home/dev/.claude/countersign.toml",
        Kind::Project => "/home/dev/shop/.claude/countersign.toml",
        Kind::Local => "/home/dev/shop/.claude/countersign.local.toml",
    })
}

/// The policy of these files, read as those on the disk are.
fn policy(files: &[File<'_>]) -> Policy {
    let (mut layers, mut texts, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, text, trusted) in files {
        match Layer::read(*kind, &path(*kind), text, *trusted) {
            Ok(layer) => layers.push(layer),
            Err(found) => faults.extend(found),
        }
        texts.push((path(*kind), (*text).to_owned()));
    }
    Policy::new(layers, &texts, faults, TODAY)
}

/// The same, where nothing may be wrong with it.
fn sound(files: &[File<'_>]) -> Policy {
    let policy = policy(files);
    assert!(policy.faults.is_empty(), "{:#?} in {files:#?}", policy.faults);
    policy
}

fn call(text: &str) -> Call {
    example::call(text, PROJECT).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn judge(text: &str, policy: &Policy) -> Judgement {
    judge_by(&call(text), policy, &NoFiles)
}

fn decide(text: &str, policy: &Policy) -> Decision {
    judge(text, policy).decision
}

fn decide_in(mode: Mode, text: &str, policy: &Policy) -> Decision {
    judge_by(&Call { mode, ..call(text) }, policy, &NoFiles).decision
}
