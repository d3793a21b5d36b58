//! The public contract's use cases as its doors call them: with a key, once, by signal, by version.

use std::collections::HashSet;
use std::sync::Arc;

use futures::StreamExt;
use futures::future::join_all;
use husting_clock::{ManualClock, SystemClock};
use husting_console::{Again, Caller, ContractDoor};
use husting_domain::ids::SessionId;
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::{ClientAction, RoundStatus};
use husting_domain::sessions::SessionSource;
use husting_domain::tenants::Tier;
use husting_domain::time::Timestamp;
use husting_test_support::{Behaviour, GatePoint, Phase, Script};
use husting_wire::answers::SeatState;
use husting_wire::commands::{FindKeys, KeepTenant, MakeKey, RevokeOneKey};
use husting_wire::contract::requests::{
    AppendToSession, CreateDeliberation, ListSessions, WaitForRound,
};
use husting_wire::errors::ErrorCode;
use husting_wire::keys::{CreateKey, CreatedKey, KeyRef};
use husting_wire::rounds::RoundView;
use husting_wire::sessions::SessionAck;
use husting_wire::settings::Nothing;
use husting_wire::tenants::PutTenant;
use serde_json::{Value, json};

use crate::desk::{Desk, id};
use crate::panel::{Panel, WIRES};

pub async fn key(desk: &Desk, name: &str) -> CreatedKey {
    desk.ask::<MakeKey>(CreateKey {
        name: name.to_owned(),
        daily_rounds: None,
        tenant_id: None,
    })
    .await
}

pub fn holder(desk: &Desk, key: &CreatedKey, door: ContractDoor) -> Caller {
    desk.console.key_holder(&key.raw_key, door).unwrap()
}

/// Somebody over MCP with a key of their own.
pub async fn agent(desk: &Desk) -> Caller {
    let made = key(desk, "laptop").await;
    holder(desk, &made, ContractDoor::Mcp)
}

pub fn question(prompt: &str) -> CreateDeliberation {
    CreateDeliberation {
        prompt: prompt.to_owned(),
        models: Some(WIRES.map(id).to_vec()),
        ..CreateDeliberation::default()
    }
}

pub fn next(session_id: SessionId, prompt: &str) -> AppendToSession {
    AppendToSession {
        session_id,
        prompt: prompt.to_owned(),
        snippets: Vec::new(),
        moderator_name: None,
        application: None,
        recap_round: false,
        recap_session: false,
    }
}

pub fn waiting(session_id: SessionId) -> WaitForRound {
    WaitForRound {
        session_id,
        round_id: None,
        round_index: None,
        timeout_seconds: None,
        poll_after_ms: None,
    }
}

fn by_key(key: &str) -> Again {
    Again::ByKey {
        key: Some(key.to_owned()),
        client_request_id: None,
    }
}

pub async fn create(desk: &Desk, caller: &Caller, prompt: &str) -> SessionAck {
    let asked = question(prompt);
    let ack = desk
        .console
        .create_deliberation(caller, asked, Again::ByWords);
    ack.await.unwrap()
}

/// `alpha` stops before its fifth piece until the gate `pause` is opened.
pub fn paused() -> Script {
    let behaviour = Behaviour::debating().gate("pause", GatePoint::BeforeToken(5));
    Script::debate().for_phase("alpha", Phase::Respond, behaviour)
}

/// From then on only `alpha` changes anything.
async fn until_beta_has_spoken(panel: &Panel, session: SessionId) {
    let has_spoken = |round: &RoundView| round.answers[1].state == SeatState::Final;
    panel.once(session, has_spoken).await;
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_until_it_is_revoked() {
    let desk = Desk::open().await;
    let made = key(&desk, "laptop").await;
    assert!(husting_tokens::is_well_formed(&made.raw_key, "mmo_live_"));
    assert!(made.raw_key.ends_with(&made.key.tail));
    let caller = holder(&desk, &made, ContractDoor::Rest);
    assert_eq!(caller.source(), SessionSource::Rest);

    let listed = desk.ask::<FindKeys>(Nothing {}).await;
    assert!(
        !serde_json::to_string(&listed)
            .unwrap()
            .contains(&made.raw_key)
    );
    let taken = desk.refused::<MakeKey>(CreateKey {
        name: " laptop ".to_owned(),
        daily_rounds: None,
        tenant_id: None,
    });
    assert_eq!(taken.await.code, ErrorCode::AlreadyExists);

    let Caller::Key(held) = &caller else {
        panic!("a key's holder")
    };
    let key_id = made.key.key_id;
    desk.ask::<RevokeOneKey>(KeyRef { key_id }).await;
    assert!(held.revoked.is_cancelled());
    let refused = |key: &str| {
        desk.console
            .key_holder(key, ContractDoor::Rest)
            .unwrap_err()
    };
    assert_eq!(refused(&made.raw_key).code, ErrorCode::InvalidToken);
    assert!(refused(&made.raw_key).message.contains("revoked"));
    for wrong in ["", "mmo_live_", "mmo_live_YOUR_KEY_HERE"] {
        let refusal = refused(wrong);
        assert_eq!(refusal.code, ErrorCode::InvalidToken, "{wrong}");
        assert!(!refusal.message.contains("revoked"), "{wrong}");
    }
    // A round that was admitted a moment before the revocation is refused at its commit.
    let late = desk.console.create_deliberation(
        &caller,
        CreateDeliberation {
            prompt: "Which?".to_owned(),
            ..CreateDeliberation::default()
        },
        Again::ByWords,
    );
    assert_eq!(late.await.unwrap_err().code, ErrorCode::InvalidToken);
    assert!(
        desk.console
            .sessions(&desk.caller, ListSessions::default())
            .await
            .unwrap()
            .sessions
            .is_empty()
    );
    desk.ask::<MakeKey>(CreateKey {
        name: "laptop".to_owned(),
        daily_rounds: None,
        tenant_id: None,
    })
    .await;
}

#[tokio::test]
async fn twenty_requests_of_the_same_words_at_once_are_one_session() {
    let panel = Panel::open(Script::debate()).await;
    let caller = agent(&panel.desk).await;
    let same = (0..20).map(|_| create(&panel.desk, &caller, "Postgres or MongoDB?"));
    let acks = join_all(same).await;
    let rounds: HashSet<_> = acks.iter().map(|ack| ack.round_id).collect();
    assert_eq!(rounds.len(), 1);
    assert!(
        acks.iter().all(|ack| *ack == acks[0]),
        "byte for byte the same"
    );
    let listed = panel
        .console
        .sessions(&caller, ListSessions::default())
        .await;
    assert_eq!(listed.unwrap().total, 1);
    // Other words are another session, also while the first is not over.
    let other = create(&panel.desk, &caller, "MongoDB or Postgres?").await;
    assert_ne!(other.session_id, acks[0].session_id);
    panel.finished(acks[0].session_id).await;
    panel.finished(other.session_id).await;
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn the_same_words_make_a_new_round_once_its_end_was_given() {
    let panel = Panel::open(Script::debate()).await;
    let caller = agent(&panel.desk).await;
    let first = create(&panel.desk, &caller, "Which?").await;
    panel.finished(first.session_id).await;
    assert_eq!(
        create(&panel.desk, &caller, "Which?").await,
        first,
        "over, but not given"
    );
    // What another key reads does not count.
    let made = key(&panel.desk, "desk").await;
    let other = holder(&panel.desk, &made, ContractDoor::Mcp);
    panel
        .console
        .session(&other, first.session_id)
        .await
        .unwrap();
    assert_eq!(create(&panel.desk, &caller, "Which?").await, first);
    let waited = panel
        .console
        .wait_for_round(&caller, waiting(first.session_id));
    assert!(waited.await.unwrap().state.is_terminal);
    let second = create(&panel.desk, &caller, "Which?").await;
    assert_ne!(second.session_id, first.session_id);

    let append = async |prompt: &str| {
        let asked = next(first.session_id, prompt);
        let ack = panel
            .console
            .append_to_session(&caller, asked, Again::ByWords);
        ack.await.unwrap()
    };
    let round = append("Pick one.").await;
    assert_eq!(
        (round.round_index, append("Pick one.").await),
        (1, round.clone())
    );
    panel.finished(first.session_id).await;
    panel
        .console
        .session(&caller, first.session_id)
        .await
        .unwrap();
    assert_eq!(append("Pick one.").await.round_index, 2);
    panel.finished(first.session_id).await;
    panel.finished(second.session_id).await;
}

#[tokio::test]
async fn reading_a_round_that_runs_releases_nothing() {
    let panel = Panel::open(paused()).await;
    let caller = agent(&panel.desk).await;
    let first = create(&panel.desk, &caller, "Which?").await;
    panel.until_said(first.session_id, "alpha", 1).await;
    panel
        .console
        .session(&caller, first.session_id)
        .await
        .unwrap();
    let short = WaitForRound {
        timeout_seconds: Some(1),
        ..waiting(first.session_id)
    };
    panel.console.wait_for_round(&caller, short).await.unwrap();
    assert_eq!(create(&panel.desk, &caller, "Which?").await, first);
    panel.houses.release("pause");
    panel.finished(first.session_id).await;
}

#[tokio::test]
async fn a_wait_lasts_forty_seconds_where_nobody_says() {
    let start = Timestamp::from_micros(1_795_161_861_000_000);
    let clock = Arc::new(ManualClock::at(start));
    let panel = Panel::open_by(clock.clone(), paused()).await;
    let caller = agent(&panel.desk).await;
    let ack = create(&panel.desk, &caller, "Which?").await;
    panel.until_said(ack.session_id, "alpha", 1).await;
    let wait = panel
        .console
        .wait_for_round(&caller, waiting(ack.session_id));
    tokio::pin!(wait);
    assert!(futures::poll!(&mut wait).is_pending());
    // The round is live, so that this first poll is asleep by our clock already.
    clock.set(start.plus_millis(39_999));
    for _ in 0..100 {
        assert!(
            futures::poll!(&mut wait).is_pending(),
            "a millisecond too early"
        );
        tokio::task::yield_now().await;
    }
    clock.set(start.plus_millis(40_000));
    let waited = wait.await.unwrap();
    assert_eq!(
        waited.state.recommended_client_action,
        ClientAction::PollAgain
    );
    panel.houses.release("pause");
    panel.finished(ack.session_id).await;
}

#[tokio::test]
async fn an_idempotency_key_is_good_for_a_day_for_one_body_and_over_a_restart() {
    let start = Timestamp::from_micros(1_795_161_861_000_000);
    let clock = Arc::new(ManualClock::at(start));
    let panel = Panel::open_by(clock.clone(), Script::debate()).await;
    let made = key(&panel.desk, "laptop").await;
    let caller = holder(&panel.desk, &made, ContractDoor::Rest);
    let post = async |desk: &Desk, caller: &Caller, prompt: &str, again: Again| {
        desk.console
            .create_deliberation(caller, question(prompt), again)
            .await
    };
    let first = post(&panel.desk, &caller, "Which?", by_key("job-1"))
        .await
        .unwrap();
    panel.finished(first.session_id).await;
    panel
        .console
        .session(&caller, first.session_id)
        .await
        .unwrap();
    let again = post(&panel.desk, &caller, "Which?", by_key("job-1")).await;
    assert_eq!(again.unwrap(), first, "also once its end was given");
    let conflict = post(&panel.desk, &caller, "Which one?", by_key("job-1")).await;
    assert_eq!(conflict.unwrap_err().code, ErrorCode::IdempotencyConflict);
    let named = Again::ByKey {
        key: Some("job-1".to_owned()),
        client_request_id: Some("a".to_owned()),
    };
    let conflict = post(&panel.desk, &caller, "Which?", named).await;
    assert_eq!(conflict.unwrap_err().code, ErrorCode::IdempotencyConflict);
    // Another caller's key of the same name is another key.
    let made = key(&panel.desk, "desk").await;
    let other = holder(&panel.desk, &made, ContractDoor::Rest);
    let theirs = post(&panel.desk, &other, "Which one?", by_key("job-1"))
        .await
        .unwrap();
    assert_ne!(theirs.session_id, first.session_id);
    // Without a key nothing is the same.
    let none = Again::ByKey {
        key: None,
        client_request_id: None,
    };
    let third = post(&panel.desk, &caller, "Which?", none).await.unwrap();
    assert_ne!(third.session_id, first.session_id);
    panel.finished(theirs.session_id).await;
    panel.finished(third.session_id).await;

    let home = panel.home.clone();
    panel.console.close().await;
    let houses = panel.houses;
    let panel = Panel {
        desk: Desk::open_in(home, clock.clone()).await,
        houses,
    };
    panel.unlock().await;
    let again = post(&panel.desk, &caller, "Which?", by_key("job-1")).await;
    assert_eq!(again.unwrap(), first, "over a restart");
    clock.set(start.plus_millis(86_400_000 - 1));
    let again = post(&panel.desk, &caller, "Which?", by_key("job-1")).await;
    assert_eq!(again.unwrap(), first, "to the last millisecond of a day");
    clock.set(start.plus_millis(86_400_000));
    let anew = post(&panel.desk, &caller, "Which?", by_key("job-1"))
        .await
        .unwrap();
    assert_ne!(anew.session_id, first.session_id, "a day later");
    panel.finished(anew.session_id).await;
}

#[tokio::test]
async fn a_days_rounds_are_counted_by_key_and_end_at_midnight() {
    let start = Timestamp::from_micros(1_795_161_861_000_000);
    let clock = Arc::new(ManualClock::at(start));
    let panel = Panel::open_by(clock.clone(), Script::debate()).await;
    let made = panel
        .ask::<MakeKey>(CreateKey {
            name: "two a day".to_owned(),
            daily_rounds: Some(2),
            tenant_id: None,
        })
        .await;
    let caller = holder(&panel.desk, &made, ContractDoor::Mcp);
    let first = create(&panel.desk, &caller, "One?").await;
    let second = create(&panel.desk, &caller, "Two?").await;
    panel.finished(first.session_id).await;
    panel.finished(second.session_id).await;
    let asked = next(first.session_id, "Three?");
    let refused = panel
        .console
        .append_to_session(&caller, asked, Again::ByWords);
    let refused = refused.await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::DailyLimitReached);
    let midnight = start.day_start().plus_millis(86_400_000);
    assert_eq!(refused.details.unwrap()["resets_at"], json!(midnight));
    // Deleting a session gives no round of the day back.
    panel
        .console
        .session(&caller, first.session_id)
        .await
        .unwrap();
    panel
        .console
        .delete(&caller, first.session_id)
        .await
        .unwrap();
    let asked = question("Three?");
    let refused = panel
        .console
        .create_deliberation(&caller, asked, Again::ByWords);
    assert_eq!(
        refused.await.unwrap_err().code,
        ErrorCode::DailyLimitReached
    );
    // The same words are still acknowledged, and the operator and other keys are not counted.
    assert_eq!(create(&panel.desk, &caller, "Two?").await, second);
    let other = agent(&panel.desk).await;
    let theirs = create(&panel.desk, &other, "Three?").await;
    panel.finished(theirs.session_id).await;
    clock.set(midnight);
    let third = create(&panel.desk, &caller, "Three?").await;
    panel.finished(third.session_id).await;
}

#[tokio::test]
async fn a_wait_ends_with_the_round_or_with_the_callers_patience() {
    let panel = Panel::open(paused()).await;
    let caller = agent(&panel.desk).await;
    let ack = create(&panel.desk, &caller, "Which?").await;
    panel.until_said(ack.session_id, "alpha", 1).await;
    let short = WaitForRound {
        timeout_seconds: Some(1),
        ..waiting(ack.session_id)
    };
    let waited = panel.console.wait_for_round(&caller, short).await.unwrap();
    assert_eq!(
        (
            waited.state.round_status,
            waited.state.recommended_client_action
        ),
        (RoundStatus::InProgress, ClientAction::PollAgain)
    );
    assert!(!waited.state.is_terminal && !waited.state.is_usable);
    assert!(
        waited
            .state
            .in_progress_models
            .iter()
            .any(|seat| seat.model == id("alpha"))
    );
    assert!(
        waited.text.contains("wait_for_round again"),
        "{}",
        waited.text
    );

    let (console, holder) = (panel.console.clone(), caller.clone());
    let wait = tokio::spawn(async move {
        console
            .wait_for_round(&holder, waiting(ack.session_id))
            .await
    });
    panel.houses.release("pause");
    let waited = wait.await.unwrap().unwrap();
    assert_eq!(waited.state.round_status, RoundStatus::Complete);
    assert_eq!(waited.state.completed_models.len(), 2);
    assert_eq!(waited.state.recap_status, RecapStatus::None);
    assert!(waited.text.contains("### Claim map"));
    assert!(
        waited.text.contains("Moderated by key laptop."),
        "{}",
        waited.text
    );
    for wrong in [0, 121] {
        let asked = WaitForRound {
            timeout_seconds: Some(wrong),
            ..waiting(ack.session_id)
        };
        let refused = panel.console.wait_for_round(&caller, asked).await;
        assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidRequest);
    }
    let missing = WaitForRound {
        round_index: Some(7),
        ..waiting(ack.session_id)
    };
    let refused = panel.console.wait_for_round(&caller, missing).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn revoking_a_key_ends_its_waits_and_streams_and_leaves_its_round_to_finish() {
    let panel = Panel::open(paused()).await;
    let made = key(&panel.desk, "laptop").await;
    let caller = holder(&panel.desk, &made, ContractDoor::Mcp);
    let ack = create(&panel.desk, &caller, "Which?").await;
    panel.until_said(ack.session_id, "alpha", 1).await;
    let stream = panel
        .console
        .follow(&caller, ack.session_id, None)
        .await
        .unwrap();
    let followed = tokio::spawn(stream.count());
    let (console, holder) = (panel.console.clone(), caller.clone());
    let wait = tokio::spawn(async move {
        console
            .wait_for_round(&holder, waiting(ack.session_id))
            .await
    });
    let key_id = made.key.key_id;
    panel.ask::<RevokeOneKey>(KeyRef { key_id }).await;
    assert_eq!(
        wait.await.unwrap().unwrap_err().code,
        ErrorCode::InvalidToken
    );
    assert!(followed.await.unwrap() > 0);
    panel.houses.release("pause");
    let round = panel.finished(ack.session_id).await;
    assert_eq!(round.status, RoundStatus::Complete);
}

#[tokio::test]
async fn progress_never_goes_back_and_one_version_has_one_body() {
    let start = Timestamp::from_micros(1_795_161_861_000_000);
    let clock = Arc::new(ManualClock::at(start));
    let panel = Panel::open_by(clock.clone(), paused()).await;
    let caller = agent(&panel.desk).await;
    let ack = create(&panel.desk, &caller, "Which?").await;
    let progress = async || {
        let told = panel
            .console
            .progress(&caller, ack.session_id, None)
            .await
            .unwrap();
        let body: Value = serde_json::from_str(&told.body).unwrap();
        assert_eq!(body["progress_version"], json!(told.version));
        (told.version, told.body, body)
    };
    panel.until_said(ack.session_id, "alpha", 20).await;
    until_beta_has_spoken(&panel, ack.session_id).await;
    // Grown text is shown a second after the last version that showed any.
    clock.set(start.plus_millis(1_000));
    let (version, text, body) = progress().await;
    let (again, same, _) = progress().await;
    assert_eq!((again, &*same), (version, &*text), "nothing changed");
    let stream = panel.console.follow(&caller, ack.session_id, None).await;
    let (_, snapshot) = stream.unwrap().next().await.unwrap();
    let snapshot: Value = serde_json::from_str(&snapshot).unwrap();
    assert_eq!(snapshot["progress"], body, "one version, whoever is told");
    let alpha = |body: &Value| body["models"][0].clone();
    assert_eq!(alpha(&body)["phase"], "respond");
    assert_eq!(alpha(&body)["state"], "streaming");
    assert_eq!(alpha(&body)["partial_text_length"], 20);
    assert_eq!(alpha(&body)["last_chunk_at"], json!(start));

    panel.houses.release("pause");
    let round = panel.finished(ack.session_id).await;
    let (last, _, body) = progress().await;
    assert!(last > version);
    assert_eq!(last, round.progress_version);
    assert_eq!(
        (&body["round_status"], &alpha(&body)["phase"]),
        (&json!("complete"), &json!("react"))
    );
    assert_eq!(progress().await.0, last);

    // A restart forgets nothing that was told.
    let home = panel.home.clone();
    panel.console.close().await;
    let desk = Desk::open_in(home, clock).await;
    let told = desk
        .console
        .progress(&caller, ack.session_id, None)
        .await
        .unwrap();
    assert_eq!(told.version, last);
}

#[tokio::test]
async fn grown_text_raises_the_version_once_a_second_and_no_more() {
    let start = Timestamp::from_micros(1_795_161_861_000_000);
    let clock = Arc::new(ManualClock::at(start));
    let behaviour = Behaviour::debating()
        .gate("first", GatePoint::BeforeToken(5))
        .gate("second", GatePoint::BeforeToken(8));
    let script = Script::debate().for_phase("alpha", Phase::Respond, behaviour);
    let panel = Panel::open_by(clock.clone(), script).await;
    let caller = agent(&panel.desk).await;
    let asked = CreateDeliberation {
        models: Some(WIRES.map(id).to_vec()),
        ..question("Which?")
    };
    let ack = panel
        .console
        .create_deliberation(&caller, asked, Again::ByWords);
    let ack = ack.await.unwrap();
    panel.until_said(ack.session_id, "alpha", 20).await;
    until_beta_has_spoken(&panel, ack.session_id).await;
    let progress = async || {
        panel
            .console
            .progress(&caller, ack.session_id, None)
            .await
            .unwrap()
    };
    let before = progress().await;
    panel.houses.release("first");
    panel.until_said(ack.session_id, "alpha", 32).await;
    let soon = progress().await;
    assert_eq!(
        (soon.version, &soon.body),
        (before.version, &before.body),
        "within the second"
    );
    clock.set(start.plus_millis(999));
    let still = progress().await;
    assert_eq!(
        (still.version, &still.body),
        (before.version, &before.body),
        "a millisecond too early"
    );
    clock.set(start.plus_millis(1_000));
    let later = progress().await;
    assert_eq!(later.version, before.version + 1);
    let body: Value = serde_json::from_str(&later.body).unwrap();
    assert_eq!(body["models"][0]["partial_text_length"], 32);
    panel.houses.release("second");
    panel.finished(ack.session_id).await;
}

#[tokio::test]
async fn a_round_that_closing_ended_tells_a_version_above_all_before() {
    let panel = Panel::open(paused()).await;
    let caller = agent(&panel.desk).await;
    let ack = create(&panel.desk, &caller, "Which?").await;
    panel.until_said(ack.session_id, "alpha", 1).await;
    let told = panel
        .console
        .progress(&caller, ack.session_id, None)
        .await
        .unwrap();
    let home = panel.home.clone();
    panel.console.close().await;
    let desk = Desk::open_in(home, Arc::new(SystemClock)).await;
    let after = desk
        .console
        .progress(&caller, ack.session_id, None)
        .await
        .unwrap();
    assert!(
        after.version > told.version,
        "{} > {}",
        after.version,
        told.version
    );
    assert!(!after.body.contains("in_progress"));
}

#[tokio::test]
async fn a_stream_taken_up_in_the_middle_has_no_gap_and_no_double() {
    let panel = Panel::open(paused()).await;
    let caller = agent(&panel.desk).await;
    let ack = create(&panel.desk, &caller, "Which?").await;
    panel.until_said(ack.session_id, "alpha", 20).await;
    let follow = async |last: Option<String>| {
        let stream = panel
            .console
            .follow(&caller, ack.session_id, last.as_deref());
        stream.await.unwrap()
    };
    let mut first = follow(None).await;
    let (mut last, snapshot) = first.next().await.unwrap();
    let snapshot: Value = serde_json::from_str(&snapshot).unwrap();
    assert_eq!(snapshot["type"], "snapshot");
    let mut text = snapshot["texts"][0]["text"].as_str().unwrap().to_owned();
    let mut answer = String::new();
    let mut versions = vec![snapshot["progress"]["progress_version"].as_u64().unwrap()];
    drop(first);

    panel.houses.release("pause");
    let mut ids = HashSet::from([last.clone()]);
    // A new connection for every event.
    let round = loop {
        let (id, event) = follow(Some(last)).await.next().await.unwrap();
        assert!(ids.insert(id.clone()), "{id} came twice");
        last = id;
        let event: Value = serde_json::from_str(&event).unwrap();
        if event["type"] == "text" && event["model"] == "alpha" {
            assert_eq!(event["offset"], json!(text.chars().count()));
            text.push_str(event["text"].as_str().unwrap());
        }
        if let Some(version) = event["progress"]["progress_version"].as_u64() {
            versions.push(version);
        }
        if event["type"] == "answer" && event["model"] == "alpha" {
            answer = event["text"].as_str().unwrap().to_owned();
        }
        if event["progress"]["round_status"] == "complete" {
            break panel.round(ack.session_id).await;
        }
    };
    let call = &panel.houses.calls_of("alpha", Phase::Respond)[0];
    assert_eq!(text, call.sent, "as the model wrote it");
    assert_eq!(answer, round.answers[0].text, "as it is served");
    let rises = versions.windows(2).all(|pair| pair[1] > pair[0]);
    assert!(rises, "a version of its own for each state: {versions:?}");
    let seqs: Vec<u64> = {
        let mut seqs: Vec<u64> = ids
            .iter()
            .map(|id| id.rsplit_once('-').unwrap().1.parse().unwrap())
            .collect();
        seqs.sort_unstable();
        seqs
    };
    assert!(
        seqs.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{seqs:?}"
    );
    // An event of another run is answered with the state.
    let (_, event) = follow(Some("0123456789ab-7".to_owned()))
        .await
        .next()
        .await
        .unwrap();
    assert!(event.contains("\"type\":\"snapshot\""), "{event}");
}

#[tokio::test]
async fn a_key_of_one_tenant_sees_nothing_of_anothers() {
    let panel = Panel::open(paused()).await;
    let caller = agent(&panel.desk).await;
    let theirs = panel
        .ask::<MakeKey>(CreateKey {
            name: "laptop".to_owned(),
            daily_rounds: None,
            tenant_id: Some("acme".to_owned()),
        })
        .await;
    let acme = holder(&panel.desk, &theirs, ContractDoor::Rest);
    let ack = create(&panel.desk, &caller, "Which?").await;
    panel.until_said(ack.session_id, "alpha", 1).await;
    let console = &panel.console;
    let (session, round) = (ack.session_id, ack.round_id);
    let codes = [
        console
            .session(&acme, session)
            .await
            .map(drop)
            .unwrap_err()
            .code,
        console
            .progress(&acme, session, None)
            .await
            .map(drop)
            .unwrap_err()
            .code,
        console
            .progress(&acme, session, Some(round))
            .await
            .map(drop)
            .unwrap_err()
            .code,
        console
            .follow(&acme, session, None)
            .await
            .map(drop)
            .unwrap_err()
            .code,
        console
            .wait_for_round(&acme, waiting(session))
            .await
            .map(drop)
            .unwrap_err()
            .code,
        console.cancel(&acme, session).await.unwrap_err().code,
        console
            .stop(&acme, session, round, id("alpha"))
            .await
            .unwrap_err()
            .code,
        console
            .retry(&acme, session, round, by_key("1"))
            .await
            .map(drop)
            .unwrap_err()
            .code,
        console.delete(&acme, session).await.unwrap_err().code,
        console
            .append_to_session(&acme, next(session, "More?"), Again::ByWords)
            .await
            .map(drop)
            .unwrap_err()
            .code,
    ];
    assert_eq!(codes, [ErrorCode::NotFound; 10]);
    let listed = console
        .sessions(&acme, ListSessions::default())
        .await
        .unwrap();
    assert_eq!((listed.total, listed.sessions.len()), (0, 0));
    let waited = tokio::time::timeout(
        std::time::Duration::from_secs(10),
        console.wait_for_round(&acme, waiting(session)),
    );
    assert!(
        waited.await.is_ok(),
        "at once: to wait would tell that there is something"
    );
    // Their own wallet, and none of the operator's models.
    let credit = serde_json::to_value(console.credit(&acme).await.unwrap()).unwrap();
    assert_eq!(credit["effective_balance_usd"], json!(1.5));
    let models = console.model_records(&acme).await.unwrap();
    assert!(models.models.iter().all(|model| model.id.is_rehearsal()));
    // A rehearsal of theirs is told to nobody here.
    let rehearsal = CreateDeliberation {
        prompt: "Tea or coffee? Tea keeps one calm. Coffee wakes one up.".to_owned(),
        improvement_consent: Some(false),
        ..CreateDeliberation::default()
    };
    let ack = console
        .create_deliberation(&acme, rehearsal, by_key("1"))
        .await
        .unwrap();
    assert!(ack.rehearsal);
    assert!(
        ack.disclosure
            .unwrap()
            .starts_with("Free-tier sessions are included")
    );
    let waited = console
        .wait_for_round(&acme, waiting(ack.session_id))
        .await
        .unwrap();
    assert!(waited.text.contains("Exclusion request was not applied."));
    assert_eq!(
        console
            .session(&caller, ack.session_id)
            .await
            .map(drop)
            .unwrap_err()
            .code,
        ErrorCode::NotFound
    );
    panel.houses.release("pause");
    panel.finished(session).await;
    // What is kept for the owner who polls is kept for the owner alone.
    console.progress(&caller, session, None).await.unwrap();
    let kept = console.progress(&acme, session, None).await;
    assert_eq!(kept.map(drop).unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn who_steered_is_told_with_the_key_behind_them() {
    let panel = Panel::open(Script::debate()).await;
    let session_id = panel.convene(&WIRES).await.session_id;
    panel.finished(session_id).await;
    let caller = agent(&panel.desk).await;
    let asked = next(session_id, "And now?");
    let ack = panel
        .console
        .append_to_session(&caller, asked, Again::ByWords);
    ack.await.unwrap();
    panel.finished(session_id).await;
    let named = AppendToSession {
        moderator_name: Some("Scout".to_owned()),
        ..next(session_id, "And then?")
    };
    let ack = panel
        .console
        .append_to_session(&caller, named, Again::ByWords);
    ack.await.unwrap();
    panel.finished(session_id).await;
    let (_, text) = panel.console.session(&caller, session_id).await.unwrap();
    let second = text.split("## Round 2").nth(1).unwrap();
    assert!(
        second.trim_start().starts_with("Steered by key laptop."),
        "{second}"
    );
    assert!(text.contains("Steered by Scout · key laptop."), "{text}");

    // The operator is not called as somebody else was, who keeps their name.
    panel.append(session_id, "Is it?", Vec::new()).await;
    let own = panel.finished(session_id).await;
    assert_eq!((own.moderator_name, own.asked_by), (None, None));
    let ack =
        panel
            .console
            .append_to_session(&caller, next(session_id, "And now?"), Again::ByWords);
    ack.await.unwrap();
    let theirs = panel.finished(session_id).await;
    assert_eq!(theirs.moderator_name.as_deref(), Some("Scout"));
}

#[tokio::test]
async fn a_retry_that_is_asked_for_twice_is_made_once() {
    let broken = Behaviour::debating().fault(husting_test_support::Fault::Cut { after_tokens: 3 });
    let script = Script::debate().for_phase("alpha", Phase::Respond, broken);
    let panel = Panel::open(script).await;
    let made = key(&panel.desk, "laptop").await;
    let caller = holder(&panel.desk, &made, ContractDoor::Rest);
    let ack = panel
        .console
        .create_deliberation(&caller, question("Which?"), by_key("1"))
        .await
        .unwrap();
    panel.finished(ack.session_id).await;
    panel.houses.swap(Script::debate());
    let retry = || {
        panel
            .console
            .retry(&caller, ack.session_id, ack.round_id, by_key("again"))
    };
    let acks = join_all((0..8).map(|_| retry())).await;
    let acks: Vec<SessionAck> = acks.into_iter().map(Result::unwrap).collect();
    assert!(acks.iter().all(|one| *one == acks[0]));
    let round = panel.finished(ack.session_id).await;
    assert_eq!(round.status, RoundStatus::Complete);
    assert_eq!(retry().await.unwrap(), acks[0], "also once it is over");
    let calls = panel.houses.calls_of("alpha", Phase::Respond);
    assert_eq!(calls.len(), 2, "one that broke and one again");
}

#[tokio::test]
async fn a_retry_is_acknowledged_with_a_version_above_all_that_were_told() {
    let broken = Behaviour::debating().fault(husting_test_support::Fault::Cut { after_tokens: 3 });
    let script = Script::debate().for_phase("alpha", Phase::Respond, broken);
    let panel = Panel::open(script).await;
    let made = key(&panel.desk, "laptop").await;
    let caller = holder(&panel.desk, &made, ContractDoor::Rest);
    let ack = panel
        .console
        .create_deliberation(&caller, question("Which?"), by_key("1"))
        .await
        .unwrap();
    assert_eq!(ack.progress_version, 0, "nothing was told of it yet");
    panel.finished(ack.session_id).await;
    let progress = async || {
        let told = panel.console.progress(&caller, ack.session_id, None).await;
        told.unwrap().version
    };
    let told = progress().await;
    assert!(told > 0);
    let script = Script::debate().for_phase(
        "alpha",
        Phase::Respond,
        Behaviour::debating().gate("pause", GatePoint::BeforeResponse),
    );
    panel.houses.swap(script);
    let retry = || {
        panel
            .console
            .retry(&caller, ack.session_id, ack.round_id, by_key("again"))
    };
    let again = retry().await.unwrap();
    let at_work = progress().await;
    assert!(
        told < again.progress_version && again.progress_version <= at_work,
        "{told} {again:?} {at_work}"
    );
    // Nothing happens as long as the seat waits: it was the version of that moment.
    assert!(at_work <= again.progress_version + 2, "{again:?} {at_work}");
    panel.houses.release("pause");
    panel.finished(ack.session_id).await;
    assert!(progress().await > at_work);
    assert_eq!(retry().await.unwrap(), again, "as it was acknowledged");
}

#[tokio::test]
async fn trying_a_round_again_is_no_new_round_of_the_day() {
    let broken = Behaviour::debating().fault(husting_test_support::Fault::Cut { after_tokens: 3 });
    let script = Script::debate().for_phase("alpha", Phase::Respond, broken);
    let panel = Panel::open(script).await;
    let made = panel
        .ask::<MakeKey>(CreateKey {
            name: "laptop".to_owned(),
            daily_rounds: Some(2),
            tenant_id: None,
        })
        .await;
    let caller = holder(&panel.desk, &made, ContractDoor::Rest);
    let first = create(&panel.desk, &caller, "One?").await;
    panel.finished(first.session_id).await;
    for attempt in ["once", "twice", "thrice"] {
        panel
            .console
            .retry(&caller, first.session_id, first.round_id, by_key(attempt))
            .await
            .unwrap();
        panel.finished(first.session_id).await;
    }
    panel.houses.swap(Script::debate());
    let append = async |prompt: &str| {
        panel
            .console
            .append_to_session(&caller, next(first.session_id, prompt), by_key(prompt))
            .await
    };
    let second = append("Two?").await.unwrap();
    assert_eq!(second.round_index, 1, "the day's second round");
    panel.finished(first.session_id).await;
    // Of a day that is used up, too.
    assert_eq!(
        append("Three?").await.unwrap_err().code,
        ErrorCode::DailyLimitReached
    );
}

#[tokio::test]
async fn the_list_of_a_key_is_in_the_order_of_the_window() {
    let panel = Panel::open(Script::debate()).await;
    let caller = agent(&panel.desk).await;
    let mut opened = Vec::new();
    for prompt in ["One?", "Two?", "Three?"] {
        let session = create(&panel.desk, &caller, prompt).await.session_id;
        panel.finished(session).await;
        opened.push(session);
    }
    panel
        .append(opened[0], "And what would settle it?", Vec::new())
        .await;
    panel.finished(opened[0]).await;
    let listed = panel
        .console
        .sessions(&caller, ListSessions::default())
        .await;
    let listed = listed.unwrap().sessions.into_iter();
    let by_key: Vec<SessionId> = listed.map(|row| row.session_id).collect();
    let asked = husting_wire::sessions::ListSessions::default();
    let shown = panel
        .ask::<husting_wire::commands::FindSessions>(asked)
        .await;
    let shown = shown.sessions.into_iter();
    let shown: Vec<SessionId> = shown.map(|row| row.session_id).collect();
    assert_eq!(by_key, shown);
    assert_eq!(
        by_key,
        [opened[0], opened[2], opened[1]],
        "what changed last"
    );
}

#[tokio::test]
async fn a_tenant_that_pays_decides_about_its_consent() {
    let desk = Desk::open().await;
    for (tenant_id, tier, included) in [
        ("acme", Tier::Growth, false),
        ("free-acme", Tier::Free, true),
    ] {
        let asked = PutTenant {
            tenant_id: tenant_id.to_owned(),
            tier,
        };
        desk.ask::<KeepTenant>(asked).await;
        let asked = CreateKey {
            name: "script".to_owned(),
            daily_rounds: None,
            tenant_id: Some(tenant_id.to_owned()),
        };
        let made = desk.ask::<MakeKey>(asked).await;
        let caller = holder(&desk, &made, ContractDoor::Rest);
        let asked = CreateDeliberation {
            prompt: "Which?".to_owned(),
            improvement_consent: Some(false),
            ..CreateDeliberation::default()
        };
        let ack = desk
            .console
            .create_deliberation(&caller, asked, Again::ByWords)
            .await
            .unwrap();
        let is_told = ack.disclosure.is_some();
        assert_eq!(
            is_told, included,
            "{tenant_id} asked to be left out: {ack:?}"
        );
    }
}
