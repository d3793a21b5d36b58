//! System calls of a program as `strace -f -y` writes them down: a line for each, or one for its
//! beginning and one for its end where another thread's call came between.

use std::collections::HashMap;
use std::path::Path;

use tokio::process::Command;

use crate::home::Home;
use crate::tools::require;

const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync";
const READS: [&str; 4] = ["recvfrom", "read", "readv", "recvmsg"];
const WRITES: [&str; 4] = ["sendto", "write", "writev", "sendmsg"];
const FILE_WRITES: [&str; 3] = ["pwrite64", "pwritev", "write"];
const FLUSHES: [&str; 2] = ["fdatasync", "fsync"];

/// A program whose calls are written to `file`, words and pages of the store whole.
///
/// # Panics
/// Where calls cannot be traced.
pub fn traced(home: &Home, program: &Path, file: &Path) -> Command {
    require(
        &["strace", "-e", "trace=none", "true"],
        "to see system calls (container runtimes may forbid ptrace)",
    );
    let mut command = home.command("strace");
    // Children, files by name.
    command
        .args(["-f", "-y", "-s", "4200", "-e", CALLS, "-o"])
        .arg(file)
        .arg(program);
    command
}

/// All calls of a program, in the order in which they began.
pub struct Trace(Vec<Call>);

/// A request and its answer, by words that stand in them and in nothing before.
pub struct Exchange<'a> {
    /// In the request.
    pub asked: &'a str,
    /// In what it writes to the store's log; empty for anything.
    pub kept: &'a str,
    /// In the answer.
    pub answered: &'a str,
}

struct Call {
    name: String,
    /// Its arguments, from the first: the file or socket.
    arguments: String,
    /// The lines of its beginning and its end.
    began: usize,
    ended: usize,
}

impl Call {
    fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }

    /// The file or socket, with its number and name.
    fn file(&self) -> &str {
        let end = self.arguments.find([',', ')']);
        end.map_or(self.arguments.as_str(), |end| &self.arguments[..end])
    }

    fn is_on_log(&self) -> bool {
        self.file().contains("-wal>")
    }
}

impl Trace {
    /// Reads what `strace` wrote.
    pub fn read(text: &str) -> Self {
        let mut calls: Vec<Call> = Vec::new();
        let mut unfinished: HashMap<&str, usize> = HashMap::new();
        for (at, line) in text.lines().enumerate() {
            let Some((thread, call)) = line.split_once(char::is_whitespace) else {
                continue;
            };
            let call = call.trim_start();
            if let Some(rest) = call.strip_prefix("<... ") {
                let begun = unfinished.remove(thread).and_then(|it| calls.get_mut(it));
                if let (Some(begun), Some((_, rest))) = (begun, rest.split_once("resumed>")) {
                    begun.arguments.push_str(rest);
                    begun.ended = at;
                }
            } else if let Some((name, arguments)) = call.split_once('(') {
                let begins = arguments.strip_suffix("<unfinished ...>");
                if begins.is_some() {
                    unfinished.insert(thread, calls.len());
                }
                calls.push(Call {
                    name: name.to_owned(),
                    arguments: begins.unwrap_or(arguments).to_owned(),
                    began: at,
                    // Until its end is met.
                    ended: if begins.is_some() { usize::MAX } else { at },
                });
            }
        }
        Self(calls)
    }

    /// After the request was read the log was written, after that it was flushed, and the flush had
    /// ended before the answer began.
    ///
    /// # Errors
    /// What was missing or came in another order.
    pub fn flushed_before_answered(&self, exchange: &Exchange<'_>) -> Result<(), String> {
        let Exchange {
            asked,
            kept,
            answered,
        } = *exchange;
        let request = self.first("request", 0, |call| {
            call.is(&READS) && call.arguments.contains(asked)
        })?;
        let answer = self.first("answer", request.ended, |call| {
            call.is(&WRITES)
                && call.file() == request.file()
                && call.arguments.contains("200 OK")
                && call.arguments.contains(answered)
        })?;
        let written = self.first("write of the log", request.ended, |call| {
            call.is(&FILE_WRITES) && call.is_on_log() && call.arguments.contains(kept)
        })?;
        let flush = self.first("flush of the log", written.ended, |call| {
            call.is(&FLUSHES) && call.is_on_log()
        })?;
        if flush.ended < answer.began {
            return Ok(());
        }
        Err(format!(
            "{asked}: answered in line {}, flushed in line {}",
            answer.began, flush.ended
        ))
    }

    /// The first such call that began behind a line.
    fn first(
        &self,
        what: &str,
        after: usize,
        is_it: impl Fn(&Call) -> bool,
    ) -> Result<&Call, String> {
        let mut later = self.0.iter().filter(|call| call.began >= after);
        later
            .find(|call| is_it(call))
            .ok_or_else(|| format!("the trace shows no {what}"))
    }
}
