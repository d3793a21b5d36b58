//! One operation of the REST API: its route and its description, side by side.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::routing::MethodRouter;
use husting_wire::errors::ErrorCode;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::super::Shared;

/// Makes a type's schema, or a reference to it.
pub(in crate::routes) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What opens an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::routes) enum Lock {
    /// Nothing is needed.
    Open,
    /// A key to the contract.
    Key,
    /// A tenant's token.
    Tenant,
}

/// What can be done at one path by one method.
pub(in crate::routes) struct Operation {
    pub method: &'static str,
    /// As it is described: `/api/sessions/{session_id}`.
    pub path: &'static str,
    /// As it is routed, where that differs.
    mounted: Option<&'static str>,
    pub handler: fn() -> MethodRouter<Shared>,
    pub id: &'static str,
    pub summary: &'static str,
    /// Who may ask for it.
    pub lock: Lock,
    pub parameters: Vec<Value>,
    pub body: Option<Content>,
    /// Not taken without one.
    pub needs_body: bool,
    pub answer: Answer,
    /// Answered besides, without a body.
    pub unchanged: bool,
    /// How it can fail, besides what every route can.
    pub faults: Vec<ErrorCode>,
}

/// A body's schema.
#[derive(Clone, Copy)]
pub(in crate::routes) struct Content {
    pub media_type: &'static str,
    pub schema: SchemaOf,
}

/// What is answered when nothing is wrong.
pub(in crate::routes) struct Answer {
    pub status: StatusCode,
    pub said: &'static str,
    pub content: Option<Content>,
    pub headers: Value,
}

impl Operation {
    pub(in crate::routes) fn new(
        (method, path): (&'static str, &'static str),
        handler: fn() -> MethodRouter<Shared>,
        (id, summary): (&'static str, &'static str),
        answer: Answer,
    ) -> Self {
        let operation = Self {
            method,
            path,
            mounted: None,
            handler,
            id,
            summary,
            lock: Lock::Key,
            parameters: Vec::new(),
            body: None,
            needs_body: true,
            answer,
            unchanged: false,
            faults: Vec::new(),
        };
        operation.in_path()
    }

    /// The path as the router takes it.
    pub(in crate::routes) fn route(&self) -> &'static str {
        self.mounted.unwrap_or(self.path)
    }

    pub(in crate::routes) fn mounted_at(mut self, path: &'static str) -> Self {
        self.mounted = Some(path);
        self
    }

    pub(in crate::routes) fn open(mut self) -> Self {
        self.lock = Lock::Open;
        self
    }

    /// Taken with a tenant's token alone.
    pub(in crate::routes) fn of_tenants(mut self) -> Self {
        self.lock = Lock::Tenant;
        self
    }

    /// Takes a body of this schema.
    pub(in crate::routes) fn takes(mut self, schema: SchemaOf) -> Self {
        self.body = Some(Content {
            media_type: "application/json",
            schema,
        });
        self
    }

    /// Takes a body of this schema, or none.
    pub(in crate::routes) fn may_take(mut self, schema: SchemaOf) -> Self {
        self.needs_body = false;
        self.takes(schema)
    }

    pub(in crate::routes) fn unchanged(mut self) -> Self {
        self.unchanged = true;
        self
    }

    pub(in crate::routes) fn query(self, name: &str, said: &str, schema: Value) -> Self {
        self.parameter(name, "query", said, schema)
    }

    pub(in crate::routes) fn header(self, name: &str, said: &str, schema: Value) -> Self {
        self.parameter(name, "header", said, schema)
    }

    pub(in crate::routes) fn fails(mut self, codes: &[ErrorCode]) -> Self {
        self.faults.extend(codes);
        self
    }

    fn parameter(mut self, name: &str, place: &str, said: &str, schema: Value) -> Self {
        self.parameters.push(json!({
            "name": name, "in": place, "required": place == "path", "description": said, "schema": schema,
        }));
        self
    }

    fn in_path(mut self) -> Self {
        for (name, said, schema) in [
            (
                "session_id",
                "The session.",
                json!({"type": "string", "format": "uuid"}),
            ),
            (
                "round",
                "The round's id, or its 0-based place.",
                json!({"anyOf": [{"type": "string", "format": "uuid"}, {"type": "integer", "minimum": 0}]}),
            ),
            (
                "model",
                "The seat's model; slashes may stand as they are or percent-encoded.",
                json!({"type": "string", "minLength": 1, "maxLength": 200}),
            ),
            (
                "tenant_id",
                "The tenant, whose token it is.",
                json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
            ),
            (
                "agent_id",
                "The agent.",
                json!({"type": "string", "format": "uuid"}),
            ),
        ] {
            if self.path.contains(&format!("{{{name}}}")) {
                self = self.parameter(name, "path", said, schema);
            }
        }
        self
    }
}

impl Answer {
    /// JSON of a type.
    pub(in crate::routes) fn json<T: JsonSchema>(status: StatusCode, said: &'static str) -> Self {
        Self::with(status, said, "application/json", |schemas| {
            schemas.subschema_for::<T>()
        })
    }

    pub(in crate::routes) fn with(
        status: StatusCode,
        said: &'static str,
        media_type: &'static str,
        schema: SchemaOf,
    ) -> Self {
        Self {
            status,
            said,
            content: Some(Content { media_type, schema }),
            headers: json!({}),
        }
    }

    /// No body.
    pub(in crate::routes) fn nothing(status: StatusCode, said: &'static str) -> Self {
        Self {
            status,
            said,
            content: None,
            headers: json!({}),
        }
    }

    pub(in crate::routes) fn headed(mut self, name: &str, said: &str) -> Self {
        self.headers[name] = json!({"description": said, "schema": {"type": "string"}});
        self
    }
}

/// A type without a shape of its own.
pub(in crate::routes) struct Text;

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"type": "string"})
    }
}
