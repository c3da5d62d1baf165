//! Saved plans: a zip whose member `tfplan` is a protocol buffer. Its fields are those of `planfile.proto` in the
//! repositories of Terraform and OpenTofu; what isn't understood to the last bit isn't read at all.

use super::super::Context;
use super::zip;

/// A saved plan, as far as it says what would be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What it changes, in its order.
    pub changes: Vec<Change>,
    /// It was made by `plan -destroy`.
    pub destroys: bool,
    /// It was cut short by an error, so that it can't be applied.
    pub errored: bool,
    /// It invokes actions of providers, which may do anything.
    pub invokes: bool,
    /// The workspace that it was made for.
    pub workspace: String,
}

/// A change to one object.
#[derive(Debug)]
pub(super) struct Change {
    /// The address of its resource: `module.db.aws_db_instance.main[0]`.
    pub address: String,
    /// What is done to it.
    pub does: Does,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Nothing, or it is only read.
    Nothing,
    /// It is built.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
    /// It is deleted and built anew, in either order.
    Replace,
    /// Terraform forgets it; it goes on running.
    Forget,
}

/// The version of the format, which has been 3 since Terraform 0.12.
const VERSION: u64 = 3;

/// Reads a plan. `None`: it is none, or not all of it can be understood.
pub(super) fn read(path: &str, context: &Context<'_>) -> Option<Plan> {
    parse(&zip::member(path, "tfplan", context)?, context)
}

fn parse(bytes: &[u8], context: &Context<'_>) -> Option<Plan> {
    let mut plan = Plan::default();
    let mut version = None;
    for field in fields(bytes) {
        match field? {
            (1, Value::Number(number)) => version = once(version, number)?,
            (3, Value::Bytes(change)) => {
                if !context.budget.pay() {
                    return None;
                }
                plan.changes.push(change_of(change)?);
            }
            (13, Value::Bytes(backend)) => plan.workspace = workspace(backend)?,
            (17, Value::Number(mode)) => plan.destroys |= mode == 1,
            // OpenTofu says it again.
            (500_000_001, Value::Number(destroying)) => plan.destroys |= destroying != 0,
            (20, Value::Number(errored)) => plan.errored |= errored != 0,
            (30 | 31, _) => plan.invokes = true,
            // What is read here is written in no other way.
            (1 | 3 | 13 | 17 | 20, _) => return None,
            _ => {}
        }
    }
    (version == Some(VERSION)).then_some(plan)
}

fn workspace(bytes: &[u8]) -> Option<String> {
    let mut name = None;
    for field in fields(bytes) {
        if let (3, Value::Bytes(text)) = field? {
            name = once(name, String::from_utf8(text.to_vec()).ok()?)?;
        }
    }
    Some(name.unwrap_or_default())
}

/// A `ResourceInstanceChange`. Terraform 1.1 and later, and OpenTofu, write the address as one; those before it in parts.
fn change_of(bytes: &[u8]) -> Option<Change> {
    let (mut address, mut does) = (None, None);
    let (mut module, mut kind, mut name, mut key) = (String::new(), String::new(), String::new(), String::new());
    let mut is_data = false;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    for field in fields(bytes) {
        match field? {
            (13, Value::Bytes(bytes)) => address = once(address, text(bytes)?)?,
            (9, Value::Bytes(change)) => does = once(does, does_of(change)?)?,
            (1, Value::Bytes(bytes)) => module = format!("{}.", text(bytes)?),
            (2, Value::Number(mode)) => is_data = mode == 1,
            (3, Value::Bytes(bytes)) => kind = text(bytes)?,
            (4, Value::Bytes(bytes)) => name = text(bytes)?,
            (5, Value::Bytes(bytes)) => key = format!("[\"{}\"]", text(bytes)?),
            (6, Value::Number(index)) => key = format!("[{index}]"),
            (9, _) => return None,
            _ => {}
        }
    }
    let data = if is_data { "data." } else { "" };
    let address = address.filter(|address| !address.is_empty());
    Some(Change { address: address.unwrap_or_else(|| format!("{module}{data}{kind}.{name}{key}")), does: does? })
}

/// What a `Change` does.
fn does_of(bytes: &[u8]) -> Option<Does> {
    let mut action = None;
    for field in fields(bytes) {
        match field? {
            (1, Value::Number(number)) => action = once(action, number)?,
            (1, Value::Bytes(_)) => return None,
            _ => {}
        }
    }
    // What is left out is 0.
    Some(match action.unwrap_or(0) {
        0 | 2 => Does::Nothing,
        1 => Does::Create,
        3 => Does::Update,
        5 => Does::Delete,
        6 | 7 => Does::Replace,
        // With 9 and 10, another is built beside what is forgotten.
        8..=10 => Does::Forget,
        _ => return None,
    })
}

/// A field that stands only once: others may read the first or the last.
fn once<T>(before: Option<T>, value: T) -> Option<Option<T>> {
    before.is_none().then_some(Some(value))
}

/// The value of a field.
#[derive(Debug, PartialEq, Eq)]
enum Value<'a> {
    /// A number.
    Number(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
}

/// The fields of a message, by their numbers. `None`, and nothing behind it, where it is damaged.
fn fields(bytes: &[u8]) -> impl Iterator<Item = Option<(u64, Value<'_>)>> {
    let mut rest = bytes;
    let mut broken = false;
    std::iter::from_fn(move || {
        if rest.is_empty() || broken {
            return None;
        }
        let field = field(&mut rest);
        broken = field.is_none();
        Some(field)
    })
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let key = number(rest)?;
    let mut take = |size: usize| {
        let (taken, left) = rest.split_at_checked(size)?;
        *rest = left;
        Some(taken)
    };
    let value = match key & 7 {
        0 => Value::Number(number(rest)?),
        1 => Value::Number(u64::from_le_bytes(*take(8)?.first_chunk()?)),
        5 => Value::Number(u64::from(u32::from_le_bytes(*take(4)?.first_chunk()?))),
        2 => {
            let size = number(rest)?;
            let (taken, left) = rest.split_at_checked(usize::try_from(size).ok()?)?;
            *rest = left;
            Value::Bytes(taken)
        }
        _ => return None,
    };
    (key >> 3 > 0).then_some((key >> 3, value))
}

/// A number of variable length.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for at in 0..10 {
        let (&byte, left) = rest.split_first()?;
        *rest = left;
        value |= u64::from(byte & 0x7f).checked_shl(at * 7)?;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
