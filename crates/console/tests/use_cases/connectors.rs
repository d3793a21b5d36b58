//! The bridge to Discord on the bus: how it comes by its name, and whose words it brings.

use std::sync::Arc;

use futures::future::join_all;
use husting_clock::ManualClock;
use husting_console::{AgentHolder, BusDoor};
use husting_domain::agents::{AgentKind, AgentStatus};
use husting_domain::audit::Action;
use husting_domain::messages::Origin;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_wire::agents::{AgentRef, ConnectorToken, ListAgents, Liveness, MintedAgent};
use husting_wire::audit::ListAudit;
use husting_wire::bus::calls::Send;
use husting_wire::commands::{EndAgent, FindAgents, FindAudit, MakeAgent, MakeConnectorToken};
use husting_wire::errors::ErrorCode;
use serde_json::json;

use crate::agents::{code, holder, letter, minted, token};
use crate::bus::{START, agent, inbox, pair, tail, texts};
use crate::desk::Desk;

const NAME: &str = "discord-connector";
const REQUEST: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn called(name: &str) -> ConnectorToken {
    ConnectorToken {
        agent_name: Some(name.to_owned()),
    }
}

async fn connector(desk: &Desk) -> MintedAgent {
    desk.ask::<MakeConnectorToken>(ConnectorToken::default())
        .await
}

fn opens(desk: &Desk, agent: &MintedAgent) -> bool {
    let holder = desk.console.agent_holder(token(agent), BusDoor::Http);
    holder.is_ok()
}

/// What somebody in Discord asks, as the bridge sends it.
fn asked(to: &str, name: &str) -> Send {
    let context = json!({"author": {"id": "80351110224678912", "name": name}});
    let text = format!("[request_id:{REQUEST}] What now?\n\n<!--mumega-discord-ctx:{context}-->");
    letter(to, &text)
}

/// Who wrote the newest message, and after how many hops.
async fn newest(desk: &Desk) -> (String, Origin, u32) {
    let message = tail(desk).await.remove(0);
    (message.from, message.origin, message.hops)
}

#[tokio::test]
async fn the_bridge_gets_its_agent_once_and_a_new_token_each_time() {
    let desk = Desk::open().await;
    let first = connector(&desk).await;
    assert_eq!(first.agent.agent_name.to_string(), NAME);
    assert_eq!(first.agent.kind, AgentKind::Connector);
    assert_eq!(first.agent.status, AgentStatus::Active);
    assert_eq!(
        first.agent.scopes,
        [Scope::Send, Scope::Inbox, Scope::Peers]
    );
    let second = connector(&desk).await;
    assert_eq!(second.agent.id, first.agent.id);
    assert!(!opens(&desk, &first) && opens(&desk, &second));
    let other = desk
        .ask::<MakeConnectorToken>(called("second-server"))
        .await;
    assert_ne!(other.agent.id, first.agent.id);
    assert!(opens(&desk, &second) && opens(&desk, &other));
    let log = desk.ask::<FindAudit>(ListAudit::default()).await;
    let mut done: Vec<Action> = log.rows.iter().map(|row| row.action).collect();
    done.retain(|action| matches!(action, Action::Mint | Action::Rotate));
    assert_eq!(done, [Action::Mint, Action::Rotate, Action::Mint]);
    let text = format!("{:?}", log.rows);
    assert!(!text.contains(token(&second)), "{text}");
}

#[tokio::test]
async fn bridges_asked_for_at_once_are_one() {
    let desk = Desk::open().await;
    let all = join_all((0..6).map(|_| connector(&desk))).await;
    assert!(all.iter().all(|minted| minted.agent.id == all[0].agent.id));
    let open = all.iter().filter(|minted| opens(&desk, minted)).count();
    assert_eq!(open, 1);
}

#[tokio::test]
async fn nobody_else_comes_by_the_name_and_the_bridge_by_no_name_of_another() {
    let desk = Desk::open().await;
    let refused = desk.refused::<MakeAgent>(minted(NAME)).await;
    assert_eq!(refused.code, ErrorCode::InvalidBody);
    agent(&desk, "bruno").await;
    for (name, code) in [
        ("bruno", ErrorCode::AgentNameTaken),
        ("kasra", ErrorCode::InvalidBody),
        ("operator", ErrorCode::InvalidBody),
        ("Not a name", ErrorCode::InvalidBody),
    ] {
        let refused = desk.refused::<MakeConnectorToken>(called(name)).await;
        assert_eq!(refused.code, code, "{name}");
    }
    // After its end the name is free for another bridge.
    let agent_id = connector(&desk).await.agent.id;
    desk.ask::<EndAgent>(AgentRef { agent_id }).await;
    assert_ne!(connector(&desk).await.agent.id, agent_id);
}

async fn with_bridge() -> (Desk, AgentHolder, AgentHolder) {
    let (desk, _, anna, _) = pair().await;
    let bridge = holder(&desk, &connector(&desk).await);
    (desk, bridge, anna)
}

#[tokio::test]
async fn a_person_in_discord_is_who_wrote_and_begins_anew() {
    let (desk, bridge, anna) = with_bridge().await;
    let ana = asked("anna", "A\u{202e}na\nSilva");
    desk.console.send(&bridge, ana).await.unwrap();
    let from = "discord:Ana Silva via connector".to_owned();
    assert_eq!(newest(&desk).await, (from.clone(), Origin::Discord, 0));
    let mail = inbox(&desk, &anna).await;
    assert_eq!(mail.messages[0].from, from);
    assert_eq!(mail.messages[0].origin, Origin::Discord);
    assert_eq!(mail.messages[0].request_id.as_deref(), Some(REQUEST));
    // However long agent and bridge talk, nobody is held for it.
    for round in 0..10 {
        let answer = letter(NAME, &format!("Answer {round}"));
        assert!(!desk.console.send(&anna, answer).await.unwrap().record.held);
        inbox(&desk, &bridge).await;
        let again = desk.console.send(&bridge, asked("anna", "Ana")).await;
        assert!(!again.unwrap().record.held, "{round}");
        inbox(&desk, &anna).await;
        assert_eq!(newest(&desk).await.2, 0, "{round}");
    }
}

#[tokio::test]
async fn what_the_bridge_says_itself_is_its_own() {
    let (desk, bridge, _) = with_bridge().await;
    let note = letter("anna", "The bridge was restarted.");
    desk.console.send(&bridge, note).await.unwrap();
    let from = format!("agent:{NAME}");
    assert_eq!(newest(&desk).await, (from, Origin::Agent, 1));
}

#[tokio::test]
async fn no_other_agent_speaks_for_a_person() {
    let (desk, _, anna) = with_bridge().await;
    desk.console
        .send(&anna, asked("bruno", "The Boss"))
        .await
        .unwrap();
    let from = "agent:anna".to_owned();
    assert_eq!(newest(&desk).await, (from, Origin::Agent, 1));
}

#[tokio::test]
async fn an_answer_reaches_the_bridge_however_it_is_addressed() {
    for (to, words, names_message) in [
        (NAME, format!("{{ack_for:{REQUEST}}} By its id."), false),
        (NAME, "By the message.".to_owned(), true),
        (
            "discord:Ana via connector",
            "By the name it came under.".to_owned(),
            true,
        ),
    ] {
        let (desk, bridge, anna) = with_bridge().await;
        desk.console
            .send(&bridge, asked("anna", "Ana"))
            .await
            .unwrap();
        let question = inbox(&desk, &anna).await.messages[0].id;
        let answer = Send {
            in_reply_to: names_message.then_some(question),
            ..letter(to, &words)
        };
        desk.console.send(&anna, answer).await.unwrap();
        let mail = inbox(&desk, &bridge).await;
        assert_eq!(texts(&mail), [words.as_str()]);
        assert_eq!(mail.messages[0].from, "agent:anna");
        assert_eq!(mail.messages[0].in_reply_to, Some(question), "{words}");
        // What was answered is over.
        assert!(inbox(&desk, &anna).await.messages.is_empty(), "{words}");
    }
}

#[tokio::test]
async fn nobody_is_meant_by_a_person_where_bridges_are_several_or_none() {
    let (desk, _, anna, _) = pair().await;
    let to_ana = || {
        desk.console
            .send(&anna, letter("discord:Ana via connector", "Hello."))
    };
    assert_eq!(code(to_ana().await), ErrorCode::AgentNotFound);
    connector(&desk).await;
    to_ana().await.unwrap();
    desk.ask::<MakeConnectorToken>(called("second-server"))
        .await;
    assert_eq!(code(to_ana().await), ErrorCode::AgentNotFound);
}

#[tokio::test]
async fn a_bridge_that_has_not_called_since_the_start_is_not_live() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(START)));
    let desk = Desk::open_by(clock.clone()).await;
    let bridge = connector(&desk).await;
    let liveness = async |desk: &Desk| {
        let list = desk.ask::<FindAgents>(ListAgents::default()).await.agents;
        let found = list.into_iter().find(|found| found.id == bridge.agent.id);
        found.unwrap().liveness
    };
    inbox(&desk, &holder(&desk, &bridge)).await;
    assert_eq!(liveness(&desk).await, Liveness::Live);
    let home = desk.home.clone();
    desk.console.close().await;
    let desk = Desk::open_in(home, clock).await;
    assert_eq!(liveness(&desk).await, Liveness::Stopped);
    inbox(&desk, &holder(&desk, &bridge)).await;
    assert_eq!(liveness(&desk).await, Liveness::Live);
}
