//! The three parts a rehearsal seat can play: what each looks for, and the words it always says.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use husting_domain::models::ModelId;

use super::reading::Reading;
use super::words;

/// Whose eyes a text is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Looks for what speaks for the thing.
    Advocate,
    /// Looks for caveats, denials and risks.
    Skeptic,
    /// Looks for numbers, conditions and steps.
    Pragmatist,
}

/// The fixed sentences of a part. Those it argues with are labelled where they stand.
pub(super) struct Lines {
    pub opening: &'static str,
    pub first_stance: &'static str,
    pub heading: &'static str,
    pub second_stance: &'static str,
    pub closing: &'static str,
    /// Said where there is no document, after the two above.
    pub without_document: [&'static str; 4],
    /// On being challenged.
    pub challenged: &'static str,
    /// On anything else the moderator holds up.
    pub asked: &'static str,
}

impl Part {
    pub(super) const ALL: [Self; 3] = [Self::Advocate, Self::Skeptic, Self::Pragmatist];

    pub(super) fn of(model: &ModelId) -> Self {
        match model.as_str() {
            "rehearsal-skeptic" => Self::Skeptic,
            "rehearsal-pragmatist" => Self::Pragmatist,
            _ => Self::Advocate,
        }
    }

    /// A lot that this part draws for `text` in this round: the same for the same prompt, another for
    /// another part.
    pub(super) fn draw(self, text: &str, reading: &Reading<'_>) -> f64 {
        let round = reading.said.len();
        let lot = words::fingerprint(&format!("{self:?} {round} {} {text}", reading.question));
        f64::from(u32::try_from(lot >> 32).unwrap_or(u32::MAX))
    }

    /// How many of this part's cues `text` gives.
    pub(super) fn leaning(self, text: &str) -> usize {
        let cues = &CUES[self as usize];
        let is_figure =
            |word: &str| self == Self::Pragmatist && word.starts_with(|c: char| c.is_ascii_digit());
        let spaced = words::lower(text)
            .into_iter()
            .filter(|word| cues.hold(word) || is_figure(word))
            .count();
        spaced
            + self
                .dense_cues()
                .iter()
                .filter(|cue| text.contains(**cue))
                .count()
    }

    /// Words that speak for this part in English, German and French; `*` stands for any ending.
    const fn cues(self) -> &'static str {
        match self {
            Self::Advocate => {
                "advantage* allow* benefit* best better cheap* clear* easi* easy efficien* enable* fast* gain* good great help* \
                 improv* mature natural* powerful proven quick* reliab* robust safe* simpl* smooth* strong* succe* support* \
                 well win* work* besser* bewähr* einfach* ermöglich* gut* schnell* stark* vorteil* zuverlässig* avantage* \
                 efficace* fiable* meilleur* permet* rapide* simple*"
            }
            Self::Skeptic => {
                "against although but cannot complex* cost* danger* difficult* downside* error* expensive fail* hard however \
                 lack* limit* lose* loss* miss* neither never no none nor not only poor* problem* rarely risk* slow* unclear \
                 unless unsafe unsupported weak* without worse wrong aber fehl* jedoch kein* langsam nachteil* nicht nie \
                 ohne problem* risik* schwer* zwar aucun* erreur* jamais mais pas problème* risque* sans seulement"
            }
            Self::Pragmatist => {
                "after always before begin* configur* day* default* each every first hour* if keep* limit* measur* minute* \
                 month* must need* next per percent plan* require* second* set should start* step* test* then until use* \
                 week* when year* danach dann erst* jede* muss müssen pro schritt* sobald sollte* tag* wenn zuerst alors \
                 avant chaque d'abord doi* ensuite jour* mesur* quand étape*"
            }
        }
    }

    /// The same for scripts without spaces between words.
    const fn dense_cues(self) -> &'static [&'static str] {
        match self {
            Self::Advocate => &[
                "可以",
                "能够",
                "优势",
                "支持",
                "简单",
                "可靠",
                "できる",
                "利点",
                "簡単",
                "強い",
            ],
            Self::Skeptic => &[
                "不",
                "没有",
                "但",
                "风险",
                "问题",
                "无法",
                "ない",
                "しかし",
                "問題",
                "リスク",
            ],
            Self::Pragmatist => &[
                "必须", "应该", "首先", "然后", "每", "如果", "必要", "まず", "場合", "べき",
            ],
        }
    }

    pub(super) const fn lines(self) -> Lines {
        match self {
            Self::Advocate => Lines {
                opening: "This is the rehearsal advocate, a seat that reads by rules and argues for going ahead.",
                first_stance: "A proposal deserves its strongest case first.",
                heading: "What can be said for it:",
                second_stance: "What already holds is the ground to build on.",
                closing: "Taken together, that is the case for going ahead.",
                without_document: [
                    "Waiting has a price too, and it is paid every day.",
                    "A decision that can be undone should be taken early.",
                    "The simplest option that meets the need is the one to begin with.",
                    "Whoever objects should name the better alternative.",
                ],
                challenged: "The challenge is taken up: the claim stands where the text bears it out, and no further.",
                asked: "The words held up here belong to the strongest part of the case.",
            },
            Self::Skeptic => Lines {
                opening: "This is the rehearsal skeptic, a seat that reads by rules and argues for caution.",
                first_stance: "The case is only as strong as the assumption nobody has checked.",
                heading: "What speaks for caution:",
                second_stance: "A limit that is known beforehand is cheaper than one found in production.",
                closing: "Until these points are answered, the question stays open.",
                without_document: [
                    "The question names options but not what would prove either of them wrong.",
                    "What worked elsewhere worked under conditions that are not stated here.",
                    "The cost of leaving an option is part of its price.",
                    "No evidence has been put before this panel yet.",
                ],
                challenged: "The challenge is fair: a doubt needs evidence as much as a claim does.",
                asked: "The words held up here rest on a condition that ought to be stated.",
            },
            Self::Pragmatist => Lines {
                opening: "This is the rehearsal pragmatist, a seat that reads by rules and asks what to do next.",
                first_stance: "A choice is good when its next step is clear and its result can be measured.",
                heading: "What can be acted on:",
                second_stance: "A small trial with a date settles more than a long comparison.",
                closing: "These are the points to put into a plan, each with an owner and a date.",
                without_document: [
                    "First write down the load, the budget and the people who will run it.",
                    "Then try both options for a week on the same data.",
                    "Measure what the users wait for and leave the rest aside.",
                    "Keep the way back open until the trial is over.",
                ],
                challenged: "The challenge is noted: the step is kept only if a trial confirms it.",
                asked: "The words held up here become useful once somebody can act on them.",
            },
        }
    }
}

static CUES: LazyLock<[Cues; 3]> = LazyLock::new(|| Part::ALL.map(Cues::of));

/// A part's cues, ready to be looked up.
struct Cues {
    words: BTreeSet<&'static str>,
    stems: BTreeSet<&'static str>,
}

impl Cues {
    fn of(part: Part) -> Self {
        let (stems, words): (Vec<_>, Vec<_>) = part
            .cues()
            .split_whitespace()
            .partition(|cue| cue.ends_with('*'));
        Self {
            words: words.into_iter().collect(),
            stems: stems
                .into_iter()
                .map(|stem| stem.trim_end_matches('*'))
                .collect(),
        }
    }

    fn hold(&self, word: &str) -> bool {
        let mut beginnings = word
            .char_indices()
            .map(|(at, c)| &word[..at + c.len_utf8()]);
        self.words.contains(word) || beginnings.any(|beginning| self.stems.contains(beginning))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_leans_to_its_own_kind_of_sentence() {
        let samples = [
            (
                Part::Advocate,
                "It is a simple, reliable and proven way that works well.",
            ),
            (
                Part::Skeptic,
                "However, it does not scale without risk, and it never did.",
            ),
            (
                Part::Pragmatist,
                "First measure 500 writes per second, then keep 30 days of logs.",
            ),
            (Part::Skeptic, "Das ist aber nicht ohne Risiko."),
            (Part::Pragmatist, "首先必须测量每秒写入次数。"),
        ];
        for (part, text) in samples {
            let best = Part::ALL
                .into_iter()
                .max_by_key(|candidate| candidate.leaning(text));
            assert_eq!(best, Some(part), "{text}");
        }
    }
}
