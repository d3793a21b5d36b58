//! An answer as chunks of a chat completion. The usage comes in a last chunk without choices, and only
//! where `stream_options.include_usage` asks for it; then every other chunk carries `"usage":null`.

use serde_json::{Map, Value, json};

use crate::{
    asked::Asked,
    script::Options,
    speech::{Frame, Speech, Stop},
    tokens::Usage,
};

use super::CREATED;

const DONE: &str = "[DONE]";

pub(crate) struct Chunks {
    id: String,
    model: String,
    with_usage: bool,
    options: Options,
}

impl Chunks {
    pub(crate) fn new(asked: &Asked, options: &Options, number: usize) -> Self {
        Chunks {
            id: format!("chatcmpl-fake{number:08}"),
            model: asked.model().to_owned(),
            with_usage: asked.reading.include_usage && !options.omit_usage,
            options: options.clone(),
        }
    }

    fn head(&self, object: &str) -> Map<String, Value> {
        let mut head = Map::new();
        head.insert("id".into(), json!(self.id));
        head.insert("object".into(), json!(object));
        head.insert("created".into(), json!(CREATED));
        head.insert("model".into(), json!(self.model));
        head.insert("service_tier".into(), json!("default"));
        head.insert("system_fingerprint".into(), json!("fp_fake"));
        head
    }

    fn chunk(&self, choices: Value, usage: Option<Value>) -> String {
        let mut chunk = self.head("chat.completion.chunk");
        chunk.insert("choices".into(), choices);
        if self.with_usage {
            chunk.insert("usage".into(), usage.unwrap_or(Value::Null));
        }
        Value::Object(chunk).to_string()
    }

    fn delta(&self, delta: Value, finish: Option<&str>) -> String {
        self.chunk(
            json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]),
            None,
        )
    }

    fn frame(&self, data: &str) -> Frame {
        self.options.line_end.data(data)
    }
}

impl Speech for Chunks {
    fn open(&mut self, _usage: Usage) -> Vec<Frame> {
        vec![self.frame(&self.delta(
            json!({"role": "assistant", "content": "", "refusal": null}),
            None,
        ))]
    }

    fn reasoning(&mut self, piece: &str) -> Vec<Frame> {
        let mut delta = Map::new();
        delta.insert("content".into(), Value::Null);
        delta.insert(self.options.reasoning_field.clone(), json!(piece));
        vec![self.frame(&self.delta(Value::Object(delta), None))]
    }

    fn text(&mut self, piece: &str) -> Vec<Frame> {
        vec![self.frame(&self.delta(json!({"content": piece}), None))]
    }

    fn ping(&self) -> Frame {
        self.options.line_end.comment(&self.options.ping_comment)
    }

    fn close(&mut self, stop: Stop, usage: Usage) -> Vec<Frame> {
        let mut frames = vec![self.frame(&self.delta(json!({}), Some(finish_reason(stop))))];
        if self.with_usage {
            frames.push(self.frame(&self.chunk(json!([]), Some(usage_object(usage)))));
        }
        if !self.options.omit_done {
            frames.push(self.frame(DONE));
        }
        frames
    }

    fn error(&self) -> Frame {
        let mut chunk = self.head("chat.completion.chunk");
        chunk.insert(
            "error".into(),
            json!({"code": "server_error", "message": "The provider stopped unexpectedly."}),
        );
        chunk.insert(
            "choices".into(),
            json!([{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]),
        );
        self.frame(&Value::Object(chunk).to_string())
    }

    fn broken(&self) -> Frame {
        let whole = self.delta(json!({"content": "cut"}), None);
        self.frame(&whole[..whole.len() - 20])
    }

    fn whole(&self, reasoning: &str, text: &str, stop: Option<Stop>, usage: Usage) -> Value {
        let mut message =
            json!({"role": "assistant", "content": text, "refusal": null, "annotations": []});
        if !reasoning.is_empty() {
            message[&self.options.reasoning_field] = json!(reasoning);
        }
        let mut body = self.head("chat.completion");
        let finish = stop.map(finish_reason);
        body.insert(
            "choices".into(),
            json!([{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}]),
        );
        if !self.options.omit_usage {
            body.insert("usage".into(), usage_object(usage));
        }
        Value::Object(body)
    }
}

fn finish_reason(stop: Stop) -> &'static str {
    match stop {
        Stop::End => "stop",
        Stop::Length => "length",
    }
}

fn usage_object(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}
