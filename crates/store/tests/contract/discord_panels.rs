//! Panels that people in Discord convened: each step is taken once.

use std::sync::Arc;

use husting_domain::discord::{Author, Place, Snowflake};
use husting_domain::discord_panels::{DiscordPanel, KeptSteering, PanelStage, Steering};
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::snippets::SnippetType;
use husting_domain::time::Timestamp;
use husting_store::{CommitError, Constraint, DiscordWrite, PanelWrite, Store, Write};
use uuid::Uuid;

use crate::people::*;
use crate::values::*;

fn id(n: u64) -> Snowflake {
    Snowflake::new(n).unwrap()
}

fn author(n: u64) -> Author {
    Author {
        id: id(n),
        name: "Zoë".to_owned(),
    }
}

/// Panel `n`, asked for at second `n` by command `n`.
fn panel(n: u32) -> DiscordPanel {
    let place = Place {
        guild: Some(id(200)),
        channel: id(300),
        thread: None,
    };
    let asked = (Uuid::from_u128(n.into()), id(n.into()));
    DiscordPanel::asked(
        asked,
        id(10),
        place,
        author(400),
        "Größe?\n".to_owned(),
        at(n.into()),
    )
}

fn write(write: PanelWrite) -> Write {
    Write::Discord(DiscordWrite::Panel(write))
}

fn open(panel: DiscordPanel) -> Write {
    write(PanelWrite::Open(Box::new(panel)))
}

fn steer(n: u32, round: u32, interaction: u64, comment: &str) -> Write {
    let steering = KeptSteering {
        interaction: id(interaction),
        by: author(401),
        steering: Steering {
            claim: "2".to_owned(),
            kind: SnippetType::Challenge,
            comment: comment.to_owned(),
            quoted: None,
            given_back_by: None,
        },
    };
    write(PanelWrite::Steer {
        panel: panel(n).id,
        round,
        steering: Box::new(steering),
    })
}

fn advance(n: u32, round: u32) -> Write {
    write(PanelWrite::Advance {
        panel: panel(n).id,
        round,
        prompt: "And then?".to_owned(),
        by: author(402),
    })
}

fn moved(n: u32, from: PanelStage, to: PanelStage) -> Write {
    write(PanelWrite::Move {
        panel: panel(n).id,
        from,
        to,
        fault: Some("why".to_owned()),
    })
}

async fn found(store: &dyn Store, n: u32) -> DiscordPanel {
    let found = store.discord_panel(&tenant(), panel(n).id).await.unwrap();
    found.unwrap()
}

async fn is_refused(store: &dyn Store, write: Write) -> bool {
    let refused = refusal(store, unit().write(write)).await;
    matches!(refused, CommitError::Constraint(Constraint::Absent(_)))
}

/// A panel that rests after its first round.
async fn resting(store: &dyn Store, n: u32) {
    let convened = PanelWrite::Convened {
        panel: panel(n).id,
        session: SessionId(Uuid::from_u128(77)),
    };
    let rests = moved(n, PanelStage::Running, PanelStage::Resting);
    keep(store, [open(panel(n)), write(convened), rests]).await;
}

pub async fn a_panel_reads_back_as_written_and_its_command_is_heard_once(store: Arc<dyn Store>) {
    keep(&*store, [open(panel(1))]).await;
    let again = DiscordPanel {
        id: Uuid::from_u128(9),
        ..panel(1)
    };
    keep(&*store, [open(again)]).await;
    assert_eq!(found(&*store, 1).await, panel(1));
    let other = store.discord_panel(&tenant(), Uuid::from_u128(9)).await;
    assert_eq!(other.unwrap(), None);
    let theirs = store.discord_panel(&acme(), panel(1).id).await;
    assert_eq!(theirs.unwrap(), None);

    let panel_id = panel(1).id;
    let steps = [
        PanelWrite::Answered {
            panel: panel_id,
            message: id(21),
        },
        PanelWrite::Threaded {
            panel: panel_id,
            thread: id(22),
        },
        PanelWrite::Shown {
            panel: panel_id,
            message: id(23),
        },
        PanelWrite::Convened {
            panel: panel_id,
            session: SessionId(Uuid::from_u128(77)),
        },
    ];
    keep(&*store, steps.map(write)).await;
    let convened = DiscordPanel {
        answer: Some(id(21)),
        thread: Some(id(22)),
        message: Some(id(23)),
        session: Some(SessionId(Uuid::from_u128(77))),
        stage: PanelStage::Running,
        ..panel(1)
    };
    assert_eq!(found(&*store, 1).await, convened);
}

pub async fn steering_is_kept_while_a_panel_rests_and_goes_with_the_round(store: Arc<dyn Store>) {
    resting(&*store, 1).await;
    keep(&*store, [steer(1, 1, 50, "no"), steer(1, 1, 51, "not so")]).await;
    keep(&*store, [steer(1, 1, 50, "no")]).await;
    let kept = found(&*store, 1).await.steering;
    let comments: Vec<&str> = kept
        .iter()
        .map(|each| each.steering.comment.as_str())
        .collect();
    assert_eq!(comments, ["no", "not so"]);
    assert!(is_refused(&*store, steer(1, 2, 52, "late")).await);

    keep(&*store, [advance(1, 1)]).await;
    assert!(is_refused(&*store, advance(1, 1)).await, "one round alone");
    assert!(is_refused(&*store, steer(1, 1, 53, "late")).await);
    let advancing = found(&*store, 1).await;
    assert_eq!((advancing.round, advancing.steering.len()), (2, 2));
    assert_eq!(
        (advancing.prompt.as_str(), advancing.round_by),
        ("And then?", author(402))
    );

    keep(
        &*store,
        [moved(1, PanelStage::Advancing, PanelStage::Running)],
    )
    .await;
    let over = moved(1, PanelStage::Running, PanelStage::Resting);
    keep(&*store, [over]).await;
    let rests = found(&*store, 1).await;
    assert_eq!((rests.steering, rests.prompt), (Vec::new(), String::new()));
}

pub async fn what_was_said_is_taken_back_while_a_panel_rests(store: Arc<dyn Store>) {
    let unsay = |round, interaction| {
        write(PanelWrite::Unsay {
            panel: panel(1).id,
            round,
            interaction: id(interaction),
        })
    };
    resting(&*store, 1).await;
    keep(&*store, [steer(1, 1, 50, "no"), steer(1, 1, 51, "not so")]).await;
    keep(&*store, [unsay(1, 50)]).await;
    let kept = found(&*store, 1).await.steering;
    let left: Vec<Snowflake> = kept.iter().map(|each| each.interaction).collect();
    assert_eq!(left, [id(51)]);
    assert!(is_refused(&*store, unsay(1, 50)).await, "it is gone");
    assert!(is_refused(&*store, unsay(2, 51)).await, "another round");
    keep(&*store, [advance(1, 1)]).await;
    assert!(is_refused(&*store, unsay(1, 51)).await, "it goes along");
    assert_eq!(found(&*store, 1).await.steering.len(), 1);
}

pub async fn a_round_that_came_to_nothing_gives_back_what_it_took_along(store: Arc<dyn Store>) {
    resting(&*store, 1).await;
    keep(&*store, [steer(1, 1, 50, "no"), advance(1, 1)]).await;
    let nothing = |round| {
        write(PanelWrite::CameToNothing {
            panel: panel(1).id,
            round,
            to: PanelStage::Resting,
            fault: Some("It broke off.".to_owned()),
        })
    };
    assert!(is_refused(&*store, nothing(3)).await, "it has not begun");
    let begun = || moved(1, PanelStage::Advancing, PanelStage::Running);
    keep(&*store, [begun(), nothing(3)]).await;
    let rests = found(&*store, 1).await;
    assert_eq!((rests.round, rests.stage), (2, PanelStage::Resting));
    assert_eq!(rests.fault.as_deref(), Some("It broke off."));
    assert_eq!(rests.prompt, "And then?");
    assert_eq!(given_back(&rests), [Some(3)], "the session counts more");
    keep(&*store, [steer(1, 2, 51, "yes")]).await;
    let both = found(&*store, 1).await;
    assert_eq!(
        given_back(&both),
        [Some(3), None],
        "none took what is said after it"
    );
    keep(&*store, [advance(1, 2), begun(), nothing(4)]).await;
    let both = found(&*store, 1).await;
    assert_eq!(given_back(&both), [Some(4); 2], "the last that took it");
}

pub async fn what_a_round_gave_back_goes_once_it_was_heard(store: Arc<dyn Store>) {
    let nothing = |round| {
        write(PanelWrite::CameToNothing {
            panel: panel(1).id,
            round,
            to: PanelStage::Resting,
            fault: None,
        })
    };
    let heard = |round, prompt| {
        write(PanelWrite::Heard {
            panel: panel(1).id,
            rounds: vec![round],
            prompt,
        })
    };
    let begun = || moved(1, PanelStage::Advancing, PanelStage::Running);
    resting(&*store, 1).await;
    keep(&*store, [steer(1, 1, 50, "no"), advance(1, 1), begun()]).await;
    assert!(
        is_refused(&*store, heard(2, true)).await,
        "it does not rest"
    );
    keep(&*store, [nothing(2), steer(1, 2, 51, "yes")]).await;
    keep(&*store, [heard(3, false)]).await;
    let rests = found(&*store, 1).await;
    assert_eq!(given_back(&rests), [Some(2), None], "another was heard");
    assert_eq!(rests.prompt, "And then?");
    keep(&*store, [heard(2, true)]).await;
    let rests = found(&*store, 1).await;
    assert_eq!(
        (given_back(&rests), rests.prompt.as_str()),
        (vec![None], "")
    );
    keep(&*store, [advance(1, 2), begun(), nothing(3)]).await;
    assert_eq!(given_back(&found(&*store, 1).await), [Some(3)]);
}

fn given_back(panel: &DiscordPanel) -> Vec<Option<u32>> {
    let steering = panel.steering.iter();
    steering.map(|each| each.steering.given_back_by).collect()
}

pub async fn a_panel_takes_no_more_steering_than_a_round_takes_along(store: Arc<dyn Store>) {
    resting(&*store, 1).await;
    for interaction in 0..50 {
        keep(&*store, [steer(1, 1, 50 + interaction, "no")]).await;
    }
    let more = refusal(&*store, unit().write(steer(1, 1, 100, "one more"))).await;
    assert!(matches!(
        more,
        CommitError::Constraint(Constraint::Range(_))
    ));
    keep(&*store, [steer(1, 1, 50, "heard before")]).await;
    assert_eq!(found(&*store, 1).await.steering.len(), 50);
}

pub async fn a_panel_is_forgotten_when_nothing_was_begun_for_long(store: Arc<dyn Store>) {
    // All asked for before second 5; of the third a round was begun after that.
    resting(&*store, 1).await;
    keep(&*store, [open(panel(2))]).await;
    resting(&*store, 3).await;
    let early = write(PanelWrite::BeginRound {
        panel: panel(1).id,
        round: 1,
        at: at(1),
        since: at(0),
        most: 1,
    });
    keep(&*store, [early, begin(3, 2, 100)]).await;
    keep(&*store, [open(panel(4))]).await;
    let refused = moved(4, PanelStage::Convening, PanelStage::Refused);
    keep(&*store, [refused]).await;
    let forget = Write::Discord(DiscordWrite::ForgetEnded { before: at(5) });
    keep(&*store, [forget]).await;
    let mut left = Vec::new();
    for n in 1..=4 {
        let panel = store.discord_panel(&tenant(), panel(n).id).await.unwrap();
        left.extend(panel.map(|_| n));
    }
    assert_eq!(left, [2, 3], "one is on its way, of one a round was begun");
}

pub async fn a_round_that_is_refused_is_taken_back_with_its_steering(store: Arc<dyn Store>) {
    resting(&*store, 1).await;
    keep(&*store, [steer(1, 1, 50, "no"), advance(1, 1)]).await;
    let back = || {
        write(PanelWrite::TakeBack {
            panel: panel(1).id,
            why: "The wallet is empty.".to_owned(),
        })
    };
    keep(&*store, [back()]).await;
    let rests = found(&*store, 1).await;
    assert_eq!((rests.round, rests.stage), (1, PanelStage::Resting));
    assert_eq!(rests.steering.len(), 1);
    assert_eq!(rests.fault.as_deref(), Some("The wallet is empty."));
    assert!(is_refused(&*store, back()).await);
}

pub async fn panels_at_work_are_listed(store: Arc<dyn Store>) {
    for n in 1..=3 {
        keep(&*store, [open(panel(n))]).await;
    }
    resting(&*store, 4).await;
    let refused = moved(2, PanelStage::Convening, PanelStage::Refused);
    keep(&*store, [refused]).await;
    let at_work = store.discord_panels_at_work(&tenant(), id(10)).await;
    let ids: Vec<Uuid> = at_work.unwrap().iter().map(|panel| panel.id).collect();
    assert_eq!(ids, [panel(1).id, panel(3).id]);
    let others = store.discord_panels_at_work(&tenant(), id(11)).await;
    assert_eq!(others.unwrap(), []);
}

pub async fn panels_at_rest_are_listed_with_what_their_message_shows(store: Arc<dyn Store>) {
    keep(&*store, [open(panel(1))]).await;
    for n in 2..=3 {
        resting(&*store, n).await;
    }
    let shows = write(PanelWrite::Shows {
        panel: panel(3).id,
        mark: u32::MAX,
    });
    keep(&*store, [shows]).await;
    let at_rest = async |tenant: TenantId, bot, session: Option<u128>| {
        let session = session.map(|n| SessionId(Uuid::from_u128(n)));
        let found = store.discord_panels_at_rest(&tenant, id(bot), session);
        let found = found.await.unwrap();
        let mut found: Vec<_> = found.iter().map(|each| (each.id, each.shows)).collect();
        found.sort();
        found
    };
    let both = [(panel(2).id, None), (panel(3).id, Some(u32::MAX))];
    assert_eq!(at_rest(tenant(), 10, None).await, both);
    assert_eq!(at_rest(tenant(), 10, Some(77)).await, both);
    assert_eq!(at_rest(tenant(), 10, Some(78)).await, []);
    assert_eq!(at_rest(tenant(), 11, None).await, []);
    assert_eq!(at_rest(acme(), 10, None).await, []);
}

pub async fn rounds_of_panels_that_have_not_begun_are_counted(store: Arc<dyn Store>) {
    for n in 1..=3 {
        keep(&*store, [open(panel(n))]).await;
    }
    let refused = moved(2, PanelStage::Convening, PanelStage::Refused);
    keep(&*store, [refused]).await;
    let to_convene = async |bot| {
        let counted = store.discord_open(&tenant(), bot).await;
        counted.unwrap().to_convene
    };
    assert_eq!(to_convene(id(10)).await, 2);
    resting(&*store, 4).await;
    assert_eq!(to_convene(id(10)).await, 2, "its first round is over");
    keep(&*store, [advance(4, 1)]).await;
    assert_eq!(to_convene(id(10)).await, 3, "its second is asked for");
    let begun = moved(4, PanelStage::Advancing, PanelStage::Running);
    keep(&*store, [begun]).await;
    assert_eq!(to_convene(id(10)).await, 2);
    assert_eq!(to_convene(id(11)).await, 0);
}

pub async fn pages_of_panels_lose_none_of_a_moment(store: Arc<dyn Store>) {
    let asked = |n: u32, second| DiscordPanel {
        asked_at: at(second),
        ..panel(n)
    };
    let [first, second, third, fourth] =
        [(1, 1), (2, 5), (3, 5), (4, 7)].map(|(n, at)| asked(n, at));
    let other = DiscordPanel {
        bot: id(11),
        ..asked(5, 6)
    };
    let all = [&first, &second, &third, &fourth, &other];
    keep(&*store, all.map(|panel| open(panel.clone()))).await;
    // Whatever became of it, it was asked for.
    let refused = moved(4, PanelStage::Convening, PanelStage::Refused);
    keep(&*store, [refused]).await;
    let fourth = found(&*store, 4).await;
    let page = async |before: Option<Timestamp>, limit| {
        let tenant = tenant();
        let page = store.discord_panels_before(&tenant, id(10), before, limit);
        page.await.unwrap()
    };
    let newest = [fourth, third, second];
    assert_eq!(page(None, 2).await, newest);
    assert_eq!(
        page(None, 9).await,
        [&newest[..], std::slice::from_ref(&first)].concat()
    );
    assert_eq!(page(Some(at(5)), 1).await, [first]);
    assert!(page(Some(at(1)), 1).await.is_empty());
    let theirs = store.discord_panels_before(&acme(), id(10), None, 9).await;
    assert_eq!(theirs.unwrap(), []);
}

/// Round `round` of panel `n`, at a second of the day that began at second 100.
fn begin(n: u32, round: u32, second: i64) -> Write {
    write(PanelWrite::BeginRound {
        panel: panel(n).id,
        round,
        at: at(second),
        since: at(100),
        most: 2,
    })
}

pub async fn no_more_rounds_begin_in_a_day_than_may(store: Arc<dyn Store>) {
    let too_many = async |write| {
        let refused = refusal(&*store, unit().write(write)).await;
        matches!(refused, CommitError::Constraint(Constraint::Range(_)))
    };
    let of_day_before = [begin(1, 1, 98), begin(1, 2, 99)];
    keep(&*store, of_day_before).await;
    let since = async |second| {
        store
            .discord_rounds_since(&tenant(), at(second))
            .await
            .unwrap()
    };
    assert_eq!(since(100).await, 0);
    keep(&*store, [begin(2, 1, 100), begin(1, 3, 101)]).await;
    assert_eq!(
        (since(99).await, since(100).await, since(101).await),
        (3, 2, 1)
    );
    let elsewhere = TenantId::parse("acme").unwrap();
    let others = store.discord_rounds_since(&elsewhere, at(0)).await;
    assert_eq!(others.unwrap(), 0);
    assert!(too_many(begin(1, 4, 102)).await, "a next one counts too");
    assert!(too_many(begin(3, 1, 102)).await);
    keep(&*store, [begin(1, 3, 103)]).await;

    let back = PanelWrite::RoundNotBegun {
        panel: panel(2).id,
        round: 1,
    };
    keep(&*store, [write(back.clone())]).await;
    assert!(is_refused(&*store, write(back)).await);
    keep(&*store, [begin(3, 1, 104)]).await;
    assert!(too_many(begin(4, 1, 105)).await);

    keep(&*store, [begin(1, 2, 106)]).await;
    let back = PanelWrite::RoundNotBegun {
        panel: panel(3).id,
        round: 1,
    };
    keep(&*store, [write(back)]).await;
    let counted = "one that is tried again after midnight counts on the new day";
    assert!(too_many(begin(4, 1, 107)).await, "{counted}");
}
