//! Names of MCP tools: which part is the server, how the rest is spelt, and what its words say that it does.

use crate::rules::model::Verb;

/// What a tool's name tells.
pub(super) struct Name {
    /// The server, in lower case with `_`; empty if unknown.
    pub(super) server: String,
    /// The tool, in lower case with `_`. More than one where it can't be told where the server ends.
    pub(super) tools: Vec<String>,
}

/// Takes the name of a tool apart: `mcp__<server>__<tool>`, or the bare name of a tool. `server` is the key of the server
/// in the client's configuration, if the client said it: then it is certain where the tool begins. Otherwise either part
/// may hold `__`, and every place where it could begin counts.
pub(super) fn split(name: &str, server: Option<&str>, verbs: &[&Verb]) -> Name {
    let normal = |tool: &str| without_product(&words(tool), verbs).join("_");
    let server = server.unwrap_or("");
    let Some(rest) = name.strip_prefix("mcp__") else {
        return Name { server: words(server).join("_"), tools: vec![normal(name)] };
    };
    for key in [key(server), squeezed(&key(server))] {
        let tool = rest.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix("__"));
        if let Some(tool) = tool.filter(|_| !key.is_empty()) {
            return Name { server: words(&key).join("_"), tools: vec![normal(tool)] };
        }
    }
    let mut found = Name { server: String::new(), tools: Vec::new() };
    for (at, _) in rest.match_indices("__").take(32) {
        if found.tools.is_empty() {
            found.server = words(&rest[..at]).join("_");
        }
        let tool = normal(&rest[at..]);
        if !tool.is_empty() && !found.tools.contains(&tool) {
            found.tools.push(tool);
        }
    }
    if found.tools.is_empty() {
        found.tools.push(normal(rest));
    }
    found
}

/// The key of a server as the client writes it into names of tools.
fn key(server: &str) -> String {
    server.chars().map(|c| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '_' }).collect()
}

/// The same with runs of `_` made one, as the client does for connectors of claude.ai.
fn squeezed(key: &str) -> String {
    key.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
}

/// The words of a name in lower case: `deleteJiraIssue`, `delete-jira-issue`, `Delete_JIRAIssue` → delete, jira, issue.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let begins = c.is_uppercase()
            && before.is_some_and(|b| {
                b.is_lowercase() || b.is_numeric() || (b.is_uppercase() && after.is_some_and(|a| a.is_lowercase()))
            });
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Without the name of the product in front (`notion-update-page`, `jira_get_issue`), which some servers put there and
/// others don't. The products are the words of kind `product`.
fn without_product<'a>(words: &'a [String], verbs: &[&Verb]) -> &'a [String] {
    let products = verbs.iter().filter(|verb| verb.kind.as_str() == "product").flat_map(|verb| verb.words.iter());
    let longest =
        products.filter_map(|phrase| matches_at(phrase, words, 0)).filter(|&length| length < words.len()).max();
    &words[longest.unwrap_or(0)..]
}

/// How many words the phrase `power_off` takes up at this place, if it stands there.
fn matches_at(phrase: &str, words: &[String], at: usize) -> Option<usize> {
    let mut length = 0;
    for part in phrase.split('_') {
        if words.get(at + length).is_none_or(|word| word != part) {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// A word of the name that a `[[verb]]` table knows.
struct Found<'a> {
    kind: &'a str,
    at: usize,
    /// It says the same anywhere in a name (`*delete` in the table).
    strong: bool,
}

/// Behind these words comes what the verb in front of them is done to.
const PREPOSITIONS: [&str; 12] = ["by", "from", "to", "in", "on", "for", "with", "of", "at", "into", "as", "via"];
/// Behind these words another verb begins.
const CONJUNCTIONS: [&str; 3] = ["and", "or", "then"];

/// The kinds of verb in the name of a tool, the one that leads first.
///
/// A verb leads (`delete_row`), or, in names that begin with a noun, it comes last (`kv_namespace_delete`). What leads
/// decides: `get_deleted_items`, `list_drop_offs` read, `undelete_x` restores, `create_release` doesn't release. Words
/// that are written with a `*` in the table count anywhere, unless a reading verb leads. Words of kind `thing` read where
/// nothing else does anything (`queue_status`, but not `logs_delete`). Words of kind `noun` are no verbs (`reset_token`,
/// `delete_marker`); words of kind `bulk` (`batch`, `admin`, `force`) lead nothing, but with them every kind is there as
/// `bulk-…` too. Where one word of kind `read` leads and no other kind is there, `only-read` is there too: what such a
/// tool is told of deleting is what it looks for.
pub(crate) fn kinds(tool: &str, verbs: &[&Verb]) -> Vec<String> {
    let words = words(tool);
    let mut found: Vec<Found> = Vec::new();
    let mut bulk = false;
    let mut at = 0;
    while at < words.len() {
        let mut best: Option<(usize, Found)> = None;
        for verb in verbs.iter().filter(|verb| verb.kind.as_str() != "product") {
            for phrase in &verb.words {
                let (bare, strong) = phrase.strip_prefix('*').map_or((phrase.as_str(), false), |bare| (bare, true));
                let length = matches_at(bare, &words, at).unwrap_or(0);
                if length > best.as_ref().map_or(0, |(longest, _)| *longest) {
                    best = Some((length, Found { kind: verb.kind.as_str(), at, strong }));
                }
            }
        }
        let length = best.as_ref().map_or(1, |(length, _)| *length);
        match best {
            Some((_, hit)) if hit.kind == "bulk" => bulk = true,
            Some((_, hit)) if hit.kind != "noun" => found.push(hit),
            _ => {}
        }
        at += length;
    }
    let mut kinds: Vec<String> = Vec::new();
    let mut add = |kind: &str| {
        if !kinds.iter().any(|known| known == kind) {
            kinds.push(kind.to_owned());
        }
    };
    let is_bulk = |word: &String| {
        let all = verbs.iter().filter(|verb| verb.kind.as_str() == "bulk").flat_map(|verb| verb.words.iter());
        all.into_iter().any(|bulk| bulk.as_str() == word)
    };
    let start = words.iter().position(|word| !is_bulk(word)).unwrap_or(0);
    let only_things = found.iter().all(|hit| hit.kind == "thing");
    let leads = found.iter().position(|hit| hit.at <= start && (only_things || hit.kind != "thing"));
    let lead = leads.or_else(|| {
        // The noun leads: the verb is the last one, in front of a preposition if there is one.
        let end = words
            .iter()
            .skip(1)
            .position(|word| PREPOSITIONS.contains(&word.as_str()))
            .map_or(words.len(), |at| at + 1);
        found.iter().rposition(|hit| hit.at < end).or(found.len().checked_sub(1))
    });
    if let Some(lead) = lead {
        let kind = if found[lead].kind == "thing" { "read" } else { found[lead].kind };
        add(kind);
        let after_and =
            |hit: &Found| hit.at > 0 && words.get(hit.at - 1).is_some_and(|word| CONJUNCTIONS.contains(&word.as_str()));
        let settled = kind == "read" || kind == "restore";
        for hit in &found {
            if after_and(hit) || (hit.strong && !settled) {
                add(hit.kind);
            }
        }
        if leads.is_some() && words.len() > 1 && found[lead].kind == "read" && kinds.len() == 1 && !bulk {
            kinds.push("only-read".to_owned());
        }
    }
    if bulk {
        let all: Vec<String> = kinds.iter().map(|kind| format!("bulk-{kind}")).collect();
        kinds.extend(all);
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::text::{List, Text};

    fn verb(kind: &str, words: &[&str]) -> Verb {
        let text = |word: &str| Text::from(word.to_owned());
        Verb { kind: text(kind), words: List::from(words.iter().map(|word| text(word)).collect::<Vec<_>>()) }
    }

    fn table() -> Vec<Verb> {
        vec![
            verb("product", &["notion", "jira", "n8n", "fly", "api", "digitalocean"]),
            verb("bulk", &["batch", "bulk", "admin", "schedule", "start", "force", "many"]),
            verb("noun", &["reset_token", "clear_text", "delete_marker", "deletion_protection"]),
            verb("restore", &["undelete", "untrash", "cancel_deletion", "cancel_key_deletion"]),
            verb(
                "destroy",
                &["*delete", "*destroy", "drop", "clear", "reset", "*uninstall", "*deletion", "power_off", "trash"],
            ),
            verb("protection", &["disable"]),
            verb("outward", &["send", "release", "publish"]),
            verb("modify", &["create", "label", "set"]),
            verb("read", &["get", "list", "search"]),
            verb("thing", &["status", "logs", "history"]),
        ]
    }

    fn kinds_of(tool: &str) -> String {
        let table = table();
        kinds(tool, &table.iter().collect::<Vec<_>>()).join(" ")
    }

    fn split_of(name: &str, server: Option<&str>) -> String {
        let table = table();
        let name = split(name, server, &table.iter().collect::<Vec<_>>());
        format!("{} / {}", name.server, name.tools.join(" | "))
    }

    #[test]
    fn splits() {
        assert_eq!(split_of("mcp__probe__drop_table", None), "probe / drop_table");
        assert_eq!(split_of("drop_table", Some("Probe X")), "probe_x / drop_table");
        assert_eq!(split_of("mcp__my-probe_x__drop_table", Some("my-probe x")), "my_probe_x / drop_table");
        assert_eq!(
            split_of("mcp__plugin_guard_db__drop_table", Some("plugin:guard:db")),
            "plugin_guard_db / drop_table"
        );
        assert_eq!(
            split_of("mcp__claude_ai_Linear__get_issue", Some("claude.ai Linear")),
            "claude_ai_linear / get_issue"
        );
        assert_eq!(split_of("mcp__my__db__drop_table", Some("my  db")), "my_db / drop_table");
        assert_eq!(split_of("mcp__my__db__drop_table", None), "my / db_drop_table | drop_table");
        assert_eq!(
            split_of("mcp__aws__aws___read_documentation", None),
            "aws / aws_read_documentation | read_documentation"
        );
        assert_eq!(
            split_of("mcp__0c2f1a3e-5d11-4b1c-9a55-1f0e7b7f4d10__notion-update-page", None),
            "0c2f1a3e_5d11_4b1c_9a55_1f0e7b7f4d10 / update_page"
        );
        assert_eq!(split_of("mcp__odd", None), " / odd");
    }

    #[test]
    fn normalises() {
        for (name, normal) in [
            ("deleteJiraIssue", "delete_jira_issue"),
            ("DeleteDatabaseTool", "delete_database_tool"),
            ("API-delete-a-block", "delete_a_block"),
            ("kv_namespace_delete", "kv_namespace_delete"),
            ("fly-apps-destroy", "apps_destroy"),
            ("n8n_delete_workflow", "delete_workflow"),
            ("jira_delete_issue", "delete_issue"),
            ("digitalocean-droplet-power-off-by-tag", "droplet_power_off_by_tag"),
            ("ExecuteSQLQuery", "execute_sql_query"),
            ("d1_database_query", "d1_database_query"),
            ("chat_postMessage", "chat_post_message"),
            ("notion", "notion"),
        ] {
            assert_eq!(split_of(name, None), format!(" / {normal}"));
        }
    }

    #[test]
    fn verbs() {
        for (tool, kinds) in [
            ("delete_issue", "destroy"),
            ("kv_namespace_delete", "destroy"),
            ("helm_uninstall", "destroy"),
            ("droplet_power_off_by_tag", "destroy"),
            ("soft_delete_row", "destroy"),
            ("batch_delete_rows", "destroy bulk-destroy"),
            ("admin_delete_user", "destroy bulk-destroy"),
            ("delete_many", "destroy bulk-destroy"),
            ("schedule_key_deletion", "destroy bulk-destroy"),
            ("get_deleted_items", "read only-read"),
            ("list_deleted_users", "read only-read"),
            ("get_delete_status", "read only-read"),
            ("list_delete_markers", "read only-read"),
            ("logs_delete", "destroy"),
            ("history_clear", "destroy"),
            ("status_reset", "destroy"),
            ("logs", "read"),
            ("logs_list", "read"),
            ("status_history", "read"),
            ("list", "read"),
            ("search_and_destroy", "read destroy"),
            ("queue_delete_status", "read"),
            ("untrash_message", "restore"),
            ("cancel_key_deletion", "restore"),
            ("reset_token_docs", ""),
            ("clear_text", ""),
            ("labels", ""),
            ("releases", ""),
            ("create_release", "modify"),
            ("create_label", "modify"),
            ("set_deletion_protection", "modify"),
            ("disable_deletion_protection", "protection"),
            ("send_message", "outward"),
            ("message_send", "outward"),
            ("batch_get_items", "read bulk-read"),
            ("frobnicate", ""),
        ] {
            assert_eq!(kinds_of(tool), kinds, "{tool}");
        }
    }
}
