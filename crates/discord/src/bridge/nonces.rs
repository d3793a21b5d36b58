//! The nonce of a message, as it is posted, and for how long it is of use. A build with the feature `halt` leaves it out where
//! `HUSTING_TEST_NO_NONCE=1` says so: a test shows that without it a death can post twice.

use husting_domain::time::Timestamp;

/// For how long Discord surely knows a nonce ("the past few minutes"), in microseconds.
const KNOWN_MICROS: i64 = 60_000_000;

/// Whether Discord may have forgotten the nonce of what was first tried at a moment, or later: it is
/// looked for before it is posted.
pub fn may_be_forgotten(since: Timestamp, now: Timestamp) -> bool {
    now.as_micros() - since.as_micros() > KNOWN_MICROS
}

/// The nonce under which a message is posted.
#[cfg(not(feature = "halt"))]
pub fn posted_under(nonce: &str) -> String {
    nonce.to_owned()
}

/// The nonce under which a message is posted: another one each time, where it is to be of no use.
#[cfg(feature = "halt")]
pub fn posted_under(nonce: &str) -> String {
    if std::env::var("HUSTING_TEST_NO_NONCE").is_ok_and(|value| value == "1") {
        let id = uuid::Uuid::now_v7().simple().to_string();
        return id.chars().rev().take(25).collect();
    }
    nonce.to_owned()
}
