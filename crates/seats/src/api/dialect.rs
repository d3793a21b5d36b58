//! What of its wire a server takes. Imitations lag behind the vendor they imitate, and some models
//! take less than their neighbours: what is refused by name is left out from then on.

use std::sync::{Arc, Mutex, PoisonError};

use husting_domain::providers::ProviderKind;

use super::names;
use super::refusals::Refusal;

/// What of its wire a server takes, as its refusals told. Clones share it: each field is refused
/// once, however many calls are made.
#[derive(Clone, Debug)]
pub struct Dialect(Arc<Mutex<Extras>>);

impl Default for Dialect {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Extras::ALL)))
    }
}

impl Dialect {
    pub(super) fn extras(&self) -> Extras {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves out what the server has just refused by name of a request that was `sent`; whether
    /// there was such a thing. Another call may have learned it in the meantime, and this one is to
    /// ask again all the same.
    pub(super) fn learn(&self, kind: ProviderKind, sent: Extras, refusal: &Refusal) -> bool {
        let Some(left) = sent.without(kind, refusal) else {
            return false;
        };
        let mut extras = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *extras = extras.and(left);
        true
    }
}

/// Parts of a request that an answer can be had without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    /// The schema of an answer that is data.
    pub schema: bool,
    /// Asking for figures.
    pub usage: bool,
    /// The key under which a prompt's beginning is cached.
    pub cache_key: bool,
    /// Thinking no longer than data needs: the limit on its tokens counts the thoughts too, and a
    /// model that spends all of it on them says nothing.
    pub brevity: bool,
}

impl Extras {
    pub(super) const ALL: Self = Self {
        schema: true,
        usage: true,
        cache_key: true,
        brevity: true,
    };

    /// What both take.
    const fn and(self, other: Self) -> Self {
        Self {
            schema: self.schema && other.schema,
            usage: self.usage && other.usage,
            cache_key: self.cache_key && other.cache_key,
            brevity: self.brevity && other.brevity,
        }
    }

    /// What is left to ask with, when a server says `refusal` to all of it; `None` when it names
    /// nothing that could be left out.
    fn without(self, kind: ProviderKind, refusal: &Refusal) -> Option<Self> {
        let left = Self {
            schema: self.schema && !names::of_schema(kind).are_in(refusal),
            usage: self.usage && !names::of_usage(kind).are_in(refusal),
            cache_key: self.cache_key && !names::of_cache(kind).are_in(refusal),
            brevity: self.brevity && !names::of_brevity(kind).are_in(refusal),
        };
        (left != self).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use husting_domain::calls::SeatErrorCode::PreStreamProviderError;

    use super::*;
    use ProviderKind::{Anthropic, Gemini, Ollama, Openai, OpenaiCompatible, OpenaiLocal};

    fn saying(words: &str) -> Refusal {
        Refusal::lasting(PreStreamProviderError, words.to_owned())
    }

    fn naming(field: &str, words: &str) -> Refusal {
        Refusal {
            field: Some(field.to_owned()),
            ..saying(words)
        }
    }

    #[test]
    fn what_is_refused_by_name_is_left_out() {
        let unknown = saying("Unknown parameter: 'stream_options'.");
        let left = Extras::ALL.without(OpenaiCompatible, &unknown).unwrap();
        assert_eq!((left.schema, left.usage), (true, false));
        let less = left.without(OpenaiCompatible, &saying("json_schema is not supported"));
        assert_eq!(
            less.map(|less| (less.schema, less.usage)),
            Some((false, false))
        );
        assert_eq!(left.without(OpenaiCompatible, &unknown), None);
        let other = saying("no such model");
        assert_eq!(Extras::ALL.without(OpenaiCompatible, &other), None);
    }

    #[test]
    fn what_two_calls_were_refused_at_once_is_left_out_by_both() {
        let dialect = Dialect::default();
        let sent = dialect.extras();
        let refusal = saying("no stream_options here");
        assert!(dialect.learn(OpenaiCompatible, sent, &refusal));
        assert!(dialect.learn(OpenaiCompatible, sent, &refusal));
        assert!(dialect.learn(OpenaiCompatible, sent, &saying("no json_schema here")));
        let learned = dialect.extras();
        assert_eq!((learned.usage, learned.schema), (false, false));
        assert!(!dialect.learn(OpenaiCompatible, learned, &refusal));
    }

    #[test]
    fn ordinary_words_name_nothing() {
        let kinds = [
            Openai,
            OpenaiCompatible,
            OpenaiLocal,
            Anthropic,
            Gemini,
            Ollama,
        ];
        for words in [
            "We need more information before this account may call the model.",
            "The prompt keeps the model reasoning about 'texts' and rethinking them.",
            "Messages must not contain the response_formatter or unjson_schematic tool.",
        ] {
            for kind in kinds {
                let left = Extras::ALL.without(kind, &saying(words));
                assert_eq!(left, None, "{kind:?}: {words}");
            }
        }
    }

    #[test]
    fn a_field_that_the_error_names_counts_before_its_words() {
        let unsupported = "Unsupported parameter.";
        let left = Extras::ALL.without(Openai, &naming("text.format.schema", unsupported));
        assert!(left.is_some_and(|left| !left.schema && left.brevity && left.cache_key));
        let left = Extras::ALL.without(Openai, &naming("reasoning.effort", unsupported));
        assert!(left.is_some_and(|left| left.schema && !left.brevity && left.cache_key));
        let left = Extras::ALL.without(OpenaiCompatible, &naming("stream_options", unsupported));
        assert!(left.is_some_and(|left| left.schema && !left.usage));
        for field in ["input[0].content[0].text", "textual", "model"] {
            let refusal = naming(field, "Not with 'reasoning.effort' or text.format.");
            assert_eq!(Extras::ALL.without(Openai, &refusal), None, "{field}");
        }
    }

    #[test]
    fn each_wire_has_names_of_its_own() {
        for (kind, words) in [
            (
                Openai,
                "Unsupported parameter: 'text.format' is not supported with this model.",
            ),
            (
                Gemini,
                "Invalid JSON payload received. Unknown name \"responseJsonSchema\" at 'generation_config'",
            ),
            (Gemini, "JSON mode is not enabled for models/gemma-3-27b-it"),
            (
                Ollama,
                "json: cannot unmarshal object into Go struct field ChatRequest.format of type string",
            ),
        ] {
            let refusal = saying(words);
            let left = Extras::ALL.without(kind, &refusal).unwrap();
            assert!(!left.schema && left.usage && left.cache_key, "{words}");
            assert_eq!(Extras::ALL.without(Anthropic, &refusal), None, "{words}");
        }
        for (kind, words) in [
            (
                Openai,
                "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
            ),
            (
                Openai,
                "Unsupported value: 'low' is not supported with the 'gpt-5-pro' model.",
            ),
            (Openai, "Unknown field: `reasoning`"),
            (Gemini, "thinking_config is not supported."),
            (Gemini, "Thinking budget is not supported for this model."),
            (
                Gemini,
                "Budget 512 is invalid. This model only works in thinking mode.",
            ),
        ] {
            let left = Extras::ALL.without(kind, &saying(words)).unwrap();
            assert!(!left.brevity && left.schema, "{words}");
        }
        let left = Extras::ALL.without(Openai, &saying("Unknown parameter: 'prompt_cache_key'."));
        assert_eq!(left.map(|left| left.cache_key), Some(false));
    }
}
