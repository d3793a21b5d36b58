//! One message of an agent, whichever door it came through: what is decided before the SDK answers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use husting_console::BusDoor;
use husting_domain::scopes::Scope;
use husting_wire::errors::Error;
use tokio::sync::watch;

use super::super::Shared;
use super::super::mcp::calls::TakesEvents;
use super::super::mcp::open_stream;
use super::super::mcp::passed_on;
use super::super::mcp::peek::Peek;
use super::addressee;
use super::bearer::AgentBearer;
use super::sessions::Session;
use super::tools::{self, Called};
use super::{clients, gate};

/// Hears mail from the moment on at which it was asked for.
#[derive(Clone)]
pub(super) struct Bell(pub watch::Receiver<u64>);

/// A missing scope has not been looked for yet.
#[derive(Clone, Copy)]
pub(super) struct DeniedInResults;

/// A message, read as far as what it is about.
pub(super) struct Heard {
    pub bearer: AgentBearer,
    pub session: Option<Arc<Session>>,
    pub peek: Peek,
    pub parts: Parts,
    pub bytes: Bytes,
    pub takes: TakesEvents,
    /// The client reads a missing scope from a result, and not from a status.
    pub denied_in_results: bool,
}

/// Answers a message.
///
/// # Errors
/// `rate_limited` where it waits and all places are taken.
pub(super) async fn hear(shared: &Shared, heard: Heard) -> Result<Response, Error> {
    let Heard { bearer, peek, .. } = &heard;
    let session = heard.session.as_ref().map(|session| session.number);
    if peek.method() == "notifications/cancelled" {
        if let Some(id) = peek.request_id() {
            let in_flight = &shared.bus_door.in_flight;
            in_flight.take_back(bearer.token, session, id);
        }
        return Ok(StatusCode::ACCEPTED.into_response());
    }
    note(shared, &heard, session);
    if let Some(refused) = refusal(shared, &heard).await {
        return Ok(refused);
    }
    let is_for_mail = matches!(
        peek.method(),
        "resources/subscribe" | "resources/unsubscribe"
    );
    // The SDK says what is missing.
    if is_for_mail && peek.uri().is_some() {
        return Ok(subscription(shared, &heard));
    }
    passed_to_sdk(shared, heard, session).await
}

/// Tells the log what a client is about to do, where that says something of the client.
fn note(shared: &Shared, heard: &Heard, session: Option<u64>) {
    let Heard { bearer, peek, .. } = heard;
    match peek.method() {
        "initialize" | "server/discover" => clients::opened(bearer, &heard.bytes),
        "tools/list" => {
            let scopes = shared.bus.scopes_of(&bearer.holder);
            let tools = tools::count(&scopes);
            shared.bus_door.clients.listed(bearer, session, tools);
        }
        _ => {}
    }
}

/// Why the message is not answered; nothing where it is.
async fn refusal(shared: &Shared, heard: &Heard) -> Option<Response> {
    let Heard { bearer, peek, .. } = heard;
    let (scope, name) = gate::needs(peek)?;
    // The tool itself refuses then, in words.
    if !is_refused_in_its_result(shared, heard, scope) {
        let holder = &bearer.holder;
        let lacks = |scope| !shared.bus.scopes_of(holder).contains(&scope);
        // Read again only where it is told to somebody.
        let to = scope
            .filter(|scope| lacks(*scope))
            .and_then(|_| addressee::in_message(&heard.bytes));
        let may = shared.bus.may_call(holder, scope, name, to).await;
        if let Err(error) = may {
            return Some(gate::refused(&peek.id, error));
        }
    }
    let own = bearer.inbox();
    let uris = match peek.method() {
        "subscriptions/listen" => peek.resources(),
        "resources/read" | "resources/subscribe" => peek.uri().into_iter().collect(),
        _ => Vec::new(),
    };
    let foreign = uris.into_iter().find(|uri| *uri != own)?;
    Some(gate::no_resource(&peek.id, foreign))
}

/// Whether a client reads from a call's result why it is refused: on a stream there is no status, and
/// some clients misread that of a missing scope.
fn is_refused_in_its_result(shared: &Shared, heard: &Heard, scope: Option<Scope>) -> bool {
    let holder = &heard.bearer.holder;
    let lacks = |scope| !shared.bus.scopes_of(holder).contains(&scope);
    heard.denied_in_results
        && heard.peek.method() == "tools/call"
        && (holder.door == BusDoor::Sse || scope.is_some_and(lacks))
}

/// Begins or ends a session's word of mail.
fn subscription(shared: &Shared, heard: &Heard) -> Response {
    let Heard { bearer, peek, .. } = heard;
    let Some(session) = &heard.session else {
        return gate::no_session(&peek.id);
    };
    let begins = peek.method() == "resources/subscribe";
    let bell = begins.then(|| shared.bus.mail_bell(&bearer.holder));
    session.subscription.send_replace(bell);
    gate::done(&peek.id)
}

async fn passed_to_sdk(
    shared: &Shared,
    heard: Heard,
    session: Option<u64>,
) -> Result<Response, Error> {
    let Heard {
        bearer,
        peek,
        parts,
        bytes,
        takes,
        denied_in_results,
        ..
    } = heard;
    let tool = peek.tool().filter(|_| peek.method() == "tools/call");
    let waits = tool.and_then(Called::named).is_some_and(Called::waits);
    let listens = peek.method() == "subscriptions/listen";
    let mut request = passed_on(&parts, bytes, takes);
    let extensions = request.extensions_mut();
    if denied_in_results {
        extensions.insert(DeniedInResults);
    }
    if waits || listens {
        extensions.insert(Arc::new(bearer.place(shared)?));
        let in_flight = &shared.bus_door.in_flight;
        extensions.insert(Arc::new(in_flight.enter(bearer.token, session, &peek.id)));
    }
    if listens {
        extensions.insert(Bell(shared.bus.mail_bell(&bearer.holder)));
    }
    extensions.insert(bearer.holder);
    let hearing = super::BusDoor::hear(shared.clone(), request, peek.id);
    Ok(if waits && takes.0 {
        open_stream::kept(hearing).await
    } else {
        hearing.await
    })
}
