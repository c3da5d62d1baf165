//! Broken policy files: told with their place, never a way to switch anything off.

use super::{decide, judge, policy};
use countersign::judge::Decision::{self, Allow, Ask, Deny};
use countersign::policy::layer::Kind::{self, Local, Managed, Project, User};

/// What is wrong with a file: where, and a part of what is said.
const BROKEN: [(&str, (usize, usize), &str); 32] = [
    ("nonsense", (1, 9), "expected"),
    ("lock = [", (1, 9), ""),
    ("a = 1", (1, 1), "unknown field `a`"),
    ("\n[decide]\nreads = 'allow'", (3, 1), "unknown field `reads`"),
    ("[decide]\n  ordinary = 'allow'", (2, 3), "only for `observe`"),
    ("decide.disruptive = 'maybe'", (1, 21), "expected one of `allow`, `none`, `ask`, `deny`"),
    ("decide.disruptive = true", (1, 21), ""),
    ("[rules]\ngit = 'none'\n'terraform.destry' = 'deny'", (3, 1), "no rule is called `terraform.destry`"),
    ("rules.'nosuchpack' = 'deny'", (1, 7), "no rule is called `nosuchpack`"),
    ("rules.'git.{a' = 'deny'", (1, 7), "without its `}`"),
    ("rules.git = 'allow'", (1, 7), "only for `observe`"),
    ("[[except]]\ncommand = 'x'", (1, 1), "missing field `reason`"),
    ("[[except]]\ncommand = 'x'\nreason = ' '", (3, 1), "say why"),
    ("[[except]]\nrule = 'git'\nreason = 'r'", (2, 1), "needs a `path` or an `environment`"),
    ("[[except]]\ncommand = 'x'\nrule = 'git'\nreason = 'r'", (2, 1), "either a `command`, or a `rule`"),
    ("[[except]]\nrule = 'no.such'\npath = 'x'\nreason = 'r'", (2, 1), "no rule is called `no.such`"),
    ("[[except]]\nrule = 'git'\npath = 'a{b'\nreason = 'r'", (3, 1), "without its `}`"),
    ("[[except]]\nrule = 'git'\nenvironment = 'stage'\nreason = 'r'", (3, 1), "isn't among the `[environments]`"),
    ("[[except]]\ncommand = 'x'\nreason = 'r'\nuntil = 2026-13-01", (4, 9), ""),
    ("[[except]]\ncommand = 'x'\nreason = 'r'\nuntil = '2026-12-01'", (4, 9), ""),
    ("[[except]]\ncommand = 'x'\nreason = 'r'\nuntil = 2026-12-01T10:00:00Z", (4, 1), "write a day, without a time"),
    ("protect = ['a', 'b{']", (1, 17), "without its `}`"),
    ("protect = [{ path = 'a', decision = 'none' }]", (1, 12), "`ask` or `deny`"),
    ("protect = [{ path = 'a', why = 'b' }]", (1, 11), "a path, or a table"),
    ("environments.production = ['}']", (1, 14), "without its `{`"),
    ("unattended = 'none'", (1, 1), "nothing is let through"),
    ("observe-only.until = 10:00:00", (1, 14), "write a day"),
    (
        "[[rule]]\nid = 'git.mine'\nclass = 'ordinary'\nprogram = 'x'\nhits = 'x'",
        (2, 1),
        "no pack of countersign's own",
    ),
    ("[[rule]]\nid = 'a.b'\nclass = 'ordinary'\nhits = 'x'", (2, 1), "exactly one subject"),
    ("[[rule]]\nid = 'a.b'\nclass = 'disruptive'\nprogram = 'x'\nhits = 'x'", (2, 1), "`loses` and `instead`"),
    (
        "[[rule]]\nid = 'a.b'\nclass = 'ordinary'\nprogram = 'x'\nhits = 'x'\n[[rule]]\nid = 'c.d'\nclass = 'ordinary'\nprogram = 'x'\nhits = 'x'",
        (7, 1),
        "`a.<name>`",
    ),
    (
        "[[rule]]\nid = 'a.b'\nclass = 'ordinary'\nprogram = 'x'\nhits = 'x'\nwhen = { operand = '{a' }",
        (2, 1),
        "the pattern `{a` has a `{` without its `}`",
    ),
];

#[test]
fn every_fault_is_told_with_its_place() {
    let mut wrong = Vec::new();
    for (text, at, what) in BROKEN {
        let policy = policy(&[(User, text, true)]);
        match policy.faults.first() {
            Some(fault) if fault.at == Some(at) && fault.what.contains(what) => {}
            Some(fault) => wrong.push(format!("{text}\n  {:?} {}", fault.at, fault.what)),
            None => wrong.push(format!("{text}\n  is taken for sound")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lower_layers_lock_nothing() {
    for kind in [Project, Local] {
        for lock in ["lock = true", "lock = ['git.*']"] {
            let fault = policy(&[(kind, lock, true)]).faults.remove(0);
            assert!(fault.at == Some((1, 1)) && fault.what.contains("only managed and user"), "{fault}");
        }
    }
    assert!(!policy(&[(User, "lock = 'no.such'", true)]).faults.is_empty());
}

#[test]
fn a_broken_file_asks_about_all_that_is_not_proven() {
    for kind in [Managed, User, Project, Local] {
        for (text, at, _) in BROKEN {
            for trusted in [true, false] {
                let policy = policy(&[(kind, text, trusted || kind <= User)]);
                let of = |call: &str| decide(call, &policy);
                assert_eq!(of("ls -la && pwd"), Allow, "{text}");
                assert_eq!(of("npm install"), Ask, "{text}");
                assert_eq!(of("write: /home/dev/shop/a ⏎ x"), Ask, "{text}");
                assert_eq!(of("mcp: frobnicate {}"), Ask, "{text}");
                assert_eq!(of("rm -rf src"), Ask, "{text}");
                assert_eq!(of("rm -rf /"), Deny, "{text}");
                let reason = judge("npm install", &policy).reason;
                let place =
                    format!("countersign{}.toml:{}:{}: ", if kind == Local { ".local" } else { "" }, at.0, at.1);
                assert!(reason.contains(&place), "{place} should be in: {reason}");
            }
        }
    }
}

#[test]
fn beside_a_broken_file_nothing_loosens() {
    let loose = "decide.disruptive = 'none'\nrules.git = 'none'\nobserve-only.until = 2026-12-31\n\
                 except = { command = 'docker volume rm x', reason = 'r' }";
    let kinds: [Kind; 4] = [Managed, User, Project, Local];
    for loosening in kinds {
        for broken in kinds.into_iter().filter(|kind| *kind != loosening) {
            let policy = policy(&[(loosening, loose, true), (broken, "nonsense", true)]);
            for (call, wanted) in [
                ("rm -rf src", Ask),
                ("git reset --hard", Ask),
                ("docker volume rm x", Ask),
                ("rm -rf /", Deny),
                ("npm install", Ask),
                ("ls", Allow),
            ] {
                let got: Decision = decide(call, &policy);
                assert_eq!(got, wanted, "{call}: {loosening:?} loosens, {broken:?} is broken");
            }
        }
    }
    // What tightens still does.
    let policy =
        policy(&[(User, "rules.git = 'deny'\nprotect = 'src'\nunattended = 'deny'", true), (Project, "x", false)]);
    assert_eq!(decide("git reset --hard", &policy), Deny);
    assert_eq!(decide("rm -rf src", &policy), Deny);
}

#[test]
fn a_reason_shows_nothing_of_the_text() {
    // It may be a link to somebody's secrets.
    let reason = judge("npm install", &policy(&[(User, "aws_secret = hunter2\n", true)])).reason;
    assert!(!reason.contains("hunter2"), "{reason}");
}
