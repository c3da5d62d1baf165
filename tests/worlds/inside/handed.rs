//! What is handed on by other ways than the words of a command: scripts that are copied to another machine first, variables
//! in front of `make`, names of scripts that are patterns.

use super::package;
use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None as Silent};

#[test]
fn a_script_that_is_copied_away_and_run_there() {
    let world = World::new();
    world.file("bad.sh", "#!/bin/bash\nrm -rf /\n").file("ok.sh", "#!/bin/bash\napt list --installed\n");
    world.all(
        Deny,
        &[
            "scp bad.sh web1:/tmp && ssh web1 bash /tmp/bad.sh",
            "scp bad.sh web1:/tmp/x.sh && ssh web1 bash /tmp/x.sh",
            "scp bad.sh web1:/tmp/ ; ssh web1 'bash /tmp/bad.sh'",
            "scp -P 22 -i k ok.sh bad.sh dev@web1:/tmp/ && ssh dev@web1 sudo /tmp/bad.sh",
            "scp bad.sh web1:/tmp/x.sh && ssh web1 'chmod +x /tmp/x.sh && /tmp/x.sh'",
            "scp bad.sh web1: && ssh web1 bash bad.sh",
            "rsync -a bad.sh web1:/tmp/ && ssh web1 bash /tmp/bad.sh",
            "cat > n.sh <<'E'\nrm -rf /\nE\nscp n.sh web1:/tmp/ && ssh web1 bash /tmp/n.sh",
            "docker cp bad.sh shop-db:/tmp/x.sh && docker exec shop-db bash /tmp/x.sh",
            "kubectl cp bad.sh shop-0:/tmp/x.sh && kubectl exec shop-0 -- bash /tmp/x.sh",
            "rsync bad.sh x.sh && bash x.sh",
        ],
    );
    world.all(Ask, &["scp web1:x.sh . && bash x.sh"]);
    world.all(
        Silent,
        &[
            "scp ok.sh web1:/tmp && ssh web1 bash /tmp/ok.sh",
            "scp bad.sh ok.sh web1:/tmp/ && ssh web1 bash /tmp/ok.sh",
            "scp web1:/var/log/app.log . && tail app.log",
            "scp -r dist web1:/tmp/ && ssh web1 ls /tmp/dist",
            "docker cp shop-db:/app/log.txt .",
            "ssh web1 bash /srv/x.sh",
        ],
    );
}

#[test]
fn a_folder_that_is_copied_away_and_a_script_in_it() {
    let world = World::new();
    world.file("s/bad.sh", "rm -rf /\n").file("s/in/bad.sh", "#!/bin/bash\nrm -rf /\n").file("s/ok.sh", "apt list\n");
    world.all(
        Deny,
        &[
            "rsync -a s web1: && ssh web1 'sh s/bad.sh'",
            "rsync -a s web1:; ssh web1 sh ./s/in/bad.sh",
            "rsync -a s/ web1:/tmp && ssh web1 'sh /tmp/bad.sh'",
            "rsync -az ./s dev@web1:/tmp/ && ssh web1 /tmp/s/in/bad.sh",
            "scp -r s web1:/tmp && ssh web1 bash /tmp/s/bad.sh",
            "scp -r s web1:/tmp/new && ssh web1 bash /tmp/new/bad.sh",
            "scp -r a s web1:/tmp/ && ssh web1 bash /tmp/s/bad.sh",
            "docker cp s/. c:/s && docker exec c sh /s/bad.sh",
            "docker cp s c:/tmp && docker exec c sh /tmp/s/in/bad.sh",
            "kubectl cp s shop-0:/tmp/s && kubectl exec shop-0 -- bash /tmp/s/bad.sh",
            "scp -r s web1:/tmp && ssh web1 'cd /tmp/s && sh in/bad.sh'",
            "scp s/bad.sh web1:/tmp && ssh web1 'cd /tmp; ./bad.sh'",
            "(rsync -a s web1:/tmp || true); f() { ssh web1 sh /tmp/s/bad.sh; }; f",
        ],
    );
    world.all(
        Silent,
        &[
            "rsync -a s/ web1:/tmp && ssh web1 'sh /tmp/ok.sh'",
            "scp -r s web1:/tmp && ssh web1 bash /tmp/s/ok.sh",
            "docker cp s/. c:/s && docker exec c sh /s/ok.sh",
            "docker cp s/. c:/s && docker exec c sh /t/bad.sh",
            "ssh web1 sh /tmp/s/bad.sh",
        ],
    );
}

#[test]
fn variables_in_front_reach_what_is_run() {
    let world = World::new();
    let makefile = "ACTION ?= plan\nFIXED = plan\ntf:\n\tterraform $(ARGS)\ntf2:\n\tterraform $$ARGS\ntf3:\n\tterraform ${ACTION}\n\
                    tf4:\n\tterraform $(FIXED)\nbuild:\n\tgo build $(FLAGS) ./...\n\
                    DIR ?= build\nclean:\n\trm -rf $(DIR)\n";
    world
        .file("Makefile", makefile)
        .file("package.json", package(&[("x", "rm -rf $X"), ("build", "tsc --env $NODE_ENV")]));
    for command in [
        "ARGS=destroy make tf",
        "ARGS=destroy make tf2",
        "env ARGS=destroy make tf",
        "ACTION=destroy make tf3",
        "export ACTION=destroy; make tf3",
        "A=destroy bash -c 'terraform $A'",
    ] {
        world.says(command, Ask, &["terraform.destroy"]);
    }
    // Set to something that isn't known.
    for command in ["DIR=$Y make clean", "export DIR=$(cat f); make clean", "export X=dist; X=$(cat f) npm run x"] {
        world.says(command, Ask, &["filesystem.delete-unknown"]);
    }
    world.all(Deny, &["X=/ npm run x", "X=~ bash -c 'rm -rf $X'", "X=src ssh host 'rm -rf \"$X/\"'"]);
    world.all(
        Silent,
        &[
            "make tf3",
            "ACTION=validate make tf3",
            "FIXED=destroy make tf4",
            "FLAGS=-race make build",
            "NODE_ENV=test npm run build",
            "export X=dist; npm run x",
            "make clean",
            "DIR=dist make clean",
            "VERSION=$(git describe) make clean",
        ],
    );
}

#[test]
fn names_of_scripts_by_other_runners() {
    let world = World::new();
    let scripts = [("nuke", "rm -rf ~"), ("build", "tsc"), ("build:css", "postcss a.css"), ("test", "jest")];
    world.file("package.json", package(&scripts));
    world.all(
        Deny,
        &[
            "nr nuke",
            "nr -C . nuke",
            "nlx rimraf ~",
            "pnpm run '/n.*/'",
            "pnpm run /n/",
            "pnpm run '/^(build|nuke)$/'",
            "pnpm run '/^x|^nuk/'",
            "pnpm run '/[n]uke/'",
            "pnpm run --parallel '/^n.ke$/'",
        ],
    );
    world.all(
        Silent,
        &[
            "nr build",
            "nr",
            "nr test --watch",
            "pnpm run build",
            "pnpm run '/^build/'",
            "pnpm run '//'",
            "pnpm run '/^build:.*/'",
            "pnpm run '/^(test|build)/'",
        ],
    );
}
