//! An answer as typed events: reasoning and text are items of a response, each begun and ended.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::{
    asked::Asked,
    openai::CREATED,
    script::Options,
    speech::{Frame, Speech, Stop},
    tokens::Usage,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Reasoning,
    Message,
}

pub(crate) struct Events {
    number: usize,
    model: String,
    options: Options,
    /// The item begun, and its place.
    item: Option<Item>,
    index: usize,
    text: String,
    /// Every event has a number.
    sequence: Cell<u64>,
}

impl Events {
    pub(crate) fn new(asked: &Asked, options: &Options, number: usize) -> Self {
        Events {
            number,
            model: asked.model().to_owned(),
            options: options.clone(),
            item: None,
            index: 0,
            text: String::new(),
            sequence: Cell::new(0),
        }
    }

    fn data(&self, name: &str, mut data: Value) -> Value {
        let sequence = self.sequence.replace(self.sequence.get() + 1);
        let mut whole = json!({"type": name, "sequence_number": sequence});
        if let (Some(whole), Some(data)) = (whole.as_object_mut(), data.as_object_mut()) {
            whole.append(data);
        }
        whole
    }

    fn frame(&self, name: &str, data: Value) -> Frame {
        let data = self.data(name, data);
        self.options.line_end.event(name, &data.to_string())
    }

    fn response(&self, status: &str, output: Value, usage: Option<Usage>) -> Value {
        let usage = usage.filter(|_| !self.options.omit_usage).map(usage_object);
        json!({
            "id": format!("resp_fake{:08}", self.number),
            "object": "response",
            "created_at": CREATED,
            "status": status,
            "model": self.model,
            "error": null,
            "incomplete_details": null,
            "output": output,
            "store": false,
            "usage": usage,
        })
    }

    fn id(&self, item: Item) -> String {
        let kind = match item {
            Item::Reasoning => "rs",
            Item::Message => "msg",
        };
        format!("{kind}_fake{:08}", self.number)
    }

    /// What stands in every event about the item.
    fn place(&self, item: Item) -> Value {
        json!({"item_id": self.id(item), "output_index": self.index})
    }

    fn about(&self, item: Item, mut more: Value) -> Value {
        let mut place = self.place(item);
        if let (Some(place), Some(more)) = (place.as_object_mut(), more.as_object_mut()) {
            place.append(more);
        }
        place
    }

    fn enter(&mut self, item: Item) -> Vec<Frame> {
        if self.item == Some(item) {
            return Vec::new();
        }
        let mut frames = self.leave();
        self.item = Some(item);
        frames.push(self.frame(
            "response.output_item.added",
            json!({"output_index": self.index, "item": self.begun(item)}),
        ));
        let (name, part) = match item {
            Item::Reasoning => (
                "response.reasoning_summary_part.added",
                json!({"summary_index": 0, "part": {"type": "summary_text", "text": ""}}),
            ),
            Item::Message => (
                "response.content_part.added",
                json!({"content_index": 0, "part": text_part("")}),
            ),
        };
        frames.push(self.frame(name, self.about(item, part)));
        frames
    }

    fn begun(&self, item: Item) -> Value {
        match item {
            Item::Reasoning => json!({"id": self.id(item), "type": "reasoning", "summary": []}),
            Item::Message => {
                json!({"id": self.id(item), "type": "message", "status": "in_progress", "role": "assistant", "content": []})
            }
        }
    }

    fn leave(&mut self) -> Vec<Frame> {
        let Some(item) = self.item.take() else {
            return Vec::new();
        };
        let mut frames = Vec::new();
        if item == Item::Message {
            let text = json!({"content_index": 0, "text": self.text, "logprobs": []});
            frames.push(self.frame("response.output_text.done", self.about(item, text)));
            let part = json!({"content_index": 0, "part": text_part(&self.text)});
            frames.push(self.frame("response.content_part.done", self.about(item, part)));
        }
        let whole = match item {
            Item::Reasoning => self.begun(item),
            Item::Message => self.message(&self.text, "completed"),
        };
        frames.push(self.frame(
            "response.output_item.done",
            json!({"output_index": self.index, "item": whole}),
        ));
        self.index += 1;
        frames
    }

    fn message(&self, text: &str, status: &str) -> Value {
        json!({
            "id": self.id(Item::Message),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [text_part(text)],
        })
    }

    /// The response at its end.
    fn ended(&self, text: &str, stop: Option<Stop>, usage: Usage) -> Value {
        let status = match stop {
            Some(Stop::End) => "completed",
            Some(Stop::Length) => "incomplete",
            None => "in_progress",
        };
        let output = json!([self.message(text, status)]);
        let mut response = self.response(status, output, Some(usage));
        if stop == Some(Stop::Length) {
            response["incomplete_details"] = json!({"reason": "max_output_tokens"});
        }
        response
    }
}

impl Speech for Events {
    fn open(&mut self, _usage: Usage) -> Vec<Frame> {
        let response = || json!({"response": self.response("in_progress", json!([]), None)});
        vec![
            self.frame("response.created", response()),
            self.frame("response.in_progress", response()),
        ]
    }

    fn reasoning(&mut self, piece: &str) -> Vec<Frame> {
        let mut frames = self.enter(Item::Reasoning);
        let delta = self.about(Item::Reasoning, json!({"summary_index": 0, "delta": piece}));
        frames.push(self.frame("response.reasoning_summary_text.delta", delta));
        frames
    }

    fn text(&mut self, piece: &str) -> Vec<Frame> {
        let mut frames = self.enter(Item::Message);
        self.text.push_str(piece);
        let delta = json!({"content_index": 0, "delta": piece, "logprobs": []});
        let delta = self.about(Item::Message, delta);
        frames.push(self.frame("response.output_text.delta", delta));
        frames
    }

    fn ping(&self) -> Frame {
        self.options.line_end.comment(&self.options.ping_comment)
    }

    fn close(&mut self, stop: Stop, usage: Usage) -> Vec<Frame> {
        let mut frames = self.leave();
        let response = self.ended(&self.text, Some(stop), usage);
        let name = match stop {
            Stop::End => "response.completed",
            Stop::Length => "response.incomplete",
        };
        frames.push(self.frame(name, json!({ "response": response })));
        frames
    }

    fn error(&self) -> Frame {
        let said = "The server had an error while processing your request. Sorry about that!";
        self.frame(
            "error",
            json!({"code": "server_error", "message": said, "param": null}),
        )
    }

    fn broken(&self) -> Frame {
        let name = "response.output_text.delta";
        let delta = self.about(Item::Message, json!({"content_index": 0, "delta": "cut"}));
        let whole = self.data(name, delta).to_string();
        self.options
            .line_end
            .event(name, &whole[..whole.len() - 10])
    }

    fn whole(&self, _reasoning: &str, text: &str, stop: Option<Stop>, usage: Usage) -> Value {
        self.ended(text, stop, usage)
    }
}

fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": []})
}

fn usage_object(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cache_read},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    })
}
