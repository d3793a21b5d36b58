//! The console's bridge, set up and looked after from the command line.

use husting_test_support::discord::{FakeDiscord, World};
use husting_tests::home::{Home, Ran, run};
use husting_tests::program::husting;
use husting_tests::search::holders;
use serde_json::{Value, json};

/// Runs a command beside a Discord, with what it reads from standard input.
async fn said(home: &Home, discord: &FakeDiscord, words: &[&str], input: Option<&str>) -> Ran {
    let mut command = home.command(husting());
    command
        .args([&["discord"], words].concat())
        .env("DISCORD_API_BASE", discord.api_base());
    run(command, input).await
}

#[tokio::test]
async fn a_bot_is_tested_and_channels_are_mapped_and_the_token_is_nowhere_to_be_read() {
    let mut world = World::new();
    let guild = world.guild("Workshop");
    let hq = world.channel(guild, "hq").to_string();
    let discord = FakeDiscord::start(world).await.unwrap();
    let home = Home::new();
    let status = said(&home, &discord, &["status"], None).await.done();
    assert!(status.stdout.contains("has no bot"), "{}", status.stdout);
    let none = said(&home, &discord, &["bot"], None).await;
    assert_ne!(none.code, 0);

    let token = discord.token();
    let words = ["bot", "--token-stdin", "--json"];
    let tested = said(&home, &discord, &words, Some(&token)).await.done();
    let tested: Value = tested.json();
    assert_eq!(tested["findings"][0]["verdict"], "well");
    assert_eq!(
        holders(&home.path(), &[("the bot's token", &token)]),
        Vec::<String>::new()
    );

    let servers = said(&home, &discord, &["servers"], None).await.done();
    assert!(
        servers.stdout.contains(&format!("{hq}  #hq")),
        "{}",
        servers.stdout
    );
    said(&home, &discord, &["map", &hq, "kasra"], None)
        .await
        .done();
    let stranger = ["map", &hq, "nobody", "--json"];
    let refused = said(&home, &discord, &stranger, None).await;
    assert_eq!(
        refused.error::<Value>()["error"]["details"]["field"],
        "routes"
    );
    let status = said(&home, &discord, &["status", "--json"], None)
        .await
        .done();
    let status: Value = status.json();
    assert_eq!(status["setup"]["routes"][0]["channel_id"], json!(hq));
    assert_eq!(status["setup"]["routes"][0]["agent"], "kasra");
    said(&home, &discord, &["unmap", &hq], None).await.done();

    let traffic = said(&home, &discord, &["traffic"], None).await.done();
    assert_eq!(traffic.stdout, "Nothing passed.\n");
    let unplaced = said(&home, &discord, &["unplaced"], None).await.done();
    assert_eq!(unplaced.stdout, "Every reply has its place.\n");
    let nothing = ["where", "4711", "--json"];
    let nothing = said(&home, &discord, &nothing, None).await;
    assert_eq!(nothing.error::<Value>()["error"]["code"], "not_found");
    let id = "0199d1f0-0000-7000-8000-000000000000";
    let nothing = said(&home, &discord, &["retry", id, "--json"], None).await;
    let refused = &nothing.error::<Value>()["error"];
    assert_eq!(refused["code"], "not_found");
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("Nothing rests")
    );

    // No Husting runs here that could carry a bridge.
    let begun = said(&home, &discord, &["start"], None).await.done();
    assert!(begun.stdout.starts_with("It begins"), "{}", begun.stdout);
    let ended = said(&home, &discord, &["stop"], None).await.done();
    assert_eq!(ended.stdout, "It ends now.\n");
}

#[tokio::test]
async fn no_other_server_than_one_on_this_machine_is_asked_in_discords_place() {
    let home = Home::new();
    let mut command = home.command(husting());
    command
        .args(["discord", "status"])
        .env("DISCORD_API_BASE", "https://discord.example/api/v10");
    let refused = run(command, None).await;
    assert_ne!(refused.code, 0);
    assert!(
        refused.stderr.contains("DISCORD_API_BASE"),
        "{}",
        refused.stderr
    );
}
