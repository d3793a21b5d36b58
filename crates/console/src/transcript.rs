//! A session as Markdown, for people and for agents that read text.

use std::fmt::Write as _;

use husting_deliberation::confidence::untag_unfinished;
use husting_deliberation::steering;
use husting_domain::calls::{ClaimConfidence, SeatErrorCode};
use husting_domain::claims::{Claim, ClaimGroup, ClaimMap, Position, Reactor};
use husting_domain::models::ModelId;
use husting_domain::quotes::QuoteStatus;
use husting_domain::recaps::FailedWriter;
use husting_domain::rounds::RoundTimings;
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::recaps::{RecapView, SynthesisView};
use husting_wire::rounds::{NoClaims, RoundView};
use husting_wire::sessions::SessionView;

/// The whole session.
pub(crate) fn markdown(view: &SessionView) -> String {
    written(view, Answers::Whole)
}

/// The same for the operator, whose tags are nobody else's.
pub(crate) fn with_tags(view: &SessionView) -> String {
    let text = markdown(view);
    let tags = &view.summary.tags;
    if tags.is_empty() {
        return text;
    }
    let head = format!("# {}\n", one_line(&view.summary.title));
    let with = format!("{head}\nTags: {}\n", one_line(&tags.join(", ")));
    text.replacen(&head, &with, 1)
}

/// The session for whoever has read its answers: what they came to, and what their seats scored of them.
pub(crate) fn outcome(view: &SessionView) -> String {
    written(view, Answers::Scores)
}

/// What is written of an answer.
#[derive(Clone, Copy)]
enum Answers {
    /// All of it.
    Whole,
    /// Its scores, if it has any.
    Scores,
}

fn written(view: &SessionView, answers: Answers) -> String {
    let mut parts = Vec::new();
    if view.summary.rehearsal {
        parts.push(
            "*Rehearsal: these seats are local rules that read the document; no model was asked.*"
                .to_owned(),
        );
    }
    parts.push(format!("# {}", one_line(&view.summary.title)));
    let seats: Vec<&str> = view
        .summary
        .seats
        .iter()
        .map(|seat| seat.display_name.as_str())
        .collect();
    // The session goes by whoever steered it last.
    let first = view.rounds.first();
    let name = first.map_or(&view.moderator_name, |round| &round.moderator_name);
    let opener = steering(name.as_deref(), view.opened_by.as_deref());
    parts.push(format!(
        "Session {}, {} with {}. Moderated by {opener}. Opened {}.",
        view.summary.session_id,
        plural(view.rounds.len(), "round"),
        seats.join(", "),
        view.summary.created_at,
    ));
    if let Some(disclosure) = &view.consent.disclosure {
        parts.push(disclosure.clone());
    }
    if let Some(name) = &view.reference_name {
        parts.push(format!("Reference: {}", one_line(name)));
    }
    parts.extend(synthesis(&view.synthesis));
    parts.extend(
        view.rounds
            .iter()
            .map(|shown| round(shown, &opener, answers)),
    );
    parts.extend(view.confidence_disclaimer.clone());
    parts.join("\n\n") + "\n"
}

/// Who steers, with the key behind them: a name that anybody can give is not left to speak alone.
fn steering(name: Option<&str>, key: Option<&str>) -> String {
    match (name, key) {
        (Some(name), Some(key)) => format!("{} · {}", one_line(name), one_line(key)),
        (Some(name), None) => one_line(name),
        (None, Some(key)) => one_line(key),
        (None, None) => "You".to_owned(),
    }
}

fn synthesis(view: &SynthesisView) -> Option<String> {
    let Some(text) = &view.synthesis else {
        let why = view.failure.as_ref()?;
        return Some(format!("*No synthesis was written: {}*", one_line(why)));
    };
    let mut parts = vec![format!("## Synthesis: {}", one_line(&text.title))];
    parts.extend(written_by(
        view.model.as_ref(),
        &view.failed,
        view.failure.as_deref(),
    ));
    parts.extend([text.tldr.clone(), text.origin.clone()]);
    parts.extend(text.arcs.iter().map(|arc| {
        let rounds: Vec<String> = arc
            .round_indexes
            .iter()
            .map(|index| (index + 1).to_string())
            .collect();
        format!(
            "### {} (rounds {})\n\n{}",
            one_line(&arc.title),
            rounds.join(", "),
            arc.body
        )
    }));
    Some(parts.join("\n\n"))
}

fn recap(view: &RecapView) -> Option<String> {
    let Some(text) = &view.recap else {
        let why = view.failure.as_ref()?;
        return Some(format!("*No recap was written: {}*", one_line(why)));
    };
    let mut parts = vec![format!("### Recap: {}", one_line(&text.title))];
    parts.extend(written_by(
        view.model.as_ref(),
        &view.failed,
        view.failure.as_deref(),
    ));
    parts.push(text.tldr.clone());
    let agenda: Vec<String> = text
        .agenda
        .iter()
        .map(|point| format!("- {}", one_line(point)))
        .collect();
    if !agenda.is_empty() {
        parts.push(agenda.join("\n"));
    }
    parts.extend(text.sections.iter().map(|section| {
        let claims = if section.claim_ids.is_empty() {
            String::new()
        } else {
            format!(" ({})", section.claim_ids.join(", "))
        };
        format!(
            "#### {}{claims}\n\n{}",
            one_line(&section.heading),
            section.body
        )
    }));
    Some(parts.join("\n\n"))
}

/// Who wrote a summary, and who was to write it before and did not; or why it was not written again.
fn written_by(
    model: Option<&ModelId>,
    failed: &[FailedWriter],
    failure: Option<&str>,
) -> Option<String> {
    let model = model?;
    if let Some(why) = failure {
        let why = one_line(why);
        return Some(format!(
            "*Written by {model}. It could not be written again: {why}*"
        ));
    }
    let failed: Vec<String> = failed
        .iter()
        .map(|writer| {
            let reason = writer.code.reason_of(Some(&writer.message));
            let message = one_line(&writer.message);
            format!(" {} failed ({reason}): {message}", writer.model)
        })
        .collect();
    Some(format!("*Written by {model}.{}*", failed.concat()))
}

fn round(view: &RoundView, opener: &str, answers: Answers) -> String {
    let mut parts = vec![format!("## Round {}", view.index + 1)];
    let steerer = steering(view.moderator_name.as_deref(), view.asked_by.as_deref());
    if steerer != opener {
        parts.push(format!("Steered by {steerer}."));
    }
    if steering::is_own(&view.prompt) {
        parts.push("*Nobody wrote this prompt; Husting built it from the claim map:*".to_owned());
    }
    parts.push(quoted(&view.prompt));
    let forwarded = view.snippets.iter().map(|forwarded| {
        let comment = forwarded
            .snippet
            .comment
            .as_ref()
            .map(|comment| format!(" — {}", one_line(comment)))
            .unwrap_or_default();
        let said_by = forwarded.snippet.said_by.as_deref();
        let said_by = said_by.map_or_else(String::new, |name| format!("{} ", one_line(name)));
        let author = if forwarded.quote_status.carries_stance() {
            forwarded.snippet.quoted_model.as_str()
        } else {
            "the moderator's own words"
        };
        format!(
            "- {said_by}**{}** “{}” ({author}){comment}",
            forwarded.snippet.kind.word(),
            one_line(&forwarded.snippet.quote)
        )
    });
    let forwarded: Vec<String> = forwarded.collect();
    if !forwarded.is_empty() {
        parts.push(forwarded.join("\n"));
    }
    if view.cancelled {
        parts.push(
            "*This round was cancelled; what its seats had finished by then is kept.*".to_owned(),
        );
    }
    parts.push(headline(view));
    parts.extend(view.answers.iter().filter_map(|seat| answer(seat, answers)));
    let lost: Vec<String> = view
        .reactions
        .iter()
        .filter(|seat| seat.state == SeatState::Error)
        .map(|seat| {
            format!(
                "- {} did not react ({}): {}",
                seat.display_name,
                if seat.unreadable {
                    "could not be read"
                } else {
                    let kept = seat.error_message.as_deref();
                    seat.error_code.map_or("", |code| code.reason_of(kept))
                },
                one_line(seat.error_message.as_deref().unwrap_or_default())
            )
        })
        .collect();
    if !lost.is_empty() {
        parts.push(lost.join("\n"));
    }
    if let Some(map) = &view.claim_map {
        parts.push(claims(map, view.summary.no_claims_because));
    }
    parts.extend(recap(&view.recap));
    parts.join("\n\n")
}

/// "3 of 3 answered, 2 of 3 reacted, 14 quotes, 2 unverified, $0.31, 51.1 s", without what nobody
/// was asked for or knows.
fn headline(view: &RoundView) -> String {
    let summary = &view.summary;
    let mut text = format!("{} of {} answered", summary.answered, summary.seats);
    // Writing to a String cannot fail.
    if summary.asked_to_react > 0 {
        write!(
            text,
            ", {} of {} reacted, {}, {} unverified",
            summary.reacted,
            summary.asked_to_react,
            plural(summary.quotes as usize, "quote"),
            summary.unverified
        )
        .unwrap_or_default();
    }
    // As lists tell it: what providers are owed, also where the wallet could not pay all of it.
    write!(text, ", {}", summary.cost).unwrap_or_default();
    // Of a round that was broken off nobody may know how long it was at work.
    if summary.timings.round_ms > 0 {
        write!(text, ", {}", seconds(summary.timings.round_ms)).unwrap_or_default();
    }
    let is_mapped = view.claim_map.is_some();
    // Where nobody answered, the first phase's time is no answer's.
    let parts = (summary.answered > 0)
        .then(|| time_parts(summary.timings, view.tries.len(), is_mapped))
        .flatten();
    if let Some(parts) = parts {
        write!(text, " ({parts})").unwrap_or_default();
    }
    text
}

/// What a round's time came to: its phases, each as long as its slowest seat, and the map, which add up to it as they are
/// told. Of several tries the slowest are told, which do not.
fn time_parts(timings: RoundTimings, tries: usize, is_mapped: bool) -> Option<String> {
    let RoundTimings {
        slowest_answer_ms: answers,
        slowest_reaction_ms: reactions,
        round_ms: round,
    } = timings;
    if answers <= 0 {
        return None;
    }
    let mut parts = vec![format!("slowest answer {}", seconds(answers))];
    if reactions > 0 {
        parts.push(format!("slowest reaction {}", seconds(reactions)));
    }
    let map = TENTH * (round / TENTH - answers / TENTH - reactions / TENTH);
    if tries > 1 {
        parts.push(format!("in {tries} tries"));
    } else if is_mapped && map > 0 {
        parts.push(format!("map {}", seconds(map)));
    }
    Some(parts.join(", "))
}

/// A seat's answer, or why there is none.
fn answer(seat: &SeatCallView, answers: Answers) -> Option<String> {
    let name = &seat.display_name;
    Some(match seat.state {
        SeatState::Final => {
            let head = format!("### {name} (panelist {})", seat.letter);
            let scores = scores(&seat.claim_confidence);
            match answers {
                Answers::Whole => format!("{head}\n\n{}{}{scores}", seat.text.trim(), cut(seat)),
                Answers::Scores if scores.is_empty() => return None,
                Answers::Scores => format!("{head}{scores}"),
            }
        }
        SeatState::Error => {
            let words = one_line(seat.error_message.as_deref().unwrap_or_default());
            let head = format!("### {name} did not answer\n\n`{}`: {words}", code(seat));
            match answers {
                Answers::Whole => head + &unfinished(seat, "kept, read by no other seat"),
                Answers::Scores => match fragment(seat) {
                    None => head,
                    Some(text) => {
                        let kept = characters(&text);
                        format!("{head} ({kept} kept, read by no other seat)")
                    }
                },
            }
        }
        SeatState::Queued | SeatState::Streaming | SeatState::Absent => {
            let head = format!("### {name} is at work");
            match answers {
                Answers::Whole => head + &unfinished(seat, "so far"),
                Answers::Scores => head,
            }
        }
    })
}

/// What a seat wrote of an answer that is not whole, if anything; each line is quoted, so that none is taken for a part
/// of the transcript, and a code block that broke off in it ends with it.
fn unfinished(seat: &SeatCallView, how: &str) -> String {
    let Some(text) = fragment(seat) else {
        return String::new();
    };
    format!(
        "\n\n*Unfinished, {} {how}:*\n\n{}",
        characters(&text),
        quoted(&text)
    )
}

/// What there is of an answer, read as a whole one is: without the marks of its scores. A call that a crash ended keeps
/// them in its words.
fn fragment(seat: &SeatCallView) -> Option<String> {
    let text = untag_unfinished(&seat.text).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn characters(text: &str) -> String {
    plural(text.trim().chars().count(), "character")
}

/// That an answer is not whole.
pub(crate) fn cut(seat: &SeatCallView) -> String {
    if !seat.is_partial {
        return String::new();
    }
    let why = seat.finish_reason.as_deref().unwrap_or("length");
    let by = match seat.filtered {
        true => "provider's filter",
        false => "output cap",
    };
    format!("\n\n*Cut by the {by} ({why}).*")
}

/// What a seat scored of its own answer.
fn scores(scored: &[ClaimConfidence]) -> String {
    let lines: Vec<String> = scored
        .iter()
        .map(|claim| {
            let score = claim.score.to_decimal();
            format!("- confidence {score}: “{}”", one_line(&claim.text))
        })
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("\n\n{}", lines.join("\n"))
}

fn claims(map: &ClaimMap, none_because: Option<NoClaims>) -> String {
    let mut parts = vec!["### Claim map".to_owned()];
    for (group, name) in [
        (ClaimGroup::Contested, "Contested"),
        (ClaimGroup::Agreed, "Agreed"),
        (ClaimGroup::Open, "Open"),
    ] {
        let lines: Vec<String> = map
            .claims
            .iter()
            .filter(|claim| claim.group == group)
            .map(claim_lines)
            .collect();
        if !lines.is_empty() {
            parts.push(format!("**{name}**\n\n{}", lines.join("\n")));
        }
    }
    if let Some(why) = none_because {
        parts.push(no_claims(why).to_owned());
    }
    if !map.unverified.is_empty() {
        let lines: Vec<String> = map
            .unverified
            .iter()
            .map(|quote| {
                let state = match quote.quote_status {
                    QuoteStatus::Altered => "altered",
                    QuoteStatus::Misattributed => "their own words",
                    _ => "not found",
                };
                format!(
                    "- {} quoted {}, {state}: “{}”",
                    who(&quote.model, quote.said_by.as_deref()),
                    quote.quoted_model,
                    one_line(&quote.quote)
                )
            })
            .collect();
        parts.push(format!(
            "**Quotes not verified** (they carry no stance)\n\n{}",
            lines.join("\n")
        ));
    }
    parts.join("\n\n")
}

fn claim_lines(claim: &Claim) -> String {
    let mut text = format!(
        "- [{}] “{}” ({})",
        claim.id,
        one_line(&claim.quote),
        claim.originator
    );
    for position in &claim.positions {
        write!(
            text,
            "\n  - {} {}{}: {}",
            who(&position.model, position.said_by.as_deref()),
            position.kind.word(),
            position
                .comment_confidence
                .map(|score| format!(" (confidence {})", score.to_decimal()))
                .unwrap_or_default(),
            comment(position)
        )
        .unwrap_or_default();
    }
    text
}

/// Who reacted: a model, or the person whose words the moderator passed on.
fn who(reactor: &Reactor, said_by: Option<&str>) -> String {
    let name = said_by.filter(|_| reactor.is_moderator()).map(one_line);
    name.map_or_else(
        || reactor.as_str().to_owned(),
        |name| format!("{name} ({})", reactor.as_str()),
    )
}

/// Why somebody reacted so; a phrase that stands in for words nobody gave is marked as ours.
fn comment(position: &Position) -> String {
    let words = one_line(&position.comment);
    if position.stock_comment {
        format!("*{words}* (Husting's phrase; no comment was given)")
    } else {
        words
    }
}

/// Why there are no claims, in a sentence.
pub(crate) const fn no_claims(why: NoClaims) -> &'static str {
    match why {
        NoClaims::NobodyAnswered => "No seat answered, so there is nothing to map.",
        NoClaims::OneAnswer => "Only one seat answered, so nobody could react.",
        NoClaims::NoReactions => "Every reaction was lost.",
        NoClaims::NothingVerified => "No reaction carries a verified quote.",
        NoClaims::Cancelled => "The round was cancelled before the seats reacted.",
    }
}

fn code(seat: &SeatCallView) -> &'static str {
    seat.error_code.map_or("", SeatErrorCode::word)
}

fn quoted(text: &str) -> String {
    text.lines()
        .map(|line| format!("> {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plural(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// The unit in which times are told, in milliseconds.
const TENTH: i64 = 100;

fn seconds(millis: i64) -> String {
    format!("{}.{} s", millis / 1_000, millis % 1_000 / TENTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answers: i64, reactions: i64, round: i64, tries: usize, is_mapped: bool) -> String {
        let timings = RoundTimings {
            slowest_answer_ms: answers,
            slowest_reaction_ms: reactions,
            round_ms: round,
        };
        time_parts(timings, tries, is_mapped).unwrap_or_default()
    }

    #[test]
    fn characters_are_those_that_are_shown() {
        assert_eq!(characters(" é😀\n"), "2 characters");
    }

    #[test]
    fn the_parts_of_a_rounds_time_add_up_and_the_map_is_one_of_them() {
        // 51.1 s in all.
        assert_eq!(
            told(30_180, 19_990, 51_130, 1, true),
            "slowest answer 30.1 s, slowest reaction 19.9 s, map 1.1 s"
        );
        assert_eq!(told(30_180, 0, 30_190, 1, true), "slowest answer 30.1 s");
        assert_eq!(told(30_180, 0, 31_000, 1, false), "slowest answer 30.1 s");
        assert_eq!(
            told(30_180, 19_990, 81_130, 2, true),
            "slowest answer 30.1 s, slowest reaction 19.9 s, in 2 tries"
        );
        assert_eq!(told(0, 0, 12_000, 1, false), "");
    }
}
