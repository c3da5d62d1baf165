//! Programs that set variables for what they run.

use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None};

const SCHEMA: &str = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";

fn world() -> World {
    let world = World::new();
    world
        .file("prisma/schema.prisma", SCHEMA)
        .file(".env", "DATABASE_URL=postgres://u:p@localhost/shop_test\n")
        .file(".env.live", "DATABASE_URL=postgres://u:hunter2@db.example.com/shop\n")
        .file(".env.production", "DATABASE_URL=postgres://u:hunter2@db.example.com/shop\n")
        .file(".env.test", "DATABASE_URL=postgres://u:p@127.0.0.1/shop_test\n")
        .file(".env.other", "DATABASE_URL=postgres://u:hunter2@db-prod.example.com/shop\n");
    world
}

#[test]
fn production_by_the_name_of_a_file_or_a_profile() {
    world().all(
        Deny,
        &[
            "dotenvx run -f .env.production -- npx prisma migrate reset",
            "npx dotenvx run -f .env.live -- prisma migrate reset",
            "dotenv -e .env.production -- npx prisma migrate reset",
            "dotenvx run -f .env.other -- npx prisma migrate reset",
            "npx env-cmd -f .env.production npx prisma migrate reset",
            "doppler run -c prd -- npx prisma migrate reset",
            "infisical run --env=prod -- npx prisma migrate reset",
            "aws-vault exec shop-prod -- terraform destroy",
            "chamber exec prod -- psql -c 'DROP TABLE users'",
            "op run --env-file=.env.production -- npx prisma migrate reset",
            "railway run -e production npx prisma migrate reset",
            "env DATABASE_URL=postgres://db.prod.example.com/x npx prisma migrate reset",
        ],
    );
    world().says(
        "dotenvx run -f .env.other -- npx prisma migrate reset",
        Deny,
        &["DATABASE_URL in .env.other names db-prod.example.com"],
    );
}

#[test]
fn a_file_for_tests_is_silent() {
    world().all(
        None,
        &[
            "dotenvx run -f .env.test -- npx prisma migrate reset",
            "dotenv -e .env.test -- npx prisma migrate reset",
            "npx dotenv -e .env.test -- prisma migrate reset",
            "env DATABASE_URL=postgres://localhost/x_test npx prisma migrate reset",
        ],
    );
}

#[test]
fn what_a_wrapper_sets_unseen_proves_nothing() {
    world().all(
        Ask,
        &[
            "doppler run -- npx prisma migrate reset",
            "doppler run -c dev -- npx prisma migrate reset",
            "aws-vault exec dev -- npx prisma migrate reset",
            "infisical run --env=dev -- npx prisma migrate reset",
            "chamber exec dev -- npx prisma migrate reset",
            "op run --env-file=.env.test -- npx prisma migrate reset",
            "dotenvx run -f $FILE -- npx prisma migrate reset",
            "dotenvx run -f .env.missing -f .env.test -e X=y -- npx prisma migrate reset",
            "direnv exec . npx prisma migrate reset",
            "env -u DATABASE_URL npx prisma migrate reset",
            "env -i npx prisma migrate reset",
            "bash -lc 'npx prisma migrate reset'",
            "eval \"$(minikube docker-env)\"; npx prisma migrate reset",
        ],
    );
}

#[test]
fn what_a_wrapper_sets_takes_the_place_of_a_file() {
    let world = world();
    for command in [
        "dotenv -v DATABASE_URL=postgres://db.example.com/x -- npx prisma migrate reset",
        "dotenv -v $SETTING -- npx prisma migrate reset",
        "env DATABASE_URL=postgres://db.example.com/x npx prisma migrate reset",
        "npx cross-env DATABASE_URL=postgres://db.example.com/x npx prisma migrate reset",
        "DATABASE_URL=postgres://db.example.com/x dotenv -- npx prisma migrate reset",
        "doppler run -- npx prisma migrate reset",
    ] {
        let judgement = world.judge(command);
        assert_eq!(judgement.decision, Ask, "`{command}`: {}", judgement.reason);
        assert!(!judgement.reason.contains(".env)"), "`{command}`: {}", judgement.reason);
    }
    for command in [
        "dotenv -v DATABASE_URL=postgres://db.prod.example.com/x -- npx prisma migrate reset",
        "dotenv -v A=1 -v DATABASE_URL=postgres://db.prod.example.com/x -- npx prisma migrate reset",
    ] {
        world.says(command, Deny, &["aimed at production: DATABASE_URL names db.prod.example.com"]);
    }
}

#[test]
fn sourced_files() {
    let world = world();
    world.all(
        Deny,
        &[
            "set -a; . ./.env.other; npx prisma migrate reset",
            "set -a && source .env.other && set +a && npx prisma migrate reset",
        ],
    );
    world.file("exports.sh", "export DATABASE_URL=postgres://db.prod.example.com/x\n");
    world.all(Deny, &["source exports.sh && npx prisma migrate reset"]);
}
