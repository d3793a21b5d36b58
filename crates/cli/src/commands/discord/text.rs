//! The bridge as people read it. What others wrote can move no cursor and forge no line.

use husting_domain::discord::{InboundState, ReplyState};
use husting_domain::discord_panels::PanelStage;
use husting_wire::discord::{ChannelView, DiscordView, OpenQuestion, ServerView, Traffic};

use super::going::way_on;
use crate::output::words::{count, indented, moment, plain, word};

/// One message on its way.
pub(super) fn traffic(traffic: &Traffic) -> String {
    let (head, id, text, rested_at, fault) = match traffic {
        Traffic::Stop {
            place, author, at, ..
        } => {
            let (place, author) = (plain(place), plain(author));
            return format!("{}  {author} said STOP in {place}\n\n", moment(*at));
        }
        Traffic::Panel {
            session_id,
            place,
            author,
            question,
            round,
            at,
            stage,
            outcome,
            fault,
            ..
        } => {
            let head = format!(
                "{}  {} in {} → a panel  [{}]",
                moment(*at),
                plain(author),
                plain(place),
                outcome.map_or_else(|| staged(*stage, *round), |outcome| word(&outcome))
            );
            let session = session_id.map_or_else(String::new, |id| format!("  session {id}\n"));
            return format!(
                "{head}\n{session}{}{}\n",
                why(fault.as_deref()),
                indented(question)
            );
        }
        Traffic::In {
            request_id,
            place,
            author,
            agent,
            text,
            is_note,
            at,
            state,
            read_at,
            stopped,
            rested_at,
            fault,
            ..
        } => {
            let note = if *is_note { "  (edited)" } else { "" };
            let (place, author) = (plain(place), plain(author));
            let head = format!(
                "{}  {author} in {place} → {agent}  [{}]{note}",
                moment(*at),
                asked(*state, read_at.is_some(), *stopped)
            );
            (head, request_id.to_string(), text, rested_at, fault)
        }
        Traffic::Out {
            reply_id,
            place,
            agent,
            author,
            text,
            at,
            state,
            parts,
            posted,
            rested_at,
            fault,
            ..
        } => {
            let to = author
                .as_deref()
                .map_or_else(|| "nobody known".to_owned(), plain);
            let place = place
                .as_deref()
                .map_or_else(String::new, |place| format!(" in {}", plain(place)));
            let agent = plain(agent);
            let head = format!(
                "{}  {agent} → {to}{place}  [{}]",
                moment(*at),
                replied(*state, *posted, *parts)
            );
            (head, reply_id.to_string(), text, rested_at, fault)
        }
    };
    let rests = rested_at.map_or_else(String::new, |at| format!("  rests since {}\n", moment(at)));
    let why = why(fault.as_deref());
    let next = way_on(traffic).map_or_else(String::new, |way| format!("  {way}\n"));
    format!("{head}\n  id {id}\n{rests}{why}{next}{}\n", indented(text))
}

/// How far a question came, in the window's words.
const fn asked(state: InboundState, is_read: bool, is_stopped: bool) -> &'static str {
    match state {
        _ if is_stopped => "stopped",
        InboundState::Journalled => "kept",
        InboundState::Sent if is_read => "read",
        InboundState::Sent => "on the bus",
        InboundState::Answered => "answered",
        InboundState::Parked => "parked",
        InboundState::Withdrawn => "withdrawn",
        InboundState::Held => "heard late",
    }
}

/// How far a reply came, in the window's words; of one that rests also how much of it stands there.
fn replied(state: ReplyState, posted: u32, parts: u32) -> String {
    let share = format!("{posted} of {parts} parts");
    let resting = match state {
        ReplyState::Posted => {
            return format!("delivered, {}", count(u64::from(parts), "part"));
        }
        ReplyState::Waiting if posted > 0 => return share,
        ReplyState::Waiting => return "on its way".to_owned(),
        ReplyState::Unplaced => "no place",
        ReplyState::Barred => "not allowed there",
        ReplyState::Parked => "parked",
        ReplyState::Dismissed => "discarded",
    };
    match posted {
        0 => resting.to_owned(),
        _ => format!("{resting}, {share}"),
    }
}

/// Where a panel is on its way, in the window's words.
fn staged(stage: PanelStage, round: u32) -> String {
    match stage {
        PanelStage::Convening => "to be convened".to_owned(),
        PanelStage::Advancing => format!("round {round} begins"),
        PanelStage::Running => format!("round {round} runs"),
        PanelStage::Resting => format!("after round {round}"),
        PanelStage::Refused => "not convened".to_owned(),
        PanelStage::Ended => "ended".to_owned(),
    }
}

fn why(fault: Option<&str>) -> String {
    fault.map_or_else(String::new, |why| format!("  why: {}\n", plain(why)))
}

/// A question that waits for its agent.
pub(super) fn open(question: &OpenQuestion) -> String {
    let read = question.read_at.map_or_else(
        || "not read yet".to_owned(),
        |at| format!("read {}", moment(at)),
    );
    format!(
        "{}  {} in {} → {}  [{read}]\n  id {}\n",
        moment(question.asked_at),
        plain(&question.author),
        plain(&question.place),
        question.agent,
        question.request_id
    )
}

/// Replies without a place, with what each may answer.
pub(super) fn unplaced(view: &DiscordView) -> String {
    let mut text = match view.unplaced.is_empty() {
        true => "Every reply has its place.\n".to_owned(),
        false => String::new(),
    };
    for reply in &view.unplaced {
        let why = why(reply.why.as_deref());
        text += &format!(
            "{}  {}\n  id {}\n{why}{}\n",
            moment(reply.arrived_at),
            plain(&reply.agent),
            reply.reply_id,
            indented(&reply.text)
        );
        for origin in &reply.origins {
            text += &format!(
                "  may answer {}  {} in {}: {}\n",
                origin.request_id,
                plain(&origin.author),
                plain(&origin.place),
                plain(&origin.text)
            );
        }
        text += "\n";
    }
    for agent in &view.without_ack {
        text += &format!(
            "{} named no question {} in seven days: husting discord protocol {0}\n",
            plain(&agent.agent),
            count(u64::from(agent.count), "time")
        );
    }
    text
}

/// A server with its channels.
pub(super) fn server(server: &ServerView) -> String {
    let channels = server.channels.iter().map(channel);
    format!(
        "{}  {}\n{}",
        server.id,
        plain(&server.name),
        channels.collect::<String>()
    )
}

fn channel(channel: &ChannelView) -> String {
    let indent = if channel.parent_id.is_some() {
        "    "
    } else {
        "  "
    };
    let mut text = format!("{indent}{}  #{}\n", channel.id, plain(&channel.name));
    for (what, lacking) in [
        ("may not", &channel.lacking),
        ("without", &channel.extras_lacking),
    ] {
        if !lacking.is_empty() {
            text += &format!("{indent}  {what} {}\n", lacking.join(", "));
        }
    }
    if let Some(invitation) = &channel.invitation {
        text += &format!("{indent}  {invitation}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_passes_stands_in_the_words_of_the_window() {
        for (state, is_read, is_stopped, told) in [
            (InboundState::Journalled, false, false, "kept"),
            (InboundState::Sent, false, false, "on the bus"),
            (InboundState::Sent, true, false, "read"),
            (InboundState::Answered, true, false, "answered"),
            (InboundState::Held, false, false, "heard late"),
            (InboundState::Sent, true, true, "stopped"),
        ] {
            assert_eq!(asked(state, is_read, is_stopped), told);
        }
        for (state, posted, told) in [
            (ReplyState::Unplaced, 0, "no place"),
            (ReplyState::Waiting, 0, "on its way"),
            (ReplyState::Waiting, 1, "1 of 3 parts"),
            (ReplyState::Posted, 3, "delivered, 3 parts"),
            (ReplyState::Barred, 1, "not allowed there, 1 of 3 parts"),
            (ReplyState::Dismissed, 0, "discarded"),
        ] {
            assert_eq!(replied(state, posted, 3), told);
        }
    }

    #[test]
    fn a_panel_is_told_with_who_asked_for_it_where_and_what_became_of_it() {
        let panel = |session, fault, outcome| {
            let panel = json!({
                "direction": "panel", "panel_id": "0199d1f0-0000-7000-8000-000000000000",
                "session_id": session, "place": "#hq\u{1b}[2J", "author": "Ana", "question": "One table?",
                "round": 2, "at": "2026-11-20T08:00:00Z", "stage": "resting", "fault": fault, "outcome": outcome,
            });
            traffic(&serde_json::from_value(panel).unwrap())
        };
        let told = panel(Some("0199d1f0-0000-7000-8000-000000000001"), None, None);
        let (head, rest) = told.split_once('\n').unwrap();
        assert!(head.contains("  Ana in #hq"), "{head}");
        assert!(head.ends_with(" → a panel  [after round 2]"), "{head}");
        assert!(!head.contains('\u{1b}'), "{head}");
        assert!(
            rest.starts_with("  session 0199d1f0-0000-7000-8000-000000000001\n"),
            "{rest}"
        );
        assert!(rest.contains("One table?"), "{rest}");
        let cancelled = panel(None, None, Some("cancelled"));
        assert!(
            cancelled.contains(" → a panel  [cancelled]\n"),
            "{cancelled}"
        );
        let told = panel(None, Some("Too few models."), None);
        assert!(told.contains("\n  why: Too few models.\n"), "{told}");
        assert!(!told.contains("session"), "{told}");
    }
}
