//! The Responses wire, as OpenAI serves it.
//!
//! Request: <https://platform.openai.com/docs/api-reference/responses/create>; stream:
//! <https://platform.openai.com/docs/api-reference/responses-streaming>; structured outputs:
//! <https://platform.openai.com/docs/guides/structured-outputs>; prompt caching, which a key of its
//! own helps to find again: <https://platform.openai.com/docs/guides/prompt-caching>; how long a model
//! thinks: <https://platform.openai.com/docs/guides/reasoning>.

use std::hash::{DefaultHasher, Hash, Hasher};

use husting_domain::calls::is_of_a_filter;
use husting_domain::exchange::{Message, Prompt, Role};
use husting_domain::money::Usage;
use serde::Deserialize;
use serde_json::{Value, json};

use super::dialect::Extras;
use super::reading::{Broken, Reader, Told};

/// The vendor refuses a lower limit on tokens.
const LEAST_OUTPUT: u64 = 16;

/// The body of a request.
pub(super) fn body(model: &str, prompt: &Prompt, extras: Extras) -> Value {
    let input: Vec<Value> = prompt.messages.iter().map(message).collect();
    let mut body = json!({
        "model": model,
        "input": input,
        "stream": true,
        // Nobody's words stay with the vendor for a later call to refer to.
        "store": false,
        "max_output_tokens": prompt.max_output_tokens.max(LEAST_OUTPUT),
    });
    if !prompt.system.is_empty() {
        body["instructions"] = json!(prompt.system);
    }
    if extras.cache_key {
        body["prompt_cache_key"] = json!(cache_key(prompt));
    }
    if extras.brevity && prompt.shape.schema().is_some() {
        body["reasoning"] = json!({"effort": "low"});
    }
    if extras.schema
        && let Some((name, schema)) = prompt.shape.schema()
    {
        let format = json!({"type": "json_schema", "name": name, "strict": true, "schema": schema});
        body["text"] = json!({"format": format});
    }
    body
}

fn message(message: &Message) -> Value {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    json!({"role": role, "content": message.text})
}

/// The same for every call whose prompt begins alike: all of a seat's calls in one session, since
/// the fences of the first message are that seat's and session's own.
fn cache_key(prompt: &Prompt) -> String {
    let mut hasher = DefaultHasher::new();
    prompt.system.hash(&mut hasher);
    prompt
        .messages
        .first()
        .map(|first| &first.text)
        .hash(&mut hasher);
    format!("husting-{:016x}", hasher.finish())
}

/// Reads the events of a response.
#[derive(Default)]
pub(super) struct Events;

impl Reader for Events {
    fn read(&mut self, data: &str, told: &mut Told) -> Result<String, Broken> {
        // Not the vendor's, but some imitations end with it.
        if data.trim() == "[DONE]" {
            return Ok(String::new());
        }
        match serde_json::from_str(data)? {
            Event::Text { delta } | Event::Refusal { delta } => return Ok(delta),
            Event::Completed { response } => end(told, response, "completed"),
            Event::Incomplete { response } => end(told, response, "incomplete"),
            Event::Failed { response } => {
                count(told, response.usage);
                return Err(Broken::Reported(response.error.unwrap_or_default()));
            }
            Event::Error { error, rest } => {
                return Err(Broken::Reported(error.unwrap_or(rest)));
            }
            Event::Other => {}
        }
        Ok(String::new())
    }
}

fn end(told: &mut Told, response: Response, word: &str) {
    count(told, response.usage);
    let reason = response.incomplete_details.and_then(|why| why.reason);
    let reason = reason.unwrap_or_else(|| word.to_owned());
    told.is_partial = reason == "max_output_tokens" || is_of_a_filter(&reason);
    told.finish_reason = Some(reason);
    told.is_over = true;
}

fn count(told: &mut Told, counted: Option<Counted>) {
    if let Some(counted) = counted {
        (told.usage, told.usage_is_final) = (Some(counted.usage()), true);
    }
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Event {
    #[serde(rename = "response.output_text.delta")]
    Text { delta: String },
    /// What the model has to say instead.
    #[serde(rename = "response.refusal.delta")]
    Refusal { delta: String },
    #[serde(rename = "response.completed")]
    Completed { response: Response },
    #[serde(rename = "response.incomplete")]
    Incomplete { response: Response },
    #[serde(rename = "response.failed")]
    Failed { response: Response },
    /// The vendor's stands in the event itself, others nest it.
    #[serde(rename = "error")]
    Error {
        error: Option<Value>,
        #[serde(flatten)]
        rest: Value,
    },
    /// Reasoning, the borders of items and parts, and whatever the vendor adds.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Response {
    usage: Option<Counted>,
    error: Option<Value>,
    incomplete_details: Option<Incomplete>,
}

#[derive(Deserialize)]
struct Incomplete {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    input_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

impl Counted {
    /// `input_tokens` counts the cached ones too, `output_tokens` those of reasoning.
    fn usage(self) -> Usage {
        let cached = self
            .input_tokens_details
            .and_then(|in_it| in_it.cached_tokens);
        let cache_read = cached.unwrap_or(0).min(self.input_tokens);
        Usage {
            input: self.input_tokens - cache_read,
            cache_read,
            output: self.output_tokens,
            ..Usage::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: Value) -> (Result<String, Broken>, Told) {
        let mut told = Told::default();
        (Events.read(&data.to_string(), &mut told), told)
    }

    #[test]
    fn a_refusal_is_what_the_model_says() {
        let (words, told) = read(json!({"type": "response.refusal.delta", "delta": "No."}));
        assert_eq!((words, told), (Ok("No.".to_owned()), Told::default()));
    }

    #[test]
    fn an_answer_ends_with_its_figures_and_its_reason() {
        let usage = json!({"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 3});
        let (_, told) = read(json!({"type": "response.completed", "response": {"usage": usage}}));
        assert_eq!(
            (told.finish_reason.as_deref(), told.is_partial),
            (Some("completed"), false)
        );
        let usage = told.usage.unwrap();
        assert_eq!((usage.input, usage.cache_read, usage.output), (6, 4, 3));
        for reason in ["max_output_tokens", "content_filter"] {
            let response = json!({"incomplete_details": {"reason": reason}});
            let (_, told) = read(json!({"type": "response.incomplete", "response": response}));
            assert_eq!(told.finish_reason.as_deref(), Some(reason));
            assert!(told.is_partial && told.is_over, "{reason}");
        }
    }

    #[test]
    fn a_failure_is_reported_in_both_places() {
        let error = json!({"code": "server_error", "message": "No."});
        let failed = json!({"type": "response.failed", "response": {"error": error}});
        assert_eq!(read(failed).0, Err(Broken::Reported(error.clone())));
        let event = json!({"type": "error", "code": "server_error", "message": "No."});
        assert_eq!(read(event).0, Err(Broken::Reported(error)));
    }

    #[test]
    fn an_event_of_the_future_is_no_error() {
        let event = json!({"type": "response.applause.delta", "delta": "clap"});
        assert_eq!(read(event), (Ok(String::new()), Told::default()));
    }
}
