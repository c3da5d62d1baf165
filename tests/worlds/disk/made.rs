//! What the line itself has made or copied aside is taken away again: silent where it is sure that it has, a question
//! where it isn't.

use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None as Silent};

fn world() -> World {
    let world = World::with_git();
    world.file("db.sqlite3", "x").file("other.sqlite3", "x").file(".env", "A=1\n").file("src/a.ts", "x");
    world.file("src/b.ts", "x").file("package.json", r#"{"scripts": {"test": "vitest run"}}"#);
    world.commit();
    world.file("keep/old.bak", "x");
    world
}

#[test]
fn a_file_that_is_copied_first() {
    let world = world();
    world.all(
        Silent,
        &[
            "cp db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "cp -p db.sqlite3 ../shop.old.sqlite3 && rm -f db.sqlite3 && npm run migrate",
            "cp -p .env .env.bak && rm .env",
            "ls && cp db.sqlite3 db.sqlite3.bak && rm db.sqlite3",
            "cp db.sqlite3 /tmp/db.bak && (rm db.sqlite3; ls)",
        ],
    );
    world.all(
        Ask,
        &[
            "cp db.sqlite3 /tmp/db.bak; rm db.sqlite3",
            "cp db.sqlite3 /tmp/db.bak || rm db.sqlite3",
            "cp db.sqlite3 /tmp/db.bak & rm db.sqlite3",
            "cp db.sqlite3 /tmp/db.bak | cat && rm db.sqlite3",
            "! cp db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "true || cp db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "{ cp db.sqlite3 /tmp/db.bak; true; } && rm db.sqlite3",
            "echo $(cp db.sqlite3 /tmp/db.bak) && rm db.sqlite3",
            "cp() { true; }; cp db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "alias cp=true; cp db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "./cp db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "sh -c 'cp db.sqlite3 /tmp/db.bak; true' && rm db.sqlite3",
            // It isn't a copy, or none that stays.
            "cp -n db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "cp -s db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "cp --attributes-only db.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "cp db.sqlite3 /dev/null && rm db.sqlite3",
            "cp other.sqlite3 /tmp/db.bak && rm db.sqlite3",
            "cp db.sqlite3 /tmp/db.bak && npm run change && rm db.sqlite3",
            "cp db.sqlite3 /tmp/db.bak && rm /tmp/db.bak && rm db.sqlite3",
            "cp db.sqlite3 /tmp/db.bak && rm db.sqlite3 && rm /tmp/db.bak",
            "cp db.sqlite3 /tmp/db.bak && rm db.sqlite3; mv other.sqlite3 /tmp/db.bak",
            "cp db.sqlite3 \"$TO\" && rm db.sqlite3",
            "cp db.sqlite3 /tmp/db.bak && for i in 1 2; do rm db.sqlite3; done",
        ],
    );
}

#[test]
fn a_database_that_is_made_first() {
    let world = world();
    world.all(
        Silent,
        &[
            "createdb foo && dropdb foo",
            "createdb foo && psql foo -c 'select 1' && npm test && dropdb --if-exists foo",
            "createdb -h db.local -p 5433 foo && dropdb -p 5433 -h db.local foo",
        ],
    );
    world.all(
        Ask,
        &[
            "createdb foo; dropdb foo",
            "createdb foo || dropdb foo",
            "createdb foo || true && dropdb foo",
            "createdb foo && psql foo -f x.sql; dropdb foo",
            "f() { createdb foo; true; }; f && dropdb foo",
            "if createdb foo; then dropdb foo; fi",
        ],
    );
    world.all(
        Deny,
        &[
            "dropdb foo",
            "dropdb foo && createdb foo",
            "createdb foo && dropdb bar",
            "createdb foo && dropdb -h db foo",
            "createdb -h db foo && dropdb foo",
            "PGHOST=db createdb foo && dropdb foo",
            "createdb foo && PGHOST=db dropdb foo",
            "createdb foo && export PGHOST=db && dropdb foo",
            "createdb --help foo && dropdb foo",
            "createdb $X && dropdb $X",
            "createdb foo bar && dropdb foo",
            "createdb && dropdb foo",
            "eval 'createdb foo; true' && dropdb foo",
            "createdb foo && ssh build dropdb foo",
            "createdb foo && sudo -u postgres dropdb foo",
            "./createdb foo && dropdb foo",
        ],
    );
}

#[test]
fn what_sed_leaves_beside() {
    let world = world();
    world.all(
        Silent,
        &[
            "sed -i.bak s/a/b/ src/*.ts && rm src/*.bak",
            "sed -i.bak -e 's/a/b/' src/*.ts; rm -f src/*.bak",
            "rm -f src/*.bak",
        ],
    );
    world.all(
        Ask,
        &[
            "sed -i.bak s/a/b/ src/*.ts && rm keep/*.bak",
            "mv keep/old.bak src/; rm src/*.bak",
            "mv db.sqlite3 src/x.bak; rm src/*.bak",
            "ln -s /srv/dumps d; rm d/*.sql.gz",
            "cp -a dumps d && rm d/*.sql.gz",
            "npm run backup; rm src/*.bak",
        ],
    );
}

#[test]
fn a_copy_out_of_the_repository_changes_nothing_in_it() {
    let world = world();
    world.all(Silent, &["cp -r src /tmp/src.bak && git checkout -- src", "cp -r src ../src.bak; git restore src"]);
    world.all(Ask, &["cp -r /tmp/x src && git checkout -- src", "mv /tmp/x src/y; git checkout -- src"]);
}
