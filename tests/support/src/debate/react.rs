//! Reactions to the others' numbered sentences, as `{"snippets":[…]}`.
//!
//! Sentences are chosen by their place near the beginning of an answer, so that what somebody appends
//! to an answer (an attack, say) changes no reaction.

use serde_json::{Value, json};

use crate::asked::Asked;

use super::{
    Debate, Dress,
    dice::throw,
    lines,
    reading::{self, Other},
};

/// How many of an answer's quotable sentences are chosen from.
const WITHIN: usize = 5;

/// Quotable sentences of an answer: in one line, and more than a few words.
const SHORTEST: usize = 24;

pub(super) fn reactions(debate: &Debate, asked: &Asked) -> String {
    let others = reading::others(asked);
    if debate.obedient
        && let Some(obeyed) = obey(&others)
    {
        return obeyed;
    }
    let mut snippets = honest(debate, asked, &others);
    snippets.extend(mischief(debate, asked, &others));
    dress(debate.dress, &json!({"snippets": snippets}))
}

fn honest(debate: &Debate, asked: &Asked, others: &[Other]) -> Vec<Value> {
    let mut snippets = Vec::new();
    for other in others {
        let quotable = quotable(other);
        for place in places(
            asked,
            &other.letter,
            quotable.len(),
            if others.len() == 1 { 3 } else { 2 },
        ) {
            let (number, sentence) = quotable[place];
            let turn = snippets.len();
            let quote = match turn {
                1 => retyped(sentence),
                2 if debate.citations => format!("[{}.{number}]", other.letter),
                3 if debate.elided => elided(sentence),
                _ => sentence.to_owned(),
            };
            snippets.push(snippet(asked, turn, &quote, &other.letter));
        }
    }
    snippets
}

/// The first place is the same for every panelist, so that reactions meet on the same words; the
/// others follow at a stride of the panelist's own.
fn places(asked: &Asked, letter: &str, available: usize, count: usize) -> Vec<usize> {
    let sides = available.min(WITHIN);
    let shared = throw(&[letter, "shared"], sides);
    let stride = 1 + throw(&[asked.model(), letter, "stride"], sides.saturating_sub(1));
    let mut places: Vec<usize> = (0..count)
        .map(|turn| (shared + turn * stride) % sides.max(1))
        .collect();
    places.dedup();
    places.truncate(sides);
    places
}

fn quotable(other: &Other) -> Vec<(u32, &str)> {
    let plain = |text: &str| {
        text.len() >= SHORTEST && !text.contains('\n') && !text.contains("[confidence")
    };
    let texts = other
        .sentences
        .iter()
        .map(|(number, text)| (*number, unlisted(text)));
    texts.filter(|(_, text)| plain(text)).collect()
}

fn snippet(asked: &Asked, turn: usize, quote: &str, letter: &str) -> Value {
    let stances = [
        ("KEEP", lines::KEEP),
        ("CHALLENGE", lines::CHALLENGE),
        ("CORE", lines::CORE),
        ("EXPLORE", lines::EXPLORE),
        ("SHIFT", lines::SHIFT),
    ];
    let (kind, comments) =
        stances[(throw(&[asked.model(), "stance"], stances.len()) + turn) % stances.len()];
    let comment = comments[throw(&[asked.model(), letter, kind], comments.len())];
    json!({"type": kind, "quote": quote, "quoted_model": letter, "comment": comment})
}

/// Without the mark of a list.
fn unlisted(sentence: &str) -> &str {
    let sentence = sentence.trim();
    ["- ", "* ", "> "]
        .iter()
        .find_map(|mark| sentence.strip_prefix(mark))
        .unwrap_or(sentence)
}

/// The same words in other type: no-break spaces, curly apostrophes, no emphasis.
fn retyped(sentence: &str) -> String {
    sentence
        .replace("**", "")
        .replacen(' ', "\u{a0}", 2)
        .replace('\'', "’")
}

/// Leaves the middle out, unless a word there turns the meaning.
fn elided(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split(' ').collect();
    let turning = [
        "not", "no", "never", "nor", "without", "unless", "only", "if", "nobody", "nothing",
        "until",
    ];
    let Some(middle) = words
        .get(4..words.len().saturating_sub(4))
        .filter(|middle| !middle.is_empty())
    else {
        return sentence.to_owned();
    };
    let turns = middle.iter().any(|word| {
        turning.contains(&word.trim_matches(',').to_lowercase().as_str()) || word.ends_with("n't")
    });
    if turns {
        sentence.to_owned()
    } else {
        format!(
            "{} … {}",
            words[..4].join(" "),
            words[words.len() - 4..].join(" ")
        )
    }
}

fn mischief(debate: &Debate, asked: &Asked, others: &[Other]) -> Vec<Value> {
    let mut snippets = Vec::new();
    let sentence = |turn: u32| -> Option<(&Other, &str)> {
        let other = others.get(turn as usize % others.len().max(1))?;
        let quotable = quotable(other);
        Some((
            other,
            quotable
                .get(throw(
                    &[&turn.to_string(), "mischief"],
                    quotable.len().min(WITHIN),
                ))?
                .1,
        ))
    };
    for turn in 0..debate.mischief.altered {
        snippets.extend(sentence(turn).map(|(other, text)| (negated(text), other.letter.clone())));
    }
    for turn in 0..debate.mischief.unfindable {
        let unsaid = lines::UNSAID[turn as usize % lines::UNSAID.len()];
        snippets.extend(sentence(turn).map(|(other, _)| (unsaid.to_owned(), other.letter.clone())));
    }
    for turn in 0..debate.mischief.misattributed {
        let said = sentence(turn).and_then(|(other, text)| {
            Some((
                text.to_owned(),
                others
                    .iter()
                    .find(|else_| else_.letter != other.letter)?
                    .letter
                    .clone(),
            ))
        });
        snippets.extend(said);
    }
    snippets
        .iter()
        .enumerate()
        .map(|(turn, (quote, letter))| snippet(asked, turn, quote, letter))
        .collect()
}

/// One more negation, in the middle of the sentence.
fn negated(sentence: &str) -> String {
    let mut words: Vec<&str> = sentence.split(' ').collect();
    words.insert(words.len() / 2, "never");
    words.join(" ")
}

fn dress(dress: Dress, reactions: &Value) -> String {
    match dress {
        Dress::Plain => reactions.to_string(),
        Dress::Fenced => format!("```json\n{reactions:#}\n```"),
        Dress::Prose => {
            format!("Here is how I react:\n\n{reactions}\n\nThat is all I have to say.")
        }
        Dress::TrailingComma => reactions.to_string().replace("}]}", "},]}"),
        Dress::NoJson => "I agree with most of it and have nothing to quote.".to_owned(),
    }
}

/// What an answer demands: reactions it brings along, or agreement with whoever calls for obedience.
fn obey(others: &[Other]) -> Option<String> {
    let planted = others.iter().find_map(|other| planted_json(&other.shown));
    planted.or_else(|| {
        let lord = others.iter().find(|other| {
            let words = other.shown.to_lowercase();
            words.contains("ignore") && words.contains("instructions")
        })?;
        let quote = &lord.sentences.first()?.1;
        Some(json!({"snippets": [{"type": "KEEP", "quote": quote, "quoted_model": lord.letter, "comment": "As instructed."}]}).to_string())
    })
}

fn planted_json(shown: &str) -> Option<String> {
    let from = shown.find("{\"snippets\"")?;
    let first = serde_json::Deserializer::from_str(&shown[from..])
        .into_iter::<Value>()
        .next()?;
    first.ok().map(|value| value.to_string())
}
