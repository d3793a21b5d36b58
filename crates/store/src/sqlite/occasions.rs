//! What a call is part of, as columns: `session_id` and `round_id`, or `agent_id` and `message_id`.

use husting_domain::ledger::Occasion;
use uuid::Uuid;

use super::columns::Columns;
use crate::errors::StoreError;

/// The four columns.
#[derive(Clone, Copy, Default)]
pub struct Place {
    pub session: Option<Uuid>,
    pub round: Option<Uuid>,
    pub agent: Option<Uuid>,
    pub message: Option<Uuid>,
}

impl Place {
    pub fn of(occasion: Occasion) -> Self {
        match occasion {
            Occasion::Round {
                session_id,
                round_id,
            } => Self {
                session: Some(session_id.0),
                round: Some(round_id.0),
                ..Self::default()
            },
            Occasion::Turn {
                agent_id,
                message_id,
            } => Self {
                agent: Some(agent_id.0),
                message: Some(message_id.0),
                ..Self::default()
            },
        }
    }
}

pub fn of(row: &Columns<'_>) -> Result<Occasion, StoreError> {
    Ok(match row.id_if("agent_id")? {
        Some(agent_id) => Occasion::Turn {
            agent_id,
            message_id: row.id("message_id")?,
        },
        None => Occasion::Round {
            session_id: row.id("session_id")?,
            round_id: row.id("round_id")?,
        },
    })
}
