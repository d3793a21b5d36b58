//! Chains of agents: whatever passes from one to the next is counted, and the eighth is given to nobody.

use std::sync::Arc;
use std::time::Duration;

use husting_console::AgentHolder;
use husting_domain::messages::MessageState;
use husting_wire::bus::calls::{Ask, Broadcast, Send};
use husting_wire::errors::ErrorCode;

use crate::agents::letter;
use crate::bus::{agent, inbox, pair, tail, texts};
use crate::desk::{Desk, PATIENCE};

fn to_all(text: &str) -> Broadcast {
    Broadcast {
        text: text.to_owned(),
        squad: None,
    }
}

/// So many agents, one after the other.
async fn line(desk: &Desk, count: usize) -> Vec<AgentHolder> {
    let mut line = Vec::new();
    for number in 1..=count {
        line.push(agent(desk, &format!("link-{number}")).await);
    }
    line
}

/// The hops of the messages of this text, each once.
async fn hops_of(desk: &Desk, text: &str) -> Vec<u32> {
    let all = tail(desk).await.into_iter();
    let mut hops: Vec<u32> = all
        .filter(|message| message.text == text)
        .map(|message| message.hops)
        .collect();
    hops.sort_unstable();
    hops.dedup();
    hops
}

#[tokio::test]
async fn what_is_passed_on_along_a_chain_of_agents_is_held_at_its_eighth_step() {
    let (desk, ..) = pair().await;
    let line = line(&desk, 10).await;
    let mut passed_on: Option<Send> = None;
    for (step, from_to) in line.windows(2).enumerate() {
        let [from, to] = from_to else { unreachable!() };
        let answers = passed_on.take().and_then(|send| send.in_reply_to);
        let next = Send {
            in_reply_to: answers,
            ..letter(to.name.as_str(), "Pass it on.")
        };
        let told = desk.console.send(from, next).await.unwrap();
        assert_eq!(told.record.held, step == 7, "step {step}: {}", told.text);
        if told.record.held {
            break;
        }
        let mail = inbox(&desk, to).await;
        passed_on = Some(Send {
            in_reply_to: Some(mail.messages[0].id),
            ..letter("-", "-")
        });
    }
    assert_eq!(
        hops_of(&desk, "Pass it on.").await,
        [1, 2, 3, 4, 5, 6, 7, 8]
    );
    let held = tail(&desk).await.remove(0);
    assert_eq!((held.state, held.hops), (MessageState::Held, 8));
    assert!(inbox(&desk, &line[8]).await.messages.is_empty());
}

#[tokio::test]
async fn agents_that_broadcast_at_each_other_are_stopped_at_the_hop_limit() {
    let (desk, clock, anna, bruno) = pair().await;
    let (mut writer, mut reader) = (&anna, &bruno);
    for hops in 1..=7 {
        let text = format!("Round {hops}");
        desk.console.broadcast(writer, to_all(&text)).await.unwrap();
        assert_eq!(hops_of(&desk, &text).await, [hops]);
        assert_eq!(texts(&inbox(&desk, reader).await), [text]);
        std::mem::swap(&mut writer, &mut reader);
    }
    let eighth = desk.console.broadcast(writer, to_all("Round 8")).await;
    assert_eq!(eighth.unwrap_err().code, ErrorCode::Forbidden);
    assert!(hops_of(&desk, "Round 8").await.is_empty());
    // Nor does it go on as a message to the other.
    let aside = letter(reader.name.as_str(), "Round 8, for you");
    assert!(desk.console.send(writer, aside).await.unwrap().record.held);
    // What was read ten minutes ago counts no more.
    clock.advance(Duration::from_secs(601));
    desk.console
        .broadcast(writer, to_all("Anew"))
        .await
        .unwrap();
    assert_eq!(hops_of(&desk, "Anew").await, [1]);
}

#[tokio::test]
async fn an_answer_to_a_broadcast_and_a_broadcast_after_an_answer_count_on() {
    let (desk, _, anna, bruno) = pair().await;
    desk.console
        .broadcast(&anna, to_all("Who is there?"))
        .await
        .unwrap();
    let question = inbox(&desk, &bruno).await.messages[0].id;
    let reply = Send {
        in_reply_to: Some(question),
        ..letter("anna", "I am.")
    };
    desk.console.send(&bruno, reply).await.unwrap();
    assert_eq!(texts(&inbox(&desk, &anna).await), ["I am."]);
    desk.console
        .broadcast(&anna, to_all("Bruno is."))
        .await
        .unwrap();
    for (text, hops) in [("Who is there?", 1), ("I am.", 2), ("Bruno is.", 3)] {
        assert_eq!(hops_of(&desk, text).await, [hops], "{text}");
    }
}

#[tokio::test]
async fn what_is_read_again_after_as_many_steps_counts_from_its_last_reading() {
    let (desk, clock, anna, bruno) = pair().await;
    // From now on what bruno reads is noted as he reads it.
    let first = letter("anna", "Anybody?");
    desk.console.send(&bruno, first).await.unwrap();
    for wait in [0, 360] {
        clock.advance(Duration::from_secs(wait));
        let hello = letter("bruno", "Hello.");
        desk.console.send(&anna, hello).await.unwrap();
        assert_eq!(texts(&inbox(&desk, &bruno).await), ["Hello."]);
    }
    assert_eq!(hops_of(&desk, "Hello.").await, [1]);
    // The first reading is more than ten minutes ago, the second is not.
    clock.advance(Duration::from_secs(360));
    let again = letter("anna", "Hello to you.");
    desk.console.send(&bruno, again).await.unwrap();
    assert_eq!(hops_of(&desk, "Hello to you.").await, [2]);
}

#[tokio::test]
async fn a_question_that_is_held_is_told_so_at_once_and_waits_for_nobody() {
    // By a clock that stands still: no patience ever ends.
    let (desk, _, anna, bruno) = pair().await;
    let (mut writer, mut reader) = (&anna, &bruno);
    for _ in 0..7 {
        let to = reader.name.to_string();
        let told = desk.console.send(writer, letter(&to, "And you?")).await;
        assert!(!told.unwrap().record.held);
        inbox(&desk, reader).await;
        std::mem::swap(&mut writer, &mut reader);
    }
    let eighth = Ask {
        agent: reader.name.to_string(),
        message: "The eighth?".to_owned(),
        timeout_seconds: Some(30),
    };
    let asked = tokio::time::timeout(PATIENCE, desk.console.ask(writer, eighth)).await;
    let asked = asked.expect("answered at once").unwrap();
    assert_eq!(asked.record.answer, None);
    assert!(inbox(&desk, reader).await.messages.is_empty());
}

#[tokio::test]
async fn after_a_restart_what_was_read_counts_from_its_reading() {
    let (desk, clock, anna, bruno) = pair().await;
    desk.console
        .send(&anna, letter("bruno", "Hello."))
        .await
        .unwrap();
    assert_eq!(texts(&inbox(&desk, &bruno).await), ["Hello."]);
    let home = desk.home.clone();
    desk.console.close().await;
    clock.advance(Duration::from_secs(540));
    let desk = Desk::open_in(home, Arc::new(clock.clone())).await;
    for (text, hops) in [("After nine minutes.", 2), ("After eleven.", 1)] {
        desk.console
            .send(&bruno, letter("anna", text))
            .await
            .unwrap();
        assert_eq!(hops_of(&desk, text).await, [hops], "{text}");
        clock.advance(Duration::from_secs(120));
    }
}
