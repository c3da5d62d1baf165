//! Conditions: what of a call a rule asks for.

use super::facts::Fact;
use super::packed::{Packable, Packed};
use super::text::{List, Text};
use serde::Deserialize;
use std::fmt;

/// A condition: every part must hold. Of the many keys that there are, few are given: only those are kept, which is what
/// lets thousands of conditions lie in few pages.
#[derive(Clone, Copy, Default, Debug, Deserialize)]
#[serde(from = "Keys")]
pub struct Condition(pub List<Part>);

impl Condition {
    /// Whether it asks for something that is seen on the disk.
    #[must_use]
    pub fn asks_the_disk(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Fact(_)))
    }

    /// Whether it asks what else the call does.
    #[must_use]
    pub fn asks_the_call(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Beside(_)))
    }
}

/// What a key says, if it says something.
trait Said {
    type What;
    fn said(self) -> Option<Self::What>;
}

impl<T> Said for List<T> {
    type What = Self;
    fn said(self) -> Option<Self> {
        Some(self).filter(|list| !list.is_empty())
    }
}

impl Said for Text {
    type What = Self;
    fn said(self) -> Option<Self> {
        Some(self).filter(|text| !text.is_empty())
    }
}

impl Said for Option<bool> {
    type What = bool;
    fn said(self) -> Self {
        self
    }
}

macro_rules! parts {
    ($($(#[doc = $doc:literal])+ $key:ident: $type:ty => $part:ident($what:ty),)+) => {
        /// A condition: every key that is given must hold; in a list, one entry is enough.
        #[derive(Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        struct Keys {
            $($(#[doc = $doc])+ #[serde(default)] $key: $type,)+
        }

        /// A part of a condition, as its key gives it.
        #[derive(Clone, Copy)]
        pub enum Part {
            $($(#[doc = $doc])+ $part($what),)+
        }

        impl From<Keys> for Condition {
            fn from(keys: Keys) -> Self {
                let parts = [$(keys.$key.said().map(Part::$part)),+];
                let mut given = Vec::with_capacity(parts.iter().flatten().count());
                given.extend(parts.into_iter().flatten());
                Self(given.into())
            }
        }

        /// The parts, for their numbers.
        enum Number {
            $($part,)+
        }

        impl Packable for Part {
            fn put(&self, out: &mut String) {
                match self {
                    $(Self::$part(what) => {
                        (Number::$part as u8).put(out);
                        what.put(out);
                    })+
                }
            }
            fn take(from: &mut Packed) -> Option<Self> {
                match u8::take(from)? {
                    $(number if number == Number::$part as u8 => Packable::take(from).map(Self::$part),)+
                    _ => None,
                }
            }
        }

        /// A Rust expression, for `build.rs`.
        impl fmt::Debug for Part {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$part(what) => write!(f, concat!("Part::", stringify!($part), "({:?})"), what),)+
                }
            }
        }
    };
}

// In this order they are tried: what is cheap to see first, the disk last.
parts! {
    /// One of these options is given: `-f`, `--force`, `--cascade=orphan` (the value may be a glob).
    option: List<Text> => Option(List<Text>),
    /// All of these options are given.
    every: List<Text> => Every(List<Text>),
    /// None of these options is given.
    without: List<Text> => Without(List<Text>),
    /// An operand behind the subcommand is like one of these globs.
    operand: List<Text> => Operand(List<Text>),
    /// The first operand behind the subcommand is like one of these globs.
    first: List<Text> => First(List<Text>),
    /// How many operands there are behind the subcommand: `0`, `2..`, `1..3`.
    operands: Text => Operands(Text),

    /// The path lies in one of these zones.
    zone: List<Text> => Zone(List<Text>),
    /// The path, or its last name, is like one of these globs.
    name: List<Text> => Name(List<Text>),
    /// It reaches everything below the path.
    recursive: Option<bool> => Recursive(bool),
    /// It leaves the file empty.
    empties: Option<bool> => Empties(bool),
    /// The new text of a Write or Edit has this.
    adds: List<Text> => Adds(List<Text>),
    /// The old text of an Edit has this and the new one doesn't; a file that is replaced as a whole had it more often; with
    /// `?` also one that had it and is replaced by what can't be known.
    removes: List<Text> => Removes(List<Text>),

    /// The SQL statement has one of these marks.
    mark: List<Text> => Mark(List<Text>),
    /// The object of the statement is like one of these globs.
    object: List<Text> => Object(List<Text>),

    /// The host of the request is like one of these globs.
    host: List<Text> => Host(List<Text>),
    /// The port that the address names.
    port: List<Text> => Port(List<Text>),
    /// The path of the request is like one of these globs.
    path: List<Text> => Path(List<Text>),
    /// The body of the request has one of these words.
    body: List<Text> => Body(List<Text>),

    /// An argument of the MCP call is like this: `method=delete*`, `force=true`, `operations.type=remove*`, `ids` (given).
    argument: List<Text> => Argument(List<Text>),
    /// The MCP server is named like this.
    server: List<Text> => Server(List<Text>),

    /// An assignment in front of the command is like this: `RAILS_ENV=production`, `TF_CLI_ARGS*=*-auto-approve*`.
    env: List<Text> => Env(List<Text>),
    /// It stands behind one of these programs: wrappers (`sudo`), package runners, `find`, `xargs`.
    via: List<Text> => Via(List<Text>),
    /// What it reads on standard input comes from one of these programs; `*`: from anything.
    fed: List<Text> => Fed(List<Text>),
    /// The call also does one of these: `delete obj` (a recursive delete in the same directory), `then dotnet build`
    /// (a program that it runs later), `after git stash` (one that it has run before).
    beside: List<Text> => Beside(List<Text>),
    /// Something is confirmed for it (`yes |`, `echo y |`).
    confirmed: Option<bool> => Confirmed(bool),
    /// What it names to be run was found in the files of the project, and read.
    looked_into: Option<bool> => LookedInto(bool),

    /// It is aimed at one of these: `production`, or, provably, `local` or `scratch`. Looked at last, as facts are.
    environment: List<Text> => Environment(List<Text>),
    /// One of these facts was seen on the disk. Looked at last: only where everything else of the condition holds.
    fact: List<Fact> => Fact(List<Fact>),
}

impl Part {
    /// The globs in it.
    #[must_use]
    pub fn globs(&self) -> List<Text> {
        match *self {
            Self::Option(list) | Self::Every(list) | Self::Without(list) | Self::Operand(list) | Self::First(list) => {
                list
            }
            Self::Name(list) | Self::Object(list) | Self::Argument(list) | Self::Server(list) => list,
            Self::Host(list) | Self::Port(list) | Self::Path(list) | Self::Body(list) => list,
            Self::Env(list) | Self::Via(list) | Self::Fed(list) | Self::Beside(list) => list,
            _ => List::default(),
        }
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Condition {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Condition".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Keys::json_schema(generator)
    }
}
