//! Strict reading of a request's JSON, shared by the dialects; each phrases the outcome in its
//! vendor's words.

use serde_json::{Map, Value};

/// Why a body is not a valid request. `at` is the field's path, such as `messages[0].role`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Invalid {
    NotJson(String),
    Missing {
        at: String,
    },
    Unknown {
        at: String,
    },
    Type {
        at: String,
        expected: &'static str,
        got: &'static str,
    },
    Value {
        at: String,
        says: String,
    },
}

pub(crate) type Checked<T = ()> = Result<T, Invalid>;

/// A JSON object and where it stands, with the vendor's way of writing paths.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    at: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value, at: &str) -> Checked<Self> {
        let map = value
            .as_object()
            .ok_or_else(|| wrong(at, "an object", value))?;
        Ok(Fields {
            map,
            at: at.to_owned(),
        })
    }

    pub(crate) fn path(&self, name: &str) -> String {
        if self.at.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.at)
        }
    }

    /// A member that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn only(&self, known: &[&str]) -> Checked {
        match self.map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Invalid::Unknown {
                at: self.path(name),
            }),
            None => Ok(()),
        }
    }

    pub(crate) fn required(&self, name: &str) -> Checked<&'a Value> {
        self.get(name).ok_or_else(|| Invalid::Missing {
            at: self.path(name),
        })
    }

    pub(crate) fn text(&self, name: &str) -> Checked<Option<&'a str>> {
        self.typed(name, "a string", Value::as_str)
    }

    pub(crate) fn required_text(&self, name: &str) -> Checked<&'a str> {
        self.required(name)?;
        self.text(name)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| self.bad(name, "must not be empty"))
    }

    pub(crate) fn boolean(&self, name: &str) -> Checked<Option<bool>> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    pub(crate) fn list(&self, name: &str) -> Checked<Option<&'a Vec<Value>>> {
        self.typed(name, "an array", Value::as_array)
    }

    pub(crate) fn required_list(&self, name: &str) -> Checked<&'a Vec<Value>> {
        self.required(name)?;
        self.list(name)?
            .filter(|list| !list.is_empty())
            .ok_or_else(|| self.bad(name, "must hold at least one item"))
    }

    pub(crate) fn object(&self, name: &str) -> Checked<Option<Fields<'a>>> {
        self.get(name)
            .map(|value| Fields::of(value, &self.path(name)))
            .transpose()
    }

    pub(crate) fn required_object(&self, name: &str) -> Checked<Fields<'a>> {
        Fields::of(self.required(name)?, &self.path(name))
    }

    /// A whole number of at least 1.
    pub(crate) fn count(&self, name: &str) -> Checked<Option<u64>> {
        match self.typed(name, "an integer", Value::as_u64)? {
            Some(0) => Err(self.bad(name, "must be at least 1")),
            other => Ok(other),
        }
    }

    pub(crate) fn number(&self, name: &str, least: f64, most: f64) -> Checked<Option<f64>> {
        match self.typed(name, "a number", Value::as_f64)? {
            Some(number) if number < least || number > most => {
                Err(self.bad(name, &format!("must be between {least} and {most}")))
            }
            other => Ok(other),
        }
    }

    pub(crate) fn bad(&self, name: &str, says: &str) -> Invalid {
        Invalid::Value {
            at: self.path(name),
            says: says.to_owned(),
        }
    }

    pub(crate) fn value(&self) -> Value {
        Value::Object(self.map.clone())
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Checked<Option<T>> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        read(value)
            .map(Some)
            .ok_or_else(|| wrong(&self.path(name), expected, value))
    }
}

pub(crate) fn wrong(at: &str, expected: &'static str, value: &Value) -> Invalid {
    Invalid::Type {
        at: at.to_owned(),
        expected,
        got: kind(value),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a decimal",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
