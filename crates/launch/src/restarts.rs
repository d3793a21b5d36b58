//! Whether a program that ended is started once more.

use crate::exit::Exit;

/// How often a program is started again within an hour.
pub const RESTARTS_AN_HOUR: usize = 3;
const HOUR_MS: u64 = 3_600_000;

/// What follows a program's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It did what it was there for.
    End,
    /// It is started once more.
    Restart,
    /// It was restarted often enough; the operator decides.
    GiveUp,
}

/// What follows `exit`, where `earlier` are the times of the restarts so far. Times are Unix
/// milliseconds. A time after `now` counts: a clock that was set back forgives nothing.
#[must_use]
pub fn decide(exit: Exit, earlier: &[u64], now: u64) -> Decision {
    if exit == Exit::Code(0) {
        return Decision::End;
    }
    let within = |&&at: &&u64| now.saturating_sub(at) < HOUR_MS;
    match earlier.iter().filter(within).count() < RESTARTS_AN_HOUR {
        true => Decision::Restart,
        false => Decision::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const NOW: u64 = 1_795_000_000_000;

    #[rstest]
    #[case(Exit::Code(0), &[], Decision::End)]
    #[case(Exit::Code(0), &[NOW, NOW, NOW, NOW], Decision::End)]
    #[case(Exit::Code(1), &[], Decision::Restart)]
    #[case(Exit::Signal(15), &[NOW - 2], Decision::Restart)]
    #[case(Exit::Unknown, &[NOW - 3, NOW - 2], Decision::Restart)]
    #[case(Exit::Code(1), &[NOW - 3, NOW - 2, NOW - 1], Decision::GiveUp)]
    #[case(Exit::Code(1), &[NOW - HOUR_MS + 1, NOW - 2, NOW - 1], Decision::GiveUp)]
    #[case(Exit::Code(1), &[NOW - HOUR_MS, NOW - 2, NOW - 1], Decision::Restart)]
    #[case(Exit::Code(1), &[NOW + 5, NOW + 6, NOW + 7], Decision::GiveUp)]
    fn three_restarts_an_hour(
        #[case] exit: Exit,
        #[case] earlier: &[u64],
        #[case] decision: Decision,
    ) {
        assert_eq!(decide(exit, earlier, NOW), decision);
    }

    proptest! {
        #[test]
        fn no_hour_has_more_restarts_than_allowed(
            steps in prop::collection::vec(0_u64..HOUR_MS, 1..60)
        ) {
            let mut restarts: Vec<u64> = Vec::new();
            let mut now = NOW;
            for step in steps {
                now += step;
                if decide(Exit::Code(1), &restarts, now) == Decision::Restart {
                    restarts.push(now);
                }
            }
            for four in restarts.windows(RESTARTS_AN_HOUR + 1) {
                prop_assert!(four[RESTARTS_AN_HOUR] - four[0] >= HOUR_MS);
            }
        }
    }
}
