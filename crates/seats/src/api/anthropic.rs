//! The Messages wire.
//!
//! Request: <https://docs.claude.com/en/api/messages>; stream:
//! <https://platform.claude.com/docs/en/build-with-claude/streaming>; prompt caching:
//! <https://docs.claude.com/en/docs/build-with-claude/prompt-caching>. An answer of a given shape is
//! asked for as the input of a tool that must be used, which every model on this wire takes:
//! <https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use>.

use husting_domain::calls::is_of_a_filter;
use husting_domain::exchange::{Message, Prompt, Role};
use husting_domain::money::Usage;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reading::{Broken, Reader, Told};

/// Cache breakpoints a request may have.
const BREAKPOINTS: usize = 4;

/// The body of a request.
pub(super) fn body(model: &str, prompt: &Prompt) -> Value {
    let marked = prompt
        .messages
        .iter()
        .filter(|message| message.cache_until_here)
        .count();
    // Of too many marks the last ones reach furthest.
    let mut unmarked = marked.saturating_sub(BREAKPOINTS);
    let messages: Vec<Value> = prompt
        .messages
        .iter()
        .map(|given| message(given, &mut unmarked))
        .collect();
    let mut body = json!({
        "model": model,
        "max_tokens": prompt.max_output_tokens,
        "messages": messages,
        "stream": true,
    });
    // An empty block of text would be refused.
    if !prompt.system.is_empty() {
        body["system"] = json!(prompt.system);
    }
    if let Some((name, schema)) = prompt.shape.schema() {
        let (tool, about) = (format!("give_{name}"), "Gives the whole answer.");
        body["tools"] = json!([{"name": tool, "description": about, "input_schema": schema}]);
        body["tool_choice"] = json!({"type": "tool", "name": tool});
    }
    body
}

fn message(message: &Message, unmarked: &mut usize) -> Value {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let mut block = json!({"type": "text", "text": message.text});
    if message.cache_until_here {
        match unmarked.checked_sub(1) {
            Some(left) => *unmarked = left,
            None => block["cache_control"] = json!({"type": "ephemeral"}),
        }
    }
    json!({"role": role, "content": [block]})
}

/// Reads the events of a message.
#[derive(Default)]
pub(super) struct Events;

impl Reader for Events {
    fn read(&mut self, data: &str, told: &mut Told) -> Result<String, Broken> {
        match serde_json::from_str(data)? {
            Event::MessageStart { message } => {
                told.usage = message.usage.map(|counted| counted.over(Usage::default()));
            }
            Event::ContentBlockDelta { delta } => return Ok(delta.words()),
            Event::MessageDelta { delta, usage } => {
                if let Some(counted) = usage {
                    told.usage = Some(counted.over(told.usage.unwrap_or_default()));
                    told.usage_is_final = true;
                }
                if let Some(reason) = delta.stop_reason {
                    told.is_partial = matches!(
                        reason.as_str(),
                        "max_tokens" | "model_context_window_exceeded"
                    ) || is_of_a_filter(&reason);
                    told.finish_reason = Some(reason);
                }
            }
            Event::MessageStop => told.is_over = true,
            Event::Error { error } => return Err(Broken::Reported(error)),
            Event::Other => {}
        }
        Ok(String::new())
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Started,
    },
    ContentBlockDelta {
        delta: Delta,
    },
    MessageDelta {
        delta: Ending,
        usage: Option<Counted>,
    },
    MessageStop,
    Error {
        error: Value,
    },
    /// Pings, the borders of blocks, and whatever the vendor adds, as its page asks of clients.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Started {
    usage: Option<Counted>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    ToolInput { partial_json: String },
    /// Thinking and its signature.
    #[serde(other)]
    Other,
}

impl Delta {
    fn words(self) -> String {
        match self {
            Self::Text { text } => text,
            Self::ToolInput { partial_json } => partial_json,
            Self::Other => String::new(),
        }
    }
}

#[derive(Deserialize)]
struct Ending {
    stop_reason: Option<String>,
}

/// Counts so far; later ones take the place of earlier ones.
#[derive(Deserialize)]
struct Counted {
    input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl Counted {
    /// `input_tokens` counts the uncached ones alone.
    fn over(self, earlier: Usage) -> Usage {
        Usage {
            input: self.input_tokens.unwrap_or(earlier.input),
            cache_read: self.cache_read_input_tokens.unwrap_or(earlier.cache_read),
            cache_write: self
                .cache_creation_input_tokens
                .unwrap_or(earlier.cache_write),
            output: self.output_tokens.unwrap_or(earlier.output),
            estimated: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_domain::exchange::AnswerShape;

    #[test]
    fn only_the_last_four_marks_are_sent() {
        let message = |n: usize| Message {
            role: Role::User,
            text: n.to_string(),
            cache_until_here: n != 2,
        };
        let prompt = Prompt {
            system: String::new(),
            messages: (0..7).map(message).collect(),
            shape: AnswerShape::Prose,
            max_output_tokens: 1,
        };
        let body = body("m", &prompt);
        let marked = |n: usize| {
            body["messages"][n]["content"][0]
                .get("cache_control")
                .is_some()
        };
        assert_eq!(
            (0..7).filter(|n| marked(*n)).collect::<Vec<_>>(),
            [3, 4, 5, 6]
        );
        assert!(body.get("system").is_none());
    }

    #[test]
    fn counts_grow_over_the_stream() {
        let mut told = Told::default();
        let start = r#"{"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":7,"output_tokens":1}}}"#;
        let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#;
        assert_eq!(Events.read(start, &mut told), Ok(String::new()));
        assert!(!told.usage_is_final);
        assert_eq!(Events.read(end, &mut told), Ok(String::new()));
        assert_eq!(
            told.usage,
            Some(Usage {
                input: 5,
                cache_read: 7,
                output: 9,
                ..Usage::default()
            })
        );
    }

    #[test]
    fn an_answer_that_was_cut_by_its_cap_by_the_window_or_by_a_filter_is_partial() {
        for (reason, is_partial) in [
            ("end_turn", false),
            ("max_tokens", true),
            ("model_context_window_exceeded", true),
            ("refusal", true),
        ] {
            let mut told = Told::default();
            let end = json!({"type": "message_delta", "delta": {"stop_reason": reason}});
            assert_eq!(Events.read(&end.to_string(), &mut told), Ok(String::new()));
            assert_eq!(told.is_partial, is_partial, "{reason}");
            assert_eq!(told.finish_reason.as_deref(), Some(reason));
        }
    }

    #[test]
    fn an_event_of_the_future_is_no_error() {
        assert_eq!(
            Events.read(r#"{"type":"applause","volume":11}"#, &mut Told::default()),
            Ok(String::new())
        );
    }
}
