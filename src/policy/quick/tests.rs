//! It reads what the TOML reader reads, or nothing.

use super::*;
use crate::rules::model::Rule;
use crate::rules::text::{List, Text, borrowing};

fn both(text: &str) -> (Option<String>, Result<String, toml::de::Error>) {
    let show = |file: File| format!("{file:?}");
    let quick = file(text);
    // Without examples, nothing else is missing, and no more is taken for sound.
    let text_that_stays = String::leak(text.to_owned());
    let brief = borrowing(text_that_stays, false, || file(text_that_stays));
    let (quick_brief, brief) = (quick.clone().map(|file| show(briefly(file))), brief.map(show));
    assert_eq!(quick_brief, brief, "{text}");
    (quick.map(show), toml::from_str::<File>(text).map(show))
}

/// The same with one empty example in place of all that it has.
fn briefly(file: File) -> File {
    let one = |examples: List<Text>| List(if examples.is_empty() { &[] } else { &[Text("")] });
    let brief = |rule: &Rule| Rule { hits: one(rule.hits), passes: one(rule.passes), ..rule.clone() };
    File { rule: file.rule.iter().map(brief).collect::<Vec<_>>().into(), ..file }
}

/// Every pack of countersign's own, whole and damaged in one place after the other.
#[test]
fn it_reads_what_the_toml_reader_reads() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules/packs");
    let (mut seed, mut quickly, mut tried) = (0x9E37_79B9_7F4A_7C15_u64, 0, 0);
    let mut next = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/process/src/policies");
    let entries = [folder, policies].into_iter().flat_map(|folder| std::fs::read_dir(folder).expect("files"));
    for entry in entries {
        let whole = std::fs::read_to_string(entry.expect("an entry").path()).expect("text");
        let (quick, slow) = both(&whole);
        if let Some(quick) = quick {
            assert_eq!(quick, slow.expect("a sound pack"));
            quickly += 1;
        }
        for _ in 0..60 {
            if !whole.contains("\n[") {
                break;
            }
            let headers: Vec<usize> = whole.match_indices("\n[").map(|(at, _)| at + 1).collect();
            let start = headers[next(headers.len())];
            let mut end = (start + next(whole.len() - start)).min(start + 3_000);
            while !whole.is_char_boundary(end) {
                end -= 1;
            }
            let mut text = whole[start..end].to_owned();
            for _ in 0..=next(2) {
                let mut at = next(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                let odd = [
                    "\"",
                    "'",
                    ",",
                    "[",
                    "]",
                    "{",
                    "}",
                    "\n",
                    "\\",
                    "#",
                    "=",
                    ".",
                    " ",
                    "\r",
                    "é",
                    "[[rule]]\n",
                    "[decide]\n",
                ];
                match next(3) {
                    0 => text.insert_str(at, odd[next(odd.len())]),
                    1 => text.truncate(at),
                    _ => {
                        text.pop();
                    }
                }
            }
            tried += 1;
            if let (Some(quick), slow) = both(&text) {
                assert_eq!(Some(quick), slow.ok(), "{text}");
            }
        }
    }
    assert!(quickly > 30 && tried > 1_000, "{quickly} packs read quickly, {tried} tried");
}

#[test]
fn what_is_unusual_is_left_to_the_toml_reader() {
    let rule = "[[rule]]\nid = 'a.b'\nclass = 'ordinary'\nprogram = ['x', \"y\\\"\",\n # c\n 'z',]\nhits = 'x'\n";
    let (quick, slow) = both(rule);
    assert_eq!(quick, slow.ok());
    assert!(quick_of(rule) && quick_of(&format!("lock = true\n{rule}{rule}[decide]\nordinary = 'ask'\n")));
    assert!(!quick_of(&format!("{rule}[decide]\nordinary = 'ask'\n{rule}")));
    for (from, to) in [
        ("'x',", "'x'"),
        ("'x',", "'x',,"),
        ("= 'a.b'", "= 'a.b' class"),
        ("[[rule]]", " [[rule]]"),
        ("id = ", "id.x = "),
        ("'ordinary'", "'ordinary'\nclass = 'ordinary'"),
        ("'ordinary'", "['ordinary']"),
        ("'ordinary'", "'ordinary'\nwhen = { option = '-x', }"),
        ("'ordinary'", "'ordinary'\nwhen = { option = '-x', option = '-y' }"),
        ("'ordinary'", "'ordinary'\nloses = '''a'''"),
        ("'ordinary'", "'ordinary'\nmode = 1"),
        ("[[rule]]", "[rules]\n'git' = 'ask'\n'git' = 'deny'\n[[rule]]"),
        ("[[rule]]", "[rules]\n\"git\" = 'ask'\n\"git\" = 'deny'\n[[rule]]"),
        ("[[rule]]", "[[except]]\nreason = 'r'\nuntil = 2026-13-01\n[[rule]]"),
        ("[[rule]]", "lock = 01\n[[rule]]"),
        ("hits = 'x'", "[rule.when]\noption = 'x'"),
    ] {
        assert!(!quick_of(&rule.replacen(from, to, 1)), "{from} → {to}");
    }
}

fn quick_of(text: &str) -> bool {
    let (quick, slow) = both(text);
    assert!(quick.is_none() || quick == slow.ok(), "{text}");
    quick.is_some()
}
