//! The bridge's client at the real bus, over both transports.

use std::time::Duration;

use husting_discord::bus::{Bus, BusError, Identity, Letter, RemoteBus, RemoteOptions};
use husting_domain::agents::Name;
use husting_domain::discord::RequestId;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use husting_wire::agents::SetPause;
use husting_wire::commands::PauseAgents;
use serde_json::json;

use crate::keyed::{ROOMY, roomy};
use crate::tenanted::{ALL_SCOPES, Agent, Tenant};

const DOORS: [&str; 2] = ["mcp", "sse"];
const SCOPES: [&str; 3] = ["mcp:send", "mcp:inbox", "mcp:peers"];
/// Longer than any of these tests takes.
const LONG: Duration = Duration::from_secs(100);
/// No wait at all.
const NONE: Duration = Duration::ZERO;

struct House {
    instance: Instance,
    tenant: Tenant,
    kasra: Agent,
    connector: Agent,
    home: Home,
}

impl House {
    async fn open() -> Self {
        let home = Home::new();
        let instance = roomy(&home).await;
        let tenant = Tenant::local(&instance).await;
        Self {
            kasra: tenant.mint("other", &ALL_SCOPES).await,
            connector: tenant.mint("connector", &SCOPES).await,
            instance,
            tenant,
            home,
        }
    }

    fn bus(&self, door: &str) -> RemoteBus {
        let options = RemoteOptions {
            url: format!("{}/{door}", self.instance.http).parse().unwrap(),
            token: self.connector.token.as_str().into(),
            connector: name("connector"),
        };
        RemoteBus::new(options).unwrap()
    }
}

fn name(name: &str) -> Name {
    Name::parse(name).unwrap()
}

/// The `number`th question of a test.
fn letter(number: u8, to: &str) -> Letter {
    let request = format!("01890a5d-ac96-774b-bcce-b3020000{number:04}");
    Letter {
        to: name(to),
        text: format!("[request_id:{request}] Question {number}"),
        key: request.clone(),
        request: serde_json::from_value::<RequestId>(json!(request)).unwrap(),
    }
}

/// The texts of mail that comes within this time.
async fn texts(bus: &RemoteBus, patience: Duration) -> Vec<String> {
    let mail = bus.mail(patience).await.unwrap();
    mail.into_iter().map(|mail| mail.text).collect()
}

#[tokio::test]
async fn a_question_is_sent_once_and_its_answer_comes_until_it_is_acknowledged() {
    let house = House::open().await;
    for (number, door) in (1..).zip(DOORS) {
        let bus = house.bus(door);
        let letter = letter(number, "other");
        let id = bus.send(&letter).await.unwrap();
        assert_eq!(bus.send(&letter).await.unwrap(), id, "{door}");
        assert_eq!(
            house.kasra.inbox().await,
            std::slice::from_ref(&letter.text),
            "{door}"
        );
        let answer = format!("{{ack_for:{}}} Answer {number}", letter.request);
        let sent = house.kasra.send("connector", &answer).await;
        let mail = bus.mail(LONG).await.unwrap();
        assert_eq!(mail.len(), 1, "{door}");
        assert_eq!(json!(mail[0].id), sent, "{door}");
        assert_eq!(mail[0].from, "other", "{door}");
        assert_eq!(mail[0].text, answer, "{door}");
        assert_eq!(bus.mail(NONE).await.unwrap(), mail, "{door}");
        bus.ack(&[mail[0].id.clone()]).await.unwrap();
        assert_eq!(bus.mail(NONE).await.unwrap(), [], "{door}");
    }
}

#[tokio::test]
async fn a_request_to_the_bridge_comes_again_to_the_next_process_until_it_is_acknowledged() {
    let house = House::open().await;
    for door in DOORS {
        house.kasra.send("connector", "[request_id:q] Well?").await;
        let first = house.bus(door).mail(LONG).await.unwrap();
        house.bus(door).ack(&[first[0].id.clone()]).await.unwrap();
        assert_eq!(house.bus(door).mail(NONE).await.unwrap(), [], "{door}");
    }
}

#[tokio::test]
async fn the_bus_says_who_the_bridge_is_and_who_reads_mail() {
    let house = House::open().await;
    let away = house.tenant.mint("away", &SCOPES).await;
    house.tenant.disable(&away).await;
    for door in DOORS {
        let bus = house.bus(door);
        let proved = Identity {
            name: "connector".to_owned(),
            is_proved: true,
        };
        assert_eq!(bus.whoami().await.unwrap(), proved, "{door}");
        let peers = bus.peers().await.unwrap();
        let active = |name: &str| {
            let found = peers.iter().find(|peer| peer.name == name);
            found.map(|peer| peer.active)
        };
        assert_eq!(active("other"), Some(true), "{door}");
        assert_eq!(active("away"), Some(false), "{door}");
        assert_eq!(active("nobody"), None, "{door}");
    }
}

#[tokio::test]
async fn whoever_reads_no_mail_is_named() {
    let house = House::open().await;
    for (number, door) in (1..).zip(DOORS) {
        let refused = house.bus(door).send(&letter(number, "nobody")).await;
        let Err(BusError::Refused(words)) = refused else {
            panic!("{door}: {refused:?}");
        };
        assert!(words.contains("nobody"), "{door}: {words}");
    }
}

#[tokio::test]
async fn a_missing_scope_is_said_and_one_that_is_given_counts_at_once() {
    let house = House::open().await;
    for door in DOORS {
        house.tenant.grant(&house.connector, &["mcp:send"]).await;
        let bus = house.bus(door);
        let refused = bus.mail(LONG).await;
        let Err(BusError::Refused(words)) = refused else {
            panic!("{door}: {refused:?}");
        };
        assert!(words.contains("mcp:inbox"), "{door}: {words}");
        house.tenant.grant(&house.connector, &SCOPES).await;
        house.kasra.send("connector", door).await;
        assert_eq!(texts(&bus, LONG).await, [door]);
    }
}

#[tokio::test]
async fn mail_ends_a_wait_and_a_wait_that_is_given_up_takes_none() {
    let house = House::open().await;
    for door in DOORS {
        let bus = house.bus(door);
        // Opened and listed before, so that what is dropped below is the wait itself.
        bus.whoami().await.unwrap();
        let given_up = tokio::time::timeout(Duration::from_millis(200), bus.mail(LONG)).await;
        assert!(given_up.is_err(), "{door}");
        let (waited, _) = tokio::join!(texts(&bus, LONG), house.kasra.send("connector", door));
        assert_eq!(waited, [door]);
        let all: Vec<String> = bus
            .mail(NONE)
            .await
            .unwrap()
            .into_iter()
            .map(|mail| mail.id)
            .collect();
        bus.ack(&all).await.unwrap();
    }
}

#[tokio::test]
async fn a_pause_is_waited_out() {
    let house = House::open().await;
    let pause = |paused| house.instance.call::<PauseAgents>(SetPause { paused });
    for (number, door) in (1..).zip(DOORS) {
        let bus = house.bus(door);
        bus.whoami().await.unwrap();
        pause(true).await.unwrap();
        let held = bus.send(&letter(number, "other")).await;
        let Err(BusError::Held { retry_after, .. }) = held else {
            panic!("{door}: {held:?}");
        };
        assert!(retry_after.is_some_and(|after| after > NONE), "{door}");
        pause(false).await.unwrap();
        bus.send(&letter(number, "other")).await.unwrap();
    }
}

#[tokio::test]
async fn all_mail_is_looked_back_at_page_by_page() {
    const MANY: usize = 130;
    let house = House::open().await;
    for number in 1..=MANY {
        let text = format!("number {number}");
        house.kasra.send("connector", &text).await;
    }
    let wanted: Vec<_> = (1..=MANY)
        .map(|number| format!("number {number}"))
        .collect();
    for door in DOORS {
        let bus = house.bus(door);
        let newest = bus.recent(None).await.unwrap();
        let older = bus.recent(newest.older).await.unwrap();
        assert_eq!(older.older, None, "{door}");
        let all = older.mail.into_iter().chain(newest.mail);
        let texts: Vec<_> = all.map(|mail| mail.text).collect();
        assert_eq!(texts, wanted, "{door}");
    }
}

#[tokio::test]
async fn an_end_of_the_token_ends_a_wait_and_is_said() {
    let house = House::open().await;
    for door in DOORS {
        house.tenant.enable(&house.connector).await;
        let bus = house.bus(door);
        bus.whoami().await.unwrap();
        let (waited, _) = tokio::join!(
            wait_for("the end of the wait", bus.mail(LONG)),
            house.tenant.disable(&house.connector)
        );
        assert!(
            matches!(
                waited,
                Err(BusError::Unauthorized(_) | BusError::Unreachable { .. })
            ),
            "{door}: {waited:?}"
        );
        let refused = bus.whoami().await;
        assert!(
            matches!(refused, Err(BusError::Unauthorized(_))),
            "{door}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_bus_that_died_is_told_and_found_again_when_it_is_back() {
    for door in DOORS {
        let mut house = House::open().await;
        let bus = house.bus(door);
        bus.whoami().await.unwrap();
        let address = house
            .instance
            .http
            .strip_prefix("http://")
            .unwrap()
            .to_owned();
        let (lost, ()) = tokio::join!(
            wait_for("the end of the wait", bus.mail(LONG)),
            house.instance.kill()
        );
        assert!(
            matches!(lost, Err(BusError::Unreachable { .. })),
            "{door}: {lost:?}"
        );
        let mut command = house.home.command(husting());
        command.envs(ROOMY);
        house.instance = Instance::serving(&house.home, command, &["--listen", &address]).await;
        bus.send(&letter(1, "other")).await.unwrap();
        assert_eq!(house.kasra.inbox().await.len(), 1, "{door}");
    }
}

#[tokio::test]
async fn the_command_line_makes_the_bridges_token_and_the_bus_knows_it() {
    let house = House::open().await;
    let first = house.home.ask(&["discord", "token"]).await;
    let said = house.home.run(&["discord", "token"]).await.done().stdout;
    let token = said.lines().next().unwrap();
    let token = token.strip_prefix("MUMEGA_BUS_TOKEN=").unwrap();
    assert_eq!(said.matches(token).count(), 1, "it is shown once");
    assert!(said.contains("CONNECTOR_AGENT_NAME=discord-connector\n"));
    let bus = |token: &str| {
        RemoteBus::new(RemoteOptions {
            url: format!("{}/mcp", house.instance.http).parse().unwrap(),
            token: token.into(),
            connector: name("discord-connector"),
        })
        .unwrap()
    };
    let proved = bus(token).whoami().await.unwrap();
    assert_eq!(proved.name, "discord-connector");
    assert!(proved.is_proved);
    let before = bus(first["raw_token"].as_str().unwrap()).whoami().await;
    assert!(
        matches!(before, Err(BusError::Unauthorized(_))),
        "{before:?}"
    );
    let mut letter = letter(1, "other");
    letter.text.push_str(
        "\n\n<!--mumega-discord-ctx:{\"author\":{\"id\":\"80351110224678912\",\"name\":\"Ana\"}}-->",
    );
    bus(token).send(&letter).await.unwrap();
    let mail = house.kasra.told("inbox", json!({})).await;
    assert_eq!(mail["messages"][0]["from"], "discord:Ana via connector");
    assert_eq!(mail["messages"][0]["origin"], "discord");
    let none = house.home.run(&["discord", "token", "--name", "kasra"]);
    none.await.with(2);
}
