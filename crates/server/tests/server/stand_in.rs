//! A contract that knows one key and nothing else, and notes what was asked of it.

use std::sync::Mutex;

use async_trait::async_trait;
use futures::stream::StreamExt;
use husting_console::{Again, Caller, ContractDoor, KeyHolder, Progress, SessionStream, Waited};
use husting_domain::ids::{KeyId, RoundId, SessionId, TenantId};
use husting_domain::models::ModelId;
use husting_domain::sessions::SessionStatus;
use husting_server::{Allowance, Contract};
use husting_wire::contract::credit::CreditRecord;
use husting_wire::contract::models::ModelListRecord;
use husting_wire::contract::requests::{
    AppendToSession, CreateDeliberation, ListSessions, WaitForRound,
};
use husting_wire::contract::sessions::{SessionListRecord, SessionRecord};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::SessionAck;
use tokio_util::sync::CancellationToken;

/// The one key.
pub const KEY: &str = "mmo_live_good";

pub struct OneKey {
    /// What each key may do; tests make it small.
    pub allowance: Mutex<Allowance>,
    /// What was asked for, each with its words.
    pub asked: Mutex<Vec<String>>,
    /// Cancelled when the key is revoked.
    pub revoked: CancellationToken,
    /// Instead of an endless silence, for tests of followers.
    pub stream: Mutex<Option<SessionStream>>,
}

impl Default for OneKey {
    fn default() -> Self {
        Self {
            allowance: Mutex::new(Allowance {
                calls_per_minute: 100_000,
                burst: 10_000,
                open_waits: 32,
            }),
            asked: Mutex::default(),
            revoked: CancellationToken::new(),
            stream: Mutex::default(),
        }
    }
}

impl OneKey {
    fn note<T>(&self, asked: String) -> Result<T, Error> {
        self.asked.lock().unwrap().push(asked);
        Err(Error::not_found("session"))
    }
}

#[async_trait]
impl Contract for OneKey {
    fn key_holder(&self, key: &str, door: ContractDoor) -> Result<Caller, Error> {
        if key != KEY || self.revoked.is_cancelled() {
            return Err(Error::new(ErrorCode::InvalidToken, "Not this key."));
        }
        Ok(Caller::Key(KeyHolder {
            key: KeyId(Default::default()),
            tenant: TenantId::local(),
            name: "laptop".into(),
            daily_rounds: None,
            door,
            revoked: self.revoked.clone(),
        }))
    }

    fn allowance(&self) -> Allowance {
        *self.allowance.lock().unwrap()
    }

    fn most_seats(&self) -> u32 {
        3
    }

    async fn create(
        &self,
        _: &Caller,
        asked: CreateDeliberation,
        again: Again,
    ) -> Result<SessionAck, Error> {
        self.note(format!("create {} {again:?}", asked.prompt))
    }

    async fn append(
        &self,
        _: &Caller,
        asked: AppendToSession,
        again: Again,
    ) -> Result<SessionAck, Error> {
        self.note(format!(
            "append {} {} {again:?}",
            asked.session_id, asked.prompt
        ))
    }

    async fn retry(
        &self,
        _: &Caller,
        session: SessionId,
        round: RoundId,
        again: Again,
    ) -> Result<SessionAck, Error> {
        self.note(format!("retry {session} {round} {again:?}"))
    }

    async fn stop(
        &self,
        _: &Caller,
        session: SessionId,
        round: RoundId,
        model: ModelId,
    ) -> Result<(), Error> {
        self.note(format!("stop {session} {round} {model}"))
    }

    async fn cancel(&self, _: &Caller, session: SessionId) -> Result<SessionStatus, Error> {
        self.note(format!("cancel {session}"))?;
        Ok(SessionStatus::Ready)
    }

    async fn delete(&self, _: &Caller, session: SessionId) -> Result<(), Error> {
        self.note(format!("delete {session}"))
    }

    async fn round_at(&self, _: &Caller, _: SessionId, index: u32) -> Result<RoundId, Error> {
        let id = format!("{index:032x}");
        Ok(id.parse().unwrap())
    }

    async fn session(
        &self,
        _: &Caller,
        session: SessionId,
    ) -> Result<(SessionRecord, String), Error> {
        self.note(format!("session {session}"))
    }

    async fn sessions(&self, _: &Caller, asked: ListSessions) -> Result<SessionListRecord, Error> {
        self.note(format!("sessions {asked:?}"))
    }

    async fn models(&self, _: &Caller) -> Result<ModelListRecord, Error> {
        Ok(ModelListRecord { models: Vec::new() })
    }

    async fn credit(&self, _: &Caller) -> Result<CreditRecord, Error> {
        self.note("credit".to_owned())
    }

    async fn progress(
        &self,
        _: &Caller,
        session: SessionId,
        round: Option<RoundId>,
    ) -> Result<Progress, Error> {
        self.note(format!("progress {session} {round:?}"))
    }

    async fn wait_for_round(&self, caller: &Caller, asked: WaitForRound) -> Result<Waited, Error> {
        let Caller::Key(holder) = caller else {
            return self.note("wait without a key".to_owned());
        };
        self.asked
            .lock()
            .unwrap()
            .push(format!("wait {}", asked.session_id));
        holder.revoked.cancelled().await;
        Err(Error::new(ErrorCode::InvalidToken, "Revoked."))
    }

    async fn follow(
        &self,
        _: &Caller,
        session: SessionId,
        last: Option<&str>,
    ) -> Result<SessionStream, Error> {
        self.asked
            .lock()
            .unwrap()
            .push(format!("follow {session} {last:?}"));
        let stream = self.stream.lock().unwrap().take();
        Ok(stream.unwrap_or_else(|| futures::stream::pending().boxed()))
    }
}
