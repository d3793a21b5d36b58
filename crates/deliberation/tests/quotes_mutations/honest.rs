//! Mutations that keep every word a sentence says. All must be believed, with the bytes of
//! the true words.

use husting_deliberation::quotes::QuoteStatus;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use unicode_normalization::UnicodeNormalization;

use crate::texts::{Text, is_cjk};

/// A true quote, how it was made, and what the verifier must say.
pub struct Truth {
    pub made_by: &'static str,
    pub quote: String,
    pub status: QuoteStatus,
    /// The bytes of the true words, markup at the edges aside.
    pub start: usize,
    pub end: usize,
}

/// True quotes of one sentence, each of its own kind of typography.
pub fn about(text: &Text, sentence: usize, rng: &mut ChaCha8Rng) -> Vec<Truth> {
    let range = text.sentences[sentence].clone();
    let written = text.written(sentence);
    let plain = text.plain(sentence);
    let whole = |made_by, quote, status| Truth {
        made_by,
        quote,
        status,
        start: range.start,
        end: range.end,
    };
    let mut truths = vec![whole("as written", written.to_owned(), QuoteStatus::Exact)];
    truths.extend(part(text, sentence, rng));
    let spelt = typography(&plain, rng)
        .into_iter()
        .filter(|(_, quote)| quote != written);
    truths.extend(spelt.map(|(made_by, quote)| whole(made_by, quote, QuoteStatus::Typographic)));
    truths.extend(elided(&plain, rng).map(|quote| whole("elision", quote, QuoteStatus::Elided)));
    truths
}

/// Two sentences with a harmless one left out between them.
pub fn elided_sentence(text: &Text, sentence: usize) -> Option<Truth> {
    let last = text.sentences.get(sentence + 2)?.clone();
    let first = text.sentences[sentence].clone();
    let gap = &text.body[first.end..last.start];
    let long = |at| text.plain(at).split(' ').count() > 2 || text.plain(at).contains(is_cjk);
    let prose = !gap.contains(['|', '`', '=']) && !text.plain(sentence).contains([';', '=']);
    let honest = prose && !hinges(gap) && long(sentence) && long(sentence + 2);
    honest.then(|| Truth {
        made_by: "elided sentence",
        quote: format!("{} […] {}", text.plain(sentence), text.plain(sentence + 2)),
        status: QuoteStatus::Elided,
        start: first.start,
        end: last.end,
    })
}

/// Consecutive words as written.
fn part(text: &Text, sentence: usize, rng: &mut ChaCha8Rng) -> Option<Truth> {
    let written = text.written(sentence);
    let starts: Vec<usize> = [0]
        .into_iter()
        .chain(written.match_indices(' ').map(|(at, _)| at + 1))
        .collect();
    let room = starts.len().checked_sub(3).filter(|room| *room > 0)?;
    let first = rng.random_range(0..room);
    let last = rng.random_range(first + 3..=starts.len().min(first + 8));
    let until = starts.get(last).map_or(written.len(), |next| next - 1);
    let quote = written[starts[first]..until].to_owned();
    let unclear = quote.trim() != quote
        || quote.starts_with(['|', '>', '-'])
        || quote.ends_with(['|', '-'])
        || quote.contains('\n');
    let range = text.body.find(&quote).filter(|_| !unclear)?;
    let end = range + quote.len();
    Some(Truth {
        made_by: "part as written",
        quote,
        status: QuoteStatus::Exact,
        start: range,
        end,
    })
}

/// The same words spelt with other signs.
pub fn typography(plain: &str, rng: &mut ChaCha8Rng) -> Vec<(&'static str, String)> {
    let prose = !plain.contains(['|', '{', '=', '\n']);
    let mut quotes = vec![
        ("as rendered", plain.to_owned()),
        ("curly marks", format!("“{plain}”")),
        ("straight marks", format!("\"{plain}\"")),
        ("ellipses around", format!("… {plain} ...")),
        (
            "straight quotes",
            plain.replace(['“', '”', '„'], "\"").replace('’', "'"),
        ),
        ("hyphens for dashes", plain.replace(['–', '—'], "-")),
        ("decomposed", plain.nfd().collect()),
    ];
    if !prose {
        quotes.retain(|(_, quote)| quote != plain);
        return quotes;
    }
    quotes.extend([
        ("guillemets", format!("«\u{a0}{plain}\u{a0}»")),
        ("wide spaces", plain.replace(' ', "\u{a0}")),
        ("double spaces", plain.replace(' ', "  ")),
        ("line break", plain.replacen(' ', "\n", 1)),
        ("fullwidth", plain.chars().map(fullwidth).collect()),
        (
            "ligatures",
            plain
                .replace("fi", "ﬁ")
                .replace("fl", "ﬂ")
                .replace("ff", "ﬀ"),
        ),
        ("bold", format!("**{plain}**")),
        ("bullet", format!("+ {plain}")),
        ("zero width", plain.replacen(' ', "\u{200b} ", 1)),
    ]);
    quotes.extend(soft_hyphen(plain, rng).map(|quote| ("soft hyphen", quote)));
    quotes.extend(bold_word(plain, rng).map(|quote| ("bold word", quote)));
    quotes.extend(lowered(plain).map(|quote| ("lowered capital", quote)));
    quotes.extend(spaced_cjk(plain).map(|quote| ("space beside characters", quote)));
    quotes
}

fn fullwidth(c: char) -> char {
    if c.is_ascii_alphanumeric() {
        char::from_u32(u32::from(c) + 0xfee0).unwrap()
    } else {
        c
    }
}

fn soft_hyphen(plain: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    let long = |word: &&str| word.len() > 6 && word.is_ascii();
    let word = *plain
        .split(' ')
        .filter(long)
        .collect::<Vec<_>>()
        .choose(rng)?;
    let at = rng.random_range(2..4);
    Some(plain.replacen(word, &format!("{}\u{ad}{}", &word[..at], &word[at..]), 1))
}

fn bold_word(plain: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    let long = |word: &&str| word.len() > 4 && word.chars().all(char::is_alphabetic);
    let words: Vec<&str> = plain.split(' ').filter(long).collect();
    let word = *words.choose(rng)?;
    let (head, tail) = plain.split_once(&format!(" {word} "))?;
    Some(format!("{head} **{word}** {tail}"))
}

fn lowered(plain: &str) -> Option<String> {
    let mut chars = plain.chars();
    let first = chars.next().filter(|c| c.is_uppercase())?;
    Some(first.to_lowercase().chain(chars).collect())
}

fn spaced_cjk(plain: &str) -> Option<String> {
    let unspaced = |c: char| is_cjk(c) && !('\u{ac00}'..='\u{d7a3}').contains(&c);
    let at = plain
        .char_indices()
        .find(|(_, c)| c.is_ascii_digit())
        .map(|(at, _)| at)?;
    plain[..at]
        .ends_with(unspaced)
        .then(|| format!("{} {}", &plain[..at], &plain[at..]))
}

/// Some words left out of the middle, where nothing turns on them.
fn elided(plain: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    if plain.contains(['|', '{', '=', '\n', '…']) {
        return None;
    }
    let cuts = cuts(plain);
    let pairs = cuts.len().checked_sub(1).filter(|pairs| *pairs > 0)?;
    let first = rng.random_range(0..pairs);
    let last = (first + rng.random_range(1..=4)).min(cuts.len() - 1);
    let (head, gap, tail) = (
        &plain[..cuts[first]],
        &plain[cuts[first]..cuts[last]],
        &plain[cuts[last]..],
    );
    let mark = *["…", "...", "[…]", "[...]", "(...)"].choose(rng)?;
    // A negation right behind the cut is as good as in the gap.
    let behind: String = tail.chars().take(7).filter(|c| is_cjk(*c)).collect();
    (!hinges(gap) && !hinges(&behind)).then(|| format!("{} {mark} {}", head.trim(), tail.trim()))
}

/// Where a sentence may be cut so that three words, or four characters, are left on both
/// sides and no word is cut.
pub fn cuts(plain: &str) -> Vec<usize> {
    let spaces: Vec<usize> = plain.match_indices(' ').map(|(at, _)| at).collect();
    if !plain.contains(is_cjk) || spaces.len() > 3 {
        let inner = spaces.len().saturating_sub(2);
        return spaces.get(2..inner).unwrap_or_default().to_vec();
    }
    let particle = |c: char| "はをに的在把".contains(c);
    let cut = plain
        .char_indices()
        .filter(|(_, c)| particle(*c))
        .map(|(at, c)| at + c.len_utf8());
    cut.filter(|at| plain[..*at].chars().count() > 3 && plain[*at..].chars().count() > 4)
        .collect()
}

/// Whether leaving a stretch out could turn a meaning: a wide guess of this test's own.
fn hinges(gap: &str) -> bool {
    const WORDS: &str = " not no never cannot isn’t don’t nobody nothing without rarely only if unless until none \
        nicht kein keine nie niemand ohne selten nur wenn solange bis bevor \
        ne n’a n’avait n’est pas jamais aucune personne sans que si rarement ";
    const UNSPACED: [&str; 9] = [
        "不",
        "没",
        "只",
        "しか",
        "ません",
        "のみ",
        "なけ",
        "없",
        "않",
    ];
    let words = gap.split(|c: char| !(c.is_alphanumeric() || c == '’'));
    words
        .filter(|word| !word.is_empty())
        .any(|word| WORDS.contains(&format!(" {} ", word.to_lowercase())))
        || UNSPACED.iter().any(|negation| gap.contains(negation))
}

/// Harmless grammar: at best snapped, and never with other words than the true ones.
pub fn grammar(text: &Text, sentence: usize) -> Vec<Truth> {
    let range = text.sentences[sentence].clone();
    let plain = text.plain(sentence);
    let mut quotes = vec![("shouted", plain.to_uppercase())];
    let exchanged: &[(&str, &str, &str)] = &[
        ("article", " the ", " a "),
        ("article", " a ", " the "),
        ("article", " a ", " "),
        ("article", " the ", " "),
        ("article", " eine ", " die "),
        ("article", " den ", " einen "),
        ("article", " le ", " un "),
        ("article", " les ", " des "),
        ("comma", ", ", " "),
        ("semicolon", "; ", ", "),
    ];
    for (made_by, from, to) in exchanged {
        quotes.extend(
            plain
                .contains(from)
                .then(|| (*made_by, plain.replacen(from, to, 1))),
        );
    }
    quotes.extend(
        plain
            .strip_suffix('.')
            .map(|said| ("exclamation", format!("{said}!"))),
    );
    quotes.extend(inflected(&plain).map(|quote| ("inflection", quote)));
    let truths = quotes
        .into_iter()
        .filter(|(_, quote)| *quote != plain && !plain.contains(is_cjk));
    truths
        .map(|(made_by, quote)| Truth {
            made_by,
            quote,
            status: QuoteStatus::Snapped,
            start: range.start,
            end: range.end,
        })
        .collect()
}

/// The first long lower-case word with an "s" put on or taken off.
fn inflected(plain: &str) -> Option<String> {
    let word = plain
        .split(' ')
        .skip(1)
        .find(|word| word.len() > 5 && word.bytes().all(|c| c.is_ascii_lowercase()))?;
    let other = word
        .strip_suffix('s')
        .map_or_else(|| format!("{word}s"), ToOwned::to_owned);
    Some(plain.replacen(word, &other, 1))
}
