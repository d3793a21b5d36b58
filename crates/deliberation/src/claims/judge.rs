//! One reaction, judged: were the words said, by whom, where.

use husting_domain::claims::{Nearest, Reactor};
use husting_domain::models::ModelId;
use husting_domain::quotes::{Difference, QuoteStatus, SourceSpan};
use husting_domain::snippets::Snippet;

use crate::citations::Citation;
use crate::claims::mention::is_mentioned;
use crate::quotes::{Answers, Found, Source, Verdict};
use crate::roster::Roster;

/// What was said in one round, read once for all the quotes that are looked for in it.
#[derive(Debug)]
pub struct Words<'a> {
    /// Its place.
    pub round_index: u32,
    /// Finished answers as served, in panel order: a passage that two seats share is found at the
    /// same one every time.
    pub answers: Vec<&'a (ModelId, String)>,
    read: Answers<'a>,
}

impl<'a> Words<'a> {
    /// Reads the finished answers of a round.
    #[must_use]
    pub fn new(roster: &Roster, round_index: u32, answers: &'a [(ModelId, String)]) -> Self {
        let mut answers: Vec<&(ModelId, String)> = answers.iter().collect();
        answers.sort_by_key(|(model, _)| roster.rank(model));
        let sources: Vec<Source<'_>> = answers
            .iter()
            .enumerate()
            .map(|(seat, (_, text))| Source { seat, text })
            .collect();
        Self {
            round_index,
            read: Answers::new(&sources),
            answers,
        }
    }

    /// What a seat said in it.
    pub fn answer_of(&self, model: &ModelId) -> Option<&str> {
        let mut answers = self.answers.iter();
        let (_, text) = answers.find(|(author, _)| author == model)?;
        Some(text)
    }
}

/// The words that stand at `span`.
pub fn words_at<'r>(rounds: &'r [Words<'_>], span: &SourceSpan) -> Option<&'r str> {
    let words = rounds
        .iter()
        .find(|words| words.round_index == span.round_index)?;
    words
        .answer_of(&span.model)?
        .get(span.start as usize..span.end as usize)
}

/// A reaction with what verifying its quote found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Who reacted.
    pub reactor: Reactor,
    /// As given.
    pub snippet: Snippet,
    /// What was found.
    pub status: QuoteStatus,
    /// The words, where the quote carries a stance.
    pub source: Option<SourceSpan>,
    /// The nearest words, where it carries none.
    pub nearest: Option<Nearest>,
    /// What differs between quote and source.
    pub differences: Vec<Difference>,
    /// The quote is a sentence's number and no words.
    pub is_cited: bool,
}

impl Judged {
    /// The true words, where they are to take the place of those given: the sentence that was
    /// cited, or what a quote was snapped onto.
    #[must_use]
    pub fn true_words<'r>(&self, rounds: &'r [Words<'_>]) -> Option<&'r str> {
        let source = self.source.as_ref()?;
        let differs = self.is_cited || !self.differences.is_empty();
        differs.then(|| words_at(rounds, source))?
    }
}

/// Verifies the quote of one snippet against `rounds`, the newest first.
///
/// Words that the named seat said in any round stand before the same words said by another. A
/// citation names a sentence of the newest of `rounds`: every round numbers its own.
#[must_use]
pub fn judge(roster: &Roster, rounds: &[Words<'_>], reactor: Reactor, snippet: &Snippet) -> Judged {
    if let Some(citation) = Citation::read(&snippet.quote, roster) {
        return cited(citation, rounds.first(), reactor, snippet);
    }
    let mut best: Option<(u8, Judged)> = None;
    for words in rounds {
        let judged = judge_in(words, reactor.clone(), snippet);
        let rank = rank(&judged);
        if rank == 0 {
            return judged;
        }
        if best.as_ref().is_none_or(|(known, _)| rank < *known) {
            best = Some((rank, judged));
        }
    }
    best.map_or_else(|| not_found(reactor, snippet), |(_, judged)| judged)
}

/// Verifies what the moderator quotes, as [`judge`] does. Words that the named seat only repeated, between quotation marks
/// or in a block quote, are those of the seat that said them in an earlier round, where one did: they are not attributed
/// to whoever answers them.
#[must_use]
pub fn judge_moderator(
    roster: &Roster,
    rounds: &[Words<'_>],
    reactor: Reactor,
    snippet: &Snippet,
) -> Judged {
    let judged = judge(roster, rounds, reactor, snippet);
    match original(rounds, &judged) {
        Some(source) => Judged {
            status: QuoteStatus::Misattributed,
            source: Some(source),
            ..judged
        },
        None => judged,
    }
}

/// Where what is only repeated at the source of `judged` was said before; the newest such round, in panel order. Nowhere,
/// where the seat that repeats it said it itself in any of these rounds.
fn original(rounds: &[Words<'_>], judged: &Judged) -> Option<SourceSpan> {
    let repeated = judged.source.as_ref().filter(|_| !judged.is_cited)?;
    let words = words_at(rounds, repeated).filter(|words| !words.is_empty())?;
    let until = rounds
        .iter()
        .filter(|round| round.round_index <= repeated.round_index);
    let own = |round: &Words<'_>| said_at(round.answer_of(&repeated.model)?, words);
    if until.clone().any(|round| own(round).is_some()) {
        return None;
    }
    let earlier = until.filter(|round| round.round_index < repeated.round_index);
    let mut said =
        earlier.flat_map(|round| round.answers.iter().map(move |answer| (round, *answer)));
    said.find_map(|(round, (model, text))| {
        let start = said_at(text, words)?;
        Some(SourceSpan {
            round_index: round.round_index,
            model: model.clone(),
            start: u32::try_from(start).ok()?,
            end: u32::try_from(start + words.len()).ok()?,
        })
    })
}

/// Where the words are first said, and not only mentioned.
fn said_at(text: &str, words: &str) -> Option<usize> {
    let mut places = text.match_indices(words).map(|(at, _)| at);
    places.find(|at| !is_mentioned(text, *at))
}

/// 0 said by the named seat, 1 said by another, 2 something like it was said, 3 nothing.
const fn rank(judged: &Judged) -> u8 {
    match judged.status {
        QuoteStatus::Exact
        | QuoteStatus::Typographic
        | QuoteStatus::Elided
        | QuoteStatus::Snapped => 0,
        QuoteStatus::Misattributed => 1,
        QuoteStatus::Altered => 2,
        QuoteStatus::NotFound => 3,
    }
}

fn judge_in(words: &Words<'_>, reactor: Reactor, snippet: &Snippet) -> Judged {
    // A seat that did not speak in this round has no index; one past the end says so.
    let claimed = words
        .answers
        .iter()
        .position(|(model, _)| *model == snippet.quoted_model);
    let verdict = words
        .read
        .verify(&snippet.quote, claimed.unwrap_or(words.answers.len()));
    from_verdict(words, reactor, snippet, verdict)
}

fn from_verdict(
    words: &Words<'_>,
    reactor: Reactor,
    snippet: &Snippet,
    verdict: Verdict,
) -> Judged {
    let span = |found: &Found| {
        let (model, _) = words.answers.get(found.seat)?;
        Some(SourceSpan {
            round_index: words.round_index,
            model: model.clone(),
            start: u32::try_from(found.start).ok()?,
            end: u32::try_from(found.end).ok()?,
        })
    };
    let differences = verdict.alteration;
    let nearest = verdict.nearest.as_ref().and_then(|found| {
        let text = words
            .answers
            .get(found.seat)?
            .1
            .get(found.start..found.end)?
            .to_owned();
        Some(Nearest {
            text,
            source: span(found)?,
            differences: differences.clone(),
        })
    });
    let source = verdict
        .found
        .as_ref()
        .and_then(span)
        .filter(|_| verdict.status.carries_stance());
    Judged {
        reactor,
        snippet: snippet.clone(),
        status: verdict.status,
        source,
        nearest,
        differences,
        is_cited: false,
    }
}

/// A sentence that is not there is not looked for as words: somebody may have written its number.
fn cited(
    citation: Citation<'_>,
    words: Option<&Words<'_>>,
    reactor: Reactor,
    snippet: &Snippet,
) -> Judged {
    let span = |words: &Words<'_>| {
        let model = &citation.place.model;
        let sentence = citation.sentence(words.answer_of(model)?)?;
        Some(SourceSpan {
            round_index: words.round_index,
            model: model.clone(),
            start: u32::try_from(sentence.start).ok()?,
            end: u32::try_from(sentence.end).ok()?,
        })
    };
    let missing = not_found(reactor, snippet);
    match words.and_then(span) {
        Some(source) => Judged {
            status: QuoteStatus::Exact,
            source: Some(source),
            is_cited: true,
            ..missing
        },
        None => missing,
    }
}

fn not_found(reactor: Reactor, snippet: &Snippet) -> Judged {
    Judged {
        reactor,
        snippet: snippet.clone(),
        status: QuoteStatus::NotFound,
        source: None,
        nearest: None,
        differences: vec![],
        is_cited: false,
    }
}
