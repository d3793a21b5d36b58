//! One answer in a vendor's words: the frames of its event stream, or the whole of it as one object.

use serde_json::Value;

use crate::tokens::Usage;

/// The bytes of one server-sent event or comment.
pub(crate) type Frame = Vec<u8>;

/// Why an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It is complete.
    End,
    /// The limit on tokens.
    Length,
}

pub(crate) trait Speech: Send {
    /// What comes before any text.
    fn open(&mut self, usage: Usage) -> Vec<Frame>;
    fn reasoning(&mut self, piece: &str) -> Vec<Frame>;
    fn text(&mut self, piece: &str) -> Vec<Frame>;
    fn ping(&self) -> Frame;
    /// Finish reason, usage and end mark.
    fn close(&mut self, stop: Stop, usage: Usage) -> Vec<Frame>;
    /// The vendor's error inside a stream.
    fn error(&self) -> Frame;
    /// A text event cut short.
    fn broken(&self) -> Frame;
    /// The same answer without a stream; `stop` is absent where the final marker is.
    fn whole(&self, reasoning: &str, text: &str, stop: Option<Stop>, usage: Usage) -> Value;
}
