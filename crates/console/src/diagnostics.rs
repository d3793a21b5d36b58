//! What somebody who helps needs to know about a Husting, as one text that can be read before it is given
//! away: no secret, and nothing that a person, an agent or a model wrote.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use husting_domain::ids::TenantId;
use husting_domain::secrets::redact;
use husting_domain::storage::StorageUse;
use husting_domain::time::Timestamp;
use husting_wire::bus::messages::BusCounts;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::Exported;
use husting_wire::settings::{Finding, LookAround, Settings};
use serde::Serialize;
use serde_json::Value;

use crate::Inner;

/// Newest lines of the log that are told.
const MOST_LINES: usize = 1_000;

/// What somebody who helps is told.
#[derive(Serialize)]
pub(crate) struct Diagnostics {
    husting: &'static str,
    made_at: Timestamp,
    system: [&'static str; 2],
    findings: Vec<Finding>,
    /// None where the store cannot be read.
    #[serde(flatten)]
    kept: Option<Kept>,
    /// The newest last.
    log: Vec<Value>,
}

/// What a console knows beside that.
#[derive(Serialize)]
pub(crate) struct Kept {
    address: Option<String>,
    address_note: Option<String>,
    settings: Settings,
    storage: Vec<StorageUse>,
    counts: Counts,
    bus: BusCounts,
}

#[derive(Serialize)]
struct Counts {
    deliberations: u32,
    models: usize,
    /// By kind and state.
    agents: BTreeMap<String, usize>,
    squads: usize,
}

impl Inner {
    /// # Errors
    /// When the data folder cannot be read.
    pub(crate) async fn diagnostics(
        self: &Arc<Self>,
        tenant: &TenantId,
    ) -> Result<Exported, Error> {
        let kept = match self.kept(tenant).await {
            Ok(kept) => Some(kept),
            // The findings say why.
            Err(fault) if fault.code == ErrorCode::StoreUnavailable => None,
            Err(fault) => return Err(fault),
        };
        let findings = self.doctor(tenant, LookAround::default()).await.findings;
        let log = log_of(&self.home).await?;
        Diagnostics::of(self.now(), findings, kept, log).exported()
    }

    async fn kept(self: &Arc<Self>, tenant: &TenantId) -> Result<Kept, Error> {
        let seen = self.snapshot(tenant).await?;
        let mut agents: BTreeMap<String, usize> = BTreeMap::new();
        for agent in &seen.agents {
            let kind = format!("{:?} {:?}", agent.kind, agent.status).to_lowercase();
            *agents.entry(kind).or_default() += 1;
        }
        Ok(Kept {
            address: seen.address,
            address_note: seen.address_note,
            settings: seen.settings,
            storage: self.storage().await?.uses,
            counts: Counts {
                deliberations: seen.session_count,
                models: seen.models.models.len(),
                agents,
                squads: seen.squads.squads.len(),
            },
            bus: seen.bus.counts,
        })
    }
}

impl Diagnostics {
    pub(crate) const fn of(
        made_at: Timestamp,
        findings: Vec<Finding>,
        kept: Option<Kept>,
        log: Vec<Value>,
    ) -> Self {
        Self {
            husting: env!("CARGO_PKG_VERSION"),
            made_at,
            system: [std::env::consts::OS, std::env::consts::ARCH],
            findings,
            kept,
            log,
        }
    }

    /// As a file, without secrets and without the user's name.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub(crate) fn exported(&self) -> Result<Exported, Error> {
        let text = serde_json::to_string_pretty(self).map_err(|fault| failed(&fault))?;
        let day = self.made_at.to_string();
        let day = day.split('T').next().unwrap_or_default();
        Ok(Exported {
            file_name: format!("husting-diagnostics-{day}.json"),
            text: without_names(&redact(&text), std::env::home_dir().as_deref()) + "\n",
        })
    }
}

fn failed(fault: &dyn std::error::Error) -> Error {
    Error::new(
        ErrorCode::Internal,
        format!("The diagnostics cannot be gathered: {fault}."),
    )
}

/// `text` with the user's own folder, which has their name, as `~`.
fn without_names(text: &str, own: Option<&Path>) -> String {
    let own = own.and_then(Path::to_str).filter(|own| own.len() > 1);
    own.map_or_else(|| text.to_owned(), |own| text.replace(own, "~"))
}

/// The newest lines of the log.
///
/// # Errors
/// When the log cannot be read.
pub(crate) async fn log_of(home: &Path) -> Result<Vec<Value>, Error> {
    let home = home.to_owned();
    let reading = tokio::task::spawn_blocking(move || lines_of(&home));
    let read = reading.await.map_err(|fault| failed(&fault))?;
    read.map_err(|fault| failed(&fault))
}

/// What is finer than information is left out: libraries may print there what they carry.
fn lines_of(home: &Path) -> io::Result<Vec<Value>> {
    let mut files: Vec<PathBuf> = match std::fs::read_dir(home.join("logs")) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(fault) => return Err(fault),
    };
    // A file a day, named by it.
    files.sort();
    let mut lines = Vec::new();
    for file in files.iter().rev() {
        let text = match std::fs::read(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            // The oldest goes while they are read.
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
            Err(fault) => return Err(fault),
        };
        let room = MOST_LINES - lines.len();
        lines.extend(text.lines().rev().filter_map(told).take(room));
        if lines.len() == MOST_LINES {
            break;
        }
    }
    lines.reverse();
    Ok(lines)
}

fn told(line: &str) -> Option<Value> {
    let line: Value = serde_json::from_str(line).ok()?;
    let is_told = matches!(line["level"].as_str(), Some("ERROR" | "WARN" | "INFO"));
    is_told.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: &str, message: &str) -> String {
        format!("{{\"level\":\"{level}\",\"fields\":{{\"message\":\"{message}\"}}}}\n")
    }

    #[test]
    fn the_newest_lines_of_all_days_are_told_and_no_finer_ones() {
        let home = tempfile::tempdir().unwrap();
        let logs = home.path().join("logs");
        assert_eq!(lines_of(home.path()).unwrap(), Vec::<Value>::new());
        std::fs::create_dir(&logs).unwrap();
        let old: String = (0..MOST_LINES)
            .map(|n| line("INFO", &format!("old {n}")))
            .collect();
        std::fs::write(logs.join("husting.2026-11-19.log"), old).unwrap();
        let new = [
            line("WARN", "new 1"),
            line("DEBUG", "what a library carries"),
            "a line that was cut\n".to_owned(),
            line("ERROR", "new 2"),
        ];
        std::fs::write(logs.join("husting.2026-11-20.log"), new.concat()).unwrap();
        let told = lines_of(home.path()).unwrap();
        let said: Vec<&str> = told
            .iter()
            .filter_map(|line| line["fields"]["message"].as_str())
            .collect();
        assert_eq!(said.len(), MOST_LINES);
        assert_eq!((said[0], said[MOST_LINES - 3]), ("old 2", "old 999"));
        assert_eq!(said[MOST_LINES - 2..], ["new 1", "new 2"]);
    }

    #[test]
    fn whose_machine_it_is_is_not_told() {
        let text = r#""found": "/home/ana/.local/share/husting", "at": "/srv/x""#;
        assert_eq!(
            without_names(text, Some(Path::new("/home/ana"))),
            r#""found": "~/.local/share/husting", "at": "/srv/x""#
        );
        for nobody in [None, Some(Path::new("/")), Some(Path::new(""))] {
            assert_eq!(without_names(text, nobody), text);
        }
    }
}
