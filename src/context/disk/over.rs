//! What a copy or a move of many files goes over.

use super::super::git::{self, State};
use super::super::{Context, Kind, Seen, Stat, place};
use super::loose::UNSEEN;
use super::walk::{Step, walk};
use super::{counted, is_here, is_pattern, name, shown, targets};
use crate::read::action::{Action, FileAction};
use crate::rules::model::Does;

/// How many directories deep it is looked.
const DEPTH: u8 = 32;
/// The most of a file that is compared, in bytes.
const COMPARED: u64 = 1 << 16;
/// The most files that are named.
const NAMED: usize = 3;

/// What is seen of it.
pub(super) fn look(file: &FileAction, action: &Action, context: &Context<'_>) -> Seen {
    let sources = context
        .siblings(action)
        .filter_map(Action::file)
        .filter(|other| matches!(other.does, Does::Read | Does::Move) && is_here(other));
    let to = &file.place.path;
    let mut found: Vec<String> = Vec::new();
    let mut count = 0;
    let mut goes_over = false;
    let mut lost = |from: &str, to: &str| {
        if count < u64::from(u32::MAX) && is_lost(from, to, context) {
            count += 1;
            found.push(to.to_owned());
            found.truncate(NAMED);
        }
    };
    for source in sources {
        // Whole directories, and all that is like a pattern: of one file that goes over another, that is the point.
        let many = is_pattern(source) || source.place.contents;
        let into = is_directory(to, context);
        let paths = if source.place.contents { entries(&source.place.path, context) } else { targets(source, context) };
        for path in paths {
            let goes = if many || into { format!("{to}/{}", name(&path)) } else { to.clone() };
            match context.files.stat(&path).map(|stat| stat.kind) {
                Some(Kind::Directory) if source.does == Does::Read => {
                    // `cp -r x/. y` copies what is in it.
                    let goes = if source.place.slash && source.place.path == path && !many { to } else { &goes };
                    // Where nothing is, nothing is lost.
                    if context.files.stat(goes).is_none() {
                        continue;
                    }
                    goes_over = true;
                    walk(&path, DEPTH, context, &mut |dir, name, kind| {
                        if kind == Kind::File {
                            let below = shown(dir, &path);
                            let slash = if below.is_empty() { "" } else { "/" };
                            lost(&format!("{dir}/{name}"), &format!("{goes}/{below}{slash}{name}"));
                        }
                        if name == ".git" { Step::Over } else { Step::Into }
                    });
                }
                Some(Kind::File) if many => {
                    goes_over |= context.files.stat(&goes).is_some();
                    lost(&path, &goes);
                }
                _ => {}
            }
        }
    }
    if count == 0 {
        return if goes_over && context.budget.is_spent() { Seen::so(UNSEEN.to_owned()) } else { Seen::default() };
    }
    let names: Vec<&str> = found.iter().map(|path| shown(path, to)).collect();
    let more = if count > names.len() as u64 { " …" } else { "" };
    let files = counted(count, "file that is", "files that are");
    Seen::so(format!("it goes over {files} changed or in no commit: {}{more}", names.join(", ")))
}

fn is_directory(path: &str, context: &Context<'_>) -> bool {
    let leads = super::links::real(path, true, context).and_then(|path| context.files.stat(&path));
    leads.is_some_and(|stat: Stat| stat.kind == Kind::Directory)
}

fn entries(dir: &str, context: &Context<'_>) -> Vec<String> {
    super::spread::spread(&format!("{dir}/*"), context).names.clone()
}

/// Whether something is there that is in no commit, and isn't the same.
fn is_lost(from: &str, to: &str, context: &Context<'_>) -> bool {
    if !context.budget.pay() {
        return false;
    }
    let Some(stat) = context.files.stat(to).filter(|stat| stat.kind == Kind::File) else { return false };
    let Some(repository) = git::repository(to, context) else { return false };
    let loose = match repository.state(to, &stat, context) {
        State::Committed => false,
        State::Changed => true,
        State::Untracked => !repository.ignores(to, false, context),
    };
    loose && place::zone(to, false, context.world, context.rules) != "regenerable" && !is_same(from, to, &stat, context)
}

fn is_same(from: &str, to: &str, stat: &Stat, context: &Context<'_>) -> bool {
    if context.files.stat(from).is_none_or(|other| other.size != stat.size) || stat.size > COMPARED {
        return false;
    }
    let part = |path: &str| context.files.part(path, 0, COMPARED as usize);
    part(from).is_some_and(|from| part(to).is_some_and(|to| from == to))
}
