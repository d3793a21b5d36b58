//! The gateway's socket: <https://docs.discord.com/developers/events/gateway#connecting>.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        ConnectInfo, OriginalUri, Query, State,
        ws::{
            CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection,
        },
    },
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::{Instant, sleep_until, timeout},
};

use super::{
    compression::ZlibStream,
    faults::Fault,
    house::House,
    opcodes::{close, op},
    record::Closed,
    refusal::Refusal,
    sessions::{Connection, Outgoing},
    window::Sliding,
};
use crate::door::Line;

/// How long a client may take to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
pub(crate) struct Wanted {
    v: Option<String>,
    encoding: Option<String>,
    compress: Option<String>,
}

/// The gateway; for a browser, the page on which one plays the people.
pub(crate) async fn connect(
    State(house): State<Arc<House>>,
    ConnectInfo(line): ConnectInfo<Line>,
    OriginalUri(address): OriginalUri,
    Query(wanted): Query<Wanted>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return Html(include_str!("page.html")).into_response();
    };
    if wanted.encoding.as_deref().unwrap_or("json") != "json" {
        return (StatusCode::BAD_REQUEST, "only json is spoken here").into_response();
    }
    let compressed = match wanted.compress.as_deref() {
        None => false,
        Some("zlib-stream") => true,
        Some(_) => return (StatusCode::BAD_REQUEST, "only zlib-stream").into_response(),
    };
    let refused = house.act(|state| {
        state
            .faults
            .at_gateway(|fault| matches!(fault, Fault::RefuseUpgrade { .. }))
    });
    if let Some(Fault::RefuseUpgrade { status }) = refused {
        return Refusal::new(status, 0, "not now").into_response();
    }
    let version = wanted.v.as_deref() == Some("10");
    let by_resume_url = address.path().starts_with("/resume");
    upgrade.on_upgrade(move |socket| async move {
        let (wire, orders) = mpsc::unbounded_channel();
        let connection = Connection {
            wire,
            session: None,
            sent: Sliding::default(),
            beats: 0,
            by_resume_url,
            ending: false,
        };
        let number = house.act(|state| {
            state.sessions.tally.connections += 1;
            let number = u64::try_from(state.sessions.tally.connections).unwrap_or(u64::MAX);
            state.sessions.connections.insert(number, connection);
            greet(state, number, version);
            number
        });
        let closed = Talk {
            house: Arc::clone(&house),
            number,
            socket,
            zlib: compressed.then(ZlibStream::new),
            line,
        }
        .run(orders)
        .await;
        house.act(|state| {
            state.hang_up(number, closed.by_app);
            state.sessions.connections.remove(&number);
            state.record.closed.push(closed);
        });
    })
}

fn greet(state: &mut super::state::State, number: u64, version: bool) {
    if !version {
        let code = close::INVALID_API_VERSION;
        return state.sessions.close(number, code, close::reason(code));
    }
    let hung = state.faults.at_gateway(|fault| *fault == Fault::HangHello);
    if hung.is_none() {
        let interval = state.settings.heartbeat_interval_ms;
        let hello = json!({"op": op::HELLO, "d": {"heartbeat_interval": interval}});
        state.sessions.send(number, hello);
    }
}

struct Talk {
    house: Arc<House>,
    number: u64,
    socket: WebSocket,
    zlib: Option<ZlibStream>,
    line: Line,
}

impl Talk {
    async fn run(mut self, mut orders: UnboundedReceiver<Outgoing>) -> Closed {
        let mut closed = Closed {
            connection: self.number,
            by_us: None,
            by_app: None,
        };
        let patience = self.house.look(|state| {
            let settings = &state.settings;
            Duration::from_millis(settings.heartbeat_interval_ms + settings.heartbeat_grace_ms)
        });
        let mut expected = Instant::now() + patience;
        let mut heard_beats = 0;
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Outgoing::Frame(payload)) => {
                        if self.send(&payload).await.is_err() {
                            return closed;
                        }
                    }
                    Some(Outgoing::Close(code, reason)) => {
                        closed.by_us = Some(code);
                        closed.by_app = self.say_goodbye(code, reason).await;
                        return closed;
                    }
                    Some(Outgoing::Drop) | None => {
                        self.line.kill();
                        return closed;
                    }
                },
                heard = self.socket.recv() => match heard {
                    Some(Ok(Message::Text(text))) => {
                        let beats = self.house.act(|state| {
                            state.hear(self.number, Some(text.as_str()));
                            let known = state.sessions.connections.get(&self.number);
                            known.map_or(0, |known| known.beats)
                        });
                        if beats > heard_beats {
                            heard_beats = beats;
                            expected = Instant::now() + patience;
                        }
                    }
                    Some(Ok(Message::Binary(_))) => {
                        self.house.act(|state| state.hear(self.number, None));
                    }
                    Some(Ok(Message::Close(frame))) => {
                        closed.by_app = frame.map(|frame| frame.code);
                        return closed;
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return closed,
                },
                () = sleep_until(expected) => {
                    let reason = close::reason(close::UNKNOWN_ERROR);
                    self.house.act(|state| {
                        state.sessions.close(self.number, close::UNKNOWN_ERROR, reason);
                    });
                    expected = Instant::now() + patience;
                }
            }
        }
    }

    async fn send(&mut self, payload: &Value) -> Result<(), axum::Error> {
        let text = payload.to_string();
        let message = match &mut self.zlib {
            None => Message::Text(text.into()),
            Some(zlib) => Message::Binary(Bytes::from(
                zlib.push(text.as_bytes()).map_err(axum::Error::new)?,
            )),
        };
        self.socket.send(message).await
    }

    /// Closes in good order, and gives the code the app answers with.
    async fn say_goodbye(&mut self, code: u16, reason: &'static str) -> Option<u16> {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        self.socket.send(Message::Close(Some(frame))).await.ok()?;
        let answer = async {
            loop {
                match self.socket.recv().await {
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        // The answer only echoes our code, which says nothing of what the app wants.
        drop(timeout(FAREWELL, answer).await);
        None
    }
}
