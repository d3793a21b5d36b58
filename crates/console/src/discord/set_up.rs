//! Setting the bridge up: the bot and its token, servers and channels, who is asked where.

use husting_wire::discord::{
    DiscordFindings, DiscordServers, DiscordView, EditDiscord, TestBotToken,
};
use husting_wire::errors::Error;

use crate::Inner;

impl Inner {
    pub(crate) async fn edit_discord(&self, _: EditDiscord) -> Result<DiscordView, Error> {
        Err(Error::not_found("edit_discord"))
    }

    pub(crate) async fn test_discord(&self, _: TestBotToken) -> Result<DiscordFindings, Error> {
        Err(Error::not_found("test_discord"))
    }

    pub(crate) async fn forget_bot(&self) -> Result<DiscordView, Error> {
        Err(Error::not_found("forget_bot"))
    }

    pub(crate) async fn list_servers(&self) -> Result<DiscordServers, Error> {
        Err(Error::not_found("list_servers"))
    }
}
