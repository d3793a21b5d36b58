//! Opening a deliberation and going on with it, from either door of the contract.

use futures::FutureExt;
use futures::future::BoxFuture;
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::sessions::SessionStatus;
use husting_domain::snippets::Snippet;
use husting_wire::contract::requests::{AppendToSession, CreateDeliberation, SteeringSnippet};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::rounds::{AppendRound, RoundRef, StopSeat};
use husting_wire::sessions::{Convene, SessionAck};

use super::replays::{Again, Found, Identity, ReplayPlace};
use crate::Console;
use crate::caller::Caller;
use crate::errors::with_time_to_reset;

impl Console {
    /// Opens a deliberation; the same request again is given the same acknowledgement.
    ///
    /// # Errors
    /// As the contract lists them; nothing is called and nothing kept then.
    pub async fn create_deliberation(
        &self,
        caller: &Caller,
        asked: CreateDeliberation,
        again: Again,
    ) -> Result<SessionAck, Error> {
        refuse_blank(&asked.prompt, "say what the panel is to discuss")?;
        let identity = Identity::of_create(caller, &asked, &again);
        self.once(caller, identity, |place| {
            let convene = convened(asked.clone());
            self.0.convene(caller, convene, place).boxed()
        })
        .await
    }

    /// Whether [`Console::create_deliberation`] would open one now. Nothing is kept or set aside by asking.
    ///
    /// # Errors
    /// As that gives them.
    pub(crate) async fn may_create_deliberation(
        &self,
        caller: &Caller,
        asked: CreateDeliberation,
    ) -> Result<(), Error> {
        refuse_blank(&asked.prompt, "say what the panel is to discuss")?;
        self.0.may_convene(caller, convened(asked)).await
    }

    /// Starts a session's next round; the same request again is given the same acknowledgement.
    ///
    /// # Errors
    /// As the contract lists them; nothing is called and nothing kept then.
    pub async fn append_to_session(
        &self,
        caller: &Caller,
        asked: AppendToSession,
        again: Again,
    ) -> Result<SessionAck, Error> {
        refuse_blank(&asked.prompt, "say what steers this round")?;
        let identity = Identity::of_append(caller, &asked, &again);
        self.append_once(caller, appended(asked), identity).await
    }

    /// The same, where Husting builds a blank prompt from the claim map, and each snippet may have who said it.
    pub(crate) async fn append_said(
        &self,
        caller: &Caller,
        append: AppendRound,
        again: Again,
    ) -> Result<SessionAck, Error> {
        let identity = Identity::of_append(caller, &asked_for(append.clone()), &again);
        self.append_once(caller, append, identity).await
    }

    async fn append_once(
        &self,
        caller: &Caller,
        append: AppendRound,
        identity: Option<Identity>,
    ) -> Result<SessionAck, Error> {
        self.0.refuse_stranger(caller, append.session_id).await?;
        self.once(caller, identity, |place| {
            self.0.append_round(caller, append.clone(), place).boxed()
        })
        .await
    }

    /// Runs again what failed in a round, which must be the newest; the same request again is given
    /// the same acknowledgement.
    ///
    /// # Errors
    /// `not_found`, `session_busy`, `invalid_request` where nothing failed, `credit_exhausted`.
    pub async fn retry(
        &self,
        caller: &Caller,
        session_id: SessionId,
        round_id: RoundId,
        again: Again,
    ) -> Result<SessionAck, Error> {
        self.0.refuse_stranger(caller, session_id).await?;
        let identity = Identity::of_retry(caller, session_id, round_id, &again);
        self.once(caller, identity, |place| {
            let asked = RoundRef {
                session_id,
                round_id: Some(round_id),
            };
            self.0.retry_round(caller, asked, place).boxed()
        })
        .await
    }

    /// Ends one seat of a running round.
    ///
    /// # Errors
    /// `not_found`; `invalid_request` where this round is not running or has no such seat.
    pub async fn stop(
        &self,
        caller: &Caller,
        session_id: SessionId,
        round_id: RoundId,
        model: ModelId,
    ) -> Result<(), Error> {
        self.0
            .refuse_other_round(caller, session_id, round_id)
            .await?;
        self.0
            .stop_seat(caller, StopSeat { session_id, model })
            .await
    }

    /// Ends the running round; returns once it is over, with how the session stands then.
    ///
    /// # Errors
    /// `not_found`; `invalid_request` where none is running.
    pub async fn cancel(
        &self,
        caller: &Caller,
        session: SessionId,
    ) -> Result<SessionStatus, Error> {
        self.0.refuse_stranger(caller, session).await?;
        self.0.cancel_round(caller, session).await?;
        self.0.status_for(caller, session).await
    }

    /// Deletes a session; the ledger keeps its bookings.
    ///
    /// # Errors
    /// `not_found`; `session_busy` while a round runs.
    pub async fn delete(&self, caller: &Caller, session: SessionId) -> Result<(), Error> {
        self.0.refuse_stranger(caller, session).await?;
        self.0.delete_session(&caller.tenant(), session).await
    }

    /// Does what is asked once, however often and however much at once it is asked for.
    async fn once<'a>(
        &self,
        caller: &Caller,
        identity: Option<Identity>,
        act: impl Fn(Option<ReplayPlace>) -> BoxFuture<'a, Result<SessionAck, Error>> + Send + Sync,
    ) -> Result<SessionAck, Error> {
        loop {
            let epoch = self.0.epoch_of(caller)?;
            let acted = match &identity {
                Some(identity) => self.first_or_again(caller, identity, &act).await,
                None => act(None).await,
            };
            match acted {
                Err(fault) if self.0.has_moved_on(caller, epoch, &fault).await? => {}
                acted => return acted.map_err(|fault| with_time_to_reset(fault, self.0.now())),
            }
        }
    }

    async fn first_or_again<'a>(
        &self,
        caller: &Caller,
        identity: &Identity,
        act: impl Fn(Option<ReplayPlace>) -> BoxFuture<'a, Result<SessionAck, Error>> + Send + Sync,
    ) -> Result<SessionAck, Error> {
        let tenant = caller.tenant();
        let mut refused: Option<(Option<RoundId>, Error)> = None;
        loop {
            let place = match self.0.found_for(&tenant, identity).await? {
                Found::Same(ack) => return Ok(ack),
                Found::Free(place) => place,
            };
            // Busy, and something else stands there by now: its twin was in the way and has gone.
            if let Some((before, fault)) = refused
                && (fault.code != ErrorCode::SessionBusy || before == place.round)
            {
                return Err(fault);
            }
            let before = place.round;
            match act(Some(place)).await {
                Ok(ack) => return Ok(ack),
                Err(fault) => refused = Some((before, fault)),
            }
        }
    }
}

fn refuse_blank(prompt: &str, wanted: &str) -> Result<(), Error> {
    if prompt.trim().is_empty() {
        return Err(Error::invalid(format!("prompt: it is blank; {wanted}.")));
    }
    Ok(())
}

fn convened(asked: CreateDeliberation) -> Convene {
    Convene {
        prompt: asked.prompt,
        reference: asked.reference,
        models: asked.models,
        moderator_name: asked.moderator_name,
        application: asked.application,
        improvement_consent: asked.improvement_consent,
        recap_round: asked.recap_round,
        ..Convene::default()
    }
}

fn appended(asked: AppendToSession) -> AppendRound {
    let snippet = |snippet: SteeringSnippet| Snippet {
        kind: snippet.kind,
        quote: snippet.quote,
        quoted_model: snippet.quoted_model,
        comment: snippet.comment,
        confidence: None,
        said_by: None,
    };
    AppendRound {
        session_id: asked.session_id,
        prompt: asked.prompt,
        snippets: asked.snippets.into_iter().map(snippet).collect(),
        moderator_name: asked.moderator_name,
        recap_round: asked.recap_round,
        recap_session: asked.recap_session,
    }
}

/// What the contract calls the same: by that a round that is asked for again is known, whoever said its snippets.
fn asked_for(append: AppendRound) -> AppendToSession {
    let snippet = |snippet: Snippet| SteeringSnippet {
        kind: snippet.kind,
        quote: snippet.quote,
        quoted_model: snippet.quoted_model,
        comment: snippet.comment,
    };
    AppendToSession {
        session_id: append.session_id,
        prompt: append.prompt,
        snippets: append.snippets.into_iter().map(snippet).collect(),
        moderator_name: append.moderator_name,
        application: None,
        recap_round: append.recap_round,
        recap_session: append.recap_session,
    }
}
