//! What git would give back, and what it wouldn't.

use crate::kit::World;
use countersign::judge::Decision::{Ask, None as Silent};

fn world() -> World {
    let world = World::with_git();
    world
        .file(".gitignore", "bin/\nobj/\nout/\nuploads/\n__pycache__/\n")
        .file("src/a.rs", "a")
        .file("src/sub/b.rs", "b")
        .commit()
        .file("bin/shop.dll", "x")
        .file("bin/Debug/shop.dll", "x")
        .file("obj/x", "x")
        .file("out/x", "x");
    world
}

#[test]
fn what_is_committed_comes_back() {
    let world = world();
    world.all(Silent, &["rm -rf src", "rm -rf src/", "rm -rf src/sub", "npx rimraf src", "cd src && rm -rf sub"]);
    world.file("src/__pycache__/a.pyc", "x");
    world.all(Silent, &["rm -rf src"]);
    world.file("src/c.rs", "new");
    world.says("rm -rf src", Ask, &["filesystem.delete-tree", "1 of them changed or in no commit: c.rs"]);
    world.all(Silent, &["rm -rf src/sub"]);
    world.file("src/sub/b.rs", "changed");
    world.says("rm -rf src", Ask, &["2 of them changed or in no commit", "c.rs", "sub/b.rs"]);
    world.all(Ask, &["rm -rf src/sub", "rm -rf src src/sub", "rm -rf s*"]);
    // Ignored, and in no commit.
    world.file("lib/x.rs", "x").commit().file("lib/.env", "A=1").git("config core.excludesFile /dev/null");
    world.all(Ask, &["rm -rf lib"]);
}

#[test]
fn what_git_ignores_and_a_build_makes() {
    let world = world();
    world.all(Silent, &["rm -rf bin", "rm -rf bin obj out", "rm -rf bin/Debug"]);
    world.file("uploads/a.png", "x").file("tools/bin/run.sh", "x");
    world.all(Ask, &["rm -rf uploads"]);
    world.file("bin/Debug/backups/x.sql.gz", "x");
    world.says("rm -rf bin obj", Ask, &["filesystem.delete-data-inside"]);
}

#[test]
fn copying_over_work_that_is_in_no_commit() {
    let world = world();
    world.file("../tree/src/a.rs", "theirs").file("../tree/src/new.rs", "theirs").file("../tree/README.md", "shop\n");
    world.all(
        Silent,
        &["cp -r ../tree/* .", "cp -r ../tree/. .", "cp -r ../tree/src .", "cp ../tree/src/a.rs src/a.rs"],
    );
    world.file("src/a.rs", "mine, for days");
    world.says("cp -r ../tree/* .", Ask, &["filesystem.overwrite-changed", "src/a.rs"]);
    world.says("cp -rf ../tree/. .", Ask, &["src/a.rs"]);
    world.says("cp -r ../tree/src .", Ask, &["src/a.rs"]);
    world.says("cp ../tree/src/*.rs src/", Ask, &["a.rs"]);
    // One file over another is what an agent does all day; and what is the same is no loss.
    world.all(Silent, &["cp ../tree/src/a.rs src/a.rs", "cp -rn ../tree/* .", "cp -r ../tree/* /tmp/x"]);
    world.file("../tree/src/a.rs", "mine, for days");
    world.all(Silent, &["cp -r ../tree/* ."]);
}

#[test]
fn one_file_is_told_of() {
    let world = world();
    world.file("config/prod.tfstate", "x");
    world.says("rm config/prod.tfstate", Ask, &["1 byte,", "changed or in no commit"]);
}
