//! Which denied calls may be approved, and how, through the layers.

use super::{Call, Decision, File, Kind, Mode, NoFiles, call, judge_by, policy};
use countersign::policy::approve::Approvable;

const PUSH: &str = "git push --force origin main";
const HOME: &str = "rm -rf ~";

fn session(text: &str) -> Call {
    Call { session: Some("s-1".to_owned()), ..call(text) }
}

fn approvable_in(mode: Mode, text: &str, files: &[File<'_>]) -> Option<Approvable> {
    let judgement = judge_by(&Call { mode, ..session(text) }, &policy(files), &NoFiles);
    assert!(judgement.approvable.is_none() || judgement.decision == Decision::Deny, "{text} {files:#?}");
    judgement.approvable.map(|approvable| *approvable)
}

fn approvable(text: &str, files: &[File<'_>]) -> Option<Approvable> {
    approvable_in(Mode::Default, text, files)
}

/// How a call may be approved, in a word.
fn way(text: &str, files: &[File<'_>]) -> String {
    match approvable(text, files) {
        None => "never".to_owned(),
        Some(Approvable { signers: None, .. }) => "person".to_owned(),
        Some(Approvable { signers: Some(signers), .. }) => {
            format!("{} {}", signers.kind.name(), signers.path.display())
        }
    }
}

#[test]
fn by_standard_a_person_approves_what_is_irreversible() {
    for (text, wanted) in [
        (PUSH, "person"),
        ("terraform destroy -auto-approve", "person"),
        (HOME, "never"),
        ("git push --force origin main; rm -rf ~", "never"),
        ("countersign trust", "never"),
        ("git push --force origin main; countersign trust", "never"),
        // Asked about by itself, and no part of what a code is for.
        ("git push --force origin main; echo x > ~/.claude/settings.json", "never"),
        ("git push --force origin main; git reset --hard", "person"),
    ] {
        assert_eq!(way(text, &[]), wanted, "{text}");
    }
    assert_eq!(approvable("git reset --hard", &[]), None, "what is only asked about needs no approval");
    let nobody = judge_by(&Call { session: None, ..session(PUSH) }, &policy(&[]), &NoFiles);
    assert_eq!(
        (nobody.decision, nobody.approvable),
        (Decision::Deny, None),
        "without a session there is nothing to bind it to"
    );
}

#[test]
fn layers_open_what_is_theirs_and_tighten_the_rest() {
    use Kind::{Local, Managed, Project, User};
    let signed = "irreversible = 'signature'\nsigners = ";
    let managed = format!("[approve]\n{signed}'/etc/claude-code/signers'");
    let user = format!("[approve]\n{signed}'countersign.signers'");
    let (managed, user) = (managed.as_str(), user.as_str());
    let mine = "user /home/dev/.claude/countersign.signers";
    let theirs = "managed /etc/claude-code/signers";
    for (text, files, wanted) in [
        (PUSH, vec![(User, "[approve]\nirreversible = 'never'", true)], "never"),
        (PUSH, vec![(User, user, true)], mine),
        (PUSH, vec![(Managed, managed, true)], theirs),
        // Both: the more powerful one says whose signatures count.
        (PUSH, vec![(Managed, managed, true), (User, user, true)], theirs),
        (PUSH, vec![(Managed, managed, true), (User, "[approve]\nirreversible = 'person'", true)], theirs),
        (PUSH, vec![(Managed, managed, true), (User, "[approve]\nirreversible = 'never'", true)], "never"),
        (PUSH, vec![(Managed, "[approve]\nirreversible = 'person'", true), (User, user, true)], mine),
        (PUSH, vec![(Managed, "[approve]\nirreversible = 'never'", true), (User, user, true)], "never"),
        // Who demands a signature says whose, or one above does; the person can't name themselves in the company's place.
        (PUSH, vec![(User, "[approve]\nirreversible = 'signature'", true)], "never"),
        (
            PUSH,
            vec![
                (Managed, "[approve]\nirreversible = 'signature'", true),
                (User, "[approve]\nsigners = 'countersign.signers'", true),
            ],
            "never",
        ),
        // A project may tighten, and loosen only once it is trusted; its own signers never count.
        (PUSH, vec![(Project, "[approve]\nirreversible = 'never'", false)], "never"),
        (
            PUSH,
            vec![
                (Project, "[approve]\nirreversible = 'signature'", false),
                (User, "[approve]\nsigners = 'countersign.signers'", true),
            ],
            mine,
        ),
        (
            PUSH,
            vec![(Project, "[approve]\nirreversible = 'signature'\nsigners = 'countersign.signers'", true)],
            "never",
        ),
        (PUSH, vec![(User, user, true), (Project, "[approve]\nirreversible = 'person'", true)], mine),
        (
            PUSH,
            vec![
                (User, "[approve]\nirreversible = 'never'", true),
                (Local, "[approve]\nirreversible = 'person'", true),
            ],
            "never",
        ),
        // What is catastrophic, only managed and user policy open.
        (HOME, vec![(User, "[approve]\ncatastrophic = 'person'", true)], "person"),
        (HOME, vec![(Managed, "[approve]\ncatastrophic = 'person'", true)], "person"),
        (HOME, vec![(Project, "[approve]\ncatastrophic = 'person'", true)], "never"),
        (HOME, vec![(Project, "[approve]\ncatastrophic = 'person'", false)], "never"),
        (
            HOME,
            vec![
                (User, "[approve]\ncatastrophic = 'person'", true),
                (Project, "[approve]\ncatastrophic = 'never'", false),
            ],
            "never",
        ),
        (HOME, vec![(User, "[approve]\nirreversible = 'person'", true)], "never"),
        // The guard's own protection, nobody.
        (
            "countersign trust",
            vec![(Managed, "[approve]\ncatastrophic = 'person'\nirreversible = 'person'", true)],
            "never",
        ),
        // Beside a broken file, nothing loosens.
        (PUSH, vec![(User, "[approve]\nirreversible = 'anybody'", true)], "never"),
        (PUSH, vec![(User, "[approve]\nsigners = '/tmp/signers'", true)], "never"),
        (PUSH, vec![(Managed, "[approve]\nsigners = '~/signers'", true)], "never"),
    ] {
        assert_eq!(way(text, &files), wanted, "{text} {files:#?}");
    }
}

#[test]
fn whoever_locks_or_denies_above_has_to_say_so() {
    use Kind::{Managed, Project, User};
    for (text, files, wanted) in [
        (PUSH, vec![(Managed, "lock = true", true)], "never"),
        (PUSH, vec![(Managed, "lock = 'git'", true)], "never"),
        (PUSH, vec![(Managed, "lock = 'terraform'", true)], "person"),
        (PUSH, vec![(User, "lock = 'git'", true)], "never"),
        (PUSH, vec![(User, "lock = 'git'\napprove.irreversible = 'person'", true)], "person"),
        (PUSH, vec![(Managed, "lock = 'git'", true), (User, "approve.irreversible = 'person'", true)], "never"),
        (PUSH, vec![(Managed, "lock = 'git'\napprove.irreversible = 'person'", true)], "person"),
        (PUSH, vec![(Managed, "approve.irreversible = 'person'", true), (User, "lock = 'git'", true)], "never"),
        // What the administrator denies, and not the standard, only they can open.
        (PUSH, vec![(Managed, "decide.irreversible = 'deny'", true)], "never"),
        (
            PUSH,
            vec![(Managed, "decide.forced = 'deny'", true), (User, "approve.irreversible = 'person'", true)],
            "never",
        ),
        (PUSH, vec![(Managed, "rules.'git.push-force' = 'deny'", true)], "never"),
        (PUSH, vec![(Managed, "rules.'git.push-force' = 'deny'\napprove.irreversible = 'person'", true)], "person"),
        (PUSH, vec![(Managed, "rules.'git.reset-hard' = 'deny'", true)], "person"),
        ("rm infra/main.tf", vec![(Managed, "protect = 'infra'", true)], "never"),
        ("rm infra/main.tf", vec![(Managed, "protect = 'infra'\napprove.irreversible = 'person'", true)], "person"),
        // What a person or a project has denied, a person opens.
        (PUSH, vec![(User, "rules.'git.push-force' = 'deny'", true)], "person"),
        ("git reset --hard", vec![(Project, "rules.'git.reset-hard' = 'deny'", false)], "person"),
        ("rm infra/main.tf", vec![(Project, "protect = 'infra'", false)], "person"),
    ] {
        assert_eq!(way(text, &files), wanted, "{text} {files:#?}");
    }
}

#[test]
fn a_question_that_nobody_answers_may_be_approved() {
    let reset = "git reset --hard";
    let unattended = [(Kind::User, "unattended = 'deny'", true)];
    assert!(approvable_in(Mode::BypassPermissions, reset, &unattended).is_some());
    assert_eq!(approvable_in(Mode::Default, reset, &unattended), None, "there, a person is asked");
    let managed = [(Kind::Managed, "unattended = 'deny'", true)];
    assert_eq!(approvable_in(Mode::BypassPermissions, reset, &managed), None);
    let open = [(Kind::Managed, "unattended = 'deny'\napprove.irreversible = 'person'", true)];
    assert!(approvable_in(Mode::BypassPermissions, reset, &open).is_some());
    let settings = "echo x > ~/.claude/settings.json";
    assert_eq!(approvable_in(Mode::BypassPermissions, settings, &open), None);
}

#[test]
fn what_is_at_stake_has_a_name() {
    let deny = [(
        Kind::User,
        "decide.irreversible = 'deny'\ndecide.disruptive = 'deny'\napprove.catastrophic = 'person'",
        true,
    )];
    for (text, stake) in [
        (PUSH, "main"),
        ("git push --force origin HEAD:release/2.0", "2.0"),
        ("terraform destroy -auto-approve", "shop"),
        ("rm -rf /srv/uploads/2024", "2024"),
        ("rm -rf /srv/uploads/*", "uploads"),
        ("docker volume rm shop_data", "shop_data"),
        ("dropdb -h db.example.com orders", "orders"),
        ("psql -h db.example.com -d shop -c 'DROP TABLE users'", "users"),
        ("kubectl delete namespace billing", "billing"),
        ("mcp: drop_table {\"table\": \"customers\", \"confirm\": \"yes\"}", "customers"),
        ("aws s3 rb s3://shop-backups --force", "shop-backups"),
    ] {
        let found = approvable(text, &deny).map(|approvable| approvable.stake);
        assert_eq!(found.as_deref(), Some(stake), "{text}");
    }
    let found = approvable(PUSH, &[]).expect("it can be approved");
    assert!(found.losses.contains("Lost: ") && found.losses.contains("Rule: git.push-force"), "{}", found.losses);
}

/// Where the client would drop the question, there is none; `tests/realclient` shows it.
#[test]
fn a_question_that_the_client_drops_is_a_denial() {
    let ask = "git push --force origin feature";
    let decided = |mode: Mode, text: &str| judge_by(&Call { mode, ..session(text) }, &policy(&[]), &NoFiles);
    for text in [
        "git push --force origin feature; echo x > .git/x",
        "git push --force origin feature; mkdir -p .VSCODE",
        "git push --force origin feature; echo x > .g'i't/x",
        "git push --force origin feature; touch ~/.bashrc",
        "write: /home/dev/.claude/settings.json ⏎ {}",
    ] {
        for (mode, wanted) in [
            (Mode::BypassPermissions, Decision::Deny),
            (Mode::Auto, Decision::Deny),
            (Mode::Default, Decision::Ask),
            (Mode::AcceptEdits, Decision::Ask),
        ] {
            let judgement = decided(mode, text);
            assert_eq!(judgement.decision, wanted, "{text}");
            assert_eq!(judgement.reason.contains("drops questions"), wanted == Decision::Deny, "{}", judgement.reason);
        }
    }
    assert_eq!(decided(Mode::BypassPermissions, ask).decision, Decision::Ask);
    assert_eq!(
        decided(Mode::BypassPermissions, "echo x > .git/x; ls").decision,
        decided(Mode::Default, "echo x > .git/x; ls").decision
    );
    // A person can approve it, unless it is the guard's own.
    assert!(approvable_in(Mode::BypassPermissions, "git push --force origin feature; touch .git/x", &[]).is_some());
    assert_eq!(approvable_in(Mode::BypassPermissions, "write: /home/dev/.claude/settings.json ⏎ {}", &[]), None);
}
