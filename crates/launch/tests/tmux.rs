//! A program in a real tmux, on a server of the test's own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use husting_launch::{Exit, LaunchError, Order, Session, Tail, Tmux};
use rstest::rstest;
use support::*;
use tempfile::TempDir;

/// A folder with a tmux server whose end is the test's end.
struct Place {
    folder: TempDir,
    tmux: Tmux,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tmux = Self::tmux_in(folder.path());
        Self { folder, tmux }
    }

    fn tmux_in(folder: &Path) -> Tmux {
        let path = OsStr::new("/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin");
        let found = Tmux::find(path).expect("tmux is needed here");
        found.with_socket("t").with_folder(folder)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, name: &str, text: &str) -> Order {
        script(name, text, self.folder.path())
    }

    async fn started(&self, order: &Order) -> Session {
        Session::from(self.tmux.start(order).await.unwrap())
    }

    /// tmux as a person would call it.
    fn by_hand(&self, words: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-L", "t", "-f", "/dev/null"])
            .args(words)
            .env("TMUX_TMPDIR", self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let server = Command::new("tmux")
            .args(["-L", "t", "kill-server"])
            .env("TMUX_TMPDIR", self.folder.path())
            .output();
        if let Err(error) = server {
            eprintln!("the test's tmux server was not ended: {error}");
        }
    }
}

/// tmux itself now and then loses what a program writes in the moment in which it ends. Where the words
/// matter, the program ends a little later.
const LINGER: &str = "sleep 0.3";
/// When a program ends, tmux closes its terminal with all in it that it has not read yet, which is much where the
/// program is faster. It answers a terminal's question once it has read all that was written before.
const UNTIL_READ: &str = r"stty raw -echo; printf '\033[5n'; head -c 4 >/dev/null";

#[rstest]
#[case("exit 0", Exit::Code(0))]
#[case("exit 7", Exit::Code(7))]
#[case("kill -TERM $$", Exit::Signal(15))]
#[case("kill -KILL $$", Exit::Signal(9))]
#[tokio::test]
async fn a_program_ends_with_its_code_or_signal(#[case] text: &str, #[case] exit: Exit) {
    let place = Place::new();
    // tmux can miss an exit until the next; each of these is the last one for a while.
    for turn in 0..6 {
        let order = place.script("alice", &format!("echo {turn}; {LINGER}; {text}"));
        let (heard, ended) = to_end(&mut place.started(&order).await).await;
        assert_eq!((lines(&heard), ended), (vec![&*turn.to_string()], exit));
        assert_eq!(place.tmux.list().await.unwrap()[0].dead, Some(exit));
    }
}

#[tokio::test]
async fn what_is_written_is_heard_once_and_while_the_program_runs() {
    let place = Place::new();
    fifo(&place.at("go"));
    let text =
        r"printf 'be\tfore '; read line < go; printf '%s \\134 ü\n' $line; sleep 0.3; exit 3";
    let mut session = place.started(&place.script("alice", text)).await;
    let heard = until(&mut session, |text| text.contains("fore ")).await;
    assert!(heard.starts_with("be"), "{heard:?}");
    std::fs::write(place.at("go"), "on\n").unwrap();
    let (rest, exit) = to_end(&mut session).await;
    assert_eq!((rest.trim(), exit), ("on \\134 ü", Exit::Code(3)));
}

#[tokio::test]
async fn a_later_process_finds_the_session_and_hears_old_and_new() {
    let place = Place::new();
    fifo(&place.at("go"));
    let text = "echo old; read line < go; echo $line; sleep 0.3; exit 9";
    let mut first = place.started(&place.script("alice", text)).await;
    until(&mut first, |text| text.contains("old")).await;
    let identity = first.identity();
    drop(first);

    let later = Place::tmux_in(place.folder.path());
    let found = later.list().await.unwrap();
    let [alice] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (&*alice.name, &*alice.agent, alice.dead),
        ("alice", "id of alice", None)
    );
    assert!(alice.started > 1_700_000_000);
    let mut second = Session::from(later.follow("alice").await.unwrap());
    assert_eq!(second.identity(), identity);
    assert_eq!(second.identity().unwrap().pid(), alice.pid);
    until(&mut second, |text| lines(text) == ["old"]).await;
    std::fs::write(place.at("go"), "new\n").unwrap();
    let (heard, exit) = to_end(&mut second).await;
    assert_eq!((lines(&heard), exit), (vec!["new"], Exit::Code(9)));
}

#[tokio::test]
async fn a_session_that_ended_while_nobody_looked_tells_what_it_said_and_how_it_ended() {
    let place = Place::new();
    fifo(&place.at("go"));
    let text = "echo old; read line < go; echo $line; sleep 0.3; kill -INT $$";
    let first = place.started(&place.script("alice", text)).await;
    let ends = Ends::of(&[first.identity().unwrap().pid().cast_signed()]);
    drop(first);
    std::fs::write(place.at("go"), "new\n").unwrap();
    assert!(ends.all_within(PATIENCE));

    let later = Place::tmux_in(place.folder.path());
    let mut second = Session::from(later.follow("alice").await.unwrap());
    let (heard, exit) = to_end(&mut second).await;
    assert_eq!((lines(&heard), exit), (vec!["old", "new"], Exit::Signal(2)));
    assert_eq!(later.list().await.unwrap()[0].dead, Some(Exit::Signal(2)));
}

#[tokio::test]
async fn stopping_ends_children_and_grandchildren_and_the_session() {
    let place = Place::new();
    let mut other = place
        .started(&place.script("alice-2", "echo pid $$; read line < /dev/tty"))
        .await;
    let others = until(&mut other, |text| pids(text).len() == 1).await;
    let mut session = place.started(&place.script("alice", FAMILY)).await;
    let heard = until(&mut session, |text| pids(text).len() == 4).await;
    let ends = Ends::of(&pids(&heard));
    assert_eq!(session.stop(GRACE).await.unwrap(), Exit::Signal(15));
    assert!(ends.all_within(Duration::ZERO), "{heard}");
    assert_eq!(to_end(&mut session).await.1, Exit::Unknown);
    let gone = session.stop(GRACE).await;
    assert!(matches!(gone, Err(LaunchError::NoSession(_))), "{gone:?}");
    // A name that begins alike is another session.
    let gone = place.tmux.stop("alic", GRACE).await;
    assert!(matches!(gone, Err(LaunchError::NoSession(_))), "{gone:?}");
    Ends::of(&pids(&others));
}

#[tokio::test]
async fn who_leaves_for_a_session_of_its_own_while_it_is_asked_to_end_is_ended() {
    let place = Place::new();
    let mut session = place.started(&place.script("alice", LEAVERS)).await;
    until(&mut session, |text| text.matches("ready").count() == 2).await;
    session.stop(LONG_GRACE).await.unwrap();
    assert!(leavers_ended(place.folder.path()));
}

#[tokio::test]
async fn a_session_whose_name_begins_alike_is_another_one() {
    let place = Place::new();
    let waits = "echo pid $$; read line < /dev/tty";
    let mut long = place.started(&place.script("abc", waits)).await;
    let heard = until(&mut long, |text| pids(text).len() == 1).await;
    let long = Ends::of(&pids(&heard));
    let refusals = [
        place.tmux.stop("ab", GRACE).await.err(),
        place.tmux.follow("ab").await.err(),
    ];
    for refused in refusals {
        assert!(
            matches!(refused, Some(LaunchError::NoSession(_))),
            "{refused:?}"
        );
    }
    let mut short = place.started(&place.script("ab", waits)).await;
    until(&mut short, |text| pids(text).len() == 1).await;
    let found = place.tmux.list().await.unwrap();
    let mut found: Vec<_> = found.iter().map(|one| (&*one.name, &*one.agent)).collect();
    found.sort_unstable();
    assert_eq!(found, [("ab", "id of ab"), ("abc", "id of abc")]);
    short.stop(GRACE).await.unwrap();
    assert_eq!(
        place.by_hand(&["list-sessions", "-F", "#{session_name}"]),
        "abc"
    );
    assert!(!long.all_within(Duration::ZERO));
}

#[rstest]
#[case::while_nobody_listens(false)]
#[case::once_somebody_listens_again(true)]
#[tokio::test]
async fn a_client_of_tmux_that_dies_is_followed_by_another_and_nothing_is_told_twice(
    #[case] listens: bool,
) {
    let place = Place::new();
    // Two of them: who opens one again before its writer has closed it reads its end.
    fifo(&place.at("go"));
    fifo(&place.at("end"));
    let text = "echo one; printf 'two '; read line < go; echo $line; read line < end; exit 9";
    let mut session = place.started(&place.script("alice", text)).await;
    until(&mut session, |text| text.contains("two ")).await;
    let clients = || place.by_hand(&["list-clients", "-F", "#{client_pid}"]);
    let first = clients();
    let pid = rustix::process::Pid::from_raw(first.parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    if listens {
        let another = async {
            while [first.as_str(), ""].contains(&clients().as_str()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            told = next(&mut session) => panic!("{told:?} is nothing new"),
            () = another => {}
        }
    }
    std::fs::write(place.at("go"), "three\n").unwrap();
    let heard = until(&mut session, |text| text.contains("three")).await;
    assert_eq!(heard.trim_end(), "three");
    std::fs::write(place.at("end"), "on\n").unwrap();
    let (heard, exit) = to_end(&mut session).await;
    assert_eq!((heard.trim_end(), exit), ("", Exit::Code(9)));
}

#[tokio::test]
async fn whoever_attaches_brings_no_variables_along() {
    let place = Place::new();
    let mut order = place.script("alice", "echo ready; read line < /dev/tty");
    order
        .environment
        .push(("NAMED".into(), "the agent's".into()));
    let mut session = place.started(&order).await;
    until(&mut session, |text| text.contains("ready")).await;
    let mut person = Command::new("tmux");
    person
        .args(["-L", "t", "-C", "attach-session", "-t", "=alice"])
        .env("TMUX_TMPDIR", place.folder.path())
        .env("NAMED", "a person's")
        .env("OLDPWD", "/a/persons")
        .stdin(std::process::Stdio::null());
    assert!(person.output().unwrap().status.success());
    let known = place.by_hand(&["show-environment", "-t", "=alice"]);
    assert!(known.contains("NAMED=the agent's"), "{known}");
    assert!(!known.contains("person"), "{known}");
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let place = Place::new();
    let mut words = vec!["printf", "[%s]\\n"];
    words.extend(ODD_ARGUMENTS);
    // The words reach bash as they are, which hands them on and lingers.
    let begin = ["bash", "-c", "\"$@\"; sleep 0.3", "bash"];
    words.splice(0..0, begin);
    let order = order("alice", &words, place.folder.path());
    let (heard, exit) = to_end(&mut place.started(&order).await).await;
    let expected: Vec<String> = ODD_ARGUMENTS
        .iter()
        .map(|word| format!("[{word}]"))
        .collect();
    assert_eq!(lines(&heard), expected);
    assert_eq!(exit, Exit::Code(0));
}

#[tokio::test]
async fn no_shell_is_run_not_even_for_one_word() {
    let place = Place::new();
    let shell = place.at("shell");
    let mark = place.at("mark");
    let text = format!("#!/bin/bash\ntouch {}\n", mark.display());
    std::fs::write(&shell, text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&shell, mode).unwrap();
    drop(
        place
            .started(&place.script("first", "read line < /dev/tty"))
            .await,
    );
    place.by_hand(&["set-option", "-g", "default-shell", shell.to_str().unwrap()]);

    // One word that a shell would read as several, with what `env` would read as a variable.
    let program = place.at("a=$(touch mark) b;");
    let text = "#!/bin/bash\necho \"PATH=$PATH\"; sleep 0.3\n";
    std::fs::write(&program, text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let order = order("alice", &[program.to_str().unwrap()], place.folder.path());
    let (heard, exit) = to_end(&mut place.started(&order).await).await;
    assert!(heard.contains("PATH=/usr/bin:/bin"), "{heard}");
    assert_eq!(exit, Exit::Code(0));
    assert!(!mark.exists());

    // And that it would have left its mark.
    place.by_hand(&["new-session", "-d", "-s", "by-hand", "true"]);
    while !mark.exists() {
        place.by_hand(&["list-sessions"]);
    }
}

#[tokio::test]
async fn a_folder_whose_name_is_a_format_is_only_a_folder() {
    let place = Place::new();
    let folder = place.at("#(touch mark) ##{pane_id}");
    std::fs::create_dir(&folder).unwrap();
    let order = script("alice", "pwd -P; sleep 0.3", &folder);
    let (heard, _) = to_end(&mut place.started(&order).await).await;
    let folder = folder.canonicalize().unwrap();
    assert_eq!(heard.trim_end(), folder.to_str().unwrap());
    assert!(!place.at("mark").exists());
}

/// What tmux itself adds to a program's environment.
const OF_TMUX: &[&str] = &[
    "PWD",
    "SHELL",
    "TERM",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "TMUX",
    "TMUX_PANE",
];
const OF_THE_SERVER: &[&str] = &["PWD", "TMUX_TMPDIR"];

#[tokio::test]
async fn neither_the_server_nor_a_session_knows_what_is_not_its_own() {
    let place = Place::new();
    let mut first = place.script("first", "echo pid $$; read line < /dev/tty");
    first
        .environment
        .push(("NAMED_TOKEN".into(), "very-secret-value".into()));
    first
        .environment
        .push(("WORD".into(), "$x; y #{pane_id};".into()));
    let mut first = place.started(&first).await;
    let second = place
        .started(&place.script("second", "echo pid $$; read line < /dev/tty"))
        .await;

    let of = |session: &Session| {
        let mut known = environment_of(session.identity().unwrap().pid());
        known.retain(|(name, _)| !OF_TMUX.contains(&name.as_str()));
        known
    };
    let path = ("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    let named = ("NAMED_TOKEN".to_owned(), "very-secret-value".to_owned());
    let word = ("WORD".to_owned(), "$x; y #{pane_id};".to_owned());
    // Once it runs, and not while tmux is still becoming it.
    until(&mut first, |text| pids(text).len() == 1).await;
    assert_eq!(of(&first), [named, path.clone(), word]);
    let mut second = second;
    until(&mut second, |text| pids(text).len() == 1).await;
    assert_eq!(of(&second), [path]);

    let server: u32 = place
        .by_hand(&["display-message", "-p", "#{pid}"])
        .parse()
        .unwrap();
    let known = environment_of(server);
    let foreign: Vec<_> = known
        .iter()
        .filter(|(name, _)| !OF_THE_SERVER.contains(&name.as_str()))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    let line = std::fs::read_to_string(format!("/proc/{server}/cmdline")).unwrap();
    assert!(!line.contains("very-secret"), "{line}");
}

#[tokio::test]
async fn a_session_that_husting_did_not_start_is_left_alone() {
    let place = Place::new();
    place.by_hand(&["new-session", "-d", "-s", "alice", "--", "sleep", "1000"]);
    let pid = place.by_hand(&["display-message", "-p", "-t", "=alice:", "#{pane_pid}"]);
    let ends = Ends::of(&[pid.parse().unwrap()]);
    assert_eq!(place.tmux.list().await.unwrap(), []);
    let refusals = [
        place.tmux.start(&place.script("alice", "true")).await.err(),
        place.tmux.follow("alice").await.err(),
        place.tmux.stop("alice", GRACE).await.err(),
    ];
    for refusal in refusals {
        assert!(
            matches!(refusal, Some(LaunchError::Foreign(_))),
            "{refusal:?}"
        );
    }
    assert!(!ends.all_within(Duration::ZERO));
}

#[tokio::test]
async fn a_name_is_free_again_when_its_program_ended() {
    let place = Place::new();
    let waits = place.script("alice", "echo ready; read line < /dev/tty; exit 2");
    let mut session = place.started(&waits).await;
    let refused = place.tmux.start(&waits).await.err();
    assert!(
        matches!(refused, Some(LaunchError::Running(_))),
        "{refused:?}"
    );
    until(&mut session, |text| text.contains("ready")).await;
    place.by_hand(&["send-keys", "-t", "=alice:", "Enter"]);
    assert_eq!(to_end(&mut session).await.1, Exit::Code(2));
    let mut again = place
        .started(&place.script("alice", "echo again; sleep 0.3"))
        .await;
    assert_eq!(lines(&to_end(&mut again).await.0), ["again"]);
}

#[tokio::test]
async fn a_session_closed_by_a_person_has_ended() {
    let place = Place::new();
    let mut session = place
        .started(&place.script("alice", "echo ready; sleep 1000"))
        .await;
    until(&mut session, |text| text.contains("ready")).await;
    place.by_hand(&["kill-session", "-t", "=alice"]);
    assert_eq!(to_end(&mut session).await.1, Exit::Unknown);
    assert_eq!(place.tmux.list().await.unwrap(), []);
}

#[tokio::test]
async fn a_program_cannot_tell_of_its_own_end() {
    let place = Place::new();
    let text = r"
        printf '%%end 1 2 1\n%%subscription-changed end $0 - - - : 1 0 \n%%exit\n'
        echo said; read line < /dev/tty; echo more; sleep 0.3; exit 6";
    let order = place.script("alice", text);
    let mut first = place.started(&order).await;
    until(&mut first, |text| text.contains("said")).await;
    let mut second = Session::from(place.tmux.follow("alice").await.unwrap());
    until(&mut second, |text| text.contains("said")).await;
    place.by_hand(&["send-keys", "-t", "=alice:", "Enter"]);
    for session in [&mut first, &mut second] {
        let (heard, exit) = to_end(session).await;
        assert!(heard.contains("more"), "{heard:?}");
        assert_eq!(exit, Exit::Code(6));
    }
}

#[tokio::test]
async fn ten_megabytes_are_kept_in_bounds_without_secrets() {
    let place = Place::new();
    // Longer than the window is wide, so that tmux breaks the line within the token.
    let wide = "x".repeat(170);
    let text =
        format!("yes '{wide} {TOKEN} in it' | head -c 10000000; echo; echo last; {UNTIL_READ}");
    let mut session = place.started(&place.script("alice", &text)).await;
    let mut tail = Tail::new(10_000);
    let exit = loop {
        match next(&mut session).await.unwrap() {
            husting_launch::Happening::Output(text) => tail.push(&text),
            husting_launch::Happening::Ended(exit) => break exit,
        }
    };
    let mut adopted = Tail::new(10_000);
    let mut later = Session::from(place.tmux.follow("alice").await.unwrap());
    let (heard, same) = to_end(&mut later).await;
    adopted.push(&heard);
    assert_eq!((exit, same), (Exit::Code(0), Exit::Code(0)));
    for (way, text) in [("followed", tail.text()), ("adopted", adopted.text())] {
        let end: Vec<&str> = text.lines().rev().take(3).collect();
        assert!(text.len() <= 10_000, "{way}: {}", text.len());
        assert_eq!(end.first(), Some(&"last"), "{way}: {end:?}");
        assert!(text.contains("x hst_a_… in it\n"));
        assert!(!text.contains(&TOKEN[6..18]));
        assert!(!text.contains(&TOKEN[35..45]));
    }
}

#[tokio::test]
async fn without_a_server_there_are_no_sessions() {
    let place = Place::new();
    assert_eq!(place.tmux.list().await.unwrap(), []);
    let refused = place.tmux.stop("alice", GRACE).await;
    assert!(
        matches!(refused, Err(LaunchError::NoSession(_))),
        "{refused:?}"
    );
}
