//! What loopback and the HTTP library can do at the most: a route that knows one tag and nothing else.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// Its path.
pub const PATH: &str = "/progress";

const TAG: HeaderValue = HeaderValue::from_static("W/\"bare-1\"");

/// Serves until standard input ends.
pub async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        if let Err(fault) = stream.set_nodelay(true) {
            eprintln!("TCP_NODELAY was refused: {fault}");
        }
    });
    let router = Router::new().route(PATH, get(progress));
    let (mut input, mut ignored) = (tokio::io::stdin(), Vec::new());
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        ended = input.read_to_end(&mut ignored) => { ended?; }
    }
    Ok(())
}

async fn progress(headers: HeaderMap) -> Response {
    let tag = [(header::ETAG, TAG)];
    if headers.get(header::IF_NONE_MATCH) == Some(&TAG) {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    (tag, "{}").into_response()
}
