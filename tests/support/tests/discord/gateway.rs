//! The gateway, frame by frame.

use flate2::{Decompress, FlushDecompress};
use husting_test_support::discord::{FakeDiscord, Limit, World, intents};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Gateway, INTENTS, Scene};

#[tokio::test]
async fn a_session_begins_with_hello_ready_and_its_guilds() {
    let scene = Scene::new().await;
    let mut gateway = scene.gateway().await;
    gateway.send(scene.identify(INTENTS)).await;
    let ready = gateway.frame().await;
    assert_eq!((&ready["t"], &ready["s"]), (&json!("READY"), &json!(1)));
    let d = &ready["d"];
    assert_eq!(d["v"], 10);
    assert_eq!(d["user"]["id"], json!(scene.discord.bot()));
    assert_eq!(
        d["guilds"],
        json!([{"id": scene.guild, "unavailable": true}])
    );
    assert_eq!(d["application"]["flags"], 1 << 19);
    let resume_url = d["resume_gateway_url"].as_str().unwrap();
    assert!(resume_url.starts_with(&scene.discord.gateway_url()));
    let guild = gateway.frame().await;
    assert_eq!(
        (&guild["t"], &guild["s"]),
        (&json!("GUILD_CREATE"), &json!(2))
    );
    assert_eq!(guild["d"]["channels"][0]["id"], json!(scene.general));
    assert_eq!(guild["d"]["members"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_heartbeat_is_acknowledged_before_and_after_identify() {
    let scene = Scene::new().await;
    let mut gateway = scene.gateway().await;
    gateway.send(json!({"op": 1, "d": null})).await;
    assert_eq!(gateway.frame().await, json!({"op": 11}));
    let mut session = scene.session().await;
    session.heartbeat().await;
    assert_eq!(session.frame().await, json!({"op": 11}));
    assert_eq!(scene.discord.gateway().heartbeats, 2);
}

#[tokio::test]
async fn a_heartbeat_can_be_asked_for() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    scene.discord.ask_heartbeat();
    assert_eq!(session.frame().await, json!({"op": 1, "d": null}));
}

#[tokio::test]
async fn a_connection_without_heartbeats_is_closed_and_can_be_resumed() {
    let scene = Scene::set(|settings| {
        settings.heartbeat_interval_ms = 50;
        settings.heartbeat_grace_ms = 50;
    })
    .await;
    let mut session = scene.session().await;
    let (id, seq) = (session.session_id.clone(), session.seq);
    assert_eq!(session.closed().await, Some(4000));
    let mut again = scene.gateway().await;
    again.send(scene.resume(&id, seq)).await;
    assert_eq!(again.frame().await["t"], "RESUMED");
}

/// A frame that is wrong, and the close code for it.
#[rstest]
#[case::no_json("{", 4002)]
#[case::no_opcode("{\"d\": 1}", 4002)]
#[case::unknown_opcode("{\"op\": 5}", 4001)]
#[case::presence_first("{\"op\": 3, \"d\": {}}", 4003)]
#[case::heartbeat_of_text("{\"op\": 1, \"d\": \"x\"}", 4002)]
#[case::identify_of_nothing("{\"op\": 2, \"d\": {}}", 4002)]
#[case::resume_of_nothing("{\"op\": 6, \"d\": {}}", 4002)]
#[tokio::test]
async fn nonsense_is_closed(#[case] text: &str, #[case] code: u16) {
    let scene = Scene::new().await;
    let mut gateway = scene.gateway().await;
    gateway.say(text).await;
    assert_eq!(gateway.closed().await, Some(code));
}

#[tokio::test]
async fn a_frame_of_more_than_4096_bytes_is_closed() {
    let scene = Scene::new().await;
    let mut gateway = scene.gateway().await;
    gateway
        .send(json!({"op": 1, "d": null, "x": "x".repeat(4_096)}))
        .await;
    assert_eq!(gateway.closed().await, Some(4002));
}

/// What is changed in an IDENTIFY, and the close code for it.
#[rstest]
#[case::token("token", json!("wrong"), 4004)]
#[case::shard("shard", json!([1, 1]), 4010)]
#[case::shard_of_text("shard", json!("0"), 4010)]
#[case::intents_unknown("intents", json!(1_u64 << 40), 4013)]
#[case::intents_of_text("intents", json!("1"), 4013)]
#[case::intents_not_granted("intents", json!(intents::GUILD_MEMBERS), 4014)]
#[tokio::test]
async fn a_wrong_identify_is_closed(#[case] field: &str, #[case] value: Value, #[case] code: u16) {
    let scene = Scene::new().await;
    let mut gateway = scene.gateway().await;
    let mut identify = scene.identify(INTENTS);
    identify["d"][field] = value;
    gateway.send(identify).await;
    assert_eq!(gateway.closed().await, Some(code));
}

#[tokio::test]
async fn an_intent_that_was_switched_off_closes_with_4014_until_it_is_granted() {
    let scene = Scene::new().await;
    scene.discord.grant_intents(0);
    let mut gateway = scene.gateway().await;
    gateway.send(scene.identify(INTENTS)).await;
    assert_eq!(gateway.closed().await, Some(4014));
    scene.discord.grant_intents(intents::MESSAGE_CONTENT);
    scene.session().await;
}

#[tokio::test]
async fn too_many_guilds_for_one_shard_close_with_4011() {
    let mut world = World::new();
    world.settings().guilds_per_shard = 1;
    world.guild("One");
    world.guild("Two");
    let discord = FakeDiscord::start(world).await.unwrap();
    let mut gateway = Gateway::open(&discord.gateway_url(), "").await;
    let token = discord.token();
    let identify = json!({"op": 2, "d": {"token": token, "intents": 0, "properties": {}}});
    gateway.send(identify).await;
    assert_eq!(gateway.closed().await, Some(4011));
}

#[tokio::test]
async fn another_api_version_is_closed_and_another_encoding_is_refused() {
    let scene = Scene::new().await;
    let url = scene.discord.gateway_url();
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("{url}/?v=6&encoding=json"))
        .await
        .unwrap();
    let closed = futures::StreamExt::next(&mut socket)
        .await
        .unwrap()
        .unwrap();
    assert!(
        closed.to_string().contains("Invalid API version"),
        "{closed}"
    );
    for query in [
        "v=10&encoding=etf",
        "v=10&encoding=json&compress=zstd-stream",
    ] {
        let refused = tokio_tungstenite::connect_async(format!("{url}/?{query}")).await;
        assert!(refused.unwrap_err().to_string().contains("400"), "{query}");
    }
}

#[tokio::test]
async fn a_second_identify_is_closed() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    session.send(scene.identify(INTENTS)).await;
    assert_eq!(session.closed().await, Some(4005));
}

#[tokio::test]
async fn missed_events_are_replayed_in_order_and_end_with_resumed() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    let (id, seq, url) = (
        session.session_id.clone(),
        session.seq,
        session.resume_url.clone(),
    );
    scene.discord.drop_connections();
    assert_eq!(session.closed().await, None);
    for text in ["one", "two"] {
        scene.discord.say(scene.alice, scene.general, text).unwrap();
    }
    let mut again = Gateway::open(&url, "").await;
    assert_eq!(again.frame().await["op"], 10);
    again.send(scene.resume(&id, seq)).await;
    let frames = [
        again.frame().await,
        again.frame().await,
        again.frame().await,
    ];
    let seen: Vec<_> = frames
        .iter()
        .map(|frame| (frame["s"].as_u64().unwrap(), frame["d"]["content"].as_str()))
        .collect();
    assert_eq!(seen, [(3, Some("one")), (4, Some("two")), (5, None)]);
    assert_eq!(frames[2]["t"], "RESUMED");
    let tally = scene.discord.gateway();
    assert_eq!(
        (tally.identified, tally.resumed, tally.resumed_by_url),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn a_session_closed_with_1000_is_over_and_one_closed_otherwise_is_not() {
    let scene = Scene::new().await;
    for (code, resumes) in [(1000, false), (4900, true)] {
        let session = scene.session().await;
        let (id, seq) = (session.session_id.clone(), session.seq);
        session.close(code).await;
        scene
            .discord
            .until(|view| (view.gateway().open == 0).then_some(()))
            .await;
        let mut again = scene.gateway().await;
        again.send(scene.resume(&id, seq)).await;
        let answer = again.frame().await;
        if resumes {
            assert_eq!(answer["t"], "RESUMED");
        } else {
            assert_eq!(answer, json!({"op": 9, "d": false}));
        }
        again.close(1000).await;
    }
}

#[tokio::test]
async fn a_session_that_was_left_for_minutes_is_gone() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    scene.discord.drop_connections();
    session.closed().await;
    scene.discord.expire_sessions();
    let mut again = scene.gateway().await;
    again
        .send(scene.resume(&session.session_id, session.seq))
        .await;
    assert_eq!(again.frame().await, json!({"op": 9, "d": false}));
}

#[tokio::test]
async fn a_seq_that_never_was_closes_with_4007_and_ends_the_session() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let mut again = scene.gateway().await;
    again
        .send(scene.resume(&session.session_id, session.seq + 1))
        .await;
    assert_eq!(again.closed().await, Some(4007));
    let mut last = scene.gateway().await;
    last.send(scene.resume(&session.session_id, session.seq))
        .await;
    assert_eq!(last.frame().await, json!({"op": 9, "d": false}));
}

#[tokio::test]
async fn a_wrong_token_cannot_resume() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene.discord.reset_token("another-token");
    let mut again = scene.gateway().await;
    let mut resume = scene.resume(&session.session_id, session.seq);
    resume["d"]["token"] = json!("old");
    again.send(resume).await;
    assert_eq!(again.closed().await, Some(4004));
}

#[tokio::test]
async fn op_7_and_op_9_are_sent_to_a_living_session() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    scene.discord.reconnect();
    assert_eq!(session.frame().await, json!({"op": 7, "d": null}));
    scene.discord.invalidate(true);
    assert_eq!(session.frame().await, json!({"op": 9, "d": true}));
    let mut again = scene.gateway().await;
    again
        .send(scene.resume(&session.session_id, session.seq))
        .await;
    assert_eq!(again.frame().await["t"], "RESUMED");
    scene.discord.invalidate(false);
    assert_eq!(again.frame().await, json!({"op": 9, "d": false}));
    let mut last = scene.gateway().await;
    last.send(scene.resume(&session.session_id, session.seq))
        .await;
    assert_eq!(last.frame().await, json!({"op": 9, "d": false}));
}

#[rstest]
#[case(4000)]
#[case(4008)]
#[case(4009)]
#[tokio::test]
async fn every_connection_can_be_closed_with_a_code(#[case] code: u16) {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    scene.discord.close_connections(code);
    assert_eq!(session.closed().await, Some(code));
}

#[tokio::test]
async fn more_frames_than_the_limit_are_closed_with_4008() {
    let scene = Scene::set(|settings| settings.gateway = Limit::new(5, 60_000)).await;
    let mut session = scene.session().await; // one frame
    for _ in 0..5 {
        session.heartbeat().await;
    }
    assert_eq!(session.closed().await, Some(4008));
}

#[tokio::test]
async fn identifying_too_often_gives_op_9_and_spends_no_start() {
    let scene = Scene::set(|settings| settings.identifies = Limit::new(1, 60_000)).await;
    scene.session().await;
    let mut second = scene.gateway().await;
    second.send(scene.identify(INTENTS)).await;
    assert_eq!(second.frame().await, json!({"op": 9, "d": false}));
    let limit = &scene.get("/gateway/bot").await.body["session_start_limit"];
    assert_eq!(
        (&limit["total"], &limit["remaining"]),
        (&json!(1_000), &json!(999))
    );
    assert_eq!(limit["max_concurrency"], 1);
    assert!(limit["reset_after"].as_u64().unwrap() > 86_000_000);
}

#[tokio::test]
async fn spent_session_starts_end_every_session_and_the_token() {
    let scene = Scene::set(|settings| settings.session_starts = Limit::new(1, 60_000)).await;
    let mut first = scene.session().await;
    let mut second = scene.gateway().await;
    second.send(scene.identify(INTENTS)).await;
    assert_eq!(second.closed().await, Some(4004));
    assert_eq!(first.closed().await, Some(4004));
}

#[tokio::test]
async fn zlib_stream_is_one_context_over_all_messages() {
    let scene = Scene::new().await;
    let url = scene.discord.gateway_url();
    let mut gateway = Gateway::open(&url, "&compress=zlib-stream").await;
    let mut inflate = Decompress::new(true);
    let mut read = |bytes: Vec<u8>| -> Value {
        let mut plain = Vec::with_capacity(1 << 20);
        inflate
            .decompress_vec(&bytes, &mut plain, FlushDecompress::Sync)
            .unwrap();
        serde_json::from_slice(&plain).unwrap()
    };
    assert_eq!(read(gateway.binary().await)["op"], 10);
    gateway.send(scene.identify(INTENTS)).await;
    assert_eq!(read(gateway.binary().await)["t"], "READY");
    assert_eq!(read(gateway.binary().await)["t"], "GUILD_CREATE");
}

#[tokio::test]
async fn an_invalidated_session_may_not_speak_but_begin_again() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    scene.discord.invalidate(false);
    assert_eq!(session.frame().await, json!({"op": 9, "d": false}));
    session.send(scene.identify(INTENTS)).await;
    session.event("READY").await;
    scene.discord.invalidate(false);
    session.send(json!({"op": 3, "d": {}})).await;
    assert_eq!(session.closed().await, Some(4003));
}

#[tokio::test]
async fn only_heartbeats_keep_a_connection_open() {
    let scene = Scene::set(|settings| {
        settings.heartbeat_interval_ms = 200;
        settings.heartbeat_grace_ms = 0;
    })
    .await;
    let mut session = scene.session().await;
    for _ in 0..3 {
        session.send(json!({"op": 3, "d": {}})).await;
    }
    assert_eq!(session.closed().await, Some(4000));
}
