//! "ok" means on disk: the system calls of a real server show that the log is flushed before the
//! answer is written. Killing a process cannot show this, because the system keeps what it wrote.

use std::fs;
use std::path::Path;

use futures::future::join_all;
use husting_tests::agent::Agent;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::program::{halting, husting};
use husting_tests::syscalls::{Exchange, Trace, traced};
use husting_wire::commands::ConveneSession;
use husting_wire::sessions::Convene;
use serde_json::json;

const SENDERS: usize = 4;
/// Messages of each.
const LETTERS: usize = 8;

#[tokio::test]
async fn an_accepted_round_is_flushed_before_it_is_answered() {
    let home = Home::new();
    let file = home.beside("trace.txt");
    let instance = Instance::of(&home, traced(&home, husting(), &file)).await;
    let convene = Convene {
        prompt: "Is it on disk when you say so?".to_owned(),
        ..Convene::default()
    };
    let ack = instance
        .call::<ConveneSession>(convene)
        .await
        .expect("a rehearsal is accepted");
    let exchange = Exchange {
        asked: "convene",
        kept: "",
        answered: &ack.session_id.to_string(),
    };
    ended(instance, &file)
        .await
        .flushed_before_answered(&exchange)
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_is_flushed_before_it_is_said_to_be_sent() {
    assert_eq!(late(husting(), &[]).await, Vec::<String>::new());
}

/// The same of a build that replies before its commit: it must be missed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_replies_before_its_flush_is_found_out() {
    let late = late(halting(), &[("HUSTING_TEST_REPLY_FIRST", "1")]).await;
    assert!(
        late.iter().any(|fault| fault.contains("answered in line")),
        "{late:?}"
    );
}

#[test]
fn a_server_that_answers_first_is_found_out() {
    let read = r#"7 recvfrom(9<TCP:[1]>, "POST /console/rpc {\"command\":\"convene\"", 8192, 0, NULL, NULL) = 40"#;
    let reading = "7 recvfrom(9<TCP:[1]>,  <unfinished ...>";
    let was_read =
        r#"7 <... recvfrom resumed>"POST {\"command\":\"convene\"", 8192, 0, NULL, NULL) = 40"#;
    let write = r#"8 pwrite64(5</h/husting.db-wal>, "words", 4096, 32) = 4096"#;
    let other = r#"8 pwrite64(5</h/husting.db-wal>, "others", 4096, 32) = 4096"#;
    let flush = r"8 fdatasync(5</h/husting.db-wal>) = 0";
    let begun = r"8 fdatasync(5</h/husting.db-wal> <unfinished ...>";
    let ended = r"8 <... fdatasync resumed>) = 0";
    let answer = r#"7 sendto(9<TCP:[1]>, "HTTP/1.1 200 OK {\"session_id\":\"abc\"", 99, MSG_NOSIGNAL, NULL, 0) = 99"#;
    let elsewhere = r#"7 sendto(8<TCP:[2]>, "HTTP/1.1 200 OK {\"session_id\":\"abc\"", 99, MSG_NOSIGNAL, NULL, 0) = 99"#;
    let judged = |lines: &[&str]| {
        let exchange = Exchange {
            asked: "convene",
            kept: "words",
            answered: "abc",
        };
        Trace::read(&lines.join("\n")).flushed_before_answered(&exchange)
    };
    for right in [
        &[read, write, flush, answer][..],
        &[read, write, begun, ended, answer],
        &[read, other, begun, ended, write, flush, answer],
        &[reading, write, was_read, write, flush, answer],
    ] {
        assert_eq!(judged(right), Ok(()), "{right:?}");
    }
    for wrong in [
        &[read, write, answer, flush][..],
        &[read, write, begun, answer, ended],
        &[read, write, begun, answer],
        &[read, answer],
        &[read, flush, write, answer],
        &[read, other, flush, answer],
        &[read, other, begun, write, ended, answer],
        &[flush, read, write, answer],
        &[read, write, flush],
        &[read, write, flush, elsewhere],
        &[reading, write, flush, was_read, answer],
    ] {
        assert!(judged(wrong).is_err(), "{wrong:?}");
    }
}

/// Lets several agents send at once; messages that were said to be sent before they were flushed.
async fn late(program: &Path, variables: &[(&str, &str)]) -> Vec<String> {
    let home = Home::new();
    let file = home.beside("trace.txt");
    let mut command = traced(&home, program, &file);
    command.envs(variables.iter().copied());
    let instance = Instance::of(&home, command).await;
    Agent::mint(&instance, "reader").await;
    let mut senders = Vec::new();
    for number in 0..SENDERS {
        senders.push(Agent::mint(&instance, &format!("sender-{number}")).await);
    }
    let http = &instance.http;
    let sending = senders.iter().enumerate().map(async |(number, sender)| {
        // A connection of its own.
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut sent = Vec::new();
        for count in 0..LETTERS {
            let text = format!("letter {number}-{count}.");
            let letter = json!({"to": "reader", "text": text});
            let told = sender.call(&client, http, "send", letter).await.unwrap();
            sent.push((text, told["id"].as_str().unwrap().to_owned()));
        }
        sent
    });
    let sent = join_all(sending).await.concat();
    assert_eq!(sent.len(), SENDERS * LETTERS);
    let trace = ended(instance, &file).await;
    let judged = sent.iter().map(|(text, id)| {
        trace.flushed_before_answered(&Exchange {
            asked: text,
            kept: text,
            answered: id,
        })
    });
    judged.filter_map(Result::err).collect()
}

/// What the program did until its end.
async fn ended(instance: Instance, file: &Path) -> Trace {
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
    Trace::read(&fs::read_to_string(file).unwrap())
}
