//! The operator's settings.

use husting_domain::calls::Purpose;
use husting_domain::money::{MicroUsd, Price};
use husting_wallet::terms::{SubscriptionStatus, TermsError, WalletTerms};

use crate::fixtures::price;

#[test]
fn a_wallet_begins_with_the_seeds_figures() {
    let terms: WalletTerms = serde_json::from_str("{}").unwrap();
    assert_eq!(terms, WalletTerms::default());
    assert_eq!(
        (terms.monthly_grant, terms.limit_chosen),
        (Some(MicroUsd(1_500_000)), false)
    );
    assert_eq!(terms.default_minimum.to_usd_string(), "0.05");
    assert_eq!(terms.subscription.rollover_cap, MicroUsd::dollars(30));
    assert_eq!(
        (terms.subscription.status, terms.auto_refill.enabled),
        (None, false)
    );
    assert_eq!((terms.markup_bps, terms.refund_failed_calls), (0, false));
    assert_eq!(terms.validate(), Ok(()));
}

#[test]
fn no_limit_and_a_plan_survive_the_store() {
    let mut terms = WalletTerms {
        monthly_grant: None,
        limit_chosen: true,
        ..WalletTerms::default()
    };
    terms.subscription.status = Some(SubscriptionStatus::PastDue);
    let text = serde_json::to_string(&terms).unwrap();
    assert!(text.contains("\"past_due\""), "{text}");
    assert_eq!(serde_json::from_str::<WalletTerms>(&text).unwrap(), terms);
}

#[test]
fn a_seat_that_bills_nothing_needs_no_minimum() {
    let terms = WalletTerms::default();
    assert_eq!(terms.minimum_of(&price(3, 15), None), MicroUsd(50_000));
    assert_eq!(
        terms.minimum_of(&price(3, 15), Some(MicroUsd(7))),
        MicroUsd(7)
    );
    assert_eq!(
        terms.minimum_of(&Price::FREE, Some(MicroUsd(7))),
        MicroUsd::ZERO
    );
}

#[test]
fn failed_calls_are_paid_back_only_where_the_terms_say_so() {
    let mut terms = WalletTerms {
        markup_bps: 1_500,
        ..WalletTerms::default()
    };
    assert_eq!(terms.markup_for(Purpose::React), 1_500);
    assert!(!terms.owes_refund(false));
    terms.refund_failed_calls = true;
    assert!(terms.owes_refund(false) && !terms.owes_refund(true));
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refill = |amount, ceiling| {
        let mut terms = WalletTerms::default();
        terms.auto_refill.enabled = true;
        terms.auto_refill.amount = MicroUsd(amount);
        terms.auto_refill.monthly_ceiling = MicroUsd(ceiling);
        terms.validate()
    };
    assert_eq!(refill(10, 10), Ok(()));
    assert_eq!(refill(11, 10), Err(TermsError::RefillAboveCeiling));
    assert_eq!(refill(0, 10), Err(TermsError::EmptyRefill));
    assert_eq!(refill(-1, 10), Err(TermsError::Negative));
    assert_eq!(refill(1, i64::MAX), Err(TermsError::TooMuch));
    assert_eq!(refill(1, 1_000_000_000_001), Err(TermsError::TooMuch));
    assert_eq!(refill(1, 1_000_000_000_000), Ok(()));
    let below = WalletTerms {
        monthly_grant: Some(MicroUsd(-1)),
        ..WalletTerms::default()
    };
    assert_eq!(below.validate(), Err(TermsError::Negative));
}
