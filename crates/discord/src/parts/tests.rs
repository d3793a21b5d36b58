//! Replies in, messages out.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn contents(text: &str) -> Vec<String> {
    without_file(text)
        .into_iter()
        .map(|part| part.content)
        .collect()
}

/// A text of so many units, of words.
fn words(count: usize) -> String {
    let text = "word ".repeat(count / 5 + 1);
    text[..count].to_owned()
}

#[test]
fn what_fits_is_one_message_as_it_is() {
    for text in [
        "Done.",
        "  indented\n\n- list",
        &"x".repeat(2_000),
        "```rust\nlet a;\n```",
    ] {
        let part = Part {
            content: text.to_owned(),
            file: None,
        };
        assert_eq!(split(text), [part]);
    }
    assert_eq!(split("\n\nDone.\n\n")[0].content, "Done.");
}

#[rstest]
#[case("")]
#[case(" \n\t\n ")]
fn a_blank_text_is_no_message(#[case] text: &str) {
    assert_eq!(split(text), []);
}

#[test]
fn both_counts_of_characters_are_kept() {
    // Two UTF-16 code units each.
    let parts = contents(&"😀".repeat(1_500));
    assert_eq!(
        parts
            .iter()
            .map(|part| part.chars().count())
            .collect::<Vec<_>>(),
        [1_000, 500]
    );
}

#[test]
fn a_paragraph_is_the_best_place_to_cut() {
    let (one, two) = (words(1_500), words(800));
    assert_eq!(
        contents(&format!("{one}\n\n{two}")),
        [one.trim_end(), two.trim_end()]
    );
}

#[test]
fn a_line_comes_before_a_word() {
    let lines = "- an item of a list with some words\n".repeat(100);
    for part in contents(&lines) {
        assert!(
            part.lines()
                .all(|line| line == "- an item of a list with some words"),
            "{part}"
        );
    }
}

#[test]
fn a_word_comes_before_a_character() {
    for part in contents(&words(5_000)) {
        assert!(part.split(' ').all(|word| word == "word"), "{part}");
    }
}

#[test]
fn an_address_that_a_next_message_can_hold_is_not_cut() {
    let address = format!("https://example.org/{}", "a".repeat(1_975));
    assert_eq!(
        contents(&format!("See this: {address}")),
        ["See this:", &address]
    );
}

#[test]
fn what_no_message_can_hold_is_cut_where_it_is() {
    let parts = contents(&format!("So: {}", "字".repeat(3_000)));
    assert_eq!(
        parts.iter().map(|part| units(part)).collect::<Vec<_>>(),
        [2_000, 1_004]
    );
}

#[rstest]
#[case("👩‍👩‍👧‍👦")]
#[case("🇩🇪")]
#[case("e\u{301}")]
#[case("<@123456789012345678>")]
#[case("<:party_parrot:123456789012345678>")]
#[case("</ask agent:123456789012345678>")]
fn what_is_seen_as_one_is_not_cut(#[case] one: &str) {
    for before in 0..units(one) + 2 {
        let text = format!("{}{}", "x".repeat(before), one.repeat(2_500 / units(one)));
        let parts = contents(&text);
        assert!(parts.len() > 1);
        assert!(
            parts
                .iter()
                .skip(1)
                .all(|part| part.replace(one, "").is_empty()),
            "{parts:?}"
        );
        assert!(units(&parts[0]) > 1_900, "{}", parts[0]);
    }
}

#[test]
fn a_character_that_alone_is_too_long_is_cut_all_the_same() {
    let text = format!("e{}", "\u{301}".repeat(4_500));
    assert_eq!(contents(&text).concat(), text);
}

#[rstest]
#[case("```rust", "```")]
#[case("~~~", "~~~")]
#[case("````md", "````")]
fn a_code_block_is_closed_and_opened_again_with_its_language(
    #[case] open: &str,
    #[case] close: &str,
) {
    let line = "    let answer = 42;\n";
    let parts = contents(&format!(
        "Here:\n\n{open}\n{}{close}\n\nDone.",
        line.repeat(150)
    ));
    assert_eq!(parts.len(), 2);
    assert!(
        parts[0].starts_with(&format!("Here:\n\n{open}\n{line}")),
        "{}",
        parts[0]
    );
    assert!(
        parts[0].ends_with(&format!("{line}{close}")),
        "{}",
        parts[0]
    );
    assert!(
        parts[1].starts_with(&format!("{open}\n{line}")),
        "{}",
        parts[1]
    );
    assert!(
        parts[1].ends_with(&format!("{line}{close}\n\nDone.")),
        "{}",
        parts[1]
    );
    let lines: usize = parts.iter().map(|part| part.matches(line).count()).sum();
    assert_eq!(lines, 150);
}

#[test]
fn a_block_within_a_longer_fence_is_words_of_it() {
    let inner = "```rust\nlet a;\n```\n";
    let parts = contents(&format!("````md\n{}````", inner.repeat(150)));
    assert!(parts.len() > 1);
    for part in &parts {
        assert!(
            part.starts_with("````md\n") && part.ends_with("\n````"),
            "{part}"
        );
    }
}

#[test]
fn a_code_block_that_fits_the_next_message_is_not_begun_in_this_one() {
    let text = format!("{}\n```rust\n{}```", words(1_500), "let a;\n".repeat(100));
    let parts = contents(&text);
    assert_eq!(parts.len(), 2);
    assert!(!parts[0].contains("```"), "{}", parts[0]);
}

#[test]
fn a_block_is_not_opened_where_none_of_its_lines_fits() {
    let text = format!("{}\n```rust\n{}\n```", words(600), "x".repeat(1_950));
    for part in contents(&text) {
        assert!(!part.contains("```rust\n```"), "{part}");
    }
}

#[test]
fn a_block_that_nobody_closed_is_closed() {
    let parts = contents(&format!("```\n{}", "line\n".repeat(500)));
    assert!(
        parts.iter().all(|part| part.ends_with("\n```")),
        "{parts:?}"
    );
}

#[test]
fn a_long_reply_is_a_file_with_its_beginning() {
    let text = words(12_000);
    let parts = split(&text);
    assert_eq!(parts.len(), 1);
    let Part { content, file } = &parts[0];
    assert_eq!(file, &Some(("reply.md".to_owned(), text.clone())));
    let end = "… *The whole reply, 12000 characters, is in the file* `reply.md`*.*";
    let beginning = content.strip_suffix(end).unwrap().trim_end();
    assert!(
        text.starts_with(beginning) && beginning.ends_with("word"),
        "{content}"
    );
    assert!((1_900..=2_000).contains(&units(content)));
}

#[test]
fn five_messages_are_no_file_yet() {
    assert_eq!(split(&"x".repeat(10_000)).len(), 5);
    assert!(
        split(&"x".repeat(10_000))
            .iter()
            .all(|part| part.file.is_none())
    );
    assert!(split(&"x".repeat(10_001))[0].file.is_some());
}

/// Markdown of all kinds, in pieces.
fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,12} ".prop_map(|word| word.repeat(7)),
        2 => Just("\n".to_owned()),
        2 => Just("\n\n".to_owned()),
        1 => Just("\n```rust\n".to_owned()),
        1 => Just("\n```\n".to_owned()),
        1 => Just("\n~~~\n".to_owned()),
        1 => Just("\n````md\n".to_owned()),
        1 => Just("    indented\n".to_owned()),
        1 => "[字界語]{100,400}",
        1 => Just("👩‍👩‍👧‍👦".repeat(60)),
        1 => Just("<@123456789012345678>".repeat(20)),
        1 => Just("<a:name:123456789012345678> ".repeat(9)),
        1 => Just(" ".repeat(300)),
        1 => Just("\n".repeat(300)),
        1 => "\\PC{0,40}",
        1 => "x{500,3000}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// The words, without white space and the lines of fences.
fn bare(text: &str) -> String {
    let is_fence = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("```") || line.starts_with("~~~")
    };
    text.lines()
        .filter(|line| !is_fence(line))
        .flat_map(str::split_whitespace)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_part_fits_and_says_something(text in markdown()) {
        for part in split(&text).iter().chain(&without_file(&text)) {
            prop_assert!(units(&part.content) <= MOST_UNITS, "{}", units(&part.content));
            prop_assert!(part.content.chars().count() <= MOST_UNITS);
            prop_assert!(!part.content.trim().is_empty());
        }
    }

    #[test]
    fn nothing_is_lost_but_white_space_at_cuts(text in markdown()) {
        prop_assert_eq!(bare(&contents(&text).join("\n")), bare(&text));
    }

    #[test]
    fn no_part_leaves_a_block_open(text in markdown()) {
        for part in contents(&text) {
            prop_assert_eq!(fences::at_end(None, &part), None, "{}", part);
        }
    }

    #[test]
    fn no_mention_is_cut(text in markdown()) {
        let mentions = |text: &str| text.matches("<@123456789012345678>").count();
        let parts = contents(&text);
        prop_assert_eq!(parts.iter().map(|part| mentions(part)).sum::<usize>(), mentions(&text));
    }

    #[test]
    fn few_parts_are_made_of_plain_words(count in 1_usize..20_000) {
        let parts = contents(&words(count)).len();
        prop_assert!(parts <= count / 1_900 + 1, "{parts}");
    }
}
