//! An answer as events of a message: thinking, text or a tool's input, each in a content block of its
//! own. Counts in `message_delta` are cumulative.

use serde_json::{Value, json};

use crate::{
    asked::Asked,
    script::Options,
    speech::{Frame, Speech, Stop},
    tokens::Usage,
};

/// What the vendor signs its thinking with; opaque to clients.
const SIGNATURE: &str = "ZmFrZSBzaWduYXR1cmU=";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Thinking,
    Answer,
}

pub(crate) struct Events {
    number: usize,
    model: String,
    tool: Option<String>,
    options: Options,
    block: Option<Block>,
    index: usize,
}

impl Events {
    pub(crate) fn new(asked: &Asked, options: &Options, number: usize) -> Self {
        Events {
            number,
            model: asked.model().to_owned(),
            tool: asked.reading.forced_tool.clone(),
            options: options.clone(),
            block: None,
            index: 0,
        }
    }

    fn frame(&self, name: &str, mut data: Value) -> Frame {
        let mut whole = json!({"type": name});
        if let (Some(whole), Some(data)) = (whole.as_object_mut(), data.as_object_mut()) {
            whole.append(data);
        }
        self.options.line_end.event(name, &whole.to_string())
    }

    fn message(&self, content: Value, stop: Value, usage: Option<Value>) -> Value {
        let mut message = json!({
            "id": format!("msg_fake{:08}", self.number),
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop,
            "stop_sequence": null,
        });
        if let Some(usage) = usage {
            message["usage"] = usage;
        }
        message
    }

    fn enter(&mut self, block: Block) -> Vec<Frame> {
        if self.block == Some(block) {
            return Vec::new();
        }
        let mut frames = self.leave();
        self.block = Some(block);
        let content = match block {
            Block::Thinking => json!({"type": "thinking", "thinking": "", "signature": ""}),
            Block::Answer => self.answer_start(),
        };
        frames.push(self.frame(
            "content_block_start",
            json!({"index": self.index, "content_block": content}),
        ));
        frames
    }

    fn leave(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        let Some(block) = self.block.take() else {
            return frames;
        };
        if block == Block::Thinking {
            frames.push(self.delta(json!({"type": "signature_delta", "signature": SIGNATURE})));
        }
        frames.push(self.frame("content_block_stop", json!({"index": self.index})));
        self.index += 1;
        frames
    }

    fn answer_start(&self) -> Value {
        match &self.tool {
            Some(name) => {
                json!({"type": "tool_use", "id": self.tool_id(), "name": name, "input": {}})
            }
            None => json!({"type": "text", "text": ""}),
        }
    }

    fn tool_id(&self) -> String {
        format!("toolu_fake{:08}", self.number)
    }

    fn delta(&self, delta: Value) -> Frame {
        self.frame(
            "content_block_delta",
            json!({"index": self.index, "delta": delta}),
        )
    }

    fn answer_delta(&self, piece: &str) -> Frame {
        self.delta(match self.tool {
            Some(_) => json!({"type": "input_json_delta", "partial_json": piece}),
            None => json!({"type": "text_delta", "text": piece}),
        })
    }

    fn stop_reason(&self, stop: Stop) -> &'static str {
        match (stop, &self.tool) {
            (Stop::Length, _) => "max_tokens",
            (Stop::End, Some(_)) => "tool_use",
            (Stop::End, None) => "end_turn",
        }
    }
}

impl Speech for Events {
    fn open(&mut self, usage: Usage) -> Vec<Frame> {
        let usage = (!self.options.omit_usage).then(|| usage_object(usage));
        let message = self.message(json!([]), Value::Null, usage);
        vec![self.frame("message_start", json!({"message": message}))]
    }

    fn reasoning(&mut self, piece: &str) -> Vec<Frame> {
        let mut frames = self.enter(Block::Thinking);
        frames.push(self.delta(json!({"type": "thinking_delta", "thinking": piece})));
        frames
    }

    fn text(&mut self, piece: &str) -> Vec<Frame> {
        let mut frames = self.enter(Block::Answer);
        frames.push(self.answer_delta(piece));
        frames
    }

    fn ping(&self) -> Frame {
        self.frame("ping", json!({}))
    }

    fn close(&mut self, stop: Stop, usage: Usage) -> Vec<Frame> {
        let mut frames = self.leave();
        let mut data =
            json!({"delta": {"stop_reason": self.stop_reason(stop), "stop_sequence": null}});
        if !self.options.omit_usage {
            data["usage"] = usage_object(usage);
        }
        frames.push(self.frame("message_delta", data));
        if !self.options.omit_done {
            frames.push(self.frame("message_stop", json!({})));
        }
        frames
    }

    fn error(&self) -> Frame {
        self.frame(
            "error",
            json!({"error": {"type": "overloaded_error", "message": "Overloaded"}}),
        )
    }

    fn broken(&self) -> Frame {
        let whole = json!({"type": "content_block_delta", "index": self.index, "delta": {"type": "text_delta", "text": "cut"}}).to_string();
        self.options
            .line_end
            .event("content_block_delta", &whole[..whole.len() - 10])
    }

    fn whole(&self, reasoning: &str, text: &str, stop: Option<Stop>, usage: Usage) -> Value {
        let mut content = Vec::new();
        if !reasoning.is_empty() {
            content
                .push(json!({"type": "thinking", "thinking": reasoning, "signature": SIGNATURE}));
        }
        let mut answer = self.answer_start();
        match self.tool {
            // A tool's input that was cut short is no JSON; the vendor then gives what it could read.
            Some(_) => answer["input"] = serde_json::from_str(text).unwrap_or_else(|_| json!({})),
            None => answer["text"] = json!(text),
        }
        content.push(answer);
        let stop = stop.map_or(Value::Null, |stop| json!(self.stop_reason(stop)));
        self.message(
            json!(content),
            stop,
            (!self.options.omit_usage).then(|| usage_object(usage)),
        )
    }
}

fn usage_object(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.uncached(),
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": usage.output,
    })
}
