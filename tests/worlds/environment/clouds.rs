//! Clouds, containers and Terraform.

use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny};

#[test]
fn aws_by_its_profile() {
    let world = World::new();
    world.file(
        "../.aws/config",
        "[profile shop]\nrole_arn = arn:aws:iam::1:role/shop-prod-admin\n[profile dev]\nrole_arn = arn:aws:iam::1:role/dev\n",
    );
    let bare = "aws dynamodb delete-table --table-name x";
    world.all(Ask, &[bare, &format!("{bare} --profile dev"), &format!("AWS_PROFILE=dev {bare}")]);
    world.all(Deny, &[&format!("{bare} --profile prod"), &format!("AWS_PROFILE=prod-eu {bare}")]);
    world.says(
        &format!("{bare} --profile shop"),
        Deny,
        &["role_arn in ~/.aws/config names arn:aws:iam::1:role/shop-prod-admin"],
    );
}

#[test]
fn gcloud_by_its_configuration() {
    let world = World::new();
    world
        .file("../.config/gcloud/active_config", "work\n")
        .file("../.config/gcloud/configurations/config_work", "[core]\nproject = shop-prod\n")
        .file("../.config/gcloud/configurations/config_home", "[core]\nproject = mine\n");
    world.says(
        "gcloud sql databases delete x --instance i",
        Deny,
        &["project in ~/.config/gcloud/configurations/config_work names shop-prod"],
    );
    world.all(
        Ask,
        &[
            "gcloud sql databases delete x --instance i --project mine",
            "gcloud sql databases delete x --instance i --configuration home",
            "CLOUDSDK_CORE_PROJECT=mine gcloud sql databases delete x --instance i",
        ],
    );
}

#[test]
fn azure_by_its_subscription() {
    let world = World::new();
    world.file(
        "../.azure/azureProfile.json",
        "\u{feff}{\"subscriptions\": [{\"name\": \"dev\", \"isDefault\": false}, {\"name\": \"Shop Production\", \"isDefault\": true}]}",
    );
    world.says("az sql db delete -n x -s y -g z", Deny, &["name in ~/.azure/azureProfile.json names Shop Production"]);
    world.all(Ask, &["az sql db delete -n x -s y -g z --subscription dev"]);
}

#[test]
fn terraform_by_its_workspace() {
    let world = World::new();
    world.all(Ask, &["terraform destroy"]);
    world.all(
        Deny,
        &[
            "TF_WORKSPACE=prod terraform destroy",
            "terraform destroy -var-file=envs/prod.tfvars",
            "terraform -chdir=envs/prod destroy",
            "terraform workspace select prod && terraform destroy",
            "AWS_PROFILE=prod terraform destroy",
        ],
    );
    world.file(".terraform/environment", "prod");
    world.says("terraform destroy", Deny, &["aimed at production: .terraform/environment names prod"]);
    let world = World::new();
    world.file(
        ".terraform/terraform.tfstate",
        "{\"backend\": {\"type\": \"s3\", \"config\": {\"bucket\": \"shop-prod-state\"}}}",
    );
    world.says("terraform destroy", Deny, &["bucket in .terraform/terraform.tfstate names shop-prod-state"]);
}

#[test]
fn docker_by_its_context() {
    let world = World::new();
    world.file(
        "../.docker/config.json",
        "{\"currentContext\": \"shop-prod\", \"auths\": {\"x\": {\"auth\": \"hunter2\"}}}",
    );
    world.says("docker volume rm data", Deny, &["currentContext in ~/.docker/config.json names shop-prod"]);
    let world = World::new();
    world.all(Ask, &["docker volume rm data", "docker --context stage volume rm data"]);
    world.all(
        Deny,
        &[
            "docker --context prod volume rm data",
            "DOCKER_HOST=ssh://root@web.prod.example.com docker volume rm data",
            "docker -H tcp://prod:2375 volume rm data",
        ],
    );
}
