//! Containers that a command makes anew: what is in them is scratch, but for what is mounted from elsewhere.

use super::action::{FileAction, Kind, Origin};
use super::argv::Invocation;
use super::reader::{Reader, Scope};
use super::word::Word;
use crate::context::{Place, join};
use crate::read::shared::Shared;
use crate::rules::model::Carrier;
use std::rc::Rc;

/// A directory of a container that isn't its own.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    /// Where it is in the container, absolute.
    target: String,
    /// What it is on this machine; `None`: a volume.
    source: Option<String>,
}

/// Where a container has all of this machine in it, what is seen there with another root may be that:
/// `docker run -v /:/host alpine chroot /host …`.
pub(super) fn rerooted(reroots: bool, mounts: Option<&[Mount]>, scope: &mut Scope) {
    let is_machine = |mount: &Mount| mount.source.as_deref() == Some("/");
    if reroots && mounts.is_some_and(|mounts| mounts.iter().any(is_machine)) {
        scope.origin.elsewhere = false;
        scope.cwd = Some(Rc::from("/"));
    }
}

impl Reader<'_> {
    /// The mounts of the container that this command makes; `None` if they can't be known.
    pub(super) fn mounted(&self, inv: &Invocation, carrier: &Carrier, cwd: Option<&str>) -> Option<Rc<[Mount]>> {
        let mut mounts = Vec::new();
        for given in inv.options.iter().filter(|given| carrier.mounts.iter().any(|name| name.as_str() == given.name)) {
            let text = given.certain.then_some(given.value.as_ref()?.known()?)?;
            let (source, target) = if given.name == "--mount" { by_keys(text)? } else { by_colons(text)? };
            mounts.push(self.mount(source, target, cwd)?);
        }
        let shares = inv.has(&carrier.shares, false);
        (!shares && inv.options.iter().all(|given| given.certain)).then(|| Rc::from(mounts))
    }

    /// The mounts of a container that texts such as `./data:/data` describe; `None` if they can't be known.
    pub(super) fn mounts_of<'t>(&self, texts: impl Iterator<Item = &'t str>, cwd: &str) -> Option<Rc<[Mount]>> {
        let mounts = texts.map(|text| {
            let (source, target) = by_colons(text)?;
            self.mount(source, target, Some(cwd))
        });
        mounts.collect::<Option<Vec<_>>>().map(Rc::from)
    }

    fn mount(&self, source: Option<&str>, target: &str, cwd: Option<&str>) -> Option<Mount> {
        if !target.starts_with('/') {
            return None;
        }
        let source = match source {
            Some(path) if path.contains(['/', '\\', '.', '~']) => {
                // Bash leaves `~:/x` as it is; what stands in front of the colon is meant to be a home all the same.
                let home = path.strip_prefix('~').map(|rest| format!("{}{rest}", self.world.home));
                let path = Word::text(home.unwrap_or_else(|| path.to_owned()));
                let place = Place::resolve(&path, cwd, false, self.world, self.rules);
                Some(place.certain.then_some(place.path)?)
            }
            _ => None,
        };
        Some(Mount { target: join("/", target), source })
    }

    /// Adds an effect on a file of such a container.
    pub(super) fn in_container(&mut self, file: &mut FileAction, mounts: &[Mount], origin: &Shared<Origin>) {
        let path = file.place.path.clone();
        let mut origin = origin.clone();
        let mut scratch = file.place.certain && file.place.zone == "elsewhere" && path.starts_with('/');
        for mount in mounts {
            let inside = rest(&path, &mount.target);
            if inside.is_none() && !(file.recursive && rest(&mount.target, &path).is_some()) {
                continue;
            }
            scratch = false;
            let Some(source) = &mount.source else { continue };
            let mut word = Word::text(format!("{source}{}", inside.unwrap_or_default()));
            if !file.place.certain {
                word.push(super::word::Piece::Name);
            }
            let place = Place::resolve(&word, None, false, self.world, self.rules);
            origin.elsewhere = false;
            self.add(super::action::Action {
                kind: Kind::File(FileAction { place, ..file.clone() }),
                origin: origin.clone(),
            });
            if inside.is_some() {
                return;
            }
        }
        if scratch {
            file.place.zone = "temporary".into();
        }
        origin.elsewhere = true;
        self.add(super::action::Action { kind: Kind::File(file.clone()), origin });
    }
}

/// `source:target[:options]`, `target`.
fn by_colons(text: &str) -> Option<(Option<&str>, &str)> {
    // `C:/data:/data`
    let drive = matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    let skipped = if drive { 2 } else { 0 };
    let Some(end) = text[skipped..].find(':').map(|at| at + skipped) else { return Some((None, text)) };
    let target = text[end + 1..].split(':').next()?;
    Some((Some(&text[..end]), target))
}

/// `type=bind,source=/x,target=/y`
fn by_keys(text: &str) -> Option<(Option<&str>, &str)> {
    let value = |names: &[&str]| {
        let keys = text.split(',').filter_map(|pair| pair.split_once('='));
        keys.filter(|(key, _)| names.contains(key)).map(|(_, value)| value).next()
    };
    Some((value(&["source", "src"]), value(&["target", "destination", "dst"])?))
}

/// What of a path is below a directory.
fn rest<'p>(path: &'p str, dir: &str) -> Option<&'p str> {
    let dir = dir.trim_end_matches('/');
    path.strip_prefix(dir).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}
