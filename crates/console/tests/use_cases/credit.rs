//! What the wallet admits, sets aside, lowers and refuses.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::{Clock, ManualClock, SystemClock};
use husting_console::Again;
use husting_console::needs::needed_limit;
use husting_domain::calls::SeatErrorCode;
use husting_domain::ledger::Account;
use husting_domain::money::{MicroUsd, Price};
use husting_domain::providers::ProviderKind;
use husting_domain::rounds::RoundStatus;
use husting_domain::time::Timestamp;
use husting_store::{Unit, Write};
use husting_test_support::{Behaviour, GatePoint, Options, Phase, Script};
use husting_wire::answers::SeatState;
use husting_wire::commands::{
    AddMoney, ChangeAutoRefill, ChangeLimit, ConveneSession, FindModels, FindSessions, PutModel,
    PutProvider, ReadLedger, TakeMoneyBack, TakeSnapshot, WriteSession,
};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::{Convene, ExportFormat, ExportSession, ListSessions};
use husting_wire::settings::Nothing;
use husting_wire::wallet::{AutoRefill, ListLedger, MoneyBack, SetLimit, TopUp};
use serde_json::json;

use crate::bus::START;
use crate::contract::{agent, question};
use crate::desk::{Desk, answer};
use crate::fragile::Break;
use crate::panel::{Panel, SEATS, asking, model_of, next, price, provider, set_price};
use crate::parrot::Parrot;
use crate::prompts;

/// Every answer waits at the gate of its seat before it ends.
fn gated() -> Script {
    let gate = Behaviour::debating().gate("{model}", GatePoint::BeforeEnd);
    SEATS.iter().fold(Script::debate(), |script, model| {
        script.for_phase(*model, Phase::Respond, gate.clone())
    })
}

/// Refills a dollar where less than two and a half are there.
const REFILL: AutoRefill = AutoRefill {
    enabled: true,
    threshold: MicroUsd(2_500_000),
    amount: MicroUsd(1_000_000),
    monthly_ceiling: MicroUsd(9_000_000),
};

async fn limit(desk: &Desk, micros: i64) {
    let monthly = Some(MicroUsd(micros));
    desk.ask::<ChangeLimit>(SetLimit { monthly }).await;
}

fn figure(refused: &Error, name: &str) -> Option<i64> {
    refused.details.as_ref().unwrap()[name].as_i64()
}

#[tokio::test]
async fn a_round_beyond_the_limit_is_refused_with_figures_and_nobody_is_called() {
    let panel = Panel::open(Script::debate()).await;
    limit(&panel, 149_999).await;
    let refused = panel.refused::<ConveneSession>(asking(&SEATS)).await;
    assert_eq!(refused.code, ErrorCode::CreditExhausted);
    for (name, micros) in [
        ("effective_balance", 149_999),
        ("free", 149_999),
        ("subscription", 0),
        ("refill", 0),
        ("per_model_minimum", 50_000),
        ("needed", 150_000),
    ] {
        assert_eq!(figure(&refused, name), Some(micros), "{name}");
    }
    assert!(refused.details.as_ref().unwrap()["next_reset_at"].is_string());
    assert_eq!(figure(&refused, "held"), None);
    assert_eq!(
        panel.houses.east.requests().len() + panel.houses.west.requests().len(),
        0
    );
    assert!(
        refused
            .message
            .ends_with("Raise the limit to $0.15 or more: next month's would not cover it either."),
        "no reset brings it: {}",
        refused.message
    );
    let listed = panel.ask::<FindSessions>(ListSessions::default()).await;
    assert_eq!(listed.total, 0, "a refused round leaves no session");

    panel.limit(20).await;
    let session = panel.convene(&SEATS).await.session_id;
    assert!(!panel.finished(session).await.summary.degraded);
}

#[tokio::test]
async fn raising_the_limit_once_to_what_the_refusal_names_is_enough() {
    let panel = Panel::open(Script::debate()).await;
    let frontier = Price {
        input: MicroUsd::dollars(15),
        output: MicroUsd::dollars(75),
        ..Price::default()
    };
    for model in SEATS {
        set_price(&panel, model, frontier).await;
    }
    let mut named = Vec::new();
    for micros in [4_800, 160_000] {
        limit(&panel, micros).await;
        let refused = panel.refused::<ConveneSession>(asking(&SEATS)).await;
        assert_eq!(figure(&refused, "per_model_minimum"), Some(50_000));
        let needed = figure(&refused, "needed").unwrap();
        let words = format!("this needs {} and", MicroUsd(needed));
        assert!(refused.message.contains(&words), "{refused}");
        named.push(needed);
    }
    assert!(
        named[0] == named[1] && named[0] > 160_000,
        "the same however little there is: {named:?}"
    );
    limit(&panel, named[0]).await;
    let session = panel.convene(&SEATS).await.session_id;
    assert_eq!(panel.finished(session).await.summary.answered, 3);
}

#[tokio::test]
async fn the_limit_that_a_refusal_names_is_enough_and_nothing_below_it_is() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    // Below what the month took already, and with a little over.
    for micros in [0, 160_000] {
        limit(&panel, micros).await;
        let refused = panel.refused::<ConveneSession>(asking(&SEATS)).await;
        let wallet = panel.wallet().await.summary;
        assert!(wallet.limit_used > MicroUsd::ZERO);
        let needed = MicroUsd(figure(&refused, "needed").unwrap());
        let enough = needed_limit(&wallet, needed);
        assert!(enough > needed, "what is gone of the month counts");
        let words = format!("Raise the limit to {enough} or more");
        assert!(refused.message.contains(&words), "{refused}");
        limit(&panel, enough.0 - 1).await;
        panel.refused::<ConveneSession>(asking(&SEATS)).await;
        limit(&panel, enough.0).await;
        let session = panel.convene(&SEATS).await.session_id;
        panel.finished(session).await;
    }
}

#[tokio::test]
async fn a_limit_is_neither_less_than_nothing_nor_more_than_a_million() {
    let panel = Panel::open(Script::debate()).await;
    let million = MicroUsd::dollars(1_000_000);
    for beyond in [MicroUsd(-1), million + MicroUsd(1)] {
        let monthly = Some(beyond);
        let refused = panel.refused::<ChangeLimit>(SetLimit { monthly }).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{beyond:?}");
    }
    for monthly in [MicroUsd::ZERO, million].map(Some) {
        let wallet = panel.ask::<ChangeLimit>(SetLimit { monthly }).await;
        assert_eq!(wallet.summary.monthly_limit, monthly);
    }
}

#[tokio::test]
async fn without_a_limit_a_wallet_of_nothing_says_that_it_has_none() {
    let panel = Panel::open(Script::debate()).await;
    let credit = || async {
        let record = panel.console.credit(&panel.caller).await.unwrap();
        serde_json::to_value(record).unwrap()
    };
    assert!(credit().await.get("unlimited").is_none());
    panel.ask::<ChangeLimit>(SetLimit { monthly: None }).await;
    assert_eq!(credit().await["unlimited"], true);
    let session = panel.convene(&SEATS).await.session_id;
    assert_eq!(panel.finished(session).await.summary.answered, 3);
}

#[tokio::test]
async fn a_refused_next_round_leaves_its_session_as_it_was() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let before = panel.session(session).await;
    limit(&panel, 1).await;
    let asked = next(session, "And now?", Vec::new());
    let refused = panel
        .refused::<husting_wire::commands::AppendToSession>(asked)
        .await;
    assert_eq!(refused.code, ErrorCode::CreditExhausted);
    let after = panel.session(session).await;
    assert_eq!(after.rounds, before.rounds);
    assert_eq!(after.summary.status, before.summary.status);
}

#[tokio::test]
async fn the_first_wallet_admits_three_frontier_seats() {
    let panel = Panel::open(Script::debate()).await;
    let frontier = Price {
        input: MicroUsd::dollars(5),
        output: MicroUsd::dollars(25),
        ..Price::default()
    };
    for model in SEATS {
        set_price(&panel, model, frontier).await;
    }
    limit(&panel, 1_500_000).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(round.summary.answered, 3);
    for model in SEATS {
        let [call] = &panel.houses.calls_of(model, Phase::Respond)[..] else {
            panic!("one call")
        };
        assert!(prompts::output_cap(call) >= 8_192, "nothing is lowered");
    }
}

#[tokio::test]
async fn what_is_held_is_shown_while_it_is_held_and_gone_afterwards() {
    let panel = Panel::open(gated()).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let first = panel.wallet().await.summary;
    assert!(first.held > MicroUsd::ZERO);
    assert_eq!(panel.round(session).await.held, first.held);
    panel.houses.release("alpha");
    let round = panel
        .once(session, |round| round.summary.answered == 1)
        .await;
    let later = panel.wallet().await;
    assert!(
        later.summary.held < first.held,
        "an answer gave its own back"
    );
    assert_eq!(round.held, later.summary.held);
    let shown: MicroUsd = later.buckets.iter().map(|bucket| bucket.held).sum();
    assert_eq!(shown, later.summary.held);
    panel.houses.release("beta");
    panel.houses.release("gamma");
    let round = panel.finished(session).await;
    assert_eq!(round.held, MicroUsd::ZERO);
    panel.audit(before).await;
}

#[tokio::test]
async fn a_bucket_that_a_lower_limit_emptied_still_says_what_is_held() {
    let panel = Panel::open(gated()).await;
    limit(&panel, 700_000).await;
    let session = panel.convene(&SEATS).await.session_id;
    limit(&panel, 0).await;
    let wallet = panel.wallet().await;
    let shown: MicroUsd = wallet.buckets.iter().map(|bucket| bucket.held).sum();
    assert!(shown > MicroUsd::ZERO);
    assert_eq!(shown, wallet.summary.held);
    for model in SEATS {
        panel.houses.release(model);
    }
    panel.finished(session).await;
}

#[tokio::test]
async fn a_limit_lowered_during_a_round_leaves_its_calls_what_was_held_for_them() {
    let panel = Panel::open(gated()).await;
    limit(&panel, 700_000).await;
    let session = panel.convene(&SEATS).await.session_id;
    limit(&panel, 1).await;
    for model in SEATS {
        panel.houses.release(model);
    }
    let round = panel.finished(session).await.summary;
    let wallet = panel.wallet().await;
    assert!(round.charged > MicroUsd(1));
    assert_eq!(round.charged, round.cost, "one price, wherever it is told");
    assert!(wallet.check.ok, "{:?}", wallet.check.faults);
    assert_eq!(wallet.overrun, MicroUsd::ZERO);
    let sums = &wallet.summary;
    assert_eq!(
        (sums.spent_month, sums.limit_used, sums.balance, sums.held),
        (round.charged, round.charged, MicroUsd::ZERO, MicroUsd::ZERO)
    );
    let refused = panel.refused::<ConveneSession>(asking(&SEATS)).await;
    assert_eq!(refused.code, ErrorCode::CreditExhausted);

    limit(&panel, 700_000).await;
    let raised = panel.wallet().await.summary;
    assert_eq!(raised.balance, MicroUsd(700_000) - round.charged);
    let rows = panel.ask::<ReadLedger>(ListLedger::default()).await.rows;
    let changed = rows.iter().filter(|row| row.kind == "limit_change").count();
    assert_eq!(changed, 4, "the panel sets one before it is asked anything");
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn money_held_for_one_session_is_not_there_for_another() {
    let panel = Panel::open(gated()).await;
    limit(&panel, 700_000).await;
    let session = panel.convene(&SEATS).await.session_id;
    let held = panel.wallet().await.summary.held;
    let refused = panel.refused::<ConveneSession>(asking(&SEATS)).await;
    assert_eq!(refused.code, ErrorCode::CreditExhausted);
    assert_eq!(figure(&refused, "held"), Some(held.0));
    for model in SEATS {
        panel.houses.release(model);
    }
    panel.finished(session).await;
    panel.convene(&SEATS).await;
}

#[tokio::test]
async fn a_tight_wallet_lowers_the_cap_and_the_cut_answer_says_why() {
    let long = "Seats are easier to sell than usage is, whatever the pilot says. ".repeat(600);
    let answers = SEATS.iter().fold(Script::debate(), |script, model| {
        script.for_phase(*model, Phase::Respond, Behaviour::answering(long.clone()))
    });
    let panel = Panel::open(answers).await;
    limit(&panel, 400_000).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    let mut caps = Vec::new();
    for model in SEATS {
        let seat = answer(&round, model);
        assert!(seat.is_partial && seat.state == SeatState::Final);
        assert_eq!(
            seat.finish_reason.as_deref(),
            Some("credit_limit"),
            "{model}"
        );
        let [call] = &panel.houses.calls_of(model, Phase::Respond)[..] else {
            panic!("one call")
        };
        caps.push(prompts::output_cap(call));
    }
    assert!((512..8_192).contains(&caps[0]), "{caps:?}");
    assert!(caps.iter().all(|cap| *cap == caps[0]), "one cap for all");
    panel.audit(before).await;
}

#[tokio::test]
async fn a_session_keeps_its_own_limit() {
    let panel = Panel::open(Script::debate()).await;
    let tight = Convene {
        spend_limit: Some(MicroUsd(100_000)),
        ..asking(&SEATS)
    };
    let refused = panel.refused::<ConveneSession>(tight).await;
    assert_eq!(refused.code, ErrorCode::CreditExhausted);
    assert!(refused.message.contains("session's limit"), "{refused}");
    assert_eq!(figure(&refused, "used"), Some(0));
    let enough = MicroUsd(figure(&refused, "needed").unwrap());
    let way = format!("Raise that limit to {enough} or more.");
    assert!(refused.message.ends_with(&way), "{refused}");

    let wide = Convene {
        spend_limit: Some(MicroUsd(300_000)),
        ..asking(&SEATS)
    };
    let session = panel.ask::<ConveneSession>(wide).await.session_id;
    let mut rounds = 1;
    loop {
        panel.finished(session).await;
        let asked = next(session, "And now?", Vec::new());
        match panel
            .try_ask::<husting_wire::commands::AppendToSession>(asked)
            .await
        {
            Ok(_) => rounds += 1,
            Err(refused) => {
                assert_eq!(refused.code, ErrorCode::CreditExhausted);
                let spent = panel.session(session).await.summary.cost;
                assert_eq!(figure(&refused, "used"), Some(spent.0));
                break;
            }
        }
    }
    assert!(rounds > 1, "a second round fits");
    let spent = panel.session(session).await.summary.cost;
    assert!(spent <= MicroUsd(300_000), "{spent:?}");
}

#[tokio::test]
async fn a_limit_below_what_went_already_tells_how_much_that_was_without_what_a_top_up_paid() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    let charged = panel.finished(session).await.summary.charged;
    let before = panel.wallet().await.summary;
    assert_eq!(before.limit_used, charged);
    let below = MicroUsd(charged.0 / 2);
    let monthly = Some(below);
    panel.ask::<ChangeLimit>(SetLimit { monthly }).await;
    let lowered = panel.wallet().await.summary;
    assert_eq!(
        (lowered.balance, lowered.monthly_limit, lowered.limit_used),
        (MicroUsd::ZERO, monthly, charged)
    );
    let amount = MicroUsd::dollars(5);
    panel.ask::<AddMoney>(TopUp { amount }).await;
    let asked = next(session, "And now?", Vec::new());
    panel
        .ask::<husting_wire::commands::AppendToSession>(asked)
        .await;
    panel.finished(session).await;
    let beside = panel.wallet().await.summary;
    assert!(beside.spent_month > charged, "the top-up paid a round");
    assert_eq!(beside.limit_used, charged);
}

#[tokio::test]
async fn without_a_limit_the_books_still_tell_what_was_spent() {
    let panel = Panel::open(Script::debate()).await;
    panel.ask::<ChangeLimit>(SetLimit { monthly: None }).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    let wallet = panel.wallet().await;
    assert!(wallet.check.ok, "{:?}", wallet.check.faults);
    assert_eq!(wallet.summary.monthly_limit, None);
    assert_eq!(wallet.summary.spent_month, round.summary.charged);
    assert_eq!(wallet.summary.limit_used, round.summary.charged);
    assert_eq!(
        (wallet.summary.held, wallet.overrun),
        (MicroUsd::ZERO, MicroUsd::ZERO)
    );
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn the_ledger_speaks_of_a_changed_limit_only_where_somebody_changed_it() {
    let panel = Panel::open(Script::debate()).await;
    limit(&panel, 5).await;
    panel.ask::<ChangeLimit>(SetLimit { monthly: None }).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    limit(&panel, 2_000_000).await;
    let rows = panel.ask::<ReadLedger>(ListLedger::default()).await.rows;
    let count = |kind: &str| rows.iter().filter(|row| row.kind == kind).count();
    // The panel sets one before it is asked anything.
    assert_eq!(
        (count("debit"), count("call_cover"), count("limit_change")),
        (6, 6, 3)
    );
}

#[tokio::test]
async fn usage_beyond_the_wallet_is_an_overrun_and_no_bucket_falls_below_zero() {
    let absurd = Options {
        output_tokens: Some(1_000_000),
        ..Options::default()
    };
    let script = Script::debate().for_phase(
        "beta",
        Phase::Respond,
        Behaviour::debating().options(absurd),
    );
    let panel = Panel::open(script).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    let wallet = panel.wallet().await;
    assert_eq!(wallet.summary.balance, MicroUsd::ZERO);
    assert!(wallet.overrun > MicroUsd::ZERO);
    let billed: MicroUsd = panel.houses.bills().into_iter().sum();
    assert_eq!(round.summary.cost, billed);
    assert_eq!(round.summary.charged + wallet.overrun, billed);
    let asked = ExportSession {
        session_id: session,
        format: ExportFormat::Md,
    };
    let told = panel.ask::<WriteSession>(asked).await.text;
    assert!(told.contains(&format!(", {billed},")), "as lists tell it");
    panel.audit(before).await;
    let refused = panel.refused::<ConveneSession>(asking(&SEATS)).await;
    assert_eq!(refused.code, ErrorCode::CreditExhausted);
    let models = panel.ask::<FindModels>(Nothing {}).await.models;
    let alpha = models.iter().find(|model| model.id.as_str() == "alpha");
    assert!(!alpha.unwrap().available);
}

#[tokio::test]
async fn seats_that_cost_nothing_need_nothing() {
    let panel = Panel::open(Script::debate()).await;
    for model in SEATS {
        set_price(&panel, model, Price::FREE).await;
    }
    limit(&panel, 0).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(round.summary.answered, 3);
    assert_eq!((round.debits.len(), panel.debits().await.len()), (0, 0));
    panel.audit(MicroUsd::ZERO).await;
}

#[tokio::test]
async fn added_money_is_drained_after_the_limit() {
    let panel = Panel::open(Script::debate()).await;
    limit(&panel, 1_000).await;
    let amount = MicroUsd::dollars(5);
    panel.ask::<AddMoney>(TopUp { amount }).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let wallet = panel.wallet().await;
    let bucket = |account| {
        let found = wallet
            .buckets
            .iter()
            .find(|bucket| bucket.account == account);
        found.unwrap().balance
    };
    assert_eq!(bucket(Account::Free), MicroUsd::ZERO);
    assert!(bucket(Account::Refill) < amount);
    panel.audit(before).await;
}

#[tokio::test]
async fn what_was_added_is_taken_back_but_not_what_a_round_holds() {
    let panel = Panel::open(gated()).await;
    limit(&panel, 0).await;
    let amount = MicroUsd::dollars(5);
    let never = panel.refused::<TakeMoneyBack>(MoneyBack { amount }).await;
    let nothing = "There is no added money to take back: none was added, or all of it is spent.";
    assert_eq!(
        (never.code, &*never.message),
        (ErrorCode::InvalidState, nothing)
    );
    panel.ask::<AddMoney>(TopUp { amount }).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let held = panel.wallet().await.summary.held;
    let free = amount - held;
    assert!(MicroUsd::ZERO < held && MicroUsd::ZERO < free);
    assert_eq!(panel.wallet().await.returnable, free);
    let refused = async |amount, code| {
        let refused = panel.refused::<TakeMoneyBack>(MoneyBack { amount }).await;
        assert_eq!(refused.code, code);
        refused.message
    };
    let beyond = refused(free + MicroUsd(1), ErrorCode::InvalidState).await;
    assert!(beyond.contains(&free.to_string()), "{beyond}");
    let nothing = refused(MicroUsd::ZERO, ErrorCode::InvalidRequest).await;
    assert!(nothing.contains("more than zero"), "{nothing}");
    let amount = free;
    let left = panel.ask::<TakeMoneyBack>(MoneyBack { amount }).await;
    assert_eq!((left.summary.balance, left.summary.held), (held, held));
    assert!(left.check.ok, "{:?}", left.check);
    let ledger = panel.ask::<ReadLedger>(ListLedger::default()).await;
    let newest = &ledger.rows[0];
    assert_eq!((newest.kind.as_str(), newest.change), ("take_back", -free));
    assert_eq!(left.returnable, MicroUsd::ZERO);
    let nothing = refused(MicroUsd(1), ErrorCode::InvalidState).await;
    assert!(
        nothing.starts_with("Nothing can be taken back"),
        "{nothing}"
    );

    SEATS.iter().for_each(|seat| panel.houses.release(seat));
    assert_eq!(panel.finished(session).await.summary.answered, 3);
    panel.audit(before - free).await;
}

#[tokio::test]
async fn what_new_terms_of_the_refill_add_at_once_is_in_their_answer_alone() {
    let desk = Desk::open().await;
    limit(&desk, 1_000_000).await;
    let set = desk.ask::<ChangeAutoRefill>(REFILL).await;
    assert_eq!(set.refilled_now, MicroUsd::dollars(2));
    let added = desk
        .ask::<AddMoney>(TopUp {
            amount: MicroUsd::dollars(5),
        })
        .await;
    assert_eq!(added.refilled_now, MicroUsd::ZERO);
    let again = desk.ask::<ChangeAutoRefill>(REFILL).await;
    assert_eq!(again.refilled_now, MicroUsd::ZERO, "nothing is due");
}

#[tokio::test]
async fn terms_that_a_full_disk_keeps_from_refilling_at_once_stand_and_are_shown_as_they_will_be() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let (desk, store) = Desk::fragile(Arc::new(clock)).await;
    limit(&desk, 1_000_000).await;
    let posts = |unit: &Unit| {
        let mut writes = unit.writes.iter();
        writes.any(|write| matches!(write, Write::Post(_)))
    };
    store.weaken(posts, Break::Full, usize::MAX);
    let set = desk.ask::<ChangeAutoRefill>(REFILL).await;
    assert!(store.times_broken() > 0, "it was to be booked");
    assert_eq!(set.refilled_now, MicroUsd::dollars(2));
    assert_eq!(set.summary.balance, MicroUsd::dollars(3));

    store.weaken(posts, Break::Full, 0);
    let shown = desk.ask::<TakeSnapshot>(Nothing {}).await.wallet.balance;
    assert_eq!(shown, MicroUsd::dollars(3), "refilled once");
    let ledger = desk.ask::<ReadLedger>(ListLedger::default()).await;
    assert_eq!(ledger.rows[0].balance_after, shown, "booked meanwhile");
}

#[tokio::test]
async fn a_refill_that_the_last_call_made_due_is_shown_with_its_booking() {
    let panel = Panel::open(Script::debate()).await;
    limit(&panel, 1_000_000).await;
    let refill = AutoRefill {
        enabled: true,
        threshold: MicroUsd(999_999),
        amount: MicroUsd::dollars(1),
        monthly_ceiling: MicroUsd::dollars(9),
    };
    let set = panel.ask::<ChangeAutoRefill>(refill).await;
    assert_eq!(
        set.summary.balance,
        MicroUsd(1_000_000),
        "it is not due yet"
    );
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let shown = panel.wallet().await.summary.balance;
    let ledger = panel.ask::<ReadLedger>(ListLedger::default()).await;
    assert_eq!(ledger.rows[0].balance_after, shown, "{:?}", ledger.rows[0]);
    let refills = ledger
        .rows
        .iter()
        .filter(|row| row.change == MicroUsd::dollars(1));
    assert_eq!(refills.count(), 1);
}

#[tokio::test]
async fn a_new_month_that_a_full_disk_keeps_from_being_booked_is_shown_as_it_will_be() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let (desk, store) = Desk::fragile(Arc::new(clock.clone())).await;
    limit(&desk, 5_000_000).await;
    let resets_at = async || {
        let snapshot = desk.ask::<TakeSnapshot>(Nothing {}).await;
        snapshot.wallet.resets_at.unwrap()
    };
    let december = resets_at().await;
    assert_eq!(december, clock.now().next_month_start());
    store.weaken(|_| true, Break::Full, usize::MAX);
    clock.advance(Duration::from_secs(31 * 86_400));
    assert!(clock.now() > december);
    assert_eq!(resets_at().await, clock.now().next_month_start());
    assert!(store.times_broken() > 0, "it was to be booked");

    store.weaken(|_| true, Break::Full, 0);
    assert_eq!(resets_at().await, clock.now().next_month_start());
    let ledger = desk.ask::<ReadLedger>(ListLedger::default()).await;
    assert!(ledger.rows[0].at >= december, "booked once there is room");
}

#[tokio::test]
async fn after_money_was_added_the_call_that_was_refused_is_taken() {
    let panel = Panel::open(Script::debate()).await;
    limit(&panel, 0).await;
    let caller = agent(&panel.desk).await;
    let same = || {
        let asked = question("Who pays?");
        panel
            .console
            .create_deliberation(&caller, asked, Again::ByWords)
    };
    let refused = same().await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::CreditExhausted);
    assert!(panel.houses.calls().is_empty(), "nobody was called");
    let amount = MicroUsd::dollars(5);
    panel.ask::<AddMoney>(TopUp { amount }).await;
    let before = panel.balance().await;
    assert_eq!(before, amount, "nothing else is there");
    let ack = same().await.unwrap();
    let round = panel.finished(ack.session_id).await;
    assert_eq!(round.status, RoundStatus::Complete);
    assert!(panel.balance().await < before, "and it is paid from it");
    panel.audit(before).await;
}

/// Models one and two of that house, at a price.
async fn seated_at(house: &Parrot) -> Desk {
    let desk = Desk::open_by(Arc::new(SystemClock)).await;
    let east = provider("east", ProviderKind::OpenaiCompatible, &house.origin());
    desk.ask::<PutProvider>(east).await;
    for model in ["one", "two"] {
        desk.ask::<PutModel>(model_of("east", model)).await;
        set_price(&desk, model, price("alpha")).await;
    }
    desk
}

#[tokio::test]
async fn what_a_filter_cut_is_not_told_as_cut_by_the_limit() {
    let house = Parrot::start(|_| {
        let cut = json!({"choices": [{"delta": {"content": "Seats are "}, "finish_reason": "content_filter"}]});
        format!("data: {cut}\n\ndata: [DONE]\n\n")
    })
    .await;
    let desk = seated_at(&house).await;
    // Pays both, with a lower cap.
    limit(&desk, 150_000).await;
    let convened = desk.ask::<ConveneSession>(asking(&["one", "two"])).await;
    let round = desk.finished(convened.session_id).await;
    let seat = answer(&round, "one");
    assert_eq!(seat.finish_reason.as_deref(), Some("content_filter"));
    assert!(seat.is_partial && seat.filtered);
}

#[tokio::test]
async fn an_answer_of_which_a_filter_let_no_word_through_is_told_as_that() {
    let house = Parrot::start(|_| {
        let cut = json!({"choices": [{"delta": {}, "finish_reason": "content_filter"}]});
        format!("data: {cut}\n\ndata: [DONE]\n\n")
    })
    .await;
    let desk = seated_at(&house).await;
    let convened = desk.ask::<ConveneSession>(asking(&["one", "two"])).await;
    let round = desk.finished(convened.session_id).await;
    let seat = answer(&round, "one");
    assert_eq!(seat.error_code, Some(SeatErrorCode::ProviderError));
    assert!(seat.filtered && !seat.is_partial);
}
