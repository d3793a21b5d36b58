//! Slash commands: registered, and typed by people.

use husting_test_support::discord::Cannot;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::Scene;

fn ask() -> Value {
    json!({"name": "ask", "description": "Ask an agent", "options": [
        {"type": 3, "name": "agent", "description": "Whom", "required": true},
        {"type": 3, "name": "text", "description": "What"},
    ]})
}

async fn register(scene: &Scene, commands: Value) -> crate::client::Reply {
    let path = format!("/applications/{}/commands", scene.discord.bot());
    scene.put(&path, Some(commands)).await
}

#[tokio::test]
async fn the_whole_list_is_overwritten() {
    let scene = Scene::new().await;
    let first = register(
        &scene,
        json!([ask(), {"name": "where", "description": "?"}]),
    )
    .await;
    assert_eq!(first.body.as_array().unwrap().len(), 2, "{first:?}");
    let second = register(&scene, json!([ask()])).await;
    assert_eq!(second.body[0]["id"], first.body[0]["id"]);
    assert_eq!(second.body[0]["type"], 1);
    assert_eq!(scene.discord.look(|view| view.commands()), ["ask"]);
    let id = second.body[0]["id"].as_str().unwrap();
    let path = format!("/applications/{}/commands/{id}", scene.discord.bot());
    assert_eq!(scene.get(&path).await.body, second.body[0]);
    assert_eq!(register(&scene, json!([])).await.body, json!([]));
    assert_eq!(scene.get(&path).await.refusal(), (404, 10063));
}

#[rstest]
#[case::upper_case(json!({"name": "Ask", "description": "x"}), "/0/name")]
#[case::long(json!({"name": "a".repeat(33), "description": "x"}), "/0/name")]
#[case::silent(json!({"name": "ask"}), "/0/description")]
#[case::order(json!({"name": "a", "description": "x", "options": [
    {"type": 3, "name": "b", "description": "x"},
    {"type": 3, "name": "c", "description": "x", "required": true},
]}), "/0/options/1/required")]
#[tokio::test]
async fn a_wrong_command_is_refused(#[case] command: Value, #[case] path: &str) {
    let scene = Scene::new().await;
    let reply = register(&scene, json!([command])).await;
    assert_eq!(reply.refusal(), (400, 50035));
    let errors = reply.body["errors"].pointer(&format!("{path}/_errors"));
    assert!(errors.is_some(), "{reply:?}");
}

#[tokio::test]
async fn a_command_of_one_guild_is_typed_there_and_needs_the_scope() {
    let scene = Scene::with(|world, (guild, _)| world.without_commands_scope(guild)).await;
    let path = format!(
        "/applications/{}/guilds/{}/commands",
        scene.discord.bot(),
        scene.guild
    );
    assert_eq!(
        scene.put(&path, Some(json!([ask()]))).await.refusal(),
        (403, 50001)
    );
    let scene = Scene::new().await;
    let path = format!(
        "/applications/{}/guilds/{}/commands",
        scene.discord.bot(),
        scene.guild
    );
    let kept = scene.put(&path, Some(json!([ask()]))).await;
    assert_eq!(kept.body[0]["guild_id"], json!(scene.guild));
    let options = json!({"agent": "kasra"});
    scene
        .discord
        .command(scene.alice, scene.general, "ask", &options)
        .unwrap();
    let other = scene.put("/applications/1/commands", Some(json!([]))).await;
    assert_eq!(other.refusal(), (403, 20012));
}

#[tokio::test]
async fn a_typed_command_reaches_the_app_with_its_options() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    register(&scene, json!([ask()])).await;
    let (discord, alice, general) = (&scene.discord, scene.alice, scene.general);
    let options = json!({"agent": "kasra", "text": "well?"});
    let id = discord.command(alice, general, "ask", &options).unwrap();
    let d = session.event("INTERACTION_CREATE").await["d"].clone();
    assert_eq!(
        (&d["id"], &d["type"], &d["version"]),
        (&json!(id), &json!(2), &json!(1))
    );
    assert_eq!(d["data"]["name"], "ask");
    let option = json!({"name": "agent", "type": 3, "value": "kasra"});
    assert_eq!(d["data"]["options"][0], option);
    assert_eq!(d["member"]["user"]["id"], json!(alice));
    assert_eq!(
        (&d["guild_id"], &d["channel_id"]),
        (&json!(scene.guild), &json!(general))
    );
    let unknown = discord.command(alice, general, "nothing", &json!({}));
    assert_eq!(unknown, Err(Cannot::NoCommand("nothing".into())));
    let missing = discord.command(alice, general, "ask", &json!({}));
    assert_eq!(missing, Err(Cannot::WrongOption("agent".into())));
}

#[tokio::test]
async fn an_endpoint_url_takes_the_commands_away() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    register(&scene, json!([{"name": "where", "description": "?"}])).await;
    scene
        .discord
        .interactions_endpoint(Some("https://example.invalid"));
    scene
        .discord
        .command(scene.alice, scene.general, "where", &json!({}))
        .unwrap();
    assert!(session.events_so_far().await.is_empty());
}

#[tokio::test]
async fn what_is_typed_in_an_option_on_the_page_has_the_bots_offers_there() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    let mut completed = ask();
    completed["options"][0]["autocomplete"] = true.into();
    register(&scene, json!([completed])).await;
    let (client, origin) = (reqwest::Client::new(), scene.discord.origin());
    let mut newest = Value::Null;
    for typed in ["k", "ka"] {
        let typing = json!({
            "do": "type", "person": scene.alice, "channel": scene.general, "name": "ask", "option": "agent",
            "typed": typed,
        });
        let sent = client.post(format!("{origin}/__act")).json(&typing).send();
        let id: Value = sent.await.unwrap().json().await.unwrap();
        let d = session.event("INTERACTION_CREATE").await["d"].clone();
        assert_eq!((&d["id"], &d["type"]), (&id, &json!(4)));
        let [id, token] = [&d["id"], &d["token"]].map(|text| text.as_str().unwrap());
        let choices = json!([{"name": "kasra", "value": typed}]);
        newest = json!({"id": id, "choices": choices});
        let offered = json!({"type": 8, "data": {"choices": choices}});
        scene
            .post(&format!("/interactions/{id}/{token}/callback"), offered)
            .await;
    }
    let world = client.get(format!("{origin}/__world")).send();
    let world: Value = world.await.unwrap().json().await.unwrap();
    assert_eq!(world["offers"], json!([newest]));
}
