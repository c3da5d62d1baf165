//! Pushes: what is dropped from a remote, and from which branch.

use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None as Silent};

/// A project with a remote, on a branch of its own that is pushed.
fn world() -> World {
    let world = World::with_git();
    world.git("init -q --bare -b main ../remote.git").git("remote add origin ../remote.git");
    world.git("push -q -u origin main").git("remote set-head origin main").git("switch -q -c fix");
    world.file("fix", "1").git("add -A").git("commit -q -m Mine").git("push -q -u origin fix");
    world
}

/// A colleague pushes to a branch.
fn colleague(world: &World, branch: &str) {
    world.git("clone -q ../remote.git ../other").git_in("../other", &format!("switch -q {branch}"));
    world
        .git_in("../other", "commit -q --allow-empty -m Theirs")
        .git_in("../other", &format!("push -q origin {branch}"));
}

#[test]
fn a_branch_of_ones_own_is_rewritten_with_a_lease() {
    let world = world();
    world.git("commit -q --amend -m Better");
    world.all(
        Silent,
        &[
            "git push --force-with-lease",
            "git push --force-with-lease origin fix",
            "git push --force-with-lease origin HEAD",
            "git rebase origin/main && git push --force-with-lease",
            "git commit --amend --no-edit && git push --force-with-lease",
        ],
    );
    world.all(
        Ask,
        &[
            "git fetch && git push --force-with-lease",
            "git checkout main; git push --force-with-lease",
            "./x.sh; git push --force-with-lease",
        ],
    );
    world.says("git push --force", Ask, &["1 commit on origin/fix that this push drops", "Mine"]);
}

#[test]
fn what_a_colleague_has_pushed_is_told() {
    let world = world();
    colleague(&world, "fix");
    world.git("commit -q --amend -m Better").git("fetch -q");
    for command in
        ["git push --force-with-lease", "git push --force-with-lease origin fix", "git push -f origin HEAD:fix"]
    {
        world.says(command, Ask, &["2 commits on origin/fix", "Theirs"]);
    }
    assert_eq!(world.judge("git push --force-with-lease --force-if-includes").decision, Silent);
    // Taken over, and rewritten together with it.
    world.git("reset -q --hard origin/fix").git("commit -q --amend --allow-empty -m Ours");
    world.all(Silent, &["git push --force-with-lease", "git push --force-with-lease origin fix"]);
}

#[test]
fn the_default_branch_is_not_forced() {
    let world = world();
    world.git("switch -q main");
    world.all(Deny, &["git push -f", "git push --force origin HEAD", "git push origin +HEAD", "git push -f origin @"]);
    world.all(Ask, &["git push --force-with-lease"]);
    world.all(Silent, &["git push", "git push origin main"]);
    // Whatever the default is called.
    world.git("branch -q special").git("push -q origin special").git("remote set-head origin special");
    world.all(Deny, &["git push -f origin special", "git push origin +fix:special"]);
    world.all(Ask, &["git push --force-with-lease origin special", "git push -f origin fix"]);
}

#[test]
fn another_history_is_denied() {
    let world = world();
    world.git("switch -q --orphan clean").file("x", "x").git("add -A").git("commit -q -m Fresh");
    for command in
        ["git push -f origin clean:fix", "git push --force-with-lease origin HEAD:fix", "git push origin +clean:fix"]
    {
        world.says(command, Deny, &["no commit in common with fix"]);
    }
    world.all(
        Silent,
        &["git push origin clean:fix", "git push -n -f origin clean:fix", "git push --force-with-lease origin fix"],
    );
    // Of a history that was cut off, nothing of the kind is known.
    let path = world.home.join("shallow");
    world.git(&format!(
        "clone -q --depth 1 --no-single-branch file://{}/remote.git {}",
        world.home.display(),
        path.display()
    ));
    let judged = world.judge("git -C ../shallow push -f origin origin/main:fix");
    assert_eq!(judged.decision, Ask, "{}", judged.reason);
}

#[test]
fn all_at_once() {
    let world = world();
    world.git("commit -q --amend -m Better");
    world.says("git push --all --force", Deny, &["origin/fix", "Mine"]);
    world.says("git push --mirror", Deny, &["origin/fix"]);
    world.all(Ask, &["git push --force-with-lease --all"]);
}

#[test]
fn unpushed_commits_are_told_when_a_branch_is_set_back() {
    let world = world();
    world.git("commit -q --allow-empty -m Unpushed");
    world.says("git fetch && git reset --hard origin/fix", Silent, &["1 commit of fix", "Unpushed"]);
    assert_eq!(world.judge("git reset --hard HEAD").note, None);
}

#[test]
fn a_branch_that_is_pushed_may_go() {
    let world = world();
    world.git("switch -q main");
    world.all(Silent, &["git branch -D fix", "git switch main && git pull && git push && git branch -D fix"][..1]);
    // The name on the remote may be gone after this.
    world.all(Ask, &["git fetch -p && git branch -D fix", "git pull --prune; git branch -D fix"]);
    world.git("merge -q fix");
    world.all(Silent, &["git fetch -p && git branch -D fix", "git switch main && git pull && git branch -D fix"]);
}

#[test]
fn a_branch_of_the_remote_that_is_merged_there_may_go() {
    let world = world();
    world.git("push -q origin main:refs/heads/done").git("push -q origin main:refs/heads/also").git("tag v1");
    world.git("push -q origin v1:refs/heads/v1 main:refs/heads/release").git("fetch -q");
    world.all(
        Silent,
        &[
            "git push origin --delete done",
            "git push -d origin done also",
            "git push origin :done",
            "git push origin :refs/heads/done :also",
            "git commit -m x && git push origin --delete done",
        ],
    );
    world.all(
        Ask,
        &[
            "git push origin --delete fix",
            "git push origin --delete done fix",
            "git push origin :done :fix",
            "git push origin --delete nowhere",
            "git push origin --delete \"$BRANCH\"",
            "git push origin --delete done $MORE",
            "git push upstream --delete done",
            "git push ../remote.git --delete done",
            // A tag may be meant.
            "git push origin --delete v1",
            "git push origin :refs/tags/v1",
            "git push --prune origin done",
            "git update-ref refs/remotes/origin/main fix; git push origin --delete fix",
            "git remote set-url origin ../other; git push origin --delete done",
            "git fetch && git push origin --delete done",
        ],
    );
    world.all(Deny, &["git push origin --delete main", "git push origin :main", "git push origin --delete release"]);
    // It is pushed elsewhere than it is fetched from.
    world.git("config remote.origin.pushurl ../another.git");
    world.all(Ask, &["git push origin --delete done"]);
    // Nobody knows which is the default branch.
    world.git("config --unset remote.origin.pushurl").git("remote set-head origin -d");
    world.all(Ask, &["git push origin --delete done"]);
}

#[test]
fn a_branch_of_the_remote_with_commits_of_its_own() {
    let world = world();
    colleague(&world, "fix");
    world.git("switch -q main").git("merge -q fix").git("push -q origin main").git("fetch -q");
    // Merged as it was, and then gone on with.
    world.all(Ask, &["git push origin --delete fix"]);
    world.git("merge -q origin/fix").all(Ask, &["git push origin --delete fix"]);
    world.git("push -q origin main").all(Silent, &["git push origin --delete fix"]);
}
