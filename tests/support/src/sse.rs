//! Server-sent events as bytes, after the WHATWG specification
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), which allows LF, CR LF and CR
//! as line ends; both vendors send LF, some gateways in front of them CR LF.

use serde::{Deserialize, Serialize};

/// How the lines of an event stream end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnd {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
}

impl LineEnd {
    fn text(self) -> &'static str {
        match self {
            LineEnd::Lf => "\n",
            LineEnd::CrLf => "\r\n",
        }
    }

    pub(crate) fn data(self, data: &str) -> Vec<u8> {
        let end = self.text();
        format!("data: {data}{end}{end}").into_bytes()
    }

    pub(crate) fn event(self, name: &str, data: &str) -> Vec<u8> {
        let end = self.text();
        format!("event: {name}{end}data: {data}{end}{end}").into_bytes()
    }

    /// A line of its own, for a stream that has no events.
    pub(crate) fn line(self, data: &str) -> Vec<u8> {
        format!("{data}{}", self.text()).into_bytes()
    }

    pub(crate) fn comment(self, text: &str) -> Vec<u8> {
        let end = self.text();
        format!(": {text}{end}{end}").into_bytes()
    }
}
