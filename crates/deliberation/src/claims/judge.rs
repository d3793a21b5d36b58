//! One reaction, judged: were the words said, by whom, where.

use husting_domain::claims::{Nearest, Reactor};
use husting_domain::models::ModelId;
use husting_domain::quotes::{Difference, QuoteStatus, SourceSpan};
use husting_domain::snippets::Snippet;

use crate::quotes::{Answers, Found, Source, Verdict};
use crate::roster::Roster;
use crate::sentences;

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
}

/// Verifies the quote of one snippet against `rounds`, the newest first.
///
/// Words that the named seat said in any round stand before the same words said by another.
#[must_use]
pub fn judge(roster: &Roster, rounds: &[Words<'_>], reactor: Reactor, snippet: &Snippet) -> Judged {
    let mut best: Option<(u8, Judged)> = None;
    for words in rounds {
        let judged = judge_in(roster, words, reactor.clone(), snippet);
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

fn judge_in(roster: &Roster, words: &Words<'_>, reactor: Reactor, snippet: &Snippet) -> Judged {
    if let Some(cited) = cited(roster, words, snippet) {
        return Judged {
            reactor,
            snippet: snippet.clone(),
            status: QuoteStatus::Exact,
            source: Some(cited),
            nearest: None,
            differences: vec![],
        };
    }
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
    }
}

/// The sentence that `[B.12]` alone cites.
fn cited(roster: &Roster, words: &Words<'_>, snippet: &Snippet) -> Option<SourceSpan> {
    let inside = snippet.quote.trim().strip_prefix('[')?.strip_suffix(']')?;
    let (letter, number) = inside.split_once('.')?;
    let (place, number) = (roster.find(letter)?, number.parse::<u32>().ok()?);
    let (_, text) = words
        .answers
        .iter()
        .find(|(model, _)| *model == place.model)?;
    let sentence = sentences::split(text)
        .into_iter()
        .find(|sentence| sentence.number == number)?;
    Some(SourceSpan {
        round_index: words.round_index,
        model: place.model.clone(),
        start: u32::try_from(sentence.start).ok()?,
        end: u32::try_from(sentence.end).ok()?,
    })
}

fn not_found(reactor: Reactor, snippet: &Snippet) -> Judged {
    Judged {
        reactor,
        snippet: snippet.clone(),
        status: QuoteStatus::NotFound,
        source: None,
        nearest: None,
        differences: vec![],
    }
}
