//! `countersign trust` and `untrust`: a person's consent to what a project's policy loosens.

use super::{Here, fail, print, terminal};
use crate::hook::clean::visible;
use crate::policy::find::Where;
use crate::policy::layer::{Kind, Layer};
use crate::policy::model::Decide;
use crate::policy::trust::Store;
use crate::rules::model::Class;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn trust(file: Option<&Path>) -> ExitCode {
    match granted(file) {
        Ok(text) => print(&text),
        Err(why) => fail(&why),
    }
}

pub(super) fn untrust(file: Option<&Path>) -> ExitCode {
    match withdrawn(file) {
        Ok(text) => print(&text),
        Err(why) => fail(&why),
    }
}

fn granted(file: Option<&Path>) -> Result<String, String> {
    if let Some(why) = terminal::objection() {
        return Err(format!("`countersign trust` is a person's to run: {why}"));
    }
    let here = Here::now()?;
    let home = home(&here)?;
    let places = here.places();
    let mut store = Store::of_home(home);
    let mut done = String::new();
    for (kind, path) in files(file, &places) {
        let Some(text) = places.text(kind, &path).map_err(|fault| fault.to_string())? else {
            if file.is_some() {
                return Err(format!("there is no {}", path.display()));
            }
            continue;
        };
        let layer = Layer::read(kind, &path, &text, true)
            .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        if store.trusts(&path, &text) {
            let _ = writeln!(done, "{} is trusted already, as it is now.", path.display());
            continue;
        }
        // What a repository wrote must not be able to hide itself from whoever reads it.
        eprintln!("{}\n\n{}", visible(&path.to_string_lossy()), visible(text.trim_end()));
        eprintln!("\n{}", loosens(&layer));
        if !terminal::typed("Type `trust` to let it do that for as long as not one byte of it changes: ", "trust") {
            return Err("nothing was changed".to_owned());
        }
        store.trust(&path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
        let saved = store.save(home).map_err(|error| format!("the trust store can't be written: {error}"))?;
        let _ = writeln!(done, "{} is trusted; that is written down in {}.", path.display(), saved.display());
    }
    if done.is_empty() { Err("there is no policy file of a project here".to_owned()) } else { Ok(done) }
}

fn withdrawn(file: Option<&Path>) -> Result<String, String> {
    // Withdrawing is safe, but an agent has no business with what a person has decided.
    if let Some(why) = terminal::objection() {
        return Err(format!("`countersign untrust` is a person's to run: {why}"));
    }
    let here = Here::now()?;
    let home = home(&here)?;
    let mut store = Store::of_home(home);
    let known: Vec<PathBuf> =
        files(file, &here.places()).into_iter().map(|(_, path)| path).filter(|path| store.forget(path)).collect();
    if known.is_empty() {
        return Err("no file here was trusted".to_owned());
    }
    store.save(home).map_err(|error| format!("the trust store can't be written: {error}"))?;
    Ok(known.iter().map(|path| format!("{} is no longer trusted.\n", path.display())).collect())
}

fn home(here: &Here) -> Result<&Path, String> {
    here.home
        .as_deref()
        .map(Path::new)
        .ok_or_else(|| "HOME isn't set, so there is no place for the trust store".to_owned())
}

/// The file that is named, or those of the project here.
fn files(file: Option<&Path>, places: &Where<'_>) -> Vec<(Kind, PathBuf)> {
    match file {
        Some(file) => {
            let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            let local = path.file_name().is_some_and(|name| name == "countersign.local.toml");
            vec![(if local { Kind::Local } else { Kind::Project }, path)]
        }
        None => {
            let mut all = places.files(&mut Vec::new());
            all.retain(|(kind, _)| *kind >= Kind::Project);
            all
        }
    }
}

/// What would count once it is trusted, and doesn't now.
fn loosens(layer: &Layer) -> String {
    let file = &layer.file;
    let mut what = Vec::new();
    let mut count = |number: usize, one: &str, many: &str| match number {
        0 => {}
        1 => what.push(format!("1 {one}")),
        number => what.push(format!("{number} {many}")),
    };
    count(file.except.len(), "exception", "exceptions");
    count(usize::from(file.decide != Decide::default()), "decision about a class or more", "");
    count(file.environments.len(), "name of an environment", "names of environments");
    let mild = file.rule.iter().filter(|rule| rule.class < Class::Disruptive).count();
    count(mild, "rule that lets calls through", "rules that let calls through");
    count(file.rules.len(), "decision about rules", "decisions about rules");
    let tables = file.tables();
    count(tables, "table that says how calls are read", "tables that say how calls are read");
    count(usize::from(file.observe_only.is_some()), "`observe-only`: nothing is stopped at all", "");
    if what.is_empty() {
        return "Trusted or not, it says the same: nothing in it loosens by itself.".to_owned();
    }
    format!("Once it is trusted, these count also where they loosen: {}.", what.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_asked_is_told_what_loosens() {
        let said = |text: &str| {
            let path = Path::new("/home/dev/shop/.claude/countersign.toml");
            loosens(&Layer::read(Kind::Project, path, text, true).expect("a policy"))
        };
        assert!(said("protect = 'infra'").contains("nothing in it loosens"));
        for (text, part) in [
            ("decide.irreversible = 'none'", "a class"),
            ("rules.'git.reset-hard' = 'none'", "1 decision about rules"),
            ("environments.local = 'db'", "environment"),
            ("except = { command = 'x', reason = 'y' }", "1 exception"),
            ("observe-only.until = 2030-01-01", "nothing is stopped"),
            ("rule = { id = 'team.x', class = 'observe', program = 'x', hits = 'x' }", "lets calls through"),
            ("place = { zone = 'temporary', under = '/' }", "how calls are read"),
        ] {
            assert!(said(text).contains(part), "{text}: {}", said(text));
        }
    }
}
