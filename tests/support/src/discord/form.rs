//! Reads a request's fields as strictly as Discord: a wrong type is `50035` with the field's path, an
//! unknown field is nobody's business: <https://docs.discord.com/developers/reference#error-messages>.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{
    id::Id,
    refusal::{Refusal, add_error},
};

/// The fields of one object, and what was wrong with them so far.
pub(crate) struct Form<'a> {
    fields: &'a Map<String, Value>,
    errors: Map<String, Value>,
}

impl<'a> Form<'a> {
    pub(crate) fn new(fields: &'a Map<String, Value>) -> Self {
        Form {
            fields,
            errors: Map::new(),
        }
    }

    /// Refuses the request if anything was wrong.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Refusal::invalid_form(self.errors))
        }
    }

    /// The same for a body that is the list `name`: its errors stand at the top.
    pub(crate) fn finish_within(mut self, name: &str) -> Result<(), Refusal> {
        match self.errors.remove(name) {
            Some(Value::Object(errors)) => Err(Refusal::invalid_form(errors)),
            _ => self.finish(),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// `null` is as good as absent.
    fn given(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn fault(&mut self, name: &str, code: &str, message: &str) {
        add_error(&mut self.errors, &[name], code, message);
    }

    pub(crate) fn fault_here(&mut self, code: &str, message: &str) {
        add_error(&mut self.errors, &[], code, message);
    }

    pub(crate) fn string(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let text = match self.given(name)? {
            Value::String(text) => text.clone(),
            other => {
                self.fault(
                    name,
                    "STRING_TYPE_CONVERT",
                    &format!("Could not interpret \"{other}\" as string."),
                );
                return None;
            }
        };
        let count = text.chars().count();
        if count > *length.end() && *length.start() == 0 {
            self.fault(
                name,
                "BASE_TYPE_MAX_LENGTH",
                &format!("Must be {} or fewer in length.", length.end()),
            );
        } else if !length.contains(&count) {
            self.fault(
                name,
                "BASE_TYPE_BAD_LENGTH",
                &format!(
                    "Must be between {} and {} in length.",
                    length.start(),
                    length.end()
                ),
            );
        }
        Some(text)
    }

    pub(crate) fn required_string(&mut self, name: &str, length: RangeInclusive<usize>) -> String {
        if self.given(name).is_none() {
            self.required(name);
        }
        self.string(name, length).unwrap_or_default()
    }

    pub(crate) fn required(&mut self, name: &str) {
        self.fault(name, "BASE_TYPE_REQUIRED", "This field is required");
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.given(name)? {
            Value::Bool(value) => Some(*value),
            _ => {
                self.fault(
                    name,
                    "BOOLEAN_TYPE_CONVERT",
                    "Must be either true or false.",
                );
                None
            }
        }
    }

    pub(crate) fn integer(&mut self, name: &str) -> Option<u64> {
        let value = self.given(name)?;
        let number = value.as_u64();
        if number.is_none() {
            self.fault(
                name,
                "NUMBER_TYPE_COERCE",
                &format!("Value \"{value}\" is not int."),
            );
        }
        number
    }

    /// The value where it is a number; other types are left to the next reader.
    pub(crate) fn number(&mut self, name: &str) -> Option<Value> {
        self.given(name).filter(|value| value.is_number()).cloned()
    }

    /// One of these numbers.
    pub(crate) fn integer_of(&mut self, name: &str, choices: &[u64]) -> Option<u64> {
        let number = self.integer(name)?;
        if !choices.contains(&number) {
            let list: Vec<String> = choices.iter().map(u64::to_string).collect();
            self.fault(
                name,
                "BASE_TYPE_CHOICES",
                &format!("Value must be one of ({}).", list.join(", ")),
            );
        }
        Some(number)
    }

    pub(crate) fn id(&mut self, name: &str) -> Option<Id> {
        let value = self.given(name)?;
        let id = id_of(value);
        if id.is_none() {
            self.fault(
                name,
                "NUMBER_TYPE_COERCE",
                &format!("Value {value} is not snowflake."),
            );
        }
        id
    }

    pub(crate) fn ids(&mut self, name: &str, most: usize) -> Vec<Id> {
        let list = self.list(name, most);
        let ids: Vec<Id> = list.iter().filter_map(id_of).collect();
        if ids.len() != list.len() {
            self.fault(name, "NUMBER_TYPE_COERCE", "Values must be snowflakes.");
        }
        ids
    }

    pub(crate) fn choices(&mut self, name: &str, choices: &[&str]) -> Vec<String> {
        let list = self.list(name, usize::MAX);
        let mut chosen = Vec::new();
        for (index, value) in list.iter().enumerate() {
            match value.as_str().filter(|text| choices.contains(text)) {
                Some(text) => chosen.push(text.to_owned()),
                None => {
                    let quoted: Vec<String> =
                        choices.iter().map(|text| format!("'{text}'")).collect();
                    let message = format!("Value must be one of ({}).", quoted.join(", "));
                    add_error(
                        &mut self.errors,
                        &[name, &index.to_string()],
                        "BASE_TYPE_CHOICES",
                        &message,
                    );
                }
            }
        }
        chosen
    }

    pub(crate) fn list(&mut self, name: &str, most: usize) -> Vec<Value> {
        let Some(value) = self.given(name) else {
            return Vec::new();
        };
        let Value::Array(list) = value else {
            self.fault(
                name,
                "LIST_TYPE_CONVERT",
                "Only iterables may be used in a ListType",
            );
            return Vec::new();
        };
        if list.len() > most {
            self.fault(
                name,
                "BASE_TYPE_MAX_LENGTH",
                &format!("Must be {most} or fewer in length."),
            );
        }
        list.clone()
    }

    /// A list of objects, as their fields.
    pub(crate) fn objects(&mut self, name: &str, most: usize) -> Vec<Map<String, Value>> {
        let list = self.list(name, most);
        let mut objects = Vec::new();
        for (index, value) in list.into_iter().enumerate() {
            match value {
                Value::Object(object) => objects.push(object),
                _ => add_error(
                    &mut self.errors,
                    &[name, &index.to_string()],
                    "MODEL_TYPE_CONVERT",
                    "Only dictionaries may be used in a ModelType",
                ),
            }
        }
        objects
    }

    /// A nested object; give it back with [`Form::close`].
    pub(crate) fn object(&mut self, name: &str) -> Option<Form<'a>> {
        match self.given(name)? {
            Value::Object(fields) => Some(Form::new(fields)),
            _ => {
                self.fault(
                    name,
                    "MODEL_TYPE_CONVERT",
                    "Only dictionaries may be used in a ModelType",
                );
                None
            }
        }
    }

    /// Takes over what was wrong in a nested object.
    pub(crate) fn close(&mut self, name: &str, nested: Form<'_>) {
        if !nested.errors.is_empty() {
            self.errors.insert(name.to_owned(), nested.errors.into());
        }
    }

    /// Takes over what was wrong in the object at `index` of a list.
    pub(crate) fn close_at(&mut self, name: &str, index: usize, nested: Form<'_>) {
        if nested.errors.is_empty() {
            return;
        }
        let list = self.errors.entry(name).or_insert_with(|| Map::new().into());
        if let Value::Object(list) = list {
            list.insert(index.to_string(), nested.errors.into());
        }
    }
}

fn id_of(value: &Value) -> Option<Id> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().map(Id),
    }
}
