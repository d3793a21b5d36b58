//! The requests of the page about agents, sent byte for byte by `curl`, as whoever reads it sends them.

use husting_tests::home::{Home, run};
use husting_tests::tools::require;
use serde_json::Value;

use crate::keyed::roomy;
use crate::mint::SEED;
use crate::tenanted::Tenant;

/// The page's own body, with its line breaks and blanks.
const ACTIVATE: &str = "{\n  \"agent_name\": \"kasra\"\n}";

struct Curl {
    home: Home,
    tenant: Tenant,
    /// `http://127.0.0.1:…/api/tenants/local`
    base: String,
}

impl Curl {
    /// Status and body of an answer.
    async fn ask(&self, method: &str, path: &str, body: Option<&str>) -> (u16, Value) {
        let mut command = self.home.command("curl");
        let url = format!("{}{path}", self.base);
        command.args(["--silent", "--show-error", "--request", method]);
        // The token stands in no command line.
        command.args(["--header", "@-", "--write-out", "\n%{http_code}"]);
        if let Some(body) = body {
            command.args(["--header", "Content-Type: application/json"]);
            command.args(["--data-binary", body]);
        }
        command.arg(url);
        let header = format!("Authorization: Bearer {}\n", self.tenant.token);
        let ran = run(command, Some(&header)).await.done();
        let (body, status) = ran.stdout.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), serde_json::from_str(body).unwrap())
    }
}

#[tokio::test]
async fn the_pages_requests_are_taken_as_they_stand() {
    require(&["curl", "--version"], "to send what the page shows");
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let base = format!("{}/api/tenants/local", instance.http);
    let curl = Curl { home, tenant, base };

    let (status, minted) = curl.ask("POST", "/agents/mint", Some(SEED)).await;
    assert_eq!(
        (status, &minted["agent"]["model"]),
        (201, &"claude-sonnet-4-5".into())
    );
    let bruno = minted["agent"]["id"].as_str().unwrap();
    assert!(minted["raw_token"].as_str().unwrap().starts_with("hst_a_"));
    let (status, kasra) = curl.ask("POST", "/agents/activate", Some(ACTIVATE)).await;
    assert_eq!((status, &kasra["agent"]["kind"]), (200, &"managed".into()));

    let (status, list) = curl.ask("GET", "/agents", None).await;
    let names = list["agents"].as_array().unwrap().iter();
    let mut names: Vec<&str> = names
        .map(|agent| agent["agent_name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!((status, names), (200, vec!["bruno-voice", "kasra"]));

    let (status, disabled) = curl
        .ask("POST", &format!("/agents/{bruno}/disable"), None)
        .await;
    assert_eq!(
        (status, &disabled["agent"]["status"]),
        (200, &"suspended".into())
    );
    let (status, revoked) = curl.ask("DELETE", &format!("/agents/{bruno}"), None).await;
    assert_eq!(
        (status, &revoked["agent"]["status"]),
        (200, &"revoked".into())
    );
    assert_eq!(revoked["receipt"]["accepted_since"], 0);
}
