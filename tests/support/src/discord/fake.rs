//! The handle of a fake Discord.

use std::{io, net::SocketAddr, sync::Arc};

use serde_json::{Map, Value};

use super::{
    Answer, Cannot, GatewayTally, Id, Message, Overwrite, Saying, View, World,
    house::{self, House},
    record::{Frame, Request},
};
use crate::door::Entrance;

/// Discord on a loopback socket. It stops when the handle is dropped.
pub struct FakeDiscord {
    pub(crate) house: Arc<House>,
}

impl FakeDiscord {
    /// Starts on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(world: World) -> io::Result<Self> {
        FakeDiscord::start_at(world, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts at this address, inside a Tokio runtime.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn start_at(world: World, address: SocketAddr) -> io::Result<Self> {
        let entrance = Entrance::bind(address)?;
        let state = world.into_state(entrance.address().to_string());
        let house = Arc::new(House::new(state, entrance));
        house.entrance.open(house::router(&house))?;
        Ok(FakeDiscord { house })
    }

    /// `http://127.0.0.1:<port>`: the page on which one plays the people.
    pub fn origin(&self) -> String {
        format!("http://{}", self.house.entrance.address())
    }

    /// The REST API's address, ending in `/api/v10`.
    pub fn api_base(&self) -> String {
        format!("{}/api/v10", self.origin())
    }

    /// The gateway's address.
    pub fn gateway_url(&self) -> String {
        format!("ws://{}", self.house.entrance.address())
    }

    /// The bot's token.
    pub fn token(&self) -> String {
        self.house.look(|state| state.token.clone())
    }

    /// The bot's user, which has the application's id.
    pub fn bot(&self) -> Id {
        self.house.look(|state| state.bot.id)
    }
}

/// What people do. Their permissions count.
impl FakeDiscord {
    /// Says something, in a channel, a thread or a direct message.
    ///
    /// # Errors
    /// When the person may not.
    pub fn say(&self, person: Id, channel: Id, text: &str) -> Result<Id, Cannot> {
        self.send(person, channel, Saying::text(text))
    }

    /// The same as a reply, or with files.
    ///
    /// # Errors
    /// When the person may not.
    pub fn send(&self, person: Id, channel: Id, saying: Saying) -> Result<Id, Cannot> {
        let said = self.house.act(|state| state.say(person, channel, saying));
        said.map(|message| message.id)
    }

    /// Writes to the bot directly; gives the channel and the message.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn dm(&self, person: Id, text: &str) -> Result<(Id, Id), Cannot> {
        self.house.act(|state| {
            let channel = state.direct_channel(person);
            let message = state.say(person, channel, Saying::text(text))?;
            Ok((channel, message.id))
        })
    }

    /// Speaks through a webhook that is not the app's own.
    ///
    /// # Errors
    /// When there is no such channel.
    pub fn say_by_webhook(&self, channel: Id, name: &str, text: &str) -> Result<Id, Cannot> {
        self.house
            .act(|state| state.say_by_webhook(channel, name, text))
    }

    /// Edits an own message.
    ///
    /// # Errors
    /// When it is another's, or gone.
    pub fn edit(&self, person: Id, channel: Id, message: Id, text: &str) -> Result<(), Cannot> {
        self.house
            .act(|state| state.edit_as(person, channel, message, text))
    }

    /// Deletes a message.
    ///
    /// # Errors
    /// When the person may not, or it is gone.
    pub fn delete(&self, person: Id, channel: Id, message: Id) -> Result<(), Cannot> {
        self.house
            .act(|state| state.delete_as(person, channel, message))
    }

    /// Puts an emoji under a message.
    ///
    /// # Errors
    /// When the message is gone.
    pub fn react(&self, person: Id, channel: Id, message: Id, emoji: &str) -> Result<(), Cannot> {
        self.house
            .act(|state| Ok(state.react(channel, message, person, emoji)?))
    }

    /// Takes it away again.
    ///
    /// # Errors
    /// When the message is gone.
    pub fn unreact(&self, person: Id, channel: Id, message: Id, emoji: &str) -> Result<(), Cannot> {
        self.house
            .act(|state| Ok(state.unreact(channel, message, person, emoji)?))
    }

    /// Begins a public thread, from a message or from nothing.
    ///
    /// # Errors
    /// When the message has one already.
    pub fn begin_thread(
        &self,
        person: Id,
        parent: Id,
        message: Option<Id>,
        name: &str,
    ) -> Result<Id, Cannot> {
        self.house
            .act(|state| state.begin_thread_as(person, parent, message, name))
    }

    /// Archives a thread, and locks it or not.
    ///
    /// # Errors
    /// When it is no thread.
    pub fn archive(&self, thread: Id, locked: bool) -> Result<(), Cannot> {
        self.house.act(|state| state.archive(thread, locked))
    }

    /// Presses a button; gives the interaction.
    ///
    /// # Errors
    /// When there is no such button.
    pub fn press(
        &self,
        person: Id,
        channel: Id,
        message: Id,
        custom_id: &str,
    ) -> Result<Id, Cannot> {
        self.choose(person, channel, message, custom_id, &[])
    }

    /// Chooses from a select menu; gives the interaction.
    ///
    /// # Errors
    /// When there is no such menu.
    pub fn choose(
        &self,
        person: Id,
        channel: Id,
        message: Id,
        custom_id: &str,
        values: &[&str],
    ) -> Result<Id, Cannot> {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        self.house
            .act(|state| state.use_component(person, channel, message, custom_id, &values))
    }

    /// Fills in the form that answered an interaction and sends it; gives the new interaction.
    ///
    /// # Errors
    /// When no form was shown.
    pub fn submit(
        &self,
        person: Id,
        interaction: Id,
        values: &[(&str, &str)],
    ) -> Result<Id, Cannot> {
        let values: Vec<(String, String)> = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        self.house
            .act(|state| state.submit(person, interaction, &values))
    }

    /// Types a slash command with options as a JSON object; gives the interaction.
    ///
    /// # Errors
    /// When the app registered no such command or option.
    pub fn command(
        &self,
        person: Id,
        channel: Id,
        name: &str,
        options: &Value,
    ) -> Result<Id, Cannot> {
        let empty = Map::new();
        let options = options.as_object().unwrap_or(&empty);
        self.house
            .act(|state| state.use_command(person, channel, name, options))
    }

    /// Types in an option of a slash command, which asks the app to complete it; gives the interaction.
    ///
    /// # Errors
    /// When the app registered no such command, or does not complete the option.
    pub fn type_option(
        &self,
        person: Id,
        channel: Id,
        command: (&str, &str),
        typed: &str,
    ) -> Result<Id, Cannot> {
        self.house
            .act(|state| state.type_option(person, channel, command, typed))
    }

    /// Tells the app of an interaction once more, as a resumed session may.
    pub fn tell_again(&self, interaction: Id) {
        self.house.act(|state| state.tell_interaction(interaction));
    }
}

/// What the portal and the guilds' moderators do.
impl FakeDiscord {
    /// Changes what someone may do in a channel.
    pub fn overwrite(&self, channel: Id, overwrite: Overwrite) {
        self.house
            .act(|state| state.set_overwrite(channel, overwrite));
    }

    /// Changes what the bot's role allows in a guild.
    pub fn allow_bot(&self, guild: Id, permissions: u64) {
        self.house
            .act(|state| state.set_bot_permissions(guild, permissions));
    }

    /// Gives the bot a role of a guild.
    pub fn give_bot_role(&self, guild: Id, role: Id) {
        self.house.act(|state| state.give_bot_role(guild, role));
    }

    /// Switches privileged intents on and off.
    pub fn grant_intents(&self, privileged: u64) {
        let privileged = privileged & super::intent::intents::PRIVILEGED;
        self.house
            .act(|state| state.application.granted = privileged);
    }

    /// Sets or clears the endpoint URL that takes interactions away from the gateway.
    pub fn interactions_endpoint(&self, url: Option<&str>) {
        let url = url.map(str::to_owned);
        self.house
            .act(|state| state.application.interactions_endpoint_url = url);
    }

    /// Replaces the bot's token; the old one is worth nothing from now on.
    pub fn reset_token(&self, token: &str) {
        self.house.act(|state| token.clone_into(&mut state.token));
    }
}

/// What came of it.
impl FakeDiscord {
    /// Looks at everything at one moment.
    pub fn look<T>(&self, look: impl FnOnce(View<'_>) -> T) -> T {
        self.house.look(|state| look(View(state)))
    }

    /// Waits until `find` finds something. It is asked again whenever anything happens.
    pub async fn until<T>(&self, mut find: impl FnMut(View<'_>) -> Option<T>) -> T {
        self.house.until(|state| find(View(state))).await
    }

    /// Waits until the bot and its webhooks have posted so much in a channel.
    pub async fn until_posted(&self, channel: Id, count: usize) -> Vec<Message> {
        self.until(|view| {
            let posted = view.posted(channel);
            (posted.len() >= count).then_some(posted)
        })
        .await
    }

    /// Waits until so many sessions are live.
    pub async fn until_live(&self, count: usize) -> GatewayTally {
        self.until(|view| Some(view.gateway()).filter(|tally| tally.live >= count))
            .await
    }

    /// Waits until an interaction was answered.
    pub async fn until_answered(&self, interaction: Id) -> Answer {
        self.until(|view| {
            view.answer(interaction)
                .filter(|answer| answer.callback.is_some())
        })
        .await
    }

    /// The messages of a channel, the oldest first.
    pub fn messages(&self, channel: Id) -> Vec<Message> {
        self.look(|view| view.messages(channel))
    }

    /// Every REST request so far.
    pub fn requests(&self) -> Vec<Request> {
        self.look(|view| view.requests().to_vec())
    }

    /// Every frame that came by the gateway so far.
    pub fn frames(&self) -> Vec<Frame> {
        self.look(|view| view.frames().to_vec())
    }

    /// How gateway connections were begun and kept.
    pub fn gateway(&self) -> GatewayTally {
        self.look(|view| view.gateway())
    }

    /// 401, 403 and 429 within the window that counts them.
    pub fn invalid_requests(&self) -> usize {
        self.house.act(|state| {
            let settings = state.settings.clone();
            state.limits.invalid_count(&settings)
        })
    }
}

impl Drop for FakeDiscord {
    fn drop(&mut self) {
        self.drop_connections();
        self.house.entrance.stop();
    }
}
