//! The property that all of this is for: what a project brings along, untrusted, is never milder than without it; and
//! nothing below a managed lock is.

use super::generate::{Dice, file};
use super::{File, policy, sound, support};
use countersign::call::{Call, Mode};
use countersign::context::NoFiles;
use countersign::example;
use countersign::judge::{Decision, judge_by};
use countersign::policy::Policy;
use countersign::policy::layer::Kind::{Local, Managed, Project, User};
use std::path::PathBuf;

/// How many calls of the corpora are tried.
const CALLS: usize = 900;
/// How many files are made up around each of them.
const FILES: usize = 4;

/// Calls of all corpora, spread over them, whatever their kind and decision.
fn calls(dice: &mut Dice) -> Vec<(String, Call)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("tests/corpus").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut cases: Vec<_> = files.iter().flat_map(|file| support::corpus(file).expect("a readable corpus")).collect();
    cases.retain(|case| case.call.len() < 600);
    let mut calls = Vec::new();
    while calls.len() < CALLS {
        let case = &cases[dice.below(cases.len())];
        if let Ok(mut call) = example::call(&case.call, &case.cwd) {
            call.mode = [Mode::Default, Mode::Auto, Mode::BypassPermissions, Mode::Plan][dice.below(4)].clone();
            calls.push((case.call.clone(), call));
        }
    }
    calls
}

/// What others say above the files that are made up.
const ABOVE: [&str; 6] = [
    "",
    "decide = { disruptive = 'none', forced = 'ask' }\nrules = { git = 'none', 'sql.*' = 'none' }\n\
     except = { rule = '*', environment = 'local', reason = 'r' }\nenvironments.local = ['localhost', 'x']",
    "decide = { ordinary = 'deny', observe = 'none', disruptive = 'none' }\nunattended = 'deny'",
    "decide = { irreversible = 'deny', forced = 'none', catastrophic = 'ask' }\nprotect = 'src'\n\
     except = [{ rule = '*', environment = 'production', reason = 'r' }]\nenvironments.production = ['prod*']",
    "decide.ordinary = 'ask'\n[[place]]\nzone = 'secret'\ncomponent = 's*'\n\
     [[program]]\nname = 'make'\ncarries = { as = 'shell', operand = 0 }\n\
     [[tool]]\nname = 'run'\ncarries = { as = 'shell', argument = '*' }\n\
     [[rule]]\nid = 'team.all'\nclass = 'disruptive'\nfallback = true\nfile = 'write'\nloses = 'a'\ninstead = 'b'\nhits = 'c'",
    "observe-only.until = 2026-11-21\nrules.'*' = 'ask'\nlock = ['filesystem.*']",
];

fn decide(call: &Call, policy: &Policy) -> Decision {
    judge_by(call, policy, &NoFiles).decision
}

/// Compares what becomes of calls with made-up files to what becomes of them without.
fn never_milder(
    seed: u64,
    above: &dyn Fn(&'static str) -> Vec<File<'static>>,
    below: &dyn Fn(&[String]) -> Vec<File<'_>>,
) {
    let mut dice = Dice(seed);
    let policies: Vec<Policy> = ABOVE.into_iter().map(|text| sound(&above(text))).collect();
    let (mut milder, mut stricter, mut faulty, mut all) = (Vec::new(), 0, 0, 0);
    for (text, call) in calls(&mut dice) {
        for at in 0..FILES {
            let which = (dice.below(ABOVE.len()) + at) % ABOVE.len();
            let without = decide(&call, &policies[which]);
            let made = [file(&text, &mut dice), file(&text, &mut dice)];
            let files: Vec<File<'_>> = above(ABOVE[which]).into_iter().chain(below(&made)).collect();
            let policy = policy(&files);
            let with = decide(&call, &policy);
            all += 1;
            faulty += usize::from(!policy.faults.is_empty());
            stricter += usize::from(with > without);
            if with < without {
                let files: Vec<_> = files.iter().map(|(kind, text, _)| format!("# {kind:?}\n{text}")).collect();
                milder.push(format!("{without:?} → {with:?}: {text}\n{}", files.join("\n")));
            }
        }
    }
    println!("{all} tried, {faulty} with faults, {stricter} stricter");
    assert!(milder.is_empty(), "{} of {all} milder:\n{}", milder.len(), milder[..milder.len().min(5)].join("\n"));
    // Otherwise nothing was tried.
    assert!(faulty < all * 2 / 3 && stricter > all / 20, "{all} tried, {faulty} with faults, {stricter} stricter");
}

#[test]
fn an_untrusted_project_is_never_milder() {
    never_milder(0x9E37_79B9_7F4A_7C15, &|text| vec![(User, text, true)], &|made| {
        vec![(Project, &made[0], false), (Local, &made[1], false)]
    });
}

#[test]
fn below_a_managed_lock_nothing_is_milder() {
    const LOCKED: [(&str, &str); 1] = [("lock = true\n", "")];
    let managed = |text: &'static str| -> Vec<File<'static>> {
        let text = text.replace("lock = ['filesystem.*']", "");
        vec![(Managed, String::leak(format!("{}{text}", LOCKED[0].0)), true)]
    };
    never_milder(0x2545_F491_4F6C_DD1D, &managed, &|made| vec![(User, &made[0], true), (Project, &made[1], true)]);
}
