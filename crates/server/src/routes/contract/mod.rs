//! The public contract over REST: one table of operations makes the routes and their description,
//! those of tenants too.

pub(super) mod convening;
mod ending;
mod following;
mod openapi;
pub(super) mod operation;
pub(super) mod paths;
mod progress;
mod reading;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use husting_wire::contract::credit::CreditRecord;
use husting_wire::contract::models::ModelListRecord;
use husting_wire::contract::progress::ProgressRecord;
use husting_wire::contract::sessions::{SessionListRecord, SessionRecord};
use husting_wire::errors::ErrorCode as Code;
use husting_wire::ranges::LIST_LIMIT;
use serde_json::json;

use self::convening::{Acknowledgement, IDEMPOTENCY_KEY};
use self::ending::{Cancelled, Stopped};
use self::following::LAST_EVENT_ID;
use self::operation::{Answer, Operation, Text};
use super::Shared;
use super::health::{Health, health};

/// What can be wrong with a panel.
const PANEL: [Code; 5] = [
    Code::UnknownModels,
    Code::IneligibleModels,
    Code::InsufficientActiveModels,
    Code::CreditExhausted,
    Code::SecretsUnavailable,
];

pub(super) fn router() -> Router<Shared> {
    let mut router = Router::new();
    for operation in operations() {
        router = router.route(operation.route(), (operation.handler)());
    }
    router.route("/openapi.json", get(openapi::document))
}

fn operations() -> Vec<Operation> {
    let mut all = vec![health_check()];
    all.extend(beginning());
    all.extend(ending());
    all.extend(sessions());
    all.extend(following());
    all.extend(means());
    all.extend(super::tenants::operations());
    all
}

fn health_check() -> Operation {
    Operation::new(
        ("get", "/health"),
        || get(health),
        ("health", "Whether this is Husting and alive"),
        Answer::json::<Health>(StatusCode::OK, "It is."),
    )
    .open()
}

fn beginning() -> [Operation; 3] {
    let named = |operation: Operation| {
        operation
            .header(
                IDEMPOTENCY_KEY,
                "The same key with the same body gets the same acknowledgement for 24 hours.",
                json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}),
            )
            .fails(&PANEL)
            .fails(&[Code::InvalidRequest, Code::IdempotencyConflict])
    };
    let create = Operation::new(
        ("post", "/api/deliberation"),
        || post(convening::create),
        (
            "create_deliberation",
            "Open a deliberation and start its first round",
        ),
        Answer::json::<Acknowledgement>(StatusCode::ACCEPTED, "Accepted; the models run."),
    );
    let append = Operation::new(
        ("post", "/api/sessions/{session_id}/rounds"),
        || post(convening::append),
        ("append_round", "Start a session's next round"),
        Answer::json::<Acknowledgement>(StatusCode::ACCEPTED, "Accepted; the models run."),
    );
    let retry = Operation::new(
        ("post", "/api/sessions/{session_id}/rounds/{round}/retry"),
        || post(convening::retry),
        (
            "retry_round",
            "Run again what failed in the newest round: answers, and lost reactions",
        ),
        Answer::json::<Acknowledgement>(StatusCode::ACCEPTED, "Accepted; what failed runs again."),
    );
    [
        named(create)
            .takes(openapi::seated_create_body)
            .fails(&[Code::DailyLimitReached]),
        named(append).takes(openapi::append_body).fails(&[
            Code::DailyLimitReached,
            Code::SessionBusy,
            Code::SessionFailed,
        ]),
        named(retry)
            .may_take(openapi::retry_body)
            .fails(&[Code::SessionBusy, Code::SessionFailed]),
    ]
}

fn ending() -> [Operation; 3] {
    let stop = Operation::new(
        (
            "post",
            "/api/sessions/{session_id}/rounds/{round}/seats/{model}/stop",
        ),
        || post(ending::stop),
        (
            "stop_seat",
            "End one seat of the running round; what it wrote is kept",
        ),
        Answer::json::<Stopped>(StatusCode::OK, "The seat ends as `cancelled`."),
    );
    let cancel = Operation::new(
        ("post", "/api/sessions/{session_id}/cancel"),
        || post(ending::cancel),
        ("cancel_round", "End the running round with what it has"),
        Answer::json::<Cancelled>(StatusCode::OK, "The round is over."),
    );
    let delete = Operation::new(
        ("delete", "/api/sessions/{session_id}"),
        || delete(ending::delete),
        (
            "delete_session",
            "Delete a session; the ledger keeps its bookings",
        ),
        Answer::nothing(StatusCode::NO_CONTENT, "It is gone."),
    );
    let faults = [Code::InvalidRequest, Code::SessionBusy];
    [
        stop.mounted_at("/api/sessions/{session_id}/rounds/{round}/seats/{*seat}")
            .fails(&faults),
        cancel.fails(&faults),
        delete.fails(&faults),
    ]
}

fn sessions() -> [Operation; 2] {
    let list = Operation::new(
        ("get", "/api/sessions"),
        || get(reading::sessions),
        (
            "list_sessions",
            "The tenant's sessions, those that changed last first",
        ),
        Answer::json::<SessionListRecord>(StatusCode::OK, "A page of them."),
    );
    let read = Operation::new(
        ("get", "/api/sessions/{session_id}"),
        || get(reading::session),
        (
            "get_session",
            "A session with everything in it: rounds, answers, reactions, claims, cost",
        ),
        Answer::json::<SessionRecord>(StatusCode::OK, "The session."),
    );
    let whole =
        |least: u64, most: u64| json!({"type": "integer", "minimum": least, "maximum": most});
    let words = json!({"type": "string", "enum": reading::STATUSES.map(|(word, _)| word)});
    [
        list.query(
            "status",
            "`ready` awaits your next round; `streaming` is at work.",
            words,
        )
        .query(
            "limit",
            "Most rows; 7 when left out.",
            whole(LIST_LIMIT.least, LIST_LIMIT.most),
        )
        .query("offset", "Rows to pass over.", whole(0, u32::MAX.into()))
        .fails(&[Code::InvalidRequest]),
        read.fails(&[Code::InvalidRequest]),
    ]
}

fn following() -> [Operation; 2] {
    let progress = Operation::new(
        ("get", "/api/sessions/{session_id}/progress"),
        || get(progress::progress),
        (
            "get_progress",
            "How far a round is: the one in flight, else the newest",
        ),
        Answer::json::<ProgressRecord>(StatusCode::OK, "As of its version.")
            .headed("ETag", "Weak; changes with round and version."),
    );
    let events = Operation::new(
        ("get", "/api/sessions/{session_id}/events"),
        || get(following::follow),
        (
            "follow_session",
            "A session as it happens: numbered server-sent events",
        ),
        Answer::with(
            StatusCode::OK,
            "Events; `event` is the `type` of the data, a `SessionEvent`.",
            "text/event-stream",
            |schemas| schemas.subschema_for::<Text>(),
        ),
    );
    [
        progress
            .unchanged()
            .query(
                "round_id",
                "Another round than the one in flight or the newest.",
                json!({"type": "string", "format": "uuid"}),
            )
            .header(
                "If-None-Match",
                "Tags that the client has.",
                json!({"type": "string"}),
            )
            .fails(&[Code::InvalidRequest]),
        events
            .header(
                LAST_EVENT_ID,
                "The last event that was seen; what follows it is sent, or a snapshot where it is not known any more.",
                json!({"type": "string"}),
            )
            .fails(&[Code::InvalidRequest]),
    ]
}

fn means() -> [Operation; 2] {
    let models = Operation::new(
        ("get", "/api/models"),
        || get(reading::models),
        ("list_models", "Models with prices and availability"),
        Answer::json::<ModelListRecord>(StatusCode::OK, "All of them."),
    );
    let credit = Operation::new(
        ("get", "/api/credit"),
        || get(reading::credit),
        ("get_credit", "The wallet"),
        Answer::json::<CreditRecord>(StatusCode::OK, "As of now."),
    );
    [models, credit].map(|operation| operation.fails(&[Code::InvalidRequest]))
}
