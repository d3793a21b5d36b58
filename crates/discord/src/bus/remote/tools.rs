//! What a bus can do, by its list of tools.

use std::collections::BTreeMap;
use std::sync::Arc;

use rmcp::model::{JsonObject, Tool};
use serde_json::Value;

/// Tools with the schemas of their arguments.
#[derive(Debug, Default)]
pub(super) struct Tools(BTreeMap<String, Arc<JsonObject>>);

impl Tools {
    pub(super) fn of(listed: Vec<Tool>) -> Self {
        let named = listed
            .into_iter()
            .map(|tool| (tool.name.into_owned(), tool.input_schema));
        Self(named.collect())
    }

    pub(super) fn has(&self, tool: &str) -> bool {
        self.0.contains_key(tool)
    }

    /// Whether its schema names an argument.
    pub(super) fn takes(&self, tool: &str, argument: &str) -> bool {
        let properties = self.properties(tool);
        properties.is_some_and(|properties| properties.contains_key(argument))
    }

    /// Whether it cannot be called without an argument.
    pub(super) fn requires(&self, tool: &str, argument: &str) -> bool {
        let required = self.0.get(tool).and_then(|schema| schema.get("required"));
        let required = required.and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|name| name == argument))
    }

    /// Of what is offered, the arguments that its schema names.
    pub(super) fn arguments(
        &self,
        tool: &str,
        offered: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> JsonObject {
        let taken = offered
            .into_iter()
            .filter(|(name, _)| self.takes(tool, name));
        taken
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn properties(&self, tool: &str) -> Option<&JsonObject> {
        self.0.get(tool)?.get("properties")?.as_object()
    }
}
