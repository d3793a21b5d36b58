//! An answer as `GenerateContentResponse`s: thoughts and text are parts, told apart by a flag. Every
//! chunk has the figures so far; the last one says why the answer ended.

use serde_json::{Value, json};

use crate::{
    asked::Asked,
    script::Options,
    speech::{Frame, Speech, Stop},
    tokens::Usage,
};

pub(crate) struct Chunks {
    id: String,
    model: String,
    options: Options,
    /// What the prompt alone is counted for.
    prompt: Usage,
}

impl Chunks {
    pub(crate) fn new(asked: &Asked, options: &Options, number: usize) -> Self {
        Chunks {
            id: format!("fake{number:08}"),
            model: asked.model().to_owned(),
            options: options.clone(),
            prompt: Usage::default(),
        }
    }

    fn chunk(&self, parts: Value, finish: Option<&str>, usage: Usage) -> Value {
        let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
        if let Some(reason) = finish {
            candidate["finishReason"] = json!(reason);
        }
        let mut chunk = json!({
            "candidates": [candidate],
            "modelVersion": self.model,
            "responseId": self.id,
        });
        if !self.options.omit_usage {
            chunk["usageMetadata"] = usage_object(usage, finish.is_some());
        }
        chunk
    }

    fn frame(&self, data: &Value) -> Frame {
        self.options.line_end.data(&data.to_string())
    }
}

impl Speech for Chunks {
    fn open(&mut self, usage: Usage) -> Vec<Frame> {
        self.prompt = usage;
        Vec::new()
    }

    fn reasoning(&mut self, piece: &str) -> Vec<Frame> {
        let parts = json!([{"text": piece, "thought": true}]);
        vec![self.frame(&self.chunk(parts, None, self.prompt))]
    }

    fn text(&mut self, piece: &str) -> Vec<Frame> {
        vec![self.frame(&self.chunk(json!([{ "text": piece }]), None, self.prompt))]
    }

    /// The vendor has none; an empty part comes near it.
    fn ping(&self) -> Frame {
        self.frame(&self.chunk(json!([{"text": ""}]), None, self.prompt))
    }

    fn close(&mut self, stop: Stop, usage: Usage) -> Vec<Frame> {
        let parts = json!([{"text": ""}]);
        vec![self.frame(&self.chunk(parts, Some(finish_reason(stop)), usage))]
    }

    fn error(&self) -> Frame {
        let said = "The model is overloaded. Please try again later.";
        self.frame(&json!({"error": {"code": 503, "message": said, "status": "UNAVAILABLE"}}))
    }

    fn broken(&self) -> Frame {
        let whole = self
            .chunk(json!([{"text": "cut"}]), None, self.prompt)
            .to_string();
        self.options.line_end.data(&whole[..whole.len() - 20])
    }

    fn whole(&self, reasoning: &str, text: &str, stop: Option<Stop>, usage: Usage) -> Value {
        let mut parts = Vec::new();
        if !reasoning.is_empty() {
            parts.push(json!({"text": reasoning, "thought": true}));
        }
        parts.push(json!({ "text": text }));
        self.chunk(json!(parts), stop.map(finish_reason), usage)
    }
}

fn finish_reason(stop: Stop) -> &'static str {
    match stop {
        Stop::End => "STOP",
        Stop::Length => "MAX_TOKENS",
    }
}

/// Names of what there is nothing of are left out.
fn usage_object(usage: Usage, is_last: bool) -> Value {
    let mut counts = json!({"promptTokenCount": usage.input});
    if usage.cache_read > 0 {
        counts["cachedContentTokenCount"] = json!(usage.cache_read);
    }
    if is_last {
        counts["candidatesTokenCount"] = json!(usage.output - usage.reasoning.min(usage.output));
        if usage.reasoning > 0 {
            counts["thoughtsTokenCount"] = json!(usage.reasoning);
        }
        counts["totalTokenCount"] = json!(usage.input + usage.output);
    }
    counts
}
