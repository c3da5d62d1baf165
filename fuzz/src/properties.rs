//! What holds for every input, of each target: the fuzzer and `tests/fuzz_regressions.rs` try the same.
//!
//! Besides what a target says: no panic, at most 50 ms of processor time for each 10 KB of input, at most 64 MB of memory.

use countersign::call::{Call, Mode, ToolCall};
use countersign::context::{NoFiles, World};
use countersign::hook::answer::Answer;
use countersign::hook::event::{self, Event};
use countersign::judge::{Decision, judge_actions, judge_by};
use countersign::policy::Policy;
use countersign::policy::date::Day;
use countersign::policy::fault::Fault;
use countersign::policy::layer::{Kind, Layer};
use countersign::policy::model::File;
use countersign::policy::quick;
use countersign::read::reader::Reader;
use countersign::read::shell::parse;
use countersign::read::sql;
use countersign::rules::builtin;
use countersign::rules::model::Language;
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

/// Counts what is allocated.
#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// The most memory for one input, in bytes.
const MEMORY: usize = 64 << 20;
/// The most time for each [`PIECE`] of input.
const TIME: Duration = Duration::from_millis(50);
/// The size that [`TIME`] is for, in bytes.
const PIECE: usize = 10_000;
/// How often what seems slow is tried again: the machine may be busy.
const TRIES: usize = 4;
/// The longest reason, in bytes and lines.
const REASON: (usize, usize) = (1024, 10);

/// Tries an input.
type Target = fn(&[u8]);

/// The targets, by name.
pub const TARGETS: [(&str, Target); 7] = [
    ("protocol", protocol),
    ("shell", shell),
    ("sql", sql),
    ("powershell", powershell),
    ("code", code),
    ("policy", policy),
    ("hook", hook),
];

/// What an input took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Took {
    /// Processor time.
    pub time: Duration,
    /// Memory at its peak, in bytes.
    pub memory: usize,
}

/// Tries what a target promises on an input. `slower`: how many times as long it may take, since it isn't built as it is
/// shipped: with the fuzzer's counters in it, or without optimization.
///
/// # Panics
/// Where it doesn't hold, or there is no such target.
pub fn try_on(target: &str, input: &[u8], slower: u32) -> Took {
    let Some((_, run)) = TARGETS.iter().find(|(name, _)| *name == target) else { panic!("no target `{target}`") };
    let limit = TIME * u32::try_from(input.len().div_ceil(PIECE).max(1)).unwrap_or(u32::MAX) * slower;
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let mut took = time(|| run(input));
    let memory = HEAP.peak_usage().saturating_sub(before);
    assert!(memory <= MEMORY, "{target}: {memory} bytes of memory for {} of input", input.len());
    for _ in 0..TRIES {
        if took > limit {
            took = took.min(time(|| run(input)));
        }
    }
    assert!(took <= limit, "{target}: {took:?} for {} bytes, and should be {limit:?} at most", input.len());
    Took { time: took, memory }
}

/// The processor time that this thread takes for it.
fn time(run: impl FnOnce()) -> Duration {
    let now = || clock_gettime(ClockId::ThreadCPUTime);
    let start = now();
    run();
    Duration::try_from(now() - start).unwrap_or_default()
}

/// An event is read as a plain JSON reader reads it, or refused.
fn protocol(input: &[u8]) {
    let Ok(event) = event::read(input) else { return };
    let text = std::str::from_utf8(input).expect("what is read is text");
    let whole: Result<Value, _> = serde_json::from_str(text.trim_start_matches('\u{feff}'));
    let Ok(whole) = whole else {
        // Half a character: repaired where it is read, and no matter where it isn't.
        let sound = serde_json::from_str::<serde::de::IgnoredAny>(text.trim_start_matches('\u{feff}')).is_ok();
        let damaged = matches!(&event, Event::PreToolUse(call) if call.damaged);
        assert!(sound || damaged, "not JSON, and not damaged: {event:?}");
        return;
    };
    let Event::PreToolUse(call) = event else {
        assert_ne!(whole["hook_event_name"], "PreToolUse");
        return;
    };
    assert_eq!(whole["hook_event_name"], "PreToolUse");
    assert_eq!(whole["tool_name"], call.tool.name());
    let (given, field) = (&whole["tool_input"], |name: &str| whole["tool_input"][name].as_str());
    match &call.tool {
        ToolCall::Bash { command, .. } | ToolCall::PowerShell { command } => {
            assert_eq!(field("command"), Some(&**command))
        }
        ToolCall::Monitor { command } => assert_eq!(field("command"), command.as_deref()),
        ToolCall::Write { path, content } => {
            assert_eq!((field("file_path"), field("content")), (Some(&**path), Some(&**content)));
        }
        ToolCall::Edit { path, old, new, .. } => {
            let found = (field("file_path"), field("old_string"), field("new_string"));
            assert_eq!(found, (Some(&**path), Some(&**old), Some(&**new)));
        }
        ToolCall::NotebookEdit { path, .. } => assert_eq!(field("notebook_path"), Some(&**path)),
        ToolCall::Mcp { input, .. } => assert_eq!(given, input),
        ToolCall::Other(_) => return,
    }
    assert_eq!(whole["cwd"].as_str(), Some(&*call.cwd));
}

/// A shell command: all that is found stands in it, and what is stopped is stopped with a reason.
fn shell(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let at = match parse::parse(text) {
        Ok(_) => 0,
        Err(error) => error.at,
    };
    assert!(at <= text.len(), "an error at {at}");
    judged(ToolCall::Bash { command: text.to_owned(), description: None });
}

/// SQL: every statement stands in the text.
fn sql(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for statement in sql::read(text).expect("short enough") {
        assert!(text.get(statement.span.clone()).is_some(), "{statement:?} isn't in the text");
        assert!(!statement.verb.is_empty());
    }
    read(Language::Sql, text);
}

/// PowerShell, or cmd.exe behind a first byte that is one of its own.
fn powershell(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match text.strip_prefix('\u{1}') {
        Some(text) => read(Language::Cmd, text),
        None => judged(ToolCall::PowerShell { command: text.to_owned() }),
    }
}

/// Source code; the first byte says in which language.
fn code(input: &[u8]) {
    const LANGUAGES: [Language; 12] = [
        Language::Python,
        Language::Javascript,
        Language::Ruby,
        Language::Perl,
        Language::Php,
        Language::Awk,
        Language::Sed,
        Language::Mongo,
        Language::Graphql,
        Language::Redis,
        Language::Ex,
        Language::Options,
    ];
    let Some((which, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    read(LANGUAGES[usize::from(*which) % LANGUAGES.len()], text);
}

/// A policy file: both readers agree, whatever is wrong has a place and a word, and a call can be judged by it.
fn policy(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Some(quick) = quick::file(text) {
        let slow: File = toml::from_str(text).expect("what is read quickly is sound");
        assert_eq!(format!("{quick:?}"), format!("{slow:?}"));
    }
    let path = Path::new("/home/dev/.claude/countersign.toml");
    let (layers, faults) = match Layer::read(Kind::User, path, text, true) {
        Ok(layer) => (vec![layer], Vec::new()),
        Err(faults) => (Vec::new(), faults),
    };
    assert!(!layers.is_empty() || !faults.is_empty(), "neither read nor wrong");
    let told = |fault: &Fault| assert!(!fault.to_string().trim().is_empty());
    faults.iter().for_each(told);
    let policy = Policy::new(layers, &[(path.to_owned(), text)], faults, Day(20_000));
    let mut call = in_shop(ToolCall::Bash {
        command: "git push --force; rm -rf build; psql -c 'drop table a'".to_owned(),
        description: None,
    });
    for mode in [Mode::Default, Mode::BypassPermissions] {
        call.mode = mode;
        let judgement = judge_by(&call, &policy, &NoFiles);
        assert!(judgement.decision < Decision::Ask || !judgement.reason.is_empty());
        assert!(judgement.decision != Decision::Allow, "no policy allows a forced push");
    }
}

/// The whole hook: whatever comes in, one of the valid answers goes out.
fn hook(input: &[u8]) {
    valid(&countersign::hook::answer_to(input));
}

fn valid(answer: &Answer) {
    assert!(matches!(answer.code, 0 | 2));
    assert_eq!(answer.code == 2, !answer.stderr.trim().is_empty(), "stderr is for denials: {answer:?}");
    let mut decision = None;
    if !answer.stdout.is_empty() {
        assert!(answer.stdout.ends_with("}\n") && answer.stdout.lines().count() == 1, "one line: {answer:?}");
        let said: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let said = said["hookSpecificOutput"].as_object().expect("what is said");
        assert!(said.values().all(|value| value.is_string()), "a null voids the whole answer: {said:?}");
        if said["hookEventName"] == "PreToolUse" {
            decision = said.get("permissionDecision").and_then(Value::as_str).map(str::to_owned);
            let reason = said.get("permissionDecisionReason").and_then(Value::as_str);
            assert_eq!(decision.is_some(), reason.is_some(), "a decision and its reason: {said:?}");
            reason.into_iter().for_each(readable);
        }
    }
    let blocks = decision.as_deref() == Some("deny") || answer.stdout.is_empty();
    assert!(answer.code == 0 || blocks, "exit code 2 denies: {answer:?}");
    match decision.as_deref() {
        None => assert!(answer.otherwise.is_empty()),
        Some("deny") => assert!(answer.code == 2 && answer.otherwise.is_empty()),
        Some("ask" | "allow") => assert!(answer.code == 0 && !answer.otherwise.is_empty()),
        Some(other) => panic!("{other}"),
    }
    if answer.code == 2 {
        readable(&answer.stderr);
    }
}

/// A reason that can be shown.
fn readable(reason: &str) {
    assert!(!reason.trim().is_empty() && reason.len() <= REASON.0 && reason.lines().count() <= REASON.1, "{reason:?}");
    let hidden =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
    assert!(!reason.contains(hidden), "{reason:?}");
}

fn in_shop(tool: ToolCall) -> Call {
    let mut call = Call::new(tool, "/home/dev/shop");
    call.home = Some("/home/dev".to_owned());
    call.project = Some("/home/dev/shop".to_owned());
    call
}

fn judged(tool: ToolCall) {
    let judgement = judge_by(&in_shop(tool), &Policy::of(builtin()), &NoFiles);
    assert!(judgement.decision < Decision::Ask || !judgement.reason.is_empty(), "stopped without a reason");
    black_box(judgement);
}

fn read(language: Language, text: &str) {
    let world = World {
        cwd: "/home/dev/shop".to_owned(),
        home: "/home/dev".to_owned(),
        project: "/home/dev/shop".to_owned(),
        ..World::default()
    };
    let mut reader = Reader::new(builtin(), &world, &NoFiles);
    let scope = reader.top();
    reader.earn(text.len());
    reader.read(language, text, &scope);
    let judgement = judge_actions(&reader.actions, builtin());
    assert!(judgement.decision < Decision::Ask || !judgement.reason.is_empty(), "stopped without a reason");
    black_box(judgement);
}
