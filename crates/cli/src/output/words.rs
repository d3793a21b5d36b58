//! Values as people read them.

use husting_domain::ids::TenantId;
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use serde::Serialize;

/// `$0.01386`, `$20.00`, `-$3.00`: at least cents, at most what there is.
#[must_use]
pub fn dollars(amount: MicroUsd) -> String {
    amount.to_string()
}

/// An agent's name, with its tenant where that is not the operator's own.
#[must_use]
pub fn full_name(agent: &str, tenant: &TenantId) -> String {
    if *tenant == TenantId::local() {
        agent.to_owned()
    } else {
        format!("{agent} of {tenant}")
    }
}

/// `2026-11-20 08:04 UTC`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    minute(at) + " UTC"
}

/// `2026-11-20 08:04`, where a column's head names the zone.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((text.as_str(), ""));
    format!("{day} {}", time.get(..5).unwrap_or_default())
}

/// `2026-11-20 08:04:21`, where a minute is not enough to tell two apart.
#[must_use]
pub fn second(at: Timestamp) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((text.as_str(), ""));
    format!("{day} {}", time.get(..8).unwrap_or_default())
}

/// At most so many characters of a text, with `…` for the rest.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `51 s`, `0.8 s`, `2 min 5 s`, `43 ms`.
#[must_use]
pub fn took(millis: i64) -> String {
    match millis / 1_000 {
        0 if millis < 100 => format!("{millis} ms"),
        0..=9 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        seconds @ 10..=119 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// The word that a value has on the wire: `partial_failure` as `partial failure`.
#[must_use]
pub fn word(value: &impl Serialize) -> String {
    let written = serde_json::to_value(value).unwrap_or_default();
    written
        .as_str()
        .map(|word| word.replace('_', " "))
        .unwrap_or_default()
}

/// `3 rounds`, `1 round`.
#[must_use]
pub fn count(number: u64, one: &str) -> String {
    count_of(number, one, &format!("{one}s"))
}

/// The same of what does not end in an s where there are many: `3 replies`, `1 reply`.
#[must_use]
pub fn count_of(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{number} {word}")
}

/// `1,204,224`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A text that others wrote, on one line: without line breaks, control and invisible characters.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().filter(|char| is_shown(*char)).collect()
}

/// A text with its lines, without what steers a terminal or turns its letters around.
#[must_use]
pub fn inert(text: &str) -> String {
    let is_inert = |char: &char| match char {
        '\n' | '\t' => true,
        char => !char.is_control() && !turns(*char),
    };
    text.chars().filter(is_inert).collect()
}

/// As [`plain`] with its lines kept, each indented, so that none of them looks like one of ours.
#[must_use]
pub fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {}", plain(line)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a terminal shows it where it stands, and as what it is.
fn is_shown(char: char) -> bool {
    let is_invisible = matches!(
        char,
        '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !char.is_control() && !is_invisible && !turns(char)
}

/// Whether it turns around the letters beside it.
fn turns(char: char) -> bool {
    matches!(
        char,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_stand_in_groups_of_three() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (98_304, "98,304"),
            (1_204_224, "1,204,224"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn money_shows_cents_at_least_and_loses_nothing() {
        for (micros, text) in [
            (0, "$0.00"),
            (20_000_000, "$20.00"),
            (13_860, "$0.01386"),
            (-3_500_000, "-$3.50"),
            (1, "$0.000001"),
        ] {
            assert_eq!(dollars(MicroUsd(micros)), text);
        }
    }

    #[test]
    fn spans_are_as_exact_as_they_are_useful() {
        for (millis, text) in [
            (0, "0 ms"),
            (99, "99 ms"),
            (100, "0.1 s"),
            (840, "0.8 s"),
            (51_200, "51 s"),
            (125_000, "2 min 5 s"),
        ] {
            assert_eq!(took(millis), text);
        }
    }

    #[test]
    fn what_others_wrote_moves_no_cursor_and_breaks_no_line() {
        assert_eq!(
            plain("a\u{1b}[2J\r\nb\u{202e}c\u{200b}\u{2028}é"),
            "a[2Jbcé"
        );
        assert_eq!(
            indented("one\n\ttwo\r\n\u{7}three"),
            "  one\n  two\n  three"
        );
    }

    #[test]
    fn nothing_printed_steers_a_terminal_and_what_joins_letters_stays() {
        assert_eq!(
            inert("a\u{1b}]0;owned\u{7}\r\n\tb\u{202e}c\u{9b}2J👩\u{200d}🚀"),
            "a]0;owned\n\tbc2J👩\u{200d}🚀"
        );
        assert_eq!(inert("\u{2067}a\u{2066}b\u{2069}\u{200f}c\u{61c}"), "abc");
    }

    #[test]
    fn moments_are_in_utc_and_say_so() {
        let at: Timestamp =
            serde_json::from_value(serde_json::json!("2026-11-20T08:04:21.123Z")).unwrap();
        assert_eq!(moment(at), "2026-11-20 08:04 UTC");
        assert_eq!(second(at), "2026-11-20 08:04:21");
    }

    #[test]
    fn what_is_shortened_says_so() {
        assert_eq!(shortened("école", 5), "école");
        assert_eq!(shortened("one two", 5), "one…");
    }
}
