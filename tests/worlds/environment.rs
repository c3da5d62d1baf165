//! What a program is aimed at: production raises, what is proven to be scratch on this machine lowers, and nothing else does.

#[path = "environment/attacks.rs"]
mod attacks;
#[path = "environment/clouds.rs"]
mod clouds;
#[path = "environment/compose.rs"]
mod compose;
#[path = "environment/databases.rs"]
mod databases;
#[path = "environment/kubernetes.rs"]
mod kubernetes;
#[path = "environment/policies.rs"]
mod policies;
#[path = "environment/schemas.rs"]
mod schemas;
#[path = "environment/wrappers.rs"]
mod wrappers;

use crate::kit::{World, judged};
use countersign::context::Variables;
use countersign::judge::Judgement;

/// What becomes of a command where the hook sees these variables.
fn with(world: &World, variables: fn(&str) -> Option<String>, command: &str) -> Judgement {
    let mut call = world.call(command);
    call.variables = Variables(variables);
    judged(&call)
}
