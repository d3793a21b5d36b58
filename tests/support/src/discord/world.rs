//! The world a test begins with: a bot, guilds, channels and people.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    id::{Id, Mint},
    intent::intents,
    model::{Channel, ChannelKind, Guild, Member, Overwrite, Role, Thread, User},
    permissions::{INVITED_WITH, PEOPLES},
    settings::Settings,
    state::{Application, State},
};

/// A token that could not be Discord's.
const TOKEN: &str = "fake-bot-token.made.for.tests-0123456789";

/// What there is before anything happens. Every method that makes something gives its id.
pub struct World {
    mint: Mint,
    settings: Settings,
    token: String,
    bot: User,
    application: Application,
    users: BTreeMap<Id, User>,
    guilds: BTreeMap<Id, Guild>,
    channels: BTreeMap<Id, Channel>,
}

impl Default for World {
    fn default() -> Self {
        World::new()
    }
}

impl World {
    /// A bot in no guild, with the Message Content intent switched on.
    pub fn new() -> Self {
        World::of(Mint::default())
    }

    fn of(mut mint: Mint) -> Self {
        let bot = User {
            id: mint.next(),
            username: "husting".to_owned(),
            bot: true,
            takes_dms: false,
        };
        World {
            mint,
            settings: Settings::default(),
            token: TOKEN.to_owned(),
            users: BTreeMap::from([(bot.id, bot.clone())]),
            bot,
            application: Application {
                name: "Husting".to_owned(),
                granted: intents::MESSAGE_CONTENT,
                interactions_endpoint_url: None,
            },
            guilds: BTreeMap::new(),
            channels: BTreeMap::new(),
        }
    }

    /// Reads a world from what a file says of it: the same words give the same ids, so that a sandbox which is
    /// started again has the bot and the channels that a bridge knows.
    pub fn described(description: &Description) -> Self {
        let mut world = World::of(Mint::standing());
        if let Some(token) = &description.token {
            world.token.clone_from(token);
        }
        if let Some(settings) = &description.settings {
            world.settings = settings.clone();
        }
        let people: Vec<Id> = description
            .people
            .iter()
            .map(|name| world.person(name))
            .collect();
        for told in &description.guilds {
            let guild = world.guild(&told.name);
            people.iter().for_each(|person| world.join(guild, *person));
            for name in &told.channels {
                world.channel(guild, name);
            }
            if let Some(bits) = told.bot_permissions {
                world.allow_bot(guild, bits);
            }
        }
        world.mint.go_on();
        world
    }

    /// Two people, one guild, three channels: enough to play with.
    pub fn sandbox() -> Self {
        let mut world = World::described(&Description::sandbox());
        let generous = PEOPLES | super::permissions::bits::MANAGE_WEBHOOKS;
        let guilds: Vec<Id> = world.guilds.keys().copied().collect();
        for guild in guilds {
            world.allow_bot(guild, generous);
        }
        world
    }

    /// Intervals and limits.
    pub fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// The bot's token.
    pub fn token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    /// The bot's user, which has the application's id.
    pub fn bot(&self) -> Id {
        self.bot.id
    }

    /// The privileged intents that are switched on in the portal.
    pub fn grant_intents(&mut self, privileged: u64) {
        self.application.granted = privileged & intents::PRIVILEGED;
    }

    /// An endpoint URL in the portal, which takes all interactions away from the gateway.
    pub fn interactions_endpoint(&mut self, url: &str) {
        self.application.interactions_endpoint_url = Some(url.to_owned());
    }

    /// A person, in no guild yet.
    pub fn person(&mut self, username: &str) -> Id {
        let id = self.mint.next();
        let user = User {
            id,
            username: username.to_owned(),
            bot: false,
            takes_dms: true,
        };
        self.users.insert(id, user);
        id
    }

    /// Someone else's bot, which plays like a person.
    pub fn other_bot(&mut self, username: &str) -> Id {
        let id = self.person(username);
        if let Some(user) = self.users.get_mut(&id) {
            user.bot = true;
        }
        id
    }

    /// Takes no direct messages from now on.
    pub fn refuse_dms(&mut self, person: Id) {
        if let Some(user) = self.users.get_mut(&person) {
            user.takes_dms = false;
        }
    }

    /// A guild of an owner nobody plays, with the bot in it, invited with [`INVITED_WITH`] and the scope
    /// `applications.commands`.
    pub fn guild(&mut self, name: &str) -> Id {
        let owner = self.person(&format!("{}-owner", name.to_lowercase()));
        let id = self.mint.next();
        let bots_role = self.mint.next();
        let role = |id, name: &str, permissions, managed| Role {
            id,
            name: name.to_owned(),
            permissions,
            mentionable: false,
            managed,
        };
        // `@everyone` gives nothing, so that the bot has what it was invited with and no more.
        let people = self.mint.next();
        let member = |roles| Member {
            roles,
            joined_at: Timestamp::now(),
        };
        let guild = Guild {
            id,
            name: name.to_owned(),
            owner,
            roles: vec![
                role(id, "@everyone", 0, false),
                role(people, "people", PEOPLES, false),
                role(bots_role, "husting", INVITED_WITH, true),
            ],
            members: BTreeMap::from([
                (owner, member(vec![people])),
                (self.bot.id, member(vec![bots_role])),
            ]),
            commands_scope: true,
        };
        self.guilds.insert(id, guild);
        id
    }

    /// Lets someone into a guild, with the role `people`.
    pub fn join(&mut self, guild: Id, person: Id) {
        if let Some(guild) = self.guilds.get_mut(&guild) {
            let people = guild.roles.iter().find(|role| role.name == "people");
            let roles = people.map(|role| role.id).into_iter().collect();
            let joined_at = Timestamp::now();
            guild.members.insert(person, Member { roles, joined_at });
        }
    }

    /// Another role.
    pub fn role(&mut self, guild: Id, name: &str, permissions: u64, mentionable: bool) -> Id {
        let id = self.mint.next();
        if let Some(guild) = self.guilds.get_mut(&guild) {
            guild.roles.push(Role {
                id,
                name: name.to_owned(),
                permissions,
                mentionable,
                managed: false,
            });
        }
        id
    }

    /// Gives someone a role.
    pub fn give_role(&mut self, guild: Id, user: Id, role: Id) {
        let guild = self.guilds.get_mut(&guild);
        if let Some(member) = guild.and_then(|guild| guild.members.get_mut(&user)) {
            member.roles.push(role);
        }
    }

    /// What the bot's own role allows in the guild.
    pub fn allow_bot(&mut self, guild: Id, permissions: u64) {
        if let Some(guild) = self.guilds.get_mut(&guild) {
            let own = guild.roles.iter_mut().find(|role| role.managed);
            own.into_iter()
                .for_each(|role| role.permissions = permissions);
        }
    }

    /// The bot was invited without the scope `applications.commands`.
    pub fn without_commands_scope(&mut self, guild: Id) {
        if let Some(guild) = self.guilds.get_mut(&guild) {
            guild.commands_scope = false;
        }
    }

    /// A text channel.
    pub fn channel(&mut self, guild: Id, name: &str) -> Id {
        self.channel_of_kind(guild, name, ChannelKind::Text)
    }

    /// A channel of another kind; threads are made with [`World::thread`].
    pub fn channel_of_kind(&mut self, guild: Id, name: &str, kind: ChannelKind) -> Id {
        let id = self.mint.next();
        let channel = Channel {
            id,
            kind,
            guild: Some(guild),
            parent: None,
            name: name.to_owned(),
            overwrites: Vec::new(),
            recipients: Vec::new(),
            last_message: None,
            thread: None,
        };
        self.channels.insert(id, channel);
        id
    }

    /// Puts an overwrite on a channel.
    pub fn overwrite(&mut self, channel: Id, overwrite: Overwrite) {
        if let Some(channel) = self.channels.get_mut(&channel) {
            channel.overwrites.retain(|held| held.id != overwrite.id);
            channel.overwrites.push(overwrite);
        }
    }

    /// A public thread of a text channel, begun by nobody in the world.
    pub fn thread(&mut self, parent: Id, name: &str) -> Id {
        self.thread_of_kind(parent, name, ChannelKind::PublicThread)
    }

    /// A thread of another kind.
    pub fn thread_of_kind(&mut self, parent: Id, name: &str, kind: ChannelKind) -> Id {
        let guild = self.channels.get(&parent).and_then(|channel| channel.guild);
        let owner = guild.and_then(|guild| self.guilds.get(&guild));
        let owner = owner.map_or(self.bot.id, |guild| guild.owner);
        let id = self.channel_of_kind(guild.unwrap_or(parent), name, kind);
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.parent = Some(parent);
            channel.thread = Some(Thread {
                owner,
                archived: false,
                locked: false,
                auto_archive_duration: 4_320,
                archive_timestamp: Timestamp::now(),
                members: BTreeMap::new(),
                message_count: 0,
                total_message_sent: 0,
            });
        }
        id
    }

    pub(crate) fn into_state(self, host: String) -> State {
        State {
            mint: self.mint,
            settings: self.settings,
            host,
            token: self.token,
            bot: self.bot,
            application: self.application,
            users: self.users,
            guilds: self.guilds,
            channels: self.channels,
            messages: BTreeMap::new(),
            files: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            commands: BTreeMap::new(),
            interactions: BTreeMap::new(),
            nonces: std::collections::HashMap::new(),
            sessions: super::sessions::Sessions::default(),
            limits: super::limits::Limits::default(),
            faults: super::faults::Faults::default(),
            record: super::record::Record::default(),
        }
    }
}

/// A world as a file: names, from which ids are made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The bot's token.
    #[serde(default)]
    pub token: Option<String>,
    /// People, all of them in every guild.
    #[serde(default)]
    pub people: Vec<String>,
    /// Guilds.
    #[serde(default)]
    pub guilds: Vec<GuildDescription>,
    /// Intervals and limits.
    #[serde(default)]
    pub settings: Option<Settings>,
}

/// A guild as a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuildDescription {
    /// Its name.
    pub name: String,
    /// Its text channels.
    #[serde(default)]
    pub channels: Vec<String>,
    /// The bits of the bot's role, if it was invited with others.
    #[serde(default)]
    pub bot_permissions: Option<u64>,
}

impl Description {
    fn sandbox() -> Self {
        let channels = ["general", "engineering", "random"];
        Description {
            token: None,
            people: vec!["alice".to_owned(), "bob".to_owned()],
            guilds: vec![GuildDescription {
                name: "Workshop".to_owned(),
                channels: channels.map(str::to_owned).to_vec(),
                bot_permissions: None,
            }],
            settings: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_that_is_started_again_has_the_same_bot_and_channels() {
        let ids = |world: &World| {
            (
                world.bot.id,
                world.channels.keys().copied().collect::<Vec<_>>(),
            )
        };
        let (mut first, again) = (World::sandbox(), World::sandbox());
        assert_eq!(ids(&first), ids(&again));
        let known = again.channels.keys().max().copied();
        assert!(
            Some(first.mint.next()) > known,
            "what is written comes after"
        );
        assert_ne!(World::new().bot.id, again.bot.id);
    }
}
