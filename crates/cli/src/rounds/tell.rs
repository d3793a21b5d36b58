//! What is told of a round while it runs.

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};

use husting_domain::calls::{Purpose, SeatErrorCode};
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::rounds::Phase;
use husting_wire::answers::{RetryNote, SeatCallView, SeatState};
use husting_wire::events::{Envelope, Event};
use husting_wire::rounds::RoundView;

use crate::exit::Failure;
use crate::output;
use crate::output::words::{plain, shortened, took, word};

/// Characters of a provider's own words that a line has; the transcript has them all.
const MOST_WORDS: usize = 120;

/// What Markdown writes around words that are said with weight.
const EMPHASIS: &str = "**";

/// How a round is told.
pub enum Tell {
    /// Not at all: a script reads.
    Nothing,
    /// What stands in its way, to whoever reads standard error later.
    Faults,
    /// What ends, a line each, to the person at the terminal.
    Progress(Seen),
    /// The answers themselves, whole lines, each with its seat before it.
    Words(Seen, Open),
    /// Every event as one line of JSON.
    Events,
}

/// Words that no line has ended yet. Of each round its own: a recap changes the round before while this one is said.
type Open = HashMap<(RoundId, ModelId), String>;

/// What was told already.
#[derive(Default)]
pub struct Seen {
    states: HashMap<(u32, ModelId, Purpose), SeatState>,
    /// Which try a seat waits for.
    tries: HashMap<(u32, ModelId, Purpose), u32>,
    phases: HashMap<u32, Phase>,
}

impl Tell {
    /// The way that fits what was asked for and where it is read.
    #[must_use]
    pub fn fitting(follow: bool, json: bool) -> Self {
        match (follow, json) {
            (true, true) => Self::Events,
            (true, false) => Self::Words(Seen::default(), HashMap::new()),
            (false, false) if io::stderr().is_terminal() => Self::Progress(Seen::default()),
            (false, true) => Self::Nothing,
            (false, false) => Self::Faults,
        }
    }

    /// Says what no event tells. A script hears it from the command's end.
    pub(super) fn aside(&self, sentence: &str) {
        if !matches!(self, Self::Nothing | Self::Events) {
            eprintln!("husting: {sentence}");
        }
    }

    pub(super) fn event(&mut self, session: SessionId, envelope: &Envelope) -> Result<(), Failure> {
        if session_of(&envelope.event) != Some(session) {
            return Ok(());
        }
        match (self, &envelope.event) {
            (Self::Events, _) => output::json_line(envelope),
            (Self::Progress(seen), Event::RoundChanged { round }) => {
                let lines = seen.news(round);
                // Progress is a courtesy: a closed terminal does not end the round.
                lines
                    .iter()
                    .try_for_each(|line| writeln!(io::stderr(), "{line}"))
                    .or(Ok(()))
            }
            (Self::Words(seen, open), Event::RoundChanged { round }) => {
                last_lines(open, round).try_for_each(|(model, line)| said(&model, &line))?;
                seen.news(round)
                    .iter()
                    .try_for_each(|line| output::line(line))
            }
            (
                Self::Words(_, open),
                Event::SeatText {
                    round_id,
                    model,
                    purpose: Purpose::Respond,
                    offset,
                    text,
                    ..
                },
            ) => {
                let words = open.entry((*round_id, model.clone())).or_default();
                if *offset == 0 {
                    // It was asked anew: what it had begun is not gone on with.
                    words.clear();
                }
                words.push_str(text);
                whole_lines(words)
                    .iter()
                    .try_for_each(|line| said(model, line))
            }
            _ => Ok(()),
        }
    }
}

/// Says a line of a seat, where it says something.
fn said(model: &ModelId, line: &str) -> Result<(), Failure> {
    match spoken(line) {
        line if line.is_empty() => Ok(()),
        line => output::line(&format!("{model} | {line}")),
    }
}

/// A line as it is read: without its scores, which stand with the round's outcome, and without marks of emphasis.
fn spoken(line: &str) -> String {
    let line = husting_console::untag(line).text;
    let is_paired = line.matches(EMPHASIS).count().is_multiple_of(2);
    let line = if is_paired {
        line.replace(EMPHASIS, "")
    } else {
        line
    };
    line.trim_end().to_owned()
}

/// What was left open by seats that have ended.
fn last_lines(open: &mut Open, round: &RoundView) -> impl Iterator<Item = (ModelId, String)> {
    let ended = |seat: &&SeatCallView| matches!(seat.state, SeatState::Final | SeatState::Error);
    let models = round
        .answers
        .iter()
        .filter(ended)
        .map(|seat| seat.model.clone());
    take_ended(open, round.round_id, models)
}

fn take_ended(
    open: &mut Open,
    round_id: RoundId,
    models: impl Iterator<Item = ModelId>,
) -> impl Iterator<Item = (ModelId, String)> {
    let taken = models.filter_map(move |model| open.remove_entry(&(round_id, model)));
    taken.map(|((_, model), words)| (model, words))
}

pub(super) fn session_of(event: &Event) -> Option<SessionId> {
    match event {
        Event::SessionChanged { session } => Some(session.session_id),
        Event::SessionRemoved { session_id }
        | Event::SeatText { session_id, .. }
        | Event::SynthesisChanged { session_id, .. } => Some(*session_id),
        Event::RoundChanged { round } => Some(round.session_id),
        _ => None,
    }
}

/// Takes the finished lines out of `words`.
fn whole_lines(words: &mut String) -> Vec<String> {
    let Some(end) = words.rfind('\n') else {
        return Vec::new();
    };
    let rest = words.split_off(end + 1);
    let lines = std::mem::replace(words, rest);
    lines.lines().map(str::to_owned).collect()
}

impl Seen {
    /// Lines for what changed since the last look.
    fn news(&mut self, round: &RoundView) -> Vec<String> {
        let mut lines = Vec::new();
        if self.phases.insert(round.index, round.phase) != Some(round.phase) {
            lines.extend(phase_line(round));
        }
        for seat in round.answers.iter().chain(&round.reactions) {
            self.seat(round.index, seat, &mut lines);
        }
        lines
    }

    fn seat(&mut self, round: u32, seat: &SeatCallView, lines: &mut Vec<String>) {
        let key = (round, seat.model.clone(), seat.purpose);
        match &seat.retrying {
            Some(note) => {
                if self.tries.insert(key.clone(), note.attempt) != Some(note.attempt) {
                    lines.push(retry_line(seat, note));
                }
            }
            None => {
                self.tries.remove(&key);
            }
        }
        if self.states.insert(key, seat.state) != Some(seat.state) {
            lines.extend(seat_line(seat));
        }
    }
}

fn phase_line(round: &RoundView) -> Option<String> {
    let number = round.index + 1;
    match round.phase {
        Phase::Respond => Some(format!(
            "Round {number}: {} seats answer",
            round.answers.len()
        )),
        Phase::React => Some(format!("Round {number}: the seats react to each other")),
        Phase::Map => None,
        Phase::Done => Some(format!("Round {number}: {}", word(&round.status))),
    }
}

fn seat_line(seat: &SeatCallView) -> Option<String> {
    let did = match (seat.state, seat.purpose) {
        (SeatState::Final, Purpose::Respond) => match (seat.is_partial, seat.filtered) {
            (false, _) => "answered".to_owned(),
            (true, false) => "answered, cut by the output cap,".to_owned(),
            (true, true) => "answered, cut by the provider's filter,".to_owned(),
        },
        (SeatState::Final, Purpose::React) => "reacted".to_owned(),
        (SeatState::Error, _) => format!("failed ({})", reason(seat)),
        _ => return None,
    };
    let span = seat
        .started_at
        .zip(seat.ended_at)
        .map(|(from, to)| format!(" in {}", took(to.millis_since(from))));
    Some(format!(
        "  {} {did}{}{}",
        seat.display_name,
        span.unwrap_or_default(),
        fault(seat).unwrap_or_default()
    ))
}

fn retry_line(seat: &SeatCallView, note: &RetryNote) -> String {
    let pause = took(i64::try_from(note.after_ms).unwrap_or(i64::MAX));
    format!(
        "  {} is tried again in {pause} ({}){}",
        seat.display_name,
        note.code.reason_of(Some(&note.message)),
        cause(note.code, &note.message)
    )
}

fn reason(seat: &SeatCallView) -> &'static str {
    if seat.unreadable {
        return "could not be read";
    }
    if seat.filtered {
        return "its provider's filter let no word through";
    }
    let kept = seat.error_message.as_deref();
    seat.error_code.map_or("", |code| code.reason_of(kept))
}

/// What a seat failed of that has.
fn fault(seat: &SeatCallView) -> Option<String> {
    let code = seat.error_code.filter(|_| seat.state == SeatState::Error)?;
    let words = seat.error_message.as_deref().unwrap_or_default();
    Some(cause(code, words))
}

/// The code of a failure and the provider's own words, on the line of their seat.
fn cause(code: SeatErrorCode, words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let words = shortened(&plain(&words.join(" ")), MOST_WORDS);
    let colon = if words.is_empty() { "" } else { ": " };
    format!("; {}{colon}{words}", code.word())
}

#[cfg(test)]
mod tests {
    use husting_domain::calls::{A_PAGE, Spent};
    use serde_json::json;

    use super::*;

    fn failed(error_message: Option<&str>) -> SeatCallView {
        serde_json::from_value(json!({
            "model": "beta", "display_name": "Beta", "provider": "east", "kind": "api", "letter": "B", "purpose": "respond",
            "state": "error", "text": "", "sentences": [], "claim_confidence": [],
            "usage": {"input": 0, "cache_read": 0, "cache_write": 0, "output": 0, "estimated": false}, "cost": 0, "started_at": "2026-11-26T14:00:00.000Z",
            "first_text_at": null, "ended_at": "2026-11-26T14:00:00.800Z", "deadline_at": null, "finish_reason": null,
            "is_partial": false, "error_code": "pre_stream_provider_error", "error_message": error_message, "retrying": null,
        }))
        .unwrap()
    }

    #[test]
    fn a_failed_seat_says_its_code_and_its_providers_words_on_one_line() {
        let line = |seat: &SeatCallView| seat_line(seat).unwrap();
        assert_eq!(
            line(&failed(Some("404:\r\n no such\u{1b}[31m model "))),
            "  Beta failed (call refused) in 0.8 s; pre_stream_provider_error: 404: no such[31m model"
        );
        assert_eq!(
            line(&failed(None)),
            "  Beta failed (call refused) in 0.8 s; pre_stream_provider_error"
        );
        let page = line(&failed(Some(&format!("{A_PAGE}: <html>"))));
        assert!(
            page.starts_with("  Beta failed (answered with a page) in 0.8 s; "),
            "{page}"
        );
        let empty = line(&failed(Some(&format!("{}: No.", Spent::Credit.said()))));
        assert_eq!(
            empty,
            "  Beta failed (no credit there) in 0.8 s; pre_stream_provider_error: the account at the provider does not cover the call: No."
        );
        let mut silenced = failed(Some("The model ended (content_filter) without a word."));
        silenced.filtered = true;
        let silenced = line(&silenced);
        assert!(
            silenced.starts_with(
                "  Beta failed (its provider's filter let no word through) in 0.8 s; "
            ),
            "{silenced}"
        );
        let long = line(&failed(Some(&"word ".repeat(100))));
        assert!(long.ends_with("word…") && long.len() < 200, "{long}");
        let mut unread = failed(Some("No claim was named."));
        (unread.purpose, unread.unreadable) = (Purpose::React, true);
        assert!(line(&unread).starts_with("  Beta failed (could not be read) in 0.8 s; "));
    }

    #[test]
    fn an_answer_that_was_cut_says_by_what() {
        let mut seat = failed(None);
        (seat.state, seat.error_code) = (SeatState::Final, None);
        assert_eq!(seat_line(&seat).unwrap(), "  Beta answered in 0.8 s");
        seat.is_partial = true;
        let told = seat_line(&seat).unwrap();
        assert_eq!(told, "  Beta answered, cut by the output cap, in 0.8 s");
        seat.filtered = true;
        let told = seat_line(&seat).unwrap();
        assert_eq!(
            told,
            "  Beta answered, cut by the provider's filter, in 0.8 s"
        );
    }

    #[test]
    fn a_seat_that_is_tried_again_says_so_once_for_each_try() {
        let waits = |attempt: u32| {
            let note = json!({"attempt": attempt, "code": "rate_limit", "message": "Slow down.", "after_ms": 4_000});
            let mut seat = failed(None);
            (seat.state, seat.error_code) = (SeatState::Queued, None);
            seat.retrying = serde_json::from_value(note).unwrap();
            seat
        };
        let again = "  Beta is tried again in 4.0 s (rate limit); rate_limit: Slow down.";
        let mut seen = Seen::default();
        let mut told = |seat: SeatCallView| {
            let mut lines = Vec::new();
            seen.seat(0, &seat, &mut lines);
            lines
        };
        assert_eq!(told(waits(2)), [again]);
        assert_eq!(told(waits(2)), [""; 0]);
        assert_eq!(told(waits(3)), [again]);
        // What mends a reaction is a call of its own, with tries of its own.
        let mut speaks = waits(3);
        (speaks.state, speaks.retrying) = (SeatState::Streaming, None);
        assert_eq!(told(speaks), [""; 0]);
        assert_eq!(told(waits(3)), [again]);
    }

    #[test]
    fn a_line_is_told_without_scores_and_marks() {
        for (written, read) in [
            (
                "Take **the depot** first. [confidence: 0.7] It is near.",
                "Take the depot first. It is near.",
            ),
            ("So be it. [confidence: 0.7]", "So be it."),
            ("It is 2 ** 8.", "It is 2 ** 8."),
            ("  - [confidence: 7] stays", "  - [confidence: 7] stays"),
            ("  ", ""),
        ] {
            assert_eq!(spoken(written), read);
        }
    }

    #[test]
    fn the_end_of_another_round_does_not_end_a_line() {
        let of = |round: u8| RoundId(uuid::Uuid::from_bytes([round; 16]));
        let mut open = Open::new();
        let beta = ModelId::parse("beta").unwrap();
        open.insert((of(2), beta.clone()), "The exam".to_owned());
        let mut ended = Vec::new();
        for round_id in [of(1), of(2)] {
            let ends = take_ended(&mut open, round_id, [beta.clone()].into_iter());
            ended.extend(ends.map(|(_, words)| words));
            assert_eq!(ended.is_empty(), round_id == of(1));
        }
        assert_eq!(ended, ["The exam"]);
    }

    #[test]
    fn only_whole_lines_are_told() {
        let mut words = "one\ntw".to_owned();
        assert_eq!(whole_lines(&mut words), ["one"]);
        assert_eq!(words, "tw");
        words.push_str("o\n\nthree\n");
        assert_eq!(whole_lines(&mut words), ["two", "", "three"]);
        assert!(words.is_empty() && whole_lines(&mut words).is_empty());
    }
}
