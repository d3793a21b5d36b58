//! What is told, what is not, and what is told together.

use super::*;
use crate::tray::standing::tests::rehearsed;

/// The titles and places of what is told while these events come.
fn told(standing: &mut Standing, events: &[Event]) -> Vec<Notice> {
    let tell = |event| {
        let before = standing.clone();
        standing.take(event);
        of(&before, event, standing)
    };
    events.iter().flat_map(tell).collect()
}

#[tokio::test]
async fn a_round_is_told_once_when_it_is_over_with_the_place_to_read_it() {
    let (mut standing, events) = rehearsed("Which store?").await;
    let Some(Event::RoundChanged { round }) = events.last() else {
        panic!("a round ends with its last change");
    };
    let mut twice = events.clone();
    twice.extend(events.last().cloned());
    let notices = told(&mut standing, &twice);
    assert_eq!(
        notices,
        [Notice {
            kind: Kind::Round,
            title: "A round is complete".to_owned(),
            body: "Which store?".to_owned(),
            fragment: format!("#/deliberations/{}", round.session_id),
            count: 1,
            need: None,
        }]
    );
}

#[tokio::test]
async fn a_round_that_a_person_cancelled_is_not_told() {
    let (mut standing, mut events) = rehearsed("Which store?").await;
    if let Some(Event::RoundChanged { round }) = events.last_mut() {
        round.cancelled = true;
    }
    assert_eq!(told(&mut standing, &events), []);
}

#[tokio::test]
async fn what_grows_is_told_and_what_shrinks_is_not() {
    let (mut standing, _) = rehearsed("Who waits?").await;
    let stand = standing.discord.clone();
    let with = |unplaced, parked, bridge: BridgeState| {
        let mut discord = stand.clone();
        (discord.unplaced, discord.parked, discord.bridge) = (unplaced, parked, bridge);
        Event::DiscordMoved { discord }
    };
    let why = || BridgeState::Stopped {
        why: "Discord refused the token.".to_owned(),
    };
    let events = [
        with(1, 0, BridgeState::Delivering {}),
        with(1, 1, BridgeState::Delivering {}),
        with(0, 0, why()),
        with(0, 0, why()),
    ];
    let notices = told(&mut standing, &events);
    let kinds: Vec<_> = notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [Kind::NeedsYou, Kind::Parked, Kind::NeedsYou]);
    assert_eq!(notices[2].body, "Discord refused the token.");
    assert!(notices.iter().all(|notice| notice.fragment == "#/discord"));
}

#[tokio::test]
async fn each_kind_can_be_switched_off() {
    let (mut standing, events) = rehearsed("Which store?").await;
    standing.settings.notify_rounds = false;
    assert_eq!(told(&mut standing, &events), []);
    standing.settings.notify_needs_you = false;
    let mut discord = standing.discord.clone();
    (discord.unplaced, discord.parked) = (1, 1);
    let notices = told(&mut standing, &[Event::DiscordMoved { discord }]);
    assert_eq!(
        notices.iter().map(|each| each.kind).collect::<Vec<_>>(),
        [Kind::Parked]
    );
}

#[test]
fn what_comes_together_is_one_notice_of_each_kind() {
    let round = |n: u32| Notice {
        kind: Kind::Round,
        title: "A round is complete".to_owned(),
        body: format!("Question {n}"),
        fragment: format!("#/deliberations/s_{n}"),
        count: 1,
        need: None,
    };
    let parked = waiting(Need::Parked, 1, &BridgeState::Off {});
    assert_eq!(parked.title, "A message on the bus is parked");
    let many = vec![
        round(1),
        parked.clone(),
        round(2),
        parked.clone(),
        round(3),
        round(4),
    ];
    let [rounds, resting] = &together(many)[..] else {
        panic!("one of each kind");
    };
    assert_eq!(rounds.title, "4 rounds are over");
    assert_eq!(rounds.body, "Question 1\nQuestion 2\nQuestion 3");
    assert_eq!(rounds.fragment, "#/deliberations");
    assert_eq!(resting.title, "2 messages on the bus are parked");
    assert_eq!(resting.fragment, "#/bus/parked");
    assert_eq!(together(vec![parked.clone()]), vec![parked.clone()]);
    let three = waiting(Need::Parked, 3, &BridgeState::Off {});
    assert_eq!(three.title, "3 messages on the bus are parked");
    assert_eq!(
        together(vec![parked.clone(), three])[0].title,
        "4 messages on the bus are parked"
    );
    let held = waiting(Need::Held, 2, &BridgeState::Off {});
    let [both] = &together(vec![held.clone(), parked, held])[..] else {
        panic!("they are of one kind");
    };
    assert_eq!(both.title, "5 messages are parked or held");
    assert_eq!(
        both.body,
        "4 messages on the bus are held: agents seem to answer one another without end\n\
         A message on the bus is parked"
    );
    assert_eq!((both.count, both.fragment.as_str()), (5, "#/hall"));
}

#[tokio::test]
async fn what_comes_at_once_is_counted() {
    let (mut standing, _) = rehearsed("How many?").await;
    let bus = |parked: u32, unread: u32| {
        let mut bus = husting_wire::bus::messages::BusStand::default();
        (bus.counts.parked, bus.counts.unread) = (parked, unread);
        Event::BusMoved { bus }
    };
    let notices = told(&mut standing, &[bus(3, 0), bus(4, 2), bus(1, 1)]);
    let titles: Vec<_> = notices.iter().map(|each| each.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "3 messages on the bus are parked",
            "2 messages to you are on the bus",
            "A message on the bus is parked",
        ]
    );
    assert_eq!(notices.iter().map(|each| each.count).sum::<u32>(), 6);
}

#[tokio::test]
async fn an_incomplete_round_is_told_once_by_whichever_kind_is_on() {
    let (mut standing, events) = rehearsed("Who is missing?").await;
    let Some(mut session) = events.iter().find_map(|event| match event {
        Event::SessionChanged { session } => Some(session.clone()),
        _ => None,
    }) else {
        panic!("a round changes its session's row");
    };
    session.status = husting_domain::sessions::SessionStatus::Failed;
    let failed = [Event::SessionChanged { session }];
    assert_eq!(told(&mut standing.clone(), &failed), []);
    standing.settings.notify_rounds = false;
    let notices = told(&mut standing, &failed);
    assert_eq!(notices[0].title, "A round has failed: no seat answered");
    assert_eq!(notices[0].kind, Kind::NeedsYou);
}
