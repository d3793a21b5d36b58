//! Words are found wherever they were said, and what is kept is measured.

use husting_tests::home::Home;
use serde_json::Value;

#[tokio::test]
async fn a_word_of_an_answer_leads_to_its_session() {
    let home = Home::new();
    let asked = home
        .ask(&["deliberate", "Should the depot in Köln stay open?"])
        .await;
    let id = asked["session_id"].as_str().unwrap();
    let answer = asked["rounds"][0]["responses"][0]["text"].as_str().unwrap();
    // A word that only an answer has: titles and messages are looked through as well.
    let mut words: Vec<&str> = answer.split(|c: char| !c.is_alphabetic()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let word = words[0];

    let found: Value = home.ask(&["search", &word.to_uppercase()]).await;
    let passages = found["passages"].as_array().unwrap();
    assert!(!passages.is_empty(), "{word}: {found}");
    for passage in passages {
        assert_eq!(passage["session_id"], id);
        let hit = passage["hit"].as_str().unwrap().to_lowercase();
        assert!(hit.starts_with(&word.to_lowercase()), "{word}: {passage}");
    }
    let told = home.run(&["search", "koln", "depot"]).await.done().stdout;
    let told: Vec<&str> = told.lines().collect();
    assert!(told.contains(&"Said in deliberations"), "{told:#?}");
    assert!(
        told.iter()
            .any(|line| line.contains("the question, round 1 of Should the depot")),
        "{told:#?}"
    );
    let nothing = home.run(&["search", "zeppelin"]).await.done().stdout;
    assert_eq!(nothing, "Nothing holds zeppelin.\n");
    home.run(&["search", "depot", "--limit", "51"])
        .await
        .with(2);

    home.run(&["session", "delete", id, "--yes"]).await.done();
    let nothing = home.run(&["search", "koln"]).await.done().stdout;
    assert_eq!(nothing, "Nothing holds koln.\n");
}

#[tokio::test]
async fn what_is_kept_is_measured_by_kind() {
    let home = Home::new();
    home.ask(&["deliberate", "Tea or coffee?"]).await;
    let view: Value = home.ask(&["storage"]).await;
    let uses = view["uses"].as_array().unwrap();
    let of = |kind: &str| {
        let found = uses.iter().find(|found| found["kind"] == kind);
        found.and_then(|found| found["bytes"].as_u64())
    };
    for kind in ["deliberations", "audit", "wallet", "settings", "backups"] {
        assert!(of(kind) > Some(0), "{kind}: {view:#}");
    }
    let sum: u64 = uses
        .iter()
        .filter_map(|found| found["bytes"].as_u64())
        .sum();
    assert_eq!(view["bytes"], sum);
    let table = home.run(&["storage"]).await.done().stdout;
    assert!(table.starts_with("WHAT"), "{table}");
    assert!(table.contains("audit log"), "{table}");
    assert!(table.contains(view["folder"].as_str().unwrap()), "{table}");
}
