//! Running a program: what its command line does by itself, what it does to files, and what it hands on.

use super::action::{Action, FileAction, Kind, Origin};
use super::argv::{Given, Invocation, find_paths, same_option};
use super::own;
use super::parts::{INSIDE, behind_word, fill, joined, pick, program_name, shown, unversioned};
use super::reader::{Reader, Scope, Stdin};
use super::sent::names_host;
use super::word::{Piece, Word};
use crate::context::Place;
use crate::read::shared::Shared;
use crate::rules::model::{Carrier, Does, Language, On, Style};
use std::rc::Rc;

/// What means something to a shell.
const SIGNS: [char; 13] = ['\'', '"', '\\', '`', '$', ';', '|', '&', '<', '>', '(', ')', '\n'];
/// The most readings of one command line that are followed.
const READINGS: usize = 6;
/// The most patterns of a search that are followed into what is run with what it finds.
pub(super) const NAMES: usize = 64;

impl Reader<'_> {
    /// Reads the words of one command: a program and its arguments.
    pub(crate) fn argv(&mut self, words: Vec<Word>, scope: &Scope) {
        // `command $none -- rm x`: no program is called so.
        let dashes = words.iter().take_while(|word| word.known() == Some("--")).count();
        let words = if dashes > 0 { words[dashes..].to_vec() } else { words };
        let Some((program, rest)) = words.split_first() else { return };
        let mut scope = self.outline_command(|| shown(&words), scope).unwrap_or_else(|| scope.clone());
        scope.depth += 1;
        if scope.depth > super::reader::DEPTH || !self.pay(words.len() * 8 + 8) {
            return self.opaque("limit", &shown(&words), &scope);
        }
        // `$JAVA_HOME/bin/java`: whatever stands in front, it is java.
        let named = match program.pieces.last() {
            Some(Piece::Text(text)) if program.has_unknown() => {
                text.rsplit_once('/').filter(|(_, name)| !name.is_empty()).map(|(_, name)| format!("…/{name}"))
            }
            _ => None,
        };
        let Some(written) = program.known().or(named.as_deref()) else {
            // `for t in *.js; do node "$t"; done`: they were read as scripts.
            if program.is_pattern() && self.reads_script(&scope.origin) {
                return;
            }
            self.opaque("program", &shown(&words), &scope);
            // Whatever the first word turns out to be: if it is nothing, the next one is the program.
            if !rest.is_empty() {
                self.argv(rest.to_vec(), &scope);
            }
            return;
        };
        let (name, trusted) = program_name(written);
        let mut known = self.known(&name);
        let mut name = name;
        // `node_modules/prisma/build/index.js` is prisma.
        if let Some(package) = super::parts::package_of(written) {
            let package = self.program_of(package);
            let (package, _) = program_name(&package);
            let of_package = self.known(&package);
            if !of_package.is_empty() {
                known = of_package;
                name = package;
            }
        }
        if known.is_empty() && name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            // On file systems that ignore case, `RM` is `rm`.
            let lower = name.to_ascii_lowercase();
            let of_lower = self.known(&lower);
            if !of_lower.is_empty() {
                known.tables.extend(&of_lower.tables);
                known.rules.extend(&of_lower.rules);
                name = lower;
            }
        }
        let inv = Invocation::read(name, trusted, known, rest);
        // A script of the project may have any name, that of a program too: `./bin/test`.
        let own = written.contains('/') && !trusted;
        self.run(inv, shown(&words), scope, rest, own.then_some(program));
    }

    /// What a command does whose words were told apart.
    pub(crate) fn perform(&mut self, inv: Invocation, shown: String, scope: &Scope) {
        self.run(inv, shown, scope.clone(), &[], None);
    }

    /// The same. `rest`: its words, where they weren't told apart by the language. `own`: it may be a script of the project.
    fn run(&mut self, inv: Invocation, shown: String, mut scope: Scope, rest: &[Word], own: Option<&Word>) {
        let mut origin = scope.origin.showing(shown);
        origin.cwd = self.works_in(&inv, &scope);
        scope.origin = origin.clone();
        scope.origin.via.push(inv.name.clone());
        self.effects(&inv, &origin, &scope);
        self.requests(&inv, rest, &origin, &scope);
        if self.hand_on(&inv, &scope) {
            origin.looked_into = true;
        }
        let mut read = false;
        if let Some(program) = own.filter(|_| !self.reads_script(&origin)) {
            read = self.own_script(program, rest, &scope);
        }
        if !read {
            self.perhaps(&inv, rest, &scope);
        }
        self.add(Action { kind: Kind::Run(inv), origin });
    }

    /// The directory in which a program works: that of the shell, unless its own options name another one.
    fn works_in(&self, inv: &Invocation, scope: &Scope) -> Option<Rc<str>> {
        let mut cwd = scope.cwd.clone().filter(|_| !scope.origin.elsewhere);
        let tables = &inv.known.tables;
        // Behind a subcommand, the same letters may mean something else: `git switch -C main`.
        let other = |name: &str| {
            let mut entries = tables.iter().flat_map(|table| &table.sub);
            entries.any(|entry| {
                (entry.values.hold(name) || entry.flags.hold(name)) && inv.behind(&entry.command).is_some()
            })
        };
        let names = |given: &&Given| {
            let mut names = tables.iter().flat_map(|table| &table.directory);
            names.any(|name| same_option(&given.name, name, inv.style(), false)) && !other(&given.name)
        };
        // Several of them build on each other, as `git -C a -C b` does.
        for value in inv.options.iter().filter(names).map(|given| given.value.as_ref()) {
            let place = value.map(|dir| Place::resolve(dir, cwd.as_deref(), false, self.world, self.rules));
            cwd = place.filter(|place| place.certain && !place.contents).map(|place| Rc::from(place.path));
        }
        cwd
    }

    /// `python3 ./x.py`: what the interpreter reads as its script isn't run by itself.
    fn reads_script(&self, origin: &Origin) -> bool {
        origin.via.last().is_some_and(|name| {
            let carries = |fits: fn(&Carrier) -> bool| {
                self.rules.program(name).tables.iter().any(|table| table.carries.iter().any(fits))
            };
            carries(|carrier| carrier.file) && carries(|carrier| carrier.language == Language::Command)
        })
    }

    /// What the program does to the files that its words name.
    fn effects(&mut self, inv: &Invocation, origin: &Shared<Origin>, scope: &Scope) {
        let cwd = if origin.elsewhere { &scope.cwd } else { &origin.cwd }.as_deref();
        let remote = inv.known.tables.iter().any(|table| table.elsewhere);
        // What `find -delete` does, it does to what it finds, like `find -exec rm`.
        let found = (inv.style() == Style::Find).then(|| {
            let mut origin = origin.clone();
            origin.via.push(inv.name.clone());
            origin
        });
        let origin = found.as_ref().unwrap_or(origin);
        for effect in inv.known.tables.iter().flat_map(|table| &table.effects) {
            let Some((behind, _)) = inv.behind(&effect.command) else { continue };
            if !effect.with.is_empty() && !inv.has(&effect.with, false) || inv.has(&effect.without, true) {
                continue;
            }
            if !effect.every.iter().all(|option| inv.given(option, false)) {
                continue;
            }
            let always = effect.recursive.iter().any(|option| option.as_str() == "*");
            let (paths, recursive) = if inv.style() == Style::Find && effect.on != On::None {
                (find_paths(inv).0, always)
            } else {
                (pick(effect, inv, behind), always || inv.has(&effect.recursive, false))
            };
            let itself = effect.itself.iter().any(|option| option.as_str() == "*") || inv.has(&effect.itself, true);
            let inside = if effect.into { super::parts::inside(effect, inv, behind) } else { Vec::new() };
            if inside.len() > INSIDE || !self.pay(inside.len() * 16) {
                return self.opaque("limit", &origin.shown, scope);
            }
            let sources = self.sources(effect, inv, behind, scope);
            for path in paths.iter().chain(inv.values_of(&effect.option)).chain(&inside) {
                if path.known() == Some("-") {
                    continue;
                }
                let own = (inv.style() == Style::Powershell).then(|| self.power_path(path, inv));
                let path = own.as_ref().unwrap_or(path);
                let recursive = recursive || own.as_ref().is_some_and(super::powershell::reaches_below);
                let there = remote && names_host(path);
                let elsewhere = origin.elsewhere || there;
                let mut place = Place::resolve(path, cwd, elsewhere, self.world, self.rules);
                place.itself = itself;
                if there {
                    // `web1:/srv/x` isn't below the directory here.
                    place.path = path.shown();
                }
                let (adds, source) = self.puts(effect, &sources, &place, scope, &inv.name);
                // `cd x; rm -rf *` deletes everything here where there is no x.
                let all = path.pattern().is_some_and(|text| matches!(text.as_ref(), "*" | "./*" | "." | "./" | ".*"));
                if effect.does == Does::Delete && all && self.shell.unsure && !elsewhere {
                    let before = self.shell.previous.clone();
                    self.file(effect.does, path, recursive, origin, before.as_deref());
                }
                let file = FileAction { does: effect.does, place, recursive, adds, removes: None, source };
                self.push(Kind::File(file), origin);
            }
        }
    }

    /// Everything that the program hands on to another reader. `true`: what it names was found in the project's files.
    fn hand_on(&mut self, inv: &Invocation, scope: &Scope) -> bool {
        if !inv.exec.is_empty() {
            let (paths, _) = find_paths(inv);
            if paths.len() > NAMES {
                self.opaque("limit", &scope.origin.shown.clone(), scope);
                return false;
            }
            for command in &inv.exec {
                for path in &paths {
                    let words = command.iter().map(|word| fill(word, "{}", path)).collect();
                    self.argv(words, scope);
                }
            }
        }
        let tables = &inv.known.tables;
        let mut scope = scope.clone();
        if tables.iter().any(|table| !table.directory.is_empty()) {
            scope.cwd = scope.origin.cwd.clone();
        }
        let scope = &scope;
        // What a file of the project explains comes first: only what isn't there may be a program of that name.
        let carriers = tables.iter().flat_map(|table| &table.carries);
        let named = carriers.filter(|carrier| carrier.recipes.is_some());
        let found = named.fold(false, |found, carrier| found | self.carry_named(inv, carrier, scope));
        for table in tables {
            if table.carries.is_empty() {
                continue;
            }
            let mut inner = scope.clone();
            if table.elsewhere {
                inner.stdin = self.opened(scope);
                inner.origin.elsewhere = true;
                inner.cwd = None;
            }
            for carrier in &table.carries {
                if carrier.recipes.is_some() || carrier.otherwise && found {
                    continue;
                }
                if !table.elsewhere && !table.reroots {
                    self.carry(inv, carrier, &inner);
                    continue;
                }
                let outside = self.mounts.take();
                super::mounts::rerooted(table.reroots, outside.as_deref(), &mut inner);
                if !carrier.mounts.is_empty() && !scope.origin.elsewhere && table.elsewhere {
                    self.mounts = self.mounted(inv, carrier, scope.cwd.as_deref());
                    let place = inv.values_of(&carrier.workdir).last().and_then(Word::known);
                    inner.cwd = place.filter(|place| place.starts_with('/')).map(Rc::from);
                }
                self.carry(inv, carrier, &inner);
                self.mounts = outside;
            }
        }
        found
    }

    /// What a command reads on standard input that runs elsewhere: `ssh web1 bash -s < deploy.sh` opens the file here.
    fn opened(&self, scope: &Scope) -> Shared<Stdin> {
        let Stdin::File(path) = &*scope.stdin else { return scope.stdin.clone() };
        if scope.origin.elsewhere {
            return scope.stdin.clone();
        }
        let place = Place::resolve(path, scope.cwd.as_deref(), false, self.world, self.rules);
        if place.certain { Stdin::Opened(Word::text(place.path)).into() } else { Stdin::Unknown.into() }
    }

    /// The operands that a carrier speaks of begin here, if it speaks of this command line at all.
    fn behind(inv: &Invocation, carrier: &Carrier) -> Option<usize> {
        let (behind, _) = inv.behind(&carrier.command)?;
        if !carrier.except.is_empty() && inv.behind(&carrier.except).is_some_and(|(_, guessed)| !guessed) {
            return None;
        }
        if !carrier.with.is_empty() && !inv.has(&carrier.with, false) || inv.has(&carrier.without, true) {
            return None;
        }
        let operands = inv.operands.get(behind..).unwrap_or_default();
        let certain = operands.iter().filter(|operand| !operand.maybe_value).count();
        (!carrier.alone || certain == 0).then_some(behind)
    }

    fn carry_named(&mut self, inv: &Invocation, carrier: &Carrier, scope: &Scope) -> bool {
        Self::behind(inv, carrier).is_some_and(|behind| self.carry_recipes(inv, carrier, behind, scope))
    }

    fn carry(&mut self, inv: &Invocation, carrier: &Carrier, scope: &Scope) {
        let Some(behind) = Self::behind(inv, carrier) else { return };
        let operands = inv.operands.get(behind..).unwrap_or_default();
        if carrier.language == Language::Command && inv.style() == Style::Powershell {
            return self.carry_bound(inv, carrier, scope);
        }
        if carrier.language == Language::Command {
            return self.carry_command(inv, carrier, behind, scope);
        }
        let mut texts: Vec<Word> = inv.values_of(&carrier.option).cloned().collect();
        // `powershell -Command Remove-Item x`: all the rest of the line is one text.
        let whole = matches!(carrier.language, Language::Powershell | Language::Cmd) && !carrier.file;
        if let Some(handed) = inv.handed.filter(|_| whole)
            && let Some(last) = texts.pop()
        {
            let rest = inv.operands.get(handed..).unwrap_or_default().iter().map(|operand| &operand.word);
            texts = joined(std::iter::once(&last).chain(rest)).into_iter().collect();
        }
        if let Some(first) = carrier.operand {
            let mut from = operands.get(first as usize..).unwrap_or_default();
            if from.len() > 1 && from[0].word.known() == Some("--") {
                from = &from[1..];
            }
            // A program has one script; what stands behind it are its arguments.
            if carrier.one || carrier.file && carrier.language != Language::Sql {
                // Behind `-c '…'` stands `$0`; of a file, the file is that.
                let zero = usize::from(!carrier.file);
                self.shell_arguments(
                    from.get(zero..).unwrap_or_default().iter().map(|operand| operand.word.clone()).collect(),
                );
                texts.extend(from.first().map(|operand| operand.word.clone()));
            } else if whole || carrier.language == Language::Shell && !carrier.file {
                texts.extend(joined(from.iter().map(|operand| &operand.word)));
            } else {
                texts.extend(from.iter().map(|operand| operand.word.clone()));
            }
        }
        if !carrier.after.is_empty() {
            let rest = behind_word(inv, &carrier.after);
            texts.extend(joined(rest.iter()));
        }
        for text in texts {
            if carrier.file {
                self.carry_file(carrier.language, &text, scope);
            } else {
                self.carry_text(carrier.language, &text, scope);
            }
        }
        if carrier.stdin {
            // What a script stands on isn't what its commands read.
            let inner = Scope { stdin: Stdin::None.into(), ..scope.clone() };
            match &*scope.stdin {
                Stdin::None => {}
                Stdin::Text(text) => self.carry_text(carrier.language, text, &inner),
                Stdin::File(path) => self.carry_file(carrier.language, path, &inner),
                Stdin::Opened(path) => self.carry_file_of(carrier.language, path, &inner, false),
                Stdin::Names(_) | Stdin::Added(_) | Stdin::Unknown => {
                    self.opaque("stdin", &scope.origin.shown.clone(), scope)
                }
            }
        }
    }

    /// Words that a program runs as a command.
    fn carry_command(&mut self, inv: &Invocation, carrier: &Carrier, behind: usize, scope: &Scope) {
        let mut readings: Vec<Vec<Word>> = Vec::new();
        if let (Some(first), Some(handed)) = (inv.values_of(&carrier.option).next(), inv.handed) {
            // `env -S 'rm -rf' /`
            let mut words: Vec<Word> = match first.known() {
                Some(text) if text.contains(' ') => text.split_whitespace().map(Word::text).collect(),
                _ => vec![first.clone()],
            };
            words.extend(inv.operands[handed.min(inv.operands.len())..].iter().map(|operand| operand.word.clone()));
            readings.push(words);
        }
        if let Some(first) = carrier.operand {
            let from = behind + first as usize;
            // Words in front that may be values of unknown options move the start.
            let doubts = inv.operands.iter().filter(|operand| operand.maybe_value).count();
            if doubts > READINGS {
                self.opaque("limit", &scope.origin.shown.clone(), scope);
            }
            for start in from..=from + doubts.min(READINGS) {
                let mut words: Vec<Word> =
                    inv.operands.get(start..).unwrap_or_default().iter().map(|operand| operand.word.clone()).collect();
                // `parallel 'rm {}'`: a command in one word.
                if let ([one], true) = (words.as_slice(), carrier.appends)
                    && let Some(line) = one.known().filter(|line| line.contains(' ') && !line.contains(SIGNS))
                {
                    words = line.split_whitespace().map(Word::text).collect();
                }
                if !words.is_empty() {
                    readings.push(words);
                }
            }
        }
        if !carrier.after.is_empty() {
            let words = behind_word(inv, &carrier.after);
            if !words.is_empty() {
                readings.push(words);
            }
        }
        // `parallel 'echo {}; rm {}'` is read as a shell reads it, and what stands behind `:::` is no line of its input.
        if carrier.appends {
            let marks = inv.known.tables.iter().flat_map(|table| &table.carries).map(|other| other.after.as_str());
            let marks: Vec<&str> = marks.filter(|mark| !mark.is_empty()).collect();
            let marked = |word: &Word| marks.iter().any(|mark| word.start().starts_with(mark));
            let line = |words: &[Word]| words.first().is_some_and(|word| word.start().contains([' ', '\n']));
            // Without such a mark, the blank is one of a program's name, as with xargs.
            readings.retain(|words| marks.is_empty() || !line(words) && !words.iter().any(marked));
        }
        for mut words in readings {
            // `gcloud compute ssh vm -- -t ls` is `ssh vm -t ls`.
            words.splice(0..0, carrier.program.split_whitespace().map(Word::text));
            // Behind an operand that ends options, `--` still only says that a command follows.
            if words.len() > 1 && words[0].known() == Some("--") {
                words.remove(0);
            }
            let mut inner = scope.clone();
            self.take_assignments(inv, carrier, &mut words, &mut inner);
            if carrier.package
                && let Some(package) = words.first().and_then(Word::known).map(unversioned)
            {
                words[0] = Word::text(self.program_of(package));
            }
            // `xargs -I {} rm {}`: they take the place of a mark.
            let mark = inv
                .options
                .iter()
                .find(|given| matches!(given.name.as_str(), "-I" | "-J"))
                .and_then(|given| given.value.as_ref());
            let mark = mark.and_then(Word::known).filter(|mark| !mark.is_empty()).unwrap_or("{}").to_owned();
            let marked = |word: &Word| {
                word.pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(&mark)))
            };
            if let (true, false, Stdin::Names(names)) = (carrier.appends, words.is_empty(), &*scope.stdin) {
                inner.stdin = Stdin::None.into();
                let fits = words.iter().any(marked);
                for name in names {
                    let mut words: Vec<Word> = words.iter().map(|word| fill(word, &mark, name)).collect();
                    if !fits {
                        words.push(name.clone());
                    }
                    self.argv(words, &inner);
                }
                continue;
            }
            if carrier.appends && words.iter().any(marked) {
                let given = match &*scope.stdin {
                    Stdin::Text(text) if text.known().is_some_and(|text| text.trim().lines().count() == 1) => {
                        Word::text(text.known().unwrap_or_default().trim())
                    }
                    _ => Word::from(Piece::Unknown { empty: false }),
                };
                words = words.iter().map(|word| fill(word, &mark, &given)).collect();
                inner.stdin = Stdin::None.into();
            } else if carrier.appends && !words.is_empty() {
                match &*scope.stdin {
                    Stdin::Text(text) if text.known().is_some() => {
                        let named = |given: &&Given| {
                            matches!(given.name.as_str(), "-#" | "-0" | "--null" | "-d" | "--delimiter")
                        };
                        // `-d '\n'` and `-0` split where text is split at in any case.
                        let at = inv.options.iter().rfind(named).map(|given| {
                            let at = given.value.as_ref().and_then(Word::known).unwrap_or_default();
                            if at.starts_with('\\') { "" } else { at }
                        });
                        let items = own::arguments(text.known().unwrap_or_default(), at);
                        if items.len() > INSIDE {
                            self.opaque("limit", &scope.origin.shown.clone(), scope);
                            continue;
                        }
                        let most = inv.options.iter().rfind(|given| matches!(given.name.as_str(), "-n" | "--max-args"));
                        let most = most.and_then(|given| given.value.as_ref()?.known()?.parse::<usize>().ok());
                        if let Some(most) = most.filter(|most| (1..items.len()).contains(most)) {
                            inner.stdin = Stdin::None.into();
                            for some in items.chunks(most) {
                                self.argv(words.iter().chain(some).cloned().collect(), &inner);
                            }
                            continue;
                        }
                        words.extend(items);
                    }
                    _ => words.push(Word { splits: true, ..Word::unknown() }),
                }
                inner.stdin = Stdin::None.into();
            }
            self.argv(words, &inner);
        }
    }

    /// A variable that is set for a command: some hold code.
    pub(crate) fn variable(&mut self, name: &str, value: &Word, scope: &Scope) {
        let table =
            self.rules.variables().find(|table| table.name.iter().any(|glob| crate::rules::glob::matches(glob, name)));
        match table.map(|table| table.language) {
            Some(Some(Language::Opaque)) => self.opaque("variable", &format!("{name}={}", value.shown()), scope),
            Some(Some(language)) if value.known() != Some("") => self.carry_text(language, value, scope),
            Some(_) => {}
            // A variable that isn't known to be harmless may change what a program does: nothing behind it is proven.
            None if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                self.push(Kind::Code(String::new()), &scope.origin);
            }
            None => {}
        }
    }
}
