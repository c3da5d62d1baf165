//! Which types of resources hold data.

use crate::rules::glob;
use crate::rules::index::Rules;
use crate::rules::model::Stateful;
use crate::rules::text::{List, Text};

/// The table that says that resources of this type hold data.
pub(super) fn table(kind: &str, rules: &Rules) -> Option<&'static Stateful> {
    let fits = |globs: &List<Text>| globs.iter().any(|glob| glob::matches(glob, kind));
    rules.stateful().find(|table| fits(&table.kind) && !fits(&table.except))
}

/// Whether what an address names holds data: `module.db.aws_db_instance.main[0]`.
pub(super) fn holds_data(address: &str, rules: &Rules) -> bool {
    kind(address).is_some_and(|kind| table(kind, rules).is_some())
}

/// The type in the address of a resource.
fn kind(address: &str) -> Option<&str> {
    let mut rest = address;
    while let Some(behind) = rest.strip_prefix("module.") {
        rest = behind_name(behind)?;
    }
    let kind = rest.split(['.', '[']).next()?;
    (kind != "data").then_some(kind)
}

/// What follows the name of a module. Its key may hold anything: `db["a.b"].aws_s3_bucket.x`.
fn behind_name(text: &str) -> Option<&str> {
    let end = text.find(['.', '['])?;
    let mut rest = &text[end..];
    if let Some(key) = rest.strip_prefix("[\"") {
        let mut escaped = false;
        let end = key.find(|char| {
            let ends = char == '"' && !escaped;
            escaped = char == '\\' && !escaped;
            ends
        })?;
        rest = &key[end + 1..];
    }
    rest.split_once('.').map(|(_, behind)| behind)
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn the_type_in_an_address() {
        for (address, wanted) in [
            ("aws_db_instance.main", Some("aws_db_instance")),
            ("aws_db_instance.main[0]", Some("aws_db_instance")),
            ("module.db.aws_db_instance.main", Some("aws_db_instance")),
            (r#"module.a["x.y"].module.b[2].aws_s3_bucket.z["q"]"#, Some("aws_s3_bucket")),
            (r#"module.a["\"]."].aws_s3_bucket.z"#, Some("aws_s3_bucket")),
            ("data.aws_s3_bucket.x", None),
            ("module.a.data.aws_s3_bucket.x", None),
            ("module.a[\"", None),
            ("module.a", None),
            ("", Some("")),
        ] {
            assert_eq!(kind(address), wanted, "{address}");
        }
    }
}
