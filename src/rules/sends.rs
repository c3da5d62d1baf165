//! The table of the rule language that says how a program sends HTTP requests.

use super::text::{List, Text};
use serde::Deserialize;

/// How a program sends an HTTP request. The address is an operand, or the value of one of `url`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sends {
    /// Options whose value is the method.
    #[serde(default)]
    pub method: List<Text>,
    /// Options whose value is the address.
    #[serde(default)]
    pub url: List<Text>,
    /// Options whose value is the body: the method is POST, if none is named.
    #[serde(default)]
    pub body: List<Text>,
    /// Those of `body` in whose value `@x`, `name@x` or `name=@x` names a file with the body (`-` is standard input).
    #[serde(default)]
    pub at: List<Text>,
    /// Options whose value is a file with the body.
    #[serde(default)]
    pub body_file: List<Text>,
    /// What it reads on standard input is the body, where no other is given.
    #[serde(default)]
    pub stdin: bool,
    /// Options with which it isn't.
    #[serde(default)]
    pub no_stdin: List<Text>,
    /// Options with which what would be the body goes into the address, and the method is GET.
    #[serde(default)]
    pub get: List<Text>,
    /// Options whose values go into the address.
    #[serde(default)]
    pub query: List<Text>,
    /// Options that upload a file: the method is PUT, if none is named.
    #[serde(default)]
    pub upload: List<Text>,
    /// Options that ask for the head only.
    #[serde(default)]
    pub head: List<Text>,
    /// Options whose values are headers: some name another method.
    #[serde(default)]
    pub header: List<Text>,
    /// Options whose value is a file with further options, or with addresses.
    #[serde(default)]
    pub config: List<Text>,
    /// The first operand is the method, if it is one (`http DELETE …`), the next one the address, the others are parts of
    /// the request: `name=value`, `name:=json`, `name==query`, `Header:value`, `name=@file`.
    #[serde(default)]
    pub leading: bool,
    /// Words between which each group has a request of its own.
    #[serde(default)]
    pub next: List<Text>,
    /// `{a,b}` and `[1-3]` in an address stand for several, unless one of these options is given.
    #[serde(default)]
    pub literal: List<Text>,
}
