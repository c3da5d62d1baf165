//! `docker compose down -v`, where the file says that nothing is lost.

use crate::kit::World;
use countersign::judge::Decision::{Ask, None};

const MEMORY: &str = "services:\n  db:\n    image: postgres:16\n    tmpfs: [/var/lib/postgresql/data]\n";
const NAMED: &str =
    "services:\n  db:\n    image: postgres:16\n    volumes: [data:/var/lib/postgresql/data]\nvolumes: {data: {}}\n";

fn world() -> World {
    let world = World::new();
    let script = |file: &str| {
        format!(r#"{{"scripts": {{"test": "vitest run", "posttest": "docker compose -f {file} down -v"}}}}"#)
    };
    world
        .file("docker-compose.test.yml", MEMORY)
        .file("memory.yml", MEMORY)
        .file("dev.yml", NAMED)
        .file("e2e/compose.test.yml", NAMED)
        .file("bind.test.yml", MEMORY.replace("tmpfs: [", "volumes: [./data:"))
        .file("anonymous.test.yml", MEMORY.replace("tmpfs", "volumes"))
        .file("long.test.yml", "services:\n  db:\n    image: x\n    volumes: [{type: tmpfs, target: /data}]\n")
        .file("extends.test.yml", "services:\n  db:\n    extends: {file: dev.yml, service: db}\n")
        .file("include.test.yml", format!("include: [dev.yml]\n{MEMORY}"))
        .file("merged.test.yml", "x-a: &a\n  volumes: [d:/d]\nservices:\n  db:\n    <<: *a\n")
        .file("image.yml", "services:\n  db:\n    image: postgres:16\n")
        .file("image.test.yml", "services:\n  db:\n    image: postgres:16\n")
        .file("broken.test.yml", "services: [\n")
        .file("package.json", script("docker-compose.test.yml"))
        .file("packages/api/package.json", script("../../dev.yml"));
    world
}

#[test]
fn what_lives_in_memory_is_silent() {
    world().all(
        None,
        &[
            "docker compose -f docker-compose.test.yml down -v",
            "docker compose -f docker-compose.test.yml up -d && npm run e2e; docker compose -f docker-compose.test.yml down --volumes",
            "docker-compose --file memory.yml down -v -t 1",
            "docker compose -f memory.yml -f long.test.yml down -v",
            "docker compose -f image.test.yml down -v",
            "docker compose -p e2e-$RANDOM -f docker-compose.test.yml down -v",
            "npm test",
        ],
    );
}

#[test]
fn what_may_stay_is_asked_about() {
    let world = world();
    world.all(
        Ask,
        &[
            "docker compose down -v",
            "docker compose -f dev.yml down -v",
            "docker compose -f docker-compose.test.yml -f dev.yml down -v",
            "docker compose -f e2e/compose.test.yml down -v",
            "docker compose -f bind.test.yml down -v",
            "docker compose -f anonymous.test.yml down -v",
            "docker compose -f extends.test.yml down -v",
            "docker compose -f include.test.yml down -v",
            "docker compose -f merged.test.yml down -v",
            "docker compose -f broken.test.yml down -v",
            "docker compose -f gone.test.yml down -v",
            "docker compose -f image.yml down -v",
            "docker compose -f \"$FILE\" down -v",
            "docker compose $MORE -f docker-compose.test.yml down -v",
            "docker compose -f docker-compose.test.yml down -v $MORE",
            "docker compose -f docker-compose.test.yml down -v --remove-orphans",
            "cp dev.yml docker-compose.test.yml && docker compose -f docker-compose.test.yml down -v",
            "ssh build 'docker compose -f docker-compose.test.yml down -v'",
            "cd packages/api && npm test",
        ],
    );
}
