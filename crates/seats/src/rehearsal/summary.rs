//! A rehearsal seat's summaries: of a round, the claims as they stand and each panelist's first real
//! sentences; of a session, what each topic came to round by round. Nothing is judged, and but for
//! labels nothing is said that nobody wrote.

use husting_domain::exchange::{AnswerShape, Prompt};
use husting_domain::recaps::{RecapSection, RoundRecap, SessionSynthesis, SynthesisArc};

use super::answer::STANCE_LABEL;
use super::minutes::{Claim, Minutes, Past};
use super::passages;
use super::reading::Reading;

/// Sentences taken of each answer.
const SENTENCES: usize = 2;

/// Claims quoted of each group, and topics of a session: the whole must fit into one answer.
const MOST_CLAIMS: usize = 6;
const MOST_TOPICS: usize = 8;

/// Words of a question that make a title.
const TITLE_WORDS: usize = 8;

/// Begins every short version, so that nobody takes it for a judgement.
const LABEL: &str = "Rehearsal:";

pub(super) fn write(prompt: &Prompt, reading: &Reading<'_>) -> String {
    let minutes = Minutes::of(prompt);
    let written = if prompt.shape == AnswerShape::Synthesis {
        serde_json::to_string(&synthesis(&minutes, reading))
    } else {
        serde_json::to_string(&recap(&minutes, reading))
    };
    // Plain strings and numbers in plain lists always can be written.
    written.unwrap_or_default()
}

fn recap(minutes: &Minutes<'_>, reading: &Reading<'_>) -> RoundRecap {
    let groups = ["contested", "agreed", "open"].into_iter();
    let mut sections: Vec<RecapSection> = groups
        .filter_map(|group| stands(group, &minutes.claims))
        .collect();
    sections.extend(reading.others.iter().map(|answer| RecapSection {
        heading: minutes.name_of(answer.letter),
        body: first_words(&answer.sentences),
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

/// The claims of one group, word for word.
fn stands(group: &str, claims: &[Claim<'_>]) -> Option<RecapSection> {
    let here = claims.iter().filter(|claim| claim.group == group);
    let here: Vec<&Claim<'_>> = here.take(MOST_CLAIMS).collect();
    let quotes: Vec<String> = here
        .iter()
        .map(|claim| format!("- “{}”", claim.quote))
        .collect();
    (!here.is_empty()).then(|| RecapSection {
        heading: format!("What is {group}"),
        body: quotes.join("\n"),
        claim_ids: here.iter().map(|claim| claim.id.to_owned()).collect(),
    })
}

/// An answer's first sentences that are not this seat kind's own set phrases, unless it has no others.
fn first_words(sentences: &[&str]) -> String {
    let is_own = |sentence: &&&str| {
        sentence.contains(STANCE_LABEL)
            || sentence.starts_with("This is the rehearsal ")
            || sentence.ends_with(':')
            || sentence.starts_with('>')
    };
    let real = || sentences.iter().filter(|sentence| !is_own(sentence));
    let taken: Vec<&str> = if real().next().is_some() {
        real().take(SENTENCES).copied().collect()
    } else {
        sentences.iter().take(SENTENCES).copied().collect()
    };
    taken.join(" ")
}

fn synthesis(minutes: &Minutes<'_>, reading: &Reading<'_>) -> SessionSynthesis {
    let mut headings: Vec<&str> = Vec::new();
    for (heading, _) in minutes.past.iter().flat_map(|past| &past.sections) {
        if !headings.contains(heading) {
            headings.push(heading);
        }
    }
    let topics = headings.into_iter().take(MOST_TOPICS);
    let arcs = topics.map(|topic| arc(topic, &minutes.past));
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

/// What was written first under one heading, and what last.
fn arc(topic: &str, past: &[Past<'_>]) -> SynthesisArc {
    let told = past.iter().filter_map(|round| {
        let (_, body) = round
            .sections
            .iter()
            .find(|(heading, _)| *heading == topic)?;
        Some((round.index, body.lines().next()?))
    });
    let told: Vec<(u32, &str)> = told.collect();
    let ends = told
        .first()
        .into_iter()
        .chain(told.last().filter(|_| told.len() > 1));
    let lines: Vec<String> = ends
        .map(|(index, line)| format!("**Round {}.** {line}", index + 1))
        .collect();
    SynthesisArc {
        title: topic.to_owned(),
        body: lines.join("\n\n"),
        round_indexes: told.into_iter().map(|(index, _)| index).collect(),
    }
}

fn origin(question: &str) -> String {
    let sentences = passages::sentences(question);
    let first = sentences.iter().take(SENTENCES).map(|passage| passage.text);
    let first = first.collect::<Vec<_>>().join(" ");
    if first.is_empty() {
        question.to_owned()
    } else {
        first
    }
}

fn title(question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().take(TITLE_WORDS).collect();
    if words.is_empty() {
        "Rehearsal".to_owned()
    } else {
        format!("Rehearsal: {}", words.join(" "))
    }
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
                "This is the rehearsal skeptic, a seat.\n\n**Stance:** It depends.\n\nOne writer is enough. Two are not.",
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
        assert_eq!(recap.sections[0].body, "- “One writer is enough.”");
        assert_eq!(recap.sections[1].body, "One writer is enough. Two are not.");
    }

    #[test]
    fn a_session_is_each_topic_from_its_first_round_to_its_last() {
        let recap = |about: &str, body: &str| {
            fenced(
                about,
                &format!("asked: So?\ntitle: T\n## The skeptic\n{body}\nmore"),
            )
        };
        let rounds = [
            recap("recap 0", "First."),
            recap("recap 1", "Second."),
            recap("recap 3", "Last."),
        ];
        let text = fenced("question", "Which store?") + &rounds.concat();
        let session: SessionSynthesis =
            serde_json::from_str(&written(AnswerShape::Synthesis, text)).unwrap();
        assert!(session.tldr.starts_with("Rehearsal: 3 recaps"));
        assert_eq!(session.origin, "Which store?");
        assert_eq!(session.arcs[0].round_indexes, [0, 1, 3]);
        assert_eq!(
            session.arcs[0].body,
            "**Round 1.** First.\n\n**Round 4.** Last."
        );
    }
}
