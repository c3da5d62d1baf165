//! The commands for people, as they are run.

#[cfg(target_os = "linux")]
#[allow(dead_code)]
#[path = "support/executable.rs"]
mod executable;
#[cfg(target_os = "linux")]
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A home with a project in it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        for folder in ["home/.claude", "home/shop/.git", "home/shop/.claude", "home/shop/src"] {
            fs::create_dir_all(base.join(folder)).expect("a folder");
        }
        Self(base)
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        fs::write(self.0.join(path), text).expect("a file");
        self
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(arguments)
            .current_dir(self.0.join("home/shop/src"))
            .env_clear()
            .env("HOME", self.0.join("home"))
            .output()
            .expect("it runs");
        told(&output)
    }

    fn store(&self) -> PathBuf {
        self.0.join("home/.local/state/countersign/trust.json")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn told(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
}

const PROJECT: &str = "home/shop/.claude/countersign.toml";
const LOOSENS: &str = "[rules]\n\"git.reset-hard\" = \"none\"\n[[expect]]\n\"git reset --hard\" = \"none\"\n";

#[test]
fn check_accepts_the_examples() {
    let place = Place::new("examples");
    for name in ["solo", "team", "managed", "strict-ci"] {
        let file = format!("{}/examples/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let (code, text) = place.run(&["check", &file]);
        assert!(code == 0 && text.contains(" 0 wrong"), "{name}: {code} {text}");
    }
}

#[test]
fn check_says_where_and_what() {
    let place = Place::new("check");
    let (code, text) = place.run(&["check"]);
    assert!(code == 0 && text.contains("no policy file"), "{code} {text}");
    place.file("home/.claude/countersign.toml", "[rules]\n\"git.reset-hrad\" = \"deny\"\n");
    place.file(PROJECT, "protect = [\"infra\"]\n[[expect]]\n\"rm -rf infra\" = \"ask\"\n");
    let (code, text) = place.run(&["check"]);
    assert!(code == 1 && text.contains("countersign.toml:2:1: no rule is called `git.reset-hrad`"), "{code} {text}");
    place.file("home/.claude/countersign.toml", "[rules]\n\"git.reset-hard\" = \"deny\"\n");
    let (code, text) = place.run(&["check"]);
    assert!(code == 1 && text.contains(":3:1: `rm -rf infra` is deny, and should be ask"), "{code} {text}");
    let (code, text) = place.run(&["check", "missing.toml"]);
    assert!(code == 1 && text.contains("there is no"), "{code} {text}");
}

#[test]
fn check_says_all_that_is_wrong_and_what_was_meant() {
    let place = Place::new("check-all");
    place.file(
        PROJECT,
        "unatended = 'deny'\nprotect = [{ path = 'a', why = 'b' }, 'c']\n[decide]\ndisruptiv = 'ask'\n\
         irreversible = 'maybe'\nordinary = 'allow'\n[rules]\n'git.push-froce' = 'deny'\nterrafrom = 'ask'\n\
         'other.name' = 'ask'\n[[except]]\nrule = 'git.reset-hard'\npth = 'x'\nreason = ' '\n",
    );
    let (code, text) = place.run(&["check"]);
    for wanted in [
        ":1:1: unknown field `unatended`; did you mean `unattended`? Expected one of",
        ":4:1: unknown field `disruptiv`; did you mean `disruptive`?",
        ":2:11: a path, or a table with `path`",
        ":5:16: unknown variant `maybe`, expected",
        ":6:1: `allow` is only for `observe`",
        ":8:1: no rule is called `git.push-froce`; did you mean `git.push-force`? Ids are",
        ":9:1: no rule is called `terrafrom`; did you mean `terraform`?",
        ":10:1: no rule is called `other.name`: ids are",
        ":12:1: an exception for a rule needs a `path`",
        ":13:1: unknown field `pth`; did you mean `path`?",
        ":14:1: say why",
        "1 file, 0 expectations, 0 examples, 11 wrong",
    ] {
        assert!(code == 1 && text.contains(wanted), "{wanted}: {code} {text}");
    }
    // A class that is none isn't missing besides.
    place.file(PROJECT, "[[rule]]\nid = 'a.b'\nclass = 'destructive'\nprogram = 'x'\nhit = 'x'\n");
    let (code, text) = place.run(&["check"]);
    assert!(code == 1 && text.contains(" 2 wrong") && !text.contains("missing field"), "{code} {text}");
    assert!(text.contains(":3:9: unknown variant `destructive`; did you mean `disruptive`? Expected"), "{text}");
    place.file(PROJECT, "[rules]\n\"git\" = \n\n[decid]\n");
    let (code, text) = place.run(&["check"]);
    assert!(code == 1 && text.contains(":2:9: "), "{code} {text}");
    // Which keys there are helps where one is wrong, not where it is no TOML.
    assert!(!text.contains("docs/policy.md"), "{text}");
    let keys = |count: usize| (0..count).map(|at| format!("key{at:02} = 1\n")).collect::<String>();
    for (count, more) in [(64, false), (65, true), (200, true)] {
        place.file(PROJECT, &keys(count));
        let (code, text) = place.run(&["check"]);
        assert!(code == 1 && text.contains("docs/policy.md has every key"), "{code} {text}");
        assert_eq!(text.matches("unknown field").count(), 64, "{text}");
        assert_eq!(text.contains("more is wrong with this file than is named here"), more, "{count}: {text}");
    }
}

#[test]
fn check_warns_of_what_has_no_effect() {
    let place = Place::new("check-warns");
    let user = "home/.claude/countersign.toml";
    place.file(
        user,
        "[approve]\nirreversible = 'signature'\n[[rule]]\nid = 'a.b'\nclass = 'disruptive'\nprogram = 'shopctl'\n\
         when = { option = ['force', '--yes'] }\nloses = 'x'\ninstead = 'y'\nhits = 'shopctl --yes'\n",
    );
    let (code, text) = place.run(&["check"]);
    assert!(code == 0 && text.contains(" 0 wrong, 2 warnings"), "{code} {text}");
    assert!(text.contains(":7:1: warning: rule `a.b`: no option is called `force`"), "{text}");
    assert!(text.contains(":2:1: warning: a signature is demanded, and no file says whose count"), "{text}");
    place.file(user, "approve = { irreversible = 'signature', signers = 'countersign.signers' }\n");
    let (code, text) = place.run(&["check"]);
    assert!(code == 0 && text.contains("countersign.signers isn't there, so no signature counts"), "{code} {text}");
    place.file("home/.claude/countersign.signers", "ada@example.com ssh-ed25519 AAAA\n");
    let (code, text) = place.run(&["check"]);
    assert!(code == 0 && text.ends_with(" 0 wrong\n"), "{code} {text}");
    // Below a lock.
    place.file(user, "\nlock = ['git', 'terraform.destroy']\n");
    place.file(
        PROJECT,
        "rules = { 'git.reset-hard' = 'none', 'git.push-force' = 'deny', 'terraform.apply' = 'none' }\n\
         [decide]\ndisruptive = 'none'\n\
         [[except]]\nrule = 'terraform.*'\nenvironment = 'local'\nreason = 'r'\n\
         [[except]]\nrule = 'sql.*'\nenvironment = 'local'\nreason = 'r'\n\
         [[program]]\nname = 'shopctl'\nflags = '--yes'\n",
    );
    let (code, text) = place.run(&["check"]);
    assert!(code == 0 && text.contains(" 0 wrong, 3 warnings"), "{code} {text}");
    for wanted in [
        "shop/.claude/countersign.toml:1:11: warning: `git.reset-hard = none` has no effect: ",
        "home/.claude/countersign.toml:2:1 locks it",
        ":4:1: warning: `except` has no effect for `terraform.destroy`",
        ":12:3: warning: `program` has no effect",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    place.file(user, "lock = true\n");
    let (code, text) = place.run(&["check"]);
    assert!(code == 0 && text.contains(":3:1: warning: `disruptive = none` has no effect"), "{code} {text}");
}

#[test]
fn policy_shows_what_counts_and_from_where() {
    let place = Place::new("policy");
    place.file("home/.claude/countersign.toml", "[decide]\nobserve = \"none\"\n").file(PROJECT, LOOSENS);
    let (code, text) = place.run(&["policy"]);
    assert!(code == 0 && text.contains("not trusted, so only what tightens counts"), "{code} {text}");
    assert!(text.contains("observe       none   user policy, decide.observe in"), "{text}");
    let (_, rules) = place.run(&["policy", "--rules"]);
    assert!(rules.lines().any(|line| line.starts_with("terraform.destroy ") && line.ends_with("ask")), "{rules}");
    let (_, schema) = place.run(&["policy", "--schema"]);
    assert_eq!(schema, include_str!("../docs/policy.schema.json"));
    place.file(PROJECT, "{");
    let (code, text) = place.run(&["policy"]);
    assert!(code == 1 && text.contains("BROKEN"), "{code} {text}");
}

#[test]
fn nobody_without_a_terminal_trusts() {
    let place = Place::new("no-terminal");
    place.file(PROJECT, LOOSENS);
    for command in ["trust", "untrust"] {
        let (code, text) = place.run(&[command]);
        assert!(code == 1 && text.contains("a person's to run"), "{code} {text}");
    }
    assert!(!place.store().exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_trusts_at_a_terminal() {
    let place = Place::new("terminal");
    place.file(PROJECT, &format!("{LOOSENS}# \u{202e}hidden\n"));
    let run = |answer: &str, variable: Option<&str>, command: &[&str]| {
        let mut started = terminal::in_a_terminal(command);
        started.current_dir(place.0.join("home/shop")).env_clear().env("HOME", place.0.join("home"));
        started.env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(variable.map(|name| (name, "1")));
        terminal::answered(&mut started, "Type `trust`", answer)
    };
    let binary = env!("CARGO_BIN_EXE_countersign");
    let decided = || {
        let (_, text) = place.run(&["policy", "--rules"]);
        text.lines().find(|line| line.starts_with("git.reset-hard ")).map(str::to_owned).unwrap_or_default()
    };
    let (code, text) = run("no", None, &[binary, "trust"]);
    assert!(code == 1 && text.contains("nothing was changed") && !place.store().exists(), "{code} {text}");
    assert!(
        text.contains("1 decision about rules") && text.contains("\\u{202e}hidden"),
        "what is hidden shows: {text}"
    );
    for variable in ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"] {
        let (code, text) = run("trust", Some(variable), &[binary, "trust"]);
        assert!(code == 1 && text.contains("started by Claude Code") && !place.store().exists(), "{code} {text}");
    }
    // A shell called like the client stands in for it.
    let client = place.0.join("claude");
    executable::copy("/bin/sh", &client);
    let inside = format!("{binary} trust; exit $?");
    let (code, text) = run("trust", None, &[client.to_str().expect("text"), "-c", &inside]);
    assert!(code == 1 && text.contains("started by Claude Code") && !place.store().exists(), "{code} {text}");

    assert!(decided().contains("ask"), "{}", decided());
    let (code, text) = run("trust", None, &[binary, "trust"]);
    assert!(code == 0 && place.store().exists(), "{code} {text}");
    assert!(decided().contains("none"), "{}", decided());
    place.file(PROJECT, &format!("{LOOSENS}\n"));
    assert!(decided().contains("ask"), "one byte more is another file: {}", decided());
    let (code, text) = run("trust", None, &[binary, "trust"]);
    assert!(code == 0 && decided().contains("none"), "{code} {text}");
    let (code, text) = run("", None, &[binary, "untrust"]);
    assert!(code == 0 && decided().contains("ask"), "{code} {text}");
}

#[test]
fn rules_says_what_is_known_of_a_tool() {
    let place = Place::new("rules");
    let (code, text) = place.run(&["rules", "terraform"]);
    assert!(code == 0 && text.starts_with("Program terraform\n"), "{code} {text}");
    for wanted in ["  ask/deny  terraform destroy", "terraform.destroy, irreversible, checked: docs", "Allowed, where"]
    {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colour but on a terminal");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    for (topic, wanted) in [
        ("git", "git.push-force,"),
        ("/usr/bin/git", "git.push-force,"),
        ("databases", "databases.dropdb,"),
        ("terraform.destroy", "instead run `terraform plan -destroy`"),
        ("drop table", "sql.drop-table,"),
        ("DROP TABLE users CASCADE;", "sql.drop-table,"),
        ("github", "mcp-code.read-github,"),
        ("mcp__neon__delete_project", "mcp-data.delete-project,"),
        ("api.github.com", "http.account,"),
        ("rm", "`countersign rules delete`"),
        ("delete", "filesystem."),
        ("shutil.rmtree", "`countersign rules delete`"),
    ] {
        let (code, text) = place.run(&["rules", topic]);
        // As it is meant, not as it is wrapped.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code == 0 && text.contains(wanted), "{topic}: {wanted} is not in\n{text}");
    }
    // Only the host that was asked about is said of rules that know many.
    let (_, text) = place.run(&["rules", "api.github.com"]);
    assert!(!text.contains("api.vercel.com"), "{text}");
}

#[test]
fn rules_offers_what_is_near() {
    let place = Place::new("rules-near");
    for (topic, wanted) in
        [("teraform", "Near it: terraform."), ("git.push-forse", "git.push-force"), ("xyzzy", "`xyzzy`. A tool")]
    {
        let (code, text) = place.run(&["rules", topic]);
        assert!(
            code == 1 && text.contains(wanted) && text.starts_with("countersign: nothing is known"),
            "{topic}: {code} {text}"
        );
    }
    let (code, text) = place.run(&["rules", "\u{1b}[2J"]);
    assert!(code == 1 && !text.contains('\u{1b}'), "{code} {text}");
}

#[test]
fn rules_are_those_that_count_here() {
    let place = Place::new("rules-here");
    let own = "[rules]\n\"git.reset-hard\" = \"deny\"\n\n[[rule]]\nid = \"shop.wipe\"\nclass = \"irreversible\"\n\
               program = \"shopctl\"\ncommand = \"wipe\"\nloses = \"the shop\"\ninstead = \"leave it\"\nhits = \"shopctl wipe\"\n";
    place.file("home/.claude/countersign.toml", own);
    let (code, text) = place.run(&["rules", "shopctl"]);
    assert!(code == 0 && text.contains("shopctl wipe") && text.contains("loses the shop"), "{code} {text}");
    let (_, text) = place.run(&["rules", "git.reset-hard"]);
    assert!(text.contains("  deny      git") && text.contains("decided by"), "{text}");
    let (_, text) = place.run(&["rules"]);
    assert!(text.contains("\nshop\n") && text.contains("  shopctl "), "{text}");
}

#[test]
fn rules_are_also_json() {
    let place = Place::new("rules-json");
    let json = |arguments: &[&str]| -> serde_json::Value {
        let (code, text) = place.run(arguments);
        assert_eq!(code, 0, "{text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let topic = json(&["rules", "terraform", "--json"]);
    let rules = topic["sections"][0]["rules"].as_array().expect("rules");
    let destroy = rules.iter().find(|rule| rule["id"] == "terraform.destroy").expect("terraform.destroy");
    assert_eq!((&destroy["decision"], &destroy["forced_decision"]), (&"ask".into(), &"deny".into()));
    assert!(destroy["forced"][0]["option"].as_array().expect("options").contains(&"-auto-approve".into()), "{destroy}");
    let all = json(&["rules", "--json"]);
    let packs = all["packs"].as_array().expect("packs");
    let git = packs.iter().find(|pack| pack["pack"] == "git").expect("git");
    assert!(
        git["tools"].as_array().expect("tools").iter().any(|tool| tool["names"] == serde_json::json!(["git"])),
        "{git}"
    );
}
