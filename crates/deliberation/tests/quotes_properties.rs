//! What holds for every text: no input panics, every offset can be sliced, and words taken
//! out between words are found where they first stand.

#![allow(
    clippy::unwrap_used,
    reason = "what a test cannot read or find must stop it"
)]

use husting_deliberation::quotes::{QuoteStatus, Source, Verdict, verify};
use proptest::prelude::*;

/// Text as models and attackers write it: any character, and many of those that folding,
/// Markdown and boundaries care about.
fn text(length: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        6 => "[a-zA-Z0-9]",
        4 => "[ \n\t]",
        4 => "[-*_`|#>\\[\\]().,;:!?\"'/$%~]",
        2 => "[…—–«»“”„½²³不可靠没ない三百、。「」]",
        1 => "[\u{300}\u{ad}\u{200b}\u{a0}\u{fb01}\u{ff21}\u{1106}\u{1169}한글ｱﾞ🙂\u{1f468}\u{200d}\r]",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(character, 0..length).prop_map(|characters| characters.concat())
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(
        "(store|event|the|not|a|3|Postgres|don't|lease|writes|all)[.,]?",
        1..40,
    )
}

fn check_offsets(verdict: &Verdict, sources: &[Source<'_>]) {
    for found in [verdict.found, verdict.nearest].into_iter().flatten() {
        let source = sources
            .iter()
            .find(|source| source.seat == found.seat)
            .unwrap();
        assert!(found.start <= found.end);
        assert!(
            source.text.get(found.start..found.end).is_some(),
            "{found:?} of {:?}",
            source.text
        );
    }
    assert_eq!(verdict.found.is_some(), verdict.status.carries_stance());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_panics_and_every_offset_slices(quote in text(30), one in text(120), other in text(60)) {
        let sources = [Source { seat: 0, text: &one }, Source { seat: 1, text: &other }];
        check_offsets(&verify(&quote, 0, &sources), &sources);
        check_offsets(&verify(&quote, 7, &sources), &sources);
    }

    #[test]
    fn a_mangled_piece_of_the_source_keeps_offsets_in_range(
        source in text(120),
        cut in any::<[prop::sample::Index; 2]>(),
        junk in text(6),
    ) {
        let boundaries: Vec<usize> = (0..=source.len()).filter(|at| source.is_char_boundary(*at)).collect();
        let ends = [boundaries[cut[0].index(boundaries.len())], boundaries[cut[1].index(boundaries.len())]];
        let piece = &source[ends[0].min(ends[1])..ends[0].max(ends[1])];
        let sources = [Source { seat: 0, text: &source }];
        check_offsets(&verify(piece, 0, &sources), &sources);
        check_offsets(&verify(&format!("{junk}{piece}…{piece}"), 0, &sources), &sources);
    }

    #[test]
    fn words_taken_out_between_words_are_exact_at_their_first_place(
        words in words(),
        from in any::<prop::sample::Index>(),
        count in 1..12_usize,
    ) {
        let source = words.join(" ");
        let from = from.index(words.len());
        let quote = words[from..words.len().min(from + count)].join(" ");
        let verdict = verify(&quote, 0, &[Source { seat: 0, text: &source }]);
        prop_assert_eq!(verdict.status, QuoteStatus::Exact);
        let found = verdict.found.unwrap();
        prop_assert_eq!(&source[found.start..found.end], quote.as_str());
        // The first place between spaces; "not" also stands in no other of these words.
        let first = format!(" {source} ").find(&format!(" {quote} "));
        if let Some(first) = first {
            prop_assert!(found.start <= first);
        }
    }
}

#[test]
fn the_first_of_equal_places_is_taken() {
    let source = "prevent event, event";
    let found = verify(
        "event",
        0,
        &[Source {
            seat: 0,
            text: source,
        }],
    )
    .found
    .unwrap();
    assert_eq!((found.start, found.end), (8, 13));
}

/// Texts made to be slow stay cheap; a search that tries everything would not end here.
#[test]
fn hostile_texts_end() {
    let size = 10_000;
    for unit in [
        "a",
        "a ",
        "- ",
        "> ",
        "[",
        "`a``",
        "*",
        "-",
        "…",
        "a…",
        "| ",
        "\u{200b}-",
        "e\u{300}",
        "不",
        "a-b",
        "\u{301}",
    ] {
        let text = unit.repeat(size / unit.len());
        let other = format!("{text}x");
        for (quote, source) in [(&text, &other), (&other, &text), (&text, &text)] {
            let sources = [Source {
                seat: 0,
                text: source,
            }];
            check_offsets(&verify(quote, 0, &sources), &sources);
        }
    }
}
