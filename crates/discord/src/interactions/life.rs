//! The life of a question, in words.

use husting_domain::discord::{Inbound, InboundState};
use husting_domain::time::Timestamp;

use super::answers::{cut, named};

/// Where a question is on its way. Discord shows the times in the reader's own zone.
#[must_use]
pub fn life(question: &Inbound, replies: u32) -> String {
    let agent = &question.agent;
    let mut lines = vec![
        format!(
            "**{}** asked **{agent}**: {}",
            named(&question.author.name),
            cut(&question.text.replace('\n', " "), 200)
        ),
        format!("- heard and kept {}", moment(question.received_at)),
    ];
    if let Some(at) = question.sent_at {
        lines.push(format!("- on the bus {}", moment(at)));
    }
    if let Some(at) = question.read_at {
        lines.push(format!("- read by {agent} {}", moment(at)));
    }
    if let Some(at) = question.answered_at {
        let replies = match replies {
            1 => "one reply".to_owned(),
            more => format!("{more} replies"),
        };
        lines.push(format!("- answered {}, {replies}", moment(at)));
    }
    let rests = match question.state {
        InboundState::Journalled => Some("waits for the bus".to_owned()),
        InboundState::Sent => Some(format!("waits for {agent}")),
        InboundState::Parked => Some(because("rests", question)),
        InboundState::Held => Some(because("waits for the operator", question)),
        InboundState::Withdrawn => Some("was taken back".to_owned()),
        InboundState::Answered => None,
    };
    lines.extend(rests.map(|rests| format!("- {rests}")));
    lines.join("\n")
}

fn because(what: &str, question: &Inbound) -> String {
    match &question.fault {
        Some(why) => format!("{what}: {}", cut(why, 300)),
        None => what.to_owned(),
    }
}

fn moment(at: Timestamp) -> String {
    format!("<t:{}:T>", at.as_micros() / 1_000_000)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::inbound::samples::question;

    #[rstest]
    #[case(InboundState::Journalled, "- waits for the bus")]
    #[case(InboundState::Sent, "- waits for kasra")]
    #[case(InboundState::Parked, "- rests: kasra is not there")]
    #[case(InboundState::Withdrawn, "- was taken back")]
    fn the_last_line_says_what_is_waited_for(#[case] state: InboundState, #[case] last: &str) {
        let mut asked = question("Which plan?\nNow?");
        asked.state = state;
        asked.fault = Some("kasra is not there".to_owned());
        let told = life(&asked, 0);
        assert_eq!(told.lines().last(), Some(last));
        assert!(told.starts_with("**ana** asked **kasra**: Which plan? Now?\n- heard"));
    }

    #[test]
    fn an_answered_question_tells_each_step() {
        let mut asked = question("Which plan?");
        asked.state = InboundState::Answered;
        asked.sent_at = Some(asked.received_at.plus_millis(1_000));
        asked.read_at = Some(asked.received_at.plus_millis(2_000));
        asked.answered_at = Some(asked.received_at.plus_millis(3_000));
        let told = life(&asked, 2);
        assert_eq!(told.lines().count(), 5);
        assert!(told.ends_with(", 2 replies"), "{told}");
    }
}
