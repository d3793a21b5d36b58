//! Panels that people in Discord convene: on the operator's budget, once, and steered by claims' numbers.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use husting_clock::{ManualClock, SharedClock, SystemClock};
use husting_discord::panels::{
    BrokenOff, KeptSteering, PanelPhase, PanelRefusal, PanelState, Panels, Steering,
};
use husting_domain::discord::{Author, Place, Snowflake};
use husting_domain::discord_panels::{DiscordPanel, PanelStage, Quoted};
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::sessions::SessionSource;
use husting_domain::snippets::SnippetType;
use husting_store::{DiscordWrite, PanelWrite, SqliteStore, Store, Unit, Write};
use husting_test_support::{Behaviour, Fault, GatePoint, Phase, Script};
use husting_wire::commands::{
    AppendToSession, CancelRound, ChangeDiscord, ChangeLimit, FindSessions, WriteSession,
};
use husting_wire::discord::EditDiscord;
use husting_wire::rounds::AppendRound;
use husting_wire::sessions::{ExportFormat, ExportSession, ListSessions, SessionRef, SessionView};
use husting_wire::wallet::SetLimit;
use rstest::rstest;
use uuid::Uuid;

use crate::desk::{Desk, answer, hand_clock};
use crate::panel::{Houses, Panel, QUESTION, SEATS};
use crate::partial::only_gamma_answers;
use crate::recovery::crash;

const NOT_COVERED: &str = "The operator's wallet does not cover it now; nothing was called.";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn snowflake(n: u64) -> Snowflake {
    Snowflake::new(n).unwrap()
}

fn ana() -> Author {
    Author {
        id: snowflake(400),
        name: "Ana".to_owned(),
    }
}

fn bob() -> Author {
    Author {
        id: snowflake(401),
        name: "Bob".to_owned(),
    }
}

/// A console with the bridge's journal beside it.
struct Scene {
    desk: Desk,
    store: Arc<dyn Store>,
    clock: SharedClock,
    panels: Arc<dyn Panels>,
}

impl Scene {
    async fn by(clock: SharedClock) -> Self {
        let home = Arc::new(tempfile::tempdir().unwrap());
        let store = SqliteStore::open(home.path(), clock.now()).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let desk = Desk::over(store.clone(), home, clock.clone()).await;
        let panels = desk.console.discord_panels();
        Self {
            desk,
            store,
            clock,
            panels,
        }
    }

    async fn allowing(panels_per_day: u32) -> (Self, ManualClock) {
        let clock = hand_clock();
        let scene = Self::by(Arc::new(clock.clone())).await;
        scene.allow(panels_per_day).await;
        (scene, clock)
    }

    async fn allow(&self, panels_per_day: u32) {
        let edit = EditDiscord {
            panels_per_day: Some(panels_per_day),
            ..EditDiscord::default()
        };
        self.desk.ask::<ChangeDiscord>(edit).await;
    }

    /// Asks for panel `n` as the bridge does: it is in the journal before it is convened.
    async fn convene(&self, n: u64) -> Result<SessionId, PanelRefusal> {
        let panel = self.panel(n);
        let id = panel.id;
        self.keep(PanelWrite::Open(Box::new(panel))).await;
        let convened = self.panels.convene(id, QUESTION, &ana()).await;
        self.keep(match &convened {
            Ok(session) => PanelWrite::Convened {
                panel: id,
                session: *session,
            },
            Err(refusal) => PanelWrite::Move {
                panel: id,
                from: PanelStage::Convening,
                to: PanelStage::Refused,
                fault: Some(refusal.to_string()),
            },
        })
        .await;
        convened
    }

    /// Of this moment.
    fn panel(&self, n: u64) -> DiscordPanel {
        let place = Place {
            guild: Some(snowflake(200)),
            channel: snowflake(300),
            thread: None,
        };
        let asked = (Uuid::from_u128(n.into()), snowflake(n));
        DiscordPanel::asked(
            asked,
            snowflake(10),
            place,
            ana(),
            QUESTION.to_owned(),
            self.clock.now(),
        )
    }

    async fn keep(&self, write: PanelWrite) {
        let write = Write::Discord(DiscordWrite::Panel(write));
        let unit = Unit::of(TenantId::local()).write(write);
        self.store.commit(unit).await.unwrap();
    }

    async fn sessions(&self) -> usize {
        let listed = self.desk.ask::<FindSessions>(ListSessions::default()).await;
        listed.sessions.len()
    }
}

/// The words that the second round took along first.
fn forwarded_quote(view: &SessionView) -> Quoted {
    let forwarded = &view.rounds[1].snippets[0].snippet;
    Quoted {
        quote: forwarded.quote.clone(),
        model: forwarded.quoted_model.clone(),
    }
}

/// What one person said.
fn said(by: &Author, steering: &[Steering]) -> Vec<KeptSteering> {
    let kept = steering.iter().zip(900..);
    kept.map(|(steering, form)| KeptSteering {
        interaction: snowflake(form),
        by: by.clone(),
        steering: steering.clone(),
    })
    .collect()
}

fn refused<T: Debug>(asked: Result<T, PanelRefusal>) -> String {
    match asked.expect_err("it is refused") {
        PanelRefusal::Final(words) => words,
        later @ PanelRefusal::Later(_) => panic!("it is tried again: {later}"),
    }
}

#[tokio::test]
async fn a_panel_is_convened_once_and_steered_by_the_numbers_of_its_claims() {
    let desk = Scene::by(Arc::new(SystemClock)).await.desk;
    let panels = desk.console.discord_panels();
    let panel = Uuid::from_u128(7);
    let session = panels.convene(panel, QUESTION, &ana()).await.unwrap();
    let again = panels.convene(panel, QUESTION, &ana()).await.unwrap();
    assert_eq!(again, session, "a second try after a death is the same");
    desk.finished(session).await;
    let view = desk.session(session).await;
    assert_eq!(view.summary.source, SessionSource::Discord);
    assert_eq!(view.moderator_name.as_deref(), Some("Ana"));

    let state = panels.state(session).await.unwrap();
    assert_eq!((state.round, state.phase), (1, PanelPhase::Complete));
    let first = &state.claims[0];
    assert_eq!(first.key, "1");
    let by = ana();
    let steering = [Steering {
        claim: "1".to_owned(),
        kind: SnippetType::Challenge,
        comment: "Is it?".to_owned(),
        quoted: None,
        given_back_by: None,
    }];
    for _ in 0..2 {
        let by = ana();
        let steering = said(&ana(), &steering);
        let begun = panels.next_round((panel, session), 2, "", &steering, &by);
        begun.await.unwrap();
    }
    desk.finished(session).await;
    let view = desk.session(session).await;
    assert_eq!(view.rounds.len(), 2, "it is begun once");
    let forwarded = &view.rounds[1].snippets[0].snippet;
    assert_eq!(forwarded.quote, first.quote);
    assert_eq!(forwarded.comment.as_deref(), Some("Is it?"));
    let after = panels.state(session).await.unwrap();
    assert_eq!(after.round, 2);

    // A claim is the one that was shown, whatever has its number meanwhile.
    let other = &state.claims[1];
    assert_ne!(other.quote, after.claims[0].quote);
    let quoted = Quoted {
        quote: other.quote.clone(),
        model: other.model.clone(),
    };
    let steering = [Steering {
        quoted: Some(quoted),
        ..steering[0].clone()
    }];
    let words = said(&ana(), &steering);
    let begun = panels.next_round((panel, session), 3, "", &words, &by);
    begun.await.unwrap();
    desk.finished(session).await;
    let view = desk.session(session).await;
    assert_eq!(view.rounds[2].snippets[0].snippet.quote, other.quote);
    panels.changed(session, state.version).await;

    // The third round has taken along what it once gave back.
    let [given] = steering;
    let steering = [
        Steering {
            given_back_by: Some(3),
            ..given.clone()
        },
        Steering {
            comment: "And now?".to_owned(),
            ..given
        },
    ];
    let steering = said(&ana(), &steering);
    let begun = panels.next_round((panel, session), 4, "", &steering, &by);
    begun.await.unwrap();
    desk.finished(session).await;
    let view = desk.session(session).await;
    let forwarded = view.rounds[3].snippets.iter();
    let comments: Vec<_> = forwarded
        .map(|each| each.snippet.comment.as_deref())
        .collect();
    assert_eq!(comments, [Some("And now?")]);
}

#[tokio::test]
async fn of_a_round_that_several_people_steer_each_word_stands_under_whoever_said_it() {
    let desk = Scene::by(Arc::new(SystemClock)).await.desk;
    let panels = desk.console.discord_panels();
    let panel = Uuid::from_u128(7);
    let session = panels.convene(panel, QUESTION, &ana()).await.unwrap();
    desk.finished(session).await;
    let bob = bob();
    let on_first = |kind, comment: &str| Steering {
        claim: "1".to_owned(),
        kind,
        comment: comment.to_owned(),
        quoted: None,
        given_back_by: None,
    };
    let mut steering = said(&ana(), &[on_first(SnippetType::Challenge, "Is it?")]);
    steering.extend(said(&bob, &[on_first(SnippetType::Challenge, "Is it?")]));
    let begun = panels.next_round((panel, session), 2, "And now?", &steering, &bob);
    begun.await.unwrap();
    desk.finished(session).await;

    let view = desk.session(session).await;
    let round = &view.rounds[1];
    assert_eq!(round.moderator_name.as_deref(), Some("Bob"));
    let forwarded = round.snippets.iter();
    let forwarded: Vec<_> = forwarded
        .map(|each| each.snippet.said_by.as_deref())
        .collect();
    assert_eq!(forwarded, [Some("Ana"), Some("Bob")]);
    let claims = round.claim_map.iter().flat_map(|map| &map.claims);
    let positions = claims.flat_map(|claim| &claim.positions);
    let people: Vec<_> = positions
        .filter(|position| position.model.is_moderator())
        .map(|position| position.said_by.as_deref())
        .collect();
    assert_eq!(
        people,
        [Some("Ana"), Some("Bob")],
        "the same twice is of two"
    );
    let state = panels.state(session).await.unwrap();
    let stances = state.claims.iter().flat_map(|claim| &claim.stances);
    let told: Vec<_> = stances
        .filter(|(who, _)| ["Ana", "Bob", "moderator"].contains(&who.as_str()))
        .collect();
    let challenges = |who: &str| (who.to_owned(), SnippetType::Challenge);
    assert_eq!(told, [&challenges("Ana"), &challenges("Bob")]);
    let asked = ExportSession {
        session_id: session,
        format: ExportFormat::Md,
    };
    let written = desk.ask::<WriteSession>(asked).await.text;
    assert!(
        written.contains("Ana (moderator) CHALLENGE: Is it?"),
        "{written}"
    );
    assert!(
        written.contains("Bob (moderator) CHALLENGE: Is it?"),
        "{written}"
    );

    // Whose stance turned is told of that person alone: Ana keeps to what she said, and Bob turns.
    let steering = [
        said(&ana(), &[on_first(SnippetType::Challenge, "Still.")]),
        said(&bob, &[on_first(SnippetType::Keep, "It is.")]),
    ]
    .concat();
    let quoted = forwarded_quote(&view);
    let steering: Vec<_> = steering
        .into_iter()
        .map(|mut kept| {
            kept.steering.quoted = Some(quoted.clone());
            kept
        })
        .collect();
    let begun = panels.next_round((panel, session), 3, "And now?", &steering, &bob);
    begun.await.unwrap();
    desk.finished(session).await;
    let view = desk.session(session).await;
    let map = view.rounds[2].claim_map.as_ref().expect("it has a map");
    let positions = map.claims.iter().flat_map(|claim| &claim.positions);
    let people: Vec<_> = positions
        .filter(|position| position.model.is_moderator())
        .map(|position| (position.said_by.as_deref(), position.was))
        .collect();
    let turned = Some(SnippetType::Challenge);
    assert_eq!(people, [(Some("Ana"), None), (Some("Bob"), turned)]);
    let moved = map.moved.iter();
    let moved: Vec<_> = moved
        .filter(|step| step.model.is_moderator())
        .map(|step| step.said_by.as_deref())
        .collect();
    assert_eq!(moved, [Some("Bob")]);
}

#[tokio::test]
async fn each_round_stands_under_whoever_steered_it() {
    let desk = Scene::by(Arc::new(SystemClock)).await.desk;
    let panels = desk.console.discord_panels();
    let panel = Uuid::from_u128(7);
    let session = panels.convene(panel, QUESTION, &ana()).await.unwrap();
    desk.finished(session).await;
    let bob = bob();
    for round in [2, 4] {
        let begun = panels.next_round((panel, session), round, "And now?", &[], &bob);
        begun.await.unwrap();
        desk.finished(session).await;
        desk.ask::<AppendToSession>(own_round(session)).await;
        desk.finished(session).await;
    }
    let view = desk.session(session).await;
    let rounds = view.rounds.iter();
    let steered: Vec<_> = rounds
        .map(|round| round.moderator_name.as_deref())
        .collect();
    assert_eq!(
        steered,
        [Some("Ana"), Some("Bob"), None, Some("Bob"), None],
        "where nobody is named it is the operator"
    );
    assert_eq!(view.moderator_name, None, "who steered last");

    let asked = ExportSession {
        session_id: session,
        format: ExportFormat::Md,
    };
    let text = desk.ask::<WriteSession>(asked).await.text;
    assert!(text.contains("Moderated by Ana."), "{text}");
    let by: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("Steered by"))
        .collect();
    let bobs_and_own = ["Steered by Bob.", "Steered by You."];
    assert_eq!(by, [bobs_and_own, bobs_and_own].concat());
}

/// As the operator steers in the window or by the line.
pub fn own_round(session_id: SessionId) -> AppendRound {
    AppendRound {
        session_id,
        prompt: "And after that?".to_owned(),
        snippets: Vec::new(),
        moderator_name: None,
        recap_round: false,
        recap_session: false,
    }
}

#[tokio::test]
async fn the_eleventh_panel_of_a_day_is_refused_and_the_next_day_has_its_own() {
    let (scene, clock) = Scene::allowing(10).await;
    for n in 1..=10 {
        scene.convene(n).await.unwrap();
    }
    let told = refused(scene.convene(11).await);
    assert_eq!(scene.panels.why_no_round().await.as_ref(), Some(&told));
    assert_eq!(
        refused(scene.panels.may_convene(QUESTION, &ana()).await),
        told
    );
    assert_eq!(
        told,
        "All 10 rounds that people in Discord may begin in a day were begun; there are more after midnight, UTC."
    );
    assert_eq!(scene.sessions().await, 10);
    // Ten were convened; the one that was refused takes nobody's place.
    scene.allow(11).await;
    assert_eq!(scene.panels.why_no_round().await, None);
    scene.convene(12).await.unwrap();
    clock.advance(DAY);
    for n in 13..=23 {
        scene.convene(n).await.unwrap();
    }
    assert!(refused(scene.convene(24).await).starts_with("All 11 rounds"));
}

#[tokio::test]
async fn a_day_of_one_panel_says_so() {
    let (scene, _clock) = Scene::allowing(1).await;
    scene.convene(1).await.unwrap();
    assert_eq!(
        refused(scene.convene(2).await),
        "The one round that people in Discord may begin in a day was begun; there is another after midnight, UTC."
    );
}

#[tokio::test]
async fn a_panel_that_was_convened_is_the_same_again_when_the_day_is_full() {
    let (scene, _clock) = Scene::allowing(2).await;
    let first = scene.convene(1).await.unwrap();
    scene.convene(2).await.unwrap();
    refused(scene.convene(3).await);
    let (id, by) = (Uuid::from_u128(1), ana());
    let again = scene.panels.convene(id, QUESTION, &by).await;
    assert_eq!(again.unwrap(), first);
}

#[tokio::test]
async fn next_rounds_count_like_first_ones() {
    let (scene, clock) = Scene::allowing(2).await;
    let houses = Houses::open(Script::debate()).await;
    let desk = Panel::furnished(scene.desk, houses).await;
    let (panels, by) = (&scene.panels, ana());
    let [first, second] = [1, 2].map(Uuid::from_u128);
    let session = panels.convene(first, QUESTION, &by).await.unwrap();
    desk.finished(session).await;
    let next = |round| panels.next_round((first, session), round, "", &[], &by);
    for _ in 0..2 {
        // A second try after a death is the same.
        next(2).await.unwrap();
    }
    desk.finished(session).await;
    assert!(refused(next(3).await).starts_with("All 2 rounds"));
    let other = panels.convene(second, QUESTION, &by).await;
    assert!(refused(other).starts_with("All 2 rounds"));
    assert_eq!(desk.session(session).await.rounds.len(), 2);
    clock.advance(DAY);
    next(3).await.unwrap();
    desk.finished(session).await;
    assert_eq!(desk.session(session).await.rounds.len(), 3);
}

#[tokio::test]
async fn what_was_asked_before_midnight_counts_when_it_begins() {
    let (scene, clock) = Scene::allowing(1).await;
    let asked = [1, 2].map(|n| scene.panel(n));
    for panel in asked.clone() {
        scene.keep(PanelWrite::Open(Box::new(panel))).await;
    }
    clock.advance(DAY);
    let [first, second] = asked.map(|panel| panel.id);
    let by = ana();
    scene.panels.convene(first, QUESTION, &by).await.unwrap();
    let late = scene.panels.convene(second, QUESTION, &by).await;
    assert!(refused(late).starts_with("The one round"));
}

#[tokio::test]
async fn at_none_a_day_nobody_convenes_a_panel() {
    let (scene, clock) = Scene::allowing(0).await;
    for n in 1..=2 {
        assert_eq!(
            refused(scene.convene(n).await),
            "The operator lets nobody in Discord begin a panel's rounds."
        );
        clock.advance(DAY);
    }
    assert_eq!(scene.sessions().await, 0);
}

/// Money in micro-dollars: none at all, and too little for two seats.
#[rstest]
#[case::none(0)]
#[case::too_little(99_999)]
#[tokio::test]
async fn what_the_wallet_does_not_cover_is_refused_without_its_figures(#[case] micros: i64) {
    let scene = Scene::by(Arc::new(SystemClock)).await;
    let houses = Houses::open(Script::debate()).await;
    let desk = Panel::furnished(scene.desk, houses).await;
    let (panels, by) = (&scene.panels, ana());
    let [first, second] = [1, 2].map(Uuid::from_u128);
    let session = panels.convene(first, QUESTION, &by).await.unwrap();
    desk.finished(session).await;
    let called = desk.houses.calls().len();
    assert!(called > 0, "it is a panel that costs money");

    let monthly = Some(MicroUsd(micros));
    desk.ask::<ChangeLimit>(SetLimit { monthly }).await;
    let may = panels.may_convene(QUESTION, &by).await;
    assert_eq!(refused(may), NOT_COVERED);
    let second = panels.convene(second, QUESTION, &by).await;
    assert_eq!(refused(second), NOT_COVERED);
    let next = panels.next_round((first, session), 2, "", &[], &by).await;
    assert_eq!(refused(next), NOT_COVERED);
    assert_eq!(desk.houses.calls().len(), called);
    assert_eq!(desk.session(session).await.rounds.len(), 1);

    // Nothing was begun, so it may be asked for anew, with other words.
    desk.limit(20).await;
    let before = desk.wallet().await.summary;
    panels.may_convene(QUESTION, &by).await.unwrap();
    let after = desk.wallet().await.summary;
    assert_eq!(after, before, "nothing is set aside by asking");
    assert_eq!(desk.houses.calls().len(), called);
    let next = panels
        .next_round((first, session), 2, "Now?", &[], &by)
        .await;
    next.unwrap();
    desk.finished(session).await;
    let view = desk.session(session).await;
    assert_eq!(view.rounds.len(), 2);
    assert_eq!(view.rounds[1].prompt, "Now?");
}

#[tokio::test]
async fn a_store_that_cannot_answer_refuses_nothing_for_good() {
    let scene = Scene::by(Arc::new(SystemClock)).await;
    let session = scene.convene(1).await.unwrap();
    scene.desk.finished(session).await;
    scene.store.close().await;
    let (panel, by) = (Uuid::from_u128(1), ana());
    let convened = scene.panels.convene(Uuid::from_u128(2), QUESTION, &by);
    assert!(matches!(convened.await, Err(PanelRefusal::Later(_))));
    let next = scene.panels.next_round((panel, session), 2, "", &[], &by);
    assert!(matches!(next.await, Err(PanelRefusal::Later(_))));
    let state = scene.panels.state(session).await;
    assert!(matches!(state, Err(PanelRefusal::Later(_))));
}

#[tokio::test]
async fn a_providers_words_stay_in_the_console() {
    let scene = Scene::by(Arc::new(SystemClock)).await;
    let fault = Fault::Unauthorized401 { echo_key: false };
    let script = Script::new(Behaviour::answering("Never said.").fault(fault));
    let desk = Panel::furnished(scene.desk, Houses::open(script).await).await;
    let by = ana();
    let convened = scene.panels.convene(Uuid::from_u128(1), QUESTION, &by);
    let session = convened.await.unwrap();
    desk.finished(session).await;
    let round = desk.session(session).await.rounds.remove(0);
    let state = scene.panels.state(session).await.unwrap();
    assert_eq!((state.phase, state.broken_off), (PanelPhase::Failed, None));
    let told = state.fault.unwrap();
    assert!(round.answers.len() > 1);
    for seat in round.answers {
        let name = &seat.display_name;
        let ours = format!("{name} had its key refused");
        assert!(told.contains(&ours), "{told}");
        let theirs = seat.error_message.expect("the console has them");
        assert!(!told.contains(&theirs), "{theirs}");
    }
}

#[tokio::test]
async fn what_a_failed_round_gave_back_goes_with_the_next() {
    let scene = Scene::by(Arc::new(SystemClock)).await;
    let fault = Fault::Cut { after_tokens: 1 };
    let script = Script::new(Behaviour::answering("Never said.").fault(fault));
    let desk = Panel::furnished(scene.desk, Houses::open(script).await).await;
    let (panel, by) = (Uuid::from_u128(1), ana());
    let session = scene.panels.convene(panel, QUESTION, &by).await.unwrap();
    desk.finished(session).await;
    let state = scene.panels.state(session).await.unwrap();
    let connections_were_gone = Some(BrokenOff::Interrupted);
    assert_eq!(state.broken_off, connections_were_gone);
    let model = desk.session(session).await.summary.seats[0].model.clone();
    let steering = [Steering {
        claim: "1".to_owned(),
        kind: SnippetType::Challenge,
        comment: "Is it?".to_owned(),
        quoted: Some(Quoted {
            quote: "It is.".to_owned(),
            model,
        }),
        given_back_by: Some(1),
    }];
    let steering = said(&ana(), &steering);
    let panels = &scene.panels;
    let next = panels.next_round((panel, session), 2, "Again.", &steering, &by);
    next.await.unwrap();
    desk.finished(session).await;
    let view = desk.session(session).await;
    assert_eq!(view.rounds[1].snippets.len(), 1);
}

/// Whom it lacks, and why it has no claims, as Discord is told.
fn lacks(state: &PanelState) -> (Vec<String>, Option<&str>, Option<&str>) {
    let lacks = state.lacks.iter();
    let lacks = lacks.map(|lack| format!("{} {}", lack.name, lack.what));
    let because = state.lacks_because.as_deref();
    let no_claims = state.no_claims_because.as_deref();
    (lacks.collect(), because, no_claims)
}

#[tokio::test]
async fn a_round_with_one_answer_left_says_whom_it_lacks_and_why_it_has_no_claims() {
    let panel = Panel::open(only_gamma_answers()).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    let panels = panel.console.discord_panels();
    let state = panels.state(session).await.unwrap();
    assert_eq!(
        (state.phase, state.fault.as_deref()),
        (PanelPhase::Complete, None)
    );
    let (told, because, no_claims) = lacks(&state);
    let name = |model| answer(&round, model).display_name.clone();
    let refused = |model| {
        format!(
            "{} did not answer (was refused by its provider)",
            name(model)
        )
    };
    assert_eq!(
        (told, because),
        (vec![refused("alpha"), refused("beta")], None)
    );
    let why = "Only one seat answered, so nobody could react.";
    assert_eq!(no_claims, Some(why));

    panel.houses.swap(Script::debate());
    panel.append(session, "Go on.", Vec::new()).await;
    panel.finished(session).await;
    let state = panels.state(session).await.unwrap();
    assert!(!state.claims.is_empty());
    assert_eq!(
        lacks(&state),
        (Vec::new(), None, None),
        "the newest round is whole"
    );
}

#[test]
fn a_round_that_hustings_end_broke_off_says_so() {
    let silent = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    let script = Script::debate().for_phase("beta", Phase::React, silent);
    let wreck = crash(script, async |panel, session, _| {
        panel
            .once(session, |round| round.summary.reacted == 2)
            .await;
        panel
    });
    wreck.revive(async |panel, session| {
        let round = panel.round(session).await;
        assert!(round.summary.degraded);
        let state = panel.console.discord_panels().state(session).await.unwrap();
        assert_eq!(
            (state.phase, state.fault.as_deref()),
            (PanelPhase::Complete, None)
        );
        assert!(!state.claims.is_empty());
        let as_in_its_row = Some(BrokenOff::Interrupted);
        assert_eq!(state.broken_off, as_in_its_row);
        let beta = &answer(&round, "beta").display_name;
        let told = vec![format!("{beta} gave no reaction")];
        let closed = "Husting was closed while the panel was at work.";
        assert_eq!(lacks(&state), (told, Some(closed), None));
    });
}

#[tokio::test]
async fn a_round_that_a_person_cancelled_before_anybody_answered_is_called_that() {
    let silent = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    let panel = Panel::open(Script::new(silent)).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    let panels = panel.console.discord_panels();
    let running = panels.state(session_id).await.unwrap();
    assert_eq!(running.broken_off, None);
    panel.ask::<CancelRound>(SessionRef { session_id }).await;
    let over = panels.state(session_id).await.unwrap();
    assert_eq!(
        (over.phase, over.broken_off),
        (PanelPhase::Failed, Some(BrokenOff::Cancelled))
    );
}
