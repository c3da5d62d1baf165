//! The readers of source code: whatever they are given, they end, soon and without a panic.

use countersign::context::{NoFiles, World};
use countersign::read::reader::Reader;
use countersign::rules::model::Language;
use std::time::{Duration, Instant};

const LANGUAGES: [Language; 10] = [
    Language::Python,
    Language::Javascript,
    Language::Ruby,
    Language::Perl,
    Language::Php,
    Language::Awk,
    Language::Sed,
    Language::Mongo,
    Language::Powershell,
    Language::Graphql,
];

/// Pieces that the readers treat in some way of their own.
const PIECES: [&str; 72] = [
    "import ",
    "from ",
    "as ",
    "require('fs')",
    "os.system(",
    "shutil.rmtree(",
    ")",
    "(",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "`",
    "'''",
    "\"\"\"",
    "f'{",
    "r'",
    "${",
    "#{",
    "%x(",
    "%w[",
    "qx{",
    "q(",
    "s/a/b/e",
    "s{a}{b}e",
    "m/",
    "tr/a/b/",
    "<<~EOS\n",
    "<<<X\n",
    "EOS\n",
    "X\n",
    "\n",
    "\\",
    "\\x7",
    "\\u{1f",
    "\\8",
    "$x",
    "@y",
    "%z",
    "é",
    "\u{1F600}",
    ".",
    "..",
    "->",
    "::",
    "?.",
    "=>",
    "==",
    "= ",
    "+=",
    ",",
    ";",
    ":",
    "#",
    "//",
    "/*",
    "*/",
    "=begin\n",
    "\n=end",
    "1e ls x",
    "w out",
    "/x/",
    "$!N",
    "a\\\n",
    "system(",
    "| getline",
    "print > \"",
    "Remove-Item ",
    "mutation ",
    "x = ",
];

fn read(language: Language, text: &str) -> usize {
    let world = World {
        cwd: "/home/dev/shop".into(),
        home: "/home/dev".into(),
        project: "/home/dev/shop".into(),
        ..World::default()
    };
    let mut reader = Reader::new(countersign::rules::builtin(), &world, &NoFiles);
    let scope = reader.top();
    reader.read(language, text, &scope);
    reader.actions.len()
}

/// A small generator of numbers: the same ones each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

#[test]
fn no_input_makes_them_panic() {
    let mut numbers = Numbers(7);
    for _ in 0..4000 {
        let text: String = (0..numbers.below(24)).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
        for language in LANGUAGES {
            read(language, &text);
        }
    }
}

#[test]
fn long_inputs_take_time_in_proportion() {
    for piece in PIECES {
        let text = piece.repeat(40_000 / piece.len());
        for language in LANGUAGES {
            let start = Instant::now();
            read(language, &text);
            let spent = start.elapsed();
            assert!(spent < Duration::from_secs(2), "{language:?} took {spent:?} for {piece:?} again and again");
        }
    }
}

#[test]
fn pairs_of_long_inputs_too() {
    let mut numbers = Numbers(11);
    for _ in 0..60 {
        let pair: String = (0..3).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
        let text = pair.repeat(40_000 / pair.len().max(1));
        for language in LANGUAGES {
            let start = Instant::now();
            read(language, &text);
            let spent = start.elapsed();
            assert!(spent < Duration::from_secs(2), "{language:?} took {spent:?} for {pair:?} again and again");
        }
    }
}
