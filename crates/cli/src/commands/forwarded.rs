//! Forwarded words that nobody said, or somebody else did.

use husting_domain::quotes::QuoteStatus;
use husting_domain::snippets::Snippet;
use husting_wire::sessions::SnippetAck;

use crate::output::words::{plain, shortened};

/// Characters of a quote by which it is known again.
const MOST_OF_QUOTE: usize = 60;

/// A sentence for each that the named seat did not say.
pub(super) fn unsaid(forwarded: &[Snippet], found: &[SnippetAck]) -> Vec<String> {
    let sentence = |ack: &SnippetAck| {
        let snippet = forwarded.get(ack.index as usize)?;
        let how = how(ack.quote_status, snippet.quoted_model.as_str())?;
        let words: Vec<&str> = snippet.quote.split_whitespace().collect();
        let words = shortened(&plain(&words.join(" ")), MOST_OF_QUOTE);
        Some(format!("snippet {}, “{words}”, {how}", ack.index + 1))
    };
    found.iter().filter_map(sentence).collect()
}

fn how(status: QuoteStatus, seat: &str) -> Option<String> {
    // As the transcript has it.
    let own = "it goes to the panel as the moderator's own words";
    match status {
        QuoteStatus::NotFound => Some(format!("was not found in what {seat} said: {own}")),
        QuoteStatus::Altered => Some(format!("is altered from what {seat} said: {own}")),
        QuoteStatus::Misattributed => Some(format!(
            "was not said by {seat}, but by another seat: it goes to the panel as that seat's"
        )),
        QuoteStatus::Exact
        | QuoteStatus::Typographic
        | QuoteStatus::Elided
        | QuoteStatus::Snapped => None,
    }
}

#[cfg(test)]
mod tests {
    use husting_domain::models::ModelId;
    use husting_domain::snippets::SnippetType;

    use super::*;

    #[test]
    fn each_that_the_named_seat_did_not_say_is_named_with_its_words() {
        let snippets = ["The exam\nis late.", "Money \u{1b}[31mwins."].map(|quote| Snippet {
            kind: SnippetType::Keep,
            quote: quote.to_owned(),
            quoted_model: ModelId::parse("beta").unwrap(),
            comment: None,
            confidence: None,
            said_by: None,
        });
        let told = |statuses: [QuoteStatus; 2]| {
            let acks = statuses.into_iter().zip(0..);
            let acks: Vec<SnippetAck> = acks
                .map(|(quote_status, index)| SnippetAck {
                    index,
                    quote_status,
                    said_by: None,
                })
                .collect();
            unsaid(&snippets, &acks)
        };
        assert_eq!(
            told([QuoteStatus::NotFound, QuoteStatus::Altered]),
            [
                "snippet 1, “The exam is late.”, was not found in what beta said: it goes to the panel as the moderator's \
                 own words",
                "snippet 2, “Money [31mwins.”, is altered from what beta said: it goes to the panel as the moderator's own \
                 words",
            ]
        );
        let [other] = &told([QuoteStatus::Snapped, QuoteStatus::Misattributed])[..] else {
            panic!("one of them was said")
        };
        assert!(
            other.contains("not said by beta, but by another seat"),
            "{other}"
        );
    }
}
