//! What scripts are taken apart into.

use super::ast::{Argument, Call, Command, Expr, Script, Stage, Statement};
use super::parse::parse;

fn whole(text: &str) -> Script {
    let (script, fault) = parse(text);
    assert_eq!(fault, None, "{text}");
    script
}

/// The only command of a text.
fn command(text: &str) -> Command {
    let mut script = whole(text);
    assert_eq!(script.statements.len(), 1, "{text}");
    match script.statements.pop() {
        Some(Statement::Pipeline(mut stages)) if stages.len() == 1 => match stages.pop() {
            Some(Stage::Command(command)) => command,
            other => panic!("{text}: {other:?}"),
        },
        other => panic!("{text}: {other:?}"),
    }
}

/// The only argument of a command.
fn argument(text: &str) -> Expr {
    let mut command = command(&format!("x {text}"));
    assert_eq!(command.arguments.len(), 1, "{text}");
    match command.arguments.pop() {
        Some(Argument::Value(value)) => value,
        other => panic!("{text}: {other:?}"),
    }
}

fn text(text: &str) -> Expr {
    Expr::Text(text.to_owned())
}

fn bare(text: &str) -> Expr {
    Expr::Bare(text.to_owned(), false)
}

#[test]
fn words_and_quotes() {
    assert_eq!(argument("abc"), bare("abc"));
    assert_eq!(argument("a'b c'd"), bare("ab cd"));
    assert_eq!(argument("'a''b'"), text("a'b"));
    assert_eq!(argument(r#""a""b`"c""#), text("a\"b\"c"));
    assert_eq!(argument("a`nb"), Expr::Bare("a\nb".to_owned(), true));
    assert_eq!(argument(r#""a`u{41}b""#), text("aAb"));
    assert_eq!(argument("'$x'"), text("$x"));
    assert_eq!(argument("\"$\""), text("$"));
    assert_eq!(argument("\"a$x.y\""), Expr::Parts(vec![text("a"), Expr::Variable("x".to_owned()), text(".y")], true));
    assert_eq!(argument("$env:TEMP\\a"), Expr::Parts(vec![Expr::Variable("env:temp".to_owned()), text("\\a")], false));
    assert_eq!(argument("${a b}"), Expr::Variable("a b".to_owned()));
    assert_eq!(argument("@'\na 'b' $x\n'@"), text("a 'b' $x"));
    assert_eq!(argument("C:\\a#b"), bare("C:\\a#b"));
    assert_eq!(argument("a,b"), Expr::Glued(vec![bare("a"), bare("b")]));
    assert_eq!(argument("a, b"), Expr::List(vec![bare("a"), bare("b")]));
}

#[test]
fn parameters_and_redirections() {
    let found = command("& Remove-Item -Rec -Force:$false -Path:a -- -5 2>&1 >> out.txt *> $null");
    assert_eq!(found.call, Call::Invoke);
    let names: Vec<&str> = found
        .arguments
        .iter()
        .filter_map(|argument| match argument {
            Argument::Parameter(name, _) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["-Rec", "-Force", "-Path"]);
    assert_eq!(found.arguments[2], Argument::Parameter("-Path".to_owned(), Some(bare("a"))));
    assert_eq!(found.arguments[4], Argument::Value(bare("-5")));
    assert_eq!(found.redirects.len(), 2);
    assert!(found.redirects[0].append && !found.redirects[1].append);
    let found = command("git --% log --format=%H ; x");
    assert_eq!(found.arguments, [Argument::Verbatim("log --format=%H ; x".to_owned())]);
    assert_eq!(command("x @args").arguments, [Argument::Splat("args".to_owned())]);
}

#[test]
fn commands_are_told_from_values() {
    let is_value = |text: &str| {
        let script = whole(text);
        matches!(&script.statements[..], [Statement::Pipeline(stages)] if matches!(stages[0], Stage::Value(..)))
    };
    for value in [
        "1",
        "1..5",
        "2 -gt 1",
        "1kb",
        "$x",
        "'a'",
        "(a)",
        "[int]'1'",
        "-not $x",
        "!$x",
        "@(1)",
        "{ a }",
        "-join 'a'",
        "1.5",
    ] {
        assert!(is_value(value), "{value}");
    }
    for command in ["7z x a.zip", "-x", "% { a }", "? { a }", "a", "./a", ".\\a.ps1", "& 'a'", ". ./a", "2to3 x"] {
        assert!(!is_value(command), "{command}");
    }
}

#[test]
fn everyday_scripts_are_read_to_their_end() {
    for script in [
        "",
        "# only a comment",
        "<# several\nlines #> a",
        "a; b\nc | d |\n e\n| f",
        "a && b || c",
        "a &",
        "if ($a -eq 1) { b } elseif ($c) { d }\nelse { e }; f",
        "foreach ($x in $y) { a $x }",
        "foreach ($x in a, b | c) { d }",
        "for ($i = 0; $i -lt 3; $i++) { a }",
        "while ($a) { b; continue }; do { c } until ($d)",
        ":outer while (1) { break outer }",
        "switch -Regex ($x) { 'a' { b } { $_ -gt 1 } { c } default { d } }",
        "try { a } catch [System.IO.IOException], [System.Exception] { b } finally { c }",
        "function f([string] $a, $b = 1) { $a + $b }\nf x 2",
        "function g { [CmdletBinding()] param([Parameter(Mandatory = $true)][string[]]$a, [switch]$b) begin { x } process { y } end { z } }",
        "param($a)\na $a",
        "$x = if ($a) { 1 } else { 2 }",
        "$a, $b = 1, 2",
        "$x.y.z = 1; $x[0] += 2; $x['a'].b++",
        "[void] $list.Add(1)",
        "$x = @{\n  a = 1\n  'b c' = @(1, 2)\n  d = { e }\n}",
        "$x = @(\n  'a'\n  'b'\n)",
        "$x = [pscustomobject]@{ a = 1 }",
        "a @{ n = 'x'; e = { $_.y } }, z",
        "$x | ForEach-Object { $_ } | Where-Object { $_ -match '^a(b|c)$' }",
        "$s = \"a $($x | % { \"b $_\" }) c\"",
        "@\"\n$(a 'b') \"quoted\"\n\"@ | c",
        "git commit -m @'\nit's\n'@",
        "$x -replace '(a)', '$1' -split ',' -join ';'",
        "'{0:N2} {1}' -f $a, $b",
        "$x = $a ? 1 : 2; $y = $b ?? 'c'",
        "[IO.Path]::Combine($a, 'b').ToString().Trim()[0]",
        "$x\n  .Where({ $_ })",
        "a --long=b -DskipTests=true -x:y /z",
        "a -b {\n c\n} -d",
        "using namespace System.IO\n[File]::Exists('a')",
        "throw \"x\"",
        "return",
        "$a = b | c",
        "& { param($x) $x } 1",
        "a > b.txt 2>&1",
        "$null = a",
        "if (-not (Test-Path $x)) { a } b",
        "a `\n -b `\r\n -c",
    ] {
        whole(script);
    }
}

#[test]
fn what_stands_before_a_fault_is_read() {
    for (script, before) in [
        ("a; 'b", 1),
        ("a\nb (", 1),
        ("a; }", 1),
        ("a | % {", 0),
        ("a; $(b", 1),
        ("a; class X { }", 1),
        ("a; \"$(b\"", 1),
        ("'a' 'b'", 0),
        ("a; if (b)", 1),
        ("a; @'\nb", 1),
        ("a < b", 0),
    ] {
        let (script_read, fault) = parse(script);
        assert!(fault.is_some(), "{script}");
        assert_eq!(script_read.statements.len(), before, "{script}");
    }
}

#[test]
fn nesting_has_an_end() {
    for many in ["1 + ", "$x.a", ".a", ".a()", "[0]", "a && ", "a; ", "a ", "{} ", "'a',", "a | "] {
        let (_, fault) = parse(&format!("$x{}", many.repeat(200_000)));
        assert!(fault.is_some(), "{many}");
    }
    for open in ["(", "$(", "@(", "{", "@{a=", "a {", "if(1){", "-not ", "[int]", "!", "$x[", "\"$(", "1 + ("] {
        let (_, fault) = parse(&open.repeat(50_000));
        assert!(fault.is_some(), "{open}");
    }
}
