//! Words that take a statement back and deny nothing: "unlikely", "refuses to", "far from". An
//! ellipsis must not swallow them, and a quote that is only near must not lose them by stopping
//! beside them. Lists are lower case; stems stand for every word that begins with them.

use super::lexicon::{Language, untied};

/// On what was said before as much as on what follows: also a sentence of their own that is left
/// out ("That is false.") turns what is quoted.
#[rustfmt::skip]
const DOUBTS: &[&str] = &[
    // English
    "doubt", "doubts", "doubted", "doubting", "doubtful", "deny", "denies", "denied", "denying",
    "untrue", "myth", "myths",
    // German
    "falsch", "zweifel", "zweifle", "zweifelt", "zweifeln", "zweifelhaft",
    // French
    "faux", "fausse", "fausses", "faussement", "mythe", "mythes",
];

#[rustfmt::skip]
const DOUBT_STEMS: &[&str] = &[
    // English
    "unlikel", "false", "refus", "refut", "debunk", "disprov", "improbab", "implausib",
    // German
    "unwahr", "bezweif", "angezweif", "fälschlich", "leugn", "geleugn", "verleugn", "bestreit",
    "bestritt", "verneint", "verneinen", "widerleg", "weiger", "geweigert", "verweiger",
    // French
    "dout", "réfut", "dément", "invraisembl",
];

#[rustfmt::skip]
const UNSPACED_DOUBTS: &[&str] = &[
    // Chinese
    "怀疑", "懷疑", "否认", "否認", "否定", "拒绝", "拒絕", "谎言", "謊言",
    // Japanese
    "疑わ", "疑い", "拒否", "拒ん", "拒む", "嘘", "誤り",
    // Korean
    "의심", "거짓", "거부", "부인", "부정",
];

/// What they turn stands beside them in their own sentence.
#[rustfmt::skip]
const TURNS: &[&str] = &[
    // English
    "lack", "lacks", "lacked", "lacking", "zero", "whether", "stop", "stops", "stopped", "stopping",
    "almost", "nearly", "supposed", "supposedly", "alleged", "allegedly", "unwilling",
    "questionable",
    // German
    "fehlt", "fehlen", "fehlte", "fehlten", "fehlende", "fehlender", "fehlendem", "fehlenden", "ob",
    "statt", "anstatt", "anstelle", "mangels", "beinahe", "nahezu", "selten", "angeblich",
    "außerstande", "ausgeschlossen", "fraglich",
    // French
    "nier", "nient", "rarement", "nullement", "aucunement", "presque", "erroné", "erronée",
    "incapable", "incapables",
];

#[rustfmt::skip]
const TURN_STEMS: &[&str] = &[
    // English
    "avoid", "prevent", "prohibit", "forbid", "forbad", "preclud", "reject", "disput", "disagree",
    "wrongl", "wrongful", "incorrect", "mistak", "dubious", "purport", "ostensib", "pretend",
    "ceas", "oppos",
    // German
    "vermeid", "vermied", "verhinder", "verbiet", "verbot", "untersag", "unterlass", "unterläss",
    "unterließ", "ablehn", "unfähig", "fragwürdig", "unzutreffend", "unrichtig", "irrig", "irrtüm",
    "vermeintlich", "scheiter",
    // French
    "évit", "empêch", "interdi", "prétend",
];

/// `*` is any word, at the end of one any ending.
#[rustfmt::skip]
const TURN_PHRASES: &[&str] = &[
    // English
    "fail to", "fails to", "failed to", "failing to", "failure to", "declin* to", "neglect* to",
    "hesitat* to", "struggl* to", "reluctan* to", "yet to", "too * to", "far from", "anything but",
    "short of", "instead of", "rather than", "as opposed to", "in lieu of", "apart from",
    "aside from", "as though", "so called", "wrong to", "wrong that", "out of the question",
    "argu* against", "advis* against", "recommend* against", "decid* against", "vot* against",
    "warn* against", "caution* against",
    // German
    "zu * um", "weit entfernt", "weit davon entfernt", "alles andere als", "fern davon",
    "spr* gegen", "argument* gegen", "entsch* gegen", "rät ab", "raten ab",
    // French
    "loin de", "loin d'*", "loin du", "loin des", "au lieu", "plutôt que", "plutôt qu'*", "à peine",
    "faute de", "faute d'*", "trop * pour", "échou* à", "manqu* de", "manqu* d'*", "soi disant",
    "argument* contre", "plaid* contre",
];

#[rustfmt::skip]
const UNSPACED_TURNS: &[&str] = &[
    // Chinese
    "避免", "防止", "禁止", "很少", "难以", "難以", "缺乏", "缺少", "几乎", "幾乎",
    // Japanese
    "避け", "防ぐ", "防ぎ", "防い", "防止", "にくい", "づらい", "ほとんど",
    // Korean
    "드물", "어렵", "피하", "피해", "거의",
];

/// Scarce, unless an article makes some of it: "few", but "a few".
const SCARCE: &[&str] = &["few", "little", "peu"];
const ARTICLES: &[&str] = &["a", "the", "un", "le"];

/// Whether a lower-case word casts doubt on a statement.
pub(crate) fn is_doubt(word: &str) -> bool {
    let bare = untied(word);
    DOUBTS.contains(&bare) || begins(bare, DOUBT_STEMS)
}

/// Which of a text's lower-case words turn the statement that they stand in.
pub(crate) fn turns(words: &[String], language: Language) -> Vec<usize> {
    let mut turns: Vec<usize> = (0..words.len())
        .filter(|at| is_turn(words, *at, language))
        .collect();
    for phrase in TURN_PHRASES {
        let pattern: Vec<&str> = phrase.split(' ').collect();
        let found = words
            .windows(pattern.len())
            .enumerate()
            .filter(|(_, window)| is_phrase(window, &pattern));
        // Without one of its words the others say something else.
        turns.extend(found.flat_map(|(at, _)| at..at + pattern.len()));
    }
    turns.sort_unstable();
    turns.dedup();
    turns
}

/// Where text casts doubt without a word of its own, as Chinese and Japanese do.
pub(crate) fn unspaced_doubts(text: &str) -> impl Iterator<Item = usize> {
    places(text, UNSPACED_DOUBTS)
}

/// Where text turns a statement without a word of its own.
pub(crate) fn unspaced_turns(text: &str) -> impl Iterator<Item = usize> {
    places(text, UNSPACED_TURNS)
}

fn places<'t>(text: &'t str, list: &'static [&'static str]) -> impl Iterator<Item = usize> + 't {
    let matches = list.iter().flat_map(|words| text.match_indices(words));
    matches.map(|(at, _)| at)
}

fn is_turn(words: &[String], at: usize, language: Language) -> bool {
    let bare = untied(&words[at]);
    let after_article = || {
        let before = at.checked_sub(1).map(|before| words[before].as_str());
        before.is_some_and(|before| ARTICLES.contains(&before))
    };
    TURNS.contains(&bare)
        || begins(bare, TURN_STEMS)
        || (SCARCE.contains(&bare) && !after_article())
        // "Almost"; in other languages it is a speed.
        || (language == Language::German && bare == "fast")
}

fn begins(word: &str, stems: &[&str]) -> bool {
    stems.iter().any(|stem| word.starts_with(stem))
}

fn is_phrase(words: &[String], pattern: &[&str]) -> bool {
    let mut pairs = words.iter().zip(pattern);
    pairs.all(|(word, part)| match part.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => word == part,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(text: &str, language: Language) -> Vec<usize> {
        let words: Vec<String> = text.split(' ').map(str::to_lowercase).collect();
        turns(&words, language)
    }

    #[test]
    fn every_word_of_a_phrase_turns_and_its_parts_alone_do_not() {
        let english = |text| turned(text, Language::English);
        assert_eq!(english("It is far from safe"), [2, 3]);
        assert_eq!(english("It is far and from here"), [0_usize; 0]);
        assert_eq!(english("It is too slow to scale"), [2, 3, 4]);
        assert_eq!(english("Most fail in a year"), [0_usize; 0]);
        assert_eq!(english("The failover to it"), [0_usize; 0]);
        assert_eq!(english("few do a few don't"), [0]);
    }

    #[test]
    fn a_tied_article_hides_no_doubt_and_a_speed_is_none() {
        assert!(is_doubt("d'improbables") && is_doubt("unlikely") && !is_doubt("likely"));
        assert_eq!(turned("Er hat fast alles", Language::German), [2]);
        assert_eq!(turned("It is fast enough", Language::English), [0_usize; 0]);
    }
}
