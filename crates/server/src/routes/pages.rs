//! The console's pages, embedded when the program is built; a debug build reads them from disk.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use husting_wire::errors::ErrorCode;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::astray::wants_page;
use super::credentials::Anybody;
use super::no_such_route;
use crate::refusal::Refusal;

/// Everything comes from here; nothing is inline, framed, sent elsewhere or fetched from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// The folder may be missing where only the core is built; a request then says so.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/dist"]
#[allow_missing = true]
struct Pages;

/// The address that the program prints, as a browser opens it: on to the console, which says how to
/// log in. To anybody else there is no such route.
pub(super) async fn front(
    uri: Uri,
    headers: HeaderMap,
    anybody: Result<Anybody, Response>,
) -> Response {
    let vary = [(header::VARY, "accept")];
    if wants_page(&headers) {
        return (vary, Redirect::temporary("/console/")).into_response();
    }
    match anybody {
        Ok(anybody) => (vary, no_such_route(anybody, uri).await).into_response(),
        Err(refusal) => (vary, refusal).into_response(),
    }
}

pub(super) async fn index(headers: HeaderMap) -> Response {
    match Pages::get("index.html") {
        Some(file) => answer("index.html", &file, &headers),
        None => {
            let message = "This build has no pages: run `npm --prefix ui ci` and `npm --prefix ui run build`, and build again.";
            Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::Internal,
                message,
            )
            .into_response()
        }
    }
}

/// A file of the pages. What is none is refused like every unknown route.
pub(super) async fn page(
    Path(path): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    anybody: Result<Anybody, Response>,
) -> Response {
    match (Pages::get(&path), anybody) {
        (Some(file), _) => answer(&path, &file, &headers),
        (None, Ok(anybody)) => no_such_route(anybody, uri).await,
        (None, Err(refusal)) => refusal,
    }
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!(
        "\"{}\"",
        file.metadata.sha256_hash()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    );
    let said = [
        (header::CONTENT_TYPE, content_type(path).to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, cache_control(path).to_owned()),
        (header::ETAG, tag.clone()),
    ];
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, said).into_response();
    }
    (said, file.data.clone().into_owned()).into_response()
}

/// Names below `assets/` change with their content.
fn cache_control(path: &str) -> &'static str {
    if path.starts_with("assets/") {
        "private, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// The kinds of file that the pages are built into.
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("woff") => "font/woff",
        Some("json" | "webmanifest") => "application/json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
