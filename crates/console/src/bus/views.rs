//! Messages, notes and squads as they are shown: to agents, and to the operator.

use husting_deliberation::hygiene::cleaned;
use husting_domain::messages::{AcknowledgedBy, Mailbox, Message};
use husting_wire::bus::messages::MessageView;
use husting_wire::bus::results::{InboxMessage, Mail};

/// A message as its recipient reads it.
pub(super) fn inbox_message(message: &Message) -> InboxMessage {
    InboxMessage {
        id: message.id,
        seq: message.seq,
        from: message.from.to_string(),
        to: message.to.to_string(),
        text: message.text.clone(),
        sent_at: message.sent_at,
        origin: message.from.origin(),
        request_id: message.request_id.clone(),
        in_reply_to: message.in_reply_to,
        broadcast: message.is_broadcast,
        squad: message.squad.as_ref().map(ToString::to_string),
        acknowledged: matches!(message.acknowledged, Some((_, AcknowledgedBy::Ack))),
    }
}

/// Mail, with a number behind which there is more.
pub(super) fn mail(messages: &[Message], next_after: Option<u64>) -> Mail {
    Mail {
        messages: messages.iter().map(inbox_message).collect(),
        ack_ids: messages.iter().map(|message| message.id).collect(),
        next_after,
    }
}

/// A message as the operator sees it.
pub(super) fn message_view(message: Message) -> MessageView {
    let mailbox = match message.mailbox {
        Mailbox::Agent(id) => Some(id),
        Mailbox::Operator => None,
    };
    MessageView {
        message_id: message.id,
        place: message.place,
        mailbox,
        seq: message.seq,
        from: message.from.to_string(),
        from_agent: message.from.agent(),
        to: message.to,
        origin: message.from.origin(),
        // As it was written it goes to whoever it was written to; here it is looked at.
        text: cleaned(&message.text),
        erased: message.erased_at.is_some(),
        sent_at: message.sent_at,
        request_id: message.request_id,
        in_reply_to: message.in_reply_to,
        broadcast: message.is_broadcast,
        squad: message.squad,
        hops: message.hops,
        state: message.state,
        deliveries: message.deliveries,
        fetched_at: message.fetched_at,
        acknowledged_at: message.acknowledged.map(|(at, _)| at),
        acknowledged_by: message.acknowledged.map(|(_, by)| by),
        answered_at: message.answered.map(|(at, _)| at),
        answered_by: message.answered.map(|(_, by)| by),
        ended_at: message.ended_at,
        reach: None,
    }
}
