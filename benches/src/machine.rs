//! What a figure was measured on. Absolute values mean nothing without it.

use std::fs::{self, File};
use std::io::Write;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::figures::{median, quantile};

/// Flushed writes from which the disk is judged.
const FLUSHES: usize = 100;

/// A machine's limits, and the day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// Milliseconds of an 8 KiB write flushed to disk: half of all, and 95 of 100. Every commit waits
    /// for one.
    pub flush_ms: (f64, f64),
    /// `2026-11-20`.
    pub date: String,
}

/// As `src-tauri/src/drawing.rs` looks for it.
fn can_render() -> bool {
    fs::read_dir("/dev/dri")
        .into_iter()
        .flatten()
        .flatten()
        .any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
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
            software_rendering: !can_render(),
            load: word("/proc/loadavg", 0),
            flush_ms: flush_ms().unwrap_or_default(),
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
            "{}, {} cores shared with whatever else ran (load {} at the end), {:.1} GiB, {drawing}, a flush to disk of \
             {:.1} ms (95 of 100: {:.1} ms), {}, {}",
            self.processor,
            self.cores,
            self.load,
            self.memory_mib as f64 / 1024.0,
            self.flush_ms.0,
            self.flush_ms.1,
            self.system,
            self.date
        )
    }
}

fn flush_ms() -> std::io::Result<(f64, f64)> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("flushed"))?;
    let mut times = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        file.write_all(&[1; 8 * 1024])?;
        let begun = Instant::now();
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok((median(&times), quantile(&times, 0.95)))
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
