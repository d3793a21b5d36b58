//! Who gets which answer, and when.

use husting_test_support::{
    Behaviour, Calls, FakeProvider, Fault, GatePoint, Outcome, Phase, Rule, Script, Wire,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::raw::{Line, ask, exchange, post, question, request, with};

async fn answer(provider: &FakeProvider, wire: Wire, model: &str, prompt: &str) -> String {
    let mut body = question(wire, prompt);
    body["model"] = json!(model);
    ask(provider, wire, &body).await.answer()
}

#[rstest]
#[tokio::test]
async fn the_first_rule_that_fits_decides(
    #[values(Wire::OpenAi, Wire::Responses, Wire::Anthropic, Wire::Ollama)] wire: Wire,
) {
    let script = Script::answering("otherwise")
        .rule(Rule {
            model: Some("a".into()),
            calls: Some(Calls::only(2)),
            behaviour: Behaviour::answering("a again"),
            ..Rule::default()
        })
        .for_phase("a", Phase::React, Behaviour::answering("a reacts"))
        .for_model(
            "a",
            Behaviour::with_words(|asked| format!("{} to {:?}", asked.model(), asked.user())),
        )
        .rule(Rule {
            says: Some("magic".into()),
            behaviour: Behaviour::answering("the word"),
            ..Rule::default()
        });
    let provider = FakeProvider::start(wire, script).await.unwrap();
    assert_eq!(answer(&provider, wire, "a", "One?").await, "a to \"One?\"");
    assert_eq!(answer(&provider, wire, "a", "Two?").await, "a again");
    assert_eq!(
        answer(&provider, wire, "a", "Reply as {\"snippets\":[]}").await,
        "a reacts"
    );
    assert_eq!(
        answer(&provider, wire, "b", "Say the magic word").await,
        "the word"
    );
    assert_eq!(
        answer(&provider, wire, "b", "What do snippets mean?").await,
        "otherwise"
    );
    let phases: Vec<_> = provider
        .requests()
        .iter()
        .map(|record| record.phase)
        .collect();
    assert_eq!(
        phases[2..],
        [
            Some(Phase::React),
            Some(Phase::Respond),
            Some(Phase::Respond)
        ]
    );
}

#[tokio::test]
async fn a_schema_tells_what_a_request_is_for() {
    for (member, phase) in [
        ("snippets", Phase::React),
        ("agenda", Phase::Recap),
        ("arcs", Phase::Synthesis),
        ("opinion", Phase::Respond),
    ] {
        let schema = json!({"type": "object", "properties": {member: {"type": "array"}}});
        for wire in Wire::ALL {
            let provider = FakeProvider::start(wire, Script::answering("x"))
                .await
                .unwrap();
            let raw = ask(&provider, wire, &shaped(wire, &schema)).await;
            assert_eq!(raw.status, 200, "{wire}: {}", raw.text());
            assert_eq!(provider.requests()[0].phase, Some(phase), "{wire}");
        }
    }
}

/// A request for an answer of this schema.
fn shaped(wire: Wire, schema: &Value) -> Value {
    let named = json!({"type": "json_schema", "name": "r", "schema": schema});
    let plain = json!({"type": "json_schema", "schema": schema});
    let (name, value) = match wire {
        Wire::OpenAi => (
            "response_format",
            json!({"type": "json_schema", "json_schema": {"name": "r", "schema": schema}}),
        ),
        Wire::Responses => ("text", json!({ "format": named })),
        Wire::Anthropic => ("output_config", json!({ "format": plain })),
        Wire::Gemini => (
            "generationConfig",
            json!({"responseMimeType": "application/json", "responseJsonSchema": schema}),
        ),
        Wire::Ollama => ("format", schema.clone()),
    };
    with(question(wire, "Say it as data."), name, value)
}

#[rstest]
#[tokio::test]
async fn gates_hold_a_call_where_they_stand(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let behaviour = Behaviour::answering("One two three")
        .gate("head {model}", GatePoint::BeforeResponse)
        .gate("middle", GatePoint::BeforeToken(2))
        .gate("end", GatePoint::BeforeEnd);
    let provider = FakeProvider::start(wire, Script::new(behaviour))
        .await
        .unwrap();
    let mut line = Line::send(&provider, &post(wire, &question(wire, "Well?"))).await;
    provider.until_waiting("head m", 1).await;
    assert_eq!(provider.requests()[0].status, 0, "no byte was answered");
    provider.release("head m", 1);
    provider.until_waiting("middle", 1).await;
    line.until("two ").await;
    assert_eq!(provider.requests()[0].sent, "One two ");
    provider.open("middle");
    provider.until_waiting("end", 1).await;
    assert_eq!(
        (provider.calls_started(), provider.calls_finished()),
        (1, 0)
    );
    provider.open("end");
    assert_eq!(line.finish().await.answer(), "One two three");
    provider.until_ended(1).await;
    assert_eq!(provider.calls_finished(), 1);
}

#[rstest]
#[tokio::test]
async fn a_client_that_leaves_is_noticed_at_a_gate(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    for at in [GatePoint::BeforeResponse, GatePoint::BeforeToken(1)] {
        let behaviour = Behaviour::answering("One two").gate("g", at);
        let provider = FakeProvider::start(wire, Script::new(behaviour))
            .await
            .unwrap();
        let line = Line::send(&provider, &post(wire, &question(wire, "Well?"))).await;
        provider.until_waiting("g", 1).await;
        drop(line);
        provider.until_ended(1).await;
        assert_eq!(provider.requests()[0].outcome, Outcome::Abandoned);
    }
}

#[tokio::test]
async fn a_script_is_swapped_and_gates_are_moved_over_http() {
    let mut provider = FakeProvider::start(Wire::OpenAi, Script::answering("old"))
        .await
        .unwrap();
    let control = provider
        .serve_control("127.0.0.1:0".parse().unwrap())
        .unwrap();
    let order = |order: serde_json::Value| request("/__control", "", &order.to_string());
    let script = json!({
        "auth": {"key": "sk-test-0123456789abcdef"},
        "models": ["m"],
        "rules": [
            {"model": "m", "calls": {"from": 1, "to": 1}, "behaviour": {"fault": {"kind": "rate_limited429", "retry_after": 1}}},
            {"phase": "react", "behaviour": {"answer": {"text": "{\"snippets\":[]}"}}},
        ],
        "otherwise": {
            "answer": {"text": "new"},
            "pace": {"first_byte_ms": 0, "tokens_per_second": 500},
            "gates": [{"name": "g", "at": "before_end"}, {"name": "h", "at": {"before_token": 0}}],
            "options": {"line_end": "crlf", "slicing": {"bytes": [3]}, "pings_every": 2, "cached_tokens": 1},
        },
    });
    assert_eq!(
        exchange(
            &provider,
            &order(json!({"script": script, "open": ["g"], "release": {"h": 1}}))
        )
        .await
        .status,
        200
    );
    assert_eq!(
        ask(&provider, Wire::OpenAi, &question(Wire::OpenAi, "Well?"))
            .await
            .status,
        429
    );
    assert_eq!(answer(&provider, Wire::OpenAi, "m", "Well?").await, "new");
    assert_eq!(
        exchange(&provider, &order(json!({"refuse_connections": true})))
            .await
            .status,
        200
    );
    let refused = tokio::net::TcpStream::connect(provider.address()).await;
    assert_eq!(
        refused.map_err(|error| error.kind()).map(drop),
        Err(std::io::ErrorKind::ConnectionRefused)
    );
    let client = reqwest::Client::new();
    let seen = client
        .get(format!("{control}/__requests?after=1"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        seen.starts_with("{\"started\":2,\"finished\":1,\"ended\":2,"),
        "{seen}"
    );
    let orders = client
        .post(format!("{control}/__control"))
        .header("content-type", "application/json");
    assert!(
        orders
            .body("{\"refuse_connections\":false}")
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    assert_eq!(
        exchange(&provider, &order(json!({"unknown": 1})))
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn every_fault_can_be_written_as_json() {
    for fault in [
        json!({"kind": "never_first_byte"}),
        json!({"kind": "never_first_byte", "headers": true}),
        json!({"kind": "silence_mid_stream", "after_tokens": 1}),
        json!({"kind": "cut", "after_tokens": 1}),
        json!({"kind": "cut_before_response"}),
        json!({"kind": "truncated", "after_tokens": 1}),
        json!({"kind": "no_final_marker"}),
        json!({"kind": "garbage", "junk": "invalid_json"}),
        json!({"kind": "garbage", "junk": "not_sse"}),
        json!({"kind": "garbage", "junk": "html_page"}),
        json!({"kind": "length_stop", "after_tokens": 1}),
        json!({"kind": "unauthorized401"}),
        json!({"kind": "forbidden403"}),
        json!({"kind": "bad_request400"}),
        json!({"kind": "rate_limited429", "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT", "times": 1}),
        json!({"kind": "quota_exhausted"}),
        json!({"kind": "server_error500", "times": 1}),
        json!({"kind": "overloaded529"}),
        json!({"kind": "error_event_mid_stream", "after_tokens": 1}),
        json!({"kind": "huge_output", "bytes": 10}),
    ] {
        let read: Result<Fault, _> = serde_json::from_value(fault.clone());
        assert!(read.is_ok(), "{fault}: {read:?}");
    }
    assert!(serde_json::from_value::<Fault>(json!({"kind": "cut", "after": 1})).is_err());
}
