//! What a provider is asked that costs nothing: whether it takes the key, and which models it has.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use common::{KEY, Listener, address, clock, shared};
use husting_domain::providers::ProviderKind;
use husting_seats::api::{Endpoint, http_client};
use husting_seats::probe;
use husting_test_support::{FakeProvider, Script, Wire};
use rstest::rstest;
use serde_json::{Value, json};

fn endpoint(wire: Wire, provider: &FakeProvider, key: &str) -> Endpoint {
    let (kind, base_url) = address(wire, provider);
    Endpoint::new(kind, &base_url, Some(key.into()))
}

#[rstest]
#[tokio::test]
async fn a_provider_is_tried_for_free(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let script = Script::answering("Yes.").models(["one", "two"]).key(KEY);
    let provider = FakeProvider::start(wire, script).await.unwrap();
    let (http, clock) = (http_client().unwrap(), shared(&clock()));
    let good = endpoint(wire, &provider, KEY);
    assert_eq!(
        probe::list_models(&good, &http, &clock).await.unwrap(),
        ["one", "two"]
    );
    let found = probe::test(&good, &http, &clock).await;
    assert_eq!(
        (found.ok, found.status, found.message),
        (true, Some(200), None)
    );
    let found = probe::test(
        &endpoint(wire, &provider, "sk-wrong-key-0123456789"),
        &http,
        &clock,
    )
    .await;
    // Google calls such a request a bad one.
    let status = if wire == Wire::Gemini { 400 } else { 401 };
    assert_eq!((found.ok, found.status), (false, Some(status)));
    assert!(!found.message.unwrap().contains("6789"));
    assert_eq!(provider.calls_started(), 0);
}

#[tokio::test]
async fn what_lists_no_models_is_no_provider() {
    let page = format!("<html>\nWelcome {KEY}{}", " at the house".repeat(999));
    for (kind, body, told) in [
        (
            "text/html; charset=utf-8",
            page.as_str(),
            "a page came that is not what an API answers: <html> Welcome [secret removed] at",
        ),
        (
            "application/json",
            "{}",
            "the provider's answer is no list of models",
        ),
    ] {
        let body = body.to_owned();
        let listener = Listener::start(move |_| (200, kind, body.clone())).await;
        let endpoint = Endpoint::new(
            ProviderKind::OpenaiCompatible,
            &listener.base_url(),
            Some(KEY.into()),
        );
        let found = probe::test(&endpoint, &http_client().unwrap(), &shared(&clock())).await;
        assert_eq!((found.ok, found.status), (false, Some(200)));
        let said = found.message.unwrap();
        assert!(said.starts_with(told) && said.len() < 300, "{said}");
    }
}

#[tokio::test]
async fn a_list_of_models_without_an_end_is_not_read_to_it() {
    // A list all the same, for whoever reads it whole.
    let endless = format!("{{\"data\":[]{}}}", " ".repeat(9 * 1_024 * 1_024));
    let listener = Listener::start(move |_| (200, "application/json", endless.clone())).await;
    let endpoint = Endpoint::new(ProviderKind::OpenaiCompatible, &listener.base_url(), None);
    let found = probe::test(&endpoint, &http_client().unwrap(), &shared(&clock())).await;
    assert_eq!((found.ok, found.status), (false, Some(200)));
    assert!(found.message.unwrap().contains("longer than 8 MiB"));
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_given_up() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", silent.local_addr().unwrap());
    let (manual, endpoint) = (
        clock(),
        Endpoint::new(ProviderKind::Ollama, &base_url, None),
    );
    let (clock, http) = (shared(&manual), http_client().unwrap());
    let trying = tokio::spawn(async move { probe::test(&endpoint, &http, &clock).await });
    let (_held, _) = silent.accept().await.unwrap();
    common::once_waiting(&manual, 1).await;
    manual.advance(std::time::Duration::from_secs(15));
    let found = trying.await.unwrap();
    assert_eq!(
        (found.ok, found.status, found.millis),
        (false, None, 15_000)
    );
}

/// Anthropic goes on after the last id, Google where a token says.
#[rstest]
#[case(
    ProviderKind::Anthropic,
    json!({"data": [{"id": "one"}], "has_more": true}),
    json!({"data": [{"id": "two"}], "has_more": false})
)]
#[case(
    ProviderKind::Gemini,
    json!({"models": [{"name": "models/one"}], "nextPageToken": "more"}),
    json!({"models": [{"name": "models/two", "supportedGenerationMethods": ["generateContent"]},
        {"name": "models/counts", "supportedGenerationMethods": ["countTokens"]}]})
)]
#[tokio::test]
async fn a_long_list_is_read_page_by_page(
    #[case] kind: ProviderKind,
    #[case] first: Value,
    #[case] second: Value,
) {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let listener = Listener::start(move |_| {
        let is_first = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        let page = if is_first { &first } else { &second };
        (200, "application/json", page.to_string())
    })
    .await;
    let endpoint = Endpoint::new(kind, &listener.base_url(), Some(KEY.into()));
    let listed = probe::list_models(&endpoint, &http_client().unwrap(), &shared(&clock())).await;
    assert_eq!(listed.unwrap(), ["one", "two"]);
    assert_eq!(listener.requests().len(), 2);
}
