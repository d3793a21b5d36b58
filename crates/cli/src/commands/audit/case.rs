//! Proving a case file, on whatever machine.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use husting_console::Keys;
use husting_console::audit::{CaseError, PublicKey, check_case, machine_key};
use husting_wire::audit::{ListAudit, Sealing};
use husting_wire::commands::FindAudit;

use super::{exit, text};
use crate::door::{RemoteDoor, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

pub(super) async fn verify(file: &Path, invocation: &Invocation) -> Result<Exit, Failure> {
    let failed = |source| Failure::File {
        path: file.to_owned(),
        doing: "read",
        source,
    };
    let reader = BufReader::new(File::open(file).map_err(failed)?);
    let machine = our_key(invocation).await;
    let found = check_case(reader, machine).map_err(|fault| match fault {
        CaseError::Io(source) => failed(source),
        CaseError::NoCase => Failure::Usage(format!("{} {fault}", file.display())),
    })?;
    if invocation.json {
        output::json(&found)?;
    } else {
        output::text(&text::case(&found))?;
    }
    Ok(exit(found.chain.ok && found.receipt_fits != Some(false)))
}

/// This machine's key, where it can be seen without opening or making anything: nothing is wrong
/// with a file because it cannot.
async fn our_key(invocation: &Invocation) -> Option<PublicKey> {
    if let Ok(Some(door)) = RemoteDoor::find(&invocation.home).await {
        let newest = ListAudit {
            limit: Some(1),
            ..ListAudit::default()
        };
        return match ask::<FindAudit>(&door, newest).await.ok()?.sealing {
            Sealing::On { public_key, .. } => public_key.parse().ok(),
            Sealing::NotYet | Sealing::Off { .. } => None,
        };
    }
    let keys = Keys::look(invocation.home.path(), invocation.configured.keys.clone()).await;
    machine_key(&keys).await.ok().flatten()
}
