//! The dialects: what each of them makes of the characters on which they disagree.
//!
//! A text is scanned once for each *reading* (a set of [`Flags`]) that real dialects give it. A flag whose trigger does
//! not occur in the text is dropped first, so that ordinary text has one reading.

/// One way of reading a text, as a set of the constants below.
pub(super) type Flags = u32;

/// `# …` is a comment (MySQL, BigQuery, ClickHouse).
pub(super) const HASH: Flags = 1;
/// `--` begins a comment only before a blank (MySQL).
pub(super) const DASH_BLANK: Flags = 1 << 1;
/// A backslash escapes in `'…'` (MySQL, BigQuery, Snowflake, ClickHouse, PostgreSQL of old).
pub(super) const BACKSLASH: Flags = 1 << 2;
/// A backslash escapes in `"…"` (MySQL, BigQuery, ClickHouse).
pub(super) const BACKSLASH_DOUBLE: Flags = 1 << 3;
/// `$$…$$` and `$tag$…$tag$` are strings (PostgreSQL, DuckDB, Snowflake, ClickHouse, Cassandra).
pub(super) const DOLLAR: Flags = 1 << 4;
/// `/* /* */ */` nests (PostgreSQL, DuckDB, T-SQL).
pub(super) const NESTED: Flags = 1 << 5;
/// What stands in `/*! … */` is executed (MySQL, MariaDB).
pub(super) const BANG: Flags = 1 << 6;
/// `[…]` is a name (T-SQL, SQLite).
pub(super) const BRACKET: Flags = 1 << 7;
/// `` `…` `` is a name (MySQL, SQLite, BigQuery, ClickHouse); elsewhere a statement with a backtick is an error.
pub(super) const BACKTICK: Flags = 1 << 8;
/// `// …` is a comment (Snowflake, Cassandra).
pub(super) const SLASHES: Flags = 1 << 9;
/// `'''…'''` and `"""…"""` are strings (BigQuery).
pub(super) const TRIPLE: Flags = 1 << 10;
/// `q'[…]'` is a string (Oracle).
pub(super) const QUOTE_OF_CHOICE: Flags = 1 << 11;
/// `E'…'` has backslash escapes (PostgreSQL, DuckDB).
pub(super) const E_STRING: Flags = 1 << 12;
/// Blanks beyond ASCII separate words (T-SQL, DuckDB, ClickHouse); elsewhere they belong to names.
pub(super) const WIDE_BLANK: Flags = 1 << 13;
/// A carriage return alone ends a line comment (PostgreSQL).
pub(super) const RETURN: Flags = 1 << 14;

/// PostgreSQL, MySQL in three modes (as it comes, NO_BACKSLASH_ESCAPES, ANSI_QUOTES), SQLite, T-SQL, Oracle,
/// Snowflake, BigQuery, ClickHouse, Cassandra, DuckDB.
const DIALECTS: [Flags; 12] = [
    DOLLAR | NESTED | E_STRING | RETURN,
    HASH | DASH_BLANK | BACKSLASH | BACKSLASH_DOUBLE | BANG | BACKTICK,
    HASH | DASH_BLANK | BANG | BACKTICK,
    HASH | DASH_BLANK | BACKSLASH | BANG | BACKTICK,
    BRACKET | BACKTICK,
    BRACKET | NESTED | WIDE_BLANK,
    QUOTE_OF_CHOICE,
    BACKSLASH | DOLLAR | SLASHES,
    HASH | BACKSLASH | BACKSLASH_DOUBLE | TRIPLE | BACKTICK,
    HASH | BACKSLASH | BACKSLASH_DOUBLE | DOLLAR | BACKTICK | WIDE_BLANK,
    DOLLAR | SLASHES,
    DOLLAR | NESTED | E_STRING | WIDE_BLANK,
];

/// The readings in which `text` differs.
pub(super) fn readings(text: &str) -> Vec<Flags> {
    let mut matter = 0;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        matter |= match byte {
            b'#' => HASH,
            b'-' if next == b'-' && bytes.get(at + 2).is_some_and(|b| *b > b' ') => DASH_BLANK,
            b'\\' => BACKSLASH | BACKSLASH_DOUBLE | E_STRING,
            b'$' => DOLLAR,
            b'/' if next == b'*' => match bytes.get(at + 2) {
                Some(b'!' | b'M') => NESTED | BANG,
                _ => NESTED,
            },
            b'/' if next == b'/' => SLASHES,
            b'[' => BRACKET,
            b'`' => BACKTICK,
            b'\'' if next == b'\'' && bytes.get(at + 2) == Some(&b'\'') => TRIPLE,
            b'"' if next == b'"' && bytes.get(at + 2) == Some(&b'"') => TRIPLE,
            b'q' | b'Q' if next == b'\'' => QUOTE_OF_CHOICE,
            b'\r' if next != b'\n' => RETURN,
            0x80.. => WIDE_BLANK,
            _ => 0,
        };
    }
    let mut all: Vec<Flags> = DIALECTS.iter().map(|flags| flags & matter).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A character that a word can begin with.
pub(super) fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// A character that a word can go on with.
pub(super) fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}
