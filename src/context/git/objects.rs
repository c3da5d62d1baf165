//! Objects: commits, trees, tags, wherever git keeps them.

use super::find::{real, small};
use super::pack::Pack;
use super::{Id, hex};
use crate::context::{Context, Kind as Lies, join};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit as inflate;
use sha1::{Digest, Sha1};
use std::cell::OnceCell;

/// The largest object that is read, in bytes.
pub(super) const MOST: usize = 8 << 20;
/// The longest line of words in front of a loose object.
const HEAD: usize = 32;
/// The most stores that lend each other objects.
const STORES: usize = 8;
/// The most packs that are looked into.
const PACKS: usize = 512;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

/// Where the objects of a repository are.
#[derive(Debug, Default)]
pub(super) struct Objects {
    stores: OnceCell<Vec<String>>,
    packs: OnceCell<Vec<Pack>>,
}

impl Objects {
    /// An object of this kind. `None`: it isn't there, isn't of the kind, is too large, or isn't what its name says.
    pub(super) fn load(&self, id: &Id, kind: Kind, common: &str, context: &Context<'_>) -> Option<Vec<u8>> {
        let (found, data) = self.any(id, common, context)?;
        (found == kind).then_some(data)
    }

    /// An object of any kind.
    pub(super) fn any(&self, id: &Id, common: &str, context: &Context<'_>) -> Option<(Kind, Vec<u8>)> {
        let (kind, data) = self.find(id, common, context, 0)?;
        (digest(kind, &data) == *id).then_some((kind, data))
    }

    fn find(&self, id: &Id, common: &str, context: &Context<'_>, depth: usize) -> Option<(Kind, Vec<u8>)> {
        if !context.budget.pay() || context.budget.is_late() {
            return None;
        }
        for pack in self.packs(common, context) {
            // One that can't be read may lie elsewhere as well.
            if let Some(at) = pack.find(id, context)
                && let Some(found) = pack.object(at, depth, context, &|id, depth| self.find(id, common, context, depth))
            {
                return Some(found);
            }
            if !context.budget.pay() {
                return None;
            }
        }
        let name = hex(id);
        self.stores(common, context)
            .iter()
            .find_map(|store| loose(&format!("{store}/{}/{}", &name[..2], &name[2..]), context))
    }

    /// The one object whose name begins so.
    pub(super) fn beginning(&self, prefix: &str, common: &str, context: &Context<'_>) -> Option<Id> {
        let low = super::id_of(&format!("{prefix:0<40}"))?;
        let high = super::id_of(&format!("{prefix:f<40}"))?;
        let mut found: Vec<Id> = Vec::new();
        for pack in self.packs(common, context) {
            found.extend(pack.between(&low, &high, context)?);
        }
        for store in self.stores(common, context) {
            context.files.list(&format!("{store}/{}", &prefix[..2]), &mut |name, _| {
                if name.starts_with(&prefix[2..]) {
                    found.extend(super::id_of(&format!("{}{name}", &prefix[..2])));
                }
                context.budget.pay()
            });
        }
        found.sort_unstable();
        found.dedup();
        (found.len() == 1 && !context.budget.is_late()).then(|| found[0])
    }

    /// The repository's own folder of objects, and those that it borrows from.
    fn stores(&self, common: &str, context: &Context<'_>) -> &[String] {
        self.stores.get_or_init(|| {
            let mut stores = vec![join(common, "objects")];
            let mut at = 0;
            while at < stores.len() && stores.len() < STORES {
                let store = stores[at].clone();
                at += 1;
                let Some(lines) = small(&format!("{store}/info/alternates"), context) else { continue };
                for line in lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                    if let Some(path) = real(&join(&store, line), context)
                        && !stores.contains(&path)
                    {
                        stores.push(path);
                    }
                }
            }
            stores
        })
    }

    fn packs(&self, common: &str, context: &Context<'_>) -> &[Pack] {
        self.packs.get_or_init(|| {
            let mut packs = Vec::new();
            for store in self.stores(common, context) {
                context.files.list(&format!("{store}/pack"), &mut |name, kind| {
                    if let Some(name) = name.strip_suffix(".idx").filter(|_| kind != Lies::Other) {
                        packs.push(Pack::new(format!("{store}/pack/{name}")));
                    }
                    packs.len() < PACKS && context.budget.pay()
                });
            }
            packs
        })
    }
}

/// The name of an object.
pub(super) fn digest(kind: Kind, data: &[u8]) -> Id {
    let name = match kind {
        Kind::Commit => "commit",
        Kind::Tree => "tree",
        Kind::Blob => "blob",
        Kind::Tag => "tag",
    };
    let mut sha = Sha1::new();
    sha.update(format!("{name} {}\0", data.len()));
    sha.update(data);
    sha.finalize().into()
}

fn loose(path: &str, context: &Context<'_>) -> Option<(Kind, Vec<u8>)> {
    let bytes = context.files.part(path, 0, MOST)?;
    let mut data = inflate(&bytes, MOST + HEAD).ok()?;
    let end = data.iter().take(HEAD).position(|byte| *byte == 0)?;
    let (kind, size) = std::str::from_utf8(&data[..end]).ok()?.split_once(' ')?;
    let kind = match kind {
        "commit" => Kind::Commit,
        "tree" => Kind::Tree,
        "blob" => Kind::Blob,
        "tag" => Kind::Tag,
        _ => return None,
    };
    if size.parse() != Ok(data.len() - end - 1) {
        return None;
    }
    data.drain(..=end);
    Some((kind, data))
}
