//! Slash commands through the whole program: a panel in Discord from its question to the second round,
//! over restarts and deaths, and a question to an agent. The operator sets the bridge up by the console's
//! commands, and everything stands on disk.

mod scene;

use husting_domain::rounds::RoundStatus;
use husting_domain::sessions::SessionSource;
use husting_domain::snippets::SnippetType;
use husting_test_support::{Behaviour, GatePoint, Phase, Script};
use husting_tests::agent::Agent;
use husting_tests::events::newest;
use husting_tests::panel::SEATS;
use husting_tests::patience::wait_for;
use husting_tests::search::holders;
use husting_wire::commands::RetryRound;
use husting_wire::events::Event;
use husting_wire::rounds::RoundRef;
use serde_json::{Value, json};

use self::scene::{QUESTION, Scene};

/// What comes between the question and the second round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    /// The program is asked to end when the map stands, and started again.
    Restart,
    /// It is killed while one seat reacts in the first round.
    Kill,
}

/// The first round: everybody waits to answer, and one waits in its reaction.
fn gated() -> Script {
    let waits = |gate: &str| Behaviour::debating().gate(gate, GatePoint::BeforeResponse);
    let script = SEATS.iter().fold(Script::debate(), |script, seat| {
        script.for_phase(seat.id, Phase::Respond, waits("answers"))
    });
    script.for_phase(SEATS[2].id, Phase::React, waits("reaction"))
}

#[tokio::test]
async fn a_panel_in_discord_is_steered_into_its_second_round() {
    steered_into_its_second_round(Between::Nothing).await;
}

#[tokio::test]
async fn a_panels_buttons_outlive_a_restart_of_the_program() {
    steered_into_its_second_round(Between::Restart).await;
}

#[tokio::test]
async fn a_panel_goes_on_in_its_message_after_the_program_was_killed_in_its_first_round() {
    steered_into_its_second_round(Between::Kill).await;
}

/// Nobody had answered by then: the round came to nothing. What its message says can be done is so.
#[tokio::test]
async fn a_panel_that_a_kill_broke_off_says_what_can_be_done() {
    let scene = Scene::set(gated()).await;
    let instance = scene.set_up().await;
    scene.type_command("deliberate", &json!({ "question": QUESTION }));
    scene.panel.until_all_wait("answers").await;
    let first = scene.shown("Round 1: the seats answer").await;
    instance.kill().await;
    scene.panel.swap(&Script::debate());
    let instance = scene.set_up_before().await;
    let broken = scene.shown("Round 1: interrupted").await;
    assert_eq!(broken.id, first.id);
    let told = "⚠️ Husting was closed while the panel was at work.\n`/deliberate` asks anew. The operator can also have \
                the round tried again in Husting; what comes of that is shown here.";
    assert!(broken.content.contains(told), "{}", broken.content);
    assert_eq!(broken.components, Vec::<Value>::new());

    let session_id = scene.session(&instance).await.summary.session_id;
    let mut events = instance.watch().await;
    let newest_round = RoundRef {
        session_id,
        round_id: None,
    };
    instance.call::<RetryRound>(newest_round).await.unwrap();
    let is_complete = |told: &[Event]| {
        newest(told, session_id).is_some_and(|round| round.status == RoundStatus::Complete)
    };
    events
        .until("the round that was tried again", is_complete)
        .await;
    assert_eq!(scene.shown("Round 1: over").await.id, first.id);
    scene.assert_said_once(first.id);
    scene.type_command("deliberate", &json!({ "question": QUESTION }));
    let threads = scene.discord.until(|view| {
        let threads = view.threads(scene.general);
        let mut posted = threads.into_iter().flat_map(|thread| view.posted(thread));
        posted.find(|message| message.id != first.id && message.content.contains("Round 1: over"))
    });
    wait_for("the panel that was asked anew", threads).await;
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
}

async fn steered_into_its_second_round(between: Between) {
    let scene = Scene::set(gated()).await;
    let mut instance = scene.set_up().await;
    scene.type_command("deliberate", &json!({ "question": QUESTION }));
    scene.panel.until_all_wait("answers").await;
    let first = scene.shown("Round 1: the seats answer").await;
    assert_eq!(first.components, Vec::<Value>::new());
    let mut events = instance.watch().await;
    scene.panel.open("answers");
    scene.shown("Round 1: they react to each other").await;
    scene.panel.until_wait("reaction", &[SEATS[2].id]).await;
    // Three answers and two reactions are kept and paid.
    let session = scene.session(&instance).await.summary.session_id;
    let paid = |told: &[Event]| newest(told, session).is_some_and(|round| round.debits.len() == 5);
    events.until("five calls that are paid", paid).await;
    if between == Between::Kill {
        instance.kill().await;
        instance = scene.set_up_before().await;
    }
    scene.panel.open("reaction");
    let map = scene.map(1).await;
    assert_eq!(map.id, first.id, "one message shows all of it");
    let calls = scene.panel.calls().len();

    let challenge = [("claim", "1"), ("words", "Is it?")];
    scene.send(&map, "Challenge", &challenge).await;
    let map = scene.shown("For the next round: ana challenges 1").await;
    if between == Between::Restart {
        let (code, said) = instance.stop().await;
        assert_eq!(code, 0, "{said}");
        instance = scene.set_up_before().await;
    }
    scene.panel.swap(&Script::debate());
    let words = [("words", "And in ten years?")];
    scene.send(&map, "Next round", &words).await;
    let second = scene.map(2).await;
    assert_eq!(second.id, first.id, "and the second round, too");
    assert_ne!(second.content, map.content);

    let view = scene.session(&instance).await;
    assert_eq!(view.summary.source, SessionSource::Discord);
    let ended: Vec<RoundStatus> = view.rounds.iter().map(|round| round.status).collect();
    // A round counts by its answers, and those were there when it was killed.
    assert_eq!(ended, [RoundStatus::Complete; 2]);
    assert_eq!(view.rounds[1].prompt, "And in ten years?");
    let [steered] = &view.rounds[1].snippets[..] else {
        panic!("one claim is steered by: {:?}", view.rounds[1].snippets)
    };
    assert_eq!(steered.snippet.kind, SnippetType::Challenge);
    assert_eq!(steered.snippet.comment.as_deref(), Some("Is it?"));
    assert_eq!(calls, 6, "each seat answers once and reacts once");
    assert_eq!(scene.panel.calls().len(), 12);
    scene.assert_said_once(first.id);
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
}

/// What stands in Discord is of rounds that are gone, and of a panel that is: each message is put right by itself.
#[tokio::test]
async fn after_a_restore_each_panel_shows_how_it_stands_and_goes_on_from_there() {
    let scene = Scene::set(Script::debate()).await;
    let mut instance = scene.set_up().await;
    scene.type_command("deliberate", &json!({ "question": QUESTION }));
    let map = scene.map(1).await;
    scene.send(&map, "Challenge", &[("claim", "1")]).await;
    let map = scene.shown("For the next round: ana challenges 1").await;
    let backup = scene.home.beside("backup.db");
    let backup = backup.to_str().unwrap().to_owned();
    scene.home.run(&["backup", &backup]).await.done();
    scene.send(&map, "Next round", &[]).await;
    scene.map(2).await;
    scene.type_command("deliberate", &json!({ "question": "And a second one?" }));
    let in_any_thread = async |words: &str| {
        let found = scene.discord.until(|view| {
            let threads = view.threads(scene.general).into_iter();
            let mut posted = threads.flat_map(|thread| view.posted(thread));
            posted.find(|message| message.content.contains(words))
        });
        wait_for(words, found).await
    };
    let second = in_any_thread("**Panel**: And a second one?\nRound 1: over").await;

    scene.home.run(&["restore", &backup, "--yes"]).await.done();
    instance.until_begun_anew(&scene.home).await;
    let gone = in_any_thread("⚠️ This panel is not there any more. `/deliberate` asks anew.").await;
    assert_eq!(gone.id, second.id);
    assert_eq!(gone.components, Vec::<Value>::new());
    let back = scene.map(1).await;
    assert_eq!(back.id, map.id);
    assert_eq!(
        back.content, map.content,
        "what was said before the backup, too"
    );

    scene.send(&back, "Next round", &[]).await;
    scene.map(2).await;
    let view = scene.session(&instance).await;
    assert_eq!(view.rounds.len(), 2);
    assert_eq!(view.rounds[1].snippets.len(), 1);
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
}

#[tokio::test]
async fn after_a_restore_a_panel_that_the_operator_went_on_with_shows_how_it_stood() {
    let scene = Scene::set(Script::debate()).await;
    let mut instance = scene.set_up().await;
    scene.type_command("deliberate", &json!({ "question": QUESTION }));
    let map = scene.map(1).await;
    let backup = scene.home.beside("backup.db");
    let backup = backup.to_str().unwrap().to_owned();
    scene.home.run(&["backup", &backup]).await.done();
    let session = scene
        .session(&instance)
        .await
        .summary
        .session_id
        .to_string();
    scene
        .home
        .run(&["session", "append", &session])
        .await
        .done();
    let second = scene.map(2).await;
    assert_eq!(second.id, map.id, "the message follows the line");

    scene.home.run(&["restore", &backup, "--yes"]).await.done();
    instance.until_begun_anew(&scene.home).await;
    let back = scene.map(1).await;
    assert_eq!((back.id, back.content), (map.id, map.content));
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
}

/// Bus and panels take nothing from the moment in which the program is asked to end, and the bridge may be about to
/// give them something.
#[tokio::test]
async fn an_end_on_purpose_warns_of_nothing_that_is_under_way() {
    let scene = Scene::set(gated()).await;
    let instance = scene.set_up().await;
    Agent::mint(&instance, "loom").await;
    scene.type_command("deliberate", &json!({ "question": QUESTION }));
    scene.panel.until_all_wait("answers").await;
    // Once it has its thread, it is convened.
    scene.hold(
        "POST /channels/{channel.id}/messages/{message.id}/threads",
        "thread",
    );
    scene.type_command("deliberate", &json!({ "question": "And the notes?" }));
    let placed = scene.discord.until_waiting("thread", 1);
    wait_for("a panel without its thread", placed).await;
    // Once it is shown, it is asked.
    scene.hold(
        "POST /interactions/{interaction.id}/{interaction.token}/callback",
        "shown",
    );
    let question = json!({ "agent": "loom", "text": "Which table?" });
    scene.type_command("ask", &question);
    let shown = scene.discord.until_waiting("shown", 1);
    wait_for("a question that is not shown", shown).await;

    let is_over = scene
        .discord
        .until(|view| (view.gateway().live == 0).then_some(()));
    let lets_go = async {
        wait_for("the end of the connection", is_over).await;
        scene.discord.open("thread");
    };
    let ((code, said), ()) = tokio::join!(instance.stop(), lets_go);
    assert_eq!(code, 0, "{said}");
    let faults = [("a warning", "\"WARN\""), ("an error", "\"ERROR\"")];
    let told = holders(&scene.home.path().join("logs"), &faults);
    assert_eq!(told, Vec::<String>::new());
}

#[tokio::test]
async fn an_agent_answers_a_question_by_command_where_it_stands() {
    let scene = Scene::set(Script::debate()).await;
    let instance = scene.set_up().await;
    let loom = Agent::mint(&instance, "loom").await;
    let typed = json!({ "agent": "loom", "text": "Which table, @everyone?" });
    scene.type_command("ask", &typed);
    let call = async |tool: &str, arguments: Value| {
        let called = loom.call(&instance.client, &instance.http, tool, arguments);
        called.await.unwrap()
    };
    let waited = call("inbox_wait", json!({ "timeout_seconds": 60, "limit": 1 }));
    let mail = wait_for("the question", waited).await["messages"][0].clone();
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Which table"), "{mail}");
    call("ack", json!({ "ids": [mail["id"]] })).await;
    let request = mail["request_id"].as_str().unwrap();
    let reply = format!("The first one, @everyone. {{ack_for:{request}}}");
    let sent = json!({ "to": "discord-connector", "text": reply });
    call("send", sent).await;

    let said = wait_for("the reply", scene.discord.until_posted(scene.general, 2)).await;
    let [asked, answered] = &said[..] else {
        panic!("a question and its reply: {said:?}")
    };
    assert_eq!(
        asked.content,
        "**ana** asks **loom**: Which table, @everyone?"
    );
    assert!(
        answered.content.contains("The first one"),
        "{}",
        answered.content
    );
    assert!(!answered.content.contains("ack_for"));
    let stands_under = answered.reference.as_ref().and_then(|to| to.message_id);
    assert_eq!(stands_under, Some(asked.id));
    scene.assert_notifies_nobody();
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(scene.said(scene.general).len(), 2, "each once");
}
