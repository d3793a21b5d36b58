//! What leads a round to the step at which it is killed.

use husting_test_support::{Asked, Behaviour, Debate, GatePoint, Phase, Rule, Script};

use super::{Kill, Step};

/// Which halt leads to the step, counted from the start of the process.
pub fn halt(kill: &Kill) -> Option<String> {
    let rounds_before = u32::from(kill.in_second_round);
    let calls_before = rounds_before * 6;
    match kill.step {
        Step::Holding => Some(format!("holding:{}", rounds_before + 1)),
        Step::BeforeCommit => Some(format!("before_commit:{}", calls_before + kill.commit)),
        Step::AfterCommit => Some(format!("after_commit:{}", calls_before + kill.commit)),
        Step::Mapping => Some(format!("mapping:{}", rounds_before + 1)),
        Step::Streaming | Step::Reacting => None,
    }
}

/// Whether the seats have been asked to react when the kill comes.
pub fn has_reactions(kill: &Kill) -> bool {
    match kill.step {
        Step::Holding | Step::Streaming => false,
        Step::BeforeCommit | Step::AfterCommit => kill.commit > 3,
        Step::Reacting | Step::Mapping => true,
    }
}

/// Answers and reactions as they come, without scores, so that what is served is what was sent.
fn panelist() -> Behaviour {
    Behaviour::debating_as(Debate {
        confidence: false,
        ..Debate::default()
    })
}

pub fn free() -> Script {
    Script::new(panelist())
}

pub fn gated(nth: usize, kill: &Kill) -> Script {
    let (phase, stuck) = match kill.step {
        Step::Streaming => (Phase::Respond, &kill.stuck[..]),
        Step::Reacting => (Phase::React, &kill.stuck[..]),
        _ => (Phase::Respond, &[][..]),
    };
    let script = stuck.iter().fold(Script::default(), |script, seat| {
        let speech = Behaviour::with_words(move |asked: &Asked| words(asked.model(), nth));
        let halted = entered(speech, phase, nth)
            .gate(format!("stuck {nth}"), GatePoint::BeforeToken(kill.pieces));
        script.for_phase(*seat, phase, halted)
    });
    [Phase::Respond, Phase::React]
        .into_iter()
        .fold(script, |script, phase| {
            script.rule(Rule {
                phase: Some(phase),
                behaviour: entered(panelist(), phase, nth),
                ..Rule::default()
            })
        })
}

fn entered(behaviour: Behaviour, phase: Phase, nth: usize) -> Behaviour {
    let gate = match phase {
        Phase::Respond => format!("respond {nth}"),
        Phase::React => format!("react {nth}"),
        Phase::Recap | Phase::Synthesis => return behaviour,
    };
    behaviour.gate(gate, GatePoint::BeforeResponse)
}

/// What a seat says that is interrupted: like nothing else in the store, from its first words on.
pub fn words(seat: &str, nth: usize) -> String {
    format!(
        "On matter {nth} {seat} begins a speech that will be cut off long before it has come to the end of what it says."
    )
}
