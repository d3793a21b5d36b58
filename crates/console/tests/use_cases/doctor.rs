//! What a look at everything finds, in words that say no more than is known.

use husting_test_support::Script;
use husting_wire::commands::Examine;
use husting_wire::settings::{Finding, Nothing};

use crate::desk::Desk;
use crate::panel::Panel;

pub async fn finding(desk: &Desk, subject: &str) -> Finding {
    let report = desk.ask::<Examine>(Nothing {}).await;
    let mut findings = report.findings.into_iter();
    findings.find(|found| found.subject == subject).unwrap()
}

#[tokio::test]
async fn a_provider_that_nobody_has_tried_is_neither_good_nor_wrong() {
    let panel = Panel::open(Script::debate()).await;
    let untried = finding(&panel, "provider east").await;
    assert!(untried.ok && untried.untested);
    assert!(untried.message.starts_with("not tested yet"));
    let store = finding(&panel, "store").await;
    assert!(store.ok && !store.untested);
}

#[tokio::test]
async fn one_transaction_sums_to_zero_by_itself() {
    let desk = Desk::open().await;
    let books = finding(&desk, "wallet").await;
    assert_eq!(books.message, "1 transaction sums to zero");
}
