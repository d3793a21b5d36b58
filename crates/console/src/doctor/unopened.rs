//! A look at what needs no store, for a folder whose store or settings cannot be used. Nothing is opened, brought up to
//! date or made by it.

use std::path::{Path, PathBuf};

use husting_domain::time::Timestamp;
use husting_wire::errors::Error;
use husting_wire::sessions::Exported;
use husting_wire::settings::{DoctorReport, Finding};

use super::{examine_keys, finding, folder, untested};
use crate::Surroundings;
use crate::diagnostics::{Diagnostics, log_of};
use crate::keys::{KeyChoice, Keys};
use crate::wiring::clients;

/// A data folder that nobody can open.
pub struct Unopened {
    /// The data folder.
    pub home: PathBuf,
    /// What hinders, and what the shell itself saw.
    pub seen: Vec<Finding>,
    /// Where keys are kept; none where that cannot be known.
    pub keys: Option<KeyChoice>,
    /// The user's folders, search path and variables.
    pub surroundings: Surroundings,
}

impl Unopened {
    /// Looks at everything that can be looked at.
    pub async fn examine(self) -> DoctorReport {
        let mut findings = vec![folder::examined(&self.home).await];
        findings.extend(self.seen);
        findings.push(match self.keys {
            Some(choice) => examine_keys(&Keys::open_for_one_command(&self.home, choice).await),
            None => untested(
                "keys",
                "were not looked for: where they are kept is a setting",
            ),
        });
        findings.push(clients_here(&self.surroundings));
        findings.push(match log_of(&self.home).await {
            Ok(lines) => finding("log", true, log_told(&self.home, &lines)),
            Err(fault) => finding("log", false, fault.message),
        });
        DoctorReport { findings }
    }

    /// The same for somebody who helps, with the log: no secret, and nobody's words.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub async fn diagnostics(self, now: Timestamp) -> Result<Exported, Error> {
        let home = self.home.clone();
        let findings = self.examine().await.findings;
        // Why there is no log is among the findings.
        let log = log_of(&home).await.unwrap_or_default();
        Diagnostics::of(now, findings, None, log).exported()
    }
}

fn clients_here(surroundings: &Surroundings) -> Finding {
    let clients = clients(surroundings).clients.into_iter();
    let here: Vec<_> = clients
        .filter(|client| client.program.is_some() || client.seen.is_some())
        .map(|client| client.title)
        .collect();
    finding(
        "clients",
        true,
        match here.is_empty() {
            true => "none was found on this machine".to_owned(),
            false => format!("on this machine: {}", here.join(", ")),
        },
    )
}

fn log_told(home: &Path, lines: &[serde_json::Value]) -> String {
    let place = home.join("logs");
    let of = |level: &str| lines.iter().filter(|line| line["level"] == level).count();
    format!(
        "in {}: {} errors and {} warnings in the newest {} lines",
        place.display(),
        of("ERROR"),
        of("WARN"),
        lines.len()
    )
}
