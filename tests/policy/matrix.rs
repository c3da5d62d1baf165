//! Layers × (tighten, loosen, lock, settle, trust).

use super::{decide, decide_in, judge, sound};
use countersign::call::Mode;
use countersign::judge::Decision::{self, Allow, Ask, Deny, None};
use countersign::policy::layer::Kind::{self, Local, Managed, Project, User};

/// A setting, and what becomes of a call with it and without it.
struct Setting {
    says: &'static str,
    call: &'static str,
    without: Decision,
    with: Decision,
    /// The rule that it is about; none where it changes more than one rule's decision.
    rule: &'static str,
}

const fn setting(
    says: &'static str,
    call: &'static str,
    without: Decision,
    with: Decision,
    rule: &'static str,
) -> Setting {
    Setting { says, call, without, with, rule }
}

const DROP: &str = "psql -h localhost -c 'DROP TABLE users'";

/// What makes it stricter.
const TIGHTEN: [Setting; 18] = [
    setting("decide.observe = 'none'", "ls -la", Allow, None, ""),
    setting("decide.observe = 'deny'", "ls -la", Allow, Deny, ""),
    setting("decide.ordinary = 'ask'", "npm install", None, Ask, ""),
    setting("decide.ordinary = 'deny'", "mytool", None, Deny, ""),
    setting("decide.disruptive = 'deny'", "rm -rf src", Ask, Deny, ""),
    setting("decide.irreversible = 'deny'", "git reset --hard", Ask, Deny, ""),
    setting("rules.'coreutils.list' = 'ask'", "ls -la", Allow, Ask, ""),
    setting("rules.'git.*' = 'deny'", "git reset --hard", Ask, Deny, ""),
    setting("rules.git = 'deny'", "git reset --hard", Ask, Deny, ""),
    setting("rules.'*' = 'deny'", "rm -rf src", Ask, Deny, ""),
    setting("protect = 'src'", "write: /home/dev/shop/src/a.rs ⏎ x", None, Deny, ""),
    setting("protect = [{ path = '~/shop/s*', decision = 'ask', reason = 'why' }]", "mv src lib", None, Ask, ""),
    setting("protect = 'infra/state'", "rm -rf infra", Ask, Deny, ""),
    setting("protect = 'infra/state'", "echo a > infra/$X", None, Ask, ""),
    setting("protect = 'infra/state'", "echo a > infra/st*", None, Ask, ""),
    setting("environments.production = ['prod-*']", "docker volume rm prod-data", Ask, Deny, ""),
    setting(WIPE, "mytool wipe", None, Ask, ""),
    setting(WIPE, "mytool $X", None, Ask, ""),
];

const WIPE: &str = "[[rule]]
id = 'team.wipe'
class = 'irreversible'
program = 'mytool'
command = 'wipe'
loses = 'the shop'
instead = 'ask first'
hits = 'mytool wipe'
";

/// What makes it milder.
const LOOSEN: [Setting; 22] = [
    setting("decide.disruptive = 'none'", "rm -rf src", Ask, None, "filesystem.delete-tree"),
    setting("decide.irreversible = 'none'", "git reset --hard", Ask, None, "git.reset-hard"),
    setting("decide.forced = 'ask'", "terraform destroy -auto-approve", Deny, Ask, "terraform.destroy"),
    setting("decide.catastrophic = 'ask'", "rm -rf /", Deny, Ask, "filesystem.delete-root"),
    setting("rules.'git.reset-hard' = 'none'", "git reset --hard", Ask, None, "git.reset-hard"),
    setting("rules.'git.*' = 'none'", "git reset --hard", Ask, None, "git.reset-hard"),
    setting("rules.git = 'none'", "git reset --hard", Ask, None, "git.reset-hard"),
    setting("rules.'filesystem.delete-root' = 'none'", "rm -rf /", Deny, None, "filesystem.delete-root"),
    setting("except = { command = 'rm -rf src', reason = 'r' }", "rm -rf src", Ask, None, "filesystem.delete-tree"),
    setting(
        "except = [{ command = 'git reset --hard', reason = 'r', until = 2026-11-22 }]",
        "git reset --hard",
        Ask,
        None,
        "git.reset-hard",
    ),
    setting(
        "except = { rule = 'filesystem.*', path = '~/shop/s*', reason = 'r' }",
        "rm -rf src",
        Ask,
        None,
        "filesystem.delete-tree",
    ),
    setting(
        "except = { rule = 'sql', environment = 'local', reason = 'r' }\nenvironments.local = ['localhost']",
        DROP,
        Ask,
        None,
        "sql.drop-table",
    ),
    setting("observe-only.until = 2026-11-22", "rm -rf /", Deny, None, ""),
    setting(
        "[[rule]]\nid = 'team.list'\nclass = 'observe'\nprogram = 'mytool'\ncommand = 'list'\nhits = 'mytool list'",
        "mytool list",
        None,
        Allow,
        "",
    ),
    setting(
        "[[rule]]\nid = 'team.aws'\nclass = 'ordinary'\nprogram = 'aws'\ncommand = 'foo delete-bar'\nhits = 'aws foo delete-bar'",
        "aws foo delete-bar",
        Ask,
        None,
        "",
    ),
    setting("[[program]]\nname = 'rm'\nvalues = '-f'", "rm -rf src", Ask, None, ""),
    setting("[[place]]\nzone = 'regenerable'\ncomponent = 'src'\ninside = true", "rm -rf src", Ask, None, ""),
    setting("[[tool]]\nname = 'frobnicate'", "mcp: frobnicate {\"sql\": \"DROP TABLE users\"}", Ask, None, ""),
    setting("[[variable]]\nname = 'MYVAR'", "MYVAR=1 ls", None, Allow, ""),
    setting("[[program]]\nname = 'mytool'\nprints = { gives = 'setup' }", "eval \"$(mytool)\"", Ask, None, ""),
    // Tables say how calls are read: they count where loosening does, also if they show more.
    setting(
        "[[program]]\nname = 'mytool'\nvalues = '-c'\ncarries = { as = 'shell', option = '-c' }",
        "mytool -c 'git reset --hard origin/x'",
        None,
        Ask,
        "",
    ),
    setting("[[place]]\nzone = 'secret'\ncomponent = 'notes'", "cat notes/a.txt", Allow, None, ""),
];

const OPEN: [(Kind, bool); 4] = [(Managed, true), (User, true), (Project, true), (Local, true)];
const STRANGE: [(Kind, bool); 2] = [(Project, false), (Local, false)];

#[test]
fn without_a_policy() {
    for setting in TIGHTEN.iter().chain(&LOOSEN) {
        assert_eq!(decide(setting.call, &sound(&[])), setting.without, "{}", setting.call);
    }
}

#[test]
fn any_layer_tightens_under_any_lock() {
    for Setting { says, call, with, .. } in &TIGHTEN {
        for (kind, trusted) in OPEN.into_iter().chain(STRANGE) {
            let mine = (kind, *says, trusted);
            assert_eq!(decide(call, &sound(&[mine])), *with, "{kind:?} {says}");
            for above in [Managed, User].into_iter().filter(|above| *above < kind) {
                for lock in ["lock = true", "lock = ['git.*']", "observe-only.until = 2026-11-21"] {
                    let policy = sound(&[(above, lock, true), mine]);
                    assert_eq!(decide(call, &policy), *with, "{above:?} {lock}; {kind:?} {says}");
                }
            }
        }
    }
}

#[test]
fn an_exception_covers_what_lies_in_a_directory_only_whole() {
    let says = |path: &str| format!("except = {{ rule = 'filesystem.*', path = '{path}', reason = 'r' }}");
    for (path, decision) in [
        ("~/scratch/*", None),
        ("~/{scratch,scratch/*}", None),
        ("~/scratch/x", Ask),
        ("~/scratch/x*", Ask),
        ("~/scratch/?", Ask),
        ("~/scratch", Ask),
    ] {
        assert_eq!(decide("rm -rf ~/scratch/*", &sound(&[(User, &says(path), true)])), decision, "{path}");
    }
    // What a stranger's glob says doesn't undo what a person has said of the one rule.
    let user = (User, "rules.'filesystem.delete-root' = 'ask'", true);
    assert_eq!(decide("rm -rf /", &sound(&[user, (Project, "rules.'*' = 'none'", false)])), Ask);
}

#[test]
fn what_is_denied_is_loosened_by_its_name_alone() {
    for (kind, trusted) in OPEN {
        for (says, decision) in [
            ("rules.'*' = 'none'", Deny),
            ("rules.filesystem = 'ask'", Deny),
            ("rules.'filesystem.*' = 'ask'", Deny),
            ("rules.'filesystem.delete-root*' = 'ask'", Deny),
            ("rules.'filesystem.delete-root' = 'ask'", Ask),
        ] {
            assert_eq!(decide("rm -rf /", &sound(&[(kind, says, trusted)])), decision, "{kind:?} {says}");
        }
    }
}

#[test]
fn only_who_is_trusted_loosens() {
    for Setting { says, call, without, with, .. } in &LOOSEN {
        for (kind, trusted) in OPEN {
            assert_eq!(decide(call, &sound(&[(kind, says, trusted)])), *with, "{kind:?} {says}");
        }
        for (kind, trusted) in STRANGE {
            assert_eq!(decide(call, &sound(&[(kind, says, trusted)])), *without, "{kind:?} {says}");
        }
    }
}

#[test]
fn nobody_loosens_what_is_locked_or_settled_above() {
    for Setting { says, call, without, with, rule } in &LOOSEN {
        for (kind, trusted) in OPEN {
            for above in [Managed, User].into_iter().filter(|above| *above < kind) {
                let under = |text: &str| decide(call, &sound(&[(above, text, true), (kind, says, trusted)]));
                assert_eq!(under("lock = true"), *without, "{above:?} locks all; {kind:?} {says}");
                // What isn't about one rule doesn't pass any lock.
                let other = if rule.is_empty() { *without } else { *with };
                assert_eq!(under("lock = ['paas.*']"), other, "{above:?} locks another; {kind:?} {says}");
                if rule.is_empty() {
                    continue;
                }
                assert_eq!(under(&format!("lock = ['{rule}']")), *without, "{above:?} locks it; {kind:?} {says}");
                let settled = format!("rules.'{rule}' = '{}'", if *without == Deny { "deny" } else { "ask" });
                assert_eq!(under(&settled), *without, "{above:?} settles it; {kind:?} {says}");
                // What is settled loosely may be tightened, and isn't loosened further than that.
                assert_eq!(under("decide.observe = 'none'"), *with, "{above:?} speaks of others; {kind:?} {says}");
            }
        }
    }
}

#[test]
fn a_layer_above_loosens_and_one_below_tightens_again() {
    let user = (User, "rules.git = 'none'", true);
    for (trusted, wanted) in [(true, Deny), (false, Deny)] {
        let policy = sound(&[user, (Project, "rules.'git.reset-hard' = 'deny'", trusted)]);
        assert_eq!(decide("git reset --hard", &policy), wanted);
    }
    // The stricter of two projects counts, whichever is read first.
    let (strict, mild) = ((Project, "rules.git = 'deny'", true), (Project, "rules.git = 'none'", true));
    assert_eq!(decide("git reset --hard", &sound(&[strict, mild])), Deny);
    assert_eq!(decide("git reset --hard", &sound(&[mild, strict])), Deny);
}

#[test]
fn of_several_keys_the_most_exact_one_counts() {
    let says = "rules = { '*' = 'deny', git = 'none', 'git.reset-*' = 'deny', 'git.reset-hard' = 'ask' }\n\
                decide.irreversible = 'deny'";
    let policy = sound(&[(User, says, true)]);
    assert_eq!(decide("git reset --hard", &policy), Ask);
    assert_eq!(decide("git clean -fdx", &policy), None);
    assert_eq!(decide("docker volume rm x", &policy), Deny);
}

#[test]
fn what_has_ended_no_longer_counts() {
    let of = |says: &str, call: &str| decide(call, &sound(&[(User, says, true)]));
    let except = |until: &str| format!("except = {{ command = 'git reset --hard', reason = 'r', until = {until} }}");
    assert_eq!(of(&except("2026-11-22"), "git reset --hard"), None);
    assert_eq!(of(&except("2026-11-21"), "git reset --hard"), Ask);
    assert_eq!(of("observe-only.until = 2026-11-22", "rm -rf /"), None);
    assert_eq!(of("observe-only.until = 2026-11-21", "rm -rf /"), Deny);
}

#[test]
fn exceptions_are_exact() {
    let policy = sound(&[(
        User,
        "except = [
            { command = 'git reset --hard', reason = 'r' },
            { rule = 'filesystem.*', path = 'keep', reason = 'r' },
            { rule = 'sql', environment = 'local', reason = 'r' },
        ]
        environments = { local = ['localhost'], staging = ['stage-*'] }",
        true,
    )]);
    for (call, wanted) in [
        ("git reset --hard", None),
        (" git reset --hard\n", None),
        ("git reset --hard HEAD~1", Ask),
        ("git reset --hard && rm -rf src", Ask),
        ("cd x && git reset --hard", Ask),
        ("rm -rf keep", None),
        ("rm -rf ./src/../keep", None),
        ("rm -rf keep/../src", Ask),
        ("rm -rf keep*", Ask),
        ("rm -rf $X/keep", Ask),
        ("rm -rf keep src", Ask),
        (DROP, None),
        ("psql -h db -c 'DROP TABLE users'", Ask),
        ("psql -h localhost -U $X -c 'DROP TABLE users'", Ask),
        ("ssh db psql -h localhost -c \"'DROP TABLE users'\"", Ask),
        ("psql -h localhost -d stage-1 -c 'DROP TABLE users'", Ask),
        ("psql -h localhost -c 'DROP TABLE users'; psql -h db -c 'DROP TABLE users'", Ask),
    ] {
        assert_eq!(decide(call, &policy), wanted, "{call}");
    }
}

#[test]
fn questions_that_nobody_answers() {
    let user = (User, "unattended = 'deny'", true);
    let cases = [
        (Mode::Default, Ask),
        (Mode::Plan, Ask),
        (Mode::AcceptEdits, Ask),
        (Mode::Auto, Deny),
        (Mode::DontAsk, Deny),
        (Mode::BypassPermissions, Deny),
    ];
    for (mode, wanted) in cases {
        for below in ["", "unattended = 'ask'"] {
            let policy = sound(&[user, (Project, below, true), (Local, below, false)]);
            assert_eq!(decide_in(mode.clone(), "rm -rf src", &policy), wanted, "{mode:?}");
            assert_eq!(decide_in(mode.clone(), "ls", &policy), Allow, "{mode:?}");
            assert_eq!(decide_in(mode.clone(), "npm install", &policy), None, "{mode:?}");
        }
        for (kind, trusted) in OPEN.into_iter().chain(STRANGE) {
            let policy = sound(&[(kind, "unattended = 'deny'", trusted)]);
            assert_eq!(decide_in(mode.clone(), "rm -rf src", &policy), wanted, "{mode:?} {kind:?}");
        }
    }
}

#[test]
fn what_is_only_observed_is_told_and_recorded() {
    let policy = sound(&[(User, "observe-only.until = 2026-12-31", true)]);
    let judgement = judge("rm -rf /", &policy);
    assert_eq!((judgement.decision, judgement.observed), (None, Some(Deny)));
    assert!(judgement.note.is_some_and(|note| note.contains("would have denied") && note.contains("Lost:")));
    let judgement = judge("ls", &policy);
    assert_eq!((judgement.decision, judgement.observed), (Allow, Option::None));
}

#[test]
fn a_reason_names_the_layer_that_decided() {
    let policy = sound(&[(User, "rules.git = 'none'", true), (Project, "rules.'git.reset-hard' = 'deny'", false)]);
    let judgement = judge("git reset --hard", &policy);
    assert!(judgement.reason.contains("project policy, rules.\"git.reset-hard\""), "{}", judgement.reason);
    let policy = sound(&[(Managed, "decide.ordinary = 'deny'", true)]);
    let judgement = judge("npm install", &policy);
    assert!(judgement.reason.contains("managed policy, decide.ordinary"), "{}", judgement.reason);
    let policy = sound(&[(Local, "protect = [{ path = 'src', reason = 'frozen until May' }]", false)]);
    let judgement = judge("rm -rf src", &policy);
    assert!(judgement.reason.contains("frozen until May") && judgement.reason.contains("local policy, protect"));
}

#[test]
fn what_is_protected_is_not_even_touched() {
    let policy = sound(&[(Project, "protect = ['infra/state', 'LICENSE']", false)]);
    for call in [
        "touch infra/state/a.json",
        "rmdir infra/state/old",
        "ln -s ../x infra/state/x",
        "git rm -r infra/state",
        "git rm -r infra",
        "git rm infra/state/a.json LICENSE",
        "git -C infra rm state/a.json",
        "git mv infra/state x",
        "git mv infra infra2",
        "git mv a.json infra/state/",
        "git clean -fdx infra/state",
        "git restore LICENSE",
        "git checkout HEAD~3 -- infra/state/a.json",
    ] {
        assert_eq!(decide(call, &policy), Deny, "{call}");
    }
    for call in [
        "touch src/a.rs infra/main.tf",
        "git rm src/a.rs",
        "git rm -r --cached infra/state",
        "git rm infra/main.tf",
        "git mv src/a.rs src/b.rs",
        "git checkout main",
        "git restore --staged infra/state",
        "git add infra/state",
        // Patterns that are like other names.
        "touch *.md",
        "touch infra/*.tf",
        "git rm 'src/*.txt'",
        "find . -name '*.rs' -exec touch {} +",
        "touch \"$f\"",
        "ln -s a b",
    ] {
        assert_eq!(decide(call, &policy), None, "{call}");
    }
    // A pattern that may name it; and the name of a branch, which isn't it.
    for call in ["touch infra/st*", "touch LIC*", "touch infra/state/*.json", "git rm '*.txt'", "git rm 'inf*.json'"] {
        assert!(judge(call, &policy).rules.contains(&"policy.protected"), "{call}");
    }
    assert!(!judge("git checkout LICENSE -- src/a.rs", &policy).rules.contains(&"policy.protected"));
}
