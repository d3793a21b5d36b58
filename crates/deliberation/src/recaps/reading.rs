//! Reading what was written: whatever a model sends, only a whole summary comes out, cleaned, and it
//! names nothing that is not there.

use husting_domain::claims::ClaimMap;
use husting_domain::recaps::{RecapSection, RoundRecap, SessionSynthesis, SynthesisArc};
use serde_json::Value;

use crate::hygiene::cleaned;
use crate::tolerant;

/// Most characters of a title or a heading.
const MOST_TITLE: usize = 120;
/// Most characters of what is a sentence or two.
const MOST_SENTENCES: usize = 1_200;
/// Most characters of a body.
const MOST_BODY: usize = 8_000;
/// Most lines of an agenda, and most sections or arcs.
const MOST_PARTS: usize = 20;

/// Why a summary cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SummaryError {
    /// There is no JSON object of the form in it.
    #[error("no JSON object with \"{0}\" was found")]
    NoJson(&'static str),
    /// It is there, and lacks what every summary has.
    #[error("its \"{0}\" is missing or empty")]
    Missing(&'static str),
}

/// Reads a round's recap out of `text`; claims that are not in the round's `map` are left out.
///
/// # Errors
/// [`SummaryError`] when asking once more is worth it.
pub fn read_recap(text: &str, map: &ClaimMap) -> Result<RoundRecap, SummaryError> {
    let (fields, sections) = find(text, "sections")?;
    let sections: Vec<RecapSection> = parts(&sections, |part| section(part, map));
    Ok(RoundRecap {
        title: required(&fields, "title", title)?,
        tldr: required(&fields, "tldr", sentences)?,
        agenda: agenda(&fields),
        sections: some(sections, "sections")?,
    })
}

/// Reads a session's synthesis out of `text`; rounds other than `rounds` are left out.
///
/// # Errors
/// [`SummaryError`] when asking once more is worth it.
pub fn read_synthesis(text: &str, rounds: &[u32]) -> Result<SessionSynthesis, SummaryError> {
    let (fields, arcs) = find(text, "arcs")?;
    let arcs: Vec<SynthesisArc> = parts(&arcs, |part| arc(part, rounds));
    Ok(SessionSynthesis {
        title: required(&fields, "title", title)?,
        tldr: required(&fields, "tldr", sentences)?,
        origin: required(&fields, "origin", sentences)?,
        arcs: some(arcs, "arcs")?,
    })
}

/// The first object with a list of this name, wherever in the text it stands, and that list.
fn find(text: &str, name: &'static str) -> Result<(Value, Vec<Value>), SummaryError> {
    let found = tolerant::find(text, |value| {
        let list = value.get(name)?.as_array()?.clone();
        Some((value.clone(), list))
    });
    found.ok_or(SummaryError::NoJson(name))
}

fn section(part: &Value, map: &ClaimMap) -> Option<RecapSection> {
    Some(RecapSection {
        heading: words(part, "heading", title)?,
        body: words(part, "body", body)?,
        claim_ids: claim_ids(part, map),
    })
}

fn arc(part: &Value, rounds: &[u32]) -> Option<SynthesisArc> {
    Some(SynthesisArc {
        title: words(part, "title", title)?,
        body: words(part, "body", body)?,
        round_indexes: round_indexes(part, rounds),
    })
}

/// Ids of claims that exist, each once, in the order given; `[C3]` is `c3`.
fn claim_ids(part: &Value, map: &ClaimMap) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for given in list(part, "claim_ids").iter().filter_map(Value::as_str) {
        let bare = given.trim().trim_matches(['[', ']']).to_lowercase();
        let exists = map.claims.iter().any(|claim| claim.id == bare);
        if exists && !ids.contains(&bare) {
            ids.push(bare);
        }
    }
    ids
}

/// Rounds that exist, each once, rising.
fn round_indexes(part: &Value, rounds: &[u32]) -> Vec<u32> {
    let number = |value: &Value| match value {
        Value::String(digits) => digits.trim().parse().ok(),
        other => other.as_u64().and_then(|index| u32::try_from(index).ok()),
    };
    let given = list(part, "round_indexes").iter().filter_map(number);
    let mut indexes: Vec<u32> = given.filter(|index| rounds.contains(index)).collect();
    indexes.sort_unstable();
    indexes.dedup();
    indexes
}

fn agenda(fields: &Value) -> Vec<String> {
    let lines = list(fields, "agenda").iter().filter_map(Value::as_str);
    let lines = lines.map(title).filter(|line| !line.is_empty());
    lines.take(MOST_PARTS).collect()
}

fn parts<T>(list: &[Value], read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    list.iter().filter_map(read).take(MOST_PARTS).collect()
}

fn list<'a>(fields: &'a Value, name: &str) -> &'a [Value] {
    fields
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn some<T>(list: Vec<T>, name: &'static str) -> Result<Vec<T>, SummaryError> {
    if list.is_empty() {
        return Err(SummaryError::Missing(name));
    }
    Ok(list)
}

fn required(
    fields: &Value,
    name: &'static str,
    clean: fn(&str) -> String,
) -> Result<String, SummaryError> {
    words(fields, name, clean).ok_or(SummaryError::Missing(name))
}

fn words(fields: &Value, name: &str, clean: fn(&str) -> String) -> Option<String> {
    let text = clean(fields.get(name)?.as_str()?);
    (!text.is_empty()).then_some(text)
}

fn title(text: &str) -> String {
    bounded(&in_one_line(text), MOST_TITLE)
}

fn sentences(text: &str) -> String {
    bounded(&in_one_line(text), MOST_SENTENCES)
}

fn body(text: &str) -> String {
    bounded(cleaned(text).trim(), MOST_BODY)
}

fn in_one_line(text: &str) -> String {
    let clean = cleaned(text);
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters; what was cut ends on `…`.
fn bounded(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most - 1).collect();
    format!("{}…", cut.trim_end())
}
