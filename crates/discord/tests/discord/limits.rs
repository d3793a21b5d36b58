//! Every way in which Discord says that it was asked too often.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use husting_clock::{ManualClock, SystemClock};
use husting_discord::sender::{Outgoing, SendError};
use husting_domain::time::Timestamp;
use husting_test_support::discord::{Fault, Limit, LimitScope, Strike};
use rstest::rstest;

use crate::scene::{Scene, id, in_time, post};

const CREATE: &str = "POST /channels/{channel.id}/messages";
const REACT: &str = "PUT /channels/{channel.id}/messages/{message.id}/reactions/{emoji.id}/@me";

/// A clock that stands still.
fn still() -> ManualClock {
    ManualClock::at(Timestamp::from_micros(1_000_000))
}

/// Until this many requests wait for a moment to come.
async fn until_waiting(clock: &ManualClock, count: usize) {
    let waiting = async {
        while clock.waiters() != count {
            tokio::task::yield_now().await;
        }
    };
    in_time(waiting).await;
}

fn statuses(scene: &Scene) -> Vec<u16> {
    let requests = scene.discord.requests();
    requests.iter().map(|request| request.status).collect()
}

#[tokio::test]
async fn a_sixth_message_in_five_seconds_waits_and_another_channel_does_not() {
    let scene = Scene::new().await;
    let clock = still();
    let sender = scene.sender_by(Arc::new(clock.clone()));
    let outgoing: Vec<Outgoing> = (0..6).map(|number| post(&number.to_string())).collect();
    let posts = outgoing
        .iter()
        .map(|outgoing| sender.post(id(scene.general), outgoing));
    let watching = async {
        scene.discord.until_posted(scene.general, 5).await;
        until_waiting(&clock, 1).await;
        sender
            .post(id(scene.other), &post("elsewhere"))
            .await
            .unwrap();
        clock.advance(Duration::from_secs(5));
        assert_eq!(scene.discord.messages(scene.general).len(), 5);
        clock.advance(Duration::from_millis(250));
    };
    let (posted, ()) = in_time(async { tokio::join!(join_all(posts), watching) }).await;
    assert!(posted.iter().all(Result::is_ok));
    assert_eq!(scene.discord.messages(scene.general).len(), 6);
}

#[tokio::test]
async fn what_the_headers_say_is_kept_to_so_that_no_429_comes() {
    let react = |settings: &mut husting_test_support::discord::Settings| {
        settings.routes.insert(REACT.into(), Limit::new(2, 300));
    };
    let scene = Scene::set(react).await;
    let message = id(scene.say("well?"));
    let sender = scene.sender_by(Arc::new(SystemClock));
    for emoji in ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣"] {
        let marked = sender.react(id(scene.general), message, emoji);
        in_time(marked).await.unwrap();
    }
    assert_eq!(statuses(&scene), [204; 5]);
    let requests = scene.discord.requests();
    assert!(requests[4].at_ms >= requests[0].at_ms + 590);
}

#[rstest]
#[case::user(LimitScope::User, true)]
#[case::shared(LimitScope::Shared, true)]
#[case::global(LimitScope::Global, false)]
#[case::without_scope(LimitScope::None, false)]
#[tokio::test]
async fn a_429_is_waited_for_by_whom_it_is_about(
    #[case] scope: LimitScope,
    #[case] others_go_on: bool,
) {
    let scene = Scene::new().await;
    let fault = Fault::RateLimited {
        scope,
        retry_after_ms: 7_000,
    };
    scene.discord.strike(Strike::new(fault).on(CREATE).once());
    let clock = still();
    let sender = scene.sender_by(Arc::new(clock.clone()));
    let (first, second, elsewhere) = (post("first"), post("second"), post("elsewhere"));
    let watching = async {
        until_waiting(&clock, 1).await;
        let other = sender.post(id(scene.other), &elsewhere);
        let waiting = async {
            if !others_go_on {
                until_waiting(&clock, 2).await;
            }
            clock.advance(Duration::from_millis(6_999));
            if others_go_on {
                scene.discord.until_posted(scene.other, 1).await;
            }
            assert_eq!(scene.discord.messages(scene.general).len(), 0);
            let there = scene.discord.messages(scene.other).len();
            assert_eq!(there, usize::from(others_go_on));
            clock.advance(Duration::from_millis(1));
        };
        let (posted, ()) = tokio::join!(other, waiting);
        posted.unwrap();
    };
    let general = id(scene.general);
    let all = async {
        tokio::join!(
            sender.post(general, &first),
            sender.post(general, &second),
            watching
        )
    };
    let (first, second, ()) = in_time(all).await;
    assert!(first.unwrap() < second.unwrap());
    let mut statuses = statuses(&scene);
    assert_eq!(statuses.remove(0), 429);
    assert_eq!(statuses, [200; 3]);
    let counted = usize::from(scope != LimitScope::Shared);
    assert_eq!(scene.discord.invalid_requests(), counted);
}

#[tokio::test]
async fn a_busy_hour_meets_no_limit_of_discords() {
    let limits = |settings: &mut husting_test_support::discord::Settings| {
        settings.global = Limit::new(50, 1_000);
        settings.other_routes = Limit::new(5, 200);
    };
    let scene = Scene::set(limits).await;
    let sender = scene.sender_by(Arc::new(SystemClock));
    let (general, guild) = (id(scene.general), id(scene.guild));
    let asked = (0..60).map(|turn| {
        let sender = sender.clone();
        async move {
            match turn % 3 {
                0 => sender.channel(general).await.map(drop),
                1 => sender.channels_of(guild).await.map(drop),
                _ => sender.me().await.map(drop),
            }
        }
    });
    let answered = in_time(join_all(asked)).await;
    assert!(answered.iter().all(Result::is_ok));
    assert_eq!(statuses(&scene), [200; 60]);
}

#[tokio::test]
async fn a_token_that_is_not_taken_stops_everything_until_there_is_another() {
    let scene = Scene::new().await;
    let sender = scene.sender();
    scene.discord.reset_token("another");
    let outgoing: Vec<Outgoing> = (0..4).map(|number| post(&number.to_string())).collect();
    let posts = outgoing
        .iter()
        .map(|outgoing| sender.post(id(scene.general), outgoing));
    for posted in in_time(join_all(posts)).await {
        assert_eq!(posted, Err(SendError::Unauthorized));
    }
    assert_eq!(sender.me().await, Err(SendError::Unauthorized));
    assert_eq!(statuses(&scene), [401]);
    sender.set_token(&"another".into()).unwrap();
    sender.post(id(scene.general), &outgoing[0]).await.unwrap();
    assert_eq!(statuses(&scene), [401, 200]);
}

#[tokio::test]
async fn a_late_401_of_the_old_token_does_not_reject_the_new_one() {
    let scene = Scene::new().await;
    let sender = scene.sender();
    let gate = Fault::GateAfter {
        gate: "door".into(),
    };
    let refused = Fault::Refused {
        status: 401,
        code: 0,
    };
    scene
        .discord
        .strike(Strike::new(gate).on(CREATE).at(scene.other).once());
    scene.discord.strike(Strike::new(refused).on(CREATE).once());
    let (held, told) = (post("held"), post("told"));
    let other = sender.post(id(scene.other), &held);
    let changing = async {
        scene.discord.until_waiting("door", 1).await;
        let failed = sender.post(id(scene.general), &told).await;
        assert_eq!(failed, Err(SendError::Unauthorized));
        sender.set_token(&scene.discord.token().into()).unwrap();
        scene.discord.release("door", 1);
        sender.post(id(scene.general), &told).await
    };
    let (other, told) = in_time(async { tokio::join!(other, changing) }).await;
    assert!(other.is_ok() && told.is_ok());
}

#[tokio::test]
async fn nothing_shows_the_token() {
    let scene = Scene::new().await;
    let shown = format!("{:?}", scene.sender());
    assert!(!shown.contains(&scene.discord.token()), "{shown}");
}
