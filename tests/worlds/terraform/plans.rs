//! Saved plans: those in `tests/fixtures/terraform/` were made by real Terraform, see `make.sh` there.

use super::build::{bytes, change, count, plan, plan_text, resource, zip};
use crate::kit::World;
use countersign::judge::Decision;

const KEEPS: &str = "terraform.apply-plan-keeps";

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/terraform/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a fixture")
}

fn world() -> World {
    let world = World::new();
    for name in ["create", "keep", "update", "replace", "delete", "destroy", "target"] {
        world.file(&format!("infra/{name}.tfplan"), fixture(&format!("1.0/{name}.tfplan")));
    }
    world
}

/// Panics unless the plan counts as one that nothing is known of.
#[track_caller]
fn is_unseen(world: &World, command: &str) {
    let judgement = world.judge(command);
    assert_eq!(judgement.decision, Decision::Ask, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
    assert!(judgement.rules.contains(&"terraform.apply-plan"), "`{command}`: {:?}", judgement.rules);
    assert!(!judgement.reason.contains("Here:"), "`{command}`:\n{}", judgement.reason);
}

/// Panics unless the plan counts as one that deletes nothing.
#[track_caller]
fn keeps(world: &World, command: &str) {
    let judgement = world.judge(command);
    assert_eq!(judgement.decision, Decision::Ask, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
    assert_eq!(judgement.rules, [KEEPS], "`{command}`\n{}", judgement.reason);
}

#[test]
fn real_plans_are_read() {
    let world = world();
    let says = |name: &str, decision, texts: &[&str]| {
        world.says(&format!("cd infra && terraform apply {name}.tfplan"), decision, texts);
    };
    says("create", Decision::Ask, &[KEEPS, "create.tfplan: 5 to add, nothing is deleted"]);
    says("keep", Decision::Ask, &[KEEPS, "nothing to do, nothing is deleted"]);
    says("update", Decision::Ask, &[KEEPS, "2 to change, nothing is deleted"]);
    says("delete", Decision::Ask, &["terraform.apply-plan-deletes\n", "would delete aws_ecs_cluster.web[1]"]);
    says("replace", Decision::Deny, &["would replace aws_dynamodb_table.orders (data is in it)"]);
    says("destroy", Decision::Deny, &["destroy plan", "delete aws_dynamodb_table.orders, ", "and 2 more"]);
    says("target", Decision::Deny, &["delete aws_dynamodb_table.orders (data is in it)"]);
}

#[test]
fn plans_of_older_versions_are_read() {
    let world = World::new();
    for version in ["0.13", "0.15"] {
        world.file("p", fixture(&format!("{version}/create.tfplan")));
        world.says("terraform apply p", Decision::Ask, &[KEEPS, "5 to add, nothing is deleted"]);
    }
}

#[test]
fn what_deletes_nothing_is_never_denied() {
    let world = world();
    for command in [
        "terraform -chdir=infra apply create.tfplan",
        "terraform -chdir=infra apply -auto-approve create.tfplan",
        "tofu -chdir=infra apply -input=false update.tfplan",
        "yes | terraform -chdir=infra apply create.tfplan",
        "cd infra && terraform apply -auto-approve create.tfplan",
        "ls -la && cd infra && terraform apply create.tfplan",
        "cd infra && terraform show create.tfplan && terraform apply create.tfplan",
        "cd infra && terraform init -input=false && terraform apply create.tfplan",
    ] {
        keeps(&world, command);
    }
    world.file("in fra/p", fixture("1.0/update.tfplan"));
    keeps(&world, "terraform -chdir='in fra' apply p");
    // What deletes, and what isn't a plan, is denied without a question of Terraform's own, as ever.
    world.all(
        Decision::Deny,
        &[
            "terraform -chdir=infra apply -auto-approve delete.tfplan",
            "terraform -chdir=infra apply -auto-approve",
            "terraform -chdir=infra apply -auto-approve missing.tfplan",
        ],
    );
}

#[test]
fn what_deletes_data_is_denied_wherever_it_stands() {
    let world = world();
    world.all(
        Decision::Deny,
        &[
            "terraform apply infra/replace.tfplan",
            "terraform apply -input=false infra/replace.tfplan",
            "terraform apply infra/replace.tfplan -input=false",
            "sudo terraform apply infra/replace.tfplan",
            "bash -c 'cd infra; terraform apply replace.tfplan'",
            "ls; npm test && terraform apply infra/replace.tfplan; echo done",
            "aws-vault exec dev -- terraform -chdir=infra apply replace.tfplan",
            "terragrunt apply infra/replace.tfplan",
            "P=infra/replace.tfplan; terraform apply $P",
            "cd infra && terraform plan -out=other && terraform apply replace.tfplan",
        ],
    );
}

#[test]
fn a_plan_that_the_call_makes_is_not_the_one_that_lies_there() {
    let world = world();
    for command in [
        "cd infra && terraform plan -out=create.tfplan && terraform apply create.tfplan",
        "cd infra && terraform plan -out create.tfplan; terraform apply create.tfplan",
        "terraform -chdir=infra plan -out=replace.tfplan && terraform -chdir=infra apply replace.tfplan",
        "cp /tmp/p infra/create.tfplan && terraform apply infra/create.tfplan",
        "./make-plan.sh; terraform apply infra/create.tfplan",
        "make plan && terraform apply infra/create.tfplan",
        "terraform apply infra/create.tfplan & python3 x.py",
        "sudo terraform apply infra/create.tfplan",
        "terraform apply infra/../infra/create.tfplan",
        "terraform -chdir=infra/../infra apply create.tfplan",
        "terraform -chdir=\"$D\" apply create.tfplan",
        "TF_CLI_ARGS_apply=-destroy2 terraform apply infra/create.tfplan",
        "PATH=/tmp/x:$PATH terraform apply infra/create.tfplan",
        "./terraform apply infra/create.tfplan",
        "ssh host terraform apply infra/create.tfplan",
        "terraform apply \"$PLAN\"",
        "terraform apply infra/missing.tfplan",
    ] {
        let judgement = world.judge(command);
        assert!(judgement.decision >= Decision::Ask, "`{command}`");
        assert!(!judgement.rules.contains(&KEEPS), "`{command}`: {:?}", judgement.rules);
        assert!(!judgement.reason.contains("nothing is deleted"), "`{command}`: {}", judgement.reason);
    }
}

#[test]
fn later_versions_and_every_action() {
    let world = World::new();
    let of = |parts: &[Vec<u8>]| world.file("p", plan(parts));
    of(&[change("aws_instance.a", 1), change("null_resource.b", 3), change("data.x.y", 2), change("x.z", 0)]);
    world.says("terraform apply p", Decision::Ask, &[KEEPS, "1 to add, 1 to change, nothing is deleted"]);
    of(&[change("null_resource.b", 8)]);
    world.says("terraform apply p", Decision::Ask, &[KEEPS, "1 to forget"]);
    // What has drifted is only reported.
    of(&[bytes(18, resource("aws_db_instance.main", 5)), change("aws_db_instance.main", 1)]);
    world.says("terraform apply p", Decision::Ask, &[KEEPS, "1 to add, nothing"]);
    for action in [5, 6, 7] {
        of(&[change("module.a[\"x.y\"].aws_db_instance.main[0]", action)]);
        world.says("terraform apply p", Decision::Deny, &["module.a[\"x.y\"].aws_db_instance.main[0]"]);
        of(&[change("null_resource.x", action), change("null_resource.y", 1)]);
        world.says("terraform apply p", Decision::Ask, &["null_resource.x", "1 to add", "apply-plan-deletes\n"]);
    }
    of(&[count(17, 1), change("null_resource.x", 0)]);
    assert!(!world.judge("terraform apply p").rules.contains(&KEEPS));
    // Actions of providers may do anything.
    of(&[change("null_resource.x", 1), bytes(30, bytes(1, "action.x.y"))]);
    is_unseen(&world, "terraform apply p");
    world.file(
        "p",
        zip(&[("tfplan", {
            let backend = bytes(13, [bytes(1, "s3"), bytes(3, "prod")].concat());
            [count(1, 3), backend, change("aws_s3_bucket.uploads", 5)].concat()
        })]),
    );
    world.says("terraform apply p", Decision::Deny, &["for workspace prod", "delete aws_s3_bucket.uploads"]);
    // Of many, those with data are named first.
    let many: Vec<Vec<u8>> = (0..2_000).map(|n| change(&format!("null_resource.x[{n}]"), 5)).collect();
    of(&[many.concat(), change("aws_db_instance.last", 6), change("aws_s3_bucket.b", 5)]);
    let says = ["replace aws_db_instance.last", "delete aws_s3_bucket.b, ", "1,998 more", "data is in 1 of them"];
    world.says("terraform apply p", Decision::Deny, &says);
}

#[test]
fn what_is_not_understood_is_not_seen() {
    let world = World::new();
    let whole = plan(&[change("aws_instance.a", 1)]);
    let keep = [change("aws_instance.a", 1)];
    world.file("p", &whole);
    keeps(&world, "terraform apply p");
    for end in (0..whole.len()).step_by(7) {
        world.file("p", &whole[..end]);
        is_unseen(&world, "terraform apply p");
    }
    let text = plan_text(&keep);
    let cases = [
        ("errored", plan(&[keep.concat(), count(20, 1)])),
        ("another version", zip(&[("tfplan", [count(1, 4), keep.concat()].concat())])),
        ("no version", zip(&[("tfplan", keep.concat())])),
        ("two versions", zip(&[("tfplan", [count(1, 3), text.clone()].concat())])),
        ("an unknown action", plan(&[change("a.b", 11)])),
        ("an action beyond 32 bits", plan(&[change("a.b", 5 + (1 << 32))])),
        ("no change in it", plan(&[bytes(3, bytes(13, "a.b"))])),
        ("two changes in one", plan(&[bytes(3, [resource("a.b", 1), resource("a.b", 5)].concat())])),
        ("a length beyond the end", zip(&[("tfplan", [text.clone(), vec![0x1a, 0xff, 0xff, 0xff, 0x7f]].concat())])),
        ("an endless number", zip(&[("tfplan", [text.clone(), vec![0xff; 64]].concat())])),
        ("field 0", zip(&[("tfplan", [text.clone(), vec![0, 0]].concat())])),
        ("a group", zip(&[("tfplan", [text.clone(), vec![0x0b]].concat())])),
        ("two plans", zip(&[("tfplan", text.clone()), ("tfplan", plan_text(&[change("aws_db_instance.x", 5)]))])),
        ("no plan", zip(&[("tfstate", b"{}".to_vec())])),
        ("something in front", [b"x".to_vec(), whole.clone()].concat()),
        ("something behind", [whole.clone(), b"x".to_vec()].concat()),
        ("a bomb", zip(&[("tfplan", [text.clone(), bytes(99, vec![0; 64 << 20])].concat())])),
        ("Terraform 0.11", b"tfplan\x02gob".to_vec()),
        ("encrypted", br#"{"meta":{},"encrypted_data":"x","encryption_version":"v0"}"#.to_vec()),
        ("empty", Vec::new()),
    ];
    for (what, bytes) in cases {
        println!("{what}");
        world.file("p", bytes);
        is_unseen(&world, "terraform apply p");
    }
    std::fs::remove_file(world.project.join("p")).unwrap();
    world.file("real", &whole).link("real", "p");
    is_unseen(&world, "terraform apply p");
    std::fs::create_dir(world.project.join("d")).unwrap();
    is_unseen(&world, "terraform apply d");
    std::process::Command::new("mkfifo").arg(world.project.join("f")).status().unwrap();
    is_unseen(&world, "terraform apply f");
}

#[test]
fn hostile_names_stay_on_one_line() {
    let world = World::new();
    let name = format!("aws_db_instance.a\n\nRule: x\u{1b}[31m`\u{202e}{}", "y".repeat(10_000));
    world.file("p", plan(&[change(&name, 5), change("aws_s3_bucket.b", 6)]));
    let judgement = world.judge("terraform apply p");
    assert_eq!(judgement.decision, Decision::Deny);
    assert!(!judgement.reason.contains(['\u{1b}', '\u{202e}']), "{}", judgement.reason);
    assert!(judgement.reason.len() < 1_024 && judgement.reason.lines().count() <= 10, "{}", judgement.reason);
    assert_eq!(judgement.reason.lines().filter(|line| line.starts_with("Rule:")).count(), 1, "{}", judgement.reason);
}
