//! Where paths really lead.

use crate::kit::{Counting, World};
use countersign::call::ToolCall;
use countersign::judge::Decision::{Allow, Ask, Deny, None as Silent};
use countersign::judge::judge_by;
use countersign::policy::Policy;
use std::fs;

fn world() -> World {
    let world = World::new();
    world
        .file("../photos/a.jpg", "x")
        .file("../.ssh/id_rsa", "KEY")
        .file("src/a.ts", "x")
        .file("build/a.js", "x")
        .link("../photos", "node_modules")
        .link("../photos", "pictures")
        .link("../.ssh/id_rsa", "notes.txt")
        .link("src", "sources")
        .link("build", "dist")
        .link("/tmp/x-out", "out");
    world
}

#[test]
fn the_link_itself_and_what_it_leads_to() {
    let world = world();
    world.says("rm -rf node_modules", Ask, &["filesystem.delete-linked", "node_modules is a link to", "photos"]);
    world.says("rm -rf ./node_modules", Ask, &["filesystem.delete-linked"]);
    world.says("rm -rf node_modules/", Ask, &["filesystem.delete-outside", "photos"]);
    world.says("rm -rf node_modules/*", Ask, &["filesystem.delete-outside"]);
    world.says("rm -rf pictures/2024", Ask, &["filesystem.delete-outside"]);
    world.says("cd node_modules && rm -rf 2024", Ask, &["filesystem.delete-outside"]);
    world.says("sh -c 'rm -rf \"node_modules\"/'", Ask, &["photos"]);
    world.says("find node_modules/ -delete", Ask, &["photos"]);
    world.says("rm -rf node_m*/", Ask, &["photos"]);
    world.says("rm -rf build node_modules", Ask, &["filesystem.delete-linked"]);
    // Without -r only the link goes; and some links lead to where nothing is lost.
    world.all(
        Silent,
        &["rm node_modules", "rm -f pictures", "rm -rf dist", "rm -rf dist/", "rm -rf out", "unlink node_modules"],
    );
}

#[test]
fn links_to_all_of_it() {
    let world = world();
    world.link(&world.home, "tmp").link("/", "target").link("..", "coverage").link("/etc", "scratch");
    world.all(
        Deny,
        &["rm -rf tmp/", "rm -rf tmp/*", "rm -rf target/", "rm -rf target/*", "rm -rf scratch/", "rm -rf coverage/*"],
    );
    world.says("rm -rf tmp/shop", Ask, &["filesystem.delete-project"]);
    world.says("rm -rf tmp/.ssh", Ask, &["filesystem.delete-secret"]);
    world.says("chown -R root target/", Deny, &["filesystem.change-system"]);
}

#[test]
fn writing_through_a_link() {
    let world = world();
    world.link("/etc/hosts", "hosts").link("../.env", "settings").file("../.env", "A=1");
    world.link("/dev/sda", "disk.img").link("../prod.sqlite", "test.sqlite").file("../prod.sqlite", "x");
    world.says("echo x > hosts", Ask, &["filesystem.write-system", "/etc/hosts", "hosts leads"]);
    world.says("cp a hosts", Ask, &["filesystem.write-system"]);
    world.says("echo A=2 > settings", Ask, &["filesystem.write-secret"]);
    world.says("cp seed.sqlite test.sqlite", Ask, &["filesystem.write-data"]);
    world.says("dd if=x of=disk.img", Deny, &["filesystem.write-device"]);
    world.says("tee hosts < a", Ask, &["filesystem.write-system"]);
    let write =
        ToolCall::Write { path: world.project.join("settings").display().to_string(), content: "A=2".to_owned() };
    assert_eq!(crate::kit::judged(&world.tool(write, ".")).decision, Ask);
    // These put something else in the place of the link.
    world.all(
        Silent,
        &[
            "mv a hosts",
            "ln -sf b hosts",
            "cp --remove-destination a hosts",
            "install a hosts",
            "echo x > sources/a.ts",
        ],
    );
}

#[test]
fn reading_through_a_link() {
    let world = world();
    world.file("README.md", "x").link("README.md", "docs.md").link("loop", "loop").link("nowhere", "gone");
    world.link("/proc/self/root/etc/shadow", "magic");
    world.all(
        Allow,
        &["cat README.md", "cat docs.md", "head src/a.ts", "cat sources/a.ts", "cat gone", "cat /etc/os-release"],
    );
    world.all(
        Silent,
        &[
            "cat notes.txt",
            "head -1 notes.txt",
            "cat README.md notes.txt",
            "cat loop",
            "cat n*.txt",
            "wc -l < notes.txt",
            "cat magic",
        ],
    );
    world.all(Silent, &["cat node_modules/../.ssh/id_rsa", "cat /proc/self/root/etc/shadow"]);
}

#[test]
fn the_project_behind_a_link_is_the_project() {
    let mut world = world();
    fs::rename(&world.project, world.home.join("real")).expect("moved");
    std::os::unix::fs::symlink("real", &world.project).expect("a link");
    world.all(Silent, &["rm -rf build", "rm -rf dist", "rm src/a.ts", "echo x > src/a.ts", "rm -rf ../real/build"]);
    world.all(Allow, &["cat src/a.ts", "cat sources/a.ts"]);
    world.says("rm -rf ../real", Ask, &["filesystem.delete-project"]);
    world.says("rm -rf ../real/src", Ask, &["filesystem.delete-tree"]);
    world.says("rm -rf node_modules/", Ask, &["photos"]);
    // A home that is reached by a link.
    let alias = world.home.with_file_name(format!("{}-alias", world.home.file_name().expect("a name").display()));
    std::os::unix::fs::symlink(&world.home, &alias).expect("a link");
    let home = std::mem::replace(&mut world.home, alias.clone());
    world.project = alias.join("shop");
    world.all(Silent, &["rm -rf build", "rm -rf dist", "rm src/a.ts"]);
    world.all(Deny, &["rm -rf ~", &format!("rm -rf {}", home.display())]);
    world.home = home;
    fs::remove_file(alias).expect("removed");
}

#[test]
fn dots_behind_a_link() {
    let world = world();
    world.file("../deep/below/x", "x").link("../deep/below", "cache-dir");
    // `cache-dir/..` is where the link leads to, not the project.
    world.says("rm -rf cache-dir/../build", Ask, &["filesystem.delete-outside", "deep/build"]);
    world.says("rm -rf build/../src", Ask, &["filesystem.delete-tree"]);
    world.all(Silent, &["rm -rf src/../build"]);
}

#[test]
fn links_without_end() {
    let world = World::new();
    world.link("loop", "loop").link("b", "a").link("a", "b");
    for at in 0..60 {
        world.link(format!("chain{}", at + 1), &format!("chain{at}"));
    }
    world.link("../photos", "chain60");
    world.all(Silent, &["rm -f loop", "echo x > a", "rm -f chain0", "mv a c"]);
    world.all(Silent, &["cat a", "cat chain0", "cat chain0/x"]);
    // Forty of them are followed.
    world.says("rm -rf chain30/x", Ask, &["filesystem.delete-outside"]);
}

#[test]
fn what_is_looked_at() {
    let world = world();
    world.file("README.md", "x");
    let count = |command: &str| {
        let files = Counting::default();
        let _ = judge_by(&world.call(command), &Policy::of(countersign::rules::builtin()), &files);
        files.0.get()
    };
    for command in ["ls -la", "ls node_modules/", "grep -rn main src", "git diff", "cargo test > /dev/null 2>&1"] {
        assert_eq!(count(command), 0, "`{command}`");
    }
    for (command, most) in
        [("cat README.md", 2), ("cat README.md src/a.ts", 4), ("echo x > src/b.ts", 3), ("rm src/a.ts", 3)]
    {
        let looks = count(command);
        assert!(looks <= most, "`{command}`: {looks}");
    }
}
