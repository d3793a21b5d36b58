//! Turns that the last run left open: paid as far as they are known to have come, never made again by
//! themselves; their messages come back when their leases run out.

use std::sync::Arc;

use husting_domain::calls::{CallState, SeatErrorCode};
use husting_domain::ledger::{Hold, Occasion};
use husting_domain::money::Usage;
use husting_domain::turns::{Turn, TurnError};
use husting_store::Tenanted;
use husting_wire::errors::Error;

use super::turn::Begun;
use crate::Inner;
use crate::catalog::Entry;
use crate::errors::Outward;

impl Inner {
    /// Ends what is open, and lets the agents go on.
    pub(crate) async fn end_unfinished_turns(self: &Arc<Self>) -> Result<(), Error> {
        for Tenanted { tenant, row } in self.store.unfinished_turns().await.outward()? {
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
            let ended = interrupted(&row, self.now());
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

/// An open turn as it ended with the program: what it wrote until its last checkpoint is paid.
fn interrupted(turn: &Turn, now: husting_domain::time::Timestamp) -> Turn {
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
            message: "Husting was closed while the agent was at work.".to_owned(),
        }),
        ended_at: Some(now),
        ..turn.clone()
    }
}
