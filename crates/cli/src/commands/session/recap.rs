//! What rounds and sessions came to.

use clap::Args;
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::recaps::{FailedWriter, RecapStatus, RoundRecap, SessionSynthesis};
use husting_wire::commands::{AskForRecap, AskForSynthesis, EstimateCascade, ReadSession};
use husting_wire::errors::Error;
use husting_wire::recaps::{CascadeView, WriteRecap};
use husting_wire::sessions::{SessionRef, SessionView};
use serde::Serialize;

use super::Named;
use crate::commands::numbers;
use crate::commands::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::dollars;
use crate::rounds::{Tell, Watch};

/// A recap: printed where it is there, else written now.
#[derive(Debug, Args)]
pub struct Recap {
    /// The session: its id, or the beginning of it
    id: Named,
    /// Which round, as transcripts number them [default: the newest that is over]
    #[arg(long, value_name = "N", value_parser = numbers::at_least(1), conflicts_with = "synthesis")]
    round: Option<u32>,
    /// Sum up the whole session: every recap that is missing, then a synthesis over all of them
    #[arg(long)]
    synthesis: bool,
    /// Write it anew, and pay for it again, although it is there
    #[arg(long)]
    again: bool,
    /// Say what the synthesis would take, and write nothing
    #[arg(long, requires = "synthesis")]
    estimate: bool,
}

impl Recap {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| {
            let session_id = self.id.clone().find(door).await?;
            if self.estimate {
                return estimate(door, session_id, json).await;
            }
            let mut watch = Watch::begin(door, Tell::fitting(false, json)).await?;
            let view = ask::<ReadSession>(door, SessionRef { session_id }).await?;
            if self.synthesis {
                if view.synthesis.status == RecapStatus::Complete && !self.again {
                    return synthesis(&view, json);
                }
                ask::<AskForSynthesis>(door, SessionRef { session_id }).await?;
                let view = watch
                    .until_written(awaited(door, session_id).await?)
                    .await?;
                return synthesis(&view, json);
            }
            let index = chosen(&view, self.round)?;
            if view.rounds[index].recap.status == RecapStatus::Complete && !self.again {
                return recap(&view, index, json);
            }
            let round_id = Some(view.rounds[index].round_id);
            let asked = WriteRecap {
                session_id,
                round_id,
            };
            ask::<AskForRecap>(door, asked).await?;
            let view = watch
                .until_written(awaited(door, session_id).await?)
                .await?;
            recap(&view, index, json)
        })
        .await
    }
}

async fn awaited(door: &dyn Door, session_id: SessionId) -> Result<SessionView, Failure> {
    ask::<ReadSession>(door, SessionRef { session_id }).await
}

/// The place of the round that is meant.
fn chosen(view: &SessionView, number: Option<u32>) -> Result<usize, Failure> {
    let mut rounds = view.rounds.iter();
    let place = match number {
        Some(number) => rounds.position(|round| round.index + 1 == number),
        None => rounds.rposition(|round| round.status.is_terminal()),
    };
    place.ok_or_else(|| Error::not_found("round").into())
}

async fn estimate(door: &dyn Door, session_id: SessionId, json: bool) -> Result<Exit, Failure> {
    let cascade = ask::<EstimateCascade>(door, SessionRef { session_id }).await?;
    output::answer(&cascade, json, &format!("{}\n", told(&cascade)))
}

fn told(cascade: &CascadeView) -> String {
    let Some(model) = &cascade.model else {
        return "No model here can write it.".to_owned();
    };
    let rounds: Vec<String> = cascade
        .missing_rounds
        .iter()
        .map(|index| (index + 1).to_string())
        .collect();
    let before = match &rounds[..] {
        [] => String::new(),
        [one] => format!(" after the recap of round {one}"),
        more => format!(" after the recaps of rounds {}", more.join(", ")),
    };
    let (low, high) = (dollars(cascade.low), dollars(cascade.high));
    let fallbacks: Vec<&str> = cascade.fallbacks.iter().map(ModelId::as_str).collect();
    let else_by = match &fallbacks[..] {
        [] => String::new(),
        more => format!(", or else {}", more.join(", ")),
    };
    format!("{model} would write it{else_by}{before}: {low} to {high}.")
}

fn recap(view: &SessionView, index: usize, json: bool) -> Result<Exit, Failure> {
    let round = view.rounds.get(index);
    let recap = &round.ok_or_else(|| Error::not_found("round"))?.recap;
    let which = match view.rounds.len() {
        1 => String::new(),
        rounds => format!(" (round {} of {rounds})", index + 1),
    };
    let text = recap.recap.as_ref();
    let text = text.map(|recap| text_of_recap(recap, &which));
    tell_failed(&recap.failed, json);
    print(recap, recap.status, text, recap.failure.as_deref(), json)
}

fn synthesis(view: &SessionView, json: bool) -> Result<Exit, Failure> {
    let synthesis = &view.synthesis;
    let text = synthesis.synthesis.as_ref().map(text_of_synthesis);
    let failure = synthesis.failure.as_deref();
    tell_failed(&synthesis.failed, json);
    print(synthesis, synthesis.status, text, failure, json)
}

/// Says beside the text who was to write it before and did not; JSON holds it already.
fn tell_failed(failed: &[FailedWriter], json: bool) {
    for FailedWriter { model, message, .. } in failed.iter().filter(|_| !json) {
        eprintln!("husting: {model} did not write it: {message}");
    }
}

/// Prints what was written; where it was not, says why.
fn print(
    record: &impl Serialize,
    status: RecapStatus,
    text: Option<String>,
    failure: Option<&str>,
    json: bool,
) -> Result<Exit, Failure> {
    let is_there = status == RecapStatus::Complete;
    if json {
        output::json(record)?;
    } else if is_there {
        output::text(&text.unwrap_or_default())?;
    } else {
        eprintln!("husting: {}", failure.unwrap_or("It was not written."));
    }
    Ok(if is_there { Exit::Done } else { Exit::Failed })
}

fn text_of_recap(recap: &RoundRecap, which: &str) -> String {
    let agenda: Vec<String> = recap
        .agenda
        .iter()
        .map(|point| format!("- {point}"))
        .collect();
    let head = [
        format!("# {}{which}", recap.title),
        recap.tldr.clone(),
        agenda.join("\n"),
    ];
    let sections = recap.sections.iter().map(|section| {
        let ids = section.claim_ids.join(", ");
        let claims = if ids.is_empty() {
            ids
        } else {
            format!(" ({ids})")
        };
        format!("## {}{claims}\n\n{}", section.heading, section.body)
    });
    joined(head.into_iter().chain(sections))
}

fn text_of_synthesis(synthesis: &SessionSynthesis) -> String {
    let head = [
        format!("# {}", synthesis.title),
        synthesis.tldr.clone(),
        synthesis.origin.clone(),
    ];
    let arcs = synthesis.arcs.iter().map(|arc| {
        let rounds = arc.round_indexes.iter();
        let rounds: Vec<String> = rounds.map(|index| (index + 1).to_string()).collect();
        let through = match &rounds[..] {
            [] => String::new(),
            [one] => format!(" (round {one})"),
            more => format!(" (rounds {})", more.join(", ")),
        };
        format!("## {}{through}\n\n{}", arc.title, arc.body)
    });
    joined(head.into_iter().chain(arcs))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_domain::money::MicroUsd;
    use husting_domain::recaps::{RecapSection, SynthesisArc};

    #[test]
    fn a_recap_is_read_with_its_claims() {
        let section = |claim_ids: &[&str]| RecapSection {
            heading: "Cost".to_owned(),
            body: "It fell.".to_owned(),
            claim_ids: claim_ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        let recap = RoundRecap {
            title: "Storage".to_owned(),
            tldr: "Two ways.".to_owned(),
            agenda: Vec::new(),
            sections: vec![section(&["c1", "c3"]), section(&[])],
        };
        assert_eq!(
            text_of_recap(&recap, " (round 2 of 3)"),
            "# Storage (round 2 of 3)\n\nTwo ways.\n\n## Cost (c1, c3)\n\nIt fell.\n\n## Cost\n\nIt fell.\n"
        );
    }

    #[test]
    fn a_synthesis_numbers_rounds_as_people_do() {
        let arc = |round_indexes: &[u32]| SynthesisArc {
            title: "Cost".to_owned(),
            body: "It fell.".to_owned(),
            round_indexes: round_indexes.to_vec(),
        };
        let synthesis = SessionSynthesis {
            title: "Storage".to_owned(),
            tldr: "Two ways.".to_owned(),
            origin: "A question.".to_owned(),
            arcs: vec![arc(&[0, 2]), arc(&[1])],
        };
        let text = text_of_synthesis(&synthesis);
        assert!(text.contains("## Cost (rounds 1, 3)\n") && text.contains("## Cost (round 2)\n"));
    }

    #[test]
    fn an_estimate_says_what_comes_before() {
        let cascade = |missing_rounds: &[u32], model: Option<&str>| CascadeView {
            missing_rounds: missing_rounds.to_vec(),
            model: model.and_then(ModelId::parse),
            fallbacks: Vec::new(),
            low: MicroUsd(1_000),
            high: MicroUsd(40_000),
        };
        assert_eq!(
            told(&cascade(&[0, 2], Some("m"))),
            "m would write it after the recaps of rounds 1, 3: $0.001 to $0.04."
        );
        assert_eq!(
            told(&cascade(&[], Some("m"))),
            "m would write it: $0.001 to $0.04."
        );
        assert_eq!(told(&cascade(&[1], None)), "No model here can write it.");
        let with_fallbacks = CascadeView {
            fallbacks: ["n", "o"].into_iter().filter_map(ModelId::parse).collect(),
            ..cascade(&[], Some("m"))
        };
        assert_eq!(
            told(&with_fallbacks),
            "m would write it, or else n, o: $0.001 to $0.04."
        );
    }
}
