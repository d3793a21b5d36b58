//! Mentions of the bot: by its user, written in two ways, and by the role that Discord makes for it.

use std::borrow::Cow;

use twilight_model::channel::message::Message;

use super::Routes;

/// Whether a message mentions the bot. A reply to the bot that notifies it is a mention as well;
/// `@everyone` is none.
#[must_use]
pub fn mentions(routes: &Routes, message: &Message) -> bool {
    let named = message
        .mentions
        .iter()
        .any(|user| user.id.get() == routes.bot.get());
    let is_own = |role: u64| routes.bot_roles.iter().any(|own| own.get() == role);
    let by_role = message.mention_roles.iter().any(|role| is_own(role.get()));
    named || by_role || forms(routes).any(|form| message.content.contains(&form))
}

/// The text without mentions of the bot, and without the spaces that stood around them.
pub(super) fn stripped<'t>(routes: &Routes, text: &'t str) -> Cow<'t, str> {
    let mut stripped = Cow::Borrowed(text);
    for form in forms(routes) {
        while let Some(at) = stripped.find(&form) {
            stripped = Cow::Owned(without(&stripped, at, form.len()));
        }
    }
    match stripped {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// One of two spaces goes with the word between them.
fn without(text: &str, at: usize, length: usize) -> String {
    let (before, after) = (&text[..at], &text[at + length..]);
    let is_first = before.is_empty() || before.ends_with(char::is_whitespace);
    let after = if is_first {
        after.trim_start_matches(' ')
    } else {
        after
    };
    format!("{before}{after}")
}

/// As a mention is written in a message's text:
/// <https://docs.discord.com/developers/reference#message-formatting>.
fn forms(routes: &Routes) -> impl Iterator<Item = String> {
    let bot = routes.bot;
    let roles = routes.bot_roles.iter().map(|role| format!("<@&{role}>"));
    [format!("<@{bot}>"), format!("<@!{bot}>")]
        .into_iter()
        .chain(roles)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::inbound::samples::routes;

    #[rstest]
    #[case("<@9> hello", "hello")]
    #[case("hello <@!9>", "hello")]
    #[case("hello <@9> you", "hello you")]
    #[case("hello<@9>you", "helloyou")]
    #[case("<@9><@9>", "")]
    #[case("one\n<@9> two", "one\ntwo")]
    #[case("<@&90> and <@8>", "and <@8>")]
    #[case("<@<@9>9>", "")]
    #[case("<@99> stays", "<@99> stays")]
    fn the_bots_mention_is_stripped_and_nothing_else(#[case] text: &str, #[case] left: &str) {
        assert_eq!(stripped(&routes(), text), left);
    }
}
