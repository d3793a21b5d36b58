//! Reading mail, and waiting for it.

use std::sync::Arc;

use husting_domain::audit::Action;
use husting_domain::messages::Mailbox;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_store::{BusWrite, Fetched, TakenBack, Write};
use husting_wire::bus::calls::{self, Include};
use husting_wire::bus::results::Mail;
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

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

impl Inner {
    /// Gives the oldest unread mail and leases it.
    async fn fetch(self: &Arc<Self>, call: &Call<'_>, limit: u32) -> Result<Mail, Error> {
        let fetched = self.give(call, limit).await?;
        let last = fetched.messages.last().map(|message| message.seq);
        let next_after = last.filter(|_| fetched.left > 0);
        Ok(views::mail(&fetched.messages, next_after))
    }

    /// The same as the store gives it.
    pub(crate) async fn give(
        self: &Arc<Self>,
        call: &Call<'_>,
        limit: u32,
    ) -> Result<Fetched, Error> {
        let at = self.now();
        let holder = call.holder;
        let unit = call
            .unit()
            .write(Write::Bus(BusWrite::Fetch {
                mailbox: Mailbox::Agent(holder.agent),
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
        Ok(told(holder, views::mail(&found, last)))
    }

    async fn wait_for_mail(
        self: &Arc<Self>,
        call: &Call<'_>,
        limit: u32,
        until: Timestamp,
    ) -> Result<Mail, Error> {
        let place = self.wait_as(call)?;
        let mut bell = self.bells.listen(Mailbox::Agent(call.holder.agent));
        loop {
            bell.mark_unchanged();
            let mail = self.fetch(call, limit).await?;
            if !mail.messages.is_empty() {
                return Ok(mail);
            }
            tokio::select! {
                // The bell is kept by the console and outlives this wait.
                _ = bell.changed() => {}
                () = self.clock.sleep_until(until) => return Ok(mail),
                fault = until_ended(self, &place) => return Err(fault),
            }
            // Mail that came while all agents are held stays where it is.
            self.pause.refuse()?;
        }
    }

    /// Counts a call as a wait that its token and scope hold open.
    pub(super) fn wait_as(&self, call: &Call<'_>) -> Result<Connection, Error> {
        self.connect(call.holder, Kept::Wait, call.scope)
    }
}

/// Why a wait must end before its time; pending while it need not.
pub(super) async fn until_ended(inner: &Inner, place: &Connection) -> Error {
    tokio::select! {
        () = place.ended().cancelled() => Error::new(
            ErrorCode::InvalidToken,
            "What this call needs was taken away while it waited.",
        ),
        () = inner.shutdown.cancelled() => Error::new(
            ErrorCode::ShuttingDown,
            "Husting is closing. Your mail is kept; wait again when it is back.",
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

fn told(holder: &AgentHolder, mail: Mail) -> Told<Mail> {
    Told {
        text: texts::mail(holder.name.as_str(), &mail),
        record: mail,
    }
}
