//! What the desktop is told of: a round that is over, something that waits for the operator, a message
//! that is parked. Each kind is a setting, and what comes together is told together.

pub(crate) mod bus;

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
    /// A message is parked.
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
    let (was, is) = (&before.discord, &after.discord);
    let mut notices = Vec::new();
    if after.denials > before.denials {
        let title = "A call was denied, and its agent asks for the scope";
        notices.push(notice(Kind::NeedsYou, title, "#/hall"));
    }
    if is.unplaced > was.unplaced {
        let title = "An agent’s reply has no place in Discord";
        notices.push(notice(Kind::NeedsYou, title, "#/discord"));
    }
    if is.held > was.held {
        let title = "A question from Discord was heard late and waits for your word";
        notices.push(notice(Kind::NeedsYou, title, "#/discord"));
    }
    if let BridgeState::Stopped { why } = &is.bridge
        && !matches!(was.bridge, BridgeState::Stopped { .. })
    {
        let stopped = notice(
            Kind::NeedsYou,
            "The Discord bridge has stopped",
            "#/discord",
        );
        notices.push(Notice {
            body: why.clone(),
            ..stopped
        });
    }
    if after.parked > before.parked {
        let title = "A message on the bus is parked";
        notices.push(notice(Kind::Parked, title, "#/bus/parked"));
    }
    if is.parked > was.parked {
        let title = "A message to or from Discord is parked";
        notices.push(notice(Kind::Parked, title, "#/discord"));
    }
    notices
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
    })
}

fn notice(kind: Kind, title: &str, fragment: &str) -> Notice {
    Notice {
        kind,
        title: title.to_owned(),
        body: String::new(),
        fragment: fragment.to_owned(),
    }
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
            let of_kind: Vec<&Notice> = notices.iter().filter(|each| each.kind == kind).collect();
            merged(kind, &of_kind)
        })
        .collect()
}

fn merged(kind: Kind, notices: &[&Notice]) -> Option<Notice> {
    let (first, others) = notices.split_first()?;
    if others.is_empty() {
        return Some((*first).clone());
    }
    let count = notices.len();
    let (title, above) = match kind {
        Kind::Round => (format!("{count} rounds are over"), "#/deliberations"),
        Kind::NeedsYou => (format!("{count} things wait for you"), "#/hall"),
        Kind::Parked => (format!("{count} messages are parked"), "#/hall"),
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
    })
}

#[cfg(test)]
mod tests;
