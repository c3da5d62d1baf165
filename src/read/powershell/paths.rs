//! Paths as PowerShell's own commands take them: drives, providers and patterns.

use crate::context::World;
use crate::read::word::{Piece, Word};

/// The path that a word names. `literal`: nothing in it is a pattern.
///
/// Drives of more than one letter (`HKLM:`, `Env:`) become the first name of an absolute path, so that `[[place]]`
/// tables can speak of them: `/HKLM:/Software`.
pub(crate) fn path(word: &Word, literal: bool, world: &World) -> Word {
    let mut out = Word { splits: word.splits, ..Word::default() };
    for (at, piece) in word.pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                let text = if at == 0 { rooted(text, world) } else { text.to_string() };
                pattern(&text, literal, &mut out);
            }
            piece => out.push(piece.clone()),
        }
    }
    out
}

/// Adds text in which patterns are active.
fn pattern(text: &str, literal: bool, out: &mut Word) {
    let mut rest = text;
    while let Some(at) = rest.find(['*', '?', '[']).filter(|_| !literal) {
        // The whole name is the pattern, as it is in a shell.
        if at > 0 {
            out.push(Piece::Text(rest[..at].replace('\\', "/").into()));
        }
        let end = rest[at..].find(['/', '\\']).map_or(rest.len(), |end| at + end);
        // On Windows, `*.*` is everything.
        let whole = if &rest[at..end] == "*.*" { "*" } else { &rest[at..end] };
        out.push(Piece::Glob(whole.into()));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest.replace('\\', "/").into()));
    }
}

fn rooted(text: &str, world: &World) -> String {
    // `Microsoft.PowerShell.Core\FileSystem::C:\x`
    let text = match text.split_once("::") {
        Some((provider, rest)) => {
            match provider.rsplit('\\').next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "filesystem" => rest.to_owned(),
                "registry" => format!("HKLM:\\{rest}"),
                other => format!("{other}:\\{rest}"),
            }
        }
        None => text.to_owned(),
    };
    if let Some(rest) = text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\'])) {
        return format!("{}{rest}", world.home);
    }
    // `\\?\C:\x`
    if let Some(rest) = text.strip_prefix(r"\\?\") {
        return rest.to_owned();
    }
    match text.find(':') {
        Some(at) if at > 1 && text[..at].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
            format!("/{}:/{}", text[..at].to_ascii_lowercase(), text[at + 1..].trim_start_matches(['\\', '/']))
        }
        // `C:x` is in whatever directory that drive has.
        Some(1) if text.len() > 2 && !matches!(text.as_bytes()[2], b'\\' | b'/') => {
            format!("{}:/{}", &text[..1], &text[2..])
        }
        _ => text,
    }
}
