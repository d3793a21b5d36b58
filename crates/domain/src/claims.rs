//! The claim map: quoted passages and who stands where on them.

use serde::{Deserialize, Serialize};

use crate::models::ModelId;
use crate::quotes::{Difference, QuoteStatus, SourceSpan};
use crate::snippets::{Confidence, SnippetType};

/// Who reacted: a panelist, or whoever steers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reactor(String);

impl Reactor {
    /// The moderator's place in positions.
    #[must_use]
    pub fn moderator() -> Self {
        Self("moderator".to_owned())
    }

    /// A panelist.
    #[must_use]
    pub fn seat(model: &ModelId) -> Self {
        Self(model.as_str().to_owned())
    }

    /// Whether this is the moderator.
    #[must_use]
    pub fn is_moderator(&self) -> bool {
        self.0 == "moderator"
    }

    /// The model id, or `moderator`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One reaction to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Position {
    /// Who reacted.
    pub model: Reactor,
    /// How.
    #[serde(rename = "type")]
    pub kind: SnippetType,
    /// Why; the type's stock phrase when nothing was said.
    pub comment: String,
    /// The comment is the stock phrase.
    #[serde(default)]
    pub stock_comment: bool,
    /// Self-reported, 0–1.
    #[serde(default)]
    pub comment_confidence: Option<Confidence>,
    /// How its quote was found.
    pub quote_status: QuoteStatus,
    /// The words exactly as this reactor quoted them.
    pub quote: String,
    /// What differs between that and the source.
    #[serde(default)]
    pub differences: Vec<Difference>,
    /// The stance this reactor had on the same words before, when it moved.
    #[serde(default)]
    pub was: Option<SnippetType>,
    /// The display name of the person in Discord who said it; `None` of what the moderator says themselves, and of seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub said_by: Option<String>,
}

/// Where the panel stands on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ClaimGroup {
    /// A CHALLENGE stands against it.
    Contested,
    /// KEEP, CORE or SHIFT, and no CHALLENGE.
    Agreed,
    /// EXPLORE only.
    Open,
}

/// One quoted passage that at least one seat or the moderator reacted to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Claim {
    /// Stable within the round: `c1`, `c2`, … in the map's order.
    pub id: String,
    /// The true words.
    pub quote: String,
    /// Who said them.
    pub originator: ModelId,
    /// Where.
    pub source: SourceSpan,
    /// Where the panel stands.
    pub group: ClaimGroup,
    /// Who reacted, seats in panel order, the moderator last.
    pub positions: Vec<Position>,
    /// Distinct models that reacted; the moderator is not counted.
    pub reaction_count: u32,
    /// The id of the earlier claim this one continues, with its round.
    #[serde(default)]
    pub continues: Option<ClaimRef>,
    /// From four seats on: seats whose removal flips the claim's majority.
    #[serde(default)]
    pub flips_without: Vec<ModelId>,
}

/// A claim of another round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ClaimRef {
    /// The round.
    pub round_index: u32,
    /// The claim's id there.
    pub id: String,
}

/// A reaction whose quote carries no stance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Unverified {
    /// The words as quoted.
    pub quote: String,
    /// Who is said to have said them.
    pub quoted_model: ModelId,
    /// Who quoted.
    pub model: Reactor,
    /// The meant stance.
    #[serde(rename = "type")]
    pub kind: SnippetType,
    /// The comment, or the stock phrase.
    pub comment: String,
    /// How sure of it they said they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub comment_confidence: Option<Confidence>,
    /// The display name of the person in Discord who said it; `None` of what the moderator says themselves, and of seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub said_by: Option<String>,
    /// `altered` or `not_found`.
    pub quote_status: QuoteStatus,
    /// The true words nearest to the quote, if any.
    #[serde(default)]
    pub nearest: Option<Nearest>,
}

/// The true words nearest to a quote that could not be verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Nearest {
    /// The words.
    pub text: String,
    /// Where they stand.
    pub source: SourceSpan,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A seat that changed its stance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Move {
    /// Who moved.
    pub model: Reactor,
    /// On which claim of this round.
    pub claim_id: String,
    /// From what; `None` where a SHIFT has no known earlier stance.
    pub from: Option<SnippetType>,
    /// To what.
    pub to: SnippetType,
    /// The display name of the person in Discord who said it; `None` of what the moderator says themselves, and of seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub said_by: Option<String>,
}

/// What a round's reactions add up to. Made without any model call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ClaimMap {
    /// Contested first, then agreed, then open.
    pub claims: Vec<Claim>,
    /// Reactions whose quotes carry no stance; never dropped.
    pub unverified: Vec<Unverified>,
    /// Quotes given, verified or not.
    pub quote_count: u32,
    /// Claims without a CHALLENGE.
    pub uncontested: u32,
    /// Seats that changed their stance.
    pub moved: Vec<Move>,
    /// Claims that continue none of an earlier round.
    pub new_claims: u32,
    /// Positions that differ from the same reactor's earlier one.
    pub changed_positions: u32,
}
