//! What the tray tells, kept after the console's events: which of the three states the icon shows,
//! in which words, and the menu's lines.

use husting_console::needs::{Accepted, Need, Needs};
use husting_domain::ids::{AgentId, RoundId, RunId, SessionId};
use husting_wire::discord::{BridgeStand, BridgeState};
use husting_wire::events::Event;
use husting_wire::rounds::RoundView;
use husting_wire::runs::RunView;
use husting_wire::settings::Settings;
use husting_wire::snapshot::Snapshot;

/// Letters of a question that a line of the menu holds.
const LINE: usize = 48;

/// The icon's states, the weightiest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Glance {
    /// Nothing runs and nothing waits.
    Idle,
    /// A round runs, or an agent's program.
    Working,
    /// Something waits for the operator.
    NeedsYou,
}

/// A round in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Running {
    round: RoundId,
    session: SessionId,
    question: String,
}

/// An agent's program that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Program {
    run: RunId,
    agent: AgentId,
    name: String,
}

/// One line of the menu, from its top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// How things stand, which nobody can choose.
    Words(String),
    /// Shows the window.
    Open,
    /// Shows a round that runs.
    Round { session: SessionId, label: String },
    /// Shows what an agent's program says.
    Program {
        agent: AgentId,
        run: RunId,
        label: String,
    },
    /// The Discord bridge, on or off.
    Bridge { on: bool, label: String },
    /// All agents held, or not.
    Pause { on: bool },
    /// Asks whether everything is to be stopped.
    Stop,
    /// Ends the program.
    Quit,
    /// Sets apart.
    Rule,
}

/// How things stand.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    running: Vec<Running>,
    programs: Vec<Program>,
    /// What waits for the operator.
    pub(crate) needs: Needs,
    /// The Discord bridge.
    pub(crate) discord: BridgeStand,
    /// All agents are held.
    pub(crate) paused: bool,
    /// In force.
    pub(crate) settings: Settings,
}

impl Standing {
    /// As the console stands, with the programs that run and the sessions that the operator reads as they are.
    pub(crate) fn of(snapshot: Snapshot, runs: &[RunView], accepted: Option<Accepted>) -> Self {
        Self {
            running: snapshot.running.iter().map(Running::of).collect(),
            programs: runs.iter().filter_map(Program::of).collect(),
            needs: Needs::of(&snapshot, accepted),
            discord: snapshot.discord,
            paused: snapshot.paused,
            settings: snapshot.settings,
        }
    }

    /// What happened since.
    pub(crate) fn take(&mut self, event: &Event) {
        self.needs.take(event);
        match event {
            Event::RoundChanged { round } => self.take_round(round),
            Event::RunChanged { run } => self.take_run(run),
            Event::DiscordMoved { discord } => self.discord = discord.clone(),
            Event::PauseChanged { paused } => self.paused = *paused,
            Event::SettingsChanged { settings } => self.settings = settings.clone(),
            _ => {}
        }
    }

    fn take_round(&mut self, round: &RoundView) {
        let at = self
            .running
            .iter()
            .position(|each| each.round == round.round_id);
        match (at, round.status.is_terminal()) {
            (Some(at), true) => {
                self.running.remove(at);
            }
            (None, false) => self.running.push(Running::of(round)),
            (Some(_), false) | (None, true) => {}
        }
    }

    fn take_run(&mut self, run: &RunView) {
        let at = self.programs.iter().position(|each| each.run == run.run_id);
        match (at, Program::of(run)) {
            (Some(at), None) => {
                self.programs.remove(at);
            }
            (None, Some(program)) => self.programs.push(program),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    /// Whether a round is among those that run.
    pub(crate) fn runs(&self, round: &RoundId) -> bool {
        self.running.iter().any(|each| each.round == *round)
    }

    /// What the icon shows.
    pub(crate) fn glance(&self) -> Glance {
        if !self.needs.counts().is_empty() {
            Glance::NeedsYou
        } else if self.running.is_empty() && self.programs.is_empty() {
            Glance::Idle
        } else {
            Glance::Working
        }
    }

    /// The same in words.
    pub(crate) fn words(&self) -> String {
        let needs = told(&self.needs.counts());
        if !needs.is_empty() {
            return format!("Needs you: {}", needs.join(", "));
        }
        let running = [
            (self.running.len(), "round", "rounds"),
            (self.programs.len(), "program", "programs"),
        ];
        let running: Vec<String> = running
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| counted(count, one, many))
            .collect();
        match (running.is_empty(), self.paused) {
            (true, false) => "Nothing runs".to_owned(),
            (true, true) => "All agents are paused".to_owned(),
            (false, _) => format!("{} running", running.join(" and ")),
        }
    }

    /// The menu.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = vec![Line::Words(self.words()), Line::Open];
        if !self.running.is_empty() || !self.programs.is_empty() {
            lines.push(Line::Rule);
        }
        lines.extend(self.running.iter().map(|each| Line::Round {
            session: each.session,
            label: each.question.clone(),
        }));
        lines.extend(self.programs.iter().map(|each| Line::Program {
            agent: each.agent,
            run: each.run,
            label: each.name.clone(),
        }));
        lines.push(Line::Rule);
        lines.extend(bridge(&self.discord));
        lines.extend([
            Line::Pause { on: self.paused },
            Line::Stop,
            Line::Rule,
            Line::Quit,
        ]);
        lines
    }
}

/// What waits, as the menu's first line has it. Messages that are parked are one number, wherever they were going.
fn told(needs: &[(Need, u32)]) -> Vec<String> {
    let of = |need: Need| {
        let found = needs.iter().find(|(each, _)| *each == need);
        found.map_or(0, |(_, count)| *count)
    };
    let parked = of(Need::Parked) + of(Need::BridgeParked);
    needs
        .iter()
        .filter(|(need, _)| *need != Need::Parked || of(Need::BridgeParked) == 0)
        .map(|(need, count)| match need {
            Need::Parked | Need::BridgeParked => in_words(*need, parked),
            need => in_words(*need, *count),
        })
        .collect()
}

fn in_words(need: Need, count: u32) -> String {
    let counted = |one, many| counted(count as usize, one, many);
    match need {
        Need::Locked => "keys are locked".to_owned(),
        Need::Choice => "keys have no place to be kept".to_owned(),
        Need::Tampered => "the audit log is not as it was sealed".to_owned(),
        Need::Exhausted => "too little money is left for a round".to_owned(),
        Need::KeysGone => counted("key to be entered anew", "keys to be entered anew"),
        Need::RefusedKey => counted("refused key", "refused keys"),
        Need::Denied => counted("denied call", "denied calls"),
        Need::Hindered => counted("agent that leaves its mail", "agents that leave their mail"),
        Need::GivenUp => counted(
            "program that fails again and again",
            "programs that fail again and again",
        ),
        Need::Letter => counted("message to you", "messages to you"),
        Need::Parked | Need::BridgeParked => counted("parked message", "parked messages"),
        Need::Held => counted("held message", "held messages"),
        Need::BridgeStopped => "the Discord bridge does not run".to_owned(),
        Need::Unplaced => counted("reply without a place", "replies without a place"),
        Need::Late => counted("late question", "late questions"),
        Need::Failed => counted("failed round", "failed rounds"),
        Need::Degraded => counted("incomplete round", "incomplete rounds"),
        Need::Unpriced => counted("model without a price", "models without a price"),
    }
}

/// The menu before the console is open.
pub(crate) fn early() -> Vec<Line> {
    without_console("Husting is starting")
}

/// What is shown, and in which words, where the console could not be opened: the window says why.
pub(crate) fn unopened() -> (Glance, &'static str, Vec<Line>) {
    let words = "Needs you: Husting could not start";
    (Glance::NeedsYou, words, without_console(words))
}

fn without_console(words: &str) -> Vec<Line> {
    let words = Line::Words(words.to_owned());
    vec![words, Line::Open, Line::Rule, Line::Quit]
}

impl Running {
    fn of(round: &RoundView) -> Self {
        Self {
            round: round.round_id,
            session: round.session_id,
            question: short(&round.prompt),
        }
    }
}

impl Program {
    fn of(run: &RunView) -> Option<Self> {
        run.ended_at.is_none().then(|| Self {
            run: run.run_id,
            agent: run.agent_id,
            name: run.agent_name.to_string(),
        })
    }
}

/// The first line of a question, as long as a menu can show.
pub(crate) fn short(question: &str) -> String {
    let line = question
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    match line.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

fn bridge(stand: &BridgeStand) -> Option<Line> {
    let (on, aside) = match &stand.bridge {
        BridgeState::NotSetUp {} => return None,
        BridgeState::Off {} => (false, ""),
        BridgeState::Connecting { .. } => (true, ", connecting"),
        BridgeState::Delivering {} => (true, ""),
        BridgeState::Paused {} => (true, ", paused"),
        BridgeState::Elsewhere { .. } => (true, ", runs elsewhere"),
        BridgeState::Stopped { .. } if stand.waits_for_keys => (false, ", waits for the keys"),
        BridgeState::Stopped { .. } => (false, ", stopped by itself"),
    };
    let label = format!("Discord bridge{aside}");
    Some(Line::Bridge { on, label })
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
pub(crate) mod tests;
