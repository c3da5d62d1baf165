//! What isn't there can't be lost; but the call itself may bring it there, or see another disk.

use crate::kit::World;
use countersign::judge::Decision::{Ask, None as Silent};
use std::fs;

fn world() -> World {
    let world = World::with_git();
    world.file("src/a.ts", "x").file("sub/src/b.ts", "x");
    fs::create_dir_all(world.home.join("elsewhere/d/old")).expect("a directory");
    fs::create_dir_all(world.home.join("elsewhere/gone")).expect("a directory");
    world.link(world.home.join("elsewhere/d"), "linked");
    world
}

#[test]
fn deleting_nothing_is_silent() {
    world().all(
        Silent,
        &[
            "rm -rf gone",
            "rm -rf gone/ other/gone",
            "rm -rf gone && git clone https://example.com/x.git gone",
            "ls -la; echo next; rm -rf gone",
            "rm -rf gone; rm -rf other && echo done",
            "if [ -d gone ]; then rm -rf gone; fi",
            "find . -name '*.pyc' -delete; rm -rf gone",
            "cd sub && rm -rf gone",
            "cd sub; ls; rm -rf gone other",
            "cd sub/src; rm -rf gone",
            "cd sub && cd src && rm -rf gone",
            "(cd sub && rm -rf gone)",
            "mkdir gone && rm -rf gone",
            "mkdir -p gone/in; touch gone/in/a; rm -rf gone",
            "cd sub && mkdir -m 700 gone && echo a > gone/a && rm -rf gone",
            "rm -rf gone && mkdir gone && rm -r gone",
            "touch x; rm -f x",
            "touch x; rm -rf gone",
            "echo a > b.txt; rm -rf gone",
        ],
    );
}

#[test]
fn what_is_there_or_may_be_by_then_is_not() {
    let world = world();
    world.all(
        Ask,
        &[
            "rm -rf src",
            "rm -rf gone src",
            "rm -rf gon*",
            "rm -rf gone/../src",
            // Brought there before.
            "mv src gone; rm -rf gone",
            "(mv src gone); rm -rf gone",
            "rm -rf gone; mv src gone; rm -rf gone",
            "mkdir src && rm -rf src",
            "mkdir gone && mv src gone && rm -rf gone",
            "mkdir gone && cp -r src gone; rm -rf gone",
            "touch a; mv src gone; rm -rf gone",
            "git mv src gone; rm -rf gone",
            "ln -s src gone; rm -rf gone",
            "mkdir gone; rsync -a --remove-source-files src/ gone/; rm -rf gone",
            "mkdir gone | rm -rf gone",
            "mkdir() { mv src gone; }; mkdir gone; rm -rf gone",
            "./mkdir gone; rm -rf gone",
            "git clone https://example.com/x.git gone; rm -rf gone",
            "tar xf a.tar; rm -rf gone",
            "git stash pop; rm -rf gone",
            "npm run build && rm -rf gone",
            "rm -rf $(mv src gone; echo gone)",
            "cat <(mv src gone); rm -rf gone",
            "f() { rm -rf gone; }; mv src gone; f",
            // At another time than it stands.
            "trap 'rm -rf gone' EXIT; mv src gone",
            "while sleep 1; do rm -rf gone; mv src gone; done",
            "rm -rf gone & mv src gone",
            "rm -rf gone | mv src gone",
            // By another name than is looked up.
            "rm -rf $'caf\\xe9'",
            "rm -rf ^keep",
            "rm -rf gone~x",
            "rm -rf '=ls'",
            "rm -rf \"$(printf 'src\\0')\"",
            // In another directory: `cd` fails, or goes elsewhere.
            "cd linked && rm -rf other",
            "cd sub extra; rm -rf sub",
            "cd sub; rm -rf sub",
            "cd sub; cd src; rm -rf src",
            "CDPATH=/; cd sub && rm -rf gone",
            "CDPATH=/ cd sub && rm -rf gone",
            "export CDPATH=/; cd sub; rm -rf gone",
            "cd() { builtin cd \"$X\"; }; cd sub && rm -rf gone",
            "cd sub; mv src gone; rm -rf gone",
            "cd sub && rm -rf ../gone",
            "cd sub; cd ..; rm -rf gone",
            "cd $X; rm -rf gone",
            "bash -c 'cd sub && rm -rf gone'",
            "cd nowhere; rm -rf src",
            "rm -rf sub/gone; rm -rf sub; cd sub; rm -rf src",
            "cd -P linked/..; rm -rf gone",
            "rm -rf linked/../gone",
            "rm -rf linked/old",
            // On another machine, or by somebody else.
            "ssh host 'cd /home/dev/shop && rm -rf gone'",
            "docker exec web rm -rf gone",
            "sudo rm -rf gone",
            // Outside of the project, what isn't there may be on a disk that is mounted later.
            "rm -rf ../gone",
        ],
    );
}

#[test]
fn an_empty_directory_may_be_another_disk() {
    let world = World::new();
    world.all(Ask, &["rm -rf src"]);
    world.file("README.md", "x").all(Silent, &["rm -rf src"]);
}

#[test]
fn what_cannot_be_looked_at_is_there() {
    use std::os::unix::fs::PermissionsExt;
    let world = world();
    fs::set_permissions(world.project.join("sub"), fs::Permissions::from_mode(0o000)).expect("a mode");
    // Root may look everywhere.
    if fs::read_dir(world.project.join("sub")).is_err() {
        world.all(Ask, &["rm -rf sub/src", "rm -rf sub/gone"]);
    }
    fs::set_permissions(world.project.join("sub"), fs::Permissions::from_mode(0o755)).expect("a mode");
}
