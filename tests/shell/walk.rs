//! A walk over the tree: all simple commands at any depth.

use countersign::read::shell::ast::*;

/// What was found.
#[derive(Default)]
pub(crate) struct Found {
    /// The names of the commands that are known.
    pub(crate) names: Vec<String>,
    /// All commands with a known name: their words, as far as they are known.
    pub(crate) commands: Vec<Vec<Option<String>>>,
    /// A command's name is computed, or is a glob or brace expansion.
    pub(crate) dynamic: bool,
    /// Ends of all spans; none may be beyond the text.
    pub(crate) ends: Vec<usize>,
}

pub(crate) fn found(script: &Script) -> Found {
    let mut found = Found::default();
    found.script(script);
    found
}

impl Found {
    fn script(&mut self, script: &Script) {
        for item in &script.items {
            self.node(&item.node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Simple(simple) => self.simple(simple),
            Node::Pipeline(nodes) => nodes.iter().for_each(|node| self.node(node)),
            Node::AndOr(first, rest) => {
                self.node(first);
                rest.iter().for_each(|(_, node)| self.node(node));
            }
            Node::Subshell(script) | Node::Group(script) => self.script(script),
            Node::If(branches, otherwise) => {
                for (condition, body) in branches {
                    self.script(condition);
                    self.script(body);
                }
                otherwise.iter().for_each(|script| self.script(script));
            }
            Node::While(condition, body) => {
                self.script(condition);
                self.script(body);
            }
            Node::For(_, words, body) => {
                words.iter().flatten().for_each(|word| self.word(word));
                self.script(body);
            }
            Node::ArithmeticFor(word, body) => {
                self.word(word);
                self.script(body);
            }
            Node::Case(word, clauses) => {
                self.word(word);
                for (patterns, body) in clauses {
                    patterns.iter().for_each(|word| self.word(word));
                    self.script(body);
                }
            }
            Node::Function(_, body) => self.node(body),
            Node::Coprocess(body) => self.node(body),
            Node::Condition(words) => words.iter().for_each(|word| self.word(word)),
            Node::Arithmetic(word) => self.word(word),
            Node::Redirected(node, redirects) => {
                self.node(node);
                self.redirects(redirects);
            }
        }
    }

    fn simple(&mut self, simple: &Simple) {
        self.ends.push(simple.span.end);
        assert!(simple.span.start <= simple.span.end);
        for assign in &simple.assigns {
            assign.index.iter().for_each(|word| self.word(word));
            match &assign.value {
                Value::Word(word) => self.word(word),
                Value::Array(words) => words.iter().for_each(|word| self.word(word)),
            }
        }
        simple.words.iter().for_each(|word| self.word(word));
        self.redirects(&simple.redirects);
        if let Some(word) = simple.words.first() {
            match known(word) {
                Some(name) => {
                    self.names.push(name);
                    self.commands.push(simple.words.iter().map(known).collect());
                }
                None => self.dynamic = true,
            }
        }
    }

    /// A command that ran is among those that were found, with these words as far as they are known.
    pub(crate) fn has(&self, ran: &[String]) -> bool {
        self.commands.iter().any(|words| {
            let known = words.iter().take_while(|word| word.is_some()).count();
            let same = words.iter().flatten().zip(ran).take(known).all(|(word, ran)| word == ran);
            same && ran.len() >= known && (known < words.len() || ran.len() == known)
        })
    }

    fn redirects(&mut self, redirects: &[Redirect]) {
        redirects.iter().for_each(|redirect| self.word(&redirect.target));
    }

    fn word(&mut self, word: &Word) {
        self.ends.push(word.span.end);
        assert!(word.span.start <= word.span.end);
        for part in &word.parts {
            match part {
                Part::Literal(_) | Part::Quoted(_) => {}
                Part::Parameter(parameter) => parameter.words.iter().for_each(|word| self.word(word)),
                Part::Command { script, .. } | Part::Process(script) => self.script(script),
                Part::Arithmetic(word) => self.word(word),
            }
        }
    }
}

/// The text of a word in which nothing is expanded.
pub(crate) fn known(word: &Word) -> Option<String> {
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Literal(literal) if !literal.contains(['*', '?', '[', '(', '{', '~']) => text.push_str(literal),
            Part::Quoted(quoted) => text.push_str(quoted),
            _ => return None,
        }
    }
    Some(text)
}
