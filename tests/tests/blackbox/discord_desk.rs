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

    let invite = said(&home, &discord, &["invite"], None).await.with(4);
    assert!(
        invite.stderr.contains("plays Discord here"),
        "{}",
        invite.stderr
    );
    assert_eq!(invite.stdout, "", "discord.com knows nothing of it");

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
    let without = "is on, but Husting does not run: husting serve, or open the window\n";
    for words in ["start", "status"] {
        let told = said(&home, &discord, &[words], None).await.done().stdout;
        assert!(told.starts_with(&format!("The bridge {without}")), "{told}");
    }
    let held = said(&home, &discord, &["pause"], None).await.done().stdout;
    assert!(held.starts_with("Whenever it runs it is held."), "{held}");
    assert!(held.ends_with(without), "{held}");
    let on = said(&home, &discord, &["resume"], None).await.done().stdout;
    assert!(on.starts_with("It is held no more."), "{on}");
    for told in [
        "It is switched off.\n",
        "It is off already: husting discord start lets it run.\n",
    ] {
        let ended = said(&home, &discord, &["stop"], None).await.done();
        assert_eq!(ended.stdout, told);
    }
}

#[tokio::test]
async fn how_the_bridge_speaks_is_changed_and_the_bot_is_invited_with_what_that_needs() {
    let home = Home::new();
    let unknown = home.run(&["discord", "invite"]).await.with(4).stderr;
    assert!(
        unknown.contains("husting discord set --application"),
        "{unknown}"
    );
    let application = "123456789012345678";
    let words = [
        "discord",
        "set",
        "--application",
        application,
        "--marks",
        "off",
        "--own-names",
        "on",
    ];
    let told = home.run(&words).await.done().stdout;
    for words in ["Marks: off.\n", "own name", "husting discord invite"] {
        assert!(told.contains(words), "{words} in {told}");
    }
    home.run(&["discord", "set", "--panels", "0"]).await.done();
    let setup = home.ask(&["discord", "status"]).await["setup"].clone();
    assert_eq!(
        (
            &setup["marks"],
            &setup["own_names"],
            &setup["panels_per_day"]
        ),
        (&json!("off"), &json!(true), &json!(0))
    );
    assert_eq!(setup["application_id"], application);

    let needed = 1_u64 << 10 | 1 << 11 | 1 << 16 | 1 << 38;
    let [files, webhooks, reactions] = [1 << 15, 1 << 29, 1 << 6];
    for (words, permissions) in [
        (&[][..], needed | files | webhooks),
        (&["--with", "none"], needed),
        (&["--with", "reactions,files"], needed | reactions | files),
    ] {
        let address = home.run(&[&["discord", "invite"], words].concat()).await;
        assert_eq!(
            address.done().stdout,
            format!(
                "https://discord.com/oauth2/authorize?client_id={application}\
                 &scope=bot+applications.commands&permissions={permissions}\n"
            )
        );
    }
}

#[tokio::test]
async fn the_set_up_is_printed_as_the_settings_of_a_bridge_that_runs_alone() {
    let home = Home::new();
    let mapped = home
        .run(&["discord", "map", "123456789012345678", "kasra"])
        .await
        .done()
        .stdout;
    let unasked = "Discord has not said whether the bot may speak there";
    assert!(mapped.contains(unasked), "there is no bot yet: {mapped}");
    let env = home.run(&["discord", "env"]).await.done().stdout;
    let filled = env
        .replace(
            "your-bot-token-here",
            "MTIzNDU2Nzg5MDEyMzQ1Njc4.made-up.token",
        )
        .replace("your-bus-token-here", "made-up-bus-token");
    std::fs::write(home.beside("bridge.env"), filled).unwrap();
    let file = home.beside("bridge.env");
    let words = ["discord", "--check", "--env-file", file.to_str().unwrap()];
    let report = home.ask(&words).await;
    assert_eq!(
        report["agent_map"],
        json!({ "123456789012345678": "kasra" })
    );
    assert_eq!(report["ok"], true);
}

#[tokio::test]
async fn what_is_refused_says_what_is_meant_and_what_to_do() {
    let home = Home::new();
    for (words, code, said) in [
        (&["pause"][..], 4, "No bot is set up, so nothing runs."),
        (&["resume"], 4, "husting discord bot --token-stdin"),
        (&["stop"], 4, "so nothing runs"),
        (&["start"], 4, "so nothing runs"),
        (&["bot"], 4, "husting discord bot --token-stdin"),
        (&["unmap", "5"], 3, "Channel 5 is not in the map"),
        (&["default", "nobodyx"], 2, "`husting agent mint nobodyx`"),
        (&["where", "x"], 2, "`husting discord traffic` prints them"),
        (&["where", "5"], 3, "Nothing passed here by that id"),
        (&["dismiss", "q"], 2, "a reply's id is like"),
        (&["statsu"], 2, "did you mean `husting discord status`?"),
        (&["retyr", "q"], 2, "did you mean `husting discord retry`?"),
        (&["nonsense"], 2, "no command \"nonsense\""),
        (
            &["--env-file", "f", "status"],
            2,
            "goes with none of the flags",
        ),
        (&["frames.jsonl"], 2, "DRY_RUN=1"),
    ] {
        let refused = home.run(&[&["discord"], words].concat()).await.with(code);
        assert!(
            refused.stderr.contains(said),
            "{words:?}: {}",
            refused.stderr
        );
        for wire in ["`default_agent`", "`id`", "invalid length"] {
            assert!(!refused.stderr.contains(wire), "{}", refused.stderr);
        }
    }
}

#[tokio::test]
async fn a_recording_is_run_dry_from_the_data_folder_where_none_is_named() {
    let home = Home::new();
    let none = home.run(&["discord", "replay"]).await.with(3).stderr;
    assert!(none.contains("discord/flight.jsonl is not there"), "{none}");
    let folder = home.path().join("discord");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("flight.jsonl"), "{\"op\":11}\n").unwrap();
    let ran = home.run(&["discord", "replay"]).await.done().stdout;
    assert!(ran.ends_with("No socket was opened.\n"), "{ran}");
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
