//! `kill -9` while four agents write and two read: no message is lost that was told to be sent, none
//! is there twice, and none comes back that was acknowledged. `HUSTING_KILLS` says how often (10
//! unless told), `HUSTING_TEST_SEED` repeats a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use husting_tests::agent::{Agent, Lost};
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_tests::program::halting;
use husting_wire::bus::messages::ListMessages;
use husting_wire::commands::FindMessages;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::keyed::ROOMY;

const SENDERS: usize = 4;
const READERS: usize = 2;

/// What everybody on the bus knows for sure.
#[derive(Default)]
struct Known {
    /// Texts that were told to be sent.
    sent: BTreeSet<String>,
    /// Texts of which nobody knows whether they were taken in: to be sent again, with the same key.
    in_doubt: Vec<(usize, String)>,
    /// Texts that a reader acknowledged, and was told so.
    acknowledged: BTreeSet<String>,
    /// Texts that were read again after that.
    back: Vec<String>,
}

/// The messages of one life of the program, until so many were sent.
struct Life {
    instance_http: String,
    client: reqwest::Client,
    left: AtomicU32,
    over: Notify,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_sent_is_lost_or_doubled_wherever_the_program_is_killed() {
    let kills = number("HUSTING_KILLS").unwrap_or(10);
    let seed = number("HUSTING_TEST_SEED").unwrap_or_else(|| now() % 1_000_000);
    println!("HUSTING_TEST_SEED={seed} HUSTING_KILLS={kills}");
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let home = Home::new();
    let (senders, readers) = everybody(&home).await;
    let mut known = Known::default();
    for life in 0..kills {
        let messages = dice.random_range(5..120);
        live(&home, &senders, &readers, &mut known, life, messages, &[]).await;
        let faults = faults(&home, &known).await;
        assert!(
            faults.is_empty(),
            "life {life} of seed {seed}:\n{}",
            faults.join("\n")
        );
    }
    println!(
        "{kills} kills: {} messages sent, {} acknowledged, 0 lost, 0 doubled",
        known.sent.len(),
        known.acknowledged.len()
    );
    assert!(
        known.sent.len() > kills as usize,
        "hardly anything was sent"
    );
    assert!(!known.acknowledged.is_empty(), "nothing was read");
}

/// The same, of a build that says a message is sent before it is kept: it must be missed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_replies_before_its_commit_is_found_out() {
    for (variables, is_found) in [
        (&[("HUSTING_TEST_HALT_AT", "before_send:5")][..], false),
        (
            &[
                ("HUSTING_TEST_HALT_AT", "before_send:5"),
                ("HUSTING_TEST_REPLY_FIRST", "1"),
            ],
            true,
        ),
    ] {
        let home = Home::new();
        let (senders, readers) = everybody(&home).await;
        let mut known = Known::default();
        live(&home, &senders, &readers, &mut known, 0, 12, variables).await;
        let faults = faults(&home, &known).await;
        let lost = faults.iter().any(|fault| fault.contains("is lost"));
        assert_eq!(lost, is_found, "{variables:?}: {faults:?}");
    }
}

async fn everybody(home: &Home) -> (Vec<Agent>, Vec<Agent>) {
    let instance = Instance::start_with(home, halting(), &ROOMY).await;
    let (mut senders, mut readers) = (Vec::new(), Vec::new());
    for at in 0..SENDERS {
        senders.push(Agent::mint(&instance, &format!("sender-{at}")).await);
    }
    for at in 0..READERS {
        readers.push(Agent::mint(&instance, &format!("reader-{at}")).await);
    }
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
    (senders, readers)
}

/// Starts the program, sends and reads until so many messages were told to be sent, and kills it.
async fn live(
    home: &Home,
    senders: &[Agent],
    readers: &[Agent],
    known: &mut Known,
    life: u64,
    messages: u32,
    variables: &[(&str, &str)],
) {
    let variables: Vec<_> = ROOMY.into_iter().chain(variables.iter().copied()).collect();
    let instance = Instance::start_with(home, halting(), &variables).await;
    let this = Arc::new(Life {
        instance_http: instance.http.clone(),
        client: instance.client.clone(),
        left: AtomicU32::new(messages),
        over: Notify::new(),
    });
    let doubtful = std::mem::take(&mut known.in_doubt);
    let writing = senders.iter().enumerate().map(|(at, sender)| {
        let again = doubtful.iter().filter(|(by, _)| *by == at);
        let again: Vec<String> = again.map(|(_, text)| text.clone()).collect();
        let (this, sender) = (this.clone(), sender.clone());
        tokio::spawn(async move { write(&this, &sender, at, life, again).await })
    });
    let writing: Vec<_> = writing.collect();
    let before = Arc::new(known.acknowledged.clone());
    let reading = readers.iter().map(|reader| {
        let (this, reader, before) = (this.clone(), reader.clone(), before.clone());
        tokio::spawn(async move { read(&this, &reader, &before).await })
    });
    let reading: Vec<_> = reading.collect();
    wait_for("enough messages", this.over.notified()).await;
    instance.kill().await;
    for wrote in join_all(writing).await {
        let (sent, in_doubt) = wrote.expect("a sender does not panic");
        known.sent.extend(sent);
        known.in_doubt.extend(in_doubt);
    }
    for read in join_all(reading).await {
        let (acknowledged, back) = read.expect("a reader does not panic");
        known.acknowledged.extend(acknowledged);
        known.back.extend(back);
    }
}

/// Writes until the program is gone; what was told to be sent, and what nobody knows.
async fn write(
    life: &Life,
    sender: &Agent,
    at: usize,
    number: u64,
    again: Vec<String>,
) -> (Vec<String>, Vec<(usize, String)>) {
    let mut sent = Vec::new();
    let fresh = (0_u32..).map(|n| format!("{number}.{at}.{n}"));
    for text in again.into_iter().chain(fresh) {
        let mut letter = json!({
            "to": format!("reader-{}", text.len() % READERS),
            "text": text, "idempotency_key": text,
        });
        if text.ends_with('3') {
            letter["request_id"] = json!(text);
        }
        match sender
            .call(&life.client, &life.instance_http, "send", letter)
            .await
        {
            Ok(_) => {
                sent.push(text);
                if life.left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    life.over.notify_one();
                }
            }
            Err(Lost::Unanswered) => return (sent, vec![(at, text)]),
            Err(refused) => panic!("a message was refused: {refused:?}"),
        }
    }
    (sent, Vec::new())
}

/// Reads and acknowledges until the program is gone; what was told to be acknowledged, and what was
/// read though it had been acknowledged in an earlier life.
async fn read(
    life: &Life,
    reader: &Agent,
    before: &BTreeSet<String>,
) -> (Vec<String>, Vec<String>) {
    let (mut acknowledged, mut back) = (Vec::new(), Vec::new());
    loop {
        let asked = json!({"timeout_seconds": 60, "limit": 5});
        let mail = match reader
            .call(&life.client, &life.instance_http, "inbox_wait", asked)
            .await
        {
            Ok(mail) => mail,
            Err(Lost::Unanswered) => return (acknowledged, back),
            Err(refused) => panic!("mail was refused: {refused:?}"),
        };
        let texts = texts(&mail);
        back.extend(texts.iter().filter(|text| before.contains(*text)).cloned());
        let ack = json!({"ids": mail["ack_ids"]});
        match reader
            .call(&life.client, &life.instance_http, "ack", ack)
            .await
        {
            Ok(_) => acknowledged.extend(texts),
            Err(Lost::Unanswered) => return (acknowledged, back),
            Err(refused) => panic!("an acknowledgement was refused: {refused:?}"),
        }
    }
}

/// What is wrong on the bus after a kill.
async fn faults(home: &Home, known: &Known) -> Vec<String> {
    let instance = Instance::start_with(home, halting(), &ROOMY).await;
    let mut there: BTreeMap<String, u32> = BTreeMap::new();
    let mut before = None;
    loop {
        let asked = ListMessages {
            before,
            limit: Some(500),
            ..ListMessages::default()
        };
        let page = instance
            .call::<FindMessages>(asked)
            .await
            .expect("messages can be listed");
        before = page.messages.last().map(|message| message.place);
        for message in page.messages {
            *there.entry(message.text).or_default() += 1;
        }
        if !page.more {
            break;
        }
    }
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "a restarted instance ends well: {said}");
    let lost = known.sent.iter().filter(|text| !there.contains_key(*text));
    let doubled = there.iter().filter(|(_, count)| **count > 1);
    lost.map(|text| format!("{text} is lost"))
        .chain(doubled.map(|(text, count)| format!("{text} is there {count} times")))
        .chain(known.back.iter().map(|text| format!("{text} came back")))
        .collect()
}

fn texts(mail: &Value) -> Vec<String> {
    let messages = mail["messages"].as_array().into_iter().flatten();
    messages
        .filter_map(|message| message["text"].as_str().map(ToOwned::to_owned))
        .collect()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::from(since.subsec_micros()))
}
