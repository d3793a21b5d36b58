//! How many sessions may be started: <https://docs.discord.com/developers/events/gateway#session-start-limit-object>.
//! Who starts more loses the token.

use std::time::Duration;

use husting_clock::SharedClock;
use husting_domain::time::Timestamp;

use crate::sender::{SendError, Sender};

/// Left to the operator, and to whatever else uses the token.
const RESERVE: u32 = 5;
/// Between two IDENTIFYs, in milliseconds: Discord takes one in five seconds.
const SPACING: i64 = 5_000;
/// The same where Discord does not say how many are left: 864 in a day, of 1,000.
const BLIND_SPACING: i64 = 100_000;
/// Least time until it is asked again how many are left, in milliseconds.
const ASK_AGAIN: i64 = 1_000;

/// The session starts of one process.
#[derive(Debug, Default)]
pub(super) struct Budget {
    last: Option<Timestamp>,
    /// As Discord said last, less what was started since.
    pub left: Option<u32>,
}

impl Budget {
    /// Returns once a session may be started, and counts it. Discord is given `patience` to say how many
    /// are left.
    pub async fn take(&mut self, sender: &Sender, patience: Duration, clock: &SharedClock) {
        let spacing = loop {
            let now = clock.now();
            let patience = now.plus(patience);
            let asked = tokio::select! {
                asked = sender.gateway_bot() => asked.map(|bot| bot.session_start_limit),
                () = clock.sleep_until(patience) => Err(SendError::Unreachable("silence".into())),
            };
            match asked {
                Ok(starts) if starts.remaining > RESERVE => {
                    self.left = Some(starts.remaining - 1);
                    break SPACING;
                }
                Ok(starts) => {
                    let millis = i64::try_from(starts.reset_after).unwrap_or(i64::MAX);
                    tracing::warn!(starts.remaining, millis, "no session of Discord's is left");
                    let moment = clock.now().plus_millis(millis.max(ASK_AGAIN));
                    clock.sleep_until(moment).await;
                }
                // The gateway will say the same of the token, and that ends it.
                Err(SendError::Unauthorized) => break SPACING,
                Err(error) => {
                    tracing::debug!(%error, "Discord does not say how many sessions are left");
                    self.left = self.left.map(|left| left.saturating_sub(1));
                    break BLIND_SPACING;
                }
            }
        };
        if let Some(last) = self.last {
            clock.sleep_until(last.plus_millis(spacing)).await;
        }
        self.last = Some(clock.now());
    }
}
