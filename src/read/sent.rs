//! What programs put into files, here and on other machines: a script may be run from there later on the line.

use super::action::Source;
use super::own::Sources;
use super::reader::{Reader, Scope, Stdin};
use super::word::Word;
use crate::context::{Kind, Place, join};
use crate::rules::model::{Does, Effect};
use std::rc::Rc;

/// The most files that one script on another machine may be.
const SENT: usize = 8;

impl Reader<'_> {
    /// Remembers what an effect puts into a file. The text, where it stands in the call, and else where it comes from.
    pub(super) fn puts(
        &mut self,
        effect: &Effect,
        sources: &Sources,
        place: &Place,
        scope: &Scope,
        program: &str,
    ) -> (Option<Rc<str>>, Source) {
        let replaces = match effect.does {
            Does::Write => effect.with.is_empty() || effect.content.is_some(),
            Does::Touch => effect.content.is_some(),
            Does::Append => {
                if let (Stdin::Text(more), true) = (Self::copied(effect, sources, place, scope), place.certain) {
                    self.added(&place.path, more, program);
                }
                false
            }
            _ => false,
        };
        if !replaces {
            return (None, Source::Unsaid);
        }
        let gives = Self::copied(effect, sources, place, scope);
        let text = self.given(&gives);
        if !place.certain {
            // Of what may be any file, nothing is remembered; but nothing is left in it.
            return (text.filter(|text| text.is_empty()), Source::Unsaid);
        }
        let source = match effect.content {
            Some(_) if text.is_none() => self.source(&gives),
            _ => Source::Unsaid,
        };
        match gives {
            // What is copied may not be there, or not be copied.
            Stdin::File(_) => self.written.may_put(&place.path, gives, program),
            gives => self.written.put(&place.path, gives, program),
        }
        (text, source)
    }

    /// Where that comes from which a command puts into a file.
    pub(super) fn source(&self, gives: &Stdin) -> Source {
        let path = match gives {
            Stdin::File(path) | Stdin::Opened(path) => path.known(),
            _ => None,
        };
        let cwd = self.shell.cwd.as_deref().unwrap_or_default();
        path.map_or(Source::Unknown, |path| Source::File(join(cwd, path).into()))
    }

    /// Where that can be read which the call itself has put there on another machine: the name that it is remembered by
    /// (`web1:/tmp/x.sh`, or `web1:/tmp`, where a file of that name was copied to), or the file here that went there with
    /// its folder. Which machine it is doesn't count: one has many names.
    pub(super) fn sent_there(&self, path: &Word, place: &Place) -> Vec<String> {
        let Some(path) = path.known().map(at_home) else { return Vec::new() };
        // Behind a `cd` there.
        let path = if place.path.starts_with('/') { place.path.as_str() } else { path };
        let mut found = Vec::new();
        for (key, (gives, _)) in self.written.iter() {
            let Some((_, there)) = key.split_once(':').filter(|(host, _)| !host.contains('/')) else { continue };
            let there = at_home(there);
            let Stdin::File(source) = gives else {
                found.extend((there == path).then(|| key.to_owned()));
                continue;
            };
            let source = source.known().unwrap_or_default();
            let name = source.rsplit('/').next().unwrap_or_default();
            let inside = path.strip_suffix(name).filter(|_| !name.is_empty());
            if there == path || inside.is_some_and(|dir| dir.trim_end_matches('/') == there.trim_end_matches('/')) {
                found.push(key.to_owned());
            } else if found.len() < SENT && !self.guessing {
                // What is in a folder lies there beside its name, or behind it.
                let rest = path.strip_prefix(there.trim_end_matches('/')).map(|rest| rest.trim_start_matches('/'));
                let below = rest.and_then(|rest| rest.strip_prefix(name)?.strip_prefix('/'));
                let files = [rest, below].into_iter().flatten().map(|rest| join(source, rest));
                found.extend(files.filter(|file| self.files.stat(file).is_some_and(|it| it.kind == Kind::File)));
            }
        }
        found.truncate(SENT);
        found
    }
}

/// A path on another machine without what says that it begins at the home there.
fn at_home(path: &str) -> &str {
    path.trim_start_matches("./").trim_start_matches("~/")
}

/// Whether a path names another machine in front: `web1:/srv/x`.
pub(super) fn names_host(path: &Word) -> bool {
    path.start().split_once(':').is_some_and(|(host, _)| !host.contains('/') && host.len() > 1)
}
