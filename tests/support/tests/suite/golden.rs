//! Whole responses, to the byte, as the vendors' pages show them.

use husting_test_support::{
    Behaviour, FakeProvider, LineEnd, Options, Outcome, Script, Usage, Wire,
};
use serde_json::{Value, json};

use crate::raw::{self, KEY, ask, question};

async fn stream(wire: Wire, options: Options) -> String {
    let script = Script::new(Behaviour::answering("Hello!").options(options));
    let provider = FakeProvider::start(wire, script).await.unwrap();
    let raw = ask(&provider, wire, &question(wire, "Say hello")).await;
    assert!(raw.complete);
    raw.text()
}

#[tokio::test]
async fn an_openai_stream_is_chunks_a_usage_without_choices_and_done() {
    let head = r#""id":"chatcmpl-fake00000001","object":"chat.completion.chunk","created":1760000000,"model":"m","service_tier":"default","system_fingerprint":"fp_fake""#;
    let chunk = |delta: &str, finish: &str| {
        format!(
            "data: {{{head},\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}],\"usage\":null}}\n\n"
        )
    };
    let usage = r#"{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#;
    let expected = [
        chunk(
            r#"{"role":"assistant","content":"","refusal":null}"#,
            "null",
        ),
        chunk(r#"{"content":"Hell"}"#, "null"),
        chunk(r#"{"content":"o!"}"#, "null"),
        chunk("{}", r#""stop""#),
        format!("data: {{{head},\"choices\":[],\"usage\":{usage}}}\n\n"),
        "data: [DONE]\n\n".to_owned(),
    ];
    assert_eq!(
        stream(Wire::OpenAi, Options::default()).await,
        expected.concat()
    );
}

#[tokio::test]
async fn an_anthropic_stream_is_named_events_from_message_start_to_message_stop() {
    let usage = |output: u32| {
        format!(
            "{{\"input_tokens\":3,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":{output}}}"
        )
    };
    let expected = [
        format!("event: message_start\ndata: {{\"type\":\"message_start\",\"message\":{{\"id\":\"msg_fake00000001\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{}}}}}\n\n", usage(1)),
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n".to_owned(),
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hell\"}}\n\n".to_owned(),
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"o!\"}}\n\n".to_owned(),
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n".to_owned(),
        format!("event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\",\"stop_sequence\":null}},\"usage\":{}}}\n\n", usage(2)),
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".to_owned(),
    ];
    assert_eq!(
        stream(Wire::Anthropic, Options::default()).await,
        expected.concat()
    );
}

#[tokio::test]
async fn responses_number_their_events_and_end_with_the_whole() {
    let text = stream(Wire::Responses, Options::default()).await;
    let events: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let names: Vec<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let numbers = events.iter().map(|event| event["sequence_number"].as_u64());
    assert!(numbers.eq((0..10).map(Some)));
    let whole = &events[9]["response"];
    assert_eq!(whole["output"][0]["content"][0]["text"], "Hello!");
    assert_eq!(
        whole["usage"],
        json!({
            "input_tokens": 3,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 2,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 5,
        })
    );
    for name in names {
        assert!(text.contains(&format!("event: {name}\ndata: ")), "{name}");
    }
}

#[tokio::test]
async fn gemini_counts_in_every_chunk_and_ends_with_a_reason() {
    let chunk = |text: &str, finish: &str, counts: &str| {
        format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}],\"role\":\"model\"}},\"index\":0{finish}}}],\"modelVersion\":\"m\",\"responseId\":\"fake00000001\",\"usageMetadata\":{{\"promptTokenCount\":3{counts}}}}}\n\n"
        )
    };
    let expected = [
        chunk("Hell", "", ""),
        chunk("o!", "", ""),
        chunk(
            "",
            ",\"finishReason\":\"STOP\"",
            ",\"candidatesTokenCount\":2,\"totalTokenCount\":5",
        ),
    ];
    assert_eq!(
        stream(Wire::Gemini, Options::default()).await,
        expected.concat()
    );
}

#[tokio::test]
async fn ollama_writes_a_line_for_each_piece_and_counts_in_the_last() {
    let line = |content: &str, end: &str| {
        format!(
            "{{\"model\":\"m\",\"created_at\":\"2025-10-09T08:53:20.000000Z\",\"message\":{{\"role\":\"assistant\",\"content\":\"{content}\"}},{end}}}\n"
        )
    };
    let end = "\"done\":true,\"done_reason\":\"stop\",\"total_duration\":4883583458,\"load_duration\":1334875,\"prompt_eval_count\":3,\"prompt_eval_duration\":342546000,\"eval_count\":2,\"eval_duration\":4535599000";
    let more = "\"done\":false";
    let expected = [line("Hell", more), line("o!", more), line("", end)];
    assert_eq!(
        stream(Wire::Ollama, Options::default()).await,
        expected.concat()
    );
}

#[tokio::test]
async fn carriage_returns_change_the_line_ends_and_nothing_else() {
    for wire in Wire::ALL {
        let plain = stream(wire, Options::default()).await;
        let options = Options {
            line_end: LineEnd::CrLf,
            ..Options::default()
        };
        assert_eq!(stream(wire, options).await, plain.replace('\n', "\r\n"));
    }
}

#[tokio::test]
async fn without_a_stream_the_same_answer_is_one_object() {
    for (wire, text, stop) in [
        (
            Wire::OpenAi,
            "/choices/0/message/content",
            ("/choices/0/finish_reason", "stop"),
        ),
        (
            Wire::Anthropic,
            "/content/0/text",
            ("/stop_reason", "end_turn"),
        ),
        (
            Wire::Responses,
            "/output/0/content/0/text",
            ("/status", "completed"),
        ),
        (Wire::Ollama, "/message/content", ("/done_reason", "stop")),
    ] {
        let provider = FakeProvider::start(wire, Script::answering("Hello!"))
            .await
            .unwrap();
        let mut body = question(wire, "Say hello");
        body["stream"] = json!(false);
        body.as_object_mut().unwrap().remove("stream_options");
        let raw = ask(&provider, wire, &body).await;
        assert_eq!(raw.header("content-type"), Some("application/json"));
        let answer = raw.json();
        assert_eq!(answer.pointer(text), Some(&json!("Hello!")));
        assert_eq!(answer.pointer(stop.0), Some(&json!(stop.1)));
        let usage = Usage {
            input: 3,
            output: 2,
            ..Usage::default()
        };
        assert_eq!(provider.requests()[0].usage, Some(usage));
    }
}

#[tokio::test]
async fn models_are_listed_to_those_who_have_a_key() {
    for (wire, path, count) in [
        (Wire::OpenAi, "/v1/models", "/data/1/id"),
        (Wire::Responses, "/v1/models", "/data/1/id"),
        (Wire::Anthropic, "/v1/models", "/last_id"),
        (
            Wire::Gemini,
            "/v1beta/models?pageSize=1000",
            "/models/1/displayName",
        ),
        (Wire::Ollama, "/api/tags", "/models/1/name"),
    ] {
        let provider = FakeProvider::start(wire, Script::answering("").models(["a", "b"]))
            .await
            .unwrap();
        let get = |auth: &str| {
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{auth}\r\n")
                .into_bytes()
        };
        let listed = raw::exchange(&provider, &get(&raw::auth(wire))).await;
        assert_eq!(listed.json().pointer(count), Some(&json!("b")));
        let refused = raw::exchange(&provider, &get("")).await;
        let status = match wire {
            // A local server knows no keys.
            Wire::Ollama => 200,
            Wire::Gemini => 403,
            _ => 401,
        };
        assert_eq!(refused.status, status);
        assert_eq!(provider.calls_started(), 0, "a list of models is no call");
    }
}

#[tokio::test]
async fn a_record_tells_the_request_what_was_sent_and_the_bill_but_not_the_key() {
    for wire in Wire::ALL {
        let provider = FakeProvider::start(wire, Script::answering("Hello!"))
            .await
            .unwrap();
        let raw = ask(&provider, wire, &question(wire, "Say hello")).await;
        provider.until_ended(1).await;
        let record = provider.requests().remove(0);
        assert_eq!(record.outcome, Outcome::Finished);
        assert_eq!(
            (record.status, record.sent.as_str(), raw.answer().as_str()),
            (200, "Hello!", "Hello!")
        );
        assert_eq!(record.body, question(wire, "Say hello"));
        let usage = record.usage.unwrap();
        let events = raw.events();
        let figure = |names: &[&str]| {
            let in_it = |event: &Value| names.iter().find_map(|name| event.pointer(name)?.as_u64());
            events.iter().rev().find_map(in_it)
        };
        let input = [
            "/usage/prompt_tokens",
            "/usage/input_tokens",
            "/response/usage/input_tokens",
            "/usageMetadata/promptTokenCount",
            "/prompt_eval_count",
        ];
        let output = [
            "/usage/completion_tokens",
            "/usage/output_tokens",
            "/response/usage/output_tokens",
            "/usageMetadata/candidatesTokenCount",
            "/eval_count",
        ];
        assert_eq!(figure(&input), Some(usage.input), "{wire}");
        assert_eq!(figure(&output), Some(usage.output), "{wire}");
        let shown = serde_json::to_string(&record).unwrap();
        assert!(!shown.contains(KEY), "the key stands in the record");
        assert!(shown.contains(&husting_test_support::fingerprint(KEY)));
    }
}
