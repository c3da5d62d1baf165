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
    let method = method.unwrap_or_else(|| Some(usual.to_owned()));
    let body = (!bodies.is_empty()).then(|| bodies.join("&"));
    let addresses = operands.into_iter().chain(inv.values_of(&sends.url));
    addresses
        .map(|address| {
            let (host, path) = split_address(&address.shown());
            Request { method: method.clone(), host, path: Some(path), body: body.clone() }
        })
        .collect()
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
