//! Sessions, rounds and calls.

use std::sync::Arc;

use husting_domain::calls::{A_PAGE, Call, Purpose, SeatErrorCode, Spent};
use husting_domain::claims::ClaimGroup::{Agreed, Contested, Open};
use husting_domain::ids::{AgentId, SessionId, TenantId};
use husting_domain::keys::Principal;
use husting_domain::money::MicroUsd;
use husting_domain::passages::PassageKind;
use husting_domain::recaps::{RecapSection, RoundRecap, SessionSynthesis, Summary};
use husting_domain::rounds::{Phase, ReactionSet, Round, RoundStatus, RoundTimings};
use husting_domain::sessions::{Session, SessionStatus};
use husting_domain::snippets::Snippet;
use husting_store::{
    CallStanding, CommitError, Constraint, Require, SessionFilter, Store, TransactionFilter, Unit,
    Write,
};

use crate::values::*;

async fn session_of(store: &dyn Store, n: u128) -> Session {
    store
        .session(&tenant(), session_id(n))
        .await
        .unwrap()
        .unwrap()
}

async fn is_kept(store: &dyn Store, require: Require) -> bool {
    match store.commit(unit().require(require.clone())).await {
        Ok(_) => true,
        Err(CommitError::Refused(refused)) if refused == require => false,
        Err(other) => panic!("{other}"),
    }
}

async fn absent(store: &dyn Store, write: Write) {
    let outcome = store.commit(unit().write(write.clone())).await;
    assert!(
        matches!(outcome, Err(CommitError::Constraint(Constraint::Absent(_)))),
        "{write:?}: {outcome:?}"
    );
}

pub async fn a_session_reads_back_as_written(store: Arc<dyn Store>) {
    let bare = Session {
        reference: None,
        reference_name: None,
        moderator_name: None,
        application: None,
        deadline_seconds: None,
        spend_limit: None,
        tags: Vec::new(),
        seed: 0,
        rehearsal: false,
        blind: false,
        ..session(2)
    };
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertSession(bare.clone()),
        ],
    )
    .await;
    assert_eq!(session_of(&*store, 1).await, session(1));
    assert_eq!(session_of(&*store, 2).await, bare);
    assert_eq!(store.session(&tenant(), session_id(3)).await.unwrap(), None);
    let again = store
        .commit(unit().write(Write::InsertSession(session(1))))
        .await;
    assert!(matches!(
        again,
        Err(CommitError::Constraint(Constraint::Exists("session")))
    ));
}

pub async fn how_a_session_stands_is_read_alone(store: Arc<dyn Store>) {
    let standing =
        async |tenant: &TenantId| store.session_standing(tenant, session_id(1)).await.unwrap();
    assert_eq!(standing(&tenant()).await, None);
    keep(&*store, [Write::InsertSession(session(1))]).await;
    let other = TenantId::parse("acme").unwrap();
    for wanted in [SessionStatus::Ready, SessionStatus::Failed] {
        let change = Write::SetSessionStatus {
            session: session_id(1),
            status: wanted,
            at: at(1),
        };
        keep(&*store, [change]).await;
        let found = standing(&tenant()).await.unwrap();
        assert_eq!(
            (found.status, found.opened_by),
            (wanted, session(1).opened_by)
        );
        assert_eq!(standing(&other).await, None, "another tenant's");
    }
}

pub async fn sessions_change_one_thing_at_a_time(store: Arc<dyn Store>) {
    let id = session_id(1);
    keep(&*store, [Write::InsertSession(session(1))]).await;
    let mut expected = session(1);

    keep(
        &*store,
        [Write::SetSessionStatus {
            session: id,
            status: SessionStatus::Streaming,
            at: at(10),
        }],
    )
    .await;
    expected = Session {
        status: SessionStatus::Streaming,
        updated_at: at(10),
        ..expected
    };
    assert_eq!(session_of(&*store, 1).await, expected);

    keep(
        &*store,
        [Write::SetSessionTitle {
            session: id,
            title: "Anders".to_owned(),
            at: at(11),
        }],
    )
    .await;
    expected = Session {
        title: "Anders".to_owned(),
        updated_at: at(11),
        ..expected
    };
    assert_eq!(session_of(&*store, 1).await, expected);

    keep(
        &*store,
        [Write::SetSessionTags {
            session: id,
            tags: vec!["b".to_owned()],
            at: at(12),
        }],
    )
    .await;
    expected = Session {
        tags: vec!["b".to_owned()],
        updated_at: at(12),
        ..expected
    };
    assert_eq!(session_of(&*store, 1).await, expected);

    keep(
        &*store,
        [Write::SetModeratorName {
            session: id,
            name: None,
            at: at(13),
        }],
    )
    .await;
    expected = Session {
        moderator_name: None,
        updated_at: at(13),
        ..expected
    };
    assert_eq!(session_of(&*store, 1).await, expected);

    // A write that was made earlier and came later does not turn the session's time back.
    keep(
        &*store,
        [Write::SetSpendLimit {
            session: id,
            limit: Some(MicroUsd(7)),
            at: at(5),
        }],
    )
    .await;
    expected = Session {
        spend_limit: Some(MicroUsd(7)),
        ..expected
    };
    assert_eq!(session_of(&*store, 1).await, expected);

    keep(
        &*store,
        [Write::ArchiveSession {
            session: id,
            archived: true,
        }],
    )
    .await;
    expected = Session {
        archived: true,
        ..expected
    };
    assert_eq!(session_of(&*store, 1).await, expected);

    keep(
        &*store,
        [Write::ArchiveSession {
            session: id,
            archived: false,
        }],
    )
    .await;
    expected = Session {
        archived: false,
        ..expected
    };
    assert_eq!(session_of(&*store, 1).await, expected);

    let nobody = session_id(9);
    absent(
        &*store,
        Write::SetSessionStatus {
            session: nobody,
            status: SessionStatus::Ready,
            at: at(1),
        },
    )
    .await;
    absent(
        &*store,
        Write::SetSessionTitle {
            session: nobody,
            title: String::new(),
            at: at(1),
        },
    )
    .await;
    absent(
        &*store,
        Write::SetSessionTags {
            session: nobody,
            tags: Vec::new(),
            at: at(1),
        },
    )
    .await;
    absent(
        &*store,
        Write::SetModeratorName {
            session: nobody,
            name: None,
            at: at(1),
        },
    )
    .await;
    absent(
        &*store,
        Write::SetSpendLimit {
            session: nobody,
            limit: None,
            at: at(1),
        },
    )
    .await;
    absent(
        &*store,
        Write::ArchiveSession {
            session: nobody,
            archived: true,
        },
    )
    .await;
    absent(&*store, Write::DeleteSession(nobody)).await;
}

async fn listed(store: &dyn Store, filter: SessionFilter) -> (Vec<SessionId>, u64) {
    let page = store.sessions(&tenant(), &filter).await.unwrap();
    (
        page.rows.into_iter().map(|row| row.session.id).collect(),
        page.total,
    )
}

pub async fn a_list_is_newest_first_and_counts_all(store: Arc<dyn Store>) {
    let failed = |session| Session {
        status: SessionStatus::Failed,
        ..session
    };
    let sessions = [
        session(1),
        failed(session(2)),
        Session {
            archived: true,
            ..session(3)
        },
        session(4),
    ];
    keep(&*store, sessions.map(Write::InsertSession)).await;
    let all = SessionFilter::default();
    assert_eq!(
        listed(&*store, all.clone()).await,
        (vec![4, 3, 2, 1].into_iter().map(session_id).collect(), 4)
    );
    let page = SessionFilter {
        limit: 2,
        offset: 1,
        ..all.clone()
    };
    assert_eq!(
        listed(&*store, page).await,
        (vec![session_id(3), session_id(2)], 4)
    );
    let away = SessionFilter {
        archived: Some(true),
        ..all.clone()
    };
    assert_eq!(listed(&*store, away).await, (vec![session_id(3)], 1));
    let states = vec![SessionStatus::Failed, SessionStatus::Processing];
    assert_eq!(
        listed(
            &*store,
            SessionFilter {
                statuses: states,
                ..all
            }
        )
        .await,
        (vec![session_id(2)], 1)
    );
    keep(
        &*store,
        [Write::SetSessionTitle {
            session: session_id(1),
            title: "!".to_owned(),
            at: at(99),
        }],
    )
    .await;
    assert_eq!(
        listed(&*store, SessionFilter::default()).await.0[0],
        session_id(1)
    );
}

pub async fn a_list_of_one_who_asks_holds_their_sessions_alone(store: Arc<dyn Store>) {
    let agent = Principal::Agent(AgentId(uuid::Uuid::from_u128(7)));
    let theirs = |n| Session {
        opened_by: agent,
        ..session(n)
    };
    keep(
        &*store,
        [theirs(1), session(2), theirs(3)].map(Write::InsertSession),
    )
    .await;
    let filter = SessionFilter {
        opened_by: Some(agent),
        ..SessionFilter::default()
    };
    let both = (vec![session_id(3), session_id(1)], 2);
    assert_eq!(listed(&*store, filter.clone()).await, both);
    let first = SessionFilter { limit: 1, ..filter };
    assert_eq!(listed(&*store, first).await, (vec![session_id(3)], 2));
}

pub async fn a_list_counts_each_state_as_sessions_change(store: Arc<dyn Store>) {
    use SessionStatus::{Failed, Processing, Ready, Streaming};
    let now = async |archived, statuses: &[SessionStatus]| {
        let filter = SessionFilter {
            statuses: statuses.to_vec(),
            archived,
            ..SessionFilter::default()
        };
        let (ids, total) = listed(&*store, filter).await;
        assert_eq!(ids.len() as u64, total, "all of them are on the page");
        ids.iter()
            .map(|id| id.0.as_u128() - session_id(0).0.as_u128())
            .collect::<Vec<_>>()
    };
    let set = |n, status, seconds| Write::SetSessionStatus {
        session: session_id(n),
        status,
        at: at(seconds),
    };
    keep(&*store, [1, 2, 3].map(session).map(Write::InsertSession)).await;
    let away = Write::ArchiveSession {
        session: session_id(3),
        archived: true,
    };
    let changes = [set(2, Streaming, 11), set(1, Processing, 12), away];
    keep(&*store, changes).await;
    // Set again to what it was, it is still one.
    keep(&*store, [set(2, Streaming, 10)]).await;

    // Put away, it has its place from before.
    assert_eq!(now(None, &[]).await, [1, 2, 3]);
    assert_eq!(now(None, &[Streaming, Processing]).await, [1, 2]);
    assert_eq!(now(None, &[Ready]).await, [3]);
    assert_eq!(now(Some(false), &[Ready]).await, [0; 0]);
    assert_eq!(now(Some(true), &[Ready, Failed]).await, [3]);

    let changes = [Write::DeleteSession(session_id(2)), set(1, Ready, 14)];
    keep(&*store, changes).await;
    assert_eq!(now(None, &[]).await, [1, 3]);
    assert_eq!(now(None, &[Ready]).await, [1, 3]);
    assert_eq!(now(None, &[Streaming, Processing]).await, [0; 0]);
}

pub async fn a_list_is_searched_in_titles_tags_and_prompts(store: Arc<dyn Store>) {
    let writes = [
        Write::InsertSession(session(1)),
        Write::InsertSession(session(2)),
        Write::InsertRound(round(200)),
        Write::InsertSession(Session {
            title: "100 % sure_thing".to_owned(),
            tags: Vec::new(),
            ..session(3)
        }),
    ];
    keep(&*store, writes).await;
    let search = async |query: &str| {
        let filter = SessionFilter {
            query: Some(query.to_owned()),
            ..SessionFilter::default()
        };
        let (ids, total) = listed(&*store, filter).await;
        assert_eq!(ids.len() as u64, total);
        ids
    };
    let ids = |ns: &[u128]| -> Vec<SessionId> { ns.iter().copied().map(session_id).collect() };
    assert_eq!(search("GRÖSSE").await, ids(&[]));
    assert_eq!(search("GRÖßE").await, ids(&[2, 1]), "titles, in any case");
    assert_eq!(search("ärger").await, ids(&[2, 1]), "tags");
    assert_eq!(
        search("straße 200:").await,
        ids(&[2]),
        "prompts; every word must occur"
    );
    assert_eq!(
        search("ärger 200").await,
        ids(&[2]),
        "words of a tag and of a prompt together"
    );
    assert_eq!(search("%").await, ids(&[3]), "no wildcards");
    assert_eq!(search("e_t").await, ids(&[3]));
    assert_eq!(search("  ").await, ids(&[3, 2, 1]), "no words at all");
    keep(
        &*store,
        [Write::SetSessionTags {
            session: session_id(3),
            tags: vec!["Neu".to_owned()],
            at: at(4),
        }],
    )
    .await;
    assert_eq!(search("neu sure").await, ids(&[3]), "what was changed");
}

pub async fn a_list_tells_how_the_newest_rounds_calls_stand(store: Arc<dyn Store>) {
    let first = call(10_101, "a", Purpose::Respond);
    // Of the round before, which the list says nothing of.
    let old = call(10_001, "b", Purpose::Respond);
    let again = Call {
        attempt: 1,
        ..call(10_100, "a", Purpose::Respond)
    };
    let elsewhere = call(10_102, "b", Purpose::Respond);
    let page = Call {
        error_code: Some(SeatErrorCode::PreStreamProviderError),
        error_message: Some(format!("{A_PAGE}: <html>")),
        ..failed(elsewhere.clone())
    };
    let empty = Call {
        error_code: Some(SeatErrorCode::RateLimit),
        error_message: Some(format!("{}: No.", Spent::Credit.said())),
        ..failed(first.clone())
    };
    let writes = [
        Write::InsertSession(session(1)),
        Write::InsertRound(round(100)),
        Write::InsertCall(old),
        Write::InsertRound(round(101)),
        Write::InsertCall(again.clone()),
        Write::InsertCall(first.clone()),
        Write::FinishCall(empty.clone()),
        Write::InsertCall(elsewhere),
        Write::FinishCall(page.clone()),
        finish(101, RoundStatus::Failed, &[]),
    ];
    keep(&*store, writes).await;
    let row = store.session_row(&tenant(), session_id(1)).await.unwrap();
    let row = row.unwrap();
    let newest = row.newest_round.clone().unwrap();
    assert_eq!(
        (newest.status, newest.cancelled),
        (RoundStatus::Failed, true)
    );
    assert_eq!(newest.reactions, round(101).reactions);
    let standing = |call: Call| CallStanding {
        model: call.model,
        purpose: call.purpose,
        state: call.state,
        error_code: call.error_code,
        closed: call.closed,
        unreadable: call.unreadable,
        page: call.error_code == Some(SeatErrorCode::PreStreamProviderError),
        spent: (call.error_code == Some(SeatErrorCode::RateLimit)).then_some(Spent::Credit),
    };
    assert_eq!(
        newest.calls,
        [standing(empty), standing(page), standing(again)],
        "by attempt"
    );
    let page = store.sessions(&tenant(), &SessionFilter::default()).await;
    assert_eq!(
        page.unwrap().rows,
        [row],
        "one row, however it is asked for"
    );
    let nobody = store.session_row(&tenant(), session_id(9)).await.unwrap();
    assert_eq!(nobody, None);
}

pub async fn what_was_said_is_found_by_its_words(store: Arc<dyn Store>) {
    let asked = |n, prompt: &str| {
        Write::InsertRound(Round {
            prompt: prompt.to_owned(),
            ..round(n)
        })
    };
    let said = |call: Call, text: &str| Call {
        text: text.to_owned(),
        ..answered(call)
    };
    let queued = |n, purpose| call(n, "claude-opus-4-7", purpose);
    let (first, partial) = (
        queued(10_000, Purpose::Respond),
        queued(10_001, Purpose::Respond),
    );
    let partial = Call {
        model: model("b"),
        ..partial
    };
    let reaction = queued(10_002, Purpose::React);
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertSession(session(2)),
            asked(100, "Should the depot in Köln stay open?"),
            asked(200, "Which depot is next?"),
            Write::InsertCall(first.clone()),
            Write::InsertCall(partial.clone()),
            Write::InsertCall(reaction.clone()),
            Write::FinishCall(said(
                first,
                "The manifest says \"forty pallets\" a day; a second depot costs more.",
            )),
            Write::FinishCall(Call {
                text: "A manifest that".to_owned(),
                ..failed(partial)
            }),
            Write::FinishCall(said(reaction, "{\"manifest\": true}")),
            // As a copy of another store would bring it.
            Write::InsertCall(said(
                queued(20_000, Purpose::Respond),
                "Lyon is next: it has no manifest.",
            )),
        ],
    )
    .await;
    let found = async |tenant: &TenantId, query: &str| {
        let found = store.passages(tenant, query, 10).await.unwrap();
        let places = found
            .into_iter()
            .map(|found| (found.session, found.round_index, found.model.is_some()));
        let mut places: Vec<_> = places.collect();
        places.sort();
        places
    };
    let (one, two) = (session_id(1), session_id(2));
    let here = tenant();
    // Whole answers of both, and neither a half one nor a reaction.
    assert_eq!(
        found(&here, "Manifest").await,
        [(one, 0, true), (two, 0, true)]
    );
    assert_eq!(found(&here, "depot").await.len(), 3);
    // All words, the last as far as it is typed; accents and case as one likes.
    assert_eq!(found(&here, "koln DEP").await, [(one, 0, false)]);
    assert_eq!(found(&here, "pallets manif").await, [(one, 0, true)]);
    assert_eq!(found(&here, "depo open").await, []);
    assert_eq!(
        found(&here, "koln DEP ?").await,
        [(one, 0, false)],
        "what has no letter is no last word"
    );
    // Nothing is syntax, and what has no letter asks for nothing.
    assert_eq!(found(&here, "\"forty").await, [(one, 0, true)]);
    assert_eq!(found(&here, "text:manifest OR *").await, []);
    assert_eq!(found(&here, " * ( \" ").await, []);
    assert_eq!(
        found(&TenantId::parse("acme").unwrap(), "manifest").await,
        []
    );
    assert_eq!(store.passages(&here, "depot", 2).await.unwrap().len(), 2);
    // What others said takes nobody's place, however well it fits.
    let theirs = Round {
        prompt: "Lyon, Lyon.".to_owned(),
        ..round(700)
    };
    let elsewhere = Session {
        tenant_id: TenantId::parse("acme").unwrap(),
        ..session(7)
    };
    let writes = [Write::InsertSession(elsewhere), Write::InsertRound(theirs)];
    let unit = Unit::of(TenantId::parse("acme").unwrap()).writes(writes);
    store.commit(unit).await.unwrap();
    let best = store.passages(&here, "lyon", 1).await.unwrap();
    assert_eq!(best[0].session, two);
    let passage = &store.passages(&here, "lyon", 10).await.unwrap()[0];
    assert_eq!(
        (passage.title.as_str(), passage.model.as_ref(), passage.at),
        (
            session(2).title.as_str(),
            Some(&model("claude-opus-4-7")),
            at(42)
        )
    );
    keep(&*store, [Write::DeleteSession(one)]).await;
    assert_eq!(found(&here, "manifest").await, [(two, 0, true)]);
}

pub async fn what_was_said_beside_the_answers_is_found_as_what_it_is(store: Arc<dyn Store>) {
    let here = tenant();
    let found = async |query: &str| {
        let found = store.passages(&here, query, 10).await.unwrap();
        let places = found.into_iter().map(|found| {
            let model = found.model.map(|model| model.as_str().to_owned());
            (found.kind, found.round_index, model)
        });
        places.collect::<Vec<_>>()
    };
    let said = |of: &str, comments: &[Option<&str>]| ReactionSet {
        model: model(of),
        to: vec![],
        snippets: comments
            .iter()
            .map(|comment| Snippet {
                comment: comment.map(str::to_owned),
                ..snippet()
            })
            .collect(),
    };
    let ended = |n, reactions: Vec<ReactionSet>| {
        let mut end = whole(n);
        if let Write::FinishRound {
            reactions: given, ..
        } = &mut end
        {
            *given = reactions;
        }
        end
    };
    let unasked = |n| Round {
        reactions: vec![],
        recap: Summary::default(),
        ..round(n)
    };
    let by = |of: &str| Some(of.to_owned());
    // One as a copy of another store would bring it.
    let brought = Round {
        reactions: vec![said("c", &[Some("A zeppelin would do.")])],
        ..unasked(200)
    };
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertSession(session(2)),
            Write::InsertRound(unasked(100)),
            Write::InsertRound(brought),
        ],
    )
    .await;
    assert_eq!(
        found("zeppelin").await,
        [(PassageKind::Reaction, 0, by("c"))]
    );

    let given = vec![
        said("a", &[None, Some("The quay freezes.")]),
        said("b", &[Some(""), Some("No quay: a \"ferry\" goes.")]),
    ];
    keep(&*store, [ended(100, given)]).await;
    assert_eq!(
        found("quay").await,
        [
            (PassageKind::Reaction, 0, by("a")),
            (PassageKind::Reaction, 0, by("b"))
        ]
    );
    let [passage] = &store.passages(&here, "ferry", 10).await.unwrap()[..] else {
        panic!("one says so");
    };
    assert_eq!(passage.text, "No quay: a \"ferry\" goes.");
    assert_eq!((passage.session, passage.at), (session_id(1), at(52)));

    let recap = |body: &str| RoundRecap {
        title: "Where to land".to_owned(),
        tldr: "By water.".to_owned(),
        agenda: vec!["Harbours".to_owned()],
        sections: vec![RecapSection {
            heading: "Ice".to_owned(),
            body: body.to_owned(),
            claim_ids: vec!["c1".to_owned()],
        }],
    };
    let recapped = |body| Write::SetRecap {
        round: round_id(100),
        recap: summary(recap(body)),
    };
    let came_to = |tldr: &str| Write::SetSynthesis {
        session: session_id(1),
        synthesis: summary(SessionSynthesis {
            title: "All of it".to_owned(),
            tldr: tldr.to_owned(),
            origin: "Where from".to_owned(),
            arcs: vec![],
        }),
        at: at(99),
    };
    let another = Write::InsertRound(unasked(101));
    keep(
        &*store,
        [
            recapped("The bollard holds."),
            another,
            came_to("A skiff it is."),
        ],
    )
    .await;
    // Words of a recap may be apart in it; how claims are called is none of them.
    assert_eq!(
        found("harbours bollard").await,
        [(PassageKind::Recap, 0, by("a"))]
    );
    assert_eq!(found("c1").await, []);
    assert_eq!(found("skiff").await, [(PassageKind::Synthesis, 1, by("a"))]);

    // What is written anew takes the place of what was.
    keep(
        &*store,
        [recapped("The mooring holds."), came_to("A barge.")],
    )
    .await;
    assert_eq!(found("bollard").await, []);
    assert_eq!(found("mooring").await, [(PassageKind::Recap, 0, by("a"))]);
    assert_eq!(found("skiff").await, []);
    assert_eq!(found("barge").await, [(PassageKind::Synthesis, 1, by("a"))]);
    let again = Write::ReopenRound {
        round: round_id(100),
        attempt: 1,
        phase: Phase::React,
        deadline_at: at(400),
    };
    keep(&*store, [again]).await;
    assert_eq!(found("mooring").await, [], "it is awaited anew");
    let given = vec![said("a", &[Some("The river freezes.")])];
    keep(&*store, [ended(100, given)]).await;
    assert_eq!(found("quay").await, []);
    assert_eq!(found("river").await, [(PassageKind::Reaction, 0, by("a"))]);

    keep(&*store, [Write::DeleteSession(session_id(1))]).await;
    for gone in ["river", "barge"] {
        assert_eq!(found(gone).await, [], "{gone}");
    }
    assert_eq!(found("zeppelin").await.len(), 1, "another's stays");
}

pub async fn a_list_tells_rounds_contested_claims_and_cost(store: Arc<dyn Store>) {
    let writes = [
        Write::InsertSession(session(1)),
        Write::InsertRound(round(100)),
        finish(
            100,
            RoundStatus::Complete,
            &[Contested, Contested, Agreed, Open],
        ),
        Write::InsertRound(round(101)),
        Write::Post(grant(1, 1_000)),
        Write::Post(debit(2, 10_001, 110)),
        Write::Post(debit(3, 10_002, 210)),
        Write::Post(refund(4, 3, 100, 40)),
        Write::InsertSession(session(2)),
    ];
    keep(&*store, writes).await;
    let page = store
        .sessions(&tenant(), &SessionFilter::default())
        .await
        .unwrap();
    let [fresh, busy] = &page.rows[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        (fresh.round_count, fresh.contested, fresh.cost),
        (0, None, MicroUsd::ZERO)
    );
    assert_eq!(fresh.newest_round, None);
    assert_eq!(busy.round_count, 2);
    assert_eq!(
        busy.contested,
        Some(2),
        "of the newest round that has a map"
    );
    let newest = busy.newest_round.as_ref().unwrap();
    assert_eq!(newest.status, RoundStatus::InProgress);
    assert_eq!(
        busy.cost,
        MicroUsd(300),
        "the provider's price, without markup and refunds"
    );
    assert_eq!(
        busy.session,
        Session {
            reference: None,
            ..session(1)
        }
    );
}

pub async fn a_round_reads_back_in_every_state(store: Arc<dyn Store>) {
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    let stored = async || {
        let mut rounds = store.rounds(&tenant(), session_id(1)).await.unwrap();
        rounds.remove(0)
    };
    let mut expected = round(100);
    assert_eq!(stored().await, expected);

    let react = Write::SetRoundPhase {
        round: round_id(100),
        phase: Phase::React,
        deadline_at: at(300),
    };
    keep(&*store, [react]).await;
    expected.phase = Phase::React;
    expected.deadline_at = at(300);
    assert_eq!(stored().await, expected);

    keep(
        &*store,
        [finish(100, RoundStatus::PartialFailure, &[Contested, Open])],
    )
    .await;
    expected.status = RoundStatus::PartialFailure;
    expected.phase = Phase::Done;
    expected.ended_at = Some(at(52));
    expected.claim_map = Some(claim_map(&[Contested, Open]));
    expected.reactions = round(100).reactions;
    expected.timings = RoundTimings {
        slowest_answer_ms: 41_200,
        slowest_reaction_ms: 9_800,
        round_ms: 51_100,
    };
    expected.cancelled = true;
    expected.progress_version = 17;
    assert_eq!(stored().await, expected);

    let again = Write::ReopenRound {
        round: round_id(100),
        attempt: 1,
        phase: Phase::Respond,
        deadline_at: at(400),
    };
    keep(&*store, [again]).await;
    expected.status = RoundStatus::InProgress;
    expected.phase = Phase::Respond;
    expected.attempt = 1;
    expected.deadline_at = at(400);
    expected.ended_at = None;
    expected.claim_map = None;
    expected.cancelled = false;
    expected.progress_version = 18;
    assert_eq!(stored().await, expected);

    keep(&*store, [Write::InsertRound(round(101))]).await;
    assert_eq!(
        store.rounds(&tenant(), session_id(1)).await.unwrap(),
        [expected, round(101)]
    );
    assert!(
        store
            .rounds(&tenant(), session_id(2))
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn only_a_running_round_can_change(store: Arc<dyn Store>) {
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    let reopen = |attempt| Write::ReopenRound {
        round: round_id(100),
        attempt,
        phase: Phase::React,
        deadline_at: at(9),
    };
    absent(&*store, reopen(1)).await;
    keep(&*store, [finish(100, RoundStatus::Complete, &[])]).await;
    absent(&*store, finish(100, RoundStatus::Complete, &[])).await;
    absent(
        &*store,
        Write::SetRoundPhase {
            round: round_id(100),
            phase: Phase::Map,
            deadline_at: at(9),
        },
    )
    .await;
    absent(&*store, reopen(2)).await;
    keep(&*store, [reopen(1)]).await;
    // Two rounds never share a place.
    let twin = husting_domain::rounds::Round {
        id: round_id(9),
        ..round(100)
    };
    let outcome = store.commit(unit().write(Write::InsertRound(twin))).await;
    assert!(matches!(
        outcome,
        Err(CommitError::Constraint(Constraint::Exists("round")))
    ));
}

pub async fn a_call_reads_back_in_every_state(store: Arc<dyn Store>) {
    let queued = call(10_001, "a", Purpose::Respond);
    let other = call(10_002, "b", Purpose::Respond);
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    keep(
        &*store,
        [queued.clone(), other.clone()].map(Write::InsertCall),
    )
    .await;
    let stored = async |n| store.call(&tenant(), call_id(n)).await.unwrap().unwrap();
    assert_eq!(stored(10_001).await, queued);

    let first = |seconds| Write::FirstText {
        call: call_id(10_001),
        at: at(seconds),
    };
    keep(&*store, [first(2), first(3)]).await;
    keep(
        &*store,
        [Write::CheckpointCall {
            call: call_id(10_001),
            text: "Usage".to_owned(),
            at: at(4),
        }],
    )
    .await;
    let streaming = Call {
        state: husting_domain::calls::CallState::Streaming,
        first_text_at: Some(at(2)),
        heard_at: Some(at(4)),
        text: "Usage".to_owned(),
        ..queued.clone()
    };
    assert_eq!(stored(10_001).await, streaming);

    keep(
        &*store,
        [answered(queued.clone()), failed(other.clone())].map(Write::FinishCall),
    )
    .await;
    assert_eq!(stored(10_001).await, answered(queued.clone()));
    assert_eq!(stored(10_002).await, failed(other.clone()));
    let all = vec![answered(queued), failed(other)];
    assert_eq!(
        store
            .calls_of_session(&tenant(), session_id(1))
            .await
            .unwrap(),
        all
    );
}

pub async fn an_ended_call_does_not_change(store: Arc<dyn Store>) {
    let queued = call(10_001, "a", Purpose::Respond);
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    keep(&*store, [Write::InsertCall(queued.clone())]).await;
    let unended = store
        .commit(unit().write(Write::FinishCall(queued.clone())))
        .await;
    assert!(matches!(
        unended,
        Err(CommitError::Constraint(Constraint::Range("call")))
    ));
    assert!(is_kept(&*store, Require::CallOpen(queued.id)).await);
    keep(&*store, [Write::FinishCall(failed(queued.clone()))]).await;
    assert!(!is_kept(&*store, Require::CallOpen(queued.id)).await);
    absent(&*store, Write::FinishCall(answered(queued.clone()))).await;
    absent(
        &*store,
        Write::CheckpointCall {
            call: queued.id,
            text: "late".to_owned(),
            at: at(50),
        },
    )
    .await;
    absent(
        &*store,
        Write::FirstText {
            call: queued.id,
            at: at(50),
        },
    )
    .await;
    assert_eq!(
        store.call(&tenant(), queued.id).await.unwrap(),
        Some(failed(queued))
    );
}

pub async fn words_of_failed_calls_are_forgotten_and_of_no_other(store: Arc<dyn Store>) {
    let (lost, said) = (
        call(10_001, "a", Purpose::Respond),
        call(10_002, "b", Purpose::Respond),
    );
    let (late, open) = (
        call(10_003, "a", Purpose::React),
        call(10_004, "b", Purpose::React),
    );
    let later = Call {
        ended_at: Some(at(100)),
        ..failed(late.clone())
    };
    let half = Write::CheckpointCall {
        call: open.id,
        text: "Half".to_owned(),
        at: at(4),
    };
    let calls = [&lost, &said, &late, &open].map(|call| Write::InsertCall(call.clone()));
    let ends = [failed(lost.clone()), answered(said.clone()), later.clone()];
    let round = [
        Write::InsertSession(session(1)),
        Write::InsertRound(round(100)),
    ];
    keep(&*store, round.into_iter().chain(calls)).await;
    keep(
        &*store,
        ends.map(Write::FinishCall).into_iter().chain([half]),
    )
    .await;
    let version = async || {
        let rounds = store.rounds(&tenant(), session_id(1)).await.unwrap();
        rounds[0].progress_version
    };
    let before = version().await;
    for _ in 0..2 {
        keep(&*store, [Write::ForgetPartialTexts { before: at(100) }]).await;
        assert_eq!(
            version().await,
            before + 1,
            "how long they were is told once more"
        );
    }
    let stored = async |id| store.call(&tenant(), id).await.unwrap().unwrap();
    let forgotten = Call {
        text: String::new(),
        ..failed(lost.clone())
    };
    assert_eq!(stored(lost.id).await, forgotten, "but why it failed stays");
    assert_eq!(stored(said.id).await, answered(said));
    assert_eq!(stored(late.id).await, later);
    assert_eq!(stored(open.id).await.text, "Half");
}

pub async fn an_attempt_asks_a_model_for_one_answer(store: Arc<dyn Store>) {
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    let first = call(10_001, "a", Purpose::Respond);
    keep(&*store, [Write::InsertCall(first.clone())]).await;
    let twin = Call {
        id: call_id(10_009),
        ..first.clone()
    };
    let outcome = store
        .commit(unit().write(Write::InsertCall(twin.clone())))
        .await;
    assert!(matches!(
        outcome,
        Err(CommitError::Constraint(Constraint::Exists("call")))
    ));
    let reaction = call(10_002, "a", Purpose::React);
    keep(
        &*store,
        [Call { attempt: 1, ..twin }, reaction].map(Write::InsertCall),
    )
    .await;
    let calls = store.calls_of_session(&tenant(), session_id(1)).await;
    assert_eq!(calls.unwrap().len(), 3);
}

pub async fn a_restart_finds_what_was_running(store: Arc<dyn Store>) {
    let acme = husting_domain::ids::TenantId::parse("acme").unwrap();
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    keep(
        &*store,
        [
            finish(100, RoundStatus::Complete, &[]),
            Write::InsertRound(round(101)),
        ],
    )
    .await;
    let theirs = Session {
        tenant_id: acme.clone(),
        ..session(2)
    };
    let writes = [Write::InsertSession(theirs), Write::InsertRound(round(200))];
    store
        .commit(husting_store::Unit::of(acme.clone()).writes(writes))
        .await
        .unwrap();

    let rounds = store.unfinished_rounds().await.unwrap();
    let found: Vec<_> = rounds
        .into_iter()
        .map(|found| (found.tenant, found.row))
        .collect();
    assert_eq!(found, [(acme, round(200)), (tenant(), round(101))]);
}

pub async fn round_preconditions_hold_and_fail(store: Arc<dyn Store>) {
    let (session_1, first, second) = (session_id(1), round_id(100), round_id(101));
    assert!(is_kept(&*store, Require::NoRoundInProgress(session_1)).await);
    assert!(!is_kept(&*store, Require::NewestRound(session_1, first)).await);
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    let ready = vec![SessionStatus::Failed, SessionStatus::Ready];
    assert!(is_kept(&*store, Require::SessionStatus(session_1, ready)).await);
    assert!(
        !is_kept(
            &*store,
            Require::SessionStatus(session_1, vec![SessionStatus::Failed])
        )
        .await
    );
    assert!(!is_kept(&*store, Require::SessionStatus(session_1, vec![])).await);
    assert!(!is_kept(&*store, Require::NoRoundInProgress(session_1)).await);
    assert!(is_kept(&*store, Require::RoundInProgress(first)).await);
    assert!(is_kept(&*store, Require::RoundCount(session_1, 1)).await);
    keep(
        &*store,
        [
            finish(100, RoundStatus::Failed, &[]),
            Write::InsertRound(round(101)),
        ],
    )
    .await;
    keep(&*store, [finish(101, RoundStatus::Failed, &[])]).await;
    assert!(is_kept(&*store, Require::NoRoundInProgress(session_1)).await);
    assert!(!is_kept(&*store, Require::RoundInProgress(second)).await);
    assert!(is_kept(&*store, Require::NewestRound(session_1, second)).await);
    assert!(!is_kept(&*store, Require::NewestRound(session_1, first)).await);
    assert!(!is_kept(&*store, Require::RoundCount(session_1, 1)).await);
}

pub async fn deleting_a_session_keeps_the_ledger(store: Arc<dyn Store>) {
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    keep(
        &*store,
        [Write::InsertCall(call(10_001, "a", Purpose::Respond))],
    )
    .await;
    keep(
        &*store,
        [
            Write::Post(grant(1, 1_000)),
            Write::Post(debit(2, 10_001, 110)),
        ],
    )
    .await;
    keep(&*store, [Write::DeleteSession(session_id(1))]).await;
    assert_eq!(store.session(&tenant(), session_id(1)).await.unwrap(), None);
    let rounds = store.rounds(&tenant(), session_id(1)).await.unwrap();
    assert!(rounds.is_empty());
    assert_eq!(store.call(&tenant(), call_id(10_001)).await.unwrap(), None);
    let kept = store
        .transactions_of_rounds(&tenant(), &[round_id(100)])
        .await
        .unwrap();
    assert_eq!(kept, [debit(2, 10_001, 110)]);
    let listed = store
        .transactions(&tenant(), &TransactionFilter::default())
        .await
        .unwrap();
    assert_eq!(listed, [debit(2, 10_001, 110), grant(1, 1_000)]);
    // A refund may still come.
    keep(&*store, [Write::Post(refund(3, 2, 100, 110))]).await;
}

pub async fn a_session_with_money_on_hold_is_not_deleted(store: Arc<dyn Store>) {
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    keep(&*store, [Write::OpenHold(hold(1, 100, 5))]).await;
    let outcome = store
        .commit(unit().write(Write::DeleteSession(session_id(1))))
        .await;
    assert!(
        matches!(
            outcome,
            Err(CommitError::Constraint(Constraint::Reference("session")))
        ),
        "{outcome:?}"
    );
    assert_eq!(
        store.rounds(&tenant(), session_id(1)).await.unwrap(),
        [round(100)]
    );
    keep(
        &*store,
        [
            Write::CloseHold(hold_id(1)),
            Write::DeleteSession(session_id(1)),
        ],
    )
    .await;
}
