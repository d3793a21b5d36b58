//! The bridge as people read it. What others wrote can move no cursor and forge no line.

use husting_wire::discord::{BridgeState, ChannelView, DiscordView, ServerView, Traffic};

use crate::output::words::{indented, moment, plain, took, word};

/// How the bridge stands.
pub(super) fn view(view: &DiscordView) -> String {
    let (stand, setup, day) = (&view.stand, &view.setup, &view.day);
    let mut lines = vec![format!("The bridge {}", state(&stand.bridge))];
    if let Some(bot) = &setup.bot {
        lines.push(format!(
            "Bot       {}, token …{}",
            plain(&bot.name),
            plain(&bot.token_tail)
        ));
    }
    if let Some(trouble) = &stand.bus_trouble {
        lines.push(format!("The bus takes nothing: {}", plain(trouble)));
    }
    for route in &setup.routes {
        let name = route
            .name
            .as_deref()
            .map_or_else(String::new, |name| format!(" (#{})", plain(name)));
        lines.push(format!(
            "Channel {}{name} asks {}.",
            route.channel_id, route.agent
        ));
        if let Some(lacking) = route.lacking.as_ref().filter(|lacking| !lacking.is_empty()) {
            lines.push(format!("  The bot may not {} there.", lacking.join(", ")));
        }
    }
    lines.push(format!("Everything else asks {}.", setup.default_agent));
    for place in &setup.standing_places {
        lines.push(format!(
            "Replies of {} without a place go to {}.",
            place.agent, place.channel_id
        ));
    }
    let median = day.median_answer_millis.map_or_else(String::new, |millis| {
        format!(", answered in {} (median)", took(millis))
    });
    lines.push(format!(
        "24 hours  {} asked, {} delivered{median}",
        day.questions, day.delivered
    ));
    lines.push(format!(
        "Waiting   {} for their agents, {} unplaced, {} resting",
        view.waiting.len(),
        view.unplaced.len(),
        view.resting.len()
    ));
    lines.join("\n") + "\n"
}

fn state(state: &BridgeState) -> String {
    match state {
        BridgeState::NotSetUp {} => "has no bot: husting discord bot --token-stdin".to_owned(),
        BridgeState::Off {} => "is off: husting discord start".to_owned(),
        BridgeState::Connecting { after: None } => "is connecting.".to_owned(),
        BridgeState::Connecting { after: Some(why) } => {
            format!("is connecting again: {}", plain(why))
        }
        BridgeState::Delivering {} => "carries messages.".to_owned(),
        BridgeState::Paused {} => "is held: husting discord resume".to_owned(),
        BridgeState::Elsewhere { holder } => format!("runs elsewhere: {}", plain(holder)),
        BridgeState::Stopped { why } => format!("has stopped: {}", plain(why)),
    }
}

/// When something is done that the bridge does, as it stands.
pub(super) fn due(bridge: &BridgeState, done: &str) -> String {
    match bridge {
        BridgeState::Delivering {} => format!("It is {done} now."),
        other => format!(
            "It is {done} when the bridge carries messages again, which {}",
            state(other)
        ),
    }
}

/// One message on its way.
pub(super) fn traffic(traffic: &Traffic) -> String {
    let (head, id, text, fault) = match traffic {
        Traffic::In {
            request_id,
            place,
            author,
            agent,
            text,
            is_note,
            at,
            state,
            fault,
            ..
        } => {
            let note = if *is_note { "  (edited)" } else { "" };
            let (place, author) = (plain(place), plain(author));
            let head = format!(
                "{}  {author} in {place} → {agent}  [{}]{note}",
                moment(*at),
                word(state)
            );
            (head, request_id.to_string(), text, fault)
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
            fault,
            ..
        } => {
            let to = author
                .as_deref()
                .map_or_else(|| "nobody known".to_owned(), plain);
            let place = place
                .as_deref()
                .map_or_else(String::new, |place| format!(" in {}", plain(place)));
            let share = if *parts > 1 {
                format!(", {posted} of {parts} posted")
            } else {
                String::new()
            };
            let agent = plain(agent);
            let head = format!(
                "{}  {agent} → {to}{place}  [{}{share}]",
                moment(*at),
                word(state)
            );
            (head, reply_id.to_string(), text, fault)
        }
    };
    let why = fault
        .as_deref()
        .map_or_else(String::new, |why| format!("  why: {}\n", plain(why)));
    format!("{head}\n  id {id}\n{why}{}\n", indented(text))
}

/// Replies without a place, with what each may answer.
pub(super) fn unplaced(view: &DiscordView) -> String {
    if view.unplaced.is_empty() {
        return "Every reply has its place.\n".to_owned();
    }
    let mut text = String::new();
    for reply in &view.unplaced {
        let why = reply
            .why
            .as_deref()
            .map_or_else(String::new, |why| format!("  why: {}\n", plain(why)));
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
            crate::output::words::count(u64::from(agent.count), "time")
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
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_to_be_done_before_it_is() {
        let later = "It is posted when the bridge carries messages again, which is";
        for (bridge, said) in [
            (BridgeState::Delivering {}, "It is posted now.".to_owned()),
            (
                BridgeState::Off {},
                format!("{later} off: husting discord start"),
            ),
            (
                BridgeState::Paused {},
                format!("{later} held: husting discord resume"),
            ),
        ] {
            assert_eq!(due(&bridge, "posted"), said);
        }
    }
}
