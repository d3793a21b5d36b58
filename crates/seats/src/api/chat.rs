//! The chat-completions wire, as OpenAI made it and others imitate it.
//!
//! Request and stream: <https://platform.openai.com/docs/api-reference/chat/create>,
//! <https://platform.openai.com/docs/api-reference/chat-streaming>; structured outputs:
//! <https://platform.openai.com/docs/guides/structured-outputs>; prompt caching needs no request:
//! <https://platform.openai.com/docs/guides/prompt-caching>.

use husting_domain::calls::is_of_a_filter;
use husting_domain::exchange::{Message, Prompt, Role};
use husting_domain::money::Usage;
use serde::Deserialize;
use serde_json::{Value, json};

use super::dialect::Extras;
use super::reading::{Broken, Reader, Told};

/// The body of a request.
pub(super) fn body(model: &str, prompt: &Prompt, extras: Extras) -> Value {
    let system = json!({"role": "system", "content": prompt.system});
    let system = (!prompt.system.is_empty()).then_some(system);
    let messages: Vec<Value> = system
        .into_iter()
        .chain(prompt.messages.iter().map(message))
        .collect();
    let mut body = json!({
        "model": model,
        "messages": messages,
        "stream": true,
        // OpenAI has another name for it by now, which its imitations do not all know.
        "max_tokens": prompt.max_output_tokens,
    });
    if extras.usage {
        body["stream_options"] = json!({"include_usage": true});
    }
    if extras.schema
        && let Some((name, schema)) = prompt.shape.schema()
    {
        let schema = json!({"name": name, "strict": true, "schema": schema});
        body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
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

/// Reads `chat.completion.chunk`s.
#[derive(Default)]
pub(super) struct Chunks;

impl Reader for Chunks {
    fn read(&mut self, data: &str, told: &mut Told) -> Result<String, Broken> {
        if data.trim() == "[DONE]" {
            told.is_over = true;
            return Ok(String::new());
        }
        let chunk: Chunk = serde_json::from_str(data)?;
        if let Some(error) = chunk.error {
            return Err(Broken::Reported(error));
        }
        if let Some(counted) = chunk.usage {
            (told.usage, told.usage_is_final) = (Some(counted.usage()), true);
        }
        // One choice is asked for.
        let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() else {
            return Ok(String::new());
        };
        if let Some(reason) = choice.finish_reason {
            told.is_partial = reason == "length" || is_of_a_filter(&reason);
            told.finish_reason = Some(reason);
        }
        let delta = choice.delta.unwrap_or_default();
        // A refusal is what the model has to say, in a member of its own.
        Ok(delta.content.unwrap_or_default() + &delta.refusal.unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Counted>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
    total_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Default, Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
    /// OpenRouter's, for the vendors that charge for it.
    cache_write_tokens: Option<u64>,
}

impl Counted {
    /// `prompt_tokens` counts the cached ones too. What was reasoned is in `completion_tokens` at most
    /// vendors, and beside it at xAI, where only the total holds it.
    /// <https://docs.x.ai/docs/key-information/consumption-and-rate-limits>
    fn usage(self) -> Usage {
        let rest = self
            .total_tokens
            .unwrap_or(0)
            .saturating_sub(self.prompt_tokens);
        let details = self.prompt_tokens_details.unwrap_or_default();
        let cache_read = details.cached_tokens.unwrap_or(0).min(self.prompt_tokens);
        let cache_write = details
            .cache_write_tokens
            .unwrap_or(0)
            .min(self.prompt_tokens - cache_read);
        let input = self.prompt_tokens - cache_read - cache_write;
        Usage {
            input,
            cache_read,
            cache_write,
            output: self.completion_tokens.max(rest),
            estimated: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_are_counted_once() {
        let mut told = Told::default();
        let data = r#"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}}"#;
        assert_eq!(Chunks.read(data, &mut told), Ok(String::new()));
        assert_eq!(
            told.usage,
            Some(Usage {
                input: 6,
                cache_read: 4,
                output: 3,
                ..Usage::default()
            })
        );
    }

    #[test]
    fn an_answer_that_was_cut_by_its_cap_or_by_the_filter_is_partial() {
        for (reason, is_partial) in [("stop", false), ("length", true), ("content_filter", true)] {
            let mut told = Told::default();
            let data = format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}"}}]}}"#);
            assert_eq!(Chunks.read(&data, &mut told), Ok(String::new()));
            assert_eq!(told.is_partial, is_partial, "{reason}");
            assert_eq!(told.finish_reason.as_deref(), Some(reason));
        }
    }

    #[test]
    fn what_was_reasoned_is_counted_where_only_the_total_holds_it() {
        let of = |usage: &str| {
            let mut told = Told::default();
            let data = format!(r#"{{"choices":[],"usage":{usage}}}"#);
            Chunks.read(&data, &mut told).unwrap();
            told.usage.unwrap().output
        };
        // 32 read, 9 said, 94 thought.
        let beside = r#"{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135}"#;
        assert_eq!(of(beside), 103);
        let within = r#"{"prompt_tokens":32,"completion_tokens":103,"total_tokens":135}"#;
        assert_eq!(of(within), 103);
    }
}
