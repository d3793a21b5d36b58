//! What of its wire a server takes. Imitations lag behind the vendor they imitate, and some models
//! take less than their neighbours: what is refused by name is left out from then on.

use std::sync::{Arc, Mutex, PoisonError};

use husting_domain::providers::ProviderKind;

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
    pub(super) fn learn(&self, kind: ProviderKind, sent: Extras, refusal: &str) -> bool {
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
    fn without(self, kind: ProviderKind, refusal: &str) -> Option<Self> {
        let names = |words: &[&str]| words.iter().any(|word| refusal.contains(word));
        let left = Self {
            schema: self.schema && !names(schema_words(kind)),
            usage: self.usage && !names(usage_words(kind)),
            cache_key: self.cache_key && !names(cache_words(kind)),
            brevity: self.brevity && !names(brevity_words(kind)),
        };
        (left != self).then_some(left)
    }
}

/// How each wire's servers name the schema when they refuse it.
const fn schema_words(kind: ProviderKind) -> &'static [&'static str] {
    match kind {
        ProviderKind::Openai => &["text.format", "'text'", "json_schema", "response_format"],
        ProviderKind::OpenaiCompatible | ProviderKind::OpenaiLocal => {
            &["response_format", "json_schema"]
        }
        ProviderKind::Gemini => &[
            "responseJsonSchema",
            "response_json_schema",
            "responseMimeType",
            "response_mime_type",
            "JSON mode",
        ],
        ProviderKind::Ollama => &["format"],
        // A tool, which every model on this wire takes.
        ProviderKind::Anthropic => &[],
    }
}

const fn usage_words(kind: ProviderKind) -> &'static [&'static str] {
    match kind {
        ProviderKind::OpenaiCompatible | ProviderKind::OpenaiLocal => {
            &["stream_options", "include_usage"]
        }
        _ => &[],
    }
}

const fn cache_words(kind: ProviderKind) -> &'static [&'static str] {
    match kind {
        ProviderKind::Openai => &["prompt_cache_key"],
        _ => &[],
    }
}

/// Models that do not think refuse to think less, and some think at one length alone.
const fn brevity_words(kind: ProviderKind) -> &'static [&'static str] {
    match kind {
        ProviderKind::Openai => &["reasoning", "'low'"],
        ProviderKind::Gemini => &["hinking"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProviderKind::{Anthropic, Gemini, Ollama, Openai, OpenaiCompatible};

    #[test]
    fn what_is_refused_by_name_is_left_out() {
        let left = Extras::ALL
            .without(OpenaiCompatible, "Unknown parameter: 'stream_options'.")
            .unwrap();
        assert_eq!((left.schema, left.usage), (true, false));
        let less = left.without(OpenaiCompatible, "json_schema is not supported");
        assert_eq!(
            less.map(|less| (less.schema, less.usage)),
            Some((false, false))
        );
        assert_eq!(
            left.without(OpenaiCompatible, "Unknown parameter: 'stream_options'."),
            None
        );
        assert_eq!(Extras::ALL.without(OpenaiCompatible, "no such model"), None);
    }

    #[test]
    fn what_two_calls_were_refused_at_once_is_left_out_by_both() {
        let dialect = Dialect::default();
        let sent = dialect.extras();
        assert!(dialect.learn(OpenaiCompatible, sent, "no stream_options here"));
        assert!(dialect.learn(OpenaiCompatible, sent, "no stream_options here"));
        assert!(dialect.learn(OpenaiCompatible, sent, "no json_schema here"));
        let learned = dialect.extras();
        assert_eq!((learned.usage, learned.schema), (false, false));
        assert!(!dialect.learn(OpenaiCompatible, learned, "no stream_options here"));
    }

    #[test]
    fn each_wire_has_names_of_its_own() {
        for (kind, refusal) in [
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
            let left = Extras::ALL.without(kind, refusal).unwrap();
            assert!(!left.schema && left.usage && left.cache_key, "{refusal}");
            assert_eq!(Extras::ALL.without(Anthropic, refusal), None, "{refusal}");
        }
        for (kind, refusal) in [
            (
                Openai,
                "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
            ),
            (
                Openai,
                "Unsupported value: 'low' is not supported with the 'gpt-5-pro' model.",
            ),
            (Gemini, "thinking_config is not supported."),
            (Gemini, "Thinking budget is not supported for this model."),
        ] {
            let left = Extras::ALL.without(kind, refusal).unwrap();
            assert!(!left.brevity && left.schema, "{refusal}");
        }
        let left = Extras::ALL.without(Openai, "Unknown parameter: 'prompt_cache_key'.");
        assert_eq!(left.map(|left| left.cache_key), Some(false));
    }
}
