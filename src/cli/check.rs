//! `countersign check`: is every policy file right, and does it do what it says?

mod all;
mod warn;

use super::{Here, fail, print};
use crate::context::NoFiles;
use crate::example::{self, PROJECT};
use crate::judge::judge_by;
use crate::policy::Policy;
use crate::policy::date::Day;
use crate::policy::fault::{Fault, Step};
use crate::policy::find::Where;
use crate::policy::layer::{Kind, Layer};
use crate::rules::matching::findings;
use crate::rules::model::Rule;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A layer, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LayerName {
    Managed,
    User,
    Project,
    Local,
}

/// One file that is checked.
struct Checked {
    path: PathBuf,
    text: String,
    layer: Option<Layer>,
}

pub(super) fn run(file: Option<&Path>, layer: Option<LayerName>) -> ExitCode {
    let here = match Here::now() {
        Ok(here) => here,
        Err(why) => return fail(&why),
    };
    match examine(&here, file, layer) {
        Ok(examined) => report(&examined),
        Err(why) => fail(&why),
    }
}

/// What came of it.
pub(super) struct Examined {
    checked: Vec<Checked>,
    pub(super) faults: Vec<Fault>,
    /// What has no effect, or can't work.
    warnings: Vec<Fault>,
    counts: Counts,
}

impl Examined {
    /// How many files there are, the broken ones among them.
    pub(super) fn files(&self) -> usize {
        let unread = self.faults.iter().map(|fault| &fault.file);
        let unread: BTreeSet<&PathBuf> =
            unread.filter(|file| !self.checked.iter().any(|one| one.path == **file)).collect();
        self.checked.len() + unread.len()
    }
}

/// Reads a file, or all that count here, and tries what they expect.
pub(super) fn examine(here: &Here, file: Option<&Path>, layer: Option<LayerName>) -> Result<Examined, String> {
    let mut places = here.places();
    let mut faults = Vec::new();
    let files = match file {
        Some(file) => {
            // Whose file it will be once it is installed doesn't matter to what it says.
            places.owner = None;
            let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            vec![(layer.map_or_else(|| kind_of(&path), LayerName::kind), path)]
        }
        None => places.files(&mut faults),
    };
    let mut checked = Vec::new();
    let mut broken = Vec::new();
    for (kind, path) in files {
        match read(&places, kind, &path) {
            Ok(Some((one, found))) if found.is_empty() => checked.push(one),
            Ok(Some((one, found))) => {
                faults.extend(found);
                broken.push(one);
            }
            Ok(None) if file.is_some() => return Err(format!("there is no {}", path.display())),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    let all: Vec<Layer> = checked.iter().chain(&broken).filter_map(|one| one.layer.clone()).collect();
    for one in &broken {
        if let Some(layer) = &one.layer {
            layer.check_ids(&one.text, &all, &mut faults);
        }
    }
    let layers: Vec<Layer> = checked.iter().filter_map(|one| one.layer.clone()).collect();
    let texts: Vec<_> = checked.iter().map(|one| (one.path.clone(), one.text.as_str())).collect();
    let policy = Policy::new(layers, &texts, faults, Day::today());
    let mut faults = policy.faults.clone();
    let mut counts = Counts::default();
    let mut warnings = Vec::new();
    if faults.is_empty() {
        warnings = warn::warnings(&checked, &policy);
        let policy = as_in_examples(policy);
        for one in &checked {
            counts.add(expected(one, &policy, &mut faults));
        }
    }
    faults.iter_mut().for_each(|fault| all::suggest(fault, crate::rules::builtin()));
    // Of one file, in the order of its lines.
    faults.sort_by(|one, other| (&one.file, one.at).cmp(&(&other.file, other.at)));
    Ok(Examined { checked, faults, warnings, counts })
}

impl LayerName {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Managed => Kind::Managed,
            Self::User => Kind::User,
            Self::Project => Kind::Project,
            Self::Local => Kind::Local,
        }
    }
}

/// Whose policy a file would be where it is: anything that isn't at a known place may say everything.
pub(super) fn kind_of(path: &Path) -> Kind {
    match path.file_name().and_then(|name| name.to_str()) {
        Some("countersign.local.toml") => Kind::Local,
        Some("countersign.toml") if path.parent().is_some_and(|folder| folder.ends_with(".claude")) => {
            let home = crate::hook::home::home().ok().flatten().map(PathBuf::from);
            let own = home.is_some_and(|home| path.parent().and_then(Path::parent) == Some(&home));
            if own { Kind::User } else { Kind::Project }
        }
        _ => Kind::Managed,
    }
}

/// A file, with what is wrong with it.
fn read(places: &Where<'_>, kind: Kind, path: &Path) -> Result<Option<(Checked, Vec<Fault>)>, Fault> {
    let Some(text) = places.text(kind, path)? else { return Ok(None) };
    // What it expects is what it says itself, trusted or not.
    let (layer, faults) = match Layer::read(kind, path, &text, true) {
        Ok(layer) => (Some(layer), Vec::new()),
        Err(first) => match all::faults(kind, path, &text) {
            (found, _) if found.is_empty() => (None, first),
            (found, layer) => (layer, found),
        },
    };
    Ok(Some((Checked { path: path.to_owned(), text, layer }, faults)))
}

/// The same policy where examples are run: a project's relative paths begin at their project.
fn as_in_examples(mut policy: Policy) -> Policy {
    for layer in policy.layers.iter_mut().filter(|layer| layer.kind >= Kind::Project) {
        let name = layer.path.file_name().map(PathBuf::from).unwrap_or_default();
        layer.path = Path::new(PROJECT).join(".claude").join(name);
    }
    policy
}

/// How much was run.
#[derive(Clone, Copy, Default)]
struct Counts {
    expectations: usize,
    examples: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.expectations += other.expectations;
        self.examples += other.examples;
    }
}

/// Runs the expectations of a file and the examples of its rules.
fn expected(one: &Checked, policy: &Policy, faults: &mut Vec<Fault>) -> Counts {
    use Step::{Item, Key};
    let mut counts = Counts::default();
    let Some(layer) = &one.layer else { return counts };
    let mut fault = |steps: &[Step<'_>], what: String| faults.push(Fault::within(&one.path, &one.text, steps, what));
    for (at, table) in layer.file.expect.iter().enumerate() {
        for (text, wanted) in table {
            counts.expectations += 1;
            let steps = [Key("expect"), Item(at), Key(text)];
            match example::call(text, PROJECT) {
                Err(why) => fault(&steps, format!("`{text}`: {why}")),
                Ok(call) => {
                    let got = judge_by(&call, policy, &NoFiles);
                    if got.decision != *wanted {
                        let why = got.reason.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
                        let why = if why.is_empty() { String::new() } else { format!("\n  {}", why.join("\n  ")) };
                        fault(
                            &steps,
                            format!("`{text}` is {}, and should be {}{why}", got.decision.word(), wanted.word()),
                        );
                    }
                }
            }
        }
    }
    for (at, rule) in layer.file.rule.iter().enumerate() {
        for (key, list, should) in [("hits", &rule.hits, true), ("passes", &rule.passes, false)] {
            for text in list {
                counts.examples += 1;
                let steps = [Key("rule"), Item(at), Key(key)];
                match matched(text, rule, policy) {
                    Err(why) => fault(&steps, format!("`{text}`: {why}")),
                    Ok(does) if does != should => {
                        let verb = if should { "doesn't match" } else { "matches" };
                        fault(&steps, format!("rule `{}` {verb} `{text}`, which stands in its `{key}`", rule.id));
                    }
                    Ok(_) => {}
                }
            }
        }
    }
    counts
}

fn matched(text: &str, rule: &Rule, policy: &Policy) -> Result<bool, String> {
    let actions = example::actions(text, example::subject(rule), PROJECT, policy.rules)?;
    let found = |action| {
        findings(action, &actions, policy.rules).iter().any(|finding| finding.rule.id == rule.id && !finding.guessed)
    };
    Ok(actions.iter().any(found))
}

fn report(examined: &Examined) -> ExitCode {
    let Examined { checked, faults, warnings, counts } = examined;
    let mut out = String::new();
    for one in checked {
        let good = !faults.iter().any(|fault| fault.file == one.path);
        let kind = one.layer.as_ref().map_or("", |layer| layer.kind.name());
        let _ = writeln!(out, "{}  {} ({kind})", if good { "ok    " } else { "wrong " }, one.path.display());
    }
    for fault in faults.iter().chain(warnings) {
        let _ = writeln!(out, "{fault}");
    }
    let warned = match warnings.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        count => format!(", {count} warnings"),
    };
    let files = examined.files();
    let _ = match files {
        0 => writeln!(out, "There is no policy file here: the built-in rules count as they are."),
        _ => writeln!(
            out,
            "{files} {}, {} expectations, {} examples, {} wrong{warned}",
            if files == 1 { "file" } else { "files" },
            counts.expectations,
            counts.examples,
            faults.len()
        ),
    };
    print(&out);
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
