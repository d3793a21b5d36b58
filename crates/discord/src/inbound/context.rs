//! The block at the end of a question, which says where it was asked.

use husting_domain::discord::{Author, Inbound, RequestId, Snowflake};
use husting_domain::worded::{BLOCK_BEGIN, BLOCK_END};
use serde::Serialize;

/// Where a question was asked, as its agent is told. Of one that comes back only the question's id is
/// taken; everything else stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Context {
    /// The server; none for a direct message. It comes first: `{"request_id"` would be a marker to the
    /// bus, whose readers are lenient.
    pub guild_id: Option<Snowflake>,
    /// The question.
    pub request_id: RequestId,
    /// The channel; of a thread its parent.
    pub channel_id: Snowflake,
    /// The thread in it.
    pub thread_id: Option<Snowflake>,
    /// The message.
    pub message_id: Snowflake,
    /// Who wrote it.
    pub author: Author,
}

impl Context {
    /// Of a question.
    #[must_use]
    pub fn of(inbound: &Inbound) -> Self {
        Self {
            request_id: inbound.request,
            guild_id: inbound.place.guild,
            channel_id: inbound.place.channel,
            thread_id: inbound.place.thread,
            message_id: inbound.message,
            author: inbound.author.clone(),
        }
    }

    /// The block. Whatever the author is called, nothing in it ends or begins a comment.
    #[must_use]
    pub fn block(&self) -> String {
        // Ids and a text are always JSON.
        let json = serde_json::to_string(self).unwrap_or_default();
        let json = json.replace('<', "\\u003c").replace('>', "\\u003e");
        format!("{BLOCK_BEGIN}{json}{BLOCK_END}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::samples::question;

    #[test]
    fn a_block_is_json_in_a_comment_that_no_name_can_end() {
        let mut inbound = question("why?");
        inbound.author.name = "--><!-- \"Ana\"\n".to_owned();
        let block = Context::of(&inbound).block();
        let json = block
            .strip_prefix(BLOCK_BEGIN)
            .unwrap()
            .strip_suffix(BLOCK_END)
            .unwrap();
        assert!(!json.contains(['<', '>', '\n']), "{json}");
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let expected = serde_json::json!({
            "request_id": "00000000-0000-0000-0000-00000000000a",
            "guild_id": "30", "channel_id": "40", "thread_id": null, "message_id": "60",
            "author": { "id": "20", "name": "--><!-- \"Ana\"\n" },
        });
        assert_eq!(json, expected);
        assert_eq!(
            husting_domain::messages::Markers::read(&block).request_id,
            None
        );
    }
}
