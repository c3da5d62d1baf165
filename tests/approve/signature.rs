//! Where policy demands a signature: letters, signed and checked by the real `ssh-keygen`.

use crate::PUSH;
use crate::client::{BINARY, Verdict};
use crate::kit::Home;
use crate::skip::skipped;
use crate::terminal::{answered, in_a_terminal};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const KEYGEN: &str = "/usr/bin/ssh-keygen";

/// A home whose policy demands a signature of Ada's, and the code of a call that was denied. `None`: no `ssh-keygen` here.
fn home(name: &str) -> Option<(Home, String)> {
    if !Path::new(KEYGEN).exists() {
        return skipped(&format!("there is no {KEYGEN} here"));
    }
    let home = Home::new(name);
    for who in ["ada", "eve"] {
        let made = Command::new(KEYGEN)
            .args(["-q", "-t", "ed25519", "-N", "", "-C", who, "-f"])
            .arg(home.0.join(who))
            .stdin(Stdio::null())
            .status();
        assert!(made.expect("it runs").success());
    }
    home.file(".claude/countersign.toml", "[approve]\nirreversible = 'signature'\nsigners = 'countersign.signers'\n");
    let key = fs::read_to_string(home.0.join("ada.pub")).expect("a key");
    home.file(".claude/countersign.signers", format!("ada@example.com namespaces=\"countersign\" {key}"));
    let code = home.denied(&home.bash(PUSH));
    Some((home, code))
}

impl Home {
    /// A letter about this request, as a person writes it into a file.
    fn letter(&self, code: &str, name: &str) -> PathBuf {
        let path = self.0.join(name);
        let line = format!("{BINARY} approve --request {code} > {}", path.display());
        let mut command = in_a_terminal(&["/bin/sh", "-c", &line]);
        command.current_dir(self.0.join("shop")).env_clear().env("HOME", &self.0);
        let (exit, text) = answered(&mut command, "Type", "");
        assert!(exit == 0 && text.contains("Have this letter signed"), "{text}");
        path
    }

    fn signed(&self, letter: &Path, key: &str) -> (i32, String) {
        let key = self.0.join(key);
        self.approve(&["--sign", text(letter), "--key", text(&key)], "main")
    }

    fn applied(&self, letter: &Path) -> (i32, String) {
        self.approve(&["--apply", &format!("{}.sig", text(letter))], "")
    }

    /// A signature by hand, as `ssh-keygen` makes them.
    fn sign_by_hand(&self, letter: &Path, key: &str, namespace: &str) {
        let _ = fs::remove_file(format!("{}.sig", text(letter)));
        let signed = Command::new(KEYGEN)
            .args(["-q", "-Y", "sign", "-n", namespace, "-f"])
            .args([&self.0.join(key), letter])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(signed.expect("it runs").success());
    }

    /// The approval and the signature as they lie in the folder.
    fn laid(&self, code: &str) -> [PathBuf; 2] {
        ["approved", "sig"].map(|end| self.approvals().join(format!("{}.{end}", code.replace('-', ""))))
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn a_signature_lets_one_call_pass_once() {
    let Some((home, code)) = home("signed") else { return };
    let (exit, said) = home.approve(&[&code], "main");
    assert!(exit == 1 && said.contains("policy demands a signature"), "{said}");
    let letter = home.letter(&code, "request.txt");
    let written = fs::read_to_string(&letter).expect("a letter");
    assert!(written.contains(PUSH) && written.contains("Lost: ") && written.contains("stake    \"main\""), "{written}");

    let (exit, said) = home.signed(&letter, "ada");
    assert!(exit == 0 && said.contains(&format!("  | {PUSH}")), "{exit} {said}");
    let (exit, said) = home.applied(&letter);
    assert!(exit == 0 && said.contains("Signed by ada@example.com."), "{exit} {said}");
    let laid = home.laid(&code).map(|path| fs::read(path).expect("it is there"));
    let (verdict, reason) = home.judged(&home.bash(PUSH));
    assert!(verdict == Verdict::Allow && reason.contains("the signature of ada@example.com"), "{reason}");
    assert_eq!(home.decided(PUSH), Verdict::Deny, "once is once");
    let journal = home.raw().join("\n");
    assert!(journal.contains("ada@example.com"), "{journal}");

    // Whoever kept the letter can't use it again; nor can a program that lays the files there itself.
    let (exit, said) = home.applied(&letter);
    assert!(exit == 1 && said.contains("was used already"), "{said}");
    for (path, bytes) in home.laid(&code).iter().zip(&laid) {
        lay(path, bytes);
    }
    assert_eq!(home.decided(PUSH), Verdict::Deny, "a letter is used once");
    // Another letter is another consent.
    let second = home.letter(&code, "second.txt");
    assert_ne!(fs::read(&second).expect("a letter"), fs::read(&letter).expect("a letter"));
    assert_eq!(home.signed(&second, "ada").0, 0);
    assert_eq!(home.applied(&second).0, 0);
    assert_eq!(home.decided(PUSH), Verdict::Allow);
}

fn lay(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).expect("a file");
    file.write_all(bytes).expect("it is written");
}

#[test]
fn no_other_signature_counts() {
    let Some((home, code)) = home("others") else { return };
    let letter = home.letter(&code, "request.txt");
    let (exit, said) = home.signed(&letter, "eve");
    assert_eq!(exit, 0, "{said}");
    let (exit, said) = home.applied(&letter);
    assert!(exit == 1 && said.contains("its key isn't one of those"), "{said}");
    for (key, namespace) in [("ada", "file"), ("ada", "git"), ("eve", "countersign")] {
        home.sign_by_hand(&letter, key, namespace);
        let (exit, said) = home.applied(&letter);
        assert_eq!(exit, 1, "{key} for {namespace}: {said}");
    }
    let sound = fs::read_to_string(&letter).expect("a letter");
    home.sign_by_hand(&letter, "ada", "countersign");
    for (from, to) in [("origin main", "origin mane"), ("\"main\"", "\"man\""), ("s-1", "s-2"), ("Lost", "Kept")] {
        fs::write(&letter, sound.replace(from, to)).expect("a letter");
        assert_eq!(home.applied(&letter).0, 1, "{from} is {to}");
    }
    assert_eq!(home.decided(PUSH), Verdict::Deny);
    fs::write(&letter, &sound).expect("a letter");
    assert_eq!(home.applied(&letter).0, 0);
    assert_eq!(home.decided(PUSH), Verdict::Allow);
}

/// A program of the person's own can write what it likes into the folder. Without the key, that is for nothing.
#[test]
fn what_is_forged_in_the_folder_does_not_count() {
    let Some((home, code)) = home("forged") else { return };
    let letter = home.letter(&code, "request.txt");
    home.sign_by_hand(&letter, "ada", "countersign");
    let (exit, said) = home.applied(&letter);
    assert_eq!(exit, 0, "{said}");
    let [approved, signature] = home.laid(&code);
    let sound = fs::read_to_string(&approved).expect("an approval");
    let signed = fs::read(&signature).expect("a signature");
    let mut approval: serde_json::Value = serde_json::from_str(&sound).expect("JSON");
    let own = fs::read_to_string(&letter).expect("a letter");

    let mut denied = |what: &str, text: Option<&str>, signature_of: &[u8]| {
        approval["letter"] = text.into();
        lay(&approved, approval.to_string().as_bytes());
        lay(&signature, signature_of);
        assert_eq!(home.decided(PUSH), Verdict::Deny, "{what}");
    };
    denied("as if by a person at a terminal", None, &signed);
    denied("no signature", Some(&own), b"");
    denied("a torn signature", Some(&own), &signed[..signed.len() / 2]);
    denied("a letter of other words", Some(&own.replace("Lost", "Kept")), &signed);
    // Signed by the right key, but about something else.
    let line = |key: &str| own.lines().find(|line| line.starts_with(key)).expect("a line").to_owned();
    let later = |seconds: i64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
        own.replace(&line("expires"), &format!("expires  {} (then)", now.saturating_add_signed(seconds)))
    };
    for (what, other) in [
        ("another machine", own.replace(&line("host"), "host     \"elsewhere\"")),
        ("expired", later(-1)),
        ("for a year", later(365 * 86_400)),
        ("another stake", own.replace(&line("stake"), "stake    \"dev\"")),
        ("other rules", own.replace(&line("rules"), "rules    []")),
    ] {
        assert_ne!(other, own, "{what}");
        let path = home.0.join("other.txt");
        fs::write(&path, &other).expect("a letter");
        home.sign_by_hand(&path, "ada", "countersign");
        denied(what, Some(&other), &fs::read(format!("{}.sig", text(&path))).expect("a signature"));
    }
    lay(&approved, sound.as_bytes());
    lay(&signature, &signed);
    assert_eq!(home.decided(PUSH), Verdict::Allow, "as it was");
}

#[test]
fn the_file_of_signers_must_be_the_persons_own() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let Some((home, code)) = home("signers") else { return };
    let letter = home.letter(&code, "request.txt");
    home.sign_by_hand(&letter, "ada", "countersign");
    assert_eq!(home.applied(&letter).0, 0);
    let signers = home.0.join(".claude/countersign.signers");
    let mode = |mode| fs::set_permissions(&signers, fs::Permissions::from_mode(mode)).expect("its mode");
    mode(0o666);
    assert_eq!(home.decided(PUSH), Verdict::Deny, "others can write it");
    mode(0o644);
    let moved = home.0.join("signers");
    fs::rename(&signers, &moved).expect("it is moved");
    assert_eq!(home.decided(PUSH), Verdict::Deny, "it is gone");
    symlink(&moved, &signers).expect("a link");
    assert_eq!(home.decided(PUSH), Verdict::Deny, "a link");
    fs::remove_file(&signers).expect("it is there");
    fs::rename(&moved, &signers).expect("it is moved back");
    // A file elsewhere, which nothing guards, makes the policy broken.
    home.file(".claude/countersign.toml", "[approve]\nirreversible = 'signature'\nsigners = '../shop/signers'\n");
    let (verdict, reason) = home.judged(&home.bash(PUSH));
    assert!(verdict == Verdict::Deny && reason.contains("keep it beside this file"), "{reason}");
    home.file(".claude/countersign.toml", "[approve]\nirreversible = 'signature'\nsigners = 'countersign.signers'\n");
    assert_eq!(home.decided(PUSH), Verdict::Allow);
}

#[test]
fn a_signed_call_passes_once_of_many() {
    let Some((home, code)) = home("many") else { return };
    let letter = home.letter(&code, "request.txt");
    home.sign_by_hand(&letter, "ada", "countersign");
    assert_eq!(home.applied(&letter).0, 0);
    let verdicts: Vec<Verdict> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(|| home.decided(PUSH))).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    });
    // One at most: on a machine so busy that `ssh-keygen` takes too long, none.
    assert!(verdicts.iter().filter(|verdict| **verdict == Verdict::Allow).count() <= 1, "{verdicts:?}");
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Allow | Verdict::Deny)), "{verdicts:?}");
}
