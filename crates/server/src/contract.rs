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

/// Each use case once: as the trait has it, and as the console is asked for it.
macro_rules! contract {
    ($($(#[$doc:meta])* $name:ident by $case:ident($($given:ident: $kind:ty),*) -> $answer:ty;)+) => {
        /// The use cases behind both doors of the contract. Each answers with the contract's own errors.
        ///
        /// A trait, so that how requests are read and answers written is tested without rounds, disk
        /// and providers.
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

            $($(#[$doc])*
            async fn $name(&self, caller: &Caller, $($given: $kind),*) -> Result<$answer, Error>;)+
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

            $(async fn $name(&self, caller: &Caller, $($given: $kind),*) -> Result<$answer, Error> {
                Self::$case(self, caller, $($given),*).await
            })+
        }
    };
}

contract! {
    /// Opens a session with its first round.
    create by create_deliberation(asked: CreateDeliberation, again: Again) -> SessionAck;
    /// Starts a session's next round.
    append by append_to_session(asked: AppendToSession, again: Again) -> SessionAck;
    /// Runs again what failed in a round.
    retry by retry(session: SessionId, round: RoundId, again: Again) -> SessionAck;
    /// Ends one seat of a running round.
    stop by stop(session: SessionId, round: RoundId, model: ModelId) -> ();
    /// Ends the running round.
    cancel by cancel(session: SessionId) -> SessionStatus;
    /// Deletes a session.
    delete by delete(session: SessionId) -> ();

    /// The id of a session's round by its 0-based place.
    round_at by round_at(session: SessionId, index: u32) -> RoundId;
    /// A session, as record and as Markdown.
    session by session(session: SessionId) -> (SessionRecord, String);
    /// Sessions, those that changed last first.
    sessions by sessions(asked: ListSessions) -> SessionListRecord;
    /// Models with prices and availability.
    models by model_records() -> ModelListRecord;
    /// The caller's wallet.
    credit by credit() -> CreditRecord;

    /// How far a round is.
    progress by progress(session: SessionId, round: Option<RoundId>) -> Progress;
    /// Waits until a round is over, or the patience used up.
    wait_for_round by wait_for_round(asked: WaitForRound) -> Waited;
    /// Follows a session from after the event `last`, else from a snapshot.
    follow by follow(session: SessionId, last: Option<&str>) -> SessionStream;
}
