//! STUB until the readers of these languages are merged.
use super::reader::{Reader, Scope};
use crate::rules::model::Language;
impl Reader<'_> {
    pub(crate) fn code(&mut self, _l: Language, _t: &str, _s: &Scope) {}
    pub(crate) fn powershell(&mut self, _t: &str, _s: &Scope) {}
    pub(crate) fn graphql(&mut self, _t: &str, _s: &Scope) {}
    pub(crate) fn redis(&mut self, _t: &str, _s: &Scope) {}
}
