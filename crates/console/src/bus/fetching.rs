//! Reading mail, and waiting for it.

use std::sync::Arc;

use husting_domain::agents::AgentStatus;
use husting_domain::audit::Action;
use husting_domain::messages::{Mailbox, Message, MessageState};
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_store::{BusWrite, Earlier, Fetched, TakenBack, Write};
use husting_wire::bus::calls::{self, Include};
use husting_wire::bus::results::Mail;
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::admission::Call;
use super::{Told, texts, views};
use crate::agents::{AgentHolder, Connection, Kept};
use crate::errors::Outward;
use crate::{Console, Inner};

/// How long is waited where nobody says, in seconds.
const DEFAULT_SECONDS: u32 = 40;
/// The longest wait, in seconds.
const MOST_SECONDS: u32 = 120;
/// Messages of an answer where nobody says.
const DEFAULT_LIMIT: u32 = 10;
/// What becomes of a wait that ends with the program.
const KEPT: &str = "Your mail is kept; make this call again when Husting is back.";
/// Most messages of an answer.
const MOST_LIMIT: u32 = 100;

impl Console {
    /// An agent's mail. Unread mail counts as received with the next call of this or of
    /// [`Console::inbox_wait`].
    ///
    /// # Errors
    /// `insufficient_scope`; `invalid_body` for a limit out of its range; `forbidden` for the mail of
    /// another.
    pub async fn inbox(
        &self,
        holder: &AgentHolder,
        asked: calls::Inbox,
    ) -> Result<Told<Mail>, Error> {
        let call = self.0.let_in(holder, Some(Scope::Inbox), "inbox").await?;
        own_mail(holder, asked.agent.as_deref())?;
        let limit = limit(asked.limit)?;
        match asked.include {
            Include::Unread => self
                .0
                .fetch(&call, limit)
                .await
                .map(|mail| told(holder, mail)),
            Include::All => self.0.all_mail(&call, asked.after, limit).await,
        }
    }

    /// Waits for mail, no longer than the caller's patience. Nothing is no error.
    ///
    /// # Errors
    /// As [`Console::inbox`]; `invalid_token` or `insufficient_scope` when that is taken away meanwhile.
    pub async fn inbox_wait(
        &self,
        holder: &AgentHolder,
        asked: calls::InboxWait,
    ) -> Result<Told<Mail>, Error> {
        let call = self
            .0
            .let_in(holder, Some(Scope::Inbox), "inbox_wait")
            .await?;
        let seconds = patience(asked.timeout_seconds)?;
        let limit = limit(asked.limit)?;
        let until = self.0.now().plus_millis(i64::from(seconds) * 1_000);
        let mail = self.0.wait_for_mail(&call, limit, until).await?;
        Ok(told(holder, mail))
    }
}

/// What was taken back, or held, before its reader was given it is not read by the way round either.
fn may_be_read(message: &Message) -> bool {
    let is_kept_from_them = matches!(message.state, MessageState::Withdrawn | MessageState::Held);
    !is_kept_from_them || message.fetched_at.is_some()
}

/// Mail on its way to a call that may be gone. Dropped unheard, wherever it is by then, it goes back.
struct Given {
    inner: Arc<Inner>,
    holder: AgentHolder,
    /// Nothing once it was heard.
    unheard: Option<Fetched>,
    /// Where it is put back: it may be dropped by whoever is no task.
    runtime: Handle,
}

impl Given {
    fn to(inner: &Arc<Inner>, holder: &AgentHolder, given: Fetched) -> Self {
        Self {
            inner: inner.clone(),
            holder: holder.clone(),
            unheard: Some(given),
            runtime: Handle::current(),
        }
    }

    fn heard(mut self) -> Fetched {
        self.unheard.take().unwrap_or_default()
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        let Some(unheard) = self.unheard.take() else {
            return;
        };
        let (inner, holder) = (self.inner.clone(), self.holder.clone());
        let back = async move { inner.put_back(&holder, &unheard.messages).await };
        self.inner.tasks.spawn_on(back, &self.runtime);
    }
}

impl Inner {
    /// Gives the oldest unread mail and leases it.
    async fn fetch(self: &Arc<Self>, call: &Call<'_>, limit: u32) -> Result<Mail, Error> {
        Ok(mail(&self.give(call, Earlier::Ends, limit).await?))
    }

    /// The same for a call that may be dropped at any moment: what was given then goes back, since
    /// nobody heard of it.
    async fn fetch_if_heard(
        self: &Arc<Self>,
        call: &Call<'_>,
        earlier: Earlier,
        limit: u32,
    ) -> Result<Mail, Error> {
        let (inner, holder) = (self.clone(), call.holder.clone());
        let (scope, tool, is_paid) = (call.scope, call.tool, call.is_paid);
        let (told, heard) = oneshot::channel();
        self.tasks.spawn(async move {
            let call = Call {
                holder: &holder,
                scope,
                tool,
                is_paid,
            };
            let given = inner.give(&call, earlier, limit).await;
            let given = given.map(|given| Given::to(&inner, &holder, given));
            if told.send(given).is_err() {
                tracing::debug!("a wait was dropped before its mail came");
            }
        });
        let given = heard.await.map_err(|fault| {
            tracing::error!(%fault, "mail was not fetched");
            Error::new(ErrorCode::Internal, "Your mail could not be fetched.")
        })?;
        Ok(mail(&given?.heard()))
    }

    /// Mail that was given waits again as it did before.
    pub(crate) async fn put_back(&self, holder: &AgentHolder, given: &[Message]) {
        let Some(leased_until) = given.iter().find_map(|one| one.leased_until) else {
            return;
        };
        let back = BusWrite::PutBack {
            mailbox: Mailbox::Agent(holder.agent),
            messages: given.iter().map(|message| message.id).collect(),
            leased_until,
        };
        if let Err(fault) = self.keep(&holder.tenant, [Write::Bus(back)]).await {
            // It comes back when its lease runs out.
            tracing::warn!(%fault, "mail that nobody heard of was not put back");
            return;
        }
        self.bells.ring(Mailbox::Agent(holder.agent));
        self.news_of(&holder.tenant);
    }

    /// The same as the store gives it.
    pub(crate) async fn give(
        self: &Arc<Self>,
        call: &Call<'_>,
        earlier: Earlier,
        limit: u32,
    ) -> Result<Fetched, Error> {
        let at = self.now();
        let holder = call.holder;
        let unit = call
            .unit()
            .write(Write::Bus(BusWrite::Fetch {
                mailbox: Mailbox::Agent(holder.agent),
                earlier,
                at,
                lease_until: self.lease_end(at),
                limit,
            }))
            .write(Write::Audit(call.entry(
                self,
                Action::Fetch,
                None,
                json!({ "tool": call.tool, "limit": limit }),
            )));
        let kept = self.keep_as(call, unit).await?;
        let fetched = kept.fetched().unwrap_or_default();
        self.fetched(call, &fetched, at);
        Ok(fetched)
    }

    fn fetched(&self, call: &Call<'_>, fetched: &Fetched, at: Timestamp) {
        let holder = call.holder;
        self.hops.note(holder.agent, &fetched.messages, at);
        if !fetched.messages.is_empty() {
            self.leases_changed.notify_one();
        }
        let moved = !fetched.messages.is_empty()
            || !fetched.ended.is_empty()
            || fetched.taken_back != TakenBack::default();
        if moved {
            self.news_of(&holder.tenant);
        }
    }

    /// Reads mail of every state, which changes nothing about it.
    async fn all_mail(
        &self,
        call: &Call<'_>,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Told<Mail>, Error> {
        let holder = call.holder;
        let entry = call.entry(
            self,
            Action::Fetch,
            None,
            json!({ "tool": call.tool, "all": true }),
        );
        self.keep_as(call, call.unit().write(Write::Audit(entry)))
            .await?;
        let mailbox = Mailbox::Agent(holder.agent);
        let found = self
            .store
            .mail(&holder.tenant, mailbox, after, limit)
            .await
            .outward()?;
        // Without a number, the newest come first and nothing lies behind them.
        let last = after.and_then(|_| found.last()).map(|message| message.seq);
        let given: Vec<_> = found.into_iter().filter(may_be_read).collect();
        Ok(told(holder, views::mail(&given, last)))
    }

    async fn wait_for_mail(
        self: &Arc<Self>,
        call: &Call<'_>,
        limit: u32,
        until: Timestamp,
    ) -> Result<Mail, Error> {
        let place = self.wait_as(call)?;
        let mut bell = self.bells.listen(Mailbox::Agent(call.holder.agent));
        // What was given before this call is ended by it; what another call is given while it waits is not.
        let mut earlier = Earlier::Ends;
        loop {
            bell.mark_unchanged();
            let mail = self.fetch_if_heard(call, earlier, limit).await?;
            earlier = Earlier::Stays;
            if !mail.messages.is_empty() {
                return Ok(mail);
            }
            tokio::select! {
                // The bell is kept by the console and outlives this wait.
                _ = bell.changed() => {}
                () = self.clock.sleep_until(until) => return Ok(mail),
                fault = until_ended(self, call, &place, KEPT) => return Err(fault),
            }
            // Mail that came while all agents are held stays where it is.
            self.pause.refuse()?;
        }
    }

    /// Counts a call as a wait that its token and scope hold open.
    ///
    /// # Errors
    /// Which of the two is lacking by now.
    pub(super) fn wait_as(&self, call: &Call<'_>) -> Result<Connection, Error> {
        // What was given for this one call is used up, and can be taken no more.
        let needs = call.scope.filter(|_| !call.is_paid);
        self.connect(call.holder, Kept::Wait, needs)
            .map_err(|ended| self.still_allowed(call).err().unwrap_or(ended))
    }
}

/// Why a wait must end before its time; pending while it need not. `kept` says what becomes of it
/// when the program ends.
pub(super) async fn until_ended(
    inner: &Inner,
    call: &Call<'_>,
    place: &Connection,
    kept: &str,
) -> Error {
    tokio::select! {
        () = place.ended().cancelled() => cut(inner, call),
        () = inner.shutdown.cancelled() => {
            Error::new(ErrorCode::ShuttingDown, format!("Husting is closing. {kept}"))
        }
    }
}

/// Why a call that was taken in is not waited for any longer: what the caller held is gone.
pub(super) fn cut(inner: &Inner, call: &Call<'_>) -> Error {
    match inner.still_allowed(call) {
        Err(fault) if fault.code != ErrorCode::InvalidToken => fault,
        allowed => {
            let said = why_ended(inner, call, allowed.is_ok());
            Error::new(ErrorCode::InvalidToken, said)
        }
    }
}

/// What of the caller ended, and whether to call again.
fn why_ended(inner: &Inner, call: &Call<'_>, is_allowed: bool) -> String {
    let name = &call.holder.name;
    let standing = inner.agents.standing(call.holder.agent);
    match standing.map(|standing| standing.agent.status) {
        _ if is_allowed => format!(
            "What this call needs was taken from {name} while it waited, and given back. Call again."
        ),
        Some(AgentStatus::Suspended) => format!(
            "{name} was disabled while this call waited. Call again once the operator has enabled it."
        ),
        Some(AgentStatus::Inactive) => format!(
            "{name} was switched off while this call waited. Call again once the operator has switched it on."
        ),
        Some(AgentStatus::Active) => format!(
            "The token of {name} was replaced or ran out while this call waited. Call again with the new one."
        ),
        Some(AgentStatus::Revoked) | None => format!(
            "{name} was revoked while this call waited: its token opens nothing any more. Do not call again."
        ),
    }
}

/// A wait's patience in seconds.
///
/// # Errors
/// `invalid_body` out of its range.
pub(super) fn patience(seconds: Option<u32>) -> Result<u32, Error> {
    in_range(
        "timeout_seconds",
        seconds.unwrap_or(DEFAULT_SECONDS),
        MOST_SECONDS,
    )
}

fn limit(limit: Option<u32>) -> Result<u32, Error> {
    in_range("limit", limit.unwrap_or(DEFAULT_LIMIT), MOST_LIMIT)
}

/// A whole number from 1 to `most`.
pub(super) fn in_range(field: &str, value: u32, most: u32) -> Result<u32, Error> {
    if (1..=most).contains(&value) {
        return Ok(value);
    }
    let rule = format!("a whole number from 1 to {most}");
    Err(crate::agents::invalid_body(field, &rule))
}

/// Nobody reads the mail of another.
fn own_mail(holder: &AgentHolder, named: Option<&str>) -> Result<(), Error> {
    let Some(named) = named else { return Ok(()) };
    let named = named.trim();
    if named.strip_prefix("agent:").unwrap_or(named) == holder.name.as_str() {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::Forbidden,
        format!(
            "Your token reads the mail of {} alone. Leave `agent` out.",
            holder.name
        ),
    ))
}

fn mail(fetched: &Fetched) -> Mail {
    let last = fetched.messages.last().map(|message| message.seq);
    let next_after = last.filter(|_| fetched.left > 0);
    views::mail(&fetched.messages, next_after)
}

fn told(holder: &AgentHolder, mail: Mail) -> Told<Mail> {
    Told {
        text: texts::mail(holder.name.as_str(), &mail),
        record: mail,
    }
}
