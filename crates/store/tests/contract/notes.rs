//! Notes, and the search in them.

use std::sync::Arc;

use husting_domain::ids::NoteId;
use husting_domain::memory::Note;
use husting_store::{BusWrite, CommitError, Constraint, Store, Unit, Write};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::people::*;
use crate::values::*;

const DAY: i64 = 86_400;

fn insert(note: Note) -> Write {
    Write::Bus(BusWrite::InsertNote(note))
}

/// What agent 1 finds today.
async fn found(store: &dyn Store, query: &str) -> Vec<NoteId> {
    let notes = store
        .recall(&tenant(), agent_id(1), None, query, at(1_000), 10)
        .await
        .unwrap();
    notes.iter().map(|note| note.id).collect()
}

pub async fn notes_read_back_as_written_until_forgotten(store: Arc<dyn Store>) {
    let full = Note {
        squad: Some(name("sales")),
        context: Some("The call of Tuesday".to_owned()),
        ..note(2, 1, "Ana prefers tea.")
    };
    let of_another = Note {
        squad: Some(name("sales")),
        ..note(4, 2, "Tea is out.")
    };
    let own = [note(1, 1, "One"), note(3, 1, "Three")];
    keep(
        &*store,
        [
            own[0].clone(),
            full.clone(),
            own[1].clone(),
            of_another.clone(),
        ]
        .map(insert),
    )
    .await;
    assert_eq!(
        store.note(&tenant(), note_id(2)).await.unwrap(),
        Some(full.clone())
    );
    let list = async |squad: Option<&str>, limit| {
        let squad = squad.map(name);
        let list = store
            .notes(&tenant(), agent_id(1), squad.as_ref(), limit)
            .await;
        list.unwrap()
    };
    assert_eq!(list(None, 10).await, [own[1].clone(), own[0].clone()]);
    assert_eq!(list(None, 1).await, [own[1].clone()]);
    assert_eq!(list(Some("sales"), 10).await, [of_another, full]);

    let forget = || Write::Bus(BusWrite::DeleteNote(note_id(1)));
    let theirs = Unit::of(acme()).write(forget());
    for unit in [theirs, unit().writes([forget(), forget()])] {
        assert!(matches!(
            refusal(&*store, unit).await,
            CommitError::Constraint(Constraint::Absent("note"))
        ));
    }
    keep(&*store, [forget()]).await;
    assert_eq!(store.note(&tenant(), note_id(1)).await.unwrap(), None);
    assert_eq!(found(&*store, "One").await, []);
    assert!(matches!(
        refusal(&*store, unit().write(insert(note(3, 1, "again")))).await,
        CommitError::Constraint(Constraint::Exists("note"))
    ));
}

pub async fn any_word_finds_and_the_best_is_first(store: Arc<dyn Store>) {
    let with_context = Note {
        context: Some("about harbours".to_owned()),
        ..note(5, 1, "Nothing else")
    };
    let notes = [
        note(1, 1, "The harbour opens at nine. Ships wait there."),
        note(2, 1, "Tea."),
        note(
            3,
            1,
            "A ship waits in the harbour, and the harbour waits for the ship.",
        ),
        note(4, 1, "Straße und Größe"),
        with_context,
    ];
    keep(&*store, notes.map(insert)).await;
    assert_eq!(found(&*store, "tea ship").await.len(), 2);
    assert_eq!(found(&*store, "harbour").await, [note_id(3), note_id(1)]);
    assert_eq!(
        found(&*store, "HARBOURS").await,
        [note_id(5)],
        "in the context"
    );
    assert_eq!(
        found(&*store, "große").await,
        [note_id(4)],
        "without its dots"
    );
    assert_eq!(found(&*store, "absent").await, []);
    for nothing in ["", " \t\n", "*", "\"", "-- ^ :", "🚢", "\0"] {
        assert_eq!(found(&*store, nothing).await, [], "{nothing:?}");
    }
    let two = store
        .recall(&tenant(), agent_id(1), None, "the", at(1_000), 1)
        .await;
    assert_eq!(two.unwrap().len(), 1);
}

pub async fn of_equals_the_newer_is_first_and_age_does_not_hide_a_match(store: Arc<dyn Store>) {
    let dated = |n, days: i64, text: &str| Note {
        at: at(-days * DAY),
        ..note(n, 1, text)
    };
    let notes = [
        dated(1, 300, "The password policy changed."),
        dated(2, 1, "The password policy changed."),
        dated(3, 100, "The password policy changed."),
        // Newest of all, and hardly about it.
        dated(
            4,
            0,
            "Lunch was late, then came tea, then a walk, then at last somebody named a policy.",
        ),
    ];
    keep(&*store, notes.map(insert)).await;
    let found = found(&*store, "password policy").await;
    assert_eq!(found, [note_id(2), note_id(3), note_id(1), note_id(4)]);
}

pub async fn memory_is_apart_by_owner_squad_and_tenant(store: Arc<dyn Store>) {
    let shared = Note {
        squad: Some(name("sales")),
        ..note(3, 2, "tea for all")
    };
    keep(
        &*store,
        [note(1, 1, "tea for me"), note(2, 2, "tea for you"), shared].map(insert),
    )
    .await;
    let theirs = Unit::of(acme()).write(insert(note(4, 1, "tea for them")));
    store.commit(theirs).await.unwrap();
    assert_eq!(found(&*store, "tea").await, [note_id(1)]);
    let in_squad = async |squad: &str| {
        let squad = name(squad);
        let found = store
            .recall(&tenant(), agent_id(1), Some(&squad), "tea", at(9), 9)
            .await
            .unwrap();
        found.iter().map(|note| note.id).collect::<Vec<_>>()
    };
    assert_eq!(in_squad("sales").await, [note_id(3)]);
    assert_eq!(in_squad("sale").await, []);
    let elsewhere = store
        .recall(&acme(), agent_id(1), None, "tea", at(9), 9)
        .await
        .unwrap();
    assert_eq!(elsewhere.len(), 1);
    assert_eq!(elsewhere[0].id, note_id(4));
    // The word that stands for the owner is no word of a note.
    assert_eq!(found(&*store, "6c6f63616c").await, []);
}

/// Whatever is looked for, it is words: a search never fails, and a word of a note that stands in it
/// between spaces is found.
pub async fn no_query_is_syntax(store: Arc<dyn Store>) {
    keep(&*store, [insert(note(1, 1, "A needle in the hay"))]).await;
    let seed = uuid::Uuid::new_v4().simple().to_string();
    println!("seed {seed}");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, seed.as_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let piece = proptest::sample::select(vec![
        "\"", "'", "*", "^", "-", ":", "(", ")", "{", "}", "+", "AND", "OR", "NOT", "NEAR",
        "NEAR(", ",", "text", "owner :", "🚢", "\0", "\u{301}", "ß", " ", "\n", "needle", "%", "_",
        "\\", ";", "--", "9", "\u{202e}", "½", "٣", "ⅷ", "ꜱ",
    ]);
    let pieces = proptest::collection::vec(piece, 0..12);
    for _ in 0..400 {
        let query = pieces.new_tree(&mut runner).unwrap().current().concat();
        assert!(found(&*store, &query).await.len() <= 1);
        let with_word = format!("{query} needle {query}");
        assert_eq!(found(&*store, &with_word).await, [note_id(1)], "{query:?}");
    }
    let long = "word ".repeat(10_000) + &"x".repeat(100_000);
    assert_eq!(found(&*store, &long).await, []);
}
