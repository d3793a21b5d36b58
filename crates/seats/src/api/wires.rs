//! Which module speaks for which kind of provider.

use husting_domain::exchange::Prompt;
use husting_domain::providers::ProviderKind;
use serde_json::Value;

use super::dialect::Extras;
use super::framing::Framing;
use super::reading::Reader;
use super::{anthropic, chat, gemini, ollama, responses};

/// The body of a request.
pub(super) fn body(kind: ProviderKind, model: &str, prompt: &Prompt, extras: Extras) -> Value {
    match kind {
        ProviderKind::Openai => responses::body(model, prompt, extras),
        ProviderKind::OpenaiCompatible | ProviderKind::OpenaiLocal => {
            chat::body(model, prompt, extras)
        }
        ProviderKind::Anthropic => anthropic::body(model, prompt),
        ProviderKind::Gemini => gemini::body(prompt, extras),
        ProviderKind::Ollama => ollama::body(model, prompt, extras),
    }
}

/// Reads the answer to it.
pub(super) fn reader(kind: ProviderKind) -> Box<dyn Reader> {
    match kind {
        ProviderKind::Openai => Box::<responses::Events>::default(),
        ProviderKind::OpenaiCompatible | ProviderKind::OpenaiLocal => {
            Box::<chat::Chunks>::default()
        }
        ProviderKind::Anthropic => Box::<anthropic::Events>::default(),
        ProviderKind::Gemini => Box::<gemini::Chunks>::default(),
        ProviderKind::Ollama => Box::<ollama::Lines>::default(),
    }
}

/// How the answer's stream is cut.
pub(super) const fn framing(kind: ProviderKind) -> Framing {
    match kind {
        ProviderKind::Ollama => Framing::Lines,
        _ => Framing::Events,
    }
}
