//! Mail starts an agent that is not running: gathered for a while, so that a burst is one start, and so
//! many times a day. What the agent reads then is its own affair; nothing is taken from its mailbox here.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use husting_domain::agents::AgentStatus;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::{Mailbox, MessageState};
use husting_domain::runs::{ConfirmedCommand, RunCause, RunHow, WakeRule};
use husting_domain::time::Timestamp;
use husting_store::MessageFilter;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wiring::WiredState;
use tokio_util::sync::CancellationToken;

use super::starting::Start;
use crate::Inner;
use crate::agents::registry::Standing;
use crate::errors::Outward;
use crate::pauses::due;

/// Before what kept a start from being tried is looked at again, in milliseconds.
const REST_MILLIS: i64 = 60_000;
/// Between two looks at an agent that somebody else holds open, in milliseconds.
const LOOK_MILLIS: i64 = 15_000;
/// Messages that are looked through at once for one that wakes.
const LOOKED_AT: u32 = 100;

/// An agent that mail starts, and the command that is started.
#[derive(Clone, PartialEq, Eq)]
struct Waker {
    tenant: TenantId,
    agent: AgentId,
    rule: WakeRule,
    command: ConfirmedCommand,
}

/// Keeps a task for each agent that mail starts, as long as the console lives.
pub(crate) async fn keep_wakes(inner: Weak<Inner>) {
    let parts = inner.upgrade().map(|console| {
        let moved = console.runs.moved.subscribe();
        (console.clock.clone(), console.shutdown.clone(), moved)
    });
    let Some((clock, shutdown, mut moved)) = parts else {
        return;
    };
    let mut kept: HashMap<AgentId, (Waker, CancellationToken)> = HashMap::new();
    loop {
        moved.borrow_and_update();
        let Some(console) = inner.upgrade() else {
            return;
        };
        let again = match console.wakers().await {
            Ok(wanted) => {
                kept.retain(|agent, (waker, ends)| {
                    let stays = wanted.iter().any(|one| one.agent == *agent && one == waker);
                    if !stays {
                        ends.cancel();
                    }
                    stays
                });
                for waker in wanted {
                    kept.entry(waker.agent).or_insert_with(|| {
                        let ends = shutdown.child_token();
                        let task = wake(inner.clone(), waker.clone(), ends.clone());
                        console.tasks.spawn(task);
                        (waker, ends)
                    });
                }
                None
            }
            Err(fault) => {
                tracing::warn!(%fault, "it is not known which agents mail starts");
                Some(console.now().plus_millis(REST_MILLIS))
            }
        };
        drop(console);
        tokio::select! {
            heard = moved.changed() => if heard.is_err() { return },
            () = due(&clock, again) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// What is to be waited for before the next look.
enum Next {
    /// Mail, or an end of what runs.
    News,
    /// The same, or a moment.
    Until(Timestamp),
    /// The end of the run that was started, and nothing else.
    Over(Arc<super::live::LiveRun>),
}

/// Starts one agent whenever mail waits for it.
async fn wake(inner: Weak<Inner>, waker: Waker, ends: CancellationToken) {
    let Some(console) = inner.upgrade() else {
        return;
    };
    let clock = console.clock.clone();
    let mut bell = console.bells.listen(Mailbox::Agent(waker.agent));
    let mut moved = console.runs.moved.subscribe();
    let mut pause = console.pause.watch();
    drop(console);
    let mut seen = Seen::default();
    loop {
        bell.borrow_and_update();
        moved.borrow_and_update();
        pause.borrow_and_update();
        let Some(console) = inner.upgrade() else {
            return;
        };
        let next = match console.look_for_mail(&waker, &mut seen).await {
            Ok(next) => next,
            Err(fault) => {
                console.say_unwoken(&waker, Some(fault.message)).await;
                Next::Until(console.now().plus_millis(REST_MILLIS))
            }
        };
        drop(console);
        let until = match next {
            Next::News => None,
            Next::Until(moment) => Some(moment),
            Next::Over(live) => {
                tokio::select! {
                    () = live.until_over() => continue,
                    () = ends.cancelled() => return,
                }
            }
        };
        tokio::select! {
            heard = bell.changed() => if heard.is_err() { return },
            heard = moved.changed() => if heard.is_err() { return },
            heard = pause.changed() => if heard.is_err() { return },
            () = due(&clock, until) => {}
            () = ends.cancelled() => return,
        }
    }
}

/// What a waker has seen of the mailbox.
#[derive(Default)]
struct Seen {
    /// When the mail is to start the agent that waits now.
    wakes_at: Option<Timestamp>,
    /// The newest message for which the agent was started, and when that may be done once more for
    /// what it left unread.
    served: Option<(u64, Timestamp)>,
}

impl Inner {
    /// Agents that mail starts, with a command that somebody confirmed.
    async fn wakers(&self) -> Result<Vec<Waker>, Error> {
        let setups = self.store.run_setups().await.outward()?;
        let wakers = setups.into_iter().filter_map(|found| {
            let setup = found.row;
            let standing = self.agents.standing(setup.agent)?;
            let command = setup.once.filter(|_| setup.wake.on)?;
            let is_gone = standing.agent.status == AgentStatus::Revoked;
            (!is_gone).then_some(Waker {
                tenant: found.tenant,
                agent: setup.agent,
                rule: setup.wake,
                command,
            })
        });
        Ok(wakers.collect())
    }

    /// Starts the agent where mail has waited long enough, and says what is waited for.
    async fn look_for_mail(
        self: &Arc<Self>,
        waker: &Waker,
        seen: &mut Seen,
    ) -> Result<Next, Error> {
        let newest = self.newest_that_wakes(waker).await?;
        let Some(newest) = newest else {
            seen.wakes_at = None;
            self.say_unwoken(waker, None).await;
            return Ok(Next::News);
        };
        let now = self.now();
        if self.pause.is_on() {
            return Ok(Next::News);
        }
        if let Some(live) = self.runs.of(waker.agent) {
            return Ok(Next::Over(live));
        }
        let standing = self.runnable(waker.agent)?;
        if let Some(why) = self.dead_file(&standing, &waker.command).await? {
            self.say_unwoken(waker, Some(why)).await;
            return Ok(Next::Until(now.plus_millis(REST_MILLIS)));
        }
        if standing.connections > 0 {
            // Somebody else's client is there and hears of the mail itself.
            return Ok(Next::Until(now.plus_millis(LOOK_MILLIS)));
        }
        if let Some((served, again)) = seen.served
            && newest <= served
            && now < again
        {
            return Ok(Next::Until(again));
        }
        let batch = i64::from(waker.rule.batch_seconds) * 1_000;
        let wakes_at = *seen.wakes_at.get_or_insert(now.plus_millis(batch));
        if now < wakes_at {
            return Ok(Next::Until(wakes_at));
        }
        let today = now.day_start();
        let woken = self
            .store
            .wakes_since(&waker.tenant, waker.agent, today)
            .await;
        if woken.outward()? >= waker.rule.per_day {
            let why = format!(
                "Mail has started {} as often today as is allowed ({}). It goes on tomorrow (UTC), or once \
                 the rule allows more; the mail waits.",
                standing.agent.name, waker.rule.per_day
            );
            self.say_unwoken(waker, Some(why)).await;
            return Ok(Next::Until(now.next_day_start()));
        }
        let start = Start {
            how: RunHow::Once,
            cause: RunCause::Mail,
            // What it left unread starts it once more, within the day's number.
            restarts: false,
            keep: false,
            after: None,
        };
        let launched = self.launch(&standing, start, waker.command.clone());
        let launched = launched.await;
        // A program that did not start has had its start, as one that left the mail; what kept Husting from trying passes.
        let was_tried = |fault: &Error| fault.code == ErrorCode::ProgramFailed;
        if launched.as_ref().err().is_none_or(was_tried) {
            let lease = i64::from(self.settings().bus_lease_seconds) * 1_000;
            seen.wakes_at = None;
            seen.served = Some((newest, now.plus_millis(lease)));
        }
        launched?;
        self.say_unwoken(waker, None).await;
        Ok(self.runs.of(waker.agent).map_or(Next::News, Next::Over))
    }

    /// Why the file that the command names does not open the bus for the agent, if it does not.
    pub(super) async fn dead_file(
        self: &Arc<Self>,
        standing: &Standing,
        command: &ConfirmedCommand,
    ) -> Result<Option<String>, Error> {
        let files = self.wired_files(standing).await?;
        let mut named = files
            .iter()
            .filter(|file| command.command.contains(&file.path));
        let name = &standing.agent.name;
        Ok(named.find_map(|file| {
            let why = match file.state {
                WiredState::Current | WiredState::Changed => return None,
                WiredState::OldToken | WiredState::Moved => "opens nothing any more",
                WiredState::Anothers => "has another token than its own",
                WiredState::Gone => "has no entry of Husting's any more, or cannot be read",
            };
            let path = &file.path;
            Some(format!(
                "{path} {why}: wire {name} again, and run it once. The mail waits."
            ))
        }))
    }

    /// The place of the newest unread message that the rule wants.
    async fn newest_that_wakes(&self, waker: &Waker) -> Result<Option<u64>, Error> {
        let mut filter = MessageFilter {
            mailbox: Some(Mailbox::Agent(waker.agent)),
            states: vec![MessageState::Waiting],
            limit: LOOKED_AT,
            ..MessageFilter::default()
        };
        loop {
            let waiting = self.store.messages(&waker.tenant, &filter).await;
            let waiting = waiting.outward()?;
            let mut wanted = waiting
                .iter()
                .filter(|message| !waker.rule.requests_only || message.request_id.is_some());
            if let Some(message) = wanted.next() {
                return Ok(Some(message.place));
            }
            filter.before = waiting.last().map(|message| message.place);
            if filter.before.is_none() {
                return Ok(None);
            }
        }
    }

    /// Says why mail does not start an agent, or that nothing is in the way any more.
    async fn say_unwoken(&self, waker: &Waker, why: Option<String>) {
        if self.runs.set_hindrance(waker.agent, why) {
            self.tell_agent(waker.agent).await;
        }
    }
}
