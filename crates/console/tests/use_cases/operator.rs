//! What the operator writes, and in whose words it is refused.

use husting_wire::agents::AgentRef;
use husting_wire::bus::messages::{MessageThread, Recipient, WriteMessage};
use husting_wire::commands::{ReadThread, SendMessage, SuspendAgent};

use crate::bus::{inbox, pair, tail};
use crate::desk::Desk;

fn to(name: &str, text: &str) -> WriteMessage {
    WriteMessage {
        to: Recipient::Agent(name.to_owned()),
        text: text.to_owned(),
        in_reply_to: None,
        request_id: None,
    }
}

async fn refused(desk: &Desk, asked: WriteMessage) -> String {
    desk.refused::<SendMessage>(asked).await.message
}

#[tokio::test]
async fn who_writes_to_nobody_or_nothing_reads_the_command_that_helps_and_an_agent_its_tool() {
    let (desk, _, anna, bruno) = pair().await;
    let nobody = refused(&desk, to("nobody", "Hi.")).await;
    assert!(nobody.contains("`husting agent list`"), "{nobody}");
    assert!(!nobody.contains("`peers`"), "{nobody}");
    let empty = refused(&desk, to("bruno", "")).await;
    assert!(empty.contains("empty"), "{empty}");
    assert_eq!(refused(&desk, to("bruno", " \n\u{200b}")).await, empty);
    let mistyped = WriteMessage {
        to: Recipient::Squad("saels".to_owned()),
        ..to("", "Hi.")
    };
    let mistyped = refused(&desk, mistyped).await;
    assert!(mistyped.contains("no squad saels"), "{mistyped}");
    assert!(!empty.contains("in parts"), "{empty}");
    let long = refused(&desk, to("bruno", &"x".repeat(65_537))).await;
    assert!(long.contains("in parts"), "{long}");

    let agent_id = bruno.agent;
    desk.ask::<SuspendAgent>(AgentRef { agent_id }).await;
    let disabled = refused(&desk, to("bruno", "Hi.")).await;
    assert!(
        disabled.contains("`husting agent enable bruno`"),
        "{disabled}"
    );

    // An agent has no command line.
    for (name, told) in [
        ("nobody", "`peers`"),
        ("bruno", "its operator can enable it"),
    ] {
        let letter = crate::agents::letter(name, "Hi.");
        let refused = desk.console.send(&anna, letter).await.map(drop);
        let refused = refused.unwrap_err().message;
        assert!(refused.contains(told), "{refused}");
    }
    assert!(tail(&desk).await.is_empty());
}

#[tokio::test]
async fn a_thread_that_is_longer_than_an_answer_says_so() {
    let (desk, _, anna, _) = pair().await;
    let asked = crate::agents::letter("operator", "Where is it?");
    desk.console.send(&anna, asked).await.unwrap();
    let message_id = tail(&desk).await[0].message_id;
    let reply = || WriteMessage {
        in_reply_to: Some(message_id),
        ..to("anna", "On the dock.")
    };
    let thread = async || desk.ask::<ReadThread>(MessageThread { message_id }).await;
    for _ in 1..500 {
        desk.ask::<SendMessage>(reply()).await;
    }
    let whole = thread().await;
    assert_eq!((whole.messages.len(), whole.more), (500, false));
    desk.ask::<SendMessage>(reply()).await;
    let cut = thread().await;
    assert_eq!((cut.messages.len(), cut.more), (500, true));
    assert_eq!(cut.messages[0].message_id, message_id, "the oldest first");
}

#[tokio::test]
async fn a_request_id_in_the_operators_text_is_asked_for_until_it_is_answered() {
    let (desk, _, _, bruno) = pair().await;
    let text = "Deploy it. [request_id:dep-7]";
    desk.ask::<SendMessage>(to("bruno", text)).await;
    let named = WriteMessage {
        request_id: Some("mine".to_owned()),
        ..to("bruno", text)
    };
    desk.ask::<SendMessage>(named).await;
    let mail = inbox(&desk, &bruno).await;
    let ids: Vec<_> = mail
        .messages
        .iter()
        .map(|one| one.request_id.as_deref())
        .collect();
    assert_eq!(
        ids,
        [Some("dep-7"), Some("mine")],
        "what is named stands first"
    );
    assert_eq!(mail.messages[0].text, text, "the text stays as written");
}
