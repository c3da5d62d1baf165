//! What one statement of a text means for another: tables that it created, transactions that it rolls back, functions
//! that it defines and then calls.

use super::walk::Found;
use std::collections::HashSet;

/// Marks what was created in the same text (`created-here`) and what is temporary (`temporary`).
pub(super) fn mark_created(found: &mut [Found]) {
    let mut temporary: HashSet<String> = HashSet::new();
    let mut created: HashSet<String> = HashSet::new();
    for f in found.iter_mut() {
        let verb = f.part.verb.clone();
        let verb = verb.as_str();
        if matches!(
            verb,
            "rollback" | "use" | "meta connect" | "discard" | "meta include" | "execute" | "call" | "set search_path"
        ) {
            // A temporary table may be gone, and its name may mean another one.
            temporary.clear();
            created.clear();
            continue;
        }
        let Some(object) = f.part.object.clone() else { continue };
        let creates = verb.starts_with("create ") && !verb.starts_with("create or replace ") || verb == "select into";
        if creates && f.direct {
            if f.part.marks.contains(&"temporary") {
                temporary.insert(object);
            } else if !f.part.marks.contains(&"if-exists") {
                created.insert(object);
            }
            continue;
        }
        let drops = verb.starts_with("drop ");
        if drops
            || matches!(verb, "truncate" | "delete" | "update" | "merge" | "insert")
            || verb.starts_with("alter table")
            || verb == "execute"
        {
            let is_temporary = temporary.contains(&object) && (!drops || verb == "drop table");
            let is_created = created.contains(&object);
            f.part.mark("temporary", is_temporary);
            f.part.mark("created-here", is_created);
            if drops || verb.starts_with("alter table rename") {
                temporary.remove(&object);
                created.remove(&object);
            }
        }
    }
}

/// Marks what stands between `BEGIN` and `ROLLBACK`: `rolled-back`, or `rolled-back-maybe` where there is DDL, which
/// MySQL and Oracle commit at once, with all that came before.
pub(super) fn mark_rolled_back(found: &mut [Found]) {
    let (mut begin, mut sure, mut ddl) = (None, true, false);
    for at in 0..found.len() {
        let f = &found[at];
        match f.part.verb.as_str() {
            "begin" => {
                begin = f.direct.then_some(at);
                (sure, ddl) = (true, false);
            }
            "commit" => begin = None,
            "rollback" => {
                if let (Some(begin), true, true) = (begin, sure, f.direct) {
                    for f in &mut found[begin..at] {
                        let outside = f.part.verb.starts_with("call")
                            || f.part.verb.starts_with("meta")
                            || f.part.verb == "into outfile";
                        f.part.mark(if ddl { "rolled-back-maybe" } else { "rolled-back" }, !outside);
                    }
                }
                begin = None;
            }
            "select" | "explain" | "show" | "describe" | "insert" | "replace" | "update" | "delete" | "merge"
            | "merge delete" | "savepoint" | "meta show" | "into outfile" => {}
            verb if verb.starts_with("call ") => {}
            verb if verb.starts_with("set ") => sure &= !verb.contains("commit") && !verb.contains("implicit"),
            verb if verb.starts_with("drop")
                || verb.starts_with("create")
                || verb.starts_with("alter")
                || verb == "truncate"
                || verb == "select into" =>
            {
                ddl = true;
            }
            _ => sure = false,
        }
    }
}

/// Drops what stands in the bodies of functions, unless the same text calls them.
pub(super) fn release_bodies(found: &mut Vec<Found>) {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let mut called: HashSet<String> = HashSet::new();
    // A called function may call another; eight steps are more than anyone writes in one text.
    for _ in 0..8 {
        let before = called.len();
        for f in found.iter() {
            if f.owner.as_ref().is_some_and(|owner| !called.contains(&last(owner))) {
                continue;
            }
            match f.part.verb.strip_prefix("call ") {
                Some(name) => {
                    called.insert(last(name));
                }
                None if f.part.verb == "call" => called.extend(f.part.object.as_deref().map(last)),
                None => {}
            }
        }
        if called.len() == before {
            break;
        }
    }
    found.retain(|f| f.owner.as_ref().is_none_or(|owner| called.contains(&last(owner))));
    for f in found.iter_mut().filter(|f| f.owner.is_some()) {
        f.part.mark("nested", true);
    }
}
