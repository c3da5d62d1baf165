//! The policies that calls of the past are judged by: those that count today where they were made, and the same with one
//! file changed.

use super::super::Here;
use super::super::check::kind_of;
use crate::policy::Policy;
use crate::policy::fault::Fault;
use crate::policy::find::Where;
use crate::policy::layer::{Kind, Layer};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// The most policies that differ. What is read of one stays as long as the process, so projects beyond that are judged
/// without files of their own.
const MOST: usize = 256;

/// The policy that counts in a place.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) now: Policy,
    pub(super) changed: Option<Policy>,
}

/// A policy file that is compared.
#[derive(Debug)]
pub(super) struct Change {
    /// The file.
    pub(super) path: PathBuf,
    layer: Layer,
}

impl Change {
    /// Reads it.
    pub(super) fn read(here: &Here, path: &Path, kind: Option<Kind>) -> Result<Self, String> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let kind = kind.unwrap_or_else(|| match kind_of(&path) {
            // Anywhere else, it is somebody's own.
            Kind::Managed => Kind::User,
            kind => kind,
        });
        let mut places = here.places();
        // Whose file it will be once it is installed doesn't matter to what it says.
        places.owner = None;
        let text = places.text(kind, &path).map_err(|fault| fault.to_string())?;
        let Some(text) = text else { return Err(format!("there is no {}", path.display())) };
        let text = &*String::leak(text);
        let told = |faults: Vec<Fault>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let layer = Layer::read_kept(kind, &path, text, true).map_err(told)?;
        // It may speak of rules that files here bring along.
        let mut layers = here.places().policy().layers;
        layers.push(layer.clone());
        let mut faults = Vec::new();
        layer.check_ids(text, &layers, &mut faults);
        if faults.is_empty() { Ok(Self { path, layer }) } else { Err(told(faults)) }
    }

    /// The name of its layer.
    pub(super) fn kind(&self) -> Kind {
        self.layer.kind
    }

    /// Where it would lie.
    fn place(&self, places: &Where<'_>) -> PathBuf {
        let project = places.project.unwrap_or(places.cwd).join(".claude");
        match self.layer.kind {
            Kind::Managed => places.managed.join("countersign.toml"),
            Kind::User => places.home.map_or_else(|| self.path.clone(), |home| home.join(".claude/countersign.toml")),
            Kind::Project => project.join("countersign.toml"),
            Kind::Local => project.join("countersign.local.toml"),
        }
    }

    /// A policy with this file in its place.
    fn on(&self, policy: &Policy, places: &Where<'_>) -> Policy {
        let mut layer = self.layer.clone();
        layer.path = self.place(places);
        let faults = policy.faults.iter().filter(|fault| fault.file != layer.path).cloned().collect();
        let mut layers = policy.layers.clone();
        match layers.iter_mut().find(|other| other.path == layer.path) {
            Some(other) => *other = layer,
            // Drop-ins stand below the file itself.
            None if layer.kind == Kind::Managed => layers.insert(0, layer),
            None => layers.push(layer),
        }
        let mut changed = Policy::new(layers, &[] as &[(PathBuf, &str)], faults, policy.today);
        let mut told: Vec<Fault> = Vec::new();
        changed.faults.retain(|fault| {
            let new = !told.iter().any(|other| other.file == fault.file && other.what == fault.what);
            told.push(fault.clone());
            new
        });
        changed
    }
}

/// All policies that are met.
pub(super) struct Policies<'a> {
    here: &'a Here,
    pub(super) change: Option<Change>,
    known: RefCell<Known>,
}

#[derive(Default)]
struct Known {
    /// By working directory and project.
    places: HashMap<(Arc<str>, Arc<str>), Rc<Pair>>,
    /// By the files that count.
    files: HashMap<Vec<PathBuf>, Rc<Pair>>,
    /// What counts where no more files are read.
    bare: Option<Rc<Pair>>,
}

/// What there is to say about the policies that were met.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Met {
    /// What is wrong with files.
    pub(super) faults: Vec<String>,
    /// There were more projects with policies than are told apart.
    pub(super) too_many: bool,
    /// A policy only observes.
    pub(super) observes: bool,
}

impl Met {
    /// What others have met as well.
    pub(super) fn add(&mut self, other: Self) {
        self.faults.extend(other.faults);
        self.faults.sort_unstable();
        self.faults.dedup();
        self.too_many |= other.too_many;
        self.observes |= other.observes;
    }
}

impl<'a> Policies<'a> {
    pub(super) fn new(here: &'a Here, change: Option<Change>) -> Self {
        Self { here, change, known: RefCell::default() }
    }

    /// The policy that counts in a working directory.
    pub(super) fn of(&self, cwd: &Arc<str>, project: &Arc<str>) -> Rc<Pair> {
        let mut known = self.known.borrow_mut();
        let key = (cwd.clone(), project.clone());
        if let Some(pair) = known.places.get(&key) {
            return pair.clone();
        }
        let pair = self.read(&mut known, cwd, project);
        known.places.insert(key, pair.clone());
        pair
    }

    fn read(&self, known: &mut Known, cwd: &str, project: &str) -> Rc<Pair> {
        let places = Where::here(self.here.home.as_deref(), cwd, Some(project));
        let files = places.files(&mut Vec::new()).into_iter().map(|(_, path)| path);
        let mut files: Vec<PathBuf> = files.filter(|path| fs::symlink_metadata(path).is_ok()).collect();
        files.extend(self.change.as_ref().map(|change| change.place(&places)));
        if let Some(pair) = known.files.get(&files) {
            return pair.clone();
        }
        if known.files.len() >= MOST {
            let bare = || Rc::new(self.pair(&Where::here(self.here.home.as_deref(), "/", None)));
            return known.bare.get_or_insert_with(bare).clone();
        }
        let pair = Rc::new(self.pair(&places));
        known.files.insert(files, pair.clone());
        pair
    }

    fn pair(&self, places: &Where<'_>) -> Pair {
        let now = places.policy();
        let changed = self.change.as_ref().map(|change| change.on(&now, places));
        Pair { now, changed }
    }

    /// What there is to say about those that were met.
    pub(super) fn met(&self) -> Met {
        let known = self.known.borrow();
        let all = || known.files.values().chain(&known.bare);
        let policies = || all().flat_map(|pair| [Some(&pair.now), pair.changed.as_ref()]).flatten();
        let mut faults: Vec<String> = policies().flat_map(|policy| &policy.faults).map(ToString::to_string).collect();
        faults.sort_unstable();
        faults.dedup();
        let observes = policies().any(|policy| policy.only_observes().is_some());
        Met { faults, too_many: known.bare.is_some(), observes }
    }
}
