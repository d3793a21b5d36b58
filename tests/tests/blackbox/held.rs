//! A folder that a command is at work on: others wait, and are then told who it is.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use futures::future::FutureExt;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::{look_for, wait_for};
use husting_tests::program::husting;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::mute::{Deliberating, QUESTION};

#[tokio::test]
async fn whoever_comes_second_is_told_who_is_at_work_and_what_to_do() {
    let home = Home::new();
    let backup = home.beside("backup.db");
    let backup = backup.to_str().unwrap();
    home.run(&["backup", backup]).await.done();
    let first = Deliberating::begin(&home).await;
    let restoring = ["restore", backup, "--yes", "--json"];
    let (show, serve, restore, people) = tokio::join!(
        home.run(&["wallet", "show", "--json"]),
        home.run(&["serve", "--listen", "127.0.0.1:0", "--json"]),
        home.run(&restoring),
        home.run(&["session", "list"]),
    );
    let sentence = format!(
        "husting deliberate, process {}, is at work on this folder; wait, or run `husting serve`",
        first.pid
    );
    for refused in [show, serve, restore] {
        let refused = refused.with(4);
        let error = refused.error::<Value>()["error"].take();
        assert_eq!(error["code"], "session_busy", "{}", refused.line);
        assert!(
            error["message"].as_str().unwrap().starts_with(&sentence),
            "{error}"
        );
        assert_eq!(
            error["details"],
            json!({ "process": first.pid, "command": "husting deliberate" })
        );
        assert!(refused.stdout.is_empty());
    }
    let said = people.with(4).stderr;
    assert!(said.starts_with(&format!("husting: {sentence}")), "{said}");
    assert!(
        !said.contains(QUESTION),
        "what is asked is nobody's business"
    );
    first.stop().await;
    assert_eq!(home.ask(&["session", "list"]).await["total"], 1);
}

#[tokio::test]
async fn whoever_waits_goes_on_when_the_first_has_ended() {
    let home = Home::new();
    let first = Deliberating::begin(&home).await;
    let mut second = home.command(husting());
    second.args(["wallet", "show", "--json"]);
    second.stdout(Stdio::piped()).stderr(Stdio::piped());
    let second = second.spawn().unwrap();
    // It opens its log before it asks for the folder.
    let files = Path::new("/proc")
        .join(second.id().unwrap().to_string())
        .join("fd");
    look_for("the second command's log", || {
        has_its_log(&files).then_some(())
    })
    .await;
    first.stop().await;
    let second = wait_for("the second command", second.wait_with_output())
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(0), "{said}");
}

#[tokio::test]
async fn a_server_that_hangs_is_said_to_and_how_it_is_ended() {
    let home = Home::new();
    let server = Instance::start(&home).await;
    server.hang().await;
    let refused = home.run(&["wallet", "show", "--json"]).await.with(4);
    let error = refused.error::<Value>()["error"].take();
    assert_eq!(error["code"], "session_busy");
    let told = error["message"].as_str().unwrap();
    let begin = format!(
        "husting serve, process {}, works on this folder and does not answer",
        server.pid
    );
    assert!(told.starts_with(&begin), "{told}");
    assert_eq!(
        error["details"],
        json!({ "process": server.pid, "command": "husting serve" })
    );
    // Whoever does as it says has it ended.
    let advice = told.split('`').find(|words| words.starts_with("kill "));
    let words: Vec<_> = advice.unwrap().split(' ').collect();
    let ended = Command::new(words[0]).args(&words[1..]).status().await;
    assert!(ended.unwrap().success(), "{told}");
    server.until_ended().await;
    home.run(&["wallet", "show", "--json"]).await.done();
}

#[tokio::test]
async fn what_a_crash_left_of_a_server_sends_nobody_to_whoever_has_its_port_now() {
    let home = Home::new();
    let server = Instance::start(&home).await;
    let address = server.http.replace("http://", "");
    server.kill().await;
    let first = Deliberating::begin(&home).await;
    let stranger = TcpListener::bind(&address).await.unwrap();
    let refused = home.run(&["wallet", "show", "--json"]).await.with(4);
    let error = refused.error::<Value>()["error"].take();
    let told = error["message"].as_str().unwrap();
    let begin = format!("husting deliberate, process {}, is at work", first.pid);
    assert!(told.starts_with(&begin), "{told}");
    let came = stranger.accept().now_or_never();
    assert!(came.is_none(), "the operator's token would go there");
    first.stop().await;
}

fn has_its_log(files: &Path) -> bool {
    let open = fs::read_dir(files).into_iter().flatten().flatten();
    let targets = open.filter_map(|file| fs::read_link(file.path()).ok());
    targets
        .into_iter()
        .any(|target| target.extension().is_some_and(|ending| ending == "log"))
}
