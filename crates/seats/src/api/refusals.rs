//! What came instead of an answer, before its first byte: which of the contract's codes it is, and
//! whether asking again may help.

use std::time::Duration;

use husting_domain::calls::{A_PAGE, SeatErrorCode, Spent};
use husting_domain::time::Timestamp;
use reqwest::{StatusCode, header};
use secrecy::SecretString;
use serde_json::Value;

use super::{bodies, redaction};

/// A request that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: SeatErrorCode,
    /// The provider's own words, secrets removed.
    pub message: String,
    /// Asking again may help.
    pub is_passing: bool,
    /// When the provider says to ask again.
    pub ask_again_at: Option<Timestamp>,
    /// It does not like the request itself.
    pub is_about_the_request: bool,
    /// Where in the request, where the error says so apart from its words: `text.format`.
    pub field: Option<String>,
}

impl Refusal {
    /// What a response says whose status is not a success.
    pub(super) async fn read(
        response: reqwest::Response,
        key: Option<&SecretString>,
        now: Timestamp,
    ) -> Self {
        let status = response.status();
        let ask_again_at = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| moment(value.to_str().ok()?, now));
        let body = bodies::beginning(response).await;
        let ask_again_at = ask_again_at.or_else(|| moment_in(&body, now));
        let said = redaction::words(&body, key);
        let message = if said.is_empty() {
            format!("HTTP {status}")
        } else {
            said
        };
        let is_about_the_key = is_about_the_key(&body);
        let spent = spent(status, &body);
        Self {
            code: if is_about_the_key {
                SeatErrorCode::ProviderAuthFailure
            } else {
                code(status)
            },
            message: told(spent, message),
            is_passing: is_passing(status) && spent.is_none(),
            ask_again_at,
            is_about_the_request: !is_about_the_key
                && spent.is_none()
                && matches!(
                    status,
                    StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
                ),
            field: field(&body),
        }
    }

    /// A 200 that is a page or an object and no stream of events.
    pub(super) async fn of_another_kind(
        response: reqwest::Response,
        key: Option<&SecretString>,
    ) -> Self {
        let what = if is_page(&response) {
            A_PAGE
        } else {
            "the provider sent something else than a stream of events"
        };
        let said = redaction::words(&bodies::beginning(response).await, key);
        let code = SeatErrorCode::PreStreamProviderError;
        Self::lasting(code, format!("{what}: {said}"))
    }

    /// A stream's first event that is an error: what it would have been as a status. `None` where no
    /// asking again mends it, or nobody knows whether.
    pub(super) fn in_a_stream(error: &Value, key: Option<&SecretString>) -> Option<Self> {
        let body = error.to_string();
        let status = status_of(error)
            .filter(|status| is_passing(*status) && spent(*status, body.as_bytes()).is_none())?;
        Some(Self {
            is_passing: true,
            ..Self::lasting(code(status), redaction::words(body.as_bytes(), key))
        })
    }

    /// The provider was not reached.
    pub(super) fn unreached(error: &reqwest::Error) -> Self {
        let refusal = Self::lasting(SeatErrorCode::MaxRetriesExceeded, causes(error));
        Self {
            is_passing: true,
            ..refusal
        }
    }

    /// A failure that no retry mends.
    pub(super) const fn lasting(code: SeatErrorCode, message: String) -> Self {
        Self {
            code,
            message,
            is_passing: false,
            ask_again_at: None,
            is_about_the_request: false,
            field: None,
        }
    }
}

/// Whether it is written for people.
pub(crate) fn is_page(response: &reqwest::Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .map(str::to_ascii_lowercase)
        .is_some_and(|kind| {
            ["text/html", "application/xhtml+xml"]
                .iter()
                .any(|page| kind.starts_with(page))
        })
}

/// The status behind an error in a stream: OpenRouter and vLLM give its number, the vendors a word
/// (<https://openrouter.ai/docs/api-reference/errors>, <https://docs.claude.com/en/api/errors>,
/// <https://platform.openai.com/docs/guides/error-codes>).
fn status_of(error: &Value) -> Option<StatusCode> {
    let said = |name| error.get(name).unwrap_or(&Value::Null);
    let number = |value: &Value| u16::try_from(value.as_u64()?).ok();
    if let Some(status) = number(said("code")).or_else(|| number(said("status"))) {
        return StatusCode::from_u16(status).ok();
    }
    [said("code"), said("type")]
        .into_iter()
        .find_map(|word| match word.as_str()? {
            "rate_limit_error" | "rate_limit_exceeded" => Some(StatusCode::TOO_MANY_REQUESTS),
            "overloaded_error"
            | "api_error"
            | "timeout_error"
            | "server_error"
            | "internal_server_error"
            | "service_unavailable" => Some(StatusCode::SERVICE_UNAVAILABLE),
            _ => None,
        })
}

fn code(status: StatusCode) -> SeatErrorCode {
    match status.as_u16() {
        429 => SeatErrorCode::RateLimit,
        401 | 403 => SeatErrorCode::ProviderAuthFailure,
        _ if is_passing(status) => SeatErrorCode::MaxRetriesExceeded,
        _ => SeatErrorCode::PreStreamProviderError,
    }
}

/// A server that does not know the method or the version will not learn it.
fn is_passing(status: StatusCode) -> bool {
    let lasting = [
        StatusCode::NOT_IMPLEMENTED,
        StatusCode::HTTP_VERSION_NOT_SUPPORTED,
    ];
    status == StatusCode::TOO_MANY_REQUESTS
        || (status.is_server_error() && !lasting.contains(&status))
}

/// What no waiting mends: an empty account, for which OpenAI has a 429 with a word of its own
/// (<https://platform.openai.com/docs/guides/error-codes>), others a 402
/// (<https://openrouter.ai/docs/api-reference/errors>), Anthropic that or a 400 that only its sentence
/// tells from others; and a day's quota, which Gemini's 429 names
/// (<https://ai.google.dev/gemini-api/docs/rate-limits>).
fn spent(status: StatusCode, body: &[u8]) -> Option<Spent> {
    let body = String::from_utf8_lossy(body);
    let is_of_the_account = status == StatusCode::PAYMENT_REQUIRED
        || body.contains("\"insufficient_quota\"")
        || (status == StatusCode::BAD_REQUEST && body.contains("credit balance is too low"));
    if is_of_the_account {
        return Some(Spent::Credit);
    }
    (body.contains("\"quotaId\"") && body.contains("PerDay")).then_some(Spent::Day)
}

/// The same of an error in a stream.
pub(super) fn spent_in_a_stream(error: &Value) -> Option<Spent> {
    let status = status_of(error).unwrap_or(StatusCode::OK);
    spent(status, error.to_string().as_bytes())
}

/// The provider's words, behind what it is that they tell.
pub(super) fn told(spent: Option<Spent>, words: String) -> String {
    match spent {
        Some(spent) => format!("{}: {words}", spent.said()),
        None => words,
    }
}

/// Gemini refuses a key it does not know as a bad request, and says in the error's details what it
/// is about (<https://cloud.google.com/apis/design/errors>).
fn is_about_the_key(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("\"API_KEY_INVALID\"")
}

/// OpenAI and who imitates it name the field in a member of the error, null where it is about none
/// (<https://platform.openai.com/docs/guides/error-codes>); some write that as Python does.
fn field(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let field = body.get("error").unwrap_or(&body).get("param")?.as_str()?;
    (!matches!(field, "" | "None" | "null")).then(|| field.to_owned())
}

/// Gemini says when to ask again in the error's details, such as `"retryDelay": "34s"`.
fn moment_in(body: &[u8], now: Timestamp) -> Option<Timestamp> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let details = body.get("error")?.get("details")?.as_array()?;
    let delay = details
        .iter()
        .find_map(|detail| detail.get("retryDelay")?.as_str())?;
    let delay: jiff::SignedDuration = delay.parse().ok()?;
    Some(
        now.plus_millis(i64::try_from(delay.as_millis()).ok()?)
            .max(now),
    )
}

/// `Retry-After` in either form of RFC 9110, 10.2.3.
fn moment(retry_after: &str, now: Timestamp) -> Option<Timestamp> {
    let value = retry_after.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(now.plus_millis(i64::from(seconds) * 1_000));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(Timestamp::from_micros(date.timestamp().as_microsecond()).max(now))
}

/// The milliseconds to wait for `moment`.
pub(super) fn until(moment: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(moment.millis_since(now)).unwrap_or(0))
}

/// The chain of causes, which begins with the host that was not reached, if so; never more of its address:
/// "127.0.0.1:9 was not reached: tcp connect error: Connection refused (os error 111)".
pub(crate) fn causes(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    if let Some(host) = unreached_host(error) {
        // The first of several names the client that is used here, "client error (Connect)", which is nobody's trouble.
        if words.len() > 1 {
            words.remove(0);
        }
        words.insert(0, format!("{host} was not reached"));
    }
    if words.is_empty() {
        "the connection failed".to_owned()
    } else {
        redaction::clean(&words.join(": "), None)
    }
}

/// With its port where the address names one.
fn unreached_host(error: &reqwest::Error) -> Option<String> {
    let url = error.url().filter(|_| error.is_connect())?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_code() {
        let of = |status| code(StatusCode::from_u16(status).unwrap());
        assert_eq!(of(429), SeatErrorCode::RateLimit);
        assert_eq!([of(401), of(403)], [SeatErrorCode::ProviderAuthFailure; 2]);
        assert_eq!(
            [of(400), of(402), of(404), of(302)],
            [SeatErrorCode::PreStreamProviderError; 4]
        );
        assert_eq!(
            [of(500), of(502), of(503), of(529)],
            [SeatErrorCode::MaxRetriesExceeded; 4]
        );
        assert_eq!(
            [of(501), of(505)],
            [SeatErrorCode::PreStreamProviderError; 2]
        );
    }

    #[test]
    fn what_is_used_up_is_told_in_each_vendors_form() {
        let of = |status, body: &str| spent(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        let low = r#"{"error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}"#;
        for (status, body) in [
            (429, r#"{"error":{"code":"insufficient_quota"}}"#),
            (
                402,
                r#"{"error":{"code":402,"message":"Insufficient credits"}}"#,
            ),
            (402, "Insufficient Balance"),
            (400, low),
        ] {
            assert_eq!(of(status, body), Some(Spent::Credit), "{body}");
        }
        let quota = |id| format!(r#"{{"error":{{"details":[{{"quotaId":"{id}"}}]}}}}"#);
        assert_eq!(
            of(429, &quota("GenerateRequestsPerDayPerProject")),
            Some(Spent::Day)
        );
        assert_eq!(of(429, &quota("GenerateRequestsPerMinutePerProject")), None);
        assert_eq!(of(429, r#"{"error":{"code":"rate_limit_exceeded"}}"#), None);
        assert_eq!(of(400, "No."), None);
    }

    #[test]
    fn google_says_when_to_ask_again_in_its_error() {
        let now = Timestamp::from_micros(0);
        let said = |delay: &str| {
            let body = serde_json::json!({"error": {"code": 429, "details": [
                {"@type": "type.googleapis.com/google.rpc.Help"},
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
            ]}});
            moment_in(body.to_string().as_bytes(), now)
        };
        assert_eq!(said("34s"), Some(now.plus_millis(34_000)));
        assert_eq!(said("1.5s"), Some(now.plus_millis(1_500)));
        assert_eq!(said("soon"), None);
        assert_eq!(moment_in(b"{\"error\":{\"code\":429}}", now), None);
    }

    #[test]
    fn an_error_may_name_the_field() {
        for (body, named) in [
            (r#"{"error":{"param":"text.format"}}"#, Some("text.format")),
            (
                r#"{"object":"error","param":"response_format"}"#,
                Some("response_format"),
            ),
            (r#"{"error":{"param":null}}"#, None),
            (r#"{"error":{"param":"None"}}"#, None),
            (r#"{"error":"No."}"#, None),
            ("No.", None),
        ] {
            assert_eq!(field(body.as_bytes()).as_deref(), named, "{body}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = Timestamp::from_micros(784_111_777_000_000);
        assert_eq!(moment(" 3 ", now), Some(now.plus_millis(3_000)));
        assert_eq!(
            moment("Sun, 06 Nov 1994 08:49:40 GMT", now),
            Some(now.plus_millis(3_000))
        );
        assert_eq!(moment("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(now));
        assert_eq!(moment("soon", now), None);
    }
}
