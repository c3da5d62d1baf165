//! Deleting what was copied, moved or backed up before.

use super::Session;
use crate::kit::World;
use countersign::judge::Decision::{Ask, None as Silent};
use std::fs;

#[test]
fn what_was_moved_into_a_build_directory_goes_with_it() {
    // Incident 84: images moved into a folder of logs, and the folder deleted.
    let world = World::new();
    world.file("images/a.png", "x").file("build/log/x.log", "x");
    let session = Session::of(&world);
    session.gets("rm -rf build", Silent);
    session.gets("mv images build/log/", Silent);
    fs::rename(world.project.join("images"), world.project.join("build/log/images")).unwrap();
    session.says("rm -rf build", Ask, "files were moved there less than a minute ago: `mv images build/log/`");
    session.says("rm -rf build/log", Ask, "files were moved there");
    session.says("find build -delete", Ask, "files were moved there");
    session.says("python3 -c \"import shutil; shutil.rmtree('build')\"", Ask, "files were moved there");
    // Another directory, and the same once it has been moved out again.
    session.gets("rm -rf dist", Silent);
    fs::rename(world.project.join("build/log/images"), world.project.join("images")).unwrap();
    session.gets("rm -rf build", Silent);
}

#[test]
fn within_one_line() {
    let world = World::new();
    world.file("src/a.rs", "x").file("build/x", "x");
    let session = Session::of(&world);
    session.says("mv src build/old && rm -rf build", Ask, "files were moved there in this very call");
    session.says("mv src /tmp/old; rm -rf /tmp/old", Ask, "files were moved there in this very call");
    session.says(
        "cp -r src copy; rm -rf src",
        Ask,
        "copied in this very call, and nobody has looked whether it arrived",
    );
    session.says("(mv src build/old); cd build && rm -rf ../build", Ask, "moved there");
    session.says("bash -c 'mv src build/old; rm -rf build'", Ask, "moved there");
    // In the other order nothing is lost that was there before.
    session.gets("rm -rf build && mv out build", Silent);
}

#[test]
fn everyday_copies_stay_silent() {
    let world = World::new();
    world.file("template/a", "x").file("tests/fixtures/a", "x").file("build/a", "x");
    let session = Session::of(&world);
    for command in [
        "cp -r template build && rm -rf build",
        "mkdir -p /tmp/t && cp -r tests/fixtures /tmp/t && npm test; rm -rf /tmp/t",
        "D=$(mktemp -d); cp -r template \"$D\"; rm -rf \"$D\"",
        "mv build /tmp/old-build && rm -rf /tmp/old-build",
        "cp -r template build",
        "rm -rf build",
        "mv dist dist.old",
        "cp a.txt b.txt",
        "rm -rf node_modules",
        "cp .env.example .env.test.example",
        "mv a.ts b.ts",
        "rm b.ts",
        "tar -czf build/app.tgz template",
        "rm -rf build",
    ] {
        session.gets(command, Silent);
    }
}

#[test]
fn a_copy_that_did_not_arrive() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.file(&format!("photos/{name}.raw"), "x");
    }
    let session = Session::of(&world);
    session.gets("cp -r photos ../archive", Silent);
    session.says("rm -rf photos", Ask, "it was copied less than a minute ago, but the copy isn't there");
    fs::create_dir_all(world.home.join("archive")).unwrap();
    fs::write(world.home.join("archive/a.raw"), "x").unwrap();
    session.says("rm -rf photos", Ask, "but 1 of 3 files arrived");
    // As many files, but not these.
    for name in ["x", "y"] {
        fs::write(world.home.join(format!("archive/{name}.raw")), "x").unwrap();
    }
    session.says("rm -rf photos", Ask, "but 1 of 3 files arrived");
    for name in ["b", "c"] {
        fs::write(world.home.join(format!("archive/{name}.raw")), "x").unwrap();
    }
    session.says("rm -rf photos", Ask, "and all 3 files are there");
}

#[test]
fn the_only_copy() {
    let world = World::new();
    world.file("notes/a.md", "x").file("build/x", "x");
    let session = Session::of(&world);
    session.gets("cp -r notes build/notes", Silent);
    world.file("build/notes/a.md", "x");
    session.gets("rm -rf build", Silent);
    fs::remove_dir_all(world.project.join("notes")).unwrap();
    session.says("rm -rf build", Ask, "it holds the only copy");
}

#[test]
fn a_move_that_did_not_work() {
    let world = World::new();
    world.file("photos/a.raw", "x");
    let session = Session::of(&world);
    session.gets("mv photos /mnt/nas/photos", Silent);
    session.says("rm -rf photos", Ask, "it was moved away less than a minute ago, and is still there");
}

#[test]
fn a_backup_that_was_just_made() {
    // Incident 96.
    let world = World::new();
    let session = Session::of(&world);
    session.gets("pg_dump shop > before.sql", Silent);
    world.file("before.sql", "x");
    session.says("rm before.sql", Ask, "it holds the backup that was made less than a minute ago: `pg_dump shop`");
    session.gets("mysqldump shop --result-file=build/all.sql", Silent);
    world.file("build/all.sql", "x");
    session.says("rm -rf build", Ask, "the backup that was made");
}

#[test]
fn objects_in_a_bucket() {
    // Incident 8.
    let world = World::new();
    let session = Session::of(&world);
    session.says(
        "gcloud storage mv gs://b/in/run gs://b/out/ >/dev/null 2>&1; gcloud storage rm -r gs://b/in",
        Ask,
        "moved in this very call, and nobody has looked whether it arrived",
    );
    session.call("aws s3 mv s3://b/in s3://b/out --recursive");
    session.says("aws s3 rm s3://b/in --recursive", Ask, "moved less than a minute ago, and nobody has looked");
    session.says("aws s3 rm s3://b/out/ --recursive", Ask, "files were moved there");
    let told = session.call("aws s3 rm s3://b/elsewhere --recursive");
    assert!(!told.reason.contains("Here:"), "{}", told.reason);
}

#[test]
fn everyday_calls_do_not_read_the_memory() {
    let world = World::with_git();
    let session = Session::of(&world);
    session.call("git push --force-with-lease");
    for command in
        ["ls -la", "git status", "cargo build", "git push origin feature", "echo x > y", "psql -c 'SELECT 1'"]
    {
        // Whatever else is looked at for it: no more than without a session.
        let looks = |name: Option<&str>| {
            let mut call = world.call(command);
            call.session = name.map(str::to_owned);
            let files = crate::kit::Counting::default();
            let judged = countersign::judge::judge_by(&call, &session.policy, &files);
            assert!(judged.remembers.is_empty(), "`{command}`");
            files.0.get()
        };
        assert_eq!(looks(Some(session.name)), looks(None), "`{command}`");
    }
}
