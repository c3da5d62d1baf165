//! Questions that the client drops where nothing is asked: each row was seen to run with the real one, or not to
//! (`tests/realclient/dropped.py`).

use crate::kit::{Counting, World, judged};
use countersign::call::{Call, Mode, ToolCall};
use countersign::judge::{Decision, judge_by};
use countersign::policy::Policy;
use countersign::policy::date::Day;
use countersign::policy::layer::{Kind, Layer};
use std::path::{Path, PathBuf};

/// Is asked about, and writes nothing that the client would see.
const ASKED: &str = "git push --force origin feature";

/// A project with links in it: out of the project, to another place in it, and into its `.git`.
fn linked() -> World {
    let world = World::with_git();
    std::fs::create_dir_all(world.home.join("elsewhere")).expect("a folder");
    world.file("in/f", "x").file("p", "x").link(world.home.join("elsewhere"), "out").link("in", "inner");
    world.link(".git", "l").link("loop", "loop").file("sub/f", "x").link(world.home.join("elsewhere/p"), "held/p");
    world
}

fn in_mode(call: Call, mode: &Mode) -> Decision {
    judged(&Call { mode: mode.clone(), ..call }).decision
}

#[track_caller]
fn each(world: &World, decision: Decision, writes: &[&str]) {
    for write in writes {
        for command in [format!("{ASKED}; {write}"), format!("{write}\n{ASKED}")] {
            let judgement = judged(&Call { mode: Mode::BypassPermissions, ..world.call(&command) });
            assert_eq!(judgement.decision, decision, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
        }
    }
}

#[test]
fn paths_that_look_odd() {
    each(
        &linked(),
        Decision::Deny,
        &[
            "rm -f a~1",
            "rm -f notes~1.md",
            "cp p a~1",
            "cp a~1 p",
            "touch a~1",
            "X=a~1; touch $X",
            "X=a~1; rm -f \"$X\"",
            "echo x > a~1",
            "echo x >> 'a~1'",
            "echo x | tee a~1",
            "sed -i s/a/b/ p~1",
            "sed s/a/b/ p~1",
            "echo x > proof.",
            "echo x > 'proof '",
            "mkdir -p d./x",
            "mkdir -p ...",
            "mkdir -p a/.../b",
            "rm -f x.CON",
            "rm -f x.com1",
            "touch //srv/share/x",
            "rm -f //srv/share/x",
            "echo x >& a~1",
            "echo x &>> a~1",
            "echo x 3> a~1",
            "/usr/bin/touch a~1",
            "nohup touch a~1",
            "if true; then touch a~1; fi",
            "echo x > //srv/share/x",
            "echo x >\"//srv/share/x\"",
            "touch 'ga\u{308}ste'",
            "touch a:b",
            "rm -f /net/host/x",
            "env rm -f a~1",
            "timeout 5 touch a~1",
        ],
    );
}

#[test]
fn names_that_the_client_takes_for_protected_ones() {
    each(
        &linked(),
        Decision::Deny,
        &[
            "touch .git/x",
            "rm -f .GIT/x",
            "rm -f .g\"\"it/x",
            "rm -f .g\\it/x",
            "rm -f '.git /x'",
            "rm -f .git:x",
            "rm -f ~/.config/git/x",
            "rm -f .config/git/x",
            "rm -f .gıt/x",
            "rm -f .hu\u{17f}ky/x",
            "rm -f .g\u{200c}it/x",
            "X=.git; rm -f $X/x",
            "touch .claude/x",
            "rm -f .claude/worktrees/w/.git/x",
            "rm -f .claude/worktrees/w/.claude/x",
            "rm -f .claude/worktrees/../x",
            "rm -f /etc/claude-code/managed-settings.json",
        ],
    );
}

#[test]
fn links_that_lead_elsewhere() {
    each(
        &linked(),
        Decision::Deny,
        &[
            "echo x > out/log",
            "echo x | tee out/log",
            "cp p out/p",
            "cp out/f .",
            "touch out/x",
            "mkdir -p out/x",
            "mkdir -p out/$X",
            "touch l/x",
            "mkdir -p l/x",
            "rm -f l/x",
            "touch loop/x",
            "cd sub && touch ../out/x",
            "cp p out",
            "cp p held",
            "cp p ./held/",
            "cp p sub/../held",
            "mv in/p held",
        ],
    );
}

#[test]
fn what_goes_on_in_the_background() {
    let world = World::with_git();
    for command in ["kubectl delete ns x &", "terraform apply & wait", "terraform apply 2>&1 &\necho started"] {
        assert_eq!(in_mode(world.call(command), &Mode::BypassPermissions), Decision::Deny, "{command}");
        assert_eq!(in_mode(world.call(command), &Mode::Default), Decision::Ask, "{command}");
    }
}

#[test]
fn what_the_client_asks_about_stays_a_question() {
    each(
        &linked(),
        Decision::Ask,
        &[
            "git log HEAD~1",
            "git reset --hard HEAD~1",
            "git rebase HEAD~3",
            "git diff main...feature",
            "go test ./...",
            "psql -c 'drop table x'",
            "psql -c \"delete from x where a > 5.\"",
            "kubectl delete ns x",
            "terraform apply -auto-approve=false",
            "rm -rf data",
            "rm -rf ./data/sub other",
            "rm -f 'a b'",
            "rm -rf \"$BUILD\"",
            "rm -f data/*.log",
            "touch \"$X\"",
            "echo 'Done. Bye.' > log",
            "echo x > log 2>&1",
            "echo x 2> /dev/null >&2",
            "echo x | tee /dev/stderr",
            "curl 'https://example.com/?a=1&b=2'",
            "for i in 1 2; do echo $i && true; done",
            "echo x > inner/log",
            "touch inner/x in/../x",
            "cp p in/",
            "cp p in",
            "cp f held",
            "mkdir -p sub/deep",
            "sed -i 's/foo.$/bar/' p",
            "sed -n '1,3p' p",
            "npm install 'x@~1.2'",
            "echo x > /tmp/log",
            "touch ~/x",
            "cat .gitignore",
            "rm -f .claude/worktrees/w/x",
            "cd .claude/worktrees/w && touch x",
            "git commit -m '画像 & more'",
        ],
    );
    let world = World::with_git();
    world.file(".claude/worktrees/w/f", "x");
    let call = world.call_in(".claude/worktrees/w", "git reset --hard HEAD~1; touch x; rm -f f");
    assert_eq!(in_mode(call, &Mode::BypassPermissions), Decision::Ask);
}

#[test]
fn files_that_are_written_by_tools() {
    let world = linked();
    let at = |path: &str| {
        let path = world.project.join(path).to_str().expect("UTF-8").to_owned();
        world.tool(ToolCall::Write { path, content: "KEY=1".to_owned() }, ".")
    };
    world.file(".env", "KEY=1").file("d./.env", "KEY=1").file("a~1/.env", "KEY=1").file("in/.env", "KEY=1");
    std::fs::write(world.home.join("elsewhere/.env"), "KEY=1").expect("a file");
    for (path, decision) in [
        (".env", Decision::Ask),
        ("inner/.env", Decision::Ask),
        ("d./.env", Decision::Deny),
        ("a~1/.env", Decision::Deny),
        ("out/.env", Decision::Deny),
    ] {
        assert_eq!(in_mode(at(path), &Mode::Default), Decision::Ask, "{path}");
        assert_eq!(in_mode(at(path), &Mode::BypassPermissions), decision, "{path}");
    }
}

#[test]
fn modes_in_which_questions_are_dropped() {
    let world = World::with_git();
    let call = || world.call(&format!("{ASKED}; touch a~1"));
    let unknown = |name: &str| Mode::Other(name.to_owned());
    for mode in [Mode::BypassPermissions, Mode::Auto, Mode::Plan, unknown("yolo"), unknown("")] {
        assert_eq!(in_mode(call(), &mode), Decision::Deny, "{mode:?}");
        assert_eq!(in_mode(world.call(ASKED), &mode), Decision::Ask, "{mode:?}");
    }
    for mode in [Mode::Default, Mode::AcceptEdits, Mode::DontAsk] {
        assert_eq!(in_mode(call(), &mode), Decision::Ask, "{mode:?}");
    }
}

#[test]
fn what_cannot_be_read_is_not_left_to_a_question() {
    let world = World::with_git();
    assert_eq!(in_mode(world.call("rm -rf data 'x"), &Mode::Default), Decision::Ask);
    assert_eq!(in_mode(world.call("rm -rf data 'x"), &Mode::BypassPermissions), Decision::Deny);
}

#[test]
fn what_is_too_much_is_not_left_to_a_question() {
    let world = World::with_git();
    let many = |count: usize| format!("{ASKED}; touch {}", "x ".repeat(count));
    assert_eq!(in_mode(world.call(&many(1_000)), &Mode::BypassPermissions), Decision::Ask);
    assert_eq!(in_mode(world.call(&many(3_000)), &Mode::BypassPermissions), Decision::Deny);
    let many = |count: usize| format!("{ASKED}; {}", "rm -f x; ".repeat(count));
    assert_eq!(in_mode(world.call(&many(500)), &Mode::BypassPermissions), Decision::Ask);
    assert_eq!(in_mode(world.call(&many(3_000)), &Mode::BypassPermissions), Decision::Deny);
}

#[test]
fn the_disk_is_looked_at_only_for_questions_that_may_be_dropped() {
    let world = linked();
    let looks = |command: &str, mode: Mode| {
        let files = Counting::default();
        let call = Call { mode, ..world.call(command) };
        let _ = judge_by(&call, &Policy::of(countersign::rules::builtin()), &files);
        files.0.get()
    };
    assert_eq!(looks("touch out/x; ls", Mode::BypassPermissions), 0, "nothing is asked");
    assert_eq!(looks("kubectl delete ns x; touch out/x", Mode::Default), looks("kubectl delete ns x", Mode::Default));
    assert!(
        looks("kubectl delete ns x; touch out/x", Mode::BypassPermissions)
            > looks("kubectl delete ns x", Mode::Default)
    );
}

#[test]
fn a_policy_adds_places() {
    let world = World::with_git();
    let text = "[[client]]\nprotects = ['vendor/lib']\nwrites = ['mkfifo']\n";
    let layer = Layer::read(Kind::User, Path::new("/p/countersign.toml"), text, true).expect("a policy");
    let policy = Policy::new(vec![layer], &[] as &[(PathBuf, String)], Vec::new(), Day(0));
    let decided = |command: &str| {
        let call = Call { mode: Mode::BypassPermissions, ..world.call(&format!("{ASKED}; {command}")) };
        judge_by(&call, &policy, &countersign::context::Disk).decision
    };
    assert_eq!(decided("touch vendor/lib/x"), Decision::Deny);
    assert_eq!(decided("mkfifo a~1"), Decision::Deny);
    assert_eq!(decided("touch vendor/x"), Decision::Ask);
    assert_eq!(decided("touch .git/x"), Decision::Deny);
}
