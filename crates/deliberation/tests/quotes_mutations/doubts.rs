//! Doubts put into the sample sentences, and quotes that leave them out with an ellipsis. The
//! sentences themselves hold too few.

use husting_deliberation::quotes::{QuoteStatus, Source, verify};

use crate::texts::{KINDS, Text, is_cjk};
use crate::{honest, lies};

/// Sentences in which each word is tried.
const TRIES: usize = 4;

/// A sentence in two parts between which words can be put.
struct Parted<'a> {
    text: &'a Text,
    sentence: usize,
    cut: usize,
}

impl<'a> Parted<'a> {
    /// Every sentence that can be parted, in its middle.
    fn of(text: &'a Text) -> impl Iterator<Item = Self> {
        (0..text.sentences.len()).filter_map(move |sentence| {
            let written = text.written(sentence);
            let prose = !written.contains(['|', '{', '=', '\n', '…', '*', '`', '[']);
            let cuts = honest::cuts(written);
            let cut = *cuts.get(cuts.len() / 2).filter(|_| prose)?;
            Some(Self {
                text,
                sentence,
                cut,
            })
        })
    }

    /// The whole text with `words` in the gap, and the quote that hides them.
    fn hiding(&self, words: &str) -> (String, String) {
        let range = self.text.sentences[self.sentence].clone();
        let (head, tail) = self.text.written(self.sentence).split_at(self.cut);
        let (head, tail) = (head.trim(), tail.trim());
        let joint = if words.contains(is_cjk) { "" } else { " " };
        let body = format!(
            "{}{head}{joint}{words}{joint}{tail}{}",
            &self.text.body[..range.start],
            &self.text.body[range.end..]
        );
        (body, format!("{head} … {tail}"))
    }

    fn judged(&self, words: &str) -> (QuoteStatus, String) {
        let (body, quote) = self.hiding(words);
        let source = Source {
            seat: 0,
            text: &body,
        };
        (verify(&quote, 0, &[source]).status, quote)
    }
}

#[test]
fn no_ellipsis_swallows_a_doubt() {
    let mut complaints = Vec::new();
    let mut told = 0;
    for kind in KINDS {
        let texts = Text::of(kind);
        let parted: Vec<Parted<'_>> = texts.iter().flat_map(Parted::of).collect();
        for (at, words) in lies::doubts(kind).iter().enumerate() {
            for near in 0..TRIES {
                let (status, quote) = parted[(at * TRIES + near) % parted.len()].judged(words);
                told += 1;
                if status.carries_stance() {
                    complaints.push(format!("{kind}, {words}: {status:?} for {quote:?}"));
                }
            }
        }
    }
    println!("{told} doubts left out");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The same with words that turn nothing: those may be left out.
#[test]
fn what_turns_nothing_may_be_left_out() {
    for kind in KINDS {
        let words = match kind {
            "german" => "am Abend",
            "french" => "le soir",
            "cjk" => "今天",
            _ => "in the evening",
        };
        let texts = Text::of(kind);
        let kept = texts
            .iter()
            .flat_map(Parted::of)
            .filter(|parted| parted.judged(words).0 == QuoteStatus::Elided)
            .count();
        let all = texts.iter().flat_map(Parted::of).count();
        assert!(kept == all && all > 5, "{kind}: {kept} of {all}");
    }
}
