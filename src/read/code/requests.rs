//! Calls in code that send HTTP requests: method, address and body from their arguments, and from what these name.

use super::Code;
use super::tokens::Lexeme;
use super::value::{Argument, Value, literal};
use crate::read::action::{Kind, Request};
use crate::read::http::{HOLE, port, split_address};
use crate::read::word::Word;

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];
/// What the parts of a request are called by those who send it.
const METHOD: [&str; 3] = ["method", "CURLOPT_CUSTOMREQUEST", "X-HTTP-Method-Override"];
const ADDRESS: [&str; 3] = ["url", "uri", "CURLOPT_URL"];
const BODY: [&str; 8] = ["json", "data", "body", "content", "payload", "form", "multipart", "CURLOPT_POSTFIELDS"];
const BASE: [&str; 4] = ["baseurl", "baseuri", "prefixurl", "url_prefix"];
/// Methods that are given what a request that was begun before sends.
const SENDS: [&str; 5] = ["write", "end", "send", "body=", "set_form_data"];
/// The longest body that is put together, in bytes.
const LONG: usize = 16 << 10;
/// The most tokens of a call that are looked through.
const FAR: usize = 2_000;
/// How many variables in variables are followed.
const DEPTH: u8 = 3;

/// The server that a text names first.
#[derive(Clone, Default)]
pub(super) struct Server {
    host: Option<String>,
    port: Option<String>,
    /// The path that stands in front of those of the requests.
    base: String,
}

impl<'t> Code<'_, '_, 't> {
    /// `requests.delete(url)`, `fetch(url, { method: 'DELETE' })`, `axios({ method, url })`.
    pub(super) fn request(
        &mut self,
        chain: &str,
        arguments: &[Argument<'t>],
        open: Option<usize>,
        start: usize,
        end: usize,
    ) {
        let sends = SENDS.contains(&super::last_name(chain));
        let plain: Vec<&Argument<'t>> = arguments.iter().filter(|argument| argument.key.is_none()).collect();
        let texts: Vec<Word> = plain.iter().map(|argument| argument.value.clone().word()).collect();
        let is_method = |word: &Word| word.known().is_some_and(|word| METHODS.contains(&&*word.to_ascii_lowercase()));
        let named_by = texts.iter().take(3).position(is_method);
        let spans = open.map_or_else(Vec::new, |open| self.spans(open));
        let size: usize = spans.iter().map(|(from, to)| to - from).sum();
        if !self.reader.pay(size) {
            return;
        }
        let keyed = |keys: &[&str]| keys.iter().find_map(|key| self.keyed(key, &spans));
        // `requests.delete`, `Net::HTTP::Delete.new`, `superagent.post(url).send(x)`
        let mut parts = chain.rsplit('.').take(2).map(str::to_ascii_lowercase);
        let in_name = parts.find(|part| METHODS.contains(&part.as_str()));
        let method = keyed(&METHOD[2..])
            .or(in_name)
            .or_else(|| keyed(&METHOD))
            .or_else(|| named_by.and_then(|at| texts[at].known().map(str::to_owned)));
        let like = |word: &Word| word.start().starts_with('/') || word.shown().contains("://");
        let may = |at: &usize| Some(*at) != named_by && matches!(plain[*at].value, Value::Word(_) | Value::Unknown);
        let addressed = texts.iter().position(like).or_else(|| (0..texts.len()).find(may));
        let addressed = addressed.filter(|_| !sends);
        let url = addressed.map(|at| texts[at].shown()).or_else(|| keyed(&ADDRESS));
        let (mut host, mut path) = url.as_deref().map_or((None, None), split_url);
        let mut port = url.as_deref().and_then(port);
        if url.is_none() {
            host = keyed(&["hostname", "host"]);
            path = keyed(&["path"]);
            port = keyed(&["port"]);
        }
        let mut body = BODY.iter().find_map(|key| self.keyed_at(key, &spans)).map(|(from, to)| self.rendered(from, to));
        let behind = addressed.or(named_by).map_or(0, |at| at + 1);
        if body.is_none() && (sends || METHODS.contains(&&*super::last_name(chain).to_ascii_lowercase()) || behind > 1)
        {
            // `axios.post(url, data)`, `connection.request("POST", path, body)`
            let rest = plain.iter().skip(behind).map(|argument| self.rendered(argument.at.0, argument.at.1));
            body = Some(rest.collect::<Vec<_>>().join("&")).filter(|body| !body.is_empty());
        }
        if !self.reader.pay(body.as_ref().map_or(0, String::len) / 8) {
            return;
        }
        if self.scope.file {
            // What a program of its own sends is its own affair where that can't be told.
            body = body.map(|body| body.replace(HOLE, "")).filter(|body| !body.trim_matches('"').is_empty());
        }
        if host.is_none() {
            let server = self.server.get_or_insert_with(|| server(self.tokens)).clone();
            if !server.base.is_empty() {
                path = path.map(|path| format!("{}{path}", server.base));
            }
            // As in a command line: somebody's, if it isn't known whose.
            let somewhere =
                || (!self.scope.file && url.as_deref().is_some_and(|url| url.contains(HOLE))).then(|| HOLE.to_owned());
            host = server.host.or_else(somewhere);
            port = port.or(server.port);
        }
        let usual = if body.is_some() { "post" } else { "get" };
        let method = Some(method.as_deref().unwrap_or(usual).to_ascii_uppercase());
        let origin = self.origin(start, end);
        let each = method.as_deref() == Some("DELETE") && path.as_deref().is_none_or(|path| path.contains(HOLE));
        if each && self.reader.pay(self.text.len() / 16) && self.goes_through_a_list(start) {
            self.reader.push(Kind::Code("http-delete-each".to_owned()), &origin);
        }
        self.reader.push(Kind::Http(Request { method, host, port, path, body }), &origin);
    }

    /// The tokens in which the parts of a call stand: its arguments, and what the variables among them were set to.
    fn spans(&self, open: usize) -> Vec<(usize, usize)> {
        let close = self.closing(open).unwrap_or_else(|| self.line_end(open + 1));
        let close = close.min(open + FAR).min(self.tokens.len());
        let mut spans = vec![(open, close)];
        let mut next = 0;
        while let Some(&(from, to)) = spans.get(next) {
            next += 1;
            for at in from..to.min(from + 400) {
                let set = self.name(at).filter(|_| !self.is_key(at)).and_then(|name| self.set.get(name));
                if let Some(&span) = set.filter(|span| spans.len() < 8 && !spans.contains(span)) {
                    spans.push((span.0, span.1.min(span.0 + FAR)));
                }
            }
        }
        spans
    }

    /// `x` in `x: 1`, `x=1` and `y.x`: no variable.
    fn is_key(&self, at: usize) -> bool {
        self.is(at + 1, ':')
            || self.is(at + 1, '=') && !self.is(at + 2, '=')
            || at.checked_sub(1).is_some_and(|before| matches!(self.kind(before), Some(Lexeme::Dot)))
    }

    /// The string behind a key: `method: 'DELETE'`.
    fn keyed(&self, key: &str, spans: &[(usize, usize)]) -> Option<String> {
        let (from, _) = self.keyed_at(key, spans)?;
        match self.value(from, 0).0 {
            Value::Word(word) => Some(word.shown()),
            _ => None,
        }
    }

    /// Where what stands behind a key begins and ends.
    fn keyed_at(&self, key: &str, spans: &[(usize, usize)]) -> Option<(usize, usize)> {
        // PHP's constants are arguments of their own: `curl_setopt($c, CURLOPT_URL, …)`.
        let constant = key.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        spans.iter().find_map(|&(open, close)| {
            let at = (open..close).find(|&at| {
                let named = self.name(at) == Some(key)
                    || matches!(self.kind(at), Some(Lexeme::Text(parts)) if literal(parts).as_deref() == Some(key));
                // `obj["method"] = x`
                named && (self.is(at + 1, ':') || self.is(at + 1, '=') || constant && self.is(at + 1, ','))
            })?;
            let from = if self.is(at + 1, '=') && self.is(at + 2, '>') { at + 3 } else { at + 2 };
            Some((from, self.expression_end(from, close)))
        })
    }

    fn expression_end(&self, from: usize, close: usize) -> usize {
        let mut at = from;
        while at < close {
            match self.kind(at) {
                Some(Lexeme::Mark('(' | '[' | '{')) => at = self.closing(at).unwrap_or(at),
                Some(Lexeme::Mark(',' | ')' | ']' | '}')) => break,
                _ => {}
            }
            at += 1;
        }
        at.min(close)
    }

    /// What an expression is as text, as far as that is known: strings, the variables in it, keys.
    fn rendered(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        self.render((from, to), 0, &mut out);
        out
    }

    fn render(&self, (from, to): (usize, usize), depth: u8, out: &mut String) {
        let quoted = |out: &mut String, text: &str| match text {
            HOLE => out.push_str(HOLE),
            text => {
                out.push('"');
                out.push_str(text);
                out.push('"');
            }
        };
        let to = to.min(self.tokens.len());
        let mut next = from;
        while next < to {
            let at = next;
            next += 1;
            if out.len() > LONG {
                return out.push_str(HOLE);
            }
            let made = self.is(at + 1, '(') && self.is(at + 2, ')');
            match self.kind(at) {
                Some(Lexeme::Text(parts)) => quoted(out, &self.word_of(parts).shown()),
                Some(Lexeme::Name(name)) if self.is(at + 1, ':') => quoted(out, name),
                Some(Lexeme::Name(name)) if self.is_key(at) || self.is(at + 1, '(') && !made => out.push_str(name),
                Some(Lexeme::Name(name)) => match (self.values.get(name), self.set.get(name)) {
                    (Some(Value::Word(word)), _) => quoted(out, &word.shown()),
                    (_, Some(&span)) if depth < DEPTH && !(span.0..span.1).contains(&at) => {
                        self.render(span, depth + 1, out)
                    }
                    _ if is_plain(name) => out.push_str(name),
                    _ => match self.skip_chain(at + 1).max(next) {
                        end if self.says(next, end) => out.push_str(name),
                        end => {
                            out.push_str(HOLE);
                            next = end;
                        }
                    },
                },
                Some(Lexeme::Words(words)) => out.push_str(words),
                Some(Lexeme::Mark(mark)) => out.push(*mark),
                Some(Lexeme::Dot) => out.push('.'),
                _ => out.push(' '),
            }
        }
    }
}

impl Code<'_, '_, '_> {
    /// Whether something of what a call makes is known: `json.dumps(payload)` is, `os.environ["Q"]` isn't.
    fn says(&self, from: usize, to: usize) -> bool {
        (from..to.min(from + 200)).any(|at| match self.kind(at) {
            Some(Lexeme::Mark('{')) => true,
            Some(Lexeme::Text(parts)) => self.word_of(parts).shown().contains([' ', '{']),
            Some(Lexeme::Name(name)) if !self.is_key(at) => {
                matches!(self.values.get(name), Some(Value::Word(_))) || self.set.contains_key(name)
            }
            _ => false,
        })
    }
}

/// Words that are values themselves.
fn is_plain(name: &str) -> bool {
    matches!(name, "true" | "false" | "null" | "True" | "False" | "None" | "nil" | "undefined" | "await" | "new")
        || name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// The server that a connection was made to before: `HTTPSConnection("api.example.com")`, `baseURL: "https://…"`.
fn server(tokens: &[super::tokens::Token<'_>]) -> Server {
    let named = |text: &str| {
        let host = text.split(':').next().unwrap_or(text);
        let bytes = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        bytes && (host == "localhost" || host.contains('.') && !host.starts_with('.'))
    };
    for (at, token) in tokens.iter().enumerate() {
        let Lexeme::Text(parts) = &token.kind else { continue };
        let Some(text) = literal(parts) else { continue };
        if text.contains("://") {
            let (host, path) = split_url(&text);
            let key = at.checked_sub(2).and_then(|key| match &tokens[key].kind {
                Lexeme::Name(name) => Some(name.replace('_', "").to_ascii_lowercase()),
                _ => None,
            });
            let is_base = key.is_some_and(|key| BASE.contains(&key.as_str()));
            let base = path.filter(|_| is_base).unwrap_or_default().trim_end_matches('/').to_owned();
            return Server { host, port: port(&text), base };
        }
        if named(&text) {
            let host = text.split(':').next().unwrap_or(&text).to_ascii_lowercase();
            return Server { host: Some(host), port: port(&text), base: String::new() };
        }
    }
    Server::default()
}

/// The host and the path of an address; without `://`, it is only a path.
fn split_url(url: &str) -> (Option<String>, Option<String>) {
    if !url.contains("://") {
        return (None, url.starts_with('/').then(|| url.to_owned()));
    }
    let (host, path) = split_address(url);
    (host.filter(|host| !host.is_empty() && !host.contains(HOLE)), Some(path))
}
