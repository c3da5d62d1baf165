//! Archives that are unpacked over a state: how the incident began.

use super::build::zip;
use crate::kit::World;
use countersign::judge::Decision;
use std::process::Command;

const MAIN: &str = "resource \"a\" \"b\" {}\n";

fn world() -> World {
    let world = World::new();
    world.file("infra/main.tf", MAIN).file("infra/terraform.tfstate", r#"{"version": 4, "resources": []}"#);
    world.file("src/a.ts", "x").file("old/infra/terraform.tfstate", "{}").file("old/infra/main.tf", MAIN);
    world.file("old/terraform.tfstate", "{}").file("old/readme", "x");
    for (name, flags, paths) in [
        ("state.tar", "-cf", "terraform.tfstate readme"),
        ("state.tgz", "-czf", "terraform.tfstate readme"),
        ("infra.tar.gz", "-czf", "infra"),
        ("clean.tar.gz", "-czf", "readme"),
        ("clean.tar", "-cf", "readme"),
    ] {
        let mut words = vec!["-C", "old", flags, name];
        words.extend(paths.split(' '));
        let status = Command::new("tar").args(words).current_dir(&world.project).status().expect("tar");
        assert!(status.success());
    }
    world.file("state.zip", zip(&[("x/readme", b"x".to_vec()), ("terraform.tfstate", b"{}".to_vec())]));
    world.file("clean.zip", zip(&[("readme", b"x".to_vec())]));
    world.file("backup.7z", "7z\u{1}");
    world
}

#[test]
fn an_archive_over_a_state_is_stopped() {
    let world = world();
    for command in [
        "cd infra && tar xf ../state.tar",
        "cd infra && tar -xzf ../state.tgz",
        "cd infra && tar xzvf ../state.tgz",
        "cd infra && tar -x -f ../state.tar",
        "tar -xf state.tar -C infra",
        "tar -C infra -xf state.tar",
        "tar xf infra.tar.gz",
        "sudo tar -xf infra.tar.gz",
        "cd infra && unzip -o ../state.zip",
        "unzip -o state.zip -d infra",
        "unzip state.zip -d infra/",
        "cd infra && 7z x ../backup.7z",
        "7z x backup.7z -oinfra",
        "cd infra && tar xf ../missing.tar",
        "cd infra && curl -fsSL https://x.dev/b.tgz | tar xz",
        "cd infra && curl -o b.tgz https://x.dev/b.tgz && tar xzf b.tgz",
        "bash -c 'cd infra && tar xf ../state.tar'",
    ] {
        let judgement = world.judge(command);
        assert_eq!(judgement.decision, Decision::Ask, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
        assert!(judgement.reason.contains("state"), "`{command}`:\n{}", judgement.reason);
        assert!(judgement.rules.iter().any(|rule| rule.ends_with("-over-state")), "{:?}", judgement.rules);
    }
    world.says("tar xf state.tar -C infra", Decision::Ask, &["archive holds terraform.tfstate", "take the place"]);
    // Where there are files but no state, an old one would be believed from then on.
    std::fs::remove_file(world.project.join("infra/terraform.tfstate")).unwrap();
    world.says("tar xf state.tar -C infra", Decision::Ask, &["what Terraform believes from then on"]);
}

#[test]
fn other_archives_stay_as_they_are() {
    let world = world();
    for command in [
        "tar xf clean.tar.gz",
        "cd infra && tar xf ../clean.tar",
        "cd infra && tar -xzf ../clean.tar.gz",
        "unzip -o clean.zip -d infra",
        "cd infra && unzip ../clean.zip",
        "mkdir -p /tmp/old && tar xf state.tar -C /tmp/old",
        "tar xf state.tar -C src",
        "unzip state.zip -d src",
        "7z x backup.7z -osrc",
        "tar xf missing.tar",
        "cd src && curl -fsSL https://x.dev/b.tgz | tar xz",
        "tar czf b.tgz infra",
        "tar -cf x.tar infra",
    ] {
        let judgement = world.judge(command);
        assert_eq!(judgement.decision, Decision::None, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
    }
    for command in ["tar tf state.tar", "tar -tzf state.tgz", "unzip -l state.zip", "cd infra && tar -xkf ../state.tar"]
    {
        assert!(world.judge(command).decision <= Decision::None, "`{command}`");
    }
}

#[test]
fn damaged_archives_count_as_unknown() {
    let world = world();
    let tgz = std::fs::read(world.project.join("clean.tar.gz")).unwrap();
    // Behind its names, nothing is missed.
    for end in (0..tgz.len() / 2).step_by(11) {
        world.file("x.tgz", &tgz[..end]);
        world.says("tar xf x.tgz -C infra", Decision::Ask, &["can't be looked into"]);
    }
    let tar = std::fs::read(world.project.join("clean.tar")).unwrap();
    for at in [0, 124, 130, 148] {
        let mut bytes = tar.clone();
        bytes[at] = 0xff;
        world.file("x.tar", bytes);
        world.says("tar xf x.tar -C infra", Decision::Ask, &["can't be looked into"]);
    }
    // 64 MiB of nothing in 64 KB.
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    bomb.extend(miniz_oxide::deflate::compress_to_vec(&vec![b'x'; 64 << 20], 1));
    world.file("x.tgz", bomb);
    world.says("tar xf x.tgz -C infra", Decision::Ask, &["can't be looked into"]);
}
