//! Whether those who are asked read mail.

use husting_domain::agents::Name;

use super::{Finding, Subject, Verdict};

/// What it means that an agent who is asked is on the bus and reads mail, reads none, or is not there.
#[must_use]
pub fn agent_found(agent: &Name, reads_mail: Option<bool>) -> Finding {
    let subject = Subject::Agent(agent.clone());
    match mail_trouble(agent, reads_mail) {
        None => Finding::of(subject, Verdict::Well, "it reads mail"),
        Some(trouble) => Finding::of(subject, Verdict::Warning, trouble),
    }
}

/// Why an agent that is asked does not answer, with the command that mends it; none where it reads mail.
/// Whoever is not there reads nothing either, and is `None`.
#[must_use]
pub fn mail_trouble(agent: &Name, reads_mail: Option<bool>) -> Option<String> {
    match reads_mail {
        Some(true) => None,
        _ if agent.is_managed() => Some(format!(
            "it is not active and reads no mail: husting agent activate {agent}"
        )),
        Some(false) => Some(format!(
            "it is suspended and reads no mail: husting agent enable {agent}"
        )),
        None => Some(format!("it is not on the bus: husting agent mint {agent}")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("kasra", Some(true), None)]
    #[case("athena", Some(false), Some("husting agent activate athena"))]
    #[case("athena", None, Some("husting agent activate athena"))]
    #[case("loom", Some(false), Some("husting agent enable loom"))]
    #[case("loom", None, Some("husting agent mint loom"))]
    fn whoever_reads_no_mail_is_named_with_the_one_command_that_helps(
        #[case] agent: &str,
        #[case] reads_mail: Option<bool>,
        #[case] command: Option<&str>,
    ) {
        let trouble = mail_trouble(&Name::parse(agent).unwrap(), reads_mail);
        let named = trouble.as_deref().and_then(|words| words.split_once(": "));
        assert_eq!(named.map(|(_, command)| command), command);
    }
}
