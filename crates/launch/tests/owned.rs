//! A program as a child of ours: real processes, real signals.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::time::Duration;

use husting_launch::{Exit, Leftover, Session, Tail, start};
use rstest::rstest;
use support::*;

fn begun(order: &husting_launch::Order) -> Session {
    Session::from(start(order).unwrap())
}

#[rstest]
#[case("exit 0", Exit::Code(0))]
#[case("exit 7", Exit::Code(7))]
#[case("kill -TERM $$", Exit::Signal(15))]
#[case("kill -KILL $$", Exit::Signal(9))]
#[tokio::test]
async fn a_program_ends_with_its_code_or_signal(#[case] text: &str, #[case] exit: Exit) {
    let mut session = begun(&script("a", text, Path::new("/")));
    assert_eq!(to_end(&mut session).await, (String::new(), exit));
}

#[tokio::test]
async fn what_is_written_is_heard_while_the_program_runs_and_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    fifo(&folder.path().join("go"));
    let text = "echo out; echo err >&2; echo out; read line < go; echo $line; exit 3";
    let mut session = begun(&script("a", text, folder.path()));
    let heard = until(&mut session, |text| text.lines().count() == 3).await;
    assert_eq!(heard, "out\nerr\nout\n");
    // The program stands still until then.
    std::fs::write(folder.path().join("go"), "on\n").unwrap();
    assert_eq!(
        to_end(&mut session).await,
        ("on\n".to_owned(), Exit::Code(3))
    );
}

#[tokio::test]
async fn a_character_cut_between_two_writes_is_whole() {
    let text = r"printf '\xc3'; sleep 0.1; printf '\xbc \xff \xe2\x86'";
    let mut session = begun(&script("a", text, Path::new("/")));
    assert_eq!(to_end(&mut session).await.0, "ü \u{fffd} \u{fffd}");
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let mut words = vec!["printf", "[%s]\\n"];
    words.extend(ODD_ARGUMENTS);
    let mut session = begun(&order("a", &words, Path::new("/")));
    let (heard, exit) = to_end(&mut session).await;
    let expected: Vec<String> = ODD_ARGUMENTS
        .iter()
        .map(|word| format!("[{word}]"))
        .collect();
    assert_eq!(lines(&heard), expected);
    assert_eq!(exit, Exit::Code(0));
}

#[tokio::test]
async fn the_child_knows_what_is_ordered_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut order = order("a", &["env"], folder.path());
    order.environment.push(("WORD".into(), "$x; y".into()));
    let (heard, _) = to_end(&mut begun(&order)).await;
    assert_eq!(lines(&heard), ["PATH=/usr/bin:/bin", "WORD=$x; y"]);
    order.command.program = "pwd".to_owned();
    let (heard, _) = to_end(&mut begun(&order)).await;
    let directory = folder.path().canonicalize().unwrap();
    assert_eq!(heard.trim_end(), directory.to_str().unwrap());
}

#[tokio::test]
async fn a_program_that_reads_gets_nothing_and_does_not_wait() {
    let mut session = begun(&order("a", &["cat"], Path::new("/")));
    assert_eq!(to_end(&mut session).await, (String::new(), Exit::Code(0)));
}

#[tokio::test]
async fn stopping_ends_children_and_grandchildren_whatever_they_ignore() {
    let mut session = begun(&script("a", FAMILY, Path::new("/")));
    let heard = until(&mut session, |text| pids(text).len() == 4).await;
    let ends = Ends::of(&pids(&heard));
    let exit = session.stop(GRACE).await.unwrap();
    assert!(ends.all_within(Duration::ZERO), "{heard}");
    assert_eq!(exit, Exit::Signal(15));
    // What follows is the end that was told already to whoever stopped it.
    assert_eq!(to_end(&mut session).await.1, exit);
}

#[tokio::test]
async fn who_leaves_for_a_session_of_its_own_while_it_is_asked_to_end_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = begun(&script("a", LEAVERS, folder.path()));
    until(&mut session, |text| text.matches("ready").count() == 2).await;
    session.stop(LONG_GRACE).await.unwrap();
    assert!(leavers_ended(folder.path()));
}

#[tokio::test]
async fn who_ends_within_the_grace_is_asked_and_not_killed() {
    let text = "trap 'sleep 0.1; echo bye; exit 4' TERM; echo ready; while :; do sleep 0.05; done";
    let mut session = begun(&script("a", text, Path::new("/")));
    until(&mut session, |text| text.contains("ready")).await;
    assert_eq!(session.stop(PATIENCE).await.unwrap(), Exit::Code(4));
    let (heard, exit) = to_end(&mut session).await;
    assert_eq!((lines(&heard).last(), exit), (Some(&"bye"), Exit::Code(4)));
}

#[tokio::test]
async fn dropping_a_child_ends_its_whole_group() {
    let mut session = begun(&script("a", FAMILY, Path::new("/")));
    let heard = until(&mut session, |text| pids(text).len() == 4).await;
    let ends = Ends::of(&pids(&heard));
    drop(session);
    assert!(ends.all_within(PATIENCE), "{heard}");
}

#[tokio::test]
async fn who_outlives_the_first_process_is_ended_after_it() {
    let folder = tempfile::tempdir().unwrap();
    fifo(&folder.path().join("ready"));
    let text = "
        (trap '' TERM; echo pid $BASHPID; echo x > ready; while :; do sleep 0.1; done) &
        read line < ready; exit 5";
    let mut session = begun(&script("a", text, folder.path()));
    let (heard, exit) = to_end(&mut session).await;
    let [pid] = *pids(&heard) else {
        panic!("{heard}")
    };
    assert_eq!(exit, Exit::Code(5));
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
}

#[tokio::test]
async fn a_later_process_ends_what_a_crash_left_and_nobody_else() {
    let mut session = begun(&script("a", FAMILY, Path::new("/")));
    let heard = until(&mut session, |text| pids(text).len() == 4).await;
    let ends = Ends::of(&pids(&heard));
    let kept = session.identity().unwrap().to_string();
    let (pid, rest) = kept.split_once(':').unwrap();
    let (started, boot) = rest.split_once(':').unwrap();
    let ended = |identity: String| {
        let identity = identity.parse().unwrap();
        tokio::task::spawn_blocking(move || Leftover::end(&identity, GRACE).unwrap())
    };
    // The same number, given out at another time or before the machine was started anew.
    let later = started.parse::<u64>().unwrap() + 1;
    for stranger in [
        format!("{pid}:{later}:{boot}"),
        format!("{pid}:{started}:other"),
    ] {
        assert_eq!(ended(stranger).await.unwrap(), Leftover::Gone);
    }
    assert!(!ends.all_within(Duration::ZERO));
    assert_eq!(ended(kept.clone()).await.unwrap(), Leftover::Ended);
    assert!(ends.all_within(Duration::ZERO));
    to_end(&mut session).await;
    assert_eq!(ended(kept).await.unwrap(), Leftover::Gone);
}

#[tokio::test]
async fn ten_megabytes_are_heard_whole_and_kept_in_bounds_without_secrets() {
    let text = format!("yes 'a line with {TOKEN} in it' | head -c 10000000; echo; echo last");
    let mut session = begun(&script("a", &text, Path::new("/")));
    let mut tail = Tail::new(10_000);
    let mut length = 0;
    let exit = loop {
        match next(&mut session).await.unwrap() {
            husting_launch::Happening::Output(text) => {
                length += text.len();
                tail.push(&text);
            }
            husting_launch::Happening::Ended(exit) => break exit,
        }
    };
    assert_eq!((length, exit), (10_000_006, Exit::Code(0)));
    let text = tail.text();
    assert!(text.len() <= 10_000 && text.ends_with("last"));
    assert!(text.contains("a line with hst_a_… in it\n"));
    assert!(!text.contains(&TOKEN[6..18]));
}
