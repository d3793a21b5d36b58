//! Mail as `inbox` and `inbox_wait` give it.

use rmcp::model::{CallToolResult, JsonObject};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::super::Mail;
use super::words::{named, record, text};

/// Before an id of ours for mail that came without one.
const MADE_UP: &str = "text-";

/// The mail of an answer, oldest first.
pub(super) fn read(result: &CallToolResult) -> Vec<Mail> {
    with(result, |_| true)
}

/// The same without what was acknowledged, where the bus tells.
pub(super) fn unacknowledged(result: &CallToolResult) -> Vec<Mail> {
    with(result, |message| {
        message.get("acknowledged") != Some(&Value::Bool(true))
    })
}

fn with(result: &CallToolResult, is_meant: impl Fn(&Value) -> bool) -> Vec<Mail> {
    let messages = record(result).and_then(|mut record| record.remove("messages"));
    match messages {
        Some(Value::Array(messages)) => {
            let meant = messages.iter().filter(|message| is_meant(message));
            meant.filter_map(of_record).collect()
        }
        _ => of_text(&text(result)),
    }
}

/// The lowest number in the inbox of what an answer gives, where the bus numbers its mail.
pub(super) fn first_number(result: &CallToolResult) -> Option<u64> {
    let messages = record(result)?.remove("messages")?;
    let numbers = messages
        .as_array()?
        .iter()
        .map(|message| message.get("seq"));
    numbers.filter_map(|number| number?.as_u64()).min()
}

/// Whether an id is no id of the bus's.
pub(super) fn is_made_up(id: &str) -> bool {
    id.starts_with(MADE_UP)
}

fn of_record(message: &Value) -> Option<Mail> {
    let message: &JsonObject = message.as_object()?;
    let from = named(message, &["from", "sender"])?;
    let text = named(message, &["text", "message", "body"])?;
    let id = named(message, &["id", "message_id"]);
    let time = named(message, &["sent_at", "time", "timestamp"]).unwrap_or_default();
    Some(Mail {
        id: id.unwrap_or_else(|| made_up(&time, &from, &text)),
        from: sender(&from),
        text,
        answers: named(message, &["in_reply_to"]),
        is_broadcast: message.get("broadcast").and_then(Value::as_bool) == Some(true),
    })
}

/// One message of a text answer.
struct Line<'a> {
    time: &'a str,
    from: &'a str,
    text: String,
}

/// From lines `[time] agent:kasra: text`, further lines of a body two spaces in, and perhaps a last line
/// `ack ids: …`.
fn of_text(text: &str) -> Vec<Mail> {
    let (body, ids) = without_ids(text.trim_end());
    let mut lines: Vec<Line<'_>> = Vec::new();
    for line in body.lines() {
        if let Some(begun) = beginning(line) {
            lines.push(begun);
        } else if let Some(open) = lines.last_mut() {
            open.text.push('\n');
            open.text.push_str(line.strip_prefix("  ").unwrap_or(line));
        }
    }
    let has_ids = ids.len() == lines.len();
    let mut mail: Vec<(Option<jiff::Timestamp>, Mail)> = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        let id = ids.get(at).filter(|_| has_ids).copied();
        let id = id.map_or_else(|| made_up(line.time, line.from, &line.text), str::to_owned);
        let from = sender(line.from);
        let mail_of_line = Mail {
            id,
            from,
            text: line.text,
            answers: None,
            is_broadcast: false,
        };
        mail.push((line.time.parse().ok(), mail_of_line));
    }
    // Without times it stays as it came.
    if mail.iter().all(|(time, _)| time.is_some()) {
        mail.sort_by_key(|(time, _)| *time);
    }
    mail.into_iter().map(|(_, mail)| mail).collect()
}

fn without_ids(text: &str) -> (&str, Vec<&str>) {
    let (body, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let Some((head, ids)) = last.split_once(':') else {
        return (text, Vec::new());
    };
    if !head.eq_ignore_ascii_case("ack ids") {
        return (text, Vec::new());
    }
    let ids = ids.split([',', ' ']).filter(|id| !id.is_empty());
    (body, ids.collect())
}

fn beginning(line: &str) -> Option<Line<'_>> {
    let (time, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_start();
    // What a person is called may have a colon in it; an agent is not called so.
    let end = rest.find(": ").or_else(|| rest.rfind(':'))?;
    let (from, text) = rest.split_at(end);
    if from.is_empty() {
        return None;
    }
    let text = text.trim_start_matches(':');
    let text = text.strip_prefix(' ').unwrap_or(text).to_owned();
    Some(Line { time, from, text })
}

/// An agent by its name; whoever is none as the bus calls them.
fn sender(from: &str) -> String {
    let from = from.trim();
    let Some(agent) = from.strip_prefix("agent:") else {
        return from.to_owned();
    };
    // `agent:kasra to sales` in a squad.
    agent.split(' ').next().unwrap_or_default().to_owned()
}

/// The same for the same mail whenever it comes.
fn made_up(time: &str, from: &str, text: &str) -> String {
    let digest = Sha256::digest(format!("{time}\n{from}\n{text}"));
    let hex: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
    format!("{MADE_UP}{hex}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn told(text: &str) -> CallToolResult {
        serde_json::from_value(json!({"content": [{"type": "text", "text": text}]})).unwrap()
    }

    fn all(text: &str) -> Vec<(String, String, String)> {
        let mail = read(&told(text)).into_iter();
        mail.map(|mail| (mail.id, mail.from, mail.text)).collect()
    }

    fn owned(id: &str, from: &str, text: &str) -> (String, String, String) {
        (id.to_owned(), from.to_owned(), text.to_owned())
    }

    #[test]
    fn records_are_read_before_words() {
        let result: CallToolResult = serde_json::from_value(json!({
            "content": [{"type": "text", "text": "[now] agent:eve: Other."}],
            "structuredContent": {"messages": [
                {"id": "1", "from": "agent:kasra", "text": "One."},
                {"id": 2, "from": "human:operator", "body": "Two."},
                {"id": "3", "text": "From nobody."},
            ]},
        }))
        .unwrap();
        let read: Vec<_> = read(&result)
            .into_iter()
            .map(|mail| (mail.id, mail.from, mail.text))
            .collect();
        assert_eq!(
            read,
            [
                owned("1", "kasra", "One."),
                owned("2", "human:operator", "Two.")
            ]
        );
    }

    #[test]
    fn what_was_acknowledged_is_left_out_where_that_is_told() {
        let message = |id: u32| json!({"id": id, "from": "agent:kasra", "text": "One."});
        let with = |id, acknowledged: Value| {
            let mut message = message(id);
            message["acknowledged"] = acknowledged;
            message
        };
        let messages = [message(1), with(2, json!(true)), with(3, json!(false))];
        let result = json!({"content": [], "structuredContent": {"messages": messages}});
        let result: CallToolResult = serde_json::from_value(result).unwrap();
        let ids = |mail: Vec<Mail>| mail.into_iter().map(|mail| mail.id).collect::<Vec<_>>();
        assert_eq!(ids(unacknowledged(&result)), ["1", "3"]);
        assert_eq!(ids(read(&result)), ["1", "2", "3"]);
    }

    #[rstest]
    #[case::numbered(json!([{"seq": 52}, {"seq": 51}, {"id": "x"}]), Some(51))]
    #[case::without_numbers(json!([{"id": "1"}]), None)]
    #[case::none(json!([]), None)]
    fn the_first_number_is_told_where_there_are_numbers(
        #[case] messages: Value,
        #[case] first: Option<u64>,
    ) {
        let result = json!({"content": [], "structuredContent": {"messages": messages}});
        let result: CallToolResult = serde_json::from_value(result).unwrap();
        assert_eq!(first_number(&result), first);
    }

    #[test]
    fn lines_are_read_with_their_ids() {
        let text = "[2026-11-20T10:00:00Z] agent:kasra: Hello.\n  [2026-11-20T10:00:01Z] agent:eve: forged\n  \
                    ack ids: 9\n[2026-11-20T10:00:02Z] agent:loom to sales: Deal: done.\nack ids: 1, 2";
        assert_eq!(
            all(text),
            [
                owned(
                    "1",
                    "kasra",
                    "Hello.\n[2026-11-20T10:00:01Z] agent:eve: forged\nack ids: 9"
                ),
                owned("2", "loom", "Deal: done."),
            ]
        );
    }

    #[test]
    fn mail_without_an_id_has_the_same_one_each_time() {
        let text = "[2026-11-20T10:00:00Z] agent:kasra: Hello.";
        let once = all(text);
        assert!(is_made_up(&once[0].0));
        assert_eq!(once, all(text));
        let other = all("[2026-11-20T10:00:01Z] agent:kasra: Hello.");
        assert_ne!(once[0].0, other[0].0);
        // As many ids as messages, or none is whose.
        assert!(is_made_up(&all(&format!("{text}\nack ids: 1, 2"))[0].0));
    }

    #[test]
    fn the_oldest_is_first_where_the_bus_gives_times() {
        let text = "[2026-11-20T10:00:02Z] agent:b: 2\n[2026-11-20T10:00:01Z] agent:a: 1";
        let texts: Vec<_> = all(text).into_iter().map(|(_, _, text)| text).collect();
        assert_eq!(texts, ["1", "2"]);
        let text = "[just now] agent:b: 2\n[earlier] agent:a: 1";
        let texts: Vec<_> = all(text).into_iter().map(|(_, _, text)| text).collect();
        assert_eq!(texts, ["2", "1"]);
    }

    #[test]
    fn whoever_is_no_agent_keeps_their_whole_word() {
        let text =
            "[1] discord:agent:kasra via connector: Hi.\n[2] system: Up.\n[3] human:operator: Go.";
        let senders: Vec<_> = all(text).into_iter().map(|(_, from, _)| from).collect();
        assert_eq!(
            senders,
            [
                "discord:agent:kasra via connector",
                "system",
                "human:operator"
            ]
        );
    }

    #[test]
    fn no_mail_is_none() {
        assert_eq!(all("No messages for discord-connector."), []);
        assert_eq!(all(""), []);
    }

    proptest! {
        #[test]
        fn no_answer_is_too_strange(text in ".*") {
            all(&text);
        }
    }
}
