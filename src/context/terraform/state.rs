//! State files: how many resources are in them, and which of those hold data.

use super::super::{Context, Kind};
use super::stateful;
use crate::rules::text::{List, Text};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// The most bytes of a state that are read: some 2,000 resources. What is in the rest isn't counted.
const READ: usize = 8 << 20;
/// The most addresses that are kept of a state.
const KEPT: usize = 64;

/// What is in a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// How many objects, data sources aside.
    pub resources: usize,
    /// Those that hold data, the first of them.
    pub stateful: Vec<String>,
    /// How many hold data.
    pub data: usize,
    /// How many of them can be deleted without more ado.
    pub unguarded: usize,
    /// How many leave no last snapshot behind.
    pub without_copy: usize,
    /// Not all of it was read.
    pub partial: bool,
    /// It is encrypted.
    pub encrypted: bool,
}

/// Reads a state. `None`: there is none, or it can't be read as one.
pub(super) fn read(path: &str, context: &Context<'_>) -> Option<State> {
    let stat = context.files.stat(path)?;
    // A state may be a link to where it really lies.
    if !matches!(stat.kind, Kind::File | Kind::Link) || !context.budget.pay() || context.budget.is_late() {
        return None;
    }
    let bytes = context.files.part(path, 0, READ + 1)?;
    let cut = bytes.len() > READ;
    parse(&bytes[..bytes.len().min(READ)], cut, context)
}

fn parse(bytes: &[u8], cut: bool, context: &Context<'_>) -> Option<State> {
    let seen = Seen { state: RefCell::default(), context };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let end = (&mut reader).deserialize_map(Root(&seen)).and_then(|is_state| reader.end().map(|()| is_state));
    let mut state = seen.state.into_inner();
    match end {
        Ok(true) => Some(state),
        Ok(false) => None,
        // What is cut off ends in the middle; up to there, it was a state.
        Err(error) if cut && error.is_eof() => {
            state.partial = true;
            Some(state)
        }
        Err(_) => None,
    }
}

/// What has been seen so far.
struct Seen<'a> {
    state: RefCell<State>,
    context: &'a Context<'a>,
}

/// The state itself; gives whether it is one.
struct Root<'a>(&'a Seen<'a>);

impl<'de> Visitor<'de> for Root<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a state")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut is_state = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" => is_state |= matches!(map.next_value::<Value>()?.as_u64(), Some(3 | 4)),
                "encrypted_data" => {
                    map.next_value::<IgnoredAny>()?;
                    self.0.state.borrow_mut().encrypted = true;
                    is_state = true;
                }
                "resources" => map.next_value_seed(Each(|resource| self.0.resource(resource), PhantomData))?,
                "modules" => map.next_value_seed(Each(|module| self.0.module(module), PhantomData))?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(is_state)
    }
}

/// Takes each item of a list as soon as it is read.
struct Each<T, F>(F, PhantomData<T>);

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for Each<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Each<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            (self.0)(item);
        }
        Ok(())
    }
}

/// A resource, as versions 4 and later write it.
#[derive(Deserialize)]
struct Resource {
    module: Option<String>,
    mode: String,
    r#type: String,
    name: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    index_key: Option<Value>,
    #[serde(default, alias = "attributes_flat")]
    attributes: Option<Attributes>,
}

/// A module, as version 3 writes it.
#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    path: Vec<String>,
    #[serde(default)]
    resources: BTreeMap<String, OldResource>,
}

#[derive(Deserialize)]
struct OldResource {
    r#type: String,
    primary: Option<Instance>,
}

impl Seen<'_> {
    fn resource(&self, resource: Resource) {
        let Resource { module, mode, r#type: kind, name, instances } = resource;
        if mode != "managed" {
            return;
        }
        let module = module.filter(|module| !module.is_empty()).map(|module| format!("{module}.")).unwrap_or_default();
        for instance in instances {
            let key = instance.index_key.map(|key| format!("[{key}]")).unwrap_or_default();
            self.add(&kind, || format!("{module}{kind}.{name}{key}"), instance.attributes);
        }
    }

    fn module(&self, module: Module) {
        let path: String = module.path.iter().skip(1).map(|name| format!("module.{name}.")).collect();
        for (name, resource) in module.resources.into_iter().filter(|(name, _)| !name.starts_with("data.")) {
            let attributes = resource.primary.and_then(|primary| primary.attributes);
            self.add(&resource.r#type, || format!("{path}{name}"), attributes);
        }
    }

    /// Counts an object.
    fn add(&self, kind: &str, address: impl FnOnce() -> String, attributes: Option<Attributes>) {
        let mut state = self.state.borrow_mut();
        state.resources += 1;
        let Some(table) = stateful::table(kind, self.context.rules) else { return };
        state.data += 1;
        if state.stateful.len() < KEPT {
            state.stateful.push(address());
        }
        let flags = attributes.map(|attributes| attributes.0).unwrap_or_default();
        let has = |names: &List<Text>, wanted: bool| {
            flags.iter().any(|(name, on)| *on == wanted && names.iter().any(|listed| listed.as_str() == name))
        };
        state.unguarded += usize::from(has(&table.guard, false));
        state.without_copy += usize::from(has(&table.drops, true));
    }
}

/// The attributes of an object that are yes or no. No other is kept: there are passwords among them.
#[derive(Default)]
struct Attributes(Vec<(String, bool)>);

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Flags;
        impl<'de> Visitor<'de> for Flags {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("attributes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut flags = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if let Flag(Some(on)) = map.next_value()? {
                        flags.push((name, on));
                    }
                }
                Ok(Attributes(flags))
            }
        }
        from.deserialize_map(Flags)
    }
}

/// Yes or no, also as a string, as version 3 writes it; anything else is skipped.
struct Flag(Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_bool<E>(self, on: bool) -> Result<Flag, E> {
                Ok(Flag(Some(on)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Flag, E> {
                Ok(Flag(text.parse().ok()))
            }

            fn visit_unit<E>(self) -> Result<Flag, E> {
                Ok(Flag(None))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Flag, E> {
                Ok(Flag(None))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Flag, E> {
                Ok(Flag(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Flag, E> {
                Ok(Flag(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Flag, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Flag(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flag, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Flag(None))
            }
        }
        from.deserialize_any(Any)
    }
}
