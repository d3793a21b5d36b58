//! What a failure of the SDK, of a transport or of a tool means to the bridge, in words without secrets.

use std::error::Error as _;
use std::time::Duration;

use reqwest::StatusCode;
use rmcp::ErrorData;
use rmcp::model::CallToolResult;
use rmcp::service::{ClientInitializeError, ServiceError};
use rmcp::transport::DynamicTransportError;
use rmcp::transport::streamable_http_client::StreamableHttpError;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::super::BusError;
use super::http::seconds;
use super::sse::SseError;
use super::words::text;

/// Most characters of a bus's own words.
const MOST_WORDS: usize = 500;

/// Says what went wrong with one bus.
#[derive(Debug)]
pub(super) struct Faults {
    address: String,
    token: SecretString,
}

impl Faults {
    /// Of the bus at an address that may be shown.
    pub(super) const fn of(address: String, token: SecretString) -> Self {
        Self { address, token }
    }

    /// The address, to be shown.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// No answer came in time.
    pub(super) fn silence(&self) -> BusError {
        self.unreachable("it does not answer", None)
    }

    /// A connection was not opened.
    pub(super) fn of_opening(&self, error: &ClientInitializeError) -> BusError {
        match error {
            ClientInitializeError::TransportError { error, .. } => self.of_transport(error),
            ClientInitializeError::JsonRpcError(error) => self.of_answer(error),
            ClientInitializeError::ConnectionClosed(_) => {
                self.unreachable("it closed the connection", None)
            }
            // The others print whole messages.
            _ => self.unreachable("it does not speak MCP as it is known here", None),
        }
    }

    /// A call came to nothing.
    pub(super) fn of_call(&self, error: &ServiceError) -> BusError {
        match error {
            ServiceError::McpError(error) => self.of_answer(error),
            ServiceError::TransportSend(error) => self.of_transport(error),
            ServiceError::TransportClosed => self.unreachable("the connection was lost", None),
            ServiceError::Timeout { .. } => self.silence(),
            ServiceError::Cancelled { .. } => self.unreachable("it took the call back", None),
            _ => self.unreachable("its answer is none that is known here", None),
        }
    }

    /// A tool answered with an error.
    pub(super) fn of_result(&self, result: &CallToolResult) -> BusError {
        let record = result.structured_content.as_ref();
        self.of_record(record, &text(result))
    }

    /// Server-sent events were not opened, or took no message.
    pub(super) fn of_events(&self, error: &SseError) -> BusError {
        match error {
            SseError::Request(error) => self.unreachable(&reason(error), None),
            SseError::Refused {
                status,
                retry_after,
                words,
            } => self.of_status(*status, *retry_after, words),
            SseError::NoStream | SseError::NoEndpoint | SseError::ForeignEndpoint => {
                self.unreachable(&error.to_string(), None)
            }
        }
    }

    fn of_transport(&self, error: &DynamicTransportError) -> BusError {
        let error = error.error.as_ref();
        if let Some(error) = error.downcast_ref::<SseError>() {
            return self.of_events(error);
        }
        match error.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
            Some(error) => self.of_streamable(error),
            None => self.unreachable("the connection was lost", None),
        }
    }

    fn of_streamable(&self, error: &StreamableHttpError<reqwest::Error>) -> BusError {
        match error {
            StreamableHttpError::AuthRequired(_) => {
                self.of_status(StatusCode::UNAUTHORIZED, None, "")
            }
            StreamableHttpError::InsufficientScope(lacking) => {
                let scope = lacking.get_required_scope().unwrap_or("a scope");
                BusError::Refused(self.clean(&format!("the token lacks {scope}")))
            }
            StreamableHttpError::HttpStatus(error) => {
                let again = error.retry_after.as_deref().and_then(seconds);
                self.unreachable(&format!("HTTP {}", error.status), again)
            }
            StreamableHttpError::Client(error) => self.unreachable(&reason(error), None),
            StreamableHttpError::UnexpectedServerResponse(said) => self.of_unexpected(said),
            StreamableHttpError::TransportChannelClosed
            | StreamableHttpError::UnexpectedEndOfStream => {
                self.unreachable("the connection was lost", None)
            }
            error => self.unreachable(&error.to_string(), None),
        }
    }

    /// The SDK gives a status without a challenge as words alone: `HTTP 401 Unauthorized: …`.
    fn of_unexpected(&self, said: &str) -> BusError {
        let status = said.strip_prefix("HTTP ").and_then(|rest| {
            let code = rest.split([' ', ':']).next()?;
            code.parse::<StatusCode>().ok()
        });
        let Some(status) = status else {
            return self.unreachable(said, None);
        };
        let words = said.split_once(": ").map_or("", |(_, words)| words);
        self.of_status(status, None, words)
    }

    fn of_status(&self, status: StatusCode, again: Option<Duration>, body: &str) -> BusError {
        let record: Option<Value> = serde_json::from_str(body).ok();
        let message = record.as_ref().and_then(|record| record.get("message"));
        let words = message.and_then(Value::as_str).unwrap_or(body).trim();
        let said = match words {
            "" => format!("HTTP {status}"),
            words => format!("HTTP {status}: {words}"),
        };
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                BusError::Unauthorized(self.clean(&said))
            }
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNPROCESSABLE_ENTITY => BusError::Refused(self.clean(&said)),
            _ => self.unreachable(&said, again),
        }
    }

    fn of_answer(&self, error: &ErrorData) -> BusError {
        self.of_record(error.data.as_ref(), &error.message)
    }

    /// By the code in a record of ours; without one it is this call alone that is refused.
    fn of_record(&self, record: Option<&Value>, otherwise: &str) -> BusError {
        let field = |name| record.and_then(|record| record.get(name));
        let message = field("message").and_then(Value::as_str);
        let words = message.unwrap_or(otherwise);
        let again = field("details").and_then(|details| details.get("retry_after_seconds"));
        let again = again.and_then(Value::as_u64).map(Duration::from_secs);
        match field("error").and_then(Value::as_str) {
            Some("paused") => BusError::Held {
                why: self.clean(words),
                retry_after: again,
            },
            Some("rate_limited" | "store_unavailable" | "shutting_down") => {
                self.unreachable(words, again)
            }
            Some("inbox_full") => BusError::InboxFull(self.clean(words)),
            Some("internal") => BusError::Failed(self.clean(words)),
            Some("idempotency_conflict") => BusError::SentBefore,
            Some("unauthorized" | "invalid_token") => BusError::Unauthorized(self.clean(words)),
            _ => BusError::Refused(self.clean(words)),
        }
    }

    fn unreachable(&self, why: &str, retry_after: Option<Duration>) -> BusError {
        BusError::Unreachable {
            address: self.address.clone(),
            why: self.clean(why),
            retry_after,
        }
    }

    /// Words of another, on one line, of bounded length and without our token.
    fn clean(&self, words: &str) -> String {
        let token = self.token.expose_secret();
        let without = match token {
            "" => words.to_owned(),
            token => words.replace(token, "…"),
        };
        let line: Vec<&str> = without.split_whitespace().collect();
        let line = line.join(" ");
        let shown = line.chars().filter(|c| !c.is_control());
        shown.take(MOST_WORDS).collect()
    }
}

/// Why a request got no answer; the error itself would print its URL.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer in time".to_owned();
    }
    let mut deepest = error.source();
    while let Some(below) = deepest.and_then(|error| error.source()) {
        deepest = Some(below);
    }
    deepest.map_or_else(|| "no answer".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use rmcp::model::ErrorCode;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const TOKEN: &str = "hst_a_0123456789";

    fn faults() -> Faults {
        Faults::of("https://bus.example/sse".to_owned(), TOKEN.into())
    }

    fn unreachable(why: &str, seconds: Option<u64>) -> BusError {
        BusError::Unreachable {
            address: "https://bus.example/sse".to_owned(),
            why: why.to_owned(),
            retry_after: seconds.map(Duration::from_secs),
        }
    }

    #[rstest]
    #[case(401, "", BusError::Unauthorized("HTTP 401 Unauthorized".to_owned()))]
    #[case(403, "no", BusError::Unauthorized("HTTP 403 Forbidden: no".to_owned()))]
    #[case(
        503,
        "{\"error\":\"paused\",\"message\":\"Later.\"}",
        unreachable("HTTP 503 Service Unavailable: Later.", Some(7))
    )]
    #[case(404, "<p>", unreachable("HTTP 404 Not Found: <p>", Some(7)))]
    fn a_status_says_whether_it_is_tried_again(
        #[case] status: u16,
        #[case] words: &str,
        #[case] error: BusError,
    ) {
        let refused = SseError::Refused {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: Some(Duration::from_secs(7)),
            words: words.to_owned(),
        };
        assert_eq!(faults().of_events(&refused), error);
    }

    #[rstest]
    #[case("paused", BusError::Held {
        why: "Later.".to_owned(),
        retry_after: Some(Duration::from_secs(30)),
    })]
    #[case("rate_limited", unreachable("Later.", Some(30)))]
    #[case("inbox_full", BusError::InboxFull("Later.".to_owned()))]
    #[case("internal", BusError::Failed("Later.".to_owned()))]
    #[case("invalid_token", BusError::Unauthorized("Later.".to_owned()))]
    #[case("agent_not_found", BusError::Refused("Later.".to_owned()))]
    fn a_code_says_what_it_means(#[case] code: &'static str, #[case] error: BusError) {
        let data =
            json!({"error": code, "message": "Later.", "details": {"retry_after_seconds": 30}});
        let answer = ErrorData::new(ErrorCode(-32_001), "Other words.", Some(data.clone()));
        assert_eq!(faults().of_call(&ServiceError::McpError(answer)), error);
        let mut result = CallToolResult::error(Vec::new());
        result.structured_content = Some(data);
        assert_eq!(faults().of_result(&result), error);
    }

    #[test]
    fn a_bus_is_quoted_in_its_own_words_without_the_token() {
        let words = format!("no agent\n  for {TOKEN}\u{1b}");
        let answer = ErrorData::new(ErrorCode(-32_603), words, None);
        assert_eq!(
            faults().of_call(&ServiceError::McpError(answer)),
            BusError::Refused("no agent for …".to_owned())
        );
    }

    #[test]
    fn a_status_without_a_challenge_is_read_from_the_sdks_words() {
        let said = faults().of_unexpected("HTTP 401 Unauthorized: {\"message\":\"Who?\"}");
        let words = "HTTP 401 Unauthorized: Who?".to_owned();
        assert_eq!(said, BusError::Unauthorized(words));
        let said = faults().of_unexpected("could not parse JSON");
        assert_eq!(said, unreachable("could not parse JSON", None));
    }
}
