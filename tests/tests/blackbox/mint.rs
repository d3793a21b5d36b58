//! Minting and managing agents over REST.

use std::collections::BTreeSet;

use futures::future::join_all;
use husting_domain::tenants::Tier;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use reqwest::Method;
use serde_json::{Value, json};

use crate::keyed::{Described, Keyed, answered, roomy};
use crate::tenanted::{Agent, Tenant};

/// The seed's own body, with its line breaks and blanks.
pub const SEED: &str = "{\n  \"agent_name\": \"bruno-voice\",\n  \"model\":      \"claude-sonnet-4-5\",\n  \"charter\":    \"You are Bruno's voice assistant for viamar shipping ops.\"\n}";
/// No id of anybody.
const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

#[tokio::test]
async fn the_seeds_requests_do_what_the_seed_says() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::of(&instance, "viamar", Tier::Growth).await;
    let mint = tenant
        .request(Method::POST, "/agents/mint")
        .header("content-type", "application/json")
        .body(SEED);
    let minted = answered(mint).await;
    let body = minted.with(201);
    let agent = &body["agent"];
    assert_eq!(agent["tenant_id"], "viamar");
    assert_eq!(agent["agent_name"], "bruno-voice");
    assert_eq!(agent["kind"], "custom");
    assert_eq!(agent["model"], "claude-sonnet-4-5");
    assert_eq!(
        agent["charter"],
        "You are Bruno's voice assistant for viamar shipping ops."
    );
    assert_eq!(agent["status"], "active");
    assert_eq!(
        agent["scopes"],
        json!(["mcp:send", "mcp:inbox", "mcp:peers"])
    );
    assert_eq!(agent["expires_at"], Value::Null);
    let token = body["raw_token"].as_str().unwrap();
    assert!(token.starts_with("hst_a_"));
    assert_eq!(agent["token_tail"], token[token.len() - 8..]);
    assert_eq!(body["mcp"]["http_url"], format!("{}/mcp", instance.http));
    assert_eq!(
        body["mcp"]["sse_url"],
        format!("{}/sse/<your-token>", instance.http)
    );
    // It opens the bus the moment it is shown.
    let bruno = tenant.agent(&body);
    let context = bruno.told("boot_context", json!({})).await;
    assert_eq!(context["agent"], "bruno-voice");

    let list = tenant.get("/agents").await.with(200);
    assert_eq!(list["agents"].as_array().unwrap().len(), 1);
    assert_eq!(tenant.disable(&bruno).await["agent"]["status"], "suspended");
    assert_eq!(bruno.answer("boot_context", json!({})).await.status, 401);
    let receipt = tenant.revoke(&bruno).await;
    assert_eq!(receipt["accepted_since"], 0);
    assert!(
        !answered(tenant.request(Method::GET, "/agents"))
            .await
            .text
            .contains(token)
    );
}

#[tokio::test]
async fn every_refusal_has_its_code_and_says_what_to_do() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let described = Described::of(&instance).await;
    let tenant = Tenant::of(&instance, "viamar", Tier::Starter).await;
    let free = Tenant::of(&instance, "new", Tier::Free).await;
    let only = tenant.mint("only", &["mcp:send"]).await;
    let gone = {
        let wide = Tenant::of(&instance, "wide", Tier::Scale).await;
        let gone = wide.mint("gone", &[]).await;
        wide.revoke(&gone).await;
        (wide, gone)
    };
    let key = Keyed::at(&instance).await.made.raw_key;
    let mint = "/api/tenants/{tenant_id}/agents/mint";
    let one = "/api/tenants/{tenant_id}/agents/{agent_id}";
    let minting = |tenant: &Tenant| tenant.request(Method::POST, "/agents/mint");
    let named = |name: &str| json!({ "agent_name": name });
    let url = |path: &str| format!("{}/api/tenants/viamar{path}", instance.http);
    let bare = |token: &str| instance.client.get(url("")).bearer_auth(token);
    let tenant_path = "/api/tenants/{tenant_id}";
    let enable = "/api/tenants/{tenant_id}/agents/{agent_id}/enable";
    let cases = [
        (
            "GET",
            tenant_path,
            instance.client.get(url("")),
            401,
            "unauthorized",
        ),
        (
            "GET",
            tenant_path,
            bare("hst_t_nonsense"),
            401,
            "invalid_token",
        ),
        ("GET", tenant_path, bare("nonsense"), 401, "invalid_token"),
        ("GET", tenant_path, bare(&only.token), 403, "invalid_scope"),
        ("GET", tenant_path, bare(&key), 403, "invalid_scope"),
        (
            "GET",
            tenant_path,
            bare(&instance.token),
            403,
            "invalid_scope",
        ),
        (
            "GET",
            tenant_path,
            bare(&free.token),
            403,
            "tenant_id_mismatch",
        ),
        (
            "POST",
            mint,
            minting(&free).json(&named("one")),
            403,
            "minting_not_allowed",
        ),
        (
            "POST",
            mint,
            minting(&tenant).json(&named("two")),
            403,
            "agent_limit_reached",
        ),
        (
            "POST",
            mint,
            minting(&gone.0).json(&named("Bad")),
            422,
            "invalid_body",
        ),
        (
            "POST",
            mint,
            minting(&gone.0).json(&named("kasra")),
            422,
            "invalid_body",
        ),
        (
            "GET",
            one,
            tenant.request(Method::GET, &format!("/agents/{NOBODY}")),
            404,
            "agent_not_found",
        ),
        (
            "GET",
            one,
            tenant.request(Method::GET, "/agents/x"),
            404,
            "agent_not_found",
        ),
        (
            "GET",
            one,
            tenant.request(Method::GET, &format!("/agents/{}", gone.1.id)),
            404,
            "agent_not_found",
        ),
        (
            "POST",
            enable,
            gone.0
                .request(Method::POST, &format!("/agents/{}/enable", gone.1.id)),
            409,
            "invalid_state",
        ),
    ];
    for (method, path, request, status, code) in cases {
        let answer = answered(request).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{path}");
        assert!(answer.json()["details"].is_object(), "{}", answer.text);
        described.holds(method, path, &answer);
    }
    let limit = minting(&tenant).json(&named("two"));
    let details = answered(limit).await.json()["details"].take();
    assert_eq!(details, json!({"limit": 1, "count": 1}));

    gone.0.mint("taken", &[]).await;
    let taken = answered(minting(&gone.0).json(&named("taken"))).await;
    assert_eq!(taken.refusal(), (409, "agent_name_taken".to_owned()));
    // A revoked agent's name is free again.
    gone.0.mint("gone", &[]).await;
}

#[tokio::test]
async fn a_body_that_breaks_a_rule_is_told_field_and_rule() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("whole", &["mcp:send"]).await;
    let mint = "/agents/mint".to_owned();
    let rotate = format!("/agents/{}/rotate", agent.id);
    for (path, body, field) in [
        (&mint, json!({}), "agent_name"),
        (&mint, json!({"agent_name": 7}), "agent_name"),
        (&mint, json!({"agent_name": "-a"}), "agent_name"),
        (&mint, json!({"agent_name": "operator"}), "agent_name"),
        (&mint, json!({"agent_name": "a", "name": "b"}), "name"),
        (
            &mint,
            json!({"agent_name": "a", "model": "m".repeat(129)}),
            "model",
        ),
        (
            &mint,
            json!({"agent_name": "a", "charter": "c".repeat(16_385)}),
            "charter",
        ),
        (
            &mint,
            json!({"agent_name": "a", "scopes": ["mcp:everything"]}),
            "scopes[0]",
        ),
        (
            &mint,
            json!({"agent_name": "a", "scopes": "mcp:send"}),
            "scopes",
        ),
        (
            &mint,
            json!({"agent_name": "a", "expires_at": "tomorrow"}),
            "expires_at",
        ),
        (
            &mint,
            json!({"agent_name": "a", "expires_at": "2001-01-01T00:00:00Z"}),
            "expires_at",
        ),
        (
            &rotate,
            json!({"overlap_seconds": 86_401}),
            "overlap_seconds",
        ),
        (&rotate, json!({"overlap": 1}), "overlap"),
    ] {
        let answer = tenant.post(path, &body).await;
        assert_eq!(answer.refusal(), (422, "invalid_body".to_owned()), "{body}");
        let details = answer.json()["details"].take();
        assert_eq!(details["field"], field, "{details}");
        assert!(
            details["rule"]
                .as_str()
                .is_some_and(|rule| !rule.is_empty())
        );
    }
    for query in [
        "limit=0",
        "limit=501",
        "limit=x",
        "status=dead",
        "kind=x",
        "cursor=x",
        "size=1",
    ] {
        let answer = tenant.get(&format!("/agents?{query}")).await;
        assert_eq!(
            answer.refusal(),
            (422, "invalid_body".to_owned()),
            "{query}"
        );
    }
    // What is as long as it may be is taken, in characters and not in bytes.
    let longest =
        json!({"agent_name": "a", "model": "é".repeat(128), "charter": "é".repeat(16_384)});
    tenant.post("/agents/mint", &longest).await.with(201);
}

#[tokio::test]
async fn of_fifty_mints_at_once_a_growing_tenant_gets_five() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::of(&instance, "viamar", Tier::Growth).await;
    let mints = (0..50).map(|number| {
        let body = json!({"agent_name": format!("agent-{number}")});
        answered(tenant.request(Method::POST, "/agents/mint").json(&body))
    });
    let answers = join_all(mints).await;
    let minted = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(minted.count(), 5);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused.refusal(), (403, "agent_limit_reached".to_owned()));
    }
    let record = tenant.get("").await.with(200);
    assert_eq!(
        record,
        json!({"id": "viamar", "tier": "growth", "qnft_minting": true, "agent_limit": 5, "agents": 5})
    );
    // Suspended ones count, revoked ones do not.
    let list = tenant.get("/agents").await.with(200);
    let first = list["agents"][0]["id"].as_str().unwrap().to_owned();
    let disable = format!("/agents/{first}/disable");
    answered(tenant.request(Method::POST, &disable))
        .await
        .with(200);
    let more = json!({"agent_name": "more"});
    assert_eq!(tenant.post("/agents/mint", &more).await.status, 403);
    let path = format!("/agents/{first}");
    answered(tenant.request(Method::DELETE, &path))
        .await
        .with(200);
    tenant.post("/agents/mint", &more).await.with(201);
    // A lower tier takes nothing away.
    let tenant = Tenant::of(&instance, "viamar", Tier::Starter).await;
    assert_eq!(tenant.get("").await.with(200)["agents"], 5);
    let refused = tenant
        .post("/agents/mint", &json!({"agent_name": "most"}))
        .await;
    assert_eq!(refused.json()["details"]["limit"], 1);
}

#[tokio::test]
async fn the_same_mint_asked_twice_is_done_once_and_shows_its_token_once() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let body = json!({"agent_name": "once"});
    let mint = |body: &Value| {
        let request = tenant.request(Method::POST, "/agents/mint");
        answered(request.header("idempotency-key", "k1").json(body))
    };
    let answers = join_all((0..10).map(|_| mint(&body))).await;
    let bodies: Vec<Value> = answers.iter().map(|answer| answer.with(201)).collect();
    let ids: BTreeSet<&str> = bodies
        .iter()
        .map(|body| body["agent"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 1);
    let with_token = |body: &&Value| body.get("raw_token").is_some();
    assert_eq!(bodies.iter().filter(with_token).count(), 1);
    for replay in bodies.iter().filter(|body| body.get("raw_token").is_none()) {
        assert_eq!(replay["raw_token_delivered"], true);
    }
    let other = mint(&json!({"agent_name": "other"})).await;
    assert_eq!(other.refusal(), (409, "idempotency_conflict".to_owned()));
    // The same key of another tenant is another key.
    let stranger = Tenant::of(&instance, "viamar", Tier::Scale).await;
    let request = stranger.request(Method::POST, "/agents/mint");
    let theirs = answered(request.header("idempotency-key", "k1").json(&body)).await;
    assert!(theirs.with(201)["raw_token"].is_string());
}

#[tokio::test]
async fn a_rotation_ends_the_old_token_at_once_or_after_its_overlap() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let first = tenant.mint("turning", &["mcp:send", "mcp:inbox"]).await;
    let second = tenant.rotate(&first, 0).await;
    assert_eq!(first.answer("boot_context", json!({})).await.status, 401);
    assert_eq!(second.id, first.id);
    let (open, _) = second.sse().await;
    let third = tenant.rotate(&second, 1).await;
    // Both open the door while they overlap; what the old one opened ends with it.
    third.told("boot_context", json!({})).await;
    open.ends().await;
    let old = second.answer("boot_context", json!({})).await;
    assert_eq!(old.refusal(), (401, "invalid_token".to_owned()));
    assert!(old.text.contains("replaced by a newer one"), "{}", old.text);
    third.told("boot_context", json!({})).await;
}

#[tokio::test]
async fn a_change_is_in_force_on_the_next_call() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("changing", &["mcp:peers"]).await;
    let before: Vec<String> = agent.tools().await;
    assert_eq!(before, ["boot_context", "peers", "status"]);
    let change = json!({"scopes": ["mcp:recall"], "charter": "Now else.", "model": "m2"});
    let changed = tenant.patch(&agent, &change).await.with(200);
    assert_eq!(changed["agent"]["scopes"], json!(["mcp:recall"]));
    assert_eq!(agent.tools().await, ["boot_context", "recall", "memories"]);
    assert_eq!(agent.answer("peers", json!({})).await.status, 403);
    let context = agent.told("boot_context", json!({})).await;
    assert_eq!(context["charter"], "Now else.");
    let read = tenant.get(&format!("/agents/{}", agent.id)).await.with(200);
    assert_eq!(read["agent"]["model"], "m2");
    assert_eq!(read["agent"]["liveness"], "live");
    assert_eq!(read["agent"]["unread"], 0);
    assert_eq!(read["agent"]["connections"], 0);
    // An end of its own, and none again.
    let ends = json!({"expires_at": "2199-01-01T00:00:00Z"});
    let changed = tenant.patch(&agent, &ends).await.with(200);
    let end = changed["agent"]["expires_at"].as_str().unwrap();
    assert!(end.starts_with("2199-01-01T00:00:00"), "{end}");
    let changed = tenant
        .patch(&agent, &json!({"expires_at": null}))
        .await
        .with(200);
    assert_eq!(changed["agent"]["expires_at"], Value::Null);
}

#[tokio::test]
async fn ends_are_final_and_doing_them_again_tells_the_same() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("ending", &["mcp:send"]).await;
    assert_eq!(tenant.disable(&agent).await["agent"]["status"], "suspended");
    assert_eq!(tenant.disable(&agent).await["agent"]["status"], "suspended");
    assert_eq!(tenant.enable(&agent).await["agent"]["status"], "active");
    assert_eq!(tenant.enable(&agent).await["agent"]["status"], "active");
    agent.told("boot_context", json!({})).await;
    let first = tenant.revoke(&agent).await;
    assert_eq!(tenant.revoke(&agent).await, first);
    assert_eq!(agent.answer("boot_context", json!({})).await.status, 401);
    for path in ["enable", "disable", "rotate"] {
        let path = format!("/agents/{}/{path}", agent.id);
        let refused = answered(tenant.request(Method::POST, &path)).await;
        assert_eq!(refused.refusal(), (409, "invalid_state".to_owned()));
    }
}

#[tokio::test]
async fn agents_are_listed_in_pages_revoked_ones_on_request() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::of(&instance, "viamar", Tier::Scale).await;
    let mut agents: Vec<Agent> = Vec::new();
    for number in 0..5 {
        agents.push(tenant.mint(&format!("a{number}"), &[]).await);
    }
    tenant.revoke(&agents[1]).await;
    tenant.disable(&agents[2]).await;
    let page = async |query: &str| {
        let list = tenant.get(&format!("/agents?{query}")).await.with(200);
        let listed = list["agents"].as_array().unwrap().iter();
        let names: Vec<String> = listed
            .map(|agent| agent["agent_name"].as_str().unwrap().to_owned())
            .collect();
        (names, list["next_cursor"].clone())
    };
    assert_eq!(page("").await.0, ["a0", "a2", "a3", "a4"]);
    assert_eq!(page("status=revoked").await.0, ["a1"]);
    assert_eq!(page("status=suspended&kind=custom").await.0, ["a2"]);
    assert!(page("kind=managed").await.0.is_empty());
    let (first, cursor) = page("limit=3").await;
    assert_eq!(first, ["a0", "a2", "a3"]);
    let (rest, end) = page(&format!("limit=3&cursor={}", cursor.as_str().unwrap())).await;
    assert_eq!((rest, end), (vec!["a4".to_owned()], Value::Null));
}

#[tokio::test]
async fn a_token_has_its_calls_a_minute() {
    let home = Home::new();
    let settings = [
        ("HUSTING_LIMITS_BURST", "4"),
        ("HUSTING_LIMITS_CALLS_PER_MINUTE", "1"),
    ];
    let program = husting_tests::program::husting();
    let instance = Instance::start_with(&home, program, &settings).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("hasty", &[]).await;
    for _ in 0..3 {
        tenant.get("").await.with(200);
    }
    let refused = tenant.get("").await;
    assert_eq!(refused.refusal(), (429, "rate_limited".to_owned()));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    // Each token has an allowance of its own.
    for _ in 0..4 {
        agent.told("boot_context", json!({})).await;
    }
    let refused = agent.answer("boot_context", json!({})).await;
    assert_eq!(refused.refusal(), (429, "rate_limited".to_owned()));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn an_agent_that_husting_runs_is_activated_and_has_no_token() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    for body in [
        json!({"agent_name": "athena"}),
        json!({"agent_kind": "athena"}),
    ] {
        let activated = tenant.post("/agents/activate", &body).await.with(200);
        assert_eq!(activated["agent"]["agent_name"], "athena");
        assert_eq!(activated["agent"]["kind"], "managed");
        assert_eq!(activated["agent"]["status"], "active");
        assert_eq!(activated["agent"]["token_tail"], Value::Null);
        assert!(activated.get("raw_token").is_none());
    }
    let path = {
        let list = tenant.get("/agents?kind=managed").await.with(200);
        let mut listed = list["agents"].as_array().unwrap().iter();
        let athena = listed
            .find(|agent| agent["agent_name"] == "athena")
            .unwrap();
        format!("/agents/{}", athena["id"].as_str().unwrap())
    };
    let off = answered(tenant.request(Method::DELETE, &path))
        .await
        .with(200);
    assert_eq!(off["agent"]["status"], "inactive");
    assert_eq!(off["receipt"], Value::Null);
    for (body, field) in [
        (json!({}), "agent_name"),
        (json!({"agent_name": "bruno-voice"}), "agent_name"),
        (
            json!({"agent_name": "kasra", "agent_kind": "athena"}),
            "agent_kind",
        ),
        (
            json!({"agent_name": "kasra", "model": "no-such-seat"}),
            "model",
        ),
    ] {
        let refused = tenant.post("/agents/activate", &body).await;
        assert_eq!(
            refused.refusal(),
            (422, "invalid_body".to_owned()),
            "{body}"
        );
        assert_eq!(
            refused.json()["details"]["field"],
            field,
            "{}",
            refused.text
        );
    }
}

#[tokio::test]
async fn each_of_the_houses_agents_is_activated_and_none_is_minted() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    for name in ["kasra", "athena", "calliope"] {
        let named = json!({ "agent_name": name });
        let minted = tenant.post("/agents/mint", &named).await;
        assert_eq!(minted.refusal(), (422, "invalid_body".to_owned()), "{name}");
        let activated = tenant.post("/agents/activate", &named).await.with(200);
        assert_eq!(activated["agent"]["agent_name"], name);
        assert_eq!(activated["agent"]["status"], "active", "{name}");
    }
}
