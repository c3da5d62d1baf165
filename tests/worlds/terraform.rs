//! State and plans of Terraform.

#[path = "terraform/archives.rs"]
mod archives;
#[path = "terraform/build.rs"]
mod build;
#[path = "terraform/overwrite.rs"]
mod overwrite;
#[path = "terraform/plans.rs"]
mod plans;
#[path = "terraform/replaced.rs"]
mod replaced;
#[path = "terraform/states.rs"]
mod states;
