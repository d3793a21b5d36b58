//! The REST API's front: who asks, how often, for what, and what is told of it.
//! <https://docs.discord.com/developers/reference#http-api>.

mod body;
mod channels;
mod commands;
mod content;
mod guilds;
mod interactions;
mod messages;
mod reactions;
mod routes;
mod threads;
mod webhooks;

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, Query, Request, State as Shared},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::{
    faults::{Fault, LimitScope},
    form::Form,
    house::House,
    id::Id,
    limits::{Bucket, TooMany},
    model::Message,
    posts::Upload,
    record::{self, without_tokens},
    refusal::Refusal,
    state::State,
};
use crate::{door::Line, fingerprint};
use routes::{Found, Route};

const PREFIX: &str = "/api/v10";

/// A request as an endpoint sees it.
pub(crate) struct Call {
    params: Vec<(&'static str, String)>,
    query: Vec<(String, String)>,
    fields: Map<String, Value>,
    /// A body that is a list, as for the bulk overwrite of commands.
    list: Vec<Value>,
    files: Vec<(u64, Upload)>,
}

impl Call {
    fn text(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(param, _)| *param == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    fn id(&self, name: &str) -> Result<Id, Refusal> {
        let text = self.text(name);
        text.parse().map_err(|_| {
            let message = format!("Value \"{text}\" is not snowflake.");
            Refusal::field(&[&name.replace('.', "_")], "NUMBER_TYPE_COERCE", &message)
        })
    }

    fn asked(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// `true`, `True` or `1`.
    fn flag(&self, name: &str) -> bool {
        matches!(self.asked(name), Some("true" | "True" | "1"))
    }

    fn form(&self) -> Form<'_> {
        Form::new(&self.fields)
    }
}

/// What an endpoint answers.
pub(crate) struct Reply {
    status: StatusCode,
    body: Option<Value>,
    /// The message it made or changed.
    message: Option<Message>,
}

impl Reply {
    fn ok(body: Value) -> Self {
        Reply {
            status: StatusCode::OK,
            body: Some(body),
            message: None,
        }
    }

    fn created(body: Value) -> Self {
        Reply {
            status: StatusCode::CREATED,
            ..Reply::ok(body)
        }
    }

    fn empty() -> Self {
        Reply {
            status: StatusCode::NO_CONTENT,
            body: None,
            message: None,
        }
    }

    /// The message, as the app may read it.
    fn message(state: &State, message: Message) -> Self {
        Reply {
            message: Some(message.clone()),
            ..Reply::ok(state.message_object(&message, state.may_read_content()))
        }
    }
}

impl State {
    /// Over HTTP what counts is what was granted, whatever the session asked for.
    fn may_read_content(&self) -> bool {
        self.application.granted & super::intent::intents::MESSAGE_CONTENT != 0
    }
}

/// What the front found out before the endpoint is asked.
enum Verdict {
    Answer(Response),
    Strike(Fault, Bucket),
    Go(Bucket),
}

pub(crate) async fn serve(
    Shared(house): Shared<Arc<House>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let most = house.look(|state| state.settings.request_size);
    let Some(path) = parts.uri.path().strip_prefix(PREFIX) else {
        return Refusal::of(50041).into_response();
    };
    let found = match routes::find(&parts.method, path) {
        Ok(found) => found,
        Err(refusal) => return unrouted(&house, parts.method.as_str(), path, refusal),
    };
    let Ok(bytes) = axum::body::to_bytes(body, most).await else {
        return Refusal::of(40005).into_response();
    };
    let (call, unread) = match body::read(&parts.headers, bytes, &found, query(&parts.uri)).await {
        Ok(call) => (call, None),
        Err((call, refusal)) => (call, Some(refusal)),
    };
    let number = house.act(|state| {
        let request = written(&found, &call, &parts.headers);
        state.record.request(request)
    });
    let (fault, bucket) = match house.act(|state| front(state, &found, &parts.headers)) {
        Verdict::Answer(response) => return ended(&house, number, response, None),
        Verdict::Go(bucket) => (None, bucket),
        Verdict::Strike(fault, bucket) => (Some(fault), bucket),
    };
    match &fault {
        Some(Fault::GateBefore { gate }) => house.gates.pass(gate).await,
        Some(Fault::CutBefore) => {
            line.kill();
            return Body::empty().into_response();
        }
        Some(fault) if !fault.is_late() => {
            let response = struck(fault, bucket);
            return ended(&house, number, response, None);
        }
        _ => {}
    }
    let reply = house.act(|state| match unread {
        Some(refusal) => Err(refusal),
        None => (found.route.act)(state, &call),
    });
    match fault {
        Some(Fault::GateAfter { gate }) => house.gates.pass(&gate).await,
        Some(Fault::CutAfter) => {
            let pings = reply.ok().and_then(|reply| reply.message);
            note(&house, number, 0, None, pings);
            line.kill();
            return Body::empty().into_response();
        }
        _ => {}
    }
    let (mut response, message) = match reply {
        Ok(reply) => {
            let response = match reply.body {
                Some(body) => (reply.status, Json(body)).into_response(),
                None => reply.status.into_response(),
            };
            (response, reply.message)
        }
        Err(refusal) => (coded(refusal), None),
    };
    bucket.write(response.headers_mut());
    ended(&house, number, response, message)
}

/// Everything that is decided before the endpoint: who is shut out, who may ask, and how often.
fn front(state: &mut State, found: &Found, headers: &HeaderMap) -> Verdict {
    if let Some(wait) = state.limits.shut_out(&state.settings) {
        let shut_out = TooMany {
            scope: LimitScope::None,
            retry_after: wait,
            bucket: None,
        };
        return Verdict::Answer(shut_out.into_response());
    }
    let agent = text(headers, header::USER_AGENT);
    if state.settings.demand_user_agent && !agent.starts_with("DiscordBot (") {
        return Verdict::Answer(coded(Refusal::of(40333)));
    }
    if found.route.of_bot && !authorized(state, headers) {
        return Verdict::Answer(coded(Refusal::unauthorized()));
    }
    if found.route.of_bot
        && let Err(early) = state.limits.take_global(&state.settings)
    {
        return Verdict::Answer(early.into_response());
    }
    let taken = state
        .limits
        .take(&state.settings, &found.route.name, &found.resource);
    let bucket = match taken {
        Ok(bucket) => bucket,
        Err(early) => return Verdict::Answer(early.into_response()),
    };
    // Last, so that no fault is spent on a request that is refused anyway.
    match state.faults.at_request(&found.route.name, &found.path) {
        Some(fault) => Verdict::Strike(fault, bucket),
        None => Verdict::Go(bucket),
    }
}

fn authorized(state: &State, headers: &HeaderMap) -> bool {
    let given = text(headers, header::AUTHORIZATION);
    given.strip_prefix("Bot ") == Some(state.token.as_str())
}

fn struck(fault: &Fault, bucket: Bucket) -> Response {
    match fault {
        Fault::RateLimited {
            scope,
            retry_after_ms,
        } => TooMany {
            scope: *scope,
            retry_after: std::time::Duration::from_millis(*retry_after_ms),
            bucket: Some(bucket),
        }
        .into_response(),
        Fault::Refused { status, code } => {
            let mut refusal = Refusal::of(*code);
            refusal.code = *code;
            refusal.status = StatusCode::from_u16(*status).unwrap_or(refusal.status);
            coded(refusal)
        }
        Fault::ServerError { status } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, Html("<h1>upstream connect error</h1>")).into_response()
        }
        _ => (StatusCode::OK, "<html>not what you asked for</html>").into_response(),
    }
}

/// The error code of a response, for the record.
#[derive(Clone, Copy)]
struct Code(u32);

fn coded(refusal: Refusal) -> Response {
    let code = Code(refusal.code);
    let mut response = refusal.into_response();
    response.extensions_mut().insert(code);
    response
}

fn ended(house: &House, number: usize, response: Response, message: Option<Message>) -> Response {
    let status = response.status().as_u16();
    let code = response.extensions().get::<Code>().map(|code| code.0);
    let shared = response
        .headers()
        .get("x-ratelimit-scope")
        .is_some_and(|scope| scope == "shared");
    note(house, number, status, code, message);
    if matches!(status, 401 | 403 | 429) && !shared {
        house.act(|state| state.limits.note_invalid(&state.settings));
    }
    response
}

fn note(house: &House, number: usize, status: u16, code: Option<u32>, made: Option<Message>) {
    house.act(|state| {
        state.record.answered(number, status, code);
        if let Some(request) = state.record.requests.get_mut(number - 1) {
            request.pings = made.map(|message| message.pings);
        }
    });
}

/// A path that is none of the API's, or another method.
fn unrouted(house: &House, method: &str, path: &str, refusal: Refusal) -> Response {
    // What is as long as a token may be one.
    let shown: Vec<String> = path
        .split('/')
        .map(|part| match part.len() {
            0..24 => part.to_owned(),
            _ => fingerprint(part),
        })
        .collect();
    let path = shown.join("/");
    let number = house.act(|state| {
        state.record.request(record::Request {
            route: format!("{method} {path}"),
            path,
            ..empty_record()
        })
    });
    ended(house, number, coded(refusal), None)
}

fn written(found: &Found, call: &Call, headers: &HeaderMap) -> record::Request {
    let given = text(headers, header::AUTHORIZATION);
    let token = given.split_once(' ').map_or(given, |(_, token)| token);
    let body = if call.list.is_empty() {
        Value::Object(call.fields.clone())
    } else {
        Value::Array(call.list.clone())
    };
    let files = call.files.iter();
    record::Request {
        route: found.route.name.clone(),
        path: found.shown.clone(),
        query: call.query.clone(),
        authorization: (!token.is_empty()).then(|| fingerprint(token)),
        body: without_tokens(body),
        files: files
            .map(|(_, file)| (file.filename.clone(), file.bytes.len()))
            .collect(),
        ..empty_record()
    }
}

fn empty_record() -> record::Request {
    record::Request {
        number: 0,
        at_ms: 0,
        route: String::new(),
        path: String::new(),
        query: Vec::new(),
        authorization: None,
        body: Value::Null,
        files: Vec::new(),
        status: 0,
        code: None,
        pings: None,
    }
}

fn query(address: &Uri) -> Vec<(String, String)> {
    Query::try_from_uri(address).map_or_else(|_| Vec::new(), |Query(pairs)| pairs)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// One endpoint.
type Act = fn(&mut State, &Call) -> Result<Reply, Refusal>;

pub(crate) fn route(name: &str, of_bot: bool, act: Act) -> Route {
    Route {
        name: name.to_owned(),
        of_bot,
        act,
    }
}
