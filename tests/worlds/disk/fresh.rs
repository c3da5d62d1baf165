//! A file that is written where none is: nothing is overwritten, whatever it is called.

use crate::kit::{World, judged};
use countersign::call::ToolCall;
use countersign::judge::Decision::{Ask, None as Silent};

fn world() -> World {
    let world = World::with_git();
    world
        .file(".env.example", "A=1\n")
        .file(".env.production", "A=secret\n")
        .file("packages/api/.env.example", "A=1\n")
        .file("packages/web/.env", "A=secret\n")
        .file("server.pem", "key\n");
    world.link(".env.production", "old.key").link("nowhere", "dangling.key");
    world
}

#[test]
fn a_new_one_is_silent() {
    world().all(
        Silent,
        &[
            "printf 'A=1\n' > .env",
            "cat > .env <<E\nA=1\nE",
            "cp .env.example .env",
            "cp .env.example .env && cp packages/api/.env.example packages/api/.env && npm test",
            "cd packages/api && cp .env.example .env",
            "mkdir -p certs && cp server.pem certs/server.pem",
            "sed 's/1/2/' .env.example > .env.local",
            "mv .env.new .env",
            "ln -sf packages/web/.env .env",
            "openssl rand -hex 32 > session.key",
            "rm -f shop.sqlite",
            "rm -f .env",
        ],
    );
}

#[test]
fn one_that_is_there_is_not() {
    world().all(
        Ask,
        &[
            "printf 'A=1\n' > .env.production",
            "cp .env.example packages/web/.env",
            "cp packages/web/.env .env.production",
            "cp packages/web/.env packages/../.env.production",
            "cd packages/web && cp ../api/.env.example .env",
            // The `cd` may fail.
            "cd packages; cd web; echo A=1 > .env",
            "echo A=1 > old.key",
            "echo A=1 > dangling.key",
            "echo A=1 > .env*",
            "echo A=1 > \"$DIR/.env\"",
            "E=.env.production; echo A=1 > $E",
            "rm -f server.pem",
            // Who may come in, and as whom, is no matter of what was there before.
            "mkdir -p .ssh && echo key > .ssh/authorized_keys",
            "echo 'Host *' > .ssh/config",
        ],
    );
}

#[test]
fn one_that_is_there_by_then_is_not() {
    world().all(
        Ask,
        &[
            "mv .env.production .env; cp .env.example .env",
            "(mv .env.production .env); echo A=1 > .env",
            "mv .env.production .env && mv .env.example .env",
            "mv .env.production .env & echo A=1 > .env",
            "echo A=1 > .env & mv .env.production .env",
            "mv .env.production .env | tee .env",
            "echo A=1 > .env | mv .env.production .env",
            "ln -s .env.production .env; echo A=1 > .env",
            "ln -s packages p; echo A=1 > p/web/.env",
            "cp -P old.key .env; echo A=1 > .env",
            "cp -a packages p; echo A=1 > p/web/.env",
            "git stash pop; echo A=1 > .env",
            "git checkout other && cp .env.example .env",
            "tar xf a.tar; cp .env.example .env",
            "npm run setup; cp .env.example .env",
            "f() { echo A=1 > .env; }; mv .env.production .env; f",
            "trap 'echo A=1 > .env' EXIT; mv .env.production .env",
            "while sleep 1; do echo A=1 > .env; mv .env.production .env; done",
            "sudo tee .env < x",
        ],
    );
}

#[test]
fn the_same_by_write() {
    let world = world();
    for (path, decision) in
        [(".env", Silent), ("packages/api/.env", Silent), ("packages/web/.env", Ask), ("old.key", Ask)]
    {
        let path = world.project.join(path).to_str().expect("UTF-8").to_owned();
        let judgement = judged(&world.tool(ToolCall::Write { path: path.clone(), content: "A=1\n".to_owned() }, "."));
        assert_eq!(judgement.decision, decision, "{path}: {}", judgement.reason);
    }
}
