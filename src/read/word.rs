//! A word of a command line after expansion: what is known of it, and what isn't.

use ecow::EcoString;
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;

/// The pieces of a word. Most words have one, and a short one: such a word takes no memory of its own.
pub type Pieces = SmallVec<[Piece; 1]>;

/// In the text of a script that is put together: what isn't known of it.
pub(crate) const HOLE: &str = "${UNKNOWN}";

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Known text.
    Text(EcoString),
    /// Active pattern characters (`*`, `?`, `[…]`), as written: they stand for names that exist.
    Glob(EcoString),
    /// Anything. `empty`: it may also be nothing.
    Unknown {
        /// It may be the empty string.
        empty: bool,
    },
    /// One name that can't be known but has no `/` and is never empty.
    Name,
}

impl Piece {
    /// The bytes of text in it.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(text) | Self::Glob(text) => text.len(),
            Self::Unknown { .. } | Self::Name => 0,
        }
    }
}

/// A word after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its pieces, side by side; two `Text` pieces never touch.
    pub pieces: Pieces,
    /// It is an unquoted expansion that may turn into several words, or into none.
    pub splits: bool,
}

impl From<Piece> for Word {
    fn from(piece: Piece) -> Self {
        Self { pieces: smallvec![piece], splits: false }
    }
}

impl Word {
    /// A word of known text.
    #[must_use]
    pub fn text(text: impl Into<EcoString>) -> Self {
        Self::from(Piece::Text(text.into()))
    }

    /// A word of which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self::from(Piece::Unknown { empty: true })
    }

    /// The text, if all of it is known.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text, where a glob counts as its pattern; `None` if any of it is unknown.
    #[must_use]
    pub fn pattern(&self) -> Option<Cow<'_, str>> {
        if let Some(known) = self.known() {
            return Some(Cow::Borrowed(known));
        }
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Glob(text) => out.push_str(text),
                Piece::Unknown { .. } | Piece::Name => return None,
            }
        }
        Some(Cow::Owned(out))
    }

    /// Whether any of it is unknown.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Unknown { .. } | Piece::Name))
    }

    /// It is the pattern of names that exist, all of it known.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        !self.has_unknown() && self.has_glob()
    }

    /// Some of it is the pattern of names that exist: it may become several words.
    #[must_use]
    pub fn has_glob(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Glob(_)))
    }

    /// The known text at its start.
    #[must_use]
    pub fn start(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// Shell text in which what is unknown stays a variable of which nothing is known.
    #[must_use]
    pub fn with_holes(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Glob(text) => out.push_str(text),
                Piece::Unknown { .. } | Piece::Name => out.push_str(HOLE),
            }
        }
        out
    }

    /// Adds a piece, joining text to text, and what is unknown to what is unknown.
    pub fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(more)) => before.push_str(&more),
            (Some(Piece::Unknown { empty }), Piece::Unknown { empty: more }) => *empty &= more,
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// How it is shown to a person: what is unknown as `…`.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Glob(text) => out.push_str(text),
                Piece::Unknown { .. } | Piece::Name => out.push('…'),
            }
        }
        out
    }
}
