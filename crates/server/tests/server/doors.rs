//! What is asked of a request before anything else, and what opens without credentials.

use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{refusal, started};

const ROUTES: [(&str, &str); 14] = [
    ("GET", "/"),
    ("GET", "/nothing/here"),
    ("GET", "/health/deeper"),
    ("POST", "/health"),
    ("GET", "/console/login"),
    ("GET", "/console/rpc"),
    ("POST", "/console/rpc"),
    ("GET", "/console/events"),
    ("POST", "/console/logout"),
    ("POST", "/console/link"),
    ("GET", "/console/not-a-file.js"),
    ("GET", "/console/../Cargo.toml"),
    ("GET", "/console/%2e%2e/Cargo.toml"),
    ("DELETE", "/console/"),
];

#[tokio::test]
async fn without_credentials_nothing_opens_that_is_not_meant_to() {
    let server = started().await;
    for (method, path) in ROUTES {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let response = server.request(method.clone(), path).send().await.unwrap();
        let challenge = response.headers().get("www-authenticate").cloned();
        assert_eq!(
            refusal(response).await,
            (401, "unauthorized".to_owned()),
            "{method} {path}"
        );
        assert_eq!(challenge.unwrap(), "Bearer", "{method} {path}");
    }
    assert!(server.host.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn wrong_credentials_are_called_so() {
    let server = started().await;
    let mut cut_short = server.token.expose_secret().to_owned();
    cut_short.pop();
    for token in ["", "hst_o_nonsense", cut_short.as_str()] {
        let response = server
            .request(Method::POST, "/console/rpc")
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        let challenge = response.headers()["www-authenticate"].clone();
        assert_eq!(
            refusal(response).await,
            (401, "invalid_token".to_owned()),
            "{token}"
        );
        assert_eq!(challenge, "Bearer error=\"invalid_token\"");
    }
    let cookie = format!("husting_{}=guess", server.port);
    let response = server
        .request(Method::POST, "/console/rpc")
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(response).await, (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn a_token_in_the_address_opens_nothing() {
    let server = started().await;
    let token = server.token.expose_secret();
    for query in [
        format!("access_token={token}"),
        format!("token={token}"),
        format!("code={token}"),
    ] {
        let response = server
            .request(Method::GET, &format!("/console/events?{query}"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{query}");
    }
}

#[tokio::test]
async fn with_credentials_an_unknown_route_is_told_from_a_locked_one() {
    let server = started().await;
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/console/no.js", 404),
        ("GET", "/console/rpc", 405),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let response = server.as_operator(method, path).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn health_is_open_and_says_the_version() {
    let server = started().await;
    let response = server.request(Method::GET, "/health").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(
        body,
        serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })
    );
}

#[tokio::test]
async fn only_our_own_names_are_answered_to() {
    let server = started().await;
    let port = server.port;
    let table = [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("127.0.0.1".to_owned(), 403),
        (format!("127.0.0.1:{}", port ^ 1), 403),
        (format!("127.0.0.2:{port}"), 403),
        (format!("LOCALHOST:{port}"), 403),
        (format!("localhost.:{port}"), 403),
        (format!("localhost.evil.example:{port}"), 403),
        (format!("xlocalhost:{port}"), 403),
        (format!("evil-127.0.0.1:{port}"), 403),
        (format!("evil.example:{port}"), 403),
        (String::new(), 403),
    ];
    for (host, status) in table {
        for path in ["/health", "/console/", "/console/rpc", "/nowhere"] {
            let response = server
                .as_operator(Method::GET, path)
                .header("host", &host)
                .send()
                .await
                .unwrap();
            let found = response.status().as_u16();
            assert_eq!(
                found == 403,
                status == 403,
                "Host {host:?} on {path} gave {found}"
            );
        }
    }
}

/// The first line of what a raw request for `target` is answered, which may be more than a path.
async fn status_line(server: &str, target: &str, hosts: &[&str]) -> String {
    let hosts: String = hosts
        .iter()
        .map(|host| format!("Host: {host}\r\n"))
        .collect();
    let head = format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
    let mut socket = TcpStream::connect(server).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

/// <https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form>: such an address stands above `Host`.
#[tokio::test]
async fn a_foreign_name_in_the_request_line_is_refused_beside_ours_in_host() {
    let server = started().await;
    let port = server.port;
    let ours = format!("127.0.0.1:{port}");
    for (target, status) in [
        ("http://evil.example/health".to_owned(), "403 Forbidden"),
        (
            format!("http://evil.example:{port}/health"),
            "403 Forbidden",
        ),
        ("http://127.0.0.1/health".to_owned(), "403 Forbidden"),
        (
            format!("http://{ours}@evil.example/health"),
            "403 Forbidden",
        ),
        (
            format!("http://evil.example@{ours}/health"),
            "403 Forbidden",
        ),
        (format!("http://{ours}/health"), "200 OK"),
        (format!("http://localhost:{port}/health"), "200 OK"),
        ("/health".to_owned(), "200 OK"),
    ] {
        let line = status_line(&ours, &target, &[&ours]).await;
        assert_eq!(line, format!("HTTP/1.1 {status}"), "{target}");
    }
    let foreign = status_line(&ours, &format!("http://{ours}/health"), &["evil.example"]).await;
    assert_eq!(foreign, "HTTP/1.1 403 Forbidden", "nor the other way round");
}

/// Of two names a proxy and we could each believe another one.
#[tokio::test]
async fn one_foreign_name_beside_ours_is_refused_in_either_order() {
    let server = started().await;
    let ours = format!("127.0.0.1:{}", server.port);
    let answered = async |names: [&str; 2]| status_line(&ours, "/health", &names).await;
    let refused = "HTTP/1.1 403 Forbidden";
    assert_eq!(answered([&ours, "evil.example"]).await, refused);
    assert_eq!(answered(["evil.example", &ours]).await, refused);
    assert_eq!(answered([&ours, &ours]).await, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn pages_of_other_origins_are_refused_whatever_they_bring() {
    let server = started().await;
    let port = server.port;
    let table = [
        (format!("http://127.0.0.1:{port}"), 200),
        (format!("http://localhost:{port}"), 200),
        (format!("http://[::1]:{port}"), 200),
        ("null".to_owned(), 403),
        (format!("https://127.0.0.1:{port}"), 403),
        ("http://127.0.0.1".to_owned(), 403),
        (format!("http://127.0.0.1:{port}/"), 403),
        (format!("http://127.0.0.1:{port}.evil.example"), 403),
        ("http://evil.example".to_owned(), 403),
        ("tauri://localhost".to_owned(), 403),
        (String::new(), 403),
    ];
    for (origin, status) in table {
        let response = server
            .as_operator(Method::GET, "/health")
            .header("origin", &origin)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), status, "Origin {origin:?}");
        assert!(
            response
                .headers()
                .keys()
                .all(|name| !name.as_str().starts_with("access-control"))
        );
    }
    let preflight = server
        .request(Method::OPTIONS, "/console/rpc")
        .header("origin", "http://evil.example")
        .header("access-control-request-method", "POST");
    assert_eq!(
        preflight.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn both_loopbacks_are_served() {
    let server = started().await;
    let direct = server
        .client
        .get(format!("http://[::1]:{}/health", server.port))
        .send()
        .await;
    match direct {
        Ok(response) => assert_eq!(response.status(), StatusCode::OK),
        Err(fault) => assert!(
            std::net::TcpListener::bind("[::1]:0").is_err(),
            "IPv6 is there but not served: {fault}"
        ),
    }
}
