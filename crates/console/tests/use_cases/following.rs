//! Who follows a session is told all that happens in it, also what happens while they begin.

use std::collections::HashMap;
use std::sync::Arc;

use futures::StreamExt;
use husting_test_support::{Phase, Script};
use serde_json::{Value, json};

use crate::contract::{agent, create};
use crate::desk::PATIENCE;
use crate::fragile::SlowReader;
use crate::panel::WIRES;
use crate::requests::counted;

/// A whole round comes between the reading of a session's state and its telling: the number that the events
/// go on from is older than that state, and events are kept before it is read.
#[tokio::test]
async fn a_round_that_comes_while_a_snapshot_is_read_is_told_after_it_word_by_word() {
    let (panel, _store) = counted(Script::debate()).await;
    let caller = agent(&panel.desk).await;
    let first = create(&panel.desk, &caller, "Which?").await;
    let session = first.session_id;
    panel.finished(session).await;

    let reader = Arc::new(SlowReader::default());
    let following = reader.reading(panel.console.follow(&caller, session, None));
    tokio::pin!(following);
    tokio::select! {
        _ = &mut following => panic!("it is not let go yet"),
        () = reader.until_read() => {}
    }
    let second = panel.append(session, "And now?", Vec::new()).await;
    panel.finished(session).await;
    reader.let_go();

    let mut stream = following.await.unwrap();
    let mut next = async || {
        let event = tokio::time::timeout(PATIENCE, stream.next()).await;
        let (id, event) = event.expect("what came meanwhile is lost").unwrap();
        let (_, seq) = id.rsplit_once('-').unwrap();
        let event: Value = serde_json::from_str(&event).unwrap();
        (seq.parse::<u64>().unwrap(), event)
    };
    let (mut last, snapshot) = next().await;
    assert_eq!(snapshot["type"], "snapshot");
    assert_eq!(snapshot["progress"]["round_id"], json!(first.round_id));
    let mut said: HashMap<String, String> = HashMap::new();
    loop {
        let (seq, event) = next().await;
        assert_eq!(seq, last + 1);
        last = seq;
        if event["type"] == "text" {
            assert_eq!(event["round_id"], json!(second.round_id));
            let model = event["model"].as_str().unwrap().to_owned();
            let so_far = said.entry(model).or_default();
            assert_eq!(event["offset"], json!(so_far.chars().count()));
            so_far.push_str(event["text"].as_str().unwrap());
        }
        let progress = &event["progress"];
        if progress["round_id"] == json!(second.round_id) && progress["round_status"] == "complete"
        {
            break;
        }
    }
    for model in WIRES {
        let calls = panel.houses.calls_of(model, Phase::Respond);
        assert_eq!(said[model], calls.last().unwrap().sent);
    }
}
