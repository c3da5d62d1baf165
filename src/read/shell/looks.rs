//! What is told of a command by how it is written.

use super::ast::{self, Node, Part, Simple, Value};

/// Whether a command can't speak of the arguments of the shell.
pub(super) fn is_plain(simple: &Simple) -> bool {
    let literal = |word: &ast::Word| word.parts.iter().all(|part| matches!(part, Part::Literal(_) | Part::Quoted(_)));
    let targets = simple.redirects.iter().map(|redirect| &redirect.target);
    let assigned = simple.assigns.iter().all(|assign| match &assign.value {
        Value::Word(word) => literal(word),
        Value::Array(words) => words.iter().all(literal),
    });
    let runs = |word: &ast::Word| {
        matches!(word.parts.as_slice(), [Part::Literal(name)]
            if !matches!(name.as_str(), "eval" | "source" | "." | "shift" | "trap" | "command" | "builtin" | "alias"))
    };
    assigned && simple.words.iter().chain(targets).all(literal) && simple.words.first().is_none_or(runs)
}

/// Whether a command changes the directory, and prints nothing.
pub(super) fn moves(node: &Node) -> bool {
    let Node::Simple(simple) = node else { return false };
    simple.words.first().is_some_and(|word| matches!(word.parts.as_slice(), [Part::Literal(text)] if text == "cd"))
}

/// Whether a command ends the script or the loop: `cd x || exit`.
pub(super) fn leaves(node: &Node) -> bool {
    let Node::Simple(simple) = node else { return matches!(node, Node::Group(_)) };
    let name = simple.words.first().and_then(|word| match word.parts.as_slice() {
        [Part::Literal(text)] => Some(text.as_str()),
        _ => None,
    });
    matches!(name, Some("exit" | "return" | "break" | "continue"))
}
