//! Commands over HTTP.

use std::sync::Arc;

use husting_server::Door;
use husting_wire::errors::{Error, ErrorCode};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;

use crate::fixture::{PATIENCE, refusal, started};

fn a_command() -> Value {
    json!({ "command": "list_models", "args": {} })
}

#[tokio::test]
async fn both_doors_lead_to_the_same_command_and_are_told_apart() {
    let server = started().await;
    *server.host.answer.lock().unwrap() =
        Ok(json!({ "models": [], "cost": 9_007_199_254_740_991_u64 }));
    let by_token = server
        .as_operator(Method::POST, "/console/rpc")
        .json(&a_command())
        .send()
        .await
        .unwrap();
    assert_eq!(by_token.headers()["content-type"], "application/json");
    assert_eq!(by_token.headers()["cache-control"], "no-store");
    assert_eq!(
        by_token.text().await.unwrap(),
        r#"{"models":[],"cost":9007199254740991}"#
    );

    let cookie = server.cookie().await;
    let by_cookie = server
        .request(Method::POST, "/console/rpc")
        .header("cookie", cookie)
        .json(&a_command());
    assert_eq!(by_cookie.send().await.unwrap().status(), StatusCode::OK);
    let asked = server.host.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [(Door::Cli, "list_models"), (Door::Browser, "list_models")]
    );
}

#[tokio::test]
async fn an_error_keeps_its_body_and_takes_its_status() {
    let server = started().await;
    let table = [
        (ErrorCode::InvalidRequest, 422),
        (ErrorCode::UnknownModels, 422),
        (ErrorCode::IneligibleModels, 422),
        (ErrorCode::InsufficientActiveModels, 422),
        (ErrorCode::CreditExhausted, 402),
        (ErrorCode::SessionBusy, 409),
        (ErrorCode::SessionFailed, 409),
        (ErrorCode::NotFound, 404),
        (ErrorCode::AlreadyExists, 409),
        (ErrorCode::Unauthorized, 401),
        (ErrorCode::InvalidToken, 401),
        (ErrorCode::Forbidden, 403),
        (ErrorCode::SecretsUnavailable, 409),
        (ErrorCode::ProviderError, 502),
        (ErrorCode::ClientFile, 409),
        (ErrorCode::ProgramFailed, 502),
        (ErrorCode::StoreUnavailable, 503),
        (ErrorCode::ShuttingDown, 503),
        (ErrorCode::Internal, 500),
    ];
    for (code, status) in table {
        let error = Error::new(code, "A sentence.").with(json!({ "figure": 7 }));
        *server.host.answer.lock().unwrap() = Err(error.clone());
        let response = server
            .as_operator(Method::POST, "/console/rpc")
            .json(&a_command())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), status, "{code:?}");
        assert_eq!(response.json::<Error>().await.unwrap(), error);
    }
}

#[tokio::test]
async fn what_is_no_command_reaches_nobody() {
    let server = started().await;
    let post = || {
        server
            .as_operator(Method::POST, "/console/rpc")
            .header("content-type", "application/json")
    };
    for body in [
        "",
        "{",
        "[]",
        r#"{"command":"no_such"}"#,
        r#"{"command":"list_models","args":{"more":1}}"#,
    ] {
        assert_eq!(
            refusal(post().body(body).send().await.unwrap()).await,
            (422, "invalid_request".to_owned()),
            "{body}"
        );
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json+x",
        "",
    ] {
        let request = server
            .as_operator(Method::POST, "/console/rpc")
            .header("content-type", kind);
        let response = request.body(a_command().to_string()).send().await.unwrap();
        assert_eq!(
            response.status(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{kind}"
        );
    }
    assert!(server.host.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_document_of_four_mebibytes_fits_and_seventeen_do_not() {
    let server = started().await;
    let convene = |size: usize| {
        let args = json!({ "prompt": "?", "reference": "a".repeat(size) });
        server
            .as_operator(Method::POST, "/console/rpc")
            .json(&json!({ "command": "convene", "args": args }))
            .send()
    };
    assert_eq!(
        convene(4 * 1024 * 1024).await.unwrap().status(),
        StatusCode::OK
    );
    // The server may stop reading before we stop writing.
    if let Ok(response) = convene(17 * 1024 * 1024).await {
        assert_eq!(refusal(response).await, (413, "invalid_request".to_owned()));
    }
    assert_eq!(server.host.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_cut_the_command() {
    let server = started().await;
    let gate = Arc::new(Notify::new());
    *server.host.gate.lock().unwrap() = Some(gate.clone());
    let body = a_command().to_string();
    let token = secrecy::ExposeSecret::expose_secret(&server.token).to_owned();
    let head = format!(
        "POST /console/rpc HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.port,
        body.len()
    );
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    tokio::time::timeout(PATIENCE, server.host.waiting.notified())
        .await
        .expect("the command begins");
    drop(socket);

    // The end of the server waits for the command, so the order of what follows is certain.
    server.shutdown.cancel();
    gate.notify_one();
    tokio::time::timeout(PATIENCE, server.running)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(server.host.asked.lock().unwrap().len(), 1);
}
