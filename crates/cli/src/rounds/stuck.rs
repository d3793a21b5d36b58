//! A round of which nothing is heard: slow, or unable to end because its store cannot be written.

use husting_clock::{Clock, SystemClock};
use husting_wire::commands::{Examine, ReadSession};
use husting_wire::errors::ErrorCode;
use husting_wire::sessions::{SessionAck, SessionRef};
use husting_wire::settings::LookAround;

use crate::door::{Door, ask};
use crate::exit::Failure;
use crate::output::words::moment;

/// How long after its deadline a round may still be ending.
const GRACE_MILLIS: i64 = 30_000;

/// The failure of a round that cannot end, for the reason in this sentence.
pub fn stuck(door: &dyn Door, ack: &SessionAck, fault: String) -> Failure {
    Failure::Stuck {
        session: ack.session_id,
        goes_on: door.outlives_us(),
        fault,
    }
}

/// What the store says when it is written to, where it refuses; without a full stop.
pub async fn fault_of_the_store(door: &dyn Door) -> Result<Option<String>, Failure> {
    let said = |words: &str| words.trim_end_matches('.').to_owned();
    match ask::<Examine>(door, LookAround { ask_nobody: true }).await {
        Ok(report) => {
            let mut findings = report.findings.iter();
            let store = findings.find(|finding| finding.subject == "store" && !finding.ok);
            Ok(store.map(|finding| said(&finding.message)))
        }
        Err(Failure::Console(error)) if error.code == ErrorCode::StoreUnavailable => {
            Ok(Some(said(&error.message)))
        }
        Err(failure) => Err(failure),
    }
}

/// A slow round is left alone; one long past its deadline cannot end. (The store may have had room
/// for a small row and not for the round's end.)
pub async fn refuse_if_overdue(door: &dyn Door, ack: &SessionAck) -> Result<(), Failure> {
    let session_id = ack.session_id;
    let view = ask::<ReadSession>(door, SessionRef { session_id }).await?;
    let mut rounds = view.rounds.into_iter();
    let late = rounds.find(|round| {
        round.round_id == ack.round_id
            && !round.status.is_terminal()
            && SystemClock.now() > round.deadline_at.plus_millis(GRACE_MILLIS)
    });
    late.map_or(Ok(()), |round| {
        let deadline = moment(round.deadline_at);
        let fault = format!("it was to end by {deadline} and has not.");
        Err(stuck(door, ack, fault))
    })
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use futures::stream::{self, BoxStream, StreamExt};
    use husting_domain::sessions::SessionStatus;
    use husting_wire::commands::Request;
    use husting_wire::errors::Error;
    use husting_wire::events::Envelope;
    use serde_json::value::{RawValue, to_raw_value};
    use serde_json::{Value, json};

    use super::*;
    use crate::exit::Exit;
    use crate::rounds::{PATIENCE, Tell, Watch};

    const SESSION: &str = "0199d1f0-0000-7000-8000-000000000000";

    /// A console that says this when it is examined, and has ended the round meanwhile.
    struct Examined(Result<Value, Error>);

    #[async_trait]
    impl Door for Examined {
        async fn call(&self, request: Request) -> Result<Box<RawValue>, Failure> {
            let Request::doctor(_) = request else {
                return Err(Error::not_found("session").into());
            };
            Ok(to_raw_value(&self.0.clone()?)?)
        }

        async fn watch(&self) -> Result<BoxStream<'static, Envelope>, Failure> {
            Ok(stream::empty().boxed())
        }

        fn outlives_us(&self) -> bool {
            false
        }

        async fn close(&self) {}
    }

    fn ack() -> SessionAck {
        SessionAck {
            session_id: SESSION.parse().unwrap(),
            round_id: SESSION.parse().unwrap(),
            round_index: 0,
            status: SessionStatus::Processing,
            progress_url: String::new(),
            poll_after_ms: 0,
            progress_version: 0,
            rehearsal: false,
            snippets: Vec::new(),
            disclosure: None,
        }
    }

    fn store(ok: bool) -> Result<Value, Error> {
        Ok(json!({ "findings": [
            { "subject": "keys", "ok": false, "message": "None." },
            { "subject": "store", "ok": ok, "message": "The disk is full." },
        ] }))
    }

    #[tokio::test]
    async fn a_store_that_takes_nothing_is_said_with_its_own_words() {
        let full = Error::new(ErrorCode::StoreUnavailable, "The disk is full.");
        for answer in [store(false), Err(full)] {
            let door = Examined(answer);
            let fault = fault_of_the_store(&door).await.unwrap();
            assert_eq!(fault.as_deref(), Some("The disk is full"));
        }
        assert_eq!(
            fault_of_the_store(&Examined(store(true))).await.unwrap(),
            None
        );
    }

    #[tokio::test]
    async fn a_full_store_is_waited_for_before_the_round_is_given_up() {
        let full = Examined(store(false));
        let mut watch = Watch::begin(&full, Tell::Nothing).await.unwrap();
        watch.look(&ack()).await.unwrap();
        assert!(watch.waits, "a moment ago the round was heard of");
        watch.heard_at = watch.heard_at.checked_sub(PATIENCE).unwrap();
        let given_up = watch.look(&ack()).await.unwrap_err();
        assert_eq!(given_up.exit(), Exit::Failed);
        assert_eq!(
            given_up.to_string(),
            format!(
                "the round cannot be ended: the store says “The disk is full”. What had been kept \
                 stands; once the cause is mended, the next command ends it: `husting session show {SESSION}`"
            )
        );
    }

    #[tokio::test]
    async fn a_store_that_is_well_again_ends_the_wait_and_an_old_round_is_looked_at() {
        let well = Examined(store(true));
        let mut watch = Watch::begin(&well, Tell::Nothing).await.unwrap();
        watch.waits = true;
        watch.look(&ack()).await.unwrap();
        assert!(!watch.waits);
        watch.heard_at = watch.heard_at.checked_sub(PATIENCE).unwrap();
        let other = watch.look(&ack()).await;
        // It went on to look at the round itself.
        assert_eq!(other.unwrap_err().exit(), Exit::NotFound);
    }
}
