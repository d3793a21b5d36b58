//! The reads of the bridge, each at its table.

use async_trait::async_trait;
use husting_domain::agents::Name;
use husting_domain::discord::{
    Cursor, Inbound, InboundState, KnownChannel, ReplyState, RequestId, Snowflake, Stop,
};
use husting_domain::discord_panels::DiscordPanel;
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::time::Timestamp;
use uuid::Uuid;

use super::super::SqliteStore;
use super::{channels, figures, pages, panels, posts, questions, replies, sessions, stops};
use crate::discord::{DiscordFigures, DiscordOpen, DiscordReads, ReplyWithPosts, UnnamedReplies};
use crate::discord_panels::DiscordPanelReads;
use crate::errors::StoreError;

#[async_trait]
impl DiscordReads for SqliteStore {
    async fn discord_cursor(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Option<Cursor>, StoreError> {
        sessions::cursor(&self.connections.readers, tenant, bot).await
    }

    async fn discord_question(
        &self,
        tenant: &TenantId,
        request: RequestId,
    ) -> Result<Option<Inbound>, StoreError> {
        questions::by_id(&self.connections.readers, tenant, request).await
    }

    async fn discord_question_of(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        message: Snowflake,
    ) -> Result<Option<Inbound>, StoreError> {
        questions::by_message(&self.connections.readers, tenant, bot, message).await
    }

    async fn discord_warned_in_vain(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Vec<Inbound>, StoreError> {
        questions::warned_in_vain(&self.connections.readers, tenant, bot).await
    }

    async fn discord_question_on_bus(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        bus_id: &str,
    ) -> Result<Option<Inbound>, StoreError> {
        questions::on_bus(&self.connections.readers, tenant, bot, bus_id).await
    }

    async fn discord_questions_in(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        state: InboundState,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError> {
        questions::in_state(&self.connections.readers, tenant, bot, state, limit).await
    }

    async fn discord_questions_to_ask(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        without: &[Name],
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError> {
        questions::to_ask(&self.connections.readers, tenant, bot, without, limit).await
    }

    async fn discord_asked_since(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        channel: Snowflake,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        questions::asked_since(&self.connections.readers, tenant, bot, channel, since).await
    }

    async fn discord_questions(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError> {
        questions::newest(&self.connections.readers, tenant, bot, limit).await
    }

    async fn discord_has_reply(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        bus_id: &str,
    ) -> Result<bool, StoreError> {
        replies::has(&self.connections.readers, tenant, bot, bus_id).await
    }

    async fn discord_keeps_mail(
        &self,
        tenant: &TenantId,
        bus_id: &str,
    ) -> Result<bool, StoreError> {
        replies::keeps(&self.connections.readers, tenant, bus_id).await
    }

    async fn discord_replies_to(
        &self,
        tenant: &TenantId,
        request: RequestId,
    ) -> Result<u32, StoreError> {
        replies::count(&self.connections.readers, tenant, request).await
    }

    async fn discord_replies_in(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        state: ReplyState,
        limit: u32,
    ) -> Result<Vec<ReplyWithPosts>, StoreError> {
        replies::in_state(&self.connections.readers, tenant, bot, state, limit).await
    }

    async fn discord_next_reply(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        channel: Snowflake,
    ) -> Result<Option<ReplyWithPosts>, StoreError> {
        replies::next(&self.connections.readers, tenant, bot, channel).await
    }

    async fn discord_places_to_post(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Vec<Snowflake>, StoreError> {
        replies::places(&self.connections.readers, tenant, bot).await
    }

    async fn discord_is_noted(
        &self,
        tenant: &TenantId,
        message: Snowflake,
    ) -> Result<bool, StoreError> {
        posts::is_noted(&self.connections.readers, tenant, message).await
    }

    async fn discord_newest_questions_in(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        state: InboundState,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError> {
        questions::newest_in_state(&self.connections.readers, tenant, bot, state, limit).await
    }

    async fn discord_channels(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Vec<KnownChannel>, StoreError> {
        channels::of_bot(&self.connections.readers, tenant, bot).await
    }

    async fn discord_questions_before(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError> {
        pages::questions_before(&self.connections.readers, tenant, bot, before, limit).await
    }

    async fn discord_replies_before(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<ReplyWithPosts>, StoreError> {
        pages::replies_before(&self.connections.readers, tenant, bot, before, limit).await
    }

    async fn discord_stops_before(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Stop>, StoreError> {
        stops::before(&self.connections.readers, tenant, bot, before, limit).await
    }

    async fn discord_last_stop(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        channel: Snowflake,
    ) -> Result<Option<Stop>, StoreError> {
        stops::last_in(&self.connections.readers, tenant, bot, channel).await
    }

    async fn discord_questions_of(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        message: Snowflake,
    ) -> Result<Vec<Inbound>, StoreError> {
        pages::of_message(&self.connections.readers, tenant, bot, message).await
    }

    async fn discord_reply(
        &self,
        tenant: &TenantId,
        reply: Uuid,
    ) -> Result<Option<ReplyWithPosts>, StoreError> {
        pages::reply(&self.connections.readers, tenant, reply).await
    }

    async fn discord_replies_of(
        &self,
        tenant: &TenantId,
        request: RequestId,
    ) -> Result<Vec<ReplyWithPosts>, StoreError> {
        pages::to_question(&self.connections.readers, tenant, request).await
    }

    async fn discord_open(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<DiscordOpen, StoreError> {
        figures::open(&self.connections.readers, tenant, bot).await
    }

    async fn discord_figures(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        since: Timestamp,
    ) -> Result<DiscordFigures, StoreError> {
        figures::since(&self.connections.readers, tenant, bot, since).await
    }

    async fn discord_unnamed(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        since: Timestamp,
    ) -> Result<Vec<UnnamedReplies>, StoreError> {
        figures::unnamed(&self.connections.readers, tenant, bot, since).await
    }
}

#[async_trait]
impl DiscordPanelReads for SqliteStore {
    async fn discord_panel(
        &self,
        tenant: &TenantId,
        panel: Uuid,
    ) -> Result<Option<DiscordPanel>, StoreError> {
        panels::by_id(&self.connections.readers, tenant, panel).await
    }

    async fn discord_panels_at_work(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Vec<DiscordPanel>, StoreError> {
        panels::at_work(&self.connections.readers, tenant, bot).await
    }

    async fn discord_panels_at_rest(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        session: Option<SessionId>,
    ) -> Result<Vec<DiscordPanel>, StoreError> {
        panels::at_rest(&self.connections.readers, tenant, bot, session).await
    }

    async fn discord_panels_before(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<DiscordPanel>, StoreError> {
        panels::before(&self.connections.readers, tenant, bot, before, limit).await
    }

    async fn discord_rounds_since(
        &self,
        tenant: &TenantId,
        since: Timestamp,
    ) -> Result<u32, StoreError> {
        panels::rounds_since(&self.connections.readers, tenant, since).await
    }
}
