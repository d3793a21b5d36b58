//! Pairs the words of a quote with the words of its source, as cheaply as possible.

use std::ops::Range;

use super::inflection;
use super::lexicon::Language;
use super::words::Word;

/// How one word of the quote or the source takes part in the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The same word but for case.
    Same { quote: usize, source: usize },
    /// Forms of one word, or two articles.
    Near { quote: usize, source: usize },
    /// One word in place of another.
    Swapped { quote: usize, source: usize },
    /// Only the quote has it.
    Added { quote: usize },
    /// Only the source has it.
    Dropped { source: usize },
    /// One written as two, or two as one.
    Joined {
        quote: Range<usize>,
        source: Range<usize>,
    },
}

impl Step {
    /// Words of the source in this step.
    pub fn source(&self) -> Range<usize> {
        match self {
            Self::Same { source, .. }
            | Self::Near { source, .. }
            | Self::Swapped { source, .. } => *source..source + 1,
            Self::Dropped { source } => *source..source + 1,
            Self::Joined { source, .. } => source.clone(),
            Self::Added { .. } => 0..0,
        }
    }

    /// Words of the quote in this step.
    pub fn quote(&self) -> Range<usize> {
        match self {
            Self::Same { quote, .. } | Self::Near { quote, .. } | Self::Swapped { quote, .. } => {
                *quote..quote + 1
            }
            Self::Added { quote } => *quote..quote + 1,
            Self::Joined { quote, .. } => quote.clone(),
            Self::Dropped { .. } => 0..0,
        }
    }
}

/// One side of a comparison.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// Folded text.
    pub text: &'a str,
    pub words: &'a [Word],
    /// Where its sentences begin: bytes of their first words, sorted.
    pub openings: &'a [usize],
}

impl<'a> Side<'a> {
    /// A word as written (folded).
    pub fn word(&self, index: usize) -> &'a str {
        &self.text[self.words[index].range.clone()]
    }

    /// What stands between a word and the next.
    pub fn between(&self, index: usize) -> &'a str {
        &self.text[self.words[index].range.end..self.words[index + 1].range.start]
    }

    /// Whether a word is the first of its sentence.
    pub fn opens_sentence(&self, index: usize) -> bool {
        self.openings
            .binary_search(&self.words[index].range.start)
            .is_ok()
    }
}

/// A stretch of a source and how its words pair with the quote's, in order.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub steps: Vec<Step>,
    /// Words of the quote found in order, per mille of its words.
    pub likeness: usize,
}

impl Match {
    /// The words of the source that are covered.
    pub fn source(&self) -> Range<usize> {
        let start = self
            .steps
            .iter()
            .find(|step| !step.source().is_empty())
            .map(|step| step.source().start);
        let end = self
            .steps
            .iter()
            .rev()
            .find(|step| !step.source().is_empty())
            .map(|step| step.source().end);
        start.unwrap_or_default()..end.unwrap_or_default()
    }
}

/// Costs of a step. Two words dropped are cheaper than one added, so that a quote which
/// leaves out a "do not" is laid over the whole sentence.
const NEAR: u32 = 1;
const SWAPPED: u32 = 5;
const ADDED: u32 = 6;
const DROPPED: u32 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Move {
    Start,
    Same,
    Near,
    Swapped,
    Added,
    Dropped,
    SplitInSource,
    SplitInQuote,
}

/// Lays the whole quote over the cheapest stretch of `source.words[from..]`.
pub(crate) fn align(quote: Side<'_>, source: Side<'_>, from: usize, language: Language) -> Match {
    let rows = quote.words.len() + 1;
    let columns = source.words.len() - from + 1;
    let compare = Comparison::new(quote, source, from, language);
    let mut moves = vec![Move::Start; rows * columns];
    let mut costs: Vec<Vec<u32>> = vec![vec![0; columns]];
    for row in 1..rows {
        let mut line = vec![0; columns];
        for column in 0..columns {
            let (cost, step) = compare.cheapest(row, column, &costs, &line);
            line[column] = cost;
            moves[row * columns + column] = step;
        }
        costs.push(line);
    }
    let last = &costs[rows - 1];
    let end = (0..columns)
        .min_by_key(|column| last[*column])
        .unwrap_or_default();
    let steps = within_sentence(trace(&moves, columns, rows - 1, end, from), source);
    let found = steps
        .iter()
        .filter(|step| !matches!(step, Step::Swapped { .. } | Step::Added { .. }));
    let likeness =
        found.map(|step| step.quote().len()).sum::<usize>() * 1_000 / quote.words.len().max(1);
    Match { steps, likeness }
}

struct Comparison<'a> {
    quote: Side<'a>,
    source: Side<'a>,
    /// The same words in lower case; of the source, those from `from`.
    quoted: Vec<String>,
    said: Vec<String>,
    from: usize,
    language: Language,
}

impl<'a> Comparison<'a> {
    fn new(quote: Side<'a>, source: Side<'a>, from: usize, language: Language) -> Self {
        let lower = |side: Side<'_>, range: Range<usize>| {
            range.map(|index| side.word(index).to_lowercase()).collect()
        };
        let quoted = lower(quote, 0..quote.words.len());
        let said = lower(source, from..source.words.len());
        Self {
            quote,
            source,
            quoted,
            said,
            from,
            language,
        }
    }

    /// The cheapest way to have laid `row` words of the quote when `column` words of the
    /// source are behind; ties go to the first named.
    fn cheapest(&self, row: usize, column: usize, above: &[Vec<u32>], line: &[u32]) -> (u32, Move) {
        let mut best = (above[row - 1][column] + self.added(row), Move::Added);
        let mut offer = |cost: u32, step: Move| {
            if cost < best.0 || (cost == best.0 && step != Move::Dropped) {
                best = (cost, step);
            }
        };
        if column == 0 {
            return best;
        }
        offer(line[column - 1] + self.dropped(column), Move::Dropped);
        let (cost, step) = self.paired(row, column);
        offer(above[row - 1][column - 1] + cost, step);
        if column > 1 && self.splits(row, column - 2..column, true) {
            offer(above[row - 1][column - 2] + NEAR, Move::SplitInSource);
        }
        if row > 1 && self.splits(column, row - 2..row, false) {
            offer(above[row - 2][column - 1] + NEAR, Move::SplitInQuote);
        }
        best
    }

    fn paired(&self, row: usize, column: usize) -> (u32, Move) {
        let (quote, source) = (row - 1, self.from + column - 1);
        if self.quote.words[quote].key == self.source.words[source].key {
            return (0, Move::Same);
        }
        if is_near(&self.quoted[quote], &self.said[column - 1], self.language) {
            return (NEAR, Move::Near);
        }
        (SWAPPED, Move::Swapped)
    }

    fn added(&self, row: usize) -> u32 {
        // At the start it more likely replaces a word ("Every consumer", "The consumer").
        if row > 1 && self.language.is_article(&self.quoted[row - 1]) {
            NEAR
        } else {
            ADDED
        }
    }

    fn dropped(&self, column: usize) -> u32 {
        if self.language.is_article(&self.said[column - 1]) {
            NEAR
        } else {
            DROPPED
        }
    }

    /// Whether one word of one side is written as two on the other; counts start at one.
    fn splits(&self, whole: usize, parts: Range<usize>, in_source: bool) -> bool {
        let (whole, first, second) = if in_source {
            let first = self.from + parts.start;
            (
                self.quote.word(whole - 1),
                self.source.word(first),
                self.source.word(first + 1),
            )
        } else {
            let whole = self.from + whole - 1;
            (
                self.source.word(whole),
                self.quote.word(parts.start),
                self.quote.word(parts.start + 1),
            )
        };
        whole.len() == first.len() + second.len()
            && first.len() >= 3
            && second.len() >= 3
            && whole.is_char_boundary(first.len())
            && whole[..first.len()].eq_ignore_ascii_case(first)
            && whole[first.len()..].eq_ignore_ascii_case(second)
    }
}

fn is_near(one: &str, other: &str, language: Language) -> bool {
    let one_family = one.len() > 3 && other.len() > 3 && one.chars().next() == other.chars().next();
    (one_family && inflection::is_inflected(one, other, language))
        || language.same_article(one, other)
}

/// A word of the neighbouring sentence was swapped with nothing: the quote added its own.
fn within_sentence(mut steps: Vec<Step>, source: Side<'_>) -> Vec<Step> {
    let parted = |left: usize| {
        let next = source
            .words
            .get(left + 1)
            .map_or(source.text.len(), |word| word.range.start);
        source.text[source.words[left].range.end..next].contains(['.', '!', '?', '。'])
    };
    let mut first = 0;
    while let Some(Step::Swapped { quote, source }) = steps.get(first).cloned()
        && parted(source)
    {
        steps[first] = Step::Added { quote };
        first += 1;
    }
    let mut last = steps.len();
    while let Some(Step::Swapped { quote, source }) =
        last.checked_sub(1).and_then(|at| steps.get(at)).cloned()
        && source > 0
        && parted(source - 1)
    {
        last -= 1;
        steps[last] = Step::Added { quote };
    }
    steps
}

fn trace(
    moves: &[Move],
    columns: usize,
    mut row: usize,
    mut column: usize,
    from: usize,
) -> Vec<Step> {
    let mut steps = Vec::with_capacity(row + 4);
    while row > 0 {
        let (quote, source) = (row - 1, (from + column).saturating_sub(1));
        let (step, up, left) = match moves[row * columns + column] {
            Move::Same => (Step::Same { quote, source }, 1, 1),
            Move::Near => (Step::Near { quote, source }, 1, 1),
            Move::Swapped => (Step::Swapped { quote, source }, 1, 1),
            Move::Added => (Step::Added { quote }, 1, 0),
            Move::Dropped => (Step::Dropped { source }, 0, 1),
            Move::SplitInSource => (
                Step::Joined {
                    quote: quote..row,
                    source: source - 1..source + 1,
                },
                1,
                2,
            ),
            Move::SplitInQuote => (
                Step::Joined {
                    quote: quote - 1..row,
                    source: source..source + 1,
                },
                2,
                1,
            ),
            Move::Start => break,
        };
        steps.push(step);
        row -= up;
        column -= left;
    }
    steps.reverse();
    steps
}
