//! What can go wrong with a provider, each as one value of a script.

use serde::{Deserialize, Serialize};

/// One fault. `after_tokens` counts the pieces of answer text sent before it strikes; a number beyond
/// the answer's end strikes just before the final marker. `times` counts calls of one model under one
/// rule that fail before the rule's answer is given; `None` is always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The request is taken and nothing ever comes back; with `headers`, a 200 and then nothing.
    NeverFirstByte {
        /// Whether the response's head is sent.
        #[serde(default)]
        headers: bool,
    },
    /// The stream falls silent and stays open.
    SilenceMidStream {
        /// Pieces sent first.
        after_tokens: u32,
    },
    /// The socket is reset (RST).
    Cut {
        /// Pieces sent first.
        after_tokens: u32,
    },
    /// The socket is reset before any byte of a response.
    CutBeforeResponse {
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The socket is closed in good order (FIN) but without the last HTTP chunk.
    Truncated {
        /// Pieces sent first.
        after_tokens: u32,
    },
    /// The whole answer, then a clean end of the response without finish reason, usage or end mark.
    NoFinalMarker,
    /// Something that is not the protocol.
    Garbage {
        /// What instead.
        junk: Junk,
        /// Pieces sent first, for `invalid_json`.
        #[serde(default)]
        after_tokens: u32,
    },
    /// The answer stops on its length, in good order.
    LengthStop {
        /// Pieces sent first.
        after_tokens: u32,
    },
    /// 401 for a key the provider does not know; Gemini says 400.
    Unauthorized401 {
        /// Repeat the caller's whole key in the message, as a careless gateway would; vendors mask it.
        #[serde(default)]
        echo_key: bool,
    },
    /// 403 for a key that may not use this model.
    Forbidden403,
    /// 400 for a request the provider does not like.
    BadRequest400,
    /// 429 for too many requests.
    RateLimited429 {
        /// The `Retry-After` header, if one is sent.
        #[serde(default)]
        retry_after: Option<RetryAfter>,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// 429 (Anthropic and Ollama: 402) for an account without money, which no waiting mends.
    QuotaExhausted,
    /// 500, or the 5xx named.
    ServerError500 {
        /// How often.
        #[serde(default)]
        times: Option<u32>,
        /// The status, 500 unless told.
        #[serde(default = "internal_server_error")]
        status: u16,
    },
    /// Anthropic's 529; the 503 of the others for an overloaded engine.
    Overloaded529 {
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// An error in the vendor's shape inside the running stream, then the end.
    ErrorEventMidStream {
        /// Pieces sent first.
        after_tokens: u32,
    },
    /// Far more text than was asked for; the request's limit on tokens is ignored.
    HugeOutput {
        /// Size of the answer's text.
        bytes: usize,
    },
}

/// What a broken provider or a proxy before it sends instead of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Junk {
    /// An event whose data is JSON cut short.
    InvalidJson,
    /// A 200 of the right content type whose body is no event stream.
    NotSse,
    /// A 200 with a proxy's HTML page.
    HtmlPage,
}

/// Both forms of RFC 9110, 10.2.3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// Seconds from now.
    Seconds(u64),
    /// An HTTP date.
    Date(String),
}

impl std::fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RetryAfter::Seconds(seconds) => write!(f, "{seconds}"),
            RetryAfter::Date(date) => f.write_str(date),
        }
    }
}

fn internal_server_error() -> u16 {
    500
}

impl Fault {
    /// How many calls it strikes before the rule's answer is given; `None` is every one.
    pub(crate) fn times(&self) -> Option<u32> {
        match self {
            Fault::CutBeforeResponse { times }
            | Fault::RateLimited429 { times, .. }
            | Fault::ServerError500 { times, .. }
            | Fault::Overloaded529 { times } => *times,
            _ => None,
        }
    }

    /// After how many pieces it strikes a running stream.
    pub(crate) fn strikes_after(&self) -> Option<u32> {
        match self {
            Fault::SilenceMidStream { after_tokens }
            | Fault::Cut { after_tokens }
            | Fault::Truncated { after_tokens }
            | Fault::LengthStop { after_tokens }
            | Fault::ErrorEventMidStream { after_tokens }
            | Fault::Garbage {
                junk: Junk::InvalidJson,
                after_tokens,
            } => Some(*after_tokens),
            Fault::NoFinalMarker => Some(u32::MAX),
            _ => None,
        }
    }
}
