//! A bus without agents, and tenants without tokens: the doors are there and stay shut. What happens
//! behind them is shown on the real program.

use async_trait::async_trait;
use husting_console::{AgentHolder, BusDoor, Caller, Connection, Manager, Told, ToolList};
use husting_domain::addressees::Addressee;
use husting_domain::clients::Client;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::scopes::Scope;
use husting_domain::tenants::Tier;
use husting_server::{Agents, Bus, Call};
use husting_wire::agents::{
    ActivateAgent, AgentList, ChangeAgent, ListAgents, MintAgent, MintedAgent, OneAgent,
    RevokedAgent,
};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::tenants::TenantRecord;
use husting_wire::wiring::{WiringTransport, WiringView};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::fixture::{refusal, started};

pub struct Nobody;

fn unknown<T>() -> Result<T, Error> {
    Err(Error::new(ErrorCode::InvalidToken, "Nobody's token."))
}

#[async_trait]
impl Bus for Nobody {
    fn agent_holder(&self, _: &str, _: BusDoor) -> Result<AgentHolder, Error> {
        unknown()
    }

    fn scopes_of(&self, _: &AgentHolder) -> Vec<Scope> {
        Vec::new()
    }

    async fn may_call(
        &self,
        _: &AgentHolder,
        _: Option<Scope>,
        _: &'static str,
        _: Option<Addressee>,
    ) -> Result<(), Error> {
        unknown()
    }

    async fn let_in_to_deliberate(
        &self,
        _: &AgentHolder,
        _: &'static str,
    ) -> Result<Caller, Error> {
        unknown()
    }

    fn hold_open(&self, _: &AgentHolder) -> Result<Connection, Error> {
        unknown()
    }

    fn tool_list(&self, _: &AgentHolder) -> Option<ToolList> {
        None
    }

    fn mail_bell(&self, _: &AgentHolder) -> watch::Receiver<u64> {
        watch::Sender::new(0).subscribe()
    }

    async fn call(&self, _: &AgentHolder, _: Call) -> Result<Told<Value>, Error> {
        unknown()
    }
}

#[async_trait]
impl Agents for Nobody {
    fn tenant_holder(&self, _: &str, _: &str) -> Result<Manager, Error> {
        unknown()
    }

    fn tenant(&self, manager: &Manager) -> TenantRecord {
        TenantRecord {
            id: TenantId::local(),
            tier: Tier::of(&manager.tenant()),
            qnft_minting: false,
            agent_limit: None,
            agents: 0,
        }
    }

    async fn mint(
        &self,
        _: &Manager,
        _: MintAgent,
        _: Option<String>,
    ) -> Result<MintedAgent, Error> {
        unknown()
    }

    async fn activate(&self, _: &Manager, _: ActivateAgent) -> Result<OneAgent, Error> {
        unknown()
    }

    async fn list(&self, _: &Manager, _: ListAgents) -> Result<AgentList, Error> {
        unknown()
    }

    async fn read(&self, _: &Manager, _: AgentId) -> Result<OneAgent, Error> {
        unknown()
    }

    async fn change(&self, _: &Manager, _: AgentId, _: ChangeAgent) -> Result<OneAgent, Error> {
        unknown()
    }

    async fn disable(&self, _: &Manager, _: AgentId) -> Result<OneAgent, Error> {
        unknown()
    }

    async fn enable(&self, _: &Manager, _: AgentId) -> Result<OneAgent, Error> {
        unknown()
    }

    async fn rotate(&self, _: &Manager, _: AgentId, _: u32) -> Result<MintedAgent, Error> {
        unknown()
    }

    async fn wiring(
        &self,
        _: &Manager,
        _: AgentId,
        _: Client,
        _: WiringTransport,
    ) -> Result<WiringView, Error> {
        unknown()
    }

    async fn revoke(&self, _: &Manager, _: AgentId) -> Result<RevokedAgent, Error> {
        unknown()
    }
}

/// Every route of agents and tenants.
const ROUTES: [(Method, &str); 9] = [
    (Method::POST, "/mcp"),
    (Method::GET, "/mcp"),
    (Method::DELETE, "/mcp"),
    (Method::GET, "/sse"),
    (Method::GET, "/api/tenants/local"),
    (Method::GET, "/api/tenants/local/agents"),
    (Method::POST, "/api/tenants/local/agents/mint"),
    (Method::PUT, "/mcp"),
    (Method::GET, "/api/tenants/local/nothing"),
];

#[tokio::test]
async fn without_a_token_no_route_of_agents_opens() {
    let fixture = started().await;
    for (method, path) in ROUTES {
        let request = || fixture.request(method.clone(), path).json(&json!({}));
        let bare = request().send().await.unwrap();
        assert_eq!(
            bare.headers()["www-authenticate"],
            "Bearer",
            "{method} {path}"
        );
        assert_eq!(
            refusal(bare).await,
            (401, "unauthorized".to_owned()),
            "{method} {path}"
        );
        let wrong = request().bearer_auth("hst_a_x").send().await.unwrap();
        let challenge = wrong.headers()["www-authenticate"].clone();
        assert_eq!(
            challenge, "Bearer error=\"invalid_token\"",
            "{method} {path}"
        );
        assert_eq!(
            refusal(wrong).await,
            (401, "invalid_token".to_owned()),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn an_error_has_its_details_apart() {
    let fixture = started().await;
    let answer = fixture.request(Method::POST, "/mcp").send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    let names: Vec<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(names, ["error", "message", "details"], "{body}");
}

#[tokio::test]
async fn a_token_in_the_query_is_refused_on_every_route() {
    let fixture = started().await;
    for (method, path) in ROUTES {
        let path = format!("{path}?token=hst_a_x");
        let told = fixture.request(method, &path).bearer_auth("hst_a_x");
        let told = told.json(&json!({})).send().await.unwrap();
        let body: Value = told.json().await.unwrap();
        assert_eq!(body["error"], "invalid_token", "{path}");
        assert!(
            body["message"].as_str().unwrap().contains("address"),
            "{body}"
        );
    }
}
