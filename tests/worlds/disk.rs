//! Links, mounts, copies, data in build directories, blast radius.

#[path = "disk/absent.rs"]
mod absent;
#[path = "disk/again.rs"]
mod again;
#[path = "disk/fake.rs"]
mod fake;
#[path = "disk/fresh.rs"]
mod fresh;
#[path = "disk/links.rs"]
mod links;
#[path = "disk/loose.rs"]
mod loose;
#[path = "disk/made.rs"]
mod made;
#[path = "disk/tracked.rs"]
mod tracked;

use crate::kit::{World, judged};
use countersign::call::ToolCall;
use countersign::judge::Decision::{Ask, Deny, None as Silent};
use std::fs;
use std::time::{Duration, Instant};

#[test]
fn what_a_build_makes_again_is_silent() {
    let world = World::new();
    world
        .file("node_modules/left-pad/index.js", "x")
        .file("node_modules/better-sqlite3/test.db/prod.sqlite", "x")
        .file("dist/index.js", "x")
        .file("dist/backup/restore.js", "x")
        .file("dist/backup/restore.js.map", "x")
        .file("build/lib/certifi/cacert.pem", "x")
        .file("build/XCBuildData/build.db", "x")
        .file("target/debug/deps/libx.rlib", "x")
        .file("target/debug/test.db", "x")
        .file(".next/standalone/.env", "A=1")
        .file(".mypy_cache/3.12/cache.db", "x")
        .file(".parcel-cache/data.mdb", "x")
        .file("packages/a/dist/a.js", "x")
        .file("packages/b/node_modules/b/data.sqlite", "x");
    for command in [
        "rm -rf node_modules",
        "rm -rf node_modules/*",
        "rm -rf dist build target .next",
        "rm -rf build/",
        "rm -rf build*",
        "rm -rf ./target/debug",
        "rm -rf .mypy_cache .parcel-cache",
        "rm -rf packages/*/dist packages/*/node_modules",
        "find . -name node_modules -prune -exec rm -rf {} +",
        "rm -rf out coverage",
    ] {
        world.all(Silent, &[command]);
    }
}

#[test]
fn data_in_it_is_not() {
    let world = World::new();
    world
        .file("bin/Debug/net10.0-windows/backups/shop-2026.sql.gz", "x")
        .file("obj/a.dll", "x")
        .file("dist/prod.sqlite", "x")
        .file("build/pgdata/PG_VERSION", "16")
        .file("target/x/y/dump.sql.gz", "x")
        .file("out/index.html", "x")
        .file("packages/a/dist/a.js", "x")
        .file("packages/b/dist/data/users.db", "x");
    world.says(
        "rm -rf bin obj",
        Ask,
        &["filesystem.delete-data-inside", "Debug/net10.0-windows/backups/shop-2026.sql.gz is in bin"],
    );
    world.says("rm -rf dist", Ask, &["prod.sqlite is in dist", "one file"]);
    world.says("rm -rf dist/", Ask, &["prod.sqlite"]);
    world.says("rm -rf dist/*", Ask, &["prod.sqlite"]);
    world.says("rm -rf ./out/../dist", Ask, &["prod.sqlite"]);
    world.says("rm -rf build", Ask, &["pgdata is in build"]);
    world.says("rm -rf out target", Ask, &["x/y/dump.sql.gz is in target"]);
    world.says("rm -rf packages/*/dist", Ask, &["data/users.db is in packages/b/dist"]);
    world.says("sh -c 'cd packages && rm -rf b/dist'", Ask, &["users.db"]);
    world.says("python3 -c 'import shutil; shutil.rmtree(\"dist\")'", Ask, &["prod.sqlite"]);
    world.says("find dist -type f -delete", Ask, &["prod.sqlite"]);
    world.all(Silent, &["rm -rf out", "rm -rf obj", "rm -rf packages/a/dist"]);
}

#[test]
fn looking_for_data_ends() {
    let world = World::new();
    let deep = format!("dist/{}/x.db", vec!["d"; 40].join("/"));
    world.file(&deep, "x");
    for at in 0..6_000 {
        world.file(&format!("build/{}/{at}.js", at % 10), "");
    }
    world.link(".", "build/loop").link("loop", "build/again");
    let start = Instant::now();
    world.all(Silent, &["rm -rf dist", "rm -rf build"]);
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn patterns_are_looked_up() {
    let world = World::new();
    world.file("build/a.js", "x").file("build-backups/x.sql.gz", "x").file("bundle/a.js", "x");
    fs::create_dir(world.project.join("build.old")).expect("a directory");
    world.says("rm -rf build*", Ask, &["filesystem.delete-data", "build-backups"]);
    world.file("logs/a.log", "x").file("logs/shop.sqlite", "x");
    world.says("rm -f logs/*", Ask, &["shop.sqlite"]);
    world.says("rm -f logs/shop*", Ask, &["shop.sqlite"]);
    world.all(Silent, &["rm -f logs/*.log", "rm -f logs/a.l*"]);
    // A star in quotes is a name.
    world.all(Silent, &["rm -f 'logs/shop*'"]);
}

#[test]
fn a_project_in_a_synced_folder() {
    let mut world = World::new();
    let synced = world.home.join("OneDrive/shop");
    fs::create_dir_all(synced.join(".next")).expect("a directory");
    fs::create_dir_all(world.project.join(".next")).expect("a directory");
    world.all(Silent, &["rm -rf .next"]);
    let before = std::mem::replace(&mut world.project, synced);
    world.file(".env", "A=1");
    world.says("rm -rf .next", Ask, &["filesystem.delete-synced"]);
    world.all(Ask, &["rm -rf node_modules", "rm -rf .", "find . -delete", "mv * /tmp/x", "rm .env"]);
    world.all(Silent, &["rm src/a.ts", "echo x > src/a.ts"]);
    // By a link into it.
    world.project = before;
    world.link(world.home.join("OneDrive/shop"), "cloud");
    world.says("rm -rf cloud/.next", Ask, &["filesystem.delete-synced"]);
}

#[test]
fn how_much_would_be_lost() {
    let world = World::new();
    for at in 0..1_204 {
        world.file(&format!("docs/{}/{at}.md", at % 7), [b'x'; 100]);
    }
    world.says("rm -rf docs", Ask, &["1,204 files (120 kB)"]);
    world.says("rm -rf docs/*", Ask, &["1,204 files"]);
    world.says("rm -rf doc*", Ask, &["1 match: 1,204 files (120 kB)"]);
    world.file("shop.db", [0; 3_200]);
    world.says("rm shop.db", Ask, &["3.2 kB, last changed just now"]);
    // Nor what is called so on another machine.
    let input = serde_json::json!({ "host": "web1", "command": "rm -rf docs; rm -rf /etc/nginx" });
    let name = "mcp__ssh__ssh_execute".to_owned();
    let said = judged(&world.tool(ToolCall::Mcp { name, server: None, source: None, input }, ".")).reason;
    assert!(said.contains("delete-elsewhere") && !said.contains("1,204") && !said.contains("delete-tree"), "{said}");
    // What isn't there isn't told.
    let said = world.judge("sudo rm -rf nowhere").reason;
    assert!(!said.contains("Here:"), "{said}");
}

#[test]
fn more_than_is_looked_at() {
    let world = World::new();
    for dir in 0..50 {
        for at in 0..500 {
            world.file(&format!("docs/{dir}/{at}.md"), "");
        }
    }
    let start = Instant::now();
    world.says("rm -rf docs", Ask, &["more than ", " files"]);
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn what_a_call_has_moved_and_then_deletes() {
    let world = World::new();
    world.file("images/a.png", "x").file("auto/log/x", "x").file("build/a.js", "x");
    world.says("mv images/*.png auto/log/ && rm -rf auto/", Ask, &["filesystem.delete-moved"]);
    world.says("mv images /tmp/x-old && rm -rf /tmp/x-old", Ask, &["has moved images there"]);
    world.says("mkdir -p /tmp/q; mv src/a.ts /tmp/q/; rm -rf /tmp/q", Ask, &["has moved a.ts there"]);
    // The other way round, what a build makes again, and what was only copied.
    world.all(
        Silent,
        &[
            "rm -rf /tmp/x-old && mv images /tmp/x-old",
            "mv build /tmp/b && rm -rf /tmp/b",
            "cp -r images /tmp/x && rm -rf /tmp/x",
            "mv images/a.png images/b.png && rm -rf build",
        ],
    );
}

#[test]
fn two_files_moved_to_one_name() {
    let world = World::new();
    world.file("1.mp4", "x").file("2.mp4", "x").file("3.mp4", "x").file("old/x", "");
    world.says("mv 1.mp4 talk.mp4; mv 2.mp4 talk.mp4", Ask, &["filesystem.move-collides", "has moved 1.mp4"]);
    world.all(
        Silent,
        &[
            "mv 1.mp4 a.mp4; mv 2.mp4 b.mp4",
            "mv 1.mp4 old; mv 2.mp4 old",
            "mv 1.mp4 old/; mv 2.mp4 old/",
            "mkdir new; mv 1.mp4 new; mv 2.mp4 new",
            "mv 1.mp4 t.mp4; mv t.mp4 2nd.mp4; mv 2.mp4 t.mp4",
            "mv -n 1.mp4 talk.mp4; mv -n 2.mp4 talk.mp4",
        ],
    );
}

#[test]
fn one_directory_under_two_names() {
    let world = World::new();
    world.file("../data/a/x", "x").link("../data", "other");
    let home = world.home.display();
    // A link stands for what a disk does that ignores case.
    world.says(
        &format!("mkdir -p {home}/data/sub && cp -r notes {home}/data/sub && rm -rf other/"),
        Deny,
        &["filesystem.delete-same", "one and the same directory"],
    );
    world.says(&format!("cp -r other/. {home}/data && rm -rf {home}/data"), Deny, &["filesystem.delete-same"]);
    let said = world.judge(&format!("cp -r notes {home}/data && rm -rf other/"));
    assert!(said.rules.contains(&"filesystem.delete-same"), "{:?}", said.rules);
    // Two directories are two.
    fs::create_dir(world.home.join("two")).expect("a directory");
    let said = world.judge(&format!("cp -r {home}/two/. {home}/data && rm -rf {home}/two"));
    assert_eq!(said.decision, Ask);
    assert!(!said.rules.contains(&"filesystem.delete-same"), "{:?}", said.rules);
}

#[test]
fn mounts() {
    // A mount of its own needs rights that not everybody has: this test runs itself in a namespace, where it can.
    let world = World::new();
    world.file("share/nas/movie.mkv", "x").file("work/a", "x");
    if std::env::var_os("COUNTERSIGN_MOUNTED").is_none() {
        let this = std::env::current_exe().expect("this test");
        let status = std::process::Command::new("unshare")
            .args(["-rm", "--"])
            .arg(this)
            .args(["--exact", "disk::mounts"])
            .env("COUNTERSIGN_MOUNTED", "1")
            .stdout(std::process::Stdio::null())
            .status();
        match status {
            Ok(status) => assert!(status.success() || status.code() == Some(1), "{status}"),
            Err(_) => eprintln!("no unshare here: not tried"),
        }
        return;
    }
    let mount = |kind: &str, path: &str| {
        let path = world.project.join(path);
        fs::create_dir_all(&path).expect("a directory");
        let done = std::process::Command::new("mount").args(["-t", kind, "none"]).arg(path).status();
        assert!(done.expect("mount").success());
    };
    mount("tmpfs", "share/nas");
    mount("tmpfs", "node_modules");
    mount("tmpfs", "dist/in");
    mount("tmpfs", "with blank/in");
    world.says("rm -rf share", Ask, &["filesystem.delete-mounted", "share/nas (tmpfs)"]);
    world.says("cd share && rm -rf nas", Ask, &["filesystem.delete-mounted"]);
    world.says("rm -rf dist", Ask, &["filesystem.delete-mounted", "dist/in (tmpfs)"]);
    world.says("rm -rf 'with blank'", Ask, &["with blank/in (tmpfs)"]);
    world.says("chown -R 1000 share", Ask, &["filesystem.change-mounted"]);
    world.all(Silent, &["rm -rf node_modules", "rm -rf dist/out", "chown -R 1000 work", "rm share/nas/movie.mkv"]);
}
