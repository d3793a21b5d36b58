//! Each fault, as it looks on the socket.

use husting_test_support::{
    Behaviour, FakeProvider, Fault, Junk, Outcome, RetryAfter, Script, Wire,
};
use rstest::rstest;
use serde_json::json;

use crate::raw::{End, KEY, Line, Raw, ask, post, question};

const TEXT: &str = "One two three four.";

async fn faulty(wire: Wire, fault: Fault) -> (FakeProvider, Raw) {
    let provider = broken(wire, fault).await;
    let raw = ask(&provider, wire, &question(wire, "Well?")).await;
    provider.until_ended(1).await;
    (provider, raw)
}

async fn broken(wire: Wire, fault: Fault) -> FakeProvider {
    FakeProvider::start(wire, Script::new(Behaviour::answering(TEXT).fault(fault)))
        .await
        .unwrap()
}

fn outcome(provider: &FakeProvider) -> Outcome {
    provider.requests()[0].outcome
}

#[rstest]
#[tokio::test]
async fn the_first_byte_never_comes(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let provider = broken(wire, Fault::NeverFirstByte { headers: false }).await;
    let line = Line::send(&provider, &post(wire, &question(wire, "Well?"))).await;
    provider.until_started(1).await;
    assert_eq!(outcome(&provider), Outcome::Running);
    assert!(line.seen.is_empty());
    drop(line);
    provider.until_ended(1).await;
    assert_eq!(outcome(&provider), Outcome::Abandoned);
}

#[rstest]
#[tokio::test]
async fn a_head_comes_and_then_nothing(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let provider = broken(wire, Fault::NeverFirstByte { headers: true }).await;
    let mut line = Line::send(&provider, &post(wire, &question(wire, "Well?"))).await;
    line.until("\r\n\r\n").await;
    assert!(line.seen.starts_with(b"HTTP/1.1 200 OK"));
    assert!(
        line.seen.ends_with(b"\r\n\r\n"),
        "the head and not one byte more"
    );
    drop(line);
    provider.until_ended(1).await;
    assert_eq!(outcome(&provider), Outcome::Abandoned);
}

#[rstest]
#[tokio::test]
async fn silence_comes_after_the_pieces_and_the_line_stays_open(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let provider = broken(wire, Fault::SilenceMidStream { after_tokens: 2 }).await;
    let mut line = Line::send(&provider, &post(wire, &question(wire, "Well?"))).await;
    line.until("two ").await;
    assert_eq!(outcome(&provider), Outcome::Running);
    assert_eq!(provider.requests()[0].sent, "One two ");
    drop(line);
    provider.until_ended(1).await;
    assert_eq!(outcome(&provider), Outcome::Abandoned);
}

#[rstest]
#[tokio::test]
async fn a_cut_is_a_reset_after_the_pieces(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let (provider, raw) = faulty(wire, Fault::Cut { after_tokens: 2 }).await;
    assert_eq!((&raw.end, raw.complete), (&End::Reset, false));
    assert_eq!(raw.answer(), "One two ");
    assert_eq!(outcome(&provider), Outcome::Faulted);
}

#[rstest]
#[tokio::test]
async fn a_cut_before_the_response_sends_no_byte(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let (_, raw) = faulty(wire, Fault::CutBeforeResponse { times: None }).await;
    assert_eq!((raw.end, raw.status), (End::Reset, 0));
}

#[rstest]
#[tokio::test]
async fn a_truncated_stream_closes_in_order_without_its_last_chunk(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let (_, raw) = faulty(wire, Fault::Truncated { after_tokens: 2 }).await;
    assert_eq!((&raw.end, raw.complete), (&End::Closed, false));
    assert_eq!(raw.answer(), "One two ");
}

#[rstest]
#[tokio::test]
async fn the_final_marker_is_missing_after_the_whole_text(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let (provider, raw) = faulty(wire, Fault::NoFinalMarker).await;
    assert_eq!((&raw.end, raw.complete), (&End::Closed, true));
    assert_eq!(raw.answer(), TEXT);
    for mark in [
        "[DONE]",
        "\"stop\"",
        "message_delta",
        "message_stop",
        "content_block_stop",
        "response.completed",
        "finishReason",
        "\"done\":true",
    ] {
        assert!(!raw.text().contains(mark), "{mark} was sent");
    }
    assert_eq!(provider.calls_finished(), 0);
}

#[rstest]
#[tokio::test]
async fn garbage_is_an_event_cut_short(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let (_, raw) = faulty(
        wire,
        Fault::Garbage {
            junk: Junk::InvalidJson,
            after_tokens: 1,
        },
    )
    .await;
    let text = raw.text();
    let (last, before) = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("event:"))
        .map(|line| line.strip_prefix("data: ").unwrap_or(line))
        .collect::<Vec<_>>()
        .split_last()
        .map(|(last, before)| (*last, before.len()))
        .unwrap();
    assert!(
        serde_json::from_str::<serde_json::Value>(last).is_err(),
        "{last} is JSON"
    );
    assert!(before >= 1);
    assert!(text.contains("One "));
}

#[rstest]
#[case(Junk::HtmlPage, "text/html; charset=UTF-8", "<!DOCTYPE html>")]
#[case(
    Junk::NotSse,
    "text/event-stream; charset=utf-8",
    "upstream says hello"
)]
#[tokio::test]
async fn garbage_is_no_stream_at_all(
    #[values(Wire::OpenAi, Wire::Anthropic)] wire: Wire,
    #[case] junk: Junk,
    #[case] kind: &str,
    #[case] start: &str,
) {
    let (_, raw) = faulty(
        wire,
        Fault::Garbage {
            junk,
            after_tokens: 0,
        },
    )
    .await;
    assert_eq!((raw.status, raw.header("content-type")), (200, Some(kind)));
    assert!(raw.text().starts_with(start));
    assert!(!raw.text().contains("data:"));
}

#[rstest]
#[case(Wire::OpenAi, "\"finish_reason\":\"length\"", "[DONE]")]
#[case(Wire::Anthropic, "\"stop_reason\":\"max_tokens\"", "message_stop")]
#[case(
    Wire::Responses,
    "\"incomplete_details\":{\"reason\":\"max_output_tokens\"}",
    "response.incomplete"
)]
#[case(Wire::Gemini, "\"finishReason\":\"MAX_TOKENS\"", "totalTokenCount")]
#[case(Wire::Ollama, "\"done_reason\":\"length\"", "eval_count")]
#[tokio::test]
async fn a_length_stop_ends_in_good_order(
    #[case] wire: Wire,
    #[case] reason: &str,
    #[case] mark: &str,
) {
    let (provider, raw) = faulty(wire, Fault::LengthStop { after_tokens: 2 }).await;
    assert_eq!(raw.answer(), "One two ");
    assert!(raw.complete && raw.text().contains(reason) && raw.text().contains(mark));
    assert_eq!(provider.requests()[0].usage.unwrap().output, 2);
    assert_eq!(outcome(&provider), Outcome::Finished);
}

#[rstest]
#[case(Fault::Unauthorized401 { echo_key: false }, 401, Some("invalid_api_key"), "authentication_error")]
#[case(
    Fault::Forbidden403,
    403,
    Some("unsupported_country_region_territory"),
    "permission_error"
)]
#[case(Fault::BadRequest400, 400, None, "invalid_request_error")]
#[case(Fault::ServerError500 { times: None, status: 500 }, 500, None, "api_error")]
#[case(Fault::ServerError500 { times: None, status: 503 }, 503, None, "api_error")]
#[tokio::test]
async fn refusals_have_each_vendors_status_and_shape(
    #[case] fault: Fault,
    #[case] status: u16,
    #[case] code: Option<&str>,
    #[case] kind: &str,
) {
    let (_, openai) = faulty(Wire::OpenAi, fault.clone()).await;
    assert_eq!(openai.status, status);
    assert_eq!(openai.json()["error"]["code"], json!(code));
    assert!(
        openai.json()["error"]["message"].is_string() && openai.json()["error"]["type"].is_string()
    );
    let (_, anthropic) = faulty(Wire::Anthropic, fault).await;
    assert_eq!(anthropic.status, status);
    assert_eq!(anthropic.json()["error"]["type"], kind);
    assert_eq!(
        (&anthropic.json()["type"], anthropic.header("request-id")),
        (&json!("error"), Some("req_fake00000001"))
    );
}

#[rstest]
#[case(Fault::Unauthorized401 { echo_key: false }, (400, "INVALID_ARGUMENT"), 401)]
#[case(Fault::Forbidden403, (403, "PERMISSION_DENIED"), 403)]
#[case(Fault::BadRequest400, (400, "INVALID_ARGUMENT"), 400)]
#[case(Fault::ServerError500 { times: None, status: 500 }, (500, "INTERNAL"), 500)]
#[case(Fault::Overloaded529 { times: None }, (503, "UNAVAILABLE"), 503)]
#[tokio::test]
async fn google_has_a_word_for_each_status_and_ollama_has_none(
    #[case] fault: Fault,
    #[case] (code, word): (u16, &str),
    #[case] status: u16,
) {
    let (_, google) = faulty(Wire::Gemini, fault.clone()).await;
    let error = &google.json()["error"];
    assert_eq!(
        (google.status, &error["code"], &error["status"]),
        (code, &json!(code), &json!(word))
    );
    let (_, ollama) = faulty(Wire::Ollama, fault).await;
    assert_eq!(ollama.status, status);
    assert!(ollama.json()["error"].is_string());
}

#[tokio::test]
async fn google_says_when_to_come_back_in_the_error_itself() {
    let fault = Fault::RateLimited429 {
        retry_after: Some(RetryAfter::Seconds(7)),
        times: None,
    };
    let (_, raw) = faulty(Wire::Gemini, fault).await;
    assert_eq!((raw.status, raw.header("retry-after")), (429, None));
    assert_eq!(raw.json()["error"]["details"][1]["retryDelay"], "7s");
    let (_, raw) = faulty(Wire::Gemini, Fault::QuotaExhausted).await;
    let quota = &raw.json()["error"]["details"][0]["violations"][0]["quotaId"];
    assert!(quota.as_str().unwrap().contains("PerDay"), "{quota}");
}

#[rstest]
#[case(Wire::OpenAi, 503, "service_unavailable_error")]
#[case(Wire::Anthropic, 529, "overloaded_error")]
#[tokio::test]
async fn overload_has_each_vendors_own_status(
    #[case] wire: Wire,
    #[case] status: u16,
    #[case] kind: &str,
) {
    let (_, raw) = faulty(wire, Fault::Overloaded529 { times: None }).await;
    assert_eq!(
        (raw.status, &raw.json()["error"]["type"]),
        (status, &json!(kind))
    );
}

#[rstest]
#[case(Wire::OpenAi, 429, "insufficient_quota")]
#[case(Wire::Anthropic, 402, "billing_error")]
#[tokio::test]
async fn an_empty_account_is_told_apart_from_a_rate_limit(
    #[case] wire: Wire,
    #[case] status: u16,
    #[case] kind: &str,
) {
    let (_, raw) = faulty(wire, Fault::QuotaExhausted).await;
    assert_eq!(
        (raw.status, &raw.json()["error"]["type"]),
        (status, &json!(kind))
    );
    assert_eq!(raw.header("retry-after"), None);
}

#[rstest]
#[case(None, None)]
#[case(Some(RetryAfter::Seconds(7)), Some("7"))]
#[case(Some(RetryAfter::Date("Wed, 21 Oct 2026 07:28:00 GMT".into())), Some("Wed, 21 Oct 2026 07:28:00 GMT"))]
#[tokio::test]
async fn a_rate_limit_says_when_to_come_back_or_does_not(
    #[values(Wire::OpenAi, Wire::Anthropic)] wire: Wire,
    #[case] retry_after: Option<RetryAfter>,
    #[case] header: Option<&str>,
) {
    let (_, raw) = faulty(
        wire,
        Fault::RateLimited429 {
            retry_after,
            times: None,
        },
    )
    .await;
    assert_eq!((raw.status, raw.header("retry-after")), (429, header));
}

#[rstest]
#[case(Fault::RateLimited429 { retry_after: None, times: Some(2) }, 429)]
#[case(Fault::ServerError500 { times: Some(2), status: 500 }, 500)]
#[case(Fault::CutBeforeResponse { times: Some(2) }, 0)]
#[tokio::test]
async fn a_fault_that_passes_strikes_each_model_so_often(
    #[values(Wire::OpenAi, Wire::Responses, Wire::Anthropic, Wire::Ollama)] wire: Wire,
    #[case] fault: Fault,
    #[case] status: u16,
) {
    let provider = broken(wire, fault).await;
    for model in ["m", "other"] {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            let mut body = question(wire, "Well?");
            body["model"] = json!(model);
            statuses.push(ask(&provider, wire, &body).await.status);
        }
        assert_eq!(statuses, [status, status, 200], "{model}");
    }
    provider.until_ended(6).await;
    assert_eq!(provider.calls_finished(), 2);
}

#[rstest]
#[case(Wire::OpenAi, "\"error\":{\"code\":\"server_error\"")]
#[case(
    Wire::Responses,
    "event: error\ndata: {\"type\":\"error\",\"sequence_number\":"
)]
#[case(Wire::Gemini, "data: {\"error\":{\"code\":503,")]
#[case(Wire::Ollama, "{\"error\":\"an error was encountered")]
#[case(
    Wire::Anthropic,
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
)]
#[tokio::test]
async fn an_error_comes_in_the_middle_of_the_stream(#[case] wire: Wire, #[case] error: &str) {
    let (_, raw) = faulty(wire, Fault::ErrorEventMidStream { after_tokens: 2 }).await;
    assert_eq!(raw.status, 200);
    assert_eq!(raw.answer(), "One two ");
    let last = raw
        .chunks
        .last()
        .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
        .unwrap();
    assert!(last.contains(error), "{last}");
}

#[rstest]
#[tokio::test]
async fn a_huge_output_ignores_the_limit(#[values(Wire::OpenAi, Wire::Anthropic)] wire: Wire) {
    let provider = broken(wire, Fault::HugeOutput { bytes: 300_000 }).await;
    let mut body = question(wire, "Well?");
    body["max_tokens"] = json!(10);
    let raw = ask(&provider, wire, &body).await;
    assert_eq!(raw.answer().len(), 300_000);
    assert_eq!(provider.requests()[0].usage.unwrap().output, 75_000);
}

#[rstest]
#[tokio::test]
async fn connections_are_refused_and_taken_again(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let script = Script {
        refuse_connections: true,
        ..Script::answering("Yes.")
    };
    let provider = FakeProvider::start(wire, script).await.unwrap();
    let refused = || async {
        tokio::net::TcpStream::connect(provider.address())
            .await
            .map(drop)
            .map_err(|error| error.kind())
    };
    assert_eq!(refused().await, Err(std::io::ErrorKind::ConnectionRefused));
    provider.accept_connections().unwrap();
    assert_eq!(
        ask(&provider, wire, &question(wire, "Well?"))
            .await
            .answer(),
        "Yes."
    );
    provider.refuse_connections().await.unwrap();
    assert_eq!(refused().await, Err(std::io::ErrorKind::ConnectionRefused));
    provider.accept_connections().unwrap();
    assert_eq!(
        ask(&provider, wire, &question(wire, "Well?"))
            .await
            .answer(),
        "Yes."
    );
}

#[rstest]
#[tokio::test]
async fn a_careless_gateway_repeats_the_key_a_vendor_masks_it(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let (_, masked) = faulty(wire, Fault::Unauthorized401 { echo_key: false }).await;
    assert!(!masked.text().contains(KEY));
    let (_, echoed) = faulty(wire, Fault::Unauthorized401 { echo_key: true }).await;
    assert!(echoed.text().contains(KEY));
}

#[rstest]
#[case(Fault::Cut { after_tokens: 1 }, End::Reset)]
#[case(Fault::Truncated { after_tokens: 1 }, End::Closed)]
#[tokio::test]
async fn without_a_stream_a_break_leaves_half_an_object(
    #[values(Wire::OpenAi, Wire::Responses, Wire::Anthropic, Wire::Ollama)] wire: Wire,
    #[case] fault: Fault,
    #[case] end: End,
) {
    let provider = broken(wire, fault).await;
    let mut body = question(wire, "Well?");
    body["stream"] = json!(false);
    body.as_object_mut().unwrap().remove("stream_options");
    let raw = ask(&provider, wire, &body).await;
    assert_eq!((raw.end, raw.complete), (end, false));
    assert!(raw.chunks.concat().starts_with(b"{\""));
}
