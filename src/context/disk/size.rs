//! How much lies at a path, and how much of it nothing would bring back.

use super::super::git::{self, Repository, State};
use super::super::{Context, Kind, Seen, Stat, thousands};
use super::data::Full;
use super::walk::{Step, walk};
use super::{counted, follows, is_pattern, links, shown, spread, targets};
use crate::read::action::FileAction;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many directories deep it is looked.
const DEPTH: u8 = 64;
/// The most files that are looked at one by one: for their size, and for what git knows of them.
const CLOSELY: u64 = 6_000;
/// The most files that are named.
const NAMED: usize = 3;
const DAY: u64 = 86_400;

/// What lies there.
#[derive(Default)]
struct Amount {
    files: u64,
    bytes: u64,
    /// Files that are in no commit, or not as they are now.
    loose: u64,
    /// Some of them, those first that git wasn't told to leave out.
    named: Vec<String>,
    ignored: Vec<String>,
    /// Not everything was seen.
    more: bool,
    /// Not everything was looked at closely.
    roughly: bool,
    /// There is a repository.
    tracked: bool,
}

/// What is seen of it.
pub(super) fn look(file: &FileAction, context: &Context<'_>) -> Seen {
    let targets = targets(file, context);
    let mut amount = Amount::default();
    let mut tops = 0;
    let mut only = None;
    for path in &targets {
        let path = &if follows(file) { links::real(path, true, context).unwrap_or_default() } else { path.clone() };
        if !context.budget.pay() {
            amount.more = true;
            break;
        }
        let Some(stat) = context.files.stat(path) else { continue };
        tops += 1;
        only = Some(stat);
        let repository = git::repository(path, context);
        amount.tracked |= repository.is_some();
        match stat.kind {
            Kind::Directory if file.recursive => amount.below(path, repository.as_ref(), context),
            Kind::Directory => {}
            Kind::File | Kind::Link | Kind::Other => {
                let top = path.rsplit_once('/').map_or("", |(top, _)| top);
                amount.add(path, top, Some(stat), repository.as_deref(), context);
            }
        }
    }
    let says = if is_pattern(file) {
        let all = spread::spread(&file.place.path, context).all;
        (amount.files > 0).then(|| {
            let many = if all { thousands(tops) } else { format!("more than {}", thousands(tops)) };
            format!("{many} {}: {}", if tops == 1 && all { "match" } else { "matches" }, amount.told())
        })
    } else {
        match only {
            Some(stat) if stat.kind == Kind::File => Some(one(&stat, &amount)),
            Some(stat) if stat.kind == Kind::Directory && file.recursive && amount.files > 0 => Some(amount.told()),
            _ => None,
        }
    };
    Seen { holds: amount.files > 0, says }
}

impl Amount {
    fn below(&mut self, top: &str, repository: Option<&Rc<Repository>>, context: &Context<'_>) {
        let full = Full::new(context);
        // Where packages are installed, all of it is in no commit.
        let mut filled: Vec<String> = Vec::new();
        let all = walk(top, DEPTH, context, &mut |dir, name, kind| {
            let inside = filled.iter().any(|filled| dir.starts_with(filled.as_str()));
            if kind == Kind::Directory {
                if !inside && (full.has(&name.to_ascii_lowercase()) || name == ".git") {
                    filled.push(format!("{dir}/{name}"));
                }
                return Step::Into;
            }
            if self.files >= CLOSELY {
                self.files += 1;
                self.roughly = true;
                return Step::Over;
            }
            let path = format!("{dir}/{name}");
            let stat = context.files.stat(&path);
            let repository = repository.filter(|_| !inside).map(|repository| &**repository);
            self.add(&path, top, stat, repository, context);
            Step::Over
        });
        self.more |= !all;
    }

    fn add(
        &mut self,
        path: &str,
        top: &str,
        stat: Option<Stat>,
        repository: Option<&Repository>,
        context: &Context<'_>,
    ) {
        self.files += 1;
        self.bytes += stat.map_or(0, |stat| stat.size);
        let Some((repository, stat)) = repository.zip(stat) else { return };
        if repository.state(path, &stat, context) == State::Committed {
            return;
        }
        self.loose += 1;
        if self.named.len() < NAMED {
            let ignored = repository.ignores(path, false, context);
            let list = if ignored { &mut self.ignored } else { &mut self.named };
            if list.len() < NAMED {
                list.push(shown(path, top).to_owned());
            }
        }
    }

    /// `1,204 files (3.2 GB), 3 of them changed or in no commit: a.rs, b.rs, c.rs`.
    fn told(&self) -> String {
        let files = counted(self.files, "file", "files");
        let files = if self.more { format!("more than {files}") } else { files };
        let size = if self.more || self.roughly || self.files == 0 {
            String::new()
        } else {
            format!(" ({})", bytes(self.bytes))
        };
        format!("{files}{size}{}", self.loosely())
    }

    fn loosely(&self) -> String {
        if !self.tracked || self.files == 0 {
            return String::new();
        }
        let least = if self.more || self.roughly { "at least " } else { "" };
        match self.loose {
            0 if least.is_empty() => ", all of it in the last commit".to_owned(),
            0 => String::new(),
            loose => {
                let names: Vec<&str> = self.named.iter().chain(&self.ignored).take(NAMED).map(String::as_str).collect();
                let more = if loose > names.len() as u64 { " …" } else { "" };
                let many = if loose == self.files && least.is_empty() {
                    if loose == 1 { "changed or".to_owned() } else { "all of them changed or".to_owned() }
                } else {
                    format!("{least}{} of them changed or", thousands(loose))
                };
                format!(", {many} in no commit: {}{more}", names.join(", "))
            }
        }
    }
}

/// What is told of one file: `3.2 MB, last changed 3 days ago, not as in the last commit`.
fn one(stat: &Stat, amount: &Amount) -> String {
    let mut says = bytes(stat.size);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let age = u64::try_from(stat.modified.0).ok().filter(|then| *then > 0).map(|then| now.saturating_sub(then));
    if let Some(age) = age {
        says = format!("{says}, last changed {}", ago(age));
    }
    match (amount.tracked, amount.loose) {
        (true, 0) => format!("{says}, in the last commit as it is"),
        (true, _) => format!("{says}, changed or in no commit"),
        (false, _) => says,
    }
}

fn ago(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..DAY => (seconds / 3_600, "hour"),
        _ => (seconds / DAY, "day"),
    };
    format!("{} {unit}{} ago", thousands(count), if count == 1 { "" } else { "s" })
}

/// `3.2 GB`, as people count.
fn bytes(count: u64) -> String {
    if count == 1 {
        return "1 byte".to_owned();
    }
    let mut count = count as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if count < 1000.0 {
            return if unit == "bytes" || count >= 100.0 {
                format!("{count:.0} {unit}")
            } else {
                format!("{count:.1} {unit}")
            };
        }
        count /= 1000.0;
    }
    format!("{count:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_count() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(3_200), "3.2 kB");
        assert_eq!(bytes(3_200_000_000), "3.2 GB");
        assert_eq!(bytes(u64::MAX), "18446744.1 TB");
        assert_eq!(ago(30), "just now");
        assert_eq!(ago(3_600), "1 hour ago");
        assert_eq!(ago(3 * DAY), "3 days ago");
    }
}
