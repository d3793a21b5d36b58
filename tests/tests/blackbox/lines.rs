//! Lines for what a window has a button for: estimates, one seat's end, tags, settings, keys' place,
//! squads, notes, erased words, what a helper needs.

use husting_domain::money::MicroUsd;
use husting_test_support::{Behaviour, GatePoint, Script};
use husting_tests::home::{Home, run};
use husting_tests::instance::Instance;
use husting_tests::panel::{KEYS, MODELS, Panel};
use husting_tests::program::husting;
use husting_tests::search::{holds, tokens_in};
use serde_json::{Value, json};

use crate::tenanted::{ALL_SCOPES, Tenant};

#[tokio::test]
async fn a_round_is_priced_before_anybody_is_asked() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    home.run(&["wallet", "limit", "--usd", "20"]).await.done();
    let ask = ["deliberate", "Which one?", "--models", MODELS];
    let priced = [&ask[..], &["--estimate"]].concat();

    let view = home.ask(&priced).await;
    let amount = |name: &str| view[name].as_i64().unwrap();
    assert!(
        amount("low") > 0 && amount("low") <= amount("high"),
        "{view}"
    );
    assert!(amount("high") <= amount("hold"), "{view}");
    let held: i64 = view["seats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seat| seat["hold"].as_i64().unwrap())
        .sum();
    assert_eq!(held, amount("hold"));
    let told = home.run(&priced).await.done().stdout;
    assert!(
        told.contains("gamma-3") && told.contains("$20.00 is free to spend."),
        "{told}"
    );
    assert!(
        told.contains("answers are cut shorter; below $0.1"),
        "{told}"
    );
    assert!(
        told.contains("by the seats' prices and typical lengths"),
        "{told}"
    );
    for later in [&["--rounds", "2"][..], &["--prompt", "Go on."]] {
        let refused = home.run(&[&priced[..], later].concat()).await.with(2);
        assert!(refused.stderr.contains("session append ID --estimate"));
    }
    let with_recap = [&priced[..], &["--recap"]].concat();
    let summed = home.run(&with_recap).await.done().stdout;
    let column = |nth: usize| {
        let rows = summed.lines().skip(1).take_while(|row| !row.is_empty());
        let figure = |row: &str| {
            let cell = row.split_whitespace().nth(nth).unwrap_or("0");
            MicroUsd::parse_usd(cell).unwrap()
        };
        rows.map(figure).collect::<Vec<_>>()
    };
    for nth in 1..4 {
        let figures = column(nth);
        let (whole, parts) = figures.split_last().unwrap();
        assert_eq!(parts.len(), 4, "three seats and the recap: {summed}");
        assert_eq!(parts.iter().copied().sum::<MicroUsd>(), *whole, "{summed}");
    }
    let little = [&ask[..], &["--spend-limit", "0.000001"]].concat();
    let refused = home.run(&little).await.with(4).stderr;
    let way = "below the sum that `--estimate` says is held, answers are cut shorter.";
    assert!(refused.contains(way), "{refused}");
    assert!(panel.calls().is_empty());
    assert_eq!(home.ask(&["session", "list"]).await["total"], 0);

    let held = home.ask(&ask).await;
    let id = held["session_id"].as_str().unwrap();
    let calls = panel.calls().len();
    let next = home
        .ask(&["session", "append", id, "And then?", "--estimate"])
        .await;
    assert!(next["low"].as_i64() > Some(0), "{next}");
    assert_eq!(next["basis_rounds"], 1);
    assert!(next["synthesis"].is_object(), "{next}");
    let alone = ["session", "append", id, "And then?", "--estimate"];
    let text = home.run(&alone).await.done().stdout;
    assert!(!text.contains("synthesis"), "it was not asked for: {text}");
    assert_eq!(panel.calls().len(), calls);

    home.run(&["wallet", "limit", "--usd", "0"]).await.done();
    let refused = home.run(&priced).await.with(4).stdout;
    assert!(refused.contains("It would be refused"), "{refused}");
    assert!(!refused.contains("cut shorter"), "{refused}");
}

#[tokio::test]
async fn an_estimate_says_where_the_round_would_come_to_nothing() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    home.run(&["wallet", "limit", "--usd", "20"]).await.done();
    let held = home
        .ask(&["deliberate", "Which one?", "--models", MODELS])
        .await;
    let id = held["session_id"].as_str().unwrap();
    let long = "?".repeat(64_001);
    let begun = [
        &["deliberate", "--models", MODELS][..],
        &["session", "append", id],
    ];
    for begin in begun {
        for words in ["", " ", "\u{200b}", &long] {
            let line = [begin, &["--json", words]].concat();
            let refused: Value = home.run(&line).await.with(2).error();
            let line = [&line[..], &["--estimate"]].concat();
            let priced = home.run(&line).await.with(2);
            assert_eq!(priced.error::<Value>(), refused, "{begin:?} {words:?}");
            assert_eq!(priced.stdout, "");
        }
    }

    for id in ["narrow-1", "narrow-2"] {
        let add = ["models", "add", id, "--provider", "first"];
        let room = ["--context", "20000", "--max-output", "2000"];
        home.run(&[&add[..], &room].concat()).await.done();
        let price = ["models", "price", id, "--in", "1", "--out", "1"];
        home.run(&price).await.done();
    }
    let large = home.path().join("large.txt");
    std::fs::write(&large, "It is as it is. ".repeat(6_000)).unwrap();
    let large = large.to_str().unwrap();
    let unread = "Fewer than two of these seats can read all of this.";
    for (models, code) in [
        ("alpha-1,beta-2,narrow-1", 0),
        ("alpha-1,narrow-1", 5),
        ("narrow-1,narrow-2", 1),
    ] {
        let line = ["deliberate", "Which one?", "--models", models];
        let read = [&line[..], &["--reference", large]].concat();
        let priced = [&read[..], &["--estimate"]].concat();
        let told = home.run(&priced).await.with(code).stdout;
        assert_eq!(told.contains(unread), code != 0, "{told}");
        assert!(told.contains("its window is too small"), "{told}");
        if code != 0 {
            assert!(told.contains("Shorten the reference"), "{told}");
            home.run(&read).await.with(code);
        }
        let short = [&line[..], &["--estimate"]].concat();
        let told = home.run(&short).await.done().stdout;
        assert!(!told.contains(unread), "{told}");
    }
}

#[tokio::test]
async fn rounds_that_were_held_are_shown_where_the_next_is_refused() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    home.run(&["wallet", "limit", "--usd", "20"]).await.done();
    let ask = ["deliberate", "Which one?", "--models", MODELS];
    let priced = home.ask(&[&ask[..], &["--estimate"]].concat()).await;
    let least = MicroUsd(priced["least"].as_i64().unwrap()).to_string();
    let cap = [
        "--spend-limit",
        least.trim_start_matches('$'),
        "--rounds",
        "2",
    ];
    let ran = home.run(&[&ask[..], &cap].concat()).await.with(4);
    assert!(ran.stdout.contains("\n### Claim map\n"), "{}", ran.stdout);
    let sessions = home.ask(&["session", "list"]).await;
    let id = sessions["sessions"][0]["session_id"].as_str().unwrap();
    assert!(
        ran.stderr.contains("round 2 was not begun."),
        "{}",
        ran.stderr
    );
    for way in ["limit {} --usd SUM", "append {}"] {
        let line = format!("`husting session {}`", way.replace("{}", id));
        assert!(ran.stderr.contains(&line), "{}", ran.stderr);
    }
    let ran = home
        .run(&[&ask[..], &cap, &["--json"]].concat())
        .await
        .with(4);
    let held: Value = ran.json();
    let refused: Value = ran.error();
    assert_eq!(refused["error"]["code"], "credit_exhausted");
    assert_eq!(
        refused["error"]["details"]["session_id"],
        held["session_id"]
    );
}

#[tokio::test]
async fn one_seat_is_stopped_and_the_others_go_on() {
    let script = Script::debate().for_model(
        "gamma-3",
        Behaviour::debating().gate("shut", GatePoint::BeforeResponse),
    );
    let (home, panel) = (Home::new(), Panel::start(script).await);
    panel.seat_at(&home).await;
    let _instance = Instance::start(&home).await;
    let round = home.run(&["deliberate", "Which one?", "--models", MODELS, "--json"]);
    let (ran, ()) = tokio::join!(round, async {
        panel.first.until_waiting("shut", 1).await;
        let list = home.ask(&["session", "list"]).await;
        let id = list["sessions"][0]["session_id"]
            .as_str()
            .unwrap()
            .to_owned();
        home.run(&["session", "stop", &id, "nobody"]).await.with(2);
        let told = home.run(&["session", "stop", &id, "gamma-3"]).await.done();
        assert_eq!(told.stdout, "gamma-3 is being stopped; the others go on.\n");
    });
    let held: Value = ran.with(5).json();
    let answers = held["rounds"][0]["responses"].as_array().unwrap();
    let whole = answers
        .iter()
        .filter(|answer| answer["is_partial"] == false);
    assert_eq!(whole.count(), 2, "{held}");
}

#[tokio::test]
async fn a_session_is_tagged_and_its_limit_raised() {
    let home = Home::new();
    let asked = home
        .ask(&["deliberate", "Tea or coffee?", "--spend-limit", "1"])
        .await;
    let id = asked["session_id"].as_str().unwrap();
    let tagged = home.ask(&["session", "tag", id, "drinks", "cologne"]).await;
    assert_eq!(tagged["tags"], json!(["drinks", "cologne"]));
    let listed = home.ask(&["session", "list", "--query", "cologne"]).await;
    assert_eq!(listed["total"], 1);
    let listed = home.run(&["session", "list"]).await.done().stdout;
    assert!(listed.contains(" [drinks, cologne]\n"), "{listed}");
    let shown = home.run(&["session", "show", id]).await.done().stdout;
    assert!(shown.contains("\n\nTags: drinks, cologne\n\n"), "{shown}");
    let told = home.run(&["session", "tag", id, "depot"]).await;
    let replaced = "Tea or coffee?: tagged depot; before: drinks, cologne\n";
    assert_eq!(told.done().stdout, replaced);
    assert_eq!(home.ask(&["session", "tag", id]).await["tags"], json!([]));
    let shown = home.run(&["session", "show", id]).await.done().stdout;
    assert!(!shown.contains("Tags:"), "{shown}");
    let told = home
        .run(&["session", "limit", id, "--usd", "2.50"])
        .await
        .done()
        .stdout;
    assert_eq!(told, "Tea or coffee?: all rounds may cost $2.50\n");
    home.run(&["session", "limit", id, "--usd", "0"])
        .await
        .with(2);
}

#[tokio::test]
async fn a_setting_is_changed_and_what_hinders_it_is_said() {
    let home = Home::new();
    let told = home
        .run(&["config", "panel.max_seats", "5"])
        .await
        .done()
        .stdout;
    assert_eq!(told, "panel.max_seats is 5.\n");
    let alone = home.run(&["config", "panel.max_seats"]).await.done().stdout;
    assert_eq!(alone, "5\n");
    let told = home.ask(&["config", "panel.max_seats"]).await;
    assert_eq!(
        (&told["value"], &told["from"]),
        (&json!(5), &json!("console"))
    );
    let all = home.ask(&["config"]).await;
    let rows = all["settings"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["name"] == "panel.max_seats")
        .unwrap();
    assert_eq!(
        (&row["value"], &row["from"]),
        (&json!(5), &json!("console"))
    );

    for (name, value, said) in [
        ("panel.max_seats", "99", "a number from 3 to 8"),
        ("theme", "pink", "system, dark, light"),
        ("nothing", "5", "`husting config` lists them"),
        ("listen", "127.0.0.1:1", "HUSTING_LISTEN"),
    ] {
        let refused = home.run(&["config", name, value]).await.with(2).stderr;
        assert!(refused.contains(said), "{name}: {refused}");
    }
    let held = home
        .run(&["--zoom", "120", "config", "zoom", "90"])
        .await
        .done()
        .stdout;
    assert_eq!(
        held,
        "It is kept, but 120 stays in force while the flag says so.\n"
    );
    assert_eq!(
        home.run(&["config", "zoom", "90"]).await.done().stdout,
        "zoom is 90.\n"
    );
}

#[tokio::test]
async fn people_are_told_the_words_that_the_window_has() {
    let home = Home::new();
    let add = ["provider", "add", "one", "--kind", "openai-compatible"];
    let at = ["--base-url", "http://127.0.0.1:9/v1"];
    home.run(&[&add[..], &at].concat()).await.done();
    let add = ["models", "add", "m", "--provider", "one"];
    let added = home.run(&add).await.done().stdout;
    assert!(
        added.contains("`husting models price m --in USD --out USD`"),
        "{added}"
    );
    let price = ["models", "price", "m", "--in", "1", "--out", "5"];
    let models = home.run(&price).await.done().stdout;
    let priced = models.lines().find(|row| row.starts_with("m ")).unwrap();
    assert!(priced.contains("  yours  "), "{priced}");
    home.run(&["wallet", "top-up", "--usd", "3"]).await.done();
    home.run(&["wallet", "take-back", "--usd", "2"])
        .await
        .done();
    let ledger = home.run(&["wallet", "ledger"]).await.done().stdout;
    assert!(
        ledger.contains("  take back  ") && ledger.contains("  top up "),
        "{ledger}"
    );
    home.run(&["agent", "mint", "ana"]).await.done();
    home.run(&["agent", "disable", "ana"]).await.done();
    let agents = home.run(&["agent", "list"]).await.done().stdout;
    assert!(
        agents.contains("disabled") && !agents.contains("suspended"),
        "{agents}"
    );
}

#[tokio::test]
async fn where_a_running_husting_listens_is_told_whatever_it_would_be_otherwise() {
    let home = Home::new();
    let before = home.run(&["config"]).await.done().stdout;
    let instance = Instance::start(&home).await;
    let at = instance.http.strip_prefix("http://").unwrap();
    let now = home.run(&["config"]).await.done().stdout;
    let row = |table: &str| {
        let mut rows = table.lines().filter(|row| row.starts_with("listen "));
        let row = rows.next().unwrap().split_whitespace().skip(1);
        row.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_ne!(row(&before)[0], at);
    assert_eq!(row(&now), [at, "running", "Husting"]);
    let one = home.run(&["config", "listen"]).await.done().stdout;
    assert_eq!(one.trim(), at);
}

#[tokio::test]
async fn where_keys_are_kept_is_told_and_chosen() {
    const UNMADE: &str =
        "Keys are kept in a sealed file, which is made once there is something to keep.\n";
    let home = Home::empty();
    let told = home.run(&["secrets"]).await.done().stdout;
    assert_eq!(told, UNMADE);
    home.run(&["agent", "mint", "ana"]).await.done();
    let told = home.run(&["secrets"]).await.done().stdout;
    assert_eq!(told, "Keys are kept in the sealed file.\n");
    let refused = home.run(&["secrets", "memory"]).await.with(2).stderr;
    assert!(refused.contains("gone when this command ends"), "{refused}");
    let _instance = Instance::start(&home).await;
    let told = home.run(&["secrets", "memory"]).await.done().stdout;
    assert_eq!(told, "Keys are kept in memory, until Husting ends.\n");
    let wrong = home
        .run_with(
            &["secrets", "file", "--passphrase-stdin"],
            "not the one that it is\n",
        )
        .await;
    wrong.with(1);
    assert_eq!(home.ask(&["secrets"]).await["kept_in"], "memory");
}

#[tokio::test]
async fn whoever_keeps_keys_in_memory_is_told_which_stay_in_the_sealed_file() {
    const LEFT: &str = "1 key stays in the sealed file and cannot be read from here: `husting secrets file \
                        --passphrase-stdin` goes back to it.";
    let home = Home::new();
    let _instance = Instance::start(&home).await;
    let add = ["provider", "add", "one", "--kind", "openai-compatible"];
    let at = ["--base-url", "http://127.0.0.1:9/v1", "--key-stdin"];
    home.run_with(&[&add[..], &at].concat(), "sk-some-key-0123456789")
        .await
        .done();
    for words in [&["secrets", "memory"][..], &["secrets"]] {
        let told = home.run(words).await.done().stdout;
        let keys = "Keys are kept in memory, until Husting ends.";
        assert_eq!(told, format!("{keys} {LEFT}\n"));
    }
    let found = home.run(&["doctor"]).await.with(1).stdout;
    assert!(found.contains(LEFT), "{found}");
}

#[tokio::test]
async fn a_locked_file_of_keys_is_told_with_what_opens_it_from_there() {
    const PASSPHRASE: &str = "a long enough passphrase";
    let (home, panel) = (Home::empty(), Panel::start(Script::debate()).await);
    let sealing = || {
        let mut command = home.bare_command(husting());
        command.env("HUSTING_PASSPHRASE", PASSPHRASE);
        command
    };
    let ran = |mut command: tokio::process::Command, words: &[&str]| {
        command.args(words);
        run(command, None)
    };
    let instance = Instance::of(&home, sealing()).await;
    panel.seat_at(&home).await;
    instance.stop().await;

    let convene = ["deliberate", "Which one?", "--models", MODELS];
    let by_default = ["deliberate", "Which one?"];
    let priced = [&convene[..], &["--estimate"]].concat();
    for words in [&["doctor"][..], &convene, &by_default, &priced] {
        let alone = ran(home.bare_command(husting()), words).await;
        let said = alone.stdout + &alone.stderr;
        assert_ne!(alone.code, 0, "{said}");
        let found = said.contains("is locked") && said.contains("Give it in HUSTING_PASSPHRASE;");
        assert!(found, "{words:?}: {said}");
    }
    let mut instance = Instance::of(&home, home.bare_command(husting())).await;
    let way = "with `husting secrets file --passphrase-stdin`.";
    instance.until_said(way).await;
    for words in [&["doctor"][..], &convene, &by_default, &priced] {
        let through = home.run(words).await;
        let said = through.stdout + &through.stderr;
        assert_ne!(through.code, 0, "{said}");
        let found = said.contains("is locked") && said.contains(way);
        assert!(found && !said.contains("HUSTING_PASSPHRASE"), "{said}");
    }
    // What hinders two providers is said whole by the line about keys alone.
    let examined = home.run(&["doctor"]).await.with(1).stdout;
    assert_eq!(examined.matches("is locked").count(), 1, "{examined}");
    let brief = "was not asked: keys cannot be read now\n";
    assert_eq!(examined.matches(brief).count(), 2, "{examined}");
    let refused = home.run(&convene).await.with(4).stderr;
    let why = refused.trim().trim_start_matches("husting: ");
    let told = home.run(&priced).await.with(4).stdout;
    let line = format!("It would be refused. {why}");
    assert_eq!(told.lines().last(), Some(line.as_str()));
    assert!(told.contains("together"), "the sums are told all the same");
    let unlock = ["secrets", "file", "--passphrase-stdin"];
    let told = home.run_with(&unlock, PASSPHRASE).await.done().stdout;
    assert_eq!(
        told,
        "The sealed file is unlocked, and keys are kept in it.\n"
    );
    home.run(&["secrets", "memory"]).await.done();
    let told = home.run_with(&unlock, PASSPHRASE).await.done().stdout;
    assert_eq!(
        told,
        "The sealed file is unlocked. Keys are kept in it from now on, and no longer in memory.\n"
    );
    assert!(!home.run(&["doctor"]).await.stdout.contains("is locked"));
    home.run(&convene).await.done();
}

#[tokio::test]
async fn a_sealed_file_is_made_by_no_reading_and_by_no_short_passphrase() {
    const SHORT: &str = "a new one has at least 12 characters";
    let home = Home::empty();
    let sealed = home.path().join("secrets.sealed");
    let ran = async |passphrase: &str, words: &[&str]| {
        let mut command = home.bare_command(husting());
        command.env("HUSTING_PASSPHRASE", passphrase).args(words);
        run(command, None).await
    };
    for words in [
        &["provider", "list"][..],
        &["secrets"],
        &["audit", "verify"],
    ] {
        for passphrase in ["a", "a long enough passphrase"] {
            ran(passphrase, words).await.done();
            assert!(!sealed.exists(), "{words:?}");
        }
    }
    assert!(ran("a", &["secrets"]).await.stdout.contains(SHORT));
    let mut adding = home.bare_command(husting());
    adding.env("HUSTING_PASSPHRASE", "a");
    adding.args(["provider", "add", "openai", "--key-stdin"]);
    let refused = run(adding, Some("sk-test-forgotten-4f9b2c7d"))
        .await
        .with(1);
    assert!(refused.stderr.contains(SHORT), "{}", refused.stderr);
    assert!(!sealed.exists());
    ran("a long enough passphrase", &["agent", "mint", "ana"])
        .await
        .done();
    assert!(sealed.exists(), "the log is sealed with a key that is kept");
    let verified = ran("a long enough passphrase", &["audit", "verify"]).await;
    assert!(verified.done().stdout.contains("sealed to row"));
}

#[tokio::test]
async fn a_sealed_file_is_made_when_a_new_one_is_asked_for_and_by_no_unlocking() {
    const OPEN: [&str; 3] = ["secrets", "file", "--passphrase-stdin"];
    const MAKE: [&str; 4] = ["secrets", "file", "--new", "--passphrase-stdin"];
    const PASSPHRASE: &str = "a long enough passphrase";
    let home = Home::empty();
    let sealed = home.path().join("secrets.sealed");
    let refused = async || {
        let said = home.run_with(&OPEN, PASSPHRASE).await.with(1).stderr;
        assert!(
            said.contains("There is no sealed file to open.") && said.contains("--new"),
            "{said}"
        );
        assert!(!sealed.exists(), "an unlock made a sealed file");
    };
    let instance = Instance::of(&home, home.bare_command(husting())).await;
    refused().await;
    let made = home.run_with(&MAKE, PASSPHRASE).await.done().stdout;
    assert_eq!(made, "Keys are kept in the sealed file.\n");
    assert_eq!(home.ask(&["secrets"]).await["kept_in"], "sealed_file");
    instance.stop().await;

    let instance = Instance::of(&home, home.bare_command(husting())).await;
    assert_eq!(home.ask(&["secrets"]).await["state"], "locked");
    // Its passphrase was forgotten.
    std::fs::remove_file(&sealed).unwrap();
    refused().await;
    home.run(&["secrets", "keyring"]).await.with(1);
    assert_eq!(
        home.ask(&["secrets"]).await["state"],
        "needs_choice",
        "a file that is gone is still said to be locked"
    );
    instance.stop().await;
}

#[tokio::test]
async fn squads_notes_and_mail_are_looked_at_and_ticked_off() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let tenant = Tenant::local(&instance).await;
    let ana = tenant.mint("ana", &ALL_SCOPES).await;
    ana.told(
        "workspace_join",
        json!({"workspace_id": "depot", "summary": "Counts \u{1b}[31mpallets."}),
    )
    .await;
    ana.told(
        "remember",
        json!({"text": "Forty pallets.", "context": "the count"}),
    )
    .await;
    ana.told("remember", json!({"text": "Shared.", "squad": "depot"}))
        .await;
    ana.told("send", json!({"to": "operator", "text": "Done?"}))
        .await;

    let squads = home.run(&["bus", "squads"]).await.done().stdout;
    assert!(
        squads.contains("depot  ana") && squads.contains("Counts [31mpallets."),
        "{squads:?}"
    );
    let notes = home.run(&["agent", "notes", "ana"]).await.done().stdout;
    assert!(
        notes.contains("ana, about the count\n  Forty pallets.\n") && !notes.contains("Shared"),
        "{notes}"
    );
    let shared = home
        .ask(&["agent", "notes", "ana", "--squad", "depot"])
        .await;
    assert_eq!(shared["notes"][0]["text"], "Shared.");
    let none = home
        .run(&["agent", "notes", "ana", "--query", "zeppelin"])
        .await
        .done()
        .stdout;
    assert_eq!(none, "No note.\n");

    let mail = home.ask(&["bus", "tail"]).await;
    let id = mail["messages"][0]["message_id"].as_str().unwrap();
    let lately = home.ask(&["bus", "tail", "--since", "1h"]).await;
    assert_eq!(lately["messages"], mail["messages"]);
    let before = home.run(&["bus", "tail", "--until", "1h"]).await.done();
    assert_eq!(before.stdout, "No message.\n");
    let counted = home.ask(&["bus", "histogram", "--bins", "3"]).await;
    assert_eq!(counted["counts"], json!([0, 0, 1]));
    let drawn = home.run(&["bus", "histogram"]).await.done().stdout;
    let last = drawn.lines().last().unwrap();
    assert!(
        drawn.lines().count() == 12 && last.ends_with(&"▇".repeat(40)),
        "{drawn}"
    );
    let backwards = ["bus", "histogram", "--since", "1h", "--until", "2h"];
    let wrong = home.run(&backwards).await.with(2).stderr;
    assert!(wrong.contains("`until` must be later"), "{wrong}");
    assert_eq!(
        home.run(&["bus", "read", id]).await.done().stdout,
        "Read.\n"
    );
    let mail = home.ask(&["bus", "tail"]).await;
    let read = mail["messages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|message| message["message_id"] == id)
        .unwrap();
    assert_eq!(read["state"], "done", "{read}");

    let wrong = home
        .run(&["bus", "remove-member", "depot", "ben"])
        .await
        .with(3)
        .stderr;
    assert!(wrong.contains("ben is not in depot."), "{wrong}");
    let wrong = home
        .run(&["bus", "remove-member", "sales", "ana"])
        .await
        .with(3)
        .stderr;
    assert!(wrong.contains("There is no squad sales"), "{wrong}");
    let left = home.ask(&["bus", "remove-member", "depot", "ana"]).await;
    assert_eq!(left["squads"], json!([]));
    let back = home
        .ask(&["bus", "add-member", "depot", "ana", "--for", "labels"])
        .await;
    let member = &back["squads"][0]["members"][0];
    assert_eq!(
        (&member["agent_name"], &member["summary"]),
        (&json!("ana"), &json!("labels"))
    );

    let edited = home
        .ask(&[
            "agent",
            "edit",
            "ana",
            "--model",
            "gpt-5.4",
            "--expires",
            "7d",
        ])
        .await;
    assert_eq!(edited["agent"]["model"], "gpt-5.4");
    assert!(edited["agent"]["expires_at"].is_string(), "{edited}");
    let edited = home
        .ask(&["agent", "edit", "ana", "--expires", "never"])
        .await;
    assert_eq!(edited["agent"]["expires_at"], Value::Null);
    assert_eq!(edited["agent"]["model"], "gpt-5.4");
    let spent = home.run(&["agent", "spend"]).await.done().stdout;
    assert_eq!(spent, "No agent cost anything this month.\n");
    let clients = home.run(&["clients"]).await.done().stdout;
    assert!(clients.contains("claude-code     Claude Code"), "{clients}");
}

#[tokio::test]
async fn what_a_message_said_is_erased_and_nowhere_in_the_folder_any_more() {
    // More than a page of the store holds, so that some of it stood on pages of its own.
    let words = "The safe opens at Quillfeather four. ".repeat(800);
    let home = Home::new();
    home.run(&["agent", "mint", "ana"]).await.done();
    let sent = home.ask(&["bus", "send", "ana", &words]).await;
    let id = sent["message_id"].as_str().unwrap();
    home.run(&["bus", "erase", id]).await.with(2);
    let told = home.run(&["bus", "erase", id, "--yes"]).await.done().stdout;
    assert!(told.starts_with("Erased."), "{told}");
    let thread = home.ask(&["bus", "threads", id]).await;
    let message = &thread["messages"][0];
    assert_eq!(
        (&message["erased"], &message["text"]),
        (&json!(true), &json!(""))
    );
    assert_eq!(
        home.ask(&["search", "Quillfeather"]).await["messages"],
        json!([])
    );
    let rows = home.ask(&["audit", "list", "--action", "erase"]).await;
    assert_eq!(rows["rows"][0]["subject"], id);
    home.run(&["audit", "verify"]).await.done();
    let nobody = "0199d1f0-0000-7000-8000-000000000000";
    home.run(&["bus", "erase", nobody, "--yes"]).await.with(3);
    // The last command has closed the store, which puts its log away.
    let store = std::fs::read(home.path().join("husting.db")).unwrap();
    assert!(!holds(&store, b"Quillfeather"));
}

#[tokio::test]
async fn what_a_helper_needs_is_written_without_secrets_or_anybodys_words() {
    let script = Script::debate();
    let (home, panel) = (Home::new(), Panel::start(script).await);
    panel.seat_at(&home).await;
    home.run(&[
        "deliberate",
        "Shall Quillfeather be sold?",
        "--models",
        MODELS,
    ])
    .await
    .done();
    home.run(&["agent", "mint", "ana"]).await.done();
    home.run(&["bus", "send", "ana", "Quillfeather is ready."])
        .await
        .done();
    let file = home.beside("bundle.json");
    let name = file.to_str().unwrap();
    let told = home.run(&["doctor", "--bundle", name]).await.done().stdout;
    assert!(told.contains("Read it before you give it away"), "{told}");
    home.run(&["doctor", "--bundle", name]).await.with(4);

    let text = std::fs::read_to_string(&file).unwrap();
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["counts"]["deliberations"], 1);
    assert_eq!(bundle["counts"]["agents"]["custom active"], 1);
    assert_eq!(bundle["settings"]["panel_max_seats"], 3);
    assert!(bundle["findings"].as_array().unwrap().len() > 3, "{text}");
    assert!(
        bundle["storage"]
            .as_array()
            .is_some_and(|uses| !uses.is_empty())
    );
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    for (_, key) in KEYS {
        assert!(!text.contains(&key[..12]), "{text}");
    }
    assert!(!text.contains("Quillfeather"), "{text}");
    assert_eq!(tokens_in(&text), Vec::<&str>::new());
}
