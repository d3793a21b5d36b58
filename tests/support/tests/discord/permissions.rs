//! Permissions as they add up, and what the bot learns of itself.

use husting_test_support::discord::{Overwrite, bits};
use serde_json::json;

use crate::client::Scene;

fn of_member(scene: &Scene, allow: u64, deny: u64) -> Overwrite {
    let (id, member) = (scene.discord.bot(), true);
    Overwrite {
        id,
        member,
        allow,
        deny,
    }
}

#[tokio::test]
async fn without_the_view_it_is_50001_and_without_the_right_50013() {
    let scene = Scene::new().await;
    let body = json!({"content": "x"});
    scene
        .discord
        .overwrite(scene.general, of_member(&scene, 0, bits::SEND_MESSAGES));
    assert_eq!(scene.speak(body.clone()).await.refusal(), (403, 50013));
    let path = format!("/channels/{}", scene.general);
    assert_eq!(scene.get(&path).await.status, 200);
    scene
        .discord
        .overwrite(scene.general, of_member(&scene, 0, bits::VIEW_CHANNEL));
    assert_eq!(scene.speak(body.clone()).await.refusal(), (403, 50001));
    assert_eq!(scene.get(&path).await.refusal(), (403, 50001));
    scene
        .discord
        .overwrite(scene.general, of_member(&scene, 0, 0));
    assert_eq!(scene.speak(body).await.status, 200);
}

#[tokio::test]
async fn a_members_overwrite_wins_over_a_roles_and_a_roles_over_everyones() {
    let mut role = None;
    let scene = Scene::with(|world, (guild, general)| {
        let (everyone, bot) = (guild, world.bot());
        let given = world.role(guild, "helpers", 0, false);
        world.give_role(guild, bot, given);
        let overwrite = |id, allow, deny| Overwrite {
            id,
            member: false,
            allow,
            deny,
        };
        world.overwrite(general, overwrite(everyone, 0, bits::SEND_MESSAGES));
        role = Some(given);
    })
    .await;
    let (role, body) = (role.unwrap(), json!({"content": "x"}));
    assert_eq!(scene.speak(body.clone()).await.refusal(), (403, 50013));
    let allow = Overwrite {
        id: role,
        member: false,
        allow: bits::SEND_MESSAGES,
        deny: 0,
    };
    scene.discord.overwrite(scene.general, allow);
    assert_eq!(scene.speak(body.clone()).await.status, 200);
    scene
        .discord
        .overwrite(scene.general, of_member(&scene, 0, bits::SEND_MESSAGES));
    assert_eq!(scene.speak(body.clone()).await.refusal(), (403, 50013));
    // An administrator is above all overwrites.
    scene.discord.allow_bot(scene.guild, bits::ADMINISTRATOR);
    assert_eq!(scene.speak(body).await.status, 200);
}

#[tokio::test]
async fn the_bot_can_work_out_its_permissions_itself() {
    let scene = Scene::new().await;
    scene
        .discord
        .overwrite(scene.general, of_member(&scene, 0, bits::SEND_MESSAGES));
    let me = scene
        .get(&format!("/guilds/{}/members/@me", scene.guild))
        .await
        .body;
    assert_eq!(me["user"]["id"], json!(scene.discord.bot()));
    let guild = scene.get(&format!("/guilds/{}", scene.guild)).await.body;
    let own = guild["roles"]
        .as_array()
        .unwrap()
        .iter()
        .find(|role| role["id"] == me["roles"][0]);
    let permissions: u64 = own.unwrap()["permissions"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(permissions, husting_test_support::discord::INVITED_WITH);
    let channels = scene
        .get(&format!("/guilds/{}/channels", scene.guild))
        .await
        .body;
    let overwrite = &channels[0]["permission_overwrites"][0];
    assert_eq!(
        (&overwrite["type"], &overwrite["deny"]),
        (&json!(1), &json!("2048"))
    );
    let mine = scene.get("/users/@me/guilds").await.body;
    assert_eq!(mine[0]["permissions"], json!(permissions.to_string()));
}

#[tokio::test]
async fn the_application_tells_its_flags_and_its_endpoint() {
    let scene = Scene::new().await;
    let app = scene.get("/applications/@me").await.body;
    assert_eq!(
        (&app["flags"], &app["interactions_endpoint_url"]),
        (&json!(1 << 19), &json!(null))
    );
    scene.discord.grant_intents(0);
    scene
        .discord
        .interactions_endpoint(Some("https://example.invalid/hook"));
    let app = scene.get("/applications/@me").await.body;
    assert_eq!(app["flags"], 0);
    assert_eq!(
        app["interactions_endpoint_url"],
        "https://example.invalid/hook"
    );
}

#[tokio::test]
async fn a_reply_needs_the_history() {
    let scene = Scene::new().await;
    let asked = scene
        .discord
        .say(scene.alice, scene.general, "well?")
        .unwrap();
    scene.discord.overwrite(
        scene.general,
        of_member(&scene, 0, bits::READ_MESSAGE_HISTORY),
    );
    let body = json!({"content": "so", "message_reference": {"message_id": asked}});
    assert_eq!(scene.speak(body).await.refusal(), (400, 160002));
    let list = scene
        .get(&format!("/channels/{}/messages", scene.general))
        .await;
    assert_eq!((list.status.as_u16(), list.body), (200, json!([])));
}
