//! The bridge's journal as the operator reads it: page by page, by what belongs together, counted.

use std::collections::BTreeSet;
use std::sync::Arc;

use husting_domain::discord::{Inbound, InboundState, Reply, ReplyState, Stop};
use husting_domain::time::Timestamp;
use husting_store::{DiscordFigures, DiscordOpen, DiscordWrite, Store, UnnamedReplies, Write};

use crate::discord::*;
use crate::people::*;
use crate::values::*;

/// Question `n`, heard at another second.
fn heard(n: u64, seconds: i64) -> Inbound {
    Inbound {
        received_at: at(seconds),
        ..question(n)
    }
}

fn arrived(n: u64, seconds: i64) -> Reply {
    Reply {
        arrived_at: at(seconds),
        ..unplaced(n)
    }
}

/// Pages of the journal, until none is left.
async fn pages_of_questions(store: &dyn Store, limit: u32) -> Vec<Vec<Inbound>> {
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let page = store
            .discord_questions_before(&tenant(), bot(), before, limit)
            .await
            .unwrap();
        let Some(last) = page.last() else {
            return pages;
        };
        before = Some(last.received_at);
        pages.push(page);
    }
}

pub async fn pages_of_questions_lose_none_of_a_moment(store: Arc<dyn Store>) {
    // Three in one moment, in the middle of a page.
    let seconds = [1, 2, 5, 5, 5, 6, 9];
    let all = (1..).zip(seconds).map(|(n, second)| heard(n, second));
    keep(&*store, all.map(journal)).await;
    let other = Inbound {
        bot: other_bot(),
        ..heard(30, 4)
    };
    keep(&*store, [journal(other)]).await;
    for limit in 1..=8 {
        let pages = pages_of_questions(&*store, limit).await;
        let listed: Vec<_> = pages.concat().iter().map(|each| each.request).collect();
        assert_eq!(listed, [7, 6, 5, 4, 3, 2, 1].map(request_of), "{limit}");
        let moments: BTreeSet<_> = pages.iter().map(|page| page[0].received_at).collect();
        assert_eq!(moments.len(), pages.len(), "a moment is on one page");
        let is_full = |page: &Vec<Inbound>| page.len() >= limit as usize;
        assert!(pages.iter().rev().skip(1).all(is_full), "{limit}");
    }
}

pub async fn pages_of_replies_lose_none_of_a_moment(store: Arc<dyn Store>) {
    keep(&*store, [journal(question(1))]).await;
    let with_posts = Reply {
        arrived_at: at(5),
        ..reply(2, 1)
    };
    keep(
        &*store,
        [
            take_in(arrived(1, 1), []),
            take_in(with_posts, [post(2, 0), post(2, 1)]),
            take_in(arrived(3, 5), []),
            take_in(arrived(4, 7), []),
        ],
    )
    .await;
    let page = async |before: Option<Timestamp>, limit| {
        let page = store
            .discord_replies_before(&tenant(), bot(), before, limit)
            .await
            .unwrap();
        let numbers: Vec<_> = page.iter().map(|each| each.reply.id).collect();
        (numbers, page)
    };
    assert_eq!(page(None, 2).await.0, [4, 3, 2].map(reply_id));
    let (all, listed) = page(None, 100).await;
    assert_eq!(all, [4, 3, 2, 1].map(reply_id));
    assert_eq!(listed[2].posts, [post(2, 0), post(2, 1)]);
    assert_eq!(page(Some(at(5)), 1).await.0, [reply_id(1)]);
    assert!(page(Some(at(1)), 1).await.0.is_empty());
}

pub async fn pages_of_stops_lose_none_of_a_moment(store: Arc<dyn Store>) {
    let at_second = |n, seconds| Stop {
        at: at(seconds),
        ..stop(n)
    };
    let all = [(1, 1), (2, 5), (3, 5), (4, 7)].map(|(n, seconds)| at_second(n, seconds));
    keep(&*store, all.clone().map(stopped)).await;
    let page = async |before: Option<Timestamp>, limit| {
        let tenant = tenant();
        let page = store.discord_stops_before(&tenant, bot(), before, limit);
        page.await.unwrap()
    };
    let [first, second, third, fourth] = all;
    assert_eq!(
        page(None, 2).await,
        [fourth.clone(), third.clone(), second.clone()]
    );
    assert_eq!(page(None, 9).await, [fourth, third, second, first.clone()]);
    assert_eq!(page(Some(at(5)), 1).await, [first]);
    assert!(page(Some(at(1)), 1).await.is_empty());
}

pub async fn what_belongs_to_a_message_is_read_together(store: Arc<dyn Store>) {
    let note = Inbound {
        request: request_of(9),
        amends: Some(request_of(1)),
        received_at: at(20),
        ..question(1)
    };
    keep(&*store, [journal(question(1)), journal(note.clone())]).await;
    keep(&*store, [journal(question(2))]).await;
    let of = store
        .discord_questions_of(&tenant(), bot(), question(1).message)
        .await
        .unwrap();
    assert_eq!(of, [question(1), note]);

    keep(
        &*store,
        [
            take_in(reply(4, 1), [post(4, 0)]),
            take_in(reply(3, 1), [post(3, 0), post(3, 1)]),
            take_in(reply(5, 2), []),
        ],
    )
    .await;
    let replies = store
        .discord_replies_of(&tenant(), request_of(1))
        .await
        .unwrap();
    let ids: Vec<_> = replies.iter().map(|each| each.reply.id).collect();
    assert_eq!(ids, [3, 4].map(reply_id));
    assert_eq!(replies[0].posts, [post(3, 0), post(3, 1)]);
    let one = store.discord_reply(&tenant(), reply_id(4)).await.unwrap();
    assert_eq!(one.as_ref(), Some(&replies[1]));
    let [theirs, unknown] = [(acme(), 4), (tenant(), 77)];
    for (tenant, n) in [theirs, unknown] {
        let found = store.discord_reply(&tenant, reply_id(n)).await.unwrap();
        assert_eq!(found, None);
    }
}

pub async fn what_passed_is_counted_since_a_moment(store: Arc<dyn Store>) {
    let figures = async |since| {
        store
            .discord_figures(&tenant(), bot(), at(since))
            .await
            .unwrap()
    };
    assert_eq!(figures(0).await, DiscordFigures::default());
    let note = Inbound {
        amends: Some(request_of(1)),
        ..question(9)
    };
    let asked = [1, 2, 3, 4].map(|n| journal(question(n)));
    keep(&*store, asked).await;
    keep(&*store, [journal(note)]).await;
    // Two, four and nine seconds after their questions.
    for (n, of) in [(3, 1), (6, 2), (12, 3)] {
        keep(&*store, [take_in(reply(n, of), [post(n, 0)])]).await;
    }
    keep(&*store, [posted(3, 0, 90), posted(12, 0, 91)]).await;
    // An acknowledgement without words stands nowhere.
    let silent = Reply {
        state: ReplyState::Posted,
        ..reply(13, 3)
    };
    keep(&*store, [take_in(silent, [])]).await;
    let counted = DiscordFigures {
        questions: 4,
        delivered: 2,
        median_answer_micros: Some(4_000_000),
    };
    assert_eq!(figures(1).await, counted);
    let later = DiscordFigures {
        questions: 3,
        delivered: 2,
        median_answer_micros: Some(6_500_000),
    };
    assert_eq!(figures(2).await, later, "between the two in the middle");
}

pub async fn replies_that_named_nothing_stay_counted_when_they_are_placed(store: Arc<dyn Store>) {
    keep(&*store, [journal(question(1))]).await;
    let of_loom = |n| Reply {
        agent: "loom".to_owned(),
        ..unplaced(n)
    };
    keep(
        &*store,
        [
            take_in(unplaced(2), []),
            take_in(unplaced(3), []),
            take_in(of_loom(4), []),
            take_in(reply(5, 1), [post(5, 0)]),
        ],
    )
    .await;
    keep(&*store, [place(reply(3, 1), [post(3, 0)])]).await;
    let counted = async |since| {
        store
            .discord_unnamed(&tenant(), bot(), at(since))
            .await
            .unwrap()
    };
    let of = |agent: &str, replies| UnnamedReplies {
        agent: agent.to_owned(),
        replies,
    };
    assert_eq!(counted(0).await, [of("kasra", 2), of("loom", 1)]);
    assert_eq!(counted(3).await, [of("kasra", 1), of("loom", 1)]);
    assert!(counted(5).await.is_empty());
}

pub async fn what_rests_and_what_waits_for_the_bridge_is_counted_by_kind(store: Arc<dyn Store>) {
    keep(&*store, [1, 2, 3, 4, 5].map(|n| journal(question(n)))).await;
    let to = |n, from, to| {
        Write::Discord(DiscordWrite::Move {
            request: question(n).request,
            from,
            to,
            at: at(90),
            fault: None,
        })
    };
    keep(
        &*store,
        [
            to(1, InboundState::Journalled, InboundState::Parked),
            to(2, InboundState::Journalled, InboundState::Held),
            to(3, InboundState::Journalled, InboundState::Held),
        ],
    )
    .await;
    let reply_in = |n, state| Reply {
        state,
        ..reply(n, 4)
    };
    keep(
        &*store,
        [
            take_in(unplaced(5), []),
            take_in(reply_in(6, ReplyState::Waiting), [post(6, 0)]),
            take_in(reply_in(7, ReplyState::Barred), [post(7, 0)]),
            take_in(reply_in(8, ReplyState::Parked), [post(8, 0)]),
            take_in(reply_in(9, ReplyState::Dismissed), [post(9, 0)]),
        ],
    )
    .await;
    let counted = store.discord_open(&tenant(), bot()).await.unwrap();
    let expected = DiscordOpen {
        to_ask: 1,
        to_post: 1,
        to_convene: 0,
        unplaced: 1,
        parked: 3,
        held: 2,
    };
    assert_eq!(counted, expected);
}
