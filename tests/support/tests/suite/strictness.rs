//! A sloppy client fails here as it would fail at the vendor's.

use husting_test_support::{FakeProvider, Outcome, Script, Wire};
use rstest::rstest;
use serde_json::{Value, json};

use crate::raw::{self, KEY, ask, exchange, question};

async fn refused(wire: Wire, body: &Value) -> (u16, Value) {
    let provider = FakeProvider::start(wire, Script::answering("Yes."))
        .await
        .unwrap();
    let raw = ask(&provider, wire, body).await;
    assert_eq!(provider.calls_started(), 0, "a refused request is no call");
    assert_eq!(provider.requests()[0].outcome, Outcome::Refused);
    (raw.status, raw.json()["error"].take())
}

fn with(wire: Wire, pointer: &str, value: Value) -> Value {
    let mut body = question(wire, "Well?");
    body[pointer] = value;
    body
}

#[rstest]
#[case("model", json!(null), "missing_required_parameter", "model")]
#[case("model", json!(3), "invalid_type", "model")]
#[case("messages", json!([]), "invalid_value", "messages")]
#[case("messages", json!("hi"), "invalid_type", "messages")]
#[case("messages", json!([{"role": "robot", "content": "hi"}]), "invalid_value", "messages[0].role")]
#[case("messages", json!([{"role": "user"}]), "missing_required_parameter", "messages[0].content")]
#[case("messages", json!([{"role": "user", "content": [{"type": "text"}]}]), "missing_required_parameter", "messages[0].content[0].text")]
#[case("max_tokens", json!("many"), "invalid_type", "max_tokens")]
#[case("max_tokens", json!(0), "invalid_value", "max_tokens")]
#[case("temperature", json!(3), "invalid_value", "temperature")]
#[case("stream_options", json!({"include_usage": 1}), "invalid_type", "stream_options.include_usage")]
#[case("system", json!("You are"), "unknown_parameter", "system")]
#[case("response_format", json!({"type": "json_schema"}), "missing_required_parameter", "response_format.json_schema")]
#[case("response_format", json!({"type": "json_schema", "json_schema": {"name": "not a name", "schema": {}}}), "invalid_value", "response_format.json_schema.name")]
#[tokio::test]
async fn openai_names_the_field_that_is_wrong(
    #[case] field: &str,
    #[case] value: Value,
    #[case] code: &str,
    #[case] param: &str,
) {
    let (status, error) = refused(Wire::OpenAi, &with(Wire::OpenAi, field, value)).await;
    assert_eq!(
        (status, &error["code"], &error["param"]),
        (400, &json!(code), &json!(param)),
        "{error}"
    );
    assert_eq!(error["type"], "invalid_request_error");
}

#[tokio::test]
async fn openai_wants_strict_schemas_closed_and_every_property_required() {
    let format = |schema: Value| json!({"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": schema}});
    let open =
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    let (status, error) = refused(
        Wire::OpenAi,
        &with(Wire::OpenAi, "response_format", format(open)),
    )
    .await;
    assert_eq!(status, 400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("'additionalProperties' is required to be supplied and to be false")
    );
    let lax = json!({"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}, "required": []});
    let (_, error) = refused(
        Wire::OpenAi,
        &with(Wire::OpenAi, "response_format", format(lax)),
    )
    .await;
    assert!(error["message"].as_str().unwrap().contains("Missing 'a'"));
}

#[tokio::test]
async fn openai_wants_one_limit_and_stream_options_with_a_stream_only() {
    let both = with(Wire::OpenAi, "max_tokens", json!(5));
    let mut both = both;
    both["max_completion_tokens"] = json!(5);
    assert_eq!(refused(Wire::OpenAi, &both).await.0, 400);
    let (status, error) = refused(Wire::OpenAi, &with(Wire::OpenAi, "stream", json!(false))).await;
    assert_eq!((status, &error["param"]), (400, &json!("stream_options")));
}

#[rstest]
#[case("model", json!(null), "model: Field required")]
#[case("max_tokens", json!(null), "max_tokens: Field required")]
#[case("max_tokens", json!("many"), "max_tokens: Input should be an integer")]
#[case("messages", json!([]), "messages: must hold at least one item")]
#[case("messages", json!([{"role": "system", "content": "hi"}]), "messages: Unexpected role \"system\"")]
#[case("messages", json!([{"role": "assistant", "content": "hi"}]), "messages: first message must use the \"user\" role")]
#[case("messages", json!([{"role": "user", "content": " "}]), "messages.0.content: text content blocks must be non-empty")]
#[case("messages", json!([{"role": "user", "content": "hi", "name": "x"}]), "messages.0.name: Extra inputs are not permitted")]
#[case("system", json!([{"type": "text", "text": "x", "cache_control": {"type": "for ever"}}]), "system.0.cache_control.type: Input should be 'ephemeral'")]
#[case("temperature", json!(1.5), "temperature: must be between 0 and 1")]
#[case("stream_options", json!({}), "stream_options: Extra inputs are not permitted")]
#[case("response_format", json!({"type": "text"}), "response_format: Extra inputs are not permitted")]
#[case("thinking", json!({"type": "enabled", "budget_tokens": 10}), "thinking.budget_tokens: Input should be greater than or equal to 1024")]
#[case("thinking", json!({"type": "enabled", "budget_tokens": 1024}), "max_tokens: must be greater than `thinking.budget_tokens`")]
#[case("tool_choice", json!({"type": "any"}), "tool_choice: may only be specified while providing tools")]
#[case("tools", json!([{"name": "t", "input_schema": {"type": "array"}}]), "tools.0.input_schema.type: Input should be 'object'")]
#[tokio::test]
async fn anthropic_names_the_field_that_is_wrong(
    #[case] field: &str,
    #[case] value: Value,
    #[case] message: &str,
) {
    let (status, error) = refused(Wire::Anthropic, &with(Wire::Anthropic, field, value)).await;
    assert_eq!(
        (status, &error["type"]),
        (400, &json!("invalid_request_error"))
    );
    assert!(
        error["message"].as_str().unwrap().starts_with(message),
        "{error}"
    );
}

#[rstest]
#[case("model", json!(null), "missing_required_parameter", "model")]
#[case("input", json!([]), "invalid_value", "input")]
#[case("messages", json!([]), "unknown_parameter", "messages")]
#[case("max_tokens", json!(100), "unknown_parameter", "max_tokens")]
#[case("max_output_tokens", json!(15), "invalid_value", "max_output_tokens")]
#[case("store", json!("no"), "invalid_type", "store")]
#[case("input", json!([{"role": "robot", "content": "hi"}]), "invalid_value", "input[0].role")]
#[case("input", json!([{"role": "assistant", "content": [{"type": "input_text", "text": "hi"}]}]), "invalid_value", "input[0].content[0].type")]
#[case("text", json!({"format": {"type": "json_schema", "schema": {}}}), "missing_required_parameter", "text.format.name")]
#[tokio::test]
async fn responses_name_the_field_that_is_wrong(
    #[case] field: &str,
    #[case] value: Value,
    #[case] code: &str,
    #[case] param: &str,
) {
    let (status, error) = refused(Wire::Responses, &with(Wire::Responses, field, value)).await;
    assert_eq!(
        (status, &error["code"], &error["param"]),
        (400, &json!(code), &json!(param)),
        "{error}"
    );
}

#[rstest]
#[case("contents", json!([]), "* GenerateContentRequest.contents: must hold")]
#[case("contents", json!([{"role": "assistant", "parts": [{"text": "hi"}]}]), "* GenerateContentRequest.contents[0].role: Please use a valid role")]
#[case("contents", json!([{"role": "user", "parts": [{"text": ""}]}]), "* GenerateContentRequest.contents[0].parts[0].data: required oneof")]
#[case("messages", json!([]), "Invalid JSON payload received. Unknown name \"messages\"")]
#[case("generationConfig", json!({"max_tokens": 1}), "Invalid JSON payload received. Unknown name \"max_tokens\" at 'generationConfig'")]
#[case("generationConfig", json!({"responseJsonSchema": {"type": "object"}}), "* GenerateContentRequest.generationConfig.responseMimeType: a response schema")]
#[tokio::test]
async fn gemini_names_the_field_that_is_wrong(
    #[case] field: &str,
    #[case] value: Value,
    #[case] message: &str,
) {
    let (status, error) = refused(Wire::Gemini, &with(Wire::Gemini, field, value)).await;
    assert_eq!(
        (status, &error["status"]),
        (400, &json!("INVALID_ARGUMENT"))
    );
    assert!(
        error["message"].as_str().unwrap().starts_with(message),
        "{error}"
    );
}

#[rstest]
#[case("model", json!(null), "model is required")]
#[case("messages", json!([{"role": "robot", "content": "hi"}]), "invalid role")]
#[case("format", json!("yaml"), "invalid format: \"yaml\"; expected")]
#[case("options", json!({"num_ctx": "all"}), "json: cannot unmarshal")]
#[case("max_tokens", json!(1), "max_tokens: unknown field")]
#[case("messages", json!([{"role": "user", "content": "x".repeat(20_000)}]), "the input length exceeds the context length")]
#[tokio::test]
async fn ollama_says_what_is_wrong(
    #[case] field: &str,
    #[case] value: Value,
    #[case] message: &str,
) {
    let (status, error) = refused(Wire::Ollama, &with(Wire::Ollama, field, value)).await;
    assert_eq!(status, 400);
    assert!(error.as_str().unwrap().starts_with(message), "{error}");
}

#[rstest]
#[case("streamGenerateContent", 400)]
#[case("streamGenerateContent?alt=json", 400)]
#[case("countTokens", 400)]
#[case("streamGenerateContent?alt=sse", 200)]
#[case("generateContent", 200)]
#[tokio::test]
async fn gemini_streams_events_only_where_the_address_says_so(
    #[case] method: &str,
    #[case] status: u16,
) {
    let provider = FakeProvider::start(Wire::Gemini, Script::answering("Yes."))
        .await
        .unwrap();
    let path = format!("/v1beta/models/m:{method}");
    let body = question(Wire::Gemini, "Well?").to_string();
    let raw = exchange(
        &provider,
        &raw::request(&path, &raw::auth(Wire::Gemini), &body),
    )
    .await;
    assert_eq!(raw.status, status, "{}", raw.text());
}

#[rstest]
#[case(Wire::Responses, "x-api-key: sk-right\r\n", 401)]
#[case(Wire::Responses, "authorization: Bearer sk-right\r\n", 200)]
#[case(Wire::Gemini, "", 403)]
#[case(Wire::Gemini, "authorization: Bearer sk-right\r\n", 403)]
#[case(Wire::Gemini, "x-goog-api-key: sk-wrong\r\n", 400)]
#[case(Wire::Gemini, "x-goog-api-key: sk-right\r\n", 200)]
#[case(Wire::Ollama, "", 401)]
#[case(Wire::Ollama, "authorization: Bearer sk-right\r\n", 200)]
#[case(Wire::OpenAi, "", 401)]
#[case(Wire::OpenAi, "authorization: Basic abc\r\n", 401)]
#[case(Wire::OpenAi, "x-api-key: sk-right\r\n", 401)]
#[case(Wire::OpenAi, "authorization: Bearer sk-wrong\r\n", 401)]
#[case(Wire::OpenAi, "authorization: Bearer sk-right\r\n", 200)]
#[case(Wire::Anthropic, "anthropic-version: 2023-06-01\r\n", 401)]
#[case(
    Wire::Anthropic,
    "authorization: Bearer sk-right\r\nanthropic-version: 2023-06-01\r\n",
    401
)]
#[case(
    Wire::Anthropic,
    "x-api-key: sk-wrong\r\nanthropic-version: 2023-06-01\r\n",
    401
)]
#[case(Wire::Anthropic, "x-api-key: sk-right\r\n", 400)]
#[case(
    Wire::Anthropic,
    "x-api-key: sk-right\r\nanthropic-version: 2099-01-01\r\n",
    400
)]
#[case(
    Wire::Anthropic,
    "x-api-key: sk-right\r\nanthropic-version: 2023-06-01\r\n",
    200
)]
#[tokio::test]
async fn only_the_right_key_in_the_right_header_is_let_in(
    #[case] wire: Wire,
    #[case] headers: &str,
    #[case] status: u16,
) {
    let provider = FakeProvider::start(wire, Script::answering("Yes.").key("sk-right"))
        .await
        .unwrap();
    let body = question(wire, "Well?").to_string();
    let raw = exchange(&provider, &raw::request(raw::path(wire), headers, &body)).await;
    assert_eq!(raw.status, status, "{}", raw.text());
    assert_eq!(provider.calls_started(), usize::from(status == 200));
}

#[rstest]
#[tokio::test]
async fn a_body_that_is_no_json_is_refused(#[values(Wire::OpenAi, Wire::Anthropic)] wire: Wire) {
    let provider = FakeProvider::start(wire, Script::answering("Yes."))
        .await
        .unwrap();
    let raw = exchange(
        &provider,
        &raw::request(raw::path(wire), &raw::auth(wire), "{\"model\":"),
    )
    .await;
    assert_eq!(
        (raw.status, &raw.json()["error"]["type"]),
        (400, &json!("invalid_request_error"))
    );
    let plain = String::from_utf8(raw::post(wire, &question(wire, "Well?")))
        .unwrap()
        .replace("application/json", "text/plain");
    assert_eq!(exchange(&provider, plain.as_bytes()).await.status, 400);
}

#[rstest]
#[case(Wire::OpenAi, "/code", "model_not_found")]
#[case(Wire::Anthropic, "/type", "not_found_error")]
#[case(Wire::Responses, "/code", "model_not_found")]
#[case(Wire::Gemini, "/status", "NOT_FOUND")]
#[tokio::test]
async fn unknown_models_and_paths_are_not_found(
    #[case] wire: Wire,
    #[case] at: &str,
    #[case] said: &str,
) {
    let provider = FakeProvider::start(wire, Script::answering("Yes.").models(["known"]))
        .await
        .unwrap();
    let raw = ask(&provider, wire, &question(wire, "Well?")).await;
    assert_eq!(
        (raw.status, raw.json()["error"].pointer(at)),
        (404, Some(&json!(said)))
    );
    for request in [
        raw::request("/v1/nothing", &raw::auth(wire), "{}"),
        format!(
            "GET {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            raw::path(wire)
        )
        .into_bytes(),
    ] {
        let lost = exchange(&provider, &request).await;
        assert_eq!(lost.status, 404);
        assert!(
            lost.json()["error"]["message"].is_string(),
            "in the vendor's shape"
        );
    }
}

#[tokio::test]
async fn requests_as_the_vendors_pages_show_them_are_accepted() {
    let openai = json!({
        "model": "m", "stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 100, "temperature": 0.7,
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Well?"}]},
            {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": "Sure?"},
        ],
        "response_format": {"type": "json_schema", "json_schema": {"name": "reaction", "strict": true, "schema": {
            "type": "object", "additionalProperties": false, "required": ["snippets"],
            "properties": {"snippets": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["quote"], "properties": {"quote": {"type": "string"}}}}},
        }}},
    });
    let anthropic = json!({
        "model": "m", "stream": true, "max_tokens": 4096, "thinking": {"type": "enabled", "budget_tokens": 2048},
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Well?", "cache_control": {"type": "ephemeral"}}]},
            {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": "Sure?"},
        ],
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
    });
    for (wire, body) in [(Wire::OpenAi, openai), (Wire::Anthropic, anthropic)] {
        let provider = FakeProvider::start(wire, Script::answering("Yes.").key(KEY))
            .await
            .unwrap();
        let raw = ask(&provider, wire, &body).await;
        assert_eq!(raw.status, 200, "{}", raw.text());
    }
}
