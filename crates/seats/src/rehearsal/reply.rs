//! An answer to one message, by nobody who thinks: it says so, and says what it read.

use husting_domain::exchange::{Prompt, Role};

/// Characters of the message that are told back.
const TOLD: usize = 160;

/// What the last message is answered.
pub fn write(prompt: &Prompt) -> String {
    let last = prompt
        .messages
        .iter()
        .rfind(|message| message.role == Role::User);
    let read = last.map(|message| gist(&message.text)).unwrap_or_default();
    let stop = if read.ends_with(['.', '!', '?', '…']) {
        ""
    } else {
        "."
    };
    format!(
        "Rehearsal: your message arrived: “{read}”{stop} No model was asked: this agent rehearses until whoever runs it gives it one."
    )
}

/// Without the id of a request in front, and without what follows a blank line, such as how to reply.
fn first_paragraph(text: &str) -> &str {
    let text = text.trim_start();
    let behind_id = text
        .strip_prefix("[request_id:")
        .and_then(|rest| rest.split_once(']'));
    let text = behind_id.map_or(text, |(_, rest)| rest.trim_start());
    text.split("\n\n").next().unwrap_or(text)
}

/// The message's beginning: of what stands in a fence, where one does.
fn gist(text: &str) -> String {
    let inside = text
        .split_once(">>>\n")
        .and_then(|(_, rest)| rest.split_once("\n<<<"))
        .map_or(text, |(inside, _)| inside);
    let words: Vec<&str> = first_paragraph(inside).split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= TOLD {
        return line;
    }
    let mut cut: String = line.chars().take(TOLD).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_domain::exchange::{AnswerShape, Message};

    fn reply(text: &str) -> String {
        let message = Message {
            role: Role::User,
            text: text.to_owned(),
            cache_until_here: false,
        };
        write(&Prompt {
            system: String::new(),
            messages: vec![message],
            shape: AnswerShape::Reply,
            max_output_tokens: 512,
        })
    }

    #[test]
    fn it_says_what_it_is_and_what_it_read() {
        let said = reply("From agent:anna\n<<<message n>>>\nIs the\ndock open?\n<<<end n>>>");
        assert!(said.starts_with("Rehearsal:"), "{said}");
        assert!(said.contains("“Is the dock open?”"), "{said}");
    }

    #[test]
    fn what_says_how_to_reply_is_not_read_back() {
        let said = reply("[request_id:a-1] What is\nthe plan?\n\n(Reply with {ack_for:a-1}.)");
        assert!(said.contains("“What is the plan?”"), "{said}");
    }

    #[test]
    fn a_long_message_is_cut_with_an_ellipsis() {
        let said = reply(&"word ".repeat(100));
        assert!(said.contains("…”"), "{said}");
    }
}
