//! The documented example, continuation over rounds, and what must hold for any reactions.

use husting_domain::claims::{ClaimGroup, ClaimMap, Reactor};
use husting_domain::models::ModelId;
use husting_domain::quotes::QuoteStatus;
use husting_domain::snippets::{Snippet, SnippetType};
use proptest::prelude::*;

use super::{EarlierRound, Reactions, map};
use crate::roster::{Roster, panel};

fn id(name: &str) -> ModelId {
    ModelId::parse(name).unwrap()
}

fn snippet(kind: SnippetType, quoted: &str, quote: &str) -> Snippet {
    Snippet {
        kind,
        quote: quote.into(),
        quoted_model: id(quoted),
        comment: None,
        confidence: None,
        said_by: None,
    }
}

fn answers(texts: &[(&str, &str)]) -> Vec<(ModelId, String)> {
    texts
        .iter()
        .map(|(model, text)| (id(model), (*text).to_owned()))
        .collect()
}

fn map_of(
    roster: &Roster,
    index: u32,
    said: &[(ModelId, String)],
    earlier: &[EarlierRound<'_>],
    reactions: &[(&str, Vec<Snippet>)],
) -> ClaimMap {
    let sets: Vec<Reactions<'_>> = reactions
        .iter()
        .map(|(who, snippets)| Reactions {
            reactor: if *who == "moderator" {
                Reactor::moderator()
            } else {
                Reactor::seat(&id(who))
            },
            snippets,
        })
        .collect();
    map(roster, index, said, earlier, &sets)
}

const A_SAYS: &str = "Seats are easier to sell. Usage aligns incentives.";

fn documented_round() -> (Roster, Vec<(ModelId, String)>, ClaimMap) {
    let roster = panel(&["a", "b", "c"]);
    let said = answers(&[
        ("a", A_SAYS),
        ("b", "Flat fees are simple."),
        ("c", "Contracts take months."),
    ]);
    let reactions = [
        (
            "b",
            vec![snippet(SnippetType::Keep, "a", "Usage aligns incentives")],
        ),
        (
            "c",
            vec![
                snippet(SnippetType::Challenge, "a", "Usage  aligns incentives."),
                snippet(SnippetType::Keep, "a", "Seats are not easier to sell"),
            ],
        ),
    ];
    let map = map_of(&roster, 0, &said, &[], &reactions);
    (roster, said, map)
}

#[test]
fn forwarded_words_that_a_seat_says_again_go_on_as_the_same_claim() {
    let (roster, first, before) = documented_round();
    let again = answers(&[
        (
            "a",
            "As I said: Usage aligns incentives. Nothing else does.",
        ),
        ("b", "Flat fees stay simple."),
    ]);
    let earlier = [EarlierRound {
        round_index: 0,
        answers: &first,
        claim_map: Some(&before),
    }];
    let forwarded = snippet(SnippetType::Core, "a", "Usage aligns incentives.");
    let shift = snippet(SnippetType::Shift, "a", "Usage aligns incentives.");
    let next = |moderator: Vec<Snippet>| {
        let reactions = [("c", vec![shift.clone()]), ("moderator", moderator)];
        map_of(&roster, 1, &again, &earlier, &reactions)
    };
    let map = next(vec![forwarded]);
    let [claim] = &map.claims[..] else {
        panic!("one claim expected: {map:#?}")
    };
    assert_eq!(claim.source.round_index, 1, "where it was said last");
    assert_eq!(claim.continues.as_ref().unwrap().id, before.claims[0].id);
    let moved = &map.moved[..];
    assert_eq!(moved.len(), 1);
    assert_eq!(
        (moved[0].from, moved[0].to),
        (Some(SnippetType::Challenge), SnippetType::Shift)
    );
    // Nobody needs to forward what its seat says again.
    let map = next(Vec::new());
    let [claim] = &map.claims[..] else {
        panic!("one claim expected: {map:#?}")
    };
    assert_eq!(claim.continues.as_ref().unwrap().id, before.claims[0].id);
    assert_eq!((map.new_claims, map.moved.len()), (0, 1));
}

#[test]
fn words_said_again_are_one_claim_where_they_are_their_seats_and_say_enough() {
    const MOVE: &str = "We move on Sunday night.";
    const AGREE: &str = "I agree with that.";
    let roster = panel(&["a", "b", "c"]);
    for (said, by, again, goes_on) in [
        (MOVE, "a", MOVE, true),
        (MOVE, "b", MOVE, false),
        (MOVE, "a", "We move on Sunday nights.", false),
        (AGREE, "a", AGREE, false),
    ] {
        let first = answers(&[("a", said), ("b", "Perhaps."), ("c", "Perhaps.")]);
        let against = snippet(SnippetType::Challenge, "a", said);
        let before = map_of(&roster, 0, &first, &[], &[("c", vec![against])]);
        let earlier = [EarlierRound {
            round_index: 0,
            answers: &first,
            claim_map: Some(&before),
        }];
        let speaks = |seat| if seat == by { again } else { "Still the same." };
        let second = answers(&[("a", speaks("a")), ("b", speaks("b")), ("c", speaks("c"))]);
        let with = snippet(SnippetType::Keep, by, again);
        let map = map_of(&roster, 1, &second, &earlier, &[("c", vec![with])]);
        let [claim] = &map.claims[..] else {
            panic!("one claim expected: {map:#?}")
        };
        assert_eq!(claim.source.round_index, 1, "{again}");
        assert_eq!(claim.continues.is_some(), goes_on, "{by}: {again}");
        assert_eq!(claim.positions[0].was.is_some(), goes_on, "{by}: {again}");
        assert_eq!(map.moved.len(), usize::from(goes_on), "{by}: {again}");
    }
}

#[test]
fn the_documented_example_gives_the_documented_map() {
    let (_, _, map) = documented_round();
    let [claim] = &map.claims[..] else {
        panic!("one claim expected: {map:#?}")
    };
    assert_eq!(claim.quote, "Usage aligns incentives.");
    assert_eq!(
        &A_SAYS[claim.source.start as usize..claim.source.end as usize],
        claim.quote
    );
    assert_eq!(
        (claim.originator.as_str(), claim.reaction_count, claim.group),
        ("a", 2, ClaimGroup::Contested)
    );
    let stances: Vec<_> = claim
        .positions
        .iter()
        .map(|p| (p.model.as_str(), p.kind, p.quote_status))
        .collect();
    assert_eq!(
        stances,
        [
            ("b", SnippetType::Keep, QuoteStatus::Exact),
            ("c", SnippetType::Challenge, QuoteStatus::Typographic),
        ]
    );
    let [unverified] = &map.unverified[..] else {
        panic!("one unverified quote expected")
    };
    assert_eq!(
        (unverified.model.as_str(), unverified.quote_status),
        ("c", QuoteStatus::Altered)
    );
    assert_eq!(
        unverified.nearest.as_ref().unwrap().text,
        "Seats are easier to sell"
    );
    assert_eq!(
        (map.uncontested, map.claims.len(), map.quote_count),
        (0, 1, 3)
    );
}

#[test]
fn a_shift_on_the_same_words_continues_the_claim_and_moves() {
    let (roster, said, first) = documented_round();
    let earlier = [EarlierRound {
        round_index: 0,
        answers: &said,
        claim_map: Some(&first),
    }];
    let now = answers(&[
        ("a", "I hold to usage."),
        ("b", "Still flat."),
        ("c", "You were right."),
    ]);
    let map = map_of(
        &roster,
        1,
        &now,
        &earlier,
        &[(
            "c",
            vec![snippet(SnippetType::Shift, "a", "Usage aligns incentives.")],
        )],
    );
    let [claim] = &map.claims[..] else {
        panic!("one claim expected")
    };
    assert_eq!(
        (claim.group, claim.source.round_index),
        (ClaimGroup::Agreed, 0)
    );
    assert_eq!(
        claim
            .continues
            .as_ref()
            .map(|known| (known.round_index, known.id.as_str())),
        Some((0, "c1"))
    );
    assert_eq!(claim.positions[0].was, Some(SnippetType::Challenge));
    let [step] = &map.moved[..] else {
        panic!("one move expected")
    };
    assert_eq!(
        (step.model.as_str(), step.from, step.to),
        ("c", Some(SnippetType::Challenge), SnippetType::Shift)
    );
    assert_eq!((map.new_claims, map.changed_positions), (0, 1));
}

#[test]
fn a_stance_given_to_the_wrong_author_stands_only_at_the_true_one() {
    let roster = panel(&["a", "b", "c"]);
    let said = answers(&[
        ("a", A_SAYS),
        ("b", "Flat fees are simple."),
        ("c", "Contracts take months."),
    ]);
    let map = map_of(
        &roster,
        0,
        &said,
        &[],
        &[(
            "c",
            vec![snippet(SnippetType::Keep, "b", "Usage aligns incentives.")],
        )],
    );
    let [claim] = &map.claims[..] else {
        panic!("one claim expected")
    };
    assert_eq!(
        (claim.originator.as_str(), claim.positions[0].quote_status),
        ("a", QuoteStatus::Misattributed)
    );
}

#[test]
fn a_reaction_to_ones_own_words_carries_no_stance() {
    let roster = panel(&["a", "b"]);
    let said = answers(&[("a", A_SAYS), ("b", "Flat fees are simple.")]);
    let map = map_of(
        &roster,
        0,
        &said,
        &[],
        &[(
            "a",
            vec![snippet(SnippetType::Keep, "b", "Usage aligns incentives.")],
        )],
    );
    assert!(map.claims.is_empty());
    assert_eq!(map.unverified[0].quote_status, QuoteStatus::Misattributed);
}

#[test]
fn the_named_seats_earlier_words_stand_before_anothers_present_ones() {
    let roster = panel(&["a", "b", "c"]);
    let before = answers(&[
        ("a", "Usage aligns incentives."),
        ("b", "Flat."),
        ("c", "Contracts."),
    ]);
    let earlier = [unmapped(&before)];
    let now = answers(&[
        ("a", "Nothing new."),
        ("b", "Usage aligns incentives."),
        ("c", "Contracts."),
    ]);
    let map = map_of(
        &roster,
        1,
        &now,
        &earlier,
        &[(
            "c",
            vec![snippet(SnippetType::Keep, "a", "Usage aligns incentives.")],
        )],
    );
    assert_eq!(
        (
            map.claims[0].source.round_index,
            map.claims[0].originator.as_str()
        ),
        (0, "a")
    );
}

#[test]
fn overlapping_quotes_join_the_most_quoted_one_and_it_never_grows() {
    let roster = panel(&["a", "b", "c", "d"]);
    let said = answers(&[
        ("a", "One two three four five six seven eight."),
        ("b", "x."),
        ("c", "y."),
        ("d", "z."),
    ]);
    let reactions = [
        (
            "b",
            vec![snippet(SnippetType::Keep, "a", "three four five")],
        ),
        (
            "c",
            vec![snippet(SnippetType::Keep, "a", "three four five")],
        ),
        (
            "d",
            vec![
                snippet(
                    SnippetType::Challenge,
                    "a",
                    "One two three four five six seven eight.",
                ),
                snippet(SnippetType::Explore, "a", "seven eight"),
            ],
        ),
    ];
    let map = map_of(&roster, 0, &said, &[], &reactions);
    let quotes: Vec<_> = map
        .claims
        .iter()
        .map(|claim| (claim.quote.as_str(), claim.reaction_count))
        .collect();
    assert_eq!(quotes, [("three four five", 3), ("seven eight", 1)]);
}

#[test]
fn contested_comes_first_then_agreed_then_open_by_reactions_then_place() {
    let roster = panel(&["a", "b", "c"]);
    let said = answers(&[
        (
            "a",
            "Alpha stands here. Beta stands here. Gamma stands here. Delta stands here.",
        ),
        ("b", "x."),
        ("c", "y."),
    ]);
    let reactions = [
        (
            "b",
            vec![
                snippet(SnippetType::Explore, "a", "Alpha stands here."),
                snippet(SnippetType::Keep, "a", "Beta stands here."),
                snippet(SnippetType::Core, "a", "Gamma stands here."),
                snippet(SnippetType::Challenge, "a", "Delta stands here."),
            ],
        ),
        (
            "c",
            vec![snippet(SnippetType::Keep, "a", "Gamma stands here.")],
        ),
    ];
    let map = map_of(&roster, 0, &said, &[], &reactions);
    let order: Vec<_> = map
        .claims
        .iter()
        .map(|claim| (claim.id.as_str(), &claim.quote[..5]))
        .collect();
    assert_eq!(
        order,
        [
            ("c1", "Delta"),
            ("c2", "Gamma"),
            ("c3", "Beta "),
            ("c4", "Alpha")
        ]
    );
    assert_eq!(map.uncontested, 3);
}

/// A first round of which no map was made.
fn unmapped(answers: &[(ModelId, String)]) -> EarlierRound<'_> {
    EarlierRound {
        round_index: 0,
        answers,
        claim_map: None,
    }
}

#[test]
fn the_moderator_takes_a_position_on_earlier_words_and_is_not_counted() {
    let roster = panel(&["a", "b"]);
    let before = answers(&[("a", A_SAYS), ("b", "Flat.")]);
    let earlier = [unmapped(&before)];
    let said = answers(&[("a", "I hold to it."), ("b", "Still flat.")]);
    let reactions = [
        (
            "moderator",
            vec![snippet(
                SnippetType::Challenge,
                "a",
                "Usage aligns incentives.",
            )],
        ),
        (
            "b",
            vec![snippet(SnippetType::Keep, "a", "Usage aligns incentives.")],
        ),
    ];
    let map = map_of(&roster, 1, &said, &earlier, &reactions);
    let claim = &map.claims[0];
    assert_eq!(
        (claim.reaction_count, claim.group),
        (1, ClaimGroup::Contested)
    );
    assert_eq!(
        claim.positions.last().map(|p| p.model.is_moderator()),
        Some(true)
    );
    assert_eq!(claim.positions[0].comment, "This resonates with me.");
}

/// A concession repeats the words that it takes back.
#[test]
fn what_the_moderator_contests_is_not_found_in_the_concession_that_repeats_it() {
    let roster = panel(&["a", "b"]);
    let before = answers(&[("a", A_SAYS), ("b", "Flat.")]);
    let earlier = [unmapped(&before)];
    let against = |quote| vec![snippet(SnippetType::Challenge, "a", quote)];
    let contested_in = |answer: &str, quote| {
        let said = answers(&[("a", answer), ("b", "Still flat.")]);
        let map = map_of(
            &roster,
            1,
            &said,
            &earlier,
            &[("moderator", against(quote))],
        );
        let [claim] = &map.claims[..] else {
            panic!("one claim expected: {map:#?}")
        };
        (claim.source.round_index, claim.quote.clone())
    };
    let words = "Usage aligns incentives.";
    let gives_ground = "On “Usage aligns incentives.” I give ground.";
    assert_eq!(contested_in(gives_ground, words), (0, words.to_owned()));
    let holds = "I hold: Usage aligns incentives.";
    assert_eq!(contested_in(holds, words), (1, words.to_owned()));
    // Who stands with the concession does not stand with what it takes back.
    let said = answers(&[("a", gives_ground), ("b", "Still flat.")]);
    let reactions = [
        ("b", vec![snippet(SnippetType::Keep, "a", gives_ground)]),
        ("moderator", against(words)),
    ];
    let map = map_of(&roster, 1, &said, &earlier, &reactions);
    let rows: Vec<_> = map
        .claims
        .iter()
        .map(|claim| (claim.quote.as_str(), claim.group))
        .collect();
    assert_eq!(
        rows,
        [
            (words, ClaimGroup::Contested),
            (gives_ground, ClaimGroup::Agreed)
        ]
    );
}

/// A rehearsal seat puts what it takes up into a block quote, a model between quotation marks, often without
/// the full stop.
#[test]
fn words_that_a_seat_repeats_are_one_claim_of_the_moderator_and_of_who_reacts_to_the_repetition() {
    let roster = panel(&["a", "b", "c"]);
    for words in ["Usage aligns incentives.", "Flat fees work."] {
        let first = answers(&[("a", words), ("b", "Perhaps."), ("c", "Perhaps.")]);
        let on = |kind| vec![snippet(kind, "a", words)];
        let against = on(SnippetType::Challenge);
        let before = map_of(&roster, 0, &first, &[], &[("c", against.clone())]);
        let earlier = [EarlierRound {
            round_index: 0,
            answers: &first,
            claim_map: Some(&before),
        }];
        let bare = words.trim_end_matches('.');
        for repeats in [
            format!("The moderator challenges words of this seat:\n\n> {words}\n\nI hold it."),
            format!("On “{bare}” I give ground."),
            format!("You quote:\n\n> {words}\n\nAnd:\n\n> {words}"),
        ] {
            let second = answers(&[("a", &repeats), ("b", "Perhaps."), ("c", "Perhaps.")]);
            let quoted = vec![snippet(SnippetType::Keep, "a", bare)];
            let letter = roster.place(&id("a")).unwrap().letter;
            let numbered = crate::sentences::split(&repeats);
            let last = numbered
                .iter()
                .rfind(|sentence| repeats[sentence.start..sentence.end].contains(words));
            let cited = last.map(|sentence| {
                let citation = format!("[{letter}.{}]", sentence.number);
                vec![snippet(SnippetType::Keep, "a", &citation)]
            });
            for reaction in std::iter::once(quoted).chain(cited) {
                let reactions = [("c", reaction), ("moderator", against.clone())];
                let map = map_of(&roster, 1, &second, &earlier, &reactions);
                let [claim] = &map.claims[..] else {
                    panic!("one claim expected of {repeats}: {map:#?}")
                };
                let who: Vec<&str> = claim.positions.iter().map(|p| p.model.as_str()).collect();
                assert_eq!(who, ["c", "moderator"], "{repeats}");
                assert_eq!(claim.source.round_index, 1, "{repeats}");
                assert!(claim.continues.is_some(), "{repeats}");
                assert_eq!((map.new_claims, map.moved.len()), (0, 1), "{repeats}");
            }
        }
    }
}

/// The moderator selects words in the answer of whoever disputes them.
#[test]
fn words_that_the_moderator_takes_from_a_seat_that_only_repeats_them_are_those_of_who_said_them() {
    let roster = panel(&["a", "b", "c"]);
    let words = "Usage aligns incentives.";
    let after = |first: &str, second: &str, words: &str| {
        let first = answers(&[("a", A_SAYS), ("b", first), ("c", "Perhaps.")]);
        let second = answers(&[("a", "I hold it."), ("b", second), ("c", "Perhaps.")]);
        let earlier = [
            unmapped(&first),
            EarlierRound {
                round_index: 1,
                ..unmapped(&second)
            },
        ];
        let third = answers(&[("a", "So be it."), ("b", "No."), ("c", "Yes.")]);
        let taken = vec![snippet(SnippetType::Keep, "b", words)];
        let map = map_of(&roster, 2, &third, &earlier, &[("moderator", taken)]);
        let [claim] = &map.claims[..] else {
            panic!("one claim expected: {map:#?}")
        };
        let at = (claim.source.start as usize, claim.source.end as usize);
        if claim.source.model == id("a") {
            assert_eq!(&A_SAYS[at.0..at.1], words);
        }
        let [position] = &claim.positions[..] else {
            panic!("the moderator's alone: {claim:#?}")
        };
        let (who, round) = (
            claim.originator.as_str().to_owned(),
            claim.source.round_index,
        );
        (who, round, position.quote_status)
    };
    let of = |second: &str, words: &str| after("Flat.", second, words);
    let b_said = ("b".to_owned(), 1, QuoteStatus::Exact);
    let a_said = ("a".to_owned(), 0, QuoteStatus::Misattributed);
    for repeats in [
        format!("Words of panelist A:\n\n> {words}\n\nI dispute them."),
        format!("“{words}” is no argument."),
    ] {
        assert_eq!(of(&repeats, words), a_said, "{repeats}");
        // Both said it in the first round: whoever repeats it, it is as much its own.
        assert_eq!(after(words, &repeats, words), b_said, "{repeats}");
        let said_and_repeated = format!("{words} {repeats}");
        assert_eq!(of(&said_and_repeated, words), b_said);
    }
    assert_eq!(of(&format!("I say it too: {words}"), words), b_said);
    // Its own words between quotation marks are nobody else's.
    let own = "“Nobody counts.” That is the point.";
    assert_eq!(of(own, "Nobody counts."), b_said);
}

#[test]
fn what_a_seat_says_twice_in_an_answer_is_one_claim_where_it_says_enough() {
    let roster = panel(&["a", "b", "c"]);
    let letter = roster.place(&id("a")).unwrap().letter;
    let cites = |kind, number| vec![snippet(kind, "a", &format!("[{letter}.{number}]"))];
    for (words, claims) in [("Usage aligns incentives.", 1), ("I agree.", 2)] {
        let text = format!("{words} Seats do not. {words}");
        let said = answers(&[("a", &text), ("b", "x."), ("c", "y.")]);
        let reactions = [
            ("b", cites(SnippetType::Challenge, 1)),
            ("c", cites(SnippetType::Keep, 3)),
        ];
        let map = map_of(&roster, 0, &said, &[], &reactions);
        assert_eq!(map.claims.len(), claims, "{words}");
    }
}

#[test]
fn words_nobody_said_stay_unsaid_when_a_seat_repeats_them_from_the_moderator() {
    let roster = panel(&["a", "b"]);
    let before = answers(&[("a", A_SAYS), ("b", "Flat.")]);
    let earlier = [unmapped(&before)];
    let said = answers(&[
        (
            "a",
            "The moderator forwards:\n\n> Never said by anyone.\n\nI disagree.",
        ),
        ("b", "No."),
    ]);
    let forwarded = vec![snippet(SnippetType::Keep, "a", "Never said by anyone.")];
    let map = map_of(&roster, 1, &said, &earlier, &[("moderator", forwarded)]);
    assert!(map.claims.is_empty());
    assert_eq!(map.unverified[0].quote_status, QuoteStatus::NotFound);
}

#[test]
fn four_seats_show_whose_leaving_flips_a_claim() {
    let roster = panel(&["a", "b", "c", "d", "e"]);
    let said = answers(&[
        ("a", A_SAYS),
        ("b", "x."),
        ("c", "y."),
        ("d", "z."),
        ("e", "w."),
    ]);
    let on = |kind| vec![snippet(kind, "a", "Usage aligns incentives.")];
    let reactions = [
        ("b", on(SnippetType::Keep)),
        ("c", on(SnippetType::Core)),
        ("d", on(SnippetType::Challenge)),
    ];
    let map = map_of(&roster, 0, &said, &[], &reactions);
    let names: Vec<_> = map.claims[0]
        .flips_without
        .iter()
        .map(ModelId::as_str)
        .collect();
    assert_eq!(names, ["b", "c"]);
}

proptest! {
    /// Any reactions on any words: nothing is lost, nothing is counted twice, each claim's quote is
    /// the bytes of its source.
    #[test]
    fn every_reaction_is_a_position_or_unverified(picks in proptest::collection::vec((0_usize..3, 0_usize..3, 0_usize..5, 0_usize..60, 1_usize..60), 0..24)) {
        let roster = panel(&["a", "b", "c"]);
        let names = ["a", "b", "c"];
        let text = "Events are facts and facts stay. Readers fold them into views. Order within a stream is enough.";
        let said = answers(&[("a", text), ("b", "Views are cheap to drop. Streams are not."), ("c", "Keep the log whole and the rest will follow.")]);
        let given: Vec<(usize, Snippet)> = picks.iter().map(|(who, whom, kind, start, len)| {
            let source = &said[*whom].1;
            let start = (*start).min(source.len() - 1);
            let quote = &source[start..(start + len).min(source.len())];
            (*who, snippet(SnippetType::ALL[*kind], names[*whom], quote))
        }).collect();
        let reactions: Vec<(&str, Vec<Snippet>)> = (0..3).map(|who| (names[who], given.iter().filter(|(by, _)| *by == who).map(|(_, s)| s.clone()).collect())).collect();
        let map = map_of(&roster, 0, &said, &[], &reactions);
        let distinct: std::collections::BTreeSet<String> = given.iter().map(|(who, s)| format!("{who}{s:?}")).collect();
        let placed: usize = map.claims.iter().map(|claim| claim.positions.len()).sum();
        prop_assert!(placed + map.unverified.len() >= distinct.len());
        prop_assert!(placed + map.unverified.len() <= given.len());
        for claim in &map.claims {
            let (_, source) = said.iter().find(|(model, _)| *model == claim.originator).unwrap();
            prop_assert_eq!(&source[claim.source.start as usize..claim.source.end as usize], claim.quote.as_str());
            prop_assert!(claim.positions.iter().all(|p| p.model.as_str() != claim.originator.as_str()));
        }
        prop_assert_eq!(&map, &map_of(&roster, 0, &said, &[], &reactions));
    }

    /// Whatever is forwarded, repeated and reacted to, cited or quoted: no words of a seat stand in two rows, but
    /// for those that are too short to tell.
    #[test]
    fn a_map_has_each_seats_words_once(
        said in proptest::collection::vec((0_usize..4, 0_usize..3), 1..5),
        picks in proptest::collection::vec((0_usize..3, 0_usize..5, 0_usize..3, 0_u32..6), 1..10),
    ) {
        const WORDS: [&str; 3] = [
            "Usage aligns incentives with the customer.",
            "Seats are easier to sell.",
            "Contracts take months to negotiate.",
        ];
        let roster = panel(&["a", "b", "c"]);
        let letter = roster.place(&id("a")).unwrap().letter;
        let before = answers(&[("a", &WORDS.join(" ")), ("b", "x."), ("c", "y.")]);
        let repeats = said.iter().map(|(how, which)| match how {
            0 => WORDS[*which].to_owned(),
            1 => format!("> {}", WORDS[*which]),
            2 => format!("On “{}” I give ground.", WORDS[*which]),
            _ => format!("I was asked about “{}”.", WORDS[*which].trim_end_matches('.')),
        });
        let text = repeats.collect::<Vec<_>>().join("\n\n");
        let now = answers(&[("a", &text), ("b", "x."), ("c", "y.")]);
        let of = |who: usize| -> Vec<Snippet> {
            let own = picks.iter().filter(|(by, ..)| *by == who);
            own.map(|(_, kind, which, number)| {
                let quote = match number {
                    0 => WORDS[*which].to_owned(),
                    _ => format!("[{letter}.{number}]"),
                };
                snippet(SnippetType::ALL[*kind], "a", &quote)
            }).collect()
        };
        let reactions = [("b", of(0)), ("c", of(1)), ("moderator", of(2))];
        let earlier = [unmapped(&before)];
        let map = map_of(&roster, 1, &now, &earlier, &reactions);
        let telling: Vec<_> = map.claims.iter().filter(|claim| claim.quote.chars().count() >= super::gather::TELLING).collect();
        let rows: std::collections::BTreeSet<_> = telling.iter().map(|claim| (&claim.originator, &claim.quote)).collect();
        prop_assert_eq!(rows.len(), telling.len(), "{:#?}", map.claims);
    }
}

fn cites(roster: &Roster, model: &str, number: u32) -> Vec<Snippet> {
    let letter = roster.place(&id(model)).unwrap().letter;
    let citation = format!("[{letter}.{number}]");
    vec![snippet(SnippetType::Keep, model, &citation)]
}

/// Only this round's answers were numbered for the seats.
#[test]
fn a_citation_names_a_sentence_of_this_round_or_none() {
    let roster = panel(&["a", "b", "c"]);
    let before = answers(&[
        ("a", "Yes."),
        ("b", "One is. Two are. Three were."),
        ("c", "No."),
    ]);
    let earlier = [unmapped(&before)];
    let letter = roster.place(&id("b")).unwrap().letter;
    let mention = format!("I still hold [{letter}.3].");
    let short = answers(&[("a", "Yes."), ("b", "One was."), ("c", &mention)]);
    let silent = answers(&[("a", "Yes."), ("c", &mention)]);
    for said in [&short, &silent] {
        let map = map_of(&roster, 1, said, &earlier, &[("a", cites(&roster, "b", 3))]);
        assert!(map.claims.is_empty(), "{:#?}", map.claims);
        assert_eq!(map.unverified[0].quote_status, QuoteStatus::NotFound);
    }
    let map = map_of(
        &roster,
        1,
        &short,
        &earlier,
        &[("a", cites(&roster, "b", 1))],
    );
    let claim = &map.claims[0];
    assert_eq!(
        (claim.quote.as_str(), claim.source.round_index),
        ("One was.", 1)
    );
}

/// The moderator has read the round before; what a seat says now has the same numbers again.
#[test]
fn a_sentence_that_the_moderator_cited_is_followed_by_its_words() {
    let roster = panel(&["a", "b"]);
    let before = answers(&[("a", A_SAYS), ("b", "Flat.")]);
    let earlier = [unmapped(&before)];
    let quoted = |said: &[(ModelId, String)]| {
        let map = map_of(
            &roster,
            1,
            said,
            &earlier,
            &[("moderator", cites(&roster, "a", 2))],
        );
        let [claim] = &map.claims[..] else {
            panic!("one claim expected: {map:#?}")
        };
        (claim.quote.clone(), claim.source.round_index)
    };
    let words = "Usage aligns incentives.".to_owned();
    let other = answers(&[("a", "Another word. And one more."), ("b", "Flat.")]);
    assert_eq!(quoted(&other), (words.clone(), 0));
    let again = answers(&[
        ("a", "Usage aligns incentives. And one more."),
        ("b", "Flat."),
    ]);
    assert_eq!(quoted(&again), (words, 1));
}

#[test]
fn a_quote_joins_a_claim_from_half_of_the_shorter_on() {
    let span = |start, end| husting_domain::quotes::SourceSpan {
        round_index: 0,
        model: id("a"),
        start,
        end,
    };
    let joins = |start, end| super::gather::belongs(&span(0, 100), &span(start, end));
    assert!(joins(90, 110), "exactly half of twenty");
    assert!(!joins(91, 111), "one byte less");
    assert!(!joins(92, 112), "two fifths");
    assert!(!joins(100, 120), "side by side");
}

#[test]
fn three_seats_flip_nothing() {
    let roster = panel(&["a", "b", "c"]);
    let said = answers(&[("a", A_SAYS), ("b", "x."), ("c", "y.")]);
    let on = |kind| vec![snippet(kind, "a", "Usage aligns incentives.")];
    let reactions = [
        ("b", on(SnippetType::Keep)),
        ("c", on(SnippetType::Challenge)),
    ];
    let map = map_of(&roster, 0, &said, &[], &reactions);
    assert!(map.claims[0].flips_without.is_empty());
}

/// Every change of stance over two rounds: whether it is a move, whatever the words for it.
#[test]
fn a_move_is_a_change_of_side_or_a_shift() {
    use SnippetType::{Challenge, Core, Explore, Keep, Shift};
    let side = |kind| match kind {
        Keep | Core | Shift => 1,
        Challenge => -1,
        Explore => 0,
    };
    let roster = panel(&["a", "b"]);
    let said = answers(&[("a", A_SAYS), ("b", "x.")]);
    let on = |kind| vec![snippet(kind, "a", "Usage aligns incentives.")];
    for was in SnippetType::ALL {
        let first = map_of(&roster, 0, &said, &[], &[("b", on(was))]);
        let earlier = [EarlierRound {
            round_index: 0,
            answers: &said,
            claim_map: Some(&first),
        }];
        let silent = answers(&[("a", "More."), ("b", "Less.")]);
        for now in SnippetType::ALL {
            let map = map_of(&roster, 1, &silent, &earlier, &[("b", on(now))]);
            let moves = (now == Shift && was != Shift) || side(was) != side(now);
            assert_eq!(!map.moved.is_empty(), moves, "{was:?} to {now:?}");
            // A stance that stayed is neither shown as changed nor counted.
            let before = Some(was).filter(|was| *was != now);
            assert_eq!(map.claims[0].positions[0].was, before, "{was:?} to {now:?}");
            assert_eq!(map.changed_positions, u32::from(before.is_some()));
        }
    }
}

#[test]
fn the_last_stance_counts_also_over_a_round_of_silence() {
    let roster = panel(&["a", "b", "c"]);
    let said = answers(&[("a", A_SAYS), ("b", "x."), ("c", "y.")]);
    let quote = |kind| snippet(kind, "a", "Usage aligns incentives.");
    let both = vec![quote(SnippetType::Keep), quote(SnippetType::Challenge)];
    let first = map_of(&roster, 0, &said, &[], &[("b", both)]);
    let earlier = [EarlierRound {
        round_index: 0,
        answers: &said,
        claim_map: Some(&first),
    }];
    let quiet = answers(&[("a", "More."), ("b", "Less."), ("c", "None.")]);
    let second = map_of(
        &roster,
        1,
        &quiet,
        &earlier,
        &[("c", vec![quote(SnippetType::Core)])],
    );
    let earlier = [
        earlier[0],
        EarlierRound {
            round_index: 1,
            answers: &quiet,
            claim_map: Some(&second),
        },
    ];
    let third = map_of(
        &roster,
        2,
        &quiet,
        &earlier,
        &[("b", vec![quote(SnippetType::Keep)])],
    );
    let claim = &third.claims[0];
    assert_eq!(claim.positions[0].was, Some(SnippetType::Challenge));
    assert_eq!(
        claim.continues.as_ref().map(|known| known.round_index),
        Some(1)
    );
}
