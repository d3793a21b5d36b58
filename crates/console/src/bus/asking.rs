//! Asking an agent and waiting for its answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::ids::MessageId;
use husting_domain::messages::Sender;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_wire::bus::calls;
use husting_wire::bus::results::{Asked, InboxMessage};
use husting_wire::errors::Error;
use tokio::sync::oneshot;

use super::admission::Call;
use super::fetching::{patience, until_ended};
use super::recipients::{Writer, sendable};
use super::sending::{Letter, not_sent, wrote};
use super::{Told, texts};
use crate::agents::AgentHolder;
use crate::{Console, Inner, chance};

/// What becomes of a question whose wait ends with the program.
const KEPT: &str =
    "Your question is kept, and its answer comes to your inbox: look there when Husting is back.";
/// How long an answer that is being kept at the end of the patience is waited for, in milliseconds.
const IN_KEEPING_MILLIS: i64 = 5_000;

/// Calls that wait for the answer to a question.
#[derive(Default)]
pub(crate) struct Askers(Mutex<HashMap<MessageId, oneshot::Sender<InboxMessage>>>);

/// One of them, taken by whoever answers.
pub(crate) struct Asker {
    question: MessageId,
    answer: oneshot::Sender<InboxMessage>,
}

/// A call that waits for its answer; where it is dropped, nobody waits any more.
struct Hearing<'a> {
    askers: &'a Askers,
    question: MessageId,
    answer: oneshot::Receiver<InboxMessage>,
}

impl Drop for Hearing<'_> {
    fn drop(&mut self) {
        // Before it is taken out, so that whoever puts it back meanwhile sees that nobody hears.
        self.answer.close();
        self.leave();
    }
}

impl Hearing<'_> {
    /// Nobody waits any more; false where an answer is being kept for the call right now.
    fn leave(&self) -> bool {
        self.askers.lock().remove(&self.question).is_some()
    }
}

impl Askers {
    fn wait(&self, question: MessageId) -> Hearing<'_> {
        let (answer, heard) = oneshot::channel();
        self.lock().insert(question, answer);
        Hearing {
            askers: self,
            question,
            answer: heard,
        }
    }

    /// Takes the call that waits for this letter, if one does.
    pub fn of(&self, letter: &Letter) -> Option<Asker> {
        let question = letter.answers.as_ref()?;
        if !wrote(question, letter.to.mailbox) {
            return None;
        }
        let answer = self.lock().remove(&question.id)?;
        let asker = Asker {
            question: question.id,
            answer,
        };
        (!asker.answer.is_closed()).then_some(asker)
    }

    /// The answer was not kept: the call goes on waiting, if it still does.
    pub fn put_back(&self, asker: Asker) {
        let mut waiting = self.lock();
        if !asker.answer.is_closed() {
            waiting.insert(asker.question, asker.answer);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageId, oneshot::Sender<InboxMessage>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asker {
    /// Gives the answer, which is on disk and leased to the call. Where the call is gone, the lease
    /// runs out and the answer comes to the inbox.
    pub fn hand_over(self, letter: &Letter, seq: u64, at: Timestamp) {
        let answer = InboxMessage {
            id: letter.id,
            seq,
            from: letter.from.to_string(),
            to: letter.to.name.to_string(),
            text: letter.text.clone(),
            sent_at: at,
            origin: letter.from.origin(),
            request_id: letter.request_id.clone(),
            in_reply_to: Some(self.question),
            broadcast: false,
            squad: None,
            acknowledged: false,
        };
        if self.answer.send(answer).is_err() {
            tracing::debug!("an answer found its call gone");
        }
    }
}

impl Console {
    /// Asks an agent and waits for its answer, which this call alone is given. An answer that comes
    /// later is in the inbox.
    ///
    /// # Errors
    /// As [`Console::send`].
    pub async fn ask(&self, holder: &AgentHolder, asked: calls::Ask) -> Result<Told<Asked>, Error> {
        let call = self.0.let_in(holder, Some(Scope::Send), "ask").await?;
        self.0.ask(&call, asked).await
    }
}

impl Inner {
    async fn ask(
        self: &Arc<Self>,
        call: &Call<'_>,
        asked: calls::Ask,
    ) -> Result<Told<Asked>, Error> {
        let seconds = patience(asked.timeout_seconds)?;
        sendable(&asked.message)?;
        let letter = self.question(call, asked).await?;
        let (id, name) = (letter.id, letter.to.name.to_string());
        let until = self.now().plus_millis(i64::from(seconds) * 1_000);
        let place = self.wait_as(call)?;
        // Before it is sent, so that no answer is faster.
        let mut heard = self.askers.wait(id);
        let posted = match self.post(call, letter, None).await {
            Ok(posted) => posted,
            Err(fault) => return Err(not_sent(fault, &name, Writer::Agent)),
        };
        let answer = if posted.is_held {
            Ok(None)
        } else {
            tokio::select! {
                answer = &mut heard.answer => Ok(answer.ok()),
                () = self.clock.sleep_until(until) => Ok(None),
                fault = until_ended(self, call, &place, KEPT) => Err(fault),
            }
        };
        let answer = match answer {
            Ok(None) if !heard.leave() && !posted.is_held => {
                self.in_keeping(&mut heard.answer).await
            }
            Ok(answer) => answer,
            Err(fault) => return Err(fault),
        };
        Ok(Told {
            text: texts::answered(&name, answer.as_ref(), posted.is_held),
            record: Asked { id, answer },
        })
    }

    /// An answer that was being kept when the patience ended.
    async fn in_keeping(
        &self,
        heard: &mut oneshot::Receiver<InboxMessage>,
    ) -> Option<InboxMessage> {
        tokio::select! {
            answer = heard => answer.ok(),
            () = self.clock.sleep_until(self.now().plus_millis(IN_KEEPING_MILLIS)) => None,
        }
    }

    async fn question(&self, call: &Call<'_>, asked: calls::Ask) -> Result<Letter, Error> {
        let holder = call.holder;
        let to = self.reader(&holder.tenant, &asked.agent, Writer::Agent)?;
        let hops = self
            .hops_of(&holder.tenant, holder.agent, Some(to.mailbox), None)
            .await?;
        let id = chance::message_id();
        Ok(Letter {
            id,
            to,
            text: asked.message,
            // An answer can name the question in its text too.
            request_id: Some(id.to_string()),
            answers: None,
            from: Sender::Agent {
                id: holder.agent,
                name: holder.name.clone(),
            },
            hops,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(number: u128) -> MessageId {
        MessageId(uuid::Uuid::from_u128(number))
    }

    fn taken(askers: &Askers, question: MessageId) -> Asker {
        let answer = askers.lock().remove(&question).unwrap();
        Asker { question, answer }
    }

    #[test]
    fn a_call_that_is_dropped_leaves_nothing_behind() {
        let askers = Askers::default();
        let (first, second) = (askers.wait(question(1)), askers.wait(question(2)));
        drop(first);
        assert_eq!(askers.lock().len(), 1);
        drop(second);
        assert!(askers.lock().is_empty());
    }

    #[test]
    fn an_answer_that_was_not_kept_is_put_back_only_for_a_call_that_still_waits() {
        let askers = Askers::default();
        let waits = askers.wait(question(1));
        askers.put_back(taken(&askers, question(1)));
        assert!(waits.leave(), "it waits again");
        let gone = askers.wait(question(2));
        let asker = taken(&askers, question(2));
        drop(gone);
        askers.put_back(asker);
        assert!(askers.lock().is_empty());
    }
}
