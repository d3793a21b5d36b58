//! A provider to try the console with: what it serves, and the lines that bring a person to its first round.

use crate::{provider::FakeProvider, script::Script, wire::Wire};

/// What it serves.
pub const MODELS: [&str; 2] = ["plain", "frank"];

/// Text as fast as one reads along, in pieces a second.
pub const PACE: u32 = 60;

/// Debates with whoever asks, under any key.
pub fn script() -> Script {
    Script::debate().models(MODELS)
}

/// Where it is called.
pub fn address(wire: Wire, provider: &FakeProvider) -> String {
    match wire {
        Wire::Anthropic | Wire::Ollama => provider.origin(),
        Wire::OpenAi | Wire::Responses | Wire::Gemini => provider.base_url(),
    }
}

/// The vendor to choose in the window, as it is called there.
pub fn vendor(wire: Wire) -> &'static str {
    match wire {
        Wire::OpenAi => "OpenAI-compatible",
        Wire::Responses => "OpenAI",
        Wire::Anthropic => "Anthropic",
        Wire::Gemini => "Google Gemini",
        Wire::Ollama => "Ollama",
    }
}

/// What comes before the steps on a machine without a keyring: a sealed file for the key, and its passphrase.
pub const WITHOUT_KEYRING: &str =
    "husting secrets file --new && read -rs HUSTING_PASSPHRASE && export HUSTING_PASSPHRASE";

/// What is done next with a provider, each step with its line for a shell.
pub fn steps(wire: Wire, provider: &FakeProvider) -> Vec<(&'static str, String)> {
    let kind = match wire {
        Wire::OpenAi => "openai-compatible",
        Wire::Responses => "openai",
        Wire::Anthropic => "anthropic",
        Wire::Gemini => "gemini",
        Wire::Ollama => "ollama",
    };
    let address = address(wire, provider);
    let put = |model| format!("husting models add {model} --provider sandbox");
    let priced = |model| format!("husting models price {model} --in 1 --out 5");
    let panel = MODELS.join(",");
    vec![
        (
            "Add it",
            format!(
                "printf sk-sandbox-0123456789 | husting provider add sandbox --kind {kind} --base-url {address} --key-stdin"
            ),
        ),
        ("List its models", MODELS.map(put).join(" && ")),
        ("Price them", MODELS.map(priced).join(" && ")),
        (
            "Ask them",
            format!(
                "husting deliberate \"Should we use Postgres or MongoDB?\" --models {panel} --follow"
            ),
        ),
    ]
}
