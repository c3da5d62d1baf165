//! The hook as a process, called several times in a row.

use crate::kit::World;
use std::io::Write;
use std::process::{Command, Stdio};

/// What the hook answers: the exit code and all that it says.
fn hook(world: &World, session: &str, command: &str) -> (i32, String) {
    let event = serde_json::json!({
        "session_id": session, "cwd": world.project, "permission_mode": "default", "hook_event_name": "PreToolUse",
        "tool_name": "Bash", "tool_input": {"command": command}, "tool_use_id": "t",
    });
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("hook")
        .env_clear()
        .env("HOME", &world.home)
        .env("CLAUDE_PROJECT_DIR", &world.project)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("a pipe").write_all(event.to_string().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().expect("a code"), said)
}

fn store(world: &World) -> std::path::PathBuf {
    world.home.join(countersign::memory::SESSIONS)
}

#[test]
fn two_calls_in_a_row() {
    let world = World::with_git();
    world.git("checkout -q -b feature");
    let (code, said) = hook(&world, "../../s", "git push --force-with-lease");
    assert!(code == 0 && said.contains("\"ask\""), "{said}");
    let (code, said) = hook(&world, "../../s", "git push --force");
    assert!(code == 0 && said.contains("\"ask\"") && said.contains("Before: `git push --force-with-lease`"), "{said}");
    let (_, said) = hook(&world, "another", "git push --force");
    assert!(!said.contains("Before:"), "{said}");
    let names: Vec<_> = std::fs::read_dir(store(&world)).expect("a folder").collect();
    assert_eq!(names.len(), 2);
}

#[test]
fn everyday_calls_leave_nothing_behind() {
    let world = World::with_git();
    for command in ["ls -la", "cargo build", "git push origin feature", "rm -f x.log", "cp a b", "rm -rf node_modules"]
    {
        assert_eq!(hook(&world, "s", command).0, 0, "{command}");
    }
    assert!(!world.home.join(".local").exists());
}

#[test]
fn a_store_that_cannot_be_used_changes_nothing() {
    let world = World::with_git();
    world.git("checkout -q -b feature");
    let path = store(&world);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let check = |what: &str| {
        let (code, said) = hook(&world, "s", "terraform destroy -auto-approve");
        assert!(code == 2 && said.contains("deny"), "{what}: {code} {said}");
        let (code, said) = hook(&world, "s", "mv a b");
        assert!(code == 0 && said.is_empty(), "{what}: {code} {said}");
        let (code, said) = hook(&world, "s", "git push --force");
        assert!(code == 0 && said.contains("\"ask\""), "{what}: {code} {said}");
    };
    std::fs::write(&path, "").expect("a file");
    check("a file");
    std::fs::remove_file(&path).expect("a file");
    std::os::unix::fs::symlink("/dev/full", &path).expect("a link");
    check("a link");
    std::fs::remove_file(&path).expect("a link");
    std::fs::create_dir(&path).expect("a folder");
    let file = world.home.join(countersign::memory::file_of("s"));
    assert!(Command::new("mkfifo").arg(&file).status().expect("mkfifo").success());
    check("a FIFO");
    std::fs::remove_file(&file).expect("a FIFO");
    std::fs::write(&file, b"\xff\x00 {{{{ \n").expect("a file");
    check("garbage");
}

#[test]
fn the_agent_does_not_write_it() {
    let world = World::with_git();
    for command in [
        "rm -rf ~/.local/state/countersign/sessions",
        "rm ~/.local/state/countersign/sessions/*",
        "echo '{}' > ~/.local/state/countersign/sessions/x.jsonl",
        "truncate -s 0 ~/.local/state/countersign/sessions/x.jsonl",
        "mv ~/.local/state/countersign/sessions /tmp/x",
        "chmod 000 ~/.local/state/countersign/sessions",
        "find ~/.local/state/countersign -name '*.jsonl' -delete",
        "ln -sf /dev/null ~/.local/state/countersign/sessions/x.jsonl",
        "cd ~/.local/state/countersign && rm -rf sessions",
    ] {
        let (code, said) = hook(&world, "s", command);
        assert!(code == 2, "`{command}`: {code} {said}");
    }
}
