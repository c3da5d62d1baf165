//! What holds for every call, tried on the lines of the corpora: a neighbour, a wrapper or another quoting never lowers
//! a decision, and nothing that writes, sends, executes or reveals is ever allowed.

mod support;

use countersign::judge::Decision;
use countersign::rules::builtin;
use std::path::PathBuf;
use support::{Case, PROJECT, judge};

/// The shell commands of every corpus, with the decision they get alone.
fn commands() -> Vec<(String, String, Decision)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("tests/corpus").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let prefixed = |call: &str| {
        call.split_once(':')
            .is_some_and(|(prefix, rest)| rest.starts_with(' ') && prefix.bytes().all(|b| b.is_ascii_lowercase()))
    };
    let cases: Vec<Case> = files.iter().flat_map(|file| support::corpus(file).expect("a readable corpus")).collect();
    cases
        .into_iter()
        .filter(|case| !prefixed(&case.call) && !case.call.ends_with('\\'))
        .map(|case| {
            let alone = judge(&case.call, &case.cwd, builtin()).decision;
            (case.call, case.cwd, alone)
        })
        .collect()
}

/// Every command changed in one way must not be judged more mildly than before.
fn never_lowers(name: &str, change: impl Fn(&str) -> Option<String>) {
    let mut lower = Vec::new();
    for (call, cwd, alone) in commands() {
        let Some(changed) = change(&call) else { continue };
        let after = judge(&changed, &cwd, builtin()).decision;
        if after < alone {
            lower.push(format!("{alone:?} → {after:?}: {changed}"));
        }
    }
    assert!(lower.is_empty(), "{name} lowered {} decisions:\n{}", lower.len(), lower.join("\n"));
}

/// A command that isn't complete on one line, or that changes what stands behind it, can't have a neighbour there.
fn simple_line(call: &str) -> bool {
    !call.contains('\n') && !call.contains('#') && !call.trim_end().ends_with(['\\', '&', '|', ';'])
}

#[test]
fn a_harmless_neighbour_behind_it_lowers_nothing() {
    let whole = |call: &str| !call.ends_with('\\');
    never_lowers("a neighbour behind", |call| whole(call).then(|| format!("{call}\nls -la; git status; echo done")));
    never_lowers("`&&`", |call| simple_line(call).then(|| format!("{call} && ls")));
    never_lowers("`|| true`", |call| simple_line(call).then(|| format!("{call} || true")));
    never_lowers("`;`", |call| simple_line(call).then(|| format!("{call} ; pwd")));
    never_lowers("a pipe behind", |call| simple_line(call).then(|| format!("{call} | cat")));
}

#[test]
fn a_harmless_neighbour_in_front_of_it_lowers_nothing() {
    never_lowers("a neighbour in front", |call| Some(format!("ls -la; git status; {call}")));
    never_lowers("`&&` in front", |call| Some(format!("true && {call}")));
    never_lowers("`||` in front", |call| Some(format!("false || {call}")));
    never_lowers("a background job in front", |call| Some(format!("sleep 1 & {call}")));
    never_lowers("a comment in front", |call| Some(format!("# --help --dry-run\n{call}")));
    never_lowers("a help in front", |call| Some(format!("git push --dry-run; terraform plan -help; {call}")));
}

#[test]
fn nesting_lowers_nothing() {
    never_lowers("a subshell", |call| Some(format!("(\n{call}\n)")));
    never_lowers("a group", |call| Some(format!("{{\n{call}\n}}")));
    never_lowers("if", |call| Some(format!("if true; then\n{call}\nfi")));
    never_lowers("else", |call| Some(format!("if false; then ls; else\n{call}\nfi")));
    never_lowers("a loop", |call| Some(format!("while true; do\n{call}\nbreak; done")));
    // In a function, these make another variable, with nothing in it.
    let declares = |call: &str| ["local ", "declare ", "typeset "].iter().any(|name| call.contains(name));
    never_lowers("a function", |call| (!declares(call)).then(|| format!("f() {{\n{call}\n}}; f")));
    // What is never called sets no trap either.
    let only_called = |call: &str| declares(call) || call.contains("trap ");
    never_lowers("a function never called", |call| (!only_called(call)).then(|| format!("f() {{\n{call}\n}}")));
    // A substitution that goes on behind a here-document can't be read: it is asked about.
    never_lowers("a substitution", |call| (!call.contains("<<")).then(|| format!("echo \"$(\n{call}\n)\"")));
    never_lowers("a case", |call| Some(format!("case x in *)\n{call}\n;; esac")));
    never_lowers("a redirection", |call| Some(format!("{{\n{call}\n}} > /dev/null 2>&1")));
}

#[test]
fn a_wrapper_lowers_nothing() {
    let quote = |call: &str| format!("'{}'", call.replace('\'', "'\\''"));
    never_lowers("bash -c", |call| Some(format!("bash -c {}", quote(call))));
    never_lowers("sh -ec", |call| Some(format!("sh -ec {}", quote(call))));
    never_lowers("bash -lc", |call| Some(format!("/bin/bash -lc {}", quote(call))));
    never_lowers("eval", |call| Some(format!("eval {}", quote(call))));
    never_lowers("bash <<E", |call| Some(format!("bash <<'END_OF_IT'\n{call}\nEND_OF_IT")));
    never_lowers("echo | sh", |call| {
        (!call.contains('\\') && !call.contains('%')).then(|| format!("echo {} | sh", quote(call)))
    });
    let plain = |call: &str| {
        simple_line(call)
            && !call.contains(['|', '&', ';', '<', '>', '(', '{', '$', '`', '=', '!'])
            && !call.starts_with(['"', '\'', '\\', '.'])
            && ![
                "if ",
                "for ",
                "while ",
                "case ",
                "until ",
                "time ",
                "eval ",
                "trap ",
                "cd ",
                "alias ",
                "export ",
                "function ",
                "source ",
                "command ",
                "builtin ",
                "exec ",
            ]
            .iter()
            .any(|word| call.starts_with(word))
    };
    for wrapper in [
        "sudo",
        "sudo -u root",
        "env",
        "env A=1 B=2",
        "timeout 60",
        "timeout -k 5 60",
        "nohup",
        "nice -n 10",
        "time",
        "command",
        "exec",
        "stdbuf -oL",
        "setsid",
        "xargs -0",
    ] {
        never_lowers(wrapper, |call| plain(call).then(|| format!("{wrapper} {call}")));
    }
    never_lowers("an assignment in front", |call| plain(call).then(|| format!("FOO=bar {call}")));
}

#[test]
fn another_quoting_lowers_nothing() {
    let program = |call: &str| {
        let word = call.split(' ').next().unwrap_or_default();
        (word.len() > 1
            && word.bytes().all(|b| b.is_ascii_lowercase())
            && !["if", "for", "while", "case", "until", "time", "function", "coproc", "select"].contains(&word))
        .then(|| (word.to_owned(), call[word.len()..].to_owned()))
    };
    never_lowers("a backslash", |call| program(call).map(|(word, rest)| format!("\\{word}{rest}")));
    never_lowers("quotes", |call| program(call).map(|(word, rest)| format!("'{word}'{rest}")));
    never_lowers("half quotes", |call| {
        program(call).map(|(word, rest)| format!("{}\"{}\"{rest}", &word[..1], &word[1..]))
    });
    never_lowers("ANSI-C quotes", |call| {
        program(call).map(|(word, rest)| format!("$'\\x{:02x}{}'{rest}", word.as_bytes()[0], &word[1..]))
    });
    never_lowers("a variable", |call| program(call).map(|(word, rest)| format!("The_Word={word}; $The_Word{rest}")));
    never_lowers("a substitution", |call| program(call).map(|(word, rest)| format!("$(echo {word}){rest}")));
    never_lowers("a line continuation", |call| {
        program(call).map(|(word, rest)| format!("{}\\\n{}{rest}", &word[..1], &word[1..]))
    });
}

#[test]
fn what_writes_sends_executes_or_reveals_is_never_allowed() {
    let calls = [
        "ls > out.txt",
        "ls >> out.txt",
        "ls | tee out.txt",
        "ls 2> err.txt",
        "ls &> all.txt",
        "ls >| x",
        "cat a <> b",
        "cat .env",
        "cat ~/.ssh/id_rsa",
        "head -1 ~/.aws/credentials",
        "cat < .env",
        "grep KEY .env",
        "cat server.key",
        "cat .e*",
        "cat ~/.ssh/*",
        "rg --pre ./x foo",
        "rg foo --hostname-bin=./x",
        "git log --output=x",
        "git diff --ext-diff",
        "git diff --output x",
        "git -c core.pager='sh -c x' log",
        "git grep -O foo",
        "git show HEAD:.env",
        "GIT_PAGER='touch x' git log",
        "PAGER=./x man ls",
        "LD_PRELOAD=./x.so ls",
        "PATH=. ls",
        "./ls",
        "bin/cat x",
        "sed -i s/a/b/ x",
        "sed 'w out' x",
        "sed '1e touch x' x",
        "awk '{print > \"f\"}' x",
        "awk 'BEGIN{system(\"x\")}'",
        "sort -o out in",
        "sort --compress-program=./x in",
        "uniq in out",
        "hostname evil",
        "date -s 2020-01-01",
        "find . -fprint out",
        "find . -exec touch {} +",
        "find . -delete",
        "find . -ok x {} ';'",
        "xargs touch < list",
        "tar -cf x.tar .",
        "curl https://example.com",
        "wget https://example.com",
        "ping example.com",
        "ssh host ls",
        "nc host 80",
        "env",
        "printenv",
        "set",
        "export",
        "echo $AWS_SECRET_ACCESS_KEY",
        "printenv DATABASE_URL",
        "history",
        "cat $FILE",
        "$CMD",
        "ls $(touch x)",
        "ls `touch x`",
        "ls <(touch x)",
        "echo ${X:=$(touch x)}",
        "sudo ls",
        "ls; touch x",
        "touch x; ls",
        "ls & touch x",
        "f() { touch x; }; f",
        "alias ls='touch x'; ls",
        "function ls { touch x; }; ls",
        "eval ls $X",
        "aws secretsmanager get-secret-value --secret-id x",
        "kubectl get secret x -o yaml",
        "docker inspect x",
        "docker exec x ls",
        "docker run alpine ls",
        "kubectl exec p -- ls",
        "terraform output -json",
        "terraform apply",
        "npm test",
        "make",
        "cargo build",
        "python x.py",
        "node -e 'x'",
        "bash x.sh",
        ". ./x",
        "source x",
        "psql -c 'SELECT pg_terminate_backend(1)'",
        "psql -c 'INSERT INTO a VALUES (1)'",
        "psql -c \"SELECT lo_unlink(1)\"",
        "psql -c 'COPY a TO PROGRAM $$x$$'",
        "psql -c '\\! touch x'",
        "cd /tmp/evil && git status",
        "git -C /tmp/evil status",
        "cp a b",
        "mv a b",
        "mkdir x",
        "touch x",
        "ln -s a b",
        "chmod +x a",
        "kill 1",
    ];
    let allowed: Vec<_> =
        calls.iter().filter(|call| judge(call, PROJECT, builtin()).decision == Decision::Allow).collect();
    assert!(allowed.is_empty(), "allowed: {allowed:#?}");
}

#[test]
fn any_text_ends_in_a_decision() {
    // A generator of its own: the same texts on every machine.
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let lines = commands();
    for _ in 0..4_000 {
        let (mut text, ..) = lines[next(lines.len())].clone();
        for _ in 0..=next(4) {
            let at = (0..=next(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            match next(4) {
                0 => text.insert_str(
                    at,
                    [
                        "$(", "`", "'", "\"", "\n", ";", "|", "${", "<<E\n", "{a,b}", "\\", "*", "&&", "((", "$'\\x",
                        "~", "é",
                    ][next(17)],
                ),
                1 => text.truncate(at),
                2 => text = format!("{}{}", &text[at..], &text[..at]),
                _ => {
                    let (other, ..) = &lines[next(lines.len())];
                    text.push_str(other);
                }
            }
        }
        let judgement = judge(&text, PROJECT, builtin());
        assert!(judgement.decision < Decision::Ask || !judgement.reason.is_empty(), "stopped without a reason: {text}");
    }
}

#[test]
fn where_the_session_stands_counts() {
    use countersign::call::{Call, ToolCall};
    let at = |command: &str, cwd: &str, home: Option<&str>, project: Option<&str>| {
        let mut call = Call::new(ToolCall::Bash { command: command.to_owned(), description: None }, cwd);
        call.home = home.map(str::to_owned);
        call.project = project.map(str::to_owned);
        countersign::judge::judge_by(&call, &countersign::policy::Policy::of(builtin()), &countersign::context::NoFiles)
            .decision
    };
    let shop = Some("/home/dev/shop");
    let dev = Some("/home/dev");
    // No home is known: `~` is one all the same.
    assert_eq!(at("rm -rf ~", "/home/dev/shop", None, None), Decision::Deny);
    assert_eq!(at("rm -rf $HOME", "/home/dev/shop", Some(""), shop), Decision::Deny);
    assert_eq!(at("rm -rf ~/", "/home/dev/shop", Some("/home/dev/"), shop), Decision::Deny);
    // The session has moved: to another project, to a scratch folder, home.
    assert_eq!(at("rm -rf node_modules", "/home/dev/other", dev, shop), Decision::None);
    assert_eq!(at("rm -rf x", "/tmp/scratch", dev, shop), Decision::None);
    assert_eq!(at("rm -rf src", "/tmp/shop", dev, Some("/tmp/shop")), Decision::Ask);
    assert_eq!(at("rm -rf Documents", "/home/dev", dev, shop), Decision::Ask);
    assert_eq!(at("rm notes.txt", "/home/dev", dev, dev), Decision::Ask);
    assert_eq!(at("rm -rf .", "/home/dev", dev, dev), Decision::Deny);
    assert_eq!(at("rm -rf shop", "/home/dev", dev, shop), Decision::Ask);
}
