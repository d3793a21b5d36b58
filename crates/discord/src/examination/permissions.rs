//! What the bot may do in a channel, and the invitation that grants the rest.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use husting_domain::discord::Snowflake;
use twilight_model::channel::{Channel, ChannelType};
use twilight_model::guild::Permissions;
use twilight_model::id::Id;
use twilight_util::permission_calculator::PermissionCalculator;

use super::{Finding, Subject, Verdict};
use crate::sender::{Role, SendError, Sender};

/// Without these nothing of the public page works in a channel.
const NEEDED: [(Permissions, &str); 4] = [
    (Permissions::VIEW_CHANNEL, "View Channels"),
    (Permissions::SEND_MESSAGES, "Send Messages"),
    (Permissions::READ_MESSAGE_HISTORY, "Read Message History"),
    (
        Permissions::SEND_MESSAGES_IN_THREADS,
        "Send Messages in Threads",
    ),
];
/// Each switches on one thing more.
const EXTRAS: [(Permissions, &str); 4] = [
    Extra::Reactions.named(),
    Extra::Files.named(),
    Extra::Webhooks.named(),
    Extra::Threads.named(),
];

/// A permission that switches on one thing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Marks on what people wrote.
    Reactions,
    /// Very long replies as files.
    Files,
    /// Agents under their own name.
    Webhooks,
    /// Deliberations in threads of their own.
    Threads,
}

impl Extra {
    /// As Discord calls it, with what it adds.
    const fn named(self) -> (Permissions, &'static str) {
        match self {
            Self::Reactions => (Permissions::ADD_REACTIONS, "Add Reactions (marks)"),
            Self::Files => (
                Permissions::ATTACH_FILES,
                "Attach Files (very long replies)",
            ),
            Self::Webhooks => (
                Permissions::MANAGE_WEBHOOKS,
                "Manage Webhooks (agents under their own name)",
            ),
            Self::Threads => (
                Permissions::CREATE_PUBLIC_THREADS,
                "Create Public Threads (deliberations)",
            ),
        }
    }
}

/// What the bot may not do in a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// As the channel is called; none for a direct message.
    pub name: Option<String>,
    /// Its server; none for a direct message.
    pub guild: Option<Snowflake>,
    /// What nothing works without, as Discord calls it.
    pub needed: Vec<&'static str>,
    /// What switches on one thing more each.
    pub extras: Vec<&'static str>,
    /// Discord does not show the channel to the bot, and does not say whether it is there.
    pub is_unseen: bool,
}

impl Lacking {
    /// Of a channel that Discord does not show to the bot.
    pub(super) fn unseen() -> Self {
        let [(_, view), ..] = NEEDED;
        Self {
            needed: vec![view],
            is_unseen: true,
            ..Self::default()
        }
    }

    pub(super) fn finding(&self, subject: Subject, application: Snowflake) -> Finding {
        let name = self.name.as_deref().unwrap_or("a direct message");
        if !self.needed.is_empty() {
            let words = format!(
                "#{name}: the bot may not {}; invite it anew with {}, or change the channel's permissions",
                self.needed.join(", "),
                invitation(application, self.guild)
            );
            return Finding::of(subject, Verdict::Fault, words);
        }
        let words = match self.extras.is_empty() {
            true => format!("#{name}: everything is allowed"),
            false => format!(
                "#{name}: all that is needed is allowed; not allowed: {}",
                self.extras.join(", ")
            ),
        };
        Finding::of(subject, Verdict::Well, words)
    }
}

/// The address at which the bot is invited with everything that it can use, to a server where one is named.
#[must_use]
pub fn invitation(application: Snowflake, guild: Option<Snowflake>) -> String {
    inviting(application, guild, NEEDED.iter().chain(&EXTRAS))
}

/// The same with the four permissions that are needed alone.
#[must_use]
pub fn plain_invitation(application: Snowflake) -> String {
    extended_invitation(application, [])
}

/// The same with some more.
#[must_use]
pub fn extended_invitation(
    application: Snowflake,
    extras: impl IntoIterator<Item = Extra>,
) -> String {
    let extras: Vec<_> = extras.into_iter().map(Extra::named).collect();
    inviting(application, None, NEEDED.iter().chain(&extras))
}

fn inviting<'a>(
    application: Snowflake,
    guild: Option<Snowflake>,
    permissions: impl Iterator<Item = &'a (Permissions, &'static str)>,
) -> String {
    let all = permissions.map(|(bit, _)| *bit);
    let bits = all.fold(Permissions::empty(), Permissions::union).bits();
    let server = guild.map_or_else(String::new, |guild| format!("&guild_id={guild}"));
    format!(
        "https://discord.com/oauth2/authorize?client_id={application}\
         &scope=bot+applications.commands&permissions={bits}{server}"
    )
}

/// A server as far as it says what the bot may do there.
#[derive(Clone, Debug)]
pub struct Server {
    guild: Snowflake,
    bot: Snowflake,
    roles: Vec<Role>,
    /// The bot's, everybody's left out.
    own: Vec<Snowflake>,
}

impl Server {
    /// Asks Discord for it.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn of(sender: &Sender, guild: Snowflake, bot: Snowflake) -> Result<Self, SendError> {
        Ok(Self {
            guild,
            bot,
            roles: sender.roles_of(guild).await?,
            own: sender.member(guild, bot).await?.roles,
        })
    }

    /// What the bot may not do in a channel of it. A thread allows what its channel allows, which is
    /// given for it.
    #[must_use]
    pub fn lacking(&self, channel: &Channel) -> Lacking {
        let allowed = self.allowed(channel);
        let missing = |wanted: &[(Permissions, &'static str)]| {
            let missing = wanted.iter().filter(|(bit, _)| !allowed.contains(*bit));
            missing.map(|(_, name)| *name).collect()
        };
        Lacking {
            name: channel.name.clone(),
            guild: Some(self.guild),
            needed: missing(&NEEDED),
            extras: missing(&EXTRAS),
            is_unseen: false,
        }
    }

    fn allowed(&self, channel: &Channel) -> Permissions {
        let bits = |role: &Role| {
            let bits = role.permissions.parse().unwrap_or_default();
            Permissions::from_bits_truncate(bits)
        };
        let everyone = self.roles.iter().find(|role| role.id == self.guild);
        let everyone = everyone.map_or(Permissions::empty(), bits);
        let own: Vec<_> = self
            .roles
            .iter()
            .filter(|role| self.own.contains(&role.id))
            .map(|role| (Id::new(role.id.get()), bits(role)))
            .collect();
        let (guild, bot) = (Id::new(self.guild.get()), Id::new(self.bot.get()));
        let calculator = PermissionCalculator::new(guild, bot, everyone, &own);
        let overwrites = channel.permission_overwrites.as_deref().unwrap_or_default();
        let kind = match channel.kind {
            ChannelType::Unknown(_) => ChannelType::GuildText,
            kind => kind,
        };
        calculator.in_channel(kind, overwrites)
    }
}

/// Servers that were asked for once.
#[derive(Debug, Default)]
pub(super) struct Servers(BTreeMap<Snowflake, Server>);

impl Servers {
    /// What the bot may not do in a channel or thread.
    pub async fn lacking(
        &mut self,
        sender: &Sender,
        channel: Snowflake,
        bot: Snowflake,
    ) -> Result<Lacking, SendError> {
        let shown = sender.channel(channel).await?;
        let guild = shown.guild_id.and_then(|id| Snowflake::new(id.get()).ok());
        let Some(guild) = guild else {
            return Ok(Lacking {
                name: shown.name,
                ..Lacking::default()
            });
        };
        let server = match self.0.entry(guild) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(Server::of(sender, guild, bot).await?),
        };
        let parent = shown.parent_id.filter(|_| shown.kind.is_thread());
        let parent = match parent.and_then(|parent| Snowflake::new(parent.get()).ok()) {
            Some(parent) => Some(sender.channel(parent).await?),
            None => None,
        };
        let lacking = server.lacking(parent.as_ref().unwrap_or(&shown));
        Ok(Lacking {
            name: shown.name,
            ..lacking
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The permissions that an invitation asks for.
    fn asked(extras: &[Extra]) -> u64 {
        let application = Snowflake::new(175_928_847_299_117_063).unwrap();
        let address = extended_invitation(application, extras.iter().copied());
        let (_, bits) = address.split_once("&permissions=").unwrap();
        bits.parse().unwrap()
    }

    #[test]
    fn an_invitation_asks_for_what_is_needed_and_for_the_extras_that_are_named() {
        // https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
        let needed = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 38;
        assert_eq!(asked(&[]), needed);
        for (extra, bit) in [
            (Extra::Reactions, 6),
            (Extra::Files, 15),
            (Extra::Webhooks, 29),
            (Extra::Threads, 35),
        ] {
            assert_eq!(asked(&[extra]), needed | 1 << bit, "{extra:?}");
        }
    }
}
