//! What agents remember, for themselves and for their squads.

use husting_deliberation::hygiene::is_blank;
use husting_domain::agents::Name;
use husting_domain::audit::{Action, body_hash};
use husting_domain::memory::{MOST_NOTE, Note};
use husting_domain::scopes::Scope;
use husting_store::{BusRequire, BusWrite, CommitError, Require, Write};
use husting_wire::bus::calls;
use husting_wire::bus::results::{Forgotten, NoteRecord, Notes};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

use super::admission::KeepError;
use super::broadcasting::not_a_member;
use super::fetching::in_range;
use super::recipients::squad_name;
use super::{Told, texts};
use crate::agents::{AgentHolder, checked_text, invalid_body};
use crate::errors::Outward;
use crate::{Console, Inner, chance};

/// Notes of a recall where nobody says.
const RECALLED: u32 = 5;
/// Notes of a list where nobody says.
const LISTED: u32 = 20;
/// Most notes of an answer.
const MOST: u32 = 100;

impl Console {
    /// Stores a note.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_body`, `not_a_member`.
    pub async fn remember(
        &self,
        holder: &AgentHolder,
        asked: calls::Remember,
    ) -> Result<Told<Notes>, Error> {
        let call = self
            .0
            .let_in(holder, Some(Scope::Remember), "remember")
            .await?;
        let text = checked_text("text", Some(asked.text), MOST_NOTE)?;
        let text = text.filter(|text| !is_blank(text));
        let text = text.ok_or_else(|| invalid_body("text", "words to remember"))?;
        let note = Note {
            id: chance::note_id(),
            agent: holder.agent,
            squad: asked.squad.as_deref().map(squad_name).transpose()?,
            text,
            context: checked_text("context", asked.context, MOST_NOTE)?,
            at: self.0.now(),
        };
        let mut unit = call.unit();
        if let Some(squad) = &note.squad {
            unit = unit.require(Require::Bus(BusRequire::Member(
                squad.clone(),
                holder.agent,
            )));
        }
        let detail = json!({ "squad": note.squad });
        let mut entry = call.entry(&self.0, Action::Remember, Some(note.id.0), detail);
        entry.body = Some(body_hash(&note.text));
        let unit = unit
            .write(Write::Bus(BusWrite::InsertNote(note.clone())))
            .write(Write::Audit(entry));
        self.0.keep_as(&call, unit).await.map_err(refused)?;
        Ok(Told {
            text: format!("Stored: {} (id: {})", texts::quoted(&note.text), note.id),
            record: self.0.notes(vec![note]),
        })
    }

    /// Notes that match a query, the best first. No query is syntax.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_body`, `not_a_member`.
    pub async fn recall(
        &self,
        holder: &AgentHolder,
        asked: calls::Recall,
    ) -> Result<Told<Notes>, Error> {
        self.0.let_in(holder, Some(Scope::Recall), "recall").await?;
        let limit = in_range("limit", asked.limit.unwrap_or(RECALLED), MOST)?;
        let squad = self.0.squad_of(holder, asked.squad.as_deref()).await?;
        let now = self.0.now();
        let store = &self.0.store;
        let found = store
            .recall(
                &holder.tenant,
                holder.agent,
                squad.as_ref(),
                &asked.query,
                now,
                limit,
            )
            .await
            .outward()?;
        Ok(self.0.told(found))
    }

    /// Notes, the newest first.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_body`, `not_a_member`.
    pub async fn memories(
        &self,
        holder: &AgentHolder,
        asked: calls::Memories,
    ) -> Result<Told<Notes>, Error> {
        self.0
            .let_in(holder, Some(Scope::Recall), "memories")
            .await?;
        let limit = in_range("limit", asked.limit.unwrap_or(LISTED), MOST)?;
        let squad = self.0.squad_of(holder, asked.squad.as_deref()).await?;
        let found = self
            .0
            .store
            .notes(&holder.tenant, holder.agent, squad.as_ref(), limit)
            .await
            .outward()?;
        Ok(self.0.told(found))
    }

    /// Forgets a note that the agent stored, for good.
    ///
    /// # Errors
    /// `insufficient_scope`; `not_found` for a note that is not there or is another's.
    pub async fn forget(
        &self,
        holder: &AgentHolder,
        asked: calls::Forget,
    ) -> Result<Told<Forgotten>, Error> {
        let call = self
            .0
            .let_in(holder, Some(Scope::Remember), "forget")
            .await?;
        let found = self
            .0
            .store
            .note(&holder.tenant, asked.id)
            .await
            .outward()?;
        let note = found.filter(|note| note.agent == holder.agent);
        let note =
            note.ok_or_else(|| Error::new(ErrorCode::NotFound, "You stored no note by that id."))?;
        let entry = call.entry(&self.0, Action::Forget, Some(note.id.0), json!({}));
        let unit = call
            .unit()
            .write(Write::Bus(BusWrite::DeleteNote(note.id)))
            .write(Write::Audit(entry));
        self.0.keep_as(&call, unit).await?;
        Ok(Told {
            text: format!("Forgotten (id: {}).", note.id),
            record: Forgotten { id: note.id },
        })
    }
}

impl Inner {
    /// The squad whose memory is asked for, if the agent is in it.
    async fn squad_of(
        &self,
        holder: &AgentHolder,
        squad: Option<&str>,
    ) -> Result<Option<Name>, Error> {
        let Some(squad) = squad.map(squad_name).transpose()? else {
            return Ok(None);
        };
        if self.is_member(&holder.tenant, &squad, holder.agent).await? {
            return Ok(Some(squad));
        }
        Err(not_a_member(&squad))
    }

    fn told(&self, found: Vec<Note>) -> Told<Notes> {
        let record = self.notes(found);
        Told {
            text: texts::notes(&record.memories, "No matching memories."),
            record,
        }
    }

    fn notes(&self, found: Vec<Note>) -> Notes {
        let memories = found.into_iter().map(|note| NoteRecord {
            id: note.id,
            text: note.text,
            context: note.context,
            by: self.names_of(&[note.agent]).concat(),
            squad: note.squad.as_ref().map(ToString::to_string),
            at: note.at,
        });
        Notes {
            memories: memories.collect(),
        }
    }
}

fn refused(fault: KeepError) -> Error {
    match fault {
        KeepError::Commit(CommitError::Refused(Require::Bus(BusRequire::Member(squad, _)))) => {
            not_a_member(&squad)
        }
        fault => fault.into(),
    }
}
