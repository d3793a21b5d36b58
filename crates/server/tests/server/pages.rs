//! The console's pages.

use reqwest::{Method, StatusCode, redirect};
use secrecy::ExposeSecret;

use crate::fixture::{refusal, started};

/// Whether the pages were built; without them the server says how.
fn built() -> bool {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../ui/dist/index.html")
        .exists()
}

#[tokio::test]
async fn the_first_page_is_served_without_credentials_and_with_a_strict_policy() {
    let server = started().await;
    let response = server
        .request(Method::GET, "/console/")
        .send()
        .await
        .unwrap();
    if !built() {
        assert_eq!(refusal(response).await, (503, "internal".to_owned()));
        return;
    }
    assert_eq!(response.status(), StatusCode::OK);
    let said = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(said("content-type"), "text/html; charset=utf-8");
    assert_eq!(
        (
            said("x-content-type-options").as_str(),
            said("x-frame-options").as_str()
        ),
        ("nosniff", "DENY")
    );
    let policy = said("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );
}

#[tokio::test]
async fn every_file_that_the_first_page_names_is_there() {
    if !built() {
        eprintln!("the pages are not built; there is nothing to test");
        return;
    }
    let server = started().await;
    let page = server
        .request(Method::GET, "/console/")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let named: Vec<_> = page
        .split('"')
        .filter_map(|part| part.strip_prefix("./"))
        .collect();
    assert!(!named.is_empty(), "{page}");
    for file in named {
        let response = server
            .request(Method::GET, &format!("/console/{file}"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{file}");
        let tag = response.headers()["etag"].clone();
        let again = server
            .request(Method::GET, &format!("/console/{file}"))
            .header("if-none-match", tag);
        assert_eq!(
            again.send().await.unwrap().status(),
            StatusCode::NOT_MODIFIED,
            "{file}"
        );
    }
}

/// A client that shows where it is led.
fn unled() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

#[tokio::test]
async fn the_printed_address_leads_a_browser_to_the_console() {
    let server = started().await;
    let asked = |accept: &'static str| {
        let request = unled().get(&server.http).header("accept", accept);
        async move { request.send().await.unwrap() }
    };
    for accept in [
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json, Text/HTML;q=0.2",
    ] {
        let response = asked(accept).await;
        assert_eq!(
            response.status(),
            StatusCode::TEMPORARY_REDIRECT,
            "{accept}"
        );
        assert_eq!(response.headers()["location"], "/console/", "{accept}");
        assert_eq!(response.headers()["vary"], "accept", "{accept}");
    }
    for accept in ["*/*", "application/json", "text/htmlx"] {
        let refused = refusal(asked(accept).await).await;
        assert_eq!(refused, (401, "unauthorized".to_owned()), "{accept}");
    }
}

#[tokio::test]
async fn the_short_address_leads_to_the_long_one() {
    let server = started().await;
    let response = unled()
        .get(format!("{}/console", server.http))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(response.headers()["location"], "/console/");
}

#[tokio::test]
async fn a_browser_at_an_address_that_leads_nowhere_is_given_a_page_and_a_script_json() {
    let server = started().await;
    let ask = |path: &str, credentials: bool| {
        let request = server.request(Method::GET, path);
        match credentials {
            true => request.bearer_auth(server.token.expose_secret()),
            false => request,
        }
    };
    for (credentials, status, code, said) in [
        (true, 404, "not_found", "There is no page at this address."),
        (
            false,
            401,
            "unauthorized",
            "opens nothing without credentials",
        ),
    ] {
        for path in ["/nonsense", "/console/nonsense"] {
            let browser = ask(path, credentials).header("accept", "text/html,*/*;q=0.8");
            let page = browser.send().await.unwrap();
            assert_eq!(page.status(), status, "{path}");
            let told = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(told("content-type"), "text/html; charset=utf-8");
            assert_eq!(told("x-frame-options"), "DENY");
            let policy = told("content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            let text = page.text().await.unwrap();
            assert!(text.contains(said), "{text}");
            assert!(text.contains("<a href=\"/console/\">"), "{text}");
            assert!(!text.contains("<script"), "{text}");

            let script = ask(path, credentials).header("accept", "*/*");
            let refused = refusal(script.send().await.unwrap()).await;
            assert_eq!(refused, (status, code.to_owned()), "{path}");
        }
    }
    let locked = ask("/console/rpc", false).header("accept", "text/html");
    let locked = locked.send().await.unwrap().text().await.unwrap();
    let unknown = ask("/console/nonsense", false).header("accept", "text/html");
    assert_eq!(locked, unknown.send().await.unwrap().text().await.unwrap());
}
