//! Rate limits of the REST API: <https://docs.discord.com/developers/topics/rate-limits>.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{Html, IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    faults::LimitScope,
    settings::{Limit, Settings},
    window::{Sliding, Window},
};

pub(crate) struct Limits {
    global: Window,
    /// By route and top-level resource.
    buckets: HashMap<(String, String), Window>,
    invalid: Sliding,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            global: Window::new(Instant::now()),
            buckets: HashMap::new(),
            invalid: Sliding::default(),
        }
    }
}

/// What one request learns of its bucket.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    limit: u32,
    remaining: u32,
    reset_after: Duration,
    name: String,
}

/// A request that came too early.
#[derive(Clone, Debug)]
pub(crate) struct TooMany {
    pub(crate) scope: LimitScope,
    pub(crate) retry_after: Duration,
    pub(crate) bucket: Option<Bucket>,
}

impl Limits {
    /// Takes one of the global limit.
    pub(crate) fn take_global(&mut self, settings: &Settings) -> Result<(), TooMany> {
        let now = Instant::now();
        if self.global.take(settings.global, now) {
            return Ok(());
        }
        Err(TooMany {
            scope: LimitScope::Global,
            retry_after: self.global.reset_after(settings.global, now),
            bucket: None,
        })
    }

    /// Takes one of the route's limit for its top-level resource.
    pub(crate) fn take(
        &mut self,
        settings: &Settings,
        route: &str,
        resource: &str,
    ) -> Result<Bucket, TooMany> {
        let now = Instant::now();
        let limit = settings.of_route(route);
        let window = self
            .buckets
            .entry((route.to_owned(), resource.to_owned()))
            .or_insert_with(|| Window::new(now));
        let taken = window.take(limit, now);
        let bucket = bucket_of(window, limit, route, now);
        if taken {
            return Ok(bucket);
        }
        Err(TooMany {
            scope: LimitScope::User,
            retry_after: bucket.reset_after,
            bucket: Some(bucket),
        })
    }

    /// Counts a 401, 403 or 429 against the address; one of a shared limit does not count.
    pub(crate) fn note_invalid(&mut self, settings: &Settings) {
        self.invalid.note(settings.invalid_requests, Instant::now());
    }

    pub(crate) fn invalid_count(&mut self, settings: &Settings) -> usize {
        self.invalid
            .count(settings.invalid_requests, Instant::now())
    }

    /// How long the address stays shut out, if it is.
    pub(crate) fn shut_out(&mut self, settings: &Settings) -> Option<Duration> {
        let limit = settings.invalid_requests;
        let now = Instant::now();
        let reached = self.invalid.count(limit, now) >= limit.requests as usize;
        reached.then(|| self.invalid.reset_after(limit, now))
    }
}

fn bucket_of(window: &Window, limit: Limit, route: &str, now: Instant) -> Bucket {
    let hash = Sha256::digest(route.as_bytes());
    Bucket {
        limit: limit.requests,
        remaining: window.remaining(limit, now),
        reset_after: window.reset_after(limit, now),
        name: hash
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    }
}

impl Bucket {
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let after = self.reset_after.as_secs_f64();
        let reset = Timestamp::now().as_duration().as_secs_f64() + after;
        set(headers, "x-ratelimit-limit", self.limit.to_string());
        set(headers, "x-ratelimit-remaining", self.remaining.to_string());
        set(headers, "x-ratelimit-reset", format!("{reset:.3}"));
        set(headers, "x-ratelimit-reset-after", format!("{after:.3}"));
        set(headers, "x-ratelimit-bucket", self.name.clone());
    }
}

impl IntoResponse for TooMany {
    fn into_response(self) -> Response {
        let seconds = self.retry_after.as_secs_f64();
        let whole = seconds.ceil();
        let retry_after = format!("{whole:.0}");
        let status = StatusCode::TOO_MANY_REQUESTS;
        let scope = match self.scope {
            LimitScope::User => "user",
            LimitScope::Shared => "shared",
            LimitScope::Global => "global",
            LimitScope::None => {
                let mut response = (status, Html("<h1>error code: 1015</h1>")).into_response();
                set(response.headers_mut(), "retry-after", retry_after);
                return response;
            }
        };
        let message = match self.scope {
            LimitScope::Shared => "The resource is being rate limited.",
            _ => "You are being rate limited.",
        };
        let global = self.scope == LimitScope::Global;
        // Milliseconds are what Discord tells.
        let rounded = (seconds * 1_000.0).ceil() / 1_000.0;
        let body = json!({"message": message, "retry_after": rounded, "global": global});
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        set(headers, "retry-after", retry_after);
        set(headers, "x-ratelimit-scope", scope.to_owned());
        if global {
            set(headers, "x-ratelimit-global", "true".to_owned());
        } else if let Some(bucket) = &self.bucket {
            bucket.write(headers);
        }
        response
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: String) {
    // All that is set here is ASCII.
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
