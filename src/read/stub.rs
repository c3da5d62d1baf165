//! STUB until the readers of these languages are merged.
use super::reader::{Reader, Scope};
impl Reader<'_> {
    pub(crate) fn mcp(&mut self, _n: &str, _srv: Option<&str>, _i: &serde_json::Value, _s: &Scope) {}
}
