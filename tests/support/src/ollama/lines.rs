//! An answer as lines of JSON: thinking and content are members of a message, and the last line has
//! the counts.

use serde_json::{Value, json};

use super::CREATED;
use crate::{
    asked::Asked,
    script::Options,
    speech::{Frame, Speech, Stop},
    tokens::Usage,
};

pub(crate) struct Lines {
    model: String,
    options: Options,
}

impl Lines {
    pub(crate) fn new(asked: &Asked, options: &Options) -> Self {
        Lines {
            model: asked.model().to_owned(),
            options: options.clone(),
        }
    }

    fn line(&self, message: Value) -> Value {
        json!({"model": self.model, "created_at": CREATED, "message": message, "done": false})
    }

    fn said(&self, content: &str) -> Value {
        self.line(json!({"role": "assistant", "content": content}))
    }

    fn frame(&self, line: &Value) -> Frame {
        self.options.line_end.line(&line.to_string())
    }

    fn end(&self, line: &mut Value, stop: Stop, usage: Usage) {
        line["done"] = json!(true);
        line["done_reason"] = json!(match stop {
            Stop::End => "stop",
            Stop::Length => "length",
        });
        line["total_duration"] = json!(4_883_583_458_u64);
        line["load_duration"] = json!(1_334_875);
        if !self.options.omit_usage {
            line["prompt_eval_count"] = json!(usage.input);
            line["prompt_eval_duration"] = json!(342_546_000);
            line["eval_count"] = json!(usage.output);
            line["eval_duration"] = json!(4_535_599_000_u64);
        }
    }
}

impl Speech for Lines {
    fn open(&mut self, _usage: Usage) -> Vec<Frame> {
        Vec::new()
    }

    fn reasoning(&mut self, piece: &str) -> Vec<Frame> {
        let thinking = json!({"role": "assistant", "content": "", "thinking": piece});
        vec![self.frame(&self.line(thinking))]
    }

    fn text(&mut self, piece: &str) -> Vec<Frame> {
        vec![self.frame(&self.said(piece))]
    }

    /// The server has none; a line without words comes near it.
    fn ping(&self) -> Frame {
        self.frame(&self.said(""))
    }

    fn close(&mut self, stop: Stop, usage: Usage) -> Vec<Frame> {
        let mut line = self.said("");
        self.end(&mut line, stop, usage);
        vec![self.frame(&line)]
    }

    fn error(&self) -> Frame {
        self.frame(&json!({"error": "an error was encountered while running the model"}))
    }

    fn broken(&self) -> Frame {
        let whole = self.said("cut").to_string();
        self.options.line_end.line(&whole[..whole.len() - 20])
    }

    fn whole(&self, reasoning: &str, text: &str, stop: Option<Stop>, usage: Usage) -> Value {
        let mut line = self.said(text);
        if !reasoning.is_empty() {
            line["message"]["thinking"] = json!(reasoning);
        }
        if let Some(stop) = stop {
            self.end(&mut line, stop, usage);
        }
        line
    }
}
