//! Variables that functions have for themselves: what is set in a call may end with it, and what was there before comes back.

use super::state::{State, Variable};
use crate::read::word::Word;
use std::collections::BTreeMap;

/// The variables of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    own: BTreeMap<String, Local>,
    /// Any other may be its own, too, of those that weren't set before.
    any: bool,
}

impl Frame {
    pub(super) fn len(&self) -> usize {
        self.own.len()
    }
}

/// A variable of a function's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Local {
    /// What the name stood for before; `None`: nothing.
    before: Option<Variable>,
    /// It is the function's own for certain. Otherwise what it is set to may as well be what remains.
    certain: bool,
}

/// What holds where a variable is as here or as there, and isn't set where there is none.
fn either(here: Option<Variable>, there: Option<&Variable>) -> Option<Variable> {
    let (mut one, other) = match (here, there) {
        (Some(here), there) => (here, there),
        (None, there) => (there?.clone(), None),
    };
    match other {
        Some(other) => one.merge(other),
        None => one.also(Word::unknown()),
    }
    Some(one)
}

impl State {
    /// A function is called.
    pub fn enter(&mut self) {
        self.frames.push(Frame::default());
    }

    /// A function returns: its own variables are gone.
    pub fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.any {
            for (_, variable) in self.variables.iter_mut().filter(|(name, _)| !frame.own.contains_key(*name)) {
                variable.also(Word::unknown());
            }
            self.picks = Default::default();
        }
        for (name, local) in frame.own {
            let after = match local.certain {
                true => local.before,
                false => either(local.before, self.variables.get(&name)),
            };
            self.replace(&name, after);
        }
    }

    fn replace(&mut self, name: &str, variable: Option<Variable>) {
        match variable {
            Some(variable) => _ = self.variables.insert(name.to_owned(), variable),
            None => _ = self.variables.remove(name),
        }
        self.unpick(name);
    }

    /// In a function: what this variable is set to from now on ends with the call. `keeps`: it begins with what it held.
    pub fn localize(&mut self, name: &str, keeps: bool) {
        let visible = self.variables.get(name).cloned();
        let Some(frame) = self.frames.last_mut() else { return };
        let empty = Variable {
            values: vec![Word::default()],
            exported: visible.as_ref().is_some_and(|variable| variable.exported),
            ..Variable::default()
        };
        let after = match frame.own.get_mut(name) {
            // It is its own already, and holds what it did.
            Some(local) if local.certain => return,
            Some(local) => {
                local.before = either(local.before.take(), visible.as_ref());
                local.certain = true;
                either(visible, Some(&empty))
            }
            None => {
                let mut before = visible.clone();
                if let Some(before) = before.as_mut().filter(|_| frame.any) {
                    before.also(Word::unknown());
                }
                frame.own.insert(name.to_owned(), Local { before, certain: true });
                match visible {
                    // What is read-only outside can't be anything else here.
                    Some(visible) if visible.fixed => either(Some(visible), Some(&empty)),
                    visible if keeps => visible,
                    _ => Some(empty),
                }
            }
        };
        self.replace(name, after);
    }

    /// In a function: any of the variables may be its own from now on.
    pub fn localize_any(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.any = true;
        for (name, visible) in self.variables.iter() {
            frame.own.entry(name.clone()).or_insert_with(|| Local { before: Some(visible.clone()), certain: false });
        }
    }

    /// `declare -g`: the variable outside of all functions is set, which those that have one of their own don't see.
    pub fn set_global(&mut self, name: &str, value: &Variable) {
        let mut unsure = false;
        for local in self.frames.iter_mut().filter_map(|frame| frame.own.get_mut(name)) {
            local.before = match (unsure, local.certain) {
                (false, true) => Some(value.clone()),
                _ => either(local.before.take(), Some(value)),
            };
            if local.certain {
                return;
            }
            unsure = true;
        }
        let visible = self.variables.get(name).cloned();
        let after = if unsure { either(visible, Some(value)) } else { Some(value.clone()) };
        self.replace(name, after);
    }

    /// What `declare -g` adds to.
    pub fn global(&self, name: &str) -> Option<Variable> {
        let mut found: Option<Variable> = None;
        for local in self.frames.iter().filter_map(|frame| frame.own.get(name)) {
            found = if found.is_none() { local.before.clone() } else { either(found, local.before.as_ref()) };
            if local.certain {
                return found;
            }
        }
        let visible = self.variables.get(name);
        if found.is_none() { visible.cloned() } else { either(found, visible) }
    }

    /// `unset`: a variable of this function stays its own; one of a caller goes, and what it hid is seen again.
    pub fn unset(&mut self, name: &str) {
        let visible = self.variables.get(name);
        // What is started doesn't see what it was.
        let exported = visible.is_some_and(|variable| variable.exported);
        let empty = Variable { values: vec![Word::default()], exported, ..Variable::default() };
        let fixed = visible.filter(|variable| variable.fixed).cloned();
        let mut after: Vec<Option<Variable>> = Vec::new();
        let own = self.frames.len().saturating_sub(1);
        let mut settled = false;
        for at in (0..self.frames.len()).rev() {
            let unsure = !after.is_empty();
            let Some(local) = self.frames[at].own.get_mut(name) else { continue };
            settled = local.certain;
            after.push(if at == own { Some(empty.clone()) } else { local.before.clone() });
            if at < own && settled && !unsure {
                self.frames[at].own.remove(name);
            } else if at < own {
                local.certain = false;
            }
            if settled {
                break;
            }
        }
        if !settled {
            after.push(Some(empty));
        }
        after.extend(fixed.map(Some));
        let mut after = after.into_iter();
        let first = after.next().flatten();
        let after = after.fold(first, |all, one| either(all, one.as_ref()));
        self.replace(name, after);
    }

    /// What holds where the functions' own variables are as here or as there.
    pub(super) fn merge_frames(&mut self, other: &Self) {
        if self.frames.same(&other.frames) || self.frames == other.frames {
            return;
        }
        for (here, there) in self.frames.iter_mut().zip(other.frames.iter()) {
            here.any |= there.any;
            for (name, local) in here.own.iter_mut() {
                local.certain &= there.own.get(name).is_some_and(|there| there.certain);
            }
            for (name, there) in &there.own {
                match here.own.get_mut(name) {
                    Some(local) => {
                        local.before = match (local.before.take(), &there.before) {
                            (None, None) => None,
                            (here, there) if here == *there => here,
                            (here, there) => either(here, there.as_ref()),
                        }
                    }
                    None => _ = here.own.insert(name.clone(), Local { certain: false, ..there.clone() }),
                }
            }
        }
    }
}
