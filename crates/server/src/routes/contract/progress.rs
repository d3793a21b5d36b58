//! How far a round is, for clients that poll: as cheap as it can be while nothing changed.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use husting_console::Progress;
use husting_wire::errors::{Error, ErrorCode};
use std::sync::Arc;

use super::super::Shared;
use super::super::credentials::KeyBearer;
use super::paths::{Asked, InSession};
use crate::refusal::Declined;

pub(super) async fn progress(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    InSession(session): InSession,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Declined> {
    let asked = Asked::of(&uri, &["round_id"])?;
    let round = asked.id("round_id", "round")?;
    let progress = shared
        .contract
        .progress(&bearer.caller, session, round)
        .await?;
    Ok(answered(&headers, progress)?)
}

fn answered(headers: &HeaderMap, progress: Progress) -> Result<Response, Error> {
    // Versions count within a round: without its id, two rounds could wear the same tag.
    let tag = format!("W/\"{}-{}\"", progress.round_id, progress.version);
    let known = is_known(headers, &tag);
    let tag = HeaderValue::try_from(tag)
        .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
    let said = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, said).into_response());
    }
    let json = [(header::CONTENT_TYPE, "application/json")];
    let body = Body::from(Bytes::from_owner(Text(progress.body)));
    Ok((said, json, body).into_response())
}

/// Text that many answers share.
struct Text(Arc<str>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Whether the client has what `tag` stands for: <https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match>.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let ours = opaque(tag);
    let named = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    named
        .flat_map(|value| value.split(','))
        .any(|named| named.trim() == "*" || opaque(named) == ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_any_form_and_place_of_the_list() {
        let known = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            }
            is_known(&headers, "W/\"r-3\"")
        };
        for values in [
            &["W/\"r-3\""][..],
            &["\"r-3\""],
            &["*"],
            &["\"a\", W/\"r-3\""],
            &["\"a\"", "W/\"r-3\""],
        ] {
            assert!(known(values), "{values:?}");
        }
        for values in [&[][..], &["W/\"r-4\""], &["r-3"], &["W/\"r-33\""], &[""]] {
            assert!(!known(values), "{values:?}");
        }
    }
}
