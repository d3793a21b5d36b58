//! Requests of keys, each for what it costs: taken in without a crowd's disturbing it, read for what
//! it needs, refused with the time to come again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use husting_clock::SystemClock;
use husting_console::{Again, Caller, ContractDoor, Door};
use husting_domain::ids::SessionId;
use husting_domain::models::REHEARSAL_MODELS;
use husting_domain::sessions::{SessionSource, SessionStatus};
use husting_store::SqliteStore;
use husting_test_support::{Behaviour, GatePoint, Script};
use husting_wire::commands::{ChangeSettings, ConveneSession, FindSessions, MakeKey};
use husting_wire::contract::requests::{CreateDeliberation, ListSessions, ListedStatus};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::keys::CreateKey;
use husting_wire::sessions::{Convene, SessionAck};
use husting_wire::settings::EditSettings;
use serde_json::json;

use crate::desk::{Desk, PATIENCE, at, hand_clock, id};
use crate::fragile::Fragile;
use crate::panel::{Houses, Panel, WIRES};

/// A panel over a store that counts.
pub async fn counted(script: Script) -> (Panel, Arc<Fragile>) {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = SqliteStore::open(home.path(), at("2026-11-20T15:00:00Z"));
    let store = Arc::new(Fragile::around(store.await.unwrap()));
    let desk = Desk::over(store.clone(), home, Arc::new(SystemClock)).await;
    let panel = Panel::furnished(desk, Houses::open(script).await).await;
    (panel, store)
}

async fn keyed(
    desk: &Desk,
    tenant: Option<&str>,
    daily: Option<u32>,
    door: ContractDoor,
) -> Caller {
    let asked = CreateKey {
        name: format!("a key for {tenant:?} {daily:?} {door:?}"),
        daily_rounds: daily,
        tenant_id: tenant.map(str::to_owned),
    };
    let made = desk.ask::<MakeKey>(asked).await;
    desk.console.key_holder(&made.raw_key, door).unwrap()
}

async fn create(
    desk: &Desk,
    caller: &Caller,
    prompt: &str,
    models: &[&str],
) -> Result<SessionAck, Error> {
    let asked = CreateDeliberation {
        prompt: prompt.to_owned(),
        models: Some(models.iter().map(|model| id(model)).collect()),
        ..CreateDeliberation::default()
    };
    desk.console
        .create_deliberation(caller, asked, Again::ByWords)
        .await
}

#[tokio::test]
async fn twenty_different_questions_at_once_are_taken_in_at_the_first_try() {
    let (panel, store) = counted(Script::debate()).await;
    let agent = keyed(&panel, None, None, ContractDoor::Mcp).await;
    let prompts: Vec<String> = (0..20).map(|n| format!("Question {n}?")).collect();
    let asked = prompts
        .iter()
        .map(|prompt| create(&panel, &agent, prompt, &WIRES));
    let acks = join_all(asked).await.into_iter();
    let sessions: HashSet<_> = acks.map(|ack| ack.unwrap().session_id).collect();
    assert_eq!(sessions.len(), 20);
    assert_eq!(store.rounds_tried(), 20, "nobody stood in another's way");
    let listed = panel
        .console
        .sessions(&agent, ListSessions::default())
        .await;
    assert_eq!(listed.unwrap().total, 20);
    for session in sessions {
        panel.finished(session).await;
    }
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn following_stopping_and_cancelling_read_no_session_whole() {
    let held = Script::new(Behaviour::debating().gate("held", GatePoint::BeforeToken(5)));
    let (panel, store) = counted(held).await;
    let agent = keyed(&panel, None, None, ContractDoor::Rest).await;
    let stranger = keyed(&panel, Some("elsewhere"), None, ContractDoor::Rest).await;
    let ack = create(&panel, &agent, "Which?", &WIRES).await.unwrap();
    for model in WIRES {
        panel.until_said(ack.session_id, model, 1).await;
    }
    let (console, session, round) = (&panel.console, ack.session_id, ack.round_id);
    let before = store.sessions_read();
    let refusals = [
        console.follow(&stranger, session, None).await.err(),
        console
            .stop(&stranger, session, round, id("alpha"))
            .await
            .err(),
        console.cancel(&stranger, session).await.err(),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap().code, ErrorCode::NotFound);
    }
    let stream = console.follow(&agent, session, None).await.unwrap();
    console
        .stop(&agent, session, round, id("alpha"))
        .await
        .unwrap();
    assert_eq!(store.sessions_read(), before);
    drop(stream);
    console.cancel(&agent, session).await.unwrap();
}

#[tokio::test]
async fn a_session_at_work_is_listed_as_streaming_before_its_first_words_and_after() {
    let held = Behaviour::debating()
        .gate("first", GatePoint::BeforeResponse)
        .gate("second", GatePoint::BeforeToken(5));
    let panel = Panel::open(Script::new(held)).await;
    let agent = keyed(&panel, None, None, ContractDoor::Mcp).await;
    let listed = async |status| {
        let asked = ListSessions {
            status: Some(status),
            ..ListSessions::default()
        };
        let page = panel.console.sessions(&agent, asked).await.unwrap();
        let rows = page.sessions.into_iter();
        rows.map(|row| (row.session_id, row.status))
            .collect::<Vec<_>>()
    };
    let shown = async |status| {
        let asked = husting_wire::sessions::ListSessions {
            status: Some(status),
            ..Default::default()
        };
        let page = panel.ask::<FindSessions>(asked).await;
        let rows = page.sessions.into_iter();
        rows.map(|row| (row.session_id, row.status))
            .collect::<Vec<_>>()
    };
    let session = create(&panel, &agent, "Which?", &WIRES)
        .await
        .unwrap()
        .session_id;
    for (status, gate) in [
        (SessionStatus::Processing, "first"),
        (SessionStatus::Streaming, "second"),
    ] {
        until_shown(&panel, session, status).await;
        let row = vec![(session, status)];
        assert_eq!(listed(ListedStatus::Streaming).await, row);
        assert_eq!(shown(SessionStatus::Streaming).await, row);
        assert_eq!(listed(ListedStatus::Ready).await, []);
        assert_eq!(shown(SessionStatus::Ready).await, []);
        panel.houses.release(gate);
    }
    panel.finished(session).await;
    let row = vec![(session, SessionStatus::Ready)];
    assert_eq!(listed(ListedStatus::Ready).await, row);
    assert_eq!(shown(SessionStatus::Ready).await, row);
    assert_eq!(listed(ListedStatus::Streaming).await, []);
    assert_eq!(shown(SessionStatus::Streaming).await, []);
}

/// Once the session stands so.
async fn until_shown(desk: &Desk, session: SessionId, status: SessionStatus) {
    let coming = async {
        loop {
            let mut events = desk.console.watch().skip(1);
            if desk.session(session).await.summary.status == status {
                return;
            }
            events.next().await;
        }
    };
    tokio::time::timeout(PATIENCE, coming).await.unwrap();
}

#[tokio::test]
async fn who_used_up_a_day_is_told_the_seconds_until_the_next() {
    let clock = hand_clock();
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let agent = keyed(&desk, None, Some(1), ContractDoor::Mcp).await;
    let ack = create(&desk, &agent, "One?", &REHEARSAL_MODELS)
        .await
        .unwrap();
    desk.finished(ack.session_id).await;
    for (now, seconds) in [
        ("2026-11-20T15:00:00Z", 9 * 3_600),
        ("2026-11-20T23:59:58.001Z", 2),
        ("2026-11-20T23:59:59.999Z", 1),
    ] {
        clock.set(at(now));
        let refused = create(&desk, &agent, "Two?", &REHEARSAL_MODELS)
            .await
            .unwrap_err();
        assert_eq!(refused.code, ErrorCode::DailyLimitReached);
        let details = refused.details.unwrap();
        assert_eq!(details["resets_at"], json!(at("2026-11-21T00:00:00Z")));
        assert_eq!(details["retry_after_seconds"], seconds, "at {now}");
    }
    clock.set(at("2026-11-21T00:00:00Z"));
    let ack = create(&desk, &agent, "Two?", &REHEARSAL_MODELS)
        .await
        .unwrap();
    desk.finished(ack.session_id).await;
}

/// Asks for a rehearsal through a door of which scripts and agents come.
async fn rehearsed_by(desk: &Desk, source: SessionSource) -> SessionAck {
    let door = match source {
        SessionSource::Rest => ContractDoor::Rest,
        SessionSource::Mcp => ContractDoor::Mcp,
        _ => {
            let models = REHEARSAL_MODELS.map(id).to_vec();
            let asked = Convene {
                prompt: "Which?".to_owned(),
                models: Some(models),
                ..Convene::default()
            };
            return desk.ask::<ConveneSession>(asked).await;
        }
    };
    let agent = keyed(desk, None, None, door).await;
    create(desk, &agent, "Which?", &REHEARSAL_MODELS)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_pace_that_the_operator_chose_holds_at_every_door() {
    const RATE: u32 = 4;
    for source in [SessionSource::Rest, SessionSource::Mcp, SessionSource::Cli] {
        let clock = hand_clock();
        let desk = Desk::open_by(Arc::new(clock.clone())).await;
        let caller = Caller::Operator { door: Door::Cli };
        let desk = Desk { caller, ..desk };
        let unpaced = rehearsed_by(&desk, source).await;
        let unpaced = desk.finished(unpaced.session_id).await;
        assert_eq!(
            unpaced.ended_at,
            Some(unpaced.started_at),
            "nobody moved the clock"
        );

        let paced = EditSettings {
            rehearsal_tokens_per_second: Some(RATE),
            ..EditSettings::default()
        };
        desk.ask::<ChangeSettings>(paced).await;
        let ack = create_anew(&desk, source).await;
        let moving = async {
            loop {
                let round = desk.round(ack.session_id).await;
                if round.status.is_terminal() {
                    return round;
                }
                clock.advance(Duration::from_millis(100));
            }
        };
        let round = tokio::time::timeout(PATIENCE, moving).await.unwrap();
        let longest = round
            .answers
            .iter()
            .map(|seat| seat.text.len())
            .max()
            .unwrap();
        let least = i64::try_from(longest).unwrap() / 4 * 1_000 / i64::from(RATE);
        let took = round.ended_at.unwrap().millis_since(round.started_at);
        assert!(took >= least, "{source:?}: {took} ms for {longest} bytes");
        assert!(least > 10_000, "{source:?}: {longest} bytes tell nothing");
    }
}

/// The same through a door where the same words were asked before.
async fn create_anew(desk: &Desk, source: SessionSource) -> SessionAck {
    let other = match source {
        SessionSource::Rest => ContractDoor::Rest,
        SessionSource::Mcp => ContractDoor::Mcp,
        _ => return rehearsed_by(desk, source).await,
    };
    let agent = keyed(desk, None, Some(100), other).await;
    create(desk, &agent, "Which?", &REHEARSAL_MODELS)
        .await
        .unwrap()
}
