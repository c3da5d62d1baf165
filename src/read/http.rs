//! Programs that send HTTP requests: their words to requests.

use super::action::{Kind, Origin, Request};
use super::argv::Invocation;
use super::reader::Reader;
use super::word::Word;
use crate::read::shared::Shared;
use crate::rules::model::Sends;

const METHODS: [&str; 8] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"];

impl Reader<'_> {
    /// The requests that a program sends, if its tables say how.
    pub(super) fn requests(&mut self, inv: &Invocation, origin: &Shared<Origin>) {
        for sends in inv.known.tables.iter().filter_map(|table| table.request.as_ref()) {
            for request in requests(inv, sends) {
                self.push(Kind::Http(request), origin);
            }
        }
    }
}

fn requests(inv: &Invocation, sends: &Sends) -> Vec<Request> {
    let mut operands: Vec<&Word> = inv.operands.iter().map(|operand| &operand.word).collect();
    let mut method = inv.values_of(&sends.method).last().map(|word| word.known().map(str::to_ascii_uppercase));
    if sends.leading {
        let named = operands.first().and_then(|word| word.known()).map(str::to_ascii_uppercase);
        if let Some(named) = named.filter(|name| METHODS.contains(&name.as_str())) {
            operands.remove(0);
            method = Some(Some(named));
        }
    }
    // A server that obeys such a header takes the request for another one.
    let headers = inv.values_of(&sends.header).chain(inv.operands.iter().map(|operand| &operand.word));
    let mut overridden = headers.filter_map(|header| overriding(&header.shown())).last();
    operands.retain(|word| overriding(&word.shown()).is_none());
    let bodies: Vec<String> = inv.values_of(&sends.body).map(Word::shown).collect();
    let usual = if inv.has(&sends.head, false) {
        "HEAD"
    } else if inv.has(&sends.upload, false) {
        "PUT"
    } else if !bodies.is_empty() {
        "POST"
    } else {
        "GET"
    };
    let explicit = method.is_some() || overridden.is_some();
    let method = method.unwrap_or_else(|| Some(usual.to_owned()));
    let body = (!bodies.is_empty()).then(|| bodies.join("&"));
    let addresses: Vec<&Word> = operands.into_iter().chain(inv.values_of(&sends.url)).collect();
    let form = addresses.iter().map(|word| word.shown()).chain(body.clone());
    overridden = overridden.or_else(|| form.filter_map(|text| hidden(&text)).next_back());
    let method = if method.as_deref() == Some("GET") { method } else { overridden.map(Some).unwrap_or(method) };
    if addresses.is_empty() && explicit && inv.has(&sends.config, false) {
        // The address is in the file.
        return vec![Request { method, host: Some("…".to_owned()), port: None, path: None, body }];
    }
    addresses
        .into_iter()
        .map(|address| {
            let (host, path) = split_address(&address.shown());
            let port = port(&address.shown());
            Request { method: method.clone(), host, port, path: Some(path), body: body.clone() }
        })
        .collect()
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
    let path = if path.is_empty() { "/" } else { path };
    (Some(host.to_ascii_lowercase()), path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::split_address;

    #[test]
    fn addresses() {
        let split = |address| split_address(address);
        assert_eq!(split("https://u:p@API.x.io:443/v1/a?b=c"), (Some("api.x.io".into()), "/v1/a?b=c".into()));
        assert_eq!(split("localhost:9200"), (Some("localhost".into()), "/".into()));
        assert_eq!(split("http://[::1]:80/a"), (Some("[::1]:80".into()), "/a".into()));
        assert_eq!(split("/a/b"), (None, "/a/b".into()));
    }
}
