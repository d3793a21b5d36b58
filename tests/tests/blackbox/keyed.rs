//! A caller with a key of its own, as agents and scripts come in.

use std::collections::BTreeMap;

use husting_tests::agent::message_in;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use husting_wire::commands::MakeKey;
use husting_wire::keys::{CreateKey, CreatedKey};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// Three seats that need nobody.
pub const REHEARSAL: [&str; 3] = [
    "rehearsal-advocate",
    "rehearsal-skeptic",
    "rehearsal-pragmatist",
];

/// Whoever holds a key.
pub struct Keyed {
    /// The key, as it was shown once.
    pub made: CreatedKey,
    http: String,
    client: reqwest::Client,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// Lets each key and token call as often as a test needs.
pub const ROOMY: [(&str, &str); 2] = [
    ("HUSTING_LIMITS_CALLS_PER_MINUTE", "1000000"),
    ("HUSTING_LIMITS_BURST", "100000"),
];

/// An instance that does so.
pub async fn roomy(home: &Home) -> Instance {
    Instance::start_with(home, husting(), &ROOMY).await
}

impl Keyed {
    /// With a new key of the operator's own tenant.
    pub async fn at(instance: &Instance) -> Self {
        Self::of(instance, "script", None, None).await
    }

    /// With a new key of this name, tenant and number of rounds a day.
    pub async fn of(
        instance: &Instance,
        name: &str,
        tenant: Option<&str>,
        daily_rounds: Option<u32>,
    ) -> Self {
        let asked = CreateKey {
            name: name.to_owned(),
            daily_rounds,
            tenant_id: tenant.map(str::to_owned),
        };
        Self::with(instance, instance.call::<MakeKey>(asked).await.unwrap())
    }

    /// With a key that was made before.
    pub fn with(instance: &Instance, made: CreatedKey) -> Self {
        Self {
            made,
            http: instance.http.clone(),
            client: instance.client.clone(),
        }
    }

    /// A request with the key.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.http))
            .bearer_auth(&self.made.raw_key)
    }

    pub async fn get(&self, path: &str) -> Answer {
        answered(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answered(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answered(self.request(Method::POST, path).json(body)).await
    }

    /// Opens a deliberation of these models; its acknowledgement.
    pub async fn open(&self, prompt: &str, models: &[&str]) -> Value {
        let body = json!({"prompt": prompt, "models": models});
        self.post("/api/deliberation", &body).await.with(202)
    }

    /// What a tool answers, an error or not.
    pub async fn tool(&self, name: &str, arguments: Value) -> Value {
        let sent = self.calling(name, arguments);
        result_of(&answered(sent).await.text)
    }

    /// A request that calls a tool.
    pub fn calling(&self, name: &str, arguments: Value) -> RequestBuilder {
        let body = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": name, "arguments": arguments},
        });
        self.request(Method::POST, "/api/mcp")
            .header("accept", "application/json, text/event-stream")
            .json(&body)
    }

    /// Waits until a session's newest round is over; its state.
    pub async fn wait(&self, session: &Value) -> Value {
        let arguments = json!({"session_id": session, "timeout_seconds": 60});
        let state = self.tool("wait_for_round", arguments).await["structuredContent"].take();
        assert_eq!(state["is_terminal"], true, "{state}");
        state
    }
}

/// Sends a request and reads all that it is answered.
pub async fn answered(request: RequestBuilder) -> Answer {
    let response: Response = wait_for("an answer", request.send()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = wait_for("its body", response.text()).await.unwrap();
    Answer {
        status,
        headers,
        text,
    }
}

/// The result of a call, from JSON or from the last event of a stream.
pub fn result_of(text: &str) -> Value {
    let message = message_in(text).unwrap_or_else(|| panic!("no message: {text}"));
    message["result"].clone()
}

impl Answer {
    /// Its JSON, and it must have this status.
    #[track_caller]
    pub fn with(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|fault| panic!("no JSON ({fault}): {}", self.text))
    }

    /// Status and code of a refusal, whose sentence must be there.
    #[track_caller]
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let message = body["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{}", self.text);
        (
            self.status,
            body["error"].as_str().unwrap_or_default().to_owned(),
        )
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// What `/openapi.json` says can be answered.
pub struct Described(BTreeMap<(String, String), Vec<u16>>);

impl Described {
    pub async fn of(instance: &Instance) -> Self {
        let request = instance
            .client
            .get(format!("{}/openapi.json", instance.http));
        let document = answered(request).await.with(200);
        let mut described = BTreeMap::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let answers = operation["responses"].as_object().unwrap().keys();
                let statuses = answers.map(|status| status.parse().unwrap()).collect();
                described.insert((method.to_uppercase(), path.clone()), statuses);
            }
        }
        Self(described)
    }

    /// Every method and path, with its names as they are described.
    pub fn operations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .keys()
            .map(|(method, path)| (method.as_str(), path.as_str()))
    }

    /// Such an answer must be described.
    #[track_caller]
    pub fn holds(&self, method: &str, path: &str, answer: &Answer) {
        let statuses = &self.0[&(method.to_owned(), path.to_owned())];
        assert!(
            statuses.contains(&answer.status),
            "{method} {path} may answer {statuses:?}, and not {}: {}",
            answer.status,
            answer.text
        );
    }
}
