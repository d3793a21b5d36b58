//! Why something cannot be done: where it is instead, and what can be done there.

use husting_domain::discord::{Inbound, InboundState, Reply, ReplyState};
use husting_wire::errors::{Error, ErrorCode};
use uuid::Uuid;

use super::stored_setup::TakenBy;

/// Without a bot there is no bridge and no journal.
pub(super) fn no_bot() -> Error {
    Error::new(
        ErrorCode::InvalidState,
        "No bot is set up, so nothing runs. Give its token, on the Discord screen or with `husting discord \
         bot --token-stdin`.",
    )
}

/// The bot is of another Discord than the one that would be asked.
pub(super) fn other_discord(taken_by: TakenBy) -> Error {
    let words = match taken_by {
        TakenBy::Sandbox => {
            "The bot was set up on a sandbox, and Husting runs beside Discord itself now. Start Husting with the \
             DISCORD_API_BASE and DISCORD_GATEWAY_URL that the sandbox prints, or give the token of a bot at \
             Discord, on the Discord screen or with `husting discord bot --token-stdin`."
        }
        TakenBy::Discord => {
            "The bot was set up at Discord, and Husting runs beside a sandbox now. Start Husting without \
             DISCORD_API_BASE and DISCORD_GATEWAY_URL, or give the token that the sandbox prints, on the Discord \
             screen or with `husting discord bot --token-stdin`."
        }
    };
    Error::new(ErrorCode::InvalidState, words)
}

/// It moved between the look and the act.
pub(super) fn moved_on(subject: Uuid) -> Error {
    Error::new(
        ErrorCode::InvalidState,
        format!("This has just moved on. `husting discord where {subject}` says where it is."),
    )
}

/// Why a reply cannot be moved so.
pub(super) fn reply_stands(reply: &Reply) -> Error {
    let id = reply.id;
    let words = match reply.state {
        ReplyState::Unplaced => format!(
            "This reply has no place yet. `husting discord place {id} QUESTION` gives it one."
        ),
        ReplyState::Waiting => {
            format!("This reply is on its way. `husting discord where {id}` says how far it is.")
        }
        ReplyState::Posted => "This reply stands in Discord already.".to_owned(),
        ReplyState::Parked | ReplyState::Barred => format!(
            "This reply has its place and rests. `husting discord retry {id}` tries again, `husting discord \
             dismiss {id}` puts it away."
        ),
        ReplyState::Dismissed => {
            format!("This reply is put away. `husting discord restore {id}` takes it back.")
        }
    };
    Error::new(ErrorCode::InvalidState, words)
}

/// The same of a question.
pub(super) fn question_stands(question: &Inbound) -> Error {
    let (id, agent) = (question.request, &question.agent);
    let words = match question.state {
        InboundState::Journalled => {
            format!("This question is on its way to {agent}; nothing has to be done.")
        }
        InboundState::Sent => format!("{agent} is asked already, and has not answered yet."),
        InboundState::Answered => format!("{agent} has answered this question."),
        InboundState::Withdrawn => {
            "This question is withdrawn: nobody is asked any more.".to_owned()
        }
        InboundState::Parked => format!(
            "This question is parked. `husting discord retry {id}` asks once more, `husting discord release \
             {id} --drop` lets it go."
        ),
        InboundState::Held => format!(
            "This question was heard late. `husting discord release {id}` asks it, with `--drop` it is let \
             go."
        ),
    };
    Error::new(ErrorCode::InvalidState, words)
}
