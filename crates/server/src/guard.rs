//! What is looked at before anything else on every route: that a request means this machine by
//! its own name (a page that rebinds its DNS name to us does not), and that no foreign page sent it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use husting_wire::errors::ErrorCode;

use crate::refusal::Refusal;

/// The names under which this listener may be called.
#[derive(Clone, Debug)]
pub(crate) struct Names(Arc<[String]>);

impl Names {
    pub(crate) fn of(port: u16) -> Self {
        Self(
            ["127.0.0.1", "localhost", "[::1]"]
                .map(|host| format!("{host}:{port}"))
                .into(),
        )
    }

    fn is_ours(&self, host: &str) -> bool {
        self.0.iter().any(|name| name == host)
    }

    /// Every `Host` there is, and the address of a proxy's request line, must be ours.
    fn admit_host(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let named = headers.contains_key(header::HOST);
        let all_ours = headers
            .get_all(header::HOST)
            .iter()
            .all(|host| host.to_str().is_ok_and(|host| self.is_ours(host)));
        let addressed = uri
            .authority()
            .is_none_or(|authority| self.is_ours(authority.as_str()));
        named && all_ours && addressed
    }

    fn admit_origin(&self, headers: &HeaderMap) -> bool {
        let ours = |origin: &HeaderValue| {
            let host = origin
                .to_str()
                .ok()
                .and_then(|origin| origin.strip_prefix("http://"));
            host.is_some_and(|host| self.is_ours(host))
        };
        headers.get_all(header::ORIGIN).iter().all(ours)
    }
}

/// The first layer of every route.
pub(crate) async fn guard(State(names): State<Names>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let mut response = if !names.admit_host(request.headers(), request.uri()) {
        refuse(
            path,
            "This listener answers to 127.0.0.1, localhost and [::1] with its port, and to no other name.",
        )
    } else if !names.admit_origin(request.headers()) {
        refuse(path, "Pages of other origins may not call this listener.")
    } else {
        next.run(request).await
    };
    protect(response.headers_mut());
    response
}

fn refuse(path: &str, message: &str) -> Response {
    Refusal::new(StatusCode::FORBIDDEN, ErrorCode::Forbidden, message).at(path)
}

/// What every answer says: take no type but the one given, be framed by nobody, send no address on.
fn protect(headers: &mut HeaderMap) {
    const SAID: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in SAID {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}
