//! What is kept of an event: ids, kinds and the shape of the words, none of which says what anybody wrote
//! or is called. Whatever is not named here is left out.

use serde_json::{Map, Value, json};

/// Fields of a message, a channel and a thread that decide something.
const KEPT: [&str; 12] = [
    "id",
    "channel_id",
    "guild_id",
    "parent_id",
    "webhook_id",
    "type",
    "bot",
    "system",
    "size",
    "content_type",
    "mention_roles",
    "ids",
];
/// Fields in which there is more of the same.
const ENTERED: [&str; 6] = [
    "author",
    "mentions",
    "attachments",
    "channels",
    "threads",
    "user",
];

/// What is kept of an event's data; none of an event that decides nothing, or that cannot be read.
#[must_use]
pub fn redacted(name: &str, data: &str) -> Option<Value> {
    let decides = matches!(
        name,
        "READY"
            | "GUILD_CREATE"
            | "THREAD_LIST_SYNC"
            | "THREAD_CREATE"
            | "THREAD_UPDATE"
            | "MESSAGE_CREATE"
            | "MESSAGE_UPDATE"
            | "MESSAGE_DELETE"
    );
    let data = decides.then(|| serde_json::from_str(data).ok())??;
    Some(kept(&data))
}

fn kept(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| {
                let value = match name.as_str() {
                    "content" => Value::from(masked(value.as_str()?)),
                    // A file must have them, and nothing is fetched in a dry run.
                    "filename" | "url" | "proxy_url" => Value::from("x"),
                    name if KEPT.contains(&name) => value.clone(),
                    name if ENTERED.contains(&name) => kept(value),
                    _ => return None,
                };
                Some((name.clone(), value))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(values) => values.iter().map(kept).collect(),
        _ => json!(null),
    }
}

/// The words with every letter and digit an x. Mentions stay, for they decide who is asked.
fn masked(content: &str) -> String {
    let mut masked = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(char) = rest.chars().next() {
        let mention = mention(rest);
        if mention > 0 {
            masked.push_str(&rest[..mention]);
            rest = &rest[mention..];
            continue;
        }
        masked.push(if char.is_alphanumeric() { 'x' } else { char });
        rest = &rest[char.len_utf8()..];
    }
    masked
}

/// How long the mention is with which a text begins, in bytes: `<@1>`, `<@!1>`, `<@&1>`, `<#1>`.
fn mention(text: &str) -> usize {
    let begins = ["<@!", "<@&", "<@", "<#"]
        .into_iter()
        .find(|sign| text.starts_with(sign));
    let Some(sign) = begins else {
        return 0;
    };
    let digits = text[sign.len()..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    let end = sign.len() + digits;
    if digits > 0 && text[end..].starts_with('>') {
        end + 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("<@9> what is 42?", "<@9> xxxx xx xx?")]
    #[case("<@!9><@&8> <#7>", "<@!9><@&8> <#7>")]
    #[case("<@ana> <@9", "<@xxx> <@x")]
    #[case("日本 🦀 é", "xx 🦀 x")]
    fn words_are_masked_and_mentions_stay(#[case] content: &str, #[case] kept: &str) {
        assert_eq!(masked(content), kept);
    }

    #[test]
    fn nothing_of_a_message_says_who_wrote_it_or_what() {
        let message = r#"{"id":"1","channel_id":"2","guild_id":"3","type":0,"content":"<@9> secret",
            "author":{"id":"5","username":"ana","global_name":"Ana","avatar":"abc"},
            "member":{"nick":"Annie"},"timestamp":"2026-11-21T00:00:00Z",
            "attachments":[{"id":"6","filename":"diary.txt","size":3,"content_type":"text/plain",
            "url":"https://cdn.example/diary.txt","proxy_url":"https://cdn.example/diary.txt"}],
            "embeds":[{"title":"secret"}],"referenced_message":{"content":"secret"}}"#;
        let kept = redacted("MESSAGE_CREATE", message).unwrap();
        assert_eq!(
            kept,
            json!({
                "id": "1", "channel_id": "2", "guild_id": "3", "type": 0, "content": "<@9> xxxxxx",
                "author": {"id": "5"},
                "attachments": [{"id": "6", "filename": "x", "size": 3, "content_type": "text/plain",
                    "url": "x", "proxy_url": "x"}],
            })
        );
    }

    #[test]
    fn a_session_is_not_recorded_nor_what_decides_nothing() {
        let ready = r#"{"session_id":"abc","resume_gateway_url":"wss://x","user":{"id":"9","username":"bot"}}"#;
        assert_eq!(redacted("READY", ready), Some(json!({"user": {"id": "9"}})));
        assert_eq!(redacted("TYPING_START", "{}"), None);
        assert_eq!(redacted("MESSAGE_CREATE", "no json"), None);
    }
}
