//! What the desktop is told of: a round that is over, something that waits for the operator, a message
//! that is parked or held. Each kind is a setting, and what comes together is told together.

pub(crate) mod bus;

use std::collections::HashMap;

use husting_console::needs::Need;
use husting_domain::rounds::RoundStatus;
use husting_wire::discord::BridgeState;
use husting_wire::events::Event;
use husting_wire::rounds::RoundView;
use husting_wire::settings::Settings;

use crate::tray::standing::{Standing, short};

/// Rounds that a notice names before it only counts them.
const NAMED: usize = 3;

/// What a notice is about; of each kind there is one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A round is over.
    Round,
    /// Something waits for the operator.
    NeedsYou,
    /// A message is parked or held.
    Parked,
}

/// What the desktop shows, and where a click leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) kind: Kind,
    pub(crate) title: String,
    pub(crate) body: String,
    /// The place in the window: `#/hall`.
    pub(crate) fragment: String,
    /// How many things it tells of.
    pub(crate) count: u32,
    /// What waits; nothing of a round that is over, and of several things in one notice.
    pub(crate) need: Option<Need>,
}

/// What `event` is worth telling, with how things stood before it and stand after it.
pub(crate) fn of(before: &Standing, event: &Event, after: &Standing) -> Vec<Notice> {
    let round = match event {
        Event::RoundChanged { round } => over(before, round),
        _ => None,
    };
    let mut notices: Vec<Notice> = round.into_iter().collect();
    notices.extend(between(before, after));
    notices.retain(|notice| is_wanted(notice.kind, &after.settings));
    notices
}

/// What came to rest, or waits, since.
fn between(before: &Standing, after: &Standing) -> Vec<Notice> {
    let was: HashMap<Need, u32> = before.needs.counts().into_iter().collect();
    let grown = after.needs.counts().into_iter().map(|(need, count)| {
        let known = was.get(&need).copied().unwrap_or_default();
        (need, count.saturating_sub(known))
    });
    let news = grown.filter(|(need, more)| *more > 0 && !is_told_elsewhere(*need, &after.settings));
    news.map(|(need, more)| waiting(need, more, &after.discord.bridge))
        .collect()
}

/// A round's own notice says how it ended, and whoever adds a model sees there that it has no price.
fn is_told_elsewhere(need: Need, settings: &Settings) -> bool {
    match need {
        Need::Failed | Need::Degraded => settings.notify_rounds,
        Need::Unpriced => true,
        _ => false,
    }
}

fn title_of(need: Need, count: u32) -> String {
    let said = |one: &str, many: &str| match count {
        1 => one.to_owned(),
        _ => format!("{count} {many}"),
    };
    match need {
        Need::Locked => "Husting’s keys are locked".to_owned(),
        Need::Choice => "Husting’s keys have no place to be kept".to_owned(),
        Need::Tampered => "The audit log is not as it was sealed".to_owned(),
        Need::Exhausted => "Too little money is left for any round".to_owned(),
        Need::KeysGone => said(
            "A provider’s key is not where keys are kept",
            "providers’ keys are not where keys are kept",
        ),
        Need::RefusedKey => said("A provider refused its key", "providers refused their keys"),
        Need::Denied => said(
            "A call was denied, and its agent asks for the scope",
            "calls were denied, and their agents ask for the scopes",
        ),
        Need::Hindered => said(
            "An agent leaves its mail unread",
            "agents leave their mail unread",
        ),
        Need::GivenUp => said(
            "An agent’s program failed again and again, and was not started anew",
            "programs of agents failed again and again, and were not started anew",
        ),
        Need::Letter => said(
            "A message to you is on the bus",
            "messages to you are on the bus",
        ),
        Need::Parked => said(
            "A message on the bus is parked",
            "messages on the bus are parked",
        ),
        Need::Held => said(
            "A message on the bus is held: agents seem to answer one another without end",
            "messages on the bus are held: agents seem to answer one another without end",
        ),
        Need::BridgeStopped => "The Discord bridge does not run".to_owned(),
        Need::Unplaced => said(
            "An agent’s reply has no place in Discord",
            "replies of agents have no place in Discord",
        ),
        Need::Late => said(
            "A question from Discord was heard late and waits for your word",
            "questions from Discord were heard late and wait for your word",
        ),
        Need::BridgeParked => said(
            "A message to or from Discord is parked",
            "messages to or from Discord are parked",
        ),
        Need::Failed => said(
            "A round has failed: no seat answered",
            "rounds have failed: no seat answered",
        ),
        Need::Degraded => said(
            "A round is over, and not every seat answered",
            "rounds are over, and not every seat answered",
        ),
        Need::Unpriced => said("A model has no price", "models have no price"),
    }
}

fn waiting(need: Need, count: u32, bridge: &BridgeState) -> Notice {
    let body = match bridge {
        BridgeState::Stopped { why } if need == Need::BridgeStopped => why.clone(),
        _ => String::new(),
    };
    Notice {
        kind: kind_of(need),
        title: title_of(need, count),
        body,
        fragment: place_of(need).to_owned(),
        count,
        need: Some(need),
    }
}

const fn kind_of(need: Need) -> Kind {
    match need {
        Need::Parked | Need::Held | Need::BridgeParked => Kind::Parked,
        _ => Kind::NeedsYou,
    }
}

const fn place_of(need: Need) -> &'static str {
    match need {
        Need::Parked => "#/bus/parked",
        Need::Held => "#/bus/held",
        Need::BridgeStopped | Need::Unplaced | Need::Late | Need::BridgeParked => "#/discord",
        Need::Exhausted => "#/wallet",
        _ => "#/hall",
    }
}

/// A round that a person cancelled is known to be over.
fn over(before: &Standing, round: &RoundView) -> Option<Notice> {
    let title = match round.status {
        RoundStatus::InProgress => return None,
        RoundStatus::Complete => "A round is complete",
        RoundStatus::PartialFailure => "A round is over, and not every seat answered",
        RoundStatus::Failed => "A round has failed: no seat answered",
    };
    (before.runs(&round.round_id) && !round.cancelled).then(|| Notice {
        kind: Kind::Round,
        title: title.to_owned(),
        body: short(&round.prompt),
        fragment: format!("#/deliberations/{}", round.session_id),
        count: 1,
        need: None,
    })
}

fn is_wanted(kind: Kind, settings: &Settings) -> bool {
    match kind {
        Kind::Round => settings.notify_rounds,
        Kind::NeedsYou => settings.notify_needs_you,
        Kind::Parked => settings.notify_parked,
    }
}

/// One notice of each kind in place of many, in the order of the kinds.
pub(crate) fn together(notices: Vec<Notice>) -> Vec<Notice> {
    [Kind::Round, Kind::NeedsYou, Kind::Parked]
        .into_iter()
        .filter_map(|kind| {
            let of_kind = notices.iter().filter(|each| each.kind == kind);
            merged(kind, &summed(of_kind))
        })
        .collect()
}

/// What waits for the same reason is one notice, with the newest's words.
fn summed<'a>(notices: impl Iterator<Item = &'a Notice>) -> Vec<Notice> {
    let mut all: Vec<Notice> = Vec::new();
    for notice in notices {
        let same = all
            .iter_mut()
            .find(|told| told.need.is_some() && told.need == notice.need);
        match (same, notice.need) {
            (Some(told), Some(need)) => {
                let count = told.count + notice.count;
                *told = Notice {
                    title: title_of(need, count),
                    count,
                    ..notice.clone()
                };
            }
            _ => all.push(notice.clone()),
        }
    }
    all
}

fn merged(kind: Kind, notices: &[Notice]) -> Option<Notice> {
    let (first, others) = notices.split_first()?;
    if others.is_empty() {
        return Some(first.clone());
    }
    let count: u32 = notices.iter().map(|each| each.count).sum();
    let (title, above) = match kind {
        Kind::Round => (format!("{count} rounds are over"), "#/deliberations"),
        Kind::NeedsYou => (format!("{count} things wait for you"), "#/hall"),
        Kind::Parked => (format!("{count} messages are parked or held"), "#/hall"),
    };
    let lines = notices.iter().take(NAMED).map(|each| match kind {
        Kind::Round => each.body.as_str(),
        Kind::NeedsYou | Kind::Parked => each.title.as_str(),
    });
    let same = others.iter().all(|each| each.fragment == first.fragment);
    Some(Notice {
        kind,
        title,
        body: lines.collect::<Vec<_>>().join("\n"),
        fragment: if same { &first.fragment } else { above }.to_owned(),
        count,
        need: None,
    })
}

#[cfg(test)]
mod tests;
