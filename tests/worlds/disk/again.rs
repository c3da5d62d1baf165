//! Directories that a tool makes again, as what lies in them or beside them tells.

use crate::kit::World;
use countersign::judge::Decision::{Ask, None as Silent};
use std::fs;

fn world() -> World {
    let world = World::with_git();
    world
        .file(
            ".gitignore",
            ".terraform\nsite\nLibrary\nstaticfiles\nbuild*\n*-build\n.env\nnode_modules\n.next\n.cache\n",
        )
        .file("infra/main.tf", "x")
        .file("infra/.terraform/providers/x/terraform-provider-x", "x")
        .file("infra/.terraform/modules/modules.json", "{}")
        .file("local/main.tf", "x")
        .file("local/.terraform/terraform.tfstate", "{}")
        .file("local/.terraform/providers/x", "x")
        .file("file/.terraform/providers", "x")
        .file("mkdocs.yml", "site_name: x\n")
        .file("site/index.html", "x")
        .file("web/site/index.html", "x")
        .file("game/ProjectSettings/ProjectVersion.txt", "x")
        .file("game/Library/a", "x")
        .file("Library/a", "x")
        .file("manage.py", "x")
        .file("staticfiles/a.css", "x")
        .file("build-arm/CMakeCache.txt", "x")
        .file("build-data/CMakeCache.txt", "x")
        .file("build-data/keep.sqlite3", "x")
        .file("build-notes/a.md", "x")
        .file(".next/cache/x", "x")
        .file(".env", "A=1\n");
    world.commit();
    fs::create_dir_all(world.project.join("empty/.terraform")).expect("a directory");
    world
}

#[test]
fn made_again() {
    world().all(
        Silent,
        &[
            "rm -rf infra/.terraform",
            "cd infra && rm -rf .terraform .terraform.lock.hcl && terraform init",
            "rm -rf site && mkdocs build",
            "rm -rf game/Library",
            "rm -rf staticfiles && python manage.py collectstatic --noinput",
            "rm -rf build-arm",
            "git clean -fdX .next",
            "git clean -fdx .next/cache",
        ],
    );
}

#[test]
fn not_made_again() {
    let world = world();
    world.all(
        Ask,
        &[
            // A state, or nobody knows what.
            "rm -rf local/.terraform",
            "rm -rf file/.terraform",
            // Nothing beside it says what it is.
            "rm -rf web/site",
            "rm -rf Library",
            "rm -rf build-notes",
            // Data in it, or put there.
            "rm -rf build-data",
            "mv .env site/ && rm -rf site",
            "git clean -fdX .",
            "git clean -fdX .env",
            "git clean -fdx .next .env",
            "git clean -fdX",
            "git clean -fdX build-data",
        ],
    );
    // It isn't ignored.
    world.file(".gitignore", "x\n").file("site/new.html", "x");
    world.all(Ask, &["rm -rf site"]);
}

#[test]
fn a_link_is_none() {
    let world = world();
    world.link("../infra/.terraform", "web/.terraform");
    world.all(Ask, &["rm -rf web/.terraform/*", "rm -rf web/.terraform/providers", "rm -rf infra/.terraform/*"]);
}
