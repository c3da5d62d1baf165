//! Work that is in no commit, deleted by a pattern or emptied.

use crate::kit::{World, judged};
use countersign::call::ToolCall;
use countersign::judge::Decision::{Ask, None as Silent};

fn world() -> World {
    let world = World::with_git();
    world.file(".gitignore", "*.log\nlogs/\n").file("src/a.ts", "a").file("src/b.ts", "b").file("docs/x.md", "x");
    world.file("src/sub/c.ts", "c").file("src/__snapshots__/a.snap", "x").commit();
    world.file("logs/a.log", "x").file("src/debug.log", "x").file("dist/a.js", "x");
    world
}

#[test]
fn what_is_committed_or_ignored_is_no_loss() {
    let world = world();
    let commands =
        ["rm -f src/*", "rm src/*.ts", "cd src && rm -f *.ts", "rm -rf src/*.ts", "rm -f src/*.log", "rm -f dist/*"];
    world.all(Silent, &commands);
    world.all(Silent, &["rm -f logs/*", "> src/a.ts", "truncate -s 0 src/a.ts", "cp /dev/null src/a.ts"]);
}

#[test]
fn a_pattern_that_names_what_is_changed() {
    let world = world();
    world.file("src/a.ts", "for days");
    world.says("rm -f src/*", Ask, &["filesystem.delete-uncommitted", "one file changed or in no commit: a.ts"]);
    let commands = ["rm src/*.ts", "cd src && rm -f *.ts", "rm src/a*", "rm -rf src/*.ts", "rm docs/*.md src/*.ts"];
    world.all(Ask, &commands);
    world.all(Ask, &["python3 -c \"import glob,os\nfor f in glob.glob('src/*.ts'): os.remove(f)\""]);
    // Who names a file means it; and the changed one isn't among these.
    world.all(Silent, &["rm src/a.ts", "rm -f src/a.ts src/b.ts", "rm docs/*", "rm src/sub/*.ts"]);
    world.file("src/__snapshots__/a.snap", "y").file("src/pnpm-lock.yaml", "x");
    world.all(Silent, &["rm src/__snapshots__/*", "rm -f src/*-lock.yaml"]);
}

#[test]
fn many_that_are_in_no_commit() {
    let world = world();
    for number in 0..19 {
        world.file(&format!("src/try{number}.ts"), "x");
    }
    // What an agent has just made itself.
    world.all(Silent, &["rm -f src/try*.ts", "rm -f src/try1?.ts"]);
    // The directory, whatever is in it.
    world.says("rm -f src/*", Ask, &["19 files changed or in no commit: "]);
    world.file("src/try19.ts", "x");
    world.all(Ask, &["rm -f src/try*.ts"]);
    world.all(Silent, &["rm -f src/try1?.ts"]);
}

#[test]
fn a_changed_file_is_emptied() {
    let world = world();
    world.file("src/a.ts", "for days").file("docs/x.md", "more").file("src/new.ts", "x");
    world.says("> src/a.ts", Ask, &["filesystem.empty-changed", "a.ts differs from the last commit"]);
    let commands = [
        ": > src/a.ts",
        "true > src/a.ts",
        "cat /dev/null > src/a.ts",
        "cp /dev/null src/a.ts",
        "echo -n > src/a.ts",
        "cd src; truncate -s 0 a.ts",
        "truncate --size=0 src/a.ts",
    ];
    world.all(Ask, &commands);
    let everyday = [
        // Written anew.
        ": > docs/x.md; for f in src/*.ts; do echo $f >> docs/x.md; done",
        "> docs/x.md\nprintf '%s' \"$OUT\" > docs/x.md",
        "echo new > src/a.ts",
        "truncate -s 10M src/a.ts",
        "jq . a.json > src/a.tmp && mv src/a.tmp src/a.ts",
        "sed 's/a/b/' src/a.ts > src/a.new && mv src/a.new src/a.ts",
        "npx prettier --write src/a.ts",
        "cp src/b.ts src/a.ts",
        // In no commit, ignored, or as it was.
        "> src/new.ts",
        ": > src/debug.log",
        "> src/b.ts",
    ];
    world.all(Silent, &everyday);
}

#[test]
fn a_part_of_a_changed_file_is_taken_out() {
    let world = world();
    world
        .file("src/a.ts", "for days")
        .file("a.ipynb", "{}")
        .commit()
        .file("src/a.ts", "for weeks")
        .file("a.ipynb", "{ }");
    let path = |name: &str| world.project.join(name).to_str().expect("UTF-8").to_owned();
    let (new, source, edit) = (String::new(), String::new(), Some("delete".to_owned()));
    let input = serde_json::json!({"path": "src/a.ts", "edits": [{"oldText": "weeks", "newText": ""}]});
    for tool in [
        ToolCall::Edit { path: path("src/a.ts"), old: "weeks".to_owned(), new, all: false },
        ToolCall::NotebookEdit { path: path("a.ipynb"), source, cell: Some("1".to_owned()), edit },
        ToolCall::Mcp { name: "mcp__filesystem__edit_file".to_owned(), server: None, source: None, input },
    ] {
        assert_eq!(judged(&world.tool(tool, ".")).decision, Silent);
    }
    let emptied = ToolCall::Write { path: path("src/a.ts"), content: String::new() };
    assert_eq!(judged(&world.tool(emptied, ".")).rules, ["filesystem.empty-changed"]);
}

#[test]
fn what_is_not_looked_at_may_be_changed() {
    let world = world();
    for number in 0..20_500 {
        world.file(&format!("many/{number}"), "");
    }
    world.file("src/a.ts", "for days");
    let unseen = "there is too much to look at all of it";
    world.says("rm -f many/zz*; rm src/a*", Ask, &["filesystem.delete-uncommitted", unseen]);
    assert!(world.judge("rm -f many/zz*; > src/a.ts").rules.contains(&"filesystem.empty-changed"));
    // Who names a file means it; what a build makes, it makes again.
    world.all(Silent, &["rm -f dist/*", "rm src/a.ts"]);
}

#[test]
fn more_names_than_are_kept() {
    let world = world();
    for number in 0..600 {
        world.file(&format!("src/gen-{number}.ts"), "x").file(&format!("logs/{number}.log"), "x");
    }
    world.commit();
    world.all(Silent, &["rm -f logs/*.log"]);
    world.says("rm -f src/gen-*.ts", Ask, &["filesystem.delete-uncommitted", "there is too much"]);
}
