//! Goes through the `target` entries of a program, in order, and sees what they give.

use super::sources::{File, Found, Sources, Value, in_dotenv};
use super::{Aimed, Context, Name, address, formats, is_place, names, runs};
use crate::context::{Kind as Lies, Place, below};
use crate::read::action::Action;
use crate::read::argv::{Invocation, same_option};
use crate::read::word::Word;
use crate::rules::commands::Commands;
use crate::rules::glob;
use crate::rules::model::{Format, Is, Target};
use crate::rules::text::List;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The most values of one kind that are followed.
const VALUES: usize = 16;

/// The most words of a command that are gone through: no program is told in more of them where it is aimed.
const WORDS: usize = 10_000;

/// What is known of one kind of name.
#[derive(Default)]
struct Slot {
    values: Vec<Value>,
    doubt: bool,
}

/// What one program is aimed at.
pub(super) fn run(action: &Action, inv: &Invocation, context: &Context<'_>) -> Aimed {
    if inv.options.len() + inv.operands.len() > WORDS {
        return Aimed { client: true, doubt: true, ..Aimed::default() };
    }
    let targets: Vec<&Target> = inv.known.tables.iter().flat_map(|table| &table.target).collect();
    let mut resolver = Resolver {
        inv,
        sources: Sources::new(action, context),
        context,
        slots: BTreeMap::new(),
        also: Vec::new(),
        names: Vec::new(),
        remark: None,
    };
    for target in targets.iter().filter(|target| applies(target, inv)) {
        resolver.entry(target);
    }
    resolver.lasting(&targets);
    resolver.done(targets.iter().any(|target| is_place(target)))
}

/// Whether an entry speaks of this command.
pub(super) fn applies(target: &Target, inv: &Invocation) -> bool {
    let is = |commands: &Commands| inv.behind(commands).is_some();
    is(&target.command)
        && (target.except.is_empty() || !is(&target.except))
        && (target.with.is_empty() || inv.has(&target.with, false))
}

/// What the words of a command give for an entry.
pub(super) fn given(target: &Target, inv: &Invocation, sources: &Sources<'_>) -> Found {
    let mut found = Found::default();
    let style = inv.style();
    for given in &inv.options {
        if !target.option.iter().any(|name| same_option(&given.name, name, style, given.whole)) {
            continue;
        }
        found.doubt |= !given.certain;
        match &given.value {
            Some(word) => found.word(word, &format!("`{}`", given.name)),
            None => found.doubt = true,
        }
    }
    let behind = inv.behind(&target.command).map_or(0, |(behind, _)| behind);
    let operands = inv.operands.get(behind..).unwrap_or_default();
    if let Some(at) = target.operand {
        for operand in operands.get(usize::from(at)..).unwrap_or_default().iter().take(1) {
            found.doubt |= operand.maybe_value || operand.word.splits;
            found.word(&operand.word, "");
        }
    }
    for start in &target.begins {
        for operand in &inv.operands {
            if operand.word.start().starts_with(start.as_str()) {
                let rest = crate::read::argv::after(&operand.word, start.len());
                found.word(&rest, start.trim_end_matches('='));
            }
        }
    }
    if target.reads != Some(Format::Dotenv) || target.is == Is::Settings {
        for name in &target.env {
            found.join(sources.variable(name));
        }
    }
    found
}

/// A name, and what it says by itself.
pub(super) fn name(is: Is, text: &str, from: &str, hidden: bool, context: &Context<'_>) -> Name {
    let text = match is {
        // Of `envs/prod/x.tfvars`, the last two names say what it is for.
        Is::File | Is::Settings | Is::Path => {
            let start = text.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
            names::shown(&text[start..])
        }
        _ => names::shown(text),
    };
    // `prod/tests.tfvars` is for production.
    let production = text.split('/').any(|part| names::says(context.rules, "production", part));
    Name { is, text, from: from.to_owned(), hidden, production }
}

struct Resolver<'a> {
    inv: &'a Invocation,
    sources: Sources<'a>,
    context: &'a Context<'a>,
    slots: BTreeMap<Is, Slot>,
    /// What may count as well.
    also: Vec<(Is, Value)>,
    /// Names that don't compete with others.
    names: Vec<(Is, Value)>,
    remark: Option<String>,
}

impl Resolver<'_> {
    fn entry(&mut self, target: &Target) {
        let found = match target.reads {
            Some(Format::Dotenv) if target.is != Is::Settings => self.variables(target),
            Some(format) if target.is != Is::Settings => self.keys(target, format),
            _ => self.plain(target),
        };
        self.take(target.is, found);
    }

    /// Values as they stand there.
    fn plain(&mut self, target: &Target) -> Found {
        let mut found = given(target, self.inv, &self.sources);
        // Presence alone says something.
        if target.is != Is::Settings {
            for path in self.paths(target) {
                let file = self.sources.file(&path);
                found.doubt |= file.doubt;
                if file.text.is_some() {
                    found.value(&path, "", true);
                }
            }
        }
        for name in self.directories(target) {
            found.value(&name, "the directory that it runs in", true);
        }
        if !found.is_given() && !target.value.is_empty() {
            found.value(&target.value, "by default", false);
        }
        found
    }

    /// Variables that the environment or a file sets.
    fn variables(&mut self, target: &Target) -> Found {
        let put: Vec<(String, String)>;
        let files: Vec<File> = {
            let named = Target { env: List::default(), ..target.clone() };
            let named = given(&named, self.inv, &self.sources);
            let paths = if named.is_given() {
                named.values.into_iter().map(|value| value.text).collect()
            } else {
                self.paths(target)
            };
            put = paths
                .iter()
                .flat_map(|path| self.sources.put_there(path).into_iter().map(move |from| (from, path.clone())))
                .collect();
            self.read(target, &paths)
        };
        let mut all = Found::default();
        for template in &target.env {
            let made = template.contains('{');
            for name in self.filled(template).0 {
                let mut found = self.sources.variable(&name);
                for file in &files {
                    if found.is_given() {
                        break;
                    }
                    found.doubt |= file.doubt;
                    let mut more = in_dotenv(file, &name);
                    more.values.iter_mut().for_each(|value| value.hidden &= !self.sources.secrets);
                    found.join(more);
                }
                for (from, to) in &put {
                    let copied = in_dotenv(&self.sources.file(from), &name);
                    found.also.extend(copied.values);
                    let project = self.context.world.project.as_str();
                    let inside = from.strip_prefix(project).and_then(|rest| rest.strip_prefix('/'));
                    let from = inside.filter(|_| !project.is_empty()).unwrap_or(from).to_owned();
                    let from = Value { text: from, from: format!("what goes over {to}"), hidden: true };
                    self.names.push((Is::File, from));
                }
                // It must come from somewhere.
                found.doubt |= made && !found.is_given();
                all.join(found);
            }
        }
        all
    }

    /// What keys of files give.
    fn keys(&mut self, target: &Target, format: Format) -> Found {
        let named = given(target, self.inv, &self.sources);
        let mut all = Found { doubt: named.doubt, ..Found::default() };
        let mut paths: Vec<String> = Vec::new();
        for value in named.values.iter().chain(&named.also) {
            // `KUBECONFIG` is a list.
            paths.extend(value.text.split(':').filter(|path| !path.is_empty()).map(str::to_owned));
        }
        if named.values.is_empty() {
            paths.extend(self.paths(target));
        }
        paths.truncate(VALUES);
        for file in self.read(target, &paths) {
            all.doubt |= file.doubt;
            let Some(text) = &file.text else { continue };
            if format == Format::Prisma {
                for address in formats::prisma(text) {
                    match address {
                        Ok(name) => all.value(&name, "", true),
                        Err(text) => {
                            let mut found = Found::default();
                            found.value(&text, &format!("url in {}", file.shown), true);
                            self.take(Is::Url, found);
                        }
                    }
                }
                all.doubt |= !all.is_given() && !self.slots.contains_key(&Is::Path);
                continue;
            }
            let node = match format {
                Format::Json => formats::json(text),
                Format::Yaml => formats::yaml(text, &self.context.budget),
                _ => None,
            };
            all.doubt |= node.is_none() && matches!(format, Format::Json | Format::Yaml);
            for key in &target.key {
                let label = format!("{} in {}", key.rsplit('.').next().unwrap_or(key), file.shown);
                let steps: Vec<(Vec<String>, bool)> = key.split('.').map(|step| self.filled(step)).collect();
                all.doubt |= steps.iter().any(|(_, doubt)| *doubt);
                for way in ways(steps) {
                    let values = match (&node, format) {
                        (Some(node), _) => formats::pick(node, &way),
                        (None, Format::Ini) => formats::ini(text, &way),
                        _ => Vec::new(),
                    };
                    for value in values.iter().filter(|value| !value.is_empty()) {
                        all.doubt |= value.contains("<%");
                        all.value(value, &label, true);
                    }
                }
            }
            if format == Format::Line {
                let line = text.lines().next().unwrap_or_default().trim();
                if !line.is_empty() {
                    all.value(line, &file.shown, true);
                }
            }
        }
        if format == Format::Prisma && !all.is_given() && !self.slots.contains_key(&Is::Path) {
            all.doubt = true;
        }
        all
    }

    /// The names of the directories that it runs in, as far as an entry speaks of them: those in the project, and the project's.
    fn directories(&self, target: &Target) -> Vec<String> {
        let world = self.context.world;
        let Some(cwd) = self.sources.action.origin.cwd.as_deref().filter(|_| !target.directory.is_empty()) else {
            return Vec::new();
        };
        let above = world.project.rfind('/').filter(|_| below(cwd, &world.project)).unwrap_or_default();
        let names = cwd[above..]
            .split('/')
            .filter(|name| target.directory.iter().any(|like| glob::matches_any_case(like, name)));
        names.take(VALUES).map(str::to_owned).collect()
    }

    /// The files of an entry, with what was named before filled in.
    fn paths(&mut self, target: &Target) -> Vec<String> {
        target.file.iter().flat_map(|file| self.filled(file).0).collect()
    }

    /// Reads files; of a list of which only one is read, the first that is there.
    fn read(&mut self, target: &Target, paths: &[String]) -> Vec<File> {
        let mut files = Vec::new();
        let mut missing: Option<String> = None;
        for path in paths {
            let file = self.sources.file(path);
            let there = file.text.is_some() || file.doubt;
            if target.first && there {
                if let Some(missing) = missing.filter(|_| target.reads == Some(Format::Dotenv)) {
                    self.remark = Some(format!("there is no {missing}, so {} is read", file.shown));
                }
                return vec![file];
            }
            if !there {
                missing = missing.or(Some(file.shown));
            } else {
                files.push(file);
            }
        }
        files
    }

    /// A text with `{context}`, `{--env}`, `{RAILS_ENV}` filled in: each way that there is; none, if one isn't known.
    /// `true`: it may be something else as well.
    fn filled(&self, template: &str) -> (Vec<String>, bool) {
        let Some((before, rest)) = template.split_once('{') else { return (vec![template.to_owned()], false) };
        let Some((inner, behind)) = rest.split_once('}') else { return (vec![template.to_owned()], false) };
        let (inner, digest) = inner.strip_suffix(":sha256").map_or((inner, false), |inner| (inner, true));
        let (values, doubt): (Vec<String>, bool) = if inner.starts_with('-') {
            let words: Vec<&Word> = self
                .inv
                .options
                .iter()
                .filter(|given| given.name == inner)
                .filter_map(|given| given.value.as_ref())
                .collect();
            (
                words.iter().filter_map(|word| word.known().map(str::to_owned)).collect(),
                words.iter().any(|word| word.known().is_none()),
            )
        } else if inner.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
            let found = self.sources.variable(inner);
            let all = found.values.into_iter().chain(found.also);
            (all.map(|value| value.text).collect(), found.doubt)
        } else {
            let slot = self
                .slots
                .iter()
                .find(|(is, _)| format!("{is:?}").to_ascii_lowercase().ends_with(&format!("::{inner}")));
            let also = self
                .also
                .iter()
                .filter(|(is, _)| slot.is_some_and(|(key, _)| key == is))
                .map(|(_, value)| value.text.clone());
            let values = slot.map(|(_, slot)| slot.values.iter().map(|value| value.text.clone()).chain(also).collect());
            (values.unwrap_or_default(), slot.is_some_and(|(_, slot)| slot.doubt))
        };
        let written = |value: &String| if digest { format!("{:x}", Sha256::digest(value)) } else { value.clone() };
        let full = values.iter().take(VALUES).map(|value| format!("{before}{}{behind}", written(value))).collect();
        (full, doubt)
    }

    /// Puts what an entry gave where it belongs.
    fn take(&mut self, is: Is, found: Found) {
        let Found { values, doubt, also } = found;
        if is == Is::Url {
            let mut parts: BTreeMap<Is, Found> = BTreeMap::new();
            for (value, may) in values.iter().map(|value| (value, false)).chain(also.iter().map(|value| (value, true)))
            {
                let address = address::read(&value.text);
                let hosts = address.hosts.into_iter().map(|host| (Is::Host, host));
                let rest = address
                    .database
                    .map(|it| (Is::Database, it))
                    .into_iter()
                    .chain(address.path.map(|it| (Is::Path, it)));
                for (is, text) in hosts.chain(rest) {
                    let found = parts.entry(is).or_default();
                    let value = Value { text, ..value.clone() };
                    if may { found.also.push(value) } else { found.values.push(value) }
                }
                if address.doubt {
                    parts.entry(Is::Host).or_default().doubt = true;
                }
            }
            if doubt {
                parts.entry(Is::Host).or_default().doubt = true;
            }
            for (is, found) in parts {
                self.take(is, found);
            }
            return;
        }
        // What comes after what is known counts for nothing.
        if self.slots.get(&is).is_none_or(|slot| slot.values.is_empty()) {
            self.also.extend(also.into_iter().take(VALUES).map(|value| (is, value)));
        }
        if matches!(is, Is::File | Is::Settings | Is::Secrets | Is::Alias) {
            if is == Is::Alias && (doubt || !values.is_empty()) {
                self.slots.entry(Is::Host).or_default().doubt = true;
            }
            self.names.extend(values.into_iter().take(VALUES).map(|value| (is, value)));
            return;
        }
        let slot = self.slots.entry(is).or_default();
        if slot.values.is_empty() {
            slot.doubt |= doubt || values.len() > VALUES;
            slot.values = values;
        }
    }

    /// What another command of the call sets for all that come later.
    fn lasting(&mut self, targets: &[&Target]) {
        for (other, inv) in runs(self.context) {
            if std::ptr::eq(other, self.sources.action) {
                continue;
            }
            for target in inv.known.tables.iter().flat_map(|table| &table.target) {
                if target.lasts && applies(target, inv) && targets.iter().any(|own| own.is == target.is) {
                    let found = given(target, inv, &self.sources);
                    self.slots.entry(target.is).or_default().doubt = true;
                    self.also.extend(found.values.into_iter().chain(found.also).map(|value| (target.is, value)));
                }
            }
        }
    }

    fn done(self, client: bool) -> Aimed {
        let rules = self.context.rules;
        let mut aimed = Aimed { client, remark: self.remark.clone(), ..Aimed::default() };
        let values = self.slots.iter().flat_map(|(is, slot)| slot.values.iter().map(move |value| (*is, value)));
        let others = self.names.iter().chain(&self.also).map(|(is, value)| (*is, value));
        for (is, value) in values.chain(others).filter(|(is, _)| *is != Is::Variable) {
            aimed.push(name(is, &value.text, &value.from, value.hidden, self.context));
        }
        let certain = self.inv.all_known
            && self.inv.trusted
            && self.inv.options.iter().all(|given| given.certain && given.listed)
            && self.inv.operands.iter().all(|operand| !operand.maybe_value);
        let decides = |is: &Is| matches!(is, Is::Host | Is::Path | Is::Context | Is::Cluster | Is::Variable);
        let doubt = self.slots.iter().any(|(is, slot)| decides(is) && slot.doubt);
        aimed.doubt = !certain || doubt || !self.sources.is_here() || super::moves(self.context);
        let of = |is: Is| self.slots.get(&is).map(|slot| slot.values.as_slice()).unwrap_or_default();
        let (hosts, paths, contexts) = (of(Is::Host), of(Is::Path), of(Is::Context));
        let placed = !hosts.is_empty() || !paths.is_empty();
        aimed.local = client
            && placed
            && !aimed.doubt
            && hosts.iter().all(|host| names::is_local_host(rules, &host.text))
            && contexts.iter().all(|context| names::is_local_context(rules, &context.text))
            && paths.iter().all(|path| self.lies(&path.text).is_some());
        let databases = self.slots.get(&Is::Database);
        let named = databases.map(|slot| slot.values.as_slice()).unwrap_or_default().iter().chain(contexts);
        let mut named = named.map(|value| names::says(rules, "scratch", &value.text)).collect::<Vec<_>>();
        named.extend(paths.iter().map(|path| self.lies(&path.text) == Some(true)));
        aimed.scratch = aimed.local
            && !databases.is_some_and(|slot| slot.doubt)
            && !named.is_empty()
            && named.iter().all(|scratch| *scratch);
        aimed
    }

    /// Whether a database file lies in the project or in a temporary folder, where no link leads out of; `true` if it can
    /// be made again by its name or its place.
    fn lies(&self, path: &str) -> Option<bool> {
        if path == ":memory:" {
            return Some(true);
        }
        let world = self.context.world;
        let origin = &self.sources.action.origin;
        if path.contains(':') {
            return None;
        }
        let place =
            Place::resolve(&Word::text(path), origin.cwd.as_deref(), origin.elsewhere, world, self.context.rules);
        let temporary = place.zone == "temporary";
        let root = if temporary { "" } else { world.project.as_str() };
        let inside = place.path.strip_prefix(root)?;
        if !place.certain || !temporary && (root.is_empty() || !inside.starts_with('/')) {
            return None;
        }
        let ends = inside.match_indices('/').map(|(at, _)| at).skip(1).chain([inside.len()]);
        for end in ends {
            let above = &place.path[..root.len() + end];
            if !self.context.budget.pay() || self.context.files.stat(above).is_some_and(|stat| stat.kind == Lies::Link)
            {
                return None;
            }
        }
        Some(temporary || names::says(self.context.rules, "scratch", inside.rsplit('/').next().unwrap_or(inside)))
    }
}

/// Every combination of steps.
fn ways(steps: Vec<(Vec<String>, bool)>) -> Vec<Vec<String>> {
    let mut ways: Vec<Vec<String>> = vec![Vec::new()];
    for (choices, _) in steps {
        ways = ways
            .iter()
            .flat_map(|way| choices.iter().map(move |choice| way.iter().cloned().chain([choice.clone()]).collect()))
            .take(VALUES)
            .collect();
    }
    ways
}
