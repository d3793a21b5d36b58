//! An hour of what happens to a bridge, in quick time: sessions end in every way, the machine sleeps,
//! its clock is set back, the bus is away. Nothing is lost, nothing doubled, nothing out of order.

use std::time::Duration;

use husting_test_support::discord::{Fault, Id, Strike};
use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rstest::rstest;

use crate::scene::Scene;
use crate::whole::House;

const HOUR: Duration = Duration::from_secs(3_600);
/// What would hang fails.
const LONG: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
enum Event {
    Reconnect,
    InvalidKept,
    InvalidLost,
    Dropped,
    HungResume,
    Sleep,
    SetBack,
    BusAway,
    BusBack,
    Nothing,
}

const EVENTS: [Event; 10] = [
    Event::Reconnect,
    Event::InvalidKept,
    Event::InvalidLost,
    Event::Dropped,
    Event::HungResume,
    Event::Sleep,
    Event::SetBack,
    Event::BusAway,
    Event::BusBack,
    Event::Nothing,
];

fn strike(scene: &Scene, house: &House, event: Event, rng: &mut ChaCha8Rng) {
    let minutes = Duration::from_secs(60 * rng.random_range(1..6));
    let discord = &scene.discord;
    match event {
        Event::Reconnect => discord.reconnect(),
        Event::InvalidKept => discord.invalidate(true),
        Event::InvalidLost => discord.invalidate(false),
        Event::Dropped => discord.close_connections(1006),
        Event::HungResume => {
            discord.strike(Strike::new(Fault::HangResume).once());
            discord.reconnect();
        }
        Event::Sleep => scene.clock.skip(minutes),
        Event::SetBack => scene.clock.set_back(minutes),
        Event::BusAway => house.agents.set_away(true),
        Event::BusBack => house.agents.set_away(false),
        Event::Nothing => {}
    }
}

#[rstest]
#[tokio::test]
async fn an_hour_loses_doubles_and_disorders_nothing(#[values(1, 2, 3, 4)] seed: u64) {
    println!("seed {seed}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let scene = Scene::new().await;
    let channels = [scene.general, scene.other];
    let map = [(scene.general, "loom"), (scene.other, "kasra")];
    let house = House::new(&scene, &map, seed.is_multiple_of(2)).await;
    let _running = house.start(&scene).await;
    let mut count = 0;
    let mut say = |channel: Id| {
        let words = format!("m{count}");
        count += 1;
        scene.discord.say(scene.alice, channel, &words).unwrap();
    };
    // Channels in which nothing was ever heard are not read back.
    for channel in channels {
        say(channel);
        scene.discord.until_posted(channel, 1).await;
    }
    let mut passed = Duration::ZERO;
    while passed < HOUR {
        let event = EVENTS[rng.random_range(0..EVENTS.len())];
        println!("{passed:?} {event:?}");
        for _ in 0..rng.random_range(0..3) {
            say(channels[rng.random_range(0..2)]);
        }
        strike(&scene, &house, event, &mut rng);
        for _ in 0..rng.random_range(0..3) {
            say(channels[rng.random_range(0..2)]);
        }
        let pause = Duration::from_secs(rng.random_range(20..180));
        scene.clock.skip(pause);
        passed += pause;
        if rng.random_bool(0.5) {
            let live = scene.discord.until_live(1);
            tokio::time::timeout(LONG, live).await.unwrap();
        }
    }
    house.agents.set_away(false);
    scene.discord.lift_all();
    for channel in channels {
        let posted = scene
            .discord
            .until_posted(channel, said_in(&scene, channel));
        let posted = tokio::time::timeout(LONG, posted).await;
        assert!(posted.is_ok(), "asked {:?}", house.agents.asked());
    }
    // What would be posted twice is, before this.
    for channel in channels {
        say(channel);
        let posted = scene
            .discord
            .until_posted(channel, said_in(&scene, channel));
        tokio::time::timeout(LONG, posted).await.unwrap();
    }
    let mut asked = house.agents.asked();
    asked.sort();
    let mut all: Vec<String> = (0..count).map(|number| format!("m{number}")).collect();
    all.sort();
    assert_eq!(asked, all);
    for channel in channels {
        let posted = scene.discord.look(|view| view.posted(channel));
        let words: Vec<_> = posted.into_iter().map(|message| message.content).collect();
        let wanted = heard_in(&scene, channel).into_iter();
        assert_eq!(
            words,
            wanted.map(|said| format!("re {said}")).collect::<Vec<_>>()
        );
    }
}

/// What people said in a channel.
fn heard_in(scene: &Scene, channel: Id) -> Vec<String> {
    let all = scene.discord.messages(channel).into_iter();
    let said = all.filter(|message| message.content.starts_with('m'));
    said.map(|message| message.content).collect()
}

fn said_in(scene: &Scene, channel: Id) -> usize {
    heard_in(scene, channel).len()
}
