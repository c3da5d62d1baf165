//! Source code to tokens: names, strings (with what is interpolated into them), shell commands in backticks, marks.
//! One scanner for six languages; it knows their strings and comments, and nothing of their grammar.

use crate::rules::model::Language;

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Lexeme<'t>,
    pub(super) at: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lexeme<'t> {
    /// A name, a keyword or a number.
    Name(&'t str),
    /// A string.
    Text(Vec<Part<'t>>),
    /// A command that the language hands to a shell: backticks, `%x()`, `qx()`.
    Shell(Vec<Part<'t>>),
    /// Several strings at once: `%w(a b)`, `qw(a b)`.
    Words(&'t str),
    /// What joins the parts of a name: `.`, `::`, `->`, `?.`, `&.`.
    Dot,
    /// Any other character.
    Mark(char),
    /// The end of a line.
    Line,
}

/// A piece of a string.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part<'t> {
    /// Known text.
    Text(String),
    /// The value of this code.
    Code(&'t str),
}

/// The tokens of a text, and the code inside its strings.
pub(super) struct Tokens<'t> {
    pub(super) all: Vec<Token<'t>>,
    /// Code in interpolations and in replacements that are evaluated.
    pub(super) nested: Vec<&'t str>,
}

/// What is evaluated inside a string.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Inside {
    /// Nothing; only the backslash in front of a quote or a backslash counts.
    Nothing,
    /// Nothing, not even backslashes (`r'…'`).
    Raw,
    /// Backslash escapes.
    Escapes,
    /// Escapes and `${…}`.
    Dollar,
    /// Escapes and `#{…}`.
    Hash,
    /// Escapes and `{…}`.
    Brace,
    /// Escapes and `$name`, `@{…}`, `{$name}`.
    Sigil,
}

pub(super) fn tokens(language: Language, text: &str) -> Tokens<'_> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        language,
        skip: None,
        out: Tokens { all: Vec::new(), nested: Vec::new() },
    };
    scanner.run();
    scanner.out
}

pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    pub(super) language: Language,
    /// Here-documents: where the line that names them ends, and where their bodies end.
    pub(super) skip: Option<(usize, usize)>,
    pub(super) out: Tokens<'t>,
}

impl<'t> Scanner<'t> {
    fn run(&mut self) {
        while let Some(byte) = self.peek(0) {
            if let Some((line, end)) = self.skip
                && self.at >= line
            {
                self.skip = None;
                self.at = self.at.max(end);
                self.put(Lexeme::Line, self.at);
                continue;
            }
            self.next(byte);
        }
    }

    fn next(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b'\n' => {
                self.at += 1;
                self.put(Lexeme::Line, start);
                let rest = self.rest();
                if self.language == Language::Perl
                    && rest.starts_with('=')
                    && rest[1..].starts_with(|c: char| c.is_ascii_lowercase())
                {
                    self.at = rest.find("\n=cut").map_or(self.bytes.len(), |found| self.at + found + 5);
                }
                if self.language == Language::Perl && (rest.starts_with("__END__") || rest.starts_with("__DATA__")) {
                    self.at = self.bytes.len();
                }
                if self.language == Language::Ruby && rest.starts_with("=begin") {
                    self.at = self.text[self.at..].find("\n=end").map_or(self.bytes.len(), |found| self.at + found + 5);
                }
            }
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'#' if self.hash_comments() => self.line_comment(),
            b'/' if self.peek(1) == Some(b'/') && self.slash_comments() => self.line_comment(),
            b'/' if self.peek(1) == Some(b'*') && self.slash_comments() => {
                self.at = self.text[self.at + 2..].find("*/").map_or(self.bytes.len(), |found| self.at + found + 4);
            }
            b'"' | b'\'' => self.string("", byte),
            b'`' => self.backtick(),
            b'/' if self.regex_may_start() => {
                self.at += 1;
                self.delimited(b'/', b'/', Inside::Raw);
                self.put(Lexeme::Text(Vec::new()), start);
            }
            b'%' if self.language == Language::Ruby && !self.after_value() => self.percent(),
            b'<' if self.heredoc() => {}
            b'<' if self.language == Language::Perl && self.file_glob() => {}
            b'.' if self.dot_joins() && self.peek(1) != Some(b'.') => self.dot(1),
            b'?' | b'&'
                if self.peek(1) == Some(b'.')
                    && matches!(self.language, Language::Javascript | Language::Mongo | Language::Ruby) =>
            {
                self.dot(2)
            }
            b'?' if self.rest().starts_with("?->") => self.dot(3),
            b'-' if self.peek(1) == Some(b'>') && matches!(self.language, Language::Perl | Language::Php) => {
                self.dot(2)
            }
            b':' if self.peek(1) == Some(b':') && self.language != Language::Python => self.dot(2),
            b'\\' if self.language == Language::Php => self.dot(1),
            b'\\' if self.peek(1) == Some(b'\n') => self.at += 2,
            _ if is_name(byte) || self.sigil(byte) => self.name(),
            _ => {
                let mark = self.rest().chars().next().unwrap_or(' ');
                self.at += mark.len_utf8();
                self.put(Lexeme::Mark(mark), start);
            }
        }
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// What is left. Positions are always at the start of a character.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn put(&mut self, kind: Lexeme<'t>, at: usize) {
        self.out.all.push(Token { kind, at, end: self.at });
    }

    /// `<*.o>`: what `glob("*.o")` is.
    fn file_glob(&mut self) -> bool {
        let start = self.at;
        let Some((glob, _)) = self.rest()[1..].split_once('>') else { return false };
        if glob.len() > 200
            || glob.contains(|c: char| c.is_whitespace() || "<=;(".contains(c))
            || !glob.contains(['*', '~', '?'])
        {
            return false;
        }
        self.at += glob.len() + 2;
        for kind in [Lexeme::Name("glob"), Lexeme::Mark('('), Lexeme::Text(vec![Part::Text(glob.to_owned())])] {
            self.put(kind, start);
        }
        // The bracket touches its name, as `(` would.
        if let Some(name) = self.out.all.iter_mut().rev().nth(2) {
            name.end = start;
        }
        self.put(Lexeme::Mark(')'), start);
        true
    }

    fn dot(&mut self, length: usize) {
        let start = self.at;
        self.at += length;
        self.put(Lexeme::Dot, start);
    }

    fn hash_comments(&self) -> bool {
        match self.language {
            Language::Python | Language::Ruby => true,
            // Not `$#array`, not `#{`.
            Language::Perl | Language::Php => self.at == 0 || self.bytes[self.at - 1] != b'$',
            _ => self.at == 0 && self.peek(1) == Some(b'!'),
        }
    }

    fn slash_comments(&self) -> bool {
        matches!(self.language, Language::Javascript | Language::Mongo | Language::Php)
    }

    fn line_comment(&mut self) {
        self.at = self.rest().find('\n').map_or(self.bytes.len(), |found| self.at + found);
    }

    fn dot_joins(&self) -> bool {
        !matches!(self.language, Language::Perl | Language::Php)
    }

    fn sigil(&self, byte: u8) -> bool {
        match self.language {
            Language::Perl => {
                matches!(byte, b'$' | b'@' | b'%')
                    && self.peek(1).is_some_and(|next| is_name(next) && !next.is_ascii_digit())
            }
            Language::Php | Language::Javascript | Language::Mongo => byte == b'$',
            Language::Ruby => matches!(byte, b'$' | b'@'),
            _ => false,
        }
    }

    /// Whether what was last read is a value, so that `/` and `%` behind it are operators.
    pub(super) fn after_value(&self) -> bool {
        match self.out.all.last().map(|token| &token.kind) {
            Some(Lexeme::Name(name)) => !matches!(
                *name,
                "return"
                    | "if"
                    | "unless"
                    | "and"
                    | "or"
                    | "not"
                    | "in"
                    | "typeof"
                    | "case"
                    | "when"
                    | "while"
                    | "split"
                    | "grep"
                    | "puts"
                    | "print"
                    | "await"
                    | "yield"
                    | "then"
                    | "do"
                    | "else"
            ),
            Some(Lexeme::Text(_) | Lexeme::Shell(_) | Lexeme::Words(_)) => true,
            Some(Lexeme::Mark(mark)) => matches!(mark, ')' | ']' | '}'),
            _ => false,
        }
    }

    fn regex_may_start(&self) -> bool {
        if matches!(self.language, Language::Python | Language::Php) || self.after_value() {
            return false;
        }
        // It must end on this line, or it is no pattern.
        self.rest()[1..].lines().next().is_some_and(|line| line.contains('/'))
    }

    fn name(&mut self) {
        let start = self.at;
        self.at += 1;
        while self.peek(0).is_some_and(is_name) {
            self.at += 1;
        }
        if self.language == Language::Ruby && matches!(self.peek(0), Some(b'!' | b'?')) && self.peek(1) != Some(b'=') {
            self.at += 1;
        }
        let name = self.text.get(start..self.at).unwrap_or("");
        let joined = matches!(self.out.all.last().map(|token| &token.kind), Some(Lexeme::Dot));
        match (self.language, self.peek(0)) {
            (Language::Python, Some(quote @ (b'"' | b'\'')))
                if name.len() <= 2 && name.bytes().all(|byte| b"rRbBuUfFtT".contains(&byte)) =>
            {
                return self.string(name, quote);
            }
            (Language::Perl, Some(_)) if !joined && self.quote_like(name, start) => return,
            _ => {}
        }
        self.put(Lexeme::Name(name), start);
    }
}

pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
