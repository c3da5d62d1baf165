//! Homes and projects for the calls.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

/// Three policies of about 1 KB each, as people write them: the person's, the project's, and the person's for it.
pub(crate) const USER: &str = include_str!("../../policies/user.toml");
pub(crate) const PROJECT: &str = include_str!("../../policies/project.toml");
pub(crate) const LOCAL: &str = include_str!("../../policies/local.toml");

/// A person's policy of this many rules.
pub(crate) fn rules(count: usize) -> String {
    let rule = |at: usize| {
        let class = ["disruptive", "irreversible", "ordinary"][at % 3];
        let more = ["", "unless  = { option = [\"--dry-run\"] }\n", "forced  = { option = [\"--yes\"] }\n"][at % 3];
        format!(
            "[[rule]]\nid      = \"team.tool-{at}-delete\"\nclass   = \"{class}\"\nprogram = [\"tool-{at}\"]\n\
             command = [\"delete\", \"env destroy|purge\"]\n{more}loses   = \"every release of the environment and its volumes\"\n\
             instead = \"run `tool-{at} list` and show it, then let a person delete\"\n\
             hits    = [\"tool-{at} delete x\"]\npasses  = [\"tool-{at} list\"]\n\n"
        )
    };
    (0..count).map(rule).collect()
}

/// A home with a project in it, and these policies.
pub(crate) fn machine(name: &str, user: &str, project: &str, local: &str) -> Result<PathBuf, Box<dyn Error>> {
    let home = std::env::temp_dir().join(format!("countersign-bench-{}-{name}", std::process::id()));
    std::fs::create_dir_all(home.join(".claude"))?;
    std::fs::create_dir_all(home.join("shop/.claude"))?;
    std::fs::create_dir_all(home.join("shop/.git"))?;
    for (path, text) in [
        (".claude/countersign.toml", user),
        ("shop/.claude/countersign.toml", project),
        ("shop/.claude/countersign.local.toml", local),
    ] {
        if !text.is_empty() {
            std::fs::write(home.join(path), text)?;
        }
    }
    Ok(home)
}

/// A home with a project in it that is a repository of this many files, one of them changed, and one file in no commit.
pub(crate) fn repository(count: usize) -> Result<PathBuf, Box<dyn Error>> {
    let home = machine("repository", "", "", "")?;
    let shop = home.join("shop");
    std::fs::remove_dir(shop.join(".git"))?;
    for at in 0..count {
        let dir = shop.join(format!("src/d{}", at / 100));
        if at % 100 == 0 {
            std::fs::create_dir_all(&dir)?;
        }
        std::fs::write(dir.join(format!("f{at}.rs")), format!("// {at}\n"))?;
    }
    for words in [
        &["init", "-q"][..],
        &["add", "-A"],
        &["-c", "user.name=dev", "-c", "user.email=dev@example.com", "commit", "-qm", "all"],
    ] {
        let done = Command::new("git").args(words).current_dir(&shop).env("HOME", &home).status()?;
        if !done.success() {
            return Err("git failed".into());
        }
    }
    std::fs::write(shop.join("src/d0/f7.rs"), "changed\n")?;
    std::fs::write(shop.join("src/d1/new.rs"), "new\n")?;
    Ok(home)
}
