//! No context is read for calls that no rule asks it for.

use crate::kit::{Counting, World};
use countersign::judge::judge_by;
use countersign::policy::Policy;

#[test]
fn everyday_calls_do_not_look_at_the_disk() {
    let world = World::with_git();
    world.file("src/main.rs", "fn main() {}\n").file("package.json", "{}");
    for command in [
        "ls -la",
        "git status",
        "git log --oneline -5 && git diff",
        "cargo build 2>&1 | tail -5",
        "grep -rn main src",
        "git push origin feature",
        "git commit -m 'x'",
        "psql -c 'SELECT 1'",
        "kubectl get pods",
        "terraform validate",
        "docker ps",
    ] {
        let files = Counting::default();
        let _ = judge_by(&world.call(command), &Policy::of(countersign::rules::builtin()), &files);
        assert_eq!(files.0.get(), 0, "`{command}` looked at the disk");
    }
}
