//! What branches hold that nothing else does.

use super::asked::Asked;
use super::before::{Stays, after, stays};
use super::{Id, Repository, say};
use crate::context::{Context, Seen};
use crate::read::action::Action;

/// Every commit of the branches that would be deleted or moved is in another branch, or in a tag.
pub(super) fn merged(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let repository = &asked.repository;
    let (names, start) = asked.moved()?;
    let folder = if asked.has(&["-r", "--remotes"]) { "refs/remotes/" } else { "refs/heads/" };
    let names: Vec<String> = names.iter().map(|name| format!("{folder}{name}")).collect();
    let mut others = repository.kept_by_others(&names, after(&["fetch", "pull"], action, context), context)?;
    if let Some(start) = start {
        others.push(repository.commit_of(start, context)?);
    }
    let tips: Vec<Id> = names.iter().filter_map(|name| repository.reference(name, context)).collect();
    if tips.is_empty() {
        // There is no such branch: nothing is moved.
        return Some(Seen { holds: stays(Stays::Branches, action, repository, context), says: None });
    }
    let apart = repository.apart(&tips, &others, context)?;
    let holds = apart.commits.is_empty() && stays(Stays::Branches, action, repository, context);
    let says = (!apart.commits.is_empty()).then(|| say::commits(&apart.commits, " in no other branch"));
    Some(Seen { holds, says })
}

/// Commits that no branch names any more once the branch that is checked out is set to another commit.
pub(super) fn leaves(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let repository = &asked.repository;
    let words = asked.words()?;
    let [target] = words.as_slice() else { return None };
    let branch = repository.head_branch(context)?;
    let tip = repository.reference(&branch, context)?;
    let mut others = repository.kept_by_others(std::slice::from_ref(&branch), false, context)?;
    others.push(repository.commit_of(target, context)?);
    let apart = repository.apart(&[tip], &others, context)?;
    let says = (!apart.commits.is_empty()).then(|| {
        let name = branch.strip_prefix("refs/heads/").unwrap_or(&branch);
        say::commits(&apart.commits, &format!(" of {}, in no other branch, would leave it", say::text(name)))
    });
    Some(Seen { holds: !apart.commits.is_empty(), says })
}

impl<'a> Asked<'a> {
    /// The branches that are deleted or moved, and where they are moved to.
    fn moved(&self) -> Option<(Vec<&'a str>, Option<&'a str>)> {
        let words = self.words()?;
        let mut made = self.values(&["-B", "--force-create"])?;
        // `switch -C new start`; `branch -C old new` copies.
        let capital = self.inv.options.iter().filter(|given| given.name == "-C" && given.value.is_some());
        for given in capital {
            made.push(given.value.as_ref()?.known()?);
        }
        let worktree = self.inv.operands.first().and_then(|operand| operand.word.known()) == Some("worktree");
        match (made.as_slice(), words.as_slice()) {
            ([], [_, to]) if self.has(&["-C"]) => Some((vec![to], Some(words[0]))),
            ([], all) if self.has(&["-D", "-d", "--delete"]) && !all.is_empty() => Some((all.to_vec(), None)),
            ([], [name]) if self.has(&["-f", "--force"]) => Some((vec![name], Some("HEAD"))),
            ([], [name, start]) if self.has(&["-f", "--force"]) => Some((vec![name], Some(start))),
            ([name], [_, _, start]) if worktree => Some((vec![name], Some(start))),
            ([name], [_, _]) if worktree => Some((vec![name], Some("HEAD"))),
            ([name], [start]) if !worktree => Some((vec![name], Some(start))),
            ([name], []) => Some((vec![name], Some("HEAD"))),
            _ => None,
        }
    }
}

impl Repository {
    /// What is named by other branches and by tags. Where remotes may be cleared of branches first, only their default
    /// ones count.
    fn kept_by_others(&self, but: &[String], pruned: bool, context: &Context<'_>) -> Option<Vec<Id>> {
        let mut others = Vec::new();
        for folder in ["refs/heads/", "refs/tags/", "refs/remotes/"] {
            let remote = folder == "refs/remotes/";
            let kept = |full: &String| {
                let default = || {
                    let name = full.splitn(4, '/').nth(3);
                    name.is_some_and(|name| matches!(name, "main" | "master" | "develop" | "trunk"))
                };
                !but.contains(full) && (!remote || !pruned || default())
            };
            for (_, id) in self.references(folder, context)?.into_iter().filter(|(full, _)| kept(full)) {
                // A tag may name something else than a commit.
                others.extend(if folder == "refs/tags/" { self.peeled(id, context) } else { Some(id) });
            }
        }
        others.sort_unstable();
        others.dedup();
        Some(others)
    }
}
