//! State of git repositories.

#[path = "git/hostile.rs"]
mod hostile;
#[path = "git/shared.rs"]
mod shared;

use crate::kit::World;
use countersign::judge::Decision::{Ask, None as Silent};
use std::fs;

/// Commands that throw away what is changed in the whole tree.
const DISCARD: [&str; 9] = [
    "git reset --hard",
    "git reset --hard HEAD",
    "git checkout .",
    "git checkout -- .",
    "git checkout HEAD -- .",
    "git restore .",
    "git restore -SW .",
    "git checkout -f",
    "git switch -f main",
];

fn world() -> World {
    let world = World::with_git();
    world.file("src/a.rs", "a\n").file("src/b.rs", "b\n").file("docs/x.md", "x\n").commit();
    world
}

#[test]
fn a_clean_tree_loses_nothing() {
    let world = world();
    world.all(Silent, &DISCARD);
    world.file("untracked.txt", "x");
    world.all(Silent, &DISCARD);
    for command in DISCARD {
        assert_eq!(world.judge_in("src", &command.replace(" .", " :/")).decision, Silent, "{command}");
    }
    assert_eq!(world.judge("cd src && git checkout . && npm ci").decision, Silent);
    assert_eq!(world.judge("git -C src reset --hard").decision, Silent);
}

#[test]
fn a_changed_file_is_lost() {
    let world = world();
    world.file("src/a.rs", "mine\n");
    world.all(Ask, &DISCARD);
    world.says("git reset --hard", Ask, &["1 changed file: src/a.rs"]);
    world.says("git checkout .", Ask, &["1 changed file: src/a.rs"]);
    // Below another directory, it isn't touched.
    assert_eq!(world.judge_in("docs", "git checkout .").decision, Silent);
    assert_eq!(world.judge_in("docs", "git checkout :/").decision, Ask);
    assert_eq!(world.judge_in("docs", "git reset --hard").decision, Ask);
}

#[test]
fn what_is_staged_is_lost_too() {
    let world = world();
    world.file("src/a.rs", "mine\n").git("add -A");
    world.all(Ask, &["git reset --hard", "git checkout -f", "git checkout HEAD -- src/a.rs", "git restore -SW src"]);
    let world = self::world();
    world.file("src/new.rs", "mine\n").git("add -A");
    world.says("git reset --hard", Ask, &["src/new.rs"]);
    let world = self::world();
    world.file("src/new.rs", "mine\n").git("add -N src/new.rs");
    world.all(Ask, &["git reset --hard", "git checkout -f"]);
    let world = self::world();
    world.git("rm -q src/a.rs");
    world.all(Ask, &["git reset --hard"]);
}

#[test]
fn the_same_size_and_time_hide_nothing() {
    let world = world();
    let path = world.project.join("src/a.rs");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, "z\n").unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    world.all(Ask, &DISCARD);
    // Touched, and still the same.
    world.file("src/a.rs", "a\n");
    world.all(Silent, &DISCARD);
    // Flags that hide changes from `git status` hide them from nobody here.
    world.git("update-index --assume-unchanged src/a.rs").file("src/a.rs", "mine\n");
    world.all(Ask, &["git reset --hard", "git checkout ."]);
}

#[test]
fn what_git_lists_as_changed_is_deleted() {
    let world = world();
    let lines = [
        "rm $(git diff --name-only)",
        "cd src; rm -f `git ls-files -m`",
        "f() { rm $1; }; f $(git ls-files --modified)",
    ];
    world.all(Silent, &lines);
    world.file("src/a.rs", "mine\n");
    world.all(Ask, &lines);
    world.says(lines[0], Ask, &["1 changed file: src/a.rs", "git.delete-changed"]);
    world.all(Silent, &["git diff --name-only; rm -f new.rs", "cat $(git diff --name-only)"]);
}

#[test]
fn paths_are_judged_by_themselves() {
    let world = world();
    world.file("src/a.rs", "mine\n");
    world.all(
        Silent,
        &[
            "git checkout -- src/b.rs",
            "git checkout src/b.rs",
            "git restore src/b.rs docs",
            "git checkout HEAD -- docs/x.md",
            "git rm -f src/b.rs",
            "cd src && git restore b.rs",
            "git restore 'docs/*.md'",
        ],
    );
    world.all(
        Ask,
        &[
            "git checkout -- src/a.rs",
            "git checkout -- src/b.rs src/a.rs",
            "git restore src",
            "git restore 'src/*.rs'",
            "git restore ':(top)src'",
            "cd src && git restore a.rs",
            "git rm -f src/a.rs",
            "git rm -rf src",
            "git checkout -- $FILES",
            "git restore --pathspec-from-file=list",
        ],
    );
    world.says("git checkout -- src", Ask, &["1 changed file: src/a.rs"]);
    world.file("new.rs", "mine\n");
    world.all(Ask, &["git checkout -- new.rs", "git restore new.rs docs"]);
    // What was deleted is brought back by its name.
    fs::remove_file(world.project.join("docs/x.md")).unwrap();
    world.all(Silent, &["git checkout -- docs/x.md", "git restore docs/x.md"]);
}

#[test]
fn what_the_call_does_before_counts() {
    let world = world();
    world.all(
        Ask,
        &[
            "echo x > src/a.rs && git reset --hard",
            "echo x >> src/a.rs; git checkout .",
            "npm run gen; git checkout .",
            "cp docs/x.md src/a.rs && git checkout -- src/a.rs",
            "git stash pop stash@{0}; git reset --hard",
            "git add new && git reset --hard",
            "git apply x.patch && git reset --hard",
            "for i in 1 2; do git reset --hard; echo x > src/a.rs; done",
            "while true; do git checkout .; npm run gen; done",
            "(sleep 1; git reset --hard) & echo x > src/a.rs",
            "trap 'git reset --hard' EXIT; echo x > src/a.rs",
            "python3 gen.py && git restore .",
            "sed -i s/a/b/ src/a.rs && git restore src/a.rs",
        ],
    );
    world.all(
        Silent,
        &[
            "git status && git reset --hard",
            "git diff --stat; git log -3; git checkout .",
            "git fetch && git reset --hard HEAD",
            "cat src/a.rs > /dev/null; git reset --hard",
            "git checkout . && npm run gen",
            "echo ready && git reset --hard",
            "for i in 1 2; do git status; done; git reset --hard",
        ],
    );
}

#[test]
fn another_commit_is_not_written_over_untracked_files() {
    let world = world();
    world.file("notes.md", "old\n").file("deep/er/x", "old\n").commit();
    world.git("rm -rq notes.md deep").commit();
    world.all(Silent, &["git reset --hard HEAD~1", "git checkout -f HEAD~1", "git reset --hard HEAD~2"]);
    world.file("notes.md", "mine, in no commit\n");
    world.says("git reset --hard HEAD~1", Ask, &["notes.md"]);
    world.all(Ask, &["git checkout -f HEAD~1", "git checkout HEAD~1 -- notes.md"]);
    world.all(Silent, &["git reset --hard HEAD~2", "git reset --hard HEAD", "git checkout HEAD~1 -- deep"]);
    fs::remove_file(world.project.join("notes.md")).unwrap();
    world.file("deep/er", "a file where a directory was\n");
    world.all(Ask, &["git reset --hard HEAD~1"]);
    world.all(Ask, &["git reset --hard nothing-of-that-name", "git reset --hard $COMMIT"]);
}

#[test]
fn commits_that_leave_the_branch_are_told() {
    let world = world();
    world.file("more", "x").git("add -A").git("commit -q -m Tuesday");
    world.says("git reset --hard HEAD~1", Silent, &["1 commit of main", "Tuesday"]);
    world.git("branch kept");
    assert_eq!(world.judge("git reset --hard HEAD~1").note, None);
}

#[test]
fn conflicts_are_work() {
    let world = world();
    world.git("switch -q -c other").file("src/a.rs", "one\n").commit();
    world.git("switch -q main").file("src/a.rs", "two\n").commit();
    let _ = std::panic::catch_unwind(|| world.git("merge -q other"));
    world.all(Ask, &["git reset --hard", "git checkout -f", "git restore ."]);
}

#[test]
fn cleaning_is_judged_by_what_is_there() {
    let world = world();
    world.file(".gitignore", "*.log\n/dist/\n").commit();
    world.file("a.log", "x").file("dist/x", "x").file("src/b.log", "x");
    world.all(Silent, &["git clean -f", "git clean -fd", "git status; git clean -fd", "git clean -ffd"]);
    world.all(Ask, &["git clean -fdx", "git clean -fX", "touch x; git clean -f"]);
    world.says("git clean -fdx", Ask, &["3 untracked or ignored files", "a.log, dist/, src/b.log"]);
    world.file("src/deep/er/new.rs", "x").file("src/deep/two", "x");
    // Without -d, it doesn't go into directories without tracked files.
    world.all(Silent, &["git clean -f", "git clean -fd docs", "cd docs && git clean -fd"]);
    world.says("git clean -fd", Ask, &["2 untracked files would go: src/deep/"]);
    world.all(Ask, &["git clean -fd src", "git clean -f src/deep", "cd src && git clean -fd"]);
    world.file("docs/new.md", "x");
    world.says("git clean -f", Ask, &["1 untracked file would go: docs/new.md"]);
}

#[test]
fn stashes_are_told() {
    let world = world();
    world.file("src/a.rs", "mine\n").file("new", "x").git("stash push -q -u -m Wednesday");
    world.file("src/b.rs", "mine\n").git("stash push -q -m Thursday");
    world.says("git stash pop", Ask, &["stash@{0} `On main: Thursday`", "1 file,", "of 2 stashes"]);
    world.says("git stash drop stash@{1}", Ask, &["Wednesday", "2 files"]);
    world.says("git stash drop 1", Ask, &["Wednesday"]);
    world.says("git stash clear", Ask, &["2 stashes", "Wednesday", "Thursday"]);
}

#[test]
fn where_there_is_no_stash_none_is_lost() {
    let world = world();
    let commands =
        ["git stash pop", "git stash drop", "git stash clear", "git fetch && git stash pop", "cd src; git stash drop"];
    world.all(Silent, &commands);
    world.file("src/a.rs", "mine\n");
    world.all(
        Ask,
        &[
            "git commit -qam x; git stash pop",
            "git pull --autostash; git stash pop",
            "npm run save; git stash drop",
            "git stash pop; git stash; git stash clear",
            "git --git-dir ../other/.git stash drop",
            "GIT_DIR=../other/.git git stash drop",
            "git -C ../other stash drop",
            "ssh host git stash clear",
        ],
    );
    world.git("stash push -q");
    world.all(Ask, &commands);
    // Kept in the packed references, and without a log.
    world.git("pack-refs --all").all(Ask, &commands);
    fs::remove_file(world.project.join(".git/logs/refs/stash")).expect("a log");
    world.all(Ask, &commands);
}

#[test]
fn a_branch_that_is_in_another_is_not_lost() {
    let world = world();
    world
        .git("branch done")
        .git("switch -q -c open")
        .file("x", "x")
        .git("add -A")
        .git("commit -q -m Friday")
        .git("switch -q main");
    world.all(Silent, &["git branch -D done", "git checkout main && git branch -D done", "git branch -f done HEAD"]);
    world.says("git branch -D open", Ask, &["1 commit in no other branch", "Friday"]);
    world.all(
        Ask,
        &["git branch -D done open", "git branch -D nothing open", "git checkout -B open main", "git switch -C open"],
    );
    world.all(Silent, &["git checkout -B new main", "git switch -C done main"]);
    world.git("branch twin open");
    world.all(Silent, &["git branch -D twin", "git branch -D open"]);
    world.all(
        Ask,
        &[
            "git branch -D twin open",
            "git branch -D twin && git branch -D open",
            "git reset --hard HEAD~1; git branch -D done",
        ],
    );
    world.git("branch -D twin").git("merge -q open");
    world.all(Silent, &["git branch -D open"]);
}

#[test]
fn worktrees_have_a_state_of_their_own() {
    let world = world();
    world.git("worktree add -q ../side -b side");
    world.all(
        Silent,
        &["git worktree remove --force ../side", "git -C ../side reset --hard", "cd ../side && git checkout ."],
    );
    fs::write(world.home.join("side/src/a.rs"), "mine\n").unwrap();
    world.says("git worktree remove --force ../side", Ask, &["1 changed file: src/a.rs"]);
    world.all(Ask, &["git -C ../side reset --hard", "cd ../side && git checkout ."]);
    world.all(Silent, &["git reset --hard", "git checkout ."]);
    fs::write(world.home.join("side/src/a.rs"), "a\n").unwrap();
    fs::write(world.home.join("side/new"), "mine\n").unwrap();
    world.says("git worktree remove --force ../side", Ask, &["1 untracked file: new"]);
}

#[test]
fn another_repository_is_another_one() {
    let world = world();
    world.git("init -q inner").file("inner/x", "x").git_in("inner", "add -A").git_in("inner", "commit -q -m x");
    world.file("inner/x", "mine");
    world.all(Silent, &["git reset --hard", "git -C docs reset --hard"]);
    world.all(
        Ask,
        &["git -C inner reset --hard", "cd inner && git checkout .", "git --git-dir=inner/.git reset --hard"],
    );
    world.all(
        Ask,
        &[
            "GIT_DIR=inner/.git git reset --hard",
            "export GIT_WORK_TREE=inner; git reset --hard",
            "git --work-tree=inner reset --hard",
            "git -c core.worktree=inner reset --hard",
            "git -C $DIR reset --hard",
            "cd $DIR && git reset --hard",
            "cd /nowhere; git reset --hard",
            "ssh host git reset --hard",
        ],
    );
    // A link leads git into the repository behind it.
    world.link("inner", "docs/link");
    assert_eq!(world.judge("cd docs/link && git reset --hard").decision, Ask);
}

#[test]
fn submodules_count() {
    let world = world();
    world.git("init -q ../lib").git_in("../lib", "commit -q --allow-empty -m x");
    fs::write(world.home.join("lib/x"), "x\n").unwrap();
    world.git_in("../lib", "add -A").git_in("../lib", "commit -q -m y");
    world.git("-c protocol.file.allow=always submodule --quiet add ../lib vendor/lib").commit();
    world.all(Silent, &["git reset --hard", "git checkout .", "git -C vendor/lib reset --hard"]);
    world.file("vendor/lib/x", "mine\n");
    world.all(Ask, &["git reset --hard --recurse-submodules", "git -C vendor/lib reset --hard"]);
}

#[test]
fn without_a_commit_everything_is_new() {
    let world = World::new();
    world.git("init -q -b main").file("a", "x").git("add -A");
    world.all(Ask, &["git reset --hard", "git rm -f a"]);
}

#[test]
fn old_and_new_forms_of_the_index() {
    for setup in [
        "config index.version 4",
        "config core.untrackedCache true",
        "config index.skipHash true",
        "config core.splitIndex false",
    ] {
        let world = World::with_git();
        world.git(setup).file("src/a.rs", "a\n").file("src/b.rs", "b\n").commit();
        world.all(Silent, &DISCARD);
        world.file("src/b.rs", "mine\n");
        world.all(Ask, &DISCARD);
    }
    let world = World::with_git();
    world.file("src/a.rs", "a\n").commit().git("gc -q").git("pack-refs --all").git("checkout -q --detach");
    world.all(Silent, &["git reset --hard", "git checkout ."]);
}
