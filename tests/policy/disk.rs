//! Policies as they lie on the disk.

use countersign::call::{Call, ToolCall};
use countersign::context::NoFiles;
use countersign::judge::Decision::{self, Allow, Ask, Deny, None};
use countersign::judge::{Judgement, judge_by};
use countersign::policy::Policy;
use countersign::policy::find::{CAP, Where};
use countersign::policy::trust::{STORE, Store};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A machine in a temporary folder: managed policy, a home, a repository in it.
struct Machine {
    root: PathBuf,
}

impl Machine {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("countersign-policy-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let machine = Self { root: fs::canonicalize(root.parent().unwrap()).unwrap().join(root.file_name().unwrap()) };
        for folder in ["managed/countersign.d", "home/.claude", "home/shop/.git", "home/shop/.claude", "home/shop/a/b"]
        {
            fs::create_dir_all(machine.at(folder)).unwrap();
        }
        machine
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn policy_at(&self, cwd: &str, project: Option<&str>, owner: Option<u32>) -> Policy {
        let (managed, home, cwd) = (self.at("managed"), self.at("home"), self.at(cwd));
        let project = project.map(|project| self.at(project));
        Where { managed: &managed, owner, home: Some(&home), cwd: &cwd, project: project.as_deref(), large: || () }
            .policy()
    }

    fn policy(&self) -> Policy {
        self.policy_at("home/shop", Option::None, Option::None)
    }

    fn judge(&self, command: &str, policy: &Policy) -> Judgement {
        let cwd = self.at("home/shop");
        let tool = ToolCall::Bash { command: command.to_owned(), description: Option::None };
        let mut call = Call::new(tool, cwd.to_str().unwrap());
        call.home = self.at("home").to_str().map(str::to_owned);
        call.project = cwd.to_str().map(str::to_owned);
        judge_by(&call, policy, &NoFiles)
    }

    fn decide(&self, command: &str, policy: &Policy) -> Decision {
        assert!(policy.faults.is_empty(), "{:?}", policy.faults);
        self.judge(command, policy).decision
    }

    /// Nothing but what is proven goes through, and the reason says what is wrong.
    fn is_broken(&self, policy: &Policy, what: &str) {
        assert_eq!(self.judge("ls", policy).decision, Allow);
        assert_eq!(self.judge("rm -rf /", policy).decision, Deny);
        let judgement = self.judge("npm install", policy);
        assert_eq!(judgement.decision, Ask, "{what}");
        assert!(judgement.reason.contains(what), "`{what}` should be in: {}", judgement.reason);
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

#[test]
fn each_layer_is_found() {
    for (path, wanted) in [
        ("managed/countersign.toml", Ask),
        ("managed/countersign.d/10-x.toml", Ask),
        ("managed/countersign.d/10-x.txt", None),
        ("home/.claude/countersign.toml", Ask),
        ("home/shop/.claude/countersign.toml", Ask),
        ("home/shop/.claude/countersign.local.toml", Ask),
        ("home/.claude/countersign.local.toml", None),
        ("home/shop/countersign.toml", None),
        ("home/shop/a/.claude/countersign.toml", None),
    ] {
        let machine = Machine::new("layers");
        assert!(machine.policy().layers.is_empty());
        machine.write(path, "decide.ordinary = 'ask'");
        assert_eq!(machine.decide("npm install", &machine.policy()), wanted, "{path}");
    }
}

#[test]
fn drop_ins_come_in_the_order_of_their_names() {
    let machine = Machine::new("drop-ins");
    machine.write("managed/countersign.d/20-b.toml", "rules.git = 'none'");
    machine.write("managed/countersign.d/10-a.toml", "rules.git = 'deny'");
    machine.write("managed/countersign.toml", "decide.observe = 'none'");
    let policy = machine.policy();
    let names: Vec<_> = policy.layers.iter().map(|layer| layer.path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["countersign.toml", "10-a.toml", "20-b.toml"]);
    assert_eq!(machine.decide("git reset --hard", &policy), Deny);
    assert_eq!(machine.decide("ls", &policy), None);
}

#[test]
fn a_project_is_found_from_below_and_from_what_the_client_names() {
    let machine = Machine::new("projects");
    machine.write("home/shop/.claude/countersign.toml", "decide.ordinary = 'ask'");
    machine.write("home/other/.claude/countersign.toml", "decide.ordinary = 'deny'");
    let at = |cwd: &str, project: Option<&str>| {
        machine.decide("npm install", &machine.policy_at(cwd, project, Option::None))
    };
    assert_eq!(at("home/shop", Option::None), Ask);
    assert_eq!(at("home/shop/a/b", Option::None), Ask);
    assert_eq!(at("home", Option::None), None);
    assert_eq!(at("home", Some("home/shop")), Ask);
    assert_eq!(at("home/other", Some("home/shop")), Deny);
    assert_eq!(at("home/shop/a", Some("home/other")), Deny);
    // A repository within another ends the search; what the client names counts all the same.
    fs::create_dir_all(machine.at("home/shop/a/.git")).unwrap();
    assert_eq!(at("home/shop/a/b", Option::None), None);
    assert_eq!(at("home/shop/a/b", Some("home/shop")), Ask);
    // What lies above the repository isn't the project's.
    machine.write(".claude/countersign.toml", "decide.ordinary = 'deny'");
    assert_eq!(at("home/shop", Option::None), Ask);
    // Two files on the way count both.
    machine.write("home/shop/x/.claude/countersign.toml", "decide.ordinary = 'deny'");
    assert_eq!(at("home/shop/x/y", Option::None), Deny);
}

#[test]
fn odd_files_are_no_policy() {
    let kinds = [
        "managed/countersign.toml",
        "managed/countersign.d/x.toml",
        "home/.claude/countersign.toml",
        "home/shop/.claude/countersign.toml",
        "home/shop/.claude/countersign.local.toml",
    ];
    for path in kinds {
        let broken = |make: &dyn Fn(&Path), what: &str| {
            let machine = Machine::new("odd");
            make(&machine.at(path));
            machine.is_broken(&machine.policy(), what);
        };
        broken(&|path| fs::create_dir(path).unwrap(), "is no regular file");
        broken(
            &|path| {
                let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success());
            },
            "is no regular file",
        );
        broken(&|path| fs::write(path, "#".repeat(CAP as usize + 1)).unwrap(), "larger than 1 MiB");
        broken(&|path| fs::write(path, b"# \xff").unwrap(), "is not UTF-8 (byte 2)");
        broken(&|path| fs::write(path, "nonsense").unwrap(), ":1:9: ");
        if !rustix::process::geteuid().is_root() {
            broken(
                &|path| {
                    fs::write(path, "").unwrap();
                    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
                },
                "can't be read",
            );
        }
        if path.contains("shop") {
            broken(&|path| symlink("/etc/passwd", path).unwrap(), "is a symbolic link");
            broken(&|path| symlink("nowhere", path).unwrap(), "is a symbolic link");
            broken(&|path| symlink(path, path).unwrap(), "is a symbolic link");
        } else {
            // The person's own may be one: dotfiles are.
            let machine = Machine::new("links");
            machine.write("dotfiles.toml", "decide.ordinary = 'deny'");
            symlink(machine.at("dotfiles.toml"), machine.at(path)).unwrap();
            assert_eq!(machine.decide("npm install", &machine.policy()), Deny, "{path}");
        }
    }
    // An empty file says nothing; neither does a folder that is a file.
    let machine = Machine::new("empty");
    machine.write("home/shop/.claude/countersign.toml", "");
    assert_eq!(machine.decide("npm install", &machine.policy()), None);
    fs::remove_dir_all(machine.at("home/shop/.claude")).unwrap();
    machine.write("home/shop/.claude", "");
    assert_eq!(machine.decide("npm install", &machine.policy()), None);
}

#[test]
fn many_large_files_of_a_project_are_not_read() {
    let machine = Machine::new("many");
    let text = format!("protect = [{}]", "'abcdefgh', ".repeat(60_000));
    for folder in ["home/shop", "home/shop/a", "home/shop/a/b"] {
        machine.write(&format!("{folder}/.claude/countersign.toml"), &text);
    }
    let policy = machine.policy_at("home/shop/a/b", Option::None, Option::None);
    assert_eq!(policy.layers.len(), 1);
    machine.is_broken(&policy, "larger than 1 MiB");
}

#[test]
fn managed_policy_is_the_administrators() {
    let machine = Machine::new("owner");
    machine.write("managed/countersign.toml", "decide.ordinary = 'deny'");
    let me = rustix::process::geteuid().as_raw();
    let policy = |owner| machine.policy_at("home/shop", Option::None, Some(owner));
    machine.is_broken(&policy(me + 1), "must belong to root");
    // The folders above it are asked, too: here only root's are all his.
    if !machine.root.ancestors().all(|path| owner_of(path) == me) {
        return;
    }
    let set = |path: &str, mode| fs::set_permissions(machine.at(path), fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(machine.decide("npm install", &policy(me)), Deny);
    for mode in [0o664, 0o646] {
        set("managed/countersign.toml", mode);
        machine.is_broken(&policy(me), "can be written by others");
    }
    set("managed/countersign.toml", 0o644);
    set("managed", 0o775);
    machine.is_broken(&policy(me), "can be written by others");
    set("managed", 0o755);
    assert_eq!(machine.decide("npm install", &policy(me)), Deny);
    fs::remove_file(machine.at("managed/countersign.toml")).unwrap();
    machine.write("managed/countersign.d/a.toml", "");
    set("managed/countersign.d", 0o777);
    machine.is_broken(&policy(me), "can be written by others");
}

fn owner_of(path: &Path) -> u32 {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).unwrap())
}

#[test]
fn trust_is_in_the_very_file() {
    let machine = Machine::new("trust");
    let path = "home/shop/.claude/countersign.toml";
    let text = "rules.git = 'none'";
    machine.write(path, text);
    let decide = || machine.decide("git reset --hard", &machine.policy());
    assert_eq!(decide(), Ask);
    let mut store = Store::default();
    store.trust(&machine.at(path), text).unwrap();
    store.save(&machine.at("home")).unwrap();
    assert_eq!(decide(), None);
    // One byte, another path, another name: not the file that was trusted.
    machine.write(path, "rules.git = 'none' ");
    assert_eq!(decide(), Ask);
    fs::rename(machine.at(path), machine.at("home/shop/.claude/countersign.local.toml")).unwrap();
    machine.write("home/shop/.claude/countersign.local.toml", text);
    assert_eq!(decide(), Ask);
    machine.write(path, text);
    assert_eq!(decide(), None);
    machine.write("home/other/.claude/countersign.toml", text);
    let other = machine.policy_at("home/other", Option::None, Option::None);
    assert_eq!(machine.decide("git reset --hard", &other), Ask);
    // A store that others could have written, or that is no file, trusts nothing.
    let stored = machine.at("home").join(STORE);
    fs::set_permissions(&stored, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(decide(), Ask);
    fs::set_permissions(&stored, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(decide(), None);
    fs::rename(&stored, machine.at("home/moved.json")).unwrap();
    symlink(machine.at("home/moved.json"), &stored).unwrap();
    assert_eq!(decide(), Ask);
    fs::remove_file(&stored).unwrap();
    for text in ["", "{", "[]", "{\"files\": 1}"] {
        fs::write(&stored, text).unwrap();
        assert_eq!(decide(), Ask);
    }
    // No longer trusted.
    store.save(&machine.at("home")).unwrap();
    assert_eq!(decide(), None);
    assert!(store.forget(&machine.at(path)));
    store.save(&machine.at("home")).unwrap();
    assert_eq!(decide(), Ask);
}
