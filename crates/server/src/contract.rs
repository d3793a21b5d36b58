//! What the public contract's routes need of the program behind them.

use async_trait::async_trait;
use husting_console::{Again, Caller, Console, ContractDoor, Progress, SessionStream, Waited};
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::sessions::SessionStatus;
use husting_wire::contract::credit::CreditRecord;
use husting_wire::contract::models::ModelListRecord;
use husting_wire::contract::requests::{
    AppendToSession, CreateDeliberation, ListSessions, WaitForRound,
};
use husting_wire::contract::sessions::{SessionListRecord, SessionRecord};
use husting_wire::errors::Error;
use husting_wire::sessions::SessionAck;

/// What the settings allow one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Calls a minute.
    pub calls_per_minute: u32,
    /// Calls at once, after a rest.
    pub burst: u32,
    /// Waits and streams that are open at a time.
    pub open_waits: u32,
}

/// The use cases behind both doors of the contract. Each answers with the contract's own errors.
#[async_trait]
#[allow(
    clippy::missing_errors_doc,
    reason = "they are the contract's, listed in one place"
)]
pub trait Contract: Send + Sync + 'static {
    /// Whoever holds this key.
    fn key_holder(&self, key: &str, door: ContractDoor) -> Result<Caller, Error>;
    /// What each key may do in a time.
    fn allowance(&self) -> Allowance;
    /// Most models on a panel.
    fn most_seats(&self) -> u32;

    /// Opens a session with its first round.
    async fn create(
        &self,
        caller: &Caller,
        asked: CreateDeliberation,
        again: Again,
    ) -> Result<SessionAck, Error>;
    /// Starts a session's next round.
    async fn append(
        &self,
        caller: &Caller,
        asked: AppendToSession,
        again: Again,
    ) -> Result<SessionAck, Error>;
    /// Runs again what failed in a round.
    async fn retry(
        &self,
        caller: &Caller,
        session: SessionId,
        round: RoundId,
        again: Again,
    ) -> Result<SessionAck, Error>;
    /// Ends one seat of a running round.
    async fn stop(
        &self,
        caller: &Caller,
        session: SessionId,
        round: RoundId,
        model: ModelId,
    ) -> Result<(), Error>;
    /// Ends the running round.
    async fn cancel(&self, caller: &Caller, session: SessionId) -> Result<SessionStatus, Error>;
    /// Deletes a session.
    async fn delete(&self, caller: &Caller, session: SessionId) -> Result<(), Error>;

    /// The id of a session's round by its 0-based place.
    async fn round_at(
        &self,
        caller: &Caller,
        session: SessionId,
        index: u32,
    ) -> Result<RoundId, Error>;
    /// A session, as record and as Markdown.
    async fn session(
        &self,
        caller: &Caller,
        session: SessionId,
    ) -> Result<(SessionRecord, String), Error>;
    /// Sessions, the newest first.
    async fn sessions(
        &self,
        caller: &Caller,
        asked: ListSessions,
    ) -> Result<SessionListRecord, Error>;
    /// Models with prices and availability.
    async fn models(&self, caller: &Caller) -> Result<ModelListRecord, Error>;
    /// The caller's wallet.
    async fn credit(&self, caller: &Caller) -> Result<CreditRecord, Error>;

    /// How far a round is.
    async fn progress(
        &self,
        caller: &Caller,
        session: SessionId,
        round: Option<RoundId>,
    ) -> Result<Progress, Error>;
    /// Waits until a round is over, or the patience used up.
    async fn wait_for_round(&self, caller: &Caller, asked: WaitForRound) -> Result<Waited, Error>;
    /// Follows a session from after the event `last`, else from a snapshot.
    async fn follow(
        &self,
        caller: &Caller,
        session: SessionId,
        last: Option<&str>,
    ) -> Result<SessionStream, Error>;
}

#[async_trait]
impl Contract for Console {
    fn key_holder(&self, key: &str, door: ContractDoor) -> Result<Caller, Error> {
        Self::key_holder(self, key, door)
    }

    fn allowance(&self) -> Allowance {
        let (calls_per_minute, burst, open_waits) = self.key_limits();
        Allowance {
            calls_per_minute,
            burst,
            open_waits,
        }
    }

    fn most_seats(&self) -> u32 {
        Self::most_seats(self)
    }

    async fn create(
        &self,
        caller: &Caller,
        asked: CreateDeliberation,
        again: Again,
    ) -> Result<SessionAck, Error> {
        self.create_deliberation(caller, asked, again).await
    }

    async fn append(
        &self,
        caller: &Caller,
        asked: AppendToSession,
        again: Again,
    ) -> Result<SessionAck, Error> {
        self.append_to_session(caller, asked, again).await
    }

    async fn retry(
        &self,
        caller: &Caller,
        session: SessionId,
        round: RoundId,
        again: Again,
    ) -> Result<SessionAck, Error> {
        Self::retry(self, caller, session, round, again).await
    }

    async fn stop(
        &self,
        caller: &Caller,
        session: SessionId,
        round: RoundId,
        model: ModelId,
    ) -> Result<(), Error> {
        Self::stop(self, caller, session, round, model).await
    }

    async fn cancel(&self, caller: &Caller, session: SessionId) -> Result<SessionStatus, Error> {
        Self::cancel(self, caller, session).await
    }

    async fn delete(&self, caller: &Caller, session: SessionId) -> Result<(), Error> {
        Self::delete(self, caller, session).await
    }

    async fn round_at(
        &self,
        caller: &Caller,
        session: SessionId,
        index: u32,
    ) -> Result<RoundId, Error> {
        Self::round_at(self, caller, session, index).await
    }

    async fn session(
        &self,
        caller: &Caller,
        session: SessionId,
    ) -> Result<(SessionRecord, String), Error> {
        Self::session(self, caller, session).await
    }

    async fn sessions(
        &self,
        caller: &Caller,
        asked: ListSessions,
    ) -> Result<SessionListRecord, Error> {
        Self::sessions(self, caller, asked).await
    }

    async fn models(&self, caller: &Caller) -> Result<ModelListRecord, Error> {
        self.model_records(caller).await
    }

    async fn credit(&self, caller: &Caller) -> Result<CreditRecord, Error> {
        Self::credit(self, caller).await
    }

    async fn progress(
        &self,
        caller: &Caller,
        session: SessionId,
        round: Option<RoundId>,
    ) -> Result<Progress, Error> {
        Self::progress(self, caller, session, round).await
    }

    async fn wait_for_round(&self, caller: &Caller, asked: WaitForRound) -> Result<Waited, Error> {
        Self::wait_for_round(self, caller, asked).await
    }

    async fn follow(
        &self,
        caller: &Caller,
        session: SessionId,
        last: Option<&str>,
    ) -> Result<SessionStream, Error> {
        Self::follow(self, caller, session, last).await
    }
}
