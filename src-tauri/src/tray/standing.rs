//! What the tray tells, kept after the console's events: which of the three states the icon shows,
//! in which words, and the menu's lines.

use husting_domain::ids::{RoundId, SessionId};
use husting_wire::discord::{BridgeStand, BridgeState};
use husting_wire::events::Event;
use husting_wire::rounds::RoundView;
use husting_wire::settings::Settings;
use husting_wire::snapshot::Snapshot;

/// Letters of a question that a line of the menu holds.
const LINE: usize = 48;

/// The icon's states, the weightiest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Glance {
    /// Nothing runs and nothing waits.
    Idle,
    /// A round runs.
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

/// One line of the menu, from its top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// How things stand, which nobody can choose.
    Words(String),
    /// Shows the window.
    Open,
    /// Shows a round that runs.
    Round { session: SessionId, label: String },
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
    /// Denied calls that wait for an answer.
    pub(crate) denials: usize,
    /// Messages that rest on the bus.
    pub(crate) parked: u32,
    /// Audit logs that do not follow from what was sealed.
    pub(crate) tampered: usize,
    /// The Discord bridge.
    pub(crate) discord: BridgeStand,
    /// All agents are held.
    pub(crate) paused: bool,
    /// In force.
    pub(crate) settings: Settings,
}

impl Standing {
    /// As the console stands.
    pub(crate) fn of(snapshot: Snapshot) -> Self {
        Self {
            running: snapshot.running.iter().map(Running::of).collect(),
            denials: snapshot.denials.denials.len(),
            parked: snapshot.bus.counts.parked,
            tampered: snapshot.audit_faults.len(),
            discord: snapshot.discord,
            paused: snapshot.paused,
            settings: snapshot.settings,
        }
    }

    /// What happened since.
    pub(crate) fn take(&mut self, event: &Event) {
        match event {
            Event::RoundChanged { round } => self.take_round(round),
            Event::DenialsChanged { denials } => self.denials = denials.denials.len(),
            Event::BusMoved { bus } => self.parked = bus.counts.parked,
            Event::DiscordMoved { discord } => self.discord = discord.clone(),
            Event::AuditChanged { faults } => self.tampered = faults.len(),
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

    /// Whether a round is among those that run.
    pub(crate) fn runs(&self, round: &RoundId) -> bool {
        self.running.iter().any(|each| each.round == *round)
    }

    /// What the icon shows.
    pub(crate) fn glance(&self) -> Glance {
        if !self.needs().is_empty() {
            Glance::NeedsYou
        } else if self.running.is_empty() {
            Glance::Idle
        } else {
            Glance::Working
        }
    }

    /// The same in words.
    pub(crate) fn words(&self) -> String {
        let needs = self.needs();
        if !needs.is_empty() {
            return format!("Needs you: {}", needs.join(", "));
        }
        match (self.running.len(), self.paused) {
            (0, false) => "Nothing runs".to_owned(),
            (0, true) => "All agents are held".to_owned(),
            (n, _) => format!("{} running", counted(n, "round", "rounds")),
        }
    }

    fn needs(&self) -> Vec<String> {
        let discord = &self.discord;
        let mut needs = Vec::new();
        if self.tampered > 0 {
            needs.push("the audit log is not as it was sealed".to_owned());
        }
        if let BridgeState::Stopped { .. } = discord.bridge {
            needs.push("the Discord bridge has stopped".to_owned());
        }
        let counts = [
            (self.denials, "denied call", "denied calls"),
            (
                discord.unplaced as usize,
                "reply without a place",
                "replies without a place",
            ),
            (discord.held as usize, "late question", "late questions"),
            (
                self.parked as usize + discord.parked as usize,
                "parked message",
                "parked messages",
            ),
        ];
        let some = counts.into_iter().filter(|(count, ..)| *count > 0);
        needs.extend(some.map(|(count, one, many)| counted(count, one, many)));
        needs
    }

    /// The menu.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = vec![Line::Words(self.words()), Line::Open];
        if !self.running.is_empty() {
            lines.push(Line::Rule);
            lines.extend(self.running.iter().map(|each| Line::Round {
                session: each.session,
                label: each.question.clone(),
            }));
        }
        lines.push(Line::Rule);
        lines.extend(bridge(&self.discord.bridge));
        lines.extend([
            Line::Pause { on: self.paused },
            Line::Stop,
            Line::Rule,
            Line::Quit,
        ]);
        lines
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

fn bridge(state: &BridgeState) -> Option<Line> {
    let (on, aside) = match state {
        BridgeState::NotSetUp {} => return None,
        BridgeState::Off {} => (false, ""),
        BridgeState::Connecting { .. } => (true, ", connecting"),
        BridgeState::Delivering {} => (true, ""),
        BridgeState::Paused {} => (true, ", paused"),
        BridgeState::Elsewhere { .. } => (true, ", runs elsewhere"),
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
