//! Ollama's own wire.
//!
//! Request and stream: <https://docs.ollama.com/api/chat>; structured outputs:
//! <https://docs.ollama.com/capabilities/structured-outputs>; the context's length:
//! <https://docs.ollama.com/context-length>.

use husting_domain::exchange::{Message, Prompt, Role};
use husting_domain::money::{Usage, tokens_from_above};
use serde::Deserialize;
use serde_json::{Value, json};

use super::dialect::Extras;
use super::reading::{Broken, Reader, Told};

/// Tokens that a chat template puts around a message, taken high.
const AROUND_A_MESSAGE: u64 = 16;

const SMALLEST_WINDOW: u64 = 4_096;

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
        "options": {"num_predict": prompt.max_output_tokens, "num_ctx": window(prompt)},
        // A context that does not fit is refused: nobody's words are cut silently, neither before
        // the answer nor while it grows.
        "truncate": false,
        "shift": false,
    });
    if extras.schema
        && let Some((_, schema)) = prompt.shape.schema()
    {
        body["format"] = schema;
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

/// Tokens that prompt and answer need at the most. A power of two, since the server loads the model
/// anew for every other length; it never goes beyond what the model was made for.
fn window(prompt: &Prompt) -> u64 {
    let around = AROUND_A_MESSAGE.saturating_mul(prompt.messages.len() as u64 + 1);
    tokens_from_above(prompt.bytes())
        .saturating_add(around)
        .saturating_add(prompt.max_output_tokens)
        .max(SMALLEST_WINDOW)
        .checked_next_power_of_two()
        .unwrap_or(u64::MAX)
}

/// Reads the lines of an answer.
#[derive(Default)]
pub(super) struct Lines;

impl Reader for Lines {
    fn read(&mut self, data: &str, told: &mut Told) -> Result<String, Broken> {
        let line: Line = serde_json::from_str(data)?;
        if let Some(error) = line.error {
            return Err(Broken::Reported(json!({ "message": error })));
        }
        // Before it writes a word the server may tell that it loads the model, and that is all.
        if line.done && !matches!(line.done_reason.as_deref(), Some("load" | "unload")) {
            told.usage = line.usage();
            told.usage_is_final = told.usage.is_some();
            let reason = line.done_reason.unwrap_or_else(|| "stop".to_owned());
            told.is_partial = reason == "length";
            told.finish_reason = Some(reason);
            told.is_over = true;
        }
        // Thinking stands in a member of its own.
        Ok(line
            .message
            .and_then(|said| said.content)
            .unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct Line {
    message: Option<Said>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
}

impl Line {
    fn usage(&self) -> Option<Usage> {
        (self.prompt_eval_count.is_some() || self.eval_count.is_some()).then(|| Usage {
            input: self.prompt_eval_count.unwrap_or(0),
            output: self.eval_count.unwrap_or(0),
            ..Usage::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_domain::exchange::AnswerShape;

    fn prompt(bytes: usize, max_output_tokens: u64) -> Prompt {
        let message = Message {
            role: Role::User,
            text: "x".repeat(bytes),
            cache_until_here: false,
        };
        Prompt {
            system: String::new(),
            messages: vec![message],
            shape: AnswerShape::Prose,
            max_output_tokens,
        }
    }

    #[test]
    fn the_window_holds_prompt_and_answer_and_seldom_changes() {
        assert_eq!(window(&prompt(10, 512)), 4_096);
        // 20,000 / 2 + 5 % = 10,500, and 8,192 for the answer.
        assert_eq!(window(&prompt(20_000, 8_192)), 32_768);
        assert_eq!(window(&prompt(22_000, 8_192)), 32_768);
        assert_eq!(window(&prompt(10, u64::MAX)), u64::MAX);
    }

    #[test]
    fn an_older_server_names_no_reason() {
        let mut told = Told::default();
        let words = Lines.read(
            r#"{"message":{"content":"."},"done":true,"eval_count":3}"#,
            &mut told,
        );
        assert_eq!(words, Ok(".".to_owned()));
        assert_eq!(told.finish_reason.as_deref(), Some("stop"));
        assert_eq!(told.usage.map(|usage| usage.output), Some(3));
    }

    #[test]
    fn a_loaded_model_has_not_answered_yet() {
        let mut told = Told::default();
        let line = r#"{"message":{"content":""},"done":true,"done_reason":"load"}"#;
        assert_eq!(Lines.read(line, &mut told), Ok(String::new()));
        assert_eq!(told, Told::default());
    }
}
