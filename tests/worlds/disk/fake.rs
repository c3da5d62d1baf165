//! What this disk can't do: other systems, names that ignore case, mounts without a list of them, answers without end.

use countersign::call::{Call, ToolCall};
use countersign::context::{Files, Kind, Loaded, Stat};
use countersign::judge::Decision::{Ask, Deny, None as Silent};
use countersign::judge::{Judgement, judge_by};
use countersign::policy::Policy;
use std::collections::BTreeMap;

/// A disk in memory.
#[derive(Debug, Default)]
struct Fake {
    /// What lies where: its kind, the device, and where a link leads.
    entries: BTreeMap<String, (Kind, u64, String)>,
    /// Names that differ in case only are one.
    any_case: bool,
    /// The text of `/proc/self/mountinfo`.
    mounts: Option<String>,
}

impl Fake {
    fn add(mut self, path: &str, kind: Kind, device: u64, target: &str) -> Self {
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0 && path.as_bytes()[at - 1] != b':') {
            self.entries.entry(path[..at].to_owned()).or_insert((Kind::Directory, 1, String::new()));
        }
        self.entries.insert(path.to_owned(), (kind, device, target.to_owned()));
        self
    }

    fn key(&self, path: &str) -> String {
        let same = |key: &&String| if self.any_case { key.eq_ignore_ascii_case(path) } else { *key == path };
        self.entries.keys().find(same).cloned().unwrap_or_default()
    }

    fn judge(&self, cwd: &str, home: &str, command: &str) -> Judgement {
        let mut call = Call::new(ToolCall::Bash { command: command.to_owned(), description: None }, cwd);
        call.home = Some(home.to_owned());
        call.project = Some(cwd.to_owned());
        judge_by(&call, &Policy::of(countersign::rules::builtin()), self)
    }
}

impl Files for Fake {
    fn load(&self, path: &str) -> Loaded {
        match &self.mounts {
            Some(text) if path == "/proc/self/mountinfo" => Loaded::Text(text.clone()),
            _ => Loaded::Missing,
        }
    }
    fn names(&self, _dir: &str) -> Option<Vec<String>> {
        Some(Vec::new())
    }
    fn stat(&self, path: &str) -> Option<Stat> {
        let key = self.key(path);
        let (kind, device, _) = self.entries.get(&key)?;
        let inode = self.entries.keys().position(|known| *known == key)? as u64 + 1;
        Some(Stat {
            kind: *kind,
            size: 1,
            device: *device,
            inode,
            modified: (1, 0),
            changed: (1, 0),
            executable: false,
        })
    }
    fn link(&self, path: &str) -> Option<String> {
        self.entries.get(&self.key(path)).map(|(.., target)| target.clone())
    }
    fn list(&self, dir: &str, each: &mut dyn FnMut(&str, Kind) -> bool) -> bool {
        let dir = self.key(dir);
        for (path, (kind, ..)) in &self.entries {
            if let Some((before, name)) = path.rsplit_once('/')
                && before == dir
                && !each(name, *kind)
            {
                break;
            }
        }
        true
    }
}

#[test]
fn a_disk_that_ignores_case() {
    let disk = Fake { any_case: true, ..Fake::default() }
        .add("/mnt/x/CorrectCase/Sub/a", Kind::File, 1, "")
        .add("/mnt/x/content/a", Kind::File, 1, "")
        .add("/home/dev/shop/src/a", Kind::File, 1, "");
    let judge = |command: &str| disk.judge("/home/dev/shop", "/home/dev", command);
    let said =
        judge("mkdir -p /mnt/x/CorrectCase/Sub && cp -r src /mnt/x/CorrectCase/Sub && rm -rf /mnt/x/correctcase");
    assert_eq!(said.decision, Deny, "{}", said.reason);
    assert_eq!(said.rules.first(), Some(&"filesystem.delete-same"), "{:?}", said.rules);
    let said = judge("cd /mnt/x && mkdir Content; rm -rf content");
    assert_eq!((said.decision, said.rules.first()), (Deny, Some(&"filesystem.delete-same")), "{}", said.reason);
    // The project under another name.
    let said = judge("rm -rf /home/dev/SHOP");
    assert!(said.rules.contains(&"filesystem.delete-project"), "{:?}", said.rules);
    let said = judge("rm -rf /HOME/dev");
    assert_eq!(said.decision, Deny, "{:?}", said.rules);
    // With a case of its own, they are two.
    let disk = Fake { any_case: false, ..disk };
    let said = disk.judge("/home/dev/shop", "/home/dev", "cd /mnt/x && mkdir Content; rm -rf content");
    assert!(!said.rules.contains(&"filesystem.delete-same"), "{:?}", said.rules);
}

#[test]
fn mounts_without_a_list_of_them() {
    let disk = Fake::default()
        .add("/Users/dev/shop/share/nas", Kind::Directory, 7, "")
        .add("/Users/dev/shop/share/nas/movie.mkv", Kind::File, 7, "")
        .add("/Users/dev/shop/dist/a", Kind::Directory, 1, "")
        .add("/Users/dev/shop/build/a/b", Kind::Directory, 7, "");
    let judge = |command: &str| disk.judge("/Users/dev/shop", "/Users/dev", command);
    assert!(judge("rm -rf share").rules.contains(&"filesystem.delete-mounted"));
    assert!(judge("rm -rf build").rules.contains(&"filesystem.delete-mounted"));
    assert_eq!(judge("rm -rf dist").decision, Silent);
}

#[test]
fn the_list_of_mounts() {
    let list = "22 1 0:20 / / rw - overlay overlay rw\n\
                31 22 0:31 / /srv/my\\040data/nas rw,relatime shared:1 - nfs4 nas:/export rw\n\
                garbage\n \n- - -\n32 22 0:32 / /home/dev/shop/build/in - tmpfs";
    let disk = Fake { mounts: Some(list.to_owned()), ..Fake::default() }
        .add("/srv/my data/nas", Kind::Directory, 1, "")
        .add("/home/dev/shop/build/in", Kind::Directory, 1, "")
        .add("/home/dev/shop/dist/in", Kind::Directory, 1, "");
    let judge = |command: &str| disk.judge("/home/dev/shop", "/home/dev", command);
    let said = judge("rm -rf '/srv/my data'");
    assert!(said.rules.contains(&"filesystem.delete-mounted"), "{:?}", said.rules);
    assert!(judge("rm -rf build").reason.contains("/home/dev/shop/build/in (tmpfs)"));
    assert_eq!(judge("rm -rf dist").decision, Silent);
}

#[test]
fn junctions_of_windows() {
    let disk = Fake::default().add("C:/Users/dev/shop/node_modules", Kind::Link, 0, r"\\?\C:\Users\dev\Documents").add(
        "C:/Users/dev/Documents/a",
        Kind::File,
        0,
        "",
    );
    let judge = |command: &str| disk.judge("C:/Users/dev/shop", "C:/Users/dev", command);
    let said = judge("rm -rf node_modules");
    assert_eq!(said.decision, Ask, "{:?}", said.rules);
    assert!(said.reason.contains("C:/Users/dev/Documents"), "{}", said.reason);
    assert_eq!(judge("rm -rf node_modules/").decision, Ask);
    assert_eq!(judge("rm -rf dist").decision, Silent);
}

/// A disk on which every directory holds itself, and more files than anybody can count.
#[derive(Debug)]
struct Endless;

impl Files for Endless {
    fn load(&self, _path: &str) -> Loaded {
        Loaded::Unreadable
    }
    fn names(&self, _dir: &str) -> Option<Vec<String>> {
        None
    }
    fn stat(&self, path: &str) -> Option<Stat> {
        let kind = if path.contains("link") { Kind::Link } else { Kind::Directory };
        Some(Stat {
            kind,
            size: u64::MAX,
            device: 1,
            inode: 1,
            modified: (i64::MIN, 0),
            changed: (i64::MIN, 0),
            executable: true,
        })
    }
    fn link(&self, _path: &str) -> Option<String> {
        Some("link/link/../link".to_owned())
    }
    fn list(&self, _dir: &str, each: &mut dyn FnMut(&str, Kind) -> bool) -> bool {
        while each("\u{fffd}", Kind::Directory) && each("x", Kind::File) && each("link", Kind::Link) {}
        true
    }
}

#[test]
fn a_disk_without_end() {
    for command in [
        "rm -rf build",
        "rm -rf */*/*",
        "rm -rf link/x",
        "cp -r */ src",
        "rm -rf src",
        "chown -R a src",
        "cat link",
        "mv * x; mv y x",
    ] {
        let mut call = Call::new(ToolCall::Bash { command: command.to_owned(), description: None }, "/home/dev/shop");
        call.home = Some("/home/dev".to_owned());
        call.project = Some("/home/dev/shop".to_owned());
        let start = std::time::Instant::now();
        let said = judge_by(&call, &Policy::of(countersign::rules::builtin()), &Endless);
        assert!(start.elapsed() < std::time::Duration::from_secs(2), "`{command}`");
        assert!(said.reason.len() < 1_024);
    }
}
