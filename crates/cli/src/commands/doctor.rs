//! Everything that can be wrong.

use husting_wire::commands::Examine;
use husting_wire::settings::Nothing;

use super::through;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};

pub(super) async fn run(invocation: &Invocation) -> Result<Exit, Failure> {
    let report = through(invocation, async |door| {
        ask::<Examine>(door, Nothing {}).await
    })
    .await?;
    if invocation.json {
        output::json(&report)?;
    } else {
        let mut table = Table::new(&[
            ("WHAT", Align::Left),
            ("STATE", Align::Left),
            ("FOUND", Align::Left),
        ]);
        for finding in &report.findings {
            let state = if finding.ok { "good" } else { "WRONG" };
            table.row([
                finding.subject.clone(),
                state.to_owned(),
                finding.message.clone(),
            ]);
        }
        output::text(&table.to_string())?;
    }
    let well = report.findings.iter().all(|finding| finding.ok);
    Ok(if well { Exit::Done } else { Exit::Failed })
}
