//! The bridge inside `husting serve`: set up by commands, at work between a Discord and its own bus.

use std::fs;

use husting_domain::agents::Name;
use husting_domain::discord::{InboundState, ReplyState, Snowflake};
use husting_test_support::discord::{Fault, Id, Message, Strike, View, bits};
use husting_tests::agent::Agent;
use husting_tests::bridge::{Bridge, Variables};
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use husting_tests::search::{command_lines, holders};
use husting_wire::commands::{
    ChangeDiscord, FindTraffic, HoldBridge, ReadDiscord, StartBridge, StopBridge, TestDiscord,
};
use husting_wire::discord::{
    BridgeState, EditDiscord, ListTraffic, PauseBridge, SetRoute, TestBotToken, Traffic,
};
use husting_wire::settings::Nothing;
use serde_json::{Value, json};

use crate::discord_scene::Scene;

fn snowflake(id: Id) -> Snowflake {
    Snowflake::new(id.get()).unwrap()
}

impl Scene {
    /// All mentions and direct messages go to this agent from now on.
    async fn ask_by_default(&self, agent: &Agent) {
        let edit = EditDiscord {
            default_agent: Some(Name::parse(&agent.name).unwrap()),
            ..EditDiscord::default()
        };
        let edited = self.instance.call::<ChangeDiscord>(edit).await;
        edited.unwrap();
    }

    /// Somebody mentions the bot.
    fn say(&self, words: &str) -> Id {
        let words = self.mentioning(words);
        self.discord.say(self.ana, self.general, &words).unwrap()
    }

    async fn pause(&self, paused: bool) {
        let held = self.instance.call::<HoldBridge>(PauseBridge { paused });
        held.await.unwrap();
    }

    /// Where a question with these words is on its way.
    async fn state_of(&self, words: &str) -> Option<InboundState> {
        let page = self.instance.call::<FindTraffic>(ListTraffic::default());
        let traffic = page.await.unwrap().traffic.into_iter();
        let mut states = traffic.filter_map(|each| match each {
            Traffic::In { text, state, .. } if text.contains(words) => Some(state),
            _ => None,
        });
        states.next()
    }

    async fn until_question(&self, words: &str, wanted: InboundState) {
        let coming = async {
            while self.state_of(words).await != Some(wanted) {
                tokio::task::yield_now().await;
            }
        };
        wait_for(&format!("{words:?} {wanted:?}"), coming).await;
    }

    /// That a reply stands in Discord is in the journal: a death before that leaves nobody who knows it.
    async fn until_noted(&self, words: &str) {
        let coming = async {
            loop {
                let traffic = self.instance.call::<FindTraffic>(ListTraffic::default());
                let page = traffic.await.unwrap();
                let is_noted = |each: &Traffic| matches!(each, Traffic::Out { text, state: ReplyState::Posted, .. } if text.contains(words));
                if page.traffic.iter().any(is_noted) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        wait_for(&format!("{words:?} noted as posted"), coming).await;
    }

    /// Unread mail of an agent, which counts as given now.
    async fn unread(&self, agent: &Agent) -> Value {
        let inbox = self.call(agent, "inbox", json!({"limit": 10})).await;
        inbox["messages"].clone()
    }

    async fn until_marked(&self, message: Id, emoji: &str) {
        let marked = self.discord.until(|view| {
            let found = view.message(self.general, message)?;
            let mut reactions = found.reactions.iter();
            reactions
                .any(|reaction| reaction.emoji == emoji)
                .then_some(())
        });
        wait_for(emoji, marked).await;
    }
}

fn with_words<'m>(messages: &'m [Message], words: &str) -> Vec<&'m Message> {
    let found = messages.iter().filter(|one| one.content.contains(words));
    found.collect()
}

#[tokio::test]
async fn a_mention_is_answered_by_an_agent_that_husting_runs() {
    let scene = Scene::hosting().await;
    let asked = scene.say("what is the plan?");
    let posted = scene.posted(scene.general, 1).await;
    let begins = "Rehearsal: your message arrived: “what is the plan?”";
    assert!(
        posted[0].content.starts_with(begins),
        "{}",
        posted[0].content
    );
    let reference = posted[0].reference.as_ref().unwrap();
    assert_eq!(reference.message_id, Some(asked));
    assert!(posted[0].pings.is_empty());
    scene
        .until_question("the plan", InboundState::Answered)
        .await;
}

#[tokio::test]
async fn a_channel_that_is_mapped_while_the_bridge_runs_goes_to_its_agent_over_mcp() {
    let scene = Scene::hosting().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let route = SetRoute {
        channel_id: snowflake(scene.plans),
        agent: Some(Name::parse("loom").unwrap()),
    };
    let edit = EditDiscord {
        routes: Some(vec![route]),
        ..EditDiscord::default()
    };
    scene.instance.call::<ChangeDiscord>(edit).await.unwrap();
    let asked = scene.discord.say(scene.ana, scene.plans, "Who weaves?");
    let asked = asked.unwrap();
    let mail = scene.mail(&loom).await;
    assert_eq!(mail["from"], "discord:ana via connector");
    scene.reply(&loom, &mail, "I do.").await;
    assert_eq!(scene.posted(scene.plans, 1).await[0].content, "I do.");
    let thread = scene
        .discord
        .begin_thread(scene.ana, scene.plans, Some(asked), "weaving");
    let thread = thread.unwrap();
    scene.discord.say(scene.ana, thread, "Who spins?").unwrap();
    let mail = scene.mail(&loom).await;
    scene.reply(&loom, &mail, "So do I.").await;
    assert_eq!(scene.posted(thread, 1).await[0].content, "So do I.");

    let gone = ["discord", "map", "123456789012345678", "loom"];
    let told = scene.home.run(&gone).await.done().stdout;
    assert!(
        told.contains("Discord does not show it to the bot"),
        "{told}"
    );
    let seen = scene.plans.to_string();
    let told = scene
        .home
        .run(&["discord", "map", &seen, "loom"])
        .await
        .done()
        .stdout;
    assert!(
        told.contains("is asked in") && !told.contains("the bot"),
        "{told}"
    );

    // While the bridge is off Discord is asked all the same, and again when it begins.
    let run = async |words: &[&str]| {
        let all = [&["discord"], words].concat();
        scene.home.run(&all).await.done().stdout
    };
    run(&["stop"]).await;
    let told = run(&["map", "123456789012345679", "loom"]).await;
    assert!(
        told.contains("Discord does not show it to the bot"),
        "{told}"
    );
    // What was seen before it stopped may be otherwise by now.
    scene.forbid(scene.plans, bits::SEND_MESSAGES);
    let told = run(&["start"]).await;
    assert!(
        told.starts_with("It runs, and carries messages.\n"),
        "{told}"
    );
    for lost in ["123456789012345678", "123456789012345679"] {
        let line = format!("Channel {lost} asks loom.\n  Discord does not show it to the bot");
        assert!(told.contains(&line), "{told}");
    }
    let shut_out = "(#plans) asks loom.\n  The bot may not Send Messages there";
    assert!(told.contains(shut_out), "{told}");
}

#[tokio::test]
async fn a_question_is_marked_when_its_agent_takes_it_and_withdrawn_when_it_is_deleted_before() {
    let scene = Scene::hosting().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    scene.ask_by_default(&loom).await;
    let taken_back = scene.say("never mind");
    scene.until_question("never mind", InboundState::Sent).await;
    let deleted = scene.discord.delete(scene.ana, scene.general, taken_back);
    deleted.unwrap();
    scene
        .until_question("never mind", InboundState::Withdrawn)
        .await;
    let read = scene.say("do mind");
    scene.until_question("do mind", InboundState::Sent).await;
    let is_marked = |view: View<'_>| {
        let found = view.message(scene.general, read);
        found.is_some_and(|found| !found.reactions.is_empty())
    };
    assert!(!scene.discord.look(is_marked), "nobody has read it yet");
    let mail = scene.unread(&loom).await;
    let texts: Vec<_> = mail
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["text"])
        .collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].as_str().unwrap().contains("do mind"));
    scene.until_marked(read, "👀").await;
}

#[tokio::test]
async fn a_bridge_that_is_held_keeps_what_people_write_and_says_nothing() {
    let scene = Scene::hosting().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    scene.ask_by_default(&loom).await;
    scene.say("before");
    let before = scene.mail(&loom).await;
    scene.pause(true).await;
    scene.until_bridge(&BridgeState::Paused {}).await;
    scene.say("meanwhile");
    scene
        .until_question("meanwhile", InboundState::Journalled)
        .await;
    scene.reply(&loom, &before, "too early").await;
    scene.until_question("before", InboundState::Answered).await;
    assert_eq!(scene.unread(&loom).await, json!([]));
    let silent = scene.discord.messages(scene.general);
    assert!(with_words(&silent, "too early").is_empty());
    let shown = scene.home.run(&["discord", "status"]).await;
    let queued = "Queued    1 message from Discord, 1 reply to Discord\n";
    assert!(shown.stdout.contains(queued), "{shown:?}");
    scene.pause(false).await;
    let mail = scene.mail(&loom).await;
    assert!(mail["text"].as_str().unwrap().contains("meanwhile"));
    let posted = scene.posted(scene.general, 1).await;
    assert_eq!(posted[0].content, "too early");
}

#[tokio::test]
async fn another_instance_resumes_where_the_one_before_was_killed_and_nothing_is_lost_or_doubled() {
    let mut scene = Scene::hosting().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    scene.ask_by_default(&loom).await;
    for number in 0..6 {
        let words = format!("question {number}.");
        scene.say(&words);
        let step = number % 3;
        // As soon as it is said, once it is on the bus, once it is given.
        let mut mail = None;
        if step == 1 {
            scene.until_question(&words, InboundState::Sent).await;
        }
        if step == 2 {
            mail = Some(scene.mail(&loom).await);
            let answer = format!("answer {number}.");
            scene.reply(&loom, mail.as_ref().unwrap(), &answer).await;
        }
        let dead = scene.killed().await;
        let while_dead = format!("<@{}> meanwhile {number}.", dead.discord.bot());
        let said = dead
            .discord
            .say(dead.place.ana, dead.place.general, &while_dead);
        said.unwrap();
        scene = dead.alive().await;
        let mut left = vec![format!("meanwhile {number}.")];
        if mail.is_none() {
            left.insert(0, words);
        }
        for words in left {
            let mail = scene.mail(&loom).await;
            let text = mail["text"].as_str().unwrap();
            assert!(text.contains(&words), "{words} in {text}");
            let answer = words.replace("question", "answer");
            let answer = answer.replace("meanwhile", "late answer");
            scene.reply(&loom, &mail, &answer).await;
        }
        let posted = scene.posted(scene.general, 2 * (number + 1)).await;
        for answer in [
            format!("answer {number}."),
            format!("late answer {number}."),
        ] {
            let found = posted.iter().filter(|one| one.content == answer).count();
            assert_eq!(found, 1, "{answer}");
        }
        assert_eq!(scene.unread(&loom).await, json!([]), "each was asked once");
    }
    let tally = scene.discord.gateway();
    assert_eq!((tally.identified, tally.resumed), (1, 6));
}

#[tokio::test]
async fn one_bot_has_one_bridge_whichever_began() {
    let scene = Scene::hosting().await;
    let other = scene.home.beside("other");
    let variables = Variables::of(&scene.discord, &scene.instance, "hst_a_none")
        .with("HUSTING_HOME", other.display().to_string());
    let mut second = Bridge::start(&scene.home, husting(), &variables);
    assert_eq!(second.ended().await, 4);

    let off = scene.instance.call::<StopBridge>(Nothing {}).await.unwrap();
    assert!(!off.setup.runs);
    scene.until_bridge(&BridgeState::Off {}).await;
    let shown = scene.home.ask(&["discord", "token"]).await;
    let token = shown["raw_token"].as_str().unwrap();
    let variables = Variables::of(&scene.discord, &scene.instance, token)
        .with("HUSTING_HOME", other.display().to_string());
    let alone = Bridge::live(&scene.home, &variables).await;
    // It was switched on, and waits for somebody else.
    let begun = scene.home.run(&["discord", "start"]).await.with(4).stdout;
    let told = format!(
        "The bridge does not run here, because husting discord (process {}) runs the bot: end that one, and it \
         begins by itself.\n",
        alone.pid()
    );
    assert_eq!(begun, told);
    let holder = format!("husting discord (process {})", alone.pid());
    let examined = scene.home.run(&["doctor"]).await.stdout;
    assert!(
        examined.contains(&format!("is run by {holder}: end that one")),
        "{examined}"
    );
    scene.until_bridge(&BridgeState::Elsewhere { holder }).await;
    assert_eq!(alone.stop().await, 0);
    scene.until_bridge(&BridgeState::Delivering {}).await;
}

#[tokio::test]
async fn what_a_bridge_of_its_own_carried_meanwhile_is_not_found_again() {
    let scene = Scene::hosting().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    scene.ask_by_default(&loom).await;
    let carry = async |words: &str, count: usize| {
        scene.say(words);
        let mail = scene.mail(&loom).await;
        assert!(mail["text"].as_str().unwrap().contains(words), "{mail}");
        scene.reply(&loom, &mail, &format!("To {words}.")).await;
        let posted = scene.posted(scene.general, count).await;
        assert_eq!(posted.len(), count);
    };
    carry("one", 1).await;
    let off = scene.instance.call::<StopBridge>(Nothing {});
    off.await.unwrap();
    scene.until_bridge(&BridgeState::Off {}).await;

    let shown = scene.home.ask(&["discord", "token"]).await;
    let token = shown["raw_token"].as_str().unwrap();
    let other = scene.home.beside("other");
    let variables = Variables::of(&scene.discord, &scene.instance, token)
        .with("MUMEGA_DEFAULT_AGENT", "loom")
        .with("HUSTING_HOME", other.display().to_string());
    let alone = Bridge::live(&scene.home, &variables).await;
    carry("two", 2).await;
    let read = scene.say("read there, answered here");
    let mail = scene.mail(&loom).await;
    assert_eq!(alone.stop().await, 0);

    let begun = scene.instance.call::<StartBridge>(Nothing {});
    begun.await.unwrap();
    scene.until_bridge(&BridgeState::Delivering {}).await;
    let again = InboundState::Sent;
    scene.until_question("answered here", again).await;
    assert_eq!(scene.unread(&loom).await, json!([]), "it was asked once");
    scene.reply(&loom, &mail, "Answered.").await;
    let posted = scene.posted(scene.general, 3).await;
    let reference = posted[2].reference.as_ref().unwrap();
    assert_eq!(reference.message_id, Some(read));
    // Its first look at the mail went back to what came meanwhile.
    carry("three", 4).await;
    let view = scene.instance.call::<ReadDiscord>(Nothing {});
    assert_eq!(view.await.unwrap().stand.unplaced, 0);
}

/// What was there when the store was put back that comes from before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Replaced {
    Running,
    Dead,
    Gone,
}

#[tokio::test]
async fn after_a_restore_nobody_is_answered_again_and_what_was_written_meanwhile_is_heard() {
    for replaced in [Replaced::Running, Replaced::Dead, Replaced::Gone] {
        let mut scene = Scene::hosting().await;
        let loom = Agent::mint(&scene.instance, "loom").await;
        scene.ask_by_default(&loom).await;
        let answer = async |scene: &Scene, words: &str, count: usize| {
            let mail = scene.mail(&loom).await;
            let text = mail["text"].as_str().unwrap();
            assert!(text.contains(words), "{replaced:?}: {words} in {text}");
            scene.reply(&loom, &mail, &format!("To {words}.")).await;
            let posted = scene.posted(scene.general, count).await;
            assert_eq!(posted.len(), count, "{replaced:?}");
        };
        scene.say("one");
        answer(&scene, "one", 1).await;
        // In the backup it waits for its agent.
        scene.say("two");
        scene.until_question("two", InboundState::Sent).await;
        let backup = scene.home.beside("backup.db");
        let backup = backup.to_str().unwrap().to_owned();
        scene.home.run(&["backup", &backup]).await.done();
        answer(&scene, "two", 2).await;
        scene.say("three");
        answer(&scene, "three", 3).await;
        scene.until_question("three", InboundState::Answered).await;
        scene.until_noted("To three.").await;

        let restore = ["restore", &backup, "--yes"];
        if replaced == Replaced::Running {
            scene.home.run(&restore).await.done();
            scene.instance.until_begun_anew(&scene.home).await;
            scene.say("meanwhile");
        } else {
            let dead = scene.killed().await;
            if replaced == Replaced::Gone {
                for name in ["husting.db", "husting.db-wal"] {
                    fs::remove_file(dead.home.path().join(name)).unwrap();
                }
            }
            let said = dead.home.run(&restore).await.done().stdout;
            assert!(said.contains("is not answered again"), "{said}");
            let meanwhile = format!("<@{}> meanwhile", dead.discord.bot());
            let (ana, general) = (dead.place.ana, dead.place.general);
            dead.discord.say(ana, general, &meanwhile).unwrap();
            scene = dead.alive().await;
        }
        scene.until_bridge(&BridgeState::Delivering {}).await;
        answer(&scene, "meanwhile", 4).await;
        assert_eq!(scene.unread(&loom).await, json!([]), "{replaced:?}");
        scene.say("after");
        answer(&scene, "after", 5).await;
    }
}

#[tokio::test]
async fn a_token_that_discord_takes_no_more_ends_the_bridge_and_another_begins_it() {
    let scene = Scene::hosting().await;
    let fresh = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gfresh.abcdefghijklmnopqrstuvwxyz0123456789AB";
    scene.discord.reset_token(fresh);
    scene.discord.drop_connections();
    let why = "Discord no longer accepts the bot's token. Give the one that the sandbox prints, on the \
        Discord screen or with `husting discord bot --token-stdin`.";
    let stopped = BridgeState::Stopped {
        why: why.to_owned(),
    };
    scene.until_bridge(&stopped).await;
    let token = Some(fresh.to_owned());
    let tested = scene.instance.call::<TestDiscord>(TestBotToken { token });
    tested.await.unwrap();
    scene.until_bridge(&BridgeState::Delivering {}).await;
}

#[tokio::test]
async fn the_bots_token_is_in_no_file_no_line_and_no_argument() {
    let scene = Scene::hosting().await;
    scene.say("hello");
    scene.posted(scene.general, 1).await;
    let token = scene.discord.token();
    let secrets = [("the bot's token", token.as_str())];
    assert_eq!(holders(&scene.home.path(), &secrets), Vec::<String>::new());
    let lines = command_lines(scene.instance.pid);
    assert!(!lines.iter().any(|line| line.contains(&token)));
    let view = scene
        .instance
        .call::<ReadDiscord>(Nothing {})
        .await
        .unwrap();
    assert!(!format!("{view:?}").contains(&token));
    let (code, said) = scene.instance.stop().await;
    assert_eq!(code, 0);
    assert!(!said.contains(&token), "{said}");
    assert_eq!(holders(&scene.home.path(), &secrets), Vec::<String>::new());
}

/// Its bus and its panels end with the program, and it may hear of that before it hears that it is to end itself.
#[tokio::test]
async fn an_end_on_purpose_warns_of_nothing() {
    let mut scene = Scene::hosting().await;
    for _ in 0..3 {
        let dead = scene.ended().await;
        let faults = [("a warning", "\"WARN\""), ("an error", "\"ERROR\"")];
        let told = holders(&dead.home.path().join("logs"), &faults);
        assert_eq!(told, Vec::<String>::new());
        scene = dead.alive().await;
        scene.until_bridge(&BridgeState::Delivering {}).await;
    }
}

#[tokio::test]
async fn a_discord_that_does_not_answer_at_the_start_is_asked_again() {
    let scene = Scene::hosting().await;
    let dead = scene.killed().await;
    let away = Strike::new(Fault::ServerError { status: 503 }).on("GET /users/@me");
    let away = dead.discord.strike(away);
    let scene = dead.alive().await;
    let is_kept = |state: &BridgeState| matches!(state, BridgeState::Connecting { after: Some(why) } if why.contains("503"));
    scene.until_bridge_is("a reason", is_kept).await;
    scene.discord.lift(away);
    scene.until_bridge(&BridgeState::Delivering {}).await;
    scene.say("are you back?");
    scene.posted(scene.general, 1).await;
}
