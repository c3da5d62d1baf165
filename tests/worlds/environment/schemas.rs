//! Schemas and migrations: what the tool itself would read.

use super::with;
use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None};

const SCHEMA: &str = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n";
const LOCAL: &str = "DATABASE_URL=\"postgresql://postgres:hunter2@localhost:5432/app_test\"\n";
const DEV: &str = "DATABASE_URL=postgresql://postgres:hunter2@localhost:5432/shop_dev\n";
const PROD: &str = "DATABASE_URL=postgresql://shop:hunter2@db.prod.example.com:5432/shop\n";
const REMOTE: &str = "DATABASE_URL=postgresql://shop:hunter2@db.example.com:5432/shop_test\n";
const RESET: &str = "npx prisma migrate reset";
const FORCED: &str = "npx prisma migrate reset --force";

fn prisma(env: &str) -> World {
    let world = World::new();
    world.file("prisma/schema.prisma", SCHEMA).file(".env", env);
    world
}

#[test]
fn prisma_by_its_env_file() {
    prisma(PROD).says(RESET, Deny, &["Here: aimed at production: DATABASE_URL in .env names db.prod.example.com."]);
    prisma(REMOTE).says(FORCED, Deny, &["db.example.com, shop_test (DATABASE_URL in .env)"]);
    prisma(REMOTE).all(Ask, &[RESET]);
    prisma(DEV).says(FORCED, Ask, &["localhost, shop_dev (DATABASE_URL in .env)", "on this machine"]);
    prisma(DEV).all(Ask, &[RESET]);
    prisma(LOCAL).all(None, &[RESET, "pnpm exec prisma migrate reset"]);
    prisma(LOCAL).all(Ask, &[FORCED]);
    let world = World::new();
    world.all(Deny, &[FORCED]);
    world.all(Ask, &[RESET]);
}

#[test]
fn prisma_reads_the_second_file_and_the_right_variable() {
    let world = World::new();
    world.file("prisma/schema.prisma", SCHEMA).file("prisma/.env", PROD);
    world.says(RESET, Deny, &["DATABASE_URL in prisma/.env"]);
    world.file("prisma/.env", LOCAL);
    world.all(None, &[RESET]);
    // The schema names another variable: DATABASE_URL is nobody's.
    world.file("prisma/schema.prisma", SCHEMA.replace("DATABASE_URL", "SHOP_URL")).file(".env", LOCAL);
    world.all(Ask, &[RESET]);
    world.file(".env", format!("{LOCAL}SHOP_URL=postgres://u:p@shop-prod/x\n"));
    world.says(RESET, Deny, &["SHOP_URL in .env names shop-prod"]);
    // Migrations go through `directUrl`.
    let direct = SCHEMA.replace("}", "  directUrl = env(\"DIRECT_URL\")\n}");
    world.file("prisma/schema.prisma", direct).file(".env", format!("{LOCAL}DIRECT_URL=postgres://db.example.com/x\n"));
    world.all(Ask, &[RESET, "DATABASE_URL=postgres://localhost/x_test npx prisma migrate reset"]);
    world.file(".env", LOCAL);
    world.all(Ask, &[RESET]);
}

#[test]
fn the_environment_counts_before_the_file() {
    let world = prisma(PROD);
    world.all(None, &["DATABASE_URL=postgres://localhost/app_test npx prisma migrate reset"]);
    world.all(Ask, &["DATABASE_URL=postgres://localhost/app_test npx prisma migrate reset --force"]);
    let world = prisma(LOCAL);
    world.all(
        Deny,
        &[
            "DATABASE_URL=postgres://db.prod.example.com/x npx prisma migrate reset",
            "export DATABASE_URL=postgres://db.prod.example.com/x && npx prisma migrate reset",
        ],
    );
    world.all(
        Ask,
        &[
            "DATABASE_URL=$X npx prisma migrate reset",
            "DATABASE_URL= npx prisma migrate reset",
            "env -i npx prisma migrate reset",
            "sudo npx prisma migrate reset",
        ],
    );
    let set = |name: &str| (name == "DATABASE_URL").then(|| "postgres://localhost/app_test".to_owned());
    assert_eq!(with(&world, set, RESET).decision, Ask);
    assert_eq!(with(&world, set, FORCED).decision, Deny);
    assert_eq!(with(&prisma(PROD), set, RESET).decision, Deny);
}

#[test]
fn prisma_settings_that_are_a_program_prove_nothing() {
    let world = prisma(LOCAL);
    world.file("prisma.config.ts", "export default {}");
    world.all(Ask, &[RESET]);
    world.all(Deny, &[FORCED]);
    let world = prisma(PROD);
    world.file("prisma.config.ts", "export default {}");
    world.all(Deny, &[RESET]);
}

#[test]
fn files_of_every_kind() {
    for env in [
        "DATABASE_URL='postgres://localhost/app_test'",
        "export DATABASE_URL=postgres://localhost/app_test",
        "# DATABASE_URL=postgres://db.prod.example.com/x\r\nDATABASE_URL=postgres://localhost/app_test # here\r\n",
    ] {
        prisma(env).all(None, &[RESET]);
    }
    for env in [
        "DATABASE_URL=postgres://localhost/app_test\nDATABASE_URL=postgres://db.example.com/x",
        "DATABASE_URL=postgres://db.example.com/x\nDATABASE_URL=postgres://localhost/app_test",
        "HOST=db.example.com\nDATABASE_URL=postgres://${HOST}/app_test",
        "DATABASE_URL=postgres://localhost/${DB}_test",
        "X=\"\nDATABASE_URL=postgres://localhost/app_test\n\"",
        "DATABASE_URL=\"postgres://localhost/app_test",
        "DATABASE_URL=encrypted:BDqDBibm4wsYqMpCjTQ6BsDHmMadg9K3dAt",
        "",
    ] {
        prisma(env).all(Ask, &[RESET]);
        prisma(env).all(Deny, &[FORCED]);
    }
    for bytes in [&[0xff, 0xfe, 0x00][..], &vec![b'#'; 2 << 20][..], &[0; 64][..]] {
        let world = World::new();
        world.file("prisma/schema.prisma", SCHEMA).file(".env", bytes);
        world.all(Ask, &[RESET]);
        world.all(Deny, &[FORCED]);
    }
    let world = World::new();
    world.file("prisma/schema.prisma", SCHEMA).file("real", PROD).link("real", ".env");
    world.all(Deny, &[RESET]);
    let world = World::new();
    world.file("prisma/schema.prisma", SCHEMA).link(".env", ".env");
    world.all(Ask, &[RESET]);
    let world = World::new();
    world.file("prisma/schema.prisma", SCHEMA);
    let made = std::process::Command::new("mkfifo").arg(world.project.join(".env")).status().expect("mkfifo");
    assert!(made.success());
    world.all(Ask, &[RESET]);
    world.all(Deny, &[FORCED]);
}

#[test]
fn what_the_call_itself_changes_proves_nothing() {
    let world = prisma(LOCAL);
    world.file(".env.production", PROD);
    world.all(
        Ask,
        &[
            "cp .env.example .env && npx prisma migrate reset",
            "make env && npx prisma migrate reset",
            "vercel env pull .env && npx prisma migrate reset",
        ],
    );
    world.all(None, &["ls -la && npx prisma migrate reset"]);
    // Nor is it told as what it will be.
    for command in ["make env && npx prisma migrate reset", "cp .env.example .env && npx prisma migrate reset"] {
        let said = world.judge(command).reason;
        assert!(!said.contains("aimed at localhost"), "{said}");
    }
    for command in [
        "cp .env.production .env && npx prisma migrate reset",
        "mv .env.production .env; npx prisma migrate reset",
        "cd prisma; cp ../.env.production ../.env; cd ..; npx prisma migrate reset",
        "cat .env.production > .env; npx prisma migrate reset",
        "cat < .env.production >| .env && npx prisma migrate reset",
        "ln -sf .env.production .env && npx prisma migrate reset",
        "rm .env; ln -s .env.production .env && npx prisma migrate reset",
        "install -m600 .env.production .env && npx prisma migrate reset",
        "tee .env < .env.production > /dev/null; npx prisma migrate reset",
        "[ -f .env ] || cp .env.production .env; npx prisma migrate reset",
        "(cat .env.production > .env); npx prisma migrate reset",
        "f() { cat .env.production > .env; }; f; npx prisma migrate reset",
        "cp .env.production .env.tmp && mv .env.tmp .env && npx prisma migrate reset",
    ] {
        world.says(command, Deny, &["aimed at production: what goes over .env names .env.production"]);
    }
    // Onto another file, it is of no matter.
    world.all(None, &["cat .env.production > .env.bak; npx prisma migrate reset"]);
    // What is in it counts as well.
    world.file("other", PROD);
    world.says("cp other .env && npx prisma migrate reset", Deny, &["aimed at production: DATABASE_URL in "]);
}

#[test]
fn laravel_falls_back_to_the_other_file() {
    let world = World::new();
    world.file("artisan", "<?php").file(".env", "APP_ENV=local\nDB_HOST=db.prod.example.com\nDB_DATABASE=shop\n");
    world.says(
        "php artisan migrate:fresh --env=testing",
        Deny,
        &["DB_HOST in .env names db.prod.example.com", "there is no .env.testing, so .env is read"],
    );
    world.says("APP_ENV=testing php artisan migrate:fresh", Deny, &["there is no .env.testing"]);
    world.file(".env.testing", "DB_HOST=127.0.0.1\nDB_DATABASE=shop_test\n");
    let judgement = world.judge("php artisan migrate:fresh --env=testing");
    assert!(!judgement.reason.contains("production"), "{}", judgement.reason);
    assert_eq!(world.judge("php artisan migrate:fresh").decision, Deny);
}

#[test]
fn rails_by_its_files() {
    let world = World::new();
    world.file(
        "config/database.yml",
        "default: &default\n  host: db.prod.example.com\ndevelopment:\n  <<: *default\n  database: shop\nother:\n  host: db.example.com\n",
    );
    world.says("bin/rails db:drop", Deny, &["host in config/database.yml names db.prod.example.com"]);
    world.says("bin/rails db:rollback RAILS_ENV=other", Ask, &["db.example.com (host in config/database.yml)"]);
    world.all(Deny, &["RAILS_ENV=production bin/rails db:drop"]);
}

#[test]
fn others_raise_and_prove_nothing() {
    let world = World::new();
    world.file(".env", PROD);
    for command in [
        "npx drizzle-kit push --force",
        "npx sequelize db:drop",
        "python manage.py flush",
        "npx typeorm schema:drop -d x.ts",
    ] {
        let judgement = world.judge(command);
        assert!(judgement.decision == Deny, "{command}: {}", judgement.reason);
        assert!(
            judgement.reason.contains("aimed at production: DATABASE_URL in .env"),
            "{command}: {}",
            judgement.reason
        );
    }
    world.file("alembic.ini", "[alembic]\nsqlalchemy.url = postgresql://u:hunter2@db.live.example.com/x\n");
    world.says("alembic downgrade base", Deny, &["url in alembic.ini names db.live.example.com"]);
}

#[test]
fn no_secret_is_ever_told() {
    for env in [
        PROD,
        REMOTE,
        DEV,
        "DATABASE_URL=postgres://hunter2:x@y/hunter2@db.prod.example.com/x",
        "DATABASE_URL=postgres://shop:hunter2@db-prod:hunter2",
        "DATABASE_URL=shop:hunter2@prod",
        "DATABASE_URL=\"postgres://shop:hunter2@prod",
    ] {
        let world = prisma(env);
        for command in [RESET, FORCED, "npx drizzle-kit push --force"] {
            let judgement = world.judge(command);
            let said = format!("{judgement:?}");
            assert!(!said.contains("hunter2"), "{env}: {said}");
        }
    }
}
