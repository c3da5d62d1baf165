//! `countersign install` and `uninstall`: the guard into the client's settings, and out of them.
//!
//! Installing only adds protection, so a script may do it; it doesn't put itself into the place of another program that
//! judges, for which a person has to be there. Uninstalling is a person's to do.

use super::paint::{Paint, Style};
use super::place::{Place, Which};
use super::program::Program;
use super::{Here, doctor, fail, probe, terminal};
use crate::hook::clean::visible;
use crate::judge::Decision;
use crate::settings::Scope;
use crate::settings::edit;
use crate::settings::entries::{Entry, entries};
use crate::settings::file::SettingsFile;
use crate::settings::health::{Health, Level};
use crate::settings::json::parse;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn install(which: Which, dry_run: bool) -> ExitCode {
    ended(installed(which.scope(), dry_run))
}

pub(super) fn uninstall(which: Which, dry_run: bool) -> ExitCode {
    ended(uninstalled(which.scope(), dry_run))
}

fn ended(outcome: Result<(), String>) -> ExitCode {
    outcome.map_or_else(|why| fail(&why), |()| ExitCode::SUCCESS)
}

fn installed(scope: Scope, dry_run: bool) -> Result<(), String> {
    let here = Here::now()?;
    let program = Program::own()?;
    let place = Place::of(scope, &here, !dry_run)?;
    if let Some(why) = program.exposed().filter(|_| scope == Scope::Managed) {
        return Err(format!(
            "{why}, so it can't stand in managed settings: `sudo install -m 755 {} /usr/local/bin/`, and run that",
            program.text
        ));
    }
    let file = place.read().map_err(|fault| fault.to_string())?;
    let new = edit::install(file.text(), &program.text).map_err(|wrong| file.fault(&wrong).to_string())?;
    if file.exists() && new == file.text() {
        let _ = prove(&file, &here)?;
        say(&format!("countersign is already installed in {}: nothing was changed.", place.path.display()));
        return remarks(scope, &program, &here);
    }
    for other in of(file.text()).iter().map(|entry| entry.command().program) {
        replaces(&program, Path::new(&other), dry_run)?;
    }
    diff(&place.path, file.text(), &new);
    if dry_run {
        say("Nothing was written: this is what `countersign install` would change.");
        program.doubts().iter().for_each(|doubt| note(doubt));
        if scope == Scope::Managed {
            administrator();
        }
        return Ok(());
    }
    let behind = file.behind().map_or_else(String::new, |target| format!(" (a link to {})", target.display()));
    let existed = file.exists();
    let change = file.replace(&new).map_err(|error| format!("{}: {error}", place.path.display()))?;
    // Now as the client will find it.
    let proven = place.read().map_err(|fault| fault.to_string()).and_then(|file| {
        let published = if scope == Scope::Managed { file.publish() } else { Ok(()) };
        published.map_err(|error| format!("{}: {error}", place.path.display()))?;
        prove(&file, &here)
    });
    let answer = match proven {
        Ok(Decision::Allow | Decision::None) => "answers as your policy wants it".to_owned(),
        Ok(_) => format!("answers: `{}` is stopped", probe::DESTRUCTIVE),
        Err(why) => {
            let back = match change.undo() {
                Ok(()) => "everything is as it was before".to_owned(),
                Err(error) => {
                    format!("and what was there before can't be put back ({error}): its backup lies beside it")
                }
            };
            return Err(format!("{why}; {back}"));
        }
    };
    let backup = change.keep();
    say(&format!("countersign is installed in {}{behind}, and {answer}.", place.path.display()));
    if existed {
        say(&format!("What was there before is kept in {}.", backup.display()));
    }
    let uninstall = if scope == Scope::User { String::new() } else { format!(" --{}", scope.name()) };
    say(&format!(
        "`countersign uninstall{uninstall}` puts it back. Start new sessions of Claude Code: they are guarded."
    ));
    remarks(scope, &program, &here)
}

/// Another program that judges isn't replaced behind a person's back.
fn replaces(program: &Program, other: &Path, dry_run: bool) -> Result<(), String> {
    if dry_run || !other.is_absolute() || !other.is_file() || program.is(other) {
        return Ok(());
    }
    terminal::objection().map_or(Ok(()), |why| {
        let other = other.display();
        Err(format!("{other} is registered already, and is another program. Replacing it is a person's to do: {why}"))
    })
}

fn of(text: &str) -> Vec<Entry> {
    parse(text).map_or_else(|_| Vec::new(), |root| entries(text, &root))
}

/// Sends calls through what is registered in a file.
fn prove(file: &SettingsFile, here: &Here) -> Result<Decision, String> {
    let all = of(file.text());
    let entry = all.iter().find(|entry| entry.event == "PreToolUse");
    let entry = entry.ok_or_else(|| format!("{} doesn't register it", file.path.display()))?;
    let answer =
        probe::prove(&entry.command(), here).map_err(|why| format!("it was registered and tried, and {why}"))?;
    if answer != Decision::Deny {
        note("the policy here is milder than the built-in rules: `countersign policy` shows it");
    }
    Ok(answer)
}

/// What else a person should know.
fn remarks(scope: Scope, program: &Program, here: &Here) -> Result<(), String> {
    program.doubts().iter().for_each(|doubt| note(doubt));
    if scope == Scope::Project {
        note(&format!(
            "everybody who works on this project needs {}: without it, Claude Code blocks every call of theirs",
            program.text
        ));
    }
    let health = Health::of(&here.settings());
    health.findings.iter().filter(|finding| finding.level == Level::Failure).for_each(|finding| note(&finding.what));
    doctor::client::too_old(here).iter().for_each(|old| note(old));
    if scope == Scope::Managed {
        administrator();
    }
    Ok(())
}

fn uninstalled(scope: Scope, dry_run: bool) -> Result<(), String> {
    if let Some(why) = terminal::objection().filter(|_| !dry_run) {
        return Err(format!("`countersign uninstall` is a person's to run: {why}"));
    }
    let here = Here::now()?;
    let place = Place::of(scope, &here, !dry_run)?;
    let file = place.read().map_err(|fault| fault.to_string())?;
    if !file.exists() || file.text().trim_ascii().is_empty() {
        return Err(format!("there is nothing to take out: {} has no settings", place.path.display()));
    }
    let removal = file.without().map_err(|fault| fault.to_string())?;
    let new = removal.text.as_deref().unwrap_or_default();
    if of(file.text()).is_empty() {
        return Err(format!("{} doesn't register countersign: nothing was changed", place.path.display()));
    }
    diff(&place.path, file.text(), new.strip_prefix('\u{feff}').unwrap_or(new));
    if dry_run {
        say("Nothing was written: this is what `countersign uninstall` would change.");
        return Ok(());
    }
    let question = "Type `uninstall` to have no call judged by it in sessions that begin from now on: ";
    if !terminal::typed(question, "uninstall") {
        return Err("nothing was changed".to_owned());
    }
    file.put(&removal).map_err(|error| format!("{}: {error}", place.path.display()))?;
    let shown = place.path.display();
    match (&removal.text, &removal.backup) {
        (None, _) => say(&format!("{shown} is gone, as it wasn't there before.")),
        (_, Some(_)) => say(&format!("{shown} is what it was before, byte for byte.")),
        (_, None) => {
            say(&format!("countersign is taken out of {shown}; what else has changed there since stays."));
            for backup in file.backups() {
                say(&format!("How it was before is still kept in {}.", backup.display()));
            }
        }
    }
    Ok(())
}

fn diff(path: &Path, old: &str, new: &str) {
    let mut paint = Paint::for_stdout();
    let shown = path.display().to_string();
    let text = similar::TextDiff::from_lines(old, new);
    let text = text.unified_diff().context_radius(3).header(&shown, &shown).to_string();
    for line in text.lines() {
        let style = match line.as_bytes().first() {
            _ if line.starts_with("---") || line.starts_with("+++") => Style::Strong,
            Some(b'+') => Style::Allow,
            Some(b'-') => Style::Deny,
            Some(b'@' | b'\\') => Style::Dim,
            _ => Style::Plain,
        };
        // The carriage returns of a file aren't what changes.
        paint.line(&[(style, line.trim_end_matches('\r'))]);
    }
    paint.print();
}

fn say(text: &str) {
    super::print(&format!("{text}\n"));
}

/// What is an administrator's to decide.
fn administrator() {
    eprint!("\n{}", include_str!("administrator.txt"));
}

fn note(text: &str) {
    eprintln!("countersign: note: {}", visible(text));
}
