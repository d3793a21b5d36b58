//! What agents remember, as the operator reads it.

use husting_domain::memory::Note;
use husting_wire::agents::{ListNotes, NoteList, NoteView};
use husting_wire::errors::Error;

use super::broadcasting::not_a_member;
use super::fetching::in_range;
use crate::Inner;
use crate::errors::Outward;

/// Notes of a page where nobody says.
const PAGE: u32 = 100;
/// Most notes of a page.
const MOST: u32 = 500;

impl Inner {
    /// Notes of an agent, or of a squad it is in: those that match a query, or the newest.
    pub(crate) async fn note_list(&self, asked: ListNotes) -> Result<NoteList, Error> {
        let limit = in_range("limit", asked.limit.unwrap_or(PAGE), MOST)?;
        let standing = self.managed(&self.operator_of(asked.agent_id), asked.agent_id)?;
        let (tenant, agent, squad) = (&standing.tenant, standing.agent.id, asked.squad.as_ref());
        if let Some(squad) = squad
            && !self.is_member(tenant, squad, agent).await?
        {
            return Err(not_a_member(squad));
        }
        let query = asked.query.filter(|query| !query.trim().is_empty());
        let store = &self.store;
        // One more tells whether there are more.
        let found = match query {
            None => store.notes(tenant, agent, squad, limit + 1).await,
            Some(query) => {
                store
                    .recall(tenant, agent, squad, &query, self.now(), limit + 1)
                    .await
            }
        };
        let mut notes = found.outward()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = notes.len() > limit;
        notes.truncate(limit);
        Ok(NoteList {
            notes: notes.into_iter().map(|note| self.note_view(note)).collect(),
            more,
        })
    }

    fn note_view(&self, note: Note) -> NoteView {
        NoteView {
            note_id: note.id,
            text: note.text,
            context: note.context,
            by: self.names_of(&[note.agent]).concat(),
            at: note.at,
        }
    }
}
