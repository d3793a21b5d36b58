//! What the command line says of a bridge that runs inside `husting serve`.

use husting_test_support::discord::bits;
use husting_tests::agent::Agent;
use husting_tests::patience::wait_for;
use husting_wire::commands::ReadDiscord;
use husting_wire::discord::{BridgeState, DiscordView};
use husting_wire::settings::Nothing;
use serde_json::{Value, json};

use crate::discord_scene::Scene;

impl Scene {
    /// What `husting discord` says to these words, and its exit code.
    async fn told(&self, words: &[&str]) -> (String, i32) {
        let ran = self.home.run(&[&["discord"], words].concat()).await;
        assert_eq!(ran.stderr, "", "{}", ran.line);
        (ran.stdout, ran.code)
    }

    async fn says(&self, words: &[&str], expected: &str) {
        let (told, code) = self.told(words).await;
        assert_eq!((told.as_str(), code), (expected, 0), "{words:?}");
    }

    /// The screen, once it is as wanted.
    async fn until_view(
        &self,
        what: &str,
        is_wanted: impl Fn(&DiscordView) -> bool,
    ) -> DiscordView {
        let coming = async {
            loop {
                let view = self.instance.call::<ReadDiscord>(Nothing {}).await.unwrap();
                if is_wanted(&view) {
                    return view;
                }
                tokio::task::yield_now().await;
            }
        };
        wait_for(what, coming).await
    }

    /// Asks an agent in #plans, and gives the mail that it got.
    async fn ask_in_plans(&self, agent: &Agent, words: &str) -> Value {
        self.discord.say(self.ana, self.plans, words).unwrap();
        self.mail(agent).await
    }

    /// An agent writes something that names no question; the id by which that is unplaced.
    async fn unplaced(&self, agent: &Agent, words: &str) -> String {
        let sent = json!({"to": "discord-connector", "text": words});
        self.call(agent, "send", sent).await;
        let view = self
            .until_view(words, |view| {
                view.unplaced.iter().any(|reply| reply.text == words)
            })
            .await;
        let mut unplaced = view.unplaced.iter();
        let reply = unplaced.find(|reply| reply.text == words).unwrap();
        reply.reply_id.to_string()
    }

    async fn weaver(&self) -> Agent {
        let loom = Agent::mint(&self.instance, "loom").await;
        let plans = self.plans.to_string();
        self.says(
            &["map", &plans, "loom"],
            &format!("loom is asked in {plans} (#plans).\n"),
        )
        .await;
        loom
    }
}

#[tokio::test]
async fn each_word_of_start_pause_resume_and_stop_is_so() {
    let scene = Scene::hosting().await;
    scene
        .says(&["start"], "It runs, and carries messages.\n")
        .await;
    let held = "Nothing is asked or posted from now on; what people write is kept. husting discord resume lets \
                it go on.\n";
    scene.says(&["pause"], held).await;
    scene
        .says(&["start"], "The bridge is held: husting discord resume\n")
        .await;
    let (status, _) = scene.told(&["status"]).await;
    assert!(
        status.starts_with("The bridge is held: husting discord resume\n"),
        "{status}"
    );
    scene.says(&["resume"], "It goes on.\n").await;
    scene.says(&["stop"], "It ends now.\n").await;
    let off = "It is off already: husting discord start lets it run.\n";
    scene.says(&["stop"], off).await;
    scene
        .says(&["start"], "It runs, and carries messages.\n")
        .await;
    let dead = scene.killed().await;
    let status = dead.home.run(&["discord", "status"]).await.done().stdout;
    let on = "The bridge is on, but Husting does not run: husting serve, or open the window\n";
    assert!(status.starts_with(on), "{status}");
}

#[tokio::test]
async fn the_status_tells_who_does_not_answer_who_is_held_and_what_discord_withholds() {
    let scene = Scene::hosting().await;
    scene.weaver().await;
    scene.home.run(&["agent", "disable", "loom"]).await.done();
    scene.home.run(&["pause"]).await.done();
    scene.told(&["stop"]).await;
    scene.discord.grant_intents(0);
    // One that is resumed keeps what it was granted.
    scene.discord.expire_sessions();
    scene.told(&["start"]).await;
    let is_deaf = |view: &DiscordView| {
        let health = view.health.as_ref();
        view.stand.bridge == BridgeState::Delivering {}
            && health.is_some_and(|health| !health.content_granted)
    };
    scene.until_view("deaf", is_deaf).await;
    let (status, _) = scene.told(&["status"]).await;
    for words in [
        "(#plans) asks loom.\n  loom does not answer: it is suspended and reads no mail: husting agent enable loom\n",
        "All agents are paused: nobody is asked, and their replies wait. husting resume lets them go on.\n",
        "Switch on the Message Content Intent at https://discord.com/developers/applications/",
    ] {
        assert!(status.contains(words), "{words} in {status}");
    }
    scene.home.run(&["resume"]).await.done();
    scene.home.run(&["agent", "enable", "loom"]).await.done();
    let (status, _) = scene.told(&["status"]).await;
    assert!(!status.contains("does not answer"), "{status}");
    assert!(!status.contains("All agents are paused"), "{status}");
}

#[tokio::test]
async fn a_reply_is_followed_until_it_stands_in_discord_or_rests() {
    let scene = Scene::hosting().await;
    let loom = scene.weaver().await;
    let first = scene.ask_in_plans(&loom, "Who weaves?").await;
    let first = first["request_id"].as_str().unwrap();
    let reply = scene.unplaced(&loom, "I weave.").await;
    let (life, _) = scene.told(&["where", &reply]).await;
    assert!(
        life.contains("[no place]") && life.contains("I weave."),
        "{life}"
    );
    assert!(
        life.contains(&format!("husting discord place {reply} QUESTION posts it")),
        "{life}"
    );
    scene
        .says(&["place", &reply, first], "It is posted: #plans.\n")
        .await;
    let (life, _) = scene.told(&["where", &reply]).await;
    assert!(
        life.contains("Who weaves?") && life.contains("[delivered, 1 part]"),
        "{life}"
    );
    let again = scene.home.run(&["discord", "place", &reply, first]).await;
    let refused = again.with(4).stderr;
    assert!(refused.contains("stands in Discord already"), "{refused}");

    let second = scene.ask_in_plans(&loom, "Who spins?").await;
    let second = second["request_id"].as_str().unwrap();
    let reply = scene.unplaced(&loom, "Nobody spins.").await;
    scene.discord.allow_bot(scene.guild, bits::VIEW_CHANNEL);
    let (told, code) = scene.told(&["place", &reply, second, "--always"]).await;
    assert_eq!(code, 5, "{told}");
    assert!(told.starts_with("It rests: "), "{told}");
    assert!(
        told.contains(&format!("husting discord retry {reply} tries again")),
        "{told}"
    );
    let fixed = format!(
        "Whatever loom writes without a place goes to {} (#plans) from now on; husting discord unfix loom ends \
         that.\n",
        scene.plans
    );
    assert!(told.ends_with(&fixed), "{told}");
    let (resting, _) = scene.told(&["traffic", "--resting"]).await;
    assert!(
        resting.contains(&reply) && resting.contains("Nobody spins."),
        "{resting}"
    );
    scene
        .discord
        .allow_bot(scene.guild, husting_test_support::discord::INVITED_WITH);
    scene.posted(scene.plans, 2).await;
}

#[tokio::test]
async fn nothing_is_placed_or_tried_again_under_what_a_person_stopped() {
    let scene = Scene::hosting().await;
    let loom = scene.weaver().await;
    let asked = scene.ask_in_plans(&loom, "Who spins?").await;
    let asked = asked["request_id"].as_str().unwrap();
    let reply = scene.unplaced(&loom, "Nobody spins.").await;
    scene.discord.say(scene.ana, scene.plans, "STOP").unwrap();
    let said = |view: &DiscordView| !view.stops.is_empty();
    let view = scene.until_view("a STOP", said).await;
    assert_eq!(view.stops[0].by.as_deref(), Some("ana"));
    let (status, _) = scene.told(&["status"]).await;
    assert!(status.contains("ana said STOP in #plans at "), "{status}");
    let placed = scene.home.run(&["discord", "place", &reply, asked]).await;
    let refused = placed.with(4).stderr;
    assert!(refused.contains("A person said STOP there"), "{refused}");
    let (unplaced, _) = scene.told(&["unplaced"]).await;
    assert!(unplaced.contains("Nobody spins."), "{unplaced}");
}

#[tokio::test]
async fn what_waits_is_listed_and_is_done_later_where_nothing_can_be_done_now() {
    let scene = Scene::hosting().await;
    let loom = scene.weaver().await;
    let asked = scene.ask_in_plans(&loom, "Who weaves?").await;
    let asked = asked["request_id"].as_str().unwrap();
    let (waiting, _) = scene.told(&["traffic", "--waiting"]).await;
    assert!(waiting.contains("ana in #plans → loom"), "{waiting}");
    assert!(waiting.contains(asked), "{waiting}");
    let reply = scene.unplaced(&loom, "I weave.").await;
    scene.told(&["pause"]).await;
    scene.until_bridge(&BridgeState::Paused {}).await;
    let later = "It will be posted when the bridge carries messages. The bridge is held: husting discord resume\n";
    scene.says(&["place", &reply, asked], later).await;
    scene.told(&["resume"]).await;
    assert_eq!(scene.posted(scene.plans, 1).await[0].content, "I weave.");
}

#[tokio::test]
async fn a_search_finds_what_people_said_and_not_what_the_bridge_says_around_it() {
    let scene = Scene::hosting().await;
    let loom = scene.weaver().await;
    let own = "Which plan? (Ana wrote this in Discord.)";
    let asked = scene.ask_in_plans(&loom, own).await;
    scene.reply(&loom, &asked, "Twelve weeks.").await;
    scene.posted(scene.plans, 1).await;
    let search = async |words: &[&str]| {
        let ran = scene.home.run(&[&["search"], words].concat()).await;
        ran.done().stdout
    };
    let request = asked["request_id"].as_str().unwrap();
    for hidden in ["request_id", "guild_id", "connector", "ack_for", request] {
        let told = search(&[hidden]).await;
        assert_eq!(told, format!("Nothing holds {hidden}.\n"));
    }
    for (words, line) in [
        (&["PLAN"][..], own),
        (&["wrote", "this"], own),
        (&["twelve"], "Twelve weeks."),
    ] {
        let told = search(words).await;
        assert!(told.ends_with(&format!("\n    {line}\n")), "{told}");
    }
}
