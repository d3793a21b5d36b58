//! Turns that were left open, by the last run or by a fault of ours: paid as far as they are known to
//! have come. Their messages come back: at the next start, or after a fault when their leases run out.

use std::sync::Arc;

use husting_domain::calls::{CallState, SeatErrorCode};
use husting_domain::ids::AgentId;
use husting_domain::ledger::{Hold, Occasion};
use husting_domain::money::Usage;
use husting_domain::time::Timestamp;
use husting_domain::turns::{Turn, TurnError};
use husting_store::Tenanted;
use husting_wire::errors::Error;

use super::turn::Begun;
use crate::Inner;
use crate::catalog::Entry;
use crate::errors::Outward;

const TURN_CLOSED: &str = "Husting was closed while the agent was at work.";
const FAILED: &str = "Husting itself failed while the agent was at work; the log has the cause.";

impl Inner {
    /// Ends what the last run left open; what its agents held waits for them again.
    pub(crate) async fn end_unfinished_turns(self: &Arc<Self>) -> Result<(), Error> {
        self.end_open_turns(|_| true, TURN_CLOSED).await?;
        self.end_managed_leases().await;
        Ok(())
    }

    /// Ends what an agent's task left open that broke off.
    pub(super) async fn end_turns_of(self: &Arc<Self>, agent: AgentId) -> Result<(), Error> {
        self.end_open_turns(|turn| turn.agent == agent, FAILED)
            .await
    }

    async fn end_open_turns(
        self: &Arc<Self>,
        is_meant: impl Fn(&Turn) -> bool,
        why: &str,
    ) -> Result<(), Error> {
        let open = self.store.unfinished_turns().await.outward()?.into_iter();
        let meant: Vec<_> = open.filter(|found| is_meant(&found.row)).collect();
        for Tenanted { tenant, row } in meant {
            let catalog = self.catalog(&tenant).await?;
            let price = catalog
                .entry(&row.model)
                .map(Entry::price)
                .unwrap_or_default();
            let holds = self.store.open_holds(&tenant).await.outward()?;
            let hold = holds
                .iter()
                .find(|hold| is_for(hold, &row))
                .map(|hold| hold.id);
            let ended = interrupted(&row, self.now(), why);
            let begun = Begun {
                turn: row,
                hold,
                price,
            };
            self.settle_ended(&tenant, &begun, &ended).await?;
        }
        Ok(())
    }
}

fn is_for(hold: &Hold, turn: &Turn) -> bool {
    hold.occasion
        == Occasion::Turn {
            agent_id: turn.agent,
            message_id: turn.message,
        }
}

/// An open turn as it broke off: what it read and what it wrote until its last checkpoint is paid, where
/// it had begun to write.
fn interrupted(turn: &Turn, now: Timestamp, why: &str) -> Turn {
    let usage = match turn.state {
        CallState::Streaming => Usage {
            output: (turn.text.len() as u64).div_ceil(4),
            estimated: true,
            ..turn.usage
        },
        CallState::Queued | CallState::Final | CallState::Error => Usage::default(),
    };
    Turn {
        state: CallState::Error,
        usage,
        error: Some(TurnError {
            code: SeatErrorCode::StreamInterrupted,
            message: why.to_owned(),
        }),
        ended_at: Some(now),
        ..turn.clone()
    }
}
