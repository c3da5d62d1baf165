//! What a push would do to the branches of a remote, as far as is known of them since the last fetch.

use super::asked::Asked;
use super::before::{Stays, stays};
use super::history::Apart;
use super::{Id, Repository, say};
use crate::context::{Context, Seen};
use crate::read::action::Action;
use crate::rules::glob;
use crate::rules::model::Fact;

/// Branches that others build upon, wherever a remote doesn't say which is its default one.
const SHARED: &str =
    "{main,master,develop,development,trunk,production,prod,staging,release,release/*,releases/*,hotfix/*}";
/// The most branches of one push that are looked at.
const MOST: usize = 64;
/// The most entries of a log that are gone through.
const LOG: usize = 512;

/// A branch of a remote that is pushed to.
struct Pushed {
    /// Its name there.
    branch: String,
    /// The local branch that is pushed, by its full name.
    local: Option<String>,
    /// The commit that is pushed; `None`: that isn't known, or the branch is deleted.
    new: Option<Id>,
    /// Where this repository notes what the remote has.
    tracked: Option<String>,
    /// What the remote had there when it was last looked at.
    old: Option<Id>,
}

/// What is seen of a fact about a push.
pub(super) fn look(fact: Fact, action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let (remote, pushed) = asked.pushed(context)?;
    let repository = &asked.repository;
    let shared = |pushed: &&Pushed| repository.is_shared(&remote, &pushed.branch, context);
    let lost = || {
        pushed.iter().filter_map(|pushed| {
            let apart = repository.apart(&[pushed.old?], &[pushed.new?], context)?;
            Some((pushed, apart))
        })
    };
    Some(match fact {
        Fact::DefaultBranch => {
            let names: Vec<&str> = pushed.iter().filter(shared).map(|pushed| pushed.branch.as_str()).collect();
            let says = names.first().map(|name| format!("it goes to `{}` of {}", say::text(name), say::text(&remote)));
            Seen { holds: !names.is_empty(), says }
        }
        Fact::FeatureBranch => {
            let all = !pushed.is_empty() && !pushed.iter().any(|pushed| shared(&pushed));
            let own = pushed.iter().all(|pushed| pushed.local.is_some() && repository.had(pushed, context));
            Seen { holds: all && own && stays(Stays::Remote, action, repository, context), says: None }
        }
        Fact::DropsCommits | Fact::DropsOthers => {
            let others = fact == Fact::DropsOthers;
            let drops = |(pushed, apart): &(&Pushed, Apart)| {
                !(apart.commits.is_empty() || others && repository.had(pushed, context))
            };
            let says: Vec<String> = lost()
                .filter(drops)
                .map(|(pushed, apart)| {
                    let where_ =
                        format!(" on {}/{} that this push drops", say::text(&remote), say::text(&pushed.branch));
                    say::commits(&apart.commits, &where_)
                })
                .collect();
            Seen { holds: !says.is_empty(), says: (!says.is_empty()).then(|| says.join("; ")) }
        }
        Fact::Unrelated => {
            let names: Vec<String> =
                lost().filter(|(_, apart)| !apart.related).map(|(pushed, _)| pushed.branch.clone()).collect();
            let says =
                format!("what is pushed has no commit in common with {} of {}", say::names(&names), say::text(&remote));
            Seen { holds: !names.is_empty(), says: (!names.is_empty()).then_some(says) }
        }
        _ => return None,
    })
}

/// Every branch that is deleted on the remote is known, and was in the default branch there when it was last looked at.
pub(super) fn merged_there(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let repository = &asked.repository;
    let words = asked.words()?;
    let (remote, words) = words.split_first()?;
    if words.is_empty()
        || asked.has(&["--prune", "--mirror", "--all", "--branches", "--tags", "--repo"])
        || repository.config.get(&format!("remote.{remote}.pushurl")).is_some()
    {
        return None;
    }
    let head = repository.names(&format!("refs/remotes/{remote}/HEAD"), context)?;
    let default = repository.reference(&head, context)?;
    let delete = asked.has(&["-d", "--delete"]);
    let is_merged = |word: &&str| {
        let name = if delete { Some(*word) } else { word.trim_start_matches('+').strip_prefix(':') };
        let name = name.map(|name| name.strip_prefix("refs/heads/").unwrap_or(name))?;
        // A tag may be meant.
        let odd = name.starts_with("refs/") || name.contains(':');
        if odd || repository.is_shared(remote, name, context) || repository.has_tag(name, context) {
            return None;
        }
        let tip = repository.reference(&repository.tracks(remote, name)?, context)?;
        repository.apart(&[tip], &[default], context)?.commits.is_empty().then_some(())
    };
    let all = words.iter().all(|word| is_merged(word).is_some());
    Some(Seen { holds: all && stays(Stays::Remote, action, repository, context), says: None })
}

impl Asked<'_> {
    /// The remote and the branches that are pushed to. `None`: that can't be known.
    fn pushed(&self, context: &Context<'_>) -> Option<(String, Vec<Pushed>)> {
        let repository = &self.repository;
        let config = &repository.config;
        let words = self.words()?;
        let head = repository.head_branch(context);
        let current = head.as_deref().and_then(|head| head.strip_prefix("refs/heads/"));
        let of_branch = |key: &str| current.and_then(|name| config.get(&format!("branch.{name}.{key}")));
        let remote = match (words.first(), self.values(&["--repo"])?.last()) {
            (Some(remote), _) | (None, Some(remote)) => (*remote).to_owned(),
            (None, None) => {
                let remote = of_branch("pushremote").or_else(|| config.get("remote.pushdefault"));
                remote.or_else(|| of_branch("remote")).unwrap_or("origin").to_owned()
            }
        };
        let branch = |name: String, new: Option<Id>, local: Option<String>| {
            let tracked = repository.tracks(&remote, &name);
            let old = tracked.as_ref().and_then(|tracked| repository.reference(tracked, context));
            Pushed { branch: name, local, new, tracked, old }
        };
        let mut pushed = Vec::new();
        if self.has(&["--all", "--branches", "--mirror"]) {
            for (full, id) in repository.references("refs/heads/", context)? {
                let name = full.strip_prefix("refs/heads/")?.to_owned();
                pushed.push(branch(name, Some(id), Some(full)));
            }
            // What is only there goes as well.
            let prefix = format!("refs/remotes/{remote}/");
            for full in repository.references(&prefix, context)?.into_keys().filter(|_| self.has(&["--mirror"])) {
                let name = full.strip_prefix(&prefix)?.to_owned();
                if !pushed.iter().any(|pushed| pushed.branch == name) {
                    pushed.push(branch(name, None, None));
                }
            }
        } else if words.len() < 2 {
            // Without a word about it, the branch that is checked out goes to its namesake, or where it came from.
            if !matches!(config.get("push.default"), None | Some("simple" | "current" | "upstream"))
                || config.all(&format!("remote.{remote}.push")).next().is_some()
            {
                return None;
            }
            if self.has(&["--tags"]) && !self.has(&["--follow-tags"]) {
                return None;
            }
            let current = current?;
            let merge = of_branch("merge").filter(|_| of_branch("remote") == Some(remote.as_str()));
            let name = match config.get("push.default") {
                Some("current") => current,
                _ => merge.map_or(Some(current), |merge| merge.strip_prefix("refs/heads/"))?,
            };
            let id = repository.reference(head.as_deref()?, context)?;
            pushed.push(branch(name.to_owned(), Some(id), head.clone()));
        }
        for word in words.iter().skip(1) {
            let word = word.strip_prefix('+').unwrap_or(word);
            let (from, to) = word.split_once(':').map_or((word, None), |(from, to)| (from, Some(to)));
            if from.contains('*') || word == ":" {
                return None;
            }
            let meant = match from {
                "" => None,
                "HEAD" | "@" => head
                    .clone()
                    .map(|head| repository.reference(&head, context).map(|id| (head, id)))
                    .unwrap_or_else(|| repository.meant("HEAD", context)),
                from => repository.meant(from, context),
            };
            let full = meant.as_ref().map(|(full, _)| full.clone());
            let name = match to {
                Some(to) => to.strip_prefix("refs/heads/").unwrap_or(to).to_owned(),
                None => match &full {
                    Some(full) => match full.strip_prefix("refs/heads/") {
                        Some(name) => name.to_owned(),
                        // A tag has its own ways.
                        None if full.starts_with("refs/tags/") => continue,
                        None => return None,
                    },
                    None => return None,
                },
            };
            if name.starts_with("refs/") {
                continue;
            }
            let new = match (&meant, from) {
                (_, "") => None,
                (Some((_, id)), _) => Some(repository.peeled(*id, context)?),
                (None, from) => Some(repository.commit_of(from, context)?),
            };
            let local = full.filter(|full| full.starts_with("refs/heads/"));
            pushed.push(branch(name, new, local));
        }
        (pushed.len() <= MOST).then_some((remote, pushed))
    }
}

impl Repository {
    /// Whether others build upon a branch of a remote: it is its default one, or has the name of such.
    fn is_shared(&self, remote: &str, branch: &str, context: &Context<'_>) -> bool {
        let default = self.names(&format!("refs/remotes/{remote}/HEAD"), context);
        let default = default.as_deref().and_then(|full| full.strip_prefix(&format!("refs/remotes/{remote}/")));
        default == Some(branch) || glob::matches_any_case(SHARED, branch)
    }

    fn has_tag(&self, name: &str, context: &Context<'_>) -> bool {
        self.reference(&format!("refs/tags/{name}"), context).is_some()
    }

    /// Whether what the remote had was in the local branch at some time: what is dropped of it, its owner has dropped.
    fn had(&self, pushed: &Pushed, context: &Context<'_>) -> bool {
        let (Some(old), Some(local)) = (pushed.old, &pushed.local) else { return false };
        if pushed.tracked.is_none() {
            return false;
        }
        let log = self.log(local, context);
        let mut tips: Vec<Id> = pushed.new.into_iter().collect();
        tips.extend(log.iter().take(LOG).map(|logged| logged.id));
        if tips.contains(&old) {
            return true;
        }
        tips.sort_unstable();
        tips.dedup();
        // Commits that were thrown away long ago are no longer there.
        tips.retain(|tip| self.commit(tip, context).is_some());
        self.apart(&[old], &tips, context).is_some_and(|apart| apart.commits.is_empty())
    }
}
