//! The journal of a bridge that runs alone: a file beside the store, with an owner of its own.

use std::path::Path;
use std::time::Duration;

use husting_domain::agents::Name;
use husting_domain::discord::{
    Author, Cursor, Inbound, InboundState, KnownChannel, Place, Post, Reply, ReplyState, RequestId,
    Snowflake,
};
use husting_domain::discord_panels::{BEHIND, DiscordPanel, KeptSteering, PanelStage, Steering};
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::snippets::SnippetType;
use husting_domain::time::Timestamp;
use husting_store::{
    DiscordPanelReads, DiscordReads, DiscordWrite, OpenError, PanelWrite, ReplyWithPosts,
    SqliteStore, Store, StoreFile, Unit, Write,
};
use sqlx::Connection;
use uuid::Uuid;

use super::*;

fn id(n: u64) -> Snowflake {
    Snowflake::new(n).unwrap()
}

async fn open_bridge(home: &Path, now: Timestamp) -> Result<SqliteStore, OpenError> {
    SqliteStore::open_file(home, StoreFile::Discord, now).await
}

/// What was heard as message `n` of bot 1.
fn question(n: u64) -> Inbound {
    Inbound {
        request: RequestId(Uuid::from_u128(n.into())),
        bot: id(1),
        message: id(n),
        place: Place {
            guild: None,
            channel: id(2),
            thread: Some(id(3)),
        },
        author: Author {
            id: id(4),
            name: "Zoë".to_owned(),
        },
        text: "Größe?".to_owned(),
        attachments: Vec::new(),
        received_at: day(0),
        agent: Name::parse("kasra").unwrap(),
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

/// A reply to question `n`, of one message.
fn reply(n: u64) -> ReplyWithPosts {
    let id = Uuid::from_u128(u128::from(n) + 1_000);
    ReplyWithPosts {
        reply: Reply {
            id,
            bot: question(n).bot,
            bus_id: format!("mail-{n}"),
            agent: "kasra".to_owned(),
            text: "Größe!".to_owned(),
            ok: true,
            request: Some(question(n).request),
            place: Some(question(n).place),
            reply_to: Some(question(n).message),
            arrived_at: day(0),
            state: ReplyState::Waiting,
            rested_at: None,
            fault: None,
        },
        posts: vec![Post {
            reply: id,
            part: 0,
            content: "Größe!".to_owned(),
            file: None,
            nonce: format!("{n}-0"),
            message: None,
        }],
    }
}

fn cursor() -> Cursor {
    Cursor {
        session: "a".to_owned(),
        resume_url: "wss://a.example".to_owned(),
        sequence: 7,
        at: day(0),
    }
}

fn channel() -> KnownChannel {
    KnownChannel {
        id: id(2),
        guild: None,
        parent: None,
        name: None,
        last_message: Some(id(11)),
        stopped_at: None,
    }
}

async fn keep(store: &SqliteStore, writes: impl IntoIterator<Item = DiscordWrite>) {
    let writes = writes.into_iter().map(Write::Discord);
    let unit = Unit::of(TenantId::local()).writes(writes);
    store.commit(unit).await.unwrap();
}

fn journal(question: Inbound) -> DiscordWrite {
    DiscordWrite::Journal(Box::new(question))
}

/// The bot's questions, newest first.
async fn questions(store: &SqliteStore) -> Vec<Inbound> {
    let tenant = TenantId::local();
    store.discord_questions(&tenant, id(1), 9).await.unwrap()
}

#[tokio::test]
async fn the_journal_is_read_again_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let bridge = open_bridge(home.path(), day(0)).await.unwrap();
    let ReplyWithPosts { reply, posts } = reply(11);
    let bot = id(1);
    let heard = DiscordWrite::Heard {
        bot,
        cursor: cursor(),
    };
    let channel_known = DiscordWrite::Channel {
        bot,
        channel: channel(),
    };
    keep(&bridge, [heard, channel_known, journal(question(11))]).await;
    keep(&bridge, [journal(question(12))]).await;
    let taken_in = DiscordWrite::Reply {
        reply: Box::new(reply.clone()),
        posts: posts.clone(),
    };
    keep(&bridge, [taken_in.clone()]).await;
    // No farewell: a process that dies closes nothing.
    drop(bridge);

    let bridge = SqliteStore::open_file_waiting(
        home.path(),
        StoreFile::Discord,
        day(1),
        Duration::from_secs(60),
    )
    .await
    .unwrap();
    let tenant = TenantId::local();
    assert_eq!(
        bridge.discord_cursor(&tenant, bot).await.unwrap(),
        Some(cursor())
    );
    assert_eq!(
        bridge.discord_channels(&tenant, bot).await.unwrap(),
        [channel()]
    );
    let answered = Inbound {
        state: InboundState::Answered,
        answered_at: Some(day(0)),
        ..question(11)
    };
    // What is heard and taken in once more is known still.
    keep(&bridge, [journal(question(11)), taken_in]).await;
    assert_eq!(questions(&bridge).await, [question(12), answered]);
    let waiting = bridge
        .discord_replies_in(&tenant, bot, ReplyState::Waiting, 9)
        .await
        .unwrap();
    assert_eq!(waiting, [ReplyWithPosts { reply, posts }]);
    bridge.close().await;
}

#[tokio::test]
async fn the_store_and_a_bridges_journal_are_open_side_by_side() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path()).await;
    let bridge = open_bridge(home.path(), day(0)).await.unwrap();
    put(&store, "1").await.unwrap();
    keep(&bridge, [journal(question(11))]).await;
    assert_eq!(questions(&bridge).await, [question(11)]);
    assert_eq!(questions(&store).await, []);
    assert_eq!(word(&store).await.as_deref(), Some("1"));
    assert_eq!(word(&bridge).await, None);
    store.daily(day(0)).await.unwrap();
    bridge.daily(day(0)).await.unwrap();
    store.close().await;
    // The one that has left does not take the other with it.
    keep(&bridge, [journal(question(12))]).await;
    bridge.close().await;
    assert_eq!(
        names(home.path()),
        [
            "backups",
            "discord.db",
            "discord.lock",
            "husting.db",
            "husting.lock"
        ]
    );
    assert_eq!(
        names(&home.path().join("backups")),
        ["discord-2026-11-20.db", "husting-2026-11-20.db"]
    );
}

#[tokio::test]
async fn a_second_bridge_is_told_who_holds_the_journal() {
    let home = tempfile::tempdir().unwrap();
    let bridge = open_bridge(home.path(), day(0)).await.unwrap();
    let error = open_bridge(home.path(), day(0))
        .await
        .map(|_| ())
        .unwrap_err();
    let OpenError::Owned { holder, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(*holder, Some(std::process::id()));
    let process = format!("process {}", std::process::id());
    assert!(error.to_string().contains(&process), "{error}");
    let impatient =
        SqliteStore::open_file_waiting(home.path(), StoreFile::Discord, day(0), Duration::ZERO)
            .await;
    assert!(matches!(impatient, Err(OpenError::Owned { .. })));

    // The store itself is free, before and after.
    open(home.path()).await.close().await;
    bridge.close().await;
    let next = open_bridge(home.path(), day(0)).await.unwrap();
    next.close().await;
}

#[tokio::test]
async fn each_of_two_stores_keeps_seven_backups_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path()).await;
    let bridge = open_bridge(home.path(), day(0)).await.unwrap();
    for days in 0..9 {
        store.daily(day(days)).await.unwrap();
    }
    bridge.daily(day(8)).await.unwrap();
    let of_store = (22..=28).map(|day| format!("husting-2026-11-{day}.db"));
    let expected: Vec<_> = std::iter::once("discord-2026-11-28.db".to_owned())
        .chain(of_store)
        .collect();
    assert_eq!(names(&home.path().join("backups")), expected);
    for days in 0..8 {
        bridge.daily(day(days)).await.unwrap();
    }
    let of_bridge = (22..=28).map(|day| format!("discord-2026-11-{day}.db"));
    let expected: Vec<_> = of_bridge.chain(expected.into_iter().skip(1)).collect();
    assert_eq!(names(&home.path().join("backups")), expected);
    store.close().await;
    bridge.close().await;
}

/// The store's file as version 12 left it, with a word in it.
async fn of_version_12(home: &Path) {
    let mut hand = of_version(home, 12).await;
    sqlx::query("insert into settings (tenant_id, key, value) values ('local', 'word', '1')")
        .execute(&mut hand)
        .await
        .unwrap();
    hand.close().await.unwrap();
}

/// The tables, indexes and triggers that are not the bridge's; later versions may add to them.
async fn schema_without_bridge(home: &Path) -> Vec<String> {
    let mut hand = reach_into(home).await;
    let schema = sqlx::query_scalar(
        "select type || ' ' || name from sqlite_schema where tbl_name not like 'discord%' order by name",
    )
    .fetch_all(&mut hand)
    .await
    .unwrap();
    hand.close().await.unwrap();
    schema
}

#[tokio::test]
async fn a_store_from_before_the_bridge_keeps_everything() {
    let home = tempfile::tempdir().unwrap();
    of_version_12(home.path()).await;
    let before = schema_without_bridge(home.path()).await;
    assert!(before.len() > 50, "{before:#?}");
    let store = open(home.path()).await;
    assert_eq!(word(&store).await.as_deref(), Some("1"));
    keep(&store, [journal(question(11))]).await;
    assert_eq!(questions(&store).await, [question(11)]);
    store.close().await;
    let after = schema_without_bridge(home.path()).await;
    let lost: Vec<&String> = before.iter().filter(|name| !after.contains(name)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let backups = names(&home.path().join("backups"));
    assert_eq!(
        backups[1..],
        ["version-12-2026-11-20T08-04-21.000Z.db"],
        "beside the day's"
    );
}

#[tokio::test]
async fn both_stores_of_a_folder_may_be_brought_up_to_date_in_the_same_moment() {
    let home = tempfile::tempdir().unwrap();
    of_version_12(home.path()).await;
    let file = |name: &str| home.path().join(name);
    fs::copy(file("husting.db"), file("discord.db")).unwrap();
    let store = open(home.path()).await;
    let bridge = open_bridge(home.path(), day(0)).await.unwrap();
    for opened in [store, bridge] {
        opened.daily(day(0)).await.unwrap();
        assert_eq!(word(&opened).await.as_deref(), Some("1"));
        opened.close().await;
    }
    assert_eq!(
        names(&file("backups")),
        [
            "discord-2026-11-20.db",
            "discord-version-12-2026-11-20T08-04-21.000Z.db",
            "husting-2026-11-20.db",
            "version-12-2026-11-20T08-04-21.000Z.db",
        ]
    );
}

#[tokio::test]
async fn a_start_forgets_what_has_long_ended() {
    let home = tempfile::tempdir().unwrap();
    let bridge = open_bridge(home.path(), day(0)).await.unwrap();
    let withdrawn = Inbound {
        state: InboundState::Withdrawn,
        ..question(12)
    };
    keep(&bridge, [journal(question(11)), journal(withdrawn)]).await;
    bridge.close().await;
    let bridge = open_bridge(home.path(), day(31)).await.unwrap();
    let forgotten = async {
        while questions(&bridge).await.len() > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), forgotten)
        .await
        .unwrap();
    assert_eq!(questions(&bridge).await, [question(11)]);
    bridge.close().await;
}

fn heard(session: &str, sequence: u64, at: Timestamp) -> DiscordWrite {
    let cursor = Cursor {
        session: session.to_owned(),
        sequence,
        at,
        ..cursor()
    };
    DiscordWrite::Heard { bot: id(1), cursor }
}

fn heard_to(message: u64) -> DiscordWrite {
    let channel = KnownChannel {
        last_message: Some(id(message)),
        ..channel()
    };
    DiscordWrite::Channel {
        bot: id(1),
        channel,
    }
}

fn taken_in(n: u64) -> DiscordWrite {
    let ReplyWithPosts { reply, posts } = reply(n);
    DiscordWrite::Reply {
        reply: Box::new(reply),
        posts,
    }
}

fn posted(n: u64) -> DiscordWrite {
    DiscordWrite::Posted {
        reply: reply(n).reply.id,
        part: 0,
        message: id(n + 500),
    }
}

/// What waits when the backup is made: questions 11 and 12 for their agent, the answer to 13 for being posted.
async fn a_backup_with_open_questions(home: &Path, copy: &Path) -> SqliteStore {
    let store = open(home).await;
    let questions = [11, 12, 13].map(|n| journal(question(n)));
    keep(&store, questions).await;
    keep(&store, [heard("a", 7, day(0)), heard_to(13)]).await;
    keep(&store, [taken_in(13)]).await;
    store.backup(copy).await.unwrap();
    store
}

/// The state of each question, by its number.
async fn states(store: &SqliteStore) -> Vec<(u64, InboundState)> {
    let asked = questions(store).await.into_iter();
    let mut states: Vec<_> = asked.map(|each| (each.message.get(), each.state)).collect();
    states.sort_by_key(|(n, _)| *n);
    states
}

async fn replies_in(store: &SqliteStore, state: ReplyState) -> usize {
    let tenant = TenantId::local();
    let replies = store.discord_replies_in(&tenant, id(1), state, 9).await;
    replies.unwrap().len()
}

#[tokio::test]
async fn a_backup_that_is_put_back_goes_on_in_discord_where_the_store_before_it_had_come() {
    use InboundState::{Answered, Journalled};
    for is_staged in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
        let store = a_backup_with_open_questions(&home, &copy).await;
        let stopped = KnownChannel {
            stopped_at: Some(day(1)),
            ..channel()
        };
        let stopped = DiscordWrite::Channel {
            bot: id(1),
            channel: stopped,
        };
        keep(&store, [posted(13), taken_in(12), posted(12)]).await;
        keep(&store, [heard("b", 3, day(1)), heard_to(20), stopped]).await;
        if is_staged {
            stage(&home, &copy).await.unwrap();
        }
        store.close().await;
        if !is_staged {
            restore(&home, &copy, day(2)).await.unwrap();
        }

        let back = SqliteStore::open(&home, day(2)).await.unwrap();
        let tenant = TenantId::local();
        let cursor = back.discord_cursor(&tenant, id(1)).await.unwrap().unwrap();
        assert_eq!((cursor.session.as_str(), cursor.sequence), ("b", 3));
        let channels = back.discord_channels(&tenant, id(1)).await.unwrap();
        assert_eq!(channels[0].last_message, Some(id(20)));
        assert_eq!(channels[0].stopped_at, Some(day(1)), "a person's last word");
        let known = [(11, Journalled), (12, Answered), (13, Answered)];
        assert_eq!(states(&back).await, known);
        assert_eq!(replies_in(&back, ReplyState::Waiting).await, 0);
        assert_eq!(replies_in(&back, ReplyState::Posted).await, 2);
        assert!(!home.join("husting.replaced").exists());
        back.close().await;
    }
}

#[tokio::test]
async fn what_is_put_back_beside_a_store_that_tells_nothing_answers_nothing_from_before() {
    use InboundState::{Answered, Held};
    let spoilt: [fn(&Path); 3] = [
        |store| fs::remove_file(store).unwrap(),
        |store| fs::write(store, "torn").unwrap(),
        // A store that never heard this bot.
        |store| {
            fs::remove_file(store).unwrap();
            fs::copy(store.with_extension("other"), store).unwrap();
        },
    ];
    for spoil in spoilt {
        let folder = tempfile::tempdir().unwrap();
        let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
        let store = a_backup_with_open_questions(&home, &copy).await;
        store.close().await;
        made(&folder.path().join("other"), "2").await;
        let (other, present) = (folder.path().join("other"), home.join("husting.db"));
        fs::copy(other.join("husting.db"), present.with_extension("other")).unwrap();
        spoil(&present);
        restore(&home, &copy, day(2)).await.unwrap();

        let back = SqliteStore::open(&home, day(2)).await.unwrap();
        let tenant = TenantId::local();
        let cursor = back.discord_cursor(&tenant, id(1)).await.unwrap().unwrap();
        assert_eq!((cursor.session.as_str(), cursor.at), ("", day(2)));
        let channels = back.discord_channels(&tenant, id(1)).await.unwrap();
        assert_eq!(channels[0].last_message, Snowflake::at(day(2)));
        let asked = states(&back).await;
        assert_eq!(asked, [(11, Held), (12, Held), (13, Answered)]);
        assert_eq!(replies_in(&back, ReplyState::Waiting).await, 0);
        assert_eq!(replies_in(&back, ReplyState::Parked).await, 1);
        back.close().await;
    }
}

/// Question `n` stands on the bus, and its agent has read it or not.
fn on_the_bus(n: u64, is_read: bool) -> Vec<DiscordWrite> {
    let request = question(n).request;
    let sent = DiscordWrite::Sent {
        request,
        bus_id: format!("bus-{n}"),
        at: day(1),
    };
    let read = DiscordWrite::Read {
        request,
        at: day(1),
    };
    let read = is_read.then_some(read);
    [journal(question(n)), sent]
        .into_iter()
        .chain(read)
        .collect()
}

#[tokio::test]
async fn what_was_asked_after_a_backup_is_known_once_it_is_put_back_and_asked_anew_where_nobody_may_answer()
 {
    use InboundState::{Answered, Journalled, Sent};
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    let store = open(&home).await;
    keep(&store, [heard("a", 7, day(0)), heard_to(13)]).await;
    store.backup(&copy).await.unwrap();
    keep(&store, [heard("b", 9, day(1)), heard_to(25)]).await;
    keep(&store, [journal(question(21))]).await;
    keep(&store, on_the_bus(22, false)).await;
    keep(&store, on_the_bus(23, true)).await;
    // Its answer stands in Discord; that of the next one does not.
    keep(&store, on_the_bus(24, true)).await;
    keep(&store, [taken_in(24), posted(24)]).await;
    keep(&store, on_the_bus(25, true)).await;
    keep(&store, [taken_in(25)]).await;
    store.close().await;
    restore(&home, &copy, day(2)).await.unwrap();

    let back = SqliteStore::open(&home, day(2)).await.unwrap();
    let known = [
        (21, Journalled),
        (22, Journalled),
        (23, Sent),
        (24, Answered),
        (25, Journalled),
    ];
    assert_eq!(states(&back).await, known);
    let asked = questions(&back).await;
    let anew = asked.iter().find(|each| each.message == id(22)).unwrap();
    assert_eq!((&anew.bus_id, anew.sent_at), (&None, None));
    assert_eq!(replies_in(&back, ReplyState::Posted).await, 1);
    assert_eq!(replies_in(&back, ReplyState::Waiting).await, 0);
    back.close().await;
}

/// Letter `n` of the bus.
fn letter(n: u64) -> Uuid {
    Uuid::from_u128(u128::from(n) + 5_000)
}

/// Question `n`, which amends another one or none, and its letter `n`.
fn sent_by_letter(n: u64, amended: Option<u64>) -> [DiscordWrite; 2] {
    let asked = Inbound {
        amends: amended.map(|amended| question(amended).request),
        ..question(n)
    };
    let sent = DiscordWrite::Sent {
        request: asked.request,
        bus_id: letter(n).to_string(),
        at: day(0),
    };
    [journal(asked), sent]
}

/// Puts that letter into a mailbox, where it waits.
async fn put_letter(hand: &mut SqliteConnection, n: u64) {
    sqlx::query(
        "insert into messages (tenant_id, mailbox, seq, message_id, sender, origin, recipient, text, sent_at, hops, state) \
         values ('local', x'01', $1, $2, '{}', 'discord', 'kasra', 'Größe?', 0, 0, 'waiting')",
    )
    .bind(i64::try_from(n).unwrap())
    .bind(letter(n))
    .execute(hand)
    .await
    .unwrap();
}

async fn by_hand(hand: &mut SqliteConnection, change: &'static str, letter: Uuid) {
    let changed = sqlx::query(change).bind(letter).execute(hand).await;
    assert_eq!(changed.unwrap().rows_affected(), 1, "{change}");
}

#[tokio::test]
async fn no_letter_asks_again_what_was_settled_before_a_backup_is_put_back() {
    use InboundState::{Answered, Sent};
    // One that was answered by its letter, one by another letter, one whose answer does not stand in Discord yet, one that
    // nobody took; and an edit of the first, and of the third, that their agent took.
    const BY_LETTER: u64 = 31;
    const BY_ANOTHER: u64 = 32;
    const UNSAID: u64 = 33;
    const UNREAD: u64 = 34;
    const EDIT: u64 = 35;
    const EDIT_OF_UNSAID: u64 = 36;
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    let store = open(&home).await;
    for n in [BY_LETTER, BY_ANOTHER, UNSAID, UNREAD] {
        keep(&store, sent_by_letter(n, None)).await;
    }
    keep(&store, sent_by_letter(EDIT, Some(BY_LETTER))).await;
    keep(&store, sent_by_letter(EDIT_OF_UNSAID, Some(UNSAID))).await;
    keep(&store, [heard("a", 7, day(0)), heard_to(36)]).await;
    let mut hand = reach_into(&home).await;
    for n in BY_LETTER..=EDIT_OF_UNSAID {
        put_letter(&mut hand, n).await;
    }
    // Its agent held this one as the backup was made.
    let held = "update messages set state = 'leased', leased_until = 1 where message_id = $1";
    by_hand(&mut hand, held, letter(BY_ANOTHER)).await;
    store.backup(&copy).await.unwrap();

    for n in [BY_LETTER, BY_ANOTHER] {
        keep(&store, [taken_in(n), posted(n)]).await;
    }
    keep(&store, [taken_in(UNSAID)]).await;
    for edit in [EDIT, EDIT_OF_UNSAID] {
        let read = DiscordWrite::Read {
            request: question(edit).request,
            at: day(1),
        };
        keep(&store, [read]).await;
    }
    keep(&store, [heard("b", 9, day(1))]).await;
    store.close().await;
    let done = "update messages set state = 'done' where message_id = $1";
    for n in [BY_LETTER, UNSAID, EDIT, EDIT_OF_UNSAID] {
        by_hand(&mut hand, done, letter(n)).await;
    }
    let went = "update discord_questions set bus_id = 'another' where request_id = $1";
    by_hand(&mut hand, went, question(BY_ANOTHER).request.0).await;
    hand.close().await.unwrap();
    restore(&home, &copy, day(2)).await.unwrap();

    let back = SqliteStore::open(&home, day(2)).await.unwrap();
    let known = [
        (BY_LETTER, Answered),
        (BY_ANOTHER, Answered),
        (UNSAID, Sent),
        (UNREAD, Sent),
        (EDIT, Sent),
        (EDIT_OF_UNSAID, Sent),
    ];
    assert_eq!(states(&back).await, known);
    let asked = questions(&back).await;
    let read = asked.iter().filter(|each| each.read_at.is_some());
    let read: Vec<_> = read.map(|each| each.message).collect();
    assert_eq!(read, [id(EDIT)]);
    back.close().await;
    let mut hand = reach_into(&home).await;
    let letters = "select state from messages order by seq";
    let letters: Vec<String> = sqlx::query_scalar(letters)
        .fetch_all(&mut hand)
        .await
        .unwrap();
    assert_eq!(
        letters,
        ["done", "withdrawn", "waiting", "waiting", "done", "waiting"]
    );
}

/// Question 41 is in a backup as `before` left it; `since` it goes on, and the hand moves what no journal can. Then the
/// backup is put back.
async fn put_back(
    before: impl IntoIterator<Item = DiscordWrite>,
    since: impl IntoIterator<Item = DiscordWrite>,
    by_hands: &[(&'static str, Uuid)],
) -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    let store = open(&home).await;
    keep(&store, before).await;
    keep(&store, [heard("a", 7, day(0)), heard_to(41)]).await;
    let mut hand = reach_into(&home).await;
    put_letter(&mut hand, 41).await;
    store.backup(&copy).await.unwrap();
    keep(&store, since).await;
    keep(&store, [heard("b", 9, day(1))]).await;
    store.close().await;
    for (change, of) in by_hands {
        by_hand(&mut hand, change, *of).await;
    }
    hand.close().await.unwrap();
    restore(&home, &copy, day(2)).await.unwrap();
    (folder, SqliteStore::open(&home, day(2)).await.unwrap())
}

#[tokio::test]
async fn a_question_whose_letter_nobody_was_done_with_is_asked_once_a_backup_is_put_back() {
    for stood in [
        "update messages set state = 'waiting' where message_id = $1",
        "update messages set state = 'leased', leased_until = 1 where message_id = $1",
        "update messages set state = 'held', ended_at = 1 where message_id = $1",
        "update messages set state = 'parked', ended_at = 1 where message_id = $1",
    ] {
        let [_, sent] = sent_by_letter(41, None);
        let (_folder, back) =
            put_back([journal(question(41))], [sent], &[(stood, letter(41))]).await;
        let known = [(41, InboundState::Journalled)];
        assert_eq!(states(&back).await, known, "{stood}");
        back.close().await;
    }
}

#[tokio::test]
async fn a_question_whose_answer_could_not_be_posted_is_asked_again_once_a_backup_is_put_back() {
    for rests in [
        "update discord_replies set state = 'barred' where reply_id = $1",
        "update discord_replies set state = 'parked' where reply_id = $1",
    ] {
        let of = reply(41).reply.id;
        let (_folder, back) =
            put_back(sent_by_letter(41, None), [taken_in(41)], &[(rests, of)]).await;
        assert_eq!(states(&back).await, [(41, InboundState::Sent)], "{rests}");
        back.close().await;
    }
}

#[tokio::test]
async fn what_its_author_took_back_is_not_asked_once_a_backup_is_put_back() {
    let letter_gone = "update messages set state = 'withdrawn', ended_at = 1 where message_id = $1";
    let gone = "update discord_questions set state = 'withdrawn' where request_id = $1";
    let by_hands = [(letter_gone, letter(41)), (gone, question(41).request.0)];
    let (folder, back) = put_back(sent_by_letter(41, None), [], &by_hands).await;
    assert_eq!(states(&back).await, [(41, InboundState::Withdrawn)]);
    back.close().await;
    let mut hand = reach_into(&folder.path().join("home")).await;
    let letter = sqlx::query_scalar("select state from messages");
    let letter: String = letter.fetch_one(&mut hand).await.unwrap();
    assert_eq!(letter, "withdrawn");
}

/// The session of panel `n`.
fn session_of(n: u64) -> SessionId {
    SessionId(Uuid::from_u128(u128::from(n) + 1_000))
}

/// A session with this id.
const A_SESSION: &str = "insert into sessions (tenant_id, session_id, title, tags, status, models, blind, source, \
     max_output_tokens, rehearsal, seed, archived, created_at, updated_at, search) \
     values ('local', $1, '', '[]', 'ready', '[]', 0, 'discord', 1, 0, 0, 0, 0, 0, '')";
/// The first round of the session with this id.
const A_ROUND: &str = "insert into rounds (tenant_id, round_id, session_id, round_index, status, phase, attempt, \
     cancelled, started_at, deadline_at, ended_at, slowest_answer_ms, slowest_reaction_ms, round_ms, prompt, search, \
     snippets, reactions, progress_version) \
     values ('local', $1, $1, 0, 'complete', 'done', 1, 0, 0, 0, 0, 0, 0, 0, '', '', '[]', '[]', 3)";

/// Panel `n`, shown, and at rest after its first round.
fn resting(n: u64) -> [DiscordWrite; 4] {
    let id_of = Uuid::from_u128(n.into());
    let Inbound { place, author, .. } = question(n);
    let panel = DiscordPanel::asked(
        (id_of, id(n)),
        id(1),
        place,
        author,
        "Größe?".to_owned(),
        day(0),
    );
    let session = session_of(n);
    let shown = PanelWrite::Shown {
        panel: id_of,
        message: id(n + 100),
    };
    let convened = PanelWrite::Convened {
        panel: id_of,
        session,
    };
    let rests = PanelWrite::Move {
        panel: id_of,
        from: PanelStage::Running,
        to: PanelStage::Resting,
        fault: None,
    };
    [PanelWrite::Open(Box::new(panel)), shown, convened, rests].map(DiscordWrite::Panel)
}

/// Panel `n` goes on after its first round.
fn advanced(n: u64) -> DiscordWrite {
    DiscordWrite::Panel(PanelWrite::Advance {
        panel: Uuid::from_u128(n.into()),
        round: 1,
        prompt: "And then?".to_owned(),
        by: question(n).author,
    })
}

#[tokio::test]
async fn panels_that_went_on_or_began_after_a_backup_are_shown_as_they_stand_once_it_is_put_back() {
    for is_told in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
        let store = open(&home).await;
        for n in [1, 2] {
            keep(&store, resting(n)).await;
        }
        let said = KeptSteering {
            interaction: id(9),
            by: question(1).author,
            steering: Steering {
                claim: "2".to_owned(),
                kind: SnippetType::Keep,
                comment: String::new(),
                quoted: None,
                given_back_by: None,
            },
        };
        let said = PanelWrite::Steer {
            panel: Uuid::from_u128(1),
            round: 1,
            steering: Box::new(said),
        };
        keep(&store, [DiscordWrite::Panel(said)]).await;
        store.backup(&copy).await.unwrap();
        keep(&store, [advanced(1)]).await;
        keep(&store, resting(3)).await;
        store.close().await;
        if !is_told {
            fs::remove_file(home.join("husting.db")).unwrap();
        }
        restore(&home, &copy, day(2)).await.unwrap();

        let back = SqliteStore::open(&home, day(2)).await.unwrap();
        let tenant = TenantId::local();
        let at_work = back.discord_panels_at_work(&tenant, id(1)).await.unwrap();
        let found = at_work.iter().map(|panel| {
            let is_behind = panel.fault.as_deref() == Some(BEHIND);
            (panel.id.as_u128(), panel.stage, panel.round, is_behind)
        });
        let found: Vec<_> = found.collect();
        let behind = |n| (n, PanelStage::Resting, 1, true);
        if is_told {
            // Its session is not there any more, which whoever follows it finds.
            let begun_since = (3, PanelStage::Running, 1, false);
            assert_eq!(found, [begun_since, behind(1)]);
            assert_eq!(at_work[1].steering.len(), 1, "what was said stays");
        } else {
            assert_eq!(found, [behind(1), behind(2)]);
        }
        back.close().await;
    }
}

/// A round tried again counts as one, and its panel's message shows it as it was.
#[tokio::test]
async fn a_panel_whose_round_was_tried_again_after_a_backup_is_shown_as_it_stands_once_it_is_put_back()
 {
    let again = "update rounds set progress_version = progress_version + 1";
    for (change, is_behind) in [
        (again, true),
        ("update rounds set attempt = attempt", false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
        let store = open(&home).await;
        keep(&store, resting(1)).await;
        let mut hand = reach_into(&home).await;
        for put in [A_SESSION, A_ROUND] {
            by_hand(&mut hand, put, session_of(1).0).await;
        }
        store.backup(&copy).await.unwrap();
        by_hand(&mut hand, change, session_of(1).0).await;
        hand.close().await.unwrap();
        store.close().await;
        restore(&home, &copy, day(2)).await.unwrap();

        let back = SqliteStore::open(&home, day(2)).await.unwrap();
        let tenant = TenantId::local();
        let at_work = back.discord_panels_at_work(&tenant, id(1)).await.unwrap();
        assert_eq!(at_work.len(), usize::from(is_behind), "{change}");
        back.close().await;
    }
}
