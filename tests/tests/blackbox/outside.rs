//! Being reached from other machines: under the operator's name, with more care.

use std::net::{IpAddr, UdpSocket};

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::program::husting;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::keyed::{Keyed, answered};
use crate::tenanted::{Agent, Events, Tenant, opening};

const NAME: &str = "husting.example.org";
const URL: [&str; 2] = ["--public-url", "https://husting.example.org"];

async fn serving(home: &Home, words: &[&str]) -> Instance {
    Instance::serving(home, home.command(husting()), words).await
}

async fn behind_a_proxy(home: &Home, more: &[&str]) -> Instance {
    let words = [&["--listen", "127.0.0.1:0"], &URL[..], more].concat();
    serving(home, &words).await
}

/// A request as a proxy passes it on.
fn named(agent: &Agent, name: &str) -> RequestBuilder {
    agent.bringing(&opening("2025-06-18")).header("host", name)
}

#[tokio::test]
async fn a_public_url_stands_in_what_is_handed_out_and_is_answered_to() {
    let home = Home::new();
    let instance = behind_a_proxy(&home, &[]).await;
    let tenant = Tenant::local(&instance).await;
    let mint = tenant
        .post("/agents/mint", &json!({"agent_name": "far"}))
        .await;
    let minted = mint.with(201);
    assert_eq!(minted["mcp"]["http_url"], "https://husting.example.org/mcp");
    assert_eq!(minted["mcp"]["sse_url"], "https://husting.example.org/sse");
    let keyed = Keyed::at(&instance).await;
    let url = keyed.made.mcp_url.as_deref();
    assert_eq!(url, Some("https://husting.example.org/api/mcp"));
    let models = keyed.calling("list_models", json!({})).header("host", NAME);
    answered(models).await.with(200);
    let console = "https://husting.example.org/console/#code=";
    assert!(instance.link.starts_with(console), "{}", instance.link);
    let other = home.run(&["console", "link"]).await.done().stdout;
    assert!(other.starts_with(console), "{other}");

    let agent = tenant.agent(&minted);
    answered(named(&agent, NAME)).await.with(200);
    answered(agent.bringing(&opening("2025-06-18")))
        .await
        .with(200);
    let page = named(&agent, NAME).header("origin", "https://husting.example.org");
    answered(page).await.with(200);
    for name in [
        "husting.example.org:6070",
        "example.org",
        "husting.example.org.evil.example",
    ] {
        assert_eq!(answered(named(&agent, name)).await.status, 403, "{name}");
    }
    for origin in ["http://husting.example.org", "https://example.org", "null"] {
        let page = named(&agent, NAME).header("origin", origin);
        assert_eq!(answered(page).await.status, 403, "{origin}");
    }
}

#[tokio::test]
async fn a_browser_that_came_by_tls_is_given_a_cookie_for_tls_alone() {
    let home = Home::new();
    let instance = behind_a_proxy(&home, &[]).await;
    let (_, code) = instance.link.rsplit_once('=').unwrap();
    let login = instance
        .client
        .post(format!("{}/console/login", instance.http))
        .header("host", NAME)
        .header("origin", URL[1])
        .json(&json!({ "code": code }));
    let answer = answered(login).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    let cookie = answer.header("set-cookie");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn with_a_public_url_a_token_in_a_path_opens_nothing_unless_that_is_allowed() {
    let home = Home::new();
    let instance = behind_a_proxy(&home, &[]).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("far", &["mcp:inbox"]).await;
    for token in [agent.token.as_str(), "hst_a_nonsense"] {
        let refused = answered(agent.request(Method::GET, &format!("/sse/{token}"))).await;
        assert_eq!(refused.refusal(), (401, "invalid_token".to_owned()));
        for word in ["Authorization: Bearer", "--allow-path-tokens"] {
            assert!(refused.text.contains(word), "{}", refused.text);
        }
        assert!(!refused.text.contains(token));
    }
    let by_header = agent.request(Method::GET, "/sse").send().await.unwrap();
    Events::of(by_header).next().await.unwrap();
    assert_eq!(instance.stop().await.0, 0);

    let instance = behind_a_proxy(&home, &["--allow-path-tokens"]).await;
    let tenant = Tenant::local(&instance).await;
    let minted = tenant
        .post("/agents/mint", &json!({"agent_name": "farther"}))
        .await
        .with(201);
    let in_path = "https://husting.example.org/sse/<your-token>";
    assert_eq!(minted["mcp"]["sse_url"], in_path);
    let (_stream, endpoint) = tenant.agent(&minted).sse().await;
    assert!(endpoint.starts_with("/messages?sessionId="));
}

#[tokio::test]
async fn the_command_lines_door_is_on_this_machine_alone() {
    let home = Home::new();
    let words = [&["--listen", "0.0.0.0:0"], &URL[..]].concat();
    let instance = serving(&home, &words).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("far", &[]).await;
    let asked = |http: &str, host: Option<&str>| {
        let snapshot = json!({"command": "snapshot", "args": {}});
        let url = format!("{http}/console/rpc");
        let request = instance.client.post(url).bearer_auth(&instance.token);
        let request = request.json(&snapshot);
        answered(
            host.into_iter()
                .fold(request, |it, host| it.header("host", host)),
        )
    };
    assert_eq!(asked(&instance.http, None).await.status, 200);
    assert_eq!(asked(&instance.http, Some(NAME)).await.status, 401);
    let Some(own) = own_address() else {
        eprintln!("this machine has no address but its loopback; nobody else can be played");
        return;
    };
    let local = instance.http.strip_prefix("http://").unwrap();
    let port = local.rsplit_once(':').unwrap().1;
    let there = format!("http://{own}:{port}");
    assert_eq!(
        asked(&there, Some(local)).await.status,
        401,
        "whatever it is called"
    );
    let call = agent
        .bringing_to(&there, &opening("2025-06-18"))
        .header("host", NAME);
    answered(call).await.with(200);
}

/// nginx names the address that it passes to as `Host` where nobody tells it otherwise.
#[tokio::test]
async fn what_a_proxy_passed_on_opens_no_door_of_this_machine_whatever_its_host_says() {
    let home = Home::new();
    let instance = behind_a_proxy(&home, &[]).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("far", &[]).await;
    let asked = |instance: &Instance, header: Option<(&str, &str)>| {
        let url = format!("{}/console/rpc", instance.http);
        let request = instance.client.post(url).bearer_auth(&instance.token);
        let request = request.json(&json!({"command": "snapshot", "args": {}}));
        answered(
            header
                .into_iter()
                .fold(request, |it, (name, value)| it.header(name, value)),
        )
    };
    let forwarded = [
        ("forwarded", "for=192.0.2.7"),
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-host", NAME),
        ("x-real-ip", "192.0.2.7"),
    ];
    for header in forwarded {
        let refused = asked(&instance, Some(header)).await;
        assert_eq!(refused.status, 401, "{header:?}: {}", refused.text);
        let call = agent.bringing(&opening("2025-06-18"));
        answered(call.header(header.0, header.1)).await.with(200);
    }
    assert_eq!(asked(&instance, None).await.status, 200);
    assert_eq!(instance.stop().await.0, 0);

    // Where nobody is let in from outside, nothing is passed on.
    let instance = serving(&home, &[]).await;
    assert_eq!(asked(&instance, Some(forwarded[1])).await.status, 200);
}

/// An address of this machine under which others see it.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: the system only chooses a way there.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback()).then_some(address)
}

#[tokio::test]
async fn what_others_could_reach_or_read_by_mistake_is_refused() {
    let home = Home::new();
    for (words, said) in [
        (
            &["--listen", "0.0.0.0:0"][..],
            "--listen: 0.0.0.0:0 can be reached from outside; without `husting serve --public-url",
        ),
        (
            &["--public-url", "http://husting.example.org"],
            "--insecure",
        ),
        (&["--public-url", "husting.example.org"], "https://"),
        (
            &["--public-url", "https://husting.example.org/bus"],
            "https://",
        ),
        (&["--allow-path-tokens"], "--public-url"),
        (&["--insecure"], "--public-url"),
    ] {
        let refused = home.run(&[&["serve"], words].concat()).await.with(2);
        assert!(
            refused.stderr.contains(said),
            "{words:?}: {}",
            refused.stderr
        );
        let address = refused.stderr.matches("0.0.0.0:0").count();
        assert!(address <= 1, "said twice: {}", refused.stderr);
    }
    let words = [
        "--listen",
        "127.0.0.1:0",
        "--public-url",
        "http://husting.example.org",
        "--insecure",
    ];
    let instance = serving(&home, &words).await;
    assert!(
        instance.link.starts_with("http://husting.example.org/"),
        "{}",
        instance.link
    );
}
