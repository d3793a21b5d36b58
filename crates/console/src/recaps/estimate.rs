//! What summaries would take: who would write them, what is read for them, what they cost.

use husting_deliberation::recaps::SUMMARY_TOKENS;
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::Round;
use husting_wallet::estimate::{EstimatedSeat, written_bytes};
use husting_wallet::summaries::range;
use husting_wire::errors::Error;
use husting_wire::recaps::{CascadeView, WritingEstimate};

use super::errand::{Errand, Matter, matter_of_round, matter_of_session};
use super::standing::Place;
use super::{is_usable, lacks_recap};
use crate::Inner;
use crate::catalog::{Catalog, Entry};
use crate::convene::roster_of;
use crate::sessions::SessionFacts;

/// UTF-8 bytes of a recap that is not there yet: a short one, and one that fills its cap.
const UNWRITTEN: Bytes = (1_000, SUMMARY_TOKENS * 4);

/// UTF-8 bytes of the instructions and fences around what is summed up, from above.
const FRAME_BYTES: u64 = 4_096;

/// UTF-8 bytes that are read for one summary: probably not less, and not more.
type Bytes = (u64, u64);

/// What is read for the summaries of a session.
pub(crate) struct Readings {
    /// Rounds whose recaps are missing, 0-based, and what is read for each.
    missing: Vec<(u32, Bytes)>,
    /// What is read for the synthesis; `None` where there are too few rounds for one.
    synthesis: Option<Bytes>,
}

impl Readings {
    /// The synthesis and every recap that is missing before it.
    fn all(&self) -> Vec<Bytes> {
        let missing = self.missing.iter().map(|(_, bytes)| *bytes);
        missing.chain(self.synthesis).collect()
    }
}

impl Inner {
    pub(crate) async fn estimate_synthesis(
        &self,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<CascadeView, Error> {
        let facts = self.session_facts(tenant, session).await?;
        let catalog = self.catalog(tenant).await?;
        let readings = self.readings(tenant, &catalog, &facts, 0);
        let written = self.written(&catalog, &facts.session.models, &readings.all());
        let missing = readings.missing.iter();
        let missing_rounds = missing.map(|(index, _)| *index).collect();
        Ok(match written {
            Some(written) => CascadeView {
                missing_rounds,
                model: Some(written.model),
                fallbacks: written.fallbacks,
                low: written.low,
                high: written.high,
            },
            None => CascadeView {
                missing_rounds,
                model: None,
                fallbacks: Vec::new(),
                low: MicroUsd::ZERO,
                high: MicroUsd::ZERO,
            },
        })
    }

    /// The recap of a round to come, of `seats` that are asked with `prompt_bytes`; `None` where
    /// nobody can write it.
    pub(crate) fn recap_to_come(
        &self,
        catalog: &Catalog,
        seats: &[EstimatedSeat],
        prompt_bytes: u64,
    ) -> Option<WritingEstimate> {
        let panel: Vec<ModelId> = seats.iter().map(|seat| seat.model.clone()).collect();
        let (least, most) = written_bytes(seats);
        let asked = prompt_bytes.saturating_add(FRAME_BYTES);
        let bytes = (asked.saturating_add(least), asked.saturating_add(most));
        self.written(catalog, &panel, &[bytes])
    }

    /// The synthesis after a round to come and the recaps before that round that are missing.
    pub(crate) fn synthesis_to_come(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        facts: &SessionFacts,
    ) -> Option<WritingEstimate> {
        let readings = self.readings(tenant, catalog, facts, 1);
        readings.synthesis?;
        self.written(catalog, &facts.session.models, &readings.all())
    }

    /// The same without the recaps: what is booked with the round to come.
    pub(crate) fn synthesis_alone(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        facts: &SessionFacts,
    ) -> Option<WritingEstimate> {
        let bytes = self.readings(tenant, catalog, facts, 1).synthesis?;
        self.written(catalog, &facts.session.models, &[bytes])
    }

    /// What each summary of the session would read once it has `coming` more rounds.
    fn readings(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        facts: &SessionFacts,
        coming: u64,
    ) -> Readings {
        let place = Place {
            tenant: tenant.clone(),
            session: facts.session.id,
            stop: self.stops.token(),
        };
        let bytes = |round: &Round, matter: Matter| {
            let errand = Errand {
                place: &place,
                catalog,
                session: &facts.session,
                round,
                roster: roster_of(&facts.session, catalog),
                matter,
                failed: Vec::new(),
            };
            // Every writer is sent as much: nonces have one length.
            let writer = facts.session.models.first();
            writer.map_or(0, |writer| errand.assignment(self, writer).prompt.bytes())
        };
        let lacking = facts.rounds.iter().filter(|round| lacks_recap(round));
        let missing: Vec<(u32, Bytes)> = lacking
            .map(|round| {
                let bytes = bytes(round, matter_of_round(facts, round));
                (round.index, (bytes, bytes))
            })
            .collect();
        let usable = || facts.rounds.iter().filter(|round| is_usable(round));
        let newest = usable().next_back();
        let newest = newest.filter(|_| coming == 0 || usable().count() as u64 + coming > 1);
        let synthesis = newest.map(|newest| {
            let written = bytes(newest, matter_of_session(facts, usable()));
            let unwritten = missing.len() as u64 + coming;
            let more = |each: u64| written.saturating_add(unwritten.saturating_mul(each));
            (more(UNWRITTEN.0), more(UNWRITTEN.1))
        });
        Readings { missing, synthesis }
    }

    /// Who would write summaries for `panel` that read so much, and what all of them cost by the
    /// cheapest writer and by the dearest.
    fn written(
        &self,
        catalog: &Catalog,
        panel: &[ModelId],
        readings: &[Bytes],
    ) -> Option<WritingEstimate> {
        let writers = self.writers(catalog, panel).into_iter();
        let able = writers.filter(|writer| writer.hindrance.is_none());
        let entries: Vec<&Entry> = able
            .filter_map(|writer| catalog.entry(&writer.model))
            .collect();
        let costs = entries.iter().map(|entry| cost_by(entry, readings));
        let (lows, highs): (Vec<MicroUsd>, Vec<MicroUsd>) = costs.unzip();
        let mut models = entries.iter().map(|entry| entry.model.id.clone());
        Some(WritingEstimate {
            model: models.next()?,
            fallbacks: models.collect(),
            low: lows.into_iter().min()?,
            high: highs.into_iter().max()?,
        })
    }
}

fn cost_by(entry: &Entry, readings: &[Bytes]) -> (MicroUsd, MicroUsd) {
    let cap = SUMMARY_TOKENS.min(entry.model.max_output_tokens);
    let ranges = readings
        .iter()
        .map(|bytes| range(&entry.price(), *bytes, cap));
    ranges.fold(
        (MicroUsd::ZERO, MicroUsd::ZERO),
        |(low, high), (least, most)| (low + least, high + most),
    )
}
