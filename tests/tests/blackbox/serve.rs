//! `husting serve`: who is let in, how it ends, and that other commands go through it.

use husting_test_support::{Behaviour, GatePoint, Script};
use husting_tests::events::Events;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::panel::{MODELS, Panel, SEATS, model};
use husting_wire::commands::{ConveneSession, ReadSession};
use husting_wire::sessions::{Convene, SessionRef};
use reqwest::{Method, Response};
use serde_json::{Value, json};

#[tokio::test]
async fn another_name_or_a_foreign_page_is_turned_away_on_every_route() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let port = instance.http.rsplit(':').next().unwrap();
    for path in ["/health", "/console/", "/console/rpc", "/nowhere"] {
        let foreign = [
            ("host", "husting.example.org".to_owned()),
            ("host", format!("127.0.0.1.example.org:{port}")),
            ("host", "127.0.0.1:1".to_owned()),
            ("origin", "https://example.org".to_owned()),
            ("origin", "null".to_owned()),
            ("origin", "http://127.0.0.1:1".to_owned()),
        ];
        for (header, value) in foreign {
            let request = instance
                .client
                .get(format!("{}{path}", instance.http))
                .bearer_auth(&instance.token);
            let response = request.header(header, &value).send().await.unwrap();
            assert_eq!(response.status(), 403, "{path} with {header}: {value}");
        }
    }
    let own = format!("http://localhost:{port}");
    let request = instance
        .client
        .get(format!("{}/health", instance.http))
        .header("origin", own);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_crawl_without_credentials_finds_health_and_pages_alone() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let ask = async |method: Method, path: &str| {
        let request = instance
            .client
            .request(method, format!("{}{path}", instance.http));
        request
            .header("content-type", "application/json")
            .body("{}")
            .send()
            .await
            .unwrap()
    };
    for (method, path) in [
        (Method::POST, "/console/rpc"),
        (Method::GET, "/console/rpc"),
        (Method::GET, "/console/events"),
        (Method::POST, "/console/link"),
        (Method::POST, "/console/logout"),
        (Method::GET, "/console/none.js"),
        (Method::GET, "/console/%2e%2e/Cargo.toml"),
        (Method::GET, "/"),
        (Method::GET, "/metrics"),
        (Method::GET, "/api/sessions"),
        (Method::PUT, "/health"),
    ] {
        assert_eq!(
            ask(method.clone(), path).await.status(),
            401,
            "{method} {path}"
        );
    }
    let health: Value = ask(Method::GET, "/health").await.json().await.unwrap();
    assert_eq!(health["status"], "ok");
    let page = ask(Method::GET, "/console/").await;
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html"),
        "the pages are built into it"
    );
}

#[tokio::test]
async fn a_link_lets_one_browser_in_once() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let log_in = async |link: &str| {
        let code = link
            .split_once('#')
            .expect("the code stands in the fragment")
            .1;
        let code = code.rsplit('=').next().unwrap();
        let request = instance
            .client
            .post(format!("{}/console/login", instance.http));
        request.json(&json!({ "code": code })).send().await.unwrap()
    };
    let entered = log_in(&instance.link).await;
    let cookie = cookie(&entered);
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let pair = cookie.split(';').next().unwrap();
    let request = instance
        .client
        .post(format!("{}/console/rpc", instance.http))
        .header("cookie", pair);
    assert_eq!(
        request
            .json(&json!({ "command": "settings", "args": {} }))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(
        log_in(&instance.link).await.status(),
        401,
        "the link was used"
    );
    let another = home.ask(&["console", "link"]).await["link"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        log_in(&another).await.status(),
        204,
        "the command line gives another"
    );
    assert_eq!(log_in(&another).await.status(), 401);
}

fn cookie(response: &Response) -> String {
    assert_eq!(response.status(), 204);
    response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn asked_to_end_it_keeps_what_was_said_and_goes() {
    let speech = Behaviour::answering("Half of this was said before the end came.")
        .gate("middle", GatePoint::BeforeToken(5));
    let (home, panel) = (Home::new(), Panel::start(Script::new(speech)).await);
    panel.seat_at(&home).await;
    let instance = Instance::start(&home).await;
    let mut events = instance.watch().await;
    let convene = Convene {
        prompt: "How long have we got?".to_owned(),
        models: Some(SEATS.iter().map(|seat| model(seat.id)).collect()),
        ..Convene::default()
    };
    let ack = instance.call::<ConveneSession>(convene).await.unwrap();
    panel.until_all_wait("middle").await;
    said(&mut events, 3 * 20).await;
    let (code, words) = instance.stop().await;
    assert_eq!(code, 0, "{words}");
    assert!(!home.path().join("run/instance.json").exists());
    events.until_gone().await;

    let again = Instance::start(&home).await;
    let view = again
        .call::<ReadSession>(SessionRef {
            session_id: ack.session_id,
        })
        .await
        .unwrap();
    for seat in &view.rounds[0].answers {
        assert_eq!(seat.text, "Half of this was sai", "{}", seat.model);
        assert_eq!(
            serde_json::to_value(seat.error_code).unwrap(),
            "stream_interrupted"
        );
    }
    assert_eq!(view.rounds[0].debits.len(), 3, "what was written is paid");
}

/// Waits until so many bytes of answers were told.
async fn said(events: &mut Events, bytes: usize) {
    use husting_wire::events::Event;
    events
        .until("the beginnings of the answers", |told| {
            let words = told.iter().filter_map(|event| match event {
                Event::SeatText { text, .. } => Some(text.len()),
                _ => None,
            });
            words.sum::<usize>() >= bytes
        })
        .await;
}

#[tokio::test]
async fn a_taken_port_is_refused_with_the_name_of_its_holder() {
    let (home, other) = (Home::new(), Home::new());
    let instance = Instance::start(&home).await;
    let address = instance.http.trim_start_matches("http://");
    let refused = other.run(&["serve", "--listen", address]).await.with(1);
    let holder = format!("process {}", instance.pid);
    assert!(
        refused.stderr.contains(&holder) && refused.stderr.contains(address),
        "{}",
        refused.stderr
    );
    for made in ["run/instance.json", "husting.db", "logs"] {
        assert!(!other.path().join(made).exists(), "{made}");
    }
    let outside = other.run(&["serve", "--listen", "0.0.0.0:0"]).await.with(2);
    assert!(outside.stderr.contains("0.0.0.0"), "{}", outside.stderr);
}

#[tokio::test]
async fn commands_go_through_the_running_instance() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    let instance = Instance::start(&home).await;
    let mut events = instance.watch().await;
    panel.seat_at(&home).await;
    let record = home
        .ask(&["deliberate", "Through which door?", "--models", MODELS])
        .await;
    let session_id = serde_json::from_value(record["session_id"].clone()).unwrap();
    events.until_over(session_id, 0).await;
    let view = instance
        .call::<ReadSession>(SessionRef { session_id })
        .await
        .unwrap();
    assert_eq!(view.rounds[0].answers.len(), 3);
    assert_eq!(serde_json::to_value(view.summary.source).unwrap(), "cli");
    let (code, _) = instance.stop().await;
    assert_eq!(code, 0);
    assert_eq!(
        home.ask(&["session", "list"]).await["total"],
        1,
        "and alone when there is none"
    );
}
