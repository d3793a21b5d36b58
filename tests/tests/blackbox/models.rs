//! The default panel, and providers with what hangs on them.

use std::process::Stdio;

use husting_test_support::{FakeProvider, Script, Wire};
use husting_tests::home::{Home, Ran, run};
use husting_tests::panel::KEYS;
use husting_tests::program::husting;
use husting_tests::tools::require;
use serde_json::{Value, json};

/// Nothing listens there.
pub const NOWHERE: &str = "http://127.0.0.1:9/v1";

#[tokio::test]
async fn a_panel_is_looked_at_without_being_changed() {
    let home = with_provider().await;
    let suggested = home.ask(&["models", "panel"]).await;
    let chosen = home.ask(&["models", "panel", "first/b", "first/a"]).await;
    assert_eq!(chosen["seats"], json!(["first/b", "first/a"]));
    assert_ne!(chosen, suggested);
    for _ in 0..2 {
        assert_eq!(home.ask(&["models", "panel"]).await, chosen);
    }
    let shown = home.run(&["models", "panel"]).await.done().stdout;
    assert!(
        shown.starts_with("The default panel is first/b, first/a.\n"),
        "{shown}"
    );
    assert!(shown.contains("   1  first/b  first/b\n"), "{shown}");
    home.run(&["models", "panel", "first/a", "--reset"])
        .await
        .with(2);
    assert_eq!(home.ask(&["models", "panel", "--reset"]).await, suggested);
    assert_eq!(home.ask(&["models", "panel"]).await, suggested);
}

#[tokio::test]
async fn a_panel_says_whose_provider_failed_when_it_was_tried_last() {
    let home = with_provider().await;
    // Of one that answers nothing is told, nor beside the other's.
    let house = FakeProvider::start(Wire::OpenAi, Script::debate()).await;
    let house = house.unwrap();
    let address = house.base_url();
    let add = ["provider", "add", "second", "--kind", "openai-compatible"];
    let words = [&add[..], &["--base-url", &address, "--key-stdin"]].concat();
    home.run_with(&words, KEYS[1].1).await.done();
    let price = ["models", "price", "second/c", "--in", "1", "--out", "2"];
    home.run(&price).await.done();
    // Something answers there, and no API.
    let astray = format!("{address}/astray");
    let add = ["provider", "add", "third", "--kind", "openai-compatible"];
    let words = [&add[..], &["--base-url", &astray, "--key-stdin"]].concat();
    home.run_with(&words, KEYS[1].1).await.done();
    let price = ["models", "price", "third/d", "--in", "1", "--out", "2"];
    home.run(&price).await.done();
    let seats = ["first/b", "second/c", "third/d"];
    let choose = [&["models", "panel"][..], &seats].concat();
    for line in [&choose[..], &["models", "panel"]] {
        let shown = home.run(line).await.done().stdout;
        let (_, told) = shown.split_once('\n').unwrap();
        assert!(
            told.starts_with("first/b: first failed when it was tried last ("),
            "{shown}"
        );
        assert!(!told.contains("second failed"), "{shown}");
        assert!(
            told.contains(
                "); `husting provider test first` tries it again once it runs and can be reached; "
            ),
            "{shown}"
        );
        assert!(
            told.contains("\nthird/d: third failed when it was tried last (404 "),
            "{shown}"
        );
        assert!(
            told.contains("); `husting provider address third URL` has it called elsewhere"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_price_that_puts_a_model_on_the_list_says_so() {
    let home = with_provider().await;
    let price = ["models", "price", "first/typo", "--in", "1", "--out", "2"];
    let told = "first/typo was put on the list by its name; `husting models refresh first` says what first has.\n";
    let put = home.run(&price).await.done().stdout;
    assert!(put.ends_with(told), "{put}");
    assert_eq!(put.lines().count(), 3, "its row under the head: {put}");
    let again = home.run(&price).await.done().stdout;
    assert!(!again.contains("was put on the list"), "{again}");
}

#[tokio::test]
async fn a_managed_agent_on_a_seat_without_a_price_is_warned_of_with_the_command_that_sets_one() {
    let home = with_provider().await;
    let activate = ["agent", "activate", "athena", "--model"];
    let on = async |model: &str| {
        let ran = home.run(&[&activate[..], &[model]].concat()).await.done();
        assert_eq!(ran.stdout, "athena answers its mail.\n");
        ran.stderr
    };
    assert_eq!(on("first/a").await, "");
    home.run(&["models", "price", "first/a", "--reset"])
        .await
        .done();
    assert_eq!(
        on("first/a").await,
        "husting: first/a has no price, so athena leaves its mail; \
         `husting models price first/a --in USD --out USD` sets one\n"
    );
}

#[tokio::test]
async fn a_provider_goes_with_its_key_and_models_only_when_that_is_said() {
    let home = with_provider().await;
    let (_, key) = KEYS[0];
    let goes_with = format!("with its key …{} and 2 models", &key[key.len() - 4..]);
    for words in [
        &["provider", "remove", "first"][..],
        &["provider", "remove", "first", "--json"],
    ] {
        let refused = home.run(words).await.with(2);
        assert!(
            refused.stderr.contains(&goes_with) && refused.stderr.contains("--yes"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(providers(&home).await, 1);
    let gone = home.run(&["provider", "remove", "first", "--yes"]).await;
    assert!(
        gone.done()
            .stdout
            .contains(&format!("Removed: first, {goes_with}."))
    );
    assert_eq!(providers(&home).await, 0);
    home.run(&["provider", "remove", "first", "--yes"])
        .await
        .with(3);
}

#[tokio::test]
async fn a_person_is_asked_before_a_provider_goes() {
    let home = with_provider().await;
    let remove = "provider remove first";
    let asked = at_a_terminal(&home, remove, "no\n").await.with(2);
    assert!(
        asked.stdout.contains("2 models? Type first: "),
        "{}",
        asked.stdout
    );
    assert_eq!(providers(&home).await, 1);
    at_a_terminal(&home, remove, "first\n").await.done();
    assert_eq!(providers(&home).await, 0);
}

#[tokio::test]
async fn what_nothing_hangs_on_goes_unasked() {
    let home = Home::new();
    let added = add(&home, &[]).await.done().stdout;
    assert!(!added.contains("put on the list"), "not asked for: {added}");
    let gone = home.run(&["provider", "remove", "first"]).await.done();
    assert!(gone.stdout.contains("Removed: first.\n"), "{}", gone.stdout);
}

#[tokio::test]
async fn known_models_that_nobody_knows_are_said_to_be_none() {
    let home = Home::new();
    let added = add(&home, &["--known-models"]).await.done().stdout;
    for words in [
        "none was put on the list",
        "husting models refresh first",
        "husting models add MODEL --provider first",
    ] {
        assert!(added.contains(words), "{added}");
    }
}

#[tokio::test]
async fn a_model_on_the_list_under_another_id_is_priced_there_and_not_put_on_it_twice() {
    let home = with_provider().await;
    let add = ["models", "add", "c", "--provider", "first", "--as", "mine"];
    let before = home.ask(&add).await;
    let other = ["models", "add", "d", "--provider", "first"];
    let told = home.run(&other).await.done().stdout;
    let by_name = "d was put on the list by its name; `husting models refresh first` says what first has.\n\
         `husting models price d --in USD --out USD` says what a million tokens cost; 0 is a price.\n";
    assert!(told.ends_with(by_name), "{told}");
    let refused = home.run(&other).await.with(4);
    assert_eq!(refused.stdout, "", "it was not put there again");
    home.run(&["models", "remove", "d"]).await.done();
    let price = ["models", "price", "first/c", "--in", "3", "--out", "4"];
    let after = home.ask(&price).await;
    let models = |list: &Value| list["models"].as_array().unwrap().clone();
    assert_eq!(models(&after).len(), models(&before).len(), "{after}");
    let mine = models(&after)
        .into_iter()
        .find(|model| model["id"] == "mine");
    assert_eq!(mine.unwrap()["price"]["input"], 3_000_000);
    let told = home.run(&price).await.done().stdout;
    assert!(told.contains("mine"), "{told}");
}

#[tokio::test]
async fn a_model_that_was_taken_off_is_named_and_put_back_as_it_was() {
    let home = with_provider().await;
    let disable = ["models", "disable", "first/a"];
    let one = home.run(&disable).await.done().stdout;
    let rows: Vec<&str> = one.lines().collect();
    let [_, row] = rows[..] else {
        panic!("its row under the head: {one}")
    };
    assert!(row.starts_with("first/a "), "{one}");
    let before = home.ask(&["models", "list"]).await;
    let removed = home.run(&["models", "remove", "first/a"]).await.done();
    assert_eq!(
        removed.stdout,
        "first/a is off the list; `husting models restore first/a` puts it back.\n"
    );
    let listed = home.run(&["models", "list"]).await.done().stdout;
    let told = "Off the list: first/a. `husting models restore ID` puts one back.\n";
    assert!(listed.ends_with(told), "{listed}");
    home.run(&["models", "restore", "first/a"]).await.done();
    assert_eq!(home.ask(&["models", "list"]).await, before);
    let refused = home.run(&["models", "restore", "first/c"]).await.with(3);
    assert!(
        refused.stderr.contains("Add it as a new one"),
        "{}",
        refused.stderr
    );
}

#[tokio::test]
async fn a_provider_is_called_once_it_was_added_and_stays_whatever_it_answers() {
    let home = Home::new();
    let house = FakeProvider::start(Wire::OpenAi, Script::debate().key(KEYS[0].1)).await;
    let house = house.unwrap();
    let added = async |name: &str, key: &str| {
        let add = ["provider", "add", name, "--kind", "openai-compatible"];
        let address = house.base_url();
        let words = [&add[..], &["--base-url", &address, "--key-stdin"]].concat();
        home.run_with(&words, key).await.done().stdout
    };
    let well = added("first", KEYS[0].1).await;
    assert!(
        well.ends_with(
            "\nfirst was added, and answers.\n`husting models add MODEL --provider first` puts a model of it on the list.\n"
        ),
        "{well}"
    );
    let wrong = added("second", KEYS[1].1).await;
    let told = wrong.lines().last().unwrap();
    assert!(
        told.starts_with("second was added, and its test failed: 401 ")
            && told.ends_with("; `husting provider key second --key-stdin` takes a key."),
        "{wrong}"
    );
    // Of two only the one that was tried; of its other commands, too.
    let tried = home.run(&["provider", "test", "first"]).await.done().stdout;
    let address = ["provider", "address", "first", &house.base_url()];
    let moved = home.run(&address).await.done().stdout;
    for told in [tried, moved, well] {
        assert!(
            told.contains("first ") && !told.contains("second"),
            "{told}"
        );
    }
    assert!(!wrong.contains("first"), "{wrong}");
    home.run(&["provider", "test", "first"]).await.done();
    let list = home.ask(&["provider", "list"]).await;
    for (at, ok) in [(0, true), (1, false)] {
        assert_eq!(list["providers"][at]["last_test"]["ok"], ok, "{list}");
    }
    // Where nothing is at its address, trying again is not what is advised.
    let bare = house.base_url().replace("/v1", "");
    home.run(&["provider", "address", "first", &bare])
        .await
        .done();
    let lost = home.run(&["provider", "test", "first"]).await.with(1);
    let way = "\n`husting provider address first URL` has it called elsewhere (many addresses end in /v1).\n";
    assert!(lost.stdout.ends_with(way), "{}", lost.stdout);
    assert!(
        house.requests().iter().all(|call| call.model.is_none()),
        "a test costs nothing"
    );
}

#[tokio::test]
async fn a_model_whose_key_was_refused_is_not_called_available() {
    let home = Home::new();
    let script = Script::debate().key("another");
    let house = FakeProvider::start(Wire::OpenAi, script).await.unwrap();
    let address = house.base_url();
    let add = ["provider", "add", "first", "--kind", "openai-compatible"];
    let words = [&add[..], &["--base-url", &address, "--key-stdin"]].concat();
    home.run_with(&words, KEYS[0].1).await.done();
    let price = ["models", "price", "first/a", "--in", "1", "--out", "2"];
    let priced = home.run(&price).await.done().stdout;
    assert!(priced.contains("  key refused\n"), "{priced}");
    let listed = home.run(&["models", "list"]).await.done().stdout;
    let row = listed.lines().find(|row| row.starts_with("first/a "));
    assert!(
        row.is_some_and(|row| row.ends_with("  key refused")),
        "{listed}"
    );
    let examined = home.run(&["doctor"]).await.with(1).stdout;
    let row = examined.lines().find(|row| row.starts_with("models "));
    let lacks = "seat needs, all of them rehearsal seats, which follow rules and think nothing; first/a: the key of first was refused;";
    assert!(
        row.is_some_and(|row| row.contains(" waits ") && row.contains(lacks)),
        "{examined}"
    );
    let replace = "Its key was refused: replace it; `husting provider key first --key-stdin` takes another key";
    assert!(examined.contains(replace), "{examined}");
}

async fn with_provider() -> Home {
    let home = Home::new();
    connect(&home, "first", &["first/a", "first/b"]).await;
    home
}

/// Adds a provider that answers nowhere, and models of it with a price.
async fn connect(home: &Home, name: &str, models: &[&str]) {
    let (_, key) = KEYS[0];
    let add = ["provider", "add", name, "--kind", "openai-compatible"];
    let words = [&add[..], &["--base-url", NOWHERE, "--key-stdin"]].concat();
    let added = home.run_with(&words, key).await.done().stdout;
    let begins = format!("\n{name} was added, and its test failed: ");
    let ends = format!(
        "; `husting provider test {name}` tries it again once it runs and can be reached; \
         `husting provider address {name} URL` has it called elsewhere.\n"
    );
    assert!(added.contains(&begins) && added.ends_with(&ends), "{added}");
    for model in models {
        home.run(&["models", "price", model, "--in", "1", "--out", "2"])
            .await
            .done();
    }
}

async fn add(home: &Home, more: &[&str]) -> Ran {
    let add = ["provider", "add", "first", "--kind", "openai-compatible"];
    home.run(&[&add[..], &["--base-url", NOWHERE], more].concat())
        .await
}

async fn providers(home: &Home) -> usize {
    let list: Value = home.ask(&["provider", "list"]).await;
    list["providers"].as_array().unwrap().len()
}

/// `husting` with these words where standard input is a terminal, and this typed into it.
pub async fn at_a_terminal(home: &Home, words: &str, typed: &str) -> Ran {
    require(&["script", "--version"], "to give a command a terminal");
    let mut command = home.command("script");
    let line = format!("{} {words}", husting().display());
    command
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .stdin(Stdio::piped());
    run(command, Some(typed)).await
}
