//! Lines in, steps out.

use std::ffi::OsString;

use uuid::Uuid;

use super::*;
use crate::inbound::{Reason, Trigger};
use crate::settings::Variables;

fn settings(pairs: &[(&str, &str)]) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    let pairs = pairs
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let variables = Variables::gather(pairs, None, folder.path()).unwrap();
    Settings::read_dry(&variables).unwrap()
}

fn steps(settings: &Settings, lines: &str) -> (Vec<Step>, Tally) {
    let mut steps = Vec::new();
    let mut next = 0;
    let ids = || {
        next += 1;
        RequestId(Uuid::from_u128(next))
    };
    let now = Timestamp::from_micros(0);
    let tally = run(settings, now, ids, lines.as_bytes(), |step| {
        steps.push(step.clone());
        Ok(())
    });
    (steps, tally.unwrap())
}

fn outcome(settings: &Settings, lines: &str) -> Outcome {
    steps(settings, lines).0.pop().unwrap().outcome
}

fn agent(outcome: &Outcome) -> (&str, Trigger) {
    match outcome {
        Outcome::Ask {
            agent,
            trigger,
            bus,
            ..
        } => {
            assert_eq!(*agent, bus.to);
            (agent.as_str(), *trigger)
        }
        other => panic!("nobody is asked: {other}"),
    }
}

#[test]
fn the_samples_show_one_of_each() {
    let map = r#"{"123456789012345678": "loom"}"#;
    let settings = settings(&[("MUMEGA_AGENT_MAP", map)]);
    let (steps, tally) = steps(&settings, &samples(&settings));
    let outcomes: Vec<_> = steps.iter().map(|step| &step.outcome).collect();
    assert_eq!(agent(outcomes[2]), ("kasra", Trigger::Mention));
    assert_eq!(agent(outcomes[3]), ("loom", Trigger::MappedChannel));
    assert_eq!(agent(outcomes[4]), ("loom", Trigger::MappedChannel));
    assert_eq!(
        *outcomes[5],
        Outcome::Discard {
            reason: Reason::NotAddressed
        }
    );
    assert!(matches!(outcomes[6], Outcome::Amend { bus, .. } if bus.text.contains("three plans")));
    assert!(matches!(outcomes[7], Outcome::Withdraw { request_id } if request_id.0.as_u128() == 1));
    assert_eq!(agent(outcomes[8]), ("kasra", Trigger::DirectMessage));
    assert_eq!(
        *outcomes[9],
        Outcome::Discard {
            reason: Reason::Bot
        }
    );
    assert_eq!(
        tally,
        Tally {
            lines: 10,
            asked: 4,
            faults: 0
        }
    );
}

#[test]
fn a_line_that_is_no_frame_is_told_with_its_number_and_the_rest_goes_on() {
    let lines = "\n{\"op\":0,\n{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"d\":{\"id\":\"1\",\"author\":{\"id\":\"3\"}}}\n\
        {\"op\":0,\"t\":\"MESSAGE_CREATE\",\"d\":{\"id\":\"1\",\"channel_id\":\"2\",\"content\":\"hi\",\
        \"author\":{\"id\":\"3\",\"username\":\"ana\"}}}\n{\"op\":11}\n";
    let (steps, tally) = steps(&settings(&[]), lines);
    assert_eq!(
        steps.iter().map(|step| step.line).collect::<Vec<_>>(),
        [2, 3, 4, 5]
    );
    assert!(
        steps[0].to_string().starts_with("line 2: no frame: EOF"),
        "{}",
        steps[0]
    );
    assert!(matches!(&steps[1].outcome, Outcome::Fault { fault } if fault.contains("channel_id")));
    assert_eq!(agent(&steps[2].outcome), ("kasra", Trigger::DirectMessage));
    assert_eq!(
        steps[3].outcome,
        Outcome::Note {
            note: "nothing for the bridge".to_owned()
        }
    );
    assert_eq!(
        tally,
        Tally {
            lines: 4,
            asked: 1,
            faults: 2
        }
    );
}

#[test]
fn a_line_that_is_no_text_is_a_fault_as_well() {
    let now = Timestamp::from_micros(0);
    let ids = || RequestId(Uuid::nil());
    let tally = run(&settings(&[]), now, ids, &b"\xff\xfe\n"[..], |_| Ok(()));
    assert_eq!(
        tally.unwrap(),
        Tally {
            lines: 1,
            asked: 0,
            faults: 1
        }
    );
}

#[test]
fn who_the_bot_is_comes_from_its_token_or_from_ready() {
    let mention = |bot: &str| {
        format!(
            "{{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"d\":{{\"id\":\"1\",\"channel_id\":\"2\",\"guild_id\":\"4\",\
            \"content\":\"why?\",\"mentions\":[{{\"id\":\"{bot}\"}}],\"author\":{{\"id\":\"3\"}}}}}}"
        )
    };
    let token = (
        "DISCORD_BOT_TOKEN",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.secret",
    );
    let by_token = outcome(&settings(&[token]), &mention("123456789012345678"));
    assert_eq!(agent(&by_token), ("kasra", Trigger::Mention));
    let ready = "{\"op\":0,\"t\":\"READY\",\"d\":{\"user\":{\"id\":\"77\"}}}\n";
    let by_ready = outcome(&settings(&[token]), &format!("{ready}{}", mention("77")));
    assert_eq!(agent(&by_ready), ("kasra", Trigger::Mention));
    let another = outcome(&settings(&[token]), &mention("77"));
    assert_eq!(
        another,
        Outcome::Discard {
            reason: Reason::NotAddressed
        }
    );
}

#[test]
fn threads_and_the_bots_role_are_known_from_their_server() {
    let guild = "{\"op\":0,\"t\":\"GUILD_CREATE\",\"d\":{\"id\":\"4\",\"threads\":[{\"id\":\"50\",\"parent_id\":\"41\"}],\
        \"roles\":[{\"id\":\"90\",\"tags\":{\"bot_id\":\"100000000000000001\"}},{\"id\":\"91\",\"tags\":{}}]}}\n";
    let settings = settings(&[("MUMEGA_AGENT_MAP", r#"{"41": "loom"}"#)]);
    let said = |channel: &str, role: &str| {
        let line = format!(
            "{{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"d\":{{\"id\":\"1\",\"channel_id\":\"{channel}\",\
            \"guild_id\":\"4\",\"content\":\"why?\",\"mention_roles\":[\"{role}\"],\"author\":{{\"id\":\"3\"}}}}}}"
        );
        outcome(&settings, &format!("{guild}{line}"))
    };
    assert_eq!(agent(&said("50", "91")), ("loom", Trigger::MappedChannel));
    assert_eq!(agent(&said("60", "90")), ("kasra", Trigger::Mention));
    assert_eq!(
        said("60", "91"),
        Outcome::Discard {
            reason: Reason::NotAddressed
        }
    );
}

#[test]
fn a_step_is_shown_with_the_call_below_it() {
    let line = "{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"d\":{\"id\":\"1\",\"channel_id\":\"2\",\
        \"content\":\"one\\ntwo\",\"author\":{\"id\":\"3\",\"username\":\"ana\"}}}";
    let (steps, _) = steps(&settings(&[]), line);
    let shown = steps[0].to_string();
    let begin = "line 1, MESSAGE_CREATE, message 1: asks kasra (a direct message)\n  bus send to kasra:\n    \
        [request_id:00000000-0000-0000-0000-000000000001] one\n    two\n";
    assert!(shown.starts_with(begin), "{shown}");
    let json = serde_json::to_value(&steps[0]).unwrap();
    assert_eq!(
        (&json["decision"], &json["bus"]["to"], &json["line"]),
        (&"ask".into(), &"kasra".into(), &1.into())
    );
}
