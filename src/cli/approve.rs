//! `countersign approve`: a person lets one denied call pass, once; or a signature does.

use super::log::when;
use super::{fail, print, terminal};
use crate::approve::folder::Folder;
use crate::approve::letter::{CAP, Letter, NAMESPACE, host};
use crate::approve::pass::signature;
use crate::approve::request::{Approval, Request};
use crate::approve::{KEPT, LASTS, SIGNABLE, Subject, code_of, spelled, ssh, typed};
use crate::hook::clean::visible;
use crate::policy::find::Where;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  countersign approve                      what waits to be approved
  countersign approve K7QM-2F              the code of a denial: look at the call, and let it pass once
  countersign approve --request K7QM-2F > request.txt
  countersign approve --sign request.txt   on any machine, by whoever has the key: writes request.txt.sig
  countersign approve --apply request.txt.sig

Then tell the agent to make the same call again, within ten minutes. The last three are for where policy demands a signature.

Exit codes: 0: it is done. 1: it isn't, and nothing passes. 2: the command line is wrong.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The code in the last line of the denial; without one, all that wait are listed
    code: Option<String>,
    /// Print a letter about this call, to be signed
    #[arg(long, value_name = "CODE", conflicts_with_all = ["code", "sign", "apply"])]
    request: Option<String>,
    /// Look at such a letter, and sign it with `ssh-keygen`; the signature lies beside it, as LETTER.sig
    #[arg(long, value_name = "LETTER", conflicts_with_all = ["code", "apply"])]
    sign: Option<PathBuf>,
    /// The private key to sign with (or the public one, if the agent of ssh has the other); the first of ~/.ssh, if none is
    /// named
    #[arg(long, value_name = "FILE", requires = "sign")]
    key: Option<PathBuf>,
    /// Check a signature, and let the call pass once; the letter must lie beside it
    #[arg(long, value_name = "LETTER.sig", conflicts_with = "code")]
    apply: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let done = match arguments {
        Arguments { request: Some(code), .. } => request(code),
        Arguments { sign: Some(letter), key, .. } => sign(letter, key.as_deref()),
        Arguments { apply: Some(signature), .. } => apply(signature),
        Arguments { code: Some(code), .. } => approve(code),
        _ => list(),
    };
    match done {
        Ok(text) => print(&text),
        Err(why) => fail(&why),
    }
}

fn approve(code: &str) -> Result<String, String> {
    persons()?;
    let (folder, code, request) = find(code)?;
    let subject = request.subject();
    if request.signature {
        let code = spelled(&code);
        return Err(format!(
            "policy demands a signature over this call: `countersign approve --request {code} > request.txt`, then have \
             it signed (`--sign`), then `--apply request.txt.sig`"
        ));
    }
    eprint!("{}", shown(&subject, &request.losses));
    ask(&request.stake, "let it run once")?;
    Approval::of(&request).save(&folder).map_err(|error| format!("the approval can't be written: {error}"))?;
    Ok(passes("Approved."))
}

fn list() -> Result<String, String> {
    let home = home()?;
    let all = Folder::open(&home).map(|folder| Request::all(&folder)).unwrap_or_default();
    if all.is_empty() {
        return Ok("Nothing waits to be approved.\n".to_owned());
    }
    let mut out = String::new();
    for (code, request) in all {
        let subject = request.subject();
        let shown = subject.shown();
        let first = shown.lines().next().unwrap_or_default();
        let cut: String = first.chars().take(100).collect();
        let more = if cut.len() < shown.len() { " …" } else { "" };
        let how = if request.signature { ", needs a signature" } else { "" };
        let when = when::shown(request.when.time.saturating_mul(1000));
        let _ = writeln!(out, "{}  {when} UTC, in {}{how}", spelled(&code), subject.cwd);
        let _ = writeln!(out, "  {}: {cut}{more}", subject.tool);
    }
    let _ = writeln!(out, "\n`countersign approve CODE` shows one whole, and asks.");
    Ok(out)
}

fn request(code: &str) -> Result<String, String> {
    persons()?;
    let (_, code, request) = find(code)?;
    if !request.signature {
        return Err(format!(
            "policy demands no signature over this call: `countersign approve {}` lets it pass",
            spelled(&code)
        ));
    }
    let letter = Letter::about(&request).map_err(|error| format!("there are no random numbers: {error}"))?;
    let text = letter.text(|time| format!("({} UTC)", when::shown(time.saturating_mul(1000))));
    if text.len() > CAP {
        return Err("the call is too long for a letter: let the agent split it".to_owned());
    }
    eprintln!(
        "Have this letter signed within {} minutes: `countersign approve --sign LETTER`, here or on another machine.",
        SIGNABLE / 60
    );
    Ok(text)
}

fn sign(path: &Path, key: Option<&Path>) -> Result<String, String> {
    persons()?;
    let (text, letter) = letter(path)?;
    if let Some(why) = letter.objection(None) {
        return Err(format!("{}: {why}", path.display()));
    }
    let program = ssh::program()?;
    let key = key.map_or_else(default_key, |key| Ok(key.to_owned()))?;
    eprintln!(
        "On the machine `{}`, until {} UTC:\n",
        visible(&letter.host),
        when::shown(letter.expires.saturating_mul(1000))
    );
    eprint!("{}", shown(&letter.subject, &letter.losses));
    ask(&letter.stake, "sign it")?;
    let beside = beside(path);
    // What was shown is signed, not what stands there by now.
    let signed = std::process::Command::new(program)
        .args(["-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(&key)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            use std::io::Write;
            child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()))?;
            child.wait_with_output()
        })
        .map_err(|error| format!("ssh-keygen can't be run: {error}"))?;
    if !signed.status.success() || signed.stdout.is_empty() {
        return Err(format!("ssh-keygen has not signed it with {}", key.display()));
    }
    let new = path.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&new, &signed.stdout)
        .and_then(|()| std::fs::rename(&new, &beside))
        .map_err(|error| format!("{}: {error}", beside.display()))?;
    Ok(format!(
        "Signed. Send {} back; on the machine that asked, `countersign approve --apply` takes it, with the letter beside it.\n",
        beside.display()
    ))
}

fn apply(path: &Path) -> Result<String, String> {
    persons()?;
    let of_letter = path.with_extension("");
    let named = path.extension().is_some_and(|extension| extension == "sig");
    if !named {
        return Err(format!("{}: name the signature, LETTER.sig, with the letter beside it", path.display()));
    }
    let (text, letter) = letter(&of_letter)?;
    if let Some(why) = letter.objection(Some(&host())) {
        return Err(format!("{}: {why}", of_letter.display()));
    }
    let home = home()?;
    let folder = Folder::make(&home).map_err(|error| format!("the approval can't be written: {error}"))?;
    if folder.names(".used").iter().any(|used| used.strip_suffix(".used") == Some(&letter.nonce)) {
        return Err(format!("{}: it was used already: each letter lets its call pass once", of_letter.display()));
    }
    let policy = Where::here(home.to_str(), &letter.subject.cwd, None).policy();
    if let Some(fault) = policy.faults.first() {
        return Err(format!("a policy is broken, so nothing counts that loosens: {fault}"));
    }
    let signers = policy.signers_here();
    let signers = signers.ok_or("no policy here says whose signatures count: `[approve] signers` names their file")?;
    let signed = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let code = code_of(&letter.subject.digest());
    let written = |error: std::io::Error| format!("the approval can't be written: {error}");
    folder.write(&signature(&code), &signed).map_err(written)?;
    let who = match ssh::verify(&text, &folder.path.join(signature(&code)), &signers) {
        Ok(who) => who,
        Err(why) => {
            let _ = folder.take(&signature(&code));
            return Err(why);
        }
    };
    let signer = visible(&who);
    eprint!("{}", shown(&letter.subject, &letter.losses));
    Approval::signed(&letter, text).save(&folder).map_err(written)?;
    Ok(passes(&format!("Signed by {signer}.")))
}

/// What an approval means, in the last line.
fn passes(how: &str) -> String {
    format!("{how} The same call passes once within {} minutes: tell the agent to make it again.\n", LASTS / 60)
}

/// The call for a person: whole, with what would be lost.
fn shown(subject: &Subject, losses: &str) -> String {
    // Each line is marked, so that no call can write lines of ours.
    let marked = |text: &str| visible(text).lines().map(|line| format!("  | {line}\n")).collect::<String>();
    format!(
        "{} in {}, session {}\n\n{}\n{}\n",
        visible(&subject.tool),
        visible(&subject.cwd).replace('\n', "\\n"),
        visible(&subject.session).replace('\n', "\\n"),
        marked(&subject.shown()),
        marked(losses)
    )
}

fn ask(stake: &str, what: &str) -> Result<(), String> {
    let stake = visible(stake);
    match terminal::typed(&format!("Type the name of what is at stake, `{stake}`, to {what}: "), &stake) {
        true => Ok(()),
        false => Err("that is another word: nothing was approved".to_owned()),
    }
}

/// The request of a code.
fn find(code: &str) -> Result<(Folder, String, Request), String> {
    let code = typed(code).ok_or("a code has six letters and digits, as in the last line of the denial: K7QM-2F")?;
    let gone = || {
        format!(
            "no call waits under {}: after {} hours, or once it has passed, the agent has to make it again",
            spelled(&code),
            KEPT / 3600
        )
    };
    let folder = Folder::open(&home()?).map_err(|_| gone())?;
    let request = Request::load(&folder, &code).ok_or_else(gone)?;
    Ok((folder, code, request))
}

/// A letter and its text.
fn letter(path: &Path) -> Result<(String, Letter), String> {
    use std::io::Read;
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(CAP as u64 + 1).read_to_string(&mut text));
    read.map_err(|error| format!("{}: {error}", path.display()))?;
    let letter = text.parse().map_err(|why| format!("{}: {why}", path.display()))?;
    Ok((text, letter))
}

/// Where the signature of a letter lies.
fn beside(letter: &Path) -> PathBuf {
    let mut path = letter.as_os_str().to_owned();
    path.push(".sig");
    path.into()
}

/// The key that is signed with where none is named: one on a hardware key first.
fn default_key() -> Result<PathBuf, String> {
    let folder = home()?.join(".ssh");
    let names = ["id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa", "id_rsa"];
    let found = names.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| format!("there is no key in {}: name one with `--key`", folder.display()))
}

fn home() -> Result<PathBuf, String> {
    let home = crate::hook::home::home().map_err(|nameless| nameless.to_string())?;
    home.map(PathBuf::from).ok_or_else(|| "HOME isn't set, so there is no place for approvals".to_owned())
}

fn persons() -> Result<(), String> {
    terminal::objection().map_or(Ok(()), |why| Err(format!("`countersign approve` is a person's to run: {why}")))
}
