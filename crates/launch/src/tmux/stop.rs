//! The end of a session and of all that its program started.

use std::time::Duration;

use super::Tmux;
use super::calls::run;
use super::list::{End, Seen};
use crate::error::LaunchError;
use crate::exit::Exit;
use crate::family;

impl Tmux {
    /// Asks the program of our session `name` and all it started to end, kills what lives after
    /// `grace`, and removes the session.
    ///
    /// # Errors
    /// [`LaunchError::NoSession`] and [`LaunchError::Foreign`] when there is none or it is not ours;
    /// [`LaunchError::NotEnded`] when something lives although it was killed.
    pub async fn stop(&self, name: &str, grace: Duration) -> Result<Exit, LaunchError> {
        let seen = self.own(name).await?;
        let ended = self.end(&seen, grace).await?;
        let now = self.now(&seen).await?;
        self.remove(&seen).await?;
        if !ended {
            return Err(LaunchError::NotEnded(seen.pid.unsigned_abs()));
        }
        Ok(match now.map(|now| now.end) {
            Some(End::Ended(exit)) => exit,
            _ => Exit::Unknown,
        })
    }

    async fn end(&self, seen: &Seen, grace: Duration) -> Result<bool, LaunchError> {
        let leader = seen.pid;
        // A dead program's number may be another's by now.
        if matches!(seen.end, End::Ended(_)) || leader <= 1 {
            return Ok(true);
        }
        let ended = tokio::task::spawn_blocking(move || family::end(leader, grace)).await;
        ended.map_err(|error| {
            tracing::error!(%error, "a session's program was not ended");
            LaunchError::NotEnded(leader.unsigned_abs())
        })
    }

    /// The same session as it is now; nothing when it is gone.
    pub(super) async fn now(&self, seen: &Seen) -> Result<Option<Seen>, LaunchError> {
        let all = self.seen().await?;
        let mut same = all.into_iter().filter(|one| {
            (&one.session, &one.pane, one.pid) == (&seen.session, &seen.pane, seen.pid)
        });
        Ok(same.next())
    }

    /// Removes the session by tmux's own number, which no other session gets.
    pub(super) async fn remove(&self, seen: &Seen) -> Result<(), LaunchError> {
        let mut call = self.client();
        call.args(["kill-session", "-t", &seen.session]);
        match run(call).await {
            // A person may have closed it meanwhile.
            Err(LaunchError::Refused(said)) => {
                tracing::debug!(said, session = seen.name, "the session was gone");
                Ok(())
            }
            answer => answer.map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a server whose end is the test's end.
    struct Server(tempfile::TempDir, Tmux);

    impl Server {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let tmux = Tmux::find(std::ffi::OsStr::new("/usr/local/bin:/usr/bin:/bin")).unwrap();
            let tmux = tmux.with_socket("t").with_folder(folder.path());
            Self(folder, tmux)
        }

        async fn call(&self, words: &[&str]) -> String {
            let mut call = self.1.any_client();
            call.args(words);
            run(call).await.unwrap()
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let mut call = std::process::Command::new("tmux");
            call.args(["-L", "t", "kill-server"]);
            let ended = call.env("TMUX_TMPDIR", self.0.path()).output();
            assert!(ended.is_ok(), "the test's tmux server was not ended");
        }
    }

    #[tokio::test]
    async fn removing_a_session_that_is_gone_removes_none_whose_name_begins_alike() {
        let server = Server::new();
        for name in ["ab", "abc"] {
            server
                .call(&["new-session", "-d", "-s", name, "--", "sleep", "1000"])
                .await;
        }
        let all = server.1.seen().await.unwrap();
        let gone = all.iter().find(|seen| seen.name == "ab").unwrap();
        server.1.remove(gone).await.unwrap();
        server.1.remove(gone).await.unwrap();
        let left = server
            .call(&["list-sessions", "-F", "#{session_name}"])
            .await;
        assert_eq!(left.trim(), "abc");
    }
}
