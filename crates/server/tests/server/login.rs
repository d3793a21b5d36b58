//! One-time links, cookies and the end of both.

use std::time::Duration;

use futures::StreamExt;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::fixture::{refusal, started};

#[tokio::test]
async fn a_code_opens_the_console_once() {
    let server = started().await;
    let code = server.access.login_code().unwrap();
    let first = server.log_in(code.expose_secret()).await;
    assert_eq!(first.status(), StatusCode::NO_CONTENT);
    let second = server.log_in(code.expose_secret()).await;
    assert!(second.headers().get("set-cookie").is_none());
    assert_eq!(refusal(second).await, (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn of_many_who_try_one_code_at_once_one_gets_in() {
    let server = started().await;
    let code = server.access.login_code().unwrap();
    let tries = (0..16).map(|_| server.log_in(code.expose_secret()));
    let answers = futures::future::join_all(tries).await;
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer.status() == StatusCode::NO_CONTENT)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_code_is_too_old_after_ten_minutes() {
    let server = started().await;
    let code = server.access.login_code().unwrap();
    server.clock.advance(Duration::from_secs(600));
    assert_eq!(
        refusal(server.log_in(code.expose_secret()).await).await,
        (401, "invalid_token".to_owned())
    );
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_from_foreign_pages() {
    let server = started().await;
    let code = server.access.login_code().unwrap();
    let response = server.log_in(code.expose_secret()).await;
    let cookie = response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "HttpOnly; SameSite=Strict; Path=/console");
    assert!(value.starts_with(&format!("husting_{}=", server.port)));
    assert!(!cookie.contains(code.expose_secret()));
}

#[tokio::test]
async fn a_login_of_the_wrong_form_spends_nothing() {
    let server = started().await;
    let code = server.access.login_code().unwrap();
    let code = code.expose_secret();
    let login = || server.request(Method::POST, "/console/login");
    let form = login()
        .header("content-type", "text/plain")
        .body(json!({ "code": code }).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let more = login()
        .json(&json!({ "code": code, "next": "/" }))
        .send()
        .await
        .unwrap();
    assert_eq!(more.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let foreign = login()
        .header("origin", "http://evil.example")
        .json(&json!({ "code": code }))
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert_eq!(server.log_in(code).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_link_carries_its_code_in_the_fragment_and_only_the_command_line_gets_one() {
    let server = started().await;
    let answer = server
        .as_operator(Method::POST, "/console/link")
        .send()
        .await
        .unwrap();
    let body: serde_json::Value = answer.json().await.unwrap();
    let (address, code) = body["link"].as_str().unwrap().split_once("#code=").unwrap();
    assert_eq!(
        address,
        format!("http://127.0.0.1:{}/console/", server.port)
    );
    assert_eq!(server.log_in(code).await.status(), StatusCode::NO_CONTENT);

    let cookie = server.cookie().await;
    let from_browser = server
        .request(Method::POST, "/console/link")
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(from_browser).await, (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn logging_out_closes_the_door_and_what_was_open_behind_it() {
    let server = started().await;
    let (cookie, other) = (server.cookie().await, server.cookie().await);
    let open = |cookie: &str| {
        server
            .request(Method::GET, "/console/events")
            .header("cookie", cookie.to_owned())
            .send()
    };
    let (stream, others) = (open(&cookie).await.unwrap(), open(&other).await.unwrap());

    let out = server
        .request(Method::POST, "/console/logout")
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    assert!(
        out.headers()["set-cookie"]
            .to_str()
            .unwrap()
            .ends_with("Max-Age=0")
    );

    let pieces: Vec<_> = stream.bytes_stream().collect().await;
    assert!(pieces.iter().all(Result::is_ok), "the stream ends in order");
    assert_eq!(
        open(&cookie).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    server.host.tell();
    let mut others = others.bytes_stream();
    assert!(others.next().await.unwrap().is_ok());
    assert_eq!(open(&other).await.unwrap().status(), StatusCode::OK);
}
