//! The seven tools as they are listed: names, schemas and what they do, for agents to read.

use std::sync::{Arc, LazyLock};

use husting_wire::contract::credit::CreditRecord;
use husting_wire::contract::models::ModelListRecord;
use husting_wire::contract::requests::{
    AppendToSession, CreateDeliberation, GetSession, ListSessions, NoArguments, WaitForRound,
};
use husting_wire::contract::sessions::{SessionListRecord, SessionRecord};
use husting_wire::contract::waiting::RoundState;
use husting_wire::sessions::SessionAck;
use rmcp::model::{JsonObject, Tool as Listed, ToolAnnotations};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::schemas;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::routes) enum Tool {
    CreateDeliberation,
    AppendRound,
    WaitForRound,
    GetSession,
    ListSessions,
    ListModels,
    GetCredit,
}

pub(in crate::routes) const ALL: [Tool; 7] = [
    Tool::CreateDeliberation,
    Tool::AppendRound,
    Tool::WaitForRound,
    Tool::GetSession,
    Tool::ListSessions,
    Tool::ListModels,
    Tool::GetCredit,
];

static LISTED: LazyLock<Vec<Listed>> = LazyLock::new(|| ALL.map(Tool::listed).to_vec());

/// What each tool's arguments are held against. How many sit on a panel is the console's to say.
static ARGUMENTS: LazyLock<[Value; 7]> =
    LazyLock::new(|| ALL.map(|tool| Value::Object(tool.schemas().0)));

/// All tools, for panels of at most `most_seats`.
pub(in crate::routes) fn listed(most_seats: u32) -> Vec<Listed> {
    let mut tools = LISTED.clone();
    for tool in &mut tools {
        let schema = Arc::make_mut(&mut tool.input_schema);
        schemas::seat(schema.get_mut("properties"), most_seats.into());
    }
    tools
}

impl Tool {
    pub(in crate::routes) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|tool| tool.name() == name)
    }

    pub(in crate::routes) const fn name(self) -> &'static str {
        match self {
            Self::CreateDeliberation => "create_deliberation",
            Self::AppendRound => "append_round",
            Self::WaitForRound => "wait_for_round",
            Self::GetSession => "get_session",
            Self::ListSessions => "list_sessions",
            Self::ListModels => "list_models",
            Self::GetCredit => "get_credit",
        }
    }

    /// Whether its answer may be long in coming.
    pub(in crate::routes) const fn waits(self) -> bool {
        matches!(self, Self::WaitForRound)
    }

    const fn title(self) -> &'static str {
        match self {
            Self::CreateDeliberation => "Convene a panel",
            Self::AppendRound => "Steer the next round",
            Self::WaitForRound => "Wait for a round",
            Self::GetSession => "Read a session",
            Self::ListSessions => "List sessions",
            Self::ListModels => "List models",
            Self::GetCredit => "Check the wallet",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::CreateDeliberation => {
                "Puts a question to a panel of models, which answer independently and then react to each \
                 other's words. Answers at once with session_id and round_id while the models run; call \
                 wait_for_round next. Calls are paid from the wallet as they end."
            }
            Self::AppendRound => {
                "Starts the next round of a session that is ready. Say in the prompt what this round should \
                 settle, and forward the words that matter as snippets; the panel knows all earlier rounds. \
                 Answers at once; call wait_for_round next."
            }
            Self::WaitForRound => {
                "Waits until a round is over and returns the whole session as Markdown, with the round's state \
                 beside it. When the time is up first it says so: recommended_client_action is then poll_again, \
                 and the same call waits on. Only session_id is needed."
            }
            Self::GetSession => {
                "Reads a whole session: rounds, answers, reactions, the claim map with every model's position, \
                 recaps and what each call cost. While a round runs, prefer wait_for_round."
            }
            Self::ListSessions => {
                "Lists sessions, those that changed last first, without their texts. status ready finds those that await your next \
                 round."
            }
            Self::ListModels => {
                "Lists the models that can be seated, with context windows and prices, and why one cannot be \
                 seated now. Call it before naming models."
            }
            Self::GetCredit => {
                "Reads the wallet: what can be spent, by bucket, and when the monthly grant comes again. Starting a \
                 round checks by itself whether the wallet covers it."
            }
        }
    }

    fn annotations(self) -> ToolAnnotations {
        let starts = matches!(self, Self::CreateDeliberation | Self::AppendRound);
        let annotations = ToolAnnotations::with_title(self.title()).read_only(!starts);
        if starts {
            // It adds, costs money, and reaches the models' vendors.
            return annotations
                .destructive(false)
                .idempotent(false)
                .open_world(true);
        }
        annotations.idempotent(true).open_world(false)
    }

    /// The schema of its arguments.
    pub(super) fn arguments(self) -> &'static Value {
        &ARGUMENTS[self as usize]
    }

    fn listed(self) -> Listed {
        let (input, output) = self.schemas();
        Listed::new(self.name(), self.about(), Arc::new(input))
            .with_title(self.title())
            .with_raw_output_schema(Arc::new(output))
            .with_annotations(self.annotations())
    }

    fn schemas(self) -> (JsonObject, JsonObject) {
        match self {
            Self::CreateDeliberation => (input::<CreateDeliberation>(), output::<SessionAck>()),
            Self::AppendRound => (input::<AppendToSession>(), output::<SessionAck>()),
            Self::WaitForRound => (input::<WaitForRound>(), output::<RoundState>()),
            Self::GetSession => (input::<GetSession>(), output::<SessionRecord>()),
            Self::ListSessions => (input::<ListSessions>(), output::<SessionListRecord>()),
            Self::ListModels => (input::<NoArguments>(), output::<ModelListRecord>()),
            Self::GetCredit => (input::<NoArguments>(), output::<CreditRecord>()),
        }
    }
}

/// The schema of a tool's arguments.
pub(in crate::routes) fn input<T: JsonSchema>() -> JsonObject {
    let schema = schemas::of_arguments().into_root_schema_for::<T>();
    let mut schema = object(schema.to_value());
    // The types' own descriptions say to programmers what the tool's says to agents.
    schema.remove("title");
    schema.remove("description");
    schema.entry("properties").or_insert_with(|| json!({}));
    schema
}

/// The record, or an error: clients hold both against this.
pub(in crate::routes) fn output<T: JsonSchema>() -> JsonObject {
    let schema = schemas::of_answers("/$defs").into_root_schema_for::<T>();
    let mut record = object(schema.to_value());
    let definitions = record.remove("$defs");
    let error = json!({
        "type": "object", "required": ["error", "message"],
        "properties": {"error": {"type": "string"}, "message": {"type": "string"}},
    });
    let mut schema = object(json!({"type": "object", "anyOf": [record, error]}));
    if let Some(definitions) = definitions {
        schema.insert("$defs".to_owned(), definitions);
    }
    schema
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_listed_by_its_name_with_both_schemas() {
        let tools = listed(3);
        assert_eq!(tools.len(), 7);
        for tool in &tools {
            assert_eq!(Tool::named(&tool.name).unwrap().name(), tool.name);
            assert_eq!(tool.input_schema["type"], "object", "{}", tool.name);
            assert_eq!(
                tool.input_schema["additionalProperties"], false,
                "{}",
                tool.name
            );
            assert_eq!(
                tool.output_schema.as_ref().unwrap()["type"],
                "object",
                "{}",
                tool.name
            );
            let text = serde_json::to_string(&tool.input_schema).unwrap();
            assert!(
                !text.contains("$ref") && !text.contains("uint"),
                "{}: {text}",
                tool.name
            );
        }
    }

    #[test]
    fn the_size_of_a_panel_follows_the_setting() {
        for most in [3, 8] {
            let create = &listed(most)[0];
            assert_eq!(
                create.input_schema["properties"]["models"]["maxItems"],
                most
            );
        }
    }

    #[test]
    fn arguments_are_held_against_every_word_of_their_schema() {
        for tool in ALL {
            assert_eq!(
                crate::shape::unheld(tool.arguments()),
                None,
                "{}",
                tool.name()
            );
        }
    }

    #[test]
    fn only_what_starts_a_round_is_more_than_reading() {
        let writing: Vec<_> = listed(3)
            .into_iter()
            .filter(|tool| tool.annotations.as_ref().unwrap().read_only_hint == Some(false))
            .map(|tool| tool.name)
            .collect();
        assert_eq!(writing, ["create_deliberation", "append_round"]);
    }
}
