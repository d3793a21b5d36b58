//! What can go wrong with Discord, each as one value, armed for a number of times or until lifted.

use serde::{Deserialize, Serialize};

/// Which limit a 429 tells of:
/// <https://docs.discord.com/developers/topics/rate-limits#header-format>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitScope {
    /// This bot on this route.
    User,
    /// Everybody on this resource.
    Shared,
    /// This bot on the whole API.
    Global,
    /// No `X-RateLimit` header at all, as from the network in front of Discord.
    None,
}

/// One fault. The first group strikes the gateway, the second the REST API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// A connection is taken and HELLO never comes.
    HangHello,
    /// IDENTIFY is not answered.
    HangIdentify,
    /// RESUME is not answered.
    HangResume,
    /// IDENTIFY is answered with this close code.
    CloseOnIdentify {
        /// 4000–4014.
        code: u16,
    },
    /// RESUME is answered with this close code and the session is gone.
    CloseOnResume {
        /// 4007, 4009, …
        code: u16,
    },
    /// IDENTIFY is answered with op 9.
    InvalidOnIdentify,
    /// RESUME is answered with op 9; the session is kept if it is resumable.
    InvalidOnResume {
        /// The `d` of op 9.
        resumable: bool,
    },
    /// The socket is reset instead of an answer to RESUME.
    DropOnResume,
    /// Heartbeats are not acknowledged.
    NoHeartbeatAck,
    /// The upgrade to a WebSocket is refused with this status.
    RefuseUpgrade {
        /// 4xx or 5xx.
        status: u16,
    },

    /// 429, although no limit was reached.
    RateLimited {
        /// Which limit is said to be reached.
        scope: LimitScope,
        /// How long to wait, in milliseconds.
        retry_after_ms: u64,
    },
    /// An error of the API's own shape, for example 403 with 50001.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The JSON error code.
        code: u32,
    },
    /// 5xx with the HTML page of whatever stands before the API.
    ServerError {
        /// The HTTP status.
        status: u16,
    },
    /// The socket is reset before the request has any effect.
    CutBefore,
    /// The request takes effect and the socket is reset before its answer.
    CutAfter,
    /// 200 with something that is no JSON.
    Garbage,
    /// The request stands at a gate before it has any effect.
    GateBefore {
        /// The gate's name.
        gate: String,
    },
    /// The request takes effect and its answer stands at a gate.
    GateAfter {
        /// The gate's name.
        gate: String,
    },
}

impl Fault {
    fn is_of_gateway(&self) -> bool {
        use Fault as F;
        matches!(
            self,
            F::HangHello
                | F::HangIdentify
                | F::HangResume
                | F::CloseOnIdentify { .. }
                | F::CloseOnResume { .. }
                | F::InvalidOnIdentify
                | F::InvalidOnResume { .. }
                | F::DropOnResume
                | F::NoHeartbeatAck
                | F::RefuseUpgrade { .. }
        )
    }

    /// Whether it strikes after the request took effect.
    pub(crate) fn is_late(&self) -> bool {
        matches!(self, Fault::CutAfter | Fault::GateAfter { .. })
    }
}

/// A fault with its reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strike {
    /// What happens.
    pub fault: Fault,
    /// Only on this route, for example `POST /channels/{channel.id}/messages`; every route without.
    #[serde(default)]
    pub route: Option<String>,
    /// Only where the path names this id.
    #[serde(default)]
    pub resource: Option<String>,
    /// How often; without, until it is lifted.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Strike {
    /// Strikes everywhere until it is lifted.
    pub fn new(fault: Fault) -> Self {
        Strike {
            fault,
            route: None,
            resource: None,
            times: None,
        }
    }

    /// Only on this route.
    pub fn on(mut self, route: &str) -> Self {
        self.route = Some(route.to_owned());
        self
    }

    /// Only where the path names this id.
    pub fn at(mut self, id: impl ToString) -> Self {
        self.resource = Some(id.to_string());
        self
    }

    /// Only so often.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only once.
    pub fn once(self) -> Self {
        self.times(1)
    }
}

/// Names an armed fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrikeId(pub u64);

#[derive(Default)]
pub(crate) struct Faults {
    armed: Vec<(StrikeId, Strike)>,
    count: u64,
}

impl Faults {
    pub(crate) fn arm(&mut self, strike: Strike) -> StrikeId {
        self.count += 1;
        let id = StrikeId(self.count);
        self.armed.push((id, strike));
        id
    }

    pub(crate) fn lift(&mut self, id: StrikeId) {
        self.armed.retain(|(armed, _)| *armed != id);
    }

    pub(crate) fn lift_all(&mut self) {
        self.armed.clear();
    }

    pub(crate) fn armed(&self) -> &[(StrikeId, Strike)] {
        &self.armed
    }

    /// The fault of the gateway that `strikes` here, if one is armed.
    pub(crate) fn at_gateway(&mut self, strikes: impl Fn(&Fault) -> bool) -> Option<Fault> {
        self.spend(|strike| strike.fault.is_of_gateway() && strikes(&strike.fault))
    }

    /// The fault that strikes this request, if one is armed.
    pub(crate) fn at_request(&mut self, route: &str, path: &str) -> Option<Fault> {
        self.spend(|strike| {
            let here = strike.route.as_deref().is_none_or(|wanted| wanted == route);
            let this = strike
                .resource
                .as_deref()
                .is_none_or(|id| path.split('/').any(|part| part == id));
            !strike.fault.is_of_gateway() && here && this
        })
    }

    fn spend(&mut self, strikes: impl Fn(&Strike) -> bool) -> Option<Fault> {
        let index = self.armed.iter().position(|(_, strike)| strikes(strike))?;
        let (_, strike) = &mut self.armed[index];
        let fault = strike.fault.clone();
        if let Some(times) = &mut strike.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.armed.remove(index);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = "POST /channels/{channel.id}/messages";

    #[test]
    fn a_fault_strikes_only_where_and_as_often_as_it_was_armed() {
        let mut faults = Faults::default();
        faults.arm(Strike::new(Fault::Garbage).on(MESSAGES).at(7).times(2));
        assert_eq!(faults.at_request(MESSAGES, "/channels/8/messages"), None);
        assert_eq!(faults.at_request("GET /users/@me", "/users/7"), None);
        assert_eq!(faults.at_gateway(|_| true), None);
        for _ in 0..2 {
            let struck = faults.at_request(MESSAGES, "/channels/7/messages");
            assert_eq!(struck, Some(Fault::Garbage));
        }
        assert_eq!(faults.at_request(MESSAGES, "/channels/7/messages"), None);
    }

    #[test]
    fn a_fault_without_a_number_strikes_until_it_is_lifted() {
        let mut faults = Faults::default();
        let id = faults.arm(Strike::new(Fault::NoHeartbeatAck));
        assert!(faults.at_gateway(|_| true).is_some() && faults.at_gateway(|_| true).is_some());
        faults.lift(id);
        assert_eq!(faults.at_gateway(|_| true), None);
    }
}
