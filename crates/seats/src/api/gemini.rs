//! The Gemini wire.
//!
//! Request and stream: <https://ai.google.dev/api/generate-content>; structured output:
//! <https://ai.google.dev/gemini-api/docs/structured-output>; prompts that begin alike are cached
//! without a request: <https://ai.google.dev/gemini-api/docs/caching>; how long a model thinks:
//! <https://ai.google.dev/gemini-api/docs/thinking>.

use husting_domain::calls::is_of_a_filter;
use husting_domain::exchange::{Message, Prompt, Role};
use husting_domain::money::Usage;
use serde::Deserialize;
use serde_json::{Value, json};

use super::dialect::Extras;
use super::reading::{Broken, Reader, Told};

/// Tokens of thought before data: the least that every model which thinks takes.
const THOUGHTS: u64 = 512;

/// The body of a request; the model stands in its address.
pub(super) fn body(prompt: &Prompt, extras: Extras) -> Value {
    let mut body = json!({});
    if !prompt.system.is_empty() {
        body["systemInstruction"] = json!({"parts": [{"text": prompt.system}]});
    }
    let contents: Vec<Value> = prompt.messages.iter().map(content).collect();
    body["contents"] = json!(contents);
    let mut config = json!({"maxOutputTokens": prompt.max_output_tokens});
    if extras.brevity && prompt.shape.schema().is_some() {
        config["thinkingConfig"] = json!({"thinkingBudget": THOUGHTS});
    }
    if extras.schema
        && let Some((_, schema)) = prompt.shape.schema()
    {
        config["responseMimeType"] = json!("application/json");
        config["responseJsonSchema"] = schema;
    }
    body["generationConfig"] = config;
    body
}

fn content(message: &Message) -> Value {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "model",
    };
    json!({"role": role, "parts": [{"text": message.text}]})
}

/// Reads `GenerateContentResponse`s.
#[derive(Default)]
pub(super) struct Chunks;

impl Reader for Chunks {
    fn read(&mut self, data: &str, told: &mut Told) -> Result<String, Broken> {
        let chunk: Chunk = serde_json::from_str(data)?;
        if let Some(error) = chunk.error {
            return Err(Broken::Reported(error));
        }
        let candidate = chunk.candidates.unwrap_or_default().into_iter().next();
        let reason = candidate.as_ref().and_then(|one| one.finish_reason.clone());
        if let Some(counted) = chunk.usage_metadata {
            // Every chunk counts what was said so far, the last one all of it.
            (told.usage, told.usage_is_final) = (Some(counted.usage()), reason.is_some());
        }
        if let Some(blocked) = chunk.prompt_feedback.and_then(|told| told.block_reason) {
            return Err(Broken::Blocked(blocked));
        }
        if let Some(reason) = reason {
            told.is_partial = reason == "MAX_TOKENS" || is_of_a_filter(&reason);
            told.finish_reason = Some(reason);
        }
        let content = candidate.and_then(|one| one.content).unwrap_or_default();
        let parts = content.parts.unwrap_or_default().into_iter();
        let said = parts.filter(|part| !part.thought);
        Ok(said.filter_map(|part| part.text).collect())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk {
    candidates: Option<Vec<Candidate>>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<Counted>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Content {
    parts: Option<Vec<Part>>,
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
    /// The model thinks aloud.
    #[serde(default)]
    thought: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    #[serde(default)]
    prompt_token_count: u64,
    #[serde(default)]
    candidates_token_count: u64,
    #[serde(default)]
    thoughts_token_count: u64,
    #[serde(default)]
    cached_content_token_count: u64,
}

impl Counted {
    /// `promptTokenCount` counts the cached ones too; thoughts are paid as output and stand apart.
    fn usage(self) -> Usage {
        let cache_read = self.cached_content_token_count.min(self.prompt_token_count);
        Usage {
            input: self.prompt_token_count - cache_read,
            cache_read,
            output: self
                .candidates_token_count
                .saturating_add(self.thoughts_token_count),
            ..Usage::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: Value) -> (Result<String, Broken>, Told) {
        let mut told = Told::default();
        (Chunks.read(&data.to_string(), &mut told), told)
    }

    #[test]
    fn thoughts_are_paid_and_not_said() {
        let parts = json!([{"text": "Hm.", "thought": true}, {"text": "Yes"}, {"text": "."}]);
        let (words, told) = read(json!({
            "candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 10, "cachedContentTokenCount": 4,
                "candidatesTokenCount": 2, "thoughtsTokenCount": 5, "totalTokenCount": 17},
        }));
        assert_eq!(words, Ok("Yes.".to_owned()));
        assert_eq!(told.finish_reason.as_deref(), Some("STOP"));
        let usage = told.usage.unwrap();
        assert_eq!((usage.input, usage.cache_read, usage.output), (6, 4, 7));
        assert!(told.usage_is_final && !told.is_partial);
    }

    #[test]
    fn an_answer_that_was_cut_by_its_cap_or_by_a_filter_is_partial() {
        for (reason, is_partial) in [
            ("STOP", false),
            ("MAX_TOKENS", true),
            ("SAFETY", true),
            ("RECITATION", true),
            ("PROHIBITED_CONTENT", true),
        ] {
            let (_, told) = read(json!({"candidates": [{"finishReason": reason}]}));
            assert_eq!(told.is_partial, is_partial, "{reason}");
            assert_eq!(told.finish_reason.as_deref(), Some(reason));
        }
    }

    #[test]
    fn figures_on_the_way_are_not_the_last() {
        let (_, told) = read(json!({
            "candidates": [{"content": {"parts": [{"text": "Y"}]}}],
            "usageMetadata": {"promptTokenCount": 10},
        }));
        assert!(told.usage.is_some() && !told.usage_is_final && told.finish_reason.is_none());
    }

    #[test]
    fn a_blocked_prompt_says_why() {
        let blocked = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 9}});
        let (words, told) = read(blocked);
        assert_eq!(words, Err(Broken::Blocked("PROHIBITED_CONTENT".to_owned())));
        assert_eq!(told.usage.unwrap().input, 9);
    }
}
