//! What an earlier start of Husting left: sessions of tmux are found again and watched on, children of
//! a program that died are ended.

use std::sync::{Arc, Weak};
use std::time::Duration;

use husting_domain::runs::{Run, RunHow};
use husting_launch::{Identity, LaunchError, Leftover, Session};
use husting_store::Tenanted;
use husting_wire::errors::Error;

use super::live::LiveRun;
use crate::Inner;
use crate::errors::Outward;

/// Between two looks where tmux does not answer, in milliseconds.
const AGAIN_MILLIS: i64 = 15_000;
/// How long a child that was left has to end by itself.
const GRACE: Duration = Duration::from_secs(2);

impl Inner {
    /// Finds runs that had not ended, at the start, those that are started again and those that failed too
    /// often for that.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(crate) async fn find_runs(self: &Arc<Self>) -> Result<(), Error> {
        for found in self.store.open_runs().await.outward()? {
            let Tenanted { tenant, row: run } = found;
            let Some(standing) = self.agents.standing(run.agent) else {
                continue;
            };
            let name = standing.agent.name.clone();
            let live = Arc::new(LiveRun::new(tenant, name, run));
            // Nobody waits for a child that takes its time to end, or a tmux that does not answer.
            self.tasks.spawn(find(Arc::downgrade(self), live));
        }
        for found in self.store.given_up_runs().await.outward()? {
            self.agents.give_up(found.row.agent, Some(found.row.id));
        }
        self.await_restarts().await
    }

    /// The session of a run that goes on, or ended unseen with its last words there.
    pub(super) async fn left(&self, live: &LiveRun) -> Result<Option<Session>, LaunchError> {
        let run = live.run();
        match (run.how, &self.runs.tmux) {
            (RunHow::Once, _) => end_child(&run).await.map(|()| None),
            (RunHow::Tmux, None) => Err(LaunchError::NotFound {
                program: "tmux".to_owned(),
            }),
            (RunHow::Tmux, Some(tmux)) => {
                let agent = run.agent.to_string();
                let found = tmux.list().await?;
                let Some(found) = found.iter().find(|found| found.agent == agent) else {
                    return Ok(None);
                };
                tmux.follow(&found.name)
                    .await
                    .map(|following| Some(Session::from(following)))
            }
        }
    }
}

/// Looks for what goes on of a run until that is known: an end that nobody saw is not made up.
async fn find(inner: Weak<Inner>, live: Arc<LiveRun>) {
    loop {
        let Some(console) = inner.upgrade() else {
            return;
        };
        match console.left(&live).await {
            Ok(Some(session)) => {
                console.runs.add(live.clone());
                console.watch_over(&live, session).await;
                return console.tell_run(&live);
            }
            Ok(None) => {
                console.keep_end_surely(&live, None).await;
                return console.tell_run(&live);
            }
            Err(fault) => {
                tracing::warn!(%fault, run = %live.id, "what goes on of a run is not known");
            }
        }
        let (clock, shutdown) = (console.clock.clone(), console.shutdown.clone());
        let again = console.now().plus_millis(AGAIN_MILLIS);
        drop(console);
        tokio::select! {
            () = clock.sleep_until(again) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

async fn end_child(run: &Run) -> Result<(), LaunchError> {
    let identity = run.process.as_ref().and_then(|text| text.parse().ok());
    let Some(identity): Option<Identity> = identity else {
        return Ok(());
    };
    let ended = tokio::task::spawn_blocking(move || Leftover::end(&identity, GRACE)).await;
    match ended {
        Ok(ended) => ended.map(drop),
        Err(fault) => Err(LaunchError::Output(std::io::Error::other(fault))),
    }
}
