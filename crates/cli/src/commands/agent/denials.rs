//! Calls that lacked their scope, and the operator's answers.

use clap::{Args, ValueEnum};
use husting_domain::agents::Decision;
use husting_wire::agents::{DecideDenial, DenialList, DenialView};
use husting_wire::bus::messages::Recipient;
use husting_wire::commands::{AnswerDenial, FindDenials};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;

use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{full_name, moment};

/// Fewer characters of an id are a slip of the hand rather than a name.
const FEWEST: usize = 6;

/// An answer.
#[derive(Debug, Args)]
pub struct Allow {
    /// The denial's id, or as much of its beginning as tells it from the others
    id: String,
    /// One call within ten minutes, all for ten minutes, from now on, or nothing
    #[arg(value_enum)]
    answer: Answer,
}

/// What the operator says.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Answer {
    /// One call within ten minutes.
    Once,
    /// All calls for ten minutes.
    #[value(name = "10m")]
    TenMinutes,
    /// From now on.
    Always,
    /// Nothing.
    Refuse,
}

pub(super) async fn list(door: &dyn Door, json: bool) -> Result<Exit, Failure> {
    let list = ask::<FindDenials>(door, Nothing {}).await?;
    output::answer(&list, json, &listed(&list))
}

impl Allow {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let open = ask::<FindDenials>(door, Nothing {}).await?;
        let denial = meant(&open.denials, &self.id)?.clone();
        let asked = DecideDenial {
            denial_id: denial.denial_id,
            decision: self.answer.into(),
        };
        let left = ask::<AnswerDenial>(door, asked).await?;
        output::answer(&left, json, &format!("{}\n", self.answer.said(&denial)))
    }
}

fn meant<'a>(denials: &'a [DenialView], id: &str) -> Result<&'a DenialView, Failure> {
    let digits = id.replace('-', "").to_ascii_lowercase();
    let begins_so = |denial: &&DenialView| {
        let id = denial.denial_id.to_string().replace('-', "");
        digits.len() >= FEWEST && id.starts_with(&digits)
    };
    let found: Vec<&DenialView> = denials.iter().filter(begins_so).collect();
    match found[..] {
        [one] => Ok(one),
        [] => Err(Error::new(
            ErrorCode::NotFound,
            format!("No denial that waits for an answer begins with {id}. `husting agent denials` shows them all."),
        )
        .into()),
        _ => Err(Failure::Usage(format!(
            "{} denials begin with {id}; write more of the id",
            found.len()
        ))),
    }
}

/// `send to loom`: what the call would have done.
fn call_of(denial: &DenialView) -> String {
    let tool = &denial.tool;
    match &denial.to {
        None => tool.clone(),
        Some(Recipient::Agent(name)) => format!("{tool} to {name}"),
        Some(Recipient::Squad(name)) => format!("{tool} to #{name}"),
        Some(Recipient::All) => format!("{tool} to all"),
    }
}

fn listed(list: &DenialList) -> String {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("AGENT", Align::Left),
        ("WANTED", Align::Left),
        ("FOR", Align::Left),
        ("CALLS", Align::Right),
        ("LAST", Align::Left),
    ]);
    for denial in &list.denials {
        table.row([
            denial.denial_id.to_string(),
            full_name(denial.agent_name.as_str(), &denial.tenant_id),
            denial.scope.to_string(),
            call_of(denial),
            denial.calls.to_string(),
            moment(denial.last_at),
        ]);
    }
    table.or("No call lacks a scope.")
}

impl Answer {
    fn said(self, denial: &DenialView) -> String {
        let agent = full_name(denial.agent_name.as_str(), &denial.tenant_id);
        let scope = denial.scope;
        match self {
            Self::Once => {
                format!("{agent} may make one call that needs {scope}, within ten minutes.")
            }
            Self::TenMinutes => format!("{agent} holds {scope} for ten minutes."),
            Self::Always => format!("{agent} holds {scope} from now on."),
            Self::Refuse => format!("{agent} is refused {scope}."),
        }
    }
}

impl From<Answer> for Decision {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Once => Self::Once,
            Answer::TenMinutes => Self::TenMinutes,
            Answer::Always => Self::Always,
            Answer::Refuse => Self::Refuse,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn denial(id: &str) -> DenialView {
        serde_json::from_value(json!({
            "denial_id": id, "agent_id": id, "agent_name": "bruno-voice", "tenant_id": "acme", "scope": "mcp:broadcast",
            "tool": "broadcast", "calls": 2, "first_at": "2026-11-20T10:00:00Z",
            "last_at": "2026-11-20T10:01:00Z", "decision": null, "decided_at": null,
        }))
        .unwrap()
    }

    #[test]
    fn an_agent_of_another_tenant_is_named_with_it() {
        let denials = vec![denial("0199d1f0-0000-7000-8000-000000000001")];
        let table = listed(&DenialList { denials });
        assert!(table.contains("bruno-voice of acme"), "{table}");
    }

    #[test]
    fn a_denial_is_meant_by_the_beginning_of_its_id_where_no_other_begins_so() {
        let denials = [
            denial("0199d1f0-0000-7000-8000-000000000001"),
            denial("0199d1f0-0000-7000-8000-000000000002"),
            denial("0199aaaa-0000-7000-8000-000000000003"),
        ];
        let exit = |id: &str| {
            meant(&denials, id)
                .err()
                .map(|failure| failure.exit() as u8)
        };
        assert_eq!(exit("0199aa"), None);
        assert_eq!(exit("0199D1F0-0000-7000-8000-000000000002"), None);
        assert_eq!(exit("0199d1f0"), Some(2));
        assert_eq!(exit("0199a"), Some(3), "too short");
        assert_eq!(exit("ffffffff"), Some(3));
    }
}
