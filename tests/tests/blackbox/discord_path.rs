//! From a person in Discord to an agent and back, with `husting discord` between a Discord and a bus.

use std::collections::BTreeSet;

use husting_discord::inbound::request_of;
use husting_domain::discord::Snowflake;
use husting_test_support::discord::{Saying, bits};
use husting_tests::agent::Agent;
use husting_tests::bridge::{Bridge, Variables};
use husting_tests::home::run;
use husting_tests::patience::{look_for, wait_for};
use husting_tests::program::husting;
use husting_tests::search::{command_lines, holders};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, Row, SqliteConnection};

use crate::discord_scene::Scene;

#[tokio::test]
async fn a_mention_is_answered_by_the_default_agent_where_it_was_written() {
    let scene = Scene::set().await;
    let bridge = Bridge::live(&scene.home, &scene.variables()).await;
    let words = scene.mentioning("what is the plan?");
    let asked = scene.discord.say(scene.ana, scene.general, &words).unwrap();

    // `kasra` answers by itself, on a rehearsal seat.
    let posted = scene.posted(scene.general, 1).await;
    let reply = &posted[0];
    let begins = "Rehearsal: your message arrived: “what is the plan?”";
    assert!(reply.content.starts_with(begins), "{}", reply.content);
    assert!(!reply.content.contains("ack_for"), "{}", reply.content);
    assert!(!reply.content.contains("mumega-discord-ctx"));
    let reference = reply.reference.as_ref().unwrap();
    assert_eq!(reference.message_id, Some(asked));
    assert!(reply.pings.is_empty());
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn a_mapped_channel_and_its_thread_go_to_their_agent_and_come_back_to_their_place() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let map = json!({scene.plans.to_string(): "loom"}).to_string();
    let variables = scene.variables().with("MUMEGA_AGENT_MAP", map);
    let bridge = Bridge::live(&scene.home, &variables).await;

    let asked = scene
        .discord
        .say(scene.ana, scene.plans, "Who weaves?")
        .unwrap();
    let mail = scene.mail(&loom).await;
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Who weaves?"), "{text}");
    assert!(text.starts_with("[request_id:"), "{text}");
    assert_eq!(mail["from"], "discord:ana via connector");
    assert_eq!(mail["origin"], "discord");
    scene.reply(&loom, &mail, "I do.").await;
    let posted = scene.posted(scene.plans, 1).await;
    assert_eq!(posted[0].content, "I do.");

    let thread = scene
        .discord
        .begin_thread(scene.ana, scene.plans, Some(asked), "weaving")
        .unwrap();
    scene
        .discord
        .say(scene.ana, thread, "And who spins?")
        .unwrap();
    let mail = scene.mail(&loom).await;
    scene.reply(&loom, &mail, "So do I.").await;
    let posted = scene.posted(thread, 1).await;
    assert_eq!(posted[0].content, "So do I.");
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn what_is_written_while_the_bridge_is_down_is_asked_when_it_is_up_again_and_once() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let variables = scene.variables().with("MUMEGA_DEFAULT_AGENT", "loom");
    let bridge = Bridge::live(&scene.home, &variables).await;
    let say = |words: &str| {
        let words = scene.mentioning(words);
        scene.discord.say(scene.ana, scene.general, &words).unwrap()
    };
    say("one");
    let first = scene.mail(&loom).await;
    bridge.kill().await;
    say("two");
    scene.reply(&loom, &first, "first answer").await;

    let bridge = Bridge::live(&scene.home, &variables).await;
    let second = scene.mail(&loom).await;
    assert!(second["text"].as_str().unwrap().contains("two"), "{second}");
    let posted = scene.posted(scene.general, 1).await;
    assert_eq!(posted[0].content, "first answer");
    scene.reply(&loom, &second, "second answer").await;
    let posted = scene.posted(scene.general, 2).await;
    assert_eq!(posted[1].content, "second answer");
    assert_eq!(bridge.stop().await, 0);
    let left = json!({"limit": 10});
    let inbox = scene.call(&loom, "inbox", left).await;
    assert_eq!(inbox["messages"], json!([]), "each question was asked once");
}

#[tokio::test]
async fn a_wrong_token_is_said_plainly_and_not_shown() {
    let scene = Scene::set().await;
    let wrong = scene
        .variables()
        .with("DISCORD_BOT_TOKEN", "MTIz.wrong.secretpart");
    let mut command = scene.home.command(husting());
    command.arg("discord").envs(wrong.iter());
    let ran = run(command, None).await.with(4);
    assert!(
        ran.stderr.contains("does not accept the bot's token"),
        "{}",
        ran.stderr
    );
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("secretpart"));
}

/// A bridge whose questions all go to `loom`.
async fn asking_loom(scene: &Scene) -> (Agent, Variables, Bridge) {
    let loom = Agent::mint(&scene.instance, "loom").await;
    let variables = scene.variables().with("MUMEGA_DEFAULT_AGENT", "loom");
    let bridge = Bridge::live(&scene.home, &variables).await;
    (loom, variables, bridge)
}

/// Replies in this state, with what the journal says of them.
async fn replies_in(scene: &Scene, state: &str) -> Vec<(String, String)> {
    let file = scene.home.path().join("discord.db");
    let address = format!("sqlite://{}?mode=ro", file.display());
    let mut journal = SqliteConnection::connect(&address).await.unwrap();
    let rows = sqlx::query("select agent, fault from discord_replies where state = $1")
        .bind(state)
        .fetch_all(&mut journal)
        .await
        .unwrap();
    let said = rows.iter().map(|row| (row.get("agent"), row.get("fault")));
    said.collect()
}

async fn until_replies_in(scene: &Scene, state: &str) -> Vec<(String, String)> {
    let coming = async {
        loop {
            let found = replies_in(scene, state).await;
            if !found.is_empty() {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    wait_for(state, coming).await
}

#[tokio::test]
async fn who_writes_to_the_bot_directly_is_answered_there() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let (channel, _) = scene.discord.dm(scene.ana, "Only between us.").unwrap();
    let mail = scene.mail(&loom).await;
    assert!(mail["text"].as_str().unwrap().contains("Only between us."));
    scene.reply(&loom, &mail, "Of course.").await;
    assert_eq!(scene.posted(channel, 1).await[0].content, "Of course.");
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn nobody_is_pinged_by_an_agents_words() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let words = scene.mentioning("shout!");
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    let shout = format!("@everyone @here <@{}> <@&1>", scene.ana);
    scene.reply(&loom, &mail, &shout).await;
    let posted = scene.posted(scene.general, 1).await;
    assert_eq!(posted[0].content, shout);
    assert!(posted[0].pings.is_empty(), "{:?}", posted[0].pings);
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn a_file_is_handed_to_the_agent_with_its_hash_and_one_that_runs_is_named() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let saying = Saying::text(&scene.mentioning("read this"))
        .file("notes.txt", "text/plain", b"Seven.")
        .file("run.exe", "application/x-msdownload", b"MZ");
    scene
        .discord
        .send(scene.ana, scene.general, saying)
        .unwrap();
    let mail = scene.mail(&loom).await;
    let text = mail["text"].as_str().unwrap();
    let path = text
        .split_whitespace()
        .map(|word| word.trim_matches(|char: char| !char.is_alphanumeric() && char != '/'))
        .find(|word| word.ends_with("notes.txt") && word.starts_with('/'))
        .unwrap_or_else(|| panic!("{text}"));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "Seven.");
    // SHA-256 of "Seven."
    assert!(text.contains("run.exe"), "{text}");
    assert!(text.contains("application/x-msdownload"), "{text}");
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn an_edit_behind_the_question_is_told_to_its_agent_once() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let words = scene.mentioning("At six?");
    let asked = scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let first = scene.mail(&loom).await;
    let words = scene.mentioning("At seven?");
    scene
        .discord
        .edit(scene.ana, scene.general, asked, &words)
        .unwrap();
    let note = scene.mail(&loom).await;
    let text = note["text"].as_str().unwrap();
    let request = first["request_id"].as_str().unwrap();
    assert!(text.contains(&format!("amends:{request}")), "{text}");
    assert!(text.contains("At seven?"), "{text}");
    scene.reply(&loom, &first, "Seven it is.").await;
    assert_eq!(
        scene.posted(scene.general, 1).await[0].content,
        "Seven it is."
    );
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn who_was_not_asked_does_not_answer_and_what_names_nothing_is_found_not_skipped() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let mole = Agent::mint(&scene.instance, "mole").await;
    let words = scene.mentioning("who?");
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    scene.reply(&mole, &mail, "I do!").await;
    let found = until_replies_in(&scene, "unplaced").await;
    let (agent, why) = &found[0];
    assert_eq!(agent, "mole");
    assert!(
        why.contains("mole answers a question that loom was asked"),
        "{why}"
    );
    let stray = json!({"to": "discord-connector", "text": "By the way."});
    scene.call(&loom, "send", stray).await;
    scene.reply(&loom, &mail, "Me.").await;
    assert_eq!(scene.posted(scene.general, 1).await[0].content, "Me.");
    let found = replies_in(&scene, "unplaced").await;
    assert!(found.iter().any(|(agent, _)| agent == "loom"), "{found:?}");
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn what_the_bot_may_not_post_waits_for_its_permission_and_is_not_tried_before() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let words = scene.mentioning("may you?");
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    scene.discord.allow_bot(scene.guild, bits::VIEW_CHANNEL);
    scene.reply(&loom, &mail, "I may.").await;
    until_replies_in(&scene, "barred").await;
    let posts = || {
        let requests = scene.discord.requests();
        let posts = requests
            .iter()
            .filter(|request| request.route.starts_with("POST /channels"));
        posts.count()
    };
    assert_eq!(posts(), 1);
    scene
        .discord
        .allow_bot(scene.guild, husting_test_support::discord::INVITED_WITH);
    assert_eq!(scene.posted(scene.general, 1).await[0].content, "I may.");
    assert_eq!(posts(), 2);
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn a_very_long_reply_is_a_summary_with_a_file() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let may_attach = husting_test_support::discord::INVITED_WITH | bits::ATTACH_FILES;
    scene.discord.allow_bot(scene.guild, may_attach);
    let words = scene.mentioning("everything!");
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    let long = "All of it, and 日本 🦀 too. ".repeat(1_200);
    scene.reply(&loom, &mail, &long).await;
    let posted = scene.posted(scene.general, 1).await;
    assert!(
        posted[0].content.contains("reply.md"),
        "{}",
        posted[0].content
    );
    assert_eq!(posted[0].attachments.len(), 1);
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn where_the_bot_may_attach_nothing_a_very_long_reply_is_posted_whole() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let words = scene.mentioning("everything!");
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    let line = "All of it, and 日本 🦀 too.\n";
    scene.reply(&loom, &mail, &line.repeat(500)).await;
    let lines = scene.discord.until(|view| {
        let posted = view.posted(scene.general);
        let lines = posted.iter().flat_map(|post| post.content.lines());
        let found = lines.filter(|found| *found == line.trim_end()).count();
        (found >= 500).then_some(found)
    });
    assert_eq!(wait_for("every line", lines).await, 500);
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn the_file_of_open_questions_names_what_may_still_be_answered() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let path = scene.home.beside("pending.json");
    let variables = scene
        .variables()
        .with("MUMEGA_DEFAULT_AGENT", "loom")
        .with("PENDING_STORE_PATH", path.display().to_string());
    let bridge = Bridge::live(&scene.home, &variables).await;
    let words = scene.mentioning("and then?");
    let asked = scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    let request = mail["request_id"].as_str().unwrap();
    let pending = look_for("a line of the file", || {
        let text = std::fs::read_to_string(&path).ok()?;
        let map: Value = serde_json::from_str(&text).unwrap();
        map.get(request).cloned()
    })
    .await;
    assert_eq!(pending["agent"], "loom");
    assert_eq!(pending["message_id"], asked.to_string());
    assert_eq!(bridge.stop().await, 0);

    // Another journal: the file alone knows where the reply belongs.
    for name in ["discord.db", "discord.db-wal", "discord.db-shm"] {
        drop(std::fs::remove_file(scene.home.path().join(name)));
    }
    let bridge = Bridge::live(&scene.home, &variables).await;
    scene.reply(&loom, &mail, "Then this.").await;
    assert_eq!(
        scene.posted(scene.general, 1).await[0].content,
        "Then this."
    );
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn what_was_written_in_a_lost_session_is_read_back_also_from_a_thread_that_began_in_it() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let map = json!({scene.plans.to_string(): "loom"}).to_string();
    let variables = scene.variables().with("MUMEGA_AGENT_MAP", map);
    let bridge = Bridge::live(&scene.home, &variables).await;
    scene
        .discord
        .say(scene.ana, scene.general, "Nothing for anybody.")
        .unwrap();
    scene.discord.say(scene.ana, scene.plans, "before").unwrap();
    scene.mail(&loom).await;
    bridge.kill().await;

    let asked = scene
        .discord
        .say(scene.ana, scene.plans, "meanwhile")
        .unwrap();
    let thread = scene
        .discord
        .begin_thread(scene.ana, scene.plans, Some(asked), "aside")
        .unwrap();
    scene.discord.say(scene.ana, thread, "in a thread").unwrap();
    scene.discord.expire_sessions();
    let bridge = Bridge::live(&scene.home, &variables).await;
    let mut heard = BTreeSet::new();
    for _ in 0..2 {
        let mail = scene.mail(&loom).await;
        let text = mail["text"].as_str().unwrap();
        let words = ["meanwhile", "in a thread"].into_iter();
        heard.extend(words.filter(|words| text.contains(words)));
    }
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!(bridge.stop().await, 0);
    let left = scene.call(&loom, "inbox", json!({"limit": 10})).await;
    assert_eq!(left["messages"], json!([]), "each was asked once");
}

/// As the program's own bridge and `husting discord` leave each other's questions, whose journals know
/// nothing of each other.
#[tokio::test]
async fn what_another_bridge_of_the_bot_answered_or_marked_is_not_asked_again() {
    let scene = Scene::set().await;
    let may_mark = husting_test_support::discord::INVITED_WITH | bits::ADD_REACTIONS;
    scene.discord.allow_bot(scene.guild, may_mark);
    let loom = Agent::mint(&scene.instance, "loom").await;
    let map = json!({scene.plans.to_string(): "loom"}).to_string();
    let variables = scene.variables().with("MUMEGA_AGENT_MAP", map);
    let bridge = Bridge::live(&scene.home, &variables).await;
    scene.discord.say(scene.ana, scene.plans, "before").unwrap();
    scene.mail(&loom).await;
    bridge.kill().await;

    let [answered, marked, _] = ["answered", "marked", "open"]
        .map(|words| scene.discord.say(scene.ana, scene.plans, words).unwrap());
    let messages = format!("/channels/{}/messages", scene.plans);
    let reply =
        json!({"content": "It is.", "message_reference": {"message_id": answered.to_string()}});
    as_bot(&scene, Method::POST, &messages, Some(&reply)).await;
    let eyes = format!("{messages}/{marked}/reactions/%F0%9F%91%80/@me");
    as_bot(&scene, Method::PUT, &eyes, None).await;
    scene.discord.expire_sessions();
    let bridge = Bridge::live(&scene.home, &variables).await;
    let mail = scene.mail(&loom).await;
    assert!(mail["text"].as_str().unwrap().contains("open"), "{mail}");
    // Of what was read under the other bridge the answer is still posted in its place.
    let [bot, read] = [scene.discord.bot(), marked].map(|id| Snowflake::new(id.get()).unwrap());
    let answer = format!("Yes. {{ack_for:{}}}", request_of(bot, read));
    let sent = json!({"to": "discord-connector", "text": answer});
    scene.call(&loom, "send", sent).await;
    let posted = scene.posted(scene.plans, 2).await;
    let reference = posted[1].reference.as_ref().unwrap();
    assert_eq!(reference.message_id, Some(marked));
    assert_eq!(bridge.stop().await, 0);
    let left = scene.call(&loom, "inbox", json!({"limit": 10})).await;
    assert_eq!(left["messages"], json!([]), "nothing else was asked");
}

async fn as_bot(scene: &Scene, method: Method, path: &str, body: Option<&Value>) {
    let address = format!("{}{path}", scene.discord.api_base());
    let asked = scene.instance.client.request(method, address);
    let asked = asked
        .header("authorization", format!("Bot {}", scene.discord.token()))
        .header("user-agent", "DiscordBot (https://husting.invalid, 1)");
    let asked = match body {
        Some(body) => asked.json(body),
        None => asked,
    };
    asked.send().await.unwrap().error_for_status().unwrap();
}

#[tokio::test]
async fn a_mention_of_the_bots_own_role_means_the_bot() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let address = format!("{}/guilds/{}/roles", scene.discord.api_base(), scene.guild);
    let asked = scene.instance.client.get(address);
    let asked = asked
        .header("authorization", format!("Bot {}", scene.discord.token()))
        .header("user-agent", "DiscordBot (https://husting.invalid, 1)");
    let roles: Value = asked.send().await.unwrap().json().await.unwrap();
    let bot = Value::from(scene.discord.bot().to_string());
    let is_own = |role: &&Value| role["tags"]["bot_id"] == bot;
    let role = roles.as_array().unwrap().iter().find(is_own).unwrap();
    let words = format!("<@&{}> who are you?", role["id"].as_str().unwrap());
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    assert!(
        mail["text"].as_str().unwrap().contains("] who are you?"),
        "{mail}"
    );
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn what_the_gateway_brought_is_recorded_without_its_words_and_can_be_replayed() {
    let scene = Scene::set().await;
    let (loom, variables, bridge) = asking_loom(&scene).await;
    scene
        .discord
        .say(scene.ana, scene.general, "Not for the bot.")
        .unwrap();
    let words = scene.mentioning("Quillfeather?");
    let asked = scene.discord.say(scene.ana, scene.general, &words).unwrap();
    scene.mail(&loom).await;
    assert_eq!(bridge.stop().await, 0);
    let file = scene.home.path().join("discord/flight.jsonl");
    let recorded = std::fs::read_to_string(&file).unwrap();
    for word in ["Quillfeather", "Not for", "ana", "general"] {
        assert!(!recorded.contains(word), "{word} in {recorded}");
    }
    let mut command = scene.home.command(husting());
    command
        .args(["discord", "replay", "--json"])
        .arg(&file)
        .envs(variables.iter());
    let replayed: Value = run(command, None).await.done().json();
    assert_eq!(replayed["asked"], 1, "{replayed}");
    let steps = replayed["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["message_id"] == asked.to_string());
    let step = step.unwrap_or_else(|| panic!("{replayed}"));
    assert!(step.to_string().contains("loom"), "{step}");
}

#[tokio::test]
async fn a_person_who_says_stop_has_the_last_word_until_somebody_asks_anew() {
    let scene = Scene::set().await;
    let (loom, variables, bridge) = asking_loom(&scene).await;
    let words = scene.mentioning("go on?");
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let first = scene.mail(&loom).await;
    scene
        .discord
        .say(scene.ana, scene.general, "STOP!")
        .unwrap();
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    // Heard behind the STOP.
    let second = scene.mail(&loom).await;
    bridge.kill().await;

    let bridge = Bridge::live(&scene.home, &variables).await;
    scene.reply(&loom, &first, "I went on.").await;
    let (_, why) = until_replies_in(&scene, "parked").await.remove(0);
    assert!(why.contains("said STOP"), "{why}");
    scene.reply(&loom, &second, "Now, again.").await;
    let posted = scene.posted(scene.general, 1).await;
    assert_eq!(posted[0].content, "Now, again.");
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn without_its_reply_loop_a_bridge_asks_and_posts_nothing() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let variables = scene.variables().with("MUMEGA_DEFAULT_AGENT", "loom");
    let mute = variables.clone().with("ENABLE_REPLY_LOOP", "0");
    let bridge = Bridge::live(&scene.home, &mute).await;
    let words = scene.mentioning("anyone?");
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    scene.reply(&loom, &mail, "Here.").await;
    // A second question goes the whole way in, and nothing has come out by then.
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    scene.mail(&loom).await;
    assert_eq!(bridge.stop().await, 0);
    let posted = scene.discord.look(|view| view.posted(scene.general));
    assert!(posted.is_empty(), "{posted:?}");
    assert_eq!(replies_in(&scene, "waiting").await, []);

    let bridge = Bridge::live(&scene.home, &variables).await;
    assert_eq!(scene.posted(scene.general, 1).await[0].content, "Here.");
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn no_token_of_the_bridge_is_left_anywhere() {
    let scene = Scene::set().await;
    let (loom, _, bridge) = asking_loom(&scene).await;
    let words = scene.mentioning("psst");
    scene.discord.say(scene.ana, scene.general, &words).unwrap();
    let mail = scene.mail(&loom).await;
    scene.reply(&loom, &mail, "Hush.").await;
    scene.posted(scene.general, 1).await;
    let (bot, bus) = (scene.discord.token(), scene.token.clone());
    let secrets = [
        ("the bot's token", bot.as_str()),
        ("the bus token", bus.as_str()),
    ];
    for line in command_lines(bridge.pid()) {
        for (name, secret) in secrets {
            assert!(!line.contains(secret), "{name} in {line}");
        }
    }
    assert_eq!(bridge.stop().await, 0);
    assert_eq!(holders(&scene.home.path(), &secrets), Vec::<String>::new());
}

#[tokio::test]
async fn a_bridge_listens_on_no_port() {
    let scene = Scene::set().await;
    let (_, _, bridge) = asking_loom(&scene).await;
    let sockets = sockets_of(bridge.pid());
    assert!(!sockets.is_empty(), "it speaks to Discord and to the bus");
    let listening = listening();
    let open: Vec<_> = sockets.intersection(&listening).collect();
    assert!(open.is_empty(), "{open:?}");
    let server = sockets_of(scene.instance.pid);
    assert!(
        server.intersection(&listening).next().is_some(),
        "a server does"
    );
    assert_eq!(bridge.stop().await, 0);
}

/// Inodes of the sockets that a process has open.
fn sockets_of(pid: u32) -> BTreeSet<String> {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let targets = files
        .flatten()
        .filter_map(|file| std::fs::read_link(file.path()).ok());
    let named = targets.filter_map(|target| {
        let target = target.to_str()?.to_owned();
        let inode = target.strip_prefix("socket:[")?.strip_suffix(']')?;
        Some(inode.to_owned())
    });
    named.collect()
}

/// Inodes of the sockets of this machine that listen: state `0A` of `/proc/net/tcp`.
fn listening() -> BTreeSet<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let texts = tables.map(|table| std::fs::read_to_string(table).unwrap_or_default());
    let rows = texts.iter().flat_map(|text| text.lines().skip(1));
    let fields = rows.map(|row| row.split_whitespace().collect::<Vec<_>>());
    let open = fields.filter(|fields| fields.get(3) == Some(&"0A"));
    open.filter_map(|fields| Some((*fields.get(9)?).to_owned()))
        .collect()
}
