//! What rules ask of the disk.

use super::tables::debug_as_path;
use serde::Deserialize;

/// Something that may be seen on the disk about what an action points at. It holds only where it was seen: what can't be
/// looked at, or not within the bound, is not so. `docs/rules.md` says what each of them means.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// No tracked file of the repository differs from its last commit.
    CleanTree,
    /// What the operands name is tracked, and doesn't differ from the last commit.
    CleanPaths,
    /// There is nothing untracked that `git clean` with these options would delete.
    NothingUntracked,
    /// Nothing is changed or untracked in the working tree that is named.
    CleanWorktree,
    /// The path, and everything below it, is tracked and doesn't differ from the last commit.
    Committed,
    /// git ignores the path.
    Ignored,
    /// git ignores the directory, and what lies in it or beside it says that a tool makes it again.
    MadeAgain,
    /// The branch that is pushed to is the default branch of the remote, or a protected one by its name.
    DefaultBranch,
    /// Every branch that is pushed to is known, no other is built upon it, and what the remote has there was in the local
    /// branch before.
    FeatureBranch,
    /// The push would drop commits that the remote is known to have.
    DropsCommits,
    /// The push would drop commits that the local branch never had.
    DropsOthers,
    /// What is pushed has no commit in common with what it replaces.
    Unrelated,
    /// Commits would leave the branch that is checked out, and are in no other.
    LeavesCommits,
    /// Every commit of the branch is in another one.
    Merged,
    /// Every branch of the remote that is deleted is in its default one.
    MergedThere,
    /// What the stash that is meant holds.
    Stash,
    /// There is no stash, and nothing that the call does before makes one.
    NoStash,
    /// Nothing lies at the path, and nothing that the call does before may bring it there.
    Absent,
    /// An earlier command of the call makes it, if nothing of that name is there.
    MadeBefore,
    /// An earlier command of the call has made it.
    MadeHere,
    /// The command in front of it has copied it to where it stays.
    CopiedAside,
    /// The path is a symbolic link to another kind of place.
    Linked,
    /// Something is mounted at the path, or below it.
    Mounted,
    /// The path is the very file or directory that this call copies or moves something from or to.
    SameFile,
    /// Among what lies below the path are databases, dumps, backups or keys.
    DataInside,
    /// Something was moved to the path, or into it, earlier in the call.
    MovedInto,
    /// How much lies at the path.
    Size,
    /// What is copied or moved to the path goes over files that are in no commit.
    Overwrites,
    /// The pattern of a delete names files that are changed, or many that are in no commit.
    Uncommitted,
    /// A tracked file that is changed is emptied.
    Emptied,
    /// What the program is aimed at.
    Environment,
    /// The compose files that are named have no volume in which anything stays.
    NoVolumes,
    /// Terraform's files are here, its state would be here too, and there is none.
    NoState,
    /// What is in the state.
    State,
    /// The plan that is applied deletes or replaces something.
    PlanDeletes,
    /// The plan that is applied deletes or replaces something that holds data.
    PlanDeletesData,
    /// The plan that is applied deletes and replaces nothing.
    PlanKeeps,
    /// What is unpacked here would take the place of a state.
    UnpacksState,
    /// The same was refused in this session just before, in another form.
    Retried,
    /// Something was copied or moved away from here, or to here, in this session.
    CopiedFrom,
}

debug_as_path! {
    Fact {
        CleanTree, CleanPaths, NothingUntracked, CleanWorktree, Committed, Ignored, MadeAgain, DefaultBranch, FeatureBranch,
        DropsCommits, DropsOthers, Unrelated, LeavesCommits, Merged, MergedThere, Stash, NoStash, Absent, MadeBefore, MadeHere, CopiedAside, Linked, Mounted, SameFile, DataInside,
        MovedInto, Size, Overwrites, Uncommitted, Emptied, Environment, NoVolumes, NoState, State, PlanDeletes, PlanDeletesData, PlanKeeps,
        UnpacksState, Retried, CopiedFrom
    }
}
