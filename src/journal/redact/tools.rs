//! What `secrets.txt` says: how tokens begin, and where programs are told a secret.

use std::sync::OnceLock;

/// How a kind of token begins, and how many characters follow at least.
pub(super) struct Token {
    pub(super) begins: &'static str,
    pub(super) least: usize,
}

/// Where some programs are told a secret.
pub(super) struct Tool {
    pub(super) programs: Vec<&'static str>,
    /// Words that must follow the program, in this order.
    pub(super) subcommand: Vec<&'static str>,
    pub(super) forms: Vec<Form>,
}

/// Where a secret stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In the word behind this option.
    Next(&'static str),
    /// Directly behind this option.
    Attached(&'static str),
    /// In the word behind this option, from this character on.
    Behind(&'static str, u8),
    /// Every operand is one.
    Operand,
    /// In every operand, from this character on.
    OperandBehind(u8),
}

/// All that `secrets.txt` says.
pub(super) struct Known {
    pub(super) tokens: Vec<Token>,
    pub(super) tools: Vec<Tool>,
}

/// Read once, when something is written: everyday calls never come here.
pub(super) fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| read(include_str!("secrets.txt")))
}

fn read(text: &'static str) -> Known {
    let mut known = Known { tokens: Vec::new(), tools: Vec::new() };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["token", begins, least] = words[..] {
            known.tokens.push(Token { begins, least: least.parse().unwrap_or(16) });
        } else if let Some(arrow) = words.iter().position(|word| *word == "->") {
            let forms = words[arrow + 1..].iter().map(|word| form(word)).collect();
            let mut heads = words[..arrow].split(|word| *word == "+").map(<[&str]>::to_vec);
            let (programs, subcommand) = (heads.next().unwrap_or_default(), heads.next().unwrap_or_default());
            known.tools.push(Tool { programs, subcommand, forms });
        }
    }
    known
}

fn form(word: &'static str) -> Form {
    let name = &word[..word.len() - 1];
    match word.as_bytes() {
        b"." => Form::Operand,
        [one @ (b'=' | b'/' | b':')] => Form::OperandBehind(*one),
        [.., b'*'] => Form::Attached(name),
        [b'/', .., b':'] => Form::Attached(word),
        [.., sign @ (b':' | b'%' | b',' | b'=')] => Form::Behind(name, *sign),
        _ => Form::Next(word),
    }
}
