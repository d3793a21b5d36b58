//! Server-sent events: a stream out, messages in beside it.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{StreamExt, channel::mpsc, stream};
use rmcp::{
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
    serve_server,
};
use serde::Deserialize;

use super::{Shared, tools::Server};

pub(super) async fn open(State(state): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    if token != state.token {
        return (StatusCode::UNAUTHORIZED, "Who are you?").into_response();
    }
    let (to_server, from_client) = mpsc::unbounded();
    let (to_client, from_server) = mpsc::unbounded();
    let number = {
        let mut desk = state.lock();
        desk.opened += 1;
        let number = desk.opened;
        desk.streams.insert(number, to_server);
        number
    };
    tokio::spawn(serve(Server(Arc::clone(&state)), to_client, from_client));
    let first = stream::once(std::future::ready(
        Event::default()
            .event("endpoint")
            .data(format!("/messages?sessionId={number}")),
    ));
    let answers = from_server.map(|message: ServerJsonRpcMessage| {
        let json = serde_json::to_string(&message).unwrap_or_default();
        Event::default().event("message").data(json)
    });
    let mut cut = state.cut.subscribe();
    let cut = Box::pin(async move {
        // An error says that the bus is gone, which is an end too.
        drop(cut.changed().await);
    });
    let events = first
        .chain(answers)
        .take_until(cut)
        .map(Ok::<_, Infallible>);
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// Serves until either side is gone.
async fn serve(
    server: Server,
    to_client: mpsc::UnboundedSender<ServerJsonRpcMessage>,
    from_client: mpsc::UnboundedReceiver<ClientJsonRpcMessage>,
) {
    if let Ok(running) = serve_server(server, (to_client, from_client)).await {
        drop(running.waiting().await);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    session_id: u64,
}

pub(super) async fn message(
    State(state): State<Arc<Shared>>,
    Query(session): Query<Session>,
    Json(message): Json<ClientJsonRpcMessage>,
) -> StatusCode {
    let stream = state.lock().streams.get(&session.session_id).cloned();
    if stream.is_some_and(|stream| stream.unbounded_send(message).is_ok()) {
        StatusCode::ACCEPTED
    } else {
        StatusCode::NOT_FOUND
    }
}
