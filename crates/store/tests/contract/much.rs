//! A year of work: a word that was said once is found among all that was said.

use std::sync::Arc;

use husting_domain::calls::{Call, Purpose};
use husting_store::{BusWrite, Dispatch, MessageFilter, Store, Write};

use crate::people::*;
use crate::values::*;

const SESSIONS: u128 = 1_000;
const MESSAGES: u128 = 10_000;
/// Agents among whom the mail lies.
const AGENTS: u128 = 20;
/// Written in one unit.
const AT_ONCE: usize = 500;
/// Where the word was said.
const SPEAKING: u128 = 617;
const WRITTEN: u128 = 7_777;

pub async fn a_word_is_found_among_all_that_was_said(store: Arc<dyn Store>) {
    crew(&*store, AGENTS).await;
    keep_all(&*store, (1..=SESSIONS).flat_map(session_of_two)).await;
    keep_all(&*store, (1..=MESSAGES).map(message)).await;

    let found = store.passages(&tenant(), "heliotrope", 50).await.unwrap();
    let [passage] = &found[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(
        (passage.session, passage.round_index, &passage.model),
        (session_id(SPEAKING), 0, &Some(model("claude-opus-4-7")))
    );
    assert!(passage.text.contains("a heliotrope"), "{}", passage.text);
    let filter = MessageFilter {
        words: Some("heliotrope".to_owned()),
        limit: 50,
        ..MessageFilter::default()
    };
    let found = store.messages(&tenant(), &filter).await.unwrap();
    assert_eq!(ids(&found), [message_id(WRITTEN)]);
    // What all of them say is cut at what was asked for, the newest of equals first.
    let found = store.passages(&tenant(), "pallets", 50).await.unwrap();
    assert_eq!(found.len(), 50);
    assert_eq!(found[0].session, session_id(SESSIONS));
}

/// A session of two rounds, in which one seat has answered.
fn session_of_two(n: u128) -> [Write; 7] {
    let text = |of: u128| match (n, of) {
        (SPEAKING, 0) => "Stones stand in the yard, and among them a heliotrope.".to_owned(),
        _ => format!("Pallets {n} and {of} stand in the yard until they are counted."),
    };
    let asked = |of: u128| call(n * 10_000 + of * 100, "claude-opus-4-7", Purpose::Respond);
    let said = |of: u128| Call {
        text: text(of),
        ..answered(asked(of))
    };
    [
        Write::InsertSession(session(n)),
        Write::InsertRound(round(n * 100)),
        Write::InsertCall(asked(0)),
        Write::FinishCall(said(0)),
        whole(n * 100),
        Write::InsertRound(round(n * 100 + 1)),
        Write::InsertCall(said(1)),
    ]
}

fn message(n: u128) -> Write {
    let text = match n {
        WRITTEN => "The heliotrope is for Marta.".to_owned(),
        _ => format!("Pallet {n} is on the dock."),
    };
    Write::Bus(BusWrite::Send(Dispatch {
        text,
        ..dispatch(n, 1 + n % AGENTS)
    }))
}

async fn keep_all(store: &dyn Store, writes: impl Iterator<Item = Write>) {
    let mut writes = writes.peekable();
    while writes.peek().is_some() {
        keep(store, writes.by_ref().take(AT_ONCE)).await;
    }
}
