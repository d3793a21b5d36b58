//! A process and all below it: their memory, shared pages counted once (PSS), and processor time.

use std::collections::HashMap;
use std::fs;

use anyhow::Context;
use serde::Serialize;

/// A tree of processes at one moment.
#[derive(Debug, Serialize)]
pub struct Tree {
    /// Proportional set size of all, in KiB.
    pub pss_kib: u64,
    /// Processor time of all threads they have now, in milliseconds.
    pub cpu_ms: f64,
    /// Processor time of the processes, in milliseconds: also that of threads which ended, counted in hundredths
    /// of a second.
    pub counted_ms: u64,
    /// Of `cpu_ms`, the threads on which SQLite works.
    pub sqlite_ms: f64,
    /// Their names with KiB each, the topmost first.
    pub processes: Vec<(String, u64)>,
}

/// How the driver's threads are called.
const SQLITE: &str = "sqlx-sqlite";

struct Process {
    parent: u32,
    name: String,
    counted_ms: u64,
}

/// Milliseconds of a clock tick, the unit of proc_pid_stat(5), on every Linux of today.
const TICK_MS: u64 = 10;

impl Tree {
    /// The tree below and with `top`.
    pub fn below(top: u32) -> anyhow::Result<Self> {
        let all = all()?;
        anyhow::ensure!(all.contains_key(&top), "there is no process {top}");
        let mut tree = Self {
            pss_kib: 0,
            cpu_ms: 0.0,
            counted_ms: 0,
            sqlite_ms: 0.0,
            processes: Vec::new(),
        };
        let mut waiting = vec![top];
        while let Some(pid) = waiting.pop() {
            let Some(process) = all.get(&pid) else {
                continue;
            };
            let pss = pss_kib(pid);
            tree.pss_kib += pss;
            tree.counted_ms += process.counted_ms;
            for (thread, millis) in threads(pid) {
                tree.cpu_ms += millis;
                if thread.starts_with(SQLITE) {
                    tree.sqlite_ms += millis;
                }
            }
            tree.processes.push((process.name.clone(), pss));
            waiting.extend(
                all.iter()
                    .filter(|(_, child)| child.parent == pid)
                    .map(|(child, _)| *child),
            );
        }
        Ok(tree)
    }

    /// PSS in MiB.
    pub fn mib(&self) -> f64 {
        self.pss_kib as f64 / 1024.0
    }
}

fn all() -> anyhow::Result<HashMap<u32, Process>> {
    let entries = fs::read_dir("/proc").context("cannot list processes")?;
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(pids.filter_map(|pid| Some((pid, stat(pid)?))).collect())
}

/// Where these fields stand behind the name.
const PARENT: usize = 1;
const UTIME: usize = 11;
const STIME: usize = 12;

/// Fields of proc_pid_stat(5); a process may have gone since it was listed.
fn stat(pid: u32) -> Option<Process> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold any character, parentheses included.
    let (head, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |field: usize| fields.get(field)?.parse::<u64>().ok();
    Some(Process {
        parent: number(PARENT)?.try_into().ok()?,
        name: head.split_once('(')?.1.to_owned(),
        counted_ms: (number(UTIME)? + number(STIME)?) * TICK_MS,
    })
}

/// Milliseconds on a core, by thread: the first number of each `schedstat`. The process's own times
/// are counted in hundredths of a second, which is too coarse for idling.
fn threads(pid: u32) -> impl Iterator<Item = (String, f64)> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    threads.filter_map(|thread| {
        let of = |file| fs::read_to_string(thread.path().join(file)).ok();
        let nanos: f64 = of("schedstat")?.split_whitespace().next()?.parse().ok()?;
        Some((of("comm")?, nanos / 1_000_000.0))
    })
}

fn pss_kib(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("Pss:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_tree_has_memory_and_us_on_top() {
        let tree = Tree::below(std::process::id()).unwrap();
        assert!(tree.pss_kib > 0);
        assert!(!tree.processes.is_empty());
    }

    #[test]
    fn no_process_is_no_tree() {
        assert!(Tree::below(u32::MAX).is_err());
    }
}
