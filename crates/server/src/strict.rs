//! JSON that cannot be read in two ways: no member stands twice, and nothing is nested so deep that
//! reading it costs more than it says.

use std::collections::HashSet;
use std::fmt;

use husting_wire::errors::Error;
use serde::Deserialize;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;
use serde_json::error::Category;

/// Lists and objects within each other.
const DEEPEST: usize = 32;

/// Why bytes are no request, whatever they are about.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// They are no JSON.
    #[error("This is no JSON: {0}.")]
    NotJson(String),
    /// They are JSON that another reader may understand otherwise.
    #[error("This is not a request: {0}.")]
    NotPlain(String),
}

impl From<Unreadable> for Error {
    fn from(fault: Unreadable) -> Self {
        Self::invalid(fault.to_string())
    }
}

/// Reads `bytes` as a `T`, after the whole of it was found plain.
///
/// # Errors
/// `invalid_request`, with the place where the fault can be named.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    check(bytes)?;
    let mut source = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut source).map_err(|fault| misfit(&fault))
}

/// The same of what was read already.
///
/// # Errors
/// `invalid_request`, with the place where the fault can be named.
pub(crate) fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(value).map_err(|fault| misfit(&fault))
}

/// Looks at the whole of `bytes` and keeps nothing of it.
///
/// # Errors
/// [`Unreadable`].
pub(crate) fn check(bytes: &[u8]) -> Result<(), Unreadable> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    Plain { room: DEEPEST }
        .deserialize(&mut source)
        .and_then(|()| source.end())
        .map_err(|fault| unreadable(&fault))
}

fn unreadable(fault: &serde_json::Error) -> Unreadable {
    let place = format!("line {}, column {}", fault.line(), fault.column());
    match fault.classify() {
        // Ours, from the walk below; only its place is added by the reader.
        Category::Data => Unreadable::NotPlain(fault.to_string()),
        Category::Eof => Unreadable::NotJson(format!("it ends too early, at {place}")),
        Category::Syntax | Category::Io => {
            Unreadable::NotJson(format!("it cannot be read from {place} on"))
        }
    }
}

/// The reader's own words speak of Rust's types, and stay in the log.
pub(crate) fn misfit(fault: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    tracing::debug!(%fault, "a request was not what its route takes");
    let path = fault.path().to_string();
    Error::invalid(if path == "." {
        "The body is not what is taken here.".to_owned()
    } else {
        format!("{path}: what came is not what is taken there.")
    })
}

/// Walks through a value and keeps nothing of it.
#[derive(Clone, Copy)]
struct Plain {
    /// How many levels may still be opened.
    room: usize,
}

impl Plain {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        let room = self
            .room
            .checked_sub(1)
            .ok_or_else(|| E::custom(format_args!("it is nested more than {DEEPEST} deep")))?;
        Ok(Self { room })
    }
}

impl<'de> DeserializeSeed<'de> for Plain {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Plain {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while list.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut names = HashSet::new();
        while let Some(Name(name)) = object.next_key()? {
            object.next_value_seed(inside)?;
            if let Some(twice) = names.replace(name) {
                return Err(A::Error::custom(format_args!("`{twice}` stands twice")));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Name(String);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn nested(levels: usize) -> Vec<u8> {
        format!("{}1{}", "[".repeat(levels), "]".repeat(levels)).into_bytes()
    }

    #[test]
    fn what_is_deep_is_refused_for_its_depth_alone() {
        assert!(check(&nested(DEEPEST)).is_ok());
        let refused = check(&nested(DEEPEST + 1)).unwrap_err().to_string();
        assert!(refused.contains("nested"), "{refused}");
    }

    #[test]
    fn a_member_stands_once_at_every_level() {
        assert!(check(br#"{"a":{"b":1},"c":{"b":1}}"#).is_ok());
        for twice in [r#"{"a":1,"a":1}"#, r#"[{"x":{"a":1,"\u0061":2}}]"#] {
            let refused = check(twice.as_bytes()).unwrap_err().to_string();
            assert!(refused.contains("stands twice"), "{refused}");
        }
    }
}
