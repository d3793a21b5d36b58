//! Gateway intents: <https://docs.discord.com/developers/events/gateway#gateway-intents>.

/// Intents by Discord's names.
#[allow(
    missing_docs,
    reason = "the names are Discord's, the page above explains them"
)]
pub mod intents {
    pub const GUILDS: u64 = 1;
    pub const GUILD_MEMBERS: u64 = 1 << 1;
    pub const GUILD_WEBHOOKS: u64 = 1 << 5;
    pub const GUILD_PRESENCES: u64 = 1 << 8;
    pub const GUILD_MESSAGES: u64 = 1 << 9;
    pub const GUILD_MESSAGE_REACTIONS: u64 = 1 << 10;
    pub const GUILD_MESSAGE_TYPING: u64 = 1 << 11;
    pub const DIRECT_MESSAGES: u64 = 1 << 12;
    pub const DIRECT_MESSAGE_REACTIONS: u64 = 1 << 13;
    pub const DIRECT_MESSAGE_TYPING: u64 = 1 << 14;
    pub const MESSAGE_CONTENT: u64 = 1 << 15;

    /// Those that must be switched on in the developer portal.
    pub const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;

    /// Bits 17–19, 22 and 23 mean nothing.
    pub(crate) const KNOWN: u64 = 0x1_ffff | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25;
}

/// The application flags of the granted intents, in their form for bots in under 100 guilds:
/// <https://docs.discord.com/developers/resources/application#application-object-application-flags>.
pub(crate) fn application_flags(granted: u64) -> u64 {
    let flag = |intent: u64, bit: u32| if granted & intent != 0 { 1 << bit } else { 0 };
    flag(intents::GUILD_PRESENCES, 13)
        | flag(intents::GUILD_MEMBERS, 15)
        | flag(intents::MESSAGE_CONTENT, 19)
}

/// The intents of an event that has one for guilds and one for direct messages.
pub(crate) fn for_place(in_guild: bool, guild: u64, direct: u64) -> u64 {
    if in_guild { guild } else { direct }
}
