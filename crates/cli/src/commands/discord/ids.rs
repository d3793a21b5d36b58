//! Ids as they are typed.

use husting_domain::discord::{RequestId, Snowflake};
use uuid::Uuid;

/// What a word should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoId {
    /// A reply.
    #[error(
        "a reply's id is like 0199d1f0-0000-7000-8000-000000000000; `husting discord unplaced` and `husting \
         discord traffic` print them"
    )]
    Reply,
    /// A question.
    #[error(
        "a question's id is like 0199d1f0-0000-7000-8000-000000000000; `husting discord traffic` prints them"
    )]
    Question,
    /// Either.
    #[error(
        "the id of a question or a reply is like 0199d1f0-0000-7000-8000-000000000000; `husting discord \
         traffic --resting` prints those that rest"
    )]
    Either,
    /// Either, or a message in Discord.
    #[error(
        "give the id of a question or a reply, as `husting discord traffic` prints them, or Discord's id of a \
         message"
    )]
    Message,
    /// A channel or thread.
    #[error(
        "a channel's id has 17 digits or more, as \"Copy Channel ID\" gives it; `husting discord servers` \
         prints them"
    )]
    Channel,
    /// The application.
    #[error(
        "an application's id has 17 digits or more; it stands on its General Information page at \
         https://discord.com/developers/applications"
    )]
    Application,
}

pub fn reply(text: &str) -> Result<Uuid, NoId> {
    text.parse().map_err(|_| NoId::Reply)
}

pub fn question(text: &str) -> Result<RequestId, NoId> {
    text.parse().map(RequestId).map_err(|_| NoId::Question)
}

pub fn either(text: &str) -> Result<Uuid, NoId> {
    text.parse().map_err(|_| NoId::Either)
}

/// One of ours, or Discord's of a message; as it was typed.
pub fn message(text: &str) -> Result<String, NoId> {
    let text = text.trim();
    let is_ours = text.parse::<Uuid>().is_ok();
    if is_ours || text.parse::<Snowflake>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err(NoId::Message)
    }
}

pub fn channel(text: &str) -> Result<Snowflake, NoId> {
    given_by_discord(text).ok_or(NoId::Channel)
}

/// The map may hold one that Discord never gave: it can be taken out again.
pub fn any_channel(text: &str) -> Result<Snowflake, NoId> {
    text.parse().map_err(|_| NoId::Channel)
}

pub fn application(text: &str) -> Result<Snowflake, NoId> {
    given_by_discord(text).ok_or(NoId::Application)
}

fn given_by_discord(text: &str) -> Option<Snowflake> {
    text.parse()
        .ok()
        .filter(|id: &Snowflake| id.may_be_discords())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "0199d1f0-0000-7000-8000-000000000000";
    const DISCORDS: &str = "123456789012345678";

    #[test]
    fn what_is_no_id_is_told_what_one_looks_like_and_where_it_is_printed() {
        for text in ["", "q", "5", DISCORDS, "0199d1f0"] {
            assert_eq!(reply(text), Err(NoId::Reply), "{text}");
            assert_eq!(question(text), Err(NoId::Question), "{text}");
            assert_eq!(either(text), Err(NoId::Either), "{text}");
        }
        for text in ["", "general", "12", "#hq", OURS, "9999999999999999"] {
            assert_eq!(channel(text), Err(NoId::Channel), "{text}");
            assert_eq!(application(text), Err(NoId::Application), "{text}");
        }
        assert_eq!(message("x"), Err(NoId::Message));
    }

    #[test]
    fn ids_are_taken_as_they_are_printed() {
        assert_eq!(reply(OURS).unwrap().to_string(), OURS);
        assert_eq!(question(OURS).unwrap().to_string(), OURS);
        assert_eq!(either(OURS).unwrap().to_string(), OURS);
        assert_eq!(channel(DISCORDS).unwrap().to_string(), DISCORDS);
        assert_eq!(application(DISCORDS).unwrap().to_string(), DISCORDS);
        assert_eq!(any_channel("12").unwrap().to_string(), "12");
        assert_eq!(message(&format!(" {OURS}\n")).unwrap(), OURS);
        assert_eq!(message("4711").unwrap(), "4711");
    }
}
