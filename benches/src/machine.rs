//! What a figure was measured on. Absolute values mean nothing without it.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A machine's limits, and the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's own name.
    pub processor: String,
    /// Cores this process may use.
    pub cores: usize,
    /// Main memory in MiB.
    pub memory_mib: u64,
    /// Kernel and its version.
    pub system: String,
    /// Whether a graphics processor draws the window, or the processor does.
    pub software_rendering: bool,
    /// Mean number of tasks that wanted a core in the minute before: other work disturbs.
    pub load: String,
    /// `2026-11-20`.
    pub date: String,
}

impl Machine {
    /// This one, now.
    pub fn here() -> Self {
        let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
        let kib: u64 = memory
            .trim_end_matches("kB")
            .trim()
            .parse()
            .unwrap_or_default();
        Self {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: kib / 1024,
            system: format!(
                "{} {}",
                std::env::consts::OS,
                word("/proc/sys/kernel/osrelease", 0)
            ),
            software_rendering: !Path::new("/dev/dri").exists(),
            load: word("/proc/loadavg", 0),
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        }
    }

    /// In a sentence.
    pub fn sentence(&self) -> String {
        let drawing = if self.software_rendering {
            "no graphics processor (software rendering)"
        } else {
            "a graphics processor"
        };
        format!(
            "{}, {} cores shared with whatever else ran (load {} at the end), {:.1} GiB, {drawing}, {}, {}",
            self.processor,
            self.cores,
            self.load,
            self.memory_mib as f64 / 1024.0,
            self.system,
            self.date
        )
    }
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn word(path: &str, at: usize) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace()
        .nth(at)
        .unwrap_or("unknown")
        .to_owned()
}
