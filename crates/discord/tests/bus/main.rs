//! The bridge at a bus of the field, over both transports.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends where it stands"
)]

mod logs;
mod plain;
mod troubles;

use std::time::Duration;

use husting_discord::bus::{Letter, RemoteBus, RemoteOptions};
use husting_domain::agents::Name;
use husting_domain::discord::RequestId;
use husting_test_support::PlainBus;
use uuid::Uuid;

const TOKEN: &str = "hst_a_a-token-that-nobody-may-see";
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn options(bus: &PlainBus, door: &str, token: &str) -> RemoteOptions {
    RemoteOptions {
        url: format!("{}/{door}", bus.origin()).parse().unwrap(),
        token: token.into(),
        connector: Name::parse("discord-connector").unwrap(),
    }
}

fn remote(bus: &PlainBus, door: &str) -> RemoteBus {
    RemoteBus::new(options(bus, door, TOKEN)).unwrap()
}

fn letter(to: &str, text: &str) -> Letter {
    Letter {
        to: Name::parse(to).unwrap(),
        text: text.to_owned(),
        request: RequestId(Uuid::from_u128(7)),
        key: Uuid::from_u128(7).to_string(),
    }
}
