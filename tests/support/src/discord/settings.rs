//! What Discord decides and a test may decide otherwise: intervals, windows and limits.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

/// So many in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How many.
    pub requests: u32,
    /// The window, in milliseconds.
    pub window_ms: u64,
}

impl Limit {
    /// So many in so many milliseconds.
    pub const fn new(requests: u32, window_ms: u64) -> Self {
        Limit {
            requests,
            window_ms,
        }
    }

    pub(crate) fn window(self) -> Duration {
        Duration::from_millis(self.window_ms)
    }
}

/// The numbers of a world; [`Settings::default`] has Discord's own where it publishes them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// HELLO's `heartbeat_interval`.
    pub heartbeat_interval_ms: u64,
    /// How long after the interval a connection without a heartbeat is closed.
    pub heartbeat_grace_ms: u64,
    /// How long a dropped session can be resumed ("a few minutes").
    pub session_timeout_ms: u64,
    /// What an app may send over one gateway connection.
    pub gateway: Limit,
    /// Session starts a day.
    pub session_starts: Limit,
    /// IDENTIFYs in five seconds.
    pub identifies: Limit,
    /// Guilds one shard may have before 4011.
    pub guilds_per_shard: usize,
    /// What a bot may ask of the whole API.
    pub global: Limit,
    /// Per-route limits by `METHOD /path/{template}`.
    pub routes: BTreeMap<String, Limit>,
    /// For the routes not named above.
    pub other_routes: Limit,
    /// 401, 403 and 429 that an address may collect before it is shut out.
    pub invalid_requests: Limit,
    /// How long `enforce_nonce` remembers ("the past few minutes").
    pub nonce_window_ms: u64,
    /// How soon an interaction must be answered.
    pub interaction_deadline_ms: u64,
    /// How long an interaction's token works.
    pub interaction_token_ms: u64,
    /// The largest file, in bytes.
    pub file_size: usize,
    /// The largest request, in bytes.
    pub request_size: usize,
    /// How long a link to a file works.
    pub attachment_link_ms: u64,
    /// Whether a `User-Agent` that is not Discord's form is refused.
    pub demand_user_agent: bool,
}

impl Default for Settings {
    fn default() -> Self {
        // Discord asks not to rely on route limits; five messages in five seconds are what bots see.
        let per_channel = Limit::new(5, 5_000);
        let routes = [
            "POST /channels/{channel.id}/messages",
            "PATCH /channels/{channel.id}/messages/{message.id}",
            "POST /webhooks/{webhook.id}/{webhook.token}",
        ];
        Settings {
            heartbeat_interval_ms: 41_250,
            heartbeat_grace_ms: 20_000,
            session_timeout_ms: 180_000,
            gateway: Limit::new(120, 60_000),
            session_starts: Limit::new(1_000, 86_400_000),
            identifies: Limit::new(1, 5_000),
            guilds_per_shard: 2_500,
            global: Limit::new(50, 1_000),
            routes: routes
                .into_iter()
                .map(|route| (route.to_owned(), per_channel))
                .collect(),
            other_routes: Limit::new(40, 5_000),
            invalid_requests: Limit::new(10_000, 600_000),
            nonce_window_ms: 180_000,
            interaction_deadline_ms: 3_000,
            interaction_token_ms: 900_000,
            file_size: 10 << 20,
            request_size: 25 << 20,
            attachment_link_ms: 86_400_000,
            demand_user_agent: true,
        }
    }
}

impl Settings {
    /// For tests of something else: no limit is ever met.
    pub fn unlimited() -> Self {
        let none = Limit::new(1_000_000, 1_000);
        Settings {
            gateway: none,
            identifies: Limit::new(1, 0),
            global: none,
            routes: BTreeMap::new(),
            other_routes: none,
            ..Settings::default()
        }
    }

    pub(crate) fn of_route(&self, route: &str) -> Limit {
        self.routes.get(route).copied().unwrap_or(self.other_routes)
    }
}
