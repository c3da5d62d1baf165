//! Words and operators of cmd.exe.

/// A word of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) text: String,
    /// It is an operator: `&`, `|`, `>`, a parenthesis.
    pub(super) sign: bool,
    /// Some of it was in quotes, or escaped.
    pub(super) quoted: bool,
}

/// How many words there are up to the operator that ends a command. Groups, and what `if` and `for` stand in front of,
/// belong to it.
pub(super) fn command_length(tokens: &[Token]) -> usize {
    let first = tokens.first().map(|token| token.text.trim_start_matches('@').to_ascii_lowercase()).unwrap_or_default();
    // What a loop or a condition runs belongs to it, to the end of the line.
    let whole = matches!(first.as_str(), "for" | "if");
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        if token.sign && token.text == "(" {
            at += group_length(&tokens[at..]).max(1);
            continue;
        }
        if token.sign && (token.text == "\n" || !whole && matches!(token.text.as_str(), "&" | "&&" | "||" | "|" | ")"))
        {
            return at;
        }
        at += 1;
    }
    at
}

/// How many words a parenthesis and what it holds are.
pub(super) fn group_length(tokens: &[Token]) -> usize {
    let mut open = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" if token.sign => open += 1,
            ")" if token.sign => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// The words of a command, and its redirections (`true`: appends).
pub(super) fn parted(tokens: &[Token]) -> (Vec<&Token>, Vec<(bool, &Token)>) {
    let (mut words, mut redirects) = (Vec::new(), Vec::new());
    let mut rest = tokens.iter();
    while let Some(token) = rest.next() {
        match (token.sign, token.text.as_str()) {
            (true, ">" | ">>") => redirects.extend(rest.next().map(|target| (token.text == ">>", target))),
            (true, "<") => _ = rest.next(),
            (true, _) => {}
            (false, _) => words.push(token),
        }
    }
    (words, redirects)
}

/// Words and operators.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut begun) = (false, false);
    let mut open = 0_usize;
    let mut chars = text.chars().peekable();
    let flush = |out: &mut Vec<Token>, word: &mut String, begun: &mut bool| {
        if *begun || !word.is_empty() {
            out.push(Token { text: std::mem::take(word), sign: false, quoted: *begun });
        }
        *begun = false;
    };
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                begun = true;
            }
            '\n' => {
                quoted = false;
                flush(&mut out, &mut word, &mut begun);
                out.push(Token { text: if open > 0 { "&" } else { "\n" }.to_owned(), sign: true, quoted: false });
            }
            c if quoted => word.push(c),
            '^' => {
                if chars.peek() == Some(&'\r') {
                    chars.next();
                }
                match chars.next() {
                    Some('\n') | None => {}
                    Some(c) => word.push(c),
                }
            }
            ' ' | '\t' | '\r' | ',' | ';' => flush(&mut out, &mut word, &mut begun),
            '(' if word.is_empty() => {
                open += 1;
                out.push(Token { text: "(".to_owned(), sign: true, quoted: false });
            }
            ')' if open > 0 => {
                open -= 1;
                flush(&mut out, &mut word, &mut begun);
                out.push(Token { text: ")".to_owned(), sign: true, quoted: false });
            }
            '&' | '|' | '>' | '<' => {
                // `2>nul`, `2>&1`
                if c == '>' && word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit()) {
                    word.clear();
                }
                flush(&mut out, &mut word, &mut begun);
                let mut text = c.to_string();
                if c != '<' && chars.peek() == Some(&c) {
                    text.extend(chars.next());
                }
                if text == ">" && chars.peek() == Some(&'&') {
                    chars.next();
                    chars.next();
                    continue;
                }
                out.push(Token { text, sign: true, quoted: false });
            }
            c => word.push(c),
        }
    }
    flush(&mut out, &mut word, &mut begun);
    out
}
