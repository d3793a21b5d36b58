//! A bus that is away, busy, or does not know the token.

use std::time::Duration;

use husting_discord::bus::{Bus, BusError, RemoteBus};
use husting_test_support::{PlainBus, Trouble};
use rstest::rstest;

use crate::{TOKEN, letter, options, remote};

#[rstest]
#[case("mcp")]
#[case("sse")]
#[tokio::test]
async fn a_token_that_nobody_knows_is_told_from_a_bus_that_is_away(#[case] door: &str) {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let bus = RemoteBus::new(options(&plain, door, "another")).unwrap();
    let refused = bus.whoami().await.unwrap_err();
    assert!(matches!(refused, BusError::Unauthorized(_)), "{refused:?}");
}

#[tokio::test]
async fn the_token_goes_into_the_path_only_where_the_header_is_not_taken() {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    remote(&plain, "sse").whoami().await.unwrap();
    let paths = plain.paths();
    assert_eq!(paths[0], "GET /sse");
    assert_eq!(paths[1], format!("GET /sse/{TOKEN}"));
    assert!(paths[2..].iter().all(|path| path == "POST /messages"));
}

#[rstest]
#[case("mcp", 503, Some(30))]
#[case("mcp", 429, Some(2))]
#[case("mcp", 502, None)]
#[case("sse", 503, Some(30))]
#[case("sse", 429, Some(2))]
#[case("sse", 502, None)]
#[tokio::test]
async fn a_busy_bus_says_when_to_come_again(
    #[case] door: &str,
    #[case] status: u16,
    #[case] seconds: Option<u64>,
    #[values(true, false)] is_open: bool,
) {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let bus = remote(&plain, door);
    if is_open {
        bus.whoami().await.unwrap();
    }
    plain.set_trouble(Some(Trouble {
        status,
        retry_after: seconds,
    }));
    let busy = bus.send(&letter("kasra", "Now?")).await.unwrap_err();
    let BusError::Unreachable {
        address,
        retry_after,
        ..
    } = &busy
    else {
        panic!("{busy:?}");
    };
    assert_eq!(*address, format!("{}/{door}", plain.origin()));
    assert_eq!(*retry_after, seconds.map(Duration::from_secs));
    plain.set_trouble(None);
    bus.send(&letter("kasra", "And now?")).await.unwrap();
    assert_eq!(plain.sent().len(), 1);
}

#[tokio::test]
async fn a_stream_that_ended_is_opened_again_by_the_next_call() {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let bus = remote(&plain, "sse");
    for said in 1..=3 {
        // A call that was under way when the stream ended is lost; the one after it is not.
        let first = bus.send(&letter("kasra", "Hello.")).await;
        if let Err(lost) = first {
            assert!(matches!(lost, BusError::Unreachable { .. }), "{lost:?}");
            bus.send(&letter("kasra", "Hello.")).await.unwrap();
        }
        assert!(plain.sent().len() >= said);
        plain.cut();
    }
}

#[rstest]
#[case("mcp")]
#[case("sse")]
#[tokio::test]
async fn a_bus_that_is_gone_is_unreachable(#[case] door: &str) {
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let options = options(&plain, door, TOKEN);
    drop(plain);
    let bus = RemoteBus::new(options).unwrap();
    let gone = bus.whoami().await.unwrap_err();
    assert!(matches!(gone, BusError::Unreachable { .. }), "{gone:?}");
}
