//! "ok" means on disk: the system calls of a real server show that the log is flushed before the
//! answer is written. Killing a process cannot show this, because the system keeps what it wrote.

use std::fs;

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::program::husting;
use husting_tests::tools::require;
use husting_wire::commands::ConveneSession;
use husting_wire::sessions::Convene;

const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync";

#[tokio::test]
async fn an_accepted_round_is_flushed_before_it_is_answered() {
    require(
        &["strace", "-e", "trace=none", "true"],
        "to see system calls (container runtimes may forbid ptrace)",
    );
    let home = Home::new();
    let trace = home.beside("trace.txt");
    let mut command = home.command("strace");
    // Children, files by name, strings long enough to be recognised.
    command
        .args(["-f", "-y", "-s", "400", "-e", CALLS, "-o"])
        .arg(&trace)
        .arg(husting());
    let instance = Instance::of(&home, command).await;
    let convene = Convene {
        prompt: "Is it on disk when you say so?".to_owned(),
        ..Convene::default()
    };
    let ack = instance
        .call::<ConveneSession>(convene)
        .await
        .expect("a rehearsal is accepted");
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
    let trace = fs::read_to_string(&trace).unwrap();
    flushed_before_answered(&trace, &ack.session_id.to_string())
        .unwrap_or_else(|why| panic!("{why}\n{trace}"));
}

#[test]
fn a_server_that_answers_first_is_found_out() {
    let read = r#"7 recvfrom(9<TCP:[1]>, "POST /console/rpc {\"command\":\"convene\"", 8192, 0, NULL, NULL) = 40"#;
    let write = r#"8 pwrite64(5</h/husting.db-wal>, "...", 4096, 32) = 4096"#;
    let flush = r#"8 fdatasync(5</h/husting.db-wal>) = 0"#;
    let begun = r#"8 fdatasync(5</h/husting.db-wal> <unfinished ...>"#;
    let ended = r#"8 <... fdatasync resumed>) = 0"#;
    let answer = r#"7 sendto(9<TCP:[1]>, "HTTP/1.1 200 OK {\"session_id\":\"abc\"", 99, MSG_NOSIGNAL, NULL, 0) = 99"#;
    let judged = |lines: &[&str]| flushed_before_answered(&lines.join("\n"), "abc");
    assert_eq!(judged(&[read, write, flush, answer]), Ok(()));
    assert_eq!(judged(&[read, write, begun, ended, answer]), Ok(()));
    for wrong in [
        &[read, write, answer, flush][..],
        &[read, write, begun, answer, ended],
        &[read, answer],
        &[read, flush, write, answer],
        &[flush, read, write, answer],
        &[read, write, flush],
    ] {
        assert!(judged(wrong).is_err(), "{wrong:?}");
    }
}

/// Between the request and the answer that names the session, the log was written and flushed.
fn flushed_before_answered(trace: &str, session: &str) -> Result<(), String> {
    let lines: Vec<&str> = trace.lines().collect();
    let find = |what: &str, from: usize, is_it: &dyn Fn(&str) -> bool| {
        let at = lines.iter().skip(from).position(|line| is_it(line));
        at.map(|at| at + from)
            .ok_or_else(|| format!("the trace shows no {what}"))
    };
    let asked = find("request", 0, &|line| {
        is_call(line, &["recvfrom", "read", "readv", "recvmsg"]) && line.contains("convene")
    })?;
    let answer = find("answer", asked, &|line| {
        is_call(line, &["sendto", "write", "writev", "sendmsg"])
            && line.contains("200 OK")
            && line.contains(session)
    })?;
    let written = find("write of the log", asked, &|line| {
        is_call(line, &["pwrite64", "pwritev", "write"]) && line.contains("-wal>")
    })?;
    let flush = find("flush of the log", written, &|line| {
        is_call(line, &["fdatasync", "fsync"]) && line.contains("-wal>")
    })?;
    let flushed = if lines[flush].contains("<unfinished") {
        let thread = thread(lines[flush]);
        find("end of the flush", flush, &|line| {
            self::thread(line) == thread && line.contains("sync resumed>")
        })?
    } else {
        flush
    };
    if flushed < answer {
        Ok(())
    } else {
        Err(format!(
            "answered in line {answer}, flushed in line {flushed}"
        ))
    }
}

/// Whether a line begins one of these calls; a thread's number stands before it.
fn is_call(line: &str, names: &[&str]) -> bool {
    let call = line
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start();
    let call = call.strip_prefix("<... ").unwrap_or(call);
    let name: String = call
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    names.contains(&name.as_str())
}

fn thread(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}
