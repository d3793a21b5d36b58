//! Who holds the token, as `boot_context` says.

use husting_domain::agents::Name;
use rmcp::model::CallToolResult;

use super::words::{named, record, text};

/// The name on the bus.
pub(super) fn read(result: &CallToolResult) -> Option<String> {
    let recorded = record(result).and_then(|record| named(&record, &["name", "agent"]));
    match recorded {
        Some(name) => Some(name.strip_prefix("agent:").unwrap_or(&name).to_owned()),
        None => name_in(&text(result)),
    }
}

/// From `agent:discord-connector`, else from `You are discord-connector, …`.
fn name_in(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut heads = ["agent:", "you are "].into_iter();
    heads.find_map(|head| {
        let (_, rest) = lower.split_once(head)?;
        let rest = rest.trim_start_matches(['`', '"', '*', ' ']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
        // "You are connected to …" names nobody.
        let is_name = head == "agent:" || !rest.starts_with(' ');
        let name = Name::parse(name).ok().filter(|_| is_name)?;
        Some(name.to_string())
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "You are discord-connector, an agent of local.",
        Some("discord-connector")
    )]
    #[case("You are **loom**.\nMail: 3", Some("loom"))]
    #[case("Identity: agent:kasra (tenant mumega)", Some("kasra"))]
    #[case("You are connected to the bus.", None)]
    #[case("Welcome.", None)]
    fn a_name_is_read_from_words(#[case] text: &str, #[case] name: Option<&str>) {
        assert_eq!(name_in(text).as_deref(), name);
    }
}
