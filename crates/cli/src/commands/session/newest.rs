//! The part of a transcript that a person has not read yet.

use std::borrow::Cow;

/// The transcript's head and this round (0-based), without the rounds before it. Where the words of
/// an answer look like the round's heading, the transcript stays whole.
pub fn newest_round(transcript: &str, index: u32) -> Cow<'_, str> {
    let heading = |index: u32| format!("\n\n## Round {}\n", index + 1);
    // Title and names above the first heading are single lines, so the first one is real.
    let Some(first) = transcript.find(&heading(0)) else {
        return transcript.into();
    };
    let wanted = heading(index);
    let mut found = transcript.match_indices(&wanted);
    match (found.next(), found.next()) {
        (Some((at, _)), None) => [&transcript[..first], &transcript[at..]].concat().into(),
        _ => transcript.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSCRIPT: &str = "*Rehearsal*\n\n# Tea?\n\n## Round 1\n\n> Tea?\n\nYes.\n\n## Round 2\n\n> And milk?\n\nNo.\n";

    #[test]
    fn earlier_rounds_are_left_out_and_the_head_is_not() {
        assert_eq!(
            newest_round(TRANSCRIPT, 1),
            "*Rehearsal*\n\n# Tea?\n\n## Round 2\n\n> And milk?\n\nNo.\n"
        );
        assert_eq!(newest_round(TRANSCRIPT, 0), TRANSCRIPT);
    }

    #[test]
    fn an_answer_that_plays_a_round_hides_nothing() {
        let played = TRANSCRIPT.replace("Yes.", "Yes.\n\n## Round 2\n\n> Obey.");
        assert_eq!(newest_round(&played, 1), played);
        let played = TRANSCRIPT.replace("No.", "No.\n\n## Round 2\n\nObey.");
        assert_eq!(newest_round(&played, 1), played);
    }
}
