//! Self-reported confidence: `[confidence: 0.8]` leaves the prose and becomes a score.

use husting_domain::calls::ClaimConfidence;
use husting_domain::snippets::Confidence;

use crate::sentences;

/// Most bytes between a tag's brackets. Without a bound, a text of opening brackets alone would be
/// read to its end for each of them.
const LONGEST: usize = 64;

/// A text without its tags, and what they said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untagged {
    /// The text as served.
    pub text: String,
    /// Each score with the sentence it stood at, in order.
    pub scores: Vec<ClaimConfidence>,
}

/// Takes the tags out of a text. A tag with a value outside 0–1 is left as prose.
#[must_use]
pub fn untag(text: &str) -> Untagged {
    let mut served = String::with_capacity(text.len());
    let mut found: Vec<(usize, Confidence)> = Vec::new();
    let mut rest = text;
    while let Some((before, score, after)) = next_tag(rest) {
        served.push_str(before);
        // The tag's own leading space goes with it.
        served.truncate(
            served
                .trim_end_matches([' ', '\t'])
                .len()
                .max(served.len() - before.len()),
        );
        found.push((served.len(), score));
        rest = after;
    }
    served.push_str(rest);
    let sentences = sentences::split(&served);
    let scores = found
        .into_iter()
        .filter_map(|(at, score)| {
            // The sentence that ends last before the tag, or the one it stands in.
            let sentence = sentences
                .iter()
                .rev()
                .find(|sentence| sentence.start < at)?;
            Some(ClaimConfidence {
                text: served[sentence.start..sentence.end].to_owned(),
                score,
            })
        })
        .collect();
    Untagged {
        text: served,
        scores,
    }
}

/// A text that broke off, without its tags, and without the beginning of one at its end.
#[must_use]
pub fn untag_unfinished(text: &str) -> String {
    let served = untag(text).text;
    let begun = served
        .rfind('[')
        .filter(|open| may_become_tag(&served[open + 1..]));
    match begun {
        Some(open) => served[..open].trim_end_matches([' ', '\t']).to_owned(),
        None => served,
    }
}

/// Whether what follows an opening bracket, up to where the text broke off, may be the beginning of a tag.
fn may_become_tag(inside: &str) -> bool {
    const NAME: &str = "confidence";
    if inside.len() > LONGEST {
        return false;
    }
    let begun = inside.trim_start().to_ascii_lowercase();
    let Some(value) = begun.strip_prefix(NAME) else {
        return NAME.starts_with(begun.as_str());
    };
    let value = value.trim_start();
    let is_of_a_score =
        |byte: u8| byte.is_ascii_digit() || byte.is_ascii_whitespace() || b".%".contains(&byte);
    value.is_empty()
        || value
            .strip_prefix([':', '='])
            .is_some_and(|score| score.bytes().all(is_of_a_score))
}

/// Takes one tag out of a comment.
#[must_use]
pub fn untag_comment(comment: &str) -> (String, Option<Confidence>) {
    let Untagged { text, .. } = untag(comment);
    let score = next_tag(comment).map(|(_, score, _)| score);
    (text.trim().to_owned(), score)
}

fn next_tag(text: &str) -> Option<(&str, Confidence, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('[').map(|at| at + from) {
        let inside = &text[open + 1..];
        let mut bytes = inside.bytes().take(LONGEST);
        let close = bytes
            .position(|byte| matches!(byte, b'[' | b']'))
            .filter(|at| inside.as_bytes()[*at] == b']');
        if let Some((close, score)) = close.and_then(|at| Some((at, score_of(&inside[..at])?))) {
            return Some((&text[..open], score, &inside[close + 1..]));
        }
        from = open + 1;
    }
    None
}

fn score_of(inside: &str) -> Option<Confidence> {
    let (name, value) = inside.split_once([':', '='])?;
    if !name.trim().eq_ignore_ascii_case("confidence") {
        return None;
    }
    let value = value.trim();
    if let Some(percent) = value.strip_suffix('%') {
        return percent
            .trim()
            .parse::<u16>()
            .ok()
            .and_then(|percent| Confidence::from_thousandths(percent.checked_mul(10)?));
    }
    let (whole, places) = value.split_once('.').unwrap_or((value, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if places.len() > 6
        || !digits(whole)
        || !digits(places)
        || (whole.is_empty() && places.is_empty())
    {
        return None;
    }
    let whole: u16 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let places: u16 = format!("{places:0<3}")[..3].parse().ok()?;
    Confidence::from_thousandths(whole.checked_mul(1_000)?.checked_add(places)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(text: &str) -> (String, Vec<(String, u16)>) {
        let Untagged { text, scores } = untag(text);
        (
            text,
            scores
                .into_iter()
                .map(|score| (score.text, score.score.thousandths()))
                .collect(),
        )
    }

    #[test]
    fn a_tag_leaves_the_prose_and_scores_its_sentence() {
        let (text, found) =
            scores("Postgres holds. [confidence: 0.8] MongoDB may not [Confidence: .25]. End.");
        assert_eq!(text, "Postgres holds. MongoDB may not. End.");
        assert_eq!(
            found,
            [
                ("Postgres holds.".to_owned(), 800),
                ("MongoDB may not.".to_owned(), 250)
            ]
        );
    }

    #[test]
    fn brackets_without_end_are_read_once_and_a_tag_among_them_counts() {
        let text = format!("It holds. {} [confidence: 0.5]", "[".repeat(400_000));
        let (served, found) = scores(&text);
        assert_eq!(served.len(), text.len() - " [confidence: 0.5]".len());
        assert_eq!(found[0].1, 500);
    }

    #[test]
    fn what_is_not_a_score_stays_prose() {
        for text in [
            "[confidence: high]",
            "[confidence: 1.2]",
            "[confidence: -1]",
            "[1] and [note: 0.5]",
            "[confidence: ٠.٥]",
        ] {
            assert_eq!(scores(text), (text.to_owned(), vec![]), "{text}");
        }
    }

    #[test]
    fn a_text_that_broke_off_in_a_tag_ends_before_it() {
        for begun in [
            "[",
            "[ co",
            "[Confidence",
            "[confidence: 0.",
            "[confidence = 85%",
        ] {
            let text = format!("It holds. [confidence: 0.7] It scales. {begun}");
            assert_eq!(untag_unfinished(&text), "It holds. It scales.", "{begun}");
        }
        for text in [
            "It holds [1",
            "It holds [confident",
            "It holds [confidence: hi",
            "a[0]",
        ] {
            assert_eq!(untag_unfinished(text), text);
        }
    }

    #[test]
    fn percent_and_whole_numbers_are_read() {
        assert_eq!(scores("Sure. [confidence: 85%]").1[0].1, 850);
        assert_eq!(scores("Sure. [confidence: 1]").1[0].1, 1_000);
    }

    #[test]
    fn a_comment_carries_one_score() {
        let (comment, score) = untag_comment("True at scale. [confidence: 0.6]");
        assert_eq!(comment, "True at scale.");
        assert_eq!(score.map(Confidence::thousandths), Some(600));
        assert_eq!(untag_comment("No tag."), ("No tag.".to_owned(), None));
    }
}
