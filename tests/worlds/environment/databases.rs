//! Clients of databases.

use super::with;
use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None};

#[test]
fn production_by_name_is_denied() {
    let world = World::new();
    world.all(
        Deny,
        &[
            "psql -h db.prod.example.com -c 'DROP TABLE users'",
            "psql -hdb.prod.example.com -c 'DROP TABLE users'",
            "psql --host=shop-prod -c 'TRUNCATE users'",
            "psql postgres://u:p@db.example.com/shop_production -c 'DROP TABLE users'",
            "psql -d 'host=db.prod.example.com dbname=x' -c 'DROP TABLE users'",
            "psql -d 'postgres://localhost/x?host=db.prod.example.com' -c 'DROP TABLE users'",
            "PGHOST=db.prod.example.com psql -c 'DROP TABLE users'",
            "export PGHOST=db.prod.example.com; psql -c 'DROP TABLE users'",
            "PGDATABASE=shop_prod psql -c 'DELETE FROM users'",
            "echo 'DROP TABLE users' | psql -h db.prod.example.com",
            "psql -h db.prod.example.com <<E\nDROP TABLE users;\nE",
            "mysql -h prod-db -e 'DROP TABLE users'",
            "mysql -D shop_prod -e 'DROP TABLE users'",
            "ssh bastion \"psql -h db.prod.example.com -c 'DROP TABLE users'\"",
            "pg_restore --clean -h db.prod.example.com -d shop x.dump",
        ],
    );
}

#[test]
fn what_only_sounds_like_it_is_asked_as_ever() {
    let world = World::new();
    world.all(
        Ask,
        &[
            "psql -h product-db.example.com -c 'DROP TABLE users'",
            "psql -h nonprod.example.com -c 'DROP TABLE users'",
            "psql -h pre-prod.example.com -c 'DROP TABLE users'",
            "psql -h db.example.com -d reproduction -c 'DROP TABLE users'",
            "psql -h db.example.com -d app_test -c 'DROP TABLE users'",
            "psql -h localhost -d shop_dev -c 'DROP TABLE users'",
            "psql -h localhost -c 'DROP TABLE users'",
            "psql -h localhost -U prod -d shop -c 'DROP TABLE users'",
            "PGHOST=db.prod.example.com psql -h localhost -d shop_dev -c 'DROP TABLE users'",
        ],
    );
}

#[test]
fn scratch_on_this_machine_is_silent() {
    let world = World::new();
    world.all(
        None,
        &[
            "psql -h localhost -d app_test -c 'DROP TABLE users'",
            "psql -h 127.0.0.1 -p 5433 -U postgres -d app_test -c 'TRUNCATE users'",
            "psql -h ::1 app_test -c 'DELETE FROM users'",
            "psql app_test -c 'DROP TABLE users'",
            "psql postgresql://postgres:postgres@localhost:5432/app_test -c 'DROP TABLE public.users CASCADE'",
            "psql -h /var/run/postgresql -d test -c 'DROP TABLE users'",
            "PGHOST=localhost PGDATABASE=app_test psql -c 'DROP TABLE users'",
            "export PGHOST=localhost PGDATABASE=app_test; psql -c 'DROP TABLE users'",
            "mysql -h 127.0.0.1 -D app_test -e 'DROP TABLE users'",
            "timeout 5 psql -h localhost -d app_test -c 'DROP TABLE users'",
            "sqlite3 test.db 'DROP TABLE users'",
            "sqlite3 /tmp/x.db 'DROP TABLE users'",
        ],
    );
}

#[test]
fn what_is_not_proven_is_asked() {
    let world = World::new();
    world.file("real/x.db", "").link(world.home.join("elsewhere"), "link").link("real/x.db", "test.db");
    world.all(
        Ask,
        &[
            "psql -h localhost -h db.example.com -d app_test -c 'DROP TABLE users'",
            "psql -h db.example.com -h localhost -d app_test -c 'DROP TABLE users'",
            "psql -h $X -d app_test -c 'DROP TABLE users'",
            "psql -h localhost$X -d app_test -c 'DROP TABLE users'",
            "psql -h localhost -d \"$X\" -c 'DROP TABLE users'",
            "psql -h localhost.example.com -d app_test -c 'DROP TABLE users'",
            "psql -h 127.example.com -d app_test -c 'DROP TABLE users'",
            "psql -h /cloudsql/shop:eu:db -d app_test -c 'DROP TABLE users'",
            "psql -h localhost,db.example.com -d app_test -c 'DROP TABLE users'",
            "psql -h localhost -d postgres://db.example.com/app_test -c 'DROP TABLE users'",
            "psql postgres://localhost/app_test?host=db.example.com -c 'DROP TABLE users'",
            "psql service=shop -c 'DROP TABLE users'",
            "PGSERVICE=shop psql -d app_test -c 'DROP TABLE users'",
            "PGHOSTADDR=10.0.0.1 psql -h localhost -d app_test -c 'DROP TABLE users'",
            "psql -h localhost -d app_test -c '\\c postgres://db.example.com/shop' -c 'DROP TABLE users'",
            "psql -h localhost -d app_test -c 'DROP TABLE users'; psql -h db.example.com -c 'DROP TABLE users'",
            "ssh -L 5432:db.example.com:5432 -fN bastion; psql -h localhost -d app_test -c 'DROP TABLE users'",
            "kubectl port-forward svc/db 5432 & psql -h localhost -d app_test -c 'DROP TABLE users'",
            "cloud-sql-proxy shop:eu:db & psql -h localhost -d app_test -c 'DROP TABLE users'",
            "docker exec db psql -h localhost -d app_test -c 'DROP TABLE users'",
            "ssh db psql -h localhost -d app_test -c \"'DROP TABLE users'\"",
            "sudo psql -h localhost -d app_test -c 'DROP TABLE users'",
            "if x; then export PGHOST=db.example.com; else export PGHOST=localhost; fi; psql -d app_test -c 'DROP TABLE users'",
            "export PGHOST=localhost; x && export PGHOST=db.example.com; psql -d app_test -c 'DROP TABLE users'",
            "export PGHOST=localhost; unset PGHOST; psql -d app_test -c 'DROP TABLE users'",
            "env -u PGHOST psql -d app_test -c 'DROP TABLE users'",
            // Whatever these set.
            "env $(cat .env.production) psql -h localhost -d app_test -c 'DROP TABLE users'",
            "nice env `grep -v '^#' .env.production` psql -d app_test -c 'DROP TABLE users'",
            "mysql -D app_test -e 'DROP TABLE users'",
            "mysql -h localhost -D app_test -e 'DROP TABLE shop.users'",
            "mysql -h localhost -D app_test -e 'USE shop; DROP TABLE users'",
            "mysql --defaults-file=x.cnf -h localhost -D app_test -e 'DROP TABLE users'",
            "./psql -h localhost -d app_test -c 'DROP TABLE users'",
            "sqlite3 test.db 'DROP TABLE users'",
            "sqlite3 link/test.db 'DROP TABLE users'",
            "sqlite3 ~/test.db 'DROP TABLE users'",
            "sqlite3 file:/srv/test.db 'DROP TABLE users'",
            "sqlite3 dev.db 'DROP TABLE users'",
        ],
    );
}

#[test]
fn what_leaves_the_database_is_no_milder() {
    let world = World::new();
    world.all(Deny, &["psql -h localhost -d app_test -c 'DROP DATABASE app'"]);
    // Its own name says what is dropped, as with `dropdb`; a tunnel that the call opens leads elsewhere.
    world.all(None, &["psql -h localhost -d app_test -c 'DROP DATABASE app_test'", "dropdb -h localhost app_test"]);
    world.all(Ask, &["psql -h localhost -d app_test -c 'DROP DATABASE prod_test'"]);
    world.all(Deny, &["ssh -fNL 5432:db:5432 x; psql -h localhost -c 'DROP DATABASE app_test'"]);
    world.all(Ask, &["mysql -h localhost -D app_test -e 'DROP SCHEMA app'"]);
    for command in [
        "psql -h localhost -d app_test -c 'DROP ROLE app'",
        "psql -h localhost -d app_test -c '\\! rm -rf src'",
        "psql -h localhost -d app_test -c \"COPY t TO PROGRAM 'x'\"",
    ] {
        assert!(world.judge(command).decision >= Ask, "{command}");
    }
}

#[test]
fn what_a_client_is_told_to_run_is_told_once() {
    let world = World::new();
    let told = |command: &str| world.judge(command).reason;
    let once = told("psql -c '\\! docker volume rm x'");
    assert!(once.contains("Rule: containers.volume-remove") && !once.contains("sql.shell"), "{once}");
    assert!(!once.contains("more."), "{once}");
    let both = told("psql -c '\\! docker volume rm x' -c 'drop table y'");
    assert!(both.contains("Rule: containers.volume-remove") && both.contains("Rule: sql.drop-table"), "{both}");
    // What it runs isn't stopped by itself.
    let alone = told("psql -c '\\! ls'");
    assert!(alone.contains("Rule: sql.shell"), "{alone}");
}

#[test]
fn variables_of_the_hook_raise_and_never_lower() {
    let world = World::new();
    let command = "psql -d app_test -c 'DROP TABLE users'";
    assert_eq!(with(&world, |_| Option::None, command).decision, None);
    let prod = |name: &str| (name == "PGHOST").then(|| "db.prod.example.com".to_owned());
    assert_eq!(with(&world, prod, command).decision, Deny);
    let localhost = |name: &str| (name == "PGHOST").then(|| "localhost".to_owned());
    assert_eq!(with(&world, localhost, command).decision, Ask);
    let empty = |name: &str| (name == "PGHOST").then(String::new);
    assert_eq!(with(&world, empty, command).decision, Ask);
    let service = |name: &str| (name == "PGSERVICE").then(|| "shop".to_owned());
    assert_eq!(with(&world, service, command).decision, Ask);
    // What an option says counts before it.
    assert_eq!(with(&world, prod, "psql -h localhost -d app_test -c 'DROP TABLE users'").decision, None);
    // An everyday call isn't touched by any of them.
    assert_eq!(with(&world, prod, "ls -la"), with(&world, |_| Option::None, "ls -la"));
}
