//! A round of which nothing is heard: slow, or unable to end because its store cannot be written.

use husting_clock::{Clock, SystemClock};
use husting_wire::commands::{Examine, ReadSession};
use husting_wire::errors::ErrorCode;
use husting_wire::sessions::{SessionAck, SessionRef};
use husting_wire::settings::Nothing;

use crate::door::{Door, ask};
use crate::exit::Failure;
use crate::output::words::moment;

/// How long after its deadline a round may still be ending.
const GRACE_MILLIS: i64 = 30_000;

/// A slow round is left alone; one that cannot end is a failure.
pub async fn refuse_if_stuck(door: &dyn Door, ack: &SessionAck) -> Result<(), Failure> {
    let fault = match fault_of_the_store(door).await? {
        Some(fault) => Some(fault),
        None => overdue(door, ack).await?,
    };
    let stuck = |fault| Failure::Stuck {
        session: ack.session_id,
        goes_on: door.outlives_us(),
        fault,
    };
    fault.map_or(Ok(()), |fault| Err(stuck(fault)))
}

/// What the store says when it is written to, where it refuses.
async fn fault_of_the_store(door: &dyn Door) -> Result<Option<String>, Failure> {
    let said = |words: String| format!("the store says “{}”.", words.trim_end_matches('.'));
    match ask::<Examine>(door, Nothing {}).await {
        Ok(report) => {
            let mut findings = report.findings.into_iter();
            let store = findings.find(|finding| finding.subject == "store" && !finding.ok);
            Ok(store.map(|finding| said(finding.message)))
        }
        Err(Failure::Console(error)) if error.code == ErrorCode::StoreUnavailable => {
            Ok(Some(said(error.message)))
        }
        Err(failure) => Err(failure),
    }
}

/// A round long past its deadline. The store may have had room for a small row and not for its end.
async fn overdue(door: &dyn Door, ack: &SessionAck) -> Result<Option<String>, Failure> {
    let session_id = ack.session_id;
    let view = ask::<ReadSession>(door, SessionRef { session_id }).await?;
    let mut rounds = view.rounds.into_iter();
    let late = rounds.find(|round| {
        round.round_id == ack.round_id
            && !round.status.is_terminal()
            && SystemClock.now() > round.deadline_at.plus_millis(GRACE_MILLIS)
    });
    Ok(late.map(|round| {
        format!(
            "it was to end by {} and has not.",
            moment(round.deadline_at)
        )
    }))
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
            let stuck = refuse_if_stuck(&Examined(answer), &ack())
                .await
                .unwrap_err();
            assert_eq!(stuck.exit(), Exit::Failed);
            assert_eq!(
                stuck.to_string(),
                format!(
                    "the round cannot be ended: the store says “The disk is full”. What had been kept \
                     stands; once the cause is mended, the next command ends it: `husting session show {SESSION}`"
                )
            );
        }
    }

    #[tokio::test]
    async fn a_store_that_is_well_is_no_reason() {
        let other = refuse_if_stuck(&Examined(store(true)), &ack()).await;
        // It went on to look at the round itself.
        assert_eq!(other.unwrap_err().exit(), Exit::NotFound);
    }
}
