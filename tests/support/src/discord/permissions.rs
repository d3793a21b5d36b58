//! Permission bits and how they add up: <https://docs.discord.com/developers/topics/permissions>.

use super::{id::Id, state::State};

/// Permission bits by Discord's names.
#[allow(
    missing_docs,
    reason = "the names are Discord's, the page above explains them"
)]
pub mod bits {
    pub const ADMINISTRATOR: u64 = 1 << 3;
    pub const MANAGE_CHANNELS: u64 = 1 << 4;
    pub const ADD_REACTIONS: u64 = 1 << 6;
    pub const VIEW_CHANNEL: u64 = 1 << 10;
    pub const SEND_MESSAGES: u64 = 1 << 11;
    pub const SEND_TTS_MESSAGES: u64 = 1 << 12;
    pub const MANAGE_MESSAGES: u64 = 1 << 13;
    pub const EMBED_LINKS: u64 = 1 << 14;
    pub const ATTACH_FILES: u64 = 1 << 15;
    pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
    pub const MENTION_EVERYONE: u64 = 1 << 17;
    pub const MANAGE_WEBHOOKS: u64 = 1 << 29;
    pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
    pub const MANAGE_THREADS: u64 = 1 << 34;
    pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
    pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
    pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;

    pub(crate) const ALL: u64 = (1 << 53) - 1;
}

/// View Channels, Send Messages, Read Message History, Send Messages in Threads: what a bot is invited with.
pub const INVITED_WITH: u64 = bits::VIEW_CHANNEL
    | bits::SEND_MESSAGES
    | bits::READ_MESSAGE_HISTORY
    | bits::SEND_MESSAGES_IN_THREADS;

/// What `@everyone` may do in a guild where nobody changed it.
pub const PEOPLES: u64 = INVITED_WITH
    | bits::ADD_REACTIONS
    | bits::EMBED_LINKS
    | bits::ATTACH_FILES
    | bits::CREATE_PUBLIC_THREADS
    | bits::CREATE_PRIVATE_THREADS
    | bits::USE_APPLICATION_COMMANDS;

/// In a direct message nothing can be taken away.
const IN_DMS: u64 = PEOPLES & !bits::CREATE_PUBLIC_THREADS & !bits::CREATE_PRIVATE_THREADS;

impl State {
    /// Guild-level permissions, without overwrites.
    pub(crate) fn base_permissions(&self, user: Id, guild: Id) -> u64 {
        let Some(guild) = self.guilds.get(&guild) else {
            return 0;
        };
        let Some(member) = guild.members.get(&user) else {
            return 0;
        };
        if guild.owner == user {
            return bits::ALL;
        }
        let held = guild
            .roles
            .iter()
            .filter(|role| role.id == guild.id || member.roles.contains(&role.id))
            .fold(0, |sum, role| sum | role.permissions);
        if held & bits::ADMINISTRATOR != 0 {
            bits::ALL
        } else {
            held
        }
    }

    /// What `user` may do in the channel; a thread inherits from its parent.
    pub(crate) fn permissions(&self, user: Id, channel: Id) -> u64 {
        let Some(channel) = self.channels.get(&channel) else {
            return 0;
        };
        let Some(guild) = channel.guild else {
            return if channel.recipients.contains(&user) || user == self.bot.id {
                IN_DMS
            } else {
                0
            };
        };
        let base = self.base_permissions(user, guild);
        if base == bits::ALL {
            return base;
        }
        let held = self.with_overwrites(base, user, guild, self.overwrites_of(channel.id));
        if held & bits::VIEW_CHANNEL == 0 || !self.is_let_into(user, channel.id, held) {
            return 0; // denying the view denies the rest
        }
        held
    }

    /// A private thread is for its members and for those who manage threads.
    fn is_let_into(&self, user: Id, channel: Id, held: u64) -> bool {
        let Some(channel) = self.channels.get(&channel) else {
            return false;
        };
        let private = channel.kind == super::model::ChannelKind::PrivateThread;
        let joined = channel
            .thread
            .as_ref()
            .is_some_and(|thread| thread.members.contains_key(&user));
        !private || joined || held & bits::MANAGE_THREADS != 0
    }

    fn overwrites_of(&self, channel: Id) -> &[super::model::Overwrite] {
        let Some(channel) = self.channels.get(&channel) else {
            return &[];
        };
        match (&channel.thread, channel.parent) {
            (Some(_), Some(parent)) => self.overwrites_of(parent),
            _ => &channel.overwrites,
        }
    }

    fn with_overwrites(
        &self,
        base: u64,
        user: Id,
        guild: Id,
        overwrites: &[super::model::Overwrite],
    ) -> u64 {
        let roles = self
            .guilds
            .get(&guild)
            .and_then(|guild| guild.members.get(&user))
            .map_or(&[][..], |member| &member.roles);
        let sum = |chosen: &dyn Fn(&super::model::Overwrite) -> bool| {
            let chosen = overwrites.iter().filter(|overwrite| chosen(overwrite));
            chosen.fold((0, 0), |(allow, deny), overwrite| {
                (allow | overwrite.allow, deny | overwrite.deny)
            })
        };
        let steps = [
            sum(&|overwrite| overwrite.id == guild),
            sum(&|overwrite| overwrite.id != guild && roles.contains(&overwrite.id)),
            sum(&|overwrite| overwrite.id == user),
        ];
        steps
            .into_iter()
            .fold(base, |held, (allow, deny)| (held & !deny) | allow)
    }
}
