//! Ways in which a file that may only tighten could make something milder. Each was one.

use super::{decide, policy, sound};
use countersign::judge::Decision::{self, Allow, Ask, Deny, None};
use countersign::policy::layer::Kind::{Managed, Project, User};
use countersign::rules::glob;

/// With these files above it, a project's untrusted file never gets this call below what it gets without.
fn holds(user: &str, project: &str, call: &str, wanted: Decision) {
    assert_eq!(decide(call, &sound(&[(User, user, true)])), wanted, "without: {call}");
    let with = decide(call, &policy(&[(User, user, true), (Project, project, false)]));
    assert!(with >= wanted, "{wanted:?} → {with:?}: {call}\n{user}\n{project}");
}

fn rule(rest: &str) -> String {
    format!("[[rule]]\nid = 'x.y'\nclass = 'disruptive'\nloses = 'a'\ninstead = 'b'\nhits = 'c'\n{rest}\n")
}

#[test]
fn a_rule_takes_nothing_out_of_what_is_decided_without_rules() {
    let user = "decide.ordinary = 'deny'";
    holds(user, &rule("program = 'mytool'"), "mytool", Deny);
    holds(user, &rule("program = 'mytool'\ncommand = 'x'"), "mytool $X", Deny);
    holds(user, &rule("file = 'write'"), "touch a", Deny);
    let user = "decide.ordinary = 'ask'\ndecide.disruptive = 'none'";
    holds(user, &rule("program = 'mytool'"), "mytool", Ask);
}

#[test]
fn a_rule_makes_no_language_of_another() {
    let rule = rule("program = ['import', 'x']\nwhen = { operand = 'never' }");
    for call in ["mcp: run_code {\"code\": \"import shutil; shutil.rmtree('/')\"}", "mcp: eval {\"code\": \"x = 1\"}"] {
        let without = decide(call, &sound(&[]));
        holds("", &rule, call, without);
    }
}

#[test]
fn production_is_never_milder() {
    let project = "environments.production = ['*']";
    holds("decide.forced = 'none'", project, "git reset --hard", Ask);
    holds("decide = { forced = 'ask', irreversible = 'deny' }", project, "git reset --hard", Deny);
    // An exception for production is the person's, and so is what they call so.
    let user =
        "except = { rule = '*', environment = 'production', reason = 'r' }\nenvironments.production = ['prod-*']";
    holds(user, project, "docker volume rm x", Deny.min(Ask));
}

#[test]
fn a_lower_layer_names_no_environment_for_an_exception_above() {
    let managed = "lock = true\nexcept = { rule = 'containers', environment = 'local', reason = 'r' }\n\
                   environments.local = ['localhost']";
    let user = "environments.local = ['*']";
    let policy = sound(&[(Managed, managed, true), (User, user, true), (Project, user, true)]);
    assert_eq!(decide("docker volume rm x", &policy), Deny.min(Ask));
    assert_eq!(decide("docker volume rm localhost", &policy), None);
}

#[test]
fn a_file_does_not_mend_another() {
    let user = (User, "rules.'x.y' = 'deny'", true);
    let project = rule("program = 'mytool'");
    assert_eq!(decide("npm install", &policy(&[user])), Ask);
    assert_eq!(decide("npm install", &policy(&[user, (Project, &project, true)])), Ask);
    // In its own file, and for those below, the rule is one.
    let own = format!("rules.'x.y' = 'deny'\n{project}");
    assert_eq!(decide("mytool", &sound(&[(Project, &own, false)])), Deny);
}

#[test]
fn a_broken_file_takes_no_tables_away() {
    let user = "[[place]]\nzone = 'secret'\ncomponent = 'notes'\n\
                [[program]]\nname = 'mytool'\nvalues = '-c'\ncarries = { as = 'shell', option = '-c' }";
    for broken in ["nonsense", "rules.'no.such' = 'deny'", "lock = true"] {
        holds(user, broken, "cat notes/a.txt", None);
        holds(user, broken, "mytool -c 'rm -rf /'", Deny);
    }
    // Nor does it leave those that loosen.
    let user = "[[place]]\nzone = 'regenerable'\ncomponent = 'src'\ninside = true";
    assert_eq!(decide("rm -rf src", &sound(&[(User, user, true)])), None);
    assert_eq!(decide("rm -rf src", &policy(&[(User, user, true), (Project, "nonsense", false)])), Ask);
}

#[test]
fn nothing_in_a_file_takes_for_ever() {
    // Each of these took minutes; the client runs the tool when its hook takes too long.
    let braces = "{a,b}".repeat(30);
    let bomb = rule(&format!("program = 'ls'\nwhen = {{ operand = '*{braces}c' }}"));
    let faulty: String = (0..20_000).map(|at| format!("'no.such-{at}' = 'ask'\n")).collect();
    let allow: String = (0..20_000).map(|at| format!("'git.{at}' = 'allow'\n")).collect();
    let nested = format!("protect = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let start = std::time::Instant::now();
    for text in [
        bomb,
        format!("protect = ['*{braces}c']"),
        format!("[rules]\n{faulty}"),
        format!("[rules]\n{allow}"),
        rule("program = 'ls'").repeat(5_000),
        nested,
    ] {
        let policy = policy(&[(Project, &text, false)]);
        assert!(!policy.faults.is_empty() && policy.faults.len() < 64, "{} faults", policy.faults.len());
        assert_eq!(decide("ls abababababababababababababababababababababababababababab", &policy), Allow);
        assert_eq!(decide("touch abababababababababababababababababababababababababababab", &policy), Ask);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert!(glob::fault("{a,b}{c,d}{e,f}").is_none() && glob::fault(&"{a,b}".repeat(9)).is_some());
}

#[test]
fn a_rule_that_asks_for_the_environment_of_a_program_comes_to_an_end() {
    let rule = rule("program = 'dropdb'\nwhen = { environment = 'production' }");
    holds("", &rule, "docker exec db dropdb shop; rm -rf ~", Deny);
    holds("", &rule, "cp a .env; dropdb shop; dropdb -h db.prod.example.com shop; rm -rf ~", Deny);
    let rule = rule.replace("'dropdb'", "['git', 'terraform', 'dropdb', 'docker', 'psql']");
    holds(
        "",
        &rule,
        "git fetch; git reset --hard; terraform apply x; psql -c 'drop table a'; dropdb b; rm -rf ~",
        Deny,
    );
    let many = "dropdb a; ".repeat(2_000) + "rm -rf ~";
    holds("", &rule, &many, Deny);
}
