//! What the bot may do in a channel, and the invitation that grants the rest.

use husting_domain::discord::Snowflake;
use twilight_model::channel::{Channel, ChannelType};
use twilight_model::guild::Permissions;
use twilight_model::id::Id;
use twilight_util::permission_calculator::PermissionCalculator;

use super::{Finding, Verdict};
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
    (Permissions::ADD_REACTIONS, "Add Reactions (marks)"),
    (
        Permissions::ATTACH_FILES,
        "Attach Files (very long replies)",
    ),
    (
        Permissions::MANAGE_WEBHOOKS,
        "Manage Webhooks (agents under their own name)",
    ),
    (
        Permissions::CREATE_PUBLIC_THREADS,
        "Create Public Threads (deliberations)",
    ),
];

/// What the bot may not do in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    name: Option<String>,
    guild: Option<Snowflake>,
    needed: Vec<&'static str>,
    extras: Vec<&'static str>,
}

impl Lacking {
    pub fn finding(&self, subject: String, application: Snowflake) -> Finding {
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

/// The address at which the bot is invited with everything that it can use.
pub fn invitation(application: Snowflake, guild: Option<Snowflake>) -> String {
    let all = NEEDED.iter().chain(&EXTRAS).map(|(bit, _)| *bit);
    let bits = all.fold(Permissions::empty(), Permissions::union).bits();
    let server = guild.map_or_else(String::new, |guild| format!("&guild_id={guild}"));
    format!(
        "https://discord.com/oauth2/authorize?client_id={application}\
         &scope=bot+applications.commands&permissions={bits}{server}"
    )
}

/// What the bot may not do in a channel or thread.
pub async fn lacking(
    sender: &Sender,
    channel: Snowflake,
    bot: Snowflake,
) -> Result<Lacking, SendError> {
    let shown = sender.channel(channel).await?;
    let guild = shown.guild_id.and_then(|id| Snowflake::new(id.get()).ok());
    let Some(guild) = guild else {
        return Ok(Lacking {
            name: shown.name,
            guild: None,
            needed: Vec::new(),
            extras: Vec::new(),
        });
    };
    let roles = sender.roles_of(guild).await?;
    let member = sender.member(guild, bot).await?;
    // A thread allows what its channel allows.
    let parent = match shown.parent_id.filter(|_| shown.kind.is_thread()) {
        Some(parent) => match Snowflake::new(parent.get()) {
            Ok(parent) => Some(sender.channel(parent).await?),
            Err(_) => None,
        },
        None => None,
    };
    let ruled_by = parent.as_ref().unwrap_or(&shown);
    let allowed = allowed(guild, bot, &roles, &member.roles, ruled_by);
    let missing = |wanted: &[(Permissions, &'static str)]| {
        let missing = wanted.iter().filter(|(bit, _)| !allowed.contains(*bit));
        missing.map(|(_, name)| *name).collect()
    };
    Ok(Lacking {
        name: shown.name.clone(),
        guild: Some(guild),
        needed: missing(&NEEDED),
        extras: missing(&EXTRAS),
    })
}

fn allowed(
    guild: Snowflake,
    bot: Snowflake,
    roles: &[Role],
    own: &[Snowflake],
    channel: &Channel,
) -> Permissions {
    let bits = |role: &Role| {
        let bits = role.permissions.parse().unwrap_or_default();
        Permissions::from_bits_truncate(bits)
    };
    let everyone = roles.iter().find(|role| role.id == guild);
    let everyone = everyone.map_or(Permissions::empty(), bits);
    let own: Vec<_> = roles
        .iter()
        .filter(|role| own.contains(&role.id))
        .map(|role| (Id::new(role.id.get()), bits(role)))
        .collect();
    let calculator =
        PermissionCalculator::new(Id::new(guild.get()), Id::new(bot.get()), everyone, &own);
    let overwrites = channel.permission_overwrites.as_deref().unwrap_or_default();
    let kind = match channel.kind {
        ChannelType::Unknown(_) => ChannelType::GuildText,
        kind => kind,
    };
    calculator.in_channel(kind, overwrites)
}
