//! Application commands as they are kept:
//! <https://docs.discord.com/developers/interactions/application-commands>.

use serde_json::{Map, Value, json};

use super::id::Id;

#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) id: Id,
    /// `None`: everywhere.
    pub(crate) guild: Option<Id>,
    pub(crate) name: String,
    /// 1 a slash command, 2 of a user, 3 of a message.
    pub(crate) kind: u64,
    /// The fields as they were sent.
    pub(crate) fields: Map<String, Value>,
    pub(crate) version: Id,
}

impl Command {
    pub(crate) fn object(&self, application: Id) -> Value {
        let mut fields = self.fields.clone();
        let defaults = [
            ("description", json!("")),
            ("default_member_permissions", Value::Null),
            ("nsfw", json!(false)),
            ("type", json!(self.kind)),
        ];
        for (name, value) in defaults {
            fields.entry(name).or_insert(value);
        }
        fields.insert("id".to_owned(), json!(self.id));
        fields.insert("application_id".to_owned(), json!(application));
        fields.insert("version".to_owned(), json!(self.version));
        if let Some(guild) = self.guild {
            fields.insert("guild_id".to_owned(), json!(guild));
        }
        fields.into()
    }

    /// The option of this name, as it was declared.
    pub(crate) fn option(&self, name: &str) -> Option<&Value> {
        let options = self.fields.get("options")?.as_array()?;
        options.iter().find(|option| option["name"] == name)
    }
}
