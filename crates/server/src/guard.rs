//! What is looked at before anything else on every route: that a request means this machine by
//! its own name (a page that rebinds its DNS name to us does not), and that no foreign page sent it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use husting_wire::errors::ErrorCode;

use crate::connections::FromThisMachine;
use crate::outside::PublicUrl;
use crate::refusal::Refusal;

/// What proxies say of whom they pass on.
const FORWARDED: [HeaderName; 4] = [
    header::FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
];

/// The names under which this listener may be called.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// This machine's own.
    local: Arc<[String]>,
    /// The operator's.
    public: Option<PublicUrl>,
}

impl Names {
    pub(crate) fn of(port: u16, public: Option<PublicUrl>) -> Self {
        let local = ["127.0.0.1", "localhost", "[::1]"]
            .map(|host| format!("{host}:{port}"))
            .into();
        Self { local, public }
    }

    fn is_local(&self, host: &str) -> bool {
        self.local.iter().any(|name| name == host)
    }

    fn is_ours(&self, host: &str) -> bool {
        self.is_local(host) || self.public.as_ref().is_some_and(|url| url.host() == host)
    }

    /// Whether a request that was admitted means this machine, and not the operator's name. Where a
    /// proxy may stand before it, `Host` alone does not tell: some write their own into it.
    fn means_this_machine(&self, headers: &HeaderMap) -> bool {
        if self.public.is_some() && FORWARDED.iter().any(|name| headers.contains_key(name)) {
            return false;
        }
        let mut hosts = headers.get_all(header::HOST).iter();
        hosts.all(|host| host.to_str().is_ok_and(|host| self.is_local(host)))
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
            let Ok(origin) = origin.to_str() else {
                return false;
            };
            let host = origin.strip_prefix("http://");
            let is_public = |url: &PublicUrl| url.to_string() == origin;
            host.is_some_and(|host| self.is_local(host))
                || self.public.as_ref().is_some_and(is_public)
        };
        headers.get_all(header::ORIGIN).iter().all(ours)
    }
}

/// The first layer of every route.
pub(crate) async fn guard(
    State(names): State<Names>,
    mut request: Request,
    next: Next,
) -> Response {
    if !names.means_this_machine(request.headers()) {
        request.extensions_mut().insert(FromThisMachine(false));
    }
    let path = request.uri().path();
    let mut response = if !names.admit_host(request.headers(), request.uri()) {
        refuse(
            path,
            "This listener answers to 127.0.0.1, localhost and [::1] with its port, and to no other name but its public one.",
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
