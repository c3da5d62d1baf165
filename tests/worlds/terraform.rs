//! State and plans of Terraform.
