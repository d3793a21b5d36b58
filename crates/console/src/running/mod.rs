//! A round at work: what the round asks of the program, joined from seats, wallet and store.

#[cfg(feature = "halt")]
mod apart;
mod calls;
mod ending;
mod host;
mod phases;
mod settlement;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use husting_deliberation::round::{self, Control, HostFault, RoundPlan};
use husting_domain::calls::Purpose;
use husting_domain::ids::{HoldId, TenantId};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::Round;
use husting_domain::sessions::Session;
use husting_store::{Require, Unit};
use husting_wallet::holds::{self, RoundRequest};
use husting_wire::events::Event;
use husting_wire::rounds::RoundView;
use tokio_util::sync::CancellationToken;

pub(crate) use self::ending::session_status_after;
pub(crate) use self::settlement::settled;

use crate::catalog::Catalog;
use crate::convene::Proposal;
use crate::live::{LiveRound, Watch};
use crate::recovery::Cause;
use crate::{Inner, views};

/// What an accepted round is run under.
pub(crate) struct Terms {
    tenant: TenantId,
    catalog: Catalog,
    session: Session,
    round: Round,
    plan: Option<RoundPlan>,
    holds: HashMap<(ModelId, Purpose), HoldId>,
    /// What all of them set aside.
    held: MicroUsd,
    lowered: Vec<ModelId>,
    /// Bytes each seat reads before it answers.
    prompt_bytes: HashMap<ModelId, u64>,
    /// Cancelled when everything is stopped that was admitted until then.
    stop: CancellationToken,
}

impl Terms {
    pub fn new(
        tenant: TenantId,
        catalog: Catalog,
        proposal: Proposal,
        request: &RoundRequest,
        planned: &holds::FundedRound,
        stop: CancellationToken,
    ) -> Self {
        let holds = planned
            .calls
            .iter()
            .filter_map(|call| Some(((call.model.clone(), call.purpose), call.hold.as_ref()?.id)))
            .collect();
        let answers = planned
            .calls
            .iter()
            .filter(|call| call.lowered && call.purpose == Purpose::Respond);
        let lowered = answers.map(|call| call.model.clone()).collect();
        let seats = request.seats.iter();
        let prompt_bytes = seats
            .map(|seat| (seat.model.clone(), seat.prompt_bytes))
            .collect();
        let Proposal {
            session,
            round,
            plan,
            ..
        } = proposal;
        Self {
            tenant,
            catalog,
            session,
            round,
            plan: Some(plan),
            holds,
            held: planned.held(),
            lowered,
            prompt_bytes,
            stop,
        }
    }
}

/// One round's host.
struct AtWork {
    inner: Arc<Inner>,
    terms: Terms,
    live: Arc<LiveRound>,
    /// Holds of calls that have not settled.
    holds: Mutex<HashMap<(ModelId, Purpose), HoldId>>,
    /// One look at the round's bookings at a time, so that no older one is shown after a newer.
    booking_turn: tokio::sync::Mutex<()>,
    /// Tokens per second of rehearsal seats.
    pace: Option<u32>,
    /// Is cancelled when everything is stopped.
    stop: CancellationToken,
    /// Somebody was told that words are coming.
    streaming: AtomicBool,
}

impl Inner {
    /// Starts the accepted round and tells everybody.
    pub(crate) async fn set_to_work(self: &Arc<Self>, mut terms: Terms) {
        let control = Control::new(self.shutdown.clone(), terms.session.models.iter());
        let Some(plan) = terms.plan.take() else {
            return;
        };
        let view = self.first_view(&terms, &plan).await;
        let live = LiveRound::new(
            view,
            control,
            Watch {
                tenant: terms.tenant.clone(),
                synthesis: terms.session.synthesis.status,
                journal: self.journals.of(&terms.tenant, terms.session.id),
                clock: self.clock.clone(),
            },
        );
        self.finished.forget(terms.session.id);
        self.live.insert(terms.session.id, live.clone());
        // Whoever stops everything after this finds it among those at work.
        if terms.stop.is_cancelled() {
            live.control.cancel.cancel();
        }
        self.tell_of(
            &terms.tenant,
            Event::RoundChanged {
                round: live.change(|_| ()),
            },
        );
        if terms.round.wants_synthesis {
            self.tell_of(
                &terms.tenant,
                Event::SynthesisChanged {
                    session_id: terms.session.id,
                    synthesis: terms.session.synthesis.clone().into(),
                },
            );
        }
        self.tell_session(&terms.tenant, terms.session.id).await;
        self.tell_wallet(&terms.tenant).await;
        let pace = self.rehearsal_pace(terms.session.source);
        let holds = Mutex::new(std::mem::take(&mut terms.holds));
        let stop = terms.stop.clone();
        let at_work = Arc::new(AtWork {
            inner: self.clone(),
            terms,
            live,
            holds,
            booking_turn: tokio::sync::Mutex::new(()),
            pace,
            stop,
            streaming: AtomicBool::new(false),
        });
        self.tasks.spawn(at_work.run(plan));
    }

    /// What is shown of a round when it begins. One that is tried again keeps what stands.
    async fn first_view(&self, terms: &Terms, plan: &RoundPlan) -> RoundView {
        let kept = if terms.round.attempt > 0 {
            self.round_view(&terms.tenant, terms.session.id, terms.round.id)
                .await
                .inspect_err(|fault| tracing::warn!(%fault, "a round's answers cannot be shown"))
                .unwrap_or_default()
        } else {
            None
        };
        let mut view = kept.unwrap_or_else(|| {
            views::fresh_round(&terms.session, &terms.round, plan, &terms.catalog)
        });
        view.phase_started_at = plan.started_at;
        view.tries.retain(|began| *began < plan.started_at);
        view.tries.push(plan.started_at);
        view.asked_by = self.asker_name(terms.round.asked_by);
        view.progress_version = view.progress_version.max(terms.round.progress_version);
        view.held = terms.held;
        view
    }
}

impl AtWork {
    async fn run(self: Arc<Self>, plan: RoundPlan) {
        let (at_work, control) = (self.clone(), self.live.control.clone());
        // A task of its own: one that panics would otherwise leave its session busy for ever.
        let round = tokio::spawn(async move { round::run(&*at_work, plan, &control).await });
        let round_id = self.terms.round.id;
        let broken = match round.await {
            Ok(Ok(())) => None,
            Ok(Err(fault)) => {
                tracing::error!(%fault, cause = ?std::error::Error::source(&fault), round = %round_id, "a round could not go on");
                Some(Cause::Store)
            }
            Err(fault) => {
                tracing::error!(%fault, round = %round_id, "a round broke off by a fault of ours");
                Some(Cause::Fault)
            }
        };
        if let Some(cause) = broken {
            self.end_as_after_a_crash(cause).await;
        }
        self.inner.live.remove(self.terms.session.id, &self.live);
        self.live.over.send_replace(true);
        self.inner
            .tell_finished_round(
                &self.terms.tenant,
                self.terms.session.id,
                self.terms.round.id,
            )
            .await;
        self.inner
            .summarise(
                &self.terms.tenant,
                self.terms.session.id,
                self.terms.round.id,
                self.stop.clone(),
            )
            .await;
    }

    /// What was settled stays and the rest is ended from what is stored. The store may just have
    /// failed us, so it is tried until it works again, or until the next start does it.
    async fn end_as_after_a_crash(&self, cause: Cause) {
        while let Err(fault) = self
            .inner
            .end_round(
                &self.terms.tenant,
                &self.terms.round,
                cause,
                &self.terms.catalog,
            )
            .await
        {
            tracing::error!(%fault, "the round cannot be ended yet");
            if !self.inner.rest_before_retry().await {
                return;
            }
        }
    }

    fn unit(&self) -> Unit {
        Unit::of(self.terms.tenant.clone()).require(Require::RoundInProgress(self.terms.round.id))
    }

    async fn keep(&self, doing: &'static str, unit: Unit) -> Result<(), HostFault> {
        self.inner
            .store
            .commit(unit)
            .await
            .map_err(|fault| host_fault(doing, fault))?;
        Ok(())
    }

    /// What a crash would be glad of and a round can go on without.
    async fn keep_if_can(&self, doing: &'static str, unit: Unit) {
        if let Err(fault) = self.inner.store.commit(unit).await {
            tracing::warn!(%fault, doing, round = %self.terms.round.id, "this was not kept");
        }
    }

    fn change(&self, change: impl FnOnce(&mut RoundView)) {
        let round = self.live.change(change);
        self.inner
            .tell_of(&self.terms.tenant, Event::RoundChanged { round });
    }
}

fn host_fault(
    doing: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> HostFault {
    HostFault {
        doing,
        source: Box::new(source),
    }
}
