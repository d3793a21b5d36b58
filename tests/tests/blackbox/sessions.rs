//! Sessions by the beginning of their ids, and a round more.

use husting_tests::home::Home;
use serde_json::Value;

#[tokio::test]
async fn the_beginning_of_an_id_names_its_session_and_no_other() {
    let home = Home::new();
    let one = id_of(&home.ask(&["deliberate", "Tea or coffee?"]).await);
    let other = id_of(&home.ask(&["deliberate", "Bread or rice?"]).await);
    home.run(&["session", "archive", &other]).await.done();
    let alike = one
        .chars()
        .zip(other.chars())
        .take_while(|(one, other)| one == other)
        .count();
    assert!(alike >= 6, "{one} and {other} were made at once");

    let ambiguous = home
        .run(&["session", "show", &one[..alike], "--json"])
        .await
        .with(2);
    let message = ambiguous.error::<Value>()["error"]["message"].to_string();
    assert!(
        message.contains(&one) && message.contains(&other),
        "{message}"
    );

    for (id, question) in [(&one, "Tea or coffee?"), (&other, "Bread or rice?")] {
        let enough = &id[..=alike.max(8)];
        for name in [enough, &enough.to_uppercase(), &enough.replace('-', "")] {
            let shown = home.ask(&["session", "show", name]).await;
            assert_eq!(id_of(&shown), *id);
            assert_eq!(shown["rounds"][0]["prompt"], question);
        }
    }
    let enough = &one[..=alike.max(8)];
    for words in [
        &["session", "append", enough, "And water?"][..],
        &["session", "export", enough],
        &["session", "rename", enough, "Drinks"],
        &["session", "archive", enough],
        &["session", "delete", enough, "--yes"],
    ] {
        home.run(words).await.done();
    }
    home.run(&["session", "show", enough]).await.with(3);
    home.run(&["session", "show", &one[..5]]).await.with(2);
    assert_eq!(id_of(&home.ask(&["session", "show", &other]).await), other);
}

#[tokio::test]
async fn the_list_names_sessions_so_that_they_can_be_asked_for() {
    let home = Home::new();
    let id = id_of(&home.ask(&["deliberate", "Tea or coffee?"]).await);
    let list = home.run(&["session", "list"]).await.done().stdout;
    let named = list.lines().nth(1).unwrap().split(' ').next().unwrap();
    assert!(named.len() < id.len(), "{list}");
    assert_eq!(id_of(&home.ask(&["session", "show", named]).await), id);
}

#[tokio::test]
async fn forwarded_words_that_nobody_said_are_told_before_their_round() {
    let home = Home::new();
    let held = home.ask(&["deliberate", "Tea or coffee?"]).await;
    let id = id_of(&held);
    let snippet = serde_json::json!({
        "type": "KEEP",
        "quoted_model": held["rounds"][0]["responses"][0]["model"],
        "quote": "The moon is a lantern of cheese.",
    });
    let snippet = snippet.to_string();
    let append = [
        "session",
        "append",
        &id,
        "And water?",
        "--snippet",
        &snippet,
    ];
    let unsaid = "husting: snippet 1, “The moon is a lantern of cheese.”, was not found in what ";
    let priced = [&append[..], &["--estimate"]].concat();
    let told = home.run(&priced).await.done();
    assert!(told.stderr.starts_with(unsaid), "{}", told.stderr);
    assert!(!told.stdout.contains("lantern"), "{}", told.stdout);
    let json = [&priced[..], &["--json"]].concat();
    let told = home.run(&json).await.done();
    let view: Value = told.json();
    assert_eq!(view["snippets"][0]["quote_status"], "not_found");
    assert_eq!(told.stderr, "");

    let ran = home.run(&append).await.done();
    assert!(ran.stderr.starts_with(unsaid), "{}", ran.stderr);
    let own = "“The moon is a lantern of cheese.” (the moderator's own words)";
    assert!(ran.stdout.contains(own), "{}", ran.stdout);
}

#[tokio::test]
async fn a_round_more_is_printed_without_the_rounds_before_it() {
    let home = Home::new();
    let id = id_of(&home.ask(&["deliberate", "Tea or coffee?"]).await);
    let printed = home
        .run(&["session", "append", &id, "And water?"])
        .await
        .done()
        .stdout;
    assert!(
        printed.contains("\n## Round 2\n\n> And water?\n"),
        "{printed}"
    );
    assert!(!printed.contains("## Round 1"), "{printed}");
    assert!(
        printed.starts_with("*Rehearsal"),
        "its label stays: {printed}"
    );
    assert!(printed.contains(&id));
    let whole = home.run(&["session", "show", &id]).await.done().stdout;
    assert!(whole.contains("## Round 1") && whole.contains("## Round 2"));
}

#[tokio::test]
async fn an_export_for_a_script_is_one_document() {
    let home = Home::new();
    let record = home.ask(&["deliberate", "Tea or coffee?"]).await;
    let id = id_of(&record);
    assert_eq!(home.ask(&["session", "export", &id]).await, record);
    let wrapped = home
        .ask(&["session", "export", &id, "--format", "md"])
        .await;
    let plain = home.run(&["session", "export", &id]).await.done().stdout;
    assert_eq!(wrapped["text"], plain);
    assert_eq!(wrapped["file_name"], "tea-or-coffee.md");
}

fn id_of(session: &Value) -> String {
    session["session_id"].as_str().unwrap().to_owned()
}
