//! One command line: the words of a program told apart into options, values, subcommands and operands.

use super::shared::Shared;
use super::word::{Piece, Word};
use crate::rules::commands::Commands;
use crate::rules::index::Known;
use crate::rules::model::Style;
use crate::rules::text::{List, Names, Text};
use ecow::EcoString;

/// The most paths that a `find` is followed to; beyond them it is taken to find everything.
const FOUND: usize = 256;

/// What `find` does to what it has found.
const ACTIONS: [&str; 5] = ["-delete", "-exec", "-execdir", "-ok", "-okdir"];

/// The most words in a row that are taken for possible values of unknown options.
pub(super) const DOUBTS: usize = 16;

/// A program with its arguments, read by the tables of the program.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The name of the program, without path and `.exe`.
    pub name: EcoString,
    /// It was called by its bare name or from a system folder, so that it is the program of that name.
    pub trusted: bool,
    /// What is known of it. Shared: a line may run the same program a hundred thousand times.
    pub known: Shared<Known>,
    /// The options that are given, in order.
    pub options: Vec<Given>,
    /// The operands, in order.
    pub operands: Vec<Operand>,
    /// The operand before which `--` stands.
    pub dashes: Option<usize>,
    /// Every word of it is known text.
    pub all_known: bool,
    /// The operand from which on the words belong to a command that an option named (`python -m alembic …`).
    pub handed: Option<usize>,
    /// `find`: the commands of `-exec`, with `{}` still in them.
    pub exec: Vec<Vec<Word>>,
}

/// An option that is given.
#[derive(Clone, Debug)]
pub struct Given {
    /// As it is written, without the value: `--force`, `-f` (also out of `-xf`), `of`. A number is `-#`.
    pub name: EcoString,
    /// Its value.
    pub value: Option<Word>,
    /// It can't be the value of an option that isn't known.
    pub certain: bool,
    /// The table names it.
    pub listed: bool,
    /// The table has exactly this name: it is no abbreviation of another.
    pub whole: bool,
}

/// An operand.
#[derive(Clone, Debug)]
pub struct Operand {
    /// The word.
    pub word: Word,
    /// It may be the value of an option that isn't known instead.
    pub maybe_value: bool,
}

impl Invocation {
    /// Reads the words behind the program by its tables.
    #[must_use]
    pub fn read(name: EcoString, trusted: bool, known: Shared<Known>, words: &[Word]) -> Self {
        let all_known = words.iter().all(|word| word.known().is_some());
        super::line::read(Self { name, trusted, known, all_known, ..Self::default() }, words)
    }

    /// Its style: the first table's that isn't the usual one.
    #[must_use]
    pub fn style(&self) -> Style {
        self.known.tables.iter().map(|table| table.style).find(|style| *style != Style::Gnu).unwrap_or_default()
    }

    /// Where the operands behind a subcommand begin, if its words are `spec` (`"volume rm|prune"`); with `true` if that
    /// takes a word that isn't known to be the subcommand.
    #[must_use]
    pub fn command(&self, spec: &str) -> Option<(usize, bool)> {
        follow(spec.as_bytes(), &self.operands, 0, Guess::default())
    }

    /// The first of these subcommands that it is, and the operands behind it; an empty list: any.
    #[must_use]
    pub fn behind(&self, commands: &Commands) -> Option<(usize, bool)> {
        if commands.is_empty() {
            return Some((0, false));
        }
        // Of dozens of lists, nearly all are told from the subcommand that is given by its first letter.
        let first = self.operands.first().filter(|operand| !operand.maybe_value && operand.word.known().is_some());
        let first = first.map(|operand| operand.word.start());
        if first.and_then(|first| first.bytes().next()).is_some_and(|first| !commands.may_begin_with(first)) {
            return None;
        }
        let mut guess = None;
        let plain = first.filter(|_| commands.are_plain()).map(str::as_bytes);
        for spec in commands {
            if plain.is_some_and(|first| !begins(spec.as_bytes(), first)) {
                continue;
            }
            match self.command(spec) {
                Some((at, false)) => return Some((at, false)),
                Some(found) => guess = guess.or(Some(found)),
                None => {}
            }
        }
        guess
    }

    /// Whether one of these options is given, as `docs/rules.md` says under `option`. `sure`: only what is certain.
    #[must_use]
    pub fn has(&self, specs: &List<Text>, sure: bool) -> bool {
        !self.options.is_empty() && specs.iter().any(|spec| self.given(spec, sure))
    }

    /// Whether an option is given.
    #[must_use]
    pub fn given(&self, spec: &str, sure: bool) -> bool {
        let (name, value) = split_spec(spec);
        let style = self.style();
        let mut found = self
            .options
            .iter()
            .filter(|given| same_option(&given.name, name, style, sure || given.whole) && (given.certain || !sure));
        let fits = |given: &Given| match (value, &given.value) {
            (Some(glob), Some(word)) => {
                word.known().is_some_and(|text| crate::rules::glob::matches_any_case(glob, text))
            }
            (Some(_), None) => false,
            (None, Some(word)) => !matches!(word.known(), Some("false" | "0")) || !given.listed_flag(),
            (None, None) => true,
        };
        // The last one wins where an option is repeated; for what only may be, any one counts.
        if sure { found.next_back().is_some_and(fits) } else { found.any(fits) }
    }

    /// The values of these options.
    pub fn values_of<'a>(&'a self, names: &'a List<Text>) -> impl Iterator<Item = &'a Word> {
        let style = self.style();
        self.options
            .iter()
            .filter(move |given| {
                names.iter().any(|name| same_option(&given.name, split_spec(name).0, style, given.whole))
            })
            .filter_map(|given| given.value.as_ref())
    }
}

impl Given {
    /// `--force=false` switches a flag off; `--grace-period=0` is a value like any other.
    fn listed_flag(&self) -> bool {
        self.value.as_ref().is_some_and(|value| value.known() == Some("false")) || !self.listed
    }
}

/// `--dry-run=client`: name and value. A name may hold `=` only as the sign in between.
fn split_spec(spec: &str) -> (&str, Option<&str>) {
    match spec.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (spec, None),
    }
}

pub(crate) fn same_option(given: &str, wanted: &str, style: Style, sure: bool) -> bool {
    if given == wanted {
        return true;
    }
    match style {
        Style::Single => given.trim_start_matches('-') == wanted.trim_start_matches('-'),
        Style::Windows => given[1.min(given.len())..].eq_ignore_ascii_case(&wanted[1.min(wanted.len())..]),
        // GNU and git accept any unambiguous start of a long option.
        Style::Gnu => !sure && is_beginning(given) && wanted.starts_with(given),
        Style::Powershell => {
            let start =
                |one: &str, other: &str| one.get(..other.len()).is_some_and(|it| it.eq_ignore_ascii_case(other));
            given.len() == wanted.len() && start(given, wanted) || !sure && given.len() > 1 && start(wanted, given)
        }
        Style::Plain | Style::Find | Style::Keys => false,
    }
}

/// Whether a list names an option; `-#` stands for a number.
pub(super) fn holds(listed: Names, name: &str) -> bool {
    listed.hold(name) || name.len() > 1 && name.as_bytes()[1..].iter().all(u8::is_ascii_digit) && listed.hold("-#")
}

/// Whether GNU programs take it for the beginning of a longer option.
pub(super) fn is_beginning(given: &str) -> bool {
    given.len() >= 4 && given.starts_with("--")
}

/// Words that are themselves what is done, and only look: what stands behind them is what is looked at.
const LOOKS: [&str; 9] = ["get", "list", "describe", "show", "view", "inspect", "retrieve", "ls", "read"];

/// What is known of the words of a subcommand that were followed so far.
#[derive(Clone, Copy, Default)]
struct Guess {
    /// One of them isn't known.
    made: bool,
    /// A `*` took one of them that looks.
    looks: bool,
}

/// Whether this is the first word of a subcommand that is nothing but words.
fn begins(spec: &[u8], first: &[u8]) -> bool {
    spec.first() == first.first()
        && spec.strip_prefix(first).is_some_and(|rest| rest.first().is_none_or(|next| *next == b' '))
}

/// Follows the words of a subcommand through operands, some of which may be values of unknown options.
fn follow(spec: &[u8], operands: &[Operand], mut at: usize, guess: Guess) -> Option<(usize, bool)> {
    let spec = spec.trim_ascii_start();
    if spec.is_empty() {
        return Some((at, guess.made));
    }
    let end = spec.iter().position(|byte| *byte == b' ').unwrap_or(spec.len());
    let (token, rest) = spec.split_at(end);
    let mut found = None;
    for _ in 0..DOUBTS {
        let Some(operand) = operands.get(at) else { return found };
        let fits = match operand.word.pattern() {
            Some(text) => {
                let first = text.as_bytes().first();
                // Nearly all fail at their first letter.
                let like = |choice: &[u8]| {
                    (choice.first() == first || matches!(choice.first(), Some(b'*' | b'?' | b'{' | b'\\')))
                        && std::str::from_utf8(choice).is_ok_and(|choice| crate::rules::glob::matches(choice, &text))
                };
                let looks = guess.looks || token == b"*" && LOOKS.contains(&text.as_ref());
                token.split(|byte| *byte == b'|').any(like).then_some(Guess { looks, ..guess })
            }
            // `goose postgres "$DSN" down`: whatever the word is, `*` is like it.
            None if token == b"*" => Some(guess),
            // `fastly service describe $X` is no `* * delete`.
            None => (!guess.looks).then_some(Guess { made: true, ..guess }),
        };
        let here = fits.and_then(|guess| follow(rest, operands, at + 1, guess));
        if matches!(here, Some((_, false))) || !operand.maybe_value {
            return here.or(found);
        }
        found = here.or(found);
        at += 1;
    }
    // So many words that may be anything: it may be this one.
    Some((at, true))
}

/// What `find` hands to `-exec` and `-delete`: its starting points, narrowed by the names it looks for. `true`: it may be
/// everything below them.
#[must_use]
pub fn find_paths(inv: &Invocation) -> (Vec<Word>, bool) {
    let starts: Vec<Word> = if inv.operands.is_empty() {
        vec![Word::text(".")]
    } else {
        inv.operands.iter().map(|operand| operand.word.clone()).collect()
    };
    let mut names = Vec::new();
    let mut negated = false;
    // `-path x -prune -o -name y -print` prints nothing of what it leaves out, unless the two stand in brackets.
    let is = |given: &Given, names: &[&str]| names.contains(&given.name.as_str());
    let prints = |given: &Given| is(given, &ACTIONS) || given.name.contains("print") || given.name == "-ls";
    let acts = inv.options.iter().any(prints);
    let grouped = inv.options.iter().any(|given| is(given, &["(", ")", ","]))
        || inv.operands.iter().any(|operand| operand.word.known().is_none_or(|text| matches!(text, "(" | ")" | ",")));
    let (mut begins, mut pruned, mut shown, mut leaves_out) = (0, 0, false, false);
    // What stands behind what is done to what was found narrows nothing any more: `find . -delete -name x`.
    for given in inv.options.iter().take_while(|given| !ACTIONS.contains(&given.name.as_str())) {
        match given.name.as_str() {
            "-name" | "-iname" if !negated => names.extend(given.value.clone()),
            "-o" | "-or" => {
                if leaves_out && !shown {
                    names.truncate(begins);
                    pruned += 1;
                }
                (begins, shown, leaves_out) = (names.len(), false, false);
            }
            "-prune" => leaves_out = acts && !grouped && !negated,
            _ if prints(given) => shown = true,
            _ => {}
        }
        negated = matches!(given.name.as_str(), "!" | "-not");
    }
    let choices = inv
        .options
        .iter()
        .filter(|given| matches!(given.name.as_str(), "-o" | "-or" | ","))
        .count()
        .saturating_sub(pruned);
    let star = |word: &Word| word.known().is_none_or(|text| text.chars().all(|c| c == '*'));
    if starts.len().saturating_mul(names.len()) > FOUND {
        return (starts, true);
    }
    if names.is_empty() || names.len() <= choices || names.iter().any(star) {
        return (starts, true);
    }
    let mut paths = Vec::new();
    for start in &starts {
        for name in &names {
            let mut path = start.clone();
            path.push(Piece::Text("/".into()));
            path.push(Piece::Glob(name.known().unwrap_or("*").into()));
            paths.push(path);
        }
    }
    (paths, false)
}

/// The rest of a word behind its first bytes, which are known text.
#[must_use]
pub fn after(word: &Word, bytes: usize) -> Word {
    let mut rest = Word { splits: word.splits, ..Word::default() };
    for (at, piece) in word.pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) if at == 0 => {
                if let Some(text) = text.get(bytes..).filter(|text| !text.is_empty()) {
                    rest.push(Piece::Text(text.into()));
                }
            }
            piece => rest.push(piece.clone()),
        }
    }
    rest
}
