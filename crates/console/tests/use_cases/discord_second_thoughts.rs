//! What people said and took back since they asked: STOP, other words, nothing at all.

use husting_domain::discord::{Inbound, InboundState, Reply, ReplyState};
use husting_store::DiscordWrite;
use husting_wire::commands::{FindTraffic, FollowQuestion, GivePlace, PostAgain, PutReplyAway};
use husting_wire::discord::{DiscordView, ListTraffic, PlaceReply, TraceQuestion, Traffic};
use husting_wire::errors::ErrorCode;

use crate::discord_desk::{Scene, id_of, of, reply_id, request, snowflake};

#[tokio::test]
async fn a_stop_is_seen_where_it_was_said_and_nothing_is_placed_under_what_it_ended() {
    let scene = Scene::set_up().await;
    scene.journal(scene.question(1, "Which train?", 60)).await;
    let answered = Inbound {
        state: InboundState::Answered,
        answered_at: Some(scene.at(-58)),
        ..scene.question(2, "Which bus?", 59)
    };
    scene.journal(answered).await;
    scene.stop(None, 50).await;
    let silenced = Inbound {
        state: InboundState::Answered,
        answered_at: Some(scene.at(-40)),
        ..scene.question(3, "Which boat?", 57)
    };
    scene.journal(silenced).await;
    // People who talk among themselves ask no agent.
    scene.stop(Some(77), 45).await;
    scene
        .take_in(scene.unplaced(1, "At ten.", 10), Vec::new())
        .await;

    let view = scene.view().await;
    let [stop] = &view.stops[..] else {
        panic!("{:?}", view.stops);
    };
    assert_eq!(
        (stop.place.as_str(), stop.by.as_deref()),
        ("#hq", Some("Ines"))
    );
    assert_eq!(
        (stop.channel_id, stop.at),
        (snowflake(scene.hq), scene.at(-50))
    );
    assert!(view.waiting[0].stopped);
    assert!(view.unplaced[0].origins.iter().all(|origin| origin.stopped));
    let traffic = scene.desk.ask::<FindTraffic>(ListTraffic::default()).await;
    let stopped = traffic.traffic.iter().filter_map(|each| match each {
        Traffic::In { text, stopped, .. } => Some((text.as_str(), *stopped)),
        Traffic::Out { .. } | Traffic::Stop { .. } | Traffic::Panel { .. } => None,
    });
    assert_eq!(
        stopped.collect::<Vec<_>>(),
        [
            ("Which boat?", true),
            ("Which bus?", false),
            ("Which train?", true)
        ],
        "what was answered before was posted"
    );
    let rows = traffic
        .traffic
        .iter()
        .filter(|each| matches!(each, Traffic::Stop { .. }));
    assert_eq!(rows.count(), 2);

    let place = |n| PlaceReply {
        reply_id: reply_id(1),
        request_id: request(n),
        always: true,
    };
    let refused = scene.desk.refused::<GivePlace>(place(1)).await;
    assert_eq!(refused.code, ErrorCode::InvalidState);
    assert!(refused.message.contains("STOP"), "{}", refused.message);
    assert!(scene.view().await.setup.standing_places.is_empty());
    assert_eq!(scene.kept(1).await.reply.state, ReplyState::Unplaced);
    assert_eq!(scene.asked(1).await.state, InboundState::Sent);

    // Who asks anew is answered.
    scene.journal(scene.question(4, "Which plane?", 20)).await;
    let view = scene.view().await;
    assert!(view.stops.is_empty());
    let origins: Vec<_> = view.unplaced[0]
        .origins
        .iter()
        .map(|one| (one.request_id, one.stopped))
        .collect();
    assert_eq!(origins[0], (request(4), false));
    assert_eq!(origins.iter().filter(|(_, stopped)| *stopped).count(), 3);
    scene.desk.ask::<GivePlace>(place(4)).await;
    assert_eq!(scene.kept(1).await.reply.state, ReplyState::Waiting);
}

#[tokio::test]
async fn a_reply_that_a_stop_held_is_not_tried_again() {
    let scene = Scene::set_up().await;
    scene.journal(scene.question(1, "Why?", 60)).await;
    let asked = scene.asked(1).await;
    for (n, request) in [(1, Some(asked.request)), (2, None)] {
        let parked = Reply {
            request,
            place: Some(asked.place),
            state: ReplyState::Parked,
            ..scene.unplaced(n, "So.", 40)
        };
        scene.take_in(parked, Vec::new()).await;
    }
    let held = |view: &DiscordView| -> Vec<bool> {
        let replies = view.resting.iter().filter_map(|each| match each {
            Traffic::Out { stopped, .. } => Some(*stopped),
            Traffic::In { .. } | Traffic::Stop { .. } | Traffic::Panel { .. } => None,
        });
        replies.collect()
    };
    assert_eq!(held(&scene.view().await), [false, false]);
    scene.stop(None, 30).await;
    assert_eq!(held(&scene.view().await), [true, true]);
    for n in [1, 2] {
        let refused = scene.desk.refused::<PostAgain>(of(n)).await;
        assert_eq!(refused.code, ErrorCode::InvalidState);
        assert!(refused.message.contains("STOP"), "{}", refused.message);
        assert_eq!(scene.kept(n).await.reply.state, ReplyState::Parked);
    }
    assert!(scene.log().await.is_empty());
}

#[tokio::test]
async fn an_origin_has_its_last_words_and_one_that_was_deleted_comes_last() {
    let scene = Scene::set_up().await;
    let [train, lunch] = ["Which train goes to Hamburg?", "What is for lunch?"];
    scene.journal(scene.question(1, train, 60)).await;
    scene.journal(scene.question(2, lunch, 50)).await;
    let note = Inbound {
        amends: Some(request(2)),
        request: request(3),
        ..scene.question(2, "What is for dinner?", 40)
    };
    scene.journal(note).await;
    let deleted = DiscordWrite::Deleted {
        bot: scene.bot(),
        message: scene.asked(1).await.message,
        at: scene.at(-30),
    };
    scene.keep(deleted).await;
    let text = "The train to Hamburg leaves at ten.";
    scene.take_in(scene.unplaced(1, text, 10), Vec::new()).await;

    let view = scene.view().await;
    let origins: Vec<_> = view.unplaced[0]
        .origins
        .iter()
        .map(|one| (one.text.as_str(), one.deleted_at))
        .collect();
    assert_eq!(
        origins,
        [("What is for dinner?", None), (train, Some(scene.at(-30)))]
    );
    let id = request(1).to_string();
    let trace = scene.desk.ask::<FollowQuestion>(TraceQuestion { id }).await;
    let Traffic::In { deleted_at, .. } = trace.question else {
        panic!("{trace:?}");
    };
    assert_eq!(deleted_at, Some(scene.at(-30)));
}

#[tokio::test]
async fn a_reply_is_followed_by_its_own_id() {
    let scene = Scene::set_up().await;
    scene.journal(scene.question(1, "Why?", 60)).await;
    let asked = scene.asked(1).await;
    let answer = Reply {
        request: Some(asked.request),
        place: Some(asked.place),
        state: ReplyState::Waiting,
        ..scene.unplaced(1, "Because.", 30)
    };
    scene.take_in(answer, Vec::new()).await;
    scene
        .take_in(scene.unplaced(2, "So.", 20), Vec::new())
        .await;
    scene.desk.ask::<PutReplyAway>(of(2)).await;
    let follow = async |n| {
        let id = reply_id(n).to_string();
        scene.desk.ask::<FollowQuestion>(TraceQuestion { id }).await
    };
    let of_question = follow(1).await;
    assert_eq!(id_of(&of_question.question), request(1).0);
    assert_eq!(id_of(&of_question.followed_by[0]), reply_id(1));
    let alone = follow(2).await;
    let Traffic::Out { state, text, .. } = &alone.question else {
        panic!("{alone:?}");
    };
    assert_eq!((*state, text.as_str()), (ReplyState::Dismissed, "So."));
    assert!(alone.followed_by.is_empty());
    let id = reply_id(9).to_string();
    let unknown = scene
        .desk
        .refused::<FollowQuestion>(TraceQuestion { id })
        .await;
    assert_eq!(unknown.code, ErrorCode::NotFound);
}
