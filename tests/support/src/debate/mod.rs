//! A panelist for end-to-end tests and demos: prose for a question, typed quotes for the others'
//! answers, the same for the same model and prompt. It reads Husting's prompts as a model would, from
//! their text alone.

mod dice;
mod lines;
mod react;
mod reading;
mod respond;

use serde::Deserialize;
use serde_json::json;

use crate::asked::{Asked, Phase};

/// How a panelist behaves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Debate {
    /// One claim of an answer carries a tag such as `[confidence: 0.7]`.
    pub confidence: bool,
    /// One reaction cites a sentence as `[B.3]` instead of quoting it.
    pub citations: bool,
    /// One quote leaves words out with an ellipsis, where that changes no meaning.
    pub elided: bool,
    /// Quotes that must not pass as they stand.
    pub mischief: Mischief,
    /// How the reactions' JSON is wrapped.
    pub dress: Dress,
    /// Does what the others' answers tell it to; a model nobody should have on a panel.
    pub obedient: bool,
}

/// How many quotes of each kind are added to the good ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mischief {
    /// A sentence with its meaning turned by a negation.
    pub altered: u32,
    /// Words nobody said.
    pub unfindable: u32,
    /// One panelist's words under another's letter; needs two others.
    pub misattributed: u32,
}

/// The wrapping of JSON, as models without schema support vary it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dress {
    /// JSON alone.
    #[default]
    Plain,
    /// In a Markdown code fence.
    Fenced,
    /// With prose before and after.
    Prose,
    /// With a comma after the last snippet.
    TrailingComma,
    /// Prose, and no JSON at all.
    NoJson,
}

impl Default for Debate {
    fn default() -> Self {
        Debate {
            confidence: true,
            citations: true,
            elided: false,
            mischief: Mischief::default(),
            dress: Dress::Plain,
            obedient: false,
        }
    }
}

/// A summary with everything in its place and nothing in it.
fn recap(asked: &Asked) -> String {
    let section =
        json!({"heading": "What was said", "body": "Each gave reasons.", "claim_ids": []});
    json!({
        "title": format!("A round, by {}", asked.model()),
        "tldr": "The panel answered, and reacted.",
        "agenda": ["What was said"],
        "sections": [section],
    })
    .to_string()
}

fn synthesis(asked: &Asked) -> String {
    let arc = json!({"title": "The beginning", "body": "It began with a question.", "round_indexes": [0]});
    json!({
        "title": format!("A session, by {}", asked.model()),
        "tldr": "The panel came closer.",
        "origin": "A question.",
        "arcs": [arc],
    })
    .to_string()
}

impl Debate {
    pub(crate) fn words(&self, asked: &Asked) -> String {
        match asked.phase {
            Phase::Respond => respond::answer(self, asked),
            Phase::React => react::reactions(self, asked),
            Phase::Recap => recap(asked),
            Phase::Synthesis => synthesis(asked),
        }
    }
}
