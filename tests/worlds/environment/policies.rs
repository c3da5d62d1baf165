//! What policies make of it.

use crate::kit::World;
use Decision::{Ask, Deny, None};
use countersign::context::Disk;
use countersign::judge::{Decision, judge_by};
use countersign::policy::Policy;
use countersign::policy::date::Day;
use countersign::policy::layer::{Kind, Layer};
use std::path::Path;

const LOCAL: &str = "psql -h localhost -d app_test -c 'DROP TABLE users'";
const FORCED: &str = "yes | psql -h localhost -d app_test -c 'DROP TABLE users'";

/// What becomes of a command in a policy of these layers.
#[track_caller]
fn decide(world: &World, layers: &[(Kind, &str)], command: &str) -> Decision {
    let texts: Vec<(std::path::PathBuf, &str)> = Vec::new();
    let read = |(kind, text): &(Kind, &str)| {
        Layer::read(*kind, Path::new("/p/.claude/countersign.toml"), text, *kind <= Kind::User).expect("a policy")
    };
    let policy = Policy::new(layers.iter().map(read).collect(), &texts, Vec::new(), Day(0));
    assert!(policy.faults.is_empty(), "{:?}", policy.faults);
    judge_by(&world.call(command), &policy, &Disk).decision
}

#[test]
fn what_is_settled_or_locked_stays() {
    let world = World::new();
    let of = |layers: &[(Kind, &str)], command: &str| decide(&world, layers, command);
    assert_eq!(of(&[], LOCAL), None);
    assert_eq!(of(&[], FORCED), Ask);
    assert_eq!(of(&[(Kind::Managed, "lock = true")], LOCAL), Ask);
    assert_eq!(of(&[(Kind::Managed, "lock = 'sql'")], FORCED), Deny);
    assert_eq!(of(&[(Kind::Managed, "lock = 'git'")], LOCAL), None);
    assert_eq!(of(&[(Kind::User, "decide.irreversible = 'ask'")], LOCAL), Ask);
    assert_eq!(of(&[(Kind::User, "decide.forced = 'deny'")], FORCED), Deny);
    assert_eq!(of(&[(Kind::User, "rules.'sql.drop-table' = 'deny'")], LOCAL), Deny);
    assert_eq!(of(&[(Kind::Project, "decide.irreversible = 'deny'")], LOCAL), Deny);
}

#[test]
fn names_of_a_policy_count_first() {
    let world = World::new();
    world.file("prisma/schema.prisma", "datasource db {\n  url = env(\"DATABASE_URL\")\n}\n");
    world.file(".env", "DATABASE_URL=postgres://u:p@shop-eu-1.example.com/x\n");
    let reset = "npx prisma migrate reset";
    let of = |layers: &[(Kind, &str)], command: &str| decide(&world, layers, command);
    assert_eq!(of(&[], reset), Ask);
    assert_eq!(of(&[(Kind::Project, "environments.production = 'shop-eu-*'")], reset), Deny);
    let mine = "environments.mine = ['prod-copy']";
    let drop = "psql -h prod-copy -c 'DROP TABLE users'";
    let far = "psql -h prod-eu -c 'DROP TABLE users'";
    assert_eq!(of(&[], far), Deny);
    assert_eq!(of(&[(Kind::User, "environments.mine = ['prod-eu']")], far), Ask);
    assert_eq!(of(&[(Kind::Project, "environments.mine = ['prod-eu']")], far), Deny);
    assert_eq!(of(&[(Kind::Managed, "lock = true"), (Kind::User, "environments.mine = ['prod-eu']")], far), Deny);
    assert_eq!(of(&[(Kind::User, mine)], drop), Ask);
}

#[test]
fn exceptions_for_what_is_local() {
    let world = World::new();
    let user = "except = { rule = 'sql', environment = 'local', reason = 'r' }\nenvironments.local = ['db.internal']";
    let of = |command: &str| decide(&world, &[(Kind::User, user)], command);
    for command in ["psql -h localhost -d shop_dev -c 'DROP TABLE a'", "psql -h db.internal -c 'DROP TABLE a'"] {
        assert_eq!(of(command), None, "{command}");
    }
    for command in [
        "psql -h db.internal -h db.example.com -c 'DROP TABLE a'",
        "PGHOST=db.example.com psql -c 'DROP TABLE \"db.internal\"'",
        "psql -h localhost -d shop_dev -c 'DROP TABLE a'; psql -h db.example.com -c 'DROP TABLE a'",
        "PGHOSTADDR=10.0.0.1 psql -h localhost -c 'DROP TABLE a'",
        "ssh -L 5432:x:5432 y & psql -h localhost -c 'DROP TABLE a'",
    ] {
        assert!(of(command) >= Ask, "{command}");
    }
}

#[test]
fn patterns_of_git_reach_what_is_protected() {
    let world = World::new();
    world.file("infra/state/a.json", "{}").file("notes.txt", "a").file("LICENSE", "a");
    let of = |protect: &str, command: &str| {
        decide(&world, &[(Kind::User, &format!("protect = ['~/shop/{protect}']"))], command)
    };
    for command in
        ["git rm '*.json'", "git rm \"inf*\"", "git restore -- '*'", "cd infra && git rm 'st*'", "git rm '[i]*'"]
    {
        assert_eq!(of("infra/state", command), Ask, "{command}");
    }
    assert_eq!(of("notes.txt", "git rm '*.txt'"), Ask);
    assert_eq!(of("infra/state/a.json", "git rm '*.json'"), Ask);
    // Of a file, only its name counts.
    for command in ["git rm '*.txt'", "git rm 'infra/*'", "git rm *.txt", "git rm 'n*'"] {
        assert_eq!(of("LICENSE", command), None, "{command}");
    }
    assert_eq!(of("infra/state", "git rm 'src/*'"), None);
}
