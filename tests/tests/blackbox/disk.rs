//! A data folder on a disk that is full: what is refused says so, and nothing is halved.

use std::path::Path;

use husting_tests::home::Home;
use husting_tests::program::fixture;
use husting_tests::tools::{OWN_MOUNTS, require_namespace};
use serde_json::Value;

use crate::store::in_own_mounts;

/// A disk that is full at once, or in the middle of a round: what is refused is refused with a
/// sentence, and a round that is at work waits for space. With some of it everything is whole.
#[tokio::test]
async fn a_full_disk_stops_the_work_and_halves_nothing() {
    require_namespace(OWN_MOUNTS, "to mount a disk that is soon full");
    let home = Home::new();
    let script = r#"set -u
        mount -t tmpfs -o size=6m none "$HUSTING_HOME"
        "$1" wallet show >/dev/null || exit 9
        for room in 0 8 24 60 90 120 160 220; do
            free=$(df --output=avail --block-size=1024 "$HUSTING_HOME" | tail -n 1)
            head -c $(( (free - room) * 1024 )) /dev/zero >"$HUSTING_HOME/filler"
            "$1" deliberate "With $room KiB to spare?" --reference "$2" >out 2>said & running=$!
            until grep -q "the round waits" said || ! kill -0 $running 2>/dev/null; do sleep 0.1; done
            rm "$HUSTING_HOME/filler"
            code=0; wait $running || code=$?
            "$1" wallet check --json >check && "$1" session list --json >list || exit 8
            printf '%s|%s|%s|%s|%s\n' "$room" "$code" "$(tr '\n|' '  ' <said)" "$(tr -d '\n' <check)" "$(tr -d '\n' <list)"
        done"#;
    let document = fixture("reference-event-store.md");
    let ran = in_own_mounts(&home, script, &[&document]).await.done();
    let ends: Vec<i32> = ran.stdout.lines().map(whole_again).collect();
    assert_eq!(ends.len(), 8);
    let waited = ran.stdout.lines().filter(|line| is_told_in_words(line));
    assert!(waited.count() >= 1, "no round waited: {}", ran.stdout);
    assert!(
        ends.iter().filter(|code| **code == 1).count() >= 2,
        "the disk was hardly ever full: {}",
        ran.stdout
    );
}

/// Where nobody makes room, a round that cannot be ended is given up by its command, which says why;
/// with room again it is whole. How full a disk must be for that depends on what the round writes,
/// so that several are tried at once.
#[tokio::test]
async fn a_round_on_a_disk_that_stays_full_is_given_up_and_kept() {
    require_namespace(OWN_MOUNTS, "to mount a disk that is soon full");
    let script = r#"set -u
        mount -t tmpfs -o size=6m none "$HUSTING_HOME"
        "$1" wallet show >/dev/null || exit 9
        free=$(df --output=avail --block-size=1024 "$HUSTING_HOME" | tail -n 1)
        head -c $(( (free - $3) * 1024 )) /dev/zero >"$HUSTING_HOME/filler"
        code=0; "$1" deliberate "With $3 KiB to spare?" --reference "$2" --json >out 2>said || code=$?
        rm "$HUSTING_HOME/filler"
        "$1" wallet check --json >check && "$1" session list --json >list || exit 8
        printf '%s|%s|%s|%s|%s\n' "$3" "$code" "$(tr '\n|' '  ' <said)" "$(tr -d '\n' <check)" "$(tr -d '\n' <list)""#;
    let document = fixture("reference-event-store.md");
    let tries = (100..220).step_by(10).map(|room: u32| {
        let (home, document) = (Home::new(), document.clone());
        async move {
            let room = room.to_string();
            let ran = in_own_mounts(&home, script, &[&document, Path::new(&room)]).await;
            ran.done().stdout
        }
    });
    let told = futures::future::join_all(tries).await;
    told.iter().for_each(|line| {
        whole_again(line);
    });
    let given_up: Vec<&String> = told
        .iter()
        .filter(|line| line.contains("the round cannot be ended: "))
        .collect();
    assert!(!given_up.is_empty(), "no round was in need: {told:?}");
    for line in given_up {
        assert!(
            line.contains("|1|") && line.contains("husting session show"),
            "{line}"
        );
    }
}

/// Whether the round waited. What was said of it is a sentence for each turn, and no line of the log,
/// which may have told before that the folder was opened without room.
fn is_told_in_words(line: &str) -> bool {
    let said = line.split('|').nth(2).unwrap_or_default();
    let waits = said.matches("husting: the round waits").count();
    assert!(waits <= 1 && !said.contains("ERROR"), "{said}");
    let while_waiting = said.split("husting: the round waits").nth(1);
    assert!(
        !while_waiting.is_some_and(|said| said.contains("husting: warning")),
        "{said}"
    );
    assert_eq!(said.matches("the round goes on").count(), waits, "{said}");
    waits == 1
}

/// A disk without a single byte to spare hinders nobody from reading what is kept.
#[tokio::test]
async fn on_a_disk_without_any_room_everything_is_read() {
    require_namespace(OWN_MOUNTS, "to mount a disk that is soon full");
    let home = Home::new();
    let script = r#"set -u
        mount -t tmpfs -o size=6m none "$HUSTING_HOME"
        "$1" deliberate "Is anybody there?" >/dev/null || exit 9
        cat /dev/zero >"$HUSTING_HOME/filler" 2>/dev/null
        "$1" session list --json >list && "$1" wallet check --json >check || exit 8
        id=$(grep -o '"session_id": *"[^"]*"' list | head -n 1 | cut -d '"' -f 4)
        "$1" session show "$id" >shown || exit 7
        "$1" doctor >found; echo "doctor $?"
        "$1" deliberate "And now?" >/dev/null 2>said; echo "deliberate $?"
        rm "$HUSTING_HOME/filler"
        cat list check shown found said
        "$1" deliberate "And now?" >/dev/null || exit 6"#;
    let told = in_own_mounts(&home, script, &[]).await.done().stdout;
    for words in [
        "doctor 1",
        "deliberate 1",
        "Is anybody there?",
        "## Round 1",
        "the disk is full: nothing new can be kept",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// What the script tells of one try: a refusal names the disk, sessions are at rest, books are right.
fn whole_again(line: &str) -> i32 {
    let [room, code, said, check, list] = line.splitn(5, '|').collect::<Vec<_>>()[..] else {
        panic!("{line}")
    };
    let (check, list): (Value, Value) = (
        serde_json::from_str(check).unwrap(),
        serde_json::from_str(list).unwrap(),
    );
    assert_eq!(check["ok"], true, "{room} KiB: {check}");
    let rows = list["sessions"].as_array().unwrap();
    let at_rest = |row: &Value| row["status"] == "ready" || row["status"] == "failed";
    assert!(rows.iter().all(at_rest), "{room} KiB: {list}");
    let code = code.parse().unwrap();
    assert!(
        code == 0 || said.contains("disk is full"),
        "{room} KiB: {code}: {said}"
    );
    code
}
