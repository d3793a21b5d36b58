//! Whether two words are forms of one, by plain suffix rules. What could turn a meaning is
//! no inflection here: prefixes, "-less", degrees of comparison, tenses, participles; nor is
//! anything irregular guessed.

use super::lexicon::{self, Language};

/// The shortest word that is looked at.
const SHORTEST: usize = 4;

/// Whether two different lower-case words differ in their endings only.
pub(crate) fn is_inflected(one: &str, other: &str, language: Language) -> bool {
    let plain = |word: &str| {
        word.chars().count() >= SHORTEST && word.chars().all(|c| c.is_alphabetic() || c == '\'')
    };
    if !plain(one) || !plain(other) || lexicon::is_fixed(one) || lexicon::is_fixed(other) {
        return false;
    }
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    match language {
        Language::English => is_english(short, long),
        Language::German => is_german(short, long),
        Language::French => {
            long.strip_suffix('s') == Some(short) && !short.ends_with('s') && no_apostrophe(long)
        }
        Language::Other => false,
    }
}

fn is_english(short: &str, long: &str) -> bool {
    let base = |word: &str| {
        word.strip_suffix("'s")
            .map_or_else(|| word.to_owned(), ToOwned::to_owned)
    };
    let (stem, form) = (base(short), base(long));
    if !no_apostrophe(&stem) || !no_apostrophe(&form) {
        return false;
    }
    if stem == form {
        return true;
    }
    let sibilant = ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|end| stem.ends_with(end));
    let added = match form.strip_prefix(stem.as_str()) {
        Some("s") => !sibilant,
        Some("es") => sibilant || stem.ends_with('o'),
        _ => false,
    };
    let y_to_ies =
        matches!((stem.strip_suffix('y'), form.strip_suffix("ies")), (Some(a), Some(b)) if a == b);
    added || y_to_ies
}

/// Endings of nouns and adjectives. "-er" also compares and "-te" also tells the past, so
/// neither counts; a stem that ends in "t" may be a verb's.
fn is_german(short: &str, long: &str) -> bool {
    const ENDINGS: [&str; 6] = ["en", "em", "es", "e", "n", "s"];
    let stems = |word: &str| -> Vec<String> {
        let cut = ENDINGS
            .iter()
            .filter_map(|ending| word.strip_suffix(ending));
        cut.chain([word])
            .filter(|stem| stem.chars().count() >= SHORTEST)
            .map(ToOwned::to_owned)
            .collect()
    };
    let others = stems(long);
    no_apostrophe(long)
        && stems(short)
            .iter()
            .any(|stem| !stem.ends_with('t') && others.contains(stem))
}

fn no_apostrophe(word: &str) -> bool {
    !word.contains('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_endings_are_inflection() {
        for (one, other, language) in [
            ("event", "events", Language::English),
            ("retries", "retry", Language::English),
            ("process", "processes", Language::English),
            ("team", "team's", Language::English),
            ("kleine", "kleinen", Language::German),
            ("datenbank", "datenbanken", Language::German),
            ("requête", "requêtes", Language::French),
        ] {
            assert!(is_inflected(one, other, language), "{one} {other}");
            assert!(is_inflected(other, one, language), "{other} {one}");
        }
    }

    #[test]
    fn what_may_turn_a_meaning_is_not() {
        for (one, other, language) in [
            ("able", "unable", Language::English),
            ("harm", "harmless", Language::English),
            ("fast", "faster", Language::English),
            ("faster", "fastest", Language::English),
            ("block", "blocked", Language::English),
            ("blocked", "blocking", Language::English),
            ("princes", "princess", Language::English),
            ("discus", "discuss", Language::English),
            ("hundred", "hundreds", Language::English),
            ("need", "needs", Language::English),
            ("can't", "cant", Language::English),
            ("we're", "were", Language::English),
            ("she'll", "shell", Language::English),
            ("mean", "means", Language::English),
            ("schnell", "schneller", Language::German),
            ("sagt", "sagte", Language::German),
            ("keine", "keinen", Language::German),
            ("sollte", "sollten", Language::German),
            ("sicher", "unsicher", Language::German),
            ("peut", "peuvent", Language::French),
            ("event", "events", Language::Other),
        ] {
            assert!(!is_inflected(one, other, language), "{one} {other}");
        }
    }
}
