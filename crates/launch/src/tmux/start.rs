//! A program in a new session.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use super::calls::{THEN, run, word};
use super::list::End;
use super::{Following, Tmux};
use crate::command::CommandLine;
use crate::error::LaunchError;
use crate::order::Order;

/// Lines that can be scrolled back and are shown when a session is found again.
const HISTORY: &str = "10000";
/// How often a server is started that ends at once.
const TRIES: usize = 5;
/// Before anybody attaches. Wide, so that few lines are broken.
const SIZE: [&str; 4] = ["-x", "200", "-y", "50"];
/// What the server or the shell that once started it may have; a session takes its own or none.
const NEVER_INHERITED: &[&str] = &[
    "HOME", "PATH", "LANG", "LC_ALL", "LC_CTYPE", "OLDPWD", "SHLVL",
];

impl Tmux {
    /// Starts `order` in a session of its name and follows it. A session of ours in which the program
    /// ended makes room.
    ///
    /// # Errors
    /// [`LaunchError::Running`] and [`LaunchError::Foreign`] when the name is in use; others when the
    /// order is not sound or tmux refuses it.
    pub async fn start(&self, order: &Order) -> Result<Following, LaunchError> {
        let program = order.checked()?;
        // First, so that the server does not end when room is made.
        self.ready().await?;
        self.make_room(&order.name, &order.agent).await?;
        let mut call = self.client();
        call.current_dir(&order.directory);
        call.envs(order.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            call.env("TMUX_TMPDIR", folder);
        }
        call.args(["set-option", "-g", "update-environment"]);
        call.arg(names(order)).arg(THEN);
        call.args(["new-session", "-d", "-s", &order.name])
            .args(SIZE);
        call.arg("--").args(words(order, program)?).arg(THEN);
        let target = format!("={}:", order.name);
        call.args(["set-option", "-t", &target, "@husting-agent"]);
        call.arg(word(OsStr::new(&order.agent))).arg(THEN);
        // Whoever attaches brings no variables along.
        call.args(["set-option", "-t", &target, "update-environment", ""])
            .arg(THEN);
        call.args(["set-option", "-s", "exit-empty", "on"]);
        match run(call).await {
            Err(LaunchError::Refused(said)) if said.starts_with("duplicate session") => {
                Err(LaunchError::Running(order.name.clone()))
            }
            Err(other) => Err(other),
            Ok(_) => match self.follow(&order.name).await {
                Ok(following) => Ok(following),
                Err(fault) => {
                    // Nobody would watch over it.
                    if let Err(fault) = self.stop(&order.name, Duration::ZERO).await {
                        tracing::error!(%fault, session = order.name, "a session is left");
                    }
                    Err(fault)
                }
            },
        }
    }

    async fn make_room(&self, name: &str, agent: &str) -> Result<(), LaunchError> {
        let seen = match self.own(name).await {
            Ok(seen) => seen,
            Err(LaunchError::NoSession(_)) => return Ok(()),
            Err(other) => return Err(other),
        };
        match seen.end {
            End::Ended(_) if seen.agent.as_deref() == Some(agent) => self.remove(&seen).await,
            _ => Err(LaunchError::Running(name.to_owned())),
        }
    }

    /// The server, with the options that must stand before a program can end. A server that is just
    /// ending, because its last session did, is followed by another.
    async fn ready(&self) -> Result<(), LaunchError> {
        for _ in 0..TRIES {
            match self.begin().await {
                Err(LaunchError::Refused(said)) => tracing::debug!(said, "tmux is asked once more"),
                answer => return answer,
            }
        }
        self.begin().await
    }

    async fn begin(&self) -> Result<(), LaunchError> {
        let mut call = self.any_client();
        let options: [&[&str]; 7] = [
            &["-s", "exit-empty", "off"],
            &["-g", "remain-on-exit", "on"],
            // Otherwise a line of tmux's own stands in the output. Older ones know no such option.
            &["-gq", "remain-on-exit-format", ""],
            &["-g", "history-limit", HISTORY],
            &["-g", "default-terminal", "screen-256color"],
            &["-g", "update-environment", ""],
            &["-g", "set-titles", "off"],
        ];
        call.arg("start-server");
        for option in options {
            call.args([THEN, "set-option"]).args(option);
        }
        call.args([THEN, "set-environment", "-g", "-u", "TMUX_TMPDIR"]);
        run(call).await.map(drop)
    }
}

/// The variables that the session takes from this call, by name: from the order, or from nowhere.
fn names(order: &Order) -> OsString {
    let own = order.environment.iter().map(|(name, _)| name.as_os_str());
    let all: Vec<&OsStr> = own.chain(NEVER_INHERITED.iter().map(OsStr::new)).collect();
    all.join(OsStr::new(","))
}

/// The command as tmux takes it. A single word would go to a shell, so `nice`, told to change nothing,
/// stands before it: unlike `env` it takes a program with `=` in its path for a program.
fn words(order: &Order, program: PathBuf) -> Result<Vec<OsString>, LaunchError> {
    let mut words = vec![program.into_os_string()];
    words.extend(order.command.arguments.iter().map(OsString::from));
    if words.len() == 1 {
        let nice = Order {
            command: CommandLine {
                program: "nice".to_owned(),
                arguments: Vec::new(),
            },
            ..order.clone()
        };
        let beginning = [nice.checked()?.into(), "-n".into(), "0".into()];
        words.splice(0..0, beginning);
    }
    Ok(words.iter().map(|plain| word(plain)).collect())
}
