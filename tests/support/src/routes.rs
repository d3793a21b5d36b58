//! The vendor's paths, and from request to answer.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Response, header, request::Parts},
    routing::{get, post},
};
use serde_json::Value;

use crate::{
    asked::Asked,
    checks::Invalid,
    control,
    door::{Entrance, Line},
    fault::{Fault, Junk},
    gates::{GatePoint, Gates},
    playback::{Playback, gate_names, prompt_usage},
    record::{Outcome, Records},
    refusal::{Problem, respond},
    script::{Behaviour, Casting, Script},
    wire::Wire,
};

/// Anthropic's limit on a request, and more than any other here needs.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Just a moment…</title></head><body><h1>Checking your connection</h1></body></html>\n";
const NOT_EVENTS: &str = "upstream says hello but speaks no known protocol\n";

/// Everything one provider holds.
pub(crate) struct House {
    pub wire: Wire,
    pub casting: Mutex<Casting>,
    pub records: Records,
    pub gates: Gates,
    pub entrance: Entrance,
}

impl House {
    pub(crate) fn casting(&self) -> MutexGuard<'_, Casting> {
        self.casting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn script(&self) -> Script {
        self.casting().script().clone()
    }

    fn refuse(&self, number: usize, problem: &Problem) -> Response<Body> {
        let refusal = self.wire.refuse(problem, number);
        self.records
            .change(number, |record| record.status = refusal.status);
        refusal.response()
    }

    fn turn_away(&self, number: usize, problem: &Problem) -> Response<Body> {
        self.records.refused(number);
        self.refuse(number, problem)
    }
}

pub(crate) fn router(house: &Arc<House>) -> Router {
    Router::new()
        .route(house.wire.path(), post(complete))
        .route(house.wire.models_path(), get(models))
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
        .with_state(Arc::clone(house))
        .merge(control::router(house))
}

async fn models(State(house): State<Arc<House>>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let number = record(&house, &parts, Value::Null);
    let script = house.script();
    if let Err(problem) = house.wire.authorise(&parts.headers, &script.auth) {
        return house.turn_away(number, &problem);
    }
    house.records.change(number, |record| {
        record.status = 200;
        record.outcome = Outcome::Finished;
    });
    let body = house.wire.models(&script.listed()).to_string();
    respond(
        200,
        "application/json",
        &house.wire.headers(number),
        Body::from(body),
    )
}

async fn nowhere(State(house): State<Arc<House>>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let number = record(&house, &parts, Value::Null);
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    house.turn_away(number, &Problem::NoSuchPath { method, path })
}

async fn complete(
    State(house): State<Arc<House>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let text = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let read: Result<Value, _> = serde_json::from_slice(&text);
    let shown = read
        .as_ref()
        .ok()
        .cloned()
        .unwrap_or_else(|| String::from_utf8_lossy(&text).into());
    let number = record(&house, &parts, shown);
    let body = read.map_err(|error| Problem::Invalid(Invalid::NotJson(error.to_string())));
    match admit(&house, &parts, body) {
        Ok(asked) => perform(&house, number, asked, &parts.headers, line).await,
        Err(problem) => house.turn_away(number, &problem),
    }
}

fn record(house: &House, parts: &Parts, body: Value) -> usize {
    house.records.add(
        parts.method.as_str(),
        parts.uri.path(),
        &parts.headers,
        body,
    )
}

/// Key before body, as the vendors do.
fn admit(house: &House, parts: &Parts, body: Result<Value, Problem>) -> Result<Asked, Problem> {
    let mut casting = house.casting();
    house
        .wire
        .authorise(&parts.headers, &casting.script().auth)?;
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Problem::WrongContentType);
    }
    let body = body?;
    let reading = house
        .wire
        .read(&body, &parts.uri)
        .map_err(Problem::Invalid)?;
    if !casting.script().serves(&reading.model) {
        return Err(Problem::UnknownModel(reading.model));
    }
    let (phase, call) = (reading.phase(), casting.number(&reading.model));
    Ok(Asked {
        reading,
        phase,
        call,
        body,
    })
}

async fn perform(
    house: &Arc<House>,
    number: usize,
    asked: Asked,
    headers: &HeaderMap,
    line: Line,
) -> Response<Body> {
    let behaviour = house.casting().choose(&asked);
    let call = Call::begin(house, number, &asked, &behaviour);
    for name in gate_names(&behaviour, &asked, |place| {
        place == GatePoint::BeforeResponse
    }) {
        house.gates.pass(&name).await;
    }
    if behaviour.pace.first_byte_ms > 0 {
        tokio::time::sleep(Duration::from_millis(behaviour.pace.first_byte_ms)).await;
    }
    match &behaviour.fault {
        Some(Fault::NeverFirstByte { headers: false }) => std::future::pending().await,
        Some(Fault::CutBeforeResponse { .. }) => {
            line.kill();
            call.over(Outcome::Faulted);
            return Response::new(Body::empty());
        }
        _ => {}
    }
    if let Some(problem) = problem(&behaviour, &asked, headers) {
        call.over(Outcome::Faulted);
        return house.refuse(number, &problem);
    }
    house.records.change(number, |record| record.status = 200);
    if let Some((kind, junk)) = junk(house.wire, &behaviour) {
        call.over(Outcome::Faulted);
        return respond(200, kind, &[], Body::from(junk));
    }
    answer(call, asked, behaviour, line)
}

fn answer(call: Call, asked: Asked, behaviour: Behaviour, line: Line) -> Response<Body> {
    let (house, number) = (Arc::clone(&call.house), call.number);
    let kind = if asked.reading.stream {
        house.wire.stream_type()
    } else {
        "application/json"
    };
    let mut headers = house.wire.headers(number);
    headers.push(("cache-control", "no-cache".to_owned()));
    let (playback, body) = Playback::new(
        house.wire,
        number,
        asked,
        behaviour,
        house.records.clone(),
        house.gates.clone(),
        line,
    );
    call.hand_over();
    tokio::spawn(playback.run());
    respond(200, kind, &headers, body)
}

fn problem(behaviour: &Behaviour, asked: &Asked, headers: &HeaderMap) -> Option<Problem> {
    let model = asked.model().to_owned();
    Some(match behaviour.fault.as_ref()? {
        Fault::Unauthorized401 { echo_key } => Problem::WrongKey {
            shown: shown_key(headers, *echo_key),
        },
        Fault::Forbidden403 => Problem::Forbidden,
        Fault::BadRequest400 => Problem::Disliked,
        Fault::RateLimited429 { retry_after, .. } => Problem::RateLimited {
            model,
            retry_after: retry_after.clone(),
        },
        Fault::QuotaExhausted => Problem::QuotaExhausted,
        Fault::ServerError500 { status, .. } => Problem::Server { status: *status },
        Fault::Overloaded529 { .. } => Problem::Overloaded,
        // Without a stream there is no event to carry the error; the vendors answer with its status.
        Fault::ErrorEventMidStream { .. } if !asked.reading.stream => Problem::Overloaded,
        _ => return None,
    })
}

fn shown_key(headers: &HeaderMap, whole: bool) -> String {
    let sent = headers
        .get("x-api-key")
        .or_else(|| headers.get("x-goog-api-key"))
        .or_else(|| headers.get(header::AUTHORIZATION));
    let text = sent
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let key = text.strip_prefix("Bearer ").unwrap_or(text);
    if whole {
        key.to_owned()
    } else {
        crate::refusal::mask(key)
    }
}

fn junk(wire: Wire, behaviour: &Behaviour) -> Option<(&'static str, &'static str)> {
    match behaviour.fault {
        Some(Fault::Garbage {
            junk: Junk::HtmlPage,
            ..
        }) => Some(("text/html; charset=UTF-8", HTML)),
        Some(Fault::Garbage {
            junk: Junk::NotSse, ..
        }) => Some((wire.stream_type(), NOT_EVENTS)),
        _ => None,
    }
}

/// A call that has begun; where it is dropped without a word, the client has left.
struct Call {
    house: Arc<House>,
    number: usize,
    settled: bool,
}

impl Call {
    fn begin(house: &Arc<House>, number: usize, asked: &Asked, behaviour: &Behaviour) -> Self {
        house.records.change(number, |record| {
            record.model = Some(asked.model().to_owned());
            record.phase = Some(asked.phase);
            record.usage = Some(prompt_usage(asked, behaviour));
        });
        house.records.start();
        Call {
            house: Arc::clone(house),
            number,
            settled: false,
        }
    }

    fn over(mut self, outcome: Outcome) {
        self.settled = true;
        // What never reached the model costs nothing.
        self.house
            .records
            .change(self.number, |record| record.usage = None);
        self.house.records.end(self.number, outcome);
    }

    fn hand_over(mut self) {
        self.settled = true;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.settled {
            self.house.records.end(self.number, Outcome::Abandoned);
        }
    }
}
