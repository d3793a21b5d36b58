//! Whom a call is for.

use std::fmt;

use crate::agents::Name;

/// Whom a call is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// One agent, or the operator.
    Agent(Name),
    /// A squad.
    Squad(Name),
    /// Every active agent.
    All,
}

impl Addressee {
    /// From what [`Display`](fmt::Display) wrote; `None` when it did not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        match text.strip_prefix('#') {
            Some(squad) => Name::parse(squad).ok().map(Self::Squad),
            None => Name::parse(text).ok().map(Self::Agent),
        }
    }
}

/// `loom`, `#sales` or `*`.
impl fmt::Display for Addressee {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(name) => out.write_str(name.as_str()),
            Self::Squad(name) => write!(out, "#{}", name.as_str()),
            Self::All => out.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addressee_is_read_as_it_was_written() {
        let name = |text| Name::parse(text).unwrap();
        for (addressee, text) in [
            (Addressee::Agent(name("loom")), "loom"),
            (Addressee::Squad(name("sales")), "#sales"),
            (Addressee::All, "*"),
        ] {
            assert_eq!(addressee.to_string(), text);
            assert_eq!(Addressee::parse(text), Some(addressee));
        }
    }

    #[test]
    fn what_is_no_name_is_nobody() {
        for text in ["", "#", "Loom", "##sales", "a secret, in a sentence"] {
            assert_eq!(Addressee::parse(text), None, "{text}");
        }
    }
}
