//! How an agent is answered for in Discord, told to it.

use std::sync::Arc;

use husting_domain::agents::CONNECTOR;
use husting_wire::bus::messages::{Recipient, WriteMessage};
use husting_wire::discord::AgentNamed;
use husting_wire::errors::Error;

use crate::Inner;

impl Inner {
    /// Tells an agent, as the operator, how its replies find their place.
    ///
    /// # Errors
    /// As any message to it: `agent_not_found`, `invalid_state` for one that reads no mail, `inbox_full`.
    pub(crate) async fn send_protocol(self: &Arc<Self>, asked: AgentNamed) -> Result<(), Error> {
        let letter = WriteMessage {
            to: Recipient::Agent(asked.agent.to_string()),
            text: protocol(),
            in_reply_to: None,
            request_id: None,
        };
        self.write_message(letter).await.map(drop)
    }
}

fn protocol() -> String {
    format!(
        "People write to you from Discord, and some of your replies did not reach them: they named no \
         question.\n\nA question from Discord begins with [request_id:<uuid>]. To answer it, send your reply to \
         {CONNECTOR} and write {{ack_for:<uuid>}} in its text, with the same uuid. It is posted under the \
         question, without the token. Where something could not be done, write \
         {{ack_for:<uuid>, ok:false}}.\n\nThis message asks for no answer."
    )
}

#[cfg(test)]
mod tests {
    use husting_domain::messages::Markers;

    use super::*;

    #[test]
    fn the_example_is_no_marker_itself() {
        let text = protocol();
        assert!(text.contains("{ack_for:<uuid>}"), "{text}");
        assert_eq!(Markers::read(&text).request_id, None);
    }
}
