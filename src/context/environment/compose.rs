//! What `down -v` of Docker Compose would take away, as the files say that are named.

use super::formats::{self, Node};
use super::{Context, names};
use crate::context::{Loaded, below, join};
use crate::read::action::{Action, FileAction, Kind};
use crate::rules::model::Does;
use crate::rules::text::{List, Text};
use std::rc::Rc;

/// The options that name a file.
const FILES: List<Text> = List(&[Text("-f"), Text("--file")]);

/// Whether the files are named and known, and none of them has a volume in which anything stays: no `volumes` but those of
/// memory. An image may bring a volume of its own, so each has memory mounted; in a file that is called a test's, what such
/// a volume holds was never meant to stay.
pub(super) fn no_volumes(action: &Action, context: &Context<'_>) -> bool {
    let Kind::Run(inv) = &action.kind else { return false };
    let Some(cwd) = action.origin.cwd.as_deref().filter(|_| !action.origin.elsewhere) else { return false };
    // A word that may be several may name another file.
    let whole = inv.options.iter().all(|given| given.certain && given.value.as_ref().is_none_or(|word| !word.splits));
    let known = inv.operands.iter().all(|operand| !operand.maybe_value && operand.word.known().is_some());
    if !inv.trusted || !whole || !known {
        return false;
    }
    let mut any = false;
    let all = inv.values_of(&FILES).all(|word| {
        any = true;
        let Some(path) = word.known() else { return false };
        let full = join(cwd, path);
        if path.starts_with('~') || is_written(&full, context) || !context.budget.pay() {
            return false;
        }
        let Loaded::Text(text) = context.files.load(&full) else { return false };
        let name = path.rsplit('/').next().unwrap_or(path);
        let scratch = names::says(context.rules, "scratch", name);
        formats::yaml(&text, &context.budget).is_some_and(|root| keeps_nothing(&root, scratch))
    });
    any && all
}

/// Whether the call itself puts something there, or somewhere above it.
fn is_written(path: &str, context: &Context<'_>) -> bool {
    let touches = |file: &FileAction| file.does != Does::Read && (!file.place.certain || below(path, &file.place.path));
    context.call.iter().filter_map(Action::file).any(touches)
}

fn keeps_nothing(root: &Node, scratch: bool) -> bool {
    let Node::Map(top) = root else { return false };
    let known = top.iter().all(|(key, _)| matches!(key.as_str(), "services" | "networks" | "name" | "version"));
    let services = top.iter().find(|(key, _)| key == "services").map(|(_, services)| &**services);
    let Some(Node::Map(services)) = services else { return false };
    known && services.iter().all(|(key, service)| key != "<<" && in_memory(service, scratch))
}

fn in_memory(service: &Node, scratch: bool) -> bool {
    let Node::Map(keys) = service else { return false };
    let of = |name: &str| keys.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    // What comes from elsewhere isn't seen.
    if ["<<", "extends", "volumes_from"].iter().any(|key| of(key).is_some()) {
        return false;
    }
    let volumes: &[Rc<Node>] = match of("volumes") {
        None => &[],
        Some(Node::List(items)) => items,
        Some(_) => return false,
    };
    let is_memory = |volume: &Rc<Node>| match &**volume {
        Node::Map(keys) => {
            keys.iter().any(|(key, value)| key == "type" && matches!(&**value, Node::Text(text) if text == "tmpfs"))
        }
        _ => false,
    };
    volumes.iter().all(is_memory) && (scratch || !volumes.is_empty() || of("tmpfs").is_some())
}
