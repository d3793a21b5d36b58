//! What stands in Discord already, by a try of which nothing was noted.

use husting_domain::discord::{Post, Reply, Snowflake};

use super::Shared;
use super::faults::DiscordStepError;
use super::intake::parsed;
use super::shown::Shown;

/// How far Discord's clock and ours may be apart, in milliseconds: five minutes.
const CLOCKS_DIFFER_MILLIS: i64 = 5 * 60 * 1_000;
/// Messages of one page; Discord's limit.
const PAGE: u16 = 100;
/// Pages that are read back at the most.
const MOST_PAGES: usize = 10;

impl Shared {
    /// The message of a try that was not noted: one of ours with the same words, which is no part of
    /// any reply that is known. A channel's messages are posted one after the other, so there is at
    /// most one such.
    pub(super) async fn posted_before(
        &self,
        channel: Snowflake,
        reply: &Reply,
        post: &Post,
    ) -> Result<Option<Snowflake>, DiscordStepError> {
        // By Discord's own clock where a question was asked, which ours may not agree with.
        let arrived = || Snowflake::at(reply.arrived_at.plus_millis(-CLOCKS_DIFFER_MILLIS));
        let (since, ours) = (reply.reply_to.or_else(arrived), self.voices.application());
        let mut before = None;
        for _ in 0..MOST_PAGES {
            let sender = &self.parties.sender;
            let page = sender.messages_before(channel, before, PAGE).await?;
            let is_last = page.len() < usize::from(PAGE);
            let shown = page
                .iter()
                .filter_map(|message| parsed::<Shown>("a message read back", message));
            let shown: Vec<_> = shown.collect();
            for each in &shown {
                if is(each, post, self.bot(), ours, reply.reply_to)
                    && !self.is_noted(each.id).await?
                {
                    return Ok(Some(each.id));
                }
            }
            before = shown.iter().map(|each| each.id).min();
            if is_last || before <= since {
                break;
            }
        }
        Ok(None)
    }

    async fn is_noted(&self, message: Snowflake) -> Result<bool, DiscordStepError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        Ok(store.discord_is_noted(tenant, message).await?)
    }
}

/// Whether a message may be a part of a reply; others may have the same words.
fn is(
    shown: &Shown,
    post: &Post,
    bot: Snowflake,
    ours: Option<Snowflake>,
    question: Option<Snowflake>,
) -> bool {
    if shown.content.trim() != post.content.trim() {
        return false;
    }
    match shown.webhook_id {
        Some(_) => ours.is_some() && shown.application_id == ours,
        None => shown.is_by(bot) && answers(shown, question, post.part),
    }
}

/// Whether it is shown as a reply to the question, as the first part is; one to a question that was
/// deleted is shown as none.
fn answers(shown: &Shown, question: Option<Snowflake>, part: u32) -> bool {
    let named = shown.replies_to();
    match part {
        0 => named.is_none() || named == question,
        _ => named.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_reply_itself(Some("5"), 0, true)]
    #[case::a_reply_to_another_question(Some("6"), 0, false)]
    #[case::one_whose_question_was_deleted(None, 0, true)]
    #[case::a_later_part(None, 1, true)]
    #[case::a_first_part_is_no_later_one(Some("5"), 1, false)]
    fn the_same_words_under_another_question_are_another_reply(
        #[case] reference: Option<&str>,
        #[case] part: u32,
        #[case] answers: bool,
    ) {
        let mut message =
            serde_json::json!({ "id": "9", "author": { "id": "1" }, "content": "Done." });
        if let Some(named) = reference {
            message["message_reference"] = serde_json::json!({ "message_id": named });
        }
        let shown: Shown = serde_json::from_value(message).unwrap();
        assert_eq!(
            super::answers(&shown, Snowflake::new(5).ok(), part),
            answers
        );
    }
}
