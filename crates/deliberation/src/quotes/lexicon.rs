//! Words that carry a statement's truth and may therefore never be changed, dropped or
//! jumped over: negations, conditions, quantities, modal verbs, units and dates, in the
//! languages the verifier reads closely. All lists are lower case.

/// Languages whose articles and endings are known; others must match word for word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
    French,
    Other,
}

impl Language {
    /// The language most of these lower-case words speak for; ties and silence are `Other`.
    pub fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut votes = [0_usize; 3];
        for word in words {
            for (vote, list) in votes.iter_mut().zip([ENGLISH, GERMAN, FRENCH]) {
                *vote += usize::from(list.contains(&word));
            }
        }
        let most = votes.iter().copied().max().unwrap_or_default();
        let mut winners = [Self::English, Self::German, Self::French]
            .into_iter()
            .zip(votes)
            .filter(|(_, v)| *v == most);
        match (most, winners.next(), winners.next()) {
            (1.., Some((language, _)), None) => language,
            _ => Self::Other,
        }
    }

    /// Whether a word is an article that may come or go.
    pub fn is_article(self, word: &str) -> bool {
        self == Self::English && matches!(word, "a" | "an" | "the")
    }

    /// Whether one article may stand for the other. In German and French only the definite
    /// and indefinite forms of one case, gender and number: "der" for "den" turns a sentence
    /// round.
    pub fn same_article(self, one: &str, other: &str) -> bool {
        let pairs: &[(&str, &str)] = match self {
            Self::English => return self.is_article(one) && self.is_article(other),
            Self::German => &[
                ("der", "ein"),
                ("der", "einer"),
                ("die", "eine"),
                ("das", "ein"),
                ("den", "einen"),
                ("dem", "einem"),
                ("des", "eines"),
            ],
            Self::French => &[("le", "un"), ("la", "une"), ("les", "des")],
            Self::Other => &[],
        };
        pairs
            .iter()
            .any(|pair| *pair == (one, other) || *pair == (other, one))
    }
}

#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "the", "of", "and", "to", "is", "are", "that", "for", "with", "it", "by", "we", "this", "a",
    "be", "or", "from", "has", "have", "its", "our", "they", "when", "at", "as", "i",
];
#[rustfmt::skip]
const GERMAN: &[&str] = &[
    "der", "die", "das", "und", "ist", "nicht", "ein", "eine", "den", "dem", "im", "mit", "auf",
    "für", "von", "zu", "wird", "sind", "wir", "bei", "auch", "über", "einen", "zur", "zum", "es",
    "keine", "kein",
];
#[rustfmt::skip]
const FRENCH: &[&str] = &[
    "le", "la", "les", "et", "est", "une", "un", "dans", "pour", "que", "qui", "du", "par", "des",
    "sur", "pas", "ne", "il", "nous", "avec", "sans", "au", "ce", "trop", "être", "sont",
];

#[rustfmt::skip]
const NEGATIONS: &[&str] = &[
    // English
    "not", "no", "non", "never", "none", "nothing", "nobody", "nowhere", "neither", "nor", "cannot",
    "without", "hardly", "barely", "scarcely", "rarely", "seldom", "unable", "impossible", "nope",
    // German
    "nicht", "nichts", "nie", "niemals", "niemand", "niemanden", "niemandem", "niemandes", "nimmer",
    "nirgends", "nirgendwo", "nein", "weder", "ohne", "kaum", "keineswegs", "keinesfalls",
    "mitnichten", "unmöglich",
    // French
    "ne", "pas", "jamais", "aucun", "aucune", "rien", "ni", "sans", "nul", "nulle", "guère",
    // Korean
    "안", "못", "아니",
    // Spanish, Italian, Portuguese
    "nunca", "ningún", "ninguno", "ninguna", "nada", "nadie", "jamás", "tampoco", "sin",
    "imposible", "nessun", "nessuno", "nessuna", "niente", "nulla", "neanche", "neppure", "nemmeno",
    "senza", "impossibile", "não", "nem", "nenhum", "nenhuma", "ninguém", "tampouco", "sem",
    "impossível",
];

/// "-n't" without its apostrophe.
#[rustfmt::skip]
const UNMARKED_NEGATIONS: &[&str] = &[
    "cant", "wont", "dont", "isnt", "doesnt", "didnt", "arent", "wasnt", "werent", "shouldnt",
    "couldnt", "wouldnt", "mustnt", "neednt", "hasnt", "havent", "hadnt", "aint",
];

#[rustfmt::skip]
const UNSPACED_NEGATIONS: &[&str] = &[
    "不", "没", "沒", "無", "无", "未", "非", "勿", "别", "別", "ない", "なかっ", "なく", "なけ", "なし", "ません", "ずに",
    "않", "없", "못하", "못한", "못할", "못합", "못해", "못했", "아니", "아닌", "아닙", "말아", "말고", "마세요", "불가능",
    "せず", "できず", "られず",
];

#[rustfmt::skip]
const UNSPACED_CONDITIONS: &[&str] = &[
    "除非", "只有", "只要", "如果", "若", "仅", "僅", "限り", "のみ", "だけ", "場合", "以外", "경우", "만약", "때만",
];

#[rustfmt::skip]
const ENGLISH_CONDITIONS: &[&str] = &[
    "unless", "only", "if", "except", "until", "provided", "assuming",
];

#[rustfmt::skip]
const GERMAN_CONDITIONS: &[&str] = &[
    "außer", "nur", "wenn", "falls", "sofern", "solange", "soweit", "bis",
];

#[rustfmt::skip]
const FRENCH_CONDITIONS: &[&str] = &[
    "sauf", "si", "s'il", "s'ils", "seulement", "uniquement", "excepté", "hormis", "sinon",
];

#[rustfmt::skip]
const QUANTITIES: &[&str] = &[
    // How much, how often, how surely
    "all", "every", "each", "any", "some", "most", "many", "much", "few", "fewer", "less", "least",
    "more", "several", "both", "either", "half", "only", "always", "often", "sometimes", "usually",
    "mostly", "almost", "nearly", "little", "lot", "lots", "majority", "minority", "same", "other",
    "others", "seul", "seule", "seuls", "seules", "alle", "allen", "aller", "alles", "jede",
    "jeden", "jeder", "jedes", "jedem", "einige", "einigen", "viele", "vielen", "vieler", "wenige",
    "wenigen", "manche", "manchen", "mehr", "meist", "meisten", "immer", "oft", "beide", "beiden",
    "halb", "halbe", "tout", "toute", "tous", "toutes", "chaque", "plusieurs", "certain",
    "certains", "certaine", "certaines", "peu", "beaucoup", "plupart", "moins", "plus", "toujours",
    "souvent",
    // Numbers
    "one", "ones", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    "hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "billions",
    "dozen", "dozens", "once", "twice", "double", "doubles", "triple", "triples", "first", "second",
    "seconds", "third", "thirds", "fourth", "fourths", "quarter", "quarters", "tenth", "tenths",
    "percent", "times", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    "hundert", "hunderte", "hunderten", "tausend", "tausende", "tausenden", "millionen",
    "erste", "ersten", "erstes", "zweite", "zweiten", "zweites", "dritte", "dritten", "drittes",
    "deux", "trois", "quatre", "cinq", "sept", "huit", "neuf", "cent", "cents", "mille", "milliers",
    "premier", "premiers",
];

#[rustfmt::skip]
const MODALS: &[&str] = &[
    "may", "might", "must", "can", "could", "shall", "should", "will", "would", "need", "needs",
    "ought", "dare", "kann", "können", "könnte", "könnten", "muss", "muß", "müssen", "müsste",
    "müssten", "musste", "mussten", "soll", "sollen", "sollte", "sollten", "darf", "dürfen",
    "dürfte", "dürften", "wird", "werden", "würde", "würden", "mag", "möchte", "möchten", "wäre",
    "wären", "hätte", "hätten", "doit", "doivent", "peut", "peuvent", "devrait", "devrais",
    "devraient", "pourrait", "pourrais", "pourraient", "faut", "faudrait",
];

#[rustfmt::skip]
const UNITS_AND_DATES: &[&str] = &[
    "ms", "ns", "µs", "us", "s", "min", "h", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib",
    "byte", "bytes", "bit", "bits", "kbit", "mbit", "gbit", "hz", "khz", "mhz", "ghz", "km", "cm",
    "mm", "kg", "mg", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month",
    "months", "year", "years", "dollar", "dollars", "euro", "euros", "pound", "pounds", "sekunde",
    "sekunden", "minuten", "stunde", "stunden", "tag", "tage", "tagen", "woche", "wochen", "monat",
    "monate", "monaten", "jahr", "jahre", "jahren", "seconde", "secondes", "heure", "heures",
    "jour", "jours", "semaine", "semaines", "mois", "january", "february", "march", "april", "june",
    "july", "august", "september", "october", "november", "december", "januar", "februar", "märz",
    "mai", "juni", "juli", "oktober", "dezember", "janvier", "février", "mars", "avril", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre", "monday", "mondays",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "yesterday",
    "tomorrow",
];

/// Plain words whose "s" makes another word of them.
#[rustfmt::skip]
const FALSE_PLURALS: &[&str] = &[
    "mean", "means", "good", "goods", "custom", "customs", "news", "lets",
];

/// Words that mean something else with a capital.
const NAMED_BY_CASE: &[&str] = &["may", "march", "mark", "will", "turkey", "polish", "china"];

/// Whether a lower-case word denies.
pub(crate) fn is_negation(word: &str) -> bool {
    NEGATIONS.contains(&untied(word))
        || word.ends_with("n't")
        || UNMARKED_NEGATIONS.contains(&word)
        || word.starts_with("n'")
        || word.starts_with("kein")
        || ["않", "없", "못하", "아니"]
            .iter()
            .any(|stem| word.contains(stem))
}

/// A lower-case word without what French ties to its front ("qu'", "d'").
pub(crate) fn untied(word: &str) -> &str {
    word.split_once('\'').map_or(word, |(_, rest)| rest)
}

/// Where text denies without a word of its own, as Chinese and Japanese do.
pub(crate) fn unspaced_negations(text: &str) -> impl Iterator<Item = usize> {
    const HARMLESS: [&str; 6] = ["非常", "未来", "未來", "别的", "別の", "無料"];
    UNSPACED_NEGATIONS
        .iter()
        .flat_map(move |negation| text.match_indices(negation))
        .map(|(at, _)| at)
        .filter(move |at| !HARMLESS.iter().any(|word| text[*at..].starts_with(word)))
}

/// Whether a lower-case word limits what is said; in an unknown language, whether it would
/// in any known one.
pub(crate) fn is_condition(word: &str, language: Language) -> bool {
    let lists: &[&[&str]] = match language {
        Language::English => &[ENGLISH_CONDITIONS],
        Language::German => &[GERMAN_CONDITIONS],
        Language::French => &[FRENCH_CONDITIONS],
        Language::Other => &[ENGLISH_CONDITIONS, GERMAN_CONDITIONS, FRENCH_CONDITIONS],
    };
    lists.iter().any(|list| list.contains(&word))
}

/// Where text limits what it says without a word of its own.
pub(crate) fn unspaced_conditions(text: &str) -> impl Iterator<Item = usize> {
    UNSPACED_CONDITIONS
        .iter()
        .flat_map(move |condition| text.match_indices(condition))
        .map(|(at, _)| at)
}

/// Whether text turns to another side of the matter.
pub(crate) fn contrasts(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "but", "while", "whereas", "although", "though", "however", "yet", "aber", "während",
        "obwohl", "sondern", "mais", "tandis", "alors", "quoique", "pourtant",
    ];
    const UNSPACED: [&str; 8] = ["但", "而", "却", "然而", "しかし", "けど", "하지만", "지만"];
    UNSPACED.iter().any(|word| text.contains(word))
        || text
            .split(|c: char| !c.is_alphabetic())
            .any(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

/// Whether a lower-case word counts or measures how much of something is meant.
pub(crate) fn is_quantity(word: &str) -> bool {
    QUANTITIES.contains(&word) || word.starts_with(|c: char| c.is_numeric())
}

/// Whether a lower-case word is a unit or a date.
pub(crate) fn is_unit_or_date(word: &str) -> bool {
    UNITS_AND_DATES.contains(&word)
}

/// Whether a lower-case word must stand as it was said, ending included.
pub(crate) fn is_fixed(word: &str) -> bool {
    is_negation(word)
        || is_condition(word, Language::Other)
        || is_quantity(word)
        || is_unit_or_date(word)
        || MODALS.contains(&word)
        || FALSE_PLURALS.contains(&word)
}

/// Whether a lower-case word may be a name when it is capitalised.
pub(crate) fn is_named_by_case(word: &str) -> bool {
    NAMED_BY_CASE.contains(&word)
}
