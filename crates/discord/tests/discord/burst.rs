//! Fifty messages at once: no limit is broken, none overtakes another.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use husting_clock::SystemClock;
use husting_test_support::discord::{
    Fault, Id, Limit, LimitScope, Overwrite, Request, Settings, Strike, bits,
};

use crate::scene::{Scene, id, in_time, post};
use crate::whole::House;

const CREATE: &str = "POST /channels/{channel.id}/messages";
const MESSAGES: usize = 50;
/// The pause that Discord asks of everybody once.
const PAUSE_MS: u64 = 1_500;
/// What was on its way when it asked.
const ON_ITS_WAY_MS: u64 = 300;

fn in_channel(requests: &[Request], channel: Id) -> Vec<&Request> {
    let path = format!("/channels/{channel}/messages");
    let here = requests.iter().filter(|each| each.path.ends_with(&path));
    here.collect()
}

/// In real time, which the headers are told in: about a quarter of a minute.
#[tokio::test]
async fn fifty_messages_over_three_channels_keep_every_limit_and_their_order() {
    let scene = Scene::set(|settings: &mut Settings| {
        settings.routes.insert(CREATE.into(), Limit::new(2, 700));
    })
    .await;
    let third = scene
        .discord
        .begin_thread(scene.alice, scene.general, None, "plans")
        .unwrap();
    let channels = [scene.general, scene.other, third];
    let fault = Fault::RateLimited {
        scope: LimitScope::Global,
        retry_after_ms: PAUSE_MS,
    };
    scene
        .discord
        .strike(Strike::new(fault).on(CREATE).at(scene.other).once());
    let sender = scene.sender_by(Arc::new(SystemClock));
    let all = (0..MESSAGES).map(|number| {
        let (sender, channel) = (sender.clone(), id(channels[number % 3]));
        async move { sender.post(channel, &post(&number.to_string())).await }
    });
    let posted = tokio::time::timeout(Duration::from_secs(60), join_all(all)).await;
    assert!(posted.unwrap().iter().all(Result::is_ok));

    let requests = scene.discord.requests();
    let (paused, kept): (Vec<_>, Vec<_>) = requests.iter().partition(|each| each.status == 429);
    // Only the one that was made: no limit was met.
    assert_eq!((paused.len(), kept.len()), (1, MESSAGES));
    let from = paused[0].at_ms;
    let inside = from + ON_ITS_WAY_MS..from + PAUSE_MS;
    assert!(!kept.iter().any(|each| inside.contains(&each.at_ms)));
    for (first, channel) in channels.into_iter().enumerate() {
        let times: Vec<u64> = in_channel(&requests, channel)
            .iter()
            .map(|each| each.at_ms)
            .collect();
        for six in times.windows(6) {
            assert!(six[5] - six[0] >= 5_000, "{times:?}");
        }
        let words = scene.discord.look(|view| view.posted(channel)).into_iter();
        let words: Vec<_> = words.map(|message| message.content).collect();
        let wanted = (first..MESSAGES)
            .step_by(3)
            .map(|number| number.to_string());
        assert_eq!(words, wanted.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_refused_channel_is_not_tried_again_until_permissions_change() {
    let scene = Scene::new().await;
    let map = [(scene.general, "loom"), (scene.other, "kasra")];
    let house = House::new(&scene, &map, false).await;
    let _running = house.start(&scene).await;
    let of_bot = |deny| Overwrite {
        id: scene.discord.bot(),
        member: true,
        allow: 0,
        deny,
    };
    scene
        .discord
        .overwrite(scene.general, of_bot(bits::SEND_MESSAGES));
    scene.say("one");
    scene.say("two");
    let refused = async |count: usize| {
        let is_refused = |each: &&Request| each.status == 403;
        let until = scene.discord.until(|view| {
            let refused = view.requests().iter().filter(is_refused).count();
            (refused >= count).then_some(())
        });
        in_time(until).await;
    };
    refused(2).await;
    // Others go on, for hours, and nothing is tried again here.
    for number in 1..=5 {
        scene.clock.skip(Duration::from_secs(3_600));
        scene
            .discord
            .say(scene.alice, scene.other, "elsewhere")
            .unwrap();
        scene.discord.until_posted(scene.other, number).await;
    }
    let requests = scene.discord.requests();
    let tries = in_channel(&requests, scene.general);
    let tries = tries.iter().filter(|each| each.route == CREATE).count();
    assert_eq!(tries, 2);
    scene.discord.overwrite(scene.general, of_bot(0));
    let said = in_time(scene.discord.until_posted(scene.general, 2)).await;
    let words: Vec<_> = said.iter().map(|each| each.content.as_str()).collect();
    assert_eq!(words, ["re one", "re two"]);
}
