//! The same once more, in another form.

use super::Session;
use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None as Silent};
use countersign::memory::{self, Entry, What};
use countersign::policy::Policy;
use countersign::policy::date::Day;
use countersign::policy::layer::{Kind, Layer};
use std::path::Path;

/// With a policy of the person's own.
fn with_policy<'a>(world: &'a World, text: &str) -> Session<'a> {
    let path = Path::new("/home/dev/.claude/countersign.toml");
    let layer = Layer::read(Kind::User, path, text, true).expect("a policy");
    let policy = Policy::new(vec![layer], &[(path.to_owned(), text.to_owned())], Vec::new(), Day(0));
    assert!(policy.faults.is_empty(), "{:?}", policy.faults);
    Session { policy, ..Session::of(world) }
}

#[test]
fn a_lease_that_was_stopped_and_then_force() {
    let world = World::with_git();
    world.git("checkout -q -b feature");
    let forms =
        ["git push --force", "git push -f origin feature", "git push origin +feature", "git push origin +HEAD:feature"];
    for form in forms {
        let session = Session::of(&world);
        session.gets("git push --force-with-lease", Ask).says(
            form,
            Ask,
            "Before: `git push --force-with-lease` was put to a person",
        );
        let _ = std::fs::remove_dir_all(world.home.join(".local"));
    }
    let session = Session::of(&world);
    session.gets("git push --force-with-lease origin main", Ask);
    session.says("git push --force origin main", Deny, "Before: `git push origin main --force-with-lease`");
    // Another branch is something else.
    session.as_ever("git push --force origin feature", Ask);
    session.as_ever("git push origin main", Silent);
}

#[test]
fn the_milder_form_is_never_made_worse() {
    let world = World::with_git();
    let session = Session::of(&world);
    session.gets("git push --force origin main", Deny);
    session.says("git push --force-with-lease origin main", Ask, "may be another way to it");
    session.gets("git push --force-with-lease origin feature", Silent);
    session.gets("terraform destroy -auto-approve", Deny);
    session.gets("terraform plan -destroy", world.judge("terraform plan -destroy").decision);
    session.says("terraform destroy", Ask, "`terraform destroy -auto-approve` was denied");
    session.says("terraform apply -destroy", Ask, "was denied");
    session.gets("git stash", world.judge("git stash").decision);
}

#[test]
fn what_a_policy_denies_is_denied_in_every_form() {
    let world = World::with_git();
    let session = with_policy(&world, "[rules]\n\"terraform.destroy\" = \"deny\"\n\"git.push-force\" = \"deny\"\n");
    session.gets("terraform destroy", Deny);
    session.says("terraform apply -destroy", Deny, "and this is another form of it: ask the person");
    session.says("terraform apply -destroy", Deny, "Before:");
    session.says("sh -c 'terraform apply -destroy'", Deny, "Before:");
    session.gets("terraform -chdir=other apply -destroy", Deny);
    world.file("x.sh", "#!/bin/sh\nterraform apply -destroy\n");
    session.says("sh x.sh", Deny, "Before:");
    // Of what nobody has refused, nothing is said.
    session.as_ever("terraform apply", Ask);
    session.as_ever("kubectl delete ns shop", Ask);
}

#[test]
fn another_directory_is_another_thing() {
    let world = World::with_git();
    let session = with_policy(&world, "[rules]\n\"terraform.destroy\" = \"deny\"\n");
    session.gets("terraform -chdir=infra/staging destroy", Deny);
    session.as_ever("terraform -chdir=infra/dev apply -destroy", Ask);
    session.says("cd infra && terraform -chdir=staging apply -destroy", Deny, "Before:");
}

#[test]
fn another_program_counts_where_it_names_the_same() {
    let world = World::with_git();
    let session = Session::of(&world);
    session.gets("terraform destroy -auto-approve -target=aws_db_instance.orders", Deny);
    session.says("aws rds delete-db-instance --db-instance-identifier orders", Ask, "may be another way to it");
    session.as_ever("aws rds delete-db-instance --db-instance-identifier other", Ask);
}

#[test]
fn a_path_that_may_not_go_goes_in_no_other_way() {
    let world = World::with_git();
    world.file("infra/a.tf", "x").file("infra/b/c.tf", "x").file("other/d.tf", "x");
    let session = with_policy(&world, "[rules]\n\"filesystem.delete-tree\" = \"deny\"\n");
    session.gets("rm -rf infra", Deny);
    session.says("find infra -delete", Deny, "Before:");
    session.says("python3 -c \"import shutil; shutil.rmtree('infra')\"", Deny, "");
    session.says("mv infra /tmp/gone", Ask, "`delete ");
    session.says("mv infra /tmp/gone", Ask, "`delete ");
    session.says("git clean -fdx infra", Ask, "was denied");
    // Out of the way, and still there: that is what reasons recommend.
    session.gets("mv -n infra infra.old", Silent);
    session.gets("mv infra/a.tf infra/z.tf", Silent);
    session.gets("mv other /tmp/other", Silent);
    session.gets("rm infra/a.tf", Silent);
}

#[test]
fn a_question_makes_nothing_silent_worse() {
    let world = World::with_git();
    world.file("docs/a.md", "x");
    let session = Session::of(&world);
    session.gets("rm -rf docs", Ask);
    // Asked again as always, and nothing is said of itself.
    session.as_ever("rm -rf docs", Ask).as_ever("rm -rf docs", Ask);
    session.gets("mv docs documents", Silent);
    session.says("find docs -delete", Ask, "was put to a person less than a minute ago; if that was a no, so is this");
}

#[test]
fn a_table_that_is_dropped_in_other_words() {
    let world = World::with_git();
    let session = Session::of(&world);
    session.gets("psql -d shop -c 'DROP TABLE orders'", Ask);
    session.says("psql -d shop -c 'TRUNCATE public.\"Orders\"'", Ask, "Before: `drop table orders`");
    session.says("psql -d shop -c 'DELETE FROM orders'", Ask, "Before:");
    session.as_ever("psql -d shop -c 'DELETE FROM carts'", Ask);
    session.as_ever(
        "psql -d shop -c 'SELECT * FROM orders'",
        world.judge("psql -d shop -c 'SELECT * FROM orders'").decision,
    );
    session.as_ever("psql -d warehouse -c 'TRUNCATE orders'", Ask);
}

#[test]
fn a_database_that_is_reset_harder() {
    let world = World::with_git();
    let session = Session::of(&world);
    session.gets("npx prisma db push", Ask);
    session.says("npx prisma db push --accept-data-loss", Deny, "Before: `prisma db push` was put to a person");
    session.says("npx prisma db push --force-reset", Deny, "Before:");
}

#[test]
fn after_a_while_it_is_forgotten_and_a_clock_that_lies_helps_nobody() {
    let world = World::with_git();
    world.git("checkout -q -b feature");
    let session = Session::of(&world);
    let before = session.call("git push --force-with-lease").remembers;
    let [Entry { what: What::Stopped(stopped), .. }] = before.as_slice() else { panic!("{before:?}") };
    let store = world.home.join(memory::file_of(session.name));
    let put = |age: i64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("now").as_secs();
        std::fs::remove_file(&store).expect("a store");
        let entry = Entry::at(now.saturating_add_signed(-age), What::Stopped(stopped.clone()));
        memory::remember(Some(&world.home), Some(session.name), &[entry]);
    };
    put(700);
    session.as_ever("git push --force", Ask);
    put(540);
    session.says("git push --force", Ask, "9 minutes ago");
    put(-86_400);
    session.says("git push --force", Ask, "less than a minute ago");
}

#[test]
fn another_session_knows_nothing_of_it() {
    let world = World::with_git();
    world.git("checkout -q -b feature");
    Session::of(&world).gets("git push --force-with-lease", Ask);
    Session { name: "other", ..Session::of(&world) }.as_ever("git push --force", Ask);
}

#[test]
fn no_secret_is_kept() {
    let world = World::with_git();
    let session = Session::of(&world);
    for command in [
        "mysql -u root -phunter2 -e 'DROP TABLE orders'",
        "mysql --password=hunter2 -e 'DROP DATABASE shop'",
        "psql postgres://dev:hunter2@db.example.com/shop -c 'DROP TABLE orders'",
        "redis-cli -a hunter2 FLUSHALL",
        "PGPASSWORD=hunter2 dropdb shop",
        "git push --force https://dev:hunter2@example.com/a/b.git main",
        "curl -X DELETE -H 'Authorization: Bearer hunter2' 'https://api.example.com/v1/databases/1?token=hunter2'",
        "mysqldump -phunter2 shop > dump.sql",
        "rsync -a --remove-source-files photos/ dev:hunter2@nas:/photos/",
    ] {
        session.call(command);
    }
    let kept = std::fs::read_to_string(world.home.join(memory::file_of(session.name))).expect("a store");
    assert!(kept.lines().count() > 8 && !kept.contains("hunter2"), "{kept}");
}

#[test]
fn what_was_only_observed_was_no_refusal() {
    let world = World::with_git();
    let session =
        with_policy(&world, "observe-only = { until = 9999-12-31 }\n[rules]\n\"terraform.destroy\" = \"deny\"\n");
    session.gets("terraform destroy", Silent).gets("mv docs old", Silent);
    let kept = std::fs::read_to_string(world.home.join(memory::file_of(session.name))).expect("a store");
    assert!(kept.lines().filter(|line| !line.is_empty()).all(|line| line.contains("\"copied\"")), "{kept}");
    let strict = with_policy(&world, "[rules]\n\"terraform.destroy\" = \"deny\"\n");
    strict.as_ever("terraform apply -destroy", Ask);
}
