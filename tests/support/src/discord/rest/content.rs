//! What a message may be made of, in whatever request it comes:
//! <https://docs.discord.com/developers/resources/message#create-message> and
//! <https://docs.discord.com/developers/components/reference>.

use serde_json::{Map, Value};

use super::Call;
use crate::discord::{
    form::Form,
    id::Id,
    mentions::Allowed,
    model::flags,
    posts::{Change, Upload},
    refusal::Refusal,
    settings::Settings,
};

/// Characters of a message's text.
const CONTENT: usize = 2_000;
/// Characters of all embeds together.
const EMBEDS: usize = 6_000;
const FILES: usize = 10;

pub(crate) struct Content {
    pub(crate) text: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) uploads: Vec<Upload>,
    pub(crate) flags: u64,
    pub(crate) tts: bool,
    pub(crate) allowed: Allowed,
}

impl Content {
    /// For an answer that is no message.
    pub(crate) fn nothing() -> Self {
        Content {
            text: String::new(),
            embeds: Vec::new(),
            components: Vec::new(),
            uploads: Vec::new(),
            flags: 0,
            tts: false,
            allowed: Allowed::in_webhooks(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
            && self.uploads.is_empty()
    }
}

/// Reads a new message. `settable` are the flags that this request may set; others are ignored.
pub(crate) fn read(
    form: &mut Form<'_>,
    call: &Call,
    settings: &Settings,
    settable: u64,
    default: Allowed,
) -> Result<Content, Refusal> {
    let text = form.string("content", 0..=CONTENT).unwrap_or_default();
    let embeds = embeds(form);
    let flags = form.integer("flags").unwrap_or_default() & settable;
    let components = components(form, flags);
    let tts = form.boolean("tts").unwrap_or(false);
    let allowed = Allowed::read(form, default);
    let metadata = form.objects("attachments", FILES);
    if flags & flags::IS_COMPONENTS_V2 != 0 {
        for (name, used) in [
            ("content", !text.is_empty()),
            ("embeds", !embeds.is_empty()),
        ] {
            if used {
                let message = "The 'content' and 'embeds' fields cannot be used when using MessageFlags.IS_COMPONENTS_V2";
                form.fault(
                    name,
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    message,
                );
            }
        }
    }
    Ok(Content {
        text,
        embeds,
        components,
        uploads: uploads(call, &metadata, settings)?,
        flags,
        tts,
        allowed,
    })
}

/// Reads an edit: what is absent stays, `null` empties.
pub(crate) fn change(
    call: &Call,
    settings: &Settings,
    default: Allowed,
) -> Result<Change, Refusal> {
    let mut form = call.form();
    let explicit = form.has("allowed_mentions");
    let content = form.string("content", 0..=CONTENT).unwrap_or_default();
    let embeds = embeds(&mut form);
    let flags = form.integer("flags");
    let components = components(&mut form, flags.unwrap_or_default());
    let allowed = Allowed::read(&mut form, default);
    let metadata = form.objects("attachments", FILES);
    let kept = metadata
        .iter()
        .filter_map(|entry| entry.get("id").and_then(id_of).map(Id));
    let change = Change {
        content: form.has("content").then_some(content),
        embeds: form.has("embeds").then_some(embeds),
        components: form.has("components").then_some(components),
        flags,
        keep: form.has("attachments").then(|| kept.collect()),
        uploads: uploads(call, &metadata, settings)?,
        allowed: explicit.then_some(allowed),
    };
    form.finish()?;
    Ok(change)
}

fn uploads(
    call: &Call,
    metadata: &[Map<String, Value>],
    settings: &Settings,
) -> Result<Vec<Upload>, Refusal> {
    if call.files.len() > FILES {
        return Err(Refusal::of(30015));
    }
    let mut uploads = Vec::new();
    for (number, upload) in &call.files {
        if upload.bytes.len() > settings.file_size {
            return Err(Refusal::of(50045));
        }
        let mut upload = upload.clone();
        let described = metadata
            .iter()
            .find(|entry| entry.get("id").and_then(id_of) == Some(*number));
        if let Some(described) = described {
            let told = |name: &str| described.get(name)?.as_str().map(str::to_owned);
            upload.description = told("description");
            upload.filename = told("filename").unwrap_or(upload.filename);
        }
        uploads.push(upload);
    }
    Ok(uploads)
}

/// A snowflake or a number.
fn id_of(value: &Value) -> Option<u64> {
    match value {
        Value::String(id) => id.parse().ok(),
        id => id.as_u64(),
    }
}

fn embeds(form: &mut Form<'_>) -> Vec<Value> {
    let embeds = form.objects("embeds", 10);
    let mut together = 0;
    for (index, fields) in embeds.iter().enumerate() {
        let mut embed = Form::new(fields);
        let mut count = |text: Option<String>| {
            together += text.map_or(0, |text| text.chars().count());
        };
        count(embed.string("title", 0..=256));
        count(embed.string("description", 0..=4_096));
        for (position, fields) in embed.objects("fields", 25).iter().enumerate() {
            let mut field = Form::new(fields);
            count(Some(field.required_string("name", 1..=256)));
            count(Some(field.required_string("value", 1..=1_024)));
            embed.close_at("fields", position, field);
        }
        for (part, name, most) in [("footer", "text", 2_048), ("author", "name", 256)] {
            if let Some(mut nested) = embed.object(part) {
                count(nested.string(name, 0..=most));
                embed.close(part, nested);
            }
        }
        form.close_at("embeds", index, embed);
    }
    if together > EMBEDS {
        let message = "Embed size exceeds maximum size of 6000";
        form.fault("embeds", "MAX_EMBED_SIZE_EXCEEDED", message);
    }
    embeds.into_iter().map(Value::Object).collect()
}

fn components(form: &mut Form<'_>, flags: u64) -> Vec<Value> {
    let modern = flags & flags::IS_COMPONENTS_V2 != 0;
    let rows = form.objects("components", if modern { 40 } else { 5 });
    let mut names = Vec::new();
    for (index, fields) in rows.iter().enumerate() {
        let mut row = Form::new(fields);
        if modern {
            let kinds = [1, 9, 10, 12, 13, 14, 17];
            component_type(&mut row, &kinds);
        } else {
            component_type(&mut row, &[1]);
        }
        action_row(&mut row, &mut names);
        form.close_at("components", index, row);
    }
    rows.into_iter().map(Value::Object).collect()
}

fn component_type(form: &mut Form<'_>, kinds: &[u64]) -> u64 {
    if !form.has("type") {
        form.required("type");
    }
    form.integer_of("type", kinds).unwrap_or_default()
}

fn action_row(row: &mut Form<'_>, names: &mut Vec<String>) {
    let children = row.objects("components", 10);
    let mut buttons = 0;
    for (index, fields) in children.iter().enumerate() {
        let mut child = Form::new(fields);
        match child.integer("type") {
            Some(2) => {
                buttons += 1;
                button(&mut child, names);
            }
            Some(3) => {
                custom_id(&mut child, names);
                let options = child.objects("options", 25);
                for (position, fields) in options.iter().enumerate() {
                    let mut option = Form::new(fields);
                    option.required_string("label", 1..=100);
                    option.required_string("value", 1..=100);
                    child.close_at("options", position, option);
                }
            }
            Some(5..=8) => custom_id(&mut child, names),
            _ => {}
        }
        row.close_at("components", index, child);
    }
    if buttons > 5 {
        row.fault(
            "components",
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 5 in length.",
        );
    }
}

fn button(button: &mut Form<'_>, names: &mut Vec<String>) {
    let style = button.integer_of("style", &[1, 2, 3, 4, 5, 6]);
    button.string("label", 0..=80);
    match style {
        None => button.required("style"),
        Some(5) => {
            button.required_string("url", 1..=512);
            if button.has("custom_id") {
                let message = "A custom id and url cannot both be specified";
                button.fault(
                    "custom_id",
                    "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                    message,
                );
            }
        }
        Some(6) => {}
        Some(_) => custom_id(button, names),
    }
}

fn custom_id(component: &mut Form<'_>, names: &mut Vec<String>) {
    let id = component.required_string("custom_id", 1..=100);
    if names.contains(&id) {
        let message = "Component custom id cannot be duplicated";
        component.fault("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message);
    }
    names.push(id);
}

/// Reads the form of a callback of type 9:
/// <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal>.
pub(crate) fn modal(form: &mut Form<'_>) {
    form.required_string("custom_id", 1..=100);
    form.required_string("title", 1..=45);
    let rows = form.objects("components", 5);
    if rows.is_empty() {
        form.fault(
            "components",
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 5 in length.",
        );
    }
    let mut names = Vec::new();
    for (index, fields) in rows.iter().enumerate() {
        let mut row = Form::new(fields);
        match component_type(&mut row, &[1, 10, 18]) {
            18 => {
                row.required_string("label", 1..=45);
                row.string("description", 0..=100);
                match row.object("component") {
                    None => row.required("component"),
                    Some(mut component) => {
                        modal_child(&mut component, &mut names, false);
                        row.close("component", component);
                    }
                }
            }
            1 => {
                for (position, fields) in row.objects("components", 1).iter().enumerate() {
                    let mut child = Form::new(fields);
                    modal_child(&mut child, &mut names, true);
                    row.close_at("components", position, child);
                }
            }
            _ => {}
        }
        form.close_at("components", index, row);
    }
}

fn modal_child(child: &mut Form<'_>, names: &mut Vec<String>, labelled: bool) {
    let kind = component_type(child, &[3, 4, 5, 6, 7, 8, 19, 21, 22, 23]);
    custom_id(child, names);
    if kind == 4 {
        if child.integer_of("style", &[1, 2]).is_none() {
            child.required("style");
        }
        if labelled {
            child.required_string("label", 1..=45);
        }
        child.string("placeholder", 0..=100);
        child.string("value", 0..=4_000);
    }
}
