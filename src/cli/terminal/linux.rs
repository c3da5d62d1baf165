//! Who is behind a terminal, as `/proc` tells.

use super::{OF_THE_CLIENT, is_client, started_by};
use std::fs;
use std::path::Path;

/// The most processes above one that are looked at.
const ABOVE: usize = 64;
/// The major numbers of pseudo-terminals, and of `/dev/tty`.
const PSEUDO: std::ops::RangeInclusive<u32> = 136..=143;
const TTY: (u32, u32) = (5, 0);

/// Programs that type into the terminals that they hold, because somebody tells them to: whoever can start them, or talk to
/// them, is as good as a person there.
const TYPISTS: [&str; 22] = [
    "script",
    "expect",
    "autoexpect",
    "unbuffer",
    "empty",
    "tmux",
    "screen",
    "zellij",
    "dtach",
    "abduco",
    "dvtm",
    "socat",
    "ttyd",
    "gotty",
    "node",
    "deno",
    "bun",
    "php",
    "tclsh",
    "wish",
    "emacs",
    "vim",
];
/// The same, with a version in their name.
const VERSIONED: [&str; 6] = ["python", "perl", "ruby", "lua", "tclsh", "pypy"];

/// What `/proc` says of a process.
struct Process {
    parent: u32,
    session: u32,
    terminal: (u32, u32),
}

fn process(id: &str) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in brackets may hold anything, brackets too.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    let device: u32 = fields.next()?.parse::<i32>().ok()?.cast_unsigned();
    Some(Process { parent, session, terminal: ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xf_ff00)) })
}

/// The client, if it is among the processes that this one descends from.
pub(super) fn client_above() -> Option<String> {
    client_from(process("self")?.parent)
}

/// The client, if it is this process or among those that it descends from.
fn client_from(mut id: u32) -> Option<String> {
    for _ in 0..ABOVE {
        if id <= 1 {
            return None;
        }
        let read = |what: &str| fs::read(format!("/proc/{id}/{what}")).unwrap_or_default();
        let command = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
        let environment = read("environ");
        let marked = environment.split(|byte| *byte == 0).any(|entry| {
            OF_THE_CLIENT
                .iter()
                .any(|name| entry.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"=")))
        });
        if marked || is_client(&command) {
            return Some(format!("process {id}, `{}`", command.trim().chars().take(60).collect::<String>()));
        }
        id = process(&id.to_string())?.parent;
    }
    None
}

/// Why something else than a person may type at this terminal.
pub(super) fn typist() -> Option<String> {
    let Some(Process { terminal: own, session, .. }) = process("self") else {
        return Some("/proc can't be read, so nobody can tell who sits at this terminal".to_owned());
    };
    // What is read and what is shown must be the terminal that this process belongs to, not one that was made for it.
    let here = |device: rustix::io::Result<rustix::fs::Stat>| {
        device.is_ok_and(|data| {
            let device = (rustix::fs::major(data.st_rdev), rustix::fs::minor(data.st_rdev));
            device == own || device == TTY
        })
    };
    if own == (0, 0)
        || !here(rustix::fs::fstat(rustix::stdio::stdin()))
        || !here(rustix::fs::fstat(rustix::stdio::stderr()))
    {
        return Some("its terminal isn't the one that it was started from".to_owned());
    }
    if loops_back() {
        return Some("its terminal comes by ssh from this same machine: a person runs it where they sit".to_owned());
    }
    if !PSEUDO.contains(&own.0) {
        return None;
    }
    let number = (own.0 - PSEUDO.start()) * 256 + own.1;
    let mut holders = holders(number);
    if holders.is_empty() {
        // Somebody else's. What has begun this session is likely to hold it, and has a name at least.
        holders.extend(process(&session.to_string()).map(|leader| leader.parent).filter(|id| *id > 1));
    }
    holders.into_iter().find_map(|id| {
        let typist = || {
            name_of(id).map(|name| {
                format!(
                    "its terminal belongs to `{name}`, through which programs can type: a person runs it in a terminal \
                     window, at a console or over ssh, without `{name}` in between"
                )
            })
        };
        client_from(id).map(started_by).or_else(typist)
    })
}

/// The processes that hold the other end of a pseudo-terminal. Those of other users (`sshd`) can't be seen.
fn holders(number: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let Ok(processes) = fs::read_dir("/proc") else { return found };
    let wanted = format!("tty-index:\t{number}");
    for entry in processes.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(open) = fs::read_dir(entry.path().join("fd")) else { continue };
        let holds = open.flatten().any(|file| {
            let leads = fs::read_link(file.path()).unwrap_or_default();
            let master = leads == Path::new("/dev/ptmx") || leads.starts_with("/dev/pts") && leads.ends_with("ptmx");
            let info = || fs::read_to_string(entry.path().join("fdinfo").join(file.file_name())).unwrap_or_default();
            master && info().lines().any(|line| line == wanted)
        });
        if holds {
            found.push(id);
        }
    }
    found
}

/// The name of a process, if it is a program that types for others.
fn name_of(id: u32) -> Option<String> {
    let program = fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
    let program = program.file_name().map(|name| name.to_string_lossy().into_owned());
    let called = fs::read_to_string(format!("/proc/{id}/comm")).ok();
    [program, called].into_iter().flatten().map(|name| plain(&name).to_owned()).find(|name| is_typist(name))
}

/// `tmux: server` and `screen-4.9.0` without what follows.
fn plain(name: &str) -> &str {
    let name = name.trim();
    let end = name.find([':', ' ', '-']).unwrap_or(name.len());
    &name[..end]
}

fn is_typist(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    TYPISTS.contains(&name.as_str()) || VERSIONED.contains(&bare)
}

/// Whether this terminal was opened over ssh from this machine itself: an agent can do that.
fn loops_back() -> bool {
    let mut id = std::process::id();
    for _ in 0..ABOVE {
        if id <= 1 {
            break;
        }
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        for entry in environment.split(|byte| *byte == 0) {
            // Address and port there, address and port here.
            let Some(connection) = entry.strip_prefix(b"SSH_CONNECTION=") else { continue };
            let connection = String::from_utf8_lossy(connection).into_owned();
            let parts: Vec<&str> = connection.split(' ').collect();
            if let [there, _, here, ..] = parts[..]
                && (there == here || there.starts_with("127.") || there == "::1")
            {
                return true;
            }
        }
        let Some(process) = process(&id.to_string()) else { break };
        id = process.parent;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typists_are_known_by_their_names() {
        for name in
            ["script", "tmux: server", "SCREEN", "python3.12", "python3", "expect", "perl5.36.0", "node", "tclsh8.6"]
        {
            assert!(is_typist(plain(name)), "{name}");
        }
        for name in ["gnome-terminal-", "sshd", "kitty", "xterm", "alacritty", "konsole", "bash", "scripty", "login"] {
            assert!(!is_typist(plain(name)), "{name}");
        }
    }
}
