//! The tree of what was read.

use super::paint::{Paint, cut, width};
use super::{Act, Explained};
use crate::judge::Decision;
use crate::read::outline::{Outline, Part, What};
use crate::rules::model::{Class, Language};

/// The most lines of a tree.
const LINES: usize = 48;
/// The most characters of a path in it; the end of one says more than its beginning.
const PATH: usize = 32;

/// A branch, a twig or a leaf.
#[derive(Default)]
struct Twig {
    text: String,
    /// What stands at the end of the text, however long that is.
    tail: String,
    verdict: Option<Said>,
    found: Vec<usize>,
    twigs: Vec<Twig>,
}

/// What is said about an action.
#[derive(Clone, Copy)]
struct Said {
    class: Class,
    forced: bool,
    decision: Decision,
}

impl Said {
    fn of(act: &Act) -> Self {
        Self { class: act.class, forced: act.forced, decision: act.decision }
    }
}

/// Its lines, in at most so many columns.
pub(super) fn tree(explained: &Explained, most: usize, paint: Paint) -> Vec<String> {
    let Some(outline) = &explained.outline else { return Vec::new() };
    let mut lines: Vec<(String, Twig)> = Vec::new();
    let grown = Gardener { explained, outline, acts: &explained.acts }.grow(0);
    for twig in grown {
        flat(twig, "", "", &mut lines);
    }
    let left = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    let notes: Vec<(String, Decision)> = lines.iter().map(|(_, twig)| note(twig)).collect();
    let widest = notes.iter().map(|(note, _)| width(note)).max().unwrap_or_default();
    let room = most.saturating_sub(widest + 2).max(24);
    let fitted = |prefix: &str, twig: &Twig| {
        let room = if twig.verdict.is_some() { room } else { most };
        cut(&twig.text, room.saturating_sub(width(prefix) + width(&twig.tail)).max(8)) + &twig.tail
    };
    let texts: Vec<String> = lines.iter().map(|(prefix, twig)| fitted(prefix, twig)).collect();
    let noted = lines.iter().zip(&texts).filter(|((_, twig), _)| twig.verdict.is_some());
    let column = noted.map(|((prefix, _), text)| width(prefix) + width(text)).max().unwrap_or_default();
    let mut out: Vec<String> = Vec::new();
    for (((prefix, twig), text), (note, decision)) in lines.iter().zip(&texts).zip(&notes) {
        let used = width(prefix) + width(text);
        let text = if twig.verdict.is_some() { text.clone() } else { paint.dim(text) };
        let pad = " ".repeat(column.saturating_sub(used) + 2);
        let note = if note.is_empty() { String::new() } else { format!("{pad}{}", paint.decision(*decision, note)) };
        out.push(format!("{}{text}{note}", paint.dim(prefix)));
    }
    if left > 0 {
        out.push(paint.dim(&format!("… and {left} more")));
    }
    out
}

/// What is said at the end of a line.
fn note(twig: &Twig) -> (String, Decision) {
    let Some(said) = twig.verdict else { return (String::new(), Decision::None) };
    let forced = if said.forced && said.class == Class::Irreversible { ", forced" } else { "" };
    let mut note = format!("{}{forced} → {}", said.class.word(), said.decision.word());
    for number in twig.found.iter().take(3) {
        note.push_str(&format!(" [{}]", number + 1));
    }
    (note, said.decision)
}

fn flat(mut twig: Twig, prefix: &str, below: &str, lines: &mut Vec<(String, Twig)>) {
    let twigs = std::mem::take(&mut twig.twigs);
    lines.push((prefix.to_owned(), twig));
    let last = twigs.len().saturating_sub(1);
    for (at, twig) in twigs.into_iter().enumerate() {
        let (branch, under) = if at == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        flat(twig, &format!("{below}{branch}"), &format!("{below}{under}"), lines);
    }
}

/// Makes the tree.
struct Gardener<'a> {
    explained: &'a Explained,
    outline: &'a Outline,
    acts: &'a [Act],
}

impl Gardener<'_> {
    fn children(&self, at: usize) -> Vec<usize> {
        let parts = self.outline.parts.iter().enumerate().skip(at + 1);
        parts.filter(|(_, part)| part.parent as usize == at).map(|(number, _)| number).collect()
    }

    /// The actions of a part, each once.
    fn acts(&self, at: usize) -> Vec<&Act> {
        let mut acts: Vec<&Act> = Vec::new();
        for act in self.acts.iter().filter(|act| act.part as usize == at) {
            let same = |known: &&Act| {
                (known.kind, &known.does, known.class, known.decision) == (act.kind, &act.does, act.class, act.decision)
            };
            if !acts.iter().any(same) {
                acts.push(act);
            }
        }
        acts
    }

    fn leaf(&self, act: &Act) -> Twig {
        let mut twig = Twig { verdict: Some(Said::of(act)), found: act.found.clone(), ..Twig::default() };
        act.does.trim().clone_into(&mut twig.text);
        if let (Some(path), Some(zone)) = (&act.path, &act.zone) {
            twig.text = act.does.replacen(path.as_str(), &self.short(path), usize::from(!path.is_empty()));
            twig.tail = format!(" ({zone})");
        }
        twig
    }

    /// A path as people write it: from the working directory, or from home, and not too long.
    fn short(&self, path: &str) -> String {
        let below = |dir: &str, sign: &str| {
            let rest = path.strip_prefix(dir).filter(|_| !dir.is_empty())?;
            rest.starts_with('/').then(|| format!("{sign}{rest}"))
        };
        let home = self.explained.call.home.as_deref().unwrap_or_default();
        let short = below(&self.explained.setting.cwd, ".").or_else(|| below(home, "~"));
        let short = short.unwrap_or_else(|| path.to_owned());
        let long = short.chars().count().saturating_sub(PATH);
        if long == 0 { short } else { format!("…{}", short.chars().skip(long + 1).collect::<String>()) }
    }

    /// What a part becomes; those that say nothing by themselves become what is in them.
    fn grow(&self, at: usize) -> Vec<Twig> {
        let Some(part) = self.outline.parts.get(at) else { return Vec::new() };
        let acts = self.acts(at);
        let own = acts.iter().find(|act| match part.what {
            What::Command => act.kind == "run",
            What::Tool => act.kind == "mcp",
            What::Simple => act.kind == "nothing",
            _ => act.kind == "code" && act.does.is_empty(),
        });
        // Code without a name only says that nothing is proven.
        let leaves = acts.iter().filter(|act| !matches!(act.kind, "run" | "mcp" | "nothing") && !act.does.is_empty());
        let mut twigs: Vec<Twig> = leaves.map(|act| self.leaf(act)).collect();
        let children = self.children(at);
        if part.what == What::Simple {
            return vec![self.simple(part, twigs, &children, own.map(|act| Said::of(act)))];
        }
        // A command as it is written, and the one program that it runs.
        if let ([child], true, None) = (children.as_slice(), twigs.is_empty(), own)
            && [at, *child].iter().all(|at| self.outline.parts[*at].what == What::Command)
        {
            let text = self.outline.shown(part).into_owned();
            return self.grow(*child).into_iter().map(|run| Twig { text: text.clone(), ..run }).collect();
        }
        twigs.extend(children.iter().flat_map(|child| self.grow(*child)));
        let twig = |text: String| Twig {
            text,
            verdict: own.map(|act| Said::of(act)),
            found: own.map(|act| act.found.clone()).unwrap_or_default(),
            ..Twig::default()
        };
        let mut twig = match &part.what {
            What::Call | What::Tool | What::Command => twig(self.outline.shown(part).into_owned()),
            What::Compound(name) => twig((*name).to_owned()),
            What::Book if twigs.is_empty() => return twigs,
            What::Book => twig(format!("in {}", self.short(&part.shown))),
            What::Function => twig(format!("function {}", part.shown)),
            What::Simple => return twigs,
            What::Text(language) => {
                let file = self.outline.sources.iter().any(|source| source.file.as_ref() == Some(&part.shown));
                let name = language_name(*language);
                match (file, *language) {
                    (true, _) => twig(format!("in {} ({name})", self.short(&part.shown))),
                    // One command in a shell is shown as that.
                    (false, Language::Shell | Language::Command) if twigs.len() == 1 => return twigs,
                    (false, Language::Sql) if twigs.len() == 1 => return twigs,
                    (false, _) if part.parent == 0 && self.children(0).len() == 1 => twig(name.to_owned()),
                    (false, _) => twig(format!("{name}: {}", self.outline.shown(part))),
                }
            }
        };
        // A tool that is all of a call is that call.
        if part.what == What::Call && twigs.len() == 1 && own.is_none() && twigs[0].text == part.shown {
            return twigs;
        }
        twig.twigs = twigs;
        vec![twig]
    }

    /// A command as it is written, which is mostly the one that is run.
    fn simple(&self, part: &Part, leaves: Vec<Twig>, children: &[usize], own: Option<Said>) -> Twig {
        let is_command = |child: &&usize| self.outline.parts[**child].what == What::Command;
        let commands: Vec<usize> = children.iter().filter(is_command).copied().collect();
        let others = children.iter().filter(|child| !commands.contains(child));
        let mut twig = Twig { text: self.outline.shown(part).into_owned(), verdict: own, ..Twig::default() };
        twig.twigs = leaves;
        twig.twigs.extend(others.flat_map(|child| self.grow(*child)));
        if let [only] = commands.as_slice() {
            let run = self.grow(*only).into_iter().next().unwrap_or_default();
            if twig.text.trim().is_empty() {
                twig.text = run.text;
            }
            (twig.verdict, twig.found) = (run.verdict.or(own), run.found);
            twig.twigs.extend(run.twigs);
        } else {
            twig.twigs.extend(commands.iter().flat_map(|command| self.grow(*command)));
        }
        if twig.text.trim().is_empty() {
            twig.text = "command".to_owned();
        }
        twig
    }
}

/// A language as people call it.
pub(super) fn language_name(language: Language) -> &'static str {
    match language {
        Language::Shell | Language::Command => "shell",
        Language::Sql => "SQL",
        Language::Python => "Python",
        Language::Javascript => "JavaScript",
        Language::Ruby => "Ruby",
        Language::Perl => "Perl",
        Language::Php => "PHP",
        Language::Awk => "awk",
        Language::Sed => "sed",
        Language::Mongo => "MongoDB",
        Language::Powershell => "PowerShell",
        Language::Cmd => "cmd",
        Language::Graphql => "GraphQL",
        Language::Redis => "Redis",
        Language::Ex => "editor commands",
        Language::Options => "options",
        _ => "text",
    }
}
