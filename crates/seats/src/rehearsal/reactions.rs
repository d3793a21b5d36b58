//! A rehearsal seat's reactions: real sentences of the others, each with a type that follows from
//! whose kind of sentence it is, and a short comment.

use serde::Serialize;

use super::answer::STANCE_LABEL;
use super::part::Part;
use super::ranking::{self, Candidate, Weights};
use super::reading::{Answer, Reading};
use super::words;

/// At least so many reactions in all, where the others said enough.
const LEAST: usize = 3;

/// At least so many for each answer.
const PER_ANSWER: usize = 2;

#[derive(Serialize)]
struct Snippets<'a> {
    snippets: Vec<Reaction<'a>>,
}

#[derive(Serialize)]
struct Reaction<'a> {
    r#type: Kind,
    quote: &'a str,
    quoted_model: &'a str,
    comment: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Kind {
    Keep,
    Explore,
    Challenge,
    Core,
    Shift,
}

pub(super) fn write(part: Part, reading: &Reading<'_>) -> String {
    let answers: Vec<(&str, Vec<Said<'_>>)> = reading
        .others
        .iter()
        .map(|answer| (answer.letter, Said::all(answer, reading)))
        .collect();
    let weights = Weights::of(
        answers
            .iter()
            .flat_map(|(_, said)| said)
            .map(|said| &said.candidate),
    );
    let each = PER_ANSWER.max(LEAST.div_ceil(answers.len().max(1)));
    let mut chosen: Vec<(Kind, &str, &Candidate<'_>)> = Vec::new();
    for (letter, said) in &answers {
        chosen.extend(
            choose(part, said, &weights, each)
                .into_iter()
                .map(|quote| (kind(part, quote.text), *letter, quote)),
        );
    }
    vary(&mut chosen, reading.is_challenged());
    let snippets = chosen.into_iter().map(|(r#type, quoted_model, quote)| {
        let comment = comment(part, r#type, weights.topic(quote));
        Reaction {
            r#type,
            quote: quote.text,
            quoted_model,
            comment,
        }
    });
    // Strings and enums always serialise.
    serde_json::to_string_pretty(&Snippets {
        snippets: snippets.collect(),
    })
    .unwrap_or_default()
}

/// A sentence of another seat.
struct Said<'a> {
    candidate: Candidate<'a>,
    /// A rehearsal seat says it whatever the document.
    is_fixed: bool,
}

impl<'a> Said<'a> {
    /// The sentences of `answer` worth a reaction: neither its lead-ins nor what it quotes of the
    /// moderator.
    fn all(answer: &Answer<'a>, reading: &Reading<'_>) -> Vec<Self> {
        let asked = |text: &str| {
            reading.question.contains(text)
                || reading
                    .snippets
                    .iter()
                    .any(|snippet| snippet.quote.contains(text))
        };
        let is_own = |text: &&&str| {
            !text.ends_with(':') && !text.starts_with("This is the rehearsal ") && !asked(text)
        };
        let said = answer
            .sentences
            .iter()
            .filter(is_own)
            .map(|text| Self::new(text));
        said.filter(|said| words::count(said.candidate.text) >= 4)
            .collect()
    }

    fn new(text: &'a str) -> Self {
        match text
            .strip_prefix("**")
            .and_then(|text| text.strip_prefix(STANCE_LABEL)?.strip_prefix("**"))
        {
            Some(stance) => Self {
                candidate: Candidate::new(stance.trim()),
                is_fixed: true,
            },
            None => Self {
                candidate: Candidate::new(text),
                is_fixed: false,
            },
        }
    }
}

/// The sentence every reader of the answer would take, then those that touch this part.
fn choose<'c, 'a>(
    part: Part,
    answer: &'c [Said<'a>],
    weights: &Weights,
    count: usize,
) -> Vec<&'c Candidate<'a>> {
    let of = |is_fixed| {
        answer
            .iter()
            .filter(move |said: &&Said<'a>| said.is_fixed == is_fixed)
            .map(|said| &said.candidate)
    };
    let (free, fixed): (Vec<_>, Vec<_>) = (of(false).collect(), of(true).collect());
    let mut chosen = ranking::best(&free, 1, |candidate| weights.centrality(candidate));
    let rest: Vec<_> = free
        .into_iter()
        .filter(|candidate| !chosen.iter().any(|taken| taken.text == candidate.text))
        .collect();
    let leaning = |text: &str| f64::from(u8::try_from(part.leaning(text).min(8)).unwrap_or(8));
    chosen.extend(ranking::best(&rest, count - chosen.len(), |candidate| {
        weights.centrality(candidate) + leaning(candidate.text)
    }));
    // An answer without a document is mostly stance; those are its sentences then.
    chosen.extend(ranking::best(&fixed, count - chosen.len(), |candidate| {
        weights.centrality(candidate)
    }));
    chosen
}

fn kind(part: Part, quote: &str) -> Kind {
    match (part, ranking::owner(quote)) {
        (Part::Advocate, Part::Advocate)
        | (Part::Skeptic, Part::Skeptic)
        | (Part::Pragmatist, Part::Skeptic) => Kind::Keep,
        (Part::Advocate, Part::Skeptic) | (Part::Skeptic, Part::Advocate) => Kind::Challenge,
        (Part::Advocate | Part::Pragmatist, Part::Pragmatist) => Kind::Core,
        (Part::Skeptic, Part::Pragmatist) | (Part::Pragmatist, Part::Advocate) => Kind::Explore,
    }
}

/// Nobody sees everything alike, and whoever was challenged gives way once.
fn vary(chosen: &mut [(Kind, &str, &Candidate<'_>)], challenged: bool) {
    let all_alike = chosen.windows(2).all(|pair| pair[0].0 == pair[1].0);
    let Some(last) = chosen.last_mut() else {
        return;
    };
    if challenged {
        last.0 = Kind::Shift;
    } else if all_alike {
        last.0 = if last.0 == Kind::Explore {
            Kind::Keep
        } else {
            Kind::Explore
        };
    }
}

fn comment(part: Part, kind: Kind, topic: Option<&str>) -> String {
    let topic = topic.map_or_else(|| "this point".to_owned(), |word| format!("“{word}”"));
    match (part, kind) {
        (Part::Advocate, Kind::Keep) => format!("On {topic} this carries the case; keep it."),
        (Part::Advocate, Kind::Explore) => {
            format!("There may be more to gain from {topic} than is said here.")
        }
        (Part::Advocate, Kind::Challenge) => {
            format!("This weighs {topic} as if nothing could be done about it.")
        }
        (Part::Advocate, Kind::Core) => {
            format!("Whatever is decided about {topic} has to start here.")
        }
        (Part::Skeptic, Kind::Keep) => format!("A limit on {topic} that is worth keeping in view."),
        (Part::Skeptic, Kind::Explore) => {
            format!("What would have to be different for this about {topic} to stop holding?")
        }
        (Part::Skeptic, Kind::Challenge) => {
            format!("What it says of {topic} is asserted, not shown.")
        }
        (Part::Skeptic, Kind::Core) => format!("The doubt about {topic} comes down to this."),
        (Part::Pragmatist, Kind::Keep) => {
            format!("A constraint on {topic} that a plan has to respect.")
        }
        (Part::Pragmatist, Kind::Explore) => {
            format!("How would one test this for {topic} within a week?")
        }
        (Part::Pragmatist, Kind::Challenge) => {
            format!("Nothing follows from this for {topic} that anybody could do.")
        }
        (Part::Pragmatist, Kind::Core) => format!("This is what can be acted on in {topic}."),
        (_, Kind::Shift) => {
            format!("After the challenge, this about {topic} is the stronger view.")
        }
    }
}
