//! A refusal as a page, for people who open an address that leads nowhere. What no browser asks for stays JSON.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// Nothing is fetched, run or framed.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers a browser that was refused with a page. A locked route looks to it like one that is not there.
pub(super) async fn page(request: Request, next: Next) -> Response {
    let is_browsers = request.method() == Method::GET && wants_page(request.headers());
    let response = next.run(request).await;
    let said = match response.status() {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            "There is no page at this address."
        }
        StatusCode::UNAUTHORIZED => {
            "This address opens nothing without credentials. The link that <code>husting console link</code> prints opens \
             the console."
        }
        _ => return response,
    };
    if !is_browsers {
        return response;
    }
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Husting</title>\n<p>{said}</p>\n<p><a href=\"/console/\">To the console</a></p>\n</html>\n"
    );
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::VARY, "accept"),
    ] {
        parts.headers.insert(name, HeaderValue::from_static(value));
    }
    Response::from_parts(parts, Body::from(text))
}

/// Browsers name the type itself; a wildcard is a script's.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut types = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    types.any(|one| {
        let name = one.split(';').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("text/html")
    })
}
