//! Typed quotes: how a panelist or the moderator reacts to somebody's words.

use serde::{Deserialize, Serialize};

use crate::models::ModelId;

/// The five ways to react. Always upper case on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SnippetType {
    /// Stands with the words.
    Keep,
    /// Wants to know more.
    Explore,
    /// Stands against the words.
    Challenge,
    /// Holds them for the heart of the matter.
    Core,
    /// Changed their mind because of them.
    Shift,
}

impl SnippetType {
    /// All five, in the order of the keys 1 to 5.
    pub const ALL: [Self; 5] = [
        Self::Keep,
        Self::Explore,
        Self::Challenge,
        Self::Core,
        Self::Shift,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keep => "KEEP",
            Self::Explore => "EXPLORE",
            Self::Challenge => "CHALLENGE",
            Self::Core => "CORE",
            Self::Shift => "SHIFT",
        }
    }

    /// The sentence that carries the type into a prompt, and stands in for a missing comment.
    #[must_use]
    pub const fn framing(self) -> &'static str {
        match self {
            Self::Keep => "This resonates with me.",
            Self::Explore => "Let's go deeper on this.",
            Self::Challenge => "I'm not sold on this.",
            Self::Core => "This is what it comes down to.",
            Self::Shift => "This shifted my perspective.",
        }
    }
}

/// A typed quote as somebody gave it, before or after its quote was verified.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Snippet {
    /// The reaction.
    #[serde(rename = "type")]
    pub kind: SnippetType,
    /// The words quoted, as given.
    pub quote: String,
    /// Who is said to have said them.
    pub quoted_model: ModelId,
    /// Why.
    #[serde(default)]
    pub comment: Option<String>,
    /// Self-reported confidence in thousandths (0–1,000), not calibrated.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// The display name of the person in Discord who said it; `None` of what the moderator says themselves, and of seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub said_by: Option<String>,
}

/// A self-reported score between 0 and 1, kept in thousandths. Not calibrated across models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "number"))]
pub struct Confidence(u16);

/// More than 1,000 thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a confidence lies between 0 and 1,000 thousandths")]
pub struct ConfidenceError;

impl TryFrom<u16> for Confidence {
    type Error = ConfidenceError;

    fn try_from(thousandths: u16) -> Result<Self, Self::Error> {
        Self::from_thousandths(thousandths).ok_or(ConfidenceError)
    }
}

impl From<Confidence> for u16 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

impl Confidence {
    /// From thousandths; more than 1,000 is `None`.
    #[must_use]
    pub const fn from_thousandths(thousandths: u16) -> Option<Self> {
        if thousandths <= 1_000 {
            Some(Self(thousandths))
        } else {
            None
        }
    }

    /// Thousandths, 0–1,000.
    #[must_use]
    pub const fn thousandths(self) -> u16 {
        self.0
    }

    /// The decimal on the wire: `0.8`.
    #[must_use]
    pub fn to_decimal(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_framing() {
        let framings = SnippetType::ALL.map(|kind| (kind.word(), kind.framing()));
        assert_eq!(
            framings,
            [
                ("KEEP", "This resonates with me."),
                ("EXPLORE", "Let's go deeper on this."),
                ("CHALLENGE", "I'm not sold on this."),
                ("CORE", "This is what it comes down to."),
                ("SHIFT", "This shifted my perspective."),
            ]
        );
    }
}
