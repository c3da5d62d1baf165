//! Where a path really leads, links followed.

use super::super::{Context, Kind, Place, join, place};

/// The most links that are followed for one path, as Linux has it.
const LINKS: usize = 40;
/// The most names that a path may have on the way.
const NAMES: usize = 512;

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// There is no link on the way: it is what it says.
    Straight,
    /// To this path, through links.
    To(String),
    /// That can't be told: the links go in a circle, or there are too many.
    Nowhere,
}

/// Where a place leads. `last`: its last name is followed too.
pub(super) fn leads(place: &Place, last: bool, context: &Context<'_>) -> Leads {
    let world = context.world;
    // How the project and the home are reached is nobody's surprise.
    let bases = [&world.project, &world.cwd, &world.home];
    let base = bases.into_iter().filter(|base| place::below(&place.path, base)).map(String::len).max().unwrap_or(0);
    if place.dots.is_none() && !has_link(&place.path, base, last, context) {
        return Leads::Straight;
    }
    match named(place.dots.as_deref().unwrap_or(&place.path), last, context) {
        Some(path) if path == place.path => Leads::Straight,
        Some(path) => Leads::To(path),
        None => Leads::Nowhere,
    }
}

/// Whether a link is on the way.
fn has_link(path: &str, base: usize, last: bool, context: &Context<'_>) -> bool {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > base).chain(last.then_some(path.len()));
    for end in ends.filter(|end| *end > base) {
        if !context.budget.pay() {
            // Then following it will find out that it can't be told.
            return true;
        }
        match context.files.stat(&path[..end]) {
            Some(stat) if stat.kind == Kind::Link => return true,
            Some(_) => {}
            None => return false,
        }
    }
    false
}

/// Where a path really leads, by the name that rules know it by: the project is the project, wherever it lies.
pub(super) fn named(path: &str, last: bool, context: &Context<'_>) -> Option<String> {
    let real = real(path, last, context)?;
    let world = context.world;
    let roots = context.rules.places().filter(|place| place.zone.as_str() == "temporary-root");
    let roots = roots.flat_map(|place| place.exact.iter()).map(|exact| exact.as_str());
    let roots = roots.filter(|root| root.starts_with('/') && place::below(path, root));
    let known = [world.project.as_str(), &world.cwd, &world.home].into_iter().chain(roots);
    let mut best: Option<(usize, String)> = None;
    for name in known.filter(|name| !name.is_empty()) {
        let Some(at) = self::real(name, true, context) else { continue };
        if at != "/" && place::below(&real, &at) && best.as_ref().is_none_or(|(length, _)| at.len() > *length) {
            best = Some((at.len(), format!("{name}{}", &real[at.len()..])));
        }
    }
    Some(best.map_or(real, |(_, path)| path))
}

/// Where a path really leads, as the file system goes there. What isn't there is where it would be.
pub(super) fn real(path: &str, last: bool, context: &Context<'_>) -> Option<String> {
    let mut out = root_of(path).to_owned();
    let mut left: Vec<String> = names(path);
    let (mut links, mut missing) = (0, false);
    while let Some(name) = left.pop() {
        if name == ".." {
            let root = root_of(&out).len();
            out.truncate(out.rfind('/').unwrap_or(root).max(root));
            continue;
        }
        let before = out.len();
        out.push('/');
        out.push_str(&name);
        if missing || left.is_empty() && !last {
            continue;
        }
        if !context.budget.pay() {
            return None;
        }
        match context.files.stat(&out) {
            Some(stat) if stat.kind == Kind::Link => {
                links += 1;
                let target = context.files.link(&out)?.replace('\\', "/");
                let target = ["//?/", "/??/"].iter().find_map(|start| target.strip_prefix(start)).unwrap_or(&target);
                out.truncate(before);
                if target.starts_with('/') || target.get(1..3) == Some(":/") {
                    out = root_of(target).to_owned();
                }
                left.extend(names(target));
                if links > LINKS || left.len() > NAMES {
                    return None;
                }
            }
            Some(_) => {}
            None => missing = true,
        }
    }
    Some(if out.is_empty() || out.ends_with(':') { format!("{out}/") } else { out })
}

/// The drive of a path; nothing elsewhere.
fn root_of(path: &str) -> &str {
    match path.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => &path[..2],
        _ => "",
    }
}

/// The names of a path, the first of them last.
fn names(path: &str) -> Vec<String> {
    let rest = &path[root_of(path).len()..];
    let names = rest.split('/').filter(|name| !name.is_empty() && *name != ".");
    names.rev().map(str::to_owned).collect()
}

/// Whether two paths name the very same file or directory, links followed.
pub(super) fn identity(path: &str, context: &Context<'_>) -> Option<(u64, u64)> {
    let real = real(&join("/", path), true, context)?;
    if !context.budget.pay() {
        return None;
    }
    let stat = context.files.stat(&real)?;
    (stat.inode != 0).then_some((stat.device, stat.inode))
}
