//! Memory within a session.

#[path = "session/again.rs"]
mod again;
#[path = "session/copied.rs"]
mod copied;
#[path = "session/process.rs"]
mod process;

use crate::kit::World;
use countersign::context::Disk;
use countersign::judge::{Decision, Judgement, judge_by};
use countersign::memory;
use countersign::policy::Policy;

/// A session in a world: each call is judged and remembered, as the hook does it.
struct Session<'a> {
    world: &'a World,
    name: &'static str,
    policy: Policy,
}

impl<'a> Session<'a> {
    fn of(world: &'a World) -> Self {
        Self { world, name: "2c9a", policy: Policy::of(countersign::rules::builtin()) }
    }

    fn call(&self, command: &str) -> Judgement {
        let mut call = self.world.call(command);
        call.session = Some(self.name.to_owned());
        let judgement = judge_by(&call, &self.policy, &Disk);
        memory::remember(Some(&self.world.home), Some(self.name), &judgement.remembers);
        judgement
    }

    /// Panics unless the call gets this decision.
    #[track_caller]
    fn gets(&self, command: &str, decision: Decision) -> &Self {
        let judgement = self.call(command);
        assert_eq!(judgement.decision, decision, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
        self
    }

    /// Panics unless the call gets this decision, and its reason has this text.
    #[track_caller]
    fn says(&self, command: &str, decision: Decision, text: &str) -> &Self {
        let judgement = self.call(command);
        assert_eq!(judgement.decision, decision, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
        assert!(judgement.reason.contains(text), "`{command}`: `{text}` isn't said:\n{}", judgement.reason);
        assert!(judgement.reason.lines().count() <= 10 && judgement.reason.len() <= 1024, "{}", judgement.reason);
        self
    }

    /// Panics unless the call gets this decision and nothing is said of what was before.
    #[track_caller]
    fn as_ever(&self, command: &str, decision: Decision) -> &Self {
        let judgement = self.call(command);
        assert_eq!(judgement.decision, decision, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
        assert!(!judgement.reason.contains("Before:"), "`{command}`:\n{}", judgement.reason);
        self
    }
}
