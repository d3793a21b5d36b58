//! The bridge is killed at every step of a message's life: each question reaches its agent once, each
//! reply is posted once. `HUSTING_KILLS=<n>` says how often, in all.

use std::fmt;
use std::path::Path;

use husting_test_support::discord::{Fault, Message, Strike};
use husting_tests::agent::Agent;
use husting_tests::bridge::{Bridge, Variables};
use husting_tests::patience::wait_for;
use husting_tests::program::{halting, husting};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use crate::discord_scene::Scene;

const POST: &str = "POST /channels/{channel.id}/messages";

/// Where in a message's life the bridge dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// In the journal; the bus cannot be reached.
    Journalled,
    /// On the bus; nobody has answered.
    Sent,
    /// Answered while the bridge is gone.
    Answered,
    /// Discord has not taken the reply yet.
    Posting,
    /// Discord has the reply, and the bridge does not know.
    Posted,
}

const STEPS: [Step; 5] = [
    Step::Journalled,
    Step::Sent,
    Step::Answered,
    Step::Posting,
    Step::Posted,
];

/// What a step's kills came to.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    kills: usize,
    asked: usize,
    posted: usize,
}

struct Table<'a>(&'a [(Step, Tally)]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<12}{:>7}{:>8}{:>8}",
            "killed at", "kills", "asked", "posted"
        )?;
        for (step, tally) in self.0 {
            let step = format!("{step:?}");
            let Tally {
                kills,
                asked,
                posted,
            } = tally;
            writeln!(f, "{step:<12}{kills:>7}{asked:>8}{posted:>8}")?;
        }
        Ok(())
    }
}

fn kills() -> usize {
    let asked = std::env::var("HUSTING_KILLS").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(30)
        .max(30)
}

#[tokio::test]
async fn each_question_is_asked_once_and_each_reply_posted_once_wherever_the_bridge_is_killed() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let variables = scene.variables().with("MUMEGA_DEFAULT_AGENT", "loom");
    let mut tallies = STEPS.map(|step| (step, Tally::default()));
    for number in 0..kills() {
        let at = number % STEPS.len();
        let (step, tally) = &mut tallies[at];
        let life = Life {
            scene: &scene,
            loom: &loom,
            variables: &variables,
            number,
        };
        let (asked, posted) = life.with_a_death_at(*step, husting()).await;
        assert_eq!((asked, posted), (1, 1), "{step:?}, message {number}");
        tally.kills += 1;
        tally.asked += asked;
        tally.posted += posted;
    }
    println!("{}", Table(&tallies));
}

#[tokio::test]
async fn a_build_that_posts_without_a_nonce_is_found_out() {
    for (variable, is_found) in [("0", false), ("1", true)] {
        let scene = Scene::set().await;
        let loom = Agent::mint(&scene.instance, "loom").await;
        let variables = scene.variables().with("MUMEGA_DEFAULT_AGENT", "loom");
        let variables = variables.with("HUSTING_TEST_NO_NONCE", variable);
        let life = Life {
            scene: &scene,
            loom: &loom,
            variables: &variables,
            number: 0,
        };
        let (_, posted) = life.with_a_death_at(Step::Posted, halting()).await;
        assert_eq!(posted > 1, is_found, "posted {posted} times");
    }
}

/// One message, from a person to an agent and back.
struct Life<'a> {
    scene: &'a Scene,
    loom: &'a Agent,
    variables: &'a Variables,
    number: usize,
}

impl Life<'_> {
    /// How often it was asked and how often its reply was posted.
    async fn with_a_death_at(&self, step: Step, program: &Path) -> (usize, usize) {
        let discord = &self.scene.discord;
        if step == Step::Journalled {
            // Where nothing listens.
            let nowhere = self
                .variables
                .clone()
                .with("MUMEGA_BUS_URL", "http://127.0.0.1:9/mcp");
            let bridge = self.live(program, &nowhere).await;
            self.say(&self.words());
            self.until_heard().await;
            bridge.kill().await;
            let bridge = self.live(program, self.variables).await;
            let question = self.asked(&self.words()).await;
            self.reply(&question).await;
            return self.counted(bridge).await;
        }
        let bridge = self.live(program, self.variables).await;
        self.say(&self.words());
        let question = self.asked(&self.words()).await;
        match step {
            Step::Journalled | Step::Sent => bridge.kill().await,
            Step::Answered => {
                bridge.kill().await;
                self.reply(&question).await;
                let bridge = self.live(program, self.variables).await;
                return self.counted(bridge).await;
            }
            Step::Posting | Step::Posted => {
                let name = format!("posting {}", self.number);
                let gate = name.clone();
                let fault = match step {
                    Step::Posting => Fault::GateBefore { gate },
                    _ => Fault::GateAfter { gate },
                };
                let strike = discord.strike(Strike::new(fault).on(POST));
                self.reply(&question).await;
                wait_for("a post at its gate", discord.until_waiting(&name, 1)).await;
                bridge.kill().await;
                discord.lift(strike);
                let bridge = self.live(program, self.variables).await;
                return self.counted(bridge).await;
            }
        }
        let bridge = self.live(program, self.variables).await;
        self.reply(&question).await;
        self.counted(bridge).await
    }
    async fn live(&self, program: &Path, variables: &Variables) -> Bridge {
        let mut bridge = Bridge::start(&self.scene.home, program, variables);
        bridge.until("live").await;
        bridge
    }

    fn words(&self) -> String {
        format!("question {}.", self.number)
    }

    fn answer(&self) -> String {
        format!("answer {}.", self.number)
    }

    fn say(&self, words: &str) {
        let Scene {
            discord,
            ana,
            general,
            ..
        } = self.scene;
        let mentioning = self.scene.mentioning(words);
        discord.say(*ana, *general, &mentioning).unwrap();
    }

    /// The mail that was made of these words.
    async fn asked(&self, words: &str) -> Value {
        let mail = self.scene.mail(self.loom).await;
        let text = mail["text"].as_str().unwrap();
        assert!(text.contains(words), "{text}");
        mail
    }

    async fn reply(&self, question: &Value) {
        let words = self.answer();
        self.scene.reply(self.loom, question, &words).await;
    }

    /// Waits until the question is a line of the journal.
    async fn until_heard(&self) {
        let file = self.scene.home.path().join("discord.db");
        let address = format!("sqlite://{}?mode=ro", file.display());
        let mut journal = SqliteConnection::connect(&address).await.unwrap();
        let heard = async {
            loop {
                let rows = sqlx::query("select 1 from discord_questions where text like $1")
                    .bind(format!("%{}%", self.words()))
                    .fetch_all(&mut journal);
                if !rows.await.unwrap().is_empty() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        wait_for("a line of the journal", heard).await;
    }

    /// How often it was asked and answered, once whatever comes behind it was asked and answered.
    async fn counted(&self, bridge: Bridge) -> (usize, usize) {
        let (scene, last) = (self.scene, format!("and then {}?", self.number));
        self.say(&last);
        let mail = self.asked(&last).await;
        scene.reply(self.loom, &mail, &last).await;
        let stands = |posted: &[Message], words: &str| {
            let same = posted.iter().filter(|post| post.content == words);
            same.count()
        };
        let all = scene.discord.until(|view| {
            let posted = view.posted(scene.general);
            (stands(&posted, &last) > 0).then_some(posted)
        });
        let posted = stands(&wait_for("the last answer", all).await, &self.answer());
        assert_eq!(bridge.stop().await, 0);
        (self.times_asked().await, posted)
    }

    async fn times_asked(&self) -> usize {
        let all = json!({"include": "all", "limit": 100});
        let inbox = self.scene.call(self.loom, "inbox", all).await;
        let words = self.words();
        let texts = inbox["messages"].as_array().unwrap().iter();
        let same = texts.filter(|mail| mail["text"].as_str().unwrap().contains(&words));
        same.count()
    }
}
