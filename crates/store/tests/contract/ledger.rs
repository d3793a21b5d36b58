//! The wallet, its holds and its ledger.

use std::collections::BTreeMap;
use std::sync::Arc;

use husting_domain::calls::Purpose;
use husting_domain::ids::{AgentId, MessageId, RoundId, TenantId, TransactionId};
use husting_domain::ledger::{Account, Entry, Occasion, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::rounds::RoundStatus;
use husting_store::{
    BookingKind, CommitError, Constraint, LedgerEntry, LedgerSums, PastRound, Spend, SpendBy,
    Store, TransactionFilter, Unit, WalletRow, Write,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;

use crate::values::*;

async fn post(store: &dyn Store, bookings: impl IntoIterator<Item = Transaction>) {
    keep(store, bookings.into_iter().map(Write::Post)).await;
}

async fn refused(store: &dyn Store, booking: Transaction) -> Constraint {
    let before = store.ledger_sums(&tenant()).await.unwrap();
    let outcome = store.commit(unit().write(Write::Post(booking))).await;
    assert_eq!(
        store.ledger_sums(&tenant()).await.unwrap(),
        before,
        "nothing was kept"
    );
    match outcome {
        Err(CommitError::Constraint(constraint)) => constraint,
        other => panic!("{other:?}"),
    }
}

fn every_kind() -> Vec<Transaction> {
    let month = at(0).month_start();
    vec![
        grant(1, 5_000),
        booking(
            2,
            TransactionKind::Expiry { month },
            &[(Account::Free, -7), (Account::Expired, 7)],
        ),
        booking(3, TransactionKind::SubscriptionCredit { month }, &[]),
        top_up(4, 50),
        booking(
            5,
            TransactionKind::AutoRefill,
            &[(Account::Grants, -20), (Account::Refill, 20)],
        ),
        booking(
            6,
            TransactionKind::LimitChange,
            &[(Account::Grants, 500), (Account::Free, -500)],
        ),
        debit(7, 10_001, 110),
        refund(8, 7, 100, 40),
    ]
}

pub async fn bookings_read_back_as_written(store: Arc<dyn Store>) {
    post(&*store, every_kind()).await;
    let mut expected = every_kind();
    expected.reverse();
    assert_eq!(
        store
            .transactions(&tenant(), &TransactionFilter::default())
            .await
            .unwrap(),
        expected
    );
    let of_rounds = store
        .transactions_of_rounds(&tenant(), &[round_id(100), round_id(9)])
        .await
        .unwrap();
    assert_eq!(of_rounds, [debit(7, 10_001, 110), refund(8, 7, 100, 40)]);
    assert!(
        store
            .transactions_of_rounds(&tenant(), &[])
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn the_wallet_is_one_moment(store: Arc<dyn Store>) {
    assert_eq!(store.wallet(&tenant()).await.unwrap(), WalletRow::default());
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    let writes = [
        Write::SetWalletTerms(r#"{"grant":20}"#.to_owned()),
        Write::Post(grant(1, 1_000)),
        Write::OpenHold(hold(1, 100, 300)),
        Write::OpenHold(hold(2, 100, 200)),
        Write::CloseHold(hold_id(1)),
    ];
    keep(&*store, writes).await;
    let wallet = store.wallet(&tenant()).await.unwrap();
    assert_eq!(wallet.version, 5, "each of these raised it by one");
    assert_eq!(wallet.terms.as_deref(), Some(r#"{"grant":20}"#));
    assert_eq!(wallet.holds, [hold(2, 100, 200)]);
    assert_eq!(
        store.open_holds(&tenant()).await.unwrap(),
        [hold(2, 100, 200)]
    );
    let balances = BTreeMap::from([
        (Account::Free, MicroUsd(1_000)),
        (Account::Grants, MicroUsd(-1_000)),
    ]);
    assert_eq!(wallet.balances, balances);
    let twice = store
        .commit(unit().write(Write::CloseHold(hold_id(1))))
        .await;
    assert!(matches!(
        twice,
        Err(CommitError::Constraint(Constraint::Absent("hold")))
    ));
}

pub async fn an_unbalanced_booking_is_refused(store: Arc<dyn Store>) {
    let odd = booking(
        1,
        TransactionKind::TopUp,
        &[(Account::Refill, 10), (Account::Grants, -9)],
    );
    assert_eq!(
        refused(&*store, odd).await,
        Constraint::Unbalanced(transaction_id(1))
    );
}

pub async fn a_bucket_never_falls_below_zero(store: Arc<dyn Store>) {
    post(&*store, [grant(1, 100)]).await;
    assert_eq!(
        refused(&*store, debit(2, 10_001, 101)).await,
        Constraint::BelowZero(Account::Free)
    );
    let from_nothing = booking(
        3,
        TransactionKind::TopUp,
        &[(Account::Refill, -1), (Account::Grants, 1)],
    );
    assert_eq!(
        refused(&*store, from_nothing).await,
        Constraint::BelowZero(Account::Refill)
    );
    // Only the sum of a booking counts, not the order of its lines.
    let lines = [
        (Account::Free, -150),
        (Account::Free, 60),
        (Account::Grants, 90),
    ];
    post(
        &*store,
        [
            booking(4, TransactionKind::LimitChange, &lines),
            debit(5, 10_001, 10),
        ],
    )
    .await;
    assert_eq!(
        store.wallet(&tenant()).await.unwrap().balances[&Account::Free],
        MicroUsd::ZERO
    );
}

pub async fn a_booking_is_made_once(store: Arc<dyn Store>) {
    post(&*store, [grant(1, 1_000), debit(2, 10_001, 110)]).await;
    let same_id = top_up(2, 5);
    assert_eq!(
        refused(&*store, same_id).await,
        Constraint::Exists("transaction")
    );
    let same_call = debit(3, 10_001, 110);
    assert_eq!(
        refused(&*store, same_call).await,
        Constraint::Exists("transaction")
    );
    let same_month = grant(4, 1_000);
    assert_eq!(
        refused(&*store, same_month).await,
        Constraint::Exists("transaction")
    );
}

pub async fn a_refund_names_a_debit_of_its_round(store: Arc<dyn Store>) {
    post(&*store, [grant(1, 1_000), debit(2, 10_001, 110)]).await;
    assert_eq!(
        refused(&*store, refund(3, 9, 100, 5)).await,
        Constraint::Absent("debit")
    );
    assert_eq!(
        refused(&*store, refund(3, 1, 100, 5)).await,
        Constraint::Absent("debit")
    );
    assert_eq!(
        refused(&*store, refund(3, 2, 101, 5)).await,
        Constraint::Absent("debit")
    );
}

pub async fn an_amount_out_of_range_is_refused(store: Arc<dyn Store>) {
    let all = booking(
        1,
        TransactionKind::TopUp,
        &[(Account::Refill, i64::MAX), (Account::Grants, -i64::MAX)],
    );
    post(&*store, [all]).await;
    assert_eq!(
        refused(&*store, top_up(2, 1)).await,
        Constraint::Range("account")
    );
}

pub async fn months_and_bookings_since_a_moment_are_told(store: Arc<dyn Store>) {
    let november = at(0).month_start();
    let december = november.next_month_start();
    let booked_at = |booking: Transaction, at| Transaction { at, ..booking };
    let limit = |n, change: i64| {
        booking(
            n,
            TransactionKind::LimitChange,
            &[(Account::Grants, -change), (Account::Free, change)],
        )
    };
    let auto = |n| {
        booking(
            n,
            TransactionKind::AutoRefill,
            &[(Account::Grants, -30), (Account::Refill, 30)],
        )
    };
    let credit = TransactionKind::SubscriptionCredit { month: november };
    let bookings = [
        grant(1, 1_000),
        limit(2, 500),
        limit(3, -200),
        auto(4),
        debit(5, 10_001, 110),
        booking(6, credit, &[]),
    ];
    post(&*store, bookings).await;
    let booked = async |kind, since| store.booked_since(&tenant(), kind, since).await.unwrap();
    assert_eq!(booked(BookingKind::Grant, november).await, MicroUsd(1_000));
    assert_eq!(
        booked(BookingKind::LimitChange, november).await,
        MicroUsd(300)
    );
    assert_eq!(
        booked(BookingKind::LimitChange, at(3)).await,
        MicroUsd(-200),
        "from its own moment on"
    );
    assert_eq!(
        booked(BookingKind::AutoRefill, november).await,
        MicroUsd(30)
    );
    assert_eq!(booked(BookingKind::Debit, november).await, MicroUsd(-110));

    let kind = TransactionKind::Grant { month: december };
    let next = booking(7, kind, &[(Account::Grants, -700), (Account::Free, 700)]);
    post(&*store, [booked_at(next, december.plus_millis(5))]).await;
    let wallet = store.wallet(&tenant()).await.unwrap();
    assert_eq!(wallet.last_grant_month, Some(december));
    assert_eq!(wallet.last_subscription_month, Some(november));
    assert_eq!(
        booked(BookingKind::Grant, december).await,
        MicroUsd(700),
        "November's are left out"
    );
    assert_eq!(
        booked(BookingKind::LimitChange, december).await,
        MicroUsd::ZERO
    );
}

pub async fn bookings_are_listed_by_kind_words_and_page(store: Arc<dyn Store>) {
    keep(&*store, [Write::InsertSession(session(1))]).await;
    post(&*store, every_kind()).await;
    let list = async |filter: TransactionFilter| -> Vec<u128> {
        let listed = store.transactions(&tenant(), &filter).await.unwrap();
        listed
            .iter()
            .map(|booking| booking.id.0.as_u128() - transaction_id(0).0.as_u128())
            .collect()
    };
    let all = TransactionFilter::default;
    assert_eq!(
        list(TransactionFilter { limit: 3, ..all() }).await,
        [8, 7, 6]
    );
    let after = Some(transaction_id(6));
    assert_eq!(
        list(TransactionFilter {
            limit: 2,
            before: after,
            ..all()
        })
        .await,
        [5, 4]
    );
    let kinds = vec![BookingKind::Debit, BookingKind::Grant];
    assert_eq!(list(TransactionFilter { kinds, ..all() }).await, [7, 1]);
    let session = Some(session_id(1));
    assert_eq!(
        list(TransactionFilter { session, ..all() }).await,
        [8, 7],
        "a refund is its debit's session's"
    );
    let query = |words: &str| TransactionFilter {
        query: Some(words.to_owned()),
        ..all()
    };
    assert_eq!(list(query("REFILL")).await, [5]);
    assert_eq!(
        list(query("größe respond")).await,
        [8, 7],
        "the session's title counts"
    );
    assert_eq!(list(query("refund größe")).await, [8]);
    let absent = Some(transaction_id(99));
    let nothing = TransactionFilter {
        before: absent,
        ..all()
    };
    assert!(list(nothing).await.is_empty());
}

pub async fn a_page_of_the_ledger_tells_the_balance_after_each_booking(store: Arc<dyn Store>) {
    let round = [
        Write::InsertSession(session(1)),
        Write::InsertRound(round(101)),
    ];
    keep(&*store, round).await;
    // The debit of a session that is not there, of one that is, and a refund.
    post(
        &*store,
        [
            grant(1, 1_000),
            debit(2, 90_001, 100),
            top_up(3, 50),
            debit(4, 10_101, 300),
            refund(5, 4, 101, 40),
        ],
    )
    .await;
    let page = async |filter: TransactionFilter| -> Vec<(u128, i64)> {
        let rows = store.ledger(&tenant(), &filter).await.unwrap();
        let listed = store.transactions(&tenant(), &filter).await.unwrap();
        let bookings: Vec<_> = rows.iter().map(|row| row.booking.clone()).collect();
        assert_eq!(bookings, listed, "the same rows");
        let number = |id: TransactionId| id.0.as_u128() - transaction_id(0).0.as_u128();
        rows.iter()
            .map(|row| (number(row.booking.id), row.balance_after.0))
            .collect()
    };
    let all = TransactionFilter::default;
    let whole = [(5, 690), (4, 650), (3, 950), (2, 900), (1, 1_000)];
    assert_eq!(page(all()).await, whole);
    let next = TransactionFilter {
        before: Some(transaction_id(4)),
        limit: 2,
        ..all()
    };
    assert_eq!(page(next).await, whole[2..4]);
    let query = |words: &str| TransactionFilter {
        query: Some(words.to_owned()),
        ..all()
    };
    // What lies between the rows that are found counts as well.
    assert_eq!(page(query("debit")).await, [whole[1], whole[3]]);
    assert_eq!(page(query("-0.0003")).await, [whole[1]], "an amount");
    assert_eq!(page(query("$0.001")).await, [whole[4]]);
    let id = transaction_id(3).to_string();
    assert_eq!(page(query(&id)).await, [whole[2]]);

    let rows = store.ledger(&tenant(), &all()).await.unwrap();
    let beside = |row: &LedgerEntry| (row.session, row.session_title.clone(), row.round_index);
    let known = (Some(session_id(1)), Some(session(1).title), Some(1));
    assert_eq!(beside(&rows[0]), known, "a refund is its debit's session's");
    assert_eq!(beside(&rows[1]), known);
    assert_eq!(beside(&rows[2]), (None, None, None));
    assert_eq!(beside(&rows[3]), (Some(session_id(9)), None, None));
}

/// Written in another order than their ids have, so that neither is what the pages follow by chance.
pub async fn bookings_of_one_moment_are_paged_one_by_one(store: Arc<dyn Store>) {
    let at_once = |booking: Transaction| Transaction {
        at: at(7),
        ..booking
    };
    let bookings = [grant(2, 1_000), top_up(1, 50), debit(3, 10_001, 300)];
    post(&*store, bookings.map(at_once)).await;
    let (mut pages, mut before) = (Vec::new(), None);
    // One page more than there are bookings: the last is empty.
    for _ in 0..4 {
        let filter = TransactionFilter {
            before,
            limit: 1,
            ..TransactionFilter::default()
        };
        let rows = store.ledger(&tenant(), &filter).await.unwrap();
        let listed = store.transactions(&tenant(), &filter).await.unwrap();
        let page: Vec<_> = rows.iter().map(|row| row.booking.id).collect();
        assert_eq!(page, listed.iter().map(|row| row.id).collect::<Vec<_>>());
        before = page.last().copied().or(before);
        pages.push(
            rows.iter()
                .map(|row| (row.booking.id, row.balance_after.0))
                .collect::<Vec<_>>(),
        );
    }
    let row = |n, balance| vec![(transaction_id(n), balance)];
    // The newest id leads, and each balance is what the ids below it come to.
    assert_eq!(
        pages,
        [row(3, 750), row(2, 1_050), row(1, 50), Vec::new()],
        "each once"
    );
}

pub async fn the_balances_of_two_tenants_are_apart(store: Arc<dyn Store>) {
    let other = TenantId::parse("acme").unwrap();
    // Theirs lie between ours and after them.
    let (ours, theirs) = (
        [grant(1, 1_000), debit(4, 10_001, 300)],
        [grant(2, 70), top_up(3, 5), debit(6, 20_001, 20)],
    );
    post(&*store, ours).await;
    let theirs = Unit::of(other.clone()).writes(theirs.into_iter().map(Write::Post));
    store.commit(theirs).await.unwrap();
    let balances = async |tenant: &TenantId| -> Vec<i64> {
        let all = TransactionFilter::default();
        let rows = store.ledger(tenant, &all).await.unwrap();
        rows.iter().map(|row| row.balance_after.0).collect()
    };
    assert_eq!(balances(&tenant()).await, [700, 1_000]);
    assert_eq!(balances(&other).await, [55, 75, 70]);
}

pub async fn spend_is_summed_by_each_dimension(store: Arc<dyn Store>) {
    let tomorrow = at(86_400);
    let other = |booking: Transaction, at| {
        let TransactionKind::Debit(debit) = booking.kind else {
            panic!("not a debit")
        };
        let kind = TransactionKind::Debit(husting_domain::ledger::Debit {
            model: model("b"),
            purpose: Purpose::React,
            ..debit
        });
        Transaction {
            at,
            kind,
            ..booking
        }
    };
    post(
        &*store,
        [
            grant(1, 10_000),
            debit(2, 10_001, 110),
            debit(3, 20_001, 210),
            refund(4, 2, 100, 40),
        ],
    )
    .await;
    post(&*store, [other(debit(5, 10_002, 1_010), tomorrow)]).await;
    let sum = |key: &str, calls: u64, cost, amount| Spend {
        key: key.to_owned(),
        calls,
        input_tokens: 1_170 * calls,
        output_tokens: 700 * calls,
        cost: MicroUsd(cost),
        amount: MicroUsd(amount),
    };
    let by = async |by, since| store.spend_by(&tenant(), by, since).await.unwrap();
    assert_eq!(
        by(SpendBy::Model, at(0)).await,
        [sum("b", 1, 1_000, 1_010), sum("a", 2, 300, 280)]
    );
    assert_eq!(
        by(SpendBy::Purpose, at(0)).await,
        [sum("react", 1, 1_000, 1_010), sum("respond", 2, 300, 280)]
    );
    let (first, second) = (session_id(1).to_string(), session_id(2).to_string());
    assert_eq!(
        by(SpendBy::Session, at(0)).await,
        [sum(&first, 2, 1_100, 1_080), sum(&second, 1, 200, 210)]
    );
    assert_eq!(
        by(SpendBy::Model, tomorrow).await,
        [sum("b", 1, 1_000, 1_010)]
    );
    assert!(by(SpendBy::Model, tomorrow.plus_millis(1)).await.is_empty());
    assert!(by(SpendBy::Agent, at(0)).await.is_empty(), "no turn yet");

    let agent = AgentId(Uuid::from_u128(7));
    let turn = |booking: Transaction| {
        let TransactionKind::Debit(debit) = booking.kind else {
            panic!("not a debit")
        };
        let occasion = Occasion::Turn {
            agent_id: agent,
            message_id: MessageId(Uuid::from_u128(8)),
        };
        let kind = TransactionKind::Debit(husting_domain::ledger::Debit { occasion, ..debit });
        Transaction { kind, ..booking }
    };
    post(&*store, [turn(debit(6, 10_003, 60))]).await;
    assert_eq!(
        by(SpendBy::Agent, at(0)).await,
        [sum(&agent.to_string(), 1, 50, 60)]
    );
    assert_eq!(
        by(SpendBy::Session, at(0)).await.len(),
        2,
        "it is of no session"
    );
}

pub async fn past_rounds_tell_what_they_cost(store: Arc<dyn Store>) {
    keep(&*store, [Write::InsertSession(session(1))]).await;
    keep(&*store, [Write::InsertRound(round(100)), whole(100)]).await;
    keep(&*store, [Write::InsertRound(round(101)), whole(101)]).await;
    keep(&*store, [Write::InsertRound(round(102))]).await;
    post(
        &*store,
        [
            grant(1, 1_000),
            debit(2, 10_001, 110),
            debit(3, 10_002, 210),
            debit(4, 10_201, 30),
        ],
    )
    .await;
    let expected = PastRound {
        round_id: round_id(100),
        index: 0,
        models: session(1).models,
        // The ß takes two bytes.
        prompt_bytes: 20,
        reference_bytes: 12,
        earlier_bytes: 0,
        max_output_tokens: 8_192,
        cost: MicroUsd(300),
        millis: 51_100,
        ended_at: at(52),
    };
    let past = store.past_rounds(&tenant(), 10).await.unwrap();
    assert_eq!(
        past,
        [expected],
        "neither one that cost nothing nor one that still runs"
    );
    assert!(store.past_rounds(&tenant(), 0).await.unwrap().is_empty());
}

pub async fn broken_rounds_are_no_history(store: Arc<dyn Store>) {
    let (lost, reacted) = (
        call(10_201, "a", Purpose::React),
        call(10_301, "a", Purpose::React),
    );
    let writes = [
        Write::InsertSession(session(1)),
        Write::InsertRound(round(100)),
        finish(100, RoundStatus::Complete, &[]),
        Write::InsertRound(round(101)),
        uncancelled(finish(101, RoundStatus::PartialFailure, &[])),
        Write::InsertRound(round(102)),
        Write::InsertCall(lost.clone()),
        Write::FinishCall(failed(lost)),
        whole(102),
        Write::InsertRound(round(103)),
        Write::InsertCall(reacted.clone()),
        Write::FinishCall(answered(reacted)),
        whole(103),
    ];
    // One after the other, since a session has one round at a time.
    for write in writes {
        keep(&*store, [write]).await;
    }
    let paid = (10_001..).step_by(100).zip(2..).take(4);
    let paid = paid.map(|(call, n)| debit(n, call, 110));
    post(&*store, [grant(1, 1_000)].into_iter().chain(paid)).await;
    let past = store.past_rounds(&tenant(), 10).await.unwrap();
    let ids: Vec<RoundId> = past.iter().map(|round| round.round_id).collect();
    assert_eq!(
        ids,
        [round_id(103)],
        "neither a cancelled round, one without an answer, nor one that lost a reaction"
    );
}

pub async fn a_past_round_tells_what_was_said_before_it(store: Arc<dyn Store>) {
    let answer = call(10_001, "a", Purpose::Respond);
    let reaction = call(10_002, "a", Purpose::React);
    let lost = call(10_003, "b", Purpose::Respond);
    let writes = [
        Write::InsertSession(session(1)),
        Write::InsertRound(round(100)),
        Write::InsertCall(answer.clone()),
        Write::InsertCall(reaction.clone()),
        Write::InsertCall(lost.clone()),
        Write::FinishCall(answered(answer)),
        Write::FinishCall(answered(reaction)),
        Write::FinishCall(failed(lost)),
        finish(100, RoundStatus::PartialFailure, &[]),
        // Nothing of a failed round is read by a later one.
        Write::InsertRound(round(101)),
        finish(101, RoundStatus::Failed, &[]),
        Write::InsertRound(round(102)),
        whole(102),
        Write::Post(grant(1, 1_000)),
        Write::Post(debit(2, 10_201, 110)),
    ];
    keep(&*store, writes).await;
    let past = store.past_rounds(&tenant(), 10).await.unwrap();
    let earlier: Vec<u64> = past.iter().map(|round| round.earlier_bytes).collect();
    // The prompt of the first round and the one answer that was given to it.
    assert_eq!(earlier, [20 + 24]);
}

pub async fn a_hold_is_never_less_than_nothing(store: Arc<dyn Store>) {
    let round = [
        Write::InsertSession(session(1)),
        Write::InsertRound(round(100)),
    ];
    keep(&*store, round).await;
    let negative = unit().write(Write::OpenHold(hold(2, 100, -1)));
    assert!(matches!(
        store.commit(negative).await,
        Err(CommitError::Constraint(Constraint::Range("hold")))
    ));
}

/// A thousand random bookings, some of which the buckets cannot pay.
pub async fn balances_follow_from_the_entries(store: Arc<dyn Store>) {
    let seed = uuid::Uuid::new_v4().simple().to_string();
    println!("seed {seed}");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, seed.as_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let account = proptest::sample::select(Account::ALL.to_vec());
    let lines = proptest::collection::vec((account, -1_000_i64..600), 0..5);
    let counter = proptest::sample::select(
        Account::ALL
            .into_iter()
            .filter(|a| !a.is_bucket())
            .collect::<Vec<_>>(),
    );
    let mut expected: BTreeMap<Account, MicroUsd> = BTreeMap::new();
    let mut kept = 0;
    for n in 0..1_000 {
        let drawn = (lines.clone(), counter.clone())
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let booking = balanced(n, &drawn.0, drawn.1);
        let mut after = expected.clone();
        for Entry { account, amount } in &booking.entries {
            *after.entry(*account).or_default() += *amount;
        }
        let affordable = Account::DEBIT_ORDER
            .iter()
            .all(|bucket| after.get(bucket).is_none_or(|b| b.0 >= 0));
        let outcome = store
            .commit(unit().write(Write::Post(booking.clone())))
            .await;
        assert_eq!(outcome.is_ok(), affordable, "{booking:?} {outcome:?}");
        if affordable {
            (expected, kept) = (after, kept + 1);
        }
    }
    let sums = store.ledger_sums(&tenant()).await.unwrap();
    assert!(
        kept > 100 && kept < 900,
        "{kept} of 1,000 were kept: the test looks at one side only"
    );
    let LedgerSums {
        transactions,
        unbalanced,
        entries,
        balances,
    } = sums;
    assert_eq!((transactions, unbalanced), (kept, Vec::new()));
    assert_eq!(entries, expected);
    assert_eq!(balances, expected);
    assert_eq!(expected.values().copied().sum::<MicroUsd>(), MicroUsd::ZERO);
}

fn balanced(n: u128, lines: &[(Account, i64)], counter: Account) -> Transaction {
    let sum: i64 = lines.iter().map(|(_, amount)| amount).sum();
    let lines: Vec<_> = lines.iter().copied().chain([(counter, -sum)]).collect();
    booking(n, TransactionKind::LimitChange, &lines)
}
