//! MCP over server-sent events, for clients that know nothing newer: answers go out on one stream, and
//! messages come in beside it under an id that stands for the token as long as the stream lives.
//! <https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse>

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Extension;
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use husting_console::BusDoor;
use husting_tokens::{hash, random_code};
use husting_wire::errors::{Error, ErrorCode};
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::super::credentials::{bearer, refuse_in_address};
use super::super::mcp::calls::TakesEvents;
use super::super::mcp::peek::Peek;
use super::super::streams::{self, Beat, End, Line};
use super::super::{Shared, body};
use super::answering::{Said, answer};
use super::bearer::{AgentBearer, refuse_large};
use super::hearing::Heard;
use super::news::news;
use super::sessions::Session;
use super::streamable::no_such_session;
use crate::connections::Cut;
use crate::refusal::Barred;

/// Streams that ended with their token and are still told from those that never were.
const MOST_REMEMBERED: usize = 1_024;

/// All open streams, by the hash of their sessions' ids.
#[derive(Default)]
pub(super) struct Streams(Mutex<Table>);

#[derive(Default)]
struct Table {
    open: HashMap<[u8; 32], Stream>,
    /// Hashes of sessions whose token ended.
    shut: VecDeque<[u8; 32]>,
}

/// One of them.
#[derive(Clone)]
struct Stream {
    bearer: AgentBearer,
    session: Arc<Session>,
    /// The stream ends when nobody has this any more: no answer is lost that a call still gets.
    answers: mpsc::UnboundedSender<Said>,
    /// Cancelled when token or agent end.
    ended: CancellationToken,
}

/// Takes a stream off the table when its client is gone, or when it comes to its end.
struct Leaving {
    key: [u8; 32],
    streams: Arc<Streams>,
}

impl Leaving {
    fn now(&self) {
        self.streams.leave(self.key);
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.now();
    }
}

impl Streams {
    fn enter(
        self: &Arc<Self>,
        id: &str,
        bearer: AgentBearer,
        session: Session,
        ended: CancellationToken,
    ) -> (Stream, Leaving, mpsc::UnboundedReceiver<Said>) {
        let (answers, answered) = mpsc::unbounded_channel();
        let mut table = self.lock();
        let stream = Stream {
            bearer,
            session: Arc::new(session),
            answers,
            ended,
        };
        let key = hash(id);
        table.open.insert(key, stream.clone());
        let streams = self.clone();
        (stream, Leaving { key, streams }, answered)
    }

    fn find(&self, id: &str) -> Result<Stream, Error> {
        let table = self.lock();
        let key = hash(id);
        let found = table.open.get(&key);
        let has_ended = found.is_some_and(|stream| stream.ended.is_cancelled());
        if has_ended || table.shut.contains(&key) {
            return Err(Error::new(
                ErrorCode::InvalidToken,
                "The token of this stream opens nothing any more.",
            ));
        }
        found.cloned().ok_or_else(no_such_session)
    }

    fn leave(&self, key: [u8; 32]) {
        let mut table = self.lock();
        let left = table.open.remove(&key);
        if left.is_some_and(|stream| stream.ended.is_cancelled()) {
            table.shut.push_back(key);
            if table.shut.len() > MOST_REMEMBERED {
                table.shut.pop_front();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream, with the token in the path: older clients can put it nowhere else.
pub(super) async fn by_path(
    State(shared): State<Shared>,
    Extension(cut): Extension<Cut>,
    request: Request,
) -> Result<Response, Barred> {
    let (mut parts, _) = request.into_parts();
    refuse_in_address(&parts)?;
    let path = Path::<String>::from_request_parts(&mut parts, &shared).await;
    // What is no text is no token.
    let token = path.map(|Path(token)| token).unwrap_or_default();
    if !shared.takes_path_tokens {
        return Err(no_path_tokens().into());
    }
    let bearer = AgentBearer::by(&token, &shared, BusDoor::Sse)?;
    open(&shared, cut, bearer)
}

fn no_path_tokens() -> Error {
    Error::new(
        ErrorCode::InvalidToken,
        "Tokens in a path stay in the logs of proxies. Connect to /sse with `Authorization: Bearer hst_a_…`; \
         where a client cannot, its operator starts `husting serve --allow-path-tokens`.",
    )
}

/// A stream, with the token in its header.
pub(super) async fn by_bearer(
    State(shared): State<Shared>,
    Extension(cut): Extension<Cut>,
    request: Request,
) -> Result<Response, Barred> {
    let (parts, _) = request.into_parts();
    let bearer = AgentBearer::of(&parts, &shared, BusDoor::Sse)?;
    open(&shared, cut, bearer)
}

fn open(shared: &Shared, cut: Cut, bearer: AgentBearer) -> Result<Response, Barred> {
    let place = bearer.place(shared)?;
    let connection = shared.bus.hold_open(&bearer.holder)?;
    let id = random_code().map_err(|fault| {
        tracing::error!(%fault, "a session has no id");
        Error::new(ErrorCode::Internal, "No session can be opened now.")
    })?;
    let ended = connection.ended().clone();
    let session = Session::new(shared.bus.scopes_of(&bearer.holder));
    let streams = &shared.bus_door.streams;
    let (stream, leaving, mut answered) =
        streams.enter(id.expose_secret(), bearer.clone(), session, ended.clone());
    let endpoint = format!("/messages?sessionId={}", id.expose_secret());
    let inbox = bearer.inbox();
    let told = news(
        shared.bus.clone(),
        bearer.holder,
        stream.session.known.clone(),
        stream.session.subscription.subscribe(),
    );
    let leaving = Arc::new(leaving);
    let over = over(shared.shutdown.clone(), ended.clone(), leaving.clone());
    let told = told.map(move |news| Arc::from(news.message(&inbox).to_string()));
    let told = told.take_until(over);
    // Its own sender must not keep the channel open.
    drop(stream);
    let may_read = ended.clone();
    let answers = stream::poll_fn(move |context| answered.poll_recv(context));
    let answers = answers.filter_map(move |said: Said| ready(said.read(may_read.is_cancelled())));
    let messages = stream::select(answers, told).map(|json| line("message", json));
    let first = stream::once(ready(line("endpoint", endpoint.into())));
    let lines = first.chain(messages).map(move |line| {
        // Held for as long as the stream is.
        let _held = (&place, &connection, &leaving);
        line
    });
    // At the program's end the lines end by themselves, with the last answer.
    let end = async move {
        ended.cancelled().await;
        End::LastWords
    };
    Ok(streams::sent(
        shared,
        cut,
        lines.boxed(),
        end,
        Beat::Comment,
    ))
}

/// Returns when the stream takes no more calls and has no more news, be it at the program's end or at
/// its token's; what was called before is still answered.
async fn over(shutdown: CancellationToken, ended: CancellationToken, leaving: Arc<Leaving>) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = ended.cancelled() => {}
    }
    leaving.now();
}

fn line(event: &str, json: Arc<str>) -> Line {
    Line {
        id: None,
        event: Some(event.to_owned()),
        json,
    }
}

/// A message to a stream's session; the answer goes out on the stream.
pub(super) async fn message(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Response, Barred> {
    let (parts, body) = request.into_parts();
    refuse_in_address(&parts)?;
    let stream = shared.bus_door.streams.find(&session_id(&parts))?;
    if let Some(token) = bearer(&parts.headers) {
        let holder = shared.bus.agent_holder(token, BusDoor::Sse)?;
        if holder.token != Some(stream.bearer.token) {
            return Err(no_such_session().into());
        }
    }
    stream.bearer.count(&shared)?;
    let most = stream.bearer.most_bytes(&shared);
    let bytes = body::json_bytes(&parts.headers, body, most).await?;
    let peek = match Peek::at(&bytes) {
        Ok(peek) => peek,
        Err(unread) => return Ok(unread.into_response()),
    };
    refuse_large(&peek, &bytes)?;
    let heard = Heard {
        bearer: stream.bearer.clone(),
        session: Some(stream.session.clone()),
        peek,
        parts,
        bytes,
        takes: TakesEvents(true),
        denied_in_results: true,
    };
    let work = shared.work.clone();
    work.spawn(answer(shared, stream.answers, stream.ended, heard));
    Ok((StatusCode::ACCEPTED, "Accepted").into_response())
}

fn session_id(parts: &Parts) -> String {
    let query = Query::<HashMap<String, String>>::try_from_uri(&parts.uri);
    let mut named = query.map(|Query(named)| named).unwrap_or_default();
    named.remove("sessionId").unwrap_or_default()
}
