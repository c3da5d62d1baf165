//! What a script may do, and for what a person has to be there.

use crate::executable;
use crate::kit::Machine;
use std::fs;

#[test]
fn only_a_person_uninstalls() {
    let machine = Machine::new("agent");
    assert_eq!(machine.run(&["install"]).0, 0, "a script may install");
    let installed = machine.bytes();
    let (code, said) = machine.run(&["uninstall"]);
    assert!(code == 1 && said.contains("a person's to run"), "{said}");
    for variable in ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"] {
        let (code, said) = machine.person_with("uninstall", &[(variable, "1")], &["uninstall"]);
        assert!(code == 1 && said.contains("started by Claude Code"), "{said}");
    }
    let (code, said) = machine.person("no", &["uninstall"]);
    assert!(code == 1 && said.contains("nothing was changed") && said.contains("\u{1b}[31m-"), "coloured: {said}");
    let (code, said) = machine.run(&["uninstall", "--dry-run"]);
    assert!(code == 0 && said.contains("Nothing was written") && !said.contains('\u{1b}'), "plain: {said}");
    assert_eq!(machine.bytes(), installed);
    let (code, said) = machine.person("uninstall", &["uninstall"]);
    assert!(code == 0 && machine.bytes().is_none(), "{said}");
    let (code, said) = machine.person("uninstall", &["uninstall"]);
    assert!(code == 1 && said.contains("nothing to take out"), "{said}");
    machine.file("home/.claude/settings.json", "{\"model\": \"opus\"}");
    let (code, said) = machine.person("uninstall", &["uninstall"]);
    assert!(code == 1 && said.contains("doesn't register countersign"), "{said}");
}

#[test]
fn another_program_is_replaced_by_a_person_only() {
    let machine = Machine::new("other");
    machine.program("old/countersign", "#!/bin/sh\nexit 2\n");
    let old = machine.path("old/countersign").display().to_string();
    let example = include_str!("../../examples/settings/user.json").replace("/usr/local/bin/countersign", &old);
    machine.file("home/.claude/settings.json", &example);
    let (code, said) = machine.run(&["install", "--dry-run"]);
    assert!(code == 0 && said.contains(&format!("-            \"command\": \"{old}\"")), "{said}");
    let (code, said) = machine.run(&["install"]);
    assert!(code == 1 && said.contains("Replacing it is a person's to do"), "{said}");
    assert_eq!(machine.text(), example);
    let (code, said) = machine.person("", &["install"]);
    assert!(code == 0 && !machine.text().contains(&old), "{said}");
    // The same program elsewhere, or one that is gone, is nobody's judge.
    machine.file("home/.claude/settings.json", &example);
    fs::remove_file(&old).expect("its end");
    assert_eq!(machine.run(&["install"]).0, 0);
    machine.file("home/.claude/settings.json", &example);
    executable::copy(machine.binary(), &old);
    assert_eq!(machine.run(&["install"]).0, 0);
}

#[test]
fn the_administrator_is_told_what_else_to_set() {
    let machine = Machine::new("managed");
    // Whoever can write the program could replace what judges everybody.
    let (code, said) = machine.run(&["install", "--managed", "--dry-run"]);
    if code == 0 {
        for key in ["allowManagedHooksOnly", "disableBypassPermissionsMode", "requiredMinimumVersion"] {
            assert!(said.contains(key), "{key}: {said}");
        }
        assert!(said.contains("managed-settings.json"), "{said}");
    } else {
        assert!(said.contains("can't stand in managed settings") && said.contains("sudo install -m 755"), "{said}");
    }
    fs::set_permissions(machine.path("bin"), std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("its mode");
    let (code, said) = machine.run(&["install", "--managed", "--dry-run"]);
    assert!(code == 1 && said.contains("can't stand in managed settings"), "{said}");
}

#[test]
fn it_is_known_by_its_name() {
    let machine = Machine::new("name");
    fs::rename(machine.binary(), machine.path("bin/guard")).expect("another name");
    let output = machine.command(machine.path("bin/guard")).arg("install").output().expect("it runs");
    let (code, said) = crate::kit::told(&output);
    assert!(code == 1 && said.contains("call it `countersign`") && machine.bytes().is_none(), "{said}");
}
