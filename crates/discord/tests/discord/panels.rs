//! Panels in Discord, from the question to the second round, over deaths and double clicks.

use husting_discord::interactions::{Button, Verb};
use husting_discord::panels::{PanelClaim, PanelPhase};
use husting_domain::discord::{Author, Inbound, Snowflake};
use husting_domain::discord_panels::{DiscordPanel, KeptSteering, PanelStage, Steering};
use husting_domain::ids::TenantId;
use husting_domain::snippets::SnippetType;
use husting_store::{DiscordWrite, PanelWrite};
use husting_test_support::discord::{Fault, INVITED_WITH, Id, Message, Overwrite, Strike, bits};
use rstest::rstest;
use serde_json::{Value, json};

use crate::bridged::Bridged;
use crate::scene::{Scene, id, in_time};
use crate::stumbles::Stumbles;
use crate::test_panels::claim;

const EPHEMERAL: u64 = 64;

async fn bridged() -> Bridged {
    with_threads(Scene::new().await).await
}

/// A bridge whose bot may make threads.
async fn with_threads(scene: Scene) -> Bridged {
    let extras = bits::CREATE_PUBLIC_THREADS;
    scene.discord.allow_bot(scene.guild, INVITED_WITH | extras);
    Bridged::over(scene).await
}

/// The thread of the general channel, and the panel's message in it, once that says so.
async fn shown(bridged: &Bridged, words: &str) -> (Id, Message) {
    let general = bridged.scene.general;
    let found = bridged.scene.discord.until(|view| {
        let thread = *view.threads(general).first()?;
        let mut posted = view.posted(thread).into_iter();
        let message = posted.find(|message| message.content.contains(words))?;
        Some((thread, message))
    });
    in_time(found).await
}

/// How much the bot has said in a channel; Discord's own notices have no words.
fn said(bridged: &Bridged, channel: Id) -> usize {
    let mut posted = bridged.scene.discord.look(|view| view.posted(channel));
    posted.retain(|message| !message.content.is_empty());
    posted.len()
}

/// The id of a button, where the message has it.
fn button(message: &Message, verb: Verb) -> String {
    let row = message.components[0]["components"].as_array().unwrap();
    let ids = row
        .iter()
        .map(|button| button["custom_id"].as_str().unwrap());
    let mut found = ids.filter(|id| id.parse::<Button>().unwrap().verb == verb);
    found.next_back().unwrap().to_owned()
}

/// Presses a button and sends its form; gives what the form came to.
async fn send(
    bridged: &Bridged,
    (thread, message): (Id, &Message),
    verb: Verb,
    fields: &[(&str, &str)],
) -> Id {
    let scene = &bridged.scene;
    let id = button(message, verb);
    let pressed = scene.discord.press(scene.alice, thread, message.id, &id);
    let pressed = pressed.unwrap();
    let answered = in_time(scene.discord.until_answered(pressed)).await;
    assert!(answered.modal.is_some(), "a form is shown: {answered:?}");
    let sent = scene.discord.submit(scene.alice, pressed, fields).unwrap();
    in_time(scene.discord.until_answered(sent)).await;
    sent
}

/// What only the person sees of an answer.
async fn told(bridged: &Bridged, thread: Id, interaction: Id) -> String {
    let found = bridged.scene.discord.until(|view| {
        let original = view.answer(interaction)?.original?;
        view.message(thread, original)
    });
    let message = in_time(found).await;
    assert_ne!(message.flags & EPHEMERAL, 0);
    message.content
}

/// Asks, and lets the first round end with two claims.
async fn mapped(bridged: &Bridged) -> (Id, Message) {
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    bridged.panels.until_begun(1).await;
    let claims = vec![
        claim("1", "The *first* one, @everyone."),
        claim("2", "It is cheaper."),
    ];
    bridged.panels.stand(PanelPhase::Complete, claims, None);
    shown(bridged, "Beta CHALLENGE").await
}

/// What the next round is to be about.
const ABOUT: [(&str, &str); 1] = [("words", "Only the price.")];

fn two() -> Vec<PanelClaim> {
    vec![claim("1", "The first."), claim("2", "It is cheaper.")]
}

/// A second round, given a challenge and [`ABOUT`], that came to nothing: the thread, and the message that says so.
async fn steered_in_vain(bridged: &Bridged) -> (Id, Message) {
    let (thread, map) = mapped(bridged).await;
    let challenge = [("claim", "2"), ("words", "Is it?")];
    send(bridged, (thread, &map), Verb::Challenge, &challenge).await;
    send(bridged, (thread, &map), Verb::Next, &ABOUT).await;
    bridged.panels.until_begun(2).await;
    let fault = Some("It broke off.");
    bridged.panels.stand(PanelPhase::Failed, two(), fault);
    let failed = shown(bridged, "⚠️ It broke off.").await;
    bridged.until_no_panel_is_at_work().await;
    failed
}

/// Presses *Next round*: what was pressed, and the field of its form.
async fn form_of_next(bridged: &Bridged, (thread, message): (Id, &Message)) -> (Id, Value) {
    let scene = &bridged.scene;
    let id = button(message, Verb::Next);
    let pressed = scene.discord.press(scene.alice, thread, message.id, &id);
    let pressed = pressed.unwrap();
    let form = in_time(scene.discord.until_answered(pressed)).await.modal;
    let field = form.unwrap()["components"][0]["components"][0].clone();
    (pressed, field)
}

#[tokio::test]
async fn a_panel_is_shown_in_a_thread_and_steered_into_its_second_round() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let asked = bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    let answer = bridged.answer(asked).await;
    assert_eq!(answer.content, "**alice** asks **a panel**: Which plan?");
    let (thread, first) = shown(&bridged, "Round 1: the seats answer").await;
    assert_eq!(thread, answer.id, "it is a thread of the answer");
    bridged.panels.stand(PanelPhase::React, Vec::new(), None);
    shown(&bridged, "they react to each other").await;
    let claims = vec![
        claim("1", "The *first* one, @everyone."),
        claim("2", "It is cheaper."),
    ];
    bridged.panels.stand(PanelPhase::Complete, claims, None);
    let (_, map) = shown(&bridged, "> The *first* one, @everyone.").await;
    assert_eq!(map.id, first.id, "one message alone");
    assert!(map.pings.is_empty());

    let challenge = [("claim", "1"), ("words", "Is it?")];
    send(&bridged, (thread, &map), Verb::Challenge, &challenge).await;
    send(&bridged, (thread, &map), Verb::Keep, &[("claim", "2")]).await;
    shown(
        &bridged,
        "For the next round: alice challenges 1, alice keeps 2",
    )
    .await;
    let words = [("words", "And then?")];
    send(&bridged, (thread, &map), Verb::Next, &words).await;
    let begun = bridged.panels.until_begun(2).await.remove(1);
    assert_eq!((begun.round, begun.prompt.as_str()), (2, "And then?"));
    assert_eq!(begun.by, "alice");
    let said: Vec<(&str, SnippetType, &str)> = begun
        .steering
        .iter()
        .map(|each| (each.claim.as_str(), each.kind, each.comment.as_str()))
        .collect();
    let wanted = [
        ("1", SnippetType::Challenge, "Is it?"),
        ("2", SnippetType::Keep, ""),
    ];
    assert_eq!(said, wanted);
    let quotes = begun.steering.iter().map(|each| {
        let quoted = each.quoted.as_ref().unwrap();
        (quoted.quote.as_str(), quoted.model.as_str())
    });
    let claims = [
        ("The *first* one, @everyone.", "alpha"),
        ("It is cheaper.", "alpha"),
    ];
    assert_eq!(quotes.collect::<Vec<_>>(), claims);
    shown(&bridged, "Round 2: the seats answer").await;
    let claims = vec![claim("1", "The second one.")];
    bridged.panels.stand(PanelPhase::Complete, claims, None);
    let (_, second) = shown(&bridged, "> The second one.").await;
    assert_eq!(second.id, first.id);
    assert!(!second.content.contains("For the next round"));
}

#[tokio::test]
async fn a_double_click_on_next_round_begins_one() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    let scene = &bridged.scene;
    let id = button(&map, Verb::Next);
    let press = || {
        scene
            .discord
            .press(scene.alice, thread, map.id, &id)
            .unwrap()
    };
    let forms = [press(), press()];
    for form in forms {
        let answered = in_time(scene.discord.until_answered(form)).await;
        assert!(answered.modal.is_some());
    }
    let sent = forms.map(|form| scene.discord.submit(scene.alice, form, &[]).unwrap());
    for each in sent {
        in_time(scene.discord.until_answered(each)).await;
    }
    bridged.panels.until_begun(2).await;
    let late = scene.discord.look(|view| {
        let answers = sent.iter().filter_map(|each| view.answer(*each)?.original);
        let answers = answers.filter_map(|id| view.message(thread, id));
        let told: Vec<String> = answers.map(|message| message.content).collect();
        told
    });
    let refused = late
        .iter()
        .filter(|told| *told == "Round 2 was asked for already.");
    assert_eq!(refused.count(), 1, "{late:?}");
    bridged.panels.stand(
        PanelPhase::Complete,
        vec![claim("1", "The second one.")],
        None,
    );
    shown(&bridged, "> The second one.").await;
    assert_eq!(bridged.panels.until_begun(2).await.len(), 2);
}

#[tokio::test]
async fn what_is_said_of_claims_that_stand_no_more_is_given_back_and_the_message_shows_those_that_do()
 {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    bridged.until_no_panel_is_at_work().await;
    let scene = &bridged.scene;
    let id = button(&map, Verb::Keep);
    let form = scene.discord.press(scene.alice, thread, map.id, &id);
    let form = form.unwrap();
    in_time(scene.discord.until_answered(form)).await;
    // In the app a round was begun that nobody in Discord asked for.
    let claims = vec![claim("1", "Another one."), claim("2", "The first one.")];
    bridged.panels.stand(PanelPhase::Complete, claims, None);
    let words = [("claim", "1"), ("words", "Just so.")];
    let sent = scene.discord.submit(scene.alice, form, &words).unwrap();
    let told = told(&bridged, thread, sent).await;
    assert!(
        told.starts_with("In Husting the panel does not stand as it was shown here."),
        "{told}"
    );
    assert!(told.ends_with("You wrote:\nJust so."), "{told}");
    let (_, renewed) = shown(&bridged, "> Another one.").await;
    assert_eq!(renewed.id, map.id);
    assert!(
        !renewed.content.contains("For the next round"),
        "{}",
        renewed.content
    );
    bridged.until_no_panel_is_at_work().await;

    send(&bridged, (thread, &renewed), Verb::Keep, &[("claim", "1")]).await;
    shown(&bridged, "For the next round: alice keeps 1").await;
}

const CHANGE: &str = "PATCH /channels/{channel.id}/messages/{message.id}";
const POST: &str = "POST /channels/{channel.id}/messages";

/// How often the bot has changed a message.
fn changed(bridged: &Bridged) -> usize {
    let requests = bridged.scene.discord.requests();
    let changes = requests.iter().filter(|each| each.route == CHANGE);
    changes.count()
}

#[tokio::test]
async fn a_round_begun_in_husting_shows_by_itself_that_it_runs_and_what_came_of_it() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    send(&bridged, (thread, &map), Verb::Challenge, &[("claim", "1")]).await;
    bridged.until_no_panel_is_at_work().await;
    bridged.panels.begin_elsewhere();
    let (_, running) = shown(&bridged, "Round 2: runs in Husting").await;
    assert_eq!(running.id, map.id);
    assert!(running.components.is_empty(), "nobody is refused by one");
    bridged.until_no_panel_is_at_work().await;

    // It moves, and the message shows nothing of that.
    let before = changed(&bridged);
    for phase in [PanelPhase::React, PanelPhase::Map] {
        bridged.panels.stand(phase, Vec::new(), None);
        bridged.panels.until_seen().await;
    }
    let claims = vec![
        claim("1", "Another one."),
        claim("2", "The *first* one, @everyone."),
    ];
    bridged.panels.stand(PanelPhase::Complete, claims, None);
    let (_, over) = shown(&bridged, "> Another one.").await;
    assert!(over.content.contains("Round 2: over"), "{}", over.content);
    assert!(
        over.content
            .ends_with("For the next round: alice challenges 2"),
        "{}",
        over.content
    );
    bridged.until_no_panel_is_at_work().await;
    assert_eq!(changed(&bridged), before + 1);
    send(&bridged, (thread, &over), Verb::Keep, &[("claim", "1")]).await;
    shown(&bridged, "alice challenges 2, alice keeps 1").await;
}

#[tokio::test]
async fn who_presses_an_old_button_while_a_round_runs_in_husting_is_told_so() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    bridged.until_no_panel_is_at_work().await;
    let scene = &bridged.scene;
    let id = button(&map, Verb::Keep);
    let form = scene.discord.press(scene.alice, thread, map.id, &id);
    let form = form.unwrap();
    in_time(scene.discord.until_answered(form)).await;
    // The claims that it shows stand meanwhile.
    bridged.panels.begin_elsewhere();
    let claims = vec![
        claim("1", "The *first* one, @everyone."),
        claim("2", "It is cheaper."),
    ];
    bridged.panels.stand(PanelPhase::Respond, claims, None);
    shown(&bridged, "Round 2: runs in Husting").await;
    let words = [("claim", "1"), ("words", "Just so.")];
    let sent = scene.discord.submit(scene.alice, form, &words).unwrap();
    let told = told(&bridged, thread, sent).await;
    assert!(
        told.starts_with("A round of this panel runs in Husting."),
        "{told}"
    );
    assert!(told.ends_with("You wrote:\nJust so."), "{told}");
}

/// The bridge ends or dies, also between the change of the message and its note.
#[rstest]
#[case::off(false)]
#[case::dead_before_the_note(true)]
#[tokio::test]
async fn what_went_on_in_husting_while_no_bridge_ran_is_shown_once_it_begins(
    #[case] dies_between: bool,
) {
    let bridged = bridged().await;
    let running = bridged.live().await;
    let (_, map) = mapped(&bridged).await;
    bridged.until_no_panel_is_at_work().await;
    running.stop().await;
    let before = changed(&bridged);
    bridged.panels.begin_elsewhere();
    bridged.panels.stand(PanelPhase::Complete, two(), None);
    if dies_between {
        let fault = Fault::GateAfter {
            gate: "note".into(),
        };
        let strike = Strike::new(fault).on(CHANGE).once();
        bridged.scene.discord.strike(strike);
        let dying = bridged.live().await;
        in_time(bridged.scene.discord.until_waiting("note", 1)).await;
        dying.die().await;
        bridged.scene.discord.release("note", 1);
    }
    let again = bridged.live().await;
    let (thread, over) = shown(&bridged, "> The first.").await;
    assert_eq!(over.id, map.id);
    assert!(over.content.contains("Round 2: over"), "{}", over.content);
    bridged.until_no_panel_is_at_work().await;
    assert_eq!(
        changed(&bridged),
        before + 1 + usize::from(dies_between),
        "a change whose end was not noted is made again"
    );
    again.stop().await;

    // Nothing moved since: nothing is asked of Discord, nor written.
    let at_rest = changed(&bridged);
    let _running = bridged.live().await;
    form_of_next(&bridged, (thread, &over)).await;
    bridged.panels.stand(PanelPhase::Complete, two(), None);
    bridged.panels.until_seen().await;
    form_of_next(&bridged, (thread, &over)).await;
    bridged.until_no_panel_is_at_work().await;
    assert_eq!(changed(&bridged), at_rest);
    assert_eq!(said(&bridged, thread), 1);
}

/// The one panel of the bot, once it is like this.
async fn until_panel(bridged: &Bridged, is_so: impl Fn(&DiscordPanel) -> bool) -> DiscordPanel {
    let (tenant, bot) = (TenantId::local(), id(bridged.scene.discord.bot()));
    let mut journal = bridged.reins.journal();
    let looking = async {
        loop {
            journal.mark_unchanged();
            let panels = bridged.store.discord_panels_before(&tenant, bot, None, 1);
            let panel = panels.await.unwrap().pop();
            if let Some(panel) = panel.filter(&is_so) {
                return panel;
            }
            journal.changed().await.unwrap();
        }
    };
    in_time(looking).await
}

/// Discord lets nobody change a message from now on.
fn refuse_changes(bridged: &Bridged, (status, code): (u16, u32)) {
    let refused = Fault::Refused { status, code };
    let strike = Strike::new(refused).on(CHANGE);
    bridged.scene.discord.strike(strike);
}

fn says_that_it_is_not_changed(panel: &DiscordPanel) -> bool {
    let why = panel.fault.as_deref().unwrap_or_default();
    let refused = "Its message in Discord cannot be changed: Discord refuses it (403, 50013): ";
    panel.stage == PanelStage::Resting && why.starts_with(refused)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Moves,
    BeginsAnew,
}

/// A panel rests and its session goes on in Husting, or its first round ends; Discord refuses what its message is to show.
async fn refused_while_it(rests: bool, bridged: &Bridged, refusal: (u16, u32)) {
    if rests {
        mapped(bridged).await;
        bridged.until_no_panel_is_at_work().await;
        refuse_changes(bridged, refusal);
        bridged.panels.begin_elsewhere();
    } else {
        bridged.command("deliberate", &json!({ "question": "Which plan?" }));
        shown(bridged, "the seats answer").await;
        refuse_changes(bridged, refusal);
        bridged.panels.stand(PanelPhase::Complete, two(), None);
    }
}

/// What the operator does, and what came of the round that people in Discord asked for.
#[rstest]
#[case::as_it_moves(true, Then::Moves)]
#[case::by_the_next_process(true, Then::BeginsAnew)]
#[case::the_end_of_a_round(false, Then::BeginsAnew)]
#[tokio::test]
async fn a_change_that_discord_refuses_is_told_the_operator_and_made_later(
    #[case] rests: bool,
    #[case] then: Then,
) {
    let bridged = bridged().await;
    let running = bridged.live().await;
    refused_while_it(rests, &bridged, (403, 50_013)).await;
    let panel = until_panel(&bridged, says_that_it_is_not_changed).await;
    let before = changed(&bridged);
    // Something else goes to and fro meanwhile.
    bridged.asked(bridged.scene.other, "and meanwhile?").await;
    assert!(
        changed(&bridged) <= before + 1,
        "it is tried again and again"
    );

    bridged.scene.discord.lift_all();
    let _running = match then {
        Then::Moves => {
            bridged.panels.stand(PanelPhase::Complete, two(), None);
            running
        }
        Then::BeginsAnew => {
            running.stop().await;
            bridged.live().await
        }
    };
    let words = match (rests, then) {
        (true, Then::Moves) => "Round 2: over",
        (true, Then::BeginsAnew) => "Round 2: runs in Husting",
        (false, _) => "> It is cheaper.",
    };
    let (_, written) = shown(&bridged, words).await;
    assert_eq!(Some(id(written.id)), panel.message);
    let is_told_no_more = |panel: &DiscordPanel| panel.fault.is_none() && panel.shows.is_some();
    until_panel(&bridged, is_told_no_more).await;
}

/// It is deleted in Discord while the panel rests, and while its round runs.
#[rstest]
#[case::at_rest(true)]
#[case::at_the_end_of_a_round(false)]
#[tokio::test]
async fn a_panel_whose_message_is_gone_is_over(#[case] rests: bool) {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    refused_while_it(rests, &bridged, (404, 10_008)).await;
    let is_over = |panel: &DiscordPanel| panel.stage == PanelStage::Ended;
    let over = until_panel(&bridged, is_over).await;
    assert_eq!(
        over.fault.as_deref(),
        Some("Its message in Discord is gone.")
    );
}

#[tokio::test]
async fn what_is_said_while_a_message_is_written_anew_stands_in_it() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    bridged.until_no_panel_is_at_work().await;
    let gate = Fault::GateBefore {
        gate: "anew".into(),
    };
    let discord = &bridged.scene.discord;
    discord.strike(Strike::new(gate).on(CHANGE).once());
    let claims = vec![
        claim("1", "The *first* one, @everyone."),
        claim("2", "It is cheaper."),
    ];
    let fault = Some("It broke off.");
    bridged.panels.stand(PanelPhase::Complete, claims, fault);
    in_time(discord.until_waiting("anew", 1)).await;
    send(&bridged, (thread, &map), Verb::Keep, &[("claim", "1")]).await;
    discord.release("anew", 1);
    bridged.until_no_panel_is_at_work().await;
    let (_, anew) = shown(&bridged, "It broke off.").await;
    assert!(anew.content.contains("alice keeps 1"), "{}", anew.content);
}

#[tokio::test]
async fn a_panel_at_rest_that_cannot_be_looked_at_now_is_looked_at_again() {
    let bridged = bridged().await;
    let running = bridged.live().await;
    mapped(&bridged).await;
    bridged.until_no_panel_is_at_work().await;
    running.stop().await;
    bridged.panels.begin_elsewhere();
    bridged.panels.stand(PanelPhase::Complete, two(), None);
    bridged.panels.be_away(true);
    let _running = bridged.live().await;
    bridged.panels.until_unanswered(1).await;
    bridged.panels.be_away(false);
    shown(&bridged, "Round 2: over").await;
}

#[tokio::test]
async fn messages_follow_their_sessions_also_after_more_moved_than_was_told() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    mapped(&bridged).await;
    bridged.until_no_panel_is_at_work().await;
    bridged.panels.overrun();
    bridged.panels.begin_elsewhere();
    shown(&bridged, "Round 2: runs in Husting").await;
    bridged.until_no_panel_is_at_work().await;
    bridged.panels.stand(PanelPhase::Complete, two(), None);
    shown(&bridged, "Round 2: over").await;
}

#[tokio::test]
async fn buttons_and_steering_survive_the_death_of_the_bridge() {
    let bridged = bridged().await;
    let running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    send(&bridged, (thread, &map), Verb::Challenge, &[("claim", "2")]).await;
    running.die().await;
    let _running = bridged.live().await;
    send(&bridged, (thread, &map), Verb::Next, &[]).await;
    let begun = bridged.panels.until_begun(2).await.remove(1);
    assert_eq!(begun.steering.len(), 1);
    shown(&bridged, "Round 2: the seats answer").await;
}

#[tokio::test]
async fn a_round_goes_on_being_shown_by_the_next_process_in_the_same_message() {
    let bridged = bridged().await;
    let running = bridged.live().await;
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    let (thread, first) = shown(&bridged, "the seats answer").await;
    running.die().await;
    bridged.panels.stand(
        PanelPhase::Complete,
        vec![claim("1", "The first one.")],
        None,
    );
    let _running = bridged.live().await;
    let (_, map) = shown(&bridged, "> The first one.").await;
    assert_eq!(map.id, first.id);
    assert_eq!(bridged.panels.convened(), 1);
    assert_eq!(said(&bridged, thread), 1);
}

/// A bridge that was asked for a panel, and died between a deed in Discord and its note in the journal.
async fn dead_before_its_note(route: &str) -> Bridged {
    let bridged = bridged().await;
    let running = bridged.live().await;
    let fault = Fault::GateAfter {
        gate: "note".into(),
    };
    let strike = Strike::new(fault).on(route).once();
    bridged.scene.discord.strike(strike);
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    in_time(bridged.scene.discord.until_waiting("note", 1)).await;
    running.die().await;
    bridged.scene.discord.release("note", 1);
    bridged
}

/// At each gate between them.
#[rstest]
#[case::answer("POST /interactions/{interaction.id}/{interaction.token}/callback")]
#[case::thread("POST /channels/{channel.id}/messages/{message.id}/threads")]
#[case::message("POST /channels/{channel.id}/messages")]
#[tokio::test]
async fn a_death_between_deed_and_note_shows_nothing_twice(#[case] route: &str) {
    let bridged = dead_before_its_note(route).await;
    let _running = bridged.live().await;
    let (thread, _) = shown(&bridged, "the seats answer").await;
    assert_eq!(bridged.panels.convened(), 1);
    bridged.scene.discord.look(|view| {
        assert_eq!(view.threads(bridged.scene.general).len(), 1);
    });
    assert_eq!(said(&bridged, thread), 1);
    assert_eq!(said(&bridged, bridged.scene.general), 1);
}

/// What came to stand before a death is found again, also where the panel is refused since.
#[rstest]
#[case::thread("POST /channels/{channel.id}/messages/{message.id}/threads")]
#[case::message("POST /channels/{channel.id}/messages")]
#[tokio::test]
async fn a_panel_that_is_refused_after_a_death_says_so_where_it_was_shown(#[case] route: &str) {
    let bridged = dead_before_its_note(route).await;
    bridged.panels.refuse(Some("The wallet is empty."));
    let _running = bridged.live().await;
    let (thread, panel) = shown(&bridged, "No panel was convened.").await;
    assert!(panel.content.ends_with("⚠️ The wallet is empty."));
    bridged.until_no_panel_is_at_work().await;
    assert_eq!(said(&bridged, thread), 1);
    assert_eq!(bridged.panels.convened(), 0);
}

#[tokio::test]
async fn a_panel_whose_lane_panics_rests_each_time_and_goes_on_by_itself() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let stumbles = Stumbles::new(2, &bridged.scene.clock);
    bridged.panels.stumble(&stumbles);
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    bridged.panels.until_begun(1).await;
    shown(&bridged, "the seats answer").await;
    assert_eq!(bridged.panels.convened(), 1);
    stumbles.assert_rested(3);
}

#[tokio::test]
async fn without_the_permission_a_panel_stays_in_its_channel() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let channel = bridged.scene.general;
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    bridged.until_said(channel, "the seats answer").await;
    let claims = vec![claim("1", "The first one.")];
    bridged.panels.stand(PanelPhase::Complete, claims, None);
    let map = bridged.until_said(channel, "> The first one.").await;
    let words = [("words", "And then?")];
    send(&bridged, (channel, &map), Verb::Next, &words).await;
    bridged.panels.until_begun(2).await;
}

#[tokio::test]
async fn a_claim_that_is_not_there_is_refused_to_whoever_named_it() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    let sent = send(&bridged, (thread, &map), Verb::Keep, &[("claim", "3")]).await;
    let told = told(&bridged, thread, sent).await;
    assert_eq!(told, "There is no claim \"3\": they are 1 to 2.");
}

#[tokio::test]
async fn what_was_said_is_taken_back_by_whoever_said_it_the_last_first() {
    let mut carol = None;
    let scene = Scene::with(|world, guild| {
        let joins = world.person("carol");
        world.join(guild, joins);
        carol = Some(joins);
    });
    let (scene, carol) = (scene.await, carol.unwrap());
    let bridged = with_threads(scene).await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    let scene = &bridged.scene;
    send(&bridged, (thread, &map), Verb::Challenge, &[("claim", "1")]).await;
    send(&bridged, (thread, &map), Verb::Keep, &[("claim", "2")]).await;
    let both = "For the next round: alice challenges 1, alice keeps 2";
    let (_, said) = shown(&bridged, both).await;
    let id = button(&said, Verb::TakeBack);
    let press = |by| scene.discord.press(by, thread, said.id, &id).unwrap();

    let others = told(&bridged, thread, press(carol)).await;
    assert!(others.contains("theirs to take back"), "{others}");
    assert!(shown(&bridged, both).await.1.id == said.id);

    in_time(scene.discord.until_answered(press(scene.alice))).await;
    let (_, one) = shown(&bridged, "For the next round: alice challenges 1").await;
    assert!(!one.content.contains("keeps"), "{}", one.content);
    in_time(scene.discord.until_answered(press(scene.alice))).await;
    let (_, none) = shown(&bridged, "The buttons steer the next round").await;
    let row = none.components[0]["components"].as_array().unwrap();
    assert_eq!(row.len(), 3, "nothing is left to take back: {row:?}");

    // It is not taken along.
    send(&bridged, (thread, &none), Verb::Next, &ABOUT).await;
    assert!(bridged.panels.until_begun(2).await[1].steering.is_empty());
}

#[tokio::test]
async fn who_takes_back_twice_at_once_is_shown_how_the_panel_stands() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    let scene = &bridged.scene;
    send(&bridged, (thread, &map), Verb::Keep, &[("claim", "2")]).await;
    let (_, said_once) = shown(&bridged, "alice keeps 2").await;
    let id = button(&said_once, Verb::TakeBack);
    let press = || {
        let pressed = scene.discord.press(scene.alice, thread, said_once.id, &id);
        pressed.unwrap()
    };
    for pressed in [press(), press()] {
        let answered = in_time(scene.discord.until_answered(pressed)).await;
        let told = answered
            .original
            .and_then(|id| scene.discord.look(|view| view.message(thread, id)));
        let told = told.map_or_else(String::new, |message| message.content);
        assert!(!told.contains("asked for already"), "{told}");
    }
    shown(&bridged, "The buttons steer the next round").await;
}

#[tokio::test]
async fn who_may_not_write_there_steers_nothing() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    let scene = &bridged.scene;
    let deny = bits::SEND_MESSAGES_IN_THREADS;
    let overwrite = Overwrite {
        id: scene.alice,
        member: true,
        allow: 0,
        deny,
    };
    scene.discord.overwrite(scene.general, overwrite);
    let id = button(&map, Verb::Next);
    let pressed = scene
        .discord
        .press(scene.alice, thread, map.id, &id)
        .unwrap();
    let told = told(&bridged, thread, pressed).await;
    assert_eq!(
        told,
        "You may read here, and not write, so you cannot steer the panel."
    );
}

#[tokio::test]
async fn on_a_day_without_rounds_whoever_asks_is_told_so_alone() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    bridged.panels.close("There are more after midnight.");
    let asked = bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    let general = bridged.scene.general;
    let told = told(&bridged, general, asked).await;
    assert_eq!(told, "There are more after midnight.");
    let threads = bridged.scene.discord.look(|view| view.threads(general));
    assert_eq!(threads, []);
    bridged.until_no_panel_is_at_work().await;
}

#[tokio::test]
async fn on_a_day_without_rounds_no_next_one_is_asked_for() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    bridged.panels.close("There are more after midnight.");
    let scene = &bridged.scene;
    let press = |verb| {
        let id = button(&map, verb);
        let pressed = scene.discord.press(scene.alice, thread, map.id, &id);
        scene.discord.until_answered(pressed.unwrap())
    };
    let keeps = in_time(press(Verb::Keep)).await;
    assert!(keeps.modal.is_some(), "what is said now is for later");
    let next = in_time(press(Verb::Next)).await;
    assert!(next.modal.is_none());
}

#[tokio::test]
async fn what_was_typed_when_the_day_ends_is_given_back() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    let scene = &bridged.scene;
    let id = button(&map, Verb::Next);
    let pressed = scene.discord.press(scene.alice, thread, map.id, &id);
    let pressed = pressed.unwrap();
    in_time(scene.discord.until_answered(pressed)).await;
    bridged.panels.close("There are more after midnight.");
    let fields = [("words", "And the costs?")];
    let sent = scene.discord.submit(scene.alice, pressed, &fields);
    let told = told(&bridged, thread, sent.unwrap()).await;
    assert_eq!(
        told,
        "There are more after midnight. You wrote:\nAnd the costs?"
    );
    assert_eq!(bridged.panels.until_begun(1).await.len(), 1);
}

#[tokio::test]
async fn why_no_panel_is_convened_stands_under_the_question() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    bridged.panels.refuse(Some("The wallet is empty."));
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    let told = bridged
        .until_said(bridged.scene.general, "The wallet is empty.")
        .await;
    assert_eq!(
        told.content,
        "**alice** asks **a panel**: Which plan?\n⚠️ No panel was convened: The wallet is empty."
    );
    bridged.until_no_panel_is_at_work().await;
    let general = bridged.scene.general;
    let threads = bridged.scene.discord.look(|view| view.threads(general));
    assert!(threads.is_empty(), "nobody would write there: {threads:?}");
    assert_eq!(said(&bridged, general), 1);
    assert_eq!(bridged.panels.convened(), 0);
}

#[tokio::test]
async fn why_a_panel_is_refused_after_all_stands_in_its_thread_as_well() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    bridged.panels.refuse_late("The wallet is empty.");
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    let words = "No panel was convened: The wallet is empty.";
    bridged.until_said(bridged.scene.general, words).await;
    let (_, panel) = shown(&bridged, "No panel was convened.").await;
    assert!(panel.content.ends_with("⚠️ The wallet is empty."));
    assert_eq!(bridged.panels.convened(), 0);
}

/// More often than one request is tried: a step fails, and the next one is taken.
const MORE_THAN_A_STEP: u32 = 9;

#[tokio::test]
async fn a_panel_whose_refusal_could_not_be_told_at_first_is_shown_nowhere_else() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    bridged.panels.refuse(Some("The wallet is empty."));
    let away = Strike::new(Fault::CutBefore).on(CHANGE);
    bridged.scene.discord.strike(away.times(MORE_THAN_A_STEP));
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    until_panel(&bridged, |panel| panel.stage == PanelStage::Refused).await;
    let general = bridged.scene.general;
    let threads = bridged.scene.discord.look(|view| view.threads(general));
    assert!(threads.is_empty(), "nobody would write there: {threads:?}");
    assert_eq!(
        bridged.said(general),
        ["**alice** asks **a panel**: Which plan?\n⚠️ No panel was convened: The wallet is empty."]
    );
    assert_eq!(bridged.panels.convened(), 0);
}

/// Where there is no thread, nothing is noted before the message is.
#[tokio::test]
async fn a_panel_refused_after_its_message_came_to_stand_unnoted_says_so_in_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (discord, general) = (&bridged.scene.discord, bridged.scene.general);
    let lost = || Strike::new(Fault::CutAfter).on(POST);
    let until_refused = discord.strike(lost());
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    let posted = bridged.until_said(general, "It is being convened.").await;
    bridged.panels.refuse(Some("The wallet is empty."));
    discord.strike(lost().times(MORE_THAN_A_STEP));
    discord.lift(until_refused);
    until_panel(&bridged, |panel| panel.stage == PanelStage::Refused).await;
    let shown = discord.look(|view| view.message(general, posted.id));
    let shown = shown.unwrap().content;
    assert!(shown.contains("No panel was convened."), "{shown}");
    assert!(shown.ends_with("⚠️ The wallet is empty."), "{shown}");
    assert_eq!(said(&bridged, general), 2, "the question and the panel");
    assert_eq!(bridged.panels.convened(), 0);
}

/// An answer to a command needs no permission; what follows it does.
#[rstest]
#[case::channel(0, bits::SEND_MESSAGES)]
#[case::thread(bits::CREATE_PUBLIC_THREADS, bits::SEND_MESSAGES_IN_THREADS)]
#[tokio::test]
async fn nothing_is_paid_for_a_panel_that_nobody_would_see(#[case] extras: u64, #[case] deny: u64) {
    let scene = Scene::new().await;
    scene.discord.allow_bot(scene.guild, INVITED_WITH | extras);
    let overwrite = Overwrite {
        id: scene.discord.bot(),
        member: true,
        allow: 0,
        deny,
    };
    scene.discord.overwrite(scene.general, overwrite);
    let bridged = Bridged::over(scene).await;
    let _running = bridged.live().await;
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    let general = bridged.scene.general;
    bridged
        .until_said(general, "No panel was convened: The bot may not write")
        .await;
    assert_eq!(bridged.panels.convened(), 0);
    bridged.until_no_panel_is_at_work().await;
}

#[tokio::test]
async fn a_next_round_that_is_refused_leaves_the_claims_and_their_buttons() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    bridged.panels.refuse(Some("The wallet is empty."));
    send(&bridged, (thread, &map), Verb::Next, &[]).await;
    let (_, rests) = shown(&bridged, "⚠️ The wallet is empty.").await;
    assert!(rests.content.contains("> It is cheaper."));
    bridged.panels.refuse(None);
    let pressed = async {
        // The message may be there a moment before the journal has it.
        loop {
            let id = button(&rests, Verb::Next);
            let scene = &bridged.scene;
            let pressed = scene.discord.press(scene.alice, thread, rests.id, &id);
            let pressed = pressed.unwrap();
            let answered = scene.discord.until_answered(pressed).await;
            if answered.modal.is_some() {
                return pressed;
            }
        }
    };
    let pressed = in_time(pressed).await;
    let scene = &bridged.scene;
    scene.discord.submit(scene.alice, pressed, &[]).unwrap();
    bridged.panels.until_begun(2).await;
}

#[tokio::test]
async fn what_people_gave_a_round_that_came_to_nothing_goes_with_the_next() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, failed) = steered_in_vain(&bridged).await;
    let told = &failed.content;
    assert!(told.contains("\nClaims of round 1\n"), "{told}");
    assert!(
        told.ends_with("For the next round: alice challenges 2"),
        "{told}"
    );

    let (pressed, field) = form_of_next(&bridged, (thread, &failed)).await;
    assert_eq!(field["value"], ABOUT[0].1);
    let scene = &bridged.scene;
    scene.discord.submit(scene.alice, pressed, &ABOUT).unwrap();
    let begun = bridged.panels.until_begun(3).await;
    assert_eq!(begun[2].prompt, "Only the price.");
    let said: Vec<_> = begun[2].steering.iter().map(|said| &said.claim).collect();
    assert_eq!(said, ["2"]);
}

#[tokio::test]
async fn what_people_gave_a_round_that_was_tried_again_in_the_app_is_not_said_twice() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, _) = steered_in_vain(&bridged).await;
    bridged.panels.stand(PanelPhase::Complete, two(), None);
    // The message shows by itself what came of it.
    let (_, heard) = shown(&bridged, "Round 2: over").await;
    assert!(
        !heard.content.contains("For the next round"),
        "{}",
        heard.content
    );
    bridged.until_no_panel_is_at_work().await;

    let keep = [("claim", "1"), ("words", "")];
    send(&bridged, (thread, &heard), Verb::Keep, &keep).await;
    let (_, kept) = shown(&bridged, "For the next round: alice keeps 1").await;
    let (pressed, field) = form_of_next(&bridged, (thread, &kept)).await;
    assert!(field["value"].as_str().is_none_or(str::is_empty), "{field}");
    let scene = &bridged.scene;
    scene.discord.submit(scene.alice, pressed, &[]).unwrap();
    let begun = bridged.panels.until_begun(3).await;
    let said: Vec<_> = begun[2].steering.iter().map(|said| &said.claim).collect();
    assert_eq!(said, ["1"]);
}

#[tokio::test]
async fn a_panel_that_fails_says_why() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    bridged.panels.until_begun(1).await;
    let fault = Some("Alpha: no such key.");
    bridged.panels.stand(PanelPhase::Failed, Vec::new(), fault);
    let (_, failed) = shown(&bridged, "⚠️ Alpha: no such key.").await;
    assert!(failed.content.contains("Round 1: failed"));
    assert_eq!(failed.components, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn a_first_round_that_is_tried_again_in_the_app_shows_in_the_panels_message() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    bridged.panels.until_begun(1).await;
    let fault = Some("The round was ended by a person.");
    bridged.panels.stand(PanelPhase::Failed, Vec::new(), fault);
    let (thread, failed) = shown(&bridged, "⚠️ The round was ended by a person.").await;
    bridged.until_no_panel_is_at_work().await;

    bridged.panels.stand(PanelPhase::Respond, Vec::new(), None);
    let (_, again) = shown(&bridged, "Round 1: runs in Husting").await;
    bridged.panels.stand(PanelPhase::Complete, two(), None);
    let (_, map) = shown(&bridged, "Round 1: over").await;
    assert_eq!((again.id, map.id), (failed.id, failed.id));
    assert!(!map.content.contains('⚠'), "{}", map.content);
    bridged.until_no_panel_is_at_work().await;
    send(&bridged, (thread, &map), Verb::Keep, &[("claim", "1")]).await;
    shown(&bridged, "For the next round: alice keeps 1").await;
}

#[tokio::test]
async fn what_cannot_be_asked_now_is_asked_again_and_ends_nothing() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    bridged.panels.be_away(true);
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    bridged.panels.until_unanswered(2).await;
    let (thread, waits) = shown(&bridged, "It is being convened.").await;
    bridged.panels.be_away(false);
    bridged.panels.until_begun(1).await;

    bridged.panels.be_away(true);
    bridged.panels.stand(PanelPhase::React, Vec::new(), None);
    bridged.panels.until_unanswered(2).await;
    bridged.panels.be_away(false);
    bridged.panels.stand(
        PanelPhase::Complete,
        vec![claim("1", "The first one.")],
        None,
    );
    let (_, map) = shown(&bridged, "> The first one.").await;
    assert_eq!(map.id, waits.id);

    bridged.until_no_panel_is_at_work().await;
    bridged.panels.be_away(true);
    let scene = &bridged.scene;
    let id = button(&map, Verb::Next);
    let pressed = scene.discord.press(scene.alice, thread, map.id, &id);
    let told = told(&bridged, thread, pressed.unwrap()).await;
    assert_eq!(
        told,
        "Husting cannot look at the panel now. Try again in a moment."
    );
}

#[tokio::test]
async fn while_the_bridge_is_paused_no_round_begins() {
    let bridged = bridged().await;
    let running = bridged.live().await;
    bridged.panels.be_away(true);
    bridged.command("deliberate", &json!({ "question": "Which plan?" }));
    bridged.panels.until_unanswered(1).await;
    running.die().await;
    bridged.panels.be_away(false);
    bridged.reins.change(|manner| manner.is_paused = true);
    let _running = bridged.live().await;
    // What is asked later is kept by then.
    bridged.ask(bridged.scene.general, "and meanwhile?");
    let kept = |asked: &[Inbound]| (!asked.is_empty()).then_some(());
    bridged.until_asked(kept).await;
    assert_eq!(bridged.panels.convened(), 0);
    bridged.reins.change(|manner| manner.is_paused = false);
    bridged.panels.until_begun(1).await;
    shown(&bridged, "Round 1: the seats answer").await;
}

#[tokio::test]
async fn a_panel_that_has_all_its_steering_takes_no_more() {
    let bridged = bridged().await;
    let _running = bridged.live().await;
    let (thread, map) = mapped(&bridged).await;
    bridged.until_no_panel_is_at_work().await;
    let Button { panel, round, .. } = button(&map, Verb::Keep).parse().unwrap();
    for n in 1..=50 {
        let steering = KeptSteering {
            interaction: Snowflake::new(n).unwrap(),
            by: Author {
                id: id(bridged.scene.alice),
                name: "alice".to_owned(),
            },
            steering: Steering {
                claim: "1".to_owned(),
                kind: SnippetType::Keep,
                comment: String::new(),
                quoted: None,
                given_back_by: None,
            },
        };
        let write = PanelWrite::Steer {
            panel,
            round,
            steering: Box::new(steering),
        };
        bridged.journal(DiscordWrite::Panel(write)).await;
    }
    let sent = send(&bridged, (thread, &map), Verb::Keep, &[("claim", "2")]).await;
    let told = told(&bridged, thread, sent).await;
    assert!(
        told.starts_with("The next round takes 50 such words along"),
        "{told}"
    );
}
