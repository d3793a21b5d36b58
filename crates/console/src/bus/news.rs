//! How the operator's bus stands.

use husting_domain::ids::TenantId;
use husting_domain::messages::{Mailbox, MessageState};
use husting_store::MessageFilter;
use husting_wire::bus::messages::{BusCounts, BusStand, UnreadMail};
use husting_wire::errors::Error;

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// The bus of a tenant moved; the operator watches their own.
    pub(crate) fn news_of(&self, tenant: &TenantId) {
        if *tenant == TenantId::local() {
            self.bus_moved.notify_one();
            self.bridge.mail_moved();
        }
    }

    /// How the bus stands.
    pub(crate) async fn bus_stand(&self, tenant: &TenantId) -> Result<BusStand, Error> {
        let newest = MessageFilter {
            limit: 1,
            ..MessageFilter::default()
        };
        let newest = self.store.messages(tenant, &newest).await.outward()?;
        let unread = self.store.unread(tenant).await.outward()?;
        let total = self.store.message_total(tenant).await.outward()?;
        let resting = self.store.resting(tenant).await.outward()?;
        let in_state = |state| {
            let counted = resting.iter().find(|(of, _)| *of == state);
            counted.map_or(0, |(_, count)| *count)
        };
        let of = |mailbox| unread.iter().find(|(of, _)| *of == mailbox);
        Ok(BusStand {
            newest: newest.first().map_or(0, |message| message.place),
            counts: BusCounts {
                total,
                parked: in_state(MessageState::Parked),
                held: in_state(MessageState::Held),
                unacknowledged: in_state(MessageState::Unacknowledged),
                withdrawn: in_state(MessageState::Withdrawn),
                unread: of(Mailbox::Operator).map_or(0, |(_, count)| *count),
            },
            unread: unread
                .iter()
                .filter_map(|(mailbox, count)| match mailbox {
                    Mailbox::Agent(agent_id) => Some(UnreadMail {
                        agent_id: *agent_id,
                        unread: *count,
                    }),
                    Mailbox::Operator => None,
                })
                .collect(),
        })
    }
}
