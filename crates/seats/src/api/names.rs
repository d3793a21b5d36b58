//! How each wire's servers name what they refuse of a request: in the error's own member for it, or
//! in a sentence.

use husting_domain::providers::ProviderKind;

use super::refusals::Refusal;

/// The names of one part of a request.
#[derive(Clone, Copy, Default)]
pub(super) struct Names {
    fields: &'static [&'static str],
    /// In small letters and with one kind of quote.
    words: &'static [&'static str],
}

impl Names {
    /// Where the error names a field its words are not looked at: they may speak of anything.
    pub fn are_in(self, refusal: &Refusal) -> bool {
        if let Some(field) = &refusal.field {
            let outermost = field.split(['.', '[']).next().unwrap_or_default();
            return self.fields.contains(&outermost);
        }
        let said = refusal
            .message
            .to_ascii_lowercase()
            .replace(['"', '`'], "'");
        self.words.iter().any(|words| says(&said, words))
    }
}

/// Whether `words` stand in `text` as a whole: "information" has no "format".
fn says(text: &str, words: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(words).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + words.len()..]);
        !before.ends_with(goes_on) && !after.starts_with(goes_on)
    })
}

pub(super) const fn of_schema(kind: ProviderKind) -> Names {
    let (fields, words): (&[&str], &[&str]) = match kind {
        ProviderKind::Openai => (
            &["text", "response_format"],
            &[
                "text.format",
                "parameter: 'text'",
                "json_schema",
                "response_format",
            ],
        ),
        ProviderKind::OpenaiCompatible | ProviderKind::OpenaiLocal => (
            &["response_format"],
            &["response_format", "response format", "json_schema"],
        ),
        ProviderKind::Gemini => (
            &[],
            &[
                "responsejsonschema",
                "response_json_schema",
                "responsemimetype",
                "response_mime_type",
                "json mode",
            ],
        ),
        ProviderKind::Ollama => (&["format"], &["format"]),
        // A tool, which every model on this wire takes.
        ProviderKind::Anthropic => (&[], &[]),
    };
    Names { fields, words }
}

pub(super) fn of_usage(kind: ProviderKind) -> Names {
    match kind {
        ProviderKind::OpenaiCompatible | ProviderKind::OpenaiLocal => Names {
            fields: &["stream_options"],
            words: &["stream_options", "include_usage"],
        },
        _ => Names::default(),
    }
}

pub(super) fn of_cache(kind: ProviderKind) -> Names {
    match kind {
        ProviderKind::Openai => Names {
            fields: &["prompt_cache_key"],
            words: &["prompt_cache_key"],
        },
        _ => Names::default(),
    }
}

/// Models that do not think refuse to think less, and some think at one length alone. Both have
/// names that are ordinary words too.
pub(super) fn of_brevity(kind: ProviderKind) -> Names {
    match kind {
        ProviderKind::Openai => Names {
            fields: &["reasoning", "reasoning_effort"],
            words: &[
                "'reasoning'",
                "reasoning.effort",
                "reasoning_effort",
                "reasoning effort",
                "reasoning is not",
                "'low'",
            ],
        },
        ProviderKind::Gemini => Names {
            fields: &[],
            words: &[
                "thinkingconfig",
                "thinking_config",
                "thinkingbudget",
                "thinking_budget",
                "thinking budget",
                "thinking mode",
                "thinking is not",
            ],
        },
        _ => Names::default(),
    }
}
