use super::*;
use crate::context::Disk;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A home that is gone when it is dropped.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("countersign-memory-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let home = std::env::temp_dir().join(name);
        fs::create_dir_all(&home).expect("a home");
        Self(home)
    }
    fn recall(&self, session: &str) -> Vec<Entry> {
        recall(self.0.to_str().expect("UTF-8"), session, &Disk)
    }
    fn remember(&self, session: &str, entries: &[Entry]) {
        remember(Some(&self.0), Some(session), entries);
    }
    fn file(&self, session: &str) -> PathBuf {
        self.0.join(file_of(session))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn entry(shown: &str) -> Entry {
    Entry::now(What::Stopped(Stopped { shown: shown.to_owned(), denied: true, ..Stopped::default() }))
}

#[test]
fn what_was_written_is_read_again_in_order() {
    let home = Home::new();
    assert!(home.recall("s").is_empty());
    let copied = Entry::now(What::Copied(Copied {
        from: vec!["/a".to_owned()],
        to: vec!["/b".to_owned()],
        ..Copied::default()
    }));
    home.remember("s", &[entry("one"), copied.clone()]);
    home.remember("s", &[entry("two")]);
    assert_eq!(home.recall("s"), [entry("one"), copied, entry("two")]);
    assert!(home.recall("another").is_empty());
    home.remember("s", &[]);
    remember(None, Some("s"), &[entry("x")]);
    remember(Some(&home.0), None, &[entry("x")]);
    assert_eq!(home.recall("s").len(), 3);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.remember("s", &[entry("one")]);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&home.file("s")), 0o600);
    assert_eq!(mode(&home.0.join(SESSIONS)), 0o700);
}

#[test]
fn the_name_of_a_session_leads_nowhere() {
    for session in ["../../../etc/passwd", "/etc/passwd", "", "a\0b", "a/b", ".", "ſ", &"x".repeat(100_000)] {
        let file = file_of(session);
        let name = file.strip_prefix(SESSIONS).and_then(|rest| rest.strip_prefix('/')).expect("below the folder");
        assert!(name.len() < 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'), "{name}");
    }
    assert_ne!(file_of("a"), file_of("b"));
}

#[test]
fn damaged_lines_are_passed_over() {
    let home = Home::new();
    home.remember("s", &[entry("one")]);
    let path = home.file("s");
    let good = fs::read(&path).expect("a file");
    let mut bytes = b"\xff\xfe garbage\n{\"v\":1}\n{}\n[1]\nnull\n{\"v\":2,\"time\":1,\"what\":\"stopped\"}\n".to_vec();
    bytes.extend(std::iter::repeat_n(b'{', 5_000));
    bytes.push(b'\n');
    bytes.extend(&good);
    bytes.extend(&good[..good.len() / 2]);
    fs::write(&path, &bytes).expect("a file");
    assert_eq!(home.recall("s"), [entry("one")]);
    // What is added behind a torn line isn't torn with it.
    home.remember("s", &[entry("two")]);
    assert_eq!(home.recall("s"), [entry("one"), entry("two")]);
    // Another version's.
    let other = String::from_utf8_lossy(&good).replace("\"v\":1", "\"v\":2");
    fs::write(&path, other).expect("a file");
    assert!(home.recall("s").is_empty());
}

#[test]
fn what_is_old_is_forgotten_and_what_lies_in_the_future_is_new() {
    let home = Home::new();
    let What::Stopped(stopped) = entry("x").what else { unreachable!() };
    let at = |time| Entry::at(time, What::Stopped(stopped.clone()));
    home.remember("s", &[at(0), at(now() - LASTS - 5), at(now() + 1_000_000), at(u64::MAX)]);
    let ages: Vec<u64> = home.recall("s").iter().map(Entry::age).collect();
    assert_eq!(ages, [0, 0]);
}

#[test]
fn it_stays_small() {
    let home = Home::new();
    for at in 0..600 {
        let long = format!("{at} {}", "x".repeat(400));
        home.remember("s", &[entry(&long)]);
        let size = fs::metadata(home.file("s")).expect("a file").len();
        assert!(size <= CAP, "{size}");
        // The newest is always among what is known.
        let known = home.recall("s");
        assert!(matches!(&known.last().expect("one").what, What::Stopped(stopped) if stopped.shown == long));
    }
    assert!(home.recall("s").len() > 20);
    // An entry that is too long isn't written, and no call writes more than its share.
    let before = home.recall("s").len();
    home.remember("s", &[entry(&"x".repeat(10_000))]);
    assert_eq!(home.recall("s").len(), before);
    home.remember("t", &vec![entry("y"); 100]);
    assert_eq!(home.recall("t").len(), CALL);
}

#[test]
fn sessions_that_are_over_are_dropped() {
    let home = Home::new();
    for at in 0..FILES + 20 {
        home.remember(&format!("s{at}"), &[entry("x")]);
    }
    let count = || fs::read_dir(home.0.join(SESSIONS)).expect("a folder").count();
    assert!(count() <= FILES, "{}", count());
    assert_eq!(home.recall(&format!("s{}", FILES + 19)).len(), 1);
    let old = home.file(&format!("s{}", FILES + 18));
    let file = OpenOptions::new().write(true).open(&old).expect("a file");
    file.set_modified(SystemTime::now() - KEPT - Duration::from_secs(60)).expect("a time");
    fs::write(home.0.join(SESSIONS).join("notes.txt"), "not ours").expect("a file");
    home.remember("new", &[entry("x")]);
    assert!(!old.exists() && home.0.join(SESSIONS).join("notes.txt").exists());
}

#[test]
fn parallel_calls_do_not_tear_each_others_lines() {
    let home = Home::new();
    home.remember("s", &[entry("first")]);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let home = &home;
            scope.spawn(move || (0..20).for_each(|at| home.remember("s", &[entry(&format!("{thread}-{at}"))])));
        }
    });
    let known = home.recall("s");
    assert_eq!(known.len(), 161);
    for thread in 0..8 {
        for at in 0..20 {
            assert!(known.contains(&entry(&format!("{thread}-{at}"))) || known.iter().any(|known| matches!(&known.what, What::Stopped(stopped) if stopped.shown == format!("{thread}-{at}"))));
        }
    }
    // Also while room is made: lines may be lost then, none is torn.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let home = &home;
            scope.spawn(move || (0..100).for_each(|_| home.remember("s", &[entry(&"z".repeat(600))])));
        }
    });
    let bytes = fs::read(home.file("s")).expect("a file");
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        assert!(serde_json::from_slice::<Entry>(line).is_ok(), "{}", String::from_utf8_lossy(line));
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_of_its_own_is_left_alone() {
    let home = Home::new();
    home.remember("s", &[entry("one")]);
    let path = home.file("s");
    let elsewhere = home.0.join("elsewhere");
    fs::write(&elsewhere, "precious\n").expect("a file");
    // A link.
    fs::remove_file(&path).expect("a file");
    std::os::unix::fs::symlink(&elsewhere, &path).expect("a link");
    home.remember("s", &[entry("two")]);
    assert!(home.recall("s").is_empty() && fs::read_to_string(&elsewhere).expect("a file") == "precious\n");
    // A FIFO: nobody waits.
    fs::remove_file(&path).expect("a link");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    home.remember("s", &[entry("two")]);
    assert!(home.recall("s").is_empty());
    // A directory.
    fs::remove_file(&path).expect("a FIFO");
    fs::create_dir(&path).expect("a directory");
    home.remember("s", &[entry("two")]);
    assert!(home.recall("s").is_empty());
    // A file that others may write.
    fs::remove_dir(&path).expect("a directory");
    fs::write(&path, "").expect("a file");
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).expect("a mode");
    home.remember("s", &[entry("two")]);
    assert_eq!(fs::metadata(&path).expect("it").len(), 0);
    // A home that is a file, and none at all.
    remember(Some(&elsewhere), Some("s"), &[entry("two")]);
    remember(Some(Path::new("/nonexistent/home")), Some("s"), &[entry("two")]);
    assert!(recall("/nonexistent/home", "s", &Disk).is_empty());
}

/// Whoever holds the lock for ever stops neither what is remembered nor the bound.
#[test]
#[cfg(unix)]
fn a_lock_that_is_never_given_back_loses_nothing() {
    let home = Home::new();
    let two = [entry("one"), entry("two")];
    home.remember("s", &two[..1]);
    let held = fs::File::open(home.file("s")).expect("a file");
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).expect("a lock");
    home.remember("s", &two[1..]);
    assert_eq!(home.recall("s"), two);
    let text = fs::read(home.file("s")).expect("a file");
    fs::write(home.file("s"), text.repeat(MOST as usize / text.len() + 1)).expect("a file");
    home.remember("s", &two[..1]);
    assert_eq!(home.recall("s").last(), Some(&two[0]));
    assert!(fs::metadata(home.file("s")).expect("a file").len() <= CAP);
}
