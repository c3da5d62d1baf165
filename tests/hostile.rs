//! Inputs that are made to exhaust a reader: each must end in a valid answer, in bounded time and memory, and with a
//! small stack. `COUNTERSIGN_TIMES=1 cargo test --test hostile -- --nocapture` shows what each takes.

#[path = "client/mod.rs"]
#[allow(dead_code)]
mod client;

use std::process::Command;
use std::time::{Duration, Instant};

use client::{BINARY, feed, verdict};
use countersign::call::{Call, ToolCall};
use countersign::deadline::Deadline;
use countersign::judge::judge;
use serde_json::{Value, json};

/// The most that any of them may take in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(8);
/// The stack of the thread that judges: an eighth of what a process gets.
const STACK: usize = 1 << 20;

fn numbered(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect()
}

/// Shell commands by name.
fn commands() -> Vec<(&'static str, String)> {
    let n = 100_000;
    let deep = |open: &str, inside: &str, close: &str| format!("{}{inside}{}", open.repeat(n), close.repeat(n));
    let loops = |depth: usize| {
        let heads = numbered(depth, |at| format!("for v{at} in a b c d e f; do "));
        let values = numbered(depth, |at| format!(" $v{at}"));
        format!("{heads} rm{values}; {}", "done; ".repeat(depth))
    };
    let code = |line: &str| line.repeat((1 << 20) / line.len() - 1);
    vec![
        ("words", format!("echo {}", "word ".repeat(200_000))),
        ("options", format!("kubectl get {}", "-o --context=x ".repeat(60_000))),
        ("git options", format!("git {}", "-c a=b ".repeat(100_000))),
        ("operands of rm", format!("rm {}", "x ".repeat(400_000))),
        ("files moved into a directory", format!("mv {} dir/", numbered(1_000, |at| format!("f{at} ")))),
        ("files moved into directories", format!("mv {}", "-t a b ".repeat(n))),
        ("a few files into some directories", format!("cp {}", "-t a b -tc ".repeat(120))),
        ("operands of terraform", format!("terraform {}", "x -y ".repeat(100_000))),
        ("unknown options", format!("docker {}", "--unknown x ".repeat(60_000))),
        // Each operand goes into each directory that is named.
        ("directories of mv", format!("mv {}", "n/:rg -#helmtmEY }m.1 +ad pK. ".repeat(80))),
        ("directories of cp", format!("cp {}", "-tx y ".repeat(100_000))),
        ("files of cp", format!("cp {} dir/", numbered(60_000, |at| format!("f{at} ")))),
        ("find -name", format!("find . {} -delete", "-name a -o ".repeat(10_000))),
        ("find starts and names", format!("find {} {} -delete", "a ".repeat(10_000), "-name b ".repeat(10_000))),
        ("find -exec", format!("find . {}", "-exec rm {} ; ".replace(';', "\\;").repeat(20_000))),
        ("find -exec names", format!("find . -name x {}", "-exec a {} ".repeat(30_000))),
        ("pipeline", vec!["cat"; n].join("|")),
        ("and", vec!["ls"; n].join(" && ")),
        ("or", vec!["ls"; n].join(" || ")),
        ("semicolons", vec!["git status"; 90_000].join(";")),
        ("background", vec!["ls"; n].join(" & ")),
        ("here-documents", format!("cat {}\n{}", "<<E ".repeat(60), "x\nE\n".repeat(60))),
        ("many here-documents", "cat <<E\nrm -rf /\nE\n".repeat(50_000)),
        ("here-documents of one line", format!("cat {}\n{}", "<<E ".repeat(n), "E\n".repeat(n))),
        ("parentheses", deep("( ", "ls", " )")),
        ("braces", deep("{ ", "ls", "; }")),
        ("substitutions", deep("$(", "ls", ")")),
        ("quoted substitutions", deep("\"$(", "ls", ")\"")),
        ("arithmetic", deep("$((", "1", "))")),
        ("half arithmetic", "((".repeat(n)),
        ("dollar parentheses", "$((".repeat(n)),
        ("parameters", deep("${x:-", "y", "}")),
        ("backticks", "`".repeat(n)),
        ("escaped backticks", format!("`{}", "\\`".repeat(n))),
        ("double quotes", "\"".repeat(n)),
        ("conditionals", format!("{} true {}", "if ".repeat(n), "; then x; fi".repeat(n))),
        ("processes", deep("<(", "ls", ")")),
        ("nested shells", numbered(40, |_| "sh -c 'eval ".to_owned())),
        ("nested wrappers", format!("{} rm -rf x", "sudo env timeout 5 nice ".repeat(5_000))),
        ("nested wrappers with assignments", format!("{} rm -rf x", "env A=aaaaaaaaaa ".repeat(20_000))),
        ("xargs", format!("echo {} | {} rm", "x ".repeat(1_000), "xargs ".repeat(1_000))),
        ("brace expansion", "{a,b}".repeat(40)),
        ("wide brace expansion", format!("rm {{{}}}", vec!["a"; n].join(","))),
        ("open braces", format!("echo {}", "{".repeat(n))),
        ("open braces with commas", format!("echo {}", "{a,".repeat(n))),
        ("ranges", "echo {1..999999999}{a..z}{1..999999999}".to_owned()),
        ("globs", format!("rm {}", "*a?[b]".repeat(n))),
        ("many names in a path", format!("rm {}", "a/".repeat(n * 4))),
        ("assignments", numbered(n, |at| format!("A{at}=x; "))),
        ("assignments in a chain", vec!["A=1"; n].join(" && ")),
        ("distinct assignments in a chain", format!("{}true", numbered(50_000, |at| format!("A{at}=1 && ")))),
        ("assignments in front", format!("{}make", numbered(n, |at| format!("A{at}=x ")))),
        ("exports", numbered(50_000, |at| format!("export A{at}=x; "))),
        ("exports and commands", format!("{}{}", numbered(2_000, |at| format!("export A{at}=x; ")), "ls;".repeat(n))),
        ("a doubling variable", format!("a=rm; {} $a", "a=$a$a; ".repeat(64))),
        ("a doubling list", format!("set -- a b; {} rm \"$@\"", "set -- \"$@\" \"$@\"; ".repeat(64))),
        ("a doubling array", format!("a=(x y); {} rm \"${{a[@]}}\"", "a=(\"${a[@]}\" \"${a[@]}\"); ".repeat(64))),
        ("a doubling file", format!("echo abcdefgh > f; {}", "cat f >> f; cat f > g; cat g >> f; ".repeat(5_000))),
        ("a growing file", "echo abcdefgh >> f; ".repeat(50_000)),
        ("a growing variable", "a+=abcdefgh; ".repeat(80_000)),
        ("a large variable", format!("a={}; {}", "x".repeat(400_000), "echo $a; ".repeat(40_000))),
        ("large standard input", format!("{{ {} }} <<< {}", "cat; ".repeat(90_000), "x".repeat(400_000))),
        ("nested loops", loops(20)),
        ("nested loops, few", loops(5)),
        ("loops in loops", format!("{} rm $x; {}", "while a; do ".repeat(90), "done; ".repeat(90))),
        ("for in for", format!("{} rm $x; {}", "for x in 1 2 $x; do ".repeat(90), "done; ".repeat(90))),
        ("cases", format!("case $x in {} esac", numbered(50_000, |at| format!("a{at}) A=1;; ")))),
        ("cases of variables", format!("case $x in {} esac", numbered(20_000, |at| format!("a{at}) A{at}=1;; ")))),
        ("elif", format!("if a; then b; {} fi", numbered(20_000, |at| format!("elif a; then A{at}=1; ")))),
        (
            "functions that double",
            format!("f0() {{ ls; }}; {} f60", numbered(60, |at| format!("f{}() {{ f{at}; f{at}; }}; ", at + 1))),
        ),
        ("a function that calls itself", "f() { f; f; f; f; }; f".to_owned()),
        ("a fork bomb", ":(){ :|:& };:".to_owned()),
        ("functions that define each other", "f() { g() { f; f; }; g; g; }; f".to_owned()),
        ("functions with doubling arguments", "f() { f \"$@\" \"$@\"; }; f a b c d e f g h".to_owned()),
        ("many definitions of a function", format!("{} f", "f() { ls; }; ".repeat(50_000))),
        ("idle functions", numbered(50_000, |at| format!("f{at}() {{ ls; }}; "))),
        ("aliases", format!("{} a1", numbered(20_000, |at| format!("alias a{at}='a{} x y'; ", at + 1)))),
        ("an alias used often", format!("alias x='{}'; {}", "y ".repeat(10_000), "x; ".repeat(10_000))),
        ("eval chain", format!("{} rm -rf /", "eval ".repeat(n))),
        ("eval of eval", "f() { eval \"f; f\"; eval \"f; f\"; }; f".to_owned()),
        ("traps", "trap 'trap \"ls\" EXIT' EXIT; ".repeat(20_000)),
        ("deeper directories", "cd src && ".repeat(50_000) + "rm -rf x"),
        ("deeper directories, few", "cd src && ".repeat(1_000) + "rm -rf x"),
        ("ever upwards", "cd .. && ".repeat(50_000) + "rm -rf x"),
        ("redirections", format!("ls {}", "> a ".repeat(n))),
        ("redirections into paths", format!("ls {}", "> a/b/c/d/e/f/g/h/i/j ".repeat(40_000))),
        ("one long sql", format!("psql -c \"{}\"", code("select a from b where c = 1; "))),
        ("nested sql", format!("psql -c '{}'", deep("(", "select 1", ")"))),
        ("sql of openers", format!("psql -c '{}'", code("DO $$ BEGIN /* "))),
        ("sql of executes", format!("psql -c '{}'", code("EXECUTE \"drop\" || "))),
        ("sql of with", format!("psql -c '{}'", code("WITH a AS (DELETE FROM b "))),
        ("sql without end", format!("mysql -e '{}'", code("drop "))),
        ("nested sql text", format!("psql <<'E'\n{}\nE\n", code("\\! psql -c 'select 1'\n"))),
        ("python", format!("python3 <<'E'\n{}\nE\n", code("os.system('ls' + x)\n"))),
        ("python of brackets", format!("python3 <<'E'\n{}\nE\n", code("f(["))),
        ("python of sums", format!("python3 <<'E'\nx = {}\nE\n", code("'a' + "))),
        (
            "python variables",
            format!("python3 <<'E'\n{}\nE\n", numbered(50_000, |at| format!("a{} = a{at} + 'x'\n", at + 1))),
        ),
        ("python doubling", format!("python3 <<'E'\na='rm'\n{}os.system(a)\nE\n", "a = a + a\n".repeat(80))),
        (
            "python aliases",
            format!("python3 <<'E'\n{}a(1)\nE\n", numbered(50_000, |at| format!("a{} = a{at}\n", at + 1))),
        ),
        ("javascript", format!("node <<'E'\n{}\nE\n", code("require('child_process').execSync(`ls ${a}`);"))),
        ("javascript templates", format!("node <<'E'\n{}\nE\n", code("`${"))),
        ("javascript regex", format!("node <<'E'\n{}\nE\n", code("/[/"))),
        ("perl", format!("perl <<'E'\n{}\nE\n", code("system(\"ls\", $a); "))),
        ("perl quotes", format!("perl <<'E'\n{}\nE\n", code("q{"))),
        ("ruby", format!("ruby <<'E'\n{}\nE\n", code("system(\"ls #{`"))),
        ("php", format!("php <<'E'\n<?php {}\nE\n", code("shell_exec('ls' . $a);"))),
        ("python members", format!("python3 <<'E'\n{}\nE\n", code("getattr(os,'a')['b']("))),
        ("python getattr", format!("python3 <<'E'\n{}\nE\n", code("getattr("))),
        ("python loops", format!("python3 <<'E'\n{}\nE\n", code("for a in os.walk('/'): os.remove(a)\n"))),
        ("python comprehensions", format!("python3 <<'E'\n{}\nE\n", code("[x for x in ["))),
        ("python requests", format!("python3 <<'E'\n{}\nE\n", code("requests.delete('/a', x)\n"))),
        ("python threads", format!("python3 <<'E'\n{}\nE\n", code("map(map, "))),
        ("javascript indices", format!("node <<'E'\n{}\nE\n", code("a[b["))),
        ("javascript calls", format!("node <<'E'\n{}\nE\n", code("a['b'].call(null, "))),
        ("javascript promises", format!("node <<'E'\n{}\nE\n", code("import('fs').then(({rm}) => rm('x'));"))),
        ("ruby sends", format!("ruby <<'E'\n{}\nE\n", code("send(:send, "))),
        ("ruby blocks", format!("ruby <<'E'\n{}\nE\n", code("Dir.glob('*').each { |f| "))),
        ("perl globs", format!("perl <<'E'\n{}\nE\n", code("unlink $_ for <*.o>; "))),
        ("php foreach", format!("php <<'E'\n<?php {}\nE\n", code("foreach (glob('*') as $f) { "))),
        ("editor", format!("ed x <<'E'\n{}\nE\n", code("g/a/g/b/1,$!ls\n"))),
        ("editor patterns", format!("ed x <<'E'\n{}\nE\n", code("g/a/silent "))),
        ("curl options", format!("curl -K - <<'E'\n{}\nE\n", code("url = http://a/b\nrequest = DELETE\n"))),
        ("awk", format!("awk '{}'", code("{ system(\"ls \" $1) | \"sh\" } "))),
        ("sed", format!("sed '{}'", code("s/a/b/e;"))),
        ("mongo", format!("mongosh --eval '{}'", code("db.a.deleteMany({});"))),
        ("code in code", numbered(60, |_| "python3 -c 'import os; os.system(\"".to_owned())),
        ("powershell", format!("pwsh -c '{}'", code("Remove-Item -Recurse x; "))),
        ("curl", format!("curl {}", "-X DELETE http://a/b ".repeat(50_000))),
        ("aws", format!("aws s3 rm {}", "s3://a/b --recursive ".repeat(40_000))),
        ("no end of a quote", format!("echo '{}", "x".repeat(1 << 20))),
        ("a megabyte of nothing", " ".repeat(1 << 20)),
        ("a megabyte of lines", "\n".repeat(1 << 20)),
        ("a megabyte of comments", "# rm\n".repeat(200_000)),
        ("continuations", "\\\n".repeat(500_000)),
        ("above the bound", "a".repeat(2 << 20)),
    ]
}

/// Long and deep lines of PowerShell and cmd.exe.
fn powershell() -> Vec<(&'static str, String)> {
    // Below the size from which on calls aren't read at all.
    let many = |text: &str| text.repeat(900_000 / text.len());
    vec![
        ("powershell", many("Remove-Item -Recurse x; $a | % { ")),
        ("powershell commands", many("Remove-Item -Recurse x; ")),
        ("powershell pipeline", format!("a {}", many("| % { $_ } "))),
        ("powershell chain", format!("a {}", many("&& b "))),
        ("powershell brackets", many("[ ")),
        ("powershell braces", many("{")),
        ("powershell quotes", many("'")),
        ("powershell strings", many("\"$a$(b)\" + ")),
        ("powershell list", format!("ri {}", many("a,"))),
        ("powershell at", many("@")),
        ("powershell here-strings", many("@'\n'@\n")),
        ("powershell variables", many("$a = $a + $b; ")),
        ("powershell growth", format!("$a = 'x'; {}", many("$a = $a + $a; "))),
        ("powershell unknown growth", format!("$a = $x; {}", many("$a = $a + $a; "))),
        (
            "powershell copies",
            format!(
                "$a = \"$x a $y b $x c $y\"; {}",
                (0..40_000).map(|at| format!("$a{at} = $a; ")).collect::<String>()
            ),
        ),
        (
            "powershell variables in branches",
            format!(
                "{}{}{}",
                (0..20_000).map(|at| format!("$a{at} = 1; ")).collect::<String>(),
                "if ($x) { ".repeat(18),
                "}".repeat(18)
            ),
        ),
        (
            "powershell letters",
            format!("$a = '{}'; $a.ToCharArray(); [char[]]$a; $a[0]; $a.Split('b'); $a -split 'b'", many("b")),
        ),
        ("powershell functions", format!("function f {{ f; f }}; {}", many("f; "))),
        ("powershell two functions", "function f { g; g }; function g { f; f }; f".to_owned()),
        ("powershell blocks", format!("{}ri x{}", "$a = { & { ".repeat(15), " } }".repeat(15))),
        ("powershell loops", format!("{}ri $x{}", "foreach ($x in 1..9) { $y = $x; ".repeat(30), "}".repeat(30))),
        ("powershell branches", format!("{}ri $x{}", "if ($x) { $x = 1; ".repeat(30), "} else { $x = 2 }".repeat(30))),
        ("powershell text in text", "iex 'iex \"iex $x\"'; ".repeat(40_000)),
        ("powershell itself", "$x = 'iex $x'; iex $x".to_owned()),
        ("powershell itself twice", "$x = 'iex $x; iex $x'; iex $x".to_owned()),
        ("powershell members", format!("$a{}", many(".b"))),
        ("powershell calls", format!("$a{}", many(".b()"))),
        ("powershell replaces", format!("$a = 'a'; {}", many("$a = $a -replace 'a', 'aaaaaaaa'; "))),
        ("powershell table", format!("@{{ {} }}", many("a = 1; "))),
        ("powershell parameters", format!("ri {}", many("-Recurse -Path x "))),
        ("powershell unknown parameters", format!("ri {}", many("-zzz x "))),
        ("powershell redirections", format!("a {}", many("> x "))),
        ("powershell base64", format!("powershell -enc {}", many("A"))),
        ("powershell comments", many("<# ")),
        ("powershell back ticks", many("`\n")),
        ("powershell types", many("[a[b]]")),
        ("cmd", format!("cmd /c \"{}\"", "rd /s /q x & ".repeat(70_000))),
        ("cmd groups", format!("cmd /c '{}'", "(".repeat(900_000))),
        ("cmd ifs", format!("cmd /c '{}'", "if exist x ".repeat(90_000))),
        ("cmd loops", format!("cmd /c '{}'", "for %i in (a b c) do ".repeat(40_000))),
        ("cmd variables", format!("cmd /c '{}'", "%".repeat(900_000))),
        ("cmd carets", format!("cmd /c '{}'", "^".repeat(900_000))),
    ]
}

/// Whole calls: name, tool, input.
fn calls() -> Vec<(String, String, Value)> {
    let bash = |(name, command): (&str, String)| (name.to_owned(), "Bash".to_owned(), json!({"command": command}));
    let mut all: Vec<_> = commands().into_iter().map(bash).collect();
    let mut deep = json!("rm -rf /");
    for at in 0..100 {
        deep = if at % 2 == 0 { json!([deep]) } else { json!({"a": deep}) };
    }
    let mega = |text: &str| text.repeat((3 << 20) / text.len());
    let mut add = |name: &str, tool: &str, input: Value| all.push((name.to_owned(), tool.to_owned(), input));
    add("mcp text", "mcp__a__run", json!({"x": mega("drop table a; ")}));
    add("mcp sql", "mcp__db__execute_sql", json!({"query": mega("select 1; drop table a; ")}));
    add("mcp shell", "mcp__sh__execute_command", json!({"command": mega("rm -rf /; ")}));
    add("mcp deep", "mcp__a__run", json!({"x": deep}));
    add("mcp list", "mcp__a__run", json!({"x": vec!["delete"; 300_000]}));
    let wide: serde_json::Map<_, _> = (0..100_000).map(|at| (format!("key{at}"), json!("DELETE"))).collect();
    add("mcp keys", "mcp__a__run", Value::Object(wide));
    let calls: Vec<_> = (0..40_000).map(|_| json!({"method": "DELETE", "url": "http://x/y"})).collect();
    add("mcp calls", "mcp__a__batch", json!({"calls": calls}));
    let queries: Vec<_> = (0..40_000).map(|_| json!({"sql": "delete from a", "command": "rm -rf /"})).collect();
    add("mcp queries", "mcp__a__batch", json!({"queries": queries}));
    add("mcp name", &format!("mcp__{}", "delete_".repeat(20_000)), json!({}));
    add("mcp graphql", "mcp__a__graphql", json!({"query": mega("mutation { a { b ")}));
    for (name, command) in powershell() {
        add(name, "PowerShell", json!({"command": command}));
    }
    add("write", "Write", json!({"file_path": "/home/dev/x/main.tf", "content": mega("prevent_destroy = false\n")}));
    add("write to a long path", "Write", json!({"file_path": "/a".repeat(500_000), "content": ""}));
    let (old, new) = (mega("prevent_destroy = true "), mega("x "));
    add("edit", "Edit", json!({"file_path": "/home/dev/x/main.tf", "old_string": old, "new_string": new}));
    all
}

fn shows() -> bool {
    std::env::var_os("COUNTERSIGN_TIMES").is_some()
}

#[test]
fn hostile_calls_end_in_an_answer() {
    let only = std::env::var("COUNTERSIGN_ONLY").ok();
    let mut slow = Vec::new();
    for (name, tool, input) in calls() {
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let event = json!({
            "hook_event_name": "PreToolUse", "session_id": "s", "transcript_path": "/t", "cwd": "/home/dev/shop",
            "permission_mode": "default", "tool_name": tool, "tool_input": input, "tool_use_id": "t",
        });
        let bytes = event.to_string().into_bytes();
        let start = Instant::now();
        // 256 MB of addresses are plenty for whatever is allowed to come in; running out would be a signal.
        let script = "ulimit -s 1024; ulimit -v 262144; exec \"$0\" hook";
        let binary = std::env::var("COUNTERSIGN_BINARY").unwrap_or_else(|_| BINARY.to_owned());
        let output = feed(Command::new("sh").args(["-c", script, &binary]).env("HOME", client::home()), &bytes);
        let took = start.elapsed();
        if shows() {
            eprintln!("{:>8.1} ms  {:>8} bytes  {name}: {}", took.as_secs_f64() * 1e3, bytes.len(), output.status);
            if output.status.code().is_none() {
                continue;
            }
        }
        let said = verdict(&output, &name);
        if shows() {
            eprintln!("                                  {said:?}");
        }
        if took > PATIENCE {
            slow.push(format!("{name}: {took:?}"));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

#[test]
fn hostile_commands_are_judged_on_a_small_stack() {
    let judged = || {
        for (name, command) in commands() {
            let mut call = Call::new(ToolCall::Bash { command, description: None }, "/home/dev/shop");
            call.deadline = Some(Deadline::default());
            let start = Instant::now();
            let judgement = judge(&call);
            let took = start.elapsed();
            if shows() {
                eprintln!("{:>8.1} ms  {name}: {:?}", took.as_secs_f64() * 1e3, judgement.decision);
            }
            assert!(took < PATIENCE, "{name}: {took:?}");
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(judged).expect("a thread");
    thread.join().expect("no panic");
}
