//! What a session's synthesis would take: the recaps that are missing, who would write, what it costs.

use husting_deliberation::recaps::SUMMARY_TOKENS;
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::rounds::Round;
use husting_wallet::summaries::range;
use husting_wire::errors::Error;
use husting_wire::recaps::CascadeView;

use super::errand::{Errand, Matter, matter_of_round, matter_of_session};
use super::standing::Place;
use super::{is_usable, lacks_recap};
use crate::Inner;
use crate::catalog::{Catalog, Entry};
use crate::convene::roster_of;
use crate::sessions::SessionFacts;

/// UTF-8 bytes of a recap that is not there yet: a short one, and one that fills its cap.
const UNWRITTEN: (u64, u64) = (1_000, SUMMARY_TOKENS * 4);

impl Inner {
    pub(crate) async fn estimate_synthesis(
        &self,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<CascadeView, Error> {
        let facts = self.session_facts(tenant, session).await?;
        let catalog = self.catalog(tenant).await?;
        let missing: Vec<&Round> = facts.rounds.iter().filter(|one| lacks_recap(one)).collect();
        let writers = self.writers(&catalog, &facts.session).into_iter();
        let mut able = writers.filter(|writer| writer.hindrance.is_none());
        let entry = able.find_map(|writer| catalog.entry(&writer.model));
        let place = Place {
            tenant: tenant.clone(),
            session,
        };
        let (low, high) = match entry {
            Some(entry) => self.cascade_cost(&place, &catalog, &facts, &missing, entry),
            None => (MicroUsd::ZERO, MicroUsd::ZERO),
        };
        Ok(CascadeView {
            missing_rounds: missing.iter().map(|round| round.index).collect(),
            model: entry.map(|entry| entry.model.id.clone()),
            low,
            high,
        })
    }

    fn cascade_cost(
        &self,
        place: &Place,
        catalog: &Catalog,
        facts: &SessionFacts,
        missing: &[&Round],
        entry: &Entry,
    ) -> (MicroUsd, MicroUsd) {
        let cap = SUMMARY_TOKENS.min(entry.model.max_output_tokens);
        let bytes = |round: &Round, matter: Matter| {
            let errand = Errand {
                place,
                catalog,
                session: &facts.session,
                round,
                roster: roster_of(&facts.session, catalog),
                matter,
                failed: Vec::new(),
            };
            errand.assignment(self, &entry.model.id).prompt.bytes()
        };
        let recaps = missing.iter().map(|round| {
            let bytes = bytes(round, matter_of_round(facts, round));
            range(&entry.price(), (bytes, bytes), cap)
        });
        let usable = || facts.rounds.iter().filter(|round| is_usable(round));
        let synthesis = usable().next_back().map(|newest| {
            let written = bytes(newest, matter_of_session(facts, usable()));
            let missing = missing.len() as u64;
            let bytes = (
                written + missing * UNWRITTEN.0,
                written + missing * UNWRITTEN.1,
            );
            range(&entry.price(), bytes, cap)
        });
        recaps.chain(synthesis).fold(
            (MicroUsd::ZERO, MicroUsd::ZERO),
            |(low, high), (least, most)| (low + least, high + most),
        )
    }
}
