//! What a program is told to run by its name: scripts of package.json, targets of a Makefile, recipes of a justfile,
//! processes of a Procfile, services of a compose file. Packs say which operands are names and which files they stand in;
//! here is a reader for each kind of file.

mod compose;
mod document;
mod expand;
mod just;
mod make;
mod makefile;
mod members;
mod scripts;

use super::argv::Invocation;
use super::own::Held;
use super::reader::{Reader, Scope};
use super::word::{Piece, Word};
use crate::context::{Place, join};
use crate::rules::model::{Carrier, Language, Recipes};
use std::rc::Rc;

/// The most directories above that are looked into.
const UPWARD: usize = 16;
/// The most names of one command line that are followed.
const NAMES: usize = 64;
/// The longest file of recipes that is read, in bytes.
const SIZE: usize = 256 << 10;

/// A file of recipes.
pub(super) struct Book {
    /// Where it is, absolute.
    path: String,
    /// The directory in which its commands run.
    dir: Rc<str>,
    /// What is in it.
    text: Rc<str>,
    /// It was there before the call.
    before: bool,
}

/// One command line that names recipes.
pub(super) struct Order<'a> {
    inv: &'a Invocation,
    carrier: &'a Carrier,
    recipes: &'a Recipes,
    /// The names, each known.
    names: Vec<String>,
    /// What is handed to them.
    arguments: Vec<Word>,
    /// The words in front of a name, as they are shown: `npm run`.
    head: String,
}

impl Reader<'_> {
    /// Follows the names that a command line gives to the recipes behind them. `true`: what is named was found, and read.
    pub(super) fn carry_recipes(&mut self, inv: &Invocation, carrier: &Carrier, behind: usize, scope: &Scope) -> bool {
        let Some(recipes) = &carrier.recipes else { return false };
        let Some(cwd) = scope.cwd.clone().filter(|_| !scope.origin.elsewhere) else { return false };
        let mut order = order(inv, carrier, recipes, behind);
        if !recipes.strip.is_empty() {
            let stripped = order.names.iter().filter_map(|name| name.strip_prefix(recipes.strip.as_str()));
            order.names = stripped.map(str::to_owned).collect();
        }
        let needs_name = matches!(carrier.language, Language::Script | Language::Process);
        if needs_name && order.names.is_empty() && !carrier.alone {
            return false;
        }
        let every = inv.has(&recipes.members, false) || recipes.members.iter().any(|option| option.as_str() == "*");
        let named = inv.values_of(&recipes.member).next().is_some() || recipes.member_operand.is_some();
        if every || named {
            return self.of_members(&order, behind, &cwd, scope);
        }
        let Some(book) = self.book(inv, recipes, &cwd) else { return false };
        let found = self.open_book(&order, &book, scope);
        self.other_books(&book).iter().fold(found, |found, book| found | self.open_book(&order, book, scope))
    }

    fn open_book(&mut self, order: &Order<'_>, book: &Book, scope: &Scope) -> bool {
        let mut inner = self.outline_book(&book.path, &book.text, scope).unwrap_or_else(|| scope.clone());
        inner.cwd = Some(Rc::clone(&book.dir));
        inner.depth += 1;
        inner.file = book.before;
        if inner.depth > super::reader::DEPTH || !self.pay(book.text.len() / 8 + 64) {
            self.opaque("limit", &order.head, scope);
            return true;
        }
        match order.carrier.language {
            Language::Script => self.scripts_of(order, book, &inner),
            Language::Goal => self.goals_of(order, book, &inner),
            Language::Recipe => self.recipes_of(order, book, &inner),
            Language::Process => self.processes_of(order, book, &inner),
            Language::Service => self.services_of(order, book, &inner),
            _ => false,
        }
    }

    /// The file in which a program looks.
    fn book(&mut self, inv: &Invocation, recipes: &Recipes, cwd: &str) -> Option<Book> {
        if let Some(named) = inv.values_of(&recipes.option).last() {
            let place = Place::resolve(named, Some(cwd), false, self.world, self.rules);
            return if place.certain { self.book_at(&place.path, cwd) } else { None };
        }
        let mut dir = cwd;
        for _ in 0..UPWARD {
            for name in &recipes.file {
                let path = join(dir, name);
                if let Some(book) = self.book_at(&path, if recipes.upward { dir } else { cwd }) {
                    return Some(book);
                }
            }
            // Neither a home nor what is above a project is part of it.
            if !recipes.upward || dir == self.world.project || dir == self.world.home {
                return None;
            }
            dir = dir.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty())?;
        }
        None
    }

    pub(super) fn book_at(&mut self, path: &str, dir: &str) -> Option<Book> {
        let held = self.held(path);
        book_of(held, path, &Rc::from(dir))
    }

    /// What else may be in the file of a book.
    fn other_books(&mut self, book: &Book) -> Vec<Book> {
        if !self.written.has(&book.path) {
            return Vec::new();
        }
        let all = self.all_held(&book.path).into_iter();
        all.filter_map(|held| book_of(held, &book.path, &book.dir)).filter(|other| other.text != book.text).collect()
    }

    /// Runs `read` with what is being read noted down, unless it is being read already: what calls itself adds nothing.
    fn within(&mut self, mark: String, read: impl FnOnce(&mut Self)) {
        if self.open.contains(&mark) {
            return;
        }
        self.open.push(mark);
        read(self);
        self.open.pop();
    }

    /// Shell text of a recipe, which runs in a shell of its own.
    fn recipe_text(&mut self, text: &str, label: &str, scope: &Scope) {
        let mut inner = scope.clone();
        inner.origin = scope.origin.showing(text.trim());
        // What came with the whole command line isn't what each of its commands reads.
        inner.origin.via.push(label.into());
        self.script_arguments.clear();
        self.read(Language::Shell, text, &inner);
    }

    /// A Procfile: `web: bundle exec puma`.
    fn processes_of(&mut self, order: &Order<'_>, book: &Book, scope: &Scope) -> bool {
        let mut found = false;
        for line in book.text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let Some((name, command)) = line.split_once(':') else { continue };
            let (name, command) = (name.trim(), command.trim());
            if command.is_empty() || !order.names.is_empty() && !order.names.iter().any(|wanted| wanted == name) {
                continue;
            }
            found = true;
            self.recipe_text(command, &order.label(name), scope);
        }
        found
    }
}

impl Order<'_> {
    /// How a recipe is named to a person: `npm run db:reset`.
    fn label(&self, name: &str) -> String {
        if self.recipes.names.is_empty() { format!("{} {name}", self.head) } else { self.head.clone() }
    }
}

/// What a command line names.
fn order<'a>(inv: &'a Invocation, carrier: &'a Carrier, recipes: &'a Recipes, behind: usize) -> Order<'a> {
    let known = |word: &Word| word.pattern().map(|text| text.into_owned());
    let mut names: Vec<String> = recipes.names.iter().map(|name| name.to_string()).collect();
    let mut arguments = Vec::new();
    let operands = inv.operands.get(behind..).unwrap_or_default();
    let mut head: Vec<String> = vec![inv.name.to_string()];
    head.extend(inv.operands[..behind.min(inv.operands.len())].iter().map(|operand| operand.word.shown()));
    if let Some(first) = carrier.operand {
        let first = usize::from(first);
        head.extend(operands.iter().take(first).map(|operand| operand.word.shown()));
        let mut behind_name = first;
        if recipes.names.is_empty() && carrier.one {
            names.extend(operands.get(first).and_then(|operand| known(&operand.word)));
            behind_name += 1;
        }
        let rest = operands.get(behind_name..).unwrap_or_default().iter().map(|operand| &operand.word);
        if carrier.one || !recipes.names.is_empty() {
            arguments = rest.cloned().collect();
        } else {
            names.extend(rest.filter_map(known));
        }
    }
    names.extend(inv.values_of(&carrier.option).filter_map(known));
    Order { inv, carrier, recipes, names, arguments, head: head.join(" ") }
}

/// Words as a shell would have to be given them.
fn quoted(words: &[Word]) -> String {
    let mut out = String::new();
    for word in words {
        out.push(' ');
        match word.known() {
            Some(text) => out.push_str(&single_quoted(text)),
            None if word.pieces.iter().any(|piece| matches!(piece, Piece::Text(_) | Piece::Glob(_))) => {
                out.push_str(&format!("\"{}\"", word.with_holes().replace(['"', '\\', '`'], "")));
            }
            None => out.push_str("\"${UNKNOWN}\""),
        }
    }
    out
}

fn single_quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn book_of(held: Held, path: &str, dir: &Rc<str>) -> Option<Book> {
    let (text, before) = match held {
        Held::Before(text) => (text, true),
        Held::Now(text, _) => (Rc::from(text.with_holes()), false),
        Held::Unknown(_) | Held::Missing | Held::Unreadable => return None,
    };
    (text.len() <= SIZE).then(|| Book { path: path.to_owned(), dir: Rc::clone(dir), text, before })
}
