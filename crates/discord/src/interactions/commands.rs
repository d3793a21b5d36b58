//! The commands that people find behind `/`.

use serde_json::{Map, Value, json};

/// Fields of a command and of an option that make it what it is. What Discord adds to them is no change.
const TOLD: [&str; 7] = [
    "name",
    "type",
    "description",
    "required",
    "autocomplete",
    "max_length",
    "options",
];

/// The commands of this version, as they are registered:
/// <https://docs.discord.com/developers/interactions/application-commands>.
#[must_use]
pub fn registered() -> Value {
    let text = |name: &str, description: &str, required: bool| json!({ "type": 3, "name": name, "description": description, "required": required });
    let mut agent = text("agent", "Who is asked", true);
    agent["autocomplete"] = true.into();
    let limited = |mut option: Value| {
        option["max_length"] = 1_500.into();
        option
    };
    json!([
        {
            "type": 1, "name": "ask", "description": "Ask an agent",
            "options": [agent, limited(text("text", "What it is asked", true))],
        },
        { "type": 1, "name": "agents", "description": "Who is on the bus" },
        {
            "type": 1, "name": "where", "description": "Where a question of yours is on its way",
            "options": [text("message", "A message's link or id; your last question without", false)],
        },
        {
            "type": 1, "name": "deliberate", "description": "Put a question before a panel of models",
            "options": [limited(text("question", "What the panel is asked", true))],
        },
    ])
}

/// Whether exactly these commands are registered, whatever Discord has added to them.
#[must_use]
pub fn is_registered(found: &[Value]) -> bool {
    sorted(found) == sorted(registered().as_array().map_or(&[][..], Vec::as_slice))
}

fn sorted(commands: &[Value]) -> Vec<String> {
    let mut told: Vec<String> = commands.iter().map(|each| told(each).to_string()).collect();
    told.sort();
    told
}

/// What is left out is as good as false or empty.
fn told(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| {
                let is_told = TOLD.contains(&name.as_str());
                let says = !matches!(value, Value::Null | Value::Bool(false));
                let says = says && value.as_array().is_none_or(|list| !list.is_empty());
                (is_told && says).then(|| (name.clone(), told(value)))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(values) => values.iter().map(told).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn as_discord_tells() -> Vec<Value> {
        let mut commands = registered().as_array().unwrap().clone();
        for command in &mut commands {
            command["id"] = "7".into();
            command["version"] = "8".into();
            command["nsfw"] = false.into();
        }
        commands[1]["options"] = json!([]);
        commands.reverse();
        commands
    }

    #[test]
    fn what_discord_adds_is_no_change() {
        assert!(is_registered(&as_discord_tells()));
    }

    #[rstest]
    #[case::description(|all: &mut Vec<Value>| all[0]["description"] = "Another".into())]
    #[case::missing(|all: &mut Vec<Value>| drop(all.pop()))]
    #[case::one_more(|all: &mut Vec<Value>| all.push(json!({ "type": 1, "name": "old" })))]
    #[case::option(|all: &mut Vec<Value>| all[3]["options"][0]["autocomplete"] = false.into())]
    fn what_differs_is_registered_anew(#[case] change: fn(&mut Vec<Value>)) {
        let mut found = as_discord_tells();
        change(&mut found);
        assert!(!is_registered(&found));
    }
}
