//! A bus that has `send` and `inbox` alone, and answers in words.

use husting_discord::bus::{Bus, BusError, Identity};
use husting_test_support::PlainBus;
use rstest::rstest;

use crate::{PATIENCE, TOKEN, letter, remote};

#[rstest]
#[case("mcp")]
#[case("sse")]
#[tokio::test]
async fn a_question_goes_out_and_its_reply_comes_in(#[case] door: &str) {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let bus = remote(&plain, door);
    let id = bus.send(&letter("kasra", "What now?")).await.unwrap();
    assert_eq!(id, "1763-1");
    assert_eq!(plain.sent(), [("kasra".to_owned(), "What now?".to_owned())]);
    plain.write("[2026-11-20T10:00:00Z] agent:kasra: {ack_for:7} This.\n  And that.");
    let mail = bus.mail(PATIENCE).await.unwrap();
    assert_eq!(mail.len(), 1);
    assert_eq!(mail[0].from, "kasra");
    assert_eq!(mail[0].text, "{ack_for:7} This.\nAnd that.");
}

#[rstest]
#[case("mcp")]
#[case("sse")]
#[tokio::test]
async fn mail_that_is_not_acknowledged_comes_again_though_the_bus_gives_it_once(
    #[case] door: &str,
) {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let bus = remote(&plain, door);
    plain.write("[2026-11-20T10:00:00Z] agent:kasra: Once.");
    let first = bus.mail(PATIENCE).await.unwrap();
    assert_eq!(bus.mail(PATIENCE).await.unwrap(), first);
    bus.ack(&[first[0].id.clone()]).await.unwrap();
    assert_eq!(bus.mail(PATIENCE).await.unwrap(), []);
}

#[rstest]
#[case("mcp")]
#[case("sse")]
#[tokio::test]
async fn what_the_bus_cannot_tell_is_left_out(#[case] door: &str) {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let bus = remote(&plain, door);
    let unproved = Identity {
        name: "discord-connector".to_owned(),
        is_proved: false,
    };
    assert_eq!(bus.whoami().await.unwrap(), unproved);
    assert_eq!(bus.peers().await.unwrap(), []);
    assert_eq!(bus.mail(PATIENCE).await.unwrap(), []);
}

#[rstest]
#[case("mcp")]
#[case("sse")]
#[tokio::test]
async fn a_refusal_is_told_in_the_words_of_the_bus_without_the_token(#[case] door: &str) {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let bus = remote(&plain, door);
    let refused = bus.send(&letter("nobody", "Hello?")).await.unwrap_err();
    let words = "No agent called nobody, says …".to_owned();
    assert_eq!(refused, BusError::Refused(words));
    // The connection carries on.
    bus.send(&letter("kasra", "Hello.")).await.unwrap();
    let opened = plain.paths().into_iter();
    let opened = opened.filter(|path| path.starts_with("GET /sse/")).count();
    assert_eq!(opened, usize::from(door == "sse"));
}
