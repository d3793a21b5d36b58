//! The Discord bridge's journal: what is said twice is kept once, and a step is taken once.

use std::sync::Arc;

use husting_domain::discord::{
    Attachment, AttachmentState, Author, Cursor, Inbound, InboundState, KnownChannel, Place, Post,
    Reply, ReplyState, RequestId, Snowflake, Stop,
};
use husting_store::{CommitError, Constraint, DiscordWrite, ReplyWithPosts, Store, Unit, Write};
use uuid::Uuid;

use crate::people::*;
use crate::values::*;

/// The channel that questions are asked in.
const CHANNEL: u64 = 300;
/// The second at which what moves on does.
const RESTED: i64 = 90;

pub fn id(n: u64) -> Snowflake {
    Snowflake::new(n).unwrap()
}

/// The bot that most cases are about.
pub fn bot() -> Snowflake {
    id(10)
}

pub fn other_bot() -> Snowflake {
    id(11)
}

pub fn request_of(n: u64) -> RequestId {
    RequestId(Uuid::from_u128(0xd15c_0000_0000 + u128::from(n)))
}

pub fn reply_id(n: u64) -> Uuid {
    Uuid::from_u128(0x4e91_0000_0000 + u128::from(n))
}

pub fn second(n: u64) -> i64 {
    i64::try_from(n).unwrap()
}

/// What was heard as message `1000 + n`, at second `n`.
pub fn question(n: u64) -> Inbound {
    Inbound {
        request: request_of(n),
        bot: bot(),
        message: id(1_000 + n),
        place: Place {
            guild: Some(id(200)),
            channel: id(CHANNEL),
            thread: None,
        },
        author: Author {
            id: id(400),
            name: "Zoë".to_owned(),
        },
        text: format!("Question {n}: Größe?\n"),
        attachments: Vec::new(),
        received_at: at(second(n)),
        agent: name("kasra"),
        state: InboundState::Journalled,
        bus_id: None,
        sent_at: None,
        read_at: None,
        answered_at: None,
        deleted_at: None,
        rested_at: None,
        amends: None,
        fault: None,
    }
}

pub fn question_in(n: u64, state: InboundState) -> Inbound {
    Inbound {
        state,
        ..question(n)
    }
}

fn attachment(n: u64, state: AttachmentState) -> Attachment {
    Attachment {
        id: id(n),
        filename: format!("größe \"{n}\".png"),
        bytes: u64::from(u32::MAX) + n,
        content_type: Some("image/png".to_owned()),
        url: format!("https://cdn.example/{n}"),
        state,
    }
}

/// Reply `n` arrives at second `n`, and nobody knows where it belongs.
pub fn unplaced(n: u64) -> Reply {
    Reply {
        id: reply_id(n),
        bot: bot(),
        bus_id: format!("mail-{n}"),
        agent: "kasra".to_owned(),
        text: format!("Reply {n}: Größe!\n"),
        ok: true,
        request: None,
        place: None,
        reply_to: None,
        arrived_at: at(second(n)),
        state: ReplyState::Unplaced,
        rested_at: None,
        fault: Some("it names no question".to_owned()),
    }
}

/// Reply `n` to question `of`, which is to be posted.
pub fn reply(n: u64, of: u64) -> Reply {
    Reply {
        request: Some(request_of(of)),
        place: Some(question(of).place),
        reply_to: Some(question(of).message),
        state: ReplyState::Waiting,
        fault: None,
        ..unplaced(n)
    }
}

pub fn post(of: u64, part: u32) -> Post {
    Post {
        reply: reply_id(of),
        part,
        content: format!("Part {part} of {of}\n"),
        file: None,
        nonce: format!("{of}-{part}"),
        message: None,
    }
}

fn discord(write: DiscordWrite) -> Write {
    Write::Discord(write)
}

pub fn journal(question: Inbound) -> Write {
    discord(DiscordWrite::Journal(Box::new(question)))
}

pub fn take_in(reply: Reply, posts: impl IntoIterator<Item = Post>) -> Write {
    discord(DiscordWrite::Reply {
        reply: Box::new(reply),
        posts: posts.into_iter().collect(),
    })
}

pub fn place(reply: Reply, posts: impl IntoIterator<Item = Post>) -> Write {
    discord(DiscordWrite::Place {
        reply: Box::new(reply),
        posts: posts.into_iter().collect(),
    })
}

pub fn posted(of: u64, part: u32, message: u64) -> Write {
    discord(DiscordWrite::Posted {
        reply: reply_id(of),
        part,
        message: id(message),
    })
}

fn moved(n: u64, from: InboundState, to: InboundState, fault: Option<&str>) -> Write {
    discord(DiscordWrite::Move {
        request: request_of(n),
        from,
        to,
        at: at(RESTED),
        fault: fault.map(str::to_owned),
    })
}

fn reply_moved(n: u64, from: ReplyState, to: ReplyState, fault: Option<&str>) -> Write {
    discord(DiscordWrite::MoveReply {
        reply: reply_id(n),
        from,
        to,
        at: at(RESTED),
        fault: fault.map(str::to_owned),
    })
}

fn sent_as(n: u64, bus_id: &str, seconds: i64) -> Write {
    discord(DiscordWrite::Sent {
        request: request_of(n),
        bus_id: bus_id.to_owned(),
        at: at(seconds),
    })
}

fn channel(n: u64, name: Option<&str>, last_message: Option<u64>) -> KnownChannel {
    KnownChannel {
        id: id(n),
        guild: Some(id(200)),
        parent: None,
        name: name.map(str::to_owned),
        last_message: last_message.map(id),
        stopped_at: None,
    }
}

async fn know(store: &dyn Store, bot: Snowflake, channel: KnownChannel) {
    keep(store, [discord(DiscordWrite::Channel { bot, channel })]).await;
}

async fn asked(store: &dyn Store, n: u64) -> Option<Inbound> {
    let found = store.discord_question(&tenant(), request_of(n)).await;
    found.unwrap()
}

/// The bot's questions in a state, by their numbers.
async fn questions_in(store: &dyn Store, bot: Snowflake, state: InboundState) -> Vec<Inbound> {
    let found = store.discord_questions_in(&tenant(), bot, state, 100).await;
    found.unwrap()
}

async fn replies_in(store: &dyn Store, bot: Snowflake, state: ReplyState) -> Vec<ReplyWithPosts> {
    let found = store.discord_replies_in(&tenant(), bot, state, 100).await;
    found.unwrap()
}

/// Whether a write is refused because what it changes is not there as it must be.
async fn is_absent(store: &dyn Store, write: Write, noun: &str) -> bool {
    match refusal(store, unit().write(write)).await {
        CommitError::Constraint(Constraint::Absent(absent)) => absent == noun,
        other => panic!("{other}"),
    }
}

pub async fn a_gateway_session_is_where_it_was_heard_last(store: Arc<dyn Store>) {
    let cursor = |session: &str, sequence| Cursor {
        session: session.to_owned(),
        resume_url: format!("wss://{session}.example"),
        sequence,
        at: at(second(sequence)),
    };
    let heard = |bot, cursor| discord(DiscordWrite::Heard { bot, cursor });
    keep(&*store, [heard(bot(), cursor("a", 7))]).await;
    keep(&*store, [heard(other_bot(), cursor("b", 3))]).await;
    keep(&*store, [heard(bot(), cursor("a", 8))]).await;
    let theirs = Unit::of(acme()).write(heard(bot(), cursor("c", 1)));
    store.commit(theirs).await.unwrap();

    let read = async |tenant, bot| store.discord_cursor(&tenant, bot).await.unwrap();
    assert_eq!(read(tenant(), bot()).await, Some(cursor("a", 8)));
    assert_eq!(read(tenant(), other_bot()).await, Some(cursor("b", 3)));
    assert_eq!(read(acme(), bot()).await, Some(cursor("c", 1)));
    // A new session counts from the beginning.
    keep(&*store, [heard(bot(), cursor("d", 1))]).await;
    assert_eq!(read(tenant(), bot()).await, Some(cursor("d", 1)));

    let forget = || discord(DiscordWrite::ForgetSession(bot()));
    keep(&*store, [forget()]).await;
    keep(&*store, [forget()]).await;
    assert_eq!(read(tenant(), bot()).await, None);
    assert_eq!(read(tenant(), other_bot()).await, Some(cursor("b", 3)));
    assert_eq!(read(acme(), bot()).await, Some(cursor("c", 1)));
}

pub async fn a_question_reads_back_as_written(store: Arc<dyn Store>) {
    let fetched = AttachmentState::Fetched {
        path: "/tmp/größe.png".to_owned(),
        sha256: "ab".repeat(32),
    };
    let why = "it is larger than 8 MB".to_owned();
    let whole = Inbound {
        place: Place {
            guild: Some(id(200)),
            channel: id(CHANNEL),
            thread: Some(id(i64::MAX as u64)),
        },
        attachments: vec![
            attachment(1, fetched),
            attachment(2, AttachmentState::Skipped { why }),
            Attachment {
                content_type: None,
                ..attachment(3, AttachmentState::Named)
            },
        ],
        state: InboundState::Answered,
        bus_id: Some("bus-1".to_owned()),
        sent_at: Some(at(20)),
        read_at: Some(at(21)),
        answered_at: Some(at(22)),
        fault: Some("none any more".to_owned()),
        ..question(1)
    };
    let direct = Inbound {
        place: Place {
            guild: None,
            channel: id(CHANNEL),
            thread: None,
        },
        state: InboundState::Held,
        ..question(2)
    };
    keep(&*store, [journal(whole.clone()), journal(direct.clone())]).await;
    assert_eq!(asked(&*store, 1).await, Some(whole.clone()));
    assert_eq!(asked(&*store, 2).await, Some(direct));
    assert_eq!(asked(&*store, 3).await, None);
    let of = async |bot, n| {
        let found = store.discord_question_of(&tenant(), bot, id(n)).await;
        found.unwrap()
    };
    let on_bus = async |bot, bus_id| {
        let found = store.discord_question_on_bus(&tenant(), bot, bus_id).await;
        found.unwrap()
    };
    let known = whole.bus_id.clone().unwrap();
    assert_eq!(on_bus(bot(), &known).await, Some(whole.clone()));
    assert_eq!(on_bus(bot(), "unheard of").await, None);
    assert_eq!(on_bus(other_bot(), &known).await, None);
    assert_eq!(of(bot(), 1_001).await, Some(whole));
    assert_eq!(of(bot(), 1_009).await, None);
    assert_eq!(of(other_bot(), 1_001).await, None);
}

pub async fn a_message_is_heard_once_by_each_bot(store: Arc<dyn Store>) {
    keep(&*store, [journal(question(1))]).await;
    let again = Inbound {
        request: request_of(2),
        text: "Said again.".to_owned(),
        ..question(1)
    };
    // Beside it in the same unit: what a duplicate is in stays whole.
    keep(&*store, [journal(again.clone()), journal(question(3))]).await;
    keep(&*store, [journal(question(1))]).await;
    assert_eq!(asked(&*store, 1).await, Some(question(1)));
    assert_eq!(asked(&*store, 2).await, None);
    assert_eq!(asked(&*store, 3).await, Some(question(3)));

    let of_other = Inbound {
        bot: other_bot(),
        ..again
    };
    keep(&*store, [journal(of_other.clone())]).await;
    assert_eq!(asked(&*store, 2).await, Some(of_other));
    // Another message under a request that is taken is no duplicate.
    let taken = Inbound {
        request: request_of(1),
        ..question(4)
    };
    let refused = refusal(&*store, unit().write(journal(taken))).await;
    assert!(
        matches!(
            refused,
            CommitError::Constraint(Constraint::Exists("question"))
        ),
        "{refused}"
    );
}

pub async fn words_change_only_while_they_wait_here(store: Arc<dyn Store>) {
    let states = [
        (1, InboundState::Journalled, true),
        (2, InboundState::Held, true),
        (3, InboundState::Sent, false),
        (4, InboundState::Answered, false),
        (5, InboundState::Parked, false),
        (6, InboundState::Withdrawn, false),
    ];
    for (n, state, may) in states {
        let before = question_in(n, state);
        keep(&*store, [journal(before.clone())]).await;
        let amended = Inbound {
            text: "Other words.".to_owned(),
            attachments: vec![attachment(1, AttachmentState::Named)],
            ..before.clone()
        };
        // Nothing but words and files is taken from it.
        let given = Inbound {
            agent: name("loom"),
            state: InboundState::Sent,
            received_at: at(99),
            ..amended.clone()
        };
        let amend = discord(DiscordWrite::Amend(Box::new(given)));
        let skipped = AttachmentState::Skipped {
            why: "too large".to_owned(),
        };
        let files = vec![attachment(1, skipped)];
        let fetched = discord(DiscordWrite::Files {
            request: before.request,
            attachments: files.clone(),
        });
        if may {
            keep(&*store, [amend]).await;
            assert_eq!(asked(&*store, n).await, Some(amended.clone()), "{state:?}");
            // Of what became of the files nothing but that is taken.
            keep(&*store, [fetched]).await;
            let fetched = Inbound {
                attachments: files,
                ..amended
            };
            assert_eq!(asked(&*store, n).await, Some(fetched), "{state:?}");
        } else {
            assert!(is_absent(&*store, amend, "question").await, "{state:?}");
            assert!(is_absent(&*store, fetched, "question").await, "{state:?}");
            assert_eq!(asked(&*store, n).await, Some(before), "{state:?}");
        }
    }
    let nobodys = discord(DiscordWrite::Amend(Box::new(question(9))));
    assert!(is_absent(&*store, nobodys, "question").await);
}

pub async fn a_question_moves_from_the_state_it_is_in(store: Arc<dyn Store>) {
    use InboundState::{Journalled, Parked, Withdrawn};
    keep(&*store, [journal(question(1)), journal(question(2))]).await;
    let why = "the agent is not active";
    keep(&*store, [moved(1, Journalled, Parked, Some(why))]).await;
    let parked = Inbound {
        rested_at: Some(at(RESTED)),
        fault: Some(why.to_owned()),
        ..question_in(1, Parked)
    };
    assert_eq!(asked(&*store, 1).await, Some(parked.clone()));

    assert!(is_absent(&*store, moved(1, Journalled, Withdrawn, None), "question").await);
    assert!(is_absent(&*store, moved(9, Journalled, Withdrawn, None), "question").await);
    let theirs = Unit::of(acme()).write(moved(1, Parked, Withdrawn, None));
    let refused = refusal(&*store, theirs).await;
    assert!(matches!(
        refused,
        CommitError::Constraint(Constraint::Absent("question"))
    ));
    assert_eq!(asked(&*store, 1).await, Some(parked));

    keep(&*store, [moved(1, Parked, Journalled, None)]).await;
    assert_eq!(asked(&*store, 1).await, Some(question(1)));
    assert_eq!(asked(&*store, 2).await, Some(question(2)));
}

pub async fn a_warning_is_in_vain_once_nothing_of_its_question_rests(store: Arc<dyn Store>) {
    use InboundState::{Journalled, Parked as Rests, Withdrawn};
    use ReplyState::{Barred, Dismissed, Parked, Waiting};
    let warn = |n, stands| {
        discord(DiscordWrite::Warn {
            request: request_of(n),
            stands,
        })
    };
    let in_vain = async || {
        let found = store
            .discord_warned_in_vain(&tenant(), bot())
            .await
            .unwrap();
        let ids = found.into_iter().map(|question| question.request);
        ids.collect::<Vec<_>>()
    };
    let (none, first) = (Vec::<RequestId>::new(), vec![request_of(1)]);
    keep(&*store, [journal(question(1)), journal(question(2))]).await;
    assert_eq!(in_vain().await, none);
    keep(
        &*store,
        [moved(1, Journalled, Rests, Some("no")), warn(1, true)],
    )
    .await;
    assert_eq!(in_vain().await, none, "it rests");
    keep(&*store, [moved(1, Rests, Withdrawn, None)]).await;
    assert_eq!(
        in_vain().await,
        none,
        "it was let go, and nobody answers it"
    );
    keep(&*store, [moved(1, Withdrawn, Journalled, None)]).await;
    assert_eq!(in_vain().await, first);
    let (acme, bot, another) = (acme(), bot(), other_bot());
    for (tenant, bot) in [(&acme, bot), (&tenant(), another)] {
        let elsewhere = store.discord_warned_in_vain(tenant, bot).await;
        assert_eq!(elsewhere.unwrap(), []);
    }

    keep(&*store, [sent_as(1, "b-1", 5)]).await;
    assert_eq!(in_vain().await, first);
    keep(&*store, [take_in(reply(2, 1), [post(2, 0)])]).await;
    assert_eq!(in_vain().await, none, "its answer is not posted yet");
    for rests in [Parked, Barred, Dismissed] {
        keep(&*store, [reply_moved(2, Waiting, rests, Some("no"))]).await;
        assert_eq!(in_vain().await, none, "{rests:?}");
        keep(&*store, [reply_moved(2, rests, Waiting, None)]).await;
    }
    let posted = DiscordWrite::Posted {
        reply: reply_id(2),
        part: 0,
        message: id(90),
    };
    keep(&*store, [discord(posted)]).await;
    assert_eq!(in_vain().await, first);
    keep(&*store, [take_in(reply(3, 1), [post(3, 0)])]).await;
    keep(&*store, [reply_moved(3, Waiting, Barred, Some("no"))]).await;
    assert_eq!(in_vain().await, none, "another reply to it rests");
    keep(&*store, [reply_moved(3, Barred, Dismissed, None)]).await;
    assert_eq!(in_vain().await, first);

    let note = Inbound {
        message: question(1).message,
        amends: Some(request_of(1)),
        ..question(4)
    };
    keep(
        &*store,
        [journal(note), moved(4, Journalled, Rests, Some("no"))],
    )
    .await;
    assert_eq!(in_vain().await, none, "what was edited of it rests");
    keep(&*store, [moved(4, Rests, Withdrawn, None)]).await;
    assert_eq!(in_vain().await, first);
    keep(&*store, [warn(1, false)]).await;
    assert_eq!(in_vain().await, none);
    assert!(is_absent(&*store, warn(9, true), "question").await);
}

pub async fn a_question_is_sent_once_and_read_since_the_first_time(store: Arc<dyn Store>) {
    let waiting = Inbound {
        fault: Some("the bus was away".to_owned()),
        ..question(1)
    };
    keep(&*store, [journal(waiting), journal(question(2))]).await;
    keep(&*store, [sent_as(1, "bus-1", 20)]).await;
    let sent = Inbound {
        bus_id: Some("bus-1".to_owned()),
        sent_at: Some(at(20)),
        ..question_in(1, InboundState::Sent)
    };
    assert_eq!(asked(&*store, 1).await, Some(sent.clone()));
    assert!(is_absent(&*store, sent_as(1, "bus-2", 21), "question").await);

    let read = |n, seconds| {
        discord(DiscordWrite::Read {
            request: request_of(n),
            at: at(seconds),
        })
    };
    keep(&*store, [read(1, 30)]).await;
    keep(&*store, [read(1, 31)]).await;
    let read_at = Some(at(30));
    assert_eq!(asked(&*store, 1).await, Some(Inbound { read_at, ..sent }));
    assert_eq!(asked(&*store, 2).await, Some(question(2)));
    assert!(is_absent(&*store, read(9, 30), "question").await);
}

pub async fn questions_are_listed_by_state_and_newest_first(store: Arc<dyn Store>) {
    let states = [
        InboundState::Journalled,
        InboundState::Sent,
        InboundState::Answered,
        InboundState::Parked,
        InboundState::Withdrawn,
        InboundState::Held,
    ];
    for (offset, state) in (0..).step_by(10).zip(states) {
        // Heard last, but written first; the two others in the same moment.
        let late = question_in(offset + 3, state);
        let [first, then] = [1, 2].map(|n| Inbound {
            received_at: at(second(offset + 1)),
            ..question_in(offset + n, state)
        });
        let of_other = Inbound {
            bot: other_bot(),
            ..question_in(offset + 4, state)
        };
        let theirs = Unit::of(acme()).write(journal(question_in(offset + 5, state)));
        store.commit(theirs).await.unwrap();
        keep(
            &*store,
            [&late, &then, &first, &of_other].map(|q| journal(q.clone())),
        )
        .await;

        assert_eq!(
            questions_in(&*store, bot(), state).await,
            [first.clone(), then, late],
            "{state:?}"
        );
        assert_eq!(questions_in(&*store, other_bot(), state).await, [of_other]);
        let oldest = store
            .discord_questions_in(&tenant(), bot(), state, 1)
            .await
            .unwrap();
        assert_eq!(oldest, [first]);
    }
    let newest = store.discord_questions(&tenant(), bot(), 4).await.unwrap();
    let newest: Vec<_> = newest.iter().map(|question| question.request).collect();
    assert_eq!(newest, [53, 52, 51, 43].map(request_of));
    let all = store.discord_questions(&tenant(), bot(), 100).await;
    assert_eq!(all.unwrap().len(), 18);
    let of_other = store
        .discord_questions(&tenant(), other_bot(), 100)
        .await
        .unwrap();
    assert_eq!(of_other.len(), 6);
}

pub async fn a_reply_reads_back_with_its_posts(store: Arc<dyn Store>) {
    keep(&*store, [journal(question(1))]).await;
    let in_thread = Reply {
        ok: false,
        place: Some(Place {
            guild: Some(id(200)),
            channel: id(CHANNEL),
            thread: Some(id(301)),
        }),
        ..reply(1, 1)
    };
    let with_file = Post {
        file: Some(("reply.md".to_owned(), "Größe \"\"\n".to_owned())),
        ..post(1, 1)
    };
    let standing = Post {
        message: Some(id(500)),
        ..post(1, 0)
    };
    let posts = vec![standing, with_file, post(1, 2)];
    keep(&*store, [take_in(in_thread.clone(), posts.clone())]).await;
    keep(&*store, [take_in(unplaced(2), [])]).await;
    let of_other = Reply {
        bot: other_bot(),
        ..unplaced(3)
    };
    keep(&*store, [take_in(of_other.clone(), [])]).await;

    let alone = |reply| ReplyWithPosts {
        reply,
        posts: Vec::new(),
    };
    assert_eq!(
        replies_in(&*store, bot(), ReplyState::Waiting).await,
        [ReplyWithPosts {
            reply: in_thread,
            posts
        }]
    );
    assert_eq!(
        replies_in(&*store, bot(), ReplyState::Unplaced).await,
        [alone(unplaced(2))]
    );
    assert_eq!(
        replies_in(&*store, other_bot(), ReplyState::Unplaced).await,
        [alone(of_other)]
    );
    let theirs = store
        .discord_replies_in(&acme(), bot(), ReplyState::Unplaced, 9)
        .await;
    assert_eq!(theirs.unwrap(), []);
}

pub async fn mail_is_taken_in_once_by_each_bot(store: Arc<dyn Store>) {
    let has = async |tenant, bot| {
        let has = store.discord_has_reply(&tenant, bot, "mail-1").await;
        has.unwrap()
    };
    assert!(!has(tenant(), bot()).await);
    keep(&*store, [journal(question(1)), journal(question(2))]).await;
    keep(&*store, [take_in(reply(1, 1), [post(1, 0)])]).await;
    assert!(has(tenant(), bot()).await);
    assert!(!has(tenant(), other_bot()).await);
    assert!(!has(acme(), bot()).await);
    let keeps = async |tenant, id| store.discord_keeps_mail(&tenant, id).await.unwrap();
    assert!(keeps(tenant(), "mail-1").await);
    assert!(!keeps(tenant(), "mail-2").await);
    assert!(!keeps(acme(), "mail-1").await);

    // The same mail, taken for a reply to something else.
    let again = Reply {
        bus_id: "mail-1".to_owned(),
        ..reply(2, 2)
    };
    let posts = [post(2, 0), post(2, 1)];
    keep(&*store, [take_in(again.clone(), posts)]).await;
    keep(&*store, [take_in(reply(1, 1), [post(1, 0), post(1, 1)])]).await;
    let kept = ReplyWithPosts {
        reply: reply(1, 1),
        posts: vec![post(1, 0)],
    };
    assert_eq!(
        replies_in(&*store, bot(), ReplyState::Waiting).await,
        [kept]
    );
    assert_eq!(asked(&*store, 2).await, Some(question(2)));
    let count = async |n| store.discord_replies_to(&tenant(), request_of(n)).await;
    assert_eq!(count(1).await.unwrap(), 1);
    assert_eq!(count(2).await.unwrap(), 0);

    let of_other = Reply {
        bot: other_bot(),
        request: None,
        ..again
    };
    keep(&*store, [take_in(of_other, [])]).await;
    assert!(has(tenant(), other_bot()).await);
}

pub async fn a_reply_answers_the_question_that_it_names(store: Arc<dyn Store>) {
    let states = [
        InboundState::Journalled,
        InboundState::Sent,
        InboundState::Parked,
        InboundState::Withdrawn,
        InboundState::Held,
    ];
    for (n, state) in (1..).zip(states) {
        let before = Inbound {
            fault: Some("why".to_owned()),
            ..question_in(n, state)
        };
        keep(&*store, [journal(before)]).await;
        keep(&*store, [take_in(reply(10 + n, n), [post(10 + n, 0)])]).await;
        let answered = Inbound {
            answered_at: Some(at(10 + second(n))),
            ..question_in(n, InboundState::Answered)
        };
        assert_eq!(asked(&*store, n).await, Some(answered.clone()), "{state:?}");
        keep(&*store, [take_in(reply(20 + n, n), [])]).await;
        assert_eq!(asked(&*store, n).await, Some(answered), "{state:?}");
        let count = store.discord_replies_to(&tenant(), request_of(n)).await;
        assert_eq!(count.unwrap(), 2);
        let theirs = store.discord_replies_to(&acme(), request_of(n)).await;
        assert_eq!(theirs.unwrap(), 0);
    }
    // One that knows what it answers, but not where it belongs.
    let late = Reply {
        request: Some(request_of(7)),
        ..unplaced(30)
    };
    keep(&*store, [journal(question(7)), take_in(late, [])]).await;
    let answered = asked(&*store, 7).await.unwrap();
    assert_eq!(answered.state, InboundState::Answered);
    assert_eq!(answered.answered_at, Some(at(30)));
}

pub async fn a_reply_to_nothing_or_anothers_question_is_refused(store: Arc<dyn Store>) {
    let of_other = Inbound {
        bot: other_bot(),
        ..question(1)
    };
    keep(&*store, [journal(of_other.clone())]).await;
    assert!(is_absent(&*store, take_in(reply(1, 1), []), "question").await);
    let to_nothing = unit().write(take_in(reply(2, 2), []));
    let from_acme = Unit::of(acme()).write(take_in(reply(3, 1), []));
    for refused in [to_nothing, from_acme] {
        let refused = refusal(&*store, refused).await;
        assert!(
            matches!(
                refused,
                CommitError::Constraint(Constraint::Reference("reply"))
            ),
            "{refused}"
        );
    }
    assert_eq!(asked(&*store, 1).await, Some(of_other));
    assert_eq!(replies_in(&*store, bot(), ReplyState::Waiting).await, []);
}

pub async fn an_unplaced_reply_is_given_its_place_once(store: Arc<dyn Store>) {
    keep(&*store, [journal(question(1)), take_in(unplaced(5), [])]).await;
    let placed = Reply {
        text: "Without its token.".to_owned(),
        ok: false,
        ..reply(5, 1)
    };
    // Where it came from, and when, does not change; it waits, whatever it says.
    let given = Reply {
        bus_id: "other mail".to_owned(),
        agent: "loom".to_owned(),
        arrived_at: at(99),
        state: ReplyState::Posted,
        ..placed.clone()
    };
    keep(&*store, [place(given.clone(), [post(5, 0), post(5, 1)])]).await;
    let waiting = ReplyWithPosts {
        reply: placed,
        posts: vec![post(5, 0), post(5, 1)],
    };
    let replies = replies_in(&*store, bot(), ReplyState::Waiting).await;
    assert_eq!(replies, std::slice::from_ref(&waiting));
    assert_eq!(replies_in(&*store, bot(), ReplyState::Unplaced).await, []);
    let answered = asked(&*store, 1).await.unwrap();
    assert_eq!(answered.state, InboundState::Answered);

    assert!(is_absent(&*store, place(given, [post(5, 3)]), "reply").await);
    let of_other = Reply {
        bot: other_bot(),
        ..unplaced(7)
    };
    keep(&*store, [take_in(of_other, [])]).await;
    assert!(is_absent(&*store, place(reply(7, 1), [post(7, 0)]), "reply").await);
    assert!(is_absent(&*store, place(reply(6, 1), []), "reply").await);
    let replies = replies_in(&*store, bot(), ReplyState::Waiting).await;
    assert_eq!(replies, [waiting]);
}

pub async fn what_waits_to_be_posted_has_a_place(store: Arc<dyn Store>) {
    keep(&*store, [take_in(unplaced(1), [])]).await;
    let nowhere = [
        place(unplaced(1), [post(1, 0)]),
        reply_moved(1, ReplyState::Unplaced, ReplyState::Waiting, None),
        take_in(
            Reply {
                state: ReplyState::Waiting,
                ..unplaced(2)
            },
            [],
        ),
    ];
    for write in nowhere {
        let refused = refusal(&*store, unit().write(write)).await;
        assert!(
            matches!(refused, CommitError::Constraint(Constraint::Range("reply"))),
            "{refused}"
        );
    }
    let kept = replies_in(&*store, bot(), ReplyState::Unplaced).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].reply, unplaced(1));
}

pub async fn a_reply_is_posted_with_its_last_message(store: Arc<dyn Store>) {
    keep(&*store, [journal(question(1))]).await;
    let parts = || (0..3).map(|part| post(2, part));
    keep(&*store, [take_in(reply(2, 1), parts())]).await;
    keep(&*store, [take_in(reply(3, 1), [post(3, 0)])]).await;
    // Not in their order, and one told twice: the first id stays.
    keep(&*store, [posted(2, 2, 502), posted(2, 0, 500)]).await;
    keep(&*store, [posted(2, 0, 599)]).await;
    let waiting = replies_in(&*store, bot(), ReplyState::Waiting).await;
    let standing: Vec<_> = waiting[0].posts.iter().map(|post| post.message).collect();
    assert_eq!(waiting[0].reply, reply(2, 1));
    assert_eq!(standing, [Some(id(500)), None, Some(id(502))]);

    let why = Some("Discord was away");
    let parked = reply_moved(2, ReplyState::Waiting, ReplyState::Parked, why);
    keep(&*store, [parked, posted(2, 1, 501)]).await;
    let whole = ReplyWithPosts {
        reply: Reply {
            state: ReplyState::Posted,
            ..reply(2, 1)
        },
        posts: (0..3)
            .map(|part| Post {
                message: Some(id(500 + u64::from(part))),
                ..post(2, part)
            })
            .collect(),
    };
    assert_eq!(
        replies_in(&*store, bot(), ReplyState::Posted).await,
        std::slice::from_ref(&whole)
    );
    let waiting = replies_in(&*store, bot(), ReplyState::Waiting).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].posts, [post(3, 0)]);

    // Told again after a crash.
    keep(&*store, [posted(2, 1, 501)]).await;
    assert_eq!(
        replies_in(&*store, bot(), ReplyState::Posted).await,
        [whole]
    );
    for absent in [posted(2, 3, 503), posted(9, 0, 503)] {
        assert!(is_absent(&*store, absent, "post").await);
    }
    let theirs = refusal(&*store, Unit::of(acme()).write(posted(3, 0, 504))).await;
    assert!(matches!(
        theirs,
        CommitError::Constraint(Constraint::Absent("post"))
    ));
}

pub async fn a_reply_moves_from_the_state_it_is_in(store: Arc<dyn Store>) {
    use ReplyState::{Dismissed, Parked, Unplaced, Waiting};
    keep(&*store, [journal(question(1)), take_in(unplaced(1), [])]).await;
    keep(&*store, [take_in(reply(2, 1), [post(2, 0)])]).await;
    let why = "the channel is gone";
    keep(&*store, [reply_moved(2, Waiting, Parked, Some(why))]).await;
    let parked = Reply {
        state: Parked,
        rested_at: Some(at(RESTED)),
        fault: Some(why.to_owned()),
        ..reply(2, 1)
    };
    let found = replies_in(&*store, bot(), Parked).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reply, parked);
    assert_eq!(found[0].posts, [post(2, 0)]);

    assert!(is_absent(&*store, reply_moved(2, Waiting, Dismissed, None), "reply").await);
    assert!(is_absent(&*store, reply_moved(9, Waiting, Dismissed, None), "reply").await);
    let theirs = Unit::of(acme()).write(reply_moved(2, Parked, Dismissed, None));
    let refused = refusal(&*store, theirs).await;
    assert!(matches!(
        refused,
        CommitError::Constraint(Constraint::Absent("reply"))
    ));

    keep(&*store, [reply_moved(2, Parked, Waiting, None)]).await;
    let found = replies_in(&*store, bot(), Waiting).await;
    assert_eq!(found[0].reply, reply(2, 1));
    keep(&*store, [reply_moved(1, Unplaced, Dismissed, None)]).await;
    let found = replies_in(&*store, bot(), Dismissed).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reply.id, reply_id(1));
    assert_eq!(found[0].reply.fault, None);
}

pub async fn replies_are_listed_by_state_in_their_order(store: Arc<dyn Store>) {
    let states = [
        ReplyState::Unplaced,
        ReplyState::Waiting,
        ReplyState::Posted,
        ReplyState::Parked,
        ReplyState::Dismissed,
    ];
    for (offset, state) in (0..).step_by(10).zip(states) {
        // The one that arrived last is written first.
        let [first, then, late, of_other] = [1, 2, 3, 4].map(|n| Reply {
            place: Some(question(1).place),
            state,
            bot: if n == 4 { other_bot() } else { bot() },
            ..unplaced(offset + n)
        });
        let posts = |n: u64| [post(offset + n, 0), post(offset + n, 1)];
        keep(
            &*store,
            [
                take_in(late.clone(), posts(3)),
                take_in(of_other, posts(4)),
                take_in(first.clone(), posts(1)),
                take_in(then.clone(), posts(2)),
            ],
        )
        .await;
        let with = |reply, n| ReplyWithPosts {
            reply,
            posts: posts(n).to_vec(),
        };
        let all = [with(first, 1), with(then, 2), with(late, 3)];
        assert_eq!(replies_in(&*store, bot(), state).await, all, "{state:?}");
        // The limit counts replies, not their messages.
        let two = store.discord_replies_in(&tenant(), bot(), state, 2).await;
        assert_eq!(two.unwrap(), all[..2]);
        assert_eq!(replies_in(&*store, other_bot(), state).await.len(), 1);
    }
}

pub async fn a_channels_next_reply_is_the_one_that_arrived_first(store: Arc<dyn Store>) {
    let place = question(1).place;
    let (channel, thread) = (place.channel, id(77));
    let in_thread = Place {
        thread: Some(thread),
        ..place
    };
    let waiting = |n, place| Reply {
        place: Some(place),
        state: ReplyState::Waiting,
        ..unplaced(n)
    };
    let plain = Place {
        thread: None,
        ..place
    };
    let next = async |at| {
        store
            .discord_next_reply(&tenant(), bot(), at)
            .await
            .unwrap()
    };
    let places = async || {
        let mut places = store
            .discord_places_to_post(&tenant(), bot())
            .await
            .unwrap();
        places.sort();
        places
    };
    assert_eq!((next(channel).await, places().await), (None, Vec::new()));
    let posts = |n| [post(n, 0), post(n, 1)];
    keep(
        &*store,
        [
            take_in(waiting(5, plain), posts(5)),
            take_in(waiting(3, plain), posts(3)),
            take_in(waiting(4, in_thread), posts(4)),
        ],
    )
    .await;
    let mut both = [channel, thread];
    both.sort();
    assert_eq!(places().await, both);
    let first = next(channel).await.unwrap();
    assert_eq!(
        (first.reply, first.posts),
        (waiting(3, plain), posts(3).to_vec())
    );
    assert_eq!(next(thread).await.unwrap().reply.id, reply_id(4));
    // Part of it stands: it is still the next one, and what stands is known.
    let is_noted = async |message| {
        store
            .discord_is_noted(&tenant(), id(message))
            .await
            .unwrap()
    };
    assert!(!is_noted(901).await);
    keep(&*store, [posted(3, 0, 901)]).await;
    assert!(is_noted(901).await);
    assert!(!store.discord_is_noted(&acme(), id(901)).await.unwrap());
    assert_eq!(next(channel).await.unwrap().reply.id, reply_id(3));
    keep(&*store, [posted(3, 1, 902)]).await;
    assert_eq!(next(channel).await.unwrap().reply.id, reply_id(5));
    let other = store
        .discord_next_reply(&tenant(), other_bot(), channel)
        .await;
    assert_eq!(other.unwrap(), None);
}

pub async fn the_newest_questions_of_a_state_come_first(store: Arc<dyn Store>) {
    for state in [InboundState::Journalled, InboundState::Withdrawn] {
        let of = |n| {
            question_in(
                if state == InboundState::Journalled {
                    n
                } else {
                    n + 10
                },
                state,
            )
        };
        keep(&*store, [1, 2, 3].map(|n| journal(of(n)))).await;
        let newest = store
            .discord_newest_questions_in(&tenant(), bot(), state, 2)
            .await;
        assert_eq!(newest.unwrap(), [of(3), of(2)], "{state:?}");
    }
}

pub async fn what_is_known_of_a_channel_grows(store: Arc<dyn Store>) {
    let channels = async |bot| store.discord_channels(&tenant(), bot).await.unwrap();
    let stopped = |seconds| Some(at(seconds));
    let thread = KnownChannel {
        parent: Some(id(CHANNEL)),
        stopped_at: stopped(7),
        ..channel(310, Some("größe"), Some(5))
    };
    know(&*store, bot(), thread.clone()).await;
    know(&*store, bot(), channel(CHANNEL, None, None)).await;
    know(&*store, other_bot(), channel(310, Some("other"), Some(9))).await;
    let theirs = DiscordWrite::Channel {
        bot: bot(),
        channel: channel(320, None, None),
    };
    let theirs = Unit::of(acme()).write(discord(theirs));
    store.commit(theirs).await.unwrap();
    let first = channel(CHANNEL, None, None);
    assert_eq!(channels(bot()).await, [first.clone(), thread.clone()]);

    // Less is known, and of an older message.
    know(&*store, bot(), channel(310, None, Some(4))).await;
    let stopped_before = KnownChannel {
        stopped_at: stopped(3),
        ..channel(310, None, None)
    };
    know(&*store, bot(), stopped_before).await;
    assert_eq!(channels(bot()).await, [first, thread.clone()]);
    // More is known, and of a newer one.
    let moved = KnownChannel {
        guild: None,
        parent: Some(id(302)),
        stopped_at: stopped(8),
        ..channel(310, Some("renamed"), Some(6))
    };
    know(&*store, bot(), moved.clone()).await;
    know(&*store, bot(), channel(CHANNEL, Some("general"), Some(1))).await;
    let general = channel(CHANNEL, Some("general"), Some(1));
    assert_eq!(channels(bot()).await, [general, moved]);
    assert_eq!(
        channels(other_bot()).await,
        [channel(310, Some("other"), Some(9))]
    );
}

/// Seconds of so many days.
fn days(days: i64) -> i64 {
    days * 86_400
}

/// Numbers of questions that are there.
async fn left(store: &dyn Store, numbers: std::ops::RangeInclusive<u64>) -> Vec<u64> {
    let mut left = Vec::new();
    for n in numbers {
        if asked(store, n).await.is_some() {
            left.push(n);
        }
    }
    left
}

pub async fn what_ended_is_forgotten_after_thirty_days(store: Arc<dyn Store>) {
    let states = [
        InboundState::Journalled,
        InboundState::Sent,
        InboundState::Answered,
        InboundState::Parked,
        InboundState::Withdrawn,
        InboundState::Held,
    ];
    for (n, state) in (1..).zip(states) {
        let theirs = Unit::of(acme()).write(journal(question_in(n, state)));
        store.commit(theirs).await.unwrap();
        keep(&*store, [journal(question_in(n, state))]).await;
    }
    store.daily(at(days(30) + 3)).await.unwrap();
    assert_eq!(
        left(&*store, 1..=6).await,
        [1, 3, 4, 5, 6],
        "the third is not older than thirty days, the second was never answered"
    );
    store.daily(at(days(30) + 4)).await.unwrap();
    assert_eq!(left(&*store, 1..=6).await, [1, 4, 5, 6]);
    store.daily(at(days(90))).await.unwrap();
    assert_eq!(left(&*store, 1..=6).await, [1, 4, 6], "what is open stays");
    let theirs = store.discord_questions(&acme(), bot(), 100).await.unwrap();
    assert_eq!(theirs.len(), 3, "of every tenant");
}

pub async fn what_was_not_answered_in_seven_days_waits_no_more(store: Arc<dyn Store>) {
    for n in 1..=4 {
        keep(&*store, [journal(question(n))]).await;
    }
    // The first at once, the second after it was held for a day.
    for (n, sent_at) in [(1, 10), (2, days(1)), (3, 10)] {
        let bus_id = format!("bus-{n}");
        keep(&*store, [sent_as(n, &bus_id, sent_at)]).await;
    }
    keep(&*store, [take_in(reply(5, 3), [post(5, 0)])]).await;
    let state = async |n| {
        let question = asked(&*store, n).await.unwrap();
        (question.state, question.fault)
    };
    store.daily(at(days(7) + 10)).await.unwrap();
    assert_eq!(state(1).await, (InboundState::Sent, None), "seven days old");
    store.daily(at(days(7) + 11)).await.unwrap();
    let (ended, why) = state(1).await;
    assert_eq!(ended, InboundState::Withdrawn);
    assert!(why.unwrap().contains("seven days"));
    assert_eq!(state(2).await.0, InboundState::Sent);
    assert_eq!(state(3).await.0, InboundState::Answered);
    assert_eq!(state(4).await.0, InboundState::Journalled);
    store.daily(at(days(8) + 1)).await.unwrap();
    assert_eq!(state(2).await.0, InboundState::Withdrawn);
}

pub async fn a_question_stays_until_its_last_reply_has_ended(store: Arc<dyn Store>) {
    keep(&*store, [journal(question(1)), journal(question(2))]).await;
    keep(&*store, [take_in(reply(3, 1), [post(3, 0)])]).await;
    keep(&*store, [take_in(reply(4, 2), [post(4, 0)])]).await;
    let late = Reply {
        arrived_at: at(days(7)),
        ..reply(5, 1)
    };
    keep(&*store, [take_in(late, [post(5, 0)])]).await;
    keep(&*store, [posted(3, 0, 500)]).await;
    for n in 6..=7 {
        keep(&*store, [take_in(unplaced(n), [])]).await;
    }
    use ReplyState::{Dismissed, Parked, Posted, Unplaced, Waiting};
    keep(&*store, [reply_moved(6, Unplaced, Dismissed, None)]).await;
    keep(&*store, [reply_moved(4, Waiting, Parked, None)]).await;

    store.daily(at(days(40))).await.unwrap();
    let bus_ids = async |state| {
        let found = replies_in(&*store, bot(), state).await;
        found
            .into_iter()
            .map(|found| found.reply.bus_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(bus_ids(Posted).await, Vec::<String>::new());
    assert_eq!(bus_ids(Dismissed).await, Vec::<String>::new());
    assert_eq!(bus_ids(Parked).await, ["mail-4"]);
    assert_eq!(bus_ids(Waiting).await, ["mail-5"]);
    assert_eq!(bus_ids(Unplaced).await, ["mail-7"]);
    assert_eq!(left(&*store, 1..=2).await, [1, 2]);

    keep(&*store, [posted(5, 0, 501)]).await;
    store.daily(at(days(37))).await.unwrap();
    assert_eq!(
        left(&*store, 1..=2).await,
        [1, 2],
        "its last reply is thirty days old, and no older"
    );
    store.daily(at(days(37) + 1)).await.unwrap();
    assert_eq!(left(&*store, 1..=2).await, [2]);
    assert_eq!(bus_ids(Posted).await, Vec::<String>::new());
}

pub async fn sessions_and_channels_are_not_forgotten(store: Arc<dyn Store>) {
    let cursor = Cursor {
        session: "a".to_owned(),
        resume_url: "wss://a.example".to_owned(),
        sequence: 1,
        at: at(1),
    };
    let heard = DiscordWrite::Heard {
        bot: bot(),
        cursor: cursor.clone(),
    };
    keep(&*store, [discord(heard)]).await;
    know(&*store, bot(), channel(CHANNEL, None, Some(1))).await;
    keep(&*store, [journal(question_in(1, InboundState::Withdrawn))]).await;
    store.daily(at(days(365))).await.unwrap();
    assert_eq!(asked(&*store, 1).await, None);
    let kept = store.discord_cursor(&tenant(), bot()).await.unwrap();
    assert_eq!(kept, Some(cursor));
    let channels = store.discord_channels(&tenant(), bot()).await.unwrap();
    assert_eq!(channels, [channel(CHANNEL, None, Some(1))]);
}

pub async fn what_is_to_be_asked_leaves_out_agents_that_cannot_be_asked(store: Arc<dyn Store>) {
    let to = |n, agent| Inbound {
        agent: name(agent),
        ..question(n)
    };
    let [first, second, third] = [to(1, "kasra"), to(2, "loom"), to(3, "kasra")];
    let sent = question_in(4, InboundState::Sent);
    let all = [&third, &second, &first, &sent].map(|each| journal(each.clone()));
    keep(&*store, all).await;
    let to_ask = async |without: &[&str], limit| {
        let without: Vec<_> = without.iter().map(|agent| name(agent)).collect();
        let found = store
            .discord_questions_to_ask(&tenant(), bot(), &without, limit)
            .await;
        found.unwrap()
    };
    let all = [first.clone(), second.clone(), third];
    assert_eq!(to_ask(&[], 9).await, all);
    assert_eq!(to_ask(&[], 1).await, [first]);
    assert_eq!(to_ask(&["kasra"], 1).await, [second]);
    assert_eq!(to_ask(&["kasra", "loom"], 9).await, []);
}

pub async fn a_channel_tells_whether_anybody_asked_since(store: Arc<dyn Store>) {
    let asked = question(7);
    let place = Place {
        thread: Some(id(301)),
        ..asked.place
    };
    let in_thread = Inbound {
        place,
        ..question(8)
    };
    keep(&*store, [asked.clone(), in_thread.clone()].map(journal)).await;
    let since = async |channel, moment| {
        let found = store
            .discord_asked_since(&tenant(), bot(), channel, moment)
            .await;
        found.unwrap()
    };
    let channel = asked.place.posted_to();
    let before = |question: &Inbound| question.received_at.plus_millis(-1);
    assert!(since(channel, before(&asked)).await);
    assert!(!since(channel, asked.received_at).await);
    assert!(since(id(301), before(&in_thread)).await);
    assert!(!since(id(302), before(&asked)).await);
}

/// A STOP in the channel, at second `n`.
pub fn stop(n: u64) -> Stop {
    Stop {
        bot: bot(),
        message: id(5_000 + n),
        place: question(n).place,
        author: Author {
            id: id(401),
            name: format!("Größe {n}"),
        },
        at: at(second(n)),
    }
}

pub fn stopped(stop: Stop) -> Write {
    discord(DiscordWrite::Stop(Box::new(stop)))
}

pub async fn who_said_stop_is_known_for_thirty_days(store: Arc<dyn Store>) {
    let in_thread = Stop {
        place: Place {
            thread: Some(id(301)),
            ..stop(4).place
        },
        ..stop(4)
    };
    let direct = Stop {
        place: Place {
            guild: None,
            channel: id(302),
            thread: None,
        },
        ..stop(5)
    };
    let of_other = Stop {
        bot: other_bot(),
        ..stop(6)
    };
    let said_again = Stop {
        at: at(9),
        ..stop(3)
    };
    let all = [
        stop(2),
        stop(3),
        said_again,
        in_thread.clone(),
        direct.clone(),
        of_other,
    ];
    keep(&*store, all.map(stopped)).await;
    let last = async |channel| {
        let found = store.discord_last_stop(&tenant(), bot(), id(channel)).await;
        found.unwrap()
    };
    assert_eq!(last(CHANNEL).await, Some(stop(3)), "each is heard once");
    assert_eq!(last(301).await, Some(in_thread));
    assert_eq!(last(302).await, Some(direct));
    assert_eq!(last(303).await, None);
    let theirs = store.discord_last_stop(&acme(), bot(), id(CHANNEL)).await;
    assert_eq!(theirs.unwrap(), None);
    store.daily(at(days(30) + 4)).await.unwrap();
    assert_eq!(last(CHANNEL).await, None);
    assert!(
        last(301).await.is_some(),
        "it is not older than thirty days"
    );
}

pub async fn a_deleted_message_is_noted_once_with_all_that_was_made_of_it(store: Arc<dyn Store>) {
    let note = Inbound {
        request: request_of(2),
        amends: Some(request_of(1)),
        ..question(1)
    };
    keep(
        &*store,
        [journal(question(1)), journal(note), journal(question(3))],
    )
    .await;
    let deleted = |seconds| {
        discord(DiscordWrite::Deleted {
            bot: bot(),
            message: question(1).message,
            at: at(seconds),
        })
    };
    let unheard = discord(DiscordWrite::Deleted {
        bot: other_bot(),
        message: question(3).message,
        at: at(5),
    });
    keep(&*store, [deleted(5), deleted(6), unheard]).await;
    let found = async |n| asked(&*store, n).await.unwrap().deleted_at;
    assert_eq!(found(1).await, Some(at(5)));
    assert_eq!(found(2).await, Some(at(5)));
    assert_eq!(found(3).await, None);
}

pub async fn a_question_rests_since_it_came_to_rest_and_no_more_once_it_goes_on(
    store: Arc<dyn Store>,
) {
    use InboundState::{Held, Journalled, Parked};
    let move_at = |n, from, to, second| {
        let mut write = moved(n, from, to, None);
        if let Write::Discord(DiscordWrite::Move { at: moment, .. }) = &mut write {
            *moment = at(second);
        }
        write
    };
    let since = async |n| asked(&*store, n).await.unwrap().rested_at;
    let held = Inbound {
        rested_at: Some(at(5)),
        ..question_in(2, Held)
    };
    let all = [question(1), held.clone(), question_in(3, Parked)];
    keep(&*store, all.map(journal)).await;
    assert_eq!(asked(&*store, 2).await, Some(held));
    assert_eq!(since(3).await, None, "of a time in which it was not kept");

    keep(&*store, [move_at(1, Journalled, Parked, 10)]).await;
    assert_eq!(since(1).await, Some(at(10)));
    keep(&*store, [move_at(1, Parked, Held, 20)]).await;
    assert_eq!(since(1).await, Some(at(10)), "it never went on");
    keep(&*store, [move_at(1, Held, Journalled, 30)]).await;
    assert_eq!(since(1).await, None);
    keep(&*store, [move_at(1, Journalled, Parked, 40)]).await;
    assert_eq!(since(1).await, Some(at(40)), "it was tried again");
    // A reply that comes after all answers it.
    keep(
        &*store,
        [take_in(reply(4, 1), []), take_in(reply(5, 2), [])],
    )
    .await;
    assert_eq!((since(1).await, since(2).await), (None, None));
}

pub async fn a_reply_rests_since_it_came_to_rest_and_no_more_once_it_goes_on(
    store: Arc<dyn Store>,
) {
    use ReplyState::{Barred, Dismissed, Parked, Unplaced, Waiting};
    let move_at = |n, from, to, second| {
        let mut write = reply_moved(n, from, to, None);
        if let Write::Discord(DiscordWrite::MoveReply { at: moment, .. }) = &mut write {
            *moment = at(second);
        }
        write
    };
    let since = async |n| {
        let found = store.discord_reply(&tenant(), reply_id(n)).await.unwrap();
        found.unwrap().reply.rested_at
    };
    let without_place = Reply {
        rested_at: Some(at(1)),
        ..unplaced(1)
    };
    keep(&*store, [journal(question(1)), journal(question(2))]).await;
    keep(&*store, [take_in(without_place.clone(), [])]).await;
    assert_eq!(since(1).await, Some(at(1)));
    keep(&*store, [move_at(1, Unplaced, Dismissed, 10)]).await;
    assert_eq!(since(1).await, None);
    keep(&*store, [move_at(1, Dismissed, Unplaced, 20)]).await;
    assert_eq!(since(1).await, Some(at(20)));
    keep(&*store, [place(reply(1, 1), [post(1, 0)])]).await;
    assert_eq!(since(1).await, None);

    keep(&*store, [move_at(1, Waiting, Barred, 30)]).await;
    keep(&*store, [move_at(1, Barred, Parked, 40)]).await;
    assert_eq!(since(1).await, Some(at(30)), "it never went on");
    keep(&*store, [move_at(1, Parked, Waiting, 50)]).await;
    keep(&*store, [move_at(1, Waiting, Barred, 60)]).await;
    assert_eq!(since(1).await, Some(at(60)), "it was tried again");
    let unbar = DiscordWrite::Unbar {
        bot: bot(),
        guild: None,
    };
    keep(&*store, [discord(unbar)]).await;
    assert_eq!(since(1).await, None);
    // What was put aside and stands in Discord after all is at its end.
    keep(&*store, [move_at(1, Waiting, Parked, 70), posted(1, 0, 91)]).await;
    assert_eq!(since(1).await, None);
}

pub async fn what_was_barred_waits_again_in_its_server(store: Arc<dyn Store>) {
    keep(&*store, [journal(question(1))]).await;
    let of = |n, guild| Reply {
        place: Some(Place {
            guild,
            ..question(1).place
        }),
        state: ReplyState::Barred,
        fault: Some("it may not".to_owned()),
        ..reply(n, 1)
    };
    let barred = [of(1, Some(id(200))), of(2, Some(id(201))), of(3, None)];
    let parked = Reply {
        state: ReplyState::Parked,
        ..of(4, Some(id(200)))
    };
    let all = barred.into_iter().chain([parked]);
    keep(&*store, all.map(|reply| take_in(reply, []))).await;
    let waiting = async |guild| {
        let bot = bot();
        keep(&*store, [discord(DiscordWrite::Unbar { bot, guild })]).await;
        let waiting = replies_in(&*store, bot, ReplyState::Waiting).await;
        assert!(waiting.iter().all(|each| each.reply.fault.is_none()));
        let ids = waiting.into_iter().map(|each| each.reply.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(waiting(Some(id(201))).await, [reply_id(2)]);
    assert_eq!(waiting(None).await, [1, 2, 3].map(reply_id));
    let parked = replies_in(&*store, bot(), ReplyState::Parked).await;
    assert_eq!(parked.len(), 1);
}
