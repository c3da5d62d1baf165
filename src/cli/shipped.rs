//! Files of the repository that the program brings along. `build.rs` compresses them: most calls never ask for one.

use miniz_oxide::inflate::decompress_to_vec_zlib;

/// One of them: `shipped!("policy.schema.json")`.
macro_rules! shipped {
    ($file:literal) => {
        $crate::cli::shipped::text(include_bytes!(concat!(env!("OUT_DIR"), "/", $file, ".z")))
    };
}
pub(super) use shipped;

/// What was compressed.
pub(super) fn text(compressed: &[u8]) -> String {
    let bytes = decompress_to_vec_zlib(compressed).expect("build.rs compressed it");
    String::from_utf8(bytes).expect("build.rs compressed a text")
}
