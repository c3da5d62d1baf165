//! Programs that send HTTP requests: their words to requests.

use super::action::{Kind, Origin, Request};
use super::argv::Invocation;
use super::lines::option_words;
use super::own::Held;
use super::reader::{Reader, Scope, Stdin};
use super::word::Word;
use crate::context::Place;
use crate::read::shared::Shared;
use crate::rules::model::{Sends, Style};
use crate::rules::text::{List, Text};

const METHODS: [&str; 8] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"];
/// What stands for a part of a request that can't be known.
pub(crate) const HOLE: &str = "…";
/// Bytes of a body beyond which it isn't looked through.
const LONG: usize = 256 << 10;
/// The most addresses that one with alternatives stands for; beyond them it is taken as it is written.
const MANY: usize = 64;

/// The parts of a request that the words of a program give.
#[derive(Default)]
struct Parts {
    headers: Vec<String>,
    bodies: Vec<String>,
    query: Vec<String>,
    addresses: Vec<String>,
}

impl Reader<'_> {
    /// The requests that a program sends, if its tables say how. `words` are those behind the program.
    pub(super) fn requests(&mut self, inv: &Invocation, words: &[Word], origin: &Shared<Origin>, scope: &Scope) {
        let known = inv.known.clone();
        for sends in known.tables.iter().flat_map(|table| &table.request) {
            let between = |word: &Word| word.known().is_some_and(|word| names(&sends.next, word));
            let files: Vec<Word> = inv.values_of(&sends.config).cloned().collect();
            let texts: Vec<String> = files.iter().filter_map(|file| self.handed_in(file, scope)).collect();
            let more: Vec<Word> = texts.iter().flat_map(|text| option_words(text)).collect();
            for part in words.split(between) {
                let whole = part.len() == words.len() && more.is_empty();
                let own = (!whole).then(|| {
                    let words: Vec<Word> = part.iter().chain(&more).cloned().collect();
                    Invocation::read(inv.name.clone(), inv.trusted, known.clone(), &words)
                });
                for request in self.sent(own.as_ref().unwrap_or(inv), sends, scope) {
                    self.push(Kind::Http(request), origin);
                }
            }
        }
    }

    fn sent(&mut self, inv: &Invocation, sends: &Sends, scope: &Scope) -> Vec<Request> {
        // PowerShell's operands have names, and are among the options.
        let named = inv.style() == Style::Powershell;
        let mut operands: Vec<&Word> = inv.operands.iter().filter(|_| !named).map(|operand| &operand.word).collect();
        let mut method = inv.values_of(&sends.method).last().map(|word| word.known().map(str::to_ascii_uppercase));
        let mut parts = Parts::default();
        parts.headers.extend(inv.values_of(&sends.header).map(Word::shown));
        parts.query.extend(inv.values_of(&sends.query).map(Word::shown));
        if sends.leading {
            let named = operands.first().and_then(|word| word.known()).map(str::to_ascii_uppercase);
            if let Some(named) = named.filter(|name| METHODS.contains(&name.as_str())) {
                operands.remove(0);
                method = Some(Some(named));
            }
            let items: Vec<String> = operands.drain(operands.len().min(1)..).map(Word::shown).collect();
            items.iter().for_each(|item| self.item(item, &mut parts, scope));
        }
        // Headers may stand among the operands (`xargs -I{} …`).
        parts.headers.extend(operands.iter().map(|word| word.shown()).filter(|word| overriding(word).is_some()));
        operands.retain(|word| overriding(&word.shown()).is_none());
        let shown = |word: &Word| match word.shown() {
            // HTTPie: `:3000/x`
            address if sends.leading && address.starts_with(':') => format!("localhost{address}"),
            address => address,
        };
        parts.addresses.extend(operands.into_iter().chain(inv.values_of(&sends.url)).map(shown));
        if !sends.literal.is_empty() && !inv.has(&sends.literal, false) {
            parts.addresses = parts.addresses.iter().flat_map(|address| spread(address)).collect();
        }
        self.bodies(inv, sends, &mut parts, scope);
        let usual = if inv.has(&sends.head, false) {
            "HEAD"
        } else if inv.has(&sends.upload, false) {
            "PUT"
        } else if !parts.bodies.is_empty() && !inv.has(&sends.get, false) {
            "POST"
        } else {
            "GET"
        };
        if inv.has(&sends.get, false) {
            parts.query.append(&mut parts.bodies);
        }
        finish(parts, method, usual, inv.has(&sends.config, false))
    }

    /// What a request carries: words of the line, files, standard input.
    fn bodies(&mut self, inv: &Invocation, sends: &Sends, parts: &mut Parts, scope: &Scope) {
        let named: Vec<(bool, Word)> = inv
            .options
            .iter()
            .filter(|given| names(&sends.body, &given.name))
            .filter_map(|given| Some((names(&sends.at, &given.name), given.value.clone()?)))
            .collect();
        for (at, value) in named {
            let text = match file_in(&value).filter(|_| at) {
                Some((0, path)) => self.body_of(&path, scope),
                // Whether the program takes `name=@x` for a file or for what it says depends on the option.
                Some((_, path)) => format!("{} {}", value.shown(), self.body_of(&path, scope)),
                None => value.shown(),
            };
            parts.bodies.push(text);
        }
        let files: Vec<Word> = inv.values_of(&sends.body_file).cloned().collect();
        parts.bodies.extend(files.iter().map(|path| self.body_of(path, scope)).collect::<Vec<_>>());
        if inv.has(&sends.upload, false) {
            parts.bodies.push(HOLE.to_owned());
        }
        if sends.stdin
            && parts.bodies.is_empty()
            && !matches!(*scope.stdin, Stdin::None)
            && !inv.has(&sends.no_stdin, false)
        {
            parts.bodies.push(self.body_of(&Word::text("-"), scope));
        }
    }

    /// HTTPie's way to write what belongs to a request: `name=value`, `name:=json`, `name==query`, `Header:value`, `name@file`.
    fn item(&mut self, item: &str, parts: &mut Parts, scope: &Scope) {
        let Some(at) = item.find([':', '=', '@']) else { return };
        let (name, rest) = item.split_at(at);
        let text = match rest.as_bytes() {
            [b'=', b'=', ..] => return parts.query.push(format!("{name}={}", &rest[2..])),
            [b':', b'=', b'@', ..] | [b'=', b'@', ..] => {
                let path = rest.trim_start_matches([':', '=', '@']);
                self.body_of(&Word::text(path), scope)
            }
            [b':', b'=', ..] => return parts.bodies.push(format!("\"{name}\":{}", &rest[2..])),
            [b'=', ..] => rest[1..].to_owned(),
            [b'@', ..] => self.body_of(&Word::text(&rest[1..]), scope),
            _ => return parts.headers.push(item.to_owned()),
        };
        parts.bodies.push(if name.is_empty() || text == HOLE { text } else { format!("\"{name}\":\"{text}\"") });
    }

    fn body_of(&mut self, path: &Word, scope: &Scope) -> String {
        match self.handed_in(path, scope) {
            Some(text) if text.len() <= LONG && self.pay(text.len() / 8) => text,
            _ => HOLE.to_owned(),
        }
    }

    /// The text of a file that a program is given, or of its standard input (`-`). `None`: it can't be known.
    fn handed_in(&mut self, path: &Word, scope: &Scope) -> Option<String> {
        let mut path = path.clone();
        let mut elsewhere = scope.origin.elsewhere;
        if matches!(path.known(), Some("-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")) {
            match &*scope.stdin {
                Stdin::None => return Some(String::new()),
                Stdin::Text(text) => return Some(text.shown()),
                Stdin::File(file) => path = file.clone(),
                Stdin::Opened(file) => (path, elsewhere) = (file.clone(), false),
                Stdin::Names(_) | Stdin::Added(_) | Stdin::Unknown => return None,
            }
        }
        let place = Place::resolve(&path, scope.cwd.as_deref(), elsewhere, self.world, self.rules);
        if !place.certain || place.zone == "elsewhere" && !self.written.has(&place.path) {
            return None;
        }
        let held = self.all_held(&place.path);
        match held.as_slice() {
            [Held::Before(text)] => Some(text.to_string()),
            [Held::Now(text, _)] => Some(text.shown()),
            _ => None,
        }
    }
}

fn names(list: &List<Text>, name: &str) -> bool {
    list.iter().any(|listed| listed.as_str() == name)
}

/// Where the name of a file begins in the value of an option that may hold one, and that name: `@x`, `name@x`, `name=@x`,
/// `name=<x`.
fn file_in(value: &Word) -> Option<(usize, Word)> {
    let start = value.start();
    let at = start.find(['@', '='])?;
    let end = match &start.as_bytes()[at..] {
        [b'@', ..] => at + 1,
        [b'=', b'@' | b'<', ..] => at + 2,
        _ => return None,
    };
    let path = super::argv::after(value, end);
    // What curl is told about a part stands behind it: `file=@x;type=text/plain`.
    let path = path.known().and_then(|path| path.split_once(';')).map_or(path.clone(), |(path, _)| Word::text(path));
    Some((at, path))
}

/// Puts the parts together, one request for each address.
fn finish(parts: Parts, method: Option<Option<String>>, usual: &str, from_file: bool) -> Vec<Request> {
    let Parts { headers, bodies, query, addresses } = parts;
    let mut overridden = headers.iter().filter_map(|header| overriding(header)).next_back();
    let explicit = method.is_some() || overridden.is_some();
    let method = method.unwrap_or_else(|| Some(usual.to_owned()));
    let body = (!bodies.is_empty()).then(|| bodies.join("&"));
    let form = addresses.iter().chain(&query).chain(&bodies);
    // A server that obeys such a header or field takes the request for another one.
    overridden = overridden.or_else(|| form.filter_map(|text| hidden(text)).next_back());
    let method = if method.as_deref() == Some("GET") { method } else { overridden.map(Some).unwrap_or(method) };
    if addresses.is_empty() && explicit && from_file {
        // The address is in the file.
        return vec![Request { method, host: Some(HOLE.to_owned()), body, ..Request::default() }];
    }
    let request = |address: &String| {
        let (host, mut path) = split_address(address);
        for more in &query {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str(more);
        }
        Request { method: method.clone(), host, port: port(address), path: Some(path), body: body.clone() }
    };
    addresses.iter().map(request).collect()
}

/// The addresses that one with `{a,b}` or `[1-3]` stands for. Of a range, its first is enough.
fn spread(address: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut rest = address;
    while let Some(at) = rest.find(['{', '[']) {
        let close = if rest[at..].starts_with('{') { '}' } else { ']' };
        let Some(end) = rest[at..].find(close).map(|end| at + end) else { break };
        let inside = &rest[at + 1..end];
        let choices: Vec<&str> = if close == '}' {
            inside.split(',').collect()
        } else {
            match inside.split_once('-') {
                Some((first, _)) if !inside.contains(':') || inside.matches(':').count() < 2 => vec![first],
                // `[::1]`, `match[]=`
                _ => vec![&rest[at..=end]],
            }
        };
        if all.len() * choices.len() > MANY {
            break;
        }
        let before = &rest[..at];
        all =
            all.iter().flat_map(|start| choices.iter().map(move |choice| format!("{start}{before}{choice}"))).collect();
        rest = &rest[end + 1..];
    }
    all.iter_mut().for_each(|start| start.push_str(rest));
    all
}

/// The method in a header that overrides the request's own: `X-HTTP-Method-Override: DELETE`.
fn overriding(header: &str) -> Option<String> {
    let (name, value) = header.split_once(':')?;
    let name = name.trim().to_ascii_lowercase();
    let named = matches!(name.as_str(), "x-http-method-override" | "x-http-method" | "x-method-override");
    named.then(|| value.trim().to_ascii_uppercase())
}

/// The method in a form field that does the same: `_method=DELETE`.
fn hidden(text: &str) -> Option<String> {
    let (before, rest) = text.split_once("_method=")?;
    let value: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    (before.is_empty() || before.ends_with(['?', '&'])).then(|| value.to_ascii_uppercase())
}

/// The port that an address names.
#[must_use]
pub(crate) fn port(address: &str) -> Option<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let port = authority.rsplit_once(':')?.1;
    (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())).then(|| port.to_owned())
}

/// The host of an address, in lower case and without port, and its path with the query.
#[must_use]
pub(crate) fn split_address(address: &str) -> (Option<String>, String) {
    // `curl host/path` needs no scheme; a path alone has no host.
    let rest = match address.split_once("://") {
        Some((_, rest)) => rest,
        None if address.starts_with('/') => return (None, address.to_owned()),
        None => address,
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or(host) };
    (Some(host.to_ascii_lowercase()), travelled(path))
}

/// A path as a server understands it: without `/./`, `/../` and fragment, and without letters that are only written in
/// another way (`%44ROP`).
fn travelled(path: &str) -> String {
    let path = path.split('#').next().unwrap_or(path);
    let mut plain = String::with_capacity(path.len() + 1);
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.map(char::from).filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '~')) {
            Some(c) => {
                plain.push(c);
                rest = &rest[at + 3..];
            }
            None => {
                plain.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    if !plain.starts_with('/') {
        plain.insert(0, '/');
    }
    let (path, query) = plain.split_at(plain.find('?').unwrap_or(plain.len()));
    if !path.contains("/.") {
        return plain;
    }
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/').skip(1) {
        match name {
            "." => {}
            ".." => _ = names.pop(),
            name => names.push(name),
        }
    }
    format!("/{}{query}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{file_in, split_address, spread};
    use crate::read::word::Word;

    #[test]
    fn addresses() {
        let split = |address| split_address(address);
        assert_eq!(split("https://u:p@API.x.io:443/v1/a?b=c"), (Some("api.x.io".into()), "/v1/a?b=c".into()));
        assert_eq!(split("localhost:9200"), (Some("localhost".into()), "/".into()));
        assert_eq!(split("http://[::1]:80/a"), (Some("[::1]:80".into()), "/a".into()));
        assert_eq!(split("/a/b"), (None, "/a/b".into()));
        assert_eq!(split("x.io/a/../%44b/%2F?q=%44ROP+x#y").1, "/Db/%2F?q=DROP+x");
        assert_eq!(split("x.io?q=1").1, "/?q=1");
    }

    #[test]
    fn alternatives() {
        assert_eq!(spread("x.io/{a,b}/[1-9]"), ["x.io/a/1", "x.io/b/1"]);
        assert_eq!(spread("http://[::1]/x?m[]=1"), ["http://[::1]/x?m[]=1"]);
        assert_eq!(spread("x.io/{a"), ["x.io/{a"]);
    }

    #[test]
    fn files() {
        let file = |value: &str| file_in(&Word::text(value)).map(|(at, path)| (at, path.shown()));
        assert_eq!(file("@a b"), Some((0, "a b".into())));
        assert_eq!(file("q@x.sql"), Some((1, "x.sql".into())));
        assert_eq!(file("f=@x;type=text/plain"), Some((1, "x".into())));
        assert_eq!(file("mail=a@b.io"), None);
    }
}
