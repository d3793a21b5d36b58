//! Each option, as it looks on the socket.

use husting_test_support::{
    Behaviour, FakeProvider, LineEnd, Options, Outcome, Script, Slicing, Usage, Wire,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::raw::{Raw, ask, question};

/// Characters of one to four bytes, combined ones included.
const MANY_SCRIPTS: &str = "Größe, 合意, façade, 👩‍⚖️ und e\u{301}!";

async fn answer(wire: Wire, text: &str, options: Options) -> (Raw, Usage) {
    let script = Script::new(Behaviour::answering(text).options(options));
    let provider = FakeProvider::start(wire, script).await.unwrap();
    let raw = ask(
        &provider,
        wire,
        &question(wire, "What is there to say about this?"),
    )
    .await;
    assert!(raw.complete, "the last HTTP chunk is missing");
    let record = provider.requests().remove(0);
    (raw, record.usage.unwrap())
}

#[rstest]
#[tokio::test]
async fn characters_are_truly_split_between_two_pieces(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let options = Options {
        slicing: Slicing::InsideCharacters,
        ..Options::default()
    };
    let (raw, _) = answer(wire, MANY_SCRIPTS, options).await;
    let split = raw.chunks.windows(2).filter(|pair| {
        std::str::from_utf8(&pair[0]).is_err()
            && pair[1]
                .first()
                .is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000)
    });
    let many = MANY_SCRIPTS.chars().filter(|c| c.len_utf8() > 1).count();
    assert!(
        split.count() >= many,
        "every character of more than one byte is cut"
    );
    assert_eq!(raw.answer(), MANY_SCRIPTS);
}

#[rstest]
#[tokio::test]
async fn line_ends_are_truly_split_between_two_pieces(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let options = Options {
        line_end: LineEnd::CrLf,
        slicing: Slicing::InsideLineEnds,
        ..Options::default()
    };
    let (raw, _) = answer(wire, "One. Two.", options).await;
    let borders: Vec<(u8, u8)> = raw
        .chunks
        .windows(2)
        .map(|pair| (pair[0][pair[0].len() - 1], pair[1][0]))
        .collect();
    let ends = raw.text().matches("\r\n").count();
    assert_eq!(
        borders
            .iter()
            .filter(|border| **border == (b'\r', b'\n'))
            .count(),
        ends
    );
    assert_eq!(raw.answer(), "One. Two.");
}

#[rstest]
#[case(vec![1])]
#[case(vec![3, 7, 64, 1000])]
#[tokio::test]
async fn pieces_of_given_sizes_cross_the_borders_of_events(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
    #[case] sizes: Vec<usize>,
) {
    let options = Options {
        slicing: Slicing::Bytes(sizes.clone()),
        ..Options::default()
    };
    let (raw, _) = answer(wire, MANY_SCRIPTS, options).await;
    let (last, pieces) = raw.chunks.split_last().unwrap();
    let seen: Vec<usize> = pieces.iter().map(Vec::len).collect();
    let wanted: Vec<usize> = sizes.iter().copied().cycle().take(seen.len()).collect();
    assert_eq!(seen, wanted);
    assert!(last.len() <= *sizes.iter().max().unwrap());
    assert_eq!(raw.answer(), MANY_SCRIPTS);
}

#[rstest]
#[case(Wire::OpenAi, ": OPENROUTER PROCESSING\n\n")]
#[case(Wire::Anthropic, "event: ping\ndata: {\"type\":\"ping\"}\n\n")]
#[tokio::test]
async fn pings_come_first_and_between_the_pieces_of_text(#[case] wire: Wire, #[case] ping: &str) {
    let options = Options {
        pings_every: Some(2),
        ..Options::default()
    };
    let (raw, _) = answer(wire, "Four pieces here", options).await;
    // 16 bytes are 4 pieces: a ping before the first, after the second and after the fourth.
    assert_eq!(raw.text().matches(ping).count(), 3);
    let first_ping = raw.text().find(ping).unwrap();
    assert!(first_ping < raw.text().find("Four").unwrap());
    assert!(
        raw.chunks.contains(&ping.as_bytes().to_vec()),
        "a ping is a piece of its own"
    );
}

#[rstest]
#[case(Wire::OpenAi, "reasoning_content")]
#[case(Wire::OpenAi, "reasoning")]
#[case(Wire::Anthropic, "thinking")]
#[tokio::test]
async fn reasoning_comes_before_the_text_and_is_billed(#[case] wire: Wire, #[case] member: &str) {
    let options = Options {
        reasoning: "First think.".into(),
        reasoning_field: member.into(),
        ..Options::default()
    };
    let (raw, usage) = answer(wire, "Then speak.", options).await;
    let events = raw.events();
    let deltas = events.iter().map(|event| {
        event
            .pointer("/choices/0/delta")
            .or(event.get("delta"))
            .unwrap_or(&Value::Null)
    });
    let thought: String = deltas
        .filter_map(|delta| delta.get(member))
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        (thought.as_str(), raw.answer().as_str()),
        ("First think.", "Then speak.")
    );
    assert!(raw.text().find("Firs").unwrap() < raw.text().find("Then").unwrap());
    assert_eq!((usage.reasoning, usage.output), (3, 6));
}

#[tokio::test]
async fn anthropic_thinking_is_a_block_of_its_own_with_a_signature() {
    let options = Options {
        reasoning: "Hm.".into(),
        ..Options::default()
    };
    let (raw, _) = answer(Wire::Anthropic, "Yes.", options).await;
    let names: Vec<String> = raw
        .events()
        .iter()
        .map(|event| {
            let delta = event.pointer("/delta/type").and_then(Value::as_str);
            format!(
                "{} {}",
                event["type"].as_str().unwrap(),
                delta.map_or(event["index"].to_string(), str::to_owned)
            )
        })
        .collect();
    assert_eq!(
        names[1..7],
        [
            "content_block_start 0",
            "content_block_delta thinking_delta",
            "content_block_delta signature_delta",
            "content_block_stop 0",
            "content_block_start 1",
            "content_block_delta text_delta",
        ]
    );
}

#[rstest]
#[tokio::test]
async fn usage_can_be_left_out_although_it_was_asked_for(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let (raw, usage) = answer(
        wire,
        "Yes.",
        Options {
            omit_usage: true,
            ..Options::default()
        },
    )
    .await;
    for figure in ["\"usage\":{", "usageMetadata", "eval_count"] {
        assert!(!raw.text().contains(figure), "{figure}");
    }
    assert_eq!(usage.output, 1, "the record knows it all the same");
}

#[tokio::test]
async fn openai_usage_comes_only_where_it_is_asked_for() {
    let provider = FakeProvider::start(Wire::OpenAi, Script::answering("Yes."))
        .await
        .unwrap();
    let mut body = question(Wire::OpenAi, "Well?");
    body.as_object_mut().unwrap().remove("stream_options");
    assert!(
        !ask(&provider, Wire::OpenAi, &body)
            .await
            .text()
            .contains("usage")
    );
}

#[rstest]
#[tokio::test]
async fn cached_tokens_are_reported_in_each_vendors_way(
    #[values(Wire::OpenAi, Wire::Anthropic)] wire: Wire,
) {
    // The prompt is 32 bytes, 8 tokens.
    let options = Options {
        cached_tokens: 5,
        cache_write_tokens: 2,
        ..Options::default()
    };
    let (raw, usage) = answer(wire, "Yes.", options).await;
    assert_eq!(
        (
            usage.input,
            usage.cache_read,
            usage.cache_write,
            usage.uncached()
        ),
        (8, 5, 2, 1)
    );
    let events = raw.events();
    let reported = events
        .iter()
        .rev()
        .find_map(|event| event.get("usage").filter(|usage| usage.is_object()))
        .unwrap();
    if wire == Wire::OpenAi {
        assert_eq!(reported["prompt_tokens"], 8);
        assert_eq!(reported["prompt_tokens_details"]["cached_tokens"], 5);
    } else {
        assert_eq!(reported["input_tokens"], 1);
        assert_eq!(reported["cache_read_input_tokens"], 5);
        assert_eq!(reported["cache_creation_input_tokens"], 2);
    }
}

#[rstest]
#[case(Wire::OpenAi, "max_tokens", "length")]
#[case(Wire::OpenAi, "max_completion_tokens", "length")]
#[case(Wire::Anthropic, "max_tokens", "max_tokens")]
#[tokio::test]
async fn the_requests_limit_on_tokens_is_kept(
    #[case] wire: Wire,
    #[case] field: &str,
    #[case] reason: &str,
) {
    let provider = FakeProvider::start(wire, Script::answering("A much longer answer."))
        .await
        .unwrap();
    let mut body = question(wire, "Well?");
    body[field] = json!(2);
    let raw = ask(&provider, wire, &body).await;
    assert_eq!(raw.answer(), "A much l");
    assert!(raw.text().contains(&format!("_reason\":\"{reason}\"")));
    assert_eq!(provider.requests()[0].usage.unwrap().output, 2);
}

#[rstest]
#[case(Wire::OpenAi, "[DONE]", "\"stop\"")]
#[case(Wire::Anthropic, "message_stop", "\"end_turn\"")]
#[tokio::test]
async fn the_end_mark_can_be_missing_after_a_proper_finish(
    #[case] wire: Wire,
    #[case] mark: &str,
    #[case] finish: &str,
) {
    let (raw, _) = answer(
        wire,
        "Yes.",
        Options {
            omit_done: true,
            ..Options::default()
        },
    )
    .await;
    assert!(!raw.text().contains(mark));
    assert!(raw.text().contains(finish));
}

#[tokio::test]
async fn a_forced_tool_is_answered_with_its_input_in_pieces() {
    let provider = FakeProvider::start(Wire::Anthropic, Script::answering("{\"snippets\":[]}"))
        .await
        .unwrap();
    let mut body = question(Wire::Anthropic, "React.");
    body["tools"] = json!([{"name": "react", "input_schema": {"type": "object", "properties": {"snippets": {"type": "array"}}}}]);
    body["tool_choice"] = json!({"type": "tool", "name": "react"});
    let raw = ask(&provider, Wire::Anthropic, &body).await;
    let text = raw.text();
    assert!(text.contains("\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_fake00000001\",\"name\":\"react\",\"input\":{}}"));
    assert!(text.matches("input_json_delta").count() > 1);
    assert!(text.contains("\"stop_reason\":\"tool_use\""));
    assert_eq!(raw.answer(), "{\"snippets\":[]}");
    body["stream"] = json!(false);
    let whole = ask(&provider, Wire::Anthropic, &body).await.json();
    assert_eq!(whole["content"][0]["input"], json!({"snippets": []}));
}

#[rstest]
#[tokio::test]
async fn any_figure_can_be_reported_as_output(#[values(Wire::OpenAi, Wire::Anthropic)] wire: Wire) {
    let (raw, usage) = answer(
        wire,
        "Yes.",
        Options {
            output_tokens: Some(9_999),
            ..Options::default()
        },
    )
    .await;
    assert_eq!(usage.output, 9_999);
    assert!(raw.text().contains("_tokens\":9999"));
}

#[rstest]
#[tokio::test]
async fn a_pace_spreads_the_pieces_and_changes_no_byte(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let slow = Behaviour::answering("Some words").tokens_per_second(200);
    let provider = FakeProvider::start(wire, Script::new(slow)).await.unwrap();
    let started = std::time::Instant::now();
    let paced = ask(&provider, wire, &question(wire, "Well?")).await;
    // Three pieces at 200 a second: the last is due after 10 ms.
    assert!(started.elapsed() >= std::time::Duration::from_millis(10));
    assert_eq!(paced.answer(), "Some words");
    assert_eq!(provider.requests()[0].outcome, Outcome::Finished);
}
