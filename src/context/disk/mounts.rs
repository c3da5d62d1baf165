//! What is mounted at a path, or below it: deleting there reaches another disk, or another machine.

use super::super::{Context, Kind, Loaded, Seen, place};
use super::walk::{Step, walk};
use super::{follows, links, targets};
use crate::read::action::FileAction;

/// Where Linux lists what is mounted, as the process itself sees it.
const LIST: &str = "/proc/self/mountinfo";
/// How many directories deep a mount is looked for where there is no such list.
const DEPTH: u8 = 3;
/// The most mounts that are told.
const TOLD: usize = 3;

/// What is seen of it.
pub(super) fn look(file: &FileAction, context: &Context<'_>) -> Seen {
    let mut paths = targets(file, context);
    // At what isn't there, nothing is mounted.
    paths.retain(|path| context.files.stat(path).is_some());
    if paths.is_empty() {
        return Seen::default();
    }
    let list = match context.files.load(LIST) {
        Loaded::Text(text) => Some(text),
        Loaded::Missing | Loaded::Unreadable => None,
    };
    for path in paths {
        let Some(real) = links::real(&path, follows(file), context) else { continue };
        let found = match &list {
            Some(list) => listed(list, &real),
            None => by_device(&real, context),
        };
        // A volume that holds `node_modules` holds nothing else.
        let own = |at: &str| at == real && (file.place.zone == "regenerable" || !file.recursive);
        let found: Vec<String> = found
            .into_iter()
            .filter(|(at, _)| !own(at))
            .map(|(at, kind)| if kind.is_empty() { at } else { format!("{at} ({kind})") })
            .collect();
        if !found.is_empty() {
            let more = found.len().saturating_sub(TOLD);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            return Seen::so(format!("mounted there: {}{more}", found[..found.len().min(TOLD)].join(", ")));
        }
    }
    Seen::default()
}

/// The mounts at a path or below it, each with the kind of its file system.
fn listed(list: &str, path: &str) -> Vec<(String, String)> {
    let mount = |line: &str| {
        let (front, back) = line.split_once(" - ")?;
        let at = plain(front.split(' ').nth(4)?);
        place::below(&at, path).then(|| (at, back.split(' ').next().unwrap_or_default().to_owned()))
    };
    list.lines().filter_map(mount).collect()
}

/// Blanks and their like are written as `\040`.
fn plain(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes {
        let code = rest.get(..3).filter(|_| *first == b'\\').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 8).ok()) {
            Some(byte) => {
                out.push(byte);
                bytes = &rest[3..];
            }
            None => {
                out.push(*first);
                bytes = rest;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The first directory below a path that lies on another device.
fn by_device(path: &str, context: &Context<'_>) -> Vec<(String, String)> {
    let Some(device) = context.files.stat(path).filter(|stat| stat.kind == Kind::Directory).map(|stat| stat.device)
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let above =
        path.rsplit_once('/').and_then(|(above, _)| context.files.stat(if above.is_empty() { "/" } else { above }));
    if above.is_some_and(|above| above.device != device) {
        found.push((path.to_owned(), String::new()));
    }
    walk(path, DEPTH, context, &mut |dir, name, kind| {
        if kind != Kind::Directory {
            return Step::Over;
        }
        let path = format!("{dir}/{name}");
        if context.files.stat(&path).is_some_and(|stat| stat.device != device) {
            found.push((path, String::new()));
            return Step::Stop;
        }
        Step::Into
    });
    found
}
