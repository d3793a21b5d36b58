//! Spans, starts and ends in arguments.

use husting_domain::time::Timestamp;

/// A span in seconds: `60`, `90s`, `10m`, `2h`, `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub u32);

/// Why a word is no span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a span such as 90s, 10m, 2h or 7d")]
pub struct NoSpan;

impl std::str::FromStr for Span {
    type Err = NoSpan;

    fn from_str(text: &str) -> Result<Self, NoSpan> {
        let (number, seconds) = match text.char_indices().next_back().ok_or(NoSpan)? {
            (at, 's') => (&text[..at], 1),
            (at, 'm') => (&text[..at], 60),
            (at, 'h') => (&text[..at], 3_600),
            (at, 'd') => (&text[..at], 86_400),
            _ => (text, 1),
        };
        // Rust's own reader of numbers takes a sign.
        if !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NoSpan);
        }
        let number: u32 = number.parse().map_err(|_| NoSpan)?;
        number.checked_mul(seconds).map(Self).ok_or(NoSpan)
    }
}

/// When something ends: at a moment, or after a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At a moment.
    At(Timestamp),
    /// So long from now.
    In(Span),
}

/// Why a word is no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a moment such as 2026-12-31T00:00:00Z, or a span such as 90s, 10m, 2h or 7d")]
pub struct NoEnd;

impl std::str::FromStr for End {
    type Err = NoEnd;

    fn from_str(text: &str) -> Result<Self, NoEnd> {
        if let Ok(span) = text.parse() {
            return Ok(Self::In(span));
        }
        let moment = serde_json::from_value(text.into());
        moment.map(Self::At).map_err(|_| NoEnd)
    }
}

impl End {
    /// The moment, seen from `now`.
    #[must_use]
    pub const fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::In(Span(seconds)) => now.plus_millis(seconds as i64 * 1_000),
        }
    }
}

/// When something began: at a moment, or so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At a moment.
    At(Timestamp),
    /// So long before now.
    Ago(Span),
}

impl std::str::FromStr for Start {
    type Err = NoEnd;

    fn from_str(text: &str) -> Result<Self, NoEnd> {
        // Whoever looks back by 10 hardly means seconds, and would be shown nothing without a word.
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoEnd);
        }
        text.parse().map(|end| match end {
            End::At(moment) => Self::At(moment),
            End::In(span) => Self::Ago(span),
        })
    }
}

impl Start {
    /// The moment, seen from `now`.
    #[must_use]
    pub const fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(Span(seconds)) => now.plus_millis(-(seconds as i64) * 1_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit_or_are_seconds() {
        for (text, seconds) in [
            ("60", 60),
            ("90s", 90),
            ("10m", 600),
            ("2h", 7_200),
            ("7d", 604_800),
        ] {
            assert_eq!(text.parse(), Ok(Span(seconds)), "{text}");
        }
        for text in [
            "",
            "m",
            "-1s",
            "+1s",
            "1.5h",
            "10 m",
            "4294967296",
            "99999999d",
            "1w",
            "ä",
        ] {
            assert_eq!(text.parse::<Span>(), Err(NoSpan), "{text}");
        }
    }

    #[test]
    fn an_end_is_a_moment_or_a_span_from_now() {
        let now = Timestamp::from_micros(1_795_168_800_000_000);
        let moment = |text: &str| text.parse::<End>().map(|end| end.moment(now).to_string());
        assert_eq!(moment("10m").unwrap(), "2026-11-20T10:10:00.000Z");
        assert_eq!(
            moment("2027-01-01T00:00:00+01:00").unwrap(),
            "2026-12-31T23:00:00.000Z"
        );
        assert_eq!(moment("tomorrow"), Err(NoEnd));
    }

    #[test]
    fn a_start_is_a_moment_or_a_span_before_now() {
        let now = Timestamp::from_micros(1_795_168_800_000_000);
        let moment = |text: &str| {
            text.parse::<Start>()
                .map(|start| start.moment(now).to_string())
        };
        assert_eq!(moment("10m").unwrap(), "2026-11-20T09:50:00.000Z");
        assert_eq!(
            moment("2026-11-20T09:00:00Z").unwrap(),
            "2026-11-20T09:00:00.000Z"
        );
        assert_eq!(moment("0s").unwrap(), "2026-11-20T10:00:00.000Z");
        for text in ["yesterday", "10", "0", ""] {
            assert_eq!(moment(text), Err(NoEnd), "{text}");
        }
    }
}
