//! Everything that an operator would look at first.

use husting_domain::agents::Name;
use husting_wire::commands::ReadDiscord;
use husting_wire::discord::{
    BridgeHealth, BridgeStand, BridgeState, DiscordDay, DiscordView, RouteView, StandingPlace,
    StoppedPlace,
};
use husting_wire::settings::Nothing;

use super::agents::Agents;
use super::state::{Served, sentence, state};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::{count, count_of, moment, plain, took, word};

/// What is told beside the bridge's own view.
struct Around {
    served: Served,
    agents: Agents,
}

pub(super) async fn run(door: &dyn Door, json: bool) -> Result<Exit, Failure> {
    let view = ask::<ReadDiscord>(door, Nothing {}).await?;
    let around = Around {
        served: Served::by(door),
        agents: Agents::of(door).await?,
    };
    output::answer(&view, json, &shown(&view, &around))
}

fn shown(view: &DiscordView, around: &Around) -> String {
    let (stand, setup) = (&view.stand, &view.setup);
    let mut lines = vec![format!("The bridge {}", state(view, around.served))];
    lines.extend(queued(stand));
    if let Some(host) = &setup.sandbox {
        lines.push(format!("Sandbox   {} plays Discord here.", plain(host)));
    }
    if let Some(bot) = &setup.bot {
        let (name, tail) = (plain(&bot.name), plain(&bot.token_tail));
        lines.push(format!("Bot       {name}, token …{tail}"));
    }
    if let Some(health) = &view.health {
        lines.extend(of_connection(health));
        lines.extend(without_content(&stand.bridge, health));
    }
    if stand.agents_paused {
        lines.push(
            "All agents are paused: nobody is asked, and their replies wait. husting resume lets them go on."
                .to_owned(),
        );
    } else if let Some(trouble) = &stand.bus_trouble {
        lines.push(format!("The bus takes nothing: {}", sentence(trouble)));
    }
    for route in &setup.routes {
        lines.push(mapped(route));
        lines.extend(asleep(&route.agent, &around.agents));
        lines.extend(lacking(route));
    }
    lines.extend(view.stops.iter().map(stopped));
    lines.push(format!("Everything else asks {}.", setup.default_agent));
    lines.extend(asleep(&setup.default_agent, &around.agents));
    lines.extend(setup.standing_places.iter().map(standing));
    lines.push(format!(
        "Manner    marks {}, own names {}, {} rounds of panels a day: husting discord set",
        word(&setup.marks),
        if setup.own_names { "on" } else { "off" },
        setup.panels_per_day
    ));
    lines.push(of_day(&view.day));
    lines.push(waiting(view));
    lines.join("\n") + "\n"
}

/// What is not on its way while the bridge is paused; some of it may wait for a full inbox as well.
fn queued(stand: &BridgeStand) -> Option<String> {
    if !matches!(stand.bridge, BridgeState::Paused {}) {
        return None;
    }
    let questions = count(stand.to_ask.into(), "message") + " from Discord";
    let replies = count_of(stand.to_post.into(), "reply", "replies") + " to Discord";
    let rounds = count(stand.to_convene.into(), "panel round");
    let kinds = [
        (stand.to_ask, questions),
        (stand.to_post, replies),
        (stand.to_convene, rounds),
    ];
    let told: Vec<_> = kinds
        .into_iter()
        .filter_map(|(number, words)| (number > 0).then_some(words))
        .collect();
    (!told.is_empty()).then(|| format!("Queued    {}", told.join(", ")))
}

fn of_connection(health: &BridgeHealth) -> Option<String> {
    let since = health.connected_since?;
    let event = health
        .last_event
        .map_or_else(String::new, |at| format!(", last event {}", moment(at)));
    let left = health.identifies_left.map_or_else(String::new, |left| {
        format!(", {left} session starts left today")
    });
    Some(format!("Connected since {}{event}{left}", moment(since)))
}

/// While it is not connected, nobody knows what Discord will grant.
fn without_content(bridge: &BridgeState, health: &BridgeHealth) -> Option<String> {
    let is_known = health.connected_since.is_some()
        && matches!(bridge, BridgeState::Delivering {} | BridgeState::Paused {});
    if !is_known || health.content_granted {
        return None;
    }
    let page = health.portal_url.as_deref().unwrap_or(
        "the Bot page of your application at https://discord.com/developers/applications",
    );
    Some(format!(
        "Discord withholds the words of messages that do not mention the bot: mapped channels stay silent. \
         Switch on the Message Content Intent at {}; it is taken up by itself.",
        plain(page)
    ))
}

/// Who is asked in it.
pub(super) fn mapped(route: &RouteView) -> String {
    format!(
        "Channel {} asks {}.",
        channel(route.channel_id, route.name.as_deref()),
        route.agent
    )
}

/// `123456789012345678 (#hq)`
pub(super) fn channel(id: impl std::fmt::Display, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{id} (#{})", plain(name)),
        None => id.to_string(),
    }
}

fn asleep(agent: &Name, agents: &Agents) -> Option<String> {
    let trouble = agents.trouble(agent)?;
    Some(format!("  {agent} does not answer: {trouble}"))
}

/// What the bot may not do in a channel of the map, where Discord was asked.
pub(super) fn lacking(route: &RouteView) -> Option<String> {
    if route.unseen {
        return Some(
            "  Discord does not show it to the bot: it may be gone or have another id, or the bot may not look \
             there. husting discord servers lists what it sees."
                .to_owned(),
        );
    }
    let lacking = route
        .lacking
        .as_ref()
        .filter(|lacking| !lacking.is_empty())?;
    Some(format!(
        "  The bot may not {} there: husting discord servers prints the invitation that grants it.",
        lacking.join(", ")
    ))
}

fn standing(place: &StandingPlace) -> String {
    format!(
        "Replies of {} without a place go to {}: husting discord unfix {0} ends that.",
        place.agent,
        channel(place.channel_id, place.channel_name.as_deref())
    )
}

fn stopped(stop: &StoppedPlace) -> String {
    let by = stop
        .by
        .as_deref()
        .map_or_else(|| "A person".to_owned(), plain);
    format!(
        "{by} said STOP in {} at {}: what was asked there before is not answered any more.",
        plain(&stop.place),
        moment(stop.at)
    )
}

fn of_day(day: &DiscordDay) -> String {
    let median = day.median_answer_millis.map_or_else(String::new, |millis| {
        format!(", answered in {} (median)", took(millis))
    });
    format!(
        "24 hours  {} asked, {} delivered{median}",
        day.questions, day.delivered
    )
}

/// The numbers, with the commands that list them where there are any.
fn waiting(view: &DiscordView) -> String {
    let lists = [
        (view.waiting.len(), "husting discord traffic --waiting"),
        (view.unplaced.len(), "husting discord unplaced"),
        (view.resting.len(), "husting discord traffic --resting"),
    ];
    let [waiting, unplaced, resting] = lists.map(|(number, _)| number);
    let commands: Vec<_> = lists
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(_, command)| *command)
        .collect();
    let numbers =
        format!("Waiting   {waiting} for their agents, {unplaced} unplaced, {resting} resting");
    match commands.is_empty() {
        true => numbers,
        false => format!("{numbers}: {}", commands.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::commands::discord::state::samples::view;

    const SINCE: Option<&str> = Some("2026-11-20T08:00:00Z");

    fn delivering() -> DiscordView {
        view(BridgeState::Delivering {}, SINCE)
    }

    fn told(view: &DiscordView) -> String {
        let around = Around {
            served: Served::Yes,
            agents: Agents::default(),
        };
        shown(view, &around)
    }

    #[test]
    fn a_bridge_that_is_deaf_says_so_and_what_to_do() {
        let mut view = delivering();
        assert!(!told(&view).contains("Message Content"));
        let health = view.health.as_mut().unwrap();
        health.content_granted = false;
        health.portal_url = Some("https://discord.com/developers/applications/7/bot".to_owned());
        let deaf = told(&view);
        assert!(
            deaf.contains(
                "Message Content Intent at https://discord.com/developers/applications/7/bot;"
            ),
            "{deaf}"
        );
    }

    #[test]
    fn what_is_queued_is_counted_while_the_bridge_is_paused() {
        let mut view = delivering();
        (view.stand.to_ask, view.stand.to_post, view.stand.to_convene) = (3, 1, 1);
        assert!(!told(&view).contains("Queued"), "it is on its way");
        view.stand.bridge = BridgeState::Paused {};
        let all = told(&view);
        let expected = "is held: husting discord resume\nQueued    3 messages from Discord, 1 reply to Discord, 1 panel round\n";
        assert!(all.contains(expected), "{all}");
        (view.stand.to_ask, view.stand.to_convene) = (0, 0);
        assert!(told(&view).contains("Queued    1 reply to Discord\n"));
        view.stand.to_post = 0;
        assert!(!told(&view).contains("Queued"));
    }

    #[test]
    fn a_sandbox_is_called_one() {
        let mut view = delivering();
        assert!(!told(&view).contains("Sandbox"));
        view.setup.sandbox = Some("127.0.0.1:8321".to_owned());
        assert!(told(&view).contains("Sandbox   127.0.0.1:8321 plays Discord here.\n"));
    }

    #[test]
    fn what_is_wrong_with_the_bus_is_the_operators_pause_where_that_is_why() {
        let mut view = delivering();
        view.stand.bus_trouble = Some("it is away".to_owned());
        let away = told(&view);
        assert!(
            away.contains("The bus takes nothing: it is away.\n"),
            "{away}"
        );
        view.stand.agents_paused = true;
        let held = told(&view);
        assert!(held.contains("All agents are paused"), "{held}");
        assert!(held.contains("husting resume"), "{held}");
        assert!(!held.contains("it is away"), "{held}");
    }

    #[test]
    fn whoever_is_asked_and_reads_no_mail_and_what_the_bot_may_not_stand_below_their_channel() {
        let mut view = delivering();
        let route = json!({
            "channel_id": "123456789012345678", "name": "hq", "agent": "loom", "lacking": ["Send Messages"],
        });
        view.setup.routes = vec![serde_json::from_value(route).unwrap()];
        let told = told(&view);
        let expected = "Channel 123456789012345678 (#hq) asks loom.\n  \
            loom does not answer: it is not on the bus: husting agent mint loom\n  \
            The bot may not Send Messages there: husting discord servers prints the invitation";
        assert!(told.contains(expected), "{told}");
        let elsewhere = "Everything else asks kasra.\n  kasra does not answer";
        assert!(told.contains(elsewhere), "{told}");
    }

    #[test]
    fn a_channel_that_discord_does_not_show_may_not_be_there() {
        let mut view = delivering();
        let route = json!({
            "channel_id": "123456789012345678", "name": null, "agent": "kasra", "lacking": ["View Channels"], "unseen": true,
        });
        view.setup.routes = vec![serde_json::from_value(route).unwrap()];
        let told = told(&view);
        let expected = "Discord does not show it to the bot: it may be gone or have another id";
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("prints the invitation"), "{told}");
    }

    #[test]
    fn a_persons_stop_is_told_with_who_said_it_where() {
        let mut view = delivering();
        let stop = json!({
            "channel_id": "123456789012345678", "place": "#hq", "by": "ana", "at": "2026-11-20T08:00:00Z",
        });
        view.stops = vec![serde_json::from_value(stop).unwrap()];
        assert!(
            told(&view).contains("ana said STOP in #hq at "),
            "{}",
            told(&view)
        );
    }

    #[test]
    fn what_waits_is_told_with_the_command_that_lists_it() {
        assert!(told(&delivering()).ends_with("0 for their agents, 0 unplaced, 0 resting\n"));
        let mut view = delivering();
        let reply = json!({
            "reply_id": "0199d1f0-0000-7000-8000-000000000000", "agent": "loom", "text": "So.",
            "arrived_at": "2026-11-20T08:00:00Z", "why": null, "origins": [],
        });
        view.unplaced = vec![serde_json::from_value(reply).unwrap()];
        assert!(told(&view).ends_with("1 unplaced, 0 resting: husting discord unplaced\n"));
    }
}
