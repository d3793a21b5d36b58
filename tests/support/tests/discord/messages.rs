//! Messages and reactions over HTTP.

use husting_test_support::discord::{Author, bits as permissions};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{AGENT, Reply, Scene};

#[tokio::test]
async fn a_message_is_posted_told_and_listed() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    let reply = scene
        .speak(json!({"content": "hello", "nonce": "n1", "unknown_field": 1}))
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["author"]["id"], json!(scene.discord.bot()));
    assert_eq!(
        (&reply.body["type"], &reply.body["flags"]),
        (&json!(0), &json!(0))
    );
    let event = session.event("MESSAGE_CREATE").await;
    assert_eq!(event["d"]["id"], reply.body["id"]);
    assert_eq!(event["d"]["nonce"], "n1");
    let path = format!("/channels/{}/messages/{}", scene.general, reply.id());
    assert_eq!(scene.get(&path).await.body["content"], "hello");
    let request = &scene.discord.requests()[0];
    assert_eq!(request.route, "POST /channels/{channel.id}/messages");
    assert_eq!(
        (request.status, &request.body["content"]),
        (200, &json!("hello"))
    );
    assert!(!format!("{request:?}").contains(&scene.discord.token()));
}

/// What is wrong, where the error stands, and its code.
#[rstest]
#[case::too_long(json!({"content": "x".repeat(2_001)}), "/content", "BASE_TYPE_MAX_LENGTH")]
#[case::number(json!({"content": 5}), "/content", "STRING_TYPE_CONVERT")]
#[case::flags(json!({"content": "x", "flags": "4"}), "/flags", "NUMBER_TYPE_COERCE")]
#[case::tts(json!({"content": "x", "tts": "yes"}), "/tts", "BOOLEAN_TYPE_CONVERT")]
#[case::nonce(json!({"content": "x", "nonce": "n".repeat(26)}), "/nonce", "BASE_TYPE_MAX_LENGTH")]
#[case::embed(json!({"embeds": [{"title": "t".repeat(257)}]}), "/embeds/0/title", "BASE_TYPE_MAX_LENGTH")]
#[case::mentions(json!({"content": "x", "allowed_mentions": {"parse": ["all"]}}), "/allowed_mentions/parse/0", "BASE_TYPE_CHOICES")]
#[case::both(json!({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}), "/allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE")]
#[case::reference(json!({"content": "x", "message_reference": {"message_id": "1"}}), "/message_reference/message_id", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")]
#[case::button(json!({"components": [{"type": 1, "components": [{"type": 2, "style": 1}]}]}), "/components/0/components/0/custom_id", "BASE_TYPE_REQUIRED")]
#[case::row(json!({"components": [{"type": 2, "style": 1, "custom_id": "a"}]}), "/components/0/type", "BASE_TYPE_CHOICES")]
#[tokio::test]
async fn a_wrong_field_is_refused_with_its_path(
    #[case] body: Value,
    #[case] path: &str,
    #[case] code: &str,
) {
    let scene = Scene::new().await;
    scene
        .discord
        .allow_bot(scene.guild, permissions::ADMINISTRATOR);
    let reply = scene.speak(body).await;
    assert_eq!(reply.refusal(), (400, 50035), "{reply:?}");
    assert_eq!(reply.body["message"], "Invalid Form Body");
    let error = reply.body["errors"].pointer(&format!("{path}/_errors/0/code"));
    assert_eq!(error, Some(&json!(code)), "{reply:?}");
    assert!(scene.discord.messages(scene.general).is_empty());
}

#[tokio::test]
async fn two_thousand_characters_are_counted_as_characters() {
    let scene = Scene::new().await;
    assert_eq!(
        scene
            .speak(json!({"content": "🪴".repeat(2_000)}))
            .await
            .status,
        200
    );
    assert_eq!(
        scene
            .speak(json!({"content": "🪴".repeat(2_001)}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn nothing_is_not_a_message() {
    let scene = Scene::new().await;
    for body in [
        json!({}),
        json!({"content": ""}),
        json!({"content": " \n"}),
        json!({"content": null}),
    ] {
        assert_eq!(scene.speak(body).await.refusal(), (400, 50006));
    }
}

#[tokio::test]
async fn what_is_no_json_and_what_has_no_type_is_refused() {
    let scene = Scene::new().await;
    let path = format!("/channels/{}/messages", scene.general);
    let broken = scene
        .request(Method::POST, &path)
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(Reply::of(broken).await.refusal(), (400, 50109));
    let untyped = scene.request(Method::POST, &path).body("{}");
    assert_eq!(Reply::of(untyped).await.refusal(), (400, 50035));
}

#[tokio::test]
async fn who_asks_must_have_the_token_and_an_agent_of_the_right_form() {
    let scene = Scene::new().await;
    let url = format!("{}/users/@me", scene.discord.api_base());
    let anonymous = reqwest::Client::new().get(&url).header("user-agent", AGENT);
    let reply = Reply::of(anonymous).await;
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.body,
        json!({"message": "401: Unauthorized", "code": 0})
    );
    let token = format!("Bot {}", scene.discord.token());
    let strange = reqwest::Client::new()
        .get(&url)
        .header("authorization", token);
    assert_eq!(Reply::of(strange).await.refusal(), (403, 40333));
}

#[tokio::test]
async fn unknown_things_have_their_codes() {
    let scene = Scene::new().await;
    let general = scene.general;
    let codes = [
        ("/channels/1".to_owned(), (404, 10003)),
        ("/guilds/1".to_owned(), (404, 10004)),
        (format!("/channels/{general}/messages/1"), (404, 10008)),
        ("/users/1".to_owned(), (404, 10013)),
        ("/webhooks/1".to_owned(), (404, 10015)),
        (format!("/guilds/{}/members/1", scene.guild), (404, 10007)),
        ("/channels/general".to_owned(), (400, 50035)),
        ("/nowhere".to_owned(), (404, 0)),
    ];
    for (path, expected) in codes {
        assert_eq!(scene.get(&path).await.refusal(), expected, "{path}");
    }
    assert_eq!(scene.put("/users/@me", None).await.status, 405);
}

#[tokio::test]
async fn pings_leave_only_as_allowed() {
    let scene = Scene::with(|world, (guild, _)| {
        world.allow_bot(guild, permissions::ADMINISTRATOR);
    })
    .await;
    let (alice, bob) = (scene.alice, scene.bob);
    let content = format!("@everyone <@{alice}> <@!{bob}> <@&{}>", scene.guild);
    let cases = [
        (Value::Null, true, vec![alice, bob]),
        (json!({"parse": []}), false, vec![]),
        (json!({"parse": ["users"]}), false, vec![alice, bob]),
        (
            json!({"parse": ["everyone"], "users": [bob, "5"]}),
            true,
            vec![bob],
        ),
    ];
    for (allowed, everyone, users) in cases {
        let body = json!({"content": content, "allowed_mentions": allowed});
        let reply = scene.speak(body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let pings = scene
            .discord
            .requests()
            .last()
            .unwrap()
            .pings
            .clone()
            .unwrap();
        assert_eq!(
            (pings.everyone, pings.users),
            (everyone, users.clone()),
            "{allowed}"
        );
        assert_eq!(reply.body["mention_everyone"], everyone);
        assert_eq!(
            reply.body["mentions"].as_array().unwrap().len(),
            users.len()
        );
    }
}

#[tokio::test]
async fn everyone_is_not_pinged_by_a_bot_that_may_not() {
    let scene = Scene::new().await;
    scene.speak(json!({"content": "@everyone @here"})).await;
    assert!(scene.discord.messages(scene.general)[0].pings.is_empty());
}

#[tokio::test]
async fn a_reply_points_at_its_message_and_pings_only_when_told() {
    let scene = Scene::new().await;
    let asked = scene
        .discord
        .say(scene.alice, scene.general, "well?")
        .unwrap();
    for replied_user in [false, true] {
        let reply = scene
            .speak(json!({
                "content": "so",
                "message_reference": {"message_id": asked},
                "allowed_mentions": {"parse": [], "replied_user": replied_user},
            }))
            .await;
        assert_eq!(reply.body["type"], 19);
        assert_eq!(reply.body["message_reference"]["message_id"], json!(asked));
        assert_eq!(reply.body["referenced_message"]["content"], "well?");
        let pinged = scene
            .discord
            .messages(scene.general)
            .pop()
            .unwrap()
            .pings
            .replied_user;
        assert_eq!(pinged, replied_user.then_some(scene.alice));
    }
    scene
        .discord
        .delete(scene.alice, scene.general, asked)
        .unwrap();
    let reference = json!({"message_id": asked, "fail_if_not_exists": false});
    let orphan = scene
        .speak(json!({"content": "so", "message_reference": reference}))
        .await;
    assert_eq!(
        (orphan.status.as_u16(), &orphan.body["type"]),
        (200, &json!(0))
    );
}

#[tokio::test]
async fn an_enforced_nonce_posts_once() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    let body = json!({"content": "x", "nonce": "abc", "enforce_nonce": true});
    let first = scene.speak(body.clone()).await.id();
    assert_eq!(scene.speak(body).await.id(), first);
    assert_ne!(
        scene
            .speak(json!({"content": "x", "nonce": "abc"}))
            .await
            .id(),
        first
    );
    assert_eq!(session.events_so_far().await.len(), 2);
}

#[tokio::test]
async fn a_nonce_is_forgotten_after_a_while() {
    let scene = Scene::set(|settings| settings.nonce_window_ms = 0).await;
    let body = json!({"content": "x", "nonce": 7, "enforce_nonce": true});
    let first = scene.speak(body.clone()).await;
    assert_eq!(first.body["nonce"], 7);
    assert_ne!(scene.speak(body).await.id(), first.id());
}

#[tokio::test]
async fn own_messages_are_edited_and_deleted_and_others_are_not() {
    let scene = Scene::new().await;
    let own = scene.speak(json!({"content": "one"})).await.id();
    let others = scene
        .discord
        .say(scene.alice, scene.general, "mine")
        .unwrap();
    let path = |id| format!("/channels/{}/messages/{id}", scene.general);
    let edited = scene.patch(&path(own), json!({"content": "two"})).await;
    assert_eq!(edited.body["content"], "two");
    assert!(edited.body["edited_timestamp"].is_string());
    assert_eq!(
        scene
            .patch(&path(own), json!({"content": ""}))
            .await
            .refusal(),
        (400, 50006)
    );
    assert_eq!(
        scene
            .patch(&path(others), json!({"content": "x"}))
            .await
            .refusal(),
        (403, 50005)
    );
    assert_eq!(scene.delete(&path(others)).await.refusal(), (403, 50013));
    assert_eq!(scene.delete(&path(own)).await.status, 204);
    assert_eq!(scene.delete(&path(own)).await.refusal(), (404, 10008));
}

#[tokio::test]
async fn pages_of_messages_are_cut_before_after_and_around() {
    let scene = Scene::new().await;
    let ids: Vec<_> = (0..6)
        .map(|n| {
            scene
                .discord
                .say(scene.alice, scene.general, &n.to_string())
                .unwrap()
        })
        .collect();
    let pages = [
        (String::new(), "543210"),
        ("?limit=2".to_owned(), "54"),
        (format!("?before={}&limit=2", ids[3]), "21"),
        (format!("?after={}&limit=2", ids[2]), "43"),
        (format!("?around={}&limit=3", ids[3]), "432"),
    ];
    for (query, expected) in pages {
        let path = format!("/channels/{}/messages{query}", scene.general);
        let page = scene.get(&path).await.body;
        let page = page.as_array().unwrap().iter();
        let texts: String = page
            .map(|message| message["content"].as_str().unwrap())
            .collect();
        assert_eq!(texts, expected, "{query}");
    }
    for query in ["?limit=101", "?limit=0", "?before=1&after=2"] {
        let path = format!("/channels/{}/messages{query}", scene.general);
        assert_eq!(scene.get(&path).await.refusal(), (400, 50035), "{query}");
    }
}

#[tokio::test]
async fn without_the_granted_intent_lists_are_without_content() {
    let scene = Scene::new().await;
    scene
        .discord
        .say(scene.alice, scene.general, "words")
        .unwrap();
    scene.discord.grant_intents(0);
    let path = format!("/channels/{}/messages", scene.general);
    assert_eq!(scene.get(&path).await.body[0]["content"], "");
}

#[tokio::test]
async fn a_reaction_is_put_and_taken() {
    let scene = Scene::new().await;
    let id = scene.discord.say(scene.alice, scene.general, "hm").unwrap();
    let path = |emoji| {
        format!(
            "/channels/{}/messages/{id}/reactions/{emoji}/@me",
            scene.general
        )
    };
    let eyes = path("%F0%9F%91%80");
    assert_eq!(scene.put(&eyes, None).await.refusal(), (403, 50013));
    scene
        .discord
        .allow_bot(scene.guild, husting_test_support::discord::PEOPLES);
    assert_eq!(scene.put(&eyes, None).await.status, 204);
    let reactions = &scene.discord.messages(scene.general)[0].reactions;
    assert_eq!(
        (reactions[0].emoji.as_str(), &reactions[0].users),
        ("👀", &vec![scene.discord.bot()])
    );
    assert_eq!(scene.put(&path("eyes"), None).await.refusal(), (400, 10014));
    assert_eq!(scene.delete(&eyes).await.status, 204);
    assert!(
        scene.discord.messages(scene.general)[0]
            .reactions
            .is_empty()
    );
}

#[tokio::test]
async fn a_direct_message_is_opened_once_and_can_be_refused() {
    let mut hermit = None;
    let scene = Scene::with(|world, _| {
        let person = world.person("hermit");
        world.refuse_dms(person);
        hermit = Some(person);
    })
    .await;
    let open = |person| json!({"recipient_id": person});
    let channel = scene
        .post("/users/@me/channels", open(scene.alice))
        .await
        .id();
    assert_eq!(
        scene
            .post("/users/@me/channels", open(scene.alice))
            .await
            .id(),
        channel
    );
    let said = scene
        .post(
            &format!("/channels/{channel}/messages"),
            json!({"content": "hi"}),
        )
        .await;
    assert_eq!(said.status, 200);
    let message = &scene.discord.messages(channel)[0];
    assert_eq!(message.author, Author::User(scene.discord.bot()));
    let closed = scene
        .post("/users/@me/channels", open(hermit.unwrap()))
        .await
        .id();
    let refused = scene
        .post(
            &format!("/channels/{closed}/messages"),
            json!({"content": "hi"}),
        )
        .await;
    assert_eq!(refused.refusal(), (403, 50007));
    let nobody = scene
        .post("/users/@me/channels", json!({"recipient_id": "1"}))
        .await;
    assert_eq!(nobody.refusal(), (400, 50033));
}
