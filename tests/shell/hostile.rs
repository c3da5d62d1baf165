//! Input that is made to overflow, hang or crash a parser.

use crate::walk::found;
use countersign::read::shell::parse::parse;
use std::time::{Duration, Instant};

/// The stack of the thread that reads. Release builds need a fraction of it.
const STACK: usize = 512 * 1024;

/// Openings, fillings and closings, each repeated and put together.
fn pieces() -> Vec<(&'static str, &'static str, &'static str)> {
    vec![
        ("(", "x", ")"),
        ("( ", "x", " )"),
        ("((", "1", "))"),
        ("{ ", "x;", " }"),
        ("$(", "x", ")"),
        ("x $(", "x", ")"),
        ("\"$(", "x", ")\""),
        ("x \"$(", "x", ")\""),
        ("$((", "1", "))"),
        ("$( (", "1", ") )"),
        ("$[", "1", "]"),
        ("${", "x", "}"),
        ("${x:-", "x", "}"),
        ("\"${x:-", "x", "}\""),
        ("\"${x:-'", "x", "'}\""),
        ("${a[", "x", "]}"),
        ("a[", "x", "]"),
        ("a[$(", "x", ")]=1 "),
        ("a=(", "x", ")"),
        ("a=($(", "x", "))"),
        ("`", "x", "`"),
        ("\\`", "x", "\\`"),
        ("<(", "x", ")"),
        ("x <(", "x", ")"),
        ("\"", "x", "\""),
        ("'", "x", "'"),
        ("$'", "x", "'"),
        ("$\"", "x", "\""),
        ("\\", "x", "\\"),
        ("\\\n", "x", "\\\n"),
        ("if ", "x;", " then x; fi"),
        ("if x; then ", "x;", " fi;"),
        ("if x; then x; elif ", "x;", " then x; fi"),
        ("while ", "x;", " do x; done;"),
        ("for x in a; do ", "x;", " done;"),
        ("for ((;;)); do ", "x;", " done;"),
        ("case x in x) ", "x;;", " esac;"),
        ("case $(", "x", ") in x) x;; esac"),
        ("f() { ", "x;", " };"),
        ("f() ", "{ x; }", ";"),
        ("function f ", "{ x; }", ";"),
        ("coproc ", "x", ";"),
        ("coproc { ", "x;", " }"),
        ("coproc f", " x", ";"),
        ("[[ ", "x", " ]]"),
        ("[[ ( ", "x", " ) ]]"),
        ("[[ x =~ (", "x", ") ]]"),
        ("x @(", "x", ")"),
        ("! ", "x", ""),
        ("time ", "x", ""),
        ("x | ", "x", ""),
        ("x && ", "x", ""),
        ("x; ", "x", ""),
        ("x & ", "x", ""),
        ("x\n", "x", ""),
        ("x <<E\n", "x", "\nE"),
        ("x <<E ", "x", "\nE"),
        ("x <<-E\n\t$(", "x", ")\nE\n"),
        ("x <<E\n$(", "x", ")\nE\n"),
        ("x <<E\n${x:-", "x", "}\nE\n"),
        ("x <<'' ", "x", "\n"),
        (">x ", "x", ""),
        ("1>&-", "x", ""),
        ("{x}>", "x", ""),
        ("{a[", "x", "]}>x"),
        ("11111111", "x", ">"),
        ("a=", "x", ""),
        ("a=1 ", "x", ""),
        ("#", "x", "\n"),
        ("$", "x", ""),
        ("$x", "x", ""),
        ("a\\\n", "x", ""),
        ("${ ", "x;", " }"),
        ("((x);", "x", ")"),
        ("$((x);", "x", ")"),
        ("é", "x", "\u{a0}"),
        ("\r\n", "x", "\r\n"),
        ("\\\\", "x", "`"),
        ("*(e", "x", ")"),
        ("then ", "x", " fi"),
        ("x ", "x", " y"),
    ]
}

fn check(text: &str, what: &str) {
    let start = Instant::now();
    match parse(text) {
        Ok(script) => {
            assert!(found(&script).ends.iter().all(|&end| end <= text.len()), "{what}: a span is out of range")
        }
        Err(error) => assert!(error.at <= text.len() && !error.why.is_empty(), "{what}: the place is out of range"),
    }
    let spent = start.elapsed();
    assert!(spent < Duration::from_secs(3), "{what}: took {spent:?}");
}

fn in_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn deep_nesting_ends_in_an_answer() {
    in_small_stack(|| {
        for (open, fill, close) in pieces() {
            for depth in [10, 30, 48, 60, 99, 101, 1_000, 100_000] {
                if open.len() * depth > 2_000_000 {
                    continue;
                }
                let opened = open.repeat(depth);
                check(&opened, &format!("{depth} × {open:?}"));
                check(&format!("{opened}{fill}"), &format!("{depth} × {open:?}{fill:?}"));
                check(
                    &format!("{opened}{fill}{}", close.repeat(depth)),
                    &format!("{depth} × {open:?}{fill:?}{close:?}"),
                );
                check(&format!("{open}{fill}{close}").repeat(depth), &format!("{depth} × side by side {open:?}"));
            }
        }
    });
}

#[test]
fn mixed_nesting_ends_in_an_answer() {
    in_small_stack(|| {
        let pieces = pieces();
        for (left, _, left_end) in &pieces {
            for (right, fill, right_end) in &pieces {
                for depth in [6, 24, 49, 2_000] {
                    let text = format!(
                        "{}{fill}{}",
                        format!("{left}{right}").repeat(depth),
                        format!("{right_end}{left_end}").repeat(depth)
                    );
                    check(&text, &format!("{depth} × {left:?}{right:?}"));
                }
            }
        }
    });
}

#[test]
fn every_byte_a_megabyte_of_it() {
    in_small_stack(|| {
        for byte in 1..=127_u8 {
            check(&char::from(byte).to_string().repeat(1 << 20), &format!("1 MiB of {byte}"));
        }
    });
}

#[test]
fn every_cut_of_the_corpus_is_survived() {
    in_small_stack(|| {
        for line in crate::corpus::lines() {
            for (at, _) in line.script.char_indices() {
                check(&line.script[..at], &line.name);
                check(&line.script[at..], &line.name);
            }
        }
    });
}

#[test]
fn the_bounds() {
    assert!(parse(&"x".repeat(1 << 20)).is_ok());
    assert!(parse(&"x".repeat((1 << 20) + 1)).is_err());
    assert!(parse("x\0").is_err());
    assert!(parse(&format!("x {}\n{}", "<<E ".repeat(64), "E\n".repeat(64))).is_ok());
    assert!(parse(&format!("x {}\n{}", "<<E ".repeat(65), "E\n".repeat(65))).is_err());
}
