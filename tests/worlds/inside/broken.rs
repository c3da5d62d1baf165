//! Files that a hostile repository may hold.

use super::package;
use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None as Silent};
use std::time::Instant;

#[test]
fn files_that_are_no_files_of_their_kind() {
    for name in ["package.json", "Makefile", "justfile", "compose.yml", "Procfile", "Taskfile.yml"] {
        for bytes in [&b"\xff\xfe\x00binary"[..], &b""[..], &b"{"[..], &[b'a'; 2 << 20][..], &b"\xef\xbb\xbf"[..]] {
            let world = World::new();
            world.file(name, bytes);
            // Nothing is known: the name has to do.
            world.all(Ask, &["npm run db:reset", "make db-reset", "just reset-db"]);
            world.all(Silent, &["npm test", "make", "just", "docker compose up", "foreman start", "task build"]);
        }
    }
}

#[test]
fn a_fifo_and_a_loop_of_links() {
    let world = World::new();
    world.link("package.json", "package.json").link("Makefile", "Makefile");
    world.all(Silent, &["npm test", "make"]);
    let fifo = World::new();
    let made = std::process::Command::new("mkfifo").arg(fifo.project.join("package.json")).status().expect("mkfifo");
    assert!(made.success());
    fifo.all(Silent, &["npm test"]);
}

#[test]
fn line_ends_tabs_and_marks() {
    let world = World::new();
    world
        .file("Makefile", "X=1\r\nreset:\r\n\tdropdb shop\r\n")
        .file("package.json", format!("\u{feff}{}", package(&[("wipe", "rm -rf ~")])));
    world.file("x.sh", "#!/bin/sh\r\ndropdb shop\r\n");
    world.all(Deny, &["make reset", "bash x.sh", "npm run wipe"]);
}

#[test]
fn bombs_end_soon() {
    let world = World::new();
    let mut scripts: Vec<(String, String)> = Vec::new();
    for at in 0..40 {
        scripts.push((format!("s{at}"), format!("npm run s{0} && npm run s{0} && npm run s{0}", at + 1)));
    }
    let scripts: Vec<(&str, &str)> = scripts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    world.file("package.json", package(&scripts));
    let mut make = "A0 = x\n".to_owned();
    for at in 1..60 {
        make.push_str(&format!("A{at} = $(A{0})$(A{0})$(A{0})\n", at - 1));
    }
    make.push_str("all:\n\techo $(A59)\nd0:\n\techo\n");
    for at in 1..200 {
        make.push_str(&format!("d{at}: d{0} d{0}\n\t$(MAKE) d{0}\n", at - 1));
    }
    world.file("Makefile", make);
    world.file("a/Makefile", "x:\n\t$(MAKE) -C ../b x\n").file("b/Makefile", "x:\n\t$(MAKE) -C ../a x\n");
    world.file("deep.json", "[".repeat(200_000));
    let start = Instant::now();
    assert!(world.judge("npm run s0").decision >= Ask);
    let _ = world.judge("make all");
    let _ = world.judge("make d199");
    world.all(Silent, &["make -C a x"]);
    assert!(start.elapsed().as_secs() < 40, "{:?}", start.elapsed());
}
