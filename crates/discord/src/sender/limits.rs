//! When a request may leave: <https://docs.discord.com/developers/topics/rate-limits>. Pure rules; the
//! time is passed in.
//!
//! What Discord says is kept to, and three limits are kept to before it says anything: five messages in
//! five seconds for a channel, a rate below the global one, and a number of refusals far below the one
//! at which the network in front of Discord shuts an address out.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use husting_domain::discord::Snowflake;
use husting_domain::time::Timestamp;

/// Five messages in five seconds. The window is a little longer, because what counts is when Discord
/// hears of them.
const POSTS: Rate = Rate::new(5, 5_250);
/// Discord's own is 50 in a second for everything a bot asks, whatever else uses its token.
const ALL: Rate = Rate::new(45, 1_000);
/// Discord shuts an address out after 10,000 answers of 401, 403 and 429 in ten minutes.
const INVALID: Rate = Rate::new(1_000, 600_000);
/// Above so many remembered resources, those with nothing to say are forgotten.
const REMEMBERED: usize = 1_024;

/// What limits are counted by: a route of the API, and the channel, guild or webhook in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Route {
    pub name: &'static str,
    pub major: Option<Snowflake>,
    /// Where it posts a message, if it does: a channel's messages are counted together, whoever's name
    /// they bear.
    pub posts_in: Option<Snowflake>,
}

impl Route {
    /// What a 429 is about, in whichever of its threads a webhook posts.
    const fn resource(self) -> (&'static str, Option<Snowflake>) {
        (self.name, self.major)
    }
}

/// The name of the route that posts messages.
pub(super) const POST: &str = "POST /channels/{channel.id}/messages";

/// What one answer tells of limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// `X-RateLimit-Bucket`: routes with the same one share a limit.
    pub bucket: Option<String>,
    /// `X-RateLimit-Remaining`.
    pub remaining: Option<u32>,
    /// `X-RateLimit-Reset-After`.
    pub reset_after: Option<Duration>,
    /// A 429.
    pub too_many: Option<TooMany>,
    /// Whether the answer counts towards being shut out.
    pub is_invalid: bool,
}

/// A 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    pub scope: Scope,
    pub retry_after: Duration,
}

/// Who has to wait after a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// This bot, on this route and whatever shares its bucket.
    User,
    /// Everybody, on this one resource.
    Shared,
    /// This bot, or this address, on everything. Also a 429 that does not say: it is not of the API, but
    /// of the network before it.
    Everything,
}

/// All limits of one bot.
#[derive(Debug, Default)]
pub(super) struct Limits {
    all: Window,
    invalid: Window,
    posts: HashMap<Snowflake, Window>,
    everything: Option<Pause>,
    resources: HashMap<(&'static str, Option<Snowflake>), Pause>,
    /// Which bucket a route turned out to have.
    names: HashMap<&'static str, String>,
    buckets: HashMap<(String, Option<Snowflake>), Bucket>,
}

impl Limits {
    /// Counts a request that leaves now.
    ///
    /// # Errors
    /// When it is to be tried again, which is later than `now`, where it may not leave yet.
    pub fn take(&mut self, route: Route, now: Timestamp) -> Result<(), Timestamp> {
        if let Some(moment) = self.hindered_until(route, now) {
            return Err(moment);
        }
        self.all.note(now);
        if let Some(posts) = self.posts_of(route) {
            posts.note(now);
        }
        if let Some(bucket) = self.bucket_of(route) {
            bucket.remaining = bucket.remaining.saturating_sub(1);
        }
        Ok(())
    }

    /// The last request that left on this route was answered, or failed: Discord counted it by now.
    pub fn ended(&mut self, route: Route, now: Timestamp) {
        if let Some(posts) = self.posts_of(route) {
            posts.move_last(now);
        }
    }

    /// Takes in what an answer tells.
    pub fn learn(&mut self, route: Route, told: &Told, now: Timestamp) {
        if told.is_invalid {
            self.invalid.note(now);
        }
        if let Some(name) = &told.bucket {
            self.names.insert(route.name, name.clone());
            if let (Some(remaining), Some(after)) = (told.remaining, told.reset_after) {
                let pause = Pause::of(now, after);
                let bucket = Bucket { remaining, pause };
                self.buckets.insert((name.clone(), route.major), bucket);
            }
        }
        if let Some(too_many) = told.too_many {
            self.refused(route, too_many, now);
        }
        self.tidy(now);
    }

    fn refused(&mut self, route: Route, too_many: TooMany, now: Timestamp) {
        let pause = Pause::of(now, too_many.retry_after);
        match too_many.scope {
            Scope::Everything => self.everything = Some(pause.longer_of(self.everything, now)),
            Scope::Shared => {
                self.resources.insert(route.resource(), pause);
            }
            Scope::User => {
                self.resources.insert(route.resource(), pause);
                if let Some(bucket) = self.bucket_of(route) {
                    bucket.remaining = 0;
                    bucket.pause = pause;
                }
            }
        }
    }

    fn hindered_until(&mut self, route: Route, now: Timestamp) -> Option<Timestamp> {
        let bucket = self.bucket_of(route).copied();
        let used_up = bucket.filter(|bucket| bucket.remaining == 0);
        let pauses = [
            self.everything,
            self.resources.get(&route.resource()).copied(),
            used_up.map(|bucket| bucket.pause),
        ];
        let pauses = pauses.into_iter().flatten();
        let paused = pauses.filter_map(|pause| pause.until(now)).max();
        let posts = self
            .posts_of(route)
            .and_then(|posts| posts.full_until(POSTS, now));
        let all = self.all.full_until(ALL, now);
        let invalid = self.invalid.full_until(INVALID, now);
        [paused, posts, all, invalid].into_iter().flatten().max()
    }

    fn posts_of(&mut self, route: Route) -> Option<&mut Window> {
        Some(self.posts.entry(route.posts_in?).or_default())
    }

    fn bucket_of(&mut self, route: Route) -> Option<&mut Bucket> {
        let name = self.names.get(route.name)?;
        self.buckets.get_mut(&(name.clone(), route.major))
    }

    fn tidy(&mut self, now: Timestamp) {
        if self.posts.len() + self.resources.len() + self.buckets.len() <= REMEMBERED {
            return;
        }
        self.posts.retain(|_, posts| posts.count(POSTS, now) > 0);
        self.resources.retain(|_, pause| pause.until(now).is_some());
        self.buckets
            .retain(|_, bucket| bucket.pause.until(now).is_some());
    }
}

/// What is left of a bucket until it is full again.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    remaining: u32,
    pause: Pause,
}

/// A time in which nothing is sent.
#[derive(Clone, Copy, Debug)]
struct Pause {
    from: Timestamp,
    until: Timestamp,
}

impl Pause {
    fn of(now: Timestamp, span: Duration) -> Self {
        Self {
            from: now,
            until: now.plus_millis(millis(span)),
        }
    }

    /// Its end while it lasts. It is over as well when the clock was set back behind its beginning.
    fn until(self, now: Timestamp) -> Option<Timestamp> {
        (self.from <= now && now < self.until).then_some(self.until)
    }

    fn longer_of(self, other: Option<Self>, now: Timestamp) -> Self {
        match other.filter(|other| other.until(now) > Some(self.until)) {
            Some(other) => other,
            None => self,
        }
    }
}

/// In milliseconds, rounded up: never earlier than was said.
fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_micros().div_ceil(1_000)).unwrap_or(i64::MAX)
}

/// So many in so many milliseconds.
#[derive(Clone, Copy, Debug)]
struct Rate {
    most: usize,
    millis: i64,
}

impl Rate {
    const fn new(most: usize, millis: i64) -> Self {
        Self { most, millis }
    }
}

/// The moments within the last so many milliseconds, whenever they began.
#[derive(Debug, Default)]
struct Window(VecDeque<Timestamp>);

impl Window {
    fn note(&mut self, now: Timestamp) {
        self.0.push_back(now);
    }

    fn move_last(&mut self, now: Timestamp) {
        if let Some(last) = self.0.back_mut() {
            *last = now;
        }
    }

    /// What lies in the future was noted before the clock was set back, and says nothing.
    fn count(&mut self, rate: Rate, now: Timestamp) -> usize {
        self.0
            .retain(|at| *at <= now && now < at.plus_millis(rate.millis));
        self.0.len()
    }

    /// When the oldest one is forgotten, where no more may come before.
    fn full_until(&mut self, rate: Rate, now: Timestamp) -> Option<Timestamp> {
        let count = self.count(rate, now);
        let oldest = self.0.get(count.checked_sub(rate.most)?)?;
        Some(oldest.plus_millis(rate.millis))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const REACT: &str = "PUT /channels/{channel.id}/messages/{message.id}/reactions/{emoji.id}/@me";

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_millis(millis)
    }

    fn route(name: &'static str, major: u64) -> Route {
        let major = Snowflake::new(major).ok();
        Route {
            name,
            major,
            posts_in: major.filter(|_| name == POST),
        }
    }

    fn too_many(scope: Scope, millis: u64) -> Told {
        Told {
            too_many: Some(TooMany {
                scope,
                retry_after: Duration::from_millis(millis),
            }),
            ..Told::default()
        }
    }

    #[test]
    fn a_sixth_message_waits_for_the_first_to_be_five_seconds_old() {
        let mut limits = Limits::default();
        for second in 0..5 {
            assert_eq!(limits.take(route(POST, 1), at(second * 100)), Ok(()));
        }
        assert_eq!(limits.take(route(POST, 1), at(500)), Err(at(5_250)));
        assert_eq!(limits.take(route(POST, 2), at(500)), Ok(()));
        assert_eq!(limits.take(route(REACT, 1), at(500)), Ok(()));
        assert_eq!(limits.take(route(POST, 1), at(5_250)), Ok(()));
        assert_eq!(limits.take(route(POST, 1), at(5_250)), Err(at(5_350)));
    }

    #[test]
    fn messages_of_a_webhook_and_of_the_bot_count_together() {
        let mut limits = Limits::default();
        let spoken = Route {
            name: "POST /webhooks/{webhook.id}/{webhook.token}",
            major: Snowflake::new(9).ok(),
            posts_in: Snowflake::new(1).ok(),
        };
        for turn in 0..5 {
            let route = if turn % 2 == 0 {
                spoken
            } else {
                route(POST, 1)
            };
            assert_eq!(limits.take(route, at(0)), Ok(()));
        }
        assert_eq!(limits.take(spoken, at(0)), Err(at(5_250)));
        assert_eq!(limits.take(route(POST, 1), at(0)), Err(at(5_250)));
        let elsewhere = Route {
            posts_in: Snowflake::new(2).ok(),
            ..spoken
        };
        assert_eq!(limits.take(elsewhere, at(0)), Ok(()));
        limits.learn(elsewhere, &too_many(Scope::Shared, 9_000), at(0));
        assert_eq!(limits.take(spoken, at(5_250)), Err(at(9_000)));
    }

    #[test]
    fn a_message_counts_from_when_it_was_answered() {
        let mut limits = Limits::default();
        for turn in 0..5 {
            assert_eq!(limits.take(route(POST, 1), at(turn * 900)), Ok(()));
            limits.ended(route(POST, 1), at(turn * 900 + 800));
        }
        assert_eq!(limits.take(route(POST, 1), at(5_250)), Err(at(6_050)));
        assert_eq!(limits.take(route(POST, 1), at(6_050)), Ok(()));
    }

    #[test]
    fn an_empty_bucket_stops_every_route_that_shares_it_for_its_channel_alone() {
        let mut limits = Limits::default();
        let told = |remaining| Told {
            bucket: Some("abc".into()),
            remaining: Some(remaining),
            reset_after: Some(Duration::from_millis(700)),
            ..Told::default()
        };
        limits.learn(route(POST, 1), &told(1), at(0));
        limits.learn(route(REACT, 2), &told(1), at(0));
        assert_eq!(limits.take(route(REACT, 1), at(0)), Ok(()));
        assert_eq!(limits.take(route(REACT, 1), at(1)), Err(at(700)));
        assert_eq!(limits.take(route(POST, 1), at(1)), Err(at(700)));
        assert_eq!(limits.take(route(POST, 2), at(1)), Ok(()));
        assert_eq!(limits.take(route(POST, 1), at(700)), Ok(()));
    }

    #[rstest]
    #[case::user(Scope::User, [false, true, true])]
    #[case::shared(Scope::Shared, [false, true, true])]
    #[case::everything(Scope::Everything, [false, false, false])]
    fn a_429_stops_what_it_is_about(#[case] scope: Scope, #[case] go_on: [bool; 3]) {
        let mut limits = Limits::default();
        limits.learn(route(POST, 1), &too_many(scope, 900), at(0));
        let others = [route(POST, 1), route(POST, 2), route(REACT, 1)];
        assert_eq!(
            others.map(|route| limits.take(route, at(899)).is_ok()),
            go_on
        );
        assert_eq!(limits.take(route(POST, 1), at(900)), Ok(()));
    }

    #[test]
    fn a_429_of_a_bucket_stops_whatever_shares_it_for_its_channel() {
        let mut limits = Limits::default();
        let told = Told {
            bucket: Some("abc".into()),
            remaining: Some(3),
            reset_after: Some(Duration::from_millis(100)),
            ..Told::default()
        };
        limits.learn(route(REACT, 1), &told, at(0));
        limits.learn(route(POST, 1), &told, at(0));
        limits.learn(route(POST, 1), &too_many(Scope::User, 900), at(0));
        assert_eq!(limits.take(route(REACT, 1), at(500)), Err(at(900)));
        assert_eq!(limits.take(route(REACT, 2), at(500)), Ok(()));
        assert_eq!(limits.take(route(REACT, 1), at(900)), Ok(()));
    }

    #[test]
    fn a_shorter_pause_does_not_end_a_longer_one() {
        let mut limits = Limits::default();
        limits.learn(route(POST, 1), &too_many(Scope::Everything, 900), at(0));
        limits.learn(route(POST, 2), &too_many(Scope::Everything, 100), at(5));
        assert_eq!(limits.take(route(POST, 3), at(200)), Err(at(900)));
    }

    #[test]
    fn refusals_stop_everything_long_before_discord_shuts_the_address_out() {
        let mut limits = Limits::default();
        let told = Told {
            is_invalid: true,
            ..Told::default()
        };
        for _ in 0..1_000 {
            limits.learn(route(POST, 1), &told, at(7));
        }
        assert_eq!(limits.take(route(REACT, 2), at(8)), Err(at(600_007)));
        assert_eq!(limits.take(route(REACT, 2), at(600_007)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nothing() {
        let mut limits = Limits::default();
        let hour = 3_600_000;
        for _ in 0..5 {
            assert_eq!(limits.take(route(POST, 1), at(hour)), Ok(()));
        }
        limits.learn(
            route(POST, 1),
            &too_many(Scope::Everything, 9_000),
            at(hour),
        );
        assert_eq!(limits.take(route(POST, 1), at(0)), Ok(()));
    }

    #[test]
    fn what_has_nothing_to_say_is_forgotten() {
        let mut limits = Limits::default();
        for channel in 1..=3_000 {
            let now = at(i64::try_from(channel).unwrap() * 100);
            assert_eq!(limits.take(route(POST, channel), now), Ok(()));
            limits.learn(route(POST, channel), &too_many(Scope::Shared, 10), now);
        }
        assert!(limits.posts.len() + limits.resources.len() <= REMEMBERED + 2);
    }

    /// What may come, and after how many milliseconds.
    #[derive(Clone, Debug)]
    enum Step {
        Ask(Route),
        Tell(Route, Told),
    }

    fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
        let routes = (prop_oneof![Just(POST), Just(REACT)], 1..4_u64)
            .prop_map(|(name, channel)| route(name, channel));
        let scopes = prop_oneof![
            Just(Scope::User),
            Just(Scope::Shared),
            Just(Scope::Everything)
        ];
        let told = prop_oneof![
            (scopes, 0..3_000_u64).prop_map(|(scope, after)| too_many(scope, after)),
            (0..3_u32, 0..2_000_u64, 0..2_u8).prop_map(|(remaining, after, name)| Told {
                bucket: Some(name.to_string()),
                remaining: Some(remaining),
                reset_after: Some(Duration::from_millis(after)),
                ..Told::default()
            }),
        ];
        let step = prop_oneof![
            8 => routes.clone().prop_map(Step::Ask),
            1 => (routes, told).prop_map(|(route, told)| Step::Tell(route, told)),
        ];
        prop::collection::vec((0..60_i64, step), 1..300)
    }

    proptest! {
        #[test]
        fn no_schedule_breaks_a_limit_and_none_waits_for_ever(steps in steps()) {
            let (mut limits, mut now) = (Limits::default(), 0);
            let mut sent: Vec<(i64, Route)> = Vec::new();
            let mut closed: Vec<(i64, Option<Route>)> = Vec::new();
            for (pause, step) in steps {
                now += pause;
                let route = match step {
                    Step::Ask(route) => route,
                    Step::Tell(route, told) => {
                        if let Some(refused) = told.too_many {
                            let until = now + millis(refused.retry_after);
                            let all = refused.scope == Scope::Everything;
                            // A newer word about the same resource goes before the older one.
                            closed.retain(|(_, of)| all || *of != Some(route));
                            closed.push((until, (!all).then_some(route)));
                        }
                        limits.learn(route, &told, at(now));
                        continue;
                    }
                };
                let mut tries = 0;
                while let Err(moment) = limits.take(route, at(now)) {
                    prop_assert!(moment > at(now));
                    now = moment.as_micros() / 1_000;
                    tries += 1;
                    prop_assert!(tries < 20);
                }
                limits.ended(route, at(now));
                let stopped = |(until, of): &(i64, Option<Route>)| {
                    now < *until && of.is_none_or(|of| of == route)
                };
                prop_assert!(!closed.iter().any(stopped));
                sent.push((now, route));
                let within = |millis: i64| sent.iter().filter(move |(at, _)| *at > now - millis);
                prop_assert!(within(1_000).count() <= 50);
                let posts = within(5_000).filter(|(_, sent)| *sent == route);
                prop_assert!(route.name != POST || posts.count() <= 5);
            }
        }
    }
}
