//! Keys, acknowledgements and summaries.

use std::sync::Arc;

use husting_domain::ids::TenantId;
use husting_domain::keys::Principal;
use husting_domain::recaps::{
    RecapSection, RecapStatus, RoundRecap, SessionSynthesis, Summary, SynthesisArc,
};
use husting_store::{
    CommitError, Constraint, Replay, ReplayAt, Require, SessionFilter, Store, Unit, Write,
};

use crate::values::{
    at, keep, key, key_id, model, round, round_id, session, session_id, summary, tenant, unit,
};

async fn is_kept(store: &dyn Store, require: Require) -> bool {
    match store.commit(unit().require(require.clone())).await {
        Ok(_) => true,
        Err(CommitError::Refused(refused)) if refused == require => false,
        Err(fault) => panic!("{fault}"),
    }
}

fn acme() -> TenantId {
    TenantId::parse("acme").unwrap()
}

pub async fn keys_are_made_used_and_revoked_once(store: Arc<dyn Store>) {
    keep(
        &*store,
        [Write::InsertKey(key(1)), Write::InsertKey(key(2))],
    )
    .await;
    let theirs = Unit::of(acme()).write(Write::InsertKey(key(3)));
    store.commit(theirs).await.unwrap();
    let stored = async |n: usize| store.keys().await.unwrap().remove(n);
    assert_eq!(stored(0).await.tenant, acme());
    assert_eq!((stored(1).await.row, stored(2).await.row), (key(1), key(2)));

    let live = async || is_kept(&*store, Require::LiveKey(key_id(1))).await;
    assert!(live().await);
    assert!(
        !is_kept(&*store, Require::LiveKey(key_id(3))).await,
        "another tenant's"
    );
    let used = |seconds| Write::KeyUsed {
        key: key_id(1),
        at: at(seconds),
    };
    let revoked = |seconds| Write::RevokeKey {
        key: key_id(1),
        at: at(seconds),
    };
    keep(&*store, [used(60), used(30), revoked(90), revoked(120)]).await;
    let found = stored(1).await.row;
    assert_eq!(found.last_used_at, Some(at(60)), "never earlier");
    assert_eq!(found.revoked_at, Some(at(90)), "since the first time");
    assert!(!live().await);
}

pub async fn live_keys_have_names_of_their_own(store: Arc<dyn Store>) {
    keep(&*store, [Write::InsertKey(key(1))]).await;
    let namesake = husting_domain::keys::DeliberationKey {
        name: key(1).name,
        ..key(2)
    };
    let again = unit().write(Write::InsertKey(namesake.clone()));
    assert!(matches!(
        store.commit(again.clone()).await,
        Err(CommitError::Constraint(Constraint::Exists(_)))
    ));
    let theirs = Unit::of(acme()).write(Write::InsertKey(husting_domain::keys::DeliberationKey {
        hash: [9; 32],
        ..namesake
    }));
    store.commit(theirs).await.unwrap();
    let gone = Write::RevokeKey {
        key: key_id(1),
        at: at(9),
    };
    keep(&*store, [gone]).await;
    store.commit(again).await.unwrap();
}

fn place(key: &str) -> ReplayAt {
    ReplayAt {
        caller: Principal::Key(key_id(1)),
        endpoint: "rest/create".to_owned(),
        key: key.to_owned(),
    }
}

fn replay(key: &str, n: u128) -> Replay {
    Replay {
        place: place(key),
        fingerprint: [4; 32],
        session_id: session_id(1),
        round_id: round_id(n),
        round_index: 3,
        client_request_id: Some("job 12".to_owned()),
        at: at(5),
        progress_version: 9,
    }
}

pub async fn an_acknowledgement_stands_in_one_place(store: Arc<dyn Store>) {
    let found = async |key| store.replay(&tenant(), &place(key)).await.unwrap();
    assert_eq!(found("a").await, None);
    assert!(is_kept(&*store, Require::Replay(place("a"), None)).await);
    keep(
        &*store,
        [
            Write::PutReplay(replay("a", 100)),
            Write::PutReplay(replay("", 100)),
        ],
    )
    .await;
    assert_eq!(found("a").await, Some(replay("a", 100)));
    assert_eq!(store.replay(&acme(), &place("a")).await.unwrap(), None);
    assert!(is_kept(&*store, Require::Replay(place("a"), Some(round_id(100)))).await);
    for other in [None, Some(round_id(101))] {
        assert!(!is_kept(&*store, Require::Replay(place("a"), other)).await);
    }
    keep(&*store, [Write::PutReplay(replay("a", 101))]).await;
    assert_eq!(found("a").await, Some(replay("a", 101)));

    // Only what stands without a key of the caller's own is released, and only for its round.
    let release = |n| Write::ReleaseReplay {
        caller: Principal::Key(key_id(1)),
        round: round_id(n),
    };
    keep(&*store, [release(101)]).await;
    assert!(found("a").await.is_some() && found("").await.is_some());
    keep(&*store, [release(100)]).await;
    assert_eq!(found("").await, None);
    keep(&*store, [Write::ForgetAcknowledgements { before: at(5) }]).await;
    assert!(found("a").await.is_some());
    keep(&*store, [Write::ForgetAcknowledgements { before: at(6) }]).await;
    assert_eq!(found("a").await, None);
}

pub async fn of_two_requests_only_a_twin_stands_in_the_others_way(store: Arc<dyn Store>) {
    let no_twin = |fingerprint, round| Require::NoTwin {
        place: Box::new(place("")),
        fingerprint: [fingerprint; 32],
        round,
    };
    assert!(
        is_kept(&*store, no_twin(4, None)).await,
        "nothing stands there"
    );
    keep(&*store, [Write::PutReplay(replay("", 100))]).await;
    for (fingerprint, round, is_met) in [
        (5, None, true),
        (4, None, false),
        (4, Some(round_id(101)), false),
        (4, Some(round_id(100)), true),
    ] {
        let found = is_kept(&*store, no_twin(fingerprint, round)).await;
        assert_eq!(found, is_met, "{fingerprint} {round:?}");
    }
}

pub async fn what_stands_by_words_lasts_as_long_as_its_round(store: Arc<dyn Store>) {
    let standing = |endpoint: &str, n| Replay {
        place: ReplayAt {
            endpoint: endpoint.to_owned(),
            ..place("")
        },
        ..replay("", n)
    };
    let append = standing("mcp/append/1", 101);
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::PutReplay(standing("mcp/create", 100)),
            Write::PutReplay(append.clone()),
            Write::PutReplay(replay("a", 102)),
        ],
    )
    .await;
    let by_words = async || {
        let caller = Principal::Key(key_id(1));
        let found = store
            .replays_by_words(&tenant(), caller, session_id(1))
            .await;
        let mut found = found.unwrap();
        found.sort();
        found
    };
    assert_eq!(by_words().await, [round_id(100), round_id(101)]);
    keep(&*store, [Write::ForgetAcknowledgements { before: at(6) }]).await;
    assert_eq!(by_words().await, [round_id(101)], "a session's for a day");
    keep(&*store, [Write::DeleteSession(session_id(1))]).await;
    assert_eq!(store.replay(&tenant(), &append.place).await.unwrap(), None);
}

pub async fn a_synthesis_is_awaited_without_losing_the_one_before(store: Arc<dyn Store>) {
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    let awaited = Write::AwaitSynthesis {
        session: session_id(1),
        at: at(99),
    };
    let stored = async || {
        store
            .session(&tenant(), session_id(1))
            .await
            .unwrap()
            .unwrap()
    };
    keep(&*store, [awaited.clone()]).await;
    let first = stored().await.synthesis;
    assert_eq!((first.status, first.text), (RecapStatus::Pending, None));
    keep(
        &*store,
        [
            Write::SetSynthesis {
                session: session_id(1),
                synthesis: summary(synthesis()),
                at: at(100),
            },
            awaited,
        ],
    )
    .await;
    let again = stored().await.synthesis;
    assert_eq!(
        (again.status, again.text, again.failure),
        (RecapStatus::Pending, Some(synthesis()), None)
    );
    assert_eq!(again.model, summary(()).model);
    let rounds = store.rounds(&tenant(), session_id(1)).await.unwrap();
    assert_eq!(
        rounds[0].progress_version, 3,
        "told by every round's progress"
    );
}

pub async fn a_callers_rounds_of_a_day_are_counted(store: Arc<dyn Store>) {
    let (eight, seven) = (Principal::Key(key_id(8)), Principal::Key(key_id(7)));
    let count = |by, day| Write::CountRound { by, day: at(day) };
    let fewer = |by, day, limit| Require::FewerRounds {
        by,
        day: at(day),
        limit,
    };
    assert!(is_kept(&*store, fewer(eight, 0, 1)).await);
    keep(
        &*store,
        [
            count(eight, 0),
            count(eight, 0),
            count(seven, 0),
            count(eight, 86_400),
        ],
    )
    .await;
    assert!(is_kept(&*store, fewer(eight, 0, 3)).await);
    assert!(!is_kept(&*store, fewer(eight, 0, 2)).await);
    assert!(!is_kept(&*store, fewer(eight, 86_400, 1)).await);
    assert!(is_kept(&*store, fewer(seven, 86_400, 1)).await, "another's");
    let elsewhere = Unit::of(acme()).require(fewer(eight, 0, 1));
    store.commit(elsewhere).await.unwrap();
    keep(&*store, [Write::ForgetAcknowledgements { before: at(1) }]).await;
    assert!(is_kept(&*store, fewer(eight, 0, 1)).await, "days long past");
    assert!(!is_kept(&*store, fewer(eight, 86_400, 1)).await);
}

fn recap() -> RoundRecap {
    RoundRecap {
        title: "Stores".to_owned(),
        tldr: "One file.".to_owned(),
        agenda: vec!["Which store".to_owned()],
        sections: vec![RecapSection {
            heading: "Which".to_owned(),
            body: "One *file*.".to_owned(),
            claim_ids: vec!["c1".to_owned()],
        }],
    }
}

fn synthesis() -> SessionSynthesis {
    SessionSynthesis {
        title: "Stores".to_owned(),
        tldr: "Settled.".to_owned(),
        origin: "A question.".to_owned(),
        arcs: vec![SynthesisArc {
            title: "From many to one".to_owned(),
            body: "…".to_owned(),
            round_indexes: vec![0, 1],
        }],
    }
}

pub async fn summaries_read_back_and_a_restart_finds_those_at_work(store: Arc<dyn Store>) {
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    let pending = store.unfinished_recaps().await.unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(
        (&pending[0].tenant, pending[0].row.id),
        (&tenant(), round_id(100))
    );
    assert!(store.unfinished_syntheses().await.unwrap().is_empty());

    let at_work = Summary {
        status: RecapStatus::Pending,
        ..Summary::default()
    };
    keep(
        &*store,
        [
            Write::SetRecap {
                round: round_id(100),
                recap: summary(recap()),
            },
            Write::SetSynthesis {
                session: session_id(1),
                synthesis: at_work,
                at: at(99),
            },
        ],
    )
    .await;
    let stored = store
        .rounds(&tenant(), session_id(1))
        .await
        .unwrap()
        .remove(0);
    assert_eq!(stored.recap, summary(recap()));
    assert_eq!(stored.progress_version, 2, "raised by each");
    assert!(store.unfinished_recaps().await.unwrap().is_empty());
    let found = store.unfinished_syntheses().await.unwrap();
    assert_eq!((&found[0].tenant, found[0].row), (&tenant(), session_id(1)));

    keep(
        &*store,
        [Write::SetSynthesis {
            session: session_id(1),
            synthesis: summary(synthesis()),
            at: at(100),
        }],
    )
    .await;
    let stored = store
        .session(&tenant(), session_id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.synthesis, summary(synthesis()));
    assert_eq!(stored.updated_at, at(100));
    assert!(store.unfinished_syntheses().await.unwrap().is_empty());
    assert_eq!(stored.models[0], model("claude-opus-4-7"));
}

pub async fn a_list_has_the_last_changed_first_and_the_last_opened_of_equals(
    store: Arc<dyn Store>,
) {
    // Session 1 was opened first and changed last; the others changed at one moment.
    let first = husting_domain::sessions::Session {
        updated_at: at(500),
        ..session(1)
    };
    keep(
        &*store,
        [
            Write::InsertSession(first),
            Write::InsertSession(session(2)),
            Write::InsertSession(session(3)),
        ],
    )
    .await;
    let page = async |offset| {
        let filter = SessionFilter {
            offset,
            limit: 2,
            ..SessionFilter::default()
        };
        let page = store.sessions(&tenant(), &filter).await.unwrap();
        page.rows
            .iter()
            .map(|row| row.session.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(page(0).await, [session_id(1), session_id(3)]);
    assert_eq!(page(2).await, [session_id(2)]);
}
