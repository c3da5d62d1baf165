//! What `secrets.txt` says: how tokens begin, and where programs are told a secret.

use std::sync::OnceLock;

/// How a kind of token begins, and how many characters follow at least.
pub(super) struct Token {
    pub(super) begins: &'static str,
    /// The same without a `.` at its end: that much of it is a word.
    pub(super) whole: &'static str,
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
    /// Programs, sorted, and which of the tools each is.
    programs: Vec<(&'static str, usize)>,
    /// The bytes that a token begins with, and those that a program does: few words begin with one of them.
    token_starts: Starts,
    program_starts: Starts,
}

impl Known {
    /// Whether a token may begin as this word does.
    pub(super) fn may_be_token(&self, word: &str) -> bool {
        self.token_starts.hold(word)
    }

    /// What is known of the program of this name, should it be one that is told secrets.
    pub(super) fn tools(&self, program: &str) -> impl Iterator<Item = &Tool> {
        let known = if self.program_starts.hold(program) { self.programs.as_slice() } else { &[] };
        let mine = &known[known.partition_point(|(name, _)| *name < program)..];
        mine.iter().take_while(move |(name, _)| *name == program).map(|(_, tool)| &self.tools[*tool])
    }
}

/// A set of ASCII characters, a bit each.
#[derive(Clone, Copy, Default)]
struct Starts(u128);

impl Starts {
    fn of(texts: impl Iterator<Item = &'static str>) -> Self {
        Self(texts.filter_map(|text| text.bytes().next()).fold(0, |all, byte| all | Self::bit(byte)))
    }

    fn hold(self, word: &str) -> bool {
        word.bytes().next().is_some_and(|byte| self.0 & Self::bit(byte) != 0)
    }

    /// 0 where it isn't ASCII: no token or program of the list begins so.
    fn bit(byte: u8) -> u128 {
        1_u128.checked_shl(byte.into()).unwrap_or_default()
    }
}

/// Read once, when something is written: everyday calls never come here.
pub(super) fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| read(include_str!("secrets.txt")))
}

fn read(text: &'static str) -> Known {
    let (mut tokens, mut tools) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["token", begins, least] = words[..] {
            let whole = begins.trim_end_matches('.');
            tokens.push(Token { begins, whole, least: least.parse().unwrap_or(16) });
        } else if let Some(arrow) = words.iter().position(|word| *word == "->") {
            let forms = words[arrow + 1..].iter().map(|word| form(word)).collect();
            let mut heads = words[..arrow].split(|word| *word == "+").map(<[&str]>::to_vec);
            let (programs, subcommand) = (heads.next().unwrap_or_default(), heads.next().unwrap_or_default());
            tools.push(Tool { programs, subcommand, forms });
        }
    }
    let token_starts = Starts::of(tokens.iter().map(|token: &Token| token.begins));
    let named = |(at, tool): (usize, &Tool)| tool.programs.iter().map(|name| (*name, at)).collect::<Vec<_>>();
    let mut programs: Vec<(&str, usize)> = tools.iter().enumerate().flat_map(named).collect();
    programs.sort_unstable();
    let program_starts = Starts::of(programs.iter().map(|(name, _)| *name));
    Known { tokens, tools, programs, token_starts, program_starts }
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
