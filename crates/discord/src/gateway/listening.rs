//! One connection after the other.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use husting_clock::SharedClock;
use husting_domain::time::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::closes::{Ending, Next};
use super::connection::{ASK_AGAIN, Connection, Report};
use super::keeping::Item;
use super::sessions::Session;
use super::{Before, GatewayOptions, GatewayState, Health, Stop};

/// So often in a row Discord may refuse to resume a session before a new one is begun.
const REFUSALS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A connection that was live for so long, in milliseconds, ends a row of closes.
const LASTING: i64 = 60_000;

/// The reading end.
pub(super) struct Listening<'a> {
    pub options: GatewayOptions,
    pub health: &'a watch::Sender<Health>,
    pub clock: SharedClock,
    pub stop: CancellationToken,
    pub queue: mpsc::Sender<Item>,
}

/// What is known from one connection to the next.
struct Course {
    session: Option<Session>,
    /// Whether there was ever a session: then a new one has missed something.
    had_session: bool,
    without_content: bool,
    ask_at: Timestamp,
    by_resume_url: bool,
    pauses: Pauses,
    pause: Duration,
    budget: Budget,
}

impl Listening<'_> {
    /// Until it is stopped, or until Discord does not want it any more.
    pub async fn run(self, before: Before) -> Stop {
        let mut course = Course::from(before, self.clock.now());
        let stopped = loop {
            let may_connect = tokio::select! {
                () = self.stop.cancelled() => false,
                () = self.until_next(&mut course) => true,
            };
            if !may_connect {
                break Stop::Asked;
            }
            let report = self.connect(&mut course).await;
            if let Some(stopped) = self.after(&report, &mut course) {
                break stopped;
            }
        };
        tracing::info!(?stopped, "the gateway is left");
        self.show(GatewayState::Stopped(stopped.clone()));
        stopped
    }

    async fn until_next(&self, course: &mut Course) {
        let moment = self.clock.now().plus(course.pause);
        self.clock.sleep_until(moment).await;
        if course.session.is_none() {
            let patience = self.options.patience;
            let sender = &self.options.sender;
            course.budget.take(sender, patience, &self.clock).await;
            let left = course.budget.left;
            self.health
                .send_modify(|health| health.identifies_left = left);
        }
    }

    async fn connect(&self, course: &mut Course) -> Report {
        let without_content = course.without_content;
        self.health
            .send_modify(|health| health.without_content = without_content);
        let connection = Connection {
            options: &self.options,
            health: self.health,
            clock: &self.clock,
            stop: &self.stop,
            queue: &self.queue,
            session: &mut course.session,
            replaces: course.had_session,
            without_content,
            by_resume_url: course.by_resume_url,
            ask_at: course.ask_at,
        };
        connection.run().await
    }

    /// What follows; an end where nothing does.
    fn after(&self, report: &Report, course: &mut Course) -> Option<Stop> {
        let words = report.ending.words();
        tracing::info!(after = words, heard = report.heard, "a connection ended");
        let next = report.ending.next(course.without_content);
        if let Next::Stop(stopped) = next {
            return Some(stopped);
        }
        self.show(GatewayState::Connecting { after: Some(words) });
        course.go_on(report, &next, self.clock.now());
        None
    }

    fn show(&self, state: GatewayState) {
        self.health.send_modify(|health| {
            health.state = state;
            health.live_since = None;
        });
    }
}

impl Course {
    fn from(before: Before, now: Timestamp) -> Self {
        let had_session = before != Before::Nothing;
        let session = match before {
            Before::Left(cursor) => Some(Session::left(cursor)),
            Before::Nothing | Before::Elsewhere => None,
        };
        Self {
            had_session,
            without_content: session
                .as_ref()
                .is_some_and(|session| session.without_content),
            session,
            ask_at: now,
            by_resume_url: true,
            pauses: Pauses::new(),
            pause: Duration::ZERO,
            budget: Budget::default(),
        }
    }

    fn go_on(&mut self, report: &Report, next: &Next, now: Timestamp) {
        self.had_session |= self.session.is_some();
        // The address of READY may be gone while the gateway's own is there, and the other way round.
        self.by_resume_url = match report.ending {
            Ending::Unreachable(_) => !self.by_resume_url,
            _ => true,
        };
        let unheard = report.greeted && !report.heard;
        match next {
            Next::Identify => self.session = None,
            Next::WithoutContent => {
                self.session = None;
                self.ask_at = now.plus_millis(ASK_AGAIN);
            }
            Next::ResumeRefused => self.count_refusal(),
            Next::Resume if unheard => self.count_refusal(),
            Next::Resume | Next::Stop(_) => {}
        }
        self.without_content = match (next, &report.ending) {
            (Next::WithoutContent, _) => true,
            (_, Ending::Upgrade) => false,
            _ => self.without_content,
        };
        let lasted = report.live_since.map_or(0, |since| now.millis_since(since));
        self.pause = self.pauses.after(&report.ending, lasted);
    }

    fn count_refusal(&mut self) {
        if let Some(session) = &mut self.session {
            session.refusals += 1;
            if session.refusals >= REFUSALS {
                self.session = None;
            }
        }
    }
}

/// None before the first new connection, then a growing one with jitter.
struct Pauses {
    in_a_row: u32,
    /// The last one did not come to Discord at all.
    away: bool,
    /// The outage's pause was let go of once, and no connection was live since: one that flaps is not called ever again soon.
    returned: bool,
    growing: ExponentialBackoff,
}

impl Pauses {
    fn new() -> Self {
        let growing = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_factor(2.0)
            .without_max_times()
            .with_jitter();
        Self {
            in_a_row: 0,
            away: false,
            returned: false,
            growing: growing.build(),
        }
    }

    /// The pause after a connection that was live for so many milliseconds.
    fn after(&mut self, ending: &Ending, lasted: i64) -> Duration {
        if lasted >= LASTING || *ending == Ending::Upgrade {
            *self = Self::new();
        }
        if lasted > 0 {
            self.returned = false;
        }
        let away = matches!(ending, Ending::Unreachable(_));
        if self.away && !away && !self.returned {
            // It is there again, and what it said is answered soon, though never at once.
            *self = Self {
                in_a_row: 1,
                returned: true,
                ..Self::new()
            };
        }
        self.away = away;
        self.in_a_row += 1;
        // Discord asks for a second or more after op 9.
        let at_once = self.in_a_row == 1 && !matches!(ending, Ending::Invalid { .. });
        match at_once {
            true => Duration::ZERO,
            false => self.growing.next().unwrap_or(LONGEST_PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: Ending = Ending::Closed {
        code: Some(1006),
        words: String::new(),
    };

    #[test]
    fn closes_in_a_row_are_answered_ever_later_and_the_first_at_once() {
        let mut pauses = Pauses::new();
        assert_eq!(pauses.after(&LOST, 0), Duration::ZERO);
        for least in [1, 2, 4, 8, 16, 32, 60, 60] {
            let pause = pauses.after(&LOST, LASTING - 1);
            let least = Duration::from_secs(least);
            assert!(pause >= least && pause <= least * 2, "{pause:?}");
        }
    }

    #[test]
    fn a_connection_that_lasted_ends_the_row() {
        let mut pauses = Pauses::new();
        for _ in 0..9 {
            pauses.after(&LOST, 0);
        }
        assert_eq!(pauses.after(&LOST, LASTING), Duration::ZERO);
        assert!(pauses.after(&LOST, 0) <= FIRST_PAUSE * 2);
    }

    #[test]
    fn once_discord_is_there_again_an_outage_costs_no_further_pause() {
        let away = Ending::Unreachable("connection refused".to_owned());
        for said in [LOST, Ending::Invalid { resumable: false }] {
            let mut pauses = Pauses::new();
            for _ in 0..9 {
                pauses.after(&away, 0);
            }
            let pause = pauses.after(&said, 0);
            assert!(
                pause >= FIRST_PAUSE && pause <= FIRST_PAUSE * 2,
                "{pause:?}"
            );
            assert!(pauses.after(&said, 0) >= FIRST_PAUSE * 2, "it grows again");
        }
    }

    #[test]
    fn a_gateway_that_flaps_is_called_ever_later() {
        let away = Ending::Unreachable("connection refused".to_owned());
        let mut pauses = Pauses::new();
        let flapping = (0..20).map(|_| pauses.after(&away, 0).max(pauses.after(&LOST, 0)));
        assert!(flapping.last() >= Some(LONGEST_PAUSE));
        pauses.after(&LOST, 1);
        pauses.after(&away, 0);
        assert!(
            pauses.after(&LOST, 0) <= FIRST_PAUSE * 2,
            "it was live meanwhile"
        );
    }

    #[test]
    fn an_ended_session_is_not_followed_at_once() {
        let ended = Ending::Invalid { resumable: false };
        assert!(Pauses::new().after(&ended, LASTING) >= FIRST_PAUSE);
    }
}
