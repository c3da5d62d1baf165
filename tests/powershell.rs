//! What holds for every PowerShell line, tried on the lines of the corpus: whatever runs a line, it is judged no more
//! mildly than alone; and the line as another program hands it over is the same line.

mod support;

use countersign::judge::Decision;
use countersign::rules::builtin;
use std::path::PathBuf;
use support::{PROJECT, judge};

/// The PowerShell lines of the corpus, with the decision they get alone.
fn lines() -> Vec<(String, Decision)> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/powershell.toml");
    let cases = support::corpus(&file).expect("a readable corpus");
    let lines = cases.into_iter().map(|case| {
        let alone = judge(&case.call, PROJECT, builtin()).decision;
        (case.call.strip_prefix("powershell: ").expect("a PowerShell line").to_owned(), alone)
    });
    lines.collect()
}

fn never_lowers(name: &str, prefix: &str, change: impl Fn(&str) -> Option<String>) {
    let mut lower = Vec::new();
    let mut tried = 0;
    for (line, alone) in lines() {
        let Some(changed) = change(&line) else { continue };
        tried += 1;
        let after = judge(&format!("{prefix}{changed}"), PROJECT, builtin()).decision;
        if after < alone {
            lower.push(format!("{alone:?} → {after:?}: {changed}"));
        }
    }
    assert!(tried > 100, "{name} was tried on {tried} lines only");
    assert!(lower.is_empty(), "{name} lowered {} decisions:\n{}", lower.len(), lower.join("\n"));
}

/// Text in single quotes.
fn quoted(line: &str) -> String {
    // PowerShell takes typographic quotes for plain ones.
    let double = |c: char| if matches!(c, '\'' | '‘' | '’') { format!("{c}{c}") } else { c.to_string() };
    format!("'{}'", line.chars().map(double).collect::<String>())
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]);
            out.push(if at <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

fn encoded(line: &str) -> String {
    base64(&line.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
}

/// What ends in a quote that is never closed, or in a here-string, swallows what is put behind it.
fn closed(line: &str) -> bool {
    !line.contains("--%") && !line.ends_with('`')
}

#[test]
fn blocks_and_control_flow_lower_nothing() {
    for (name, before, after) in [
        ("a block", "& { ", "\n}"),
        ("a block in this scope", ". { ", "\n}"),
        ("a condition", "if ($x) { ", "\n}"),
        ("the other branch", "if ($x) { Get-Date } else { ", "\n}"),
        ("an attempt", "try { ", "\n} catch { }"),
        ("what comes after an attempt", "try { Get-Date } finally { ", "\n}"),
        ("a loop", "foreach ($i in 1) { ", "\n}"),
        ("a loop without an end", "while ($true) { ", "\n}"),
        ("a switch", "switch (1) { 1 { ", "\n} }"),
        ("a function", "function wrapped { ", "\n}; wrapped"),
        ("a function that nobody calls", "function wrapped { ", "\n}"),
        ("a job", "Start-Job { ", "\n}"),
        ("another machine's block", "Invoke-Command -ScriptBlock { ", "\n}"),
        ("a pipe", "1 | ForEach-Object { ", "\n}"),
        ("a block in a variable", "$block = { ", "\n}; & $block"),
        ("a value", "$value = $( ", "\n)"),
        ("text", "Write-Host \"$( ", "\n)\""),
        ("a neighbour in front", "Get-Date; ", ""),
        ("a line behind", "", "\nGet-Date"),
    ] {
        never_lowers(name, "powershell: ", |line| closed(line).then(|| format!("{before}{line}{after}")));
    }
}

#[test]
fn text_that_is_run_lowers_nothing() {
    never_lowers("Invoke-Expression", "powershell: ", |line| Some(format!("Invoke-Expression {}", quoted(line))));
    never_lowers("a piped text", "powershell: ", |line| Some(format!("{} | iex", quoted(line))));
    never_lowers("a script block", "powershell: ", |line| Some(format!("& ([scriptblock]::Create({}))", quoted(line))));
    never_lowers("powershell -Command", "powershell: ", |line| Some(format!("powershell -Command {}", quoted(line))));
    never_lowers("pwsh -c", "powershell: ", |line| Some(format!("pwsh -nop -c {}", quoted(line))));
    never_lowers("-EncodedCommand", "powershell: ", |line| Some(format!("powershell -Enc {}", encoded(line))));
    never_lowers("a started process", "powershell: ", |line| {
        Some(format!("Start-Process pwsh -ArgumentList '-enc', '{}'", encoded(line)))
    });
}

#[test]
fn other_shells_lower_nothing() {
    let single = |line: &str| !line.contains('\'') && !line.contains('\n');
    never_lowers("bash", "", |line| single(line).then(|| format!("pwsh -Command '{line}'")));
    never_lowers("-EncodedCommand in bash", "", |line| {
        Some(format!("powershell.exe -NoProfile -EncodedCommand {}", encoded(line)))
    });
    never_lowers("cmd.exe", "", |line| Some(format!("cmd /c 'powershell -enc {}'", encoded(line))));
}

#[test]
fn letters_lower_nothing() {
    let command = |line: &str, change: fn(&str) -> String| {
        let (name, rest) = line.split_once(' ')?;
        let own = name.contains('-') && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
        own.then(|| format!("{} {rest}", change(name)))
    };
    never_lowers("capitals", "powershell: ", |line| command(line, str::to_uppercase));
    never_lowers("small letters", "powershell: ", |line| command(line, str::to_lowercase));
    never_lowers("quotes", "powershell: ", |line| command(line, |name| format!("& '{name}'")));
    // In front of some letters, an escape means another character: `t is a tab.
    let plain = |c: char| !"0abefnrtuv".contains(c.to_ascii_lowercase());
    never_lowers("escapes", "powershell: ", |line| {
        let at = line.char_indices().skip(1).find(|(_, c)| c.is_ascii_alphabetic() && plain(*c))?.0;
        let (start, rest) = line.split_at(at);
        let named = start.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
            && line.starts_with(char::is_uppercase);
        named.then(|| format!("{start}`{rest}"))
    });
    never_lowers("two halves", "powershell: ", |line| {
        command(line, |name| format!("& ('{}' + '{}')", &name[..3], &name[3..]))
    });
    never_lowers("a variable", "powershell: ", |line| {
        let (name, rest) = line.split_once(' ')?;
        (name.contains('-') && !name.contains('`')).then(|| format!("$name = {}; & $name {rest}", quoted(name)))
    });
}

/// Pieces that the reader treats in some way of their own.
const PIECES: [&str; 64] = [
    "$x",
    "$env:PATH",
    "${a b}",
    "$(",
    "@(",
    "@{",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "[int]",
    "[IO.File]::",
    "'",
    "\"",
    "`",
    "\n",
    ";",
    "|",
    "&",
    "&&",
    "||",
    ",",
    ".",
    "..",
    "::",
    "=",
    "+=",
    "+",
    "-",
    "-f ",
    "-join ",
    "-replace ",
    "-eq ",
    "!",
    "?",
    ":",
    "%",
    "*",
    ">",
    ">>",
    "2>&1",
    "<#",
    "#>",
    "#",
    "@'\n",
    "\n'@",
    "@\"\n",
    "\n\"@",
    "if ",
    "else ",
    "foreach ",
    " in ",
    "function f ",
    "param(",
    "try ",
    "catch ",
    "switch ",
    "return ",
    "a",
    "-Recurse ",
    "ä‘“–",
    " ",
];

#[test]
fn what_is_read_is_judged_whatever_stands_behind_it() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("a small number")
    };
    for _ in 0..4_000 {
        let rest: String = (0..next(24)).map(|_| PIECES[next(PIECES.len())]).collect();
        for prefix in ["powershell: ", ""] {
            // In bash, the line stands in single quotes.
            let line = format!("Remove-Item C:\\ -Recurse;\n{rest}");
            let call = if prefix.is_empty() { format!("pwsh -c '{}'", line.replace('\'', "'\\''")) } else { line };
            let decision = judge(&format!("{prefix}{call}"), PROJECT, builtin()).decision;
            assert_eq!(decision, Decision::Deny, "{call:?}");
        }
    }
}
