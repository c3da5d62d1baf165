//! What makes whoever looks there wait, for ever or for long.

use crate::client::{Verdict, feed, verdict};
use crate::kit::Home;
use crate::skip::skipped;
use crate::world::{CALLS, fifo, in_time, works};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Places below the home that the hook may read, and a call for which it does.
const READ: [(&str, &str); 34] = [
    ("shop/run.sh", "bash run.sh"),
    ("shop/run.sh", "./run.sh"),
    ("shop/run.sh", "source run.sh"),
    ("shop/run.py", "python3 run.py"),
    ("shop/run.js", "node run.js"),
    ("shop/package.json", "npm run clean"),
    ("shop/Makefile", "make clean"),
    ("shop/justfile", "just clean"),
    ("shop/Taskfile.yml", "task clean"),
    ("shop/compose.yaml", "docker compose down -v"),
    ("shop/query.sql", "psql -f query.sql"),
    ("shop/query.sql", "psql < query.sql"),
    ("shop/.env", "npx prisma migrate reset"),
    ("shop/.env", "source .env && psql -c 'DROP TABLE x'"),
    ("shop/.git/HEAD", "git push --force"),
    ("shop/.git/config", "git push --force"),
    ("shop/.git/index", "git checkout -- ."),
    ("shop/.git/index", "rm -rf src"),
    ("shop/.git/packed-refs", "git branch -D topic"),
    ("shop/.git/refs/heads/main", "git reset --hard"),
    ("shop/.git/objects", "git reset --hard"),
    ("shop/.git/info/exclude", "git clean -fdx"),
    ("shop/.gitignore", "git clean -fd"),
    ("shop/terraform.tfstate", "terraform destroy"),
    ("shop/.terraform/terraform.tfstate", "terraform destroy"),
    ("shop/plan.out", "terraform apply plan.out"),
    ("shop/old.tar", "tar -xf old.tar"),
    ("shop/src", "rm -rf src"),
    (".kube/config", "kubectl delete namespace shop"),
    (".aws/config", "aws s3 rb s3://shop --force"),
    (".docker/config.json", "docker volume rm shop"),
    (".local/state/countersign/journal.jsonl", "rm -rf ~"),
    (".local/state/countersign/trust.json", "terraform apply"),
    (".local/state/countersign/sessions/SESSION", "rm -rf ~/x"),
];

/// A home with something odd at a place, and a project policy, so that trust is looked up.
fn odd(name: &str, place: &str, make: impl Fn(&Path)) -> Home {
    let home = Home::new(name);
    home.file("shop/.claude/countersign.toml", "[rules]\n\"terraform.apply\" = \"none\"\n");
    home.file("shop/.git/HEAD", "ref: refs/heads/main\n");
    let place = match place.strip_suffix("sessions/SESSION") {
        Some(_) => countersign::memory::file_of("s-1"),
        None => place.to_owned(),
    };
    let path = home.0.join(place);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let _ = fs::remove_file(&path);
    make(&path);
    home
}

#[test]
fn no_fifo_is_waited_for() {
    for (place, call) in READ {
        let missing = odd("nothing", place, |_| {}).decides(call);
        for what in ["FIFO", "link to a FIFO", "link to /dev/zero", "link to itself"] {
            let home = odd("fifo", place, |path| match what {
                "FIFO" => fifo(path),
                "link to a FIFO" => {
                    let beside = path.with_extension("beside");
                    fifo(&beside);
                    symlink(beside, path).expect("a link");
                }
                "link to /dev/zero" => symlink("/dev/zero", path).expect("a link"),
                _ => symlink(path, path).expect("a link"),
            });
            let about = format!("{place}: {what}");
            let got = in_time(&about, || home.decides(call));
            assert!(got >= missing, "{about}: `{call}` is {got:?}, and {missing:?} where nothing is there");
        }
    }
}

/// Between the look at what something is and its opening, it may become something else.
#[test]
fn no_fifo_that_takes_the_place_of_a_file_is_waited_for() {
    let home = Home::new("swapped");
    let path = home.0.join("shop/run.sh");
    let beside = home.0.join("shop/beside");
    fifo(&beside);
    fs::write(&path, "rm -rf ~\n").expect("a script");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let swap = rustix::fs::RenameFlags::EXCHANGE;
            while !over.load(Ordering::Relaxed) {
                if rustix::fs::renameat_with(rustix::fs::CWD, &path, rustix::fs::CWD, &beside, swap).is_err() {
                    break;
                }
            }
        });
        let run = std::panic::AssertUnwindSafe(|| {
            for _ in 0..150 {
                let got = in_time("swapped", || home.decides("bash run.sh"));
                assert!(got >= Verdict::Ask, "neither the script nor a FIFO is let through: {got:?}");
            }
        });
        let done = std::panic::catch_unwind(run);
        over.store(true, Ordering::Relaxed);
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// Starts a mount that never answers at `$1/stuck`, then runs all calls at once, and leaves what came of each.
const STUCK: &str = "mkfifo \"$1/end\"; python3 \"$1/stuck.py\" KIND \"$1/stuck\" < \"$1/end\" > \"$1/said\" 2>&1 &\n\
    exec 9> \"$1/end\"\n\
    for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do test -s \"$1/said\" && break; sleep 0.1; done\n\
    grep -qx stuck \"$1/said\" || { cat \"$1/said\" >&2; exec 9>&-; exit 77; }\n\
    for call in \"$1\"/call.*; do\n\
      n=${call##*.}; (\n\
        . \"$1/set.$n\"; begin=$(date +%s%N)\n\
        timeout -s KILL 9 \"$0\" hook < \"$call\" > \"$1/out.$n\" 2> \"$1/err.$n\" 9>&-; echo $? > \"$1/code.$n\"\n\
        echo $(($(date +%s%N) - begin)) > \"$1/took.$n\"\n\
      ) & done\n\
    for call in \"$1\"/call.*; do n=${call##*.}; while ! test -s \"$1/took.$n\"; do sleep 0.1; done; done\n\
    exec 9>&-; wait";

/// Calls that lead onto the mount: what is set for each, its directory, and its command.
const ONTO: [(&str, &str, &str); 12] = [
    ("", "stuck", "ls -la"),
    ("", "stuck/deep/er", "npm install"),
    ("", "stuck", "rm -rf ~"),
    ("HOME=$1/stuck", "shop", "rm -rf ~/x"),
    ("HOME=$1/stuck/home", "shop", "npm install"),
    ("export CLAUDE_PROJECT_DIR=$1/stuck/x", "shop", "npm install"),
    ("", "shop", "rm -rf $HOME/stuck/x"),
    ("", "shop", "bash ../stuck/run.sh"),
    ("", "shop", "cat ../stuck/notes"),
    ("", "shop", "rm -rf linked/x"),
    ("", "other", "npm install"),
    ("", "shop", "cd ../stuck && make clean"),
];

fn stuck(kind: &str, name: &str) -> Option<Vec<(String, std::process::Output, f64)>> {
    if !works(Command::new("python3").arg("--version")) {
        return skipped("there is no python3 here");
    }
    let home = Home::new(name);
    for folder in ["stuck", "other"] {
        fs::create_dir_all(home.0.join(folder)).expect("a folder");
    }
    fs::copy("tests/faults/stuck.py", home.0.join("stuck.py")).expect("the script");
    for (link, to) in [("shop/linked", "stuck"), ("other/.claude", "stuck")] {
        symlink(home.0.join(to), home.0.join(link)).expect("a link");
    }
    for (at, (set, cwd, call)) in ONTO.iter().enumerate() {
        home.file(&format!("set.{at}"), format!("{set}\n"));
        home.file(&format!("call.{at}"), home.call_in(home.0.join(cwd).to_str().expect("text"), call));
    }
    // And what has nothing to do with it.
    for (at, (call, _)) in CALLS.iter().enumerate() {
        home.file(&format!("set.{}", 90 + at), "");
        home.file(&format!("call.{}", 90 + at), home.bash(call));
    }
    home.in_a_namespace(&STUCK.replace("KIND", kind), b"")?;
    let read = |name: String| fs::read(home.0.join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let number = |name: String| String::from_utf8_lossy(&read(name)).trim().parse::<f64>().expect("a number");
    let all = ONTO.iter().enumerate().map(|(at, (set, cwd, call))| (at, format!("{set} {cwd}: {call}")));
    let others = CALLS.iter().enumerate().map(|(at, (call, _))| (90 + at, (*call).to_owned()));
    let result = |(at, about): (usize, String)| {
        use std::os::unix::process::ExitStatusExt;
        let code = number(format!("code.{at}")) as i32;
        let output = std::process::Output {
            status: std::process::ExitStatus::from_raw(code << 8),
            stdout: read(format!("out.{at}")),
            stderr: read(format!("err.{at}")),
        };
        (about, output, number(format!("took.{at}")) / 1e9)
    };
    Some(all.chain(others).map(result).collect())
}

/// Panics unless what leads onto the mount is denied in time, and everything else decided as ever.
fn is_answered(kind: &str, results: &[(String, std::process::Output, f64)]) {
    for (about, output, took) in &results[..ONTO.len()] {
        assert_eq!(verdict(output, about), Verdict::Deny, "{kind}: {about}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("took longer than") && said.contains("doesn't answer"), "{kind}: {about}: {said}");
        assert!(*took < 8.0, "{kind}: {about}: {took} s");
    }
    for ((about, output, took), (_, expected)) in results[ONTO.len()..].iter().zip(CALLS) {
        assert_eq!(verdict(output, about), expected, "{kind}: {about}");
        assert!(*took < 8.0, "{kind}: {about}: {took} s");
    }
    let slowest = results.iter().map(|(_, _, took)| *took).fold(0.0, f64::max);
    eprintln!("{kind}: {} calls onto a mount that never answers, the slowest denied after {slowest:.2} s", ONTO.len());
}

#[test]
fn a_mount_whose_program_stands_still_is_given_up() {
    if let Some(results) = stuck("unread", "stuck-unread") {
        is_answered("unread", &results);
    }
}

/// No signal ends who waits there: the process that the client waits for must be another one.
#[test]
fn a_mount_whose_server_is_gone_is_given_up() {
    if let Some(results) = stuck("read", "stuck-read") {
        is_answered("read", &results);
    }
}

/// A directory with so many files in it.
fn fill(folder: &Path, count: usize) {
    fs::create_dir_all(folder).expect("a folder");
    let folder = rustix::fs::open(folder, rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty()).expect("it opens");
    let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
    for at in 0..count {
        rustix::fs::openat(&folder, format!("f{at}"), flags, rustix::fs::Mode::RUSR).expect("a file");
    }
}

/// `COUNTERSIGN_ENTRIES=1000000` makes it as many.
#[test]
fn a_directory_of_very_many_names_is_not_read_to_its_end() {
    let count = std::env::var("COUNTERSIGN_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let home = Home::new("many");
    let many = home.0.join("shop/many");
    fill(&many, count);
    home.file("shop/.git/HEAD", "ref: refs/heads/main\n");
    fs::create_dir_all(home.0.join("second/.git")).expect("a folder");
    symlink(&many, home.0.join("second/.git/objects")).expect("a link");
    fs::create_dir_all(home.0.join("third/.git/refs")).expect("a folder");
    symlink(&many, home.0.join("third/.git/refs/heads")).expect("a link");
    let calls = [
        ("shop", "rm -rf many", Verdict::Ask),
        ("shop", "rm -rf many/*", Verdict::Ask),
        ("shop", "rm -rf /*", Verdict::Deny),
        ("shop", "git clean -fdx", Verdict::Ask),
        ("shop", "mv many elsewhere", Verdict::Allow),
        ("shop", "ls many", Verdict::Allow),
        ("shop/many", "ls -la", Verdict::Allow),
        ("shop/many", "rm -rf *", Verdict::Ask),
        ("shop/many", "cat f[0-9]*", Verdict::Allow),
        ("second", "git reset --hard", Verdict::Ask),
        ("second", "git push --force origin main", Verdict::Ask),
        ("third", "git branch -D topic", Verdict::Allow),
    ];
    let mut slowest = (0.0, "");
    for (cwd, call, least) in calls {
        let begun = Instant::now();
        let cwd = home.0.join(cwd);
        let got = in_time(call, || verdict(&home.hook(&home.call_in(cwd.to_str().expect("text"), call)), call));
        assert!(got >= least, "{call}: {got:?}");
        let took = begun.elapsed().as_secs_f64();
        if took > slowest.0 {
            slowest = (took, call);
        }
    }
    eprintln!("a directory of {count} names: `{}` took longest, {:.0} ms", slowest.1, slowest.0 * 1e3);
    let _ = feed(Command::new("rm").arg("-rf").arg(&many), b"");
}
