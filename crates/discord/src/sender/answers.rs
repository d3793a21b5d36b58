//! What an answer of Discord's is.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde::Deserialize;

use super::SendError;
use super::limits::{Scope, Told, TooMany};

/// When a 429 does not say.
const UNSAID: Duration = Duration::from_secs(5);

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: StatusCode,
    pub told: Told,
    pub body: Vec<u8>,
}

/// Discord's words for what it refuses.
#[derive(Debug, Deserialize)]
struct Refused {
    code: u32,
    message: String,
}

#[derive(Debug, Deserialize)]
struct Wait {
    retry_after: f64,
}

impl Answer {
    /// Reads it.
    pub async fn read(response: Response) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        let told = told(status, &headers, &body);
        Ok(Self { status, told, body })
    }

    /// The refusal it is. None for one that is not of Discord's, but of something in between that may
    /// soon let it through: it has no words of Discord's form.
    pub fn refusal(&self) -> Option<SendError> {
        let status = self.status.as_u16();
        let said = serde_json::from_slice(&self.body).ok();
        let unsaid = || Refused {
            code: 0,
            message: self.status.to_string(),
        };
        let is_passing = matches!(status, 401 | 403 | 407 | 408 | 425);
        let Refused { code, message } = said.or_else(|| (!is_passing).then(unsaid))?;
        Some(SendError::Refused {
            status,
            code,
            message,
        })
    }
}

fn told(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Told {
    let too_many = (status == StatusCode::TOO_MANY_REQUESTS).then(|| TooMany {
        scope: scope(headers),
        retry_after: retry_after(headers, body),
    });
    // One of a shared limit does not count.
    let is_shared = too_many.is_some_and(|told| told.scope == Scope::Shared);
    Told {
        bucket: text(headers, "x-ratelimit-bucket").map(str::to_owned),
        remaining: text(headers, "x-ratelimit-remaining").and_then(|text| text.parse().ok()),
        reset_after: seconds(headers, "x-ratelimit-reset-after"),
        too_many,
        is_invalid: matches!(status.as_u16(), 401 | 403 | 429) && !is_shared,
    }
}

fn scope(headers: &HeaderMap) -> Scope {
    match text(headers, "x-ratelimit-scope") {
        Some("user") => Scope::User,
        Some("shared") => Scope::Shared,
        _ => Scope::Everything,
    }
}

/// The body has it to the millisecond, the header in whole seconds.
fn retry_after(headers: &HeaderMap, body: &[u8]) -> Duration {
    let said = serde_json::from_slice(body).ok();
    let said = said.and_then(|Wait { retry_after }| Duration::try_from_secs_f64(retry_after).ok());
    said.or_else(|| seconds(headers, "retry-after"))
        .unwrap_or(UNSAID)
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    let seconds = text(headers, name)?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect()
    }

    #[rstest]
    #[case::user(&[("x-ratelimit-scope", "user")], Scope::User, true)]
    #[case::shared(&[("x-ratelimit-scope", "shared")], Scope::Shared, false)]
    #[case::global(&[("x-ratelimit-scope", "global"), ("x-ratelimit-global", "true")], Scope::Everything, true)]
    #[case::without(&[], Scope::Everything, true)]
    fn a_429_says_whom_it_is_about(
        #[case] pairs: &[(&'static str, &'static str)],
        #[case] scope: Scope,
        #[case] is_invalid: bool,
    ) {
        let told = told(StatusCode::TOO_MANY_REQUESTS, &headers(pairs), b"");
        assert_eq!(told.too_many.map(|told| told.scope), Some(scope));
        assert_eq!(told.is_invalid, is_invalid);
    }

    #[rstest]
    #[case::body(&[("retry-after", "2")], r#"{"retry_after": 1.25}"#, 1_250)]
    #[case::header(&[("retry-after", "2")], "<h1>error code: 1015</h1>", 2_000)]
    #[case::nonsense(&[("retry-after", "-2")], r#"{"retry_after": -1}"#, 5_000)]
    #[case::nothing(&[], "", 5_000)]
    fn a_429_says_how_long(
        #[case] pairs: &[(&'static str, &'static str)],
        #[case] body: &str,
        #[case] millis: u64,
    ) {
        let wait = retry_after(&headers(pairs), body.as_bytes());
        assert_eq!(wait, Duration::from_millis(millis));
    }
}
