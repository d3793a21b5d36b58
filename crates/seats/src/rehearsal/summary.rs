//! A rehearsal seat's summaries: of a round, the claims as they stand, with who holds what, and real
//! sentences of each panelist; of a session, what stood under each topic round by round. Nothing is
//! judged, and but for labels nothing is said that nobody wrote.

use std::ops::RangeInclusive;

use husting_domain::exchange::{AnswerShape, Prompt};
use husting_domain::recaps::{RecapSection, RoundRecap, SessionSynthesis, SynthesisArc};

use super::answer::STANCE_LABEL;
use super::minutes::{Claim, Minutes, Past};
use super::passages;
use super::reading::Reading;
use super::words;
use crate::estimate;

/// Sentences taken of each answer.
const SENTENCES: usize = 2;

/// Claims quoted of each group, and topics of a session: all seats of the largest panel and all groups.
const MOST_CLAIMS: usize = 6;
const MOST_TOPICS: usize = 11;

/// The groups of a map with their headings, and what is said of a round that has none of it.
const GROUPS: [(&str, &str, &str); 3] = [
    ("contested", "What is contested", "Nothing was contested."),
    ("agreed", "What is agreed", "Nothing was agreed."),
    ("open", "What is open", "Nothing was open."),
];

/// Said of a round in which somebody gave no answer.
const SILENT: &str = "No answer.";

/// UTF-8 bytes of a question that make a title; a recap's may have 120 characters in all.
const TITLE_BYTES: usize = 100;

/// UTF-8 bytes of one quote, however little room there is, and however much.
const QUOTE_BYTES: RangeInclusive<usize> = 64..=480;

/// Begins every short version, so that nobody takes it for a judgement.
const LABEL: &str = "Rehearsal:";
/// Begins the seats' names.
const NAMED: &str = "Rehearsal: ";

pub(super) fn write(prompt: &Prompt, reading: &Reading<'_>) -> String {
    let minutes = Minutes::of(prompt);
    // A third is left for headings and marks.
    let room = estimate::bytes(prompt.max_output_tokens) / 3 * 2;
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    let written = if prompt.shape == AnswerShape::Synthesis {
        serde_json::to_string(&synthesis(&minutes, reading, room))
    } else {
        serde_json::to_string(&recap(&minutes, reading, room))
    };
    // Plain strings and numbers in plain lists always can be written.
    written.unwrap_or_default()
}

fn recap(minutes: &Minutes<'_>, reading: &Reading<'_>, room: usize) -> RoundRecap {
    let quotes = GROUPS.len() * MOST_CLAIMS + reading.others.len() * SENTENCES;
    let most = share_of(room, quotes);
    let groups = GROUPS.into_iter();
    let mut sections: Vec<RecapSection> = groups
        .filter_map(|(group, heading, _)| stands(group, heading, minutes, most))
        .collect();
    sections.extend(reading.others.iter().map(|answer| RecapSection {
        heading: called(answer.letter, minutes),
        body: own_words(&answer.sentences, most),
        claim_ids: Vec::new(),
    }));
    let tldr = format!(
        "{LABEL} {} and {} were read by rules; nothing is judged here.",
        counted(reading.others.len(), "answer", "answers"),
        counted(minutes.claims.len(), "claim", "claims"),
    );
    RoundRecap {
        title: title(reading.question),
        tldr,
        agenda: sections.iter().map(|one| one.heading.clone()).collect(),
        sections,
    }
}

/// The claims of one group, word for word, with who said them and who reacted how.
fn stands(group: &str, heading: &str, minutes: &Minutes<'_>, most: usize) -> Option<RecapSection> {
    let here = minutes.claims.iter().filter(|claim| claim.group == group);
    let here: Vec<&Claim<'_>> = here.take(MOST_CLAIMS).collect();
    let lines: Vec<String> = here
        .iter()
        .map(|claim| {
            let (author, quote) = (called(claim.author, minutes), quoted(claim.quote, most));
            format!("- {author}: {quote}{}", reacted(claim, minutes))
        })
        .collect();
    (!here.is_empty()).then(|| RecapSection {
        heading: heading.to_owned(),
        body: lines.join("\n"),
        claim_ids: here.iter().map(|claim| claim.id.to_owned()).collect(),
    })
}

/// A panelist's name; that it is a rehearsal stands at the top.
fn called(who: &str, minutes: &Minutes<'_>) -> String {
    let name = minutes.name_of(who);
    let short = name.strip_prefix(NAMED).map(str::to_owned);
    short.unwrap_or(name)
}

/// ` (kept by The skeptic; challenged by The advocate)`.
fn reacted(claim: &Claim<'_>, minutes: &Minutes<'_>) -> String {
    let reactions = claim.reactions.iter();
    let told: Vec<String> = reactions
        .map(|(who, kind)| format!("{} {}", done(kind), called(who, minutes)))
        .collect();
    if told.is_empty() {
        return String::new();
    }
    format!(" ({})", told.join("; "))
}

/// What a reaction of this kind did to a claim.
fn done(kind: &str) -> &str {
    match kind {
        "KEEP" => "kept by",
        "EXPLORE" => "explored by",
        "CHALLENGE" => "challenged by",
        "CORE" => "called the core by",
        "SHIFT" => "shifted by",
        other => other,
    }
}

/// An answer's first sentences that are not this seat kind's own set phrases, a line each; where it
/// has no others, the stances it took besides its first.
fn own_words(sentences: &[&str], most: usize) -> String {
    let is_set = |sentence: &str| {
        sentence.contains(STANCE_LABEL)
            || sentence.starts_with("This is the rehearsal ")
            || sentence.ends_with(':')
    };
    let real = sentences.iter().filter(|sentence| !is_set(sentence));
    let mut taken: Vec<&str> = real.take(SENTENCES).copied().collect();
    if taken.is_empty() {
        let stances = || sentences.iter().filter_map(|sentence| stance(sentence));
        taken = stances().skip(1).take(SENTENCES).collect();
        taken.extend(stances().take(usize::from(taken.is_empty())));
    }
    if taken.is_empty() {
        return SILENT.to_owned();
    }
    let lines = taken.into_iter();
    let lines: Vec<String> = lines
        .map(|one| format!("- {}", quoted(one, most)))
        .collect();
    lines.join("\n")
}

/// What stands behind a label.
fn stance(sentence: &str) -> Option<&str> {
    let (_, words) = sentence.split_once(STANCE_LABEL)?;
    Some(words.trim_start_matches('*').trim()).filter(|words| !words.is_empty())
}

fn synthesis(minutes: &Minutes<'_>, reading: &Reading<'_>, room: usize) -> SessionSynthesis {
    let mut headings: Vec<&str> = Vec::new();
    for (heading, _) in minutes.past.iter().flat_map(|past| &past.sections) {
        if !headings.contains(heading) {
            headings.push(heading);
        }
    }
    headings.truncate(MOST_TOPICS);
    let most = share_of(room, headings.len() * minutes.past.len());
    let arcs = headings.iter().map(|topic| arc(topic, &minutes.past, most));
    let tldr = format!(
        "{LABEL} {} by rules; nothing is judged here.",
        counted(minutes.past.len(), "recap was read", "recaps were read")
    );
    SessionSynthesis {
        title: title(reading.question),
        tldr,
        origin: origin(reading.question),
        arcs: arcs.collect(),
    }
}

/// What stood under one heading in each round.
fn arc(topic: &str, past: &[Past<'_>], most: usize) -> SynthesisArc {
    let mut groups = GROUPS.iter();
    let group = groups.find(|(_, heading, _)| *heading == topic);
    let nothing = group.map_or(SILENT, |(_, _, nothing)| nothing);
    let lines: Vec<String> = past
        .iter()
        .map(|round| {
            let told = round.under(topic).map(|body| whole_items(body, most));
            let told = told.filter(|items| !items.is_empty());
            let told = told.unwrap_or_else(|| nothing.to_owned());
            format!("**Round {}**\n\n{told}", round.index + 1)
        })
        .collect();
    SynthesisArc {
        title: topic.to_owned(),
        body: lines.join("\n\n"),
        round_indexes: past.iter().map(|round| round.index).collect(),
    }
}

/// The first items of a list, up to the quotation's end: as many as there is room for, so that none
/// but the first is ever cut.
fn whole_items(body: &str, most: usize) -> String {
    let items = body.lines().filter_map(|line| {
        let item = line.strip_prefix("- ").unwrap_or(line).trim();
        (!item.is_empty()).then(|| said(item))
    });
    let mut taken: Vec<String> = Vec::new();
    let mut left = most;
    for item in items {
        if item.len() > left && !taken.is_empty() {
            break;
        }
        left = left.saturating_sub(item.len());
        let cut = shortened(item, most);
        let is_open = cut.contains('‘') && item.ends_with('’') && !cut.ends_with('’');
        taken.push(format!("- {cut}{}", if is_open { "’" } else { "" }));
    }
    taken.join("\n")
}

/// An item without who reacted how, which stands in brackets behind the quotation.
fn said(item: &str) -> &str {
    let ends = item.rmatch_indices(['”', '’']);
    let mut ends = ends.map(|(at, mark)| item.split_at(at + mark.len()));
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with(" (") && rest.ends_with(')');
    let found = ends.find(|(_, rest)| is_end(rest));
    found.map_or(item, |(said, _)| said)
}

fn origin(question: &str) -> String {
    let sentences = passages::sentences(question);
    let first = sentences.iter().take(SENTENCES).map(|passage| passage.text);
    let first = first.collect::<Vec<_>>().join(" ");
    match (first.is_empty(), sentences.len() > SENTENCES) {
        (true, _) => question.to_owned(),
        (false, true) => format!("{first} …"),
        (false, false) => first,
    }
}

fn title(question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().collect();
    if words.is_empty() {
        return "Rehearsal".to_owned();
    }
    format!("{NAMED}{}", shortened(&words.join(" "), TITLE_BYTES))
}

/// Somebody's words between quotation marks, on one line. The marks in them are theirs and stay: around those stand
/// single ones.
fn quoted(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = shortened(&words.join(" "), most);
    if words.contains(['“', '”']) {
        format!("‘{words}’")
    } else {
        format!("“{words}”")
    }
}

/// At most about so many bytes; what was cut ends on `…`, behind which a quotation is closed.
fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let cut = words::cut(text, most as u64);
    let cut = cut
        .rsplit_once(char::is_whitespace)
        .map_or(cut, |(begin, _)| begin);
    let is_open = cut.matches('“').count() > cut.matches('”').count();
    format!("{}…{}", cut.trim_end(), if is_open { "”" } else { "" })
}

/// Bytes of one of so many quotes that share this room.
fn share_of(room: usize, quotes: usize) -> usize {
    let share = room / quotes.max(1);
    share.clamp(*QUOTE_BYTES.start(), *QUOTE_BYTES.end())
}

fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("one {one}"),
        _ => format!("{count} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_domain::exchange::{Message, Role};

    const N: &str = "0123456789abcdef";

    fn written(shape: AnswerShape, text: String) -> String {
        let message = Message {
            role: Role::User,
            text,
            cache_until_here: false,
        };
        let prompt = Prompt {
            system: "You keep the record.".to_owned(),
            messages: vec![message],
            shape,
            max_output_tokens: 4_096,
        };
        write(&prompt, &Reading::of(&prompt))
    }

    fn fenced(what: &str, words: &str) -> String {
        format!("<<<{what} {N}>>>\n{words}\n<<<end {N}>>>\n\n")
    }

    #[test]
    fn a_round_is_its_claims_and_each_panelists_real_sentences() {
        let text = [
            fenced("panel", "panelist A: The skeptic\npanelist B: The advocate"),
            fenced("question", "Which store should we use?"),
            fenced(
                "answer A",
                "This is the rehearsal skeptic, a seat.\n\nThe moderator keeps words of panelist B:\n\n\
                 > Two writers are enough.\n\n**Stance:** It depends.\n\n- One writer is enough.\n- Two are not.",
            ),
            fenced(
                "claims",
                "c1 agreed, panelist A: “One writer is enough.”\n  panelist B KEEP: c2 open, so: “no”",
            ),
            "Answer with JSON alone.".to_owned(),
        ];
        let recap: RoundRecap =
            serde_json::from_str(&written(AnswerShape::Recap, text.concat())).unwrap();
        assert!(
            recap
                .tldr
                .starts_with("Rehearsal: one answer and one claim were read")
        );
        assert_eq!(recap.agenda, ["What is agreed", "The skeptic"]);
        assert_eq!(recap.sections[0].claim_ids, ["c1"]);
        assert_eq!(
            recap.sections[0].body,
            "- The skeptic: “One writer is enough.” (kept by The advocate)"
        );
        assert_eq!(
            recap.sections[1].body, "- “One writer is enough.”\n- “Two are not.”",
            "what the moderator held up is not the seat's"
        );
        assert_eq!(recap.title, "Rehearsal: Which store should we use?");
    }

    #[test]
    fn a_long_question_ends_on_a_whole_word_in_its_title_and_none_has_one_as_well() {
        let asked = "Should we ".repeat(20);
        let title = title(&asked);
        assert!(
            title.ends_with("Should we…") || title.ends_with("Should…"),
            "{title}"
        );
        assert!(
            (90..=NAMED.len() + TITLE_BYTES + '…'.len_utf8()).contains(&title.len()),
            "{title}"
        );
        assert_eq!(super::title(" \n "), "Rehearsal");
    }

    #[test]
    fn a_session_is_each_topic_from_its_first_round_to_its_last() {
        let recap =
            |about: &str, body: &str| fenced(about, &format!("asked: So?\ntitle: T\n{body}"));
        let rounds = [
            recap(
                "recap 0",
                "## What is open\n- “A?”\n- “B?”\n## The skeptic\n- “First.”",
            ),
            recap("recap 1", "## The skeptic\n- “Second.”\n- “Third.”"),
            recap("recap 3", "## What is open\n- “C?”"),
        ];
        let asked = "Which store is it that a team of four should use?";
        let text = fenced("question", asked) + &rounds.concat();
        let session: SessionSynthesis =
            serde_json::from_str(&written(AnswerShape::Synthesis, text)).unwrap();
        assert!(session.tldr.starts_with("Rehearsal: 3 recaps"));
        assert_eq!(session.origin, asked);
        assert_eq!(
            session.title,
            "Rehearsal: Which store is it that a team of four should use?"
        );
        let [open, skeptic] = &session.arcs[..] else {
            panic!("{:?}", session.arcs)
        };
        assert_eq!(open.round_indexes, [0, 1, 3]);
        assert_eq!(
            open.body,
            "**Round 1**\n\n- “A?”\n- “B?”\n\n**Round 2**\n\nNothing was open.\n\n**Round 4**\n\n- “C?”"
        );
        assert_eq!(skeptic.title, "The skeptic");
        assert_eq!(skeptic.round_indexes, [0, 1, 3]);
        assert_eq!(
            skeptic.body,
            "**Round 1**\n\n- “First.”\n\n**Round 2**\n\n- “Second.”\n- “Third.”\n\n**Round 4**\n\nNo answer."
        );
    }

    #[test]
    fn a_long_session_fits_into_one_answer_and_what_is_cut_says_so() {
        let long = "word ".repeat(90);
        let rounds = (0..14).map(|index| {
            let sections = (0..11).map(|topic| format!("## Topic {topic}\n- “{}”\n", long.trim()));
            let sections = sections.collect::<String>();
            fenced(
                &format!("recap {index}"),
                &format!("asked: So?\n{sections}"),
            )
        });
        let text = fenced("question", "Which?") + &rounds.collect::<String>();
        let text = written(AnswerShape::Synthesis, text);
        assert!(
            text.len() as u64 <= estimate::bytes(4_096),
            "{}",
            text.len()
        );
        let session: SessionSynthesis = serde_json::from_str(&text).unwrap();
        assert_eq!(session.arcs.len(), 11);
        for arc in &session.arcs {
            let items = arc.body.lines().filter(|line| line.starts_with("- "));
            let items: Vec<&str> = items.collect();
            assert_eq!(items.len(), 14);
            assert!(items.iter().all(|item| item.ends_with("word…”")), "{arc:?}");
        }
    }

    #[test]
    fn words_that_have_quotation_marks_stand_between_others_and_keep_their_own() {
        assert_eq!(
            quoted("It’s “so”,  they say.", 80),
            "‘It’s “so”, they say.’"
        );
        assert_eq!(quoted("It’s \"so\".", 80), "“It’s \"so\".”");
        assert_eq!(
            quoted("They say “so it is”, twice.", 20),
            "‘They say “so it…”’"
        );
        let items = "- The skeptic: ‘It is “so” (or not).’ (kept by O’Hara)\n- Another: “Yes.” (kept by B)\n- ‘“No.”’";
        assert_eq!(
            whole_items(items, 200),
            "- The skeptic: ‘It is “so” (or not).’\n- Another: “Yes.”\n- ‘“No.”’"
        );
        assert_eq!(
            whole_items("- The skeptic: ‘It is “so and so”, they say.’", 30),
            "- The skeptic: ‘It is “so…”’"
        );
        // The words of somebody with a long name are cut off before they begin.
        assert_eq!(
            whole_items("- The skeptic of a long name: ‘“So”, they say.’", 24),
            "- The skeptic of a long…"
        );
    }

    #[test]
    fn a_seat_that_only_took_stances_is_quoted_with_them() {
        let sentences = ["**Stance:** One.", "**Stance:** Two.", "**Stance:** Three."];
        assert_eq!(own_words(&sentences, 80), "- “Two.”\n- “Three.”");
        assert_eq!(own_words(&sentences[..1], 80), "- “One.”");
        assert_eq!(own_words(&[], 80), SILENT);
    }
}
