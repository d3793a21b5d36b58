//! The reads of the bus, each at its table.

use async_trait::async_trait;
use husting_domain::agents::Name;
use husting_domain::ids::{AgentId, MessageId, NoteId, TenantId};
use husting_domain::memory::Note;
use husting_domain::messages::{Mailbox, Message, MessageState, Reach};
use husting_domain::squads::Squad;
use husting_domain::time::Timestamp;

use super::{SqliteStore, histogram, leases, mailboxes, messages, notes, sends, squads, tails};
use crate::bus::{BusReads, HopsGiven, MessageFilter, SendReplay};
use crate::errors::StoreError;

#[async_trait]
impl BusReads for SqliteStore {
    async fn message(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        messages::by_id(&self.connections.readers, tenant, mailbox, id).await
    }

    async fn request(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
        request_id: &str,
    ) -> Result<Option<Message>, StoreError> {
        messages::request(&self.connections.readers, tenant, mailbox, request_id).await
    }

    async fn mail(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        messages::mail(&self.connections.readers, tenant, mailbox, after, limit).await
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        filter: &MessageFilter,
    ) -> Result<Vec<Message>, StoreError> {
        tails::list(&self.connections.readers, tenant, filter).await
    }

    async fn reach(
        &self,
        tenant: &TenantId,
        broadcasts: &[MessageId],
    ) -> Result<Vec<(MessageId, Reach)>, StoreError> {
        tails::reach(&self.connections.readers, tenant, broadcasts).await
    }

    async fn histogram(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        until: Timestamp,
        bins: u32,
    ) -> Result<Vec<u32>, StoreError> {
        histogram::histogram(&self.connections.readers, tenant, since, until, bins).await
    }

    async fn thread(
        &self,
        tenant: &TenantId,
        message: MessageId,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        tails::thread(&self.connections.readers, tenant, message, limit).await
    }

    async fn sent(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Message>, StoreError> {
        messages::sent(&self.connections.readers, tenant, id).await
    }

    async fn next_mail(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
    ) -> Result<Option<Message>, StoreError> {
        messages::next(&self.connections.readers, tenant, mailbox).await
    }

    async fn unread(&self, tenant: &TenantId) -> Result<Vec<(Mailbox, u32)>, StoreError> {
        mailboxes::unread(&self.connections.readers, tenant).await
    }

    async fn message_total(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        mailboxes::total(&self.connections.readers, tenant).await
    }

    async fn resting(&self, tenant: &TenantId) -> Result<Vec<(MessageState, u32)>, StoreError> {
        tails::resting(&self.connections.readers, tenant).await
    }

    async fn hops_given(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
        since: Timestamp,
    ) -> Result<Vec<HopsGiven>, StoreError> {
        messages::hops_given(&self.connections.readers, tenant, mailbox, since).await
    }

    async fn next_lease_end(&self) -> Result<Option<Timestamp>, StoreError> {
        leases::next_end(&self.connections.readers).await
    }

    async fn send_replay(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        key: &str,
    ) -> Result<Option<SendReplay>, StoreError> {
        sends::by_key(&self.connections.readers, tenant, agent, key).await
    }

    async fn squads(&self, tenant: &TenantId) -> Result<Vec<Squad>, StoreError> {
        squads::all(&self.connections.readers, tenant).await
    }

    async fn recall(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        squad: Option<&Name>,
        query: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Note>, StoreError> {
        notes::recall(
            &self.connections.readers,
            tenant,
            agent,
            squad,
            query,
            now,
            limit,
        )
        .await
    }

    async fn notes(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        squad: Option<&Name>,
        limit: u32,
    ) -> Result<Vec<Note>, StoreError> {
        notes::list(&self.connections.readers, tenant, agent, squad, limit).await
    }

    async fn note(&self, tenant: &TenantId, id: NoteId) -> Result<Option<Note>, StoreError> {
        notes::by_id(&self.connections.readers, tenant, id).await
    }
}
