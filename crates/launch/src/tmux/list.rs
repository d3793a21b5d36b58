//! The sessions on our server.

use rustix::process::{Pid, Signal, kill_process};

use super::Tmux;
use super::calls::run;
use crate::error::LaunchError;
use crate::exit::Exit;
use crate::processes;

/// No name of a session holds a colon. The agent's id stands last, since it may hold anything.
const FORMAT: &str = "#{session_id}:#{pane_id}:#{session_created}:#{pane_pid}:#{pid}:#{pane_dead}:\
                      #{pane_dead_status}:#{pane_dead_signal}:#{session_name}:#{@husting-agent}";
const FIELDS: usize = 10;
/// How often tmux is asked for an exit that it has not taken note of yet.
const NUDGES: usize = 5;

/// A session that Husting started, also one of an earlier process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name, which is the agent's.
    pub name: String,
    /// The agent's id.
    pub agent: String,
    /// How the program ended, where it did; the session then only shows its last screen.
    pub dead: Option<Exit>,
    /// When it was started, in Unix seconds.
    pub started: u64,
    /// The program's number, which is its group's too.
    pub pid: u32,
}

/// A session, ours or not, by the first of its panes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// tmux's own `$3`, which no other session of this server ever has.
    pub(super) session: String,
    /// tmux's own `%5`.
    pub(super) pane: String,
    pub(super) name: String,
    pub(super) agent: Option<String>,
    pub(super) end: End,
    pub(super) started: u64,
    pub(super) pid: i32,
    server: i32,
}

/// What tmux knows of a program's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Runs,
    /// Its terminal is closed and how it ended not known.
    Closed,
    Ended(Exit),
}

impl Tmux {
    /// The sessions that Husting started on this server, ended ones too. No server, no sessions.
    ///
    /// # Errors
    /// [`LaunchError`] when tmux cannot be run or does not answer.
    pub async fn list(&self) -> Result<Vec<Found>, LaunchError> {
        let seen = self.seen().await?;
        let ours = seen.into_iter().filter_map(|seen| {
            Some(Found {
                agent: seen.agent?,
                name: seen.name,
                dead: match seen.end {
                    End::Ended(exit) => Some(exit),
                    End::Runs | End::Closed => None,
                },
                started: seen.started,
                pid: seen.pid.unsigned_abs(),
            })
        });
        Ok(ours.collect())
    }

    /// All sessions, after tmux was reminded of those whose exit it missed.
    pub(super) async fn seen(&self) -> Result<Vec<Seen>, LaunchError> {
        let mut seen = self.look().await?;
        for _ in 0..NUDGES {
            let closed = seen.iter().find(|seen| seen.end == End::Closed);
            let Some(server) = closed.map(|seen| seen.server) else {
                return Ok(seen);
            };
            nudge(server);
            seen = self.look().await?;
        }
        for seen in &mut seen {
            let runs = processes::process(seen.pid).is_some_and(|process| process.lives);
            seen.end = match seen.end {
                End::Closed if runs => End::Runs,
                End::Closed => End::Ended(Exit::Unknown),
                known => known,
            };
        }
        Ok(seen)
    }

    async fn look(&self) -> Result<Vec<Seen>, LaunchError> {
        let mut client = self.client();
        client.args(["list-panes", "-a", "-F", FORMAT]);
        let lines = match run(client).await {
            Err(LaunchError::Refused(said)) if is_absence(&said) => return Ok(Vec::new()),
            answer => answer?,
        };
        let mut seen: Vec<Seen> = lines.lines().filter_map(parse).collect();
        // The program's own pane is the session's first; a person may have opened more.
        seen.sort_by_key(|seen| (seen.session.clone(), number(&seen.pane)));
        seen.dedup_by(|later, first| later.session == first.session);
        Ok(seen)
    }

    /// The session of exactly this name, if it is ours.
    pub(super) async fn own(&self, name: &str) -> Result<Seen, LaunchError> {
        let seen = self.seen().await?.into_iter();
        match seen.into_iter().find(|seen| seen.name == name) {
            Some(seen) if seen.agent.is_some() => Ok(seen),
            Some(_) => Err(LaunchError::Foreign(name.to_owned())),
            None => Err(LaunchError::NoSession(name.to_owned())),
        }
    }
}

/// Where tmux is built with utempter, writing the end of a login down hides the signal that tells of
/// the child's exit, and tmux learns of it with the next child. The same signal once more makes it look.
fn nudge(server: i32) {
    let Some(server) = Pid::from_raw(server).filter(|_| server > 1) else {
        return;
    };
    if let Err(error) = kill_process(server, Signal::CHILD) {
        tracing::debug!(%error, "tmux was not reminded of an exit");
    }
}

/// Also of a server that is just ending.
fn is_absence(said: &str) -> bool {
    const WORDS: &[&str] = &[
        "no server running",
        "error connecting to",
        "no current ",
        "no sessions",
        "server exited",
        "lost server",
    ];
    WORDS.iter().any(|words| said.starts_with(words))
}

fn parse(line: &str) -> Option<Seen> {
    let fields: Vec<&str> = line.splitn(FIELDS, ':').collect();
    let &[
        session,
        pane,
        started,
        pid,
        server,
        dead,
        status,
        signal,
        name,
        agent,
    ] = &*fields
    else {
        return None;
    };
    Some(Seen {
        session: session.to_owned(),
        pane: pane.to_owned(),
        name: name.to_owned(),
        agent: (!agent.is_empty()).then(|| agent.to_owned()),
        end: end(dead, status, signal),
        started: started.parse().ok()?,
        pid: pid.parse().ok()?,
        server: server.parse().ok()?,
    })
}

fn end(dead: &str, status: &str, signal: &str) -> End {
    match (dead, status.parse(), signal) {
        ("1", Ok(code), _) => End::Ended(Exit::Code(code)),
        ("1", Err(_), "") => End::Closed,
        ("1", Err(_), signal) => End::Ended(signal_of(signal)),
        _ => End::Runs,
    }
}

/// A number on Linux; where the system has names, those.
fn signal_of(text: &str) -> Exit {
    let named = match text.to_ascii_lowercase().trim_start_matches("sig") {
        "hup" => Some(1),
        "int" => Some(2),
        "quit" => Some(3),
        "abrt" => Some(6),
        "kill" => Some(9),
        "segv" => Some(11),
        "pipe" => Some(13),
        "term" => Some(15),
        number => number.parse().ok(),
    };
    named.map_or(Exit::Unknown, Exit::Signal)
}

/// `%12` counts after `%9`.
fn number(id: &str) -> u64 {
    id.get(1..)
        .and_then(|id| id.parse().ok())
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("0", "", "", End::Runs)]
    #[case("", "", "", End::Runs)]
    #[case("1", "0", "", End::Ended(Exit::Code(0)))]
    #[case("1", "", "15", End::Ended(Exit::Signal(15)))]
    #[case("1", "", "SIGKILL", End::Ended(Exit::Signal(9)))]
    #[case("1", "", "odd", End::Ended(Exit::Unknown))]
    #[case("1", "", "", End::Closed)]
    fn an_end_is_read(
        #[case] dead: &str,
        #[case] status: &str,
        #[case] signal: &str,
        #[case] read: End,
    ) {
        assert_eq!(end(dead, status, signal), read);
    }

    #[test]
    fn an_agents_id_may_hold_what_separates() {
        let seen = parse("$1:%2:30:40:50:0:::alice:a:b").unwrap();
        assert_eq!(
            (seen.agent.as_deref(), seen.name.as_str()),
            (Some("a:b"), "alice")
        );
        assert_eq!(parse("$1:%2:30:40:50:0:::alice:").unwrap().agent, None);
        assert_eq!(parse("$1:%2"), None);
    }
}
