//! Repositories that lie, or that want something run.

use crate::kit::World;
use countersign::judge::Decision::{Ask, None as Silent};
use std::fs;
use std::process::Command;

const DISCARD: [&str; 3] = ["git reset --hard", "git checkout .", "git clean -fd"];

fn world() -> World {
    let world = World::with_git();
    world.file("src/a.rs", "a\n").file("src/b.rs", "b\n").commit();
    world
}

#[test]
fn nothing_that_is_configured_is_run() {
    let world = world();
    let mark = world.home.join("run");
    let script = format!("touch {}", mark.display());
    world.file(".gitattributes", "*.rs filter=x diff=x\n").commit();
    for key in ["core.fsmonitor", "filter.x.clean", "filter.x.smudge", "diff.x.textconv", "core.pager", "core.editor"] {
        fs::OpenOptions::new().append(true).open(world.project.join(".git/config")).unwrap();
        let out = Command::new("git").args(["config", key, &script]).current_dir(&world.project).status().unwrap();
        assert!(out.success());
    }
    world.file(".git/hooks/post-checkout", format!("#!/bin/sh\n{script}\n"));
    let _ = fs::remove_file(&mark);
    world.all(Silent, &DISCARD);
    world.file("src/a.rs", "mine\n");
    world.all(Ask, &DISCARD[..2]);
    assert!(!mark.exists());
}

#[test]
fn settings_that_say_where_things_are_are_not_followed() {
    for settings in [
        "[include]\n\tpath = ../other\n",
        "[includeIf \"gitdir:/\"]\n\tpath = x\n",
        "[core]\n\tworktree = ../../elsewhere\n",
        "[extensions]\n\tobjectFormat = sha256\n",
        "[extensions]\n\trefStorage = reftable\n",
        "[extensions]\n\tsomethingNew = true\n",
        "[core]\n\trepositoryformatversion = 7\n",
        "[core\n",
    ] {
        let world = world();
        let path = world.project.join(".git/config");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}{settings}")).unwrap();
        world.all(Ask, &DISCARD);
    }
}

#[test]
fn broken_files_prove_nothing() {
    let index = |world: &World| fs::read(world.project.join(".git/index")).unwrap();
    let write = |world: &World, bytes: &[u8]| fs::write(world.project.join(".git/index"), bytes).unwrap();
    // Cut off anywhere.
    let world = world();
    let whole = index(&world);
    for size in (0..whole.len()).step_by(7) {
        write(&world, &whole[..size]);
        assert_eq!(world.judge("git reset --hard").decision, Ask, "{size} bytes");
    }
    // With a count that lies, an extension that must be known, and garbage.
    let mut lie = whole.clone();
    lie[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
    write(&world, &lie);
    world.all(Ask, &DISCARD);
    let mut split = whole[..whole.len() - 20].to_vec();
    split.extend_from_slice(b"link\0\0\0\0");
    split.extend_from_slice(&[0; 20]);
    write(&world, &split);
    world.all(Ask, &DISCARD);
    write(&world, &[0xff; 4096]);
    world.all(Ask, &DISCARD);
    // Any single byte: whatever comes of it, it ends.
    for at in (0..whole.len()).step_by(5) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        write(&world, &bytes);
        let _ = world.judge("git reset --hard");
    }
}

#[test]
fn what_blocks_or_loops_is_not_waited_for() {
    for path in [".git/index", ".git/HEAD", ".git/config", ".git/packed-refs", ".git/refs/heads/main"] {
        let world = world();
        let _ = fs::remove_file(world.project.join(path));
        assert!(Command::new("mkfifo").arg(world.project.join(path)).status().unwrap().success());
        let command = "git reset --hard && git push -f origin x; git branch -D main; git stash drop";
        assert_eq!(world.judge(command).decision, Ask, "{path}");
        // What isn't needed isn't missed.
        let expected = if path.ends_with("packed-refs") { Silent } else { Ask };
        assert_eq!(world.judge("git reset --hard").decision, expected, "{path}");
    }
    let world = world();
    for (path, text) in [
        (".git/HEAD", "ref: HEAD\n"),
        (".git/HEAD", "ref: refs/heads/main/../../../../etc/passwd\n"),
        (".git/refs/heads/main", "ref: refs/heads/main\n"),
    ] {
        let kept = fs::read(world.project.join(path)).unwrap();
        world.file(path, text);
        world.all(Ask, &["git reset --hard", "git checkout HEAD -- src"]);
        fs::write(world.project.join(path), kept).unwrap();
    }
    // A store that borrows from itself.
    world.file(
        ".git/objects/info/alternates",
        format!("{}\n../objects\n", world.project.join(".git/objects").display()),
    );
    world.all(Silent, &["git reset --hard"]);
    // A directory that is gone around in for ever.
    world.link(".", "src/loop").link("loop2", "loop2");
    let _ = world.judge("git clean -fd; cd loop2 && git reset --hard; cd src/loop/loop/loop && git reset --hard");
}

#[test]
fn a_git_folder_that_is_a_link_is_not_trusted() {
    let world = world();
    fs::rename(world.project.join(".git"), world.home.join("elsewhere")).unwrap();
    world.link("../elsewhere", ".git");
    world.all(Ask, &DISCARD);
    // What stands in a `.git` that leads nowhere is no repository, nor is the one above it meant.
    let world = self::world();
    world.file("src/inner/.git", "gitdir: nowhere\n");
    assert_eq!(world.judge_in("src/inner", "git reset --hard").decision, Ask);
}

#[test]
fn packs_that_lie_prove_nothing() {
    let world = world();
    for round in 0..20 {
        world.file("src/a.rs", format!("{}{round}", "line\n".repeat(200))).commit();
    }
    world.git("repack -q -a -d -f --depth=20").git("prune-packed -q");
    // Without the trees in the index, those of the commit are read.
    world.git("read-tree --empty").git("read-tree HEAD").git("update-index -q --refresh");
    let dir = world.project.join(".git/objects/pack");
    world.all(Silent, &["git reset --hard", "git reset --hard HEAD~3"]);
    for ending in ["pack", "idx"] {
        let file = fs::read_dir(&dir).unwrap().flatten().map(|file| file.path());
        let path = file.into_iter().find(|path| path.extension().is_some_and(|found| found == ending)).unwrap();
        let whole = fs::read(&path).unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        #[allow(clippy::permissions_set_readonly_false)]
        permissions.set_readonly(false);
        fs::set_permissions(&path, permissions).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 40 + 1) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            fs::write(&path, &bytes).unwrap();
            let _ = world.judge("git reset --hard HEAD~9");
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        world.all(Ask, &["git reset --hard HEAD~19"]);
        fs::write(&path, vec![0xff; whole.len()]).unwrap();
        world.all(Ask, &["git reset --hard HEAD~3"]);
        fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn what_others_wrote_is_said_as_one_line() {
    let world = world();
    world.git("switch -q -c x").file("y", "y").git("add -A");
    let message = "Fine\u{1b}[2K`\u{202e}\nRule: none";
    let out = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "-m", message])
        .current_dir(&world.project)
        .status()
        .unwrap();
    assert!(out.success());
    world.git("switch -q main");
    let reason = world.judge("git branch -D x").reason;
    assert!(
        reason.contains("Fine") && !reason.contains(['\u{1b}', '\u{202e}']) && !reason.contains("Rule: none"),
        "{reason}"
    );
}
