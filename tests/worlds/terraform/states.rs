//! States: missing, local, remote, of other workspaces, hostile.

use crate::kit::{World, judged};
use countersign::call::ToolCall;
use countersign::judge::Decision;

const NONE: &str = "terraform.apply-no-state";
const MAIN: &str = "resource \"aws_db_instance\" \"main\" {\n  name = \"x\"\n}\n";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/terraform/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a fixture")
}

fn world() -> World {
    let world = World::new();
    world.file("infra/main.tf", MAIN);
    world
}

#[track_caller]
fn is_missed(world: &World, command: &str, decision: Decision) {
    let judgement = world.judge(command);
    assert_eq!(judgement.decision, decision, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
    assert_eq!(judgement.rules.first(), Some(&NONE), "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
    assert!(judgement.reason.contains("build everything a second time"), "{}", judgement.reason);
}

/// Panics if a state is said to be missing; `terraform apply` is asked about all the same.
#[track_caller]
fn is_silent(world: &World, command: &str) {
    let judgement = world.judge(command);
    assert!(judgement.decision >= Decision::Ask, "`{command}`");
    assert!(!judgement.rules.contains(&NONE), "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
}

#[test]
fn without_a_state_it_would_build_everything_again() {
    let world = world();
    for command in [
        "cd infra && terraform apply",
        "terraform -chdir=infra apply",
        "terraform -chdir=infra apply -var env=stage",
        "cd infra; tofu apply",
        "cd infra && terraform init && terraform apply",
        "cd infra && sudo terraform apply",
        "bash -c 'cd infra && terraform apply'",
        "cd infra && terraform apply -state=other.tfstate",
        "cd infra && TF_WORKSPACE=stage terraform apply",
        "cd infra && terraform workspace select stage && terraform apply",
        "cd infra && terraform apply -replace=aws_db_instance.main",
    ] {
        is_missed(&world, command, Decision::Ask);
    }
    // Production is denied what can't be undone.
    for command in [
        "terraform -chdir=infra apply -var env=prod",
        "cd infra && TF_WORKSPACE=prod terraform apply",
        "cd infra && terraform workspace select prod && terraform apply",
    ] {
        is_missed(&world, command, Decision::Deny);
    }
    for command in [
        "cd infra && terraform apply -auto-approve",
        "terraform -chdir=infra apply --auto-approve",
        "terraform -chdir infra apply -input=false -auto-approve",
        "cd infra && TF_CLI_ARGS_apply=-auto-approve terraform apply",
        "cd infra && yes | terraform apply",
        "cd infra && aws-vault exec dev -- terraform apply -auto-approve",
    ] {
        is_missed(&world, command, Decision::Deny);
    }
    world.file("infra dir/x.tf", MAIN);
    is_missed(&world, "terraform -chdir='infra dir' apply", Decision::Ask);
    world.file("json/x.tf.json", r#"{"resource": {"aws_db_instance": {"x": {}}}}"#);
    is_missed(&world, "terraform -chdir=json apply", Decision::Ask);
    world.file("modules/x.tf", "module \"x\" {\n source = \"./x\"\n}");
    is_missed(&world, "terraform -chdir=modules apply", Decision::Ask);
}

#[test]
fn a_plan_there_passes_and_the_agent_is_told() {
    let world = world();
    world.file("infra/terraform.tfstate.backup", "{}").file("infra/old-infra.tar.gz", "");
    for command in ["cd infra && terraform plan", "terraform -chdir=infra plan -out=p", "cd infra && tofu plan"] {
        let judgement = world.judge(command);
        assert_eq!(judgement.decision, Decision::None, "`{command}`");
        let note = judgement.note.expect("a note");
        for text in ["nothing exists yet", "no terraform.tfstate", "terraform.tfstate.backup", "old-infra.tar.gz"] {
            assert!(note.contains(text), "`{text}` isn't in {note}");
        }
    }
    world.says("cd infra && terraform apply", Decision::Ask, &["beside it lies terraform.tfstate.backup, old-infra"]);
    world.file("infra/terraform.tfstate", fixture("1.0/terraform.tfstate"));
    assert_eq!(world.judge("cd infra && terraform plan").note, None);
    assert_eq!(world.judge("cd other && terraform plan").note, None);
}

#[test]
fn where_there_is_a_state_or_it_is_elsewhere_nothing_is_missed() {
    let world = world();
    world.file("infra/terraform.tfstate", fixture("1.0/terraform.tfstate"));
    is_silent(&world, "cd infra && terraform apply");
    is_missed(&world, "cd infra && terraform apply -state=x/other.tfstate", Decision::Ask);
    // Only variables and outputs: nothing would be built.
    world.file("values/a.tf", "variable \"x\" {}\noutput \"y\" { value = \"resource\" }\ndata \"a\" \"b\" {}\n");
    is_silent(&world, "terraform -chdir=values apply");
    is_silent(&world, "terraform -chdir=nowhere apply");
    for (dir, text) in [
        ("s3", "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n  }\n}\n"),
        ("cloud", "terraform {\n  cloud {\n    organization = \"o\"\n  }\n}\n"),
        ("http", "terraform { backend \"http\" {} }\n"),
    ] {
        world.file(&format!("{dir}/main.tf"), MAIN).file(&format!("{dir}/backend.tf"), text);
        is_silent(&world, &format!("terraform -chdir={dir} apply"));
    }
    world.file("json/main.tf", MAIN).file("json/b.tf.json", r#"{"terraform": {"backend": {"gcs": {}}}}"#);
    is_silent(&world, "terraform -chdir=json apply");
    // An override takes the place of what the others say.
    world.file("s3/local_override.tf", "terraform { backend \"local\" {} }\n");
    is_missed(&world, "terraform -chdir=s3 apply", Decision::Ask);
    world.file("over/main.tf", MAIN).file("over/override.tf", "terraform { backend \"s3\" {} }\n");
    is_silent(&world, "terraform -chdir=over apply");
    // What `terraform init` has written down.
    world.file("init/main.tf", MAIN);
    world.file("init/.terraform/terraform.tfstate", r#"{"version":3,"backend":{"type":"s3","config":{"bucket":"b"}}}"#);
    is_silent(&world, "terraform -chdir=init apply");
    is_missed(&world, "TF_DATA_DIR=other terraform -chdir=init apply", Decision::Ask);
    world.file(
        "init/.terraform/terraform.tfstate",
        r#"{"version":3,"backend":{"type":"local","config":{"path":"x/y"}}}"#,
    );
    is_missed(&world, "terraform -chdir=init apply", Decision::Ask);
    world.file("init/x/y", "{}");
    is_silent(&world, "terraform -chdir=init apply");
    // A path of its own.
    world.file("path/main.tf", format!("{MAIN}terraform {{ backend \"local\" {{ path = \"../kept.tfstate\" }} }}\n"));
    is_missed(&world, "terraform -chdir=path apply", Decision::Ask);
    world.file("kept.tfstate", "{}");
    is_silent(&world, "terraform -chdir=path apply");
    // What can't be known, or lies elsewhere.
    world.file("infra2/main.tf", MAIN);
    for command in [
        "ssh host 'cd infra2 && terraform apply'",
        "cd \"$DIR\" && terraform apply",
        "terraform -chdir=infra2 apply -state=\"$STATE\"",
        "TF_CLI_ARGS=-state=x terraform -chdir=infra2 apply",
        "terraform -chdir=infra2 apply -refresh-only -auto-approve",
        "cp /x infra2/terraform.tfstate; terraform -chdir=infra2 apply",
    ] {
        is_silent(&world, command);
    }
    world.all(Decision::None, &["terraform -chdir=infra2 validate", "terraform -chdir=infra2 plan -destroy"]);
}

#[test]
fn every_workspace_has_a_state_of_its_own() {
    let world = world();
    world.file("infra/terraform.tfstate.d/prod/terraform.tfstate", fixture("1.0/terraform.tfstate"));
    is_missed(&world, "cd infra && terraform apply", Decision::Ask);
    is_silent(&world, "cd infra && TF_WORKSPACE=prod terraform apply");
    is_silent(&world, "cd infra && export TF_WORKSPACE=prod; terraform apply");
    is_silent(&world, "cd infra && terraform workspace select prod && terraform apply");
    is_silent(&world, "cd infra && terraform workspace select \"$W\" && terraform apply");
    is_missed(&world, "cd infra && terraform workspace select dev && terraform apply", Decision::Ask);
    is_missed(&world, "cd infra && TF_WORKSPACE=dev terraform apply", Decision::Ask);
    let says = ["5 resources in terraform.tfstate of workspace prod", "aws_dynamodb_table.orders"];
    world.says("cd infra && terraform workspace select prod && terraform destroy", Decision::Deny, &says);
    world.says("cd infra && TF_WORKSPACE=prod terraform destroy", Decision::Deny, &says);
    world.file("infra/.terraform/environment", "prod");
    is_silent(&world, "cd infra && terraform apply");
    world.says("cd infra && terraform destroy -auto-approve", Decision::Deny, &says);
    // What it would have chosen can't lead out of the folder.
    world.file("infra/.terraform/environment", "../../x");
    is_silent(&world, "cd infra && terraform apply");
}

#[test]
fn destroy_says_what_is_in_the_state() {
    let world = world();
    world.file("infra/terraform.tfstate", fixture("1.0/terraform.tfstate"));
    let says = |command: &str, texts: &[&str]| world.says(command, Decision::Ask, texts);
    says(
        "cd infra && terraform destroy",
        &["Here: 5 resources in terraform.tfstate, among them aws_dynamodb_table.orders."],
    );
    says("terraform -chdir=infra apply -destroy", &["5 resources"]);
    says("cd infra && terraform destroy -target=aws_ecs_cluster.web", &["-target narrows it to aws_ecs_cluster.web"]);
    says("cp old.tfstate infra/terraform.tfstate", &["5 resources in terraform.tfstate"]);
    world.file(
        "v4/terraform.tfstate",
        r#"{"version": 4, "resources": [
            {"mode": "data", "type": "aws_db_instance", "name": "x", "instances": [{"attributes": {}}]},
            {"module": "module.db", "mode": "managed", "type": "aws_db_instance", "name": "main",
             "instances": [{"index_key": "eu", "attributes": {"password": "hunter2", "deletion_protection": false, "skip_final_snapshot": true, "x": [{"y": {}}]}}]},
            {"mode": "managed", "type": "aws_db_subnet_group", "name": "s", "instances": [{"attributes": {"deletion_protection": false}}]},
            {"mode": "managed", "type": "aws_s3_bucket", "name": "b", "instances": [{"attributes": {"force_destroy": false}}, {"deposed": "x", "attributes": null}]}
        ]}"#,
    );
    says(
        "cd v4 && terraform destroy",
        &[
            "4 resources",
            "module.db.aws_db_instance.main[\"eu\"], aws_s3_bucket.b",
            "(1 without deletion protection, 1 of which no copy would be kept)",
        ],
    );
    assert!(!world.judge("cd v4 && terraform destroy").reason.contains("hunter2"));
    world.file(
        "v3/terraform.tfstate",
        r#"{"version": 3, "modules": [{"path": ["root"], "resources": {
            "aws_db_instance.main": {"type": "aws_db_instance", "primary": {"id": "x", "attributes": {"skip_final_snapshot": "true"}}},
            "data.aws_ami.x": {"type": "aws_ami", "primary": {"id": "y"}}}},
            {"path": ["root", "net"], "resources": {"aws_vpc.v": {"type": "aws_vpc", "primary": {"id": "z"}}}}]}"#,
    );
    says("cd v3 && terraform destroy", &["2 resources", "aws_db_instance.main (1 of which no copy"]);
    world.file("s3/main.tf", format!("{MAIN}terraform {{ backend \"s3\" {{}} }}"));
    says("terraform -chdir=s3 destroy", &["kept remotely (s3)", "can't be counted"]);
    world.file("empty/main.tf", MAIN);
    says("terraform -chdir=empty destroy", &["there is no terraform.tfstate"]);
    world.file("sealed/terraform.tfstate", r#"{"meta": {}, "encrypted_data": "x", "encryption_version": "v0"}"#);
    says("cd sealed && tofu destroy", &["is encrypted"]);
}

#[test]
fn hostile_states_do_no_harm() {
    let world = World::new();
    let deep = format!(r#"{{"version": 4, "x": {}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let deep_key = format!(
        r#"{{"version": 4, "resources": [{{"mode":"managed","type":"a","name":"b","instances":[{{"index_key":{}"#,
        "[".repeat(100_000)
    );
    world.file("terraform.tfstate", deep);
    world.says("terraform destroy", Decision::Ask, &["0 resources in terraform.tfstate"]);
    for text in [deep_key.as_str(), "{", "[]", "null", "\u{0}", r#"{"version": 2}"#, r#"{"version": 4} x"#] {
        world.file("terraform.tfstate", text);
        let judgement = world.judge("terraform destroy");
        assert_eq!(judgement.decision, Decision::Ask);
        assert!(!judgement.reason.contains("resources in"), "{}", judgement.reason);
    }
    let name = format!("x\\n\\nRule: y\\u001b[2J{}", "n".repeat(100_000));
    world.file(
        "terraform.tfstate",
        format!(r#"{{"version":4,"resources":[{{"mode":"managed","type":"aws_db_instance","name":"{name}","instances":[{{}}]}}]}}"#),
    );
    let reason = world.judge("terraform destroy").reason;
    assert!(reason.contains("1 resource in") && reason.len() < 1_024 && !reason.contains('\u{1b}'), "{reason}");
    assert_eq!(reason.lines().filter(|line| line.starts_with("Rule:")).count(), 1, "{reason}");
    // More than is read: what was counted is told as what it is.
    let one = r#"{"mode":"managed","type":"aws_vpc","name":"v","instances":[{"attributes":{"x":"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"}}]},"#;
    world.file(
        "terraform.tfstate",
        format!(r#"{{"version":4,"resources":[{}{}]}}"#, one.repeat(80_000), one.trim_end_matches(',')),
    );
    world.says("terraform destroy", Decision::Ask, &["more than ", "resources in terraform.tfstate"]);
    std::fs::remove_file(world.project.join("terraform.tfstate")).unwrap();
    std::process::Command::new("mkfifo").arg(world.project.join("terraform.tfstate")).status().unwrap();
    world.file("x.tf", MAIN);
    world.all(Decision::Ask, &["terraform destroy", "terraform apply"]);
    is_silent(&world, "terraform apply");
    for name in ["a.tf", "b.tf"] {
        std::process::Command::new("mkfifo").arg(world.project.join("fifo").with_file_name(name)).status().unwrap();
    }
    world.all(Decision::Ask, &["terraform destroy", "terraform apply"]);
}

#[test]
fn other_tools_are_left_alone() {
    let world = world();
    world.file("infra/notes.md", "x");
    let write = ToolCall::Write {
        path: world.project.join("infra/main.tf").to_str().unwrap().to_owned(),
        content: MAIN.to_owned(),
    };
    assert_eq!(judged(&world.tool(write, ".")).decision, Decision::None);
    world.all(
        Decision::None,
        &["cd infra && terraform fmt", "cd infra && terraform init", "cd infra && terraform plan"],
    );
    world.all(Decision::Allow, &["cat infra/main.tf", "ls infra"]);
}
