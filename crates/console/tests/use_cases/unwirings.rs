//! An agent's entry taken out of the files that were written for it, and nobody else's.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use futures::StreamExt as _;
use husting_clock::SystemClock;
use husting_domain::audit::Action;
use husting_domain::clients::Client;
use husting_domain::runs::RunHow;
use husting_store::{SqliteStore, Unit, Write};
use husting_wire::agents::{AgentRef, MintedAgent};
use husting_wire::audit::ListAudit;
use husting_wire::commands::{
    EndAgent, FindAudit, MakeKey, PutWiring, ReadAgent, ReplaceToken, SuspendAgent, TakeWiringOut,
    ThinkOfRun,
};
use husting_wire::errors::ErrorCode;
use husting_wire::events::Event;
use husting_wire::keys::CreateKey;
use husting_wire::runs::PlanRun;
use husting_wire::wiring::{
    UnwireAgent, UnwiredFile, WiredState, WiringOf, WiringTransport, WriteWiring,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::agents::{mint, minted, token};
use crate::desk::{Desk, PATIENCE};
use crate::fragile::{Break, Fragile};
use crate::rewirings::at_home;

pub fn written(agent: &MintedAgent, path: &str) -> WriteWiring {
    WriteWiring {
        of: WiringOf::Agent {
            agent_id: agent.agent.id,
        },
        client: Client::Cursor,
        transport: WiringTransport::Http,
        path: path.to_owned(),
        secret: token(agent).to_owned(),
        git_exclude: false,
    }
}

pub async fn wire(desk: &Desk, agent: &MintedAgent, path: &str) -> PathBuf {
    let written = desk.ask::<PutWiring>(written(agent, path)).await;
    PathBuf::from(written.path)
}

fn unwire(agent: &MintedAgent, path: &str) -> UnwireAgent {
    UnwireAgent {
        agent_id: agent.agent.id,
        path: path.to_owned(),
        cut_off: false,
    }
}

pub async fn unwired(desk: &Desk, agent: &MintedAgent, path: &str) -> UnwiredFile {
    desk.ask::<TakeWiringOut>(unwire(agent, path)).await
}

pub async fn revoke(desk: &Desk, agent: &MintedAgent) {
    let agent_id = agent.agent.id;
    desk.ask::<EndAgent>(AgentRef { agent_id }).await;
}

pub async fn states(desk: &Desk, agent: &MintedAgent) -> Vec<WiredState> {
    let agent_id = agent.agent.id;
    let page = desk.ask::<ReadAgent>(AgentRef { agent_id }).await;
    page.wired.iter().map(|file| file.state).collect()
}

pub fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap()
}

#[tokio::test]
async fn a_revoked_agents_entry_is_taken_out_of_its_files_and_the_rest_stays() {
    let (desk, user) = at_home().await;
    let file = user.path().join("mcp.json");
    let theirs = "{\n  // mine\n  \"mcpServers\": {\n    \"other\": {\"url\": \"x\"}\n  }\n}\n";
    std::fs::write(&file, theirs).unwrap();
    let bruno = mint(&desk, minted("bruno")).await;
    for path in ["~/mcp.json", "~/gone.json"] {
        wire(&desk, &bruno, path).await;
    }
    std::fs::remove_file(user.path().join("gone.json")).unwrap();
    revoke(&desk, &bruno).await;
    assert!(states(&desk, &bruno).await.contains(&WiredState::OldToken));

    let done = unwired(&desk, &bruno, "~/mcp.json").await;
    assert!(done.taken_out && !done.anothers, "{done:?}");
    assert_eq!((done.client, done.other_servers), (Client::Cursor, 1));
    assert_eq!(done.path, file.display().to_string());
    assert_eq!(read(&file), theirs);
    let kept = read(Path::new(&done.backup.unwrap()));
    assert!(!kept.contains(token(&bruno)), "{kept}");
    assert_eq!(states(&desk, &bruno).await, [WiredState::Gone]);

    let gone = user.path().join("gone.json").display().to_string();
    let done = unwired(&desk, &bruno, &gone).await;
    assert!(!done.taken_out && done.backup.is_none(), "{done:?}");
    assert_eq!(states(&desk, &bruno).await, []);
    let again = desk
        .refused::<TakeWiringOut>(unwire(&bruno, "~/mcp.json"))
        .await;
    assert_eq!(again.code, ErrorCode::InvalidRequest, "{again}");
    let shows = format!("husting agent show {}", bruno.agent.id);
    assert!(again.message.contains(&shows), "{again}");
    desk.console.close().await;
}

#[tokio::test]
async fn an_entry_that_is_not_the_agents_any_more_stays_and_its_file_is_forgotten() {
    let (desk, _user) = at_home().await;
    let (elsewhere, _other_user) = at_home().await;
    let (living, disabled) = (
        mint(&desk, minted("kim")).await,
        mint(&desk, minted("ana")).await,
    );
    let agent_id = disabled.agent.id;
    desk.ask::<SuspendAgent>(AgentRef { agent_id }).await;
    let ended = mint(&desk, minted("eve")).await;
    revoke(&desk, &ended).await;
    let unknown = mint(&elsewhere, minted("bruno")).await;
    let key = CreateKey {
        name: "laptop".to_owned(),
        daily_rounds: None,
        tenant_id: None,
    };
    let key = desk.ask::<MakeKey>(key).await.raw_key;
    for theirs in [
        token(&living),
        token(&disabled),
        token(&ended),
        token(&unknown),
        &key,
        "somebody-elses",
    ] {
        let bruno = mint(&desk, minted("bruno")).await;
        let file = wire(&desk, &bruno, "~/mcp.json").await;
        let anothers = read(&file).replace(token(&bruno), theirs);
        std::fs::write(&file, &anothers).unwrap();
        revoke(&desk, &bruno).await;
        assert_eq!(states(&desk, &bruno).await, [WiredState::Anothers]);
        let done = unwired(&desk, &bruno, "~/mcp.json").await;
        assert!(!done.taken_out && done.anothers, "{done:?}");
        assert_eq!(read(&file), anothers);
        assert_eq!(states(&desk, &bruno).await, []);
        std::fs::remove_file(&file).unwrap();
    }
    for desk in [desk, elsewhere] {
        desk.console.close().await;
    }
}

#[tokio::test]
async fn an_agent_that_lives_is_cut_off_only_where_that_is_meant_and_its_file_is_told_of() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let kim = mint(&desk, minted("kim")).await;
    let file = wire(&desk, &bruno, "~/mcp.json").await;
    let text = read(&file);
    let refused = desk
        .refused::<TakeWiringOut>(unwire(&bruno, "~/mcp.json"))
        .await;
    assert_eq!(refused.code, ErrorCode::InvalidState, "{refused}");
    for way in [
        "husting agent revoke bruno".to_owned(),
        format!("husting unwire {} --yes", bruno.agent.id),
    ] {
        assert!(refused.message.contains(&way), "{refused}");
    }
    assert_eq!(read(&file), text);
    let taken = desk.refused::<PutWiring>(written(&kim, "~/mcp.json")).await;
    assert_eq!(taken.code, ErrorCode::ClientFile, "{taken}");

    let meant = UnwireAgent {
        cut_off: true,
        ..unwire(&bruno, "~/mcp.json")
    };
    let done = desk.ask::<TakeWiringOut>(meant.clone()).await;
    assert!(done.taken_out, "{done:?}");
    assert_eq!(states(&desk, &bruno).await, [WiredState::Gone]);
    assert!(!desk.ask::<TakeWiringOut>(meant).await.taken_out);
    assert_eq!(states(&desk, &bruno).await, [WiredState::Gone]);
    let unwirings = ListAudit {
        actions: vec![Action::Unwire],
        ..ListAudit::default()
    };
    let rows = desk.ask::<FindAudit>(unwirings).await.rows;
    assert_eq!(rows.len(), 1, "nothing was done the second time");
    // It is nobody's file any more.
    wire(&desk, &kim, "~/mcp.json").await;
    assert_eq!(states(&desk, &bruno).await, [WiredState::Anothers]);
    desk.console.close().await;
}

#[tokio::test]
async fn a_start_is_warned_of_a_file_that_is_there_without_its_entry_and_of_anothers_token() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let kim = mint(&desk, minted("kim")).await;
    let for_claude = WriteWiring {
        client: Client::ClaudeCode,
        ..written(&bruno, "~/.mcp.json")
    };
    let path = desk.ask::<PutWiring>(for_claude).await.path;
    let text = read(Path::new(&path));
    let asked = PlanRun {
        agent_id: bruno.agent.id,
        how: RunHow::Once,
        client: None,
        prompt: None,
    };
    for (text, said) in [
        (text.replace("\"sos\"", "\"bus\""), "was changed since"),
        (text.replace(token(&bruno), token(&kim)), "not bruno's"),
        (
            "{}".to_owned(),
            "or Husting's entry in it, is not there any more",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let plan = desk.ask::<ThinkOfRun>(asked.clone()).await;
        let is_said = plan.warnings.iter().any(|warning| warning.contains(said));
        assert!(is_said, "{said}: {:?}", plan.warnings);
    }
    desk.console.close().await;
}

#[tokio::test]
async fn an_entry_under_a_name_of_the_operators_is_there_and_is_taken_out_by_hand() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let kim = mint(&desk, minted("kim")).await;
    let file = wire(&desk, &bruno, "~/mcp.json").await;
    let text = read(&file);
    let renamed = text.replace("\"sos\"", "\"bus\"");
    std::fs::write(&file, &renamed).unwrap();
    assert_eq!(states(&desk, &bruno).await, [WiredState::Changed]);
    revoke(&desk, &bruno).await;

    let beside_anothers = text.replace(
        "\"mcpServers\": {",
        &format!(
            "\"mcpServers\": {{ \"old\": {{\"url\": \"{}\"}},",
            token(&bruno)
        ),
    );
    let beside_anothers = beside_anothers.replace(
        &format!("Bearer {}", token(&bruno)),
        &format!("Bearer {}", token(&kim)),
    );
    let broken = format!("{{ {}", token(&bruno));
    for (text, said) in [
        (renamed, "Take it out by hand"),
        (beside_anothers, "Take it out by hand"),
        (broken, "look at line 1"),
    ] {
        std::fs::write(&file, &text).unwrap();
        assert_eq!(states(&desk, &bruno).await, [WiredState::OldToken]);
        let refused = desk
            .refused::<TakeWiringOut>(unwire(&bruno, "~/mcp.json"))
            .await;
        assert_eq!(refused.code, ErrorCode::ClientFile, "{refused}");
        assert!(refused.message.contains(said), "{refused}");
        assert_eq!(read(&file), text);
    }
    // One that was put away in a comment is told of until it is gone too.
    let older = format!("// {}\n", token(&bruno));
    std::fs::write(&file, older.clone() + &text).unwrap();
    assert!(unwired(&desk, &bruno, "~/mcp.json").await.taken_out);
    assert!(read(&file).starts_with(&older));
    assert_eq!(states(&desk, &bruno).await, [WiredState::OldToken]);
    std::fs::write(&file, "{}").unwrap();
    assert!(!unwired(&desk, &bruno, "~/mcp.json").await.taken_out);
    assert_eq!(states(&desk, &bruno).await, []);
    desk.console.close().await;
}

#[tokio::test]
async fn an_entry_with_an_older_token_of_the_agents_own_is_its_own() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let file = wire(&desk, &bruno, "~/mcp.json").await;
    let rotated = husting_wire::agents::RotateAgent {
        agent_id: bruno.agent.id,
        overlap_seconds: 0,
    };
    desk.ask::<ReplaceToken>(rotated).await;
    assert_eq!(states(&desk, &bruno).await, [WiredState::OldToken]);
    revoke(&desk, &bruno).await;
    assert!(unwired(&desk, &bruno, "~/mcp.json").await.taken_out);
    assert!(!read(&file).contains("sos"));
    desk.console.close().await;
}

#[tokio::test]
async fn a_file_is_told_of_by_what_is_in_it() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let file = wire(&desk, &bruno, "~/mcp.json").await;
    let text = read(&file);
    assert_eq!(states(&desk, &bruno).await, [WiredState::Current]);
    let broken = text.replace('}', "");
    let from_elsewhere = text.replace(token(&bruno), "${BUS_TOKEN}");
    for (text, living, revoked) in [
        ("{\"mcpServers\": {}}", WiredState::Gone, WiredState::Gone),
        ("{ broken", WiredState::Gone, WiredState::Gone),
        (&broken, WiredState::Changed, WiredState::OldToken),
        (&from_elsewhere, WiredState::Changed, WiredState::Anothers),
    ] {
        std::fs::write(&file, text).unwrap();
        assert_eq!(states(&desk, &bruno).await, [living], "{text}");
        let kim = mint(&desk, minted("kim")).await;
        let kims = wire(&desk, &kim, "~/kims.json").await;
        std::fs::write(&kims, text.replace(token(&bruno), token(&kim))).unwrap();
        revoke(&desk, &kim).await;
        assert_eq!(states(&desk, &kim).await, [revoked], "{text}");
        std::fs::remove_file(kims).unwrap();
    }
    // Nobody can read it.
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    assert_eq!(states(&desk, &bruno).await, [WiredState::Gone]);
    desk.console.close().await;
}

#[tokio::test]
async fn a_folder_stands_for_the_clients_own_file_in_it() {
    let (desk, user) = at_home().await;
    std::fs::create_dir(user.path().join("project")).unwrap();
    let bruno = mint(&desk, minted("bruno")).await;
    let file = wire(&desk, &bruno, "~/project").await;
    assert!(file.ends_with("project/.cursor/mcp.json"));
    let beside = WriteWiring {
        client: Client::ClaudeCode,
        ..written(&bruno, "~/project")
    };
    desk.ask::<PutWiring>(beside).await;
    revoke(&desk, &bruno).await;
    let unclear = desk
        .refused::<TakeWiringOut>(unwire(&bruno, "~/project"))
        .await;
    assert_eq!(unclear.code, ErrorCode::InvalidRequest, "{unclear}");
    for file in ["project/.cursor/mcp.json", "project/.mcp.json"] {
        assert!(unclear.message.contains(file), "{unclear}");
    }
    let done = unwired(&desk, &bruno, "~/project/.mcp.json").await;
    assert_eq!(done.client, Client::ClaudeCode);
    let done = unwired(&desk, &bruno, "~/project/").await;
    assert!(done.taken_out, "{done:?}");
    assert_eq!(done.path, file.display().to_string());
    desk.console.close().await;
}

fn unwires(unit: &Unit) -> bool {
    let unwires =
        |write: &Write| matches!(write, Write::Audit(entry) if entry.action == Action::Unwire);
    unit.writes.iter().any(unwires)
}

#[tokio::test]
async fn what_was_taken_out_is_said_also_where_it_cannot_be_kept() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let clock = Arc::new(SystemClock);
    let now = husting_clock::Clock::now(&*clock);
    let store = SqliteStore::open(home.path(), now).await.unwrap();
    let store = Arc::new(Fragile::around(store));
    let desk = Desk::over(store.clone(), home, clock).await;
    desk.console.set_address("127.0.0.1:6070".to_owned(), None);
    let bruno = mint(&desk, minted("bruno")).await;
    let path = desk.home.path().join("mcp.json").display().to_string();
    let file = wire(&desk, &bruno, &path).await;
    revoke(&desk, &bruno).await;

    store.weaken(unwires, Break::Full, 2);
    assert!(unwired(&desk, &bruno, &path).await.taken_out);
    assert!(!read(&file).contains("sos"));
    assert_eq!(states(&desk, &bruno).await, [WiredState::Gone]);
    // Here nothing was changed that would have to be said.
    let refused = desk.refused::<TakeWiringOut>(unwire(&bruno, &path)).await;
    assert_eq!(refused.code, ErrorCode::StoreUnavailable, "{refused}");
    assert!(!unwired(&desk, &bruno, &path).await.taken_out);
    assert_eq!(states(&desk, &bruno).await, []);
    desk.console.close().await;
}

#[tokio::test]
async fn of_an_agents_files_with_one_name_the_one_that_is_meant_is_unwired_however_it_is_written() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let one = wire(&desk, &bruno, "~/a/mcp.json").await;
    let other = wire(&desk, &bruno, "~/b/mcp.json").await;
    revoke(&desk, &bruno).await;
    let done = unwired(&desk, &bruno, "~/a//./mcp.json").await;
    assert_eq!(
        (PathBuf::from(done.path), done.taken_out),
        (one.clone(), true)
    );
    assert!(!read(&one).contains("sos") && read(&other).contains("sos"));
    assert_eq!(states(&desk, &bruno).await, [WiredState::OldToken]);
    unwired(&desk, &bruno, "~/b/mcp.json").await;
    assert!(!read(&other).contains("sos"));
    desk.console.close().await;
}

#[tokio::test]
async fn what_became_of_an_entry_is_in_the_log_and_told_at_once() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let agent_id = bruno.agent.id;
    let there = wire(&desk, &bruno, "~/mcp.json").await;
    let away = wire(&desk, &bruno, "~/gone.json").await;
    std::fs::remove_file(&away).unwrap();
    revoke(&desk, &bruno).await;
    let unwirings = ListAudit {
        actions: vec![Action::Unwire],
        ..ListAudit::default()
    };
    for (file, taken_out) in [(there, true), (away, false)] {
        let mut told = pin!(desk.console.watch().skip(1));
        let path = file.display().to_string();
        unwired(&desk, &bruno, &path).await;
        let is_told =
            |event: &Event| matches!(event, Event::AgentChanged { agent } if agent.id == agent_id);
        let changed = async { while !is_told(&told.next().await.unwrap().event) {} };
        timeout(PATIENCE, changed).await.unwrap();
        let log = desk.ask::<FindAudit>(unwirings.clone()).await;
        let row = &log.rows[0];
        assert_eq!(
            (row.agent_id, row.actor.as_str()),
            (Some(agent_id), "operator")
        );
        let detail: Value = serde_json::from_str(&row.detail).unwrap();
        let tail = detail["tail"].as_str().unwrap();
        assert!(token(&bruno).ends_with(tail), "{detail}");
        let told =
            json!({ "taken_out": taken_out, "path": path, "client": "cursor", "tail": tail });
        assert_eq!(detail, told);
    }
    desk.console.close().await;
}

#[tokio::test]
async fn who_closes_takes_no_entry_out_any_more() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let file = wire(&desk, &bruno, "~/mcp.json").await;
    let written = read(&file);
    revoke(&desk, &bruno).await;
    desk.console.close().await;
    let refused = desk
        .refused::<TakeWiringOut>(unwire(&bruno, "~/mcp.json"))
        .await;
    assert_eq!(refused.code, ErrorCode::ShuttingDown, "{refused}");
    assert_eq!(read(&file), written);
}

#[tokio::test]
async fn a_file_behind_a_link_is_told_of_as_its_client_reads_it_and_is_named_to_be_changed() {
    let (desk, user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let file = wire(&desk, &bruno, "~/mcp.json").await;
    let real = user.path().canonicalize().unwrap().join("dotfiles.json");
    std::fs::rename(&file, &real).unwrap();
    std::os::unix::fs::symlink(&real, &file).unwrap();
    assert_eq!(states(&desk, &bruno).await, [WiredState::Current]);
    revoke(&desk, &bruno).await;
    assert_eq!(states(&desk, &bruno).await, [WiredState::OldToken]);
    let refused = desk
        .refused::<TakeWiringOut>(unwire(&bruno, "~/mcp.json"))
        .await;
    assert_eq!(refused.code, ErrorCode::ClientFile);
    let real = real.display().to_string();
    assert!(refused.message.contains(&real), "{refused}");
    let done = unwired(&desk, &bruno, &real).await;
    assert_eq!((done.path.as_str(), done.taken_out), (real.as_str(), true));
    assert!(!read(Path::new(&real)).contains("sos"));
    assert!(file.is_symlink());
    assert_eq!(states(&desk, &bruno).await, []);
    desk.console.close().await;
}
