//! What the tests share: orders, reading until something was said, and the end of processes.

// Each test binary uses its own part.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use husting_launch::{CommandLine, Exit, Happening, Order, Session};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// A test that waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const GRACE: Duration = Duration::from_millis(300);
/// For those who do something while they are asked to end.
pub const LONG_GRACE: Duration = Duration::from_secs(2);
pub const TOKEN: &str = "hst_a_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6gH7i";

pub const ODD_ARGUMENTS: &[&str] = &[
    "a b",
    "it's",
    "\"",
    "$HOME",
    "`id`",
    "$(id)",
    ";",
    "x;",
    "\\;",
    "\\",
    "*",
    "#{pane_id}",
    "#(id)",
    "{",
    "}",
    "-x",
    "",
    "ü → 😀",
    "~",
    "%1",
    "=",
];

/// `words` in `directory`, with a `PATH` and nothing else.
pub fn order(name: &str, words: &[&str], directory: &Path) -> Order {
    let mut words = words.iter().map(|&word| word.to_owned());
    Order {
        name: name.to_owned(),
        agent: format!("id of {name}"),
        command: CommandLine {
            program: words.next().unwrap(),
            arguments: words.collect(),
        },
        directory: directory.to_owned(),
        environment: vec![(OsString::from("PATH"), OsString::from("/usr/bin:/bin"))],
    }
}

/// A script of bash.
pub fn script(name: &str, text: &str, directory: &Path) -> Order {
    order(name, &["bash", "-c", text], directory)
}

/// What was written until `done` holds of it.
pub async fn until(session: &mut Session, done: impl Fn(&str) -> bool) -> String {
    let mut output = String::new();
    while !done(&output) {
        match next(session).await {
            Some(Happening::Output(text)) => output += &text,
            other => panic!("{other:?} after {output:?}"),
        }
    }
    output
}

/// What was written until the end, and the end.
pub async fn to_end(session: &mut Session) -> (String, Exit) {
    let mut output = String::new();
    loop {
        match next(session).await {
            Some(Happening::Output(text)) => output += &text,
            Some(Happening::Ended(exit)) => {
                assert_eq!(next(session).await, None, "something follows the end");
                return (output, exit);
            }
            None => panic!("no end after {output:?}"),
        }
    }
}

pub async fn next(session: &mut Session) -> Option<Happening> {
    let next = tokio::time::timeout(PATIENCE, session.next()).await;
    next.expect("the program says nothing and does not end")
}

/// The lines, however they are divided.
pub fn lines(output: &str) -> Vec<&str> {
    output
        .lines()
        .map(|line| line.trim_end_matches('\r'))
        .collect()
}

/// The numbers in lines `pid N`.
pub fn pids(output: &str) -> Vec<i32> {
    let numbers = lines(output).into_iter();
    numbers
        .filter_map(|line| line.strip_prefix("pid ")?.trim().parse().ok())
        .collect()
}

/// A child, a grandchild that ignores TERM, and one in a session of its own. Each tells its number.
pub const FAMILY: &str = "
    (trap '' TERM; echo pid $BASHPID; while :; do sleep 0.1; done) &
    setsid bash -c 'trap \"\" TERM HUP; echo pid $$; while :; do sleep 0.1; done' &
    bash -c 'echo pid $$; sleep 1000; true' &
    echo pid $$
    wait";

/// When it is asked to end, a child goes into a session of its own, another starts one there, and both
/// stay. Each leaves its number in a file.
pub const LEAVERS: &str = r#"
    stay='trap : TERM HUP; echo $$ > "$0"; while :; do sleep 0.1; done'
    (trap 'exec setsid bash -c "$stay" moved' TERM; echo ready; while :; do sleep 0.1; done) &
    (trap 'setsid bash -c "$stay" begun &' TERM; echo ready; while :; do sleep 0.1; done) &
    trap : TERM
    while :; do sleep 0.1; done"#;

/// Whether those ended that [`LEAVERS`] left in a folder.
pub fn leavers_ended(folder: &Path) -> bool {
    ["moved", "begun"].into_iter().all(|name| {
        let pid = std::fs::read_to_string(folder.join(name)).unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        let stat = stat.unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    })
}

/// Waits for the end of processes, however they end.
pub struct Ends(Vec<std::os::fd::OwnedFd>);

impl Ends {
    /// Of processes that must live now.
    pub fn of(pids: &[i32]) -> Self {
        let open = |&pid: &i32| pidfd_open(Pid::from_raw(pid).unwrap(), PidfdFlags::empty());
        let held = pids
            .iter()
            .map(open)
            .collect::<Result<Vec<_>, _>>()
            .unwrap();
        let ends = Self(held);
        assert_eq!(ends.lacking(Duration::ZERO), pids.len(), "some do not live");
        ends
    }

    pub fn all_within(&self, limit: Duration) -> bool {
        self.lacking(limit) == 0
    }

    /// How many live, looked at when `limit` is over for each that does.
    fn lacking(&self, limit: Duration) -> usize {
        let limit = Timespec {
            tv_sec: limit.as_secs().cast_signed(),
            tv_nsec: limit.subsec_nanos().into(),
        };
        let lives = |fd: &&std::os::fd::OwnedFd| loop {
            match poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&limit)) {
                Err(rustix::io::Errno::INTR) => {}
                count => return count.unwrap() == 0,
            }
        };
        self.0.iter().filter(lives).count()
    }
}

/// `/proc/PID/environ`.
pub fn environment_of(pid: u32) -> Vec<(String, String)> {
    let text = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let text = String::from_utf8(text).unwrap();
    let mut all: Vec<(String, String)> = text
        .split_terminator('\0')
        .filter_map(|variable| variable.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    all.sort();
    all
}

/// A pipe with a name, on which a script waits for the test.
pub fn fifo(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}
