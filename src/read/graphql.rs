//! GraphQL documents and Redis commands.

use super::reader::{Reader, Scope};
use super::word::Word;

impl Reader<'_> {
    /// Looks through a GraphQL document for mutations that destroy.
    pub(crate) fn graphql(&mut self, text: &str, scope: &Scope) {
        let bare = text.trim_start();
        if !bare.contains("mutation") {
            return;
        }
        let verbs: Vec<_> = self.rules.verbs().collect();
        let mut depth = 0_usize;
        let mut arguments = 0_usize;
        let mut rest = bare;
        while let Some(c) = rest.chars().next() {
            let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            let (token, after) = rest.split_at(if length > 0 { length } else { c.len_utf8() });
            match c {
                '{' if arguments == 0 => depth += 1,
                '}' if arguments == 0 => depth = depth.saturating_sub(1),
                '(' => arguments += 1,
                ')' => arguments = arguments.saturating_sub(1),
                _ if length > 0
                    && depth == 1
                    && arguments == 0
                    && super::mcp::kinds(token, &verbs).iter().any(|kind| kind == "destroy") =>
                {
                    let origin = scope.origin.at(format!("mutation {token}"));
                    self.push(super::action::Kind::Code("graphql-mutation-destroy".to_owned()), &origin);
                }
                _ => {}
            }
            rest = after;
        }
    }

    /// Reads a Redis command as `redis-cli` would.
    pub(crate) fn redis(&mut self, text: &str, scope: &Scope) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let mut command = vec![Word::text("redis-cli")];
            command.extend(words(line).into_iter().map(Word::text));
            self.argv(command, scope);
        }
    }
}

/// The words of a line, quotes taken off.
fn words(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let (mut quote, mut quoted) = (None, false);
    for c in line.chars().chain(Some(' ')) {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                quoted = true;
            }
            (None, _) if c.is_whitespace() => {
                if !word.is_empty() || quoted {
                    out.push(std::mem::take(&mut word));
                }
                quoted = false;
            }
            (None, _) => word.push(c),
        }
    }
    out
}
