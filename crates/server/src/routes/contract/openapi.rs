//! The description of the REST API, made from the operations and the wire's own types:
//! <https://spec.openapis.org/oas/v3.1.1.html>.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use husting_wire::contract::events::SessionEvent;
use husting_wire::contract::requests::{AppendToSession, CreateDeliberation, NoArguments};
use husting_wire::errors::ErrorCode as Code;
use husting_wire::ranges::MAX_SEATS;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::operation::{Content, Lock, Operation};
use super::operations;
use crate::refusal::status_of;
use crate::schemas;

const COMPONENTS: &str = "/components/schemas";
const ABOUT: &str = "Panels of models, their quotes verified into a claim map; agents, minted and managed. \
    Every error has the body of `Error`, on the routes of tenants that of `AgentError`. A path that is not described answers 404, a method that is not described 405.";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| described().to_string());

pub(super) async fn document() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        DOCUMENT.as_str(),
    )
}

/// A request's own name, beside what it asks for.
pub(super) const CLIENT_REQUEST_ID: &str = "client_request_id";

/// What `POST /api/deliberation` takes.
pub(super) fn create_body(schemas: &mut SchemaGenerator) -> Schema {
    named_body::<CreateDeliberation>(schemas, &[])
}

/// The same, saying how many sit on a panel.
pub(super) fn seated_create_body(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = create_body(generator);
    // The most that a setting can raise it to; what it is now stands in the tools' schema.
    schemas::seat(schema.get_mut("properties"), MAX_SEATS.most);
    schema
}

/// What `POST /api/sessions/{session_id}/rounds` takes.
pub(super) fn append_body(schemas: &mut SchemaGenerator) -> Schema {
    named_body::<AppendToSession>(schemas, &["session_id"])
}

/// What a retry takes, where it takes anything.
pub(super) fn retry_body(schemas: &mut SchemaGenerator) -> Schema {
    named_body::<NoArguments>(schemas, &[])
}

/// A request's own schema with what its caller may call it, and without what the path says.
fn named_body<T: JsonSchema>(schemas: &mut SchemaGenerator, in_path: &[&str]) -> Schema {
    let mut schema = T::json_schema(schemas);
    let properties = schema.ensure_object().entry("properties");
    if let Value::Object(members) = properties.or_insert_with(|| json!({})) {
        in_path.iter().for_each(|name| {
            members.remove(*name);
        });
        members.insert(
            CLIENT_REQUEST_ID.to_owned(),
            json!({
                "type": ["string", "null"], "maxLength": 200,
                "description": "Your own name for this request; given back with the acknowledgement.",
            }),
        );
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| !in_path.iter().any(|there| name == there));
    }
    schema
}

fn described() -> Value {
    let mut answers = schemas::of_answers(COMPONENTS);
    let mut requests = schemas::of_requests(COMPONENTS);
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations() {
        let described = operation_of(&operation, &mut requests, &mut answers);
        paths
            .entry(operation.path)
            .or_default()
            .insert(operation.method.to_owned(), described);
    }
    answers.subschema_for::<SessionEvent>();
    let mut components = requests.take_definitions(true);
    components.extend(answers.take_definitions(true));
    components.insert("Error".to_owned(), error());
    components.insert("AgentError".to_owned(), agent_error());
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Husting", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {
                    "type": "http", "scheme": "bearer",
                    "description": "A key that `husting key create` makes: `mmo_live_…`.",
                },
                "tenant": {
                    "type": "http", "scheme": "bearer",
                    "description": "A tenant's token, which `husting tenant token` makes: `hst_t_…`.",
                },
            },
        },
    })
}

fn operation_of(
    operation: &Operation,
    requests: &mut SchemaGenerator,
    answers: &mut SchemaGenerator,
) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "security": match operation.lock {
            Lock::Open => json!([]),
            Lock::Key => json!([{"key": []}]),
            Lock::Tenant => json!([{"tenant": []}]),
        },
        "parameters": operation.parameters,
        "responses": responses(operation, answers),
    });
    if let Some(body) = operation.body {
        described["requestBody"] =
            json!({"required": operation.needs_body, "content": content(body, requests)});
    }
    described
}

fn content(content: Content, schemas: &mut SchemaGenerator) -> Value {
    let mut schema = (content.schema)(schemas);
    schemas::plain(&mut schema);
    json!({content.media_type: {"schema": schema}})
}

fn responses(operation: &Operation, schemas: &mut SchemaGenerator) -> Map<String, Value> {
    let answer = &operation.answer;
    let mut said = json!({"description": answer.said, "headers": answer.headers});
    if let Some(body) = answer.content {
        said["content"] = content(body, schemas);
    }
    let mut all = Map::new();
    all.insert(answer.status.as_str().to_owned(), said);
    if operation.unchanged {
        let unchanged = json!({"description": "Nothing changed since.", "headers": answer.headers});
        all.insert("304".to_owned(), unchanged);
    }
    for (status, codes) in faults(operation) {
        let words: Vec<String> = codes.iter().map(word).collect();
        let body = match operation.lock {
            Lock::Tenant => "#/components/schemas/AgentError",
            Lock::Open | Lock::Key => "#/components/schemas/Error",
        };
        all.insert(
            status.as_str().to_owned(),
            json!({
                "description": words.join(", "),
                "headers": headers_of(status),
                "content": {"application/json": {"schema": {"$ref": body}}},
            }),
        );
    }
    all
}

/// Every status with which the operation can refuse, and the codes it has then.
fn faults(operation: &Operation) -> BTreeMap<StatusCode, Vec<Code>> {
    let mut codes = vec![Code::Forbidden, Code::Internal];
    if operation.lock != Lock::Open {
        codes.extend([
            Code::Unauthorized,
            Code::InvalidToken,
            Code::RateLimited,
            Code::StoreUnavailable,
            Code::ShuttingDown,
        ]);
    }
    match operation.lock {
        Lock::Tenant => codes.extend([Code::InvalidScope, Code::TenantIdMismatch]),
        Lock::Open | Lock::Key if operation.path.contains('{') => codes.push(Code::NotFound),
        Lock::Open | Lock::Key => {}
    }
    codes.extend(&operation.faults);
    let mut faults: BTreeMap<StatusCode, Vec<Code>> = BTreeMap::new();
    let mut tell = |status: StatusCode, code: Code| {
        let told = faults.entry(status).or_default();
        if !told.contains(&code) {
            told.push(code);
        }
    };
    for code in codes {
        tell(status_of(code), code);
    }
    let unread = match operation.lock {
        Lock::Tenant => Code::InvalidBody,
        Lock::Open | Lock::Key => Code::InvalidRequest,
    };
    if operation.body.is_some() {
        for status in [
            StatusCode::BAD_REQUEST,
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            StatusCode::UNPROCESSABLE_ENTITY,
        ] {
            tell(status, unread);
        }
    }
    faults
}

fn headers_of(status: StatusCode) -> Value {
    let header = |said: &str| json!({"description": said, "schema": {"type": "string"}});
    match status {
        StatusCode::UNAUTHORIZED => json!({"WWW-Authenticate": header("How to come in.")}),
        StatusCode::TOO_MANY_REQUESTS => {
            json!({"Retry-After": header("Seconds; with `daily_limit_reached`, until the next day begins.")})
        }
        _ => json!({}),
    }
}

fn word(code: &Code) -> String {
    let word = husting_wire::contract::errors::code(*code);
    format!("`{}`", word.as_str().unwrap_or_default())
}

fn error() -> Value {
    json!({
        "type": "object",
        "required": ["error", "message"],
        "properties": {
            "error": {"type": "string", "enum": codes(|lock| lock != Lock::Tenant), "description": "What to switch on."},
            "message": {"type": "string", "description": "A sentence one can act on."},
        },
        "description": "The fields of the code stand beside these two.",
    })
}

fn agent_error() -> Value {
    json!({
        "type": "object",
        "required": ["error", "message", "details"],
        "properties": {
            "error": {"type": "string", "enum": codes(|lock| lock == Lock::Tenant), "description": "What to switch on."},
            "message": {"type": "string", "description": "A sentence one can act on."},
            "details": {"type": "object", "description": "The fields of the code."},
        },
    })
}

/// Every code that operations behind such locks can refuse with.
fn codes(is_meant: impl Fn(Lock) -> bool) -> Vec<Value> {
    let mut codes: Vec<Value> = Vec::new();
    for operation in operations() {
        if !is_meant(operation.lock) {
            continue;
        }
        for code in faults(&operation).into_values().flatten() {
            let word = husting_wire::contract::errors::code(code);
            if !codes.contains(&word) {
                codes.push(word);
            }
        }
    }
    codes
}
