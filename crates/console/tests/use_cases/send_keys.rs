//! A sender's key stands for one message, whole: every part of it.

use husting_domain::ids::MessageId;
use husting_wire::bus::calls::Send;
use husting_wire::errors::ErrorCode;

use crate::agents::letter;
use crate::bus::{agent, inbox, pair, tail};

#[tokio::test]
async fn a_key_that_comes_with_any_other_part_of_a_message_is_refused_and_with_the_same_is_the_same()
 {
    let (desk, _, anna, bruno) = pair().await;
    agent(&desk, "carl").await;
    let mut asked: Vec<MessageId> = Vec::new();
    for text in ["First?", "Second?"] {
        let question = letter("anna", text);
        asked.push(desk.console.send(&bruno, question).await.unwrap().record.id);
    }
    inbox(&desk, &anna).await;
    let keyed = Send {
        in_reply_to: Some(asked[0]),
        request_id: Some("r-1".to_owned()),
        idempotency_key: Some("k".to_owned()),
        ..letter("bruno", "Yes.")
    };
    let sent = desk.console.send(&anna, keyed.clone()).await.unwrap();
    let sent = sent.record;
    let before = tail(&desk).await.len();
    let other: [(&str, Send); 6] = [
        (
            "to",
            Send {
                to: "carl".to_owned(),
                ..keyed.clone()
            },
        ),
        (
            "text",
            Send {
                text: "No.".to_owned(),
                ..keyed.clone()
            },
        ),
        (
            "another answered",
            Send {
                in_reply_to: Some(asked[1]),
                ..keyed.clone()
            },
        ),
        (
            "none answered",
            Send {
                in_reply_to: None,
                ..keyed.clone()
            },
        ),
        (
            "another request",
            Send {
                request_id: Some("r-2".to_owned()),
                ..keyed.clone()
            },
        ),
        (
            "no request",
            Send {
                request_id: None,
                ..keyed.clone()
            },
        ),
    ];
    for (part, other) in other {
        let refused = desk.console.send(&anna, other).await;
        let code = refused.map(|told| told.text).unwrap_err().code;
        assert_eq!(code, ErrorCode::IdempotencyConflict, "{part}");
    }
    let again = desk.console.send(&anna, keyed).await.unwrap().record;
    assert_eq!((again.id, again.seq), (sent.id, sent.seq));
    assert_eq!(tail(&desk).await.len(), before, "nothing more was sent");
}
