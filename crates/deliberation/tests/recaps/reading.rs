//! What is made of whatever a writer sends.

use husting_deliberation::recaps::{SummaryError, read_recap, read_synthesis};
use proptest::prelude::*;

use crate::rounds::map;

const RECAP: &str = r#"{"title":"Storage","tldr":"Two ways.","agenda":["cost","risk"],"sections":[{"heading":"Cost","body":"It is **low**.","claim_ids":["c2","c1","c7","c2"]}]}"#;
const SYNTHESIS: &str = r#"{"title":"Storage","tldr":"Two ways.","origin":"A question.","arcs":[{"title":"Cost","body":"Fell.","round_indexes":[2,"0",7,2]}]}"#;

#[test]
fn many_dialects_of_json_say_the_same() {
    let known = map(&["one", "two"], "");
    let whole = read_recap(RECAP, &known).unwrap();
    assert_eq!(whole.title, "Storage");
    assert_eq!(whole.agenda, ["cost", "risk"]);
    assert_eq!(whole.sections[0].body, "It is **low**.");
    for dialect in [
        format!("```json\n{RECAP}\n```"),
        format!("Here {{is}} the recap:\n{RECAP}\nThat is all."),
        RECAP.replace('"', "'"),
        RECAP.replace("}]}", "},],}"),
        format!("{{\"round_recap\":{RECAP}}}"),
    ] {
        assert_eq!(read_recap(&dialect, &known), Ok(whole.clone()), "{dialect}");
    }
}

#[test]
fn only_claims_and_rounds_that_exist_are_named() {
    let recap = read_recap(RECAP, &map(&["one", "two"], "")).unwrap();
    assert_eq!(recap.sections[0].claim_ids, ["c2", "c1"]);
    let bracketed = RECAP.replace("\"c1\"", "\" [C1] \"");
    let recap = read_recap(&bracketed, &map(&["one"], "")).unwrap();
    assert_eq!(recap.sections[0].claim_ids, ["c1"]);
    let synthesis = read_synthesis(SYNTHESIS, &[0, 2]).unwrap();
    assert_eq!(synthesis.arcs[0].round_indexes, [0, 2]);
}

#[test]
fn what_lacks_a_part_is_asked_for_again() {
    let known = map(&[], "");
    assert_eq!(
        read_recap("I sum up: all agree.", &known),
        Err(SummaryError::NoJson("sections"))
    );
    let without = |part: &str, instead: &str| read_recap(&RECAP.replace(part, instead), &known);
    assert_eq!(
        without("Storage", " \u{200b} "),
        Err(SummaryError::Missing("title"))
    );
    assert_eq!(
        without("\"tldr\"", "\"tl\""),
        Err(SummaryError::Missing("tldr"))
    );
    assert_eq!(
        without("\"heading\"", "\"head\""),
        Err(SummaryError::Missing("sections"))
    );
    assert!(
        without("\"agenda\"", "\"points\"")
            .unwrap()
            .agenda
            .is_empty()
    );
    let synthesis =
        |part: &str, instead: &str| read_synthesis(&SYNTHESIS.replace(part, instead), &[0]);
    assert_eq!(
        synthesis("A question.", ""),
        Err(SummaryError::Missing("origin"))
    );
    assert_eq!(
        synthesis("\"body\"", "\"text\""),
        Err(SummaryError::Missing("arcs"))
    );
}

#[test]
fn what_was_written_is_cleaned_and_bounded() {
    let long = "w ".repeat(300);
    let hostile = RECAP
        .replace("Storage", &format!("St\\u202eor\\u001b[31mage\\n{long}"))
        .replace("low", "l\\u200bow\\nstill");
    let recap = read_recap(&hostile, &map(&[], "")).unwrap();
    assert!(recap.title.starts_with("Storage w w"), "{}", recap.title);
    assert_eq!(recap.title.chars().count(), 120);
    assert_eq!(recap.sections[0].body, "It is **low\nstill**.");
}

proptest! {
    #[test]
    fn no_text_brings_the_reader_down(text in "\\PC{0,200}", shape in "[\\[\\]{}'\",:a-z0-9 ]{0,200}") {
        for text in [text, shape] {
            // Only termination without a panic is claimed here.
            drop(read_recap(&text, &map(&["one"], "")));
            drop(read_synthesis(&text, &[0]));
        }
    }

    #[test]
    fn whatever_is_named_is_there(
        ids in prop::collection::vec("\\PC{0,4}|[cC][0-9]{1,2}", 0..12),
        indexes in prop::collection::vec(any::<i64>().prop_map(|index| index % 9), 0..12),
        claims in 0..6_usize,
        rounds in prop::collection::btree_set(0..6_u32, 0..6),
        body in "\\PC{1,40}[a-z]",
    ) {
        let known = map(&vec!["words"; claims], "");
        let section = serde_json::json!({"heading": "h", "body": body, "claim_ids": ids});
        let recap = serde_json::json!({"title": "t", "tldr": "s", "sections": [section]});
        let recap = read_recap(&recap.to_string(), &known).unwrap();
        for id in &recap.sections[0].claim_ids {
            prop_assert!(known.claims.iter().any(|claim| claim.id == *id));
        }
        let rounds: Vec<u32> = rounds.into_iter().collect();
        let arc = serde_json::json!({"title": "h", "body": body, "round_indexes": indexes});
        let synthesis = serde_json::json!({"title": "t", "tldr": "s", "origin": "o", "arcs": [arc]});
        let synthesis = read_synthesis(&synthesis.to_string(), &rounds).unwrap();
        let named = &synthesis.arcs[0].round_indexes;
        prop_assert!(named.iter().all(|index| rounds.contains(index)));
        prop_assert!(named.is_sorted());
    }

    #[test]
    fn half_of_a_summary_is_none_or_a_whole_one(at in 0..RECAP.len()) {
        if let Ok(recap) = read_recap(&RECAP[..at], &map(&["one"], "")) {
            prop_assert!(!recap.title.is_empty() && !recap.sections.is_empty());
        }
    }
}
