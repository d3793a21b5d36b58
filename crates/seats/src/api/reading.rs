//! What is common to all wires while a stream is read: the answer's words as they come, and what
//! the provider says about them.

use husting_domain::exchange::Prompt;
use husting_domain::money::Usage;
use serde_json::Value;

use crate::estimate;

/// Reads the events of one answer.
pub(super) trait Reader: Send {
    /// Takes in the data of one event and returns the words in it, often none.
    fn read(&mut self, data: &str, told: &mut Told) -> Result<String, Broken>;
}

/// An event that is no part of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The provider reports an error: the vendor's object, or its words.
    Reported(Value),
    /// The provider will not answer this prompt, for the reason it names.
    Blocked(String),
    /// It is not the protocol.
    Garbage(String),
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        // The parser's words hold a place and no text.
        Self::Garbage(format!(
            "the provider sent an event that is not its protocol: {error}"
        ))
    }
}

/// What the provider has told about its answer so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Tokens, as far as they were counted.
    pub usage: Option<Usage>,
    /// Whether `usage` counts the whole answer.
    pub usage_is_final: bool,
    /// Why the answer ended: the final marker.
    pub finish_reason: Option<String>,
    /// It ended at the limit on tokens, or where the provider's filter cut it off.
    pub is_partial: bool,
    /// Nothing more will come.
    pub is_over: bool,
}

impl Told {
    /// The provider's figures for `text`, completed by an estimate where they are missing. A count of
    /// nothing for words that are there is missing too: some servers fill the field and do not count.
    pub(super) fn usage(&self, prompt: &Prompt, text: &str) -> Usage {
        let guess = estimate::usage(prompt, text);
        let Some(told) = self.usage else { return guess };
        let mut usage = told;
        if usage.total_input() == 0 {
            usage.input = guess.input;
        }
        if !self.usage_is_final || usage.output == 0 {
            usage.output = usage.output.max(guess.output);
        }
        usage.estimated = !self.usage_is_final || usage != told;
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_domain::exchange::AnswerShape;

    fn usage(told: Option<Usage>, usage_is_final: bool, text: &str) -> Usage {
        let prompt = Prompt {
            system: "12345678".into(),
            messages: Vec::new(),
            shape: AnswerShape::Prose,
            max_output_tokens: 9,
        };
        Told {
            usage: told,
            usage_is_final,
            ..Told::default()
        }
        .usage(&prompt, text)
    }

    #[test]
    fn figures_are_kept_and_gaps_estimated() {
        let counted = Usage {
            input: 5,
            output: 6,
            ..Usage::default()
        };
        let with = |input, output, estimated| Usage {
            input,
            output,
            estimated,
            ..Usage::default()
        };
        assert_eq!(usage(Some(counted), true, "word"), counted);
        assert_eq!(usage(None, false, "word"), with(2, 1, true));
        assert_eq!(
            usage(Some(with(5, 1, false)), false, "eight by"),
            with(5, 2, true)
        );
        assert_eq!(
            usage(Some(with(0, 0, false)), true, "word"),
            with(2, 1, true)
        );
        assert_eq!(usage(Some(with(5, 0, false)), true, ""), with(5, 0, false));
    }
}
