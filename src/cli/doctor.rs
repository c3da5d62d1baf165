//! `countersign doctor`: whether calls are really guarded here, one line for each thing that it depends on.

pub(super) mod client;

use super::check;
use super::paint::{Paint, Style};
use super::probe;
use super::program::Program;
use super::{Here, fail, print};
use crate::judge::Decision;
use crate::settings::Scope;
use crate::settings::entries::{CommandLine, Entry};
use crate::settings::health::{Finding, Health, Level, STATIC, Seen};
use serde::Serialize;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the lines end on a terminal.
const WIDTH: usize = 120;
/// Where the text of a finding begins.
const INDENT: usize = 22;

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    checks: &'a [Finding],
}

pub(super) fn run(json: bool) -> ExitCode {
    let here = match Here::now() {
        Ok(here) => here,
        Err(why) => return fail(&why),
    };
    let findings = examine(&here);
    let ok = findings.iter().all(|finding| finding.level < Level::Failure);
    if json {
        let report = serde_json::to_string_pretty(&Report { ok, checks: &findings });
        print(&(report.unwrap_or_default() + "\n"));
    } else {
        show(&findings);
    }
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn examine(here: &Here) -> Vec<Finding> {
    let mut all = Vec::new();
    let program = Program::own();
    all.push(of_program(&program));
    let health = Health::of(&here.settings());
    if !health.findings.iter().any(|finding| matches!(finding.check, "settings" | "hooks" | "env" | "managed")) {
        all.push(Finding::ok(
            "settings",
            match health.files.len() {
                0 => "there is no settings file here".to_owned(),
                1 => "1 settings file counts here; it doesn't switch hooks off".to_owned(),
                number => format!("{number} settings files count here; none of them switches hooks off"),
            },
        ));
    }
    all.extend(health.findings.iter().cloned());
    if let Ok(program) = &program {
        for seen in &health.files {
            all.extend(
                seen.entries.iter().filter(|entry| entry.event == "PreToolUse").map(|e| tried(seen, e, program, here)),
            );
        }
        all.extend(health.plugins.iter().filter(|plugin| plugin.fault().is_none()).map(|plugin| {
            let line = plugin.launcher().map(|path| path.display().to_string()).unwrap_or_default();
            let line = CommandLine { program: line, arguments: vec!["hook".to_owned()], shell: None };
            answers("plugin", &plugin.name, plugin.binary(), &line, program, here)
        }));
    }
    all.extend(health.files.iter().filter(|seen| seen.judges()).flat_map(missing));
    all.push(client::look(here));
    all.extend(managed(&health));
    all.extend(policy(here));
    all.push(state(here));
    all
}

fn of_program(program: &Result<Program, String>) -> Finding {
    match program {
        Err(why) => Finding::failure("program", why.clone(), "start it by its name, from where it is installed"),
        Ok(program) => match program.doubts().first() {
            None => {
                let linked = if STATIC { ", statically linked" } else { "" };
                Finding::ok("program", format!("{}, version {}{linked}", program.text, env!("CARGO_PKG_VERSION")))
            }
            Some(_) => {
                let fix = "install a static build where only root can write, /usr/local/bin for example (README.md)";
                Finding::warning("program", program.doubts().join("; "), fix)
            }
        },
    }
}

/// Sends calls through an entry of a settings file.
fn tried(seen: &Seen, entry: &Entry, program: &Program, here: &Here) -> Finding {
    let line = entry.command();
    let binary = Some(PathBuf::from(&line.program));
    answers(seen.scope.name(), &seen.path.display().to_string(), binary, &line, program, here)
}

/// Sends calls through a command line, if it is known what that would start: a repository may have written it.
fn answers(
    check: &'static str,
    place: &str,
    binary: Option<PathBuf>,
    line: &CommandLine,
    program: &Program,
    here: &Here,
) -> Finding {
    let Some(binary) = binary else {
        return Finding::failure(check, format!("{place} starts nothing"), "install it again");
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-+.@ ".contains(c);
    let known = line.shell.as_ref().is_none_or(|text| text.chars().all(plain));
    if !binary.is_absolute() || !known || line.arguments != ["hook"] {
        let what = format!("{place} registers it in a way that wasn't tried");
        return Finding::warning(check, what, format!("run `countersign install --{check}` in a terminal"));
    }
    if !program.is(&binary) {
        let what =
            format!("{place} registers {}, which is another program than this; it wasn't tried", binary.display());
        return Finding::warning(check, what, format!("run `{} doctor`", binary.display()));
    }
    match probe::prove(line, here) {
        Ok(Decision::Deny) => {
            Finding::ok(check, format!("registered in {place}; tried, and `{}` is denied", probe::DESTRUCTIVE))
        }
        Ok(milder) => {
            let what =
                format!("registered in {place}, and by the policy here `{}` is {}", probe::DESTRUCTIVE, milder.word());
            Finding::warning(check, what, "see `countersign policy`")
        }
        Err(why) => Finding::failure(
            check,
            format!("{place}: {why}"),
            format!("run `countersign install --{check}` in a terminal"),
        ),
    }
}

/// Events that a settings file doesn't register.
fn missing(seen: &Seen) -> Option<Finding> {
    let has = |event: &str| seen.entries.iter().any(|entry| entry.event == event);
    let mut lacks = Vec::new();
    // Managed settings can't be kept out of a session.
    if !has("ConfigChange") && seen.scope != Scope::Managed {
        lacks.push("ConfigChange: a change of settings in the middle of a session may switch it off");
    }
    if !has("SessionStart") {
        lacks.push("SessionStart: nobody is told when something is wrong with it");
    }
    let what = format!("{} doesn't register {}", seen.path.display(), lacks.join("; nor "));
    let fix = format!("run `countersign install --{}` in a terminal", seen.scope.name());
    (!lacks.is_empty()).then(|| Finding::warning("registered", what, fix))
}

/// What an administrator should have set beside it.
fn managed(health: &Health) -> Option<Finding> {
    let managed: Vec<&Seen> = health.files.iter().filter(|seen| seen.scope == Scope::Managed).collect();
    if !managed.iter().any(|seen| seen.judges()) {
        return None;
    }
    let set = |pointer: &str| managed.iter().any(|seen| seen.settings.pointer(pointer).is_some());
    let keys = [
        ("/requiredMinimumVersion", "requiredMinimumVersion"),
        ("/allowManagedHooksOnly", "allowManagedHooksOnly"),
        ("/permissions/disableBypassPermissionsMode", "permissions.disableBypassPermissionsMode"),
    ];
    let unset: Vec<&str> = keys.into_iter().filter(|(pointer, _)| !set(pointer)).map(|(_, name)| name).collect();
    Some(match unset.is_empty() {
        true => {
            Finding::ok("managed", "managed settings hold against older clients, other hooks and bypassPermissions")
        }
        false => Finding::warning(
            "managed",
            format!("managed settings don't set {}", unset.join(", ")),
            "examples/settings/README.md says what each is for",
        ),
    })
}

fn policy(here: &Here) -> Vec<Finding> {
    let examined = match check::examine(here, None, None) {
        Ok(examined) => examined,
        Err(why) => return vec![Finding::failure("policy", why, "correct it")],
    };
    let fix = "correct it; until then every call is asked about that isn't proven to only read";
    let mut all: Vec<Finding> =
        examined.faults.iter().map(|fault| Finding::failure("policy", fault.to_string(), fix)).collect();
    let policy = here.places().policy();
    if let Some(layer) = policy.only_observes() {
        let what = format!("nothing is stopped, only written down: `observe-only` in {}", layer.path.display());
        all.push(Finding::warning("policy", what, "take `observe-only` out of it once you have seen enough"));
    }
    if all.is_empty() {
        all.push(Finding::ok(
            "policy",
            match examined.files() {
                0 => "no policy file: the built-in rules count as they are".to_owned(),
                1 => "1 policy file, and it does what it says".to_owned(),
                number => format!("{number} policy files, and they do what they say"),
            },
        ));
    }
    all
}

/// Whether what a session remembers can be written down.
fn state(here: &Here) -> Finding {
    const WHERE: &str = ".local/state/countersign";
    let Some(home) = here.home.as_deref() else {
        return Finding::warning("state", "HOME isn't set, so sessions remember nothing", "set HOME");
    };
    let folder = Path::new(home).join(WHERE);
    let there = folder.ancestors().find(|folder| folder.symlink_metadata().is_ok()).unwrap_or(Path::new("/"));
    if there.is_dir() && is_writable(there) {
        if is_full(there) {
            let what = format!(
                "the disk of {} is full, so sessions remember nothing and nothing is recorded",
                there.display()
            );
            return Finding::warning("state", what, "make room on it");
        }
        return Finding::ok("state", format!("{} can be written", folder.display()));
    }
    let what = format!("{} can't be written, so sessions remember nothing and nothing is recorded", folder.display());
    Finding::warning("state", what, format!("make {} a folder that you can write", there.display()))
}

#[cfg(unix)]
fn is_writable(folder: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// Whether nothing more than a few lines has room there.
#[cfg(unix)]
fn is_full(folder: &Path) -> bool {
    rustix::fs::statvfs(folder)
        .is_ok_and(|disk| disk.f_blocks > 0 && disk.f_bavail.saturating_mul(disk.f_frsize) < 16 << 10)
}

#[cfg(not(unix))]
fn is_full(_folder: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn is_writable(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|data| !data.permissions().readonly())
}

fn show(findings: &[Finding]) {
    let mut paint = Paint::for_stdout();
    // In a pipe, a line is a line.
    let width = if std::io::stdout().is_terminal() { WIDTH } else { usize::MAX };
    for finding in findings {
        let (style, word) = match finding.level {
            Level::Ok => (Style::Allow, "ok"),
            Level::Warning => (Style::Ask, "warning"),
            Level::Failure => (Style::Deny, "failure"),
        };
        let (word, check) = (format!("{word:<9}"), format!("{:<13}", finding.check));
        let mut pieces = vec![(style, word.as_str()), (Style::Strong, &check), (Style::Plain, &finding.what)];
        let fix = format!(" → {}", finding.fix);
        if !finding.fix.is_empty() {
            pieces.push((Style::Dim, &fix));
        }
        paint.wrapped(&pieces, INDENT, width);
    }
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let (failures, warnings) = (count(Level::Failure), count(Level::Warning));
    let number = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    paint.line(&[]);
    paint.line(&[(Style::Plain, &format!("{}, {}", number(failures, "failure"), number(warnings, "warning")))]);
    paint.print();
}
