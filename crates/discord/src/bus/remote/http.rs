//! The HTTP client below both transports.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that follows no redirect, since the token would go along, and sets no limit on a whole
/// answer, which may be a stream. It speaks HTTP/1 alone: below HTTP/2, paths are logged.
///
/// # Errors
/// Where the system's certificates cannot be read.
pub(super) fn client(url: &Url) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("husting/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .http1_only();
    // A system's proxy is used for https alone: it would read a token sent over plain http.
    let builder = match url.scheme() {
        "https" => builder,
        _ => builder.no_proxy(),
    };
    builder.build()
}

/// When a bus asks to be tried again, where it says so in seconds.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    seconds(headers.get(RETRY_AFTER)?.to_str().ok()?)
}

/// A number of seconds; a date is not waited for.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}
