//! Everything that can be wrong.

use husting_wire::commands::Examine;
use husting_wire::settings::{Finding, Nothing};

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
            table.row([
                finding.subject.clone(),
                state(finding).to_owned(),
                finding.message.clone(),
            ]);
        }
        output::text(&table.to_string())?;
    }
    let well = report.findings.iter().all(|finding| finding.ok);
    Ok(if well { Exit::Done } else { Exit::Failed })
}

const fn state(finding: &Finding) -> &'static str {
    match (finding.untested, finding.ok) {
        (true, _) => "untested",
        (false, true) => "good",
        (false, false) => "WRONG",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_looked_at_is_not_called_good() {
        let of = |ok, untested| Finding {
            subject: "provider first".to_owned(),
            ok,
            untested,
            message: String::new(),
        };
        let states = [(true, false), (false, false), (true, true)];
        let states = states.map(|(ok, untested)| state(&of(ok, untested)));
        assert_eq!(states, ["good", "WRONG", "untested"]);
    }
}
